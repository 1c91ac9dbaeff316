//! Calls that wait, and the calls of this process that are in flight.

use crate::time::Timestamp;

/// The order of calls: high priority goes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Before every normal call, and from the reserve too.
    High,
    /// After the calls of high priority.
    #[default]
    Normal,
}

/// A call that is to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueuedCall {
    /// The priority, which decides the order.
    pub priority: Priority,
    /// The instant at which the caller gives up, queued or in flight. Its slot is free at this instant at the latest.
    pub deadline: Timestamp,
    /// True if it can be sent again after Xero refused it for a limit: a read, or a write with an `Idempotency-Key`.
    pub repeatable: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    pub(super) ticket: u32,
    pub(super) call: QueuedCall,
}

impl Waiting {
    const fn position(&self) -> (Priority, u32) {
        (self.call.priority, self.ticket)
    }
}

/// The calls in their order: high priority first, then by ticket, which is the order of arrival. A call that returns gets
/// its old position.
///
/// It belongs to the process whose callers wait; nothing in it is shared or saved.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    waiting: Vec<Waiting>,
    /// The calls that were sent and may return.
    sent: Vec<Waiting>,
    /// No deadline is earlier. It may be that of a call that has left.
    soonest: Option<Timestamp>,
}

impl Queue {
    pub(super) const fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn len_of(&self, priority: Priority) -> usize {
        let high = self.waiting.partition_point(|waiting| waiting.call.priority == Priority::High);
        match priority {
            Priority::High => high,
            Priority::Normal => self.waiting.len().saturating_sub(high),
        }
    }

    /// The call whose turn it is.
    pub(super) fn first(&self) -> Option<Waiting> {
        self.waiting.first().copied()
    }

    pub(super) fn put(&mut self, waiting: Waiting) {
        let at = self.waiting.partition_point(|other| other.position() < waiting.position());
        self.waiting.insert(at, waiting);
        let deadline = waiting.call.deadline;
        self.soonest = Some(self.soonest.map_or(deadline, |soonest| soonest.min(deadline)));
    }

    /// Takes the call whose turn it is off the queue: it is sent.
    pub(super) fn send_first(&mut self) {
        if !self.waiting.is_empty() {
            self.sent.push(self.waiting.remove(0));
        }
    }

    /// Ends the flight of a call that was sent. Returns it if it was sent by this process.
    pub(super) fn landed(&mut self, ticket: u32) -> Option<Waiting> {
        let at = self.sent.iter().position(|sent| sent.ticket == ticket)?;
        Some(self.sent.remove(at))
    }

    /// Takes the call off the queue, if it is there.
    pub(super) fn remove(&mut self, ticket: u32) -> Option<Waiting> {
        Some(self.waiting.remove(self.find(ticket)?))
    }

    pub(super) fn has(&self, ticket: u32) -> bool {
        self.find(ticket).is_some()
    }

    fn find(&self, ticket: u32) -> Option<usize> {
        self.waiting.iter().position(|waiting| waiting.ticket == ticket)
    }

    /// Takes the calls off the queue for which `leaves` is true.
    pub(super) fn take(&mut self, leaves: impl Fn(&QueuedCall) -> bool) -> Vec<Waiting> {
        let (gone, left) = self.waiting.iter().partition(|waiting| leaves(&waiting.call));
        self.waiting = left;
        self.soonest = self.waiting.iter().map(|waiting| waiting.call.deadline).min();
        gone
    }

    /// Takes the calls off the queue whose deadline is not after `instant`.
    pub(super) fn due(&mut self, instant: Timestamp) -> Vec<Waiting> {
        if self.soonest.is_none_or(|soonest| soonest > instant) {
            return Vec::new();
        }
        self.take(|call| call.deadline <= instant)
    }

    /// The latest instant for the next look at the deadlines.
    pub(super) const fn soonest(&self) -> Option<Timestamp> {
        self.soonest
    }

    pub(super) fn shift_back(&mut self, ms: u64) {
        for waiting in self.waiting.iter_mut().chain(&mut self.sent) {
            waiting.call.deadline = waiting.call.deadline.minus(ms);
        }
        self.soonest = self.soonest.map(|soonest| soonest.minus(ms));
    }
}
