//! A text line by line, each for what it is.

use super::ledger::{Ledger, Outcome, Request};
use super::target::{bare, placeholder, unlisted, without_scheme};
use super::{code_line, curl, request_line, sdk, structured};

/// Reads the whole text.
pub(super) fn read(ledger: &mut Ledger<'_>) {
    let text = ledger.text;
    let mut start = 0_usize;
    let mut in_comment = false;
    while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
        let length = rest.find('\n').unwrap_or(rest.len());
        let mut end = start.saturating_add(length);
        let mut line = rest.get(..length).unwrap_or_default();
        if let Some(code) = behind_comment(line, in_comment) {
            in_comment = false;
            start = end.saturating_sub(code.len());
            line = code;
        }
        let trimmed = line.trim().trim_start_matches('\u{feff}');
        if trimmed.is_empty() {
            ledger.blank();
        } else if in_comment {
            ledger.comment();
            in_comment = !trimmed.contains("*/");
        } else if is_comment(trimmed) {
            ledger.comment();
            in_comment = trimmed.starts_with("/*") && !trimmed.contains("*/");
        } else {
            let (outcome, read) = one(ledger, start, end);
            ledger.pass_over(outcome);
            end = read;
        }
        start = end.saturating_add(1);
    }
}

/// The code behind a comment that ends on a line, if there is any: `/* … */ code`.
fn behind_comment(line: &str, in_comment: bool) -> Option<&str> {
    let begins = in_comment || line.trim_start().starts_with("/*");
    let (_, code) = begins.then(|| line.split_once("*/"))??;
    (!code.trim().is_empty()).then_some(code)
}

/// Whether a line is a comment. `*` is one, too, unless it is the bullet of a list of calls.
fn is_comment(line: &str) -> bool {
    ["//", "#", "--", "/*", "<!--"].into_iter().any(|mark| line.starts_with(mark)) && !line.starts_with("#{")
        || line.starts_with('*') && !unlisted(line).starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
}

/// Reads the line at `start..end`; returns what became of it, and where the last line of what it begins ends.
fn one(ledger: &mut Ledger<'_>, start: usize, end: usize) -> (Outcome, usize) {
    let text = ledger.text;
    let line = text.get(start..end).unwrap_or_default();
    if let Some(read) = curl::read(ledger, start, end) {
        return read;
    }
    let mut ways = [structured::line, request_line::read, alone, ids, code_line::read].into_iter();
    let outcome = ways.find_map(|way| Some(way(ledger, start, line)).filter(|outcome| *outcome != Outcome::Other));
    (outcome.unwrap_or(Outcome::Other), end)
}

/// A line that is a path or URL and nothing else, perhaps in quotes.
fn alone(ledger: &mut Ledger<'_>, start: usize, line: &str) -> Outcome {
    let rest = unlisted(line).trim_start_matches(['"', '\'', '`', '<', '[']);
    let target = bare(rest);
    let behind = rest.get(target.len()..).unwrap_or_default();
    let is_alone = behind.chars().all(|c| c.is_whitespace() || c.is_ascii_punctuation());
    let has_place =
        placeholder(rest).is_some_and(|length| rest.get(length..).is_some_and(|rest| rest.starts_with('/')));
    let is_path = target.starts_with('/') && !target.starts_with("//") && target.len() > 1;
    if !is_alone || !is_path && !has_place && without_scheme(target).is_none() {
        return Outcome::Other;
    }
    let at = start.saturating_add(line.len()).saturating_sub(rest.len());
    ledger.request(Request { method: None, target, text: target, at })
}

/// A line of nothing but operation ids, or `operationId:` and one.
pub(super) fn ids(ledger: &mut Ledger<'_>, start: usize, line: &str) -> Outcome {
    let list = unlisted(line).trim_end();
    let list = list.trim_start_matches(['"', '\'']).strip_prefix("operationId").map_or(list, |value| {
        value.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ':' | '='))
    });
    let at = start.saturating_add(line.trim_end().len()).saturating_sub(list.len());
    let is_gap = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|' | '"' | '\'' | '`' | '[' | ']');
    let words = || list.split(is_gap).filter(|word| !word.is_empty());
    if !words().all(sdk::is_id) {
        return Outcome::Other;
    }
    let mut outcome = Outcome::Other;
    let mut at = at;
    for piece in list.split_inclusive(is_gap) {
        let word = piece.trim_end_matches(is_gap);
        if !word.is_empty() {
            sdk::id(ledger, word.trim_end_matches("()"), at);
            outcome = Outcome::Call;
        }
        at = at.saturating_add(piece.len());
    }
    outcome
}
