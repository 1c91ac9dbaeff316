//! Advice about scopes that are asked for and not configured on a custom connection.

use super::ScopeSet;
use super::suggest::explain;
use crate::catalogue::{Family, GRANULAR_ONLY_FROM_TEXT, Held, Mask};
use crate::text::{joined, words};

/// Advice about `scopes`, which a custom connection does not have: a clause for each kind of scope, separated by `; `.
///
/// - A scope that can be configured: have it added.
/// - A broad one, or one that only older connections hold: it cannot be added (rules R7, R10, R11); the granular ones that
///   take its place.
/// - One for signing users in, or for other kinds of apps: leave it out.
/// - One that the catalogue does not know: the one that is probably meant.
///
/// # Example
/// ```
/// use xero_m2m::scope::{ScopeSet, advice};
///
/// let advice = advice(&ScopeSet::from_scope_param("accounting.contact offline_access"));
/// assert_eq!(
///     advice,
///     "leave out offline_access: it belongs to apps in which a user signs in, and a custom connection has no such user; \
///      accounting.contact is not a known scope: is accounting.contacts meant?"
/// );
/// ```
pub fn advice(scopes: &ScopeSet) -> String {
    let known = scopes.known();
    let mut clauses = Vec::new();
    let addable = known.filter(|scope| !matches!(scope.held, Held::No | Held::LegacyOnly));
    if !addable.is_empty() {
        clauses.push(words![
            "have ",
            names(addable),
            " added in Xero's developer portal, which deactivates the connection until its user authorises it again (rule R9)",
        ]);
    }
    let legacy = known.filter(|scope| scope.held == Held::LegacyOnly);
    for id in legacy.iter() {
        let instead = id.row().map_or(Mask::EMPTY, |scope| scope.replaced_by);
        clauses.push(if instead.is_empty() {
            words![
                id.name(),
                " cannot be added: only connections created before ",
                GRANULAR_ONLY_FROM_TEXT,
                " hold it (rules R6, R7)"
            ]
        } else {
            words![
                id.name(),
                " cannot be added, because changes use granular scopes (rules R10, R11): ask for those you need of ",
                names(instead),
            ]
        });
    }
    let user = known.filter(|scope| scope.family == Family::User);
    if !user.is_empty() {
        clauses.push(words![
            "leave out ",
            names(user),
            ": it belongs to apps in which a user signs in, and a custom connection has no such user",
        ]);
    }
    let foreign = known.filter(|scope| scope.held == Held::No && scope.family != Family::User);
    if !foreign.is_empty() {
        clauses.push(words!["leave out ", names(foreign), ": a custom connection cannot have it"]);
    }
    for name in scopes.unknown() {
        let spelling = explain(name).1.map(|meant| words!["is ", meant, " meant?"]);
        let spelling = spelling.unwrap_or_else(|| "check its spelling".to_owned());
        clauses.push(words![name.as_str(), " is not a known scope: ", spelling]);
    }
    joined(&clauses, "; ")
}

fn names(scopes: Mask) -> String {
    joined(&scopes.names(), ", ")
}
