//! The calls and unread places found so far, each operation once.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::found::{Assumed, Found, Resolved, Unresolved, Why};
use super::ids::{Apis, Ids};
use super::kind::Text;
use super::nearest::Shapes;
use super::shell::{self, ScriptFunction};
use super::target::{
    Target, bare, has_base, has_named_hole, is_hole, mentions_xero, placeholder, shown, target, without_scheme,
};
use super::usage::{RecordedBasis, Usage, WatchedTime};
use crate::catalogue::{APIS, OPERATIONS, Operation, Withdrawn};
use crate::request::route::{route, same_pattern, withdrawn, write_like};

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
pub(super) struct FoundRequest<'a> {
    /// `None` if the text has none.
    pub(super) method: Option<&'static str>,
    /// A path or URL.
    pub(super) target: &'a str,
    /// The way in which it is written, the target at its end.
    pub(super) text: &'a str,
    /// At which byte of the whole that is.
    pub(super) at: usize,
}

/// The place in the whole of a text that is read by itself.
#[derive(Clone, Copy)]
pub(super) enum Embedded<'a> {
    /// It is written from this byte on as it is.
    Exact(usize),
    /// All that is found in it is at this byte.
    Whole(usize),
    /// It is made of pieces: the line that each begins on, and the byte where that is in the whole.
    Pieces(&'a [(usize, usize)]),
}

/// So many unresolved calls are compared with the catalogue: a text with more is about something else.
const COMPARED: usize = 500;

/// Adds up calls and unread places.
pub(super) struct Ledger<'t> {
    /// The text that is being read.
    pub(super) text: &'t str,
    /// Which of the texts that is.
    input: usize,
    pub(super) ids: Ids,
    shapes: Shapes,
    /// The APIs that the text has named so far.
    pub(super) named: Apis,
    /// True if anything of Xero is in the texts: without it, names that other programs have as well are nothing.
    pub(super) of_xero: bool,
    /// True if the text was found in a folder: what it names is the project's own, unless it is Xero's for sure.
    pub(super) is_found: bool,
    /// The number of recordings so far, and all their runs.
    pub(super) recordings: usize,
    pub(super) usage: Usage,
    resolved: Resolved,
    place: Place,
    /// Which call each set of rows is. One whose method is assumed is another one, because it may be a write; so is a write
    /// that is only taken to be like them.
    calls: BTreeMap<(Vec<u16>, Option<Assumed>), usize>,
    /// Which call each row that a path leads to is: it finds the call without working out the whole set.
    routed: BTreeMap<(u16, bool), usize>,
    unresolved: BTreeMap<(Why, &'static str, String), usize>,
    /// True if the open text names Xero, once that was asked for.
    names_xero: OnceCell<bool>,
    /// The bases that the open text gives variables of commands, of those that were asked for.
    bases: BTreeMap<String, Option<String>>,
    /// The functions of shell scripts that send what they are given.
    functions: Vec<ScriptFunction>,
}

/// So many variables of commands are looked for in one text.
const VARIABLES: usize = 64;

impl<'t> Ledger<'t> {
    pub(super) fn new() -> Self {
        Self {
            text: "",
            input: 0,
            ids: Ids::default(),
            shapes: Shapes::default(),
            named: Apis::NONE,
            of_xero: false,
            is_found: false,
            recordings: 0,
            usage: Usage::default(),
            resolved: Resolved::default(),
            place: Place::START,
            calls: BTreeMap::new(),
            routed: BTreeMap::new(),
            unresolved: BTreeMap::new(),
            names_xero: OnceCell::new(),
            bases: BTreeMap::new(),
            functions: Vec::new(),
        }
    }

    /// Turns to the next text; positions count from its start.
    pub(super) fn open(&mut self, input: usize, text: Text<'t>) {
        self.is_found = text.is_found;
        let text = text.text;
        (self.text, self.input, self.named, self.place) = (text, input, Apis::NONE, Place::START);
        self.names_xero = OnceCell::new();
        self.bases.clear();
    }

    /// Returns whether the text that is open names Xero.
    pub(super) fn names_xero(&self) -> bool {
        *self.names_xero.get_or_init(|| mentions_xero(self.text))
    }

    /// The base of an API that the text that is open gives a variable: `BASE=…`, `base: …`, `<Base>…`, `set base …`.
    pub(super) fn base_of_variable(&mut self, name: &str) -> Option<String> {
        if name.is_empty() {
            return None;
        }
        if let Some(known) = self.bases.get(name) {
            return known.clone();
        }
        if self.bases.len() >= VARIABLES {
            return None;
        }
        let text = self.text;
        let given = text.match_indices(name).find_map(|(at, name)| {
            let before = text.get(..at)?.chars().next_back();
            let rest = text.get(at.saturating_add(name.len())..)?;
            let value = rest.trim_start_matches([' ', '\t', ':', '=', '?', '-', '>', '"', '\'']);
            // `BASE="${XERO_BASE:-https://…}"`
            let value = match placeholder(value) {
                Some(length) => {
                    value.get(..length).and_then(|inside| inside.get(inside.find("http")?..)).unwrap_or(value)
                }
                None => value,
            };
            let is_whole = before.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '_') && value.len() < rest.len();
            let base = bare(value).trim_end_matches('}');
            (is_whole && without_scheme(base).is_some() && has_base(&[base, "/"].concat())).then(|| base.to_owned())
        });
        self.bases.insert(name.to_owned(), given.clone());
        given
    }

    pub(super) fn close(self) -> Resolved {
        let Self { recordings, usage, resolved, .. } = self;
        let only = resolved.calls.iter().filter(|call| call.recorded).count();
        let recorded = (recordings > 0).then(|| RecordedBasis {
            recordings,
            only,
            watched: WatchedTime::of(usage.total().watched),
        });
        Resolved { recorded, ..resolved }
    }

    /// Reads a text that is in the one that is open, such as a script in a collection. Returns true if it had a call or an unread place.
    pub(super) fn inside(&mut self, text: &str, origin: Embedded<'_>, read: fn(&mut Ledger<'_>)) -> bool {
        let mut inner = Ledger {
            text,
            named: self.named,
            of_xero: self.of_xero,
            is_found: self.is_found,
            names_xero: OnceCell::from(self.names_xero()),
            ..Ledger::new()
        };
        core::mem::swap(&mut inner.ids, &mut self.ids);
        core::mem::swap(&mut inner.shapes, &mut self.shapes);
        read(&mut inner);
        core::mem::swap(&mut inner.ids, &mut self.ids);
        core::mem::swap(&mut inner.shapes, &mut self.shapes);
        let whole = self.text;
        let place = |places: &mut Place, at: usize, line: usize| match origin {
            Embedded::Exact(from) => {
                let (start, first) = places.of(from, whole);
                (start.saturating_add(at), first.saturating_add(line).saturating_sub(1))
            }
            Embedded::Whole(from) => places.of(from, whole),
            Embedded::Pieces(pieces) => {
                let own = pieces.partition_point(|(first, _)| *first <= line).saturating_sub(1);
                places.of(pieces.get(own).map_or(0, |(_, from)| *from), whole)
            }
        };
        let Resolved { calls, unresolved, .. } = inner.close();
        let found = !calls.is_empty() || !unresolved.is_empty();
        for mut call in calls {
            (call.at, call.line) = place(&mut self.place, call.at, call.line);
            call.input = self.input;
            let key = (call.rows.clone(), apart(call.assumed));
            if let Some(known) = self.calls.get(&key).and_then(|&known| self.resolved.calls.get_mut(known)) {
                call.times = call.times.saturating_add(known.times);
                known.recorded = false;
                if known.assumed.is_some() && call.assumed.is_none() { *known = call } else { known.times = call.times }
            } else {
                self.calls.insert(key, self.resolved.calls.len());
                self.resolved.calls.push(call);
            }
        }
        for mut entry in unresolved {
            (entry.at, entry.line) = place(&mut self.place, entry.at, entry.line);
            entry.input = self.input;
            let key = (entry.why, entry.method.unwrap_or_default(), entry.text.clone());
            let which = *self.unresolved.entry(key).or_insert(self.resolved.unresolved.len());
            match self.resolved.unresolved.get_mut(which) {
                Some(known) => known.times = known.times.saturating_add(entry.times),
                None => self.resolved.unresolved.push(entry),
            }
        }
        found
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

    pub(super) fn description(&mut self) {
        self.resolved.ignored.descriptions = self.resolved.ignored.descriptions.saturating_add(1);
    }

    pub(super) fn comment(&mut self) {
        self.resolved.ignored.comments = self.resolved.ignored.comments.saturating_add(1);
    }

    /// Takes a request. Below a base that is not known, `{}/Invoices`, only what the catalogue has is a call.
    pub(super) fn request(&mut self, request: FoundRequest<'_>) -> Outcome {
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
        let row = route(method, &path).row();
        let open = row.map(|row| may_be(row, &path, [request.target, request.text])).unwrap_or_default();
        if !open.is_empty() {
            let (text, at) = written();
            self.unread(Why::UnknownPath, Some(method), text, at, |_| open);
            return Outcome::Call;
        }
        let Some(row) = row.filter(|row| !names_nothing(*row, &path)) else {
            let (text, at) = written();
            if let Some(gone) = withdrawn(method, &path) {
                self.gone(Some(method), text, at, gone);
            } else if let Some(row) =
                write_like(method, &path).filter(|_| method != "PATCH" && !request.target.starts_with("{}"))
            {
                self.call(with_other_apis(row), text, at, Some(Assumed::Write));
            } else if is_open(&path) {
                self.unread(Why::UnknownPath, request.method, text, at, |_| Vec::new());
            } else {
                self.unresolved(Some(method), text, at, |shapes| shapes.nearest(method, &path));
            }
            return Outcome::Call;
        };
        if let Some(&call) = self.routed.get(&(row, assumed.is_some())) {
            self.again(call, assumed, written);
        } else {
            let (text, at) = written();
            let call = self.call(with_other_apis(row), text, at, assumed);
            self.routed.insert((row, assumed.is_some()), call);
        }
        Outcome::Call
    }

    /// Takes a call of one of `rows`; returns which of the calls it is.
    pub(super) fn call(&mut self, rows: Vec<u16>, text: &str, at: usize, assumed: Option<Assumed>) -> usize {
        let key = (rows, apart(assumed));
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
            recorded: false,
            times: 1,
        });
        call
    }

    /// Takes a call that ran so many times.
    pub(super) fn recorded(&mut self, rows: Vec<u16>, text: &str, at: usize, times: usize) {
        let known = self.calls.get(&(rows.clone(), None)).and_then(|&call| self.resolved.calls.get(call));
        let recorded = known.is_none_or(|known| known.recorded);
        let call = self.call(rows, text, at, None);
        if let Some(found) = self.resolved.calls.get_mut(call) {
            found.recorded = recorded;
            found.times = found.times.saturating_add(times.saturating_sub(1));
        }
    }

    /// Takes a request that ran so many times, and is no operation of the catalogue.
    pub(super) fn recorded_unknown(&mut self, method: Option<&'static str>, text: &str, at: usize, times: usize) {
        self.unresolved(method, text, at, |_| Vec::new());
        let key = (Why::NoOperation, method.unwrap_or_default(), text.to_owned());
        let entry = self.unresolved.get(&key).and_then(|&which| self.resolved.unresolved.get_mut(which));
        if let Some(entry) = entry {
            entry.times = entry.times.saturating_add(times.saturating_sub(1));
        }
    }

    fn again<'a>(&mut self, call: usize, assumed: Option<Assumed>, written: impl FnOnce() -> (&'a str, usize)) {
        let Some(found) = self.resolved.calls.get_mut(call) else { return };
        found.times = found.times.saturating_add(1);
        found.recorded = false;
        if found.assumed.is_some() && assumed.is_none() {
            let (text, at) = written();
            (found.at, found.line) = self.place.of(at, self.text);
            found.input = self.input;
            text.clone_into(&mut found.text);
            found.assumed = None;
        }
    }

    /// Reports a call of no operation; `method` is that of a request.
    pub(super) fn unresolved(
        &mut self,
        method: Option<&'static str>,
        text: &str,
        at: usize,
        nearest: impl FnOnce(&mut Shapes) -> Vec<u16>,
    ) {
        self.unread(Why::NoOperation, method, text, at, nearest);
    }

    /// Reports a call of a withdrawn operation.
    pub(super) fn gone(&mut self, method: Option<&'static str>, text: &str, at: usize, gone: &'static Withdrawn) {
        if !self.is_known(Why::Withdrawn, method, text) {
            self.report(Unresolved { method, note: Some(gone.note), ..self.entry(Why::Withdrawn, text) }, at);
        }
    }

    /// Takes what looks like a call and could not be read, or read for what it is.
    pub(super) fn unread(
        &mut self,
        why: Why,
        method: Option<&'static str>,
        text: &str,
        at: usize,
        nearest: impl FnOnce(&mut Shapes) -> Vec<u16>,
    ) {
        if !self.is_known(why, method, text) {
            let compared = self.resolved.unresolved.len() < COMPARED;
            let candidates = if compared { nearest(&mut self.shapes) } else { Vec::new() };
            self.report(Unresolved { method, candidates, ..self.entry(why, text) }, at);
        }
    }

    /// Notes the function of a shell script that sends a request which is written at a byte.
    pub(super) fn function(&mut self, name: &str, written: &str, at: usize) {
        let (offset, text) = shown(written);
        let (at, line) = self.place.of(at.saturating_add(offset), self.text);
        let (name, text) = (name.to_owned(), text.to_owned());
        self.functions.push(ScriptFunction { name, text, input: self.input, at, line });
    }

    /// Reports the functions of shell scripts that others of the texts call: their calls are read only in their own script.
    pub(super) fn close_functions(&mut self, texts: &[Text<'_>]) {
        for function in core::mem::take(&mut self.functions) {
            let calls =
                |(input, text): (usize, &Text<'_>)| input != function.input && shell::calls(*text, &function.name);
            if texts.iter().enumerate().any(calls) {
                let ScriptFunction { text, input, at, line, .. } = function;
                self.quiet(Why::UnknownPath, None, &text, input, at, line);
            }
        }
    }

    /// The UTF-16 code unit and the line of a byte of the text that is being read.
    pub(super) fn place(&mut self, at: usize) -> (usize, usize) {
        self.place.of(at, self.text)
    }

    /// Takes something of Xero's that no call came of; its text may have been read before.
    pub(super) fn quiet(
        &mut self,
        why: Why,
        method: Option<&'static str>,
        text: &str,
        input: usize,
        at: usize,
        line: usize,
    ) {
        if !self.is_known(why, method, text) {
            self.resolved.unresolved.push(Unresolved { input, at, line, method, ..self.entry(why, text) });
        }
    }

    /// Reports that the text is broken at this byte.
    pub(super) fn broken(&mut self, at: usize) {
        self.report(self.entry(Why::Broken, ""), at);
    }

    /// Returns whether it is among the unresolved calls already; counts it, if so.
    fn is_known(&mut self, why: Why, method: Option<&'static str>, text: &str) -> bool {
        let count = self.resolved.unresolved.len();
        let which = *self.unresolved.entry((why, method.unwrap_or_default(), text.to_owned())).or_insert(count);
        let known = self.resolved.unresolved.get_mut(which);
        known.map(|known| known.times = known.times.saturating_add(1)).is_some()
    }

    fn entry(&self, why: Why, text: &str) -> Unresolved {
        let (text, input) = (text.to_owned(), self.input);
        Unresolved {
            text,
            input,
            at: 0,
            line: 1,
            why,
            message: why.words(),
            note: None,
            method: None,
            candidates: Vec::new(),
            times: 1,
        }
    }

    fn report(&mut self, mut unresolved: Unresolved, at: usize) {
        (unresolved.at, unresolved.line) = self.place.of(at, self.text);
        self.resolved.unresolved.push(unresolved);
    }
}

/// Returns whether the resource of a path below the base of an API is a value that is not known.
fn is_open(path: &str) -> bool {
    has_base(path) && path.split('/').nth(3).is_some_and(is_hole)
}

/// What keeps a call apart from one of the same operations: that its method, or the write that it is, is assumed.
fn apart(assumed: Option<Assumed>) -> Option<Assumed> {
    assumed.filter(|assumed| *assumed != Assumed::Receiver)
}

/// The operations that a path may be with a part that is not known, if other scopes open some of them than the one at `row`:
/// `/Reports/{name}` may be any report. `written` are the texts that the path comes from: where they name the part as the
/// operation names its parameter, `/Reports/{ReportID}`, it is known.
fn may_be(row: u16, path: &str, written: [&str; 2]) -> Vec<u16> {
    if !path.bytes().any(|byte| matches!(byte, b'{' | b':' | b'$' | b'<' | b'%')) {
        return Vec::new();
    }
    let Some(operation) = OPERATIONS.get(usize::from(row)) else { return Vec::new() };
    let base = operation.api.row().map_or("", |api| api.base);
    let path = path.strip_suffix('/').unwrap_or(path);
    let below = path.get(base.len()..).unwrap_or_default();
    let is_open = |own: &str, given: &str| {
        own.starts_with('{') && is_hole(given) && !written.iter().any(|text| has_named_hole(text, own))
    };
    if !operation.path().split('/').zip(below.split('/')).any(|(own, given)| is_open(own, given)) {
        return Vec::new();
    }
    let fits = |other: &Operation| {
        let pairs = operation.path().split('/').zip(below.split('/')).zip(other.path().split('/'));
        other.api == operation.api
            && other.method == operation.method
            && other.path().split('/').count() == operation.path().split('/').count()
            && pairs.into_iter().all(|((own, given), other)| {
                is_open(own, given) || other.starts_with('{') || other.eq_ignore_ascii_case(given)
            })
    };
    let rows: Vec<u16> =
        (0_u16..).zip(OPERATIONS.iter()).filter(|(_, other)| fits(other)).map(|(row, _)| row).collect();
    let needs = |row: &u16| OPERATIONS.get(usize::from(*row)).map(Operation::needs);
    let is_settled = rows.iter().all(|row| needs(row) == Some(operation.needs()));
    if is_settled { Vec::new() } else { rows }
}

/// Returns whether a path has a name where the operation at `row` has a value, in a place where Xero has names as well:
/// `/Reports/AgedReceivables` is no report by its id.
fn names_nothing(row: u16, path: &str) -> bool {
    let Some(operation) = OPERATIONS.get(usize::from(row)) else { return false };
    let base = operation.api.row().map_or("", |api| api.base);
    let below = path.get(base.len()..).unwrap_or_default();
    let is_name = |segment: &str| {
        segment.len() > 3
            && segment.bytes().all(|byte| byte.is_ascii_alphabetic())
            && !segment.to_ascii_lowercase().ends_with("id")
    };
    if operation.path().bytes().all(|byte| byte != b'{') {
        return false;
    }
    let mut pairs = operation.path().split('/').zip(below.split('/')).enumerate();
    pairs.any(|(place, (own, given))| {
        own.starts_with('{')
            && is_name(given)
            && OPERATIONS.iter().any(|other| {
                let mut segments = other.path().split('/');
                let same =
                    segments.by_ref().zip(operation.path().split('/')).take(place).all(|(one, other)| one == other);
                let named = other
                    .path()
                    .split('/')
                    .nth(place)
                    .is_some_and(|segment| !segment.starts_with('{') && !segment.is_empty());
                other.api == operation.api && same && named && other.method == operation.method
            })
    })
}

/// The operation at `row`, and those of other APIs that have the same method and the same path but for the names of its
/// parameters: payroll of New Zealand and of the United Kingdom share their base.
pub(super) fn with_other_apis(row: u16) -> Vec<u16> {
    let Some(operation) = OPERATIONS.get(usize::from(row)) else { return vec![row] };
    let base = |operation: &Operation| operation.api.row().map(|api| api.base);
    let own = base(operation);
    if APIS.iter().filter(|api| Some(api.base) == own).count() < 2 {
        return vec![row];
    }
    let is_twin = |other: &'static Operation| {
        other.method == operation.method && base(other) == own && same_pattern(other.path(), operation.path())
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

/// The distance to which positions were counted.
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
