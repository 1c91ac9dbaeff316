//! Calls in flight. Each has a lease, so a slot is freed even if its caller disappears.

use super::snapshot::plain;
use super::window::Seen;
use crate::time::Timestamp;

/// The record of a call in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) ticket: u32,
    pub(super) sent_at: Timestamp,
    /// The instant at which the slot is free in any case.
    lease_ends: Timestamp,
    /// Its sequence number among all calls sent, and whether it was the only call in flight when it was sent.
    nth: u64,
    lone: bool,
    /// The state of the windows when it was sent.
    pub(super) seen: [Seen; 3],
}

plain!(Slot { ticket, sent_at, lease_ends, nth, lone, seen });

/// The calls in flight, in the order in which they were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Slots {
    taken: Vec<Slot>,
    sends: u64,
}

plain!(Slots { taken, sends });

impl Slots {
    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.taken.len()).unwrap_or(u32::MAX)
    }

    /// The number of calls that have been sent until now.
    pub(super) const fn sends(&self) -> u64 {
        self.sends
    }

    /// The largest ticket of a call in flight.
    pub(super) fn last_ticket(&self) -> u32 {
        self.taken.iter().map(|slot| slot.ticket).max().unwrap_or(0)
    }

    pub(super) fn take(&mut self, ticket: u32, seen: [Seen; 3], lease_ends: Timestamp, now: Timestamp) {
        self.sends = self.sends.saturating_add(1);
        let lone = self.taken.is_empty();
        self.taken.push(Slot { ticket, sent_at: now, lease_ends, nth: self.sends, lone, seen });
    }

    pub(super) fn free(&mut self, ticket: u32) -> Option<Slot> {
        let at = self.taken.iter().position(|slot| slot.ticket == ticket)?;
        Some(self.taken.remove(at))
    }

    /// Frees a slot whose lease has ended by `now`, if there is one.
    pub(super) fn free_due(&mut self, now: Timestamp) -> Option<Slot> {
        let at = self.taken.iter().position(|slot| slot.lease_ends <= now)?;
        Some(self.taken.remove(at))
    }

    /// Returns whether no other call was in flight during the whole flight of this one, which has just been freed.
    pub(super) const fn was_alone(&self, slot: &Slot) -> bool {
        slot.lone && slot.nth == self.sends
    }

    /// The latest instant at which a slot becomes free.
    pub(super) fn first_lease(&self) -> Option<Timestamp> {
        self.taken.iter().map(|slot| slot.lease_ends).min()
    }

    /// The instant at which the latest call in flight was sent.
    pub(super) fn last_sent(&self) -> Option<Timestamp> {
        self.taken.iter().map(|slot| slot.sent_at).max()
    }

    pub(super) fn shift_back(&mut self, ms: u64) {
        for slot in &mut self.taken {
            slot.sent_at = slot.sent_at.minus(ms);
            slot.lease_ends = slot.lease_ends.minus(ms);
        }
    }

    /// Returns whether these can be the slots of an admission at `now`, with leases of this length at most.
    pub(super) fn is_sound(&self, now: Timestamp, lease_ms: u64) -> bool {
        let ordered = self.taken.is_sorted_by(|one, next| one.nth < next.nth);
        let leased = |slot: &Slot| slot.sent_at <= now && slot.lease_ends <= now.plus(lease_ms);
        let sent = |slot: &Slot| slot.nth > 0 && slot.nth <= self.sends && leased(slot);
        let tickets = self
            .taken
            .iter()
            .enumerate()
            .all(|(at, slot)| self.taken.iter().take(at).all(|earlier| earlier.ticket != slot.ticket));
        ordered && tickets && self.taken.iter().all(sent)
    }
}
