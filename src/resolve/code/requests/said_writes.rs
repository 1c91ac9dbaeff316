//! The write that the structure further around a target says, where nothing beside it says a method: a read is assumed
//! otherwise, so only writes are looked for.

use super::objects::is_url_key;
use super::said::{METHOD_KEYS, Said, method_in};
use super::{Requests, VALUES};
use crate::resolve::code::lex::Kind;
use crate::resolve::code::names::words;
use crate::resolve::scan::among;
use crate::resolve::target::method;

/// So many tokens behind or before a target are looked at.
const NEAR: usize = 200;

/// Headers of Camel that hold the method of the next call.
const METHOD_HEADERS: [&str; 2] = ["HTTP_METHOD", "CamelHttpMethod"];

impl Requests<'_, '_, '_> {
    /// The write that the structure around a target at a token says.
    pub(super) fn said_writes(&self, at: usize) -> Said {
        let said = self.write_around(at).or_else(|| self.write_in_statement(at)).or_else(|| self.write_of_header(at));
        let said = said.or_else(|| self.write_of_abap(at)).or_else(|| self.write_of_name(at));
        said.map_or(Said::Nothing, Said::Known)
    }

    /// The write that the brackets around a target say: `put { url { path("Items") } }`, `cpr::Put(cpr::Url{"…"})`,
    /// `httpc:request(put, {"…", []}, …)`, `(http-request "…" :method :put)`.
    fn write_around(&self, at: usize) -> Option<&'static str> {
        let code = self.code;
        let mut up = code.up(at);
        for _ in 0..4 {
            let open = up?;
            if let Some(write) = self.write_beside(open) {
                return Some(write);
            }
            let name = code.callee(open).or_else(|| code.prev(open).filter(|name| code.is_word(*name)));
            let is_dotted = |name: &usize| code.is(open, "(") || code.owner(*name).is_some();
            if let Some(name) = name.filter(is_dotted) {
                if code.is(name, "webwrite") {
                    return Some(self.write_of_options(at));
                }
                if let Some(write) = method_in(code.name(name)).filter(is_write) {
                    return Some(write);
                }
                // Only what makes a URL is passed.
                let is_url = words(code.name(name)).iter().any(|word| is_url_key(word));
                if code.is(open, "(") && !is_url && !among(code.name(name), VALUES) {
                    return self.write_of_message(open);
                }
            }
            up = code.up(open);
        }
        None
    }

    /// The write that a part between brackets is, as an atom of Erlang or by its name.
    fn write_beside(&self, open: usize) -> Option<&'static str> {
        let code = self.code;
        let close = code.mate(open)?;
        // `httpc:request(put, …)`, `hackney:request(put, …)`
        let is_erlang = code.callee(open).and_then(|callee| code.prev(callee)).is_some_and(|colon| code.is(colon, ":"));
        let first = code.next(open);
        if is_erlang && code.is_word(first) && code.is(code.next(first), ",") {
            return method(code.word(first)).filter(is_write);
        }
        let is_key = |key: &usize| {
            code.up(*key) == Some(open)
                && code.is_word(*key)
                && !code.is(*key, "type")
                && among(code.word(*key).to_ascii_lowercase().trim_start_matches("p_"), METHOD_KEYS)
        };
        (open..close.min(open.saturating_add(NEAR))).filter(is_key).find_map(|key| self.write_behind(key))
    }

    /// The write that is the value of a key, behind at most two marks.
    fn write_behind(&self, key: usize) -> Option<&'static str> {
        let code = self.code;
        let mut value = code.next(key);
        for _ in 0..2 {
            if code.kind(value) == Kind::Mark {
                value = code.next(value);
            }
        }
        let is_value = matches!(code.kind(value), Kind::Text | Kind::Word);
        method(code.word(value)).filter(|write| is_value && is_write(write))
    }

    /// The write of MATLAB's `webwrite`: that of its options, else it posts.
    fn write_of_options(&self, at: usize) -> &'static str {
        let code = self.code;
        let near = at.saturating_sub(NEAR)..at.saturating_add(NEAR).min(code.len());
        let mut options = near.filter(|at| code.word(*at) == "RequestMethod");
        let said = options.find_map(|key| method(code.word(code.next(code.next(key)))));
        said.filter(is_write).unwrap_or("POST")
    }

    /// The write of a message that is sent: `r = RequestMessage('PUT', …)` and `send(r, url)`.
    fn write_of_message(&self, open: usize) -> Option<&'static str> {
        let code = self.code;
        let names = code.parts(open).into_iter().map(|(start, _)| start).filter(|start| code.is_word(*start));
        let mut made = names.flat_map(|name| self.values.assigned(code.name(name)).take(4).collect::<Vec<_>>());
        made.find_map(|value| {
            let end = value.saturating_add(12).min(code.len());
            let open = (value..end).find(|at| code.is(*at, "("))?;
            let maker = words(code.name(code.callee(open)?));
            let is_message = maker.iter().any(|word| matches!(word.as_str(), "request" | "message"));
            let first = code.next(open);
            method(code.word(first)).filter(|write| is_message && code.kind(first) == Kind::Text && is_write(write))
        })
    }

    /// The write that stands beside a target without brackets: `proc http url="…" method="PUT"` of SAS.
    fn write_in_statement(&self, at: usize) -> Option<&'static str> {
        let code = self.code;
        let start = code.statement_start(at);
        let end = code.statement_end(start).min(start.saturating_add(60));
        let is_key =
            |key: &usize| code.up(*key) == code.up(at) && code.is(*key, "method") && code.is(code.next(*key), "=");
        (start..end).find(is_key).and_then(|key| self.write_behind(key))
    }

    /// The write that is sent to the name that a target is kept under: `[request setHTTPMethod:@"PUT"]`,
    /// `http.PutAsync(builder.Uri, content)`.
    fn write_of_name(&self, at: usize) -> Option<&'static str> {
        let code = self.code;
        let name = self.assigned_in_statement(at)?;
        if let Some(write) = self.said_around(name, at, false).method().filter(is_write) {
            return Some(write);
        }
        let end = at.saturating_add(NEAR).min(code.len());
        let is_url = |at: &usize| {
            code.is_word(*at)
                && code.word(*at) == name
                && code.is_dot(code.next(*at))
                && among(code.word(code.next(code.next(*at))), "Uri AbsoluteUri ToString toString href build String")
        };
        (at..end).filter(is_url).find_map(|at| {
            let open = code.up(at)?;
            let own = code.callee(open).and_then(|callee| method_in(code.name(callee))).filter(is_write);
            let is_method = |word: &usize| code.owner(*word).is_some_and(|owner| code.word(owner).contains("Method"));
            let mut beside = (open..at).filter(is_method).filter_map(|word| method(code.word(word)));
            own.or_else(|| beside.find(is_write))
        })
    }

    /// The write that Camel sets as a header before it goes on to a target.
    fn write_of_header(&self, at: usize) -> Option<&'static str> {
        let code = self.code;
        let is_header = |key: &usize| METHOD_HEADERS.iter().any(|own| code.word(*key) == *own);
        let key = (at.saturating_sub(NEAR)..at).rev().find(is_header)?;
        let last = at.min(key.saturating_add(12));
        (key.saturating_add(1)..last).find_map(|value| method(code.word(value))).filter(is_write)
    }

    /// The write that ABAP sets on the client that it makes for a URL.
    fn write_of_abap(&self, at: usize) -> Option<&'static str> {
        let code = self.code;
        let is_made = |at: usize| code.word(at).starts_with("create_by_");
        let made = (at.saturating_sub(40)..at.saturating_add(40).min(code.len())).find(|at| is_made(*at))?;
        let end = made.saturating_add(NEAR).min(code.len());
        let behind = (made.saturating_add(1)..end).take_while(|at| !code.word(*at).starts_with("create_by_url"));
        let setters = behind.filter(|at| matches!(code.word(*at), "set_method" | "execute"));
        let values = setters.flat_map(|setter| setter..setter.saturating_add(7).min(end));
        values
            .filter(|at| matches!(code.kind(*at), Kind::Text | Kind::Word))
            .find_map(|at| method_in(code.word(at)).filter(is_write))
    }
}

fn is_write(method: &&'static str) -> bool {
    !matches!(*method, "GET" | "HEAD" | "OPTIONS")
}
