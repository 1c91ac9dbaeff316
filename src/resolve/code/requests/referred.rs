//! References to Xero's without a call: a base, a client or a function that sends is named where it may be used,
//! and no call was found there. So no use of one is passed over in silence.

use std::collections::{BTreeMap, BTreeSet};

use super::reach::{SENDS, base_of, is_request_like};
use super::said::method_in;
use super::{Requests, VALUES};
use crate::resolve::code::hit::{Hit, What};
use crate::resolve::code::lang::Lang;
use crate::resolve::code::lex::Kind;
use crate::resolve::code::names::parts;
use crate::resolve::code::sdk::Sdk;
use crate::resolve::code::tree::is_keyword;
use crate::resolve::code::values::is_self;
use crate::resolve::found::Why;
use crate::resolve::scan::among;
use crate::resolve::target::HOST;

/// Words in the names of functions and members that send nothing: they say, compare, set up or end.
const INERT: &str = "console puts describe log logger warn warning error info debug trace print println fatal exception assert \
    expect equal starts includes contains match test mock spy interceptors defaults headers header options close \
    dispose shutdown on use auth timeout set cookie cookies len typeof isinstance";

/// Words in front of a name that declare it, or that no function is called by.
const DECLARES: &str = "set let val var const my our local def global export unset in is and or not if unless while until do then else \
    elif when case where end begin rescue ensure yield module class fn fun function type data as readonly declare param";

/// So many brackets around a token are looked at.
const DEEP: usize = 16;

/// What the statement around references is, worked out once for all of them.
struct Statement {
    /// Its signs of assignments.
    signs: Vec<usize>,
    /// True if it has a base as a literal.
    has_base: bool,
    /// True if something was found in it.
    is_read: bool,
}

impl<'t> Requests<'_, '_, 't> {
    /// Adds the references that no call came of to everything that was found in the text, and puts all in its order.
    pub(in crate::resolve::code) fn add_referred(&mut self, found: &mut Vec<Hit>) {
        found.sort_by_key(|hit| hit.at);
        let referred = self.referred(found);
        // What they stand for is reported by them.
        for (at, _) in &referred {
            let bases = self.clients.get(self.code.name(*at)).cloned().unwrap_or_default();
            let literals = self.values.expression(*at).0.into_iter().chain(bases).flat_map(|value| value.from);
            self.used.extend(literals);
        }
        found.extend(referred.into_iter().map(|(_, hit)| hit));
        found.sort_by_key(|hit| hit.at);
    }

    /// Returns the references without a call, beside the calls that were found, by their tokens.
    fn referred(&self, found: &[Hit]) -> Vec<(usize, Hit)> {
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
        let read = self.read_tokens(found);
        let made = self.names_in(&read, |_| true);
        let busy = self.names_in(&read, |at| self.is_called_or_given(at));
        let unused = self.unused_clients();
        let mut statements: BTreeMap<usize, Statement> = BTreeMap::new();
        // The calls that references belong to: true if something was found in them, or if they are reported.
        let mut units: BTreeMap<(usize, usize), bool> = BTreeMap::new();
        let mut open = Vec::new();
        for at in all {
            if u32::try_from(at).is_ok_and(|at| self.through.contains(&at)) {
                continue;
            }
            let unit = self.unit(at);
            let is_settled = units.entry(unit).or_insert_with(|| self.is_read(unit, &read));
            let start = self.whole_statement(at);
            let is_base = names.contains(code.name(at));
            if !*is_settled
                && self.is_used(at, start, is_base)
                && !self.is_handed_on(
                    at,
                    statements.entry(start).or_insert_with(|| self.statement(start, &read)),
                    [&made, &busy, &unused],
                )
                && self.is_of_xero(at, &names)
            {
                *is_settled = true;
                let token = code.token(at);
                let what = What::Unread { why: Why::NoCall, method: None };
                open.push((at, Hit { at: token.start as usize, end: token.end as usize, what }));
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

    /// The tokens that something was found at.
    fn read_tokens(&self, found: &[Hit]) -> BTreeSet<usize> {
        let code = self.code;
        let used = self.used.iter().chain(&self.filled).map(|at| *at as usize).filter(|at| *at < code.len());
        let mut read: BTreeSet<usize> = used.collect();
        let mut token = 0_usize;
        for hit in found {
            while token.saturating_add(1) < code.len() && code.start(token.saturating_add(1)) <= hit.at {
                token = token.saturating_add(1);
            }
            read.insert(token);
        }
        read
    }

    /// Returns whether something was found in the call that a reference belongs to. What was found in another call beside it,
    /// or in one inside that sends by itself, is not of it.
    fn is_read(&self, unit: (usize, usize), read: &BTreeSet<usize>) -> bool {
        read.range(unit.0..unit.1).any(|found| {
            let mut calls = self.calls_around(*found);
            let own =
                calls.find(|(name, (_, end))| *end >= unit.1 || is_request_like(name) || self.sending.contains(name));
            own.is_none_or(|(_, (_, end))| end >= unit.1)
        })
    }

    /// The call that a token belongs to, with the chain that the call is a part of: where it begins and ends. The whole
    /// statement, if there is none.
    fn unit(&self, at: usize) -> (usize, usize) {
        let code = self.code;
        if code.is_dot(code.next(at)) {
            let calls = code.calls_behind(at);
            // `xero.pages<{ Type: string }>("/Invoices")`
            let last = calls.last().copied();
            let has_types = |name: &usize| code.is(code.next(*name), "<");
            let typed = last.map(|(name, _)| name).filter(has_types).and_then(|name| {
                let mut near = name..name.saturating_add(60).min(code.len());
                near.find(|open| code.is(*open, "(") && code.callee(*open) == Some(name)).map(|open| (name, open))
            });
            let called = typed.or_else(|| calls.into_iter().rev().find_map(|(name, open)| Some((name, open?))));
            if let Some((name, open)) = called {
                return self.whole_chain(name, open);
            }
        }
        let around = self.calls_around(at).next();
        around.map_or_else(
            || {
                let start = self.whole_statement(at);
                (start, code.statement_end(start))
            },
            |(_, chain)| chain,
        )
    }

    /// The calls around a token in its statement, innermost first: the name of each, and where its chain begins and ends.
    fn calls_around(&self, at: usize) -> impl Iterator<Item = (&'t str, (usize, usize))> {
        let code = self.code;
        let is_inside = |open: &usize| !self.is_block(*open);
        let brackets =
            core::iter::successors(code.up(at).filter(is_inside), move |open| code.up(*open).filter(is_inside));
        brackets.take(DEEP).filter_map(move |open| {
            let callee = code.callee(open).filter(|callee| !among(code.name(*callee), VALUES))?;
            Some((code.name(callee), self.whole_chain(callee, open)))
        })
    }

    /// Where the chain begins and ends that a call is a part of.
    fn whole_chain(&self, callee: usize, open: usize) -> (usize, usize) {
        let code = self.code;
        let start = code.chain(callee).last().copied().unwrap_or(callee);
        let calls = [start, code.mate(open).unwrap_or(open)].map(|from| code.calls_behind(from));
        let ends = calls.iter().flatten().filter_map(|(_, open)| *open).chain([open]);
        (start, ends.filter_map(|open| code.mate(open)).max().unwrap_or(open).saturating_add(1))
    }

    /// Returns whether braces hold statements, and no members.
    fn is_block(&self, open: usize) -> bool {
        let before = self.code.prev(open).map_or("", |before| self.code.word(before));
        self.code.is(open, "{") && !among(before, "( , : = [ return ? @")
    }

    /// Returns where the statement begins that a token is in, out of arguments, lists and objects.
    fn whole_statement(&self, at: usize) -> usize {
        let code = self.code;
        let up = |at: usize| code.up(at).filter(|up| !self.is_block(*up));
        let outermost = core::iter::successors(up(at), |open| up(*open)).take(DEEP).last();
        code.statement_start(outermost.unwrap_or(at))
    }

    /// The names of a kind in the statements of tokens.
    fn names_in(&self, read: &BTreeSet<usize>, is_kind: impl Fn(usize) -> bool) -> BTreeSet<&'t str> {
        let code = self.code;
        let starts: BTreeSet<usize> = read.iter().map(|at| self.whole_statement(*at)).collect();
        let words = starts.iter().flat_map(|start| *start..code.statement_end(*start));
        words.filter(|at| code.is_word(*at) && is_kind(*at)).map(|at| code.name(at)).collect()
    }

    /// Returns whether something is called on a name, set on it, or given it: no value that is put into a text, and none that
    /// is assigned.
    fn is_called_or_given(&self, at: usize) -> bool {
        let code = self.code;
        let next = code.next(at);
        if code.is_dot(next) {
            let is_statement = code.up(at).is_none_or(|up| self.is_block(up));
            return is_statement || code.calls_behind(at).iter().any(|(_, open)| open.is_some());
        }
        let is_assigned = matches!(code.word(next), "=" | ":=" | "<-") && code.kind(next) == Kind::Mark;
        !is_assigned && code.up(at).is_none_or(|up| code.kind(up) != Kind::Hole)
    }

    /// Returns whether a statement hands what it refers to on: to a name that statements call or give, `busy`, which something
    /// was found in, to a client that is used elsewhere; or whether it sends what one of them made, `client.Execute(request)`.
    fn is_handed_on(&self, at: usize, statement: &Statement, [made, busy, unused]: [&BTreeSet<&'t str>; 3]) -> bool {
        let code = self.code;
        let before = statement.signs.partition_point(|sign| *sign < at).checked_sub(1);
        let sign = before.and_then(|before| statement.signs.get(before));
        let assigned = sign.and_then(|sign| code.prev(*sign)).map(|name| code.name(name));
        // What was found beside a client that is made here is no use of it.
        let is_client = |name: &str| self.clients.contains_key(name) && !statement.is_read && !unused.contains(name);
        if assigned.is_some_and(|name| busy.contains(name) || is_client(name) || self.is_own(name)) {
            return true;
        }
        let sent = code.calls_behind(at).last().copied().filter(|(name, _)| {
            parts(code.name(*name)).any(|word| SENDS.split(' ').any(|own| own.eq_ignore_ascii_case(word)))
        });
        let given = sent.and_then(|(_, open)| open).map_or_else(Vec::new, |open| code.parts(open));
        statement.has_base || given.iter().any(|(word, _)| code.is_word(*word) && made.contains(code.name(*word)))
    }

    /// Looks at the statement that begins at a token.
    fn statement(&self, start: usize, read: &BTreeSet<usize>) -> Statement {
        let code = self.code;
        let end = code.statement_end(start);
        let is_sign = |mark: &usize| matches!(code.word(*mark), "=" | ":=" | "<-") && code.up(*mark) == code.up(start);
        let is_base = |at: usize| matches!(code.kind(at), Kind::Text | Kind::Url) && base_of(self.raw(at)).is_some();
        Statement {
            signs: (start..end).filter(is_sign).collect(),
            has_base: (start..end).any(is_base),
            is_read: read.range(start..end).next().is_some(),
        }
    }

    /// The clients that are named again and neither called nor given to something. Others may import one that is not.
    fn unused_clients(&self) -> BTreeSet<&'t str> {
        let code = self.code;
        let defined: BTreeSet<usize> = self.values.assignments().map(|(_, at, _)| at).collect();
        let is_client = |at: &usize| code.is_word(*at) && self.clients.contains_key(code.name(*at));
        let (mut unused, mut used) = (BTreeSet::new(), BTreeSet::new());
        for at in (0..code.len()).filter(|at| is_client(at) && !defined.contains(at)) {
            let is_called = code.calls_behind(at).iter().any(|(_, open)| open.is_some()) || code.is(code.next(at), "(");
            let is_text = code.up(at).is_some_and(|up| code.kind(up) == Kind::Hole);
            let is_given = !is_text && matches!(code.word(code.next(at)), "," | ")" | "]" | "}" | "|>" | "->");
            let names = if is_called || is_given { &mut used } else { &mut unused };
            names.insert(code.name(at));
        }
        unused.into_iter().filter(|name| !used.contains(name)).collect()
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
            return is_taken
                || owner.is_some_and(|owner| code.is(owner, "Reflect"))
                || self.is_given(at, start, is_base);
        }
        if self.is_own(name) && !self.clients.contains_key(name) {
            return code.is_dot(next) && among(code.word(code.next(next)), "json fetch pages")
                || self.is_given(at, start, is_base);
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
        if self.is_given(at, start, is_base) || self.is_given_beside(at) {
            return true;
        }
        // `BASE * "/Items"`; what is assigned is looked at by its own name.
        let is_join = among(code.word(next), "+ * . / & ~ % < <> ++ |>");
        is_join && code.kind(next) == Kind::Mark && code.up(at) != code.up(start)
    }

    /// Returns whether a reference is given to a function of others, by itself or in a list or object: `sync(BASE, job)`,
    /// `[BASE, path]`. What comes of a base that is given to a function of the text is read through the base.
    fn is_given(&self, at: usize, start: usize, is_base: bool) -> bool {
        let code = self.code;
        let first = code.chain(at).last().copied().unwrap_or(at);
        let before = code.prev(first).filter(|sigil| !code.is(*sigil, "@")).or_else(|| code.prev(code.prev(first)?));
        let before = before.map_or("", |before| code.word(before));
        if !among(before, "( , [ & * ... : = {") || !matches!(code.word(code.next(at)), ")" | "," | "]" | "}") {
            return false;
        }
        let mut up = code.up(at);
        while let Some(open) = up.filter(|up| code.is(*up, "{")) {
            up = code.up(open);
        }
        let is_foreign = |callee: usize| is_base || code.functions_of(code.name(callee)).next().is_none();
        // `Optional[AccountingApi]` is a type.
        let is_list = |up: usize| code.is(up, "[") && !code.prev(up).is_some_and(|before| code.is_word(before));
        let is_listed = || up.map_or(code.is(start, "return") && code.next(at) != start, is_list);
        up.and_then(|up| code.callee(up)).map_or_else(is_listed, is_foreign)
    }

    /// Returns whether a reference is given to a function without brackets: `deliver BASE, job`, `Push-Job -Base $base`.
    fn is_given_beside(&self, at: usize) -> bool {
        let code = self.code;
        // In other languages two names beside each other are a type and a name.
        if !matches!(code.lang, Lang::Ruby | Lang::Shell | Lang::Dash | Lang::Unknown) {
            return false;
        }
        let is_sigil = |mark: &usize| matches!(code.word(*mark), "@" | "-" | ":");
        let before = |at: usize| at.checked_sub(1).filter(|before| code.kind(*before) != Kind::Line);
        let first = before(at).filter(is_sigil).unwrap_or(at);
        let Some(name) = before(first).filter(|name| code.is_word(*name)) else { return false };
        // The function, before its other arguments.
        let is_part = |at: &usize| code.is_word(*at) || code.is(*at, "-");
        let front = core::iter::successors(Some(name), |at| before(*at).filter(is_part));
        let front: Vec<usize> = front.take(12).collect();
        // `@url @base <> "/Items"` of Elixir declares.
        if front.last().and_then(|first| before(*first)).is_some_and(|sigil| code.is(sigil, "@")) {
            return false;
        }
        let mut words = front.into_iter().filter(|at| code.is_word(*at)).map(|at| code.word(at));
        let sends_nothing = |word: &str| is_keyword(word) || among(word, DECLARES) || parts(word).any(is_inert);
        !words.any(sends_nothing)
            && !matches!(code.word(at.saturating_add(1)), "=" | ":" | "<-" | "(" | "{" | "=>" | "<")
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
