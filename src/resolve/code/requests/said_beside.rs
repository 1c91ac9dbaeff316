//! The method beside a target: in the same block, list, pair or form, or behind a literal.

use super::Requests;
use super::objects::is_url_key;
use super::said::{METHOD_KEYS, Said, method_in};
use super::said_chain::is_method_setter;
use crate::resolve::code::lex::Kind;
use crate::resolve::scan::among;
use crate::resolve::target::method;

impl Requests<'_, '_, '_> {
    /// The method that an assignment or pair beside the one at `at` has: `url = "…"` and on the next line `method = "POST"`.
    pub(super) fn said_in_block(&self, at: usize) -> Said {
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

    /// The method of the call on a literal, or of the function that a literal is piped to: `"https://…".auth(t).httpPost()`,
    /// `"https://…" |> HTTPoison.put!(body)`.
    pub(super) fn said_behind(&self, end: usize) -> Said {
        let code = self.code;
        let first = if code.kind(end) == Kind::Line { code.next(end) } else { end };
        if code.is(first, "|>") {
            let mut name = code.next(first);
            while code.is_dot(code.next(name)) {
                name = code.next(code.next(name));
            }
            return method_in(code.word(name)).map_or(Said::Nothing, Said::Known);
        }
        let Some(last) = code.prev(first).filter(|_| code.is_dot(first)) else { return Said::Nothing };
        for (name, _) in code.calls_behind(last) {
            if let Some(method) = method_in(code.word(name)) {
                return Said::Known(method);
            }
            // `.let { client.put(it) }`, `.then { |url| http.put(url) }`
            let block = code.next(name);
            if code.is(block, "{") {
                return self.said_in_block_of(block);
            }
        }
        Said::Nothing
    }

    /// The method beside a target in a list or a pair: `("PUT", "https://…")`, `["/Payments", "PUT"]`.
    pub(super) fn said_in_pair(&self, at: usize) -> Said {
        let code = self.code;
        let is_list = code
            .up(at)
            .is_some_and(|up| code.is(up, "[") || code.is(up, "{") || code.is(up, "(") && code.callee(up).is_none());
        if !is_list {
            return Said::Nothing;
        }
        let before = code.prev(at).filter(|comma| code.is(*comma, ",")).and_then(|comma| code.prev(comma));
        let end = code.skip(at);
        let behind = Some(code.next(end)).filter(|_| code.is(end, ","));
        let known = [before, behind].into_iter().flatten().find_map(|place| match code.kind(place) {
            Kind::Text => method(code.word(place)),
            _ => None,
        });
        known.map_or(Said::Nothing, Said::Known)
    }

    /// The method of a call that is written as a list, as Lisps have it: `(client/put "…")`, `{:method :put :url "…"}`.
    pub(super) fn said_in_form(&self, at: usize) -> Said {
        let code = self.code;
        let Some(up) = code.up(at) else { return Said::Nothing };
        let last = code.prev(at).filter(|name| code.is_word(*name));
        if let Some(name) = last.filter(|_| code.is(up, "("))
            && code.prev(name).is_some_and(|slash| code.is(slash, "/") || slash == up)
        {
            return method_in(code.word(name)).map_or(Said::Nothing, Said::Known);
        }
        if !code.is(up, "{") || !last.is_some_and(|key| code.prev(key).is_some_and(|colon| code.is(colon, ":"))) {
            return Said::Nothing;
        }
        let close = code.mate(up).unwrap_or(up);
        let is_key = |key: &usize| code.is_word(*key) && is_method_setter(code.word(*key)) && code.up(*key) == Some(up);
        let value = (up..close).find(is_key).map(|key| code.next(key));
        match value.filter(|colon| code.is(*colon, ":")) {
            Some(colon) => method(code.word(code.next(colon))).map_or(Said::Nothing, Said::Known),
            None => Said::Nothing,
        }
    }

    /// The methods of the requests that a block sends.
    pub(super) fn said_in_block_of(&self, open: usize) -> Said {
        let code = self.code;
        let close = code.mate(open).unwrap_or(open);
        let sends = |at: &usize| code.is_word(*at) && code.is(code.next(*at), "(");
        let methods = (open..close).filter(sends).filter_map(|at| method(code.word(at)));
        methods.fold(Said::Nothing, |said, method| said.and(Said::Known(method)))
    }

    /// The method that a pair of a name and a value has, if its name is one for methods.
    pub(super) fn pair(&self, key: usize) -> Said {
        let code = self.code;
        let mark = code.next(key);
        let name = code.word(key).trim_start_matches('$').to_ascii_lowercase();
        let is_pair = matches!(code.word(mark), "=" | ":" | "=>") && code.kind(mark) == Kind::Mark;
        if is_pair && among(name.as_str(), METHOD_KEYS) && name != "type" {
            self.said_at(code.next(mark), true)
        } else {
            Said::Nothing
        }
    }
}
