//! Random walks of a fleet in virtual time: one to twenty processes that run the machines that ship, a store that is slow, loses,
//! repeats, forgets and has its clock set, and the local Xero. Processes are killed and stand still.
//!
//! `XERO_M2M_SEED` repeats a run (with `XERO_M2M_RUNS=1`), `XERO_M2M_RUNS` sets how many there are.
#![cfg(test)]
#![cfg(feature = "simulator")]
#![expect(clippy::arithmetic_side_effects, reason = "a test may panic")]

#[path = "support/options.rs"]
mod options;
#[path = "support/parser.rs"]
mod parser;
mod support;
#[path = "support/fleet_world.rs"]
mod world;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use options::options;
use parser::parse;
use support::{Random, length, number, seed};
use world::{Agenda, HostClock, MINUTE, START, Settled, Store, StoreAnswer};
use xero_m2m::connection::{Connection, Options, Session};
use xero_m2m::error::{Code, Error};
use xero_m2m::fleet::{
    DocumentFound, DocumentSwap, Fleet, FleetAction, FleetConfig, FleetEvent, FleetNotice, SharedToken, TokenWant,
    codec,
};
use xero_m2m::scope::ScopeSet;
use xero_m2m::secret::Secret;
use xero_m2m::simulator::{self, HttpRequest, HttpResponse, Reply, Simulator};
use xero_m2m::time::{Now, Timestamp};
use xero_m2m::token::answer::TokenAnswer;
use xero_m2m::token::{Stored, TokenAction};

/// The time that a caller has.
const PATIENCE: u64 = 60_000;
/// The time after which a caller asks Xero itself, if the store never answered before.
const FIRST_ANSWER: u64 = 250;
/// The time that a token request has.
const TIMEOUT: u64 = 10_000;

/// The kind of a run.
#[derive(Clone, Debug)]
struct Course {
    seed: u64,
    processes: usize,
    callers: u64,
    over_ms: u64,
    lifetime_s: u64,
    /// The most of a way to the store, in milliseconds.
    way_ms: u64,
    /// One in so many requests to the store, or answers of it, is lost; 0 for none.
    lost: u64,
    /// One in so many comes twice, or late.
    repeated: u64,
    outages: u64,
    empties: u64,
    reverts: u64,
    clock_steps: u64,
    damages: u64,
    kills: u64,
    stalls: u64,
    /// Times that Xero calls all tokens expired.
    expiries: u64,
    /// Clocks of processes that are wrong.
    wrong_clocks: bool,
    /// A process with another secret, which Xero refuses.
    stranger: bool,
    /// Requests to Xero, or answers, are lost: one in so many.
    xero_lost: u64,
}

impl Course {
    fn draw(seed: u64) -> Self {
        let random = &mut Random::new(seed);
        let calm = random.one_in(4);
        let mut some = |most: u64| if calm || random.one_in(2) { 0 } else { 1 + random.below(most) };
        let (outages, empties, reverts, clock_steps) = (some(4), some(2), some(2), some(2));
        let (damages, kills, stalls, expiries) = (some(2), some(4), some(4), some(3));
        Self {
            seed,
            processes: 1 + random.index(20),
            callers: 20 + random.below(400),
            over_ms: 1 + random.below(200 * MINUTE),
            lifetime_s: random.pick(&[1_800, 1_800, 1_800, 60]),
            way_ms: random.pick(&[1, 5, 40, 150]),
            lost: if calm { 0 } else { random.pick(&[0, 0, 40, 8]) },
            repeated: if calm { 0 } else { random.pick(&[0, 20, 5]) },
            outages,
            empties,
            reverts,
            clock_steps,
            damages,
            kills,
            stalls,
            expiries,
            wrong_clocks: random.one_in(3),
            stranger: random.one_in(5),
            xero_lost: if calm { 0 } else { random.pick(&[0, 0, 0, 12]) },
        }
    }

    /// Nothing goes wrong with the store, and no process is disturbed.
    fn is_calm(&self) -> bool {
        let Self { lost, repeated, outages, empties, reverts, clock_steps, damages, kills, stalls, xero_lost, .. } =
            self;
        [lost, repeated, outages, empties, reverts, clock_steps, damages, kills, stalls, xero_lost] == [&0; 10]
    }
}

struct Take {
    attempt: u32,
    since: u64,
    urgent: bool,
    held: Option<String>,
    /// The instant at which it asks again, if nothing happens before.
    at: u64,
}

struct Waiter {
    since: u64,
    /// It has met a token that Xero refused.
    refused: bool,
    at: u64,
}

/// One process: its session, its part in the fleet, and its callers.
struct Process {
    session: Session,
    fleet: Fleet,
    /// Counts up when it is killed and started again.
    life: u32,
    clock: HostClock,
    stalled_until: u64,
    timer: Option<Timestamp>,
    /// The instant of its first swap, until that is answered; `None` before and afterwards.
    first_swap: Option<u64>,
    has_joined: bool,
    secret: Option<String>,
    /// The token at hand, as the driver keeps it.
    held: Option<(u32, String)>,
    takes: Vec<Take>,
    waiters: Vec<Waiter>,
    given_up: Settled,
    asking: Vec<u32>,
}

enum Step {
    Call(usize),
    /// Callers that wait in the process look again.
    Look(usize, u32),
    Tick(usize, u32, Timestamp),
    Arrives(usize, u32, DocumentSwap, u64),
    Answered(usize, u32, u16, StoreAnswer, u64),
    GivenUp(usize, u32, u16),
    Sealed(usize, u32, u16, String),
    Opened(usize, u32, u16, Option<String>),
    Asked(usize, u32, u32),
    Granted(usize, u32, u32, Box<(u16, String, String, String)>),
    TimedOut(usize, u32, u32),
    Kill(usize),
    Stall(usize),
    Down,
    Up,
    Empty,
    Revert,
    SetClock,
    Damage,
    Expire,
}

/// Something that goes wrong, and how often.
type Trouble = (u64, fn(usize) -> Step);

struct World {
    course: Course,
    random: Random,
    agenda: Agenda<Step>,
    store: Store,
    xero: Simulator,
    processes: Vec<Process>,
    /// The instants of the token requests that Xero granted.
    granted: Vec<u64>,
    /// Tokens that Xero does not accept any more.
    dead: Vec<String>,
    /// All tokens, with their ends.
    tokens: BTreeMap<String, u64>,
    served: u64,
    /// Token requests whose answer did not reach their process.
    unheard: u64,
    adopted: u64,
    aways: u64,
    /// Processes to which the store gave its first answer so late that they may have asked Xero themselves.
    joined_late: u64,
}

const CLOCK_WRONG: [i64; 5] = [0, -3_000, 40_000, -7_200_000, 86_400_000];

impl World {
    fn new(course: Course) -> Self {
        let config = simulator::SimulatorConfig {
            scopes: ScopeSet::from_scope_param("accounting.invoices accounting.settings"),
            token_lifetime_s: course.lifetime_s,
            limits: None,
            ..simulator::SimulatorConfig::new(course.seed, Timestamp::from_ms(START).date())
        };
        let mut world = Self {
            random: Random::new(course.seed ^ 1),
            agenda: Agenda::new(),
            store: Store::default(),
            xero: Simulator::new(config).expect("a connection that can be"),
            processes: Vec::new(),
            granted: Vec::new(),
            dead: Vec::new(),
            tokens: BTreeMap::new(),
            served: 0,
            unheard: 0,
            adopted: 0,
            aways: 0,
            joined_late: 0,
            course,
        };
        for number in 0..world.course.processes {
            let process = world.process(number, 0);
            world.processes.push(process);
        }
        world
    }

    fn process(&mut self, number: usize, life: u32) -> Process {
        let client_id = self.xero.config().client_id.clone();
        let seed = self.random.next();
        let connection = Connection::new(Options { client_id, seed, ..options() }).expect("options that can work");
        let is_stranger = self.course.stranger && number == self.course.processes - 1 && number > 0;
        let mark = if is_stranger { "other" } else { "usual" };
        let owner = u32::try_from(self.random.below(1 << 32)).expect("32 bits");
        let ahead = if self.course.wrong_clocks { self.random.pick(&CLOCK_WRONG) } else { 0 };
        Process {
            session: connection.session,
            fleet: Fleet::new(FleetConfig::default(), "name".to_owned(), mark.to_owned(), owner, self.random.next()),
            life,
            clock: HostClock { ahead, origin: self.random.below(100 * MINUTE) },
            stalled_until: 0,
            timer: None,
            first_swap: None,
            has_joined: false,
            secret: is_stranger.then(|| "a wrong secret".to_owned()),
            held: None,
            takes: Vec::new(),
            waiters: Vec::new(),
            given_up: Settled::default(),
            asking: Vec::new(),
        }
    }

    fn plan(&mut self, in_ms: u64, step: Step) {
        self.agenda.plan(in_ms, step);
    }

    fn now(&self, process: usize) -> Now {
        self.processes[process].clock.at(self.agenda.real)
    }

    fn one_in(&mut self, bound: u64) -> bool {
        bound > 0 && self.random.one_in(bound)
    }

    fn run(mut self) -> (u64, u64) {
        let over = self.course.over_ms;
        for _ in 0..self.course.callers {
            let (at, process) = (self.random.below(over), self.random.index(self.course.processes));
            self.plan(at, Step::Call(process));
        }
        let Course { outages, empties, reverts, clock_steps, damages, kills, stalls, expiries, .. } = self.course;
        let troubles: [Trouble; 8] = [
            (outages, |_| Step::Down),
            (empties, |_| Step::Empty),
            (reverts, |_| Step::Revert),
            (clock_steps, |_| Step::SetClock),
            (damages, |_| Step::Damage),
            (kills, Step::Kill),
            (stalls, Step::Stall),
            (expiries, |_| Step::Expire),
        ];
        for (count, step) in troubles {
            for _ in 0..count {
                let (at, process) = (self.random.below(over), self.random.index(self.course.processes));
                self.plan(at, step(process));
            }
        }
        while let Some(step) = self.agenda.next() {
            self.step(step);
        }
        for (number, process) in self.processes.iter().enumerate() {
            assert!(process.waiters.is_empty(), "a caller of process {number} was never answered");
            assert!(!process.fleet.is_busy(), "process {number} still waits for the store");
        }
        self.judge();
        (self.agenda.taken, self.served)
    }

    /// One token request per lifetime, and one more for each thing that makes it necessary.
    fn judge(&self) {
        let Course { over_ms, lifetime_s, processes, expiries, .. } = self.course;
        let lifetime = lifetime_s * 1_000;
        let renewals = (over_ms + 2 * PATIENCE) / (lifetime - (lifetime / 2).min(300_000)).max(1) + 1;
        let requests = self.granted.len() as u64;
        if self.course.is_calm() {
            let most = renewals + expiries + self.joined_late;
            assert!(requests <= most, "{requests} token requests, {most} are enough");
            assert!(self.aways == 0, "the store was never away");
        } else {
            let each = renewals + expiries + self.course.kills + self.course.empties + self.course.reverts;
            let alone = each + self.course.outages + self.course.damages + self.course.clock_steps;
            let most = alone * processes as u64 + self.unheard;
            assert!(requests <= most, "{requests} token requests, {most} are the most if each process is alone");
        }
    }

    /// The process of a step, if it is about one that lives. A process that stands still meets it later.
    fn subject(step: &Step) -> Option<(usize, Option<u32>)> {
        Some(match *step {
            Step::Call(process) | Step::Kill(process) | Step::Stall(process) => (process, None),
            Step::Look(process, life)
            | Step::Tick(process, life, _)
            | Step::Answered(process, life, ..)
            | Step::GivenUp(process, life, _)
            | Step::Sealed(process, life, ..)
            | Step::Opened(process, life, ..)
            | Step::Granted(process, life, ..)
            | Step::TimedOut(process, life, _) => (process, Some(life)),
            _ => return None,
        })
    }

    fn step(&mut self, step: Step) {
        if let Some((process, life)) = Self::subject(&step) {
            let own = &self.processes[process];
            if life.is_some_and(|life| life != own.life) {
                return;
            }
            if own.stalled_until > self.agenda.real && !matches!(step, Step::Kill(_)) {
                return self.plan(own.stalled_until - self.agenda.real, step);
            }
        }
        match step {
            Step::Call(process) => {
                let (since, at) = (self.agenda.real, self.agenda.real);
                self.processes[process].waiters.push(Waiter { since, refused: false, at });
                self.look(process);
            }
            Step::Look(process, _) => self.look(process),
            Step::Tick(process, _, at) => {
                if self.processes[process].timer.take_if(|timer| *timer == at).is_some() {
                    self.report(process, FleetEvent::Tick);
                }
            }
            Step::Arrives(process, life, swap, deadline) => self.arrives(process, life, &swap, deadline),
            Step::Answered(process, _, ticket, (swapped, version, document), at) => {
                if self.settled(process, ticket) {
                    self.processes[process].has_joined = true;
                    let first = self.processes[process].first_swap.take();
                    self.joined_late += u64::from(first.is_some_and(|sent| self.agenda.real - sent >= FIRST_ANSWER));
                    let at = Timestamp::from_ms(at);
                    let found = DocumentFound { swapped, version, document: document.as_deref(), at };
                    self.report(process, FleetEvent::Found { ticket, found });
                }
            }
            Step::GivenUp(process, _, ticket) => {
                if self.settled(process, ticket) {
                    self.report(process, FleetEvent::Away { ticket, why: None });
                }
            }
            Step::Sealed(process, _, ticket, sealed) => {
                self.report(process, FleetEvent::Sealed { ticket, sealed: &sealed });
            }
            Step::Opened(process, _, ticket, text) => {
                self.report(process, FleetEvent::Opened { ticket, text: text.as_deref() });
            }
            Step::Asked(process, life, attempt) => self.asked(process, life, attempt),
            Step::Granted(process, _, attempt, answer) => self.answered(process, attempt, &answer),
            Step::TimedOut(process, _, attempt) => self.timed_out(process, attempt),
            Step::Kill(process) => {
                self.unheard += u64::from(!self.processes[process].asking.is_empty());
                let life = self.processes[process].life + 1;
                self.processes[process] = self.process(process, life);
            }
            Step::Stall(process) => {
                let ms = self.random.pick(&[50, 800, 5_000, 20_000, 400_000]);
                self.processes[process].stalled_until = self.agenda.real + ms;
                self.unheard += u64::from(!self.processes[process].asking.is_empty() && ms > 400);
            }
            Step::Down => {
                self.store.is_down = true;
                let ms = self.random.pick(&[300, 3_000, 90_000, 2_000_000]);
                self.plan(ms, Step::Up);
            }
            Step::Up => self.store.is_down = false,
            Step::Empty => self.store.empty(),
            Step::Revert => self.store.revert(1 + self.random.index(3)),
            Step::SetClock => self.store.ahead += self.random.pick(&[-600_000, -1_000, 700, 30_000, 3_600_000]),
            Step::Damage => {
                let text = self.random.pick(&["", "t1", "t2 1 2 3", "\u{e9}t1 1 1 1 1 1 - -", "t1 1 1 1 1 1 - a.b"]);
                self.store.replace(|_| text.to_owned());
            }
            Step::Expire => {
                let dead = self.tokens.keys().cloned().collect::<Vec<_>>();
                self.dead.extend(dead);
            }
        }
    }

    /// Returns whether a ticket is answered now for the first time.
    fn settled(&mut self, process: usize, ticket: u16) -> bool {
        self.processes[process].given_up.settle(ticket)
    }

    // The store

    fn arrives(&mut self, process: usize, life: u32, swap: &DocumentSwap, deadline: u64) {
        if self.store.is_down {
            return;
        }
        let clock = self.store.clock(self.agenda.real);
        self.store.forget(self.agenda.real);
        let was = self.store.document().and_then(codec::read).filter(|_| !self.store.is_disturbed);
        let (swapped, version, document) = self.store.swap(swap, self.agenda.real);
        let put = swapped.then(|| self.store.document().and_then(codec::read).expect("it is a record"));
        if let Some((is, was)) = put.zip(was.filter(|was| was.sealed.is_some())) {
            assert!(is.generation >= was.generation, "an older generation replaces a newer");
            let is_of_past = was.obtained_at.as_ms() <= clock + 5_000;
            assert!(is.expires_at.plus(5_000) >= was.expires_at || !is_of_past, "an older token replaces a newer");
        }
        if swapped && self.course.clock_steps == 0 {
            assert!(
                self.agenda.real <= deadline,
                "a swap that was given up took effect {} ms later",
                self.agenda.real - deadline
            );
        }
        if !self.one_in(self.course.lost) {
            let way = self.random.below(self.course.way_ms) + 1;
            let answer = (swapped, version, document);
            self.plan(way, Step::Answered(process, life, swap.ticket, answer, clock));
        }
    }

    fn send(&mut self, process: usize, swap: DocumentSwap) {
        let now = self.now(process);
        if !self.processes[process].has_joined {
            self.processes[process].first_swap.get_or_insert(self.agenda.real);
        }
        let life = self.processes[process].life;
        let left = swap.deadline.since(now.measured);
        let deadline = self.agenda.real + left;
        self.plan(left, Step::GivenUp(process, life, swap.ticket));
        if self.one_in(self.course.repeated) {
            let way = self.random.below(5_000);
            self.plan(way, Step::Arrives(process, life, swap.clone(), deadline));
        }
        if !self.one_in(self.course.lost) {
            let way = 1 + self.random.below(self.course.way_ms);
            self.plan(way, Step::Arrives(process, life, swap, deadline));
        }
    }

    // A process

    fn report(&mut self, process: usize, event: FleetEvent<'_>) {
        let now = self.now(process);
        let actions = self.processes[process].fleet.handle(event, now);
        for action in actions {
            self.perform(process, action);
        }
        self.set_timer(process);
        for take in &mut self.processes[process].takes {
            take.at = self.agenda.real;
        }
        self.look(process);
    }

    fn set_timer(&mut self, process: usize) {
        let now = self.now(process);
        let own = &mut self.processes[process];
        let wake = own.fleet.wake(now).map(|at| at.max(now.measured));
        if own.timer != wake {
            own.timer = wake;
            let life = own.life;
            if let Some(at) = wake {
                self.plan(at.since(now.measured), Step::Tick(process, life, at));
            }
        }
    }

    fn perform(&mut self, process: usize, action: FleetAction) {
        let life = self.processes[process].life;
        let later = self.random.below(4);
        match action {
            FleetAction::Swap(swap) => self.send(process, swap),
            FleetAction::Seal { ticket, text, bound } => {
                let sealed = format!("k.{}.{}", hex(text.reveal()), hex(&bound));
                self.plan(later, Step::Sealed(process, life, ticket, sealed));
            }
            FleetAction::Open { ticket, sealed, bound } => {
                let mut parts = sealed.split('.').skip(1);
                let (text, of) = (parts.next().map(unhex), parts.next().map(unhex));
                let text = text.filter(|_| of == Some(bound));
                self.plan(later, Step::Opened(process, life, ticket, text));
            }
            FleetAction::Tell(FleetNotice::Away { .. }) => self.aways += 1,
            FleetAction::Tell(FleetNotice::Adopted { .. }) => self.adopted += 1,
            FleetAction::Tell(_) => {}
            _ => unreachable!("an answer to a caller"),
        }
    }

    /// Has everything that waits in a process, and may go on, go on.
    fn look(&mut self, process: usize) {
        for _ in 0..10_000 {
            if self.take_one(process) || self.serve_one(process) {
                continue;
            }
            return;
        }
        panic!("it goes on for ever");
    }

    /// Asks the fleet for an attempt. Returns false if there is none that may ask now.
    fn take_one(&mut self, process: usize) -> bool {
        let real = self.agenda.real;
        let now = self.now(process);
        let own = &mut self.processes[process];
        let Some(place) = own.takes.iter().position(|take| take.at <= real) else { return false };
        let Take { since, urgent, ref held, attempt, .. } = own.takes[place];
        let deadline = Timestamp::from_ms(own.clock.origin + since + 30_000);
        let since = Timestamp::from_ms(own.clock.origin + since);
        let held = held.clone().map(Secret::new);
        let actions = own.fleet.handle(FleetEvent::Want(TokenWant { deadline, since, urgent, held }), now);
        let life = own.life;
        let mut answers = 0;
        for action in actions {
            match action {
                FleetAction::Wait { until } => {
                    answers += 1;
                    let ms = until.since(now.measured).max(1);
                    self.processes[process].takes[place].at = real + ms;
                    self.plan(ms, Step::Look(process, life));
                }
                FleetAction::Use { token, obtained_at, expires_at, .. } => {
                    answers += 1;
                    self.processes[process].takes.remove(place);
                    let stored = Stored { obtained_at, expires_at };
                    let actions = self.processes[process].session.loaded_token(
                        Some(attempt),
                        &token.access_token,
                        stored,
                        None,
                        now.clock,
                        &parse,
                    );
                    self.tokens(process, actions, Some(token.access_token.reveal()));
                }
                FleetAction::Spare => {
                    answers += 1;
                    assert!(!self.processes[process].takes[place].urgent, "a caller without a token is not spared");
                    self.processes[process].takes.remove(place);
                    let actions = self.processes[process].session.loaded(Some(attempt), None, None, now.clock);
                    self.tokens(process, actions, None);
                }
                FleetAction::Ask => {
                    answers += 1;
                    self.processes[process].takes.remove(place);
                    self.processes[process].asking.push(attempt);
                    self.processes[process].session.sent(attempt, now.clock);
                    let way = 1 + self.random.below(100);
                    if !self.one_in(self.course.xero_lost) {
                        self.plan(way, Step::Asked(process, life, attempt));
                    }
                    self.plan(TIMEOUT, Step::TimedOut(process, life, attempt));
                }
                FleetAction::Fail { error } => {
                    answers += 1;
                    self.processes[process].takes.remove(place);
                    let lasting = !error.retryable();
                    assert!(!lasting || self.course.stranger, "refused by the fleet: {error}");
                    let actions = self.processes[process].session.unanswered(attempt, error, lasting, now.clock);
                    self.tokens(process, actions, None);
                }
                action => self.perform(process, action),
            }
        }
        assert_eq!(answers, 1, "a caller gets one answer");
        self.set_timer(process);
        true
    }

    /// Serves a caller. Returns false if there is none that may go on now.
    fn serve_one(&mut self, process: usize) -> bool {
        let (real, now) = (self.agenda.real, self.now(process));
        let own = &mut self.processes[process];
        let Some(place) = own.waiters.iter().position(|waiter| waiter.at <= real) else { return false };
        let since = own.waiters[place].since;
        let deadline = now.clock.plus((since + PATIENCE).saturating_sub(real));
        let life = own.life;
        let is_usable =
            |actions: &[TokenAction]| actions.iter().any(|action| matches!(action, TokenAction::Use { .. }));
        let actions = own.session.want(deadline, now.clock);
        let urgent = !is_usable(&actions);
        own.waiters[place].at = since + PATIENCE;
        for action in actions {
            match action {
                TokenAction::Use { generation } => self.served(process, place, generation),
                TokenAction::Wait { until, .. } => {
                    let ms = until.since(now.clock).max(1);
                    self.processes[process].waiters[place].at = real + ms;
                    self.plan(ms, Step::Look(process, life));
                }
                TokenAction::Send { attempt, .. } => {
                    let held = self.processes[process].held.as_ref().map(|(_, token)| token.clone());
                    self.processes[process].takes.push(Take { attempt, since: real, urgent, held, at: real });
                    self.plan(PATIENCE, Step::Look(process, life));
                }
                TokenAction::Fail { error } => {
                    self.processes[process].waiters.remove(place);
                    self.failed(process, since, &error);
                }
                _ => unreachable!("no store"),
            }
        }
        true
    }

    fn failed(&self, process: usize, since: u64, error: &Error) {
        let is_stranger = self.processes[process].secret.is_some();
        let is_stopped = self.course.stalls > 0;
        let is_excused = self.course.xero_lost > 0 || (self.course.expiries > 0 && error.code() == Code::TokenExpired);
        assert!(
            is_stranger || is_stopped || is_excused,
            "process {process} could not serve a caller after {} ms: {error}",
            self.agenda.real - since
        );
        if is_stranger && !is_stopped && !is_excused {
            assert_eq!(error.code(), Code::InvalidClient, "{error}");
        }
    }

    fn served(&mut self, process: usize, place: usize, generation: u32) {
        let own = &self.processes[process];
        let (held, token) = own.held.clone().expect("a token");
        assert_eq!(held, generation, "the token is the one that is held");
        let ends = self.tokens[&token];
        // The end of an adopted token is read by the clock of the store. If that was set, Xero calls the token expired.
        let is_over = self.agenda.real >= ends && self.course.clock_steps > 0;
        let is_dead = self.dead.contains(&token) || is_over;
        assert!(
            self.agenda.real < ends || is_over,
            "a token that has ended is handed out {} ms later",
            self.agenda.real - ends
        );
        assert!(own.secret.is_none() || self.course.stranger);
        let Waiter { since, refused, .. } = own.waiters[place];
        if is_dead {
            let now = self.now(process);
            let actions = self.processes[process].session.rejected(generation, now.clock);
            let is_hopeless = actions.iter().any(|action| matches!(action, TokenAction::Fail { .. }));
            if is_hopeless || refused {
                self.processes[process].waiters.remove(place);
            } else {
                self.processes[process].waiters[place] = Waiter { since, refused: true, at: self.agenda.real };
            }
            return;
        }
        self.processes[process].waiters.remove(place);
        self.served += 1;
        let late = self.agenda.real - since;
        if self.course.is_calm() && self.processes[process].secret.is_none() && self.course.expiries == 0 {
            let most = 8 * self.course.way_ms + 2 * TIMEOUT;
            assert!(late <= most, "a caller waited {late} ms");
        }
        assert!(
            late <= PATIENCE || self.course.stalls > 0,
            "a caller was served {} ms after its deadline",
            late - PATIENCE
        );
    }

    /// Performs actions of the session after an answer. `token` is the text of the answer's token.
    fn tokens(
        &mut self,
        process: usize,
        actions: Vec<TokenAction>,
        token: Option<&str>,
    ) -> Option<(Timestamp, Timestamp)> {
        let mut kept = None;
        for action in actions {
            match action {
                TokenAction::Keep { generation, obtained_at, expires_at } => {
                    self.processes[process].held = Some((generation, token.expect("a token").to_owned()));
                    kept = Some((obtained_at, expires_at));
                }
                TokenAction::Erase => {}
                _ => unreachable!("of callers"),
            }
        }
        for waiter in &mut self.processes[process].waiters {
            waiter.at = self.agenda.real;
        }
        kept
    }

    // Xero

    fn asked(&mut self, process: usize, life: u32, attempt: u32) {
        if self.processes[process].life != life {
            return;
        }
        let own = &self.processes[process];
        let secret = own.secret.clone().unwrap_or_else(|| self.xero.config().client_secret.reveal().clone());
        let request = own.session.token_request(attempt, &Secret::new(secret)).expect("a request");
        let headers = [
            ("Authorization", request.authorization.reveal().clone()),
            ("Content-Type", "application/x-www-form-urlencoded".to_owned()),
        ];
        let request = HttpRequest {
            method: "POST".to_owned(),
            target: "/connect/token".to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value)).to_vec(),
            body: request.body.into_bytes(),
        };
        let mut reply = self.xero.handle(&request, Timestamp::from_ms(START + self.agenda.real));
        if let Reply::Sign { ticket, .. } = reply {
            reply = self.xero.signed(ticket, &format!("c2lnbmVk{ticket:08}"));
        }
        let Reply::Respond(response) = reply else { panic!("Xero answers") };
        let body = String::from_utf8(response.body.clone()).expect("text");
        if response.status == 200 {
            self.granted.push(self.agenda.real);
            let answer: serde_json::Value = serde_json::from_str(&body).expect("JSON");
            let token = answer["access_token"].as_str().expect("a token").to_owned();
            self.tokens.insert(token, self.agenda.real + self.course.lifetime_s * 1_000);
        }
        if self.one_in(self.course.xero_lost) {
            self.unheard += 1;
            return;
        }
        let (kind, retry) = (header(&response, "Content-Type").to_owned(), header(&response, "Retry-After").to_owned());
        let way = 1 + self.random.below(400);
        self.plan(way, Step::Granted(process, life, attempt, Box::new((response.status, kind, retry, body))));
    }

    fn answered(&mut self, process: usize, attempt: u32, answer: &(u16, String, String, String)) {
        let now = self.now(process);
        let own = &mut self.processes[process];
        let Some(place) = own.asking.iter().position(|known| *known == attempt) else { return };
        own.asking.remove(place);
        let (status, content_type, retry_after, body) = answer;
        let answer = TokenAnswer { status: *status, content_type, retry_after, body, cut: false };
        let judged = own.session.answered(attempt, &answer, false, now.clock, &parse);
        let token = judged.grant.as_ref().map(|grant| grant.access_token.reveal().clone());
        let kept = self.tokens(process, judged.actions, token.as_deref());
        if let Some((obtained_at, expires_at)) = kept {
            let token = SharedToken { access_token: Secret::new(token.expect("a token")), scopes: None };
            self.report(process, FleetEvent::Granted { token, obtained_at, expires_at });
        } else if let Some(code) = judged.refused {
            self.report(process, FleetEvent::Denied { code });
        }
        self.look(process);
    }

    fn timed_out(&mut self, process: usize, attempt: u32) {
        let now = self.now(process);
        let own = &mut self.processes[process];
        let Some(place) = own.asking.iter().position(|known| *known == attempt) else { return };
        own.asking.remove(place);
        let error = Error::new(Code::Timeout, "no answer");
        let actions = own.session.unanswered(attempt, error, false, now.clock);
        self.tokens(process, actions, None);
        self.report(process, FleetEvent::Denied { code: Code::Timeout });
    }
}

fn header<'a>(response: &'a HttpResponse, name: &str) -> &'a str {
    response.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").expect("a text takes what is written");
        out
    })
}

fn unhex(text: &str) -> String {
    let bytes = text.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).expect("ASCII");
        u8::from_str_radix(pair, 16).expect("hexadecimal")
    });
    String::from_utf8(bytes.collect()).expect("text")
}

#[test]
fn whole_runs() {
    let runs = length("fleet_walk");
    let first = if runs == 1 { seed() } else { number("XERO_M2M_SEED", seed()) };
    let (mut steps, mut served) = (0, 0);
    for run in 0..runs {
        let seed = first.wrapping_add(run);
        let course = Course::draw(seed);
        let shown = format!("{course:?}");
        let walked = std::panic::catch_unwind(|| World::new(course).run());
        let (more, of_run) =
            walked.unwrap_or_else(|_| panic!("to repeat: XERO_M2M_RUNS=1 XERO_M2M_SEED={seed}; {shown}"));
        steps += more;
        served += of_run;
    }
    assert!(
        steps > runs * 50 && served > runs * 20,
        "{steps} steps, {served} callers served in {runs} runs are too few"
    );
}
