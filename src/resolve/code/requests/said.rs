//! The method in the structure around a target: arguments, names, options, chains.

use super::Requests;
use super::wrappers::param_of;
use crate::resolve::code::lang::Lang;
use crate::resolve::code::lex::Kind;
use crate::resolve::code::names::{parts, words};
use crate::resolve::code::values::Value;
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

pub(super) const METHOD_KEYS: [&str; 9] = [
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

/// Functions that send `GET` by default.
pub(super) const GETS: [&str; 16] = [
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

impl Requests<'_, '_, '_> {
    /// The method of the call of `callee` whose argument number `place` is the target, with those that later statements set.
    pub(super) fn said_of_call(&self, callee: usize, open: usize, parts: &[(usize, usize)], place: usize) -> Said {
        let said = self.said_in_call(callee, open, parts, place);
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
        // `fetch(xeroUrl("/Invoices"), { method: "POST" })`
        if words(name).iter().any(|word| matches!(word.as_str(), "url" | "uri" | "endpoint"))
            && let Some(outer) = code.up(callee)
            && let Some(outer_callee) = code.callee(outer)
        {
            let parts = code.parts(outer);
            let place = parts.iter().position(|(start, end)| *start <= callee && callee < *end).unwrap_or(0);
            return self.said_of_call(outer_callee, outer, &parts, place);
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
        let is_get = GETS.contains(&name) || is_client || names_xero(name) && parts.len() == 1;
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
            return if is_plain || code.lang == Lang::Python { Said::Known("GET") } else { Said::Nothing };
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
        let close = code.owner(callee).filter(|close| code.is(*close, "]"))?;
        let inside = code.next(code.mate(close)?);
        let is_method = code.is_word(inside) && is_method_name(code.name(inside)) && code.next(inside) == close;
        is_method.then(|| self.said_at(inside, true))
    }

    pub(super) fn is_callback(&self, start: usize) -> bool {
        matches!(self.code.word(start), "cb" | "callback" | "function" | "async" | "err" | "error" | "done" | "next")
    }

    pub(super) fn has_spread(&self, open: usize) -> bool {
        let code = self.code;
        code.parts(open).iter().any(|(start, _)| code.is(*start, "...") || code.is(*start, "**"))
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
            if !METHOD_KEYS.contains(&key) || key == "type" {
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

    /// What an option implies: `CURLOPT_POST => true`.
    pub(super) fn said_as_key(&self, key: &str, value: usize) -> Said {
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

    /// The method that the expression at `at` is; `is_named` if it has the name of one.
    pub(super) fn said_at(&self, at: usize, is_named: bool) -> Said {
        let code = self.code;
        let mut at = at;
        while matches!(code.word(at), "&" | "*" | "new") && code.kind(at) != Kind::Text {
            at = code.next(at);
        }
        match code.kind(at) {
            // `"POST" if id else "PUT"`
            Kind::Text if code.is(code.next(at), "if") => self.said_by_values(at, is_named),
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
            Kind::Open if code.is(at, "(") && is_named => {
                self.said_of_option(at).unwrap_or_else(|| self.said_at(code.next(at), true))
            }
            Kind::Word => {
                if let Some(said) = self.said_of_option(at).or_else(|| self.said_of_own_member(at)) {
                    return said;
                }
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
                // `WebMethod.HttpGet`
                let is_kind = last != at && code.owner(last).is_some_and(|owner| code.word(owner).contains("Method"));
                if is_kind
                    && let Some(known) = method_in(word)
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
                if last == at
                    && let Some(said) = self.said_of_local(at)
                {
                    return said;
                }
                let (values, _) = self.values.expression(at);
                let known = either(&values);
                if known != Said::Nothing {
                    return known;
                }
                if let Some(param) = values.first().and_then(|value| param_of(&value.text))
                    && (is_named || is_method_name(code.name(last)) || is_method_name(code.name(at)))
                {
                    return Said::Param(param.0, param.1);
                }
                if is_named || is_method_name(code.name(last)) { Said::Open } else { Said::Nothing }
            }
            _ if is_named => Said::Open,
            _ => Said::Nothing,
        }
    }

    /// The methods that an expression may stand for.
    fn said_by_values(&self, at: usize, is_named: bool) -> Said {
        let known = either(&self.values.expression(at).0);
        if known == Said::Nothing && is_named { Said::Open } else { known }
    }

    /// The method that a function, or the class that is made, is named after.
    pub(super) fn said_by_name(&self, callee: usize) -> Said {
        let code = self.code;
        let name = code.name(callee);
        // `file_get_contents` is not named after a method.
        if GETS.contains(&name) {
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
    pub(super) fn said_by_options(&self, callee: usize, parts: &[(usize, usize)], place: usize) -> Option<Said> {
        let code = self.code;
        let is_fetch = matches!(code.name(callee), "fetch" | "ofetch" | "ky" | "got" | "axios" | "useFetch");
        for (other, part) in parts.iter().enumerate() {
            if other == place {
                continue;
            }
            let start = self.values.argument(*part);
            // PHP: the options are in an array inside.
            let start = if code.is(start, "stream_context_create")
                && let Some((inner, _)) = code.parts(code.next(start)).first()
            {
                *inner
            } else {
                start
            };
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
                if let Some(said) = self.said_of_spread(start).filter(|_| other > place && code.is(start, "{")) {
                    return Some(said);
                }
            } else if code.is_word(start) && other > place {
                let name = code.name(start);
                // `fetch(url, init)` in a function that is given `init`.
                let param = self.values.expression(start).0.first().and_then(|value| param_of(&value.text));
                if let Some((function, index)) = param.filter(|_| is_fetch) {
                    return Some(Said::Options(function, index, Some("GET")));
                }
                // `if (options.method) init.method = options.method`
                let given = self.values.set_on(name, "method").filter_map(|value| self.said_of_option(value));
                if let Some(said) = given.reduce(Said::and) {
                    return Some(said);
                }
                let values = self.values.lookup("method", Some(name), start, 6);
                let set = either(&values);
                if matches!(set, Said::Each(_) | Said::Open) {
                    return Some(set);
                }
                // `const options = { method, headers }`, where the method is a parameter.
                let param = self.said_of_objects(name);
                if matches!(param, Said::Param(..)) && set == Said::Nothing {
                    return Some(param);
                }
                match values.as_slice() {
                    [one] if method(&one.text).is_some() => {
                        return method(&one.text)
                            .map(|method| Said::Known(method).and(self.said_around(code.word(start), start, true)));
                    }
                    [one] if one.is_hole() && !self.is_object(name) => {}
                    [_] if self.is_object(name) && self.is_quiet(name) => return Some(Said::Known("GET")),
                    _ => {}
                }
            }
        }
        None
    }

    /// The method among the members of the objects that a name is assigned.
    pub(super) fn said_of_objects(&self, name: &str) -> Said {
        let own = self.values.assigned(name).filter(|value| self.code.is(*value, "{"));
        own.take(9).fold(Said::Nothing, |said, value| said.and(self.said_in(value)))
    }

    /// Returns whether a name is assigned an object.
    pub(super) fn is_object(&self, name: &str) -> bool {
        self.values.assigned(name).any(|value| self.code.is(value, "{"))
    }

    /// Returns whether the object that a name is assigned has no method and nothing that might bring one.
    pub(super) fn is_quiet(&self, name: &str) -> bool {
        self.values
            .assigned(name)
            .all(|value| self.code.is(value, "{") && !self.has_spread(value) && self.said_in(value) == Said::Nothing)
    }

    /// The method among the members of an object.
    pub(super) fn said_in(&self, open: usize) -> Said {
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
                let said = self.said_at(value, true);
                if !self.is_merged(open, part.1) {
                    return said;
                }
                return self.said_of_spread(open).unwrap_or_else(|| said.and(Said::Open));
            }
            if key == "http" && code.is(value, "[") {
                return self.said_in(value);
            }
            said = said.or(|| self.said_as_key(&key, value));
        }
        said
    }

    /// The method among the options that a parameter is given which an object spreads, if that is all it spreads:
    /// `{ method: "GET", ...options }`.
    pub(super) fn said_of_spread(&self, open: usize) -> Option<Said> {
        let code = self.code;
        let mut spread = None;
        let mut default = None;
        for (start, end) in code.parts(open) {
            if matches!(code.word(start), "..." | "**") {
                let name = code.next(start);
                let is_alone = code.next(name) >= end;
                let (values, _) = self.values.expression(name);
                let param = values.first().and_then(|value| param_of(&value.text)).filter(|_| is_alone);
                if spread.is_some() {
                    return None;
                }
                spread = Some(param?);
            } else if METHOD_KEYS.contains(&code.word(start).to_ascii_lowercase().as_str()) {
                default = self.said_at(self.values.argument((start, end)), true).method();
            }
        }
        // Without a method, functions that are given options send `GET`.
        spread.map(|(function, place)| Said::Options(function, place, default.or(Some("GET"))))
    }

    /// Returns whether members that are not known follow a token of an object and may replace its method: `...opts`,
    /// `**extra`, `Object.assign({ method: "GET" }, opts)`.
    fn is_merged(&self, open: usize, from: usize) -> bool {
        let code = self.code;
        let is_spread = code.parts(open).iter().any(|(start, _)| {
            let is_merge = *start >= from && matches!(code.word(*start), "..." | "**" | "*");
            let first = code.next(*start);
            is_merge && self.may_have_method(if code.is(first, "*") { code.next(first) } else { first })
        });
        let call = code.up(open).filter(|call| {
            code.callee(*call).is_some_and(|callee| matches!(code.word(callee), "assign" | "merge" | "array_merge"))
        });
        let Some(close) = call.and_then(|call| code.mate(call)) else { return is_spread };
        let mut at = code.skip(open);
        for _ in 0..60 {
            if at >= close {
                return is_spread;
            }
            let argument = code.next(at);
            if code.is(at, ",") && argument < close && self.may_have_method(argument) {
                return true;
            }
            at = code.skip(at);
        }
        true
    }

    /// Returns whether the object that begins at a token, or that a name there is assigned, may have a method.
    fn may_have_method(&self, at: usize) -> bool {
        let code = self.code;
        // `...(body && { body })` brings what is written there.
        let is_written = |at: usize| {
            let end = code.skip(at);
            let has_members = (at..end).any(|at| code.is(at, "{") && !code.is(code.next(at), "}"));
            let is_key = |at: usize| METHOD_KEYS.contains(&code.word(at).to_ascii_lowercase().as_str());
            (code.is(at, "{") || code.is(at, "(") && has_members)
                && end.saturating_sub(at) < 200
                && !(at..end).any(is_key)
        };
        let name = code.name(at);
        // A name with many objects is not looked up.
        let own: Vec<usize> = self.values.assigned(name).take(9).collect();
        let is_plain = |value: &usize| is_written(*value) && !self.has_spread(*value);
        let is_known = (1..9).contains(&own.len()) && own.iter().all(is_plain);
        !is_written(at) && !is_known
    }

    /// The method in the chain that a call is part of.
    pub(super) fn said_by_chain(&self, callee: usize, open: usize) -> Said {
        let code = self.code;
        let Some(close) = code.mate(open) else { return Said::Nothing };
        let mut said = Said::Nothing;
        let mut is_posted = false;
        for (name, arguments) in code.calls_behind(close) {
            let word = code.word(name);
            if matches!(word, "then" | "catch" | "await" | "json" | "subscribe" | "pipe" | "finally" | "body_mut")
                && arguments.is_some()
            {
                break;
            }
            let Some(arguments) = arguments else { continue };
            is_posted |= is_body_of_httr2(word);
            said = said.or(|| self.said_by_link(name, arguments));
        }
        if said != Said::Nothing {
            return said;
        }
        if is_posted {
            return Said::Known("POST");
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

    /// The method that a header has the server take instead, `"X-HTTP-Method-Override": "PUT"`: among the arguments, or
    /// anywhere else in the text where they are not written out.
    pub(super) fn said_instead(&self, open: usize) -> Option<Said> {
        let code = self.code;
        // The request whose arguments a header is among.
        let request_of = |at: usize| {
            let mut up = code.up(at);
            for _ in 0..6 {
                let callee = up.and_then(|up| code.callee(up)).map(|callee| code.name(callee));
                if callee.is_some_and(|name| method_in(name).is_some() || GETS.contains(&name)) {
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

    /// The method of `UrlFetchApp.fetch(url, options)`: a payload without a method is posted.
    fn said_of_apps_script(&self, callee: usize, open: usize, parts: &[(usize, usize)], place: usize) -> Said {
        let code = self.code;
        let Some(part) = parts.get(place.saturating_add(1)) else { return Said::Known("GET") };
        let options = self.values.argument(*part);
        if code.is(options, "{") {
            return self.said_of_payload(options);
        }
        if let Some(said) = self.said_by_options(callee, parts, place)
            && said != Said::Nothing
            && said != Said::Known("GET")
        {
            return said;
        }
        if !code.is_word(options) || code.next(options) != part.1 && code.mate(open) != Some(code.next(options)) {
            return Said::Open;
        }
        let name = code.word(options);
        let own: Vec<usize> = self.values.assigned(name).collect();
        let [object] = own.as_slice() else { return Said::Open };
        // A member that is set later, and a function that gets the object, may change the method.
        let is_changed = (*object..open).any(|at| {
            code.is_word(at)
                && code.word(at) == name
                && (code.is_dot(code.next(at)) || code.is(code.next(at), "[") || code.up(at) != code.up(*object))
        });
        if code.is(*object, "{") && !is_changed { self.said_of_payload(*object) } else { Said::Open }
    }

    /// The method of the options of Apps Script.
    fn said_of_payload(&self, open: usize) -> Said {
        let code = self.code;
        let has_payload = code.parts(open).iter().any(|(start, _)| code.word(*start) == "payload");
        self.said_in(open).or(|| match () {
            () if self.has_spread(open) => Said::Open,
            () if has_payload => Said::Known("POST"),
            () => Said::Known("GET"),
        })
    }

    /// Returns where the value starts that R gives the name at a token: `r <- request(…)`.
    fn assigned_in_r(&self, name: usize) -> Option<usize> {
        let code = self.code;
        let arrow = code.next(name);
        match code.word(arrow) {
            "<-" | "=" => Some(code.next(arrow)),
            "<" if code.is(code.next(arrow), "-") => Some(code.next(code.next(arrow))),
            _ => None,
        }
    }

    /// The method that later calls of R's httr2 give the request that is made here: `r <- req_method(r, "PUT")`.
    fn said_of_piped(&self, open: usize) -> Said {
        let code = self.code;
        let start = code.statement_start(open);
        let Some(made) = self.assigned_in_r(start).filter(|_| code.is_word(start)) else { return Said::Nothing };
        if !code.is(made, "request") {
            return Said::Nothing;
        }
        let name = code.word(start);
        let from = code.mate(open).unwrap_or(open);
        let mut is_posted = false;
        for at in from..code.len().min(from.saturating_add(500)) {
            if !code.is_word(at) || code.word(at) != name {
                continue;
            }
            if self.assigned_in_r(at).is_some_and(|made| code.is(made, "request")) {
                break;
            }
            // `req_method(r, "PUT")`
            if let Some(around) = code.up(at).filter(|around| code.next(*around) == at)
                && let Some(callee) = code.callee(around)
            {
                is_posted |= is_body_of_httr2(code.word(callee));
                if let Some((value, _)) = code.parts(around).get(1).filter(|_| code.is(callee, "req_method")) {
                    return self.said_at(*value, true);
                }
            }
            // `r |> req_method("PUT")`
            for (callee, arguments) in code.calls_behind(at) {
                is_posted |= is_body_of_httr2(code.word(callee));
                if let Some(arguments) = arguments.filter(|_| code.is(callee, "req_method")) {
                    return self.said_by_link(callee, arguments);
                }
            }
        }
        if is_posted { Said::Known("POST") } else { Said::Nothing }
    }

    /// The method that one link of a chain sets.
    pub(super) fn said_by_link(&self, name: usize, open: usize) -> Said {
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

    /// The method that is set on the variable an object is assigned to, or that it is called with.
    pub(super) fn said_of_variable(&self, open: usize) -> Said {
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
}

/// The methods that values are, if all of them are and there are no more than two. A write that is known stays known beside
/// what is not.
fn either(values: &[Value]) -> Said {
    let mut known: Vec<&'static str> = values.iter().filter_map(|value| method(&value.text)).collect();
    let is_whole = known.len() == values.len();
    known.sort_unstable();
    known.dedup();
    match known.as_slice() {
        ["GET"] if !is_whole => Said::Open,
        [one] => Said::Known(one),
        [one, other] if is_whole => Said::Known(one).and(Said::Known(other)),
        [_, _, ..] => Said::Open,
        [] => Said::Nothing,
    }
}

pub(super) fn is_method_name(name: &str) -> bool {
    let lower = name.trim_start_matches(['$', '_', '@']).to_ascii_lowercase();
    matches!(
        lower.as_str(),
        "method" | "verb" | "httpmethod" | "http_method" | "requestmethod" | "request_method" | "m"
    )
}

pub(super) fn is_method_setter(word: &str) -> bool {
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
            | "req_method"
    )
}

/// Returns whether a function of R's httr2 gives a request a body, with which it is posted.
fn is_body_of_httr2(name: &str) -> bool {
    name.starts_with("req_body_")
}

/// The method that a name has in it: `postForObject`, `http_put`, `GetStringAsync`.
pub(in crate::resolve::code) fn method_in(name: &str) -> Option<&'static str> {
    let mut found =
        parts(name).filter_map(|word| if word.eq_ignore_ascii_case("del") { Some("DELETE") } else { method(word) });
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}
