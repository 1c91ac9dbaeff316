//! A call and its answer.

use core::fmt;
use std::borrow::Cow;

use js_sys::JSON;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::fetch::Incoming;
use crate::call::{Answer, Begin, BodyKind, KeyGiven};
use crate::error::{Code, Error};
use crate::limits::Headers;
use crate::request::{self, DEFAULT_ACCEPT, MAX_ERROR_BYTES};
use crate::time::Timestamp;

/// A call to one of Xero's APIs, to be sent by [`Client::send`](super::Client::send).
///
/// Its `Debug` shows the method alone: path, headers and body may hold secrets.
#[derive(Clone)]
pub struct Request {
    pub(super) method: String,
    path: String,
    headers: Vec<(String, String)>,
    pub(super) body: Option<Vec<u8>>,
    high_priority: bool,
}

impl Request {
    /// A call without a body. `path` is a path or URL as [`crate::request::call`] reads it, such as `/Invoices?page=1`.
    pub fn new(method: &str, path: &str) -> Self {
        Self { method: method.to_owned(), path: path.to_owned(), headers: Vec::new(), body: None, high_priority: false }
    }

    /// A call with `body` as JSON.
    ///
    /// # Errors
    /// `invalid_option` if `body` cannot be written as JSON.
    pub fn json(method: &str, path: &str, body: &impl Serialize) -> Result<Self, Error> {
        // The serde error may quote the value, the host's may quote a key.
        let refused = || Error::new(Code::InvalidOption, "the body of the call cannot be written as JSON");
        let value = body.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).map_err(|_| refused())?;
        let text = JSON::stringify(&value).ok().and_then(|text| text.as_string()).ok_or_else(refused)?;
        Ok(Self::new(method, path).header("Content-Type", "application/json").body(text))
    }

    /// The same call with this header; one of the same name is replaced. Without an `Accept` of its own, a call asks for
    /// `application/json`.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same call with this body; say what it is with a `Content-Type`.
    #[must_use]
    pub fn body(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.body = Some(bytes.into());
        self
    }

    /// The same call, which goes before others that wait for Xero's limits and may use what the limits reserve.
    #[must_use]
    pub const fn high_priority(mut self) -> Self {
        self.high_priority = true;
        self
    }

    /// Checks that the headers may be sent.
    pub(super) fn check(&self) -> Result<(), Error> {
        self.headers.iter().try_for_each(|(name, value)| request::check_header(name, value).map(drop))
    }

    /// The call as the machine has to know it.
    pub(super) fn begin(&self, call: u32, deadline: Timestamp) -> Begin {
        let is_key = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("idempotency-key");
        let own_key = self.headers.iter().find(is_key).map(|(_, value)| value.clone());
        Begin {
            call,
            method: self.method.clone(),
            target: self.path.clone(),
            has_body: self.body.is_some(),
            resendable: true,
            key: if own_key.is_some() { KeyGiven::Own } else { KeyGiven::None },
            own_key,
            high_priority: self.high_priority,
            deadline,
            before: None,
        }
    }

    /// The headers as they are sent.
    pub(super) fn headers<'a>(&'a self, authorization: &'a str) -> Vec<(&'a str, &'a str)> {
        let mut headers = vec![("accept", DEFAULT_ACCEPT)];
        let sent = |(name, value): &&(String, String)| request::check_header(name, value) == Ok(true);
        headers.extend(self.headers.iter().filter(sent).map(|(name, value)| (name.as_str(), value.as_str())));
        headers.push(("authorization", authorization));
        headers
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("method", &self.method).finish_non_exhaustive()
    }
}

/// The answer of an API, errors included.
///
/// Its `Debug` shows the status alone.
#[derive(Clone)]
pub struct Response {
    incoming: Incoming,
    error: Option<Error>,
}

impl Incoming {
    /// The beginning of the body, which has Xero's reason for a refusal.
    pub(super) fn error_text(&self) -> Cow<'_, str> {
        let body = self.body.reveal();
        String::from_utf8_lossy(body.get(..MAX_ERROR_BYTES).unwrap_or(body))
    }

    /// The answer as the machine has to know it.
    pub(super) fn answer<'a>(&'a self, error_text: &'a str) -> Answer<'a> {
        let is_success = matches!(self.status, 200..=299);
        Answer {
            status: self.status,
            limits: Headers {
                problem: self.header("x-rate-limit-problem"),
                retry_after: self.header("retry-after"),
                minute: self.header("x-minlimit-remaining"),
                day: self.header("x-daylimit-remaining"),
                app_minute: self.header("x-appminlimit-remaining"),
            },
            www_authenticate: self.header("www-authenticate"),
            body: (!is_success).then_some(error_text),
            complaints: None,
            records: (is_success && self.body.reveal().is_empty()).then_some(BodyKind::Empty),
            unusable: None,
        }
    }
}

impl Response {
    pub(super) const fn new(incoming: Incoming, error: Option<Error>) -> Self {
        Self { incoming, error }
    }

    /// The status code; 0 for a redirect where the host, a browser, does not tell which.
    pub const fn status(&self) -> u16 {
        self.incoming.status
    }

    /// The value of a header, its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.incoming.headers.iter();
        headers.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Every header that the host shows, names in lower case.
    pub fn headers(&self) -> &[(String, String)] {
        &self.incoming.headers
    }

    /// The body; empty if there is none.
    pub fn bytes(&self) -> &[u8] {
        self.incoming.body.reveal()
    }

    /// The body as text; bytes that are not UTF-8 become U+FFFD.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.bytes())
    }

    /// The error that the answer amounts to if it is no success: `refused` (bad data, 400), `scope_missing`, `not_authorised`,
    /// `token_expired`, `not_found`, `rate_limited`, `server_error`, `redirected`, `malformed_answer`.
    pub const fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// The body, read as JSON. An answer without one is `()`, or `None` of an `Option`.
    ///
    /// # Errors
    /// [`Self::error`] if the answer is no success; `malformed_answer` if its body is not JSON, or not of this type.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        self.error.clone().map_or(Ok(()), Err)?;
        let malformed = |what| {
            let status = self.incoming.status;
            Error::new(Code::MalformedAnswer, format!("Xero's answer is {what} (status {status})"))
        };
        let value = match self.text().trim_ascii() {
            "" => JsValue::UNDEFINED,
            text => JSON::parse(text).map_err(|_| malformed("not JSON"))?,
        };
        // A message of serde may quote the body.
        serde_wasm_bindgen::from_value(value).map_err(|_| malformed("JSON, but not of the type it is to be read as"))
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("status", &self.incoming.status).finish_non_exhaustive()
    }
}
