//! The machine itself.

use super::config::LifecycleConfig;
use super::event::{Stored, TokenAction, TokenEvent, TokenPhase, TokenWait};
use crate::error::{Code, Error};
use crate::random::SplitMix64;
use crate::time::Timestamp;

/// The longest lifetime that a token is given: a day. Xero's tokens live 30 minutes and no longer ones are planned
/// (rules R30, R32), so a larger number is a mistake somewhere, and renewing early costs one request.
pub(super) const MAX_LIFETIME_MS: u64 = 86_400_000;

/// The number of attempts without an answer that are remembered, the latest ones, so that a late answer is still of use.
pub const REMEMBERED: usize = 8;

#[derive(Clone, Copy, Debug)]
struct TokenHeld {
    generation: u32,
    obtained_at: Timestamp,
    expires_at: Timestamp,
    renew_at: Timestamp,
    use_until: Timestamp,
    /// The API refused it as expired.
    dead: bool,
    /// It replaced one that the API refused as expired.
    replacement: bool,
}

#[derive(Clone, Debug)]
struct Attempt {
    number: u32,
    sent_at: Timestamp,
    lease_ends: Timestamp,
    /// The error of callers whose time ends while it waits for something else than the identity service.
    waits: Option<Error>,
}

#[derive(Clone, Debug)]
struct Failure {
    error: Error,
    /// The end of the pause: nothing is sent before.
    until: Timestamp,
    /// The number of failures in a row.
    count: u32,
    /// True if the same request will fail again.
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
/// use xero_m2m::token::{Lifecycle, LifecycleConfig, TokenAction, TokenEvent};
///
/// let mut machine = Lifecycle::new(LifecycleConfig::default(), 1);
/// let at = |seconds: u64| Timestamp::from_ms(seconds * 1_000);
///
/// let actions = machine.handle(TokenEvent::Want { deadline: at(30) }, at(0));
/// assert_eq!(actions, [TokenAction::Send { attempt: 1, deadline: at(10) }]);
///
/// // The answer took two seconds; the token counts from its request.
/// machine.handle(TokenEvent::Granted { attempt: 1, lifetime_ms: 1_800_000 }, at(2));
/// let actions = machine.handle(TokenEvent::Want { deadline: at(32) }, at(2));
/// assert_eq!(actions, [TokenAction::Use { generation: 1 }]);
/// ```
#[derive(Clone, Debug)]
pub struct Lifecycle {
    config: LifecycleConfig,
    /// The instant of the latest event.
    now: Timestamp,
    store: Store,
    held: Option<TokenHeld>,
    /// The newest generation, kept or not.
    generation: u32,
    /// Attempts without an answer, oldest first.
    attempts: Vec<Attempt>,
    attempt: u32,
    failure: Option<Failure>,
    /// The instant before which the token at hand is not renewed.
    spared_until: Timestamp,
    random: SplitMix64,
}

impl Lifecycle {
    /// A machine that knows nothing yet. `seed` feeds the jitter of the pauses.
    pub fn new(config: LifecycleConfig, seed: u64) -> Self {
        Self {
            config,
            now: Timestamp::default(),
            store: if config.stored { Store::Unasked } else { Store::Done },
            held: None,
            generation: 0,
            attempts: Vec::new(),
            attempt: 0,
            failure: None,
            spared_until: Timestamp::default(),
            random: SplitMix64::new(seed),
        }
    }

    /// Reports an event that happened at `now`. Returns the actions.
    ///
    /// An answer to an attempt that no longer counts changes nothing and gets no action.
    pub fn handle(&mut self, event: TokenEvent, now: Timestamp) -> Vec<TokenAction> {
        self.tick(now);
        match event {
            TokenEvent::Want { deadline } => self.want(deadline),
            TokenEvent::Loaded(stored) => self.loaded(stored),
            TokenEvent::Sent { attempt } => self.sent(attempt),
            TokenEvent::Granted { attempt, lifetime_ms } => {
                self.take_attempt(attempt).map_or_else(Vec::new, |attempt| self.granted(attempt.sent_at, lifetime_ms))
            }
            TokenEvent::Adopted { attempt, token } => self.adopted(attempt, token),
            TokenEvent::Spared { attempt } => {
                if self.take_attempt(attempt).is_some() {
                    self.spared_until = self.now.plus(self.config.store_timeout_ms);
                }
                Vec::new()
            }
            TokenEvent::Waits { attempt, error } => {
                if let Some(attempt) = self.attempts.iter_mut().find(|known| known.number == attempt) {
                    attempt.waits = Some(error);
                }
                Vec::new()
            }
            TokenEvent::Failed { attempt, error, retry_after_ms } => {
                if self.take_attempt(attempt).is_some() {
                    self.failed(error, retry_after_ms);
                }
                Vec::new()
            }
            TokenEvent::Refused { attempt, error } => {
                if self.take_attempt(attempt).is_some() {
                    self.refused(error);
                }
                Vec::new()
            }
            TokenEvent::Switched { attempt, error } => {
                if self.take_attempt(attempt).is_none() {
                    return Vec::new();
                }
                self.held = None;
                self.refused(error);
                self.erase()
            }
            TokenEvent::Rejected { generation } => self.rejected(generation),
        }
    }

    /// The generation to hand out at `now`, if there is one and nothing else is to be done.
    ///
    /// The answer is that of [`TokenEvent::Want`], without a list: for the warm path.
    pub fn ready(&mut self, now: Timestamp) -> Option<u32> {
        self.tick(now);
        let held = self.usable()?;
        (!self.renewal_is_due(held)).then_some(held.generation)
    }

    /// The instants from which and before which [`Self::ready`] gives the token at hand, if no event is reported meanwhile. A
    /// driver may hand it out then without asking. It may be less time than that.
    pub fn at_hand(&self) -> Option<(Timestamp, Timestamp)> {
        let held = self.usable()?;
        let until = held.renew_at.min(held.use_until);
        (self.now < until).then_some((held.obtained_at, until))
    }

    /// The state of the machine at `now`.
    pub fn phase(&self, now: Timestamp) -> TokenPhase {
        let now = self.now.max(now);
        let resting = self.failure.as_ref().filter(|failure| now < failure.until);
        match self.store {
            _ if self.held.is_some_and(|held| !held.dead && now < held.use_until) => TokenPhase::Ready,
            Store::Asked { until } if now < until => TokenPhase::Loading,
            _ if resting.is_some_and(|failure| failure.refused) => TokenPhase::Refused,
            _ if resting.is_some() => TokenPhase::Resting,
            _ if self.under_way(now).is_some() => TokenPhase::Asking,
            _ => TokenPhase::Cold,
        }
    }

    /// Moves on to `now`. If the clock was set back, every instant moves back by as much, so that an end that was ten
    /// seconds ahead still is. Otherwise no caller would get a token before the clock has caught up.
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
        self.spared_until = self.spared_until.minus(back_ms);
    }

    fn want(&mut self, deadline: Timestamp) -> Vec<TokenAction> {
        let Some(held) = self.usable() else { return self.without_token(deadline) };
        let mut actions = vec![TokenAction::Use { generation: held.generation }];
        if self.renewal_is_due(held) {
            actions.push(self.send());
        }
        actions
    }

    /// The actions for a caller for whom there is no token now.
    fn without_token(&mut self, deadline: Timestamp) -> Vec<TokenAction> {
        let wait = |until: Timestamp, why| TokenAction::Wait { until: until.min(deadline), why };
        if deadline <= self.now {
            return vec![TokenAction::Fail { error: self.too_late() }];
        }
        match self.store {
            Store::Unasked => {
                let until = self.now.plus(self.config.store_timeout_ms);
                self.store = Store::Asked { until };
                return vec![TokenAction::Load, wait(until, TokenWait::Loading)];
            }
            Store::Asked { until } if self.now < until => return vec![wait(until, TokenWait::Loading)],
            Store::Asked { .. } | Store::Done => self.store = Store::Done,
        }
        if let Some(failure) = self.resting() {
            let until = failure.until;
            let hopeless = failure.refused || failure.count >= self.config.patience || until >= deadline;
            return vec![if hopeless {
                TokenAction::Fail { error: failure.error.clone().retry_at(until) }
            } else {
                TokenAction::Wait { until, why: TokenWait::Resting }
            }];
        }
        match self.under_way(self.now) {
            Some(until) => vec![wait(until, TokenWait::Asking)],
            None => vec![self.send()],
        }
    }

    fn loaded(&mut self, stored: Option<Stored>) -> Vec<TokenAction> {
        if !matches!(self.store, Store::Asked { .. }) {
            return Vec::new();
        }
        self.store = Store::Done;
        // A token from the future was stored by a clock that cannot be right, or this one is not.
        let stored = stored.filter(|stored| stored.obtained_at <= self.now.plus(self.config.skew_ms));
        let Some(Stored { obtained_at, expires_at }) = stored else { return Vec::new() };
        self.keep(self.next_generation(), obtained_at, expires_at.since(obtained_at)).into_iter().collect()
    }

    fn sent(&mut self, number: u32) -> Vec<TokenAction> {
        if let Some(attempt) = self.attempts.iter_mut().find(|attempt| attempt.number == number) {
            attempt.sent_at = self.now;
            attempt.lease_ends = self.now.plus(self.config.lease_ms);
            attempt.waits = None;
        }
        Vec::new()
    }

    /// An attempt was answered with the token of somebody else, which may be the one at hand: then it was not renewed, and
    /// another attempt follows after a pause.
    fn adopted(&mut self, attempt: u32, Stored { obtained_at, expires_at }: Stored) -> Vec<TokenAction> {
        if self.take_attempt(attempt).is_none() {
            return Vec::new();
        }
        if self.usable().is_some_and(|held| held.expires_at >= expires_at) {
            self.failed(Error::new(Code::TokenExpired, "the access token ends soon, and there is no newer one"), None);
            return Vec::new();
        }
        self.granted(obtained_at, expires_at.since(obtained_at))
    }

    fn granted(&mut self, obtained_at: Timestamp, lifetime_ms: u64) -> Vec<TokenAction> {
        if self.usable().is_some_and(|held| held.expires_at >= obtained_at.plus(lifetime_ms)) {
            return Vec::new();
        }
        let Some(keep) = self.keep(self.next_generation(), obtained_at, lifetime_ms) else {
            self.came_too_late();
            return Vec::new();
        };
        self.failure = None;
        let mut actions = vec![keep];
        if let Some(TokenHeld { generation, obtained_at, expires_at, .. }) = self.held.filter(|_| self.config.stored) {
            actions.push(TokenAction::Save { generation, obtained_at, expires_at });
        }
        actions
    }

    const fn next_generation(&self) -> u32 {
        self.generation.saturating_add(1)
    }

    /// Makes a token the one to hand out, unless it is too old for that.
    fn keep(&mut self, generation: u32, obtained_at: Timestamp, lifetime_ms: u64) -> Option<TokenAction> {
        let lifetime_ms = lifetime_ms.min(MAX_LIFETIME_MS);
        let expires_at = obtained_at.plus(lifetime_ms);
        let half = lifetime_ms / 2;
        let use_until = expires_at.minus(self.config.leeway_ms.min(half));
        // A record without a lifetime makes no sense, even if it begins ahead of this clock.
        if lifetime_ms == 0 || self.now >= use_until {
            return None;
        }
        self.generation = self.generation.max(generation);
        self.held = Some(TokenHeld {
            generation,
            obtained_at,
            expires_at,
            renew_at: expires_at.minus(self.config.renew_ahead_ms.min(half)),
            use_until,
            dead: false,
            replacement: self.held.is_some_and(|held| held.dead),
        });
        Some(TokenAction::Keep { generation, obtained_at, expires_at })
    }

    fn came_too_late(&mut self) {
        let message = "the access token had ended by the time it arrived; is the way to Xero's identity service slow?";
        self.failed(Error::new(Code::MalformedToken, message), None);
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

    fn rejected(&mut self, generation: u32) -> Vec<TokenAction> {
        let young_ms = self.config.young_ms;
        match &mut self.held {
            Some(held) if held.generation == generation && !held.dead => {
                if held.replacement && self.now.since(held.obtained_at) < young_ms {
                    let message = "Xero calls one access token after the other expired; if this lasts, check Xero's \
                                   status page";
                    return vec![TokenAction::Fail { error: Error::new(Code::TokenExpired, message) }];
                }
                held.dead = true;
                self.erase()
            }
            // It was replaced meanwhile: the caller gets the new one when it wants again.
            _ => Vec::new(),
        }
    }

    /// Empties the store, if there is one.
    fn erase(&self) -> Vec<TokenAction> {
        if self.config.stored { vec![TokenAction::Erase] } else { Vec::new() }
    }

    fn send(&mut self) -> TokenAction {
        self.attempt = self.attempt.saturating_add(1);
        if self.attempts.len() >= REMEMBERED {
            self.attempts.remove(0);
        }
        let lease_ends = self.now.plus(self.config.prepare_ms);
        self.attempts.push(Attempt { number: self.attempt, sent_at: self.now, lease_ends, waits: None });
        TokenAction::Send { attempt: self.attempt, deadline: self.now.plus(self.config.timeout_ms) }
    }

    /// Takes the attempt off the list of those without an answer.
    fn take_attempt(&mut self, number: u32) -> Option<Attempt> {
        let at = self.attempts.iter().position(|attempt| attempt.number == number)?;
        Some(self.attempts.remove(at))
    }

    fn usable(&self) -> Option<TokenHeld> {
        self.held.filter(|held| !held.dead && self.now < held.use_until)
    }

    fn renewal_is_due(&self, held: TokenHeld) -> bool {
        self.now >= held.renew_at.max(self.spared_until)
            && self.resting().is_none()
            && self.under_way(self.now).is_none()
    }

    fn resting(&self) -> Option<&Failure> {
        self.failure.as_ref().filter(|failure| self.now < failure.until)
    }

    fn failures_so_far(&self) -> u32 {
        self.failure.as_ref().map_or(0, |failure| failure.count)
    }

    /// The instant at which another attempt may be sent, while one without an answer forbids it.
    fn under_way(&self, now: Timestamp) -> Option<Timestamp> {
        Some(self.attempts.last()?.lease_ends).filter(|&ends| now < ends)
    }

    fn too_late(&self) -> Error {
        let waits = self.attempts.iter().rev().find_map(|attempt| attempt.waits.as_ref());
        let known = waits.or_else(|| self.failure.as_ref().map(|failure| &failure.error));
        known
            .cloned()
            .unwrap_or_else(|| Error::new(Code::Timeout, "no access token within the time allowed for the call"))
    }
}
