//! Preflight and the policy agree: the client refuses to send only a call that `check` refuses as well.
#![cfg(all(test, not(target_arch = "wasm32")))]

use xero_m2m::catalogue::SCOPES;
use xero_m2m::policy::{ConnectionFacts, Entry, check};
use xero_m2m::request::preflight;
use xero_m2m::resolve::Resolved;
use xero_m2m::scope::ScopeSet;
use xero_m2m::time::Date;

/// Every operation, with no scope, each scope alone, all of them, and a name that the catalogue does not have; on
/// connections of every age, on days around every date of the rules. An operation is open to a set if it is open to one
/// of its scopes, so larger sets add nothing.
#[test]
fn preflight_refuses_only_what_a_check_refuses() {
    let every = SCOPES.iter().map(|scope| scope.name);
    let sets: Vec<ScopeSet> = every
        .clone()
        .map(|name| ScopeSet::from_names([name]))
        .chain([ScopeSet::default(), ScopeSet::from_names(every), ScopeSet::from_names(["new.scope"])])
        .collect();
    let entries: Vec<Entry> = Entry::all().collect();
    let calls = Resolved::of_operations(entries.iter().map(|entry| entry.row()));
    let day = |text: &str| Date::parse(text).unwrap_or_else(|| panic!("no day {text}"));
    let ages =
        [None, Some("2025-03-17"), Some("2026-04-28"), Some("2026-04-29"), Some("2026-11-01")].map(|age| age.map(day));
    let days = ["2026-04-28", "2026-11-24", "2027-02-14", "2027-09-30", "2028-01-01"].map(day);
    let (mut refused, mut passed) = (0_u32, 0_u32);
    for scopes in &sets {
        for created_on in ages {
            let preflights: Vec<bool> =
                entries.iter().map(|entry| preflight(entry.operation(), scopes, created_on).is_err()).collect();
            let connection = ConnectionFacts { created_on, ..ConnectionFacts::default() };
            for on in days {
                let checked = check(scopes, calls.clone(), &connection, on);
                assert_eq!(checked.calls.len(), entries.len());
                for (call, &is_refused) in checked.calls.iter().zip(&preflights) {
                    let context = || format!("{} with {scopes}, created on {created_on:?}, on {on}", call.operation);
                    assert!(!(is_refused && call.allowed), "preflight refuses what is allowed: {}", context());
                    if is_refused { refused += 1 } else { passed += 1 }
                }
            }
        }
    }
    assert!(refused > 0 && passed > 0, "{refused} refused, {passed} passed");
}
