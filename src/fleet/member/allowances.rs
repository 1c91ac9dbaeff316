//! The allowances of a client: what the lease of its process lets it send, or its share while the store is away.

use super::super::board::BoardVerdict;
use super::super::share::MemberAction;
use super::{FleetMember, HeldLease};
use crate::limits::{Allowance, DayOver, WaitReason};
use crate::time::{Now, Timestamp};

/// The calls of a minute, and those at once (source `xero-limits`).
const MINUTE_CALLS: u32 = 60;

impl FleetMember {
    /// The number of processes that were there last, with this one.
    pub(super) fn members(&self) -> u32 {
        let Some(board) = &self.newest else { return self.config.members.max(1) };
        let others = board.members.iter().filter(|member| member.owner != self.owner).count();
        u32::try_from(others).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// Gives the client its allowance, if it is another one.
    pub(super) fn allow(&mut self, now: Now, actions: &mut Vec<MemberAction>) {
        let allowance = self.allowance(now);
        if self.told != allowance {
            self.told = allowance;
            actions.push(MemberAction::Allow(allowance));
        }
    }

    fn allowance(&mut self, now: Now) -> Allowance {
        let sends = self.own.load.sends;
        let held = self.lease.filter(|lease| now.measured < lease.until && sends < lease.up_to);
        if let Some(HeldLease { up_to, places, until, careful, .. }) = held {
            return Allowance { up_to, places, until, careful, ..Allowance::default() };
        }
        let is_late = self.pending.as_ref().is_some_and(|pending| pending.patient <= now.measured);
        if self.link.is_away() || is_late {
            return self.share(now);
        }
        let none = Allowance { up_to: self.told.up_to.min(sends), ..Allowance::default() };
        let to_measured = |until: Timestamp| self.link.to_measured(until, now);
        match self.verdict {
            BoardVerdict::Until { why: why @ WaitReason::Pause, until } => {
                Allowance { why, pause: Some(to_measured(until)), ..none }
            }
            BoardVerdict::Until { why, .. } | BoardVerdict::InLine { why, .. } => Allowance { why, ..none },
            BoardVerdict::DayOver(DayOver { until, reserved }) => Allowance {
                why: WaitReason::Day,
                day_over: Some(DayOver { until: to_measured(until), reserved }),
                ..none
            },
            BoardVerdict::Granted { .. } | BoardVerdict::Nothing => none,
        }
    }

    /// The share of the limits of a process that is alone. Xero's headers correct it.
    fn share(&mut self, now: Now) -> Allowance {
        let members = self.members();
        let of = |all: u32| all.checked_div(members).unwrap_or(1).max(1);
        let (recent, _) = self.own.recent(now.measured);
        let left = of(MINUTE_CALLS).saturating_sub(recent);
        let up_to = self.own.load.sends.saturating_add(left.into());
        let places = of(self.config.limits.in_flight);
        Allowance {
            up_to,
            places,
            until: Timestamp::LAST,
            alone: true,
            why: WaitReason::Minute,
            ..Allowance::default()
        }
    }
}
