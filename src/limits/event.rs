//! What the limiter is told and what it answers.

use super::reading::{Problem, Reading};
use crate::error::Error;
use crate::time::Timestamp;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A call was answered.
    ///
    /// Refused for a limit, it goes back to its place in the queue if it is repeatable, and an action says so. Otherwise
    /// there is no action about it, and the answer is the caller's.
    Answered {
        /// The call, as in [`Action::Send`].
        ticket: u32,
        /// What the answer says about limits.
        reading: Reading,
    },
    /// A call is over without an answer, in the queue or in flight: aborted, timed out, or the connection broke.
    Lost {
        /// The call.
        ticket: u32,
    },
    /// The instant of [`Limiter::wake`](super::Limiter::wake) has come.
    Tick,
}

/// What the driver does now, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send the call; report [`Event::Answered`] or [`Event::Lost`].
    Send {
        /// The call.
        ticket: u32,
    },
    /// The call waits in the queue. A call that was refused for a limit may come back to it.
    Wait {
        /// The call.
        ticket: u32,
        /// What the queue waits for.
        wait: Wait,
    },
    /// The call is not sent; its caller gets this error.
    Fail {
        /// The call.
        ticket: u32,
        /// The error, with the instant from which on it is worth trying again where it is known.
        error: Error,
    },
    /// Xero asked for a pause: nothing is sent before `until`. For people.
    Pause {
        /// What for.
        problem: Problem,
        /// The end of the pause.
        until: Timestamp,
    },
}

/// Why the queue waits, and until when at the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// What for.
    pub why: Why,
    /// When it is looked at again, if nothing happens before.
    pub until: Timestamp,
}

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// For the end of a pause that Xero asked for.
    Pause,
    /// For a call in flight to end: there are as many as there may be.
    InFlight,
    /// For the organisation's next minute, or for what the answers in flight say is left of this one.
    Minute,
    /// For what the answers in flight say is left of the organisation's day.
    Day,
    /// For the app's next minute, or for what the answers in flight say is left of this one.
    AppMinute,
}

impl Why {
    /// The word used in JavaScript and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::InFlight => "in_flight",
            Self::Minute => "minute",
            Self::Day => "day",
            Self::AppMinute => "app_minute",
        }
    }
}

/// Where the limits stand, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Calls in flight.
    pub in_flight: u32,
    /// How many there may be now.
    pub places: u32,
    /// Calls in the queue.
    pub queued: usize,
    /// What the queue waits for; `None` if it is empty.
    pub wait: Option<Wait>,
    /// Calls left of the organisation's minute, as Xero said last.
    pub minute_left: Option<u32>,
    /// Between which instants the organisation's minute ends.
    pub minute_ends: Option<(Timestamp, Timestamp)>,
    /// Calls left of the organisation's day, as Xero said last.
    pub day_left: Option<u32>,
    /// Calls of a whole day, 1,000 or 5,000, once it is known.
    pub day_size: Option<u32>,
    /// Calls left of the app's minute, as Xero said last.
    pub app_minute_left: Option<u32>,
}
