//! One custom connection: its lifecycle, the scopes its token carries, the calls it may make.
//!
//! This is the whole core as one value, without I/O. Every driver holds one of these and carries what it answers to
//! and from the world: the JavaScript package, and the Rust client of the feature `gloo`.

use crate::error::Error;
use crate::request::{self, BaseUrl, Call, TokenRequest};
use crate::scope::ScopeSet;
use crate::secret::Secret;
use crate::time::{Date, Timestamp};
use crate::token::answer::{self, Answer, Grant, Parser, Refusal};
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
    /// Whether a call that no scope opens is refused before it is sent.
    pub preflight: bool,
    /// Where the identity service is.
    pub identity_url: BaseUrl,
    /// Where the APIs are.
    pub api_url: BaseUrl,
    /// The numbers of the token lifecycle.
    pub lifecycle: Config,
    /// Feeds the jitter of the pauses.
    pub seed: u64,
}

/// One custom connection.
#[derive(Debug)]
pub struct Connection {
    options: Options,
    machine: Machine,
    /// The scopes of the token in use; `None` before the first one, or if nobody said.
    granted: Option<ScopeSet>,
}

impl Connection {
    /// A connection that knows nothing yet.
    ///
    /// # Errors
    /// `invalid_option` if the client id or the list of scopes is one that [`request::token_request`] refuses.
    pub fn new(options: Options) -> Result<Self, Error> {
        request::check_token_options(&options.client_id, options.scopes.as_ref())?;
        Ok(Self { machine: Machine::new(options.lifecycle, options.seed), granted: None, options })
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

    /// The bytes of the token request.
    ///
    /// # Errors
    /// `invalid_option` if the secret is empty.
    pub fn token_request(&self, secret: &Secret<String>) -> Result<TokenRequest, Error> {
        let Options { identity_url, client_id, scopes, .. } = &self.options;
        request::token_request(identity_url, client_id, secret, scopes.as_ref())
    }

    /// The identity service answered `attempt`. The grant is there if the token is to be kept.
    pub fn answered(
        &mut self,
        attempt: u32,
        answer: &Answer<'_>,
        now: Timestamp,
        parse: Parser<'_>,
    ) -> (Option<Grant>, Vec<Action>) {
        match answer::judge(answer, now, parse) {
            Ok(grant) => {
                let actions = self.machine.handle(Event::Granted { attempt, lifetime_ms: grant.lifetime_ms }, now);
                if actions.is_empty() {
                    return (None, actions);
                }
                // Left out, it is what was asked for (RFC 6749 section 5.1).
                self.granted = grant.scopes.clone().or_else(|| self.options.scopes.clone());
                (Some(grant), actions)
            }
            Err(Refusal { error, lasting: true, .. }) => {
                (None, self.machine.handle(Event::Refused { attempt, error }, now))
            }
            Err(Refusal { error, retry_after_ms, .. }) => {
                (None, self.machine.handle(Event::Failed { attempt, error, retry_after_ms }, now))
            }
        }
    }

    /// Nobody answered `attempt`: `error` is `offline` or `timeout`.
    pub fn unanswered(&mut self, attempt: u32, error: Error, now: Timestamp) -> Vec<Action> {
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

    /// The API said that the token of this generation has expired.
    pub fn rejected(&mut self, generation: u32, now: Timestamp) -> Vec<Action> {
        self.machine.handle(Event::Rejected { generation }, now)
    }

    /// Start afresh, with another secret for example.
    pub fn forget(&mut self, now: Timestamp) -> Vec<Action> {
        self.granted = None;
        self.machine.handle(Event::Forget, now)
    }

    /// The scopes that the token in use carries, as far as is known.
    pub const fn granted(&self) -> Option<&ScopeSet> {
        self.granted.as_ref()
    }

    /// The absolute URL and the operation of a call, and whether it may be sent.
    ///
    /// Before there is a token, the scopes that will be asked for stand in for those it carries.
    ///
    /// # Errors
    /// `invalid_url`, `insecure_url` or `foreign_host` for a URL that will not do, `scope_missing` for a call that
    /// preflight refuses.
    pub fn call(&self, method: &str, input: &str) -> Result<Call, Error> {
        let call = request::call(&self.options.api_url, method, input)?;
        let scopes = self.granted.as_ref().or(self.options.scopes.as_ref());
        if let (true, Some(operation), Some(scopes)) = (self.options.preflight, call.route.operation(), scopes) {
            request::preflight(operation, scopes, self.options.created_on)?;
        }
        Ok(call)
    }
}
