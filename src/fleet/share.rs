//! Events for the machine of the limits, the actions it answers with, and its numbers.

use super::config::FleetConfig;
use super::event::{DocumentFound, DocumentSwap, FleetNotice};
use crate::limits::{Allowance, LimitsConfig, Load, Reading};
use crate::time::Timestamp;

/// The numbers that the machine uses. Durations are in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct MemberConfig {
    /// Those of the store.
    pub fleet: FleetConfig,
    /// Those of the limits, for the board.
    pub limits: LimitsConfig,
    /// The time that a call has at most from its sending until its answer begins.
    pub timeout_ms: u64,
    /// The number of processes to reckon with before the store was ever reached.
    pub members: u32,
    /// The time for which a process without calls keeps what it holds.
    pub linger_ms: u64,
    /// The shortest and the longest time between two looks of a process in line.
    pub poll_ms: (u64, u64),
}

impl Default for MemberConfig {
    fn default() -> Self {
        Self {
            fleet: FleetConfig::default(),
            limits: LimitsConfig::default(),
            timeout_ms: 30_000,
            members: 4,
            linger_ms: 1_000,
            poll_ms: (50, 500),
        }
    }
}

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub enum MemberEvent<'a> {
    /// The load of the client is another one.
    Load(Load),
    /// The client sends a call, which its load counts as in flight.
    Begun {
        /// The number of the call.
        call: u32,
    },
    /// A call that was sent is over; without a reading it was not answered.
    Ended {
        /// The number of the call.
        call: u32,
        /// The limits in the answer.
        reading: Option<Reading>,
    },
    /// The client ends: what it holds is to be given back.
    Close,
    /// The store answered a swap.
    Found {
        /// The ticket, as in [`MemberAction::Swap`].
        ticket: u16,
        /// The answer.
        found: DocumentFound<'a>,
    },
    /// The store failed, or did not answer within the time for it.
    Away {
        /// The ticket, as in [`MemberAction::Swap`].
        ticket: u16,
        /// The reason; without one the store did not answer within the time for it.
        why: Option<&'a str>,
    },
    /// The instant of [`FleetMember::wake`](super::FleetMember::wake) has come.
    Tick,
}

/// An instruction for the driver. Actions are performed in the order given.
#[derive(Clone, Debug)]
pub enum MemberAction {
    /// Give this allowance to the client. Its instants are those of the clock that is never set.
    Allow(Allowance),
    /// Swap the board, or only look. Answered by [`MemberEvent::Found`] or [`MemberEvent::Away`].
    Swap(DocumentSwap),
    /// Tell listeners.
    Tell(FleetNotice),
    /// Tell listeners that calls were leased.
    Leased {
        /// Their number.
        calls: u32,
        /// The end of the lease, by the host's clock.
        until: Timestamp,
    },
}
