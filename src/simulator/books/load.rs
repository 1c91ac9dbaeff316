//! The books as one JSON document: written by a dump, read by the option `company`.
//!
//! A record that has its computed members, as Xero and a dump give it, is taken as it is. One without them is made as a write
//! makes it. Lists that are not given: those of settings are the demo company's, the others are empty.

use std::collections::BTreeSet;

use base64ct::{Base64, Encoding};
use serde_json::{Map, Value, json};

use super::attachments::Attachment;
use super::history::HistoryNote;
use super::json::{self, RecordMembers, list, set};
use super::members::MemberTable;
use super::record::{Record, RecordBody};
use super::resource::{
    BANK_TRANSFERS, BATCH_PAYMENTS, BUDGETS, CONTACT_GROUPS, CONTACTS, LINKED_TRANSACTIONS, MANUAL_JOURNALS, PAYMENTS,
    RESOURCES, Resource,
};
use super::rules::document;
use super::{start, write};
use crate::error::{Code, Error};
use crate::simulator::company::Company;
use crate::simulator::formats;
use crate::simulator::others::resources::OTHERS;
use crate::simulator::random::{Random, Uuid};
use crate::time::Timestamp;

/// The member of a dump for everything that is not a record.
const REST: &str = "LocalXero";

/// The kinds that are neither documents nor settings.
static OWN_LISTS: [&Resource; 8] = [
    &CONTACTS,
    &CONTACT_GROUPS,
    &PAYMENTS,
    &BATCH_PAYMENTS,
    &BANK_TRANSFERS,
    &MANUAL_JOURNALS,
    &LINKED_TRANSACTIONS,
    &BUDGETS,
];

/// The books of a company as a JSON document.
pub(in crate::simulator) fn dump(company: &Company) -> String {
    let mut out = Map::new();
    let written = |resource: &Resource| {
        let records = company.store.all(resource).iter().map(|record| {
            let mut members = record.members(company);
            set(&mut members, resource.id, record.id.to_string());
            set(&mut members, "UpdatedDateUTC", formats::ms_date(record.updated));
            Value::Object(members)
        });
        Value::Array(records.collect())
    };
    for resource in RESOURCES {
        out.insert(resource.name.to_owned(), written(resource));
    }
    let others: Map<String, Value> =
        OTHERS.iter().map(|resource| (resource.name.to_owned(), written(resource))).collect();
    let attachments = company.attachments.iter().map(|own| {
        json!({
            "Owner": own.owner.to_string(), "AttachmentID": own.id.to_string(), "FileName": own.name, "MimeType": own.media,
            "IncludeOnline": own.online, "Content": Base64::encode_string(&own.bytes)
        })
    });
    let notes = company.history.iter().map(|note| {
        json!({ "Owner": note.owner.to_string(), "DateUTC": formats::ms_date(note.at), "Details": note.details })
    });
    let made: Vec<Value> = company.made_by_app.iter().map(|id| id.to_string().into()).collect();
    let rest = json!({
        "Country": company.books.version,
        "Attachments": attachments.collect::<Vec<_>>(),
        "History": notes.collect::<Vec<_>>(),
        "CreatedByMyApp": made,
        "OtherApis": others,
        "NextNumbers": company.next_numbers,
        "Random": company.random.state().to_string()
    });
    out.insert(REST.to_owned(), rest);
    Value::Object(out).to_string()
}

/// Replaces the books of a company by those of a document.
///
/// # Errors
/// [`Code::InvalidOption`] with the place of the record and the reason.
pub(in crate::simulator) fn load(
    company: &mut Company,
    table: &MemberTable,
    text: &str,
    now: Timestamp,
) -> Result<(), Error> {
    let Ok(Value::Object(mut given)) = serde_json::from_str(text) else {
        return Err(invalid("company is not a JSON object"));
    };
    let rest = given.remove(REST);
    let country = rest.as_ref().and_then(|rest| rest.get("Country")).and_then(Value::as_str);
    let own = company.books.version;
    if let Some(country) = country.filter(|country| *country != own) {
        let country = crate::error::quoted(country, 8);
        return Err(invalid(&format!(
            "company is the dump of an organisation in {country}, and the organisation is in {own}: give its country with the option country"
        )));
    }
    if let Some(name) = given.keys().find(|name| !RESOURCES.iter().any(|own| own.name.eq_ignore_ascii_case(name))) {
        let names: Vec<&str> = RESOURCES.iter().map(|own| own.name).collect();
        let name = crate::error::quoted(name, 40);
        return Err(invalid(&format!("company has the list {name}; the lists are {}", names.join(", "))));
    }
    for resource in RESOURCES {
        let found = given.iter().find(|(name, _)| resource.name.eq_ignore_ascii_case(name)).map(|(_, list)| list);
        let is_setting = !document::is_document(resource) && !OWN_LISTS.iter().any(|own| own.name == resource.name);
        match found {
            None if is_setting => {}
            None => company.store.clear(resource),
            Some(Value::Array(items)) => {
                company.store.clear(resource);
                for (place, item) in items.iter().enumerate() {
                    load_record(company, table, resource, item, now)
                        .map_err(|message| invalid(&format!("company.{}[{place}]: {message}", resource.name)))?;
                }
            }
            Some(_) => return Err(invalid(&format!("company.{} is not a list", resource.name))),
        }
    }
    let mut random = Random::from_state(company.random.state());
    start::add_system_accounts(company, &mut random);
    company.random = random;
    company.made_by_app.clear();
    if let Some(Value::Object(rest)) = rest {
        load_rest(company, &rest).ok_or_else(|| invalid(&format!("company.{REST} is not as dump() writes it")))?;
    }
    Ok(())
}

fn invalid(message: &str) -> Error {
    Error::new(Code::InvalidOption, message)
}

fn load_record(
    company: &mut Company,
    table: &MemberTable,
    resource: &'static Resource,
    item: &Value,
    now: Timestamp,
) -> Result<(), String> {
    let mut item = item.clone();
    if !item.as_object().is_some_and(|members| is_complete(resource, members)) {
        table.spell(&mut item, &|_| {});
    }
    let members = item.as_object().ok_or("it is not an object")?;
    let id = match members.get(resource.id) {
        None => None,
        Some(id) => Some(id.as_str().and_then(Uuid::parse).ok_or_else(|| format!("{} is not an id", resource.id))?),
    };
    if id.is_some_and(|id| company.store.get(resource, id).is_some()) {
        return Err(format!("{} is there twice", resource.id));
    }
    if !is_complete(resource, members) {
        let made = write::make(company, table, resource, members, id, now).map_err(|messages| messages.join(" "))?;
        company.made_by_app.remove(&made);
        return Ok(());
    }
    let mut members = members.clone();
    let updated =
        json::text(&members, "UpdatedDateUTC").and_then(formats::read_ms_date).and_then(|ms| u64::try_from(ms).ok());
    for name in ["UpdatedDateUTC", resource.id] {
        members.remove(name);
    }
    if document::is_document(resource) {
        let contact = json::object(&members, "Contact").and_then(|contact| json::id(contact, "ContactID"));
        let contact = contact
            .filter(|id| company.store.get(&CONTACTS, *id).is_some())
            .ok_or("there is no contact with its Contact.ContactID")?;
        set(&mut members, "Contact", json!({ "ContactID": contact.to_string() }));
    }
    let id = id.unwrap_or_else(|| company.random.uuid());
    let updated = updated.map_or(company.created, Timestamp::from_ms);
    company.store.put(resource, Record { id, updated, body: RecordBody::Members(members) });
    Ok(())
}

/// Returns whether a record has the members that a write would compute.
fn is_complete(resource: &Resource, members: &RecordMembers) -> bool {
    let computed: &[&str] = match resource.name {
        "Invoices" => &["Total", "AmountDue", "Status", "Date", "LineItems"],
        "CreditNotes" | "Prepayments" | "Overpayments" => {
            &["Total", "RemainingCredit", "Status", "Date", "LineItems", "Contact"]
        }
        "BatchPayments" => &["BatchPaymentID", "TotalAmount", "Status", "Type"],
        "RepeatingInvoices" => &["RepeatingInvoiceID", "Total", "Status", "Schedule", "LineItems"],
        "LinkedTransactions" => &["LinkedTransactionID", "SourceTransactionTypeCode"],
        "Quotes" | "PurchaseOrders" | "BankTransactions" => &["Total", "Status", "Date", "LineItems"],
        "BankTransfers" => &["BankTransferID", "CreatedDateUTC", "Status"],
        "ManualJournals" => &["ManualJournalID", "JournalLines", "Status"],
        "Payments" => &["PaymentID", "PaymentType", "Status", "Date", "Amount"],
        "Contacts" => &["ContactID", "Name", "ContactStatus", "Phones", "Addresses"],
        "Accounts" => &["AccountID", "Name", "Type", "Class", "Status", "TaxType"],
        "TaxRates" => &["Name", "TaxType", "EffectiveRate", "Status"],
        "TrackingCategories" => &["TrackingCategoryID", "Name", "Status"],
        "ContactGroups" => &["ContactGroupID", "Name", "Status"],
        "Items" => &["ItemID", "Code", "IsSold", "IsPurchased"],
        "Currencies" => &["Code", "Description"],
        "Budgets" => &["BudgetID", "Type", "Description", "BudgetLines", "Tracking"],
        _ => &[],
    };
    computed.iter().all(|name| members.contains_key(*name))
}

fn load_rest(company: &mut Company, rest: &RecordMembers) -> Option<()> {
    company.attachments.clear();
    for own in list(rest, "Attachments").iter().filter_map(Value::as_object) {
        company.attachments.push(Attachment {
            owner: json::id(own, "Owner")?,
            id: json::id(own, "AttachmentID")?,
            name: json::text(own, "FileName")?.to_owned(),
            media: json::text(own, "MimeType")?.to_owned(),
            bytes: Base64::decode_vec(own.get("Content")?.as_str()?).ok()?.into(),
            online: own.get("IncludeOnline")?.as_bool()?,
        });
    }
    company.history.clear();
    for note in list(rest, "History").iter().filter_map(Value::as_object) {
        let ms = json::text(note, "DateUTC").and_then(formats::read_ms_date)?;
        company.history.push(HistoryNote {
            owner: json::id(note, "Owner")?,
            at: Timestamp::from_ms(u64::try_from(ms).ok()?),
            details: json::text(note, "Details")?.to_owned(),
        });
    }
    let made: Option<BTreeSet<Uuid>> =
        list(rest, "CreatedByMyApp").iter().map(|id| id.as_str().and_then(Uuid::parse)).collect();
    company.made_by_app = made?;
    for resource in OTHERS {
        let Some(own) = json::object(rest, "OtherApis").filter(|own| own.contains_key(resource.name)) else { continue };
        company.store.clear(resource);
        for own in list(own, resource.name) {
            let mut members = own.as_object()?.clone();
            let id = json::id(&members, resource.id)?;
            let ms = json::text(&members, "UpdatedDateUTC").and_then(formats::read_ms_date)?;
            for name in ["UpdatedDateUTC", resource.id] {
                members.remove(name);
            }
            let updated = Timestamp::from_ms(u64::try_from(ms).ok()?);
            company.store.put(resource, Record { id, updated, body: RecordBody::Members(members) });
        }
    }
    company.next_numbers.clear();
    for (prefix, next) in json::object(rest, "NextNumbers")? {
        company.next_numbers.insert(prefix.clone(), next.as_u64()?);
    }
    company.random = Random::from_state(json::text(rest, "Random")?.parse().ok()?);
    Some(())
}
