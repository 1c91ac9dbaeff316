//! Calls that wait.

use std::collections::VecDeque;

use crate::time::Timestamp;

/// Which calls go first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    /// When the caller gives up, queued or in flight. A place in flight is free again at this instant, whatever happened.
    pub deadline: Timestamp,
    /// Whether it can be sent again after Xero refused it for a limit: a read, or a write with an `Idempotency-Key`.
    pub repeatable: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    pub(super) ticket: u64,
    pub(super) call: Call,
}

/// Two lists, each by ticket and so in the order of arrival. A call that comes back gets its old place.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    urgent: VecDeque<Waiting>,
    normal: VecDeque<Waiting>,
    /// No deadline is earlier. It may be that of a call that has left.
    soonest: Option<Timestamp>,
}

impl Queue {
    fn list(&mut self, priority: Priority) -> &mut VecDeque<Waiting> {
        match priority {
            Priority::Urgent => &mut self.urgent,
            Priority::Normal => &mut self.normal,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.urgent.len().saturating_add(self.normal.len())
    }

    pub(super) fn len_of(&self, priority: Priority) -> usize {
        match priority {
            Priority::Urgent => self.urgent.len(),
            Priority::Normal => self.normal.len(),
        }
    }

    /// The call whose turn it is.
    pub(super) fn first(&self) -> Option<Waiting> {
        self.urgent.front().or_else(|| self.normal.front()).copied()
    }

    pub(super) fn put(&mut self, waiting: Waiting) {
        let list = self.list(waiting.call.priority);
        let at = list.partition_point(|other| other.ticket < waiting.ticket);
        list.insert(at, waiting);
        let deadline = waiting.call.deadline;
        self.soonest = Some(self.soonest.map_or(deadline, |soonest| soonest.min(deadline)));
    }

    /// Takes the call off the queue, if it is there.
    pub(super) fn remove(&mut self, ticket: u64) -> Option<Waiting> {
        [Priority::Urgent, Priority::Normal].into_iter().find_map(|priority| {
            let list = self.list(priority);
            let at = list.binary_search_by_key(&ticket, |waiting| waiting.ticket).ok()?;
            list.remove(at)
        })
    }

    pub(super) fn has(&self, ticket: u64) -> bool {
        [&self.urgent, &self.normal]
            .into_iter()
            .any(|list| list.binary_search_by_key(&ticket, |waiting| waiting.ticket).is_ok())
    }

    /// Takes all calls of `priority` off the queue.
    pub(super) fn clear(&mut self, priority: Priority) -> VecDeque<Waiting> {
        core::mem::take(self.list(priority))
    }

    /// Takes the calls off the queue whose deadline is not after `instant`.
    pub(super) fn due(&mut self, instant: Timestamp) -> Vec<Waiting> {
        let mut due = Vec::new();
        if self.soonest.is_none_or(|soonest| soonest > instant) {
            return due;
        }
        self.soonest = None;
        for list in [&mut self.urgent, &mut self.normal] {
            list.retain(|waiting| {
                let deadline = waiting.call.deadline;
                if deadline <= instant {
                    due.push(*waiting);
                    return false;
                }
                self.soonest = Some(self.soonest.map_or(deadline, |soonest| soonest.min(deadline)));
                true
            });
        }
        due
    }

    /// The latest instant at which to look at the deadlines again.
    pub(super) const fn soonest(&self) -> Option<Timestamp> {
        self.soonest
    }

    pub(super) fn shift_back(&mut self, ms: u64) {
        for waiting in self.urgent.iter_mut().chain(&mut self.normal) {
            waiting.call.deadline = waiting.call.deadline.minus(ms);
        }
        self.soonest = self.soonest.map(|soonest| soonest.minus(ms));
    }
}
