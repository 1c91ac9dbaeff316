//! The tasks of projects, and the times that were spent on them.

use serde_json::{Value, json};

use super::parts::{self, RefusalForm, SentRecord};
use super::projects::amount_of;
use super::resources::{PROJECTS, TASKS, TIME_ENTRIES};
use crate::catalogue::Method;
use crate::simulator::amount::{self, Cents};
use crate::simulator::books::json::{self, RecordMembers, members_of, set};
use crate::simulator::books::resource::{Resource, USERS};
use crate::simulator::company::Company;
use crate::simulator::context::CallContext;
use crate::simulator::errors;
use crate::simulator::formats;
use crate::simulator::http::HttpResponse;
use crate::simulator::random::Uuid;

/// The most minutes of a time entry: 999 hours.
const MOST_MINUTES: u64 = 59_940;

/// What the times of a task add up to.
pub(super) struct TaskWorth {
    minutes: u64,
    pub(super) to_be_invoiced: u64,
    pub(super) amount: Cents,
}

/// Answers a call below a project.
pub(super) fn answer(context: &mut CallContext<'_>, method: Method, project: Uuid, rest: &[&str]) -> HttpResponse {
    let resource = if rest.first() == Some(&"Tasks") { &TASKS } else { &TIME_ENTRIES };
    let own = Uuid::parse(context.last_segment()).filter(|id| {
        let members = parts::members(context.company, resource, *id);
        members.is_some_and(|own| json::id(&own, "projectId") == Some(project))
    });
    let answered = match (method, rest.len(), own) {
        (Method::Get, 1, _) => list(context, resource, project),
        (Method::Post, 1, _) => write(context, resource, project, None),
        (Method::Get, 2, Some(id)) => Ok(HttpResponse::json(200, &show(context.company, resource, id))),
        (Method::Put, 2, Some(id)) => write(context, resource, project, Some(id)),
        (Method::Delete, 2, Some(id)) => delete(context, resource, id),
        _ => return errors::no_such_record(),
    };
    answered.unwrap_or_else(|refused| refused)
}

fn list(context: &CallContext<'_>, resource: &'static Resource, project: Uuid) -> Result<HttpResponse, HttpResponse> {
    let given = |name: &str| context.query(name).filter(|value| !value.trim().is_empty());
    let ids = context.listed("taskIds");
    let ids: Option<Vec<Uuid>> = ids.map(|list| list.iter().filter_map(|id| Uuid::parse(id)).collect());
    let same = |own: &RecordMembers, name: &str| {
        given(name).is_none_or(|value| json::text(own, name).is_some_and(|own| own.eq_ignore_ascii_case(value)))
    };
    let day = |name: &str| {
        let Some(text) = given(name) else { return Ok(None) };
        let read = formats::read_instant(text).or_else(|| formats::read_date(text).map(crate::time::Date::start));
        read.map(Some).ok_or_else(|| parts::refused_parameter(name, "The date cannot be read."))
    };
    let (after, before) = (day("dateAfterUtc")?, day("dateBeforeUtc")?);
    let is_time = resource.name == TIME_ENTRIES.name;
    let of_project = parts::members(context.company, &PROJECTS, project).unwrap_or_default();
    // Nothing is invoiced, so no time has an invoice.
    let is_any = !is_time || (same(&of_project, "contactId") && given("invoiceId").is_none());
    let chargeable = is_time.then(|| given("isChargeable")).flatten().map(|own| own.eq_ignore_ascii_case("true"));
    let states = if is_time { context.listed("states") } else { None };
    let is_charged = |own: &RecordMembers| {
        let task =
            json::id(own, "taskId").and_then(|id| parts::members(context.company, &TASKS, id)).unwrap_or_default();
        json::text(&task, "chargeType") != Some("NON_CHARGEABLE")
    };
    let is_chosen = |id: Uuid, own: &RecordMembers| {
        let at = json::text(own, "dateUtc").and_then(formats::read_instant);
        is_any
            && json::id(own, "projectId") == Some(project)
            && chargeable.is_none_or(|wanted| is_charged(own) == wanted)
            && states.as_ref().is_none_or(|states| {
                json::text(own, "status").is_some_and(|own| states.iter().any(|state| state.eq_ignore_ascii_case(own)))
            })
            && ids.as_ref().is_none_or(|ids| ids.contains(&id))
            && ["chargeType", "userId", "taskId"].iter().all(|name| same(own, name))
            && after.is_none_or(|after| at.is_some_and(|at| after <= at))
            && before.is_none_or(|before| at.is_some_and(|at| at <= before))
    };
    let records = context.company.store.all(resource).iter();
    let shown: Vec<Value> = records
        .filter(|own| is_chosen(own.id, &own.members(context.company)))
        .map(|own| show(context.company, resource, own.id))
        .collect();
    Ok(parts::page(context, &shown, 50))
}

fn write(
    context: &mut CallContext<'_>,
    resource: &'static Resource,
    project: Uuid,
    id: Option<Uuid>,
) -> Result<HttpResponse, HttpResponse> {
    let before = id.and_then(|id| parts::members(context.company, resource, id));
    let is_new = before.is_none();
    let mut sent = SentRecord::read(context, before.unwrap_or_default(), RefusalForm::Projects)?;
    let is_task = resource.name == TASKS.name;
    if is_task {
        take_task(&mut sent, context.company);
    } else {
        take_time(&mut sent, context.company, project);
    }
    set(&mut sent.record, "projectId", project.to_string());
    if is_new {
        set(&mut sent.record, "status", "ACTIVE");
        if !is_task {
            set(&mut sent.record, "dateEnteredUtc", format!("{}Z", formats::date_string(context.now)));
        }
    }
    let record = sent.checked(context)?;
    let id = parts::save(context, resource, id, record);
    let status = if is_task { 201 } else { 200 };
    Ok(if is_new { HttpResponse::json(status, &show(context.company, resource, id)) } else { HttpResponse::bare(204) })
}

fn take_task(sent: &mut SentRecord, company: &Company) {
    sent.take_text("name", true, 100);
    sent.take_word("chargeType", true, &["TIME", "FIXED", "NON_CHARGEABLE"]);
    sent.take("rate", true, "an amount of the organisation's currency, such as { currency, value }", &|value| {
        let currency = value.get("currency").and_then(Value::as_str).unwrap_or(company.books.currency);
        let cents = amount::read_money(value.get("value").unwrap_or(value)).filter(|own| *own >= 0)?;
        (currency == company.books.currency).then(|| amount_of(company, cents))
    });
    sent.take("estimateMinutes", false, "a whole number of minutes", &|value| value.as_u64().map(Into::into));
}

fn take_time(sent: &mut SentRecord, company: &Company, project: Uuid) {
    sent.take_id("userId", true, company, &USERS);
    sent.take("taskId", true, "the id of a task of this project", &|value| {
        let id = value.as_str().and_then(Uuid::parse)?;
        let task = parts::members(company, &TASKS, id)?;
        (json::id(&task, "projectId") == Some(project)).then(|| id.to_string().into())
    });
    sent.take("dateUtc", true, "a date and a time in UTC", &|value| {
        let at = value.as_str().and_then(formats::read_instant)?;
        Some(format!("{}Z", formats::date_string(at)).into())
    });
    sent.take("duration", true, "a number of minutes from 1 to 59940", &|value| {
        value.as_u64().filter(|own| (1..=MOST_MINUTES).contains(own)).map(Into::into)
    });
    sent.take("description", false, "a text", &|value| value.as_str().map(Into::into));
}

/// Deletes a task without times, or a time.
fn delete(context: &mut CallContext<'_>, resource: &'static Resource, id: Uuid) -> Result<HttpResponse, HttpResponse> {
    let is_used = resource.name == TASKS.name && times(context.company, id).next().is_some();
    if is_used {
        return Err(parts::refused_parameter("taskId", "The task has time entries: delete these first."));
    }
    context.company.store.remove(resource, id);
    Ok(HttpResponse::bare(204))
}

fn times(company: &Company, task: Uuid) -> impl Iterator<Item = RecordMembers> {
    let all = company.store.all(&TIME_ENTRIES).iter().map(|own| own.members(company));
    all.filter(move |own| json::id(own, "taskId") == Some(task))
}

/// The minutes of a time entry.
pub(super) fn duration(time: &RecordMembers) -> u64 {
    time.get("duration").and_then(Value::as_u64).unwrap_or(0)
}

/// Counts the times of a task, and what they are worth.
pub(super) fn count(company: &Company, id: Uuid) -> TaskWorth {
    let task = parts::members(company, &TASKS, id).unwrap_or_default();
    let minutes = times(company, id).fold(0, |sum: u64, own| sum.saturating_add(duration(&own)));
    let rate = json::object(&task, "rate").map_or(0, |rate| json::cents(rate, "value"));
    let (to_be_invoiced, amount) = match json::text(&task, "chargeType") {
        Some("TIME") => (minutes, amount::scaled(rate, i64::try_from(minutes).unwrap_or(i64::MAX), 60)),
        Some("FIXED") => (0, rate),
        _ => (0, 0),
    };
    TaskWorth { minutes, to_be_invoiced, amount }
}

fn show(company: &Company, resource: &Resource, id: Uuid) -> Value {
    let mut shown = parts::members(company, resource, id).unwrap_or_default();
    set(&mut shown, resource.id, id.to_string());
    if resource.name == TASKS.name {
        let worth = count(company, id);
        let of_kind = |kind: &str| if json::text(&shown, "chargeType") == Some(kind) { worth.minutes } else { 0 };
        let counted = members_of(json!({
            "totalMinutes": worth.minutes,
            "totalAmount": amount_of(company, worth.amount),
            "minutesInvoiced": 0,
            "minutesToBeInvoiced": worth.to_be_invoiced,
            "fixedMinutes": of_kind("FIXED"),
            "nonChargeableMinutes": of_kind("NON_CHARGEABLE"),
            "amountToBeInvoiced": amount_of(company, worth.amount),
            "amountInvoiced": amount_of(company, 0)
        }));
        shown.extend(counted);
    }
    Value::Object(shown)
}
