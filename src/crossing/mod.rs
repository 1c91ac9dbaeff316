//! What crosses between the crate and a driver in another language, member by member.
//!
//! A description of events, actions or options reads from a [`Given`] and writes to a [`Taken`]. The bytes of a wasm module are
//! one such pair; the generator of TypeScript types and the tests that compare two drivers have others.

mod bytes;

pub use bytes::{ByteReader, Writer};

use crate::error::{Code, Error};
use crate::time::Timestamp;

/// Something that crosses to the core, read member by member.
///
/// A reader of bytes needs no names; a reader that describes what is read takes them down.
pub trait Given<'a> {
    /// A text that may be absent.
    fn optional_text(&self, name: &'static str) -> Option<&'a str>;
    /// A number that may be absent.
    fn optional_number(&self, name: &'static str) -> Option<f64>;
    /// A flag. Absent, it is not set.
    fn flag(&self, name: &'static str) -> bool;
    /// A list of texts that may be absent.
    fn optional_texts(&self, name: &'static str) -> Option<Vec<&'a str>>;
    /// One of these words, by its place; or none.
    fn optional_word(&self, name: &'static str, words: &'static [&'static str]) -> Option<usize>;
    /// The code of an error that may be absent.
    fn optional_code(&self, name: &'static str) -> Option<Code>;

    /// A text.
    fn text(&self, name: &'static str) -> &'a str {
        self.optional_text(name).unwrap_or_default()
    }
    /// A number.
    fn number(&self, name: &'static str) -> f64 {
        self.optional_number(name).unwrap_or_default()
    }
    /// The code of an error.
    fn code(&self, name: &'static str) -> Code {
        self.optional_code(name).unwrap_or(Code::Offline)
    }
}

/// Takes what crosses from the core, member by member.
pub trait Taken {
    /// The place of an action in the list of their names.
    fn action(&mut self, place: u8);
    /// A number, or an instant in milliseconds, that may be absent.
    fn optional_number(&mut self, name: &'static str, value: Option<f64>);
    /// A text that may be absent.
    fn optional_text(&mut self, name: &'static str, value: Option<&str>);
    /// A flag.
    fn flag(&mut self, name: &'static str, value: bool);
    /// The code of an error.
    fn code(&mut self, name: &'static str, value: Code);
    /// A list of texts; an empty one is absent.
    fn texts(&mut self, name: &'static str, value: &[String]);
    /// One of these words, by its place; or none.
    fn optional_word(&mut self, name: &'static str, words: &'static [&'static str], place: Option<u8>);
    /// An error that may be absent.
    fn optional_error(&mut self, name: &'static str, value: Option<&Error>);

    /// A number, or an instant in milliseconds.
    fn number(&mut self, name: &'static str, value: f64) {
        self.optional_number(name, Some(value));
    }
    /// A text.
    fn text(&mut self, name: &'static str, value: &str) {
        self.optional_text(name, Some(value));
    }
    /// One of these words.
    fn word(&mut self, name: &'static str, words: &'static [&'static str], place: u8) {
        self.optional_word(name, words, Some(place));
    }
    /// An error.
    fn error(&mut self, name: &'static str, value: &Error) {
        self.optional_error(name, Some(value));
    }
    /// A word of a kind that has a name of its own.
    fn word_of(&mut self, name: &'static str, _kind: &'static str, value: &str) {
        self.text(name, value);
    }
}

/// Writes the members of an error: `XeroErrorDetails` of `pkg/src/shared/errors.ts`, less those that its code determines.
pub fn error(error: &Error, out: &mut impl Taken) {
    out.code("code", error.code());
    out.flag("retryable", error.retryable());
    out.text("message", error.message());
    out.optional_number("retryAt", error.earliest_retry().map(Timestamp::as_js));
    out.optional_number("retryUntil", error.latest_retry().map(Timestamp::as_js));
    out.optional_text("operation", error.operation());
    out.texts("scopes", error.scopes());
    out.optional_text("rule", error.rule());
    out.optional_text("limit", error.limit());
    out.optional_text("outcome", error.is_outcome_unknown().then_some("unknown"));
}

/// An instant of a clock of the host.
///
/// # Errors
/// `invalid_option` for a number that is none.
pub fn instant(ms: f64) -> Result<Timestamp, Error> {
    Timestamp::from_js(ms)
        .ok_or_else(|| Error::new(Code::InvalidOption, "the clock of this machine gives no sensible time (Date.now())"))
}

/// A whole number that fits into 32 bits, or the largest.
pub fn whole<'a>(given: &impl Given<'a>, name: &'static str) -> u32 {
    small(given.number(name))
}

/// The same, of a number that was read.
pub fn small(number: f64) -> u32 {
    u32::try_from(saturated(number)).unwrap_or(u32::MAX)
}

/// A whole number; the nearest that there is.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts saturate")]
pub const fn saturated(number: f64) -> u64 {
    number as u64
}
