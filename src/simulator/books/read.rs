//! Reads: lists with filters, order and pages, and single records.

use std::cell::Cell;
use std::sync::Arc;

use serde_json::Value;

use super::filters;
use super::json;
use super::paths;
use super::pdf;
use super::record::Record;
use super::resource::{BANK_TRANSFERS, INVOICES, Resource};
use super::show::{Detail, Shower};
use crate::simulator::context::CallContext;
use crate::simulator::errors::{self, Invalid};
use crate::simulator::http::HttpResponse;
use crate::simulator::letters;
use crate::simulator::query::Query;
use crate::simulator::random::Uuid;

/// The most records that a list without pages, or a filter over members, takes.
const MOST_RECORDS: usize = 100_000;

/// `GET` of a list.
pub(in crate::simulator) fn list(context: &mut CallContext<'_>, resource: &'static Resource) -> HttpResponse {
    match chosen(context, resource) {
        Ok(response) | Err(response) => response,
    }
}

fn chosen(context: &mut CallContext<'_>, resource: &'static Resource) -> Result<HttpResponse, HttpResponse> {
    let since = context.modified_since()?;
    let is_whole = Cell::new(false);
    let query = Query::read(context.query("where").unwrap_or(""), context.query("order").unwrap_or(""), &|path| {
        is_whole.set(is_whole.get() || paths::is_of_whole_contact(path));
        paths::is_shown(context.table, resource.one, path)
    })
    .map_err(|message| errors::invalid(Invalid::Query, &message, Vec::new()))?;
    let term = context.query("searchTerm").map(letters::lower).filter(|term| !term.trim().is_empty());
    let [ids, contacts] = ["IDs", "ContactIDs"]
        .map(|name| context.listed(name).map(|list| list.iter().filter_map(|id| Uuid::parse(id)).collect::<Vec<_>>()));
    let statuses = context.listed("Statuses");
    let (status, hidden) = resource.status.map_or(("", &[][..]), |(member, _, hidden)| (member, hidden));
    let (archived, by_app) = (context.is_true("includeArchived"), context.is_true("createdByMyApp"));
    let deleted = resource.name == BANK_TRANSFERS.name && context.is_true("includeDeleted");
    let company = &*context.company;
    let among = |list: &Option<Vec<String>>, record: &Record, member: &str| {
        let own = record.text(member);
        list.as_ref().is_none_or(|list| own.is_some_and(|own| list.iter().any(|item| item.eq_ignore_ascii_case(&own))))
    };
    let filters = filters::given(context, resource)?;
    let is_chosen = |record: &&Arc<Record>| {
        since.is_none_or(|since| record.updated.as_ms() / 1_000 > since.as_ms() / 1_000)
            && ids.as_ref().is_none_or(|ids| ids.contains(&record.id))
            && contacts.as_ref().is_none_or(|ids| record.contact().is_some_and(|id| ids.contains(&id)))
            && among(&statuses, record, status)
            && filters.iter().all(|filter| filter.keeps(company, record))
            && (!by_app || company.made_by_app.contains(&record.id))
            && (hidden.is_empty() || !record.text(status).is_some_and(|own| is_hidden(&own, hidden, archived, deleted)))
    };
    let mut rows: Vec<&Arc<Record>> = company.store.all(resource).iter().filter(is_chosen).collect();
    let today = context.now.date();
    let is_filtered = !query.is_empty() || term.is_some();
    if rows.len() > MOST_RECORDS && (is_filtered || !context.asks_for_page()) {
        let message = format!("More than {MOST_RECORDS} records match; ask for pages, or for fewer records.");
        return Err(errors::invalid(Invalid::Query, &message, Vec::new()));
    }
    if is_filtered {
        let detail = if is_whole.get() { Detail::Alone } else { Detail::Page };
        let shower = Shower::new(company, resource, detail, true, today);
        let shown = rows.iter().map(|row| shower.show(resource, row)).enumerate();
        let found = |value: &Value| term.as_ref().is_none_or(|term| has_term(value, term));
        let places = query
            .select(shown.filter(|(_, value)| found(value)).collect())
            .map_err(|message| errors::invalid(Invalid::Query, &message, Vec::new()))?;
        rows = places.into_iter().filter_map(|place| rows.get(place).copied()).collect();
    }
    let page = context.asks_for_page().then(|| context.page(rows.len()));
    let detail = match (&page, context.is_true("summaryOnly")) {
        (_, true) => Detail::Summary,
        (Some(_), false) => Detail::Page,
        (None, false) => Detail::List,
    };
    let range = page.as_ref().map_or(0..rows.len(), |page| page.range.clone());
    let rows = rows.get(range).unwrap_or_default();
    let shower = Shower::new(company, resource, detail, context.is_unitdp_4(), today);
    let shown = rows.iter().map(|row| shower.show(resource, row)).collect();
    Ok(context.answer(resource.name, shown, page.map(|page| page.pagination)))
}

/// Archived records are shown if they are asked for, deleted ones only of bank transfers.
fn is_hidden(status: &str, hidden: &[&str], archived: bool, deleted: bool) -> bool {
    hidden.contains(&status) && !(archived && status == "ARCHIVED") && !(deleted && status == "DELETED")
}

/// The members that `searchTerm` looks into.
const SEARCHED: [&str; 14] = [
    "Name",
    "FirstName",
    "LastName",
    "EmailAddress",
    "ContactNumber",
    "CompanyNumber",
    "AccountNumber",
    "InvoiceNumber",
    "CreditNoteNumber",
    "PurchaseOrderNumber",
    "QuoteNumber",
    "Reference",
    "Code",
    "Description",
];

fn has_term(value: &Value, term: &str) -> bool {
    let contains =
        |value: Option<&Value>| value.and_then(Value::as_str).is_some_and(|text| letters::lower(text).contains(term));
    SEARCHED.iter().any(|name| contains(value.get(name)))
        || contains(value.get("Contact").and_then(|contact| contact.get("Name")))
}

/// `GET` of one record, by its id or another member that names it. With `Accept: application/pdf` a document instead.
pub(in crate::simulator) fn get(context: &mut CallContext<'_>, resource: &'static Resource) -> HttpResponse {
    let has_pdf = ["Invoices", "CreditNotes", "PurchaseOrders", "Quotes"].contains(&resource.name);
    if context.wants_pdf() && has_pdf {
        return pdf(context, resource);
    }
    let Some(record) = context.company.store.named(resource, &context.parameter()) else {
        return errors::no_such_record();
    };
    let shower = Shower::new(context.company, resource, Detail::Alone, context.is_unitdp_4(), context.now.date());
    let shown = shower.show(resource, record);
    context.answer(resource.name, vec![shown], None)
}

/// A record as a document of one page.
pub(in crate::simulator) fn pdf(context: &CallContext<'_>, resource: &'static Resource) -> HttpResponse {
    let company = &*context.company;
    let Some(record) = company.store.named(resource, &context.parameter()) else { return errors::no_such_record() };
    let shown = Shower::new(company, resource, Detail::Page, false, context.now.date()).show(resource, record);
    HttpResponse::of(200, "application/pdf", pdf::page(&pdf_lines(&company.name, resource, &shown)))
}

/// The lines of the page: the organisation, the contact, and the members with the sums.
fn pdf_lines(organisation: &str, resource: &Resource, shown: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let number = resource.keys.first().and_then(|key| shown.get(*key)).map(text).unwrap_or_default();
    let contact = shown.get("Contact").and_then(|own| own.get("Name")).map(text).unwrap_or_default();
    let mut lines = vec![format!("{} {number}", resource.one), organisation.to_owned(), contact];
    for name in ["DateString", "DueDateString", "CurrencyCode", "SubTotal", "TotalTax", "Total", "AmountDue"] {
        lines.extend(shown.get(name).map(|value| format!("{name}: {}", text(value))));
    }
    lines
}

/// `GET /Invoices/{InvoiceID}/OnlineInvoice`: the address at which a customer sees a sales invoice.
pub(in crate::simulator) fn online_invoice(context: &mut CallContext<'_>) -> HttpResponse {
    let Some(record) = context.company.store.named(&INVOICES, &context.parameter()) else {
        return errors::no_such_record();
    };
    let members = record.members(context.company);
    let is_sent = matches!(json::text(&members, "Status"), Some("AUTHORISED" | "PAID"));
    if json::text(&members, "Type") != Some("ACCREC") || !is_sent {
        return errors::no_such_record();
    }
    let address = format!("https://in.xero.com/{}", record.id.to_string().replace('-', ""));
    context.answer("OnlineInvoices", vec![serde_json::json!({ "OnlineInvoiceUrl": address })], None)
}
