//! Expressions: operands, and what joins them.

use super::format::format;
use super::functions::{is_method_of_text, is_module, is_whole_of_url};
use super::value::{Join, Value, known_of, product};
use super::{MANY, Values};
use crate::resolve::code::lang::Lang;
use crate::resolve::code::lex::Kind;
use crate::resolve::code::tree::is_keyword;
use crate::resolve::scan::among;
use crate::resolve::target::{HOST, has_base, names_xero, placeholder};

impl Values<'_, '_> {
    pub(super) fn expr(&self, at: usize, depth: u8) -> (Vec<Value>, usize) {
        let code = self.code;
        let Some(depth) = depth.checked_sub(1) else { return (vec![Value::hole()], code.skip(at)) };
        let (mut values, mut end) = self.operand(at, depth);
        for _ in 0..64 {
            let mark = self.past_lines(end, at);
            let kind = code.kind(mark);
            let word = code.word(mark);
            if matches!(kind, Kind::Text | Kind::Template) && self.is_adjacent(end, mark) {
                let (more, behind) = self.operand(mark, depth);
                values = product(&values, &more, Value::then);
                end = behind;
                continue;
            }
            if kind == Kind::Word {
                match word {
                    "if" if code.up(at).is_some() || code.lang == Lang::Python => {
                        // `a if x else b`
                        let Some(other) = (mark..mark.saturating_add(30)).find(|at| code.is(*at, "else")) else {
                            break;
                        };
                        let (more, behind) = self.expr(code.next(other), depth);
                        values.extend(more);
                        end = behind;
                        continue;
                    }
                    "or" => {
                        let (more, behind) = self.operand(code.next(mark), depth);
                        values = known_of(values, more);
                        end = behind;
                        continue;
                    }
                    "as" | "satisfies" => {
                        end = code.next(code.next(mark));
                        continue;
                    }
                    _ => break,
                }
            }
            if kind != Kind::Mark {
                break;
            }
            let next = code.next(mark);
            if let Some((next, join)) = self.join_at(mark, &values) {
                let (more, behind) = self.operand(next, depth);
                values = product(&values, &more, join);
                end = behind;
                continue;
            }
            match word {
                // `"{0}/Invoices" -f $base` of PowerShell.
                "-" if code.is(next, "f") && code.start(next) == code.start(mark).saturating_add(1) => {
                    let mut args = Vec::new();
                    end = next;
                    loop {
                        let (arg, behind) = self.expr(code.next(end), depth);
                        args.push(arg);
                        end = behind;
                        if !code.is(end, ",") || args.len() > 8 {
                            break;
                        }
                    }
                    values = values.iter().flat_map(|value| format(value, &args)).take(MANY).collect();
                }
                "??" | "||" => {
                    let (more, behind) = self.operand(next, depth);
                    values = known_of(values, more);
                    end = behind;
                }
                "%" => {
                    let args = if code.is(next, "(") { code.parts(next) } else { vec![(next, code.skip(next))] };
                    let args: Vec<Vec<Value>> = args.into_iter().map(|(start, _)| self.expr(start, depth).0).collect();
                    // Braces in the text are values that are not known.
                    let fill = |value: &Value| {
                        let marked = Value { text: value.text.replace('{', "\u{1}"), ..value.clone() };
                        let filled = format(&marked, &args);
                        filled.into_iter().map(|one| Value { text: one.text.replace('\u{1}', "{"), ..one })
                    };
                    values = values.iter().flat_map(fill).take(MANY).collect();
                    end = code.skip(next);
                }
                "?" if !code.is(next, ".") => {
                    let (mut one, behind) = self.expr(next, depth);
                    let colon = self.past_lines(behind, at);
                    if !code.is(colon, ":") {
                        break;
                    }
                    let (other, behind) = self.expr(code.next(colon), depth);
                    one.extend(other);
                    values = one;
                    end = behind;
                }
                "===" | "==" | "!==" | "!=" | "<" | ">" | "&&" => {
                    // A condition: what follows is looked at for `?`.
                    let (_, behind) = self.operand(next, depth);
                    values = vec![Value::hole()];
                    end = behind;
                }
                _ => break,
            }
        }
        values.truncate(MANY);
        (values, end)
    }

    /// What joins two texts here, if something does: where the second begins, and how they are joined.
    pub(super) fn join_at(&self, mark: usize, values: &[Value]) -> Option<(usize, Join)> {
        let code = self.code;
        let next = code.next(mark);
        match code.word(mark) {
            "+" | "~" => Some((next, Value::then)),
            // Julia's.
            "*" if matches!(code.kind(next), Kind::Text | Kind::Template) => Some((next, Value::then)),
            "&" if code.kind(next) == Kind::Text || code.lang == Lang::Basic => Some((next, Value::then)),
            // Lua's, and PHP's with one of them.
            "." if code.is(next, ".") => Some((code.next(next), Value::then)),
            "." if code.lang == Lang::Php || matches!(code.kind(next), Kind::Text | Kind::Template) => {
                Some((next, Value::then))
            }
            "<" if code.is(next, ">") => Some((code.next(next), Value::then)),
            // Only where one of them is a literal: elsewhere it divides.
            "/" if matches!(code.kind(next), Kind::Text | Kind::Template)
                || !code.is(next, ">") && values.iter().any(|value| !value.from.is_empty()) =>
            {
                Some((next, Value::below))
            }
            _ => None,
        }
    }

    /// The next token at which the expression that began at `first` can go on.
    pub(super) fn past_lines(&self, end: usize, first: usize) -> usize {
        let code = self.code;
        if code.kind(end) != Kind::Line {
            return end;
        }
        let is_inside = code.up(first).is_some_and(|up| code.is(up, "(") || code.is(up, "["));
        if is_inside || code.goes_on(end) { code.next(end) } else { end }
    }

    /// Returns whether two literals beside each other are one.
    pub(super) fn is_adjacent(&self, end: usize, mark: usize) -> bool {
        let code = self.code;
        let before = code.prev(mark);
        before.is_some_and(|before| matches!(code.kind(before), Kind::Text | Kind::TemplateEnd))
            && (end == mark || code.up(mark).is_some_and(|up| code.is(up, "(")))
    }

    pub(super) fn operand(&self, at: usize, depth: u8) -> (Vec<Value>, usize) {
        let code = self.code;
        let Some(depth) = depth.checked_sub(1) else { return (vec![Value::hole()], code.skip(at)) };
        let mut at = at;
        for _ in 0..6 {
            let is_prefix = match code.kind(at) {
                Kind::Word => {
                    among(code.word(at), "await new typeof ref mut const try yield return clone")
                        && !code.is_dot(code.next(at))
                }
                Kind::Mark => matches!(code.word(at), "&" | "*" | "!" | "@" | "-" | "..." | "\\"),
                _ => false,
            };
            if !is_prefix {
                break;
            }
            at = code.next(at);
        }
        let (values, end) = match code.kind(at) {
            Kind::Text | Kind::Url => (self.text(at, depth), at.saturating_add(1)),
            Kind::Number => (vec![Value { text: code.word(at).to_owned(), ..Value::default() }], at.saturating_add(1)),
            Kind::Template => (self.template(at, depth), code.mate(at).unwrap_or(at).saturating_add(1)),
            // A symbol of Ruby.
            Kind::Mark if code.is(at, ":") && code.is_word(code.next(at)) => {
                let name = code.next(at);
                (vec![Value::text(code.word(name), name)], name.saturating_add(1))
            }
            // `%w[Items Contacts]` of Ruby.
            Kind::Mark if code.is(at, "%") && matches!(code.word(code.next(at)), "w" | "i") => {
                let open = code.next(code.next(at));
                (self.elements(at, depth), code.mate(open).unwrap_or(open).saturating_add(1))
            }
            Kind::Open if code.is(at, "(") => {
                let end = code.mate(at).unwrap_or(at).saturating_add(1);
                let is_cast = matches!(code.kind(end), Kind::Word | Kind::Text | Kind::Template)
                    && (!is_keyword(code.word(end)) || code.is(end, "new"))
                    && code.is_word(code.next(at));
                if is_cast {
                    return self.operand(end, depth);
                }
                (self.expr(code.next(at), depth).0, end)
            }
            Kind::Open if code.is(at, "[") => {
                let end = code.mate(at).unwrap_or(at).saturating_add(1);
                if code.is(end, ".") && matches!(code.word(code.next(end)), "join" | "concat") {
                    return self.joined(at, end, depth);
                }
                (self.elements(at, depth), end)
            }
            Kind::Open if code.is(at, "{") => (vec![Value::hole()], code.mate(at).unwrap_or(at).saturating_add(1)),
            // A literal with a word right before its quote: `uri"…"`.
            Kind::Word if self.is_tag(at) => return self.operand(at.saturating_add(1), depth),
            Kind::Word => self.path(at, depth),
            Kind::End | Kind::Close | Kind::HoleEnd | Kind::TemplateEnd | Kind::Line => (vec![Value::hole()], at),
            _ => (vec![Value::hole()], at.saturating_add(1)),
        };
        self.behind(values, end, depth)
    }

    /// A literal; a variable of a build that it begins with is filled: `$(Base)/Invoices`, `%BASE%/Invoices`.
    fn text(&self, at: usize, depth: u8) -> Vec<Value> {
        let text = self.code.word(at);
        let is_variable = text.starts_with("$(") || text.starts_with('%') || text.starts_with("{{");
        let Some((variable, rest)) =
            Some(text).filter(|_| is_variable).and_then(|text| text.split_at_checked(placeholder(text)?))
        else {
            return vec![Value::text(text, at)];
        };
        let name = variable.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let base = if self.is_defined(name) { self.lookup(name, None, at, depth) } else { vec![Value::named(name)] };
        product(&base, &[Value::text(rest, at)], Value::then)
    }

    /// Returns whether a word belongs to the literal behind it.
    pub(super) fn is_tag(&self, at: usize) -> bool {
        let code = self.code;
        let next = code.token(at.saturating_add(1));
        matches!(next.kind, Kind::Text | Kind::Template) && next.start == code.token(at).end.saturating_add(1)
    }

    /// The elements of the list that begins at a token: `["Items"]`, `%w[Items Contacts]` of Ruby.
    pub(super) fn elements(&self, at: usize, depth: u8) -> Vec<Value> {
        let code = self.code;
        if code.is(at, "%") && matches!(code.word(code.next(at)), "w" | "i") {
            let open = code.next(code.next(at));
            let words = (open..code.mate(open).unwrap_or(open)).filter(|word| code.is_word(*word));
            return words.take(MANY).map(|word| Value::text(code.word(word), word)).collect();
        }
        let parts = if code.is(at, "[") { code.parts(at) } else { Vec::new() };
        parts.into_iter().take(MANY).flat_map(|(start, _)| self.element(start, depth)).take(MANY).collect()
    }

    /// An element of a list, or the value of a pair in it.
    pub(super) fn element(&self, start: usize, depth: u8) -> Vec<Value> {
        let code = self.code;
        let (values, end) = self.expr(start, depth);
        if matches!(code.word(end), "=>") { self.expr(code.next(end), depth).0 } else { values }
    }

    /// `["a", b].join("/")`.
    pub(super) fn joined(&self, open: usize, end: usize, depth: u8) -> (Vec<Value>, usize) {
        let code = self.code;
        let arguments = code.next(code.next(end));
        let separator = match code.parts(arguments).first() {
            Some((start, _)) if code.kind(*start) == Kind::Text => code.word(*start),
            _ => ",",
        };
        let mut values = vec![Value::default()];
        for (place, (start, _)) in code.parts(open).into_iter().enumerate().take(24) {
            let mut more = self.expr(start, depth).0;
            if place > 0 {
                for value in &mut more {
                    value.text.insert_str(0, separator);
                }
            }
            values = product(&values, &more, Value::then);
        }
        (values, code.skip(arguments))
    }

    pub(super) fn template(&self, at: usize, depth: u8) -> Vec<Value> {
        let code = self.code;
        let Some(end) = code.mate(at) else { return vec![Value::hole()] };
        let mut values = vec![Value { from: vec![u32::try_from(at).unwrap_or(u32::MAX)], ..Value::default() }];
        let mut token = at.saturating_add(1);
        while token < end {
            match code.kind(token) {
                Kind::Part => {
                    let part =
                        Value { text: code.word(token).replace("{{", "{").replace("}}", "}"), ..Value::default() };
                    values = product(&values, &[part], Value::then);
                    token = token.saturating_add(1);
                }
                Kind::Hole => {
                    let close = code.mate(token).unwrap_or(token);
                    let inside = token.saturating_add(1);
                    let (mut more, behind) =
                        if inside < close { self.expr(inside, depth) } else { (vec![Value::hole()], close) };
                    // Something that is not read: `${a ? b : c}` is, `${f(x) * 2}` is not; a format behind a colon is none.
                    if behind < close && !code.is(behind, ":") {
                        more = vec![Value::hole()];
                    }
                    values = product(&values, &more, Value::then);
                    token = close.max(token).saturating_add(1);
                }
                _ => token = token.saturating_add(1),
            }
        }
        values
    }

    /// A name, or a chain of them, or a call.
    pub(super) fn path(&self, at: usize, depth: u8) -> (Vec<Value>, usize) {
        let code = self.code;
        let mut name = at;
        let mut owner = None;
        let mut has_xero = names_xero(code.word(at));
        loop {
            let mut mark = code.next(name);
            while matches!(code.word(mark), "!") && code.kind(mark) == Kind::Mark && code.is_dot(code.next(mark)) {
                mark = code.next(mark);
            }
            // Only on the same line is a bracket one of arguments.
            if code.is(mark, "(") && code.beside(name) == Kind::Open {
                return self.call(name, owner, mark, depth);
            }
            if code.is(mark, "!") && code.is(code.next(mark), "(") {
                return self.call(name, owner, code.next(mark), depth);
            }
            if code.is(mark, "{") && code.beside(name) == Kind::Open && code.word(name) == "URL" {
                let hole = || vec![Value::hole()];
                return (self.url_of_parts(mark, depth).unwrap_or_else(hole), code.skip(mark));
            }
            let next = code.next(mark);
            if !code.is_dot(mark) || !code.is_word(next) {
                break;
            }
            // `base.concat("/Invoices")`: what the name stands for is changed, as a literal is.
            let is_changed = is_method_of_text(code.word(next)) && !is_module(code.name(name));
            // `this.path()` is a function of the class.
            let is_own = matches!(code.name(name), "this" | "self" | "static" | "cls");
            if code.is(code.next(next), "(") && is_changed && !is_own {
                break;
            }
            owner = Some(name);
            name = next;
            has_xero |= names_xero(code.word(name));
        }
        let owner_name = owner.map(|owner| code.name(owner));
        let end = name.saturating_add(1);
        let mut values = self.lookup(code.name(name), owner_name, at, depth);
        // `uri.request_uri` is what `uri` stands for.
        if is_whole_of_url(code.name(name))
            && let Some(owner) = owner
            && values.iter().all(Value::is_hole)
        {
            let before = code.prev(owner).filter(|dot| code.is_dot(*dot)).and_then(|dot| code.prev(dot));
            let before = before.filter(|before| code.is_word(*before)).map(|before| code.name(before));
            values = self.lookup(code.name(owner), before, at, depth);
        }
        for value in &mut values {
            value.is_xero |= has_xero && value.text.starts_with('{');
            value.read_through(name);
        }
        (values, end)
    }

    /// The URL whose parts are given one by one: `url.URL{Scheme: "https", Host: "api.xero.com", Path: "…"}`,
    /// `Uri(host: "api.xero.com", path: "…")`, `urlunsplit(("https", "api.xero.com", "…", "", ""))`.
    pub(super) fn url_of_parts(&self, open: usize, depth: u8) -> Option<Vec<Value>> {
        let code = self.code;
        let parts = code.parts(open);
        if let [(start, _)] = parts.as_slice()
            && code.is(*start, "(")
        {
            return self.url_of_parts(*start, depth);
        }
        let is_host = |part: &(usize, usize)| {
            let host = self.argument(*part);
            code.kind(host) == Kind::Text && code.word(host) == HOST
                || code.word(part.0).eq_ignore_ascii_case("host") && host != part.0
        };
        let host = parts.iter().find(|part| is_host(part))?;
        let host = self.expr(self.argument(*host), depth).0;
        let is_path = |part: &&(usize, usize)| {
            let path = self.argument(**part);
            code.word(part.0).eq_ignore_ascii_case("path") && path != part.0
                || code.kind(path) == Kind::Text && has_base(code.word(path))
        };
        let path = self.expr(self.argument(*parts.iter().find(is_path)?), depth).0;
        let scheme = Value { text: "https://".to_owned(), ..Value::default() };
        Some(product(&product(&[scheme], &host, Value::then), &path, Value::below))
    }
}
