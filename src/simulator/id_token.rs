//! The ID token of a login with the scope `openid` (`OpenID` Connect Core 1.0 section 2).

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::config::SimulatorConfig;
use super::grants::Holder;
use super::logins::Logins;
use super::tokens::IssuedToken;

/// The lifetime of an ID token: 5 minutes.
const LIFETIME_S: u64 = 300;

/// The claims that go with an access token, which is complete; `None` without a user or the scope `openid`. `profile` adds the
/// name of the user, and `email` the address.
pub(super) fn claims(
    config: &SimulatorConfig,
    logins: &Logins,
    token: &IssuedToken,
    complete: &str,
    nonce: Option<String>,
) -> Option<Value> {
    let Holder::User(login) = &token.holder else { return None };
    let user = logins.user(login.user).filter(|_| token.scopes.contains("openid"))?;
    let issued = (token.ends.as_ms() / 1_000).saturating_sub(config.token_lifetime_s);
    let half = Sha256::digest(complete.as_bytes()).into_iter().take(16).collect::<Vec<u8>>();
    let mut claims = json!({
        "iss": config.base_url,
        "aud": config.client_id(login.app),
        "iat": issued,
        "nbf": issued,
        "exp": issued.saturating_add(LIFETIME_S),
        "sub": user.subject,
        "auth_time": login.at.as_ms() / 1_000,
        "at_hash": Base64UrlUnpadded::encode_string(&half),
        "global_session_id": login.session,
        "xero_userid": user.id.to_string()
    });
    let members = claims.as_object_mut()?;
    members.extend(nonce.map(|nonce| ("nonce".to_owned(), nonce.into())));
    if token.scopes.contains("profile") {
        members.insert("given_name".to_owned(), user.given_name.into());
        members.insert("family_name".to_owned(), user.family_name.into());
        members.insert("preferred_username".to_owned(), user.email().into());
    }
    if token.scopes.contains("email") {
        members.insert("email".to_owned(), user.email().into());
    }
    Some(claims)
}
