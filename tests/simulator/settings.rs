//! Contacts, groups, accounts, tax rates, tracking, currencies, themes, users and items: read, made, changed, removed.

use serde_json::{Value, json};

use super::helpers::{body, call, get, now, open, token};
use xero_m2m::simulator::Simulator;

const SCOPES: &str = "accounting.invoices accounting.contacts accounting.settings accounting.attachments";

/// A local Xero, and calls of it below the accounting API.
pub(super) struct Books {
    simulator: Simulator,
    token: String,
}

impl Books {
    pub(super) fn open(scopes: &str) -> Self {
        Self::of(open(scopes))
    }

    pub(super) fn of(mut simulator: Simulator) -> Self {
        let token = token(&mut simulator, None, now());
        Self { simulator, token }
    }

    pub(super) fn get(&mut self, path: &str) -> Value {
        get(&mut self.simulator, &self.token, &format!("/api.xro/2.0{path}"))
    }

    /// A call: its status, and its answer as JSON if it is JSON.
    pub(super) fn send(&mut self, method: &str, path: &str, sent: &Value) -> (u16, Value) {
        let sent = if sent.is_null() { String::new() } else { sent.to_string() };
        let response = call(&mut self.simulator, &self.token, method, &format!("/api.xro/2.0{path}"), &sent);
        (response.status, serde_json::from_slice(&response.body).unwrap_or_default())
    }

    /// A write that is carried out: the first record of its answer.
    pub(super) fn write(&mut self, method: &str, path: &str, sent: impl Into<Value>) -> Value {
        let (status, answer) = self.send(method, path, &sent.into());
        assert_eq!(status, 200, "{method} {path}: {answer:#}");
        let list = answer.as_object().unwrap().values().find_map(Value::as_array).unwrap();
        list.first().cloned().unwrap_or_default()
    }

    /// A write that is refused: its messages.
    pub(super) fn refused(&mut self, method: &str, path: &str, sent: impl Into<Value>) -> String {
        let (status, answer) = self.send(method, path, &sent.into());
        assert_eq!(status, 400, "{method} {path}: {answer:#}");
        assert_eq!(
            (&answer["ErrorNumber"], &answer["Type"]),
            (&json!(10), &json!("ValidationException")),
            "{answer:#}"
        );
        let messages = answer["Elements"][0]["ValidationErrors"].as_array().unwrap();
        messages.iter().map(|row| row["Message"].as_str().unwrap()).collect::<Vec<_>>().join("\n")
    }
}

#[test]
fn a_contact_is_made_read_back_changed_and_archived() {
    let mut books = Books::open(SCOPES);
    let sent = json!({ "Contacts": [{
        "Name": "Zoë & Sons", "EmailAddress": "z@example.com", "AccountNumber": "Z-1", "TaxNumber": "99",
        "Phones": [{ "PhoneType": "MOBILE", "PhoneNumber": "555" }], "Addresses": [{ "AddressType": "POBOX", "City": "Perth" }],
        "ContactPersons": [{ "FirstName": "Kim", "EmailAddress": "k@example.com" }]
    }] });
    let made = books.write("PUT", "/Contacts", sent);
    let id = made["ContactID"].as_str().unwrap().to_owned();
    let read = books.get(&format!("/Contacts/{id}"))["Contacts"][0].clone();
    for name in ["Name", "EmailAddress", "AccountNumber", "TaxNumber", "ContactPersons"] {
        assert_eq!(read[name], made[name], "{name}");
    }
    assert_eq!(read["Phones"].as_array().unwrap().len(), 4);
    assert_eq!(read["Addresses"].as_array().unwrap().len(), 2);
    let mobile = read["Phones"].as_array().unwrap().iter().find(|phone| phone["PhoneType"] == "MOBILE").unwrap();
    assert_eq!(mobile["PhoneNumber"], "555");
    assert_eq!(books.get(&format!("/Contacts/{}/", id.replace('-', "")))["Contacts"][0]["Name"], "Zoë & Sons");

    let changed =
        json!({ "ContactID": id, "FirstName": "Zoë", "Phones": [{ "PhoneType": "DDI", "PhoneNumber": "7" }] });
    books.write("POST", "/Contacts", json!({ "contacts": [changed] }));
    let read = books.get(&format!("/Contacts/{id}"))["Contacts"][0].clone();
    assert_eq!((&read["FirstName"], &read["EmailAddress"]), (&json!("Zoë"), &json!("z@example.com")));
    assert_eq!(read["Phones"].as_array().unwrap().iter().filter(|phone| phone["PhoneNumber"] != "").count(), 2);

    books.write("POST", &format!("/Contacts/{id}"), json!({ "ContactStatus": "ARCHIVED" }));
    let listed = |books: &mut Books, query: &str| {
        let list = books.get(&format!("/Contacts{query}"));
        list["Contacts"].as_array().unwrap().iter().any(|contact| contact["ContactID"] == id.as_str())
    };
    assert!(!listed(&mut books, ""));
    assert!(listed(&mut books, "?includeArchived=true"));
}

#[test]
fn a_contact_without_a_name_or_with_one_that_is_taken_is_refused() {
    let mut books = Books::open(SCOPES);
    assert!(
        books.refused("PUT", "/Contacts", json!({ "EmailAddress": "a@example.com" })).contains("name cannot be empty")
    );
    let taken = books.refused("PUT", "/Contacts", json!({ "Contacts": [{ "Name": "bayside boatyard" }] }));
    assert!(taken.contains("already assigned to another contact"), "{taken}");
    let long = books.refused("PUT", "/Contacts", json!({ "Name": "x".repeat(256) }));
    assert!(long.contains("Name is longer than 255"), "{long}");
    assert!(books.refused("POST", "/Contacts", json!({ "Name": ["x"] })).contains("Name is not a text"));
    let id = books.get("/Contacts")["Contacts"][0]["ContactID"].as_str().unwrap().to_owned();
    assert!(
        books.refused("POST", &format!("/Contacts/{id}"), json!({ "Garbage": 1 })).contains("no member of a Contact")
    );
    let (status, _) = books.send("POST", "/Contacts/00000000-0000-4000-8000-000000000000", &json!({ "Name": "x" }));
    assert_eq!(status, 404);
}

#[test]
fn contacts_go_into_groups_and_leave_them() {
    let mut books = Books::open(SCOPES);
    let group = books.write("PUT", "/ContactGroups", json!({ "ContactGroups": [{ "Name": "Sailors" }] }));
    let path = format!("/ContactGroups/{}", group["ContactGroupID"].as_str().unwrap());
    let contacts = books.get("/Contacts")["Contacts"].clone();
    let [one, two] = [0, 1].map(|row| json!({ "ContactID": contacts[row]["ContactID"] }));
    books.write("PUT", &format!("{path}/Contacts"), json!({ "Contacts": [one, two] }));
    assert_eq!(books.get(&path)["ContactGroups"][0]["Contacts"].as_array().unwrap().len(), 2);
    let contact = contacts[0]["ContactID"].as_str().unwrap();
    let shown = books.get(&format!("/Contacts/{contact}"))["Contacts"][0]["ContactGroups"].clone();
    assert!(shown.as_array().unwrap().iter().any(|own| own["Name"] == "Sailors"), "{shown}");
    assert_eq!(books.send("DELETE", &format!("{path}/Contacts/{contact}"), &Value::Null).0, 204);
    assert_eq!(books.get(&path)["ContactGroups"][0]["Contacts"].as_array().unwrap().len(), 1);
    assert_eq!(books.send("DELETE", &format!("{path}/Contacts"), &Value::Null).0, 204);
    assert_eq!(books.get(&path)["ContactGroups"][0]["Contacts"], json!([]));
    books.write("POST", &path, json!({ "Status": "DELETED" }));
    let names = books.get("/ContactGroups")["ContactGroups"].clone();
    assert!(names.as_array().unwrap().iter().all(|own| own["Name"] != "Sailors"), "{names}");
    assert!(books.refused("PUT", "/ContactGroups", json!({ "ContactGroups": [{}] })).contains("name cannot be empty"));
}

#[test]
fn the_demo_company_has_settings() {
    let mut books = Books::open(SCOPES);
    for (list, id, most) in [
        ("Accounts", "AccountID", 30),
        ("TaxRates", "TaxType", 4),
        ("TrackingCategories", "TrackingCategoryID", 1),
        ("Currencies", "Code", 3),
        ("BrandingThemes", "BrandingThemeID", 2),
        ("Users", "UserID", 2),
        ("Items", "ItemID", 6),
        ("ContactGroups", "ContactGroupID", 2),
    ] {
        let all = books.get(&format!("/{list}"))[list].clone();
        let all = all.as_array().unwrap();
        assert!(all.len() >= most, "{list}: {}", all.len());
        assert!(all.iter().all(|record| record[id].is_string()), "{list}: {:#}", all[0]);
        if list != "Currencies" {
            let one = books.get(&format!("/{list}/{}", all[0][id].as_str().unwrap()));
            assert_eq!(one[list][0][id], all[0][id], "{list}");
            let unknown = "00000000-0000-4000-8000-00000000000f";
            assert_eq!(books.send("GET", &format!("/{list}/{unknown}"), &Value::Null).0, 404, "{list}");
        }
    }
    assert!(books.get("/TrackingCategories")["TrackingCategories"][0]["Options"].as_array().unwrap().len() > 2);
}

#[test]
fn an_account_is_made_read_back_archived_and_deleted() {
    let mut books = Books::open(SCOPES);
    let made = books.write("PUT", "/Accounts", json!({ "Code": "299", "Name": "Joinery Sales", "Type": "SALES" }));
    assert_eq!(
        (&made["Class"], &made["Status"], &made["TaxType"]),
        (&json!("REVENUE"), &json!("ACTIVE"), &json!("OUTPUT"))
    );
    let path = format!("/Accounts/{}", made["AccountID"].as_str().unwrap());
    assert_eq!(books.get(&path)["Accounts"][0]["Code"], "299");
    books.write("POST", &path, json!({ "Description": "of joinery" }));
    books.write("POST", &path, json!({ "Status": "ARCHIVED" }));
    assert_eq!(books.get(&path)["Accounts"][0]["Status"], "ARCHIVED");
    assert!(
        books
            .refused("PUT", "/Accounts", json!({ "Code": "200", "Name": "x", "Type": "SALES" }))
            .contains("unique Code")
    );
    assert!(
        books
            .refused("PUT", "/Accounts", json!({ "Code": "298", "Name": "x", "Type": "MONEY" }))
            .contains("Type is none of")
    );
    assert!(
        books.refused("PUT", "/Accounts", json!({ "Accounts": [{ "Code": "298" }] })).contains("type cannot be empty")
    );
    assert_eq!(books.send("DELETE", &path, &Value::Null).0, 200);
    assert_eq!(books.send("GET", &path, &Value::Null).0, 404);
}

#[test]
fn tax_rates_tracking_currencies_and_items_are_made_and_read_back() {
    let mut books = Books::open(SCOPES);
    let rate = json!({ "TaxRates": [{ "Name": "Boat tax", "TaxComponents": [{ "Name": "B", "Rate": 7.5 }] }] });
    let rate = books.write("PUT", "/TaxRates", rate);
    let tax_type = rate["TaxType"].as_str().unwrap().to_owned();
    assert_eq!(books.get(&format!("/TaxRates/{tax_type}"))["TaxRates"][0]["EffectiveRate"], 7.5);
    assert!(books.refused("PUT", "/TaxRates", json!({ "TaxRates": [{ "Name": "None" }] })).contains("component"));

    let category = books.write("PUT", "/TrackingCategories", json!({ "Name": "Boat" }));
    let path = format!("/TrackingCategories/{}", category["TrackingCategoryID"].as_str().unwrap());
    let option = books.write("PUT", &format!("{path}/Options"), json!({ "Name": "Dinghy" }));
    let of_option = format!("{path}/Options/{}", option["TrackingOptionID"].as_str().unwrap());
    books.write("POST", &of_option, json!({ "Name": "Skiff" }));
    assert_eq!(books.get(&path)["TrackingCategories"][0]["Options"][0]["Name"], "Skiff");
    assert!(books.refused("PUT", &format!("{path}/Options"), json!({ "Name": "skiff" })).contains("already exists"));
    assert_eq!(books.send("DELETE", &of_option, &Value::Null).0, 200);
    assert_eq!(books.get(&path)["TrackingCategories"][0]["Options"], json!([]));
    assert_eq!(books.send("DELETE", &path, &Value::Null).0, 200);
    assert_eq!(books.send("GET", &path, &Value::Null).0, 404);

    books.write("PUT", "/Currencies", json!({ "Code": "SGD", "Description": "Singapore Dollar" }));
    let all = books.get("/Currencies")["Currencies"].clone();
    assert!(all.as_array().unwrap().iter().any(|own| own["Code"] == "SGD"), "{all}");
    assert!(books.refused("PUT", "/Currencies", json!({ "Code": "SGD" })).contains("already subscribed"));

    let item = json!({ "Items": [{ "Code": "OAR", "Name": "Oar", "SalesDetails": { "UnitPrice": 49.5, "AccountCode": "200" } }] });
    let made = books.write("PUT", "/Items", item.clone());
    assert_eq!(books.get("/Items/OAR")["Items"][0]["ItemID"], made["ItemID"]);
    assert!(books.refused("PUT", "/Items", item).contains("already exists"));
    let changed = books.write("POST", "/Items", json!({ "Items": [{ "Code": "OAR", "Description": "Of ash" }] }));
    assert_eq!((&changed["ItemID"], &changed["SalesDetails"]["UnitPrice"]), (&made["ItemID"], &json!(49.5)));
    let wrong = json!({ "Code": "X", "SalesDetails": { "AccountCode": "999" } });
    assert!(books.refused("PUT", "/Items", wrong).contains("'999' is not a valid code"));
    assert!(books.refused("PUT", "/Items", json!({ "Items": [{}] })).contains("Code must be supplied"));
    assert_eq!(books.send("DELETE", "/Items/OAR", &Value::Null).0, 204);
    assert_eq!(books.send("GET", "/Items/OAR", &Value::Null).0, 404);
}

#[test]
fn the_answer_of_a_record_is_json_in_the_envelope_of_the_api() {
    let mut books = Books::open(SCOPES);
    let answer = books.get("/Accounts");
    assert_eq!(answer["Status"], "OK");
    assert!(answer.get("pagination").is_none());
    let response = call(&mut books.simulator, &books.token, "GET", "/api.xro/2.0/Contacts?page=1", "");
    assert_eq!(body(&response)["pagination"]["page"], 1);
}
