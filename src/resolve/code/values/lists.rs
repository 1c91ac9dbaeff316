//! Lists of texts, as languages write them: `["Items"]`, `("Items", "Quotes")`, `new[] { "Items" }`, `[]string{"Items"}`,
//! `List.of("Items")`, `vec!["Items"]`.

use super::value::Value;
use super::{How, MANY, Values};
use crate::resolve::code::lex::Kind;
use crate::resolve::scan::among;

/// So many tokens may stand before the brackets of a list.
const HEAD: usize = 14;

/// Functions that make a list of what they are given, or go through one.
const MAKERS: [&str; 17] = [
    "of",
    "asList",
    "listOf",
    "setOf",
    "arrayOf",
    "mutableListOf",
    "immutableListOf",
    "Set",
    "List",
    "Array",
    "array",
    "list",
    "tuple",
    "set",
    "sorted",
    "enumerate",
    "vec",
];

impl Values<'_, '_> {
    /// The elements of the list that begins at a token, or that the name there stands for; none if it is no list of texts.
    pub(super) fn listed(&self, at: usize, depth: u8) -> Vec<Value> {
        let code = self.code;
        let Some(depth) = depth.checked_sub(1) else { return Vec::new() };
        let mut open = at;
        for _ in 0..HEAD {
            let is_head = code.is_word(open)
                || code.is_dot(open)
                || code.kind(open) == Kind::Mark && among(code.word(open), "< > & * ! ?");
            // `new[] { … }`, `[]string{ … }`, `new() { … }`
            let is_empty = code.kind(open) == Kind::Open && code.mate(open) == Some(open.saturating_add(1));
            if !is_head && !is_empty {
                break;
            }
            open = if is_empty { code.skip(open) } else { open.saturating_add(1) };
        }
        // Behind a variable, a block begins: `for r in all {`.
        let is_block = code.is(open, "{")
            && code.prev(open).is_some_and(|name| name >= at && self.names.contains_key(code.name(name)));
        if code.kind(open) == Kind::Open && code.mate(open).is_some() && !is_block {
            return self.elements_of(at, open, depth);
        }
        // A name by itself, or one of a class.
        let name = code.prev(open).filter(|name| *name >= at && code.is_word(*name));
        let all = name.and_then(|name| self.names.get(code.name(name))).map(Vec::as_slice).unwrap_or_default();
        match all {
            [one] if matches!(one.how, How::Assigned | How::Member) => self.listed(one.value, depth),
            _ => Vec::new(),
        }
    }

    /// The elements in brackets, if they are those of a list.
    fn elements_of(&self, at: usize, open: usize, depth: u8) -> Vec<Value> {
        let code = self.code;
        let parts = code.parts(open);
        let is_text = |at: usize| matches!(code.kind(at), Kind::Text | Kind::Template);
        let is_pair = |(start, _): &(usize, usize)| code.is(open, "{") && code.is(code.skip(*start), ":");
        let before = code.prev(open).filter(|_| open > at);
        let name = match before {
            Some(mark) if code.is(mark, "!") || code.is(mark, ">") => code.callee(open),
            other => other.filter(|name| code.is_word(*name)),
        };
        let is_made = name.is_some_and(|name| MAKERS.contains(&code.word(name)));
        let is_list = match name {
            None if code.is(open, "(") => parts.len() > 1,
            _ if code.is(open, "(") => is_made,
            // `urls["items"]` is an index.
            Some(_) if code.is(open, "[") => before.is_some_and(|mark| code.is(mark, "!")),
            _ => true,
        };
        if !is_list || parts.iter().any(is_pair) {
            return Vec::new();
        }
        if parts.iter().any(|(start, _)| is_text(*start)) {
            return parts.into_iter().take(MANY).flat_map(|(start, _)| self.element(start, depth)).take(MANY).collect();
        }
        match parts.first() {
            Some((start, _)) if is_made => self.listed(*start, depth),
            _ => Vec::new(),
        }
    }
}
