//! Where a value leads: to an operation of Xero, to Xero and no further, or nowhere.

use super::Requests;
use super::clients::Context;
use super::said::method_in;
use crate::resolve::code::names::{parts, words};
use crate::resolve::code::resources::{self, first_segment, is_common};
use crate::resolve::code::values::{Value, ends_as_base};
use crate::resolve::nearest;
use crate::resolve::scan::among;
use crate::resolve::target::{Target, has_base, is_known, is_of_xero, method, placeholder, target, without_scheme};

/// Words of functions that send something.
pub(super) const SENDS: &str = "request req fetch call api send query make execute exec perform invoke http xero pages page paginate json list \
    load read all exchange retrieve";

/// The place where a value leads.
#[derive(Debug)]
pub(super) enum Reached {
    Target(String),
    /// To Xero, and no further is known.
    Open,
}

impl<'t> Requests<'_, '_, 't> {
    /// Returns where a value leads, if it is something that a request goes to.
    pub(super) fn reach(
        &self,
        value: &Value,
        context: &Context,
        callee: usize,
        place: usize,
        count: usize,
    ) -> Option<Reached> {
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
        let name = self.name_of(callee);
        if let Some(length) = placeholder(text) {
            let rest = text.get(length..).unwrap_or_default();
            let is_xero = value.is_xero || context.is_xero;
            if rest.is_empty() {
                return self.open_path(text, context, name, place, count);
            }
            if !rest.starts_with('/') {
                return joined(text, rest, value.is_xero, is_xero);
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
        let sends = words.iter().any(|word| among(word.as_str(), SENDS) || method(word).is_some() || word == "del")
            || among(name, "Request RestRequest HttpRequestMessage new uri url path resource endpoint");
        // `const client = got.extend({ prefixUrl }); client("Items")`
        let sends = sends || self.clients.contains_key(name);
        if !context.bases.is_empty() {
            if !sends || !is_path && !is_resource(&path, false) {
                return None;
            }
            let base = context.bases.first()?;
            let joined = if has_base(text) { value.clone() } else { base.below(value) };
            return Some(Reached::Target(plain(&joined.text)));
        }
        let tells = words
            .iter()
            .any(|word| among(word.as_str(), "error exception log warn label parse format cache key token config"));
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
        if self.bases.is_empty() {
            return self.of_unknown_base((&path, is_path), &words, context, callee, place);
        }
        match placeholder(first_segment(&path)) {
            _ if !is_path && place > 1 => return None,
            // `self.class.get("/#{name}")`
            Some(_) if is_path && context.is_self => return Some(Reached::Open),
            _ => {}
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

    /// A path that a client of the text is given which has its base from elsewhere, where the texts name Xero.
    fn of_unknown_base(
        &self,
        (path, is_path): (&str, bool),
        words: &[String],
        context: &Context,
        callee: usize,
        place: usize,
    ) -> Option<Reached> {
        let writes = |word: &String| matches!(word.as_str(), "post" | "put" | "patch" | "request");
        let is_sent = is_path || words.iter().any(writes);
        let is_own = context.is_own
            && self.code.owner(callee).is_some()
            && self.code.functions_of(self.name_of(callee)).next().is_none();
        let may_be = (self.names_xero || self.of_xero) && !self.has_evidence && is_own && is_sent && place < 2;
        (may_be && is_resource(path, true)).then_some(Reached::Open)
    }

    /// The name of a function; one that is only known when the program runs sends a request.
    pub(super) fn name_of(&self, callee: usize) -> &'t str {
        if self.code.is_computed(callee) { "request" } else { self.code.name(callee) }
    }

    /// A path that is not known at all, given to something that only talks to Xero.
    pub(super) fn open_path(
        &self,
        text: &str,
        context: &Context,
        name: &str,
        place: usize,
        count: usize,
    ) -> Option<Reached> {
        // `http.PutAsJsonAsync(path, i)` of a client with a base.
        let is_async = || !context.bases.is_empty() && name.ends_with("Async") && method_in(name).is_some();
        // `new RestRequest(path, Method.Get)` of a text with the base of its client.
        let of_message = match name {
            "RestRequest" => place == 0,
            "HttpRequestMessage" => place == 1,
            _ => false,
        };
        if of_message && let Some(base) = self.bases.first() {
            let whole = [base.trim_end_matches('/'), "/", text].concat();
            return Some(if text.starts_with("{#") { Reached::Target(whole) } else { Reached::Open });
        }
        let is_method = method(name).is_some() || matches!(name, "request" | "fetch" | "json" | "pages") || is_async();
        if context.is_other || !(is_method || context.is_xero && is_request_like(name)) {
            return None;
        }
        let is_param = text.starts_with("{#");
        // The chain has its path already: `client.url("/Items").put(body)`.
        if context.has_path {
            return None;
        }
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
    pub(super) fn below_hole(&self, rest: &str, is_xero: bool, is_param: bool) -> Option<Reached> {
        let segment = first_segment(rest);
        if segment.is_empty() {
            return None;
        }
        if placeholder(segment).is_some() {
            return is_xero.then_some(Reached::Open);
        }
        let is_exact = is_resource(rest, true);
        let is_any = is_exact || is_resource(&rest.to_ascii_lowercase(), false);
        let is_common = is_common(segment);
        let counts = if is_xero {
            is_any
        } else if self.has_evidence {
            is_exact
        } else {
            is_exact && !is_common
        };
        if counts || is_xero && !is_param && nearest::is_near(segment) {
            let known = self.routed(rest).filter(|target| target != rest);
            return Some(Reached::Target(known.unwrap_or_else(|| ["{}", rest].concat())));
        }
        // A common word, below a base that may be Xero's.
        (is_exact && (self.names_xero || self.of_xero)).then_some(Reached::Open)
    }

    /// A path below the bases of the text, if it leads to an operation of one; below the accounting API if there is none.
    pub(super) fn routed(&self, path: &str) -> Option<String> {
        if has_base(path) {
            return Some(path.to_owned());
        }
        let known = |text: &str| ["GET", "POST", "PUT", "DELETE", "PATCH"].iter().any(|method| is_known(method, text));
        let below = self.bases.iter().map(|base| [base.trim_end_matches('/'), path].concat()).find(|text| known(text));
        below.or_else(|| known(path).then(|| path.to_owned()))
    }

    /// Returns where the value of a member leads.
    pub(super) fn reach_of_member(&self, value: &Value, context: &Context, outer: Option<usize>) -> Option<Reached> {
        if let Some(callee) = outer {
            let reached = self.reach(value, context, callee, 0, 1);
            // A member called `url` belongs to a request.
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
}

/// Texts that are joined to a value named after Xero, without a slash: `XERO_BASE + "Invoices"`, `XERO + path`.
fn joined(text: &str, rest: &str, is_named: bool, is_xero: bool) -> Option<Reached> {
    let path = ["/", rest].concat();
    match placeholder(rest) {
        Some(_) if !is_named => None,
        Some(_) if text.contains("{#") => Some(Reached::Target(text.to_owned())),
        Some(_) => Some(Reached::Open),
        None => (is_xero && is_resource(&path, false)).then_some(Reached::Target(path)),
    }
}

/// A URL or path that is Xero's by itself.
pub(super) fn full(text: &str) -> Option<Reached> {
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
pub(in crate::resolve::code) fn base_of(text: &str) -> Option<String> {
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
pub(super) fn plain(text: &str) -> String {
    let text = text.trim();
    let scheme = without_scheme(text).map_or(0, |rest| text.len().saturating_sub(rest.len()));
    let (front, rest) = text.split_at_checked(scheme).unwrap_or(("", text));
    let mut out = String::with_capacity(text.len());
    out.push_str(front);
    for c in rest.chars() {
        if c == '?' {
            // `{a ? b : c}` does not come here: values are evaluated. `/Items{?page}` is a path with a query.
            if out.ends_with('{') {
                out.pop();
            }
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

/// Returns whether a path begins with a resource of an API; spelt as Xero does if `is_exact`.
pub(super) fn is_resource(path: &str, is_exact: bool) -> bool {
    has_base(path) || if is_exact { resources::is_exact(path) } else { resources::is_any(path) }
}

/// Returns whether a path is that of a file of a site.
pub(super) fn is_asset(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|last| last.contains('.') && !last.ends_with('}') && !has_base(path))
        || path.starts_with("/api/")
}

/// Returns true if a function's name has a word for sending requests.
pub(super) fn is_request_like(name: &str) -> bool {
    let says = [
        "request", "req", "fetch", "call", "api", "send", "json", "pages", "page", "http", "invoke", "query",
        "paginate",
    ];
    parts(name).any(|word| says.iter().any(|own| own.eq_ignore_ascii_case(word)) || method(word).is_some())
}
