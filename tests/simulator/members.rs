//! No member of a body is lost in silence: its name counts in any case, and one that nothing is made of is named.

use serde_json::{Value, json};

use super::helpers::{call, get, header, now, open, token};
use super::settings::Books;
use xero_m2m::simulator::Simulator;

const SCOPES: &str = "accounting.invoices accounting.contacts accounting.settings accounting.payments";

#[test]
fn the_names_of_members_count_in_any_case_at_any_depth() {
    let mut books = Books::open(SCOPES);
    let sent = json!({ "contacts": [{
        "name": "Camel", "emailAddress": "c@example.com", "phones": [{ "phoneType": "MOBILE", "phoneNumber": "555" }],
        "paymentTerms": { "sales": { "day": 7, "type": "DAYSAFTERBILLDATE" } }
    }] });
    let contact = books.write("PUT", "/Contacts", sent);
    assert_eq!((&contact["Name"], &contact["EmailAddress"]), (&json!("Camel"), &json!("c@example.com")));
    assert_eq!(contact["PaymentTerms"], json!({ "Sales": { "Day": 7, "Type": "DAYSAFTERBILLDATE" } }));
    let mobile = contact["Phones"].as_array().unwrap().iter().find(|own| own["PhoneType"] == "MOBILE").unwrap();
    assert_eq!(mobile["PhoneNumber"], "555");

    let sent = json!({ "invoices": [{
        "type": "ACCREC", "contact": { "contactID": contact["ContactID"] }, "status": "AUTHORISED", "DUEDATE": "2026-12-24",
        "lineItems": [{ "description": "x", "quantity": 2, "unitAmount": 50, "accountCode": "200", "discountRate": 10 }]
    }] });
    let invoice = books.write("PUT", "/Invoices", sent);
    assert_eq!((&invoice["Status"], &invoice["Total"]), (&json!("AUTHORISED"), &json!(99.0)), "{invoice:#}");
    let sent = json!({ "payments": [{ "invoice": { "invoiceID": invoice["InvoiceID"] }, "account": { "code": "090" }, "amount": 9 }] });
    books.write("PUT", "/Payments", sent);
    // An id in any case names the record.
    let changed = books.write("POST", "/Contacts", json!({ "contactId": contact["ContactID"], "firstName": "Kim" }));
    assert_eq!((&changed["ContactID"], &changed["FirstName"]), (&contact["ContactID"], &json!("Kim")));
    let item = json!({ "code": "C-1", "salesDetails": { "unitPrice": 3.5, "accountCode": "200" } });
    assert_eq!(books.write("PUT", "/Items", item)["SalesDetails"], json!({ "UnitPrice": 3.5, "AccountCode": "200" }));
    // The wrong value of a member is refused, whatever the case of its name.
    assert!(books.refused("PUT", "/Contacts", json!({ "name": "D", "emailaddress": "no" })).contains("Email address"));
}

#[test]
fn members_of_which_nothing_is_made_are_named() {
    let mut simulator = open(SCOPES);
    let token = token(&mut simulator, None, now());
    let line = json!({ "Description": "x", "UnitAmount": 1, "AccountCode": "200" });
    let invoice = |more: Value| {
        let mut own =
            json!({ "Type": "ACCREC", "Contact": { "Name": "A" }, "DueDate": "2026-12-24", "LineItems": [line] });
        own.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "Invoices": [own] })
    };
    for (method, path, sent, expected) in [
        ("PUT", "Contacts", json!({ "Name": "One", "Colour": "red" }), Some("Colour")),
        ("PUT", "Contacts", json!({ "Contacts": [{ "Name": "Two" }], "Note": 1 }), Some("Note")),
        (
            "PUT",
            "Contacts",
            json!({ "Name": "Three", "Website": "https://example.com", "Discount": 0 }),
            Some("Website"),
        ),
        ("PUT", "Contacts", json!({ "Name": "Four", "a\r\nb": 1 }), Some("?")),
        ("PUT", "Contacts", json!({ "Name": "Five", "EmailAddress": "a@example.com" }), None),
        ("PUT", "Invoices", invoice(json!({ "Refrence": "typo" })), Some("Refrence")),
        ("PUT", "Invoices", invoice(json!({ "Payments": [{ "Amount": 1 }], "CreditNotes": [] })), Some("Payments")),
        ("PUT", "Invoices", invoice(json!({ "InvoiceID": "00000000-0000-4000-8000-000000000001" })), Some("InvoiceID")),
        ("PUT", "Invoices", invoice(json!({ "Total": 1.1, "SubTotal": 1, "HasAttachments": false })), None),
        ("PUT", "Invoices", invoice(json!({ "LineItems": [{ "Description": "x", "Acount": "200" }] })), Some("Acount")),
    ] {
        let answer = call(&mut simulator, &token, method, &format!("/api.xro/2.0/{path}"), &sent.to_string());
        assert_eq!((answer.status, header(&answer, "X-Local-Xero-Ignored")), (200, expected), "{sent}");
    }
    // A record that was read can be sent back.
    for (list, id) in [("Contacts", "ContactID"), ("Items", "ItemID")] {
        let read = get(&mut simulator, &token, &format!("/api.xro/2.0/{list}"))[list][0].clone();
        let path = format!("/api.xro/2.0/{list}/{}", read[id].as_str().unwrap());
        let read = get(&mut simulator, &token, &path)[list][0].clone();
        let answer = call(&mut simulator, &token, "POST", &path, &json!({ list: [read] }).to_string());
        assert_eq!((answer.status, header(&answer, "X-Local-Xero-Ignored")), (200, None), "{list}");
    }
    // A header stays short.
    let many: serde_json::Map<_, _> =
        (0..500).map(|own| (format!("Unknown{own}"), json!(1))).chain([("Name".to_owned(), json!("Six"))]).collect();
    let answer = call(&mut simulator, &token, "PUT", "/api.xro/2.0/Contacts", &Value::Object(many).to_string());
    assert!(header(&answer, "X-Local-Xero-Ignored").unwrap().len() < 2_000);
}

#[test]
fn members_of_the_other_apis_of_which_nothing_is_made_are_named() {
    let mut simulator = open("projects assets payroll.employees payroll.settings accounting.contacts");
    let token = token(&mut simulator, None, now());
    let first = |simulator: &mut Simulator, path: &str, list: &str| get(simulator, &token, path)[list][0].clone();
    let contact = first(&mut simulator, "/api.xro/2.0/Contacts", "Contacts")["ContactID"].clone();
    let employee = json!({
        "FirstName": "A", "LastName": "B", "DateOfBirth": "1990-01-01", "Emial": "a@example.com",
        "HomeAddress": { "AddressLine1": "1", "City": "S", "Region": "NSW", "PostalCode": "2000", "Contry": "AUSTRALIA" }
    });
    for (path, sent, expected) in [
        ("/projects.xro/2.0/Projects", json!({ "contactId": contact, "name": "P", "Estimate": 5 }), Some("Estimate")),
        ("/projects.xro/2.0/Projects", json!({ "contactId": contact, "name": "Q", "estimateAmount": null }), None),
        (
            "/assets.xro/1.0/Assets",
            json!({ "assetName": "A", "assetNumber": "1", "PurchasePrice": 5 }),
            Some("PurchasePrice"),
        ),
        ("/payroll.xro/1.0/Employees", json!([employee]), Some("Emial, Contry")),
    ] {
        let answer = call(&mut simulator, &token, "POST", path, &sent.to_string());
        assert!(answer.status < 300, "{path}: {}", String::from_utf8_lossy(&answer.body));
        assert_eq!(header(&answer, "X-Local-Xero-Ignored"), expected, "{path}");
    }
}

#[test]
fn a_contact_that_a_document_makes_has_what_was_sent_of_it() {
    let mut books = Books::open(SCOPES);
    let invoice = |contact: Value| json!({ "Type": "ACCREC", "Contact": contact, "LineItems": [{ "Description": "x", "UnitAmount": 1, "AccountCode": "200" }] });
    let own = json!({ "Name": "By an invoice", "EmailAddress": "b@example.com", "ContactNumber": "B-1", "Phones": [{ "PhoneType": "FAX", "PhoneNumber": "9" }] });
    let made = books.write("PUT", "/Invoices", invoice(own));
    let contact = books.get("/Contacts/B-1")["Contacts"][0].clone();
    assert_eq!((&contact["EmailAddress"], &contact["IsCustomer"]), (&json!("b@example.com"), &json!(true)));
    assert_eq!(contact["ContactID"], made["Contact"]["ContactID"]);
    let fax = contact["Phones"].as_array().unwrap().iter().find(|phone| phone["PhoneType"] == "FAX").unwrap();
    assert_eq!(fax["PhoneNumber"], "9");
    // What a contact cannot have is refused, and nothing is made.
    let message = books.refused("PUT", "/Invoices", invoice(json!({ "Name": "Wrong", "EmailAddress": "no" })));
    assert!(message.contains("Email address"), "{message}");
    assert_eq!(books.get("/Contacts?searchTerm=Wrong")["Contacts"], json!([]));
    let message =
        books.refused("PUT", "/Invoices", invoice(json!({ "Name": "Other", "ContactNumber": "x".repeat(51) })));
    assert!(message.contains("ContactNumber"), "{message}");
    // No two contacts have one number.
    let message = books.refused("PUT", "/Contacts", json!({ "Name": "Another", "ContactNumber": "b-1" }));
    assert!(message.contains("Another contact has this contact number"), "{message}");
}
