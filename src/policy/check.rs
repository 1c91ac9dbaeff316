//! Checks which calls a set of scopes allows, and which of the scopes are not needed.

use std::collections::BTreeSet;

use serde::Serialize;

use super::claim::Claim;
use super::closed::{closed, narrowed};
use super::connection::ConnectionFacts;
use super::ending;
use super::finding::{self, Finding, FindingKind, Severity};
use super::inferred;
use super::least::{cover, why_uncertain, why_unopenable};
use super::operation::{Entry, narrower, narrowest, writes};
use super::phrases;
use super::reading;
use super::recorded;
use super::rules::Age;
use super::suitable;
use super::unknown::{UnknownScope, unknown};
use super::validity::{self, Today, Validity, broad, of_sign_in, reasons, validity};
use crate::catalogue::{AppKind, Held, Mask, ScopeId, VERSION};
use crate::resolve::{Assumed, Found, Ignored, RecordedBasis, Resolved, Unresolved};
use crate::scope::ScopeSet;
use crate::time::Date;

/// The calls that a set of scopes allows.
///
/// In JSON: `{ catalogue, on, verdict, allowed, reading, recorded?, calls, written, missing, unused, broad, unknown, findings, unresolved,
/// ignored }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "CheckedScopes"))]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// The version of the catalogue.
    pub catalogue: &'static str,
    /// The day of the answer.
    pub on: Date,
    /// The answer in one word.
    pub verdict: Verdict,
    /// True if every call is known, with its method, and allowed: the verdict is `allowed`.
    pub allowed: bool,
    /// A summary of the calls that were found, of the places that were not read and of the recordings, in one sentence.
    pub reading: String,
    /// The recordings among the texts; absent if there are none. If `only` is not 0, a scope is called unused or broad on the word
    /// of a recording, and its finding has that reservation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<RecordedBasis>,
    /// The calls, in the order given, one for each operation that it may be.
    pub calls: Vec<CalledWith>,
    /// The calls as they are written, in the order given: one entry for all operations that a call may be.
    pub written: Vec<Written>,
    /// The smallest set that opens the refused calls and that any app of the kind can hold. It leaves out calls that
    /// no such scope opens.
    pub missing: Vec<&'static str>,
    /// The scopes without all of which the same calls are allowed; empty if there were no calls, or something was not read.
    pub unused: Vec<String>,
    /// The scopes that are used and open more than the calls need, with narrower ones to use instead.
    pub broad: Vec<Broad>,
    /// The names that the catalogue does not have. They open nothing here.
    pub unknown: Vec<UnknownScope>,
    /// Findings about the scopes and the calls, worst first.
    pub findings: Vec<Finding>,
    /// Texts that look like calls and are no operations of the catalogue. Their scopes are not known, so they are not allowed.
    pub unresolved: Vec<Unresolved>,
    /// The numbers of ignored lines, by reason.
    pub ignored: Ignored,
}

/// The verdict on all calls, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// All of them.
    Allowed,
    /// All of them if those whose method is not written only read.
    AllowedIfReading,
    /// All of them by the scopes; but an error about the connection or its scopes stands against it.
    AllowedWithErrors,
    /// All that were read; but something was not read, or is not in the catalogue.
    Unknown,
    /// Some are refused.
    Refused,
    /// No call was read.
    Nothing,
}

/// One call, judged.
///
/// In JSON: `{ call, input, at, line, times, ambiguous, assumed?, operation, allowed, openedBy, missing, reason,
/// uncertain? }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "CheckedCall"))]
#[serde(rename_all = "camelCase")]
pub struct CalledWith {
    /// The call as it is written where it appears first.
    pub call: String,
    /// The number of the text with this place, from 0.
    pub input: usize,
    /// Its position in that text, in UTF-16 code units.
    pub at: usize,
    /// The line of that position; the first is 1.
    pub line: usize,
    /// The number of times that it appears.
    pub times: usize,
    /// True if it may be another operation as well, which then has an entry of its own.
    pub ambiguous: bool,
    /// The part of the call that the text leaves open; absent if nothing is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assumed: Option<Assumed>,
    /// The key of its operation.
    pub operation: String,
    /// True if a configured scope opens it. Nothing else allows a call.
    pub allowed: bool,
    /// The configured scopes that open it.
    pub opened_by: Vec<&'static str>,
    /// If it is refused: the scopes that would open it and open the least; any one of them is enough.
    pub missing: Vec<&'static str>,
    /// The reason why it is allowed or refused.
    pub reason: Claim,
    /// The reason why the answer may be wrong; absent if there is no doubt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncertain: Option<Claim>,
}

/// A call as it is written, with every operation that it may be. In JSON: `{ calls, allowed, openedBy }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "WrittenCall"))]
#[serde(rename_all = "camelCase")]
pub struct Written {
    /// The places in `calls` of the operations that it may be, from 0; at least one.
    pub calls: Vec<usize>,
    /// True if it is allowed: every operation that it may be is allowed.
    pub allowed: bool,
    /// The configured scopes that open these operations, in alphabetical order.
    pub opened_by: Vec<&'static str>,
}

/// A scope that opens more than the calls need. In JSON: `{ scope, instead }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "BroadScope"))]
#[serde(rename_all = "camelCase")]
pub struct Broad {
    /// The scope.
    pub scope: &'static str,
    /// Narrower scopes that open the same calls.
    pub instead: Vec<&'static str>,
}

/// Judges each of `calls` for a connection that has `scopes`, on the day `on`.
///
/// A call is allowed if a valid configured scope opens it: a scope is invalid if this kind of app cannot hold it (R7, R16,
/// R20, R28, R35, R38) or if it has ended (R13, R39). If this is not certain, `uncertain` of the call has the reason. Without a
/// creation date no dated rule makes a scope invalid. Every operation that a call may be is judged, and the call is allowed
/// only if all of them are: `written` has the calls as a whole.
///
/// A call that Xero has ended (R37), or whose API is for organisations of another country, is refused with any scopes. A call
/// that may be operations of several countries is only those of this organisation's country, if that is known.
///
/// Where the sources contradict each other about the scopes of a call, only the better founded scope allows it, and no
/// scope that any source names for it is called unused or broad.
pub fn check(scopes: &ScopeSet, calls: Resolved, connection: &ConnectionFacts, on: Date) -> Check {
    let today = Today::new(connection, on);
    let judge = Judge::new(scopes.known(), today);
    let calls = narrowed(calls, connection.region);
    let reading = reading::summary(&calls);
    let Resolved { calls: found, unresolved, ignored, recorded, unread } = calls;
    let alone = if recorded.is_some_and(|basis| basis.only > 0) { recorded::ALONE } else { "" };
    let is_all = unresolved.is_empty() && unread == 0;
    let is_nothing = found.is_empty();
    let asked = found.iter().flat_map(|call| call.rows.iter().filter_map(move |&row| Some((call, today.entry(row)?))));
    let judged: Vec<CalledWith> = asked.clone().map(|(call, entry)| judge.call(call, entry)).collect();
    let written = written(&found, &judged);
    let living = asked.clone().map(|(_, entry)| entry).filter(|&entry| !judge.is_closed(entry));
    let (open, refused): (Vec<Demand>, Vec<Demand>) =
        demands(living).into_iter().partition(|demand| demand.openers.intersects(judge.usable));
    let doubtful = found
        .iter()
        .flat_map(|call| &call.rows)
        .filter_map(|&row| today.entry(row))
        .filter(|entry| entry.is_in_doubt());
    let writes = reading::assumed(&found, connection.app).flat_map(Entry::writes_on_path);
    let kept = doubtful.chain(writes).fold(Mask::EMPTY, |kept, entry| kept.union(entry.candidates()));
    let kept = kept.intersection(judge.usable);
    let used = judge.used(&open, kept);
    let missing = cover(refused.iter().map(|demand| demand.choices).filter(|choices| !choices.is_empty())).names();
    let unknown = unknown(scopes);
    // A scope of the sign-in is there for the user and the refresh token, not for a call.
    let idle = judge.usable.difference(used).difference(of_sign_in(judge.usable));
    let broad = too_broad(used, kept, &open);
    let is_plain = is_all && !is_nothing;
    let surplus = if is_plain { None } else { surplus(idle, &broad, is_nothing && is_all, today) };
    // A place that was not read may need any scope.
    let (idle, broad) = if is_plain { (idle, broad) } else { (Mask::EMPTY, Vec::new()) };

    let mut findings = validity::findings(judge.configured, judge.today);
    findings.extend(suitable::findings(connection));
    findings.extend(ending::findings(asked.clone().map(|(_, entry)| entry), on));
    findings.extend(judged.iter().enumerate().filter(|(_, call)| !call.allowed).map(missing_call));
    findings.extend(idle.iter().map(|id| unused_scope(id, today, alone)));
    findings.extend(broad.iter().map(|broad| broad_scope(broad, today, alone)));
    findings.extend(surplus);
    findings.extend(unknown.iter().map(|name| name.to_finding(connection.app)));
    add_doubts(&mut findings, &judged);
    findings.extend(found.iter().filter(|call| call.ambiguous).map(|call| ambiguous_call(call, &judged, today)));
    findings.extend(unresolved_calls(&unresolved, today));
    finding::sort(&mut findings);
    let unused = idle.names().into_iter().map(str::to_owned).collect();
    let may_write = |call: &CalledWith| call.assumed == Some(Assumed::Get) && call.uncertain.is_some();
    let verdict = if judged.iter().any(|call| !call.allowed) {
        Verdict::Refused
    } else if !is_all {
        Verdict::Unknown
    } else if judged.is_empty() {
        Verdict::Nothing
    } else if findings.iter().any(|finding| finding.severity == Severity::Error) {
        Verdict::AllowedWithErrors
    } else if judged.iter().any(may_write) {
        Verdict::AllowedIfReading
    } else {
        Verdict::Allowed
    };
    Check {
        catalogue: VERSION,
        on,
        verdict,
        allowed: verdict == Verdict::Allowed,
        reading,
        recorded,
        calls: judged,
        written,
        missing,
        unused,
        broad,
        unknown,
        findings,
        unresolved,
        ignored,
    }
}

/// A connection to judge calls for.
struct Judge {
    configured: Mask,
    /// The configured scopes that are not invalid.
    usable: Mask,
    /// The configured scopes that are valid without doubt.
    sure: Mask,
    today: Today,
}

impl Judge {
    fn new(configured: Mask, today: Today) -> Self {
        let of = |worst: Validity| {
            let good = configured.iter().filter(|&id| validity(id, today) <= worst);
            good.collect()
        };
        Self { configured, usable: of(Validity::Uncertain), sure: of(Validity::Valid), today }
    }

    /// Returns true if no scope opens the operation for this organisation.
    fn is_closed(&self, entry: Entry) -> bool {
        closed(entry, self.today).is_some()
    }

    fn call(&self, found: &Found, entry: Entry) -> CalledWith {
        let openers = if self.is_closed(entry) { Mask::EMPTY } else { entry.openers() };
        let opened_by = openers.intersection(self.usable);
        let allowed = !opened_by.is_empty();
        let (missing, reason) = if allowed {
            let call = inferred::called(found, entry);
            let text = if entry.needs_no_scope() {
                call + " is opened by the token of any user"
            } else {
                call + " is opened by " + &phrases::or(&opened_by.names())
            };
            (Mask::EMPTY, Claim::operation(self.today.words().scopes, entry, text))
        } else {
            self.refusal(found, entry)
        };
        let inferred = inferred::why_uncertain(found, entry);
        let reason = inferred.as_ref().map_or(reason.clone(), |doubt| reason.at_most(doubt.confidence));
        CalledWith {
            call: found.text.clone(),
            input: found.input,
            at: found.at,
            line: found.line,
            times: found.times,
            ambiguous: found.ambiguous,
            assumed: found.assumed,
            operation: entry.operation().key(),
            allowed,
            opened_by: opened_by.names(),
            missing: missing.names(),
            reason,
            uncertain: inferred
                .or_else(|| self.may_write(found, entry, opened_by))
                .or_else(|| self.uncertain(entry, opened_by)),
        }
    }

    /// The doubt about a call that is allowed and whose method is not written.
    fn may_write(&self, found: &Found, entry: Entry, opened_by: Mask) -> Option<Claim> {
        let is_open = found.assumed == Some(Assumed::Get) && !opened_by.is_empty();
        if is_open { reading::why_uncertain(entry, self.usable) } else { None }
    }

    /// The scopes that would open the call, and the reason why it is refused.
    fn refusal(&self, found: &Found, entry: Entry) -> (Mask, Claim) {
        if let Some(reason) = closed(entry, self.today) {
            return (Mask::EMPTY, reason);
        }
        let void = entry.openers().intersection(self.configured).iter().find_map(|id| {
            let reason = reasons(id, self.today).find(|reason| reason.validity() == Validity::Invalid)?;
            Some(reason.to_claim(id, self.today))
        });
        let missing = if entry.choices().is_empty() {
            validity::usable(entry.least_openers(), self.today)
        } else {
            narrowest(entry.choices())
        };
        let reason = void.unwrap_or_else(|| {
            if entry.choices().is_empty() {
                return why_unopenable(entry);
            }
            let weaker = entry.candidates().difference(entry.openers()).intersection(self.configured);
            let but = if weaker.is_empty() {
                String::new()
            } else {
                format!("; whether {} opens it is in doubt", phrases::or(&weaker.names()))
            };
            let call = inferred::called(found, entry);
            let text = format!("{call} needs {}, which is not configured{but}", phrases::or(&missing.names()));
            Claim::operation(self.today.words().scopes, entry, text)
        });
        (missing, reason)
    }

    /// The reason why the answer may be wrong: the operation is disputed, or every scope that opens it is uncertain.
    fn uncertain(&self, entry: Entry, opened_by: Mask) -> Option<Claim> {
        if let Some(ending) = ending::end_of(entry, self.today.on) {
            return ending.perhaps();
        }
        if entry.app().can_call(entry) == Held::Disputed {
            return Some(why_unopenable(entry));
        }
        if entry.is_in_doubt() {
            return Some(why_uncertain(entry));
        }
        if opened_by.intersects(self.sure) {
            return None;
        }
        let doubtful = |id| reasons(id, self.today).find(|reason| reason.validity() == Validity::Uncertain);
        opened_by.iter().find_map(|id| Some(doubtful(id)?.to_claim(id, self.today)))
    }

    /// The valid scopes that stay when one after the other is left out as long as every open call stays open; `kept` ones
    /// are never left out.
    fn used(&self, open: &[Demand], kept: Mask) -> Mask {
        widest_first(self.usable.difference(kept)).into_iter().fold(self.usable, |left, id| {
            let without = left.difference(Mask::only(id));
            if open.iter().all(|demand| demand.openers.intersects(without)) { without } else { left }
        })
    }
}

/// The calls as they are written: those of `judged`, which has an entry for each operation of each of `found`.
fn written(found: &[Found], judged: &[CalledWith]) -> Vec<Written> {
    let mut places = judged.iter().enumerate();
    let entries = found.iter().map(|call| {
        let operations = call.rows.iter().filter(|&&row| Entry::at(row).is_some()).count();
        let of_it: Vec<(usize, &CalledWith)> = places.by_ref().take(operations).collect();
        let openers: BTreeSet<&str> = of_it.iter().flat_map(|(_, call)| call.opened_by.iter().copied()).collect();
        Written {
            calls: of_it.iter().map(|(place, _)| *place).collect(),
            allowed: of_it.iter().all(|(_, call)| call.allowed),
            opened_by: openers.into_iter().collect(),
        }
    });
    entries.filter(|call| !call.calls.is_empty()).collect()
}

/// The scopes that open a call.
struct Demand {
    /// Every scope that opens it, as far as is known.
    openers: Mask,
    /// The granular ones that any app of the kind can hold.
    choices: Mask,
}

/// The scopes that open these calls, each combination once.
fn demands(entries: impl Iterator<Item = Entry>) -> Vec<Demand> {
    let mut found: Vec<Demand> = Vec::new();
    for entry in entries {
        let demand = Demand { openers: entry.openers(), choices: entry.choices() };
        if !found.iter().any(|own| (own.openers, own.choices) == (demand.openers, demand.choices)) {
            found.push(demand);
        }
    }
    found
}

/// Broad scopes, then those that write, then the others, each in reverse of their names.
fn widest_first(mask: Mask) -> Vec<ScopeId> {
    let mut order: Vec<ScopeId> = mask.iter().collect();
    order.sort_by_key(|&id| (broad(Mask::only(id)).is_empty(), !writes(id), core::cmp::Reverse(id)));
    order
}

/// The used scopes that can give way to narrower ones, all of them together; those of `kept` cannot.
fn too_broad(used: Mask, kept: Mask, open: &[Demand]) -> Vec<Broad> {
    let mut left = used;
    let mut found = Vec::new();
    for id in widest_first(used.difference(kept)) {
        let rest = left.difference(Mask::only(id));
        let own = || open.iter().filter(|demand| !demand.openers.intersects(rest));
        // Where a call has no granular scope, nothing narrower would do.
        if own().any(|demand| demand.choices.is_empty()) {
            continue;
        }
        let instead = cover(own().map(|demand| demand.choices));
        let is_broad = !broad(Mask::only(id)).is_empty();
        if !instead.is_empty() && (is_broad || narrower(id).covers(instead)) {
            left = rest.union(instead);
            found.push((id, Broad { scope: id.name(), instead: instead.names() }));
        }
    }
    found.sort_by_key(|(id, _)| *id);
    found.into_iter().map(|(_, broad)| broad).collect()
}

fn missing_call((place, call): (usize, &CalledWith)) -> Finding {
    let claim = call.reason.clone();
    Finding::new(FindingKind::Missing, Severity::Error, claim).about(call.missing.iter().copied()).of_calls([place])
}

fn ambiguous_call(call: &Found, judged: &[CalledWith], today: Today) -> Finding {
    let keys: Vec<String> = call.rows.iter().filter_map(|&row| Some(Entry::at(row)?.operation().key())).collect();
    let text = format!("{} may be {}: all are checked; name the API to choose one", call.text, phrases::or(&keys));
    let is_it = |(place, own): (usize, &CalledWith)| ((own.input, own.at) == (call.input, call.at)).then_some(place);
    let places = judged.iter().enumerate().filter_map(is_it);
    Finding::new(FindingKind::Uncertain, Severity::Warning, Claim::rule(today.words().scopes, text)).of_calls(places)
}

/// One finding for each reason, since a text that is about something else may have thousands of calls.
fn unresolved_calls(calls: &[Unresolved], today: Today) -> impl Iterator<Item = Finding> {
    let mut firsts: Vec<&Unresolved> = Vec::new();
    for call in calls {
        if !firsts.iter().any(|first| first.why == call.why) {
            firsts.push(call);
        }
    }
    firsts.into_iter().map(move |first| {
        let others = calls.iter().filter(|call| call.why == first.why).count().saturating_sub(1) as u64;
        let more = if others == 0 { String::new() } else { format!(", and {}", phrases::count(others, "more place")) };
        let subject = if first.text.is_empty() { "the file" } else { &first.text };
        let end = match first.note {
            Some(note) => format!(": {note}"),
            None => "; its scopes are not known".to_owned(),
        };
        let text = format!("{subject} {} (line {}){more}{end}", first.message, first.line);
        Finding::new(FindingKind::Unresolved, Severity::Error, Claim::rule(today.words().scopes, text))
    })
}

/// The finding that replaces "unused" and "too broad" if not everything was read, or if there were no calls.
fn surplus(idle: Mask, broad: &[Broad], is_nothing: bool, today: Today) -> Option<Finding> {
    let mut scopes = idle.names();
    scopes.extend(broad.iter().map(|broad| broad.scope));
    scopes.sort_unstable();
    if scopes.is_empty() {
        return None;
    }
    let scopes_in_words = phrases::or(&scopes);
    let text = if is_nothing {
        format!("there were no calls, so it is not known whether any need {scopes_in_words}; do not remove it")
    } else {
        format!(
            "the calls that were read do not need {scopes_in_words}; the places that were not read may need it, so do not \
             remove it"
        )
    };
    Some(Finding::new(FindingKind::Uncertain, Severity::Warning, Claim::rule(today.words().scopes, text)).about(scopes))
}

/// `alone` is the reservation about calls that are known from a recording alone, or empty.
fn unused_scope(id: ScopeId, today: Today, alone: &str) -> Finding {
    let name = id.name();
    let shown = if today.app == AppKind::App { "" } else { ", and the authorising user is shown every scope" };
    let text = format!("no call needs {name}{shown}{alone}");
    let last = today.app == AppKind::Custom && today.age != Age::Newer && !broad(Mask::only(id)).is_empty();
    let claim = if last {
        Claim::rule("R11", format!("no call needs {name}; once removed, it cannot be added again{alone}"))
    } else {
        Claim::rule(today.words().scopes, text)
    };
    Finding::new(FindingKind::Unused, Severity::Warning, claim).about([name])
}

fn broad_scope(broad: &Broad, today: Today, alone: &str) -> Finding {
    let instead = phrases::and(&broad.instead);
    let text = format!("{} opens more than the calls need; {instead} is enough{alone}", broad.scope);
    Finding::new(FindingKind::Broad, Severity::Warning, Claim::rule(today.words().scopes, text)).about([broad.scope])
}

/// The number of operations that are named in a sentence about several.
const NAMED: usize = 3;

/// Adds the doubts about calls, each once with all its calls. Where a finding about a scope is the same doubt, its calls
/// are added to it.
fn add_doubts(findings: &mut Vec<Finding>, calls: &[CalledWith]) {
    let mut doubts: Vec<(Claim, Vec<usize>)> = Vec::new();
    for (place, call) in calls.iter().enumerate() {
        let Some(doubt) = &call.uncertain else { continue };
        if let Some(finding) = findings.iter_mut().find(|finding| finding.message == doubt.text) {
            finding.calls.push(place);
        } else if !call.allowed {
            // Its refusal is a finding, and an error.
        } else if let Some((claim, places)) = doubts.iter_mut().find(|(own, _)| own.text == doubt.text) {
            claim.operations.extend(doubt.operations.iter().cloned());
            places.push(place);
        } else {
            doubts.push((doubt.clone(), vec![place]));
        }
    }
    findings.extend(doubts.into_iter().map(|(mut claim, places)| {
        let openers =
            places.iter().filter_map(|&place| calls.get(place)).flat_map(|call| call.opened_by.iter().copied());
        let scopes: BTreeSet<&str> = openers.collect();
        claim.operations.sort_unstable();
        claim.operations.dedup();
        claim.text = format!("{}: {}", phrases::some(&claim.operations, NAMED), claim.text);
        Finding::new(FindingKind::Uncertain, Severity::Warning, claim).about(scopes).of_calls(places)
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::resolve;

    #[test]
    fn a_call_that_may_be_several_operations_is_allowed_if_all_of_them_are() {
        let calls = resolve("xero.getTimesheets(id)");
        let day = Date::new(2026, 11, 24).expect("a day");
        let scopes = ScopeSet::from_scope_param("payroll.timesheets.read");
        let mut judged = check(&scopes, calls.clone(), &ConnectionFacts::default(), day).calls;
        let is_allowed = |judged: &[CalledWith]| -> Vec<bool> {
            written(&calls.calls, judged).into_iter().map(|call| call.allowed).collect()
        };
        assert!(judged.len() > 1 && is_allowed(&judged) == [true], "{judged:?}");
        judged[0].allowed = false;
        assert_eq!(is_allowed(&judged), [false]);
    }
}
