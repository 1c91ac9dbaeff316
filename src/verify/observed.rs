//! The part of an answer that may be published: no secret, no name and no id. Every text in it is one of ours.

use serde::Serialize;

use super::heard::{Heard, NoAnswer};
use super::json::Json;
use crate::error::Code;
use crate::text::words;

/// An answer without anything that belongs to an organisation. In JSON: `{ request, status?, failed?, error?, described?, detail?,
/// challenge?, problem?, headers, scopeAnswer?, scopeClaim?, claims, otherClaims?, list? }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "VerifiedAnswer"))]
#[serde(rename_all = "camelCase")]
pub struct Observed {
    /// The name of the request in this report.
    pub request: String,
    /// The status; absent if there was no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The reason, if there was no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<NoAnswer>,
    /// The error code: of OAuth for a token request, of this package for a call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<&'static str>,
    /// True if a refused token request has an `error_description`; absent for other answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub described: Option<bool>,
    /// The kind of `Detail` in a refusal; absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<DetailKind>,
    /// The kind of the header `WWW-Authenticate`; absent without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge: Option<ChallengeKind>,
    /// The header `X-Rate-Limit-Problem`, if it is one short word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// The headers of interest that were there, without their values.
    pub headers: Vec<&'static str>,
    /// The shape of `scope` in the answer with a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope_answer: Option<ScopeShape>,
    /// The shape of the claim `scope` in a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope_claim: Option<ScopeShape>,
    /// The known claims that a token has, without their values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<&'static str>,
    /// The number of claims with other names; absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_claims: Option<usize>,
    /// The kind of a list; absent if the answer is not a JSON array.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<ListKind>,
}

/// The kind of `Detail` in a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum DetailKind {
    /// A scope is missing, or a right.
    AuthorizationUnsuccessful,
    /// The token or the connection is not accepted.
    AuthenticationUnsuccessful,
    /// The token has expired.
    TokenExpired,
    /// Any other text.
    #[serde(rename = "other")]
    Other,
}

/// The kind of a header `WWW-Authenticate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChallengeKind {
    /// It has the word `insufficient_scope`, or Xero's FAQ's spelling of it.
    InsufficientScope,
    /// It has the word `invalid_token`.
    InvalidToken,
    /// Any other text.
    Other,
}

/// The shape of a `scope`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum ScopeShape {
    /// A list of texts.
    List,
    /// One text.
    Text,
    /// Something else.
    Other,
    /// Absent.
    Absent,
}

/// The kind of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum ListKind {
    /// It has no item.
    Empty,
    /// It has items.
    Filled,
}

/// The headers of interest, in lower case.
const HEADERS: [&str; 7] = [
    "retry-after",
    "www-authenticate",
    "x-appminlimit-remaining",
    "x-daylimit-remaining",
    "x-minlimit-remaining",
    "x-rate-limit-problem",
    "xero-correlation-id",
];

/// The claims whose names are published: those that Xero's tokens are reported to have.
const CLAIMS: [&str; 15] = [
    "aud",
    "auth_time",
    "authentication_event_id",
    "client_id",
    "exp",
    "global_session_id",
    "iat",
    "iss",
    "jti",
    "nbf",
    "scope",
    "sid",
    "sub",
    "xero_tenant_id",
    "xero_userid",
];

/// The longest problem that is published.
const LONGEST_WORD: usize = 24;

impl ScopeShape {
    /// The shape of a value.
    pub(super) fn of(value: &Json) -> Self {
        match value {
            Json::Nothing => Self::Absent,
            Json::Text(_) => Self::Text,
            Json::List(_) if value.texts().is_some() => Self::List,
            _ => Self::Other,
        }
    }
}

impl DetailKind {
    const ALL: [(&'static str, Self); 3] = [
        ("AuthorizationUnsuccessful", Self::AuthorizationUnsuccessful),
        ("AuthenticationUnsuccessful", Self::AuthenticationUnsuccessful),
        ("TokenExpired", Self::TokenExpired),
    ];

    fn of(heard: &Heard) -> Option<Self> {
        let text = ["Detail", "detail"].into_iter().find_map(|name| heard.body.member(name).text())?;
        let known = Self::ALL.into_iter().find(|(word, _)| text.starts_with(word));
        Some(known.map_or(Self::Other, |(_, kind)| kind))
    }
}

impl ChallengeKind {
    fn of(heard: &Heard) -> Option<Self> {
        let text = heard.header("www-authenticate");
        let has = |word: &str| text.contains(word);
        match () {
            () if !heard.has_header("www-authenticate") => None,
            () if has("insufficient_scope") || has("insufficent_scope") => Some(Self::InsufficientScope),
            () if has("invalid_token") => Some(Self::InvalidToken),
            () => Some(Self::Other),
        }
    }
}

impl Observed {
    fn of(heard: &Heard) -> Self {
        Self {
            request: heard.id.clone(),
            status: Some(heard.status).filter(|_| heard.failed.is_none()),
            failed: heard.failed,
            error: None,
            described: None,
            detail: None,
            challenge: ChallengeKind::of(heard),
            problem: problem(heard).map(str::to_owned),
            headers: HEADERS.into_iter().filter(|name| heard.has_header(name)).collect(),
            scope_answer: None,
            scope_claim: None,
            claims: Vec::new(),
            other_claims: None,
            list: None,
        }
    }

    /// The answer to a token request.
    pub(super) fn token(heard: &Heard) -> Self {
        let own = Self::of(heard);
        if !heard.has_token {
            let refused = heard.failed.is_none();
            let described = Some(heard.body.member("error_description").text().is_some()).filter(|_| refused);
            let error = refused.then(|| heard.oauth_error().unwrap_or("other"));
            return Self { error, described, ..own };
        }
        let is_jwt = heard.claims.names().next().is_some();
        let others = heard.claims.names().filter(|name| !CLAIMS.contains(name)).count();
        Self {
            scope_answer: Some(ScopeShape::of(heard.body.member("scope"))),
            scope_claim: is_jwt.then(|| ScopeShape::of(heard.claims.member("scope"))),
            claims: CLAIMS.into_iter().filter(|name| *heard.claims.member(name) != Json::Nothing).collect(),
            other_claims: Some(others).filter(|&count| count > 0),
            ..own
        }
    }

    /// The answer to a call.
    pub(super) fn call(heard: &Heard) -> Self {
        let error = heard.code().map(Code::as_str).filter(|_| heard.failed.is_none());
        let list = match &heard.body {
            Json::List(items) if items.is_empty() => Some(ListKind::Empty),
            Json::List(_) => Some(ListKind::Filled),
            _ => None,
        };
        Self { error, detail: DetailKind::of(heard), list, ..Self::of(heard) }
    }

    /// The answer in a few words: `status 400, invalid_scope`.
    pub(super) fn brief(&self) -> String {
        match (self.failed, self.status) {
            (Some(NoAnswer::Timeout), _) => "no answer in time".to_owned(),
            (Some(NoAnswer::Offline), _) | (None, None) => "no answer".to_owned(),
            (None, Some(status)) => {
                let error = self.error.map_or(String::new(), |error| words![", ", error]);
                words!["status ", status, error]
            }
        }
    }
}

/// The header `X-Rate-Limit-Problem`, if it is one short word without a digit, as no id is.
pub(super) fn problem(heard: &Heard) -> Option<&str> {
    let text = heard.header("x-rate-limit-problem");
    let is_word = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_');
    Some(text).filter(|text| (1..=LONGEST_WORD).contains(&text.len()) && text.bytes().all(is_word))
}
