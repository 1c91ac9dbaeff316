//! Instants that are known within bounds.

use super::snapshot::plain;
use crate::time::Timestamp;

/// An instant between two others, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

plain!(Span { from, to });

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

    /// The part that both have in common, or `newer` if they contradict each other.
    pub(super) fn and(self, newer: Self) -> Self {
        let both = Self::new(self.from.max(newer.from), self.to.min(newer.to));
        if both.from <= both.to { both } else { newer }
    }
}
