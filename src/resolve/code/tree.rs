//! Code as a tree of brackets, and steps over it: neighbours, calls, and the ends of statements.

use std::collections::BTreeMap;

use super::imported::Imported;
use super::lang::Lang;
use super::lex::{Kind, Lexeme, NONE};

/// Code that was read into tokens.
pub(super) struct SourceCode<'t> {
    pub(super) text: &'t str,
    pub(super) lang: Lang,
    is_go: bool,
    tokens: Vec<Lexeme>,
    /// For each token the bracket it is in.
    up: Vec<u32>,
    /// For each token how far its line is indented.
    indents: Vec<u16>,
    /// The place where each function is, in the order of their bodies.
    pub(super) functions: Vec<Function<'t>>,
    /// The functions by their names.
    by_name: BTreeMap<&'t str, Vec<usize>>,
    /// For each token the innermost function whose body it is in.
    inside: Vec<u32>,
    /// The brackets with their parameters, in order.
    definitions: Vec<usize>,
    /// Names that imports give to what another text defines.
    pub(super) imported: Imported<'t>,
}

/// A function with a body.
pub(super) struct Function<'t> {
    pub(super) name: &'t str,
    pub(super) params: Vec<Param<'t>>,
    /// The tokens of its body.
    pub(super) body: (usize, usize),
}

/// A parameter of a function.
#[derive(Clone)]
pub(super) struct Param<'t> {
    pub(super) name: &'t str,
    /// Which of the arguments it is; members of one object share theirs.
    pub(super) place: usize,
    /// True if it is a member of an object.
    pub(super) is_member: bool,
    /// The place where its default begins.
    pub(super) default: Option<usize>,
}

/// Behind the last token.
const END: Lexeme = Lexeme { kind: Kind::End, start: 0, end: 0, mate: NONE, sign: 0 };

/// A statement is looked at so far, in tokens and brackets.
const FAR: usize = 600;

/// A function of Visual Basic is looked at so far.
const LONG: usize = 5_000;

impl<'t> SourceCode<'t> {
    pub(super) fn new(text: &'t str, lang: Lang, tokens: Vec<Lexeme>) -> Self {
        let is_go = text.contains("func ") && (text.contains(":=") || text.contains("package "));
        let mut code = Self {
            text,
            lang,
            is_go,
            up: Vec::with_capacity(tokens.len()),
            indents: Vec::new(),
            tokens,
            functions: Vec::new(),
            by_name: BTreeMap::new(),
            inside: Vec::new(),
            definitions: Vec::new(),
            imported: Imported::default(),
        };
        code.nest();
        if code.lang.is_indented() {
            code.indent();
        }
        code.functions = code.find_functions();
        for (index, function) in code.functions.iter().enumerate() {
            code.by_name.entry(function.name).or_default().push(index);
        }
        code.inside = code.find_inside();
        code.imported = Imported::of(&code);
        code
    }

    fn nest(&mut self) {
        let mut open: Vec<u32> = Vec::new();
        for (index, token) in self.tokens.iter().enumerate() {
            let is_closing = matches!(token.kind, Kind::Close | Kind::HoleEnd | Kind::TemplateEnd);
            if is_closing {
                while let Some(top) = open.pop() {
                    if top == token.mate {
                        break;
                    }
                }
            }
            self.up.push(open.last().copied().unwrap_or(NONE));
            if matches!(token.kind, Kind::Open | Kind::Hole | Kind::Template) {
                open.push(u32::try_from(index).unwrap_or(NONE));
            }
        }
    }

    fn indent(&mut self) {
        let mut own = 0_u16;
        let mut is_new = true;
        let bytes = self.text.as_bytes();
        for token in &self.tokens {
            if is_new && token.kind != Kind::Line {
                let before = bytes.get(..token.start as usize).unwrap_or_default().iter().rev();
                let gap = before.take(200).take_while(|byte| matches!(byte, b' ' | b'\t' | b'"' | b'\'')).count();
                own = u16::try_from(gap).unwrap_or(0);
            }
            is_new = token.kind == Kind::Line;
            self.indents.push(own);
        }
    }

    /// Returns how far the line of a token is indented.
    pub(super) fn indent_of(&self, at: usize) -> u16 {
        self.indents.get(at).copied().unwrap_or(0)
    }

    /// The functions of a name.
    pub(super) fn functions_of(&self, name: &str) -> impl Iterator<Item = &Function<'t>> {
        let all = self.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        all.iter().filter_map(|index| self.functions.get(*index))
    }

    pub(super) const fn is_go(&self) -> bool {
        self.is_go
    }

    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    pub(super) fn token(&self, at: usize) -> Lexeme {
        self.tokens.get(at).copied().unwrap_or(END)
    }

    pub(super) fn kind(&self, at: usize) -> Kind {
        self.token(at).kind
    }

    /// Returns where a token begins in the text.
    pub(super) fn start(&self, at: usize) -> usize {
        self.token(at).start as usize
    }

    pub(super) fn word(&self, at: usize) -> &'t str {
        let token = self.token(at);
        self.text.get(token.start as usize..token.end as usize).unwrap_or_default()
    }

    /// A name without the sign in front of it.
    pub(super) fn name(&self, at: usize) -> &'t str {
        self.word(at).trim_start_matches('$')
    }

    /// A name of a Lisp, which may have dashes in it, and what follows it.
    pub(super) fn name_of_form(&self, at: usize) -> (&'t str, usize) {
        let mut last = at;
        let is_joined = |last: usize| {
            let dash = last.saturating_add(1);
            self.is(dash, "-")
                && self.is_word(dash.saturating_add(1))
                && self.token(last).end == self.token(dash).start
                && self.token(dash).end == self.token(dash.saturating_add(1)).start
        };
        while is_joined(last) {
            last = last.saturating_add(2);
        }
        let whole = self.text.get(self.start(at)..self.token(last).end as usize).unwrap_or_default();
        (whole, self.next(last))
    }

    pub(super) fn is(&self, at: usize, word: &str) -> bool {
        let token = self.token(at);
        if let [sign] = word.as_bytes()
            && token.sign != 0
        {
            return token.sign == *sign;
        }
        token.end.saturating_sub(token.start) as usize == word.len()
            && matches!(token.kind, Kind::Word | Kind::Mark | Kind::Open | Kind::Close)
            && self.word(at) == word
    }

    pub(super) fn is_word(&self, at: usize) -> bool {
        self.kind(at) == Kind::Word
    }

    /// The other bracket.
    pub(super) fn mate(&self, at: usize) -> Option<usize> {
        let mate = self.token(at).mate;
        (mate != NONE).then_some(mate as usize)
    }

    /// The bracket that a token is in.
    pub(super) fn up(&self, at: usize) -> Option<usize> {
        self.up.get(at).copied().filter(|up| *up != NONE).map(|up| up as usize)
    }

    /// The next token that is not the end of a line.
    pub(super) fn next(&self, at: usize) -> usize {
        let mut at = at.saturating_add(1);
        while self.kind(at) == Kind::Line {
            at = at.saturating_add(1);
        }
        at
    }

    /// The token before that is not the end of a line.
    pub(super) fn prev(&self, at: usize) -> Option<usize> {
        let mut at = at.checked_sub(1)?;
        while self.kind(at) == Kind::Line {
            at = at.checked_sub(1)?;
        }
        Some(at)
    }

    /// The token right behind, even if it is the end of the line.
    pub(super) fn beside(&self, at: usize) -> Kind {
        self.kind(at.saturating_add(1))
    }

    /// What follows a token, or the brackets or literal that it opens.
    pub(super) fn skip(&self, at: usize) -> usize {
        let end = match self.kind(at) {
            Kind::Open | Kind::Template | Kind::Hole => self.mate(at).unwrap_or(at),
            _ => at,
        };
        self.next(end.max(at))
    }

    /// Returns whether a mark joins a method to what it belongs to.
    pub(super) fn is_dot(&self, at: usize) -> bool {
        let token = self.token(at);
        token.kind == Kind::Mark
            && match token.sign {
                0 => matches!(self.word(at), "?." | "&." | "->" | "::"),
                sign => sign == b'.' && self.lang != Lang::Php,
            }
    }

    /// The parts between brackets, split at the commas, and at its line ends if nothing else parts them.
    #[inline(never)]
    pub(super) fn parts(&self, open: usize) -> Vec<(usize, usize)> {
        let Some(close) = self.mate(open) else { return Vec::new() };
        let mut parts = Vec::new();
        let first = open.saturating_add(1);
        let mut start = first;
        let mut at = first;
        // `invokeurl [ … ]` of Deluge
        let is_block = self.is(open, "{") || self.prev(open).is_some_and(|name| self.is(name, "invokeurl"));
        while at < close {
            let is_gap = match self.kind(at) {
                Kind::Mark => matches!(self.word(at), "," | ";"),
                // `@{ Uri = "…"` and the next line `Method = "Post" }`
                Kind::Line => is_block && at > start && !self.goes_on(at),
                _ => false,
            };
            if is_gap {
                parts.push((start, at));
                start = at.saturating_add(1);
            }
            at = match self.kind(at) {
                Kind::Open | Kind::Template | Kind::Hole => self.mate(at).unwrap_or(at).max(at).saturating_add(1),
                _ => at.saturating_add(1),
            };
        }
        parts.push((start, close));
        let trimmed = parts.into_iter().map(|(start, end)| {
            let mut start = start;
            while start < end && self.kind(start) == Kind::Line {
                start = start.saturating_add(1);
            }
            (start, end)
        });
        trimmed.filter(|(start, end)| start < end).collect()
    }

    /// Returns whether a statement goes on behind this end of a line.
    pub(super) fn goes_on(&self, line: usize) -> bool {
        let next = self.next(line);
        let joins = |word: &str| {
            matches!(
                word,
                "." | "?."
                    | "&."
                    | "->"
                    | "::"
                    | "+"
                    | "&&"
                    | "||"
                    | "??"
                    | "?"
                    | ":"
                    | ")"
                    | "]"
                    | "="
                    | "=>"
                    | "|>"
                    | ","
            )
        };
        if self.is_dot(next) && !self.is(next, "::")
            || self.kind(next) == Kind::Mark && joins(self.word(next))
            || self.kind(next) == Kind::Close && !self.is(next, "}")
        {
            // `- x` on the next line is an item of a list.
            return true;
        }
        let Some(last) = self.prev(line) else { return false };
        if self.lang == Lang::Basic {
            return self.is(last, "_") || self.is(last, "&");
        }
        match self.kind(last) {
            Kind::Mark => {
                let word = self.word(last);
                joins(word) && word != ":" && word != "?"
                    || matches!(word, "\\" | "-" | "*" | "(" | "`" | "^" | "==" | "+=" | ":=" | "<-")
                    || word == ":" && !matches!(self.lang, Lang::Python | Lang::Ruby | Lang::Shell)
            }
            Kind::Open => !self.is(last, "{"),
            Kind::Word => matches!(self.word(last), "return" | "await" | "in" | "and" | "or" | "not" | "new"),
            _ => false,
        }
    }

    /// Returns where the statement that a token is in begins.
    #[inline(never)]
    pub(super) fn statement_start(&self, at: usize) -> usize {
        let floor = self.up(at).map_or(0, |up| up.saturating_add(1));
        let mut at = at;
        for _ in 0..FAR {
            let Some(before) = at.checked_sub(1).filter(|before| *before >= floor) else { break };
            match self.kind(before) {
                Kind::Line if !self.goes_on(before) => break,
                Kind::Mark if matches!(self.word(before), ";") => break,
                Kind::Close | Kind::TemplateEnd | Kind::HoleEnd => {
                    // A block that ends before is a statement of its own.
                    let open = self.mate(before).unwrap_or(before);
                    if self.is(before, "}")
                        && self.kind(at) == Kind::Word
                        && !self.is(open, "(")
                        && self.kind(before.saturating_add(1)) != Kind::Mark
                    {
                        break;
                    }
                    at = open;
                    continue;
                }
                _ => {}
            }
            at = before;
        }
        at
    }

    /// Returns where the statement that begins at a token ends.
    #[inline(never)]
    pub(super) fn statement_end(&self, start: usize) -> usize {
        self.end(start, |at| match self.kind(at) {
            Kind::Line => at > start && !self.goes_on(at),
            Kind::Mark => self.word(at) == ";",
            Kind::End => true,
            _ => false,
        })
    }

    /// The first token from `start` on for which `ends` holds, in the same brackets and not in brackets within them; else
    /// where those brackets end.
    fn end(&self, start: usize, ends: impl Fn(usize) -> bool) -> usize {
        let ceiling = self.up(start).and_then(|up| self.mate(up)).unwrap_or(self.len());
        let mut at = start;
        for _ in 0..FAR {
            if at >= ceiling {
                break;
            }
            if ends(at) {
                return at;
            }
            if matches!(self.kind(at), Kind::Open | Kind::Template | Kind::Hole) {
                at = self.mate(at).unwrap_or(at).max(at);
            }
            at = at.saturating_add(1);
        }
        at.min(ceiling)
    }

    /// The name that is called with the brackets at `open`, if they are arguments.
    pub(super) fn callee(&self, open: usize) -> Option<usize> {
        if self.is(open, "(") { self.name_before(open) } else { None }
    }

    /// The name that stands before brackets.
    #[inline(never)]
    fn name_before(&self, open: usize) -> Option<usize> {
        let before = self.prev(open)?;
        match self.kind(before) {
            // `new(HttpMethod.Put, url)` of C#
            Kind::Word if self.is(before, "new") && self.lang == Lang::C => Some(before),
            Kind::Word => (!is_keyword(self.word(before)) || self.owner(before).is_some()).then_some(before),
            // `json<Organisation>(`, `Call[T](`
            Kind::Mark if self.word(before) == ">" => {
                let name = self.prev(self.type_start(before)?)?;
                // `json::<T>(`
                let name = if self.is(name, "::") { self.prev(name)? } else { name };
                self.is_word(name).then_some(name)
            }
            Kind::Close if self.is(before, ")") => self.name_in_call(self.mate(before)?, open),
            // `axios["delete"](`, `axios[verb](`, `$http->{$verb}(`
            Kind::Close => {
                let name = self.next(self.mate(before)?);
                let is_name = self.kind(name) == Kind::Text || self.is_word(name);
                (is_name && self.next(name) == before && self.owner(name).is_some()).then_some(name)
            }
            // `Req.get!(`
            Kind::Mark if matches!(self.word(before), "!" | "?.") => {
                self.prev(before).filter(|name| self.is_word(*name))
            }
            _ => None,
        }
    }

    /// The function that the call at `inner` gives, which is called at `open`: `getattr(requests, verb)(`, `client(token)(`.
    #[inline(never)]
    fn name_in_call(&self, inner: usize, open: usize) -> Option<usize> {
        let is_beside = self.mate(inner).is_some_and(|close| close.saturating_add(1) == open);
        if !is_beside || self.is_definition(inner, open) {
            return None;
        }
        let Some(callee) = self.callee(inner) else { return self.inner_name(inner) };
        match self.parts(inner).as_slice() {
            [_, (name, end)] if self.is(callee, "getattr") => {
                (self.next(*name) == *end || name.saturating_add(1) == *end).then_some(*name)
            }
            _ => Some(callee),
        }
    }

    /// Returns whether the name of a function is only known when the program runs: `axios[verb](…)`, `$http->$verb(…)`.
    #[inline(never)]
    pub(super) fn is_computed(&self, callee: usize) -> bool {
        self.is_word(callee)
            && (self.index_owner(callee).is_some()
                || self.lang == Lang::Php && self.word(callee).starts_with('$') && self.owner(callee).is_some())
    }

    /// Returns where the types begin that end with the `>` at a token: `<A<B>, C[]>`.
    #[inline(never)]
    fn type_start(&self, end: usize) -> Option<usize> {
        let mut at = end;
        let mut depth = 1_usize;
        // `get<T = unknown>(` of a definition.
        let mut has_default = false;
        for _ in 0..60 {
            at = self.prev(at)?;
            match self.kind(at) {
                Kind::Text | Kind::Template | Kind::TemplateEnd | Kind::Number => return None,
                Kind::Mark if self.is(at, ">") => depth = depth.saturating_add(1),
                Kind::Mark if self.is(at, "<") => depth = depth.saturating_sub(1),
                Kind::Mark if self.is(at, "=") => has_default = true,
                Kind::Mark if matches!(self.word(at), ";" | "=>" | "&&" | "||") => return None,
                Kind::Open | Kind::Close if has_default => return None,
                _ => {}
            }
            if depth == 0 {
                let is_defined = || {
                    let name = self.prev(at)?;
                    let word = self.word(self.prev(name)?);
                    Some(
                        matches!(word, "function" | "async" | "public" | "private" | "protected" | "static")
                            || self.statement_start(name) == name,
                    )
                };
                return (!has_default || is_defined() == Some(true)).then_some(at);
            }
        }
        None
    }

    /// What a name between brackets belongs to: the `axios` of `axios["delete"]` and of `axios[verb](…)`, that of
    /// `$axios->{$verb}(…)` and of `getattr(axios, verb)(…)`.
    #[inline(never)]
    fn index_owner(&self, name: usize) -> Option<usize> {
        let open = self.prev(name)?;
        let is_text = self.kind(name) == Kind::Text;
        let is_called = || {
            let close = self.next(name);
            self.kind(close) == Kind::Close && self.is(self.next(close), "(")
        };
        if self.is(open, ",") {
            let around = self.up(name).filter(|up| self.is(*up, "(") && is_called())?;
            return self.prev(around).filter(|word| self.is(*word, "getattr")).map(|_| self.next(around));
        }
        if self.is(open, "{") && is_called() {
            return self.prev(open).filter(|arrow| self.is(*arrow, "->")).and_then(|arrow| self.prev(arrow));
        }
        if !self.is(open, "[") || !is_text && !is_called() {
            return None;
        }
        let before = open.checked_sub(1)?;
        let before = if self.is(before, "?.") { before.checked_sub(1)? } else { before };
        (self.is_word(before) || matches!(self.word(before), ")" | "]") && self.kind(before) == Kind::Close)
            .then_some(before)
    }

    /// What a name belongs to: the token before the dot in front of it.
    #[inline(never)]
    pub(super) fn owner(&self, name: usize) -> Option<usize> {
        if self.kind(name) == Kind::Text {
            return self.index_owner(name);
        }
        let dot = self.prev(name)?;
        // `?.[`, `!.`
        if !self.is_dot(dot) {
            return if matches!(self.word(dot), "[" | "{" | ",") { self.index_owner(name) } else { None };
        }
        let mut before = self.prev(dot)?;
        while matches!(self.word(before), "!" | "?") && self.kind(before) == Kind::Mark {
            before = self.prev(before)?;
        }
        if self.is(before, "\\") {
            before = self.prev(before)?;
        }
        Some(before)
    }

    /// The names in the chain in front of a name, nearest first: of `a.b(c).d` for `d` the tokens of `b` and `a`.
    #[inline(never)]
    pub(super) fn chain(&self, name: usize) -> Vec<usize> {
        let mut links = Vec::new();
        let mut at = name;
        while links.len() < 24 {
            let Some(mut owner) = self.owner(at) else { break };
            // Arguments and indices.
            for _ in 0..8 {
                if self.kind(owner) != Kind::Close {
                    break;
                }
                let Some(open) = self.mate(owner) else { return links };
                let Some(before) = self.prev(open) else {
                    links.extend(self.inner_name(open));
                    return links;
                };
                // `client.delete().uri(…)`
                let is_name = self.is_word(before) && (!is_keyword(self.word(before)) || self.owner(before).is_some());
                if is_name || self.kind(before) == Kind::Close {
                    owner = before;
                } else if self.is(before, ">") {
                    let Some(callee) = self.callee(open) else { return links };
                    owner = callee;
                } else {
                    // `(new AccountingApi(…))->`, `(await client()).`
                    if let Some(inner) = self.inner_name(open) {
                        links.push(inner);
                    }
                    return links;
                }
            }
            if !self.is_word(owner) {
                if matches!(self.kind(owner), Kind::Text | Kind::TemplateEnd) {
                    links.push(owner);
                }
                break;
            }
            links.push(owner);
            at = owner;
        }
        links
    }

    /// The name of the expression in brackets: of `(new A\B(x))` it is `B`, of `(x.y as any)` it is `y`.
    pub(super) fn inner_name(&self, open: usize) -> Option<usize> {
        let close = self.mate(open)?;
        let mut last = None;
        let mut at = self.next(open);
        while at < close {
            if self.is_word(at) {
                if matches!(self.word(at), "as" | "satisfies") {
                    break;
                }
                if !is_keyword(self.word(at)) {
                    last = Some(at);
                }
            } else if !self.is_dot(at) && !matches!(self.word(at), "\\" | "!" | "?" | "*" | "&" | "(" | ")") {
                break;
            }
            at = self.skip(at);
        }
        last
    }

    /// The names called behind the brackets or the name that end at `at`, with the brackets of their arguments.
    pub(super) fn calls_behind(&self, at: usize) -> Vec<(usize, Option<usize>)> {
        let mut calls = Vec::new();
        let mut at = at;
        while calls.len() < 24 {
            let mut dot = self.next(at);
            while matches!(self.word(dot), "!" | "?") && self.kind(dot) == Kind::Mark {
                dot = self.next(dot);
            }
            if !self.is_dot(dot) && !self.is(dot, "|>") {
                break;
            }
            let name = self.next(dot);
            if !self.is_word(name) {
                break;
            }
            let open = self.next(name);
            if self.is(open, "(") {
                calls.push((name, Some(open)));
                at = self.mate(open).unwrap_or(open);
            } else {
                calls.push((name, None));
                at = name;
            }
            while self.is(self.next(at), "[") || self.is(self.next(at), "(") {
                let open = self.next(at);
                let Some(close) = self.mate(open) else { return calls };
                at = close;
            }
        }
        calls
    }

    /// What follows a token, or the brackets that it opens, line ends included.
    pub(super) fn skip_here(&self, at: usize) -> usize {
        let end = match self.kind(at) {
            Kind::Open | Kind::Template | Kind::Hole => self.mate(at).unwrap_or(at).max(at),
            _ => at,
        };
        end.saturating_add(1)
    }

    /// Returns whether brackets hold the parameters of a function.
    pub(super) fn is_definition(&self, open: usize, _close: usize) -> bool {
        self.definitions.binary_search(&open).is_ok()
    }

    /// The function whose body a token is in, the innermost.
    pub(super) fn function_of(&self, at: usize) -> Option<usize> {
        self.inside.get(at).copied().filter(|function| *function != NONE).map(|function| function as usize)
    }

    /// For each token the innermost function around it: of those that have begun and not ended, the last.
    fn find_inside(&self) -> Vec<u32> {
        let mut inside = Vec::with_capacity(if self.functions.is_empty() { 0 } else { self.len() });
        let mut open: Vec<(u32, usize)> = Vec::new();
        let mut functions = (0_u32..).zip(&self.functions).peekable();
        for at in 0..self.len() {
            if functions.peek().is_none() && open.is_empty() {
                break;
            }
            while let Some((index, function)) = functions.next_if(|(_, function)| function.body.0 <= at) {
                open.push((index, function.body.1));
            }
            while open.pop_if(|(_, end)| *end <= at).is_some() {}
            inside.push(open.last().map_or(NONE, |(index, _)| *index));
        }
        inside
    }

    fn find_functions(&mut self) -> Vec<Function<'t>> {
        let mut functions = Vec::new();
        let mut definitions = Vec::new();
        for open in 0..self.len() {
            if !self.is(open, "(") {
                continue;
            }
            let Some(close) = self.mate(open) else { continue };
            let Some((name, body)) = self.function_at(open, close) else { continue };
            functions.push(Function { name, params: self.params(open), body });
            definitions.push(open);
        }
        self.definitions = definitions;
        functions.sort_by_key(|function| function.body.0);
        functions
    }

    /// The name and the body of the function whose parameters are in these brackets.
    fn function_at(&self, open: usize, close: usize) -> Option<(&'t str, (usize, usize))> {
        if self.lang == Lang::Basic {
            return self.function_of_basic(open, close);
        }
        // `xeroGet<T>(path)`
        let before = self.prev(open);
        let before = if before.is_some_and(|mark| self.is(mark, ">")) { self.callee(open) } else { before };
        let is_said = |name: usize| {
            self.prev(name).is_some_and(|word| {
                matches!(self.word(word), "function" | "def" | "defp" | "func" | "fun" | "fn" | "sub")
                    || self.is(word, ")") && self.is_receiver(word)
            })
        };
        let may_name = |name: usize| {
            let word = self.word(name);
            let is_nameless = matches!(word, "func" | "function" | "fun" | "fn" | "sub" | "async");
            !is_nameless && (!is_keyword(word) || word == "delete") || is_said(name)
        };
        let named = before.filter(|name| self.is_word(*name) && may_name(*name));
        let keyword =
            named.and_then(|name| self.prev(name)).filter(|word| self.is_word(*word)).map(|word| self.word(word));
        let is_said = matches!(keyword, Some("function" | "def" | "defp" | "func" | "fun" | "fn" | "sub"))
            || named
                .and_then(|name| self.prev(name))
                .is_some_and(|close| self.lang != Lang::Python && self.is(close, ")") && self.is_receiver(close));
        // Ruby and Elixir: `def get(path)` … `end`.
        let is_block = || {
            let name = named.filter(|_| matches!(keyword, Some("def" | "defp")) && self.lang != Lang::Python)?;
            Some((self.word(name), (close, self.block_end(name, close))))
        };
        if self.beside(close) == Kind::Line
            && !self.is(self.next(close), "{")
            && let Some(function) = is_block()
        {
            return Some(function);
        }
        // Up to the body there are only types.
        let mut at = self.next(close);
        for _ in 0..16 {
            match self.kind(at) {
                Kind::Open if self.is(at, "{") => {
                    let end = self.mate(at)?;
                    let is_method = named.is_some() && !self.is_call_statement(open);
                    if !is_said
                        && !is_method
                        && !self.is(self.prev(at)?, "=>")
                        && !before.is_some_and(|word| self.is(word, "function") || self.is(word, "func"))
                    {
                        return None;
                    }
                    let name = named.map(|name| self.word(name)).or_else(|| self.assigned_name(open)).unwrap_or("");
                    return Some((name, (at, end)));
                }
                Kind::Mark if self.word(at) == "=>" || self.word(at) == "=" && is_said => {
                    let body = self.next(at);
                    if self.is(body, "{") {
                        at = body;
                        continue;
                    }
                    if keyword.is_none() && self.word(at) == "=" {
                        return None;
                    }
                    let name = named
                        .filter(|_| is_said)
                        .map(|name| self.word(name))
                        .or_else(|| self.assigned_name(open))
                        .unwrap_or("");
                    return Some((name, (body, self.expression_end(body))));
                }
                Kind::Mark if self.word(at) == ":" && matches!(keyword, Some("def")) && self.is_block_colon(at) => {
                    let name = named.map_or("", |name| self.word(name));
                    return Some((name, (at, self.block_end(named?, at))));
                }
                // Another statement begins here.
                Kind::Word
                    if matches!(
                        self.word(at),
                        "if" | "for" | "while" | "switch" | "return" | "defer" | "var" | "let" | "foreach" | "unless"
                    ) =>
                {
                    break;
                }
                Kind::Word | Kind::Number | Kind::Mark
                    if !matches!(self.word(at), ";" | "," | "." | "?." | "=" | "+" | "\\")
                        || self.word(at) == "." && is_said =>
                {
                    at = self.next(at);
                }
                Kind::Open
                    if !self.is(at, "{")
                        && (is_said || self.is(self.prev(at)?, ":") || self.mate(at) == Some(at.saturating_add(1))) =>
                {
                    at = self.skip(at);
                }
                _ => break,
            }
        }
        is_block()
    }

    /// The name and the body of a function of Visual Basic: `Function Send(path As String)` … `End Function`.
    fn function_of_basic(&self, open: usize, close: usize) -> Option<(&'t str, (usize, usize))> {
        let name = self.prev(open).filter(|name| self.is_word(*name))?;
        let kind = self.word(self.prev(name)?);
        if !matches!(kind, "Function" | "Sub") {
            return None;
        }
        let last = self.len().min(close.saturating_add(LONG));
        let ends = |at: &usize| self.is(*at, "End") && self.is(self.next(*at), kind);
        Some((self.word(name), (close, (close..last).find(ends).unwrap_or(last))))
    }

    /// Returns whether the brackets that end at `close` are the receiver of a method in Go.
    fn is_receiver(&self, close: usize) -> bool {
        self.mate(close).and_then(|open| self.prev(open)).is_some_and(|word| self.is(word, "func"))
    }

    /// Returns whether the brackets at `open` are arguments of `if` and the like, or a call in front of a block.
    fn is_call_statement(&self, open: usize) -> bool {
        let Some(name) = self.prev(open) else { return true };
        self.owner(name).is_some()
            || self.prev(name).is_some_and(|before| {
                matches!(
                    self.word(before),
                    "=" | ":="
                        | "<-"
                        | "("
                        | ","
                        | "return"
                        | "await"
                        | "new"
                        | "=>"
                        | "+"
                        | "!"
                        | "=="
                        | "!="
                        | "&&"
                        | "||"
                        | "?"
                        | "if"
                        | "go"
                        | "defer"
                )
            })
    }

    /// Returns whether a colon opens a block of Python: the line ends behind it, or the block is on the line.
    fn is_block_colon(&self, at: usize) -> bool {
        self.kind(at) == Kind::Mark
    }

    /// The name that what begins at `at` is assigned to.
    pub(super) fn assigned_name(&self, at: usize) -> Option<&'t str> {
        let mut at = self.prev(at)?;
        while matches!(self.word(at), "async" | "function" | "new" | "await" | "func" | "fun" | "lambda" | "array")
            && self.is_word(at)
        {
            at = self.prev(at)?;
        }
        if !matches!(self.word(at), "=" | ":" | ":=" | "=>") {
            return None;
        }
        let name = self.prev(at)?;
        matches!(self.kind(name), Kind::Word).then(|| self.word(name))
    }

    /// Returns where an expression ends that begins at `at`.
    pub(super) fn expression_end(&self, at: usize) -> usize {
        self.end(at, |at| match self.kind(at) {
            Kind::Mark => matches!(self.word(at), "," | ";"),
            Kind::Line => !self.goes_on(at),
            _ => false,
        })
    }

    /// Returns where the lines end that are indented further than that of `name`.
    fn block_end(&self, name: usize, from: usize) -> usize {
        let own = self.indent_of(name);
        let mut at = from;
        let mut is_first = true;
        while at < self.len() {
            if self.kind(at) == Kind::Line {
                let next = self.next(at);
                if self.kind(next) == Kind::End {
                    return self.len();
                }
                if self.indent_of(next) <= own {
                    // On one line: `def f(x): return …`
                    return if is_first { at.max(from.saturating_add(1)) } else { next };
                }
                is_first = false;
                at = next;
                continue;
            }
            at = match self.kind(at) {
                Kind::Open => self.mate(at).unwrap_or(at).max(at).saturating_add(1),
                _ => at.saturating_add(1),
            };
        }
        self.len()
    }

    fn params(&self, open: usize) -> Vec<Param<'t>> {
        let mut params = Vec::new();
        for (place, (start, end)) in self.parts(open).into_iter().enumerate().take(24) {
            if self.is(start, "{") || self.is(start, "[") {
                for (from, to) in self.parts(start) {
                    let name = (from..to).rev().find(|at| self.is_word(*at) && self.up(*at) == self.up(from));
                    let named = if self.is_word(from) { Some(from) } else { name };
                    if let Some(name) = named {
                        let default = (from..to).find(|at| self.is(*at, "=")).map(|at| self.next(at));
                        params.push(Param { name: self.name(name), place, is_member: true, default });
                    }
                }
                continue;
            }
            let find = |mark: &str| (start..end).find(|at| self.is(*at, mark) && self.up(*at) == Some(open));
            let equals = find("=");
            let stop = [find(":"), equals].into_iter().flatten().min().unwrap_or(end);
            let is_plain = |at: &usize| {
                self.lang != Lang::Basic || !matches!(self.word(*at), "ByVal" | "ByRef" | "Optional" | "ParamArray")
            };
            let words: Vec<usize> =
                (start..stop).filter(|at| self.is_word(*at) && self.up(*at) == Some(open)).filter(is_plain).collect();
            let dollar = words.iter().find(|at| self.word(**at).starts_with('$'));
            let is_typed_first = find(":").is_none() && !self.is_go && self.lang != Lang::Basic;
            let name = dollar.or(if is_typed_first { words.last() } else { words.first() });
            if let Some(&name) = name {
                // Swift names its arguments twice: `path p: String`.
                let name =
                    if find(":").is_some() && words.len() == 2 { words.get(1).copied().unwrap_or(name) } else { name };
                params.push(Param {
                    name: self.name(name),
                    place,
                    is_member: false,
                    default: equals.map(|at| self.next(at)),
                });
            }
        }
        params
    }
}

/// Words that stand where a name could and are none.
pub(super) fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "if" | "for"
            | "while"
            | "switch"
            | "catch"
            | "return"
            | "await"
            | "yield"
            | "new"
            | "typeof"
            | "in"
            | "of"
            | "and"
            | "or"
            | "not"
            | "do"
            | "else"
            | "case"
            | "throw"
            | "using"
            | "match"
            | "when"
            | "elif"
            | "elsif"
            | "unless"
            | "foreach"
            | "then"
            | "raise"
            | "assert"
            | "print"
            | "lambda"
            | "with"
            | "as"
            | "is"
            | "delete"
            | "void"
            | "try"
            | "except"
            | "finally"
    )
}
