//! The machine of one process.

use super::config::VaultConfig;
use super::document::{Fresh, LostWhy, VaultClaim, VaultDocument};
use super::event::{ExchangeFailure, HeldDocument, Notice, Opened, Swap, SwapAnswer, VaultAction, VaultEvent};
use super::saving::Unsaved;
use crate::error::{Code, Error};
use crate::random::SplitMix64;
use crate::time::{Now, Timestamp};

/// Processes that have the same to do begin within this time of each other, in milliseconds.
const TURN_MS: u32 = 5_000;

/// A pause after a failure.
#[derive(Clone, Debug, Hash)]
pub(super) struct Rest {
    pub(super) error: Error,
    /// The end of the pause, by the clock that is never set.
    pub(super) until: Timestamp,
    /// The number of failures in a row.
    pub(super) count: u32,
    /// The same request would fail again.
    pub(super) lasting: bool,
}

/// The claim of this process.
#[derive(Clone, Debug, Hash)]
struct Mine {
    /// The instant at which the swap that made it was sent.
    sent: Now,
    /// The tokens that were refused under it.
    tried: Vec<u32>,
    /// No process had used the newest token before it.
    unused: bool,
}

/// The action that is under way.
#[derive(Clone, Debug, Hash)]
pub(super) enum VaultStep {
    Looking,
    Opening,
    OpeningSeed,
    /// A claim is put, or renewed.
    Claiming {
        put: VaultDocument,
        token: u32,
    },
    Exchanging {
        token: u32,
    },
    Sealing {
        document: VaultDocument,
    },
    Saving {
        put: VaultDocument,
    },
    /// A document without new tokens is put: the end of a claim, or the same one again, as the proof that the store takes one.
    Noting {
        put: VaultDocument,
    },
}

impl VaultStep {
    /// The error for a step that failed, if its driver has no words of its own.
    const fn failure(&self) -> &'static str {
        match self {
            Self::Opening | Self::OpeningSeed | Self::Sealing { .. } => {
                "the vault could not be sealed or opened on this machine"
            }
            Self::Looking | Self::Exchanging { .. } => "the store of the vault failed, or did not answer in time",
            Self::Claiming { .. } | Self::Saving { .. } | Self::Noting { .. } => {
                "the store of the vault took no document: its swap failed, or did not end in time"
            }
        }
    }
}

#[derive(Clone, Debug, Hash)]
pub(super) struct PendingStep {
    ticket: u16,
    pub(super) step: VaultStep,
    sent: Now,
    /// The instant after which its answer is not waited for.
    pub(super) ends: Timestamp,
}

/// The content of the store, as this process saw it last.
#[derive(Clone, Debug, Hash)]
pub(super) struct Known {
    pub(super) version: u64,
    pub(super) held: HeldDocument,
    /// The result of opening its sealed text.
    pub(super) opened: Option<Opened>,
    /// The instant at which it was asked for, by the clock that is never set.
    pub(super) looked_at: Timestamp,
    /// The clock of the store, and the clock that is never set when it was read.
    store_clock: (Timestamp, Timestamp),
}

impl Known {
    /// Returns whether no key of this process opens the sealed text.
    pub(super) const fn is_shut(&self) -> bool {
        matches!(self.opened, Some(Opened::OtherKey | Opened::Damaged))
    }
}

/// The machine of one process: see the [module](super).
#[derive(Clone, Debug, Hash)]
pub struct Vault {
    pub(super) config: VaultConfig,
    pub(super) owner: u32,
    pub(super) random: SplitMix64,
    pub(super) known: Option<Known>,
    pub(super) pending: Option<PendingStep>,
    ticket: u16,
    mine: Option<Mine>,
    pub(super) unsaved: Vec<Unsaved>,
    /// There is a seed that was not used yet.
    pub(super) seed: bool,
    /// The store failed.
    pub(super) away: Option<Rest>,
    /// The store took no document, although it may answer a look: a full disk, for example.
    pub(super) blocked: Option<Rest>,
    /// The instant at which this process sent the latest document that the store took, by the clock that is never set.
    took_at: Option<Timestamp>,
    /// The identity service failed.
    pub(super) failed: Option<Rest>,
    /// The number of swaps in a row that found another version.
    misses: u32,
}

impl Vault {
    /// A machine that knows nothing yet. `owner` is a random number of the process, `random` feeds the jitter of the pauses.
    /// `seed` if there is a seed.
    pub fn new(config: VaultConfig, owner: u32, random: u64, seed: bool) -> Self {
        let random = SplitMix64::new(random);
        Self {
            config,
            owner,
            random,
            known: None,
            pending: None,
            ticket: 0,
            mine: None,
            unsaved: Vec::new(),
            seed,
            away: None,
            blocked: None,
            took_at: None,
            failed: None,
            misses: 0,
        }
    }

    /// Reports an event that happened at `now`. Returns the actions.
    ///
    /// An answer to an action that is no longer waited for changes nothing, unless it brings a grant: that is kept.
    pub fn handle(&mut self, event: VaultEvent, now: Now) -> Vec<VaultAction> {
        let mut actions = Vec::new();
        self.expire(now, &mut actions);
        match event {
            VaultEvent::Want(want) => self.want(want, now, &mut actions),
            VaultEvent::Look { deadline, since } => self.look(deadline, since, now, &mut actions),
            VaultEvent::Login { grant, fresh, replace } => self.log_in(grant, fresh, replace),
            VaultEvent::Found { ticket, found } => {
                if let Some(pending) = self.take(ticket) {
                    self.found(pending, found, now, &mut actions);
                }
            }
            VaultEvent::Away { ticket, why, lasting } => {
                if let Some(pending) = self.take(ticket) {
                    self.not_reached(&pending.step, why, lasting, now, &mut actions);
                }
            }
            VaultEvent::Opened { ticket, opened } => {
                if self.take(ticket).is_some()
                    && let Some(known) = &mut self.known
                {
                    known.opened = Some(opened);
                }
            }
            VaultEvent::SeedOpened { ticket, fresh } => {
                if self.take(ticket).is_some() {
                    self.seed_opened(ticket, fresh, now);
                }
            }
            VaultEvent::Sealed { ticket, sealed } => {
                if let Some(PendingStep { step: VaultStep::Sealing { document }, .. }) = self.take(ticket) {
                    self.save(VaultDocument { sealed, ..document }, now, &mut actions);
                }
            }
            VaultEvent::Granted { ticket, fresh } => self.granted(ticket, fresh),
            VaultEvent::Refused { ticket } => {
                if let Some(PendingStep { step: VaultStep::Exchanging { token }, .. }) = self.take(ticket) {
                    self.refused(token, now, &mut actions);
                }
            }
            VaultEvent::Failed { ticket, failure } => {
                if self.take(ticket).is_some() {
                    self.exchange_failed(failure, now, &mut actions);
                }
            }
            VaultEvent::Tick => {}
        }
        self.proceed(now, &mut actions);
        actions
    }

    /// The instant at which to report [`VaultEvent::Tick`], by the clock that is never set, if nothing happens before.
    pub fn wake(&self, now: Now) -> Option<Timestamp> {
        let pending = self.pending.as_ref().map(|pending| pending.ends);
        pending.or_else(|| {
            let end = |rest: &Option<Rest>| rest.as_ref().map_or(now.measured, |rest| rest.until);
            let puts = end(&self.away).max(end(&self.blocked));
            let save = (!self.unsaved.is_empty()).then_some(puts);
            let confirm = self.confirm_at(now).map(|at| at.max(puts).max(end(&self.failed)));
            [save, confirm].into_iter().flatten().min()
        })
    }

    /// Returns whether something is under way, or a grant is not saved yet: the process should not end.
    pub const fn is_busy(&self) -> bool {
        self.pending.is_some() || !self.unsaved.is_empty()
    }

    /// The document that was seen last.
    pub fn document(&self) -> Option<&VaultDocument> {
        match &self.known.as_ref()?.held {
            HeldDocument::Document(document) => Some(document),
            HeldDocument::Nothing | HeldDocument::Foreign => None,
        }
    }

    /// The instant by the store's clock.
    pub fn store_now(&self, now: Now) -> Timestamp {
        self.known.as_ref().map_or(now.clock, |known| {
            let (store, measured) = known.store_clock;
            store.plus(now.measured.since(measured))
        })
    }

    /// The instant by the clock that is never set, when the store's clock shows `at`.
    pub(super) fn to_measured(&self, at: Timestamp, now: Now) -> Timestamp {
        now.measured.plus(at.since(self.store_now(now)))
    }

    /// The instant by the host's clock, when the store's clock shows `at`.
    pub fn to_clock(&self, at: Timestamp, now: Now) -> Timestamp {
        let store = self.store_now(now);
        now.clock.plus(at.since(store)).minus(store.since(at))
    }

    /// Begins an action.
    pub(super) fn begin(&mut self, step: VaultStep, ms: u64, now: Now) -> (u16, Timestamp) {
        self.ticket = self.ticket.wrapping_add(1);
        let deadline = now.measured.plus(ms);
        // The driver gives it up at the deadline and reports it. Where that driver is gone, the next event does.
        let ends = deadline.plus(self.config.swap_ms);
        self.pending = Some(PendingStep { ticket: self.ticket, step, sent: now, ends });
        (self.ticket, deadline)
    }

    pub(super) fn swap(
        &mut self,
        step: VaultStep,
        put: Option<VaultDocument>,
        now: Now,
        actions: &mut Vec<VaultAction>,
    ) {
        let slack_ms = self.config.swap_ms;
        let version = put.is_some().then(|| self.known.as_ref().map_or(0, |known| known.version));
        let at = self.store_now(now);
        let (ticket, deadline) = self.begin(step, slack_ms, now);
        actions.push(VaultAction::Swap(Swap { ticket, version, at, slack_ms, put, deadline }));
    }

    fn take(&mut self, ticket: u16) -> Option<PendingStep> {
        self.pending.take_if(|pending| pending.ticket == ticket)
    }

    /// Ends an action whose driver does not report.
    fn expire(&mut self, now: Now, actions: &mut Vec<VaultAction>) {
        let Some(pending) = self.pending.take_if(|pending| now.measured >= pending.ends) else { return };
        match pending.step {
            VaultStep::Exchanging { .. } => {
                let failure = ExchangeFailure {
                    error: Self::no_exchange(),
                    certain: false,
                    lasting: false,
                    retry_after_ms: None,
                };
                self.exchange_failed(failure, now, actions);
            }
            step => self.not_reached(&step, None, false, now, actions),
        }
    }

    fn found(&mut self, pending: PendingStep, found: SwapAnswer, now: Now, actions: &mut Vec<VaultAction>) {
        let PendingStep { step, sent, .. } = pending;
        let SwapAnswer { swapped, version, held, at } = found;
        let is_looking = matches!(step, VaultStep::Looking);
        let put = match &step {
            VaultStep::Claiming { put, .. } | VaultStep::Saving { put } | VaultStep::Noting { put } if swapped => {
                Some(put.clone())
            }
            _ => None,
        };
        let held = put.map_or(held, HeldDocument::Document);
        let sealed = |held: &HeldDocument| match held {
            HeldDocument::Document(document) => Some((document.login, document.generation, document.sealed.clone())),
            _ => None,
        };
        let before = self.known.take();
        // Only a document that was put, by whichever process, shows that the store takes one.
        let moved = before.as_ref().is_some_and(|known| known.version != version);
        // What was opened stays open while the sealed text is the same.
        let same = before.filter(|known| sealed(&known.held) == sealed(&held));
        let opened = same.and_then(|known| known.opened);
        let store_clock = (at, now.measured);
        self.known = Some(Known { version, held, opened, looked_at: sent.measured, store_clock });
        self.away = None;
        if swapped {
            self.took_at = Some(sent.measured);
        }
        if swapped || is_looking && moved {
            self.blocked = None;
            self.misses = 0;
        } else if !is_looking {
            self.misses = self.misses.saturating_add(1);
        }
        if self.misses >= self.config.patience && !is_looking {
            let message = "the store of the vault refused several swaps in a row: many processes change it at once, its \
                           lock was left behind, or its clock runs differently";
            self.fails(true, Error::new(Code::VaultUnavailable, message), false, now, actions);
        }
        match step {
            VaultStep::Claiming { token, .. } => self.claimed(token, sent, swapped, now, actions),
            VaultStep::Saving { put } => self.saved(&put, swapped, now, actions),
            VaultStep::Noting { put } if swapped => {
                if let Some(lost) = put.lost {
                    actions.push(VaultAction::Tell(Notice::Lost { why: lost.why }));
                }
            }
            _ => {}
        }
    }

    fn not_reached(
        &mut self,
        step: &VaultStep,
        why: Option<String>,
        lasting: bool,
        now: Now,
        actions: &mut Vec<VaultAction>,
    ) {
        let is_put = matches!(step, VaultStep::Claiming { .. } | VaultStep::Saving { .. } | VaultStep::Noting { .. });
        if is_put && !matches!(step, VaultStep::Saving { .. }) {
            self.mine = None;
        }
        let error = Error::new(Code::VaultUnavailable, why.unwrap_or_else(|| step.failure().to_owned()));
        self.fails(is_put, if lasting { error.lasting() } else { error }, lasting, now, actions);
        self.login_fails(actions);
    }

    /// Rests after a failure of the store, or of a document that was put there.
    fn fails(&mut self, is_put: bool, error: Error, lasting: bool, now: Now, actions: &mut Vec<VaultAction>) {
        if self.away.is_none() && self.blocked.is_none() {
            actions.push(VaultAction::Tell(Notice::Away { why: error.message().to_owned() }));
        }
        let drawn = self.random.draw();
        let rest = if is_put { &mut self.blocked } else { &mut self.away };
        let count = rest.as_ref().map_or(0, |rest| rest.count).saturating_add(1);
        let until = now.measured.plus(self.config.backoff.pause_ms(count, drawn));
        *rest = Some(Rest { error, until, count, lasting });
    }

    /// The error of a caller whose time ends now: the store, a renewal or another process that it waits for.
    pub(super) fn waits_for(&self, now: Now) -> Error {
        let step = self.pending.as_ref().map(|pending| &pending.step);
        if matches!(step, Some(VaultStep::Exchanging { .. })) {
            return Self::no_exchange();
        }
        let known = self.blocked.as_ref().or(self.away.as_ref()).or(self.failed.as_ref());
        if let Some(rest) = known {
            return rest.error.clone();
        }
        if let Some(step) = step {
            return Error::new(Code::VaultUnavailable, step.failure());
        }
        let at = self.store_now(now);
        match self.document().map(|document| document.may_claim(self.owner, at)) {
            Some(Err(until)) => {
                let message = "another process has claimed the tokens of the vault, or stopped while it renewed them, and no new \
                               ones were saved within the time allowed";
                Error::new(Code::Timeout, message).retry_at(self.to_clock(until, now))
            }
            _ => Error::new(Code::Timeout, "no access token came from the vault within the time allowed"),
        }
    }

    fn no_exchange() -> Error {
        Error::new(Code::Timeout, "the identity service did not answer within the time allowed")
    }

    pub(super) fn resting(rest: Option<&Rest>, now: Now) -> Option<&Rest> {
        rest.filter(|rest| now.measured < rest.until)
    }

    /// Returns whether the store took a document from this process, sent at `since` or later.
    pub(super) fn is_proven(&self, since: Timestamp) -> bool {
        self.took_at.is_some_and(|at| at >= since)
    }

    /// Sees to the proof that the store takes a document from this process, at `since` or later, unless it failed just now: a store
    /// that can be read may be on a full disk, or one that this process may not write on.
    ///
    /// The same document is put in its own place, which changes nothing but its version. While another process renews the tokens it
    /// is not, because the save of that process would find another version.
    pub(super) fn prove(&mut self, since: Timestamp, now: Now, actions: &mut Vec<VaultAction>) {
        let is_resting = Self::resting(self.blocked.as_ref(), now).is_some();
        if is_resting || self.is_proven(since) || self.pending.is_some() || !self.is_open() {
            return;
        }
        let at = self.store_now(now);
        let renews = |claim: VaultClaim| claim.owner != self.owner && at < claim.until;
        let document = self.document().filter(|it| it.lost.is_none() && !it.claim.is_some_and(renews)).cloned();
        if let Some(put) = document {
            self.swap(VaultStep::Noting { put: put.clone() }, Some(put), now, actions);
        }
    }

    /// Claims the tokens, to exchange the newest one.
    pub(super) fn claim(&mut self, now: Now, actions: &mut Vec<VaultAction>) {
        let at = self.store_now(now);
        let Some(document) = self.document() else { return };
        let Some(newest) = document.tokens.first().copied() else { return };
        let put = document.claimed(self.owner, at, &self.config);
        self.mine = Some(Mine { sent: now, tried: Vec::new(), unused: newest.used.is_none() });
        self.swap(VaultStep::Claiming { put: put.clone(), token: newest.id }, Some(put), now, actions);
    }

    fn claimed(&mut self, token: u32, sent: Now, swapped: bool, now: Now, actions: &mut Vec<VaultAction>) {
        let Some(mine) = self.mine.as_mut().filter(|_| swapped) else {
            self.mine = None;
            return;
        };
        mine.sent = sent;
        if mine.tried.is_empty() {
            actions.push(VaultAction::Tell(Notice::Claimed));
        }
        // A machine that slept sees it on one of its two clocks.
        let elapsed = now.clock.since(sent.clock).max(now.measured.since(sent.measured));
        if elapsed.saturating_add(self.config.timeout_ms) > self.config.claim_ms {
            self.mine = None;
            return;
        }
        let (ticket, deadline) = self.begin(VaultStep::Exchanging { token }, self.config.timeout_ms, now);
        actions.push(VaultAction::Exchange { ticket, token, deadline });
    }

    fn granted(&mut self, ticket: u16, fresh: Fresh) {
        let login = self.document().map(|document| document.login);
        let used = match self.take(ticket).map(|pending| pending.step) {
            Some(VaultStep::Exchanging { token }) => Some(token),
            _ => None,
        };
        self.unsaved.push(Unsaved::renewal(ticket, fresh, login, used));
    }

    /// A token was refused: another process was first, or the next token is tried, or the login is lost.
    fn refused(&mut self, token: u32, now: Now, actions: &mut Vec<VaultAction>) {
        let at = self.store_now(now);
        let (Some(document), Some(mine)) = (self.document().cloned(), &mut self.mine) else { return };
        mine.tried.push(token);
        if let Some(next) = document.next_token(&mine.tried, at, &self.config) {
            let put = document.turned_to(next.id, at, &self.config);
            return self.swap(VaultStep::Claiming { put: put.clone(), token: next.id }, Some(put), now, actions);
        }
        let why = match mine.unused {
            _ if at >= document.ends_unused() => LostWhy::Unused,
            true if document.unsure.is_none() => LostWhy::Copied,
            _ => LostWhy::Refused,
        };
        self.mine = None;
        let put = document.lost(why, at);
        self.swap(VaultStep::Noting { put: put.clone() }, Some(put), now, actions);
    }

    fn exchange_failed(&mut self, failure: ExchangeFailure, now: Now, actions: &mut Vec<VaultAction>) {
        let ExchangeFailure { error, certain, lasting, retry_after_ms } = failure;
        let count = self.failed.as_ref().map_or(0, |rest| rest.count).saturating_add(1);
        let pause_ms = self.config.backoff.pause_ms(count, self.random.draw());
        let asked_ms = retry_after_ms.unwrap_or(0).min(self.config.retry_after_cap_ms);
        let least_ms = if lasting { self.config.refused_rest_ms } else { 0 };
        let until = now.measured.plus(pause_ms.max(asked_ms).max(least_ms));
        self.failed = Some(Rest { error, until, count, lasting });
        let released = self.document().filter(|_| self.mine.is_some()).map(VaultDocument::released);
        self.mine = None;
        match released {
            Some(put) if certain => self.swap(VaultStep::Noting { put: put.clone() }, Some(put), now, actions),
            // The claim stays and ends by itself: whoever claims next knows that a request may be under way.
            _ => actions.push(VaultAction::Tell(Notice::Unsure)),
        }
    }

    /// Goes on with the work for which no caller waits.
    fn proceed(&mut self, now: Now, actions: &mut Vec<VaultAction>) {
        if self.pending.is_some() || Self::resting(self.away.as_ref(), now).is_some() {
            return;
        }
        if Self::resting(self.blocked.as_ref(), now).is_some() {
            return;
        }
        if !self.unsaved.is_empty() {
            return self.go_on_saving(now, actions);
        }
        let is_due = self.confirm_at(now).is_some_and(|at| at <= now.measured);
        if is_due && Self::resting(self.failed.as_ref(), now).is_none() {
            if !self.is_fresh(now) {
                self.swap(VaultStep::Looking, None, now, actions);
            } else if self.is_open() {
                self.claim(now, actions);
            } else {
                self.open(now, actions);
            }
        }
    }

    /// The instant of the exchange that ends a doubt, by the clock that is never set: a claim ended without a save, so that the
    /// successor of a token may have reached no process; or a request may have been under way during the latest save.
    fn confirm_at(&self, now: Now) -> Option<Timestamp> {
        let document = self.document().filter(|document| document.lost.is_none())?;
        let used = document.tokens.first()?.used;
        let at = match document.claim {
            Some(claim) if claim.owner == self.owner => self.store_now(now),
            Some(claim) => claim.until,
            None => document.unsure?,
        };
        // After the grace it is too late to do it unasked.
        let is_urgent = document.claim.is_none() || used.is_none_or(|used| at < used.plus(self.config.grace_ms));
        let opens = self.known.as_ref().is_some_and(|known| !known.is_shut());
        // Processes take turns.
        (is_urgent && opens).then(|| self.to_measured(at.plus(u64::from(self.owner % TURN_MS)), now))
    }

    pub(super) fn is_fresh(&self, now: Now) -> bool {
        self.known.as_ref().is_some_and(|known| now.measured <= known.looked_at.plus(self.config.fresh_ms))
    }

    pub(super) fn is_open(&self) -> bool {
        self.known.as_ref().is_some_and(|known| matches!(known.opened, Some(Opened::Same | Opened::Other)))
    }

    /// Opens the document, unless no key opens it.
    pub(super) fn open(&mut self, now: Now, actions: &mut Vec<VaultAction>) {
        let is_shut = self.known.as_ref().is_some_and(Known::is_shut);
        if let Some(document) = self.document().filter(|_| !is_shut).cloned() {
            let (ticket, _) = self.begin(VaultStep::Opening, self.config.seal_ms, now);
            actions.push(VaultAction::Open { ticket, document });
        }
    }

    /// Takes note that a claim of this process is over.
    pub(super) fn end_claim(&mut self) {
        self.mine = None;
        self.failed = None;
    }

    pub(super) const fn holds_claim(&self) -> bool {
        self.mine.is_some()
    }
}
