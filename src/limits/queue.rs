//! Calls that wait.

use crate::time::Timestamp;

/// Which calls go first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Before every normal call, and from the reserve too.
    Urgent,
    /// After the urgent ones.
    #[default]
    Normal,
}

/// A call that wants to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Which calls it goes before.
    pub priority: Priority,
    /// When the caller gives up, queued or in flight. A place in flight is free again at this instant at the latest.
    pub deadline: Timestamp,
    /// Whether it can be sent again after Xero refused it for a limit: a read, or a write with an `Idempotency-Key`.
    pub repeatable: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    pub(super) ticket: u32,
    pub(super) call: Call,
}

impl Waiting {
    const fn place(&self) -> (Priority, u32) {
        (self.call.priority, self.ticket)
    }
}

/// The calls in their order: the urgent ones first, then by ticket, which is the order of arrival. A call that comes back
/// gets its old place.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    calls: Vec<Waiting>,
    /// No deadline is earlier. It may be that of a call that has left.
    soonest: Option<Timestamp>,
}

impl Queue {
    pub(super) const fn len(&self) -> usize {
        self.calls.len()
    }

    pub(super) fn len_of(&self, priority: Priority) -> usize {
        let urgent = self.calls.partition_point(|waiting| waiting.call.priority == Priority::Urgent);
        match priority {
            Priority::Urgent => urgent,
            Priority::Normal => self.calls.len().saturating_sub(urgent),
        }
    }

    /// The call whose turn it is.
    pub(super) fn first(&self) -> Option<Waiting> {
        self.calls.first().copied()
    }

    pub(super) fn put(&mut self, waiting: Waiting) {
        let at = self.calls.partition_point(|other| other.place() < waiting.place());
        self.calls.insert(at, waiting);
        let deadline = waiting.call.deadline;
        self.soonest = Some(self.soonest.map_or(deadline, |soonest| soonest.min(deadline)));
    }

    /// Takes the call off the queue, if it is there.
    pub(super) fn remove(&mut self, ticket: u32) -> Option<Waiting> {
        Some(self.calls.remove(self.find(ticket)?))
    }

    pub(super) fn has(&self, ticket: u32) -> bool {
        self.find(ticket).is_some()
    }

    fn find(&self, ticket: u32) -> Option<usize> {
        self.calls.iter().position(|waiting| waiting.ticket == ticket)
    }

    /// Takes the calls off the queue that `leaves` is true of.
    pub(super) fn take(&mut self, leaves: impl Fn(&Call) -> bool) -> Vec<Waiting> {
        let (gone, left) = self.calls.iter().partition(|waiting| leaves(&waiting.call));
        self.calls = left;
        self.soonest = self.calls.iter().map(|waiting| waiting.call.deadline).min();
        gone
    }

    /// Takes the calls off the queue whose deadline is not after `instant`.
    pub(super) fn due(&mut self, instant: Timestamp) -> Vec<Waiting> {
        if self.soonest.is_none_or(|soonest| soonest > instant) {
            return Vec::new();
        }
        self.take(|call| call.deadline <= instant)
    }

    /// The latest instant at which to look at the deadlines again.
    pub(super) const fn soonest(&self) -> Option<Timestamp> {
        self.soonest
    }

    pub(super) fn shift_back(&mut self, ms: u64) {
        for waiting in &mut self.calls {
            waiting.call.deadline = waiting.call.deadline.minus(ms);
        }
        self.soonest = self.soonest.map(|soonest| soonest.minus(ms));
    }
}
