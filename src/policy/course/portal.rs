//! Changes of a custom connection: an edit in the developer portal, after which its user authorises it again.

use super::super::change::{Change, owned};
use super::super::claim::Claim;
use super::super::phrases;
use super::super::plan::{PlanStep, StepKind};
use super::super::rules::{Age, cut};
use super::super::validity::{broad, journals};
use super::{Course, TEST, plain_step, step};
use crate::catalogue::{AppKind, Confidence, Mask, ScopeId};
use crate::scope::ScopeSet;

const TEST_SWITCH: &str = "request a new token, compare its scopes with those of this plan, see that GET /Organisation \
                           names the other organisation, and make one call for each scope";

pub(super) struct Portal;

impl Course for Portal {
    fn add(&self, scopes: &str) -> (&'static str, String) {
        ("R8", format!("add {scopes}"))
    }

    fn remove(&self, scopes: &str) -> (&'static str, String) {
        ("R28", format!("remove {scopes}"))
    }

    fn replace(&self, broad: &str, by: &str) -> (&'static str, String) {
        ("R12", format!("replace {broad} by {by}"))
    }

    fn creation(&self, change: &Change<'_>) -> Vec<PlanStep> {
        let user = change.user();
        let text = format!(
            "create a custom connection in the developer portal, with the e-mail address of {user} and these scopes: {}",
            phrases::and(&owned(&change.result))
        );
        let create = change.as_far_as_known("R21", text, &change.result);
        let authorise = format!("{user} gets an e-mail, chooses the organisation and authorises the connection");
        vec![
            step(StepKind::Create, &change.result, &ScopeSet::default(), create),
            plain_step(StepKind::Authorise, "R22", authorise),
            plain_step(StepKind::Test, "R15", TEST),
        ]
    }

    fn aftermath(&self, change: &Change<'_>) -> Vec<PlanStep> {
        let user = change.user();
        let switches = change.question.details.switch_organisation;
        let save = if switches {
            "edit the connection in the developer portal to switch its organisation, and save that when an interruption \
             hurts least: it deactivates the connection"
        } else {
            "save the change when an interruption hurts least: it deactivates the connection"
        };
        let mut steps = vec![
            plain_step(StepKind::Deactivate, "R9", save),
            plain_step(
                StepKind::Reauthorise,
                "R22",
                format!("{user} gets an e-mail and authorises the connection again; it stays off until then"),
            ),
        ];
        if switches {
            steps.push(plain_step(
                StepKind::ChooseOrganisation,
                "R2",
                format!(
                    "{user} chooses the other organisation; a custom connection has to be bought for it, or it cannot be \
                     chosen"
                ),
            ));
            let text = "drop every token that was stored before, and have services ask for a new one: old tokens name the \
                        old organisation";
            let drop = Claim::rule("R19", text).at_most(Confidence::Inferred);
            steps.push(step(StepKind::DropTokens, &ScopeSet::default(), &ScopeSet::default(), drop));
        }
        steps.push(plain_step(StepKind::Test, "R15", if switches { TEST_SWITCH } else { TEST }));
        steps
    }

    fn untouched(&self) -> Claim {
        Claim::rule("R9", "everything: nothing changes, so the connection stays active")
    }

    fn until_created(&self, change: &Change<'_>) -> Vec<Claim> {
        let text = "nothing is interrupted: the connection is new, and works once it has been authorised";
        let cost = if change.connection.demo == Some(true) {
            Claim::rule("R25", "the connection costs nothing, because it is to the demo company")
        } else {
            let text = "the organisation pays for the connection by the month, one purchase for each app; only one to the \
                        demo company costs nothing";
            Claim::rule("R2", text)
        };
        vec![Claim::rule("R22", text), cost]
    }

    fn meanwhile(&self, change: &Change<'_>) -> Vec<Claim> {
        let mut meanwhile = vec![
            Claim::rule(
                "R9",
                "expect no access between the change and the new authorisation; no source describes the effect on tokens \
                 already issued",
            ),
            Claim::reported("R9", "a third party saw tokens still issued meanwhile, and API calls answered with 403"),
            Claim::rule("R14", "no token from before the change outlives it by more than 30 minutes"),
        ];
        if change.question.details.switch_organisation {
            let undocumented = |text: &str| Claim::rule("R8", text).at_most(Confidence::Inferred);
            meanwhile.push(undocumented(
                "the effect of the switch on tokens already issued is not documented: they may still reach the old \
                 organisation until they end",
            ));
            if change.today.age != Age::Newer {
                meanwhile.push(undocumented(
                    "the effect of the switch on broad scopes is not documented: they may be lost with it",
                ));
            }
            let text = "afterwards every call reaches the other organisation, and ids stored from the old one mean nothing \
                        there";
            meanwhile.push(Claim::rule("R19", text).at_most(Confidence::Inferred));
        }
        meanwhile
    }

    fn no_way_back(&self, id: ScopeId) -> Option<Claim> {
        let name = id.name();
        let scope = Mask::only(id);
        if !broad(scope).is_empty() {
            let text = format!("{name} is gone for good: once removed, a broad scope cannot be added again");
            Some(Claim::rule("R11", text))
        } else if !journals(scope).is_empty() {
            let text = format!(
                "treat {name} as gone for good: connections created before {} may keep it, and no source states that one \
                 can get it back",
                cut(AppKind::Custom)
            );
            Some(Claim::rule("R6", text).at_most(Confidence::Inferred))
        } else {
            None
        }
    }

    fn cost(&self, changes: bool) -> Vec<Claim> {
        let cost = if changes {
            "it costs one more deactivation: one now, one when the scopes are removed"
        } else {
            "nothing has to be added, so leave the connection alone and it stays active"
        };
        let trial = "test the wanted scopes on a second custom connection to the demo company";
        vec![Claim::rule("R9", cost), Claim::rule("R24", trial)]
    }

    fn without(&self, names: &str) -> String {
        format!("there is none: {names} cannot be added again; the other scopes can")
    }

    fn undo(&self, _: &Change<'_>) -> Claim {
        Claim::rule("R9", "a second change undoes this one; it deactivates the connection once more")
    }
}
