//! The board of a fleet's limits: vectors of what processes do, one after the other, and of the documents that they leave.
//!
//! `fleet_limits_walk.rs` walks through all of it at random; these name each rule. The store answers at once, so each step has its
//! result before the next.
#![cfg(test)]
#![expect(clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

use serde::Deserialize;
use serde_json::{Value, json};
use xero_m2m::crossing::{Taken, saturated};
use xero_m2m::error::{Code, Error};
use xero_m2m::fleet::shown::{PARTS, board};
use xero_m2m::fleet::{DocumentFound, FleetMember, MemberAction, MemberConfig, MemberEvent, board_codec};
use xero_m2m::limits::{Allowance, Headers, LimitsConfig, Load, Reading};
use xero_m2m::time::{Now, Timestamp};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vectors {
    timelines: Vec<Timeline>,
    shown: Vec<Shown>,
    foreign: Vec<String>,
}

/// Steps of some processes. Instants are in milliseconds from the beginning.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Timeline {
    rule: String,
    processes: u32,
    #[serde(default)]
    minute_reserve: u32,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Step {
    at: u64,
    /// The process, by its number; the store if there is none.
    process: Option<usize>,
    /// Calls that wait in it: normal ones, and those of high priority.
    waits: Option<(u32, u32)>,
    /// So many calls begin, or end with these counts of minute and day; an empty list has none.
    #[serde(default)]
    begins: u32,
    ends: Option<Vec<u32>>,
    refused: Option<u64>,
    /// The process is killed.
    #[serde(default)]
    killed: bool,
    /// What the store does from now on, if there is no process.
    store: Option<StoreState>,
    /// What the client of the process may do afterwards: calls beyond those that were sent, and calls at once.
    may: Option<(u64, u32)>,
    why: Option<String>,
    /// The processes on the board afterwards: number, places, calls, calls that wait.
    board: Option<Vec<(u32, u32, u32, u32)>>,
    /// The remaining calls of the minute on the board.
    minute: Option<u32>,
}

/// What is wrong with the store.
#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
enum StoreState {
    Away,
    /// It performs no change.
    Refuses,
    /// It has lost its document.
    Emptied,
}

/// A document, and its parts at an instant.
#[derive(Deserialize)]
struct Shown {
    at: u64,
    document: String,
    parts: Vec<Value>,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors/fleet-boards.json")).unwrap()
}

/// 2026-11-23T10:00:00Z.
const BEGIN: u64 = 1_795_428_000_000;

fn now(ms: u64) -> Now {
    let at = Timestamp::from_ms(BEGIN + ms);
    Now { clock: at, measured: at }
}

struct Process {
    member: FleetMember,
    load: Load,
    up_to: u64,
    places: u32,
    until: Timestamp,
    why: String,
    flying: Vec<u32>,
    killed: bool,
}

struct World {
    processes: Vec<Process>,
    version: u64,
    document: Option<String>,
    store: Option<StoreState>,
    /// The present instant.
    at: u64,
}

impl World {
    fn new(timeline: &Timeline) -> Self {
        let limits = LimitsConfig { minute_reserve: timeline.minute_reserve, ..LimitsConfig::default() };
        let config = MemberConfig { limits, ..MemberConfig::default() };
        let processes = (1..=timeline.processes)
            .map(|owner| Process {
                member: FleetMember::new(config, owner, owner.into()),
                load: Load { repeatable: true, ..Load::default() },
                up_to: 0,
                places: 0,
                until: Timestamp::default(),
                why: Allowance::default().why.as_str().to_owned(),
                flying: Vec::new(),
                killed: false,
            })
            .collect();
        Self { processes, version: 0, document: None, store: None, at: 0 }
    }

    fn report(&mut self, process: usize, event: MemberEvent<'_>, ms: u64) {
        let mut actions = self.processes[process].member.handle(event, now(ms));
        while let Some(action) = (!actions.is_empty()).then(|| actions.remove(0)) {
            match action {
                MemberAction::Allow(allowance) => {
                    let own = &mut self.processes[process];
                    (own.up_to, own.places, own.until) = (allowance.up_to, allowance.places, allowance.until);
                    own.why = allowance.why.as_str().to_owned();
                }
                MemberAction::Swap(swap) if self.store == Some(StoreState::Away) => {
                    let fault = MemberEvent::Away { ticket: swap.ticket, why: None };
                    actions.extend(self.processes[process].member.handle(fault, now(ms)));
                }
                MemberAction::Swap(swap) => {
                    let own = if self.document.is_some() { self.version } else { 0 };
                    let swapped =
                        swap.put.is_some() && swap.version == Some(own) && self.store != Some(StoreState::Refuses);
                    if swapped {
                        self.version = BEGIN.max(self.version + 1);
                        self.document.clone_from(&swap.put);
                    }
                    let (version, document) =
                        (if self.document.is_some() { self.version } else { 0 }, self.document.clone());
                    let at = now(ms).clock;
                    let found = DocumentFound { swapped, version, document: document.as_deref(), at };
                    let event = MemberEvent::Found { ticket: swap.ticket, found };
                    actions.extend(self.processes[process].member.handle(event, now(ms)));
                }
                MemberAction::Tell(_) | MemberAction::Leased { .. } => {}
            }
        }
    }

    /// Reports the ticks that are due by an instant, in order.
    fn pass(&mut self, until: u64) {
        for _ in 0..10_000 {
            let here = now(self.at);
            let due = |(number, own): (usize, &mut Process)| {
                let at = own.member.wake(here).filter(|_| !own.killed)?;
                Some((at.as_ms().saturating_sub(BEGIN).max(self.at), number))
            };
            let next = self.processes.iter_mut().enumerate().filter_map(due).min();
            let Some((at, number)) = next.filter(|(at, _)| *at <= until) else {
                self.at = until;
                return;
            };
            self.at = at;
            self.report(number, MemberEvent::Tick, at);
        }
        panic!("it never ends");
    }

    fn step(&mut self, step: &Step) {
        let ms = step.at;
        if step.process.is_none() {
            self.store = step.store;
        }
        if step.store == Some(StoreState::Emptied) {
            self.document = None;
        }
        let Some(process) = step.process.map(|number| number - 1) else { return };
        let own = &mut self.processes[process];
        own.killed |= step.killed;
        if own.killed {
            return;
        }
        if let Some((normal, high)) = step.waits {
            own.load = Load { normal, high, ..own.load };
            let load = own.load;
            self.report(process, MemberEvent::Load(load), ms);
        }
        for _ in 0..step.begins {
            let own = &mut self.processes[process];
            let is_free = own.load.sends < own.up_to && own.load.in_flight < own.places && now(ms).measured < own.until;
            assert!(is_free, "it may not send a call");
            own.load.sends += 1;
            own.load.in_flight += 1;
            own.load.normal = own.load.normal.saturating_sub(1);
            let call = u32::try_from(own.load.sends).unwrap();
            own.flying.push(call);
            let load = own.load;
            self.report(process, MemberEvent::Load(load), ms);
            self.report(process, MemberEvent::Begun { call }, ms);
        }
        if step.ends.is_some() || step.refused.is_some() {
            let call = self.processes[process].flying.remove(0);
            let texts = step.ends.iter().flatten().map(u32::to_string).collect::<Vec<_>>();
            let text = |place: usize| texts.get(place).map_or("", String::as_str);
            let (minute, day) = (text(0), text(1));
            let after = step.refused.map(|seconds| seconds.to_string()).unwrap_or_default();
            let (status, problem) = if step.refused.is_some() { (429, "minute") } else { (200, "") };
            let headers = Headers { problem, retry_after: &after, minute, day, app_minute: "" };
            let reading = Some(Reading::new(status, &headers, now(ms).clock));
            self.report(process, MemberEvent::Ended { call, reading }, ms);
            let own = &mut self.processes[process];
            own.load.in_flight -= 1;
            let load = own.load;
            self.report(process, MemberEvent::Load(load), ms);
        }
    }

    fn check(&self, step: &Step, rule: &str) {
        let said = format!("{rule}, at {} ms", step.at);
        if let Some((calls, places)) = step.may {
            let own = &self.processes[step.process.unwrap() - 1];
            assert_eq!(
                (own.up_to.saturating_sub(own.load.sends), own.places),
                (calls, places),
                "{said}: calls and places"
            );
        }
        if let Some(why) = &step.why {
            assert_eq!(&self.processes[step.process.unwrap() - 1].why, why, "{said}");
        }
        let parts = shown(self.document.as_deref(), BEGIN + step.at);
        let number = |part: &Value, name: &str| u32::try_from(part[name].as_u64().unwrap()).unwrap();
        if let Some(board) = &step.board {
            let members = parts.iter().filter(|part| part["part"] == "member");
            let mut found: Vec<_> = members
                .map(|part| {
                    let of = |name| number(part, name);
                    (of("process"), of("places"), of("calls"), of("waiting"))
                })
                .collect();
            found.sort_unstable();
            assert_eq!(&found, board, "{said}: process, places, calls, waiting");
        }
        if let Some(minute) = step.minute {
            let left = parts.iter().find(|part| part["name"] == "minute").map(|part| number(part, "left"));
            assert_eq!(left, Some(minute), "{said}");
        }
    }
}

/// Takes parts as JSON.
#[derive(Default)]
struct Parts(Vec<Value>);

impl Parts {
    fn put(&mut self, name: &'static str, value: Value) {
        self.0.last_mut().unwrap()[name] = value;
    }
}

impl Taken for Parts {
    fn action(&mut self, place: u8) {
        self.0.push(json!({ "part": PARTS[usize::from(place)] }));
    }
    fn optional_number(&mut self, name: &'static str, value: Option<f64>) {
        if let Some(value) = value {
            self.put(name, json!(saturated(value)));
        }
    }
    fn flag(&mut self, name: &'static str, value: bool) {
        self.put(name, value.into());
    }
    fn optional_word(&mut self, name: &'static str, words: &'static [&'static str], place: Option<u8>) {
        self.put(name, words[usize::from(place.unwrap())].into());
    }
    fn optional_text(&mut self, _: &'static str, _: Option<&str>) {
        unreachable!()
    }
    fn code(&mut self, _: &'static str, _: Code) {
        unreachable!()
    }
    fn texts(&mut self, _: &'static str, _: &[String]) {
        unreachable!()
    }
    fn optional_error(&mut self, _: &'static str, _: Option<&Error>) {
        unreachable!()
    }
}

fn shown(document: Option<&str>, at: u64) -> Vec<Value> {
    let mut parts = Parts::default();
    board(document, Timestamp::from_ms(at), &mut parts);
    parts.0
}

#[test]
fn processes_share_the_limits_by_these_rules() {
    for timeline in vectors().timelines {
        let mut world = World::new(&timeline);
        for step in &timeline.steps {
            world.pass(step.at);
            world.step(step);
            world.pass(step.at);
            world.check(step, &timeline.rule);
        }
        if let Some(document) = &world.document {
            let read = board_codec::read(document, LimitsConfig::default()).expect("a board");
            assert_eq!(board_codec::write(&read).as_ref(), Some(document), "a board has one text");
        }
    }
}

#[test]
fn a_board_is_shown_as_it_is_at_an_instant() {
    for Shown { at, document, parts } in vectors().shown {
        assert_eq!(shown(Some(&document), at), parts, "at {at}");
    }
    assert_eq!(shown(None, BEGIN), [json!({ "part": "board", "is": "empty" })]);
}

#[test]
fn a_text_that_is_no_board_counts_as_none() {
    for text in vectors().foreign {
        assert!(board_codec::read(&text, LimitsConfig::default()).is_none(), "{text:?}");
        assert_eq!(shown(Some(&text), BEGIN), [json!({ "part": "board", "is": "foreign" })], "{text:?}");
    }
}
