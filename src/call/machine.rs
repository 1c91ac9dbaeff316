//! The decisions about calls.

use std::collections::VecDeque;

use super::action::{Action, Token};
use super::caller::{Call, Caller, Callers, History, Plan, State};
use super::event::{Answer, Before, Begin, Event, KeyGiven, Loaded, Now};
use super::outcome::{self, Key, Unsettled};
use super::retry::{self, Kind, Tried};
use crate::connection::{Again, Connection};
use crate::error::{Code, Error};
use crate::limits::{self, Priority, Reading};
use crate::random::SplitMix64;
use crate::request::ApiAnswer;
use crate::request::{TokenRequest, check_body};
use crate::secret::Secret;
use crate::time::Timestamp;
use crate::token::TokenAction;
use crate::token::answer::Body;

/// The numbers of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// The time that an attempt at a call has until its answer begins, and a call to wait for a token, in milliseconds.
    pub timeout_ms: u64,
    /// Retries.
    pub retry: retry::Config,
    /// The driver wants the actions for a listener.
    pub inform: bool,
    /// Each call has a driver of its own, as each request of an edge network has, and these drivers share the machine. No other
    /// may go on with a call: it gets [`Action::Resume`] in its mailbox instead.
    pub isolated: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self { timeout_ms: 30_000, retry: retry::Config::default(), inform: false, isolated: false }
    }
}

/// The time that a driver has at least to go on with its call, in milliseconds.
const DRIVER_MS: u64 = 1_000;

/// The time that a call of a driver which is gone is kept after its deadline, in milliseconds.
const GONE_MS: u64 = 60_000;

/// The stream of randomness that the pauses between retries come from.
const RETRIES: u64 = 1;

/// One connection and all calls under way. See the [module](super) for the contract with its driver.
///
/// ```
/// use xero_m2m::call::{Action, Begin, Config, Event, KeyGiven, Machine, Now};
/// use xero_m2m::connection::{Connection, Options};
/// use xero_m2m::error::{Code, Error};
/// use xero_m2m::limits;
/// use xero_m2m::request::BaseUrl;
/// use xero_m2m::time::Timestamp;
/// use xero_m2m::token;
///
/// let connection = Connection::new(Options {
///     client_id: "an id".to_owned(),
///     scopes: None,
///     created_on: None,
///     organisation: None,
///     preflight: true,
///     identity_url: BaseUrl::parse("https://identity.xero.com")?,
///     api_url: BaseUrl::parse("https://api.xero.com")?,
///     lifecycle: token::LifecycleConfig::default(),
///     limits: Some(limits::Config::default()),
///     seed: 1,
/// })?;
/// // A program has a JSON parser here.
/// let mut machine = Machine::new(connection, Config::default(), |_| None, 1);
/// let at = |seconds: u64| Timestamp::from_ms(1_000_000_000_000 + seconds * 1_000);
/// let now = |seconds: u64| Now { clock: at(seconds), measured: at(seconds) };
///
/// let call = Begin {
///     call: 1,
///     method: "GET".to_owned(),
///     target: "/Organisation".to_owned(),
///     has_body: false,
///     resendable: true,
///     key: KeyGiven::None,
///     high_priority: false,
///     deadline: at(20),
///     before: None,
/// };
/// let actions = machine.handle(Event::Begin(call), now(0));
/// assert!(matches!(actions[..], [Action::Ask { attempt: 1 }]));
///
/// // The identity service cannot be reached. The call waits for another attempt, not longer than half a second.
/// let error = Error::new(Code::Offline, "cannot reach identity.xero.com");
/// assert!(machine.handle(Event::TokenLost { attempt: 1, error }, now(1)).is_empty());
/// assert!(machine.wake().is_some_and(|wake| wake <= at(2)));
/// let actions = machine.handle(Event::Tick, now(2));
/// assert!(matches!(actions[..], [Action::Ask { attempt: 2 }]));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct Machine {
    connection: Connection,
    config: Config,
    parse: fn(&str) -> Option<Body>,
    random: SplitMix64,
    callers: Callers,
    /// The measured instant at which the session has to be looked at.
    token_wake: Option<Timestamp>,
}

/// An event while it is handled.
struct Turn {
    now: Now,
    /// The caller that the event is about.
    subject: Option<u32>,
    /// Actions of the limiter that are not performed yet. A list, because performing one may make others.
    limits: VecDeque<limits::Action>,
    actions: Vec<Action>,
}

impl Turn {
    fn push(&mut self, action: Action) {
        self.actions.push(action);
    }
}

impl Machine {
    /// A machine without calls. `parse` reads the JSON of token answers, `seed` feeds the jitter of the pauses.
    pub fn new(connection: Connection, config: Config, parse: fn(&str) -> Option<Body>, seed: u64) -> Self {
        let random = SplitMix64::stream(seed, RETRIES);
        Self { connection, config, parse, random, callers: Callers::default(), token_wake: None }
    }

    /// Takes note of `event`, which happened at `now`, and returns what to do.
    pub fn handle(&mut self, event: Event<'_>, now: Now) -> Vec<Action> {
        let mut turn = Turn { now, subject: event.call(), limits: VecDeque::new(), actions: Vec::new() };
        self.note(event, &mut turn);
        while let Some(action) = turn.limits.pop_front() {
            self.limit(action, &mut turn);
        }
        self.token_wake = self.connection.session.wake().map(|at| now.to_measured(at));
        turn.actions
    }

    /// The measured instant at which to report [`Event::Tick`], if nothing happens before; `None` while nothing waits.
    pub fn wake(&self) -> Option<Timestamp> {
        let limits = self.connection.organisation.limiter.as_ref().and_then(limits::Limiter::wake);
        limits.into_iter().chain(self.callers.wake()).chain(self.token_wake).min()
    }

    /// Ends every call with the error that the client was closed, and returns what to do. Nothing is to be reported afterwards.
    pub fn close(&mut self, now: Now) -> Vec<Action> {
        let mut turn = Turn { now, subject: None, limits: VecDeque::new(), actions: Vec::new() };
        for number in self.callers.numbers(|_| true) {
            self.fail(number, Error::new(Code::Closed, "the client was closed; make a new one"), &mut turn);
        }
        turn.actions
    }

    /// The bytes of the token request of `attempt`, which is sent now, and the instant by the clock at which to give it up.
    ///
    /// # Errors
    /// `invalid_option` if the secret is empty or has a control character.
    pub fn token_request(
        &mut self,
        attempt: u32,
        secret: &Secret<String>,
        clock: Timestamp,
    ) -> Result<(TokenRequest, Timestamp), Error> {
        let request = self.connection.session.token_request(attempt, secret)?;
        Ok((request, self.connection.session.sent(attempt, clock)))
    }

    /// The connection.
    pub const fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// The number of callers.
    pub fn callers(&self) -> usize {
        self.callers.len()
    }

    fn note(&mut self, event: Event<'_>, turn: &mut Turn) {
        let clock = turn.now.clock;
        let session = &mut self.connection.session;
        match event {
            Event::Begin(begin) => self.begin(begin, turn),
            Event::Want { call, deadline } => {
                if !self.callers.has(call) {
                    let state = State::Token { look: deadline, by: deadline };
                    self.callers.put(Caller { number: call, deadline, state, call: None });
                    self.want(call, turn);
                }
            }
            Event::Resume { call } => self.resume(call, turn),
            Event::Answered { call, answer } => self.answered(call, &answer, turn),
            Event::Body { call, text } => {
                if let Some(Caller { state: State::Body { .. }, .. }) = self.callers.get(call) {
                    self.unauthorised(call, text, None, turn);
                }
            }
            Event::Lost { call, error, sent } => self.lost(call, error, sent, turn),
            Event::Aborted { call } => {
                if let Some(caller) = self.callers.remove(call) {
                    self.free(caller.call.and_then(|call| call.ticket), turn);
                }
            }
            Event::Tick => self.tick(turn),
            Event::TokenAnswered { attempt, answer, more_secrets } => {
                let answered = session.answered(attempt, &answer, more_secrets, clock, &self.parse);
                let access_token = answered.grant.map(|grant| grant.access_token);
                self.tokens(answered.actions, access_token.as_ref(), turn);
                if let Some(again) = answered.again {
                    turn.push(Action::AskAgain { attempt, next_secret: again == Again::NextSecret });
                }
                if let Some(code) = answered.refused.filter(|_| self.config.inform) {
                    turn.push(Action::Refused { code });
                }
                self.serve(turn);
            }
            Event::TokenLost { attempt, error } => {
                let actions = session.unanswered(attempt, error, clock);
                self.tokens(actions, None, turn);
                self.serve(turn);
            }
            Event::Loaded(loaded) => {
                let (access_token, actions) = match loaded {
                    Some(Loaded { access_token, stored, scopes }) => {
                        let actions = session.loaded_token(&access_token, stored, scopes, clock, &self.parse);
                        (Some(access_token), actions)
                    }
                    None => (None, session.loaded(None, None, clock)),
                };
                self.tokens(actions, access_token.as_ref(), turn);
                self.serve(turn);
            }
            Event::Saved { generation, result } => {
                let answered = session.saved(generation, result, clock);
                let access_token = answered.grant.map(|grant| grant.access_token);
                self.tokens(answered.actions, access_token.as_ref(), turn);
                self.serve(turn);
            }
            Event::Forget => {
                let actions = session.forget(clock);
                self.tokens(actions, None, turn);
                self.serve(turn);
            }
        }
    }

    // A call begins.

    fn begin(&mut self, begin: Begin, turn: &mut Turn) {
        let number = begin.call;
        if self.callers.has(number) {
            return;
        }
        self.forget_gone(turn);
        match self.caller(begin, turn.now) {
            Ok(caller) => {
                let is_in_flight = caller.state == State::InFlight;
                self.callers.put(caller);
                if !is_in_flight {
                    self.seek(number, turn);
                }
            }
            Err(error) => turn.push(Action::Fail { call: number, error }),
        }
    }

    fn caller(&self, begin: Begin, now: Now) -> Result<Caller, Error> {
        let Begin { call: number, method, target, has_body, resendable, key, high_priority, deadline, before } = begin;
        check_body(&method, has_body)?;
        let call = self.connection.read(&method, &target)?;
        let makes_key = match key {
            KeyGiven::None | KeyGiven::Own => false,
            KeyGiven::IfTaken | KeyGiven::Required => outcome::makes_key(&call, key == KeyGiven::Required)?,
        };
        let first_sent =
            before.map(|Before { first_sent, .. }| Now { clock: now.to_clock(first_sent), measured: first_sent });
        let is_sent = first_sent.is_some();
        let is_in_flight = before.is_some_and(|before| before.in_flight);
        let plan = if is_in_flight { None } else { Some(Plan::new(&self.connection, call)?) };
        let call = Call {
            kind: Kind::of(&method, makes_key || key == KeyGiven::Own),
            method,
            target,
            resendable,
            priority: if high_priority { Priority::High } else { Priority::Normal },
            makes_key,
            plan,
            ticket: None,
            history: History { first_sent, unsettled: is_sent, was_unsettled: is_sent, ..History::default() },
        };
        let state = if is_in_flight { State::InFlight } else { State::Pause { until: now.measured } };
        Ok(Caller { number, deadline, state, call: Some(call) })
    }

    /// Plans a call anew if its plan was used, or made when the session had other scopes.
    fn plan(&mut self, number: u32) -> Result<(), Error> {
        let Self { connection, callers, .. } = self;
        let Some(Caller { call: Some(call), .. }) = callers.get(number) else { return Ok(()) };
        if call.plan.as_ref().is_none_or(|plan| plan.revision != connection.session.revision()) {
            call.plan = Some(Plan::new(connection, connection.read(&call.method, &call.target)?)?);
        }
        Ok(())
    }

    // It takes a token, then a place, then looks at its token again.

    /// Goes on with a call that has neither. It is planned first: a call that cannot be sent needs no token. And a token comes
    /// before a place, which is of no use without.
    fn seek(&mut self, number: u32, turn: &mut Turn) {
        if let Err(error) = self.plan(number) {
            return self.fail(number, error, turn);
        }
        let by = turn.now.measured.plus(self.config.timeout_ms);
        self.want_by(number, by, turn);
    }

    fn want_by(&mut self, number: u32, by: Timestamp, turn: &mut Turn) {
        if let Some(caller) = self.callers.get(number) {
            let by = by.min(caller.deadline);
            caller.state = State::Token { look: by, by };
            self.go_on(number, turn);
        }
    }

    /// Has a caller that waits for a token ask for it: at once, or by its own driver.
    fn go_on(&mut self, number: u32, turn: &mut Turn) {
        if !self.config.isolated || turn.subject == Some(number) {
            return self.want(number, turn);
        }
        if let Some(caller) = self.callers.get(number)
            && let State::Token { by, .. } = caller.state
        {
            caller.state = State::Driver { by, until: by.max(turn.now.measured.plus(DRIVER_MS)) };
            turn.push(Action::Resume { call: number });
        }
    }

    fn resume(&mut self, number: u32, turn: &mut Turn) {
        if let Some(caller) = self.callers.get(number)
            && let State::Driver { by, .. } = caller.state
        {
            caller.state = State::Token { look: by, by };
            self.want(number, turn);
        }
    }

    fn want(&mut self, number: u32, turn: &mut Turn) {
        let Some(caller) = self.callers.get(number) else { return };
        let State::Token { by, .. } = caller.state else { return };
        let session = &mut self.connection.session;
        let Now { clock, .. } = turn.now;
        if let Some(generation) = session.ready(clock) {
            return self.has_token(number, generation, by, turn);
        }
        let mut found = None;
        let mut wait = by;
        for action in session.want(turn.now.to_clock(by), clock) {
            match action {
                TokenAction::Use { generation } => found = Some(generation),
                TokenAction::Send { attempt, .. } => turn.push(Action::Ask { attempt }),
                TokenAction::Load => turn.push(Action::Load),
                TokenAction::Wait { until, .. } => wait = turn.now.to_measured(until).min(by),
                TokenAction::Fail { error } => return self.fail(number, error, turn),
                // Of answers.
                TokenAction::Keep { .. } | TokenAction::Save { .. } | TokenAction::Erase => {}
            }
        }
        match found {
            Some(generation) => self.has_token(number, generation, by, turn),
            None => caller.state = State::Token { look: wait, by },
        }
    }

    fn has_token(&mut self, number: u32, generation: u32, by: Timestamp, turn: &mut Turn) {
        match self.callers.get(number).map(|caller| caller.call.as_ref().map(|call| call.ticket.is_some())) {
            Some(Some(true)) => self.send(number, generation, by, turn),
            Some(Some(false)) => self.enter(number, generation, turn),
            Some(None) => {
                self.callers.remove(number);
                turn.push(Action::Use { call: number, generation });
            }
            None => {}
        }
    }

    fn enter(&mut self, number: u32, generation: u32, turn: &mut Turn) {
        let now = turn.now.measured;
        let Some(caller) = self.callers.get(number) else { return };
        let Some(call) = &mut caller.call else { return };
        let Some(limiter) = &mut self.connection.organisation.limiter else {
            let by = caller.deadline.min(now.plus(self.config.timeout_ms));
            self.admitted(number, 0, turn);
            return self.send(number, generation, by, turn);
        };
        let (priority, repeatable) = (call.priority, call.is_repeatable());
        let (ticket, actions) = limiter.enter(limits::Call { priority, deadline: caller.deadline, repeatable }, now);
        call.ticket = Some(ticket);
        caller.state = State::Queued { since: Some(now) };
        turn.limits.extend(actions);
    }

    fn admitted(&self, call: u32, waited_ms: u64, turn: &mut Turn) {
        if self.config.inform {
            turn.push(Action::Admitted { call, waited_ms });
        }
    }

    /// Performs an action of the limiter.
    fn limit(&mut self, action: limits::Action, turn: &mut Turn) {
        let now = turn.now;
        match action {
            limits::Action::Send { ticket } => {
                let Some(number) = self.callers.with_ticket(ticket) else { return };
                if let Some(Caller { state: State::Queued { since: Some(since) }, .. }) = self.callers.get(number) {
                    let waited_ms = now.measured.since(*since);
                    self.admitted(number, waited_ms, turn);
                }
                self.want_by(number, now.measured.plus(self.config.timeout_ms), turn);
            }
            limits::Action::Fail { ticket, error } => {
                let Some(number) = self.callers.with_ticket(ticket) else { return };
                if let Some(call) = self.callers.get(number).and_then(|caller| caller.call.as_mut()) {
                    call.ticket = None;
                }
                let error = match error.earliest_retry() {
                    Some(at) => error.retry_at(now.to_clock(at)),
                    None => error,
                };
                self.fail(number, error, turn);
            }
            limits::Action::Wait { ticket, wait } if self.config.inform => {
                if let Some(call) = self.callers.with_ticket(ticket) {
                    turn.push(Action::Queued { call, why: wait.why, until: now.to_clock(wait.until) });
                }
            }
            limits::Action::Pause { problem, until } if self.config.inform => {
                turn.push(Action::Paused { problem, until: now.to_clock(until) });
            }
            limits::Action::Wait { .. } | limits::Action::Pause { .. } => {}
        }
    }

    fn send(&mut self, number: u32, generation: u32, by: Timestamp, turn: &mut Turn) {
        let now = turn.now;
        if let Err(error) = self.plan(number) {
            return self.fail(number, error, turn);
        }
        let Some(caller) = self.callers.get(number) else { return };
        let Some(call) = &mut caller.call else { return };
        if call.key_ends().is_some_and(|ends| ends <= now.measured) {
            return self.key_ended(number, turn);
        }
        if by <= now.measured {
            let error = Error::new(Code::Timeout, "the call was not sent: no time was left for it");
            return self.fail(number, error, turn);
        }
        let Some(Plan { url, operation, .. }) = call.plan.take() else { return };
        let operation = operation.filter(|_| self.config.inform);
        call.history.generation = generation;
        call.history.first_sent.get_or_insert(now);
        call.history.was_unsettled = call.history.unsettled;
        call.history.unsettled = true;
        let (deadline, make_key) = (caller.deadline, call.makes_key);
        caller.state = State::InFlight;
        turn.push(Action::Send { call: number, url, operation, generation, until: by, deadline, make_key });
    }

    // It is answered, or lost.

    fn answered(&mut self, number: u32, answer: &Answer<'_>, turn: &mut Turn) {
        let now = turn.now;
        let Some(Caller { state: state @ State::InFlight, deadline, call: Some(call), .. }) = self.callers.get(number)
        else {
            return;
        };
        let reading = Reading::new(answer.status, &answer.limits, now.clock);
        if outcome::is_settled(answer.status, call.history.was_unsettled) {
            call.history.unsettled = false;
        }
        *deadline = call.deadline(*deadline);
        if let Some(ticket) = call.ticket
            && let Some(limiter) = &mut self.connection.organisation.limiter
        {
            let actions = limiter.handle(limits::Event::Answered { ticket, reading }, now.measured);
            let about = |action: &limits::Action| match *action {
                limits::Action::Send { ticket: own } | limits::Action::Wait { ticket: own, .. } => own == ticket,
                _ => false,
            };
            if actions.iter().any(about) {
                *state = State::Queued { since: None };
                turn.push(Action::Discard { call: number });
                return turn.limits.extend(actions);
            }
            // A call that is not let in again: the answer is its caller's.
            call.ticket = None;
            turn.limits.extend(actions);
        }
        if let Some(error) = &answer.unusable {
            return self.fail(number, error.clone(), turn);
        }
        if answer.status == 401 && answer.body.is_none() {
            let until = now.measured.plus(self.config.timeout_ms).min(*deadline);
            *state = State::Body { until };
            return turn.push(Action::Read { call: number });
        }
        let body = answer.body.unwrap_or_default();
        let error = answer.body.and_then(|_| {
            let answer = ApiAnswer {
                status: answer.status,
                www_authenticate: answer.www_authenticate,
                retry_after: answer.limits.retry_after,
                limit: None,
                body,
                complaints: answer.complaints,
            };
            self.connection.api_error(&call.method, &call.target, &answer, &reading, now.clock)
        });
        match answer.status {
            401 => self.unauthorised(number, body, error, turn),
            status => {
                if !self.retries(number, Some(status), reading.retry_after_ms, true, turn) {
                    self.give(number, error, turn);
                }
            }
        }
    }

    /// Decides about an answer with status 401, whose body begins with `text`.
    fn unauthorised(&mut self, number: u32, text: &str, error: Option<Error>, turn: &mut Turn) {
        if says_expired(text) {
            let Some(call) = self.callers.get(number).and_then(|caller| caller.call.as_mut()) else { return };
            // Other calls are not to use this token, whether or not this one can be sent again.
            let actions = self.connection.session.rejected(call.history.generation, turn.now.clock);
            let is_hopeless = actions.iter().any(|action| matches!(action, TokenAction::Fail { .. }));
            let renews = !is_hopeless && !call.history.renewed && call.resendable;
            call.history.renewed |= renews;
            self.tokens(actions, None, turn);
            if renews {
                turn.push(Action::Discard { call: number });
                return self.seek(number, turn);
            }
        }
        self.give(number, error, turn);
    }

    fn lost(&mut self, number: u32, error: Error, sent: bool, turn: &mut Turn) {
        let Some(Caller { state: State::InFlight, deadline, call: Some(call), .. }) = self.callers.get(number) else {
            return;
        };
        if !sent {
            call.history.unsettled = call.history.was_unsettled;
        }
        *deadline = call.deadline(*deadline);
        let ticket = call.ticket.take();
        self.free(ticket, turn);
        if !error.retryable() || !self.retries(number, None, None, false, turn) {
            self.fail(number, error, turn);
        }
    }

    /// Sends a call again after a pause, if it may be. Returns `false` if the result is its caller's.
    fn retries(
        &mut self,
        number: u32,
        status: Option<u16>,
        retry_after_ms: Option<u64>,
        is_answer: bool,
        turn: &mut Turn,
    ) -> bool {
        let Some(caller) = self.callers.get(number) else { return false };
        let Some(call) = &mut caller.call else { return false };
        let left_ms = caller.deadline.since(turn.now.measured);
        let tried = Tried { kind: call.kind, again: call.history.again, left_ms, status, retry_after_ms };
        let pause_ms = if call.resendable { retry::pause(&self.config.retry, &tried, &mut self.random) } else { None };
        let Some(pause_ms) = pause_ms else { return false };
        call.history.again = call.history.again.saturating_add(1);
        let until = turn.now.measured.plus(pause_ms);
        caller.state = State::Pause { until };
        if self.config.inform {
            turn.push(Action::Retry { call: number, until: turn.now.to_clock(until) });
        }
        if is_answer {
            turn.push(Action::Discard { call: number });
        }
        true
    }

    // It is over.

    fn give(&mut self, number: u32, error: Option<Error>, turn: &mut Turn) {
        if let Some(Caller { call: Some(call), .. }) = self.callers.remove(number) {
            let error = error.map(|error| self.with_outcome(&call, error, turn.now));
            turn.push(Action::Give { call: number, error });
        }
    }

    fn fail(&mut self, number: u32, error: Error, turn: &mut Turn) {
        let Some(caller) = self.callers.remove(number) else { return };
        let error = match &caller.call {
            Some(call) => self.with_outcome(call, error, turn.now),
            None => error,
        };
        turn.push(Action::Fail { call: number, error });
        self.free(caller.call.and_then(|call| call.ticket), turn);
    }

    fn key_ended(&mut self, number: u32, turn: &mut Turn) {
        let message = "the call was not sent again: by now Xero may have forgotten its Idempotency-Key";
        self.fail(number, Error::new(Code::Timeout, message), turn);
    }

    /// Gives a place in the queue or in flight back.
    fn free(&mut self, ticket: Option<u32>, turn: &mut Turn) {
        if let (Some(ticket), Some(limiter)) = (ticket, &mut self.connection.organisation.limiter) {
            turn.limits.extend(limiter.handle(limits::Event::Lost { ticket }, turn.now.measured));
        }
    }

    /// The error of a call. For a write that may have been carried out, its outcome is unknown.
    fn with_outcome(&self, call: &Call, error: Error, now: Now) -> Error {
        let Some(first_sent) = call.history.first_sent.filter(|_| call.history.unsettled && call.kind != Kind::Read)
        else {
            return error;
        };
        let unsettled = Unsettled {
            api: &self.connection.organisation.api_url,
            method: &call.method,
            input: &call.target,
            first_sent: first_sent.clock,
            key: match call.key_ends() {
                None => Key::None,
                Some(_) if call.makes_key => Key::Made,
                Some(ends) => Key::Callers { ends: now.to_clock(ends) },
            },
        };
        unsettled.error(&error, now.clock)
    }

    // Time passes.

    fn tick(&mut self, turn: &mut Turn) {
        let now = turn.now.measured;
        let actions = self.connection.session.tick(turn.now.clock);
        self.tokens(actions, None, turn);
        if let Some(limiter) = &mut self.connection.organisation.limiter {
            let actions = limiter.handle(limits::Event::Tick, now);
            for action in actions {
                self.limit(action, turn);
            }
        }
        for number in self.callers.numbers(|caller| caller.wake().is_some_and(|at| at <= now)) {
            match self.callers.get(number).map(|caller| caller.state) {
                Some(State::Token { .. }) => self.go_on(number, turn),
                Some(State::Pause { .. }) => self.seek(number, turn),
                Some(State::Body { .. }) => self.unauthorised(number, "", None, turn),
                Some(State::Queued { .. }) => self.key_ended(number, turn),
                Some(State::Driver { .. }) => {
                    let message = "the request that made the call did not go on with it in time";
                    self.fail(number, Error::new(Code::Timeout, message), turn);
                }
                Some(State::InFlight) | None => {}
            }
        }
    }

    /// Ends the calls whose driver is gone without a report, as a request of an edge network may be.
    fn forget_gone(&mut self, turn: &mut Turn) {
        if !self.config.isolated {
            return;
        }
        let now = turn.now.measured;
        let is_gone = |caller: &Caller| caller.state == State::InFlight && caller.deadline.plus(GONE_MS) < now;
        for number in self.callers.numbers(is_gone) {
            let message = "the request that made the call did not report its answer in time";
            self.fail(number, Error::new(Code::Timeout, message), turn);
        }
    }

    // Tokens

    /// Passes on what the lifecycle wants done about a token that has arrived, or has ended.
    fn tokens(&mut self, actions: Vec<TokenAction>, access_token: Option<&Secret<String>>, turn: &mut Turn) {
        let session = &self.connection.session;
        for action in actions {
            match action {
                TokenAction::Keep { generation, obtained_at, expires_at } => {
                    let Some(access_token) = access_token.cloned() else { continue };
                    let scopes = session.granted().map(ToString::to_string);
                    let token = Token { generation, access_token, obtained_at, expires_at, scopes };
                    turn.push(Action::Keep(token));
                }
                TokenAction::Save { generation, obtained_at, expires_at } => {
                    let (unsaved, scopes) = session.to_save(generation);
                    let Some(access_token) = unsaved.or(access_token).cloned() else { continue };
                    let scopes = scopes.map(ToString::to_string);
                    let token = Token { generation, access_token, obtained_at, expires_at, scopes };
                    turn.push(Action::Save(token));
                }
                TokenAction::Erase => turn.push(Action::Erase),
                // Of callers that want a token.
                TokenAction::Use { .. }
                | TokenAction::Load
                | TokenAction::Send { .. }
                | TokenAction::Wait { .. }
                | TokenAction::Fail { .. } => {}
            }
        }
    }

    /// Has all callers that wait for a token look at it.
    fn serve(&mut self, turn: &mut Turn) {
        for number in self.callers.numbers(|caller| matches!(caller.state, State::Token { .. })) {
            self.go_on(number, turn);
        }
    }
}

/// Checks that Xero refused a token as expired, by the body of an answer with status 401.
fn says_expired(body: &str) -> bool {
    ApiAnswer { status: 401, www_authenticate: "", retry_after: "", limit: None, body, complaints: None }.says_expired()
}
