//! Any text in which calls are searched, HAR files and logs above all: positions lie in the text, and no secret is shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xero_m2m::policy::{ConnectionFacts, check, required};
use xero_m2m::resolve::resolve;
use xero_m2m::scope::ScopeSet;
use xero_m2m::time::Date;

/// Returns true if a segment of a path begins as a JSON Web Token does.
fn has_token(text: &str) -> bool {
    let part =
        |segment: &str| segment.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte)).count();
    text.split('/').skip(1).any(|segment| segment.starts_with("eyJ") && part(segment) >= 8)
}

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let units = text.encode_utf16().count();
    let lines = text.split('\n').count();
    let resolved = resolve(&text);
    let found = resolved.calls.iter().map(|call| (&call.text, call.at, call.line, call.times));
    let unresolved = resolved.unresolved.iter().map(|call| (&call.text, call.at, call.line, call.times));
    for (written, at, line, times) in found.chain(unresolved) {
        // A HAR file that breaks off is reported where it ends.
        assert!(at <= units && (1..=lines).contains(&line) && times > 0);
        assert!(written.chars().count() <= 100);
        // `api?.getItems` is no query.
        assert!(!written.replace("?.", "").contains('?') && !has_token(written), "{written}");
    }
    for call in &resolved.calls {
        assert!(!call.rows.is_empty() && call.ambiguous == (call.rows.len() > 1));
    }
    let on = Date::parse("2026-11-24").expect("a day");
    let needed = required(resolved.clone(), &ScopeSet::default(), &ConnectionFacts::default(), on);
    // The smallest set opens everything that any set opens.
    let set = ScopeSet::from_names(needed.scopes.iter().copied());
    let checked = check(&set, resolved, &ConnectionFacts::default(), on);
    if needed.unresolved.is_empty() && needed.unopenable.is_empty() {
        assert!(checked.missing.is_empty(), "{:?}", checked.missing);
    }
});
