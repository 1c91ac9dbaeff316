//! Code as tokens: words, texts with the values inside them, marks and line ends. Comments are left out.

use super::super::target::{bare, placeholder};
use super::lang::Lang;
use super::resources;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or a keyword.
    Word,
    Number,
    /// A literal without values in it, from behind its first quote up to its last.
    Text,
    /// A URL without quotes.
    Url,
    /// `(`, `[` or `{` that is closed.
    Open,
    Close,
    /// The place where a literal with values in it begins, and where it ends.
    Template,
    TemplateEnd,
    /// A piece of such a literal.
    Part,
    /// The place where a value in it begins, and where it ends.
    Hole,
    HoleEnd,
    /// One sign of punctuation, or several that belong together.
    Mark,
    /// The end of a line.
    Line,
    /// Behind the last token.
    End,
}

/// A token, in bytes of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lexeme {
    pub(super) kind: Kind,
    pub(super) start: u32,
    pub(super) end: u32,
    /// Of what opens and closes, the index of the other; [`NONE`] for the rest.
    pub(super) mate: u32,
    /// The byte of a bracket or of a mark that is one byte long, so that it is compared without a look into the text; 0 for
    /// the rest.
    pub(super) sign: u8,
}

/// No index.
pub(super) const NONE: u32 = u32::MAX;

/// What reading gave.
pub(super) struct Lexed {
    pub(super) tokens: Vec<Lexeme>,
    /// The place where the comments are.
    pub(super) comments: Vec<(u32, u32)>,
}

/// Reads the whole text.
pub(super) fn lex(text: &str, lang: Lang) -> Lexed {
    let mut lexer = Lexer {
        text,
        bytes: text.as_bytes(),
        lang,
        at: 0,
        tokens: Vec::with_capacity(text.len() / 6),
        comments: Vec::new(),
        modes: Vec::new(),
        endless: [false; 9],
        heredocs: Vec::new(),
        opened: Vec::new(),
    };
    lexer.run();
    Lexed { tokens: lexer.tokens, comments: lexer.comments }
}

/// The construct that is being read.
#[derive(Clone, Copy)]
enum Mode {
    /// A literal that ends with `quote`, `count` times.
    Template { open: u32, quote: u8, count: usize, holes: Holes, is_long: bool, is_raw: bool },
    /// A value in it, up to `close`; `depth` brackets of that kind are open, and so many others.
    Hole { open: u32, close: u8, depth: u32, opened: usize },
}

/// The way in which values are written into a literal, one bit each.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Holes(u8);

impl Holes {
    const NONE: Self = Self(0);
    /// `${x}`
    const DOLLAR_BRACE: Self = Self(1);
    /// `#{x}`
    const HASH_BRACE: Self = Self(2);
    /// `{$x}`
    const BRACE_DOLLAR: Self = Self(4);
    /// `$x`
    const DOLLAR_NAME: Self = Self(8);
    /// `\(x)`
    const BACKSLASH: Self = Self(16);
    /// `{x}`
    const BRACE: Self = Self(32);
    /// `$(x)`
    const DOLLAR_PAREN: Self = Self(64);

    const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn has(self, one: Self) -> bool {
        self.0 & one.0 != 0
    }
}

/// So far a literal may go on, and so far a name in front of a heredoc, in bytes.
const LONGEST: usize = 262_144;

struct Lexer<'t> {
    text: &'t str,
    bytes: &'t [u8],
    lang: Lang,
    at: usize,
    tokens: Vec<Lexeme>,
    comments: Vec<(u32, u32)>,
    modes: Vec<Mode>,
    /// Constructs that have no end in the rest of the text: comments, and literals by their quotes.
    endless: [bool; 9],
    /// The names that end heredocs which begin on the next line.
    heredocs: Vec<&'t str>,
    /// Brackets that are open: their tokens.
    opened: Vec<u32>,
}

fn short(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NONE)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

impl<'t> Lexer<'t> {
    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at.saturating_add(ahead)).copied().unwrap_or(0)
    }

    fn before(&self) -> u8 {
        self.at.checked_sub(1).and_then(|at| self.bytes.get(at)).copied().unwrap_or(b'\n')
    }

    fn rest(&self) -> &'t [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn starts(&self, with: &str) -> bool {
        self.rest().starts_with(with.as_bytes())
    }

    fn step(&mut self, length: usize) {
        self.at = self.at.saturating_add(length);
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) -> u32 {
        let index = short(self.tokens.len());
        let has_sign = matches!(kind, Kind::Mark | Kind::Open | Kind::Close) && end == start.saturating_add(1);
        let sign = if has_sign { self.bytes.get(start).copied().unwrap_or(0) } else { 0 };
        self.tokens.push(Lexeme { kind, start: short(start), end: short(end), mate: NONE, sign });
        index
    }

    fn mates(&mut self, one: u32, other: u32) {
        for (at, mate) in [(one, other), (other, one)] {
            if let Some(token) = self.tokens.get_mut(at as usize) {
                token.mate = mate;
            }
        }
    }

    fn run(&mut self) {
        if self.bytes.len() >= NONE as usize {
            return;
        }
        while self.at < self.bytes.len() {
            match self.modes.last().copied() {
                Some(mode @ Mode::Template { .. }) => self.part(mode),
                _ => self.code(),
            }
        }
        // A bracket that nothing closes is a mark; so is what a literal without an end began with.
        for token in &mut self.tokens {
            if token.mate == NONE
                && matches!(
                    token.kind,
                    Kind::Open | Kind::Close | Kind::Template | Kind::TemplateEnd | Kind::Hole | Kind::HoleEnd
                )
            {
                token.kind = Kind::Mark;
            }
        }
    }

    /// Reads one token of code.
    fn code(&mut self) {
        let start = self.at;
        let byte = self.byte(0);
        match byte {
            b'\n' => self.line(),
            b' ' | b'\t' | b'\r' => self.step(1),
            _ if self.comment(byte) => {}
            b'"' | b'\'' | b'`' => self.literal(byte, false, false),
            b'0'..=b'9' => {
                let length =
                    self.rest().iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
                self.step(length.max(1));
                self.push(Kind::Number, start, self.at);
            }
            b'$' | b'@' if self.verbatim() => {}
            b'$' | b'%' | b'{' if self.unquoted() => {}
            _ if is_word(byte) => self.word(),
            b'(' | b'[' | b'{' => {
                self.step(1);
                let index = self.push(Kind::Open, start, self.at);
                self.opened.push(index);
                if let Some(Mode::Hole { close, depth, .. }) = self.modes.last_mut()
                    && (byte == b'{' && *close == b'}' || byte == b'(' && *close == b')')
                {
                    *depth = depth.saturating_add(1);
                }
            }
            b')' | b']' | b'}' => self.close(byte),
            b'/' if self.based_path() => {}
            b'/' if self.regex() => {}
            b'<' if self.heredoc() => {}
            _ => {
                self.step(self.mark());
                self.push(Kind::Mark, start, self.at);
            }
        }
    }

    /// Returns how many bytes the mark has that begins here.
    fn mark(&self) -> usize {
        const LONG: [&str; 21] = [
            "===", "!==", "...", "<=>", "->", "=>", "::", "?.", "&.", ":=", "==", "!=", "<=", ">=", "&&", "||", "??",
            "+=", "++", "--", "|>",
        ];
        if !matches!(self.byte(1), b'=' | b'.' | b'>' | b':' | b'&' | b'|' | b'?' | b'+' | b'-') {
            return 1;
        }
        LONG.into_iter().find(|mark| self.starts(mark)).map_or(1, str::len)
    }

    fn line(&mut self) {
        self.push(Kind::Line, self.at, self.at.saturating_add(1));
        self.step(1);
        for name in core::mem::take(&mut self.heredocs) {
            self.body(name);
        }
    }

    /// Takes a comment, if one begins here.
    fn comment(&mut self, byte: u8) -> bool {
        let start = self.at;
        let before = self.before();
        let is_first = || {
            let line = self.bytes.get(..start).unwrap_or_default().iter().rev().take_while(|byte| **byte != b'\n');
            line.take(LONGEST).all(u8::is_ascii_whitespace)
        };
        let length = match byte {
            b'/' if self.lang.has_slashes() && self.byte(1) == b'/' && before != b':' && !self.divides() => {
                Some(self.to_line_end())
            }
            b'/' if self.lang.has_slashes() && self.byte(1) == b'*' => self.to("*/", 0),
            b'<' if self.starts("<!--") => self.to("-->", 1),
            b'<' if self.lang == Lang::Shell && self.byte(1) == b'#' => self.to("#>", 2),
            b'-' if self.byte(1) == b'-'
                && (self.lang == Lang::Dash
                    || self.lang == Lang::Unknown && matches!(self.byte(2), b' ' | b'\n' | b'\t') && is_first()) =>
            {
                Some(self.to_line_end())
            }
            b'#' if self.hash(before, &is_first) => Some(self.to_line_end()),
            b'\'' if self.lang == Lang::Basic => Some(self.to_line_end()),
            b'=' if self.lang == Lang::Ruby && self.starts("=begin") && before == b'\n' => self.to("=end", 4),
            _ => None,
        };
        let Some(length) = length.filter(|length| *length > 0) else { return false };
        self.step(length);
        self.comments.push((short(start), short(self.at)));
        true
    }

    /// Returns whether `//` here is Python's division: `total // 100`.
    fn divides(&self) -> bool {
        let last = self.tokens.last().map(|token| token.kind);
        let next = self.rest().get(2..).unwrap_or_default().trim_ascii_start().first();
        self.lang == Lang::Unknown
            && matches!(last, Some(Kind::Word | Kind::Number))
            && next.is_some_and(u8::is_ascii_digit)
    }

    /// Returns whether a comment begins at this `#`.
    fn hash(&self, before: u8, is_first: &dyn Fn() -> bool) -> bool {
        let next = self.byte(1);
        let free = before.is_ascii_whitespace() || matches!(before, b';' | b')' | b'}' | b',');
        match self.lang {
            Lang::Python => true,
            Lang::Ruby | Lang::Shell | Lang::Dash => free && next != b'{',
            Lang::Php => free && next != b'[',
            // A directive: `#region`, `#include`.
            Lang::C => is_first() && next.is_ascii_alphabetic(),
            Lang::Js | Lang::Rust | Lang::Basic => false,
            Lang::Unknown | Lang::Markup => {
                if !free || next == b'{' || next == b'[' {
                    return false;
                }
                if next.is_ascii_alphabetic() || next == b'_' {
                    // `#load() {`, `#count = 0` are names of JavaScript.
                    let rest = self.rest().get(1..).unwrap_or_default();
                    let name = rest.iter().take_while(|byte| is_word(**byte)).count();
                    let behind = rest.get(name..).unwrap_or_default();
                    let is_name = behind.starts_with(b"(")
                        || behind.starts_with(b" =")
                        || behind.starts_with(b";")
                        || behind.starts_with(b".");
                    return !is_name;
                }
                true
            }
        }
    }

    fn to_line_end(&self) -> usize {
        let rest = self.rest();
        rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())
    }

    /// Returns how far it is to behind `end`; `None` if there is none any more, which is looked for only once.
    fn to(&mut self, end: &str, which: usize) -> Option<usize> {
        if self.endless.get(which).copied().unwrap_or(true) {
            return None;
        }
        let found = self.text.get(self.at..).and_then(|rest| rest.find(end));
        if found.is_none()
            && let Some(endless) = self.endless.get_mut(which)
        {
            *endless = true;
        }
        found.map(|at| at.saturating_add(end.len()))
    }

    /// Takes a name, a URL, or a literal with letters before its quote.
    fn word(&mut self) {
        let start = self.at;
        let length = self.rest().iter().take_while(|byte| is_word(**byte)).count();
        let word = self.text.get(start..start.saturating_add(length)).unwrap_or_default();
        let next = self.byte(length);
        if matches!(word, "http" | "https" | "HTTP" | "HTTPS")
            && self.rest().get(length..).unwrap_or_default().starts_with(b"://")
        {
            let url = super::super::target::bare(self.text.get(start..).unwrap_or_default());
            self.step(url.len().max(1));
            self.push(Kind::Url, start, self.at);
            return;
        }
        if matches!(next, b'"' | b'\'' | b'`')
            && length <= 2
            && matches!(
                word,
                "f" | "F" | "r" | "R" | "b" | "B" | "u" | "rf" | "fr" | "Rf" | "rb" | "br" | "s" | "c" | "$"
            )
        {
            let has_holes = word.contains(['f', 'F', 's', '$']) || word == "r" && self.lang == Lang::Shell;
            let raw = word.contains(['r', 'R']);
            if !(self.lang == Lang::Rust && next == b'\'') {
                self.step(length);
                self.literal(next, has_holes, raw);
                return;
            }
        }
        // `r#"…"#`
        if (word == "r" || word == "br") && next == b'#' && self.lang != Lang::Python {
            let hashes = self.rest().get(length..).unwrap_or_default().iter().take_while(|byte| **byte == b'#').count();
            let open = length.saturating_add(hashes);
            if self.byte(open) == b'"' {
                let end = ["\"", &"#".repeat(hashes)].concat();
                let inside = start.saturating_add(open).saturating_add(1);
                if let Some(found) = self.text.get(inside..).and_then(|rest| rest.find(&end)) {
                    let stop = inside.saturating_add(found);
                    self.push(Kind::Text, inside, stop);
                    self.at = stop.saturating_add(end.len());
                    return;
                }
            }
        }
        self.step(length.max(1));
        self.push(Kind::Word, start, self.at);
    }

    /// Takes `$"…"`, `@"…"`, `$@"…"` and PowerShell's `@"` … `"@`.
    fn verbatim(&mut self) -> bool {
        let signs = self.rest().iter().take_while(|byte| matches!(byte, b'$' | b'@')).count();
        let quote = self.byte(signs);
        let has = |sign: u8| self.rest().iter().take(signs).any(|byte| *byte == sign);
        if signs > 3 || !(quote == b'"' || quote == b'\'' && has(b'@')) {
            return false;
        }
        let (dollar, at_sign) = (has(b'$'), has(b'@'));
        if at_sign && matches!(self.byte(signs.saturating_add(1)), b'\n' | b'\r') {
            let end = if quote == b'"' { "\n\"@" } else { "\n'@" };
            let Some(length) = self.to(end, 5) else { return false };
            let start = self.at.saturating_add(signs).saturating_add(1);
            let stop = self.at.saturating_add(length);
            self.push(Kind::Text, start, stop.saturating_sub(end.len()));
            self.at = stop;
            return true;
        }
        self.step(signs);
        self.literal(quote, dollar, at_sign);
        true
    }

    /// Takes a path of Xero's below a variable that is not in quotes, as commands have them: `$BASE/Invoices`,
    /// `$(BASE)/Invoices`, `%BASE%/Invoices`, `{{base}}/Invoices`.
    fn unquoted(&mut self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let length = match rest.as_bytes() {
            [b'{', second, ..] if *second != b'{' => None,
            [b'$', first, ..] if is_part(first) => {
                Some(rest.bytes().skip(1).take_while(is_part).count().saturating_add(1))
            }
            _ => placeholder(rest),
        };
        let Some((variable, behind)) = length.and_then(|length| rest.split_at_checked(length)) else { return false };
        if !behind.starts_with('/') || !resources::is_exact(bare(behind)) {
            return false;
        }
        let path = bare(behind).len();
        let start = self.at;
        let open = self.push(Kind::Template, start, start);
        let hole = self.push(Kind::Hole, start, start);
        let front = variable.bytes().take_while(|byte| !is_part(byte)).count();
        let name = variable.bytes().skip(front).take_while(is_part).count();
        let from = start.saturating_add(front);
        if name > 0 {
            self.push(Kind::Word, from, from.saturating_add(name));
        }
        let to = start.saturating_add(variable.len());
        let end = self.push(Kind::HoleEnd, to, to);
        self.mates(hole, end);
        self.at = to.saturating_add(path);
        self.push(Kind::Part, to, self.at);
        let end = self.push(Kind::TemplateEnd, self.at, self.at);
        self.mates(open, end);
        true
    }

    /// Takes a path with the base of an API that is not in quotes: `<path>/api.xro/2.0/Invoices</path>`.
    fn based_path(&mut self) -> bool {
        let rest = self.rest();
        let name = rest.iter().skip(1).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
        let has_base = rest
            .get(name.saturating_add(1)..name.saturating_add(6))
            .is_some_and(|base| base.eq_ignore_ascii_case(b".xro/"));
        if !has_base || self.before().is_ascii_alphanumeric() {
            return false;
        }
        let start = self.at;
        self.step(bare(self.text.get(start..).unwrap_or_default()).len());
        self.push(Kind::Url, start, self.at);
        true
    }

    fn holes(&self, quote: u8, has_braces: bool) -> Holes {
        let (brace, dollar) = (Holes::DOLLAR_BRACE, Holes::DOLLAR_NAME);
        match (quote, self.lang) {
            _ if has_braces && quote != b'`' => Holes::BRACE.or(Holes::DOLLAR_BRACE),
            (b'`', Lang::Ruby | Lang::Shell) => brace.or(Holes::HASH_BRACE).or(dollar),
            (b'`', _) | (b'"', Lang::Js | Lang::Python) => brace,
            // Dart's; what is one character elsewhere has no room for a name.
            (b'\'', Lang::C) => brace.or(dollar),
            (b'\'', _) | (_, Lang::Rust | Lang::Basic) => Holes::NONE,
            (_, Lang::C) => brace.or(dollar).or(Holes::BACKSLASH),
            (_, Lang::Ruby) => Holes::HASH_BRACE.or(dollar),
            (_, Lang::Php) => brace.or(dollar).or(Holes::BRACE_DOLLAR),
            (_, Lang::Shell) => brace.or(dollar).or(Holes::DOLLAR_PAREN),
            _ => brace.or(dollar).or(Holes::HASH_BRACE).or(Holes::BRACE_DOLLAR).or(Holes::BACKSLASH),
        }
    }

    /// Takes the literal whose quote is here.
    fn literal(&mut self, quote: u8, has_braces: bool, raw: bool) {
        let start = self.at;
        let as_mark = |lexer: &mut Self, length: usize| {
            lexer.step(length);
            lexer.push(Kind::Mark, start, lexer.at);
        };
        if quote == b'`' && self.starts("```") {
            return as_mark(self, 3);
        }
        // An apostrophe, a lifetime.
        if quote == b'\'' && !raw && !has_braces {
            let before = self.before();
            let is_char = self.byte(1) != b'\\' && self.byte(2) != b'\'' && self.lang == Lang::Rust;
            if before.is_ascii_alphanumeric() && self.last_is_word_before() || is_char {
                return as_mark(self, 1);
            }
        }
        let triple = [quote, quote, quote];
        let count = if quote != b'`' && self.rest().starts_with(&triple) && self.has_end(quote, 3) { 3 } else { 1 };
        let is_long = count == 3 || quote == b'`' || self.lang.is_long() || raw && self.lang == Lang::C;
        let holes = self.holes(quote, has_braces);
        let is_raw = raw || quote == b'\'' && self.lang == Lang::Shell;
        let inside = start.saturating_add(count);
        let end = self.end_of(inside, quote, count, is_long, is_raw, holes);
        match end {
            End::Quote(end) => {
                self.push(Kind::Text, inside, end);
                self.at = end.saturating_add(count);
            }
            End::Hole => {
                self.at = inside;
                let open = self.push(Kind::Template, inside, inside);
                self.modes.push(Mode::Template { open, quote, count, holes, is_long, is_raw });
            }
            End::Nowhere => as_mark(self, count),
        }
    }

    /// Returns true if a word stands right before a quote and has no quote of its own: `don't`.
    fn last_is_word_before(&self) -> bool {
        self.tokens
            .last()
            .is_some_and(|token| token.end as usize == self.at && matches!(token.kind, Kind::Word | Kind::Number))
    }

    /// Returns whether a quote of three comes once more.
    fn has_end(&mut self, quote: u8, count: usize) -> bool {
        let end = if quote == b'"' { "\"\"\"" } else { "'''" };
        let which = if quote == b'"' { 6 } else { 7 };
        let at = self.at;
        self.step(count);
        let found = self.to(end, which).is_some();
        self.at = at;
        found
    }

    /// Returns where a literal ends, or that there is a value in it.
    fn end_of(&self, inside: usize, quote: u8, count: usize, is_long: bool, is_raw: bool, holes: Holes) -> End {
        let mut at = inside;
        let limit = inside.saturating_add(LONGEST);
        while let Some(&byte) = self.bytes.get(at) {
            if at > limit {
                return End::Nowhere;
            }
            if byte == quote && self.ends(at, quote, count) {
                return End::Quote(at);
            }
            if byte == b'\n' && !is_long {
                return End::Nowhere;
            }
            if self.hole(at, holes).is_some() {
                return if self.ends_somewhere(at, quote, is_long) { End::Hole } else { End::Nowhere };
            }
            at = at.saturating_add(if byte == b'\\' && !is_raw { 2 } else { 1 });
        }
        End::Nowhere
    }

    fn ends(&self, at: usize, quote: u8, count: usize) -> bool {
        count == 1
            || self.bytes.get(at..at.saturating_add(3)).is_some_and(|three| three.iter().all(|byte| *byte == quote))
    }

    /// Returns whether the quote comes once more, on the line if the literal has to end there.
    fn ends_somewhere(&self, at: usize, quote: u8, is_long: bool) -> bool {
        let rest = self.bytes.get(at..).unwrap_or_default();
        let rest = rest.get(..rest.len().min(if is_long { LONGEST } else { 4_096 })).unwrap_or_default();
        rest.iter().take_while(|byte| is_long || **byte != b'\n').any(|byte| *byte == quote)
    }

    /// What begins at `at` if it is a value: how many bytes open it, and the bracket that closes it, 0 for a name alone.
    fn hole(&self, at: usize, holes: Holes) -> Option<(usize, u8)> {
        if holes == Holes::NONE {
            return None;
        }
        let byte = |ahead: usize| self.bytes.get(at.saturating_add(ahead)).copied().unwrap_or(0);
        let is_name = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
        match (byte(0), byte(1)) {
            (b'$', b'{') if holes.has(Holes::DOLLAR_BRACE) => Some((2, b'}')),
            (b'#', b'{') if holes.has(Holes::HASH_BRACE) => Some((2, b'}')),
            (b'{', b'$') if holes.has(Holes::BRACE_DOLLAR) => Some((1, b'}')),
            (b'$', b'(') if holes.has(Holes::DOLLAR_PAREN) => Some((2, b')')),
            (b'$', next) if holes.has(Holes::DOLLAR_NAME) && is_name(next) => Some((0, 0)),
            (b'\\', b'(') if holes.has(Holes::BACKSLASH) => Some((2, b')')),
            (b'{', next) if holes.has(Holes::BRACE) && next != b'{' && next != b'\n' => Some((1, b'}')),
            _ => None,
        }
    }

    /// Reads on in a literal that has values in it, up to the next of them or to its end.
    fn part(&mut self, mode: Mode) {
        let Mode::Template { open, quote, count, holes, is_long, is_raw } = mode else { return };
        let start = self.at;
        let mut at = start;
        loop {
            let Some(&byte) = self.bytes.get(at) else {
                self.modes.pop();
                self.at = at;
                return;
            };
            let ends = byte == quote && self.ends(at, quote, count);
            if ends || byte == b'\n' && !is_long {
                if at > start {
                    self.push(Kind::Part, start, at);
                }
                let end = self.push(Kind::TemplateEnd, at, at);
                self.mates(open, end);
                self.modes.pop();
                self.at = if ends { at.saturating_add(count) } else { at };
                return;
            }
            if byte == b'{' && holes.has(Holes::BRACE) && self.bytes.get(at.saturating_add(1)) == Some(&b'{') {
                at = at.saturating_add(2);
                continue;
            }
            if let Some((opens, close)) = self.hole(at, holes) {
                if at > start {
                    self.push(Kind::Part, start, at);
                }
                let hole = self.push(Kind::Hole, at, at.saturating_add(opens));
                self.at = at.saturating_add(opens);
                if close == 0 {
                    let length = self
                        .rest()
                        .iter()
                        .skip(1)
                        .take_while(|byte| is_word(**byte) && **byte != b'$')
                        .count()
                        .saturating_add(1);
                    let (from, to) = (self.at, self.at.saturating_add(length));
                    self.push(Kind::Word, from, to);
                    let end = self.push(Kind::HoleEnd, to, to);
                    self.mates(hole, end);
                    self.at = to;
                } else {
                    self.modes.push(Mode::Hole { open: hole, close, depth: 0, opened: self.opened.len() });
                }
                return;
            }
            at = at.saturating_add(if byte == b'\\' && !is_raw { 2 } else { 1 });
        }
    }

    fn close(&mut self, byte: u8) {
        let start = self.at;
        self.step(1);
        if let Some(Mode::Hole { open, close, depth, opened }) = self.modes.last().copied()
            && close == byte
        {
            if depth == 0 {
                self.modes.pop();
                self.opened.truncate(opened);
                let end = self.push(Kind::HoleEnd, start, self.at);
                self.mates(open, end);
                return;
            }
            if let Some(Mode::Hole { depth, .. }) = self.modes.last_mut() {
                *depth = depth.saturating_sub(1);
            }
        }
        let index = self.push(Kind::Close, start, self.at);
        let floor = match self.modes.last() {
            Some(Mode::Hole { opened, .. }) => *opened,
            _ => 0,
        };
        let partner = match byte {
            b')' => b'(',
            b']' => b'[',
            _ => b'{',
        };
        let fits = |open: &u32| {
            let token = self.tokens.get(*open as usize);
            token.and_then(|token| self.bytes.get(token.start as usize)) == Some(&partner)
        };
        // One bracket too many or too few does not shift all the others.
        let near = self.opened.iter().rev().take(8).position(fits);
        let Some(back) = near else { return };
        let Some(at) = self.opened.len().checked_sub(back.saturating_add(1)).filter(|at| *at >= floor) else { return };
        if let Some(&open) = self.opened.get(at) {
            self.mates(open, index);
            self.opened.truncate(at);
        }
    }

    /// Takes a regular expression, if one begins at this slash.
    fn regex(&mut self) -> bool {
        if !matches!(self.lang, Lang::Js | Lang::Unknown | Lang::Ruby) {
            return false;
        }
        let Some(last) = self.tokens.last() else { return false };
        let word = self.text.get(last.start as usize..last.end as usize).unwrap_or_default();
        let may_be = match last.kind {
            Kind::Mark => !matches!(word, "<" | "." | "'" | "\"" | "`" | "/" | "-" | "*" | "```" | ">" | "$" | "@"),
            Kind::Open => word == "(" || word == "[",
            Kind::Word => word == "return",
            _ => false,
        };
        // Only where something else could not stand: a path may begin with a slash as well.
        if !may_be {
            return false;
        }
        let start = self.at;
        let mut in_class = false;
        let mut at = start.saturating_add(1);
        let limit = at.saturating_add(1_000);
        while let Some(&byte) = self.bytes.get(at)
            && byte != b'\n'
            && at < limit
        {
            match byte {
                b'\\' => at = at.saturating_add(1),
                b'[' => in_class = true,
                b']' => in_class = false,
                b'/' if !in_class => {
                    self.at = at.saturating_add(1);
                    let flags = self.rest().iter().take_while(|byte| byte.is_ascii_lowercase()).count();
                    if self.byte(flags) == b'/' || self.byte(flags).is_ascii_alphanumeric() {
                        break;
                    }
                    self.step(flags);
                    return true;
                }
                _ => {}
            }
            at = at.saturating_add(1);
        }
        self.at = start;
        false
    }

    /// Notes a heredoc, if one is named here; its text begins on the next line.
    fn heredoc(&mut self) -> bool {
        if !self.starts("<<")
            || self.endless.last() == Some(&true)
            || matches!(self.lang, Lang::Js | Lang::C | Lang::Rust | Lang::Python | Lang::Dash)
        {
            return false;
        }
        let rest = self.text.get(self.at..).unwrap_or_default();
        let rest = rest.strip_prefix("<<<").or_else(|| rest.strip_prefix("<<")).unwrap_or_default();
        let name = rest.strip_prefix(['-', '~']).unwrap_or(rest);
        let quote = name.chars().next().filter(|c| matches!(c, '\'' | '"'));
        let name = quote.map_or(name, |quote| name.trim_start_matches(quote));
        let length = name.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        let (name, behind) = name.split_at_checked(length).unwrap_or_default();
        if !name.starts_with(|c: char| c.is_ascii_uppercase()) || name.len() < 2 {
            return false;
        }
        let start = self.at;
        let behind = quote.map_or(behind, |quote| behind.trim_start_matches(quote));
        self.at = self.bytes.len().saturating_sub(behind.len());
        self.push(Kind::Mark, start, start.saturating_add(2));
        self.heredocs.push(name);
        true
    }

    /// Takes the text of a heredoc, which begins here, up to the line that is `name`.
    fn body(&mut self, name: &str) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut length = 0_usize;
        for line in rest.split_inclusive('\n') {
            if length > LONGEST {
                break;
            }
            if line
                .trim_start()
                .strip_prefix(name)
                .is_some_and(|behind| !behind.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
            {
                let start = self.at;
                self.step(length);
                self.push(Kind::Text, start, self.at);
                self.push(Kind::Line, self.at, self.at);
                let gap = line.len().saturating_sub(line.trim_start().len());
                self.step(gap.saturating_add(name.len()));
                return;
            }
            length = length.saturating_add(line.len());
        }
        // The next one has no end either.
        if let Some(endless) = self.endless.last_mut() {
            *endless = true;
        }
    }
}

/// The place where a literal ends.
enum End {
    Quote(usize),
    /// There is a value in it first.
    Hole,
    Nowhere,
}
