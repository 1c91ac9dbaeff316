//! The meaning of an API's answer: a success, or which error.

use super::api_call::ApiCall;
use super::nearest::{shown, title};
use crate::catalogue::{GRANULAR_ONLY_FROM_TEXT, Mask, Operation};
use crate::error::{Code, Error, intercepted};
use crate::retry_after::retry_after;
use crate::scope::ScopeSet;
use crate::text::{joined, words};
use crate::time::Timestamp;

/// The number of bytes of an error's body that hosts read: enough for the words that distinguish Xero's refusals and for many
/// validation errors.
pub const MAX_ERROR_BYTES: usize = 65_536;

/// The doubt about a 403 without a body. Xero sends one for a connection that was never authorised (reports).
const BARE: &str = ". The answer has no text, so a proxy or a firewall on the way may have sent it instead";

/// The parts of an API's answer that decide what it means, as the host read them.
#[derive(Clone, Copy)]
pub struct ApiAnswer<'a> {
    /// The status code; 0 for a redirect that the host did not follow and whose status it may not read.
    pub status: u16,
    /// The `WWW-Authenticate` header; empty if there is none.
    pub www_authenticate: &'a str,
    /// The `Retry-After` header; empty if there is none.
    pub retry_after: &'a str,
    /// The limit that the answer reports as reached, as a word; `None` if it reports none.
    pub limit: Option<&'static str>,
    /// The beginning of the body. It is searched for the words that distinguish Xero's refusals, and never quoted.
    pub body: &'a str,
    /// The number of validation errors that the host found in the body; `None` if it did not look for any.
    pub complaints: Option<usize>,
}

impl ApiAnswer<'_> {
    /// Returns the message for refused data, with the number of validation errors.
    fn refused(&self, call: Option<&ApiCall>) -> String {
        let what = words!["Xero refused the data of ", named(call, self.status).0];
        match self.complaints {
            None => what,
            Some(0) => words![what, "; no validation error could be read in its answer"],
            Some(1) => words![what, ": 1 validation error, see error.validation"],
            Some(many) => words![what, ": ", many, " validation errors, see error.validation"],
        }
    }

    /// Returns whether Xero reports the token as expired. Only then does a new token help: most answers with 401 are about
    /// scopes.
    ///
    /// Source: `xero-troubleshooting`, and other clients of Xero that test for the same word.
    pub fn says_expired(&self) -> bool {
        self.status == 401 && has(self.body, "TokenExpired")
    }

    /// Xero's FAQ spells `insufficient_scope` without its second i, so both are looked for.
    fn says_scope(&self) -> bool {
        let header = |word| has(self.www_authenticate, word);
        header("insufficient_scope") || header("insufficent_scope") || has(self.body, "AuthorizationUnsuccessful")
    }

    /// Returns whether an answer with 401 or 403 can be Xero's: it has no body, or a JSON object with a `Detail`, in either
    /// case of its keys (source `xero-troubleshooting`). HTML and other JSON come from something on the way: a proxy, a
    /// gateway, or Xero's edge, which refuses TLS older than 1.2 in this way.
    fn is_xeros(&self) -> bool {
        let body = self.body.trim_ascii();
        body.is_empty()
            || has(body, "AuthenticationUnsuccessful")
            || (body.starts_with('{') && (has(body, "\"Detail\"") || has(body, "\"detail\"")))
    }

    /// Returns whether the body is a page in HTML. No API of Xero answers with one: its refusals are JSON, XML, plain text or
    /// empty.
    fn is_page(&self) -> bool {
        let html = |window: &[u8]| window.eq_ignore_ascii_case(b"<html");
        self.body.trim_ascii_start().starts_with('<') && self.body.as_bytes().windows(5).any(html)
    }

    /// Returns the error that this answer to `call` means, or `None` if it is a success. `granted` has the scopes of the token,
    /// if they are known.
    ///
    /// Where the status is not enough, the words of the body decide (source `xero-troubleshooting` and reports).
    pub fn error(&self, call: Option<&ApiCall>, granted: Option<&ScopeSet>, now: Timestamp) -> Option<Error> {
        let status = self.status;
        let operation = call.and_then(|call| call.route.operation());
        let error = match status {
            200..=299 => return None,
            // Only a read can have it (RFC 9110 section 15.4.5).
            304 if call.is_none_or(|call| matches!(call.method, "GET" | "HEAD")) => return None,
            401 if self.says_expired() => Error::new(
                Code::TokenExpired,
                "Xero reports the access token as expired although it was just renewed; check the clock of this machine",
            ),
            401 | 403 if self.says_scope() => scope_missing(operation, granted),
            401 | 403 if !self.is_xeros() => intercepted("Xero's API", status),
            // Only proxies and captive portals send these (RFC 9110 section 15.5.8, RFC 6585 section 6).
            407 | 511 => intercepted("Xero's API", status),
            // Others than Xero have pages for what they refuse. Of a path that the catalogue does not have, Xero's own servers may.
            400..=499
                if self.is_page() && !matches!(status, 408 | 425 | 429) && (status != 404 || operation.is_some()) =>
            {
                intercepted("Xero's API", status)
            }
            401 => Error::new(Code::NotAuthorised, "Xero does not accept the access token for this call (status 401)"),
            403 => {
                let what = "Xero does not accept the custom connection (status 403): it was never authorised, an edit \
                            deactivated it (rule R9), it was disconnected, or its demo company was reset; let its user \
                            authorise it in Xero";
                let bare = if self.body.trim_ascii().is_empty() { BARE } else { "" };
                Error::new(Code::NotAuthorised, words![what, bare])
            }
            404 => Error::new(Code::NotFound, not_found(call)),
            429 => {
                let limit = self.limit.unwrap_or("other");
                let message = words!["Xero's rate limit is reached: ", limit, " (status 429)"];
                Error::new(Code::RateLimited, message).of_limit(limit)
            }
            400 if has(self.body, "used with a different request") => Error::new(
                Code::IdempotencyConflict,
                "the Idempotency-Key was used with another request less than six minutes ago; use a new one for each request",
            ),
            408 | 425 => {
                Error::new(Code::ServerError, words!["Xero asks to send the call again (status ", status, ")"])
            }
            412 => {
                Error::new(Code::PreconditionFailed, "a condition in the headers of the call is not met (status 412)")
            }
            0 | 300..=303 | 305..=399 => {
                Error::new(Code::Redirected, "the API answered with a redirect, which is never followed")
            }
            // Of proxies, whose own caller or server gave up.
            460 | 499 => {
                Error::new(Code::ServerError, words!["something on the way gave the call up (status ", status, ")"])
            }
            400..=499 | 501 => Error::new(Code::Refused, self.refused(call)),
            503 => Error::new(Code::ServerError, "Xero, or this organisation in it, is offline (status 503)"),
            500..=599 => Error::new(Code::ServerError, words!["Xero failed (status ", status, ")"]),
            _ => Error::new(Code::MalformedAnswer, words!["the API answered with the unexpected status ", status]),
        };
        let error = match operation {
            Some(operation) => error.about(operation.key()),
            None => error,
        };
        Some(match retry_after(self.retry_after, now) {
            Some(wait_ms) if matches!(error.code(), Code::RateLimited | Code::ServerError) => {
                error.retry_at(now.plus(wait_ms))
            }
            _ => error,
        })
    }
}

/// Returns the call as messages show it, with the status of its answer: `POST /api.xro/2.0/Invoices
/// (accounting.createInvoices, status 400)`. If the catalogue has no such operation, also returns the one that was probably
/// meant.
fn named(call: Option<&ApiCall>, status: u16) -> (String, Option<&'static Operation>) {
    let Some(call) = call else { return (words!["the call (status ", status, ")"], None) };
    let (shown, nearest) = shown(call);
    let operation = call.route.operation().map_or(String::new(), |operation| words![operation.key(), ", "]);
    (words![shown, " (", operation, "status ", status, ")"], nearest)
}

fn not_found(call: Option<&ApiCall>) -> String {
    let (what, nearest) = named(call, 404);
    let is_of_record = |operation: &Operation| operation.path().contains('{');
    match (nearest, call.and_then(|call| call.route.operation())) {
        (Some(nearest), _) => words!["Xero found nothing for ", what, "; the nearest known path is ", title(nearest)],
        (None, Some(operation)) if is_of_record(operation) => {
            words!["Xero found no record for ", what, "; check the ids in the path"]
        }
        (None, Some(_)) => words!["Xero found nothing for ", what],
        (None, None) => words!["Xero found nothing for ", what, "; the catalogue has no similar path"],
    }
}

/// Returns whether `word` is in `text`. `str::contains` would add 5 kB of wasm.
fn has(text: &str, word: &str) -> bool {
    text.as_bytes().windows(word.len()).any(|window| window == word.as_bytes())
}

fn scope_missing(operation: Option<&Operation>, granted: Option<&ScopeSet>) -> Error {
    let needs = operation.map_or(Mask::EMPTY, |operation| operation.needs().any());
    let is_granted = granted.is_some_and(|granted| needs.intersects(granted.known()));
    if is_granted && operation.is_some_and(|operation| operation.path().starts_with("/Journals")) {
        let message = words![
            "Xero refused the journals although the token has their scope: this connection is not entitled to them. Only custom \
             connections created before ",
            GRANULAR_ONLY_FROM_TEXT,
            " are (rule R7)"
        ];
        return Error::new(Code::JournalsUnavailable, message).by_rule("R7");
    }
    let opens = needs.names();
    let which = if opens.is_empty() { String::new() } else { words!["; it needs one of ", joined(&opens, ", ")] };
    let message = words![
        "Xero refused the call: it lacks a scope, or the right to read journals",
        which,
        "; adding a scope to the connection deactivates it until its user authorises it again (rule R9)",
    ];
    Error::new(Code::ScopeMissing, message).with_scopes(&opens)
}
