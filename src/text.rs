//! Builds texts for people without `core::fmt` and `join`, which would add a kilobyte and a half to the client's module.

use crate::time::Date;

/// Concatenates texts, numbers and dates: `words!["status ", 429]`.
macro_rules! words {
    ($($part:expr),+ $(,)?) => {{
        let mut text = String::new();
        $($crate::text::TextPart::push(&$part, &mut text);)+
        text
    }};
}
pub(crate) use words;

/// A value that [`words!`] can write.
pub(crate) trait TextPart {
    fn push(&self, out: &mut String);
}

impl TextPart for &str {
    fn push(&self, out: &mut String) {
        out.push_str(self);
    }
}

impl TextPart for String {
    fn push(&self, out: &mut String) {
        out.push_str(self);
    }
}

impl TextPart for usize {
    fn push(&self, out: &mut String) {
        if *self > 9 {
            self.div_euclid(10).push(out);
        }
        let digit = u8::try_from(self.rem_euclid(10)).unwrap_or_default();
        out.push(char::from(b'0'.saturating_add(digit)));
    }
}

impl TextPart for u64 {
    fn push(&self, out: &mut String) {
        if *self > 9 {
            self.div_euclid(10).push(out);
        }
        let digit = u8::try_from(self.rem_euclid(10)).unwrap_or_default();
        out.push(char::from(b'0'.saturating_add(digit)));
    }
}

impl TextPart for u16 {
    fn push(&self, out: &mut String) {
        usize::from(*self).push(out);
    }
}

impl TextPart for Date {
    fn push(&self, out: &mut String) {
        padded(self.year(), 1_000, out);
        out.push('-');
        padded(self.month().into(), 10, out);
        out.push('-');
        padded(self.day().into(), 10, out);
    }
}

/// Checks whether a text has a control character.
pub(crate) fn has_control(text: &str) -> bool {
    if text.is_ascii() { text.bytes().any(|byte| byte.is_ascii_control()) } else { text.chars().any(char::is_control) }
}

/// Writes a number with leading zeros, so that it has as many digits as `bound`, a power of ten.
fn padded(number: u16, bound: u16, out: &mut String) {
    if number < bound && bound > 1 {
        out.push('0');
        padded(number, bound.div_euclid(10), out);
    } else {
        number.push(out);
    }
}

/// Joins texts with `between` between them.
pub(crate) fn joined(texts: &[impl AsRef<str>], between: &str) -> String {
    let mut out = String::new();
    for (place, text) in texts.iter().enumerate() {
        if place > 0 {
            out.push_str(between);
        }
        out.push_str(text.as_ref());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_numbers_and_days() {
        for number in [0, 7, 10, 99, 429, usize::MAX] {
            assert_eq!(words![number], number.to_string());
        }
        for day in ["2026-04-29", "2000-12-01", "9999-10-10"] {
            let date = Date::parse(day).expect("a day");
            assert_eq!(words!["on ", date, "."], format!("on {day}."));
        }
        assert_eq!(joined(&["a", "b", "c"], " or "), "a or b or c");
        assert_eq!(joined(&[""; 0], ", "), "");
    }
}
