//! The smallest set of scopes that opens some operations.

use serde::Serialize;

use super::claim::Claim;
use super::closed::{closed, narrowed};
use super::connection::ConnectionFacts;
use super::ending;
use super::finding::{self, Finding};
use super::inferred;
use super::kinds::KindWords;
use super::operation::{Entry, narrower, narrowest};
use super::reading;
use super::rules::Age;
use super::suitable;
use super::validity::{self, Today, Validity, journals, of_sign_in};
use crate::catalogue::{AppKind, Confidence, Held, Mask, SCOPE_FACTS, ScopeId, VERSION};
use crate::resolve::{Found, Ignored, RecordedBasis, Resolved, Unresolved};
use crate::scope::ScopeSet;
use crate::time::Date;

/// The number of further operations of a scope that are named.
const EXAMPLES: usize = 5;

/// The smallest set of scopes, with reasons. In JSON: `{ scopes, alternatives, perScope, unopenable, uncertain }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Least {
    /// The scopes, in alphabetical order.
    pub scopes: Vec<&'static str>,
    /// Every other set that is as small, best first.
    pub alternatives: Vec<Vec<&'static str>>,
    /// The reason for each of `scopes`, and the other operations that it opens.
    pub per_scope: Vec<PerScope>,
    /// The operations that not every app of the kind can open, each with the reason.
    pub unopenable: Vec<Unopenable>,
    /// Doubts about the scopes of operations that `scopes` opens: each sentence once, with its operations.
    pub uncertain: Vec<Claim>,
}

/// The reason for a scope, and the other operations that it opens. In JSON: `{ scope, description, neededBy, restrictions, alsoOpens }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ScopeNeed"))]
#[serde(rename_all = "camelCase")]
pub struct PerScope {
    /// The scope.
    pub scope: &'static str,
    /// Its purpose.
    pub description: &'static str,
    /// The operations among those asked for that it opens, by key, in the order of the catalogue.
    pub needed_by: Vec<String>,
    /// Its limits, such as that sales invoices and bills cannot be separated.
    pub restrictions: &'static [&'static str],
    /// The other operations that it opens.
    pub also_opens: Further,
}

/// Operations that a scope opens besides those asked for. In JSON: `{ count, writes, resources, examples }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Reach"))]
#[serde(rename_all = "camelCase")]
pub struct Further {
    /// The number of operations.
    pub count: u32,
    /// The number of those that write.
    pub writes: u32,
    /// All resources of the scope, as Xero's page names them.
    pub resources: &'static [&'static str],
    /// The first few operations, by key.
    pub examples: Vec<String>,
}

/// An operation that not every app of the kind can open. In JSON: `{ operation, held, scopes, reason }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Unopenable {
    /// Its key.
    pub operation: String,
    /// The connections or apps of the kind that can open it.
    pub held: Held,
    /// The scopes that open it for those who hold them: any one is enough.
    pub scopes: Vec<&'static str>,
    /// The reason why it cannot be opened.
    pub reason: Claim,
}

/// A scope that not every app of the kind needs or can hold, and the reason why it is in the set of this one.
///
/// In JSON: `{ scope, why }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "KeptScope"))]
#[serde(rename_all = "camelCase")]
pub struct Kept {
    /// The scope.
    pub scope: &'static str,
    /// The reason why it is in the set; `operations` are those that need it.
    pub why: Claim,
}

/// The scopes that some calls require on a connection: [`least`] for their operations, further scopes that this connection
/// can hold, and the reading of each call.
///
/// In JSON: `{ catalogue, on, reading, recorded?, findings, scopes, alternatives, kept, perScope, unopenable, uncertain, calls,
/// unresolved, ignored }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RequiredScopes"))]
#[serde(rename_all = "camelCase")]
pub struct Required {
    /// The version of the catalogue.
    pub catalogue: &'static str,
    /// The day of the answer.
    pub on: Date,
    /// A summary of the calls that were found, of the places that were not read and of the recordings, in one sentence.
    pub reading: String,
    /// The recordings among the texts; absent if there are none. If `only` is not 0, the set may lack scopes for calls that did
    /// not run while they watched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<RecordedBasis>,
    /// Uses that this kind of app is not made for (another country, or several organisations), and facts that contradict each other,
    /// worst first.
    pub findings: Vec<Finding>,
    /// The scopes, in alphabetical order.
    pub scopes: Vec<&'static str>,
    /// Every other set that is as small, best first.
    pub alternatives: Vec<Vec<&'static str>>,
    /// Those of `scopes`, and of each alternative, that are there because of the age or the scopes of this connection.
    pub kept: Vec<Kept>,
    /// The reason for each of `scopes`, and the other operations that it opens.
    pub per_scope: Vec<PerScope>,
    /// The operations that this connection cannot open as far as is known, each with the reason.
    pub unopenable: Vec<Unopenable>,
    /// Doubts about the scopes of operations that `scopes` opens: each sentence once, with its operations.
    pub uncertain: Vec<Claim>,
    /// Every call once, in the order of first appearance. Of a call that may be several operations all are counted.
    pub calls: Vec<Found>,
    /// Texts that look like calls and are no operations of the catalogue: `scopes` may not be enough for them.
    pub unresolved: Vec<Unresolved>,
    /// The numbers of ignored lines, by reason.
    pub ignored: Ignored,
}

/// Finds the scopes that `calls` require on a connection that has `scopes`, on the day `on`.
///
/// If nothing is known of the connection, this is the smallest set that every app of its kind can hold. Facts add to it:
///
/// - a custom connection created before 29 April 2026 can hold the scope for Journals;
/// - a call that no granular scope opens keeps the configured scope that opens it;
/// - a call whose sources contradict each other keeps every configured scope that one of them names;
/// - a call whose method is not written keeps a configured scope that opens writes on its path;
/// - an app of users keeps the configured scopes of their sign-in, which no call needs;
/// - something that was not understood keeps every configured scope that one of its candidates may need, and every
///   configured scope that is not broad if it has no candidates, because it may be any call.
///
/// An operation that Xero has ended, or whose API is for organisations of another country, needs no scope: it is in `unopenable`.
pub fn required(calls: Resolved, scopes: &ScopeSet, connection: &ConnectionFacts, on: Date) -> Required {
    let calls = narrowed(calls, connection.region);
    let given = scopes.known();
    let today = Today::of(connection, given, on);
    let mut operations: Vec<Entry> =
        calls.rows().filter_map(|row| today.entry(row)).filter(|entry| !entry.needs_no_scope()).collect();
    let operations = in_order(&mut operations);
    let assumed: Vec<Entry> = reading::assumed(&calls.calls, connection.app).collect();
    let (gone, living): (Vec<Entry>, Vec<Entry>) =
        operations.iter().partition(|entry| closed(**entry, today).is_some());
    let operations = living.as_slice();
    let nearest: Vec<Entry> =
        calls.unresolved.iter().flat_map(|call| &call.candidates).filter_map(|&row| today.entry(row)).collect();
    let mut kept = keep(operations, &assumed, scopes, today);
    let may_be_any = calls.unread > 0 || calls.unresolved.iter().any(|call| call.candidates.is_empty());
    keep_for_unresolved(&mut kept, &nearest, may_be_any, scopes, today);
    keep_for_sign_in(&mut kept, scopes, today);
    let mask: Mask = kept.iter().map(|(id, _)| *id).collect();
    let Least { scopes, alternatives, per_scope, mut unopenable, mut uncertain } = beside(mask, operations);
    unopenable.extend(gone.into_iter().filter_map(|entry| {
        let reason = closed(entry, today)?;
        let held = connection.app.can_call(entry);
        Some(Unopenable { operation: entry.operation().key(), held, scopes: Vec::new(), reason })
    }));
    unopenable.sort_by_key(|own| Entry::named(&own.operation).map(Entry::row));
    uncertain.extend(operations.iter().filter_map(|entry| ending::end_of(*entry, on)?.perhaps()));
    let mut findings = suitable::findings(connection);
    findings.extend(validity::contradiction(connection, given, on));
    finding::sort(&mut findings);
    let best = ScopeSet::from_names(scopes.iter().copied());
    uncertain.extend(Claim::once(assumed.iter().filter_map(|entry| reading::why_uncertain(*entry, best.known()))));
    let asked =
        calls.calls.iter().flat_map(|call| call.rows.iter().filter_map(move |&row| Some((call, today.entry(row)?))));
    uncertain.extend(Claim::once(asked.filter_map(|(call, entry)| inferred::why_uncertain(call, entry))));
    let reading = reading::summary(&calls);
    let kept = kept.into_iter().map(|(id, why)| Kept { scope: id.name(), why }).collect();
    let Resolved { calls, unresolved, ignored, recorded, .. } = calls;
    let catalogue = VERSION;
    Required {
        catalogue,
        on,
        reading,
        recorded,
        findings,
        scopes,
        alternatives,
        kept,
        per_scope,
        unopenable,
        uncertain,
        calls,
        unresolved,
        ignored,
    }
}

/// The scopes that this connection keeps, or can have, for operations whose scopes not every connection can hold or are in
/// doubt.
fn keep(wanted: &[Entry], assumed: &[Entry], scopes: &ScopeSet, today: Today) -> Vec<(ScopeId, Claim)> {
    let held = validity::usable(scopes.known(), today);
    let has_kept = today.app == AppKind::Custom && today.age == Age::Older;
    let for_age = |entry: &Entry| if has_kept { journals(entry.openers()) } else { Mask::EMPTY };
    let shut = || wanted.iter().filter(|entry| entry.choices().is_empty());
    let can = |entry: &Entry| narrowest(entry.openers().intersection(held.union(for_age(entry))));
    let only = cover(shut().map(can).filter(|scopes| !scopes.is_empty()));
    let mut kept: Vec<(ScopeId, Claim)> = Vec::new();
    for id in only.iter() {
        let opened = shut().filter(|entry| entry.openers().contains(id)).map(|entry| entry.operation().key());
        kept.push((id, sole_opener(id, held.contains(id), !scopes.is_empty(), today).about(opened)));
    }
    let doubtful = || wanted.iter().filter(|entry| entry.is_in_doubt());
    let named = doubtful().fold(Mask::EMPTY, |named, entry| named.union(entry.candidates()));
    for id in named.intersection(held).difference(only).iter() {
        let concerned: Vec<Entry> = doubtful().filter(|entry| entry.candidates().contains(id)).copied().collect();
        let Some(first) = concerned.first() else { continue };
        let text = format!("{} is configured, and the sources leave doubt about the calls that may need it", id.name());
        let keys = concerned.iter().map(|entry| entry.operation().key());
        kept.push((id, Claim::operation(today.words().scopes, *first, text).about(keys)));
    }
    let have: Mask = kept.iter().map(|(id, _)| *id).collect();
    let writes = assumed
        .iter()
        .flat_map(|entry| entry.writes_on_path())
        .map(|write| narrowest(write.openers().intersection(held)));
    let for_writes = cover(writes.filter(|scopes| !scopes.is_empty() && !scopes.intersects(have)));
    for id in for_writes.iter() {
        let may = |entry: &&Entry| entry.writes_on_path().any(|write| write.openers().contains(id));
        let keys = assumed.iter().filter(may).map(|entry| entry.operation().key());
        let text = format!(
            "{} is configured, and calls that it opens may write, because their method is not written",
            id.name()
        );
        kept.push((id, Claim::rule(today.words().scopes, text).about(keys)));
    }
    kept.sort_by_key(|(id, _)| *id);
    kept
}

/// Keeps the configured scopes that calls may need which were not understood: those of all operations that they may be. A
/// broad scope is not kept for a call that may be any: the recommended plan replaces it by everything that takes its place.
fn keep_for_unresolved(
    kept: &mut Vec<(ScopeId, Claim)>,
    nearest: &[Entry],
    may_be_any: bool,
    scopes: &ScopeSet,
    today: Today,
) {
    let held = validity::usable(scopes.known(), today);
    let of_any = if may_be_any { held.filter(|scope| scope.replaced_by.is_empty()) } else { Mask::EMPTY };
    let needed = nearest.iter().fold(of_any, |needed, entry| needed.union(entry.candidates())).intersection(held);
    let own: Mask = kept.iter().map(|(id, _)| *id).collect();
    for id in needed.difference(own).iter() {
        let keys = nearest.iter().filter(|entry| entry.candidates().contains(id)).map(|entry| entry.operation().key());
        let text = format!("{} is configured, and something that was not understood may need it", id.name());
        kept.push((id, Claim::rule(today.words().scopes, text).at_most(Confidence::Inferred).about(keys)));
    }
    kept.sort_by_key(|(id, _)| *id);
}

/// Keeps the configured scopes of the sign-in, if the app has users: without them the sign-in changes, and no call shows that.
fn keep_for_sign_in(kept: &mut Vec<(ScopeId, Claim)>, scopes: &ScopeSet, today: Today) {
    if !today.app.has_user() {
        return;
    }
    let own: Mask = kept.iter().map(|(id, _)| *id).collect();
    kept.extend(of_sign_in(scopes.known()).difference(own).iter().map(|id| {
        let text = format!("{} is configured for the sign-in of users, which no call shows", id.name());
        (id, Claim::rule(today.words().scopes, text))
    }));
    kept.sort_by_key(|(id, _)| *id);
}

/// The reason why the scope is kept or can be added although not every connection can hold it.
fn sole_opener(id: ScopeId, is_held: bool, are_known: bool, today: Today) -> Claim {
    let name = id.name();
    if !is_held {
        let text = format!("{name} is only for custom connections created before {}, as this one was", today.cut());
        let unsure = format!("{text}; whether it can still be added is not certain");
        let claim = Claim::rule("R6", if are_known { unsure } else { text });
        return if are_known { claim.at_most(Confidence::Inferred) } else { claim };
    }
    if let Some(reason) = validity::reasons(id, today).find(|reason| reason.validity() == Validity::Uncertain) {
        return reason.to_claim(id, today);
    }
    if today.app != AppKind::Custom {
        return Claim::rule(today.words().scopes, format!("only {name} opens these calls"));
    }
    let text = format!("only {name} opens these calls, and ");
    if validity::broad(Mask::only(id)).is_empty() {
        let text = text + "no source states that it can be added again once it has been removed";
        Claim::rule("R6", text).at_most(Confidence::Inferred)
    } else {
        Claim::rule("R11", text + "once removed, it cannot be added again")
    }
}

/// Finds the smallest set of granular scopes that opens these operations and that every app of their kind can hold.
///
/// It is exact. A set is **minimal** if none with fewer scopes opens the operations, and if none of its scopes can give
/// its place to one that opens strictly less: so the result reads where only reads occur, and writes where needed. Of
/// several minimal sets the first is taken, by this order: fewest further operations opened, over all that the catalogue
/// has; then the names, compared one by one. The others are the alternatives, in the same order.
///
/// An operation may be named twice, and the order of `operations` does not matter.
pub fn least(operations: &[Entry]) -> Least {
    beside(Mask::EMPTY, in_order(&mut operations.to_vec()))
}

/// The operations in the order of the catalogue, each once.
fn in_order(operations: &mut Vec<Entry>) -> &[Entry] {
    operations.sort_unstable_by_key(|entry| entry.row());
    operations.dedup_by_key(|entry| entry.row());
    operations
}

/// The smallest sets that have `kept` in them, for operations in the order of the catalogue.
fn beside(kept: Mask, wanted: &[Entry]) -> Least {
    let (open, shut): (Vec<Entry>, Vec<Entry>) =
        wanted.iter().partition(|entry| !entry.choices().is_empty() || entry.openers().intersects(kept));
    let left = open.iter().filter(|entry| !entry.choices().is_empty() && !entry.choices().intersects(kept));
    let mut covers = covers(left.map(|entry| entry.choices())).into_iter().map(|set| set.union(kept));
    let best = covers.next().unwrap_or(kept);
    Least {
        scopes: best.names(),
        alternatives: covers.map(Mask::names).collect(),
        per_scope: per_scope(best, wanted),
        unopenable: shut.into_iter().map(unopenable).collect(),
        uncertain: Claim::once(open.into_iter().filter(|entry| entry.is_in_doubt()).map(why_uncertain)),
    }
}

/// The best of [`covers`].
pub(super) fn cover(wanted: impl Iterator<Item = Mask>) -> Mask {
    covers(wanted).first().copied().unwrap_or_default()
}

/// Every minimal set that shares a scope with each of `wanted`, best first. None of `wanted` may be empty.
fn covers(wanted: impl Iterator<Item = Mask>) -> Vec<Mask> {
    let mut rows: Vec<Mask> = Vec::new();
    for row in wanted {
        // A set that shares a scope with the smaller of two nested rows also shares one with the larger.
        if !rows.iter().any(|&own| row.covers(own)) {
            rows.retain(|&own| !own.covers(row));
            rows.push(row);
        }
    }
    let hits = |id: ScopeId| rows.iter().filter(move |row| row.contains(id)).count();
    let all = rows.iter().fold(Mask::EMPTY, |all, &row| all.union(row));
    // A scope whose place can always be taken by one that opens less is in no minimal set.
    let gives_way = |wide: ScopeId| narrower(wide).intersection(all).iter().any(|own| hits(own) == hits(wide));
    let useful: Mask = all.iter().filter(|&id| !gives_way(id)).collect();
    let mut search = Search { rows: rows.iter().map(|row| row.intersection(useful)).collect(), found: Vec::new() };
    // Rows with one scope leave no choice: they go first.
    search.rows.sort_by_key(|row| (row.len(), row.0));
    search.go(Mask::EMPTY, Mask::EMPTY);
    let mut found = search.found;
    found.retain(|&set| !can_narrow(set, all, &rows));
    if found.len() > 1 {
        found.sort_by_cached_key(|&set| (reach(set), set.iter().collect::<Vec<_>>()));
    }
    found
}

/// Returns true if a scope of `all` that opens less can replace a scope of `set`.
fn can_narrow(set: Mask, all: Mask, rows: &[Mask]) -> bool {
    set.iter().any(|wide| {
        let rest = set.difference(Mask::only(wide));
        let still_hits = |narrow: ScopeId| rows.iter().all(|row| row.intersects(rest.union(Mask::only(narrow))));
        narrower(wide).intersection(all).iter().any(still_hits)
    })
}

/// The number of operations of the catalogue that these scopes open, or may open.
fn reach(set: Mask) -> usize {
    Entry::all().filter(|entry| entry.candidates().intersects(set)).count()
}

/// A search for the smallest sets that share a scope with every row.
struct Search {
    rows: Vec<Mask>,
    /// The smallest sets so far, all of one size.
    found: Vec<Mask>,
}

impl Search {
    /// Continues with `chosen`, without the scopes of `barred`, which other branches try.
    fn go(&mut self, chosen: Mask, barred: Mask) {
        let best = self.found.first().map_or(u32::MAX, |set| set.len());
        let Some(&row) = self.rows.iter().find(|row| !row.intersects(chosen)) else {
            if chosen.len() < best {
                self.found.clear();
            }
            if chosen.len() <= best {
                self.found.push(chosen);
            }
            return;
        };
        if chosen.len() >= best {
            return;
        }
        let mut barred = barred;
        for id in row.difference(barred).iter() {
            self.go(chosen.union(Mask::only(id)), barred);
            barred = barred.union(Mask::only(id));
        }
    }
}

/// The reasons for the scopes of `best`: the operations of `wanted`, which are in the order of the catalogue.
fn per_scope(best: Mask, wanted: &[Entry]) -> Vec<PerScope> {
    let facts = |id: ScopeId| SCOPE_FACTS.get(usize::from(id.0));
    let empty = |id: ScopeId| PerScope {
        scope: id.name(),
        description: facts(id).map_or("", |facts| facts.description),
        needed_by: Vec::new(),
        restrictions: facts(id).map_or(&[], |facts| facts.restrictions),
        also_opens: Further {
            count: 0,
            writes: 0,
            resources: facts(id).map_or(&[], |facts| facts.resources),
            examples: Vec::new(),
        },
    };
    let mut scopes: Vec<(ScopeId, PerScope)> = best.iter().map(|id| (id, empty(id))).collect();
    let app = wanted.first().map_or(AppKind::Custom, |entry| entry.app());
    let mut wanted = wanted.iter().map(|entry| entry.row()).peekable();
    for entry in Entry::all().map(|entry| entry.with(app)) {
        let is_wanted = wanted.next_if_eq(&entry.row()).is_some();
        let openers = if is_wanted { entry.openers() } else { entry.candidates() }.intersection(best);
        // The token of any user opens some operations: they are no reach of a scope.
        if openers.is_empty() || !is_wanted && entry.needs_no_scope() {
            continue;
        }
        for (_, scope) in scopes.iter_mut().filter(|(id, _)| openers.contains(*id)) {
            let further = &mut scope.also_opens;
            if is_wanted {
                scope.needed_by.push(entry.operation().key());
                continue;
            }
            further.count = further.count.saturating_add(1);
            further.writes = further.writes.saturating_add(u32::from(!entry.operation().is_read()));
            if further.examples.len() < EXAMPLES {
                further.examples.push(entry.operation().key());
            }
        }
    }
    scopes.into_iter().map(|(_, scope)| scope).collect()
}

fn unopenable(entry: Entry) -> Unopenable {
    let held = entry.app().can_call(entry);
    Unopenable {
        operation: entry.operation().key(),
        held,
        scopes: entry.least_openers().names(),
        reason: why_unopenable(entry),
    }
}

/// The reason why not every app of the kind can open the operation.
pub(super) fn why_unopenable(entry: Entry) -> Claim {
    let KindWords { one, many, granular, scopes, .. } = entry.app().words();
    let (rule, who) = match entry.app().can_call(entry) {
        Held::No => ("R35", format!("{one} cannot call it")),
        Held::LegacyOnly => {
            (*granular, format!("only older {many} can call it, with a scope that newer ones cannot hold"))
        }
        Held::PartnerOnly if entry.app() != AppKind::Custom => {
            (*scopes, "its scope is for approved partners".to_owned())
        }
        Held::PartnerOnly => {
            (*scopes, format!("its scope is for approved partners; whether {one} can be one is not published"))
        }
        Held::PremiumOnly => {
            let text = "its scope is for apps of the Advanced tier or above, once Xero has approved the use";
            ("R42", text.to_owned())
        }
        Held::Disputed => (*scopes, format!("the reports contradict each other on whether {one} can call it")),
        Held::Unknown | Held::Yes => (*scopes, format!("no scope is known that {one} can hold and that opens it")),
    };
    let note = entry.facts().note;
    let text =
        if note.is_empty() { format!("{}: {who}", entry.call()) } else { format!("{}: {who}; {note}", entry.call()) };
    Claim::operation(rule, entry, text)
}

/// The doubt about the scopes of the operation.
pub(super) fn why_uncertain(entry: Entry) -> Claim {
    Claim::operation(entry.app().words().scopes, entry, entry.facts().note)
}
