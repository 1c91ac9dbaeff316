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
use serde_json::{Map, Value};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use xero_m2m::call::wire;
use xero_m2m::call::{Action, Config, Machine, Now};
use xero_m2m::connection::{Connection, Options};
use xero_m2m::crossing::{self, Given as _};
use xero_m2m::error::{Code, Error};
use xero_m2m::limits;
use xero_m2m::scope::ScopeSet;
use xero_m2m::time::Timestamp;
use xero_m2m::token;

/// 2026-11-23T10:00:00Z.
const START: i64 = 1_795_428_000_000;

/// The members of events and actions that are instants.
const INSTANTS: [&str; 9] =
    ["at", "deadline", "expiresAt", "firstSent", "firstSentClock", "obtainedAt", "retryAt", "retryUntil", "until"];

/// The members of an error that timelines have.
const OF_ERRORS: [&str; 5] = ["code", "outcome", "retryAt", "retryUntil", "retryable"];

/// An event, or the options, as a timeline has them.
struct Given<'a>(&'a Map<String, Value>);

impl<'a> crossing::Given<'a> for Given<'a> {
    fn optional_text(&self, name: &'static str) -> Option<&'a str> {
        self.0.get(name).map(|value| value.as_str().expect("a text"))
    }

    #[expect(clippy::cast_precision_loss, reason = "instants of this century are exact")]
    fn optional_number(&self, name: &'static str) -> Option<f64> {
        let number = self.0.get(name).map(|value| value.as_i64().expect("a number"))?;
        Some(if INSTANTS.contains(&name) { instant(number).as_js() } else { number as f64 })
    }

    fn flag(&self, name: &'static str) -> bool {
        self.0.get(name).is_some_and(|value| value.as_bool().expect("a flag"))
    }

    fn optional_texts(&self, name: &'static str) -> Option<Vec<&'a str>> {
        let texts = self.0.get(name)?.as_array().expect("a list").iter();
        Some(texts.map(|value| value.as_str().expect("a text")).collect())
    }

    fn optional_word(&self, name: &'static str, words: &'static [&'static str]) -> Option<usize> {
        let text = self.optional_text(name)?;
        Some(words.iter().position(|word| *word == text).expect("one of the words"))
    }

    fn optional_code(&self, name: &'static str) -> Option<Code> {
        let text = self.optional_text(name)?;
        Some(*Code::ALL.iter().find(|code| code.as_str() == text).expect("a code"))
    }
}

fn instant(ms: i64) -> Timestamp {
    let ms = START.checked_add(ms).and_then(|ms| ms.try_into().ok());
    Timestamp::from_ms(ms.expect("an instant after 1970"))
}

/// The actions of a machine after an event.
fn handle(machine: &mut Machine, given: &Given<'_>, now: Now) -> Vec<Action> {
    let on = given.text("on");
    if on == "close" {
        return machine.close(now);
    }
    let place = wire::EVENTS.iter().position(|name| *name == on).unwrap_or_else(|| panic!("no event is called {on}"));
    let event = wire::event(u8::try_from(place).expect("few events"), given).expect("an event");
    machine.handle(event, now)
}

/// An action as it crosses, with instants since `START`. Members that are absent, or false where that is usual, are left out.
#[derive(Default)]
struct Shown(Map<String, Value>);

impl Shown {
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }
}

impl crossing::Taken for Shown {
    fn action(&mut self, place: u8) {
        self.put("do", wire::ACTIONS[usize::from(place)]);
    }

    #[expect(clippy::cast_possible_truncation, reason = "numbers that cross are whole")]
    fn optional_number(&mut self, name: &'static str, value: Option<f64>) {
        let Some(number) = value.map(|value| value as i64) else { return };
        let since = if INSTANTS.contains(&name) { START } else { 0 };
        self.put(name, number.checked_sub(since).expect("an instant"));
    }

    fn optional_text(&mut self, name: &'static str, value: Option<&str>) {
        if let Some(text) = value {
            self.put(name, text);
        }
    }

    fn flag(&mut self, name: &'static str, value: bool) {
        if value || name != "makeKey" {
            self.put(name, value);
        }
    }

    fn code(&mut self, name: &'static str, value: Code) {
        self.put(name, value.as_str());
    }

    fn texts(&mut self, name: &'static str, value: &[String]) {
        self.put(name, value);
    }

    fn optional_word(&mut self, name: &'static str, words: &'static [&'static str], place: Option<u8>) {
        self.optional_text(name, place.map(|place| words[usize::from(place)]));
    }

    fn optional_error(&mut self, name: &'static str, value: Option<&Error>) {
        let Some(error) = value else { return };
        let mut shown = Self::default();
        crossing::error(error, &mut shown);
        shown.0.retain(|name, _| OF_ERRORS.contains(&name.as_str()));
        self.put(name, shown.0);
    }
}

fn shown(write: impl FnOnce(&mut Shown)) -> Value {
    let mut shown = Shown::default();
    write(&mut shown);
    shown.0.into()
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

fn machine(given: &Map<String, Value>, seed: u64) -> Machine {
    let given = Given(given);
    let lifecycle = token::LifecycleConfig { stored: given.flag("stored"), ..token::LifecycleConfig::default() };
    let number = |name| given.0.get(name).and_then(Value::as_u64).map(|number| u32::try_from(number).expect("small"));
    let limits = limits::LimitsConfig {
        in_flight: number("inFlight").unwrap_or(5),
        queue: number("queue").unwrap_or(1_000) as usize,
        ..limits::LimitsConfig::default()
    };
    let scopes = given.optional_texts("scopes").map(ScopeSet::from_names);
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
            let mut machine = machine(timeline["options"].as_object().unwrap_or(&none), seed);
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
                let mut found: Vec<Value> = handle(&mut machine, &Given(&event), now)
                    .iter()
                    .map(|action| shown(|out| wire::action(action, out)))
                    .collect();
                if machine.wake() != wake {
                    wake = machine.wake();
                    found.push(shown(|out| wire::wake(wake, out)));
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

/// A pause is between half of and the whole of a time that doubles with each failure, so each range has to be that.
#[test]
fn ranges_are_those_of_the_rule() {
    fn ranges(found: &mut Vec<(i64, i64)>, value: &Value) {
        match value {
            Value::Array(list) => match list.iter().map(Value::as_i64).collect::<Option<Vec<_>>>().as_deref() {
                Some(&[from, to]) => found.push((from, to)),
                _ => list.iter().for_each(|item| ranges(found, item)),
            },
            Value::Object(members) => members.values().for_each(|value| ranges(found, value)),
            _ => {}
        }
    }
    let file: Value = serde_json::from_str(include_str!("vectors/call-timelines.json")).expect("the vectors");
    let mut count = 0;
    for timeline in file["timelines"].as_array().expect("a list") {
        for step in timeline["steps"].as_array().expect("a list") {
            let at = step["at"].as_i64().expect("an instant");
            let mut found = Vec::new();
            ranges(&mut found, &step["actions"]);
            for (from, to) in found {
                let pauses = [500, 1_000, 2_000].map(|whole| (at + whole / 2, at + whole));
                assert!(pauses.contains(&(from, to)), "{}, at {at}: {from} to {to}", timeline["name"]);
                count += 1;
            }
        }
    }
    assert!(count >= 15, "{count} ranges");
}
