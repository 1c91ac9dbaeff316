//! Calls of this package's own client, under any name, in texts of a project that imports it: `bank.json("PUT", "/Payments", p)`,
//! `conn.fetch("/Contacts", { method })`, `books.pages("Invoices")`, `const call = bank.fetch; call("/Items")`.

use super::Requests;
use super::reach::{Reached, is_resource, plain};
use super::said::Said;
use crate::resolve::code::lex::Kind;
use crate::resolve::code::names::is_definition;
use crate::resolve::code::values::Value;

/// Returns whether a text imports this package.
pub(in crate::resolve::code) fn is_imported(text: &str) -> bool {
    text.match_indices("xero-m2m").any(|(at, name)| {
        let before = text.get(..at).unwrap_or_default();
        let behind = text.get(at.saturating_add(name.len())..).unwrap_or_default();
        before.ends_with(['"', '\'']) && behind.starts_with(['"', '\'', '/'])
    })
}

impl Requests<'_, '_, '_> {
    /// Takes the calls that nothing else was made of, in a project that imports this package.
    pub(super) fn of_package(&mut self) {
        let code = self.code;
        for open in 0..code.len() {
            let Some(callee) = code.callee(open).filter(|_| code.is(open, "(") && !is_definition(code, open)) else {
                continue;
            };
            let Some(method) = self.method_of_client(callee) else { continue };
            let parts = code.parts(open);
            let place = usize::from(method == "json");
            let Some(part) = parts.get(place).copied() else { continue };
            let at = self.values.argument(part);
            let said = match method {
                "json" => parts.first().map_or(Said::Nothing, |(start, _)| self.said_at(*start, false)),
                "pages" => Said::Known("GET"),
                _ => self.said_of_call(callee, open, &parts, place).or(|| {
                    // Options that are not written out may have any method.
                    if parts.len() == 1 || code.is(code.next(part.1), "{") { Said::Known("GET") } else { Said::Open }
                }),
            };
            for value in self.values.expression(at).0 {
                let text = plain(&value.text);
                let is_path = is_resource(&text, true)
                    && !text.contains(char::is_whitespace)
                    && (text.starts_with('/') || method != "fetch");
                if value.from.iter().any(|from| self.used.contains(from)) {
                    continue;
                }
                if is_path {
                    let path = ["/", text.trim_start_matches('/')].concat();
                    self.take(Reached::Target(self.routed(&path).unwrap_or(path)), said, &value, at);
                } else if value.is_hole() && method == "json" && said.method().is_some() {
                    self.take(Reached::Open, said, &Value { is_xero: true, ..value }, at);
                }
            }
        }
    }

    /// The method of the client that a name is: a member of that name, or a name that stands for one.
    fn method_of_client(&self, callee: usize) -> Option<&'static str> {
        let code = self.code;
        let name = code.name(callee);
        let known = |name: &str| ["json", "fetch", "pages"].into_iter().find(|own| *own == name);
        if code.owner(callee).is_some() {
            return known(name);
        }
        // `const call = bank.fetch`
        let of_value = |value: usize| {
            let end = code.statement_end(value).min(value.saturating_add(12));
            let last = (value..end).rev().find(|at| code.is_word(*at))?;
            code.owner(last).and_then(|_| known(code.name(last)))
        };
        // `const { fetch: send } = bank`, `const { json } = bank`
        let of_parts = || {
            (0..callee).rev().find_map(|at| {
                let is_it = code.is_word(at) && code.name(at) == name && code.up(at).is_some_and(|up| code.is(up, "{"));
                let close = code.up(at).and_then(|up| code.mate(up)).filter(|_| is_it)?;
                let colon = code.prev(at).filter(|colon| code.is(*colon, ":"));
                let key = colon.and_then(|colon| code.prev(colon)).unwrap_or(at);
                known(code.name(key)).filter(|_| code.is(code.next(close), "="))
            })
        };
        self.values.assigned(name).take(9).find_map(of_value).or_else(of_parts)
    }

    /// Takes the paths that are joined to a base and that nothing was made of: `new URL(BASE + "/Contacts")` of which only the
    /// compiler knows what becomes.
    pub(super) fn joins(&mut self) {
        let code = self.code;
        for at in 0..code.len() {
            let own = u32::try_from(at).unwrap_or(u32::MAX);
            let is_path = code.kind(at) == Kind::Text && is_resource(code.word(at), true);
            if !is_path || self.used.contains(&own) {
                continue;
            }
            let Some(sign) = code.prev(at).filter(|sign| matches!(code.word(*sign), "+" | "." | "&" | "~")) else {
                continue;
            };
            let Some(name) = code.prev(sign).filter(|name| code.is_word(*name)) else { continue };
            let start = code.chain(name).last().copied().unwrap_or(name);
            // What a name is assigned has been looked at.
            if code.prev(start).is_some_and(|sign| matches!(code.word(sign), "=" | ":=" | ":")) {
                continue;
            }
            for value in self.values.expression(start).0 {
                if value.from.contains(&own)
                    && let Some(reached @ Reached::Target(_)) = super::reach::full(&plain(&value.text))
                {
                    let said = self.said_of_whole(start);
                    self.take(reached, said, &value, at);
                }
            }
        }
    }

    /// The method that is set on the object which the statement around a URL makes: `c = new URL(BASE + "/Items").openConnection()`.
    fn said_of_whole(&self, at: usize) -> Said {
        let code = self.code;
        let mut outer = at;
        for _ in 0..4 {
            let Some(up) = code.up(outer).filter(|up| code.is(*up, "(")) else { break };
            outer = code.callee(up).unwrap_or(up);
        }
        match self.object_of(outer) {
            Some(object) => self.said_around(code.word(object), outer, false),
            None => Said::Nothing,
        }
    }
}
