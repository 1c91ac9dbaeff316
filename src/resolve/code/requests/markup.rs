//! Requests in attributes of markup: `<form action="…" method="post">`, `<request method="PUT" url="…"/>`, `hx-put="…"`.

use super::Requests;
use super::said::Said;
use crate::resolve::code::lex::Kind;
use crate::resolve::target::method;

/// An element is looked at so far, in tokens.
const FAR: usize = 80;

impl Requests<'_, '_, '_> {
    /// The method in the element that has a literal as the value of an attribute.
    pub(super) fn said_in_element(&self, at: usize) -> Said {
        let code = self.code;
        if code.prev(at).is_some_and(|end| code.is(end, ">")) {
            return self.said_in_sibling(at);
        }
        let Some((open, close)) = self.element(at) else { return Said::Nothing };
        // `hx-put`, `data-method`: the last word of a name with hyphens.
        let name_of = |value: usize| {
            let equals = code.prev(value).filter(|equals| code.is(*equals, "="))?;
            code.prev(equals).filter(|name| code.is_word(*name))
        };
        let own = name_of(at).and_then(|name| method(code.word(name)));
        if let Some(own) = own {
            return Said::Known(own);
        }
        let values = (open..close).filter(|value| code.kind(*value) == Kind::Text);
        let mut said = values.filter(|value| {
            name_of(*value).is_some_and(|name| {
                let name = code.word(name);
                name.len() < 20 && ["method", "verb"].iter().any(|end| name.to_ascii_lowercase().ends_with(end))
            })
        });
        match said.next() {
            Some(value) => method(code.word(value)).map_or(Said::Open, Said::Known),
            // A form without a method gets.
            None if code.is(code.next(open), "form") => Said::Known("GET"),
            None => Said::Nothing,
        }
    }

    /// The method in an element beside the one that a path is the content of: `<path>/x</path><method>PUT</method>`.
    fn said_in_sibling(&self, at: usize) -> Said {
        let code = self.code;
        let first = at.saturating_sub(FAR);
        let is_method = |word: &usize| {
            code.is_word(*word)
                && method(code.word(*word)).is_some_and(|known| known == code.word(*word))
                && code.prev(*word).is_some_and(|end| code.is(end, ">"))
                && code.is(code.next(*word), "<")
                && (word.saturating_sub(12)..*word).any(|name| {
                    let name = code.word(name);
                    name.len() < 40 && ["method", "verb"].iter().any(|end| name.to_ascii_lowercase().ends_with(end))
                })
        };
        let nearest = (first..at.saturating_add(FAR)).filter(is_method).min_by_key(|word| word.abs_diff(at));
        nearest.and_then(|word| method(code.word(word))).map_or(Said::Nothing, Said::Known)
    }

    /// Returns where the element begins and ends that a literal is in the value of an attribute of.
    fn element(&self, at: usize) -> Option<(usize, usize)> {
        let code = self.code;
        let is_value = code.prev(at).is_some_and(|equals| code.is(equals, "="));
        if !is_value {
            return None;
        }
        let mut open = at;
        for _ in 0..FAR {
            open = open.checked_sub(1)?;
            if code.is(open, ">") || code.is(open, ";") {
                return None;
            }
            if code.is(open, "<")
                && code.is_word(open.saturating_add(1))
                && code.start(open.saturating_add(1)) == code.start(open).saturating_add(1)
            {
                let last = at.saturating_add(FAR);
                let close = (at..last).find(|at| code.is(*at, ">") || code.kind(*at) == Kind::End)?;
                return Some((open, close));
            }
        }
        None
    }
}
