//! The decision.

use super::cap::Cap;
use super::event::{Action, Event, Standing, Wait, Why};
use super::flight::{Flight, Place};
use super::queue::{Call, Priority, Queue, Waiting};
use super::reading::{Problem, Reading};
use super::window::{APP_MINUTE, DAY, MINUTE, Room, Sent, Took, Window};
use super::{Config, error};
use crate::random::SplitMix64;
use crate::time::Timestamp;

const WINDOWS: [Why; 3] = [Why::Minute, Why::Day, Why::AppMinute];

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
    last_ticket: u32,
    queue: Queue,
    flight: Flight,
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
            flight: Flight::default(),
            cap: Cap::new(config.in_flight, config.recover_ms),
            windows: [Window::new(MINUTE), Window::new(DAY), Window::new(APP_MINUTE)],
            pause: None,
            day_over: None,
            strikes: 0,
            wait: None,
            random: SplitMix64::new(seed),
        }
    }

    /// A call wants to be sent. Gives its ticket, and what to do: exactly one of the actions is about this call.
    pub fn enter(&mut self, call: Call, now: Timestamp) -> (u32, Vec<Action>) {
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
            self.wait = self.wait.filter(|_| self.queue.len() > 0);
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
                if let Some(place) = self.flight.free(ticket) {
                    self.answered(&place, &reading, &mut actions);
                }
                self.admit(&mut actions);
                self.say_if_waiting(ticket, &mut actions);
            }
            Event::Lost { ticket } => {
                if self.queue.remove(ticket).is_none()
                    && let Some(place) = self.flight.free(ticket)
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
        let [minute, day, app_minute] = windows;
        Standing {
            in_flight: self.flight.len(),
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
            self.flight.shift_back(back_ms);
            self.cap.shift_back(back_ms);
            for window in &mut self.windows {
                window.shift_back(back_ms);
            }
            self.pause = self.pause.map(|until| until.minus(back_ms));
            self.day_over = self.day_over.map(|until| until.minus(back_ms));
        }
        self.pause = self.pause.filter(|&until| now < until);
        self.day_over = self.day_over.filter(|&until| now < until);
        for window in &mut self.windows {
            window.advance(now);
        }
        while let Some(place) = self.flight.free_due(now) {
            self.lost(&place);
        }
    }

    /// Whether it counted is not known, so it is taken to.
    fn lost(&mut self, place: &Place) {
        for window in &mut self.windows {
            window.count(place.sent_at, self.now);
        }
    }

    fn answered(&mut self, place: &Place, reading: &Reading, actions: &mut Vec<Action>) {
        let took = match reading.problem {
            None if reading.served => Took::Yes,
            None | Some(Problem::Offline) => Took::Perhaps,
            Some(_) => Took::No,
        };
        let sent = Sent {
            at: place.sent_at,
            alone: self.flight.was_alone(place),
            sends: self.flight.sends(),
            in_flight: self.flight.len(),
            took,
        };
        let lefts = [reading.minute_left, reading.day_left, reading.app_minute_left];
        for ((window, seen), left) in self.windows.iter_mut().zip(place.seen).zip(lefts) {
            window.answered(seen, sent, left, self.now);
        }
        let Some(problem) = reading.problem else {
            self.strikes = 0;
            return;
        };
        self.refused(problem, place, reading.retry_after_ms, actions);
        if place.call.repeatable && took == Took::No {
            self.queue.put(Waiting { ticket: place.ticket, call: place.call });
        }
    }

    fn refused(&mut self, problem: Problem, place: &Place, asked_ms: Option<u64>, actions: &mut Vec<Action>) {
        let now = self.now;
        let [minute, day, app_minute] = &mut self.windows;
        let window = match problem {
            Problem::Day => Some(day),
            Problem::Minute => Some(minute),
            Problem::AppMinute => Some(app_minute),
            Problem::Concurrent | Problem::Offline | Problem::Other => None,
        };
        let ends = window.and_then(|window| {
            window.refused(place.sent_at, asked_ms, now);
            // Of a day that may end at any time the latest instant says nothing.
            (problem != Problem::Day || window.is_precise()).then(|| window.ends_by(now))
        });
        if problem == Problem::Concurrent {
            self.cap.lower(self.flight.len(), now);
        }
        let until = match (asked_ms, ends) {
            (Some(ms), _) => now.plus(ms),
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

    fn open_pause_ms(&mut self) -> u64 {
        self.strikes = self.strikes.saturating_add(1);
        self.config.backoff.pause_ms(self.strikes, self.random.draw())
    }

    /// Answers every call whose time is up or whose day is over, then sends as many as there is room for.
    fn admit(&mut self, actions: &mut Vec<Action>) {
        for priority in [Priority::Urgent, Priority::Normal] {
            if self.queue.len_of(priority) > 0
                && let Some(until) = self.day_is_over(priority)
            {
                let fail = |Waiting { ticket, .. }| Action::Fail { ticket, error: error::day_over(until) };
                actions.extend(self.queue.take(|call| call.priority == priority).into_iter().map(fail));
            }
        }
        // A pause that outlasts the deadline is as good as the deadline.
        for waiting in self.queue.due(self.pause.unwrap_or(self.now)) {
            let error = error::not_in_time(self.wait, self.pause, self.now);
            actions.push(Action::Fail { ticket: waiting.ticket, error });
        }
        self.wait = None;
        while let Some(Waiting { ticket, call }) = self.queue.first() {
            self.wait = self.hindrance(call);
            if self.wait.is_some() {
                break;
            }
            self.queue.remove(ticket);
            let seen = self.windows.each_ref().map(Window::seen);
            self.flight.put(ticket, call, seen, self.config.lease_ms, self.now);
            actions.push(Action::Send { ticket });
        }
    }

    /// When the day ends that has no call left for this priority. Nothing waits for that.
    fn day_is_over(&self, priority: Priority) -> Option<Timestamp> {
        if self.day_over.is_some() {
            return self.day_over;
        }
        let [_, day, _] = &self.windows;
        let reserve = self.reserve(Why::Day, priority);
        if day.room(self.flight.len(), reserve, false) != Room::Spent {
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
        let in_flight = self.flight.len();
        let wait = |why, until| Some(Wait { why, until });
        if let Some(until) = self.pause {
            return wait(Why::Pause, until);
        }
        let leases = self.flight.first_lease();
        if in_flight >= self.cap.at(self.now) {
            let rises = self.cap.rises(self.now);
            return wait(Why::InFlight, leases.into_iter().chain(rises).min().unwrap_or(self.now));
        }
        let patient =
            self.flight.last_sent().map(|at| at.plus(self.config.patience_ms)).filter(|&until| until > self.now);
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
                // Once none is in flight, one alone may find out; a place may become free without a word.
                Room::Spent => {
                    let opens = window.opens_by(self.now);
                    return wait(why, leases.map_or(opens, |ends| ends.min(opens)));
                }
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

    fn say_if_waiting(&self, ticket: u32, actions: &mut Vec<Action>) {
        if let Some(wait) = self.wait.filter(|_| self.queue.has(ticket)) {
            actions.push(Action::Wait { ticket, wait });
        }
    }
}
