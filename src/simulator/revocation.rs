//! `POST /connect/revocation` (RFC 7009): a refresh token ends everything that its user gave to its app.

use super::client::ClientRequest;
use super::config::SimulatorConfig;
use super::errors::token_refused;
use super::http::{HttpRequest, HttpResponse};
use super::logins::Logins;

/// Answers a revocation: 200 also for a token that is unknown or of another app, which changes nothing (RFC 7009 section
/// 2.2). An access token is such a token here, because no source reports that Xero revokes one.
pub(super) fn answer(config: &SimulatorConfig, logins: &mut Logins, request: &HttpRequest) -> HttpResponse {
    let request = match ClientRequest::read(config, request) {
        Ok(request) => request,
        Err(response) => return response,
    };
    let Some(token) = request.field("token") else {
        return token_refused(400, "invalid_request", None);
    };
    let login = logins.refresh_tokens.login(token).filter(|login| login.app == request.app);
    if let Some((app, user)) = login.map(|login| (login.app, login.user)) {
        logins.revoke(app, user);
    }
    HttpResponse::bare(200).with("Cache-Control", "no-store")
}
