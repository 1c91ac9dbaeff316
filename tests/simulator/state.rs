//! Books of one's own: the option `company` and the dump; random writes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::helpers::{body, call, config, get, now, token};
use super::support::Random;
use xero_m2m::error::Code;
use xero_m2m::simulator::{Simulator, SimulatorConfig};

const SCOPES: &str = "accounting.invoices accounting.contacts accounting.settings accounting.payments";

fn of(company: &str) -> Simulator {
    Simulator::new(SimulatorConfig { company: Some(company.to_owned()), ..config(SCOPES) }).unwrap()
}

fn write(simulator: &mut Simulator, token: &str, method: &str, path: &str, sent: &Value) -> (u16, Value) {
    let answer = call(simulator, token, method, &format!("/api.xro/2.0{path}"), &sent.to_string());
    (answer.status, body(&answer))
}

#[test]
fn a_company_is_given_as_xeros_json() {
    let given = json!({
        "contacts": [{ "Name": "Only one" }],
        "Invoices": [{
            "Type": "ACCREC", "InvoiceNumber": "A-1", "Contact": { "Name": "Only one" }, "Status": "AUTHORISED", "DueDate": "2026-12-24",
            "LineItems": [{ "Description": "x", "UnitAmount": 100, "AccountCode": "200" }]
        }],
        "Payments": [{ "Invoice": { "InvoiceNumber": "A-1" }, "Account": { "Code": "090" }, "Amount": 10 }]
    });
    let mut simulator = of(&given.to_string());
    let token = token(&mut simulator, None, now());
    let invoices = get(&mut simulator, &token, "/api.xro/2.0/Invoices?page=1")["Invoices"].clone();
    assert_eq!(invoices.as_array().unwrap().len(), 1);
    assert_eq!((&invoices[0]["Total"], &invoices[0]["AmountDue"]), (&json!(110.0), &json!(100.0)));
    assert_eq!(get(&mut simulator, &token, "/api.xro/2.0/Contacts")["Contacts"].as_array().unwrap().len(), 1);
    assert!(get(&mut simulator, &token, "/api.xro/2.0/Accounts")["Accounts"].as_array().unwrap().len() > 20);
    assert_eq!(get(&mut simulator, &token, "/api.xro/2.0/Payments")["Payments"].as_array().unwrap().len(), 1);
    simulator.reset();
    simulator.authorise();
    assert_eq!(get(&mut simulator, &token, "/api.xro/2.0/Invoices")["Invoices"].as_array().unwrap().len(), 1);
}

#[test]
fn a_company_that_cannot_be_read_is_refused_with_its_place() {
    for (given, word) in [
        ("[]", "not a JSON object"),
        ("{", "not a JSON object"),
        (r#"{"Contact":[]}"#, "lists are TaxRates"),
        (r#"{"Contacts":{}}"#, "company.Contacts is not a list"),
        (r#"{"Contacts":[1]}"#, "company.Contacts[0]"),
        (r#"{"Contacts":[{"Name":"A"},{}]}"#, "company.Contacts[1]: The contact name"),
        (r#"{"Invoices":[{"Type":"ACCREC"}]}"#, "A Contact must be specified"),
        (r#"{"Contacts":[{"Name":"A","ContactID":"x"}]}"#, "ContactID is not an id"),
        (r#"{"LocalXero":{"Attachments":[{}]}}"#, "LocalXero"),
    ] {
        let company = Some(given.to_owned());
        let error = Simulator::new(SimulatorConfig { company, ..config(SCOPES) }).unwrap_err();
        assert_eq!(error.code(), Code::InvalidOption, "{given}");
        assert!(error.message().contains(word), "{given}: {error}");
    }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// One random write.
fn random_write(random: &mut Random, simulator: &mut Simulator, token: &str, made: &mut Vec<Value>) {
    let amount = |random: &mut Random| f64::from(u32::try_from(random.below(100_000)).unwrap()) / 100.0;
    let any = |random: &mut Random, made: &[Value]| {
        made.get(usize::try_from(random.below(made.len().max(1) as u64)).unwrap()).cloned().unwrap_or_default()
    };
    match random.below(6) {
        0 | 1 => {
            let lines: Vec<Value> = (0..random.below(4))
                .map(|_| json!({
                    "Description": "x", "UnitAmount": amount(random), "Quantity": random.below(5).saturating_add(1), "AccountCode": "200",
                    "DiscountRate": random.below(50)
                }))
                .collect();
            let kind = ["Exclusive", "Inclusive", "NoTax"][usize::try_from(random.below(3)).unwrap()];
            let sent = json!({
                "Type": if random.below(2) == 0 { "ACCREC" } else { "ACCPAY" }, "Contact": { "Name": format!("C{}", random.below(5)) },
                "DueDate": "2026-12-24", "Status": if random.below(3) == 0 { "DRAFT" } else { "AUTHORISED" }, "LineItems": lines,
                "LineAmountTypes": kind
            });
            let (status, answer) = write(simulator, token, "PUT", "/Invoices", &sent);
            if status == 200 {
                made.push(answer["Invoices"][0].clone());
            }
        }
        2 | 3 => {
            let invoice = any(random, made);
            let sent = json!({ "Invoice": { "InvoiceID": invoice["InvoiceID"] }, "Account": { "Code": "090" }, "Amount": amount(random) / 4.0 });
            write(simulator, token, "PUT", "/Payments", &sent);
        }
        4 => {
            let payments =
                get(simulator, token, "/api.xro/2.0/Payments?where=Status==%22AUTHORISED%22")["Payments"].clone();
            let payment = any(random, payments.as_array().unwrap());
            if let Some(id) = payment["PaymentID"].as_str() {
                write(simulator, token, "POST", &format!("/Payments/{id}"), &json!({ "Status": "DELETED" }));
            }
        }
        _ => {
            let invoice = any(random, made);
            let status = ["VOIDED", "DELETED", "AUTHORISED"][usize::try_from(random.below(3)).unwrap()];
            write(
                simulator,
                token,
                "POST",
                "/Invoices",
                &json!({ "InvoiceID": invoice["InvoiceID"], "Status": status }),
            );
        }
    }
}

#[test]
fn after_random_writes_sums_agree_and_the_dump_gives_the_same_books() {
    let mut random = Random::seeded();
    for _ in 0..6 {
        let seed = random.below(1_000);
        let mut simulator = Simulator::new(SimulatorConfig { seed, invoices: 12, ..config(SCOPES) }).unwrap();
        let own = token(&mut simulator, None, now());
        let mut made = Vec::new();
        for _ in 0..60 {
            random_write(&mut random, &mut simulator, &own, &mut made);
        }
        let invoices = get(&mut simulator, &own, "/api.xro/2.0/Invoices?page=1&pageSize=1000")["Invoices"].clone();
        let payments = get(&mut simulator, &own, "/api.xro/2.0/Payments")["Payments"].clone();
        let cents = |value: &Value| (value.as_f64().unwrap() * 100.0).round();
        let mut paid: BTreeMap<String, f64> = BTreeMap::new();
        for payment in payments.as_array().unwrap().iter().filter(|own| own["Status"] == "AUTHORISED") {
            *paid.entry(payment["Invoice"]["InvoiceID"].as_str().unwrap().to_owned()).or_default() +=
                cents(&payment["Amount"]);
        }
        for invoice in invoices.as_array().unwrap() {
            let same = |a: f64, b: f64| assert!((a - b).abs() < 0.5, "{a} is not {b}: {invoice:#}");
            let id = invoice["InvoiceID"].as_str().unwrap();
            let own = paid.get(id).copied().unwrap_or(0.0);
            same(cents(&invoice["AmountPaid"]), own);
            let is_over = matches!(invoice["Status"].as_str(), Some("VOIDED" | "DELETED"));
            let due = if is_over { 0.0 } else { cents(&invoice["Total"]) - own };
            same(cents(&invoice["AmountDue"]), due);
            let lines: f64 =
                invoice["LineItems"].as_array().unwrap().iter().map(|line| cents(&line["LineAmount"])).sum();
            let tax = cents(&invoice["TotalTax"]);
            let inclusive = invoice["LineAmountTypes"] == "Inclusive";
            same(cents(&invoice["SubTotal"]), if inclusive { lines - tax } else { lines });
            same(cents(&invoice["Total"]), cents(&invoice["SubTotal"]) + tax);
        }
        for sent in &made {
            let found = invoices
                .as_array()
                .unwrap()
                .iter()
                .find(|own| own["InvoiceID"] == sent["InvoiceID"])
                .expect("it is kept");
            assert_eq!((&found["LineItems"], &found["InvoiceNumber"]), (&sent["LineItems"], &sent["InvoiceNumber"]));
        }
        let dumped = simulator.dump();
        let mut again = of(&dumped);
        let (before, after) = (parsed(&dumped), parsed(&again.dump()));
        for (list, records) in before.as_object().unwrap() {
            assert_eq!(&after[list], records, "{list}");
        }
        let other = token(&mut again, None, now());
        for list in ["Invoices?page=1&pageSize=1000", "Contacts", "Payments", "Accounts", "Items", "TrackingCategories"]
        {
            let path = format!("/api.xro/2.0/{list}");
            let name = list.split('?').next().unwrap();
            assert_eq!(get(&mut again, &other, &path)[name], get(&mut simulator, &own, &path)[name], "{list}");
        }
        let sent = json!({ "Type": "ACCREC", "Contact": { "Name": "After" } });
        let [one, two] = [(&mut simulator, &own), (&mut again, &other)]
            .map(|(simulator, token)| write(simulator, token, "PUT", "/Invoices", &sent).1["Invoices"][0].clone());
        assert_eq!(one, two, "they go on in the same way");
    }
}
