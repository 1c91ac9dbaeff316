//! Recordings: the members of their JSON, and the calls in them.

use super::format::Format;
use super::tree::{Id, NodeKind, Tree};
use super::{Document, Text};
use crate::catalogue::OPERATIONS;
use crate::resolve::ledger::{Ledger, Outcome};
use crate::resolve::usage::{
    MOST, Recorded, RecordedCall, RecordedRun, RunId, Usage, VERSION, Watched, is_key, read_instant,
};
use crate::time::Timestamp;

/// The member by which a recording is known; its value is the version of the form.
pub(super) const MARK: &str = "xeroUsage";

/// A run as it was read.
struct ReadRun {
    id: RunId,
    watched: Watched,
    calls: Vec<PlacedCall>,
}

/// A call, and the node that names it.
type PlacedCall = (Id, RecordedCall, Recorded);

/// Reads an item of a list of calls.
type ReadCall = fn(&Tree<'_>, Id) -> Option<PlacedCall>;

impl Usage {
    /// Reads a recording, strictly: every member has to be there, and no other.
    ///
    /// # Errors
    /// The byte of the first place that is not as it has to be.
    pub fn read(text: &str) -> Result<Self, usize> {
        let document =
            Document::read(Text::from(text)).filter(|document| document.format == Format::Usage).ok_or(0_usize)?;
        let mut usage = Self::default();
        for run in read(&document.tree)? {
            usage.add(&run.counted());
        }
        Ok(usage)
    }

    /// Returns whether a text is a recording, of this version or another.
    pub fn is_in(text: &str) -> bool {
        text.contains(MARK) && Document::read(Text::from(text)).is_some_and(|document| document.format == Format::Usage)
    }
}

/// Takes the calls of a recording. They ran, so nothing of them is assumed.
pub(super) fn take(tree: &Tree<'_>, ledger: &mut Ledger<'_>) -> Outcome {
    match read(tree) {
        Ok(runs) => {
            ledger.recordings = ledger.recordings.saturating_add(1);
            for run in runs {
                for (id, call, counts) in &run.calls {
                    // A run that an earlier text has too is counted once.
                    let known = ledger.usage.runs.get(&run.id).map_or(0, |known| known.times(call));
                    let times = usize::try_from(counts.times.saturating_sub(known)).unwrap_or(usize::MAX);
                    if times > 0 {
                        take_one(tree, ledger, *id, call, times);
                    }
                }
                ledger.usage.add(&run.counted());
            }
        }
        Err(at) if tree.broken.is_none() => ledger.broken(at),
        // The caller reports the place.
        Err(_) => {}
    }
    Outcome::Call
}

fn take_one(tree: &Tree<'_>, ledger: &mut Ledger<'_>, id: Id, call: &RecordedCall, times: usize) {
    let at = tree.start(id);
    match call {
        RecordedCall::Operations(keys) => {
            let row = |key: &String| (0_u16..).zip(OPERATIONS.iter()).find(|(_, own)| own.key() == *key);
            let rows: Vec<u16> = keys.iter().filter_map(row).map(|(row, _)| row).collect();
            let first = keys.first().map_or("", String::as_str);
            if rows.len() == keys.len() {
                ledger.recorded(rows, first, at, times);
            } else {
                ledger.recorded_unknown(None, first, at, times);
            }
        }
        RecordedCall::NotKnown { method, base } => {
            let text = base.map_or_else(|| (*method).to_owned(), |base| format!("{method} {base}"));
            ledger.recorded_unknown(Some(method), &text, at, times);
        }
    }
}

impl ReadRun {
    /// The run without its places. A call that it has twice is added up.
    fn counted(&self) -> Usage {
        let mut run = RecordedRun { watched: self.watched, ..RecordedRun::default() };
        for (_, call, counts) in &self.calls {
            run.count(call.clone(), *counts);
        }
        Usage::one(self.id, run)
    }
}

/// Reads the whole.
fn read(tree: &Tree<'_>) -> Result<Vec<ReadRun>, usize> {
    if let Some(at) = tree.broken {
        return Err(at);
    }
    let root = tree.root;
    let version = tree.children(root).find(|child| tree.key(*child) == MARK).ok_or_else(|| tree.start(root))?;
    if number(tree, version) != Some(VERSION) {
        return Err(tree.start(version));
    }
    let [_, runs] = members(tree, root, [MARK, "runs"]).and_then(all).ok_or_else(|| tree.start(root))?;
    if tree.kind(runs) != NodeKind::List {
        return Err(tree.start(runs));
    }
    tree.children(runs).map(|run| read_run(tree, run)).collect()
}

fn read_run(tree: &Tree<'_>, run: Id) -> Result<ReadRun, usize> {
    let [id, watched, calls, not_known] =
        members(tree, run, ["run", "watched", "calls", "notKnown"]).and_then(all).ok_or_else(|| tree.start(run))?;
    let id = tree.text_of(id).and_then(|text| RunId::parse(&text)).ok_or_else(|| tree.start(id))?;
    let watched = read_watched(tree, watched).ok_or_else(|| tree.start(watched))?;
    let mut found = Vec::new();
    for (list, read) in [(calls, read_call as ReadCall), (not_known, read_not_known)] {
        if tree.kind(list) != NodeKind::List {
            return Err(tree.start(list));
        }
        for item in tree.children(list) {
            found.push(read(tree, item).ok_or_else(|| tree.start(item))?);
        }
    }
    Ok(ReadRun { id, watched, calls: found })
}

fn read_watched(tree: &Tree<'_>, id: Id) -> Option<Watched> {
    let [processes, seconds, first, last] = members(tree, id, ["processes", "seconds", "first", "last"])?;
    let span = match (first, last) {
        (Some(first), Some(last)) => Some((instant(tree, first)?, instant(tree, last)?)),
        (None, None) => None,
        _ => return None,
    };
    let (processes, seconds) = (number(tree, processes?)?, number(tree, seconds?)?);
    let is_right = span.is_none_or(|(first, last)| first <= last) && span.is_some() == (processes > 0);
    is_right.then_some(Watched { processes, seconds, span })
}

fn read_call(tree: &Tree<'_>, id: Id) -> Option<PlacedCall> {
    let [operations, times, first, last] = members(tree, id, ["operations", "times", "first", "last"]).and_then(all)?;
    if tree.kind(operations) != NodeKind::List {
        return None;
    }
    let keys: Option<Vec<String>> = tree.children(operations).map(|key| tree.text_of(key).map(Into::into)).collect();
    let keys = keys.filter(|keys| !keys.is_empty() && keys.iter().all(|key| is_key(key)))?;
    let place = tree.children(operations).next()?;
    Some((place, RecordedCall::Operations(keys), counts(tree, times, first, last)?))
}

fn read_not_known(tree: &Tree<'_>, id: Id) -> Option<PlacedCall> {
    let [method, base, times, first, last] = members(tree, id, ["method", "base", "times", "first", "last"])?;
    let base = match base {
        Some(base) => Some(tree.text_of(base)?),
        None => None,
    };
    let place = method?;
    let call = RecordedCall::not_known(&tree.text_of(place)?, base.as_deref())?;
    Some((place, call, counts(tree, times?, first?, last?)?))
}

fn counts(tree: &Tree<'_>, times: Id, first: Id, last: Id) -> Option<Recorded> {
    let times = number(tree, times).filter(|times| *times > 0)?;
    let (first, last) = (instant(tree, first)?, instant(tree, last)?);
    (first <= last).then_some(Recorded { times, first, last })
}

/// The members of an object with these names; `None` if it is no object, or has others, or one twice.
fn members<const N: usize>(tree: &Tree<'_>, id: Id, names: [&str; N]) -> Option<[Option<Id>; N]> {
    let mut found = [None; N];
    if tree.kind(id) != NodeKind::Object {
        return None;
    }
    for child in tree.children(id) {
        let key = tree.key(child);
        let (_, place) = names.iter().zip(found.iter_mut()).find(|(name, place)| **name == key && place.is_none())?;
        *place = Some(child);
    }
    Some(found)
}

/// All of some members, if none is missing.
fn all<const N: usize>(found: [Option<Id>; N]) -> Option<[Id; N]> {
    found.iter().all(Option::is_some).then(|| found.map(Option::unwrap_or_default))
}

fn number(tree: &Tree<'_>, id: Id) -> Option<u64> {
    if tree.kind(id) != NodeKind::Other {
        return None;
    }
    let digits = tree.text.get(tree.start(id)..tree.end(id))?;
    let is_whole = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|number| is_whole && *number <= MOST)
}

fn instant(tree: &Tree<'_>, id: Id) -> Option<Timestamp> {
    read_instant(&tree.text_of(id)?)
}
