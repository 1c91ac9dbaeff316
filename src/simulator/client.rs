//! The app that makes a request to the identity service: its form, its id and its secret.

use super::apps::App;
use super::config::SimulatorConfig;
use super::errors::token_refused;
use super::formats::{self, is_media};
use super::http::{HttpRequest, HttpResponse};

/// A request of an app: a form, and the app that sent it.
pub(super) struct ClientRequest {
    pub(super) app: App,
    form: Vec<(String, String)>,
}

impl ClientRequest {
    /// Reads a request and authenticates its app, or returns the response that refuses it.
    ///
    /// The order of the checks: method, content type, form, client. Where Xero's behaviour is not known, RFC 6749 decides:
    /// a parameter twice (section 3.1), if it means something, and credentials twice (section 2.3) are an `invalid_request`.
    pub(super) fn read(config: &SimulatorConfig, request: &HttpRequest) -> Result<Self, HttpResponse> {
        if !request.method.eq_ignore_ascii_case("POST") {
            return Err(HttpResponse::bare(405).with("Allow", "POST"));
        }
        let form = form(request).ok_or_else(|| token_refused(400, "invalid_request", None))?;
        let app = authenticate(config, request, field(&form, "client_id"), field(&form, "client_secret"))?;
        Ok(Self { app, form })
    }

    /// A field of the form.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        field(&self.form, name)
    }
}

fn field<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    form.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
}

/// The fields that mean something in a request of a token or of its revocation.
const FIELDS: [&str; 9] = [
    "grant_type",
    "client_id",
    "client_secret",
    "scope",
    "code",
    "redirect_uri",
    "code_verifier",
    "refresh_token",
    "token",
];

/// The fields of the form; `None` if the body is not a form or has a field twice that means something.
fn form(request: &HttpRequest) -> Option<Vec<(String, String)>> {
    is_media(request.header("content-type")?, "application/x-www-form-urlencoded").then_some(())?;
    formats::distinct(formats::pairs(core::str::from_utf8(&request.body).ok()?)?, &FIELDS)
}

/// Checks id and secret, from the header or from the form, never from both.
fn authenticate(
    config: &SimulatorConfig,
    request: &HttpRequest,
    id: Option<&str>,
    secret: Option<&str>,
) -> Result<App, HttpResponse> {
    let header = request.header("authorization");
    let (given_id, given_secret) = match header.map(formats::basic_credentials) {
        Some(None) => return Err(wrong_client(config, true)),
        Some(Some((own_id, _))) if secret.is_some() || id.is_some_and(|id| id != own_id) => {
            return Err(token_refused(400, "invalid_request", None));
        }
        Some(Some((own_id, own_secret))) => (own_id, own_secret),
        None => match id {
            None => return Err(token_refused(400, "unauthorized_client", None)),
            Some(id) => (id.to_owned(), secret.unwrap_or("").to_owned()),
        },
    };
    if given_id.is_empty() {
        return Err(token_refused(400, "invalid_request", None));
    }
    config
        .app(&given_id)
        .filter(|app| given_secret == config.secret(*app))
        .ok_or_else(|| wrong_client(config, header.is_some()))
}

fn wrong_client(config: &SimulatorConfig, by_header: bool) -> HttpResponse {
    let status = if config.invalid_client_is_401 { 401 } else { 400 };
    let refused = token_refused(status, "invalid_client", None);
    // RFC 6749 section 5.2 wants a challenge on a 401 to a client that used the header.
    if config.invalid_client_is_401 && by_header { refused.with("WWW-Authenticate", "Basic") } else { refused }
}
