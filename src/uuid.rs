//! Ids of Xero: UUIDs, with or without hyphens.

/// The digits of an id, in lower case.
fn digits(id: &str) -> impl Iterator<Item = u8> {
    id.bytes().filter(|&byte| byte != b'-').map(|byte| byte.to_ascii_lowercase())
}

/// Checks that a text has the digits of an id.
pub(crate) fn is_uuid(text: &str) -> bool {
    digits(text).count() == 32 && digits(text).all(|byte| byte.is_ascii_hexdigit())
}

/// Compares two ids, with or without hyphens, in any case.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    digits(one).eq(digits(other))
}
