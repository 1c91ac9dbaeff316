//! The loop of the lifecycle: what to do is the core's decision, this does it.

use core::cell::RefCell;
use core::fmt;
use std::rc::Rc;

use js_sys::{Math, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::call::{Request, Response};
use super::fetch::{Incoming, Outgoing, exchange};
use super::timer::{now, within};
use crate::connection::{Answered, Connection, Options};
use crate::error::{Code, Error};
use crate::limits;
use crate::request::{ApiCall, BaseUrl, TOKEN_ACCEPT, TOKEN_CONTENT_TYPE};
use crate::retry;
use crate::scope::ScopeSet;
use crate::secret::Secret;
use crate::time::Timestamp;
use crate::token::answer::{Answer, MAX_BODY_BYTES};
use crate::token::{Action, Config, Why};
use crate::wasm::json;

/// How long a call may take unless [`Client::with_timeout`] says otherwise: half a minute.
const TIMEOUT_MS: u64 = 30_000;

/// Options for Xero itself: every scope that is configured on the connection, no day of creation, preflight on,
/// `https://identity.xero.com`, `https://api.xero.com`, the usual lifecycle ([`Config::default`]), a seed by chance.
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
        lifecycle: Config::default(),
        limits: limits::Config::default(),
        retry: retry::Config::default(),
        seed: Math::random().to_bits(),
    })
}

/// An access token and what it is good for.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// The token itself.
    pub access_token: Secret<String>,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The scopes it carries; `None` if neither Xero's answer nor the token itself says.
    pub scopes: Option<ScopeSet>,
}

/// The client of one custom connection: gets access tokens with id and secret, keeps them fresh, sends calls with them.
///
/// Clones share one token: make one client for a connection, and clone it. No request is made before the first call.
/// See the [module](super) for an example and for where it runs.
#[derive(Clone)]
pub struct Client {
    shared: Rc<Shared>,
    timeout_ms: u64,
}

struct Shared {
    secret: Secret<String>,
    // Never borrowed across an await.
    connection: RefCell<Connection>,
    held: RefCell<Option<Rc<Held>>>,
    /// The token request under way, or the last one: a promise, so that any number of callers can wait for it.
    asking: RefCell<Option<Promise>>,
}

struct Held {
    generation: u32,
    expires_at: Timestamp,
    access_token: Secret<String>,
}

impl Client {
    /// A client with a client secret. It has no store: `lifecycle.stored` is taken as `false`.
    ///
    /// # Errors
    /// `invalid_option` if id or secret is empty or has a control character, if the list of scopes is empty, or if a
    /// scope is none by its characters.
    pub fn new(options: Options, secret: Secret<String>) -> Result<Self, Error> {
        let lifecycle = Config { stored: false, ..options.lifecycle };
        let connection = Connection::new(Options { lifecycle, ..options })?;
        connection.token_request(0, &secret)?;
        let shared =
            Shared { secret, connection: connection.into(), held: RefCell::default(), asking: RefCell::default() };
        Ok(Self { shared: Rc::new(shared), timeout_ms: TIMEOUT_MS })
    }

    /// The same client, with the same token, whose calls may take this long in all, in milliseconds: waiting for a token,
    /// the call itself and its answer. Half a minute otherwise.
    #[must_use]
    pub fn with_timeout(self, ms: u64) -> Self {
        Self { timeout_ms: ms, ..self }
    }

    /// An access token that can be used now: the one at hand, or a new one.
    ///
    /// A token that is about to end is renewed in the background while it is still handed out. However many callers ask
    /// at once, one request is made.
    ///
    /// # Errors
    /// Why there is no token: `invalid_client`, `unauthorized_client`, `invalid_scope`, `token_refused` (asked again only
    /// after five minutes), `rate_limited`, `identity_unavailable`, `malformed_token`, `redirected`, `offline`, `timeout`.
    pub async fn token(&self) -> Result<AccessToken, Error> {
        let held = self.obtain(self.deadline()?).await?;
        Ok(AccessToken {
            access_token: held.access_token.clone(),
            expires_at: held.expires_at,
            scopes: self.shared.connection.borrow().granted().cloned(),
        })
    }

    /// Sends a `GET`. See [`Self::send`].
    ///
    /// # Errors
    /// As [`Self::send`] does.
    pub async fn get(&self, path: &str) -> Result<Response, Error> {
        self.send(Request::new("GET", path)).await
    }

    /// Sends a call and reads its answer, whatever Xero answers: [`Response::json`] and [`Response::error`] tell a
    /// success from the rest.
    ///
    /// Sets `Authorization`, and `Accept` unless the call has its own. Follows no redirect. If Xero says that the token
    /// has expired, renews it and sends the call once more. Dropped before it is done, it ends the call.
    ///
    /// # Errors
    /// For what is not sent: `scope_missing` (preflight), `invalid_url`, `foreign_host`, `insecure_url`,
    /// `invalid_header`, `body_not_allowed`, `invalid_option` (the method), and as [`Self::token`] does. For what is not
    /// answered: `offline`, `timeout`.
    pub async fn send(&self, request: Request) -> Result<Response, Error> {
        let deadline = self.deadline()?;
        request.check()?;
        // Before a token is asked for: a call that cannot be sent needs none.
        self.plan(&request)?;
        let held = self.obtain(deadline).await?;
        let answer = self.transmit(&request, &held, deadline).await?;
        let expired = answer.error().is_some_and(|error| error.code() == Code::TokenExpired);
        if !expired || !self.reject(held.generation)? {
            return Ok(answer);
        }
        let held = self.obtain(deadline).await?;
        self.transmit(&request, &held, deadline).await
    }

    fn deadline(&self) -> Result<Timestamp, Error> {
        Ok(now()?.plus(self.timeout_ms))
    }

    fn plan(&self, request: &Request) -> Result<ApiCall, Error> {
        self.shared.connection.borrow().call(&request.method, &request.path)
    }

    /// Tells the core that the API called this token expired. Whether a new one may help.
    fn reject(&self, generation: u32) -> Result<bool, Error> {
        let actions = self.shared.connection.borrow_mut().rejected(generation, now()?);
        Ok(!actions.iter().any(|action| matches!(action, Action::Fail { .. })))
    }

    /// A token, however long it takes until `deadline`.
    async fn obtain(&self, deadline: Timestamp) -> Result<Rc<Held>, Error> {
        loop {
            let now = now()?;
            let actions = self.shared.connection.borrow_mut().want(deadline, now);
            let (mut found, mut until, mut pending) = (None, deadline, None);
            for action in actions {
                match action {
                    // A renewal may follow in the list: it goes on without this caller.
                    Action::Use { .. } => found.clone_from(&self.shared.held.borrow()),
                    Action::Send { attempt, deadline } => pending = Some(self.ask(attempt, deadline.since(now))),
                    Action::Wait { until: latest, why } => {
                        until = latest;
                        pending = if why == Why::Asking { self.shared.asking.borrow().clone() } else { None };
                    }
                    Action::Fail { error } => return Err(error),
                    // Of an answer, or about a store.
                    Action::Keep { .. } | Action::Save { .. } | Action::Erase | Action::Load => {}
                }
            }
            if let Some(held) = found {
                return Ok(held);
            }
            let settled = async {
                match pending {
                    Some(promise) => drop(JsFuture::from(promise).await),
                    None => core::future::pending().await,
                }
            };
            within(until.since(now), settled).await;
        }
    }

    /// Sends a token request in the background and tells the core what came of it. The promise is always fulfilled.
    fn ask(&self, attempt: u32, ms: u64) -> Promise {
        let shared = Rc::clone(&self.shared);
        let promise = future_to_promise(async move {
            while shared.settle(attempt, shared.exchange(attempt, ms).await) {}
            Ok(JsValue::UNDEFINED)
        });
        self.shared.asking.replace(Some(promise.clone()));
        promise
    }

    async fn transmit(&self, request: &Request, held: &Held, deadline: Timestamp) -> Result<Response, Error> {
        // Again, now that the scopes of the token are known.
        let call = self.plan(request)?;
        let authorization = Secret::new(["Bearer ", held.access_token.reveal()].concat());
        let outgoing = Outgoing {
            method: call.method,
            url: &call.url,
            headers: &request.headers(authorization.reveal()),
            body: request.body.as_deref(),
        };
        let sent_at = now()?;
        let connection = &self.shared.connection;
        let incoming = exchange(&outgoing, usize::MAX, deadline.since(sent_at))
            .await
            .map_err(|error| request.unsettled(connection.borrow().api_url(), sent_at, error))?;
        Ok(Response::new(incoming, &connection.borrow(), request, sent_at, now()?))
    }
}

impl Shared {
    async fn exchange(&self, attempt: u32, ms: u64) -> Result<Incoming, Error> {
        let request = self.connection.borrow().token_request(attempt, &self.secret)?;
        let outgoing = Outgoing {
            method: "POST",
            url: &request.url,
            headers: &[
                ("accept", TOKEN_ACCEPT),
                ("authorization", request.authorization.reveal()),
                ("content-type", TOKEN_CONTENT_TYPE),
            ],
            body: Some(request.body.as_bytes()),
        };
        exchange(&outgoing, MAX_BODY_BYTES, ms).await
    }

    /// Tells the core what came of an attempt. Whether it is to be sent once more.
    fn settle(&self, attempt: u32, settled: Result<Incoming, Error>) -> bool {
        // Without a clock there is nothing to tell: the lease of the attempt ends, and callers are told why.
        let Ok(now) = now() else { return false };
        let mut connection = self.connection.borrow_mut();
        let incoming = match settled {
            Ok(incoming) => incoming,
            Err(error) => {
                connection.unanswered(attempt, error, now);
                return false;
            }
        };
        // Borrowed: valid UTF-8 is not copied.
        let body = String::from_utf8_lossy(incoming.body.reveal());
        let answer = Answer {
            status: incoming.status,
            content_type: incoming.header("content-type"),
            retry_after: incoming.header("retry-after"),
            body: &body,
            cut: incoming.cut,
        };
        let Answered { grant, actions, again, .. } = connection.answered(attempt, &answer, false, now, &json::parse);
        for action in actions {
            if let (Action::Keep { generation, expires_at, .. }, Some(grant)) = (action, &grant) {
                let access_token = grant.access_token.clone();
                self.held.replace(Some(Rc::new(Held { generation, expires_at, access_token })));
            }
        }
        again.is_some()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("timeout_ms", &self.timeout_ms).finish_non_exhaustive()
    }
}
