//! Requests that the members of an object describe.

use super::Requests;
use super::clients::Context;
use super::reach::{Reached, is_resource};
use super::said::{GETS, Said};
use crate::resolve::code::lang::Lang;
use crate::resolve::code::lex::Kind;
use crate::resolve::code::tree::is_keyword;
use crate::resolve::code::values::Value;
use crate::resolve::scan::among;

pub(super) const URL_KEYS: [&str; 18] = [
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

impl Requests<'_, '_, '_> {
    /// Takes the request that the members of an object describe.
    pub(super) fn object(&mut self, open: usize) {
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
        let is_body = code.is(open, "{") && self.is_body(open);
        for part in parts.iter().take(60) {
            let start = if matches!(code.word(part.0), "." | ":") && code.kind(part.0) == Kind::Mark {
                code.next(part.0)
            } else {
                part.0
            };
            if !is_url_key(code.word(start)) {
                continue;
            }
            if is_body && code.is(code.next(start), "=") {
                continue;
            }
            let value_at = self.values.argument((start, part.1));
            let is_short = value_at == start;
            let is_alone = code.next(start) >= part.1;
            if is_short && (is_call || !code.is_word(start) || !is_alone) {
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
                let said = self.said_of_members(open);
                let reached = self.reach_of_member(value, &context, outer);
                let Some(reached) = reached.or_else(|| self.described(value, outer, said)) else { continue };
                let said = said.or(|| match outer {
                    Some(callee) if !is_call => {
                        let name = code.name(callee);
                        let is_get = among(name, GETS) && !self.has_spread(open);
                        let said = self.said_by_name(callee);
                        let said = said.or(|| if is_get { Said::Known("GET") } else { Said::Nothing });
                        // `req := &http.Request{URL: u}`, and `req.Method = "PUT"` behind it.
                        said.or(|| if callee < open { self.said_of_variable(open) } else { Said::Nothing })
                    }
                    Some(callee) => self.said_by_name(callee),
                    None => self.said_of_variable(open),
                });
                if is_call && said == Said::Nothing {
                    // Arguments by name: the call has been looked at as one.
                    continue;
                }
                let before = self.hits.len();
                self.take(reached, said, value, value_at);
                let is_url = outer.is_some_and(|callee| code.is(callee, "URL"));
                if let Some(call) =
                    code.up(open).filter(|call| is_url || code.is(*call, "(")).filter(|_| said == Said::Nothing)
                {
                    self.tentative.extend(self.hits.drain(before..).map(|hit| (call, is_url, hit)));
                }
            }
        }
    }

    /// Returns whether braces hold the statements of a function or of a condition, and no members.
    fn is_body(&self, open: usize) -> bool {
        let code = self.code;
        let is_control = || {
            let start = code.word(code.statement_start(open));
            among(start, "if else for while switch try catch foreach func function")
        };
        // Members of objects of these languages have colons or arrows.
        let has_no_equals = code.is_go() || matches!(code.lang, Lang::Js | Lang::Rust);
        has_no_equals || code.functions.binary_search_by_key(&open, |function| function.body.0).is_ok() || is_control()
    }

    /// The method among the members of an object, with those that later statements set on its variable.
    fn said_of_members(&self, open: usize) -> Said {
        let code = self.code;
        let said = self.said_in(open);
        // `$p = @{ … }`
        let start = code.prev(open).filter(|sign| code.is(*sign, "@")).unwrap_or(open);
        match code.assigned_name(start) {
            Some(name) if said != Said::Nothing && !code.is(open, "(") => {
                said.and(self.said_later(name, code.mate(open).unwrap_or(open)))
            }
            // Without a method of its own, it reads until another object brings one.
            Some(name) if !code.is(open, "(") => match self.said_of_changes(name, open) {
                Said::Nothing => said,
                changed => Said::Known("GET").and(changed),
            },
            _ => said,
        }
    }

    /// Returns where a path leads beside a method, in an object that is no argument of anything known, such as the answer of a
    /// function: below the base that the text names.
    fn described(&self, value: &Value, outer: Option<usize>, said: Said) -> Option<Reached> {
        let is_xeros = outer.is_none() && !self.bases.is_empty() || self.bases.is_empty() && self.has_evidence;
        let is_described = said != Said::Nothing && is_xeros;
        let counts = is_described && value.text.starts_with('/') && is_resource(&value.text, true);
        counts.then(|| Reached::Target(self.routed(&value.text).unwrap_or_else(|| value.text.clone())))
    }

    pub(super) fn raw_member(&self, open: usize) -> Option<usize> {
        let code = self.code;
        let part = code
            .parts(open)
            .into_iter()
            .find(|(start, _)| matches!(code.word(*start), "raw" | "url" | "href" | "path"))?;
        Some(self.values.argument(part)).filter(|value| *value != part.0)
    }

    /// The function that an object is an argument of.
    pub(super) fn outer_call(&self, open: usize) -> Option<usize> {
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
}

pub(super) fn is_url_key(word: &str) -> bool {
    let word = word.strip_prefix('$').unwrap_or(word);
    let Some(first) = word.as_bytes().first().map(u8::to_ascii_lowercase) else { return false };
    word.len() <= 12
        && URL_KEYS.iter().any(|key| key.as_bytes().first() == Some(&first) && key.eq_ignore_ascii_case(word))
}
