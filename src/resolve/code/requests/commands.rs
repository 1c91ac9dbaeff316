//! Commands that are written as words: `Invoke-RestMethod -Uri "…" -Method Post`.

use super::Requests;
use super::reach::{full, plain};
use super::said::{Said, method_in};
use crate::resolve::code::lex::Kind;
use crate::resolve::target::{is_of_xero, method, placeholder};

impl Requests<'_, '_, '_> {
    /// Takes commands that are written as words: `Invoke-RestMethod -Uri "…" -Method Post`, `http PUT https://…`.
    pub(super) fn words(&mut self) {
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
}
