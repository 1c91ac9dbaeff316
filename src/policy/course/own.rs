//! Changes of the token of an app itself: the next token request names other scopes, and no user has to act.

use super::super::change::{Change, owned};
use super::super::claim::Claim;
use super::super::phrases;
use super::super::plan::{PlanStep, StepKind};
use super::{Course, TEST, plain_step, step};
use crate::catalogue::{Confidence, ScopeId};
use crate::scope::ScopeSet;

pub(super) struct Own;

impl Course for Own {
    fn add(&self, scopes: &str) -> (&'static str, String) {
        ("R35", format!("ask for {scopes} in token requests"))
    }

    fn remove(&self, scopes: &str) -> (&'static str, String) {
        ("R35", format!("ask no longer for {scopes} in token requests"))
    }

    fn replace(&self, broad: &str, _: &str) -> (&'static str, String) {
        self.remove(broad)
    }

    fn creation(&self, change: &Change<'_>) -> Vec<PlanStep> {
        let text = format!(
            "use the client id and the client secret of a Web app, and ask for these scopes by client credentials: {}",
            phrases::and(&owned(&change.result))
        );
        vec![
            step(StepKind::Create, &change.result, &ScopeSet::default(), Claim::rule("R36", text)),
            plain_step(StepKind::Test, "R35", TEST),
        ]
    }

    fn aftermath(&self, _: &Change<'_>) -> Vec<PlanStep> {
        vec![plain_step(StepKind::Test, "R35", TEST)]
    }

    fn untouched(&self) -> Claim {
        Claim::rule("R35", "everything: nothing changes")
    }

    fn until_created(&self, _: &Change<'_>) -> Vec<Claim> {
        vec![Claim::rule("R35", "nothing is interrupted: no user has to consent")]
    }

    fn meanwhile(&self, _: &Change<'_>) -> Vec<Claim> {
        let text = "nothing is interrupted: the next token request names the new scopes, and no user has to consent";
        vec![Claim::rule("R35", text).at_most(Confidence::Inferred)]
    }

    fn no_way_back(&self, _: ScopeId) -> Option<Claim> {
        None
    }

    fn cost(&self, _: bool) -> Vec<Claim> {
        Vec::new()
    }

    fn without(&self, names: &str) -> String {
        format!("there is none: {names} cannot be had again; the other scopes can")
    }

    fn undo(&self, _: &Change<'_>) -> Claim {
        Claim::rule("R35", "ask for the former scopes again").at_most(Confidence::Inferred)
    }
}
