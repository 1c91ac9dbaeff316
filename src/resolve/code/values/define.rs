//! Where names get their values.

use super::functions::is_self;
use super::{Definition, How, Values};
use crate::resolve::code::lang::Lang;
use crate::resolve::code::lex::Kind;

impl<'t> Values<'_, 't> {
    pub(super) fn add(&mut self, name: &'t str, definition: Definition<'t>) {
        if let Some(owner) = definition.owner {
            self.members.entry(owner).or_default().push(definition.value);
        }
        self.names.entry(name).or_default().push(definition);
    }

    /// Notes the definition at a token, if there is one.
    pub(super) fn define(&mut self, at: usize) {
        let code = self.code;
        match code.kind(at) {
            Kind::Word => {}
            Kind::Text => return self.define_member(at),
            _ => return,
        }
        let word = code.word(at);
        if matches!(word, "for" | "foreach") {
            return self.define_each(at);
        }
        if word == "define" {
            return self.define_constant(at);
        }
        let mut mark = code.next(at);
        // An attribute of Elixir: `@base "…"`.
        if code.kind(mark) == Kind::Text
            && code.beside(at) == Kind::Text
            && code.prev(at).is_some_and(|sign| code.is(sign, "@"))
        {
            self.add(code.name(at), Definition { owner: None, at, value: mark, how: How::Assigned });
            return;
        }
        // `<XeroBase>https://…</XeroBase>`
        if code.is(mark, ">") && matches!(code.kind(code.next(mark)), Kind::Url | Kind::Text) {
            if code.prev(at).is_some_and(|open| code.is(open, "<")) {
                self.add(code.name(at), Definition { owner: None, at, value: code.next(mark), how: How::Assigned });
            }
            return;
        }
        // `const ( A = "…" )` of Go is no list of arguments.
        let is_group = |up: usize| code.prev(up).is_some_and(|word| matches!(code.word(word), "const" | "var"));
        let in_brackets = code.up(at).is_some_and(|up| code.is(up, "(") && !code.is(mark, ":") && !is_group(up));
        if code.is(mark, ":") {
            let is_object = code.up(at).is_some_and(|up| code.is(up, "{") || code.is(up, "("));
            // `name: str = "…"`
            let mut typed = code.next(mark);
            for _ in 0..8 {
                if code.is_word(typed)
                    || matches!(code.word(typed), "?" | "|" | "." | "[" | "]" | "<" | ">" | "&" | "!")
                        && code.kind(typed) != Kind::Text
                {
                    typed = code.next(typed);
                } else {
                    break;
                }
            }
            if code.is(typed, "=") && !code.up(at).is_some_and(|up| code.is(up, "(")) {
                mark = typed;
            } else if is_object && code.up(at).is_some_and(|up| code.is(up, "{")) {
                return self.define_member(at);
            } else if code.up(at).is_none() && code.statement_start(at) == at {
                // `url_base: "…"` of YAML.
                let value = code.next(mark);
                self.add(code.name(at), Definition { owner: None, at, value, how: How::Assigned });
                return;
            } else {
                return;
            }
        }
        if code.is(mark, "=>") {
            return self.define_member(at);
        }
        if in_brackets && code.is(mark, "=") {
            return;
        }
        let how = match code.word(mark) {
            "=" | ":=" if code.kind(mark) == Kind::Mark => How::Assigned,
            "+=" | ".=" if code.kind(mark) == Kind::Mark => How::Added,
            "." if code.is(code.next(mark), "=") && code.lang == Lang::Php => {
                mark = code.next(mark);
                How::Added
            }
            "|" if code.is(code.next(mark), "|") => return,
            "||" if code.is(code.next(mark), "=") => {
                mark = code.next(mark);
                How::Assigned
            }
            _ => return,
        };
        let owner = code.owner(at).filter(|owner| code.is_word(*owner)).map(|owner| code.name(owner));
        let owner = owner.filter(|owner| !is_self(owner));
        let value = code.next(mark);
        self.add(code.name(at), Definition { owner, at, value, how });
        // Members written as statements of a block: `enum`, PowerShell's `@{ … }`.
        if owner.is_none()
            && let Some(up) = code.up(at).filter(|up| code.is(*up, "{"))
            && let Some(block) = code.assigned_name(up)
        {
            self.members.entry(block.trim_start_matches('$')).or_default().push(value);
        }
    }

    pub(super) fn define_member(&mut self, at: usize) {
        let code = self.code;
        let mark = code.next(at);
        let name = code.word(at).trim_start_matches('$');
        if !matches!(code.word(mark), ":" | "=>") || code.kind(mark) != Kind::Mark || name.len() > 60 {
            return;
        }
        let Some(up) = code.up(at) else { return };
        let owner = code.assigned_name(up).map(|name| name.trim_start_matches('$'));
        // The value of an option, which nothing refers to by this name.
        let Some(owner) = owner else { return };
        let value = code.next(mark);
        self.add(name, Definition { owner: Some(owner), at, value, how: How::Member });
    }

    /// `for (const x of xs)`, `for x in xs`, `foreach ($xs as $x)`.
    pub(super) fn define_each(&mut self, at: usize) {
        let code = self.code;
        let mut word = code.next(at);
        if code.is(word, "(") {
            word = code.next(word);
        }
        let first = word;
        for _ in 0..12 {
            if code.is_word(word) && matches!(code.word(word), "of" | "in") {
                let Some(name) = code.prev(word) else { return };
                if code.is_word(name) {
                    let value = code.next(word);
                    self.add(code.name(name), Definition { owner: None, at: name, value, how: How::Each });
                }
                return;
            }
            if code.is(word, "as") {
                let mut name = code.next(word);
                if code.is(code.next(name), "=>") {
                    name = code.next(code.next(name));
                }
                if code.is_word(name) {
                    self.add(code.name(name), Definition { owner: None, at: name, value: first, how: How::Each });
                }
                return;
            }
            if matches!(code.kind(word), Kind::End | Kind::Close) {
                return;
            }
            word = code.skip(word);
        }
    }

    /// `define('BASE', '…')`.
    pub(super) fn define_constant(&mut self, at: usize) {
        let code = self.code;
        let open = code.next(at);
        if let [(name, _), (value, _), ..] = code.parts(open).as_slice()
            && code.kind(*name) == Kind::Text
        {
            self.add(code.word(*name), Definition { owner: None, at: *name, value: *value, how: How::Assigned });
        }
    }

    /// Notes what a function without parameters returns.
    pub(super) fn returned(&mut self, index: usize) {
        let code = self.code;
        let Some(function) = code.functions.get(index) else { return };
        let (from, to) = function.body;
        let first = if code.is(from, "{") || code.is(from, ":") || code.is(from, ")") { code.next(from) } else { from };
        let mut add = |value: usize| {
            let definition = Definition { owner: None, at: value, value, how: How::Returned };
            self.names.entry(function.name).or_default().push(definition);
        };
        if matches!(code.kind(first), Kind::Text | Kind::Template) {
            add(first);
        }
        for at in (from..to.min(from.saturating_add(60))).filter(|at| code.is(*at, "return")) {
            add(code.next(at));
        }
    }
}
