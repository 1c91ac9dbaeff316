//! The review of a connection: its parts are the answers of the other functions, and what it derives follows from them.
#![cfg(test)]

#[path = "support/connections.rs"]
mod connections;
mod support;

use std::collections::BTreeSet;

use connections::{date, some_connection, some_day, some_scopes};
use support::Random;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use xero_m2m::catalogue::AppKind;
use xero_m2m::policy::{
    ConnectionFacts, Entry, Finding, FindingKind, PlanDetails, PlanQuestion, Review, ReviewQuestion, assess, check,
    plan, required, review,
};
use xero_m2m::resolve::{Resolved, resolve};
use xero_m2m::scope::ScopeSet;

/// The number of random connections: fewer where the same Rust runs once more, as wasm.
const DRAWS: usize = if cfg!(target_arch = "wasm32") { 30 } else { 300 };

const ON: &str = "2026-11-24";

fn set(scopes: &str) -> ScopeSet {
    ScopeSet::from_scope_param(scopes)
}

fn named(names: &[impl AsRef<str>]) -> ScopeSet {
    ScopeSet::from_names(names.iter().map(AsRef::as_ref))
}

/// The review of a connection that was created in 2025.
fn reviewed(scopes: &str, calls: Option<&str>, details: PlanDetails) -> Review {
    let question =
        ReviewQuestion { scopes: set(scopes), calls: calls.map(resolve), details, ..ReviewQuestion::default() };
    let connection = ConnectionFacts { created_on: Some(date("2025-03-17")), ..ConnectionFacts::default() };
    review(question, &connection, date(ON))
}

/// Some calls in one text: operations by key, paths without a method, and paths that the catalogue does not have.
fn some_calls(random: &mut Random) -> Resolved {
    let all: Vec<Entry> = Entry::all().collect();
    let line = |random: &mut Random| {
        let entry = random.pick(&all);
        let base = entry.operation().api.row().map_or("", |api| api.base);
        match random.below(6) {
            0 => format!("https://api.xero.com{base}{}", entry.operation().path()),
            1 => format!("GET {base}/Nonsense"),
            2 => "xero.getTimesheets(id)".to_owned(),
            _ => entry.operation().key(),
        }
    };
    let lines: Vec<String> = (0..random.index(6)).map(|_| line(random)).collect();
    resolve(&lines.join("\n"))
}

#[test]
fn no_scope_is_removed_while_a_place_that_may_be_any_call_was_not_read() {
    let code = r#"const c = axios.create({ baseURL: "https://api.xero.com/api.xro/2.0" }); c.post("/Items", x); c.put(path, y);"#;
    let scopes = "accounting.contacts accounting.invoices accounting.settings";
    let review = reviewed(scopes, Some(code), PlanDetails::default());
    let plan = review.plan.expect("a plan");
    assert_eq!(plan.scopes.join(" "), scopes);
    assert!(plan.steps.is_empty(), "{:?}", plan.steps);
    let kept = review.required.expect("calls were given").kept;
    assert_eq!(kept.iter().map(|kept| kept.scope).collect::<Vec<_>>(), scopes.split(' ').collect::<Vec<_>>());
}

#[test]
fn a_review_is_what_the_other_functions_answer() {
    let mut random = Random::seeded();
    for round in 0..DRAWS {
        let (connection, on) = (some_connection(&mut random), some_day(&mut random));
        let scopes = if random.one_in(5) { ScopeSet::default() } else { some_scopes(&mut random) };
        let calls = (!random.one_in(4)).then(|| some_calls(&mut random));
        let wanted = random.one_in(3).then(|| some_scopes(&mut random));
        let question =
            ReviewQuestion { scopes: scopes.clone(), calls: calls.clone(), wanted, ..ReviewQuestion::default() };
        let found = review(question.clone(), &connection, on);
        let context = || format!("round {round}: {question:?}, {connection:?}, {on}");

        let needed = calls.clone().map(|calls| required(calls, &scopes, &connection, on));
        assert_eq!(found.required.as_ref(), needed.as_ref(), "{}", context());
        let checked = calls.clone().map(|calls| check(&scopes, calls, &connection, on));
        assert_eq!(found.checked, checked.filter(|_| !scopes.is_empty()), "{}", context());
        let unread = calls.map_or(0, |calls| calls.unresolved.len());
        if let Some(found) = &found.plan {
            assert_eq!(found.not_understood, unread, "{}", context());
        }
        let derived = needed.filter(|needed| question.wanted.is_none() && !needed.calls.is_empty());
        if let (Some(needed), Some(plan_found)) = (derived, &found.plan) {
            let ask = PlanQuestion {
                from: scopes.clone(),
                to: named(&needed.scopes),
                not_understood: unread,
                ..PlanQuestion::default()
            };
            assert_eq!(*plan_found, plan(&ask, &connection, on), "{}", context());
        }
        if let Some(to) = &question.wanted {
            let ask = PlanQuestion {
                from: scopes.clone(),
                to: to.clone(),
                not_understood: unread,
                ..PlanQuestion::default()
            };
            let expected = (!scopes.is_empty() || !to.is_empty()).then(|| plan(&ask, &connection, on));
            assert_eq!(found.plan, expected, "{}", context());
            let assessed = if scopes.is_empty() { to } else { &scopes };
            assert_eq!(found.assessment, assess(assessed, &connection, on), "{}", context());
        }

        let parts = [
            found.required.as_ref().map(|part| &part.findings),
            found.checked.as_ref().map(|part| &part.findings),
            Some(&found.assessment.findings),
            found.plan.as_ref().map(|part| &part.findings),
        ];
        let sentences = |findings: &[Finding]| -> BTreeSet<(&str, String)> {
            findings.iter().map(|finding| (finding.rule, finding.message.clone())).collect()
        };
        let all: BTreeSet<(&str, String)> = parts.into_iter().flatten().flat_map(|part| sentences(part)).collect();
        assert_eq!(sentences(&found.findings), all, "{}", context());
        let mut seen = BTreeSet::new();
        let twice = found.findings.iter().find(|finding| !seen.insert((finding.rule, &finding.message)));
        let twice =
            twice.map(|again| found.findings.iter().filter(|one| one.message == again.message).collect::<Vec<_>>());
        assert_eq!(twice, None, "{}", context());
        assert!(found.findings.is_sorted_by_key(|finding| finding.severity), "{}", context());

        let lacking = named(&found.lacking);
        assert_eq!(lacking.difference(&scopes), lacking, "{}", context());
        assert!(
            question.wanted.as_ref().is_none_or(|wanted| lacking.covers(&wanted.difference(&scopes))),
            "{}",
            context()
        );
    }
}

#[test]
fn without_calls_a_plan_replaces_each_broad_scope_by_everything_that_takes_its_place() {
    let found = reviewed("accounting.reports.read accounting.contacts new.scope", None, PlanDetails::default());
    let to = named(&found.plan.as_ref().expect("a plan").scopes);
    assert!(!to.contains("accounting.reports.read") && to.contains("accounting.contacts"), "{to}");
    assert!(to.len() > 5, "{to}");
    assert!(to.contains("new.scope"), "a name that is not known is not removed");
    assert_eq!((found.required, found.checked), (None, None));
    assert_eq!(found.scopes, ["accounting.contacts", "accounting.reports.read", "new.scope"]);
}

#[test]
fn without_calls_a_switch_of_the_organisation_keeps_the_scopes() {
    let details = PlanDetails { switch_organisation: true, ..PlanDetails::default() };
    let found = reviewed("accounting.transactions accounting.contacts", None, details);
    assert_eq!(found.plan.expect("a plan").scopes, ["accounting.contacts", "accounting.transactions"]);
}

#[test]
fn with_calls_a_plan_leads_to_the_chosen_one_of_the_smallest_sets() {
    let ask = |choice| {
        let question = ReviewQuestion { calls: Some(resolve("GET /Items")), choice, ..ReviewQuestion::default() };
        review(question, &ConnectionFacts::default(), date(ON))
    };
    let first = ask(0);
    let required = first.required.expect("calls were given");
    assert!(!required.alternatives.is_empty());
    assert_eq!(first.plan.expect("a plan").scopes, required.scopes);
    assert_eq!(first.lacking, required.scopes, "a connection that is to be created lacks all of it");
    for (place, set) in required.alternatives.iter().enumerate() {
        assert_eq!(&ask(place + 1).plan.expect("a plan").scopes, set);
    }
    assert_eq!(ask(99).plan.expect("a plan").scopes, required.scopes, "there is no such set");
}

#[test]
fn a_connection_that_is_to_be_created_is_assessed_with_the_scopes_of_its_plan() {
    let found = reviewed("", Some("GET /Invoices"), PlanDetails::default());
    assert!(found.checked.is_none());
    let connection = ConnectionFacts { created_on: Some(date("2025-03-17")), ..ConnectionFacts::default() };
    assert_eq!(found.assessment, assess(&set("accounting.invoices.read"), &connection, date(ON)));
}

#[test]
fn where_no_scope_opens_the_calls_there_is_no_plan_that_takes_all_scopes_away() {
    let found = reviewed("accounting.contacts", Some("GET /connections"), PlanDetails::default());
    assert!(found.required.is_some_and(|required| required.scopes.is_empty()));
    assert_eq!(found.plan, None);
}

#[test]
fn calls_that_were_not_read_are_counted_in_the_plan() {
    let found = reviewed("accounting.transactions", Some("GET /Nonsense\nGET /Rubbish"), PlanDetails::default());
    assert_eq!(found.plan.map(|plan| plan.not_understood), Some(2));
    let unresolved = found.findings.iter().filter(|finding| finding.kind == FindingKind::Unresolved).count();
    assert_eq!(unresolved, 1, "{:?}", found.findings);
}

#[test]
fn a_call_that_may_be_several_operations_is_allowed_only_if_all_are() {
    let text = "GET /Contacts\nxero.getTimesheets(id)";
    let found =
        check(&set("payroll.timesheets accounting.contacts"), resolve(text), &ConnectionFacts::default(), date(ON));
    let [contacts, timesheets] = found.written.as_slice() else { panic!("{:?}", found.written) };
    assert_eq!((&contacts.calls[..], contacts.allowed), (&[0][..], true));
    assert_eq!(contacts.opened_by, ["accounting.contacts"]);
    assert!(timesheets.calls.len() > 1, "{timesheets:?}");
    for narrower in ["payroll.timesheets", "payroll.timesheets.read", "files"] {
        let found = check(&set(narrower), resolve(text), &ConnectionFacts::default(), date(ON));
        for written in &found.written {
            let allowed = written.calls.iter().all(|&place| found.calls[place].allowed);
            assert_eq!(written.allowed, allowed, "{narrower}: {written:?}");
        }
        let places: Vec<usize> = found.written.iter().flat_map(|written| written.calls.iter().copied()).collect();
        assert_eq!(places, (0..found.calls.len()).collect::<Vec<_>>(), "each operation belongs to one call");
    }
}

#[test]
fn a_connection_that_exists_without_scopes_is_judged_as_it_is() {
    let ask = |exists| {
        let question = ReviewQuestion { exists, calls: Some(resolve("GET /Invoices")), ..ReviewQuestion::default() };
        review(question, &ConnectionFacts::default(), date(ON))
    };
    let found = ask(true);
    assert!(found.checked.is_some_and(|checked| !checked.allowed));
    assert_eq!(found.lacking, ["accounting.invoices.read"]);
    assert_eq!(found.plan, None);
    let has_none = |finding: &Finding| finding.message.contains("no scope is configured");
    assert!(found.assessment.findings.iter().any(has_none));
    assert!(!ask(false).assessment.findings.iter().any(has_none));
}

#[test]
fn what_to_do_by_when_is_known_from_the_scopes_and_the_calls() {
    let tasks = |scopes: &str, calls: Option<&str>| -> Vec<(String, String, String)> {
        let review = reviewed(scopes, calls, PlanDetails::default());
        review
            .due
            .into_iter()
            .map(|due| (due.deadline.first_day.to_string(), due.what.rule.to_owned(), due.what.text))
            .collect()
    };
    let task = |day: &str, rule: &str, text: &str| (day.to_owned(), rule.to_owned(), text.to_owned());
    let classic = "find out whether the program calls ExpenseClaims or Receipts, and end that use";
    let expenses = task("2027-02-01", "R37", classic);
    let broad = task("2027-09-01", "R13", "replace accounting.transactions by granular scopes");

    // Calls that are not given, or not understood, may be to what ends first.
    assert_eq!(tasks("accounting.transactions", None), [expenses.clone(), broad.clone()]);
    let unread = "GET /Invoices\nGET /Invoicez";
    assert_eq!(tasks("accounting.transactions", Some(unread)), [expenses, broad.clone()]);
    assert_eq!(tasks("accounting.transactions", Some("GET /Invoices")), std::slice::from_ref(&broad));
    let called = task("2027-02-01", "R37", "stop calling accounting.getReceipts");
    assert_eq!(tasks("accounting.transactions", Some("GET /Receipts")), [called, broad]);
    assert_eq!(tasks("accounting.invoices accounting.contacts", None), []);
    // A place may be unread without a text, such as a file that could not be opened.
    let due = |unread: usize| {
        let calls = Some(Resolved { unread, ..resolve("GET /Invoices") });
        let question = ReviewQuestion { scopes: set("accounting.transactions"), calls, ..ReviewQuestion::default() };
        review(question, &ConnectionFacts::default(), date(ON)).due.len()
    };
    assert_eq!((due(0), due(1)), (1, 2));
}

#[test]
fn a_task_says_that_its_end_may_have_passed_and_that_it_has() {
    let due = |on: &str| {
        let connection = ConnectionFacts { created_on: Some(date("2025-03-17")), ..ConnectionFacts::default() };
        let due = assess(&set("accounting.attachments accounting.transactions"), &connection, date(on)).due;
        due.into_iter().map(|due| (due.by, due.what.text, due.deadline.days_left)).next_back().expect("a task")
    };
    let by = "September 2027 (third parties report 13 September 2027)";
    let task = "replace accounting.transactions by granular scopes";
    assert_eq!(due(ON), (by.to_owned(), task.to_owned(), 281));
    let uncertain = format!("{task} now: the end is this month, on a day that Xero does not state");
    assert_eq!(due("2027-09-02"), (by.to_owned(), uncertain, 0));
    assert_eq!(due("2027-10-01"), (by.to_owned(), format!("{task}: the end has passed"), 0));
}

#[test]
fn the_scopes_of_the_sign_in_are_kept_by_whoever_asks_for_the_smallest_set() {
    let from = set("openid profile email offline_access accounting.contacts accounting.invoices");
    for (app, kept) in [
        (AppKind::Web, "accounting.invoices.read email offline_access openid profile"),
        (AppKind::Pkce, "accounting.invoices.read email offline_access openid profile"),
        (AppKind::Custom, "accounting.invoices.read"),
    ] {
        let connection = ConnectionFacts { app, created_on: Some(date("2026-05-01")), ..ConnectionFacts::default() };
        let needed = required(resolve("GET /Invoices"), &from, &connection, date(ON));
        assert_eq!(named(&needed.scopes).to_string(), kept, "{app:?}");
        // Without a call that a scope opens there is no set to change to.
        let question = ReviewQuestion {
            scopes: from.clone(),
            calls: Some(resolve("GET /connections")),
            ..ReviewQuestion::default()
        };
        let found = review(question, &connection, date(ON));
        assert!(found.plan.is_none_or(|plan| plan.scopes.len() > 4), "{app:?}");
    }
}

#[test]
fn groups_have_every_finding_once_by_rule_and_severity() {
    let scopes = "accounting.transactions accounting.reports.read accounting.contacts";
    let review = reviewed(scopes, Some("GET /Invoices\nGET /Contacts"), PlanDetails::default());
    let mut places: Vec<usize> = review.groups.iter().flat_map(|group| group.findings.clone()).collect();
    for group in &review.groups {
        for &place in &group.findings {
            assert_eq!((review.findings[place].rule, review.findings[place].severity), (group.rule, group.severity));
        }
    }
    places.sort_unstable();
    assert_eq!(places, (0..review.findings.len()).collect::<Vec<_>>());
    let rules: BTreeSet<_> = review.groups.iter().map(|group| (group.rule, group.severity)).collect();
    assert_eq!(rules.len(), review.groups.len());
    assert!(review.groups.len() < review.findings.len());
}

#[test]
fn each_topic_reads_with_one_call_at_least_and_changes_nothing_by_reading() {
    let topics = xero_m2m::policy::listing().topics;
    assert!(topics.len() >= 15);
    for topic in topics {
        let entries =
            |keys: &[String]| -> Vec<Entry> { keys.iter().map(|key| Entry::named(key).expect("a key")).collect() };
        assert!(!topic.reads.is_empty(), "{}", topic.name);
        assert!(entries(&topic.reads).iter().all(|entry| entry.operation().is_read()), "{}", topic.name);
        assert!(entries(&topic.changes).iter().all(|entry| !entry.operation().is_read()), "{}", topic.name);
    }
}

#[test]
fn the_verdict_names_each_limit_of_the_answer() {
    let custom = |scopes: &str, calls| reviewed(scopes, calls, PlanDetails::default()).verdict;
    let cases: [(&str, Option<&str>, &str); 10] = [
        ("", Some("GET /Invoices\nGET /Contacts"), "Two scopes are enough"),
        ("", Some("GET /Invoices"), "One scope is enough"),
        ("accounting.invoices.read", Some("/Invoices"), "One scope is enough if calls without a method only read"),
        ("accounting.invoices", Some("/Invoices"), "One scope is enough"),
        ("", Some("GET /Invoices\nGET /Nonsense"), "One scope is enough for what was read"),
        ("", Some("GET /Invoices\nGET /bankfeeds.xro/1.0/Statements"), "One scope opens all but 1 operation"),
        ("", Some("GET /bankfeeds.xro/1.0/Statements"), "No scope opens these calls"),
        ("accounting.invoices", Some("GET /Nonsense"), "No call is known"),
        ("accounting.invoices accounting.contacts", None, "Two scopes configured"),
        ("", None, "Neither scopes nor calls are known"),
    ];
    for (scopes, calls, verdict) in cases {
        assert_eq!(custom(scopes, calls), verdict, "{scopes} {calls:?}");
    }
}
