//! Goes through a text: words, marks, brackets and line ends.

use super::literals::Holes;
use super::token::{Kind, Lexed, Lexeme, NONE};
use crate::resolve::code::lang::Lang;
use crate::resolve::code::resources;
use crate::resolve::target::{bare, placeholder};

/// Reads the whole text.
pub(in crate::resolve::code) fn lex(text: &str, lang: Lang) -> Lexed {
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
pub(super) enum Mode {
    /// A literal that ends with `quote`, `count` times.
    Template { open: u32, quote: u8, count: usize, holes: Holes, is_long: bool, is_raw: bool },
    /// A value in it, up to `close`; `depth` brackets of that kind are open, and so many others.
    Hole { open: u32, close: u8, depth: u32, opened: usize },
}

/// So far a literal may go on, and so far a name in front of a heredoc, in bytes.
pub(super) const LONGEST: usize = 262_144;

pub(super) struct Lexer<'t> {
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    pub(super) lang: Lang,
    pub(super) at: usize,
    pub(super) tokens: Vec<Lexeme>,
    pub(super) comments: Vec<(u32, u32)>,
    pub(super) modes: Vec<Mode>,
    /// Constructs that have no end in the rest of the text: comments, and literals by their quotes.
    pub(super) endless: [bool; 9],
    /// The names that end heredocs which begin on the next line.
    pub(super) heredocs: Vec<&'t str>,
    /// Brackets that are open: their tokens.
    pub(super) opened: Vec<u32>,
}

pub(super) fn short(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NONE)
}

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

/// Returns where a text has a brace that closes none of its own, or its length.
fn unclosed(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth = depth.saturating_add(1),
            b'}' if depth == 0 => return at,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    text.len()
}

impl<'t> Lexer<'t> {
    pub(super) fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at.saturating_add(ahead)).copied().unwrap_or(0)
    }

    pub(super) fn before(&self) -> u8 {
        self.at.checked_sub(1).and_then(|at| self.bytes.get(at)).copied().unwrap_or(b'\n')
    }

    pub(super) fn rest(&self) -> &'t [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    pub(super) fn starts(&self, with: &str) -> bool {
        self.rest().starts_with(with.as_bytes())
    }

    pub(super) fn step(&mut self, length: usize) {
        self.at = self.at.saturating_add(length);
    }

    pub(super) fn push(&mut self, kind: Kind, start: usize, end: usize) -> u32 {
        let index = short(self.tokens.len());
        let has_sign = matches!(kind, Kind::Mark | Kind::Open | Kind::Close) && end == start.saturating_add(1);
        let sign = if has_sign { self.bytes.get(start).copied().unwrap_or(0) } else { 0 };
        self.tokens.push(Lexeme { kind, start: short(start), end: short(end), mate: NONE, sign });
        index
    }

    pub(super) fn mates(&mut self, one: u32, other: u32) {
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
    pub(super) fn code(&mut self) {
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
    pub(super) fn mark(&self) -> usize {
        const LONG: [&str; 21] = [
            "===", "!==", "...", "<=>", "->", "=>", "::", "?.", "&.", ":=", "==", "!=", "<=", ">=", "&&", "||", "??",
            "+=", "++", "--", "|>",
        ];
        if !matches!(self.byte(1), b'=' | b'.' | b'>' | b':' | b'&' | b'|' | b'?' | b'+' | b'-') {
            return 1;
        }
        LONG.into_iter().find(|mark| self.starts(mark)).map_or(1, str::len)
    }

    pub(super) fn line(&mut self) {
        self.push(Kind::Line, self.at, self.at.saturating_add(1));
        self.step(1);
        for name in core::mem::take(&mut self.heredocs) {
            self.body(name);
        }
    }

    /// Takes a name, a URL, or a literal with letters before its quote.
    pub(super) fn word(&mut self) {
        let start = self.at;
        let length = self.rest().iter().take_while(|byte| is_word(**byte)).count();
        let word = self.text.get(start..start.saturating_add(length)).unwrap_or_default();
        let next = self.byte(length);
        let behind = self.rest().get(length..).unwrap_or_default();
        let is_url = matches!(word, "http" | "https" | "HTTP" | "HTTPS") && behind.starts_with(b"://");
        // A host without a scheme, as commands have it.
        let is_host =
            word == "api" && behind.starts_with(b".xero.com/") && !matches!(self.before(), b'.' | b'@' | b'-' | b'/');
        if is_url || is_host {
            let url = bare(self.text.get(start..).unwrap_or_default());
            // `${BASE:-https://…}`
            let url = match self.modes.last() {
                Some(Mode::Hole { close: b'}', .. }) => url.get(..unclosed(url)).unwrap_or(url),
                _ => url,
            };
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

    pub(super) fn close(&mut self, byte: u8) {
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
}
