//! YAML as a tree: as much of it as files that describe requests use. Lines that are not understood are passed over.
//!
//! Mappings and lists by indentation and in brackets, plain, quoted and block scalars, comments, several documents.
//! Anchors and tags are passed over; an alias has no value.

use super::json;
use super::tree::{Builder, DEPTH, NodeKind, Scalar, Style, Tree};

/// Returns whether a text begins as YAML files do: with a member, a list of such, or a mark between documents.
pub(super) fn begins(text: &str) -> bool {
    let lines = text.lines().map(|line| line.trim_start_matches('\u{feff}').trim_end());
    let first = lines
        .map(|line| line.trim_start().trim_start_matches("- "))
        .find(|line| !line.is_empty() && !line.starts_with(['#', '%']));
    let Some(first) = first else { return false };
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-$/.\"'".contains(&byte))
    };
    let member = first.split_once(':').is_some_and(|(name, value)| {
        is_name(name) && (value.is_empty() || value.starts_with(' ')) && !value.ends_with(['{', ';', ','])
    });
    member || first == "---"
}

/// Reads a text as YAML; `None` if too little of it is.
pub(super) fn read(text: &str) -> Option<Tree<'_>> {
    let mut reader =
        YamlReader { text, builder: Builder::new(text), levels: Vec::new(), pending: None, read: 0, strange: 0 };
    reader.builder.open(NodeKind::List, None, 0);
    reader.lines();
    reader.unwind(0, text.len());
    let is_yaml = reader.read > 0 && reader.strange.saturating_mul(5) <= reader.read;
    is_yaml.then(|| reader.builder.finish_documents(text.len()))
}

/// A mapping or list that is open.
struct Level {
    indent: usize,
    kind: NodeKind,
}

/// A key or a bullet without its value yet.
struct OpenEntry {
    indent: usize,
    key: Option<Scalar>,
    at: usize,
}

struct YamlReader<'t> {
    text: &'t str,
    builder: Builder<'t>,
    levels: Vec<Level>,
    pending: Option<OpenEntry>,
    /// Lines that were understood, and others.
    read: usize,
    strange: usize,
}

/// The place where a line of the text is, without its end.
#[derive(Clone, Copy)]
struct Line {
    start: usize,
    end: usize,
    /// The place where the next one starts.
    next: usize,
}

impl<'t> YamlReader<'t> {
    fn line(&self, start: usize) -> Option<Line> {
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        let length = rest.find('\n').unwrap_or(rest.len());
        let end = start.saturating_add(length);
        let next = end.saturating_add(1).min(self.text.len().max(end.saturating_add(1)));
        let end = start.saturating_add(rest.get(..length).unwrap_or_default().trim_end().len());
        Some(Line { start, end, next })
    }

    fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or_default()
    }

    fn lines(&mut self) {
        let mut at = 0;
        while let Some(line) = self.line(at) {
            let content = self.slice(line.start, line.end).trim_start_matches('\u{feff}');
            let inner = content.trim_start_matches([' ', '\t']);
            at = line.next;
            if inner.is_empty() || inner.starts_with('#') || content.starts_with('%') {
                continue;
            }
            if content == "..." || content == "---" || content.starts_with("--- ") {
                self.unwind(0, line.start);
                self.read = self.read.saturating_add(1);
                continue;
            }
            let start = line.end.saturating_sub(inner.len());
            at = self.entry(line, start, content.len().saturating_sub(inner.len()));
        }
    }

    /// Reads what starts at `at` of a line, which is `indent` wide; returns where the next line starts.
    fn entry(&mut self, line: Line, at: usize, indent: usize) -> usize {
        let (mut at, mut indent) = (at, indent);
        loop {
            let rest = self.slice(at, line.end);
            if rest != "-" && !rest.starts_with("- ") {
                break;
            }
            self.enter(NodeKind::List, indent, at);
            self.pending = Some(OpenEntry { indent, key: None, at });
            self.read = self.read.saturating_add(1);
            let inner = rest.get(1..).unwrap_or_default().trim_start();
            if inner.is_empty() || inner.starts_with('#') {
                return line.next;
            }
            let wide = rest.len().saturating_sub(inner.len());
            (at, indent) = (at.saturating_add(wide), indent.saturating_add(wide));
        }
        if let Some((key, behind)) = self.key(at, line.end) {
            self.enter(NodeKind::Object, indent, at);
            self.read = self.read.saturating_add(1);
            return self.value(line, behind, OpenEntry { indent, key: Some(key), at });
        }
        // A value that is on a line of its own, or in a list.
        if let Some(pending) = self.pending.take() {
            return self.value(line, at, pending);
        }
        self.strange = self.strange.saturating_add(1);
        line.next
    }

    /// The key that starts at `at`, and where its value may start.
    fn key(&self, at: usize, end: usize) -> Option<(Scalar, usize)> {
        let rest = self.slice(at, end);
        let (length, scalar) = match rest.as_bytes().first()? {
            b'"' => {
                let close = json::end_of_string(rest, 1)?;
                (close.saturating_add(1), (1, close, Style::Escaped))
            }
            b'\'' => {
                let close = end_of_single(rest, 1)?;
                (close.saturating_add(1), (1, close, Style::Doubled))
            }
            b'{' | b'[' | b'|' | b'>' | b'&' | b'*' | b'!' | b'%' | b'@' | b'`' => return None,
            _ => {
                let colon = rest.match_indices(':').map(|(place, _)| place).find(|place| {
                    let behind = rest.get(place.saturating_add(1)..).unwrap_or_default();
                    behind.is_empty() || behind.starts_with([' ', '\t'])
                })?;
                let name = rest.get(..colon)?;
                // `a # b: c`, `see this: (and that)` in a wrapped text
                if name.contains(" #") || name.len() > 200 {
                    return None;
                }
                (colon, (0, name.trim_end().len(), Style::Plain))
            }
        };
        let behind = rest.get(length..)?;
        let value = behind.trim_start().strip_prefix(':')?;
        if !value.is_empty() && !value.starts_with([' ', '\t']) {
            return None;
        }
        let (start, end_of_key, style) = scalar;
        let key = Scalar { start: at.saturating_add(start), end: at.saturating_add(end_of_key), style };
        Some((key, end.saturating_sub(value.trim_start().len())))
    }

    /// Opens a mapping or list at this indentation, unless it is open, and closes those that end before it.
    fn enter(&mut self, kind: NodeKind, indent: usize, at: usize) {
        // A list may stand under its key without being indented.
        let is_value = self.pending.as_ref().is_some_and(|pending| {
            indent > pending.indent || indent == pending.indent && kind == NodeKind::List && pending.key.is_some()
        });
        if !is_value {
            self.settle();
            while let Some(level) = self.levels.last()
                && (level.indent > indent || level.indent == indent && level.kind != kind)
            {
                self.levels.pop();
                self.builder.close(at);
            }
            if self.levels.last().is_some_and(|level| level.indent == indent && level.kind == kind) {
                return;
            }
        }
        let key = self.pending.take().and_then(|pending| pending.key);
        if self.builder.depth() >= DEPTH {
            self.builder.broken(at);
            return;
        }
        self.levels.push(Level { indent, kind });
        self.builder.open(kind, key, at);
    }

    /// Gives the pending key or bullet no value.
    fn settle(&mut self) {
        if let Some(OpenEntry { key, at, .. }) = self.pending.take() {
            self.builder.leaf(NodeKind::Other, key, at, at);
        }
    }

    /// Closes all open nodes down to `levels` levels.
    fn unwind(&mut self, levels: usize, at: usize) {
        self.settle();
        while self.levels.len() > levels {
            self.levels.pop();
            self.builder.close(at);
        }
    }

    /// Reads the value that may start at `at` of a line; returns where the next line starts.
    fn value(&mut self, line: Line, at: usize, pending: OpenEntry) -> usize {
        let (mut at, mut rest) = (at, self.slice(at, line.end));
        // `&anchor`, `!tag`
        while rest.starts_with(['&', '!']) {
            let length = rest.find([' ', '\t']).unwrap_or(rest.len());
            rest = rest.get(length..).unwrap_or_default().trim_start();
            at = line.end.saturating_sub(rest.len());
        }
        if rest.is_empty() || rest.starts_with('#') {
            self.pending = Some(pending);
            return line.next;
        }
        let OpenEntry { indent, key, .. } = pending;
        match rest.as_bytes().first() {
            Some(b'|' | b'>') if rest.bytes().skip(1).all(|byte| byte.is_ascii_digit() || b"+- #".contains(&byte)) => {
                let end = self.end_of_block(line.next, indent);
                self.builder.leaf(NodeKind::Text(Style::Plain), key, line.next.min(self.text.len()), end);
                end
            }
            Some(b'{' | b'[') => self.flow(at, key, line),
            Some(b'*') => {
                self.builder.leaf(NodeKind::Other, key, at, line.end);
                line.next
            }
            Some(b'"') => {
                self.quoted(json::end_of_string(self.text, at.saturating_add(1)), Style::Escaped, at, key, line)
            }
            Some(b'\'') => self.quoted(end_of_single(self.text, at.saturating_add(1)), Style::Doubled, at, key, line),
            _ => {
                let length = rest.find(" #").unwrap_or(rest.len());
                let value = rest.get(..length).unwrap_or_default().trim_end();
                self.builder.leaf(NodeKind::Text(Style::Plain), key, at, at.saturating_add(value.len()));
                self.behind_plain(line.next, indent)
            }
        }
    }

    /// Returns where the lines end that are more indented than `indent`, and blank ones between them.
    fn end_of_block(&self, at: usize, indent: usize) -> usize {
        let mut at = at;
        while let Some(line) = self.line(at) {
            let content = self.slice(line.start, line.end);
            let own = content.len().saturating_sub(content.trim_start().len());
            if !content.trim_start().is_empty() && own <= indent {
                break;
            }
            at = line.next;
        }
        at.min(self.text.len())
    }

    /// Passes over the further lines of a plain text: more indented, and no members.
    fn behind_plain(&self, at: usize, indent: usize) -> usize {
        let mut at = at;
        while let Some(line) = self.line(at) {
            let content = self.slice(line.start, line.end);
            let inner = content.trim_start();
            let own = content.len().saturating_sub(inner.len());
            let is_more = own > indent && !inner.is_empty() && !inner.starts_with(['#', '-']);
            if !is_more || self.key(line.end.saturating_sub(inner.len()), line.end).is_some() {
                break;
            }
            at = line.next;
        }
        at
    }

    fn quoted(&mut self, end: Option<usize>, style: Style, at: usize, key: Option<Scalar>, line: Line) -> usize {
        let Some(end) = end else {
            self.builder.broken(at);
            return line.next;
        };
        self.builder.leaf(NodeKind::Text(style), key, at.saturating_add(1), end);
        self.text
            .get(end..)
            .and_then(|rest| rest.find('\n'))
            .map_or(self.text.len(), |length| end.saturating_add(length).saturating_add(1))
    }

    /// Reads a value in brackets, over as many lines as it has.
    fn flow(&mut self, at: usize, key: Option<Scalar>, line: Line) -> usize {
        let rest = self.slice(at, self.text.len());
        // `{{ template }}` that somebody left without quotes
        if rest.starts_with("{{") {
            self.builder.leaf(NodeKind::Text(Style::Plain), key, at, line.end);
            return line.next;
        }
        let depth = self.builder.depth();
        match flow(self.text, at, key, &mut self.builder) {
            Ok(end) => self
                .text
                .get(end..)
                .and_then(|rest| rest.find('\n'))
                .map_or(self.text.len(), |length| end.saturating_add(length).saturating_add(1)),
            Err(end) => {
                while self.builder.depth() > depth {
                    self.builder.close(end);
                }
                self.builder.broken(end);
                line.next
            }
        }
    }
}

/// Reads `{…}` or `[…]`; returns where it ends, or where it is broken.
fn flow(text: &str, start: usize, key: Option<Scalar>, builder: &mut Builder<'_>) -> Result<usize, usize> {
    let bytes = text.as_bytes();
    let outer = builder.depth();
    let mut key = key;
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        let next = at.saturating_add(1);
        match byte {
            b'{' | b'[' if builder.depth() < DEPTH => {
                builder.open(if byte == b'{' { NodeKind::Object } else { NodeKind::List }, key.take(), at);
                at = next;
            }
            b'}' | b']' => {
                if let Some(key) = key.take() {
                    builder.leaf(NodeKind::Other, Some(key), at, at);
                }
                builder.close(next);
                at = next;
                if builder.depth() == outer {
                    return Ok(at);
                }
            }
            b',' => {
                if let Some(key) = key.take() {
                    builder.leaf(NodeKind::Other, Some(key), at, at);
                }
                at = next;
            }
            b'#' if at.checked_sub(1).and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_whitespace) => {
                let rest = bytes.get(at..).unwrap_or_default();
                at = at.saturating_add(rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()));
            }
            b'{' | b'[' => return Err(at),
            _ if byte.is_ascii_whitespace() => at = next,
            _ => {
                let (scalar, end) = match byte {
                    b'"' => {
                        let end = json::end_of_string(text, next).ok_or(at)?;
                        (Scalar { start: next, end, style: Style::Escaped }, end.saturating_add(1))
                    }
                    b'\'' => {
                        let end = end_of_single(text, next).ok_or(at)?;
                        (Scalar { start: next, end, style: Style::Doubled }, end.saturating_add(1))
                    }
                    _ => {
                        let end = end_of_plain(bytes, at);
                        let written = text.get(at..end).unwrap_or_default().trim_end();
                        let end = at.saturating_add(written.len().max(1));
                        (Scalar { start: at, end, style: Style::Plain }, end)
                    }
                };
                let gap = bytes.get(end..).unwrap_or_default().iter().take_while(|byte| **byte == b' ').count();
                let colon = end.saturating_add(gap);
                if key.is_none() && builder.inside() == Some(NodeKind::Object) && bytes.get(colon) == Some(&b':') {
                    key = Some(scalar);
                    at = colon.saturating_add(1);
                } else {
                    builder.leaf(NodeKind::Text(scalar.style), key.take(), scalar.start, scalar.end);
                    at = end;
                }
            }
        }
    }
    Err(bytes.len())
}

/// Returns where a plain text in brackets ends.
fn end_of_plain(bytes: &[u8], at: usize) -> usize {
    let mut end = at;
    while let Some(&byte) = bytes.get(end) {
        let next = bytes.get(end.saturating_add(1));
        let is_colon = byte == b':' && next.is_none_or(|byte| byte.is_ascii_whitespace() || b",}]".contains(byte));
        if is_colon || matches!(byte, b',' | b'{' | b'}' | b'[' | b']' | b'\n') {
            break;
        }
        end = end.saturating_add(1);
    }
    end
}

/// Returns where the text in single quotes ends whose first byte is at `at`.
fn end_of_single(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = at;
    loop {
        let length = bytes.get(at..)?.iter().position(|byte| *byte == b'\'')?;
        at = at.saturating_add(length);
        if bytes.get(at.saturating_add(1)) != Some(&b'\'') {
            return Some(at);
        }
        at = at.saturating_add(2);
    }
}
