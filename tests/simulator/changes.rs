//! What a record may become: edits of documents that count, statuses that may follow, and settings that records name.

use serde_json::{Value, json};

use super::settings::Books;

const SCOPES: &str = "accounting.invoices accounting.contacts accounting.settings accounting.payments \
    accounting.banktransactions accounting.manualjournals accounting.reports.trialbalance.read";

fn document(kind: &str, more: &Value) -> Value {
    let mut own = json!({
        "Contact": { "Name": "Bayside Boatyard" }, "Date": "2026-11-02",
        "LineItems": [{ "Description": "x", "UnitAmount": 100, "AccountCode": "200", "TaxType": "NONE" }]
    });
    if !kind.is_empty() {
        own["Type"] = json!(kind);
    }
    own.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    own
}

/// The path of the record that a write made.
fn path(list: &str, id: &str, made: &Value) -> String {
    format!("/{list}/{}", made[id].as_str().unwrap())
}

#[test]
fn an_authorised_document_can_change_until_something_settles_it() {
    for (list, id, kind) in [("Invoices", "InvoiceID", "ACCREC"), ("CreditNotes", "CreditNoteID", "ACCRECCREDIT")] {
        let mut books = Books::open(SCOPES);
        let sent = document(
            kind,
            &json!({ "Status": "AUTHORISED", "DueDate": if list == "Invoices" { json!("2026-12-24") } else { Value::Null } }),
        );
        let made = books.write("PUT", &format!("/{list}"), sent);
        let path = path(list, id, &made);
        let line = json!({ "LineItemID": made["LineItems"][0]["LineItemID"], "Description": "y", "Quantity": 3, "UnitAmount": 50, "AccountCode": "260", "TaxType": "NONE" });
        let changed = books.write(
            "POST",
            &path,
            json!({ "LineItems": [line], "Date": "2026-11-03", "CurrencyCode": "USD", "CurrencyRate": 0.5 }),
        );
        let open = if list == "Invoices" { "AmountDue" } else { "RemainingCredit" };
        assert_eq!((&changed[open], &changed["Status"]), (&json!(150.0), &json!("AUTHORISED")), "{changed:#}");
        assert_eq!(
            (&changed["LineItems"][0]["AccountCode"], &changed["DateString"]),
            (&json!("260"), &json!("2026-11-03T00:00:00"))
        );
        assert_eq!(changed["LineItems"][0]["LineItemID"], made["LineItems"][0]["LineItemID"]);
        for sent in [json!({ "LineItems": [] }), json!({ "Status": "DRAFT" }), json!({ "Status": "DELETED" })] {
            books.refused("POST", &path, sent);
        }
        books.write("POST", &path, json!({ "CurrencyCode": "AUD", "CurrencyRate": 1 }));

        let of =
            if list == "Invoices" { json!({ "InvoiceID": made[id] }) } else { json!({ "CreditNoteID": made[id] }) };
        let member = if list == "Invoices" { "Invoice" } else { "CreditNote" };
        let payment =
            books.write("PUT", "/Payments", json!({ member: of, "Account": { "Code": "090" }, "Amount": 40 }));
        for sent in [
            json!({ "LineItems": [{ "Description": "z", "UnitAmount": 1, "AccountCode": "200" }] }),
            json!({ "Date": "2026-11-04" }),
            json!({ "Status": "VOIDED" }),
        ] {
            let message = books.refused("POST", &path, sent.clone());
            let words = ["not of valid status for modification", "has a payment or credit note allocated to it"];
            assert!(words.iter().all(|word| message.contains(word)), "{sent}: {message}");
        }
        books.write("POST", &path, json!({ "Reference": "stays open to this" }));
        books.write(
            "POST",
            &format!("/Payments/{}", payment["PaymentID"].as_str().unwrap()),
            json!({ "Status": "DELETED" }),
        );
        let voided = books.write("POST", &path, json!({ "Status": "VOIDED" }));
        assert_eq!((&voided["Status"], &voided[open]), (&json!("VOIDED"), &json!(0.0)));
    }
}

#[test]
fn the_reports_follow_an_invoice_that_was_changed() {
    let mut books = Books::open(SCOPES);
    let made = books.write(
        "PUT",
        "/Invoices",
        document("ACCREC", &json!({ "Status": "AUTHORISED", "DueDate": "2026-12-24" })),
    );
    let amount = |books: &mut Books, account: &str| {
        let report = books.get("/Reports/TrialBalance?date=2026-11-30").to_string();
        let row = report.split(account).nth(1).map(|rest| rest.split("Row").next().unwrap().to_owned());
        row.unwrap_or_default()
    };
    let before = [amount(&mut books, "Sales (200)"), amount(&mut books, "Other Revenue (260)")];
    let line = json!({ "Description": "y", "UnitAmount": 100, "AccountCode": "260", "TaxType": "NONE" });
    books.write("POST", &path("Invoices", "InvoiceID", &made), json!({ "LineItems": [line] }));
    let after = [amount(&mut books, "Sales (200)"), amount(&mut books, "Other Revenue (260)")];
    assert!(before[0] != after[0] && before[1] != after[1], "{before:?} {after:?}");
}

#[test]
fn a_status_that_may_not_follow_is_refused() {
    let lines = [100, -100].map(|amount| json!({ "AccountCode": "200", "LineAmount": amount }));
    let journal = json!({ "Narration": "N", "JournalLines": lines });
    for (list, id, sent, rows) in [
        (
            "Quotes",
            "QuoteID",
            document("", &json!({})),
            &[
                ("DRAFT", &["SENT", "DELETED"][..], &["ACCEPTED", "DECLINED", "INVOICED"][..]),
                ("SENT", &["ACCEPTED", "DECLINED", "DELETED"], &["INVOICED", "DRAFT"]),
                ("DECLINED", &["SENT", "DELETED"], &["ACCEPTED", "INVOICED", "DRAFT"]),
                ("ACCEPTED", &["SENT", "INVOICED", "DELETED"], &["DECLINED", "DRAFT"]),
                ("INVOICED", &["SENT", "DELETED"], &["ACCEPTED", "DECLINED", "DRAFT"]),
                ("DELETED", &[], &["DRAFT", "SENT"]),
            ][..],
        ),
        (
            "ManualJournals",
            "ManualJournalID",
            journal,
            &[
                ("DRAFT", &["POSTED", "DELETED", "ARCHIVED"], &["VOIDED"]),
                ("POSTED", &["VOIDED"], &["DRAFT", "DELETED", "ARCHIVED"]),
                ("VOIDED", &[], &["POSTED", "DRAFT"]),
            ],
        ),
    ] {
        let mut books = Books::open(SCOPES);
        for (from, right, wrong) in rows {
            for (to, is_right) in right.iter().map(|to| (to, true)).chain(wrong.iter().map(|to| (to, false))) {
                let mut own = sent.clone();
                own["Status"] = json!(if ["DELETED", "VOIDED"].contains(from) { "POSTED" } else { from });
                if list == "Quotes" && *from == "DELETED" {
                    own["Status"] = json!("DRAFT");
                }
                let made = books.write("PUT", &format!("/{list}"), own);
                let path = path(list, id, &made);
                if made["Status"] != *from {
                    books.write("POST", &path, json!({ "Status": from }));
                }
                if is_right {
                    let changed = books.write("POST", &path, json!({ "Status": to }));
                    assert_eq!(changed["Status"], *to, "{list} {from} {to}");
                } else {
                    let message = books.refused("POST", &path, json!({ "Status": to }));
                    assert!(message.contains("not of valid status for modification"), "{list} {from} {to}: {message}");
                    assert_eq!(books.get(&path)[list][0]["Status"], *from);
                }
            }
        }
    }
}

#[test]
fn a_record_does_not_begin_at_its_end() {
    let mut books = Books::open(SCOPES);
    let lines = [100, -100].map(|amount| json!({ "AccountCode": "200", "LineAmount": amount }));
    let bank = json!({ "BankAccount": { "Code": "090" } });
    for (list, sent, statuses) in [
        ("Invoices", document("ACCREC", &json!({})), &["DELETED", "VOIDED"][..]),
        ("CreditNotes", document("ACCRECCREDIT", &json!({})), &["DELETED", "VOIDED"]),
        ("Quotes", document("", &json!({})), &["DELETED"]),
        ("PurchaseOrders", document("", &json!({})), &["DELETED"]),
        ("BankTransactions", document("SPEND", &bank), &["DELETED", "VOIDED"]),
        ("ManualJournals", json!({ "Narration": "N", "JournalLines": lines }), &["DELETED", "VOIDED"]),
        ("ContactGroups", json!({ "Name": "G" }), &["DELETED"]),
    ] {
        for status in statuses {
            let mut own = sent.clone();
            own["Status"] = json!(status);
            let message = books.refused("PUT", &format!("/{list}"), own);
            assert!(message.contains(status), "{list} {status}: {message}");
        }
        books.write("PUT", &format!("/{list}"), sent);
    }
}

#[test]
fn tracking_that_documents_name_stays_and_archived_options_take_no_new_line() {
    let mut books = Books::open(SCOPES);
    let category = books.get("/TrackingCategories")["TrackingCategories"][0].clone();
    let own = path("TrackingCategories", "TrackingCategoryID", &category);
    let [used, free] = ["Used", "Free"].map(|name| {
        let made = books.write("PUT", &format!("{own}/Options"), json!({ "Name": name }));
        (format!("{own}/Options/{}", made["TrackingOptionID"].as_str().unwrap()), name)
    });
    let tracked = |name: &str| {
        let tracking = json!([{ "Name": category["Name"], "Option": name }]);
        document(
            "ACCREC",
            &json!({ "LineItems": [{ "Description": "x", "UnitAmount": 1, "AccountCode": "200", "Tracking": tracking }] }),
        )
    };
    let invoice = books.write("PUT", "/Invoices", tracked(used.1));
    assert!(books.refused("DELETE", &used.0, Value::Null).contains("documents use"));
    assert!(books.refused("DELETE", &own, Value::Null).contains("documents use"));
    assert_eq!(books.write("DELETE", &free.0, Value::Null)["Status"], "DELETED");
    books.write("POST", &used.0, json!({ "Status": "ARCHIVED" }));
    assert!(books.refused("PUT", "/Invoices", tracked(used.1)).contains("archived"));
    // What was there before goes on.
    let line = invoice["LineItems"][0].clone();
    books.write("POST", &path("Invoices", "InvoiceID", &invoice), json!({ "LineItems": [line] }));
    books.write("POST", &used.0, json!({ "Status": "ACTIVE" }));
    books.write("PUT", "/Invoices", tracked(used.1));
}

#[test]
fn a_group_that_is_deleted_takes_no_contact_and_an_item_of_inventory_is_not_played() {
    let mut books = Books::open(SCOPES);
    let contact = books.get("/Contacts")["Contacts"][0]["ContactID"].clone();
    let group = books.write("PUT", "/ContactGroups", json!({ "Name": "G" }));
    let group = path("ContactGroups", "ContactGroupID", &group);
    books.write("POST", &group, json!({ "Status": "DELETED" }));
    let message = books.refused("PUT", &format!("{group}/Contacts"), json!({ "Contacts": [{ "ContactID": contact }] }));
    assert!(message.contains("DELETED"), "{message}");
    let tracked = json!({ "Code": "T", "InventoryAssetAccountCode": "630", "PurchaseDetails": { "UnitPrice": 1, "COGSAccountCode": "310" } });
    assert!(books.refused("PUT", "/Items", tracked).contains("tracked inventory"));
}
