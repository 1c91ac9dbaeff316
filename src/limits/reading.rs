//! The headers of an answer that are about limits.

use crate::crossing::Given;
use crate::retry_after::retry_after;
use crate::time::Timestamp;

/// The headers of an API answer that are about limits; empty where there is none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Headers<'a> {
    /// `X-Rate-Limit-Problem`.
    pub problem: &'a str,
    /// `Retry-After`.
    pub retry_after: &'a str,
    /// `X-MinLimit-Remaining`.
    pub minute: &'a str,
    /// `X-DayLimit-Remaining`.
    pub day: &'a str,
    /// `X-AppMinLimit-Remaining`.
    pub app_minute: &'a str,
}

impl<'a> Headers<'a> {
    /// The headers that a driver reports.
    pub fn given(given: &impl Given<'a>) -> Self {
        let header = |name| given.optional_text(name).unwrap_or_default();
        Self {
            problem: header("problem"),
            retry_after: header("retryAfter"),
            minute: header("minute"),
            day: header("day"),
            app_minute: header("appMinute"),
        }
    }
}

/// The limit that Xero refused a call for, or another reason to pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The calls of the organisation's minute are used up.
    Minute,
    /// The calls of the organisation's day are used up.
    Day,
    /// The calls of the app's minute, over all its organisations, are used up.
    AppMinute,
    /// Too many calls at once.
    Concurrent,
    /// No limit: Xero, or the organisation, is offline, and the answer gives the length of the pause.
    Offline,
    /// A limit without a known name: a pause.
    Other,
}

impl Problem {
    /// The word used in JavaScript and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Day => "day",
            Self::AppMinute => "app_minute",
            Self::Concurrent => "concurrent",
            Self::Offline => "offline",
            Self::Other => "other",
        }
    }
}

/// The information about limits in an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// True if the call was served, so that it surely took one of each of the remaining calls.
    pub served: bool,
    /// The reason why Xero asks for a pause; `None` if it does not.
    pub problem: Option<Problem>,
    /// The pause that Xero asks for, in milliseconds.
    pub retry_after_ms: Option<u64>,
    /// The remaining calls of the organisation's minute.
    pub minute_left: Option<u32>,
    /// The remaining calls of the organisation's day.
    pub day_left: Option<u32>,
    /// The remaining calls of the app's minute.
    pub app_minute_left: Option<u32>,
}

impl Reading {
    /// Reads the answer that arrived at `now`. A count that is not a number is ignored.
    pub fn new(status: u16, headers: &Headers<'_>, now: Timestamp) -> Self {
        let mut reading = Self {
            served: matches!(status, 200..=399),
            problem: None,
            retry_after_ms: retry_after(headers.retry_after, now),
            minute_left: count(headers.minute),
            day_left: count(headers.day),
            app_minute_left: count(headers.app_minute),
        };
        reading.problem = match status {
            429 => Some(reading.problem_of(headers.problem.trim())),
            503 if reading.retry_after_ms.is_some() => Some(Problem::Offline),
            _ => None,
        };
        reading
    }

    /// Returns the problem of a 429. The words are an open set: `minute` and `day` were seen, `concurrent` is reported, the
    /// spelling for the app's minute is not known. Without a word the counts decide, then the missing `Retry-After`
    /// (source `xero-limits`).
    fn problem_of(&self, word: &str) -> Problem {
        let spent = |left: Option<u32>| left == Some(0);
        match word {
            _ if word.eq_ignore_ascii_case("minute") => Problem::Minute,
            _ if word.eq_ignore_ascii_case("day") => Problem::Day,
            _ if word.get(..10).is_some_and(|start| start.eq_ignore_ascii_case("concurrent")) => Problem::Concurrent,
            "" if spent(self.day_left) => Problem::Day,
            "" if spent(self.minute_left) => Problem::Minute,
            _ if spent(self.app_minute_left) => Problem::AppMinute,
            "" if self.retry_after_ms.is_none() => Problem::Concurrent,
            _ => Problem::Other,
        }
    }
}

/// Reads a count. A number too large to hold becomes the largest one.
fn count(value: &str) -> Option<u32> {
    let value = value.trim();
    (!value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit())).then(|| value.parse().unwrap_or(u32::MAX))
}
