//! Everything about one connection in one answer: the scopes that its calls need, the calls that its scopes allow, the
//! rules that hold for it, and the plan to change it.

use serde::Serialize;

use super::assess::{Assessment, assess};
use super::check::{Check, check};
use super::connection::ConnectionFacts;
use super::due::{Due, due};
use super::finding::{self, Finding, FindingGroup};
use super::least::{Required, required};
use super::plan::{ChangePlan, PlanDetails, PlanQuestion};
use super::planner::plan;
use super::validity::{of_sign_in, replacements};
use super::verdict::{Judged, verdict};
use crate::catalogue::{Mask, ScopeId, VERSION};
use crate::resolve::Resolved;
use crate::scope::ScopeSet;
use crate::time::Date;

/// The question of a review.
#[derive(Clone, Debug, Default)]
pub struct ReviewQuestion {
    /// The scopes that the connection has; none for a connection that is to be created.
    pub scopes: ScopeSet,
    /// True if the connection exists although it has no scopes. There is no plan for such a connection.
    pub exists: bool,
    /// The calls; `None` if the question is about scopes alone.
    pub calls: Option<Resolved>,
    /// The scopes that the connection is to have; `None` to derive them, as [`Review::plan`] describes.
    pub wanted: Option<ScopeSet>,
    /// The set that the plan leads to: 0 for the first of the smallest sets, then its alternatives.
    pub choice: usize,
    /// Details of the plan.
    pub details: PlanDetails,
}

/// Everything about one connection.
///
/// In JSON: `{ catalogue, on, verdict, scopes, required?, lacking, checked?, assessment, findings, groups, due, plan? }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Review {
    /// The version of the catalogue.
    pub catalogue: &'static str,
    /// The day of the answer.
    pub on: Date,
    /// The answer in one sentence, without a full stop: `Five scopes are enough`. It names operations that no scope opens, places
    /// that were not read, and calls whose method is assumed.
    pub verdict: String,
    /// The scopes of the connection, each once: those of the catalogue in alphabetical order, then the other names.
    pub scopes: Vec<String>,
    /// The scopes that the calls require on this connection; absent if no calls were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<Required>,
    /// The scopes that are wanted, or that the calls need, and that the connection does not have.
    pub lacking: Vec<String>,
    /// The calls that the scopes allow; absent if no calls were given, or if the connection is to be created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked: Option<Check>,
    /// The rules that hold for the connection; for one that is to be created, with the scopes of the plan.
    pub assessment: Assessment,
    /// The findings of all parts of this answer, worst first: each sentence once, with all the calls that it is about.
    pub findings: Vec<Finding>,
    /// The same findings by rule and severity, in the order of the first of each.
    pub groups: Vec<FindingGroup>,
    /// The tasks that have an end date, the nearest first: as in `assessment`, but with what is known of the calls.
    pub due: Vec<Due>,
    /// The plan that leads to the wanted scopes.
    ///
    /// Without `wanted` it leads to the chosen one of the smallest sets for the calls. If no call was read, it keeps the
    /// scopes where the organisation is switched, and otherwise replaces each broad scope by everything that takes its
    /// place. Absent if the connection has no scopes and none are wanted, or if no scope that it can hold opens the calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<ChangePlan>,
}

/// Reviews a connection on the day `on`.
///
/// The parts are the answers of [`required`], [`check`], [`assess`] and [`plan`] to the same question.
pub fn review(question: ReviewQuestion, connection: &ConnectionFacts, on: Date) -> Review {
    let ReviewQuestion { scopes, exists, calls, wanted, choice, details } = question;
    let is_new = scopes.is_empty() && !exists;
    let called = calls.clone();
    let required = calls.clone().map(|calls| required(calls, &scopes, connection, on));
    let not_understood = calls.as_ref().map_or(0, |calls| calls.unresolved.len().saturating_add(calls.unread));
    let recorded = calls.as_ref().and_then(|calls| calls.recorded);
    let checked = calls.filter(|_| !is_new).map(|calls| check(&scopes, calls, connection, on));
    let lacking = lacking(&scopes, wanted.as_ref(), required.as_ref(), checked.as_ref());
    let target = wanted.or_else(|| derived_target(&scopes, required.as_ref(), choice, details.switch_organisation));
    let assessed = target.as_ref().filter(|_| is_new).unwrap_or(&scopes);
    let assessment = assess(assessed, connection, on);
    let due = due(assessed, called.as_ref(), connection, on);
    let is_planned = |to: &ScopeSet| !scopes.is_empty() || is_new && !to.is_empty();
    let plan = target
        .filter(is_planned)
        .map(|to| plan(&PlanQuestion { from: scopes.clone(), to, not_understood, recorded, details }, connection, on));
    let all = [
        required.as_ref().map(|required| &required.findings),
        checked.as_ref().map(|checked| &checked.findings),
        Some(&assessment.findings),
        plan.as_ref().map(|plan| &plan.findings),
    ];
    let findings = finding::merge(all.into_iter().flatten().flatten().cloned().collect());
    let groups = finding::grouped(&findings);
    let scopes: Vec<String> = scopes.names().map(str::to_owned).collect();
    let verdict = verdict(&Judged {
        scopes: scopes.len(),
        app: connection.app,
        not_understood,
        required: required.as_ref(),
        checked: checked.as_ref(),
    });
    Review {
        catalogue: VERSION,
        on,
        verdict,
        scopes,
        required,
        lacking,
        checked,
        assessment,
        findings,
        groups,
        due,
        plan,
    }
}

/// The scopes that are wanted, or that the calls need, and that are not in `scopes`.
fn lacking(
    scopes: &ScopeSet,
    wanted: Option<&ScopeSet>,
    required: Option<&Required>,
    checked: Option<&Check>,
) -> Vec<String> {
    let wanted = wanted.map(|wanted| wanted.difference(scopes)).unwrap_or_default();
    let needed = match (checked, required) {
        (Some(checked), _) => &checked.missing[..],
        (None, Some(required)) => &required.scopes,
        (None, None) => &[],
    };
    wanted.union(&ScopeSet::from_names(needed.iter().copied())).names().map(str::to_owned).collect()
}

/// The scopes that a plan leads to where none are wanted by name; `None` if no scope opens the calls that were read.
fn derived_target(
    scopes: &ScopeSet,
    required: Option<&Required>,
    choice: usize,
    switches_organisation: bool,
) -> Option<ScopeSet> {
    if let Some(required) = required.filter(|required| !required.calls.is_empty()) {
        let alternative = choice.checked_sub(1).and_then(|place| required.alternatives.get(place));
        let chosen = ScopeSet::from_names(alternative.unwrap_or(&required.scopes).iter().copied());
        // The scopes of the sign-in open no call.
        return Some(chosen).filter(|chosen| !chosen.known().difference(of_sign_in(chosen.known())).is_empty());
    }
    Some(if switches_organisation { scopes.clone() } else { without_broad(scopes).into() })
}

/// The catalogued scopes of the set, with all of its replacements in the place of each broad one.
fn without_broad(scopes: &ScopeSet) -> Mask {
    scopes.known().iter().fold(Mask::EMPTY, |found, id: ScopeId| {
        let instead = replacements(id);
        found.union(if instead.is_empty() { Mask::only(id) } else { instead })
    })
}
