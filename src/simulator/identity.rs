//! The identity service: the claims and the answer of a token, the discovery document and the keys.

use serde_json::{Map, Value, json};

use super::authorize;
use super::config::SimulatorConfig;
use super::grants::Holder;
use super::http::HttpResponse;
use super::jwt::SigningKey;
use super::logins::Logins;
use super::random::Uuid;
use super::tokens::IssuedToken;
use crate::scope::ScopeSet;

/// The claims of a token. `organisation` is the one of the custom connection, if it was ever authorised.
pub(super) fn claims(
    config: &SimulatorConfig,
    logins: &Logins,
    token: &IssuedToken,
    (id, event): (String, Uuid),
    starts: u64,
    organisation: Option<Uuid>,
) -> Value {
    let mut claims = json!({
        "iss": config.base_url,
        "aud": format!("{}/resources", config.base_url),
        "nbf": starts,
        "exp": token.ends.as_ms() / 1_000,
        "client_id": config.client_id(token.holder.app()),
        "jti": id,
        "scope": token.scopes.names().collect::<Vec<_>>()
    });
    let more = match &token.holder {
        Holder::CustomConnection => match organisation {
            Some(id) => json!({ "authentication_event_id": event.to_string(), "xero_tenant_id": id.to_string() }),
            None => json!({ "authentication_event_id": event.to_string() }),
        },
        Holder::WebApp => json!({}),
        Holder::User(login) => json!({
            "sub": logins.user(login.user).map(|user| user.subject.as_str()),
            "auth_time": login.at.as_ms() / 1_000,
            "xero_userid": logins.user(login.user).map(|user| user.id.to_string()),
            "global_session_id": login.session,
            "authentication_event_id": login.event.to_string()
        }),
    };
    if let (Some(members), Value::Object(more)) = (claims.as_object_mut(), more) {
        members.extend(more);
    }
    claims
}

/// The members of the answer with a token (RFC 6749 section 5.1).
pub(super) fn granted(
    token: &str,
    lifetime_s: u64,
    scopes: &ScopeSet,
    refresh_token: Option<String>,
) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("access_token".to_owned(), token.into());
    members.insert("expires_in".to_owned(), lifetime_s.into());
    members.insert("token_type".to_owned(), "Bearer".into());
    members.insert("scope".to_owned(), scopes.to_string().into());
    members.extend(refresh_token.map(|text| ("refresh_token".to_owned(), text.into())));
    members
}

/// The answer with a token, of these members.
pub(super) fn answer(members: Map<String, Value>) -> HttpResponse {
    let body = Value::Object(members);
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
            "authorization_endpoint": format!("{base}{}", authorize::PATH),
            "revocation_endpoint": format!("{base}/connect/revocation"),
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "subject_types_supported": ["public"],
            "scopes_supported": config.scopes.union(&config.apps.scopes).names().collect::<Vec<_>>()
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
