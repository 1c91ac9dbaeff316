//! The state of one organisation's limits: slots, windows and pauses.

use super::LimitsConfig;
use super::allowance::Allowance;
use super::cap::{Cap, Lowered};
use super::event::{LimitsStatus, Wait, WaitReason};
use super::queue::{Priority, QueuedCall};
use super::reading::{Problem, Reading};
use super::slots::{Slot, Slots};
use super::snapshot::{self, SnapshotError, plain};
use super::window::{LimitWindow, Room, Seen, Sent, Took, WindowKind};
use crate::random::SplitMix64;
use crate::time::Timestamp;

/// The longest lease and the longest pause that Xero can ask for, in milliseconds: a day.
const LONGEST_MS: u64 = 86_400_000;

/// The first word of a snapshot.
const NAME: &str = "xero-limits";

/// The slots, windows and pauses of one organisation's API: everything that decides whether a call may be sent, except the
/// calls that wait for it.
///
/// It is plain data. [`Self::snapshot`] writes it as a text and [`Self::restore`] reads it back, so it can outlive the
/// process. A restored admission decides exactly as the one that was saved. Its instants are those of the clock that the
/// limiter was given, and stay so.
#[derive(Clone, Debug)]
pub struct Admission {
    config: LimitsConfig,
    /// The instant of the latest event.
    now: Timestamp,
    slots: Slots,
    pub(super) cap: Cap,
    pub(super) windows: [LimitWindow; 3],
    /// The end of a pause: nothing is sent before.
    pause: Option<Timestamp>,
    /// The end of a day that is used up: nothing is sent before, and nothing waits for it.
    day_over: Option<Timestamp>,
    /// The number of refusals in a row that did not give the length of the pause.
    strikes: u32,
    random: SplitMix64,
    /// The calls that a fleet lets this process send. It is not saved: the fleet gives another.
    allowance: Option<Allowance>,
}

/// The part of an [`Admission`] that a snapshot keeps: all but the configuration.
struct Saved {
    now: Timestamp,
    slots: Slots,
    lowered: Option<Lowered>,
    windows: [LimitWindow; 3],
    pause: Option<Timestamp>,
    day_over: Option<Timestamp>,
    strikes: u32,
    random: SplitMix64,
}

plain!(Saved { now, slots, lowered, windows, pause, day_over, strikes, random });

/// The end of a day on which no call of some priority may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayOver {
    /// The end.
    pub until: Timestamp,
    /// True if calls remain that are reserved for high priority.
    pub reserved: bool,
}

/// The calls that are out while others wait. In one process each has a place; in a fleet a place has several calls.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flights {
    /// The places that are taken.
    pub places: u32,
    /// The calls that may still be counted by Xero.
    pub calls: u32,
    /// The instant at which the first place is free in any case.
    pub first_lease: Option<Timestamp>,
    /// The instant at which the last call was sent.
    pub last_sent: Option<Timestamp>,
}

/// A call that was answered, and the calls around it.
pub(super) struct Flown {
    pub(super) sent: Sent,
    pub(super) seen: [Seen; 3],
    /// The number of other calls in flight.
    pub(super) others: u32,
}

/// The effect of an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Freed {
    /// A pause that began with it.
    pub(super) pause: Option<(Problem, Timestamp)>,
    /// True if Xero refused the call for a limit.
    pub(super) refused: bool,
}

impl Admission {
    pub(super) fn new(config: LimitsConfig, seed: u64) -> Self {
        Self {
            config,
            now: Timestamp::default(),
            slots: Slots::default(),
            cap: Cap::new(config.in_flight, config.recover_ms),
            windows: WindowKind::ALL.map(LimitWindow::new),
            pause: None,
            day_over: None,
            strikes: 0,
            random: SplitMix64::new(seed),
            // In a fleet nothing is sent before its first word.
            allowance: config.in_fleet.then(Allowance::default),
        }
    }

    /// The number of calls that were sent until now, and of those in flight.
    pub(super) fn sends(&self) -> (u64, u32) {
        (self.slots.sends(), self.slots.len())
    }

    /// Replaces the allowance of the fleet.
    pub(super) fn allow(&mut self, allowance: Allowance) {
        self.pause = self.pause.max(allowance.pause);
        self.allowance = Some(allowance);
    }

    /// The allowance of a fleet.
    pub(super) const fn allowance(&self) -> Option<&Allowance> {
        self.allowance.as_ref()
    }

    /// The admission as a text of at most [`MAX_SNAPSHOT_BYTES`](super::MAX_SNAPSHOT_BYTES), with up to 64 calls in flight.
    /// It holds no secret and no configuration.
    pub fn snapshot(&self) -> String {
        let Self { now, ref slots, ref cap, ref windows, pause, day_over, strikes, ref random, .. } = *self;
        let (slots, windows, random) = (slots.clone(), windows.clone(), random.clone());
        snapshot::write(NAME, &Saved { now, slots, lowered: cap.lowered(), windows, pause, day_over, strikes, random })
    }

    /// The admission that was saved as `text`, to be used with `config`.
    ///
    /// # Errors
    /// If the text is not a snapshot of this version, was damaged, or describes a state that no limiter comes to.
    pub fn restore(text: &str, config: LimitsConfig) -> Result<Self, SnapshotError> {
        let Saved { now, slots, lowered, windows, pause, day_over, strikes, random } = snapshot::read(NAME, text)?;
        let longest_ms = LONGEST_MS.max(config.day_rest_ms).max(config.backoff.cap_ms);
        let pauses = [pause, day_over].into_iter().flatten().all(|until| until <= now.plus(longest_ms));
        let windows_are_sound = windows.iter().zip(WindowKind::ALL).all(|(window, kind)| window.is_sound(kind, now));
        if !(pauses && windows_are_sound && slots.is_sound(now, LONGEST_MS)) {
            return Err(SnapshotError::Damaged);
        }
        let cap = Cap::new(config.in_flight, config.recover_ms);
        let cap = cap.restored(lowered, now).ok_or(SnapshotError::Damaged)?;
        let allowance = config.in_fleet.then(Allowance::default);
        Ok(Self { config, now, slots, cap, windows, pause, day_over, strikes, random, allowance })
    }

    /// The instant of the latest event.
    pub(super) const fn now(&self) -> Timestamp {
        self.now
    }

    /// The largest ticket of a call in flight.
    pub(super) fn last_ticket(&self) -> u32 {
        self.slots.last_ticket()
    }

    /// The end of a pause that Xero asked for.
    pub(super) const fn pause(&self) -> Option<Timestamp> {
        self.pause
    }

    /// The state at `now`, with a queue of this length that waits for this.
    pub(super) fn status(&self, queued: usize, wait: Option<Wait>, now: Timestamp) -> LimitsStatus {
        let mut windows = self.windows.clone();
        for window in &mut windows {
            window.advance(now);
        }
        let [minute, day, app_minute] = windows;
        LimitsStatus {
            in_flight: self.slots.len(),
            slots: self.cap.at(now),
            queued,
            wait,
            minute_left: minute.reported(),
            minute_ends: minute.ends().map(|ends| (ends.from, ends.to)),
            day_left: day.reported(),
            day_size: day.size(),
            app_minute_left: app_minute.reported(),
        }
    }

    /// Moves on to `now`. If the clock was set back, every instant moves back by as much, so that an end that was ten
    /// seconds ahead still is; returns by how many milliseconds.
    pub(super) fn tick(&mut self, now: Timestamp) -> u64 {
        let back_ms = self.now.since(now);
        self.now = now;
        if back_ms > 0 {
            self.slots.shift_back(back_ms);
            self.cap.shift_back(back_ms);
            for window in &mut self.windows {
                window.shift_back(back_ms);
            }
            self.pause = self.pause.map(|until| until.minus(back_ms));
            self.day_over = self.day_over.map(|until| until.minus(back_ms));
        }
        self.pause = self.pause.filter(|&until| now < until);
        self.day_over = self.day_over.filter(|&until| now < until);
        for window in &mut self.windows {
            window.advance(now);
        }
        back_ms
    }

    /// Frees a slot whose lease has ended, if there is one, and returns its ticket.
    pub(super) fn free_due(&mut self) -> Option<u32> {
        let slot = self.slots.free_due(self.now)?;
        self.count(&slot);
        Some(slot.ticket)
    }

    /// Frees the slot of a call that ended without an answer.
    pub(super) fn lost(&mut self, ticket: u32) {
        if let Some(slot) = self.slots.free(ticket) {
            self.count(&slot);
        }
    }

    /// Counts a call without an answer in each window: Xero may have counted it.
    fn count(&mut self, slot: &Slot) {
        for window in &mut self.windows {
            window.count(slot.sent_at, self.now);
        }
    }

    /// Takes a slot for a call that is sent now.
    pub(super) fn take(&mut self, ticket: u32, deadline: Timestamp) {
        let seen = self.windows.each_ref().map(LimitWindow::seen);
        let lease_ends = deadline.min(self.now.plus(self.config.lease_ms.min(LONGEST_MS)));
        self.slots.take(ticket, seen, lease_ends, self.now);
    }

    /// Frees the slot of a call that was answered, and learns from the answer. `None` if it has no slot.
    pub(super) fn answered(&mut self, ticket: u32, reading: &Reading) -> Option<Freed> {
        let slot = self.slots.free(ticket)?;
        let others = self.slots.len();
        let sent = Sent {
            at: slot.sent_at,
            alone: self.slots.was_alone(&slot),
            sends: self.slots.sends(),
            in_flight: others,
            took: Took::of(reading),
        };
        Some(self.learn(&Flown { sent, seen: slot.seen, others }, reading, self.now))
    }

    /// Learns from the answer to a call, which came at `at`.
    pub(super) fn learn(&mut self, flown: &Flown, reading: &Reading, at: Timestamp) -> Freed {
        let lefts = [reading.minute_left, reading.day_left, reading.app_minute_left];
        for ((window, seen), left) in self.windows.iter_mut().zip(flown.seen).zip(lefts) {
            window.answered(seen, flown.sent, left, at);
        }
        if reading.problem.is_none() {
            self.strikes = 0;
        }
        let pause = reading.problem.and_then(|problem| self.refused(problem, flown, reading.retry_after_ms, at));
        Freed { pause, refused: flown.sent.took == Took::No }
    }

    /// Begins or extends the pause that follows a refusal at `now`. Returns it if it began.
    fn refused(
        &mut self,
        problem: Problem,
        flown: &Flown,
        asked_ms: Option<u64>,
        now: Timestamp,
    ) -> Option<(Problem, Timestamp)> {
        let [minute, day, app_minute] = &mut self.windows;
        let window = match problem {
            Problem::Day => Some(day),
            Problem::Minute => Some(minute),
            Problem::AppMinute => Some(app_minute),
            Problem::Concurrent | Problem::Offline | Problem::Other => None,
        };
        let ends = window.and_then(|window| {
            window.refused(flown.sent.at, asked_ms, now);
            // If the end of the day is not known, its latest possible end is useless.
            (problem != Problem::Day || window.is_precise()).then(|| window.ends_by(now))
        });
        if problem == Problem::Concurrent {
            self.cap.lower(flown.others, now);
        }
        let until = match (asked_ms, ends) {
            (Some(ms), _) => now.plus(ms),
            (None, Some(ends)) => ends,
            (None, None) if problem == Problem::Day => now.plus(self.config.day_rest_ms),
            (None, None) => now.plus(self.open_pause_ms()),
        };
        let known = if problem == Problem::Day { &mut self.day_over } else { &mut self.pause };
        let began = known.is_none();
        // Never shortened.
        *known = (*known).max(Some(until));
        began.then_some((problem, until))
    }

    fn open_pause_ms(&mut self) -> u64 {
        self.strikes = self.strikes.saturating_add(1);
        self.config.backoff.pause_ms(self.strikes, self.random.draw())
    }

    /// The end of a day on which no call of this priority may be sent any more. No call waits for that.
    pub(super) fn day_over(&self, priority: Priority) -> Option<DayOver> {
        match self.allowance {
            Some(Allowance { alone: false, day_over, .. }) => {
                day_over.filter(|day| self.now < day.until && !(day.reserved && priority == Priority::High))
            }
            _ => self.day_over_among(priority, self.slots.len()),
        }
    }

    /// The same with so many calls out.
    pub(super) fn day_over_among(&self, priority: Priority, calls: u32) -> Option<DayOver> {
        if let Some(until) = self.day_over {
            return Some(DayOver { until, reserved: false });
        }
        let [_, day, _] = &self.windows;
        let reserve = self.reserve(WaitReason::Day, priority);
        if day.room(calls, reserve, false) != Room::Spent {
            return None;
        }
        let until = match (day.is_precise(), reserve) {
            (true, _) => day.ends_by(self.now),
            // A call that may use the last of the day may also find out when the day ends.
            (false, 0) => return None,
            (false, _) => self.now.plus(self.config.day_rest_ms),
        };
        Some(DayOver { until, reserved: day.room(calls, 0, false) != Room::Spent })
    }

    /// The reason why a call cannot be sent now; `None` if it can.
    pub(super) fn wait(&self, call: QueuedCall) -> Option<Wait> {
        let calls = self.slots.len();
        if let Some(allowance) = &self.allowance
            && self.pause.is_none()
        {
            if !allowance.has_room(call, self.slots.sends(), calls, self.now) {
                return Some(Wait { why: allowance.why, until: call.deadline });
            }
            if !allowance.alone {
                return None;
            }
        }
        let [first_lease, last_sent] = [self.slots.first_lease(), self.slots.last_sent()];
        self.wait_among(call, &Flights { places: calls, calls, first_lease, last_sent })
    }

    /// The same with these calls out.
    pub(super) fn wait_among(&self, call: QueuedCall, flights: &Flights) -> Option<Wait> {
        let Flights { places, calls: in_flight, first_lease: leases, last_sent } = *flights;
        let wait = |why, until| Some(Wait { why, until });
        if let Some(until) = self.pause {
            return wait(WaitReason::Pause, until);
        }
        if places >= self.cap.at(self.now) {
            let rises = self.cap.rises(self.now);
            return wait(WaitReason::InFlight, leases.into_iter().chain(rises).min().unwrap_or(self.now));
        }
        let patient = last_sent.map(|at| at.plus(self.config.patience_ms)).filter(|&until| until > self.now);
        for (window, why) in self.windows.iter().zip([WaitReason::Minute, WaitReason::Day, WaitReason::AppMinute]) {
            let reserve = self.reserve(why, call.priority);
            match window.room(in_flight, reserve, patient.is_none()) {
                Room::Open => {}
                Room::Answers => return wait(why, patient.or(leases).unwrap_or(self.now)),
                // One call alone finds out when the window ends.
                Room::Spent
                    if in_flight == 0
                        && reserve == 0
                        && (call.repeatable || why == WaitReason::Day)
                        && !window.is_precise() => {}
                // Once no call is in flight, one alone may find out; a slot may become free without a report.
                Room::Spent => {
                    let opens = window.opens_by(self.now);
                    return wait(why, leases.map_or(opens, |ends| ends.min(opens)));
                }
            }
        }
        None
    }

    pub(super) fn reserve(&self, why: WaitReason, priority: Priority) -> u32 {
        match (why, priority) {
            (WaitReason::Minute, Priority::Normal) => self.config.minute_reserve,
            (WaitReason::Day, Priority::Normal) => self.config.day_reserve,
            _ => 0,
        }
    }
}
