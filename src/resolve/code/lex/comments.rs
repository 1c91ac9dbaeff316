//! Comments, by language.

use super::lexer::{LONGEST, Lexer, is_word, short};
use super::token::Kind;
use crate::resolve::code::lang::Lang;

impl Lexer<'_> {
    /// Takes a comment, if one begins here.
    pub(super) fn comment(&mut self, byte: u8) -> bool {
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
    pub(super) fn to(&mut self, end: &str, which: usize) -> Option<usize> {
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
}
