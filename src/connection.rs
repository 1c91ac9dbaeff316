//! One custom connection: its lifecycle, the scopes its token carries, the calls it may make, and when.
//!
//! This is the whole core as one value, without I/O. Every driver holds one of these and carries what it answers to
//! and from the world: the JavaScript package, and the Rust client of the feature `gloo`.

use crate::error::{Code, Error, quoted};
use crate::limits::{self, Limiter, Problem, Reading};
use crate::random::SplitMix64;
use crate::request::{self, ApiAnswer, ApiCall, BaseUrl, TokenRequest};
use crate::retry::{self, Tried};
use crate::scope::{ScopeSet, advice};
use crate::secret::Secret;
use crate::text::words;
use crate::time::{Date, Timestamp};
use crate::token::answer::{self, Answer, GrantedToken, Parser, TokenRefusal};
use crate::token::{Action, Config, Event, Machine, Phase, Stored};

/// What a connection is made from.
#[derive(Clone, Debug)]
pub struct Options {
    /// The client id: 32 hexadecimal characters, as far as is known.
    pub client_id: String,
    /// The scopes to ask for; `None` asks for whatever is configured on the connection.
    pub scopes: Option<ScopeSet>,
    /// When the connection was created, if that is known: the dated rules are then applied.
    pub created_on: Option<Date>,
    /// The id of the organisation that the connection has to reach, with or without hyphens; `None` takes any.
    pub organisation: Option<String>,
    /// Whether a call that no scope opens is refused before it is sent.
    pub preflight: bool,
    /// Where the identity service is.
    pub identity_url: BaseUrl,
    /// Where the APIs are.
    pub api_url: BaseUrl,
    /// The numbers of the token lifecycle.
    pub lifecycle: Config,
    /// The numbers of admission.
    pub limits: limits::Config,
    /// How often a call is sent again, and after which pauses.
    pub retry: retry::Config,
    /// Feeds the jitter of the pauses.
    pub seed: u64,
}

/// What an answer of the identity service comes to.
#[derive(Debug)]
pub struct Answered {
    /// The token that the actions keep and save; `None` if they do neither.
    pub grant: Option<GrantedToken>,
    /// What to do about the lifecycle.
    pub actions: Vec<Action>,
    /// Why there is no token, for people.
    pub refused: Option<Code>,
    /// Send the same attempt once more, with the bytes that [`Connection::token_request`] then gives.
    pub again: Option<Again>,
}

/// Why an attempt is sent once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// The secret was refused, and there is another.
    NextSecret,
    /// A scope is not configured, and Xero does not say which: asked without any, it tells what is configured.
    WithoutScope,
}

/// One custom connection.
#[derive(Debug)]
pub struct Connection {
    options: Options,
    machine: Machine,
    limiter: Limiter,
    random: SplitMix64,
    /// The scopes of the token in use; `None` before the first one, or if nobody said.
    granted: Option<ScopeSet>,
    /// The tokens that are not used before they are saved, by generation.
    unsaved: Vec<(u32, GrantedToken)>,
    /// The attempt whose list of scopes was refused, and the refusal, while it is found out which are not configured.
    refused: Option<(u32, Error)>,
}

impl Answered {
    const fn told(actions: Vec<Action>) -> Self {
        Self { grant: None, actions, refused: None, again: None }
    }
}

/// The digits of an id, in lower case.
fn hex(id: &str) -> impl Iterator<Item = u8> {
    id.bytes().filter(|&byte| byte != b'-').map(|byte| byte.to_ascii_lowercase())
}

/// Whether a text is the id of an organisation.
fn is_id(text: &str) -> bool {
    hex(text).count() == 32 && hex(text).all(|byte| byte.is_ascii_hexdigit())
}

/// The stream of randomness that the pauses between retries come from.
const RETRIES: u64 = 1;

impl Connection {
    /// A connection that knows nothing yet.
    ///
    /// # Errors
    /// `invalid_option` if the client id or the list of scopes is one that [`request::token_request`] refuses, or if the
    /// organisation is not an id.
    pub fn new(options: Options) -> Result<Self, Error> {
        request::check_token_options(&options.client_id, options.scopes.as_ref())?;
        if let Some(id) = options.organisation.as_deref().filter(|id| !is_id(id)) {
            let message = words![
                "organisation is ",
                quoted(id, 40),
                ", and has to be an id of 32 hexadecimal digits: OrganisationID in the answer to GET /Organisation",
            ];
            return Err(Error::new(Code::InvalidOption, message));
        }
        Ok(Self {
            machine: Machine::new(options.lifecycle, options.seed),
            limiter: Limiter::new(options.limits, options.seed),
            random: SplitMix64::stream(options.seed, RETRIES),
            granted: None,
            unsaved: Vec::new(),
            refused: None,
            options,
        })
    }

    /// The generation of the token to use at `now`, if nothing else is to be done: the warm path.
    pub fn ready(&mut self, now: Timestamp) -> Option<u32> {
        self.machine.ready(now)
    }

    /// Where the lifecycle stands.
    pub fn phase(&self, now: Timestamp) -> Phase {
        self.machine.phase(now)
    }

    /// A caller wants a token and can wait until `deadline`.
    pub fn want(&mut self, deadline: Timestamp, now: Timestamp) -> Vec<Action> {
        self.machine.handle(Event::Want { deadline }, now)
    }

    /// The token request of `attempt` is sent at `now`, its secret being at hand. Returns when to give it up.
    pub fn sent(&mut self, attempt: u32, now: Timestamp) -> Timestamp {
        self.machine.handle(Event::Sent { attempt }, now);
        now.plus(self.options.lifecycle.timeout_ms)
    }

    /// The bytes of the token request of `attempt`.
    ///
    /// # Errors
    /// `invalid_option` if the secret is empty.
    pub fn token_request(&self, attempt: u32, secret: &Secret<String>) -> Result<TokenRequest, Error> {
        let Options { identity_url, client_id, scopes, .. } = &self.options;
        let scopes = scopes.as_ref().filter(|_| self.refused.as_ref().is_none_or(|&(refused, _)| refused != attempt));
        request::token_request(identity_url, client_id, secret, scopes)
    }

    /// The identity service answered `attempt`. `more_secrets` if there is another secret to try.
    pub fn answered(
        &mut self,
        attempt: u32,
        answer: &Answer<'_>,
        more_secrets: bool,
        now: Timestamp,
        parse: Parser<'_>,
    ) -> Answered {
        let judged = answer::judge(answer, now, parse);
        if let Some((_, refused)) = self.refused.take_if(|&mut (refused, _)| refused == attempt) {
            let error = self.named(refused, judged.ok());
            let refused = Some(error.code());
            return Answered { refused, ..Answered::told(self.machine.handle(Event::Refused { attempt, error }, now)) };
        }
        let judged = judged.and_then(|grant| match self.other_organisation(grant.organisation.as_deref()) {
            Some(error) => Err(TokenRefusal { error, lasting: true, invalid_grant: false, retry_after_ms: None }),
            None => Ok(grant),
        });
        let refused = judged.as_ref().err().map(|refusal| refusal.error.code());
        match judged {
            Ok(grant) => {
                let actions = self.machine.handle(Event::Granted { attempt, lifetime_ms: grant.lifetime_ms }, now);
                if let [Action::Save { generation, .. }] = actions[..] {
                    self.unsaved.push((generation, grant.clone()));
                }
                self.with_token(actions, Some(grant))
            }
            Err(TokenRefusal { error, .. }) if error.code() == Code::InvalidClient && more_secrets => {
                Answered { again: Some(Again::NextSecret), ..Answered::told(Vec::new()) }
            }
            Err(TokenRefusal { error, .. }) if error.code() == Code::InvalidScope && self.options.scopes.is_some() => {
                self.refused = Some((attempt, error));
                Answered { again: Some(Again::WithoutScope), ..Answered::told(Vec::new()) }
            }
            Err(TokenRefusal { error, .. }) if error.code() == Code::OrganisationChanged => {
                Answered { refused, ..Answered::told(self.machine.handle(Event::Switched { attempt, error }, now)) }
            }
            Err(TokenRefusal { error, lasting, invalid_grant, retry_after_ms }) => {
                let event = if invalid_grant {
                    Event::Ended { attempt, error }
                } else if lasting {
                    Event::Refused { attempt, error }
                } else {
                    Event::Failed { attempt, error, retry_after_ms }
                };
                Answered { refused, ..Answered::told(self.machine.handle(event, now)) }
            }
        }
    }

    /// The actions about a token that has just come or was just saved. The token goes with them, and its scopes count from
    /// when it is kept.
    fn with_token(&mut self, actions: Vec<Action>, token: Option<GrantedToken>) -> Answered {
        let token = token.filter(|_| !actions.is_empty());
        if let Some(token) = token.as_ref().filter(|_| matches!(actions[..], [Action::Keep { .. }, ..])) {
            // Left out, they are those that were asked for (RFC 6749 section 5.1).
            self.granted = token.scopes.clone().or_else(|| self.options.scopes.clone());
        }
        Answered { grant: token, ..Answered::told(actions) }
    }

    /// The token of this generation, which is to be saved before it is used. For [`Action::Save`] that comes again.
    pub fn unsaved(&self, generation: u32) -> Option<&GrantedToken> {
        self.unsaved.iter().find(|(of, _)| *of == generation).map(|(_, token)| token)
    }

    /// The store reported on [`Action::Save`] of this generation: it has saved the token, or failed with an error.
    pub fn saved(&mut self, generation: u32, result: Result<(), Error>, now: Timestamp) -> Answered {
        let (event, token) = match result {
            Ok(()) => {
                let at = self.unsaved.iter().position(|(of, _)| *of == generation);
                (Event::Saved { generation }, at.map(|at| self.unsaved.remove(at).1))
            }
            Err(error) => (Event::NotSaved { generation, error }, None),
        };
        let actions = self.machine.handle(event, now);
        self.with_token(actions, token)
    }

    /// The instant of [`Self::wake_token`] has come.
    pub fn tick_token(&mut self, now: Timestamp) -> Vec<Action> {
        self.machine.handle(Event::Tick, now)
    }

    /// The instant at which to report [`Self::tick_token`], if nothing happens before; `None` while no token is unsaved.
    pub fn wake_token(&self) -> Option<Timestamp> {
        self.machine.wake()
    }

    /// The refusal of a list of scopes, with those named that are not in what `configured` was granted without a list.
    /// Where that is not known, Xero does not say which scope it is, and the advice is about all.
    fn named(&self, refused: Error, configured: Option<GrantedToken>) -> Error {
        let Some(asked) = &self.options.scopes else { return refused };
        let configured = configured.and_then(|grant| grant.scopes);
        let missing = configured.as_ref().map(|configured| asked.difference(configured));
        if let Some(missing) = missing.filter(|missing| !missing.is_empty()) {
            let list = missing.wire();
            let message = words!["not configured on the connection: ", list, ". What to do: ", advice(&missing)];
            return Error::new(Code::InvalidScope, message).with_scopes(list.split(' '));
        }
        let message = words![
            refused.message(),
            ". Leave the option `scopes` at \"configured\", or compare it with the connection's page in Xero's developer \
             portal. Of a scope that is not there: ",
            advice(asked),
        ];
        Error::new(Code::InvalidScope, message)
    }

    /// Nobody answered `attempt`: `error` is `offline` or `timeout`.
    pub fn unanswered(&mut self, attempt: u32, error: Error, now: Timestamp) -> Vec<Action> {
        if let Some((_, refused)) = self.refused.take_if(|&mut (refused, _)| refused == attempt) {
            let error = self.named(refused, None);
            return self.machine.handle(Event::Refused { attempt, error }, now);
        }
        self.machine.handle(Event::Failed { attempt, error, retry_after_ms: None }, now)
    }

    /// The store answered: with a token and the scopes it carries, or with nothing.
    pub fn loaded(&mut self, stored: Option<Stored>, scopes: Option<ScopeSet>, now: Timestamp) -> Vec<Action> {
        let actions = self.machine.handle(Event::Loaded(stored), now);
        if !actions.is_empty() {
            self.granted = scopes.or_else(|| self.options.scopes.clone());
        }
        actions
    }

    /// The store answered with `token`. One of another organisation than the options name is dropped, there as well.
    pub fn loaded_token(
        &mut self,
        token: &Secret<String>,
        stored: Stored,
        scopes: Option<ScopeSet>,
        now: Timestamp,
        parse: Parser<'_>,
    ) -> Vec<Action> {
        let reaches = self.options.organisation.as_ref().and_then(|_| answer::organisation(token, parse));
        if self.other_organisation(reaches.as_deref()).is_none() {
            return self.loaded(Some(stored), scopes, now);
        }
        let mut actions = self.loaded(None, None, now);
        actions.push(Action::Erase);
        actions
    }

    /// The error of a token that reaches the organisation `found`, if that is another one than the options name.
    fn other_organisation(&self, found: Option<&str>) -> Option<Error> {
        let (wanted, found) = (self.options.organisation.as_deref()?, found?);
        if hex(found).eq(hex(wanted)) {
            return None;
        }
        let found = if is_id(found) { words![", ", found, ","] } else { String::new() };
        let message = words![
            "the connection reaches another organisation",
            found,
            " than the option organisation names, ",
            wanted,
            ": it was switched in Xero (rule R8), or the option is wrong; nothing was sent with its token",
        ];
        Some(Error::new(Code::OrganisationChanged, message).by_rule("R8"))
    }

    /// The API said that the token of this generation has expired.
    pub fn rejected(&mut self, generation: u32, now: Timestamp) -> Vec<Action> {
        self.machine.handle(Event::Rejected { generation }, now)
    }

    /// Start afresh, with another secret for example.
    pub fn forget(&mut self, now: Timestamp) -> Vec<Action> {
        self.granted = None;
        self.machine.handle(Event::Forget, now)
    }

    /// Where the APIs are.
    pub const fn api_url(&self) -> &BaseUrl {
        &self.options.api_url
    }

    /// The scopes that the token in use carries, as far as is known.
    pub const fn granted(&self) -> Option<&ScopeSet> {
        self.granted.as_ref()
    }

    /// Admission to the organisation's API.
    pub const fn limiter(&mut self) -> &mut Limiter {
        &mut self.limiter
    }

    /// How long to pause before a call is sent again, in milliseconds; `None` if what came of it is its caller's.
    pub fn pause_before_again(&mut self, tried: &Tried) -> Option<u64> {
        retry::pause(&self.options.retry, tried, &mut self.random)
    }

    /// The error that an answer to a call amounts to; `None` if it is a success. `reading` is what it says about limits.
    pub fn api_error(
        &self,
        method: &str,
        input: &str,
        answer: &ApiAnswer<'_>,
        reading: &Reading,
        now: Timestamp,
    ) -> Option<Error> {
        let call = request::call(&self.options.api_url, method, input).ok();
        let limit = reading.problem.map(Problem::as_str);
        ApiAnswer { limit, ..*answer }.error(call.as_ref(), self.granted.as_ref(), now)
    }

    /// The absolute URL and the operation of a call, and whether it may be sent.
    ///
    /// Before there is a token, the scopes that will be asked for stand in for those it carries.
    ///
    /// # Errors
    /// `invalid_url`, `insecure_url` or `foreign_host` for a URL that will not do, `scope_missing` for a call that
    /// preflight refuses.
    pub fn call(&self, method: &str, input: &str) -> Result<ApiCall, Error> {
        let call = request::call(&self.options.api_url, method, input)?;
        let scopes = self.granted.as_ref().or(self.options.scopes.as_ref());
        if let (true, Some(operation), Some(scopes)) = (self.options.preflight, call.route.operation(), scopes) {
            request::preflight(operation, scopes, self.options.created_on)?;
        }
        Ok(call)
    }
}
