//! The policy: vectors of every rule and boundary, and properties that hold for any input.
#![cfg(test)]
#![expect(clippy::arithmetic_side_effects, reason = "numbers of a test are small")]

#[path = "support/connections.rs"]
mod connections;
mod support;

use std::collections::BTreeSet;

use connections::{date, some_connection, some_day, some_scopes};
use serde_json::Value;
use support::Random;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use xero_m2m::catalogue::{AppKind, Confidence, Held, Mask, RULES, SCOPES, SOURCES, ScopeId};
use xero_m2m::policy::{
    ChangePlan, ConnectionFacts, Entry, Finding, FindingKind, PlanDetails, PlanQuestion, Region, Required, Severity,
    Verdict, Which, assess, check, least, plan, required,
};
use xero_m2m::resolve::{Resolved, Why, operations_of, resolve, resolve_all};
use xero_m2m::scope::ScopeSet;
use xero_m2m::time::Date;

/// The number of draws of random tests: fewer where the same Rust runs once more, as wasm.
const DRAWS: usize = if cfg!(target_arch = "wasm32") { 50 } else { 500 };

fn vectors(text: &str) -> Vec<Value> {
    serde_json::from_str(text).expect("a list of cases")
}

fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap_or_else(|| panic!("{case}: no {key}"))
}

fn list(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().map(|item| item.as_str().expect("a string")).collect()
}

fn scopes(case: &Value, key: &str) -> ScopeSet {
    ScopeSet::from_scope_param(text(case, key))
}

fn op(key: &str) -> Entry {
    Entry::named(key).unwrap_or_else(|| panic!("no operation {key}"))
}

fn connection(case: &Value) -> ConnectionFacts {
    ConnectionFacts {
        app: case["app"].as_str().map(|text| AppKind::parse(text).expect("a kind")).unwrap_or_default(),
        created_on: case["createdOn"].as_str().map(date),
        region: case["region"].as_str().map(|text| Region::parse(text).expect("a region")),
        demo: case["demo"].as_bool(),
        organisations: case["organisations"].as_u64().map(|many| u32::try_from(many).expect("few")),
        authorising_user: None,
    }
}

/// A plan that changes nothing but scopes.
fn planned(connection: &ConnectionFacts, from: &ScopeSet, to: &ScopeSet, on: Date) -> ChangePlan {
    plan(&PlanQuestion { from: from.clone(), to: to.clone(), ..PlanQuestion::default() }, connection, on)
}

/// Details of a plan that switches the organisation.
fn switch() -> PlanDetails {
    PlanDetails { switch_organisation: true, ..PlanDetails::default() }
}

/// The scopes that calls require of a connection without known facts.
fn required_by(calls: &str) -> Required {
    required(resolve(calls), &ScopeSet::default(), &ConnectionFacts::default(), date("2026-11-24"))
}

#[test]
fn the_least_is_what_the_vectors_say() {
    for case in vectors(include_str!("vectors/policy-least.json")) {
        let operations: Vec<Entry> = list(&case["operations"]).into_iter().map(op).collect();
        let found = serde_json::to_value(least(&operations)).expect("JSON");
        let unopenable = found["unopenable"].as_array().expect("a list").iter();
        let unopenable: Vec<Value> = unopenable
            .map(|one| serde_json::json!([one["operation"], one["held"], one["scopes"], one["reason"]["rule"]]))
            .collect();
        assert_eq!(found["scopes"], case["scopes"], "{}", case["name"]);
        assert_eq!(found["alternatives"], case["alternatives"], "{}", case["name"]);
        assert_eq!(Value::from(unopenable), case["unopenable"], "{}", case["name"]);
    }
}

#[test]
fn checks_are_what_the_vectors_say() {
    for case in vectors(include_str!("vectors/policy-check.json")) {
        let name = &case["name"];
        let asked = case["calls"].as_object().expect("calls");
        let calls = Resolved::of_operations(asked.keys().map(|key| op(key).row()));
        let found = check(&scopes(&case, "scopes"), calls, &connection(&case), date(text(&case, "on")));
        for (call, allowed) in found.calls.iter().zip(asked.values()) {
            assert_eq!(Some(call.allowed), allowed.as_bool(), "{name}: {call:?}");
            assert_eq!(call.allowed, !call.opened_by.is_empty(), "{name}: {call:?}");
        }
        let has_error = found.findings.iter().any(|finding| finding.severity == Severity::Error);
        let is_allowed = !asked.is_empty() && asked.values().all(|allowed| allowed == true) && !has_error;
        assert_eq!(found.allowed, is_allowed, "{name}");
        let uncertain: Vec<&str> =
            found.calls.iter().filter(|call| call.uncertain.is_some()).map(|call| call.operation.as_str()).collect();
        assert_eq!(uncertain, list(&case["uncertain"]), "{name}");
        let rules: BTreeSet<&str> = found.findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, list(&case["rules"]).into_iter().collect(), "{name}: {:?}", found.findings);
        let json = serde_json::to_value(&found).expect("JSON");
        assert_eq!(json["missing"], case["missing"], "{name}");
        assert_eq!(json["unused"], case["unused"], "{name}");
        let broad = json["broad"].as_array().expect("a list").iter();
        let broad = broad.map(|one| (text(one, "scope").to_owned(), one["instead"].clone())).collect();
        assert_eq!(Value::Object(broad), case["broad"], "{name}");
        let unknown = json["unknown"].as_array().expect("a list").iter();
        let unknown =
            Value::Object(unknown.map(|one| (text(one, "name").to_owned(), one["suggestion"].clone())).collect());
        assert_eq!(unknown, case.get("unknown").cloned().unwrap_or_else(|| serde_json::json!({})), "{name}");
    }
}

#[test]
fn what_was_not_read_or_is_assumed_is_said_and_nothing_rests_on_it() {
    for case in vectors(include_str!("vectors/policy-reading.json")) {
        let name = &case["name"];
        let (have, on) = (scopes(&case, "scopes"), date("2026-11-24"));
        let read = || resolve_all(list(&case["texts"]));
        let checked = serde_json::to_value(check(&have, read(), &connection(&case), on)).expect("JSON");
        for member in ["verdict", "reading", "unused"] {
            assert_eq!(checked[member], case[member], "{name}: {member} of {checked:#}");
        }
        assert_eq!(checked["allowed"], Value::from(case["verdict"] == "allowed"), "{name}");
        let broad = checked["broad"].as_array().expect("a list").iter().map(|broad| broad["scope"].clone());
        let broad: Value = broad.collect();
        assert_eq!(broad, case["broad"], "{name}: broad of {checked:#}");
        let kinds = checked["findings"].as_array().expect("a list").iter();
        let uncertain = kinds.filter(|finding| finding["kind"] == "uncertain").count();
        assert_eq!(Value::from(uncertain), case["uncertain"], "{name}: {checked:#}");
        let needed = serde_json::to_value(required(read(), &have, &connection(&case), on)).expect("JSON");
        assert_eq!(needed["reading"], case["reading"], "{name}");
        assert_eq!(needed["scopes"], case["required"], "{name}: {needed:#}");
        let doubts = needed["uncertain"].as_array().expect("a list").len();
        assert_eq!(Value::from(doubts), case["doubts"], "{name}: {needed:#}");
    }
}

#[test]
fn a_write_that_the_specification_lacks_is_never_plainly_allowed() {
    let required = required_by("POST /Accounts");
    assert_eq!(required.scopes, ["accounting.settings"]);
    assert_eq!(required.uncertain.len(), 1, "{:?}", required.uncertain);
    for (scopes, allowed) in [("accounting.settings", true), ("accounting.settings.read", false)] {
        let found = check(
            &ScopeSet::from_scope_param(scopes),
            resolve("POST /Accounts"),
            &ConnectionFacts::default(),
            date("2026-11-23"),
        );
        let [call] = found.calls.as_slice() else { panic!("{found:?}") };
        assert_eq!((call.allowed, call.reason.confidence), (allowed, Confidence::Inferred), "{call:?}");
        let doubt = call.uncertain.as_ref().expect("a doubt");
        assert!(doubt.text.contains("has no POST /Accounts"), "{doubt:?}");
    }
    let plain = check(
        &ScopeSet::from_scope_param("accounting.settings"),
        resolve("PUT /Accounts"),
        &ConnectionFacts::default(),
        date("2026-11-23"),
    );
    assert!(plain.calls.iter().all(|call| call.uncertain.is_none()));
}

#[test]
fn a_name_in_a_ticket_mentions_nobody_and_an_address_stays_one() {
    for (name, written) in [
        ("@octocat", "@&#8203;octocat"),
        ("Kim (@octo/team)", "Kim (@&#8203;octo/team)"),
        ("kim@books.example", "kim@books.example"),
        ("Kim\n## Lee\u{202e}\u{61c}", "Kim \\#\\# Lee"),
    ] {
        let connection = ConnectionFacts { authorising_user: Some(name.to_owned()), ..ConnectionFacts::default() };
        let (from, to) =
            (ScopeSet::from_scope_param("accounting.transactions"), ScopeSet::from_scope_param("accounting.invoices"));
        let json = serde_json::to_string(&planned(&connection, &from, &to, date("2026-11-23"))).expect("JSON");
        assert!(json.contains(&serde_json::to_string(written).expect("JSON").replace('"', "")), "{name}: {json}");
        assert!(!json.contains(['\u{202e}', '\u{61c}']), "{name}: {json}");
    }
}

#[test]
fn operations_have_a_door_of_their_own_and_unknown_keys_are_named() {
    let found = Resolved::of_keys(&["accounting.getInvoices", "files.getFiles"], &["files.getFiles"]).expect("known");
    let assumed: Vec<bool> = found.calls.iter().map(|call| call.assumed.is_some()).collect();
    assert_eq!(assumed, [false, true]);
    assert_eq!(
        Resolved::of_keys(&["accounting.getInvoices", "getInvoices", "a.b"], &[]).unwrap_err(),
        ["getInvoices", "a.b"]
    );
    for op in Entry::all() {
        let path = [op.operation().api.row().expect("an API").base, op.operation().path()].concat();
        for url in [path.clone(), format!("https://api.xero.com{path}?page=1")] {
            let rows = operations_of(op.operation().method.as_str(), &url);
            let is_it =
                |row: &u16| Entry::at(*row).is_some_and(|own| own.operation().needs() == op.operation().needs());
            assert!(!rows.is_empty() && rows.iter().all(is_it), "{url}");
        }
    }
    let keys = |method: &str, url: &str| -> Vec<String> {
        operations_of(method, url).into_iter().filter_map(Entry::at).map(|op| op.operation().key()).collect()
    };
    assert_eq!(keys("put", "Invoices"), ["accounting.createInvoices"]);
    assert_eq!(keys("GET", "/payroll.xro/2.0/Employees"), ["payroll-nz.getEmployees", "payroll-uk.getEmployees"]);
    for (method, url) in
        [("GET", "/Invoicez"), ("MAKE", "/Invoices"), ("GET", "https://example.com/Invoices"), ("", "")]
    {
        assert_eq!(keys(method, url), Vec::<String>::new(), "{method} {url}");
    }
}

#[test]
fn a_call_of_classic_expenses_is_told_that_they_end_in_february_2027() {
    let held = ScopeSet::from_scope_param("accounting.transactions");
    let of = |calls: &str, on: &str| {
        let found = check(&held, resolve(calls), &ConnectionFacts::default(), date(on));
        found.findings.into_iter().find(|finding| (finding.rule, finding.kind) == ("R37", FindingKind::Expiring))
    };
    let calls = "GET /ExpenseClaims\nGET /Receipts\nPOST /Receipts";
    for (on, severity, days, says) in [
        ("2026-11-23", Severity::Warning, 70, "in February 2027; 70 days left"),
        ("2027-02-14", Severity::Error, 0, "this month"),
        ("2027-03-01", Severity::Error, 0, "Xero has ended accounting.getExpenseClaims"),
    ] {
        let found = of(calls, on).expect("R37");
        assert_eq!(
            (found.kind, found.severity, found.days_left),
            (FindingKind::Expiring, severity, Some(days)),
            "{found:?}"
        );
        assert_eq!((found.deadline.as_deref(), found.confidence), (Some("2027-02"), Confidence::Documented));
        assert!(found.message.contains(says), "{found:?}");
        assert!(found.source.url.is_some_and(|url| url.contains("rl_entry=3a86c78a3c12")), "{found:?}");
        assert!(found.message.contains("accounting.createReceipt"), "also a write that is inferred: {found:?}");
    }
    assert_eq!(of("GET /Invoices", "2027-03-01"), None);
}

/// `/Reports/{name}` may be any report, so that no scope of a report can be called unused, and nothing is allowed.
#[test]
fn a_report_whose_name_is_not_known_may_be_any() {
    let reports = ["balancesheet", "profitandloss", "taxreports"].map(|name| format!("accounting.reports.{name}.read"));
    for call in ["GET /Reports/{reportName}", "await xero.fetch(`/Reports/${name}`);"] {
        let have = ScopeSet::from_scope_param(&reports.join(" "));
        let found = check(&have, resolve(call), &ConnectionFacts::default(), date("2026-11-24"));
        assert!(!found.allowed && found.calls.is_empty() && found.unresolved.len() == 1, "{call}: {found:?}");
        assert!(found.findings.iter().all(|finding| finding.kind != FindingKind::Unused), "{call}: {found:?}");
        assert_eq!(found.unresolved[0].candidates.len(), 10);
    }
}

#[test]
fn a_withdrawn_operation_is_in_no_set_and_its_caller_is_told() {
    let calls =
        "GET /Invoices\nGET /Employees\nGET /Reports/BankStatement\nfinanceApi.getAccountingActivityLockHistory()";
    let required = required_by(calls);
    assert_eq!(required.scopes, ["accounting.invoices.read"]);
    assert_eq!(required.unresolved.len(), 3, "{:?}", required.unresolved);
    assert!(required.unresolved.iter().all(|call| call.why == Why::Withdrawn && call.note.is_some()));
    let every = ScopeSet::from_names(SCOPES.iter().map(|scope| scope.name));
    let found = check(&every, resolve(calls), &ConnectionFacts::default(), date("2026-11-23"));
    assert!(!found.allowed, "nothing opens what is gone");
    assert!(found.findings.iter().any(|finding| finding.message.contains("Xero withdrew")), "{:?}", found.findings);
}

#[test]
fn assessments_are_what_the_vectors_say() {
    for case in vectors(include_str!("vectors/policy-assess.json")) {
        let name = &case["name"];
        let found = assess(&scopes(&case, "scopes"), &connection(&case), date(text(&case, "on")));
        let json = serde_json::to_value(&found.findings).expect("JSON");
        let findings = json.as_array().expect("a list");
        for wanted in case["has"].as_array().expect("a list") {
            let is_wanted = |one: &&Value| {
                serde_json::json!([one["rule"], one["kind"], one["severity"], one["daysLeft"]]) == *wanted
            };
            assert!(findings.iter().any(|one| is_wanted(&one)), "{name}: no {wanted} in {json:#}");
        }
        for kind in list(&case["lacks"]) {
            assert!(findings.iter().all(|one| one["kind"] != kind), "{name}: {kind} in {json:#}");
        }
        for rule in list(&case["silent"]) {
            assert!(findings.iter().all(|one| one["rule"] != rule), "{name}: {rule} in {json:#}");
        }
        for says in case["says"].as_array().into_iter().flatten() {
            let (rule, part) = (says[0].as_str(), says[1].as_str().expect("a text"));
            let mut of_rule = findings.iter().filter(|one| one["rule"].as_str() == rule);
            assert!(of_rule.any(|one| text(one, "message").contains(part)), "{name}: {says} in {json:#}");
        }
    }
}

#[test]
fn plans_are_what_the_vectors_say() {
    for case in vectors(include_str!("vectors/policy-plan.json")) {
        let name = &case["name"];
        let (from, to) = (scopes(&case, "from"), scopes(&case, "to"));
        let question = PlanQuestion {
            from: from.clone(),
            to: to.clone(),
            details: PlanDetails { switch_organisation: case["organisation"] == "switch", ..PlanDetails::default() },
            ..PlanQuestion::default()
        };
        let found = plan(&question, &connection(&case), date(text(&case, "on")));
        let json = serde_json::to_value(&found).expect("JSON");
        let words = |value: &Value| list(value).join(" ");
        let rows = |key: &str| json[key].as_array().expect("a list").iter();
        let steps: Vec<Value> = rows("steps")
            .map(|step| serde_json::json!([step["kind"], words(&step["adds"]), words(&step["removes"])]))
            .collect();
        assert_eq!(Value::from(steps), case["steps"], "{name}");
        let doors: Vec<&str> = found.one_way_doors.iter().map(|door| door.scope).collect();
        assert_eq!(doors, list(&case["doors"]), "{name}");
        let refused: Vec<Value> =
            rows("refused").map(|one| serde_json::json!([one["scope"], one["why"]["rule"]])).collect();
        assert_eq!(Value::from(refused), case["refused"], "{name}");
        let kept: Vec<&str> = found.kept.iter().map(|one| one.scope.as_str()).collect();
        assert_eq!(kept, list(&case["kept"]), "{name}");
        assert_eq!(json["rollback"]["possible"], case["rollback"], "{name}");
        assert_eq!(json["deadline"]["daysLeft"], case["daysLeft"], "{name}");
        let cautious = found.cautious.map_or(Value::Null, |cautious| {
            let steps: Vec<Value> = cautious.steps.iter().map(|step| serde_json::to_value(step.kind).expect("JSON")).collect();
            serde_json::json!({ "recommended": cautious.recommended, "scopes": cautious.scopes.join(" "), "steps": steps })
        });
        assert_eq!(cautious, case["cautious"], "{name}");
        assert_eq!(json["email"].is_null(), found.steps.is_empty() || case["app"] == "app", "{name}");
        for says in list(&case["says"]) {
            assert!(found.markdown.contains(says), "{name}: no {says} in\n{}", found.markdown);
        }
        for silent in list(&case["silent"]) {
            assert!(!json.to_string().contains(silent), "{name}: {silent} in {json:#}");
        }
        let doors_at = found.markdown.find("cannot be undone").expect("a heading");
        assert!(doors_at < found.markdown.find("## Steps").expect("a heading"), "{name}");
    }
}

#[test]
fn every_operation_is_mapped_or_listed_with_the_reason() {
    let all: Vec<Entry> = Entry::all().collect();
    assert_eq!(all.len(), 484);
    let found = least(&all);
    let shut: BTreeSet<&str> = found.unopenable.iter().map(|one| one.operation.as_str()).collect();
    assert_eq!(shut.len(), found.unopenable.len());
    for op in &all {
        let key = op.operation().key();
        let openers: Vec<&str> =
            found.per_scope.iter().filter(|scope| scope.needed_by.contains(&key)).map(|scope| scope.scope).collect();
        assert_eq!(openers.is_empty(), shut.contains(key.as_str()), "{key}");
        for name in openers {
            let id = ScopeId::named(name).expect("a scope");
            assert!(op.operation().needs().granular.contains(id), "{key}: {name}");
            assert_eq!(id.row().map(|row| row.held), Some(Held::Yes), "{key}: {name}");
        }
    }
    for one in &found.unopenable {
        assert_ne!(one.held, Held::Yes, "{one:?}");
        assert!(one.reason.text.len() > 30, "{one:?}");
    }
}

/// Every minimal set, by the words of its definition and nothing else: best first.
fn brute(wanted: &[Entry]) -> Vec<Mask> {
    let opens = |id: ScopeId, op: &Entry| op.operation().needs().any().contains(id);
    let held = |id: ScopeId| id.row().is_some_and(|row| row.held == Held::Yes);
    let wanted: Vec<&Entry> = wanted.iter().filter(|op| op.facts().held == Held::Yes).collect();
    let granular = |op: &Entry| -> Vec<ScopeId> {
        let all: Vec<ScopeId> = op.operation().needs().granular.iter().filter(|id| held(*id)).collect();
        // Where the sources contradict each other, the specification decides, if it names any of them.
        let founded: Vec<ScopeId> = all.iter().copied().filter(|id| op.facts().spec_scopes.contains(*id)).collect();
        if op.facts().uncertain && !founded.is_empty() { founded } else { all }
    };
    let mut pool: Vec<ScopeId> = wanted.iter().flat_map(|op| granular(op)).collect();
    pool.sort_unstable();
    pool.dedup();
    let mask = |subset: usize| -> Mask {
        let chosen = pool.iter().enumerate().filter(|(bit, _)| subset >> bit & 1 == 1);
        chosen.fold(Mask::EMPTY, |mask, (_, id)| mask.union(Mask::only(*id)))
    };
    let covers = |mask: Mask| wanted.iter().all(|op| granular(op).into_iter().any(|id| mask.contains(id)));
    let covering: Vec<Mask> = (0..1_usize << pool.len()).map(mask).filter(|mask| covers(*mask)).collect();
    let size = covering.iter().map(|mask| mask.len()).min().expect("everything covers");
    let opened = |id: ScopeId| -> BTreeSet<u16> { Entry::all().filter(|op| opens(id, op)).map(Entry::row).collect() };
    let opened: Vec<BTreeSet<u16>> = pool.iter().map(|id| opened(*id)).collect();
    let less = |a: usize, b: usize| opened[a] != opened[b] && opened[a].is_subset(&opened[b]);
    let narrow = |set: &Mask| {
        (0..pool.len()).filter(|wide| set.contains(pool[*wide])).all(|wide| {
            let rest = set.difference(Mask::only(pool[wide]));
            (0..pool.len()).all(|other| !less(other, wide) || !covers(rest.union(Mask::only(pool[other]))))
        })
    };
    let mut found: Vec<Mask> = covering.into_iter().filter(|mask| mask.len() == size).filter(narrow).collect();
    let reach = |mask: Mask| Entry::all().filter(|op| mask.iter().any(|id| opens(id, op))).count();
    found.sort_by_key(|mask| (reach(*mask), mask.iter().map(ScopeId::name).collect::<Vec<_>>()));
    found
}

fn names(mask: Mask) -> Vec<&'static str> {
    mask.iter().map(ScopeId::name).collect()
}

/// Operations that are hard to cover: mostly those that several families open, and their neighbours.
fn draw(random: &mut Random, most: usize) -> Vec<Entry> {
    let all: Vec<Entry> = Entry::all().collect();
    let hard: Vec<Entry> = all.iter().copied().filter(|op| op.operation().needs().granular.len() != 1).collect();
    let ambiguous: Vec<Entry> = hard
        .iter()
        .copied()
        .filter(|op| {
            let names = names(op.operation().needs().granular);
            names.iter().any(|name| !name.starts_with(names[0].trim_end_matches(".read")))
        })
        .collect();
    assert!(ambiguous.len() >= 10);
    let near: Vec<Entry> = all
        .iter()
        .copied()
        .filter(|op| {
            let mask = op.operation().needs().granular;
            ambiguous.iter().any(|other| mask.intersects(other.operation().needs().granular))
        })
        .collect();
    (0..random.index(most + 1))
        .map(|_| match random.below(4) {
            0 => random.pick(&all),
            1 => random.pick(&near),
            _ => random.pick(&ambiguous),
        })
        .collect()
}

#[test]
fn the_least_is_what_brute_force_finds() {
    let mut random = Random::seeded();
    let mut with_alternatives = 0;
    for round in 0..DRAWS / 4 {
        let wanted = draw(&mut random, 6);
        let keys: Vec<String> = wanted.iter().map(|op| op.operation().key()).collect();
        let found = least(&wanted);
        let all: Vec<Vec<&str>> = [found.scopes.clone()].into_iter().chain(found.alternatives).collect();
        let expected: Vec<Vec<&str>> = brute(&wanted).into_iter().map(names).collect();
        assert_eq!(all, expected, "round {round}: {keys:?}");
        with_alternatives += usize::from(expected.len() > 1);
    }
    assert!(with_alternatives > 0, "the draw never left a choice");
}

#[test]
fn the_least_allows_everything_and_nothing_of_it_can_go() {
    let mut random = Random::seeded();
    let (newer, on) =
        (ConnectionFacts { created_on: Some(date("2026-04-29")), ..ConnectionFacts::default() }, date("2026-11-24"));
    for round in 0..DRAWS {
        let wanted = draw(&mut random, 40);
        let found = least(&wanted);
        let can_open = |op: &&Entry| found.unopenable.iter().all(|one| one.operation != op.operation().key());
        let calls = Resolved::of_operations(wanted.iter().filter(can_open).map(|op| op.row()));
        let scopes = ScopeSet::from_names(found.scopes.iter().copied());
        let checked = check(&scopes, calls.clone(), &newer, on);
        assert!(checked.allowed || checked.calls.is_empty(), "round {round}: {:?}", checked.calls);
        assert!(checked.unused.is_empty() && checked.broad.is_empty(), "round {round}: {checked:?}");
        for name in &found.scopes {
            let without = scopes.difference(&ScopeSet::from_scope_param(name));
            let broken = check(&without, calls.clone(), &newer, on);
            assert!(!broken.allowed, "round {round}: {name} can go");
            assert!(!broken.missing.is_empty(), "round {round}");
        }
        let mut backwards = wanted.clone();
        backwards.reverse();
        assert_eq!(least(&backwards), found, "round {round}");
    }
}

/// Every place where the JSON cites something cites a source and a rule of the catalogue. Returns how many there are.
fn cited(json: &Value) -> usize {
    let is_source = |source: &Value| {
        let row = SOURCES.iter().find(|row| Some(row.key) == source["key"].as_str());
        row.is_some_and(|row| Some(row.title) == source["title"].as_str() && row.url == source["url"].as_str())
    };
    match json {
        Value::Array(items) => items.iter().map(cited).sum(),
        Value::Object(fields) => {
            let says = ["text", "message"].iter().any(|key| fields.contains_key(*key));
            let remark = fields.contains_key("sources");
            if remark {
                let sources = json["sources"].as_array().expect("a list");
                assert!(!sources.is_empty() && sources.iter().all(is_source), "{json}");
            } else if says {
                assert!(is_source(&json["source"]), "{json}");
                assert!(RULES.iter().any(|row| Some(row.id) == json["rule"].as_str()), "{json}");
                assert!(json["confidence"].is_string(), "{json}");
            }
            usize::from(says) + fields.values().map(cited).sum::<usize>()
        }
        _ => 0,
    }
}

/// The rules that the JSON cites, and every text in it.
fn rules_and_texts<'a>(json: &'a Value, rules: &mut BTreeSet<&'a str>, texts: &mut Vec<&'a str>) {
    match json {
        Value::Array(items) => items.iter().for_each(|item| rules_and_texts(item, rules, texts)),
        Value::Object(fields) => {
            rules.extend(json["rule"].as_str());
            fields.values().for_each(|field| rules_and_texts(field, rules, texts));
        }
        Value::String(text) => texts.push(text),
        _ => {}
    }
}

#[test]
fn no_answer_about_one_kind_of_app_rests_on_a_rule_about_another() {
    let mut random = Random::seeded();
    for round in 0..DRAWS {
        let (scopes, to) = (some_scopes(&mut random), some_scopes(&mut random));
        let (connection, on) = (some_connection(&mut random), some_day(&mut random));
        let calls = Resolved::of_operations(draw(&mut random, 10).iter().map(|op| op.row()));
        let details = PlanDetails { switch_organisation: random.one_in(4), ..PlanDetails::default() };
        let question = PlanQuestion { from: scopes.clone(), to, details, ..PlanQuestion::default() };
        let answers = serde_json::json!([
            required(calls.clone(), &scopes, &connection, on),
            check(&scopes, calls, &connection, on),
            assess(&scopes, &connection, on),
            plan(&question, &connection, on),
        ]);
        let (mut rules, mut texts) = (BTreeSet::new(), Vec::new());
        rules_and_texts(&answers, &mut rules, &mut texts);
        for rule in rules {
            let row = RULES.iter().find(|row| row.id == rule).expect("a rule");
            assert!(
                row.apps.contains(&connection.app),
                "round {round}: {rule} about {:?}: {answers:#}",
                connection.app
            );
        }
        if connection.app != AppKind::Custom {
            for own in ["deactivat", "switches the connection off", "switches it off", "custom connection cannot"] {
                let found = texts.iter().find(|text| text.contains(own));
                assert_eq!(found, None, "round {round}: {own} about {:?}", connection.app);
            }
        }
    }
}

#[test]
fn every_sentence_cites_and_every_rule_is_there() {
    let mut random = Random::seeded();
    for round in 0..DRAWS {
        let (scopes, to) = (some_scopes(&mut random), some_scopes(&mut random));
        let (connection, on) = (some_connection(&mut random), some_day(&mut random));
        let assessed = assess(&scopes, &connection, on);
        let rules: BTreeSet<&str> = assessed.findings.iter().map(|finding| finding.rule).collect();
        let of_kind = RULES.iter().filter(|row| row.apps.contains(&connection.app));
        assert_eq!(rules, of_kind.map(|row| row.id).collect(), "round {round}");
        assert!(assessed.findings.is_sorted_by_key(|finding| finding.severity), "round {round}");
        let wanted = draw(&mut random, 10);
        let calls = Resolved::of_operations(wanted.iter().map(|op| op.row()));
        let checked = check(&scopes, calls.clone(), &connection, on);
        let change = planned(&connection, &scopes, &to, on);
        let mut narrowed = scopes.clone();
        for name in checked.unused.iter().map(String::as_str).chain(checked.broad.iter().map(|one| one.scope)) {
            narrowed = narrowed.difference(&ScopeSet::from_scope_param(name));
        }
        let instead = checked.broad.iter().flat_map(|one| one.instead.iter().copied());
        narrowed = narrowed.union(&ScopeSet::from_names(instead));
        let after = check(&narrowed, calls.clone(), &connection, on);
        for (before, after) in checked.calls.iter().zip(&after.calls) {
            assert!(!before.allowed || after.allowed, "round {round}: {scopes} to {narrowed}: {after:?}");
        }
        let json = serde_json::json!([assessed, checked, change, least(&wanted)]);
        assert!(cited(&json) >= rules.len(), "round {round}");
        let again = serde_json::json!([
            assess(&scopes, &connection, on),
            check(&scopes, calls.clone(), &connection, on),
            planned(&connection, &scopes, &to, on),
            least(&wanted)
        ]);
        assert_eq!(json.to_string(), again.to_string(), "round {round}");
    }
}

#[test]
fn a_call_that_may_be_several_needs_all_and_an_unknown_one_is_never_allowed() {
    let (connection, on) = (ConnectionFacts::default(), date("2026-11-24"));
    let judge = |scopes: &str, calls: &str| check(&ScopeSet::from_scope_param(scopes), resolve(calls), &connection, on);

    let ambiguous = "xero.getTimesheets(id)";
    let of_all = required_by(ambiguous);
    let keys: Vec<&str> = of_all.per_scope.iter().flat_map(|one| &one.needed_by).map(String::as_str).collect();
    assert!(keys.len() > 1 && keys.iter().all(|key| key.ends_with(".getTimesheets")), "{keys:?}");
    assert!(of_all.calls[0].ambiguous);
    let checked = judge(&of_all.scopes.join(" "), ambiguous);
    assert!(checked.allowed && checked.calls.len() == keys.len(), "{checked:?}");
    let doubt = checked.findings.iter().find(|finding| finding.kind == FindingKind::Uncertain).expect("a doubt");
    assert!(keys.iter().all(|key| doubt.message.contains(key)), "{}", doubt.message);
    let checked = judge("accounting.invoices.read", "\nGET /Invoices\nGET /Invoces\nGET /Nothing");
    assert!(checked.calls[0].allowed && checked.calls[0].line == 2 && checked.calls[0].at == 1, "{checked:?}");
    assert!(!checked.allowed && checked.unresolved.len() == 2, "{checked:?}");
    let worst = &checked.findings[0];
    assert_eq!((worst.kind, worst.severity), (FindingKind::Unresolved, Severity::Error));
    assert!(
        ["GET /Invoces is", "(line 3), and 1 more place"].iter().all(|part| worst.message.contains(part)),
        "{}",
        worst.message
    );
    assert!(required_by("GET /Invoces").scopes.is_empty());
}

#[test]
fn a_plan_gives_what_was_wanted() {
    let mut random = Random::seeded();
    let (mut doors, mut refused) = (0, 0);
    for round in 0..DRAWS {
        let (from, to) = (some_scopes(&mut random), some_scopes(&mut random));
        let (connection, on) = (some_connection(&mut random), some_day(&mut random));
        let found = planned(&connection, &from, &to, on);
        let context = || format!("round {round}: {from} to {to}, {connection:?}, {on}");
        let left_out = ScopeSet::from_names(found.refused.iter().map(|one| one.scope.as_str()));
        let kept = ScopeSet::from_names(found.kept.iter().map(|one| one.scope.as_str()));
        let result = found.apply(&from);
        assert_eq!(result, to.difference(&left_out).union(&kept), "{}", context());
        assert_eq!(result, ScopeSet::from_names(found.scopes.iter().map(String::as_str)), "{}", context());
        assert!(left_out.difference(&from).len() == left_out.len(), "{}", context());
        assert!(found.steps.is_sorted_by_key(|step| step.kind), "{}", context());
        let gone = from.difference(&result);
        for door in &found.one_way_doors {
            assert!(gone.contains(door.scope), "{}", context());
            assert!(!found.scopes.is_empty() || found.refused.is_empty(), "{}", context());
            assert!(!found.rollback.possible && found.cautious.is_some(), "{}", context());
            assert!(found.markdown.contains(door.scope), "{}", context());
        }
        if let Some(cautious) = &found.cautious {
            let kept = ScopeSet::from_names(cautious.scopes.iter().map(String::as_str));
            assert!(kept.covers(&from), "{}", context());
            // What it leaves out for now opens nothing that is not open.
            let undated = ConnectionFacts { created_on: None, ..connection.clone() };
            let all = || Resolved::of_operations(Entry::all().map(Entry::row));
            let [with, without] = [&result, &kept].map(|scopes| check(scopes, all(), &undated, on).calls);
            for (with, without) in with.iter().zip(&without) {
                assert!(!with.allowed || without.allowed, "{}: {}", context(), with.operation);
            }
        }
        // If the way back is open, the plan back refuses nothing.
        let back = planned(&connection, &result, &from, on);
        if found.rollback.possible {
            assert!(back.refused.is_empty(), "{}: {:?}", context(), back.refused);
            let kept = ScopeSet::from_names(back.kept.iter().map(|one| one.scope.as_str()));
            assert_eq!(back.apply(&result), from.union(&kept), "{}", context());
        }
        let on_paper = found.email.iter().map(|email| &email.body).chain([&found.markdown]);
        assert!(on_paper.into_iter().all(|text| !text.contains("ann_lee@example.com\n")), "{}", context());
        assert!(!found.markdown.contains(" # Heading"), "{}", context());
        doors += found.one_way_doors.len();
        refused += found.refused.len();
    }
    assert!(doors > 0 && refused > 0, "the draw was too tame");
}

#[test]
fn a_ticket_and_a_message_tell_the_whole_plan() {
    let connection = ConnectionFacts {
        created_on: Some(date("2025-01-31")),
        authorising_user: Some("Ann Lee".to_owned()),
        ..ConnectionFacts::default()
    };
    let from = ScopeSet::from_scope_param("accounting.transactions accounting.contacts");
    let to = ScopeSet::from_scope_param("accounting.invoices accounting.contacts.read");
    let found = planned(&connection, &from, &to, date("2026-11-24"));
    for part in [
        "# Change the scopes of a Xero custom connection",
        "31 January 2025",
        "Ann Lee gets an e-mail",
        "replace accounting.transactions by accounting.invoices",
        "281 days left",
        "13 September 2027",
        "accounting.getReceipts",
        "https://developer.xero.com/faq/custom-integration",
    ] {
        let ticket = found.markdown.to_lowercase();
        assert!(ticket.contains(&part.to_lowercase()), "no {part} in\n{}", found.markdown);
    }
    let email = found.email.expect("something changes");
    assert!(!email.subject.contains('\n'));
    assert!(!email.body.contains("R11"), "{}", email.body);
}

/// Scopes, connection, calls; then the required scopes, the kept ones among them, and the number of calls that nothing opens.
type Case<'a> = (&'a str, &'a ConnectionFacts, &'a str, &'a [&'a str], &'a [&'a str], usize);

#[test]
fn what_a_connection_is_and_has_adds_to_what_its_calls_require() {
    let older = ConnectionFacts { created_on: Some(date("2025-06-01")), ..ConnectionFacts::default() };
    let newer = ConnectionFacts { created_on: Some(date("2026-06-01")), ..ConnectionFacts::default() };
    let nothing = ConnectionFacts::default();
    let cases: [Case<'_>; 11] = [
        ("", &nothing, "GET /Journals", &[], &[], 1),
        ("", &older, "GET /Journals", &["accounting.journals.read"], &["accounting.journals.read"], 0),
        ("", &newer, "GET /Journals", &[], &[], 1),
        (
            "accounting.journals.read",
            &nothing,
            "GET /Journals",
            &["accounting.journals.read"],
            &["accounting.journals.read"],
            0,
        ),
        // The scope and the day contradict each other, and what the connection has is not given away on a day that may be wrong.
        (
            "accounting.journals.read",
            &newer,
            "GET /Journals",
            &["accounting.journals.read"],
            &["accounting.journals.read"],
            0,
        ),
        (
            "accounting.transactions accounting.transactions.read",
            &older,
            "GET /Receipts\nGET /Invoices",
            // Both are named by a source for a call in doubt.
            &["accounting.invoices.read", "accounting.transactions", "accounting.transactions.read"],
            &["accounting.transactions", "accounting.transactions.read"],
            0,
        ),
        ("", &older, "GET /Receipts", &[], &[], 1),
        (
            "payroll.employees",
            &newer,
            "payroll-uk.createEmployeeStatutorySickLeave",
            &["payroll.employees", "payroll.settings"],
            &["payroll.employees"],
            0,
        ),
        (
            "accounting.attachments",
            &newer,
            "GET /Quotes/1/Attachments",
            &["accounting.attachments"],
            &["accounting.attachments"],
            0,
        ),
        ("accounting.invoices", &newer, "GET /Contacts", &["accounting.contacts.read"], &[], 0),
        ("app.connections", &older, "GET /connections", &[], &[], 1),
    ];
    for (scopes, connection, calls, required_scopes, kept, unopenable) in cases {
        let found = required(resolve(calls), &ScopeSet::from_scope_param(scopes), connection, date("2026-11-24"));
        let context = format!("{calls:?} with {scopes:?}: {found:?}");
        assert_eq!(found.scopes, required_scopes, "{context}");
        assert_eq!(found.kept.iter().map(|one| one.scope).collect::<Vec<_>>(), kept, "{context}");
        assert_eq!(found.unopenable.len(), unopenable, "{context}");
        assert!(found.kept.iter().all(|one| !one.why.operations.is_empty()), "{context}");
        assert!(found.alternatives.iter().all(|set| kept.iter().all(|name| set.contains(name))), "{context}");
    }
    // Whether it can still be added is not known where it is known not to be there.
    let lacks = ScopeSet::from_scope_param("accounting.contacts");
    let found = required(resolve("GET /Journals"), &lacks, &older, date("2026-11-24"));
    assert!(found.kept[0].why.text.ends_with("is not certain"), "{:?}", found.kept);
}

#[test]
fn a_doubt_is_said_once_and_knows_its_calls() {
    let calls = "GET /Quotes/1/Attachments\nGET /Invoices\nGET /Quotes/1/Attachments/2\nGET /Contacts";
    let found = required_by(calls);
    let [doubt] = &found.uncertain[..] else { panic!("{:?}", found.uncertain) };
    assert_eq!(doubt.operations, ["accounting.getQuoteAttachments", "accounting.getQuoteAttachmentById"]);
    let none = ConnectionFacts::default();
    let scopes = ScopeSet::from_scope_param("accounting.attachments.read accounting.transactions accounting.contacts");
    let checked = check(&scopes, resolve(calls), &none, date("2026-11-24"));
    let of = |part: &str| -> Vec<&[usize]> {
        checked.findings.iter().filter(|one| one.message.contains(part)).map(|one| &one.calls[..]).collect()
    };
    assert_eq!(of("does not list Quotes"), [[0, 2]], "{:#?}", checked.findings);
    // The doubt about a scope is that of the calls that it alone opens.
    assert_eq!(of("when this one was created"), [[1]], "{:#?}", checked.findings);
    let checked =
        check(&ScopeSet::from_scope_param("files"), resolve("GET /Items\nGET /Contacts"), &none, date("2026-11-24"));
    let missing: Vec<&[usize]> =
        checked.findings.iter().filter(|one| one.kind == FindingKind::Missing).map(|one| &one.calls[..]).collect();
    assert_eq!(missing, [&[1], &[0]]);
}

/// A plan from broad scopes, with its cautious one.
fn two_plans(sender: Option<&str>) -> ChangePlan {
    let connection = ConnectionFacts {
        created_on: Some(date("2025-01-31")),
        authorising_user: Some("Ann Lee".to_owned()),
        ..ConnectionFacts::default()
    };
    let question = PlanQuestion {
        from: ScopeSet::from_scope_param("accounting.transactions accounting.contacts"),
        to: ScopeSet::from_scope_param("accounting.invoices accounting.contacts.read"),
        details: PlanDetails {
            sender: sender.map(str::to_owned),
            approve_by: Some(date("2026-12-05")),
            ..PlanDetails::default()
        },
        ..PlanQuestion::default()
    };
    plan(&question, &connection, date("2026-11-24"))
}

#[test]
fn each_of_two_plans_has_a_ticket_and_a_message_of_its_own() {
    let full = two_plans(None);
    let cautious = full.cautious.as_ref().expect("a way of no return");
    assert_eq!(full.recommended, Which::Cautious);
    assert!(cautious.recommended);
    let (full_email, careful_email) =
        (full.email.as_ref().expect("a change"), cautious.email.as_ref().expect("a change"));
    // The list of each message is that of its plan, and each ticket has the steps of its plan.
    for (scopes, email, ticket, steps) in [
        (&full.scopes, full_email, &full.markdown, &full.steps),
        (&cautious.scopes, careful_email, &cautious.markdown, &cautious.steps),
    ] {
        let list = email.body.split("What our program will be allowed to do").nth(1).expect("a list");
        let list = list.split("What it will no longer").next().expect("a list");
        let shown: BTreeSet<&str> = list.split(['(', ')']).filter(|text| ScopeId::named(text).is_some()).collect();
        assert_eq!(shown, scopes.iter().map(String::as_str).collect(), "{}", email.body);
        let written = ticket.split("## Steps").nth(1).and_then(|rest| rest.split("##").next()).expect("steps");
        assert_eq!(written.matches("\n1. ").count(), 1);
        assert!(
            written.contains(&format!("\n{}. ", steps.len())) && !written.contains(&format!("\n{}. ", steps.len() + 1))
        );
    }
    assert!(!careful_email.body.contains("no longer"), "{}", careful_email.body);
    assert!(full_email.body.contains("no longer"), "{}", full_email.body);
    assert!(cautious.markdown.contains("cautious plan, which is recommended today"), "{}", cautious.markdown);
    assert!(full.markdown.contains("is recommended today and has a ticket of its own"), "{}", full.markdown);
    assert!(cautious.markdown.contains("## What cannot be undone\n\nNothing.\n"), "{}", cautious.markdown);
    assert!(cautious.rollback.possible && !full.rollback.possible);
    assert!(cautious.keeps_working.lost.is_empty());
}

#[test]
fn program_and_organisation_are_named_in_ticket_and_message_where_their_names_are_given() {
    let details = |switch_organisation| PlanDetails {
        switch_organisation,
        program: Some("Ledger\nBot".to_owned()),
        organisation_name: Some("Acme *Ltd*".to_owned()),
        ..PlanDetails::default()
    };
    for (from, switches, subject, sentences) in [
        (
            "",
            false,
            "Please approve the connection of Ledger Bot to your Xero",
            [
                "We look after Ledger Bot, a program that will work with your Xero organisation, Acme *Ltd*. Xero",
                "Choose the organisation Acme *Ltd*.",
            ],
        ),
        (
            "accounting.contacts",
            false,
            "Please approve the connection of Ledger Bot to your Xero again",
            [
                "We look after Ledger Bot, the program that works with your Xero organisation, Acme *Ltd*, and we are",
                "Choose the same organisation as before, Acme *Ltd*.",
            ],
        ),
        (
            "accounting.contacts",
            true,
            "Please connect Ledger Bot to the other Xero organisation",
            [
                "another one of your organisations, Acme *Ltd*. Xero",
                "Choose the other organisation, Acme *Ltd*, not the previous one.",
            ],
        ),
    ] {
        let question = PlanQuestion {
            from: ScopeSet::from_scope_param(from),
            to: ScopeSet::from_scope_param("accounting.invoices"),
            details: details(switches),
            ..PlanQuestion::default()
        };
        let found = plan(&question, &ConnectionFacts::default(), date("2026-11-24"));
        let email = found.email.expect("something changes");
        assert_eq!(email.subject, subject);
        for part in sentences.iter().chain(&["What Ledger Bot will be allowed to do", "Until then Ledger Bot can"]) {
            assert!(email.body.contains(part), "no {part:?} in\n{}", email.body);
        }
        assert!(!email.body.contains("our program"), "{}", email.body);
        assert!(
            found.markdown.contains("- Program: Ledger Bot\n- Organisation: Acme \\*Ltd\\*\n"),
            "{}",
            found.markdown
        );
        // A blank name is no name.
        let details = PlanDetails { program: Some(" ".to_owned()), ..PlanDetails::default() };
        let plain =
            plan(&PlanQuestion { details, ..question.clone() }, &ConnectionFacts::default(), date("2026-11-24"));
        assert!(plain.email.expect("something changes").body.contains("What our program will be allowed to do"));
    }
}

#[test]
fn a_message_can_be_sent_to_somebody_who_keeps_books() {
    let plan = two_plans(Some("Rob Hall, Acme Software"));
    let body = &plan.email.expect("something changes").body;
    for part in [
        "Hello Ann Lee,",
        "We look after the program",
        "What you will see",
        "What to do",
        "Click Connect",
        "By when",
        "no later than 5 December 2026",
        "See and change:\n- invoices, bills and related sales and purchase documents (accounting.invoices)",
        "See:\n- contacts and contact groups (accounting.contacts.read)",
        "does not give this back to the program: all business transactions (accounting.transactions)",
        "Thank you,\nRob Hall, Acme Software",
    ] {
        assert!(body.contains(part), "no {part} in\n{body}");
    }
    // No rule, no source, no address, and nothing for developers.
    for part in ["R11", "http", "scope", "token", "deactivate", "OpenAPI"] {
        assert!(!body.contains(part), "{part} in\n{body}");
    }
}

#[test]
fn the_plan_of_a_new_connection_speaks_of_creating_and_not_of_again() {
    let question = PlanQuestion { to: ScopeSet::from_scope_param("accounting.invoices"), ..PlanQuestion::default() };
    let found = plan(&question, &ConnectionFacts::default(), date("2026-11-24"));
    let email = found.email.clone().expect("something to do");
    let texts = serde_json::to_string(&found).expect("JSON");
    assert!(!texts.contains(" again") && !texts.contains("deactivate"), "{texts}");
    assert!(found.markdown.contains("1. Create a custom connection"), "{}", found.markdown);
    assert_eq!(email.subject, "Please approve our connection to your Xero");
}

#[test]
fn what_is_left_out_of_a_plan_is_said_in_plan_ticket_and_message() {
    let question = PlanQuestion {
        from: ScopeSet::from_scope_param("accounting.contacts accounting.invoices"),
        to: ScopeSet::from_scope_param("accounting.contacts.read accounting.invoicse"),
        ..PlanQuestion::default()
    };
    let found = plan(&question, &ConnectionFacts::default(), date("2026-11-24"));
    assert_eq!(found.unknown[0].suggestion, Some("accounting.invoices"));
    assert_eq!(found.refused[0].scope, "accounting.invoicse");
    assert!(found.scopes.iter().all(|scope| scope != "accounting.invoicse"));
    let body = &found.email.as_ref().expect("contacts change").body;
    for text in [&found.markdown, body] {
        assert!(text.contains("accounting.invoicse"), "{text}");
    }
}

#[test]
fn a_switch_of_the_organisation_is_written_down_for_its_user() {
    let scopes = ScopeSet::from_scope_param("accounting.invoices");
    let question = PlanQuestion { from: scopes.clone(), to: scopes, details: switch(), ..PlanQuestion::default() };
    let found = plan(&question, &ConnectionFacts::default(), date("2026-11-24"));
    let email = found.email.expect("something to do");
    assert!(email.body.contains("Choose the other organisation, not the previous one"), "{}", email.body);
    assert_eq!(email.subject, "Please connect our program to the other Xero organisation");
    let said: Vec<&str> = found.keeps_working.meanwhile.iter().map(|claim| claim.text.as_str()).collect();
    for part in ["tokens already issued is not documented", "broad scopes is not documented"] {
        assert!(said.iter().any(|text| text.contains(part)), "{said:?}");
    }
}

#[test]
fn countries_are_read_by_their_codes() {
    let cases = [
        ("AU", Some(Region::Au)),
        ("gb", Some(Region::Uk)),
        ("UK", Some(Region::Uk)),
        ("SG", Some(Region::Other)),
        ("de", Some(Region::Other)),
        ("other", Some(Region::Other)),
        ("XX", None),
        ("Germany", None),
        ("", None),
        ("A U", None),
    ];
    for (text, region) in cases {
        assert_eq!(Region::parse(text), region, "{text}");
    }
}

#[test]
fn scopes_that_something_not_understood_may_need_are_neither_unused_nor_planned_away() {
    let held = ScopeSet::from_scope_param("accounting.invoices.read accounting.payments files");
    let (nothing, on) = (ConnectionFacts::default(), date("2026-11-24"));
    let calls = || resolve("GET /Invoices\nPOST /Paymnts");
    let checked = check(&held, calls(), &nothing, on);
    assert!(checked.unused.is_empty(), "{checked:?}");
    let needed = required(calls(), &held, &nothing, on);
    assert!(needed.scopes.contains(&"accounting.payments"), "{needed:?}");
    assert!(needed.kept.iter().any(|kept| kept.why.text.contains("not understood")), "{needed:?}");
    let question = PlanQuestion {
        from: held,
        to: ScopeSet::from_names(needed.scopes.iter().copied()),
        not_understood: needed.unresolved.len(),
        ..PlanQuestion::default()
    };
    let found = plan(&question, &nothing, on);
    assert_eq!(found.not_understood, 1);
    assert!(found.scopes.iter().any(|scope| scope == "accounting.payments"), "{found:?}");
    assert!(found.markdown.contains("1 call not understood"), "{}", found.markdown);
}

#[test]
fn without_any_call_nothing_is_allowed_and_nothing_is_unused() {
    let held = ScopeSet::from_scope_param("accounting.transactions accounting.contacts");
    for calls in [resolve("nothing here"), resolve(""), Resolved::of_operations([])] {
        let found = check(&held, calls, &ConnectionFacts::default(), date("2026-11-24"));
        assert!(!found.allowed && found.unused.is_empty() && found.broad.is_empty(), "{found:?}");
        let said = |text: &str| found.findings.iter().any(|finding| finding.message.contains(text));
        assert!(said("there were no calls") && found.reading.contains("no call"), "{found:?}");
    }
}

#[test]
fn an_operation_that_xero_has_ended_is_refused_and_needs_no_scope() {
    let held = ScopeSet::from_scope_param("accounting.transactions");
    let older = ConnectionFacts { created_on: Some(date("2025-06-01")), ..ConnectionFacts::default() };
    let at = |on: &str| {
        let checked = check(&held, resolve("GET /Receipts"), &older, date(on));
        (checked, required(resolve("GET /Receipts"), &held, &older, date(on)))
    };
    let (before, needed) = at("2027-01-31");
    assert_eq!(before.verdict, Verdict::Allowed);
    assert!(before.calls[0].uncertain.as_ref().is_some_and(|doubt| doubt.rule != "R37"), "{before:?}");
    assert_eq!(needed.scopes, ["accounting.transactions"]);
    let (within, needed) = at("2027-02-14");
    assert!(within.calls[0].uncertain.as_ref().is_some_and(|doubt| doubt.rule == "R37"), "{within:?}");
    assert!(needed.uncertain.iter().any(|doubt| doubt.rule == "R37"), "{needed:?}");
    let (after, needed) = at("2027-03-05");
    assert_eq!((after.verdict, after.allowed, after.calls[0].reason.rule), (Verdict::Refused, false, "R37"));
    assert!(after.missing.is_empty() && after.calls[0].missing.is_empty(), "{after:?}");
    assert!(needed.scopes.is_empty(), "{needed:?}");
    assert_eq!(needed.unopenable[0].reason.rule, "R37", "{needed:?}");
}

#[test]
fn a_country_without_custom_connections_is_said_in_every_answer() {
    let elsewhere = ConnectionFacts { region: Some(Region::Other), ..ConnectionFacts::default() };
    let (scopes, on) = (ScopeSet::from_scope_param("accounting.contacts.read"), date("2026-11-24"));
    let planned = planned(&elsewhere, &ScopeSet::default(), &scopes, on);
    assert!(planned.markdown.contains("this one is elsewhere"), "{}", planned.markdown);
    for findings in [
        check(&scopes, resolve("GET /Contacts"), &elsewhere, on).findings,
        required(resolve("GET /Contacts"), &scopes, &elsewhere, on).findings,
        planned.findings,
        assess(&scopes, &elsewhere, on).findings,
    ] {
        let is_said =
            |one: &&Finding| (one.rule, one.kind, one.severity) == ("R26", FindingKind::Unsuitable, Severity::Error);
        assert_eq!(findings.iter().filter(is_said).count(), 1, "{findings:?}");
    }
}

#[test]
fn a_switch_with_broad_scopes_is_a_door_of_which_no_source_says_that_it_opens_again() {
    let scopes = ScopeSet::from_scope_param("accounting.transactions accounting.contacts");
    let question = PlanQuestion { from: scopes.clone(), to: scopes, details: switch(), ..PlanQuestion::default() };
    let found = plan(&question, &ConnectionFacts::default(), date("2026-11-24"));
    let door = found.one_way_doors.first().expect("a door");
    assert_eq!((door.scope, door.why.rule), ("accounting.transactions", "R8"));
    assert!(door.loses.iter().any(|key| key == "accounting.getReceipts"), "{door:?}");
    // A granular scope for it can still be added.
    assert!(!door.loses.iter().any(|key| key == "accounting.getInvoices"), "{door:?}");
    assert!(!found.rollback.possible && found.cautious.is_none());
    let email = &found.email.as_ref().expect("a switch").body;
    assert!(!found.markdown.contains("## What cannot be undone\n\nNothing."), "{}", found.markdown);
    assert!(!email.contains("Good to know"), "nothing is removed: {email}");
}

#[test]
fn the_weaker_scope_of_cis_settings_is_neither_unused_nor_planned_away_while_the_row_is_in_doubt() {
    let held = ScopeSet::from_scope_param("accounting.contacts.read accounting.settings.read");
    let (nothing, on) = (ConnectionFacts::default(), date("2026-11-24"));
    let calls = || Resolved::of_keys(&["accounting.getContactCISSettings"], &[]).expect("a key");
    assert!(check(&held, calls(), &nothing, on).unused.is_empty());
    let needed = required(calls(), &held, &nothing, on);
    assert_eq!(needed.scopes, ["accounting.contacts.read", "accounting.settings.read"]);
    assert_eq!(required(calls(), &ScopeSet::default(), &nothing, on).scopes, ["accounting.settings.read"]);
}

#[test]
fn a_message_with_a_name_that_nobody_knows_is_a_draft() {
    let from = ScopeSet::from_scope_param("accounting.transaction accounting.contacts");
    let to = ScopeSet::from_scope_param("accounting.invoices accounting.contacts");
    let found = planned(&ConnectionFacts::default(), &from, &to, date("2026-11-24"));
    let email = found.email.expect("invoices come");
    assert!(email.subject.starts_with("[Draft: first look up accounting.transaction]"), "{}", email.subject);
    assert!(email.body.contains("still open on our side") && !email.body.contains("Not known to us"), "{}", email.body);
}

#[test]
fn a_place_that_was_not_read_makes_no_scope_unused() {
    let held = ScopeSet::from_scope_param("accounting.invoices.read accounting.contacts");
    let calls = Resolved { unread: 1, ..resolve("GET /Invoices") };
    let found = check(&held, calls, &ConnectionFacts::default(), date("2026-11-24"));
    assert_eq!((found.verdict, found.unused.len()), (Verdict::Unknown, 0), "{found:?}");
}

#[test]
fn the_plan_of_a_new_connection_says_that_it_is_paid_for() {
    let to = ScopeSet::from_scope_param("accounting.invoices");
    let paid = planned(&ConnectionFacts::default(), &ScopeSet::default(), &to, date("2026-11-24"));
    let email = paid.email.expect("something to do").body;
    assert!(
        email.contains("charges your organisation") && paid.markdown.contains("pays for the connection"),
        "{email}"
    );
    let demo = ConnectionFacts { demo: Some(true), ..ConnectionFacts::default() };
    let free = planned(&demo, &ScopeSet::default(), &to, date("2026-11-24"));
    let email = free.email.expect("something to do").body;
    assert!(!email.contains("charges") && free.markdown.contains("costs nothing"), "{email}");
}

#[test]
fn the_reason_for_a_write_that_the_specification_lacks_names_what_was_called() {
    for scopes in ["accounting.settings", "accounting.settings.read"] {
        let held = ScopeSet::from_scope_param(scopes);
        let found = check(&held, resolve("POST /Accounts"), &ConnectionFacts::default(), date("2026-11-23"));
        assert!(found.calls[0].reason.text.starts_with("POST /Accounts "), "{found:?}");
    }
}

#[test]
fn an_operation_of_another_countrys_api_is_refused_and_a_call_of_several_countries_is_one_of_this_country() {
    let held = ScopeSet::from_scope_param("payroll.employees");
    let of = |region: &str| ConnectionFacts { region: Region::parse(region), ..ConnectionFacts::default() };
    let checked = |calls: &str, region: &str| check(&held, resolve(calls), &of(region), date("2026-11-24"));
    for (calls, region) in [
        ("payroll-nz.getEmployees", "US"),
        ("payroll-nz.getEmployees", "SG"),
        ("GET /payroll.xro/2.0/Employees", "AU"),
        ("GET /payroll.xro/1.0/Employees", "UK"),
    ] {
        let found = checked(calls, region);
        assert_eq!((found.verdict, found.allowed), (Verdict::Refused, false), "{calls} {region}");
        assert!(found.calls[0].reason.text.contains("is for organisations in"), "{:?}", found.calls[0].reason);
        assert!(found.missing.is_empty() && found.calls[0].missing.is_empty(), "{found:?}");
        let needed = required(resolve(calls), &held, &of(region), date("2026-11-24"));
        assert!(needed.scopes.is_empty() && !needed.unopenable.is_empty(), "{needed:?}");
    }
    for region in ["NZ", "UK"] {
        let found = checked("GET /payroll.xro/2.0/Employees", region);
        assert_eq!(found.verdict, Verdict::Allowed, "{region}: {found:?}");
        assert_eq!(found.calls.len(), 1, "{region}");
        assert!(!found.findings.iter().any(|finding| finding.message.contains("name the API")), "{found:?}");
    }
    let unknown = check(&held, resolve("payroll-nz.getEmployees"), &ConnectionFacts::default(), date("2026-11-24"));
    assert_eq!(unknown.verdict, Verdict::Allowed);
}

#[test]
fn calls_that_the_scopes_open_are_not_plainly_allowed_beside_an_error() {
    let checked = |scopes: &str, region: Option<Region>, created: Option<&str>, on: &str| {
        let facts = ConnectionFacts { region, created_on: created.map(date), ..ConnectionFacts::default() };
        let found = check(&ScopeSet::from_scope_param(scopes), resolve("GET /Invoices"), &facts, date(on));
        (found.verdict, found.allowed)
    };
    let today = "2026-11-24";
    let with_errors = (Verdict::AllowedWithErrors, false);
    assert_eq!(checked("accounting.invoices.read", None, None, today), (Verdict::Allowed, true));
    assert_eq!(checked("accounting.invoices.read", Region::parse("SG"), None, today), with_errors);
    assert_eq!(checked("offline_access accounting.invoices.read", None, None, today), with_errors);
    assert_eq!(checked("accounting.transactions", None, Some("2025-01-01"), "2027-09-14"), with_errors);
}

#[test]
fn a_day_that_contradicts_the_scopes_decides_nothing() {
    let on = date("2026-11-24");
    for (app, created, from) in [
        (AppKind::Custom, "2026-04-29", "accounting.transactions accounting.journals.read"),
        (AppKind::Custom, "2026-05-01", "accounting.transactions accounting.settings"),
        (AppKind::Web, "2026-03-02", "accounting.transactions offline_access"),
    ] {
        let from = ScopeSet::from_scope_param(from);
        let facts = ConnectionFacts { app, created_on: Some(date(created)), ..ConnectionFacts::default() };
        let undated = ConnectionFacts { created_on: None, ..facts.clone() };
        let needed = required(resolve("GET /Invoices"), &from, &facts, on);
        let to = ScopeSet::from_names(needed.scopes.iter().copied());
        let (found, without) = (planned(&facts, &from, &to, on), planned(&undated, &from, &to, on));
        assert_eq!(found.one_way_doors, without.one_way_doors, "as without a day");
        assert!(!found.one_way_doors.is_empty() && found.recommended == Which::Cautious, "{app:?}: {found:?}");
        let said = |findings: &[Finding]| findings.iter().any(|one| one.message.contains("contradict each other"));
        assert!(said(&found.findings) && said(&needed.findings) && !said(&without.findings));
        assert!(
            found.markdown.contains("contradict each other") && !found.markdown.contains("\nNothing"),
            "{}",
            found.markdown
        );
    }
    // The general ledger stays in the set, as for a connection of an unknown age.
    let journals = ScopeSet::from_scope_param("accounting.journals.read");
    let facts = ConnectionFacts { created_on: Some(date("2026-04-29")), ..ConnectionFacts::default() };
    assert_eq!(required(resolve("GET /Journals"), &journals, &facts, on).scopes, ["accounting.journals.read"]);
}

#[test]
fn the_cautious_plan_adds_nothing_that_the_scopes_open_already() {
    let on = date("2026-11-24");
    let facts = ConnectionFacts { created_on: Some(date("2025-03-01")), ..ConnectionFacts::default() };
    let from = ScopeSet::from_scope_param("accounting.settings accounting.transactions");
    let cautious = |to: &str| planned(&facts, &from, &ScopeSet::from_scope_param(to), on).cautious.expect("two plans");
    assert!(cautious("accounting.settings.read").steps.is_empty(), "the connection is left alone");
    let both = cautious("accounting.settings.read accounting.invoices");
    assert_eq!(both.scopes, ["accounting.invoices", "accounting.settings", "accounting.transactions"]);
}

#[test]
fn what_cannot_be_undone_is_the_same_in_plan_ticket_and_way_back() {
    let mut random = Random::seeded();
    for _ in 0..DRAWS {
        let (facts, on) = (some_connection(&mut random), some_day(&mut random));
        let (from, to) = (some_scopes(&mut random), some_scopes(&mut random));
        let found = planned(&facts, &from, &to, on);
        assert!(found.one_way_doors.is_empty() || !found.rollback.possible, "{found:?}");
        assert_eq!(found.markdown.contains("\nNothing.\n"), found.one_way_doors.is_empty() && found.rollback.possible);
        for door in &found.one_way_doors {
            assert!(found.markdown.contains(door.scope), "{}", found.markdown);
        }
    }
}

#[test]
fn what_calls_require_is_what_a_check_allows_and_a_plan_leads_to() {
    let mut random = Random::seeded();
    let mut compared = 0_u32;
    for round in 0..DRAWS {
        let (connection, on, from) = (some_connection(&mut random), some_day(&mut random), some_scopes(&mut random));
        let wanted = draw(&mut random, 4);
        let calls = || Resolved::of_operations(wanted.iter().map(|entry| entry.row()));
        let needed = required(calls(), &from, &connection, on);
        // Facts that contradict each other are said, and decide nothing.
        if needed.findings.iter().any(|one| one.message.contains("contradict each other")) {
            continue;
        }
        let context = || format!("round {round}: {wanted:?}, {from}, {connection:?}, {on}: {needed:?}");
        let closed: Vec<&str> = needed.unopenable.iter().map(|one| one.operation.as_str()).collect();
        let scopes = ScopeSet::from_names(needed.scopes.iter().copied());
        // Calls that the token of any user opens need no scope of their own, and without a scope there is no token.
        if scopes.is_empty() {
            continue;
        }
        for call in check(&scopes, calls(), &connection, on).calls {
            assert!(call.allowed || closed.contains(&call.operation.as_str()), "{}: {}", context(), call.operation);
            compared += 1;
        }
        let found = planned(&connection, &from, &scopes, on);
        let after = ScopeSet::from_names(found.scopes.iter().map(String::as_str));
        let refused: Vec<&str> = found.refused.iter().map(|one| one.scope.as_str()).collect();
        for call in check(&after, calls(), &connection, on).calls {
            let left_out = needed
                .per_scope
                .iter()
                .any(|own| refused.contains(&own.scope) && own.needed_by.contains(&call.operation));
            assert!(call.allowed || left_out || closed.contains(&call.operation.as_str()), "{}: {found:?}", context());
        }
    }
    assert!(compared as usize > DRAWS, "{compared}");
}

#[test]
fn a_scope_whose_return_is_not_certain_is_a_door_when_it_is_removed() {
    let on = date("2026-11-24");
    let created_on = Some(date("2025-02-01"));
    for (app, scope) in [
        (AppKind::Custom, "finance.statements.read"),
        (AppKind::Custom, "paymentservices"),
        (AppKind::Custom, "bankfeeds"),
        (AppKind::Custom, "accounting.classicexpenses"),
        (AppKind::Web, "accounting.journals.read"),
    ] {
        let facts = ConnectionFacts { app, created_on, ..ConnectionFacts::default() };
        let to = ScopeSet::from_scope_param("accounting.invoices");
        let from = to.union(&ScopeSet::from_scope_param(scope));
        let found = planned(&facts, &from, &to, on);
        let [door] = &found.one_way_doors[..] else { panic!("{scope}: {found:?}") };
        assert!(door.scope == scope && door.why.text.starts_with("treat "), "{door:?}");
        assert!(!found.rollback.possible && found.recommended == Which::Cautious, "{scope}: {found:?}");
    }
}

#[test]
fn a_switch_may_cost_the_general_ledger_too() {
    let scopes = ScopeSet::from_scope_param("accounting.journals.read accounting.contacts");
    let question = PlanQuestion { from: scopes.clone(), to: scopes, details: switch(), ..PlanQuestion::default() };
    let older = ConnectionFacts { created_on: Some(date("2025-02-01")), ..ConnectionFacts::default() };
    let found = plan(&question, &older, date("2026-11-24"));
    let [door] = &found.one_way_doors[..] else { panic!("{found:?}") };
    assert_eq!((door.scope, found.rollback.possible), ("accounting.journals.read", false));
    assert!(found.markdown.contains("Expect to lose accounting.journals.read"), "{}", found.markdown);
}
