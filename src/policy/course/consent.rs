//! Changes of a Web or PKCE app: the app asks for other scopes, and its user consents again or revokes.

use super::super::change::{Change, owned};
use super::super::claim::Claim;
use super::super::phrases;
use super::super::plan::{PlanStep, StepKind};
use super::super::validity::{REFRESH, broad};
use super::{Course, TEST, plain_step, step};
use crate::catalogue::{Confidence, Mask, ScopeId};
use crate::scope::ScopeSet;

pub(super) struct ConsentCourse;

/// The command of a login with these scopes. It adds the one for a refresh token itself.
fn login(scopes: &ScopeSet, more: &str) -> String {
    let mut names = owned(scopes);
    names.retain(|name| name != REFRESH);
    let names = phrases::one_line(&names.join(" "));
    ["npx xero-m2m login --client-id ID --scopes \"", &names, "\" --vault FILE", more].concat()
}

impl Course for ConsentCourse {
    fn add(&self, scopes: &str) -> (&'static str, String) {
        ("R41", format!("ask for {scopes} as well"))
    }

    fn remove(&self, scopes: &str) -> (&'static str, String) {
        ("R40", format!("ask no longer for {scopes}"))
    }

    fn replace(&self, broad: &str, by: &str) -> (&'static str, String) {
        ("R39", format!("ask for {by} in the place of {broad}"))
    }

    fn creation(&self, change: &Change<'_>) -> Vec<PlanStep> {
        let text = format!(
            "create {} in the developer portal, with the redirect address that npx xero-m2m login prints; it is to ask for \
             these scopes: {}",
            change.today.words().one,
            phrases::and(&owned(&change.result))
        );
        let create = change.as_far_as_known("R27", text, &change.result);
        let consent =
            format!("{} consents once and chooses the organisations: {}", change.user(), login(&change.result, ""));
        vec![
            step(StepKind::Create, &change.result, &ScopeSet::default(), create),
            plain_step(StepKind::Authorise, "R40", consent),
            plain_step(StepKind::Test, "R33", TEST),
        ]
    }

    fn aftermath(&self, change: &Change<'_>) -> Vec<PlanStep> {
        let user = change.user();
        let mut steps = Vec::new();
        if change.removes() {
            let text = format!(
                "revoke what {user} has granted, when an interruption hurts least, because it keeps the removed scopes until \
                 then, with npx xero-m2m logout --revoke; this takes every organisation of {user} away from the app"
            );
            steps.push(plain_step(StepKind::Revoke, "R40", text));
        }
        let consents = format!("{user} consents again: {}", login(&change.result, " --replace"));
        steps.push(plain_step(StepKind::Reauthorise, "R41", consents));
        if change.question.details.switch_organisation {
            let text = format!(
                "{user} chooses the other organisation too, and the service names it as its tenant; the old one stays \
                 connected until it is disconnected"
            );
            steps.push(plain_step(StepKind::ChooseOrganisation, "R44", text));
        }
        steps.push(plain_step(StepKind::Test, "R33", TEST));
        steps
    }

    fn untouched(&self) -> Claim {
        Claim::rule("R41", "everything: nothing changes, so nobody has to consent again")
    }

    fn until_created(&self, _: &Change<'_>) -> Vec<Claim> {
        vec![
            Claim::rule("R40", "nothing is interrupted: the app is new, and works once a user has consented"),
            Claim::rule("R43", "an organisation that has two uncertified apps already cannot connect a third"),
        ]
    }

    fn meanwhile(&self, change: &Change<'_>) -> Vec<Claim> {
        let undocumented = |text: String| Claim::rule("R41", text).at_most(Confidence::Inferred);
        let first = if change.removes() {
            let text = format!(
                "expect no access to any organisation of {} between the revocation and the new consent",
                change.user()
            );
            Claim::reported("R40", text)
        } else {
            undocumented(
                "everything that works today: the tokens keep the scopes that they have until the new consent".into(),
            )
        };
        let mut meanwhile = vec![
            first,
            undocumented("no source states whether the new consent ends the refresh tokens of the one before".into()),
        ];
        if change.question.details.switch_organisation {
            let text = "one token reaches both organisations, and the tenant of each call decides; ids stored from the old \
                        one mean nothing in the other";
            meanwhile.push(Claim::rule("R44", text).at_most(Confidence::Inferred));
        }
        meanwhile
    }

    fn no_way_back(&self, id: ScopeId) -> Option<Claim> {
        (!broad(Mask::only(id)).is_empty()).then(|| {
            let text = format!(
                "treat {} as gone for good: no source states that a broad scope can be granted again after a revocation",
                id.name()
            );
            Claim::rule("R40", text).at_most(Confidence::Inferred)
        })
    }

    fn cost(&self, changes: bool) -> Vec<Claim> {
        let cost = if changes {
            "it costs one more consent: one now, one when the scopes are removed"
        } else {
            "nothing has to be added, so nobody has to consent again"
        };
        vec![Claim::rule("R41", cost)]
    }

    fn without(&self, names: &str) -> String {
        format!("count on none: whether {names} can be granted again is not known; the other scopes can")
    }

    fn undo(&self, _: &Change<'_>) -> Claim {
        let text = "a second change undoes this one; what was granted stays granted until it is revoked, which interrupts \
                    access until the user consents again";
        Claim::rule("R40", text)
    }
}
