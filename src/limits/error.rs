//! Errors for the callers of calls that are not sent.

use super::{Problem, Wait, WaitReason};
use crate::error::{Code, Error};
use crate::text::words;
use crate::time::Timestamp;

/// The deadline had passed before the call came.
pub(super) fn no_time() -> Error {
    Error::new(Code::Timeout, "the call was not sent: its deadline had already passed; raise `deadlineMs`")
}

/// The calls of the day are used up, or those that remain are reserved for high priority. No call waits for the next day.
pub(super) fn day_over(reserved: bool, until: Timestamp) -> Error {
    let message = if reserved {
        "the call was not sent: the remaining calls of the organisation's day are reserved for `priority: \"high\"` \
         (`limits.dayReserve`); use that priority, or try again when Xero's next day begins"
    } else {
        "the call was not sent: the calls of the organisation's day are used up; try again when Xero's next day begins"
    };
    Error::new(Code::RateLimited, message).retry_at(until).of_limit(Problem::Day.as_str())
}

/// The deadline passed while the call waited, or comes before the end of a pause.
pub(super) fn not_in_time(wait: Option<Wait>, pause_ends: Option<Timestamp>, now: Timestamp) -> Error {
    let wait = pause_ends.map(|until| Wait { why: WaitReason::Pause, until }).or(wait);
    let message = words![
        "the call was not sent: its turn would come after its deadline",
        wait.map_or("", |wait| because(wait.why)),
        "; raise `deadlineMs`",
    ];
    until(Error::new(Code::RateLimited, message), wait.and_then(earliest_retry).filter(|&until| until > now))
}

/// The queue holds as many calls as it may.
pub(super) fn queue_full(most: usize, wait: Option<Wait>) -> Error {
    let message =
        words!["the call was not sent: ", most, " calls are queued; raise `limits.queue` or send fewer at once"];
    until(Error::new(Code::QueueFull, message), wait.and_then(earliest_retry))
}

fn until(error: Error, until: Option<Timestamp>) -> Error {
    match until {
        Some(until) => error.retry_at(until),
        None => error,
    }
}

/// The instant at which the wait ends; `None` for a slot, which may become free at any time.
fn earliest_retry(wait: Wait) -> Option<Timestamp> {
    (wait.why != WaitReason::InFlight).then_some(wait.until)
}

const fn because(why: WaitReason) -> &'static str {
    match why {
        WaitReason::Pause => ", because Xero asked for a pause",
        WaitReason::InFlight => ", because as many calls are in flight as may be (`limits.inFlight`)",
        WaitReason::Minute => ", because it waits for room in the organisation's minute",
        WaitReason::Day => ", because it waits for room in the organisation's day",
        WaitReason::AppMinute => ", because it waits for room in the app's minute",
    }
}
