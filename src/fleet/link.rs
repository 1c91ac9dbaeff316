//! The link of one process to the store: its clock, its round trips, and the time in which nothing is asked of it.

use super::config::FleetConfig;
use super::event::{DocumentFound, FleetNotice};
use crate::random::SplitMix64;
use crate::time::{Now, Timestamp};

/// The number of usual round trips that a swap may take.
const ROUND_TRIPS: u64 = 8;

/// The number of swaps in a row that put nothing after which a process waits, and the time for it. After so many refusals the store
/// counts as away.
const TRIES: u32 = 3;
const CONFLICT_MS: u64 = 4;

/// The words for a store that performs no swap.
const REFUSES: &str = "the store answers, and refuses every change";

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
    /// The store answers, and puts nothing.
    refuses: bool,
}

/// The result of a swap that the store answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SwapResult {
    /// Nothing was to be put.
    Looked,
    Put,
    /// Another version was there.
    Conflict,
    /// The version was there that the swap named, and nothing was put: the swap came late, or the store puts nothing.
    Refused,
}

impl SwapResult {
    /// The result of a swap that named this version, if it was to put something.
    pub(super) fn of(named: Option<u64>, found: &DocumentFound<'_>) -> Self {
        match named {
            _ if found.swapped => Self::Put,
            None => Self::Looked,
            Some(version) if version == found.version => Self::Refused,
            Some(_) => Self::Conflict,
        }
    }
}

/// What a process knows of the store.
#[derive(Clone, Debug)]
pub(super) struct Link {
    clock: Option<StoreClock>,
    /// The usual round trip.
    trip_ms: Option<u64>,
    absence: Option<Absence>,
    /// The number of swaps in a row that put nothing, and of those that were refused.
    unmade: u32,
    refused: u32,
    /// The end of a pause because others change the document at once, by the clock that is never set.
    crowded: Timestamp,
    random: SplitMix64,
    ticket: u16,
}

impl Link {
    pub(super) const fn new(random: u64) -> Self {
        Self {
            clock: None,
            trip_ms: None,
            absence: None,
            unmade: 0,
            refused: 0,
            crowded: Timestamp::from_ms(0),
            random: SplitMix64::new(random),
            ticket: 0,
        }
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

    /// The end of a pause in which nothing is put, because others change the document at once.
    pub(super) fn crowded_until(&self, now: Now) -> Option<Timestamp> {
        Some(self.crowded).filter(|&until| now.measured < until)
    }

    /// The store answered at `now`, when its clock showed `at`, a swap that was sent at `sent`. Returns the news.
    pub(super) fn answered(
        &mut self,
        sent: Now,
        at: Timestamp,
        result: SwapResult,
        config: &FleetConfig,
        now: Now,
    ) -> Vec<FleetNotice> {
        let mut news: Vec<_> = self.heard(sent, at, config, now).into_iter().collect();
        match result {
            SwapResult::Looked => {}
            SwapResult::Put => (self.unmade, self.refused) = (0, 0),
            SwapResult::Conflict | SwapResult::Refused => {
                let refused = self.refused.saturating_add(1);
                self.refused = if result == SwapResult::Refused { refused } else { 0 };
                self.unmade = self.unmade.saturating_add(1);
                if self.unmade >= TRIES {
                    let most = CONFLICT_MS.saturating_mul(self.unmade.into()).min(100);
                    let pause_ms = self.random.draw().checked_rem(most.saturating_add(1)).unwrap_or(0);
                    self.crowded = now.measured.plus(1).plus(pause_ms);
                }
                if self.refused >= TRIES {
                    news.extend(self.failed(Some(REFUSES), config, now));
                    self.absence = self.absence.map(|absence| Absence { refuses: true, ..absence });
                }
            }
        }
        let is_back = result == SwapResult::Put || self.absence.is_some_and(|absence| !absence.refuses);
        if is_back && self.absence.take().is_some() && news.is_empty() {
            news.push(FleetNotice::Back);
        }
        news
    }

    /// Takes in the store's clock, and the time that it took. Returns the news if that is the first answer.
    fn heard(&mut self, sent: Now, at: Timestamp, config: &FleetConfig, now: Now) -> Option<FleetNotice> {
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
            return notice;
        }
        None
    }

    /// The store failed. Returns the notice, if it answered before.
    pub(super) fn failed(&mut self, why: Option<&str>, config: &FleetConfig, now: Now) -> Option<FleetNotice> {
        let count = self.absence.map_or(0, |absence| absence.count).saturating_add(1);
        let until = now.measured.plus(config.backoff.pause_ms(count, self.random.draw()));
        let refuses = self.absence.is_some_and(|absence| absence.refuses);
        self.absence = Some(Absence { until, count, refuses });
        // Perhaps it only got slower: the next try has twice the time.
        self.trip_ms = Some(self.swap_ms(config).saturating_mul(2) / ROUND_TRIPS);
        let why = why.unwrap_or("the store did not answer in time");
        (count == 1).then(|| FleetNotice::Away { why: why.to_owned(), until: now.to_clock(until) })
    }
}
