//! The course of a change for each kind of app: who has to act, what stops meanwhile, and the way back.

mod consent;
mod own;
mod portal;

use super::change::{Change, owned};
use super::claim::Claim;
use super::plan::{PlanStep, StepKind};
use crate::catalogue::{AppKind, ScopeId};
use crate::scope::ScopeSet;

/// The steps and consequences of a change that depend on the kind of app.
pub(super) trait Course {
    /// The sentence about adding these scopes, for a list in words, and its rule.
    fn add(&self, scopes: &str) -> (&'static str, String);
    /// The sentence about removing these scopes, for a list in words, and its rule.
    fn remove(&self, scopes: &str) -> (&'static str, String);
    /// The sentence about the broad scope that gives way to others, and its rule.
    fn replace(&self, broad: &str, by: &str) -> (&'static str, String);
    /// The steps of a new connection or app.
    fn creation(&self, change: &Change<'_>) -> Vec<PlanStep>;
    /// The steps that follow the change of scopes, or of the organisation.
    fn aftermath(&self, change: &Change<'_>) -> Vec<PlanStep>;
    /// The sentence about a plan that changes nothing.
    fn untouched(&self) -> Claim;
    /// Sentences about the time until a new connection or app works.
    fn until_created(&self, change: &Change<'_>) -> Vec<Claim>;
    /// Sentences about the time until a change has been carried out.
    fn meanwhile(&self, change: &Change<'_>) -> Vec<Claim>;
    /// The reason why a removed scope that works today cannot come back; `None` if it can.
    fn no_way_back(&self, id: ScopeId) -> Option<Claim>;
    /// The costs of removing nothing yet; `changes` is true if scopes are added all the same.
    fn cost(&self, changes: bool) -> Vec<Claim>;
    /// The sentence about a way back without the scopes of this list in words, which cannot be had again for sure.
    fn without(&self, names: &str) -> String;
    /// The way back from a change that can be undone.
    fn undo(&self, change: &Change<'_>) -> Claim;
}

/// The course of changes of this kind of app.
pub(super) fn of(app: AppKind) -> &'static dyn Course {
    match app {
        AppKind::Custom => &portal::Portal,
        AppKind::Web | AppKind::Pkce => &consent::ConsentCourse,
        AppKind::App => &own::Own,
    }
}

/// A step that changes no scope.
fn plain_step(kind: StepKind, rule: &'static str, text: impl Into<String>) -> PlanStep {
    let none = ScopeSet::default();
    step(kind, &none, &none, Claim::rule(rule, text))
}

/// A step with the scopes that it adds and removes.
pub(super) fn step(kind: StepKind, adds: &ScopeSet, removes: &ScopeSet, why: Claim) -> PlanStep {
    PlanStep { kind, adds: owned(adds), removes: owned(removes), why }
}

const TEST: &str = "request a new token, compare its scopes with those of this plan, and make one call for each";
