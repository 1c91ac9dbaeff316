//! What callers are told whose call is not sent. All of it is for want of room: [`Code::RateLimited`].

use super::{Problem, Wait, Why};
use crate::error::{Code, Error};
use crate::text::words;
use crate::time::Timestamp;

/// The deadline had passed before the call came.
pub(super) fn no_time() -> Error {
    Error::new(Code::Timeout, "the call came with no time left; it was not sent")
}

/// The day is over, and waiting for the next is not this library's to decide.
pub(super) fn day_over(until: Timestamp) -> Error {
    let message = "the calls of the organisation's day are used up, or the rest is kept for urgent ones; the call was not \
                   sent: make it again when the next day begins for Xero";
    Error::new(Code::RateLimited, message).retry_at(until).of_limit(Problem::Day.as_str())
}

/// The deadline came first, or comes before a pause ends.
pub(super) fn not_in_time(wait: Option<Wait>, pause_ends: Option<Timestamp>, now: Timestamp) -> Error {
    let wait = pause_ends.map(|until| Wait { why: Why::Pause, until }).or(wait);
    let message = words![
        "the call would have to wait longer than it may for ",
        wait.map_or("its turn", |wait| what(wait.why)),
        "; it was not sent: give it more time",
    ];
    until(Error::new(Code::RateLimited, message), wait.and_then(again).filter(|&until| until > now))
}

/// There are as many calls in the queue as there may be.
pub(super) fn queue_full(most: usize, wait: Option<Wait>) -> Error {
    let message =
        words![most, " calls wait already; the call was not sent: make fewer at a time, or allow more to wait"];
    until(Error::new(Code::QueueFull, message), wait.and_then(again))
}

fn until(error: Error, until: Option<Timestamp>) -> Error {
    match until {
        Some(until) => error.retry_at(until),
        None => error,
    }
}

/// A place in flight may be free at any time.
fn again(wait: Wait) -> Option<Timestamp> {
    (wait.why != Why::InFlight).then_some(wait.until)
}

const fn what(why: Why) -> &'static str {
    match why {
        Why::Pause => "the end of a pause that Xero asked for",
        Why::InFlight => "one of the calls in flight to end",
        Why::Minute => "the organisation's next minute",
        Why::Day => "what is left of the organisation's day",
        Why::AppMinute => "the app's next minute",
    }
}
