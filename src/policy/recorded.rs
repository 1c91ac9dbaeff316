//! Recordings beside code: the calls that no run has shown, and those that reading did not find; and the words for answers that
//! rest on recordings.

use serde::Serialize;

use super::phrases;
use super::{ConnectionFacts, required};
use crate::catalogue::{OPERATIONS, Operation};
use crate::resolve::{
    Found, RecordedBasis, Resolved, Text, Unresolved, Usage, Watched, WatchedTime, resolve, resolve_all,
};
use crate::scope::ScopeSet;
use crate::time::Date;

/// The calls that were read in code, beside those of recordings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ComparedUsage {
    /// The number of texts that are recordings.
    pub recordings: usize,
    /// The time during which programs were watched.
    pub watched: WatchedTime,
    /// The number of calls in the code that ran.
    pub shown: usize,
    /// The calls in the code that no recording has: a test of them is missing, or nothing used them meanwhile.
    pub not_run: Vec<Found>,
    /// The calls that ran and that reading the code did not find.
    pub not_read: Vec<Found>,
    /// The requests to Xero that ran and are no operation of the catalogue, and places of recordings that cannot be read.
    pub not_known: Vec<Unresolved>,
}

/// Compares the recordings among some texts with all other texts. Positions count the texts as they were given.
///
/// A call without a method counts as shown by any call of the same path, because it may be that one.
pub fn compare_usage(texts: &[Text<'_>]) -> ComparedUsage {
    let (recordings, code): (Vec<usize>, Vec<usize>) =
        (0..texts.len()).partition(|&input| texts.get(input).is_some_and(|text| Usage::is_in(text.text)));
    let read = |inputs: &[usize]| {
        let mut resolved = resolve_all(inputs.iter().filter_map(|&input| texts.get(input).copied()));
        let given = |input: usize| inputs.get(input).copied().unwrap_or(input);
        resolved.calls.iter_mut().for_each(|call| call.input = given(call.input));
        resolved.unresolved.iter_mut().for_each(|place| place.input = given(place.input));
        resolved
    };
    let (code, ran) = (read(&code), read(&recordings));
    let mut usage = Usage::default();
    for own in recordings.iter().filter_map(|&input| Usage::read(texts.get(input)?.text).ok()) {
        usage.add(&own);
    }
    let matches = |in_code: &Found, run: &Found| {
        let is_same = |row: &u16, other: &u16| row == other || in_code.assumed.is_some() && same_path(*row, *other);
        in_code.rows.iter().any(|row| run.rows.iter().any(|other| is_same(row, other)))
    };
    let lacks = |call: &&Found, others: &Resolved| !others.calls.iter().any(|run| matches(call, run));
    let not_run: Vec<Found> = code.calls.iter().filter(|call| lacks(call, &ran)).cloned().collect();
    let is_unread = |run: &&Found| !code.calls.iter().any(|call| matches(call, run));
    ComparedUsage {
        recordings: recordings.len(),
        watched: WatchedTime::of(usage.total().watched),
        shown: code.calls.len().saturating_sub(not_run.len()),
        not_run,
        not_read: ran.calls.iter().filter(is_unread).cloned().collect(),
        not_known: ran.unresolved,
    }
}

/// Summarises a recording for people, in a few lines: the time, the calls, and the smallest set of scopes for them.
/// `None` if the text is no recording that can be read.
pub fn usage_summary(text: &str, on: Date) -> Option<String> {
    let usage = Usage::read(text).ok()?.total();
    let answer = required(resolve(text), &ScopeSet::default(), &ConnectionFacts::default(), on);
    let Watched { processes, seconds, .. } = usage.watched;
    let calls = usage.calls.iter().fold(0_u64, |sum, (_, counts)| sum.saturating_add(counts.times));
    let operations = phrases::count(answer.calls.len() as u64, "operation");
    let mut lines = vec![format!(
        "watched {} for {}: {} to Xero, {operations}",
        processes_in_words(processes),
        duration(seconds),
        phrases::count(calls, "call"),
    )];
    if answer.calls.is_empty() {
        lines.push("no scopes are known from it".to_owned());
    } else if answer.scopes.is_empty() {
        lines.push("what ran needs no scope".to_owned());
    } else {
        lines.push(format!("the smallest set of scopes for what ran: {}", answer.scopes.join(" ")));
    }
    for place in &answer.unresolved {
        let times = phrases::count(place.times as u64, "call");
        lines.push(format!("not known: {} ({times}); the set may not be enough for it", place.text));
    }
    for shut in &answer.unopenable {
        lines.push(format!("not in the set: {}", shut.reason.text));
    }
    lines.push("calls that did not run meanwhile are not in it".to_owned());
    Some(lines.join("\n"))
}

fn same_path(row: u16, other: u16) -> bool {
    let of = |row: u16| OPERATIONS.get(usize::from(row)).map(|operation: &Operation| (operation.api, operation.path()));
    of(row).is_some() && of(row) == of(other)
}

/// The clause of a summary about recordings; `None` if no call is known from them alone. `calls` is the number of all.
pub(super) fn known_alone(basis: &RecordedBasis, calls: usize) -> Option<String> {
    let RecordedBasis { recordings, only, watched } = *basis;
    let which = match (only, calls) {
        (0, _) => return None,
        (1, 1) => "it is known".to_owned(),
        (only, calls) if only == calls => "all of them are known".to_owned(),
        (1, _) => "1 of them is known".to_owned(),
        (only, _) => format!("{only} of them are known"),
    };
    let recordings = phrases::count(recordings as u64, "recording");
    Some(format!(
        "{which} from {recordings} alone, which watched {}: calls that did not run meanwhile are missing",
        time_in_words(&watched)
    ))
}

/// The processes, the time and the days: `3 processes for 5 h 0 min from 1 November 2026 to 30 November 2026`.
pub(super) fn time_in_words(watched: &WatchedTime) -> String {
    let WatchedTime { processes, seconds, .. } = *watched;
    format!("{} for {}{}", processes_in_words(processes), duration(seconds), days_in_words(watched))
}

/// The days, with a space before them; empty if nothing was watched.
pub(super) fn days_in_words(watched: &WatchedTime) -> String {
    match (watched.from, watched.until) {
        (Some(from), Some(until)) if from != until => {
            format!(" from {} to {}", phrases::day(from), phrases::day(until))
        }
        (Some(day), _) => format!(" on {}", phrases::day(day)),
        (None, _) => String::new(),
    }
}

/// The reservation about something that is removed because no recorded call needs it.
pub(super) const ALONE: &str = "; this rests on a recording alone: a call that did not run meanwhile may need it";

fn processes_in_words(processes: u64) -> String {
    if processes == 1 { "1 process".to_owned() } else { format!("{processes} processes") }
}

/// A time in words: `3 h 5 min`, `12 s`.
fn duration(seconds: u64) -> String {
    let (hours, minutes) = (seconds.div_euclid(3_600), seconds.div_euclid(60).rem_euclid(60));
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) if hours < 48 => format!("{hours} h {minutes} min"),
        (hours, _) => format!("{} days", hours.div_euclid(24)),
    }
}
