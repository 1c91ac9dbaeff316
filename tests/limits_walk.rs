//! Random walks over the limiter, against a Xero of the test's own, with a virtual clock.
//!
//! Beside each limiter walks a twin, whose admission is saved and restored at random instants: both do the same.
//!
//! `XERO_M2M_SEED` repeats a walk, `XERO_M2M_RUNS` sets how many there are.
#![cfg(test)]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::disallowed_macros,
    reason = "numbers of a test are small, and it may print"
)]

mod support;

use std::collections::BTreeMap;

use support::{Random, length, seed};
use xero_m2m::limits::{
    Admission, Headers, Limiter, LimitsAction, LimitsConfig, LimitsEvent, LimitsStatus, MAX_SNAPSHOT_BYTES, Priority,
    Problem, QueuedCall, Reading, SnapshotError, WaitReason,
};
use xero_m2m::time::Timestamp;

/// 2026-04-29T00:00:00Z.
const START: u64 = 1_777_420_800_000;
const HOUR: u64 = 3_600_000;
/// The next minute has begun by then, including the rounding to whole seconds.
const LONGEST_WAIT: u64 = 62_000;

/// The kind of Xero, of callers and of clock in a walk.
#[derive(Clone, Copy, Debug)]
struct World {
    /// No other programs, no faults, an honest clock: then the limits must hold.
    well_behaved: bool,
    minute: u64,
    day: u64,
    in_flight: usize,
    phase: u64,
    headers: bool,
    /// `Retry-After`: rounded up, rounded down, or none.
    rounding: u64,
    /// Of a hundred calls of others in each of ours.
    others: u64,
    /// One of so many answers is odd: refused or failed, and mostly without the remaining counts.
    odd_in: u64,
    config: LimitsConfig,
}

impl World {
    fn new(random: &mut Random) -> Self {
        let well_behaved = random.one_in(2);
        Self {
            well_behaved,
            minute: if well_behaved { 60 } else { random.pick(&[10, 60, 100]) },
            day: random.pick(&[150, 1_000, 5_000]),
            in_flight: if well_behaved { 1_000 } else { random.pick(&[2, 5]) },
            phase: random.below(24 * HOUR),
            headers: random.one_in(2),
            rounding: if well_behaved { 0 } else { random.below(3) },
            others: if well_behaved { 0 } else { random.pick(&[0, 0, 20, 200]) },
            odd_in: random.pick(&[50, 50, 2]),
            config: LimitsConfig {
                in_flight: random.pick(&[1, 3, 5]),
                minute_reserve: random.pick(&[0, 0, 10]),
                day_reserve: random.pick(&[0, 20]),
                queue: random.pick(&[0, 5, 50]),
                ..LimitsConfig::default()
            },
        }
    }
}

/// A step at an instant of the true clock.
#[derive(Clone, Copy, Debug)]
enum Step {
    Enter,
    Serve {
        ticket: u32,
    },
    Answer {
        ticket: u32,
        reading: Reading,
    },
    /// The caller aborts, or the connection breaks.
    Lose {
        ticket: u32,
    },
    Jump,
}

/// The knowledge of the test about a call, without asking the limiter.
#[derive(Clone, Copy, Debug)]
struct Known {
    call: QueuedCall,
    in_flight: bool,
}

struct Walk {
    world: World,
    random: Random,
    limiter: Limiter,
    /// Does the same, although its admission is restored again and again.
    twin: Limiter,
    /// Decides when.
    restores: Random,
    agenda: BTreeMap<(u64, u64), Step>,
    planned: u64,
    now: u64,
    /// The lead of the limiter's clock.
    ahead: i64,
    /// The instant that it showed when the limiter looked last.
    seen: Timestamp,
    calls: BTreeMap<u32, Known>,
    /// Window and calls served in it: of the minute, of the day.
    used: [(u64, u64); 2],
    /// Calls that were sent and have not arrived, and calls that Xero works on.
    on_the_way: u64,
    working: usize,
    /// No call may be sent before this instant, by the clock of the limiter.
    quiet_until: Timestamp,
    /// The instant, by the true clock, since which calls may have waited with none in flight and no pause.
    still_since: u64,
    /// Refusals that were reported to the limiter.
    minute_refusals: u64,
    day_refusals: u64,
    sent: u64,
    failed: u64,
}

impl Walk {
    fn new(mut random: Random) -> Self {
        let world = World::new(&mut random);
        let seed = random.next();
        let limiter = Limiter::new(world.config, seed);
        Self {
            world,
            random,
            twin: limiter.clone(),
            limiter,
            restores: Random::new(seed),
            agenda: BTreeMap::new(),
            planned: 0,
            now: START,
            ahead: 0,
            seen: Timestamp::default(),
            calls: BTreeMap::new(),
            used: [(0, 0); 2],
            on_the_way: 0,
            working: 0,
            quiet_until: Timestamp::default(),
            still_since: START,
            minute_refusals: 0,
            day_refusals: 0,
            sent: 0,
            failed: 0,
        }
    }

    fn plan(&mut self, in_ms: u64, step: Step) {
        self.planned += 1;
        self.agenda.insert((self.now + in_ms, self.planned), step);
    }

    /// The time by the clock of the limiter.
    fn clock(&self) -> Timestamp {
        Timestamp::from_ms(self.now.checked_add_signed(self.ahead).unwrap())
    }

    /// Reports an event to the limiter and its twin, which answer alike.
    fn report(&mut self, event: LimitsEvent, now: Timestamp) -> Vec<LimitsAction> {
        self.restore_twin();
        let actions = self.limiter.handle(event, now);
        assert_eq!(self.twin.handle(event, now), actions, "the twin does otherwise");
        assert_eq!(self.twin.wake(), self.limiter.wake(), "the twin wakes at another time");
        actions
    }

    /// Saves and restores the admission of the twin, now and then.
    fn restore_twin(&mut self) {
        if self.restores.one_in(8) {
            let text = self.twin.admission().snapshot();
            assert!(text.len() <= MAX_SNAPSHOT_BYTES, "{} bytes", text.len());
            let restored = Admission::restore(&text, self.world.config).expect("its own snapshot");
            assert_eq!(restored.snapshot(), text, "what is read is what was written");
            self.twin.resume(restored);
        }
    }

    fn status(&self, now: Timestamp) -> LimitsStatus {
        let status = self.limiter.status(now);
        assert_eq!(self.twin.status(now), status, "the twin has another status");
        status
    }

    fn run(mut self, steps: u64) -> [u64; 2] {
        self.plan(0, Step::Enter);
        for _ in 0..steps {
            self.next(true);
        }
        // No new calls: all that is under way comes to an end, and every slot is free.
        while !self.calls.is_empty() || !self.agenda.is_empty() {
            self.next(false);
        }
        let status = self.status(self.clock());
        assert_eq!((status.in_flight, status.queued, self.limiter.wake()), (0, 0, None), "{status:?}");
        if self.world.well_behaved {
            assert!(self.minute_refusals <= 1, "{} refusals for the minute", self.minute_refusals);
            assert!(!self.world.headers || self.day_refusals <= 1, "{} refusals for the day", self.day_refusals);
        }
        [self.sent, self.failed]
    }

    fn next(&mut self, more: bool) {
        let wake = self.limiter.wake().map(|at| at.as_ms().checked_add_signed(-self.ahead).unwrap());
        // A slot without a report is free at its deadline: the test looks then.
        let lapse = self.calls.values().filter(|known| known.in_flight).map(|known| known.call.deadline.as_ms()).min();
        let lapse = lapse.map(|at| at.checked_add_signed(-self.ahead).unwrap());
        let first = self.agenda.first_key_value().map(|(&(at, _), _)| at);
        let at = [wake, lapse, first].into_iter().flatten().min().expect("something to happen");
        self.now = self.now.max(at);
        let step = if first == Some(at) { self.agenda.pop_first().map(|(_, step)| step) } else { None };
        match step {
            Some(Step::Enter) => self.enter(more),
            Some(Step::Serve { ticket }) => self.serve(ticket),
            Some(Step::Answer { ticket, reading }) => self.answer(ticket, reading),
            Some(Step::Lose { ticket }) => {
                self.calls.remove(&ticket);
                let now = self.look();
                let actions = self.report(LimitsEvent::Lost { ticket }, now);
                self.check(&actions, None);
            }
            Some(Step::Jump) => self.jump(more),
            None => {
                let now = self.look();
                let actions = self.report(LimitsEvent::Tick, now);
                self.check(&actions, None);
            }
        }
    }

    /// Runs before the limiter sees the clock. If it was set back, everything moves back by as much; leases of slots end.
    fn look(&mut self) -> Timestamp {
        let now = self.clock();
        let back_ms = self.seen.since(now);
        self.seen = now;
        self.quiet_until = self.quiet_until.minus(back_ms);
        for known in self.calls.values_mut() {
            known.call.deadline = known.call.deadline.minus(back_ms);
        }
        self.calls.retain(|_, known| !known.in_flight || known.call.deadline > now);
        now
    }

    fn enter(&mut self, more: bool) {
        if !more {
            return;
        }
        for _ in 0..self.random.pick(&[1, 1, 3, 30]) {
            let now = self.look();
            let call = QueuedCall {
                priority: if self.random.one_in(4) { Priority::High } else { Priority::Normal },
                deadline: now.plus(self.random.pick(&[0, 500, 5_000, 60_000, 600_000])),
                repeatable: !self.random.one_in(4),
            };
            self.restore_twin();
            let (ticket, actions) = self.limiter.enter(call, now);
            assert_eq!(self.twin.enter(call, now), (ticket, actions.clone()), "the twin does otherwise");
            assert!(self.calls.insert(ticket, Known { call, in_flight: false }).is_none(), "a new ticket");
            self.check(&actions, Some(ticket));
            if self.random.one_in(8) {
                let in_ms = self.random.below(20_000);
                self.plan(in_ms, Step::Lose { ticket });
            }
        }
        let in_ms = self.random.pick(&[0, 100, 2_000, 20_000, 100_000]);
        self.plan(in_ms, Step::Enter);
        if !self.world.well_behaved && self.random.one_in(50) {
            self.plan(10, Step::Jump);
        }
    }

    /// The call arrives at Xero.
    fn serve(&mut self, ticket: u32) {
        self.on_the_way -= 1;
        for _ in 0..self.world.others / 100 {
            self.take().ok();
        }
        if self.random.below(100) < self.world.others % 100 {
            self.take().ok();
        }
        let odd = !self.world.well_behaved && self.random.one_in(self.world.odd_in);
        let (status, problem, window) = match (odd, self.take()) {
            (true, _) => {
                (self.random.pick(&[429, 503, 500, 401]), self.random.pick(&["fortnight", "", "appminute"]), None)
            }
            (_, Err(window)) => (429, ["minute", "day"][window], Some(window)),
            _ if self.working >= self.world.in_flight => (429, "concurrent", None),
            _ => (200, "", None),
        };
        let wait_ms = window.map(|window| self.left_ms(window));
        let retry_after = match (wait_ms, self.world.rounding) {
            (None, _) if odd && self.random.one_in(2) => self.random.below(100).to_string(),
            (None, _) | (_, 2) => String::new(),
            (Some(ms), 0) => ms.div_ceil(1_000).to_string(),
            (Some(ms), _) => (ms / 1_000).to_string(),
        };
        let silent = if odd { !self.random.one_in(4) } else { self.random.one_in(10) };
        let shown = self.world.headers && (self.world.well_behaved || !silent);
        let left =
            |window: usize, size: u64| if shown { (size - self.used[window].1).to_string() } else { String::new() };
        let (minute, day) = (left(0, self.world.minute), left(1, self.world.day));
        let headers = Headers { problem, retry_after: &retry_after, minute: &minute, day: &day, app_minute: "" };
        let back_ms = 10 + self.random.below(300);
        // An answer is read when it arrives.
        let reading = Reading::new(status, &headers, self.clock().plus(back_ms));
        self.working += 1;
        self.plan(back_ms, Step::Answer { ticket, reading });
    }

    fn length(window: usize) -> u64 {
        [60_000, 24 * HOUR][window]
    }

    fn left_ms(&self, window: usize) -> u64 {
        Self::length(window) - (self.now + self.world.phase) % Self::length(window)
    }

    /// Calls left in the window that now is.
    fn left(&self, window: usize) -> u64 {
        let (number, used) = self.used[window];
        let size = [self.world.minute, self.world.day][window];
        if number == (self.now + self.world.phase) / Self::length(window) { size - used } else { size }
    }

    /// One call of the minute and of the day, or the window that is used up.
    fn take(&mut self) -> Result<(), usize> {
        [0, 1].into_iter().find(|&window| self.left(window) == 0).map_or(Ok(()), Err)?;
        for (window, size) in [self.world.minute, self.world.day].into_iter().enumerate() {
            let number = (self.now + self.world.phase) / Self::length(window);
            self.used[window] = (number, size - self.left(window) + 1);
        }
        Ok(())
    }

    fn answer(&mut self, ticket: u32, reading: Reading) {
        self.working -= 1;
        // One in thirty answers does not arrive, and half of those are not reported.
        if !self.world.well_behaved && self.random.one_in(30) {
            if self.random.one_in(2) {
                self.plan(100, Step::Lose { ticket });
            }
            return;
        }
        let now = self.look();
        let known = self.calls.remove(&ticket);
        if known.is_some() {
            self.minute_refusals += u64::from(reading.problem == Some(Problem::Minute));
            self.day_refusals += u64::from(reading.problem == Some(Problem::Day));
            if let (Some(_), Some(ms)) = (reading.problem, reading.retry_after_ms) {
                self.quiet_until = self.quiet_until.max(now.plus(ms));
            }
        }
        if let Some(known) = known.filter(|known| reading.problem.is_some() && known.call.repeatable) {
            // It may come back; if it does not, no action is about it.
            self.calls.insert(ticket, Known { in_flight: false, ..known });
        }
        let actions = self.report(LimitsEvent::Answered { ticket, reading }, now);
        let about = actions.iter().any(|action| match action {
            LimitsAction::Send { ticket: of }
            | LimitsAction::Wait { ticket: of, .. }
            | LimitsAction::Fail { ticket: of, .. } => *of == ticket,
            LimitsAction::Pause { .. } => false,
        });
        if !about {
            self.calls.remove(&ticket);
        }
        self.check(&actions, None);
    }

    fn jump(&mut self, more: bool) {
        if !more {
            return;
        }
        let by = i64::try_from(self.random.pick(&[1, 700, 30_000, HOUR])).unwrap();
        self.ahead += if self.random.one_in(2) { by } else { -by };
        let now = self.look();
        let actions = self.report(LimitsEvent::Tick, now);
        self.check(&actions, None);
    }

    /// Performs the actions, and compares them with the knowledge of the test.
    fn check(&mut self, actions: &[LimitsAction], entered: Option<u32>) {
        let now = self.clock();
        let mut about_entered = 0;
        for action in actions {
            match action {
                LimitsAction::Send { ticket } => {
                    about_entered += usize::from(Some(*ticket) == entered);
                    self.sent(*ticket, now);
                }
                LimitsAction::Fail { ticket, error } => {
                    about_entered += usize::from(Some(*ticket) == entered);
                    assert!(error.earliest_retry().is_none_or(|at| at > now), "worth trying later, not before");
                    let known = self.calls.remove(ticket).expect("a call that waits");
                    assert!(!known.in_flight, "{ticket} is in flight");
                    self.failed += 1;
                }
                LimitsAction::Wait { ticket, wait } => {
                    about_entered += usize::from(Some(*ticket) == entered);
                    assert!(wait.until > now, "{wait:?} at {now:?}");
                    assert!(self.calls.get(ticket).is_some_and(|known| !known.in_flight), "{ticket} waits");
                }
                LimitsAction::Pause { until, .. } => assert!(*until > now, "a pause that is over"),
            }
        }
        assert_eq!(about_entered, usize::from(entered.is_some()), "exactly one answer: {actions:?}");
        let waiting = self.calls.values().filter(|known| !known.in_flight);
        assert!(waiting.clone().all(|known| known.call.deadline > now), "every caller is answered by the deadline");
        let in_flight = self.calls.values().filter(|known| known.in_flight).count();
        let most = self.world.config.in_flight as usize;
        assert!(in_flight <= most, "{in_flight} in flight");
        for priority in [Priority::High, Priority::Normal] {
            let length = waiting.clone().filter(|known| known.call.priority == priority).count();
            assert!(length <= self.world.config.queue + most, "{length} wait");
        }
        let status = self.status(now);
        assert_eq!(status.in_flight as usize, in_flight, "no slot leaks");
        assert_eq!(status.queued, waiting.count(), "no call is forgotten");
        // Where a minute is no larger than the reserve, normal calls wait for ever.
        let room = self.world.minute > u64::from(self.world.config.minute_reserve);
        let still = room && in_flight == 0 && status.wait.is_some_and(|wait| wait.why != WaitReason::Pause);
        if !still {
            self.still_since = self.now;
        }
        let still_ms = self.now - self.still_since;
        assert!(still_ms <= LONGEST_WAIT, "nothing is sent for {still_ms} ms: {status:?}");
        assert!(self.limiter.wake().is_none_or(|at| at > now), "no alarm rings at once");
        assert_eq!(self.limiter.wake().is_some(), status.queued > 0, "an alarm while a call waits");
    }

    fn sent(&mut self, ticket: u32, now: Timestamp) {
        let known = *self.calls.get(&ticket).expect("a call that waits");
        assert!(!known.in_flight, "{ticket} is in flight already");
        let overtaken = self.calls.iter().find(|(other, waits)| {
            let first = match (waits.call.priority, known.call.priority) {
                (Priority::High, Priority::Normal) => true,
                (Priority::Normal, Priority::High) => false,
                (Priority::High, Priority::High) | (Priority::Normal, Priority::Normal) => **other < ticket,
            };
            !waits.in_flight && first
        });
        assert!(overtaken.is_none(), "{ticket} overtakes {overtaken:?}");
        assert!(now >= self.quiet_until, "sent {} ms too early", self.quiet_until.since(now));
        if self.world.well_behaved && self.world.headers && known.call.priority == Priority::Normal {
            let left = [0, 1].map(|window| self.left(window).saturating_sub(self.on_the_way + 1));
            let reserves = [self.world.config.minute_reserve, self.world.config.day_reserve].map(u64::from);
            let kept = left.iter().zip(reserves).all(|(left, reserve)| *left >= reserve || reserve == 0);
            assert!(kept, "{left:?} left of the reserve");
        }
        self.sent += 1;
        self.on_the_way += 1;
        self.calls.insert(ticket, Known { in_flight: true, ..known });
        // In a well-behaved world calls arrive in the order in which they were sent.
        let there_ms = if self.world.well_behaved { 50 } else { self.random.pick(&[5, 50, 200]) };
        self.plan(there_ms, Step::Serve { ticket });
    }
}

#[test]
fn walk() {
    let first = seed();
    let mut all = [0; 2];
    for seed in (first..).take(usize::try_from(length("limits_walk")).unwrap()) {
        let walk = Walk::new(Random::new(seed));
        let world = walk.world;
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| walk.run(2_000)));
        let done = done.unwrap_or_else(|panic| {
            println!("XERO_M2M_SEED={seed} XERO_M2M_RUNS=1: {world:?}");
            std::panic::resume_unwind(panic)
        });
        all = [all[0] + done[0], all[1] + done[1]];
    }
    println!("sent {}, failed {}", all[0], all[1]);
    assert!(all[0] > 0 && all[1] > 0, "a walk that goes nowhere");
}

fn with_checksum(text: &str) -> String {
    let sum = text.bytes().fold(0x811C_9DC5_u32, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("{text} {sum}")
}

/// A minute of one call would keep calls waiting that no minute of Xero keeps.
#[test]
fn a_size_that_no_window_has_is_refused() {
    let config = LimitsConfig::default();
    let text = Limiter::new(config, 1).admission().snapshot();
    let (numbers, _) = text.rsplit_once(' ').unwrap();
    let restored = |size: &str| Admission::restore(&with_checksum(&numbers.replacen(" 60 0 ", size, 1)), config);
    assert!(restored(" 60 0 ").is_ok());
    for size in [" 1 0 ", " 1 1 ", " 59 1 ", " 61 0 "] {
        assert!(matches!(restored(size), Err(SnapshotError::Damaged)), "{size}");
    }
}

/// Numbers that make no sense, with a checksum that fits: they are refused, or do no harm.
#[test]
fn damaged_snapshots_do_no_harm() {
    let mut random = Random::seeded();
    let mut accepted = 0;
    let runs = length("limits_walk") * 20;
    for run in 0..runs {
        let mut walk = Walk::new(Random::new(run / 20));
        walk.plan(0, Step::Enter);
        (0..random.below(300)).for_each(|_| walk.next(true));
        let text = walk.limiter.admission().snapshot();
        let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        words.pop();
        for _ in 0..random.pick(&[1, 1, 2, 5]) {
            let at = 2 + random.index(words.len() - 2);
            let number: u64 = words[at].parse().unwrap();
            words[at] = match random.below(6) {
                0 => 0,
                1 => 1,
                2 => u64::MAX,
                3 => number.wrapping_add(1 << random.below(50)),
                4 => number.wrapping_sub(1 << random.below(50)),
                _ => random.next(),
            }
            .to_string();
        }
        let text = words.join(" ");
        let Ok(admission) = Admission::restore(&with_checksum(&text), walk.world.config) else { continue };
        accepted += 1;
        assert!(admission.snapshot().len() <= MAX_SNAPSHOT_BYTES);
        let mut limiter = Limiter::new(walk.world.config, 1);
        limiter.resume(admission);
        // Two days later, by its own clock, all that it can hold against a call is over.
        let now = Timestamp::from_ms(words[2].parse().unwrap()).plus(48 * HOUR);
        let call = QueuedCall { priority: Priority::High, deadline: now.plus(HOUR), repeatable: true };
        if now.plus(HOUR) < Timestamp::LAST {
            let (ticket, actions) = limiter.enter(call, now);
            assert_eq!(actions, [LimitsAction::Send { ticket }], "{text}");
        }
    }
    println!("{accepted} of {runs} accepted");
    assert!(accepted > runs / 20, "nearly all are refused: the test proves little");
}
