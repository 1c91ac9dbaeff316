//! The method among the members of the objects that a call is given, and what may replace it.

use super::Requests;
use super::said::{METHOD_KEYS, Said};
use super::said_value::either;
use super::wrappers::param_of;
use crate::resolve::code::lex::Kind;
use crate::resolve::scan::among;
use crate::resolve::target::method;

impl Requests<'_, '_, '_> {
    pub(super) fn has_spread(&self, open: usize) -> bool {
        let code = self.code;
        code.parts(open).iter().any(|(start, _)| code.is(*start, "...") || code.is(*start, "**"))
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

    /// The method in the options behind the target, where they are an object or a variable that has one.
    pub(super) fn said_by_options(&self, callee: usize, parts: &[(usize, usize)], place: usize) -> Option<Said> {
        let code = self.code;
        let is_fetch = among(code.name(callee), "fetch ofetch ky got axios useFetch");
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
            let start =
                if among(code.word(start), "array dict Hash mapOf Map Options") && code.is(code.next(start), "(") {
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
                    [_] if self.is_object(name) && self.is_quiet(name) => {
                        return Some(Said::Known("GET").and(self.said_of_changes(name, start)));
                    }
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
                if among(key.as_str(), METHOD_KEYS) && key != "type" && code.is_word(start) {
                    said = said.or(|| self.said_at(start, true));
                }
                continue;
            }
            if among(key.as_str(), METHOD_KEYS) && key != "type" {
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
            } else if among(code.word(start).to_ascii_lowercase().as_str(), METHOD_KEYS) {
                default = self.said_at(self.values.argument((start, end)), true).method();
            }
        }
        // Without a method, functions that are given options send `GET`.
        spread.map(|(function, place)| Said::Options(function, place, default.or(Some("GET"))))
    }

    /// Returns whether members that are not known follow a token of an object and may replace its method: `...opts`,
    /// `**extra`, `Object.assign({ method: "GET" }, opts)`.
    pub(super) fn is_merged(&self, open: usize, from: usize) -> bool {
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
    pub(super) fn may_have_method(&self, at: usize) -> bool {
        let code = self.code;
        // `...(body && { body })` brings what is written there.
        let is_written = |at: usize| {
            let end = code.skip(at);
            let has_members = (at..end).any(|at| code.is(at, "{") && !code.is(code.next(at), "}"));
            let is_key = |at: usize| among(code.word(at).to_ascii_lowercase().as_str(), METHOD_KEYS);
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
}
