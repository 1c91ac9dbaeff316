//! Methods of SDKs: on names of an API, on objects of its class, by their name as a text, and on anything else if their
//! name is no common word.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::super::found::Why;
use super::super::ids::{Apis, Ids, is_verb, narrowed, plain, rows_in};
use super::super::target::names_xero;
use super::hit::{Hit, What};
use super::lex::Kind;
use super::names::{is_definition, words};
use super::requests::param_of;
use super::tree::{SourceCode, is_keyword};
use super::values::{Value, Values, is_self};

/// Methods of the classes themselves, in any way of joining words.
const HELPERS: [&str; 12] = [
    "getinstance",
    "getconfig",
    "getapiclient",
    "getbasepath",
    "gethostindex",
    "getmodelfinder",
    "getname",
    "gethost",
    "getconfiguration",
    "getclass",
    "getheaderselector",
    "getaccesstoken",
];

/// Nouns that many other programs have methods for.
#[rustfmt::skip]
const COMMON: [&str; 39] = [
    "user", "users", "item", "items", "file", "files", "folder", "folders", "task", "tasks", "project", "projects", "employee", "employees", "account", "accounts",
    "connection", "connections", "settings", "asset", "assets", "inbox", "subscription", "payment", "payments", "contact", "contacts", "organisation", "organisations", "budget", "budgets", "quote", "quotes",
    "journal", "journals", "report", "reports", "usage", "time",
];

/// Owners of methods with such names that are not Xero's.
#[rustfmt::skip]
const OTHERS: [&str; 34] = [
    "localStorage", "sessionStorage", "storage", "prisma", "db", "supabase", "auth", "fs", "drive", "queue", "repo", "repository", "store", "cache", "redis", "mongo", "firebase", "stripe", "github", "octokit",
    "jira", "slack", "quickbooks", "document", "window", "prismaClient", "tx", "trx", "session", "clerk", "auth0", "s3", "dao", "mapper",
];

/// First words of methods that set something up, or are those of a double in a test.
#[rustfmt::skip]
const SETTERS: [&str; 22] = [
    "set", "with", "use", "is", "has", "to", "on", "off", "mock", "expect", "should", "receive", "stub", "spy", "init", "initialize", "config", "configure", "new", "build",
    "builder", "from",
];

/// Methods that every object of a language has, or that promises have.
#[rustfmt::skip]
const LANGUAGE: [&str; 24] = [
    "then", "catch", "finally", "bind", "call", "apply", "clone", "close", "Dispose", "equals", "Equals", "hashCode", "dup", "tap", "freeze", "class", "hasOwnProperty", "constructor",
    "instance_of", "respond_to", "allow", "as", "send", "public_send",
];

pub(super) struct Sdk<'v, 'c, 't> {
    code: &'c SourceCode<'t>,
    values: &'v Values<'c, 't>,
    ids: &'v mut Ids,
    /// The APIs whose classes the text names.
    named: Apis,
    /// Names that were made of a class of an API, or are another name of one.
    typed: BTreeMap<&'t str, Apis>,
    /// The APIs of names that were asked for.
    asked: RefCell<BTreeMap<&'t str, Option<Apis>>>,
    /// True if the text has an import or a host of Xero's.
    has_evidence: bool,
    /// True if anything of Xero is in the texts.
    of_xero: bool,
    pub(super) hits: Vec<Hit>,
}

impl<'v, 'c, 't> Sdk<'v, 'c, 't> {
    pub(super) fn new(values: &'v Values<'c, 't>, ids: &'v mut Ids, has_evidence: bool, of_xero: bool) -> Self {
        let mut sdk = Self {
            code: values.code,
            values,
            ids,
            named: Apis::NONE,
            typed: BTreeMap::new(),
            asked: RefCell::new(BTreeMap::new()),
            has_evidence,
            of_xero,
            hits: Vec::new(),
        };
        sdk.find_types();
        sdk
    }

    /// The one API that a name stands for, if it is `accountingApi` and the like.
    pub(super) fn exactly(name: &str) -> Option<Apis> {
        let is_api = name.ends_with("Api") || name.ends_with("_api") || name.ends_with("API");
        if is_api { Apis::named_by(name).filter(|apis| *apis != Apis::ALL) } else { None }
    }

    fn find_types(&mut self) {
        let code = self.code;
        for at in 0..code.len() {
            if !code.is_word(at) {
                continue;
            }
            let Some(apis) = Self::exactly(code.name(at)) else { continue };
            self.named.0 |= apis.0;
            // `AccountingApi api = …`, `AccountingApi $api`
            let next = code.next(at);
            if code.beside(at) == Kind::Word && !is_keyword(code.word(next)) {
                self.typed.insert(code.name(next), apis);
            }
            // `{ accountingApi: api }`, and `api: AccountingApi`
            let value = code.next(next);
            if code.is(next, ":")
                && code.up(at).is_some_and(|up| code.is(up, "{"))
                && code.is_word(value)
                && matches!(code.word(code.next(value)), "," | "}" | "=")
            {
                self.typed.insert(code.name(value), apis);
            }
            if let Some(colon) = code.prev(at).filter(|colon| code.is(*colon, ":"))
                && let Some(name) = code.prev(colon).filter(|name| code.is_word(*name))
            {
                self.typed.insert(code.name(name), apis);
            }
            // `api = new AccountingApi(…)`, `const api = xero.accountingApi`
            let open = code.next(at);
            let end = if code.is(open, "(") { code.skip(open) } else { open };
            let is_last = !code.is_dot(end)
                || matches!(code.word(code.next(end)), "new" | "getInstance" | "get_instance" | "builder");
            if !is_last {
                continue;
            }
            let start = code.statement_start(at);
            let equals =
                (start..at).rev().find(|one| matches!(code.word(*one), "=" | ":=") && code.kind(*one) == Kind::Mark);
            let Some(equals) = equals else { continue };
            // Only the end of the chain that is assigned.
            let is_chain = (equals.saturating_add(1)..at).all(|one| {
                code.is_word(one)
                    || code.is_dot(one)
                    || matches!(code.kind(one), Kind::Line)
                    || matches!(code.word(one), "|" | "\\" | "?" | "!" | "(" | ")" | "=")
            });
            if is_chain
                && let Some(name) = code.prev(equals)
                && let Some(name) =
                    if code.is_word(name) { Some(name) } else { code.prev(name).filter(|name| code.is_word(*name)) }
            {
                self.typed.insert(code.name(name), apis);
            }
        }
    }

    pub(super) fn find(&mut self) {
        for at in 0..self.code.len() {
            match self.code.kind(at) {
                Kind::Word => {
                    self.method(at);
                    self.by_string(at);
                }
                Kind::Open if self.code.is(at, "[") => self.by_index(at),
                Kind::Open if self.code.is(at, "{") => {
                    self.destructured(at);
                    self.by_braces(at);
                }
                _ => {}
            }
        }
    }

    /// The APIs that the name at a token stands for, if it is that of an API.
    fn api_at(&self, at: usize) -> Option<Apis> {
        let name = self.code.name(at);
        if let Some(apis) = self.typed.get(name) {
            return Some(*apis);
        }
        *self.asked.borrow_mut().entry(name).or_insert_with(|| Apis::named_by(name))
    }

    /// The APIs that the receiver of a name is named after, and where it is written.
    fn receiver(&self, name: usize) -> Receiver {
        let code = self.code;
        if code.owner(name).is_none() {
            return Receiver::None;
        }
        let chain = code.chain(name);
        let mut links = chain.iter().copied();
        let Some(mut first) = links.next() else { return Receiver::Other(None) };
        if plain(code.name(first)) == "getinstance" || code.name(first) == "new" {
            match links.next() {
                Some(next) => first = next,
                None => return Receiver::Other(Some(first)),
            }
        }
        // `accounting` alone is a word like any other.
        let is_named = || {
            self.of_xero
                || self.typed.contains_key(code.name(first))
                || code.name(first).to_ascii_lowercase().contains("api")
        };
        match self.api_at(first).filter(|_| is_named()) {
            Some(apis) => Receiver::Api(first, apis),
            None => Receiver::Other(Some(first)),
        }
    }

    /// Takes a method where it is called or passed on.
    fn method(&mut self, at: usize) {
        let code = self.code;
        let name = code.name(at);
        if !is_verb(name) {
            self.by_variable(at);
            return self.unknown(at, name);
        }
        let open = code.next(at);
        let has_arguments = code.is(open, "(") && code.beside(at) == Kind::Open;
        let is_empty = has_arguments && code.mate(open) == Some(code.next(open));
        let receiver = self.receiver(at);
        let rows = self.ids.find(name);
        match receiver {
            Receiver::Api(from, apis) => self.take(
                at,
                name,
                from,
                apis,
                &rows,
                has_arguments || code.beside(at) == Kind::Word || code.beside(at) == Kind::Text,
            ),
            // Java's models have getters of the same names, and code has functions of its own.
            _ if rows.is_empty() || has_arguments && is_empty => {}
            Receiver::None if !has_arguments || self.is_declared(at, open) => {}
            Receiver::Other(_) if !has_arguments && !self.is_passed(at) => {}
            Receiver::None | Receiver::Other(_) => {
                if !self.may_be(name, receiver, open, has_arguments) {
                    return;
                }
                let known = rows_in(&rows, Apis::ALL);
                let rows = narrowed(known, name, self.named);
                let (start, end) = (code.start(at), code.token(at).end as usize);
                self.hits.push(Hit {
                    at: start,
                    end,
                    what: What::Rows { rows, is_assumed: true, shown: (start, end) },
                });
            }
        }
    }

    /// Takes the call of a method that is named after nothing the catalogue has, such as `voidInvoice`.
    fn unknown(&mut self, at: usize, name: &str) {
        let code = self.code;
        let Some(owner) = code.owner(at).filter(|owner| code.is_word(*owner)) else { return };
        let open = code.next(at);
        // Ruby calls without brackets.
        let is_called = code.is(open, "(") && code.beside(at) == Kind::Open
            || matches!(code.beside(at), Kind::Word | Kind::Text)
                && !is_keyword(code.word(open))
                && code.start(open) > code.token(at).end as usize;
        if !is_called || code.is_definition(open, open) {
            return;
        }
        let Some(apis) = self.api_at(owner).filter(|apis| *apis != Apis::ALL) else { return };
        let owner_name = code.name(owner);
        let is_api = self.typed.contains_key(owner_name) || Self::exactly(owner_name).is_some();
        let first = words(name).into_iter().next().unwrap_or_default();
        if is_api && !SETTERS.contains(&first.as_str()) && !LANGUAGE.contains(&name) {
            let start = self.start_of(owner).min(code.start(at));
            let end = code.token(at).end as usize;
            self.hits.push(Hit { at: start, end, what: What::UnknownMethod { apis } });
        }
    }

    fn take(&mut self, at: usize, name: &str, from: usize, apis: Apis, rows: &[u16], has_arguments: bool) {
        let code = self.code;
        let known = rows_in(rows, apis);
        let (start, end) = (code.start(at), code.token(at).end as usize);
        if known.is_empty() {
            // `files.getAll()` is anything's; `filesApi.getAll()` is not.
            let is_named = self.typed.contains_key(code.name(from)) || plain(code.name(from)).contains("api");
            let is_sure = is_named && (apis != Apis::ALL || self.named != Apis::NONE);
            let is_word = HELPERS.contains(&plain(name).as_str());
            if is_sure && has_arguments && !is_word {
                let apis = if apis == Apis::ALL { self.named } else { apis };
                self.hits.push(Hit { at: self.start_of(from).min(start), end, what: What::UnknownMethod { apis } });
            }
            return;
        }
        let rows = narrowed(known, name, self.named);
        self.hits.push(Hit {
            at: start,
            end,
            what: What::Rows { rows, is_assumed: false, shown: (self.start_of(from).min(start), end) },
        });
    }

    /// Returns where a name begins, behind its sign.
    fn start_of(&self, at: usize) -> usize {
        (self.code.token(at).end as usize).saturating_sub(self.code.name(at).len())
    }

    /// Returns whether a method of something else may be Xero's.
    fn may_be(&self, name: &str, receiver: Receiver, open: usize, has_arguments: bool) -> bool {
        let code = self.code;
        let owner = match receiver {
            Receiver::Other(owner) => owner.map(|owner| code.name(owner)),
            _ => None,
        };
        if owner.is_some_and(|owner| OTHERS.contains(&owner.trim_start_matches('_'))) {
            return false;
        }
        // A function of the text's own.
        let is_own = matches!(receiver, Receiver::None) || owner.is_some_and(is_self);
        if is_own && code.functions.iter().any(|function| function.name == name) {
            return false;
        }
        if owner.is_some_and(names_xero) {
            return true;
        }
        // A method that is passed on has its arguments beside it.
        let arguments = if has_arguments { Some(open) } else { code.up(open) };
        let has_tenant = arguments.is_some_and(|open| {
            code.parts(open).iter().any(|(start, end)| {
                (*start..*end).any(|at| code.is_word(at) && words(code.name(at)).iter().any(|word| word == "tenant"))
            })
        });
        if !self.of_xero {
            return has_tenant;
        }
        let is_common = words(name)
            .iter()
            .skip(1)
            .all(|word| COMMON.contains(&word.as_str()) || matches!(word.as_str(), "async" | "or"));
        if !is_common {
            return true;
        }
        has_tenant || self.has_evidence && owner.is_some()
    }

    /// Returns whether a name is the argument of a call, and not only mentioned.
    fn is_passed(&self, at: usize) -> bool {
        let code = self.code;
        let next = code.next(at);
        let in_call = code.up(at).is_some_and(|up| code.callee(up).is_some());
        in_call && (code.is(next, ",") || code.is(next, ")"))
    }

    /// Returns whether the method of nothing at a token is declared here and not called.
    fn is_declared(&self, at: usize, open: usize) -> bool {
        let code = self.code;
        let Some(close) = code.mate(open) else { return true };
        if code.is_definition(open, close) {
            return true;
        }
        let before = at.checked_sub(1).map(|before| (code.kind(before), code.word(before)));
        let is_first = matches!(before, None | Some((Kind::Line, _) | (Kind::Open, "{") | (Kind::Mark, ";")));
        match before {
            Some((Kind::Word, word)) => !matches!(
                word,
                "await"
                    | "return"
                    | "yield"
                    | "and"
                    | "or"
                    | "not"
                    | "in"
                    | "else"
                    | "of"
                    | "then"
                    | "do"
                    | "case"
                    | "if"
                    | "puts"
                    | "print"
                    | "echo"
                    | "unless"
                    | "raise"
                    | "throw"
                    | "go"
                    | "defer"
            ),
            Some((Kind::Mark, ">") | (Kind::Close, "]")) => true,
            Some((Kind::Mark, "*")) => {
                code.up(at).is_some_and(|up| code.is(up, "{")) && !code.is(code.next(close), ";")
            }
            // `getInvoices(id: string): Promise<Invoice[]>;`
            _ if is_first => code.is(code.next(close), ":") || code.is(code.next(close), "{"),
            _ => false,
        }
    }

    /// `$api->$method(…)`.
    fn by_variable(&mut self, at: usize) {
        let code = self.code;
        if !code.word(at).starts_with('$') || code.owner(at).is_none() {
            return;
        }
        if let Receiver::Api(from, apis) = self.receiver(at) {
            let values = self.values.lookup(code.name(at), None, at, 8);
            self.take_names(&values, apis, from, at);
        }
    }

    /// `$api->{$name}(…)`.
    fn by_braces(&mut self, open: usize) {
        let code = self.code;
        let owner = code.owner(open).filter(|owner| code.is_word(*owner));
        let is_called = code.mate(open).is_some_and(|close| code.is(code.next(close), "("));
        if let Some(owner) = owner.filter(|_| is_called)
            && let Some(apis) = self.api_at(owner)
        {
            let inside = code.next(open);
            let (values, _) = self.values.expression(inside);
            self.take_names(&values, apis, owner, inside);
        }
    }

    /// `api["getInvoices"](…)`, and `[$api, 'getInvoices']`.
    fn by_index(&mut self, open: usize) {
        let code = self.code;
        let Some(close) = code.mate(open) else { return };
        if let [(first, first_end), (second, _)] = code.parts(open).as_slice()
            && (code.kind(*second) == Kind::Text || code.word(*second).starts_with('$'))
            && code.is_word(*first)
        {
            let last = (*first..*first_end).rev().find(|at| code.is_word(*at)).unwrap_or(*first);
            if let Some(apis) = self.api_at(last) {
                let values = self.values.expression(*second).0;
                self.take_names(&values, apis, *first, *second);
            }
            return;
        }
        let Some(mut before) = open.checked_sub(1) else { return };
        if code.is(before, "?.") {
            before = before.saturating_sub(1);
        }
        // `(xero.accountingApi as any)[name](…)`
        if code.is(before, ")")
            && let Some(inner) = code.mate(before).and_then(|open| code.inner_name(open))
        {
            before = inner;
        }
        if !code.is_word(before)
            || !code.is(code.next(close), "(") && !matches!(code.word(code.next(close)), "." | ")" | ",")
        {
            return;
        }
        let Some(apis) = self.api_at(before) else { return };
        let inside = code.next(open);
        if code.kind(inside) == Kind::Number {
            return;
        }
        let (values, _) = self.values.expression(inside);
        self.take_names(&values, apis, before, inside);
    }

    /// `getattr(api, "get_invoices")`, `api.send(:get_invoices, …)`.
    fn by_string(&mut self, at: usize) {
        let code = self.code;
        let word = code.word(at);
        let open = code.next(at);
        if !code.is(open, "(") {
            return;
        }
        let parts = || code.parts(open);
        let found = match word {
            "getattr" | "method_exists" | "attrgetter" => match parts().as_slice() {
                [(object, end), (name, _), ..] => {
                    let last = (*object..*end).rev().find(|at| code.is_word(*at));
                    last.and_then(|last| Some((self.api_at(last)?, last, *name)))
                }
                _ => None,
            },
            "send" | "public_send" | "__send__" | "method" | "public_method" | "apply" | "GetMethod" | "getMethod"
            | "getDeclaredMethod" | "methodcaller" => {
                let owner = code.chain(at).first().copied();
                match (owner, parts().first()) {
                    (Some(owner), Some((name, _))) => self.api_at(owner).map(|apis| (apis, owner, *name)),
                    _ => None,
                }
            }
            _ => None,
        };
        let Some((apis, from, name)) = found else { return };
        if apis == Apis::ALL && self.named == Apis::NONE && !matches!(code.kind(name), Kind::Text | Kind::Mark) {
            return;
        }
        let (values, _) = self.values.expression(name);
        self.take_names(&values, apis, from, name);
    }

    /// `const { getInvoices } = xero.accountingApi`.
    fn destructured(&mut self, open: usize) {
        let code = self.code;
        let Some(close) = code.mate(open) else { return };
        let equals = code.next(close);
        if !code.is(equals, "=") {
            return;
        }
        let mut last = code.next(equals);
        while code.is_dot(code.next(last)) && code.is_word(code.next(code.next(last))) {
            last = code.next(code.next(last));
        }
        let Some(apis) = self.api_at(last).filter(|_| code.is_word(last)) else { return };
        for (start, _) in code.parts(open) {
            if code.is_word(start) && is_verb(code.name(start)) {
                let rows = self.ids.find(code.name(start));
                self.take(start, code.name(start), start, apis, &rows, true);
            }
        }
    }

    /// The texts that a value is; those of the parameter of a function are what its calls give it.
    fn given(&self, value: &Value) -> Vec<String> {
        let code = self.code;
        let of_parameter = || {
            let (function, place) = param_of(&value.text)?;
            let function = code.functions.get(function).filter(|function| !function.name.is_empty())?;
            Some((function, function.params.get(place)?))
        };
        let Some((function, param)) = of_parameter() else { return vec![value.text.clone()] };
        let is_call = |open: &usize| {
            code.callee(*open).is_some_and(|callee| code.name(callee) == function.name) && !is_definition(code, *open)
        };
        let calls = (0..code.len()).filter(|open| code.is(*open, "(")).filter(is_call).take(200);
        let given = calls.filter_map(|open| self.values.argument_for(function, param, open));
        given.flat_map(|at| self.values.expression(at).0).map(|value| value.text).collect()
    }

    /// Takes methods by their names where those are known; else reports the place as unresolved.
    fn take_names(&mut self, values: &[Value], apis: Apis, from: usize, shown: usize) {
        let code = self.code;
        let (start, end) = (code.start(shown), code.token(shown).end as usize);
        let mut found = false;
        let names: Vec<String> = values.iter().flat_map(|value| self.given(value)).collect();
        for name in &names {
            let name = name.trim_start_matches(':');
            let rows = rows_in(&self.ids.find(name), apis);
            if is_verb(name) && !rows.is_empty() {
                found = true;
                let rows = narrowed(rows, name, self.named);
                self.hits.push(Hit {
                    at: start,
                    end,
                    what: What::Rows { rows, is_assumed: false, shown: (start, end) },
                });
            }
        }
        let is_api = (self.of_xero || self.typed.contains_key(code.name(from)))
            && (apis != Apis::ALL || self.named != Apis::NONE);
        if !found && is_api {
            self.hits.push(Hit {
                at: code.start(from),
                end: code.token(from).end as usize,
                what: What::Unread { why: Why::UnknownMethod, method: None },
            });
        }
    }
}

/// What a method belongs to.
#[derive(Clone, Copy)]
enum Receiver {
    /// Nothing.
    None,
    /// Something that is not named after an API.
    Other(Option<usize>),
    /// Something that is, and where its name is.
    Api(usize, Apis),
}
