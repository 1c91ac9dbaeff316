//! The calls that a fleet lets this process send.

use super::admission::DayOver;
use super::event::WaitReason;
use super::queue::QueuedCall;
use crate::time::Timestamp;

/// The calls that a fleet lets this process send. Each replaces the one before. The first lets it send none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The number of calls up to which calls may be sent, counted from the first call of the process.
    pub up_to: u64,
    /// The number of calls that may be in flight at once.
    pub places: u32,
    /// The instant from which on no call is sent.
    pub until: Timestamp,
    /// The store of the fleet is away, and this is a share: the windows of this process count as well.
    pub alone: bool,
    /// The call goes to find out when a window ends: Xero may refuse it, so it must be one that can be sent again.
    pub careful: bool,
    /// The reason for which others wait.
    pub why: WaitReason,
    /// The end of a pause that Xero asked another process for.
    pub pause: Option<Timestamp>,
    /// The end of a day that is used up.
    pub day_over: Option<DayOver>,
}

impl Default for Allowance {
    fn default() -> Self {
        Self {
            up_to: 0,
            places: 0,
            until: Timestamp::default(),
            alone: false,
            careful: false,
            why: WaitReason::InFlight,
            pause: None,
            day_over: None,
        }
    }
}

impl Allowance {
    /// Checks that one more call may be sent when `sends` were, of which `in_flight` still are.
    pub(super) fn has_room(&self, call: QueuedCall, sends: u64, in_flight: u32, now: Timestamp) -> bool {
        sends < self.up_to && in_flight < self.places && now < self.until && (call.repeatable || !self.careful)
    }
}

/// The load of this process: what a fleet has to know to give it an [`Allowance`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// The number of calls that were sent until now.
    pub sends: u64,
    /// The number of them that are in flight.
    pub in_flight: u32,
    /// The number of calls of normal and of high priority that wait.
    pub normal: u32,
    /// See `normal`.
    pub high: u32,
    /// The first of them can be sent again after a refusal.
    pub repeatable: bool,
}
