//! The method in the structure around a target: arguments, names, options, chains.

use super::Requests;
use super::said_value::{either, is_method_name};
use super::wrappers::param_of;
use crate::resolve::code::lang::Lang;
use crate::resolve::code::lex::Kind;
use crate::resolve::code::names::{parts, words};
use crate::resolve::code::tree::is_keyword;
use crate::resolve::scan::among;
use crate::resolve::target::{method, names_xero};

/// The method of a request, as the code has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Known(&'static str),
    /// One of several, which a condition decides.
    Each([Option<&'static str>; 6]),
    /// What this parameter of this function is given.
    Param(usize, usize),
    /// The method among the options that this parameter of this function is given; else this one.
    Options(usize, usize, Option<&'static str>),
    /// Something that is only known when the program runs.
    Open,
    Nothing,
}

impl Said {
    pub(super) fn or(self, other: impl FnOnce() -> Self) -> Self {
        if self == Self::Nothing { other() } else { self }
    }

    /// The methods of this and of another statement about the same request. A write that is known stays known beside a
    /// method that is not; a read does not.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, one) | (one, Self::Nothing) => one,
            (Self::Known("GET"), param @ (Self::Param(..) | Self::Options(..))) => param,
            (Self::Open | Self::Known("GET"), Self::Open) | (Self::Open, Self::Known("GET")) => Self::Open,
            (Self::Open, known)
            | (known, Self::Open | Self::Param(..) | Self::Options(..))
            | (known @ (Self::Param(..) | Self::Options(..)), _) => known,
            (Self::Known(_) | Self::Each(_), Self::Known(_) | Self::Each(_)) => {
                let mut all: Vec<&'static str> = self.methods().chain(other.methods()).flatten().collect();
                all.sort_unstable();
                all.dedup();
                match all.as_slice() {
                    [one] => Self::Known(one),
                    _ => Self::Each(core::array::from_fn(|place| all.get(place).copied())),
                }
            }
        }
    }

    /// The kind that it is, for keys.
    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::Known(_) => " known ",
            Self::Each(_) => " each ",
            Self::Param(..) => " param ",
            Self::Options(..) => " options ",
            Self::Open => " open ",
            Self::Nothing => " ",
        }
    }

    /// The parameter that it depends on: its function and its place.
    pub(super) const fn param(self) -> Option<(usize, usize)> {
        match self {
            Self::Param(function, place) | Self::Options(function, place, _) => Some((function, place)),
            _ => None,
        }
    }

    pub(super) fn method(self) -> Option<&'static str> {
        match self {
            Self::Known(method) => Some(method),
            _ => None,
        }
    }

    /// The methods that a request may have; `None` for one that is not known.
    pub(super) fn methods(self) -> impl Iterator<Item = Option<&'static str>> {
        let all = match self {
            Self::Each(all) => all,
            _ => [self.method(), None, None, None, None, None],
        };
        let more = all.into_iter().skip(1).flatten().map(Some);
        core::iter::once(all.into_iter().next().flatten()).chain(more)
    }
}

pub(super) const METHOD_KEYS: &str =
    "method httpmethod requestmethod verb type httpverb customrequest curlopt_customrequest http_method";

/// Functions that send `GET` by default.
pub(super) const GETS: &str = "fetch json pages got axios ky request urlopen file_get_contents ajax ofetch useFetch superagent needle \
    fetchJson apiFetch sendRequest";

impl Requests<'_, '_, '_> {
    /// The method of the call of `callee` whose argument number `place` is the target, with those that later statements set.
    pub(super) fn said_of_call(&self, callee: usize, open: usize, parts: &[(usize, usize)], place: usize) -> Said {
        let said = self.said_in_call(callee, open, parts, place);
        // `(new Request('GET', $url))->withMethod('PUT')`
        let said = if said == Said::Nothing { said } else { said.and(self.said_behind_brackets(open)) };
        match self.object_of(callee) {
            Some(object) if said != Said::Nothing => said.and(self.said_later(self.code.word(object), object)),
            _ => said,
        }
    }

    /// The method of a call as it is written, without what later statements set.
    fn said_in_call(&self, callee: usize, open: usize, parts: &[(usize, usize)], place: usize) -> Said {
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
        if beside != Said::Nothing {
            return beside;
        }
        if name == "fetch" && code.owner(callee).is_some_and(|owner| code.is(owner, "UrlFetchApp")) {
            return self.said_of_apps_script(callee, open, parts, place);
        }
        if let Some(said) = self.said_by_index(callee) {
            return said;
        }
        let by_name = self.said_by_name(callee);
        // `getXero(url, { method: "PUT" })`: what the options say is meant, the name is only a name.
        if by_name == Said::Known("GET")
            && let Some(said) = self.said_by_options(callee, parts, place)
            && said != Said::Nothing
        {
            return said;
        }
        if by_name != Said::Nothing {
            return by_name;
        }
        if let Some(said) = self.said_of_outer(callee, open) {
            return said;
        }
        if let Some(said) = self.said_by_options(callee, parts, place) {
            return said;
        }
        // `client.request { method = HttpMethod.Put; url("…") }`
        if matches!(name, "url" | "uri") && code.up(callee).is_some_and(|up| code.is(up, "{")) {
            let said = self.said_in_block(callee);
            if said != Said::Nothing {
                return said;
            }
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
        let piped = self.said_of_piped(open);
        if piped != Said::Nothing {
            return piped;
        }
        // The object that is made here, and its uses.
        let object = self.said_of_object(callee, open, parts, place);
        if object != Said::Nothing {
            return object;
        }
        let is_client = parts.len() == 1 && self.clients.contains_key(name) && code.owner(callee).is_none();
        let is_get = among(name, GETS) || is_client || names_xero(name) && parts.len() == 1;
        if is_get {
            if name == "urlopen" {
                return self.said_of_urlopen(parts);
            }
            if names_xero(name) && !is_client {
                return Said::Nothing;
            }
            let rest = parts.len().saturating_sub(place.saturating_add(1));
            let options = parts.get(place.saturating_add(1)).map(|(start, _)| *start);
            // `xero.json(...args)` may have any method.
            let is_spread = parts.iter().any(|(start, _)| code.is(*start, "..."));
            let is_plain = rest == 0 && !is_spread
                || name == "pages"
                || options
                    .is_some_and(|start| code.is(start, "{") && !self.has_spread(start) || self.is_callback(start));
            // Options in a variable may say anything.
            return if is_plain || code.lang == Lang::Python { Said::Known("GET") } else { Said::Nothing };
        }
        if matches!(name, "Request")
            && parts.iter().any(|(start, _)| code.is(*start, "data") && code.is(code.next(*start), "="))
        {
            return Said::Known("POST");
        }
        if among(name, "openStream readLines read_json DownloadString GetAsync") {
            return Said::Known("GET");
        }
        Said::Nothing
    }

    /// The method of Python's `urlopen(url, data)`: it posts what it is given, unless that is `None`.
    fn said_of_urlopen(&self, parts: &[(usize, usize)]) -> Said {
        let code = self.code;
        if parts.iter().any(|(start, _)| matches!(code.word(*start), "*" | "**")) {
            return Said::Nothing;
        }
        let is_named = |part: &&(usize, usize)| code.is(part.0, "data") && code.is(code.next(part.0), "=");
        let second = parts.get(1).filter(|part| self.values.argument(**part) == part.0);
        let Some(data) = parts.iter().find(is_named).or(second).map(|part| self.values.argument(*part)) else {
            return Said::Known("GET");
        };
        let is_alone = code.is_word(data) && matches!(code.word(code.next(data)), "," | ")");
        if is_alone && code.is(data, "None") {
            return Said::Known("GET");
        }
        // A parameter, or a name that is `None` in one place, may be nothing.
        let is_none = |value: usize| code.is(value, "None");
        let may_be_none = is_alone
            && (self.values.assigned(code.name(data)).take(9).any(is_none)
                || self.values.expression(data).0.iter().any(|value| param_of(&value.text).is_some()));
        if may_be_none { Said::Known("GET").and(Said::Known("POST")) } else { Said::Known("POST") }
    }

    /// The method of a call whose argument is what a function makes a URL of: `fetch(xeroUrl("/Invoices"), { method: "POST" })`.
    fn said_of_outer(&self, callee: usize, open: usize) -> Option<Said> {
        let code = self.code;
        let is_maker = |word: &String| matches!(word.as_str(), "url" | "uri" | "endpoint");
        if !words(code.name(callee)).iter().any(is_maker) {
            return None;
        }
        let outer = code.up(callee)?;
        let outer_callee = code.callee(outer)?;
        // `newCall(new Request.Builder().url("/Items").put(b).build())`
        let chain = self.said_by_chain(callee, open);
        if chain != Said::Nothing {
            return Some(chain);
        }
        let parts = code.parts(outer);
        let place = parts.iter().position(|(start, end)| *start <= callee && callee < *end).unwrap_or(0);
        Some(self.said_of_call(outer_callee, outer, &parts, place))
    }

    /// The method that the index of what a function belongs to is: `VERBS[method].new(path)`.
    fn said_by_index(&self, callee: usize) -> Option<Said> {
        let code = self.code;
        if code.is_computed(callee) {
            let values = self.values.lookup(code.name(callee), None, callee, 6);
            let param = values.first().and_then(|value| param_of(&value.text));
            let said =
                either(&values).or(|| param.map_or(Said::Open, |(function, place)| Said::Param(function, place)));
            return Some(said);
        }
        // `VERBS.fetch(verb).new(path)`
        let is_got = |close: &usize| {
            let callee = code.mate(*close).and_then(|open| code.callee(open));
            callee.is_some_and(|callee| matches!(code.word(callee), "fetch" | "get" | "dig" | "getOrDefault"))
        };
        let close = code.owner(callee).filter(|close| code.is(*close, "]") || code.is(*close, ")") && is_got(close))?;
        let inside = code.next(code.mate(close)?);
        let is_method = code.is_word(inside) && is_method_name(code.name(inside)) && code.next(inside) == close;
        is_method.then(|| self.said_at(inside, true))
    }

    pub(super) fn is_callback(&self, start: usize) -> bool {
        let is_arrow = self.code.is(start, "(") && self.code.is(self.code.skip(start), "=>");
        is_arrow || among(self.code.word(start), "None cb callback function async err error done next")
    }

    /// The method that an argument is.
    pub(super) fn said_beside(&self, (start, end): (usize, usize)) -> Said {
        let code = self.code;
        let value = self.values.argument((start, end));
        let is_named = value != start;
        if is_named {
            let key = code.word(start).to_ascii_lowercase();
            let key = key.trim_start_matches(':');
            if method(code.word(start)).is_some() && code.is(code.next(start), "=>") {
                return Said::Nothing;
            }
            if !among(key, METHOD_KEYS) || key == "type" {
                return self.said_as_key(key, value);
            }
            return self.said_at(value, true);
        }
        let said = self.said_by_condition(value, end).unwrap_or_else(|| self.said_at(value, false));
        // `$args['method'] = 'POST'` after `$args = ['method' => 'GET']`
        let is_variable = code.is_word(value) && matches!(code.token(code.next(value)).sign, b',' | b')');
        if said.method().is_some() && is_variable {
            return said.and(self.said_around(code.word(value), value, true));
        }
        said
    }

    /// The method that a function, or the class that is made, is named after.
    pub(super) fn said_by_name(&self, callee: usize) -> Said {
        let code = self.code;
        let name = code.name(callee);
        // `file_get_contents` is not named after a method.
        if among(name, GETS) {
            return Said::Nothing;
        }
        // `Net::HTTP.const_get(verb)`
        if name == "const_get" || code.chain(callee).iter().any(|link| code.is(*link, "const_get")) {
            return Said::Open;
        }
        if let Some(method) = method_in(name) {
            return Said::Known(method);
        }
        // `Net::HTTP::Post.new(uri)`, `requests.get.delay(url)`
        if among(name, "new newInstance delay apply call bind create") {
            for link in code.chain(callee).into_iter().take(2) {
                if let Some(method) = method_in(code.name(link)) {
                    return Said::Known(method);
                }
            }
        }
        Said::Nothing
    }

    /// The method that a header has the server take instead, `"X-HTTP-Method-Override": "PUT"`: among the arguments, or
    /// anywhere else in the text where they are not written out.
    pub(super) fn said_instead(&self, open: usize) -> Option<Said> {
        let code = self.code;
        // The request whose arguments a header is among.
        let request_of = |at: usize| {
            let mut up = code.up(at);
            for _ in 0..6 {
                let callee = up.and_then(|up| code.callee(up)).map(|callee| code.name(callee));
                if callee.is_some_and(|name| method_in(name).is_some() || among(name, GETS)) {
                    break;
                }
                up = up.and_then(|up| code.up(up));
            }
            up
        };
        let counts = |at: &usize| request_of(*at).is_none_or(|call| call == open);
        let header = self.overrides.iter().copied().find(counts)?;
        let mark = code.next(header);
        let is_pair = matches!(code.word(mark), ":" | "=>" | "," | "=");
        Some(if is_pair { self.said_at(code.next(mark), true).or(|| Said::Open) } else { Said::Open })
    }

    /// The method that is set on the variable an object is assigned to, or that it is called with.
    pub(super) fn said_of_variable(&self, open: usize) -> Said {
        let code = self.code;
        // `$p = @{ … }`, `req := &http.Request{ … }`
        let mut start = open;
        while let Some(before) = code.prev(start).filter(|at| {
            let is_name = code.is_word(*at) && *at != open && code.lang != Lang::Js && !is_keyword(code.word(*at));
            is_name || matches!(code.word(*at), "@" | "." | "&")
        }) {
            start = before;
        }
        let Some(name) = code.assigned_name(start) else { return Said::Nothing };
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
                if among(code.name(callee), GETS) {
                    return Said::Known("GET");
                }
            }
        }
        Said::Nothing
    }
}

/// The method that a name has in it: `postForObject`, `http_put`, `GetStringAsync`.
pub(in crate::resolve::code) fn method_in(name: &str) -> Option<&'static str> {
    let mut found =
        parts(name).filter_map(|word| if word.eq_ignore_ascii_case("del") { Some("DELETE") } else { method(word) });
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}
