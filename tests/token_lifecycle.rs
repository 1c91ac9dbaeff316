//! Every timeline of `vectors/lifecycle.json` over a connection.
//!
//! Instants in the file are milliseconds since `START`. An instant that hangs on the jitter of a pause is a range: its
//! end is the pause without jitter.
#![cfg(test)]
#![expect(clippy::option_option, reason = "what is absent is not null")]

#[path = "support/options.rs"]
mod options;
#[path = "support/parser.rs"]
mod parser;

use std::collections::HashMap;

use options::options;
use parser::parse;
use serde::Deserialize;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use xero_m2m::backoff::Backoff;
use xero_m2m::connection::{Again, Answered, Connection, Options};
use xero_m2m::error::{Code, Error};
use xero_m2m::scope::ScopeSet;
use xero_m2m::time::Timestamp;
use xero_m2m::token::answer::TokenAnswer;
use xero_m2m::token::{LifecycleConfig, Stored, TokenAction, TokenPhase};

/// 2026-04-29T00:00:00Z.
const START: i64 = 1_777_420_800_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct File {
    answers: HashMap<String, Recorded>,
    timelines: Vec<Timeline>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Recorded {
    status: u16,
    content_type: String,
    #[serde(default)]
    retry_after: String,
    body: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Timeline {
    name: String,
    #[serde(default)]
    options: Given,
    steps: Vec<Step>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Given {
    stored: bool,
    /// Its tokens come from a vault.
    vault: bool,
    timeout_ms: Option<u64>,
    scopes: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    at: i64,
    event: Event,
    actions: Vec<Expected>,
    /// The reason to send the attempt once more.
    again: Option<String>,
    phase: Option<String>,
    /// The scopes of the token afterwards; absent where the step is not about them, null where they are not known.
    #[serde(default, deserialize_with = "present")]
    granted: Option<Option<String>>,
}

fn present<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
enum Event {
    Want(i64),
    #[serde(rename_all = "camelCase")]
    Answered {
        attempt: u32,
        answer: String,
        #[serde(default)]
        more_secrets: bool,
    },
    Unanswered {
        attempt: u32,
        code: String,
        #[serde(default)]
        lasting: bool,
    },
    Adopted(Adopted),
    Loaded(Option<Record>),
    Rejected(u32),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Record {
    obtained_at: i64,
    expires_at: i64,
    scopes: Option<String>,
}

/// A token of the vault.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Adopted {
    attempt: u32,
    obtained_at: i64,
    expires_at: i64,
    scopes: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "do", deny_unknown_fields, rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Expected {
    Use { generation: u32 },
    Keep { generation: u32, obtained_at: i64, expires_at: i64 },
    Save { generation: u32, obtained_at: i64, expires_at: i64 },
    Erase,
    Load,
    Send { attempt: u32, deadline: i64 },
    Wait { until: When, why: String },
    Fail { code: String, retry_at: Option<When>, scopes: Option<Vec<String>> },
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
enum When {
    Exactly(i64),
    Between(i64, i64),
}

impl When {
    fn is(self, found: Timestamp, jitter: bool) -> bool {
        match self {
            Self::Exactly(at) => found == instant(at),
            Self::Between(first, last) => found <= instant(last) && found >= instant(if jitter { first } else { last }),
        }
    }
}

impl Expected {
    fn is(&self, found: &TokenAction, jitter: bool) -> bool {
        match (self, found) {
            (Self::Use { generation }, found) => *found == TokenAction::Use { generation: *generation },
            (Self::Save { generation, obtained_at, expires_at }, found) => {
                let (obtained_at, expires_at) = (instant(*obtained_at), instant(*expires_at));
                *found == TokenAction::Save { generation: *generation, obtained_at, expires_at }
            }
            (Self::Keep { generation, obtained_at, expires_at }, found) => {
                let (obtained_at, expires_at) = (instant(*obtained_at), instant(*expires_at));
                *found == TokenAction::Keep { generation: *generation, obtained_at, expires_at }
            }
            (Self::Erase, TokenAction::Erase) | (Self::Load, TokenAction::Load) => true,
            (Self::Send { attempt, deadline }, found) => {
                *found == TokenAction::Send { attempt: *attempt, deadline: instant(*deadline) }
            }
            (Self::Wait { until, why }, TokenAction::Wait { until: found, why: found_why }) => {
                until.is(*found, jitter) && why == found_why.as_str()
            }
            (Self::Fail { code, retry_at, scopes }, TokenAction::Fail { error }) => {
                let same_instant = match (retry_at, error.earliest_retry()) {
                    (Some(retry_at), Some(found)) => retry_at.is(found, jitter),
                    (None, None) => true,
                    _ => false,
                };
                code == error.code().as_str() && same_instant && scopes.as_deref().unwrap_or_default() == error.scopes()
            }
            _ => false,
        }
    }
}

fn instant(ms: i64) -> Timestamp {
    let ms = START.checked_add(ms).and_then(|ms| ms.try_into().ok());
    Timestamp::from_ms(ms.expect("an instant after 1970"))
}

fn config(given: &Given, jitter_percent: u8) -> LifecycleConfig {
    let usual = LifecycleConfig::default();
    let timeout_ms = given.timeout_ms.unwrap_or(usual.timeout_ms).min(usual.timeout_ms);
    let config = LifecycleConfig {
        timeout_ms,
        lease_ms: timeout_ms,
        prepare_ms: timeout_ms,
        stored: given.stored,
        backoff: Backoff { jitter_percent, ..usual.backoff },
        ..usual
    };
    if given.vault { config.of_vault() } else { config }
}

fn connection(given: &Given, jitter_percent: u8, seed: u64) -> Connection {
    Connection::new(Options {
        scopes: given.scopes.as_ref().map(|names| ScopeSet::from_names(names.iter().map(String::as_str))),
        lifecycle: config(given, jitter_percent),
        seed,
        ..options()
    })
    .expect("options that can work")
}

impl Recorded {
    fn answer(&self) -> TokenAnswer<'_> {
        let Self { status, content_type, retry_after, body } = self;
        TokenAnswer { status: *status, content_type, retry_after, body, cut: false }
    }
}

impl Record {
    fn stored(&self) -> Stored {
        Stored { obtained_at: instant(self.obtained_at), expires_at: instant(self.expires_at) }
    }
}

fn error(code: &str) -> Error {
    let code = Code::ALL.iter().find(|known| known.as_str() == code).expect("a code");
    Error::new(*code, "made up")
}

fn assert_warm_path(ready: Option<u32>, actions: &[TokenAction]) {
    let warm = match actions {
        [TokenAction::Use { generation }] => Some(*generation),
        _ => None,
    };
    assert_eq!(ready, warm, "the warm path and the list of actions agree: {actions:?}");
}

/// Reports an event to a connection.
fn perform(
    connection: &mut Connection,
    event: &Event,
    now: Timestamp,
    answers: &HashMap<String, Recorded>,
) -> (Vec<TokenAction>, Option<Again>) {
    let actions = match event {
        Event::Want(deadline) => {
            let ready = connection.session.ready(now);
            let actions = connection.session.want(instant(*deadline), now);
            assert_warm_path(ready, &actions);
            actions
        }
        Event::Answered { attempt, answer, more_secrets } => {
            let answer = answers[answer].answer();
            let Answered { grant, actions, again, .. } =
                connection.session.answered(*attempt, &answer, *more_secrets, now, &parse);
            let kept = actions.iter().any(|action| matches!(action, TokenAction::Keep { .. }));
            assert_eq!(grant.is_some(), kept, "the token comes exactly where it is to be kept");
            return (actions, again);
        }
        Event::Unanswered { attempt, code, lasting } => {
            connection.session.unanswered(*attempt, error(code), *lasting, now)
        }
        Event::Adopted(Adopted { attempt, obtained_at, expires_at, scopes }) => {
            let stored = Stored { obtained_at: instant(*obtained_at), expires_at: instant(*expires_at) };
            let scopes = scopes.as_deref().map(ScopeSet::from_scope_param);
            connection.session.loaded(Some(*attempt), Some(stored), scopes, now)
        }
        Event::Loaded(record) => {
            let scopes = record.as_ref().and_then(|record| record.scopes.as_deref()).map(ScopeSet::from_scope_param);
            connection.session.loaded(None, record.as_ref().map(Record::stored), scopes, now)
        }
        Event::Rejected(generation) => connection.session.rejected(*generation, now),
    };
    (actions, None)
}

impl Step {
    fn check(&self, found: &[TokenAction], phase: TokenPhase, jitter: bool, place: &str) {
        let same = found.len() == self.actions.len()
            && self.actions.iter().zip(found).all(|(expected, found)| expected.is(found, jitter));
        assert!(same, "{place}:\n  expected {:?}\n  found    {found:?}", self.actions);
        if let Some(expected) = &self.phase {
            assert_eq!(format!("{phase:?}").to_lowercase(), *expected, "{place}");
        }
    }
}

fn vectors() -> File {
    serde_json::from_str(include_str!("vectors/lifecycle.json")).expect("the vectors")
}

fn run(jitter_percent: u8, seed: u64) {
    let File { answers, timelines } = vectors();
    for Timeline { name, options, steps } in timelines {
        let mut connection = connection(&options, jitter_percent, seed);
        for (number, step) in steps.iter().enumerate() {
            let place = format!("{name}, step {number} at {}, seed {seed}", step.at);
            let (found, again) = perform(&mut connection, &step.event, instant(step.at), &answers);
            step.check(&found, connection.session.phase(instant(step.at)), jitter_percent > 0, &place);
            let again = again.map(|again| match again {
                Again::NextSecret => "secret",
                Again::WithoutScope => "scope",
            });
            assert_eq!(again, step.again.as_deref(), "{place}");
            if let Some(granted) = &step.granted {
                assert_eq!(connection.session.granted().map(ToString::to_string), *granted, "{place}");
            }
        }
    }
}

#[test]
fn timelines_without_jitter() {
    run(0, 0);
}

#[test]
fn timelines_with_jitter() {
    for seed in 0..20 {
        run(Backoff::default().jitter_percent, seed);
    }
}

/// No driver can report this, so it is no timeline.
#[test]
fn generations_that_never_were_are_not_rejected() {
    let mut connection = connection(&Given::default(), 0, 0);
    let now = instant(0);
    assert_eq!(connection.session.rejected(1, now), [], "before the first token");
    connection.session.want(instant(30_000), now);
    let File { answers, .. } = vectors();
    connection.session.answered(1, &answers["30 minutes"].answer(), false, now, &parse);
    for generation in [0, 2] {
        assert_eq!(connection.session.rejected(generation, now), [], "generation {generation}");
    }
    assert_eq!(connection.session.ready(now), Some(1));
}

#[test]
fn a_caller_whose_time_ends_hears_what_its_attempt_waits_for() {
    let mut connection = connection(&Given::default(), 0, 1);
    let session = &mut connection.session;
    let deadline = instant(500);
    let told = |actions: &[TokenAction]| match actions {
        [TokenAction::Fail { error }] => Some(error.code()),
        _ => None,
    };
    assert!(matches!(session.want(deadline, instant(0))[..], [TokenAction::Send { attempt: 1, .. }]));
    assert_eq!(told(&session.want(deadline, instant(500))), Some(Code::Timeout));
    session.waits(1, Error::new(Code::SecretUnavailable, "no secret yet"), instant(501));
    // An attempt that never was is waited for by no caller.
    session.waits(7, Error::new(Code::VaultUnavailable, "another"), instant(501));
    assert_eq!(told(&session.want(deadline, instant(501))), Some(Code::SecretUnavailable));
    // It is sent: from now on it waits for the identity service.
    session.sent(1, instant(502));
    assert_eq!(told(&session.want(deadline, instant(502))), Some(Code::Timeout));
    session.unanswered(1, Error::new(Code::VaultUnavailable, "a person has to act"), true, instant(503));
    let failed = session.want(instant(900), instant(504));
    assert!(matches!(&failed[..], [TokenAction::Fail { error }] if !error.retryable()), "{failed:?}");
}
