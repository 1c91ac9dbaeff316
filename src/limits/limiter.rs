//! The decision.

use super::cap::Cap;
use super::queue::{Call, Priority, Queue, Waiting};
use super::reading::{Problem, Reading};
use super::window::{APP_MINUTE, DAY, MINUTE, Room, Seen, Sent, Took, Window};
use super::{Config, error};
use crate::random::SplitMix64;
use crate::time::Timestamp;

/// The longest pause that an answer can ask for: a day, the longest window there is.
const LONGEST_PAUSE_MS: u64 = 86_400_000;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A call was answered.
    ///
    /// Refused for a limit, it goes back to its place in the queue if it is repeatable, and an action says so. Otherwise
    /// there is no action about it, and the answer is the caller's.
    Answered {
        /// The call, as in [`Action::Send`].
        ticket: u64,
        /// What the answer says about limits.
        reading: Reading,
    },
    /// A call is over without an answer, in the queue or in flight: aborted, timed out, or the connection broke.
    Lost {
        /// The call.
        ticket: u64,
    },
    /// The instant of [`Limiter::wake`] has come.
    Tick,
}

/// What the driver does now, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send the call; report [`Event::Answered`] or [`Event::Lost`].
    Send {
        /// The call.
        ticket: u64,
    },
    /// The call waits in the queue. A call that was refused for a limit may come back to it.
    Wait {
        /// The call.
        ticket: u64,
        /// What the queue waits for.
        wait: Wait,
    },
    /// The call is not sent; its caller gets this error.
    Fail {
        /// The call.
        ticket: u64,
        /// The error, with the instant from which on it is worth trying again where it is known.
        error: crate::error::Error,
    },
    /// Xero asked for a pause: nothing is sent before `until`. For people.
    Pause {
        /// The limit that was met.
        problem: Problem,
        /// The end of the pause.
        until: Timestamp,
    },
}

/// Why the queue waits, and until when at the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// What for.
    pub why: Why,
    /// When it is looked at again, if nothing happens before.
    pub until: Timestamp,
}

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// For the end of a pause that Xero asked for.
    Pause,
    /// For a call in flight to end: there are as many as there may be.
    InFlight,
    /// For the organisation's next minute, or for what the answers in flight say is left of this one.
    Minute,
    /// For what the answers in flight say is left of the organisation's day.
    Day,
    /// For the app's next minute, or for what the answers in flight say is left of this one.
    AppMinute,
}

impl Why {
    /// The word used in JavaScript and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::InFlight => "in_flight",
            Self::Minute => "minute",
            Self::Day => "day",
            Self::AppMinute => "app_minute",
        }
    }
}

/// Where the limits stand, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Calls in flight.
    pub in_flight: u32,
    /// How many there may be now.
    pub places: u32,
    /// Calls in the queue.
    pub queued: usize,
    /// What the queue waits for; `None` if it is empty.
    pub wait: Option<Wait>,
    /// Calls left of the organisation's minute, as Xero said last.
    pub minute_left: Option<u32>,
    /// Between which instants the organisation's minute ends.
    pub minute_ends: Option<(Timestamp, Timestamp)>,
    /// Calls left of the organisation's day, as Xero said last.
    pub day_left: Option<u32>,
    /// Calls of a whole day, 1,000 or 5,000, once it is known.
    pub day_size: Option<u32>,
    /// Calls left of the app's minute, as Xero said last.
    pub app_minute_left: Option<u32>,
}

/// A call in flight.
#[derive(Clone, Copy, Debug)]
struct Place {
    ticket: u64,
    call: Call,
    sent_at: Timestamp,
    /// How many calls had been sent by then, and whether it was the only one in flight.
    nth: u64,
    alone: bool,
    seen: [Seen; 3],
}

const WINDOWS: [Why; 3] = [Why::Day, Why::Minute, Why::AppMinute];

/// Admission to one organisation's API: places in flight, the windows, the pauses, and the queue before them.
///
/// Plain data: it can be cloned, moved, and thrown away.
///
/// ```
/// use xero_m2m::limits::{Action, Call, Config, Event, Headers, Limiter, Priority, Reading};
/// use xero_m2m::time::Timestamp;
///
/// let mut limiter = Limiter::new(Config::default(), 1);
/// let at = |seconds: u64| Timestamp::from_ms(seconds * 1_000);
///
/// let call = Call { priority: Priority::Normal, deadline: at(300), repeatable: true };
/// let (ticket, actions) = limiter.enter(call, at(0));
/// assert_eq!(actions, [Action::Send { ticket }]);
///
/// // Others have used up the minute: the call goes back to the queue, and is sent once the next minute has begun.
/// let headers = Headers { problem: "minute", retry_after: "20", ..Headers::default() };
/// limiter.handle(Event::Answered { ticket, reading: Reading::new(429, &headers, at(1)) }, at(1));
/// assert_eq!(limiter.handle(Event::Tick, at(20)), []);
/// assert_eq!(limiter.handle(Event::Tick, at(22)), [Action::Send { ticket }]);
/// ```
#[derive(Clone, Debug)]
pub struct Limiter {
    config: Config,
    /// The instant of the latest event.
    now: Timestamp,
    last_ticket: u64,
    queue: Queue,
    flight: Vec<Place>,
    sends: u64,
    cap: Cap,
    windows: [Window; 3],
    /// Nothing is sent before this instant.
    pause: Option<Timestamp>,
    /// Nothing is sent before this instant, and nothing waits for it.
    day_over: Option<Timestamp>,
    /// Refusals in a row that did not say for how long.
    strikes: u32,
    wait: Option<Wait>,
    random: SplitMix64,
}

impl Limiter {
    /// A limiter that knows nothing yet. `seed` feeds the jitter of the pauses whose length Xero leaves open.
    pub fn new(config: Config, seed: u64) -> Self {
        Self {
            config,
            now: Timestamp::default(),
            last_ticket: 0,
            queue: Queue::default(),
            flight: Vec::new(),
            sends: 0,
            cap: Cap::new(config.in_flight, config.recover_ms),
            windows: [Window::new(DAY), Window::new(MINUTE), Window::new(APP_MINUTE)],
            pause: None,
            day_over: None,
            strikes: 0,
            wait: None,
            random: SplitMix64::new(seed),
        }
    }

    /// A call wants to be sent. Gives its ticket, and what to do: exactly one of the actions is about this call.
    pub fn enter(&mut self, call: Call, now: Timestamp) -> (u64, Vec<Action>) {
        self.tick(now);
        self.last_ticket = self.last_ticket.saturating_add(1);
        let ticket = self.last_ticket;
        let mut actions = Vec::new();
        if call.deadline <= self.now {
            actions.push(Action::Fail { ticket, error: error::no_time() });
        } else {
            self.queue.put(Waiting { ticket, call });
        }
        self.admit(&mut actions);
        if self.queue.len_of(call.priority) > self.config.queue
            && let Some(Waiting { ticket, .. }) = self.queue.remove(ticket)
        {
            actions.push(Action::Fail { ticket, error: error::queue_full(self.config.queue, self.wait) });
        }
        self.say_if_waiting(ticket, &mut actions);
        (ticket, actions)
    }

    /// Takes note of `event`, which happened at `now`, and says what to do.
    ///
    /// An event about a call that is over means nothing.
    pub fn handle(&mut self, event: Event, now: Timestamp) -> Vec<Action> {
        self.tick(now);
        let mut actions = Vec::new();
        match event {
            Event::Answered { ticket, reading } => {
                if let Some(place) = self.free(ticket) {
                    self.answered(&place, &reading, &mut actions);
                }
                self.admit(&mut actions);
                self.say_if_waiting(ticket, &mut actions);
            }
            Event::Lost { ticket } => {
                if self.queue.remove(ticket).is_none()
                    && let Some(place) = self.free(ticket)
                {
                    self.lost(&place);
                }
                self.admit(&mut actions);
            }
            Event::Tick => self.admit(&mut actions),
        }
        actions
    }

    /// When to report [`Event::Tick`], if nothing happens before; `None` while nothing waits.
    pub fn wake(&self) -> Option<Timestamp> {
        let wait = self.wait?;
        Some(self.queue.soonest().map_or(wait.until, |soonest| soonest.min(wait.until)))
    }

    /// Where the limits stand at `now`.
    pub fn standing(&self, now: Timestamp) -> Standing {
        let mut windows = self.windows.clone();
        for window in &mut windows {
            window.advance(now);
        }
        let [day, minute, app_minute] = windows;
        Standing {
            in_flight: self.in_flight(),
            places: self.cap.at(now),
            queued: self.queue.len(),
            wait: self.wait,
            minute_left: minute.told(),
            minute_ends: minute.ends().map(|ends| (ends.from, ends.to)),
            day_left: day.told(),
            day_size: day.size(),
            app_minute_left: app_minute.told(),
        }
    }

    /// Comes to `now`. A clock that was set back takes everything along, as in the lifecycle of a token: what was ten
    /// seconds ahead still is.
    fn tick(&mut self, now: Timestamp) {
        let back_ms = self.now.since(now);
        self.now = now;
        if back_ms > 0 {
            self.queue.shift_back(back_ms);
            self.cap.shift_back(back_ms);
            for window in &mut self.windows {
                window.shift_back(back_ms);
            }
            for place in &mut self.flight {
                place.sent_at = place.sent_at.minus(back_ms);
                place.call.deadline = place.call.deadline.minus(back_ms);
            }
            self.pause = self.pause.map(|until| until.minus(back_ms));
            self.day_over = self.day_over.map(|until| until.minus(back_ms));
        }
        self.pause = self.pause.filter(|&until| now < until);
        self.day_over = self.day_over.filter(|&until| now < until);
        for window in &mut self.windows {
            window.advance(now);
        }
        while let Some(at) = self.flight.iter().position(|place| place.call.deadline <= now) {
            let place = self.flight.remove(at);
            self.lost(&place);
        }
    }

    fn free(&mut self, ticket: u64) -> Option<Place> {
        let at = self.flight.iter().position(|place| place.ticket == ticket)?;
        Some(self.flight.remove(at))
    }

    /// Whether it counted is not known, so it is taken to.
    fn lost(&mut self, place: &Place) {
        for window in &mut self.windows {
            window.count(place.sent_at, self.now);
        }
    }

    fn answered(&mut self, place: &Place, reading: &Reading, actions: &mut Vec<Action>) {
        let took = match reading.problem {
            Some(_) => Took::No,
            None if reading.served => Took::Yes,
            None => Took::Perhaps,
        };
        let sent = Sent {
            at: place.sent_at,
            alone: place.alone && place.nth == self.sends,
            sends: self.sends,
            in_flight: self.in_flight(),
            took,
        };
        let lefts = [reading.day_left, reading.minute_left, reading.app_minute_left];
        for ((window, seen), left) in self.windows.iter_mut().zip(place.seen).zip(lefts) {
            window.answered(seen, sent, left, self.now);
        }
        let Some(problem) = reading.problem else {
            self.strikes = 0;
            return;
        };
        self.refused(problem, place, reading.retry_after_ms, actions);
        if place.call.repeatable {
            self.queue.put(Waiting { ticket: place.ticket, call: place.call });
        }
    }

    fn refused(&mut self, problem: Problem, place: &Place, asked_ms: Option<u64>, actions: &mut Vec<Action>) {
        let now = self.now;
        let [day, minute, app_minute] = &mut self.windows;
        let window = match problem {
            Problem::Day => Some(day),
            Problem::Minute => Some(minute),
            Problem::AppMinute => Some(app_minute),
            Problem::Concurrent | Problem::Other => None,
        };
        let ends = window.and_then(|window| {
            window.refused(place.sent_at, asked_ms, now);
            // Of a day that may end at any time the latest instant says nothing.
            (problem != Problem::Day || window.is_precise()).then(|| window.ends_by(now))
        });
        if problem == Problem::Concurrent {
            self.cap.lower(self.in_flight(), now);
        }
        // No time at all is as good as none given: it must not be asked again and again.
        let until = match (asked_ms.filter(|&ms| ms > 0), ends) {
            (Some(ms), _) => now.plus(ms.min(LONGEST_PAUSE_MS)),
            (None, Some(ends)) => ends,
            (None, None) if problem == Problem::Day => now.plus(self.config.day_rest_ms),
            (None, None) => now.plus(self.open_pause_ms()),
        };
        let known = if problem == Problem::Day { &mut self.day_over } else { &mut self.pause };
        if known.is_none() {
            actions.push(Action::Pause { problem, until });
        }
        // Never shortened.
        *known = (*known).max(Some(until));
    }

    /// A pause whose length Xero leaves open: doubling, half of it left to chance.
    fn open_pause_ms(&mut self) -> u64 {
        let doubled = self.config.pause_ms.saturating_mul(1_u64.wrapping_shl(self.strikes.min(32)));
        self.strikes = self.strikes.saturating_add(1);
        let whole = doubled.min(self.config.pause_cap_ms);
        whole.saturating_sub(self.random.draw().checked_rem((whole / 2).saturating_add(1)).unwrap_or(0))
    }

    /// Answers every call whose time is up or whose day is over, then sends as many as there is room for.
    fn admit(&mut self, actions: &mut Vec<Action>) {
        for priority in [Priority::Urgent, Priority::Normal] {
            if self.queue.len_of(priority) > 0
                && let Some(until) = self.day_is_over(priority)
            {
                let fail = |Waiting { ticket, .. }| Action::Fail { ticket, error: error::day_over(until) };
                actions.extend(self.queue.clear(priority).into_iter().map(fail));
            }
        }
        // A pause that outlasts the deadline is as good as the deadline.
        for waiting in self.queue.due(self.pause.unwrap_or(self.now)) {
            let error = error::not_in_time(self.wait, self.pause);
            actions.push(Action::Fail { ticket: waiting.ticket, error });
        }
        self.wait = None;
        while let Some(Waiting { ticket, call }) = self.queue.first() {
            self.wait = self.hindrance(call);
            if self.wait.is_some() {
                break;
            }
            self.queue.remove(ticket);
            self.sends = self.sends.saturating_add(1);
            self.flight.push(Place {
                ticket,
                call,
                sent_at: self.now,
                nth: self.sends,
                alone: self.flight.is_empty(),
                seen: self.windows.each_ref().map(Window::seen),
            });
            actions.push(Action::Send { ticket });
        }
    }

    /// When the day ends that has no call left for this priority. Nothing waits for that.
    fn day_is_over(&self, priority: Priority) -> Option<Timestamp> {
        if self.day_over.is_some() {
            return self.day_over;
        }
        let [day, ..] = &self.windows;
        let reserve = self.reserve(Why::Day, priority);
        if day.room(self.in_flight(), reserve, false) != Room::Spent {
            return None;
        }
        match (day.is_precise(), reserve) {
            (true, _) => Some(day.ends_by(self.now)),
            // Who may use the last call may also ask when the day ends.
            (false, 0) => None,
            (false, _) => Some(self.now.plus(self.config.day_rest_ms)),
        }
    }

    /// Why a call cannot be sent now; `None` if it can.
    fn hindrance(&self, call: Call) -> Option<Wait> {
        let in_flight = self.in_flight();
        let wait = |why, until| Some(Wait { why, until });
        if let Some(until) = self.pause {
            return wait(Why::Pause, until);
        }
        let leases = self.flight.iter().map(|place| place.call.deadline).min();
        if in_flight >= self.cap.at(self.now) {
            let rises = self.cap.rises(self.now);
            return wait(Why::InFlight, leases.into_iter().chain(rises).min().unwrap_or(self.now));
        }
        let last_sent = self.flight.iter().map(|place| place.sent_at).max();
        let patient = last_sent.map(|at| at.plus(self.config.patience_ms)).filter(|&until| until > self.now);
        for (window, why) in self.windows.iter().zip(WINDOWS) {
            let reserve = self.reserve(why, call.priority);
            match window.room(in_flight, reserve, patient.is_none()) {
                Room::Open => {}
                Room::Answers => return wait(why, patient.or(leases).unwrap_or(self.now)),
                // One call alone finds out when the window ends.
                Room::Spent
                    if in_flight == 0
                        && reserve == 0
                        && (call.repeatable || why == Why::Day)
                        && !window.is_precise() => {}
                Room::Spent => return wait(why, window.ends_by(self.now)),
            }
        }
        None
    }

    fn reserve(&self, why: Why, priority: Priority) -> u32 {
        match (why, priority) {
            (Why::Minute, Priority::Normal) => self.config.minute_reserve,
            (Why::Day, Priority::Normal) => self.config.day_reserve,
            _ => 0,
        }
    }

    fn say_if_waiting(&self, ticket: u64, actions: &mut Vec<Action>) {
        if let Some(wait) = self.wait.filter(|_| self.queue.has(ticket)) {
            actions.push(Action::Wait { ticket, wait });
        }
    }

    fn in_flight(&self) -> u32 {
        u32::try_from(self.flight.len()).unwrap_or(u32::MAX)
    }
}
