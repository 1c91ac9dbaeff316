//! Allocations: a part of a credit note, a prepayment or an overpayment settles a part of an invoice.

use serde_json::{Value, json};

use super::document::{add_to, change, remove_from};
use crate::simulator::amount::{self, money};
use crate::simulator::books::json::{self, cents, list, object};
use crate::simulator::books::resource::{INVOICES, Resource};
use crate::simulator::company::Company;
use crate::simulator::formats;
use crate::simulator::ledger::settled;
use crate::simulator::random::Uuid;
use crate::time::Timestamp;

/// Allocates a part of a credit, which is a credit note, a prepayment or an overpayment. Returns the allocation, or the reasons
/// to refuse it.
pub(in crate::simulator) fn add(
    company: &mut Company,
    kind: &'static Resource,
    note: Uuid,
    element: &json::RecordMembers,
    now: Timestamp,
) -> Result<Value, Vec<String>> {
    let bad = |message: &str| Err(vec![message.to_owned()]);
    let Some(credit) = company.store.get(kind, note).map(|record| record.members(company)) else {
        return bad("The credit could not be found.");
    };
    let invoice = object(element, "Invoice")
        .and_then(|named| json::text(named, "InvoiceID").or_else(|| json::text(named, "InvoiceNumber")))
        .and_then(|name| company.store.named(&INVOICES, name));
    let Some((target, invoice)) = invoice.map(|record| (record.id, record.members(company))) else {
        return bad("The invoice of this allocation could not be found. Name it by InvoiceID or InvoiceNumber.");
    };
    let Some(part) = element.get("Amount").and_then(amount::read_money).filter(|part| *part > 0) else {
        return bad("Allocation amount must be greater than zero, with two decimals at most");
    };
    let date = match json::text(element, "Date").map(formats::read_date) {
        Some(None) => return bad("Date is not a date: YYYY-MM-DD."),
        Some(Some(date)) => date,
        None => now.date(),
    };
    let is = |members: &json::RecordMembers, name: &str, value: &str| json::text(members, name) == Some(value);
    if !is(&credit, "Status", "AUTHORISED") || !is(&invoice, "Status", "AUTHORISED") {
        return bad("Allocations can only be made between Authorised documents");
    }
    let is_of_sales = settled::is_of_sales(json::text(&credit, "Type").unwrap_or(""));
    if is_of_sales != is(&invoice, "Type", "ACCREC") {
        return bad("A credit of sales can be allocated to a sales invoice only, one of purchases to a bill only");
    }
    let contact =
        |members: &json::RecordMembers| object(members, "Contact").and_then(|contact| json::id(contact, "ContactID"));
    if contact(&credit) != contact(&invoice) {
        return bad("A credit can be allocated only to an invoice of the same contact");
    }
    if credit.get("CurrencyCode") != invoice.get("CurrencyCode") {
        return bad("A credit can be allocated only to an invoice in the same currency");
    }
    if part > cents(&credit, "RemainingCredit") {
        return bad("Allocation amount exceeds the remaining credit of this document");
    }
    if part > cents(&invoice, "AmountDue") {
        return bad("Allocation amount exceeds the amount outstanding on this document");
    }
    let id = company.random.uuid().to_string();
    let day = formats::ms_date(date.start());
    let number = |members: &json::RecordMembers, name: &str| json::text(members, name).unwrap_or("").to_owned();
    let shown = json!({
        "AllocationID": id,
        "Amount": money(part),
        "Date": day,
        "Invoice": { "InvoiceID": target.to_string(), "InvoiceNumber": number(&invoice, "InvoiceNumber") },
        kind.one: { kind.id: note.to_string() },
        "IsDeleted": false
    });
    let mut applied = json::members_of(json!({
        kind.id: note.to_string(),
        "AllocationID": id,
        "AppliedAmount": money(part),
        "Date": day,
        "Total": credit.get("Total").cloned().unwrap_or_default()
    }));
    if let Some(number) = kind.keys.first().copied() {
        json::set(&mut applied, number, credit.get(number).cloned().unwrap_or_default());
    }
    let own = shown.clone();
    change(company, kind, note, now, |members| add_to(members, "Allocations", own));
    change(company, &INVOICES, target, now, |members| add_to(members, kind.name, Value::Object(applied)));
    Ok(shown)
}

/// Deletes an allocation and returns its id; `None` if there is none.
pub(in crate::simulator) fn remove(
    company: &mut Company,
    kind: &'static Resource,
    note: Uuid,
    allocation: &str,
    now: Timestamp,
) -> Option<String> {
    let id = Uuid::parse(allocation)?.to_string();
    let credit = company.store.get(kind, note)?.members(company);
    let own =
        list(&credit, "Allocations").iter().find(|own| own.get("AllocationID").and_then(Value::as_str) == Some(&id))?;
    let target =
        own.as_object().and_then(|own| object(own, "Invoice")).and_then(|invoice| json::id(invoice, "InvoiceID"))?;
    change(company, kind, note, now, |members| remove_from(members, "Allocations", "AllocationID", &id));
    change(company, &INVOICES, target, now, |members| remove_from(members, kind.name, "AllocationID", &id));
    Some(id)
}
