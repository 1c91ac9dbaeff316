//! Texts that are read by lines, with the `curl` commands in them.

use super::ledger::{Ledger, Outcome};
use super::scan::contains;
use super::{curl, mention};

/// What became of a line, and where reading goes on if that is behind its end.
pub(super) enum Step {
    /// A comment.
    Comment,
    /// It was read, and is counted here.
    Read(Outcome, usize),
    /// It was read, and its parts are counted already.
    Counted(Outcome, usize),
}

/// Reads the whole text: `read` gets each line that is not blank, with the bytes from which and to which it goes.
pub(super) fn each<'t>(ledger: &mut Ledger<'t>, mut read: impl FnMut(&mut Ledger<'t>, &'t str, usize, usize) -> Step) {
    let text = ledger.text;
    let mut best = Outcome::Other;
    let mut start = 0_usize;
    while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
        let length = rest.find('\n').unwrap_or(rest.len());
        let line = rest.get(..length).unwrap_or_default();
        let mut end = start.saturating_add(length);
        if bare(line).is_empty() {
            ledger.blank();
        } else {
            match read(ledger, line, start, end) {
                Step::Comment => ledger.comment(),
                Step::Read(outcome, to) => {
                    ledger.pass_over(outcome);
                    (best, end) = (best.max(outcome), to);
                }
                Step::Counted(outcome, to) => (best, end) = (best.max(outcome), to),
            }
        }
        start = end.saturating_add(1);
    }
    if best == Outcome::Other {
        mention::say(ledger);
    }
}

/// A line without what stands around it.
pub(super) fn bare(line: &str) -> &str {
    line.trim_start_matches('\u{feff}').trim()
}

/// Reads the `curl` command that begins on a line with `mark` in it, or else what `other` finds there.
pub(super) fn curl_or<'t>(
    ledger: &mut Ledger<'t>,
    mark: &str,
    (line, start, end): (&'t str, usize, usize),
    other: impl FnOnce(&mut Ledger<'t>, usize, &'t str) -> Outcome,
) -> Step {
    let length = ledger.text.len();
    match contains(line, mark).then(|| curl::read(ledger, start, end, length)).flatten() {
        Some((outcome, to)) => Step::Read(outcome, to),
        None => Step::Read(other(ledger, start, line), end),
    }
}
