//! The link of one process to the store: its clock, its round trips, and the time in which nothing is asked of it.

use super::config::FleetConfig;
use super::event::FleetNotice;
use crate::random::SplitMix64;
use crate::time::{Now, Timestamp};

/// The number of usual round trips that a swap may take.
const ROUND_TRIPS: u64 = 8;

/// A reading of the store's clock.
#[derive(Clone, Copy, Debug)]
struct StoreClock {
    store: Timestamp,
    /// The same instant by the clock of this process that is never set.
    measured: Timestamp,
    /// The round trip of the swap that brought it: the reading is wrong by half of it at most.
    trip_ms: u64,
}

/// The time after a failure.
#[derive(Clone, Copy, Debug)]
struct Absence {
    /// The end of the time in which nothing is asked, by the clock that is never set.
    until: Timestamp,
    /// The number of failures in a row.
    count: u32,
}

/// What a process knows of the store.
#[derive(Clone, Debug)]
pub(super) struct Link {
    clock: Option<StoreClock>,
    /// The usual round trip.
    trip_ms: Option<u64>,
    absence: Option<Absence>,
    random: SplitMix64,
    ticket: u16,
}

impl Link {
    pub(super) const fn new(random: u64) -> Self {
        Self { clock: None, trip_ms: None, absence: None, random: SplitMix64::new(random), ticket: 0 }
    }

    pub(super) const fn next_ticket(&mut self) -> u16 {
        self.ticket = self.ticket.wrapping_add(1);
        self.ticket
    }

    /// The instant by the store's clock; by that of the host before the store has answered.
    pub(super) fn store_now(&self, now: Now) -> Timestamp {
        self.clock.map_or(now.clock, |clock| {
            clock.store.plus(now.measured.since(clock.measured)).minus(clock.measured.since(now.measured))
        })
    }

    /// The instant by the clock that is never set, when the store's clock shows `at`.
    pub(super) fn to_measured(&self, at: Timestamp, now: Now) -> Timestamp {
        let store = self.store_now(now);
        now.measured.plus(at.since(store)).minus(store.since(at))
    }

    /// The instant by the store's clock, when that which is never set shows `at`.
    pub(super) fn to_store(&self, at: Timestamp, now: Now) -> Timestamp {
        self.store_now(now).plus(at.since(now.measured)).minus(now.measured.since(at))
    }

    /// The time that a swap may take, and the most by which it may be late.
    pub(super) fn swap_ms(&self, config: &FleetConfig) -> u64 {
        let (shortest, longest) = config.swap_ms;
        self.trip_ms.map_or(longest, |trip_ms| trip_ms.saturating_mul(ROUND_TRIPS).clamp(shortest, longest))
    }

    /// The time for which a caller waits for a store that never answered, or whose last swap failed; `None` if it answers. The swap
    /// itself goes on, because the store may only be slow to connect.
    pub(super) fn patience_ms(&self, config: &FleetConfig) -> Option<u64> {
        (self.clock.is_none() || self.absence.is_some()).then_some(config.swap_ms.0)
    }

    /// The most by which [`Self::store_now`] can be wrong, as long as no clock is set.
    pub(super) fn error_ms(&self) -> u64 {
        self.clock.map_or(0, |clock| clock.trip_ms.div_ceil(2).saturating_add(1))
    }

    /// The end of the time in which nothing is asked of the store, while it lasts.
    pub(super) fn away_until(&self, now: Now) -> Option<Timestamp> {
        self.absence.map(|absence| absence.until).filter(|&until| now.measured < until)
    }

    /// Checks that the store failed, and has not answered since.
    pub(super) const fn is_away(&self) -> bool {
        self.absence.is_some()
    }

    /// The store answered at `now`, when its clock showed `at`, a swap that was sent at `sent`. Returns the news.
    pub(super) fn answered(&mut self, sent: Now, at: Timestamp, config: &FleetConfig, now: Now) -> Option<FleetNotice> {
        let (_, longest) = config.swap_ms;
        let trip_ms = now.measured.since(sent.measured);
        // A slow answer counts at once, fast ones by and by: a deadline that is too short costs more than one that is long.
        let usual = self.trip_ms.unwrap_or(longest / ROUND_TRIPS);
        self.trip_ms = Some(trip_ms.max(usual.saturating_mul(3).saturating_add(trip_ms) / 4));
        let middle = sent.measured.plus(trip_ms / 2);
        let reading = StoreClock { store: at, measured: middle, trip_ms };
        let is_set = |known: &StoreClock| {
            let expected = known.store.plus(middle.since(known.measured)).minus(known.measured.since(middle));
            let apart_ms = expected.since(at).saturating_add(at.since(expected));
            apart_ms > known.trip_ms.saturating_add(trip_ms).div_ceil(2).saturating_add(1)
        };
        if self.clock.as_ref().is_none_or(|known| trip_ms <= known.trip_ms || is_set(known)) {
            let notice = self.clock.is_none().then_some(FleetNotice::Joined { members: None });
            self.clock = Some(reading);
            if notice.is_some() {
                self.absence = None;
                return notice;
            }
        }
        self.absence.take().map(|_| FleetNotice::Back)
    }

    /// The store failed. Returns the notice, if it answered before.
    pub(super) fn failed(&mut self, why: Option<&str>, config: &FleetConfig, now: Now) -> Option<FleetNotice> {
        let count = self.absence.map_or(0, |absence| absence.count).saturating_add(1);
        let until = now.measured.plus(config.backoff.pause_ms(count, self.random.draw()));
        self.absence = Some(Absence { until, count });
        // Perhaps it only got slower: the next try has twice the time.
        self.trip_ms = Some(self.swap_ms(config).saturating_mul(2) / ROUND_TRIPS);
        let why = why.unwrap_or("the store did not answer in time");
        (count == 1).then(|| FleetNotice::Away { why: why.to_owned(), until: now.to_clock(until) })
    }
}
