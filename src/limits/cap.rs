//! How many calls may be in flight at once.

use crate::time::Timestamp;

/// The cap, lowered by a refusal for too many calls at once, and rising again by one at a time.
#[derive(Clone, Debug)]
pub(super) struct Cap {
    most: u32,
    recover_ms: u64,
    /// To what it was lowered, and when.
    lowered: Option<(u32, Timestamp)>,
}

impl Cap {
    pub(super) fn new(most: u32, recover_ms: u64) -> Self {
        Self { most: most.max(1), recover_ms: recover_ms.max(1), lowered: None }
    }

    pub(super) fn at(&self, now: Timestamp) -> u32 {
        let Some((low, at)) = self.lowered else { return self.most };
        let recovered = now.since(at).checked_div(self.recover_ms).unwrap_or(0);
        low.saturating_add(u32::try_from(recovered).unwrap_or(u32::MAX)).min(self.most)
    }

    /// When it rises next, while it is lowered.
    pub(super) fn rises(&self, now: Timestamp) -> Option<Timestamp> {
        let (_, at) = self.lowered.filter(|_| self.at(now) < self.most)?;
        let steps = now.since(at).checked_div(self.recover_ms).unwrap_or(0).saturating_add(1);
        Some(at.plus(steps.saturating_mul(self.recover_ms)))
    }

    /// A call was refused while `others` were in flight, which were not: so many will do for now.
    pub(super) fn lower(&mut self, others: u32, now: Timestamp) {
        let low = self.at(now).saturating_sub(1).min(others).max(1);
        self.lowered = Some((low, now));
    }

    pub(super) fn shift_back(&mut self, ms: u64) {
        if let Some((_, at)) = &mut self.lowered {
            *at = at.minus(ms);
        }
    }
}
