//! `/identity/connect/authorize`: a user consents to an app (RFC 6749 section 4.1).
//!
//! An error of the request itself is shown on a page and never reaches the app, as it is reported of Xero. Only the answer
//! of the user is sent to the redirect address: a code, or `access_denied`.

use super::apps::App;
use super::codes::{CodeRequest, is_challenge};
use super::company::Company;
use super::config::SimulatorConfig;
use super::consent::Consent;
use super::consent_page;
use super::formats;
use super::http::{HttpRequest, HttpResponse};
use super::logins::Logins;
use super::random::Uuid;
use crate::scope::ScopeSet;
use crate::time::Timestamp;

/// The path of the endpoint.
pub(super) const PATH: &str = "/identity/connect/authorize";

/// An authorization request that has been checked.
struct AuthorizeRequest {
    app: App,
    scopes: ScopeSet,
    state: Option<String>,
    code: CodeRequest,
}

/// The answer of a user.
enum UserAnswer {
    Refused,
    /// The number of the user, and the places of the organisations.
    Given(usize, Vec<usize>),
}

/// The parts of the local Xero that the endpoint needs.
pub(super) struct Authorize<'a> {
    pub(super) config: &'a SimulatorConfig,
    pub(super) companies: &'a [Company],
    pub(super) logins: &'a mut Logins,
}

impl Authorize<'_> {
    /// Answers a request: with the page that asks the user, or with the user's answer for the app.
    pub(super) fn answer(&mut self, request: &HttpRequest, query: &str, now: Timestamp) -> HttpResponse {
        let asked = match read(self.config, query) {
            Ok(asked) => asked,
            Err(response) => return response,
        };
        let answer = if request.method.eq_ignore_ascii_case("POST") {
            self.answer_of_form(&request.body)
        } else if request.method.eq_ignore_ascii_case("GET") {
            self.answer_without_page()
        } else {
            return HttpResponse::bare(405).with("Allow", "GET, POST");
        };
        match answer {
            None => consent_page::page(asked.app, &asked.scopes, &self.logins.users, self.companies),
            Some(UserAnswer::Refused) => redirect(&asked, "error", "access_denied"),
            Some(UserAnswer::Given(user, places)) => {
                let login = self.logins.consent(asked.app, user, &asked.scopes, &places, now);
                let code = self.logins.codes.issue(login, asked.code.clone(), now);
                redirect(&asked, "code", &code)
            }
        }
    }

    /// The answer that the local Xero is set to give; `None` if a page is to ask.
    fn answer_without_page(&self) -> Option<UserAnswer> {
        match &self.config.consent {
            Consent::Ask => None,
            Consent::Refuse => Some(UserAnswer::Refused),
            Consent::Give { user, organisations } => {
                let is_meant = |company: &Company| organisations.is_empty() || organisations.contains(&company.name);
                Some(UserAnswer::Given(*user, self.places(is_meant)))
            }
        }
    }

    /// The answer that the form of the page gives; `None` if it consents to nothing.
    fn answer_of_form(&self, body: &[u8]) -> Option<UserAnswer> {
        let form = formats::pairs(core::str::from_utf8(body).ok()?)?;
        let values = |wanted: &'static str| form.iter().filter(move |(name, _)| name == wanted).map(|(_, value)| value);
        match values("answer").next()?.as_str() {
            "refuse" => Some(UserAnswer::Refused),
            "allow" => {
                let user = values("user").next()?.parse().ok().filter(|&user| self.logins.user(user).is_some())?;
                let places =
                    self.places(|company| values("organisation").any(|id| Uuid::parse(id) == Some(company.id)));
                (!places.is_empty()).then_some(UserAnswer::Given(user, places))
            }
            _ => None,
        }
    }

    fn places(&self, is_meant: impl Fn(&Company) -> bool) -> Vec<usize> {
        self.companies.iter().enumerate().filter(|(_, company)| is_meant(company)).map(|(place, _)| place).collect()
    }
}

/// The parameters that mean something.
const FIELDS: [&str; 8] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
];

/// Reads an authorization request, or returns the page that refuses it.
fn read(config: &SimulatorConfig, query: &str) -> Result<AuthorizeRequest, HttpResponse> {
    let refused = |error: &str| consent_page::refusal(400, error);
    let Some(query) = formats::pairs(query).and_then(|pairs| formats::distinct(pairs, &FIELDS)) else {
        return Err(refused("invalid_request"));
    };
    let field = |name: &str| query.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
    let app = field("client_id")
        .and_then(|id| config.app(id))
        .filter(|app| *app != App::Custom)
        .ok_or_else(|| refused("unauthorized_client"))?;
    let redirect_uri = field("redirect_uri")
        .filter(|uri| config.apps.redirect_uris.iter().any(|own| own == uri))
        .ok_or_else(|| refused("invalid_request : Invalid redirect_uri"))?;
    if field("response_type") != Some("code") {
        return Err(refused("unsupported_response_type"));
    }
    let scopes = ScopeSet::from_scope_param(field("scope").unwrap_or(""));
    if scopes.is_empty() {
        return Err(refused("invalid_request : scope is missing"));
    }
    if !config.apps.of_users().covers(&scopes) {
        return Err(consent_page::refusal(500, "unauthorized_client : Invalid scope for client"));
    }
    let challenge = match (field("code_challenge"), field("code_challenge_method")) {
        (None, None) if app == App::Web => None,
        (None, _) => return Err(refused("invalid_request : code challenge required")),
        (Some(challenge), Some("S256")) if is_challenge(challenge) => Some(challenge.to_owned()),
        (Some(_), _) => return Err(refused("invalid_request : Transform algorithm not supported")),
    };
    let code = CodeRequest {
        redirect_uri: redirect_uri.to_owned(),
        challenge,
        nonce: field("nonce").map(str::to_owned),
        offline: scopes.contains("offline_access"),
    };
    Ok(AuthorizeRequest { app, state: field("state").map(str::to_owned), scopes, code })
}

/// Sends the browser back to the app with one parameter and the state (RFC 6749 sections 4.1.2 and 4.1.2.1).
fn redirect(asked: &AuthorizeRequest, name: &str, value: &str) -> HttpResponse {
    let uri = &asked.code.redirect_uri;
    let joint = if uri.contains('?') { '&' } else { '?' };
    let state = asked.state.as_ref().map(|state| format!("&state={}", formats::form_encoded(state)));
    let location = format!("{uri}{joint}{name}={value}{}", state.unwrap_or_default());
    HttpResponse::bare(302).with("Location", &location).with("Cache-Control", "no-store")
}
