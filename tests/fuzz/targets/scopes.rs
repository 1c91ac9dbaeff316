//! Any text pasted as scopes: positions lie in the text, names can be read again, and the rules have an answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xero_m2m::policy::{ConnectionFacts, PlanQuestion, assess, plan};
use xero_m2m::scope::{ScopeSet, parse};
use xero_m2m::time::Date;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let units = text.encode_utf16().count();
    let parsed = parse(&text);
    for unknown in &parsed.unknown {
        assert!(unknown.at < units && !unknown.text.is_empty());
    }
    for duplicate in &parsed.duplicates {
        assert!(duplicate.first_at < duplicate.at && duplicate.at < units);
    }
    for name in &parsed.scopes {
        assert!(parsed.set.contains(name), "{name}");
    }
    assert_eq!(parsed.scopes.len(), parsed.set.len());
    // The text that is sent to Xero gives the same set when it is read again.
    let wire = parsed.set.names().collect::<Vec<_>>().join(" ");
    assert_eq!(ScopeSet::from_scope_param(&wire), parsed.set);
    let facts = ConnectionFacts { created_on: Date::parse("2025-02-01"), ..ConnectionFacts::default() };
    let on = Date::parse("2026-11-24").expect("a day");
    assert!(!assess(&parsed.set, &facts, on).findings.is_empty());
    let to = ScopeSet::from_scope_param("accounting.invoices");
    plan(&PlanQuestion { from: parsed.set.clone(), to, ..PlanQuestion::default() }, &facts, on);
});
