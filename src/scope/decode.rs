//! Pasted text as characters with their places: percent-encoding and escaped white space decoded, zero-width characters
//! left out.

use core::str::Chars;

/// A character of the text after decoding.
#[derive(Clone, Copy)]
pub(super) struct Char {
    pub(super) c: char,
    /// Its position, in UTF-16 code units.
    pub(super) at: usize,
    /// True if it was percent-encoded or escaped, so that it is part of a value.
    pub(super) encoded: bool,
}

/// The characters of `text` after decoding.
pub(super) fn decode(text: &str) -> Decoder<'_> {
    Decoder { chars: text.chars(), at: 0 }
}

/// The iterator of [`decode`].
#[derive(Clone)]
pub(super) struct Decoder<'a> {
    chars: Chars<'a>,
    at: usize,
}

impl Decoder<'_> {
    fn character(&mut self) -> Option<char> {
        let c = self.chars.next()?;
        self.at = self.at.saturating_add(c.len_utf16());
        Some(c)
    }

    /// Two hex digits that stand for an ASCII character.
    fn escape(&mut self) -> Option<char> {
        let start = self.clone();
        let mut digit = || self.character()?.to_digit(16);
        let code = digit().and_then(|high| Some(high.saturating_mul(16).saturating_add(digit()?)));
        let c = code.and_then(char::from_u32).filter(char::is_ascii);
        if c.is_none() {
            *self = start;
        }
        c
    }

    /// The character that a `%` encodes. An encoded `%` starts over, so that `%2520` is a space; on its own it separates.
    fn percent(&mut self) -> Option<char> {
        let mut c = self.escape()?;
        while c == '%' {
            let Some(next) = self.escape() else { break };
            c = next;
        }
        Some(c)
    }

    /// The character after a backslash, if the two mean white space.
    fn backslash(&mut self) -> Option<char> {
        let mut ahead = self.clone();
        let c = match ahead.character()? {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            _ => return None,
        };
        *self = ahead;
        Some(c)
    }
}

impl Iterator for Decoder<'_> {
    type Item = Char;

    fn next(&mut self) -> Option<Char> {
        loop {
            let at = self.at;
            let decoded = match self.character()? {
                // Soft hyphen, zero-width spaces and joiners, direction marks, byte order mark.
                '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' => {
                    continue;
                }
                c @ '%' => self.percent().ok_or(c),
                c @ '\\' => self.backslash().ok_or(c),
                c => Err(c),
            };
            let (Ok(c) | Err(c)) = decoded;
            return Some(Char { c, at, encoded: decoded.is_ok() });
        }
    }
}
