//! Payroll of Australia, New Zealand and the United Kingdom: read from demo data, made, changed and deleted; no pay is counted.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::helpers::{body, call, config, header, held_by_some, now, token};
use super::schemas::Schemas;
use xero_m2m::catalogue::{Country, OPERATIONS, Operation};
use xero_m2m::simulator::{Coverage, HttpResponse, Simulator, SimulatorConfig};

const PAYROLLS: [Country; 3] = [Country::Australia, Country::NewZealand, Country::UnitedKingdom];

struct Caller {
    simulator: Simulator,
    token: String,
    schemas: Schemas,
    /// Ids by the names of members, in lower case; the first that was seen.
    ids: BTreeMap<String, String>,
}

impl Caller {
    fn open(country: Country, company: Option<String>) -> Self {
        let scopes: Vec<_> = held_by_some("2026-11-01").collect();
        let config = SimulatorConfig { invoices: 3, country, company, ..config(&scopes.join(" ")) };
        let mut simulator = Simulator::new(config).unwrap();
        let token = token(&mut simulator, None, now());
        Self { simulator, token, schemas: Schemas::read(), ids: BTreeMap::new() }
    }

    fn send(&mut self, method: &str, path: &str, sent: &Value) -> HttpResponse {
        let sent = if sent.is_null() { String::new() } else { sent.to_string() };
        call(&mut self.simulator, &self.token, method, path, &sent)
    }

    fn get(&mut self, path: &str) -> Value {
        let answer = self.send("GET", path, &Value::Null);
        assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
        body(&answer)
    }

    fn post(&mut self, path: &str, sent: &Value) -> (u16, Value) {
        let answer = self.send("POST", path, sent);
        (answer.status, body(&answer))
    }

    /// Keeps the ids of an answer.
    fn learn(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|own| self.learn(own)),
            Value::Object(members) => {
                for (name, own) in members {
                    let lower = name.to_lowercase();
                    if let (Some(id), true) = (own.as_str().filter(|own| own.len() == 36), lower.ends_with("id")) {
                        self.ids.entry(lower).or_insert_with(|| id.to_owned());
                    }
                    self.learn(own);
                }
            }
            _ => {}
        }
    }

    fn id(&self, name: &str) -> Option<&String> {
        let lower = name.to_lowercase();
        let other = match lower.as_str() {
            "employeeworkingpatternid" => "payeeworkingpatternid",
            "statutorysickleaveid" => "statutoryleaveid",
            "payruncalendarid" => "payrollcalendarid",
            "ordinaryearningsrateid" => "earningsrateid",
            "deductionid" => "deductionid",
            own if own.ends_with("accountid") => "accountid",
            own => own,
        };
        self.ids.get(other)
    }

    /// The path of an operation with known ids.
    fn path(&mut self, operation: &Operation) -> String {
        let mut path = operation.api.row().unwrap().base.to_owned();
        for segment in operation.path().split('/').skip(1) {
            let name = segment.trim_matches(|c| c == '{' || c == '}');
            let own = if segment.starts_with('{') && (name == "id" || self.id(name).is_none()) {
                let list = self.get(&path);
                let items = list.as_object().unwrap().values().find_map(Value::as_array).unwrap().clone();
                items[0]["id"].as_str().unwrap().to_owned()
            } else if segment.starts_with('{') {
                self.id(name).unwrap().clone()
            } else {
                segment.to_owned()
            };
            path = format!("{path}/{own}");
        }
        if operation.path().eq_ignore_ascii_case("/PaySlips") {
            path = format!("{path}?PayRunID={}", self.id("payrunid").unwrap());
        }
        path
    }

    /// A body that is valid by a schema: the required members, or all if none is required.
    fn sample(&self, schema: &Value, schemas: &Value, name: &str, depth: usize) -> Value {
        if let Some(own) = schema["$ref"].as_str() {
            return self.sample(&schemas[own.trim_start_matches("#/")], schemas, name, depth);
        }
        if let Some(words) = schema["enum"].as_array() {
            return words[0].clone();
        }
        match schema["type"].as_str() {
            Some("array") => json!([self.sample(&schema["items"], schemas, name, depth.saturating_add(1))]),
            Some("number" | "integer") => json!(1),
            Some("boolean") => json!(true),
            Some("string") if schema["format"] == "uuid" => json!(self.id(name)),
            Some("string")
                if name.contains("Date")
                    || name.contains("OfBirth")
                    || schema["format"] == "date"
                    || name == "effectiveFrom" =>
            {
                json!("2026-11-15")
            }
            Some("string") => json!("trial"),
            _ => {
                let required: Vec<&str> =
                    schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                let is_wanted = |member: &str, own: &Value| {
                    required.contains(&member)
                        || (required.is_empty()
                            && depth < 3
                            && member != "ValidationErrors"
                            && !own["type"].is_object())
                };
                let members = schema["properties"].as_object().cloned().unwrap_or_default();
                let own: Map<String, Value> = members
                    .iter()
                    .filter(|(member, own)| is_wanted(member, own))
                    .map(|(member, own)| (member.clone(), self.sample(own, schemas, member, depth.saturating_add(1))))
                    .filter(|(_, own)| !own.is_null())
                    .collect();
                Value::Object(own)
            }
        }
    }
}

/// The operations of the payroll APIs of a country, in an order in which each finds its record.
fn operations(country: Country) -> Vec<&'static Operation> {
    let is_own = |operation: &&Operation| {
        operation.api.row().unwrap().country == Some(country) && Coverage::of(operation) == Coverage::Played
    };
    let mut all: Vec<&Operation> = OPERATIONS.iter().filter(is_own).collect();
    all.sort_by_key(|own| {
        let (method, path) = (own.method.as_str(), own.path());
        let rank = ["GET", "POST", "PUT", "DELETE"].iter().position(|word| *word == method);
        let depth = path.split('/').count();
        let is_late = ["Approve", "RevertToDraft"]
            .iter()
            .position(|word| path.ends_with(word))
            .map_or(0, |at| at.saturating_add(1));
        let first = !path.starts_with("/Employees") || depth > 2;
        let ids = path.matches('{').count();
        let ids = if method == "DELETE" { 9_usize.saturating_sub(ids) } else { ids };
        (own.api.row().unwrap().name, rank, is_late, ids, first, depth, path.contains("Sick"))
    });
    all
}

#[test]
fn every_operation_answers_from_demo_data_or_writes_and_is_valid_by_the_schemas() {
    for country in PAYROLLS {
        let mut own = Caller::open(country, None);
        let mut count = 0;
        let mut api = "";
        for operation in operations(country) {
            let name = operation.api.row().unwrap().name;
            if name != api {
                own.ids.clear();
                api = name;
            }
            let path = own.path(operation);
            let sent = match own.schemas.operation(operation) {
                Some((row, schemas)) if row["body"].is_object() => own.sample(&row["body"], schemas, "", 0),
                _ => Value::Null,
            };
            let is_pay_run = operation.path() == "/PayRuns/{PayRunID}" && !operation.is_read();
            let sent = if is_pay_run { json!([{ "PayslipMessage": "Thank you" }]) } else { sent };
            let answer = own.send(operation.method.as_str(), &path, &sent);
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            assert_eq!(answer.status, 200, "{}: {path} {sent}: {text}", operation.key());
            assert_eq!(header(&answer, "X-Local-Xero"), None, "{}", operation.key());
            if let Some(fault) = own.schemas.fault(operation, &answer) {
                panic!("{}: {fault}: {text}", operation.key());
            }
            if operation.is_read() {
                let list = body(&answer);
                let list = list.as_object().unwrap().values().find_map(Value::as_array);
                assert!(list.is_none_or(|list| !list.is_empty()), "{} has no demo data", operation.key());
            }
            own.learn(&body(&answer));
            count += 1;
        }
        assert!(count > 35, "{country:?}: {count}");
    }
}

#[test]
fn an_employee_is_made_changed_and_read_back() {
    let mut own = Caller::open(Country::NewZealand, None);
    let base = "/payroll.xro/2.0/Employees";
    let address = json!({ "addressLine1": "1 Quay", "city": "Nelson", "postCode": "7010" });
    let sent = json!({ "firstName": "Kiri", "lastName": "Tautahi", "dateOfBirth": "1990-02-03", "address": address });
    let (status, made) = own.post(base, &sent);
    assert_eq!((status, &made["employee"]["dateOfBirth"]), (200, &json!("1990-02-03T00:00:00")));
    let path = format!("{base}/{}", made["employee"]["employeeID"].as_str().unwrap());
    assert_eq!(own.get(&path)["employee"], made["employee"]);
    assert_eq!(own.send("PUT", &path, &json!({ "email": "kiri@example.com" })).status, 200);
    let read = own.get(&path);
    assert_eq!(
        (&read["employee"]["email"], &read["employee"]["address"]["city"]),
        (&json!("kiri@example.com"), &json!("Nelson"))
    );
    let found = own.get(&format!("{base}?filter=firstName==kiri,lastName==Tautahi"));
    assert_eq!((&found["pagination"]["itemCount"], &found["employees"][0]["lastName"]), (&json!(1), &json!("Tautahi")));

    let (status, refused) = own.post(base, &json!({ "firstName": "K", "gender": "X", "dateOfBirth": "soon" }));
    assert_eq!(status, 400);
    let fields = refused["problem"]["invalidFields"].as_array().unwrap();
    let names: Vec<&str> = fields.iter().map(|own| own["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["lastName", "dateOfBirth", "address", "gender"]);
    let unknown = json!({ "payrollCalendarID": "00000000-0000-4000-8000-000000000001", "startDate": "2026-01-01", "engagementType": "Permanent" });
    let (status, refused) = own.post(&format!("{path}/Employment"), &unknown);
    assert_eq!((status, &refused["problem"]["invalidFields"][0]["name"]), (400, &json!("payrollCalendarID")));
    assert_eq!(own.send("GET", &format!("{path}/Tax"), &Value::Null).status, 404, "it has none yet");
}

#[test]
fn a_timesheet_without_lines_has_no_hours() {
    for (country, base, list, hours) in [
        (Country::Australia, "/payroll.xro/1.0/Timesheets", "Timesheets", "Hours"),
        (Country::UnitedKingdom, "/payroll.xro/2.0/Timesheets", "timesheets", "totalHours"),
    ] {
        let mut own = Caller::open(country, None);
        let first = own.get(base)[list][0].clone();
        let sent = if country == Country::Australia {
            json!([{ "EmployeeID": first["EmployeeID"], "StartDate": "2026-11-02", "EndDate": "2026-11-08", "TimesheetLines": [] }])
        } else {
            json!({ "payrollCalendarID": first["payrollCalendarID"], "employeeID": first["employeeID"], "startDate": "2026-11-02", "endDate": "2026-11-08" })
        };
        let (status, made) = own.post(base, &sent);
        let made = if country == Country::Australia { &made[list][0] } else { &made["timesheet"] };
        assert_eq!((status, made[hours].to_string().as_str()), (200, "0.0"), "{made:#}");
    }
}

#[test]
fn a_timesheet_is_a_draft_until_it_is_approved() {
    let mut own = Caller::open(Country::UnitedKingdom, None);
    let base = "/payroll.xro/2.0/Timesheets";
    let first = own.get(base)["timesheets"][0].clone();
    let rate = first["timesheetLines"][0]["earningsRateID"].clone();
    let sent = json!({
        "payrollCalendarID": first["payrollCalendarID"], "employeeID": first["employeeID"], "startDate": "2026-11-02",
        "endDate": "2026-11-08", "timesheetLines": [{ "date": "2026-11-02", "earningsRateID": rate, "numberOfUnits": 7.5 }]
    });
    let (status, made) = own.post(base, &sent);
    assert_eq!(
        (status, &made["timesheet"]["status"], &made["timesheet"]["totalHours"]),
        (200, &json!("Draft"), &json!(7.5))
    );
    let path = format!("{base}/{}", made["timesheet"]["timesheetID"].as_str().unwrap());
    let line = json!({ "date": "2026-11-03", "earningsRateID": rate, "numberOfUnits": 4 });
    let (status, added) = own.post(&format!("{path}/Lines"), &line);
    assert_eq!(status, 200, "{added}");
    assert_eq!(own.get(&path)["timesheet"]["totalHours"], 11.5);
    let line_path = format!("{path}/Lines/{}", added["timesheetLine"]["timesheetLineID"].as_str().unwrap());
    let late = json!({ "date": "2026-12-01", "earningsRateID": rate, "numberOfUnits": 4 });
    assert_eq!(own.send("PUT", &line_path, &late).status, 400, "the day is outside");
    assert_eq!(own.post(&format!("{path}/Approve"), &Value::Null).1["timesheet"]["status"], "Approved");
    for (method, path) in [("DELETE", &path), ("DELETE", &line_path), ("PUT", &line_path)] {
        assert_eq!(own.send(method, path, &line).status, 400, "{method} {path}");
    }
    assert_eq!(own.post(&format!("{path}/Approve"), &Value::Null).0, 400, "it is approved");
    assert_eq!(own.post(&format!("{path}/RevertToDraft"), &Value::Null).1["timesheet"]["status"], "Draft");
    assert_eq!(own.send("DELETE", &line_path, &Value::Null).status, 200);
    assert_eq!(own.get(&path)["timesheet"]["totalHours"], 7.5);
    assert_eq!(own.send("DELETE", &path, &Value::Null).status, 200);
    assert_eq!(own.send("GET", &path, &Value::Null).status, 404);
}

#[test]
fn a_pay_run_is_a_draft_without_amounts() {
    let mut own = Caller::open(Country::NewZealand, None);
    let runs = own.get("/payroll.xro/2.0/PayRuns?status=Posted");
    let posted = runs["payRuns"][0].clone();
    let slips = posted["paySlips"].as_array().unwrap();
    let sum: f64 = slips.iter().map(|own| own["totalPay"].as_f64().unwrap()).sum();
    assert_eq!(posted["totalPay"].as_f64(), Some(sum));
    let sent = json!({ "payrollCalendarID": posted["payrollCalendarID"] });
    let (status, made) = own.post("/payroll.xro/2.0/PayRuns", &sent);
    let run = &made["payRun"];
    assert_eq!((status, &run["payRunStatus"], run["paySlips"].as_array().unwrap().len()), (200, &json!("Draft"), 2));
    assert!(run["periodStartDate"].as_str() > posted["periodEndDate"].as_str(), "{made}");
    assert_eq!((run.get("totalPay"), run["paySlips"][0].get("totalPay")), (None, None), "no pay is counted");
    assert_eq!(own.post("/payroll.xro/2.0/PayRuns", &sent).0, 400, "there is a draft");

    let mut own = Caller::open(Country::Australia, None);
    let run = own.get("/payroll.xro/1.0/PayRuns")["PayRuns"][0].clone();
    let path = format!("/payroll.xro/1.0/PayRuns/{}", run["PayRunID"].as_str().unwrap());
    assert_eq!(own.post(&path, &json!([{ "PayRunStatus": "POSTED" }])).0, 501);
    let slip = format!("/payroll.xro/1.0/Payslip/{}", run["Payslips"][0]["PayslipID"].as_str().unwrap());
    assert_eq!(own.get(&slip)["Payslip"]["Wages"], 1292);
    assert_eq!(own.post(&slip, &json!([{}])).0, 501, "pay slips are not written");
}

#[test]
fn the_lists_of_australia_have_filters_and_are_written_as_lists() {
    let mut own = Caller::open(Country::Australia, None);
    let base = "/payroll.xro/1.0/Employees";
    let sent =
        json!([{ "FirstName": "Kiri", "LastName": "Tautahi", "DateOfBirth": "1990-02-03" }, { "FirstName": "X" }]);
    let (status, refused) = own.post(base, &sent);
    assert_eq!((status, refused["Elements"].as_array().unwrap().len()), (400, 1), "all or none");
    let sent = json!([{ "FirstName": "Kiri", "LastName": "Tautahi", "DateOfBirth": "/Date(633916800000+0000)/" }]);
    let (status, made) = own.post(base, &sent);
    assert_eq!((status, &made["Employees"][0]["Status"]), (200, &json!("ACTIVE")));
    assert_eq!(made["Employees"][0]["DateOfBirth"], "/Date(633916800000+0000)/");
    let found = own.get(&format!("{base}?where=LastName%3D%3D%22Tautahi%22&order=FirstName"));
    assert_eq!(found["Employees"].as_array().unwrap().len(), 1);
    assert_eq!(own.send("GET", &format!("{base}?where=Nobody%3D%3D1"), &Value::Null).status, 400);
    let items =
        json!({ "EarningsRates": [{ "Name": "Meals", "IsQualifyingEarnings": false, "EarningsType": "ALLOWANCE" }] });
    let (status, made) = own.post("/payroll.xro/1.0/PayItems", &items);
    assert_eq!((status, made["PayItems"]["EarningsRates"].as_array().unwrap().len()), (200, 3));
    let leave = own.get("/payroll.xro/1.0/LeaveApplications")["LeaveApplications"][0].clone();
    let path = format!("/payroll.xro/1.0/LeaveApplications/{}/reject", leave["LeaveApplicationID"].as_str().unwrap());
    let (_, rejected) = own.post(&path, &Value::Null);
    assert_eq!(rejected["LeaveApplications"][0]["LeavePeriods"][0]["LeavePeriodStatus"], "REJECTED");
}

#[test]
fn the_payroll_of_another_country_is_answered_with_501() {
    let mut own = Caller::open(Country::Australia, None);
    let answer = own.send("GET", "/payroll.xro/2.0/Employees", &Value::Null);
    assert_eq!((answer.status, header(&answer, "X-Local-Xero")), (501, Some("not played")));
    assert!(String::from_utf8_lossy(&answer.body).contains("option country"));
    let mut own = Caller::open(Country::UnitedStates, None);
    assert_eq!(own.send("GET", "/payroll.xro/1.0/Employees", &Value::Null).status, 501);
}

#[test]
fn a_dump_has_the_payroll() {
    let mut own = Caller::open(Country::NewZealand, None);
    let base = "/payroll.xro/2.0/Reimbursements";
    own.get(base);
    let account = own.get("/payroll.xro/2.0/Settings")["settings"]["accounts"][0]["accountID"].clone();
    assert_eq!(own.post(base, &json!({ "name": "Phone", "accountID": account })).0, 200);
    let dumped = own.simulator.dump();
    let mut again = Caller::open(Country::NewZealand, Some(dumped.clone()));
    assert_eq!(again.get(base)["reimbursements"], own.get(base)["reimbursements"]);
    assert_eq!(again.simulator.dump(), dumped);
}
