//! The world of the walks of a fleet: virtual time, clocks that differ, and a store with faults.

use std::collections::BTreeMap;

use xero_m2m::fleet::{DocumentSwap, codec};
use xero_m2m::time::{Now, Timestamp};

/// 2026-11-23T10:00:00Z, by Xero's clock.
pub(crate) const START: u64 = 1_795_428_000_000;
pub(crate) const MINUTE: u64 = 60_000;

/// The documents that a store can be set back by.
const MOST_BEFORE: usize = 10;

/// The steps that are to come. `real` is the instant in milliseconds from the beginning.
pub(crate) struct Agenda<S> {
    pub(crate) real: u64,
    steps: BTreeMap<(u64, u64), S>,
    planned: u64,
    pub(crate) taken: u64,
}

impl<S> Agenda<S> {
    pub(crate) fn new() -> Self {
        Self { real: 0, steps: BTreeMap::new(), planned: 0, taken: 0 }
    }

    pub(crate) fn plan(&mut self, in_ms: u64, step: S) {
        self.planned += 1;
        self.steps.insert((self.real + in_ms, self.planned), step);
    }

    /// The next step; its instant is now.
    pub(crate) fn next(&mut self) -> Option<S> {
        let ((at, _), step) = self.steps.pop_first()?;
        self.taken += 1;
        assert!(self.taken < 3_000_000, "it never ends");
        self.real = at;
        Some(step)
    }
}

/// The clocks of a process: one that may be wrong, and one that is never set.
#[derive(Clone, Copy)]
pub(crate) struct HostClock {
    pub(crate) ahead: i64,
    pub(crate) origin: u64,
}

impl HostClock {
    pub(crate) fn at(self, real: u64) -> Now {
        let clock = (START + real).checked_add_signed(self.ahead).expect("a time after 1970");
        Now { clock: Timestamp::from_ms(clock), measured: Timestamp::from_ms(self.origin + real) }
    }
}

/// Tickets that were answered or given up.
#[derive(Default)]
pub(crate) struct Settled(Vec<u16>);

impl Settled {
    /// Returns whether a ticket is settled now for the first time.
    pub(crate) fn settle(&mut self, ticket: u16) -> bool {
        let is_new = !self.0.contains(&ticket);
        self.0.push(ticket);
        if self.0.len() > 64 {
            self.0.remove(0);
        }
        is_new
    }
}

/// The answer of a store: whether it put the document, the version, and the document that is there.
pub(crate) type StoreAnswer = (bool, u64, Option<String>);

/// The store, which keeps the contract of `SharedStore`.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "things that go wrong, or do not")]
pub(crate) struct Store {
    version: u64,
    /// The newest version that there was: it grows also if the document is forgotten.
    newest: u64,
    /// The document, and the instant at which it may be forgotten.
    document: Option<(String, u64)>,
    /// The earlier documents, newest last.
    before: Vec<(u64, Option<(String, u64)>)>,
    pub(crate) is_down: bool,
    pub(crate) ahead: i64,
    /// It was emptied, set back or damaged since the last put.
    pub(crate) is_disturbed: bool,
    pub(crate) puts: u64,
    pub(crate) looks: u64,
    /// It breaks the contract: it puts a document in the place of any version, or one that comes late.
    pub(crate) is_blind: bool,
    pub(crate) takes_late: bool,
}

impl Store {
    pub(crate) fn clock(&self, real: u64) -> u64 {
        (START + real).checked_add_signed(self.ahead).expect("a time after 1970")
    }

    pub(crate) fn document(&self) -> Option<&str> {
        self.document.as_ref().map(|(text, _)| text.as_str())
    }

    /// Forgets a document whose time is over.
    pub(crate) fn forget(&mut self, real: u64) {
        let now = self.clock(real);
        if self.document.as_ref().is_some_and(|(_, ends)| *ends <= now) {
            self.empty();
        }
    }

    pub(crate) fn swap(&mut self, swap: &DocumentSwap, real: u64) -> StoreAnswer {
        self.forget(real);
        let now = self.clock(real);
        let own = if self.document.is_some() { self.version } else { 0 };
        let is_late = now.abs_diff(swap.at.as_ms()) > swap.slack_ms && !self.takes_late;
        let fits = (swap.version == Some(own) || self.is_blind) && !is_late;
        let Some(put) = swap.put.clone().filter(|_| fits) else {
            self.looks += 1;
            return (false, own, self.document().map(str::to_owned));
        };
        assert!(put.len() <= codec::MOST_BYTES, "the document is bounded");
        self.puts += 1;
        self.is_disturbed = false;
        if self.before.len() > MOST_BEFORE {
            self.before.remove(0);
        }
        self.before.push((self.version, self.document.take()));
        self.newest = (self.newest + 1).max(now);
        self.version = self.newest;
        self.document = Some((put, now + swap.ttl_ms));
        (true, self.version, None)
    }

    pub(crate) fn empty(&mut self) {
        self.document = None;
        self.is_disturbed = true;
    }

    /// Loses the latest writes.
    pub(crate) fn revert(&mut self, writes: usize) {
        for _ in 0..writes {
            if let Some((version, document)) = self.before.pop() {
                (self.version, self.document) = (version, document);
            }
        }
        self.is_disturbed = true;
    }

    /// Changes the document, if there is one, under the version that it has.
    pub(crate) fn alter(&mut self, change: impl FnOnce(&str) -> String) {
        if let Some((text, _)) = &mut self.document {
            *text = change(text);
        }
    }

    /// Has another text in the place of the document, if there is one.
    pub(crate) fn replace(&mut self, change: impl FnOnce(&str) -> String) {
        if self.document.is_some() {
            self.alter(change);
            self.newest += 1;
            self.version = self.newest;
            self.is_disturbed = true;
        }
    }
}
