//! An answer as the host reports it, and what it means.

use serde::Deserialize;

use super::json::Json;
use crate::error::Code;
use crate::request::ApiAnswer;
use crate::scope::ScopeSet;
use crate::time::Timestamp;

/// The answer to a request, without a token in it: the host keeps tokens, and passes on the parsed claims.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Heard {
    /// The name of the request.
    pub id: String,
    /// The status; 0 if there was no answer.
    pub status: u16,
    /// The reason, if there was no answer.
    pub failed: Option<NoAnswer>,
    /// The headers: names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The beginning of the body; empty if it may hold a token.
    pub text: String,
    /// The body, if it is JSON.
    pub body: Json,
    /// True if the body has an access token.
    pub has_token: bool,
    /// The claims of that token, if it is a JWT.
    pub claims: Json,
}

/// The reason why there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum NoAnswer {
    /// None came in time.
    Timeout,
    /// The service could not be reached, or its answer broke off.
    Offline,
}

/// The error codes of a token endpoint (RFC 6749 section 5.2) and of an overloaded server (section 4.1.2.1).
const OAUTH: [&str; 8] = [
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_grant_type",
];

/// The answer to a token request that named scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GrantedScopes {
    /// A token with exactly these scopes.
    Exactly,
    /// A token with other scopes.
    Others,
    /// A token whose scopes cannot be seen.
    Hidden,
    /// No token: `invalid_scope`.
    Refused,
    /// No token for another reason.
    Other,
}

impl Heard {
    /// The value of a header; empty if it is absent.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
    }

    /// Returns true if the answer has a header.
    pub(super) fn has_header(&self, name: &str) -> bool {
        self.headers.iter().any(|(own, _)| own == name)
    }

    /// Returns true if the call succeeded.
    pub(super) const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// The error code of a call's answer; `None` for a success. A success that has nothing of Xero's forms is of something in between.
    pub(super) fn code(&self) -> Option<Code> {
        if self.is_success() && !self.has_records() {
            return Some(Code::MalformedAnswer);
        }
        let answer = ApiAnswer {
            status: self.status,
            www_authenticate: self.header("www-authenticate"),
            retry_after: "",
            limit: None,
            body: &self.text,
            complaints: None,
        };
        answer.error(None, None, Timestamp::from_ms(0)).map(|error| error.code())
    }

    /// Returns true for a list, and for an object with a list or an object in it: each answer of Xero's that is asked for is one.
    fn has_records(&self) -> bool {
        let is_of_records = |value: &Json| matches!(value, Json::List(_) | Json::Object(_));
        match &self.body {
            Json::Object(members) => members.iter().any(|(_, value)| is_of_records(value)),
            body => is_of_records(body),
        }
    }

    /// Returns true if a scope is missing for the call.
    pub(super) fn lacks_scope(&self) -> bool {
        matches!(self.code(), Some(Code::ScopeMissing | Code::JournalsUnavailable))
    }

    /// The error of a refused token request, if it is one that OAuth has.
    pub(super) fn oauth_error(&self) -> Option<&'static str> {
        let error = self.body.member("error").text()?;
        OAUTH.into_iter().find(|known| *known == error)
    }

    /// The scopes of a token: of its answer, else of its claims; `None` if neither has them.
    pub(super) fn scopes(&self) -> Option<ScopeSet> {
        [self.body.member("scope"), self.claims.member("scope")].into_iter().find_map(|scope| {
            let list = scope.texts().map(ScopeSet::from_names);
            list.or_else(|| scope.text().map(ScopeSet::from_scope_param)).filter(|scopes| !scopes.is_empty())
        })
    }

    /// The meaning of the answer to a token request that named `asked`.
    pub(super) fn granted(&self, asked: &ScopeSet) -> GrantedScopes {
        if !self.has_token {
            return if self.oauth_error() == Some("invalid_scope") {
                GrantedScopes::Refused
            } else {
                GrantedScopes::Other
            };
        }
        match self.scopes() {
            None => GrantedScopes::Hidden,
            Some(scopes) if scopes == *asked => GrantedScopes::Exactly,
            Some(_) => GrantedScopes::Others,
        }
    }

    /// Returns true if the answer to a token request cannot be the identity service's judgement of it.
    pub(super) fn is_broken_token(&self) -> bool {
        self.failed.is_some()
            || !(self.has_token && self.is_success() || self.oauth_error().is_some() && self.is_refusal())
    }

    const fn is_refusal(&self) -> bool {
        matches!(self.status, 400..=499) && self.status != 429
    }

    /// Returns true if the answer to a call cannot be the API's judgement of it: there was none, a limit was reached, a server or
    /// a proxy failed, or the token was not accepted.
    pub(super) fn is_broken_call(&self) -> bool {
        let is_about_token = self.status == 401 && !self.lacks_scope();
        let is_elsewhere = matches!(
            self.code(),
            Some(Code::RateLimited | Code::ServerError | Code::Redirected | Code::Intercepted | Code::MalformedAnswer)
        );
        self.failed.is_some() || is_about_token || is_elsewhere
    }
}
