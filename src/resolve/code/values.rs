//! What names and expressions stand for: constants, their joins, and holes where a value is not known.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::super::target::names_xero;
use super::lang::Lang;
use super::lex::Kind;
use super::tree::{Code, is_keyword};

/// A text that an expression may stand for. What is not known of it is `{}`; the parameter `p` of function `f` is `{#f:p}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) text: String,
    /// The literals that it comes from, as tokens.
    pub(super) from: Vec<u32>,
    /// Whether something in it is named after Xero.
    pub(super) is_xero: bool,
}

impl Value {
    fn hole() -> Self {
        Self { text: "{}".to_owned(), ..Self::default() }
    }

    fn named(name: &str) -> Self {
        Self { is_xero: names_xero(name), ..Self::hole() }
    }

    fn text(text: &str, at: usize) -> Self {
        let text = if text.contains('\\') { text.replace("\\/", "/").replace("\\n", "\n") } else { text.to_owned() };
        Self { text, from: vec![u32::try_from(at).unwrap_or(u32::MAX)], is_xero: false }
    }

    /// Whether nothing of it is known.
    pub(super) fn is_hole(&self) -> bool {
        self.text == "{}"
    }

    fn then(&self, other: &Self) -> Self {
        let mut joined = self.clone();
        if joined.text.len().saturating_add(other.text.len()) < LONGEST {
            joined.text.push_str(&other.text);
        }
        joined.take(other);
        joined
    }

    fn take(&mut self, other: &Self) {
        for from in &other.from {
            if !self.from.contains(from) && self.from.len() < 32 {
                self.from.push(*from);
            }
        }
        self.is_xero |= other.is_xero;
    }

    /// With a slash between the two, and none too many.
    pub(super) fn below(&self, other: &Self) -> Self {
        let mut base = self.clone();
        let kept = base.text.trim_end_matches('/').len();
        base.text.truncate(kept);
        let mut path = other.clone();
        path.text = ["/", other.text.trim_start_matches('/')].concat();
        base.then(&path)
    }
}

/// Longer texts are no URLs.
const LONGEST: usize = 2_000;

/// So many texts may one expression stand for.
const MANY: usize = 40;

/// A way to join two texts.
type Join = fn(&Value, &Value) -> Value;

/// So deep are names and brackets followed.
const DEPTH: u8 = 10;

/// Where a name gets its value.
struct Definition<'t> {
    /// The object it is a member of.
    owner: Option<&'t str>,
    at: usize,
    value: usize,
    how: How,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Assigned,
    /// Added to what the name stands for already.
    Added,
    /// A member of an object.
    Member,
    /// What a function without parameters returns.
    Returned,
    /// Each element of a list in turn.
    Each,
}

/// The values of one text.
pub(super) struct Values<'c, 't> {
    pub(super) code: &'c Code<'t>,
    names: BTreeMap<&'t str, Vec<Definition<'t>>>,
    /// The members of an object, by its name: the tokens of their values.
    members: BTreeMap<&'t str, Vec<usize>>,
    known: RefCell<BTreeMap<usize, Vec<Value>>>,
    /// The definitions that are being worked out.
    asked: RefCell<Vec<usize>>,
    shared: &'c Shared,
}

/// What other texts of the same project define.
#[derive(Default)]
pub(super) struct Shared {
    pub(super) constants: BTreeMap<String, Vec<String>>,
}

impl<'c, 't> Values<'c, 't> {
    pub(super) fn new(code: &'c Code<'t>, shared: &'c Shared) -> Self {
        let mut values = Self {
            code,
            names: BTreeMap::new(),
            members: BTreeMap::new(),
            known: RefCell::new(BTreeMap::new()),
            asked: RefCell::new(Vec::new()),
            shared,
        };
        for at in 0..code.len() {
            values.define(at);
        }
        for (index, function) in code.functions.iter().enumerate() {
            let own = function.params.iter().filter(|param| !matches!(param.name, "self" | "cls" | "this"));
            if own.count() == 0 && !function.name.is_empty() {
                values.returned(index);
            }
        }
        for definitions in values.names.values_mut() {
            definitions.sort_by_key(|definition| definition.at);
        }
        values
    }

    fn add(&mut self, name: &'t str, definition: Definition<'t>) {
        if let Some(owner) = definition.owner {
            self.members.entry(owner).or_default().push(definition.value);
        }
        self.names.entry(name).or_default().push(definition);
    }

    /// Notes what is defined at a token.
    fn define(&mut self, at: usize) {
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
        let in_brackets = code.up(at).is_some_and(|up| code.is(up, "(") && !code.is(mark, ":"));
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

    fn define_member(&mut self, at: usize) {
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
    fn define_each(&mut self, at: usize) {
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
    fn define_constant(&mut self, at: usize) {
        let code = self.code;
        let open = code.next(at);
        if let [(name, _), (value, _), ..] = code.parts(open).as_slice()
            && code.kind(*name) == Kind::Text
        {
            self.add(code.word(*name), Definition { owner: None, at: *name, value: *value, how: How::Assigned });
        }
    }

    /// Notes what a function without parameters returns.
    fn returned(&mut self, index: usize) {
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

    /// What the expression at `at` may stand for, and where it ends.
    pub(super) fn expression(&self, at: usize) -> (Vec<Value>, usize) {
        self.expr(at, DEPTH)
    }

    fn expr(&self, at: usize, depth: u8) -> (Vec<Value>, usize) {
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
                "??" | "||" => {
                    let (more, behind) = self.operand(next, depth);
                    values = known_of(values, more);
                    end = behind;
                }
                "%" => {
                    let args = if code.is(next, "(") { code.parts(next) } else { vec![(next, code.skip(next))] };
                    let args: Vec<Vec<Value>> = args.into_iter().map(|(start, _)| self.expr(start, depth).0).collect();
                    values = values.iter().flat_map(|value| format(value, &args)).take(MANY).collect();
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
    fn join_at(&self, mark: usize, values: &[Value]) -> Option<(usize, Join)> {
        let code = self.code;
        let next = code.next(mark);
        match code.word(mark) {
            "+" | "~" => Some((next, Value::then)),
            "&" if code.kind(next) == Kind::Text => Some((next, Value::then)),
            // Lua's, and PHP's with one of them.
            "." if code.is(next, ".") => Some((code.next(next), Value::then)),
            "." if code.lang == Lang::Php => Some((next, Value::then)),
            "<" if code.is(next, ">") => Some((code.next(next), Value::then)),
            // Only where one of them is a literal: elsewhere it divides.
            "/" if matches!(code.kind(next), Kind::Text | Kind::Template)
                || values.iter().any(|value| !value.from.is_empty()) =>
            {
                Some((next, Value::below))
            }
            _ => None,
        }
    }

    /// The next token at which the expression that began at `first` can go on.
    fn past_lines(&self, end: usize, first: usize) -> usize {
        let code = self.code;
        if code.kind(end) != Kind::Line {
            return end;
        }
        let is_inside = code.up(first).is_some_and(|up| code.is(up, "(") || code.is(up, "["));
        if is_inside || code.goes_on(end) { code.next(end) } else { end }
    }

    /// Whether two literals beside each other are one.
    fn is_adjacent(&self, end: usize, mark: usize) -> bool {
        let code = self.code;
        let before = code.prev(mark);
        before.is_some_and(|before| matches!(code.kind(before), Kind::Text | Kind::TemplateEnd))
            && (end == mark || code.up(mark).is_some_and(|up| code.is(up, "(")))
    }

    fn operand(&self, at: usize, depth: u8) -> (Vec<Value>, usize) {
        let code = self.code;
        let Some(depth) = depth.checked_sub(1) else { return (vec![Value::hole()], code.skip(at)) };
        let mut at = at;
        for _ in 0..6 {
            let is_prefix = match code.kind(at) {
                Kind::Word => {
                    matches!(
                        code.word(at),
                        "await" | "new" | "typeof" | "ref" | "mut" | "const" | "try" | "yield" | "return" | "clone"
                    ) && !code.is_dot(code.next(at))
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
            Kind::Text | Kind::Url => (vec![Value::text(code.word(at), at)], at.saturating_add(1)),
            Kind::Number => (vec![Value { text: code.word(at).to_owned(), ..Value::default() }], at.saturating_add(1)),
            Kind::Template => (self.template(at, depth), code.mate(at).unwrap_or(at).saturating_add(1)),
            // A symbol of Ruby.
            Kind::Mark if code.is(at, ":") && code.is_word(code.next(at)) => {
                let name = code.next(at);
                (vec![Value::text(code.word(name), name)], name.saturating_add(1))
            }
            Kind::Open if code.is(at, "(") => {
                let end = code.mate(at).unwrap_or(at).saturating_add(1);
                let is_cast = matches!(code.kind(end), Kind::Word | Kind::Text | Kind::Template)
                    && !is_keyword(code.word(end))
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
                let parts = code.parts(at);
                let values =
                    parts.into_iter().take(MANY).flat_map(|(start, _)| self.element(start, depth)).take(MANY).collect();
                (values, end)
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

    /// Whether a word belongs to the literal behind it.
    fn is_tag(&self, at: usize) -> bool {
        let code = self.code;
        let next = code.token(at.saturating_add(1));
        matches!(next.kind, Kind::Text | Kind::Template) && next.start == code.token(at).end.saturating_add(1)
    }

    /// An element of a list, or the value of a pair in it.
    fn element(&self, start: usize, depth: u8) -> Vec<Value> {
        let code = self.code;
        let (values, end) = self.expr(start, depth);
        if matches!(code.word(end), "=>") { self.expr(code.next(end), depth).0 } else { values }
    }

    /// `["a", b].join("/")`.
    fn joined(&self, open: usize, end: usize, depth: u8) -> (Vec<Value>, usize) {
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

    fn template(&self, at: usize, depth: u8) -> Vec<Value> {
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
    fn path(&self, at: usize, depth: u8) -> (Vec<Value>, usize) {
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
                return (self.go_url(mark, depth), code.skip(mark));
            }
            let next = code.next(mark);
            if !code.is_dot(mark) || !code.is_word(next) {
                break;
            }
            // `base.concat("/Invoices")`: what the name stands for is changed, as a literal is.
            if code.is(code.next(next), "(") && is_method_of_text(code.word(next)) && !is_module(code.name(name)) {
                break;
            }
            owner = Some(name);
            name = next;
            has_xero |= names_xero(code.word(name));
        }
        let owner_name = owner.map(|owner| code.name(owner));
        let end = name.saturating_add(1);
        let mut values = self.lookup(code.name(name), owner_name, at, depth);
        for value in &mut values {
            value.is_xero |= has_xero && value.text.starts_with('{');
        }
        (values, end)
    }

    /// `url.URL{Scheme: "https", Host: "api.xero.com", Path: "…"}` of Go.
    fn go_url(&self, open: usize, depth: u8) -> Vec<Value> {
        let code = self.code;
        let member = |name: &str| {
            let part = code
                .parts(open)
                .into_iter()
                .find(|(start, _)| code.is(*start, name) && code.is(code.next(*start), ":"))?;
            Some(self.expr(code.next(code.next(part.0)), depth).0)
        };
        let (Some(host), Some(path)) = (member("Host"), member("Path")) else { return vec![Value::hole()] };
        let scheme = Value { text: "https://".to_owned(), ..Value::default() };
        product(&product(&[scheme], &host, Value::then), &path, Value::below)
    }

    /// A call whose value may be known.
    fn call(&self, name: usize, owner: Option<usize>, open: usize, depth: u8) -> (Vec<Value>, usize) {
        let code = self.code;
        let end = code.mate(open).unwrap_or(open).saturating_add(1);
        let arguments = || -> Vec<Vec<Value>> {
            code.parts(open).into_iter().take(12).map(|part| self.expr(self.argument(part), depth).0).collect()
        };
        let owner_name = owner.map_or("", |owner| code.name(owner));
        let values = match (owner_name, code.name(name)) {
            ("url", "JoinPath")
            | ("path" | "posixpath" | "Path" | "URI" | "File", "join" | "Combine" | "combine")
            | (
                _,
                "urljoin" | "url_join" | "urlJoin" | "joinUrl" | "join_url" | "joinPaths" | "buildUrl" | "build_url",
            ) => join_all(&arguments()),
            (_, "URL" | "Uri" | "URI") if code.prev(name).is_some_and(|new| code.is(new, "new")) || owner.is_none() => {
                let all = arguments();
                let is_whole = |values: &[Value]| values.iter().any(|value| value.text.contains("://"));
                match all.as_slice() {
                    [base, path] if is_whole(base) || code.word(name) != "URL" => product(base, path, resolve),
                    [path, base] => product(base, path, resolve),
                    [one] => one.clone(),
                    _ => vec![Value::hole()],
                }
            }
            ("Uri", "https" | "http") => {
                let scheme = Value { text: "https://".to_owned(), ..Value::default() };
                match arguments().as_slice() {
                    [host, path, ..] => product(&product(&[scheme], host, Value::then), path, Value::below),
                    _ => vec![Value::hole()],
                }
            }
            ("fmt", "Sprintf" | "Fprintf")
            | (_, "sprintf" | "Sprintf" | "vsprintf")
            | ("String" | "string" | "util", "format" | "Format")
            | ("", "format" | "concat") => {
                let all = arguments();
                match all.split_first() {
                    Some((first, rest)) => {
                        first.iter().flat_map(|value| self.formatted(value, rest, open)).take(MANY).collect()
                    }
                    None => vec![Value::hole()],
                }
            }
            ("os", "getenv" | "Getenv")
            | ("environ" | "ENV", "get" | "fetch")
            | (_, "env" | "getenv" | "config" | "getEnv" | "env_or" | "getEnvOrDefault") => {
                let all = arguments();
                let xero = code.parts(open).first().is_some_and(|(start, _)| names_xero(code.word(*start)));
                match all.as_slice() {
                    [_, default, ..] => default.clone(),
                    _ => vec![Value { is_xero: xero, ..Value::hole() }],
                }
            }
            (_, wrapped)
                if is_wrapper(wrapped)
                    || matches!(owner_name, "Uri" | "URI" | "Url" | "HttpUrl" | "reqwest" | "url" | "Addressable")
                        && matches!(wrapped, "parse" | "create" | "get" | "new" | "http" | "from") =>
            {
                let all = arguments();
                if wrapped == "parse" && owner_name == "JSON" {
                    vec![Value::hole()]
                } else {
                    all.into_iter().next().unwrap_or_else(|| vec![Value::hole()])
                }
            }
            ("Object", "values" | "keys" | "entries") => {
                let name = code.next(open);
                self.members_of(code.name(name), depth)
            }
            (_, own) => {
                // `baseUrl()`: what a function of the text returns.
                let is_empty = code.parts(open).is_empty();
                let values = if is_empty { self.lookup_function(own, depth) } else { Vec::new() };
                if values.is_empty() {
                    vec![Value { is_xero: names_xero(own) || names_xero(owner_name), ..Value::hole() }]
                } else {
                    values
                }
            }
        };
        (values, end)
    }

    /// Where an argument begins, behind its name.
    pub(super) fn argument(&self, (start, end): (usize, usize)) -> usize {
        let code = self.code;
        let mark = code.next(start);
        let is_name = code.is_word(start) || code.kind(start) == Kind::Text;
        if is_name
            && mark < end
            && code.kind(mark) == Kind::Mark
            && (matches!(code.word(mark), "=" | "=>") || code.is(mark, ":"))
        {
            let value = code.next(mark);
            return if value < end { value } else { start };
        }
        // `:name => value`
        if code.is(start, ":") && code.is(code.next(mark), "=>") {
            return code.next(code.next(mark));
        }
        start
    }

    /// What is behind an operand and changes it: methods, indices.
    fn behind(&self, values: Vec<Value>, end: usize, depth: u8) -> (Vec<Value>, usize) {
        let code = self.code;
        let (mut values, mut end) = (values, end);
        for _ in 0..32 {
            let mut mark = end;
            if code.kind(mark) == Kind::Line && code.goes_on(mark) && code.is_dot(code.next(mark)) {
                mark = code.next(mark);
            }
            if code.kind(mark) == Kind::Mark
                && matches!(code.word(mark), "!" | "?")
                && (code.is_dot(code.next(mark))
                    || matches!(code.kind(code.next(mark)), Kind::Close | Kind::Line | Kind::End)
                    || code.is(code.next(mark), ",")
                    || code.is(code.next(mark), ";"))
            {
                end = mark.saturating_add(1);
                continue;
            }
            if code.is(mark, "[") && end == mark {
                values = self.indexed(values, mark, depth);
                end = code.mate(mark).unwrap_or(mark).saturating_add(1);
                continue;
            }
            if !code.is_dot(mark) {
                break;
            }
            let name = code.next(mark);
            if !code.is_word(name) {
                break;
            }
            let open = code.next(name);
            if !code.is(open, "(") {
                let is_same = code.is(mark, ".") && is_wrapper(code.word(name))
                    || matches!(code.word(name), "await" | "value" | "pathname" | "path");
                if !is_same {
                    values = vec![Value { is_xero: values.iter().any(|value| value.is_xero), ..Value::hole() }];
                }
                end = name.saturating_add(1);
                continue;
            }
            // A request is sent with it.
            if super::requests::method_in(code.word(name)).is_some() {
                break;
            }
            values = self.changed(values, name, open, depth);
            end = code.mate(open).unwrap_or(open).saturating_add(1);
        }
        (values, end)
    }

    /// What an index of a list or an object gives: `urls["invoices"]` is a member like `urls.invoices`.
    fn indexed(&self, values: Vec<Value>, mark: usize, depth: u8) -> Vec<Value> {
        let code = self.code;
        let owner = code.prev(mark).filter(|owner| code.is_word(*owner)).map(|owner| code.name(owner));
        let inside = code.next(mark);
        let one = owner.and_then(|owner| match code.kind(inside) {
            Kind::Text => Some(self.lookup(code.word(inside), Some(owner), mark, depth)),
            Kind::Mark if code.is(inside, ":") => {
                Some(self.lookup(code.word(code.next(inside)), Some(owner), mark, depth))
            }
            _ => None,
        });
        match (one, owner) {
            (Some(one), _) if one.iter().any(|value| !value.is_hole()) => one,
            (_, Some(owner)) => {
                let all = self.members_of(owner, depth);
                if all.is_empty() { values } else { all }
            }
            _ => values,
        }
    }

    /// What a method makes of texts.
    fn changed(&self, values: Vec<Value>, name: usize, open: usize, depth: u8) -> Vec<Value> {
        let code = self.code;
        let arguments = || -> Vec<Vec<Value>> {
            code.parts(open).into_iter().take(12).map(|part| self.expr(self.argument(part), depth).0).collect()
        };
        match code.word(name) {
            "format" | "formatted" | "Format" => {
                let all = arguments();
                values.iter().flat_map(|value| self.formatted(value, &all, open)).take(MANY).collect()
            }
            "concat" | "plus" | "append" | "Append" | "concatenating" | "appending" => {
                arguments().iter().fold(values, |joined, more| product(&joined, more, Value::then))
            }
            "resolve"
            | "appendingPathComponent"
            | "addPathSegment"
            | "addPathSegments"
            | "addEncodedPathSegments"
            | "pathSegment"
            | "joinpath"
            | "join"
            | "path"
            | "segment"
            | "with_path"
            | "JoinPath"
            | "appendPath"
            | "AppendPathSegment"
            | "AppendPathSegments"
            | "addEncodedPathSegment"
            | "appendPathSegment"
            | "child" => arguments().iter().fold(values, |joined, more| product(&joined, more, resolve_below)),
            // What goes in place of something in the text.
            "replace" | "replaceAll" | "Replace" | "replacingOccurrences" | "gsub" | "sub" => {
                let all = arguments();
                match all.as_slice() {
                    [from, to, ..] if from.len() == 1 => {
                        let from = from.first().map(|value| value.text.clone()).unwrap_or_default();
                        if from.is_empty() || from == "{}" {
                            values
                        } else {
                            values
                                .iter()
                                .flat_map(|value| {
                                    to.iter()
                                        .map(|to| Value { text: value.text.replace(&from, &to.text), ..value.clone() })
                                        .collect::<Vec<_>>()
                                })
                                .take(MANY)
                                .collect()
                        }
                    }
                    _ => values,
                }
            }
            word if is_wrapper(word) => values,
            "values" | "items" | "keys" | "iter" | "entries" | "map" | "filter" | "each" => values,
            _ => vec![Value { is_xero: values.iter().any(|value| value.is_xero), ..Value::hole() }],
        }
    }

    /// A format with its arguments; names in it may be its arguments' or those of values.
    fn formatted(&self, value: &Value, args: &[Vec<Value>], open: usize) -> Vec<Value> {
        let code = self.code;
        let mut values = format(value, args);
        // `"{base}/Invoices".format(base=BASE)`, `format!("{base}/Invoices")`
        for _ in 0..8 {
            let Some(name) = values.first().and_then(|value| named_hole(&value.text)) else { break };
            let argument = code
                .parts(open)
                .into_iter()
                .find(|(start, _)| code.word(*start) == name && self.argument((*start, usize::MAX)) != *start);
            let found = match argument {
                Some(part) => self.expr(self.argument(part), 4).0,
                None => self.lookup(&name, None, open, 4),
            };
            let place = ["{", &name, "}"].concat();
            values = values
                .iter()
                .flat_map(|value| {
                    found
                        .iter()
                        .map(|found| {
                            let mut filled = value.clone();
                            filled.text = value.text.replacen(&place, &found.text, 1);
                            filled.take(found);
                            filled
                        })
                        .collect::<Vec<_>>()
                })
                .take(MANY)
                .collect();
        }
        values
    }

    /// Everything that the members of an object, or the elements of a list, stand for.
    fn members_of(&self, owner: &str, depth: u8) -> Vec<Value> {
        if let Some(members) = self.members.get(owner) {
            return members.iter().take(MANY).flat_map(|value| self.expr(*value, depth).0).take(MANY).collect();
        }
        let list =
            self.names.get(owner).and_then(|all| all.last()).filter(|definition| self.code.is(definition.value, "["));
        list.map(|definition| self.defined(definition, owner, depth)).unwrap_or_default()
    }

    fn lookup_function(&self, name: &str, depth: u8) -> Vec<Value> {
        let Some(definitions) = self.names.get(name) else { return Vec::new() };
        definitions
            .iter()
            .filter(|definition| definition.how == How::Returned)
            .take(4)
            .flat_map(|definition| self.defined(definition, name, depth))
            .collect()
    }

    /// What a name stands for at a token.
    pub(super) fn lookup(&self, name: &str, owner: Option<&str>, at: usize, depth: u8) -> Vec<Value> {
        let code = self.code;
        let name = name.trim_start_matches('$');
        if owner.is_none() {
            // Parameters of the functions around.
            let mut inner = code.function_of(at);
            for _ in 0..3 {
                let Some(index) = inner else { break };
                let Some(function) = code.functions.get(index) else { break };
                if let Some(place) = function.params.iter().position(|param| param.name == name) {
                    let assigned = self.names.get(name).is_some_and(|all| {
                        let first = all.partition_point(|one| one.at <= function.body.0);
                        let inside = all.get(first..).unwrap_or_default().iter().take_while(|one| one.at < at);
                        inside.into_iter().any(|one| one.owner.is_none() && one.how == How::Assigned)
                    });
                    if !assigned {
                        return vec![Value {
                            text: format!("{{#{index}:{place}}}"),
                            is_xero: names_xero(name),
                            ..Value::default()
                        }];
                    }
                    break;
                }
                inner = code
                    .functions
                    .get(index)
                    .and_then(|function| function.body.0.checked_sub(1))
                    .and_then(|before| code.function_of(before));
            }
        }
        let owner = owner.filter(|owner| !is_self(owner));
        let unknown = || match self.shared.constants.get(name) {
            Some(all) => all.iter().map(|text| Value { text: text.clone(), ..Value::default() }).collect(),
            None => vec![Value { is_xero: owner.is_some_and(names_xero), ..Value::named(name) }],
        };
        let Some(all) = self.names.get(name) else { return unknown() };
        let fits = |definition: &&Definition<'_>| match (owner, definition.owner) {
            (Some(owner), Some(own)) => owner == own,
            (None, Some(_)) => false,
            // `Config.BASE`, where `BASE` is a constant of a class.
            (_, None) => true,
        };
        let before = all.partition_point(|definition| definition.at < at);
        let (earlier, later) = all.split_at_checked(before).unwrap_or((all, &[]));
        let own_function = code.function_of(at);
        let mut values: Vec<Value> = Vec::new();
        for definition in earlier.iter().rev().filter(fits).take(24) {
            let function = code.function_of(definition.at);
            let is_local = function.is_none()
                || function == own_function
                || self.is_in(at, function)
                || code.owner(definition.at).is_some();
            // `url = url + "?page=2"` asks for what was before it.
            if !is_local || self.asked.borrow().contains(&definition.at) {
                continue;
            }
            let found = self.defined(definition, name, depth);
            let is_around = code.up(definition.at).is_none_or(|up| code.mate(up).is_some_and(|close| at < close))
                && (!code.lang.is_indented()
                    || code.indent_of(definition.at) <= code.indent_of(at)
                    || function != own_function);
            for value in found {
                if !values.contains(&value) {
                    values.push(value);
                }
            }
            if is_around || values.len() >= MANY {
                break;
            }
        }
        if values.is_empty() {
            let definition = later.iter().find(|definition| fits(definition)).or_else(|| {
                earlier.iter().rev().find(|definition| fits(definition) && definition.how == How::Returned)
            });
            if let Some(definition) = definition.filter(|definition| {
                let function = code.function_of(definition.at);
                definition.how == How::Returned || function.is_none() || function != own_function
            }) {
                values = self.defined(definition, name, depth);
            }
        }
        if values.is_empty() { unknown() } else { values }
    }

    fn is_in(&self, at: usize, function: Option<usize>) -> bool {
        function
            .and_then(|index| self.code.functions.get(index))
            .is_some_and(|function| function.body.0 <= at && at < function.body.1)
    }

    /// What a definition gives.
    fn defined(&self, definition: &Definition<'_>, name: &str, depth: u8) -> Vec<Value> {
        let Some(depth) = depth.checked_sub(1) else { return vec![Value::named(name)] };
        if self.asked.borrow().contains(&definition.at) {
            return vec![Value::named(name)];
        }
        if let Some(known) = self.known.borrow().get(&definition.at) {
            return known.clone();
        }
        self.asked.borrow_mut().push(definition.at);
        let mut values = match definition.how {
            How::Each => {
                let (values, _) = self.expr(definition.value, depth);
                let owner = self.code.name(definition.value);
                let members =
                    if values.iter().all(Value::is_hole) { self.members_of(owner, depth) } else { Vec::new() };
                if members.is_empty() { values } else { members }
            }
            _ => self.expr(definition.value, depth).0,
        };
        if definition.how == How::Added {
            let before = self.lookup(name, None, definition.at, depth);
            values = product(&before, &values, Value::then);
        }
        for value in &mut values {
            value.is_xero |= names_xero(name);
        }
        self.asked.borrow_mut().pop();
        self.known.borrow_mut().insert(definition.at, values.clone());
        values
    }

    /// The constants that other texts may use: their names and what they stand for, where that is a URL or a path.
    pub(super) fn constants(&self) -> Vec<(String, Vec<String>)> {
        let mut constants = Vec::new();
        for (name, definitions) in &self.names {
            // `url` and `path` are names of everything.
            let is_distinct = name.len() > 4 && name.bytes().any(|byte| byte.is_ascii_uppercase() || byte == b'_');
            if !is_distinct || definitions.len() > 8 {
                continue;
            }
            let outer = |definition: &&Definition<'_>| {
                self.code.function_of(definition.at).is_none() || definition.how == How::Returned
            };
            let texts: Vec<String> = definitions
                .iter()
                .filter(outer)
                .flat_map(|definition| self.defined(definition, name, DEPTH))
                .map(|value| value.text)
                .filter(|text| super::super::target::is_of_xero(text))
                .take(8)
                .collect();
            if !texts.is_empty() {
                constants.push(((*name).to_owned(), texts));
            }
        }
        constants
    }

    /// Whether no other text defines anything.
    pub(super) fn knows_nothing(&self) -> bool {
        self.shared.constants.is_empty()
    }

    /// Whether a name may stand for something that is known.
    pub(super) fn is_defined(&self, name: &str) -> bool {
        let name = name.trim_start_matches('$');
        self.names.contains_key(name) || self.shared.constants.contains_key(name)
    }

    /// The values of the members of each object that has a name.
    pub(super) fn lists(&self) -> impl Iterator<Item = &Vec<usize>> {
        self.members.values()
    }

    /// Where names are assigned: the name, its token, and where its value begins.
    pub(super) fn assignments(&self) -> impl Iterator<Item = (&'t str, usize, usize)> + '_ {
        self.names.iter().flat_map(|(name, all)| {
            let assigned = all.iter().filter(|one| matches!(one.how, How::Assigned | How::Member));
            assigned.map(|one| (*name, one.at, one.value))
        })
    }
}

/// `this`, `self` and the like.
pub(super) fn is_self(name: &str) -> bool {
    matches!(
        name.trim_start_matches('$'),
        "this" | "self" | "Self" | "cls" | "static" | "parent" | "super" | "base" | "me" | "it"
    )
}

/// Functions and methods whose value is that of their argument, or of what they belong to.
fn is_wrapper(name: &str) -> bool {
    matches!(
        name,
        "encodeURI"
            | "encodeURIComponent"
            | "String"
            | "str"
            | "string"
            | "toString"
            | "ToString"
            | "to_string"
            | "to_owned"
            | "into"
            | "as_str"
            | "as_ref"
            | "trim"
            | "Trim"
            | "rtrim"
            | "ltrim"
            | "TrimEnd"
            | "TrimStart"
            | "trimEnd"
            | "rstrip"
            | "lstrip"
            | "strip"
            | "chomp"
            | "removesuffix"
            | "removeprefix"
            | "unwrap"
            | "expect"
            | "clone"
            | "freeze"
            | "parse"
            | "URL"
            | "toURI"
            | "toURL"
            | "toUri"
            | "toHttpUrl"
            | "toHttpUrlOrNull"
            | "HttpUrl"
            | "url"
            | "newBuilder"
            | "build"
            | "Url"
            | "toLowerCase"
            | "lower"
            | "strings"
            | "esc_url"
            | "esc_url_raw"
            | "untrailingslashit"
            | "trailingslashit"
            | "NSURL"
            | "quote"
            | "from"
            | "to_s"
            | "href"
            | "fromHttpUrl"
            | "fromUriString"
            | "fromUri"
            | "toUriString"
            | "buildAndExpand"
            | "expand"
            | "unwrap_or"
            | "unwrap_or_default"
            | "GetLeftPart"
            | "absoluteString"
            | "set_query"
            | "query"
            | "Append"
            | "asString"
            | "to_str"
            | "stripSuffix"
            | "URIBuilder"
            | "UriBuilder"
            | "StringBuilder"
    )
}

/// Methods that make another text of a text or a URL.
fn is_method_of_text(name: &str) -> bool {
    matches!(
        name,
        "format"
            | "formatted"
            | "Format"
            | "concat"
            | "plus"
            | "append"
            | "Append"
            | "resolve"
            | "appendingPathComponent"
            | "appending"
            | "addPathSegment"
            | "addPathSegments"
            | "addEncodedPathSegments"
            | "joinpath"
            | "join"
            | "JoinPath"
            | "AppendPathSegment"
            | "AppendPathSegments"
            | "replace"
            | "replaceAll"
            | "Replace"
            | "gsub"
            | "sub"
            | "toString"
            | "ToString"
            | "to_string"
            | "to_owned"
            | "into"
            | "as_str"
            | "trim"
            | "rstrip"
            | "lstrip"
            | "strip"
            | "chomp"
            | "TrimEnd"
            | "TrimStart"
            | "trimEnd"
            | "removesuffix"
            | "clone"
            | "freeze"
            | "unwrap"
            | "toLowerCase"
            | "lower"
            | "to_s"
            | "toHttpUrl"
            | "toHttpUrlOrNull"
            | "newBuilder"
            | "toUri"
            | "toURI"
            | "toURL"
            | "values"
            | "items"
            | "stripSuffix"
            | "replacingOccurrences"
    )
}

/// Modules whose functions have such names.
fn is_module(name: &str) -> bool {
    matches!(
        name,
        "url"
            | "path"
            | "posixpath"
            | "Path"
            | "URI"
            | "File"
            | "fmt"
            | "String"
            | "string"
            | "util"
            | "os"
            | "Object"
            | "JSON"
            | "Uri"
            | "Url"
            | "urllib"
            | "parse"
            | "strings"
            | "filepath"
            | "Addressable"
            | "HttpUrl"
            | "re"
            | "Array"
    )
}

/// Each of one with each of the other.
fn product(one: &[Value], other: &[Value], join: Join) -> Vec<Value> {
    one.iter().flat_map(|one| other.iter().map(|other| join(one, other)).collect::<Vec<_>>()).take(MANY).collect()
}

fn join_all(all: &[Vec<Value>]) -> Vec<Value> {
    let Some((first, rest)) = all.split_first() else { return vec![Value::hole()] };
    rest.iter().fold(first.clone(), |joined, more| product(&joined, more, resolve_below))
}

/// What is known, or the other if nothing is.
fn known_of(one: Vec<Value>, other: Vec<Value>) -> Vec<Value> {
    let is_known = |value: &Value| !value.text.starts_with("{}") || value.text.len() > 2;
    if other.iter().any(is_known) {
        let mut all: Vec<Value> = one.into_iter().filter(is_known).collect();
        all.extend(other);
        all
    } else {
        one
    }
}

/// A reference at a base, as URLs are resolved.
fn resolve(base: &Value, path: &Value) -> Value {
    if path.text.contains("://") {
        return path.clone();
    }
    if path.text.starts_with('/')
        && let Some(scheme) = base.text.find("://")
        && super::super::target::has_base(&path.text)
    {
        let host = scheme.saturating_add(3);
        let end =
            base.text.get(host..).and_then(|rest| rest.find('/')).map_or(base.text.len(), |at| host.saturating_add(at));
        let mut root = base.clone();
        root.text.truncate(end);
        return root.below(path);
    }
    base.below(path)
}

fn resolve_below(base: &Value, path: &Value) -> Value {
    if path.text.contains("://") { path.clone() } else { base.below(path) }
}

/// A format with each placeholder filled: `%s`, `%d`, `{}`, `{0}`, `${}`.
fn format(value: &Value, args: &[Vec<Value>]) -> Vec<Value> {
    let mut values = vec![Value { text: String::new(), ..value.clone() }];
    let mut rest = value.text.as_str();
    let mut next = 0_usize;
    for _ in 0..24 {
        let found = rest.char_indices().find_map(|(at, c)| {
            let tail = rest.get(at..)?;
            let (length, place) = if c == '%' {
                let kind = tail.get(1..2)?;
                if !matches!(kind, "s" | "d" | "v" | "@" | "i" | "q") && !kind.starts_with(|c: char| c.is_ascii_digit())
                {
                    return None;
                }
                // `%1$s`
                match tail.get(1..).and_then(|rest| rest.split_once("$s")) {
                    Some((digits, _)) if digits.len() == 1 => (4, digits.parse::<usize>().ok()?.checked_sub(1)),
                    _ if kind.starts_with(|c: char| c.is_ascii_digit()) => return None,
                    _ => (2, None),
                }
            } else if c == '{' {
                let end = tail.find('}')?;
                let inside = tail.get(1..end)?;
                let inside = inside.split(':').next().unwrap_or_default();
                if inside.is_empty() {
                    (end.saturating_add(1), None)
                } else {
                    (end.saturating_add(1), Some(inside.parse::<usize>().ok()?))
                }
            } else {
                return None;
            };
            Some((at, length, place))
        });
        let Some((at, length, place)) = found else { break };
        let front = Value { text: rest.get(..at).unwrap_or_default().to_owned(), ..Value::default() };
        let index = place.unwrap_or(next);
        if place.is_none() {
            next = next.saturating_add(1);
        }
        let hole = vec![Value::hole()];
        let filled = args.get(index).unwrap_or(&hole);
        values = product(&product(&values, &[front], Value::then), filled, Value::then);
        rest = rest.get(at.saturating_add(length)..).unwrap_or_default();
    }
    let tail = Value { text: rest.to_owned(), ..Value::default() };
    product(&values, &[tail], Value::then)
}

/// The first name in braces, as formats have it.
fn named_hole(text: &str) -> Option<String> {
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let inside = rest.get(open.saturating_add(1)..)?;
        let end = inside.find('}')?;
        let name = inside.get(..end)?;
        if !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !name.starts_with(|c: char| c.is_ascii_digit())
        {
            return Some(name.to_owned());
        }
        rest = inside.get(end..)?;
    }
    None
}
