//! Judges the answer to a token request (RFC 6749 sections 5.1 and 5.2), strictly.
//!
//! The host reads the answer and brings a JSON parser; everything else is decided here. No part of a body ever gets
//! into an error: not the token, not the secret that a proxy might echo, not even `error_description`.

use super::machine::MAX_LIFETIME_MS;
use crate::base64::from_base64url;
use crate::error::{Code, Error, intercepted};
use crate::retry_after::retry_after;
use crate::scope::ScopeSet;
use crate::secret::Secret;
use crate::text::words;
use crate::time::Timestamp;

/// The number of bytes of an answer that a host reads at most. Xero's answers have some 2 kB.
pub const MAX_BODY_BYTES: usize = 262_144;

/// The longest token that is accepted: a longer one would not fit into the headers of a request.
const MAX_TOKEN_BYTES: usize = 16_384;

/// The deepest nesting of a body that is handed to a parser.
pub(super) const MAX_DEPTH: u32 = 16;

/// The lifetime without `expires_in`, which RFC 6749 makes optional: every access token of Xero lives 30 minutes (rule R32).
const USUAL_LIFETIME_MS: u64 = 1_800_000;

/// The answer to a token request, as a host sees it.
#[derive(Clone, Copy)]
pub struct TokenAnswer<'a> {
    /// The status code; 0 for a redirect that the host did not follow and cannot read.
    pub status: u16,
    /// The `Content-Type` header; empty if there is none.
    pub content_type: &'a str,
    /// The `Retry-After` header; empty if there is none.
    pub retry_after: &'a str,
    /// The body, cut to [`MAX_BODY_BYTES`].
    pub body: &'a str,
    /// True if the body was longer.
    pub cut: bool,
}

/// A token that may be used.
#[derive(Clone, Debug)]
pub struct GrantedToken {
    /// The token itself.
    pub access_token: Secret<String>,
    /// Its lifetime in milliseconds, which counts from the request.
    pub lifetime_ms: u64,
    /// The scopes it carries, from the answer or else from the token. `None` if neither has them.
    pub scopes: Option<ScopeSet>,
    /// The id of the organisation that it reaches, if the token has it; absent until the connection is authorised.
    pub organisation: Option<String>,
}

/// The reason why there is no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRefusal {
    /// The error.
    pub error: Error,
    /// True if the same request will be refused again.
    pub lasting: bool,
    /// True if the grant itself is no longer accepted (`invalid_grant`).
    pub invalid_grant: bool,
    /// The pause that the answer asks for, in milliseconds.
    pub retry_after_ms: Option<u64>,
}

/// The members of a token answer that are used, as the host's JSON parser found them.
#[derive(Debug, Default)]
pub struct Body {
    /// `access_token`
    pub access_token: Member,
    /// `token_type`
    pub token_type: Member,
    /// `expires_in`
    pub expires_in: Member,
    /// `scope`
    pub scope: Member,
    /// `error`
    pub error: Member,
    /// `xero_tenant_id`, of the claims of a token.
    pub xero_tenant_id: Member,
}

impl Body {
    /// Reads the members by their names.
    pub fn read(member: impl Fn(&str) -> Member) -> Self {
        Self {
            access_token: member("access_token"),
            token_type: member("token_type"),
            expires_in: member("expires_in"),
            scope: member("scope"),
            error: member("error"),
            xero_tenant_id: member("xero_tenant_id"),
        }
    }
}

/// The value of a member. All texts are secrets, because the token is one of them.
#[derive(Debug, Default)]
pub enum Member {
    /// There is no such member.
    #[default]
    Absent,
    /// A string.
    Text(Secret<String>),
    /// A number.
    Number(f64),
    /// An array of nothing but strings.
    List(Vec<String>),
    /// Anything else, `null` included.
    Other,
}

/// A JSON parser: reads a text that is known to be an object, not too long and not too deep.
pub type Parser<'p> = &'p dyn Fn(&str) -> Option<Body>;

/// Judges `answer`, which arrived at `now`.
///
/// # Errors
/// With the codes of the identity service (`invalid_client`, `unauthorized_client`, `invalid_scope`, `token_refused`),
/// `rate_limited`, `identity_unavailable`, `redirected`, or `malformed_token` for all that is not a token answer.
pub fn judge(answer: &TokenAnswer<'_>, now: Timestamp, parse: Parser<'_>) -> Result<GrantedToken, TokenRefusal> {
    match answer.status {
        200 => {
            let body = body(answer, parse).map_err(|what| malformed(answer, what))?;
            if let Member::Text(error) = &body.error {
                return Err(oauth_error(answer, error.reveal(), now));
            }
            grant(&body, parse).map_err(|what| malformed(answer, what))
        }
        0 | 300..=399 => Err(TokenRefusal::lasting(Error::new(
            Code::Redirected,
            "the identity service answered with a redirect, which is never followed; check identityUrl",
        ))),
        400 | 401 => Err(match body(answer, parse) {
            Ok(Body { error: Member::Text(error), .. }) => oauth_error(answer, error.reveal(), now),
            Ok(_) => malformed(answer, "it has no `error` (RFC 6749 section 5.2)"),
            Err(what) => malformed(answer, what),
        }),
        429 => {
            Err(later(answer, now, Code::RateLimited, "the identity service limits its requests, and too many came"))
        }
        408 | 425 | 500..=599 => Err(later(answer, now, Code::IdentityUnavailable, "the identity service failed")),
        // Xero's identity service answers with 400 and a JSON object (RFC 6749 section 5.2). These come from something
        // else on the way, such as a firewall, or from Xero's edge, which refuses TLS older than 1.2 with 403 and HTML.
        status @ (403 | 407 | 451) => Err(TokenRefusal::lasting(intercepted("the identity service", status))),
        402..=499 => Err(TokenRefusal::lasting(Error::new(
            Code::TokenRefused,
            words![
                "the identity service answered ",
                answer.status,
                " to the token request, which is not the answer of a token endpoint; check identityUrl",
            ],
        ))),
        _ => Err(malformed(answer, "only status 200 grants a token (RFC 6749 section 5.1)")),
    }
}

impl TokenRefusal {
    fn lasting(error: Error) -> Self {
        Self { error, lasting: true, invalid_grant: false, retry_after_ms: None }
    }
}

/// The refusal for an OAuth error code. A code that is not in the table is not quoted: it could hold anything.
fn oauth_error(answer: &TokenAnswer<'_>, error: &str, now: Timestamp) -> TokenRefusal {
    let (code, advice) = match error {
        "invalid_client" => (
            Code::InvalidClient,
            "Xero does not know this client id, or the secret is wrong or stale: copy both from the connection's \
             page in Xero's developer portal (invalid_client)",
        ),
        "unauthorized_client" => (
            Code::UnauthorizedClient,
            "this client id may not use client credentials: it belongs to a web, mobile or desktop app, not to a \
             custom connection (unauthorized_client)",
        ),
        "invalid_scope" => (
            Code::InvalidScope,
            "Xero refuses the scopes that were asked for, or that are configured, and does not say which (invalid_scope)",
        ),
        "invalid_request" => (Code::TokenRefused, "Xero calls the token request malformed (invalid_request)"),
        "invalid_grant" => (Code::TokenRefused, "Xero does not accept the grant (invalid_grant)"),
        "unsupported_grant_type" => {
            (Code::TokenRefused, "Xero does not support the grant type; check identityUrl (unsupported_grant_type)")
        }
        "server_error" | "temporarily_unavailable" => {
            return later(answer, now, Code::IdentityUnavailable, "the identity service is not available");
        }
        _ => (Code::TokenRefused, "the identity service refused the token request with an error code of its own"),
    };
    TokenRefusal { invalid_grant: error == "invalid_grant", ..TokenRefusal::lasting(Error::new(code, advice)) }
}

fn later(answer: &TokenAnswer<'_>, now: Timestamp, code: Code, message: &str) -> TokenRefusal {
    TokenRefusal {
        error: Error::new(code, words![message, " (status ", answer.status, ")"]),
        lasting: false,
        invalid_grant: false,
        retry_after_ms: retry_after(answer.retry_after, now),
    }
}

fn malformed(answer: &TokenAnswer<'_>, what: &str) -> TokenRefusal {
    let message = words!["this is not the answer of a token endpoint (status ", answer.status, "): ", what];
    let error = Error::new(Code::MalformedToken, message);
    TokenRefusal { error, lasting: false, invalid_grant: false, retry_after_ms: None }
}

fn body(answer: &TokenAnswer<'_>, parse: Parser<'_>) -> Result<Body, &'static str> {
    let media_type = answer.content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err("its content type is not application/json; is there a proxy or a sign-in page in between?");
    }
    if answer.cut || answer.body.len() > MAX_BODY_BYTES {
        return Err("its body is too large");
    }
    object(answer.body, parse).ok_or("its body is not a JSON object that can be read")
}

/// Reads a JSON object, unless it is nested so deeply that a recursive parser might fall over.
fn object(text: &str, parse: Parser<'_>) -> Option<Body> {
    // A byte order mark may be ignored (RFC 8259 section 8.1).
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_ascii();
    (text.starts_with('{') && depth(text) <= MAX_DEPTH).then(|| parse(text)).flatten()
}

/// The depth of nested arrays and objects, without those in strings.
pub(super) fn depth(text: &str) -> u32 {
    let (mut depth, mut deepest) = (0_u32, 0_u32);
    let (mut in_string, mut escaped) = (false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth = depth.saturating_add(1);
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

fn grant(body: &Body, parse: Parser<'_>) -> Result<GrantedToken, &'static str> {
    let Member::Text(token) = &body.access_token else {
        return Err("it has no access_token, or one that is not a string");
    };
    let token = token.reveal();
    if !is_access_token(token) {
        return Err("its access_token is empty, too long or not fit for a header");
    }
    match &body.token_type {
        Member::Text(kind) if kind.reveal().eq_ignore_ascii_case("Bearer") => {}
        _ => return Err("its token_type is not Bearer"),
    }
    let claims = claims(token, parse);
    Ok(GrantedToken {
        access_token: Secret::new(token.clone()),
        lifetime_ms: lifetime_ms(&body.expires_in).ok_or("its expires_in is not a number of seconds above 0")?,
        scopes: scopes(&body.scope).or_else(|| scopes(&claims.as_ref()?.scope)),
        organisation: claims.and_then(|claims| text(claims.xero_tenant_id)),
    })
}

/// Returns whether `text` can be an access token, from an answer or a store: visible characters, and few enough for a
/// header. RFC 6749 appendix A.12 allows the space, a Bearer header does not (RFC 6750 section 2.1).
pub fn is_access_token(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_TOKEN_BYTES && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The id of the organisation that a token reaches, if it has one.
pub fn organisation(token: &Secret<String>, parse: Parser<'_>) -> Option<String> {
    text(claims(token.reveal(), parse)?.xero_tenant_id)
}

fn text(member: Member) -> Option<String> {
    match member {
        Member::Text(text) => Some(text.reveal().clone()),
        _ => None,
    }
}

/// `expires_in` as milliseconds. Whole seconds count. Missing: 30 minutes. Zero, negative, not finite, not a number
/// or a string of digits: `None`. Larger than a day: a day.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least 1, and casts saturate")]
fn lifetime_ms(expires_in: &Member) -> Option<u64> {
    let seconds = match expires_in {
        Member::Absent => return Some(USUAL_LIFETIME_MS),
        Member::Number(seconds) if seconds.is_finite() && *seconds >= 1.0 => *seconds as u64,
        Member::Text(digits) if digits.reveal().bytes().all(|byte| byte.is_ascii_digit()) => {
            let digits = digits.reveal();
            // Digits that do not fit are a large number.
            if digits.is_empty() { 0 } else { digits.parse().unwrap_or(u64::MAX) }
        }
        _ => 0,
    };
    // In this order, because a product that saturates takes more code.
    (seconds > 0).then(|| seconds.min(MAX_LIFETIME_MS / 1_000).wrapping_mul(1_000))
}

/// Scopes as the token answer writes them (a string) or as Xero's tokens do (an array).
fn scopes(member: &Member) -> Option<ScopeSet> {
    match member {
        Member::Text(list) => Some(ScopeSet::from_scope_param(list.reveal())),
        Member::List(names) => Some(ScopeSet::from_names(names.iter().map(String::as_str))),
        _ => None,
    }
}

/// The claims of a token that is a JWT. They are read and never verified: that is for the API to do.
fn claims(token: &str, parse: Parser<'_>) -> Option<Body> {
    object(&payload(token)?, parse)
}

/// The JSON text of those claims.
pub(crate) fn payload(token: &str) -> Option<String> {
    let bytes = from_base64url(token.split('.').nth(1)?)?;
    String::from_utf8(bytes).ok()
}
