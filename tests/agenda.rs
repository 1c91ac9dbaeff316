//! Agendas of calls, answers and aborts over the machine of calls, in virtual time. `vectors/agendas.txt` has a checksum of the
//! actions of each; `tests/js/agenda.test.mjs` plays the same agendas with the packed client, which has to do the same.
//!
//! `XERO_M2M_SEED` prints the actions of one, `UPDATE_GENERATED=1` writes the file. An agenda in which two things are due in the
//! same millisecond is left out: either may come first.
#![cfg(test)]
#![cfg(not(target_arch = "wasm32"))]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "a test may panic, print and read its environment"
)]

#[path = "support/options.rs"]
mod options;
#[path = "support/parser.rs"]
mod parser;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use options::options;
use parser::parse;
use xero_m2m::call::{Action, Answer, Begin, Config, Event, KeyGiven, Machine, Now, retry};
use xero_m2m::connection::{Connection, Options};
use xero_m2m::error::{Code, Error};
use xero_m2m::limits::{self, Headers};
use xero_m2m::secret::Secret;
use xero_m2m::time::Timestamp;
use xero_m2m::token;

/// 2026-11-23T10:00:00Z, as the tests in JavaScript have it.
const START: u64 = 1_795_428_000_000;

const SEEDS: u32 = 4_000;

const EXPIRED: &str =
    r#"{"Type":null,"Title":"Unauthorized","Status":401,"Detail":"TokenExpired: token expired","Extensions":{}}"#;

/// mulberry32, as `tests/js/worlds/random.mjs` has it.
struct Random(u32);

impl Random {
    fn new(seed: u32) -> Self {
        Self(seed.wrapping_add(1).wrapping_mul(0x9e37_79b1))
    }

    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x6d2b_79f5);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 15)).wrapping_mul(mixed | 1);
        mixed ^= mixed.wrapping_add((mixed ^ (mixed >> 7)).wrapping_mul(mixed | 0x3d));
        mixed ^ (mixed >> 14)
    }

    fn below(&mut self, limit: u32) -> u32 {
        self.next() % limit
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(u32::try_from(list.len()).expect("a short list")) as usize]
    }
}

/// A call of an agenda.
#[derive(Clone, Copy)]
struct Call {
    at: u64,
    is_write: bool,
    has_key: bool,
    high: bool,
    aborted: Option<u64>,
}

/// One agenda, as plain data.
struct Agenda {
    seed: u32,
    core_seed: u32,
    in_flight: u32,
    retries: u32,
    deadline_ms: u64,
    unlimited: bool,
    calls: Vec<Call>,
}

impl Agenda {
    fn new(seed: u32) -> Self {
        let mut random = Random::new(seed);
        let core_seed = random.next();
        let in_flight = random.pick(&[5, 2, 1]);
        let retries = random.pick(&[3, 0]);
        let deadline_ms = random.pick(&[300_000, 60_000, 20_000]);
        let unlimited = random.below(8) == 0;
        let count = 1 + random.below(12);
        let mut calls: Vec<_> = (0..count)
            .map(|_| {
                let at = u64::from(random.below(60_000));
                let kind = random.below(4);
                let high = random.below(5) == 0;
                let [aborts, after] = [random.below(6), random.below(30_000)];
                let aborted = (aborts == 0).then(|| at + u64::from(after));
                Call { at, is_write: kind >= 2, has_key: kind == 3, high, aborted }
            })
            .collect();
        calls.sort_by_key(|call| call.at);
        Self { seed, core_seed, in_flight, retries, deadline_ms, unlimited, calls }
    }

    fn machine(&self) -> Machine {
        let limits = limits::LimitsConfig { in_flight: self.in_flight, ..limits::LimitsConfig::default() };
        let connection = Connection::new(Options {
            lifecycle: token::LifecycleConfig { prepare_ms: 60_000, ..token::LifecycleConfig::default() },
            limits: (!self.unlimited).then_some(limits),
            seed: self.core_seed.into(),
            ..options()
        });
        let retry = retry::RetryConfig { again: self.retries, ..retry::RetryConfig::default() };
        let config = Config { retry, inform: true, ..Config::default() };
        Machine::new(connection.expect("options that can work"), config, parse, self.core_seed.into())
    }

    /// The answer to the `attempt`th sending of call `number`: when, and what.
    fn answer(&self, number: u32, attempt: u32) -> (u64, Came) {
        let seed = self.seed.wrapping_mul(1_000).wrapping_add(number * 40 + attempt + 1_000_000);
        let mut random = Random::new(seed);
        let after = u64::from(20 + random.below(4_000));
        let came = match random.below(16) {
            0..=8 => Came::Ok { minute: 5 + random.below(56), day: 100 + random.below(900) },
            9 => Came::Refused { seconds: 1 + random.below(9) },
            10 => Came::Status(503, None),
            11 => Came::Status(503, Some(1 + random.below(4))),
            12 => Came::Expired,
            13 => Came::Reset,
            14 => Came::Status(500, None),
            _ => Came::Nothing,
        };
        (after, came)
    }

    /// The answer to the token request of this number.
    fn token(&self, number: u32) -> (u64, u16, String) {
        let mut random = Random::new(self.seed.wrapping_mul(1_000).wrapping_add(number + 5_000_000));
        let after = u64::from(50 + random.below(3_000));
        let granted = |seconds: u32| {
            format!(r#"{{"access_token":"token-{number}","token_type":"Bearer","expires_in":{seconds}}}"#)
        };
        let (status, body) = match random.below(8) {
            0..=4 => (200, granted(1_800)),
            5 => (200, granted(60)),
            6 => (503, String::new()),
            _ => (400, r#"{"error":"invalid_client"}"#.to_owned()),
        };
        (after, status, body)
    }
}

/// The thing that comes of a request.
#[derive(Clone, Copy)]
enum Came {
    Ok { minute: u32, day: u32 },
    Refused { seconds: u32 },
    Status(u16, Option<u32>),
    Expired,
    Reset,
    Nothing,
}

/// Something that happens at its time.
#[derive(Clone, Copy)]
enum Step {
    Begin(u32),
    Abort(u32),
    Answer(u32, Came),
    Timeout(u32),
    Token(u32, u32),
}

/// An agenda that is played.
struct Play {
    agenda: Agenda,
    machine: Machine,
    steps: BTreeMap<u64, Step>,
    now: u64,
    lines: Vec<(u64, String)>,
    sends: BTreeMap<u32, u32>,
    /// The status of the last answer of each call.
    status: BTreeMap<u32, u16>,
    open: Vec<u32>,
    token: String,
    token_requests: u32,
    has_tie: bool,
}

impl Play {
    fn new(seed: u32) -> Self {
        let agenda = Agenda::new(seed);
        let mut play = Self {
            machine: agenda.machine(),
            steps: BTreeMap::new(),
            now: 0,
            lines: Vec::new(),
            sends: BTreeMap::new(),
            status: BTreeMap::new(),
            open: (1..).zip(&agenda.calls).map(|(number, _)| number).collect(),
            token: String::new(),
            token_requests: 0,
            has_tie: false,
            agenda,
        };
        for (number, call) in (1..).zip(play.agenda.calls.clone()) {
            play.plan(call.at, Step::Begin(number));
            if let Some(at) = call.aborted {
                play.plan(at, Step::Abort(number));
            }
        }
        play
    }

    fn plan(&mut self, at: u64, step: Step) {
        self.has_tie |= self.steps.insert(at, step).is_some();
    }

    /// The lines of the agenda, in order; `None` if two things are due at once.
    fn run(mut self) -> Option<Vec<String>> {
        while !self.open.is_empty() {
            let wake = self.machine.wake().map(|at| at.as_ms() - START);
            let step = self.steps.keys().next().copied();
            self.has_tie |= wake.is_some() && wake == step;
            if self.has_tie {
                return None;
            }
            match (wake, step) {
                (Some(at), step) if step.is_none_or(|step| at < step) => {
                    self.now = at;
                    self.report(Event::Tick);
                }
                (_, Some(at)) => {
                    self.now = at;
                    let step = self.steps.remove(&at).expect("it is there");
                    self.step(step);
                }
                (_, None) => panic!("seed {}: calls wait for nothing", self.agenda.seed),
            }
        }
        // In any order within a millisecond.
        self.lines.sort();
        Some(self.lines.into_iter().map(|(at, line)| format!("{at} {line}")).collect())
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Begin(number) => {
                let call = self.agenda.calls[number as usize - 1];
                let (method, path) = if call.is_write { ("POST", "Invoices") } else { ("GET", "Organisation") };
                self.report(Event::Begin(Begin {
                    call: number,
                    method: method.to_owned(),
                    target: format!("/{path}?call={number}"),
                    has_body: call.is_write,
                    resendable: true,
                    key: if call.has_key { KeyGiven::Own } else { KeyGiven::None },
                    own_key: None,
                    high_priority: call.high,
                    deadline: instant(self.now + self.agenda.deadline_ms),
                    before: None,
                }));
            }
            Step::Abort(number) => {
                if self.over(number) {
                    self.line(format!("aborted {number}"));
                    self.report(Event::Aborted { call: number });
                }
            }
            Step::Answer(number, came) => {
                if self.open.contains(&number) {
                    self.answer(number, came);
                }
            }
            Step::Timeout(call) => {
                self.report(Event::Lost { call, error: Error::new(Code::Timeout, ""), sent: true });
            }
            Step::Token(attempt, number) => {
                let (_, status, body) = self.agenda.token(number);
                for more_secrets in [true, false] {
                    let answer = token::answer::TokenAnswer {
                        status,
                        content_type: "application/json",
                        retry_after: "",
                        body: &body,
                        cut: false,
                    };
                    if !self.report(Event::TokenAnswered { attempt, answer, more_secrets }) {
                        break;
                    }
                }
            }
        }
    }

    fn answer(&mut self, call: u32, came: Came) {
        let texts = |number: u32| number.to_string();
        let (status, minute, day, problem, retry_after) = match came {
            Came::Ok { minute, day } => (200, texts(minute), texts(day), "", String::new()),
            Came::Refused { seconds } => (429, String::new(), String::new(), "minute", texts(seconds)),
            Came::Status(status, seconds) => {
                (status, String::new(), String::new(), "", seconds.map(texts).unwrap_or_default())
            }
            Came::Expired => (401, String::new(), String::new(), "", String::new()),
            Came::Reset | Came::Nothing => {
                self.report(Event::Lost { call, error: Error::new(Code::Offline, ""), sent: true });
                return;
            }
        };
        self.status.insert(call, status);
        let limits = Headers { problem, retry_after: &retry_after, minute: &minute, day: &day, app_minute: "" };
        self.report(Event::Answered { call, answer: Answer { status, limits, ..Answer::default() } });
    }

    /// Reports an event and performs the actions. Returns true if a token request is to be made with another secret.
    fn report(&mut self, event: Event<'_>) -> bool {
        let now = Now { clock: instant(self.now), measured: instant(self.now) };
        let mut asks_again = false;
        for action in self.machine.handle(event, now) {
            match action {
                Action::Send { call, until, .. } => self.send(call, until.as_ms() - START),
                Action::Read { call } => {
                    self.report(Event::Body { call, text: EXPIRED });
                }
                Action::Give { call, .. } => {
                    let status = self.status[&call];
                    self.over(call);
                    self.line(format!("give {call} {status}"));
                }
                Action::Fail { call, error } => {
                    let outcome = if error.is_outcome_unknown() { " unknown" } else { "" };
                    let until = error.earliest_retry().map(|at| format!(" {}", at.as_ms() - START)).unwrap_or_default();
                    self.over(call);
                    self.line(format!("fail {call} {}{outcome}{until}", error.code().as_str()));
                }
                Action::Queued { call, why, until } => {
                    self.line(format!("queued {call} {} {}", why.as_str(), until.as_ms() - START));
                }
                Action::Admitted { call, waited_ms } => self.line(format!("admitted {call} {waited_ms}")),
                Action::Retry { call, until } => self.line(format!("retry {call} {}", until.as_ms() - START)),
                Action::Ask { attempt, .. } => {
                    self.token_requests += 1;
                    self.line(format!("ask {attempt}"));
                    let secret = Secret::new("secret".to_owned());
                    self.machine.token_request(attempt, &secret, instant(self.now)).expect("a request");
                    let (after, ..) = self.agenda.token(self.token_requests);
                    self.plan(self.now + after, Step::Token(attempt, self.token_requests));
                }
                Action::AskAgain { next_secret, .. } => asks_again = next_secret,
                Action::Keep(token) => {
                    token.access_token.reveal().clone_into(&mut self.token);
                    self.line(format!("keep {}", token.expires_at.as_ms() - START));
                }
                Action::Refused { code } => self.line(format!("refused {}", code.as_str())),
                Action::Paused { problem, until } => {
                    self.line(format!("paused {} {}", problem.as_str(), until.as_ms() - START));
                }
                Action::Discard { .. } => {}
                Action::Resume { .. } | Action::Use { .. } | Action::Save(_) | Action::Erase | Action::Load => {
                    panic!("no agenda has callers that are isolated, callers of a token or a store")
                }
            }
        }
        asks_again
    }

    fn send(&mut self, call: u32, until: u64) {
        let attempt = self.sends.entry(call).or_default();
        *attempt += 1;
        let attempt = *attempt;
        self.line(format!("send {call} {}", self.token));
        let (after, came) = self.agenda.answer(call, attempt);
        let at = self.now + after;
        self.has_tie |= at == until;
        if at > until || matches!(came, Came::Nothing) {
            self.plan(until, Step::Timeout(call));
        } else {
            self.plan(at, Step::Answer(call, came));
        }
    }

    fn line(&mut self, line: String) {
        self.lines.push((self.now, line));
    }

    /// Ends a call. Returns false if it was over before.
    fn over(&mut self, call: u32) -> bool {
        let before = self.open.len();
        self.open.retain(|open| *open != call);
        self.open.len() < before
    }
}

fn instant(ms: u64) -> Timestamp {
    Timestamp::from_ms(START + ms)
}

/// FNV-1a.
fn checksum(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[test]
fn agendas() {
    if let Ok(seed) = std::env::var("XERO_M2M_SEED") {
        let lines = Play::new(seed.parse().expect("a number")).run();
        return println!("{}", lines.map_or("two things are due at once".to_owned(), |lines| lines.join("\n")));
    }
    let mut text = String::new();
    for seed in 0..SEEDS {
        if let Some(lines) = Play::new(seed).run() {
            writeln!(text, "{seed} {:08x}", checksum(&lines.join("\n"))).expect("a string takes everything");
        }
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/agendas.txt");
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::write(file, &text).expect("it can be written");
    }
    let found = std::fs::read_to_string(file).expect("the vectors").replace("\r\n", "\n");
    let stale = found.lines().zip(text.lines()).find(|(found, expected)| found != expected);
    assert!(found == text, "vectors/agendas.txt is stale, first in {stale:?}; run `cargo xtask generate`");
    assert!(text.lines().count() > 3_000, "too few agendas are left");
}
