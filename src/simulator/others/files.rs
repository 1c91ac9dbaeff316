//! The files API: folders, files with their bytes, and their associations with records of the books.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Value, json};

use super::parts;
use super::resources::{ASSOCIATIONS, FILES, FOLDERS};
use crate::catalogue::{Method, Operation};
use crate::simulator::books::attachments::{Attachment, MOST_BYTES};
use crate::simulator::books::json::{self, RecordMembers, members_of, set};
use crate::simulator::books::record::{Record, RecordBody};
use crate::simulator::books::resource::{
    ACCOUNTS, BANK_TRANSACTIONS, CONTACTS, CREDIT_NOTES, INVOICES, ITEMS, MANUAL_JOURNALS, OVERPAYMENTS, PAYMENTS,
    PREPAYMENTS, QUOTES, Resource, USERS,
};
use crate::simulator::company::Company;
use crate::simulator::context::CallContext;
use crate::simulator::errors;
use crate::simulator::formats;
use crate::simulator::http::HttpResponse;
use crate::simulator::multipart;
use crate::simulator::random::{Random, Uuid};

/// The groups of the records that a file can belong to. The specification has receipts as well, which are not played.
static GROUPS: [(&str, &Resource); 11] = [
    ("Account", &ACCOUNTS),
    ("BankTransaction", &BANK_TRANSACTIONS),
    ("Contact", &CONTACTS),
    ("CreditNote", &CREDIT_NOTES),
    ("Invoice", &INVOICES),
    ("Item", &ITEMS),
    ("ManualJournal", &MANUAL_JOURNALS),
    ("Overpayment", &OVERPAYMENTS),
    ("Payment", &PAYMENTS),
    ("Prepayment", &PREPAYMENTS),
    ("Quote", &QUOTES),
];

/// The words of `ObjectType`. It is not known which of them Xero has for which record, so it is kept as it is sent.
const OBJECT_TYPES: &str = "Unknown Accpay AccPayCredit AccPayPayment AccRec AccRecCredit AccRecPayment Adjustment \
    ApCreditPayment ApOverPayment ApOverPaymentPayment ApOverPaymentSourcePayment ApPrepayment ApPrepaymentPayment \
    ApPrepaymentSourcePayment ArCreditPayment ArOverPayment ArOverpaymentPayment ArOverpaymentSourcePayment ArPrepayment \
    ArPrepaymentPayment ArPrepaymentSourcePayment CashPaid CashRec ExpPayment ManJournal PurchaseOrder Receipt Transfer \
    Account Contact Business Employee Person User Org FixedAsset PayRun PriceListItem Bank Current Equity Expense Fixed \
    Liability Prepayment Revenue Sales Overheads Depreciatn OtherIncome DirectCosts Currliab Termliab NonCurrent SalesQuote";

/// The members that lists are sorted by.
const BY_FILE: [&str; 3] = ["Name", "Size", "CreatedDateUtc"];
const BY_ASSOCIATION: [&str; 4] = ["Name", "Size", "CreatedDateUtc", "AssociationDateUtc"];

/// The characters that no name has. Xero refuses "bad characters", and does not say which these are.
const BAD_CHARACTERS: &[char] = &['\\', '/', ':', '*', '?', '"', '<', '>', '|'];
const MOST_CHARACTERS: usize = 255;

type FileAnswer = Result<HttpResponse, HttpResponse>;

/// Adds the inbox, which every organisation has.
pub(in crate::simulator) fn add_inbox(company: &mut Company, seed: u64) {
    let mut random = Random::new(seed, 21);
    let email = format!("xero.inbox.{}@xerofiles.example", random.below(100_000_000));
    let at = formats::precise_date_string(company.created);
    let members = json!({ "Name": "Inbox", "IsInbox": true, "Email": email, "CreatedDateUtc": at });
    let body = RecordBody::Members(members_of(members));
    company.store.put(&FOLDERS, Record { id: random.uuid(), updated: company.created, body });
}

/// Answers a call of the files API.
pub(in crate::simulator) fn answer(context: &mut CallContext<'_>, operation: &Operation) -> HttpResponse {
    let segments: Vec<&str> = operation.path().split('/').skip(1).collect();
    let answered = match (operation.method, segments.as_slice()) {
        (Method::Get, ["Inbox"]) => inbox(context.company).map(|id| shown(context, &FOLDERS, id, 200)),
        (Method::Get, ["Folders"]) => folders(context),
        (Method::Post, ["Folders"]) => write_folder(context, None),
        (Method::Get, ["Files"]) => files(context),
        (Method::Post, ["Files"]) => inbox(context.company).and_then(|folder| upload(context, folder)),
        (Method::Post, ["Files", _]) => named(context, &FOLDERS).and_then(|folder| upload(context, folder)),
        (_, ["Folders", _]) => named(context, &FOLDERS).and_then(|id| folder(context, operation.method, id)),
        (_, ["Files", _, rest @ ..]) => named(context, &FILES).and_then(|id| file(context, operation.method, id, rest)),
        (_, ["Associations", "Count"]) => count_associations(context),
        _ => associations_of_record(context),
    };
    answered.unwrap_or_else(|refused| refused)
}

/// A refusal in the form of the specification's examples.
fn refused(detail: &str) -> HttpResponse {
    HttpResponse::json(400, &json!([{ "type": "Validation", "title": "Validation failure", "detail": detail }]))
}

/// The record that the path names.
fn named(context: &CallContext<'_>, resource: &Resource) -> Result<Uuid, HttpResponse> {
    let id = Uuid::parse(&context.parameter()).filter(|id| context.company.store.get(resource, *id).is_some());
    id.ok_or_else(errors::no_such_record)
}

fn is_inbox(record: &Record) -> bool {
    matches!(&record.body, RecordBody::Members(members) if members.get("IsInbox") == Some(&Value::Bool(true)))
}

fn inbox(company: &Company) -> Result<Uuid, HttpResponse> {
    let found = company.store.all(&FOLDERS).iter().find(|own| is_inbox(own));
    found.map(|own| own.id).ok_or_else(errors::no_such_record)
}

/// The members of all records of a kind, with their ids.
fn all(company: &Company, resource: &Resource) -> Vec<(Uuid, RecordMembers)> {
    company.store.all(resource).iter().map(|own| (own.id, own.members(company))).collect()
}

/// The records of a kind whose member `name` is an id.
fn with_id(company: &Company, resource: &Resource, name: &str, id: Uuid) -> Vec<(Uuid, RecordMembers)> {
    let mut found = all(company, resource);
    found.retain(|(_, own)| json::id(own, name) == Some(id));
    found
}

fn files_in(company: &Company, folder: Uuid) -> Vec<(Uuid, RecordMembers)> {
    with_id(company, &FILES, "FolderId", folder)
}

/// The associations whose member `name` is an id.
fn associations(company: &Company, name: &str, id: Uuid) -> Vec<(Uuid, RecordMembers)> {
    with_id(company, &ASSOCIATIONS, name, id)
}

/// A folder, a file or an association as the API writes it.
fn members(company: &Company, resource: &Resource, id: Uuid) -> RecordMembers {
    let mut members = parts::members(company, resource, id).unwrap_or_default();
    if resource.name == ASSOCIATIONS.name {
        return members;
    }
    set(&mut members, resource.id, id.to_string());
    if resource.name == FOLDERS.name {
        members.remove("CreatedDateUtc");
        set(&mut members, "FileCount", files_in(company, id).len());
        return members;
    }
    let updated = company.store.get(resource, id).map(|own| formats::precise_date_string(own.updated));
    set(&mut members, "UpdatedDateUtc", updated);
    // The token of a custom connection has no user: files are those of the first one.
    if let Some(user) = company.store.all(&USERS).first() {
        let text = |name: &str| user.text(name).map(Cow::into_owned).unwrap_or_default();
        let (first, last) = (text("FirstName"), text("LastName"));
        let full = format!("{first} {last}");
        let own = json!({
            "Id": user.id.to_string(), "Name": text("EmailAddress"), "FirstName": first, "LastName": last, "FullName": full
        });
        set(&mut members, "User", own);
    }
    members
}

fn shown(context: &CallContext<'_>, resource: &Resource, id: Uuid, status: u16) -> HttpResponse {
    HttpResponse::json(status, &Value::Object(members(context.company, resource, id)))
}

/// The rows in the order of `sort` and `direction`. A direction may follow the member, as the specification's examples have it.
fn sorted(context: &CallContext<'_>, rows: &[(RecordMembers, Value)], by: &[&str]) -> Result<Vec<Value>, HttpResponse> {
    let sort = context.query("sort").unwrap_or("").trim();
    let (name, own) = sort.split_once(' ').unwrap_or((sort, ""));
    let direction =
        Some(own.trim()).filter(|own| !own.is_empty()).or(context.query("direction")).unwrap_or("ASC").trim();
    let descends = match direction.to_ascii_uppercase().as_str() {
        "ASC" | "" => false,
        "DESC" => true,
        _ => return Err(refused("direction is neither ASC nor DESC.")),
    };
    let name = if name.is_empty() { "CreatedDateUtc" } else { name };
    let Some(name) = by.iter().find(|own| own.eq_ignore_ascii_case(name)) else {
        return Err(refused(&format!("sort is none of {}.", by.join(", "))));
    };
    let keys = rows.iter().map(|(keys, _)| Value::Object(keys.clone())).collect();
    let places = parts::ordered(keys, name, descends);
    Ok(places.into_iter().filter_map(|place| rows.get(place)).map(|(_, shown)| shown.clone()).collect())
}

/// The page that `page` and `pagesize` select: its number, its size, and its rows.
fn page<T>(context: &CallContext<'_>, rows: Vec<T>) -> (usize, usize, Vec<T>) {
    let number = |name: &str, absent: usize| {
        context.query(name).and_then(|text| text.trim().parse::<usize>().ok()).unwrap_or(absent).max(1)
    };
    let (page, size) = (number("page", 1), number("pagesize", 50).min(100));
    (page, size, rows.into_iter().skip(page.saturating_sub(1).saturating_mul(size)).take(size).collect())
}

fn folders(context: &CallContext<'_>) -> FileAnswer {
    let company = &*context.company;
    let rows = all(company, &FOLDERS).into_iter().map(|(id, mut keys)| {
        let size =
            files_in(company, id).iter().filter_map(|(_, own)| own.get("Size")?.as_u64()).fold(0, u64::saturating_add);
        set(&mut keys, "Size", size);
        (keys, Value::Object(members(company, &FOLDERS, id)))
    });
    Ok(HttpResponse::json(200, &Value::Array(sorted(context, &rows.collect::<Vec<_>>(), &BY_FILE)?)))
}

/// Reads the body of a write.
fn body(context: &CallContext<'_>) -> Result<RecordMembers, HttpResponse> {
    serde_json::from_slice(&context.request.body).map_err(|_| refused("The body is not a JSON object."))
}

/// Returns whether a text can be the name of a file or a folder.
fn checked_name(name: &str) -> Result<&str, HttpResponse> {
    let is_bad = |c: char| c.is_control() || BAD_CHARACTERS.contains(&c);
    match name.trim() {
        "" => Err(refused("Name cannot be empty")),
        name if name.contains(is_bad) => Err(refused("Name contains one or more bad characters")),
        name if name.chars().count() > MOST_CHARACTERS => {
            Err(refused(&format!("Name has more than {MOST_CHARACTERS} characters")))
        }
        name => Ok(name),
    }
}

fn write_folder(context: &mut CallContext<'_>, id: Option<Uuid>) -> FileAnswer {
    let given = body(context)?;
    let name = checked_name(given.get("Name").and_then(Value::as_str).unwrap_or(""))?;
    let created = json!({ "IsInbox": false, "CreatedDateUtc": formats::precise_date_string(context.now) });
    let before = id.and_then(|id| parts::members(context.company, &FOLDERS, id));
    let mut record = before.unwrap_or_else(|| members_of(created));
    set(&mut record, "Name", name);
    let id = parts::save(context, &FOLDERS, id, record);
    Ok(shown(context, &FOLDERS, id, 200))
}

fn folder(context: &mut CallContext<'_>, method: Method, id: Uuid) -> FileAnswer {
    if method == Method::Get {
        return Ok(shown(context, &FOLDERS, id, 200));
    }
    if context.company.store.get(&FOLDERS, id).is_some_and(is_inbox) {
        return Err(refused("The Inbox cannot be renamed or deleted"));
    }
    if method == Method::Put {
        return write_folder(context, Some(id));
    }
    // It is not known what becomes of the files of a folder that Xero deletes.
    if !files_in(context.company, id).is_empty() {
        return Err(refused("The local Xero deletes no folder that has files: move or delete these first"));
    }
    context.company.store.remove(&FOLDERS, id);
    Ok(HttpResponse::bare(204))
}

fn files(context: &CallContext<'_>) -> FileAnswer {
    let company = &*context.company;
    let rows = all(company, &FILES).into_iter().map(|(id, keys)| (keys, Value::Object(members(company, &FILES, id))));
    let rows = sorted(context, &rows.collect::<Vec<_>>(), &BY_FILE)?;
    let count = rows.len();
    let (page, size, items) = page(context, rows);
    Ok(HttpResponse::json(200, &json!({ "TotalCount": count, "Page": page, "PerPage": size, "Items": items })))
}

/// Adds a file. SDKs send its bytes as a part with a file name, as one that has the name of the file, or as `body`.
fn upload(context: &mut CallContext<'_>, folder: Uuid) -> FileAnswer {
    let media = context.request.header("content-type").unwrap_or("");
    let Some(form) = multipart::read(media, &context.request.body) else {
        return Err(refused("The body is not multipart/form-data with a boundary and at least one part"));
    };
    let part = |name: &str| form.iter().find(|own| own.name == name && own.file_name.is_none());
    let text = |name: &str| part(name).and_then(multipart::FormPart::text).filter(|own| !own.is_empty());
    let given = text("name");
    let file = form.iter().find(|own| own.file_name.is_some());
    let Some(file) = file.or_else(|| given.as_deref().and_then(part)).or_else(|| part("body")) else {
        return Err(refused("The body has no part with a file: one with a file name, or one with the name body"));
    };
    let name = given.or_else(|| text("filename")).or_else(|| file.file_name.clone()).unwrap_or_default();
    let name = checked_name(&name)?;
    let bytes = file.bytes;
    if bytes.is_empty() || bytes.len() > MOST_BYTES {
        return Err(refused("A file cannot be empty, or larger than 25 MB"));
    }
    let media =
        text("mimeType").or_else(|| file.media.clone()).unwrap_or_else(|| "application/octet-stream".to_owned());
    let members = json!({
        "Name": name, "MimeType": media, "Size": bytes.len(), "FolderId": folder.to_string(),
        "CreatedDateUtc": formats::precise_date_string(context.now)
    });
    let (name, bytes): (_, Arc<[u8]>) = (name.to_owned(), bytes.into());
    let id = parts::save(context, &FILES, None, members_of(members));
    let own = context.company.random.uuid();
    context.company.attachments.push(Attachment { owner: id, id: own, name, media, bytes, online: false });
    Ok(shown(context, &FILES, id, 201))
}

/// A call of a file, or of a part of it.
fn file(context: &mut CallContext<'_>, method: Method, id: Uuid, rest: &[&str]) -> FileAnswer {
    match (method, rest) {
        (Method::Get, []) => Ok(shown(context, &FILES, id, 200)),
        (Method::Put, []) => update_file(context, id),
        (Method::Delete, []) => {
            for (own, _) in associations(context.company, "FileId", id) {
                context.company.store.remove(&ASSOCIATIONS, own);
            }
            context.company.attachments.retain(|own| own.owner != id);
            context.company.store.remove(&FILES, id);
            Ok(HttpResponse::bare(204))
        }
        (_, ["Content"]) => {
            let own =
                context.company.attachments.iter().find(|own| own.owner == id).ok_or_else(errors::no_such_record)?;
            Ok(HttpResponse::of(200, "application/octet-stream", own.bytes.to_vec()))
        }
        (Method::Get, _) => {
            let shown = associations(context.company, "FileId", id).into_iter().map(|(_, mut own)| {
                own.retain(|name, _| !matches!(name.as_str(), "SendWithObject" | "AssociationDateUtc"));
                Value::Object(own)
            });
            Ok(HttpResponse::json(200, &Value::Array(shown.collect())))
        }
        (Method::Post, _) => associate(context, id),
        _ => {
            let object = Uuid::parse(context.last_segment()).ok_or_else(errors::no_such_record)?;
            let own = associations(context.company, "FileId", id)
                .into_iter()
                .find(|own| json::id(&own.1, "ObjectId") == Some(object));
            let own = own.ok_or_else(errors::no_such_record)?.0;
            context.company.store.remove(&ASSOCIATIONS, own);
            Ok(HttpResponse::bare(204))
        }
    }
}

/// Gives a file another name or folder; its other members are those of its bytes.
fn update_file(context: &mut CallContext<'_>, id: Uuid) -> FileAnswer {
    let given = body(context)?;
    let mut record = parts::members(context.company, &FILES, id).unwrap_or_default();
    let [name, folder] = ["Name", "FolderId"].map(|name| given.get(name).filter(|own| !own.is_null()));
    if name.is_none() && folder.is_none() {
        return Err(refused("A file is changed by Name and FolderId; the body has neither"));
    }
    if let Some(name) = name {
        set(&mut record, "Name", checked_name(name.as_str().unwrap_or(""))?);
    }
    if let Some(folder) = folder {
        let found = folder.as_str().and_then(Uuid::parse);
        let found = found.filter(|id| context.company.store.get(&FOLDERS, *id).is_some());
        set(&mut record, "FolderId", found.ok_or_else(|| refused("FolderId names no folder"))?.to_string());
    }
    parts::save(context, &FILES, Some(id), record);
    Ok(shown(context, &FILES, id, 200))
}

fn associate(context: &mut CallContext<'_>, file: Uuid) -> FileAnswer {
    let given = body(context)?;
    let text = |name: &str| given.get(name).and_then(Value::as_str).unwrap_or("");
    let group = GROUPS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text("ObjectGroup")));
    let Some((group, resource)) = group else {
        let names: Vec<&str> = GROUPS.iter().map(|own| own.0).collect();
        return Err(refused(&format!("ObjectGroup is none of {}", names.join(", "))));
    };
    let object = Uuid::parse(text("ObjectId")).filter(|id| context.company.store.get(resource, *id).is_some());
    let object = object.ok_or_else(|| refused(&format!("Object is not a {group}")))?;
    let mut record = members_of(json!({
        "FileId": file.to_string(), "ObjectId": object.to_string(), "ObjectGroup": group,
        "SendWithObject": given.get("SendWithObject").and_then(Value::as_bool).unwrap_or(false),
        "AssociationDateUtc": formats::precise_date_string(context.now)
    }));
    if given.get("ObjectType").is_some_and(|own| !own.is_null()) {
        let own = OBJECT_TYPES.split_whitespace().find(|own| own.eq_ignore_ascii_case(text("ObjectType")));
        set(&mut record, "ObjectType", own.ok_or_else(|| refused("ObjectType is none of the specification's words"))?);
    }
    let is_same = |own: &RecordMembers| json::id(own, "ObjectId") == Some(object);
    if associations(context.company, "FileId", file).iter().any(|own| is_same(&own.1)) {
        return Err(refused("The file is associated with this object already"));
    }
    let id = parts::save(context, &ASSOCIATIONS, None, record);
    let mut own = members(context.company, &ASSOCIATIONS, id);
    own.retain(|name, _| name.starts_with("Object") || name == "FileId");
    Ok(HttpResponse::json(201, &Value::Object(own)))
}

/// The numbers of associations, by the ids of `ObjectIds`.
fn count_associations(context: &CallContext<'_>) -> FileAnswer {
    let ids = context.listed("ObjectIds").ok_or_else(|| refused("ObjectIds is required: ids with commas"))?;
    let mut counts = RecordMembers::new();
    for text in ids {
        let id = Uuid::parse(&text).ok_or_else(|| refused("ObjectIds has something that is no id"))?;
        set(&mut counts, &id.to_string(), associations(context.company, "ObjectId", id).len());
    }
    Ok(HttpResponse::json(200, &Value::Object(counts)))
}

fn associations_of_record(context: &CallContext<'_>) -> FileAnswer {
    let company = &*context.company;
    let id = Uuid::parse(&context.parameter());
    let id = id.filter(|id| GROUPS.iter().any(|(_, own)| company.store.get(own, *id).is_some()));
    let id = id.ok_or_else(errors::no_such_record)?;
    let rows = associations(company, "ObjectId", id).into_iter().map(|(_, mut own)| {
        let file = json::id(&own, "FileId").and_then(|file| parts::members(company, &FILES, file)).unwrap_or_default();
        let of_file = file.into_iter().filter(|(name, _)| matches!(name.as_str(), "Name" | "Size" | "CreatedDateUtc"));
        own.extend(of_file);
        (own.clone(), Value::Object(own))
    });
    let (_, _, rows) = page(context, sorted(context, &rows.collect::<Vec<_>>(), &BY_ASSOCIATION)?);
    Ok(HttpResponse::json(200, &Value::Array(rows)))
}
