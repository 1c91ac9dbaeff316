//! Refuses a call that cannot succeed with the granted scopes, before it is sent.

use crate::catalogue::{Access, Family, GRANULAR_ONLY_FROM, GRANULAR_ONLY_FROM_TEXT, Held, Mask, Operation, Scope};
use crate::error::{Code, Error};
use crate::scope::ScopeSet;
use crate::text::{joined, words};
use crate::time::Date;

/// Refuses an operation that none of the `granted` scopes opens. An operation without a known scope is allowed.
///
/// `created_on` is the day on which the custom connection was created. With it, rule R7 applies: if the connection was created
/// on 29 April 2026 or later, an operation that only older connections can call is not opened by a scope that only older
/// connections can hold. Without it, no date is a reason to refuse.
///
/// # Errors
/// [`Code::ScopeMissing`], about the operation, with every scope that would open it: first the scopes to add, then other
/// granular scopes, then broad ones, then those that only third parties report. Its rule is R28 (scopes are chosen on the
/// connection), R7 (only older connections can hold them) or R35 (they belong to another kind of token).
pub fn preflight(operation: &'static Operation, granted: &ScopeSet, created_on: Option<Date>) -> Result<(), Error> {
    let needs = operation.needs().any();
    let mut granted = granted.known();
    let is_new = created_on.is_some_and(|day| Some(day) >= GRANULAR_ONLY_FROM);
    if is_new && is_legacy_only(operation) {
        granted = granted.difference(needs.filter(|scope| scope.held == Held::LegacyOnly));
    }
    if needs.is_empty() || needs.intersects(granted) { Ok(()) } else { Err(refusal(operation, created_on)) }
}

fn refusal(operation: &Operation, created_on: Option<Date>) -> Error {
    let needs = operation.needs();
    let advised = advised(operation);
    let all_advised = |test: fn(&Scope) -> bool| advised == advised.filter(test);
    let scopes = either(advised);
    let (rule, advice) = if is_legacy_only(operation) {
        let own_age = created_on.map(|date| words![", and this one was created on ", date]).unwrap_or_default();
        let unlisted = if needs.unlisted.is_empty() {
            String::new()
        } else {
            words!["; third parties report that ", either(needs.unlisted), " opens it too, but Xero does not list it"]
        };
        let who = words!["only custom connections created before ", GRANULAR_ONLY_FROM_TEXT, " can hold "];
        ("R7", words![who, scopes, " (rule R7)", own_age, unlisted])
    } else if all_advised(|scope| scope.family == Family::App) {
        let whose = "which belongs to the token of an app itself, never to that of a custom connection";
        ("R35", words!["it needs ", scopes, ", ", whose, " (rule R35)"])
    } else {
        let partners = if all_advised(|scope| scope.held == Held::PartnerOnly) {
            ", which Xero offers to approved partners only,"
        } else {
            ""
        };
        let change = "the change deactivates the connection until its user authorises it again (rule R9)";
        let portal = "to the custom connection in Xero's developer portal (rule R28)";
        ("R28", words!["no granted scope opens it; add ", scopes, partners, " ", portal, "; ", change])
    };
    let key = operation.key();
    let base = operation.api.row().map_or("", |api| api.base);
    let method = operation.method.as_str();
    let message = words![method, " ", base, operation.path(), " (", key, ") was not sent: ", advice];
    let others = [needs.granular, needs.broad, needs.unlisted].map(|mask| mask.difference(advised));
    let mut scopes = advised.names();
    for others in others {
        scopes.extend(others.names());
    }
    Error::new(Code::ScopeMissing, message).about(key).with_scopes(&scopes).by_rule(rule)
}

/// Returns whether only connections created before 29 April 2026 can call the operation. The catalogue's facts have this too;
/// it is derived from the scopes so that a client does not have to contain the facts.
fn is_legacy_only(operation: &Operation) -> bool {
    let with = |held: Held| !operation.needs().any().filter(|scope| scope.held == held).is_empty();
    with(Held::LegacyOnly) && !with(Held::Yes)
}

/// The narrowest scopes that open the operation. Adding any one of them is enough.
fn advised(operation: &Operation) -> Mask {
    let needs = operation.needs();
    let open = if needs.granular.is_empty() { needs.broad } else { needs.granular };
    let reads = open.filter(|scope| scope.access == Access::Read);
    if operation.is_read() && !reads.is_empty() { reads } else { open }
}

/// The scopes for a message: `a or b`.
fn either(mask: Mask) -> String {
    joined(&mask.names(), " or ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{OPERATION_FACTS, OPERATIONS};

    #[test]
    fn scopes_show_which_operations_only_older_connections_can_call() {
        for (operation, facts) in OPERATIONS.iter().zip(OPERATION_FACTS) {
            assert_eq!(is_legacy_only(operation), facts.held == Held::LegacyOnly, "{}", operation.key());
        }
    }

    #[test]
    fn every_operation_has_advice_of_one_kind() {
        for operation in OPERATIONS.iter() {
            let held: Vec<Held> = advised(operation).iter().filter_map(|id| Some(id.row()?.held)).collect();
            assert!(held.windows(2).all(|pair| pair[0] == pair[1]), "{}: {held:?}", operation.key());
            assert_eq!(held.is_empty(), operation.needs().any().is_empty(), "{}", operation.key());
        }
    }
}
