//! One custom connection: a [`Session`] with the identity service, and the [`Organisation`] whose APIs the calls go to.

mod organisation;
mod session;

pub use organisation::Organisation;
pub use session::{Again, Answered, Session};

use crate::error::Error;
use crate::limits::{self, Problem, Reading};
use crate::request::{self, ApiAnswer, ApiCall, BaseUrl};
use crate::scope::ScopeSet;
use crate::time::{Date, Timestamp};
use crate::token;

/// The options that a connection is made from.
#[derive(Clone, Debug)]
pub struct Options {
    /// The client id: 32 hexadecimal characters, as far as is known.
    pub client_id: String,
    /// The scopes to ask for; `None` asks for all that are configured on the connection.
    pub scopes: Option<ScopeSet>,
    /// The day on which the connection was created, if it is known: the dated rules are then applied.
    pub created_on: Option<Date>,
    /// The id of the organisation that the connection has to reach, with or without hyphens; `None` takes any.
    pub organisation: Option<String>,
    /// A call that no scope opens is refused before it is sent.
    pub preflight: bool,
    /// The address of the identity service.
    pub identity_url: BaseUrl,
    /// The address of the APIs.
    pub api_url: BaseUrl,
    /// The numbers of the token lifecycle.
    pub lifecycle: token::LifecycleConfig,
    /// The numbers of admission; `None` sends every call at once and leaves Xero's limits to the callers.
    pub limits: Option<limits::LimitsConfig>,
    /// Feeds the jitter of the pauses.
    pub seed: u64,
}

/// One custom connection.
#[derive(Debug)]
pub struct Connection {
    /// Its tokens.
    pub session: Session,
    /// The organisation that its tokens reach.
    pub organisation: Organisation,
}

impl Connection {
    /// A connection that knows nothing yet.
    ///
    /// # Errors
    /// `invalid_option` if the client id or the list of scopes is one that [`request::token_request`] refuses, or if the
    /// organisation is not an id.
    pub fn new(options: Options) -> Result<Self, Error> {
        let organisation = Organisation::new(&options);
        Ok(Self { session: Session::new(options)?, organisation })
    }

    /// Reads a call: its absolute URL and its operation.
    ///
    /// # Errors
    /// `invalid_url`, `insecure_url` or `foreign_host` for a URL that cannot be used, `invalid_option` for an unknown method.
    pub fn read(&self, method: &str, input: &str) -> Result<ApiCall, Error> {
        request::call(&self.organisation.api_url, method, input)
    }

    /// Checks that a call may be sent with the token in use. Before there is a token, the scopes that will be asked for stand in
    /// for those it carries.
    ///
    /// # Errors
    /// `scope_missing` for a call that preflight refuses.
    pub fn check(&self, call: &ApiCall) -> Result<(), Error> {
        let Organisation { preflight, created_on, .. } = self.organisation;
        match (call.route.operation(), self.session.scopes()) {
            (Some(operation), Some(scopes)) if preflight => request::preflight(operation, scopes, created_on),
            _ => Ok(()),
        }
    }

    /// The error that an answer to a call amounts to; `None` if it is a success. `reading` has the limits of the answer.
    pub fn api_error(
        &self,
        method: &str,
        input: &str,
        answer: &ApiAnswer<'_>,
        reading: &Reading,
        now: Timestamp,
    ) -> Option<Error> {
        let call = self.read(method, input).ok();
        let limit = reading.problem.map(Problem::as_str);
        ApiAnswer { limit, ..*answer }.error(call.as_ref(), self.session.granted(), now)
    }
}
