//! The name of a call in messages, and the operation that was probably meant by a path that the catalogue does not have.
//!
//! A path may contain secrets, so no message quotes it. Messages show words of the catalogue, and words that are nearly the
//! same.

use super::api_call::ApiCall;
use super::route::{Route, is_id};
use crate::catalogue::{APIS, OPERATIONS, Operation};
use crate::text::words;

/// The most wrong characters in a word. For a long word, a third of its length.
const MOST_WRONG: usize = 2;

/// Returns the method and the path of a call for messages, and, if the catalogue does not have it, the operation that was
/// probably meant.
pub(super) fn shown(call: &ApiCall) -> (String, Option<&'static Operation>) {
    if let Route::Known(operation, _) = call.route {
        return (words![call.method, " ", base(operation), operation.path()], None);
    }
    let path = call.path();
    let Some(operation) = nearest(call.method, path) else {
        let starts = |base: &&str| path.get(..base.len()).is_some_and(|start| start.eq_ignore_ascii_case(base));
        let base = APIS.iter().map(|api| api.base).find(|base| !base.is_empty() && starts(base));
        return (words![call.method, " ", base.unwrap_or_default(), "/…"], None);
    };
    let mut shown = words![call.method, " ", base(operation)];
    for (given, own) in resource(path, operation).split('/').zip(operation.path().split('/')).skip(1) {
        shown.push('/');
        shown.push_str(if own.starts_with('{') { own } else { given });
    }
    (shown, Some(operation))
}

/// The method and the path of an operation.
pub(super) fn title(operation: &Operation) -> String {
    words![operation.method.as_str(), " ", base(operation), operation.path()]
}

fn base(operation: &Operation) -> &'static str {
    operation.api.row().map_or("", |api| api.base)
}

/// The path without the base of the operation's API.
fn resource<'p>(path: &'p str, operation: &Operation) -> &'p str {
    path.get(base(operation).len()..).unwrap_or_default()
}

/// Returns the operation of the same API whose path differs least: in a misspelt word, or only in the method. Prefers the
/// same method.
fn nearest(method: &str, path: &str) -> Option<&'static Operation> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let rank = |operation: &'static Operation| {
        let base = base(operation);
        let is_of_api = path.get(..base.len()).is_some_and(|start| start.eq_ignore_ascii_case(base));
        let distance = distance(resource(path, operation), operation).filter(|_| is_of_api)?;
        Some((distance, operation.method.as_str() != method, operation))
    };
    OPERATIONS
        .iter()
        .filter_map(rank)
        .min_by_key(|&(distance, other, _)| (distance, other))
        .map(|(.., operation)| operation)
}

/// The number of characters in which a path differs from an operation's; `None` if they are too many, or if the path has a
/// word where the operation takes only an id.
fn distance(path: &str, operation: &Operation) -> Option<usize> {
    let mut given = path.split('/');
    let mut total = 0_usize;
    for own in operation.path().split('/') {
        let given = given.next()?.as_bytes();
        if own.starts_with('{') {
            if operation.id_only() && !is_id(given) {
                return None;
            }
            continue;
        }
        let wrong = wrong(given, own.as_bytes());
        if wrong > MOST_WRONG.max(given.len().min(own.len()) / 3) {
            return None;
        }
        total = total.saturating_add(wrong);
    }
    given.next().is_none().then_some(total)
}

/// The length of the part in which two words differ, without regard to case: between their common beginning and their common
/// end. It is simpler than an edit distance, to keep the module of the client small.
fn wrong(one: &[u8], other: &[u8]) -> usize {
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    let is_same = |(a, b): &(&u8, &u8)| a.eq_ignore_ascii_case(b);
    let front = short.iter().zip(long).take_while(is_same).count();
    let back = short.iter().skip(front).rev().zip(long.iter().rev()).take_while(is_same).count();
    long.len().saturating_sub(front.saturating_add(back))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_part_of_a_word_is_near() {
        for (given, own, far) in [
            ("Invoices", "invoices", 0),
            ("Invoces", "Invoices", 1),
            ("Invoicess", "Invoices", 1),
            ("Invocies", "Invoices", 2),
            ("Employes", "Employees", 1),
            ("", "Items", 5),
            ("aa", "a", 1),
            ("Payments", "Prepayments", 3),
        ] {
            assert_eq!(wrong(given.as_bytes(), own.as_bytes()), far, "{given} {own}");
            assert_eq!(wrong(own.as_bytes(), given.as_bytes()), far, "{own} {given}");
        }
    }
}
