//! Random walks over the token lifecycle, with a virtual clock.
//!
//! `XERO_M2M_SEED` repeats a walk, `XERO_M2M_RUNS` sets how many events it has.
#![cfg(test)]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::disallowed_macros,
    reason = "numbers of a test are small, and it may print"
)]

mod support;

use std::collections::BTreeMap;

use support::{Random, length};
use xero_m2m::backoff::Backoff;
use xero_m2m::error::{Code, Error};
use xero_m2m::time::Timestamp;
use xero_m2m::token::{Action, Config, Event, Machine, REMEMBERED, Stored};

fn config(random: &mut Random) -> Config {
    Config {
        leeway_ms: random.pick(&[0, 1_000, 30_000, 10_000_000]),
        renew_ahead_ms: random.pick(&[0, 60_000, 300_000, 10_000_000]),
        timeout_ms: random.pick(&[1_000, 10_000]),
        lease_ms: random.pick(&[1_000, 10_000]),
        prepare_ms: random.pick(&[1_000, 10_000, 60_000]),
        patience: random.pick(&[0, 1, 3, 10]),
        backoff: Backoff {
            first_ms: random.pick(&[0, 100, 500]),
            cap_ms: 60_000,
            jitter_percent: random.pick(&[0, 50, 100]),
        },
        retry_after_cap_ms: random.pick(&[0, 3_600_000]),
        refused_rest_ms: random.pick(&[1_000, 300_000]),
        young_ms: random.pick(&[0, 5_000]),
        stored: random.one_in(2),
        ..Config::default()
    }
}

/// A token as the driver of a test remembers it, judged by the truth and not by the machine.
#[derive(Clone, Copy)]
struct Kept {
    expires_at: Timestamp,
    obtained_at: Timestamp,
    dead: bool,
    replacement: bool,
}

/// The test's own knowledge, kept without the machine. Every action is checked against it.
struct Witness {
    config: Config,
    now: Timestamp,
    /// Attempts without an answer, when they were sent, and when others may make another.
    in_flight: BTreeMap<u32, (Timestamp, Timestamp)>,
    last_sent: u32,
    /// The instant at which the attempt of the event was sent, if the attempt still counts.
    answers: Option<Timestamp>,
    kept: Option<(u32, Kept)>,
    last_generation: u32,
    /// No attempt may be made before this instant.
    quiet_until: Timestamp,
    /// True if any attempt has failed so far.
    any_failed: bool,
    used: u64,
    sent: u64,
    failed: u64,
}

impl Witness {
    fn new(config: Config) -> Self {
        Self {
            config,
            now: Timestamp::default(),
            in_flight: BTreeMap::new(),
            last_sent: 0,
            answers: None,
            kept: None,
            last_generation: 0,
            quiet_until: Timestamp::default(),
            any_failed: false,
            used: 0,
            sent: 0,
            failed: 0,
        }
    }

    fn leeway_ms(&self, kept: Kept) -> u64 {
        self.config.leeway_ms.min(kept.expires_at.since(kept.obtained_at) / 2)
    }

    /// Before the machine sees the event.
    fn event(&mut self, event: &Event, now: Timestamp) {
        let back_ms = self.now.since(now);
        self.now = now;
        // What the clock was set back by, everything is set back by.
        self.quiet_until = self.quiet_until.minus(back_ms);
        for (sent, lease_ends) in self.in_flight.values_mut() {
            (*sent, *lease_ends) = (sent.minus(back_ms), lease_ends.minus(back_ms));
        }
        if let Some((_, kept)) = &mut self.kept {
            kept.obtained_at = kept.obtained_at.minus(back_ms);
            kept.expires_at = kept.expires_at.minus(back_ms);
        }
        match event {
            // Granted, it comes to nothing if it ended on the way.
            Event::Granted { attempt, .. } => {
                self.answers = self.in_flight.remove(attempt).map(|(sent, _)| sent);
                self.any_failed |= self.answers.is_some();
            }
            Event::Failed { attempt, retry_after_ms, .. } => {
                self.any_failed = true;
                if self.in_flight.remove(attempt).is_some() {
                    let asked_ms = retry_after_ms.unwrap_or(0).min(self.config.retry_after_cap_ms);
                    self.quiet_until = self.quiet_until.max(self.now.plus(asked_ms));
                }
            }
            Event::Refused { attempt, .. } | Event::Switched { attempt, .. } => {
                self.any_failed = true;
                if self.in_flight.remove(attempt).is_some() {
                    self.quiet_until = self.quiet_until.max(self.now.plus(self.config.refused_rest_ms));
                    if matches!(event, Event::Switched { .. }) {
                        self.kept = None;
                    }
                }
            }
            Event::Rejected { generation } => {
                if let Some((held, kept)) = &mut self.kept
                    && held == generation
                    && !(kept.replacement && self.now.since(kept.obtained_at) < self.config.young_ms)
                {
                    kept.dead = true;
                }
            }
            Event::Forget => {
                self.in_flight.clear();
                self.kept = None;
                self.quiet_until = Timestamp::default();
            }
            Event::Sent { attempt } => {
                if let Some(times) = self.in_flight.get_mut(attempt) {
                    *times = (self.now, self.now.plus(self.config.lease_ms));
                }
            }
            Event::Want { .. } | Event::Loaded(_) => {}
        }
    }

    fn actions(&mut self, event: &Event, actions: &[Action]) {
        let decisions = actions
            .iter()
            .filter(|action| matches!(action, Action::Use { .. } | Action::Wait { .. } | Action::Fail { .. }));
        if let Event::Want { deadline } = event {
            let sends = actions.iter().any(|action| matches!(action, Action::Send { .. }));
            assert!(decisions.count() == 1 || sends && actions.len() == 1, "no clear answer: {actions:?}");
            if let Some(Action::Wait { until, .. }) = actions.last() {
                assert!(*until > self.now && until <= deadline, "{actions:?} at {:?}", self.now);
            }
        }
        for action in actions {
            match *action {
                Action::Use { generation } => {
                    let (held, kept) = self.kept.expect("nothing was kept");
                    assert_eq!(held, generation, "not the token in charge");
                    assert!(!kept.dead, "a token that the API called expired");
                    assert!(self.now < kept.expires_at.minus(self.leeway_ms(kept)), "within the leeway");
                    self.used += 1;
                }
                Action::Keep { generation, obtained_at, expires_at } => {
                    assert!(generation > self.last_generation, "generations only grow");
                    self.last_generation = generation;
                    let replacement = self.kept.is_some_and(|(_, kept)| kept.dead);
                    self.kept = Some((generation, Kept { expires_at, obtained_at, dead: false, replacement }));
                    if let Event::Granted { lifetime_ms, .. } = event {
                        let sent = self.answers.expect("an answer to an attempt that does not count");
                        assert_eq!(obtained_at, sent, "a token counts from when it was asked for");
                        assert!(expires_at <= sent.plus(*lifetime_ms), "longer than granted");
                        self.quiet_until = Timestamp::default();
                    }
                }
                Action::Send { attempt, deadline } => {
                    assert!(self.now >= self.quiet_until, "sent during a pause");
                    assert!(attempt > self.last_sent, "attempts are numbered");
                    assert_eq!(deadline, self.now.plus(self.config.timeout_ms));
                    let latest = self.in_flight.get(&self.last_sent);
                    assert!(
                        latest.is_none_or(|&(_, lease_ends)| self.now >= lease_ends),
                        "two attempts within one lease"
                    );
                    self.last_sent = attempt;
                    self.in_flight.insert(attempt, (self.now, self.now.plus(self.config.prepare_ms)));
                    if self.in_flight.len() > REMEMBERED {
                        self.in_flight.pop_first();
                    }
                    self.sent += 1;
                }
                Action::Save { generation } => assert_eq!(self.kept.map(|(held, _)| held), Some(generation)),
                Action::Fail { ref error } => {
                    if let Event::Want { deadline } = event
                        && !self.any_failed
                    {
                        assert!(*deadline <= self.now, "{error}, although there is time and nothing failed");
                    }
                    self.failed += 1;
                }
                Action::Wait { .. } | Action::Load | Action::Erase => {}
            }
        }
    }
}

fn failure(random: &mut Random) -> Error {
    Error::new(random.pick(&[Code::Offline, Code::Timeout, Code::IdentityUnavailable]), "made up")
}

fn any_event(random: &mut Random, witness: &Witness, now: Timestamp) -> Event {
    let attempt = match random.below(4) {
        0 => u32::try_from(random.below(50)).expect("small"),
        _ => witness.last_sent.saturating_sub(u32::try_from(random.below(3)).expect("small")),
    };
    match random.below(16) {
        0..=7 => Event::Want { deadline: now.plus(random.pick(&[0, 1, 1_000, 30_000, 4_000_000])) },
        8..=10 => {
            Event::Granted { attempt, lifetime_ms: random.pick(&[1, 1_000, 60_000, 1_800_000, 1_800_000, u64::MAX]) }
        }
        11 => Event::Failed {
            attempt,
            error: failure(random),
            retry_after_ms: random.pick(&[None, None, Some(0), Some(20_000), Some(u64::MAX)]),
        },
        12 if random.one_in(4) => Event::Refused { attempt, error: Error::new(Code::InvalidClient, "made up") },
        12 if random.one_in(4) => Event::Switched { attempt, error: Error::new(Code::OrganisationChanged, "made up") },
        13 => Event::Rejected {
            generation: witness.last_generation.saturating_sub(u32::try_from(random.below(3)).expect("small")),
        },
        14 => Event::Loaded(random.one_in(2).then(|| Stored {
            obtained_at: Timestamp::from_ms((now.as_ms() + 100_000).saturating_sub(random.below(2_000_000))),
            expires_at: now.plus(random.below(1_800_000)),
        })),
        15 if random.one_in(20) => Event::Forget,
        15 => Event::Sent { attempt },
        _ => Event::Want { deadline: now.plus(10_000) },
    }
}

/// Any event may happen at any time, even without sense: no promise is ever broken.
#[test]
fn the_promises_hold_for_any_events() {
    let events = length("token_walk");
    let mut random = Random::seeded();
    let (mut seen, mut used, mut sent, mut failed) = (0, 0, 0, 0);
    while seen < events {
        let config = config(&mut random);
        let jitter = random.next();
        let (mut machine, mut twin) = (Machine::new(config, jitter), Machine::new(config, jitter));
        let mut witness = Witness::new(config);
        let mut now = Timestamp::from_ms(random.pick(&[1_000_000_000, 1_777_420_800_000]));
        for _ in 0..1_000 {
            now = match random.below(200) {
                0 => now.minus(3_600_000), // The clock was set back.
                1 => now.plus(3_600_000),  // The process was asleep.
                2..=20 => now.plus(random.below(600_000)),
                _ => now.plus(random.below(5_000)),
            };
            let event = any_event(&mut random, &witness, now);
            witness.event(&event, now);
            if matches!(event, Event::Want { .. }) {
                let ready = twin.clone().ready(now);
                let wanted = twin.clone().handle(event.clone(), now);
                let alone = match wanted[..] {
                    [Action::Use { generation }] => Some(generation),
                    _ => None,
                };
                assert_eq!(ready, alone, "the warm path disagrees");
            }
            let actions = machine.handle(event.clone(), now);
            assert_eq!(twin.handle(event.clone(), now), actions, "same inputs, same outputs");
            witness.actions(&event, &actions);
            seen += 1;
        }
        used += witness.used;
        sent += witness.sent;
        failed += witness.failed;
    }
    println!("{seen} events: {used} tokens used, {sent} requests, {failed} failures");
    // A walk without progress proves nothing.
    assert!(used > seen / 20 && sent > seen / 200 && failed > seen / 200, "the walk is lame");
}

/// A driver that performs every action: each caller gets a token or an error, before its deadline and in few steps.
#[test]
fn every_caller_gets_an_answer_in_time() {
    let runs = length("token_walk") / 200;
    let mut random = Random::seeded();
    let mut outcomes = [0_u64; 2];
    for _ in 0..runs {
        let config = config(&mut random);
        let mut machine = Machine::new(config, random.next());
        let mut now = Timestamp::from_ms(1_777_420_800_000);
        let mut healthy = true;
        for _ in 0..5 {
            now = now.plus(random.below(2_000_000));
            healthy ^= random.one_in(4);
            let deadline = now.plus(random.pick(&[1_000, 30_000, 120_000]));
            let mut steps = 0;
            'answered: loop {
                steps += 1;
                assert!(steps < 300, "no end: {machine:?}");
                let actions = machine.handle(Event::Want { deadline }, now);
                for action in actions {
                    match action {
                        Action::Use { .. } => {
                            outcomes[0] += 1;
                            break 'answered;
                        }
                        Action::Fail { .. } => {
                            outcomes[1] += 1;
                            break 'answered;
                        }
                        Action::Load => {
                            machine.handle(Event::Loaded(None), now);
                        }
                        Action::Send { attempt, deadline: until } => {
                            // An answer, none in time, or none at all because the process was frozen.
                            now = now.plus(random.below(2_000)).min(until);
                            match random.below(10) {
                                0 => {}
                                _ if healthy => {
                                    machine.handle(Event::Granted { attempt, lifetime_ms: 1_800_000 }, now);
                                }
                                _ => {
                                    let error = failure(&mut random);
                                    machine.handle(Event::Failed { attempt, error, retry_after_ms: None }, now);
                                }
                            }
                        }
                        Action::Wait { until, .. } => {
                            assert!(until <= deadline, "a wait past the deadline");
                            now = now.max(until);
                        }
                        Action::Keep { .. } | Action::Save { .. } | Action::Erase => {}
                    }
                }
            }
            assert!(now <= deadline.plus(2_000), "answered too late");
        }
    }
    println!("{} tokens, {} errors", outcomes[0], outcomes[1]);
    assert!(outcomes.iter().all(|&count| count > runs / 10), "the walk is lame: {outcomes:?}");
}
