//! The admission that several processes share: nothing is in its slots, because each process holds places with calls of its own.

use super::LimitsConfig;
use super::admission::{Admission, DayOver, Flights, Flown};
use super::event::Wait;
use super::event::WaitReason;
use super::queue::{Priority, QueuedCall};
use super::reading::Reading;
use super::window::{LimitWindow, Room, Seen, Sent, Took};
use crate::time::Timestamp;

/// A call of one process that is over.
#[derive(Clone, Copy, Debug)]
pub struct SharedAnswer {
    /// The instant at which it was sent.
    pub sent_at: Timestamp,
    /// The instant at which it was answered, or given up.
    pub answered_at: Timestamp,
    /// The state of the windows when it was sent, as its process knew it.
    pub seen: [Seen; 3],
    /// No other call was out during its whole flight.
    pub alone: bool,
    /// The answer; `None` if there was none.
    pub reading: Option<Reading>,
}

/// One of Xero's windows, as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KnownWindow {
    /// The remaining calls, as Xero reported last.
    pub left: Option<u32>,
    /// The calls of a whole window, once that is known.
    pub size: Option<u32>,
    /// The earliest and the latest instant at which it can end.
    pub ends: Option<(Timestamp, Timestamp)>,
}

/// The calls that are out when an answer is learnt from.
#[derive(Clone, Copy, Debug)]
pub struct CallsAround {
    /// The number of calls that were ever sent, or may be.
    pub sends: u64,
    /// The number of them that may still be counted by Xero.
    pub calls: u32,
    /// The number of other places that are taken.
    pub places: u32,
}

impl Admission {
    /// An admission that knows nothing yet.
    pub fn shared(config: LimitsConfig, seed: u64) -> Self {
        Self::new(config, seed)
    }

    /// The instant that it has come to.
    pub const fn instant(&self) -> Timestamp {
        self.now()
    }

    /// Moves on to `now`. If that is earlier, every instant moves back as well; returns by how many milliseconds.
    pub fn move_to(&mut self, now: Timestamp) -> u64 {
        self.tick(now)
    }

    /// The number of places that there are.
    pub fn places(&self) -> u32 {
        self.cap.at(self.now())
    }

    /// The state of the windows, as a call meets it that is sent now.
    pub fn seen(&self) -> [Seen; 3] {
        self.windows.each_ref().map(LimitWindow::seen)
    }

    /// A window, as far as it is known: the organisation's minute, its day, or the app's minute.
    pub fn known_window(&self, place: usize) -> KnownWindow {
        self.windows.get(place).map_or_else(KnownWindow::default, |window| KnownWindow {
            left: window.reported(),
            size: window.size(),
            ends: window.ends().map(|ends| (ends.from, ends.to)),
        })
    }

    /// The end of a pause that Xero asked for.
    pub const fn paused_until(&self) -> Option<Timestamp> {
        self.pause()
    }

    /// Learns from the end of a call. A count that may be of a window before the present one is as good as none, because it may be
    /// told late.
    pub fn learn_from(&mut self, answer: &SharedAnswer, around: CallsAround) {
        // Nothing happens after the present instant: the clocks of processes differ by a little.
        let [sent_at, at] = [answer.sent_at, answer.answered_at].map(|at| at.min(self.now()));
        let Some(mut reading) = answer.reading else { return self.count_lost(sent_at, at) };
        // A refusal that is reported after the pause that it asked for: much may have happened since.
        if reading.problem.is_some() && at.plus(reading.retry_after_ms.unwrap_or_default()) < self.now() {
            return;
        }
        let lefts = [&mut reading.minute_left, &mut reading.day_left, &mut reading.app_minute_left];
        for ((window, seen), left) in self.windows.iter().zip(answer.seen).zip(lefts) {
            if !window.may_have_counted(seen, sent_at) {
                *left = None;
            }
        }
        let sent = Sent {
            at: sent_at,
            alone: answer.alone,
            sends: around.sends,
            in_flight: around.calls,
            took: Took::of(&reading),
        };
        self.learn(&Flown { sent, seen: answer.seen, others: around.places }, &reading, at);
    }

    /// Counts a call of which nothing is known but that it may have been sent since `sent_at`.
    pub fn count_lost(&mut self, sent_at: Timestamp, at: Timestamp) {
        for window in &mut self.windows {
            window.count(sent_at, at);
        }
    }

    /// The reason why one more call cannot be sent beside those that are out; `None` if it can.
    pub fn wait_beside(&self, call: QueuedCall, flights: &Flights) -> Option<Wait> {
        self.wait_among(call, flights)
    }

    /// The end of a day on which no call of this priority may be sent.
    pub fn day_over_beside(&self, priority: Priority, calls: u32) -> Option<DayOver> {
        self.day_over_among(priority, calls)
    }

    /// Checks that a call waits for the answer of one that is out.
    pub fn awaits_answers(&self) -> bool {
        self.windows.iter().any(|window| window.room(1, 0, false) == Room::Answers)
    }

    /// Checks that a call of this priority would go to find out when a window ends that may be used up: any window, or one for which
    /// only a call goes that can be sent again.
    pub fn is_to_find_out(&self, priority: Priority) -> (bool, bool) {
        let reasons = [WaitReason::Minute, WaitReason::Day, WaitReason::AppMinute];
        self.windows.iter().zip(reasons).fold((false, false), |(any, repeatable), (window, why)| {
            let is_spent = window.room(0, self.reserve(why, priority), false) == Room::Spent;
            (any || is_spent, repeatable || (is_spent && why != WaitReason::Day))
        })
    }
}
