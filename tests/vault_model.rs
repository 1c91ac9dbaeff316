//! The vault of refresh tokens under every order of events: two processes that run the machine that ships, one store, and a Xero
//! that replaces a refresh token whenever it is used.
//!
//! Breadth first, within bounds: processes crash, stand still and give up, requests and answers are lost or come late, claims end,
//! and half an hour goes by. At every instant the store, or a living process that is about to save, has a token that Xero accepts,
//! under both readings of Xero's grace.
//!
//! An ablation is a driver that performs something else than the machine wants. Each of them loses the login, and prints how.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::disallowed_macros,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

mod support;

use support::length;
use xero_m2m::backoff::Backoff;
use xero_m2m::error::{Code, Error};
use xero_m2m::shared::{
    ExchangeFailure, Fresh, HeldDocument, Opened, Swap, SwapAnswer, Vault, VaultAction, VaultConfig, VaultDocument,
    VaultEvent, Want,
};
use xero_m2m::time::{Now, Timestamp};

/// The beginning of the model's time, and of versions: numbers below and above mean something else.
const BEGIN: u64 = 1_700_000_000_000;
const VERSIONS: u64 = 4_000_000_000_000_000;
const HALF_HOUR: u64 = 1_800_000;

/// How often each thing may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Bounds {
    /// Refresh tokens in all. No caller comes once there are as many, and a state with two more is not left any more: the machine
    /// ends a doubt by itself, and would go on for ever.
    tokens: usize,
    /// Exchanges that a process gives up while their requests are under way.
    given_up: u8,
    /// Requests to Xero, or answers of it, that are lost.
    lost: u8,
    crashes: u8,
    half_hours: u8,
    /// Times that a process stands still before a swap arrives, or before it hears the answer.
    stalls: u8,
    /// Swaps that are lost, or whose answer is.
    swaps_lost: u8,
    /// Times that the store loses its last write.
    failovers: u8,
    /// A process that gives up may listen on, and hear the answer later.
    listens: bool,
}

const fn bounds(tokens: usize, given_up: u8, lost: u8, crashes: u8) -> Bounds {
    Bounds { tokens, given_up, lost, crashes, half_hours: 1, stalls: 0, swaps_lost: 0, failovers: 0, listens: false }
}

/// The walks: those of a quick run, then those of a full one, then those before a release.
const WALKS: [Bounds; 8] = [
    bounds(4, 1, 1, 1),
    bounds(4, 2, 0, 1),
    bounds(5, 1, 0, 1),
    bounds(3, 1, 1, 1),
    Bounds { swaps_lost: 1, ..bounds(3, 1, 0, 1) },
    Bounds { stalls: 1, ..bounds(3, 1, 0, 1) },
    Bounds { listens: true, ..bounds(3, 2, 1, 0) },
    Bounds { stalls: 1, swaps_lost: 1, listens: true, ..bounds(4, 1, 1, 1) },
];

/// Something that the driver does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ablation {
    None,
    /// It reports a claim as put without putting it.
    NoClaim,
    /// It saves over any version.
    BlindWrite,
    /// It empties the vault when an exchange is given up.
    EraseOnError,
    /// It drops a grant that comes after its claim was taken over, and has no timer either: the timer alone would make up for it.
    LateGrantsDropped,
    /// It keeps the new token alone.
    NoPrevious,
    /// It has no timer for the exchange that ends a doubt.
    NoConfirmation,
    /// The store loses what it acknowledged.
    NotDurable,
}

/// The reading of Xero's grace: of several successors of one token all are good, or only the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    Lenient,
    Strict,
}

/// A refresh token of Xero, in the order of issue.
#[derive(Clone, Copy, Hash)]
struct Issued {
    parent: Option<u8>,
    used: bool,
    in_grace: bool,
    dead: bool,
}

/// A request to Xero.
#[derive(Clone, Copy)]
struct Request {
    by: usize,
    ticket: u16,
    token: u8,
    /// The process still listens.
    heard: bool,
}

/// What becomes of the next swap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Done,
    /// The process stands still before it.
    Held,
    /// The process stands still before it hears the answer.
    Unheard,
    Lost,
    AnswerLost,
}

#[derive(Clone)]
struct Process {
    owner: u32,
    vault: Vault,
    swap: Option<Swap>,
    /// The answer to a swap that it has not heard yet.
    unheard: Option<(u16, SwapAnswer)>,
    /// A grant that it has got and not looked at yet: the ticket, and the token.
    got: Option<(u16, u8)>,
    /// The tokens of grants that are not saved, by the number of the grant.
    grants: Vec<(u32, u8)>,
}

#[derive(Clone)]
struct State {
    now: u64,
    xero: Vec<Issued>,
    version: u64,
    held: HeldDocument,
    before: Option<HeldDocument>,
    processes: [Process; 2],
    requests: Vec<Request>,
    spent: Bounds,
}

/// Takes a move: its label, and what it does.
type Go<'g> = &'g mut dyn FnMut(&dyn Fn() -> String, &dyn Fn(&mut State));

struct Model {
    reading: Reading,
    ablation: Ablation,
    most: Bounds,
}

fn config() -> VaultConfig {
    let backoff = Backoff { first_ms: 0, cap_ms: 0, jitter_percent: 0 };
    VaultConfig { backoff, fresh_ms: 0, ..VaultConfig::default() }
}

fn fresh(token: u8) -> Fresh {
    // Before `BEGIN`, so that the token itself is never good enough: each caller wants a renewal.
    let at = |ms: u64| Timestamp::from_ms(1_000_000_000_000 + ms);
    Fresh { issued: at(u64::from(token) * 1_000), obtained_at: at(0), expires_at: at(1) }
}

/// The sealed text of the model: the tokens of Xero by their numbers in the document.
fn sealed(tokens: &[(u32, u8)]) -> Arc<str> {
    let mut text = String::new();
    for (id, token) in tokens {
        write!(text, "{id}-{token}_").unwrap();
    }
    text.into()
}

fn unsealed(text: &str) -> Vec<(u32, u8)> {
    let pair = |part: &str| part.split_once('-').map(|(id, token)| (id.parse().unwrap(), token.parse().unwrap()));
    text.split('_').filter_map(pair).collect()
}

impl Process {
    fn new(owner: u32) -> Self {
        let vault = Vault::new(config(), owner, 0, false);
        Self { owner, vault, swap: None, unheard: None, got: None, grants: Vec::new() }
    }

    fn is_idle(&self) -> bool {
        !self.vault.is_busy() && self.got.is_none()
    }
}

impl State {
    fn new() -> Self {
        let mut document = VaultDocument::of_login(1, 1, fresh(0), Timestamp::from_ms(BEGIN));
        document.sealed = sealed(&[(1, 0)]);
        let spent = Bounds { half_hours: 0, ..bounds(0, 0, 0, 0) };
        Self {
            now: BEGIN,
            xero: vec![Issued { parent: None, used: false, in_grace: false, dead: false }],
            version: VERSIONS,
            held: HeldDocument::Document(document),
            before: None,
            processes: [Process::new(10), Process::new(11)],
            requests: Vec::new(),
            spent,
        }
    }

    fn document(&self) -> Option<&VaultDocument> {
        match &self.held {
            HeldDocument::Document(document) => Some(document),
            _ => None,
        }
    }

    fn at(&self) -> Now {
        let at = Timestamp::from_ms(self.now);
        Now { clock: at, measured: at }
    }

    fn is_claimed_by(&self, owner: u32) -> bool {
        self.document().and_then(|document| document.claim).is_some_and(|claim| claim.owner == owner)
    }

    fn accepts(&self, token: u8) -> bool {
        let issued = self.xero[usize::from(token)];
        let successor_used = || self.xero.iter().any(|other| other.parent == Some(token) && other.used);
        !issued.dead && (!issued.used || issued.in_grace && !successor_used())
    }

    /// Returns whether the login is lost: no token that anything holds is accepted.
    fn is_lost(&self) -> bool {
        let in_store = self.document().map(|document| {
            let known = unsealed(&document.sealed);
            document.tokens.iter().filter_map(|token| known.iter().find(|(id, _)| *id == token.id).copied()).collect()
        });
        let in_store: Vec<(u32, u8)> = in_store.unwrap_or_default();
        let unsaved = |process: &Process| {
            let got = process.got.map(|(ticket, token)| (u32::from(ticket), token));
            process.grants.iter().copied().chain(got).collect::<Vec<_>>()
        };
        let in_memory = self.processes.iter().flat_map(unsaved);
        !in_store.into_iter().chain(in_memory).any(|(_, token)| self.accepts(token))
    }
}

impl Model {
    /// Xero exchanges a token, if it accepts it.
    fn exchange(&self, state: &mut State, token: u8) -> Option<u8> {
        if !state.accepts(token) {
            return None;
        }
        let used = &mut state.xero[usize::from(token)];
        used.in_grace = used.in_grace || !used.used;
        used.used = true;
        if self.reading == Reading::Strict {
            for issued in state.xero.iter_mut().filter(|issued| issued.parent == Some(token)) {
                issued.dead = true;
            }
        }
        state.xero.push(Issued { parent: Some(token), used: false, in_grace: false, dead: false });
        Some((state.xero.len() - 1) as u8)
    }

    /// Performs a swap in the store.
    fn swap(&self, state: &mut State, swap: &Swap, is_save: bool) -> SwapAnswer {
        let late = state.now.abs_diff(swap.at.as_ms()) > swap.slack_ms;
        let fits = swap.version == Some(state.version) || self.ablation == Ablation::BlindWrite && is_save;
        let swapped = fits && !late && swap.put.is_some();
        if let Some(put) = swap.put.as_ref().filter(|_| swapped) {
            state.before = (self.most.failovers > 0).then(|| state.held.clone());
            state.held = HeldDocument::Document(put.clone());
            state.version += 1;
        }
        SwapAnswer { swapped, version: state.version, held: state.held.clone(), at: Timestamp::from_ms(state.now) }
    }

    /// Reports an event to a process and performs the actions.
    fn report(&self, state: &mut State, by: usize, event: VaultEvent, mut fate: Fate) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            let now = state.at();
            for action in state.processes[by].vault.handle(event, now) {
                match action {
                    // A look changes nothing.
                    VaultAction::Swap(look) if look.version.is_none() => {
                        let found = self.swap(state, &look, false);
                        events.push(VaultEvent::Found { ticket: look.ticket, found });
                    }
                    VaultAction::Swap(swap) => {
                        let ticket = swap.ticket;
                        state.processes[by].swap = Some(swap);
                        match std::mem::replace(&mut fate, Fate::Done) {
                            Fate::Held => {}
                            Fate::Unheard => state.processes[by].unheard = Some(self.arrive(state, by)),
                            Fate::Done => {
                                let (ticket, found) = self.arrive(state, by);
                                events.push(VaultEvent::Found { ticket, found });
                            }
                            Fate::AnswerLost => {
                                self.arrive(state, by);
                                events.push(VaultEvent::Away { ticket, why: None, lasting: false });
                            }
                            Fate::Lost => {
                                state.processes[by].swap = None;
                                events.push(VaultEvent::Away { ticket, why: None, lasting: false });
                            }
                        }
                    }
                    VaultAction::Open { ticket, .. } => {
                        events.push(VaultEvent::Opened { ticket, opened: Opened::Same });
                    }
                    VaultAction::Seal { ticket, grant, document } => {
                        let process = &state.processes[by];
                        let before = process.vault.document().map(|known| unsealed(&known.sealed)).unwrap_or_default();
                        let of = |id| before.iter().find(|(known, _)| *known == id).map(|(_, token)| *token);
                        let new = process.grants.iter().find(|(number, _)| *number == grant).map(|(_, token)| *token);
                        let listed = document.tokens.iter().filter_map(|token| {
                            let found = if token.id == document.generation { new } else { of(token.id) };
                            // Only an ablation leaves one out.
                            assert!(
                                found.is_some() || self.ablation != Ablation::None,
                                "the text of {token:?} is missing"
                            );
                            Some((token.id, found?))
                        });
                        let keeps =
                            |(id, _): &(u32, u8)| self.ablation != Ablation::NoPrevious || *id == document.generation;
                        let sealed = sealed(&listed.filter(keeps).collect::<Vec<_>>());
                        events.push(VaultEvent::Sealed { ticket, sealed });
                    }
                    VaultAction::Exchange { ticket, token, .. } => {
                        let known = unsealed(&state.processes[by].vault.document().unwrap().sealed);
                        let token = known.iter().find(|(id, _)| *id == token).map(|(_, token)| *token);
                        match token {
                            Some(token) => state.requests.push(Request { by, ticket, token, heard: true }),
                            None => events.push(VaultEvent::Refused { ticket }),
                        }
                    }
                    _ => {}
                }
            }
        }
        let process = &mut state.processes[by];
        if process.is_idle() {
            process.grants.clear();
        }
    }

    /// The swap of a process arrives at the store.
    fn arrive(&self, state: &mut State, by: usize) -> (u16, SwapAnswer) {
        let swap = state.processes[by].swap.take().unwrap();
        let is_save = is_save(&state.processes[by], &swap);
        let pretended = match self.ablation {
            Ablation::NoClaim => !is_save && swap.put.as_ref().is_some_and(|put| put.claim.is_some()),
            Ablation::LateGrantsDropped => is_save && !state.is_claimed_by(state.processes[by].owner),
            _ => false,
        };
        let found = if pretended {
            let held = HeldDocument::Document(swap.put.clone().unwrap());
            SwapAnswer { swapped: true, version: state.version, held, at: Timestamp::from_ms(state.now) }
        } else {
            self.swap(state, &swap, is_save)
        };
        (swap.ticket, found)
    }

    /// Calls `visit` with each state that may follow, and what happened.
    fn moves(&self, state: &State, visit: &mut dyn FnMut(String, State)) {
        let mut go = |label: &dyn Fn() -> String, act: &dyn Fn(&mut State)| {
            let mut next = state.clone();
            act(&mut next);
            visit(label(), next);
        };
        for by in 0..2 {
            self.moves_of_process(state, by, &mut go);
        }
        self.moves_of_xero(state, &mut go);
        self.moves_of_time(state, &mut go);
    }

    /// Goes with each fate that a swap may have.
    fn with_fates(&self, state: &State, go: Go<'_>, label: &dyn Fn() -> String, act: &dyn Fn(&mut State, Fate)) {
        go(label, &|next| act(next, Fate::Done));
        if state.spent.stalls < self.most.stalls {
            for (fate, what) in [(Fate::Held, "before its swap"), (Fate::Unheard, "before it hears the store")] {
                go(&|| format!("{}; it stands still {what}", label()), &|next| {
                    next.spent.stalls += 1;
                    act(next, fate);
                });
            }
        }
        if state.spent.swaps_lost < self.most.swaps_lost {
            for (fate, what) in [(Fate::Lost, "the swap"), (Fate::AnswerLost, "the answer of the store")] {
                go(&|| format!("{}; {what} is lost", label()), &|next| {
                    next.spent.swaps_lost += 1;
                    act(next, fate);
                });
            }
        }
    }

    fn moves_of_process(&self, state: &State, by: usize, go: Go<'_>) {
        let (spent, most) = (state.spent, self.most);
        let process = &state.processes[by];
        let name = move || format!("P{}", by + 1);
        if process.is_idle() && state.xero.len() < most.tokens {
            self.with_fates(state, go, &|| name() + " wants a new access token", &|next, fate| {
                self.want(next, by, fate);
            });
        }
        let waits = state.requests.iter().find(|request| request.by == by && request.heard);
        let stands = waits.is_some() || process.swap.is_some() || process.unheard.is_some() || process.got.is_some();
        let wakes = process.vault.wake(state.at()).is_some_and(|at| at.as_ms() <= state.now);
        if wakes && !process.is_idle() && !stands {
            go(&|| name() + " goes on", &|next| self.report(next, by, VaultEvent::Tick, Fate::Done));
        }
        if let Some(swap) = &process.swap {
            let label = move || {
                let put = swap.put.clone().unwrap();
                let claim = put.claim.map_or(String::new(), |claim| format!(", claimed by {}", claim.owner));
                format!("P{} puts [{}]{claim}", by + 1, put.sealed)
            };
            self.with_fates(state, go, &label, &|next, fate| match fate {
                // It stands before it already.
                Fate::Held => {}
                Fate::Unheard => next.processes[by].unheard = Some(self.arrive(next, by)),
                Fate::Done => {
                    let (ticket, found) = self.arrive(next, by);
                    self.report(next, by, VaultEvent::Found { ticket, found }, Fate::Done);
                }
                Fate::AnswerLost => {
                    let (ticket, _) = self.arrive(next, by);
                    self.report(next, by, VaultEvent::Away { ticket, why: None, lasting: false }, Fate::Done);
                }
                Fate::Lost => {
                    let ticket = next.processes[by].swap.take().unwrap().ticket;
                    self.report(next, by, VaultEvent::Away { ticket, why: None, lasting: false }, Fate::Done);
                }
            });
        }
        if process.unheard.is_some() {
            go(&|| name() + " hears the store", &|next| {
                let (ticket, found) = next.processes[by].unheard.take().unwrap();
                self.report(next, by, VaultEvent::Found { ticket, found }, Fate::Done);
            });
        }
        if let Some((ticket, got)) = process.got {
            self.with_fates(state, go, &|| format!("{} saves R{got}", name()), &|next, fate| {
                next.processes[by].got = None;
                next.processes[by].grants.push((ticket.into(), got));
                self.report(next, by, VaultEvent::Granted { ticket, fresh: fresh(got) }, fate);
            });
        }
        if let Some(ticket) = waits.map(|request| request.ticket).filter(|_| spent.given_up < most.given_up) {
            // A driver listens on: the answer may still be heard.
            for &listens in if most.listens { &[false, true][..] } else { &[false] } {
                let what = if listens { "gives up waiting, and listens on" } else { "gives up waiting" };
                go(&|| format!("{} {what}", name()), &|next| {
                    next.spent.given_up += 1;
                    if !listens {
                        Self::forget(next, by);
                    }
                    self.fail(next, by, ticket, true);
                    if self.ablation == Ablation::EraseOnError {
                        next.held = HeldDocument::Nothing;
                        next.version += 1;
                    }
                });
            }
        }
        if !process.is_idle() && spent.crashes < most.crashes {
            go(&|| name() + " crashes", &|next| {
                next.spent.crashes += 1;
                Self::forget(next, by);
                next.processes[by] = Process::new(20 + u32::from(next.spent.crashes));
            });
        }
    }

    /// No process hears the answers to the requests of this one any more.
    fn forget(state: &mut State, by: usize) {
        state.requests.iter_mut().filter(|request| request.by == by).for_each(|request| request.heard = false);
    }

    /// A caller comes to an idle process.
    fn want(&self, state: &mut State, by: usize, fate: Fate) {
        // It looks, opens what it found, and then does something about it.
        for _ in 0..3 {
            let deadline = Timestamp::from_ms(state.now + 60_000);
            let since = Timestamp::default();
            let want = Want { deadline, since, again: true, margin_ms: 0, max_age_ms: None, not_generation: None };
            if state.processes[by].is_idle() {
                self.report(state, by, VaultEvent::Want(want), fate);
            }
        }
    }

    fn moves_of_xero(&self, state: &State, go: Go<'_>) {
        for (place, &Request { by, ticket, token, heard }) in state.requests.iter().enumerate() {
            let label = || format!("Xero answers R{token} of P{}", by + 1);
            if heard && !state.accepts(token) {
                self.with_fates(state, go, &|| label() + " with a refusal", &|next, fate| {
                    next.requests.remove(place);
                    self.report(next, by, VaultEvent::Refused { ticket }, fate);
                });
            } else {
                go(&label, &|next| {
                    next.requests.remove(place);
                    let got = self.exchange(next, token).map(|got| (ticket, got));
                    next.processes[by].got = got.filter(|_| heard).or(next.processes[by].got);
                });
            }
            if state.spent.lost < self.most.lost {
                go(&|| format!("Xero answers R{token}, the answer is lost"), &|next| {
                    next.spent.lost += 1;
                    next.requests.remove(place);
                    self.exchange(next, token);
                    self.fail(next, by, ticket, heard);
                });
                go(&|| format!("the request with R{token} is lost"), &|next| {
                    next.spent.lost += 1;
                    next.requests.remove(place);
                    self.fail(next, by, ticket, heard);
                });
            }
        }
    }

    fn fail(&self, state: &mut State, by: usize, ticket: u16, heard: bool) {
        if heard {
            let error = Error::new(Code::Timeout, "");
            let failure = ExchangeFailure { error, certain: false, lasting: false, retry_after_ms: None };
            self.report(state, by, VaultEvent::Failed { ticket, failure }, Fate::Done);
        }
    }

    fn moves_of_time(&self, state: &State, go: Go<'_>) {
        let Some(document) = state.document() else { return };
        let alive = document.claim.filter(|claim| claim.until.as_ms() > state.now);
        if let Some(claim) = alive {
            go(&|| "the claim ends".to_owned(), &|next| next.now = claim.until.as_ms());
        }
        let quiet = state.requests.is_empty();
        if let Some(until) = document.unsure.filter(|until| quiet && alive.is_none() && until.as_ms() > state.now) {
            go(&|| "two minutes pass".to_owned(), &|next| next.now = until.as_ms() + 5_000);
        }
        let is_confirmed = document.unsure.is_none()
            || matches!(self.ablation, Ablation::NoConfirmation | Ablation::LateGrantsDropped);
        let is_settled = document.lost.is_some() || document.claim.is_none() && is_confirmed;
        let is_idle = quiet && state.processes.iter().all(Process::is_idle);
        if is_settled && is_idle && state.spent.half_hours < self.most.half_hours {
            go(&|| "half an hour passes".to_owned(), &|next| {
                next.spent.half_hours += 1;
                next.now += HALF_HOUR;
                next.xero.iter_mut().for_each(|issued| issued.in_grace = false);
            });
        }
        if let Some(before) = state.before.clone().filter(|_| state.spent.failovers < self.most.failovers) {
            go(&|| "the store loses its last write".to_owned(), &|next| {
                next.spent.failovers += 1;
                next.held = before.clone();
                next.before = None;
                next.version += 1;
            });
        }
    }

    /// The state as a number, equal for states that differ only in their time, in versions, in tickets, and in which process is
    /// which.
    fn key(&self, state: &State) -> u128 {
        self.key_in(state, [0, 1]).min(self.key_in(state, [1, 0]))
    }

    fn key_in(&self, state: &State, order: [usize; 2]) -> u128 {
        let owners = order.map(|by| state.processes[by].owner);
        let mut hasher =
            Relative { sums: [1, 2], now: state.now, version: state.version, owners, stalls: self.most.stalls > 0 };
        state.xero.hash(&mut hasher);
        state.held.hash(&mut hasher);
        state.before.hash(&mut hasher);
        state.spent.hash(&mut hasher);
        for by in order {
            let process = &state.processes[by];
            // What an idle process saw before does not matter: it looks first.
            process.is_idle().hash(&mut hasher);
            if !process.is_idle() {
                process.vault.hash(&mut hasher);
                process.swap.hash(&mut hasher);
                if let Some((_, found)) = &process.unheard {
                    (found.swapped, found.version, &found.held).hash(&mut hasher);
                }
                process.got.map(|(_, token)| token).hash(&mut hasher);
                for (_, token) in &process.grants {
                    token.hash(&mut hasher);
                }
            }
        }
        let is_latest =
            |one: &Request| !state.requests.iter().any(|other| other.by == one.by && other.ticket > one.ticket);
        let request = |one: &Request| (one.by == order[0], one.token, one.heard, is_latest(one));
        let mut requests: Vec<_> = state.requests.iter().map(request).collect();
        requests.sort_unstable();
        requests.hash(&mut hasher);
        let [one, other] = hasher.sums;
        u128::from(one) << 64 | u128::from(other)
    }

    /// Walks through all states. Returns their number, and the way to a state in which the login is lost.
    fn walk(&self) -> (usize, Option<Vec<String>>) {
        let start = State::new();
        let mut places = HashMap::from([(self.key(&start), 0_u32)]);
        // The way to each state: the state before, and the number of the move.
        let mut ways: Vec<(u32, u8)> = vec![(0, 0)];
        let mut frontier = vec![(0_u32, start)];
        let mut lost = None;
        while !frontier.is_empty() && lost.is_none() {
            let mut next = Vec::new();
            for (place, state) in frontier {
                let mut number = 0_u8;
                self.moves(&state, &mut |_, reached| {
                    number += 1;
                    let found = ways.len() as u32;
                    if *places.entry(self.key(&reached)).or_insert(found) != found {
                        return;
                    }
                    ways.push((place, number));
                    if lost.is_none() && reached.is_lost() {
                        lost = Some(found);
                    }
                    if reached.xero.len() < self.most.tokens + 2 {
                        next.push((found, reached));
                    }
                });
            }
            frontier = next;
        }
        (ways.len(), lost.map(|place| self.told(&ways, place)))
    }

    /// The labels of the moves to a state.
    fn told(&self, ways: &[(u32, u8)], mut place: u32) -> Vec<String> {
        let mut numbers = Vec::new();
        while place > 0 {
            let (before, number) = ways[place as usize];
            numbers.push(number);
            place = before;
        }
        let mut state = State::new();
        let mut labels = Vec::new();
        for number in numbers.into_iter().rev() {
            let mut at = 0;
            let mut taken = None;
            self.moves(&state, &mut |label, reached| {
                at += 1;
                if at == number {
                    taken = Some((label, reached));
                }
            });
            let (label, reached) = taken.unwrap();
            labels.push(label);
            state = reached;
        }
        labels
    }
}

/// A hasher to which instants count by their distance from now, as far as the machine can tell them apart, and versions by whether
/// they are the newest. Tickets do not count, nor do durations and random numbers, which are the same in every state.
struct Relative {
    sums: [u64; 2],
    now: u64,
    version: u64,
    owners: [u32; 2],
    stalls: bool,
}

impl Relative {
    fn add(&mut self, value: u64) {
        for (sum, factor) in self.sums.iter_mut().zip([0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F]) {
            *sum = (sum.rotate_left(5) ^ value).wrapping_mul(factor);
            *sum ^= *sum >> 29;
        }
    }
}

impl Hasher for Relative {
    fn finish(&self) -> u64 {
        self.sums[0]
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.add(byte.into());
        }
    }

    fn write_u16(&mut self, _: u16) {}

    fn write_u32(&mut self, value: u32) {
        let owner = self.owners.iter().position(|owner| *owner == value).map(|place| place as u64 + 1_000);
        // Others from 10 on are owners that are gone.
        self.add(owner.unwrap_or(u64::from(value).min(10)));
    }

    fn write_u64(&mut self, value: u64) {
        match value {
            // The end of a claim or of a doubt that is still to come.
            BEGIN..VERSIONS if value > self.now => self.add(100),
            BEGIN..VERSIONS => self.add(match self.now - value {
                // Long enough for a claim to have ended: it matters to a process that stood still.
                20_000..1_680_000 if self.stalls => 2,
                0..1_680_000 => 1,
                _ => 3,
            }),
            VERSIONS..=8_000_000_000_000_000 => self.add(u64::from(value == self.version)),
            1_000_000_000_000..BEGIN => self.add(value),
            _ => {}
        }
    }

    fn write_usize(&mut self, value: usize) {
        self.add(value as u64);
    }

    fn write_isize(&mut self, value: isize) {
        self.add(value.unsigned_abs() as u64);
    }
}

/// Returns whether a swap saves a grant.
fn is_save(process: &Process, swap: &Swap) -> bool {
    let known = process.vault.document().map(|known| known.generation);
    swap.put.as_ref().map(|put| put.generation) != known
}

/// Walks two at a time, which is as many as the memory of a small machine holds.
fn walk_all(runs: &[(Reading, Bounds, Ablation)]) -> Vec<(usize, Option<Vec<String>>)> {
    let walked = runs.chunks(2).flat_map(|pair| {
        std::thread::scope(|scope| {
            let walk = |&(reading, most, ablation): &_| scope.spawn(move || Model { reading, ablation, most }.walk());
            let started: Vec<_> = pair.iter().map(walk).collect();
            started.into_iter().map(|run| run.join().unwrap()).collect::<Vec<_>>()
        })
    });
    walked.collect()
}

#[test]
fn the_login_is_never_lost() {
    let walks = usize::try_from(length("vault_model")).unwrap();
    let both = |most: &Bounds| [Reading::Lenient, Reading::Strict].map(|reading| (reading, *most, Ablation::None));
    for most in WALKS.iter().take(walks) {
        for ((reading, ..), (states, lost)) in both(most).iter().zip(walk_all(&both(most))) {
            println!("{reading:?} {most:?}: {states} states");
            assert_eq!(lost, None, "{reading:?} {most:?}");
        }
    }
}

#[test]
fn each_ablation_loses_the_login() {
    let ablations = [
        (Ablation::NoClaim, bounds(4, 1, 1, 1)),
        (Ablation::BlindWrite, bounds(4, 1, 1, 1)),
        (Ablation::EraseOnError, bounds(4, 1, 1, 1)),
        (Ablation::LateGrantsDropped, bounds(4, 1, 1, 1)),
        (Ablation::NoPrevious, bounds(4, 1, 1, 1)),
        (Ablation::NoConfirmation, bounds(4, 1, 1, 1)),
        (Ablation::NotDurable, Bounds { failovers: 1, ..bounds(3, 0, 0, 1) }),
    ];
    let runs = ablations.map(|(ablation, most)| (Reading::Strict, most, ablation));
    for ((_, _, ablation), (states, lost)) in runs.iter().zip(walk_all(&runs)) {
        let trace = lost.unwrap_or_else(|| panic!("{ablation:?} loses nothing in {states} states"));
        println!("{ablation:?}, lost after {} steps:", trace.len());
        for step in trace {
            println!("  {step}");
        }
    }
}
