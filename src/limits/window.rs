//! One of Xero's fixed windows, and the knowledge of it that answers give.

use super::reading::{Problem, Reading};
use super::snapshot::{NumberReader, NumberWriter, Plain, plain};
use super::span::Span;
use super::trail::Trail;
use crate::time::Timestamp;

/// The number of remaining calls from which on calls are sent one at a time, if the end of the window is known or other
/// programs share it: each answer then shows how much the others have spent.
const TAIL: u32 = 5;

/// A remaining count at most this far below the last one is from the same window. A larger drop may mean a later window
/// that other programs have already used. A count at most this far below the size may be from a later window too.
const NEAR: u32 = 10;

/// The most by which a whole number of seconds can exceed the time that it stands for.
const ROUNDING_MS: u64 = 1_000;

/// One of the windows that Xero publishes (source `xero-limits`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WindowKind {
    Minute,
    Day,
    AppMinute,
}

impl Seen {
    /// The same state in windows that are numbered in another way.
    #[must_use]
    pub const fn of_others(self) -> Self {
        Self { number: u32::MAX, ..self }
    }
}

impl WindowKind {
    pub(super) const ALL: [Self; 3] = [Self::Minute, Self::Day, Self::AppMinute];

    pub(super) const fn length_ms(self) -> u64 {
        match self {
            Self::Minute | Self::AppMinute => 60_000,
            Self::Day => 86_400_000,
        }
    }

    /// The possible sizes, ascending. Answers show which one it is.
    const fn sizes(self) -> &'static [u32] {
        match self {
            Self::Minute => &[60],
            Self::Day => &[1_000, 5_000],
            Self::AppMinute => &[10_000],
        }
    }

    /// If the end is known to within this, no call is sent to find it out.
    const fn precise_ms(self) -> u64 {
        match self {
            Self::Minute | Self::AppMinute => 15_000,
            Self::Day => 900_000,
        }
    }
}

/// The state of the window when a call was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    number: u32,
    reported: Option<u32>,
}

plain!(Seen { number, reported });

/// A call that was answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    pub(super) at: Timestamp,
    /// True if no other call of ours was in flight at any time during its flight.
    pub(super) alone: bool,
    /// The number of calls sent until now, and the number of them still in flight.
    pub(super) sends: u64,
    pub(super) in_flight: u32,
    pub(super) took: Took,
}

/// The effect of a call on the remaining count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Took {
    /// It was served.
    Yes,
    /// It was refused for its content, or failed.
    Perhaps,
    /// It was refused for a limit.
    No,
}

impl Took {
    pub(super) const fn of(reading: &Reading) -> Self {
        match reading.problem {
            None if reading.served => Self::Yes,
            None | Some(Problem::Offline) => Self::Perhaps,
            Some(_) => Self::No,
        }
    }
}

/// The room for one more call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    Open,
    /// It depends on the answers to the calls in flight.
    Answers,
    Spent,
}

/// The first count that a header gave in a window, and the number of calls that may have been counted by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct First {
    left: u32,
    sends: u64,
}

plain!(First { left, sends });

/// Calls of the window before, which may count in this one; if they do, it has ended by `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Carried {
    calls: u32,
    until: Timestamp,
}

plain!(Carried { calls, until });

/// The size of a window: the largest possible one until answers show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Size {
    calls: u32,
    learnt: bool,
}

plain!(Size { calls, learnt });

impl Size {
    /// The size before any answer.
    fn largest(kind: WindowKind) -> Self {
        Self { calls: kind.sizes().last().copied().unwrap_or(u32::MAX), learnt: false }
    }

    /// The size that a count of `left` remaining calls shows.
    fn learnt(kind: WindowKind, left: u32) -> Self {
        let published = kind.sizes().iter().copied().find(|&size| size > left);
        Self { calls: published.unwrap_or_else(|| left.saturating_add(1)), learnt: true }
    }

    /// Returns whether a window of `kind` can have this size.
    fn is_of(self, kind: WindowKind) -> bool {
        self == Self::largest(kind) || self.calls.checked_sub(1).is_some_and(|left| self == Self::learnt(kind, left))
    }
}

/// The present window, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LimitWindow {
    kind: WindowKind,
    size: Size,
    /// Counts up whenever a new window is known to have begun.
    number: u32,
    /// The smallest remaining count that a header gave in this window.
    reported: Option<u32>,
    /// The instant of the first count, if the window may already have ended by then although its end is well known. That
    /// count and all that follow may be from the next window.
    doubtful_since: Option<Timestamp>,
    first: Option<First>,
    /// True if more calls were counted in this window than were sent.
    shared: bool,
    /// The last reported count minus the calls answered since without a count.
    left: u32,
    /// The latest calls, as long as no answer has given a remaining count.
    trail: Option<Trail>,
    /// The number of answers without a count, and the instant of the last of them.
    unreported: u32,
    unreported_at: Timestamp,
    /// True in a window after one that was used up, as long as nothing is known of it: one call is sent alone.
    cautious: bool,
    /// The number of calls left to other programs, which spend while a call of ours is under way.
    others: u32,
    /// The instant of its end.
    ends: Option<Span>,
    /// The latest instant at which a call was sent that counts in this window.
    counted_at: Timestamp,
    /// The number of calls answered without a header since the window may have ended: they may count in the next.
    straddling: u32,
    carried: Option<Carried>,
}

plain!(LimitWindow {
    kind,
    size,
    number,
    reported,
    doubtful_since,
    first,
    shared,
    left,
    trail,
    unreported,
    unreported_at,
    cautious,
    others,
    ends,
    counted_at,
    straddling,
    carried,
});

impl Plain for WindowKind {
    fn write(&self, to: &mut NumberWriter) {
        (*self as u32).write(to);
    }

    fn read(from: &mut NumberReader<'_>) -> Option<Self> {
        Self::ALL.get(usize::try_from(u32::read(from)?).ok()?).copied()
    }
}

impl LimitWindow {
    pub(super) fn new(kind: WindowKind) -> Self {
        let size = Size::largest(kind);
        Self {
            kind,
            size,
            number: 0,
            reported: None,
            doubtful_since: None,
            first: None,
            shared: false,
            left: size.calls,
            trail: Some(Trail::new(kind.length_ms())),
            unreported: 0,
            unreported_at: Timestamp::default(),
            cautious: true,
            others: 0,
            ends: None,
            counted_at: Timestamp::default(),
            straddling: 0,
            carried: None,
        }
    }

    /// Moves on to `now`: a window that must have ended has ended.
    pub(super) fn advance(&mut self, now: Timestamp) {
        if let Some(trail) = &mut self.trail {
            trail.advance(now);
        }
        if let Some(Carried { calls, until }) = self.carried
            && now >= until
        {
            self.carried = None;
            self.left = self.left.saturating_add(calls);
        }
        let Some(ends) = self.ends.filter(|ends| now >= ends.to) else { return };
        let length_ms = self.kind.length_ms();
        let gone = now.since(ends.to).checked_div(length_ms).unwrap_or(0).saturating_add(1);
        // An end that is known only to within a whole window is not known at all.
        self.ends = (ends.width_ms() < length_ms).then(|| ends.later(gone.saturating_mul(length_ms)));
        self.cautious |= self.left <= self.others;
        // Calls that may have been counted in the next window, which ends within a length of each of them.
        let (calls, since) = match self.doubtful_since {
            Some(since) => (self.size.calls.saturating_sub(self.left), since),
            None => (self.straddling.min(self.size.calls), self.unreported_at),
        };
        let until = since.plus(length_ms);
        self.begin(None, self.size.calls);
        if calls > 0 && now < until {
            self.left = self.left.saturating_sub(calls);
            self.carried = Some(Carried { calls, until });
        }
    }

    fn begin(&mut self, reported: Option<u32>, left: u32) {
        self.number = self.number.wrapping_add(1);
        self.reported = reported;
        self.doubtful_since = None;
        self.left = left;
        self.unreported = 0;
        self.straddling = 0;
        self.carried = None;
        if !self.shared {
            // The others may have gone.
            self.others = self.others.saturating_sub(self.others.div_ceil(4));
        }
        self.first = None;
        self.shared = false;
    }

    pub(super) const fn seen(&self) -> Seen {
        Seen { number: self.number, reported: self.reported }
    }

    /// Returns whether a count is news that a call brought which was sent at `sent_at` in the state `seen`: surely in the present
    /// window, or in the one that its sender knew.
    pub(super) fn may_have_counted(&self, seen: Seen, sent_at: Timestamp) -> bool {
        let length_ms = self.kind.length_ms();
        seen.number == self.number || self.ends.is_some_and(|ends| ends.to.minus(length_ms) <= sent_at)
    }

    /// Returns whether one more call may be sent while `in_flight` are, without touching `reserve`. Each call in flight may
    /// or may not be in the remaining count already, so all of them are taken to be still to come. `stalled` if they take
    /// too long for others to wait out of mere caution.
    pub(super) fn room(&self, in_flight: u32, reserve: u32, stalled: bool) -> Room {
        let left = self.remaining().saturating_sub(self.others).saturating_sub(reserve.min(self.size.calls / 2));
        let careful =
            self.cautious || (left <= TAIL && self.reported.is_some() && (self.is_precise() || self.others > 0));
        match left {
            0 => Room::Spent,
            _ if in_flight >= left || (careful && in_flight > 0 && !stalled) => Room::Answers,
            _ => Room::Open,
        }
    }

    /// The remaining calls. While no answer has given the count or the end of the window, at most the calls of the latest
    /// stretch of its length can be in it.
    fn remaining(&self) -> u32 {
        self.only_trail().map_or(self.left, |trail| self.left.max(self.size.calls.saturating_sub(trail.calls())))
    }

    /// The latest calls, if nothing else is known.
    fn only_trail(&self) -> Option<&Trail> {
        self.trail.as_ref().filter(|_| self.reported.is_none() && !self.is_precise())
    }

    /// The latest instant at which there is room again.
    pub(super) fn opens_by(&self, now: Timestamp) -> Timestamp {
        let shrinks = self.only_trail().and_then(Trail::shrinks);
        let carried = self.carried.map(|carried| carried.until);
        [shrinks, carried].into_iter().flatten().fold(self.ends_by(now), Timestamp::min)
    }

    /// Returns whether its end is known well enough.
    pub(super) fn is_precise(&self) -> bool {
        self.ends.is_some_and(|ends| ends.width_ms() <= self.kind.precise_ms())
    }

    /// The latest instant at which it ends.
    pub(super) fn ends_by(&self, now: Timestamp) -> Timestamp {
        self.ends.map_or(now.plus(self.kind.length_ms()), |ends| ends.to)
    }

    /// Takes in an answer at `now` to a call that was sent in the state `seen`, with the remaining count `left` or none.
    pub(super) fn answered(&mut self, seen: Seen, sent: Sent, left: Option<u32>, now: Timestamp) {
        // Counts go down within a window: one that did not was taken in a later window.
        let turned =
            |left| seen.reported.is_some_and(|before| left > before || (left == before && sent.took == Took::Yes));
        let same = seen.number == self.number;
        // A count of a window before this one, or perhaps of this one, is as good as none.
        let Some(left) = left.filter(|&left| same || turned(left)) else {
            if sent.took != Took::No {
                self.count(sent.at, now);
                self.cautious = false;
            }
            return;
        };
        let turned = turned(left);
        let first = self.number > 0 && self.reported.is_none() && sent.took == Took::Yes;
        if same && turned {
            self.turn(sent.at, now);
            self.begin(Some(left), left);
        }
        if left >= self.size.calls || first || (same && turned) {
            self.size = Size::learnt(self.kind, left);
            self.others = self.others.min(self.size.calls / 4);
        }
        if same && !turned {
            self.watch_others(seen, sent, left);
        }
        let certain = match seen.reported {
            _ if turned => true,
            Some(before) => {
                let near = left.saturating_add(NEAR);
                self.doubtful_since.is_none() && near >= before && near < self.size.calls
            }
            None => self.ends.is_none_or(|ends| now < ends.from),
        };
        if certain {
            self.is_of_this_window(sent.at, now);
        } else {
            if self.reported.is_none() && self.is_precise() {
                self.doubtful_since = Some(now);
            }
            self.may_be_of_a_later_window(now);
        }
        let reported = self.reported.map_or(left, |before| before.min(left));
        self.reported = Some(reported);
        self.trail = None;
        self.carried = None;
        if sent.at >= self.unreported_at {
            self.unreported = 0;
        }
        self.left = reported.saturating_sub(self.unreported);
        self.cautious = false;
    }

    /// Learns from a remaining count whether other programs spend, and how much they do while a call is under way.
    fn watch_others(&mut self, seen: Seen, sent: Sent, left: u32) {
        if let (true, Some(before)) = (sent.alone, seen.reported) {
            let meanwhile = before.saturating_sub(1).saturating_sub(left);
            if meanwhile > 0 {
                // More than twice the observed number, because it varies.
                self.others = self.others.max(meanwhile.saturating_mul(2).saturating_add(1).min(self.size.calls / 4));
            }
        }
        let sends = sent.sends.saturating_sub(sent.in_flight.into());
        let first = *self.first.get_or_insert(First { left, sends });
        if u64::from(first.left.saturating_sub(left)) > sent.sends.saturating_sub(first.sends) {
            self.shared = true;
            self.others = self.others.max(1);
        }
    }

    /// Counts a call that may be in this window and brought no remaining count.
    pub(super) fn count(&mut self, sent_at: Timestamp, now: Timestamp) {
        self.left = self.left.saturating_sub(1);
        if let Some(trail) = &mut self.trail {
            trail.add(now);
        }
        self.unreported = self.unreported.saturating_add(1);
        self.unreported_at = now;
        match self.ends {
            None => self.ends = Some(Span::new(sent_at, now.plus(self.kind.length_ms()))),
            // The reported count of this window holds until it ends, wherever the call counts.
            Some(ends) if self.reported.is_some() || self.is_precise() => {
                self.straddling = self.straddling.saturating_add((now >= ends.from).into());
            }
            Some(_) => self.may_be_of_a_later_window(now),
        }
    }

    /// A call that was answered at `now` may count in a window that has begun meanwhile. Unless the end of this one is
    /// known, it is not taken to be over before a whole length from now.
    fn may_be_of_a_later_window(&mut self, now: Timestamp) {
        let precise = self.is_precise();
        if let Some(ends) = self.ends.as_mut().filter(|_| !precise) {
            ends.to = ends.to.max(now.plus(self.kind.length_ms()));
        }
    }

    /// Takes in a refusal by Xero because the window is used up.
    pub(super) fn refused(&mut self, sent_at: Timestamp, retry_after_ms: Option<u64>, now: Timestamp) {
        self.reported = Some(0);
        self.left = 0;
        self.carried = None;
        let known = retry_after_ms.filter(|&ms| ms <= self.kind.length_ms());
        if let Some(ms) = known {
            // Replaces the belief that did not prevent the refusal.
            let from = sent_at.plus(ms.saturating_sub(ROUNDING_MS));
            self.ends = Some(Span::new(from, now.plus(ms)));
        } else if self.ends.is_none() {
            self.ends = Some(Span::new(sent_at, now.plus(self.kind.length_ms())));
        }
    }

    /// A window has begun since the last call of the one before, and before `now`.
    fn turn(&mut self, sent_at: Timestamp, now: Timestamp) {
        let length_ms = self.kind.length_ms();
        let begun = Span::new(self.counted_at.max(sent_at.minus(length_ms)), now);
        let begun = self.ends.map_or(begun, |ends| ends.and(begun));
        self.ends = Some(begun.later(length_ms));
    }

    /// A call that was sent at `sent_at` and answered at `now` counts in this window. So the window ends after the first
    /// instant, and at most a whole length after the second.
    fn is_of_this_window(&mut self, sent_at: Timestamp, now: Timestamp) {
        self.counted_at = self.counted_at.max(sent_at);
        let span = Span::new(sent_at, now.plus(self.kind.length_ms()));
        self.ends = Some(self.ends.map_or(span, |ends| ends.and(span)));
    }

    /// The remaining count, as far as a header gave one.
    pub(super) const fn reported(&self) -> Option<u32> {
        self.reported
    }

    /// Its size, once it is known.
    pub(super) fn size(&self) -> Option<u32> {
        self.size.learnt.then_some(self.size.calls)
    }

    /// The instants between which it ends.
    pub(super) const fn ends(&self) -> Option<Span> {
        self.ends
    }

    pub(super) fn shift_back(&mut self, ms: u64) {
        self.ends = self.ends.map(|ends| ends.earlier(ms));
        if let Some(trail) = &mut self.trail {
            trail.shift_back(ms);
        }
        if let Some(carried) = &mut self.carried {
            carried.until = carried.until.minus(ms);
        }
        self.counted_at = self.counted_at.minus(ms);
        self.unreported_at = self.unreported_at.minus(ms);
        self.doubtful_since = self.doubtful_since.map(|at| at.minus(ms));
    }

    /// Returns whether this can be the window of `kind` of an admission at `now`. A window that is not would keep calls
    /// waiting for longer than it can last.
    pub(super) fn is_sound(&self, kind: WindowKind, now: Timestamp) -> bool {
        let latest = now.plus(kind.length_ms());
        let sized = self.size.is_of(kind) && self.left <= self.size.calls && self.others <= self.size.calls / 4;
        let doubtful_since = self.doubtful_since.unwrap_or_default();
        let past = [self.counted_at, self.unreported_at, doubtful_since].into_iter().all(|at| at <= now);
        let trail = self.trail.as_ref().is_none_or(|trail| trail.is_sound(kind.length_ms(), now));
        let ends = self.ends.is_none_or(|ends| ends.from <= ends.to && ends.to <= latest);
        let carried = self.carried.is_none_or(|carried| carried.until <= latest);
        self.kind == kind && sized && past && trail && ends && carried
    }
}
