//! The exchange of a refresh token, which gives the next one (RFC 6749 section 6).

use super::super::apps::App;
use super::super::client::ClientRequest;
use super::super::http::HttpResponse;
use super::super::logins::Logins;
use super::{Granted, Holder, refused};
use crate::time::Timestamp;

/// Grants the scopes of the login again. A parameter `scope` is ignored.
pub(super) fn grant(logins: &mut Logins, request: &ClientRequest, now: Timestamp) -> Result<Granted, HttpResponse> {
    if request.app == App::Custom {
        return Err(refused("unauthorized_client"));
    }
    let token = request.field("refresh_token").ok_or_else(|| refused("invalid_request"))?;
    let is_own = logins.refresh_tokens.login(token).is_some_and(|login| login.app == request.app);
    let (login, next) =
        is_own.then(|| logins.refresh_tokens.exchange(token, now)).flatten().ok_or_else(|| refused("invalid_grant"))?;
    Ok(Granted { scopes: login.scopes.clone(), holder: Holder::User(login), refresh_token: Some(next), nonce: None })
}
