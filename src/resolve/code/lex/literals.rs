//! Literals: texts with values in them, regular expressions and heredocs.

use super::lexer::{LONGEST, Lexer, Mode, is_word};
use super::token::{Kind, Lexeme};
use crate::resolve::code::lang::Lang;

/// The way in which values are written into a literal, one bit each.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Holes(u8);

impl Holes {
    pub(super) const NONE: Self = Self(0);
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

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn has(self, one: Self) -> bool {
        self.0 & one.0 != 0
    }
}

/// The place where a literal ends.
pub(super) enum End {
    Quote(usize),
    /// There is a value in it first.
    Hole,
    Nowhere,
}

impl Lexer<'_> {
    pub(super) fn holes(&self, quote: u8, has_braces: bool) -> Holes {
        let (brace, dollar) = (Holes::DOLLAR_BRACE, Holes::DOLLAR_NAME);
        match (quote, self.lang) {
            // `s"$base/Items"` of Scala.
            (b'"', Lang::C) if has_braces => Holes::BRACE.or(brace).or(dollar),
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
    pub(super) fn literal(&mut self, quote: u8, has_braces: bool, raw: bool) {
        let start = self.at;
        let as_mark = |lexer: &mut Self, length: usize| {
            lexer.step(length);
            lexer.push(Kind::Mark, start, lexer.at);
        };
        if quote == b'`' && self.starts("```") {
            return as_mark(self, 3);
        }
        if quote == b'`' && self.is_continued() {
            return as_mark(self, 1);
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

    /// Returns whether a backtick ends a line that goes on on the next, as PowerShell writes it: behind a space and a value, where no
    /// literal begins.
    fn is_continued(&self) -> bool {
        let behind = self.bytes.get(self.at.saturating_add(1)..).unwrap_or_default();
        let is_last = behind.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r')) == Some(&b'\n');
        let word = |token: &Lexeme| self.text.get(token.start as usize..token.end as usize).unwrap_or_default();
        let is_value = |token: &Lexeme| match token.kind {
            Kind::Word => !matches!(
                word(token),
                "return" | "yield" | "await" | "case" | "default" | "throw" | "in" | "of" | "echo"
            ),
            Kind::Number | Kind::Text | Kind::TemplateEnd | Kind::Url | Kind::Close => true,
            _ => false,
        };
        self.lang != Lang::Js
            && is_last
            && matches!(self.before(), b' ' | b'\t')
            && self.tokens.last().is_some_and(is_value)
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

    pub(super) fn ends(&self, at: usize, quote: u8, count: usize) -> bool {
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
    pub(super) fn hole(&self, at: usize, holes: Holes) -> Option<(usize, u8)> {
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
    pub(super) fn part(&mut self, mode: Mode) {
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
}

impl Lexer<'_> {
    /// Takes a regular expression, if one begins at this slash.
    pub(super) fn regex(&mut self) -> bool {
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
    pub(super) fn heredoc(&mut self) -> bool {
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
    pub(super) fn body(&mut self, name: &str) {
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
