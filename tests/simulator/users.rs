//! Shared by the tests of user flows: an app, a login, and calls with a user's token.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::Value;

use super::helpers::{basic, body, config, form_encoded, header, request, send, token_request};
use xero_m2m::simulator::{App, Consent, Grace, HttpResponse, Simulator, SimulatorConfig};
use xero_m2m::time::Timestamp;

pub(crate) const REDIRECT: &str = "http://localhost:8765/callback";

/// The pair of RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(crate) const ORGANISATIONS: [&str; 3] = ["Harbour & Pine", "Kea Outdoor Hire", "<Tui> \"& Sons\""];

/// A local Xero with three organisations whose first user consents to all of them.
pub(crate) fn open_for_users(grace: Grace) -> Simulator {
    let mut config = SimulatorConfig {
        organisations: ORGANISATIONS.map(str::to_owned).to_vec(),
        consent: Consent::parse("all").unwrap(),
        invoices: 20,
        ..config("accounting.settings")
    };
    config.apps.grace = grace;
    Simulator::new(config).unwrap()
}

pub(crate) fn consent_to(simulator: &mut Simulator, user: usize, organisations: &[&str]) {
    let organisations = organisations.iter().map(|&name| name.to_owned()).collect();
    simulator.set_consent(Consent::Give { user, organisations }).unwrap();
}

/// Parameters of an authorization request, as a query.
pub(crate) fn query(parameters: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={}", form_encoded(value))).collect();
    pairs.join("&")
}

pub(crate) fn client_id(simulator: &Simulator, app: App) -> String {
    let apps = &simulator.config().apps;
    if app == App::Web { apps.web_id.clone() } else { apps.pkce_id.clone() }
}

/// The query of a good authorization request of an app; the Web app sends no challenge.
pub(crate) fn good_query(simulator: &Simulator, app: App, scope: &str) -> String {
    let id = client_id(simulator, app);
    let mut parameters = vec![
        ("response_type", "code"),
        ("client_id", &id),
        ("redirect_uri", REDIRECT),
        ("scope", scope),
        ("state", "a state & more"),
    ];
    if app == App::Pkce {
        parameters.extend([("code_challenge", CHALLENGE), ("code_challenge_method", "S256")]);
    }
    query(&parameters)
}

pub(crate) fn authorize(simulator: &mut Simulator, query: &str, at: Timestamp) -> HttpResponse {
    send(simulator, &request("GET", &format!("/identity/connect/authorize?{query}"), &[], ""), at)
}

/// The code that a good request gives.
pub(crate) fn code(simulator: &mut Simulator, app: App, scope: &str, at: Timestamp) -> String {
    let query = good_query(simulator, app, scope);
    let response = authorize(simulator, &query, at);
    let location = header(&response, "Location").unwrap_or_else(|| panic!("no redirect: {response:?}"));
    let rest = location.strip_prefix(&format!("{REDIRECT}?code=")).unwrap();
    rest.strip_suffix("&state=a%20state%20%26%20more").unwrap().to_owned()
}

/// A token request of an app: with its secret, or with its id in the form.
pub(crate) fn ask(simulator: &mut Simulator, app: App, form: &str, at: Timestamp) -> HttpResponse {
    let id = client_id(simulator, app);
    let request = match app {
        App::Web => token_request(Some(&basic(&id, simulator.config().apps.web_secret.reveal())), form),
        _ => token_request(None, &format!("{form}&client_id={id}")),
    };
    send(simulator, &request, at)
}

pub(crate) fn exchange(simulator: &mut Simulator, app: App, code: &str, at: Timestamp) -> HttpResponse {
    let verifier = if app == App::Pkce { format!("&code_verifier={VERIFIER}") } else { String::new() };
    let redirect = form_encoded(REDIRECT);
    ask(simulator, app, &format!("grant_type=authorization_code&code={code}&redirect_uri={redirect}{verifier}"), at)
}

/// The answer to a whole login.
pub(crate) fn login(simulator: &mut Simulator, app: App, scope: &str, at: Timestamp) -> Value {
    let code = code(simulator, app, scope, at);
    let response = exchange(simulator, app, &code, at);
    assert_eq!(response.status, 200, "{response:?}");
    body(&response)
}

/// Uses a refresh token. Returns the next one, or the error.
pub(crate) fn refresh(simulator: &mut Simulator, app: App, token: &str, at: Timestamp) -> Result<String, String> {
    let response = ask(simulator, app, &format!("grant_type=refresh_token&refresh_token={token}"), at);
    let answer = body(&response);
    match response.status {
        200 => Ok(text(&answer, "refresh_token")),
        _ => Err(text(&answer, "error")),
    }
}

pub(crate) fn text(answer: &Value, name: &str) -> String {
    answer[name].as_str().unwrap_or_else(|| panic!("no {name}: {answer}")).to_owned()
}

pub(crate) fn claims(token: &str) -> Value {
    serde_json::from_slice(&Base64UrlUnpadded::decode_vec(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

/// A call with a token, and a tenant header unless it is empty.
pub(crate) fn call(
    simulator: &mut Simulator,
    token: &str,
    tenant: &str,
    method: &str,
    target: &str,
    at: Timestamp,
) -> HttpResponse {
    let bearer = format!("Bearer {token}");
    let mut headers = vec![("Authorization", bearer.as_str()), ("Accept", "application/json")];
    if !tenant.is_empty() {
        headers.push(("xero-tenant-id", tenant));
    }
    send(simulator, &request(method, target, &headers, ""), at)
}

/// The rows of `GET /connections` of a user's token.
pub(crate) fn connections(simulator: &mut Simulator, token: &str, query: &str, at: Timestamp) -> Vec<Value> {
    let response = call(simulator, token, "", "GET", &format!("/connections{query}"), at);
    assert_eq!(response.status, 200, "{response:?}");
    body(&response).as_array().unwrap().clone()
}
