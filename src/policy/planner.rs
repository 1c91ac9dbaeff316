//! Makes the plan of a change, with a ticket and a message for each way to do it.

use super::change::{Change, PlanOutcome};
use super::connection::ConnectionFacts;
use super::email;
use super::plan::{Cautious, ChangePlan, PlanQuestion, Which};
use super::ticket;
use crate::catalogue::VERSION;
use crate::time::Date;

/// Plans the change of a connection from the scopes it has to the ones wanted, on the day `on`.
///
/// The plan is one edit in the developer portal. It leaves out wanted scopes that cannot be added and names that look
/// misspelt, lists them in `refused`, and keeps the scopes that they were meant to replace. A scope is not removed if its
/// replacement might not be granted, or if the catalogue does not have its name; `kept` lists such scopes. If there are none
/// of these, [`ChangePlan::apply`] on `from` gives `to`.
pub fn plan(question: &PlanQuestion, connection: &ConnectionFacts, on: Date) -> ChangePlan {
    let change = Change::new(question, connection, on);
    let full = change.outcome();
    let careful = change.cautious();
    let aside = careful.as_ref().map(|(careful, comparison)| (careful.outcome(), comparison));
    let recommended = match &careful {
        Some((_, comparison)) if comparison.recommended => Which::Cautious,
        _ => Which::Full,
    };
    let why = careful.as_ref().map_or(&[][..], |(_, comparison)| &comparison.why);
    let paper = |change: &Change<'_>, outcome: &PlanOutcome, which: Which| {
        let other = careful.is_some().then_some(ticket::Choice { which, recommended, why });
        (ticket::markdown(change, outcome, other), email::email(change, outcome))
    };
    let cautious = careful.as_ref().zip(aside).map(|((careful, _), (outcome, comparison))| {
        let (markdown, email) = paper(careful, &outcome, Which::Cautious);
        let PlanOutcome { steps, scopes, keeps_working, rollback, .. } = outcome;
        let (recommended, why) = (comparison.recommended, comparison.why.clone());
        Cautious { recommended, steps, scopes, keeps_working, rollback, why, markdown, email }
    });
    let (markdown, email) = paper(&change, &full, Which::Full);
    let PlanOutcome { one_way_doors, steps, scopes, keeps_working, rollback } = full;
    ChangePlan {
        catalogue: VERSION,
        on,
        recommended,
        not_understood: question.not_understood,
        recorded: question.recorded,
        findings: change.findings(),
        one_way_doors,
        refused: change.refused().to_vec(),
        kept: change.kept().to_vec(),
        unknown: change.unknown(),
        steps,
        scopes,
        keeps_working,
        rollback,
        deadline: change.deadline(),
        due: change.due(),
        cautious,
        markdown,
        email,
    }
}
