//! Prepayments and overpayments: money that came before an invoice, or more than it asked for. Bank transactions make them.

use serde_json::{Value, json};

use super::Draft;
use crate::simulator::amount::money;
use crate::simulator::books::json::{self, RecordMembers, cents, list, set};
use crate::simulator::books::record::{Record, RecordBody};
use crate::simulator::books::resource::{OVERPAYMENTS, PREPAYMENTS, Resource};

/// The end of the types of the bank transactions that make each kind.
static KINDS: [(&str, &Resource); 2] = [("-PREPAYMENT", &PREPAYMENTS), ("-OVERPAYMENT", &OVERPAYMENTS)];

/// The members that a bank transaction and its prepayment or overpayment share.
const SHARED: [&str; 11] = [
    "Type",
    "Contact",
    "Date",
    "LineAmountTypes",
    "LineItems",
    "SubTotal",
    "TotalTax",
    "Total",
    "CurrencyCode",
    "CurrencyRate",
    "Reference",
];

/// The kind that a bank transaction of this type makes.
pub(super) fn of(kind: &str) -> Option<&'static Resource> {
    KINDS.iter().find(|(end, _)| kind.ends_with(end)).map(|(_, resource)| *resource)
}

/// Refuses one that is written by itself.
pub(in crate::simulator) fn check(draft: &mut Draft<'_>) {
    draft.refuse(format!("A bank transaction makes a {}: it cannot be written by itself.", draft.resource.one));
}

/// Prepares the lines of an overpayment: they are without tax, and on the accounts receivable or payable.
pub(super) fn prepare_overpayment(draft: &mut Draft<'_>, control: &str) {
    draft.default("LineAmountTypes", "NoTax");
    if draft.text("LineAmountTypes").as_deref() != Some("NoTax") {
        draft.refuse("LineAmountTypes of an overpayment must be NoTax.");
    }
    let mut lines = list(&draft.given, "LineItems").to_vec();
    for line in lines.iter_mut().filter_map(Value::as_object_mut) {
        if ["AccountCode", "AccountID"].iter().all(|name| json::text(line, name).is_none()) {
            set(line, "AccountID", control);
        }
        line.entry("TaxType").or_insert_with(|| "NONE".into());
        line.entry("Description").or_insert_with(|| "Overpayment".into());
    }
    set(&mut draft.given, "LineItems", lines);
}

/// Makes the prepayment or overpayment of a new bank transaction.
pub(super) fn make(draft: &mut Draft<'_>, resource: &'static Resource) {
    let currency = draft.company.books.currency;
    if cents(&draft.record, "Total") <= 0 {
        draft.refuse(format!("The total of a {} must be greater than zero.", resource.one));
    }
    if resource.name == PREPAYMENTS.name && draft.text("CurrencyCode").as_deref() != Some(currency) {
        draft.refuse(format!("A prepayment is in the currency of the organisation, {currency}."));
    }
    if !draft.wrong.is_empty() {
        return;
    }
    let id = draft.company.random.uuid();
    let mut members = RecordMembers::new();
    for name in SHARED {
        if let Some(value) = draft.record.get(name) {
            set(&mut members, name, value.clone());
        }
    }
    set(&mut members, "Status", "AUTHORISED");
    set(&mut members, "RemainingCredit", money(cents(&draft.record, "Total")));
    for name in ["Allocations", "Payments"] {
        set(&mut members, name, json!([]));
    }
    set(&mut draft.record, resource.id, id.to_string());
    draft.company.store.put(resource, Record { id, updated: draft.now, body: RecordBody::Members(members) });
}

/// Deletes the bank transaction of one, which is the only change that there is, and voids the prepayment or overpayment.
pub(super) fn end(draft: &mut Draft<'_>, resource: &'static Resource) {
    let Some(before) = draft.before.clone() else { return };
    if draft.text("Status").as_deref() != Some("DELETED") {
        return draft.refuse(format!("The bank transaction of a {} can only be deleted.", resource.one));
    }
    let id = json::id(&before, resource.id);
    let Some((id, mut credit)) =
        id.and_then(|id| draft.company.store.get(resource, id).map(|own| (id, own.members(draft.company))))
    else {
        return draft.refuse(format!("The {} of this bank transaction could not be found.", resource.one));
    };
    if ["Allocations", "Payments"].iter().any(|name| !list(&credit, name).is_empty()) {
        return draft.refuse(format!("The {} has allocations or payments: delete these first.", resource.one));
    }
    set(&mut credit, "Status", "VOIDED");
    set(&mut credit, "RemainingCredit", money(0));
    draft.company.store.put(resource, Record { id, updated: draft.now, body: RecordBody::Members(credit) });
    draft.record = before;
    set(&mut draft.record, "Status", "DELETED");
}
