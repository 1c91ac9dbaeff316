//! The board of a fleet: the limits of one organisation, the places that its processes hold, and who waits.
//!
//! Every change is a function of the board and an instant of the store's clock; a process computes the next board and puts it in the
//! place of the one that it knew. A place is the right to have one call in flight, and has some calls of the minute and of the day.

use crate::limits::snapshot::plain;
use crate::limits::{
    Admission, CallsAround, DayOver, Flights, LimitsConfig, Priority, QueuedCall, SharedAnswer, WaitReason,
};
use crate::time::Timestamp;

/// The number of processes that a board has room for. Of more, those that were away longest are forgotten.
pub const MOST_MEMBERS: usize = 64;

/// The number of calls of one place.
const MOST_CALLS: u32 = 5;

/// The number of calls, and of places, that have to remain for a process to take more calls than it wants.
const SPARE_ROOM: u32 = 20;
const SPARE_PLACES: u32 = 2;

/// The number of places that a process without calls keeps for a while, and that one alone takes.
pub(super) const FEW_PLACES: u32 = 2;

/// The time after a place became free in which those who have waited longer go first. No longer: they may be gone.
const PRECEDENCE_MS: u64 = 750;

/// The time after it should have come back in which a process still counts as one that waits, and as one that is there.
const RIVAL_MS: u64 = 10_000;
const GONE_MS: u64 = 60_000;

/// The time between those who wait for the same instant.
const STAGGER_MS: u64 = 60;

/// The most by which a process may be behind the board. If it is more, the store's clock was set back.
const BEHIND_MS: u64 = 5_000;

/// The places and calls of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceLease {
    /// The process.
    pub owner: u32,
    /// The number of its calls that may be in flight.
    pub places: u32,
    /// The number of its calls that may still be counted by Xero: in flight, or not sent yet.
    pub calls: u32,
    /// The instant from which on its calls can have been sent.
    pub since: Timestamp,
    /// The end: then its calls count as sent, and its places are free.
    pub ends: Timestamp,
    /// Its number among all leases, and the absence of others when it began.
    nth: u64,
    lone: bool,
}

plain!(PlaceLease { owner, places, calls, since, ends, nth, lone });

/// A process that was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BoardMember {
    /// Its number.
    pub owner: u32,
    /// The number of the latest change that it made.
    pub serial: u64,
    /// The instant at which it was served last.
    pub served: Timestamp,
    /// The instant at which it looks again.
    pub back: Timestamp,
    /// The number of calls that wait in it.
    pub wants: u32,
    /// One of them goes first.
    pub urgent: bool,
}

plain!(BoardMember { owner, serial, served, back, wants, urgent });

/// What processes share about the limits of one organisation.
#[derive(Clone, Debug)]
pub struct Board {
    pub(super) admission: Admission,
    /// A random number of its first change: another one is another board.
    pub(super) birth: u64,
    /// The calls that are over, and the leases that were given.
    pub(super) settled: u64,
    pub(super) grants: u64,
    /// The instant at which a place became free.
    pub(super) freed: Timestamp,
    /// The places that are held.
    pub leases: Vec<PlaceLease>,
    /// The processes.
    pub members: Vec<BoardMember>,
}

/// The report and the wishes of a process in one change of the board.
#[derive(Clone, Debug)]
pub struct BoardTurn<'a> {
    /// The process, and the number of this change.
    pub owner: u32,
    /// See `owner`.
    pub serial: u64,
    /// Its calls that are over, in order.
    pub answers: &'a [SharedAnswer],
    /// The number of its calls in flight.
    pub in_flight: u32,
    /// The calls of its lease that it keeps.
    pub unused: u32,
    /// The number of calls of normal and of high priority that it wants beside.
    pub normal: u32,
    /// See `normal`.
    pub high: u32,
    /// The first of them can be sent again.
    pub repeatable: bool,
    /// The number of calls more that it takes if it is alone.
    pub spare: u32,
    /// The length of a lease.
    pub lease_ms: u64,
}

/// The answer of the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoardVerdict {
    /// So many calls more, or places for those that it has. `careful` if one goes to find out when a window ends.
    Granted {
        /// The number of calls.
        calls: u32,
        /// See above.
        careful: bool,
    },
    /// Nothing was wanted.
    Nothing,
    /// Nothing before this instant.
    Until {
        /// The reason.
        why: WaitReason,
        /// The instant by the store's clock.
        until: Timestamp,
    },
    /// A place or an answer of another process is missing; so many go first.
    InLine {
        /// The reason.
        why: WaitReason,
        /// The number of those who go first.
        line: u32,
    },
    /// The day is used up.
    DayOver(DayOver),
}

impl Board {
    /// An empty board. `birth` is a random number.
    pub fn new(config: LimitsConfig, birth: u64, now: Timestamp) -> Self {
        let mut admission = Admission::shared(config, birth);
        admission.move_to(now);
        Self {
            admission,
            birth,
            settled: 0,
            grants: 0,
            freed: Timestamp::default(),
            leases: Vec::new(),
            members: Vec::new(),
        }
    }

    /// Moves on to `now`: leases run out, windows end.
    pub fn advance(&mut self, now: Timestamp) {
        let at = self.admission.instant();
        let back_ms = if now.plus(BEHIND_MS) < at { self.admission.move_to(now) } else { 0 };
        if back_ms > 0 {
            self.freed = self.freed.minus(back_ms);
            for lease in &mut self.leases {
                lease.since = lease.since.minus(back_ms);
                lease.ends = lease.ends.minus(back_ms);
            }
            for member in &mut self.members {
                member.served = member.served.minus(back_ms);
                member.back = member.back.minus(back_ms);
            }
        }
        let now = now.max(self.admission.instant());
        self.admission.move_to(now);
        for place in (0..self.leases.len()).rev() {
            if self.leases.get(place).is_some_and(|lease| lease.ends <= now) {
                let lease = self.leases.remove(place);
                // It is not known whether they were sent, so they are taken to be.
                for _ in 0..lease.calls {
                    self.admission.count_lost(lease.since, now);
                }
                self.settled = self.settled.saturating_add(lease.calls.into());
                self.freed = now;
            }
        }
        self.members.retain(|member| now < member.back.plus(GONE_MS));
    }

    /// The lease of a process.
    pub fn lease(&self, owner: u32) -> Option<&PlaceLease> {
        self.leases.iter().find(|lease| lease.owner == owner)
    }

    /// The entry of a process.
    pub fn member(&self, owner: u32) -> Option<&BoardMember> {
        self.members.iter().find(|member| member.owner == owner)
    }

    /// The number of places that are taken, and of calls that may still be counted.
    fn taken(&self) -> (u32, u32) {
        self.leases.iter().fold((0, 0), |(places, calls), lease| {
            (u32::saturating_add(places, lease.places), u32::saturating_add(calls, lease.calls))
        })
    }

    /// Performs the change of one process at the instant that the board has come to.
    pub fn turn(&mut self, turn: &BoardTurn<'_>) -> BoardVerdict {
        self.settle(turn);
        let wants = turn.normal.saturating_add(turn.high);
        let verdict = if wants > 0 || turn.spare > 0 { self.admit(turn) } else { BoardVerdict::Nothing };
        let now = self.admission.instant();
        let before = self.member(turn.owner).map_or(Timestamp::default(), |member| member.served);
        let (granted, back, served) = match verdict {
            BoardVerdict::Granted { calls, .. } => (calls, now, now),
            BoardVerdict::Until { until, .. } => (0, until, before),
            _ => (0, now, before),
        };
        self.members.retain(|member| member.owner != turn.owner);
        if self.members.len() >= MOST_MEMBERS
            && let Some(place) =
                (0..self.members.len()).min_by_key(|&at| self.members.get(at).map(|member| member.back))
        {
            self.members.remove(place);
        }
        let wants = wants.saturating_sub(granted);
        let urgent = turn.high > granted;
        self.members.push(BoardMember { owner: turn.owner, serial: turn.serial, served, back, wants, urgent });
        verdict
    }

    /// Learns from the calls of a process that are over, and leaves it with those that are not.
    fn settle(&mut self, turn: &BoardTurn<'_>) {
        let now = self.admission.instant();
        let at = self.leases.iter().position(|lease| lease.owner == turn.owner);
        // One that ran out, or that the store has lost, is put back.
        let mut own = at.map_or(
            PlaceLease {
                owner: turn.owner,
                places: 0,
                calls: 0,
                since: now.minus(turn.lease_ms),
                ends: now,
                nth: self.grants,
                lone: false,
            },
            |at| self.leases.remove(at),
        );
        let (places, calls) = self.taken();
        for answer in turn.answers {
            own.calls = own.calls.saturating_sub(1);
            self.settled = self.settled.saturating_add(1);
            let calls = calls.saturating_add(own.calls);
            let sends = self.settled.saturating_add(calls.into());
            let places = places.saturating_add(own.places.saturating_sub(1));
            let alone = answer.alone && own.lone && own.nth == self.grants;
            self.admission.learn_from(&SharedAnswer { alone, ..*answer }, CallsAround { sends, calls, places });
        }
        own.calls = turn.in_flight.saturating_add(turn.unused);
        let kept = if turn.unused > 0 { own.places.max(turn.in_flight).max(1) } else { turn.in_flight };
        if kept < own.places {
            self.freed = now;
        }
        own.places = kept;
        if kept > 0 {
            own.ends = own.ends.max(now.plus(turn.lease_ms));
            self.leases.push(own);
        }
    }

    /// The number of processes that wait, and of those of them that go first.
    fn line(&self, turn: &BoardTurn<'_>) -> (u32, u32) {
        let now = self.admission.instant();
        let own = self.member(turn.owner).map_or(Timestamp::default(), |member| member.served);
        let is_rival =
            |member: &&BoardMember| member.owner != turn.owner && member.wants > 0 && now < member.back.plus(RIVAL_MS);
        let place = (turn.high == 0, own, turn.owner);
        let is_first = |member: &&BoardMember| (!member.urgent, member.served, member.owner) < place;
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let rivals = self.members.iter().filter(is_rival);
        (count(rivals.clone().count()), count(rivals.filter(is_first).count()))
    }

    fn admit(&mut self, turn: &BoardTurn<'_>) -> BoardVerdict {
        let now = self.admission.instant();
        let priority = if turn.high > 0 { Priority::High } else { Priority::Normal };
        // The deadline is a matter of its process.
        let call = QueuedCall { priority, deadline: now, repeatable: turn.repeatable };
        let (places, calls) = self.taken();
        let (rivals, line) = self.line(turn);
        if let Some(over) = self.admission.day_over_beside(priority, calls) {
            return BoardVerdict::DayOver(over);
        }
        // Nothing but time helps.
        if let Some(wait) = self.admission.wait_beside(call, &Flights::default()) {
            let until = wait.until.plus(STAGGER_MS.saturating_mul(line.into()));
            return BoardVerdict::Until { why: wait.why, until };
        }
        let in_line = |why| BoardVerdict::InLine { why, line };
        // Those of this turn are sent now.
        let beside = |more: u32| Flights {
            places: 0,
            calls: calls.saturating_add(more),
            first_lease: self.leases.iter().map(|lease| lease.ends).min(),
            last_sent: self.leases.iter().map(|lease| lease.since).chain((more > 0).then_some(now)).max(),
        };
        let own = self.lease(turn.owner).map_or((0, 0), |lease| (lease.places, lease.calls));
        let asked = turn.normal.saturating_add(turn.high);
        let free = self.admission.places().saturating_sub(places);
        let is_alone = own == (places, calls);
        let has_room = is_alone || free >= asked.saturating_add(SPARE_PLACES);
        let (finds_out, careful) = self.admission.is_to_find_out(priority);
        // Reserved calls are for high priority alone.
        let normal = QueuedCall { priority: Priority::Normal, ..call };
        let spare = if rivals == 0
            && has_room
            && !finds_out
            && self.admission.wait_beside(normal, &beside(SPARE_ROOM)).is_none()
        {
            turn.spare
        } else {
            0
        };
        let wants = asked.saturating_add(spare);
        if wants == 0 {
            return BoardVerdict::Nothing;
        }
        let precedence = if now.since(self.freed) < PRECEDENCE_MS { line } else { 0 };
        let fair = self.admission.places().checked_div(rivals.saturating_add(1)).unwrap_or(1).max(1);
        // Spare calls are those that its places have room for. A process alone takes a place for a call that comes before another is
        // over.
        let places_wanted = if is_alone && spare > 0 { asked.max(FEW_PLACES.saturating_sub(own.0)) } else { asked };
        let more = free.saturating_sub(precedence).min(fair.saturating_sub(own.0)).min(places_wanted);
        // A process without rivals goes on with the places that it has.
        let held = if rivals == 0 { own.0 } else { 0 };
        let room = MOST_CALLS.saturating_mul(more.saturating_add(held));
        let most = if finds_out { 1 } else { room }.min(room).min(wants.saturating_sub(turn.unused));
        let mut granted: u32 = 0;
        let mut why = WaitReason::InFlight;
        while granted < most {
            let next = if granted < turn.high { call } else { normal };
            if let Some(wait) = self.admission.wait_beside(next, &beside(granted)) {
                why = wait.why;
                break;
            }
            granted = granted.saturating_add(1);
        }
        // No place without a call.
        let more = more.min(granted.saturating_add(turn.unused));
        if granted == 0 && more == 0 {
            return in_line(why);
        }
        self.grants = self.grants.saturating_add(1);
        let (first, nth) = (places == 0, self.grants);
        let ends = now.plus(turn.lease_ms);
        match self.leases.iter_mut().find(|lease| lease.owner == turn.owner) {
            Some(lease) => {
                lease.places = lease.places.saturating_add(more);
                lease.calls = lease.calls.saturating_add(granted);
                (lease.since, lease.ends, lease.lone, lease.nth) = (lease.since.min(now), ends, false, nth);
            }
            None => self.leases.push(PlaceLease {
                owner: turn.owner,
                places: more,
                calls: granted,
                since: now,
                ends,
                nth,
                lone: first,
            }),
        }
        BoardVerdict::Granted { calls: granted, careful }
    }

    /// The board after the store was found with `found` in it, by a process that knew `known` and finds that something was lost. What
    /// is there is taken as it is; what others held when it was known is put back, until it ends.
    #[must_use]
    pub fn recovered(found: Option<Self>, known: &Self) -> Self {
        let Some(mut found) = found else { return known.clone() };
        if found.birth == known.birth && found.admission.instant() < known.admission.instant() {
            found.admission = known.admission.clone();
            found.settled = found.settled.max(known.settled);
            found.grants = found.grants.max(known.grants);
        }
        for lease in &known.leases {
            if found.lease(lease.owner).is_none() && found.leases.len() < MOST_MEMBERS {
                found.leases.push(*lease);
            }
        }
        found
    }
}
