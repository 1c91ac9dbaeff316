//! Projects with tasks and times, and draft assets: made, read, changed and deleted.

use serde_json::{Value, json};

use super::helpers::{body, call, config, now, token};
use xero_m2m::simulator::{Simulator, SimulatorConfig};

const TASK: &str = r#"{ "name": "Work", "rate": { "currency": "AUD", "value": 90 }, "chargeType": "TIME" }"#;

struct Caller {
    simulator: Simulator,
    token: String,
}

impl Caller {
    fn open(company: Option<String>) -> Self {
        let scopes = "projects assets accounting.contacts accounting.settings";
        let mut simulator = Simulator::new(SimulatorConfig { invoices: 3, company, ..config(scopes) }).unwrap();
        let token = token(&mut simulator, None, now());
        Self { simulator, token }
    }

    fn send(&mut self, method: &str, path: &str, sent: &Value) -> (u16, Value) {
        let base =
            if path.starts_with("/Asset") || path == "/Settings" { "/assets.xro/1.0" } else { "/projects.xro/2.0" };
        let sent = if sent.is_null() { String::new() } else { sent.to_string() };
        let answer = call(&mut self.simulator, &self.token, method, &format!("{base}{path}"), &sent);
        (
            answer.status,
            if answer.body.is_empty() { Value::Null } else { serde_json::from_slice(&answer.body).unwrap_or_default() },
        )
    }

    fn get(&mut self, path: &str) -> Value {
        let (status, answer) = self.send("GET", path, &Value::Null);
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    fn contact(&mut self) -> Value {
        let answer = call(&mut self.simulator, &self.token, "GET", "/api.xro/2.0/Contacts", "");
        body(&answer)["Contacts"][0]["ContactID"].clone()
    }

    /// A project with a task of 90 an hour.
    fn project(&mut self) -> (String, String) {
        let contact = self.contact();
        let sent = json!({ "contactId": contact, "name": "Fit-out", "estimateAmount": 500, "deadlineUtc": "2026-12-24T00:00:00Z" });
        let (status, made) = self.send("POST", "/Projects", &sent);
        assert_eq!(status, 201, "{made}");
        let project = made["projectId"].as_str().unwrap().to_owned();
        let (status, task) =
            self.send("POST", &format!("/Projects/{project}/Tasks"), &serde_json::from_str(TASK).unwrap());
        assert_eq!(status, 201, "{task}");
        (project, task["taskId"].as_str().unwrap().to_owned())
    }
}

#[test]
fn a_project_is_worth_what_its_tasks_and_times_add_up_to() {
    let mut own = Caller::open(None);
    let (project, task) = own.project();
    let user = own.get("/ProjectsUsers")["items"][0]["userId"].clone();
    let time = json!({ "userId": user, "taskId": task, "dateUtc": "2026-11-10T09:00:00Z", "duration": 50, "description": "x" });
    let (status, made) = own.send("POST", &format!("/Projects/{project}/Time"), &time);
    assert_eq!((status, &made["duration"], &made["status"]), (200, &json!(50), &json!("ACTIVE")));
    let fixed = json!({ "name": "Fee", "rate": 20.5, "chargeType": "FIXED" });
    let (_, fixed) = own.send("POST", &format!("/Projects/{project}/Tasks"), &fixed);

    let shown = own.get(&format!("/Projects/{project}/Tasks/{task}"));
    assert_eq!((&shown["totalMinutes"], &shown["totalAmount"]["value"]), (&json!(50), &json!(75.0)));
    let shown = own.get(&format!("/Projects/{project}"));
    assert_eq!((&shown["minutesLogged"], &shown["totalTaskAmount"]["value"]), (&json!(50), &json!(95.5)));
    assert_eq!((&shown["status"], &shown["estimate"]["value"]), (&json!("INPROGRESS"), &json!(500.0)));

    let time_path = format!("/Projects/{project}/Time/{}", made["timeEntryId"].as_str().unwrap());
    assert_eq!(own.send("PUT", &time_path, &json!({ "duration": 60 })).0, 204);
    assert_eq!(own.get(&time_path)["duration"], 60);
    assert_eq!(own.get(&format!("/Projects/{project}/Time?taskId={task}"))["pagination"]["itemCount"], 1);
    let before = format!("/Projects/{project}/Time?dateBeforeUtc=2026-11-09T00:00:00Z");
    assert_eq!(own.get(&before)["pagination"]["itemCount"], 0);
    let task_path = format!("/Projects/{project}/Tasks/{task}");
    assert_eq!(own.send("DELETE", &task_path, &Value::Null).0, 400, "it has times");
    assert_eq!(own.send("DELETE", &time_path, &Value::Null).0, 204);
    assert_eq!(own.send("DELETE", &task_path, &Value::Null).0, 204);
    assert_eq!(own.send("GET", &task_path, &Value::Null).0, 404);
    assert_eq!(own.get(&format!("/Projects/{project}/Tasks"))["items"][0]["taskId"], fixed["taskId"]);
}

#[test]
fn a_project_is_changed_closed_and_found_by_its_state() {
    let mut own = Caller::open(None);
    let (project, _) = own.project();
    let path = format!("/Projects/{project}");
    assert_eq!(own.send("PUT", &path, &json!({ "name": "Another" })).0, 204);
    assert_eq!(own.get(&path)["name"], "Another");
    assert_eq!(own.send("PATCH", &path, &json!({ "status": "CLOSED" })).0, 204);
    assert_eq!(own.get("/Projects?states=INPROGRESS")["pagination"]["itemCount"], 0);
    assert_eq!(own.get("/Projects?states=CLOSED")["items"][0]["projectId"], project.as_str());
    for (method, path, sent, word) in [
        ("POST", "/Projects", json!({}), "name"),
        ("POST", "/Projects", json!({ "name": "N", "contactId": "x" }), "contactId"),
        ("POST", "/Projects", json!({ "name": "N", "deadlineUtc": "soon" }), "deadlineUtc"),
        ("POST", "/Projects", json!({ "name": "N", "estimateAmount": -1 }), "estimateAmount"),
        ("PATCH", path.as_str(), json!({}), "status"),
        ("PATCH", path.as_str(), json!({ "status": "OPEN" }), "status"),
        (
            "POST",
            &format!("{path}/Tasks"),
            json!({ "name": "N", "chargeType": "TIME", "rate": { "currency": "XXX", "value": 1 } }),
            "rate",
        ),
        ("POST", &format!("{path}/Time"), json!({ "duration": 0 }), "duration"),
    ] {
        let (status, answer) = own.send(method, path, &sent);
        assert_eq!(status, 400, "{method} {path} {sent}");
        assert!(answer["modelState"].get(word).is_some(), "{answer}");
    }
    assert_eq!(own.send("GET", "/Projects/00000000-0000-4000-8000-000000000001", &Value::Null).0, 404);
}

#[test]
fn a_draft_asset_is_made_and_found() {
    let mut own = Caller::open(None);
    let kind = json!({ "assetTypeName": "Machines", "bookDepreciationSetting": { "depreciationMethod": "StraightLine", "depreciationRate": 10 } });
    let (status, kind_made) = own.send("POST", "/AssetTypes", &kind);
    assert_eq!((status, &kind_made["locks"]), (200, &json!(0)));
    assert_eq!(own.send("POST", "/AssetTypes", &kind).0, 409);
    let sent = json!({ "assetName": "Saw", "assetTypeId": kind_made["assetTypeId"], "purchasePrice": 1000, "purchaseDate": "2026-11-01" });
    let (status, made) = own.send("POST", "/Assets", &sent);
    assert_eq!((status, &made["assetStatus"], &made["assetNumber"]), (200, &json!("Draft"), &json!("FA-0001")));
    assert_eq!(made["accountingBookValue"], 1000.0);
    assert_eq!(own.get(&format!("/Assets/{}", made["assetId"].as_str().unwrap())), made);
    assert_eq!(own.get("/Assets?status=DRAFT&filterBy=sa")["items"][0], made);
    assert_eq!(own.get("/Assets?status=REGISTERED")["items"], json!([]));
    assert_eq!(own.get("/AssetTypes")[0]["assetTypeName"], "Machines");
    for (method, path, sent, field) in [
        ("GET", "/Assets", Value::Null, "status"),
        ("GET", "/Assets?status=DRAFT&orderBy=DisposalDate", Value::Null, "orderBy"),
        ("POST", "/Assets", json!({}), "assetName"),
        ("POST", "/Assets", json!({ "assetName": "Saw", "assetStatus": "Disposed" }), "assetStatus"),
        ("POST", "/Assets", json!({ "assetName": "Saw", "disposalPrice": 3 }), "disposalPrice"),
        ("POST", "/Assets", json!({ "assetName": "Saw", "assetStatus": "Registered" }), "assetTypeId"),
        (
            "POST",
            "/Assets",
            json!({ "assetName": "Saw", "bookDepreciationSetting": { "averagingMethod": "Daily" } }),
            "bookDepreciationSetting",
        ),
    ] {
        let (status, answer) = own.send(method, path, &sent);
        let fields = answer["fieldValidationErrors"].as_array().unwrap();
        assert!(
            status == 400 && fields.iter().any(|own| own["fieldName"] == field),
            "{method} {path} {sent}: {answer}"
        );
    }
}

#[test]
fn a_registered_asset_is_worth_its_price_less_the_depreciation_that_was_sent() {
    let mut own = Caller::open(None);
    assert_eq!(own.get("/Settings")["assetNumberSequence"], "0001");
    let kind = json!({ "assetTypeName": "Machines", "bookDepreciationSetting": { "depreciationMethod": "StraightLine", "averagingMethod": "ActualDays", "depreciationRate": 10 } });
    let (_, kind) = own.send("POST", "/AssetTypes", &kind);
    let detail = json!({ "depreciationStartDate": "2026-07-01", "priorAccumDepreciationAmount": 100.5, "currentAccumDepreciationAmount": 20 });
    let saw = json!({ "assetName": "Saw", "assetStatus": "Registered", "assetTypeId": kind["assetTypeId"], "purchaseDate": "2026-07-01", "purchasePrice": 1000, "bookDepreciationDetail": detail });
    let (status, made) = own.send("POST", "/Assets", &saw);
    assert_eq!(
        (status, &made["assetStatus"], &made["accountingBookValue"]),
        (200, &json!("Registered"), &json!(879.5)),
        "{made}"
    );
    assert_eq!(made["bookDepreciationSetting"], kind["bookDepreciationSetting"], "that of its type");
    let anvil = json!({ "assetName": "Anvil", "assetStatus": "Registered", "assetTypeId": kind["assetTypeId"], "purchaseDate": "2026-08-01", "purchasePrice": 90, "bookDepreciationSetting": { "depreciationMethod": "NoDepreciation" } });
    assert_eq!(own.send("POST", "/Assets", &anvil).0, 200);
    for (query, first) in [
        ("", "Saw"),
        ("&orderBy=AssetName", "Anvil"),
        ("&orderBy=PurchasePrice&sortDirection=desc", "Saw"),
        ("&orderBy=PurchaseDate&sortDirection=desc", "Anvil"),
        ("&filterBy=machine&orderBy=AssetNumber&sortDirection=DESC", "Anvil"),
    ] {
        let listed = own.get(&format!("/Assets?status=REGISTERED{query}"));
        assert_eq!(
            (&listed["items"][0]["assetName"], &listed["pagination"]["itemCount"]),
            (&json!(first), &json!(2)),
            "{query}"
        );
        assert_eq!(listed["pagination"]["pageSize"], 10);
    }
    assert_eq!(own.get("/Settings")["assetNumberSequence"], "0003");
    let without_start = json!({ "assetName": "S", "assetStatus": "Registered", "assetTypeId": kind["assetTypeId"], "purchaseDate": "2026-07-01", "purchasePrice": 1 });
    assert_eq!(own.send("POST", "/Assets", &without_start).0, 400);
}

#[test]
fn a_dump_has_projects_and_assets() {
    let mut own = Caller::open(None);
    let (project, _) = own.project();
    own.send("POST", "/Assets", &json!({ "assetName": "Saw" }));
    let dumped = own.simulator.dump();
    let mut again = Caller::open(Some(dumped.clone()));
    assert_eq!(again.get(&format!("/Projects/{project}")), own.get(&format!("/Projects/{project}")));
    assert_eq!(again.get("/Assets?status=DRAFT"), own.get("/Assets?status=DRAFT"));
    assert_eq!(again.simulator.dump(), dumped);
}
