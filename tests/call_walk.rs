//! Random walks over the machine of calls: events in any order that a driver could report, and some that none should. The test
//! keeps a record of every caller of its own and checks every action against it.
//!
//! `XERO_M2M_SEED` repeats a walk (with `XERO_M2M_RUNS=1`), `XERO_M2M_RUNS` sets the number of events.
#![cfg(test)]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::disallowed_macros,
    reason = "numbers of a test are small, and it may print"
)]

#[path = "support/options.rs"]
mod options;
#[path = "support/parser.rs"]
mod parser;
mod support;

use std::collections::{BTreeMap, BTreeSet};

use options::options;
use parser::parse;
use support::{Random, length, number, seed};
use xero_m2m::call::retry::{self, CallKind, KEY_MS};
use xero_m2m::call::{Action, Answer, Before, Begin, Config, Event, KeyGiven, Loaded, Machine, Now, Token};
use xero_m2m::connection::{Connection, Options};
use xero_m2m::error::{Code, Error};
use xero_m2m::limits::{self, Headers};
use xero_m2m::secret::Secret;
use xero_m2m::time::Timestamp;
use xero_m2m::token::{self, Stored};

const EXPIRED: &str = r#"{"Title":"Unauthorized","Status":401,"Detail":"TokenExpired: token expired"}"#;
const UNAUTHORISED: &str = r#"{"Title":"Unauthorized","Status":401,"Detail":"AuthorizationUnsuccessful"}"#;

/// The length of one walk.
const EVENTS_OF_A_MACHINE: u64 = 2_000;

/// The stage that a caller is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The machine has it.
    Waiting,
    /// The machine waits for its driver.
    Invited,
    /// Its request is under way.
    Flying,
    /// The machine waits for the body of its answer.
    Reading,
}

#[derive(Clone, Debug)]
struct Caller {
    /// `None` wants a token alone.
    kind: Option<CallKind>,
    resendable: bool,
    reads: bool,
    makes_key: bool,
    deadline: u64,
    stage: Stage,
    generation: u32,
    /// The status of the answer that the driver has.
    in_hand: Option<u16>,
    /// The instant at which it was sent first, by both clocks.
    first_sent: Option<Now>,
    sent_at: u64,
    /// The number of times that it was sent, less those that Xero surely did not look at.
    looked_at: u32,
    retries: u32,
    renewals: u32,
}

struct Held {
    generation: u32,
    obtained_at: u64,
    expires_at: u64,
    replacement: bool,
    is_dead: bool,
}

struct Walk {
    random: Random,
    machine: Machine,
    config: Config,
    limits: Option<limits::LimitsConfig>,
    stored: bool,
    jumps: bool,
    /// The measured time, and how far the clock is ahead of it.
    real: u64,
    ahead: u64,
    last: u32,
    callers: BTreeMap<u32, Caller>,
    held: Option<Held>,
    attempts: BTreeSet<u32>,
    last_attempt: u32,
    loading: bool,
    sent: u64,
    given: u64,
    failed: u64,
}

impl Walk {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let isolated = random.one_in(4);
        let lease_ms = if isolated { random.pick(&[1_000, 60_000]) } else { u64::MAX };
        let limits = (!random.one_in(8)).then(|| limits::LimitsConfig {
            in_flight: random.pick(&[1, 2, 5, 5]),
            minute_reserve: random.pick(&[0, 0, 10]),
            day_reserve: random.pick(&[0, 0, 10]),
            queue: random.pick(&[0, 10, 1_000, 1_000]),
            lease_ms,
            ..limits::LimitsConfig::default()
        });
        let stored = random.one_in(3);
        let again = random.pick(&[0, 1, 3, 3]);
        let config = Config {
            timeout_ms: random.pick(&[1_000, 30_000, 30_000, 600_000]),
            retry: retry::RetryConfig { again, ..retry::RetryConfig::default() },
            inform: random.one_in(2),
            isolated,
        };
        let connection = Connection::new(Options {
            lifecycle: token::LifecycleConfig { stored, ..token::LifecycleConfig::default() },
            limits,
            seed,
            ..options()
        });
        let machine = Machine::new(connection.expect("options that can work"), config, parse, seed);
        let jumps = random.one_in(3);
        Self {
            random,
            machine,
            config,
            limits,
            stored,
            jumps,
            real: 1_000_000,
            ahead: 1_700_000_000_000,
            last: 0,
            callers: BTreeMap::new(),
            held: None,
            attempts: BTreeSet::new(),
            last_attempt: 0,
            loading: false,
            sent: 0,
            given: 0,
            failed: 0,
        }
    }

    fn clock(&self) -> u64 {
        self.real + self.ahead
    }

    fn now(&self) -> Now {
        Now { clock: Timestamp::from_ms(self.clock()), measured: Timestamp::from_ms(self.real) }
    }

    fn walk(&mut self, events: u64) {
        for _ in 0..events {
            self.pass();
            self.step();
        }
        let left: Vec<u32> = self.callers.keys().copied().collect();
        for call in left {
            if self.callers.contains_key(&call) {
                self.callers.remove(&call);
                self.report(Event::Aborted { call });
            }
        }
        assert_eq!(self.machine.wake(), None, "it waits for nothing");
        assert_eq!(self.machine.callers(), 0, "nobody is left in the machine");
        let now = Timestamp::from_ms(self.real);
        if let Some(limiter) = &self.machine.connection().organisation.limiter {
            let status = limiter.status(now);
            assert_eq!((status.in_flight, status.queued), (0, 0), "every place is free again");
        }
    }

    /// Time passes: mostly a little, sometimes up to the wake time or far beyond.
    fn pass(&mut self) {
        let wake = self.machine.wake().map_or(0, Timestamp::as_ms);
        self.real += match self.random.below(20) {
            0..=9 => self.random.below(50),
            10..=14 => self.random.below(2_000),
            15 => self.random.below(60_000),
            16 if self.random.one_in(20) => self.random.below(2_000_000),
            17..=19 if wake > self.real => wake - self.real,
            _ => 0,
        };
        if self.jumps && self.random.one_in(200) {
            let by = self.random.pick(&[700, 45_000, 3_600_000]);
            self.ahead = if self.random.one_in(2) { self.ahead + by } else { self.ahead - by };
        }
    }

    fn pick(&mut self, stage: Stage) -> Option<u32> {
        let of_stage: Vec<u32> =
            self.callers.iter().filter(|(_, caller)| caller.stage == stage).map(|(&call, _)| call).collect();
        (!of_stage.is_empty()).then(|| self.random.pick(&of_stage))
    }

    fn step(&mut self) {
        // A driver reports its timeouts and its wake time before anything else.
        if self.machine.wake().is_some_and(|at| at.as_ms() <= self.real) {
            self.report(Event::Tick);
            let wake = self.machine.wake();
            assert!(wake.is_none_or(|at| at.as_ms() > self.real), "woken, it does not want to be woken at once");
            return;
        }
        let late: Vec<u32> = self
            .callers
            .iter()
            .filter(|(_, own)| own.is_late(self.real, &self.config))
            .map(|(&call, _)| call)
            .collect();
        for call in late {
            self.lose(call, Code::Timeout, true);
        }
        match self.random.below(16) {
            0..=3 if self.callers.len() < 40 => self.begin(),
            4..=7 => {
                if let Some(call) = self.pick(Stage::Flying) {
                    self.answer(call);
                }
            }
            8 => {
                if let Some(call) = self.pick(Stage::Flying) {
                    let sent = self.random.one_in(2);
                    let code =
                        self.random.pick(&[Code::Offline, Code::Timeout, Code::InvalidOption, Code::MalformedAnswer]);
                    self.lose(call, code, sent);
                }
            }
            9 | 10 => {
                if let Some(call) = self.pick(Stage::Reading) {
                    self.read(call);
                }
                if let Some(call) = self.pick(Stage::Invited) {
                    self.resume(call);
                }
            }
            11 if self.random.one_in(4) => {
                let stages = [Stage::Waiting, Stage::Invited, Stage::Flying, Stage::Reading];
                let stage = self.random.pick(&stages);
                if let Some(call) = self.pick(stage) {
                    self.callers.remove(&call);
                    self.report(Event::Aborted { call });
                }
            }
            12 | 13 => self.token(),
            14 if self.loading => self.load(),
            15 if self.random.one_in(4) => self.nonsense(),
            _ => self.report(Event::Tick),
        }
    }

    fn begin(&mut self) {
        self.last += 1;
        let call = self.last;
        let kind = self.random.pick(&[
            Some(CallKind::Read),
            Some(CallKind::Read),
            Some(CallKind::Keyed),
            Some(CallKind::Write),
            None,
        ]);
        let longest = self.random.pick(&[1, 5_000, 60_000, 600_000, 600_000]);
        let deadline = self.real + self.random.below(longest);
        let makes_key = kind == Some(CallKind::Keyed) && self.random.one_in(2);
        let before = (kind.is_some() && self.random.one_in(20)).then(|| Before {
            first_sent: Now {
                clock: Timestamp::from_ms(self.clock() - self.random.below(400_000)),
                measured: Timestamp::from_ms(self.real - self.random.below(400_000)),
            },
            in_flight: self.random.one_in(2),
        });
        let is_sent = before.is_some();
        let in_flight = before.is_some_and(|before| before.in_flight);
        let caller = Caller {
            kind,
            resendable: !self.random.one_in(8),
            reads: self.random.one_in(2),
            makes_key,
            deadline,
            stage: if in_flight { Stage::Flying } else { Stage::Waiting },
            generation: 0,
            in_hand: None,
            first_sent: before.map(|before| before.first_sent),
            sent_at: self.real,
            // A driver begins a call anew that was sent only if it may be sent again.
            looked_at: u32::from(in_flight),
            retries: 0,
            renewals: 0,
        };
        let resendable = caller.resendable;
        self.callers.insert(call, caller);
        let deadline = Timestamp::from_ms(deadline);
        let Some(kind) = kind else { return self.report(Event::Want { call, deadline }) };
        let (method, target) = match kind {
            CallKind::Read => ("get", "/Organisation"),
            CallKind::Keyed | CallKind::Write => ("POST", "/Invoices"),
        };
        let key = match kind {
            CallKind::Keyed if makes_key => KeyGiven::IfTaken,
            CallKind::Keyed => KeyGiven::Own,
            CallKind::Read | CallKind::Write => KeyGiven::None,
        };
        let has_body = kind != CallKind::Read;
        let high_priority = self.random.one_in(5) && !is_sent;
        let (method, target) = (method.to_owned(), target.to_owned());
        self.report(Event::Begin(Begin {
            call,
            method,
            target,
            has_body,
            resendable,
            key,
            own_key: None,
            high_priority,
            deadline,
            before,
        }));
    }

    fn answer(&mut self, call: u32) {
        const STATUSES: [u16; 15] = [200, 200, 200, 200, 200, 200, 200, 401, 401, 429, 429, 500, 503, 400, 304];
        let status = self.random.pick(&STATUSES);
        let body = match status {
            200 | 304 => "",
            401 if self.random.one_in(2) => EXPIRED,
            401 => UNAUTHORISED,
            _ => "{}",
        };
        let retry_after = self.random.pick(&["", "", "1", "1", "20", "20", "400"]);
        let problem =
            if status == 429 { self.random.pick(&["minute", "day", "concurrent", "", "strange"]) } else { "" };
        let left = ["", "0", "1", "7", "30", "59", "59", "59"];
        let minute = self.random.pick(&left);
        let day = self.random.pick(&["", "0", "900", "900", "4900"]);
        let day = if self.random.one_in(100) { day } else { "" };
        let own = self.callers.get_mut(&call).expect("a caller");
        own.in_hand = Some(status);
        if matches!(status, 401 | 429) {
            own.looked_at -= 1;
        }
        let (reads, generation, kind) = (own.reads && own.is_refused_by(status), own.generation, own.kind);
        if reads && body == EXPIRED {
            self.believes(generation);
        }
        let unusable = (status == 200 && self.random.one_in(20)).then(|| Error::new(Code::MalformedAnswer, "not JSON"));
        let is_unusable = unusable.is_some();
        let limits = Headers { problem, retry_after, minute, day, app_minute: "" };
        let answer = Answer { status, limits, body: reads.then_some(body), unusable, ..Answer::default() };
        let actions = self.report_and_list(Event::Answered { call, answer });
        let error = actions.iter().find_map(|action| match action {
            Action::Give { call: own, error: Some(error) } | Action::Fail { call: own, error } if *own == call => {
                Some(error)
            }
            _ => None,
        });
        if let (Some(error), Some(CallKind::Write)) = (error, kind) {
            let unknown = is_unusable || status >= 500;
            assert!(!unknown || error.is_outcome_unknown(), "{status}: {error}");
        }
    }

    fn read(&mut self, call: u32) {
        let text = self.random.pick(&[EXPIRED, UNAUTHORISED, ""]);
        if text == EXPIRED {
            let generation = self.callers[&call].generation;
            self.believes(generation);
        }
        self.report(Event::Body { call, text });
    }

    fn resume(&mut self, call: u32) {
        self.callers.get_mut(&call).expect("a caller").stage = Stage::Waiting;
        self.report(Event::Resume { call });
    }

    fn lose(&mut self, call: u32, code: Code, sent: bool) {
        let own = self.callers.get_mut(&call).expect("a caller");
        own.stage = Stage::Waiting;
        if !sent {
            own.looked_at -= 1;
        }
        let is_lost = own.kind == Some(CallKind::Write) && own.looked_at > 0;
        let error = Error::new(code, "no answer");
        let actions = self.report_and_list(Event::Lost { call, error, sent });
        if let (true, Some(Action::Fail { error, .. })) = (is_lost, actions.first()) {
            assert!(error.is_outcome_unknown(), "{error}");
        }
    }

    /// Notes that the machine learns that a token has expired, unless that token is a young replacement of another.
    fn believes(&mut self, generation: u32) {
        let (clock, jumps) = (self.clock(), self.jumps);
        if let Some(held) = self.held.as_mut().filter(|held| held.generation == generation) {
            let is_hopeless = held.replacement && clock.saturating_sub(held.obtained_at) < 5_000;
            held.is_dead |= !is_hopeless && !jumps;
        }
    }

    fn token(&mut self) {
        let attempts: Vec<u32> = self.attempts.iter().copied().collect();
        if attempts.is_empty() {
            return;
        }
        let attempt = self.random.pick(&attempts);
        if self.random.one_in(2) {
            let secret = Secret::new("secret".to_owned());
            self.machine.token_request(attempt, &secret, Timestamp::from_ms(self.clock())).expect("a request");
        }
        self.attempts.remove(&attempt);
        let (status, body) = match self.random.below(16) {
            0..=11 => (200, r#"{"access_token":"a-token","token_type":"Bearer","expires_in":1800}"#),
            12 => (200, r#"{"access_token":"a-token","token_type":"Bearer","expires_in":60}"#),
            13 => (400, r#"{"error":"invalid_client"}"#),
            14 if self.random.one_in(8) => (400, r#"{"error":"invalid_grant"}"#),
            14 => (503, ""),
            _ => {
                let error = Error::new(Code::Offline, "no answer");
                return self.report(Event::TokenLost { attempt, error, lasting: false });
            }
        };
        let answer =
            token::answer::TokenAnswer { status, content_type: "application/json", retry_after: "", body, cut: false };
        let more_secrets = self.random.one_in(8);
        self.report(Event::TokenAnswered { attempt, answer, more_secrets });
    }

    fn load(&mut self) {
        self.loading = false;
        let clock = self.clock();
        let loaded = self.random.one_in(2).then(|| Loaded {
            access_token: Secret::new("stored".to_owned()),
            stored: Stored {
                obtained_at: Timestamp::from_ms(clock - self.random.below(1_800_000)),
                expires_at: Timestamp::from_ms(clock + self.random.below(1_800_000)),
            },
            scopes: None,
        });
        self.report(Event::Loaded { attempt: None, token: loaded });
    }

    /// Events about callers that are over, that were never there, or that are at another stage: they get no action.
    fn nonsense(&mut self) {
        let stage = self.random.pick(&[Stage::Waiting, Stage::Invited, Stage::Reading]);
        let call = self.pick(stage).filter(|_| self.random.one_in(2));
        let unknown = self.random.below(u64::from(self.last) + 2);
        let unknown = u32::try_from(unknown).expect("a number");
        let Some(call) = call.or_else(|| (!self.callers.contains_key(&unknown)).then_some(unknown)) else { return };
        let stage = self.callers.get(&call).map(|caller| caller.stage);
        let error = Error::new(Code::Offline, "no answer");
        let event = match self.random.below(5) {
            0 => Event::Answered { call, answer: Answer { status: 200, ..Answer::default() } },
            1 => Event::Lost { call, error, sent: true },
            2 if stage != Some(Stage::Reading) => Event::Body { call, text: EXPIRED },
            3 if stage != Some(Stage::Invited) => Event::Resume { call },
            4 if stage.is_none() => Event::Aborted { call },
            _ => Event::TokenLost { attempt: self.last_attempt + 1, error, lasting: false },
        };
        let is_about_a_call = event.call().is_some();
        let actions = self.report_and_list(event);
        assert!(!is_about_a_call || actions.is_empty(), "{actions:?}");
    }

    fn report(&mut self, event: Event<'_>) {
        drop(self.report_and_list(event));
    }

    fn report_and_list(&mut self, event: Event<'_>) -> Vec<Action> {
        let subject = event.call();
        let actions = self.machine.handle(event, self.now());
        for action in &actions {
            self.check(action, subject);
        }
        // Each caller that waits is looked at before its time is over.
        let must_be_ended_by = |caller: &Caller| match caller.stage {
            Stage::Waiting | Stage::Reading => Some(caller.deadline),
            // Its driver has a second.
            Stage::Invited => Some(caller.deadline.max(self.real + 1_000)),
            Stage::Flying => None,
        };
        if let Some(first) = self.callers.values().filter_map(must_be_ended_by).min() {
            let wake = self.machine.wake().expect("something waits").as_ms();
            assert!(wake <= first, "it wakes up {} ms after a deadline", wake - first);
        }
        actions
    }

    fn check(&mut self, action: &Action, subject: Option<u32>) {
        if let Some(call) = action.call() {
            assert!(self.callers.contains_key(&call), "an action for a caller that is gone: {action:?}");
            let is_others = self.config.isolated && subject != Some(call);
            let may_be_others = !matches!(action, Action::Send { .. } | Action::Use { .. } | Action::Read { .. });
            assert!(!is_others || may_be_others, "where requests live apart, each goes on by itself: {action:?}");
            return self.check_for(call, action);
        }
        match *action {
            Action::Ask { attempt, .. } => {
                assert!(attempt > self.last_attempt, "each attempt has a number of its own");
                self.last_attempt = attempt;
                self.attempts.insert(attempt);
            }
            Action::AskAgain { attempt, .. } => {
                self.attempts.insert(attempt);
            }
            Action::Keep(Token { generation, obtained_at, expires_at, .. }) => {
                let (obtained_at, expires_at) = (obtained_at.as_ms(), expires_at.as_ms());
                let replacement = self.held.as_ref().is_some_and(|held| held.is_dead);
                assert!(self.held.as_ref().is_none_or(|held| held.generation < generation));
                self.held = Some(Held { generation, obtained_at, expires_at, replacement, is_dead: false });
            }
            Action::Save(Token { generation, .. }) => {
                let is_held = self.held.as_ref().is_some_and(|held| held.generation == generation);
                assert!(self.stored && is_held);
            }
            Action::Erase => assert!(self.stored),
            Action::Load => {
                assert!(self.stored);
                self.loading = true;
            }
            Action::Refused { .. } | Action::Paused { .. } => assert!(self.config.inform),
            _ => unreachable!("it has a call"),
        }
    }

    fn check_token(&self, generation: u32) {
        let held = self.held.as_ref().expect("a token");
        assert_eq!(held.generation, generation, "the token is the one that is held");
        assert!(!held.is_dead, "a token that Xero called expired is not used");
        assert!(self.jumps || self.clock() < held.expires_at, "a token that has ended is not used");
    }

    fn check_for(&mut self, call: u32, action: &Action) {
        let (real, now) = (self.real, self.now());
        match *action {
            Action::Send { generation, until, deadline, make_key, ref url, .. } => {
                self.check_token(generation);
                // One that another machine had sent has no place. Where requests live apart, a place may end before its call.
                let holds = |own: &&Caller| own.stage == Stage::Flying && own.generation != 0 && real < own.deadline;
                let flying = u32::try_from(self.callers.values().filter(holds).count()).expect("a few");
                let most = self.limits.filter(|_| !self.config.isolated).map_or(u32::MAX, |limits| limits.in_flight);
                assert!(flying < most, "{flying} of {most} places are taken");
                assert!(url.starts_with("https://api.xero.com/api.xro/2.0/"));
                let own = self.callers.get_mut(&call).expect("a caller");
                assert_eq!(own.stage, Stage::Waiting);
                assert!(own.in_hand.is_none(), "the answer before was discarded");
                let (until, deadline) = (until.as_ms(), deadline.as_ms());
                assert!(real < until && until <= deadline && deadline <= own.deadline);
                assert_eq!(make_key, own.makes_key);
                let first = *own.first_sent.get_or_insert(now);
                let since_ms = now.measured.since(first.measured).max(now.clock.since(first.clock));
                assert!(own.kind != Some(CallKind::Keyed) || since_ms < KEY_MS, "Xero may have forgotten the key");
                own.looked_at += 1;
                let is_write = own.kind == Some(CallKind::Write) || !own.resendable;
                assert!(!is_write || own.looked_at == 1, "what cannot be repeated is sent once");
                own.stage = Stage::Flying;
                own.sent_at = real;
                own.generation = generation;
                if own.kind == Some(CallKind::Keyed) {
                    // The machine cuts it by the clock that has gone further, and the slot ends with it.
                    own.deadline = deadline.min(first.measured.as_ms() + KEY_MS).max(until);
                }
                self.sent += 1;
            }
            Action::Use { generation, .. } => {
                self.check_token(generation);
                assert_eq!(self.callers.remove(&call).expect("a caller").kind, None);
            }
            Action::Resume { .. } => {
                assert!(self.config.isolated);
                let own = self.callers.get_mut(&call).expect("a caller");
                assert_eq!(own.stage, Stage::Waiting);
                own.stage = Stage::Invited;
            }
            Action::Read { .. } => {
                let own = self.callers.get_mut(&call).expect("a caller");
                assert!(own.in_hand == Some(401) && !own.reads && own.stage == Stage::Flying);
                own.stage = Stage::Reading;
            }
            Action::Discard { .. } => {
                let own = self.callers.get_mut(&call).expect("a caller");
                let status = own.in_hand.take().expect("an answer");
                own.renewals += u32::from(status == 401);
                assert!(own.renewals <= 1, "renewed once");
                assert!(own.resendable, "a stream is not sent again");
                own.stage = Stage::Waiting;
            }
            Action::Retry { .. } => {
                let own = self.callers.get_mut(&call).expect("a caller");
                own.retries += 1;
                assert!(self.config.inform && own.retries <= self.config.retry.again);
                assert!(own.resendable && own.kind != Some(CallKind::Write));
            }
            Action::Give { ref error, .. } => {
                let own = self.callers.remove(&call).expect("a caller");
                let status = own.in_hand.expect("an answer");
                assert_eq!(error.is_some(), own.reads && own.is_refused_by(status), "{status}");
                self.given += 1;
            }
            Action::Fail { ref error, .. } => {
                let own = self.callers.remove(&call).expect("a caller");
                // A refusal may hide that an earlier sending was lost.
                let may_hide = |status| status == 200 || !own.reads && own.kind != Some(CallKind::Read);
                assert!(own.in_hand.is_none_or(may_hide), "it has an answer: {error}");
                assert!(own.first_sent.is_some() || !error.is_outcome_unknown(), "it was never sent: {error}");
                assert!(own.kind != Some(CallKind::Read) || !error.is_outcome_unknown(), "it is a read: {error}");
                self.failed += 1;
            }
            Action::Queued { .. } | Action::Admitted { .. } => assert!(self.config.inform),
            _ => unreachable!("it has no call"),
        }
    }
}

impl Caller {
    /// An answer with this status is an error of a caller whose driver reads bodies. A write is never "not modified".
    fn is_refused_by(&self, status: u16) -> bool {
        status >= 400 || status == 304 && self.kind != Some(CallKind::Read)
    }

    /// Its driver would have reported that there is no answer.
    fn is_late(&self, real: u64, config: &Config) -> bool {
        self.stage == Stage::Flying && real >= self.deadline.min(self.sent_at.saturating_add(config.timeout_ms))
    }
}

#[test]
fn walks() {
    let events = length("call_walk");
    let first = if events == 1 { seed() } else { number("XERO_M2M_SEED", seed()) };
    let (mut sent, mut given, mut failed) = (0, 0, 0);
    for run in 0..events.div_ceil(EVENTS_OF_A_MACHINE) {
        let seed = first.wrapping_add(run);
        let walked = std::panic::catch_unwind(|| {
            let mut walk = Walk::new(seed);
            walk.walk(EVENTS_OF_A_MACHINE);
            (walk.sent, walk.given, walk.failed)
        });
        let counts = walked.unwrap_or_else(|_| panic!("to repeat: XERO_M2M_RUNS=1 XERO_M2M_SEED={seed}"));
        sent += counts.0;
        given += counts.1;
        failed += counts.2;
    }
    println!("{sent} sent, {given} answered, {failed} failed");
    assert!(events < 1_000_000 || [sent, given, failed].into_iter().all(|count| count > events / 50));
}
