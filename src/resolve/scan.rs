//! Steps over bytes and words that several readers take.

pub(super) fn is_identifier(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The beginning of a text, about this many bytes of it.
pub(super) fn head(text: &str, length: usize) -> &str {
    (length.min(text.len())..=text.len()).find_map(|end| text.get(..end)).unwrap_or_default()
}
