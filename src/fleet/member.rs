//! The machine of one process for the limits: what it knows of the board, what it holds, and when it looks again.
//!
//! A process with calls that wait takes a turn at the board: it reports its calls that are over and takes places with calls. While the
//! store is away it goes on with its share of the limits. The client's own limiter keeps the queue and gets an
//! [`Allowance`](crate::limits::Allowance).

mod allowances;
mod turns;

use super::board::{Board, BoardMember, BoardVerdict, FEW_PLACES};
use super::link::Link;
use super::own::{EndedCall, OwnCalls};
use super::share::{MemberAction, MemberConfig, MemberEvent};
use crate::limits::{Admission, Allowance, CallsAround, SharedAnswer};
use crate::random::SplitMix64;
use crate::time::{Now, Timestamp};

/// The time for which a process without calls keeps more than a few places.
const BURST_MS: u64 = 100;

/// The calls that this process may begin. Instants are those of the clock that is never set.
#[derive(Clone, Copy, Debug)]
struct HeldLease {
    /// The number of calls up to which it goes, counted from the first call of the process.
    up_to: u64,
    places: u32,
    /// The end of the time in which calls begin, and of the lease.
    until: Timestamp,
    ends: Timestamp,
    careful: bool,
}

/// A board in the store.
#[derive(Clone, Debug)]
struct KnownBoard {
    version: u64,
    /// `None` if there is nothing, or nothing that is understood.
    board: Option<Board>,
}

/// A change of the board that was sent to the store.
#[derive(Clone, Debug)]
struct TriedTurn {
    serial: u64,
    board: Board,
    lease: Option<HeldLease>,
    /// The number of ends of calls in it.
    ended: usize,
    verdict: BoardVerdict,
    /// It keeps nothing but calls in flight.
    gives_back: bool,
}

#[derive(Clone, Debug)]
struct PendingSwap {
    ticket: u16,
    sent: Now,
    /// The instant until which calls wait for its answer.
    patient: Timestamp,
    /// The instant after which its answer counts for nothing.
    ends: Timestamp,
    tried: Option<TriedTurn>,
}

/// The machine of one process.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct FleetMember {
    config: MemberConfig,
    owner: u32,
    link: Link,
    random: SplitMix64,
    own: OwnCalls,
    /// The content of the store; `None` if it has to be looked at.
    known: Option<KnownBoard>,
    /// The newest board that this process has seen, and the same with what its calls have brought since.
    newest: Option<Board>,
    view: Option<Admission>,
    pending: Option<PendingSwap>,
    /// A change whose answer was lost.
    unsure: Option<TriedTurn>,
    lease: Option<HeldLease>,
    /// The number of the latest change of this process, and of the latest that the store has acknowledged.
    serial: u64,
    acknowledged: u64,
    /// The store was looked at: ever, and since the last wait.
    has_looked: bool,
    is_fresh: bool,
    looks: u32,
    /// The instant of the next turn, while calls wait, by the clock that is never set.
    next: Option<Timestamp>,
    verdict: BoardVerdict,
    /// The number of calls that waited at the last turn, and whether a spare call may be taken.
    asked: u32,
    tops_up: bool,
    /// The instant at which the latest call was sent.
    trickle: Timestamp,
    told: Allowance,
    /// What this process gave back may still be on the board; the store has lost what this process knows.
    owes: bool,
    restores: bool,
    /// The board has places for calls in flight of this process, beside what it holds.
    holds: bool,
    is_closing: bool,
}

impl FleetMember {
    /// A machine that knows nothing yet. `owner` is a random number of the process; `random` feeds the jitter of the pauses.
    pub fn new(config: MemberConfig, owner: u32, random: u64) -> Self {
        Self {
            config,
            owner,
            link: Link::new(random),
            random: SplitMix64::stream(random, 1),
            own: OwnCalls::default(),
            known: None,
            newest: None,
            view: None,
            pending: None,
            unsure: None,
            lease: None,
            serial: 0,
            acknowledged: 0,
            has_looked: false,
            is_fresh: false,
            looks: 0,
            next: None,
            verdict: BoardVerdict::Nothing,
            asked: 0,
            tops_up: false,
            trickle: Timestamp::default(),
            told: Allowance::default(),
            owes: false,
            restores: false,
            holds: false,
            is_closing: false,
        }
    }

    /// Reports an event that happened at `now`. Returns the actions.
    pub fn handle(&mut self, event: MemberEvent<'_>, now: Now) -> Vec<MemberAction> {
        let mut actions = Vec::new();
        if let Some(pending) = self.pending.take_if(|pending| now.measured >= pending.ends) {
            self.not_reached(pending, None, now, &mut actions);
        }
        self.lease = self.lease.filter(|lease| now.measured < lease.ends);
        match event {
            MemberEvent::Load(load) => {
                if !self.own.note(load, now.measured) {
                    self.lease = None;
                }
                self.asked = self.asked.min(self.own.waiting());
            }
            MemberEvent::Begun { call } => {
                // The next of a trickle should find a call at hand.
                self.tops_up |= now.measured < self.trickle.plus(self.config.linger_ms);
                self.trickle = now.measured;
                let seen = self.view(now).map(|view| view.seen()).unwrap_or_default();
                self.own.begun(call, seen, now.measured);
            }
            MemberEvent::Ended { call, reading } => {
                if let Some(ended) = self.own.ended(call, reading, now.measured) {
                    self.learn(&ended, now);
                }
            }
            MemberEvent::Close => self.is_closing = true,
            MemberEvent::Found { ticket, found } => {
                if let Some(pending) = self.pending.take_if(|pending| pending.ticket == ticket) {
                    self.found(pending, found, now, &mut actions);
                }
            }
            MemberEvent::Away { ticket, why } => {
                if let Some(pending) = self.pending.take_if(|pending| pending.ticket == ticket) {
                    self.not_reached(pending, why, now, &mut actions);
                }
            }
            MemberEvent::Tick => {}
        }
        self.proceed(now, &mut actions);
        self.allow(now, &mut actions);
        actions
    }

    /// The instant at which to report [`MemberEvent::Tick`], by the clock that is never set, if nothing happens before.
    pub fn wake(&mut self, now: Now) -> Option<Timestamp> {
        if let Some(PendingSwap { patient, ends, .. }) = self.pending {
            let share = self.own.recent(now.measured).1.filter(|_| self.own.waiting() > 0);
            return [Some(ends), Some(patient), share].into_iter().flatten().filter(|&at| at > now.measured).min();
        }
        let due = self.due();
        let Some(until) = self.link.away_until(now) else { return due.map(|at| at.max(now.measured)) };
        // Meanwhile, calls go on by the share of this process.
        let waiting = self.own.waiting();
        let share = self.own.recent(now.measured).1.filter(|_| waiting > 0);
        due.map(|at| at.max(until)).into_iter().chain(share).min()
    }

    /// Returns whether something is under way, or is to be given back to a store that answers.
    pub fn is_busy(&self) -> bool {
        self.pending.is_some() || (self.has_to_settle() && !self.link.is_away())
    }

    /// The board that was seen last.
    pub const fn board(&self) -> Option<&Board> {
        self.newest.as_ref()
    }

    /// Checks that this process holds something, or has something to report.
    fn has_to_settle(&self) -> bool {
        !self.own.ended.is_empty() || self.lease.is_some() || self.owes || self.holds
    }

    /// The instant from which on this process gives back what it holds, if no call comes.
    fn idle(&self) -> Timestamp {
        let holds_few = self.lease.is_some_and(|lease| lease.places <= FEW_PLACES);
        self.own.active.plus(if holds_few { self.config.linger_ms } else { BURST_MS })
    }

    /// The entry of this process on the board.
    fn entry(&self) -> Option<&BoardMember> {
        self.known.as_ref()?.board.as_ref()?.member(self.owner)
    }

    /// Checks that another process waits.
    fn has_rivals(&self, board: Option<&Board>) -> bool {
        board.is_some_and(|board| board.members.iter().any(|member| member.owner != self.owner && member.wants > 0))
    }

    /// The calls of the lease that were not sent.
    fn unused(&self) -> u32 {
        // A call that finds something out is of no use to one that cannot be sent again.
        let lease = self.lease.filter(|lease| !lease.careful || self.own.load.repeatable);
        let left = lease.map_or(0, |lease| lease.up_to.saturating_sub(self.own.load.sends));
        u32::try_from(left).unwrap_or(u32::MAX)
    }

    /// The windows at `now`, as far as this process knows them.
    fn view(&mut self, now: Now) -> Option<&mut Admission> {
        let at = self.link.store_now(now);
        let view = self.view.as_mut()?;
        view.move_to(at.max(view.instant()));
        Some(view)
    }

    fn learn(&mut self, ended: &EndedCall, now: Now) {
        let answer = self.answer(ended, now);
        if let Some(view) = self.view(now) {
            view.learn_from(&answer, CallsAround { sends: 0, calls: 0, places: 0 });
        }
    }

    /// The end of a call by the clock of the store, which may be wrong by a little.
    fn answer(&self, ended: &EndedCall, now: Now) -> SharedAnswer {
        let EndedCall { sent_at, ended_at, seen, alone, reading } = *ended;
        let error_ms = self.link.error_ms();
        let sent_at = self.link.to_store(sent_at, now).minus(error_ms);
        let answered_at = self.link.to_store(ended_at, now).plus(error_ms);
        SharedAnswer { sent_at, answered_at, seen, alone, reading }
    }
}
