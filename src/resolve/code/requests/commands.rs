//! Commands that are written as words: `Invoke-RestMethod -Uri "…" -Method Post`.

use super::Requests;
use super::reach::{full, plain};
use super::said::{Said, method_in};
use crate::resolve::code::lang::Lang;
use crate::resolve::code::lex::Kind;
use crate::resolve::scan::among;
use crate::resolve::target::{is_of_xero, method, placeholder};

impl Requests<'_, '_, '_> {
    /// Takes commands that are written as words: `Invoke-RestMethod -Uri "…" -Method Post`, `http PUT https://…`.
    pub(super) fn words(&mut self) {
        let code = self.code;
        for at in 0..code.len() {
            let is_literal = matches!(code.kind(at), Kind::Text | Kind::Url | Kind::Template);
            let is_format = || code.is(code.next(at), "-") && code.is(code.next(code.next(at)), "f");
            if !is_literal || !is_of_xero(self.raw(at)) && code.kind(at) != Kind::Template && !is_format() {
                continue;
            }
            let index = u32::try_from(at).unwrap_or(u32::MAX);
            if self.used.contains(&index) {
                continue;
            }
            // In brackets that are no arguments, `-Uri ("{0}/Invoices" -f $base)`, it is a part of the command around them.
            let is_option = |name: usize| code.prev(name).is_some_and(|dash| matches!(code.word(dash), "-" | "--"));
            let is_value = |up: &usize| code.is(*up, "(") && code.callee(*up).is_none_or(is_option);
            let whole = match code.up(at).filter(is_value) {
                Some(up) => up,
                None => at,
            };
            let start = code.statement_start(whole);
            let end = code.statement_end(start.max(whole.saturating_sub(200)).min(whole));
            let mut said = Said::Nothing;
            let mut implied = Said::Nothing;
            for word in start.max(at.saturating_sub(200))..end.min(at.saturating_add(200)) {
                if !code.is_word(word) || code.up(word) != code.up(whole) {
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
                } else if is_option && code.is(code.next(word), "-") {
                    // `wget --post-data="$B"`; `--body-data` needs a method.
                    let data = code.next(code.next(word));
                    implied = match lower.as_str() {
                        "post" if matches!(code.word(data), "data" | "file") => Said::Known("POST"),
                        "body" if matches!(code.word(data), "data" | "file") => Said::Open,
                        _ => implied,
                    };
                } else if is_option && matches!(lower.as_str(), "post-data" | "post-file") {
                    implied = Said::Known("POST");
                } else if is_option && matches!(lower.as_str(), "body-data" | "body-file") {
                    implied = Said::Open;
                } else if !is_option
                    && said == Said::Nothing
                    && word < at
                    && code.up(at).is_none_or(|up| !code.is(up, "("))
                    && among(code.word(word), "GET POST PUT PATCH DELETE get post put patch delete")
                    && (code.next(word) == at
                        || code
                            .prev(word)
                            .is_some_and(|command| matches!(code.word(command), "http" | "https" | "xh" | "httpie")))
                {
                    said = method(code.word(word)).map_or(Said::Nothing, Said::Known);
                }
            }
            // `RestClient.put "…", payload`, `client.put! "…"`
            let before = code.prev(at).and_then(|name| if code.is(name, "!") { code.prev(name) } else { Some(name) });
            let is_ruby_call = |name: &usize| {
                code.is_word(*name) && code.owner(*name).is_some() && method_in(code.name(*name)).is_some()
            };
            if let Some(name) = before.filter(is_ruby_call)
                && said == Said::Nothing
            {
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
            said = said.or(|| self.said_of_web(start, at, end, implied)).or(|| self.said_of_httpie(start, at, end));
            if said == Said::Nothing {
                continue;
            }
            let (values, _) = self.values.of_literal(at);
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

    /// Takes what Visual Basic opens: `http.Open "PUT", BASE & "Payments", False`.
    pub(super) fn opened(&mut self) {
        let code = self.code;
        if code.lang != Lang::Basic {
            return;
        }
        for name in 0..code.len() {
            let said = code.next(name);
            let comma = code.skip_here(said);
            let is_open =
                code.is_word(name) && code.word(name).eq_ignore_ascii_case("open") && code.owner(name).is_some();
            if !is_open || !code.is(comma, ",") {
                continue;
            }
            let said = self.said_at(said, true);
            let at = code.next(comma);
            for value in self.values.expression(at).0 {
                let text = plain(&value.text);
                let below = || {
                    let rest = text.get(placeholder(&text)?..).filter(|rest| rest.starts_with('/'))?;
                    self.below_hole(rest, value.is_xero, false)
                };
                if let Some(reached) = full(&text).or_else(below) {
                    self.take(reached, said, &value, at);
                }
            }
        }
    }

    /// The method of `wget` and of PowerShell's commands without a method of their own: `implied` by other options, else `GET` if
    /// all options are known.
    fn said_of_web(&self, start: usize, at: usize, end: usize, implied: Said) -> Said {
        let code = self.code;
        let is_web =
            |word: &usize| among(code.word(*word), "wget RestMethod WebRequest Invoke irm iwr") && code.is_word(*word);
        let Some(command) = (start..at).rfind(is_web) else { return Said::Nothing };
        let mut word = code.next(command);
        let mut is_open = false;
        while word < end && !is_open && !code.is(word, "|") {
            is_open = word != at && self.is_open_option(word, command);
            word = code.skip_here(word);
        }
        implied.or(|| if is_open { Said::Open } else { Said::Known("GET") })
    }

    /// The method of a command of `HTTPie` without a method of its own: `name=value` is data, with which it posts.
    fn said_of_httpie(&self, start: usize, at: usize, end: usize) -> Said {
        let code = self.code;
        if !among(code.word(start), "http https xh xhs httpie") || !code.is_word(start) {
            return Said::Nothing;
        }
        let last = if code.kind(end) == Kind::End { code.text.len() } else { code.start(end) };
        let text = code.text.get(code.start(at)..last).unwrap_or_default();
        let items = text.split_whitespace().skip(1);
        let mut said = Said::Known("GET");
        // Within quotes, `Authorization:"Bearer $T"`, are no items.
        let mut is_quoted = false;
        for item in items.take_while(|item| *item != "|") {
            let was_quoted = is_quoted;
            is_quoted ^= item.matches(['"', '\'']).count() % 2 == 1;
            if was_quoted {
                continue;
            }
            let name = item.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-.[]".contains(byte)).count();
            let sign = item.get(name..).unwrap_or_default();
            if name > 0
                && (sign.starts_with('=') && !sign.starts_with("==")
                    || sign.starts_with(['@'])
                    || sign.starts_with(":="))
            {
                return Said::Known("POST");
            }
            if item.starts_with(['$', '@']) || item == "<" {
                said = Said::Open;
            }
        }
        said
    }

    /// Returns whether a word behind a command stands for options that are not known: `$OPTS`, `"$@"`, `@options`. The value of an
    /// option does not.
    fn is_open_option(&self, word: usize, command: usize) -> bool {
        let code = self.code;
        let text = code.text.get(code.start(word)..).unwrap_or_default();
        let before = code.text.get(..code.start(word)).unwrap_or_default().trim_end_matches(['"', '\'']);
        let is_value = || {
            code.prev(word).is_some_and(|name| {
                name != command
                    && code.is_word(name)
                    && code.prev(name).is_some_and(|dash| matches!(code.word(dash), "-" | "--"))
            })
        };
        let is_splat = text.strip_prefix('@').is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()));
        (text.starts_with('$') || is_splat) && before.ends_with(char::is_whitespace) && !is_value()
    }

    /// Takes calls of Ruby's that are written without parentheses, on a client with a base or on the object itself:
    /// `conn.put "Payments", body`, `conn.put path, body`, `self.class.post "/Contacts"`.
    pub(super) fn bare_calls(&mut self) {
        let code = self.code;
        for callee in 0..code.len() {
            let first = callee.saturating_add(1);
            let is_bare = code.is_word(callee)
                && among(code.name(callee), "get post put patch delete")
                && code.owner(callee).is_some()
                && (matches!(code.kind(first), Kind::Text | Kind::Template)
                    || code.is_word(first) && matches!(code.lang, Lang::Ruby | Lang::Unknown))
                && code.start(first) > code.token(callee).end as usize
                && !among(code.word(first), "do as in instanceof if unless and or while until rescue");
            let index = u32::try_from(first).unwrap_or(u32::MAX);
            if !is_bare || self.used.contains(&index) {
                continue;
            }
            let context = self.context(callee);
            if context.is_other || context.bases.is_empty() && !context.is_self {
                continue;
            }
            for value in self.values.expression(first).0 {
                if let Some(reached) = self.reach(&value, &context, callee, 0, 1) {
                    self.take(reached, self.said_by_name(callee), &value, first);
                }
            }
        }
    }

    /// Takes what blocks set as where a request goes: `conn.put { |req| req.url "…" }`, `conn.put do |req|`.
    pub(super) fn blocks(&mut self) {
        let code = self.code;
        for at in 0..code.len() {
            if !matches!(code.kind(at), Kind::Text | Kind::Template) {
                continue;
            }
            let Some(call) = self.call_of_block(at) else { continue };
            let context = self.context(call);
            for value in self.values.expression(at).0 {
                if let Some(reached) = self.reach(&value, &context, call, 0, 1) {
                    self.take(reached, self.said_by_name(call), &value, at);
                }
            }
        }
    }

    /// The call whose block sets where it goes.
    fn call_of_block(&self, at: usize) -> Option<usize> {
        let code = self.code;
        let setter = match code.prev(at) {
            Some(open) if code.is(open, "(") => code.prev(open),
            other => other,
        };
        let is_setter = |name: &usize| among(code.word(*name), "url path uri url= path=");
        let owner = setter.filter(is_setter).and_then(|name| code.owner(name))?;
        let mut before = owner;
        for _ in 0..60 {
            before = before.checked_sub(1)?;
            let is_parameter = code.word(before) == code.word(owner)
                && [code.prev(before), Some(code.next(before))]
                    .into_iter()
                    .flatten()
                    .all(|bar| among(code.word(bar), "| , ( ) -> =>"));
            if !is_parameter {
                continue;
            }
            // Before the bar is the brace or the `do`, and before that the call.
            let block = code.prev(before).and_then(|bar| code.prev(bar));
            let call = block.filter(|block| matches!(code.word(*block), "{" | "do")).and_then(|block| code.prev(block));
            let call = call.map(|call| match code.mate(call).filter(|_| code.is(call, ")")) {
                Some(open) => code.prev(open).unwrap_or(call),
                None => call,
            });
            return call.filter(|call| code.owner(*call).is_some() && method(code.word(*call)).is_some());
        }
        None
    }
}
