//! The calls of this process, as its client reports them. Instants are those of the clock that is never set.

use std::collections::VecDeque;

use crate::limits::{Load, Reading, Seen};
use crate::time::Timestamp;

/// The number of ends of calls that are kept until the board has them. After an outage, old ones tell nothing.
const MOST_ENDS: usize = 64;

/// The number of sent calls that are remembered: more than any minute has.
const MOST_RECENT: usize = 64;

const MINUTE_MS: u64 = 60_000;

/// A call in flight.
#[derive(Clone, Copy, Debug)]
struct FlyingCall {
    call: u32,
    sent_at: Timestamp,
    seen: [Seen; 3],
    lone: bool,
}

/// A call that is over, and not on the board yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct EndedCall {
    pub(super) sent_at: Timestamp,
    pub(super) ended_at: Timestamp,
    pub(super) seen: [Seen; 3],
    pub(super) alone: bool,
    pub(super) reading: Option<Reading>,
}

/// The calls of this process.
#[derive(Clone, Debug, Default)]
pub(super) struct OwnCalls {
    pub(super) load: Load,
    flying: Vec<FlyingCall>,
    /// The number of calls that began to be sent.
    begun: u64,
    /// The number of calls that are over, and in flight by the load; and of those that are over by the load, and not reported.
    landed: u32,
    gone: u64,
    pub(super) ended: Vec<EndedCall>,
    /// The instants at which calls of the last minute were sent.
    recent: VecDeque<Timestamp>,
    /// The instant of the latest beginning or end.
    pub(super) active: Timestamp,
}

impl OwnCalls {
    /// The number of calls that wait.
    pub(super) const fn waiting(&self) -> u32 {
        self.load.normal.saturating_add(self.load.high)
    }

    /// The number of calls in flight.
    pub(super) const fn in_flight(&self) -> u32 {
        self.load.in_flight.saturating_sub(self.landed)
    }

    /// Takes note of a load. Returns false if the client began anew.
    pub(super) fn note(&mut self, load: Load, now: Timestamp) -> bool {
        let goes_on = load.sends >= self.load.sends;
        let sent = if goes_on { load.sends.saturating_sub(self.load.sends) } else { load.sends };
        for _ in 0..sent.min(MOST_RECENT as u64) {
            self.recent.push_back(now);
            self.active = now;
        }
        while self.recent.len() > MOST_RECENT {
            self.recent.pop_front();
        }
        self.load = load;
        self.landed = 0;
        if load.in_flight == 0 || !goes_on {
            // Some may have ended before they were sent.
            self.begun = load.sends.saturating_sub(load.in_flight.into());
        }
        let out = load.sends.saturating_sub(self.begun).saturating_add(self.flying.len() as u64);
        self.gone = out.saturating_sub(load.in_flight.into());
        // A request that ended without a word.
        while self.flying.len() > load.in_flight as usize {
            self.end(0, None, now);
        }
        goes_on
    }

    /// A call is sent.
    pub(super) fn begun(&mut self, call: u32, seen: [Seen; 3], now: Timestamp) {
        let lone = self.load.in_flight <= 1;
        self.begun = self.begun.saturating_add(1);
        self.flying.push(FlyingCall { call, sent_at: now, seen, lone });
        self.active = now;
    }

    /// A call is over. Returns its end, if it was in flight.
    pub(super) fn ended(&mut self, call: u32, reading: Option<Reading>, now: Timestamp) -> Option<EndedCall> {
        let at = self.flying.iter().position(|flying| flying.call == call)?;
        self.end(at, reading, now);
        match self.gone.checked_sub(1) {
            Some(gone) => self.gone = gone,
            None => self.landed = self.landed.saturating_add(1),
        }
        self.ended.last().copied()
    }

    fn end(&mut self, at: usize, reading: Option<Reading>, now: Timestamp) {
        let FlyingCall { sent_at, seen, lone, .. } = self.flying.remove(at);
        if self.ended.len() >= MOST_ENDS {
            self.ended.remove(0);
        }
        self.ended.push(EndedCall { sent_at, ended_at: now, seen, alone: lone && self.flying.is_empty(), reading });
        self.active = now;
    }

    /// The number of calls that were sent within the last minute, and the instant at which the first of them is older.
    pub(super) fn recent(&mut self, now: Timestamp) -> (u32, Option<Timestamp>) {
        while self.recent.front().is_some_and(|at| at.plus(MINUTE_MS) <= now) {
            self.recent.pop_front();
        }
        let first = self.recent.front().map(|at| at.plus(MINUTE_MS));
        (u32::try_from(self.recent.len()).unwrap_or(u32::MAX), first)
    }

    /// Notes that the windows are numbered anew: nothing that was seen holds.
    pub(super) fn renumber(&mut self) {
        let flying = self.flying.iter_mut().map(|call| &mut call.seen);
        for seen in flying.chain(self.ended.iter_mut().map(|call| &mut call.seen)) {
            *seen = seen.map(Seen::of_others);
        }
    }
}
