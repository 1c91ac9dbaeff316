//! Projects: made, read, changed and closed. What they are worth is counted from their tasks and times.

use serde_json::{Value, json};

use super::parts::{self, RefusalForm, SentRecord};
use super::resources::{PROJECTS, TASKS, TIME_ENTRIES};
use super::tasks;
use crate::catalogue::{Method, Operation};
use crate::simulator::amount::{self, Cents, money};
use crate::simulator::books::json::{self, RecordMembers, members_of, set};
use crate::simulator::books::resource::{CONTACTS, USERS};
use crate::simulator::company::Company;
use crate::simulator::context::CallContext;
use crate::simulator::errors;
use crate::simulator::formats;
use crate::simulator::http::HttpResponse;
use crate::simulator::random::Uuid;

/// Answers a call of the projects API.
pub(in crate::simulator) fn answer(context: &mut CallContext<'_>, operation: &Operation) -> HttpResponse {
    let segments: Vec<&str> = operation.path().split('/').skip(1).collect();
    if segments == ["ProjectsUsers"] {
        return users(context);
    }
    let project = Uuid::parse(&context.parameter()).filter(|id| context.company.store.get(&PROJECTS, *id).is_some());
    let answered = match (operation.method, segments.as_slice(), project) {
        (Method::Get, [_], _) => Ok(list(context)),
        (Method::Post, [_], _) => write(context, None),
        (Method::Get, [_, _], Some(id)) => Ok(HttpResponse::json(200, &show(context.company, id))),
        (Method::Put, [_, _], Some(id)) => write(context, Some(id)),
        (Method::Patch, [_, _], Some(id)) => patch(context, id),
        (_, [_, _, rest @ ..], Some(id)) => return tasks::answer(context, operation.method, id, rest),
        _ => return errors::no_such_record(),
    };
    answered.unwrap_or_else(|refused| refused)
}

fn users(context: &CallContext<'_>) -> HttpResponse {
    let shown: Vec<Value> = context
        .company
        .store
        .all(&USERS)
        .iter()
        .map(|own| {
            let members = own.members(context.company);
            let name = |part: &str| json::text(&members, part).unwrap_or("").to_owned();
            json!({
                "userId": own.id.to_string(), "name": format!("{} {}", name("FirstName"), name("LastName")),
                "email": members.get("EmailAddress")
            })
        })
        .collect();
    parts::page(context, &shown, 50)
}

fn list(context: &CallContext<'_>) -> HttpResponse {
    let ids = context.listed("projectIds");
    let ids: Option<Vec<Uuid>> = ids.map(|list| list.iter().filter_map(|id| Uuid::parse(id)).collect());
    let contact = context.query("contactID").filter(|id| !id.is_empty());
    let states = context.listed("states");
    let shown: Vec<Value> = context
        .company
        .store
        .all(&PROJECTS)
        .iter()
        .filter(|own| ids.as_ref().is_none_or(|ids| ids.contains(&own.id)))
        .filter(|own| contact.is_none_or(|id| own.text("contactId").as_deref() == Some(id)))
        .filter(|own| {
            let found = own.text("status").unwrap_or_default();
            states.as_ref().is_none_or(|states| states.iter().any(|state| state.eq_ignore_ascii_case(&found)))
        })
        .map(|own| show(context.company, own.id))
        .collect();
    parts::page(context, &shown, 50)
}

fn write(context: &mut CallContext<'_>, id: Option<Uuid>) -> Result<HttpResponse, HttpResponse> {
    let before = id.and_then(|id| parts::members(context.company, &PROJECTS, id));
    let is_new = before.is_none();
    let mut sent = SentRecord::read(context, before.unwrap_or_default(), RefusalForm::Projects)?;
    sent.take_text("name", true, 100);
    sent.take_id("contactId", false, context.company, &CONTACTS);
    sent.take("deadlineUtc", false, "a date and a time in UTC", &|value| {
        let at = value.as_str().and_then(formats::read_instant)?;
        Some(format!("{}Z", formats::date_string(at)).into())
    });
    sent.take("estimateAmount", false, "an amount with two decimals at most", &|value| {
        amount::read_money(value).filter(|own| *own >= 0).map(money)
    });
    if is_new {
        set(&mut sent.record, "status", "INPROGRESS");
    }
    let record = sent.checked(context)?;
    let id = parts::save(context, &PROJECTS, id, record);
    Ok(if is_new { HttpResponse::json(201, &show(context.company, id)) } else { HttpResponse::bare(204) })
}

fn patch(context: &mut CallContext<'_>, id: Uuid) -> Result<HttpResponse, HttpResponse> {
    let before = parts::members(context.company, &PROJECTS, id).unwrap_or_default();
    let mut sent = SentRecord::read(context, before, RefusalForm::Projects)?;
    if !sent.given().contains_key("status") {
        sent.refuse("status", "The field status is required: one of INPROGRESS, CLOSED.");
    }
    sent.take_word("status", true, &["INPROGRESS", "CLOSED"]);
    let record = sent.checked(context)?;
    parts::save(context, &PROJECTS, Some(id), record);
    Ok(HttpResponse::bare(204))
}

/// Money in the currency of the organisation.
pub(super) fn amount_of(company: &Company, cents: Cents) -> Value {
    json!({ "currency": company.books.currency, "value": money(cents) })
}

/// A project with what its tasks and times add up to.
fn show(company: &Company, id: Uuid) -> Value {
    let mut shown: RecordMembers = parts::members(company, &PROJECTS, id).unwrap_or_default();
    let of_project = |own: &RecordMembers| json::id(own, "projectId") == Some(id);
    let worth = company
        .store
        .all(&TASKS)
        .iter()
        .filter(|own| of_project(&own.members(company)))
        .map(|own| tasks::count(company, own.id))
        .fold((0, 0), |sum: (u64, Cents), own| {
            (sum.0.saturating_add(own.to_be_invoiced), sum.1.saturating_add(own.amount))
        });
    let times = company.store.all(&TIME_ENTRIES).iter().map(|own| own.members(company)).filter(of_project);
    let minutes = times.fold(0, |sum: u64, own| sum.saturating_add(tasks::duration(&own)));
    let amount = |cents| amount_of(company, cents);
    let estimate = json::cents(&shown, "estimateAmount");
    let counted = members_of(json!({
        "projectId": id.to_string(),
        "currencyCode": company.books.currency,
        "minutesLogged": minutes,
        "minutesToBeInvoiced": worth.0,
        "totalTaskAmount": amount(worth.1),
        "taskAmountToBeInvoiced": amount(worth.1),
        "totalToBeInvoiced": amount(worth.1),
        "estimateAmount": amount(estimate),
        "estimate": amount(estimate)
    }));
    shown.extend(counted);
    for name in [
        "totalExpenseAmount",
        "taskAmountInvoiced",
        "expenseAmountToBeInvoiced",
        "expenseAmountInvoiced",
        "projectAmountInvoiced",
        "deposit",
        "depositApplied",
        "creditNoteAmount",
        "totalInvoiced",
    ] {
        set(&mut shown, name, amount(0));
    }
    Value::Object(shown)
}
