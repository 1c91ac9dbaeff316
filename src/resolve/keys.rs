//! Key material: private keys and certificates in a text are covered before anything reads it.

use std::borrow::Cow;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";

/// The text with a blank for each character between the lines that begin and end a key, so that all places stay the same.
pub(super) fn covered(text: &str) -> Cow<'_, str> {
    if !has_begin(text.as_bytes()) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((front, behind)) = rest.split_once(BEGIN) {
        out.push_str(front);
        out.push_str(BEGIN);
        let end = behind.find(END).unwrap_or_else(|| length(behind));
        let (inside, after) = behind.split_at_checked(end).unwrap_or((behind, ""));
        out.extend(inside.chars().map(|c| if c.is_ascii() && c != '\n' && c != '\r' { ' ' } else { c }));
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Returns whether a text has the beginning of a key in it. Of five dashes in a row one is at every fifth byte, which is all that is
/// looked at in long texts without any.
fn has_begin(text: &[u8]) -> bool {
    text.chunks_exact(5).enumerate().filter(|(_, five)| five.last() == Some(&b'-')).any(|(place, _)| {
        let start = place.saturating_mul(5);
        let at = start.saturating_add(4);
        let near = text.get(start..text.len().min(at.saturating_add(BEGIN.len()))).unwrap_or_default();
        near.windows(BEGIN.len()).any(|own| own == BEGIN.as_bytes())
    })
}

/// Returns how far a key goes that has no end: as long as there is nothing but what keys are made of.
fn length(text: &str) -> usize {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '-' | ' ' | '\\' | '\n' | '\r');
    text.find(|c: char| !is_part(c)).unwrap_or(text.len())
}
