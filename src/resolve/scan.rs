//! Steps over bytes and words that several readers take.

pub(super) fn is_identifier(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The beginning of a text, about this many bytes of it.
pub(super) fn head(text: &str, length: usize) -> &str {
    (length.min(text.len())..=text.len()).find_map(|end| text.get(..end)).unwrap_or_default()
}

/// Returns whether a text has a word in it, in any case; the word is ASCII.
pub(super) fn contains(text: &str, word: &str) -> bool {
    position(text, word).is_some()
}

/// Returns where a text first has a word in it, in any case; the word is ASCII.
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

/// Returns whether a word is one of a list of them, with spaces between.
#[inline(never)]
pub(super) fn among(word: &str, list: &str) -> bool {
    list.split(' ').any(|own| own == word)
}
