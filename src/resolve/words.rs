//! The words of a command, as shells read them.

use super::scan::{head, is_identifier};
use super::target::{has_base, placeholder, without_scheme};

/// A word without its quotes.
#[derive(Clone)]
pub(super) struct ShellWord<'t> {
    pub(super) value: String,
    pub(super) text: &'t str,
    /// The place where it starts, behind a quote.
    pub(super) at: usize,
}

impl<'t> ShellWord<'t> {
    /// Returns whether it is an address and not, say, a file name.
    pub(super) fn is_url(&self) -> bool {
        let value = self.value.as_str();
        let variable = value
            .strip_prefix('$')
            .map_or(0, |name| name.bytes().take_while(|byte| is_identifier(*byte)).count().saturating_add(1));
        let before = placeholder(value).unwrap_or(variable);
        without_scheme(value).is_some()
            || has_base(value)
            || before > 0 && value.get(before..).is_some_and(|rest| rest.starts_with('/'))
            || value.split(['/', '@']).any(|host| host.eq_ignore_ascii_case("api.xero.com"))
    }

    /// Returns how it is written, as far as that is its value.
    pub(super) fn written(&self) -> &'t str {
        let text = self.text.get(self.at..).unwrap_or_default();
        let same = text.chars().zip(self.value.chars()).take_while(|(one, other)| one == other);
        let length = same.fold(0_usize, |length, (c, _)| length.saturating_add(c.len_utf8()));
        text.get(..length).unwrap_or_default()
    }
}

/// The words of one command.
pub(super) struct Words<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    /// True between brackets, where ends of lines are spaces.
    pub(super) is_list: bool,
}

/// So long may a quoted text be that goes over several lines, in bytes.
const QUOTED: usize = 65_536;

impl<'t> Words<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn step(&mut self, length: usize) {
        self.at = self.at.saturating_add(length);
    }

    /// Goes over spaces, and over ends of lines that the shell does not see.
    fn skip_gap(&mut self) {
        loop {
            let rest = self.rest();
            let is_gap = |c: char| c.is_whitespace() && (c != '\n' || self.is_list);
            let gap = rest.len().saturating_sub(rest.trim_start_matches(is_gap).len());
            let behind = rest.get(gap..).unwrap_or_default();
            // A backslash in shells, `^` in cmd, a backtick in PowerShell.
            let continued = ["\\", "^", "`"].into_iter().find_map(|mark| {
                let behind = behind.strip_prefix(mark)?.trim_start_matches([' ', '\t', '\r']);
                behind.strip_prefix('\n')
            });
            match continued {
                Some(next) => self.step(rest.len().saturating_sub(next.len())),
                None => return self.step(gap),
            }
        }
    }

    /// Reads the text in the quotes that open here; without an end it is the rest of the line.
    fn quoted(&mut self, quote: char, value: &mut String) {
        self.step(1);
        let rest = self.rest();
        let mut escaped = false;
        let end = head(rest, QUOTED).char_indices().find(|(_, c)| {
            let ends = *c == quote && !escaped;
            escaped = *c == '\\' && quote == '"' && !escaped;
            ends
        });
        let (end, behind) = if let Some((end, _)) = end {
            (end, end.saturating_add(1))
        } else {
            let end = rest.find('\n').unwrap_or(rest.len());
            (end, end)
        };
        value.push_str(rest.get(..end).unwrap_or_default());
        self.step(behind);
    }

    pub(super) fn next(&mut self) -> Option<ShellWord<'t>> {
        self.skip_gap();
        let first = self.rest().chars().next().filter(|c| !is_end(*c) && *c != '#')?;
        let at = self.at.saturating_add(usize::from(matches!(first, '"' | '\'')));
        let mut value = String::new();
        while let Some(c) = self.rest().chars().next() {
            if let Some(length) = placeholder(self.rest()) {
                value.push_str(self.rest().get(..length).unwrap_or_default());
                self.step(length);
            } else if c == '"' || c == '\'' {
                self.quoted(c, &mut value);
            } else if c == '\\' {
                let next = self.rest().chars().nth(1);
                if matches!(next, Some('\n' | '\r')) && !value.is_empty() {
                    break;
                }
                value.extend(next);
                self.step(1_usize.saturating_add(next.map_or(0, char::len_utf8)));
            } else if c.is_whitespace() || is_end(c) {
                break;
            } else {
                value.push(c);
                self.step(c.len_utf8());
            }
        }
        Some(ShellWord { value, text: self.text, at })
    }
}

/// Returns whether a command ends here.
fn is_end(c: char) -> bool {
    matches!(c, '\n' | '|' | ';' | '&' | '<' | '>' | ')')
}
