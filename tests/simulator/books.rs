//! The books of the demo company: organisation, contacts, invoices and empty answers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::helpers::{NOW, body, call, config, get, held_by_some, now, open, request, send, token};
use super::support::Random;
use xero_m2m::simulator::{Country, Simulator, SimulatorConfig};
use xero_m2m::time::Timestamp;

/// Cents of a JSON number: whole, so that a double holds them exactly.
fn cents(value: &Value) -> f64 {
    let number = value.as_f64().unwrap_or_else(|| panic!("{value} is not a number"));
    let cents = (number * 100.0).round();
    assert!((number * 100.0 - cents).abs() < 1e-6, "{number} is not in whole cents");
    cents
}

fn check_totals(invoice: &Value, rates: &BTreeMap<&str, f64>) {
    let near = |found: f64, expected: f64, by: f64| {
        assert!((found - expected).abs() <= by + 1e-6, "{found} is not {expected}: {invoice:#}");
    };
    let same = |found: f64, expected: f64| near(found, expected, 0.0);
    let own = |member: &str| cents(&invoice[member]);
    let sum = |list: &str, member: &str| -> f64 {
        invoice[list].as_array().unwrap().iter().map(|row| cents(&row[member])).sum()
    };
    let (lines, tax) = (sum("LineItems", "LineAmount"), sum("LineItems", "TaxAmount"));
    let inclusive = invoice["LineAmountTypes"] == "Inclusive";
    same(own("TotalTax"), tax);
    same(own("SubTotal"), if inclusive { lines - tax } else { lines });
    same(own("Total"), own("SubTotal") + tax);
    same(own("AmountPaid"), sum("Payments", "Amount"));
    let due = own("Total") - own("AmountPaid");
    assert!(due >= 0.0, "{invoice:#}");
    let settled = matches!(invoice["Status"].as_str(), Some("PAID" | "VOIDED" | "DELETED"));
    same(own("AmountDue"), if settled { 0.0 } else { due });
    for line in invoice["LineItems"].as_array().unwrap() {
        let product = line["Quantity"].as_f64().unwrap() * line["UnitAmount"].as_f64().unwrap();
        let amount = cents(&line["LineAmount"]);
        near(amount, product * 100.0, 0.5);
        let rate = rates[line["TaxType"].as_str().unwrap()];
        near(cents(&line["TaxAmount"]), amount * rate / if inclusive { 100.0 + rate } else { 100.0 }, 0.5);
    }
}

#[test]
fn the_demo_company_adds_up_in_every_country() {
    let countries = [
        (Country::Australia, "AUD", "AU", [("OUTPUT", 10.0), ("INPUT", 10.0)]),
        (Country::NewZealand, "NZD", "NZ", [("OUTPUT2", 15.0), ("INPUT2", 15.0)]),
        (Country::UnitedKingdom, "GBP", "GB", [("OUTPUT2", 20.0), ("INPUT2", 20.0)]),
        (Country::UnitedStates, "USD", "US", [("NONE", 0.0), ("NONE", 0.0)]),
    ];
    for (country, currency, code, rates) in countries {
        let config = SimulatorConfig {
            country,
            invoices: 1_000,
            ..config("accounting.invoices accounting.settings accounting.contacts")
        };
        let mut simulator = Simulator::new(config).unwrap();
        let token = token(&mut simulator, None, now());
        let organisation = get(&mut simulator, &token, "/api.xro/2.0/Organisation")["Organisations"][0].clone();
        assert_eq!(organisation["CountryCode"], code);
        assert_eq!(organisation["BaseCurrency"], currency);
        let answer = get(&mut simulator, &token, "/api.xro/2.0/Invoices?page=1&pageSize=1000");
        let invoices = answer["Invoices"].as_array().unwrap();
        assert_eq!(invoices.len(), 1_000);
        let mut statuses: BTreeMap<&str, usize> = BTreeMap::new();
        let mut numbers = BTreeSet::new();
        for invoice in invoices {
            check_totals(invoice, &rates.into_iter().collect());
            *statuses.entry(invoice["Status"].as_str().unwrap()).or_default() += 1;
            assert_eq!(invoice["CurrencyCode"], currency);
            assert!(cents(&invoice["Total"]) > 0.0);
            let day = invoice["DateString"].as_str().unwrap();
            assert!(("2025-05-20T00:00:00"..="2026-11-18T00:00:00").contains(&day), "{day}");
            assert!(invoice["DueDateString"].as_str().unwrap() > day);
            let ms = invoice["Date"].as_str().unwrap().strip_prefix("/Date(").unwrap();
            let ms = ms.strip_suffix("+0000)/").unwrap().parse().unwrap();
            assert_eq!(format!("{}T00:00:00", Timestamp::from_ms(ms).date()), day);
            if invoice["Type"] == "ACCREC" {
                assert!(numbers.insert(invoice["InvoiceNumber"].as_str().unwrap()), "{}", invoice["InvoiceNumber"]);
            }
            assert_eq!(invoice["Status"] == "PAID", invoice.get("FullyPaidOnDate").is_some());
        }
        assert!(statuses["PAID"] > 500, "{statuses:?}");
        for status in ["AUTHORISED", "DRAFT", "SUBMITTED", "VOIDED"] {
            assert!(statuses.contains_key(status), "{code}: {statuses:?}");
        }
        assert!((600..800).contains(&numbers.len()), "{}", numbers.len());
    }
}

#[test]
fn every_page_walk_sees_each_invoice_once() {
    let mut random = Random::seeded();
    let mut draw = |bound: u64| random.below(bound);
    for _ in 0..25 {
        let count = usize::try_from(draw(700)).unwrap();
        let size = 1 + usize::try_from(draw(260)).unwrap();
        let scopes = "accounting.invoices.read";
        let mut simulator =
            Simulator::new(SimulatorConfig { seed: draw(1 << 30), invoices: count, ..config(scopes) }).unwrap();
        let token = token(&mut simulator, None, now());
        let (mut seen, mut total, mut page) = (BTreeSet::new(), 0.0, 1);
        loop {
            let answer = get(&mut simulator, &token, &format!("/api.xro/2.0/Invoices?page={page}&pageSize={size}"));
            let invoices = answer["Invoices"].as_array().unwrap();
            let pages = count.div_ceil(size);
            let expected = json!({ "page": page, "pageSize": size, "pageCount": pages, "itemCount": count });
            assert_eq!(answer["pagination"], expected);
            assert_eq!(invoices.is_empty(), page > pages);
            if invoices.is_empty() {
                break;
            }
            for invoice in invoices {
                assert!(seen.insert(invoice["InvoiceID"].as_str().unwrap().to_owned()), "seen twice");
                total += cents(&invoice["Total"]);
            }
            page += 1;
        }
        assert_eq!(seen.len(), count);
        let whole = get(&mut simulator, &token, "/api.xro/2.0/Invoices?page=1&pageSize=1000");
        let sum: f64 = whole["Invoices"].as_array().unwrap().iter().map(|invoice| cents(&invoice["Total"])).sum();
        assert!((total - sum).abs() < 1e-3, "{total} is not {sum}");
    }
}

#[test]
fn pages_out_of_range_become_the_nearest() {
    let config = SimulatorConfig { invoices: 1_050, ..config("accounting.invoices accounting.contacts.read") };
    let mut simulator = Simulator::new(config).unwrap();
    let token = token(&mut simulator, None, now());
    for (query, page, size, items) in [
        ("?page=11", 11, 100, 50),
        ("?page=12", 12, 100, 0),
        ("?page=0", 1, 100, 100),
        ("?page=-4&pageSize=-4", 1, 1, 1),
        ("?pageSize=5000", 1, 1_000, 1_000),
        ("?pageSize=0", 1, 1, 1),
        ("?PAGESIZE=7&Page=2", 2, 7, 7),
        ("?page=two&pageSize=many", 1, 100, 100),
        ("?page=9223372036854775807", i64::MAX, 100, 0),
    ] {
        let answer = get(&mut simulator, &token, &format!("/api.xro/2.0/Invoices{query}"));
        assert_eq!(answer["pagination"]["page"], page, "{query}");
        assert_eq!(answer["pagination"]["pageSize"], size, "{query}");
        assert_eq!(answer["Invoices"].as_array().unwrap().len(), items, "{query}");
    }
    let summary = get(&mut simulator, &token, "/api.xro/2.0/Invoices");
    assert_eq!(summary["Invoices"][0]["LineItems"], json!([]));
    let summary = get(&mut simulator, &token, "/api.xro/2.0/Invoices?page=1&summaryOnly=true");
    assert!(summary["Invoices"][0].get("LineItems").is_none());
    assert_eq!(get(&mut simulator, &token, "/api.xro/2.0/Contacts?pageSize=50")["pagination"]["pageCount"], 2);
}

#[test]
fn records_are_found_by_id_number_filter_and_date() {
    let mut simulator = open("accounting.invoices accounting.contacts");
    let token = token(&mut simulator, None, now());
    let all = get(&mut simulator, &token, "/api.xro/2.0/Invoices?page=1&pageSize=1000")["Invoices"].clone();
    let all = all.as_array().unwrap();
    let sale = all.iter().find(|invoice| invoice["Type"] == "ACCREC").unwrap();
    let text = |member: &str| sale[member].as_str().unwrap().to_owned();
    for name in [text("InvoiceID"), text("InvoiceID").to_uppercase(), text("InvoiceNumber")] {
        let found = get(&mut simulator, &token, &format!("/api.xro/2.0/Invoices/{name}"));
        let mut found = found["Invoices"][0].clone();
        found["Contact"] = sale["Contact"].clone();
        assert_eq!(&found, sale, "{name}");
    }
    let contact = sale["Contact"]["ContactID"].as_str().unwrap();
    let found = get(&mut simulator, &token, &format!("/api.xro/2.0/Contacts/{contact}"));
    assert_eq!(found["Contacts"][0]["Name"], sale["Contact"]["Name"]);
    let number = found["Contacts"][0]["ContactNumber"].as_str().unwrap();
    assert_eq!(get(&mut simulator, &token, &format!("/api.xro/2.0/Contacts/{number}"))["Contacts"], found["Contacts"]);
    let status = call(&mut simulator, &token, "GET", "/api.xro/2.0/Contacts/C9999", "").status;
    assert_eq!(status, 404);

    let mut count = |query: &str| {
        let answer = get(&mut simulator, &token, &format!("/api.xro/2.0/Invoices?page=1&{query}"));
        usize::try_from(answer["pagination"]["itemCount"].as_u64().unwrap()).unwrap()
    };
    let matching = |member: &str, value: &str| all.iter().filter(|invoice| invoice[member] == value).count();
    assert_eq!(count("Statuses=PAID"), matching("Status", "PAID"));
    let both = matching("Status", "PAID") + matching("Status", "DRAFT");
    assert_eq!(count("statuses=paid,%20DRAFT"), both);
    assert_eq!(
        count(&format!("IDs={},{}", text("InvoiceID"), all[0]["InvoiceID"].as_str().unwrap())),
        if *sale == all[0] { 1 } else { 2 }
    );
    assert_eq!(count(&format!("InvoiceNumbers={}", text("InvoiceNumber"))), 1);
    let of_contact = all.iter().filter(|invoice| invoice["Contact"]["ContactID"] == contact).count();
    assert_eq!(count(&format!("ContactIDs={contact}")), of_contact);

    let bearer = format!("Bearer {token}");
    let mut since = |value: &str| {
        let headers =
            [("Authorization", bearer.as_str()), ("Accept", "application/json"), ("If-Modified-Since", value)];
        send(&mut simulator, &request("GET", "/api.xro/2.0/Invoices?page=1", &headers, ""), now())
    };
    let updated = |invoice: &Value| invoice["UpdatedDateUTCString"].as_str().unwrap().trim_end_matches('Z').to_owned();
    let middle = updated(&all[all.len() / 2]);
    let later = all.iter().filter(|invoice| updated(invoice) > middle).count();
    assert!(later > 0 && later < all.len());
    assert_eq!(body(&since(&middle))["pagination"]["itemCount"], later);
    assert_eq!(body(&since("2099-01-01T00:00:00"))["Invoices"], json!([]));
    assert_eq!(body(&since("2026-01-01"))["pagination"], body(&since("2026-01-01T00:00:00"))["pagination"]);
    assert_eq!(since("yesterday").status, 412);
}

#[test]
fn an_invoice_is_made_listed_changed_and_voided() {
    let mut simulator = open("accounting.invoices accounting.contacts");
    let token = token(&mut simulator, None, now());
    let sent = json!({ "Invoices": [{
        "Type": "ACCREC", "Status": "AUTHORISED", "Contact": { "Name": "A New Customer" },
        "Date": "2026-11-10", "DueDate": "/Date(1796083200000)/", "Reference": "R-1", "LineItems": [
            { "Description": "Tyres", "Quantity": 3, "UnitAmount": "33.3333", "AccountCode": "200" },
            { "Description": "Fitting", "UnitAmount": 12.5, "AccountCode": "200", "TaxType": "NONE" }
        ]
    }]});
    let response = call(&mut simulator, &token, "PUT", "/api.xro/2.0/Invoices?unitdp=4", &sent.to_string());
    assert_eq!(response.status, 200, "{}", String::from_utf8_lossy(&response.body));
    let made = body(&response)["Invoices"][0].clone();
    let rates = BTreeMap::from([("OUTPUT", 10.0), ("NONE", 0.0)]);
    check_totals(&made, &rates);
    assert_eq!(made["StatusAttributeString"], "OK");
    assert_eq!((&made["SubTotal"], &made["TotalTax"], &made["Total"]), (&json!(112.5), &json!(10.0), &json!(122.5)));
    assert_eq!(made["DueDateString"], "2026-12-01T00:00:00");
    let number = made["InvoiceNumber"].as_str().unwrap();
    assert!(number.starts_with("INV-"), "{number}");
    let list = get(&mut simulator, &token, "/api.xro/2.0/Invoices?page=3");
    assert_eq!(list["pagination"]["itemCount"], 251);
    assert_eq!(list["Invoices"][50]["InvoiceNumber"], number);
    let contact = made["Contact"]["ContactID"].as_str().unwrap();
    let contact = get(&mut simulator, &token, &format!("/api.xro/2.0/Contacts/{contact}"));
    assert_eq!(contact["Contacts"][0]["Name"], "A New Customer");

    let mut post = |target: &str, body: Value| call(&mut simulator, &token, "POST", target, &body.to_string());
    let by_number = format!("/api.xro/2.0/Invoices/{number}");
    let changed = body(&post(&by_number, json!({ "Reference": "R-2" })));
    assert_eq!(changed["Invoices"][0]["Reference"], "R-2");
    assert_eq!(changed["Invoices"][0]["InvoiceID"], made["InvoiceID"]);
    for wrong in [json!({ "Status": "DRAFT" }), json!({ "LineItems": [] })] {
        let refused = body(&post(&by_number, wrong.clone()));
        assert_eq!(refused["Elements"][0]["ValidationErrors"].as_array().unwrap().len(), 1, "{wrong}");
    }
    let voided = post("/api.xro/2.0/Invoices", json!({ "InvoiceID": made["InvoiceID"], "Status": "VOIDED" }));
    assert_eq!(body(&voided)["Invoices"][0]["Status"], "VOIDED");
    assert_eq!(body(&voided)["Invoices"][0]["AmountDue"], 0.0);
    assert_eq!(post(&by_number, json!({ "Reference": "R-3" })).status, 400);
    let bill = json!({ "Type": "ACCPAY", "Contact": { "Name": "a new customer" }, "InvoiceNumber": number });
    let bill = body(&post("/api.xro/2.0/Invoices", bill));
    assert_eq!(bill["Invoices"][0]["Status"], "DRAFT");
    assert_ne!(bill["Invoices"][0]["InvoiceID"], made["InvoiceID"]);
    assert_eq!(bill["Invoices"][0]["Contact"]["ContactID"], made["Contact"]["ContactID"]);
}

#[test]
fn invalid_invoices_are_refused_with_their_errors_and_change_nothing() {
    let mut simulator = open("accounting.invoices accounting.contacts");
    let token = token(&mut simulator, None, now());
    let line = json!({ "Description": "x", "UnitAmount": 1, "AccountCode": "200" });
    let with = |change: Value| {
        let mut invoice = json!({
            "Type": "ACCREC", "Contact": { "Name": "Bayside Boatyard" }, "LineItems": [line],
            "DueDate": "2026-12-01", "Status": "AUTHORISED"
        });
        for (name, value) in change.as_object().unwrap() {
            if value.is_null() {
                invoice.as_object_mut().unwrap().remove(name);
            } else {
                invoice[name] = value.clone();
            }
        }
        invoice
    };
    let path = "/api.xro/2.0/Invoices";
    for (change, word) in [
        (json!({ "Type": null }), "Type"),
        (json!({ "Type": "ACCRECCREDIT" }), "Type"),
        (json!({ "Contact": null }), "Contact"),
        (json!({ "Contact": { "ContactID": "00000000-0000-0000-0000-000000000000" } }), "ContactID"),
        (json!({ "DueDate": null }), "DueDate"),
        (json!({ "Date": "10/11/2026" }), "Date"),
        (json!({ "Status": "PAID" }), "PAID"),
        (json!({ "Status": "OPEN" }), "Status"),
        (json!({ "LineItems": [] }), "LineItems"),
        (json!({ "LineItems": 1 }), "LineItems"),
        (json!({ "LineItems": [{ "UnitAmount": 1, "AccountCode": "200" }] }), "Description"),
        (json!({ "LineItems": [{ "Description": "x", "UnitAmount": 1 }] }), "AccountCode"),
        (json!({ "LineItems": [{ "Description": "x", "UnitAmount": "1,00" }] }), "UnitAmount"),
        (
            json!({ "LineItems": [{ "Description": "x", "UnitAmount": 2, "Quantity": 2, "LineAmount": 5 }] }),
            "LineAmount",
        ),
        (json!({ "LineItems": [{ "Description": "x", "UnitAmount": 1, "TaxType": "OUTPUT2" }] }), "TaxType"),
        (json!({ "LineItems": [{ "Description": "x", "UnitAmount": -1, "AccountCode": "200" }] }), "negative"),
        (json!({ "LineAmountTypes": "exclusive" }), "LineAmountTypes"),
        (json!({ "InvoiceNumber": "INV-0001" }), "InvoiceNumber"),
    ] {
        let sent = json!({ "Invoices": [with(json!({})), with(change.clone())] });
        let response = call(&mut simulator, &token, "PUT", path, &sent.to_string());
        assert_eq!(response.status, 400, "{change}");
        let answer = body(&response);
        assert_eq!(answer["ErrorNumber"], 10, "{change}");
        assert_eq!(answer["Type"], "ValidationException", "{change}");
        assert_eq!(answer["Message"], "A validation exception occurred", "{change}");
        assert_eq!(answer["Elements"].as_array().unwrap().len(), 1, "{change}");
        let messages = &answer["Elements"][0]["ValidationErrors"];
        let named = messages.as_array().unwrap().iter().any(|row| row["Message"].as_str().unwrap().contains(word));
        assert!(named, "{change}: {messages}");
    }
    let count = |simulator: &mut Simulator| get(simulator, &token, path)["Invoices"].as_array().unwrap().len();
    assert_eq!(count(&mut simulator), 250, "all or none");

    let mixed = json!({ "Invoices": [with(json!({ "Type": null })), with(json!({}))] });
    let response = call(&mut simulator, &token, "PUT", &format!("{path}?summarizeErrors=false"), &mixed.to_string());
    assert_eq!(response.status, 200);
    let answer = body(&response);
    assert_eq!(answer["Invoices"][0]["StatusAttributeString"], "ERROR");
    assert_eq!(answer["Invoices"][1]["StatusAttributeString"], "OK");
    assert_eq!(count(&mut simulator), 251);

    for text in ["", "{", "[]", "{\"Invoices\":{}}", "{\"Invoices\":[1]}", "{\"Invoices\":[]}"] {
        let response = call(&mut simulator, &token, "POST", path, text);
        assert_eq!((response.status, &body(&response)["ErrorNumber"]), (400, &json!(17)), "{text}");
    }
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "text/plain")];
    assert_eq!(send(&mut simulator, &request("POST", path, &headers, "{}"), now()).status, 415);
}

#[test]
fn empty_answers_have_the_form_of_their_operation() {
    let scopes: Vec<_> = held_by_some("2026-11-01").collect();
    let mut simulator =
        Simulator::new(SimulatorConfig { country: Country::NewZealand, ..config(&scopes.join(" ")) }).unwrap();
    let token = token(&mut simulator, None, now());
    let payments = get(&mut simulator, &token, "/api.xro/2.0/BatchPayments");
    assert_eq!(payments["BatchPayments"], json!([]));
    assert_eq!(payments["Status"], "OK");
    assert_eq!(payments["DateTimeUTC"], format!("/Date({NOW})/"));
    let files = get(&mut simulator, &token, "/files.xro/1.0/Files");
    assert_eq!(files, json!({ "TotalCount": 0, "Page": 1, "PerPage": 50, "Items": [] }));
    assert_eq!(get(&mut simulator, &token, "/projects.xro/2.0/Projects")["items"], json!([]));
    assert_eq!(get(&mut simulator, &token, "/assets.xro/1.0/AssetTypes"), json!([]));
    let pdf = call(&mut simulator, &token, "GET", "/api.xro/2.0/Quotes/A-1/pdf", "");
    assert_eq!(pdf.status, 404);
    assert_eq!(call(&mut simulator, &token, "GET", "/projects.xro/2.0/Projects/A-1", "").status, 404);
}

#[test]
fn a_shared_payroll_path_answers_as_the_country_of_the_organisation_does() {
    let refusal = |country| {
        let config = SimulatorConfig { country, invoices: 0, ..config("payroll.employees") };
        let mut simulator = Simulator::new(config).unwrap();
        let token = token(&mut simulator, None, now());
        let response = call(&mut simulator, &token, "POST", "/payroll.xro/2.0/Employees", "{\"gender\":\"F\"}");
        body(&response)["problem"]["invalidFields"].to_string()
    };
    // Only the specification of the United Kingdom requires a title.
    assert!(!refusal(Country::NewZealand).contains("\"title\""));
    assert!(refusal(Country::UnitedKingdom).contains("\"title\""));
}

#[test]
fn a_report_is_asked_for_by_a_known_name_or_an_id_and_organisations_is_organisation() {
    let mut simulator = open("accounting.settings.read accounting.reports.taxreports.read");
    let token = token(&mut simulator, None, now());
    let names = get(&mut simulator, &token, "/api.xro/2.0/Organisations")["Organisations"][0]["Name"].clone();
    assert_eq!(names, get(&mut simulator, &token, "/api.xro/2.0/Organisation")["Organisations"][0]["Name"]);
    for (report, nothing) in [
        ("BankStatement", true),
        ("GeneralLedger", true),
        ("00000000-0000-4000-8000-000000000001", false),
        ("00000000000040008000000000000001", false),
    ] {
        let response = call(&mut simulator, &token, "GET", &format!("/api.xro/2.0/Reports/{report}"), "");
        let missing = response.status == 404 && response.body.starts_with(b"There is nothing");
        assert_eq!(missing, nothing, "{report}: {response:?}");
    }
}
