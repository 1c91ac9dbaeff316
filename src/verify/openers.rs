//! Questions 9 and 10: the scope that opens an operation. A token of one scope is asked for, and calls it.

use super::ask::Ask;
use super::heard::GrantedScopes;
use super::observed::Observed;
use super::report::FactCheck::{Confirmed, Differs, Unclear};
use super::report::PartAnswer;
use super::tokens::single;
use super::transcript::{PartResult, SINGLE, Stop, Transcript, only, path};
use crate::catalogue::{Country, Mask, ScopeId};
use crate::policy::Entry;
use crate::text::{joined, words};

/// An id that no record has.
const NO_RECORD: &str = "00000000-0000-4000-8000-000000000000";

/// The requests about one scope of an operation.
struct Trial {
    /// The key of the operation.
    key: &'static str,
    /// The scopes of which one is tried, the first that is configured.
    scopes: &'static [&'static str],
    /// The names of the requests: the token, the call, and the same call with a token that lacks every such scope.
    token: &'static str,
    call: &'static str,
    control: &'static str,
}

/// Question 9: `payroll.settings`.
pub(super) fn leave_by_settings(transcript: Transcript<'_>) -> PartResult {
    leave(transcript, &["payroll.settings.read", "payroll.settings"], "leave.settings.token", "leave.settings")
}

/// Question 9: `payroll.employees`.
pub(super) fn leave_by_employees(transcript: Transcript<'_>) -> PartResult {
    leave(transcript, &["payroll.employees.read", "payroll.employees"], "leave.employees.token", "leave.employees")
}

fn leave(
    transcript: Transcript<'_>,
    scopes: &'static [&'static str],
    token: &'static str,
    call: &'static str,
) -> PartResult {
    transcript.accepted()?;
    if transcript.country() != Some(Country::UnitedKingdom) {
        let known = transcript.country().is_some();
        let why = if known {
            "an organisation in the United Kingdom"
        } else {
            "an organisation that is known to be in the United Kingdom"
        };
        return Err(Stop::Missing(why.to_owned()));
    }
    tried(
        transcript,
        &Trial { key: "payroll-uk.getStatutoryLeaveSummary", scopes, token, call, control: "leave.control" },
    )
}

const OF_REPORTS: [&str; 2] = ["accounting.reports.taxreports.read", "accounting.reports.read"];

/// Question 10: the list.
pub(super) fn reports(transcript: Transcript<'_>) -> PartResult {
    transcript.accepted()?;
    tried(
        transcript,
        &Trial {
            key: "accounting.getReportsList",
            scopes: &OF_REPORTS,
            token: "reports.token",
            call: "reports.list",
            control: "reports.list.control",
        },
    )
}

/// Question 10: one report.
pub(super) fn report(transcript: Transcript<'_>) -> PartResult {
    transcript.accepted()?;
    tried(
        transcript,
        &Trial {
            key: "accounting.getReportFromId",
            scopes: &OF_REPORTS,
            token: "reports.token",
            call: "reports.one",
            control: "reports.one.control",
        },
    )
}

/// Tries a scope that the catalogue has for an operation.
fn tried(transcript: Transcript<'_>, trial: &Trial) -> PartResult {
    let granted = transcript.granted()?;
    let configured =
        trial.scopes.iter().filter_map(|name| ScopeId::named(name)).find(|id| granted.known().contains(*id));
    let (Some(scope), Some(entry)) = (configured, Entry::named(trial.key)) else {
        return Err(Stop::Missing(words!["the scope ", joined(trial.scopes, " or ")]));
    };
    let token = transcript.token(Ask::token(trial.token, Some(scope.name())))?;
    if token.granted(&only(scope)) != GrantedScopes::Exactly {
        return Err(Stop::Missing(words!["a token of ", scope.name(), " alone; the request for one did not give it"]));
    }
    let path = path_of(entry);
    let heard = transcript.call(Ask::get(trial.call, path.clone(), trial.token))?;
    let answer = |check, says: &str| {
        let seen = [trial.call, trial.control].into_iter().filter_map(|id| transcript.find(id)).map(Observed::call);
        Ok(PartAnswer { check, seen: seen.collect(), says: words![scope.name(), says] })
    };
    if heard.is_success() {
        return answer(Confirmed, " opens it");
    }
    if heard.lacks_scope() {
        return answer(Differs, " does not open it");
    }
    if heard.status != 404 {
        return answer(Unclear, ": the call was refused for another reason than its scope");
    }
    // Without a record the answer is the same as without the path, unless a token that lacks the scope is refused first.
    match control(transcript, trial, entry, path)? {
        Some(true) => {
            answer(Confirmed, " opens it: there is no such record, and a token without the scope is refused for that")
        }
        Some(false) => answer(Unclear, ": there is no such record, and a token without the scope gets the same answer"),
        None => answer(Unclear, ": there is no such record, and no token could be had that surely lacks the scope"),
    }
}

/// Returns true if a token that lacks every scope of the operation is refused for that; `None` if there is no such token.
fn control(transcript: Transcript<'_>, trial: &Trial, entry: Entry, path: String) -> Result<Option<bool>, Stop> {
    let of_operation: Mask = entry.operation().needs().any();
    let narrow = single(transcript).ok().filter(|id| !of_operation.contains(*id));
    let has_token =
        |id| transcript.find(SINGLE).is_some_and(|heard| heard.granted(&only(id)) == GrantedScopes::Exactly);
    if !narrow.is_some_and(has_token) {
        return Ok(None);
    }
    Ok(Some(transcript.call(Ask::get(trial.control, path, SINGLE))?.lacks_scope()))
}

/// The path of an operation, with an id that no record has.
fn path_of(entry: Entry) -> String {
    let path = path(entry);
    match path.split_once('{') {
        Some((before, _)) => words![before, NO_RECORD],
        None => path,
    }
}
