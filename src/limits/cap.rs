//! The number of calls that may be in flight at once.

use super::snapshot::plain;
use crate::time::Timestamp;

/// The cap. A refusal for too many calls at once lowers it; it then rises by one at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cap {
    most: u32,
    recover_ms: u64,
    lowered: Option<Lowered>,
}

/// The value that a refusal lowered the cap to, and the instant of the refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lowered {
    to: u32,
    at: Timestamp,
}

plain!(Lowered { to, at });

impl Cap {
    pub(super) fn new(most: u32, recover_ms: u64) -> Self {
        Self { most: most.max(1), recover_ms: recover_ms.max(1), lowered: None }
    }

    pub(super) fn at(&self, now: Timestamp) -> u32 {
        let Some(Lowered { to, at }) = self.lowered else { return self.most };
        let recovered = now.since(at).checked_div(self.recover_ms).unwrap_or(0);
        to.saturating_add(u32::try_from(recovered).unwrap_or(u32::MAX)).min(self.most)
    }

    /// The instant of its next rise, while it is lowered.
    pub(super) fn rises(&self, now: Timestamp) -> Option<Timestamp> {
        let Lowered { at, .. } = self.lowered.filter(|_| self.at(now) < self.most)?;
        let steps = now.since(at).checked_div(self.recover_ms).unwrap_or(0).saturating_add(1);
        Some(at.plus(steps.saturating_mul(self.recover_ms)))
    }

    /// Lowers the cap: a call was refused while `others` were in flight, which Xero did accept.
    pub(super) fn lower(&mut self, others: u32, now: Timestamp) {
        let to = self.at(now).saturating_sub(1).min(others).max(1);
        self.lowered = Some(Lowered { to, at: now });
    }

    pub(super) fn shift_back(&mut self, ms: u64) {
        if let Some(Lowered { at, .. }) = &mut self.lowered {
            *at = at.minus(ms);
        }
    }

    /// The part of the cap that a snapshot keeps: the rest is configuration.
    pub(super) const fn lowered(&self) -> Option<Lowered> {
        self.lowered
    }

    /// The same cap, lowered as a snapshot has it. `None` for a value that [`Self::lower`] never gives.
    pub(super) fn restored(self, lowered: Option<Lowered>, now: Timestamp) -> Option<Self> {
        let sound = lowered.is_none_or(|lowered| lowered.to > 0 && lowered.at <= now);
        sound.then_some(Self { lowered, ..self })
    }
}
