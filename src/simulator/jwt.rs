//! Access tokens: JWTs. The host makes the signature, because this crate has no RSA.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::Value;

/// The public key that signs, as members of a JWK (RFC 7517, RFC 7518 section 6.3.1).
#[derive(Clone, Debug)]
pub(super) struct SigningKey {
    pub(super) kid: String,
    /// The modulus and the exponent, base64url; `None` before the host has set them.
    pub(super) numbers: Option<(String, String)>,
}

/// The input of the signature (RFC 7515 section 5.1): header and claims, base64url, joined by a dot.
pub(super) fn signing_input(header: &Value, claims: &Value) -> String {
    let encoded = |part: &Value| Base64UrlUnpadded::encode_string(part.to_string().as_bytes());
    format!("{}.{}", encoded(header), encoded(claims))
}

/// Returns whether `text` can be a signature: base64url without padding, and not empty.
pub(super) fn is_signature(text: &str) -> bool {
    !text.is_empty() && Base64UrlUnpadded::decode_vec(text).is_ok()
}
