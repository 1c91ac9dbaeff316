//! Events for the limiter, and the actions it answers with.

use super::allowance::Allowance;
use super::reading::{Problem, Reading};
use crate::error::Error;
use crate::time::Timestamp;

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitsEvent {
    /// A call was answered.
    ///
    /// A repeatable call that was refused for a limit returns to its position in the queue, and an action names it. Otherwise
    /// no action names it, and the answer goes to the caller.
    Answered {
        /// The call, as in [`LimitsAction::Send`].
        ticket: u32,
        /// The headers about limits.
        reading: Reading,
    },
    /// A call ended without an answer, in the queue or in flight: it was aborted, timed out, or the connection broke.
    Lost {
        /// The call.
        ticket: u32,
    },
    /// The fleet lets this process send these calls.
    Allowed(Allowance),
    /// The instant of [`Limiter::wake`](super::Limiter::wake) has come.
    Tick,
}

/// An instruction for the driver. Actions are performed in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LimitsAction {
    /// Send the call; report [`LimitsEvent::Answered`] or [`LimitsEvent::Lost`].
    Send {
        /// The call.
        ticket: u32,
    },
    /// The call waits in the queue. A call that was refused for a limit may return there.
    Wait {
        /// The call.
        ticket: u32,
        /// The reason and the end of the wait.
        wait: Wait,
    },
    /// The call is not sent; its caller gets this error.
    Fail {
        /// The call.
        ticket: u32,
        /// The error. It has the earliest instant for another try where that is known.
        error: Error,
    },
    /// Xero asked for a pause: nothing is sent before `until`. This is information for people.
    Pause {
        /// The reason.
        problem: Problem,
        /// The end of the pause.
        until: Timestamp,
    },
}

/// The reason why the queue waits, and the latest end of the wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The reason.
    pub why: WaitReason,
    /// The instant of the next look at the queue, if nothing happens before.
    pub until: Timestamp,
}

/// A reason to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitReason {
    /// Xero asked for a pause.
    Pause,
    /// As many calls are in flight as may be.
    InFlight,
    /// The organisation's minute is used up, or the answers in flight decide how many of its calls remain.
    Minute,
    /// The answers in flight decide how many calls of the organisation's day remain.
    Day,
    /// The app's minute is used up, or the answers in flight decide how many of its calls remain.
    AppMinute,
}

impl WaitReason {
    /// All, by their numbers in an allowance.
    pub const ALL: [Self; 5] = [Self::Pause, Self::InFlight, Self::Minute, Self::Day, Self::AppMinute];

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

/// The state of the limits, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitsStatus {
    /// The number of calls in flight.
    pub in_flight: u32,
    /// The number of calls that may be in flight now.
    pub slots: u32,
    /// The number of calls in the queue.
    pub queued: usize,
    /// The reason why the queue waits; `None` if it is empty.
    pub wait: Option<Wait>,
    /// The remaining calls of the organisation's minute, as Xero reported last.
    pub minute_left: Option<u32>,
    /// The earliest and the latest instant at which the organisation's minute can end.
    pub minute_ends: Option<(Timestamp, Timestamp)>,
    /// The remaining calls of the organisation's day, as Xero reported last.
    pub day_left: Option<u32>,
    /// The calls of a whole day, 1,000 or 5,000, once that is known.
    pub day_size: Option<u32>,
    /// The remaining calls of the app's minute, as Xero reported last.
    pub app_minute_left: Option<u32>,
}
