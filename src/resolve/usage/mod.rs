//! Recordings: the calls that ran, by operation.
//!
//! A recording counts the requests to Xero that a program made while it was watched, by the operations that they are. It holds
//! keys of operations, methods, bases of APIs, numbers and times, and nothing else: no id, query, body, token or tenant. It is
//! a set of runs, each with a random number of its own. So the union of recordings of several processes, runs and machines is
//! one, and the union with a recording that is in it already changes nothing.
//!
//! | Module | Does |
//! |---|---|
//! | `noted` | finds the operation of a request, and counts it |
//! | `written` | writes a recording as JSON |
//! | `basis` | the recordings among some texts, as answers state them |
//! | `instant` | reads and writes times |
//!
//! [`structured`](super::structured) reads the JSON, because a recording is also a text that calls are found in.

mod basis;
mod instant;
mod noted;
mod written;

use std::collections::BTreeMap;

use crate::catalogue::APIS;
use crate::request::route::{METHODS, base_name};
use crate::time::Timestamp;
pub use basis::{RecordedBasis, WatchedTime};
pub(super) use instant::read as read_instant;
pub(super) use written::VERSION;

/// The largest count: what a number of JavaScript holds exactly.
pub(super) const MOST: u64 = (1 << 53) - 1;

/// A recording: runs by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// The runs.
    pub runs: BTreeMap<RunId, RecordedRun>,
}

/// The random number of a run, by which it is known in a union. It is drawn for the recording and says nothing about a
/// machine, a user or a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunId(u64);

/// A run: of one process, or of a command with all its processes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordedRun {
    /// The time during which it was watched.
    pub watched: Watched,
    /// The calls, each once, in the order of [`RecordedCall`]: [`RecordedRun::count`] keeps it.
    pub calls: Vec<(RecordedCall, Recorded)>,
}

/// The time during which programs were watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// The number of processes and threads.
    pub processes: u64,
    /// The sum of the time that each was watched, in seconds.
    pub seconds: u64,
    /// The beginning of the first and the end of the last; `None` if there was none.
    pub span: Option<(Timestamp, Timestamp)>,
}

/// A call of a recording.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordedCall {
    /// An operation by its key, or one of several where APIs share a base and a path.
    Operations(Vec<String>),
    /// A request to Xero that is no operation of the catalogue.
    NotKnown {
        /// The method; `OTHER` for one that Xero does not have.
        method: &'static str,
        /// The base of the API, such as `/api.xro/2.0`; `None` if it is not known.
        base: Option<&'static str>,
    },
}

/// Counts of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// How often it was made; at least 1.
    pub times: u64,
    /// The first time.
    pub first: Timestamp,
    /// The last time.
    pub last: Timestamp,
}

impl RunId {
    /// Reads a number as recordings have it: 16 hexadecimal digits in lower case.
    pub fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
        let is_number = text.len() == 16 && text.bytes().all(is_digit);
        u64::from_str_radix(text, 16).ok().filter(|_| is_number).map(Self)
    }
}

impl Usage {
    /// A recording of one run.
    pub fn one(id: RunId, run: RecordedRun) -> Self {
        Self { runs: BTreeMap::from([(id, run)]) }
    }

    /// Adds the runs of another recording. A run that both have is counted once, as its later recording has it.
    pub fn add(&mut self, other: &Self) {
        for (id, run) in &other.runs {
            self.runs.entry(*id).or_default().join(run);
        }
    }

    /// All runs added up.
    pub fn total(&self) -> RecordedRun {
        let mut total = RecordedRun::default();
        for run in self.runs.values() {
            total.watched.add(run.watched);
            for (call, counts) in &run.calls {
                total.count(call.clone(), *counts);
            }
        }
        total
    }
}

impl RecordedRun {
    /// Adds requests for one call.
    pub fn count(&mut self, call: RecordedCall, counts: Recorded) {
        self.change(call, counts, Recorded::add);
    }

    /// The requests for one call.
    pub(super) fn times(&self, call: &RecordedCall) -> u64 {
        let found = self.calls.binary_search_by(|(own, _)| own.cmp(call)).ok().and_then(|place| self.calls.get(place));
        found.map_or(0, |(_, counts)| counts.times)
    }

    /// Takes another recording of the same run. Counts only grow, so the larger ones are the later ones.
    fn join(&mut self, other: &Self) {
        self.watched.join(other.watched);
        for (call, counts) in &other.calls {
            self.change(call.clone(), *counts, Recorded::join);
        }
    }

    fn change(&mut self, call: RecordedCall, counts: Recorded, with: impl FnOnce(&mut Recorded, Recorded)) {
        match self.calls.binary_search_by(|(own, _)| own.cmp(&call)) {
            Ok(place) => {
                if let Some((_, own)) = self.calls.get_mut(place) {
                    with(own, counts);
                }
            }
            Err(place) => self.calls.insert(place, (call, counts)),
        }
    }
}

impl Watched {
    /// One process, watched from one time to another.
    pub fn one(from: Timestamp, until: Timestamp) -> Self {
        let until = until.max(from);
        Self { processes: 1, seconds: until.since(from).div_euclid(1_000), span: Some((from, until)) }
    }

    fn add(&mut self, other: Self) {
        self.processes = self.processes.saturating_add(other.processes).min(MOST);
        self.seconds = self.seconds.saturating_add(other.seconds).min(MOST);
        self.widen(other);
    }

    fn join(&mut self, other: Self) {
        self.processes = self.processes.max(other.processes);
        self.seconds = self.seconds.max(other.seconds);
        self.widen(other);
    }

    fn widen(&mut self, other: Self) {
        self.span = match (self.span, other.span) {
            (Some((first, last)), Some((from, until))) => Some((first.min(from), last.max(until))),
            (own, other) => own.or(other),
        };
    }
}

impl Recorded {
    fn add(&mut self, other: Self) {
        self.times = self.times.saturating_add(other.times).min(MOST);
        self.widen(other);
    }

    fn join(&mut self, other: Self) {
        self.times = self.times.max(other.times);
        self.widen(other);
    }

    fn widen(&mut self, other: Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}

impl RecordedCall {
    /// Reads the members of a call that is not known. `OTHER` is the only method besides those that can be sent.
    pub(super) fn not_known(method: &str, base: Option<&str>) -> Option<Self> {
        let method = METHODS.iter().copied().chain([OTHER]).find(|known| *known == method)?;
        let base = match base {
            Some(text) => Some(APIS.iter().map(|api| base_name(api.base)).find(|known| *known == text)?),
            None => None,
        };
        Some(Self::NotKnown { method, base })
    }
}

/// The name for all methods that cannot be sent to Xero.
const OTHER: &str = "OTHER";

/// Returns whether a text has the form of an operation's key. A catalogue of another version may have others than this one.
pub(super) fn is_key(text: &str) -> bool {
    let Some((api, id)) = text.split_once('.') else { return false };
    let is_api = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.len() <= 100
        && !api.is_empty()
        && api.bytes().all(is_api)
        && id.starts_with(|c: char| c.is_ascii_lowercase())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
