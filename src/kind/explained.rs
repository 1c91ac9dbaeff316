//! Errors of calls in the words of a connection that is no custom one.
//!
//! The core that a service loads has the words of custom connections, which most services have. These are behind other entries.

use crate::error::{Code, Error};
use crate::text::{joined, words};

/// A kind of connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionKind {
    /// Of a user, who logged in to a Web or PKCE app.
    User,
    /// Of an app itself.
    App,
}

/// An error of a call, as the core of the client has it.
#[derive(Clone, Copy, Debug)]
pub struct RefusedCall<'a> {
    /// Its code.
    pub code: Code,
    /// The key of the operation, if it is known.
    pub operation: Option<&'a str>,
    /// The scopes that open the operation.
    pub scopes: &'a [&'a str],
    /// The rule of the core.
    pub rule: Option<&'a str>,
    /// The status of the answer; `None` if the call was not sent.
    pub status: Option<u16>,
    /// An earlier sending of it may have been carried out.
    pub is_outcome_unknown: bool,
}

/// Returns the error in the words of its kind; `None` if those of the core say the same for every kind, or how to find out what
/// became of a write.
pub fn explained(kind: ConnectionKind, refusal: RefusedCall<'_>) -> Option<Error> {
    let RefusedCall { code, operation, scopes, rule, status, is_outcome_unknown } = refusal;
    if is_outcome_unknown {
        return None;
    }
    let call = operation.unwrap_or("the call");
    let needs = joined(scopes, " or ");
    let error = |message: String| Some(Error::new(code, message));
    match (code, kind, status) {
        (Code::ScopeMissing, ConnectionKind::User, None) if rule == Some("R35") => {
            let error = Error::new(
                code,
                words![
                    call,
                    " was not sent: it needs ",
                    needs,
                    ", which belongs to the token of an app itself (rule R35); use AppConnection of xero-m2m/app",
                ],
            );
            Some(error.by_rule("R35"))
        }
        (Code::ScopeMissing, ConnectionKind::User, None) if rule == Some("R7") => error(words![
            call,
            " was not sent: the login does not have ",
            needs,
            ", which Xero gives to apps of the Advanced tier, after a security assessment. Once the app has it, log in again \
             with it (npx xero-m2m login)",
        ]),
        (Code::ScopeMissing, ConnectionKind::User, None) => error(words![
            call,
            " was not sent: no scope of the login opens it; log in again with ",
            needs,
            " (npx xero-m2m login)",
        ]),
        (Code::ScopeMissing, ConnectionKind::User, Some(_)) => error(words![
            "Xero refused ",
            call,
            ": the login lacks a scope, or the app the right to read journals; log in again with the scope (npx xero-m2m login)",
        ]),
        (Code::JournalsUnavailable, ConnectionKind::User, _) => error(words![
            "Xero refused ",
            call,
            " although the login has its scope: the app is not entitled to journals, which need its Advanced tier",
        ]),
        (Code::NotAuthorised, ConnectionKind::User, Some(403)) => error(
            "Xero does not accept the login for this organisation (status 403): its subscription may have ended, or its demo \
             company was reset; log in again and choose it (npx xero-m2m login). If the answer has no text, a proxy or a \
             firewall on the way may have sent it instead"
                .to_owned(),
        ),
        (Code::NotAuthorised, ConnectionKind::App, Some(403)) => error(
            "Xero does not accept the app's own token for this call (status 403); check in the developer portal that the app \
             exists and has the scope. If the answer has no text, a proxy or a firewall on the way may have sent it instead"
                .to_owned(),
        ),
        (Code::ScopeMissing, ConnectionKind::App, Some(_)) => error(words![
            "Xero refused ",
            call,
            ": the app itself lacks the scope ",
            if needs.is_empty() { "app.connections or marketplace.billing".to_owned() } else { needs },
            " (rule R35); add it in the developer portal",
        ])
        .map(|error| error.by_rule("R35")),
        (Code::UnauthorizedClient, ConnectionKind::App, _) => error(
            "Xero gives this app no token of its own (unauthorized_client): a custom connection and a PKCE app have none (rules \
             R35, R36)"
                .to_owned(),
        )
        .map(|error| error.by_rule("R36")),
        _ => None,
    }
}
