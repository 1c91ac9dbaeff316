//! Recordings: the calls that ran, by operation.
//!
//! A recording counts the requests to Xero that a program made while it was watched, by the operations that they are. It holds
//! keys of operations, methods, bases of APIs, numbers and times, and nothing else: no id, query, body, token or tenant. The
//! union of two recordings adds their counts, so recordings of several processes, runs and machines make one.
//!
//! | Module | Does |
//! |---|---|
//! | `noted` | finds the operation of a request, and counts it |
//! | `written` | writes a recording as JSON |
//! | `instant` | reads and writes times |
//!
//! [`structured`](super::structured) reads the JSON, because a recording is also a text that calls are found in.

mod instant;
mod noted;
mod written;

use crate::catalogue::APIS;
use crate::request::route::{METHODS, base_name};
use crate::time::Timestamp;
pub(super) use instant::read as read_instant;
pub(super) use written::VERSION;

/// The largest count: what a number of JavaScript holds exactly.
pub(super) const MOST: u64 = (1 << 53) - 1;

/// A recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// The time during which programs were watched.
    pub watched: Watched,
    /// The calls, each once, in the order of [`RecordedCall`]: [`Usage::count`] keeps it.
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

impl Usage {
    /// Adds another recording.
    pub fn add(&mut self, other: &Self) {
        self.watched.add(other.watched);
        for (call, counts) in &other.calls {
            self.count(call.clone(), *counts);
        }
    }

    /// Adds requests for one call.
    pub fn count(&mut self, call: RecordedCall, counts: Recorded) {
        match self.calls.binary_search_by(|(own, _)| own.cmp(&call)) {
            Ok(place) => {
                if let Some((_, own)) = self.calls.get_mut(place) {
                    own.add(counts);
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
        self.span = match (self.span, other.span) {
            (Some((first, last)), Some((from, until))) => Some((first.min(from), last.max(until))),
            (own, other) => own.or(other),
        };
    }
}

impl Recorded {
    fn add(&mut self, other: Self) {
        self.times = self.times.saturating_add(other.times).min(MOST);
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
