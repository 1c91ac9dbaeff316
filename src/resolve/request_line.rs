//! Requests on one line, as logs and people write them: `GET /Invoices`.

use super::ledger::{FoundRequest, Ledger, Outcome};
use super::pairs::may_be_xeros;
use super::target::{bare, is_known, method, placeholder, unlisted, without_scheme};

/// Takes every request on a line: a method in upper case with a path or URL behind it, anywhere; at the start of the line
/// in any case, and before a path without its slash.
pub(super) fn read(ledger: &mut Ledger<'_>, start: usize, line: &str) -> Outcome {
    let bytes = line.as_bytes();
    let first = line.len().saturating_sub(unlisted(line).len());
    let mut outcome = Outcome::Other;
    let mut at = first;
    while let Some(gap) = bytes.get(at..).and_then(|rest| rest.iter().position(u8::is_ascii_alphanumeric)) {
        at = at.saturating_add(gap);
        let rest = line.get(at..).unwrap_or_default();
        let length = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let word = rest.get(..length).unwrap_or_default();
        let end = at.saturating_add(length);
        let joined =
            at.checked_sub(1).and_then(|before| bytes.get(before)).is_some_and(|byte| matches!(byte, b'-' | b'_'));
        let may_be = at == first || word.starts_with(|c: char| c.is_ascii_uppercase());
        let known = if may_be && !joined { method(word).filter(|name| at == first || *name == word) } else { None };
        let Some(known) = known else {
            at = end;
            continue;
        };
        let behind = line.get(end..).unwrap_or_default();
        // `PUT: /Invoices`, and `PUT,/Invoices` or `PUT | /Invoices` in a table.
        let behind = behind.strip_prefix(']').unwrap_or(behind);
        let gap = behind.trim_start_matches([' ', '\t']);
        let rest = gap.strip_prefix([':', ',', '|', ';']).unwrap_or(gap).trim_start_matches([' ', '\t']);
        let target = bare(rest);
        let target_at = line.len().saturating_sub(rest.len());
        // `sub PUT { … }` of Perl has a block behind it.
        let has_place =
            || placeholder(rest).is_some_and(|length| !rest.get(..length).is_none_or(|it| it.contains(' ')));
        let is_target = target.starts_with('/') || without_scheme(target).is_some() || has_place();
        let is_target = is_target
            || at == first
                && known == word
                && target.starts_with(|c: char| c.is_ascii_uppercase())
                && is_known(known, target);
        let is_target = is_target && (without_scheme(target).is_some() || may_be_xeros(ledger, Some(known), target));
        if rest.len() == behind.len() || !is_target {
            at = end;
            continue;
        }
        let end = target_at.saturating_add(target.len());
        let text = line.get(at..end).unwrap_or_default();
        let request = FoundRequest { method: Some(known), target, text, at: start.saturating_add(at) };
        outcome = outcome.max(ledger.request(request));
        at = end;
    }
    outcome
}
