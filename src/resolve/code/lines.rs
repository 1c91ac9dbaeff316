//! Lines that stand for themselves, outside of all brackets: commands, requests, paths and ids. And what every line counts
//! as in the end.

use super::super::ledger::{FoundRequest, Ledger, Outcome};
use super::super::target::{
    Target, bare, has_base, is_of_xero, is_spelt, method, placeholder, target, unlisted, without_scheme,
};
use super::super::{curl, ids, nearest, request_line, structured};
use super::lex::{Kind, Lexed, Lexeme, NONE};
use crate::request::route::route;

/// What each line of a text counts as.
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    outcomes: Vec<Outcome>,
    /// True if there is anything but comments on a line.
    has_code: Vec<bool>,
    has_comment: Vec<bool>,
    has_call: bool,
    /// Up to here there is no command.
    commands: usize,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str, lexed: &Lexed) -> Self {
        let mut starts = vec![0];
        starts.extend(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at.saturating_add(1)));
        let count = starts.len();
        let mut lines = Self {
            text,
            starts,
            outcomes: vec![Outcome::Other; count],
            has_code: vec![false; count],
            has_comment: vec![false; count],
            has_call: false,
            commands: 0,
        };
        let mut line = 0_usize;
        for token in &lexed.tokens {
            if token.kind == Kind::Line {
                continue;
            }
            let start = token.start as usize;
            line = lines.line_from(line, start);
            let last = lines.line_from(line, (token.end as usize).max(start));
            for line in line..=last {
                if let Some(has_code) = lines.has_code.get_mut(line) {
                    *has_code = true;
                }
            }
            if matches!(token.kind, Kind::Text | Kind::Url | Kind::Part)
                && !is_of_xero(text.get(start..token.end as usize).unwrap_or_default())
                && without_scheme(text.get(start..token.end as usize).unwrap_or_default()).is_some()
            {
                lines.mark(start, Outcome::OtherHost);
            }
        }
        let mut line = 0_usize;
        for (start, end) in &lexed.comments {
            line = lines.line_from(line, *start as usize);
            let last = lines.line_from(line, (*end as usize).saturating_sub(1));
            for line in line..=last {
                if let Some(has_comment) = lines.has_comment.get_mut(line) {
                    *has_comment = true;
                }
            }
        }
        lines
    }

    /// The line of a byte that is not before `line`.
    fn line_from(&self, line: usize, at: usize) -> usize {
        let mut line = line;
        while self.starts.get(line.saturating_add(1)).is_some_and(|next| *next <= at) {
            line = line.saturating_add(1);
        }
        line
    }

    fn line_of(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).saturating_sub(1)
    }

    /// Notes the outcome for the line of a byte.
    pub(super) fn mark(&mut self, at: usize, outcome: Outcome) {
        let line = self.line_of(at);
        if let Some(own) = self.outcomes.get_mut(line) {
            *own = (*own).max(outcome);
        }
    }

    pub(super) const fn has_call(&self) -> bool {
        self.has_call
    }

    /// Counts the lines that no call came from.
    pub(super) fn count(&self, ledger: &mut Ledger<'_>) {
        let ends_with_line = self.text.ends_with('\n') || self.text.is_empty();
        let last = self.starts.len().saturating_sub(usize::from(ends_with_line));
        for line in 0..last {
            let outcome = self.outcomes.get(line).copied().unwrap_or(Outcome::Other);
            if outcome != Outcome::Other {
                ledger.pass_over(outcome);
                continue;
            }
            let start = self.starts.get(line).copied().unwrap_or_default();
            let end = self.starts.get(line.saturating_add(1)).copied().unwrap_or(self.text.len());
            let is_blank =
                self.text.get(start..end).unwrap_or_default().trim().trim_start_matches('\u{feff}').trim().is_empty();
            let is = |flags: &[bool]| flags.get(line).copied().unwrap_or(false);
            if is_blank {
                ledger.blank();
            } else if is(&self.has_comment) && !is(&self.has_code) {
                ledger.comment();
            } else {
                ledger.pass_over(Outcome::Other);
            }
        }
    }

    /// Reads what stands for itself, and takes its tokens away; `may_list` if the text may be a list for people.
    pub(super) fn read(&mut self, ledger: &mut Ledger<'_>, tokens: &mut [Lexeme], may_list: bool) {
        let mut at = 0_usize;
        let mut read_to = 0_usize;
        // Up to here the tokens are in brackets.
        let mut inside = 0_usize;
        let mut is_first = true;
        // The last token before that stays.
        let mut before: Option<Lexeme> = None;
        while let Some(token) = tokens.get(at).copied() {
            let start = token.start as usize;
            if start < read_to {
                take_away(tokens, at);
                is_first = token.kind == Kind::Line;
                at = at.saturating_add(1);
                continue;
            }
            if is_first && at >= inside && token.kind != Kind::Line {
                let line = self.line_of(start);
                let from = self.starts.get(line).copied().unwrap_or_default().max(read_to);
                let to = self.end_of(line);
                let is_free = !before.is_some_and(|before| self.goes_on(before));
                if let Some(end) = self.line(ledger, tokens, at, (from, to), is_free, may_list) {
                    read_to = end;
                    before = None;
                    continue;
                }
            }
            if let Some(end) = self.command(ledger, token) {
                read_to = end.max(token.end as usize);
                if read_to > start {
                    continue;
                }
            }
            if token.mate != NONE && matches!(token.kind, Kind::Open | Kind::Template | Kind::Hole) {
                inside = inside.max(token.mate as usize);
            }
            is_first = token.kind == Kind::Line;
            if !is_first {
                before = Some(token);
            }
            at = at.saturating_add(1);
        }
    }

    fn end_of(&self, line: usize) -> usize {
        self.starts.get(line.saturating_add(1)).map_or(self.text.len(), |next| next.saturating_sub(1))
    }

    /// Reads the `curl` that a token is, or has in it; returns where it ends.
    fn command(&mut self, ledger: &mut Ledger<'_>, token: Lexeme) -> Option<usize> {
        let (start, end) = (token.start as usize, token.end as usize);
        let word = self.text.get(start..end)?;
        let (to, limit) = match token.kind {
            Kind::Word if word == "curl" => (self.end_of(self.line_of(start)), self.text.len()),
            Kind::Text | Kind::Part if word.contains("curl ") => (end, end),
            _ => return None,
        };
        if start < self.commands {
            return None;
        }
        let Some((outcome, read)) = curl::read(ledger, start, to, limit) else {
            self.commands = to;
            return None;
        };
        let (first, last) = (self.line_of(start), self.line_of(read.min(limit).saturating_sub(1).max(start)));
        for line in first..=last {
            if let Some(own) = self.outcomes.get_mut(line) {
                *own = (*own).max(outcome);
            }
        }
        self.has_call |= outcome == Outcome::Call;
        // What else is in a literal stays to be read.
        (token.kind == Kind::Word).then_some(read.min(limit))
    }

    /// Reads a line that stands for itself; returns where it ends.
    fn line(
        &mut self,
        ledger: &mut Ledger<'_>,
        tokens: &[Lexeme],
        at: usize,
        (from, to): (usize, usize),
        is_free: bool,
        may_list: bool,
    ) -> Option<usize> {
        let line = self.text.get(from..to)?;
        let trimmed = line.trim();
        let rest = tokens.get(at..).unwrap_or_default();
        let on_line = || rest.iter().take_while(|token| token.kind != Kind::Line && (token.start as usize) < to);
        // `* [HTTP/2] [1] OPENED stream for https://…` of `curl -v`, whose request is a line of its own.
        if ["* [HTTP/", "* h2", "* h3"].iter().any(|mark| trimmed.starts_with(mark)) && self.text.contains("\n> ") {
            return Some(to);
        }
        let mut outcome = Outcome::Other;
        if trimmed.starts_with('{') && trimmed.trim_end_matches(',').ends_with('}') {
            outcome = structured::line(ledger, from, line);
            if outcome == Outcome::Other && trimmed.contains(" HTTP/") {
                outcome = request_line::read(ledger, from, line);
            }
        } else if is_free && !has_curl(line) && (self.has_request(on_line()) || is_request(line)) {
            outcome = request_line::read(ledger, from, line);
        }
        if outcome == Outcome::Other && is_free && may_list {
            outcome = path(ledger, from, line);
            if outcome == Outcome::Other {
                outcome = self.ids(ledger, from, line);
            }
        }
        if outcome == Outcome::Other {
            return None;
        }
        self.has_call |= outcome == Outcome::Call;
        self.mark(from.saturating_add(line.len().saturating_sub(line.trim_start().len())), outcome);
        Some(to)
    }

    /// Returns true if the line behind a token goes on with its statement.
    fn goes_on(&self, before: Lexeme) -> bool {
        let word = self.text.get(before.start as usize..before.end as usize).unwrap_or_default();
        before.kind == Kind::Mark && matches!(word, "+" | "=" | "\\" | "=>" | "&&" | "||" | "?" | "->" | ":=" | "`")
    }

    /// Returns whether a line has the method of a request in it that is no text of code.
    fn has_request<'a>(&self, mut tokens: impl Iterator<Item = &'a Lexeme>) -> bool {
        tokens.any(|token| {
            let word = self.text.get(token.start as usize..token.end as usize).unwrap_or_default();
            match token.kind {
                Kind::Word => {
                    word.len() < 8
                        && word.bytes().all(|byte| byte.is_ascii_uppercase())
                        && method(word).is_some()
                        && self
                            .text
                            .as_bytes()
                            .get(token.end as usize)
                            .is_some_and(|byte| matches!(byte, b' ' | b'\t' | b':' | b',' | b'|' | b'"'))
                }
                Kind::Text | Kind::Part => word.contains(" HTTP/") || self.is_in_backticks(token) && is_request(word),
                _ => false,
            }
        })
    }

    fn is_in_backticks(&self, token: &Lexeme) -> bool {
        let bytes = self.text.as_bytes();
        (token.start as usize).checked_sub(1).and_then(|at| bytes.get(at)) == Some(&b'`')
    }

    /// A line of nothing but operation ids, or `operationId:` and one.
    fn ids(&self, ledger: &mut Ledger<'_>, start: usize, line: &str) -> Outcome {
        let list = unlisted(line).trim_end();
        let is_said = list.trim_start_matches(['"', '\'']).starts_with("operationId");
        let list = list.trim_start_matches(['"', '\'']).strip_prefix("operationId").map_or(list, |value| {
            value.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ':' | '='))
        });
        let is_gap = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|' | '"' | '\'' | '`' | '[' | ']');
        let words = || list.split(is_gap).filter(|word| !word.is_empty());
        if words().next().is_none() || !words().all(ids::is_id) || !is_said && !self.is_list(ledger, list) {
            return Outcome::Other;
        }
        ids::line(ledger, start, line)
    }

    /// Returns whether ids on a line are calls and no statements of code: one is known, or the text has no code in it.
    fn is_list(&self, ledger: &mut Ledger<'_>, list: &str) -> bool {
        let is_gap = |c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.' && c != '-';
        let is_known = list.split(is_gap).any(|word| !word.is_empty() && ids::is_known(ledger, word));
        is_known
            || self.text.len() < 4_096
                && !self
                    .text
                    .lines()
                    .any(|line| line.ends_with([';', '{', ':']) || line.contains(" = ") || line.trim() == "end")
    }
}

/// Makes a token the end of a line, and what it opened or closed a mark.
fn take_away(tokens: &mut [Lexeme], at: usize) {
    let Some(token) = tokens.get_mut(at) else { return };
    let mate = token.mate;
    (token.kind, token.mate, token.sign) = (Kind::Line, NONE, 0);
    if let Some(other) = tokens.get_mut(mate as usize).filter(|_| mate != NONE) {
        (other.kind, other.mate) = (Kind::Mark, NONE);
    }
}

fn has_curl(line: &str) -> bool {
    line.contains("curl ")
}

/// Returns whether a line begins with a method.
fn is_request(line: &str) -> bool {
    let rest = unlisted(line);
    let inner = rest.strip_prefix('[').unwrap_or(rest);
    let length = inner.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let (word, behind) = inner.split_at_checked(length).unwrap_or_default();
    let behind = if inner.len() < rest.len() { behind.strip_prefix(']').unwrap_or_default() } else { behind };
    method(word).is_some() && behind.starts_with([' ', '\t', ':', ',', '|'])
}

/// A line that is a path and nothing else, perhaps in quotes. A URL is found by itself.
fn path(ledger: &mut Ledger<'_>, start: usize, line: &str) -> Outcome {
    let rest = unlisted(line).trim_start_matches(['"', '\'', '`', '[']);
    let text = bare(rest);
    let behind = rest.get(text.len()..).unwrap_or_default();
    let is_alone = behind.chars().all(|c| c.is_whitespace() || c.is_ascii_punctuation());
    let length = placeholder(rest);
    let has_place = length.is_some_and(|length| rest.get(length..).is_some_and(|rest| rest.starts_with('/')));
    let is_path = text.starts_with('/') && !text.starts_with("//") && text.len() > 1;
    if !is_alone || !is_path && !has_place {
        return Outcome::Other;
    }
    let Target::Api(full) = target(text) else { return Outcome::Other };
    let segment = full.split('/').filter(|segment| !segment.is_empty()).nth(2).unwrap_or_default();
    let has_method =
        || ["GET", "POST", "PUT", "DELETE", "PATCH"].iter().any(|method| route(method, &full).row().is_some());
    let is_near = || match () {
        () if ledger.is_found => false,
        () if ledger.of_xero => nearest::is_near(segment),
        () => nearest::is_misspelt(segment),
    };
    let has_method = || has_method() && (!ledger.is_found || is_spelt("GET", text));
    if !has_base(text) && !has_method() && !is_near() {
        return Outcome::Other;
    }
    let at = start.saturating_add(line.len()).saturating_sub(rest.len());
    ledger.request(FoundRequest { method: None, target: text, text, at })
}
