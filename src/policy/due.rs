//! A list of what to do by when: the dated ends that concern a connection and what its program calls.

use serde::Serialize;

use super::claim::Claim;
use super::connection::ConnectionFacts;
use super::operation::Entry;
use super::phrases;
use super::rules::{Age, Deadline, DeadlineState, deadline, end_in_words};
use super::validity::{Today, broad};
use crate::catalogue::{AppKind, Mask};
use crate::resolve::Resolved;
use crate::scope::ScopeSet;
use crate::time::Date;

/// Something to do, and the end by which it has to be done.
///
/// In JSON: `{ by, what, scopes, deadline }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Due {
    /// The end in words: `September 2027 (third parties report 13 September 2027)`. Its first day is in `deadline`.
    pub by: String,
    /// The task, and the rule that ends something.
    pub what: Claim,
    /// The scopes that it is about.
    pub scopes: Vec<String>,
    /// The end, seen from the day of the answer.
    pub deadline: Deadline,
}

/// The tasks of a connection that has `scopes`, the nearest end first.
///
/// Without `calls` it is not known whether the program uses an API that Xero ends: if the scopes open it, finding that out is
/// a task. The same holds if a place that calls Xero was not understood.
pub(super) fn due(scopes: &ScopeSet, calls: Option<&Resolved>, connection: &ConnectionFacts, on: Date) -> Vec<Due> {
    let today = Today::new(connection, on);
    let known = scopes.known();
    let ended = ending(today).into_iter().filter_map(|(rule, entries)| ended(rule, &entries, calls, known, on));
    let mut all: Vec<Due> = Vec::new();
    for due in broad_scopes(known, today).into_iter().chain(ended) {
        // Two at most today: sorting would make the module larger.
        let later = all.iter().position(|own| own.deadline.first_day > due.deadline.first_day);
        all.insert(later.unwrap_or(all.len()), due);
    }
    all
}

/// The replacement of the broad scopes that are configured and end.
fn broad_scopes(known: Mask, today: Today) -> Option<Due> {
    let broad = broad(known);
    let can_have = today.app != AppKind::App && today.age != Age::Newer;
    let end = deadline(today.words().end, today.on).filter(|_| can_have && !broad.is_empty())?;
    let names = broad.names();
    let task = format!("replace {} by granular scopes", phrases::and(&names));
    Some(Due::new(task, broad, end))
}

/// The end of the use of operations that Xero ends by this rule; `None` if the program certainly uses none of them.
fn ended(rule: &'static str, entries: &[Entry], calls: Option<&Resolved>, known: Mask, on: Date) -> Option<Due> {
    let openers = entries.iter().fold(Mask::EMPTY, |all, entry| all.union(entry.openers())).intersection(known);
    let called = |entry: &&Entry| {
        let found = calls.into_iter().flat_map(|calls| &calls.calls);
        found.flat_map(|call| &call.rows).any(|&row| row == entry.row())
    };
    let keys: Vec<String> = entries.iter().filter(called).map(|entry| entry.operation().key()).collect();
    let end = deadline(rule, on)?;
    if !keys.is_empty() {
        let mut due = Due::new(format!("stop calling {}", phrases::some(&keys, 3)), openers, end);
        due.what = due.what.about(keys);
        return Some(due);
    }
    let is_understood = calls.is_some_and(|calls| calls.unresolved.is_empty() && calls.unread == 0);
    if is_understood || openers.is_empty() {
        return None;
    }
    let resource = |entry: &Entry| entry.operation().path().split('/').nth(1).unwrap_or_default();
    let mut resources: Vec<&str> = entries.iter().map(resource).collect();
    resources.dedup();
    let task = format!("find out whether the program calls {}, and end that use", phrases::or(&resources));
    Some(Due::new(task, openers, end))
}

/// The operations that Xero ends, by the rule that ends them.
fn ending(today: Today) -> Vec<(&'static str, Vec<Entry>)> {
    let mut ending: Vec<(&'static str, Vec<Entry>)> = Vec::new();
    for entry in Entry::all().map(|entry| entry.with(today.app)) {
        let Some(rule) = entry.facts().ends else { continue };
        match ending.iter_mut().find(|(own, _)| *own == rule) {
            Some((_, entries)) => entries.push(entry),
            None => ending.push((rule, vec![entry])),
        }
    }
    ending
}

impl Due {
    fn new(task: String, scopes: Mask, deadline: Deadline) -> Self {
        let text = match deadline.state {
            DeadlineState::Ahead => task,
            DeadlineState::Uncertain => format!("{task} now: the end is this month, on a day that Xero does not state"),
            DeadlineState::Passed => format!("{task}: the end has passed"),
        };
        let scopes = scopes.names().into_iter().map(str::to_owned).collect();
        Self { by: end_in_words(deadline.rule), what: Claim::rule(deadline.rule, text), scopes, deadline }
    }

    /// The time that is left, for sentences.
    pub(super) fn left(&self) -> String {
        match self.deadline.state {
            DeadlineState::Ahead => {
                format!("{} left to the first day of it", phrases::count(self.deadline.days_left, "day"))
            }
            DeadlineState::Uncertain => "it is this month, and may have passed".to_owned(),
            DeadlineState::Passed => "it has passed".to_owned(),
        }
    }
}
