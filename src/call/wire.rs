//! Events, actions and options as they cross to a driver in another language: objects of texts, numbers and flags.
//!
//! One description serves the bindings for JavaScript, the types of `pkg/src/client/actions.ts`, which a test generates from it,
//! and the tests that compare two drivers.

use super::action::{Action, Token};
use super::event::{Answer, Before, Begin, Event, KeyGiven, Loaded};
use super::{Config, retry};
use crate::catalogue::Operation;
use crate::connection;
use crate::error::{Code, Error, quoted};
use crate::limits::{self, Headers, Problem, WaitReason};
use crate::request::{BaseUrl, TOKEN_ACCEPT, TOKEN_CONTENT_TYPE, TokenRequest};
use crate::scope::ScopeSet;
use crate::secret::Secret;
use crate::text::words;
use crate::time::{Date, Timestamp};
use crate::token::answer::MAX_BODY_BYTES;
use crate::token::{self, Stored};

/// An object that crosses, read by the names of its members. A member of the wrong kind counts as absent.
///
/// Only the first four have to be written. A reader that describes objects instead of reading them overrides the others.
pub trait Given {
    /// A text that may be absent.
    fn optional_text(&self, name: &'static str) -> Option<String>;
    /// A number that may be absent.
    fn optional_number(&self, name: &'static str) -> Option<f64>;
    /// A flag. Absent, it is not set.
    fn flag(&self, name: &'static str) -> bool;
    /// A list of texts that may be absent.
    fn optional_texts(&self, name: &'static str) -> Option<Vec<String>>;

    /// A text.
    fn text(&self, name: &'static str) -> String {
        self.optional_text(name).unwrap_or_default()
    }
    /// A number.
    fn number(&self, name: &'static str) -> f64 {
        self.optional_number(name).unwrap_or_default()
    }
    /// One of these words, by its place; or none.
    fn optional_word(&self, name: &'static str, words: &'static [&'static str]) -> Option<usize> {
        let text = self.optional_text(name)?;
        words.iter().position(|word| *word == text)
    }
    /// The code of an error that may be absent.
    fn optional_code(&self, name: &'static str) -> Option<Code> {
        let text = self.optional_text(name)?;
        Code::ALL.iter().copied().find(|code| code.as_str() == text)
    }
    /// The code of an error.
    fn code(&self, name: &'static str) -> Code {
        self.optional_code(name).unwrap_or(Code::Offline)
    }
}

/// The value of a member.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    /// A number, or an instant in milliseconds.
    Number(f64),
    /// A text.
    Text(&'a str),
    /// A flag.
    Flag(bool),
    /// The key of an operation.
    Operation(&'static Operation),
    /// The code of an error.
    Code(Code),
    /// The thing that a call waits for.
    Why(WaitReason),
    /// The limit that an answer is about.
    Problem(Problem),
    /// One of a few other texts.
    Word(&'static str),
    /// A list of texts.
    Texts(&'a [String]),
    /// An error.
    Error(&'a Error),
    /// Another object, by its members.
    Object(&'a dyn Fn(Put<'_>)),
}

/// Takes the members of an object that crosses, one by one. A member that is absent is not put.
pub type Put<'p> = &'p mut dyn FnMut(&'static str, Value<'_>);

/// The names of the events, as their member `on` has them.
pub const EVENTS: &[&str] =
    &["begin", "want", "resume", "answered", "body", "lost", "aborted", "tick", "token", "noToken", "loaded"];

/// Reads the event called `on` and passes it to `handle`.
///
/// # Errors
/// `invalid_option` for an instant that is none.
pub fn event<R>(on: &str, given: &dyn Given, handle: impl FnOnce(Event<'_>) -> R) -> Result<R, Error> {
    let call = || whole(given, "call");
    let attempt = || whole(given, "attempt");
    Ok(match on {
        "begin" => handle(Event::Begin(begin(given)?)),
        "want" => handle(Event::Want { call: call(), deadline: instant(given.number("deadline"))? }),
        "resume" => handle(Event::Resume { call: call() }),
        "answered" => answered(given, handle),
        "body" => handle(Event::Body { call: call(), text: &given.text("body") }),
        "lost" => {
            let error = Error::new(given.code("code"), given.text("message"));
            handle(Event::Lost { call: call(), error, sent: !given.flag("unsent") })
        }
        "aborted" => handle(Event::Aborted { call: call() }),
        "token" => {
            let (attempt, status) = (attempt(), status(given));
            let (content_type, retry_after) = (&given.text("contentType"), &given.text("retryAfter"));
            let body = Secret::new(given.text("body"));
            let cut = given.flag("cut");
            let answer = token::answer::Answer { status, content_type, retry_after, body: body.reveal(), cut };
            handle(Event::TokenAnswered { attempt, answer, more_secrets: given.flag("moreSecrets") })
        }
        "noToken" => {
            let attempt = attempt();
            let error = Error::new(given.code("code"), given.text("message"));
            handle(Event::TokenLost { attempt, error, lasting: given.flag("lasting") })
        }
        "loaded" => {
            let attempt = given.optional_number("attempt").map(small);
            handle(Event::Loaded { attempt, token: loaded(given) })
        }
        _ => handle(Event::Tick),
    })
}

fn begin(given: &dyn Given) -> Result<Begin, Error> {
    const KEYS: &[&str] = &["own", "ifTaken", "required"];
    Ok(Begin {
        call: whole(given, "call"),
        method: given.text("method"),
        target: given.text("target"),
        has_body: given.flag("hasBody"),
        resendable: given.flag("resendable"),
        key: match given.optional_word("key", KEYS) {
            Some(0) => KeyGiven::Own,
            Some(1) => KeyGiven::IfTaken,
            Some(2) => KeyGiven::Required,
            _ => KeyGiven::None,
        },
        high_priority: given.flag("high"),
        deadline: instant(given.number("deadline"))?,
        before: {
            let in_flight = given.flag("inFlight");
            let first_sent = given.optional_number("firstSent").and_then(Timestamp::from_js);
            first_sent.map(|first_sent| Before { first_sent, in_flight })
        },
    })
}

fn answered<R>(given: &dyn Given, handle: impl FnOnce(Event<'_>) -> R) -> R {
    let call = whole(given, "call");
    let status = status(given);
    let [problem, retry_after, minute, day, app_minute, www_authenticate] =
        &["problem", "retryAfter", "minute", "day", "appMinute", "wwwAuthenticate"]
            .map(|name| given.optional_text(name).unwrap_or_default());
    let body = given.optional_text("body");
    let complaints = given.optional_number("complaints").map(|count| small(count) as usize);
    let unusable = given.optional_code("code");
    let message = given.optional_text("message");
    let answer = Answer {
        status,
        limits: Headers { problem, retry_after, minute, day, app_minute },
        www_authenticate,
        body: body.as_deref(),
        complaints,
        unusable: unusable.map(|code| Error::new(code, message.unwrap_or_default())),
    };
    handle(Event::Answered { call, answer })
}

fn loaded(given: &dyn Given) -> Option<Loaded> {
    let access_token = given.optional_text("accessToken").map(Secret::new);
    let at = |name| given.optional_number(name).and_then(Timestamp::from_js);
    let (obtained_at, expires_at) = (at("obtainedAt"), at("expiresAt"));
    let scopes = given.optional_text("scopes").map(|list| ScopeSet::from_scope_param(&list));
    let stored = Stored { obtained_at: obtained_at?, expires_at: expires_at? };
    Some(Loaded { access_token: access_token?, stored, scopes })
}

/// Puts the members of an action and returns its name, which is its member `do`.
pub fn action(action: &Action, put: Put<'_>) -> &'static str {
    let mut number = |name, number: u32| put(name, Value::Number(number.into()));
    if let Some(call) = action.call() {
        number("call", call);
    }
    match action {
        Action::Send { url, operation, generation, until, deadline, make_key, .. } => {
            number("generation", *generation);
            put("url", Value::Text(url));
            put("until", at(*until));
            put("deadline", at(*deadline));
            if *make_key {
                put("makeKey", Value::Flag(true));
            }
            if let Some(operation) = operation {
                put("operation", Value::Operation(operation));
            }
            "send"
        }
        Action::Resume { .. } => "resume",
        Action::Read { .. } => "read",
        Action::Discard { .. } => "discard",
        Action::Give { error, .. } => {
            if let Some(error) = error {
                put("error", Value::Error(error));
            }
            "give"
        }
        Action::Fail { error, .. } => {
            put("error", Value::Error(error));
            "fail"
        }
        Action::Use { generation, .. } => {
            number("generation", *generation);
            "use"
        }
        Action::Queued { why, until, .. } => {
            put("why", Value::Why(*why));
            put("until", at(*until));
            "queued"
        }
        Action::Admitted { waited_ms, .. } => {
            put("waitedMs", at(Timestamp::from_ms(*waited_ms)));
            "admitted"
        }
        Action::Retry { until, .. } => {
            put("until", at(*until));
            "retry"
        }
        Action::Ask { attempt } => {
            number("attempt", *attempt);
            "ask"
        }
        Action::AskAgain { attempt, next_secret } => {
            number("attempt", *attempt);
            put("nextSecret", Value::Flag(*next_secret));
            "askAgain"
        }
        Action::Keep(token) => {
            self::token(token, put);
            "keep"
        }
        Action::Save(token) => {
            self::token(token, put);
            "save"
        }
        Action::Erase => "erase",
        Action::Load => "load",
        Action::Refused { code } => {
            put("code", Value::Code(*code));
            "refused"
        }
        Action::Paused { problem, until } => {
            put("why", Value::Problem(*problem));
            put("until", at(*until));
            "paused"
        }
    }
}

fn token(token: &Token, put: Put<'_>) {
    put("generation", Value::Number(token.generation.into()));
    put("accessToken", Value::Text(token.access_token.reveal()));
    put("obtainedAt", at(token.obtained_at));
    put("expiresAt", at(token.expires_at));
    if let Some(scopes) = &token.scopes {
        put("scopes", Value::Text(scopes));
    }
}

/// The same for the last action of a list, by which a driver sets its timer to another instant.
pub fn wake(until: Option<Timestamp>, put: Put<'_>) -> &'static str {
    if let Some(until) = until {
        put("at", at(until));
    }
    "wake"
}

/// Puts the members of an error: `XeroErrorDetails` of `pkg/src/shared/errors.ts`.
pub fn error(error: &Error, put: Put<'_>) {
    let code = error.code();
    put("code", Value::Code(code));
    put("blame", Value::Word(code.blame().as_str()));
    put("retryable", Value::Flag(error.retryable()));
    put("message", Value::Text(error.message()));
    if let Some(until) = error.earliest_retry() {
        put("retryAt", at(until));
    }
    if let Some(operation) = error.operation() {
        put("operation", Value::Text(operation));
    }
    if !error.scopes().is_empty() {
        put("scopes", Value::Texts(error.scopes()));
    }
    if let Some(rule) = error.rule() {
        put("rule", Value::Word(rule));
    }
    if let Some(limit) = error.limit() {
        put("limit", Value::Word(limit));
    }
    if error.is_outcome_unknown() {
        put("outcome", Value::Word("unknown"));
    }
}

/// Puts the members of a token request, which is given up at `deadline`.
pub fn token_request(request: &TokenRequest, deadline: Timestamp, put: Put<'_>) {
    put("deadline", at(deadline));
    put("url", Value::Text(&request.url));
    put("authorization", Value::Text(request.authorization.reveal()));
    put("accept", Value::Text(TOKEN_ACCEPT));
    put("contentType", Value::Text(TOKEN_CONTENT_TYPE));
    put("body", Value::Text(&request.body));
    put("maxBytes", Value::Number(u32::try_from(MAX_BODY_BYTES).unwrap_or(u32::MAX).into()));
}

/// The time that the function for a client secret may take, in milliseconds.
pub const SECRET_MS: u64 = 60_000;

/// Reads the options of a connection and of its calls.
///
/// # Errors
/// `invalid_option` or `insecure_url` for an option whose value cannot work.
pub fn options(given: &dyn Given) -> Result<(connection::Options, Config), Error> {
    let usual = token::LifecycleConfig::default();
    let timeout_ms = saturated(given.number("timeoutMs"));
    let attempt_ms = usual.timeout_ms.min(timeout_ms);
    let lease_ms = saturated(given.number("leaseMs"));
    let [in_flight, minute_reserve, day_reserve, queue, again] =
        ["inFlight", "minuteReserve", "dayReserve", "queue", "retry"].map(|name| whole(given, name));
    let lifecycle = token::LifecycleConfig {
        timeout_ms: attempt_ms,
        lease_ms: attempt_ms,
        prepare_ms: lease_ms.min(SECRET_MS),
        stored: given.flag("stored"),
        ..usual
    };
    let options = connection::Options {
        client_id: given.text("clientId"),
        scopes: given.optional_texts("scopes").map(|names| ScopeSet::from_names(names.iter().map(String::as_str))),
        created_on: given.optional_text("createdOn").map(|text| day(&text)).transpose()?,
        organisation: given.optional_text("organisation"),
        preflight: given.flag("preflight"),
        identity_url: BaseUrl::of_identity(&given.text("identityUrl"))?,
        api_url: BaseUrl::of_apis(&given.text("apiUrl"))?,
        lifecycle: if given.flag("vault") { lifecycle.of_vault() } else { lifecycle },
        limits: (!given.flag("unlimited")).then(|| limits::LimitsConfig {
            in_flight,
            minute_reserve,
            day_reserve,
            queue: queue as usize,
            lease_ms,
            ..limits::LimitsConfig::default()
        }),
        seed: saturated(given.number("seed")),
    };
    let config = Config {
        timeout_ms,
        retry: retry::Config { again, ..retry::Config::default() },
        inform: given.flag("inform"),
        isolated: given.flag("isolated"),
    };
    Ok((options, config))
}

fn day(text: &str) -> Result<Date, Error> {
    Date::parse(text).ok_or_else(|| {
        let message = words!["createdOn is ", quoted(text, 20), ", which is not a day written as YYYY-MM-DD"];
        Error::new(Code::InvalidOption, message)
    })
}

/// An instant of a clock of the host.
///
/// # Errors
/// `invalid_option` for a number that is none.
pub fn instant(ms: f64) -> Result<Timestamp, Error> {
    Timestamp::from_js(ms)
        .ok_or_else(|| Error::new(Code::InvalidOption, "the clock of this machine gives no sensible time (Date.now())"))
}

fn at<'a>(at: Timestamp) -> Value<'a> {
    Value::Number(at.as_js())
}

fn status(given: &dyn Given) -> u16 {
    u16::try_from(whole(given, "status")).unwrap_or_default()
}

fn whole(given: &dyn Given, name: &'static str) -> u32 {
    small(given.number(name))
}

fn small(number: f64) -> u32 {
    u32::try_from(saturated(number)).unwrap_or(u32::MAX)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts saturate")]
const fn saturated(number: f64) -> u64 {
    number as u64
}
