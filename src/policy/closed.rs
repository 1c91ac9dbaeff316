//! Operations that no scope opens for an organisation: ended ones, and those of another country's API.

use super::claim::Claim;
use super::connection::Region;
use super::ending::{Ended, end_of};
use super::operation::Entry;
use super::validity::Today;
use crate::catalogue::Country;
use crate::resolve::Resolved;

/// The reason why the operation is certainly closed to the organisation, with any scopes; `None` if it is not, or if that is not known.
pub(super) fn closed(entry: Entry, today: Today) -> Option<Claim> {
    end_of(entry, today.on).and_then(Ended::surely).or_else(|| elsewhere(entry, today))
}

/// The reason why an operation cannot be for this organisation: its API is for organisations of another country.
fn elsewhere(entry: Entry, today: Today) -> Option<Claim> {
    let region = today.region?;
    let country = Region::from(country(entry)?);
    if country == region {
        return None;
    }
    let here = if region == Region::Other { "elsewhere".to_owned() } else { format!("in {}", region.name()) };
    let text = format!("{} is for organisations in {}, and this one is {here}", entry.call(), country.name());
    Some(Claim::operation(today.words().scopes, entry, text).about([entry.operation().key()]))
}

/// The country whose organisations the API of an operation is for; `None` if it is for all.
fn country(entry: Entry) -> Option<Country> {
    entry.operation().api.row()?.country
}

/// Leaves out the operations of other countries of each call that may be an operation for this organisation too.
pub(super) fn narrowed(mut calls: Resolved, region: Option<Region>) -> Resolved {
    let Some(region) = region else { return calls };
    let is_here = |row: &u16| {
        Entry::at(*row).is_some_and(|entry| country(entry).is_none_or(|country| Region::from(country) == region))
    };
    for call in calls.calls.iter_mut().filter(|call| call.rows.len() > 1 && call.rows.iter().any(is_here)) {
        call.rows.retain(is_here);
        call.ambiguous = call.rows.len() > 1;
    }
    calls
}
