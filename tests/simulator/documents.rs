//! Prepayments and overpayments, batch payments, repeating invoices, linked transactions, journals, e-mail and PDF.

use serde_json::{Value, json};

use super::helpers::{call, config, header, now, open, token};
use super::reports::{cents, sheet};
use super::settings::Books;
use xero_m2m::simulator::{Simulator, SimulatorConfig};
use xero_m2m::time::Date;

const SCOPES: &str = "accounting.invoices accounting.contacts accounting.settings accounting.payments accounting.attachments \
    accounting.banktransactions accounting.manualjournals accounting.reports.trialbalance.read";

/// An authorised invoice or bill of this amount, without tax.
fn invoice(books: &mut Books, kind: &str, amount: f64) -> Value {
    let sent = json!({
        "Type": kind, "Contact": { "Name": "Bayside Boatyard" }, "DueDate": "2026-12-24", "Status": "AUTHORISED", "Date": "2026-11-01",
        "LineItems": [{ "Description": "x", "UnitAmount": amount, "AccountCode": "200", "TaxType": "NONE" }]
    });
    books.write("POST", "/Invoices", json!({ "Invoices": [sent] }))
}

fn due(books: &mut Books, invoice: &Value) -> Value {
    books.get(&format!("/Invoices/{}", invoice["InvoiceID"].as_str().unwrap()))["Invoices"][0]["AmountDue"].clone()
}

/// Money received or spent before an invoice.
fn advance(kind: &str, amount: f64) -> Value {
    json!({ "BankTransactions": [{
        "Type": kind, "Contact": { "Name": "Bayside Boatyard" }, "BankAccount": { "Code": "090" }, "Date": "2026-11-02",
        "LineItems": [{ "Description": "x", "UnitAmount": amount, "AccountCode": if kind.ends_with("OVERPAYMENT") { Value::Null } else { "200".into() } }]
    }] })
}

#[test]
fn money_before_an_invoice_is_allocated_to_it_and_given_back() {
    for (kind, list, id, of) in [
        ("RECEIVE-PREPAYMENT", "Prepayments", "PrepaymentID", "ACCREC"),
        ("RECEIVE-OVERPAYMENT", "Overpayments", "OverpaymentID", "ACCREC"),
        ("SPEND-PREPAYMENT", "Prepayments", "PrepaymentID", "ACCPAY"),
        ("SPEND-OVERPAYMENT", "Overpayments", "OverpaymentID", "ACCPAY"),
    ] {
        let mut books = Books::open(SCOPES);
        let own = invoice(&mut books, of, 100.0);
        let made = books.write("PUT", "/BankTransactions", advance(kind, 50.0));
        let path = format!("/{list}/{}", made[id].as_str().unwrap());
        let credit = books.get(&path)[list][0].clone();
        let total = if list == "Prepayments" { 55.0 } else { 50.0 };
        assert_eq!((&credit["Type"], &credit["RemainingCredit"]), (&json!(kind), &json!(total)), "{credit:#}");
        assert_eq!(books.get(&format!("/{list}"))[list].as_array().unwrap().len(), 1);

        let part = |amount: f64| json!({ "Allocations": [{ "Invoice": { "InvoiceID": own["InvoiceID"] }, "Amount": amount }] });
        assert!(
            books.refused("PUT", &format!("{path}/Allocations"), part(total + 0.01)).contains("exceeds the remaining")
        );
        let allocation = books.write("PUT", &format!("{path}/Allocations"), part(20.0));
        assert_eq!(due(&mut books, &own), 80.0);
        let shown = books.get(&format!("/Invoices/{}", own["InvoiceID"].as_str().unwrap()))["Invoices"][0].clone();
        assert_eq!((&shown["AmountCredited"], &shown[list][0][id]), (&json!(20.0), &made[id]));

        let transaction = format!("/BankTransactions/{}", made["BankTransactionID"].as_str().unwrap());
        let deleted = json!({ "Status": "DELETED" });
        assert!(books.refused("POST", &transaction, deleted.clone()).contains("delete these first"));
        assert!(books.refused("POST", &transaction, json!({ "Reference": "R" })).contains("only be deleted"));
        let of_part = format!("{path}/Allocations/{}", allocation["AllocationID"].as_str().unwrap());
        assert_eq!(books.send("DELETE", &of_part, &Value::Null).0, 200);
        assert_eq!(due(&mut books, &own), 100.0);

        // A refund is a payment.
        let one = list.trim_end_matches('s');
        let refund = json!({ one: { id: made[id] }, "Account": { "Code": "090" }, "Amount": total });
        let refund = books.write("PUT", "/Payments", refund);
        assert!(refund["PaymentType"].as_str().unwrap().ends_with("PAYMENTPAYMENT"), "{refund:#}");
        assert_eq!(books.get(&path)[list][0]["Status"], "PAID");
        books.write("POST", &format!("/Payments/{}", refund["PaymentID"].as_str().unwrap()), deleted.clone());
        assert_eq!(books.get(&path)[list][0]["Status"], "AUTHORISED");
        books.write("POST", &transaction, deleted);
        assert_eq!(books.get(&path)[list][0]["Status"], "VOIDED");
    }
}

#[test]
fn allocations_stand_or_fall_together_or_each_alone() {
    let mut books = Books::open(SCOPES);
    let own = invoice(&mut books, "ACCREC", 100.0);
    let made = books.write("PUT", "/BankTransactions", advance("RECEIVE-OVERPAYMENT", 50.0));
    let path = format!("/Overpayments/{}/Allocations", made["OverpaymentID"].as_str().unwrap());
    let parts = [20.0, 60.0].map(|amount| json!({ "Invoice": { "InvoiceID": own["InvoiceID"] }, "Amount": amount }));
    let sent = json!({ "Allocations": parts });
    assert_eq!(books.send("PUT", &path, &sent).0, 400);
    assert_eq!(due(&mut books, &own), 100.0);
    let (status, answer) = books.send("PUT", &format!("{path}?summarizeErrors=false"), &sent);
    let word = |place: usize| answer["Allocations"][place]["StatusAttributeString"].clone();
    assert_eq!((status, word(0), word(1)), (200, json!("OK"), json!("ERROR")));
    assert!(answer["Allocations"][1]["ValidationErrors"][0]["Message"].is_string());
    assert_eq!(due(&mut books, &own), 80.0);
}

#[test]
fn what_no_prepayment_or_overpayment_can_be_is_refused() {
    let mut books = Books::open(SCOPES);
    let mut foreign = advance("RECEIVE-PREPAYMENT", 50.0);
    foreign["BankTransactions"][0]["CurrencyCode"] = json!("USD");
    assert!(books.refused("PUT", "/BankTransactions", foreign).contains("currency of the organisation"));
    let mut taxed = advance("RECEIVE-OVERPAYMENT", 50.0);
    taxed["BankTransactions"][0]["LineAmountTypes"] = json!("Exclusive");
    assert!(books.refused("PUT", "/BankTransactions", taxed).contains("NoTax"));
    assert!(
        books.refused("PUT", "/BankTransactions", advance("RECEIVE-OVERPAYMENT", 0.0)).contains("greater than zero")
    );
    assert!(books.refused("PUT", "/BankTransactions", advance("RECEIVE-TRANSFER", 5.0)).contains("/BankTransfers"));
    // An overpayment of one contact is no credit of another.
    let made = books.write("PUT", "/BankTransactions", advance("RECEIVE-OVERPAYMENT", 50.0));
    let other = json!({
        "Type": "ACCREC", "Contact": { "Name": "Another" }, "DueDate": "2026-12-24", "Status": "AUTHORISED",
        "LineItems": [{ "Description": "x", "UnitAmount": 10, "AccountCode": "200" }]
    });
    let other = books.write("PUT", "/Invoices", other);
    let sent = json!({ "Invoice": { "InvoiceID": other["InvoiceID"] }, "Amount": 1 });
    let path = format!("/Overpayments/{}/Allocations", made["OverpaymentID"].as_str().unwrap());
    assert!(books.refused("PUT", &path, sent).contains("same contact"));
    assert_eq!(books.send("PUT", "/Overpayments", &json!({})).0, 501);
}

#[test]
fn lines_cannot_name_the_accounts_that_documents_are_posted_to() {
    let mut books = Books::open(SCOPES);
    for code in ["090", "610", "800"] {
        let line = json!({ "Description": "x", "UnitAmount": 1, "AccountCode": code });
        let sent = json!({ "Type": "ACCREC", "Contact": { "Name": "A" }, "LineItems": [line] });
        assert!(books.refused("PUT", "/Invoices", sent).contains("not a valid code"), "{code}");
        let lines = [1.0, -1.0].map(|amount| json!({ "LineAmount": amount, "AccountCode": code }));
        let journal = json!({ "Narration": "N", "JournalLines": lines });
        assert!(books.refused("PUT", "/ManualJournals", journal).contains("not a valid code"), "{code}");
    }
    let accounts = books.get("/Accounts")["Accounts"].clone();
    let id = |code: &str| {
        let found = accounts.as_array().unwrap().iter().find(|own| own["Code"] == code).unwrap();
        format!("/Accounts/{}", found["AccountID"].as_str().unwrap())
    };
    for (code, word) in [("610", "system account"), ("200", "documents use"), ("090", "documents use")] {
        let (status, answer) = books.send("DELETE", &id(code), &Value::Null);
        assert_eq!(status, 400, "{code}");
        assert!(answer.to_string().contains(word), "{code}: {answer}");
    }
    assert!(books.refused("POST", &id("610"), json!({ "Type": "EXPENSE" })).contains("system account"));
    assert_eq!(books.send("DELETE", &id("493"), &Value::Null).0, 200);
}

#[test]
fn a_batch_pays_several_invoices_and_is_deleted_as_a_whole() {
    let mut books = Books::open(SCOPES);
    let [one, two] = [100.0, 50.0].map(|amount| invoice(&mut books, "ACCREC", amount));
    let part = |own: &Value, amount: f64| json!({ "Invoice": { "InvoiceID": own["InvoiceID"] }, "Amount": amount });
    let batch = |payments: Vec<Value>| {
        json!({ "BatchPayments": [{
        "Account": { "Code": "090" }, "Date": "2026-11-10", "Reference": "B", "Payments": payments
    }] })
    };
    let bill = invoice(&mut books, "ACCPAY", 10.0);
    for (payments, word) in [
        (vec![], "Payments is missing"),
        (vec![part(&one, 100.0), part(&two, 50.01)], "number 2: Payment amount exceeds"),
        (vec![part(&one, 1.0), part(&bill, 1.0)], "all of bills"),
    ] {
        let message = books.refused("PUT", "/BatchPayments", batch(payments));
        assert!(message.contains(word), "{message}");
        assert_eq!(due(&mut books, &one), 100.0, "nothing was paid");
    }
    let made = books.write("PUT", "/BatchPayments", batch(vec![part(&one, 100.0), part(&two, 30.0)]));
    assert_eq!((&made["Type"], &made["TotalAmount"]), (&json!("RECBATCH"), &json!(130.0)));
    assert_eq!((due(&mut books, &one), due(&mut books, &two)), (json!(0.0), json!(20.0)));
    let id = made["BatchPaymentID"].as_str().unwrap();
    let payment = made["Payments"][0]["PaymentID"].as_str().unwrap();
    assert_eq!(books.get(&format!("/Payments/{payment}"))["Payments"][0]["BatchPaymentID"], id);
    let deleted = json!({ "Status": "DELETED" });
    assert!(books.refused("POST", &format!("/Payments/{payment}"), deleted.clone()).contains("batch"));
    books.write("POST", &format!("/BatchPayments/{id}"), deleted);
    assert_eq!((due(&mut books, &one), due(&mut books, &two)), (json!(100.0), json!(50.0)));
    assert_eq!(books.get(&format!("/Payments/{payment}"))["Payments"][0]["Status"], "DELETED");
    assert_eq!(books.get(&format!("/BatchPayments/{id}"))["BatchPayments"][0]["Status"], "DELETED");
}

#[test]
fn a_template_of_invoices_is_made_changed_and_deleted() {
    let mut books = Books::open(SCOPES);
    let sent = json!({
        "Type": "ACCREC", "Contact": { "Name": "A" }, "LineItems": [{ "Description": "x", "UnitAmount": 10, "AccountCode": "200" }],
        "Schedule": { "Period": 1, "Unit": "MONTHLY", "DueDate": 10, "DueDateType": "OFFOLLOWINGMONTH", "StartDate": "2026-12-01" }
    });
    let mut without = sent.clone();
    without["Schedule"].as_object_mut().unwrap().remove("Unit");
    assert!(books.refused("PUT", "/RepeatingInvoices", without).contains("Schedule: Unit is missing"));
    let made = books.write("PUT", "/RepeatingInvoices", json!({ "RepeatingInvoices": [sent] }));
    let path = format!("/RepeatingInvoices/{}", made["RepeatingInvoiceID"].as_str().unwrap());
    let read = books.get(&path)["RepeatingInvoices"][0].clone();
    assert_eq!((&read["Total"], &read["ID"]), (&json!(11.0), &made["RepeatingInvoiceID"]));
    assert!(read["Schedule"]["NextScheduledDate"].is_string());
    let changed = books.write("POST", &path, json!({ "Status": "AUTHORISED", "Reference": "R" }));
    assert_eq!((&changed["Status"], &changed["Reference"]), (&json!("AUTHORISED"), &json!("R")));
    books.write("POST", &path, json!({ "Status": "DELETED" }));
    assert!(books.get("/RepeatingInvoices")["RepeatingInvoices"].as_array().unwrap().is_empty());
}

#[test]
fn a_line_of_a_bill_is_linked_to_the_invoice_that_charges_for_it() {
    let mut books = Books::open(SCOPES);
    let (bill, sale) = (invoice(&mut books, "ACCPAY", 10.0), invoice(&mut books, "ACCREC", 12.0));
    let source =
        json!({ "SourceTransactionID": bill["InvoiceID"], "SourceLineItemID": bill["LineItems"][0]["LineItemID"] });
    let wrong =
        json!({ "SourceTransactionID": sale["InvoiceID"], "SourceLineItemID": sale["LineItems"][0]["LineItemID"] });
    assert!(books.refused("PUT", "/LinkedTransactions", wrong).contains("is a bill"));
    assert!(books.refused("PUT", "/LinkedTransactions", json!({})).contains("SourceTransactionID is missing"));
    let made = books.write("PUT", "/LinkedTransactions", source);
    assert_eq!((&made["Status"], &made["SourceTransactionTypeCode"]), (&json!("APPROVED"), &json!("ACCPAY")));
    let path = format!("/LinkedTransactions/{}", made["LinkedTransactionID"].as_str().unwrap());
    let target = json!({ "TargetTransactionID": sale["InvoiceID"], "ContactID": sale["Contact"]["ContactID"] });
    let changed = books.write("POST", &path, target);
    assert_eq!((&changed["Status"], &changed["Type"]), (&json!("BILLED"), &json!("BILLABLEEXPENSE")));
    assert_eq!(books.send("DELETE", &path, &Value::Null).0, 204);
    assert_eq!(books.send("GET", &path, &Value::Null).0, 404);
}

#[test]
fn an_invoice_is_marked_as_sent_or_the_e_mail_is_refused() {
    let mut books = Books::open(SCOPES);
    let own = invoice(&mut books, "ACCREC", 10.0);
    let path = format!("/Invoices/{}", own["InvoiceID"].as_str().unwrap());
    assert_eq!(books.send("POST", &format!("{path}/Email"), &json!({})).0, 204);
    assert_eq!(books.get(&path)["Invoices"][0]["SentToContact"], true);
    let bill = invoice(&mut books, "ACCPAY", 10.0);
    let path = format!("/Invoices/{}/Email", bill["InvoiceID"].as_str().unwrap());
    assert!(books.refused("POST", &path, json!({})).contains("ACCREC"));
    let draft = books.write("PUT", "/Invoices", json!({ "Type": "ACCREC", "Contact": { "Name": "No address" } }));
    let path = format!("/Invoices/{}/Email", draft["InvoiceID"].as_str().unwrap());
    let message = books.refused("POST", &path, json!({}));
    assert!(message.contains("status") && message.contains("EmailAddress"), "{message}");
}

#[test]
fn a_pdf_has_the_number_and_the_total_of_its_invoice() {
    let mut simulator = open(SCOPES);
    let token = token(&mut simulator, None, now());
    let list = super::helpers::get(&mut simulator, &token, "/api.xro/2.0/Invoices?where=Type==%22ACCREC%22&page=1");
    let own = &list["Invoices"][0];
    let path = format!("/api.xro/2.0/Invoices/{}/pdf", own["InvoiceID"].as_str().unwrap());
    let answer = call(&mut simulator, &token, "GET", &path, "");
    let text = String::from_utf8(answer.body.clone()).unwrap();
    assert_eq!((answer.status, header(&answer, "content-type")), (200, Some("application/pdf")));
    assert!(text.starts_with("%PDF-1.4") && text.contains(own["InvoiceNumber"].as_str().unwrap()), "{text}");
    assert!(text.contains(&format!("Total: {}", own["Total"])), "{text}");
}

#[test]
fn journals_are_numbered_and_a_change_is_taken_back() {
    let scopes = "accounting.transactions accounting.settings accounting.journals.read accounting.contacts";
    let created_on = Date::new(2026, 4, 28).unwrap();
    let mut books = Books::of(Simulator::new(SimulatorConfig { invoices: 2, created_on, ..config(scopes) }).unwrap());
    let first = books.get("/Journals")["Journals"].as_array().unwrap().clone();
    let last = first.len();
    assert!(last >= 2, "the demo invoices have journals");
    for (place, journal) in first.iter().enumerate() {
        assert_eq!(journal["JournalNumber"], place + 1);
        let has_null = |line: &Value| line.as_object().unwrap().values().any(Value::is_null);
        assert!(!journal["JournalLines"].as_array().unwrap().iter().any(has_null), "{journal:#}");
        let sum: i64 = journal["JournalLines"].as_array().unwrap().iter().map(|line| cents(&line["NetAmount"])).sum();
        assert_eq!(sum, 0, "{journal:#}");
    }
    let own = invoice(&mut books, "ACCREC", 10.0);
    let added = books.get(&format!("/Journals?offset={last}"))["Journals"].as_array().unwrap().clone();
    assert_eq!(added.len(), 1);
    assert_eq!((&added[0]["SourceID"], &added[0]["SourceType"]), (&own["InvoiceID"], &json!("ACCREC")));
    assert_eq!(books.get(&format!("/Journals/{}", last + 1))["Journals"][0], added[0]);
    assert_eq!(books.get(&format!("/Journals/{}", added[0]["JournalID"].as_str().unwrap()))["Journals"][0], added[0]);
    books.write("POST", &format!("/Invoices/{}", own["InvoiceID"].as_str().unwrap()), json!({ "Status": "VOIDED" }));
    let back = books.get(&format!("/Journals?offset={}", last + 1))["Journals"].as_array().unwrap().clone();
    assert_eq!(back.len(), 1);
    assert_eq!(cents(&back[0]["JournalLines"][0]["NetAmount"]), -cents(&added[0]["JournalLines"][0]["NetAmount"]));
    assert_eq!(books.get("/Journals")["Journals"].as_array().unwrap()[..last], first[..], "no journal changes");
    assert_eq!(books.send("GET", "/Journals?paymentsOnly=true", &Value::Null).0, 501);
}

#[test]
fn a_manual_journal_counts_when_it_is_posted_with_its_tax() {
    let mut books = Books::open(SCOPES);
    let before = sheet(&mut books, "/Reports/TrialBalance?date=2026-11-10");
    let lines = [("200", -100.0, "OUTPUT"), ("970", 110.0, "NONE")]
        .map(|(code, amount, tax)| json!({ "AccountCode": code, "LineAmount": amount, "TaxType": tax }));
    let sent = json!({ "Narration": "N", "Date": "2026-11-09", "LineAmountTypes": "Exclusive", "JournalLines": lines });
    let made = books.write("PUT", "/ManualJournals", sent);
    assert_eq!(sheet(&mut books, "/Reports/TrialBalance?date=2026-11-10"), before, "a draft counts nothing");
    let path = format!("/ManualJournals/{}", made["ManualJournalID"].as_str().unwrap());
    books.write("POST", &path, json!({ "Status": "POSTED" }));
    let after = sheet(&mut books, "/Reports/TrialBalance?date=2026-11-10");
    let moved = |name: &str| {
        let of = |sheet: &super::reports::Sheet| sheet.get(name).map_or(0, |row| row[2] - row[3]);
        of(&after) - of(&before)
    };
    assert_eq!((moved("Sales (200)"), moved("Sales Tax (820)")), (-10_000, -1_000));
    assert_eq!(moved("Owner's Share Capital (970)"), 11_000);
}
