//! The error type of this crate.
//!
//! A [`Code`] is stable: programs match on it. The message is for people and may change. An error never contains a token, a
//! secret or a body.

use core::fmt;

use crate::text::words;
use crate::time::Timestamp;

/// The party that has to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Blame {
    /// The program that called this library: fix the call.
    Caller,
    /// The connection: its scopes, its credentials, its authorisation. Fix it in Xero's developer portal, or log in anew.
    Connection,
    /// Xero, or a machine that answered in its place.
    Xero,
    /// The network between this machine and Xero.
    Network,
    /// This library. Please report it.
    Library,
}

impl Blame {
    /// The word used in JavaScript and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Connection => "connection",
            Self::Xero => "xero",
            Self::Network => "network",
            Self::Library => "library",
        }
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal, $blame:ident, $retryable:literal;)+) => {
        /// The kind of an error, as a stable word.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code { $($(#[doc = $doc])+ $name,)+ }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The word used in JavaScript and JSON.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// The party that has to act.
            pub const fn blame(self) -> Blame {
                match self { $(Self::$name => Blame::$blame,)+ }
            }

            /// The default for [`Error::retryable`]: the same call may succeed later with nothing changed.
            pub const fn retryable(self) -> bool {
                match self { $(Self::$name => $retryable,)+ }
            }

            /// The documented meaning of the code.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

codes! {
    /// An option or an argument has a value that cannot work.
    InvalidOption = "invalid_option", Caller, false;
    /// The path or URL of a call cannot be read.
    InvalidUrl = "invalid_url", Caller, false;
    /// The URL of a call is not below the configured API; the token would be sent to another host.
    ForeignHost = "foreign_host", Caller, false;
    /// Plain http to a host that is not this machine.
    InsecureUrl = "insecure_url", Caller, false;
    /// A header has a value that cannot be sent, or one that this library sets itself.
    InvalidHeader = "invalid_header", Caller, false;
    /// A GET or HEAD request has a body.
    BodyNotAllowed = "body_not_allowed", Caller, false;
    /// The function that returns the client secret failed or returned nothing.
    SecretUnavailable = "secret_unavailable", Caller, true;
    /// The client was made in a browser page, where anyone can read its secret.
    InBrowser = "in_browser", Caller, false;
    /// `xero-m2m/slim` was used before it was initialised with its wasm module.
    NotInitialised = "not_initialised", Caller, false;
    /// The client was closed.
    Closed = "closed", Caller, false;

    /// No granted scope opens the operation; refused before it was sent, or by Xero with `insufficient_scope`.
    ScopeMissing = "scope_missing", Connection, false;
    /// Xero does not know this client id, or the secret is wrong or stale.
    InvalidClient = "invalid_client", Connection, false;
    /// The app may not use client credentials: it is not a custom connection.
    UnauthorizedClient = "unauthorized_client", Connection, false;
    /// A requested scope is not configured on the connection.
    InvalidScope = "invalid_scope", Connection, false;
    /// The identity service refused the token request for another reason.
    TokenRefused = "token_refused", Connection, false;
    /// Xero refused the general ledger's journals to a token that has their scope: this connection is not entitled to them.
    JournalsUnavailable = "journals_unavailable", Connection, false;
    /// Xero does not accept the connection: never authorised, deactivated by an edit, disconnected, or a reset demo company.
    NotAuthorised = "not_authorised", Connection, false;
    /// The connection belongs to another organisation than the option `organisation` has. No call was sent with its token.
    OrganisationChanged = "organisation_changed", Connection, false;
    /// A user has to log in: none did yet, or Xero no longer accepts the login (unused for 60 days, or revoked).
    LoginRequired = "login_required", Connection, false;
    /// The vault was copied: the login is used elsewhere too, and only one of the two can renew it.
    VaultCopied = "vault_copied", Connection, false;
    /// The login reaches several organisations, and the option `tenant` does not say which.
    TenantAmbiguous = "tenant_ambiguous", Caller, false;
    /// The login does not reach the organisation that the option `tenant` names.
    TenantUnknown = "tenant_unknown", Connection, false;
    /// The store of the vault failed, took no document or did not answer in time, or the vault was changed or cut.
    VaultUnavailable = "vault_unavailable", Caller, true;
    /// The vault was sealed with another key or secret.
    VaultKeyMismatch = "vault_key_mismatch", Caller, false;

    /// Xero reports the access token as expired, again right after it was renewed.
    TokenExpired = "token_expired", Xero, true;
    /// The answer to a token request is not a token answer as RFC 6749 section 5 defines it.
    MalformedToken = "malformed_token", Xero, true;
    /// The API or the identity service answered with a redirect, which is never followed.
    Redirected = "redirected", Xero, false;
    /// The identity service failed or is not available.
    IdentityUnavailable = "identity_unavailable", Xero, true;
    /// The queue of calls is full.
    QueueFull = "queue_full", Caller, true;
    /// A rate limit of Xero is reached.
    RateLimited = "rate_limited", Xero, true;
    /// Xero refused the data of the call.
    Refused = "refused", Caller, false;
    /// A condition in the headers of the call is not met, such as that of `If-Match`.
    PreconditionFailed = "precondition_failed", Caller, false;
    /// The `Idempotency-Key` was used with another request in the last six minutes.
    IdempotencyConflict = "idempotency_conflict", Caller, false;
    /// The path or the record does not exist.
    NotFound = "not_found", Caller, false;
    /// The API failed or is not available.
    ServerError = "server_error", Xero, true;
    /// The answer of the API has an unexpected form, for example HTML instead of JSON.
    MalformedAnswer = "malformed_answer", Xero, true;

    /// No connection, or it broke before the answer was complete.
    Offline = "offline", Network, true;
    /// No answer within the time allowed.
    Timeout = "timeout", Network, true;
    /// Something between this machine and Xero, such as a proxy or a firewall, answered in Xero's place.
    Intercepted = "intercepted", Network, false;

    /// The core of this library stopped working and was replaced. Please report it.
    Trapped = "trapped", Library, true;
}

/// An error: its code, its message, and the facts that a program can act on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Error {
    code: Code,
    // Boxed, so that a `Result` with this error stays small.
    details: Box<ErrorDetails>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct ErrorDetails {
    message: String,
    retry_at: Option<Timestamp>,
    retry_until: Option<Timestamp>,
    operation: Option<String>,
    scopes: Vec<String>,
    rule: Option<&'static str>,
    limit: Option<&'static str>,
    outcome_unknown: bool,
    lasting: bool,
}

impl Error {
    /// Makes an error. `message` has the finding, its place, and what to do.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        // The grant of a user is renewed without the user only by this rule.
        let rule = matches!(code, Code::LoginRequired | Code::VaultCopied).then_some("R33");
        Self { code, details: Box::new(ErrorDetails { message: message.into(), rule, ..ErrorDetails::default() }) }
    }

    /// The same error with another message.
    #[must_use]
    pub fn with_message(mut self, message: String) -> Self {
        self.details.message = message;
        self
    }

    /// Adds the instant before which the same call may be sent again, and after which it may be carried out twice.
    #[must_use]
    pub fn retry_until(mut self, at: Timestamp) -> Self {
        self.details.retry_until = Some(at);
        self
    }

    /// The same error, with the earliest instant at which another attempt makes sense.
    #[must_use]
    pub fn retry_at(mut self, at: Timestamp) -> Self {
        self.details.retry_at = Some(at);
        self
    }

    /// The same error, about the operation with this key, such as `accounting.getInvoices`.
    #[must_use]
    pub fn about(mut self, operation: impl Into<String>) -> Self {
        self.details.operation = Some(operation.into());
        self
    }

    /// The same error, about these scopes.
    #[must_use]
    pub fn with_scopes(mut self, names: &[&str]) -> Self {
        self.details.scopes = names.iter().map(|&name| name.to_owned()).collect();
        self
    }

    /// The same error, with the rule of the catalogue that is its reason, such as `R7`.
    #[must_use]
    pub fn by_rule(mut self, id: &'static str) -> Self {
        self.details.rule = Some(id);
        self
    }

    /// The same error, about this limit.
    #[must_use]
    pub fn of_limit(mut self, limit: &'static str) -> Self {
        self.details.limit = Some(limit);
        self
    }

    /// The same error, for a write that may have been carried out. Sending it again could perform it twice.
    #[must_use]
    pub fn with_unknown_outcome(mut self) -> Self {
        self.details.outcome_unknown = true;
        self.details.retry_at = None;
        self.details.retry_until = None;
        self
    }

    /// The same error, which stays until a person has mended its cause.
    #[must_use]
    pub fn lasting(mut self) -> Self {
        self.details.lasting = true;
        self
    }

    /// Returns whether the same call may be made again, unchanged, and may then succeed.
    ///
    /// The table of codes has the default. The error of a write with an unknown outcome is never retryable, nor is one that lasts.
    pub const fn retryable(&self) -> bool {
        self.code.retryable() && !self.details.outcome_unknown && !self.details.lasting
    }

    /// Returns whether Xero may have carried out the write.
    pub const fn is_outcome_unknown(&self) -> bool {
        self.details.outcome_unknown
    }

    /// The kind of the error, as a stable word.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The key of its operation, if it has one.
    pub fn operation(&self) -> Option<&str> {
        self.details.operation.as_deref()
    }

    /// The scopes it is about. For [`Code::ScopeMissing`], any one of them is enough.
    pub fn scopes(&self) -> &[String] {
        &self.details.scopes
    }

    /// The rule that is its reason, if there is one.
    pub fn rule(&self) -> Option<&'static str> {
        self.details.rule
    }

    /// The limit that is reached: `minute`, `day`, `app_minute`, `concurrent`, or `other` for an unknown one.
    pub fn limit(&self) -> Option<&'static str> {
        self.details.limit
    }

    /// The message for people: what happened, and what to do.
    pub fn message(&self) -> &str {
        &self.details.message
    }

    /// The instant before which the same call may be sent again, if there is one.
    pub fn latest_retry(&self) -> Option<Timestamp> {
        self.details.retry_until
    }

    /// The earliest instant at which another attempt makes sense, if it is known.
    pub fn earliest_retry(&self) -> Option<Timestamp> {
        self.details.retry_at
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.details.message)
    }
}

impl core::error::Error for Error {}

/// The error for an answer with this status from something on the way to `service`.
pub(crate) fn intercepted(service: &str, status: u16) -> Error {
    let message = words![
        "the answer with status ",
        status,
        " is not from ",
        service,
        ": something on the way answered in its place. Check the proxy, the firewall and TLS 1.2 between this machine and Xero, \
         and the options identityUrl and apiUrl",
    ];
    Error::new(Code::Intercepted, message)
}

/// Returns at most `limit` characters of `text`, made safe to print: control characters become spaces.
///
/// Use it only to quote the input of a caller, never text from a server.
pub fn quoted(text: &str, limit: usize) -> String {
    let mut out: String = text.chars().take(limit).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(limit).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_words() {
        let mut words: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Code::ALL.len());
        assert!(words.iter().all(|word| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
    }
}
