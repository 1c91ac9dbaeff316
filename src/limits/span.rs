//! Instants that are known within bounds.

use crate::time::Timestamp;

/// An instant of which only is known that it lies between two others, or is one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

impl Span {
    pub(super) const fn new(from: Timestamp, to: Timestamp) -> Self {
        Self { from, to }
    }

    pub(super) const fn width_ms(self) -> u64 {
        self.to.since(self.from)
    }

    pub(super) const fn later(self, ms: u64) -> Self {
        Self::new(self.from.plus(ms), self.to.plus(ms))
    }

    pub(super) const fn earlier(self, ms: u64) -> Self {
        Self::new(self.from.minus(ms), self.to.minus(ms))
    }

    /// What both say, or `newer` if they contradict each other.
    pub(super) fn and(self, newer: Self) -> Self {
        let both = Self::new(self.from.max(newer.from), self.to.min(newer.to));
        if both.from <= both.to { both } else { newer }
    }
}
