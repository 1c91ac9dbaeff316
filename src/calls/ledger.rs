//! What was found so far, each operation once.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::http::{Target, shown, target};
use super::nearest::Shapes;
use super::sdk::{Apis, Ids};
use crate::catalogue::{APIS, OPERATIONS, Operation, Withdrawn};
use crate::request::route::{route, same_shape, withdrawn, write_like};

/// What a text calls. In JSON: `{ calls, unresolved, ignored }`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Resolved {
    /// Every operation once, in the order of first appearance.
    pub calls: Vec<Found>,
    /// What looks like a call and is no operation of the catalogue, each once, in the order of first appearance.
    pub unresolved: Vec<Unresolved>,
    /// How much was passed over, and why.
    pub ignored: Ignored,
}

impl Resolved {
    /// Calls of these rows of [`OPERATIONS`], each by its key: for programs that know what they call.
    pub fn of_operations(rows: impl IntoIterator<Item = u16>) -> Self {
        let known = |row: u16| Some((row, OPERATIONS.get(usize::from(row))?.key()));
        let call = |(row, text)| Found {
            text,
            input: 0,
            at: 0,
            line: 1,
            rows: vec![row],
            ambiguous: false,
            assumed: None,
            times: 1,
        };
        Self { calls: rows.into_iter().filter_map(known).map(call).collect(), ..Self::default() }
    }

    /// The rows of all calls, in their order.
    pub fn rows(&self) -> impl Iterator<Item = u16> {
        self.calls.iter().flat_map(|call| call.rows.iter().copied())
    }
}

/// A call of an operation, or of one of several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ResolvedCall"))]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// How it is written where it appears first, or first for sure: at most 100 characters, no query, no credentials.
    /// In JSON, escapes are decoded.
    pub text: String,
    /// In which of several texts, from 0.
    pub input: usize,
    /// Where that starts, in UTF-16 code units from the start of the text, as JavaScript counts.
    pub at: usize,
    /// On which line that is; the first is 1.
    pub line: usize,
    /// The operations that it may be, in the order of the catalogue; several if the text does not say which API it is.
    // Rows of `OPERATIONS`; in JSON their keys.
    #[serde(rename = "operations", serialize_with = "keys")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub rows: Vec<u16>,
    /// Whether there are several: the same path or id in more than one API.
    pub ambiguous: bool,
    /// What the text leaves open at every appearance; absent if nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assumed: Option<Assumed>,
    /// How often it appears.
    pub times: usize,
}

/// What a call leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Assumed {
    /// The method: no word of one, so `GET`.
    Get,
    /// That it is Xero's: the method has one of Xero's names, but does not belong to anything named after an API.
    Receiver,
    /// The operation: the specification has no such method on this path, but the same scopes open every write that it has
    /// there, and this is one of those.
    Write,
}

/// What looks like a call and is no operation of the catalogue. Xero may still have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "UnresolvedCall"))]
#[serde(rename_all = "camelCase")]
pub struct Unresolved {
    /// How it is written, at most 100 characters of it; empty if nothing of it can be shown.
    pub text: String,
    /// In which of several texts, from 0.
    pub input: usize,
    /// Where it appears first, in UTF-16 code units from the start of the text.
    pub at: usize,
    /// On which line that is; the first is 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: Why,
    /// What the catalogue knows of it: when Xero withdrew the operation, and what takes its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
    /// The method of a request, `GET` if there is none; absent for the method of an SDK.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<&'static str>,
    /// The nearest operations, nearest first: at most three, and none after 500 unresolved calls.
    // Rows of `OPERATIONS`; in JSON their keys.
    #[serde(serialize_with = "keys")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub candidates: Vec<u16>,
    /// How often it appears.
    pub times: usize,
}

/// Why something is unresolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "UnresolvedReason"))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Why {
    /// The catalogue has no such method and path, or no such id.
    NoOperation,
    /// Xero had such an operation and has it no longer.
    Withdrawn,
    /// The HAR file ends or is broken here: what follows was not read.
    BrokenHar,
}

/// How much was passed over, and why: lines, commands or entries of a HAR file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "IgnoredLines"))]
#[serde(rename_all = "camelCase")]
pub struct Ignored {
    /// Nothing but white space.
    pub blank: usize,
    /// Comments.
    pub comments: usize,
    /// A URL of a host that is not Xero's API.
    pub other_hosts: usize,
    /// Signing in and getting tokens: no operation, and no scope opens it.
    pub sign_in: usize,
    /// Questions that a browser asks before a call (`OPTIONS`).
    pub preflights: usize,
    /// Prose, code, and everything else without a call.
    pub other: usize,
}

/// What became of something that was read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    /// There is no call in it.
    Other,
    OtherHost,
    SignIn,
    Preflight,
    /// It is found or unresolved.
    Call,
}

/// A request as it was read.
#[derive(Clone, Copy)]
pub(super) struct Request<'a> {
    /// `None` if nothing says it.
    pub(super) method: Option<&'static str>,
    /// A path or URL.
    pub(super) target: &'a str,
    /// How it is written, the target at its end.
    pub(super) text: &'a str,
    /// At which byte of the whole that is.
    pub(super) at: usize,
}

/// So many unresolved calls are compared with the catalogue: a text with more is about something else.
const COMPARED: usize = 500;

/// Takes what is found and adds it up.
pub(super) struct Ledger<'t> {
    /// The text that is being read.
    pub(super) text: &'t str,
    /// Which of the texts that is.
    input: usize,
    pub(super) ids: Ids,
    shapes: Shapes,
    /// The APIs that the text has named so far.
    pub(super) named: Apis,
    resolved: Resolved,
    place: Place,
    /// Which call each set of rows is. A write that is only taken to be like them is another one.
    calls: BTreeMap<(Vec<u16>, bool), usize>,
    /// Which call each row that a path leads to is: it finds the call without working out the whole set.
    routed: BTreeMap<u16, usize>,
    unresolved: BTreeMap<(&'static str, String), usize>,
}

impl<'t> Ledger<'t> {
    pub(super) fn new() -> Self {
        Self {
            text: "",
            input: 0,
            ids: Ids::default(),
            shapes: Shapes::default(),
            named: Apis::NONE,
            resolved: Resolved::default(),
            place: Place::START,
            calls: BTreeMap::new(),
            routed: BTreeMap::new(),
            unresolved: BTreeMap::new(),
        }
    }

    /// Turns to the next text; positions count from its start.
    pub(super) fn open(&mut self, input: usize, text: &'t str) {
        (self.text, self.input, self.named, self.place) = (text, input, Apis::NONE, Place::START);
    }

    pub(super) fn close(self) -> Resolved {
        self.resolved
    }

    /// Counts something that no call came from.
    pub(super) fn pass_over(&mut self, outcome: Outcome) {
        let ignored = &mut self.resolved.ignored;
        let count = match outcome {
            Outcome::Other => &mut ignored.other,
            Outcome::OtherHost => &mut ignored.other_hosts,
            Outcome::SignIn => &mut ignored.sign_in,
            Outcome::Preflight => &mut ignored.preflights,
            Outcome::Call => return,
        };
        *count = count.saturating_add(1);
    }

    pub(super) fn blank(&mut self) {
        self.resolved.ignored.blank = self.resolved.ignored.blank.saturating_add(1);
    }

    pub(super) fn comment(&mut self) {
        self.resolved.ignored.comments = self.resolved.ignored.comments.saturating_add(1);
    }

    /// Takes a request.
    pub(super) fn request(&mut self, request: Request<'_>) -> Outcome {
        let path = match target(request.target) {
            Target::Api(path) => path,
            Target::Base => return Outcome::Other,
            Target::SignIn => return Outcome::SignIn,
            Target::Elsewhere => return Outcome::OtherHost,
        };
        let method = request.method.unwrap_or("GET");
        if method == "OPTIONS" {
            return Outcome::Preflight;
        }
        let written = || {
            let (offset, text) = shown(request.text);
            (text, request.at.saturating_add(offset))
        };
        let assumed = if request.method.is_some() { None } else { Some(Assumed::Get) };
        let Some(row) = route(method, &path).row() else {
            let (text, at) = written();
            if let Some(gone) = withdrawn(method, &path) {
                self.gone(Some(method), text, at, gone);
            } else if let Some(row) = write_like(method, &path) {
                self.call(with_other_apis(row), text, at, Some(Assumed::Write));
            } else {
                self.unresolved(Some(method), text, at, |shapes| shapes.nearest(method, &path));
            }
            return Outcome::Call;
        };
        if let Some(&call) = self.routed.get(&row) {
            self.again(call, assumed, written);
        } else {
            let (text, at) = written();
            let call = self.call(with_other_apis(row), text, at, assumed);
            self.routed.insert(row, call);
        }
        Outcome::Call
    }

    /// Takes a call of one of `rows`; returns which of the calls it is.
    pub(super) fn call(&mut self, rows: Vec<u16>, text: &str, at: usize, assumed: Option<Assumed>) -> usize {
        let key = (rows, assumed == Some(Assumed::Write));
        if let Some(&call) = self.calls.get(&key) {
            self.again(call, assumed, || (text, at));
            return call;
        }
        let (at, line) = self.place.of(at, self.text);
        let call = self.resolved.calls.len();
        let rows = key.0.clone();
        self.calls.insert(key, call);
        let ambiguous = rows.len() > 1;
        self.resolved.calls.push(Found {
            text: text.to_owned(),
            input: self.input,
            at,
            line,
            rows,
            ambiguous,
            assumed,
            times: 1,
        });
        call
    }

    fn again<'a>(&mut self, call: usize, assumed: Option<Assumed>, written: impl FnOnce() -> (&'a str, usize)) {
        let Some(found) = self.resolved.calls.get_mut(call) else { return };
        found.times = found.times.saturating_add(1);
        if found.assumed.is_some() && assumed.is_none() {
            let (text, at) = written();
            (found.at, found.line) = self.place.of(at, self.text);
            found.input = self.input;
            text.clone_into(&mut found.text);
            found.assumed = None;
        }
    }

    /// Takes what is no operation; `method` is that of a request.
    pub(super) fn unresolved(
        &mut self,
        method: Option<&'static str>,
        text: &str,
        at: usize,
        nearest: impl FnOnce(&mut Shapes) -> Vec<u16>,
    ) {
        if !self.is_known(method, text) {
            let compared = self.resolved.unresolved.len() < COMPARED;
            let candidates = if compared { nearest(&mut self.shapes) } else { Vec::new() };
            self.report(Unresolved { method, candidates, ..self.entry(Why::NoOperation, text) }, at);
        }
    }

    /// Takes what was an operation.
    pub(super) fn gone(&mut self, method: Option<&'static str>, text: &str, at: usize, gone: &'static Withdrawn) {
        if !self.is_known(method, text) {
            self.report(Unresolved { method, note: Some(gone.note), ..self.entry(Why::Withdrawn, text) }, at);
        }
    }

    /// Says that the HAR file is broken at this byte.
    pub(super) fn broken(&mut self, at: usize) {
        self.report(self.entry(Why::BrokenHar, ""), at);
    }

    /// Whether it is among the unresolved calls already; counts it, if so.
    fn is_known(&mut self, method: Option<&'static str>, text: &str) -> bool {
        let count = self.resolved.unresolved.len();
        let which = *self.unresolved.entry((method.unwrap_or_default(), text.to_owned())).or_insert(count);
        let known = self.resolved.unresolved.get_mut(which);
        known.map(|known| known.times = known.times.saturating_add(1)).is_some()
    }

    fn entry(&self, why: Why, text: &str) -> Unresolved {
        let (text, input) = (text.to_owned(), self.input);
        Unresolved { text, input, at: 0, line: 1, why, note: None, method: None, candidates: Vec::new(), times: 1 }
    }

    fn report(&mut self, mut unresolved: Unresolved, at: usize) {
        (unresolved.at, unresolved.line) = self.place.of(at, self.text);
        self.resolved.unresolved.push(unresolved);
    }
}

/// The operation at `row`, and those of other APIs that have the same method and the same path but for the names of its
/// parameters: payroll of New Zealand and of the United Kingdom share their base.
fn with_other_apis(row: u16) -> Vec<u16> {
    let Some(operation) = OPERATIONS.get(usize::from(row)) else { return vec![row] };
    let base = |operation: &Operation| operation.api.row().map(|api| api.base);
    let own = base(operation);
    if APIS.iter().filter(|api| Some(api.base) == own).count() < 2 {
        return vec![row];
    }
    let is_twin = |other: &'static Operation| {
        other.method == operation.method && base(other) == own && same_shape(other.path(), operation.path())
    };
    let (mut rows, mut apis) = (vec![row], vec![operation.api]);
    for (row, other) in (0_u16..).zip(OPERATIONS.iter()) {
        if !apis.contains(&other.api) && is_twin(other) {
            rows.push(row);
            apis.push(other.api);
        }
    }
    rows.sort_unstable();
    rows
}

/// How far positions were counted.
struct Place {
    byte: usize,
    units: usize,
    line: usize,
}

impl Place {
    const START: Self = Self { byte: 0, units: 0, line: 1 };

    /// The UTF-16 code unit and the line of a byte. Counts on from the last one, since most come in order.
    fn of(&mut self, byte: usize, text: &str) -> (usize, usize) {
        let between = |from: usize, to: usize| {
            let bytes = text.as_bytes().get(from..to).unwrap_or_default();
            // A character begins at each byte but 0b10xxxxxx; from 0xF0 on it takes two units.
            let units =
                bytes.iter().map(|byte| usize::from(byte & 0xC0 != 0x80).saturating_add((byte >> 4 == 0xF).into()));
            (units.sum::<usize>(), bytes.iter().map(|byte| usize::from(*byte == b'\n')).sum())
        };
        if byte >= self.byte {
            let (units, lines) = between(self.byte, byte);
            self.units = self.units.saturating_add(units);
            self.line = self.line.saturating_add(lines);
        } else {
            let (units, lines) = between(byte, self.byte);
            self.units = self.units.saturating_sub(units);
            self.line = self.line.saturating_sub(lines);
        }
        self.byte = byte;
        (self.units, self.line)
    }
}

fn keys<S: Serializer>(rows: &[u16], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(rows.iter().filter_map(|&row| OPERATIONS.get(usize::from(row))).map(Operation::key))
}
