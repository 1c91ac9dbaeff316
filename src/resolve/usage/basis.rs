//! The recordings among some texts, as answers state them.

use serde::Serialize;

use super::Watched;
use crate::time::Date;

/// The time during which programs were watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct WatchedTime {
    /// The number of processes and threads.
    pub processes: u64,
    /// The sum of the time that each was watched, in seconds.
    pub seconds: u64,
    /// The first day, `YYYY-MM-DD` in UTC; absent if none was watched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// The last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

/// The recordings among the texts that calls were read in. A recording has the calls that ran while it watched, and no others:
/// an answer that rests on one is never complete. In JSON: `{ recordings, only, watched }`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RecordedBasis {
    /// The number of recordings.
    pub recordings: usize,
    /// The number of calls that no other text has. If there are any, reading the code has not found everything, or there was
    /// no code to read.
    pub only: usize,
    /// The time during which they watched.
    pub watched: WatchedTime,
}

impl WatchedTime {
    /// The time of the recordings, in whole days.
    pub fn of(watched: Watched) -> Self {
        let Watched { processes, seconds, span } = watched;
        Self { processes, seconds, from: span.map(|(first, _)| first.date()), until: span.map(|(_, last)| last.date()) }
    }

    /// The time of two recordings together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let of_both = |own: Option<Date>, other: Option<Date>, choose: fn(Date, Date) -> Date| match (own, other) {
            (Some(own), Some(other)) => Some(choose(own, other)),
            (own, other) => own.or(other),
        };
        Self {
            processes: self.processes.saturating_add(other.processes),
            seconds: self.seconds.saturating_add(other.seconds),
            from: of_both(self.from, other.from, Date::min),
            until: of_both(self.until, other.until, Date::max),
        }
    }
}
