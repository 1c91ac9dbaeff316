//! The token request of a custom connection, byte by byte.

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

use super::path::push_escape;
use super::url::BaseUrl;
use crate::error::{Code, Error, quoted};
use crate::scope::ScopeSet;
use crate::secret::Secret;
use crate::text::words;

/// The `Content-Type` of a token request.
pub const TOKEN_CONTENT_TYPE: &str = "application/x-www-form-urlencoded";

/// The `Accept` of a token request.
pub const TOKEN_ACCEPT: &str = "application/json";

/// A POST for an access token, besides [`TOKEN_CONTENT_TYPE`] and [`TOKEN_ACCEPT`].
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
/// The client authenticates by HTTP Basic, id and secret each form-encoded first (RFC 6749 section 2.3.1). Without
/// `scopes` none is asked for, and Xero gives all that are configured on the connection.
///
/// # Errors
/// [`Code::InvalidOption`] if the id or the secret is empty or has a control character, which RFC 6749 appendix A rules
/// out and a careless paste brings in; if `scopes` is empty; if one of them is no scope token (RFC 6749 section 3.3).
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
        push_form_encoded(&scopes.wire(), &mut body);
    }
    let url = words![identity.as_str(), "/connect/token"];
    Ok(TokenRequest { url, authorization: basic(client_id, secret), body })
}

/// Checks what is known before there is a secret.
///
/// # Errors
/// As [`token_request`].
pub fn check_token_options(client_id: &str, scopes: Option<&ScopeSet>) -> Result<(), Error> {
    check_credential("client id", client_id)?;
    let Some(scopes) = scopes else { return Ok(()) };
    if scopes.is_empty() {
        let message = "the list of scopes is empty; name at least one, or none at all to get what is configured";
        return Err(Error::new(Code::InvalidOption, message));
    }
    let is_token = |name: &&String| name.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
    match scopes.unknown().iter().find(|name| !is_token(name)) {
        Some(name) => {
            let message = words![quoted(name, 60), " is no scope: it has a character that no scope has"];
            Err(Error::new(Code::InvalidOption, message).with_scopes([name.as_str()]))
        }
        None => Ok(()),
    }
}

fn check_credential(what: &str, value: &str) -> Result<(), Error> {
    let fault = if value.is_empty() {
        "is empty"
    } else if value.chars().any(char::is_control) {
        "has a control character, perhaps a line break at its end"
    } else {
        return Ok(());
    };
    Err(Error::new(
        Code::InvalidOption,
        words!["the ", what, " ", fault, "; copy it again from Xero's developer portal"],
    ))
}

fn basic(client_id: &str, secret: &Secret<String>) -> Secret<String> {
    const SCHEME: &str = "Basic ";
    // Room for everything at once: a buffer that grows leaves copies of the secret behind.
    let worst = client_id.len().saturating_add(secret.reveal().len()).saturating_mul(3).saturating_add(1);
    let mut pair = Zeroizing::new(String::with_capacity(worst));
    push_form_encoded(client_id, &mut pair);
    pair.push(':');
    push_form_encoded(secret.reveal(), &mut pair);
    let encoded = Zeroizing::new(Base64::encode_string(pair.as_bytes()));
    let mut header = String::with_capacity(SCHEME.len().saturating_add(encoded.len()));
    header.push_str(SCHEME);
    header.push_str(&encoded);
    Secret::new(header)
}

/// Appends `text` as `application/x-www-form-urlencoded` has it: UTF-8, a space as `+` (RFC 6749 appendix B).
fn push_form_encoded(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'*' | b'-' | b'.' | b'_' => out.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            _ => push_escape(byte, out),
        }
    }
}
