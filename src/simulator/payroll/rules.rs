//! The members that the payroll APIs compute, and the rules beyond the schemas. Nothing here counts pay.

use serde_json::{Value, json};

use super::parts::ApiLetter;
use super::schemas::{self, PayrollReading};
use super::stored::{PayrollKind, text};
use crate::simulator::books::json::{self, RecordMembers, set};
use crate::simulator::company::Company;
use crate::simulator::formats;
use crate::simulator::random::Uuid;
use crate::time::{Date, Timestamp};

/// The milliseconds of a day.
const DAY: u64 = 86_400_000;

/// The pairs of members of which the second is not before the first.
const ORDERED: [(&str, &str); 3] =
    [("startDate", "endDate"), ("StartDate", "EndDate"), ("periodStartDate", "paymentDate")];

/// The values of a new record that were not sent; each only where its schema has the member.
const AT_FIRST: [(&str, &str); 6] = [
    ("currentRecord", "true"),
    ("CurrentRecord", "true"),
    ("isActive", "true"),
    ("payRunType", "\"Scheduled\""),
    ("Status", "\"ACTIVE\""),
    ("Status", "\"DRAFT\""),
];

/// Checks a record and adds what the API computes.
pub(super) fn complete(
    reading: &mut PayrollReading<'_>,
    kind: PayrollKind,
    record: &mut RecordMembers,
    is_new: bool,
    now: Timestamp,
) {
    for (first, second) in ORDERED {
        let [first_day, second_day] = [first, second].map(|name| json::text(record, name).and_then(formats::read_date));
        if first_day.zip(second_day).is_some_and(|(first, second)| second < first) {
            reading.refuse(second, &format!("is before the {first}"));
        }
    }
    if is_new {
        for (name, value) in AT_FIRST {
            let is_own = value != "\"ACTIVE\"" || kind.part.path == "Employees";
            if is_own && !record.contains_key(name) && schemas::has(kind.api, kind.part.schema, name) {
                set(record, name, serde_json::from_str::<Value>(value).unwrap_or_default());
            }
        }
    }
    match (kind.part.path, kind.api) {
        ("Employees", 'a') => {
            let status = if record.contains_key("TerminationDate") { "TERMINATED" } else { "ACTIVE" };
            set(record, "Status", status);
        }
        ("Employees", _) if is_new => set(record, "createdDateUTC", formats::date_string(now)),
        ("Timesheets", api) => timesheet(reading, api, record, is_new),
        ("PayRunCalendars", _) => {
            let start = json::text(record, "periodStartDate").and_then(formats::read_date);
            let end = start.and_then(|start| period_end(start, text(record, "calendarType")));
            if let Some(end) = end {
                set(record, "periodEndDate", formats::date_string(end.start()));
            }
        }
        ("PayRuns", _) if is_new => pay_run(reading, kind, record),
        _ => {}
    }
}

/// A timesheet with the sum of its units; a new one is a draft, and its lines have ids.
fn timesheet(reading: &mut PayrollReading<'_>, api: ApiLetter, record: &mut RecordMembers, is_new: bool) {
    if api == 'a' {
        let units =
            json::list(record, "TimesheetLines").iter().filter_map(|line| line.get("NumberOfUnits")?.as_array());
        let hours: f64 = units.flatten().filter_map(Value::as_f64).fold(0.0, |sum, own| sum + own);
        set(record, "Hours", hours);
        return;
    }
    if is_new {
        set(record, "status", "Draft");
    }
    let lines = json::list(record, "timesheetLines").to_vec();
    let hours: f64 =
        lines.iter().filter_map(|line| line.get("numberOfUnits")?.as_f64()).fold(0.0, |sum, own| sum + own);
    set(record, "totalHours", hours);
    let [from, to] = ["startDate", "endDate"].map(|name| json::text(record, name).and_then(formats::read_date));
    for line in lines.iter().filter_map(Value::as_object) {
        let day = json::text(line, "date").and_then(formats::read_date);
        if day.is_some_and(|day| from.is_some_and(|from| day < from) || to.is_some_and(|to| to < day)) {
            reading.refuse("date", "of a line is outside of the timesheet");
        }
    }
}

/// The period of a new pay run, and its status. Without dates it is the period after the last pay run of its calendar.
fn pay_run(reading: &mut PayrollReading<'_>, kind: PayrollKind, record: &mut RecordMembers) {
    let is_au = kind.api == 'a';
    let [calendar_id, from, to, pay, status] = names(kind.api);
    let (company, draft) = (reading.company, if is_au { "DRAFT" } else { "Draft" });
    let Some(calendar_uuid) = json::id(record, calendar_id) else {
        reading.refuse(calendar_id, "is required");
        return;
    };
    let path = if is_au { "PayrollCalendars" } else { "PayRunCalendars" };
    let Some(calendar) = PayrollKind::at(kind.api, path).and_then(|kind| kind.get(company, calendar_uuid)) else {
        return;
    };
    let calendar = calendar.members(company);
    let day = |members: &RecordMembers, name: &str| json::text(members, name).and_then(formats::read_date);
    let start = day(&calendar, if is_au { "StartDate" } else { "periodStartDate" });
    let of_calendar = kind.all(company, None).into_iter().map(|own| own.members(company));
    let of_calendar: Vec<RecordMembers> =
        of_calendar.filter(|own| json::id(own, calendar_id) == Some(calendar_uuid)).collect();
    if of_calendar.iter().any(|own| text(own, status) == draft) {
        reading.refuse(calendar_id, "has a draft pay run: there can be only one");
    }
    let last = of_calendar.iter().filter_map(|own| day(own, to)).max();
    let start = day(record, from).or(last.map(|last| last.start().plus(DAY).date())).or(start);
    let Some(start) = start else { return };
    let calendar_type = text(&calendar, if is_au { "CalendarType" } else { "calendarType" }).to_owned();
    let end = day(record, to).or_else(|| period_end(start, &calendar_type)).unwrap_or(start);
    let paid = day(record, pay).unwrap_or_else(|| end.start().plus(DAY).date());
    let spelt = |day: Date| if is_au { formats::ms_date(day.start()) } else { formats::date_string(day.start()) };
    for (name, value) in [(from, spelt(start)), (to, spelt(end)), (pay, spelt(paid))] {
        set(record, name, value);
    }
    set(record, status, draft);
    if !is_au {
        set(record, "calendarType", calendar_type);
    }
}

/// The members of a pay run in an API: calendar, first and last day, day of payment, status.
pub(super) const fn names(api: ApiLetter) -> [&'static str; 5] {
    match api {
        'a' => ["PayrollCalendarID", "PayRunPeriodStartDate", "PayRunPeriodEndDate", "PaymentDate", "PayRunStatus"],
        _ => ["payrollCalendarID", "periodStartDate", "periodEndDate", "paymentDate", "payRunStatus"],
    }
}

/// The last day of a period; `None` if its length is not that of a calendar type.
fn period_end(start: Date, calendar_type: &str) -> Option<Date> {
    let days = match calendar_type.to_ascii_lowercase().as_str() {
        "weekly" => 7,
        "fortnightly" => 14,
        "fourweekly" => 28,
        "monthly" => return months_later(start, 1),
        "quarterly" => return months_later(start, 3),
        "annual" => return months_later(start, 12),
        _ => return None,
    };
    Some(start.start().plus(DAY.saturating_mul(days).saturating_sub(DAY)).date())
}

/// The day before the same day some months later.
fn months_later(start: Date, months: u16) -> Option<Date> {
    let whole = start
        .year()
        .saturating_mul(12)
        .saturating_add(u16::from(start.month()))
        .saturating_sub(1)
        .saturating_add(months);
    let month = u8::try_from(whole % 12).unwrap_or(0).saturating_add(1);
    let next = (1..=start.day()).rev().find_map(|day| Date::new(whole / 12, month, day))?;
    Some(next.start().minus(DAY).date())
}

/// Adds a pay slip without amounts for each employee of the calendar of a new pay run.
pub(super) fn add_pay_slips(company: &mut Company, kind: PayrollKind, pay_run: Uuid, now: Timestamp) {
    let is_au = kind.api == 'a';
    let Some(record) = kind.get(company, pay_run) else { return };
    let calendar = json::id(&record.members(company), names(kind.api)[0]);
    let (Some(slips), Some(employees)) =
        (PayrollKind::at(kind.api, if is_au { "Payslip" } else { "PaySlips" }), PayrollKind::at(kind.api, "Employees"))
    else {
        return;
    };
    let (calendar_name, first, last) = if is_au {
        ("PayrollCalendarID", "FirstName", "LastName")
    } else {
        ("payrollCalendarID", "firstName", "lastName")
    };
    let mut made = Vec::new();
    for employee in employees.all(company, None) {
        let members = employee.members(company);
        if json::id(&members, calendar_name) != calendar {
            continue;
        }
        let own = if is_au { "EmployeeID" } else { "employeeID" };
        let mut slip = json::members_of(json!({ own: employee.id.to_string() }));
        for name in [first, last] {
            set(&mut slip, name, text(&members, name));
        }
        if !is_au {
            set(&mut slip, "payRunID", pay_run.to_string());
        }
        made.push(slip);
    }
    for slip in made {
        slips.save(company, None, Some(pay_run), slip, now);
    }
}
