//! Documents that change each other: invoices, payments, credit notes and allocations; attachments and history.

use serde_json::{Value, json};

use super::helpers::{call, header, now, open, request, send, token};
use super::settings::Books;

const SCOPES: &str = "accounting.invoices accounting.contacts accounting.settings accounting.payments accounting.attachments \
    accounting.banktransactions accounting.manualjournals";

/// An authorised sales invoice of this amount, without tax.
fn invoice(books: &mut Books, amount: f64) -> Value {
    let sent = json!({
        "Type": "ACCREC", "Contact": { "Name": "Bayside Boatyard" }, "DueDate": "2026-12-24", "Status": "AUTHORISED",
        "LineItems": [{ "Description": "x", "UnitAmount": amount, "AccountCode": "200", "TaxType": "NONE" }]
    });
    books.write("POST", "/Invoices", json!({ "Invoices": [sent] }))
}

fn read(books: &mut Books, invoice: &Value) -> Value {
    books.get(&format!("/Invoices/{}", invoice["InvoiceID"].as_str().unwrap()))["Invoices"][0].clone()
}

fn pay(invoice: &Value, amount: f64) -> Value {
    json!({ "Payments": [{ "Invoice": { "InvoiceID": invoice["InvoiceID"] }, "Account": { "Code": "090" }, "Amount": amount, "Date": "2026-11-10" }] })
}

#[test]
fn a_payment_lowers_what_is_due_a_full_one_pays_and_a_deleted_one_gives_back() {
    let mut books = Books::open(SCOPES);
    let own = invoice(&mut books, 100.0);
    let first = books.write("PUT", "/Payments", pay(&own, 40.0));
    let shown = read(&mut books, &own);
    assert_eq!(
        (&shown["AmountDue"], &shown["AmountPaid"], &shown["Status"]),
        (&json!(60.0), &json!(40.0), &json!("AUTHORISED"))
    );
    let second = books.write("POST", "/Payments", pay(&own, 60.0)["Payments"][0].clone());
    let shown = read(&mut books, &own);
    assert_eq!((&shown["AmountDue"], &shown["Status"]), (&json!(0.0), &json!("PAID")));
    assert_eq!(shown["Payments"].as_array().unwrap().len(), 2);
    assert!(shown["FullyPaidOnDate"].is_string());

    let path = format!("/Payments/{}", second["PaymentID"].as_str().unwrap());
    let payment = books.get(&path)["Payments"][0].clone();
    assert_eq!((&payment["Amount"], &payment["Invoice"]["InvoiceNumber"]), (&json!(60.0), &own["InvoiceNumber"]));
    assert_eq!(payment["PaymentType"], "ACCRECPAYMENT");
    let listed = books.get("/Payments")["Payments"].clone();
    for one in [&first, &second] {
        assert!(listed.as_array().unwrap().iter().any(|row| row["PaymentID"] == one["PaymentID"]));
    }
    books.write("POST", &path, json!({ "Payments": [{ "Status": "DELETED" }] }));
    let shown = read(&mut books, &own);
    assert_eq!((&shown["AmountDue"], &shown["Status"]), (&json!(60.0), &json!("AUTHORISED")));
    assert_eq!(books.get(&path)["Payments"][0]["Status"], "DELETED");
    books.refused("POST", &path, json!({ "Status": "DELETED" }));
}

#[test]
fn a_payment_of_nothing_of_too_much_or_without_an_account_is_refused() {
    let mut books = Books::open(SCOPES);
    let own = invoice(&mut books, 100.0);
    assert!(books.refused("PUT", "/Payments", pay(&own, 100.01)).contains("exceeds the amount outstanding"));
    assert!(books.refused("PUT", "/Payments", pay(&own, 0.0)).contains("greater than zero"));
    let unknown = json!({ "InvoiceID": "00000000-0000-4000-8000-000000000000" });
    assert!(books.refused("PUT", "/Payments", pay(&unknown, 1.0)).contains("could not be found"));
    let mut without = pay(&own, 1.0);
    without["Payments"][0]["Account"] = json!({ "Code": "200" });
    assert!(books.refused("PUT", "/Payments", without).contains("bank account"));
    let draft = books.write("PUT", "/Invoices", json!({ "Type": "ACCREC", "Contact": { "Name": "A" } }));
    assert!(books.refused("PUT", "/Payments", pay(&draft, 1.0)).contains("Authorised"));
    assert_eq!(read(&mut books, &own)["AmountDue"], 100.0);
}

#[test]
fn the_payments_of_demo_invoices_are_in_the_list_of_payments() {
    let mut books = Books::open(SCOPES);
    let listed = books.get("/Payments")["Payments"].clone();
    let listed = listed.as_array().unwrap();
    let invoices = books.get("/Invoices?page=1&pageSize=1000")["Invoices"].clone();
    let mut count = 0;
    for invoice in invoices.as_array().unwrap() {
        for payment in invoice["Payments"].as_array().unwrap() {
            let own = listed.iter().find(|row| row["PaymentID"] == payment["PaymentID"]).expect("it is listed");
            assert_eq!((&own["Amount"], &own["Invoice"]["InvoiceID"]), (&payment["Amount"], &invoice["InvoiceID"]));
            count += 1;
        }
    }
    assert_eq!(count, listed.len());
    // One of them can be deleted.
    let own = &listed[0];
    books.write("POST", &format!("/Payments/{}", own["PaymentID"].as_str().unwrap()), json!({ "Status": "DELETED" }));
    let invoice = read(&mut books, &own["Invoice"]);
    assert_eq!((&invoice["AmountDue"], &invoice["Status"]), (&own["Amount"], &json!("AUTHORISED")));
}

#[test]
fn an_allocation_of_a_credit_note_lowers_what_is_due_and_can_be_taken_back() {
    let mut books = Books::open(SCOPES);
    let own = invoice(&mut books, 100.0);
    let note = json!({ "CreditNotes": [{
        "Type": "ACCRECCREDIT", "Contact": { "Name": "Bayside Boatyard" }, "Status": "AUTHORISED", "Date": "2026-11-10",
        "LineItems": [{ "Description": "x", "UnitAmount": 30, "AccountCode": "200", "TaxType": "NONE" }]
    }] });
    let note = books.write("PUT", "/CreditNotes", note);
    let path = format!("/CreditNotes/{}", note["CreditNoteID"].as_str().unwrap());
    assert_eq!(books.get(&path)["CreditNotes"][0]["RemainingCredit"], 30.0);
    let part =
        |amount: f64| json!({ "Allocations": [{ "Invoice": { "InvoiceID": own["InvoiceID"] }, "Amount": amount }] });
    books.refused("PUT", &format!("{path}/Allocations"), part(30.01));
    let made = books.write("PUT", &format!("{path}/Allocations"), part(30.0));
    let shown = read(&mut books, &own);
    assert_eq!((&shown["AmountDue"], &shown["AmountCredited"]), (&json!(70.0), &json!(30.0)));
    let shown = books.get(&path)["CreditNotes"][0].clone();
    assert_eq!((&shown["RemainingCredit"], &shown["Status"]), (&json!(0.0), &json!("PAID")));
    let of_part = format!("{path}/Allocations/{}", made["AllocationID"].as_str().unwrap());
    assert_eq!(books.send("DELETE", &of_part, &Value::Null).0, 200);
    assert_eq!(books.send("DELETE", &of_part, &Value::Null).0, 404);
    assert_eq!(read(&mut books, &own)["AmountDue"], 100.0);
    assert_eq!(books.get(&path)["CreditNotes"][0]["RemainingCredit"], 30.0);
}

#[test]
fn everything_that_is_sent_with_an_invoice_is_kept_or_refused() {
    let mut books = Books::open(SCOPES);
    let theme = books.get("/BrandingThemes")["BrandingThemes"][1]["BrandingThemeID"].clone();
    let line = json!({
        "LineItemID": "11111111-2222-4333-8444-555555555555", "ItemCode": "PANEL", "Quantity": 4, "DiscountRate": 25,
        "Tracking": [{ "Name": "Region", "Option": "North" }]
    });
    let sent = json!({
        "Type": "ACCREC", "Contact": { "Name": "Bayside Boatyard" }, "Url": "https://example.com/1", "CurrencyCode": "USD",
        "BrandingThemeID": theme, "Reference": "R", "DueDate": "2026-12-24", "PlannedPaymentDate": "2026-12-20", "LineItems": [line]
    });
    let made = books.write("PUT", "/Invoices", sent.clone());
    let shown = read(&mut books, &made);
    for name in ["Url", "CurrencyCode", "BrandingThemeID", "Reference"] {
        assert_eq!(shown[name], sent[name], "{name}");
    }
    let own = &shown["LineItems"][0];
    assert_eq!(own["LineItemID"], line["LineItemID"]);
    assert_eq!(
        (&own["UnitAmount"], &own["AccountCode"], &own["LineAmount"]),
        (&json!(89.0), &json!("200"), &json!(267.0))
    );
    assert_eq!((&own["DiscountRate"], &own["DiscountAmount"]), (&json!(25), &json!(89.0)));
    assert_eq!(
        (&own["Tracking"][0]["Option"], &own["Description"]),
        (&json!("North"), &json!("Acoustic panel, 1200 x 600"))
    );
    assert!(own["Tracking"][0]["TrackingOptionID"].is_string());
    assert_eq!(shown["Contact"]["Phones"].as_array().unwrap().len(), 4, "the whole contact");
    assert!(shown["Contact"]["EmailAddress"].is_string());

    for (change, word) in [
        (json!({ "AccountCode": "999" }), "'999' is not a valid code"),
        (json!({ "ItemCode": "NOTHING" }), "'NOTHING' is not valid"),
        (json!({ "TaxType": "MARS" }), "TaxType code 'MARS'"),
        (json!({ "Tracking": [{ "Name": "Region", "Option": "Moon" }] }), "Tracking"),
        (json!({ "DiscountRate": 125 }), "DiscountRate"),
    ] {
        let mut wrong = sent.clone();
        wrong["LineItems"][0] = json!({ "Description": "x", "UnitAmount": 1, "AccountCode": "200" });
        wrong["LineItems"][0].as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let message = books.refused("PUT", "/Invoices", wrong);
        assert!(message.contains(word), "{change}: {message}");
    }
    let mut wrong = sent;
    wrong["CurrencyCode"] = json!("XXX");
    assert!(books.refused("PUT", "/Invoices", wrong).contains("not subscribed to currency XXX"));
    let without = books.refused("PUT", "/Invoices", json!({ "Type": "ACCREC" }));
    assert!(without.contains("A Contact must be specified for this type of transaction"), "{without}");
}

#[test]
fn unit_amounts_have_two_decimals_or_four_if_asked_for() {
    let mut books = Books::open(SCOPES);
    let line = json!({ "Description": "x", "UnitAmount": 1.2345, "Quantity": 100, "AccountCode": "200" });
    let sent = json!({ "Type": "ACCREC", "Contact": { "Name": "A" }, "LineItems": [line] });
    let four = books.write("PUT", "/Invoices?unitdp=4", sent.clone());
    assert_eq!(
        (&four["LineItems"][0]["UnitAmount"], &four["LineItems"][0]["LineAmount"]),
        (&json!(1.2345), &json!(123.45))
    );
    assert_eq!(read(&mut books, &four)["LineItems"][0]["UnitAmount"], 1.23);
    let two = books.write("PUT", "/Invoices", sent);
    assert_eq!((&two["LineItems"][0]["UnitAmount"], &two["LineItems"][0]["LineAmount"]), (&json!(1.23), &json!(123.0)));
}

#[test]
fn the_balances_of_a_contact_are_its_open_invoices() {
    let mut books = Books::open(SCOPES);
    let name = "Somebody new";
    for amount in [10.0, 20.5] {
        let sent = json!({
            "Type": "ACCREC", "Contact": { "Name": name }, "DueDate": if amount > 15.0 { "2026-12-24" } else { "2026-01-01" },
            "Status": "AUTHORISED", "LineItems": [{ "Description": "x", "UnitAmount": amount, "AccountCode": "200", "TaxType": "NONE" }]
        });
        books.write("PUT", "/Invoices", sent);
    }
    let found = books.get("/Contacts?searchTerm=SOMEBODY")["Contacts"][0].clone();
    let balances = &found["Balances"]["AccountsReceivable"];
    assert_eq!((&balances["Outstanding"], &balances["Overdue"]), (&json!(30.5), &json!(10.0)));
    assert!(books.get("/Contacts?searchTerm=SOMEBODY&summaryOnly=true")["Contacts"][0].get("Balances").is_none());
}

#[test]
fn attachments_are_bytes_in_bytes_out_and_history_keeps_notes() {
    let mut simulator = open(SCOPES);
    let token = token(&mut simulator, None, now());
    let invoices = super::helpers::get(&mut simulator, &token, "/api.xro/2.0/Invoices?page=1");
    let path = format!("/api.xro/2.0/Invoices/{}", invoices["Invoices"][0]["InvoiceID"].as_str().unwrap());
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("Accept", "application/json"), ("Content-Type", "image/png")];
    let mut upload = request("PUT", &format!("{path}/Attachments/a%20b.png"), &headers, "");
    upload.body = vec![0x89, b'P', 0, 255, 254];
    let answer = super::helpers::body(&send(&mut simulator, &upload, now()));
    assert_eq!(
        (&answer["Attachments"][0]["FileName"], &answer["Attachments"][0]["ContentLength"]),
        (&json!("a b.png"), &json!(5))
    );
    let id = answer["Attachments"][0]["AttachmentID"].as_str().unwrap().to_owned();
    for name in ["a%20b.png", id.as_str()] {
        let found = call(&mut simulator, &token, "GET", &format!("{path}/Attachments/{name}"), "");
        assert_eq!(
            (found.status, &found.body, header(&found, "content-type")),
            (200, &upload.body, Some("image/png")),
            "{name}"
        );
    }
    let listed = super::helpers::get(&mut simulator, &token, &format!("{path}/Attachments"));
    assert_eq!(listed["Attachments"].as_array().unwrap().len(), 1);
    assert_eq!(super::helpers::get(&mut simulator, &token, &path)["Invoices"][0]["HasAttachments"], true);
    assert_eq!(call(&mut simulator, &token, "GET", &format!("{path}/Attachments/none.png"), "").status, 404);
    upload.body.clear();
    assert_eq!(send(&mut simulator, &upload, now()).status, 400);

    let note = json!({ "HistoryRecords": [{ "Details": "Called them" }] }).to_string();
    assert_eq!(call(&mut simulator, &token, "PUT", &format!("{path}/History"), &note).status, 200);
    let history = super::helpers::get(&mut simulator, &token, &format!("{path}/History"));
    assert_eq!(history["HistoryRecords"][0]["Details"], "Called them");
    assert_eq!(call(&mut simulator, &token, "PUT", &format!("{path}/History"), "{}").status, 400);
    let paid = super::helpers::get(&mut simulator, &token, "/api.xro/2.0/Invoices?Statuses=PAID&page=1");
    let sale = paid["Invoices"].as_array().unwrap().iter().find(|own| own["Type"] == "ACCREC").unwrap();
    let path = format!("/api.xro/2.0/Invoices/{}/OnlineInvoice", sale["InvoiceID"].as_str().unwrap());
    let online = super::helpers::get(&mut simulator, &token, &path);
    assert!(online["OnlineInvoices"][0]["OnlineInvoiceUrl"].as_str().unwrap().starts_with("https://in.xero.com/"));
}

#[test]
fn quotes_and_purchase_orders_are_made_and_read_back() {
    let mut books = Books::open(SCOPES);
    for (list, id, number) in
        [("Quotes", "QuoteID", "QuoteNumber"), ("PurchaseOrders", "PurchaseOrderID", "PurchaseOrderNumber")]
    {
        let line = json!({ "Description": "x", "UnitAmount": 10, "Quantity": 2, "AccountCode": "200" });
        let made = books.write(
            "PUT",
            &format!("/{list}"),
            json!({ list: [{ "Contact": { "Name": "A" }, "Date": "2026-11-10", "LineItems": [line] }] }),
        );
        let read = books.get(&format!("/{list}/{}", made[id].as_str().unwrap()))[list][0].clone();
        assert_eq!((&read[number], &read["SubTotal"]), (&made[number], &json!(20.0)));
        assert_eq!(read["Status"], "DRAFT");
        assert!(
            books.refused("PUT", &format!("/{list}"), json!({ list: [{}] })).contains("A Contact must be specified")
        );
    }
}

#[test]
fn bank_transactions_transfers_and_journals_are_made_and_read_back() {
    let mut books = Books::open(SCOPES);
    let line = json!({ "Description": "x", "UnitAmount": 10, "AccountCode": "404" });
    let spent =
        json!({ "Type": "SPEND", "Contact": { "Name": "A" }, "BankAccount": { "Code": "090" }, "LineItems": [line] });
    let transfer = json!({ "FromBankAccount": { "Code": "090" }, "ToBankAccount": { "Code": "091" }, "Amount": 5.5 });
    let [one, two] = [3.0, -3.0].map(|amount| json!({ "LineAmount": amount, "AccountCode": "200" }));
    let journal = json!({ "Narration": "N", "JournalLines": [one, two] });
    for (list, id, sent, member, without) in [
        ("BankTransactions", "BankTransactionID", &spent, "Total", "BankAccount"),
        ("BankTransfers", "BankTransferID", &transfer, "Amount", "ToBankAccount"),
        ("ManualJournals", "ManualJournalID", &journal, "JournalLines", "JournalLines"),
    ] {
        let made = books.write("PUT", &format!("/{list}"), json!({ list: [sent] }));
        let read = books.get(&format!("/{list}/{}", made[id].as_str().unwrap()))[list][0].clone();
        assert_eq!((&read[member], &read["Status"]), (&made[member], &made["Status"]), "{list}");
        assert!(!read[member].is_null(), "{list}: {read:#}");
        assert_eq!(books.get(&format!("/{list}"))[list].as_array().unwrap().len(), 1);
        let mut wrong = sent.clone();
        wrong.as_object_mut().unwrap().remove(without);
        books.refused("PUT", &format!("/{list}"), wrong);
    }
    let uneven = json!({ "Narration": "N", "JournalLines": [one, one] });
    assert!(books.refused("PUT", "/ManualJournals", uneven).contains("must equal"));
}
