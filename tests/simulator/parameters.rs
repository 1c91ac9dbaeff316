//! No parameter is ignored in silence: an answer depends on it, or names it in `X-Local-Xero-Ignored`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::helpers::{body, call, config, example_path, get, header, held_by_some, now, open, token};
use super::schemas::Schemas;
use xero_m2m::catalogue::{Country, OPERATIONS};
use xero_m2m::simulator::{Coverage, Simulator, SimulatorConfig};
use xero_m2m::time::Date;

const ALL: &str = "accounting.invoices accounting.contacts accounting.settings accounting.payments accounting.banktransactions projects assets";

/// Parameters of Xero's specification that are named as ignored. The only layout is the standard one; a list
/// of budgets has no months; pay items are one record.
const NAMED: [&str; 7] = [
    "accounting.getBudgets: DateFrom",
    "accounting.getBudgets: DateTo",
    "accounting.getReportBalanceSheet: standardLayout",
    "accounting.getReportProfitAndLoss: standardLayout",
    "payroll-au.getPayItems: where",
    "payroll-au.getPayItems: order",
    "payroll-au.getPayItems: page",
];

/// A value that fits the schema of a parameter.
fn value(schema: &Value) -> String {
    if let Some(word) = schema["enum"][0].as_str() {
        return word.to_owned();
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("integer"), _) => "1".to_owned(),
        (Some("boolean"), _) => "true".to_owned(),
        (_, Some("date" | "date-time")) => "2026-11-01".to_owned(),
        (Some("array"), _) => value(&schema["items"]),
        (_, Some("uuid")) => "00000000-0000-4000-8000-000000000001".to_owned(),
        _ => String::new(),
    }
}

#[test]
fn every_parameter_of_the_specification_is_read_or_named() {
    let schemas = Schemas::read();
    let scopes: Vec<_> = held_by_some("2026-04-28").collect();
    let mut ignored = BTreeSet::new();
    for country in [Country::Australia, Country::NewZealand, Country::UnitedKingdom] {
        let created_on = Date::new(2026, 4, 28).unwrap();
        let own = SimulatorConfig { created_on, invoices: 3, country, ..config(&scopes.join(" ")) };
        let mut simulator = Simulator::new(own).unwrap();
        let token = token(&mut simulator, None, now());
        let is_own = |country: Country, own: Option<Country>| own.is_none_or(|own| own == country);
        for operation in OPERATIONS.iter().filter(|own| is_own(country, own.api.row().unwrap().country)) {
            let Some((row, _)) = schemas.operation(operation) else { continue };
            if Coverage::of(operation) != Coverage::Played || !operation.is_read() {
                continue;
            }
            let values: Vec<&Value> =
                row["values"].as_array().unwrap().iter().filter(|own| own[1] == "query").collect();
            let pair = |own: &Value| format!("{}={}", own[0].as_str().unwrap(), value(&own[3]));
            // One by one, because one may be refused.
            for own in &values {
                let required = values.iter().filter(|other| other[2] == true && other[0] != own[0]);
                let query: Vec<String> = required.map(|own| pair(own)).chain([pair(own)]).collect();
                let path = format!("{}?{}", example_path(operation), query.join("&"));
                let answer = call(&mut simulator, &token, "GET", &path, "");
                let name = header(&answer, "X-Local-Xero-Ignored");
                ignored.extend(name.map(|own| format!("{}: {own}", operation.key())));
            }
        }
    }
    assert_eq!(ignored, NAMED.map(str::to_owned).into());
}

#[test]
fn a_parameter_that_means_nothing_is_named() {
    let mut simulator = open(ALL);
    let token = token(&mut simulator, None, now());
    for (path, expected) in [
        ("/api.xro/2.0/Invoices?page=1&colour=red&Size=2", Some("colour, Size")),
        ("/api.xro/2.0/Invoices?page=1&pageSize=2", None),
        ("/api.xro/2.0/Contacts?%0d%0aX=1", Some("?")),
        ("/api.xro/2.0/Organisation?page=1", Some("page")),
    ] {
        let answer = call(&mut simulator, &token, "GET", path, "");
        assert_eq!((answer.status, header(&answer, "X-Local-Xero-Ignored")), (200, expected), "{path}");
    }
}

#[test]
fn lists_are_filtered_by_the_parameters_of_the_specification() {
    let mut simulator = open(ALL);
    let token = token(&mut simulator, None, now());
    let contacts = get(&mut simulator, &token, "/api.xro/2.0/Contacts");
    let ids: Vec<&str> = (0..2).map(|at| contacts["Contacts"][at]["ContactID"].as_str().unwrap()).collect();
    let line =
        json!([{ "Description": "Work", "Quantity": 1, "UnitAmount": 5, "AccountCode": "200", "TaxType": "NONE" }]);
    let mut made = Vec::new();
    for (list, sent) in [
        (
            "Quotes",
            json!({ "QuoteNumber": "Q-1", "Contact": { "ContactID": ids[0] }, "Date": "2026-11-01", "ExpiryDate": "2026-12-01", "LineItems": line }),
        ),
        (
            "Quotes",
            json!({ "QuoteNumber": "Q-2", "Contact": { "ContactID": ids[1] }, "Date": "2026-11-09", "ExpiryDate": "2026-12-09", "Status": "SENT", "LineItems": line }),
        ),
        (
            "PurchaseOrders",
            json!({ "PurchaseOrderNumber": "P-1", "Contact": { "ContactID": ids[0] }, "Date": "2026-11-01", "LineItems": line }),
        ),
        (
            "PurchaseOrders",
            json!({ "PurchaseOrderNumber": "P-2", "Contact": { "ContactID": ids[0] }, "Date": "2026-11-09", "Status": "AUTHORISED", "LineItems": line }),
        ),
        (
            "BankTransactions",
            json!({ "Type": "RECEIVE", "Reference": "R-1", "Contact": { "ContactID": ids[0] }, "BankAccount": { "Code": "090" }, "Date": "2026-11-01", "LineItems": line }),
        ),
        (
            "BankTransfers",
            json!({ "FromBankAccount": { "Code": "090" }, "ToBankAccount": { "Code": "091" }, "Amount": 4, "Date": "2026-11-01" }),
        ),
    ] {
        let answer =
            call(&mut simulator, &token, "PUT", &format!("/api.xro/2.0/{list}"), &json!({ list: [sent] }).to_string());
        assert_eq!(answer.status, 200, "{list}: {}", String::from_utf8_lossy(&answer.body));
        made.push(body(&answer)[list][0].clone());
    }
    let transfer = made[5]["BankTransferID"].as_str().unwrap();
    let deleted = json!({ "BankTransfers": [{ "Status": "DELETED" }] }).to_string();
    assert_eq!(
        call(&mut simulator, &token, "POST", &format!("/api.xro/2.0/BankTransfers/{transfer}"), &deleted).status,
        200
    );
    for (path, count) in [
        ("Quotes", 2),
        (&format!("Quotes?ContactID={}", ids[0].replace('-', "")), 1),
        ("Quotes?QuoteNumber=q-2", 1),
        ("Quotes?Status=DRAFT", 1),
        ("Quotes?DateFrom=2026-11-02", 1),
        ("Quotes?DateTo=2026-11-01", 1),
        ("Quotes?ExpiryDateFrom=2026-12-02&ExpiryDateTo=2026-12-08", 0),
        ("PurchaseOrders?Status=AUTHORISED", 1),
        ("PurchaseOrders?DateFrom=2026-11-01&DateTo=2026-11-08", 1),
        ("BankTransactions?References=R-0,R-1", 1),
        ("BankTransactions?References=R-0", 0),
        ("BankTransfers", 0),
        ("BankTransfers?includeDeleted=true", 1),
    ] {
        let answer = get(&mut simulator, &token, &format!("/api.xro/2.0/{path}"));
        let list = path.split('?').next().unwrap();
        assert_eq!(answer[list].as_array().unwrap().len(), count, "{path}");
    }
    let refused = call(&mut simulator, &token, "GET", "/api.xro/2.0/Quotes?DateFrom=soon", "");
    assert_eq!(refused.status, 400);
}
