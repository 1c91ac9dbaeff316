//! The machine itself.

use crate::backoff::Backoff;
use crate::error::{Code, Error};
use crate::random::SplitMix64;
use crate::time::Timestamp;

/// The longest life a token is credited with: a day. Xero's tokens live 30 minutes and no longer ones are planned
/// (rules R30, R32), so a larger number is a mistake somewhere, and renewing early costs one request.
pub(super) const MAX_LIFETIME_MS: u64 = 86_400_000;

/// How many attempts without an answer are remembered, the latest ones, so that a late answer is still of use.
pub const REMEMBERED: usize = 8;

/// Every number that the machine goes by. Durations are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// A token is not handed out in its last moments: this long, or half its lifetime if that is shorter.
    pub leeway_ms: u64,
    /// Renewal begins this long before the end, or at half the lifetime if that is later, while the old token is
    /// still handed out.
    pub renew_ahead_ms: u64,
    /// An attempt that has no answer after this long is given up by whoever made it.
    pub timeout_ms: u64,
    /// Callers leave an attempt in flight alone for this long. Then the next of them makes another, because the program
    /// that made the first may be gone: a frozen process, a cancelled request.
    pub lease_ms: u64,
    /// The same for an attempt whose request is not sent yet, because its client secret is still being fetched.
    pub prepare_ms: u64,
    /// After this many failures in a row callers are told at once, instead of waiting for the next attempt.
    pub patience: u32,
    /// The pauses between failed attempts.
    pub backoff: Backoff,
    /// The longest pause that a `Retry-After` of the identity service can ask for.
    pub retry_after_cap_ms: u64,
    /// After a refusal that trying again cannot mend, no attempt is made for this long: time to mend the connection,
    /// after which a service that was not restarted heals by itself.
    pub refused_rest_ms: u64,
    /// A token that replaced one which the API called expired, and that is called expired itself while it is this
    /// young, is not renewed: the next one would fare no better.
    pub young_ms: u64,
    /// Whether there is a store to ask before asking the identity service.
    pub stored: bool,
    /// A store that has not answered after this long has no token.
    pub store_timeout_ms: u64,
    /// How far in the future a stored token may have been obtained: the clocks of two machines differ.
    pub skew_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            leeway_ms: 30_000,
            renew_ahead_ms: 300_000,
            timeout_ms: 10_000,
            lease_ms: 10_000,
            prepare_ms: 10_000,
            patience: 3,
            backoff: Backoff::default(),
            retry_after_cap_ms: 3_600_000,
            refused_rest_ms: 300_000,
            young_ms: 5_000,
            stored: false,
            store_timeout_ms: 2_000,
            skew_ms: 60_000,
        }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A caller wants a token and can wait until `deadline`. Told to wait, it comes back with the same event.
    Want {
        /// When the caller gives up.
        deadline: Timestamp,
    },
    /// The store answered; a store that failed has nothing.
    Loaded(Option<Stored>),
    /// The request of an attempt goes out, its client secret being at hand: its time, its lease and the life of its token
    /// count from now. Without this event they count from [`Action::Send`].
    Sent {
        /// The attempt, as in [`Action::Send`].
        attempt: u32,
    },
    /// An attempt granted a token that lives this long from when it was asked for.
    Granted {
        /// The attempt, as in [`Action::Send`].
        attempt: u32,
        /// Its lifetime in milliseconds.
        lifetime_ms: u64,
    },
    /// An attempt failed, and a later one may succeed: no answer, an outage, an answer that makes no sense.
    Failed {
        /// The attempt, as in [`Action::Send`].
        attempt: u32,
        /// What went wrong.
        error: Error,
        /// How long the answer asked to wait, in milliseconds.
        retry_after_ms: Option<u64>,
    },
    /// An attempt failed, and the same request will fail again.
    Refused {
        /// The attempt, as in [`Action::Send`].
        attempt: u32,
        /// Why.
        error: Error,
    },
    /// An attempt was answered with a token for another organisation than the one wanted: the connection was switched.
    /// It counts as a refusal, and a token from before, held or stored, is dropped.
    Switched {
        /// The attempt, as in [`Action::Send`].
        attempt: u32,
        /// Why.
        error: Error,
    },
    /// The API said that the token of this generation has expired.
    Rejected {
        /// The generation, as in [`Action::Use`].
        generation: u32,
    },
    /// Start afresh: whatever was known or refused no longer counts, nor do answers still to come.
    Forget,
}

/// What the driver does now, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Hand the token of this generation to the caller.
    Use {
        /// The generation, as in [`Action::Keep`].
        generation: u32,
    },
    /// The token that just arrived counts from now on, under this generation; the one before it does not.
    Keep {
        /// Its number: each is larger than the one before.
        generation: u32,
        /// When it was asked for.
        obtained_at: Timestamp,
        /// When it ends.
        expires_at: Timestamp,
    },
    /// Write the token of this generation to the store.
    ///
    /// It comes after [`Action::Keep`], because a client credentials token that was not saved costs one request. A
    /// grant whose old token dies when it is used (a rotating refresh token) puts it before.
    Save {
        /// The generation, as in [`Action::Keep`].
        generation: u32,
    },
    /// Empty the store.
    Erase,
    /// Ask the store; answer with [`Event::Loaded`].
    Load,
    /// Send a token request; answer with [`Event::Granted`], [`Event::Failed`], [`Event::Refused`] or [`Event::Switched`].
    Send {
        /// The number of the attempt.
        attempt: u32,
        /// When to give it up.
        deadline: Timestamp,
    },
    /// The caller waits, at most until this instant, and then wants again.
    Wait {
        /// The latest instant to come back.
        until: Timestamp,
        /// What for.
        why: Why,
    },
    /// The caller gets this error.
    Fail {
        /// The error.
        error: Error,
    },
}

/// What a caller waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// For the store.
    Loading,
    /// For the answer to an attempt.
    Asking,
    /// For the end of a pause after a failure.
    Resting,
}

impl Why {
    /// The word used in JavaScript and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Asking => "asking",
            Self::Resting => "resting",
        }
    }
}

/// What the store keeps beside a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// When the token was asked for.
    pub obtained_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Where the machine stands, for people and tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// There is no token and nothing under way: the next caller starts.
    Cold,
    /// The store was asked.
    Loading,
    /// A token request is in flight and there is no token to hand out meanwhile.
    Asking,
    /// There is a token to hand out. It may be in renewal, and the last renewal may have failed.
    Ready,
    /// There is no token, and an attempt failed: nothing is sent before the pause ends.
    Resting,
    /// There is no token, and the identity service said that there will be none.
    Refused,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    generation: u32,
    obtained_at: Timestamp,
    expires_at: Timestamp,
    renew_at: Timestamp,
    use_until: Timestamp,
    /// The API said that it has expired.
    dead: bool,
    /// It took the place of one that the API called expired.
    replacement: bool,
}

#[derive(Clone, Copy, Debug)]
struct Attempt {
    number: u32,
    sent_at: Timestamp,
    lease_ends: Timestamp,
}

#[derive(Clone, Debug)]
struct Failure {
    error: Error,
    /// Nothing is sent before this instant.
    until: Timestamp,
    /// How many there were in a row.
    count: u32,
    /// Whether the same request will fail again.
    refused: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Store {
    Unasked,
    Asked { until: Timestamp },
    Done,
}

/// The lifecycle of one connection's token.
///
/// ```
/// use xero_m2m::time::Timestamp;
/// use xero_m2m::token::{Action, Config, Event, Machine};
///
/// let mut machine = Machine::new(Config::default(), 1);
/// let at = |seconds: u64| Timestamp::from_ms(seconds * 1_000);
///
/// let actions = machine.handle(Event::Want { deadline: at(30) }, at(0));
/// assert_eq!(actions, [Action::Send { attempt: 1, deadline: at(10) }]);
///
/// // The answer took two seconds; the token counts from when it was asked for.
/// machine.handle(Event::Granted { attempt: 1, lifetime_ms: 1_800_000 }, at(2));
/// let actions = machine.handle(Event::Want { deadline: at(32) }, at(2));
/// assert_eq!(actions, [Action::Use { generation: 1 }]);
/// ```
#[derive(Clone, Debug)]
pub struct Machine {
    config: Config,
    /// The instant of the latest event.
    now: Timestamp,
    store: Store,
    held: Option<Held>,
    generation: u32,
    /// Attempts without an answer, oldest first.
    attempts: Vec<Attempt>,
    attempt: u32,
    failure: Option<Failure>,
    random: SplitMix64,
}

impl Machine {
    /// A machine that knows nothing yet. `seed` feeds the jitter of the pauses.
    pub fn new(config: Config, seed: u64) -> Self {
        Self {
            config,
            now: Timestamp::default(),
            store: if config.stored { Store::Unasked } else { Store::Done },
            held: None,
            generation: 0,
            attempts: Vec::new(),
            attempt: 0,
            failure: None,
            random: SplitMix64::new(seed),
        }
    }

    /// Takes note of `event`, which happened at `now`, and says what to do.
    ///
    /// An answer to an attempt that no longer counts means nothing and gets no action.
    pub fn handle(&mut self, event: Event, now: Timestamp) -> Vec<Action> {
        self.tick(now);
        match event {
            Event::Want { deadline } => self.want(deadline),
            Event::Loaded(stored) => self.loaded(stored),
            Event::Sent { attempt } => self.sent(attempt),
            Event::Granted { attempt, lifetime_ms } => self.granted(attempt, lifetime_ms),
            Event::Failed { attempt, error, retry_after_ms } => {
                if self.settle(attempt).is_some() {
                    self.failed(error, retry_after_ms);
                }
                Vec::new()
            }
            Event::Refused { attempt, error } => {
                if self.settle(attempt).is_some() {
                    self.refused(error);
                }
                Vec::new()
            }
            Event::Switched { attempt, error } => {
                if self.settle(attempt).is_none() {
                    return Vec::new();
                }
                self.held = None;
                self.refused(error);
                self.erase()
            }
            Event::Rejected { generation } => self.rejected(generation),
            Event::Forget => self.forget(),
        }
    }

    /// The generation to hand out at `now`, if there is one and nothing else is to be done.
    ///
    /// The same answer as [`Event::Want`] would get, without making a list: for the warm path.
    pub fn ready(&mut self, now: Timestamp) -> Option<u32> {
        self.tick(now);
        let held = self.usable()?;
        (!self.renewal_is_due(held)).then_some(held.generation)
    }

    /// Where the machine stands at `now`.
    pub fn phase(&self, now: Timestamp) -> Phase {
        let now = self.now.max(now);
        let resting = self.failure.as_ref().filter(|failure| now < failure.until);
        match self.store {
            _ if self.held.is_some_and(|held| !held.dead && now < held.use_until) => Phase::Ready,
            Store::Asked { until } if now < until => Phase::Loading,
            _ if resting.is_some_and(|failure| failure.refused) => Phase::Refused,
            _ if resting.is_some() => Phase::Resting,
            _ if self.leased(now).is_some() => Phase::Asking,
            _ => Phase::Cold,
        }
    }

    /// A clock that was set back takes everything along: what was ten seconds ahead still is. Otherwise nobody would get
    /// a token before the clock has caught up.
    fn tick(&mut self, now: Timestamp) {
        let back_ms = self.now.since(now);
        self.now = now;
        if back_ms == 0 {
            return;
        }
        if let Some(held) = &mut self.held {
            for instant in [&mut held.obtained_at, &mut held.expires_at, &mut held.renew_at, &mut held.use_until] {
                *instant = instant.minus(back_ms);
            }
        }
        for attempt in &mut self.attempts {
            attempt.sent_at = attempt.sent_at.minus(back_ms);
            attempt.lease_ends = attempt.lease_ends.minus(back_ms);
        }
        if let Some(failure) = &mut self.failure {
            failure.until = failure.until.minus(back_ms);
        }
        if let Store::Asked { until } = &mut self.store {
            *until = until.minus(back_ms);
        }
    }

    fn want(&mut self, deadline: Timestamp) -> Vec<Action> {
        if let Some(held) = self.usable() {
            let mut actions = vec![Action::Use { generation: held.generation }];
            if self.renewal_is_due(held) {
                actions.push(self.send());
            }
            return actions;
        }
        if deadline <= self.now {
            return vec![Action::Fail { error: self.too_late() }];
        }
        match self.store {
            Store::Unasked => {
                let until = self.now.plus(self.config.store_timeout_ms);
                self.store = Store::Asked { until };
                return vec![Action::Load, Action::Wait { until: until.min(deadline), why: Why::Loading }];
            }
            Store::Asked { until } if self.now < until => {
                return vec![Action::Wait { until: until.min(deadline), why: Why::Loading }];
            }
            Store::Asked { .. } | Store::Done => self.store = Store::Done,
        }
        if let Some(failure) = self.resting() {
            let until = failure.until;
            let hopeless = failure.refused || failure.count >= self.config.patience || until >= deadline;
            return vec![if hopeless {
                Action::Fail { error: failure.error.clone().retry_at(until) }
            } else {
                Action::Wait { until, why: Why::Resting }
            }];
        }
        if let Some(lease_ends) = self.leased(self.now) {
            return vec![Action::Wait { until: lease_ends.min(deadline), why: Why::Asking }];
        }
        vec![self.send()]
    }

    fn loaded(&mut self, stored: Option<Stored>) -> Vec<Action> {
        if !matches!(self.store, Store::Asked { .. }) {
            return Vec::new();
        }
        self.store = Store::Done;
        match stored {
            // A token from the future was stored by a clock that cannot be right, or this one is not.
            Some(stored) if stored.obtained_at <= self.now.plus(self.config.skew_ms) => {
                let lifetime_ms = stored.expires_at.since(stored.obtained_at);
                self.keep(stored.obtained_at, lifetime_ms).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    fn sent(&mut self, number: u32) -> Vec<Action> {
        let lease_ends = self.now.plus(self.config.lease_ms);
        if let Some(attempt) = self.attempts.iter_mut().find(|attempt| attempt.number == number) {
            *attempt = Attempt { number, sent_at: self.now, lease_ends };
        }
        Vec::new()
    }

    fn granted(&mut self, attempt: u32, lifetime_ms: u64) -> Vec<Action> {
        let Some(attempt) = self.settle(attempt) else {
            return Vec::new();
        };
        let better = self.usable().is_none_or(|held| held.expires_at < attempt.sent_at.plus(lifetime_ms));
        if !better {
            return Vec::new();
        }
        let Some(keep) = self.keep(attempt.sent_at, lifetime_ms) else {
            let message =
                "the access token had ended by the time it arrived; is the way to Xero's identity service slow?";
            self.failed(Error::new(Code::MalformedToken, message), None);
            return Vec::new();
        };
        self.failure = None;
        let mut actions = vec![keep];
        if self.config.stored {
            actions.push(Action::Save { generation: self.generation });
        }
        actions
    }

    /// Takes a token under a new generation, unless it is too old to be handed out.
    fn keep(&mut self, obtained_at: Timestamp, lifetime_ms: u64) -> Option<Action> {
        let lifetime_ms = lifetime_ms.min(MAX_LIFETIME_MS);
        let expires_at = obtained_at.plus(lifetime_ms);
        let half = lifetime_ms / 2;
        let use_until = expires_at.minus(self.config.leeway_ms.min(half));
        // Without a life at all it is a record that makes no sense, even if it begins ahead of this clock.
        if lifetime_ms == 0 || self.now >= use_until {
            return None;
        }
        self.generation = self.generation.saturating_add(1);
        self.held = Some(Held {
            generation: self.generation,
            obtained_at,
            expires_at,
            renew_at: expires_at.minus(self.config.renew_ahead_ms.min(half)),
            use_until,
            dead: false,
            replacement: self.held.is_some_and(|held| held.dead),
        });
        Some(Action::Keep { generation: self.generation, obtained_at, expires_at })
    }

    fn failed(&mut self, error: Error, retry_after_ms: Option<u64>) {
        let count = self.failures_so_far().saturating_add(1);
        let pause_ms = self.config.backoff.pause_ms(count, self.random.draw());
        let asked_ms = retry_after_ms.unwrap_or(0).min(self.config.retry_after_cap_ms);
        let until = self.now.plus(pause_ms.max(asked_ms));
        self.rest(Failure { error, until, count, refused: false });
    }

    fn refused(&mut self, error: Error) {
        let count = self.failures_so_far().saturating_add(1);
        let until = self.now.plus(self.config.refused_rest_ms);
        self.rest(Failure { error, until, count, refused: true });
    }

    /// A pause is never shortened, and a refusal that still holds is not forgotten over a lesser failure.
    fn rest(&mut self, mut failure: Failure) {
        if let Some(earlier) = self.resting() {
            failure.until = failure.until.max(earlier.until);
            if earlier.refused && !failure.refused {
                failure = Failure { error: earlier.error.clone(), refused: true, ..failure };
            }
        }
        self.failure = Some(failure);
    }

    fn rejected(&mut self, generation: u32) -> Vec<Action> {
        let young_ms = self.config.young_ms;
        match &mut self.held {
            Some(held) if held.generation == generation && !held.dead => {
                if held.replacement && self.now.since(held.obtained_at) < young_ms {
                    let message = "Xero calls one access token after the other expired; if this lasts, check Xero's \
                                   status page";
                    return vec![Action::Fail { error: Error::new(Code::TokenExpired, message) }];
                }
                held.dead = true;
                self.erase()
            }
            // It was replaced meanwhile: the caller gets the new one when it wants again.
            _ => Vec::new(),
        }
    }

    fn forget(&mut self) -> Vec<Action> {
        self.held = None;
        self.failure = None;
        self.attempts.clear();
        self.store = Store::Done;
        self.erase()
    }

    /// Empties the store, if there is one.
    fn erase(&self) -> Vec<Action> {
        if self.config.stored { vec![Action::Erase] } else { Vec::new() }
    }

    fn send(&mut self) -> Action {
        self.attempt = self.attempt.saturating_add(1);
        if self.attempts.len() >= REMEMBERED {
            self.attempts.remove(0);
        }
        let lease_ends = self.now.plus(self.config.prepare_ms);
        self.attempts.push(Attempt { number: self.attempt, sent_at: self.now, lease_ends });
        Action::Send { attempt: self.attempt, deadline: self.now.plus(self.config.timeout_ms) }
    }

    /// Takes the attempt off the list of those without an answer.
    fn settle(&mut self, number: u32) -> Option<Attempt> {
        let at = self.attempts.iter().position(|attempt| attempt.number == number)?;
        Some(self.attempts.remove(at))
    }

    fn usable(&self) -> Option<Held> {
        self.held.filter(|held| !held.dead && self.now < held.use_until)
    }

    fn renewal_is_due(&self, held: Held) -> bool {
        self.now >= held.renew_at && self.resting().is_none() && self.leased(self.now).is_none()
    }

    fn resting(&self) -> Option<&Failure> {
        self.failure.as_ref().filter(|failure| self.now < failure.until)
    }

    fn failures_so_far(&self) -> u32 {
        self.failure.as_ref().map_or(0, |failure| failure.count)
    }

    /// When the lease of the latest attempt ends, while it lasts.
    fn leased(&self, now: Timestamp) -> Option<Timestamp> {
        let ends = self.attempts.last()?.lease_ends;
        (now < ends).then_some(ends)
    }

    fn too_late(&self) -> Error {
        let message = "no access token within the time allowed for the call";
        match &self.failure {
            Some(failure) => failure.error.clone(),
            None => Error::new(Code::Timeout, message),
        }
    }
}
