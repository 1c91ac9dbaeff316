//! The grants of the token endpoint (RFC 6749), a module for each.

mod client_credentials;
mod code;
mod refresh;

use super::apps::App;
use super::client::ClientRequest;
use super::config::SimulatorConfig;
use super::errors::token_refused;
use super::http::{HttpRequest, HttpResponse};
use super::logins::{Login, Logins};
use crate::scope::ScopeSet;
use crate::time::Timestamp;

/// The holder of a token: what it stands for at the API.
#[derive(Clone, Debug)]
pub(super) enum Holder {
    /// The custom connection.
    CustomConnection,
    /// The Web app itself, without an organisation.
    WebApp,
    /// A user who consented.
    User(Login),
}

impl Holder {
    /// The app that asked for the token.
    pub(super) const fn app(&self) -> App {
        match self {
            Self::CustomConnection => App::Custom,
            Self::WebApp => App::Web,
            Self::User(login) => login.app,
        }
    }
}

/// The result of a token request that is granted.
pub(super) struct Granted {
    pub(super) holder: Holder,
    pub(super) scopes: ScopeSet,
    pub(super) refresh_token: Option<String>,
    /// Of the authorization request, for the ID token.
    pub(super) nonce: Option<String>,
}

/// Grants a token request, or returns the response that refuses it.
pub(super) fn grant(
    config: &SimulatorConfig,
    logins: &mut Logins,
    request: &HttpRequest,
    now: Timestamp,
) -> Result<Granted, HttpResponse> {
    let request = ClientRequest::read(config, request)?;
    match request.field("grant_type") {
        Some("client_credentials") => client_credentials::grant(config, &request),
        Some("authorization_code") => code::grant(logins, &request, now),
        Some("refresh_token") => refresh::grant(logins, &request, now),
        _ => Err(refused("unsupported_grant_type")),
    }
}

fn refused(error: &str) -> HttpResponse {
    token_refused(400, error, None)
}
