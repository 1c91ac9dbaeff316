//! The identity service: the token endpoint, the discovery document and the keys.

use serde_json::{Value, json};

use super::config::SimulatorConfig;
use super::errors::token_refused;
use super::formats::{self, is_media};
use super::http::{HttpRequest, HttpResponse};
use super::jwt::SigningKey;
use crate::scope::ScopeSet;

/// Returns the scopes that a token request is granted, or the response that refuses it.
///
/// The order of the checks: method, content type, form, client, grant, scope. Where Xero's behaviour is not known, RFC
/// 6749 decides: a parameter twice (section 3.1) and credentials twice (section 2.3) are an `invalid_request`.
pub(super) fn grant(config: &SimulatorConfig, request: &HttpRequest) -> Result<ScopeSet, HttpResponse> {
    let refused = |error: &str| token_refused(400, error, None);
    if !request.method.eq_ignore_ascii_case("POST") {
        return Err(HttpResponse::bare(405).with("Allow", "POST"));
    }
    let form = form(request).ok_or_else(|| refused("invalid_request"))?;
    let field = |name: &str| form.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
    authenticate(config, request, field("client_id"), field("client_secret"))?;
    if field("grant_type") != Some("client_credentials") {
        return Err(refused("unsupported_grant_type"));
    }
    match field("scope") {
        None => Ok(config.scopes.clone()),
        Some(list) => {
            let asked = ScopeSet::from_scope_param(list);
            if asked.is_empty() || !config.scopes.covers(&asked) {
                return Err(token_refused(400, "invalid_scope", Some("Client credentials scope validation failed")));
            }
            Ok(asked)
        }
    }
}

/// The fields of the form; `None` if the body is not a form or has a field twice.
fn form(request: &HttpRequest) -> Option<Vec<(String, String)>> {
    is_media(request.header("content-type")?, "application/x-www-form-urlencoded").then_some(())?;
    let form = formats::pairs(core::str::from_utf8(&request.body).ok()?)?;
    let mut names: Vec<&str> = form.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.windows(2).all(|pair| pair.first() != pair.last()).then_some(form)
}

/// Checks id and secret, from the header or from the form, never from both.
fn authenticate(
    config: &SimulatorConfig,
    request: &HttpRequest,
    id: Option<&str>,
    secret: Option<&str>,
) -> Result<(), HttpResponse> {
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
    if given_id != config.client_id || &given_secret != config.client_secret.reveal() {
        return Err(wrong_client(config, header.is_some()));
    }
    Ok(())
}

fn wrong_client(config: &SimulatorConfig, by_header: bool) -> HttpResponse {
    let status = if config.invalid_client_is_401 { 401 } else { 400 };
    let refused = token_refused(status, "invalid_client", None);
    // RFC 6749 section 5.2 wants a challenge on a 401 to a client that used the header.
    if config.invalid_client_is_401 && by_header { refused.with("WWW-Authenticate", "Basic") } else { refused }
}

/// The answer with a token.
pub(super) fn granted(token: &str, lifetime_s: u64, scopes: &ScopeSet) -> HttpResponse {
    let body = json!({
        "access_token": token,
        "expires_in": lifetime_s,
        "token_type": "Bearer",
        "scope": scopes.to_string()
    });
    HttpResponse::json(200, &body).with("Cache-Control", "no-store").with("Pragma", "no-cache")
}

/// `/.well-known/openid-configuration` (RFC 8414 section 2).
pub(super) fn discovery(config: &SimulatorConfig) -> HttpResponse {
    let base = &config.base_url;
    HttpResponse::json(
        200,
        &json!({
            "issuer": base,
            "jwks_uri": format!("{base}/.well-known/openid-configuration/jwks"),
            "token_endpoint": format!("{base}/connect/token"),
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": [],
            "scopes_supported": config.scopes.names().collect::<Vec<_>>()
        }),
    )
}

/// `/.well-known/openid-configuration/jwks` (RFC 7517 section 5): no key before the host has set one.
pub(super) fn keys(key: &SigningKey) -> HttpResponse {
    let keys: Vec<Value> = key
        .numbers
        .iter()
        .map(|(n, e)| json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": key.kid, "n": n, "e": e }))
        .collect();
    HttpResponse::json(200, &json!({ "keys": keys }))
}
