//! Endpoints that are described within a call that has their base, as RTK Query does: `createApi({ baseQuery:
//! fetchBaseQuery({ baseUrl }), endpoints: (build) => ({ items: build.query({ query: () => "/Items" }) }) })`.

use super::Requests;
use super::reach::{Reached, plain};
use super::said::Said;
use crate::resolve::code::lex::Kind;

impl Requests<'_, '_, '_> {
    /// Takes what the functions called `query` give: a path, which is got, or an object with a `url`.
    pub(super) fn endpoints(&mut self) {
        let code = self.code;
        let is_key = |at: usize, name: &str| code.is(at, name) && code.is(code.next(at), ":");
        for base in (0..code.len()).filter(|at| is_key(*at, "baseQuery")).collect::<Vec<_>>() {
            let Some(open) = code.up(base) else { continue };
            let close = code.mate(open).unwrap_or(open);
            let value = code.next(code.next(base));
            let Some(root) = self.bases_in(value, code.expression_end(value)).into_iter().next() else { continue };
            for query in (open..close).filter(|at| is_key(*at, "query")).collect::<Vec<_>>() {
                let Some((path, said)) = self.endpoint(query) else { continue };
                for value in self.values.expression(path).0 {
                    if !value.from.iter().any(|from| self.used.contains(from)) {
                        let whole = root.below(&value);
                        self.take(Reached::Target(plain(&whole.text)), said, &whole, path);
                    }
                }
            }
        }
    }

    /// Returns where the path of an endpoint begins, and its method.
    fn endpoint(&self, query: usize) -> Option<(usize, Said)> {
        let code = self.code;
        let arrow = (query..query.saturating_add(40)).find(|at| code.is(*at, "=>"))?;
        let body = code.next(arrow);
        let at = if code.is(body, "(") { code.next(body) } else { body };
        match code.kind(at) {
            Kind::Text | Kind::Template => Some((at, Said::Known("GET"))),
            Kind::Open if code.is(at, "{") => {
                let said = self.said_in(at);
                let otherwise = if self.has_spread(at) { Said::Open } else { Said::Known("GET") };
                Some((self.raw_member(at)?, said.or(|| otherwise)))
            }
            _ => None,
        }
    }
}
