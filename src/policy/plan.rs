//! The parts of a plan: the steps from one set of scopes to another, and those that cannot be undone.

use serde::Serialize;

use super::claim::Claim;
use super::due::Due;
use super::finding::Finding;
use super::rules::Deadline;
use super::unknown::UnknownScope;
use crate::resolve::RecordedBasis;
use crate::scope::ScopeSet;
use crate::time::Date;

/// The question of a plan.
#[derive(Clone, Debug, Default)]
pub struct PlanQuestion {
    /// The scopes that the connection has; none for a connection that is to be created.
    pub from: ScopeSet,
    /// The scopes that it is to have.
    pub to: ScopeSet,
    /// The number of calls or places that were not understood, where `to` comes from calls: they may need a scope that is
    /// removed.
    pub not_understood: usize,
    /// The recordings that `to` comes from; `None` if it comes from none.
    pub recorded: Option<RecordedBasis>,
    /// Details of the plan.
    pub details: PlanDetails,
}

/// Details of a plan besides its scopes.
#[derive(Clone, Debug, Default)]
pub struct PlanDetails {
    /// True if the connection is to reach another organisation afterwards.
    pub switch_organisation: bool,
    /// The author of the e-mail: a name, or a name and a company.
    pub sender: Option<String>,
    /// The day by which the authorising user is asked to approve the connection.
    pub approve_by: Option<Date>,
    /// The name of the program that uses the connection, for the ticket and the e-mail.
    pub program: Option<String>,
    /// The name of the organisation that the connection reaches afterwards, for the ticket and the e-mail.
    pub organisation_name: Option<String>,
}

/// A plan to change a connection, or to create one.
///
/// In JSON: `{ catalogue, on, recommended, notUnderstood, recorded?, findings, oneWayDoors, refused, kept, unknown, steps, scopes,
/// keepsWorking, rollback, deadline?, due, cautious?, markdown, email? }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChangePlan {
    /// The version of the catalogue.
    pub catalogue: &'static str,
    /// The day of the answer.
    pub on: Date,
    /// The plan to follow on that day: the full one, which is this object, or its `cautious` one.
    pub recommended: Which,
    /// The number of calls or places that were not understood, where the wanted scopes come from calls.
    pub not_understood: usize,
    /// The recordings that the wanted scopes come from; absent if there are none. If `only` is not 0, each step that removes scopes
    /// states that this rests on a recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<RecordedBasis>,
    /// Uses that this kind of app is not made for (another country, or several organisations), and facts that contradict each other,
    /// worst first.
    pub findings: Vec<Finding>,
    /// The changes that cannot be undone.
    pub one_way_doors: Vec<Door>,
    /// The wanted scopes that the plan leaves out: they cannot be added, or their names are misspelt.
    pub refused: Vec<Refusal>,
    /// The scopes that stay although they are not wanted any more: their replacement is missing or not certain, or their names
    /// are not in the catalogue.
    pub kept: Vec<Stays>,
    /// The names that the catalogue does not have, of the scopes before and of those that are wanted.
    pub unknown: Vec<UnknownScope>,
    /// The steps, in order; none if nothing changes.
    pub steps: Vec<PlanStep>,
    /// The scopes that the connection has afterwards.
    pub scopes: Vec<String>,
    /// The operations that keep working, meanwhile and afterwards.
    pub keeps_working: KeepsWorking,
    /// The way back, or that there is none.
    pub rollback: Rollback,
    /// The end of the broad scopes, if the connection has some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Deadline>,
    /// The tasks that have an end date, with the scopes before the change, the nearest first.
    pub due: Vec<Due>,
    /// The plan that removes nothing yet, if this one has a way of no return.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cautious: Option<Cautious>,
    /// The plan as a change ticket.
    pub markdown: String,
    /// A message to the authorising user about this plan, if something changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
}

/// One of the two plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "WhichPlan"))]
#[serde(rename_all = "camelCase")]
pub enum Which {
    /// Everything at once.
    Full,
    /// Add first, and remove nothing yet.
    Cautious,
}

/// A change that cannot be undone, or that no source describes as undoable. In JSON: `{ scope, loses, why }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "OneWayDoor"))]
#[serde(rename_all = "camelCase")]
pub struct Door {
    /// The scope that is gone afterwards, or may be.
    pub scope: &'static str,
    /// The operations that it opens, that nothing opens afterwards and that no scope which can still be added would open
    /// for sure, by key.
    pub loses: Vec<String>,
    /// The reason why there is no way back.
    pub why: Claim,
}

/// A wanted scope that the plan leaves out. In JSON: `{ scope, why }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RefusedScope"))]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// The scope, or the name that the catalogue does not have.
    pub scope: String,
    /// The reason why it is left out, and its replacements.
    pub why: Claim,
}

/// A scope that was not wanted any more and stays all the same. In JSON: `{ scope, why }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ProtectedScope"))]
#[serde(rename_all = "camelCase")]
pub struct Stays {
    /// The scope, or the name that the catalogue does not have.
    pub scope: String,
    /// The scope that was meant to take its place, and the reason why that one is missing or not certain.
    pub why: Claim,
}

/// One thing to do. In JSON: `{ kind, adds, removes, why }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PlanStep {
    /// The kind of step.
    pub kind: StepKind,
    /// The scopes that it adds.
    pub adds: Vec<String>,
    /// The scopes that it removes.
    pub removes: Vec<String>,
    /// The instruction or the consequence, and its source.
    pub why: Claim,
}

/// A kind of step, in the order of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum StepKind {
    /// Create the connection or the app in the developer portal, with its scopes.
    Create,
    /// Add scopes: in the developer portal, or to those that the app asks for.
    Add,
    /// Remove scopes that nothing replaces.
    Remove,
    /// Remove a broad scope, and have granular ones in its place.
    Replace,
    /// Saving the change deactivates the connection.
    Deactivate,
    /// The user revokes what was granted to the app before.
    Revoke,
    /// The authorising user authorises a new connection, or consents to a new app.
    Authorise,
    /// The authorising user authorises it, or consents to it, again.
    Reauthorise,
    /// The authorising user chooses another organisation.
    ChooseOrganisation,
    /// Drop the tokens that were stored before.
    DropTokens,
    /// Test that it works.
    Test,
}

/// The operations that keep working, meanwhile and afterwards. In JSON: `{ meanwhile, kept, gained, lost }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct KeepsWorking {
    /// Until the connection is authorised again.
    pub meanwhile: Vec<Claim>,
    /// The number of operations that are open before and after.
    pub kept: usize,
    /// The operations that the change opens, by key.
    pub gained: Vec<String>,
    /// The operations that the change closes, by key.
    pub lost: Vec<String>,
}

/// The way back. In JSON: `{ possible, scopes, why }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Rollback {
    /// True if the connection can get back exactly the scopes that it had.
    pub possible: bool,
    /// The scopes that it can get back to at most.
    pub scopes: Vec<String>,
    /// The way back, or the reason why there is none.
    pub why: Claim,
}

/// The plan that removes nothing yet.
///
/// In JSON: `{ recommended, steps, scopes, keepsWorking, rollback, why, markdown, email? }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "CautiousPlan"))]
#[serde(rename_all = "camelCase")]
pub struct Cautious {
    /// True if it is the safer one on the day of the answer.
    pub recommended: bool,
    /// The steps, in order; none if it is best to leave the connection alone.
    pub steps: Vec<PlanStep>,
    /// The scopes that the connection has afterwards.
    pub scopes: Vec<String>,
    /// The operations that keep working, meanwhile and afterwards.
    pub keeps_working: KeepsWorking,
    /// The way back.
    pub rollback: Rollback,
    /// The reasons for it or against it, its end date and its cost.
    pub why: Vec<Claim>,
    /// The plan as a change ticket.
    pub markdown: String,
    /// A message to the authorising user about this plan, if it changes something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
}

impl ChangePlan {
    /// The scopes that a connection with `from` has after the steps.
    pub fn apply(&self, from: &ScopeSet) -> ScopeSet {
        let set = |names: &[String]| ScopeSet::from_names(names.iter().map(String::as_str));
        self.steps
            .iter()
            .fold(from.clone(), |scopes, step| scopes.difference(&set(&step.removes)).union(&set(&step.adds)))
    }
}

/// A message in plain words. In JSON: `{ subject, body }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Email {
    /// Its subject, one line.
    pub subject: String,
    /// Its text.
    pub body: String,
}
