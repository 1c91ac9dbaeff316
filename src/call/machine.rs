//! The decisions about calls.

use std::collections::VecDeque;

use super::action::{Action, Token};
use super::caller::{Caller, Callers, State};
use super::event::{Event, Loaded, Now};
use super::keys::OwnKeys;
use super::retry;
use crate::connection::{Again, Connection};
use crate::error::{Code, Error};
use crate::limits;
use crate::random::SplitMix64;
use crate::request::TokenRequest;
use crate::secret::Secret;
use crate::time::Timestamp;
use crate::token::TokenAction;
use crate::token::answer::Body;

/// The numbers of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// The time that an attempt at a call has from its sending until its answer begins, in milliseconds.
    pub timeout_ms: u64,
    /// Retries.
    pub retry: retry::RetryConfig,
    /// The driver wants the actions for a listener.
    pub inform: bool,
    /// Each call has a driver of its own, as each request of an edge network has, and these drivers share the machine. No other
    /// may go on with a call: it gets [`Action::Resume`] in its mailbox instead.
    pub isolated: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self { timeout_ms: 30_000, retry: retry::RetryConfig::default(), inform: false, isolated: false }
    }
}

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
///     limits: Some(limits::LimitsConfig::default()),
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
///     own_key: None,
///     high_priority: false,
///     deadline: at(20),
///     before: None,
/// };
/// let actions = machine.handle(Event::Begin(call), now(0));
/// assert!(matches!(actions[..], [Action::Ask { attempt: 1, .. }]));
///
/// // The identity service cannot be reached. The call waits for another attempt, not longer than half a second.
/// let error = Error::new(Code::Offline, "cannot reach identity.xero.com");
/// assert!(machine.handle(Event::TokenLost { attempt: 1, error, lasting: false }, now(1)).is_empty());
/// assert!(machine.wake().is_some_and(|wake| wake <= at(2)));
/// let actions = machine.handle(Event::Tick, now(2));
/// assert!(matches!(actions[..], [Action::Ask { attempt: 2, .. }]));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct Machine {
    pub(super) connection: Connection,
    pub(super) config: Config,
    parse: fn(&str) -> Option<Body>,
    pub(super) random: SplitMix64,
    pub(super) callers: Callers,
    pub(super) keys: OwnKeys,
}

/// An event while it is handled.
pub(super) struct Turn {
    pub(super) now: Now,
    /// The caller that the event is about.
    pub(super) subject: Option<u32>,
    /// Actions of the limiter that are not performed yet. A list, because performing one may make others.
    pub(super) limits: VecDeque<limits::LimitsAction>,
    actions: Vec<Action>,
}

impl Turn {
    pub(super) fn push(&mut self, action: Action) {
        self.actions.push(action);
    }
}

impl Machine {
    /// A machine without calls. `parse` reads the JSON of token answers, `seed` feeds the jitter of the pauses.
    pub fn new(connection: Connection, config: Config, parse: fn(&str) -> Option<Body>, seed: u64) -> Self {
        let random = SplitMix64::stream(seed, RETRIES);
        Self { connection, config, parse, random, callers: Callers::default(), keys: OwnKeys::default() }
    }

    /// Takes note of `event`, which happened at `now`, and returns what to do.
    pub fn handle(&mut self, event: Event<'_>, now: Now) -> Vec<Action> {
        let mut turn = Turn { now, subject: event.call(), limits: VecDeque::new(), actions: Vec::new() };
        self.note(event, &mut turn);
        while let Some(action) = turn.limits.pop_front() {
            self.limit(action, &mut turn);
        }
        turn.actions
    }

    /// The measured instant at which to report [`Event::Tick`], if nothing happens before; `None` while nothing waits.
    pub fn wake(&self) -> Option<Timestamp> {
        let limits = self.connection.organisation.limiter.as_ref().and_then(limits::Limiter::wake);
        limits.into_iter().chain(self.callers.wake()).min()
    }

    /// What a fleet that shares the limits has to know of this process; `None` without one. It gives an allowance in return
    /// ([`Event::Allowed`]). Every event may change it.
    pub fn load(&self) -> Option<limits::Load> {
        self.connection.organisation.limiter.as_ref()?.load()
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
                    let state = State::Token { look: deadline };
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
            Event::Tick => self.tick(limits::LimitsEvent::Tick, turn),
            Event::Allowed(allowance) => self.tick(limits::LimitsEvent::Allowed(allowance), turn),
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
            Event::TokenLost { attempt, error, lasting } => {
                let actions = session.unanswered(attempt, error, lasting, clock);
                self.tokens(actions, None, turn);
                self.serve(turn);
            }
            Event::TokenWaits { attempt, error } => session.waits(attempt, error, clock),
            Event::Loaded { attempt, token } => {
                let (access_token, actions) = match token {
                    Some(Loaded { access_token, stored, scopes }) => {
                        let actions = session.loaded_token(attempt, &access_token, stored, scopes, clock, &self.parse);
                        (Some(access_token), actions)
                    }
                    None => (None, session.loaded(attempt, None, None, clock)),
                };
                self.tokens(actions, access_token.as_ref(), turn);
                self.serve(turn);
            }
        }
    }

    // Time passes.

    fn tick(&mut self, event: limits::LimitsEvent, turn: &mut Turn) {
        let now = turn.now.measured;
        if let Some(limiter) = &mut self.connection.organisation.limiter {
            let actions = limiter.handle(event, now);
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
    pub(super) fn forget_gone(&mut self, turn: &mut Turn) {
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
    pub(super) fn tokens(&mut self, actions: Vec<TokenAction>, access_token: Option<&Secret<String>>, turn: &mut Turn) {
        let granted = self.connection.session.granted();
        let token = |generation, obtained_at, expires_at| {
            let access_token = access_token.cloned()?;
            let scopes = granted.map(ToString::to_string);
            let unknown_scopes = granted.map_or(0, |granted| granted.unknown().len());
            let unknown_scopes = u32::try_from(unknown_scopes).unwrap_or(u32::MAX);
            Some(Token { generation, access_token, obtained_at, expires_at, scopes, unknown_scopes })
        };
        for action in actions {
            match action {
                TokenAction::Keep { generation, obtained_at, expires_at } => {
                    let Some(token) = token(generation, obtained_at, expires_at) else { continue };
                    turn.push(Action::Keep(token));
                }
                TokenAction::Save { generation, obtained_at, expires_at } => {
                    let Some(token) = token(generation, obtained_at, expires_at) else { continue };
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
