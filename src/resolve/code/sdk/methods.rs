//! Methods of SDKs: on names of an API, on objects of its class, by their name as a text, and on anything else if their
//! name is no common word.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::resolve::code::hit::{Hit, What};
use crate::resolve::code::lex::Kind;
use crate::resolve::code::names::words;
use crate::resolve::code::tree::{SourceCode, is_keyword};
use crate::resolve::code::values::Values;
use crate::resolve::ids::{Apis, Ids, is_verb, narrowed, plain, rows_in};

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

pub(in crate::resolve::code) struct Sdk<'v, 'c, 't> {
    pub(super) code: &'c SourceCode<'t>,
    pub(super) values: &'v Values<'c, 't>,
    pub(super) ids: &'v mut Ids,
    /// The APIs whose classes the text names.
    pub(super) named: Apis,
    /// Names that were made of a class of an API, or are another name of one.
    pub(super) typed: BTreeMap<&'t str, Apis>,
    /// The APIs of names that were asked for.
    asked: RefCell<BTreeMap<&'t str, Option<Apis>>>,
    /// Things by whose names the text calls methods of an SDK that are no common words; `None` until somebody asks.
    pub(super) clients: Option<BTreeSet<&'t str>>,
    /// True if the text has an import or a host of Xero's.
    pub(super) has_evidence: bool,
    /// True if anything of Xero is in the texts.
    pub(super) of_xero: bool,
    pub(in crate::resolve::code) hits: Vec<Hit>,
}

impl<'v, 'c, 't> Sdk<'v, 'c, 't> {
    pub(in crate::resolve::code) fn new(
        values: &'v Values<'c, 't>,
        ids: &'v mut Ids,
        has_evidence: bool,
        of_xero: bool,
    ) -> Self {
        let mut sdk = Self {
            code: values.code,
            values,
            ids,
            named: Apis::NONE,
            typed: BTreeMap::new(),
            asked: RefCell::new(BTreeMap::new()),
            clients: None,
            has_evidence,
            of_xero,
            hits: Vec::new(),
        };
        sdk.find_types();
        sdk
    }

    /// The one API that a name stands for, if it is `accountingApi` and the like.
    pub(in crate::resolve::code) fn exactly(name: &str) -> Option<Apis> {
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

    pub(in crate::resolve::code) fn find(&mut self) {
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
    pub(super) fn api_at(&self, at: usize) -> Option<Apis> {
        let name = self.code.name(at);
        if let Some(apis) = self.typed.get(name) {
            return Some(*apis);
        }
        *self.asked.borrow_mut().entry(name).or_insert_with(|| Apis::named_by(name))
    }

    /// The APIs that the receiver of a name is named after, and where it is written.
    pub(super) fn receiver(&self, name: usize) -> Receiver {
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

    pub(super) fn take(&mut self, at: usize, name: &str, from: usize, apis: Apis, rows: &[u16], has_arguments: bool) {
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
    pub(super) fn start_of(&self, at: usize) -> usize {
        (self.code.token(at).end as usize).saturating_sub(self.code.name(at).len())
    }
}

/// What a method belongs to.
#[derive(Clone, Copy)]
pub(super) enum Receiver {
    /// Nothing.
    None,
    /// Something that is not named after an API.
    Other(Option<usize>),
    /// Something that is, and where its name is.
    Api(usize, Apis),
}
