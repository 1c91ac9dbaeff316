//! Scopes as users meet them: pasted texts, and sets compared with a naive second implementation.
#![cfg(test)]
#![expect(clippy::arithmetic_side_effects, reason = "numbers of a test are small")]

mod support;

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;
use support::Random;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use xero_m2m::catalogue::SCOPES;
use xero_m2m::scope::{ScopeSet, advice, parse};

/// The number of draws of a random test: fewer in wasm, where the same Rust runs once more.
const DRAWS: usize = if cfg!(target_arch = "wasm32") { 2_000 } else { 200_000 };

#[derive(Deserialize)]
struct Case {
    name: String,
    text: String,
    expected: Value,
}

#[test]
fn texts_are_read_as_the_vectors_say() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("vectors/scope-texts.json")).unwrap();
    assert!(cases.len() >= 60);
    let wrong: Vec<_> = cases
        .iter()
        .filter_map(|case| {
            let found = serde_json::to_value(parse(&case.text)).unwrap();
            (found != case.expected).then(|| {
                format!("{}\n  text     {:?}\n  expected {}\n  found    {found}", case.name, case.text, case.expected)
            })
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Published {
    name: String,
    text: String,
    /// Every name that is read, in the order of the text.
    scopes: Vec<String>,
    /// Those that the catalogue does not have.
    unknown: Vec<String>,
    /// Scopes that the text has and [`parse`] does not take for such: words without a dot that nothing calls a scope.
    passed_over: Vec<String>,
}

#[test]
#[expect(clippy::disallowed_macros, reason = "prints what is left over")]
fn published_lists_are_read() {
    let lists: Vec<Published> = serde_json::from_str(include_str!("data/scopes/published.json")).unwrap();
    let (mut names, mut unknown, mut passed_over) = (0, Vec::new(), Vec::new());
    for list in &lists {
        let (name, parsed) = (&list.name, parse(&list.text));
        assert_eq!(parsed.scopes, list.scopes, "{name}");
        let reported: Vec<&str> = parsed.unknown.iter().map(|unknown| unknown.text.as_str()).collect();
        assert_eq!(reported, list.unknown, "{name}");
        for scope in &list.scopes {
            let is_known = SCOPES.iter().any(|known| known.name == scope);
            let found = parsed.unknown.iter().find(|unknown| unknown.text == *scope);
            assert!(is_known != found.is_some_and(|found| starts_at(&list.text, found.at, scope)), "{scope} of {name}");
        }
        names += list.scopes.len();
        unknown.extend(list.unknown.iter().map(String::as_str));
        passed_over.extend(list.passed_over.iter().map(String::as_str));
    }
    println!(
        "{} lists with {names} names; {} unknown: {}; {} passed over: {}",
        lists.len(),
        unknown.len(),
        unknown.join(" "),
        passed_over.len(),
        passed_over.join(" ")
    );
    assert!(lists.len() >= 19 && names >= 190, "{} lists with {names} names", lists.len());
    assert!(unknown.len() <= 2 && passed_over.len() <= 9, "{unknown:?} {passed_over:?}");
}

#[test]
fn a_set_agrees_with_a_naive_one() {
    let mut random = Random::seeded();
    let names: Vec<&str> = SCOPES.iter().map(|scope| scope.name).chain(UNKNOWN).collect();
    for round in 0..DRAWS {
        // Small sets are often equal, contained in each other or disjoint.
        let size = random.index(8);
        let mut draw = || -> Vec<&str> { (0..size).map(|_| random.pick(&names)).collect() };
        let (one, other) = (draw(), draw());
        let (a, b) = (ScopeSet::from_names(one.iter().copied()), ScopeSet::from_scope_param(&other.join(" ")));
        let (x, y): (BTreeSet<&str>, BTreeSet<&str>) = (one.into_iter().collect(), other.into_iter().collect());
        let context = || format!("round {round}: {x:?} and {y:?}");
        assert_eq!(plain(&a), x, "{}", context());
        assert_eq!(plain(&a.union(&b)), &x | &y, "union, {}", context());
        assert_eq!(plain(&a.difference(&b)), &x - &y, "difference, {}", context());
        assert_eq!(a.covers(&b), y.is_subset(&x), "covers, {}", context());
        assert_eq!(a == b, x == y, "equality, {}", context());
        assert_eq!((a.len(), a.is_empty()), (x.len(), x.is_empty()), "{}", context());
        let name = random.pick(&names);
        assert_eq!(a.contains(name), x.contains(name), "{name}, {}", context());
        let mut grown = a.clone();
        assert_eq!(grown.insert(name), !x.contains(name), "{name}, {}", context());
        assert_eq!(grown, a.union(&ScopeSet::from_scope_param(name)), "{name}, {}", context());
    }
}

/// The names of a set, which come without repetition.
fn plain(set: &ScopeSet) -> BTreeSet<&str> {
    let names: Vec<&str> = set.names().collect();
    let plain: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(plain.len(), names.len());
    plain
}

#[test]
fn garbage_is_read_the_same_way_every_time() {
    let mut random = Random::seeded();
    let (mut unknown, mut duplicates) = (0, 0);
    for _ in 0..DRAWS / 20 {
        let text: String = (0..random.index(30))
            .map(|_| if random.index(4) > 0 { random.pick(WORDS) } else { random.pick(SYNTAX) })
            .collect();
        let parsed = parse(&text);
        assert_eq!(parsed, parse(&text), "{text:?}");

        let names: BTreeSet<&str> = parsed.scopes.iter().map(String::as_str).collect();
        assert_eq!(names.len(), parsed.scopes.len(), "{text:?}");
        assert_eq!(names, plain(&parsed.set), "{text:?}");
        let reported: Vec<&str> = parsed.unknown.iter().map(|unknown| unknown.text.as_str()).collect();
        let expected: Vec<&str> = parsed
            .scopes
            .iter()
            .map(String::as_str)
            .filter(|name| parsed.set.unknown().iter().any(|u| u == name))
            .collect();
        assert_eq!(reported, expected, "{text:?}");
        assert_eq!(parse(&parsed.set.to_string()).set, parsed.set, "{text:?}");

        for found in &parsed.unknown {
            assert!(starts_at(&text, found.at, &found.text), "{found:?} in {text:?}");
            assert!(found.suggestion.is_none_or(|name| SCOPES.iter().any(|scope| scope.name == name)), "{found:?}");
        }
        for found in &parsed.duplicates {
            assert!(found.first_at < found.at, "{found:?} in {text:?}");
            assert!(starts_at(&text, found.at, &found.name), "{found:?} in {text:?}");
            assert!(starts_at(&text, found.first_at, &found.name), "{found:?} in {text:?}");
        }
        unknown += parsed.unknown.len();
        duplicates += parsed.duplicates.len();
    }
    assert!(
        unknown > DRAWS / 25 && duplicates > DRAWS / 500,
        "{unknown} unknown names, {duplicates} duplicates: too tame"
    );
}

/// Returns true if `name` stands in `text` from the UTF-16 unit `at`, its characters encoded or not.
fn starts_at(text: &str, at: usize, name: &str) -> bool {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut rest = String::from_utf16(&units[at..]).unwrap();
    for invisible in INVISIBLE {
        rest = rest.replace(invisible, "");
    }
    // Decodes from the left, a decoded `%` again, and stops at the first one that encodes nothing.
    while let Some((before, hex)) = rest.match_indices('%').find_map(|(at, _)| Some((at, rest.get(at + 1..at + 3)?))) {
        let Some(c) = u8::from_str_radix(hex, 16).ok().filter(|_| !hex.starts_with('+')).filter(u8::is_ascii) else {
            break;
        };
        rest.replace_range(before..before + 3, char::from(c).encode_utf8(&mut [0]));
    }
    rest.starts_with(name)
}

#[test]
fn hostile_texts_take_time_in_proportion() {
    // With a cost that grows with the square, each of these would take a minute or more.
    let length = 400_000;
    let name = "a".repeat(length);
    assert_eq!(parse(&name).scopes, [name.as_str()]);
    for piece in
        ["%25", "%", "a:", "scope=", "scope:a ", "[", "a(", "\"", "/*", "// ", "a.", "\\", "\u{200b}", "scope%3D"]
    {
        parse(&piece.repeat(length / piece.len()));
    }
    let different: Vec<String> = (0..200_000).map(|n| format!("accounting.{n:x}")).collect();
    assert_eq!(parse(&different.join(" ")).set.len(), 200_000);
}

const UNKNOWN: [&str; 8] =
    ["a", "accounting", "accounting.settingz", "Accounting.Settings", "zz.top", "openid2", "é.read", "accounting."];
const INVISIBLE: [&str; 3] = ["\u{200b}", "\u{ad}", "\u{feff}"];

/// Garbage is made of these …
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "accounting.settings", "accounting.settings", "openid", "files.read", "Accounting.Contacts", "accounting", ".read", "a",
    "x1", "é", "ß.reed", "a.scope", " ", " ", " ", " ", ",", "\n",
];

/// … and of syntax, encodings and halves of them.
#[rustfmt::skip]
const SYNTAX: &[&str] = &[
    "scope", "scopes=", "XERO_SCOPES", "client_id", "env", "9", " ", "\n", "\t", ";", "=", ":", ": ", "=>", "&", "#", " # ",
    " // ", "/*", "*/", "/", "-", "_", ".", "..", "(", ")", "[", "]", "{", "}", "<", ">", "\"", "'", "`", "\\", "\\n", "\\\"",
    "%", "%2", "%2E", "%61", "%20", "%2520", "%25", "%3D", "%3A", "%26", "%22", "%5B", "+", "|", "?", "!", "\u{200b}",
    "\u{ad}", "\u{feff}", "\u{a0}", "\u{2028}", "😀", "\u{0}",
];

/// A scope that a connection does not have is one of four things, and each has an advice of its own.
#[test]
fn advice_about_a_scope_that_is_not_configured_depends_on_what_it_is() {
    for (scopes, does, does_not) in [
        ("accounting.contacts files", "have accounting.contacts, files added in Xero's developer portal", "leave out"),
        (
            "offline_access openid",
            "leave out offline_access, openid: it belongs to apps in which a user signs in",
            "added",
        ),
        ("app.connections", "leave out app.connections: a custom connection cannot have it", "signs in"),
        (
            "accounting.reports.read",
            "accounting.reports.read cannot be added, because changes use granular scopes (rules R10, R11): ask for those \
             you need of accounting.reports.aged.read, accounting.reports.balancesheet.read",
            "deactivates",
        ),
        ("accounting.journals.read", "accounting.journals.read cannot be added", "granular"),
        (
            "acounting.contact.read",
            "acounting.contact.read is not a known scope: is accounting.contacts.read meant?",
            "added",
        ),
        ("nothing.like.it", "nothing.like.it is not a known scope: check its spelling", "meant"),
    ] {
        let advice = advice(&ScopeSet::from_scope_param(scopes));
        assert!(advice.contains(does) && !advice.contains(does_not), "{scopes}: {advice}");
    }
    let all = advice(&ScopeSet::from_scope_param("accounting.contacts offline_access accounting.transactions x.y"));
    assert_eq!(all.matches("; ").count(), 3, "{all}");
}
