//! Tokens with their brackets, and steps over them: neighbours, parts, and where statements begin and end.

#![expect(
    clippy::inline_always,
    reason = "the module is optimised for size, and these are most of the time of reading code"
)]

use std::collections::BTreeMap;

use super::functions::Function;
use crate::resolve::code::imported::Imported;
use crate::resolve::code::lang::Lang;
use crate::resolve::code::lex::{Kind, Lexeme, NONE};

/// Code that was read into tokens.
pub(in crate::resolve::code) struct SourceCode<'t> {
    pub(in crate::resolve::code) text: &'t str,
    pub(in crate::resolve::code) lang: Lang,
    is_go: bool,
    tokens: Vec<Lexeme>,
    /// The ends of lines that follow each other: where each of these begins and ends, in order.
    gaps: Vec<(usize, usize)>,
    /// For each token the bracket it is in.
    up: Vec<u32>,
    /// For each token how far its line is indented.
    indents: Vec<u16>,
    /// The place where each function is, in the order of their bodies.
    pub(in crate::resolve::code) functions: Vec<Function<'t>>,
    /// The functions by their names.
    by_name: BTreeMap<&'t str, Vec<usize>>,
    /// For each token the innermost function whose body it is in.
    pub(super) inside: Vec<u32>,
    /// The brackets with their parameters, in order.
    pub(super) definitions: Vec<usize>,
    /// Names that imports give to what another text defines.
    pub(in crate::resolve::code) imported: Imported<'t>,
}

/// Behind the last token.
const END: Lexeme = Lexeme { kind: Kind::End, start: 0, end: 0, mate: NONE, sign: 0 };

/// A statement is looked at so far, in tokens and brackets.
const FAR: usize = 600;

impl<'t> SourceCode<'t> {
    pub(in crate::resolve::code) fn new(text: &'t str, lang: Lang, tokens: Vec<Lexeme>) -> Self {
        let is_go = text.contains("func ") && (text.contains(":=") || text.contains("package "));
        let mut code = Self {
            text,
            lang,
            is_go,
            up: Vec::with_capacity(tokens.len()),
            indents: Vec::new(),
            tokens,
            gaps: Vec::new(),
            functions: Vec::new(),
            by_name: BTreeMap::new(),
            inside: Vec::new(),
            definitions: Vec::new(),
            imported: Imported::default(),
        };
        code.find_gaps();
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
    pub(in crate::resolve::code) fn indent_of(&self, at: usize) -> u16 {
        self.indents.get(at).copied().unwrap_or(0)
    }

    /// The functions of a name.
    pub(in crate::resolve::code) fn functions_of(&self, name: &str) -> impl Iterator<Item = &Function<'t>> {
        let all = self.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        all.iter().filter_map(|index| self.functions.get(*index))
    }

    pub(in crate::resolve::code) const fn is_go(&self) -> bool {
        self.is_go
    }

    pub(in crate::resolve::code) fn len(&self) -> usize {
        self.tokens.len()
    }

    #[inline(always)]
    pub(in crate::resolve::code) fn token(&self, at: usize) -> Lexeme {
        self.tokens.get(at).copied().unwrap_or(END)
    }

    #[inline(always)]
    pub(in crate::resolve::code) fn kind(&self, at: usize) -> Kind {
        self.token(at).kind
    }

    /// Returns where a token begins in the text.
    pub(in crate::resolve::code) fn start(&self, at: usize) -> usize {
        self.token(at).start as usize
    }

    pub(in crate::resolve::code) fn word(&self, at: usize) -> &'t str {
        let token = self.token(at);
        self.text.get(token.start as usize..token.end as usize).unwrap_or_default()
    }

    /// A name without the sign in front of it.
    pub(in crate::resolve::code) fn name(&self, at: usize) -> &'t str {
        self.word(at).trim_start_matches('$')
    }

    /// A name of a Lisp, which may have dashes in it, and what follows it.
    pub(in crate::resolve::code) fn name_of_form(&self, at: usize) -> (&'t str, usize) {
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

    #[inline(always)]
    pub(in crate::resolve::code) fn is(&self, at: usize, word: &str) -> bool {
        let sign = self.token(at).sign;
        if let [only] = word.as_bytes()
            && sign != 0
        {
            return sign == *only;
        }
        self.is_text(at, word)
    }

    #[inline(never)]
    fn is_text(&self, at: usize, word: &str) -> bool {
        let token = self.token(at);
        token.end.saturating_sub(token.start) as usize == word.len()
            && matches!(token.kind, Kind::Word | Kind::Mark | Kind::Open | Kind::Close)
            && self.word(at) == word
    }

    pub(in crate::resolve::code) fn is_word(&self, at: usize) -> bool {
        self.kind(at) == Kind::Word
    }

    /// The other bracket.
    pub(in crate::resolve::code) fn mate(&self, at: usize) -> Option<usize> {
        let mate = self.token(at).mate;
        (mate != NONE).then_some(mate as usize)
    }

    /// The bracket that a token is in.
    pub(in crate::resolve::code) fn up(&self, at: usize) -> Option<usize> {
        self.up.get(at).copied().filter(|up| *up != NONE).map(|up| up as usize)
    }

    /// The next token that is not the end of a line.
    pub(in crate::resolve::code) fn next(&self, at: usize) -> usize {
        let next = at.saturating_add(1);
        if self.kind(next) != Kind::Line {
            return next;
        }
        let next = next.saturating_add(1);
        if self.kind(next) == Kind::Line { self.gap(next).map_or(next, |(_, end)| end) } else { next }
    }

    /// The token before that is not the end of a line.
    pub(in crate::resolve::code) fn prev(&self, at: usize) -> Option<usize> {
        let before = at.checked_sub(1)?;
        if self.kind(before) != Kind::Line {
            return Some(before);
        }
        let before = before.checked_sub(1)?;
        if self.kind(before) == Kind::Line { self.gap(before)?.0.checked_sub(1) } else { Some(before) }
    }

    /// Where the ends of lines begin and end that a token is one of, with others beside it.
    #[inline(never)]
    fn gap(&self, at: usize) -> Option<(usize, usize)> {
        let place = self.gaps.partition_point(|(_, end)| *end <= at);
        self.gaps.get(place).copied().filter(|(start, _)| *start <= at)
    }

    /// Notes the ends of lines that follow each other: thousands of them are stepped over at once.
    fn find_gaps(&mut self) {
        let mut start = 0_usize;
        for lines in self.tokens.chunk_by(|one, other| (one.kind == Kind::Line) == (other.kind == Kind::Line)) {
            let end = start.saturating_add(lines.len());
            if lines.len() > 1 && lines.first().is_some_and(|first| first.kind == Kind::Line) {
                self.gaps.push((start, end));
            }
            start = end;
        }
    }

    /// The token right behind, even if it is the end of the line.
    pub(in crate::resolve::code) fn beside(&self, at: usize) -> Kind {
        self.kind(at.saturating_add(1))
    }

    /// What follows a token, or the brackets or literal that it opens.
    pub(in crate::resolve::code) fn skip(&self, at: usize) -> usize {
        let end = match self.kind(at) {
            Kind::Open | Kind::Template | Kind::Hole => self.mate(at).unwrap_or(at),
            _ => at,
        };
        self.next(end.max(at))
    }

    /// Returns whether a mark joins a method to what it belongs to.
    pub(in crate::resolve::code) fn is_dot(&self, at: usize) -> bool {
        let token = self.token(at);
        token.kind == Kind::Mark
            && match token.sign {
                0 => matches!(self.word(at), "?." | "&." | "->" | "::"),
                sign => sign == b'.' && self.lang != Lang::Php,
            }
    }

    /// The parts between brackets, split at the commas, and at its line ends if nothing else parts them.
    #[inline(never)]
    pub(in crate::resolve::code) fn parts(&self, open: usize) -> Vec<(usize, usize)> {
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
    pub(in crate::resolve::code) fn goes_on(&self, line: usize) -> bool {
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
    pub(in crate::resolve::code) fn statement_start(&self, at: usize) -> usize {
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
    pub(in crate::resolve::code) fn statement_end(&self, start: usize) -> usize {
        self.end(start, |at| match self.kind(at) {
            Kind::Line => at > start && !self.goes_on(at),
            Kind::Mark => self.word(at) == ";",
            Kind::End => true,
            _ => false,
        })
    }

    /// The first token from `start` on for which `ends` holds, in the same brackets and not in brackets within them; else
    /// where those brackets end.
    pub(super) fn end(&self, start: usize, ends: impl Fn(usize) -> bool) -> usize {
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

    /// What follows a token, or the brackets that it opens, line ends included.
    pub(in crate::resolve::code) fn skip_here(&self, at: usize) -> usize {
        let end = match self.kind(at) {
            Kind::Open | Kind::Template | Kind::Hole => self.mate(at).unwrap_or(at).max(at),
            _ => at,
        };
        end.saturating_add(1)
    }
}
