//! Requests to a local Xero, and the parts of its answers.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use serde_json::Value;

use xero_m2m::catalogue::{GRANULAR_ONLY_FROM, Held, Operation, SCOPES};
use xero_m2m::scope::ScopeSet;
use xero_m2m::secret::Secret;
use xero_m2m::simulator::{HttpRequest, HttpResponse, Reply, Simulator, SimulatorConfig};
use xero_m2m::time::{Date, Timestamp};

pub(crate) const NOW: u64 = 1_795_000_000_000;
pub(crate) const ID: &str = "0123456789ABCDEF0123456789ABCDEF";
pub(crate) const SECRET: &str = "s3cret+/ with: odd%chars";

/// An invoice as the body of a request.
pub(crate) const INVOICE: &str = r#"{"Invoices":[{"Type":"ACCREC","Contact":{"Name":"A"},"LineItems":[{"Description":"x","Quantity":1,"UnitAmount":1,"AccountCode":"200"}]}]}"#;

pub(crate) fn now() -> Timestamp {
    Timestamp::from_ms(NOW)
}

pub(crate) fn config(scopes: &str) -> SimulatorConfig {
    SimulatorConfig {
        client_id: ID.to_owned(),
        client_secret: Secret::new(SECRET.to_owned()),
        scopes: ScopeSet::from_scope_param(scopes),
        invoices: 250,
        ..SimulatorConfig::new(7, now().date())
    }
}

pub(crate) fn open(scopes: &str) -> Simulator {
    Simulator::new(config(scopes)).unwrap()
}

pub(crate) fn form_encoded(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(b).to_string(),
            b' ' => "+".to_owned(),
            _ => format!("%{b:02X}"),
        })
        .collect()
}

pub(crate) fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", Base64::encode_string(format!("{}:{}", form_encoded(id), form_encoded(secret)).as_bytes()))
}

pub(crate) fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> HttpRequest {
    HttpRequest {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: body.as_bytes().to_vec(),
    }
}

pub(crate) fn token_request(authorization: Option<&str>, body: &str) -> HttpRequest {
    let mut headers = vec![("Content-Type", "application/x-www-form-urlencoded")];
    headers.extend(authorization.map(|value| ("Authorization", value)));
    request("POST", "/connect/token", &headers, body)
}

/// Performs a request, and signs if asked to. The signature contains the ticket, so that each token is unique.
pub(crate) fn send(simulator: &mut Simulator, request: &HttpRequest, at: Timestamp) -> HttpResponse {
    let mut reply = simulator.handle(request, at);
    loop {
        reply = match reply {
            Reply::Respond(response) => return response,
            Reply::Sign { ticket, input } => {
                assert!(input.is_ascii());
                simulator.signed(ticket, &Base64UrlUnpadded::encode_string(&ticket.to_be_bytes()))
            }
            Reply::Spoil { transport, .. } => panic!("no rule asks for {transport:?}"),
        };
    }
}

pub(crate) fn body(response: &HttpResponse) -> Value {
    serde_json::from_slice(&response.body).unwrap_or_else(|_| panic!("not JSON: {response:?}"))
}

pub(crate) fn header<'a>(response: &'a HttpResponse, name: &str) -> Option<&'a str> {
    response.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

pub(crate) fn token(simulator: &mut Simulator, scope: Option<&str>, at: Timestamp) -> String {
    let form = scope.map_or_else(String::new, |scope| format!("&scope={}", form_encoded(scope)));
    let request = token_request(Some(&basic(ID, SECRET)), &format!("grant_type=client_credentials{form}"));
    let response = send(simulator, &request, at);
    assert_eq!(response.status, 200, "{response:?}");
    body(&response)["access_token"].as_str().unwrap().to_owned()
}

pub(crate) fn call(simulator: &mut Simulator, token: &str, method: &str, target: &str, body: &str) -> HttpResponse {
    let bearer = format!("Bearer {token}");
    let headers =
        [("Authorization", bearer.as_str()), ("Accept", "application/json"), ("Content-Type", "application/json")];
    send(simulator, &request(method, target, &headers, body), now())
}

pub(crate) fn get(simulator: &mut Simulator, token: &str, target: &str) -> Value {
    let response = call(simulator, token, "GET", target, "");
    assert_eq!(response.status, 200, "{target}: {}", String::from_utf8_lossy(&response.body));
    body(&response)
}

/// The scopes that some connection created on this day can hold.
pub(crate) fn held_by_some(created_on: &str) -> impl Iterator<Item = &'static str> {
    let is_older = Date::parse(created_on) < GRANULAR_ONLY_FROM;
    SCOPES
        .iter()
        .filter(move |scope| scope.held != Held::No && (is_older || scope.held != Held::LegacyOnly))
        .map(|scope| scope.name)
}

/// A path of the operation.
pub(crate) fn example_path(operation: &Operation) -> String {
    let value = if operation.id_only() { "00000000-0000-4000-8000-000000000001" } else { "A-1" };
    let path = operation.path().split('/').map(|segment| if segment.starts_with('{') { value } else { segment });
    format!("{}{}", operation.api.row().unwrap().base, path.collect::<Vec<_>>().join("/"))
}
