//! Recordings: what they hold, their union, how they are read, and what they say beside code.
#![cfg(test)]

use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use xero_m2m::policy::{compare_usage, usage_summary};
use xero_m2m::resolve::{Recorded, Text, Usage, Watched, resolve, resolve_all};
use xero_m2m::time::{Date, Timestamp};

/// 2026-11-30T20:00:00Z.
const START: u64 = 1_796_068_800_000;

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_ms(START.saturating_add(seconds.saturating_mul(1_000)))
}

fn times(times: u64, first: u64, last: u64) -> Recorded {
    Recorded { times, first: at(first), last: at(last) }
}

/// A process that was watched for a minute and made these requests.
fn recorded(requests: &[(&str, &str)]) -> Usage {
    let mut usage = Usage { watched: Watched::one(at(0), at(60)), ..Usage::default() };
    for (method, url) in requests {
        usage.note(method, url, times(1, 5, 5));
    }
    usage
}

#[test]
fn a_recording_holds_operations_and_counts_and_nothing_else() {
    let id = "220ddca8-3144-4085-9a88-2d72c5133734";
    let usage = recorded(&[
        ("get", "https://api.xero.com/api.xro/2.0/Invoices?where=Secret"),
        ("GET", &format!("https://api.xero.com/api.xro/2.0/Invoices/{id}")),
        ("HEAD", "https://api.xero.com/api.xro/2.0/Invoices"),
        ("PUT", "http://127.0.0.1:4010/api.xro/2.0/Contacts"),
        ("GET", "https://api.xero.com/connections"),
        ("GET", "https://api.xero.com/payroll.xro/2.0/Employees"),
        // No calls.
        ("POST", "https://identity.xero.com/connect/token"),
        ("GET", "https://example.com/Invoices"),
        // Not known.
        ("GET", &format!("https://api.xero.com/api.xro/2.0/Wishes/{id}")),
        ("BREW", "https://api.xero.com/files.xro/1.0/Files"),
        ("GET", "https://api.xero.com/wishes.xro/1.0/Secret"),
    ]);
    let text = usage.written();
    for secret in [id, "Secret", "where", "BREW", "Wishes", "wishes"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let one = |operations: Value, times: u64| json!({ "operations": operations, "times": times, "first": "2026-11-30T20:00:05Z", "last": "2026-11-30T20:00:05Z" });
    let found: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(found["xeroUsage"], 1);
    assert_eq!(
        found["watched"],
        json!({ "processes": 1, "seconds": 60, "first": "2026-11-30T20:00:00Z", "last": "2026-11-30T20:01:00Z" })
    );
    assert_eq!(
        found["calls"],
        json!([
            one(json!(["accounting.createContacts"]), 1),
            one(json!(["accounting.getInvoice"]), 1),
            one(json!(["accounting.getInvoices"]), 2),
            one(json!(["identity.getConnections"]), 1),
            one(json!(["payroll-nz.getEmployees", "payroll-uk.getEmployees"]), 1),
        ])
    );
    let not_known: Vec<_> =
        found["notKnown"].as_array().unwrap().iter().map(|one| (&one["method"], &one["base"])).collect();
    assert_eq!(
        not_known,
        [
            (&json!("GET"), &Value::Null),
            (&json!("GET"), &json!("/api.xro/2.0")),
            (&json!("OTHER"), &json!("/files.xro/1.0")),
        ]
    );
    assert_eq!(Usage::read(&text), Ok(usage));
}

#[test]
fn the_union_of_recordings_adds_counts_and_does_not_depend_on_the_order() {
    let mut one = recorded(&[("GET", "https://api.xero.com/api.xro/2.0/Invoices")]);
    let mut other = Usage { watched: Watched::one(at(100), at(130)), ..Usage::default() };
    other.note("GET", "https://api.xero.com/api.xro/2.0/Invoices", times(3, 110, 120));
    other.note_operation("POST", "accounting.updateOrCreateInvoices", times(1, 111, 111));
    other.note_operation("POST", "", times(2, 112, 113));
    let mut reverse = other.clone();
    reverse.add(&one);
    one.add(&other);
    assert_eq!(one, reverse);
    assert_eq!(one.watched, Watched { processes: 2, seconds: 90, span: Some((at(0), at(130))) });
    assert_eq!(
        one.calls.iter().map(|(_, counts)| (counts.times, counts.first, counts.last)).next(),
        Some((4, at(5), at(120)))
    );
    assert_eq!(Usage::read(&one.written()), Ok(one.clone()));
    let mut same = one.clone();
    same.add(&Usage::default());
    assert_eq!(same, one);
    assert_eq!(Usage::read(&Usage::default().written()), Ok(Usage::default()));
}

#[test]
fn calls_of_a_recording_are_sure_and_have_their_counts_and_places() {
    let mut usage = recorded(&[("GET", "https://api.xero.com/api.xro/2.0/Invoices")]);
    usage.note("POST", "https://api.xero.com/api.xro/2.0/Wishes", times(7, 8, 9));
    let mut text = usage.written();
    text = text.replace("\"times\": 1", "\"times\": 12");
    let read = resolve(&text);
    let [call] = read.calls.as_slice() else { panic!("{read:?}") };
    assert_eq!(
        (call.text.as_str(), call.times, call.assumed, call.ambiguous),
        ("accounting.getInvoices", 12, None, false)
    );
    assert!(text.get(call.at..).unwrap().starts_with("accounting.getInvoices"), "{}", call.at);
    let [place] = read.unresolved.as_slice() else { panic!("{read:?}") };
    assert_eq!((place.text.as_str(), place.times, place.method), ("POST /api.xro/2.0", 7, Some("POST")));
    // Two recordings of one call.
    assert_eq!(resolve_all([text.as_str(), text.as_str()]).calls.first().map(|call| call.times), Some(24));
    assert!(Usage::is_in(&text) && !Usage::is_in("GET /Invoices"));
}

#[test]
fn what_cannot_be_read_in_a_recording_is_reported() {
    let good = recorded(&[("GET", "https://api.xero.com/api.xro/2.0/Invoices")]).written();
    for (from, to) in [
        ("\"xeroUsage\": 1", "\"xeroUsage\": 2"),
        ("\"times\": 1", "\"times\": 0"),
        ("\"times\": 1", "\"times\": 1.5"),
        ("\"times\": 1", "\"times\": \"1\""),
        ("\"times\": 1", "\"tokens\": 1"),
        ("\"times\": 1", "\"times\": 1, \"id\": 1"),
        ("\"times\": 1", "\"times\": 9007199254740993"),
        ("T20:00:05Z", "T20:00:61Z"),
        ("\"first\": \"2026-11-30T20:00:05Z\"", "\"first\": \"2026-11-30T20:00:06Z\""),
        ("accounting.getInvoices", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0"),
        ("\"processes\": 1", "\"processes\": 0"),
        ("\"notKnown\": []", "\"notKnown\": {}"),
        ("\"notKnown\": []", "\"notKnown\": [{ \"method\": \"BREW\", \"times\": 1 }]"),
        ("  \"notKnown\": []\n}", ""),
    ] {
        let text = good.replacen(from, to, 1);
        assert_ne!(text, good, "{from}");
        assert!(Usage::read(&text).is_err(), "{text}");
        let read = resolve(&text);
        assert!(read.calls.is_empty() && read.unresolved.len() == 1, "{to}: {read:?}");
    }
    // An operation of another version of the catalogue.
    let text = good.replace("getInvoices", "getWishes");
    let read = resolve(&text);
    assert!(read.calls.is_empty(), "{read:?}");
    assert_eq!(read.unresolved.first().map(|place| place.text.as_str()), Some("accounting.getWishes"));
    assert_eq!(Usage::read(&text).unwrap().written(), text);
}

#[test]
fn code_is_compared_with_what_ran() {
    let code = "xero.accountingApi.getInvoices(tenant);\nxero.accountingApi.createPayment(tenant, payment);\n\
                fetch(`https://api.xero.com/api.xro/2.0/Contacts`, options);";
    let usage = recorded(&[
        ("GET", "https://api.xero.com/api.xro/2.0/Invoices"),
        ("POST", "https://api.xero.com/api.xro/2.0/Contacts"),
        ("GET", "https://api.xero.com/api.xro/2.0/Items"),
        ("GET", "https://api.xero.com/api.xro/2.0/Wishes"),
    ]);
    let (one, other) = (usage.written(), recorded(&[]).written());
    let compared = compare_usage(&[Text::from(one.as_str()), Text::from(("app.ts", code)), Text::from(other.as_str())]);
    assert_eq!((compared.recordings, compared.watched.processes, compared.watched.seconds), (2, 2, 120));
    let keys = |calls: &[xero_m2m::resolve::Found]| -> Vec<String> {
        let calls: Value = serde_json::to_value(calls).unwrap();
        calls
            .as_array()
            .unwrap()
            .iter()
            .map(|call| format!("{}:{}", call["input"], call["operations"][0].as_str().unwrap()))
            .collect()
    };
    assert_eq!(keys(&compared.not_run), ["1:accounting.createPayment"]);
    assert_eq!(keys(&compared.not_read), ["0:accounting.getItems"]);
    assert_eq!(compared.shown, 2);
    assert_eq!(compared.not_known.len(), 1);
}

#[test]
fn a_summary_names_the_time_the_scopes_and_what_is_not_in_it() {
    let usage = recorded(&[
        ("GET", "https://api.xero.com/api.xro/2.0/Invoices"),
        ("GET", "https://api.xero.com/api.xro/2.0/Invoices"),
        ("GET", "https://api.xero.com/api.xro/2.0/Wishes"),
    ]);
    let day = Date::new(2026, 11, 30).unwrap();
    assert_eq!(
        usage_summary(&usage.written(), day).unwrap(),
        "watched 1 process for 1 min: 3 calls to Xero, 1 operation\n\
         the smallest set of scopes for what ran: accounting.invoices.read\n\
         not known: GET /api.xro/2.0 (1 call); the set may not be enough for it\n\
         calls that did not run meanwhile are not in it"
    );
    let none = usage_summary(&recorded(&[]).written(), day).unwrap();
    assert!(none.contains("0 calls to Xero") && none.contains("no scopes are known from it"), "{none}");
    assert_eq!(usage_summary("GET /Invoices", day), None);
}
