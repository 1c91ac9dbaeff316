//! The paths of the payroll APIs that are not lists of records: actions, parts of records, and answers that are put together from others.

use serde_json::{Value, json};

use super::answer::{self, PayrollCall, enveloped, page_of};
use super::stored::{self, PayrollKind};
use crate::catalogue::Method;
use crate::simulator::books::json::{self, RecordMembers, set};
use crate::simulator::books::record::Record;
use crate::simulator::books::resource::{ACCOUNTS, TRACKING_CATEGORIES};
use crate::simulator::context::CallContext;
use crate::simulator::errors;
use crate::simulator::formats;
use crate::simulator::http::HttpResponse;
use crate::simulator::random::Uuid;

type PayrollAnswer = Result<HttpResponse, HttpResponse>;

/// The paths, in lower case.
const PATHS: [&str; 14] = [
    "employees/paytemplates",
    "employees/paytemplateearnings",
    "employees/leaveperiods",
    "settings",
    "settings/trackingcategories",
    "statutoryleaves/summary",
    "payitems",
    "superfundproducts",
    "leaveapplications/v2",
    "leaveapplications/approve",
    "leaveapplications/reject",
    "timesheets/approve",
    "timesheets/reverttodraft",
    "timesheets/lines",
];

/// The lists of the pay items of Australia.
const PAY_ITEMS: [&str; 4] = ["EarningsRates", "DeductionTypes", "LeaveTypes", "ReimbursementTypes"];

pub(super) fn is_one(path: &str) -> bool {
    PATHS.contains(&path.to_ascii_lowercase().as_str())
}

/// Answers a call to one of the paths; `None` for any other.
pub(super) fn answer(context: &mut CallContext<'_>, call: &PayrollCall) -> Option<PayrollAnswer> {
    let path = call.path.to_ascii_lowercase();
    Some(match path.as_str() {
        "employees/paytemplates" => pay_template(context, call),
        "employees/paytemplateearnings" => earnings(context, call),
        "employees/leaveperiods" => leave_periods(context, call),
        "settings" => Ok(settings(context, call)),
        "settings/trackingcategories" => {
            let first = context.company.store.all(&TRACKING_CATEGORIES).first().map(|own| own.id.to_string());
            let members: RecordMembers =
                first.into_iter().map(|id| ("timesheetTrackingCategoryID".to_owned(), id.into())).collect();
            Ok(enveloped(context, "trackingCategories", Value::Object(members), None))
        }
        "statutoryleaves/summary" => statutory_leaves(context, call),
        "payitems" => pay_items(context, call),
        "superfundproducts" => Ok(products(context)),
        "leaveapplications/v2" => kind(call, "LeaveApplications").and_then(|kind| answer::list(context, kind, None)),
        "leaveapplications/approve" => decide(context, call, "SCHEDULED"),
        "leaveapplications/reject" => decide(context, call, "REJECTED"),
        "timesheets/approve" => move_timesheet(context, call, "Draft", "Approved"),
        "timesheets/reverttodraft" => move_timesheet(context, call, "Approved", "Draft"),
        "timesheets/lines" => line(context, call),
        "payruns" if asks_to_post(context) => {
            let message = "The local Xero counts no pay, so it posts no pay run: nothing was written.";
            Err(errors::not_implemented(call.operation, message, context.instance))
        }
        "timesheets" if call.method == Method::Delete => delete_timesheet(context, call),
        _ => return None,
    })
}

/// The kind with this path in the API of a call.
fn kind(call: &PayrollCall, path: &str) -> Result<PayrollKind, HttpResponse> {
    PayrollKind::at(call.api, path).ok_or_else(errors::no_such_record)
}

fn first(call: &PayrollCall) -> Result<Uuid, HttpResponse> {
    call.ids.first().copied().ok_or_else(errors::no_such_record)
}

/// A record with the records that belong to it: the pay slips of a pay run.
pub(super) fn whole(context: &CallContext<'_>, kind: PayrollKind, record: &Record) -> RecordMembers {
    let mut shown = kind.show(context.company, record);
    let is_au = kind.api == 'a';
    if kind.part.path == "PayRuns" {
        let (path, name) = if is_au { ("Payslip", "Payslips") } else { ("PaySlips", "paySlips") };
        let slips = PayrollKind::at(kind.api, path).map(|kind| stored::shown(context.company, kind, Some(record.id)));
        set(&mut shown, name, slips.unwrap_or_default());
    }
    shown
}

/// What a write changes beside its own record: an employment gives its employee the calendar; lines get their ids.
pub(super) fn before_save(
    context: &mut CallContext<'_>,
    kind: PayrollKind,
    record: &mut RecordMembers,
    owner: Option<Uuid>,
) {
    match kind.part.path {
        "Employees/Employment" => {
            let employees = PayrollKind::at(kind.api, "Employees");
            let found = employees.zip(owner).and_then(|(kind, id)| Some((kind, kind.get(context.company, id)?)));
            let Some((employees, own)) = found else { return };
            let (id, mut members) = (own.id, own.members(context.company));
            for name in ["payrollCalendarID", "startDate", "engagementType"] {
                if let Some(value) = record.get(name) {
                    set(&mut members, name, value.clone());
                }
            }
            employees.save(context.company, Some(id), None, members, context.now);
        }
        "Timesheets" if kind.api != 'a' => {
            let mut lines = json::list(record, "timesheetLines").to_vec();
            for line in lines.iter_mut().filter_map(Value::as_object_mut) {
                if json::id(line, "timesheetLineID").is_none() {
                    set(line, "timesheetLineID", context.company.random.uuid().to_string());
                }
            }
            set(record, "timesheetLines", lines);
        }
        "Employees/PayTemplates/Earnings" => {
            let rate = json::id(record, "earningsRateID");
            let rates = PayrollKind::at(kind.api, "EarningsRates");
            let found = rates.zip(rate).and_then(|(kind, id)| kind.get(context.company, id));
            if let Some(name) = found.and_then(|own| own.text("name")) {
                let name = name.into_owned();
                set(record, "name", name);
            }
        }
        _ => {}
    }
}

/// Returns whether a body asks for a pay run that is posted.
fn asks_to_post(context: &CallContext<'_>) -> bool {
    let is_posted = |value: &Value| value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("POSTED"));
    let body: Value = serde_json::from_slice(&context.request.body).unwrap_or_default();
    json::any(&body, &is_posted)
}

fn pay_template(context: &mut CallContext<'_>, call: &PayrollCall) -> PayrollAnswer {
    let id = first(call)?;
    answer::employee(context, call.api, id)?;
    let lines = stored::shown(context.company, kind(call, "Employees/PayTemplates/Earnings")?, Some(id));
    Ok(enveloped(context, "payTemplate", json!({ "employeeID": id.to_string(), "earningTemplates": lines }), None))
}

/// Adds several earnings to the pay template of an employee, all or none.
fn earnings(context: &mut CallContext<'_>, call: &PayrollCall) -> PayrollAnswer {
    let id = first(call)?;
    answer::employee(context, call.api, id)?;
    let kind = kind(call, "Employees/PayTemplates/Earnings")?;
    let items = match serde_json::from_slice(&context.request.body) {
        Ok(Value::Array(items)) => items.into_iter().map(json::members_of).collect(),
        _ => Vec::new(),
    };
    let before = context.company.clone();
    let mut wrong =
        if items.is_empty() { vec![("body".to_owned(), "The body is no list.".to_owned())] } else { Vec::new() };
    for item in &items {
        wrong.extend(answer::save(context, kind, None, Some(id), item).err().unwrap_or_default());
    }
    if !wrong.is_empty() {
        *context.company = before;
        return Err(answer::refused(context, call.api, &wrong, Vec::new()));
    }
    let lines = stored::shown(context.company, kind, Some(id));
    Ok(enveloped(context, "earningTemplates", Value::Array(lines), None))
}

/// The periods of the leave of an employee, between two dates if they are given.
fn leave_periods(context: &mut CallContext<'_>, call: &PayrollCall) -> PayrollAnswer {
    let id = first(call)?;
    answer::employee(context, call.api, id)?;
    let leave = stored::shown(context.company, kind(call, "Employees/Leave")?, Some(id));
    let [from, to] = ["startDate", "endDate"].map(|name| context.query(name).and_then(formats::read_date));
    let date = |own: &Value, name: &str| own.get(name).and_then(Value::as_str).and_then(formats::read_date);
    let periods = leave.iter().filter_map(|own| own.get("periods")?.as_array()).flatten();
    let periods = periods.filter(|own| {
        from.is_none_or(|from| date(own, "periodStartDate").is_some_and(|own| from <= own))
            && to.is_none_or(|to| date(own, "periodEndDate").is_some_and(|own| own <= to))
    });
    let periods: Vec<Value> = periods.cloned().collect();
    Ok(page_of(context, call.api, "periods", &periods))
}

/// The accounts that pay is posted to: those for wages, and the first bank account.
fn settings(context: &mut CallContext<'_>, call: &PayrollCall) -> HttpResponse {
    let is_au = call.api == 'a';
    let mut accounts = Vec::new();
    for (code, kind) in [("090", "BANK"), ("477", "WAGESEXPENSE")] {
        let Some(own) = context.company.store.named(&ACCOUNTS, code) else { continue };
        let (id, name) = (own.id.to_string(), own.text("Name").unwrap_or_default().into_owned());
        accounts.push(if is_au {
            json!({ "AccountID": id, "Type": kind, "Code": code, "Name": name })
        } else {
            json!({ "accountID": id, "type": kind, "code": code, "name": name })
        });
    }
    if !is_au {
        return enveloped(context, "settings", json!({ "accounts": accounts }), None);
    }
    let category = context.company.store.all(&TRACKING_CATEGORIES).first();
    let category = category.map_or(json!({}), |own| {
        json!({ "TimesheetCategories": { "TrackingCategoryID": own.id.to_string(), "TrackingCategoryName": own.text("Name") } })
    });
    let settings = json!({ "Accounts": accounts, "TrackingCategories": category, "DaysInPayrollYear": 364 });
    HttpResponse::json(200, &json!({ "Settings": settings }))
}

/// The statutory leave of an employee. If it is entitled to pay is not counted.
fn statutory_leaves(context: &mut CallContext<'_>, call: &PayrollCall) -> PayrollAnswer {
    let id = first(call)?;
    answer::employee(context, call.api, id)?;
    let sick = stored::shown(context.company, kind(call, "StatutoryLeaves/Sick")?, None);
    let own = sick.iter().filter(|own| own.get("employeeID").and_then(Value::as_str) == Some(id.to_string().as_str()));
    let leaves = own.map(|own| {
        json!({
            "statutoryLeaveID": own.get("statutoryLeaveID"), "employeeID": own.get("employeeID"), "type": "Sick",
            "startDate": own.get("startDate"), "endDate": own.get("endDate"), "status": "Pending"
        })
    });
    let leaves: Vec<Value> = leaves.collect();
    Ok(page_of(context, call.api, "statutoryLeaves", &leaves))
}

fn pay_items(context: &mut CallContext<'_>, call: &PayrollCall) -> PayrollAnswer {
    let kinds = || PAY_ITEMS.iter().filter_map(|name| PayrollKind::at(call.api, &format!("PayItems/{name}")));
    if call.method == Method::Post {
        let Ok(Value::Object(given)) = serde_json::from_slice(&context.request.body) else {
            return Err(answer::refused(context, call.api, &[], Vec::new()));
        };
        let given = match given.get("PayItems") {
            Some(Value::Object(inner)) => inner.clone(),
            _ => given,
        };
        if !PAY_ITEMS.iter().any(|name| given.get(*name).is_some_and(Value::is_array)) {
            return Err(answer::refused(context, call.api, &[], Vec::new()));
        }
        let before = context.company.clone();
        let mut elements = Vec::new();
        for kind in kinds() {
            for item in json::list(&given, kind.part.list).iter().cloned().map(json::members_of) {
                if let Err(reasons) = answer::save(context, kind, None, None, &item) {
                    let messages = reasons.iter().map(|(_, reason)| json!({ "Message": reason }));
                    elements.push(json!({ "ValidationErrors": messages.collect::<Vec<_>>() }));
                }
            }
        }
        if !elements.is_empty() {
            *context.company = before;
            return Err(answer::refused(context, call.api, &[], elements));
        }
    }
    let items: RecordMembers = kinds()
        .map(|kind| (kind.part.list.to_owned(), Value::Array(stored::shown(context.company, kind, None))))
        .collect();
    let response = context.answer("PayItems", Vec::new(), None);
    let mut body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    if let Some(members) = body.as_object_mut() {
        set(members, "PayItems", items);
    }
    Ok(HttpResponse::json(200, &body))
}

/// The products of funds with an ABN or a USI: the funds of the organisation.
fn products(context: &mut CallContext<'_>) -> HttpResponse {
    let [abn, usi] = ["ABN", "USI"].map(|name| context.query(name).unwrap_or("").to_owned());
    let funds =
        PayrollKind::at('a', "Superfunds").map(|kind| stored::shown(context.company, kind, None)).unwrap_or_default();
    let fits = |own: &&Value| {
        let is = |name: &str, wanted: &str| wanted.is_empty() || own.get(name).and_then(Value::as_str) == Some(wanted);
        is("ABN", &abn) && is("USI", &usi)
    };
    let shown = funds.iter().filter(fits).map(|own| {
        json!({ "ABN": own.get("ABN"), "USI": own.get("USI"), "SPIN": own.get("SPIN"), "ProductName": own.get("Name") })
    });
    let shown =
        shown.map(|own| Value::Object(json::members_of(own).into_iter().filter(|(_, own)| !own.is_null()).collect()));
    let shown = shown.collect();
    context.answer("SuperFundProducts", shown, None)
}

/// Approves or rejects the periods of a leave application that were requested.
fn decide(context: &mut CallContext<'_>, call: &PayrollCall, status: &str) -> PayrollAnswer {
    let (kind, id) = (kind(call, "LeaveApplications")?, first(call)?);
    let mut members = kind.get(context.company, id).ok_or_else(errors::no_such_record)?.members(context.company);
    let mut periods = json::list(&members, "LeavePeriods").to_vec();
    for period in periods.iter_mut().filter_map(Value::as_object_mut) {
        set(period, "LeavePeriodStatus", status);
    }
    set(&mut members, "LeavePeriods", periods);
    kind.save(context.company, Some(id), None, members, context.now);
    Ok(answer::one(context, kind, id))
}

/// A timesheet, which has to have a status; its members.
fn timesheet(
    context: &CallContext<'_>,
    call: &PayrollCall,
    status: &str,
) -> Result<(PayrollKind, Uuid, RecordMembers), HttpResponse> {
    let (kind, id) = (kind(call, "Timesheets")?, first(call)?);
    let members = kind.get(context.company, id).ok_or_else(errors::no_such_record)?.members(context.company);
    if answer::status_of(&members) != status {
        let reason = format!("The timesheet is not {status}.");
        return Err(answer::refused(context, call.api, &[("status".to_owned(), reason)], Vec::new()));
    }
    Ok((kind, id, members))
}

fn move_timesheet(context: &mut CallContext<'_>, call: &PayrollCall, from: &str, to: &str) -> PayrollAnswer {
    let (kind, id, mut members) = timesheet(context, call, from)?;
    set(&mut members, "status", to);
    kind.save(context.company, Some(id), None, members, context.now);
    Ok(answer::one(context, kind, id))
}

fn delete_timesheet(context: &mut CallContext<'_>, call: &PayrollCall) -> PayrollAnswer {
    let (_, id, _) = timesheet(context, call, "Draft")?;
    context.company.store.remove(&stored::PAYROLL, id);
    Ok(enveloped(context, "", Value::Null, None))
}

/// Adds, changes or deletes a line of a draft timesheet.
fn line(context: &mut CallContext<'_>, call: &PayrollCall) -> PayrollAnswer {
    let (kind, id, mut members) = timesheet(context, call, "Draft")?;
    let mut lines = json::list(&members, "timesheetLines").to_vec();
    let is_own = |line: &Value, id: Uuid| line.as_object().and_then(|own| json::id(own, "timesheetLineID")) == Some(id);
    let place = call.ids.get(1).map(|line| lines.iter().position(|own| is_own(own, *line)));
    let place = match place {
        Some(None) => return Err(errors::no_such_record()),
        Some(found) => found,
        None => None,
    };
    if let (Method::Delete, Some(place)) = (call.method, place) {
        lines.remove(place);
    } else {
        let given = match serde_json::from_slice(&context.request.body) {
            Ok(Value::Object(given)) => given,
            _ => RecordMembers::new(),
        };
        let mut own = place.and_then(|place| lines.get(place)).and_then(Value::as_object).cloned().unwrap_or_default();
        own.extend(given);
        match place.and_then(|place| lines.get_mut(place)) {
            Some(line) => *line = Value::Object(own),
            None => lines.push(Value::Object(own)),
        }
    }
    let mut sent = RecordMembers::new();
    set(&mut sent, "timesheetLines", lines);
    answer::save(context, kind, Some(id), None, &sent)
        .map_err(|wrong| answer::refused(context, call.api, &wrong, Vec::new()))?;
    if call.method == Method::Delete {
        return Ok(enveloped(context, "", Value::Null, None));
    }
    members = kind.get(context.company, id).ok_or_else(errors::no_such_record)?.members(context.company);
    let lines = json::list(&members, "timesheetLines");
    let shown = place.map_or_else(|| lines.last(), |place| lines.get(place)).cloned().unwrap_or_default();
    Ok(enveloped(context, "timesheetLine", shown, None))
}
