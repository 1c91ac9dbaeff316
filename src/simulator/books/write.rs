//! Writes: the records of a body are checked and saved, all or none, or each on its own.

use serde_json::{Map, Value, json};

use super::json::{self, RecordMembers, set};
use super::members::MemberTable;
use super::record::{Record, RecordBody};
use super::resource::{ACCOUNTS, INVOICES, PAYMENTS, RESOURCES, Resource};
use super::rules::{Draft, option};
use super::show::{Detail, Shower};
use crate::simulator::company::Company;
use crate::simulator::context::CallContext;
use crate::simulator::errors::{self, Invalid};
use crate::simulator::http::HttpResponse;
use crate::simulator::ledger::postings::Postings;
use crate::simulator::random::Uuid;
use crate::time::Timestamp;

/// The ways to write records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum Write {
    /// `PUT` of a list: makes new ones.
    Create,
    /// `POST` of a list: changes those that exist, makes the others.
    CreateOrUpdate,
    /// `POST` of one by its id: changes it.
    Update,
}

/// The most elements and bytes of a write. Sources advise to keep below 50 elements and 3.5 MB, and name 10 MB as a maximum; it
/// is not known at which of these Xero refuses a body.
const LIMITS: (usize, usize) = (usize::MAX, 10_000_000);
const STRICT_LIMITS: (usize, usize) = (50, 3_500_000);

/// A record that is refused: the reasons, and its id if it exists.
struct RefusedRecord {
    id: Option<Uuid>,
    messages: Vec<String>,
}

/// The outcome of one element of a body: the id of its record, or a refusal.
type WriteOutcome = Result<Uuid, RefusedRecord>;

/// Makes and changes records: all or none, or each on its own with `summarizeErrors=false`.
pub(in crate::simulator) fn write(
    context: &mut CallContext<'_>,
    resource: &'static Resource,
    write: Write,
) -> HttpResponse {
    let given = match elements(context, resource.name, resource.one) {
        Ok(given) => given,
        Err(response) => return response,
    };
    let path_id = match write {
        Write::Update => match context.company.store.named(resource, &context.parameter()) {
            Some(record) => Some(record.id),
            None => return errors::no_such_record(),
        },
        _ => None,
    };
    if path_id.is_some() && given.len() != 1 {
        return errors::invalid(Invalid::PostData, "Exactly one record is expected here.", Vec::new());
    }
    if write == Write::Create && given.iter().any(|element| json::text(element, resource.id).is_some()) {
        // A new record has an id of its own.
        context.lose(resource.id);
    }
    let each = context.is_each_alone();
    let before = context.company.clone();
    let outcomes: Vec<WriteOutcome> =
        given.iter().map(|element| save(context, resource, element, write, path_id)).collect();
    if outcomes.iter().any(Result::is_err) && !each {
        *context.company = before;
        let refused = given.iter().zip(&outcomes).filter_map(|(element, outcome)| {
            outcome.as_ref().err().map(|refusal| with_errors(resource, element, refusal))
        });
        return errors::invalid(Invalid::Validation, "A validation exception occurred", refused.collect());
    }
    let is_rate_unknown = given.iter().zip(&outcomes).any(|(element, outcome)| {
        outcome.as_ref().is_ok_and(|id| is_rate_unknown(context.company, resource, element, *id))
    });
    let shower = Shower::new(context.company, resource, Detail::Alone, context.is_unitdp_4(), context.now.date());
    let shown = given
        .iter()
        .zip(&outcomes)
        .map(|(element, outcome)| {
            let (mut value, status) = match outcome {
                Ok(id) => {
                    let saved = context.company.store.get(resource, *id).map(|record| shower.show(resource, record));
                    (saved.unwrap_or_default(), "OK")
                }
                Err(refusal) => (with_errors(resource, element, refusal), "ERROR"),
            };
            if let Some(members) = value.as_object_mut() {
                set(members, "StatusAttributeString", status);
            }
            value
        })
        .collect();
    let response = context.answer(resource.name, shown, None);
    if is_rate_unknown { response.with(errors::RATE, "1, because none was sent") } else { response }
}

/// Returns whether a document in another currency was made without a rate: Xero takes that of the day, which is not known here.
fn is_rate_unknown(company: &Company, resource: &Resource, element: &RecordMembers, id: Uuid) -> bool {
    let is_sent = element.keys().any(|name| name.eq_ignore_ascii_case("CurrencyRate"));
    let record = company.store.get(resource, id).filter(|_| !is_sent);
    record.is_some_and(|record| {
        let is_other = record.text("CurrencyCode").is_some_and(|code| code != company.books.currency);
        is_other && record.members(company).get("CurrencyRate").and_then(Value::as_f64) == Some(1.0)
    })
}

/// Deletes the record that the path names.
pub(in crate::simulator) fn delete(context: &mut CallContext<'_>, resource: &'static Resource) -> HttpResponse {
    let Some(record) = context.company.store.named(resource, &context.parameter()) else {
        return errors::no_such_record();
    };
    let id = record.id;
    let shower = Shower::new(context.company, resource, Detail::Alone, false, context.now.date());
    let mut shown = shower.show(resource, record);
    let is_system = json::text(&json::members_of(shown.clone()), "SystemAccount").is_some();
    let reason = match resource.name {
        _ if is_system => Some("You cannot delete a system account"),
        "Accounts" if is_used(context.company, id) => Some("You cannot delete an account that documents use"),
        "TrackingCategories" if is_named(context.company, resource, &id.to_string()) => Some(option::USED),
        _ => None,
    };
    if let Some(reason) = reason {
        let refusal = RefusedRecord { id: Some(id), messages: vec![reason.to_owned()] };
        let refused = with_errors(resource, &json::members_of(shown), &refusal);
        return errors::invalid(Invalid::Validation, "A validation exception occurred", vec![refused]);
    }
    context.company.store.remove(resource, id);
    if resource.status.is_none() {
        return HttpResponse::bare(204);
    }
    if let (Some((member, ..)), Some(members)) = (resource.status, shown.as_object_mut()) {
        set(members, member, "DELETED");
    }
    context.answer(resource.name, vec![shown], None)
}

/// Returns whether any document names an account.
pub(in crate::simulator) fn is_used(company: &Company, account: Uuid) -> bool {
    Postings::of(company).all.iter().any(|own| own.lines.iter().any(|line| line.account == account))
        || is_named(company, &ACCOUNTS, &account.to_string())
}

/// Returns whether a record of another kind has this text.
pub(in crate::simulator) fn is_named(company: &Company, resource: &Resource, text: &str) -> bool {
    let names = |value: &Value| value.as_str() == Some(text);
    let others = RESOURCES.iter().filter(|own| own.name != resource.name);
    let mut records = others.flat_map(|own| company.store.all(own));
    records.any(|own| json::any(&Value::Object(own.members(company)), &names))
}

/// The elements of a body: `{"Invoices": […]}`, with the name of the list in any case, or a single one.
pub(in crate::simulator) fn elements(
    context: &CallContext<'_>,
    list: &str,
    one: &str,
) -> Result<Vec<RecordMembers>, HttpResponse> {
    let bad = |message: &str| errors::invalid(Invalid::PostData, message, Vec::new());
    let (most, most_bytes) = if context.strict { STRICT_LIMITS } else { LIMITS };
    let size = context.request.body.len();
    if size > most_bytes {
        return Err(bad(&format!("The body has {size} bytes; the most are {most_bytes}.")));
    }
    let mut body = context.body(list, one)?;
    let lose = |name: &str| {
        if !name.eq_ignore_ascii_case(list) {
            context.lose(name);
        }
    };
    context.table.spell(&mut body, &lose);
    let Value::Object(mut members) = body else {
        return Err(bad("The body is not a JSON object."));
    };
    let named = members.keys().find(|name| name.eq_ignore_ascii_case(list)).cloned();
    let items = match named.and_then(|name| members.remove(&name)) {
        None => vec![Value::Object(members)],
        Some(Value::Array(items)) => {
            for name in members.keys() {
                lose(name);
            }
            items
        }
        Some(_) => return Err(bad(&format!("{list} is not a list."))),
    };
    let items: Option<Vec<RecordMembers>> = items
        .into_iter()
        .map(|item| match item {
            Value::Object(members) => Some(members),
            _ => None,
        })
        .collect();
    match items {
        Some(items) if items.len() > most => {
            Err(bad(&format!("{list} has {} elements; the most are {most}.", items.len())))
        }
        Some(items) if !items.is_empty() => {
            for item in &items {
                context.table.lose_computed(one, item, &lose);
            }
            Ok(items)
        }
        Some(_) => Err(bad(&format!("{list} is an empty list."))),
        None => Err(bad(&format!("{list} holds something that is not an object."))),
    }
}

/// The element that was sent, with its errors.
fn with_errors(resource: &Resource, element: &RecordMembers, refusal: &RefusedRecord) -> Value {
    let mut shown = element.clone();
    match refusal.id {
        Some(id) => set(&mut shown, resource.id, id.to_string()),
        None => {
            shown.entry(resource.id).or_insert_with(|| Uuid::NIL.to_string().into());
        }
    }
    with_messages(shown, &refusal.messages)
}

/// An element with messages.
pub(in crate::simulator) fn with_messages(mut shown: RecordMembers, messages: &[String]) -> Value {
    let list: Vec<Value> = messages.iter().map(|message| json!({ "Message": message })).collect();
    set(&mut shown, "ValidationErrors", list);
    Value::Object(shown)
}

/// Saves one record.
fn save(
    context: &mut CallContext<'_>,
    resource: &'static Resource,
    element: &RecordMembers,
    write: Write,
    path_id: Option<Uuid>,
) -> WriteOutcome {
    let four_decimals = context.is_unitdp_4();
    let named = match write {
        Write::Create => None,
        Write::Update => path_id,
        Write::CreateOrUpdate => named_by(context.company, resource, element)
            .map_err(|message| RefusedRecord { id: None, messages: vec![message] })?,
    };
    let saving = Saving { table: context.table, resource, now: context.now, four_decimals };
    saving.save(context.company, element, named, None).map_err(|messages| RefusedRecord { id: named, messages })
}

/// Makes a record with this id, if there is one.
pub(in crate::simulator) fn make(
    company: &mut Company,
    table: &MemberTable,
    resource: &'static Resource,
    element: &RecordMembers,
    id: Option<Uuid>,
    now: Timestamp,
) -> Result<Uuid, Vec<String>> {
    Saving { table, resource, now, four_decimals: true }.save(company, element, None, id)
}

/// The circumstances of a write.
struct Saving<'a> {
    table: &'a MemberTable,
    resource: &'static Resource,
    now: Timestamp,
    four_decimals: bool,
}

impl Saving<'_> {
    /// Changes the record `named`, or makes one with the id `own`. A refusal changes nothing.
    fn save(
        &self,
        company: &mut Company,
        element: &RecordMembers,
        named: Option<Uuid>,
        own: Option<Uuid>,
    ) -> Result<Uuid, Vec<String>> {
        let rest = company.clone();
        let Self { table, resource, now, four_decimals } = *self;
        let current = named.and_then(|id| company.store.get(resource, id)).map(|record| record.members(company));
        let mut wrong = Vec::new();
        let given = table.read(resource.one, element, &mut wrong);
        if named.is_some() && wrong.is_empty() && given.keys().all(|name| name == resource.id) {
            return Err(vec![format!("The element has no member of a {} that can be written.", resource.one)]);
        }
        let mut record = current.clone().unwrap_or_default();
        merge(&mut record, &given);
        let id = named.or(own).unwrap_or_else(|| company.random.uuid());
        let before = current;
        let mut draft =
            Draft { company, table, resource, id, before, sent: element, given, record, wrong, now, four_decimals };
        check_table(&mut draft);
        if !is_closed(&draft) {
            (resource.rules)(&mut draft);
        }
        let Draft { record, wrong, company, .. } = draft;
        if !wrong.is_empty() {
            *company = rest;
            return Err(wrong);
        }
        company.store.put(resource, Record { id, updated: now, body: RecordBody::Members(record) });
        if named.is_none() {
            company.made_by_app.insert(id);
        }
        Ok(id)
    }
}

/// Adds the members that were sent; `null` takes one away.
fn merge(record: &mut RecordMembers, given: &RecordMembers) {
    for (name, value) in given {
        if value.is_null() {
            record.remove(name);
        } else {
            record.insert(name.clone(), value.clone());
        }
    }
}

/// The record that an element of the body names by its id or another member that identifies it.
fn named_by(company: &Company, resource: &Resource, element: &RecordMembers) -> Result<Option<Uuid>, String> {
    if let Some(id) = json::text(element, resource.id) {
        let found = company.store.named(resource, id).map(|record| record.id);
        return found.map(Some).ok_or_else(|| format!("There is no {} with this {}.", resource.one, resource.id));
    }
    // The numbers of bills and payments need not be unique.
    if resource.name == PAYMENTS.name || json::text(element, "Type").is_some_and(|kind| kind.starts_with("ACCPAY")) {
        return Ok(None);
    }
    let is_sale = |record: &Record| record.text("Type").is_none_or(|kind| !kind.starts_with("ACCPAY"));
    let found = resource.keys.iter().find_map(|key| {
        let value = json::text(element, key)?;
        let fits = |record: &&std::sync::Arc<Record>| {
            (resource.name != INVOICES.name || is_sale(record))
                && record.text(key).is_some_and(|own| own.eq_ignore_ascii_case(value))
        };
        company.store.all(resource).iter().find(fits).map(|record| record.id)
    });
    Ok(found)
}

fn is_closed(draft: &Draft<'_>) -> bool {
    let status = draft.resource.status.and_then(|(member, ..)| draft.text_before(member));
    status.is_some_and(|status| draft.resource.closed.contains(&status.as_str()))
}

/// Checks the members by the table of the kinds.
fn check_table(draft: &mut Draft<'_>) {
    let resource = draft.resource;
    if is_closed(draft) {
        let status = resource.status.and_then(|(member, ..)| draft.text_before(member)).unwrap_or_default();
        draft.refuse(format!(
            "{} not of valid status for modification: it is {status} and cannot be changed.",
            resource.one
        ));
        return;
    }
    check_status(draft);
    for (member, message) in resource.required {
        if draft.text(member).is_none_or(|text| text.trim().is_empty()) {
            draft.refuse(*message);
        }
    }
    if let Some((member, initial, _)) = resource.status {
        draft.default(member, initial);
    }
    for (member, message) in resource.unique {
        let Some(value) = draft.text(member) else { continue };
        let hidden = resource.status.map_or(&[][..], |(.., hidden)| hidden);
        let status = resource.status.map_or("", |(member, ..)| member);
        let taken = draft.company.store.all(resource).iter().any(|other| {
            other.id != draft.id
                && other.text(member).is_some_and(|own| own.eq_ignore_ascii_case(&value))
                && !other.text(status).is_some_and(|status| hidden.contains(&status.as_ref()))
        });
        if taken {
            draft.refuse(message.replace("{}", &value));
        }
    }
}

/// Refuses a status that may not follow: a record does not begin at its end.
fn check_status(draft: &mut Draft<'_>) {
    let resource = draft.resource;
    let Some((member, ..)) = resource.status else { return };
    let Some(next) = draft.text(member) else { return };
    match draft.text_before(member) {
        None if matches!(next.as_str(), "DELETED" | "VOIDED") => {
            draft.refuse(format!("A {} that does not exist cannot be {next}.", resource.one));
        }
        Some(own) if own != next => {
            let row = resource.moves.iter().find(|(from, _)| *from == own);
            if row.is_some_and(|(_, to)| !to.contains(&next.as_str())) {
                draft.refuse(not_valid(resource.one, &own, &next));
            }
        }
        _ => {}
    }
}

/// The refusal of a change of the status.
pub(in crate::simulator) fn not_valid(one: &str, own: &str, next: &str) -> String {
    format!("{one} not of valid status for modification: one that is {own} cannot become {next}.")
}

/// The number of the next contact, for those that are made by a document.
pub(in crate::simulator) fn contact_members(name: &str) -> RecordMembers {
    let mut members = Map::new();
    for (member, value) in [("Name", name), ("ContactStatus", "ACTIVE"), ("BankAccountDetails", "")] {
        set(&mut members, member, value);
    }
    for member in ["IsSupplier", "IsCustomer"] {
        set(&mut members, member, false);
    }
    for member in ["Phones", "Addresses", "ContactPersons"] {
        set(&mut members, member, Vec::<Value>::new());
    }
    members
}
