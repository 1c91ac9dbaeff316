//! Calls in flight. Each is a record with a lease, so that no place is lost with whoever held it.

use super::queue::Call;
use super::window::Seen;
use crate::time::Timestamp;

/// A call in flight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) ticket: u32,
    pub(super) call: Call,
    pub(super) sent_at: Timestamp,
    /// When it is free again, whatever happened.
    lease_ends: Timestamp,
    /// Which it was of all that were sent, and whether it was then the only one in flight.
    nth: u64,
    lone: bool,
    /// What was known of the windows.
    pub(super) seen: [Seen; 3],
}

#[derive(Clone, Debug, Default)]
pub(super) struct Flight {
    places: Vec<Place>,
    sends: u64,
}

impl Flight {
    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.places.len()).unwrap_or(u32::MAX)
    }

    /// How many calls have been sent until now.
    pub(super) const fn sends(&self) -> u64 {
        self.sends
    }

    pub(super) fn put(&mut self, ticket: u32, call: Call, seen: [Seen; 3], lease_ms: u64, now: Timestamp) {
        self.sends = self.sends.saturating_add(1);
        let lone = self.places.is_empty();
        let lease_ends = call.deadline.min(now.plus(lease_ms));
        self.places.push(Place { ticket, call, sent_at: now, lease_ends, nth: self.sends, lone, seen });
    }

    pub(super) fn free(&mut self, ticket: u32) -> Option<Place> {
        let at = self.places.iter().position(|place| place.ticket == ticket)?;
        Some(self.places.remove(at))
    }

    /// Frees a place whose lease ends not after `now`, if there is one.
    pub(super) fn free_due(&mut self, now: Timestamp) -> Option<Place> {
        let at = self.places.iter().position(|place| place.lease_ends <= now)?;
        Some(self.places.remove(at))
    }

    /// Whether no other call was in flight as long as this one was, which has just been freed.
    pub(super) const fn was_alone(&self, place: &Place) -> bool {
        place.lone && place.nth == self.sends
    }

    /// When a place becomes free at the latest.
    pub(super) fn first_lease(&self) -> Option<Timestamp> {
        self.places.iter().map(|place| place.lease_ends).min()
    }

    /// When the latest of those in flight was sent.
    pub(super) fn last_sent(&self) -> Option<Timestamp> {
        self.places.iter().map(|place| place.sent_at).max()
    }

    pub(super) fn shift_back(&mut self, ms: u64) {
        for place in &mut self.places {
            place.sent_at = place.sent_at.minus(ms);
            place.lease_ends = place.lease_ends.minus(ms);
            place.call.deadline = place.call.deadline.minus(ms);
        }
    }
}
