//! References to Xero's without a call: a base, a client or a function that sends is named where it may be used,
//! and no call was found there. So no use of one is passed over in silence.

use std::collections::BTreeSet;

use super::Requests;
use super::reach::{SENDS, base_of};
use super::said::method_in;
use crate::resolve::code::hit::{Hit, What};
use crate::resolve::code::lex::Kind;
use crate::resolve::code::names::parts;
use crate::resolve::code::sdk::Sdk;
use crate::resolve::code::values::is_self;
use crate::resolve::found::Why;
use crate::resolve::scan::among;
use crate::resolve::target::HOST;

/// Words in the names of functions and members that send nothing: they say, compare, set up or end.
const INERT: &str = "console puts describe log logger warn warning error info debug trace print println fatal exception assert \
    expect equal starts includes contains match test mock spy interceptors defaults headers header options close \
    dispose shutdown on use auth timeout set cookie cookies len typeof isinstance";

impl<'t> Requests<'_, '_, 't> {
    /// Adds the references that no call came of to everything that was found in the text, and puts all in its order.
    pub(in crate::resolve::code) fn add_referred(&self, found: &mut Vec<Hit>) {
        found.sort_by_key(|hit| hit.at);
        found.extend(self.referred(found));
        found.sort_by_key(|hit| hit.at);
    }

    /// Returns the references without a call, beside the calls that were found.
    fn referred(&self, found: &[Hit]) -> Vec<Hit> {
        let code = self.code;
        let names = self.bases_by_name();
        let is_known = |name: &str| {
            names.contains(name)
                || self.clients.contains_key(name)
                || self.sending.contains(name)
                || self.is_own(name)
                || self.has_evidence && Sdk::exactly(name).is_some()
        };
        let all: Vec<usize> = (0..code.len()).filter(|at| code.is_word(*at) && is_known(code.name(*at))).collect();
        if all.is_empty() {
            return Vec::new();
        }
        let mut read = self.read_statements(found);
        let busy = self.names_in(&read);
        let mut open = Vec::new();
        for at in all {
            let start = self.whole_statement(at);
            let is_base = names.contains(code.name(at));
            if !read.contains(&start)
                && self.is_used(at, start, is_base)
                && !self.is_handed_on(at, start, &busy)
                && self.is_of_xero(at, &names)
            {
                read.insert(start);
                let token = code.token(at);
                let what = What::Unread { why: Why::NoCall, method: None };
                open.push(Hit { at: token.start as usize, end: token.end as usize, what });
            }
        }
        open
    }

    /// Returns whether a name is that of this package's client.
    fn is_own(&self, name: &str) -> bool {
        self.made.contains(name)
            && self.values.assigned(name).any(|value| self.code.is(self.code.next(value), "CustomConnection"))
    }

    /// The names of bases and of Xero's host.
    fn bases_by_name(&self) -> BTreeSet<&'t str> {
        let may_be =
            self.values.assignments().filter(|(_, at, value)| !self.is_second(*at) && self.values.may_lead(*value));
        may_be.filter(|(.., value)| self.is_base(*value)).map(|(name, ..)| name).collect()
    }

    /// Returns whether an expression is a base or Xero's host, and nothing more.
    fn is_base(&self, at: usize) -> bool {
        let is_base = |text: &str| text == HOST || base_of(text).is_some();
        self.values.expression(at).0.iter().any(|value| is_base(&value.text))
    }

    /// Where the statements begin that something was found in.
    fn read_statements(&self, found: &[Hit]) -> BTreeSet<usize> {
        let code = self.code;
        let used = self.used.iter().chain(&self.filled).map(|at| *at as usize).filter(|at| *at < code.len());
        let mut starts = BTreeSet::new();
        for at in used {
            starts.insert(self.whole_statement(at));
        }
        let mut token = 0_usize;
        for hit in found {
            while token.saturating_add(1) < code.len() && code.start(token.saturating_add(1)) <= hit.at {
                token = token.saturating_add(1);
            }
            starts.insert(self.whole_statement(token));
        }
        starts
    }

    /// Returns where the statement begins that a token is in, out of arguments, lists and objects.
    fn whole_statement(&self, at: usize) -> usize {
        let code = self.code;
        let mut start = code.statement_start(at);
        for _ in 0..16 {
            let Some(up) = code.up(start) else { break };
            let before = code.prev(up).map_or("", |before| code.word(before));
            let is_block = code.is(up, "{") && !among(before, "( , : = [ return ? @");
            if is_block {
                break;
            }
            start = code.statement_start(up);
        }
        start
    }

    /// The names in statements.
    fn names_in(&self, starts: &BTreeSet<usize>) -> BTreeSet<&'t str> {
        let code = self.code;
        let words = starts.iter().flat_map(|start| *start..code.statement_end(*start));
        words.filter(|at| code.is_word(*at)).map(|at| code.name(at)).collect()
    }

    /// Returns whether a statement hands what it refers to on, to a name that statements use which something was found in; or
    /// whether it sends what one of them made: `client.Execute(request)`.
    fn is_handed_on(&self, at: usize, start: usize, busy: &BTreeSet<&'t str>) -> bool {
        let code = self.code;
        let is_sign = |mark: &usize| matches!(code.word(*mark), "=" | ":=" | "<-") && code.up(*mark) == code.up(start);
        let assigned = (start..at).find(is_sign).and_then(|sign| code.prev(sign));
        if assigned.is_some_and(|name| busy.contains(code.name(name)) || self.clients.contains_key(code.name(name))) {
            return true;
        }
        let sent = code.calls_behind(at).last().copied().filter(|(name, _)| {
            parts(code.name(*name)).any(|word| SENDS.split(' ').any(|own| own.eq_ignore_ascii_case(word)))
        });
        let given = sent.and_then(|(_, open)| open).map_or_else(Vec::new, |open| code.parts(open));
        given.iter().any(|(word, _)| code.is_word(*word) && busy.contains(code.name(*word)))
            || (start..code.statement_end(start))
                .any(|at| matches!(code.kind(at), Kind::Text | Kind::Url) && base_of(self.raw(at)).is_some())
    }

    /// Returns whether a name stands for something of Xero's at a token, and for no parameter or other object of that name.
    fn is_of_xero(&self, at: usize, names: &BTreeSet<&'t str>) -> bool {
        let code = self.code;
        let name = code.name(at);
        if Sdk::exactly(name).is_some() || self.is_own(name) {
            return true;
        }
        let owner = code.owner(at).filter(|owner| code.is_word(*owner)).map(|owner| code.name(owner));
        let is_other = owner.is_some_and(|owner| !is_self(owner));
        // The name of another function's is another object.
        let is_seen = |value: usize| {
            let function = code.function_of(value).and_then(|index| code.functions.get(index));
            function.is_none_or(|function| (function.body.0..function.body.1).contains(&at))
        };
        let is_free = owner.is_none() && !self.sending.contains(name);
        let is_param = self.is_parameter(at) || code.up(at).is_some_and(|up| code.is_definition(up, up));
        if !is_other && is_param || is_free && !self.values.assigned(name).any(is_seen) {
            return false;
        }
        let is_base = || self.values.stands_for(at, |text| text == HOST || base_of(text).is_some());
        let is_client = || self.clients.contains_key(name) || self.sending.contains(name);
        !is_other && is_client() || names.contains(name) && is_base()
    }

    /// Returns whether a reference may lead to a request: it is given to something, is a part of something, or is what a
    /// method belongs to.
    fn is_used(&self, at: usize, start: usize, is_base: bool) -> bool {
        let code = self.code;
        let next = code.next(at);
        if is_said(code.word(start), code.word(code.next(start))) || self.is_inside_inert(at) {
            return false;
        }
        let name = code.name(at);
        if Sdk::exactly(name).is_some() {
            // `const { accountingApi: { getItems } } = client`, `Reflect.get(client.accountingApi, name)`
            let up = code.up(at);
            let close = up.and_then(|up| code.mate(up));
            let is_taken = code.is(next, ":") && close.is_some_and(|close| code.is(code.next(close), "="));
            let owner = up.and_then(|up| code.callee(up)).and_then(|callee| code.owner(callee));
            return is_taken || owner.is_some_and(|owner| code.is(owner, "Reflect"));
        }
        if self.is_own(name) && !self.clients.contains_key(name) {
            return code.is_dot(next) && among(code.word(code.next(next)), "json fetch pages");
        }
        // `api[verb](path)`
        if code.is(next, "[") {
            return self.clients.contains_key(name) && code.is(code.skip(next), "(");
        }
        // `xero.bulk(jobs)`
        if code.is_dot(next) {
            let calls = code.calls_behind(at);
            let Some((last, Some(_))) = calls.last() else { return false };
            let is_inert = calls.iter().any(|(name, _)| parts(code.name(*name)).any(is_inert));
            let sends = || calls.iter().any(|(name, _)| method_in(code.name(*name)).is_some());
            return !is_inert && code.functions_of(code.name(*last)).next().is_none() && (!is_base || sends());
        }
        let up = code.up(at);
        // `sync(BASE, job)`, `[BASE, path]`
        let before = code.prev(at).map_or("", |before| code.word(before));
        if among(before, "( , [ & * ... : = {") && matches!(code.word(next), ")" | "," | "]" | "}") {
            let mut up = up;
            while let Some(open) = up.filter(|up| code.is(*up, "{")) {
                up = code.up(open);
            }
            let callee = up.and_then(|up| code.callee(up));
            let is_foreign = |callee: usize| code.functions_of(code.name(callee)).next().is_none();
            let is_given = || up.map_or(code.is(start, "return") && next != start, |up| code.is(up, "["));
            return callee.map_or_else(is_given, is_foreign);
        }
        // `BASE * "/Items"`; what is assigned is looked at by its own name.
        let is_join = among(code.word(next), "+ * . / & ~ % < <> ++ |>");
        is_join && code.kind(next) == Kind::Mark && up != code.up(start)
    }

    /// Returns whether the call around a reference says, compares or sets up something.
    fn is_inside_inert(&self, at: usize) -> bool {
        let code = self.code;
        let mut up = code.up(at);
        for _ in 0..4 {
            let Some(open) = up else { break };
            if let Some(callee) = code.callee(open) {
                let says = |name: &str| parts(name).any(is_inert);
                if says(code.name(callee)) || code.chain(callee).iter().any(|link| says(code.name(*link))) {
                    return true;
                }
            }
            up = code.up(open);
        }
        false
    }
}

fn is_inert(word: &str) -> bool {
    let word = word.strip_suffix('f').unwrap_or(word);
    INERT.split(' ').any(|own| own.eq_ignore_ascii_case(word))
}

/// Returns whether a statement that begins with a word sends nothing.
fn is_said(first: &str, second: &str) -> bool {
    match first {
        "throw" | "raise" | "assert" | "print" | "echo" | "type" | "interface" | "module" | "exports" | "del"
        | "import" | "from" | "use" | "using" => true,
        "export" => matches!(second, "{" | "default" | "*"),
        _ => false,
    }
}
