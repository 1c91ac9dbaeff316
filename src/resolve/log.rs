//! Entries of logs, one a line: access logs, JSON, keys with values, and requests behind the prefix of a logger.

use super::ledger::{Embedded, Ledger, Outcome};
use super::pairs::LinesOf;
use super::scan::contains;
use super::{code, lines, pairs, structured};

/// Reads the whole text.
pub(super) fn read(ledger: &mut Ledger<'_>) {
    lines::each(ledger, |ledger, line, start, end| lines::curl_or(ledger, "curl ", (line, start, end), entry));
}

/// Reads one entry.
fn entry(ledger: &mut Ledger<'_>, start: usize, line: &str) -> Outcome {
    let object = line.as_bytes().windows(2).position(|two| two == b"{\"");
    let object = object.and_then(|open| Some((open, line.get(open..=line.rfind('}')?)?)));
    if let Some((open, object)) = object {
        let outcome = structured::line(ledger, start.saturating_add(open), object);
        if outcome != Outcome::Other {
            return outcome;
        }
    }
    let outcome = pairs::read(ledger, start, line, LinesOf::Log);
    // A stack, or a message that quotes code.
    let may_be_code = || contains(line, "xero") || ["Api.", "_api."].into_iter().any(|mark| line.contains(mark));
    if outcome == Outcome::Other && may_be_code() {
        // `at XeroClient.call (/app/client.js:1:1)`
        let code = line.split(" (/").next().unwrap_or_default();
        if ledger.inside(code, Embedded::Exact(start), code::read) {
            return Outcome::Call;
        }
    }
    outcome
}
