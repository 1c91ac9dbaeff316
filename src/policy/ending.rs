//! Calls that Xero ends on a known date, whatever scopes a connection has.

use std::collections::BTreeMap;

use super::claim::Claim;
use super::finding::{Finding, Kind, Severity};
use super::op::Op;
use super::rules::{DeadlineState, deadline};
use super::words;
use crate::catalogue::rule;
use crate::time::Date;

/// What is to be said on the day `on` of those of these operations that end: a finding for each rule that ends them.
pub(super) fn findings(operations: impl Iterator<Item = Op>, on: Date) -> impl Iterator<Item = Finding> {
    let mut ending: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for op in operations {
        if let Some(rule) = op.facts().ends {
            let keys = ending.entry(rule).or_default();
            let key = op.operation().key();
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    ending.into_iter().filter_map(move |(id, keys)| {
        let end = deadline(id, on)?;
        let when = rule(id)?.until.map(words::when)?;
        let keys = words::and(&keys);
        let (severity, text) = match end.state {
            DeadlineState::Ahead => {
                let days = words::count(end.days_left, "day");
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
