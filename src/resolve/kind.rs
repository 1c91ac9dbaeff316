//! What kind of text it is.

use super::list::is_rule;
use super::pairs::is_row;
use super::structured::Document;
use super::target::{bare, method, unlisted, without_scheme};

/// A text, with the name of its file where there is one.
#[derive(Clone, Copy, Debug)]
pub struct Text<'t> {
    /// A file name or path: its ending helps to tell what the text is.
    pub name: Option<&'t str>,
    /// The text itself.
    pub text: &'t str,
    /// True if it was found in a folder, rather than given: then a description of Xero's API in it is passed over.
    pub is_found: bool,
}

impl<'t> From<&'t str> for Text<'t> {
    fn from(text: &'t str) -> Self {
        Self { name: None, text, is_found: false }
    }
}

impl<'t> From<(&'t str, &'t str)> for Text<'t> {
    /// Takes the name first.
    fn from((name, text): (&'t str, &'t str)) -> Self {
        Self { name: Some(name), text, is_found: false }
    }
}

/// A kind of text; each has a reader of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// Objects in JSON or YAML with members that describe calls.
    Structured,
    /// Entries of a log, one a line.
    Log,
    /// A list that people wrote, or a table.
    List,
    /// Source code, and everything that is nothing else: calls, commands and prose, mixed.
    Code,
}

impl TextKind {
    /// Decides by the content, and by the name where the content leaves it open.
    pub fn of(text: Text<'_>) -> Self {
        if Document::read(text).is_some() { Self::Structured } else { Self::of_lines(text) }
    }

    /// Decides for a text that is not structured.
    pub(super) fn of_lines(Text { name, text, .. }: Text<'_>) -> Self {
        let ends = |endings: &[&str]| {
            name.is_some_and(|name| endings.iter().any(|end| name.to_ascii_lowercase().ends_with(end)))
        };
        if ends(&[".md", ".markdown", ".csv", ".tsv"]) {
            return Self::List;
        }
        let lines =
            || text.lines().map(|line| line.trim_start_matches('\u{feff}').trim()).filter(|line| !line.is_empty());
        let sample = lines().take(SAMPLE).count();
        let most = |of: usize| sample > 0 && of.saturating_mul(5) >= sample.saturating_mul(3);
        // The first line may be the head of a table.
        let head = usize::from(sample > 1 && lines().next().is_some_and(|line| !is_item(line) && is_head(line)));
        let is_list = || most(lines().take(SAMPLE).filter(|line| is_item(line)).count());
        if most(lines().take(SAMPLE).filter(|line| is_entry(line)).count())
            || ends(&[".log", ".jsonl", ".ndjson"]) && !is_list()
        {
            Self::Log
        } else if most(lines().take(SAMPLE).filter(|line| is_item(line)).count().saturating_add(head))
            || lines().take(SAMPLE).any(is_rule)
        {
            Self::List
        } else {
            Self::Code
        }
    }
}

/// So many lines are looked at.
const SAMPLE: usize = 50;

/// The words that loggers have for how much an entry matters.
const LEVELS: [&str; 9] = ["debug", "error", "info", "notice", "trace", "warn", "warning", "fatal", "critical"];
/// The words that days of system logs begin with.
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Returns whether a line may be the head of a table without bars.
fn is_head(line: &str) -> bool {
    line.contains([',', ';', '\t']) && !line.contains(['(', '{'])
}

/// Returns whether a line is an entry of a log: it begins with an address, a time or a level, is an object, or has members of
/// requests.
fn is_entry(line: &str) -> bool {
    if line.starts_with("{\"") && line.ends_with('}') {
        return true;
    }
    // `I, [2026-11-24T10:00:00`
    let line =
        ["D, ", "I, ", "W, ", "E, ", "F, "].into_iter().find_map(|level| line.strip_prefix(level)).unwrap_or(line);
    // `web-1  | `
    let rest =
        line.split_once(" | ").filter(|(name, _)| !name.trim_end().contains([' ', '/'])).map_or(line, |(_, rest)| rest);
    let word = rest.trim_start().trim_start_matches(['[', '<', '(']);
    let word = word.split([' ', ']', '\t', ',']).next().unwrap_or_default().trim_end_matches(':');
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let is_number = word.starts_with(|c: char| c.is_ascii_digit())
        && word.bytes().all(|byte| byte.is_ascii_digit() || b".:-/+TZ".contains(&byte) || byte.is_ascii_alphabetic());
    // A time, a day or an address.
    let marks = word.bytes().filter(|byte| b".:-/".contains(byte)).count();
    if is_number && digits >= 4 && (marks >= 2 || digits >= 10) {
        return true;
    }
    if LEVELS.iter().any(|level| level.eq_ignore_ascii_case(word)) && rest.len() > word.len() {
        return true;
    }
    if MONTHS.contains(&word) && rest.bytes().filter(|byte| *byte == b':').count() >= 2 {
        return true;
    }
    // `level=info method=GET path=/x`
    let members = line.split(' ').filter(|word| {
        word.split_once('=').is_some_and(|(key, _)| {
            !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
        })
    });
    members.count() >= 3 && !line.ends_with([';', '{', '('])
}

/// Returns whether a line is an item of a list of calls: a method and where it goes, side by side, or a row of a table.
fn is_item(line: &str) -> bool {
    let item = unlisted(line).trim_start_matches(['|', '*', '`', '"', '\'', ' ', '#', '_', '[']);
    let word = item.split([' ', '\t', ',', ';', '|', '`', '*', '"', ':', '/', ')']).next().unwrap_or_default();
    let is_method = method(word).is_some_and(|name| name == word) && word.len() < item.len();
    let is_path = item.starts_with('/')
        && item.get(1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '{'));
    // `"https://…".httpPost()` and `"https://…" |> Http.post` are code.
    let behind = || {
        let behind = item.get(bare(item).len()..).unwrap_or_default();
        behind.strip_prefix(['"', '\'', '`']).unwrap_or_default().trim_start()
    };
    let is_target = (is_path || without_scheme(item).is_some())
        && !["\".", ".", "?.", "|>", "->"].into_iter().any(|mark| behind().starts_with(mark));
    let ends = line.ends_with([';', '{', '}', '>']) && !line.ends_with("}}") && !is_target;
    (is_method || is_target) && !ends && !line.contains("=>")
        || line.starts_with("| ") && line.ends_with('|')
        || is_row(line) && !line.contains("=>") && !line.contains("([")
}
