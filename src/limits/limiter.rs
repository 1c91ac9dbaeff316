//! The limiter: the queue of one process before the admission of one organisation.

use super::admission::{Admission, DayOver};
use super::event::{LimitsAction, LimitsEvent, LimitsStatus, Wait};
use super::queue::{Priority, Queue, QueuedCall, Waiting};
use super::{LimitsConfig, Load, error};
use crate::time::Timestamp;

/// Decides when each call to one organisation's API is sent.
///
/// A driver reports every call that is to be sent ([`Self::enter`]) and everything that happens ([`Self::handle`]), performs
/// the actions of each report in order, and reports a tick at the instant of [`Self::wake`].
///
/// ```
/// use xero_m2m::limits::{Headers, Limiter, LimitsAction, LimitsConfig, LimitsEvent, Priority, QueuedCall, Reading};
/// use xero_m2m::time::Timestamp;
///
/// let mut limiter = Limiter::new(LimitsConfig::default(), 1);
/// let at = |seconds: u64| Timestamp::from_ms(seconds * 1_000);
///
/// let call = QueuedCall { priority: Priority::Normal, deadline: at(300), repeatable: true };
/// let (ticket, actions) = limiter.enter(call, at(0));
/// assert_eq!(actions, [LimitsAction::Send { ticket }]);
///
/// // Others have used up the minute: the call goes back to the queue, and is sent once the next minute has begun.
/// let headers = Headers { problem: "minute", retry_after: "20", ..Headers::default() };
/// limiter.handle(LimitsEvent::Answered { ticket, reading: Reading::new(429, &headers, at(1)) }, at(1));
/// assert_eq!(limiter.handle(LimitsEvent::Tick, at(20)), []);
/// assert_eq!(limiter.handle(LimitsEvent::Tick, at(22)), [LimitsAction::Send { ticket }]);
/// ```
#[derive(Clone, Debug)]
pub struct Limiter {
    admission: Admission,
    queue: Queue,
    /// The number of calls of each priority that may wait.
    longest_queue: usize,
    last_ticket: u32,
    wait: Option<Wait>,
}

impl Limiter {
    /// A limiter that knows nothing yet. `seed` feeds the jitter of the pauses whose length Xero leaves open.
    pub fn new(config: LimitsConfig, seed: u64) -> Self {
        Self {
            admission: Admission::new(config, seed),
            queue: Queue::default(),
            longest_queue: config.queue,
            last_ticket: 0,
            wait: None,
        }
    }

    /// Reports a call that is to be sent. Returns its ticket and the actions: exactly one of them names this call.
    pub fn enter(&mut self, call: QueuedCall, now: Timestamp) -> (u32, Vec<LimitsAction>) {
        self.tick(now);
        self.last_ticket = self.last_ticket.saturating_add(1);
        let ticket = self.last_ticket;
        let mut actions = Vec::new();
        if call.deadline <= now {
            actions.push(LimitsAction::Fail { ticket, error: error::no_time() });
        } else {
            self.queue.put(Waiting { ticket, call });
        }
        self.admit(&mut actions);
        if self.queue.len_of(call.priority) > self.longest_queue
            && let Some(Waiting { ticket, .. }) = self.queue.remove(ticket)
        {
            actions.push(LimitsAction::Fail { ticket, error: error::queue_full(self.longest_queue, self.wait) });
            self.wait = self.wait.filter(|_| self.queue.len() > 0);
        }
        self.report_wait(ticket, &mut actions);
        (ticket, actions)
    }

    /// Reports an event that happened at `now`. Returns the actions.
    ///
    /// An event about a call that is over changes nothing.
    pub fn handle(&mut self, event: LimitsEvent, now: Timestamp) -> Vec<LimitsAction> {
        self.tick(now);
        let mut actions = Vec::new();
        match event {
            LimitsEvent::Answered { ticket, reading } => {
                let call = self.queue.landed(ticket);
                if let Some(freed) = self.admission.answered(ticket, &reading) {
                    actions.extend(freed.pause.map(|(problem, until)| LimitsAction::Pause { problem, until }));
                    if let Some(call) = call.filter(|waiting| freed.refused && waiting.call.repeatable) {
                        self.queue.put(call);
                    }
                }
                self.admit(&mut actions);
                self.report_wait(ticket, &mut actions);
            }
            LimitsEvent::Lost { ticket } => {
                if self.queue.remove(ticket).is_none() {
                    self.queue.landed(ticket);
                    self.admission.lost(ticket);
                }
                self.admit(&mut actions);
            }
            LimitsEvent::Allowed(allowance) => {
                self.admission.allow(allowance);
                self.admit(&mut actions);
            }
            LimitsEvent::Tick => self.admit(&mut actions),
        }
        actions
    }

    /// The instant at which to report [`LimitsEvent::Tick`], if nothing happens before; `None` while no call waits.
    pub fn wake(&self) -> Option<Timestamp> {
        let wait = self.wait?;
        Some(self.queue.soonest().map_or(wait.until, |soonest| soonest.min(wait.until)))
    }

    /// The state of the limits at `now`.
    pub fn status(&self, now: Timestamp) -> LimitsStatus {
        self.admission.status(self.queue.len(), self.wait, now)
    }

    /// What a fleet has to know of this process; `None` without a fleet.
    pub fn load(&self) -> Option<Load> {
        self.admission.allowance()?;
        let (sends, in_flight) = self.admission.sends();
        let waiting = |priority| u32::try_from(self.queue.len_of(priority)).unwrap_or(u32::MAX);
        let repeatable = self.queue.first().is_some_and(|waiting| waiting.call.repeatable);
        Some(Load { sends, in_flight, normal: waiting(Priority::Normal), high: waiting(Priority::High), repeatable })
    }

    /// Checks that the allowance of a fleet lets no call go out any more, also none that has a slot.
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.admission.allowance().is_some_and(|allowance| allowance.until <= now)
    }

    /// The slots, windows and pauses, to be saved.
    pub const fn admission(&self) -> &Admission {
        &self.admission
    }

    /// Replaces the slots, windows and pauses by restored ones. Report [`LimitsEvent::Tick`] next. The calls that wait stay;
    /// calls in flight that are not in `admission` are over.
    pub fn resume(&mut self, admission: Admission) {
        self.last_ticket = self.last_ticket.max(admission.last_ticket());
        self.admission = admission;
    }

    /// Moves on to `now`, with all that ends on the way.
    fn tick(&mut self, now: Timestamp) {
        let back_ms = self.admission.tick(now);
        if back_ms > 0 {
            self.queue.shift_back(back_ms);
        }
        while let Some(ticket) = self.admission.free_due() {
            self.queue.landed(ticket);
        }
    }

    /// Fails every call whose deadline has passed or whose day is over, then sends calls as long as there is room.
    fn admit(&mut self, actions: &mut Vec<LimitsAction>) {
        for priority in [Priority::High, Priority::Normal] {
            if self.queue.len_of(priority) > 0
                && let Some(DayOver { until, reserved }) = self.admission.day_over(priority)
            {
                let fail =
                    |Waiting { ticket, .. }| LimitsAction::Fail { ticket, error: error::day_over(reserved, until) };
                actions.extend(self.queue.take(|call| call.priority == priority).into_iter().map(fail));
            }
        }
        let (now, pause) = (self.admission.now(), self.admission.pause());
        // A pause that outlasts the deadline is as good as the deadline.
        for waiting in self.queue.due(pause.unwrap_or(now)) {
            actions
                .push(LimitsAction::Fail { ticket: waiting.ticket, error: error::not_in_time(self.wait, pause, now) });
        }
        self.wait = None;
        while let Some(Waiting { ticket, call }) = self.queue.first() {
            self.wait = self.admission.wait(call);
            if self.wait.is_some() {
                break;
            }
            self.queue.send_first();
            self.admission.take(ticket, call.deadline);
            actions.push(LimitsAction::Send { ticket });
        }
    }

    /// Adds the action for a call that waits.
    fn report_wait(&self, ticket: u32, actions: &mut Vec<LimitsAction>) {
        if let Some(wait) = self.wait.filter(|_| self.queue.has(ticket)) {
            actions.push(LimitsAction::Wait { ticket, wait });
        }
    }
}
