//! Names as words, and what they stand in front of.

use super::tree::SourceCode;

/// The words of a name, as they are written: `getHTTPUrl_v2` has `get`, `HTTP`, `Url` and `v2`.
pub(super) fn parts(name: &str) -> impl Iterator<Item = &str> {
    let bytes = name.as_bytes();
    let is_start = |at: usize| {
        let (Some(own), Some(before)) = (bytes.get(at), at.checked_sub(1).and_then(|before| bytes.get(before))) else {
            return false;
        };
        let next_is_lower = || bytes.get(at.saturating_add(1)).is_some_and(u8::is_ascii_lowercase);
        !own.is_ascii_alphanumeric()
            || !before.is_ascii_alphanumeric()
            || own.is_ascii_uppercase() && (!before.is_ascii_uppercase() || next_is_lower())
    };
    let mut from = 0_usize;
    let pieces = core::iter::from_fn(move || {
        let start = from;
        if start >= name.len() {
            return None;
        }
        from = (start.saturating_add(1)..name.len()).find(|at| is_start(*at)).unwrap_or(name.len());
        Some(name.get(start..from).unwrap_or_default())
    });
    pieces.filter(|piece| piece.starts_with(|c: char| c.is_ascii_alphanumeric()))
}

/// The words of a name, in lower case.
pub(super) fn words(name: &str) -> Vec<String> {
    parts(name).map(str::to_ascii_lowercase).collect()
}

/// Returns whether brackets hold the parameters of a function, and not arguments.
pub(super) fn is_definition(code: &SourceCode<'_>, open: usize) -> bool {
    code.mate(open).is_some_and(|close| code.is_definition(open, close))
}
