//! Calls that Xero ends on a known date, whatever scopes a connection has.

use std::collections::BTreeMap;

use super::claim::Claim;
use super::finding::{Finding, Kind, Severity};
use super::operation::Entry;
use super::phrases;
use super::rules::{DeadlineState, deadline};
use crate::catalogue::rule;
use crate::time::Date;

/// Why the call is refused or in doubt on the day `on` because Xero ends it; `None` if it is not ended, or ends on a day
/// that lies ahead.
pub(super) fn end_of(entry: Entry, on: Date) -> Option<Ended> {
    let id = entry.facts().ends?;
    let when = rule(id)?.until.map(phrases::when)?;
    let call = entry.call();
    match deadline(id, on)?.state {
        DeadlineState::Ahead => None,
        DeadlineState::Uncertain => {
            let text = format!("Xero ends {call} this month, on a day that it does not state; it may have passed");
            Some(Ended::Perhaps(Claim::rule(id, text).about([entry.operation().key()])))
        }
        DeadlineState::Passed => {
            let text = format!("Xero has ended {call}: {when}; no scope opens it any more");
            Some(Ended::Surely(Claim::rule(id, text).about([entry.operation().key()])))
        }
    }
}

/// Whether the end of an operation has come.
pub(super) enum Ended {
    /// It is this month, on an unknown day.
    Perhaps(Claim),
    /// It has.
    Surely(Claim),
}

impl Ended {
    /// Why the operation has ended for sure.
    pub(super) fn surely(self) -> Option<Claim> {
        match self {
            Self::Surely(claim) => Some(claim),
            Self::Perhaps(_) => None,
        }
    }

    /// Why it may have ended.
    pub(super) fn perhaps(self) -> Option<Claim> {
        match self {
            Self::Perhaps(claim) => Some(claim),
            Self::Surely(_) => None,
        }
    }
}

/// What is to be said on the day `on` of those of these operations that end: a finding for each rule that ends them.
pub(super) fn findings(operations: impl Iterator<Item = Entry>, on: Date) -> impl Iterator<Item = Finding> {
    let mut ending: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for entry in operations {
        if let Some(rule) = entry.facts().ends {
            let keys = ending.entry(rule).or_default();
            let key = entry.operation().key();
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    ending.into_iter().filter_map(move |(id, keys)| {
        let end = deadline(id, on)?;
        let when = rule(id)?.until.map(phrases::when)?;
        let keys = phrases::and(&keys);
        let (severity, text) = match end.state {
            DeadlineState::Ahead => {
                let days = phrases::count(end.days_left, "day");
                (Severity::Warning, format!("Xero ends {keys} in {when}; {days} left to its first day"))
            }
            DeadlineState::Uncertain => {
                let text = format!("Xero ends {keys} this month, on a day that it does not state; it may have passed");
                (Severity::Error, text)
            }
            DeadlineState::Passed => (Severity::Error, format!("Xero has ended {keys}: {when}")),
        };
        Some(Finding::new(Kind::Expiring, severity, Claim::rule(id, text)).until(Some(end)))
    })
}
