//! Random walks over the whole system in virtual time: many callers, the token lifecycle, the limiter, retries and the local
//! Xero, with faults, edits, clocks that are set, aborts and lost answers. The test carries what the core decides, as the
//! client of the npm package does.
//!
//! `XERO_M2M_SEED` repeats a run (with `XERO_M2M_RUNS=1`), `XERO_M2M_RUNS` sets how many there are.
#![cfg(test)]
#![cfg(feature = "simulator")]
#![expect(clippy::arithmetic_side_effects, reason = "a test may panic")]

#[path = "support/headers.rs"]
mod headers;
#[path = "support/parser.rs"]
mod parser;
mod support;
#[path = "support/usual.rs"]
mod usual;

use std::collections::{BTreeMap, BTreeSet};

use headers::{about_limits, header};
use parser::parse;
use serde_json::Value;
use support::{Random, length, number, seed};
use usual::options;
use xero_m2m::connection::{Answered, Connection, Options};
use xero_m2m::error::{Code, Error};
use xero_m2m::limits::{Action as Move, Call, Event, Priority, Reading};
use xero_m2m::request::ApiAnswer;
use xero_m2m::retry::{KEY_MS, Kind, Tried};
use xero_m2m::scope::ScopeSet;
use xero_m2m::secret::Secret;
use xero_m2m::simulator::fault::FaultRule as Rule;
use xero_m2m::simulator::{self, HttpRequest as Request, HttpResponse as Response, Limits, Reply, Simulator};
use xero_m2m::time::Timestamp;
use xero_m2m::token::answer::Answer;
use xero_m2m::token::{self, Action};

/// 2026-11-23T10:00:00Z, by Xero's clock.
const START: u64 = 1_795_428_000_000;
const MINUTE: u64 = 60_000;
const SIX_MINUTES: u64 = 360_000;
const TIMEOUT: u64 = 30_000;
const INVOICE: &str = r#"{"Invoices":[{"Type":"ACCREC","Contact":{"Name":"A"},"LineItems":[{"Description":"x","Quantity":1,"UnitAmount":1,"AccountCode":"200"}]}]}"#;

/// What a run is like.
#[derive(Debug)]
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
            lifetime_s: random.pick(&[1_800, 1_800, 60, 5]),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Waits for a token: before it enters, or with a place that it holds.
    Token {
        holding: bool,
    },
    /// Has a ticket and waits.
    Queued,
    Flying,
    Pausing,
    Done,
}

struct Caller {
    kind: Kind,
    /// When it gives up, as measured.
    deadline: u64,
    /// When it gives up waiting for a token.
    token_by: u64,
    state: State,
    ticket: u32,
    again: u32,
    renewed: bool,
    /// Counts up with everything it waits for, so that what comes too late is known to.
    stamp: u64,
    token: String,
    generation: u32,
    first_sent: Option<u64>,
    /// How often it was sent, and how often Xero then said that it had not looked at it.
    sends: u32,
    unseen: u32,
    must_succeed: bool,
}

enum Step {
    Begin(usize),
    Resume(usize, u64),
    Abort(usize),
    Asked(u32),
    Settled(u32, Option<Response>),
    Arrives(usize, u64),
    Leaves(usize, u64, Response),
    Answered(usize, u64, Response),
    TimedOut(usize, u64),
    Wake,
    Jump,
    Edit,
    Authorise,
    Calm,
}

struct Held {
    generation: u32,
    expires_at: Timestamp,
    token: String,
}

struct World {
    course: Course,
    random: Random,
    connection: Connection,
    xero: Simulator,
    /// What is measured, and how far the clock of the client is ahead of it.
    real: u64,
    ahead: i64,
    agenda: BTreeMap<(u64, u64), Step>,
    planned: u64,
    callers: Vec<Caller>,
    tickets: BTreeMap<u32, usize>,
    held: Option<Held>,
    /// Tokens that Xero has called expired, as far as that is believed.
    dead: BTreeSet<String>,
    asking: BTreeSet<u32>,
    asks: u64,
    settled: u64,
    at_xero: u32,
    /// No call is let in before: what Xero asked for.
    paused_until: u64,
    refusals: u64,
    /// What was made under each key, and when first.
    made: BTreeMap<usize, (u64, BTreeSet<String>)>,
    /// Until everything goes well.
    troubled: bool,
}

impl World {
    fn new(course: Course) -> Self {
        let today = Timestamp::from_ms(START).date();
        let scopes = ScopeSet::from_scope_param("accounting.invoices accounting.settings");
        let config = simulator::SimulatorConfig {
            scopes,
            invoices: 1,
            token_lifetime_s: course.lifetime_s,
            limits: Some(Limits::default()),
            ..simulator::SimulatorConfig::new(course.seed, today)
        };
        let connection =
            Connection::new(Options { client_id: config.client_id.clone(), seed: course.seed, ..options() });
        let mut xero = Simulator::new(config).expect("a connection that can be");
        for rule in course.faults {
            xero.add_fault(Rule::parse(rule).expect(rule));
        }
        Self {
            random: Random::new(course.seed ^ 1),
            connection: connection.expect("options that can work"),
            xero,
            real: 0,
            ahead: 0,
            agenda: BTreeMap::new(),
            planned: 0,
            callers: Vec::new(),
            tickets: BTreeMap::new(),
            held: None,
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

    fn now(&self) -> Timestamp {
        Timestamp::from_ms((START + self.real).checked_add_signed(self.ahead).expect("a time after 1970"))
    }

    /// What the limiter goes by, as the gate of the npm package has it: a clock that nobody sets.
    fn measured(&self) -> Timestamp {
        Timestamp::from_ms(START + self.real)
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

    fn add(&mut self, kind: Kind, in_ms: u64, deadline_ms: u64, must_succeed: bool) {
        let caller = self.callers.len();
        self.callers.push(Caller {
            kind,
            deadline: self.real + in_ms + deadline_ms,
            token_by: 0,
            state: State::Pausing,
            ticket: 0,
            again: 0,
            renewed: false,
            stamp: 0,
            token: String::new(),
            generation: 0,
            first_sent: None,
            sends: 0,
            unseen: 0,
            must_succeed,
        });
        self.plan(in_ms, Step::Begin(caller));
        if self.course.aborts && !must_succeed && self.random.one_in(4) {
            let at = in_ms + self.random.below(deadline_ms);
            self.plan(at, Step::Abort(caller));
        }
    }

    fn run(mut self) -> u64 {
        for _ in 0..self.course.callers {
            let kind = self.random.pick(&[Kind::Read, Kind::Read, Kind::Keyed, Kind::Write]);
            let at = self.random.below(self.course.over_ms + 1);
            let deadline = 1 + self.random.below(self.course.deadline_ms);
            self.add(kind, at, deadline, false);
        }
        let length = self.course.over_ms + self.course.deadline_ms;
        for (wanted, step) in [(self.course.jumps, 0), (self.course.edits, 1)] {
            for _ in 0..3 * u32::from(wanted) {
                let at = self.random.below(length);
                self.plan(at, if step == 0 { Step::Jump } else { Step::Edit });
            }
        }
        self.plan(length + MINUTE, Step::Calm);
        let mut steps = 0_u64;
        while let Some(((at, _), step)) = self.agenda.pop_first() {
            steps += 1;
            assert!(steps < 2_000_000, "it never ends");
            self.real = at;
            self.step(step);
        }
        for (number, caller) in self.callers.iter().enumerate() {
            assert_eq!(caller.state, State::Done, "caller {number} was never answered");
        }
        assert!(self.asking.is_empty() && self.asks == self.settled, "every token asked for is accounted for");
        assert!(self.tickets.is_empty(), "no ticket is left");
        let now = self.measured();
        let standing = self.connection.limiter().status(now);
        assert_eq!((standing.in_flight, standing.queued), (0, 0), "every place is free again");
        assert!(self.refusals <= 1, "{} refusals where one is enough to know the minute", self.refusals);
        steps
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Begin(caller) => self.seek(caller, false),
            Step::Resume(caller, stamp) if self.callers[caller].stamp == stamp => match self.callers[caller].state {
                State::Pausing => self.seek(caller, false),
                State::Token { .. } => self.obtain(caller),
                _ => {}
            },
            Step::Abort(caller) if self.callers[caller].state != State::Done => {
                self.leave(caller);
                self.finish(caller);
            }
            Step::Asked(attempt) => self.asked(attempt),
            Step::Settled(attempt, response) => self.settle(attempt, response),
            Step::Arrives(caller, stamp) => self.arrives(caller, stamp),
            Step::Leaves(caller, stamp, response) => {
                self.at_xero -= 1;
                if !self.lose() {
                    let way = self.way();
                    self.plan(way, Step::Answered(caller, stamp, response));
                }
            }
            Step::Answered(caller, stamp, response) if self.is_current(caller, stamp) => {
                self.answered(caller, &response);
            }
            Step::TimedOut(caller, stamp) if self.is_current(caller, stamp) => {
                self.leave(caller);
                self.evaluate(caller, None);
            }
            Step::Wake => {
                let moves = self.limiter(Event::Tick);
                self.perform(moves);
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
            Step::Calm => self.calm(),
            _ => {}
        }
    }

    /// Nothing goes wrong any more: whoever comes once what was refused has rested is served.
    fn calm(&mut self) {
        for rule in 1..=u32::try_from(self.course.faults.len()).expect("a few") {
            self.xero.remove_fault(rule);
        }
        self.troubled = false;
        self.xero.authorise();
        // Somebody has to come for a clock that was set to be noticed; what rests then, rests for five minutes at most.
        self.add(Kind::Read, 0, MINUTE, false);
        for number in 0..5 {
            let kind = if number == 0 { Kind::Keyed } else { Kind::Read };
            self.add(kind, 10 * MINUTE + number * 50, 3 * MINUTE, true);
        }
    }

    fn is_current(&self, caller: usize, stamp: u64) -> bool {
        self.callers[caller].state == State::Flying && self.callers[caller].stamp == stamp
    }

    // Tokens

    /// Wants a token, before it enters or with a place that it holds.
    fn seek(&mut self, caller: usize, holding: bool) {
        let own = &mut self.callers[caller];
        own.state = State::Token { holding };
        own.token_by = own.deadline.min(self.real + TIMEOUT);
        self.obtain(caller);
    }

    fn obtain(&mut self, caller: usize) {
        let now = self.now();
        let ready = self.connection.ready(now);
        if self.held.as_ref().map(|held| held.generation) == ready && ready.is_some() {
            return self.has_token(caller);
        }
        let left = self.callers[caller].token_by.saturating_sub(self.real);
        let mut wait_ms = left;
        let mut found = false;
        for action in self.connection.want(now.plus(left), now) {
            match action {
                Action::Use { .. } => found = true,
                Action::Send { attempt, .. } => {
                    assert!(self.asking.insert(attempt), "one attempt, one request");
                    self.asks += 1;
                    let way = self.way();
                    self.plan(way, Step::Asked(attempt));
                    // The lease and the time limit of an attempt are one.
                    self.plan(token::Config::default().timeout_ms, Step::Settled(attempt, None));
                }
                Action::Wait { until, .. } => wait_ms = until.since(now),
                Action::Fail { error } => {
                    self.leave(caller);
                    return self.failed(caller, &error);
                }
                Action::Keep { .. } | Action::Save { .. } | Action::Erase | Action::Load => {}
            }
        }
        if found {
            return self.has_token(caller);
        }
        self.callers[caller].stamp += 1;
        let stamp = self.callers[caller].stamp;
        self.plan(wait_ms, Step::Resume(caller, stamp));
    }

    fn has_token(&mut self, caller: usize) {
        if self.callers[caller].state == (State::Token { holding: true }) {
            self.send(caller);
        } else {
            self.enter(caller);
        }
    }

    fn asked(&mut self, attempt: u32) {
        if self.lose() {
            return;
        }
        let secret = Secret::new(self.xero.config().client_secret.reveal().clone());
        let request = self.connection.token_request(attempt, &secret).expect("a request");
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
        let response = match self.xero.handle(&request, Timestamp::from_ms(START + self.real)) {
            Reply::Respond(response) => response,
            Reply::Sign { ticket, .. } => self.xero.signed(ticket, &format!("c2lnbmVk{ticket:08}")),
            Reply::Spoil { .. } => return,
        };
        if !self.lose() {
            let way = self.way();
            self.plan(way, Step::Settled(attempt, Some(response)));
        }
    }

    fn settle(&mut self, attempt: u32, response: Option<Response>) {
        if !self.asking.remove(&attempt) {
            return;
        }
        self.settled += 1;
        let now = self.now();
        match response {
            None => drop(self.connection.unanswered(attempt, Error::new(Code::Timeout, "no answer"), now)),
            Some(response) => {
                let body = String::from_utf8(response.body.clone()).expect("text");
                let answer = Answer {
                    status: response.status,
                    content_type: header(&response, "Content-Type"),
                    retry_after: header(&response, "Retry-After"),
                    body: &body,
                    cut: false,
                };
                let Answered { grant, actions, again, .. } =
                    self.connection.answered(attempt, &answer, false, now, &parse);
                assert!(again.is_none(), "no list of scopes, no other secret");
                for action in actions {
                    if let (Action::Keep { generation, expires_at, .. }, Some(grant)) = (action, &grant) {
                        let token = grant.access_token.reveal().clone();
                        self.held = Some(Held { generation, expires_at, token });
                    }
                }
            }
        }
        for caller in 0..self.callers.len() {
            if matches!(self.callers[caller].state, State::Token { .. }) && self.callers[caller].stamp > 0 {
                self.obtain(caller);
            }
        }
    }

    // Limits

    fn limiter(&mut self, event: Event) -> Vec<Move> {
        let now = self.measured();
        self.connection.limiter().handle(event, now)
    }

    fn enter(&mut self, caller: usize) {
        let now = self.measured();
        let Caller { deadline, kind, .. } = self.callers[caller];
        let call = Call {
            priority: Priority::Normal,
            deadline: now.plus(deadline.saturating_sub(self.real)),
            repeatable: kind.is_repeatable(),
        };
        let (ticket, moves) = self.connection.limiter().enter(call, now);
        self.tickets.insert(ticket, caller);
        self.callers[caller].ticket = ticket;
        self.callers[caller].state = State::Queued;
        self.perform(moves);
    }

    fn perform(&mut self, moves: Vec<Move>) {
        for action in moves {
            match action {
                Move::Send { ticket } => {
                    assert!(self.real >= self.paused_until, "no call is let in during a pause");
                    let caller = self.tickets[&ticket];
                    self.seek(caller, true);
                }
                Move::Fail { ticket, error } => {
                    if let Some(caller) = self.tickets.remove(&ticket) {
                        self.callers[caller].ticket = 0;
                        self.failed(caller, &error);
                    }
                }
                Move::Pause { .. } | Move::Wait { .. } => {}
            }
        }
        let now = self.measured();
        if let Some(wake) = self.connection.limiter().wake() {
            // Not in no time at all, as timers are not.
            self.plan(wake.since(now).max(1), Step::Wake);
        }
    }

    /// Gives up the ticket of a call that is over, if it has one.
    fn leave(&mut self, caller: usize) {
        let ticket = core::mem::take(&mut self.callers[caller].ticket);
        if ticket > 0 {
            self.tickets.remove(&ticket);
            self.callers[caller].state = State::Pausing;
            self.callers[caller].stamp += 1;
            let moves = self.limiter(Event::Lost { ticket });
            self.perform(moves);
        }
    }

    // Calls

    fn send(&mut self, caller: usize) {
        let now = self.now();
        let held = self.held.as_ref().expect("a token");
        assert!(now < held.expires_at, "a token that has ended is not sent");
        assert!(!self.dead.contains(&held.token), "a token that Xero called expired is not sent");
        // Whose time ends in this very millisecond has given its place up.
        let flies = |other: &&Caller| other.state == State::Flying && self.real < other.deadline;
        let flying = self.callers.iter().filter(flies).count();
        assert!(flying < 5, "no more than five at once");
        let real = self.real;
        let (token, generation) = (held.token.clone(), held.generation);
        let own = &mut self.callers[caller];
        let first = *own.first_sent.get_or_insert(real);
        assert!(own.kind != Kind::Keyed || real < first + SIX_MINUTES, "a key is not used after Xero has forgotten it");
        own.sends += 1;
        assert!(own.kind != Kind::Write || own.sends - own.unseen == 1, "a write without a key is sent once");
        own.token = token;
        own.generation = generation;
        own.state = State::Flying;
        own.stamp += 1;
        let stamp = own.stamp;
        let left = own.deadline.saturating_sub(real).min(TIMEOUT);
        let way = self.way();
        self.plan(way, Step::Arrives(caller, stamp));
        self.plan(left, Step::TimedOut(caller, stamp));
    }

    fn arrives(&mut self, caller: usize, stamp: u64) {
        if self.lose() {
            return;
        }
        let Caller { kind, ref token, .. } = self.callers[caller];
        let mut headers = vec![("Authorization", format!("Bearer {token}"))];
        let (method, target, body) = match kind {
            Kind::Read => ("GET", "/api.xro/2.0/Organisation", ""),
            Kind::Keyed | Kind::Write => ("POST", "/api.xro/2.0/Invoices", INVOICE),
        };
        if kind == Kind::Keyed {
            headers.push(("Idempotency-Key", format!("key-{caller}")));
        }
        if kind != Kind::Read {
            headers.push(("Content-Type", "application/json".to_owned()));
        }
        let request = Request {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            body: body.as_bytes().to_vec(),
        };
        self.xero.set_in_flight(self.at_xero);
        let Reply::Respond(response) = self.xero.handle(&request, Timestamp::from_ms(START + self.real)) else {
            return;
        };
        if kind != Kind::Read && response.status == 200 {
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

    fn answered(&mut self, caller: usize, response: &Response) {
        let now = self.measured();
        let headers = about_limits(response);
        self.refusals += u64::from(headers.problem == "minute");
        if let Ok(seconds) = headers.retry_after.parse::<u64>() {
            self.paused_until = self.paused_until.max(self.real + seconds * 1_000);
        }
        let reading = Reading::new(response.status, &headers, now);
        let ticket = self.callers[caller].ticket;
        // Until the limiter has spoken, it waits: it may be told to go again.
        self.callers[caller].state = State::Queued;
        self.callers[caller].unseen += u32::from(matches!(response.status, 401 | 429));
        let mut moves = self.limiter(Event::Answered { ticket, reading });
        let goes_on = moves.iter().any(
            |action| matches!(action, Move::Send { ticket: own } | Move::Wait { ticket: own, .. } if *own == ticket),
        );
        if goes_on {
            return self.perform(moves);
        }
        moves.retain(|action| !matches!(action, Move::Fail { ticket: own, .. } if *own == ticket));
        self.tickets.remove(&ticket);
        self.callers[caller].ticket = 0;
        self.callers[caller].state = State::Pausing;
        self.perform(moves);
        self.evaluate(caller, Some(response));
    }

    /// What comes of an answer, or of none.
    fn evaluate(&mut self, caller: usize, response: Option<&Response>) {
        let now = self.now();
        let real = self.real;
        let own = &mut self.callers[caller];
        if own.kind == Kind::Keyed && own.again == 0 {
            own.deadline = own.deadline.min(real + KEY_MS);
        }
        if let Some(response) = response {
            if response.status < 300 {
                return self.finish(caller);
            }
            let body = String::from_utf8_lossy(&response.body);
            let answer = ApiAnswer {
                status: response.status,
                www_authenticate: "",
                retry_after: "",
                limit: None,
                body: &body,
                complaints: None,
            };
            if answer.says_expired() {
                let Caller { generation, renewed, ref token, .. } = self.callers[caller];
                let actions = self.connection.rejected(generation, now);
                // Where Xero calls one new token after the other expired, the last is kept, or asking would not end.
                if !actions.iter().any(|action| matches!(action, Action::Fail { .. })) {
                    self.dead.insert(token.clone());
                    if !renewed {
                        self.callers[caller].renewed = true;
                        return self.seek(caller, false);
                    }
                }
            }
        }
        let own = &self.callers[caller];
        let tried = Tried {
            kind: own.kind,
            again: own.again,
            left_ms: own.deadline.saturating_sub(real),
            status: response.map(|response| response.status),
            retry_after_ms: response
                .and_then(|response| header(response, "Retry-After").parse::<u64>().ok())
                .map(|s| s * 1_000),
        };
        let Some(pause_ms) = self.connection.pause_before_again(&tried) else {
            let status = response.map(|response| response.status);
            assert!(!self.callers[caller].must_succeed, "after the faults, status {status:?}");
            return self.finish(caller);
        };
        let own = &mut self.callers[caller];
        own.again += 1;
        own.state = State::Pausing;
        own.stamp += 1;
        let stamp = own.stamp;
        self.plan(pause_ms, Step::Resume(caller, stamp));
    }

    fn failed(&mut self, caller: usize, error: &Error) {
        assert!(!self.callers[caller].must_succeed, "after the faults: {error}");
        self.finish(caller);
    }

    fn finish(&mut self, caller: usize) {
        let Caller { deadline, ticket, .. } = self.callers[caller];
        assert_eq!(ticket, 0, "whoever is done has no place");
        let late = self.real.saturating_sub(deadline);
        assert!(late <= 1, "answered {late} ms after the deadline");
        self.callers[caller].state = State::Done;
        self.callers[caller].stamp += 1;
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
