//! The parts of records that have paths of their own: allocations, options of tracking categories, contacts of groups; and the
//! e-mail of an invoice.

use serde_json::{Value, json};

use super::json;
use super::record::{Record, RecordBody};
use super::resource::{CONTACT_GROUPS, CONTACTS, INVOICES, Resource, TRACKING_CATEGORIES};
use super::rules::{allocation, group, option};
use super::show::{Detail, Shower};
use super::write::{elements, with_messages};
use crate::simulator::context::CallContext;
use crate::simulator::errors::{self, Invalid};
use crate::simulator::http::HttpResponse;
use crate::simulator::random::Uuid;

fn refused(element: &json::RecordMembers, messages: &[String]) -> HttpResponse {
    let element = with_messages(element.clone(), messages);
    errors::invalid(Invalid::Validation, "A validation exception occurred", vec![element])
}

/// Applies `add` to each element of the body: all or none, or each on its own with `summarizeErrors=false`.
fn each(
    context: &mut CallContext<'_>,
    list: &str,
    one: &str,
    mut add: impl FnMut(&mut CallContext<'_>, &json::RecordMembers) -> Result<Value, Vec<String>>,
) -> HttpResponse {
    let given = match elements(context, list, one) {
        Ok(given) => given,
        Err(response) => return response,
    };
    let before = context.company.clone();
    let is_each_alone = context.is_each_alone();
    let mut shown = Vec::new();
    for element in &given {
        let (mut value, status) = match add(context, element) {
            Ok(value) => (value, "OK"),
            Err(messages) if is_each_alone => (with_messages(element.clone(), &messages), "ERROR"),
            Err(messages) => {
                *context.company = before;
                return refused(element, &messages);
            }
        };
        if let Some(members) = value.as_object_mut().filter(|_| is_each_alone) {
            json::set(members, "StatusAttributeString", status);
        }
        shown.push(value);
    }
    context.answer(list, shown, None)
}

/// `PUT` of allocations of a credit note, a prepayment or an overpayment.
pub(in crate::simulator) fn allocate(context: &mut CallContext<'_>, kind: &'static Resource) -> HttpResponse {
    let Some(credit) = context.company.store.named(kind, &context.parameter()).map(|record| record.id) else {
        return errors::no_such_record();
    };
    each(context, "Allocations", "Allocation", |context, element| {
        allocation::add(context.company, kind, credit, element, context.now)
    })
}

/// `DELETE` of an allocation.
pub(in crate::simulator) fn end_allocation(context: &mut CallContext<'_>, kind: &'static Resource) -> HttpResponse {
    let credit = context.company.store.named(kind, &context.parameter()).map(|record| record.id);
    let name = context.last_segment().to_owned();
    match credit.and_then(|credit| allocation::remove(context.company, kind, credit, &name, context.now)) {
        Some(id) => HttpResponse::json(200, &json!({ "AllocationId": id, "IsDeleted": true })),
        None => errors::no_such_record(),
    }
}

/// `POST /Invoices/{InvoiceID}/Email`: marks a sales invoice as sent. No e-mail is sent.
pub(in crate::simulator) fn email(context: &mut CallContext<'_>) -> HttpResponse {
    let Some(invoice) = context.company.store.named(&INVOICES, &context.parameter()) else {
        return errors::no_such_record();
    };
    let (id, mut members) = (invoice.id, invoice.members(context.company));
    let contact = invoice.contact().and_then(|id| context.company.store.get(&CONTACTS, id));
    let has_address = contact.is_some_and(|own| {
        json::text(&own.members(context.company), "EmailAddress").is_some_and(|address| address.contains('@'))
    });
    let mut wrong = Vec::new();
    if json::text(&members, "Type") != Some("ACCREC") {
        wrong.push("Only sales invoices (ACCREC) can be emailed.".to_owned());
    }
    if !matches!(json::text(&members, "Status"), Some("SUBMITTED" | "AUTHORISED" | "PAID")) {
        wrong.push("The invoice must have the status SUBMITTED, AUTHORISED or PAID to be emailed.".to_owned());
    }
    if !has_address {
        wrong.push("The contact of the invoice has no valid EmailAddress.".to_owned());
    }
    if !wrong.is_empty() {
        return refused(&json::members_of(json!({ "InvoiceID": id.to_string() })), &wrong);
    }
    json::set(&mut members, "SentToContact", true);
    let record = Record { id, updated: context.now, body: RecordBody::Members(members) };
    context.company.store.put(&INVOICES, record);
    HttpResponse::bare(204)
}

/// `PUT /TrackingCategories/{TrackingCategoryID}/Options`.
pub(in crate::simulator) fn add_options(context: &mut CallContext<'_>) -> HttpResponse {
    let Some(id) = category(context) else { return errors::no_such_record() };
    each(context, "Options", "Option", |context, element| option::add(context.company, id, element, context.now))
}

/// `POST /TrackingCategories/{TrackingCategoryID}/Options/{TrackingOptionID}`.
pub(in crate::simulator) fn update_option(context: &mut CallContext<'_>) -> HttpResponse {
    let Some(id) = category(context) else { return errors::no_such_record() };
    let name = context.last_segment().to_owned();
    let given = match elements(context, "Options", "Option") {
        Ok(given) => given,
        Err(response) => return response,
    };
    let [element] = given.as_slice() else {
        return errors::invalid(Invalid::PostData, "Exactly one option is expected here.", Vec::new());
    };
    if !element.contains_key("Name") && !element.contains_key("Status") {
        return refused(element, &["The option name cannot be empty or longer than 100 characters.".to_owned()]);
    }
    match option::update(context.company, id, &name, element, context.now) {
        None => errors::no_such_record(),
        Some(Ok(shown)) => context.answer("Options", vec![shown], None),
        Some(Err(messages)) => refused(element, &messages),
    }
}

/// `DELETE /TrackingCategories/{TrackingCategoryID}/Options/{TrackingOptionID}`.
pub(in crate::simulator) fn delete_option(context: &mut CallContext<'_>) -> HttpResponse {
    let name = context.last_segment().to_owned();
    let removed = category(context).and_then(|id| option::remove(context.company, id, &name, context.now));
    match removed {
        Some(Ok(shown)) => context.answer("Options", vec![shown], None),
        Some(Err(reason)) => refused(&json::members_of(json!({ "TrackingOptionID": name })), &[reason.to_owned()]),
        None => errors::no_such_record(),
    }
}

fn category(context: &CallContext<'_>) -> Option<Uuid> {
    context.company.store.named(&TRACKING_CATEGORIES, &context.parameter()).map(|record| record.id)
}

/// `PUT /ContactGroups/{ContactGroupID}/Contacts`.
pub(in crate::simulator) fn add_contacts(context: &mut CallContext<'_>) -> HttpResponse {
    let Some(id) = group_id(context) else { return errors::no_such_record() };
    let given = match elements(context, "Contacts", "Contact") {
        Ok(given) => given,
        Err(response) => return response,
    };
    if let Err(message) = group::add(context.company, id, &given, context.now) {
        return refused(&given.first().cloned().unwrap_or_default(), &[message]);
    }
    let shower = Shower::new(context.company, &CONTACT_GROUPS, Detail::Alone, false, context.now.date());
    let shown = context.company.store.get(&CONTACT_GROUPS, id).map(|record| shower.show(&CONTACT_GROUPS, record));
    let contacts = shown.as_ref().and_then(|shown| shown.get("Contacts")).and_then(Value::as_array).cloned();
    context.answer("Contacts", contacts.unwrap_or_default(), None)
}

/// `DELETE /ContactGroups/{ContactGroupID}/Contacts` of all, or of the one that the path names.
pub(in crate::simulator) fn remove_contacts(context: &mut CallContext<'_>, one: bool) -> HttpResponse {
    let Some(id) = group_id(context) else { return errors::no_such_record() };
    let contact = Uuid::parse(context.last_segment());
    if one && contact.is_none() {
        return errors::no_such_record();
    }
    if group::remove(context.company, id, contact.filter(|_| one), context.now) {
        HttpResponse::bare(204)
    } else {
        errors::no_such_record()
    }
}

fn group_id(context: &CallContext<'_>) -> Option<Uuid> {
    context.company.store.named(&CONTACT_GROUPS, &context.parameter()).map(|record| record.id)
}
