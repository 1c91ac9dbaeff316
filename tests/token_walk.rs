//! Random walks over the token lifecycle, with a virtual clock: tokens by client credentials and tokens of a vault.
//!
//! `XERO_M2M_SEED` repeats a walk, `XERO_M2M_RUNS` sets its number of events.
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
use xero_m2m::token::{Lifecycle, LifecycleConfig, REMEMBERED, Stored, TokenAction, TokenEvent};

fn config(random: &mut Random) -> LifecycleConfig {
    LifecycleConfig {
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
        ..LifecycleConfig::default()
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

/// An attempt without an answer.
#[derive(Clone, Copy)]
struct Asked {
    sent_at: Timestamp,
    /// The instant from which another may be sent.
    over_at: Timestamp,
}

/// The knowledge of the test, without asking the machine. Every action is checked against it.
struct Witness {
    config: LifecycleConfig,
    now: Timestamp,
    in_flight: BTreeMap<u32, Asked>,
    last_sent: u32,
    /// The instant at which the attempt that the event answers was sent, if it still counts.
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
    fn new(config: LifecycleConfig) -> Self {
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

    /// A request goes out: no other may be under way.
    fn goes_out(&self, attempt: u32) {
        let latest = self.in_flight.iter().rfind(|(other, _)| **other < attempt);
        assert!(latest.is_none_or(|(_, other)| self.now >= other.over_at), "two attempts at once");
    }

    /// Runs before the machine sees the event.
    fn event(&mut self, event: &TokenEvent, now: Timestamp) {
        let back_ms = self.now.since(now);
        self.now = now;
        // If the clock was set back, everything moves back by as much.
        self.quiet_until = self.quiet_until.minus(back_ms);
        for asked in self.in_flight.values_mut() {
            (asked.sent_at, asked.over_at) = (asked.sent_at.minus(back_ms), asked.over_at.minus(back_ms));
        }
        if let Some((_, kept)) = &mut self.kept {
            kept.obtained_at = kept.obtained_at.minus(back_ms);
            kept.expires_at = kept.expires_at.minus(back_ms);
        }
        match event {
            // A token is of no use if it ended on the way, or is the one at hand.
            TokenEvent::Granted { attempt, .. } | TokenEvent::Adopted { attempt, .. } => {
                self.answers = self.in_flight.remove(attempt).map(|asked| asked.sent_at);
                self.any_failed |= self.answers.is_some();
            }
            TokenEvent::Failed { attempt, retry_after_ms, .. } => {
                self.any_failed = true;
                if self.in_flight.remove(attempt).is_some() {
                    let asked_ms = retry_after_ms.unwrap_or(0).min(self.config.retry_after_cap_ms);
                    self.quiet_until = self.quiet_until.max(self.now.plus(asked_ms));
                }
            }
            TokenEvent::Refused { attempt, .. } | TokenEvent::Switched { attempt, .. } => {
                self.any_failed = true;
                if self.in_flight.remove(attempt).is_some() {
                    self.quiet_until = self.quiet_until.max(self.now.plus(self.config.refused_rest_ms));
                    if matches!(event, TokenEvent::Switched { .. }) {
                        self.kept = None;
                    }
                }
            }
            TokenEvent::Rejected { generation } => {
                if let Some((held, kept)) = &mut self.kept
                    && held == generation
                    && !(kept.replacement && self.now.since(kept.obtained_at) < self.config.young_ms)
                {
                    kept.dead = true;
                }
            }
            TokenEvent::Sent { attempt } => {
                let over_at = self.now.plus(self.config.lease_ms);
                if let Some(asked) = self.in_flight.get_mut(attempt) {
                    (asked.sent_at, asked.over_at) = (self.now, over_at);
                }
            }
            TokenEvent::Want { .. } | TokenEvent::Loaded(_) | TokenEvent::Spared { .. } | TokenEvent::Waits { .. } => {}
        }
    }

    fn actions(&mut self, event: &TokenEvent, actions: &[TokenAction]) {
        let decisions = actions.iter().filter(|action| {
            matches!(action, TokenAction::Use { .. } | TokenAction::Wait { .. } | TokenAction::Fail { .. })
        });
        if let TokenEvent::Want { deadline } = event {
            let sends = actions.iter().any(|action| matches!(action, TokenAction::Send { .. }));
            assert!(decisions.count() == 1 || sends && actions.len() == 1, "no clear answer: {actions:?}");
            if let Some(TokenAction::Wait { until, .. }) = actions.last() {
                assert!(*until > self.now && until <= deadline, "{actions:?} at {:?}", self.now);
            }
        }
        for action in actions {
            match *action {
                TokenAction::Use { generation } => {
                    let (held, kept) = self.kept.expect("nothing was kept");
                    assert_eq!(held, generation, "not the token in charge");
                    assert!(!kept.dead, "a token that the API called expired");
                    assert!(self.now < kept.expires_at.minus(self.leeway_ms(kept)), "within the leeway");
                    self.used += 1;
                }
                TokenAction::Keep { generation, obtained_at, expires_at } => {
                    assert!(generation > self.last_generation, "generations only grow");
                    self.last_generation = self.last_generation.max(generation);
                    let replacement = self.kept.is_some_and(|(_, kept)| kept.dead);
                    self.kept = Some((generation, Kept { expires_at, obtained_at, dead: false, replacement }));
                    if let TokenEvent::Granted { lifetime_ms, .. } = event {
                        let sent = self.answers.expect("an answer to an attempt that does not count");
                        assert_eq!(obtained_at, sent, "a token counts from when it was asked for");
                        assert!(expires_at <= sent.plus(*lifetime_ms), "longer than granted");
                        self.quiet_until = Timestamp::default();
                    }
                    if let TokenEvent::Adopted { token, .. } = event {
                        self.answers.expect("an answer to an attempt that does not count");
                        assert_eq!(obtained_at, token.obtained_at, "a token counts from when the vault asked for it");
                        assert!(expires_at <= token.expires_at, "longer than the vault has it");
                        self.quiet_until = Timestamp::default();
                    }
                }
                TokenAction::Send { attempt, deadline } => {
                    assert!(self.now >= self.quiet_until, "sent during a pause");
                    assert!(attempt > self.last_sent, "attempts are numbered");
                    assert_eq!(deadline, self.now.plus(self.config.timeout_ms));
                    if self.in_flight.contains_key(&self.last_sent) {
                        self.goes_out(attempt);
                    }
                    self.last_sent = attempt;
                    let (sent_at, over_at) = (self.now, self.now.plus(self.config.prepare_ms));
                    self.in_flight.insert(attempt, Asked { sent_at, over_at });
                    if self.in_flight.len() > REMEMBERED {
                        self.in_flight.pop_first();
                    }
                    self.sent += 1;
                }
                TokenAction::Save { generation, obtained_at, expires_at } => {
                    let (held, kept) = self.kept.expect("nothing was kept");
                    assert_eq!((held, kept.obtained_at, kept.expires_at), (generation, obtained_at, expires_at));
                }
                TokenAction::Fail { ref error } => {
                    if let TokenEvent::Want { deadline } = event
                        && !self.any_failed
                    {
                        assert!(*deadline <= self.now, "{error}, although there is time and nothing failed");
                    }
                    self.failed += 1;
                }
                TokenAction::Erase => {
                    assert!(self.config.stored, "erased without a store");
                }
                TokenAction::Wait { .. } | TokenAction::Load => {}
            }
        }
        self.answers = None;
    }
}

fn failure(random: &mut Random) -> Error {
    Error::new(random.pick(&[Code::Offline, Code::Timeout, Code::IdentityUnavailable]), "made up")
}

fn stored(random: &mut Random, now: Timestamp) -> Stored {
    Stored {
        obtained_at: Timestamp::from_ms((now.as_ms() + 100_000).saturating_sub(random.below(2_000_000))),
        expires_at: now.plus(random.below(1_800_000)),
    }
}

fn any_event(random: &mut Random, witness: &Witness, now: Timestamp) -> TokenEvent {
    let attempt = match random.below(4) {
        0 => u32::try_from(random.below(50)).expect("small"),
        _ => witness.last_sent.saturating_sub(u32::try_from(random.below(3)).expect("small")),
    };
    let generation = witness.last_generation.saturating_sub(u32::try_from(random.below(3)).expect("small"));
    match random.below(20) {
        0..=7 => TokenEvent::Want { deadline: now.plus(random.pick(&[0, 1, 1_000, 30_000, 4_000_000])) },
        8..=10 => TokenEvent::Granted {
            attempt,
            lifetime_ms: random.pick(&[1, 1_000, 60_000, 1_800_000, 1_800_000, u64::MAX]),
        },
        11 => TokenEvent::Failed {
            attempt,
            error: failure(random),
            retry_after_ms: random.pick(&[None, None, Some(0), Some(20_000), Some(u64::MAX)]),
        },
        12 if random.one_in(4) => TokenEvent::Refused { attempt, error: Error::new(Code::InvalidClient, "made up") },
        12 if random.one_in(4) => {
            TokenEvent::Switched { attempt, error: Error::new(Code::OrganisationChanged, "made up") }
        }
        13 => TokenEvent::Rejected { generation },
        16..=18 => TokenEvent::Adopted { attempt, token: stored(random, now) },
        14 => TokenEvent::Loaded(random.one_in(2).then(|| stored(random, now))),
        15 => TokenEvent::Sent { attempt },
        19 => TokenEvent::Waits { attempt, error: failure(random) },
        _ => TokenEvent::Want { deadline: now.plus(10_000) },
    }
}

/// Any event may happen at any time, even one that makes no sense: no promise is ever broken.
#[test]
fn the_promises_hold_for_any_events() {
    let events = length("token_walk");
    let mut random = Random::seeded();
    let (mut seen, mut used, mut sent, mut failed) = (0, 0, 0, 0);
    while seen < events {
        let config = config(&mut random);
        let jitter = random.next();
        let (mut machine, mut twin) = (Lifecycle::new(config, jitter), Lifecycle::new(config, jitter));
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
            if matches!(event, TokenEvent::Want { .. }) {
                let ready = twin.clone().ready(now);
                let wanted = twin.clone().handle(event.clone(), now);
                let alone = match wanted[..] {
                    [TokenAction::Use { generation }] => Some(generation),
                    _ => None,
                };
                assert_eq!(ready, alone, "the warm path disagrees");
            }
            let actions = machine.handle(event.clone(), now);
            assert_eq!(twin.handle(event.clone(), now), actions, "same inputs, same outputs");
            witness.actions(&event, &actions);
            if let Some((from, until)) = twin.at_hand() {
                let kept = witness.kept.filter(|(_, kept)| !kept.dead).map(|(generation, _)| generation);
                for at in [from, until.minus(1), now.max(from).min(until.minus(1))] {
                    assert_eq!(twin.clone().ready(at).ok_or("not ready"), kept.ok_or("no token"));
                }
            }
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

/// With a driver that performs every action, each caller gets a token or an error, within its deadline and in few steps.
#[test]
fn every_caller_gets_an_answer_in_time() {
    let runs = length("token_walk") / 200;
    let mut random = Random::seeded();
    let mut outcomes = [0_u64; 2];
    for _ in 0..runs {
        let config = config(&mut random);
        let mut machine = Lifecycle::new(config, random.next());
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
                let actions = machine.handle(TokenEvent::Want { deadline }, now);
                for action in actions {
                    match action {
                        TokenAction::Use { .. } => {
                            outcomes[0] += 1;
                            break 'answered;
                        }
                        TokenAction::Fail { .. } => {
                            outcomes[1] += 1;
                            break 'answered;
                        }
                        TokenAction::Load => {
                            machine.handle(TokenEvent::Loaded(None), now);
                        }
                        TokenAction::Send { attempt, deadline: until } => {
                            // An answer, none in time, or none at all because the process was frozen.
                            now = now.plus(random.below(2_000)).min(until);
                            match random.below(10) {
                                0 => {}
                                _ if healthy && random.one_in(2) => {
                                    // A vault, whose token is one from before if its engine is away.
                                    let obtained_at = now.minus(random.pick(&[0, 1_700_000]));
                                    let token = Stored { obtained_at, expires_at: obtained_at.plus(1_800_000) };
                                    machine.handle(TokenEvent::Adopted { attempt, token }, now);
                                }
                                _ if healthy => {
                                    machine.handle(TokenEvent::Granted { attempt, lifetime_ms: 1_800_000 }, now);
                                }
                                _ => {
                                    let error = failure(&mut random);
                                    machine.handle(TokenEvent::Failed { attempt, error, retry_after_ms: None }, now);
                                }
                            }
                        }
                        TokenAction::Wait { until, .. } => {
                            assert!(until <= deadline, "a wait past the deadline");
                            now = now.max(until);
                        }
                        TokenAction::Keep { .. } | TokenAction::Save { .. } | TokenAction::Erase => {}
                    }
                }
            }
            assert!(now <= deadline.plus(2_000), "answered too late");
        }
    }
    println!("{} tokens, {} errors", outcomes[0], outcomes[1]);
    assert!(outcomes.iter().all(|&count| count > runs / 10), "the walk is lame: {outcomes:?}");
}
