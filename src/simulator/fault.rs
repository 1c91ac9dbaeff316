//! Rules that make requests fail.
//!
//! A rule is one line of words, the same in code and on the command line, such as `api GET /Invoices 503 retry-after=2 first=3`:
//!
//! - the requests: `identity`, `api`, `any`, or `rotate` for the exchanges of refresh tokens; then, optionally, a method and the
//!   beginning of a path;
//! - the fault: a status, a word of [`Transport`], or `late=90s`: the sender gets no answer, and the request is carried out that
//!   much later;
//! - the details of an answer with a status: `body=` a word of [`ErrorFormat`], `retry-after=`, `problem=`
//!   (`X-Rate-Limit-Problem`);
//! - the selection among these requests: `first=3`, `after=3`, `every=3`, `share=1/100` at random from the seed;
//! - `performed`, or `then` before the fault: the request is carried out, then its answer fails, as in `rotate then silent`.
//!   Without it, the request never arrives.

use serde_json::json;

use super::http::HttpResponse;
use crate::error::{Code, Error, quoted};

/// A fault of the transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// The connection is reset before an answer.
    Reset,
    /// The connection is reset in the middle of the head.
    ResetHead,
    /// The connection is reset in the middle of the body.
    ResetBody,
    /// No answer is ever sent.
    Silent,
    /// The head arrives at one byte a second.
    SlowHead,
    /// The body arrives at one byte a second.
    SlowBody,
    /// The body is declared as gzip, and ends in the middle.
    CutGzip,
    /// The body is shorter than `Content-Length`.
    WrongLength,
    /// The body has 40 MB.
    Huge,
    /// The body is not UTF-8.
    BadUtf8,
}

const TRANSPORTS: [(&str, Transport); 10] = [
    ("reset", Transport::Reset),
    ("reset-head", Transport::ResetHead),
    ("reset-body", Transport::ResetBody),
    ("silent", Transport::Silent),
    ("slow-head", Transport::SlowHead),
    ("slow-body", Transport::SlowBody),
    ("cut-gzip", Transport::CutGzip),
    ("wrong-length", Transport::WrongLength),
    ("huge", Transport::Huge),
    ("bad-utf8", Transport::BadUtf8),
];

impl Transport {
    /// The word for this fault in a rule.
    pub fn as_str(self) -> &'static str {
        TRANSPORTS.iter().find(|(_, transport)| *transport == self).map_or("", |(word, _)| word)
    }
}

/// The formats of Xero's refusals, and of answers from something on the way (Xero's specifications and reports).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorFormat {
    /// Accounting: `ErrorNumber`, `Type`, `Message`, `Elements`.
    Accounting,
    /// Payroll: a problem object with invalid fields.
    Payroll,
    /// Projects and files: `message` and `modelState`.
    Model,
    /// Bank feeds: `application/problem+json`.
    Problem,
    /// Plain text.
    Text,
    /// HTML, as a proxy in Xero's place sends it.
    Html,
    /// No body.
    Empty,
}

const ERROR_FORMATS: [(&str, ErrorFormat); 7] = [
    ("accounting", ErrorFormat::Accounting),
    ("payroll", ErrorFormat::Payroll),
    ("model", ErrorFormat::Model),
    ("problem", ErrorFormat::Problem),
    ("text", ErrorFormat::Text),
    ("html", ErrorFormat::Html),
    ("empty", ErrorFormat::Empty),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Status(u16),
    Transport(Transport),
    /// In milliseconds.
    Late(u64),
}

/// The answer to a request that fails.
#[derive(Clone, Debug)]
pub(super) enum FaultOutcome {
    /// This response replaces the real one.
    Instead(HttpResponse),
    /// The transport fails.
    Spoilt(Transport),
    /// There is no answer, and the request arrives after these milliseconds.
    Late(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Service {
    Identity,
    Rotation,
    Api,
    Any,
}

/// The part of the local Xero that a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultTarget {
    Api,
    Identity,
    /// The exchange of a refresh token, which is a request to the identity service.
    Rotation,
}

/// A rule that makes requests fail; see the [module](self) for its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultRule {
    service: Service,
    method: Option<String>,
    path: Option<String>,
    effect: Effect,
    format: ErrorFormat,
    retry_after: Option<String>,
    problem: Option<String>,
    pub(super) first: Option<u64>,
    pub(super) after: u64,
    pub(super) every: u64,
    pub(super) share: Option<(u64, u64)>,
    performed: bool,
}

/// The fault of one request.
#[derive(Clone, Debug)]
pub(super) struct InjectedFault {
    pub(super) outcome: FaultOutcome,
    /// True if the request is carried out before it fails.
    pub(super) performed: bool,
}

impl FaultRule {
    /// Reads a rule.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] for a word that is not understood, with the word and its number.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut words = text.split_whitespace().zip(1_usize..);
        let invalid = |message: &str| Error::new(Code::InvalidOption, message);
        let bad = |word: &str, at: usize, what: &str| {
            invalid(&format!("fault rule, word {at}, {}: {what}", quoted(word, 40)))
        };
        let service = match words.next() {
            Some(("identity", _)) => Service::Identity,
            Some(("api", _)) => Service::Api,
            Some(("any", _)) => Service::Any,
            Some(("rotate", _)) => Service::Rotation,
            Some((word, at)) => return Err(bad(word, at, "a rule begins with identity, api, any or rotate")),
            None => return Err(invalid("the fault rule is empty; write one such as: api 503 first=2")),
        };
        let mut effect = None;
        let mut rule = Self::of(service);
        for (word, at) in words {
            let read = match word.split_once('=') {
                Some(("late", value)) => late(value).and_then(|late| put(&mut effect, late)),
                Some((name, value)) => rule.set(name, value),
                None => rule.read_word(word, &mut effect),
            };
            read.map_err(|what| bad(word, at, &what))?;
        }
        rule.effect = effect
            .ok_or_else(|| invalid("the fault rule has no status and no fault; add one, such as 503 or reset"))?;
        Ok(rule)
    }

    /// A rule for all requests to `service`.
    const fn of(service: Service) -> Self {
        Self {
            service,
            method: None,
            path: None,
            effect: Effect::Status(500),
            format: ErrorFormat::Text,
            retry_after: None,
            problem: None,
            first: None,
            after: 0,
            every: 1,
            share: None,
            performed: false,
        }
    }

    /// Reads `name=value`. Fails with a description of the expected text.
    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let count = |value: &str| {
            let number = value.parse::<u64>().ok().filter(|&number| number > 0);
            number.ok_or_else(|| "expected a number, 1 or more".to_owned())
        };
        match name {
            "first" => self.first = Some(count(value)?),
            "after" => self.after = count(value)?,
            "every" => self.every = count(value)?,
            "share" => {
                let (part, whole) = value.split_once('/').ok_or("expected a fraction such as 1/100")?;
                self.share = Some((count(part)?, count(whole)?));
            }
            "body" => {
                let found = ERROR_FORMATS.iter().find(|(name, _)| *name == value);
                let names = || format!("expected one of {}", ERROR_FORMATS.map(|(name, _)| name).join(", "));
                self.format = found.ok_or_else(names)?.1;
            }
            "retry-after" => self.retry_after = Some(value.to_owned()),
            "problem" => self.problem = Some(value.to_owned()),
            _ => return Err("expected first, after, every, share, body, retry-after or problem".to_owned()),
        }
        Ok(())
    }

    /// Reads a word without a value. Fails with a description of the expected text.
    fn read_word(&mut self, word: &str, effect: &mut Option<Effect>) -> Result<(), String> {
        if matches!(word, "performed" | "then") {
            self.performed = true;
        } else if word.starts_with('/') {
            self.path = Some(word.to_owned());
        } else if word.bytes().all(|byte| byte.is_ascii_uppercase()) {
            self.method = Some(word.to_owned());
        } else {
            let status = word.parse::<u16>().ok().filter(|status| matches!(status, 200..=599));
            let transport = TRANSPORTS.iter().find(|(name, _)| *name == word).map(|&(_, found)| found);
            let found = status.map(Effect::Status).or(transport.map(Effect::Transport));
            let names = || TRANSPORTS.map(|(name, _)| name).join(", ");
            let found = found.ok_or_else(|| format!("expected a status from 200 to 599, or one of {}", names()))?;
            put(effect, found)?;
        }
        Ok(())
    }

    pub(super) fn is_about(&self, target: FaultTarget, method: &str, path: &str) -> bool {
        let service = match self.service {
            Service::Identity => target != FaultTarget::Api,
            Service::Rotation => target == FaultTarget::Rotation,
            Service::Api => target == FaultTarget::Api,
            Service::Any => true,
        };
        // `/Invoices` stands for `/api.xro/2.0/Invoices`.
        let under = |prefix: &String| path.starts_with(prefix.as_str()) || path.contains(&format!(".0{prefix}"));
        service
            && self.method.as_ref().is_none_or(|own| own.eq_ignore_ascii_case(method))
            && self.path.as_ref().is_none_or(under)
    }

    pub(super) fn fault(&self) -> InjectedFault {
        let outcome = match self.effect {
            Effect::Late(ms) => FaultOutcome::Late(ms),
            Effect::Transport(transport) => FaultOutcome::Spoilt(transport),
            Effect::Status(status) => {
                let mut response = body(status, self.format);
                for (name, value) in [("Retry-After", &self.retry_after), ("X-Rate-Limit-Problem", &self.problem)] {
                    if let Some(value) = value {
                        response = response.with(name, value);
                    }
                }
                FaultOutcome::Instead(response)
            }
        };
        InjectedFault { outcome, performed: self.performed }
    }
}

/// Sets the fault of a rule, which can have only one.
fn put(effect: &mut Option<Effect>, found: Effect) -> Result<(), String> {
    match effect.replace(found) {
        None => Ok(()),
        Some(_) => Err("the rule already has a status or a fault; a rule can have only one".to_owned()),
    }
}

/// Reads the time of `late=`.
fn late(value: &str) -> Result<Effect, String> {
    let seconds = value.strip_suffix('s').and_then(|digits| digits.parse::<u32>().ok());
    let seconds = seconds.ok_or_else(|| "expected a number of seconds such as 90s".to_owned())?;
    Ok(Effect::Late(u64::from(seconds).saturating_mul(1_000)))
}

fn body(status: u16, format: ErrorFormat) -> HttpResponse {
    const MESSAGE: &str = "A validation exception occurred";
    match format {
        ErrorFormat::Accounting => HttpResponse::json(
            status,
            &json!({ "ErrorNumber": 10, "Type": "ValidationException", "Message": MESSAGE,
                "Elements": [{ "ValidationErrors": [{ "Message": "Email address must be valid." }] }] }),
        ),
        ErrorFormat::Payroll => HttpResponse::json(
            status,
            &json!({ "id": null, "problem": { "type": "about:blank", "title": "Bad Request", "status": status,
                "detail": MESSAGE, "invalidFields": [{ "name": "dateOfBirth", "reason": "The date is required" }] } }),
        ),
        ErrorFormat::Model => HttpResponse::json(
            status,
            &json!({ "message": MESSAGE, "modelState": { "name": ["The name field is required."] } }),
        ),
        ErrorFormat::Problem => HttpResponse::of(
            status,
            "application/problem+json",
            json!({ "type": "invalid-request", "title": "Invalid Request", "status": status, "detail": MESSAGE })
                .to_string()
                .into_bytes(),
        ),
        ErrorFormat::Text => HttpResponse::text(status, "This answer comes from a fault rule of the local Xero."),
        ErrorFormat::Html => {
            HttpResponse::of(status, "text/html", b"<!doctype html><h1>Something in between</h1>".to_vec())
        }
        ErrorFormat::Empty => HttpResponse::bare(status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_is_not_understood_is_refused_with_its_place() {
        for (text, found) in [
            ("", "is empty"),
            ("both 503", "word 1, both"),
            ("api", "has no status and no fault"),
            ("api 99", "word 2, 99"),
            ("api 600", "word 2, 600"),
            ("api reset 503", "word 3, 503"),
            ("api 503 first=0", "word 3, first=0"),
            ("api 503 share=1", "word 3, share=1"),
            ("api 503 body=xml", "word 3, body=xml"),
            ("api 503 often=2", "word 3, often=2"),
            ("rotate late=90", "word 2, late=90"),
            ("rotate late=90s 503", "word 3, 503"),
            ("rotate silent late=90s", "word 3, late=90s"),
            ("rotate then", "has no status and no fault"),
        ] {
            let error = FaultRule::parse(text).expect_err(text);
            assert_eq!(error.code(), Code::InvalidOption);
            assert!(error.message().contains(found), "{text}: {error}");
        }
    }
}
