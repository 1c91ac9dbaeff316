//! The exact bytes of the token request of a custom connection.

use zeroize::Zeroizing;

use super::path::push_escape;
use super::url::BaseUrl;
use crate::base64::push_base64;
use crate::error::{Code, Error, quoted};
use crate::scope::ScopeSet;
use crate::secret::Secret;
use crate::text::{has_control, words};

/// The `Content-Type` of a token request.
pub const TOKEN_CONTENT_TYPE: &str = "application/x-www-form-urlencoded";

/// The `Accept` of a token request.
pub const TOKEN_ACCEPT: &str = "application/json";

/// A POST for an access token. Its other headers are [`TOKEN_CONTENT_TYPE`] and [`TOKEN_ACCEPT`].
#[derive(Clone, Debug)]
pub struct TokenRequest {
    /// The token endpoint.
    pub url: String,
    /// The value of `Authorization`: `Basic …`.
    pub authorization: Secret<String>,
    /// The form; it holds no secret.
    pub body: String,
}

/// A request by client credentials (RFC 6749 section 4.4.2, source `xero-custom-connections`).
///
/// The client authenticates by HTTP Basic, with the id and the secret form-encoded first (RFC 6749 section 2.3.1). Without
/// `scopes`, none is requested, and Xero grants all that are configured on the connection.
///
/// # Errors
/// [`Code::InvalidOption`] if the id or the secret is empty or has a control character, which RFC 6749 appendix A forbids and
/// a careless paste can contain; if `scopes` is empty; if one of them is not a scope token (RFC 6749 section 3.3).
pub fn token_request(
    identity: &BaseUrl,
    client_id: &str,
    secret: &Secret<String>,
    scopes: Option<&ScopeSet>,
) -> Result<TokenRequest, Error> {
    check_token_options(client_id, scopes)?;
    check_credential("client secret", secret.reveal())?;
    let mut body = String::from("grant_type=client_credentials");
    if let Some(scopes) = scopes {
        body.push_str("&scope=");
        push_form_encoded(&scopes.to_scope_param(), &mut body);
    }
    let url = words![identity.as_str(), "/connect/token"];
    Ok(TokenRequest { url, authorization: basic(client_id, secret), body })
}

/// Checks the options that are known before the secret is.
///
/// # Errors
/// As [`token_request`].
pub fn check_token_options(client_id: &str, scopes: Option<&ScopeSet>) -> Result<(), Error> {
    check_credential("client id", client_id)?;
    let Some(scopes) = scopes else { return Ok(()) };
    if scopes.is_empty() {
        let message =
            "the option scopes is empty; give at least one scope, or leave the option out to get all configured scopes";
        return Err(Error::new(Code::InvalidOption, message));
    }
    let is_token = |name: &&String| name.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
    match scopes.unknown().iter().find(|name| !is_token(name)) {
        Some(name) => {
            let message = words!["the scope ", quoted(name, 60), " has a character that is not allowed in scopes"];
            Err(Error::new(Code::InvalidOption, message).with_scopes(&[name.as_str()]))
        }
        None => Ok(()),
    }
}

pub(crate) fn check_credential(what: &str, value: &str) -> Result<(), Error> {
    let fault = if value.is_empty() {
        "is empty"
    } else if has_control(value) {
        "has a control character, perhaps a line break at its end"
    } else {
        return Ok(());
    };
    Err(Error::new(
        Code::InvalidOption,
        words!["the ", what, " ", fault, "; copy it again from Xero's developer portal"],
    ))
}

pub(crate) fn basic(client_id: &str, secret: &Secret<String>) -> Secret<String> {
    const SCHEME: &str = "Basic ";
    // The capacity is enough for everything: a buffer that grows would leave copies of the secret in memory.
    let worst = client_id.len().saturating_add(secret.reveal().len()).saturating_mul(3).saturating_add(1);
    let mut pair = Zeroizing::new(String::with_capacity(worst));
    push_form_encoded(client_id, &mut pair);
    pair.push(':');
    push_form_encoded(secret.reveal(), &mut pair);
    let mut header = String::with_capacity(SCHEME.len().saturating_add(pair.len().div_ceil(3).saturating_mul(4)));
    header.push_str(SCHEME);
    push_base64(pair.as_bytes(), &mut header);
    Secret::new(header)
}

/// Appends `text` in the form encoding (RFC 6749 appendix B): UTF-8, with a space as `+`.
pub(crate) fn push_form_encoded(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'*' | b'-' | b'.' | b'_' => out.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            _ => push_escape(byte, out),
        }
    }
}
