//! Requests of Power Query: `Web.Contents(Base, [RelativePath = "Items", Content = Body])`.

use super::Requests;
use super::reach::{Reached, full, plain};
use super::said::Said;
use crate::resolve::code::lex::Kind;
use crate::resolve::code::values::Value;
use crate::resolve::target::placeholder;

impl Requests<'_, '_, '_> {
    /// Takes what `Web.Contents` asks for: with a `Content` it posts, without one it gets.
    pub(super) fn web_contents(&mut self) {
        let code = self.code;
        let is_call = |open: &usize| {
            code.callee(*open).is_some_and(|name| {
                code.is(name, "Contents") && code.owner(name).is_some_and(|own| code.is(own, "Web"))
            })
        };
        for open in (0..code.len()).filter(is_call).collect::<Vec<_>>() {
            let parts = code.parts(open);
            let Some((base, _)) = parts.first() else { continue };
            let options = parts.iter().map(|(start, _)| *start).find(|start| code.is(*start, "["));
            let said = match options {
                Some(options) if self.option(options, "Content").is_some() => Said::Known("POST"),
                None if parts.len() > 1 => Said::Open,
                _ => Said::Known("GET"),
            };
            let path = options.and_then(|options| self.option(options, "RelativePath"));
            let bases = self.values.expression(*base).0;
            let paths = path.map_or_else(|| vec![Value::default()], |path| self.values.expression(path).0);
            for value in bases.iter().flat_map(|base| paths.iter().map(|path| below(base, path)).collect::<Vec<_>>()) {
                let text = plain(&value.text);
                let unknown = || {
                    let rest = text.get(placeholder(&text)?..).filter(|rest| rest.starts_with('/'))?;
                    self.below_hole(rest, value.is_xero, false)
                };
                if let Some(reached) = full(&text).or_else(unknown) {
                    let is_sure = matches!(reached, Reached::Target(_));
                    self.take(reached, said, &value, if is_sure { path.unwrap_or(*base) } else { *base });
                }
            }
        }
    }

    /// Returns where the value of an option begins.
    fn option(&self, options: usize, name: &str) -> Option<usize> {
        let code = self.code;
        let part = code.parts(options).into_iter().find(|(start, _)| code.is(*start, name))?;
        Some(self.values.argument(part)).filter(|value| *value != part.0 && code.kind(*value) != Kind::End)
    }
}

/// A path below a base, or the base alone.
fn below(base: &Value, path: &Value) -> Value {
    if path.text.is_empty() { base.clone() } else { base.below(path) }
}
