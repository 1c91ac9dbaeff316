//! Paths and queries: refuses some, and percent-encodes characters.
//!
//! The WHATWG URL parser behind every `fetch` does not change the result: it finds no dot segment to resolve, no backslash to
//! replace, no tab or line break to drop and no character to encode.

use std::borrow::Cow;

/// Returns the reason for which a path (without its leading slash) cannot be sent, as a clause that follows "the path".
///
/// A slash at the end is allowed. A percent-encoded slash is part of a value, but dot segments around it are refused too,
/// because some servers decode before they resolve.
pub(super) fn fault(path: &str) -> Option<&'static str> {
    let path = path.strip_suffix('/').unwrap_or(path);
    path.split('/').find_map(|segment| {
        if segment.is_empty() {
            return Some("has an empty segment; is a value missing?");
        }
        let Some(value) = decode(segment) else {
            return Some("has a % without two hexadecimal digits; write %25 for a percent sign");
        };
        if value.iter().any(u8::is_ascii_control) {
            return Some("has an encoded control character");
        }
        let is_dots = |part: &[u8]| matches!(part.split(|&byte| byte == b';').next(), Some(b"." | b".."));
        value.split(|byte| matches!(byte, b'/' | b'\\')).any(is_dots).then_some("has a dot segment (. or ..)")
    })
}

/// Returns whether every `%` of `text` has two hexadecimal digits after it.
pub(super) fn is_escaped(text: &str) -> bool {
    decode(text).is_some()
}

/// Decodes percent-encoding; `None` if a `%` has no two hexadecimal digits after it.
fn decode(text: &str) -> Option<Cow<'_, [u8]>> {
    if !text.as_bytes().contains(&b'%') {
        return Some(Cow::Borrowed(text.as_bytes()));
    }
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        out.push(if byte == b'%' { hex(bytes.next()?)? << 4 | hex(bytes.next()?)? } else { byte });
    }
    Some(Cow::Owned(out))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// A part of a URL with its own set of allowed characters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum UrlPart {
    /// The segments and the slashes between them.
    Path,
    /// The text after the question mark.
    Query,
}

impl UrlPart {
    /// Returns whether `byte` is not encoded: RFC 3986 allows it here and `fetch` keeps it.
    const fn allows(self, byte: u8) -> bool {
        match byte {
            b'?' | b'\'' => matches!((self, byte), (Self::Query, b'?') | (Self::Path, b'\'')),
            b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' | b':'
            | b'@' | b'/' | b'%' => true,
            _ => byte.is_ascii_alphanumeric(),
        }
    }

    /// Returns whether `text` needs no encoding.
    pub(super) fn is_plain(self, text: &str) -> bool {
        text.bytes().all(|byte| self.allows(byte))
    }

    /// Appends `text`, percent-encoding the characters that are not allowed here. Existing escapes are kept.
    pub(super) fn escape(self, text: &str, out: &mut String) {
        if self.is_plain(text) {
            return out.push_str(text);
        }
        for byte in text.bytes() {
            if self.allows(byte) { out.push(char::from(byte)) } else { push_escape(byte, out) }
        }
    }
}

/// Appends `byte` as `%XX`.
pub(super) fn push_escape(byte: u8, out: &mut String) {
    out.push('%');
    for digit in [byte >> 4, byte & 0xf] {
        out.extend(char::from_digit(digit.into(), 16).map(|digit| digit.to_ascii_uppercase()));
    }
}
