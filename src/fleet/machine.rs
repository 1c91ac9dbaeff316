//! The machine of one process.

use std::sync::Arc;

use super::codec::{MOST_BYTES, bound_to, is_mark, read, write};
use super::config::FleetConfig;
use super::event::{DocumentFound, DocumentSwap, FleetAction, FleetEvent, FleetNotice, SharedToken, TokenWant};
use super::link::{Link, SwapResult};
use super::record::{SharedRefusal, TokenRecord};
use crate::error::{Code, Error};
use crate::text::words;
use crate::time::{Now, Timestamp};

/// The time after its deadline in which the driver of an action may still report, in milliseconds.
const SPARE_MS: u64 = 1_000;

/// The refusals that any process with the same secrets and scopes would get.
const SHARED_REFUSALS: [Code; 3] = [Code::InvalidClient, Code::UnauthorizedClient, Code::InvalidScope];

/// The room that a record with a token leaves for a claim and a refusal, in bytes.
const CLAIM_BYTES: usize = 256;

/// The result of opening a sealed token.
#[derive(Clone, Debug)]
enum OpenedToken {
    Token(SharedToken),
    /// No key of this process opens it.
    Closed,
}

/// The content of the store, as this process saw it last.
#[derive(Clone, Debug)]
struct SeenRecord {
    version: u64,
    /// `None` if there is nothing, or nothing that is understood.
    record: Option<TokenRecord>,
    opened: Option<OpenedToken>,
    /// The instant at which it was asked for, by the clock that is never set.
    looked_at: Timestamp,
}

/// The action that is under way.
#[derive(Clone, Debug)]
enum FleetStep {
    Looking,
    Opening,
    Sealing(TokenRecord),
    /// A swap of this record: a claim, a token, or the end of a claim.
    Putting(TokenRecord, Purpose),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Claim,
    Save,
    Release,
}

#[derive(Clone, Debug)]
struct FleetPending {
    ticket: u16,
    step: FleetStep,
    sent: Now,
    /// The instant until which callers wait for its answer.
    patient: Timestamp,
    /// The instant after which its answer counts for nothing.
    ends: Timestamp,
}

/// The right to ask Xero, of one caller of this process.
#[derive(Clone, Copy, Debug)]
struct Asking {
    /// The end of it, by the clock that is never set.
    until: Timestamp,
    /// A caller has it.
    taken: bool,
}

/// The end of a claim without a token.
#[derive(Clone, Copy, Debug, Default)]
struct Release {
    /// The refusal, and its end by the clock that is never set, if it holds for others.
    refusal: Option<(Code, Timestamp)>,
}

/// The newest token that this process was granted itself. Its instants are those of the clock that is never set.
#[derive(Clone, Debug)]
struct OwnToken {
    token: SharedToken,
    obtained_at: Timestamp,
    expires_at: Timestamp,
    /// It is to be put into the store.
    unsaved: bool,
}

/// The machine of one process: see the [module](super).
///
/// ```
/// use xero_m2m::fleet::{DocumentFound, Fleet, FleetAction, FleetConfig, FleetEvent, TokenWant};
/// use xero_m2m::time::{Now, Timestamp};
///
/// let at = |ms: u64| Timestamp::from_ms(1_000_000_000_000 + ms);
/// let now = |ms: u64| Now { clock: at(ms), measured: at(ms) };
/// let mut fleet = Fleet::new(FleetConfig::default(), "a connection".to_owned(), "mark".to_owned(), 1, 1);
///
/// let want = TokenWant { deadline: at(30_000), since: at(0), urgent: true, held: None };
/// let actions = fleet.handle(FleetEvent::Want(want.clone()), now(0));
/// let [FleetAction::Swap(look), FleetAction::Wait { .. }] = &actions[..] else { panic!() };
///
/// // There is no token: the process claims the request.
/// let found = DocumentFound { swapped: false, version: 0, document: None, at: at(2) };
/// fleet.handle(FleetEvent::Found { ticket: look.ticket, found }, now(2));
/// let actions = fleet.handle(FleetEvent::Want(want.clone()), now(2));
/// let [FleetAction::Swap(claim), FleetAction::Wait { .. }] = &actions[..] else { panic!() };
/// let found = DocumentFound { swapped: true, version: 1, document: None, at: at(4) };
/// fleet.handle(FleetEvent::Found { ticket: claim.ticket, found }, now(4));
/// assert!(matches!(fleet.handle(FleetEvent::Want(want), now(4))[..], [FleetAction::Ask]));
/// ```
#[derive(Clone, Debug)]
pub struct Fleet {
    config: FleetConfig,
    /// The name of the connection and its scopes, to which sealed tokens are bound.
    name: String,
    /// The mark of the secrets of this process; empty if it has none.
    secrets: String,
    owner: u32,
    link: Link,
    seen: Option<SeenRecord>,
    pending: Option<FleetPending>,
    asking: Option<Asking>,
    own: Option<OwnToken>,
    /// The latest end of a token that this process had, by the clock that is never set.
    newest: Timestamp,
    /// The claim of this process is to be given back.
    release: Option<Release>,
}

impl Fleet {
    /// A machine that knows nothing yet. `name` is that of the connection and its scopes, `secrets` a mark of its secrets (see
    /// [`SharedRefusal`]), `owner` a random number of the process; `random` feeds the jitter of the pauses.
    pub fn new(config: FleetConfig, name: String, secrets: String, owner: u32, random: u64) -> Self {
        let secrets = if is_mark(&secrets) { secrets } else { String::new() };
        let link = Link::new(random);
        Self {
            config,
            name,
            secrets,
            owner,
            link,
            seen: None,
            pending: None,
            asking: None,
            own: None,
            newest: Timestamp::default(),
            release: None,
        }
    }

    /// Reports an event that happened at `now`. Returns the actions.
    ///
    /// An answer to an action that is no longer waited for changes nothing.
    pub fn handle(&mut self, event: FleetEvent<'_>, now: Now) -> Vec<FleetAction> {
        let mut actions = Vec::new();
        self.expire(now, &mut actions);
        match event {
            FleetEvent::Want(want) => {
                let answer = self.want(&want, now, &mut actions);
                actions.push(answer);
            }
            FleetEvent::Granted { token, obtained_at, expires_at } => self.granted(token, obtained_at, expires_at, now),
            FleetEvent::Denied { code } => self.denied(code, now),
            FleetEvent::Found { ticket, found } => {
                if let Some(pending) = self.take(ticket) {
                    self.found(pending, found, now, &mut actions);
                }
            }
            FleetEvent::Away { ticket, why } => {
                if let Some(pending) = self.take(ticket) {
                    self.not_reached(&pending.step, why, now, &mut actions);
                }
            }
            FleetEvent::Opened { ticket, text } => {
                if self.take(ticket).is_some()
                    && let Some(seen) = &mut self.seen
                {
                    seen.opened =
                        Some(text.and_then(SharedToken::read).map_or(OpenedToken::Closed, OpenedToken::Token));
                }
            }
            FleetEvent::Sealed { ticket, sealed } => {
                if let Some(FleetPending { step: FleetStep::Sealing(record), .. }) = self.take(ticket) {
                    let record = TokenRecord { sealed: Some(Arc::from(sealed)), ..record };
                    self.put(record, Purpose::Save, now, &mut actions);
                }
            }
            FleetEvent::Tick => {}
        }
        self.proceed(now, &mut actions);
        actions
    }

    /// The instant at which to report [`FleetEvent::Tick`], by the clock that is never set, if nothing happens before.
    pub fn wake(&self, now: Now) -> Option<Timestamp> {
        let pending = self.pending.as_ref().map(|pending| pending.ends);
        pending.or_else(|| self.has_work().then(|| self.rests_until(now).unwrap_or(now.measured)))
    }

    /// Returns whether something is under way.
    pub const fn is_busy(&self) -> bool {
        self.pending.is_some()
    }

    /// The record that was seen last.
    pub fn record(&self) -> Option<&TokenRecord> {
        self.seen.as_ref()?.record.as_ref()
    }

    /// The end of the time in which nothing is asked of the store.
    fn rests_until(&self, now: Now) -> Option<Timestamp> {
        self.link.away_until(now).max(self.link.crowded_until(now))
    }

    fn has_work(&self) -> bool {
        self.release.is_some() || self.own.as_ref().is_some_and(|own| own.unsaved)
    }

    /// Answers a caller, and begins the work for it.
    fn want(&mut self, want: &TokenWant, now: Now, actions: &mut Vec<FleetAction>) -> FleetAction {
        if want.held.as_ref().is_some_and(|held| self.is_own(held.reveal())) {
            // It is to be replaced: there is no use in putting it.
            self.own = None;
        }
        if want.deadline <= now.measured {
            if !want.urgent {
                return FleetAction::Spare;
            }
            let message = "no access token came from the fleet within the time allowed";
            return FleetAction::Fail { error: Error::new(Code::Timeout, message) };
        }
        let later = |until: Timestamp| FleetAction::Wait { until: until.min(want.deadline) };
        if let Some(asking) = &mut self.asking {
            if asking.taken {
                return later(asking.until);
            }
            asking.taken = true;
            return FleetAction::Ask;
        }
        if self.link.away_until(now).is_some() {
            return self.alone(want, now);
        }
        if let Some(pending) = &self.pending {
            return if now.measured < pending.patient { later(pending.patient) } else { self.alone(want, now) };
        }
        if let Some(until) = self.link.crowded_until(now) {
            return later(until);
        }
        if self.has_work() {
            return later(now.measured.plus(self.config.poll_ms));
        }
        let fresh_ms = self.config.fresh_ms;
        let is_fresh =
            |seen: &SeenRecord| seen.looked_at >= want.since || now.measured.since(seen.looked_at) < fresh_ms;
        let Some(SeenRecord { record, opened, looked_at, .. }) = self.seen.as_ref().filter(|seen| is_fresh(seen))
        else {
            return later(self.look(now, actions));
        };
        let at = self.link.store_now(now);
        let age_ms = now.measured.since(*looked_at);
        let Some(record) = record else { return later(self.claim(now, actions)) };
        if record.lasts(at, &self.config) {
            // A store that was set back has an older token than this process.
            let is_older = self.link.to_measured(record.expires_at, now).plus(self.config.young_ms) < self.newest;
            let is_held = |token: &SharedToken| {
                want.held.as_ref().is_some_and(|held| held.reveal() == token.access_token.reveal())
            };
            match opened {
                None => return later(self.open(now, actions)),
                Some(OpenedToken::Token(token)) if !is_held(token) && (want.urgent || !is_older) => {
                    let [obtained_at, expires_at] =
                        [record.obtained_at, record.expires_at].map(|instant| self.link.to_measured(instant, now));
                    self.newest = self.newest.max(expires_at);
                    let [obtained_at, expires_at] = [obtained_at, expires_at].map(|instant| now.to_clock(instant));
                    let generation = record.generation;
                    actions.push(FleetAction::Tell(FleetNotice::Adopted { generation }));
                    return FleetAction::Use { generation, token: token.clone(), obtained_at, expires_at };
                }
                Some(_) => {}
            }
        }
        let is_refused = want.urgent && want.held.is_some();
        let young_until = record.young_until(at, &self.config).filter(|_| is_refused);
        let until = record.asked_until(self.owner, at, &self.config).or(young_until);
        if let Some(refusal) = record.refused(&self.secrets, at, &self.config) {
            return FleetAction::Fail { error: self.refused(refusal, now) };
        }
        match until {
            // Another process may put its token any moment.
            Some(until) if age_ms < self.config.poll_ms => {
                let next = looked_at.plus(self.config.poll_ms);
                later(self.link.to_measured(until, now).min(next))
            }
            Some(_) => later(self.look(now, actions)),
            None => later(self.claim(now, actions)),
        }
    }

    /// Answers a caller while the store is away: it uses its token until that ends, and then asks for its own.
    fn alone(&mut self, want: &TokenWant, now: Now) -> FleetAction {
        if !want.urgent {
            return FleetAction::Spare;
        }
        self.asking = Some(Asking { until: now.measured.plus(self.config.claim_ms), taken: true });
        FleetAction::Ask
    }

    fn refused(&self, refusal: &SharedRefusal, now: Now) -> Error {
        let until = now.to_clock(self.link.to_measured(refusal.until, now));
        let message =
            words!["Xero refused another process of the fleet with the same secrets: ", refusal.code.as_str()];
        Error::new(refusal.code, message).retry_at(until)
    }

    fn is_own(&self, token: &str) -> bool {
        self.own.as_ref().is_some_and(|own| own.token.access_token.reveal() == token)
    }

    fn granted(&mut self, token: SharedToken, obtained_at: Timestamp, expires_at: Timestamp, now: Now) {
        self.asking = None;
        let [obtained_at, expires_at] = [obtained_at, expires_at].map(|at| now.to_measured(at));
        self.newest = self.newest.max(expires_at);
        if self.own.as_ref().is_none_or(|own| own.expires_at <= expires_at) {
            self.own = Some(OwnToken { token, obtained_at, expires_at, unsaved: true });
        }
    }

    fn denied(&mut self, code: Code, now: Now) {
        if self.asking.take().is_some() {
            let until = now.measured.plus(self.config.refused_rest_ms);
            let is_shared = SHARED_REFUSALS.contains(&code) && !self.secrets.is_empty();
            self.release = Some(Release { refusal: is_shared.then_some((code, until)) });
        }
    }

    /// Goes on with the work that is for no caller.
    fn proceed(&mut self, now: Now, actions: &mut Vec<FleetAction>) {
        if self.pending.is_some() || !self.has_work() || self.rests_until(now).is_some() {
            return;
        }
        if self.own.as_ref().is_some_and(|own| own.unsaved) {
            return self.save(now, actions);
        }
        let Some(seen) = &self.seen else {
            self.look(now, actions);
            return;
        };
        let is_mine = |record: &&TokenRecord| record.claim.is_some_and(|claim| claim.owner == self.owner);
        let Some(record) = seen.record.as_ref().filter(is_mine) else {
            self.release = None;
            return;
        };
        let refusal = self.release.and_then(|release| release.refusal).map(|(code, until)| SharedRefusal {
            code,
            until: self.link.to_store(until, now),
            secrets: self.secrets.clone(),
        });
        let put = record.released(refusal);
        self.put(put, Purpose::Release, now, actions);
    }

    /// Begins to put the own token, unless the store has a newer one.
    fn save(&mut self, now: Now, actions: &mut Vec<FleetAction>) {
        let Some(seen) = &self.seen else {
            self.look(now, actions);
            return;
        };
        let at = self.link.store_now(now);
        let Some(own) = &mut self.own else { return };
        let [obtained_at, expires_at] =
            [own.obtained_at, own.expires_at].map(|instant| self.link.to_store(instant, now));
        let known = seen.record.clone().unwrap_or_default();
        let is_newer = known.is_of_past(at, &self.config) && known.expires_at >= expires_at;
        let closed = matches!(seen.opened, Some(OpenedToken::Closed));
        let next = known.renewed(self.owner, obtained_at, expires_at);
        if (is_newer && !closed) || !next.will_last(at, &self.config) {
            own.unsaved = false;
            self.release.get_or_insert_default();
            return self.proceed(now, actions);
        }
        let (text, bound) = (own.token.write(), bound_to(&self.name, &next));
        let ticket = self.begin(FleetStep::Sealing(next), self.config.seal_ms, now).0;
        actions.push(FleetAction::Seal { ticket, text, bound });
    }

    fn look(&mut self, now: Now, actions: &mut Vec<FleetAction>) -> Timestamp {
        self.swap(FleetStep::Looking, None, 0, now, actions)
    }

    fn claim(&mut self, now: Now, actions: &mut Vec<FleetAction>) -> Timestamp {
        let at = self.link.store_now(now);
        let known = self.record().cloned().unwrap_or_default();
        self.put(known.claimed(self.owner, at, &self.config), Purpose::Claim, now, actions);
        now.measured.plus(self.config.swap_ms.1)
    }

    fn open(&mut self, now: Now, actions: &mut Vec<FleetAction>) -> Timestamp {
        let Some((sealed, bound)) = self.record().and_then(|record| {
            let sealed = record.sealed.as_deref()?.to_owned();
            Some((sealed, bound_to(&self.name, record)))
        }) else {
            return now.measured;
        };
        let (ticket, patient) = self.begin(FleetStep::Opening, self.config.seal_ms, now);
        actions.push(FleetAction::Open { ticket, sealed, bound });
        patient
    }

    fn put(&mut self, record: TokenRecord, purpose: Purpose, now: Now, actions: &mut Vec<FleetAction>) {
        let room = if purpose == Purpose::Save { CLAIM_BYTES } else { 0 };
        let Some(text) = write(&record).filter(|text| text.len().saturating_add(room) <= MOST_BYTES) else {
            // A token that is too long for a record is not shared.
            self.own = None;
            return;
        };
        let ttl_ms = record.ttl_ms(self.link.store_now(now), &self.config);
        self.swap(FleetStep::Putting(record, purpose), Some(text), ttl_ms, now, actions);
    }

    fn swap(
        &mut self,
        step: FleetStep,
        put: Option<String>,
        ttl_ms: u64,
        now: Now,
        actions: &mut Vec<FleetAction>,
    ) -> Timestamp {
        let swap_ms = self.link.swap_ms(&self.config);
        // What the store accepts has come before the deadline, wherever within its error the clock is.
        let slack_ms = swap_ms.saturating_sub(self.link.error_ms());
        let version = put.is_some().then(|| self.seen.as_ref().map_or(0, |seen| seen.version));
        let at = self.link.store_now(now);
        let (ticket, patient) = self.begin(step, swap_ms, now);
        let deadline = now.measured.plus(swap_ms);
        actions.push(FleetAction::Swap(DocumentSwap { ticket, version, at, slack_ms, put, ttl_ms, deadline }));
        patient
    }

    /// Begins an action. Returns its ticket, and the instant until which callers wait for it.
    fn begin(&mut self, step: FleetStep, ms: u64, now: Now) -> (u16, Timestamp) {
        let ticket = self.link.next_ticket();
        // The driver gives it up at the deadline and reports it. Where that driver is gone, the next event does.
        let ends = now.measured.plus(ms).plus(SPARE_MS);
        let patient = self.link.patience_ms(&self.config).map_or(ends, |ms| ends.min(now.measured.plus(ms)));
        self.pending = Some(FleetPending { ticket, step, sent: now, patient, ends });
        (ticket, patient)
    }

    fn take(&mut self, ticket: u16) -> Option<FleetPending> {
        self.pending.take_if(|pending| pending.ticket == ticket)
    }

    /// Ends attempts that have lasted too long.
    fn expire(&mut self, now: Now, actions: &mut Vec<FleetAction>) {
        self.asking = self.asking.filter(|asking| now.measured < asking.until);
        if let Some(pending) = self.pending.take_if(|pending| now.measured >= pending.ends) {
            self.not_reached(&pending.step, None, now, actions);
        }
    }

    fn found(&mut self, pending: FleetPending, found: DocumentFound<'_>, now: Now, actions: &mut Vec<FleetAction>) {
        let FleetPending { step, sent, .. } = pending;
        let DocumentFound { swapped, version, document, at } = found;
        let is_put = matches!(step, FleetStep::Putting(..));
        let named = self.seen.as_ref().filter(|_| is_put).map(|seen| seen.version);
        let result = SwapResult::of(named, &found);
        actions.extend(self.link.answered(sent, at, result, &self.config, now).into_iter().map(FleetAction::Tell));
        let record = match &step {
            FleetStep::Putting(put, _) if swapped => Some(put.clone()),
            _ => document.and_then(read),
        };
        let sealed = |record: &Option<TokenRecord>| record.as_ref().and_then(|record| record.sealed.clone());
        let before = self.seen.take();
        // An opened token stays open while the sealed text is the same.
        let same = before.filter(|seen| sealed(&seen.record) == sealed(&record));
        let opened = same.and_then(|seen| seen.opened);
        self.seen = Some(SeenRecord { version, record, opened, looked_at: sent.measured });
        if let FleetStep::Putting(_, purpose) = step
            && swapped
        {
            self.is_put(purpose, sent);
        }
        self.republish(now);
    }

    fn is_put(&mut self, purpose: Purpose, sent: Now) {
        match purpose {
            // The claim is counted from before it was put: this process never trusts it for longer than the others.
            Purpose::Claim => {
                self.asking = Some(Asking { until: sent.measured.plus(self.config.claim_ms), taken: false });
            }
            Purpose::Save => {
                if let (Some(own), Some(seen)) = (&mut self.own, &mut self.seen) {
                    own.unsaved = false;
                    seen.opened = Some(OpenedToken::Token(own.token.clone()));
                }
            }
            Purpose::Release => self.release = None,
        }
    }

    /// Notes that the own token is to be put again, if the store has lost it.
    fn republish(&mut self, now: Now) {
        let Some(seen) = &self.seen else { return };
        let at = self.link.store_now(now);
        let held = seen.record.as_ref().filter(|record| record.is_of_past(at, &self.config));
        let Some(own) = &mut self.own else { return };
        let expires_at = self.link.to_store(own.expires_at, now);
        own.unsaved |= held.is_none_or(|record| record.expires_at.plus(self.config.young_ms) < expires_at);
    }

    fn not_reached(&mut self, step: &FleetStep, why: Option<&str>, now: Now, actions: &mut Vec<FleetAction>) {
        match step {
            FleetStep::Opening => {
                if let Some(seen) = &mut self.seen {
                    seen.opened = Some(OpenedToken::Closed);
                }
            }
            FleetStep::Sealing(_) => self.own = None,
            FleetStep::Looking | FleetStep::Putting(..) => {
                actions.extend(self.link.failed(why, &self.config, now).map(FleetAction::Tell));
                // The next look shows the document.
                self.seen = None;
            }
        }
    }
}
