//! Every timeline of `vectors/call-timelines.json` over the machine of calls.
//!
//! Events and actions are written as they cross into JavaScript (`pkg/src/client/actions.ts`), so that every layer can run them.
//! Instants are milliseconds since `START`; one that depends on the jitter of a pause is a range.
#![cfg(test)]

#[path = "support/options.rs"]
mod options;
#[path = "support/parser.rs"]
mod parser;

use options::options;
use parser::parse;
use serde_json::{Map, Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use xero_m2m::call::{Action, Answer, Before, Begin, Config, Event, KeyGiven, Loaded, Machine, Now, Token};
use xero_m2m::connection::{Connection, Options};
use xero_m2m::error::{Code, Error};
use xero_m2m::limits::{self, Headers};
use xero_m2m::scope::ScopeSet;
use xero_m2m::secret::Secret;
use xero_m2m::time::Timestamp;
use xero_m2m::token::{self, Stored};

/// 2026-11-23T10:00:00Z.
const START: i64 = 1_795_428_000_000;

/// The members of events and actions that are instants.
const INSTANTS: [&str; 8] = ["at", "deadline", "expiresAt", "firstSent", "obtainedAt", "retryAt", "until", "waitUntil"];

/// An event as a timeline has it.
struct Given<'a>(&'a Map<String, Value>);

impl Given<'_> {
    fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn maybe(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.as_str().expect("a text"))
    }

    fn flag(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| value.as_bool().expect("a flag"))
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.0.get(name).map(|value| value.as_i64().expect("a number"))
    }

    fn whole(&self, name: &str) -> u32 {
        self.number(name).map_or(0, |number| u32::try_from(number).expect("a whole number"))
    }

    fn instant(&self, name: &str) -> Option<Timestamp> {
        self.number(name).map(instant)
    }

    fn error(&self) -> Error {
        let code = Code::ALL.iter().find(|code| code.as_str() == self.text("code")).expect("a code");
        Error::new(*code, self.text("message"))
    }
}

fn instant(ms: i64) -> Timestamp {
    let ms = START.checked_add(ms).and_then(|ms| ms.try_into().ok());
    Timestamp::from_ms(ms.expect("an instant after 1970"))
}

fn since_start(at: Timestamp) -> Value {
    i64::try_from(at.as_ms()).ok().and_then(|ms| ms.checked_sub(START)).expect("an instant").into()
}

/// The actions of a machine after an event.
fn handle(machine: &mut Machine, given: &Given<'_>, now: Now) -> Vec<Action> {
    let call = given.whole("call");
    let attempt = given.whole("attempt");
    let status = u16::try_from(given.whole("status")).expect("a status");
    let event = match given.text("on") {
        "begin" => Event::Begin(Begin {
            call,
            method: given.text("method").to_owned(),
            target: given.text("target").to_owned(),
            has_body: given.flag("hasBody"),
            resendable: given.flag("resendable"),
            key: match given.text("key") {
                "own" => KeyGiven::Own,
                "ifTaken" => KeyGiven::IfTaken,
                "required" => KeyGiven::Required,
                _ => KeyGiven::None,
            },
            high_priority: given.flag("high"),
            deadline: given.instant("deadline").expect("a deadline"),
            before: given
                .instant("firstSent")
                .map(|first_sent| Before { first_sent, in_flight: given.flag("inFlight") }),
        }),
        "want" => Event::Want { call, deadline: given.instant("deadline").expect("a deadline") },
        "resume" => Event::Resume { call },
        "answered" => Event::Answered {
            call,
            answer: Answer {
                status,
                limits: Headers {
                    problem: given.text("problem"),
                    retry_after: given.text("retryAfter"),
                    minute: given.text("minute"),
                    day: given.text("day"),
                    app_minute: given.text("appMinute"),
                },
                www_authenticate: given.text("wwwAuthenticate"),
                body: given.maybe("body"),
                complaints: given.number("complaints").map(|many| usize::try_from(many).expect("a number")),
                unusable: given.maybe("code").map(|_| given.error()),
            },
        },
        "body" => Event::Body { call, text: given.text("body") },
        "lost" => Event::Lost { call, error: given.error(), sent: !given.flag("unsent") },
        "aborted" => Event::Aborted { call },
        "tick" => Event::Tick,
        "token" => Event::TokenAnswered {
            attempt,
            answer: token::answer::Answer {
                status,
                content_type: given.text("contentType"),
                retry_after: given.text("retryAfter"),
                body: given.text("body"),
                cut: given.flag("cut"),
            },
            more_secrets: given.flag("moreSecrets"),
        },
        "noToken" => Event::TokenLost { attempt, error: given.error(), lasting: given.flag("lasting") },
        "loaded" => Event::Loaded {
            attempt: given.number("attempt").map(|_| attempt),
            token: given.maybe("accessToken").map(|token| Loaded {
                access_token: Secret::new(token.to_owned()),
                stored: Stored {
                    obtained_at: given.instant("obtainedAt").expect("an instant"),
                    expires_at: given.instant("expiresAt").expect("an instant"),
                },
                scopes: given.maybe("scopes").map(ScopeSet::from_scope_param),
            }),
        },
        "close" => return machine.close(now),
        other => panic!("no event is called {other}"),
    };
    machine.handle(event, now)
}

fn error_json(error: &Error) -> Value {
    let mut shown = json!({ "code": error.code().as_str() });
    if let Some(at) = error.earliest_retry() {
        shown["retryAt"] = since_start(at);
    }
    if error.is_outcome_unknown() {
        shown["outcome"] = "unknown".into();
    }
    shown
}

fn action_json(action: &Action) -> Value {
    match action {
        Action::Send { call, url, operation, generation, until, deadline, make_key } => {
            let mut shown = json!({ "do": "send", "call": call, "url": url, "generation": generation });
            shown["until"] = since_start(*until);
            shown["deadline"] = since_start(*deadline);
            if *make_key {
                shown["makeKey"] = true.into();
            }
            if let Some(operation) = operation {
                shown["operation"] = operation.key().into();
            }
            shown
        }
        Action::Resume { call } => json!({ "do": "resume", "call": call }),
        Action::Read { call } => json!({ "do": "read", "call": call }),
        Action::Discard { call } => json!({ "do": "discard", "call": call }),
        Action::Give { call, error: None } => json!({ "do": "give", "call": call }),
        Action::Give { call, error: Some(error) } => {
            json!({ "do": "give", "call": call, "error": error_json(error) })
        }
        Action::Fail { call, error } => json!({ "do": "fail", "call": call, "error": error_json(error) }),
        Action::Use { call, generation } => json!({ "do": "use", "call": call, "generation": generation }),
        Action::Queued { call, why, until } => {
            json!({ "do": "queued", "call": call, "why": why.as_str(), "until": since_start(*until) })
        }
        Action::Admitted { call, waited_ms } => json!({ "do": "admitted", "call": call, "waitedMs": waited_ms }),
        Action::Retry { call, until } => json!({ "do": "retry", "call": call, "until": since_start(*until) }),
        Action::Ask { attempt } => json!({ "do": "ask", "attempt": attempt }),
        Action::AskAgain { attempt, next_secret } => {
            json!({ "do": "askAgain", "attempt": attempt, "nextSecret": next_secret })
        }
        Action::Keep(token) => token_json("keep", token),
        Action::Save(token) => token_json("save", token),
        Action::Erase => json!({ "do": "erase" }),
        Action::Load => json!({ "do": "load" }),
        Action::Refused { code } => json!({ "do": "refused", "code": code.as_str() }),
        Action::Paused { problem, until } => {
            json!({ "do": "paused", "why": problem.as_str(), "until": since_start(*until) })
        }
    }
}

fn token_json(what: &str, token: &Token) -> Value {
    let Token { generation, access_token, obtained_at, expires_at, scopes } = token;
    let mut shown = json!({ "do": what, "generation": generation, "accessToken": access_token.reveal() });
    shown["obtainedAt"] = since_start(*obtained_at);
    shown["expiresAt"] = since_start(*expires_at);
    if let Some(scopes) = scopes {
        shown["scopes"] = scopes.as_str().into();
    }
    shown
}

/// Compares an expected value with the one that was found. An instant may be a range.
fn is(expected: &Value, found: &Value) -> bool {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            expected.len() == found.len()
                && expected.iter().all(|(name, expected)| {
                    found.get(name).is_some_and(|found| match expected.as_array() {
                        Some(range) if INSTANTS.contains(&name.as_str()) => {
                            let found = found.as_i64();
                            range[0].as_i64() <= found && found <= range[1].as_i64()
                        }
                        _ => is(expected, found),
                    })
                })
        }
        (Value::Array(expected), Value::Array(found)) => {
            expected.len() == found.len() && expected.iter().zip(found).all(|(expected, found)| is(expected, found))
        }
        _ => expected == found,
    }
}

fn machine(given: &Given<'_>, seed: u64) -> Machine {
    let lifecycle = token::LifecycleConfig { stored: given.flag("stored"), ..token::LifecycleConfig::default() };
    let limits = limits::LimitsConfig {
        in_flight: given.number("inFlight").map_or(5, |_| given.whole("inFlight")),
        queue: given.number("queue").map_or(1_000, |_| given.whole("queue") as usize),
        ..limits::LimitsConfig::default()
    };
    let scopes = given.0.get("scopes").map(|names| {
        let names = names.as_array().expect("a list").iter().map(|name| name.as_str().expect("a name"));
        ScopeSet::from_names(names)
    });
    let connection = Connection::new(Options {
        scopes,
        lifecycle,
        limits: (!given.flag("unlimited")).then_some(limits),
        seed,
        ..options()
    });
    let config = Config { inform: given.flag("inform"), isolated: given.flag("isolated"), ..Config::default() };
    Machine::new(connection.expect("options that can work"), config, parse, seed)
}

#[test]
fn timelines() {
    let file: Value = serde_json::from_str(include_str!("vectors/call-timelines.json")).expect("the vectors");
    let none = Map::new();
    for seed in 0..8 {
        for timeline in file["timelines"].as_array().expect("a list") {
            let mut machine = machine(&Given(timeline["options"].as_object().unwrap_or(&none)), seed);
            let mut wake = None;
            for (number, step) in timeline["steps"].as_array().expect("a list").iter().enumerate() {
                let mut event = step["event"].as_object().expect("an event").clone();
                if let Some(name) = event.remove("is") {
                    let base = file["events"][name.as_str().expect("a name")].as_object().expect("an event");
                    event = base.clone().into_iter().chain(event).collect();
                }
                let at = step["at"].as_i64().expect("an instant");
                let ahead = step["ahead"].as_i64().unwrap_or(0);
                let now = Now { clock: instant(at.checked_add(ahead).expect("an instant")), measured: instant(at) };
                let mut found: Vec<Value> = handle(&mut machine, &Given(&event), now).iter().map(action_json).collect();
                if machine.wake() != wake {
                    wake = machine.wake();
                    let mut action = json!({ "do": "wake" });
                    if let Some(at) = wake {
                        action["at"] = since_start(at);
                    }
                    found.push(action);
                }
                assert!(
                    is(&step["actions"], &Value::Array(found.clone())),
                    "{}, step {number} at {at}, seed {seed}:\n  expected {}\n  found    {}",
                    timeline["name"],
                    step["actions"],
                    Value::Array(found),
                );
            }
            assert_eq!(machine.callers(), 0, "{}: nobody is left", timeline["name"]);
        }
    }
}
