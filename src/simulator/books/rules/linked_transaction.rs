//! Linked transactions: a line of a bill, or of money spent, that a customer is to be charged for.

use serde_json::Value;

use super::Draft;
use crate::simulator::books::json::{self, RecordMembers, list, set};
use crate::simulator::books::resource::{BANK_TRANSACTIONS, CONTACTS, INVOICES, Resource};
use crate::simulator::company::Company;

pub(in crate::simulator) fn check(draft: &mut Draft<'_>) {
    for name in ["SourceTransactionID", "SourceLineItemID"] {
        if draft.text(name).is_none() {
            draft.refuse(format!("{name} is missing."));
        } else if draft.text_before(name).is_some_and(|own| Some(own) != draft.text(name)) {
            draft.refuse(format!("The {name} of a linked transaction cannot be changed."));
        }
    }
    match source(draft.company, &draft.record) {
        Some((resource, source)) if has_line(&source, json::text(&draft.record, "SourceLineItemID")) => {
            let kind = if resource.name == INVOICES.name { "ACCPAY" } else { "SPEND" };
            if json::text(&source, "Type") != Some(kind) {
                draft.refuse("The source of a linked transaction is a bill, or money spent.");
            }
            set(&mut draft.record, "SourceTransactionTypeCode", kind);
        }
        _ => draft.refuse("SourceTransactionID and SourceLineItemID name no line of a bill, or of money spent."),
    }
    check_target(draft);
    set(&mut draft.record, "Type", "BILLABLEEXPENSE");
}

/// Checks the customer, and the sales invoice that charges for the line.
fn check_target(draft: &mut Draft<'_>) {
    let contact = draft.text("ContactID");
    if let Some(id) = &contact
        && draft.company.store.named(&CONTACTS, id).is_none()
    {
        draft.refuse("There is no contact with this ContactID.");
    }
    let Some(target) = draft.text("TargetTransactionID") else {
        if draft.text("TargetLineItemID").is_some() {
            draft.refuse("TargetLineItemID needs TargetTransactionID.");
        }
        return;
    };
    let Some(invoice) = draft.company.store.named(&INVOICES, &target) else {
        return draft.refuse("TargetTransactionID names no sales invoice.");
    };
    let (owner, members) = (invoice.contact(), invoice.members(draft.company));
    if json::text(&members, "Type") != Some("ACCREC") {
        draft.refuse("TargetTransactionID names no sales invoice.");
    }
    if draft.text("TargetLineItemID").is_some() && !has_line(&members, json::text(&draft.record, "TargetLineItemID")) {
        draft.refuse("TargetLineItemID names no line of that invoice.");
    }
    match contact {
        None => draft.refuse("ContactID is missing: it names the customer of the target invoice."),
        Some(id) if crate::simulator::random::Uuid::parse(&id) != owner => {
            draft.refuse("The target invoice is of another contact.");
        }
        Some(_) => {}
    }
}

fn source(company: &Company, members: &RecordMembers) -> Option<(&'static Resource, RecordMembers)> {
    let id = json::id(members, "SourceTransactionID")?;
    [&INVOICES, &BANK_TRANSACTIONS]
        .into_iter()
        .find_map(|resource| Some((resource, company.store.get(resource, id)?.members(company))))
}

fn has_line(document: &RecordMembers, line: Option<&str>) -> bool {
    let mut lines =
        list(document, "LineItems").iter().filter_map(|own| own.get("LineItemID")).filter_map(Value::as_str);
    line.is_some_and(|line| lines.any(|own| own.eq_ignore_ascii_case(line)))
}

/// The status, which follows from the documents.
pub(in crate::simulator) fn status(company: &Company, members: &RecordMembers) -> &'static str {
    let target = json::id(members, "TargetTransactionID").and_then(|id| company.store.get(&INVOICES, id));
    let source = source(company, members);
    let of_source = source.as_ref().and_then(|(_, own)| json::text(own, "Status")).unwrap_or("VOIDED");
    match (of_source, target.and_then(|own| own.text("Status")).as_deref()) {
        ("VOIDED" | "DELETED", _) => "VOIDED",
        (_, Some("AUTHORISED" | "PAID")) => "BILLED",
        (_, Some("DRAFT" | "SUBMITTED")) => "ONDRAFT",
        ("DRAFT" | "SUBMITTED", _) => "DRAFT",
        _ => "APPROVED",
    }
}
