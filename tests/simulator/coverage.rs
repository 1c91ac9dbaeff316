//! Nothing lies: a write is carried out or refused, and an answer without data is marked.

use serde_json::{Value, json};

use super::helpers::{body, call, config, example_path, header, held_by_some, now, token};
use super::schemas::Schemas;
use super::support::Random;
use xero_m2m::catalogue::{Country, OPERATIONS, Operation};
use xero_m2m::simulator::{Coverage, HttpResponse, Simulator, SimulatorConfig};
use xero_m2m::time::Date;

/// Subscriptions and connections have tests of their own: `connections.rs`.
fn is_elsewhere(operation: &Operation) -> bool {
    matches!(operation.api.row().unwrap().name, "app-store" | "identity")
}

/// The answer to each operation, with this body for writes, by an organisation of its country.
fn answers(strict: bool, sent: &str) -> Vec<(&'static Operation, HttpResponse)> {
    let everything: Vec<_> = held_by_some("2026-04-28").collect();
    let mut answered = Vec::new();
    for country in [Country::Australia, Country::NewZealand, Country::UnitedKingdom] {
        let mut simulator = Simulator::new(SimulatorConfig {
            created_on: Date::new(2026, 4, 28).unwrap(),
            invoices: 3,
            strict,
            country,
            ..config(&everything.join(" "))
        })
        .unwrap();
        let token = token(&mut simulator, None, now());
        let is_own = |operation: &&Operation| operation.api.row().unwrap().country.is_none_or(|own| own == country);
        for operation in OPERATIONS.iter().filter(is_own).filter(|operation| !is_elsewhere(operation)) {
            let body = if operation.is_read() { "" } else { sent };
            let answer = call(&mut simulator, &token, operation.method.as_str(), &example_path(operation), body);
            answered.push((operation, answer));
        }
    }
    answered
}

#[test]
fn every_answer_is_valid_by_the_schemas_of_xero() {
    let schemas = Schemas::read();
    for (operation, answer) in answers(false, "{}") {
        if let Some(fault) = schemas.fault(operation, &answer) {
            panic!("{}: {} {fault}: {}", operation.key(), answer.status, String::from_utf8_lossy(&answer.body));
        }
    }
}

#[test]
fn a_write_is_carried_out_or_refused_and_never_answered_well_for_garbage() {
    for sent in ["{}", "{\"Garbage\":[{\"A\":1}]}", "[1,2", "", "<Garbage/>"] {
        for (operation, answer) in answers(false, sent) {
            let key = operation.key();
            if !operation.is_read() {
                assert!(answer.status >= 400, "{key} answers {} to {sent}", answer.status);
            }
            if Coverage::of(operation) == Coverage::Refused {
                assert_eq!(answer.status, 501, "{key}");
                assert_eq!(header(&answer, "X-Local-Xero"), Some("not played"), "{key}");
                let body = body(&answer);
                let message = body.get("Message").or(body.get("Detail")).unwrap().as_str().unwrap();
                assert!(
                    message.contains("does not play") && message.contains("docs/local-xero.md"),
                    "{key}: {message}"
                );
            }
        }
    }
}

#[test]
fn a_read_without_data_is_marked_and_a_strict_local_xero_refuses_it() {
    let mut shapes = 0;
    for ((operation, answer), (_, strict)) in answers(false, "{}").into_iter().zip(answers(true, "{}")) {
        let key = operation.key();
        let is_shape = Coverage::of(operation) == Coverage::Shaped;
        let marked = header(&answer, "X-Local-Xero") == Some("shape");
        if is_shape {
            assert!(answer.status == 404 || (answer.status < 300 && marked), "{key}: {}", answer.status);
            assert_eq!(strict.status, 501, "{key}");
            shapes += usize::from(marked);
        } else if operation.is_read() {
            assert!(!marked, "{key}");
            assert_ne!(strict.status, 501, "{key}");
        }
    }
    assert!(shapes > 20, "{shapes}");
}

/// A JSON value of random members.
fn random_value(random: &mut Random, depth: u32) -> Value {
    const NAMES: [&str; 24] = [
        "Name",
        "Code",
        "Type",
        "Status",
        "Contact",
        "ContactID",
        "LineItems",
        "UnitAmount",
        "Quantity",
        "LineAmount",
        "TaxType",
        "AccountCode",
        "Amount",
        "Invoice",
        "InvoiceID",
        "Account",
        "Date",
        "Phones",
        "PhoneType",
        "TaxComponents",
        "Rate",
        "Tracking",
        "DiscountRate",
        "Allocations",
    ];
    const TEXTS: [&str; 12] = [
        "",
        "x",
        "ACCREC",
        "AUTHORISED",
        "200",
        "090",
        "INV-0001",
        "2026-11-10",
        "/Date(99999999999999999)/",
        "DELETED",
        "North",
        "00000000-0000-4000-8000-000000000001",
    ];
    const NUMBERS: [f64; 8] = [0.0, -1.0, 1.5, 1e300, -1e18, 0.000_001, 99_999_999_999.0, 33.3333];
    let any = |random: &mut Random, count: usize| usize::try_from(random.below(count as u64)).unwrap();
    match random.below(if depth == 0 { 5 } else { 9 }) {
        0 => Value::Null,
        1 => json!(random.below(2) == 0),
        2 => json!(NUMBERS[any(random, NUMBERS.len())]),
        3 | 4 => json!(TEXTS[any(random, TEXTS.len())]),
        5 => Value::Array((0..random.below(4)).map(|_| random_value(random, depth.saturating_sub(1))).collect()),
        _ => {
            let member = |random: &mut Random| {
                (NAMES[any(random, NAMES.len())].to_owned(), random_value(random, depth.saturating_sub(1)))
            };
            Value::Object((0..random.below(6)).map(|_| member(random)).collect())
        }
    }
}

#[test]
fn any_body_is_carried_out_or_refused() {
    let everything: Vec<_> = held_by_some("2026-11-01").collect();
    let config = SimulatorConfig { invoices: 5, ..config(&everything.join(" ")) };
    let mut simulator = Simulator::new(config).unwrap();
    let token = token(&mut simulator, None, now());
    let invoice =
        super::helpers::get(&mut simulator, &token, "/api.xro/2.0/Invoices")["Invoices"][0]["InvoiceID"].clone();
    let played = |operation: &&Operation| {
        operation.api.row().unwrap().name == "accounting"
            && !operation.is_read()
            && Coverage::of(operation) == Coverage::Played
    };
    let mut random = Random::seeded();
    for operation in OPERATIONS.iter().filter(played).cycle().take(1_500) {
        let list = operation.path().split('/').nth(1).unwrap();
        let record = random_value(&mut random, 4);
        let sent = if random.below(2) == 0 { record } else { json!({ list: [record] }) };
        let path = example_path(operation).replace("A-1", invoice.as_str().unwrap());
        let answer = call(&mut simulator, &token, operation.method.as_str(), &path, &sent.to_string());
        assert!(answer.status < 500, "{}: {} {sent}", operation.key(), answer.status);
    }
    assert!(!simulator.dump().is_empty());
}

#[test]
fn the_refusal_has_the_form_of_the_errors_of_its_api() {
    let answers = answers(false, "{}");
    let of = |key: &str| {
        let (_, answer) = answers.iter().find(|(operation, _)| operation.key() == key).unwrap();
        body(answer)
    };
    let accounting = of("accounting.createReceipt");
    assert_eq!((&accounting["ErrorNumber"], &accounting["Type"]), (&json!(501), &json!("NotImplementedException")));
    let feeds = of("bankfeeds.createStatements");
    assert_eq!((&feeds["Title"], &feeds["Status"]), (&json!("Not Implemented"), &json!(501)));
}
