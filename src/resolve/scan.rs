//! Steps over bytes and words that several readers take.

pub(super) fn is_identifier(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// So far back an identifier is looked for, in bytes.
const BACK: usize = 200;

/// An identifier at the end, perhaps empty, and what is before it.
pub(super) fn last_identifier(text: &str) -> (&str, &str) {
    let length = text.bytes().rev().take(BACK).take_while(|byte| is_identifier(*byte)).count();
    text.split_at_checked(text.len().saturating_sub(length)).unwrap_or((text, ""))
}

/// The end of a text, about this many bytes of it.
pub(super) fn tail(text: &str, length: usize) -> &str {
    let start = text.len().saturating_sub(length);
    (start..=text.len()).find_map(|start| text.get(start..)).unwrap_or_default()
}

/// The beginning of a text, about this many bytes of it.
pub(super) fn head(text: &str, length: usize) -> &str {
    (length.min(text.len())..=text.len()).find_map(|end| text.get(..end)).unwrap_or_default()
}

/// Whether a text has a word in it, in any case; the word is ASCII.
pub(super) fn contains(text: &str, word: &str) -> bool {
    position(text, word).is_some()
}

/// Where a text first has a word in it, in any case; the word is ASCII.
pub(super) fn position(text: &str, word: &str) -> Option<usize> {
    let (bytes, word) = (text.as_bytes(), word.as_bytes());
    let first = word.first()?;
    let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
    let mut at = 0_usize;
    while let Some(gap) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == lower || *byte == upper))
    {
        at = at.saturating_add(gap);
        if bytes.get(at..at.saturating_add(word.len())).is_some_and(|own| own.eq_ignore_ascii_case(word)) {
            return Some(at);
        }
        at = at.saturating_add(1);
    }
    None
}
