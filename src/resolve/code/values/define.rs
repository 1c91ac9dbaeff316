//! Where names get their values.

use super::functions::{is_constructor, is_path_of_url, is_self};
use super::{Definition, How, Values};
use crate::resolve::code::lang::Lang;
use crate::resolve::code::lex::Kind;
use crate::resolve::scan::among;

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
        match word {
            "for" | "foreach" => return self.define_each(at),
            "with" => return self.define_context(at),
            "define" => return self.define_constant(at),
            _ => {}
        }
        if matches!(word, "each" | "map" | "flat_map" | "each_with_index") {
            self.define_block(at);
        }
        if self.define_form(at) {
            return;
        }
        let mut mark = code.next(at);
        // `const ( A = "…" )` of Go is no list of arguments.
        let is_group = |up: usize| code.prev(up).is_some_and(|word| matches!(code.word(word), "const" | "var"));
        let in_brackets = code.up(at).is_some_and(|up| code.is(up, "(") && !code.is(mark, ":") && !is_group(up));
        if code.is(mark, ":") {
            let is_object = code.up(at).is_some_and(|up| code.is(up, "{") || code.is(up, "("));
            // `name: str = "…"`
            let mut typed = code.next(mark);
            for _ in 0..8 {
                if code.is_word(typed) || among(code.word(typed), "? | . [ ] < > & !") && code.kind(typed) != Kind::Text
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
            // `constructor(private readonly base = "https://…")` sets a member.
            let is_constructor =
                code.up(at).and_then(|up| code.prev(up)).is_some_and(|name| is_constructor(code.name(name)));
            if is_constructor {
                self.add(code.name(at), Definition { owner: None, at, value: code.next(mark), how: How::Assigned });
            }
            return;
        }
        // `Const BASE As String = "…"`, `Dim url As String: url = "…"` of Visual Basic.
        if code.lang == Lang::Basic && code.is(mark, "As") {
            mark = code.next(code.next(mark));
        }
        // `endpoint, err := url.Parse(…)`: the first of several gets the value.
        if code.is(mark, ",") && code.statement_start(at) == at && code.is_word(code.next(mark)) {
            let assign = code.next(code.next(mark));
            if code.kind(assign) == Kind::Mark && matches!(code.word(assign), ":=" | "=") {
                let value = code.next(assign);
                self.add(code.name(at), Definition { owner: None, at, value, how: How::Assigned });
            }
            return;
        }
        let Some((how, sign)) = self.sign_at(at, mark) else { return };
        mark = sign;
        let owner = code.owner(at).filter(|owner| code.is_word(*owner)).map(|owner| code.name(owner));
        let owner = owner.filter(|owner| !is_self(owner));
        let value = code.next(mark);
        // `url.pathname += "/Items"` makes another URL of what the object stands for.
        let of_url = owner.filter(|owner| is_path_of_url(word) && self.names.contains_key(owner));
        if let Some(url) = of_url {
            let how = if how == How::Added { How::Below } else { How::Path };
            self.add(url, Definition { owner: None, at, value, how });
        }
        if how == How::Path {
            return;
        }
        self.add(code.name(at), Definition { owner, at, value, how });
        // Members written as statements of a block: `enum`, PowerShell's `@{ … }`.
        if owner.is_none()
            && let Some(up) = code.up(at).filter(|up| code.is(*up, "{"))
            && let Some(block) = code.assigned_name(up)
        {
            self.members.entry(block.trim_start_matches('$')).or_default().push(value);
        }
    }

    /// The way in which a sign behind a name defines it, and the last token of the sign.
    fn sign_at(&self, at: usize, mark: usize) -> Option<(How, usize)> {
        let code = self.code;
        let next = code.next(mark);
        let is_path = is_path_of_url(code.word(at));
        let how = match code.word(mark) {
            "=" | ":=" if code.kind(mark) == Kind::Mark && !code.is(next, "range") => How::Assigned,
            "<-" => How::Assigned,
            "+=" | ".=" if code.kind(mark) == Kind::Mark => How::Added,
            // `url.set_path("/Items")`
            "(" if is_path && code.statement_start(at) != at => How::Path,
            "<" if code.is(next, "-") && code.start(next) == code.start(mark).saturating_add(1) => {
                return Some((How::Assigned, next));
            }
            "||" if code.is(next, "=") => return Some((How::Assigned, next)),
            "." if code.is(next, "=") && code.lang == Lang::Php => return Some((How::Added, next)),
            "/" if code.is(next, "=") && is_path => return Some((How::Added, next)),
            _ => return None,
        };
        Some((how, mark))
    }

    /// Notes what a form of a language defines that is written like a call; returns whether it is one.
    fn define_form(&mut self, at: usize) -> bool {
        let code = self.code;
        let word = code.word(at);
        // `let(:url) { "…" }` of RSpec.
        if matches!(word, "let" | "let_it_be") && code.is(code.next(at), "(") {
            let name = code.next(code.next(code.next(at)));
            let block = code.next(code.next(name));
            let value = code.next(block);
            if code.is(block, "{") && matches!(code.kind(value), Kind::Text | Kind::Template) {
                self.add(code.name(name), Definition { owner: None, at: name, value, how: How::Assigned });
            }
            return true;
        }
        // `@Value("${xero.url}") private String url` of Spring.
        if word == "Value" && code.prev(at).is_some_and(|sign| code.is(sign, "@")) && code.is(code.next(at), "(") {
            let value = code.next(code.next(at));
            let mut name = code.skip(code.next(at));
            while code.is_word(code.next(name)) {
                name = code.next(name);
            }
            if code.is_word(name) {
                self.add(code.name(name), Definition { owner: None, at: name, value, how: How::Assigned });
            }
            return true;
        }
        // `(def base "…")` of Clojure.
        if word == "def" && code.prev(at).is_some_and(|open| code.is(open, "(")) {
            let name = code.next(at);
            let (whole, value) = code.name_of_form(name);
            if code.kind(value) == Kind::Text {
                self.add(whole, Definition { owner: None, at: name, value, how: How::Assigned });
                return true;
            }
        }
        let mark = code.next(at);
        // An attribute of Elixir: `@base "…"`.
        if code.kind(mark) == Kind::Text
            && code.beside(at) == Kind::Text
            && code.prev(at).is_some_and(|sign| code.is(sign, "@"))
        {
            self.add(code.name(at), Definition { owner: None, at, value: mark, how: How::Assigned });
            return true;
        }
        // `<XeroBase>https://…</XeroBase>`
        if code.is(mark, ">") && matches!(code.kind(code.next(mark)), Kind::Url | Kind::Text) {
            if code.prev(at).is_some_and(|open| code.is(open, "<")) {
                self.add(code.name(at), Definition { owner: None, at, value: code.next(mark), how: How::Assigned });
            }
            return true;
        }
        false
    }

    pub(super) fn define_member(&mut self, at: usize) {
        let code = self.code;
        let mark = code.next(at);
        let name = code.word(at).trim_start_matches('$');
        if !matches!(code.word(mark), ":" | "=>") || code.kind(mark) != Kind::Mark || name.len() > 60 {
            return;
        }
        let Some(up) = code.up(at) else { return };
        let key = || {
            let colon = code.prev(up).filter(|colon| matches!(code.word(*colon), ":" | "=>"))?;
            code.prev(colon).filter(|key| code.kind(*key) == Kind::Text).map(|key| code.word(key))
        };
        // `Object.freeze({ … })`
        let frozen = || {
            let open = code.prev(up).filter(|open| code.is(*open, "(") && code.is(up, "{"))?;
            let callee = code.callee(open).filter(|callee| matches!(code.word(*callee), "freeze" | "seal"))?;
            code.assigned_name(code.chain(callee).last().copied().unwrap_or(callee))
        };
        let owner = code.assigned_name(up).or_else(key).or_else(frozen).map(|name| name.trim_start_matches('$'));
        let value = code.next(mark);
        let Some(owner) = owner else {
            // `&Client{baseURL: BASE}` sets a member; the value of another option is referred to by nothing.
            let kind = code.prev(up).filter(|kind| code.is_word(*kind) && code.is(up, "{"));
            let is_made = kind.is_some_and(|kind| code.word(kind).starts_with(|c: char| c.is_ascii_uppercase()));
            if is_made && is_of_base(name) {
                self.add(name, Definition { owner: None, at, value, how: How::Member });
            }
            return;
        };
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
                let Some(mut name) = code.prev(word) else { return };
                // `for (const [key, path] of Object.entries(paths))`
                let value = code.next(word);
                if code.is(name, "]") && code.is(value, "Object") && code.is(code.next(code.next(value)), "entries") {
                    name = code.prev(name).unwrap_or(name);
                }
                if code.is_word(name) {
                    let value = code.next(word);
                    self.add(code.name(name), Definition { owner: None, at: name, value, how: How::Each });
                }
                return;
            }
            // `for _, r := range resources` of Go, `for (String r : resources)` of Java.
            let is_range = code.is(word, "range") && code.is_word(word);
            let is_colon = code.is(word, ":") && code.up(word).is_some_and(|up| code.is(up, "("));
            if is_range || is_colon {
                let sign = if is_range { code.prev(word) } else { Some(word) };
                let name = sign.and_then(|sign| code.prev(sign)).filter(|name| code.is_word(*name));
                if let Some(name) = name {
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

    /// `with httpx.Client(base_url=BASE) as books:` of Python.
    fn define_context(&mut self, at: usize) {
        let code = self.code;
        let value = code.next(at);
        let mut word = value;
        for _ in 0..12 {
            if code.is(word, "as") && code.is_word(word) && code.is_word(code.next(word)) {
                let name = code.next(word);
                return self.add(code.name(name), Definition { owner: None, at: name, value, how: How::Assigned });
            }
            if matches!(code.kind(word), Kind::End | Kind::Close) {
                return;
            }
            word = code.skip(word);
        }
    }

    /// `%w[Items Contacts].each do |name|` of Ruby.
    fn define_block(&mut self, at: usize) {
        let code = self.code;
        let block = code.next(at);
        let bar = code.next(block);
        let name = code.next(bar);
        if !matches!(code.word(block), "do" | "{") || !code.is(bar, "|") || !code.is_word(name) {
            return;
        }
        let Some(owner) = code.owner(at) else { return };
        let open = code.mate(owner).filter(|_| code.is(owner, "]") || code.is(owner, ")"));
        let list = open.and_then(|open| code.prev(code.prev(open)?).filter(|sign| code.is(*sign, "%")));
        let value = list.or(open).unwrap_or(owner);
        self.add(code.name(name), Definition { owner: None, at: name, value, how: How::Each });
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

    /// Notes what a function returns.
    pub(super) fn returned(&mut self, index: usize) {
        let code = self.code;
        let Some(function) = code.functions.get(index) else { return };
        let (from, to) = function.body;
        let first = if code.is(from, "{") || code.is(from, ":") || code.is(from, ")") { code.next(from) } else { from };
        let has_params = function.params.iter().any(|param| !matches!(param.name, "self" | "cls" | "this"));
        let far = if has_params { 200 } else { 60 };
        let mut add = |value: usize| {
            let definition = Definition { owner: None, at: value, value, how: How::Returned };
            if has_params {
                self.returns.entry(function.name).or_default().push((index, definition));
            } else {
                self.names.entry(function.name).or_default().push(definition);
            }
        };
        // `(path) => root + path`, or a text that ends a function of Ruby.
        let is_expression = first == from && has_params && code.kind(from) != Kind::Open;
        if matches!(code.kind(first), Kind::Text | Kind::Template) || is_expression {
            add(first);
        }
        for at in (from..to.min(from.saturating_add(far))).filter(|at| code.is(*at, "return")) {
            add(code.next(at));
        }
    }
}

/// Returns whether a member of this name may hold the base of an API.
fn is_of_base(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["base", "root", "url", "uri", "host", "endpoint", "server", "prefix"].iter().any(|word| name.contains(word))
}
