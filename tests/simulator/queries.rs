//! Filters, order, pages and formats of lists.

use serde_json::{Value, json};

use super::helpers::{body, call, config, get, header, now, open, request, send, token};
use super::settings::Books;
use super::support::Random;
use xero_m2m::simulator::{Simulator, SimulatorConfig};

const SCOPES: &str = "accounting.invoices accounting.contacts accounting.settings accounting.payments";

/// Returns whether a record is expected.
type Fits = Box<dyn Fn(&Value) -> bool>;

fn encoded(text: &str) -> String {
    super::helpers::form_encoded(text)
}

fn rows(books: &mut Books, list: &str, query: &str) -> Vec<Value> {
    books.get(&format!("/{list}?{query}"))[list].as_array().unwrap().clone()
}

#[test]
fn a_filter_keeps_the_records_that_fit_it() {
    let mut books = Books::open(SCOPES);
    let all = rows(&mut books, "Invoices", "page=1&pageSize=1000");
    let contact = all[0]["Contact"]["ContactID"].as_str().unwrap().to_owned();
    let (same, alike) = (contact.clone(), contact.clone());
    let name = all[0]["Contact"]["Name"].as_str().unwrap().to_owned();
    let named = name.clone();
    let due = |row: &Value| row["AmountDue"].as_f64().unwrap();
    let is = |row: &Value, member: &str, value: &str| row[member] == value;
    let day = |row: &Value| row["DateString"].as_str().unwrap().to_owned();
    let bare = contact.replace('-', "");
    let cases: Vec<(String, Fits)> = vec![
        ("Status==\"PAID\"".into(), Box::new(move |row| is(row, "Status", "PAID"))),
        (
            "status == \"PAID\" and type==\"ACCPAY\"".into(),
            Box::new(move |row| is(row, "Status", "PAID") && is(row, "Type", "ACCPAY")),
        ),
        (
            "Status==\"PAID\" OR Status==\"DRAFT\"".into(),
            Box::new(move |row| is(row, "Status", "PAID") || is(row, "Status", "DRAFT")),
        ),
        (
            "(Status==\"PAID\" OR Status==\"DRAFT\") AND Type!=\"ACCREC\"".into(),
            Box::new(move |row| (is(row, "Status", "PAID") || is(row, "Status", "DRAFT")) && is(row, "Type", "ACCPAY")),
        ),
        ("AmountDue>0".into(), Box::new(move |row| due(row) > 0.0)),
        (
            "AmountDue > 100.50 && AmountDue <= 1000".into(),
            Box::new(move |row| due(row) > 100.5 && due(row) <= 1_000.0),
        ),
        ("Date>=DateTime(2026,01,01)".into(), Box::new(move |row| day(row).as_str() >= "2026-01-01")),
        ("Date < DateTime.Parse(\"2026-01-01\")".into(), Box::new(move |row| day(row).as_str() < "2026-01-01")),
        (
            format!("Contact.ContactID==Guid(\"{contact}\")"),
            Box::new(move |row| row["Contact"]["ContactID"] == same.as_str()),
        ),
        (
            format!("Contact.ContactID==Guid(\"{bare}\")"),
            Box::new(move |row| row["Contact"]["ContactID"] == alike.as_str()),
        ),
        (format!("Contact.Name==\"{name}\""), Box::new(move |row| row["Contact"]["Name"] == named.as_str())),
        (
            "Contact.Name.ToLower().Contains(\"s\") AND InvoiceNumber.StartsWith(\"INV\")".into(),
            Box::new(move |row| {
                row["Contact"]["Name"].as_str().unwrap().to_lowercase().contains('s')
                    && row["InvoiceNumber"].as_str().unwrap().starts_with("INV")
            }),
        ),
        (
            "InvoiceNumber.EndsWith(\"7\")".into(),
            Box::new(move |row| row["InvoiceNumber"].as_str().unwrap().ends_with('7')),
        ),
        ("SentToContact==true".into(), Box::new(move |row| row["SentToContact"] == true)),
        ("!(SentToContact)".into(), Box::new(move |row| row["SentToContact"] == false)),
        ("FullyPaidOnDate!=null".into(), Box::new(move |row| row.get("FullyPaidOnDate").is_some())),
        ("FullyPaidOnDate==null".into(), Box::new(move |row| row.get("FullyPaidOnDate").is_none())),
    ];
    for (filter, fits) in &cases {
        let found = rows(&mut books, "Invoices", &format!("page=1&pageSize=1000&where={}", encoded(filter)));
        let expected: Vec<&Value> = all.iter().filter(|row| fits(row)).collect();
        assert!(!expected.is_empty(), "{filter} proves nothing");
        assert_eq!(found.len(), expected.len(), "{filter}");
        assert!(found.iter().zip(expected).all(|(a, b)| a["InvoiceID"] == b["InvoiceID"]), "{filter}");
    }
    assert_eq!(
        rows(&mut books, "Accounts", &format!("where={}", encoded("Type==\"BANK\" AND Status==\"ACTIVE\""))).len(),
        2
    );
    assert_eq!(rows(&mut books, "Contacts", &format!("where={}", encoded("Name.Contains(\"Boatyard\")"))).len(), 1);
    assert_eq!(
        rows(&mut books, "Payments", &format!("where={}", encoded("Invoice.InvoiceNumber==\"INV-0001\""))).len(),
        1
    );
}

#[test]
fn a_filter_that_cannot_be_read_is_refused_as_xero_does() {
    let mut books = Books::open(SCOPES);
    let deep = format!("{}Status==\"PAID\"{}", "(".repeat(1_000), ")".repeat(1_000));
    let nots = format!("{}true", "!".repeat(5_000));
    for bad in [
        "Status==",
        "Status=\"PAID\" AND",
        "(Status==\"PAID\"",
        "Status==\"PAID",
        "Nothing==1",
        "Contact.Nothing==1",
        "Status>1",
        "Guid(\"x\")==ContactID",
        "Date>DateTime(2026)",
        "Date>DateTime(2026,13,1)",
        "Status.Eat(\"x\")",
        "AmountDue.Contains(\"1\")",
        "Status",
        "1",
        "@",
        "Status==\"PAID\" Status",
        "&&",
        "\"",
        deep.as_str(),
        nots.as_str(),
    ] {
        let (status, answer) = books.send("GET", &format!("/Invoices?where={}", encoded(bad)), &Value::Null);
        assert_eq!(status, 400, "{bad}: {answer}");
        assert_eq!((&answer["ErrorNumber"], &answer["Type"]), (&json!(16), &json!("QueryParseException")), "{bad}");
    }
    for bad in ["Nothing", "Date SIDEWAYS", "Date DESC x", "Date;"] {
        let (status, answer) = books.send("GET", &format!("/Invoices?order={}", encoded(bad)), &Value::Null);
        assert_eq!((status, &answer["Type"]), (400, &json!("QueryParseException")), "{bad}");
    }
    for fine in ["where=&order=", "where=%20", "createdByMyApp=false", "searchTerm="] {
        assert_eq!(rows(&mut books, "Invoices", fine).len(), 250, "{fine}");
    }
}

#[test]
fn any_filter_is_answered_with_200_or_400() {
    let mut books = Books::open(SCOPES);
    let parts = [
        "Status",
        "==",
        "\"PAID\"",
        "(",
        ")",
        "AND",
        "OR",
        "!",
        "null",
        "true",
        "Guid(",
        "DateTime(",
        "2026",
        ",",
        ".",
        "Contains(",
        "Contact",
        "Name",
        ">=",
        "<",
        "-",
        "1.5",
        "\"",
        "\\",
        "é",
        "Date",
        "ToLower()",
        "LineItems",
        "&&",
        "||",
        "0x",
        "1e9",
    ];
    let mut random = Random::seeded();
    for _ in 0..400 {
        let count = random.below(14).saturating_add(1);
        let filter: Vec<&str> =
            (0..count).map(|_| parts[usize::try_from(random.below(parts.len() as u64)).unwrap()]).collect();
        let filter = filter.join(if random.below(2) == 0 { " " } else { "" });
        let (status, _) = books.send("GET", &format!("/Accounts?where={}", encoded(&filter)), &Value::Null);
        assert!(status == 200 || status == 400, "{filter}: {status}");
    }
}

#[test]
fn lists_are_ordered_searched_and_paged() {
    let mut books = Books::open(SCOPES);
    let texts = |rows: &[Value], member: &str| {
        rows.iter().map(|row| row[member].as_str().unwrap().to_lowercase()).collect::<Vec<_>>()
    };
    let names = texts(&rows(&mut books, "Contacts", "order=Name"), "Name");
    let mut sorted = names.clone();
    sorted.sort();
    assert_eq!(names, sorted);
    let down = texts(&rows(&mut books, "Contacts", "order=Name%20DESC"), "Name");
    sorted.reverse();
    assert_eq!(down, sorted);
    let both = rows(&mut books, "Invoices", "order=Type,Total%20DESC");
    for pair in both.windows(2) {
        let key = |row: &Value| (row["Type"].as_str().unwrap().to_owned(), -row["Total"].as_f64().unwrap());
        assert!(key(&pair[0]) <= key(&pair[1]));
    }
    assert_eq!(rows(&mut books, "Contacts", "searchTerm=boatyard").len(), 1);
    // Without a page all are listed, and no pagination is there.
    let all = books.get("/Invoices");
    assert_eq!(all["Invoices"].as_array().unwrap().len(), 250);
    assert!(all.get("pagination").is_none());
    let bare = all["Invoices"][3]["InvoiceID"].as_str().unwrap().replace('-', "");
    assert_eq!(rows(&mut books, "Invoices", &format!("IDs={bare}")).len(), 1);
    let summary = rows(&mut books, "Invoices", "summaryOnly=true");
    assert!(summary[0].get("Payments").is_none() && summary[0].get("LineItems").is_none());
    assert!(rows(&mut books, "Invoices", "createdByMyApp=true").is_empty());
    books.write("PUT", "/Invoices", json!({ "Type": "ACCREC", "Contact": { "Name": "A" } }));
    assert_eq!(rows(&mut books, "Invoices", "createdByMyApp=true").len(), 1);
}

#[test]
fn more_records_than_xero_gives_are_refused() {
    let config = SimulatorConfig { invoices: 100_001, ..config("accounting.invoices") };
    let mut simulator = Simulator::new(config).unwrap();
    let token = token(&mut simulator, None, now());
    for (query, status) in
        [("", 400), ("?where=AmountDue%3E0&page=1", 400), ("?page=1", 200), ("?Statuses=VOIDED", 200)]
    {
        let answer = call(&mut simulator, &token, "GET", &format!("/api.xro/2.0/Invoices{query}"), "");
        assert_eq!(answer.status, status, "{query}");
    }
}

#[test]
fn xml_is_the_default_and_is_read_as_well() {
    let mut simulator = open(SCOPES);
    let token = token(&mut simulator, None, now());
    let bearer = format!("Bearer {token}");
    let path = "/api.xro/2.0/Contacts";
    let ask = |accept: Option<&str>| {
        let mut headers = vec![("Authorization", bearer.as_str())];
        headers.extend(accept.map(|accept| ("Accept", accept)));
        request("GET", path, &headers, "")
    };
    for (accept, is_xml) in [
        (None, true),
        (Some("application/xml"), true),
        (Some("text/xml"), true),
        (Some("*/*"), false),
        (Some("application/json"), false),
    ] {
        let answer = send(&mut simulator, &ask(accept), now());
        assert_eq!(header(&answer, "content-type").unwrap().contains("xml"), is_xml, "{accept:?}");
    }
    let text = String::from_utf8(send(&mut simulator, &ask(None), now()).body).unwrap();
    assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?><Response"), "{text}");
    for part in
        ["<Contacts><Contact>", "<Name>Alder &amp; Finch Interiors</Name>", "<Phones><Phone>", "</Contact></Contacts>"]
    {
        assert!(text.contains(part), "{part}");
    }
    assert!(!text.contains("/Date("));
    let headers =
        [("Authorization", bearer.as_str()), ("Content-Type", "application/xml"), ("Accept", "application/json")];
    let invoice = "<?xml version=\"1.0\"?><!-- x --><Invoices><Invoice><Type>ACCREC</Type><Contact><Name>A &amp; B &#x263A;</Name></Contact>\
        <Date>2026-11-10T00:00:00</Date><Reference><![CDATA[<R>]]></Reference><LineItems><LineItem><Description>x</Description>\
        <Quantity>2</Quantity><UnitAmount>1.50</UnitAmount><AccountCode>200</AccountCode><Tracking><TrackingCategory><Name>Region</Name>\
        <Option>North</Option></TrackingCategory></Tracking></LineItem></LineItems><Url/></Invoice></Invoices>";
    let made = send(&mut simulator, &request("PUT", "/api.xro/2.0/Invoices", &headers, invoice), now());
    assert_eq!(made.status, 200, "{}", String::from_utf8_lossy(&made.body));
    let made = body(&made)["Invoices"][0].clone();
    assert_eq!(
        (&made["SubTotal"], &made["Reference"], &made["Contact"]["Name"]),
        (&json!(3.0), &json!("<R>"), &json!("A & B ☺"))
    );
    assert_eq!(made["LineItems"][0]["Tracking"][0]["Option"], "North");
    let one = "<Contact><Name>Alone</Name></Contact>";
    assert_eq!(send(&mut simulator, &request("POST", path, &headers, one), now()).status, 200);
    let deep = format!("{}{}", "<a>".repeat(5_000), "</a>".repeat(5_000));
    for bad in [
        "<Contacts>",
        "<Contacts></Contact>",
        "<Garbage/>",
        "<Contacts/>",
        "<",
        "x",
        "<a b=\">",
        "<!DOCTYPE a>",
        "<Contact>&x;</Contact>",
        "<Contacts><Contact/></Contacts>",
        deep.as_str(),
    ] {
        let answer = send(&mut simulator, &request("POST", path, &headers, bad), now());
        assert_eq!(answer.status, 400, "{bad}");
    }
    let refused =
        request("PUT", path, &[("Authorization", bearer.as_str()), ("Content-Type", "application/json")], "{}");
    let refused = String::from_utf8(send(&mut simulator, &refused, now()).body).unwrap();
    assert!(refused.contains("<ApiException") && refused.contains("<ErrorNumber>10</ErrorNumber>"), "{refused}");
}

#[test]
fn a_head_and_a_slash_at_the_end_are_answered_as_xero_does() {
    let mut simulator = open(SCOPES);
    let token = token(&mut simulator, None, now());
    for path in ["/api.xro/2.0/Organisations/", "/api.xro/2.0/Organisation/", "/api.xro/2.0/Invoices/INV-0001/"] {
        get(&mut simulator, &token, path);
        let head = call(&mut simulator, &token, "HEAD", path, "");
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
    }
    assert_eq!(call(&mut simulator, &token, "HEAD", "/api.xro/2.0/Invoices/INV-9999", "").status, 404);
}

#[test]
fn an_update_that_is_refused_names_the_document() {
    let mut books = Books::open(SCOPES);
    let paid = rows(&mut books, "Invoices", "Statuses=PAID")[0].clone();
    let sent = json!({ "Invoices": [{ "InvoiceID": paid["InvoiceID"], "Reference": "x" }] });
    let (status, answer) = books.send("POST", "/Invoices", &sent);
    assert_eq!((status, &answer["Elements"][0]["InvoiceID"]), (400, &paid["InvoiceID"]));
    let by_number =
        json!({ "Invoices": [{ "InvoiceNumber": paid["InvoiceNumber"], "Type": paid["Type"], "Reference": "x" }] });
    if paid["Type"] == "ACCREC" {
        let (_, answer) = books.send("POST", "/Invoices", &by_number);
        assert_eq!(answer["Elements"][0]["InvoiceID"], paid["InvoiceID"]);
    }
}
