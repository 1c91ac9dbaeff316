//! Lists that people write: a call on each line, in tables of Markdown, in CSV.

use super::ledger::{Embedded, Ledger, Outcome};
use super::lines::{self, Step};
use super::pairs::LinesOf;
use super::target::unlisted;
use super::{code, ids, pairs, structured};

/// Reads the whole text.
pub(super) fn read(ledger: &mut Ledger<'_>) {
    let text = ledger.text;
    let is_markdown = is_markdown(text);
    lines::each(ledger, |ledger, line, start, end| {
        let trimmed = lines::bare(line);
        if let Some(mark) = fence(trimmed) {
            let from = end.saturating_add(1).min(text.len());
            let to = end_of_fence(text, from, mark);
            let found = ledger.inside(text.get(from..to).unwrap_or_default(), Embedded::Exact(from), code::read);
            let behind = text.get(to..).unwrap_or_default();
            let outcome = if found { Outcome::Call } else { Outcome::Other };
            return Step::Counted(outcome, to.saturating_add(behind.find('\n').unwrap_or(behind.len())));
        }
        if is_comment(trimmed, is_markdown) {
            return Step::Comment;
        }
        let line = if is_markdown { without_comment(line) } else { line };
        lines::curl_or(ledger, "curl", (line, start, end), item)
    });
}

/// Returns the line without comments at its end.
fn without_comment(line: &str) -> &str {
    let cut = line.trim_end().strip_suffix("-->").and_then(|rest| line.get(..rest.rfind("<!--")?));
    cut.map_or(line, without_comment)
}

/// The mark that opens a block of code.
fn fence(line: &str) -> Option<&'static str> {
    ["```", "~~~"].into_iter().find(|mark| line.starts_with(mark))
}

fn end_of_fence(text: &str, from: usize, mark: &str) -> usize {
    let mut at = from;
    for line in text.get(from..).unwrap_or_default().split_inclusive('\n') {
        if line.trim_start().starts_with(mark) {
            return at;
        }
        at = at.saturating_add(line.len());
    }
    at
}

/// Returns whether a text is Markdown rather than a plain list: it has a table, a block of code or a link.
pub(super) fn is_markdown(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim);
    lines.any(|line| {
        fence(line).is_some()
            || is_rule(line)
            || line.contains("](")
            || line.starts_with("**")
            || line.starts_with("## ")
    })
}

/// Returns whether a line separates the head of a table from its rows.
pub(super) fn is_rule(line: &str) -> bool {
    line.len() >= 5
        && line.contains('|')
        && line.contains("--")
        && line.bytes().all(|byte| matches!(byte, b'|' | b'-' | b':' | b' ' | b'\t'))
}

/// Returns whether a line is a comment, or markup without words.
fn is_comment(line: &str, is_markdown: bool) -> bool {
    let marks: &[&str] = if is_markdown { &["<!--"] } else { &["//", "#", "--", "/*", "<!--"] };
    marks.iter().any(|mark| line.starts_with(mark)) && !line.starts_with("#{") || is_markdown && is_rule(line)
}

/// Reads one line.
fn item(ledger: &mut Ledger<'_>, start: usize, line: &str) -> Outcome {
    let outcome = structured::line(ledger, start, line);
    if outcome != Outcome::Other {
        return outcome;
    }
    let heading = line.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').trim_start_matches('#');
    let from = line.len().saturating_sub(heading.len());
    let inner = if heading.starts_with(' ') { heading } else { line };
    let start = if heading.starts_with(' ') { start.saturating_add(from) } else { start };
    let outcome = pairs::read(ledger, start, inner, LinesOf::List);
    if outcome != Outcome::Other {
        return outcome;
    }
    let outcome = ids::line(ledger, start, inner);
    if outcome != Outcome::Other {
        return outcome;
    }
    // In the tables of a project's documents, names are the project's own.
    if !ledger.is_found || ledger.names_xero() && !inner.trim_start().starts_with('|') {
        let outcome = ids::cells(ledger, start, inner);
        if outcome != Outcome::Other {
            return outcome;
        }
    }
    let is_code = unlisted(inner).contains(['(', '.', '>']);
    if is_code && ledger.inside(inner, Embedded::Exact(start), code::read) { Outcome::Call } else { Outcome::Other }
}
