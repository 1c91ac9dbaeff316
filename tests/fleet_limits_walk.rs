//! Random walks of a fleet that shares the limits, in virtual time: one to twenty processes with the limiter and the member that ship,
//! a store that is slow, loses, repeats, forgets and has its clock set, and a Xero whose windows have a hidden phase. Processes are
//! killed and stand still.
//!
//! While the store answers, keeps what it acknowledged and has its clock, and no process stands still, so that no process is ever
//! alone: never more than five calls at once, no call refused for that, and none refused for a window but one that found out when it
//! ends. Otherwise each process keeps to its share, and every caller is answered by its deadline.
//!
//! `XERO_M2M_SEED` repeats a run (with `XERO_M2M_RUNS=1`), `XERO_M2M_RUNS` sets how many there are.
#![cfg(test)]
#![cfg(feature = "simulator")]
#![expect(clippy::arithmetic_side_effects, reason = "a test may panic")]

mod support;
#[path = "support/fleet_world.rs"]
mod world;

use std::collections::{BTreeMap, VecDeque};

use support::{Random, length, number, seed};
use world::{Agenda, HostClock, MINUTE, Settled, Store, StoreAnswer};
use xero_m2m::fleet::{
    Board, DocumentFound, DocumentSwap, FleetMember, FleetNotice, MemberAction, MemberConfig, MemberEvent, board_codec,
};
use xero_m2m::limits::{
    Allowance, Headers, Limiter, LimitsAction, LimitsConfig, LimitsEvent, Load, Priority, QueuedCall, Reading,
};
use xero_m2m::time::{Now, Timestamp};

const DAY: u64 = 1_440 * MINUTE;
/// The time that an attempt at a call has.
const TIMEOUT: u64 = 30_000;
/// The most by which a timer is late.
const TIMER: u64 = 2;
const AT_ONCE: usize = 5;
const A_MINUTE: u32 = 60;

/// The kind of a run.
#[derive(Clone, Debug)]
struct Course {
    seed: u64,
    processes: usize,
    callers: u64,
    over_ms: u64,
    /// The most of a way to the store, in milliseconds.
    way_ms: u64,
    /// The most that Xero takes for a call.
    call_ms: u64,
    /// One in so many answers of Xero is late, up to the time that an attempt has, or never comes; 0 for none.
    slow: u64,
    day: u32,
    day_left: u32,
    reserves: (u32, u32),
    /// Xero gives no remaining counts.
    is_silent: bool,
    lost: u64,
    repeated: u64,
    outages: u64,
    empties: u64,
    reverts: u64,
    clock_steps: u64,
    damages: u64,
    kills: u64,
    stalls: u64,
    wrong_clocks: bool,
}

impl Course {
    fn draw(seed: u64) -> Self {
        let random = &mut Random::new(seed);
        let calm = !random.one_in(3);
        let mut some = |most: u64| if calm || random.one_in(2) { 0 } else { 1 + random.below(most) };
        let (outages, empties, reverts, clock_steps) = (some(4), some(2), some(2), some(2));
        let (damages, stalls) = (some(2), some(4));
        let day = random.pick(&[1_000, 5_000]);
        Self {
            seed,
            processes: 1 + random.index(20),
            callers: 20 + random.below(600),
            over_ms: random.pick(&[100, 20_000, 5 * MINUTE, 20 * MINUTE, 60 * MINUTE]),
            way_ms: random.pick(&[1, 5, 40, 120]),
            call_ms: random.pick(&[30, 300, 2_000]),
            slow: random.pick(&[0, 0, 30]),
            day,
            day_left: if random.one_in(8) { 20 + u32::try_from(random.below(200)).expect("small") } else { day },
            reserves: random.pick(&[(0, 0), (0, 0), (10, 0), (5, 20)]),
            is_silent: random.one_in(12),
            lost: if calm { 0 } else { random.pick(&[0, 0, 40, 8]) },
            repeated: random.pick(&[0, 0, 20, 5]),
            outages,
            empties,
            reverts,
            clock_steps,
            damages,
            kills: if random.one_in(3) { 1 + random.below(4) } else { 0 },
            stalls,
            wrong_clocks: random.one_in(3),
        }
    }

    /// The store answers, keeps what it acknowledged and has its clock, and no process stands still.
    fn is_joined(&self) -> bool {
        let Self { lost, outages, empties, reverts, clock_steps, damages, stalls, .. } = self;
        [lost, outages, empties, reverts, clock_steps, damages, stalls] == [&0; 7]
    }

    /// All callers can be served within their time.
    fn is_easy(&self) -> bool {
        // A process that is killed takes its places with it until their lease ends, and the calls of a minute.
        let minutes = ((self.over_ms + 300_000) / MINUTE).saturating_sub(2 * self.kills);
        let room = minutes * 40;
        let day = u64::from(self.day_left.min(self.day)) >= self.callers * 2;
        self.is_joined() && self.slow == 0 && day && !self.is_silent && self.callers < room && self.processes < 12
    }
}

/// Xero: its windows have lengths that are known and phases that are not.
struct Xero {
    phases: [u64; 2],
    counts: [(u64, u32); 2],
    /// The calls that it works on: process, life and ticket.
    at_once: Vec<(usize, u32, u32)>,
    most_at_once: usize,
    refused_minute: Vec<u64>,
    refused_at_once: Vec<u64>,
    refused_day: u64,
    served: u64,
}

impl Xero {
    fn windows(&mut self, now: u64, day_left: u32, day: u32) {
        for (place, length) in [MINUTE, DAY].into_iter().enumerate() {
            let window = (now + self.phases[place]) / length;
            if self.counts[place].0 != window {
                let is_first = self.counts[place].0 == 0;
                self.counts[place] = (window, if place == 1 && is_first { day - day_left } else { 0 });
            }
        }
    }
}

struct Waiter {
    since: u64,
    deadline: u64,
    sent: Option<u64>,
}

/// One process: its limiter, its part in the fleet, and its callers.
struct Process {
    limiter: Limiter,
    member: FleetMember,
    load: Option<Load>,
    /// Counts up when it is killed and started again.
    life: u32,
    clock: HostClock,
    stalled_until: u64,
    timers: [Option<Timestamp>; 2],
    callers: BTreeMap<u32, Waiter>,
    given_up: Settled,
    /// The refusals for the minute that are not on the board, and those of them that a swap has with it.
    untold: u64,
    telling: (u16, u64),
    /// The instants at which calls of the latest minute were sent.
    recent: VecDeque<u64>,
    allowance: Allowance,
    is_away: bool,
    has_joined: bool,
}

enum Step {
    Call(usize),
    Abort(usize),
    Tick(usize, u32, usize, Timestamp),
    /// The instant at which it is given up, and whether it is the first of several.
    Arrives(usize, u32, DocumentSwap, u64, bool),
    Answered(usize, u32, u16, StoreAnswer, u64),
    GivenUp(usize, u32, u16),
    /// A call comes to Xero, and is done there.
    AtXero(usize, u32, u32),
    Done(usize, u32, u32, Box<(u16, [String; 4])>),
    Heard(usize, u32, u32, Box<(u16, [String; 4])>),
    TimedOut(usize, u32, u32, u64),
    Kill(usize),
    Stall(usize),
    Down,
    Up,
    Empty,
    Revert,
    SetClock,
    Damage,
}

/// Something that the store or a driver does wrong: without each rule of the board and its members, a walk fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ablation {
    /// The store puts a document in the place of any version.
    BlindWrites,
    /// The store puts a document that comes late.
    LateWrites,
    /// The store loses the leases: the places that are taken, and the calls that may still be counted.
    LeasesLost,
    /// The store loses the calls of the leases.
    CallsLost,
    /// The store loses leases that ran out, whose calls then count as not sent.
    RunOutLost,
    /// A driver does not keep to the places, or to the calls, of an allowance.
    PlacesIgnored,
    CallsIgnored,
    /// A driver does not tell what Xero answered.
    AnswersUntold,
    /// A driver has no timer.
    NoTimer,
}

/// Something that goes wrong, and how often.
type Trouble = (u64, fn(usize) -> Step);

#[derive(Default)]
struct Sum {
    steps: u64,
    served: u64,
    swaps: u64,
    alone: u64,
    /// The instant at which the last call was served.
    last: u64,
    waited: Vec<(u64, u64)>,
}

struct World {
    course: Course,
    random: Random,
    agenda: Agenda<Step>,
    store: Store,
    xero: Xero,
    processes: Vec<Process>,
    served: u64,
    failed: u64,
    alone: u64,
    last: u64,
    /// The calls that waited before they were sent: the instant, and the time.
    waited: Vec<(u64, u64)>,
    /// The refusals for the minute whose answers came to their process, and those of them that died with it before the store had them.
    heard: u64,
    forgotten: u64,
    ablation: Option<Ablation>,
}

impl World {
    fn new(course: Course) -> Self {
        Self::ablated(course, None)
    }

    fn ablated(course: Course, ablation: Option<Ablation>) -> Self {
        let mut random = Random::new(course.seed ^ 1);
        let phases = [MINUTE + random.below(MINUTE), DAY + random.below(DAY)];
        let xero = Xero {
            phases,
            counts: [(0, 0); 2],
            at_once: Vec::new(),
            most_at_once: 0,
            refused_minute: Vec::new(),
            refused_at_once: Vec::new(),
            refused_day: 0,
            served: 0,
        };
        let mut world = Self {
            random,
            agenda: Agenda::new(),
            store: Store::default(),
            xero,
            processes: Vec::new(),
            served: 0,
            failed: 0,
            alone: 0,
            last: 0,
            waited: Vec::new(),
            heard: 0,
            forgotten: 0,
            ablation,
            course,
        };
        world.store.is_blind = ablation == Some(Ablation::BlindWrites);
        world.store.takes_late = ablation == Some(Ablation::LateWrites);
        for _ in 0..world.course.processes {
            let process = world.process(0);
            world.processes.push(process);
        }
        world
    }

    fn process(&mut self, life: u32) -> Process {
        let (minute_reserve, day_reserve) = self.course.reserves;
        let limits = LimitsConfig { minute_reserve, day_reserve, ..LimitsConfig::default() };
        let config = MemberConfig { limits, timeout_ms: TIMEOUT, ..MemberConfig::default() };
        let owner = u32::try_from(self.random.below(1 << 32)).expect("32 bits");
        let ahead = if self.course.wrong_clocks { self.random.pick(&[0, -3_000, 40_000, -7_200_000]) } else { 0 };
        Process {
            limiter: Limiter::new(LimitsConfig { in_fleet: true, ..limits }, self.random.next()),
            member: FleetMember::new(config, owner, self.random.next()),
            load: None,
            life,
            clock: HostClock { ahead, origin: self.random.below(100 * MINUTE) },
            stalled_until: 0,
            timers: [None; 2],
            callers: BTreeMap::new(),
            given_up: Settled::default(),
            untold: 0,
            telling: (0, 0),
            recent: VecDeque::new(),
            allowance: Allowance::default(),
            is_away: false,
            has_joined: false,
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

    fn run(mut self) -> Sum {
        for _ in 0..self.course.callers {
            let (at, process) = (self.random.below(self.course.over_ms), self.random.index(self.course.processes));
            self.plan(at, Step::Call(process));
            if self.random.one_in(30) {
                let later = self.random.below(2_000);
                self.plan(at + later, Step::Abort(process));
            }
        }
        self.finish()
    }

    /// Calls of each process, one after the other at a distance that varies by a little.
    fn trickle(mut self, every_ms: u64) -> Sum {
        for number in 0..self.course.callers {
            for process in 0..self.course.processes {
                let at = number * every_ms + self.random.below(every_ms / 4);
                self.plan(at, Step::Call(process));
            }
        }
        self.finish()
    }

    fn finish(mut self) -> Sum {
        let Course { over_ms, outages, empties, reverts, clock_steps, damages, kills, stalls, .. } = self.course;
        let troubles: [Trouble; 7] = [
            (outages, |_| Step::Down),
            (empties, |_| Step::Empty),
            (reverts, |_| Step::Revert),
            (clock_steps, |_| Step::SetClock),
            (damages, |_| Step::Damage),
            (kills, Step::Kill),
            (stalls, Step::Stall),
        ];
        for (count, step) in troubles {
            for _ in 0..count {
                let (at, process) = (self.random.below(over_ms + MINUTE), self.random.index(self.course.processes));
                self.plan(at, step(process));
            }
        }
        while let Some(step) = self.agenda.next() {
            self.step(step);
        }
        for (number, process) in self.processes.iter().enumerate() {
            assert!(process.callers.is_empty(), "a caller of process {number} was never answered");
            assert!(!process.member.is_busy(), "process {number} still waits for the store");
        }
        self.judge();
        let swaps = self.store.puts + self.store.looks;
        Sum {
            steps: self.agenda.taken,
            served: self.served,
            swaps,
            alone: self.alone,
            last: self.last,
            waited: self.waited,
        }
    }

    fn board(&self) -> Option<Board> {
        board_codec::read(self.store.document()?, LimitsConfig::default())
    }

    fn judge(&self) {
        let Xero { refused_minute, refused_at_once, .. } = &self.xero;
        let troubles = self.course.outages
            + self.course.empties
            + self.course.reverts
            + self.course.clock_steps
            + self.course.damages
            + self.course.stalls
            + u64::from(self.course.lost > 0) * 20;
        if self.course.is_joined() {
            assert_eq!(self.alone, 0, "the store was never away");
            assert!(self.xero.most_at_once <= AT_ONCE, "{} calls at once", self.xero.most_at_once);
            assert!(refused_at_once.is_empty(), "refused at {refused_at_once:?} ms for too many at once");
            // One call is refused to learn the end of a minute. If its process is killed before the board has that, another one is.
            let most = 1 + self.forgotten;
            assert!(self.heard <= most, "refused at {refused_minute:?} ms for the minute");
            // No process holds a place at the end.
            let at = self.store.clock(self.agenda.real);
            let left =
                self.board().map_or(0, |board| board.leases.iter().filter(|lease| lease.ends.as_ms() > at).count());
            assert!(left as u64 <= self.course.kills, "{left} leases are left");
        } else {
            let most = (troubles + self.course.kills + 1) * 6 * self.processes.len() as u64;
            let refused = refused_minute.len() + refused_at_once.len();
            assert!(refused as u64 <= most, "{refused} refusals, {most} are the most");
        }
        if self.course.is_easy() {
            assert_eq!(self.failed, 0, "callers could have been served");
        }
    }

    /// The process of a step, if it is about one that lives. A process that stands still meets it later.
    fn subject(step: &Step) -> Option<(usize, Option<u32>)> {
        Some(match *step {
            Step::Call(process) | Step::Abort(process) | Step::Kill(process) | Step::Stall(process) => (process, None),
            Step::Tick(process, life, ..)
            | Step::Answered(process, life, ..)
            | Step::GivenUp(process, life, _)
            | Step::Heard(process, life, ..)
            | Step::TimedOut(process, life, ..) => (process, Some(life)),
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
            Step::Call(process) => self.call(process),
            Step::Abort(process) => {
                let ticket = self.processes[process].callers.keys().copied().next();
                if let Some(ticket) = ticket {
                    // Not one that the fleet did not serve.
                    let failed = self.failed;
                    self.over(process, ticket, None);
                    self.failed = failed;
                }
            }
            Step::Tick(process, _, which, at) => {
                if self.processes[process].timers[which].take_if(|timer| *timer == at).is_some() {
                    if which == 0 {
                        self.limit(process, LimitsEvent::Tick);
                    } else if self.ablation != Some(Ablation::NoTimer) {
                        self.report(process, MemberEvent::Tick);
                    }
                    self.even(process);
                }
            }
            Step::Arrives(process, life, swap, deadline, is_first) => {
                self.arrives(process, life, &swap, deadline, is_first);
            }
            Step::Answered(process, _, ticket, (swapped, version, document), at) => {
                if self.settled(process, ticket) {
                    let at = Timestamp::from_ms(at);
                    let found = DocumentFound { swapped, version, document: document.as_deref(), at };
                    self.report(process, MemberEvent::Found { ticket, found });
                    self.even(process);
                }
            }
            Step::GivenUp(process, _, ticket) => {
                if self.settled(process, ticket) {
                    self.report(process, MemberEvent::Away { ticket, why: None });
                    self.even(process);
                }
            }
            Step::AtXero(process, life, ticket) => self.at_xero(process, life, ticket),
            Step::Done(process, life, ticket, answer) => {
                self.xero.at_once.retain(|call| *call != (process, life, ticket));
                let way = 1 + self.random.below(20);
                if !(self.course.slow > 0 && self.random.one_in(self.course.slow * 3)) {
                    self.plan(way, Step::Heard(process, life, ticket, answer));
                }
            }
            Step::Heard(process, _, ticket, answer) => {
                let now = self.now(process);
                let (status, [problem, retry_after, minute, day]) = &*answer;
                let headers = Headers { problem, retry_after, minute, day, app_minute: "" };
                let reading = Reading::new(*status, &headers, now.clock);
                let is_heard = self.processes[process].callers.get(&ticket).is_some_and(|waiter| waiter.sent.is_some());
                if is_heard && problem == "minute" {
                    self.heard += 1;
                    self.processes[process].untold += 1;
                }
                self.over(process, ticket, Some(reading));
            }
            Step::TimedOut(process, _, ticket, sent) => {
                if self.processes[process].callers.get(&ticket).is_some_and(|waiter| waiter.sent == Some(sent)) {
                    self.over(process, ticket, None);
                }
            }
            Step::Kill(process) => {
                self.forgotten += self.processes[process].untold;
                let life = self.processes[process].life + 1;
                self.processes[process] = self.process(life);
            }
            Step::Stall(process) => {
                let ms = self.random.pick(&[50, 800, 5_000, 20_000, 400_000]);
                self.processes[process].stalled_until = self.agenda.real + ms;
            }
            Step::Down => {
                self.store.is_down = true;
                let ms = self.random.pick(&[300, 3_000, 90_000, 200_000]);
                self.plan(ms, Step::Up);
            }
            Step::Up => self.store.is_down = false,
            Step::Empty => self.store.empty(),
            Step::Revert => self.store.revert(1 + self.random.index(5)),
            Step::SetClock => {
                self.store.ahead += self.random.pick(&[-3_000, 4_000, -100_000, 90_000, 3_600_000]);
            }
            Step::Damage => self.store.replace(|text| text.chars().take(text.len() / 2).collect()),
        }
    }

    // Callers

    fn call(&mut self, process: usize) {
        let now = self.now(process);
        let patience = self.random.pick(&[300_000, 300_000, 300_000, 20_000]);
        let patience = if self.course.is_easy() { 300_000 } else { patience };
        let priority = if self.random.one_in(6) { Priority::High } else { Priority::Normal };
        let repeatable = !self.random.one_in(4);
        let deadline = now.measured.plus(patience);
        let own = &mut self.processes[process];
        let (ticket, actions) = own.limiter.enter(QueuedCall { priority, deadline, repeatable }, now.measured);
        own.callers
            .insert(ticket, Waiter { since: self.agenda.real, deadline: self.agenda.real + patience, sent: None });
        self.perform_limits(process, actions);
        self.even(process);
    }

    /// A call that was sent is over, or its caller is gone.
    fn over(&mut self, process: usize, ticket: u32, reading: Option<Reading>) {
        let Some(waiter) = self.processes[process].callers.get_mut(&ticket) else { return };
        if waiter.sent.take().is_some() {
            // A call that is given up ends its connection.
            let call = (process, self.processes[process].life, ticket);
            self.xero.at_once.retain(|other| *other != call);
            let told = reading.filter(|_| self.ablation != Some(Ablation::AnswersUntold));
            self.report(process, MemberEvent::Ended { call: ticket, reading: told });
        }
        let event = match reading {
            Some(reading) => LimitsEvent::Answered { ticket, reading },
            None => LimitsEvent::Lost { ticket },
        };
        let now = self.now(process);
        let actions = self.processes[process].limiter.handle(event, now.measured);
        let is_about = |action: &LimitsAction| match *action {
            LimitsAction::Send { ticket: own }
            | LimitsAction::Wait { ticket: own, .. }
            | LimitsAction::Fail { ticket: own, .. } => own == ticket,
            LimitsAction::Pause { .. } => false,
        };
        if !actions.iter().any(is_about) {
            let waiter = self.processes[process].callers.remove(&ticket).expect("a caller");
            let is_served = reading.is_some_and(|reading| reading.served);
            self.served += u64::from(is_served);
            self.last = if is_served { self.agenda.real } else { self.last };
            self.failed += u64::from(!is_served);
            self.in_time(process, &waiter);
        }
        self.perform_limits(process, actions);
        self.even(process);
    }

    fn in_time(&self, process: usize, waiter: &Waiter) {
        let late = self.agenda.real.saturating_sub(waiter.deadline);
        // A timer may be late by a little.
        assert!(late <= TIMER || self.course.stalls > 0, "a caller of process {process} got its answer {late} ms late");
    }

    fn limit(&mut self, process: usize, event: LimitsEvent) {
        let now = self.now(process);
        let actions = self.processes[process].limiter.handle(event, now.measured);
        self.perform_limits(process, actions);
    }

    fn perform_limits(&mut self, process: usize, actions: Vec<LimitsAction>) {
        for action in actions {
            match action {
                LimitsAction::Send { ticket } => self.send(process, ticket),
                LimitsAction::Fail { ticket, .. } => {
                    let waiter = self.processes[process].callers.remove(&ticket).expect("a caller");
                    self.failed += 1;
                    self.in_time(process, &waiter);
                }
                LimitsAction::Wait { .. } | LimitsAction::Pause { .. } => {}
            }
        }
    }

    fn send(&mut self, process: usize, ticket: u32) {
        let real = self.agenda.real;
        // The client reports its load before its own code sends the call.
        self.tell(process);
        let own = &mut self.processes[process];
        let waiter = own.callers.get_mut(&ticket).expect("a caller");
        assert!(waiter.sent.is_none() && real < waiter.deadline, "it is sent in its time");
        waiter.sent = Some(real);
        let took = real - waiter.since;
        let until = (real + TIMEOUT).min(waiter.deadline);
        own.recent.push_back(real);
        while own.recent.front().is_some_and(|&at| at + MINUTE <= real) {
            own.recent.pop_front();
        }
        self.alone += u64::from(own.allowance.alone);
        self.waited.extend((took > TIMER).then_some((real, took)));
        let life = own.life;
        if self.course.is_joined() && self.course.kills == 0 {
            let real = self.agenda.real;
            let flies =
                |waiter: &&Waiter| waiter.sent.is_some_and(|sent| real < waiter.deadline && real < sent + TIMEOUT);
            let count: usize =
                self.processes.iter().map(|process| process.callers.values().filter(flies).count()).sum();
            assert!(count <= AT_ONCE, "{count} calls in flight");
        }
        self.report(process, MemberEvent::Begun { call: ticket });
        let way = 1 + self.random.below(20);
        self.plan(way, Step::AtXero(process, life, ticket));
        self.plan(until - real, Step::TimedOut(process, life, ticket, real));
    }

    // The part in the fleet

    /// Reports the load to the member, if it has changed.
    fn tell(&mut self, process: usize) {
        let load = self.processes[process].limiter.load();
        if load != self.processes[process].load {
            self.processes[process].load = load;
            self.report(process, MemberEvent::Load(load.expect("a fleet")));
        }
    }

    /// Lets limiter and member tell each other until nothing is new, and sets the timers.
    fn even(&mut self, process: usize) {
        self.tell(process);
        let now = self.now(process);
        let own = &mut self.processes[process];
        let life = own.life;
        let wakes = [own.limiter.wake(), own.member.wake(now)];
        for (which, wake) in wakes.into_iter().enumerate() {
            let own = &mut self.processes[process];
            if own.timers[which] != wake {
                own.timers[which] = wake;
                if let Some(at) = wake {
                    let late = self.random.below(TIMER + 1);
                    self.plan(at.since(now.measured) + late, Step::Tick(process, life, which, at));
                }
            }
        }
    }

    fn report(&mut self, process: usize, event: MemberEvent<'_>) {
        let now = self.now(process);
        let actions = self.processes[process].member.handle(event, now);
        for action in actions {
            match action {
                MemberAction::Allow(allowance) => {
                    self.check(process, allowance);
                    let allowance = match self.ablation {
                        Some(Ablation::PlacesIgnored) => Allowance { places: 5, ..allowance },
                        Some(Ablation::CallsIgnored) if allowance.places > 0 => {
                            Allowance { up_to: u64::MAX, ..allowance }
                        }
                        _ => allowance,
                    };
                    self.processes[process].allowance = allowance;
                    self.limit(process, LimitsEvent::Allowed(allowance));
                    self.tell(process);
                }
                MemberAction::Swap(swap) => self.swap(process, swap),
                MemberAction::Tell(FleetNotice::Away { .. }) => self.processes[process].is_away = true,
                MemberAction::Tell(FleetNotice::Joined { .. }) => self.processes[process].has_joined = true,
                MemberAction::Tell(FleetNotice::Back) => self.processes[process].is_away = false,
                MemberAction::Tell(_) | MemberAction::Leased { .. } => {}
            }
        }
    }

    /// A process that is alone keeps to its share.
    fn check(&self, process: usize, allowance: Allowance) {
        if !allowance.alone {
            return assert!(allowance.places as usize <= AT_ONCE, "never unlimited");
        }
        let own = &self.processes[process];
        assert!(own.is_away || !own.has_joined, "nobody is alone while the store answers");
        let others = own.member.board().map_or(3, |board| board.members.len().saturating_sub(1));
        let members = u32::try_from(others).expect("few") + 1;
        assert!(allowance.places <= (5 / members).max(1), "{} places alone among {members}", allowance.places);
        let recent = own.recent.iter().filter(|&&at| at + MINUTE > self.agenda.real).count();
        let sends = own.limiter.load().expect("a fleet").sends;
        let more = u32::try_from(allowance.up_to.saturating_sub(sends)).expect("few");
        let all = u32::try_from(recent).expect("few") + more;
        assert!(more == 0 || all <= (A_MINUTE / members).max(1), "{all} calls a minute alone among {members}");
    }

    // The store

    fn swap(&mut self, process: usize, swap: DocumentSwap) {
        let life = self.processes[process].life;
        let now = self.now(process).measured;
        let ticket = swap.ticket;
        self.processes[process].telling = (ticket, self.processes[process].untold);
        let left = swap.deadline.since(now);
        let deadline = self.agenda.real + left;
        self.plan(left, Step::GivenUp(process, life, ticket));
        let lost = self.course.lost;
        if self.one_in(lost) || self.store.is_down {
            return;
        }
        let mut way = 1 + self.random.below(self.course.way_ms);
        if lost > 0 && self.random.one_in(20) {
            way += self.random.below(5_000);
        }
        let repeated = self.course.repeated;
        if self.one_in(repeated) {
            let later = way + self.random.below(3_000);
            self.plan(later, Step::Arrives(process, life, swap.clone(), deadline, false));
        }
        self.plan(way, Step::Arrives(process, life, swap, deadline, true));
    }

    fn arrives(&mut self, process: usize, life: u32, swap: &DocumentSwap, deadline: u64, is_first: bool) {
        if self.store.is_down {
            return;
        }
        let at = self.store.clock(self.agenda.real);
        self.ablate_before(at);
        let found = self.store.swap(swap, self.agenda.real);
        if found.0 {
            let is_late = self.agenda.real > deadline && self.course.clock_steps == 0;
            assert!(!is_late, "a swap that was given up took effect");
            let own = &mut self.processes[process];
            if let (true, (ticket, told)) = (own.life == life, own.telling)
                && ticket == swap.ticket
            {
                own.untold -= told;
                own.telling = (0, 0);
            }
            let board = self.board().expect("it is a board");
            assert_eq!(board_codec::write(&board).as_deref(), self.store.document(), "a board has one text");
            assert!(board.members.len() <= 20 * 5 && board.leases.iter().all(|lease| lease.places > 0));
            self.ablate_after();
        }
        let lost = self.course.lost;
        // The answer to a repetition is the one that a client library would give up.
        if !self.one_in(lost) && (is_first || self.random.one_in(2)) {
            let way = 1 + self.random.below(self.course.way_ms);
            self.plan(way, Step::Answered(process, life, swap.ticket, found, at));
        }
    }

    /// Loses what an ablation loses of the document before a swap.
    fn ablate_before(&mut self, at: u64) {
        let Some(mut board) = self.board().filter(|_| self.ablation == Some(Ablation::RunOutLost)) else { return };
        board.leases.retain(|lease| lease.ends.as_ms() > at);
        self.store.alter(|_| board_codec::write(&board).expect("it is short"));
    }

    /// Loses what an ablation loses of a document that was put.
    fn ablate_after(&mut self) {
        let Some((mut board, ablation)) = self.board().zip(self.ablation) else { return };
        match ablation {
            Ablation::LeasesLost => board.leases.clear(),
            Ablation::CallsLost => board.leases.iter_mut().for_each(|lease| lease.calls = 0),
            _ => return,
        }
        self.store.alter(|_| board_codec::write(&board).expect("it is short"));
    }

    /// Returns whether a ticket is still waited for.
    fn settled(&mut self, process: usize, ticket: u16) -> bool {
        self.processes[process].given_up.settle(ticket)
    }

    // Xero

    fn at_xero(&mut self, process: usize, life: u32, ticket: u32) {
        let Course { day, day_left, call_ms, slow, .. } = self.course;
        let own = &self.processes[process];
        // Of a process that was killed, calls may still come.
        if own.life == life && own.callers.get(&ticket).is_none_or(|waiter| waiter.sent.is_none()) {
            return;
        }
        self.xero.windows(self.agenda.real, day_left, day);
        let [(_, minute), (_, spent)] = &mut self.xero.counts;
        let mut texts = [String::new(), String::new(), String::new(), String::new()];
        let status = if self.xero.at_once.len() >= AT_ONCE {
            self.xero.refused_at_once.push(self.agenda.real);
            texts[0] = "concurrent".to_owned();
            429
        } else if *minute >= A_MINUTE {
            self.xero.refused_minute.push(self.agenda.real);
            texts[0] = "minute".to_owned();
            let ends = MINUTE - (self.agenda.real + self.xero.phases[0]) % MINUTE;
            texts[1] = ends.div_ceil(1_000).to_string();
            429
        } else if *spent >= day {
            self.xero.refused_day += 1;
            texts[0] = "day".to_owned();
            let ends = DAY - (self.agenda.real + self.xero.phases[1]) % DAY;
            texts[1] = ends.div_ceil(1_000).to_string();
            429
        } else {
            *minute += 1;
            *spent += 1;
            self.xero.served += 1;
            if !self.course.is_silent {
                texts[2] = (A_MINUTE - *minute).to_string();
                texts[3] = (day - *spent).to_string();
            }
            200
        };
        self.xero.at_once.push((process, life, ticket));
        self.xero.most_at_once = self.xero.most_at_once.max(self.xero.at_once.len());
        let mut ms = 1 + self.random.below(call_ms);
        if self.one_in(slow) {
            ms += self.random.below(TIMEOUT - 5_000);
        }
        if status == 429 {
            ms = 1;
        }
        self.plan(ms, Step::Done(process, life, ticket, Box::new((status, texts))));
    }
}

#[test]
fn whole_runs() {
    let runs = length("fleet_limits_walk");
    let first = if runs == 1 { seed() } else { number("XERO_M2M_SEED", seed()) };
    let mut sum = Sum::default();
    for run in 0..runs {
        let seed = first.wrapping_add(run);
        let course = Course::draw(seed);
        let shown = format!("{course:?}");
        let walked = std::panic::catch_unwind(|| World::new(course).run());
        let Sum { steps, served, swaps, alone, .. } =
            walked.unwrap_or_else(|_| panic!("to repeat: XERO_M2M_RUNS=1 XERO_M2M_SEED={seed}; {shown}"));
        sum = Sum {
            steps: sum.steps + steps,
            served: sum.served + served,
            swaps: sum.swaps + swaps,
            alone: sum.alone + alone,
            ..Sum::default()
        };
    }
    let Sum { steps, served, swaps, alone, .. } = sum;
    support::report(&format!("{steps} steps, {served} served, {swaps} swaps, {alone} calls alone in {runs} runs"));
    assert!(
        runs < 100 || (served > runs * 30 && alone > runs / 4),
        "{served} served, {alone} alone in {runs} runs are too few"
    );
}

/// The ablations, each with the seed from which on a run is looked for that fails.
const ABLATIONS: [(Ablation, u64); 9] = [
    (Ablation::BlindWrites, 0),
    (Ablation::LateWrites, 0),
    (Ablation::LeasesLost, 0),
    (Ablation::CallsLost, 4),
    (Ablation::RunOutLost, 1_674),
    (Ablation::PlacesIgnored, 0),
    (Ablation::CallsIgnored, 970),
    (Ablation::AnswersUntold, 4),
    (Ablation::NoTimer, 0),
];

/// The words of the failure of a run, if it fails.
fn failure(seed: u64, ablation: Option<Ablation>) -> Option<String> {
    let walked = std::panic::catch_unwind(|| World::ablated(Course::draw(seed), ablation).run());
    let failure = walked.err()?;
    let words = failure.downcast_ref::<String>().map(String::as_str).or_else(|| failure.downcast_ref().copied());
    Some(words.unwrap_or_default().to_owned())
}

#[test]
fn without_each_rule_a_run_fails() {
    for (ablation, first) in ABLATIONS {
        let found = (first..first + 2_000).find_map(|seed| Some((seed, failure(seed, Some(ablation))?)));
        let (seed, words) = found.unwrap_or_else(|| panic!("no run fails by {ablation:?}"));
        support::report(&format!("{ablation:?}: {words}; XERO_M2M_SEED={seed}"));
        assert_eq!(failure(seed, None), None, "it fails without {ablation:?} too, by the seed {seed}");
    }
}

/// A run in which nothing goes wrong, with all callers at once.
fn calm(processes: usize, callers: u64) -> Course {
    Course {
        seed: seed(),
        processes,
        callers,
        over_ms: 1,
        way_ms: 2,
        call_ms: 30,
        slow: 0,
        day: 5_000,
        day_left: 5_000,
        reserves: (0, 0),
        is_silent: false,
        lost: 0,
        repeated: 0,
        outages: 0,
        empties: 0,
        reverts: 0,
        clock_steps: 0,
        damages: 0,
        kills: 0,
        stalls: 0,
        wrong_clocks: false,
    }
}

#[test]
fn calls_of_two_processes_do_not_wait_for_each_other() {
    let Sum { last, swaps, .. } = World::new(calm(2, 12)).run();
    assert!(last < 1_000, "the last of 12 calls was over after {last} ms");
    assert!(swaps <= 30, "{swaps} swaps");
}

#[test]
fn a_queue_of_eight_processes_is_drained_without_gaps() {
    let Sum { last, swaps, .. } = World::new(calm(8, 200)).run();
    // Four minutes of Xero, of which the first has begun.
    support::report(&format!("{swaps} swaps for 200 calls"));
    assert!(last < 3 * MINUTE + 6_000, "the last of 200 calls was over after {last} ms");
    assert!(swaps <= 700, "{swaps} swaps");
}

#[test]
fn a_trickle_waits_for_the_store_at_its_first_call_alone() {
    for (processes, every_ms, call_ms) in
        [(1, 200, 30), (1, 400, 30), (1, 400, 300), (1, 700, 300), (2, 400, 30), (2, 700, 300)]
    {
        let course = Course { way_ms: 40, call_ms, ..calm(processes, 24 / processes as u64) };
        let Sum { waited, swaps, .. } = World::new(course).trickle(every_ms);
        let said = format!("{processes} with a call of {call_ms} ms every {every_ms} ms");
        support::report(&format!("{said}: {swaps} swaps, waited at {waited:?}"));
        let later: Vec<_> = waited.iter().filter(|(at, _)| *at > 3 * every_ms).collect();
        assert!(later.is_empty(), "{said}: waited at {later:?}");
    }
}

#[test]
fn a_call_that_comes_while_places_are_given_back_waits_for_two_swaps_at_most() {
    for every_ms in [1_040, 1_080, 1_120, 1_200] {
        let Sum { waited, .. } = World::new(Course { way_ms: 40, ..calm(1, 12) }).trickle(every_ms);
        assert!(waited.iter().all(|(_, ms)| *ms <= 4 * 40 + 10), "every {every_ms} ms: waited at {waited:?}");
    }
}
