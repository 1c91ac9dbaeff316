//! The bytes of what crosses, as `pkg/src/shared/crossing.ts` writes and reads them.
//!
//! A number is a 64-bit float, little-endian; NaN if it is absent. A text is the number of its bytes in 32 bits and its UTF-8. A list
//! is the number of its texts in 32 bits and the texts. The number is `ABSENT` for a text or a list that is absent. Flags, words
//! and codes take a byte each; 0 is a word or a code that is absent.

use core::cell::Cell;

use zeroize::Zeroize as _;

use super::{Given, Taken};
use crate::error::{Code, Error};

/// The length of a text or a list that is absent.
const ABSENT: u32 = u32::MAX;

/// The byte in place of an action after the last one of a list.
const END: u8 = u8::MAX;

/// Reads what crosses to the core, in order. After the end of its bytes everything is absent.
pub struct ByteReader<'a> {
    rest: Cell<&'a [u8]>,
}

impl<'a> ByteReader<'a> {
    /// Reads from the beginning of `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: Cell::new(bytes) }
    }

    /// A byte.
    pub fn byte(&self) -> u8 {
        self.take(1).first().copied().unwrap_or_default()
    }

    fn take(&self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.get().split_at_checked(count).unwrap_or_default();
        self.rest.set(rest);
        taken
    }

    fn length(&self) -> Option<usize> {
        let length = u32::from_le_bytes(self.take(4).try_into().unwrap_or([u8::MAX; 4]));
        if length == ABSENT { None } else { usize::try_from(length).ok() }
    }

    /// A word or a code, by its place.
    fn place(&self) -> Option<usize> {
        usize::from(self.byte()).checked_sub(1)
    }
}

impl<'a> Given<'a> for ByteReader<'a> {
    #[inline(never)]
    fn optional_text(&self, _: &'static str) -> Option<&'a str> {
        let length = self.length()?;
        core::str::from_utf8(self.take(length)).ok()
    }

    #[inline(never)]
    fn optional_number(&self, _: &'static str) -> Option<f64> {
        let number = f64::from_le_bytes(self.take(8).try_into().ok()?);
        (!number.is_nan()).then_some(number)
    }

    fn flag(&self, _: &'static str) -> bool {
        self.byte() != 0
    }

    fn optional_texts(&self, name: &'static str) -> Option<Vec<&'a str>> {
        let count = self.length()?;
        let mut texts = Vec::new();
        while texts.len() < count {
            texts.push(self.optional_text(name)?);
        }
        Some(texts)
    }

    fn optional_word(&self, _: &'static str, _: &'static [&'static str]) -> Option<usize> {
        self.place()
    }

    fn optional_code(&self, _: &'static str) -> Option<Code> {
        Code::ALL.get(self.place()?).copied()
    }
}

/// Writes what crosses from the core. It leaves no copy of a text behind when it grows.
#[derive(Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// The bytes written since [`Self::clear`].
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Begins anew. What was written is still there, unless the host has wiped it.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Writes a byte.
    pub fn byte(&mut self, byte: u8) {
        self.push(&[byte]);
    }

    /// Ends a list of actions.
    pub fn end(&mut self) {
        self.byte(END);
    }

    #[inline(never)]
    fn push(&mut self, bytes: &[u8]) {
        let length = self.0.len().saturating_add(bytes.len());
        if length > self.0.capacity() {
            let mut larger = Vec::with_capacity(length.saturating_mul(2).max(1_024));
            larger.extend_from_slice(&self.0);
            self.0.zeroize();
            self.0 = larger;
        }
        self.0.extend_from_slice(bytes);
    }

    fn length(&mut self, length: usize) {
        self.push(&u32::try_from(length).unwrap_or(ABSENT).to_le_bytes());
    }
}

impl Taken for Writer {
    fn action(&mut self, place: u8) {
        self.byte(place);
    }

    #[inline(never)]
    fn optional_number(&mut self, _: &'static str, value: Option<f64>) {
        self.push(&value.unwrap_or(f64::NAN).to_le_bytes());
    }

    #[inline(never)]
    fn optional_text(&mut self, _: &'static str, value: Option<&str>) {
        self.length(value.map_or(usize::MAX, str::len));
        self.push(value.unwrap_or_default().as_bytes());
    }

    fn flag(&mut self, _: &'static str, value: bool) {
        self.byte(value.into());
    }

    fn code(&mut self, _: &'static str, value: Code) {
        self.byte(value as u8);
    }

    fn texts(&mut self, name: &'static str, value: &[String]) {
        self.length(if value.is_empty() { usize::MAX } else { value.len() });
        for text in value {
            self.text(name, text);
        }
    }

    fn optional_word(&mut self, _: &'static str, _: &'static [&'static str], place: Option<u8>) {
        self.byte(place.map_or(0, |place| place.saturating_add(1)));
    }

    #[inline(never)]
    fn optional_error(&mut self, name: &'static str, value: Option<&Error>) {
        self.flag(name, value.is_some());
        if let Some(error) = value {
            super::error(error, self);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let mut out = Writer::default();
        out.byte(7);
        out.number("", 1_795_428_000_000.5);
        out.optional_number("", None);
        out.text("", "Zoë");
        out.text("", "");
        out.optional_text("", None);
        out.flag("", true);
        out.texts("", &["a".to_owned(), "b".to_owned()]);
        out.texts("", &[]);
        let given = ByteReader::new(out.bytes());
        assert_eq!(given.byte(), 7);
        assert_eq!((given.optional_number(""), given.optional_number("")), (Some(1_795_428_000_000.5), None));
        assert_eq!((given.optional_text(""), given.optional_text("")), (Some("Zoë"), Some("")));
        assert_eq!((given.optional_text(""), given.flag("")), (None, true));
        assert_eq!((given.optional_texts(""), given.optional_texts("")), (Some(vec!["a", "b"]), None));
        assert_eq!((given.flag(""), given.optional_text(""), given.optional_number("")), (false, None, None));
    }

    #[test]
    fn lengths_that_are_not_there_are_absent() {
        for bytes in [&[9, 0, 0, 0, b'a'][..], &[1, 0], &[2, 0, 0, 0, 0xc3, 0x28]] {
            assert_eq!(ByteReader::new(bytes).optional_text("").unwrap_or_default(), "", "{bytes:?}");
        }
        assert_eq!(ByteReader::new(&[0xff, 0xff, 0xff, 0x7f]).optional_texts(""), None);
    }

    #[test]
    fn each_code_crosses_by_its_place() {
        for (place, code) in (1..).zip(Code::ALL) {
            assert_eq!(ByteReader::new(&[place]).optional_code(""), Some(*code));
            let mut out = Writer::default();
            out.code("", *code);
            assert_eq!(out.bytes(), [place - 1]);
        }
        assert_eq!((ByteReader::new(&[0]).optional_code(""), ByteReader::new(&[255]).optional_code("")), (None, None));
    }

    #[test]
    fn a_writer_that_grows_keeps_what_it_has() {
        let mut out = Writer::default();
        let texts: Vec<_> = (0..400).map(|n: u32| n.to_string()).collect();
        out.texts("", &texts);
        let given = ByteReader::new(out.bytes());
        assert_eq!(given.optional_texts("").map(|texts| texts.len()), Some(400));
        out.clear();
        assert!(out.bytes().is_empty());
    }
}
