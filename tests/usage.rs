//! Recordings: what they hold, their union, how they are read, and what they say beside code.
#![cfg(test)]

use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use xero_m2m::policy::{
    ConnectionFacts, FindingKind, ReviewQuestion, StepKind, check, compare_usage, required, review, usage_summary,
};
use xero_m2m::resolve::{Recorded, RecordedRun, RunId, Text, Usage, Watched, resolve, resolve_all};
use xero_m2m::scope::ScopeSet;
use xero_m2m::time::{Date, Timestamp};

/// 2026-11-30T20:00:00Z.
const START: u64 = 1_796_068_800_000;

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_ms(START.saturating_add(seconds.saturating_mul(1_000)))
}

fn times(times: u64, first: u64, last: u64) -> Recorded {
    Recorded { times, first: at(first), last: at(last) }
}

/// A run that was watched for a minute and made these requests.
fn run(requests: &[(&str, &str)]) -> RecordedRun {
    let mut run = RecordedRun { watched: Watched::one(at(0), at(60)), ..RecordedRun::default() };
    for (method, url) in requests {
        run.note(method, url, times(1, 5, 5));
    }
    run
}

fn id(number: u64) -> RunId {
    RunId::parse(&format!("{number:016x}")).unwrap()
}

/// A recording of one run.
fn recorded(requests: &[(&str, &str)]) -> Usage {
    Usage::one(id(1), run(requests))
}

#[test]
fn a_recording_holds_operations_and_counts_and_nothing_else() {
    let secret = "220ddca8-3144-4085-9a88-2d72c5133734";
    let usage = recorded(&[
        ("get", "https://api.xero.com/api.xro/2.0/Invoices?where=Secret"),
        ("GET", &format!("https://api.xero.com/api.xro/2.0/Invoices/{secret}")),
        ("HEAD", "https://api.xero.com/api.xro/2.0/Invoices"),
        ("PUT", "http://127.0.0.1:4010/api.xro/2.0/Contacts"),
        ("GET", "https://api.xero.com/connections"),
        ("GET", "https://api.xero.com/payroll.xro/2.0/Employees"),
        // No calls.
        ("POST", "https://identity.xero.com/connect/token"),
        ("GET", "https://example.com/Invoices"),
        // Not known.
        ("GET", &format!("https://api.xero.com/api.xro/2.0/Wishes/{secret}")),
        ("BREW", "https://api.xero.com/files.xro/1.0/Files"),
        ("GET", "https://api.xero.com/wishes.xro/1.0/Secret"),
    ]);
    let text = usage.written();
    for secret in [secret, "Secret", "where", "BREW", "Wishes", "wishes"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let one = |operations: Value, times: u64| json!({ "operations": operations, "times": times, "first": "2026-11-30T20:00:05Z", "last": "2026-11-30T20:00:05Z" });
    let found: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(found["xeroUsage"], 2);
    assert_eq!(found["runs"].as_array().unwrap().len(), 1);
    let found = &found["runs"][0];
    assert_eq!(found["run"], "0000000000000001");
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
fn the_union_of_recordings_adds_their_runs_in_any_order() {
    let mut one = recorded(&[("GET", "https://api.xero.com/api.xro/2.0/Invoices")]);
    let mut run = RecordedRun { watched: Watched::one(at(100), at(130)), ..RecordedRun::default() };
    run.note("GET", "https://api.xero.com/api.xro/2.0/Invoices", times(3, 110, 120));
    run.note_operation("POST", "accounting.updateOrCreateInvoices", times(1, 111, 111));
    run.note_operation("POST", "", times(2, 112, 113));
    let other = Usage::one(id(2), run);
    let mut reverse = other.clone();
    reverse.add(&one);
    one.add(&other);
    assert_eq!(one, reverse);
    let total = one.total();
    assert_eq!(total.watched, Watched { processes: 2, seconds: 90, span: Some((at(0), at(130))) });
    assert_eq!(
        total.calls.iter().map(|(_, counts)| (counts.times, counts.first, counts.last)).next(),
        Some((4, at(5), at(120)))
    );
    assert_eq!(Usage::read(&one.written()), Ok(one.clone()));
    let mut same = one.clone();
    same.add(&Usage::default());
    assert_eq!(same, one);
    assert_eq!(Usage::read(&Usage::default().written()), Ok(Usage::default()));
}

#[test]
fn a_run_that_is_added_again_is_counted_once_as_its_latest_recording_has_it() {
    let early = recorded(&[("GET", "https://api.xero.com/api.xro/2.0/Invoices")]);
    let mut late = Usage::one(id(1), RecordedRun { watched: Watched::one(at(0), at(600)), ..RecordedRun::default() });
    let run = late.runs.get_mut(&id(1)).unwrap();
    run.note("GET", "https://api.xero.com/api.xro/2.0/Invoices", times(7, 5, 500));
    run.note("GET", "https://api.xero.com/api.xro/2.0/Items", times(1, 300, 300));
    let other = Usage::one(id(2), early.total());
    let mut all = late.clone();
    for again in [&early, &other, &late, &other, &early] {
        all.add(again);
    }
    let total = all.total();
    assert_eq!((total.watched.processes, total.watched.seconds), (2, 660));
    assert_eq!(total.calls.iter().map(|(_, counts)| counts.times).collect::<Vec<_>>(), [8, 1]);
    // The same in texts that are read for their calls.
    let read = resolve_all([early.written().as_str(), late.written().as_str(), all.written().as_str()]);
    assert_eq!(read.calls.iter().map(|call| call.times).collect::<Vec<_>>(), [8, 1]);
    assert_eq!(read.recorded.map(|basis| (basis.recordings, basis.watched.seconds)), Some((3, 660)));
}

#[test]
fn calls_of_a_recording_are_sure_and_have_their_counts_and_places() {
    let mut run = run(&[("GET", "https://api.xero.com/api.xro/2.0/Invoices")]);
    run.note("POST", "https://api.xero.com/api.xro/2.0/Wishes", times(7, 8, 9));
    let mut text = Usage::one(id(1), run.clone()).written();
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
    let other = text.replace(&"0".repeat(15), &"1".repeat(15));
    assert_eq!(resolve_all([text.as_str(), other.as_str()]).calls.first().map(|call| call.times), Some(24));
    assert!(Usage::is_in(&text) && !Usage::is_in("GET /Invoices"));
}

#[test]
fn what_cannot_be_read_in_a_recording_is_reported() {
    let good = recorded(&[("GET", "https://api.xero.com/api.xro/2.0/Invoices")]).written();
    for (from, to) in [
        ("\"xeroUsage\": 2", "\"xeroUsage\": 1"),
        ("\"xeroUsage\": 2", "\"xeroUsage\": 3"),
        ("\"run\": \"0", "\"run\": \"F"),
        ("\"run\": \"0", "\"run\": \"00"),
        ("\"run\": ", "\"host\": "),
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
        ("      \"notKnown\": []\n", ""),
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
    let (one, other) = (usage.written(), Usage::one(id(2), run(&[])).written());
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

#[test]
fn an_answer_from_a_recording_states_what_it_rests_on() {
    let day = Date::new(2026, 11, 30).unwrap();
    let (facts, scopes) =
        (ConnectionFacts::default(), ScopeSet::from_names(["accounting.invoices", "accounting.contacts"]));
    let usage = recorded(&[("GET", "https://api.xero.com/api.xro/2.0/Invoices")]).written();
    let watched = "which watched 1 process for 1 min on 30 November 2026: calls that did not run meanwhile are missing";
    let alone = resolve(&usage);
    let answer = required(alone.clone(), &scopes, &facts, day);
    assert_eq!(answer.reading, format!("1 call found; it is known from 1 recording alone, {watched}"));
    assert_eq!(answer.recorded.map(|basis| (basis.recordings, basis.only)), Some((1, 1)));
    let checked = check(&scopes, alone.clone(), &facts, day);
    assert_eq!(checked.reading, answer.reading);
    for kind in [FindingKind::Unused, FindingKind::Broad] {
        let finding = checked.findings.iter().find(|finding| finding.kind == kind).unwrap();
        assert!(finding.message.contains("rests on a recording alone"), "{finding:?}");
    }
    let question = |calls| ReviewQuestion { scopes: scopes.clone(), calls: Some(calls), ..ReviewQuestion::default() };
    let plan = review(question(alone), &facts, day).plan.unwrap();
    let removing: Vec<_> = plan.steps.iter().filter(|step| step.kind == StepKind::Remove).collect();
    assert!(!removing.is_empty() && removing.iter().all(|step| step.why.text.contains("rests on a recording alone")));
    for text in [&plan.markdown, &plan.email.as_ref().unwrap().body] {
        assert!(text.contains("30 November 2026") && text.contains("watched"), "{text}");
    }
    assert!(plan.recorded.is_some());

    // Code that has some of the calls.
    let code = "GET /Invoices\n";
    let more = recorded(&[
        ("GET", "https://api.xero.com/api.xro/2.0/Invoices"),
        ("GET", "https://api.xero.com/api.xro/2.0/Items"),
    ]);
    let part = resolve_all([more.written().as_str(), code]);
    assert_eq!(part.calls.iter().map(|call| call.recorded).collect::<Vec<_>>(), [false, true]);
    let answer = required(part, &scopes, &facts, day);
    assert_eq!(answer.reading, format!("2 calls found; 1 of them is known from 1 recording alone, {watched}"));

    // Code that has them all: nothing rests on the recording.
    let whole = resolve_all([usage.as_str(), code]);
    let plan = review(question(whole.clone()), &facts, day).plan.unwrap();
    assert_eq!(required(whole, &scopes, &facts, day).reading, "1 call found");
    assert!(!plan.markdown.contains("recording"), "{}", plan.markdown);
}
