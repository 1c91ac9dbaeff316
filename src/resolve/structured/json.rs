//! JSON as a tree, tolerantly: comments and surplus commas are passed over, and a piece of an object that begins with a
//! member is read as one.

use super::tree::{Builder, DEPTH, NodeKind, Scalar, Style, Tree};

/// Reads a text that looks like JSON; `None` if it does not, or goes on behind its end.
pub(super) fn read(text: &str) -> Option<Tree<'_>> {
    let start = start(text)?;
    let mut reader = JsonReader { text, bytes: text.as_bytes(), at: start, key: None, builder: Builder::new(text) };
    let is_piece = reader.bytes.get(start) == Some(&b'"');
    if is_piece {
        reader.builder.open(NodeKind::Object, None, start);
    }
    let ends = reader.value(usize::from(is_piece));
    let rest = text.get(reader.at..).unwrap_or_default();
    let is_whole = rest.trim_start().trim_start_matches([',', ';', '\0']).trim().is_empty();
    if ends && !is_whole {
        return None;
    }
    Some(reader.builder.finish(text.len()))
}

/// Returns where the JSON starts that a text looks like: an object or a list of something, or a member of an object.
fn start(text: &str) -> Option<usize> {
    let is_gap = |c: char| c.is_whitespace() || c == '\u{feff}';
    let rest = text.trim_start_matches(is_gap);
    let start = text.len().saturating_sub(rest.len());
    let fits = match rest.as_bytes().first()? {
        b'{' => inside(rest.get(1..)?).starts_with(['"', '}']),
        b'[' => inside(rest.get(1..)?).starts_with(['"', '{', '[', ']']),
        b'"' => {
            let end = end_of_string(rest, 1)?;
            end < 100 && rest.get(end.saturating_add(1)..)?.trim_start().starts_with(':')
        }
        _ => false,
    };
    fits.then_some(start)
}

/// What follows white space and comments.
fn inside(text: &str) -> &str {
    let bytes = text.as_bytes();
    text.get(behind_gap(bytes, 0)..).unwrap_or_default()
}

fn behind_gap(bytes: &[u8], at: usize) -> usize {
    let mut at = at;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        at = at.saturating_add(rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count());
        let rest = bytes.get(at..).unwrap_or_default();
        let length = if rest.starts_with(b"//") {
            rest.iter().position(|byte| *byte == b'\n')
        } else if rest.starts_with(b"/*") {
            rest.windows(2).position(|two| two == b"*/").map(|end| end.saturating_add(2))
        } else {
            return at;
        };
        at = at.saturating_add(length.unwrap_or(rest.len()));
    }
}

struct JsonReader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    /// The key that was read and has no value yet.
    key: Option<Scalar>,
    builder: Builder<'t>,
}

impl JsonReader<'_> {
    /// Reads one value, or the rest of the `outer` nodes that are open already. Returns true if it ends.
    fn value(&mut self, outer: usize) -> bool {
        let mut deeper = 0_usize;
        while let Some(&byte) = self.bytes.get(self.at) {
            let at = self.at;
            let next = at.saturating_add(1);
            self.at = next;
            match byte {
                b'"' => {
                    let Some(end) = end_of_string(self.text, next) else { return self.broken(at) };
                    self.at = end.saturating_add(1);
                    if deeper == 0 {
                        self.string(next, end);
                    }
                }
                b'{' | b'[' if deeper > 0 || self.builder.depth() >= DEPTH => {
                    self.builder.broken(at);
                    deeper = deeper.saturating_add(1);
                }
                b'{' | b'[' => {
                    let kind = if byte == b'{' { NodeKind::Object } else { NodeKind::List };
                    let key = self.key.take();
                    self.builder.open(kind, key, at);
                }
                b'}' | b']' if deeper > 0 => deeper = deeper.saturating_sub(1),
                b'}' | b']' => {
                    let kind = if byte == b'}' { NodeKind::Object } else { NodeKind::List };
                    if self.builder.inside() != Some(kind) || self.builder.depth() <= outer {
                        return self.broken(at);
                    }
                    self.builder.close(next);
                    self.key = None;
                    if self.builder.depth() == 0 {
                        return true;
                    }
                }
                b':' | b',' | b' ' | b'\t' | b'\r' | b'\n' => {}
                b'/' => {
                    self.at = behind_gap(self.bytes, at);
                    if self.at == at {
                        return self.broken(at);
                    }
                }
                _ if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.') => {
                    let rest = self.bytes.get(at..).unwrap_or_default();
                    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
                    self.at = at.saturating_add(rest.iter().take_while(is_part).count());
                    if deeper == 0 && self.builder.depth() > 0 {
                        let key = self.key.take();
                        self.builder.leaf(NodeKind::Other, key, at, self.at);
                    }
                }
                _ => return self.broken(at),
            }
        }
        if self.builder.depth() <= outer && outer > 0 {
            return true;
        }
        self.broken(self.bytes.len())
    }

    fn broken(&mut self, at: usize) -> bool {
        self.builder.broken(at);
        false
    }

    fn style(&self, start: usize, end: usize) -> Style {
        let inside = self.bytes.get(start..end).unwrap_or_default();
        if inside.len() <= SHORT && !inside.contains(&b'\\') { Style::Plain } else { Style::Escaped }
    }

    /// Takes a string: a key if it is in an object and a colon is behind it.
    fn string(&mut self, start: usize, end: usize) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let is_key = self.key.is_none()
            && self.builder.inside() == Some(NodeKind::Object)
            && rest.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':');
        let style = self.style(start, end);
        if is_key {
            self.key = Some(Scalar { start, end, style });
            return;
        }
        if self.builder.depth() > 0 {
            let key = self.key.take();
            self.builder.leaf(NodeKind::Text(style), key, start, end);
        }
    }
}

/// A string is looked at so far for escapes while it is read, in bytes; a longer one may have some.
const SHORT: usize = 64;

/// Returns where the string ends whose first byte is at `at`: at the first quote with an even number of backslashes before it.
pub(super) fn end_of_string(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut from = at;
    loop {
        // Most of a file is in long strings, and this looks at several bytes at once.
        let end = from.saturating_add(text.get(from..)?.find('"')?);
        let inside = bytes.get(at..end)?;
        let slashes = inside.iter().rev().take_while(|byte| **byte == b'\\').count();
        if slashes % 2 == 0 {
            return Some(end);
        }
        from = end.saturating_add(1);
    }
}
