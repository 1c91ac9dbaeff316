//! Random walks over the whole system in virtual time: many callers, the machine of calls and the local Xero, with faults, edits,
//! clocks that are set, aborts, lost answers, requests that vanish and machines that are replaced. The test is a driver of the
//! machine, as the clients are, and checks every action.
//!
//! `XERO_M2M_SEED` repeats a run (with `XERO_M2M_RUNS=1`), `XERO_M2M_RUNS` sets how many there are.
#![cfg(test)]
#![cfg(feature = "simulator")]
#![expect(clippy::arithmetic_side_effects, reason = "a test may panic")]

#[path = "support/headers.rs"]
mod headers;
#[path = "support/options.rs"]
mod options;
#[path = "support/parser.rs"]
mod parser;
mod support;

use std::collections::{BTreeMap, BTreeSet};

use headers::{about_limits, header};
use options::options;
use parser::parse;
use serde_json::Value;
use support::{Random, length, number, seed};
use xero_m2m::call::retry::{self, CallKind};
use xero_m2m::call::{Action, Answer, Before, Begin, Config, Event, KeyGiven, Machine, Now, Token};
use xero_m2m::connection::{Connection, Options};
use xero_m2m::error::{Code, Error};
use xero_m2m::limits;
use xero_m2m::scope::ScopeSet;
use xero_m2m::secret::Secret;
use xero_m2m::simulator::fault::FaultRule as Rule;
use xero_m2m::simulator::{self, HttpRequest as Request, HttpResponse as Response, Limits, Reply, Simulator};
use xero_m2m::time::Timestamp;
use xero_m2m::token;

/// 2026-11-23T10:00:00Z, by Xero's clock.
const START: u64 = 1_795_428_000_000;
const DAY: u64 = 86_400_000;
const MINUTE: u64 = 60_000;
/// The time between two looks of a driver of one caller into its mailbox.
const LOOK: u64 = 25;
const SIX_MINUTES: u64 = 360_000;
const TIMEOUT: u64 = 30_000;
const INVOICE: &str = r#"{"Invoices":[{"Type":"ACCREC","Contact":{"Name":"A"},"LineItems":[{"Description":"x","Quantity":1,"UnitAmount":1,"AccountCode":"200"}]}]}"#;

/// The kind of a run.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "things that go wrong, or do not")]
struct Course {
    seed: u64,
    callers: usize,
    /// Over which time callers come.
    over_ms: u64,
    deadline_ms: u64,
    faults: &'static [&'static str],
    /// One in so many answers, or requests, is lost; 0 for none.
    lost: u64,
    jumps: bool,
    edits: bool,
    aborts: bool,
    /// Each caller has a driver of its own, which may vanish.
    isolated: bool,
    vanish: bool,
    /// The machine is replaced now and then.
    traps: bool,
    unlimited: bool,
    stored: bool,
    lifetime_s: u64,
}

impl Course {
    fn draw(seed: u64) -> Self {
        const FAULTS: [&[&str]; 7] = [
            &[],
            &["api 503 share=1/6"],
            &["api 500 share=1/6", "api 502 share=1/6 performed"],
            &["identity 503 share=1/2 retry-after=3", "identity 400 body=html share=1/3"],
            &["api 503 share=1/5 retry-after=4", "api 429 problem=strange share=1/9 retry-after=2"],
            // Longer than a key lives.
            &["api 503 share=1/30 retry-after=400"],
            &["api 429 problem=concurrent share=1/9", "api 401 share=1/9", "any 504 share=1/9 body=html"],
        ];
        let random = &mut Random::new(seed);
        let calm = random.one_in(4);
        let isolated = random.one_in(4);
        Self {
            seed,
            callers: 5 + random.index(120),
            over_ms: random.below(5 * MINUTE),
            deadline_ms: 1_000 + random.below(10 * MINUTE),
            faults: if calm { FAULTS[0] } else { random.pick(&FAULTS) },
            lost: if calm { 0 } else { random.pick(&[0, 0, 20, 5]) },
            jumps: !calm && random.one_in(3),
            edits: !calm && random.one_in(3),
            aborts: random.one_in(3),
            isolated,
            vanish: isolated && !calm && random.one_in(2),
            traps: !calm && random.one_in(8),
            unlimited: random.one_in(16),
            stored: random.one_in(3),
            lifetime_s: random.pick(&[1_800, 1_800, 60, 5]),
        }
    }
}

/// The stage that a caller is at, as its driver sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It has not come yet.
    Away,
    /// The machine has it.
    Waiting,
    /// Its request is under way.
    Flying,
    /// The machine wants the body of its answer.
    Reading,
    Done,
    /// Its request ended without a word.
    Vanished,
}

struct Caller {
    /// `None` wants a token alone.
    kind: Option<CallKind>,
    own_key: bool,
    /// Its driver reads the bodies of answers.
    reads: bool,
    /// The measured instant at which it gives up.
    deadline: u64,
    state: State,
    /// Counts up with every request, so that a late answer to an earlier one is not taken for its answer.
    stamp: u64,
    token: String,
    generation: u32,
    in_hand: Option<Response>,
    mailbox: Vec<Action>,
    /// The instant at which it was sent first: in the walk's time, and by both clocks.
    first_sent: Option<(u64, Now)>,
    /// The instant at which its request is given up.
    request_ends: u64,
    /// The number of times that it was sent, and that Xero refused it without a look at it.
    sends: u32,
    unseen: u32,
    retries: u32,
    renewals: u32,
    must_succeed: bool,
}

enum Step {
    Begin(usize),
    Poll(usize),
    Abort(usize),
    Vanish(usize),
    Asked(u32, u32),
    Settled(u32, u32, Option<Response>),
    Loaded(u32),
    Arrives(usize, u64),
    Leaves(usize, u64, Response),
    Answered(usize, u64, Response),
    TimedOut(usize, u64),
    Refused(usize, u64),
    Read(usize, u64),
    Wake,
    Jump,
    Edit,
    Authorise,
    Trap,
    Calm,
}

/// The timer of the driver.
#[derive(Clone, Copy)]
struct Timer {
    /// The instant that the machine wants to be woken at.
    due: u64,
    goes_off: u64,
}

struct Held {
    generation: u32,
    obtained_at: Timestamp,
    expires_at: Timestamp,
    /// It took the place of one that Xero called expired.
    replacement: bool,
    token: String,
}

struct World {
    course: Course,
    random: Random,
    machine: Machine,
    /// The number of machines before this one.
    epoch: u32,
    xero: Simulator,
    /// The measured time, and how far the clock of the client is ahead of it.
    real: u64,
    ahead: i64,
    agenda: BTreeMap<(u64, u64), Step>,
    planned: u64,
    wake: Option<Timer>,
    callers: Vec<Caller>,
    held: Option<Held>,
    store: Option<Token>,
    /// Tokens that Xero has called expired, as far as that is believed.
    dead: BTreeSet<String>,
    asking: BTreeSet<(u32, u32)>,
    asks: u64,
    settled: u64,
    at_xero: u32,
    /// No call is let in before: Xero asked for it.
    paused_until: u64,
    refusals: u64,
    /// The ids of the invoices that were made for each caller, and the instant of the first.
    made: BTreeMap<usize, (u64, BTreeSet<String>)>,
    /// Things go wrong.
    troubled: bool,
}

fn machine(course: &Course, client_id: &str) -> Machine {
    let lease_ms = if course.isolated { 2 * TIMEOUT } else { u64::MAX };
    let connection = Connection::new(Options {
        client_id: client_id.to_owned(),
        lifecycle: token::LifecycleConfig { stored: course.stored, ..token::LifecycleConfig::default() },
        limits: (!course.unlimited).then(|| limits::LimitsConfig { lease_ms, ..limits::LimitsConfig::default() }),
        seed: course.seed,
        ..options()
    });
    let config = Config { timeout_ms: TIMEOUT, inform: true, isolated: course.isolated, ..Config::default() };
    Machine::new(connection.expect("options that can work"), config, parse, course.seed)
}

/// The number of a caller with the machine.
fn name(caller: usize) -> u32 {
    u32::try_from(caller).expect("a few") + 1
}

impl World {
    fn new(course: Course) -> Self {
        let today = Timestamp::from_ms(START).date();
        let scopes = ScopeSet::from_scope_param("accounting.invoices accounting.settings");
        let config = simulator::SimulatorConfig {
            scopes,
            invoices: 1,
            token_lifetime_s: course.lifetime_s,
            limits: (!course.unlimited).then(Limits::default),
            ..simulator::SimulatorConfig::new(course.seed, today)
        };
        let machine = machine(&course, &config.client_id);
        let mut xero = Simulator::new(config).expect("a connection that can be");
        for rule in course.faults {
            xero.add_fault(Rule::parse(rule).expect(rule));
        }
        Self {
            random: Random::new(course.seed ^ 1),
            machine,
            epoch: 0,
            xero,
            real: 0,
            ahead: 0,
            agenda: BTreeMap::new(),
            planned: 0,
            wake: None,
            callers: Vec::new(),
            held: None,
            store: None,
            dead: BTreeSet::new(),
            asking: BTreeSet::new(),
            asks: 0,
            settled: 0,
            at_xero: 0,
            paused_until: 0,
            refusals: 0,
            made: BTreeMap::new(),
            troubled: true,
            course,
        }
    }

    fn clock(&self) -> Timestamp {
        Timestamp::from_ms((START + self.real).checked_add_signed(self.ahead).expect("a time after 1970"))
    }

    /// The measured time begins anywhere.
    fn measured(at: u64) -> Timestamp {
        Timestamp::from_ms(DAY + at)
    }

    fn now(&self) -> Now {
        Now { clock: self.clock(), measured: Self::measured(self.real) }
    }

    fn plan(&mut self, in_ms: u64, step: Step) {
        self.planned += 1;
        self.agenda.insert((self.real + in_ms, self.planned), step);
    }

    fn way(&mut self) -> u64 {
        let usual = 5 + self.random.below(80);
        if self.troubled && self.random.one_in(30) { usual + self.random.below(40_000) } else { usual }
    }

    fn lose(&mut self) -> bool {
        self.troubled && self.course.lost > 0 && self.random.one_in(self.course.lost)
    }

    fn add(&mut self, kind: Option<CallKind>, in_ms: u64, deadline_ms: u64, must_succeed: bool) {
        let caller = self.callers.len();
        self.callers.push(Caller {
            kind,
            own_key: self.random.one_in(2),
            reads: self.random.one_in(2),
            deadline: self.real + in_ms + deadline_ms,
            state: State::Away,
            stamp: 0,
            token: String::new(),
            generation: 0,
            in_hand: None,
            mailbox: Vec::new(),
            first_sent: None,
            request_ends: 0,
            sends: 0,
            unseen: 0,
            retries: 0,
            renewals: 0,
            must_succeed,
        });
        self.plan(in_ms, Step::Begin(caller));
        if must_succeed {
            return;
        }
        if self.course.aborts && self.random.one_in(4) {
            let at = in_ms + self.random.below(deadline_ms);
            self.plan(at, Step::Abort(caller));
        }
        if self.course.vanish && self.random.one_in(6) {
            let at = in_ms + self.random.below(deadline_ms);
            self.plan(at, Step::Vanish(caller));
        }
    }

    fn run(mut self) -> u64 {
        const KINDS: [Option<CallKind>; 9] = [
            Some(CallKind::Read),
            Some(CallKind::Read),
            Some(CallKind::Read),
            Some(CallKind::Read),
            Some(CallKind::Keyed),
            Some(CallKind::Keyed),
            Some(CallKind::Write),
            Some(CallKind::Write),
            None,
        ];
        for _ in 0..self.course.callers {
            let kind = self.random.pick(&KINDS);
            let at = self.random.below(self.course.over_ms + 1);
            let deadline = 1 + self.random.below(self.course.deadline_ms);
            self.add(kind, at, deadline, false);
        }
        let length = self.course.over_ms + self.course.deadline_ms;
        for (wanted, step) in [(self.course.jumps, 0), (self.course.edits, 1), (self.course.traps, 2)] {
            for _ in 0..3 * u32::from(wanted) {
                let at = self.random.below(length);
                let step = match step {
                    0 => Step::Jump,
                    1 => Step::Edit,
                    _ => Step::Trap,
                };
                self.plan(at, step);
            }
        }
        self.plan(length + MINUTE, Step::Calm);
        let mut steps = 0_u64;
        while let Some(((at, _), step)) = self.agenda.pop_first() {
            steps += 1;
            assert!(steps < 2_000_000, "it never ends");
            self.real = at;
            self.step(step);
            self.set_timer();
        }
        for (number, caller) in self.callers.iter().enumerate() {
            assert!(matches!(caller.state, State::Done | State::Vanished), "caller {number} was never answered");
        }
        assert!(self.asking.is_empty() && self.asks == self.settled, "every token asked for is accounted for");
        assert_eq!(self.machine.callers(), 0, "nobody is left in the machine");
        assert_eq!(self.machine.wake(), None, "it waits for nothing");
        if let Some(limiter) = &self.machine.connection().organisation.limiter {
            let status = limiter.status(Self::measured(self.real));
            assert_eq!((status.in_flight, status.queued), (0, 0), "every place is free again");
            let most = if self.course.traps || self.course.vanish { 5 } else { 1 };
            assert!(self.refusals <= most, "{} refusals where one is enough to know the minute", self.refusals);
        }
        steps
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Begin(caller) => {
                self.callers[caller].state = State::Waiting;
                self.begin(caller);
            }
            Step::Poll(caller) if self.is_open(caller) => {
                let actions = core::mem::take(&mut self.callers[caller].mailbox);
                for action in actions {
                    self.perform(action);
                }
            }
            Step::Abort(caller) if self.is_open(caller) => {
                self.end(caller, State::Done);
                self.report(Event::Aborted { call: name(caller) });
            }
            Step::Vanish(caller) if self.is_open(caller) => self.end(caller, State::Vanished),
            Step::Asked(epoch, attempt) => self.asked(epoch, attempt),
            Step::Settled(epoch, attempt, response) => self.settle(epoch, attempt, response),
            Step::Loaded(epoch) if epoch == self.epoch => self.loaded(),
            Step::Arrives(caller, stamp) => self.arrives(caller, stamp),
            Step::Leaves(caller, stamp, response) => {
                self.at_xero -= 1;
                if !self.lose() {
                    let way = self.way();
                    self.plan(way, Step::Answered(caller, stamp, response));
                }
            }
            Step::Answered(caller, stamp, response) if self.flies(caller, stamp) => {
                self.callers[caller].unseen += u32::from(matches!(response.status, 401 | 429));
                let headers = about_limits(&response);
                self.refusals += u64::from(headers.problem == "minute");
                if let Ok(seconds) = headers.retry_after.parse::<u64>() {
                    self.paused_until = self.paused_until.max(self.real + seconds * 1_000);
                }
                self.callers[caller].in_hand = Some(response);
                self.answered(caller);
            }
            Step::TimedOut(caller, stamp) if self.flies(caller, stamp) => self.lost(caller, Code::Timeout, true),
            Step::Refused(caller, stamp) if self.flies(caller, stamp) => self.lost(caller, Code::Offline, false),
            Step::Read(caller, stamp) if self.is_open(caller) && self.callers[caller].stamp == stamp => {
                self.read(caller);
            }
            Step::Wake if self.wake.is_some_and(|timer| timer.goes_off == self.real) => {
                self.wake = None;
                self.report(Event::Tick);
            }
            Step::Jump => {
                let by = self.random.pick(&[-3_600_000_i64, 3_600_000, -45_000, 45_000, -700]);
                self.ahead += by;
            }
            Step::Edit => {
                self.xero.edit(self.xero.config().scopes.clone()).expect("the same scopes");
                let at = self.random.below(3 * MINUTE);
                self.plan(at, Step::Authorise);
            }
            Step::Authorise => self.xero.authorise(),
            Step::Trap if self.troubled => self.replace(),
            Step::Calm => self.calm(),
            _ => {}
        }
    }

    /// Ends all faults. A caller that comes after the longest rest is served.
    fn calm(&mut self) {
        for rule in 1..=u32::try_from(self.course.faults.len()).expect("a few") {
            self.xero.remove_fault(rule);
        }
        self.troubled = false;
        self.xero.authorise();
        // A call has to come for a clock that was set to be noticed. A pause that begins then lasts five minutes at most.
        self.add(Some(CallKind::Read), 0, MINUTE, false);
        for number in 0..5 {
            let kind = if number == 0 { CallKind::Keyed } else { CallKind::Read };
            self.add(Some(kind), 10 * MINUTE + number * 50, 3 * MINUTE, true);
        }
    }

    fn is_open(&self, caller: usize) -> bool {
        !matches!(self.callers[caller].state, State::Away | State::Done | State::Vanished)
    }

    fn flies(&self, caller: usize, stamp: u64) -> bool {
        self.callers[caller].state == State::Flying && self.callers[caller].stamp == stamp
    }

    fn end(&mut self, caller: usize, state: State) {
        let own = &mut self.callers[caller];
        own.state = state;
        own.stamp += 1;
        own.in_hand = None;
    }

    /// The machine is gone and another takes its place: the driver carries its calls over.
    fn replace(&mut self) {
        self.epoch += 1;
        self.machine = machine(&self.course, &self.xero.config().client_id.clone());
        self.held = None;
        self.settled += u64::try_from(core::mem::take(&mut self.asking).len()).expect("a few");
        self.wake = None;
        for caller in 0..self.callers.len() {
            if self.is_open(caller) {
                let own = &mut self.callers[caller];
                own.mailbox.clear();
                own.generation = 0;
                if own.in_hand.is_some() {
                    own.state = State::Flying;
                }
                self.begin(caller);
                if self.is_open(caller) && self.callers[caller].in_hand.is_some() {
                    self.answered(caller);
                }
            }
        }
    }

    // The driver

    fn begin(&mut self, caller: usize) {
        let own = &self.callers[caller];
        let (call, deadline) = (name(caller), Self::measured(own.deadline));
        let Some(kind) = own.kind else {
            return self.report(Event::Want { call, deadline });
        };
        let (method, target) = request(kind);
        let key = match kind {
            CallKind::Keyed if own.own_key => KeyGiven::Own,
            CallKind::Keyed if call.is_multiple_of(2) => KeyGiven::Required,
            CallKind::Keyed => KeyGiven::IfTaken,
            CallKind::Read | CallKind::Write => KeyGiven::None,
        };
        let in_flight = own.state == State::Flying;
        let begin = Begin {
            call,
            method: method.to_owned(),
            target: target.to_owned(),
            has_body: kind != CallKind::Read,
            resendable: true,
            key,
            own_key: None,
            high_priority: call.is_multiple_of(8),
            deadline,
            before: own.first_sent.map(|(_, first_sent)| Before { first_sent, in_flight }),
        };
        self.report(Event::Begin(begin));
    }

    /// Reports an event and performs the actions.
    fn report(&mut self, event: Event<'_>) {
        let subject = event.call();
        let has_waited = match event {
            Event::Resume { .. } => true,
            _ => subject.is_none(),
        };
        let actions = self.machine.handle(event, self.now());
        for action in actions {
            let lets_in = match action {
                Action::Admitted { .. } => true,
                // A call that waits for its token with a place may be sent later.
                Action::Send { .. } => !has_waited && !self.course.jumps,
                _ => false,
            };
            let may = self.real >= self.paused_until || self.course.traps || self.course.unlimited;
            assert!(!lets_in || may, "no call is let in during a pause");
            match action.call() {
                Some(call) if self.course.isolated && subject != Some(call) => {
                    let caller = usize::try_from(call - 1).expect("a caller");
                    self.callers[caller].mailbox.push(action);
                    let look = self.random.below(LOOK);
                    self.plan(look, Step::Poll(caller));
                }
                _ => self.perform(action),
            }
        }
    }

    /// Checks that the machine wakes up before the deadline of each caller that waits, and sets the timer.
    fn set_timer(&mut self) {
        let waits =
            |caller: &&Caller| matches!(caller.state, State::Waiting | State::Reading) && caller.mailbox.is_empty();
        let soonest = self.callers.iter().filter(waits).map(|caller| caller.deadline).min();
        let wake = self.machine.wake().map(|at| at.since(Self::measured(0)));
        if let Some(soonest) = soonest {
            let wake = wake.expect("something waits, so there is a time to wake up");
            assert!(wake <= soonest, "it wakes up {} ms after a deadline", wake - soonest);
        }
        if wake != self.wake.map(|timer| timer.due) {
            // Not in no time at all, as timers are not.
            self.wake = wake.map(|due| Timer { due, goes_off: due.max(self.real + 1) });
            if let Some(Timer { goes_off, .. }) = self.wake {
                self.plan(goes_off - self.real, Step::Wake);
            }
        }
    }

    fn perform(&mut self, action: Action) {
        if let Some(call) = action.call() {
            let caller = usize::try_from(call - 1).expect("a caller");
            if self.callers[caller].state == State::Vanished {
                return;
            }
            assert!(self.is_open(caller), "an action for a caller that is gone: {action:?}");
            return self.perform_for(caller, action);
        }
        match action {
            Action::Ask { attempt, .. } => {
                assert!(self.asking.insert((self.epoch, attempt)), "one attempt, one request");
                self.asks += 1;
                let way = self.way();
                self.plan(way, Step::Asked(self.epoch, attempt));
                // The lease and the time limit of an attempt are one.
                self.plan(token::LifecycleConfig::default().timeout_ms, Step::Settled(self.epoch, attempt, None));
            }
            Action::Keep(Token { generation, access_token, obtained_at, expires_at, .. }) => {
                let token = access_token.reveal().clone();
                let replacement = self.held.as_ref().is_some_and(|held| self.dead.contains(&held.token));
                self.held = Some(Held { generation, obtained_at, expires_at, replacement, token });
            }
            Action::Save(token) => {
                if !self.lose() {
                    self.store = Some(token);
                }
            }
            Action::Erase => self.store = None,
            Action::Load => {
                if !self.lose() {
                    let way = self.way();
                    self.plan(way, Step::Loaded(self.epoch));
                }
            }
            Action::AskAgain { .. } => panic!("no list of scopes, no other secret"),
            Action::Refused { .. } | Action::Paused { .. } => {}
            _ => unreachable!("it has a call"),
        }
    }

    fn perform_for(&mut self, caller: usize, action: Action) {
        match action {
            Action::Send { generation, until, deadline, make_key, url, .. } => {
                assert!(url.starts_with("https://api.xero.com/api.xro/2.0/"), "{url}");
                assert_eq!(
                    make_key,
                    self.callers[caller].kind == Some(CallKind::Keyed) && !self.callers[caller].own_key
                );
                assert!(until <= deadline && deadline <= Self::measured(self.callers[caller].deadline));
                self.send(caller, generation, until.since(Self::measured(self.real)));
            }
            Action::Resume { call } => {
                assert!(self.course.isolated);
                self.report(Event::Resume { call });
            }
            Action::Read { .. } => {
                let own = &mut self.callers[caller];
                assert!(own.in_hand.is_some() && !own.reads && own.state == State::Flying);
                own.state = State::Reading;
                let stamp = own.stamp;
                if !self.lose() {
                    let way = self.way();
                    self.plan(way, Step::Read(caller, stamp));
                }
            }
            Action::Discard { .. } => {
                let own = &mut self.callers[caller];
                let response = own.in_hand.take().expect("an answer to discard");
                own.renewals += u32::from(response.status == 401);
                own.state = State::Waiting;
                own.stamp += 1;
                assert!(own.renewals <= 1 || self.course.traps, "renewed once");
            }
            Action::Retry { .. } => {
                let own = &mut self.callers[caller];
                own.state = State::Waiting;
                own.retries += 1;
                assert_ne!(own.kind, Some(CallKind::Write));
                assert!(own.retries <= retry::RetryConfig::default().again || self.course.traps);
            }
            Action::Give { error, .. } => {
                let response = self.callers[caller].in_hand.take().expect("an answer to give");
                let is_success = response.status < 300;
                assert!(!is_success || error.is_none());
                if self.callers[caller].reads && !is_success {
                    self.judge(caller, &error.expect("an error, since the body was reported"));
                }
                assert!(is_success || !self.callers[caller].must_succeed, "after the faults, {}", response.status);
                self.finish(caller);
            }
            Action::Fail { error, .. } => {
                let own = &mut self.callers[caller];
                let hides = !own.reads && own.kind != Some(CallKind::Read);
                assert!(own.in_hand.take().is_none() || hides, "an answer is given or discarded: {error}");
                assert!(!self.callers[caller].must_succeed, "after the faults: {error}");
                self.judge(caller, &error);
                self.finish(caller);
            }
            Action::Use { generation, .. } => {
                assert_eq!(self.callers[caller].kind, None);
                let held = self.held.as_ref().expect("a token");
                assert!(held.generation == generation && self.clock() < held.expires_at);
                assert!(!self.dead.contains(&held.token), "a token that Xero called expired is not used");
                self.finish(caller);
            }
            Action::Queued { .. } | Action::Admitted { .. } => {}
            _ => unreachable!("it has no call"),
        }
    }

    /// The error of a write that was carried out does not invite to make it again.
    fn judge(&self, caller: usize, error: &Error) {
        let own = &self.callers[caller];
        if own.kind == Some(CallKind::Write) && self.made.contains_key(&caller) {
            assert!(error.is_outcome_unknown() && !error.retryable(), "it was carried out: {error}");
        }
        assert!(own.sends > 0 || !error.is_outcome_unknown(), "it was never sent: {error}");
    }

    fn finish(&mut self, caller: usize) {
        let late = self.real.saturating_sub(self.callers[caller].deadline);
        let most = if self.course.isolated { 2 * LOOK } else { 1 };
        assert!(late <= most, "answered {late} ms after the deadline");
        self.end(caller, State::Done);
    }

    // Tokens

    fn asked(&mut self, epoch: u32, attempt: u32) {
        if self.lose() || epoch != self.epoch {
            return;
        }
        let secret = Secret::new(self.xero.config().client_secret.reveal().clone());
        let (request, _) = self.machine.token_request(attempt, &secret, self.clock()).expect("a request");
        let headers = [
            ("Authorization", request.authorization.reveal().clone()),
            ("Content-Type", "application/x-www-form-urlencoded".to_owned()),
        ];
        let request = Request {
            method: "POST".to_owned(),
            target: "/connect/token".to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value)).to_vec(),
            body: request.body.into_bytes(),
        };
        let mut reply = self.xero.handle(&request, Timestamp::from_ms(START + self.real));
        if let Reply::Sign { ticket, .. } = reply {
            reply = self.xero.signed(ticket, &format!("c2lnbmVk{ticket:08}"));
        }
        let Reply::Respond(response) = reply else { return };
        if !self.lose() {
            let way = self.way();
            self.plan(way, Step::Settled(epoch, attempt, Some(response)));
        }
    }

    fn settle(&mut self, epoch: u32, attempt: u32, response: Option<Response>) {
        if !self.asking.remove(&(epoch, attempt)) {
            return;
        }
        self.settled += 1;
        let Some(response) = response else {
            return self.report(Event::TokenLost {
                attempt,
                error: Error::new(Code::Timeout, "no answer"),
                lasting: false,
            });
        };
        let body = String::from_utf8(response.body.clone()).expect("text");
        let answer = token::answer::TokenAnswer {
            status: response.status,
            content_type: header(&response, "Content-Type"),
            retry_after: header(&response, "Retry-After"),
            body: &body,
            cut: false,
        };
        self.report(Event::TokenAnswered { attempt, answer, more_secrets: false });
    }

    fn loaded(&mut self) {
        let loaded = self.store.as_ref().map(|token| xero_m2m::call::Loaded {
            access_token: token.access_token.clone(),
            stored: token::Stored { obtained_at: token.obtained_at, expires_at: token.expires_at },
            scopes: token.scopes.as_deref().map(ScopeSet::from_scope_param),
        });
        self.report(Event::Loaded { attempt: None, token: loaded });
    }

    // Calls

    fn send(&mut self, caller: usize, generation: u32, left_ms: u64) {
        let held = self.held.as_ref().expect("a token");
        assert_eq!(held.generation, generation, "the token is the one that is held");
        assert!(self.clock() < held.expires_at, "a token that has ended is not sent");
        assert!(!self.dead.contains(&held.token), "a token that Xero called expired is not sent");
        // A request that is given up in this very millisecond has given its place up.
        let flies = |other: &&Caller| other.state == State::Flying && self.real < other.request_ends;
        let flying = self.callers.iter().filter(flies).count();
        assert!(flying < 5 || self.course.traps || self.course.unlimited, "no more than five at once");
        let (real, now) = (self.real, self.now());
        let token = held.token.clone();
        let own = &mut self.callers[caller];
        assert_eq!(own.state, State::Waiting);
        let (first, _) = *own.first_sent.get_or_insert((real, now));
        assert!(real < first + SIX_MINUTES || own.kind != Some(CallKind::Keyed), "Xero has forgotten the key");
        own.sends += 1;
        assert!(own.kind != Some(CallKind::Write) || own.sends - own.unseen == 1, "a write without a key is sent once");
        own.token = token;
        own.generation = generation;
        own.state = State::Flying;
        own.request_ends = real + left_ms;
        own.stamp += 1;
        let stamp = own.stamp;
        if self.troubled && self.course.lost > 0 && self.random.one_in(40) {
            self.callers[caller].unseen += 1;
            let way = self.random.below(20);
            return self.plan(way.min(left_ms), Step::Refused(caller, stamp));
        }
        let way = self.way();
        self.plan(way, Step::Arrives(caller, stamp));
        self.plan(left_ms, Step::TimedOut(caller, stamp));
    }

    fn arrives(&mut self, caller: usize, stamp: u64) {
        if self.lose() {
            return;
        }
        let Caller { kind, ref token, .. } = self.callers[caller];
        let kind = kind.expect("a call");
        let (method, target) = request(kind);
        let mut headers = vec![("Authorization", format!("Bearer {token}")), ("Accept", "application/json".to_owned())];
        if kind == CallKind::Keyed {
            headers.push(("Idempotency-Key", format!("key-{caller}")));
        }
        if kind != CallKind::Read {
            headers.push(("Content-Type", "application/json".to_owned()));
        }
        let request = Request {
            method: method.to_owned(),
            target: ["/api.xro/2.0", target].concat(),
            headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            body: if kind == CallKind::Read { Vec::new() } else { INVOICE.into() },
        };
        self.xero.set_in_flight(0, self.at_xero);
        let Reply::Respond(response) = self.xero.handle(&request, Timestamp::from_ms(START + self.real)) else {
            return;
        };
        if kind != CallKind::Read && response.status == 200 {
            self.made_one(caller, &response);
        }
        self.at_xero += 1;
        let work = 10 + self.random.below(400);
        self.plan(work, Step::Leaves(caller, stamp, response));
    }

    fn made_one(&mut self, caller: usize, response: &Response) {
        let answer: Value = serde_json::from_slice(&response.body).expect("JSON");
        let id = answer["Invoices"][0]["InvoiceID"].as_str().expect("an id").to_owned();
        let (first, ids) = self.made.entry(caller).or_insert_with(|| (self.real, BTreeSet::new()));
        ids.insert(id);
        assert!(
            ids.len() == 1,
            "caller {caller}: one write, performed {} times within {} ms",
            ids.len(),
            self.real - *first
        );
    }

    /// Reports the answer that a caller has.
    fn answered(&mut self, caller: usize) {
        let response = self.callers[caller].in_hand.clone().expect("an answer");
        let body = String::from_utf8_lossy(&response.body);
        let Caller { reads, .. } = self.callers[caller];
        if reads {
            self.believes(caller, &response);
        }
        let answer = Answer {
            status: response.status,
            limits: about_limits(&response),
            body: (reads && response.status >= 300).then_some(&body),
            ..Answer::default()
        };
        self.report(Event::Answered { call: name(caller), answer: answer.clone() });
        // Reported twice, it means nothing.
        if self.callers[caller].state != State::Flying {
            let again = self.machine.handle(Event::Answered { call: name(caller), answer }, self.now());
            assert!(again.is_empty(), "{again:?}");
        }
    }

    fn read(&mut self, caller: usize) {
        if self.callers[caller].state != State::Reading {
            return;
        }
        let response = self.callers[caller].in_hand.clone().expect("an answer");
        self.believes(caller, &response);
        let text = String::from_utf8_lossy(&response.body).into_owned();
        self.report(Event::Body { call: name(caller), text: &text });
    }

    /// Notes that the machine learns that a token has expired, unless that token is a young replacement of another.
    fn believes(&mut self, caller: usize, response: &Response) {
        let says_expired = response.status == 401 && String::from_utf8_lossy(&response.body).contains("TokenExpired");
        let Caller { ref token, generation, .. } = self.callers[caller];
        let Some(held) = self.held.as_ref().filter(|held| held.generation == generation) else { return };
        let is_hopeless = held.replacement && self.clock().since(held.obtained_at) < 5_000;
        if says_expired && !is_hopeless && !self.course.jumps {
            self.dead.insert(token.clone());
        }
    }

    fn lost(&mut self, caller: usize, code: Code, sent: bool) {
        self.callers[caller].state = State::Waiting;
        self.callers[caller].stamp += 1;
        self.report(Event::Lost { call: name(caller), error: Error::new(code, "no answer"), sent });
    }
}

/// The request of a call.
fn request(kind: CallKind) -> (&'static str, &'static str) {
    match kind {
        CallKind::Read => ("GET", "/Organisation"),
        CallKind::Keyed | CallKind::Write => ("POST", "/Invoices"),
    }
}

#[test]
fn whole_runs() {
    let runs = length("system_walk");
    let first = if runs == 1 { seed() } else { number("XERO_M2M_SEED", seed()) };
    let mut steps = 0;
    for run in 0..runs {
        let seed = first.wrapping_add(run);
        let course = Course::draw(seed);
        let shown = format!("{course:?}");
        let walked = std::panic::catch_unwind(|| World::new(course).run());
        steps += walked.unwrap_or_else(|_| panic!("to repeat: XERO_M2M_RUNS=1 XERO_M2M_SEED={seed}; {shown}"));
    }
    assert!(steps > runs * 50, "{steps} steps in {runs} runs are too few to mean anything");
}
