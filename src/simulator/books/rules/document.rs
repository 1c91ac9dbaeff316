//! Invoices, credit notes, quotes and purchase orders: a contact, lines, a status, and sums.

use serde_json::{Value, json};

use super::{Draft, references};
use crate::simulator::amount::money;
use crate::simulator::books::json::{self, RecordMembers, cents, list, object, set, sum};
use crate::simulator::books::lines::{self, LineRules};
use crate::simulator::books::members;
use crate::simulator::books::record::{Record, RecordBody};
use crate::simulator::books::resource::{
    BANK_TRANSACTIONS, CONTACTS, CREDIT_NOTES, INVOICES, OVERPAYMENTS, PREPAYMENTS, PURCHASE_ORDERS, QUOTES,
    REPEATING_INVOICES, Resource,
};
use crate::simulator::books::write;
use crate::simulator::company::Company;
use crate::simulator::formats;
use crate::simulator::invoice::{InvoiceStatus, LineAmounts};
use crate::simulator::random::Uuid;

/// The members that stay as they are once a document is no draft any more.
const FIXED: [&str; 7] =
    ["Type", "InvoiceNumber", "CreditNoteNumber", "Date", "LineAmountTypes", "CurrencyCode", "CurrencyRate"];

pub(in crate::simulator) fn invoice(draft: &mut Draft<'_>) {
    let prefix = (draft.text("Type").as_deref() != Some("ACCPAY")).then_some("INV-");
    of_ledger(draft, "InvoiceNumber", prefix);
    let is_authorised = draft.text("Status").as_deref() == Some("AUTHORISED");
    if is_authorised && draft.text("DueDate").is_none() {
        draft.refuse("DueDate is missing.");
    }
}

pub(in crate::simulator) fn credit_note(draft: &mut Draft<'_>) {
    let prefix = (draft.text("Type").as_deref() != Some("ACCPAYCREDIT")).then_some("CN-");
    of_ledger(draft, "CreditNoteNumber", prefix);
}

pub(in crate::simulator) fn quote(draft: &mut Draft<'_>) {
    draft.default("Date", formats::ms_date(draft.now.date().start()));
    contact(draft);
    number(draft, "QuoteNumber", Some("QU-"));
    read_lines(draft, true);
    count(draft);
}

pub(in crate::simulator) fn purchase_order(draft: &mut Draft<'_>) {
    draft.default("Date", formats::ms_date(draft.now.date().start()));
    contact(draft);
    number(draft, "PurchaseOrderNumber", Some("PO-"));
    read_lines(draft, false);
    count(draft);
}

/// A template of invoices. The local Xero makes no invoices from it.
pub(in crate::simulator) fn repeating_invoice(draft: &mut Draft<'_>) {
    if draft.text("Type").is_none() {
        draft.refuse("Type is missing: it names the type of this document.");
    }
    contact(draft);
    let is_sale = draft.text("Type").as_deref() == Some("ACCREC");
    read_lines(draft, is_sale);
    if list(&draft.record, "LineItems").is_empty() {
        draft.refuse("One or more line items must be specified. (LineItems is missing.)");
    }
    let given = object(&draft.record, "Schedule").cloned().unwrap_or_default();
    let mut wrong = Vec::new();
    let mut schedule = draft.table.read("Schedule", &given, &mut wrong);
    for name in ["Period", "Unit", "DueDate", "DueDateType"] {
        if schedule.get(name).is_none_or(Value::is_null) {
            wrong.push(format!("Schedule: {name} is missing."));
        }
    }
    let start = schedule.get("StartDate").filter(|own| !own.is_null()).cloned();
    let start = start.unwrap_or_else(|| formats::ms_date(draft.now.date().start()).into());
    schedule.entry("NextScheduledDate").or_insert(start);
    set(&mut draft.record, "Schedule", schedule);
    draft.wrong.append(&mut wrong);
    let id = draft.id.to_string();
    set(&mut draft.record, "ID", id);
    count(draft);
}

/// The rules that invoices and credit notes share.
fn of_ledger(draft: &mut Draft<'_>, number_member: &str, prefix: Option<&str>) {
    let before = draft.text_before("Status").and_then(|status| status_of(&status));
    draft.default("Date", formats::ms_date(draft.now.date().start()));
    match (draft.text_before("Type"), draft.text("Type")) {
        (None, None) => draft.refuse("Type is missing: it names the type of this document."),
        (Some(own), Some(kind)) if own != kind => draft.refuse("The Type of a document cannot be changed."),
        _ => {}
    }
    if before == Some(InvoiceStatus::Authorised) {
        keep_contact(draft);
    }
    if before.is_some() && is_settled(&draft.record) {
        references::theme(draft);
        keep_fixed(draft);
    } else {
        contact(draft);
        number(draft, number_member, prefix);
        let is_sale = draft.text("Type").is_some_and(|kind| kind.starts_with("ACCREC"));
        read_lines(draft, is_sale);
    }
    read_status(draft, before.unwrap_or(InvoiceStatus::Draft));
    count(draft);
    settle(draft.resource, &mut draft.record);
    check_authorised(draft);
}

/// The status with this name.
fn status_of(name: &str) -> Option<InvoiceStatus> {
    InvoiceStatus::ALL.into_iter().find(|status| status.as_str() == name)
}

/// Returns whether anything settles a part of a document.
fn is_settled(document: &RecordMembers) -> bool {
    SETTLEMENTS.iter().any(|name| !list(document, name).is_empty())
}

/// The refusal to change a document that something settles.
fn settled(draft: &Draft<'_>, what: &str) -> String {
    let one = draft.resource.one;
    format!(
        "{one} not of valid status for modification. This document cannot be edited as it has a payment or credit note allocated to it. ({what})"
    )
}

/// Refuses changes of members that no longer can change.
fn keep_fixed(draft: &mut Draft<'_>) {
    let Some(before) = draft.before.clone() else { return };
    for name in FIXED {
        if draft.given.get(name).is_some_and(|given| Some(given) != before.get(name)) {
            draft.refuse(settled(draft, name));
        }
    }
    if draft.given.contains_key("LineItems") {
        draft.refuse(settled(draft, "LineItems"));
    }
    for name in FIXED.into_iter().chain(["LineItems"]) {
        match before.get(name) {
            Some(value) => set(&mut draft.record, name, value.clone()),
            None => {
                draft.record.remove(name);
            }
        }
    }
}

/// Refuses another contact for a document that is authorised.
fn keep_contact(draft: &mut Draft<'_>) {
    let Some(before) = draft.before.clone() else { return };
    let own = object(&before, "Contact").and_then(|contact| json::id(contact, "ContactID"));
    let given = object(&draft.given, "Contact").map(|given| named_contact(draft.company, given));
    let stays = match given {
        None | Some(Ok(NamedContact::None)) => true,
        Some(Ok(NamedContact::Known(id))) => Some(id) == own,
        Some(Ok(NamedContact::New) | Err(_)) => false,
    };
    if !stays {
        draft.refuse("The Contact of a document that is AUTHORISED cannot be changed.");
    }
    if let Some(contact) = before.get("Contact") {
        set(&mut draft.record, "Contact", contact.clone());
    }
}

/// The contact that an object names, by the first of its id, its name and its number.
enum NamedContact {
    Known(Uuid),
    /// Its name is one that no contact has.
    New,
    /// It names none.
    None,
}

fn named_contact(company: &Company, given: &RecordMembers) -> Result<NamedContact, &'static str> {
    let found = |text: &str| company.store.named(&CONTACTS, text).map(|contact| NamedContact::Known(contact.id));
    if let Some(id) = json::text(given, "ContactID") {
        return found(id).ok_or("There is no contact with this ContactID.");
    }
    if let Some(name) = json::text(given, "Name") {
        let known = company.contact_named(name).map(NamedContact::Known);
        return Ok(known.unwrap_or(NamedContact::New));
    }
    match json::text(given, "ContactNumber") {
        Some(number) => found(number).ok_or("There is no contact with this ContactNumber."),
        None => Ok(NamedContact::None),
    }
}

/// Finds or makes the contact of a document, and checks its branding theme.
pub(super) fn contact(draft: &mut Draft<'_>) {
    let given = object(&draft.record, "Contact").cloned().unwrap_or_default();
    let id = match named_contact(draft.company, &given) {
        Ok(NamedContact::Known(id)) => id,
        Ok(NamedContact::New) => match write::make(draft.company, draft.table, &CONTACTS, &given, None, draft.now) {
            Ok(id) => id,
            Err(mut messages) => return draft.wrong.append(&mut messages),
        },
        Ok(NamedContact::None) => return draft.refuse("A Contact must be specified for this type of transaction"),
        Err(message) => return draft.refuse(message),
    };
    references::contact(draft, id);
    references::theme(draft);
    set(&mut draft.record, "Contact", json!({ "ContactID": id.to_string() }));
    let kind = draft.text("Type").unwrap_or_default();
    let role = match kind.as_str() {
        kind if kind.starts_with("ACCREC") => "IsCustomer",
        kind if kind.starts_with("ACCPAY") => "IsSupplier",
        _ => return,
    };
    draft.company.give_role(id, role);
}

/// Checks the number of a document, or gives it the next free one.
fn number(draft: &mut Draft<'_>, member: &str, prefix: Option<&str>) {
    let Some(prefix) = prefix else { return };
    let own = draft.id;
    let kind = draft.text("Type");
    if let Some(number) = draft.text(member) {
        let taken = |record: &&std::sync::Arc<Record>| {
            record.id != own
                && record.text(member).is_some_and(|other| other == number)
                && record.text("Type").as_deref() == kind.as_deref()
        };
        if draft.company.store.all(draft.resource).iter().find(taken).is_some() {
            draft.refuse(format!("{} # must be unique. ({member} {number} is taken.)", draft.resource.one));
        }
        return;
    }
    let next = draft.company.next_number(draft.resource, member, prefix);
    set(&mut draft.record, member, next);
}

/// Reads the lines, if they were sent, and the members that they depend on.
pub(super) fn read_lines(draft: &mut Draft<'_>, is_sale: bool) {
    let amounts = line_amounts(&draft.record);
    if draft.before.as_ref().is_some_and(|before| line_amounts(before) != amounts)
        && !draft.given.contains_key("LineItems")
    {
        draft.refuse("LineAmountTypes can change only together with LineItems.");
    }
    let written = if draft.resource.name == "Quotes" {
        amounts.as_str().to_ascii_uppercase()
    } else {
        amounts.as_str().to_owned()
    };
    draft.default("LineAmountTypes", written);
    let currency = draft.company.books.currency;
    references::currency(draft, currency);
    if draft.given.contains_key("LineItems") || draft.before.is_none() {
        let items = list(&draft.given, "LineItems").to_vec();
        let on_control = draft.text("Type").is_some_and(|kind| kind.ends_with("-OVERPAYMENT"));
        let rules = LineRules { is_sale, amounts, four_decimals: draft.four_decimals, on_control };
        let mut wrong = Vec::new();
        check_line_ids(draft, &items);
        let lines = lines::read(draft.company, draft.table, &items, rules, &mut wrong);
        wrong.extend(lines::archived_option(draft.company, &lines, draft.before.as_ref()));
        draft.wrong.append(&mut wrong);
        set(&mut draft.record, "LineItems", lines);
    }
}

/// Refuses lines with ids that a document does not have. A new document takes any.
fn check_line_ids(draft: &mut Draft<'_>, items: &[Value]) {
    let Some(before) = &draft.before else { return };
    let id = |line: &Value| line.as_object().and_then(|line| json::id(line, "LineItemID"));
    let own: Vec<_> = list(before, "LineItems").iter().filter_map(id).collect();
    if let Some(unknown) = items.iter().filter_map(id).find(|id| !own.contains(id)) {
        draft.refuse(format!("The document has no line with the LineItemID {unknown}."));
    }
}

/// The tax in the line amounts of a document.
pub(super) fn line_amounts(record: &RecordMembers) -> LineAmounts {
    let written = json::text(record, "LineAmountTypes").unwrap_or("Exclusive");
    LineAmounts::ALL
        .into_iter()
        .find(|own| own.as_str().eq_ignore_ascii_case(written))
        .unwrap_or(LineAmounts::Exclusive)
}

fn read_status(draft: &mut Draft<'_>, before: InvoiceStatus) {
    let Some(next) = draft.text("Status").and_then(|status| status_of(&status)) else { return };
    if !before.may_become(next) {
        draft.refuse(write::not_valid(draft.resource.one, before.as_str(), next.as_str()));
    } else if next == InvoiceStatus::Voided && is_settled(&draft.record) {
        draft.refuse(settled(draft, "Status"));
    }
}

/// Counts the sums of the lines, and refuses others that were sent.
pub(super) fn count(draft: &mut Draft<'_>) {
    let lines = list(&draft.record, "LineItems");
    let (amount, tax) = (sum(lines, "LineAmount"), sum(lines, "TaxAmount"));
    let discount = sum(lines, "DiscountAmount");
    let (sub_total, total) = match line_amounts(&draft.record) {
        LineAmounts::Inclusive => (amount.saturating_sub(tax), amount),
        LineAmounts::Exclusive | LineAmounts::NoTax => (amount, amount.saturating_add(tax)),
    };
    for (name, value) in members::SUMS.into_iter().zip([sub_total, tax, total]) {
        let counted = money(value);
        let number =
            |value: &Value| value.as_f64().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()));
        let is_other = |sent: &Value| {
            number(sent).zip(counted.as_f64()).is_none_or(|(sent, counted): (f64, f64)| (sent - counted).abs() >= 0.005)
        };
        if draft.sent.get(name).is_some_and(|sent| !sent.is_null() && is_other(sent)) {
            draft.refuse(format!("The document total does not equal the total of the lines: {name} is {counted}."));
        }
        set(&mut draft.record, name, counted);
    }
    if discount > 0 {
        set(&mut draft.record, "TotalDiscount", money(discount));
    } else {
        draft.record.remove("TotalDiscount");
    }
}

/// The lists of what settles a document.
const SETTLEMENTS: [&str; 5] = ["Payments", "CreditNotes", "Prepayments", "Overpayments", "Allocations"];

/// Counts what is paid, credited and open, and the status that follows from it.
pub(in crate::simulator) fn settle(resource: &Resource, record: &mut RecordMembers) {
    let paid = sum(list(record, "Payments"), "Amount");
    let total = cents(record, "Total");
    let is_invoice = resource.name == INVOICES.name;
    let applied = if is_invoice {
        let of = |name| sum(list(record, name), "AppliedAmount");
        of("CreditNotes").saturating_add(of("Prepayments")).saturating_add(of("Overpayments"))
    } else {
        sum(list(record, "Allocations"), "Amount")
    };
    let status = json::text(record, "Status").unwrap_or("").to_owned();
    let is_over = matches!(status.as_str(), "VOIDED" | "DELETED");
    let rest = if is_over { 0 } else { total.saturating_sub(paid).saturating_sub(applied) };
    if is_invoice {
        set(record, "AmountPaid", money(paid));
        set(record, "AmountCredited", money(applied));
        set(record, "AmountDue", money(rest));
    } else {
        set(record, "RemainingCredit", money(rest));
    }
    match (status.as_str(), rest) {
        ("AUTHORISED", 0) if paid.saturating_add(applied) > 0 => {
            set(record, "Status", "PAID");
            let items = SETTLEMENTS.into_iter().flat_map(|name| list(record, name));
            if let Some(last) = items.filter_map(|item| item.get("Date").cloned()).next_back() {
                set(record, "FullyPaidOnDate", last);
            }
        }
        ("PAID", rest) if rest != 0 => {
            set(record, "Status", "AUTHORISED");
            record.remove("FullyPaidOnDate");
        }
        _ => {}
    }
}

/// Checks a document as a whole: an authorised one needs more than a draft.
fn check_authorised(draft: &mut Draft<'_>) {
    if draft.text("Status").as_deref() != Some("AUTHORISED") {
        return;
    }
    let lines = list(&draft.record, "LineItems");
    let lacks_account = lines.iter().any(|line| line.get("AccountCode").is_none());
    if lines.is_empty() {
        draft.refuse("One or more line items must be specified. (LineItems is missing.)");
    } else if lacks_account {
        draft.refuse("AccountCode is missing on a line.");
    }
    if cents(&draft.record, "Total") < 0 {
        draft.refuse("The document total is negative: it must be positive.");
    }
}

/// Changes a stored document, and counts it again.
pub(super) fn change(
    company: &mut Company,
    resource: &'static Resource,
    id: crate::simulator::random::Uuid,
    now: crate::time::Timestamp,
    change: impl FnOnce(&mut RecordMembers),
) {
    let Some(mut members) = company.store.get(resource, id).map(|record| record.members(company)) else { return };
    change(&mut members);
    settle(resource, &mut members);
    company.store.put(resource, Record { id, updated: now, body: RecordBody::Members(members) });
}

/// Adds an item to a list of a document.
pub(super) fn add_to(members: &mut RecordMembers, name: &str, item: Value) {
    let mut items = list(members, name).to_vec();
    items.push(item);
    set(members, name, items);
}

/// Removes the items of a list of a document whose member has this value.
pub(super) fn remove_from(members: &mut RecordMembers, name: &str, member: &str, value: &str) {
    let mut items = list(members, name).to_vec();
    items.retain(|item| item.get(member).and_then(Value::as_str) != Some(value));
    set(members, name, items);
}

/// The kinds of documents that a payment can settle, with the member that names one in words.
pub(in crate::simulator) static SETTLED: [(&str, &Resource, &str); 4] = [
    ("Invoice", &INVOICES, "InvoiceNumber"),
    ("CreditNote", &CREDIT_NOTES, "CreditNoteNumber"),
    ("Prepayment", &PREPAYMENTS, "PrepaymentID"),
    ("Overpayment", &OVERPAYMENTS, "OverpaymentID"),
];

/// Returns whether records of a kind have lines and a contact.
pub(in crate::simulator) fn is_document(resource: &Resource) -> bool {
    let documents = [
        &INVOICES,
        &CREDIT_NOTES,
        &PREPAYMENTS,
        &OVERPAYMENTS,
        &QUOTES,
        &PURCHASE_ORDERS,
        &BANK_TRANSACTIONS,
        &REPEATING_INVOICES,
    ];
    documents.iter().any(|own| own.name == resource.name)
}
