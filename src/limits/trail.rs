//! The calls of the latest stretch of time: the only knowledge of a window while no answer gives its remaining count.

use super::snapshot::plain;
use crate::time::Timestamp;

/// The number of groups in which the calls of one window length are counted. A number for each call would cost more and
/// give little.
const GROUPS: u64 = 64;

/// The calls that were answered within one length of a window.
///
/// A call reaches Xero before it is answered. So each call that counts in the present window, wherever that begins, is in
/// here or in flight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trail {
    length_ms: u64,
    groups: Vec<Group>,
}

plain!(Trail { length_ms, groups });

/// A group of calls: the instants at which the first and the last of them were answered, and their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Group {
    first: Timestamp,
    last: Timestamp,
    calls: u32,
}

plain!(Group { first, last, calls });

impl Trail {
    pub(super) const fn new(length_ms: u64) -> Self {
        Self { length_ms, groups: Vec::new() }
    }

    /// Adds a call that was answered, or lost, at `now`.
    pub(super) fn add(&mut self, now: Timestamp) {
        let width_ms = self.length_ms / GROUPS;
        match self.groups.last_mut() {
            Some(group) if now.since(group.first) < width_ms => {
                group.last = group.last.max(now);
                group.calls = group.calls.saturating_add(1);
            }
            _ => self.groups.push(Group { first: now, last: now, calls: 1 }),
        }
    }

    /// Drops the calls that are older than one length at `now`.
    pub(super) fn advance(&mut self, now: Timestamp) {
        let length_ms = self.length_ms;
        self.groups.retain(|group| group.last.plus(length_ms) > now);
    }

    pub(super) fn calls(&self) -> u32 {
        self.groups.iter().fold(0, |sum, group| sum.saturating_add(group.calls))
    }

    /// The instant at which it will hold fewer calls.
    pub(super) fn shrinks(&self) -> Option<Timestamp> {
        self.groups.first().map(|group| group.last.plus(self.length_ms))
    }

    pub(super) fn shift_back(&mut self, ms: u64) {
        for group in &mut self.groups {
            group.first = group.first.minus(ms);
            group.last = group.last.minus(ms);
        }
    }

    /// Returns whether this can be the trail of a window of `length_ms` at `now`.
    pub(super) fn is_sound(&self, length_ms: u64, now: Timestamp) -> bool {
        // The oldest group may have begun one width before, and the latest has begun just now.
        let few = self.groups.len() as u64 <= GROUPS.saturating_add(2);
        let ordered = self.groups.is_sorted_by(|one, next| one.last <= next.first);
        let sound = |group: &Group| group.first <= group.last && group.last <= now && group.calls > 0;
        self.length_ms == length_ms && few && ordered && self.groups.iter().all(sound)
    }
}
