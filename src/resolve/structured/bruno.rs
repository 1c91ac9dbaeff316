//! Bruno's `.bru` files as a tree: blocks of members, or of text.

use super::tree::{Builder, NodeKind, Scalar, Style, Tree};

/// The blocks that have lines of `name: value`; the others have text.
const MEMBERS: [&str; 16] = [
    "auth", "connect", "delete", "get", "head", "headers", "meta", "options", "params", "patch", "post", "put",
    "query", "settings", "trace", "vars",
];

/// The blocks that Bruno knows besides those.
const TEXTS: [&str; 7] = ["assert", "body", "docs", "example", "script", "tests", "vars:secret"];

/// Returns whether a text begins with a block of Bruno's.
pub(super) fn begins(text: &str) -> bool {
    let mut lines = text.lines().map(|line| line.trim_start_matches('\u{feff}').trim_end());
    let first = lines.find(|line| !line.is_empty()).unwrap_or_default();
    block(first).is_some_and(|(name, _)| MEMBERS.contains(&stem(name)) || TEXTS.contains(&stem(name)))
}

/// The name of the block that a line opens, and whether what closes it is a bracket.
fn block(line: &str) -> Option<(&str, bool)> {
    let (name, is_list) = match line.strip_suffix('{') {
        Some(name) => (name, false),
        None => (line.strip_suffix('[')?, true),
    };
    let name = name.strip_suffix(' ')?;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'-' | b'_');
    (!name.is_empty() && name.bytes().all(is_name)).then_some((name, is_list))
}

/// `auth` of `auth:bearer`.
fn stem(name: &str) -> &str {
    name.split(':').next().unwrap_or(name)
}

/// Reads a text.
pub(super) fn read(text: &str) -> Tree<'_> {
    let mut builder = Builder::new(text);
    builder.open(NodeKind::Object, None, 0);
    let mut at = 0_usize;
    // Where the text of a block of text starts, and its name.
    let mut open: Option<(bool, Option<(usize, Scalar)>)> = None;
    for line in text.split_inclusive('\n') {
        let start = at;
        at = at.saturating_add(line.len());
        let content = line.trim_end();
        match &open {
            None => {
                let Some((name, is_list)) = block(content.trim_start_matches('\u{feff}')) else { continue };
                let start = start.saturating_add(content.find(name).unwrap_or(0));
                let key = Scalar { start, end: start.saturating_add(name.len()), style: Style::Plain };
                let is_members = !is_list && MEMBERS.contains(&stem(name));
                if is_members {
                    builder.open(NodeKind::Object, Some(key), start);
                    open = Some((is_list, None));
                } else {
                    open = Some((is_list, Some((at, key))));
                }
            }
            Some((is_list, text_block)) => {
                if content == if *is_list { "]" } else { "}" } {
                    match text_block {
                        Some((from, key)) => builder.leaf(NodeKind::Text(Style::Plain), Some(*key), *from, start),
                        None => builder.close(start),
                    }
                    open = None;
                } else if text_block.is_none() {
                    member(&mut builder, start, content);
                }
            }
        }
    }
    if open.is_some() {
        builder.broken(text.len());
    }
    let mut tree = builder.finish(text.len());
    tree.is_bruno = true;
    tree
}

/// Takes a line of `name: value`. One that is switched off begins with `~`.
fn member(builder: &mut Builder<'_>, start: usize, line: &str) {
    let inner = line.trim_start();
    let Some((name, value)) = inner.split_once(':') else { return };
    let value = value.trim();
    let from = start.saturating_add(line.len()).saturating_sub(inner.len());
    let key = Scalar { start: from, end: from.saturating_add(name.trim_end().len()), style: Style::Plain };
    let end = start.saturating_add(line.len());
    builder.leaf(NodeKind::Text(Style::Plain), Some(key), end.saturating_sub(value.len()), end);
}
