//! Authorization codes: good for one exchange within five minutes (RFC 6749 section 4.1.2).

use std::collections::BTreeMap;

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};

use super::logins::Login;
use super::random::Random;
use crate::time::Timestamp;

/// The lifetime of a code: 5 minutes.
const LIFETIME_MS: u64 = 5 * 60_000;

/// The parts of an authorization request that its code remembers.
#[derive(Clone, Debug)]
pub(super) struct CodeRequest {
    pub(super) redirect_uri: String,
    /// The challenge of PKCE (RFC 7636), method S256.
    pub(super) challenge: Option<String>,
    /// For the ID token.
    pub(super) nonce: Option<String>,
    /// True if `offline_access` was asked for: the exchange gives a refresh token.
    pub(super) offline: bool,
}

/// A code that waits for its exchange.
#[derive(Debug)]
pub(super) struct AuthorizationCode {
    pub(super) login: Login,
    pub(super) request: CodeRequest,
    ends: Timestamp,
}

/// The codes that wait for their exchange.
#[derive(Debug)]
pub(super) struct Codes {
    random: Random,
    waiting: BTreeMap<String, AuthorizationCode>,
}

impl Codes {
    pub(super) const fn new(seed: u64) -> Self {
        Self { random: Random::new(seed, 9), waiting: BTreeMap::new() }
    }

    /// Issues a code for a consent given at `now`.
    pub(super) fn issue(&mut self, login: Login, request: CodeRequest, now: Timestamp) -> String {
        self.waiting.retain(|_, code| now < code.ends);
        let text = [self.random.hex(), self.random.hex()].concat();
        self.waiting.insert(text.clone(), AuthorizationCode { login, request, ends: now.plus(LIFETIME_MS) });
        text
    }

    /// Takes a code, which cannot be used again; `None` if it is unknown, used or too old.
    pub(super) fn take(&mut self, text: &str, now: Timestamp) -> Option<AuthorizationCode> {
        self.waiting.remove(text).filter(|code| now < code.ends)
    }
}

impl AuthorizationCode {
    /// Returns whether a verifier fits the challenge (RFC 7636 section 4.6). Without a challenge none may be given.
    pub(super) fn is_proved_by(&self, verifier: Option<&str>) -> bool {
        match (&self.request.challenge, verifier) {
            (None, None) => true,
            (Some(challenge), Some(verifier)) => is_verifier(verifier) && *challenge == s256(verifier),
            _ => false,
        }
    }
}

/// Returns whether a text can be a verifier (RFC 7636 section 4.1).
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~'))
}

/// The challenge of a verifier, method S256 (RFC 7636 section 4.2).
fn s256(verifier: &str) -> String {
    Base64UrlUnpadded::encode_string(&Sha256::digest(verifier.as_bytes()))
}

/// Returns whether a text can be a challenge of the method S256: 32 bytes, base64url.
pub(super) fn is_challenge(text: &str) -> bool {
    Base64UrlUnpadded::decode_vec(text).is_ok_and(|bytes| bytes.len() == 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7636_appendix_b_fits() {
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert_eq!(s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), challenge);
        assert!(is_challenge(challenge) && !is_challenge("plain") && !is_challenge(""));
        assert!(is_verifier(&"~".repeat(128)) && !is_verifier(&"a".repeat(129)) && !is_verifier(&"a".repeat(42)));
        assert!(!is_verifier(&"é".repeat(43)));
    }
}
