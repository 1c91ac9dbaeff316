//! The calls of the latest stretch of time: all that is known of a window while no answer says what is left of it.

use crate::time::Timestamp;

/// Calls that are counted one by one cost a number each; in groups of so many to a window they are counted well enough.
const GROUPS: u64 = 64;

/// The calls that were answered within one length of a window.
///
/// A call reaches Xero before it is answered. So of the calls that count in the window that now is, wherever it begins, each
/// is in here or in flight.
#[derive(Clone, Debug)]
pub(super) struct Trail {
    length_ms: u64,
    /// Groups of calls: when the first and the last of them were answered, and how many they are. In order.
    groups: Vec<Group>,
}

#[derive(Clone, Copy, Debug)]
struct Group {
    first: Timestamp,
    last: Timestamp,
    calls: u32,
}

impl Trail {
    pub(super) const fn new(length_ms: u64) -> Self {
        Self { length_ms, groups: Vec::new() }
    }

    /// A call was answered, or lost, at `now`.
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

    /// Time has come to `now`: what is older than a length counts no more.
    pub(super) fn advance(&mut self, now: Timestamp) {
        let length_ms = self.length_ms;
        self.groups.retain(|group| group.last.plus(length_ms) > now);
    }

    pub(super) fn calls(&self) -> u32 {
        self.groups.iter().fold(0, |sum, group| sum.saturating_add(group.calls))
    }

    /// When there will be fewer.
    pub(super) fn shrinks(&self) -> Option<Timestamp> {
        self.groups.first().map(|group| group.last.plus(self.length_ms))
    }

    pub(super) fn shift_back(&mut self, ms: u64) {
        for group in &mut self.groups {
            group.first = group.first.minus(ms);
            group.last = group.last.minus(ms);
        }
    }
}
