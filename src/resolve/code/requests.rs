//! Requests: every value that can be a path or URL of Xero, with the method that is nearest to it in the structure of the
//! code. An argument beside it, the function that is called, the chain around it, a member beside it, and what the next
//! statements do with the same object; never an earlier request's.

use std::collections::{BTreeMap, BTreeSet};

use super::super::found::Why;
use super::super::target::{self, Target, has_base, is_known, is_of_xero, method, placeholder, target};
use super::lex::Kind;
use super::resources::{self, first_segment};
use super::tree::{Code, is_keyword};
use super::values::{Value, Values, is_self, names_xero};

/// What was found, in the order of the text in the end.
#[derive(Debug)]
pub(super) struct Hit {
    /// The byte at which it is written.
    pub(super) at: usize,
    pub(super) end: usize,
    pub(super) what: What,
}

impl Hit {
    /// The same so many bytes further on.
    pub(super) fn moved(mut self, by: usize) -> Self {
        self.at = self.at.saturating_add(by);
        self.end = self.end.saturating_add(by);
        if let What::Rows { shown: (from, to), .. } = &mut self.what {
            *from = from.saturating_add(by);
            *to = to.saturating_add(by);
        }
        self
    }
}

#[derive(Debug)]
pub(super) enum What {
    Request {
        method: Option<&'static str>,
        target: String,
    },
    Rows {
        rows: Vec<u16>,
        is_assumed: bool,
        shown: (usize, usize),
    },
    Unread {
        why: Why,
        method: Option<&'static str>,
    },
    /// A request in a function of this name, which other texts may call.
    Wrapped {
        name: String,
        method: Option<&'static str>,
    },
    /// A name of an SDK's method that the catalogue does not have, and the APIs that it may belong to.
    UnknownMethod {
        apis: super::super::ids::Apis,
    },
}

/// What the code says of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Known(&'static str),
    /// What this parameter of this function is given.
    Param(usize, usize),
    /// Something that is only known when the program runs.
    Open,
    Nothing,
}

impl Said {
    fn or(self, other: impl FnOnce() -> Self) -> Self {
        if self == Self::Nothing { other() } else { self }
    }

    fn method(self) -> Option<&'static str> {
        match self {
            Self::Known(method) => Some(method),
            _ => None,
        }
    }
}

/// A request inside a function whose path or method is a parameter.
#[derive(Clone, Debug)]
struct Pending {
    function: usize,
    target: Value,
    said: Said,
    at: usize,
    end: usize,
}

/// A function that sends what it is given: for other texts of the project.
#[derive(Clone, Debug)]
pub(super) struct Wrapper {
    /// The target, with the argument `n` as `{#0:n}`.
    target: String,
    /// The method, or the argument that has it.
    method: Result<Option<&'static str>, usize>,
    /// The names of the parameters.
    names: Vec<(String, usize)>,
}

/// What is known of the place where something is called.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Context {
    /// The bases of the client.
    bases: Vec<Value>,
    /// Whether the function or what it belongs to is named after Xero.
    is_xero: bool,
    /// Whether it is the text's own client: `this.get`, or a function alone.
    is_own: bool,
    /// Whether it is `this.get` and the like.
    is_self: bool,
    /// Whether it has nothing to do with requests: a server's routes, logs, tests.
    is_other: bool,
}

pub(super) struct Requests<'v, 'c, 't> {
    code: &'c Code<'t>,
    values: &'v Values<'c, 't>,
    /// Clients that know their base, by name.
    clients: BTreeMap<&'t str, Vec<Value>>,
    /// Names of what was made of a class of Xero's.
    made: BTreeSet<&'t str>,
    /// The bases that the text names.
    pub(super) bases: Vec<String>,
    /// Whether the text has a host, a base or an import of Xero's.
    has_evidence: bool,
    pub(super) hits: Vec<Hit>,
    pending: Vec<Pending>,
    /// The literals that something came of.
    pub(super) used: BTreeSet<u32>,
    seen: BTreeSet<(usize, String, Option<&'static str>)>,
    /// The functions of other texts that were called.
    pub(super) called: BTreeSet<String>,
    /// The targets that literals were part of.
    led: BTreeMap<u32, String>,
}

const METHOD_KEYS: [&str; 9] = [
    "method",
    "httpmethod",
    "requestmethod",
    "verb",
    "type",
    "httpverb",
    "customrequest",
    "curlopt_customrequest",
    "http_method",
];
const URL_KEYS: [&str; 18] = [
    "url",
    "uri",
    "path",
    "endpoint",
    "href",
    "requesturi",
    "requesturl",
    "pathname",
    "resource",
    "route",
    "curlopt_url",
    "fullurl",
    "apiurl",
    "api_url",
    "urlpath",
    "target",
    "action",
    "url_path",
];

/// Words of functions that send something.
const SENDS: [&str; 22] = [
    "request", "req", "fetch", "call", "api", "send", "query", "make", "execute", "exec", "perform", "invoke", "http",
    "xero", "pages", "page", "paginate", "json", "list", "load", "read", "all",
];

/// Functions that send `GET` unless they are told otherwise.
const GETS: [&str; 16] = [
    "fetch",
    "json",
    "pages",
    "got",
    "axios",
    "ky",
    "request",
    "urlopen",
    "file_get_contents",
    "ajax",
    "ofetch",
    "useFetch",
    "superagent",
    "needle",
    "fetchJson",
    "apiFetch",
];

/// Names that a URL is handed to and that send nothing themselves.
const VALUES: [&str; 40] = [
    "URL",
    "Uri",
    "URI",
    "urljoin",
    "url_join",
    "urlJoin",
    "Sprintf",
    "sprintf",
    "format",
    "Format",
    "JoinPath",
    "join",
    "encodeURI",
    "encodeURIComponent",
    "str",
    "String",
    "trim",
    "rtrim",
    "getenv",
    "env",
    "quote",
    "replace",
    "concat",
    "parse",
    "toHttpUrl",
    "NSURL",
    "strip",
    "rstrip",
    "TrimEnd",
    "append",
    "Append",
    "String_format",
    "build_url",
    "buildUrl",
    "expect",
    "getEnv",
    "config",
    "esc_url",
    "esc_url_raw",
    "untrailingslashit",
];

/// What has routes, logs, tests or stores, and sends nothing.
const OTHERS: [&str; 48] = [
    "app",
    "router",
    "server",
    "route",
    "routes",
    "fastify",
    "express",
    "Route",
    "blueprint",
    "bp",
    "mux",
    "console",
    "logger",
    "log",
    "Log",
    "describe",
    "it",
    "test",
    "expect",
    "cy",
    "localStorage",
    "sessionStorage",
    "document",
    "window",
    "history",
    "navigate",
    "redirect",
    "res",
    "response",
    "nav",
    "location",
    "assert",
    "print",
    "println",
    "puts",
    "echo",
    "prisma",
    "supabase",
    "cache",
    "Cache",
    "redis",
    "params",
    "searchParams",
    "formData",
    "headers",
    "cookies",
    "Map",
    "path",
];

/// Resources whose names are common words: other APIs have them as well.
const COMMON: [&str; 26] = [
    "users",
    "items",
    "accounts",
    "files",
    "folders",
    "projects",
    "assets",
    "employees",
    "currencies",
    "connections",
    "inbox",
    "tasks",
    "setup",
    "settings",
    "timesheets",
    "reports",
    "contacts",
    "payments",
    "subscriptions",
    "associations",
    "projectsusers",
    "organisation",
    "journals",
    "budgets",
    "quotes",
    "associations",
];

impl<'v, 'c, 't> Requests<'v, 'c, 't> {
    pub(super) fn new(values: &'v Values<'c, 't>, hints: Vec<String>, has_evidence: bool) -> Self {
        let code = values.code;
        let mut requests = Self {
            code,
            values,
            clients: BTreeMap::new(),
            made: BTreeSet::new(),
            bases: hints,
            has_evidence,
            hits: Vec::new(),
            pending: Vec::new(),
            used: BTreeSet::new(),
            seen: BTreeSet::new(),
            called: BTreeSet::new(),
            led: BTreeMap::new(),
        };
        requests.find_bases();
        requests.find_made();
        requests.find_clients();
        requests
    }

    /// Notes the bases of APIs that the text names.
    fn find_bases(&mut self) {
        for at in 0..self.code.len() {
            if !matches!(self.code.kind(at), Kind::Text | Kind::Url | Kind::Template) {
                continue;
            }
            let raw = self.raw(at);
            if !is_of_xero(raw) {
                continue;
            }
            for value in self.values.expression(at).0 {
                if let Some(base) = base_of(&value.text) {
                    self.has_evidence = true;
                    if !self.bases.contains(&base) {
                        self.bases.push(base);
                    }
                }
                self.has_evidence |= is_of_xero(&value.text);
            }
        }
    }

    /// Notes what is made of a class that is named after Xero, or of this package's.
    fn find_made(&mut self) {
        let code = self.code;
        for (name, _, value) in self.values.assignments() {
            let mut at = value;
            while matches!(code.word(at), "new" | "await") {
                at = code.next(at);
            }
            let mut is_xero = false;
            for _ in 0..6 {
                if !code.is_word(at) {
                    break;
                }
                is_xero |= names_xero(code.word(at)) || code.word(at) == "CustomConnection";
                let dot = code.next(at);
                if !code.is_dot(dot) {
                    break;
                }
                at = code.next(dot);
            }
            if is_xero && code.is(code.next(at), "(") {
                self.made.insert(name);
            }
        }
    }

    /// Notes clients that know their base: what a call with a base in it is assigned to, and what has one as a member.
    fn find_clients(&mut self) {
        let code = self.code;
        if self.bases.is_empty() && self.values.knows_nothing() {
            return;
        }
        for (name, at, value) in self.values.assignments() {
            if matches!(code.kind(value), Kind::Text | Kind::Template | Kind::Url) {
                // `client.BaseAddress = "…"`
                let owner = code.owner(at).filter(|owner| code.is_word(*owner));
                let lower = name.to_ascii_lowercase();
                if let Some(owner) = owner.filter(|owner| !is_self(code.word(*owner)) && lower.contains("base")) {
                    let bases: Vec<Value> = self
                        .values
                        .expression(value)
                        .0
                        .into_iter()
                        .filter(|value| base_of(&value.text).is_some())
                        .collect();
                    let chain = code.chain(at);
                    for link in chain.iter().chain([&owner]) {
                        self.add_client(code.name(*link), &bases);
                    }
                }
                continue;
            }
            let end = code.statement_end(value).min(value.saturating_add(400));
            let bases = self.bases_in(value, end);
            if bases.is_empty() {
                continue;
            }
            let is_made = (value..end).any(|at| code.is(at, "(") || code.is(at, "{"));
            if is_made {
                self.add_client(name, &bases);
                if let Some(owner) = code.owner(at).filter(|owner| code.is_word(*owner) && !is_self(code.word(*owner)))
                {
                    self.add_client(code.name(owner), &bases);
                }
            }
        }
        // `client.SetBaseURL("…")`, `client.setBaseUrl(…)`
        for open in 0..code.len() {
            let Some(callee) = code.callee(open) else { continue };
            if !code.word(callee).to_ascii_lowercase().contains("base") {
                continue;
            }
            let Some(close) = code.mate(open) else { continue };
            let bases = self.bases_in(open, close);
            if bases.is_empty() {
                continue;
            }
            for link in code.chain(callee) {
                if code.is_word(link) && !is_self(code.word(link)) {
                    self.add_client(code.name(link), &bases);
                }
            }
        }
    }

    fn add_client(&mut self, name: &'t str, bases: &[Value]) {
        if bases.is_empty()
            || name.is_empty()
            || matches!(name, "Http" | "requests" | "http" | "HTTP") && bases.is_empty()
        {
            return;
        }
        let own = self.clients.entry(name).or_default();
        for base in bases {
            if !own.iter().any(|known| known.text == base.text) {
                own.push(base.clone());
            }
        }
    }

    /// The bases of Xero's that are arguments or members between two tokens.
    fn bases_in(&self, from: usize, to: usize) -> Vec<Value> {
        let code = self.code;
        let mut bases: Vec<Value> = Vec::new();
        if self.bases.is_empty() && self.values.knows_nothing() {
            return bases;
        }
        let mut at = from;
        while at < to && bases.len() < 8 {
            let before = code.prev(at);
            let is_place = before.is_some_and(|before| {
                code.is(before, "(")
                    || code.is(before, ",")
                    || code.is(before, ":")
                    || code.is(before, "=")
                    || code.is(before, "=>")
                    || code.is(before, "[")
            });
            let may_be = match code.kind(at) {
                Kind::Text | Kind::Url => is_of_xero(code.word(at)),
                Kind::Template => true,
                Kind::Word => self.may_be_base(at),
                _ => false,
            };
            if is_place && may_be {
                let (values, _) = self.values.expression(at);
                bases.extend(values.into_iter().filter(|value| base_of(&value.text).is_some()));
            }
            at = if code.kind(at) == Kind::Template { code.mate(at).unwrap_or(at) } else { at };
            at = at.saturating_add(1);
        }
        bases
    }

    /// Whether a name, or the function called, may stand for a base.
    fn may_be_base(&self, at: usize) -> bool {
        let code = self.code;
        let mut last = at;
        for _ in 0..4 {
            if !code.is_dot(code.next(last)) {
                break;
            }
            last = code.next(code.next(last));
        }
        code.is(code.next(last), "(") || self.values.is_defined(code.name(last))
    }

    /// A literal as it is written, without its quotes.
    pub(super) fn raw(&self, at: usize) -> &'t str {
        let (start, end) = self.span(at);
        self.code.text.get(start..end).unwrap_or_default()
    }

    fn span(&self, at: usize) -> (usize, usize) {
        let token = self.code.token(at);
        let end = match token.kind {
            Kind::Template => self.code.mate(at).map_or(token.end as usize, |end| self.code.start(end)),
            _ => token.end as usize,
        };
        (token.start as usize, end)
    }

    /// Finds every request.
    pub(super) fn find(&mut self, wrappers: &BTreeMap<String, Vec<Wrapper>>) {
        for open in 0..self.code.len() {
            if self.code.is(open, "(") {
                self.call(open, wrappers);
            }
            if self.code.is(open, "{") || self.code.is(open, "[") || self.code.is(open, "(") {
                self.object(open);
            }
        }
        self.words();
        self.expand();
        self.beside();
        self.assigned();
        self.left();
    }

    // ---- calls ----

    /// Takes the request that a call sends.
    fn call(&mut self, open: usize, wrappers: &BTreeMap<String, Vec<Wrapper>>) {
        let code = self.code;
        let Some(callee) = code.callee(open) else { return };
        let name = code.name(callee);
        if VALUES.contains(&name) && !(name == "Uri" || name == "parse") || is_definition(code, open) {
            return;
        }
        if matches!(name, "Uri" | "parse" | "create" | "https")
            && matches!(
                code.owner(callee).map(|owner| code.name(owner)),
                Some("Uri" | "URI" | "HttpUrl" | "JSON" | "url" | "Url")
            )
            || matches!(name, "Uri" | "parse")
        {
            return;
        }
        let parts = code.parts(open);
        if parts.is_empty() || parts.len() > 24 {
            return;
        }
        if self.foreign(callee, &parts, wrappers) {
            return;
        }
        let context = self.context(callee);
        if context.is_other {
            return;
        }
        for (place, part) in parts.iter().enumerate().take(6) {
            let start = self.values.argument(*part);
            // Objects and functions are looked at for themselves.
            if code.is(start, "{")
                || matches!(code.word(start), "function" | "async" | "lambda" | "func") && code.is_word(start)
            {
                continue;
            }
            let (values, _) = self.values.expression(start);
            let mut taken = false;
            for value in &values {
                let said = || self.said_of_call(callee, open, &parts, place);
                let Some(reached) = self.reach(value, &context, callee, place, parts.len()) else { continue };
                let said = said();
                taken |= self.take(reached, said, value, start);
            }
            if taken {
                return;
            }
        }
    }

    /// What is known of the place where `callee` is called.
    fn context(&self, callee: usize) -> Context {
        let code = self.code;
        let chain = code.chain(callee);
        let name = code.name(callee);
        let mut context = Context { is_xero: names_xero(name), ..Context::default() };
        for link in &chain {
            let word = code.name(*link);
            context.is_xero |= code.is_word(*link) && (names_xero(word) || self.made.contains(word));
            if let Some(bases) = self.clients.get(word) {
                context.bases.extend(bases.iter().cloned());
            }
            let open = code.next(*link);
            if code.is(open, "(")
                && method_in(word).is_none()
                && let Some(close) = code.mate(open)
            {
                context.bases.extend(self.bases_in(open, close));
            }
        }
        if chain.is_empty()
            && let Some(bases) = self.clients.get(name)
        {
            context.bases.extend(bases.iter().cloned());
        }
        let root = chain.last().map(|root| code.name(*root));
        context.is_own = root.is_none_or(|root| {
            is_self(root)
                || matches!(
                    root,
                    "client"
                        | "api"
                        | "http"
                        | "session"
                        | "conn"
                        | "c"
                        | "connection"
                        | "axios"
                        | "instance"
                        | "_client"
                        | "_http"
                        | "_session"
                        | "httpClient"
                        | "restClient"
                        | "webClient"
                        | "rest"
                        | "requests"
                )
        });
        context.is_self = root.is_some_and(is_self);
        let is_other = |word: &str| OTHERS.contains(&word) || OTHERS.contains(&word.trim_start_matches(['_', '@']));
        context.is_other = is_other(name) && !matches!(name, "path")
            || root.is_some_and(is_other)
            || chain.first().is_some_and(|owner| is_other(code.name(*owner)));
        context
    }

    /// Where a value leads, if it is something that a request goes to.
    fn reach(&self, value: &Value, context: &Context, callee: usize, place: usize, count: usize) -> Option<Reached> {
        let text = plain(&value.text);
        let text = text.as_str();
        if text.is_empty() || text.len() > 1_000 {
            return None;
        }
        if let Some(reached) = full(text) {
            return Some(reached);
        }
        if base_of(text).is_some() {
            return None;
        }
        let name = self.code.name(callee);
        if let Some(length) = placeholder(text) {
            let rest = text.get(length..).unwrap_or_default();
            let is_xero = value.is_xero || context.is_xero;
            if rest.is_empty() {
                return self.open_path(text, context, name, place, count);
            }
            if !rest.starts_with('/') {
                // `XERO_BASE + "Invoices"`
                let path = ["/", rest].concat();
                return (is_xero && is_resource(&path, false)).then_some(Reached::Target(path));
            }
            if context.is_other && !is_xero {
                return None;
            }
            return self.below_hole(rest, is_xero, text.starts_with("{#"));
        }
        if text.contains(char::is_whitespace) || text.contains("://") || context.is_other && context.bases.is_empty() {
            return None;
        }
        // A path, or a resource without its slash.
        let path = if text.starts_with('/') { text.to_owned() } else { ["/", text].concat() };
        let is_path = text.starts_with('/');
        let words = words(name);
        let sends = words.iter().any(|word| SENDS.contains(&word.as_str()) || method(word).is_some() || word == "del")
            || matches!(
                name,
                "Request"
                    | "RestRequest"
                    | "HttpRequestMessage"
                    | "new"
                    | "uri"
                    | "url"
                    | "path"
                    | "resource"
                    | "endpoint"
            );
        if !context.bases.is_empty() {
            if !sends || !is_path && !is_resource(&path, false) {
                return None;
            }
            let base = context.bases.first()?;
            let joined = if has_base(text) { value.clone() } else { base.below(value) };
            return Some(Reached::Target(plain(&joined.text)));
        }
        let tells = words.iter().any(|word| {
            matches!(
                word.as_str(),
                "error"
                    | "exception"
                    | "log"
                    | "warn"
                    | "label"
                    | "parse"
                    | "format"
                    | "cache"
                    | "key"
                    | "token"
                    | "config"
            )
        });
        if !sends || tells {
            return None;
        }
        if context.is_xero {
            let is_known = self.routed(&path).is_some();
            let is_near = is_path && place < 3 && !is_asset(&path);
            if is_known || is_near && is_request_like(name) {
                return Some(Reached::Target(self.routed(&path).unwrap_or(path)));
            }
            return None;
        }
        if self.bases.is_empty() || !is_path && place > 1 {
            return None;
        }
        let is_exact = is_resource(&path, true) || context.is_self && is_resource(&path, false);
        let is_annotation = self.code.prev(callee).is_some_and(|at| self.code.is(at, "@"));
        if is_exact
            && (context.is_own
                || is_annotation
                || matches!(name, "RestRequest" | "Request" | "HttpRequestMessage" | "NewRequest"))
        {
            return Some(Reached::Target(self.routed(&path).unwrap_or(path)));
        }
        None
    }

    /// A path that is not known at all, given to something that only talks to Xero.
    fn open_path(&self, text: &str, context: &Context, name: &str, place: usize, count: usize) -> Option<Reached> {
        let is_method = method(name).is_some() || matches!(name, "request" | "fetch" | "json" | "pages");
        if context.is_other || !(is_method || context.is_xero && is_request_like(name)) {
            return None;
        }
        let is_param = text.starts_with("{#");
        if let Some(base) = context.bases.first() {
            // The first argument, or the second behind a method.
            if name == "json" && !context.is_xero {
                return None;
            }
            if place > 1 || place == 1 && !matches!(name, "request" | "json" | "fetch") {
                return None;
            }
            if is_param {
                return Some(Reached::Target([base.text.trim_end_matches('/'), "/", text].concat()));
            }
            return (place == 0 || count > 1).then_some(Reached::Open);
        }
        let is_path = match name {
            "json" | "request" => place == 1,
            "fetch" | "pages" | "GET" | "PUT" | "POST" | "PATCH" | "DELETE" => place == 0,
            _ => false,
        };
        if context.is_xero && is_path {
            let base = self.bases.first().map_or("https://api.xero.com/api.xro/2.0", String::as_str);
            return Some(if is_param { Reached::Target([base, "/", text].concat()) } else { Reached::Open });
        }
        None
    }

    /// A path below a value that is not known.
    fn below_hole(&self, rest: &str, is_xero: bool, is_param: bool) -> Option<Reached> {
        let segment = first_segment(rest);
        if segment.is_empty() {
            return None;
        }
        if placeholder(segment).is_some() {
            return is_xero.then_some(Reached::Open);
        }
        let is_exact = is_resource(rest, true);
        let is_any = is_exact || is_resource(&rest.to_ascii_lowercase(), false);
        let is_common = COMMON.contains(&segment.to_ascii_lowercase().as_str());
        let counts = if is_xero {
            is_any
        } else if self.has_evidence {
            is_exact
        } else {
            is_exact && !is_common
        };
        if counts || is_xero && !is_param && super::super::nearest::is_near(segment) {
            let known = self.routed(rest).filter(|target| target != rest);
            return Some(Reached::Target(known.unwrap_or_else(|| ["{}", rest].concat())));
        }
        None
    }

    /// A path below the bases of the text, if it leads to an operation of one; below the accounting API if there is none.
    fn routed(&self, path: &str) -> Option<String> {
        if has_base(path) {
            return Some(path.to_owned());
        }
        let known = |text: &str| ["GET", "POST", "PUT", "DELETE", "PATCH"].iter().any(|method| is_known(method, text));
        let below = self.bases.iter().map(|base| [base.trim_end_matches('/'), path].concat()).find(|text| known(text));
        below.or_else(|| known(path).then(|| path.to_owned()))
    }

    // ---- methods ----

    /// The method of the call of `callee` whose argument number `place` is the target.
    fn said_of_call(&self, callee: usize, open: usize, parts: &[(usize, usize)], place: usize) -> Said {
        let code = self.code;
        let name = code.name(callee);
        // The key of a pair: `POST => $url`.
        if let Some((start, _)) = parts.get(place)
            && code.is_word(*start)
            && code.is(code.next(*start), "=>")
            && let Some(method) = method(code.word(*start))
        {
            return Said::Known(method);
        }
        let beside = parts
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != place)
            .fold(Said::Nothing, |said, (_, part)| said.or(|| self.said_beside(*part)));
        if let Said::Known(_) | Said::Param(..) | Said::Open = beside {
            return beside;
        }
        let by_name = self.said_by_name(callee);
        if by_name != Said::Nothing {
            return by_name;
        }
        // `fetch(xeroUrl("/Invoices"), { method: "POST" })`
        if words(name).iter().any(|word| matches!(word.as_str(), "url" | "uri" | "endpoint"))
            && let Some(outer) = code.up(callee)
            && let Some(outer_callee) = code.callee(outer)
        {
            let parts = code.parts(outer);
            let place = parts.iter().position(|(start, end)| *start <= callee && callee < *end).unwrap_or(0);
            return self.said_of_call(outer_callee, outer, &parts, place);
        }
        if let Some(said) = self.said_by_options(parts, place) {
            return said;
        }
        let chain = self.said_by_chain(callee, open);
        if chain != Said::Nothing {
            return chain;
        }
        // `client.request(url) { method = HttpMethod.Put }`
        if let Some(block) =
            code.mate(open).filter(|close| code.beside(*close) == Kind::Open).map(|close| code.next(close))
            && code.is(block, "{")
        {
            let said = self.said_in(block);
            if said != Said::Nothing {
                return said;
            }
        }
        // The object that is made here, and what is done with it.
        let object = self.said_of_object(callee, open, parts, place);
        if object != Said::Nothing {
            return object;
        }
        let is_get = GETS.contains(&name) || names_xero(name) && parts.len() == 1;
        if is_get {
            let has_data = parts.iter().any(|(start, _)| code.is(*start, "data") && code.is(code.next(*start), "="));
            if has_data && name == "urlopen" {
                return Said::Known("POST");
            }
            if names_xero(name) {
                return Said::Nothing;
            }
            let rest = parts.len().saturating_sub(place.saturating_add(1));
            let options = parts.get(place.saturating_add(1)).map(|(start, _)| *start);
            let is_plain = rest == 0
                || name == "pages"
                || options.is_some_and(|start| {
                    code.is(start, "{") && !self.has_spread(start)
                        || code.is_word(start) && (self.is_callback(start) || code.word(start) == "None")
                });
            // Options in a variable may say anything.
            return if is_plain || code.lang == super::lang::Lang::Python { Said::Known("GET") } else { Said::Nothing };
        }
        if matches!(name, "Request")
            && parts.iter().any(|(start, _)| code.is(*start, "data") && code.is(code.next(*start), "="))
        {
            return Said::Known("POST");
        }
        if matches!(name, "openStream" | "readLines" | "read_json" | "DownloadString" | "GetAsync") {
            return Said::Known("GET");
        }
        Said::Nothing
    }

    fn is_callback(&self, start: usize) -> bool {
        matches!(self.code.word(start), "cb" | "callback" | "function" | "async" | "err" | "error" | "done" | "next")
    }

    fn has_spread(&self, open: usize) -> bool {
        let code = self.code;
        code.parts(open).iter().any(|(start, _)| code.is(*start, "...") || code.is(*start, "**"))
    }

    /// The method that an argument is.
    fn said_beside(&self, (start, end): (usize, usize)) -> Said {
        let code = self.code;
        let value = self.values.argument((start, end));
        let is_named = value != start;
        if is_named {
            let key = code.word(start).to_ascii_lowercase();
            let key = key.trim_start_matches(':');
            if method(code.word(start)).is_some() && code.is(code.next(start), "=>") {
                return Said::Nothing;
            }
            if !METHOD_KEYS.contains(&key) || key == "type" {
                return self.said_as_key(key, value);
            }
            return self.said_at(value, true);
        }
        self.said_at(value, false)
    }

    /// What an option implies: `CURLOPT_POST => true`.
    fn said_as_key(&self, key: &str, value: usize) -> Said {
        match key {
            "curlopt_postfields" => Said::Known("POST"),
            "curlopt_post" if !matches!(self.code.word(value), "false" | "0") => Said::Known("POST"),
            "curlopt_put" => Said::Known("PUT"),
            "curlopt_httpget" => Said::Known("GET"),
            "type" => match self.said_at(value, true) {
                Said::Known(method) => Said::Known(method),
                _ => Said::Nothing,
            },
            _ => Said::Nothing,
        }
    }

    /// The method that the expression at `at` is; `is_named` if something says that it is one.
    fn said_at(&self, at: usize, is_named: bool) -> Said {
        let code = self.code;
        let mut at = at;
        while matches!(code.word(at), "&" | "*" | "new") && code.kind(at) != Kind::Text {
            at = code.next(at);
        }
        match code.kind(at) {
            Kind::Text => {
                let word = code.word(at);
                match method(word) {
                    Some(known) => Said::Known(known),
                    None if is_named && !word.is_empty() => Said::Open,
                    None => Said::Nothing,
                }
            }
            // `:put` of Ruby, `.put` of Swift.
            Kind::Mark if code.is(at, ":") || code.is(at, ".") => {
                method(code.word(code.next(at))).map_or(Said::Nothing, Said::Known)
            }
            Kind::Word => {
                // `HttpMethod.PUT`, `http.MethodPut`, `reqwest::Method::PUT`
                let mut last = at;
                while code.is_dot(code.next(last))
                    && code.is_word(code.next(code.next(last)))
                    && !code.is(code.next(last), "->")
                {
                    last = code.next(code.next(last));
                }
                let word = code.word(last);
                let word = word.strip_prefix("Method").unwrap_or(word);
                let word = word.strip_prefix("HTTP_METHOD_").or_else(|| word.strip_prefix("METH_")).unwrap_or(word);
                if let Some(known) = method(word)
                    && (last != at
                        || word.bytes().all(|byte| byte.is_ascii_uppercase())
                        || code.word(last).starts_with("Method"))
                    && !code.is(code.next(last), "(")
                {
                    return Said::Known(known);
                }
                if code.is(code.next(last), "(") && code.word(last) != "upper" {
                    // `HttpMethod.valueOf("PUT")`, `new HttpMethod("PATCH")`
                    let open = code.next(last);
                    if code.chain(last).iter().chain([&last]).any(|link| code.word(*link).contains("Method"))
                        && let Some((start, _)) = code.parts(open).first()
                    {
                        return self.said_at(*start, true);
                    }
                    if code.word(last) != "toUpperCase" && code.word(last) != "ToUpper" {
                        return Said::Nothing;
                    }
                }
                let (values, _) = self.values.expression(at);
                let known: Vec<&'static str> = values.iter().filter_map(|value| method(&value.text)).collect();
                if let [one] = known.as_slice() {
                    return Said::Known(one);
                }
                if let Some(param) = values.first().and_then(|value| param_of(&value.text))
                    && (is_named || is_method_name(code.name(last)))
                {
                    return Said::Param(param.0, param.1);
                }
                if is_named || is_method_name(code.name(last)) { Said::Open } else { Said::Nothing }
            }
            _ => Said::Nothing,
        }
    }

    /// The method that a function, or the class that is made, is named after.
    fn said_by_name(&self, callee: usize) -> Said {
        let code = self.code;
        let name = code.name(callee);
        if let Some(method) = method_in(name) {
            return Said::Known(method);
        }
        // `Net::HTTP::Post.new(uri)`, `requests.get.delay(url)`
        if matches!(name, "new" | "newInstance" | "delay" | "apply" | "call" | "bind" | "create") {
            for link in code.chain(callee).into_iter().take(2) {
                if let Some(method) = method_in(code.name(link)) {
                    return Said::Known(method);
                }
            }
        }
        Said::Nothing
    }

    /// The method in the options behind the target, where they are an object or a variable that has one.
    fn said_by_options(&self, parts: &[(usize, usize)], place: usize) -> Option<Said> {
        let code = self.code;
        for (other, part) in parts.iter().enumerate() {
            if other == place {
                continue;
            }
            let start = self.values.argument(*part);
            let start = if matches!(code.word(start), "array" | "dict" | "Hash" | "mapOf" | "Map")
                && code.is(code.next(start), "(")
            {
                code.next(start)
            } else {
                start
            };
            if code.is(start, "{")
                || code.is(start, "[")
                || code.is(start, "(")
                || code.is(start, "@") && code.is(code.next(start), "{")
            {
                let said = self.said_in(if code.is(start, "@") { code.next(start) } else { start });
                if said != Said::Nothing {
                    return Some(said);
                }
            } else if code.is_word(start) && other > place {
                let name = code.name(start);
                let values = self.values.lookup("method", Some(name), start, 6);
                match values.as_slice() {
                    [one] if method(&one.text).is_some() => return method(&one.text).map(Said::Known),
                    [one] if one.is_hole() && !self.is_object(name) => {}
                    [_] if self.is_object(name) && self.is_quiet(name) => return Some(Said::Known("GET")),
                    _ => {}
                }
            }
        }
        None
    }

    /// Whether a name is assigned an object.
    fn is_object(&self, name: &str) -> bool {
        self.values.assignments().filter(|(own, _, _)| *own == name).any(|(_, _, value)| self.code.is(value, "{"))
    }

    /// Whether the object that a name is assigned has no method and nothing that might bring one.
    fn is_quiet(&self, name: &str) -> bool {
        self.values.assignments().filter(|(own, _, _)| *own == name).all(|(_, _, value)| {
            self.code.is(value, "{") && !self.has_spread(value) && self.said_in(value) == Said::Nothing
        })
    }

    /// The method among the members of an object.
    fn said_in(&self, open: usize) -> Said {
        let code = self.code;
        let mut said = Said::Nothing;
        for part in code.parts(open).into_iter().take(60) {
            let start = if matches!(code.word(part.0), "." | ":" | "-") && code.kind(part.0) == Kind::Mark {
                code.next(part.0)
            } else {
                part.0
            };
            let key = code.word(start).trim_start_matches(['$', '-']).to_ascii_lowercase();
            let value = self.values.argument((start, part.1));
            if value == start {
                // `{ method, url }`
                if METHOD_KEYS.contains(&key.as_str()) && key != "type" && code.is_word(start) {
                    said = said.or(|| self.said_at(start, true));
                }
                continue;
            }
            if METHOD_KEYS.contains(&key.as_str()) && key != "type" {
                return self.said_at(value, true);
            }
            said = said.or(|| self.said_as_key(&key, value));
        }
        said
    }

    /// The method in the chain that a call is part of.
    fn said_by_chain(&self, callee: usize, open: usize) -> Said {
        let code = self.code;
        let Some(close) = code.mate(open) else { return Said::Nothing };
        let mut said = Said::Nothing;
        for (name, arguments) in code.calls_behind(close) {
            let word = code.word(name);
            if matches!(word, "then" | "catch" | "await" | "json" | "subscribe" | "pipe" | "finally" | "body_mut")
                && arguments.is_some()
            {
                break;
            }
            let Some(arguments) = arguments else { continue };
            said = said.or(|| self.said_by_link(name, arguments));
        }
        if said != Said::Nothing {
            return said;
        }
        let name = code.name(callee).to_ascii_lowercase();
        let is_setter = ["url", "uri", "path", "target", "resource", "endpoint", "to", "create"]
            .iter()
            .any(|word| name.contains(word))
            || name == "request"
            || name == "post";
        for link in code.chain(callee) {
            let arguments = code.next(link);
            if !code.is(arguments, "(") {
                // `HTTP::Request.put`
                continue;
            }
            if is_setter || is_method_setter(code.word(link)) {
                said = said.or(|| self.said_by_link(link, arguments));
            }
        }
        said
    }

    /// The method that one link of a chain sets.
    fn said_by_link(&self, name: usize, open: usize) -> Said {
        let code = self.code;
        let word = code.word(name);
        if is_method_setter(word) {
            return match code.parts(open).first() {
                Some((start, _)) => self.said_at(self.values.argument((*start, usize::MAX)), true),
                None => Said::Nothing,
            };
        }
        match method(word) {
            Some(known) => Said::Known(known),
            None => Said::Nothing,
        }
    }

    /// What the statements around do with the object that a call makes, or that it changes.
    fn said_of_object(&self, callee: usize, open: usize, parts: &[(usize, usize)], place: usize) -> Said {
        let code = self.code;
        let Some((first, _)) = parts.first() else { return Said::Nothing };
        // `curl_setopt($ch, CURLOPT_URL, '…')`
        if place > 0 && code.is_word(*first) && code.word(callee).starts_with("curl_") {
            return self.said_around(code.word(*first), open, true);
        }
        let start = code.statement_start(callee);
        let mut at = start;
        // The name that is assigned: the last before `=`.
        let mut object = None;
        while at < callee {
            if matches!(code.word(at), "=" | ":=" | "<-") && code.kind(at) == Kind::Mark {
                object = code.prev(at);
                break;
            }
            if code.kind(at) == Kind::Open {
                at = code.mate(at).unwrap_or(at).max(at);
                if at >= callee {
                    break;
                }
            }
            at = at.saturating_add(1);
        }
        // `req, err := …`
        let object = object.and_then(|object| {
            let first = code.prev(object).filter(|comma| code.is(*comma, ",")).and_then(|comma| code.prev(comma));
            Some(first.unwrap_or(object)).filter(|object| code.is_word(*object))
        });
        if let Some(object) = object {
            return self.said_around(code.word(object), code.mate(open).unwrap_or(open), false);
        }
        // `req.setUrl("…")`, `xhr.open(…)`: the object is what the method belongs to.
        let chain = code.chain(callee);
        if let Some(owner) = chain.first().filter(|owner| code.is_word(**owner) && !is_self(code.word(**owner)))
            && ["url", "uri", "path", "resource"]
                .iter()
                .any(|word| code.name(callee).to_ascii_lowercase().contains(word))
        {
            return self.said_around(code.word(*owner), open, true);
        }
        Said::Nothing
    }

    /// What the statements behind a token, and before it too, say of the method of an object.
    fn said_around(&self, object: &str, from: usize, before: bool) -> Said {
        let code = self.code;
        let function = code.function_of(from).and_then(|index| code.functions.get(index));
        let (floor, ceiling) = function.map_or((0, code.len()), |function| function.body);
        let mut names: Vec<&str> = vec![object];
        let last = ceiling.min(from.saturating_add(500));
        let mut at = from;
        while at < last {
            if code.is_word(at) && names.contains(&code.word(at)) {
                let dot = code.next(at);
                // It becomes something else here.
                let is_new = matches!(code.word(dot), "=" | ":=")
                    && code.kind(dot) == Kind::Mark
                    && code.owner(at).is_none()
                    && at > from;
                if is_new && code.word(at) == object {
                    break;
                }
                let said = self.said_of_use(at);
                if said != Said::Nothing {
                    return said;
                }
                // `c = (HttpURLConnection) url.openConnection()`
                if code.is_dot(dot)
                    && matches!(
                        code.word(code.next(dot)),
                        "openConnection" | "clone" | "newBuilder" | "build" | "toUri" | "mutableCopy"
                    )
                    && let Some(alias) = self.assigned_in_statement(at)
                {
                    names.push(alias);
                }
                if names.len() > 6 {
                    break;
                }
                // `curl_exec($ch)` ends it.
                if code
                    .prev(at)
                    .and_then(|open| code.prev(open))
                    .is_some_and(|name| matches!(code.word(name), "curl_exec" | "curl_close"))
                    && code.is_word(at)
                {
                    break;
                }
            }
            at = at.saturating_add(1);
        }
        if before {
            let mut at = from;
            let first = floor.max(from.saturating_sub(300));
            while at > first {
                at = at.saturating_sub(1);
                if code.is_word(at) && code.word(at) == object {
                    if code
                        .prev(at)
                        .and_then(|open| code.prev(open))
                        .is_some_and(|name| matches!(code.word(name), "curl_exec" | "curl_close"))
                    {
                        break;
                    }
                    let said = self.said_of_use(at);
                    if said != Said::Nothing {
                        return said;
                    }
                    if code.is(code.next(at), "=") {
                        break;
                    }
                }
            }
        }
        Said::Nothing
    }

    fn assigned_in_statement(&self, at: usize) -> Option<&'t str> {
        let code = self.code;
        let start = code.statement_start(at);
        let equals = (start..at).find(|at| code.is(*at, "=") || code.is(*at, ":="))?;
        code.prev(equals).filter(|name| code.is_word(*name)).map(|name| code.word(name))
    }

    /// What the use of an object at a token says of its method.
    fn said_of_use(&self, at: usize) -> Said {
        let code = self.code;
        let dot = code.next(at);
        if code.is_dot(dot) {
            let member = code.next(dot);
            let next = code.next(member);
            if is_method_setter(code.word(member)) {
                if code.is(next, "=") {
                    return self.said_at(code.next(next), true);
                }
                if code.is(next, "(")
                    && let Some((start, _)) = code.parts(next).first()
                {
                    return self.said_at(*start, true);
                }
            }
            if code.is(next, "(") {
                if let Some(method) = method(code.word(member)).filter(|_| {
                    matches!(
                        code.word(member),
                        "post" | "put" | "patch" | "delete" | "POST" | "PUT" | "DELETE" | "PATCH" | "GET" | "get"
                    )
                }) {
                    return Said::Known(method);
                }
                if matches!(code.word(member), "setDoOutput") {
                    return Said::Nothing;
                }
            }
            return Said::Nothing;
        }
        // An argument of what sends: `http.post(url, …)`, `curl_setopt($ch, CURLOPT_CUSTOMREQUEST, 'PUT')`.
        let Some(open) = code.up(at) else { return Said::Nothing };
        let Some(callee) = code.callee(open) else { return Said::Nothing };
        let parts = code.parts(open);
        if code.word(callee).starts_with("curl_setopt") {
            if parts.first().is_none_or(|(start, _)| *start != at) {
                return Said::Nothing;
            }
            if let [_, (option, _), (value, _)] = parts.as_slice() {
                let key = code.word(*option).to_ascii_lowercase();
                if key == "curlopt_customrequest" {
                    return self.said_at(*value, true);
                }
                return self.said_as_key(&key, *value);
            }
            if let [_, (options, _)] = parts.as_slice() {
                return self.said_in(*options);
            }
            return Said::Nothing;
        }
        Said::Nothing
    }

    // ---- objects ----

    /// Takes the request that the members of an object describe.
    fn object(&mut self, open: usize) {
        let code = self.code;
        let is_call = code.is(open, "(");
        let mut at = open.saturating_add(1);
        let Some(close) = code.mate(open) else { return };
        // Only where a member is named so is it worth to look at them all.
        let mut has_key = false;
        while at < close {
            if matches!(code.kind(at), Kind::Word | Kind::Text) && !has_key {
                let mark = code.next(at);
                has_key = matches!(code.word(mark), ":" | "=" | "=>")
                    && code.kind(mark) == Kind::Mark
                    && is_url_key(code.word(at))
                    || is_url_key(code.word(at)) && code.is_word(at) && !is_call;
            }
            if has_key {
                break;
            }
            at = match code.kind(at) {
                Kind::Open | Kind::Template | Kind::Hole => code.mate(at).unwrap_or(at).max(at),
                _ => at,
            }
            .saturating_add(1);
        }
        if !has_key {
            return;
        }
        let parts = code.parts(open);
        for part in parts.iter().take(60) {
            let start = if matches!(code.word(part.0), "." | ":") && code.kind(part.0) == Kind::Mark {
                code.next(part.0)
            } else {
                part.0
            };
            if !is_url_key(code.word(start)) {
                continue;
            }
            let value_at = self.values.argument((start, part.1));
            let is_short = value_at == start;
            if is_short && (is_call || !code.is_word(start) || code.kind(code.next(start)) == Kind::Open) {
                continue;
            }
            // `url: { raw: "…" }`
            let (values, value_at) = if code.is(value_at, "{") {
                match self.raw_member(value_at) {
                    Some(at) => (self.values.expression(at).0, at),
                    None => continue,
                }
            } else {
                (self.values.expression(value_at).0, value_at)
            };
            let outer = self.outer_call(open);
            let mut context = outer.map_or_else(Context::default, |callee| self.context(callee));
            context.bases.extend(self.bases_in(open, close).into_iter().take(1));
            context.is_own |= outer.is_none();
            for value in &values {
                let Some(reached) = self.reach_of_member(value, &context, outer) else { continue };
                let said = self.said_in(open);
                let said = said.or(|| match outer {
                    Some(callee) if !is_call => self.said_by_name(callee).or(|| {
                        let name = code.name(callee);
                        if GETS.contains(&name) && !self.has_spread(open) { Said::Known("GET") } else { Said::Nothing }
                    }),
                    Some(callee) => self.said_by_name(callee),
                    None => self.said_of_variable(open),
                });
                if is_call && said == Said::Nothing {
                    // Arguments by name: the call has been looked at as one.
                    continue;
                }
                self.take(reached, said, value, value_at);
            }
        }
    }

    fn raw_member(&self, open: usize) -> Option<usize> {
        let code = self.code;
        let part = code
            .parts(open)
            .into_iter()
            .find(|(start, _)| matches!(code.word(*start), "raw" | "url" | "href" | "path"))?;
        Some(self.values.argument(part)).filter(|value| *value != part.0)
    }

    /// The method that is set on the variable an object is assigned to, or that it is called with.
    fn said_of_variable(&self, open: usize) -> Said {
        let code = self.code;
        let Some(name) = code.assigned_name(open) else { return Said::Nothing };
        let close = code.mate(open).unwrap_or(open);
        let said = self.said_around(name, close, false);
        if said != Said::Nothing {
            return said;
        }
        let end = code.len().min(close.saturating_add(400));
        for at in close..end {
            if code.is_word(at)
                && code.word(at) == name
                && let Some(callee) = code.up(at).and_then(|open| code.callee(open))
            {
                let said = self.said_by_name(callee);
                if said != Said::Nothing {
                    return said;
                }
                if GETS.contains(&code.name(callee)) {
                    return Said::Known("GET");
                }
            }
        }
        Said::Nothing
    }

    /// The function that an object is an argument of.
    fn outer_call(&self, open: usize) -> Option<usize> {
        let code = self.code;
        if code.is(open, "(") {
            return code.callee(open);
        }
        // `new HttpRequestMessage { … }`, `&http.Request{ … }`
        let before = code.prev(open)?;
        if code.is_word(before)
            && !is_keyword(code.word(before))
            && code.is(open, "{")
            && code.kind(open.saturating_sub(1)) == Kind::Word
        {
            return Some(before);
        }
        let up = code.up(open)?;
        if let Some(callee) = code.callee(up) {
            return Some(callee);
        }
        None
    }

    /// Where the value of a member leads.
    fn reach_of_member(&self, value: &Value, context: &Context, outer: Option<usize>) -> Option<Reached> {
        if let Some(callee) = outer {
            let reached = self.reach(value, context, callee, 0, 1);
            // A member called `url` says by itself that it is a request.
            return reached.or_else(|| {
                let text = plain(&value.text);
                let path = if text.starts_with('/') { text } else { ["/", &text].concat() };
                let is_named = context.is_xero && is_resource(&path, false);
                let is_own = context.is_own && !self.bases.is_empty();
                let is_spelt = is_resource(&path, true) || context.is_self && is_resource(&path, false);
                let counts = !context.is_other && (is_named || is_own && is_spelt);
                counts.then(|| Reached::Target(self.routed(&path).unwrap_or(path)))
            });
        }
        let text = plain(&value.text);
        if let Some(reached) = full(&text) {
            return Some(reached);
        }
        let rest = text.get(placeholder(&text)?..).filter(|rest| rest.starts_with('/'))?;
        self.below_hole(rest, value.is_xero, false)
    }

    // ---- words of shells ----

    /// Takes commands that are written as words: `Invoke-RestMethod -Uri "…" -Method Post`, `http PUT https://…`.
    fn words(&mut self) {
        let code = self.code;
        for at in 0..code.len() {
            if !matches!(code.kind(at), Kind::Text | Kind::Url | Kind::Template)
                || !is_of_xero(self.raw(at)) && code.kind(at) != Kind::Template
            {
                continue;
            }
            let index = u32::try_from(at).unwrap_or(u32::MAX);
            if self.used.contains(&index) {
                continue;
            }
            let start = code.statement_start(at);
            let end = code.statement_end(start.max(at.saturating_sub(200)).min(at));
            let mut said = Said::Nothing;
            for word in start.max(at.saturating_sub(200))..end.min(at.saturating_add(200)) {
                if !code.is_word(word) || code.up(word) != code.up(at) {
                    continue;
                }
                let lower = code.word(word).to_ascii_lowercase();
                let is_option = code.prev(word).is_some_and(|dash| matches!(code.word(dash), "-" | "--"));
                if is_option && matches!(lower.as_str(), "method" | "x" | "request" | "custommethod") {
                    let mut value = code.next(word);
                    if code.is(value, "=") || code.is(value, ":") {
                        value = code.next(value);
                    }
                    said = match method(code.word(value).trim_matches(['"', '\''])) {
                        Some(known) => Said::Known(known),
                        None => Said::Open,
                    };
                } else if !is_option
                    && said == Said::Nothing
                    && word < at
                    && code.up(at).is_none_or(|up| !code.is(up, "("))
                    && matches!(
                        code.word(word),
                        "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "get" | "post" | "put" | "patch" | "delete"
                    )
                    && (code.next(word) == at
                        || code
                            .prev(word)
                            .is_some_and(|command| matches!(code.word(command), "http" | "https" | "xh" | "httpie")))
                {
                    said = method(code.word(word)).map_or(Said::Nothing, Said::Known);
                }
            }
            let is_ruby_call = code.prev(at).is_some_and(|name| {
                code.is_word(name) && code.owner(name).is_some() && method_in(code.name(name)).is_some()
            });
            if is_ruby_call && said == Said::Nothing {
                // `RestClient.put "…", payload`
                let name = code.prev(at).unwrap_or(at);
                said = self.said_by_name(name);
            }
            // `http.Open "PUT", "…"`
            if said == Said::Nothing
                && let Some(comma) = code.prev(at).filter(|comma| code.is(*comma, ","))
                && let Some(word) = code.prev(comma).filter(|word| code.kind(*word) == Kind::Text)
                && code.up(at).is_none_or(|up| code.is(up, "{"))
                && code.prev(word).is_some_and(|name| code.is_word(name))
            {
                said = method(code.word(word)).map_or(Said::Nothing, Said::Known);
            }
            if said == Said::Nothing {
                let is_web = (start..at).any(|word| {
                    matches!(code.word(word), "wget" | "RestMethod" | "WebRequest" | "Invoke" | "irm" | "iwr")
                        && code.is_word(word)
                });
                if is_web {
                    said = Said::Known("GET");
                }
            }
            if said == Said::Nothing {
                continue;
            }
            let (values, _) = self.values.expression(at);
            for value in &values {
                let text = plain(&value.text);
                let reached = full(&text).or_else(|| {
                    let length = placeholder(&text)?;
                    let rest = text.get(length..).filter(|rest| rest.starts_with('/'))?;
                    self.below_hole(rest, value.is_xero, false)
                });
                if let Some(reached) = reached {
                    self.take(reached, said, value, at);
                }
            }
        }
    }

    // ---- what is left ----

    /// Takes the paths beside one that is used, in the same list or object: something else may use them.
    fn beside(&mut self) {
        let code = self.code;
        let mut found: Vec<(usize, String)> = Vec::new();
        for members in self.values.lists() {
            let led = members.iter().find_map(|at| Some((*at, self.led.get(&u32::try_from(*at).ok()?)?)));
            let Some((used, target)) = led else { continue };
            let own = code.word(used);
            for at in members {
                let text = code.word(*at);
                let is_free =
                    code.kind(*at) == Kind::Text && !self.used.contains(&u32::try_from(*at).unwrap_or(u32::MAX));
                if is_free
                    && !own.is_empty()
                    && text.starts_with('/') == own.starts_with('/')
                    && is_resource(text, false)
                {
                    found.push((*at, target.replacen(own, text, 1)));
                }
            }
        }
        for (at, text) in found {
            let value = self.values.expression(at).0.into_iter().next().unwrap_or_default();
            self.take(Reached::Target(text), Said::Nothing, &value, at);
        }
    }

    /// Takes what a name was assigned and no request used.
    fn assigned(&mut self) {
        let code = self.code;
        let mut all: Vec<(&str, usize, usize)> = self.values.assignments().collect();
        all.sort_by_key(|(_, at, _)| *at);
        for (name, at, value) in all {
            let (values, _) = self.values.expression(value);
            for one in &values {
                let text = plain(&one.text);
                if one.from.iter().any(|from| self.used.contains(from)) {
                    continue;
                }
                let reached = match full(&text) {
                    Some(Reached::Target(target)) => Some(Reached::Target(target)),
                    Some(Reached::Open) if text.contains("{#") => Some(Reached::Target(text.clone())),
                    Some(Reached::Open) => Some(Reached::Open),
                    None => placeholder(&text)
                        .and_then(|length| text.get(length..))
                        .filter(|rest| rest.starts_with('/') && !one.from.is_empty())
                        .and_then(|rest| self.below_hole(rest, one.is_xero, false)),
                };
                let Some(reached) = reached else { continue };
                let said =
                    self.said_in_block(at).or(|| self.said_around(code.word(at), value, false)).or(|| {
                        match name.split_once('_') {
                            Some((first, _)) => method(first).map_or(Said::Nothing, Said::Known),
                            None => Said::Nothing,
                        }
                    });
                self.take(reached, said, one, value);
            }
        }
    }

    /// The method that an assignment or pair beside the one at `at` has: `url = "…"` and on the next line `method = "POST"`.
    fn said_in_block(&self, at: usize) -> Said {
        let code = self.code;
        let start = code.statement_start(at);
        let up = code.up(at);
        if start < at {
            let said = self.pair(start);
            if said != Said::Nothing {
                return said;
            }
        }
        let pair = |key: usize| self.pair(key);
        // Behind, as long as there is no other request and no empty line.
        let mut next = start;
        for _ in 0..12 {
            let mut end = next;
            while !matches!(code.kind(end), Kind::Line | Kind::End) && !code.is(end, ";") && !code.is(end, ",") {
                end = code.skip_here(end);
            }
            if code.kind(end) == Kind::End || code.kind(end.saturating_add(1)) == Kind::Line && !code.is(end, ",") {
                break;
            }
            next = code.next(end);
            if code.up(next) != up || is_url_key(code.word(next)) && code.is(code.next(next), "=") {
                break;
            }
            let said = pair(next);
            if said != Said::Nothing {
                return said;
            }
        }
        let mut before = start;
        for _ in 0..40 {
            let Some(prev) = before.checked_sub(1) else { break };
            if code.kind(prev) == Kind::Line && prev.checked_sub(1).is_some_and(|more| code.kind(more) == Kind::Line) {
                break;
            }
            before = match code.kind(prev) {
                Kind::Close | Kind::TemplateEnd => code.mate(prev).unwrap_or(prev),
                _ => prev,
            };
            if code.up(before) != up {
                break;
            }
            let said = if matches!(code.kind(before), Kind::Word | Kind::Text) { pair(before) } else { Said::Nothing };
            if said != Said::Nothing {
                return said;
            }
            if is_url_key(code.word(before)) && matches!(code.word(code.next(before)), "=" | ":" | "=>") {
                break;
            }
        }
        Said::Nothing
    }

    /// The method of what is called on a literal: `"https://…".httpPost()`.
    fn said_behind(&self, end: usize) -> Said {
        let code = self.code;
        let dot = if code.kind(end) == Kind::Line { code.next(end) } else { end };
        let name = code.next(dot);
        let is_call = code.is_dot(dot) && code.is_word(name) && code.is(code.next(name), "(");
        if is_call { method_in(code.word(name)).map_or(Said::Nothing, Said::Known) } else { Said::Nothing }
    }

    /// The method that a pair of a name and a value has, if its name says that it is one.
    fn pair(&self, key: usize) -> Said {
        let code = self.code;
        let mark = code.next(key);
        let name = code.word(key).trim_start_matches('$').to_ascii_lowercase();
        let is_pair = matches!(code.word(mark), "=" | ":" | "=>") && code.kind(mark) == Kind::Mark;
        if is_pair && METHOD_KEYS.contains(&name.as_str()) && name != "type" {
            self.said_at(code.next(mark), true)
        } else {
            Said::Nothing
        }
    }

    /// Takes the URLs that nothing was done with.
    fn left(&mut self) {
        let code = self.code;
        for at in 0..code.len() {
            if !matches!(code.kind(at), Kind::Text | Kind::Url | Kind::Template) || !is_of_xero(self.raw(at)) {
                continue;
            }
            if self.used.contains(&u32::try_from(at).unwrap_or(u32::MAX)) {
                continue;
            }
            let (values, end) = self.values.expression(at);
            let behind = self.said_behind(end);
            for value in &values {
                let text = plain(&value.text);
                let Some(reached) = full(&text) else { continue };
                let reached = match reached {
                    Reached::Open if text.contains("{#") => Reached::Target(text.clone()),
                    other => other,
                };
                let key = code
                    .prev(at)
                    .filter(|mark| matches!(code.word(*mark), ":" | "=" | "=>"))
                    .and_then(|mark| code.prev(mark));
                let said = behind.or(|| key.map_or(Said::Nothing, |key| self.said_in_block(key)));
                self.take(reached, said, value, at);
            }
        }
        // What never got its path.
        for pending in core::mem::take(&mut self.pending) {
            let name = self.code.functions.get(pending.function).map_or("", |function| function.name);
            if self.seen.insert((pending.at, String::new(), pending.said.method())) {
                let what = What::Wrapped { name: name.to_owned(), method: pending.said.method() };
                self.hits.push(Hit { at: pending.at, end: pending.end, what });
            }
        }
    }

    // ---- what is taken ----

    /// Takes a request; returns whether there was one.
    fn take(&mut self, reached: Reached, said: Said, value: &Value, at: usize) -> bool {
        let (start, end) = self.shown(value, at);
        match reached {
            Reached::Target(text) => {
                let text = if matches!(said, Said::Param(..)) { text } else { settled(text) };
                if let Some((function, _)) = param_of_any(&text).or(match said {
                    Said::Param(function, place) => Some((function, place)),
                    _ => None,
                }) {
                    let target = Value { text, ..value.clone() };
                    self.used.extend(value.from.iter().copied());
                    self.pending.push(Pending { function, target, said, at: start, end });
                    return true;
                }
                self.hit(text, said.method(), value, start, end)
            }
            Reached::Open => {
                self.used.extend(value.from.iter().copied());
                self.open_hit(value, said.method(), start, end);
                true
            }
        }
    }

    fn hit(&mut self, text: String, method: Option<&'static str>, value: &Value, at: usize, end: usize) -> bool {
        for from in &value.from {
            self.led.entry(*from).or_insert_with(|| text.clone());
        }
        self.used.extend(value.from.iter().copied());
        if self.seen.insert((at, text.clone(), method)) {
            self.hits.push(Hit { at, end, what: What::Request { method, target: text } });
        }
        true
    }

    fn open_hit(&mut self, value: &Value, method: Option<&'static str>, at: usize, end: usize) {
        self.used.extend(value.from.iter().copied());
        if self.seen.insert((at, String::new(), method)) {
            self.hits.push(Hit { at, end, what: What::Unread { why: Why::UnknownPath, method } });
        }
    }

    /// Where what stands for a value is written: its literal with the path, else the expression itself.
    fn shown(&self, value: &Value, at: usize) -> (usize, usize) {
        let literal = value
            .from
            .iter()
            .map(|from| *from as usize)
            .filter(|from| matches!(self.code.kind(*from), Kind::Text | Kind::Template | Kind::Url | Kind::Word));
        let has_path = |from: &usize| base_of(self.raw(*from)).is_none();
        let literals: Vec<usize> = literal.collect();
        let best = literals.iter().copied().find(has_path).or(literals.first().copied());
        match best {
            Some(from) => self.span(from),
            None => self.span(at),
        }
    }

    // ---- functions that send what they are given ----

    /// Fills the parameters of requests in functions with what the functions are called with.
    fn expand(&mut self) {
        for _ in 0..4 {
            let pending = core::mem::take(&mut self.pending);
            if pending.is_empty() {
                return;
            }
            let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            for one in &pending {
                if let Some(function) = self.code.functions.get(one.function) {
                    by_name.entry(function.name).or_default();
                }
            }
            for open in 0..self.code.len() {
                if let Some(callee) = self.code.callee(open)
                    && let Some(calls) = by_name.get_mut(self.code.word(callee))
                    && !is_definition(self.code, open)
                {
                    calls.push(open);
                }
            }
            let mut is_stuck = true;
            let mut unfilled = Vec::new();
            for one in pending {
                let name = self.code.functions.get(one.function).map_or("", |function| function.name);
                let calls = by_name.get(name).cloned().unwrap_or_default();
                if calls.is_empty() || name.is_empty() {
                    unfilled.push(one);
                    continue;
                }
                is_stuck = false;
                for open in calls.into_iter().take(2_000) {
                    self.fill(&one, open);
                }
            }
            let done = is_stuck || unfilled.len() > 10_000;
            self.pending.extend(unfilled);
            if done {
                return;
            }
        }
    }

    /// Fills the parameters of one request with the arguments of one call.
    fn fill(&mut self, pending: &Pending, open: usize) {
        let code = self.code;
        let Some(function) = code.functions.get(pending.function) else { return };
        let mut targets = vec![pending.target.clone()];
        let mut shown = None;
        for (index, param) in function.params.iter().enumerate() {
            let hole = format!("{{#{}:{index}}}", pending.function);
            if !pending.target.text.contains(&hole) {
                continue;
            }
            let (values, at) = self.given(function, param, open);
            shown = shown.or(at);
            targets = targets
                .iter()
                .flat_map(|target| {
                    values
                        .iter()
                        .map(|value| {
                            let before = target.text.split(&hole).next().unwrap_or_default();
                            let mut text = value.text.clone();
                            if before.ends_with('/') {
                                text = text.trim_start_matches('/').to_owned();
                            } else if before.is_empty()
                                || before.ends_with(['}', '=', '?'])
                                || text.starts_with(['/', '?', '{'])
                                || before.contains('?')
                            {
                            } else if base_of(before).is_some() {
                                text.insert(0, '/');
                            }
                            Value {
                                text: target.text.replace(&hole, &text),
                                from: value.from.clone(),
                                is_xero: target.is_xero || value.is_xero,
                            }
                        })
                        .collect::<Vec<_>>()
                })
                .take(40)
                .collect();
        }
        let said = match pending.said {
            Said::Param(own, index) if own == pending.function => match function.params.get(index) {
                Some(param) => self.given_method(function, param, open),
                None => Said::Nothing,
            },
            other => other,
        };
        for target in targets {
            let text = plain(&target.text);
            let text = if matches!(said, Said::Param(..)) { text } else { settled(text) };
            let (at, end) = match shown {
                Some(at) => self.shown(&target, at),
                None => (pending.at, pending.end),
            };
            if let Some((function, _)) = param_of_any(&text).or(match said {
                Said::Param(function, index) => Some((function, index)),
                _ => None,
            }) {
                if function != pending.function {
                    self.pending.push(Pending { function, target: Value { text, ..target }, said, at, end });
                }
                continue;
            }
            let reached = full(&text).or_else(|| {
                let length = placeholder(&text)?;
                let rest = text.get(length..).filter(|rest| rest.starts_with('/'))?;
                self.below_hole(rest, target.is_xero, false)
            });
            match reached {
                Some(Reached::Target(text)) => {
                    self.hit(text, said.method(), &target, at, end);
                }
                Some(Reached::Open) => self.open_hit(&target, said.method(), at, end),
                None => {}
            }
        }
    }

    /// What a function is given for a parameter, and where.
    fn given(
        &self,
        function: &super::tree::Function<'t>,
        param: &super::tree::Param<'t>,
        open: usize,
    ) -> (Vec<Value>, Option<usize>) {
        match self.argument_for(function, param, open) {
            Some(at) => (self.values.expression(at).0, Some(at)),
            None => match param.default {
                Some(at) => (self.values.expression(at).0, None),
                None => (vec![Value { text: "{}".to_owned(), ..Value::default() }], None),
            },
        }
    }

    fn given_method(&self, function: &super::tree::Function<'t>, param: &super::tree::Param<'t>, open: usize) -> Said {
        match self.argument_for(function, param, open).or(param.default) {
            Some(at) => self.said_at(at, true),
            None => Said::Nothing,
        }
    }

    fn argument_for(
        &self,
        function: &super::tree::Function<'t>,
        param: &super::tree::Param<'t>,
        open: usize,
    ) -> Option<usize> {
        let code = self.code;
        let parts = code.parts(open);
        let has_self = function.params.first().is_some_and(|first| matches!(first.name, "self" | "cls"));
        let place = param.place.checked_sub(usize::from(has_self))?;
        if !param.is_member {
            let named = parts.iter().find(|(start, end)| {
                code.word(*start).trim_start_matches(':') == param.name
                    && self.values.argument((*start, *end)) != *start
            });
            if let Some(part) = named {
                return Some(self.values.argument(*part));
            }
            let part = *parts.get(place)?;
            let start = self.values.argument(part);
            // An argument by another name is another parameter, unless names stand in their order.
            return (start == part.0 || code.lang == super::lang::Lang::C).then_some(start);
        }
        let (start, _) = *parts.get(place)?;
        if code.is(start, "{") {
            let part = code.parts(start).into_iter().find(|(key, _)| code.word(*key) == param.name)?;
            return Some(self.values.argument(part));
        }
        None
    }

    /// The functions that send what they are given, for other texts.
    pub(super) fn wrappers(&mut self) -> Vec<(String, Wrapper)> {
        self.pending.clear();
        for open in 0..self.code.len() {
            if self.code.is(open, "(") {
                self.call(open, &BTreeMap::new());
            }
            if self.code.is(open, "{") || self.code.is(open, "[") {
                self.object(open);
            }
        }
        let mut wrappers = Vec::new();
        for pending in &self.pending {
            let Some(function) = self.code.functions.get(pending.function) else { continue };
            if function.name.len() < 2 || wrappers.len() > 200 {
                continue;
            }
            let has_self = function.params.first().is_some_and(|first| matches!(first.name, "self" | "cls"));
            let shift = usize::from(has_self);
            let mut target = pending.target.text.clone();
            let mut is_whole = true;
            for (index, param) in function.params.iter().enumerate() {
                let hole = format!("{{#{}:{index}}}", pending.function);
                if target.contains(&hole) {
                    is_whole &= !param.is_member;
                    target = target.replace(&hole, &format!("{{#0:{}}}", param.place.saturating_sub(shift)));
                }
            }
            let method = match pending.said {
                Said::Param(_, index) => match function.params.get(index) {
                    Some(param) if !param.is_member => Err(param.place.saturating_sub(shift)),
                    _ => Ok(None),
                },
                Said::Known(method) => Ok(Some(method)),
                _ => Ok(None),
            };
            if is_whole && is_of_xero(&target) {
                let names = function
                    .params
                    .iter()
                    .map(|param| (param.name.to_owned(), param.place.saturating_sub(shift)))
                    .collect();
                wrappers.push((function.name.to_owned(), Wrapper { target, method, names }));
            }
        }
        wrappers
    }

    /// Takes the call of a function of another text that sends what it is given.
    fn foreign(&mut self, callee: usize, parts: &[(usize, usize)], wrappers: &BTreeMap<String, Vec<Wrapper>>) -> bool {
        let code = self.code;
        let name = code.word(callee);
        let Some(known) = wrappers.get(name) else { return false };
        if code.functions.iter().any(|function| function.name == name) {
            return false;
        }
        let mut taken = false;
        for wrapper in known.iter().take(4) {
            let argument = |place: usize| {
                let named = parts.iter().find(|part| {
                    self.values.argument(**part) != part.0
                        && wrapper.names.iter().any(|(name, own)| *own == place && *name == code.word(part.0))
                });
                named.or_else(|| parts.get(place)).map(|part| self.values.argument(*part))
            };
            let said = match wrapper.method {
                Ok(Some(method)) => Said::Known(method),
                Ok(None) => self.said_by_name(callee),
                Err(place) => argument(place).map_or(Said::Nothing, |at| self.said_at(at, true)),
            };
            for place in 0..8_usize {
                let hole = format!("{{#0:{place}}}");
                if !wrapper.target.contains(&hole) {
                    continue;
                }
                let Some(at) = argument(place) else { continue };
                let (values, _) = self.values.expression(at);
                for value in values {
                    // Other functions have the same name: only what leads to an operation is taken.
                    let path = plain(&value.text);
                    if path.starts_with('{') && names_xero(name) && !path.starts_with("{#") {
                        taken = true;
                        self.called.insert(name.to_owned());
                        self.take(Reached::Open, said, &value, at);
                    }
                    if path.starts_with('{') || path.contains(char::is_whitespace) {
                        continue;
                    }
                    let before = wrapper.target.split(&hole).next().unwrap_or_default();
                    let joined = if before.ends_with('/') {
                        path.trim_start_matches('/').to_owned()
                    } else if path.starts_with('/') || before.is_empty() {
                        path.clone()
                    } else {
                        ["/", &path].concat()
                    };
                    let text = plain(&wrapper.target.replace(&hole, &joined).replace("{#0:", "{"));
                    let is_operation =
                        ["GET", "POST", "PUT", "DELETE", "PATCH"].iter().any(|method| is_known(method, &text));
                    if is_operation || names_xero(name) {
                        taken = true;
                        self.called.insert(name.to_owned());
                        self.take(Reached::Target(text), said, &value, at);
                    }
                }
            }
        }
        taken
    }
}

/// Where a value leads.
#[derive(Debug)]
enum Reached {
    Target(String),
    /// To Xero, and no further is known.
    Open,
}

/// A URL or path that is Xero's by itself.
fn full(text: &str) -> Option<Reached> {
    if text.contains(char::is_whitespace) || !is_of_xero(text) {
        return None;
    }
    let is_host = text.split('/').next().is_some_and(|host| host.to_ascii_lowercase().ends_with(".xero.com"));
    if is_host && !text.to_ascii_lowercase().starts_with("api.xero.com/") {
        return None;
    }
    match target(text) {
        Target::Api(path) => {
            let mut segments = path.split('/').skip(1);
            let below = if has_base(&path) { segments.nth(2) } else { segments.next() };
            // The first segment below the base is a value.
            if below.is_some_and(|segment| segment.starts_with("{}") || segment.is_empty() || segment == "{}") {
                return Some(if text.contains("{#") { Reached::Target(text.to_owned()) } else { Reached::Open });
            }
            Some(Reached::Target(text.to_owned()))
        }
        // The sign-in and other hosts are counted by the ledger.
        Target::SignIn | Target::Elsewhere => Some(Reached::Target(text.to_owned())),
        Target::Base => None,
    }
}

/// The base of an API that a text is, if it is one: a host of Xero's, perhaps with the path of an API, and nothing else.
pub(super) fn base_of(text: &str) -> Option<String> {
    let text = plain(text);
    if text.contains(char::is_whitespace)
        || !is_of_xero(&text)
        || text.contains("identity.xero.com")
        || text.contains("login.xero.com")
    {
        return None;
    }
    match target(&text) {
        Target::Base => Some(text.trim_end_matches('/').to_owned()),
        _ => None,
    }
}

/// A text without its query, and with single slashes.
fn plain(text: &str) -> String {
    let text = text.trim();
    let scheme = target::without_scheme(text).map_or(0, |rest| text.len().saturating_sub(rest.len()));
    let (front, rest) = text.split_at_checked(scheme).unwrap_or(("", text));
    let mut out = String::with_capacity(text.len());
    out.push_str(front);
    for c in rest.chars() {
        if c == '?' && !out.ends_with('{') {
            // `{a ? b : c}` does not come here: values are evaluated.
            break;
        }
        if c == '/' && out.ends_with('/') && out.len() > scheme {
            continue;
        }
        // A value right behind a base is a path: `BASE + path`.
        if c == '{' && ends_as_base(&out) {
            out.push('/');
        }
        out.push(c);
    }
    out
}

/// Whether a text ends as the base of an API, without a slash.
fn ends_as_base(text: &str) -> bool {
    let (front, last) = text.rsplit_once('/').unwrap_or(("", text));
    let is_version = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    last.eq_ignore_ascii_case("api.xero.com")
        || is_version && [".xro", "/appstore"].into_iter().any(|api| front.to_ascii_lowercase().ends_with(api))
}

/// The parameter that a text is, if it is one and nothing else.
fn param_of(text: &str) -> Option<(usize, usize)> {
    let inside = text.strip_prefix("{#")?.strip_suffix('}')?;
    let (function, place) = inside.split_once(':')?;
    Some((function.parse().ok()?, place.parse().ok()?))
}

/// A text whose parameters are values in the path of an operation, as one with holes; else the text itself.
fn settled(text: String) -> String {
    if !text.contains("{#") {
        return text;
    }
    let mut holed = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("{#") {
        let end = rest
            .get(at..)
            .and_then(|rest| rest.find('}'))
            .map_or(rest.len(), |end| at.saturating_add(end).saturating_add(1));
        holed.push_str(rest.get(..at).unwrap_or_default());
        holed.push_str("{}");
        rest = rest.get(end..).unwrap_or_default();
    }
    holed.push_str(rest);
    let is_open = matches!(full(&holed), Some(Reached::Open)) || holed.starts_with("{}/{}");
    let known = ["GET", "POST", "PUT", "DELETE", "PATCH"].iter().any(|method| is_known(method, &holed));
    if known && !is_open { holed } else { text }
}

/// The first parameter in a text.
fn param_of_any(text: &str) -> Option<(usize, usize)> {
    let start = text.find("{#")?;
    let rest = text.get(start..)?;
    param_of(rest.get(..rest.find('}')?.saturating_add(1))?)
}

/// Whether a path begins with a resource of an API; spelt as Xero does if `is_exact`.
fn is_resource(path: &str, is_exact: bool) -> bool {
    has_base(path) || if is_exact { resources::is_exact(path) } else { resources::is_any(path) }
}

/// Whether a path is that of a file of a site.
fn is_asset(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|last| last.contains('.') && !last.ends_with('}') && !has_base(path))
        || path.starts_with("/api/")
}

fn is_url_key(word: &str) -> bool {
    word.len() <= 12 && URL_KEYS.iter().any(|key| key.eq_ignore_ascii_case(word.trim_start_matches('$')))
}

fn is_method_name(name: &str) -> bool {
    let lower = name.trim_start_matches(['$', '_', '@']).to_ascii_lowercase();
    matches!(
        lower.as_str(),
        "method" | "verb" | "httpmethod" | "http_method" | "requestmethod" | "request_method" | "m"
    )
}

fn is_method_setter(word: &str) -> bool {
    matches!(
        word.to_ascii_lowercase().as_str(),
        "method"
            | "setmethod"
            | "httpmethod"
            | "sethttpmethod"
            | "setrequestmethod"
            | "withmethod"
            | "verb"
            | "requestmethod"
            | "request_method"
            | "set_method"
            | "with_method"
            | "http_method"
            | "usingmethod"
    )
}

/// Whether a function's name says that it sends requests.
fn is_request_like(name: &str) -> bool {
    let words = words(name);
    words.iter().any(|word| {
        matches!(
            word.as_str(),
            "request"
                | "req"
                | "fetch"
                | "call"
                | "api"
                | "send"
                | "json"
                | "pages"
                | "page"
                | "http"
                | "invoke"
                | "query"
                | "paginate"
        ) || method(word).is_some()
    })
}

/// The method that a name has in it: `postForObject`, `http_put`, `GetStringAsync`.
pub(super) fn method_in(name: &str) -> Option<&'static str> {
    let words = words(name);
    let mut found = words.iter().filter_map(|word| if word == "del" { Some("DELETE") } else { method(word) });
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

/// The words of a name, in lower case.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        let next_is_lower = chars.peek().is_some_and(char::is_ascii_lowercase);
        let starts = !c.is_ascii_alphanumeric()
            || c.is_ascii_uppercase()
                && (before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || before.is_ascii_uppercase() && next_is_lower);
        if starts || words.is_empty() {
            words.push(String::new());
        }
        if c.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether brackets hold the parameters of a function, and not arguments.
pub(super) fn is_definition(code: &Code<'_>, open: usize) -> bool {
    code.mate(open).is_some_and(|close| code.is_definition(open, close))
}
