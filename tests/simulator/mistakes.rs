//! Mistakes of programs that the books do not take: each is refused with a message that names it.

use serde_json::{Value, json};

use super::helpers::{call, config, form_encoded, header, now, token};
use super::settings::Books;
use xero_m2m::catalogue::Country;
use xero_m2m::simulator::{Simulator, SimulatorConfig};

const SCOPES: &str = "accounting.invoices accounting.contacts accounting.settings accounting.payments \
    accounting.banktransactions accounting.manualjournals";

/// A sales invoice of 100, with 10 % tax.
fn sale() -> Value {
    json!({
        "Type": "ACCREC", "Contact": { "Name": "Bayside Boatyard" }, "Status": "AUTHORISED", "Date": "2026-11-02", "DueDate": "2026-12-24",
        "LineItems": [{ "Description": "x", "UnitAmount": 100, "AccountCode": "200" }]
    })
}

/// A sale with changed members, or with changed members of its line.
fn sale_with(changes: &Value, of_line: &Value) -> Value {
    let mut sent = sale();
    for (name, value) in changes.as_object().unwrap() {
        sent[name] = value.clone();
    }
    for (name, value) in of_line.as_object().unwrap() {
        sent["LineItems"][0][name] = value.clone();
    }
    sent
}

/// Money spent from a bank account.
fn spent(more: &Value) -> Value {
    let mut sent = json!({
        "Type": "SPEND", "Contact": { "Name": "Bayside Boatyard" }, "BankAccount": { "Code": "090" },
        "LineItems": [{ "Description": "x", "UnitAmount": 100, "AccountCode": "404" }]
    });
    for (name, value) in more.as_object().unwrap() {
        sent[name] = value.clone();
    }
    sent
}

/// The path of an account.
fn account(books: &mut Books, code: &str) -> String {
    let all = books.get("/Accounts")["Accounts"].clone();
    let own = all.as_array().unwrap().iter().find(|own| own["Code"] == code).unwrap();
    format!("/Accounts/{}", own["AccountID"].as_str().unwrap())
}

fn assert_refused(books: &mut Books, method: &str, path: &str, sent: &Value, word: &str) {
    let message = books.refused(method, path, sent.clone());
    assert!(message.contains(word), "{method} {path} {sent}: {message}");
}

#[test]
fn tax_that_cannot_be_is_refused() {
    let mut books = Books::open(SCOPES);
    for (changes, of_line) in [
        (json!({ "LineAmountTypes": "NoTax" }), json!({ "TaxAmount": 10 })),
        (json!({}), json!({ "TaxType": "NONE", "TaxAmount": 10 })),
        (json!({}), json!({ "TaxAmount": -50 })),
        (json!({ "LineAmountTypes": "Inclusive" }), json!({ "TaxAmount": 500 })),
    ] {
        assert_refused(&mut books, "PUT", "/Invoices", &sale_with(&changes, &of_line), "TaxAmount");
    }
    // Xero lets a program round the tax of a line otherwise.
    let own = books.write("PUT", "/Invoices", sale_with(&json!({}), &json!({ "TaxAmount": 10.01 })));
    assert_eq!(own["Total"], 110.01);
    let own =
        books.write("PUT", "/Invoices", sale_with(&json!({ "LineAmountTypes": "NoTax" }), &json!({ "TaxAmount": 0 })));
    assert_eq!(own["Total"], 100.0);
}

#[test]
fn totals_that_are_not_those_of_the_lines_are_refused() {
    let mut books = Books::open(SCOPES);
    for (name, value) in [("Total", json!(9_999)), ("SubTotal", json!(99.99)), ("TotalTax", json!("9.00"))] {
        assert_refused(&mut books, "PUT", "/Invoices", &sale_with(&json!({ name: value }), &json!({})), name);
    }
    assert_refused(&mut books, "PUT", "/BankTransactions", &spent(&json!({ "Total": 5 })), "Total");
    // A total of binary rounding is the total, and a record that was read can be sent back.
    let right = sale_with(
        &json!({ "Total": 110.000_000_000_01, "SubTotal": "100.00", "TotalTax": null, "Status": "DRAFT" }),
        &json!({}),
    );
    let own = books.write("PUT", "/Invoices", right);
    let read = books.get(&format!("/Invoices/{}", own["InvoiceID"].as_str().unwrap()))["Invoices"][0].clone();
    books.write("POST", "/Invoices", read);
}

#[test]
fn tracking_that_there_is_not_and_a_sixth_person_are_refused_of_a_contact() {
    let mut books = Books::open(SCOPES);
    let category = books.get("/TrackingCategories")["TrackingCategories"][0].clone();
    let contact = |name: &str, option: &Value, persons: usize| {
        let tracking = json!([{ "TrackingCategoryName": category["Name"], "TrackingOptionName": option }]);
        let persons: Vec<Value> = (0..persons).map(|own| json!({ "FirstName": format!("P{own}") })).collect();
        json!({ "Name": name, "SalesTrackingCategories": tracking, "ContactPersons": persons })
    };
    let option = &category["Options"][0]["Name"];
    assert_refused(&mut books, "PUT", "/Contacts", &contact("A", &json!("Mars"), 0), "SalesTrackingCategories");
    assert_refused(&mut books, "PUT", "/Contacts", &contact("A", option, 6), "contact persons");
    let made = books.write("PUT", "/Contacts", contact("A", option, 5));
    assert_eq!(&made["SalesTrackingCategories"][0]["TrackingOptionName"], option);
}

#[test]
fn documents_of_archived_contacts_are_refused() {
    let mut books = Books::open(SCOPES);
    let draft = books.write("PUT", "/Invoices", sale_with(&json!({ "Status": "DRAFT" }), &json!({})));
    let id = draft["Contact"]["ContactID"].clone();
    books.write("POST", "/Contacts", json!({ "ContactID": id, "ContactStatus": "ARCHIVED" }));
    let contact = json!({ "Contact": { "ContactID": id } });
    assert_refused(&mut books, "PUT", "/Invoices", &sale_with(&contact, &json!({})), "archived");
    assert_refused(&mut books, "PUT", "/BankTransactions", &spent(&contact), "archived");
    // What was there before goes on.
    let path = format!("/Invoices/{}", draft["InvoiceID"].as_str().unwrap());
    books.write("POST", &path, json!({ "Contact": { "ContactID": id }, "Reference": "R" }));
    books.write("POST", "/Contacts", json!({ "ContactID": id, "ContactStatus": "ACTIVE" }));
    books.write("PUT", "/Invoices", sale_with(&contact, &json!({})));
}

#[test]
fn accounts_that_documents_use_stay_and_archived_ones_take_nothing() {
    let mut books = Books::open(SCOPES);
    let [sales, bank, fees] = ["200", "091", "404"].map(|code| account(&mut books, code));
    assert_refused(&mut books, "POST", &sales, &json!({ "Status": "DELETED" }), "You cannot delete");
    assert_refused(&mut books, "POST", &sales, &json!({ "Type": "BANK", "BankAccountNumber": "1" }), "Type");
    assert_refused(&mut books, "POST", &bank, &json!({ "Type": "CURRENT" }), "Type");
    for path in [&bank, &fees] {
        books.write("POST", path, json!({ "Status": "ARCHIVED" }));
    }
    let of_bank = json!({ "BankAccount": { "Code": "091" }, "LineItems": [{ "Description": "x", "UnitAmount": 1, "AccountCode": "400" }] });
    assert_refused(&mut books, "PUT", "/BankTransactions", &spent(&of_bank), "archived");
    let lines = [("404", 1), ("400", -1)].map(|(code, amount)| json!({ "AccountCode": code, "LineAmount": amount }));
    assert_refused(
        &mut books,
        "PUT",
        "/ManualJournals",
        &json!({ "Narration": "N", "JournalLines": lines }),
        "archived",
    );
    let invoice = books.write("PUT", "/Invoices", sale());
    let payment =
        json!({ "Invoice": { "InvoiceID": invoice["InvoiceID"] }, "Account": { "Code": "091" }, "Amount": 1 });
    assert_refused(&mut books, "PUT", "/Payments", &payment, "archived");
    let transfer = json!({ "FromBankAccount": { "Code": "091" }, "ToBankAccount": { "Code": "090" }, "Amount": 1 });
    assert_refused(&mut books, "PUT", "/BankTransfers", &transfer, "archived");
}

#[test]
fn an_account_code_and_an_account_id_that_contradict_each_other_are_refused() {
    let mut books = Books::open(SCOPES);
    let id = account(&mut books, "400").replace("/Accounts/", "");
    let sent = sale_with(&json!({}), &json!({ "AccountID": id }));
    assert_refused(&mut books, "PUT", "/Invoices", &sent, "AccountID");
    let own = books.write("PUT", "/Invoices", sale_with(&json!({}), &json!({ "AccountID": id, "AccountCode": "400" })));
    assert_eq!(own["LineItems"][0]["AccountCode"], "400");
}

#[test]
fn tax_rates_that_are_in_use_or_of_the_system_stay_and_deleted_ones_take_nothing() {
    let mut books = Books::open(SCOPES);
    let deleted = |own: &Value| json!({ "Name": own["Name"], "TaxType": own["TaxType"], "Status": "DELETED" });
    let all = books.get("/TaxRates")["TaxRates"].clone();
    let output = all.as_array().unwrap().iter().find(|own| own["TaxType"] == "OUTPUT").unwrap();
    assert_refused(&mut books, "POST", "/TaxRates", &deleted(output), "system");
    let rate = json!({ "Name": "Boat tax", "TaxComponents": [{ "Name": "B", "Rate": 7.5 }] });
    let rate = books.write("PUT", "/TaxRates", rate);
    let taxed = sale_with(&json!({}), &json!({ "TaxType": rate["TaxType"] }));
    let item = json!({ "Code": "OAR", "SalesDetails": { "TaxType": rate["TaxType"] } });
    let item = books.write("PUT", "/Items", item);
    assert_refused(&mut books, "POST", "/TaxRates", &deleted(&rate), "in use");
    books.send("DELETE", &format!("/Items/{}", item["ItemID"].as_str().unwrap()), &Value::Null);
    books.write("POST", "/TaxRates", deleted(&rate));
    assert_refused(&mut books, "PUT", "/Invoices", &taxed, "TaxType");
}

#[test]
fn lines_that_are_null_are_not_given() {
    let mut books = Books::open(SCOPES);
    let draft = books.write("PUT", "/Invoices", sale_with(&json!({ "Status": "DRAFT" }), &json!({})));
    let path = format!("/Invoices/{}", draft["InvoiceID"].as_str().unwrap());
    let own = books.write("POST", &path, json!({ "LineItems": null, "Contact": null, "Reference": "R" }));
    assert_eq!((&own["Total"], &own["Reference"]), (&json!(110.0), &json!("R")));
    assert_eq!(own["LineItems"].as_array().unwrap().len(), 1);
}

#[test]
fn rates_and_currencies_that_the_organisation_cannot_have_are_refused() {
    let mut books = Books::open(SCOPES);
    for (currency, rate) in [("AUD", 0.5), ("USD", 0.0), ("USD", -1.0)] {
        let changes = json!({ "CurrencyCode": currency, "CurrencyRate": rate });
        assert_refused(&mut books, "PUT", "/Invoices", &sale_with(&changes, &json!({})), "CurrencyRate");
    }
    books.write("PUT", "/Invoices", sale_with(&json!({ "CurrencyRate": 1 }), &json!({})));
    let invoice = books.write("PUT", "/Invoices", sale());
    let payment = json!({ "Invoice": { "InvoiceID": invoice["InvoiceID"] }, "Account": { "Code": "090" }, "Amount": 1, "CurrencyRate": 99 });
    assert_refused(&mut books, "PUT", "/Payments", &payment, "CurrencyRate");

    assert_refused(&mut books, "PUT", "/Currencies", &json!({ "Code": "XYZ" }), "XYZ");
    books.write("PUT", "/Currencies", json!({ "Code": "SGD" }));

    assert_refused(&mut books, "PUT", "/BankTransactions", &spent(&json!({ "CurrencyCode": "USD" })), "AUD");
    let bank =
        json!({ "Code": "092", "Name": "Dollars", "Type": "BANK", "BankAccountNumber": "7", "CurrencyCode": "USD" });
    books.write("PUT", "/Accounts", bank);
    let own = books.write(
        "PUT",
        "/BankTransactions",
        spent(&json!({ "BankAccount": { "Code": "092" }, "CurrencyRate": 0.7 })),
    );
    assert_eq!((&own["CurrencyCode"], &own["CurrencyRate"]), (&json!("USD"), &json!(0.7)));
}

#[test]
fn a_third_active_tracking_category_is_refused() {
    let mut books = Books::open(SCOPES);
    let second = books.write("PUT", "/TrackingCategories", json!({ "Name": "Boat" }));
    assert_refused(&mut books, "PUT", "/TrackingCategories", &json!({ "Name": "Crew" }), "two");
    let path = format!("/TrackingCategories/{}", second["TrackingCategoryID"].as_str().unwrap());
    books.write("POST", &path, json!({ "Status": "ARCHIVED" }));
    books.write("PUT", "/TrackingCategories", json!({ "Name": "Crew" }));
    assert_refused(&mut books, "POST", &path, &json!({ "Status": "ACTIVE" }), "two");
}

#[test]
fn a_branding_theme_that_does_not_exist_is_refused() {
    let mut books = Books::open(SCOPES);
    for id in ["x", "00000000-0000-4000-8000-000000000001"] {
        let theme = json!({ "BrandingThemeID": id });
        assert_refused(&mut books, "PUT", "/Invoices", &sale_with(&theme, &json!({})), "BrandingThemeID");
        let quote = json!({ "Contact": { "Name": "A" }, "BrandingThemeID": id });
        assert_refused(&mut books, "PUT", "/Quotes", &quote, "BrandingThemeID");
    }
}

#[test]
fn codes_of_contacts_and_accounts_that_do_not_exist_are_refused() {
    let mut books = Books::open(SCOPES);
    for (name, value) in [
        ("AccountsReceivableTaxType", json!("ZZ")),
        ("AccountsPayableTaxType", json!("ZZ")),
        ("DefaultCurrency", json!("QQQ")),
        ("SalesDefaultAccountCode", json!("99999")),
        ("PurchasesDefaultAccountCode", json!("99999")),
        ("PaymentTerms", json!({ "Bills": { "Day": 9, "Type": "NOPE" } })),
        ("PaymentTerms", json!({ "Sales": { "Day": 32, "Type": "OFCURRENTMONTH" } })),
        ("BrandingTheme", json!({ "BrandingThemeID": "x" })),
        ("EmailAddress", json!("not an email")),
        ("EmailAddress", json!("a@")),
        ("ContactPersons", json!([{ "FirstName": "A", "EmailAddress": "@b" }])),
    ] {
        let word = if name == "ContactPersons" { "Email" } else { name };
        let word = if name == "EmailAddress" { "Email address must be valid." } else { word };
        assert_refused(&mut books, "PUT", "/Contacts", &json!({ "Name": "New", name: value }), word);
    }
    for name in ["   ", "\t"] {
        assert_refused(&mut books, "PUT", "/Contacts", &json!({ "Name": name }), "name cannot be empty");
    }
    let fine = json!({
        "Name": "New", "AccountsReceivableTaxType": "OUTPUT", "DefaultCurrency": "USD", "SalesDefaultAccountCode": "200",
        "PaymentTerms": { "Bills": { "Day": 31, "Type": "OFCURRENTMONTH" }, "Sales": { "Day": 40, "Type": "DAYSAFTERBILLDATE" } },
        "EmailAddress": "a.b+c@mail.example.com"
    });
    let own = books.write("PUT", "/Contacts", fine.clone());
    for (name, value) in fine.as_object().unwrap() {
        assert_eq!(&own[name], value, "{name}");
    }
    let account = json!({ "Code": "298", "Name": "Bk", "Type": "REVENUE", "TaxType": "ZZ" });
    assert_refused(&mut books, "PUT", "/Accounts", &account, "ZZ");
}

#[test]
fn an_update_names_only_lines_that_the_document_has() {
    let mut books = Books::open(SCOPES);
    let draft = books.write("PUT", "/Invoices", sale_with(&json!({ "Status": "DRAFT" }), &json!({})));
    let path = format!("/Invoices/{}", draft["InvoiceID"].as_str().unwrap());
    let mut line = draft["LineItems"][0].clone();
    assert_refused(&mut books, "POST", &path, &json!({ "LineItems": [line, line] }), "LineItemID");
    books.write("POST", &path, json!({ "LineItems": [line] }));
    line["LineItemID"] = json!("00000000-0000-4000-8000-000000000009");
    assert_refused(&mut books, "POST", &path, &json!({ "LineItems": [line] }), "LineItemID");
}

fn with_company(company: &str, country: Country) -> Result<Simulator, xero_m2m::error::Error> {
    Simulator::new(SimulatorConfig { company: Some(company.to_owned()), country, ..config(SCOPES) })
}

#[test]
fn a_dump_is_read_back_byte_for_byte_and_only_in_its_country() {
    let simulator =
        Simulator::new(SimulatorConfig { country: Country::NewZealand, invoices: 5, ..config(SCOPES) }).unwrap();
    let dump = simulator.dump();
    let refused = with_company(&dump, Country::Australia).unwrap_err();
    assert!(refused.message().contains("country") && refused.message().contains("NZ"), "{refused:?}");
    assert_eq!(with_company(&dump, Country::NewZealand).unwrap().dump(), dump);

    let mut books = Books::open(SCOPES);
    books.write("PUT", "/TrackingCategories", json!({ "Name": "Boat" }));
    let dump = books.dump();
    assert_eq!(with_company(&dump, Country::Australia).unwrap().dump(), dump);
}

#[test]
fn a_filter_over_a_member_that_is_not_played_is_refused() {
    let mut books = Books::open(SCOPES);
    for (list, filter) in [
        ("Invoices", "Date.Foo==1"),
        ("Invoices", "Status.Foo==\"x\""),
        ("Invoices", "Contact.Name.Foo==1"),
        ("Invoices", "LineItems.Foo>0"),
        ("Invoices", "Payments.Amount>0"),
        ("Invoices", "Date.Year.Foo==1"),
        ("Contacts", "Name.Foo>1"),
        ("Contacts", "Balances.Foo>1"),
        ("ContactGroups", "Contacts.Count>0"),
        ("Invoices", "Attachments.Count>0"),
        ("Invoices", "CISDeduction>0"),
        ("Payments", "Invoice.Foo==1"),
        ("BankTransactions", "BankAccount.Foo==1"),
        ("Items", "SalesDetails.Foo==1"),
    ] {
        let (status, answer) = books.send("GET", &format!("/{list}?where={}", form_encoded(filter)), &Value::Null);
        assert_eq!((status, &answer["Type"]), (400, &json!("QueryParseException")), "{list} {filter}: {answer}");
    }
    for order in ["Date.Foo", "Status.Foo", "LineItems.Foo"] {
        let (status, answer) = books.send("GET", &format!("/Invoices?order={order}"), &Value::Null);
        assert_eq!((status, &answer["Type"]), (400, &json!("QueryParseException")), "{order}");
    }
    books.write("PUT", "/BankTransactions", spent(&json!({})));
    for (list, filter) in [
        ("Invoices", "Date.Year==2026"),
        ("Invoices", "Date.Year==2026 AND Date.Month>=1 AND Date.Day>=1"),
        ("Invoices", "DueDate.HasValue"),
        ("Invoices", "DueDate.Value.Year>2000"),
        ("Invoices", "InvoiceNumber.Length>3"),
        ("Invoices", "LineItems.Count>0"),
        ("Contacts", "Name.Length>1"),
        ("Contacts", "Balances.AccountsReceivable.Outstanding>=0"),
        ("Payments", "Invoice.InvoiceNumber!=null"),
        ("BankTransactions", "BankAccount.Code==\"090\""),
        ("BankTransactions", "BankAccount.AccountID!=null"),
        ("Items", "SalesDetails.UnitPrice>1"),
    ] {
        let found = books.get(&format!("/{list}?where={}", form_encoded(filter)));
        assert!(!found[list].as_array().unwrap().is_empty(), "{list} {filter}");
    }
    let year = books.get(&format!("/Invoices?where={}", form_encoded("Date.Year==2025")));
    assert!(
        year["Invoices"].as_array().unwrap().iter().all(|own| own["DateString"].as_str().unwrap().starts_with("2025"))
    );
}

#[test]
fn a_write_of_many_elements_or_bytes_is_refused_if_the_local_xero_is_strict() {
    let contacts = |count: usize, length: usize| {
        let items: Vec<Value> =
            (0..count).map(|own| json!({ "Name": format!("N {own}"), "Note": "x".repeat(length) })).collect();
        json!({ "Contacts": items }).to_string()
    };
    for (strict, sent, expected) in [
        (false, contacts(51, 1), 200),
        (true, contacts(50, 1), 200),
        (true, contacts(51, 1), 400),
        (false, contacts(1, 3_500_001), 200),
        (true, contacts(1, 3_500_001), 400),
        (false, contacts(1, 10_000_001), 400),
    ] {
        let own = SimulatorConfig { invoices: 0, strict, ..config("accounting.contacts") };
        let mut simulator = Simulator::new(own).unwrap();
        let token = token(&mut simulator, None, now());
        let answer = call(&mut simulator, &token, "PUT", "/api.xro/2.0/Contacts", &sent);
        assert_eq!(answer.status, expected, "strict {strict}, {} bytes", sent.len());
    }
}

#[test]
fn the_contact_of_an_authorised_document_is_changed_in_no_form() {
    let mut books = Books::open(SCOPES);
    let contacts = books.get("/Contacts")["Contacts"].clone();
    let other = contacts.as_array().unwrap().iter().find(|own| own["Name"] != "Bayside Boatyard").unwrap().clone();
    let credit = json!({ "Type": "ACCRECCREDIT", "DueDate": null });
    for (list, id, sent) in
        [("Invoices", "InvoiceID", sale()), ("CreditNotes", "CreditNoteID", sale_with(&credit, &json!({})))]
    {
        let made = books.write("PUT", &format!("/{list}"), sent);
        let path = format!("/{list}/{}", made[id].as_str().unwrap());
        let own = &made["Contact"];
        for contact in [
            json!({ "ContactID": other["ContactID"] }),
            json!({ "Name": other["Name"] }),
            json!({ "Name": "Nobody has this name" }),
            json!({ "ContactNumber": other["ContactNumber"] }),
            json!({ "ContactNumber": "nope" }),
        ] {
            let refused = books.refused("POST", &path, json!({ list: [{ "Contact": contact }] }));
            assert!(refused.contains("cannot be changed"), "{list} {contact}: {refused}");
        }
        for contact in
            [json!({ "ContactID": own["ContactID"], "Name": "x" }), json!({ "Name": own["Name"] }), json!({})]
        {
            books.write("POST", &path, json!({ list: [{ "Contact": contact, "Reference": "R" }] }));
        }
        assert_eq!(books.get(&path)[list][0]["Contact"]["ContactID"], own["ContactID"]);
    }
    assert_eq!(books.get("/Contacts?searchTerm=Nobody%20has")["Contacts"], json!([]));
}

#[test]
fn a_document_in_another_currency_without_a_rate_is_marked() {
    let mut simulator = Simulator::new(config(SCOPES)).unwrap();
    let token = token(&mut simulator, None, now());
    for (changes, expected) in [
        (json!({}), None),
        (json!({ "CurrencyCode": "USD" }), Some("1, because none was sent")),
        (json!({ "CurrencyCode": "USD", "CurrencyRate": 0.7 }), None),
        (json!({ "CurrencyCode": "USD", "CurrencyRate": 1 }), None),
    ] {
        let sent = sale_with(&changes, &json!({})).to_string();
        let answer = call(&mut simulator, &token, "PUT", "/api.xro/2.0/Invoices", &sent);
        assert_eq!((answer.status, header(&answer, "X-Local-Xero-Rate")), (200, expected), "{changes}");
    }
}

#[test]
fn a_contact_is_a_customer_or_a_supplier_by_its_documents_alone() {
    let mut books = Books::open(SCOPES);
    let made = books.write("PUT", "/Contacts", json!({ "Name": "New", "IsCustomer": true, "IsSupplier": true }));
    assert_eq!((&made["IsCustomer"], &made["IsSupplier"]), (&json!(false), &json!(false)));
    books.write("PUT", "/Invoices", sale_with(&json!({ "Contact": { "Name": "New" } }), &json!({})));
    let path = format!("/Contacts/{}", made["ContactID"].as_str().unwrap());
    let found = books.get(&path)["Contacts"][0].clone();
    assert_eq!((&found["IsCustomer"], &found["IsSupplier"]), (&json!(true), &json!(false)));
}

#[test]
fn a_call_that_the_worse_of_two_sources_opens_is_marked_or_refused() {
    for (scope, strict, expected) in [
        ("accounting.invoices", false, (200, Some("unsure"))),
        ("accounting.invoices", true, (401, None)),
        ("accounting.settings", true, (200, None)),
    ] {
        let mut simulator = Simulator::new(SimulatorConfig { strict, ..config(scope) }).unwrap();
        let token = token(&mut simulator, None, now());
        let items = call(&mut simulator, &token, "GET", "/api.xro/2.0/Items", "");
        assert_eq!(header(&items, "X-Local-Xero-Scope"), None);
        let items: Value = serde_json::from_slice(&items.body).unwrap();
        let path = format!("/api.xro/2.0/Items/{}/History", items["Items"][0]["ItemID"].as_str().unwrap());
        let answer = call(&mut simulator, &token, "GET", &path, "");
        assert_eq!((answer.status, header(&answer, "X-Local-Xero-Scope")), expected, "{scope} {strict}");
    }
}
