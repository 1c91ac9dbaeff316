//! The dated rules: the state of a rule on a day, and the time until it changes.

use serde::Serialize;

use super::claim::{Citation, Claim};
use super::phrases;
use crate::catalogue::{AppKind, Confidence, When, rule};
use crate::time::Date;

/// The position of a day relative to a date that may be known to the month only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Before it.
    Before,
    /// Within the month, on an unknown day of which it is.
    Within,
    /// On the day, or after the month.
    After,
}

/// The position of `on` relative to `when`.
pub(super) fn phase(when: When, on: Date) -> Phase {
    match when {
        When::Day(date) if on < date => Phase::Before,
        When::Day(_) => Phase::After,
        When::Month(year, month) => match (on.year(), on.month()).cmp(&(year, month)) {
            core::cmp::Ordering::Less => Phase::Before,
            core::cmp::Ordering::Equal => Phase::Within,
            core::cmp::Ordering::Greater => Phase::After,
        },
    }
}

/// The age of a connection or an app: before or after the start of the granular model, which depends on its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// The day of its creation is not known.
    Unknown,
    /// Created before the rule began to hold (R7, R38): it may hold broad scopes.
    Older,
    /// Created from the day on which the rule began to hold.
    Newer,
}

/// The age of a connection or an app of this kind that was created on this day.
pub(super) fn age(app: AppKind, created_on: Option<Date>) -> Age {
    match (created_on, rule(app.words().granular).and_then(|row| row.from)) {
        (Some(created), Some(from)) if phase(from, created) == Phase::Before => Age::Older,
        (Some(_), Some(_)) => Age::Newer,
        _ => Age::Unknown,
    }
}

/// Returns true if a change of a connection made on this day uses granular scopes (R10).
pub(super) fn changes_are_granular(on: Date) -> bool {
    rule("R10").and_then(|row| row.from).is_some_and(|from| phase(from, on) != Phase::Before)
}

/// The first day of the granular model for this kind of app, for sentences.
pub(super) fn cut(app: AppKind) -> String {
    rule(app.words().granular).and_then(|row| row.from).map(phrases::when).unwrap_or_default()
}

/// The state of the end of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum DeadlineState {
    /// It lies ahead.
    Ahead,
    /// It is in this month, on a day that Xero does not state: it may have passed.
    Uncertain,
    /// It has passed.
    Passed,
}

/// The end of a rule, seen from the day of the answer.
///
/// In JSON: `{ rule, date, firstDay, daysLeft, state, reported?, source, confidence }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Deadline {
    /// The rule that ends.
    pub rule: &'static str,
    /// The end as the source states it: `YYYY-MM-DD`, or `YYYY-MM` if it names only the month.
    pub date: String,
    /// The first day on which it may end.
    pub first_day: Date,
    /// Days until that day; 0 from then on.
    pub days_left: u64,
    /// The position of the end relative to the day of the answer.
    pub state: DeadlineState,
    /// A more exact day, by third parties.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reported: Option<Reported>,
    /// The source of the end.
    pub source: Citation,
    /// The confidence in it.
    pub confidence: Confidence,
}

/// A day that Xero's own pages do not state. In JSON: `{ day, daysLeft, source, confidence }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Reported {
    /// The day.
    pub day: Date,
    /// Days until then; 0 from then on.
    pub days_left: u64,
    /// The source that reports it.
    pub source: Citation,
    /// The confidence in it.
    pub confidence: Confidence,
}

/// The end of the rule called `id`, seen from `on`; `None` if no end is known.
pub(super) fn deadline(id: &'static str, on: Date) -> Option<Deadline> {
    let row = rule(id)?;
    let until = row.until?;
    let first_day = until.first()?;
    let Claim { source, confidence, .. } = Claim::rule(id, "");
    let reported = row.until_reported.map(|day| {
        let Claim { source, confidence, .. } = Claim::reported(id, "");
        Reported { day, days_left: days_until(day, on), source, confidence }
    });
    Some(Deadline {
        rule: id,
        date: phrases::iso(until),
        first_day,
        days_left: days_until(first_day, on),
        state: match phase(until, on) {
            Phase::Before => DeadlineState::Ahead,
            Phase::Within => DeadlineState::Uncertain,
            Phase::After => DeadlineState::Passed,
        },
        reported,
        source,
        confidence,
    })
}

fn days_until(day: Date, on: Date) -> u64 {
    day.days().saturating_sub(on.days())
}

/// The position of `on` relative to the end of broad scopes (R13).
pub(super) fn end_of_broad(on: Date) -> Phase {
    rule("R13").and_then(|row| row.until).map_or(Phase::Before, |until| phase(until, on))
}

/// The end of broad scopes for sentences, as [`end_in_words`] has it.
pub(super) fn end_of_broad_in_words() -> String {
    end_in_words("R13")
}

/// The end of a rule for sentences: `September 2027 (third parties report 13 September 2027)`.
pub(super) fn end_in_words(id: &str) -> String {
    let Some(row) = rule(id) else { return String::new() };
    let end = row.until.map(phrases::when).unwrap_or_default();
    let reported = row.until_reported.map(phrases::day);
    reported.map_or(end.clone(), |day| format!("{end} (third parties report {day})"))
}
