//! A fixed window of Xero's, and what can be known of it from outside.

use super::span::Span;
use super::trail::Trail;
use crate::time::Timestamp;

/// Once this few calls are left of a window, and it is known when it ends or that there are others, they go one at a time:
/// so each learns what others spend meanwhile.
const TAIL: u32 = 5;

/// A remaining count this little below the last one belongs to the same window. Further below, it may be one of a later
/// window, of which others have used much; and so it may if the later window is used this little.
const NEAR: u32 = 10;

/// How far a whole number of seconds may lie above what it stands for.
const ROUNDING_MS: u64 = 1_000;

/// Which window, and what Xero publishes about it (source `xero-limits`).
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    length_ms: u64,
    /// The sizes there are, ascending. Which one it is turns out later.
    sizes: &'static [u32],
    /// Where its end is known this well, nothing is sent to find out.
    precise_ms: u64,
}

pub(super) const MINUTE: Kind = Kind { length_ms: 60_000, sizes: &[60], precise_ms: 15_000 };
pub(super) const DAY: Kind = Kind { length_ms: 86_400_000, sizes: &[1_000, 5_000], precise_ms: 900_000 };
pub(super) const APP_MINUTE: Kind = Kind { length_ms: 60_000, sizes: &[10_000], precise_ms: 15_000 };

/// What was known of the window when a call was sent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    number: u32,
    told: Option<u32>,
}

/// A call that was answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    pub(super) at: Timestamp,
    /// Whether no other call of ours was in flight all the time.
    pub(super) alone: bool,
    /// How many calls have been sent until now, and how many of them are in flight still.
    pub(super) sends: u64,
    pub(super) in_flight: u32,
    pub(super) took: Took,
}

/// Whether a call took one of the remaining.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Took {
    /// It was served.
    Yes,
    /// It was refused for its content, or failed.
    Perhaps,
    /// It was refused for a limit.
    No,
}

/// Whether there is room for one more call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    Open,
    /// It depends on the answers to the calls in flight.
    Answers,
    Spent,
}

/// The window that now is, as far as is known.
#[derive(Clone, Debug)]
pub(super) struct Window {
    kind: Kind,
    /// Its size, the largest possible one before more is known.
    size: u32,
    learnt: bool,
    /// Counts up whenever a new window is known to have begun.
    number: u32,
    /// The smallest remaining count that a header gave in this window.
    told: Option<u32>,
    /// The first count that a header gave in this window, and how many calls may have been counted by then.
    first: Option<(u32, u64)>,
    /// Whether more calls were counted in this window than were sent.
    shared: bool,
    /// Calls that are left: what was told, less what brought no count and may not be in it.
    left: u32,
    /// The latest calls, as long as no answer has given a remaining count.
    trail: Option<Trail>,
    /// How many brought no count, and when the last of them did not.
    untold: u32,
    untold_at: Timestamp,
    /// Nothing is known yet of a window after one that was used up: one call goes ahead.
    wary: bool,
    /// So many calls are left to other programs, because they spend while a call of ours is under way.
    others: u32,
    /// When it ends.
    ends: Option<Span>,
    /// The latest instant at which a call was sent that counts in this window.
    counted_at: Timestamp,
    /// Calls answered without a header since the window may have ended: they may count in the next.
    straddling: u32,
    /// Such calls of the window before, which may count in this one; if they do, it has ended by this instant.
    carried: Option<(u32, Timestamp)>,
}

impl Window {
    pub(super) fn new(kind: Kind) -> Self {
        let size = kind.sizes.last().copied().unwrap_or(u32::MAX);
        Self {
            kind,
            size,
            learnt: false,
            number: 0,
            told: None,
            first: None,
            shared: false,
            left: size,
            trail: Some(Trail::new(kind.length_ms)),
            untold: 0,
            untold_at: Timestamp::default(),
            wary: true,
            others: 0,
            ends: None,
            counted_at: Timestamp::default(),
            straddling: 0,
            carried: None,
        }
    }

    /// Time has come to `now`: a window that must have ended has ended.
    pub(super) fn advance(&mut self, now: Timestamp) {
        if let Some(trail) = &mut self.trail {
            trail.advance(now);
        }
        if let Some((calls, until)) = self.carried
            && now >= until
        {
            self.carried = None;
            self.left = self.left.saturating_add(calls);
        }
        let Some(ends) = self.ends.filter(|ends| now >= ends.to) else { return };
        let length_ms = self.kind.length_ms;
        let gone = now.since(ends.to).checked_div(length_ms).unwrap_or(0).saturating_add(1);
        // Known to a whole window is not known at all.
        self.ends = (ends.width_ms() < length_ms).then(|| ends.later(gone.saturating_mul(length_ms)));
        self.wary |= self.left <= self.others;
        let counted_until = self.untold_at.plus(length_ms);
        let carried = self.straddling.min(self.size);
        self.begin(None, self.size);
        if carried > 0 && now < counted_until {
            self.left = self.left.saturating_sub(carried);
            self.carried = Some((carried, counted_until));
        }
    }

    fn begin(&mut self, told: Option<u32>, left: u32) {
        self.number = self.number.wrapping_add(1);
        self.told = told;
        self.left = left;
        self.untold = 0;
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
        Seen { number: self.number, told: self.told }
    }

    /// Whether one more call may be sent while `in_flight` are, leaving `reserve` alone. Those in flight may or may not
    /// be in the remaining count already, so all of them are taken to be still to come. `stalled` if they take too long
    /// to be waited for out of mere caution.
    pub(super) fn room(&self, in_flight: u32, reserve: u32, stalled: bool) -> Room {
        let left = self.remaining().saturating_sub(self.others).saturating_sub(reserve.min(self.size / 2));
        let careful = self.wary || (left <= TAIL && self.told.is_some() && (self.is_precise() || self.others > 0));
        match left {
            0 => Room::Spent,
            _ if in_flight >= left || (careful && in_flight > 0 && !stalled) => Room::Answers,
            _ => Room::Open,
        }
    }

    /// The calls that are left. While no answer says what is left or when the window ends, at most the calls of the latest
    /// stretch of its length can be in it.
    fn remaining(&self) -> u32 {
        self.all_that_is_known().map_or(self.left, |trail| self.left.max(self.size.saturating_sub(trail.calls())))
    }

    /// The latest calls, if nothing is known but them.
    fn all_that_is_known(&self) -> Option<&Trail> {
        self.trail.as_ref().filter(|_| self.told.is_none() && !self.is_precise())
    }

    /// The latest instant at which there is room again.
    pub(super) fn opens_by(&self, now: Timestamp) -> Timestamp {
        let shrinks = self.all_that_is_known().and_then(Trail::shrinks);
        let carried = self.carried.map(|(_, until)| until);
        [shrinks, carried].into_iter().flatten().fold(self.ends_by(now), Timestamp::min)
    }

    /// Whether it is known well enough when it ends.
    pub(super) fn is_precise(&self) -> bool {
        self.ends.is_some_and(|ends| ends.width_ms() <= self.kind.precise_ms)
    }

    /// The latest instant at which it ends.
    pub(super) fn ends_by(&self, now: Timestamp) -> Timestamp {
        self.ends.map_or(now.plus(self.kind.length_ms), |ends| ends.to)
    }

    /// A call that saw `seen` when it was sent was answered at `now`, with this remaining count or none.
    pub(super) fn answered(&mut self, seen: Seen, sent: Sent, left: Option<u32>, now: Timestamp) {
        // Counts go down within a window: one that did not has been taken in a later window.
        let turned = |left| seen.told.is_some_and(|told| left > told || (left == told && sent.took == Took::Yes));
        let same = seen.number == self.number;
        // A count of a window before this one, or perhaps of this one, is as good as none.
        let Some(left) = left.filter(|&left| same || turned(left)) else {
            if sent.took != Took::No {
                self.count(sent.at, now);
                self.wary = false;
            }
            return;
        };
        let turned = turned(left);
        let first = self.number > 0 && self.told.is_none() && sent.took == Took::Yes;
        if same && turned {
            self.turn(sent.at, now);
            self.begin(Some(left), left);
        }
        if left >= self.size || first || (same && turned) {
            let published = self.kind.sizes.iter().copied().find(|&size| size > left);
            self.size = published.unwrap_or_else(|| left.saturating_add(1));
            self.others = self.others.min(self.size / 4);
            self.learnt = true;
        }
        if same && !turned {
            self.watch_others(seen, sent, left);
        }
        let certain = match seen.told {
            _ if turned => true,
            Some(told) => left.saturating_add(NEAR) >= told && left.saturating_add(NEAR) < self.size,
            None => self.ends.is_none_or(|ends| now < ends.from),
        };
        if certain {
            self.is_of_this_window(sent.at, now);
        } else {
            self.may_be_of_a_later_window(now);
        }
        let told = self.told.map_or(left, |told| told.min(left));
        self.told = Some(told);
        self.trail = None;
        self.carried = None;
        if sent.at >= self.untold_at {
            self.untold = 0;
        }
        self.left = told.saturating_sub(self.untold);
        self.wary = false;
    }

    /// Whether others spend, and how much while a call is under way.
    fn watch_others(&mut self, seen: Seen, sent: Sent, left: u32) {
        if let (true, Some(told)) = (sent.alone, seen.told) {
            let meanwhile = told.saturating_sub(1).saturating_sub(left);
            if meanwhile > 0 {
                // More than twice what was seen, because it varies.
                self.others = self.others.max(meanwhile.saturating_mul(2).saturating_add(1).min(self.size / 4));
            }
        }
        let (first, sends) = *self.first.get_or_insert((left, sent.sends.saturating_sub(sent.in_flight.into())));
        if u64::from(first.saturating_sub(left)) > sent.sends.saturating_sub(sends) {
            self.shared = true;
            self.others = self.others.max(1);
        }
    }

    /// A call that may count in this window brought no remaining count.
    pub(super) fn count(&mut self, sent_at: Timestamp, now: Timestamp) {
        self.left = self.left.saturating_sub(1);
        if let Some(trail) = &mut self.trail {
            trail.add(now);
        }
        self.untold = self.untold.saturating_add(1);
        self.untold_at = now;
        match self.ends {
            None => self.ends = Some(Span::new(sent_at, now.plus(self.kind.length_ms))),
            // What was told of this window holds until it ends, wherever the call counts.
            Some(ends) if self.told.is_some() || self.is_precise() => {
                self.straddling = self.straddling.saturating_add((now >= ends.from).into());
            }
            Some(_) => self.may_be_of_a_later_window(now),
        }
    }

    /// A call that was answered at `now` may count in a window that has begun meanwhile. Unless it is known when this
    /// one ends, not before a whole length from now it is taken to be over.
    fn may_be_of_a_later_window(&mut self, now: Timestamp) {
        let precise = self.is_precise();
        if let Some(ends) = self.ends.as_mut().filter(|_| !precise) {
            ends.to = ends.to.max(now.plus(self.kind.length_ms));
        }
    }

    /// Xero refused a call because the window is used up.
    pub(super) fn refused(&mut self, sent_at: Timestamp, retry_after_ms: Option<u64>, now: Timestamp) {
        self.told = Some(0);
        self.left = 0;
        self.carried = None;
        let known = retry_after_ms.filter(|&ms| ms <= self.kind.length_ms);
        if let Some(ms) = known {
            // Replaces whatever was thought before, which did not prevent the refusal.
            let from = sent_at.plus(ms.saturating_sub(ROUNDING_MS));
            self.ends = Some(Span::new(from, now.plus(ms)));
        } else if self.ends.is_none() {
            self.ends = Some(Span::new(sent_at, now.plus(self.kind.length_ms)));
        }
    }

    /// A window has begun since the last call of the one before, and before `now`.
    fn turn(&mut self, sent_at: Timestamp, now: Timestamp) {
        let length_ms = self.kind.length_ms;
        let begun = Span::new(self.counted_at.max(sent_at.minus(length_ms)), now);
        let begun = self.ends.map_or(begun, |ends| ends.and(begun));
        self.ends = Some(begun.later(length_ms));
    }

    /// A call that was sent at `sent_at` and answered at `now` counts in this window, which therefore lasts longer than
    /// the one and at most a whole length longer than the other.
    fn is_of_this_window(&mut self, sent_at: Timestamp, now: Timestamp) {
        self.counted_at = self.counted_at.max(sent_at);
        let span = Span::new(sent_at, now.plus(self.kind.length_ms));
        self.ends = Some(self.ends.map_or(span, |ends| ends.and(span)));
    }

    /// The remaining count, as far as a header gave one.
    pub(super) const fn told(&self) -> Option<u32> {
        self.told
    }

    /// Its size, once it is known.
    pub(super) fn size(&self) -> Option<u32> {
        self.learnt.then_some(self.size)
    }

    /// Between which instants it ends.
    pub(super) const fn ends(&self) -> Option<Span> {
        self.ends
    }

    pub(super) fn shift_back(&mut self, ms: u64) {
        self.ends = self.ends.map(|ends| ends.earlier(ms));
        if let Some(trail) = &mut self.trail {
            trail.shift_back(ms);
        }
        self.carried = self.carried.map(|(calls, until)| (calls, until.minus(ms)));
        self.counted_at = self.counted_at.minus(ms);
        self.untold_at = self.untold_at.minus(ms);
    }
}
