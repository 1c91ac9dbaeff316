//! Calls that Xero ends on a known date, with any scopes.

use std::collections::BTreeMap;

use super::claim::Claim;
use super::finding::{Finding, FindingKind, Severity};
use super::operation::Entry;
use super::phrases;
use super::rules::{DeadlineState, deadline};
use crate::catalogue::rule;
use crate::time::Date;

/// The end of the operation, if Xero has ended it by the day `on` or may have; `None` if it goes on, or ends on a later day.
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

/// An operation that has ended, or may have.
pub(super) enum Ended {
    /// It is this month, on an unknown day.
    Perhaps(Claim),
    /// It has.
    Surely(Claim),
}

impl Ended {
    /// The sentence about an operation that has certainly ended.
    pub(super) fn surely(self) -> Option<Claim> {
        match self {
            Self::Surely(claim) => Some(claim),
            Self::Perhaps(_) => None,
        }
    }

    /// The sentence about an operation that may have ended.
    pub(super) fn perhaps(self) -> Option<Claim> {
        match self {
            Self::Perhaps(claim) => Some(claim),
            Self::Surely(_) => None,
        }
    }
}

/// Findings on the day `on` about those of these operations that end: one for each rule that ends them.
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
        Some(Finding::new(FindingKind::Expiring, severity, Claim::rule(id, text)).until(Some(end)))
    })
}
