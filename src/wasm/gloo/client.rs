//! The client.

use core::fmt;
use std::rc::Rc;

use js_sys::Math;

use super::call::{Request, Response};
use super::driver::{Driver, HeldToken};
use super::fetch::{Outgoing, exchange};
use super::timer::now;
use crate::call::{Action, Config, Event, Machine};
use crate::connection::{Connection, Options};
use crate::error::{Code, Error};
use crate::limits;
use crate::request::BaseUrl;
use crate::scope::ScopeSet;
use crate::secret::Secret;
use crate::time::Timestamp;
use crate::token::{self, json};

/// The time that a call may take in all unless [`Client::with_timeout`] sets another: five minutes.
const TIMEOUT_MS: u64 = 300_000;

/// Options for Xero itself: every scope that is configured on the connection, no day of creation, preflight on,
/// `https://identity.xero.com`, `https://api.xero.com`, the usual lifecycle ([`token::LifecycleConfig::default`]), a seed by chance.
///
/// # Errors
/// None, as it is: a `Result` because URLs are parsed.
pub fn options(client_id: &str) -> Result<Options, Error> {
    Ok(Options {
        client_id: client_id.to_owned(),
        scopes: None,
        created_on: None,
        organisation: None,
        preflight: true,
        identity_url: BaseUrl::parse("https://identity.xero.com")?,
        api_url: BaseUrl::parse("https://api.xero.com")?,
        lifecycle: token::LifecycleConfig::default(),
        limits: Some(limits::LimitsConfig::default()),
        seed: Math::random().to_bits(),
    })
}

/// An access token, its end and its scopes.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// The token itself.
    pub access_token: Secret<String>,
    /// The instant at which it ends.
    pub expires_at: Timestamp,
    /// The scopes it carries; `None` if neither Xero's answer nor the token itself names them.
    pub scopes: Option<ScopeSet>,
}

/// The client of one custom connection: gets access tokens with id and secret, keeps them fresh, sends calls with them.
///
/// Clones share one token and Xero's limits: make one client for a connection, and clone it. No request is made before the first
/// call. See the [module](super) for an example and for where it runs.
#[derive(Clone)]
pub struct Client {
    driver: Rc<Driver>,
    timeout_ms: u64,
}

impl Client {
    /// A client with a client secret and the usual numbers of calls. It has no store: `lifecycle.stored` is taken as `false`.
    ///
    /// # Errors
    /// `invalid_option` if id or secret is empty or has a control character, if the list of scopes is empty, or if a
    /// scope is none by its characters.
    pub fn new(options: Options, secret: Secret<String>) -> Result<Self, Error> {
        Self::with_config(options, Config::default(), secret)
    }

    /// The same with other numbers of calls: the time limit of an attempt, and retries. `inform` and `isolated` are taken as
    /// `false`.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_config(options: Options, config: Config, secret: Secret<String>) -> Result<Self, Error> {
        let lifecycle = token::LifecycleConfig { stored: false, ..options.lifecycle };
        let seed = options.seed;
        let connection = Connection::new(Options { lifecycle, ..options })?;
        connection.session.token_request(0, &secret)?;
        let config = Config { inform: false, isolated: false, ..config };
        let machine = Machine::new(connection, config, json::read, seed);
        Ok(Self { driver: Rc::new(Driver::new(machine, secret)), timeout_ms: TIMEOUT_MS })
    }

    /// The same client, with the same token, whose calls may take this long in all, in milliseconds: waiting for a token and for
    /// Xero's limits, every attempt and the pauses between. Five minutes otherwise.
    #[must_use]
    pub fn with_timeout(self, ms: u64) -> Self {
        Self { timeout_ms: ms, ..self }
    }

    /// An access token that can be used now: the one at hand, or a new one.
    ///
    /// A token that is about to end is renewed in the background while it is still handed out. However many callers ask
    /// at once, one request is made. It may take as long as a call ([`with_timeout`](Self::with_timeout)).
    ///
    /// # Errors
    /// The reason why there is no token: `invalid_client`, `unauthorized_client`, `invalid_scope`, `token_refused` (asked again
    /// only after five minutes), `rate_limited`, `identity_unavailable`, `malformed_token`, `redirected`, `offline`, `timeout`.
    pub async fn token(&self) -> Result<AccessToken, Error> {
        let caller = self.driver.caller();
        let deadline = now()?.measured.plus(self.timeout_ms);
        caller.report(Event::Want { call: caller.number, deadline })?;
        loop {
            match caller.action().await {
                Action::Use { .. } => {
                    let held = self.held()?;
                    let HeldToken { access_token, expires_at, scopes } = &*held;
                    let (access_token, scopes) = (access_token.clone(), scopes.clone());
                    return Ok(AccessToken { access_token, expires_at: *expires_at, scopes });
                }
                Action::Fail { error, .. } => return Err(error),
                // Of calls.
                _ => {}
            }
        }
    }

    /// Sends a `GET`. See [`Self::send`].
    ///
    /// # Errors
    /// As [`Self::send`] does.
    pub async fn get(&self, path: &str) -> Result<Response, Error> {
        self.send(Request::new("GET", path)).await
    }

    /// Sends a call and reads its answer, also one that is no success: see [`Response::json`] and [`Response::error`].
    ///
    /// Sets `Authorization`, and `Accept` unless the call has its own. Follows no redirect. Waits until Xero's limits have room
    /// for it. Reads, and writes with an `Idempotency-Key`, are sent again after a temporary failure. If Xero refuses the token as
    /// expired, renews it and sends the call once more. Dropped before it is done, it ends the call.
    ///
    /// # Errors
    /// For a call that is not sent: `scope_missing` (preflight), `invalid_url`, `foreign_host`, `insecure_url`,
    /// `invalid_header`, `body_not_allowed`, `invalid_option` (the method), `rate_limited`, `queue_full`, and as [`Self::token`]
    /// does. For one that is not answered: `offline`, `timeout`.
    pub async fn send(&self, request: Request) -> Result<Response, Error> {
        request.check()?;
        let caller = self.driver.caller();
        let call = caller.number;
        let deadline = now()?.measured.plus(self.timeout_ms);
        caller.report(Event::Begin(request.begin(call, deadline)))?;
        let method = request.method.to_ascii_uppercase();
        let mut at_hand = None;
        loop {
            match caller.action().await {
                Action::Send { url, until, .. } => {
                    let held = self.held()?;
                    let authorization = Secret::new(["Bearer ", held.access_token.reveal()].concat());
                    let outgoing = Outgoing {
                        method: &method,
                        url: &url,
                        headers: &request.headers(authorization.reveal()),
                        body: request.body.as_deref(),
                    };
                    let ms = until.since(now()?.measured);
                    match exchange(&outgoing, usize::MAX, ms).await {
                        Ok(incoming) => {
                            let incoming = at_hand.insert(incoming);
                            caller.report(Event::Answered { call, answer: incoming.answer(&incoming.error_text()) })?;
                        }
                        Err(error) => {
                            // The host could not even make the request.
                            let sent = error.code() != Code::InvalidOption;
                            caller.report(Event::Lost { call, error, sent })?;
                        }
                    }
                }
                Action::Discard { .. } => at_hand = None,
                Action::Give { error, .. } => {
                    if let Some(incoming) = at_hand.take() {
                        return Ok(Response::new(incoming, error));
                    }
                }
                Action::Fail { error, .. } => return Err(error),
                // Bodies are reported with their answers, and there is no listener.
                _ => {}
            }
        }
    }

    fn held(&self) -> Result<Rc<HeldToken>, Error> {
        self.driver.held().ok_or_else(|| Error::new(Code::Trapped, "the token is gone; please report this"))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("timeout_ms", &self.timeout_ms).finish_non_exhaustive()
    }
}
