//! Sentences about the reading of texts, and the rules for calls without a method.

use super::claim::Claim;
use super::operation::{Entry, narrowest};
use super::phrases;
use super::recorded;
use crate::catalogue::{AppKind, Mask};
use crate::resolve::{Assumed, Found, Resolved, Unresolved, Why};

/// A summary of the calls that were found, of the places that were not read and of the recordings, in one sentence: `12 calls
/// found; 3 places use Xero and could not be read`.
pub(super) fn summary(resolved: &Resolved) -> String {
    let Resolved { calls, unresolved, unread, recorded, .. } = resolved;
    let unread = *unread;
    if calls.is_empty() && unresolved.is_empty() && unread == 0 {
        return "no call to Xero was found".to_owned();
    }
    let count = |count: usize, one: &str| phrases::count(count as u64, one);
    let is_read = |entry: &&Unresolved| is_read(entry.why);
    let known = unresolved.iter().filter(is_read).count();
    let places = unresolved.len().saturating_sub(known).saturating_add(unread);
    let assumed = calls.iter().filter(|call| call.assumed == Some(Assumed::Get)).count();
    let mut parts = vec![format!("{} found", count(calls.len(), "call"))];
    if places > 0 {
        let verb = if places == 1 { "uses" } else { "use" };
        parts.push(format!("{} {verb} Xero and could not be read", count(places, "place")));
    }
    if known > 0 {
        let verb = if known == 1 { "is" } else { "are" };
        parts.push(format!("{} {verb} not in the catalogue", count(known, "more call")));
    }
    if assumed > 0 {
        parts.push(format!("the method of {} is not written, so GET is assumed", count(assumed, "call")));
    }
    parts.extend(recorded.as_ref().and_then(|basis| recorded::known_alone(basis, calls.len())));
    parts.join("; ")
}

/// Returns true if an unresolved text was read, but is no operation of the catalogue.
const fn is_read(why: Why) -> bool {
    matches!(why, Why::NoOperation | Why::UnknownMethod)
}

/// Operations that calls of this kind of app may write to: their method is not written, and `GET` was assumed.
pub(super) fn assumed(calls: &[Found], app: AppKind) -> impl Iterator<Item = Entry> {
    let is_assumed = |call: &&Found| call.assumed == Some(Assumed::Get);
    calls.iter().filter(is_assumed).flat_map(|call| &call.rows).filter_map(move |&row| Some(Entry::at(row)?.with(app)))
}

/// The doubt about a call whose method is not written, if `scopes` do not open every write that it may be.
pub(super) fn why_uncertain(entry: Entry, scopes: Mask) -> Option<Claim> {
    let closed = || entry.writes_on_path().filter(|write| !write.openers().intersects(scopes));
    closed().next()?;
    let needs = closed().fold(Mask::EMPTY, |needs, write| {
        needs.union(if write.choices().is_empty() { write.least_openers() } else { narrowest(write.choices()) })
    });
    let what =
        if needs.is_empty() { String::new() } else { format!("; to write it needs {}", phrases::or(&needs.names())) };
    let text = format!("the method is not written, so this holds if the call only reads{what}");
    Some(Claim::rule(entry.app().words().scopes, text).about([entry.operation().key()]))
}
