//! The exchange of an authorization code (RFC 6749 section 4.1.3), with PKCE (RFC 7636).

use super::super::apps::App;
use super::super::client::ClientRequest;
use super::super::http::HttpResponse;
use super::super::logins::Logins;
use super::{Granted, Holder, refused};
use crate::time::Timestamp;

/// Grants what the user consented to. The first exchange of a code by its app uses it up, also if it is refused.
pub(super) fn grant(logins: &mut Logins, request: &ClientRequest, now: Timestamp) -> Result<Granted, HttpResponse> {
    if request.app == App::Custom {
        return Err(refused("unauthorized_client"));
    }
    let (Some(code), Some(redirect_uri)) = (request.field("code"), request.field("redirect_uri")) else {
        return Err(refused("invalid_request"));
    };
    let code = logins
        .codes
        .take(code, now)
        .filter(|code| code.login.app == request.app && code.request.redirect_uri == redirect_uri)
        .filter(|code| code.is_proved_by(request.field("code_verifier")))
        .ok_or_else(|| refused("invalid_grant"))?;
    let login = code.login;
    let refresh_token = code.request.offline.then(|| logins.refresh_tokens.issue(login.clone(), now));
    Ok(Granted { scopes: login.scopes.clone(), holder: Holder::User(login), refresh_token, nonce: code.request.nonce })
}
