//! The method that another object brings to one that is written already: `Object.assign(config, { method: "PUT" })`.

use super::Requests;
use super::said::{METHOD_KEYS, Said};
use crate::resolve::scan::among;

/// Methods of objects that take the members of others.
pub(super) const CHANGES: &str = "update putAll";

/// Functions that give their first argument the members of the others.
const MERGES: &str = "assign merge extend mergeWith mergeDeep deepMerge deepmerge defaultsDeep";

/// So many tokens behind and before a token are looked at.
const NEAR: usize = 500;

impl Requests<'_, '_, '_> {
    /// The methods that other objects bring to the one of a name, in the function that a token is in.
    pub(super) fn said_of_changes(&self, object: &str, from: usize) -> Said {
        let code = self.code;
        let function = code.function_of(from).and_then(|index| code.functions.get(index));
        let (first, last) = function.map_or((0, code.len()), |function| function.body);
        let near = first.max(from.saturating_sub(NEAR))..last.min(from.saturating_add(NEAR));
        let is_use = |at: &usize| code.is_word(*at) && code.name(*at) == object.trim_start_matches('$');
        near.filter(is_use).fold(Said::Nothing, |said, at| said.and(self.said_of_change(at)))
    }

    /// The method that the use of an object at a token brings to it from another.
    pub(super) fn said_of_change(&self, at: usize) -> Said {
        let code = self.code;
        let dot = code.next(at);
        let (open, own) = if code.is_dot(dot) {
            let member = code.next(dot);
            let bang = code.next(member);
            let is_bang = code.is(bang, "!");
            let is_change = among(code.word(member), if is_bang { "merge deep_merge update" } else { CHANGES });
            if !is_change {
                return Said::Nothing;
            }
            (if is_bang { code.next(bang) } else { bang }, 0)
        } else {
            let call = code.up(at).filter(|up| code.next(*up) == at && code.is(dot, ","));
            let is_merge = |up: &usize| code.callee(*up).is_some_and(|callee| among(code.name(callee), MERGES));
            let Some(open) = call.filter(is_merge) else { return Said::Nothing };
            (open, 1)
        };
        if !code.is(open, "(") {
            return Said::Nothing;
        }
        let brought = code.parts(open).into_iter().take(20).skip(own);
        brought.fold(Said::Nothing, |said, part| said.and(self.said_of_brought(part)))
    }

    /// The method that an argument brings: by its name, as an object, or as a name that may stand for anything.
    fn said_of_brought(&self, part: (usize, usize)) -> Said {
        let code = self.code;
        let value = self.values.argument(part);
        if value != part.0 {
            let key = code.word(part.0).trim_start_matches(':').to_ascii_lowercase();
            let is_method = among(key.as_str(), METHOD_KEYS) && key != "type";
            return if is_method { self.said_at(value, true) } else { Said::Nothing };
        }
        let said = if code.is(value, "{") { self.said_in(value) } else { self.said_of_objects(code.name(value)) };
        said.or(|| if self.may_have_method(value) { Said::Open } else { Said::Nothing })
    }
}
