//! Tables of calls: rows with a method and a path side by side, in a text that has a base of Xero's: `["PUT", "/Payments"]`,
//! `{http.MethodPut, "/Payments"}`, `CREATE(HttpMethod.PUT, "/Payments")`, `Route("PUT", "Payments")`.

use super::Requests;
use super::reach::{Reached, is_resource};
use super::said::Said;
use crate::resolve::code::lex::Kind;
use crate::resolve::code::values::Value;

/// A row has no more tokens.
const LONGEST: usize = 60;

impl Requests<'_, '_, '_> {
    /// Takes the rows that nothing else was made of.
    pub(super) fn tuples(&mut self) {
        let code = self.code;
        if self.bases.is_empty() && !self.has_evidence {
            return;
        }
        for open in (0..code.len()).filter(|at| code.kind(*at) == Kind::Open) {
            let is_short = code.mate(open).is_some_and(|close| close.saturating_sub(open) <= LONGEST);
            // What a call is given belongs to its function, unless that makes an object: `Route("PUT", "Payments")`.
            let makes = |callee: usize| code.name(callee).starts_with(|c: char| c.is_ascii_uppercase());
            if !is_short || code.is(open, "(") && code.callee(open).is_some_and(|callee| !makes(callee)) {
                continue;
            }
            let Some((said, value, at)) = self.row(open) else { continue };
            let path = ["/", value.text.trim_start_matches('/')].concat();
            let target = self.routed(&path).unwrap_or(path);
            self.take(Reached::Target(target), said, &value, at);
        }
    }

    /// The method of a row, its path, and where that is written, if it has one of each.
    fn row(&self, open: usize) -> Option<(Said, Value, usize)> {
        let code = self.code;
        let parts = code.parts(open);
        if !(2..=6).contains(&parts.len()) {
            return None;
        }
        let mut said = Said::Nothing;
        let mut path = None;
        for part in parts {
            // Members with names are those of an object.
            let at = self.values.argument(part);
            if at != part.0 && !code.is(open, "(") {
                return None;
            }
            let method = self.said_at(at, false);
            if method.method().is_some() {
                if said != Said::Nothing {
                    return None;
                }
                said = method;
            } else if matches!(code.kind(at), Kind::Text | Kind::Template) {
                let value = self.values.expression(at).0.into_iter().next()?;
                let is_path = is_resource(&value.text, true) && !value.text.contains(char::is_whitespace);
                if is_path && path.is_none() && !value.from.iter().any(|from| self.used.contains(from)) {
                    path = Some((value, at));
                }
            }
        }
        let (value, at) = path?;
        (said != Said::Nothing).then_some((said, value, at))
    }
}
