//! The files API: folders, files with their bytes, and associations with records of the books.

use serde_json::{Value, json};

use super::helpers::{body, call, config, now, request, send, token};
use xero_m2m::simulator::{HttpResponse, Simulator, SimulatorConfig};

const BASE: &str = "/files.xro/1.0";
const NOWHERE: &str = "00000000-0000-4000-8000-000000000001";

struct Caller {
    simulator: Simulator,
    token: String,
}

impl Caller {
    fn open(company: Option<String>) -> Self {
        let config =
            SimulatorConfig { invoices: 3, company, ..config("files accounting.invoices accounting.contacts") };
        let mut simulator = Simulator::new(config).unwrap();
        let token = token(&mut simulator, None, now());
        Self { simulator, token }
    }

    fn send(&mut self, method: &str, path: &str, sent: &Value) -> HttpResponse {
        let sent = if sent.is_null() { String::new() } else { sent.to_string() };
        call(&mut self.simulator, &self.token, method, &format!("{BASE}{path}"), &sent)
    }

    fn get(&mut self, path: &str) -> Value {
        let answer = self.send("GET", path, &Value::Null);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        body(&answer)
    }

    /// Sends parts: a name, a file name if there is one, and bytes.
    fn upload(&mut self, path: &str, parts: &[(&str, Option<&str>, &[u8])]) -> HttpResponse {
        let mut sent = Vec::new();
        for (name, file, bytes) in parts {
            let file =
                file.map_or_else(String::new, |file| format!("; filename=\"{file}\"\r\nContent-Type: image/png"));
            let head = format!("--zz\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
            sent.extend([head.as_bytes(), bytes, b"\r\n"].concat());
        }
        sent.extend(b"--zz--\r\n");
        let bearer = format!("Bearer {}", self.token);
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "multipart/form-data; boundary=zz"),
            ("Accept", "application/json"),
        ];
        let mut own = request("POST", &format!("{BASE}{path}"), &headers, "");
        own.body = sent;
        send(&mut self.simulator, &own, now())
    }

    fn file(&mut self) -> String {
        let made = self.upload("/Files", &[("f", Some("a.png"), b"\x89PNG\0\xff")]);
        assert_eq!(made.status, 201, "{made:?}");
        body(&made)["Id"].as_str().unwrap().to_owned()
    }

    fn invoice(&mut self) -> Value {
        let answer = call(&mut self.simulator, &self.token, "GET", "/api.xro/2.0/Invoices", "");
        body(&answer)["Invoices"][0]["InvoiceID"].clone()
    }
}

#[test]
fn the_bytes_of_a_file_come_back_as_they_were_sent_in_each_form() {
    let mut own = Caller::open(None);
    let bytes: Vec<u8> = (0..=255).chain(*b"\r\n--z\r\n").collect();
    for parts in [
        vec![("name", None, &b"a b.png"[..]), ("file", Some("other.png"), &bytes[..])],
        // As Xero's SDK for Node.js sends it: the field has the name of the file.
        vec![
            ("name", None, &b"a b.png"[..]),
            ("filename", None, b"x.png"),
            ("mimeType", None, b"image/png"),
            ("a b.png", None, &bytes[..]),
        ],
        // As Xero's SDK for Python does.
        vec![
            ("body", None, &bytes[..]),
            ("name", None, b"a b.png"),
            ("filename", None, b"x.png"),
            ("mimeType", None, b"image/png"),
        ],
        vec![("a b.png", Some("a b.png"), &bytes[..])],
    ] {
        let made = own.upload("/Files", &parts);
        assert_eq!(made.status, 201, "{made:?}");
        let made = body(&made);
        assert_eq!(
            (&made["Name"], &made["Size"], &made["MimeType"]),
            (&json!("a b.png"), &json!(263), &json!("image/png"))
        );
        let path = format!("/Files/{}", made["Id"].as_str().unwrap());
        assert_eq!(own.get(&path), made);
        assert_eq!(own.send("GET", &format!("{path}/Content"), &Value::Null).body, bytes);
        assert_eq!(made["FolderId"], own.get("/Inbox")["Id"]);
    }
    assert_eq!(own.get("/Inbox")["FileCount"], 4);
    let listed = own.get("/Files?pagesize=3&page=2");
    assert_eq!((&listed["TotalCount"], &listed["Page"], &listed["PerPage"]), (&json!(4), &json!(2), &json!(3)));
    assert_eq!(listed["Items"].as_array().unwrap().len(), 1);
}

#[test]
fn what_is_no_file_is_refused() {
    let mut own = Caller::open(None);
    for parts in [
        &[][..],
        &[("name", None, &b"a.png"[..])],
        &[("f", Some("a.png"), &b""[..])],
        &[("f", Some("a/b.png"), &b"1"[..])],
        &[("f", Some(""), &b"1"[..])],
    ] {
        let refused = own.upload("/Files", parts);
        assert_eq!((refused.status, &body(&refused)[0]["type"]), (400, &json!("Validation")), "{parts:?}");
    }
    assert_eq!(own.send("POST", "/Files", &json!({ "Name": "a.png" })).status, 400, "not multipart");
    assert_eq!(own.upload(&format!("/Files/{NOWHERE}"), &[("f", Some("a.png"), b"1")]).status, 404);
    assert_eq!(own.get("/Files")["TotalCount"], 0);
}

#[test]
fn folders_are_made_renamed_filled_and_deleted_when_they_are_empty() {
    let mut own = Caller::open(None);
    let made = own.send("POST", "/Folders", &json!({ "Name": "Receipts" }));
    assert_eq!(made.status, 200, "{made:?}");
    let folder = body(&made)["Id"].as_str().unwrap().to_owned();
    let path = format!("/Folders/{folder}");
    let made = own.upload(&format!("/Files/{folder}"), &[("f", Some("a.png"), b"12")]);
    let file = format!("/Files/{}", body(&made)["Id"].as_str().unwrap());
    assert_eq!(own.send("PUT", &path, &json!({ "Name": "Slips" })).status, 200);
    assert_eq!(own.get(&path), json!({ "Name": "Slips", "IsInbox": false, "FileCount": 1, "Id": folder }));
    assert_eq!(own.get("/Folders?sort=Size&direction=DESC")[0]["Name"], "Slips");
    assert_eq!(own.get("/Folders?sort=Name%20DESC")[0]["Name"], "Slips");
    assert_eq!(own.get("/Folders?sort=Name")[0]["Name"], "Inbox");
    assert_eq!(own.send("DELETE", &path, &Value::Null).status, 400, "it has a file");

    let inbox = own.get("/Inbox")["Id"].clone();
    let moved = own.send("PUT", &file, &json!({ "Name": "b.png", "FolderId": inbox }));
    assert_eq!((moved.status, &body(&moved)["Name"], &body(&moved)["FolderId"]), (200, &json!("b.png"), &inbox));
    assert_eq!(own.send("DELETE", &path, &Value::Null).status, 204);
    assert_eq!(own.send("GET", &path, &Value::Null).status, 404);

    let inbox = format!("/Folders/{}", inbox.as_str().unwrap());
    for (method, path, sent) in [
        ("PUT", inbox.as_str(), json!({ "Name": "Mine" })),
        ("DELETE", &inbox, Value::Null),
        ("POST", "/Folders", json!({ "Name": " " })),
        ("POST", "/Folders", json!({ "Name": "a?b" })),
        ("POST", "/Folders", json!([])),
        ("PUT", &file, json!({ "FolderId": NOWHERE })),
        ("PUT", &file, json!({ "Size": 1 })),
        ("GET", "/Folders?sort=Colour", Value::Null),
        ("GET", "/Files?direction=up", Value::Null),
    ] {
        let refused = own.send(method, path, &sent);
        assert_eq!((refused.status, &body(&refused)[0]["type"]), (400, &json!("Validation")), "{method} {path} {sent}");
    }
    assert_eq!(own.send("DELETE", &file, &Value::Null).status, 204);
    assert_eq!(own.send("GET", &format!("{file}/Content"), &Value::Null).status, 404);
}

#[test]
fn a_file_is_associated_with_a_record_that_is_there() {
    let mut own = Caller::open(None);
    let (file, invoice) = (own.file(), own.invoice());
    let path = format!("/Files/{file}/Associations");
    let sent = json!({ "ObjectId": invoice, "ObjectGroup": "Invoice", "ObjectType": "AccRec" });
    let made = own.send("POST", &path, &sent);
    let expected = json!({ "FileId": file, "ObjectId": invoice, "ObjectGroup": "Invoice", "ObjectType": "AccRec" });
    assert_eq!((made.status, body(&made)), (201, expected.clone()));
    assert_eq!(own.get(&path), json!([expected]));
    let invoice = invoice.as_str().unwrap().to_owned();
    let of_record = own.get(&format!("/Associations/{invoice}"));
    assert_eq!((&of_record[0]["Name"], &of_record[0]["Size"]), (&json!("a.png"), &json!(6)));
    assert_eq!(of_record[0]["SendWithObject"], false);
    let counted = own.get(&format!("/Associations/Count?ObjectIds={invoice},{NOWHERE}"));
    assert_eq!(counted, json!({ invoice.as_str(): 1, NOWHERE: 0 }));
    for sent in [
        sent,
        json!({ "ObjectId": invoice, "ObjectGroup": "Contact" }),
        json!({ "ObjectId": invoice, "ObjectGroup": "Receipt" }),
        json!({ "ObjectId": invoice, "ObjectGroup": "Invoice", "ObjectType": "Boat" }),
        json!({}),
    ] {
        assert_eq!(own.send("POST", &path, &sent).status, 400, "{sent}");
    }
    assert_eq!(own.send("GET", "/Associations/Count", &Value::Null).status, 400);
    assert_eq!(own.send("GET", &format!("/Associations/{NOWHERE}"), &Value::Null).status, 404);

    assert_eq!(own.send("DELETE", &format!("{path}/{invoice}"), &Value::Null).status, 204);
    assert_eq!(own.send("DELETE", &format!("{path}/{invoice}"), &Value::Null).status, 404);
    assert_eq!(own.get(&path), json!([]));
    let sent = json!({ "ObjectId": invoice, "ObjectGroup": "Invoice", "SendWithObject": true });
    assert_eq!(own.send("POST", &path, &sent).status, 201);
    assert_eq!(own.send("DELETE", &format!("/Files/{file}"), &Value::Null).status, 204);
    assert_eq!(own.get(&format!("/Associations/{invoice}")), json!([]), "the file is gone");
}

#[test]
fn a_dump_has_folders_files_and_their_bytes() {
    let mut own = Caller::open(None);
    let (file, invoice) = (own.file(), own.invoice());
    let sent = json!({ "ObjectId": invoice, "ObjectGroup": "Invoice" });
    own.send("POST", &format!("/Files/{file}/Associations"), &sent);
    let dumped = own.simulator.dump();
    let mut again = Caller::open(Some(dumped.clone()));
    for path in ["/Folders".to_owned(), "/Files".to_owned(), format!("/Files/{file}/Associations")] {
        assert_eq!(again.get(&path), own.get(&path), "{path}");
    }
    assert_eq!(again.send("GET", &format!("/Files/{file}/Content"), &Value::Null).body, b"\x89PNG\0\xff");
    assert_eq!(again.simulator.dump(), dumped);
}
