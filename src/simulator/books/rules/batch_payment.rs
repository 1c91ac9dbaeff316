//! Batch payments: payments of several invoices of one type at once.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Draft, payment};
use crate::simulator::amount::money;
use crate::simulator::books::json::{self, RecordMembers, list, object, set, sum};
use crate::simulator::books::record::{Record, RecordBody};
use crate::simulator::books::resource::{INVOICES, PAYMENTS};
use crate::simulator::books::write;
use crate::simulator::formats;
use crate::simulator::random::Uuid;

pub(in crate::simulator) fn check(draft: &mut Draft<'_>) {
    if draft.before.is_some() {
        return remove(draft);
    }
    payment::read_account(draft);
    draft.default("Date", formats::ms_date(draft.now.date().start()));
    let given = list(&draft.record, "Payments").to_vec();
    if given.is_empty() {
        draft.refuse("At least one payment is required: Payments is missing.");
    }
    if !draft.wrong.is_empty() {
        return;
    }
    let mut made: Vec<Uuid> = Vec::new();
    for (place, item) in given.iter().enumerate() {
        match make_payment(draft, item) {
            Ok(id) => made.push(id),
            Err(messages) => {
                draft.refuse(format!("Payments, number {}: {}", place.saturating_add(1), messages.join(" ")));
            }
        }
    }
    let members = |id: &Uuid| draft.company.store.get(&PAYMENTS, *id).map(|own| own.members(draft.company));
    let payments: Vec<(Uuid, RecordMembers)> = made.iter().filter_map(|id| Some((*id, members(id)?))).collect();
    let kinds: BTreeSet<&str> = payments.iter().filter_map(|(_, own)| json::text(own, "PaymentType")).collect();
    let kind = match kinds.into_iter().collect::<Vec<_>>().as_slice() {
        ["ACCRECPAYMENT"] => "RECBATCH",
        ["ACCPAYPAYMENT"] => "PAYBATCH",
        _ => return draft.refuse("All payments of a batch must be of sales invoices, or all of bills."),
    };
    set(&mut draft.record, "Type", kind);
    finish(draft, &payments);
}

fn make_payment(draft: &mut Draft<'_>, item: &Value) -> Result<Uuid, Vec<String>> {
    let item = item.as_object().cloned().unwrap_or_default();
    if object(&item, "Invoice").is_none() {
        return Err(vec!["Invoice is missing.".to_owned()]);
    }
    let mut element = RecordMembers::new();
    for (name, value) in [
        ("Invoice", item.get("Invoice")),
        ("Amount", item.get("Amount")),
        ("Reference", item.get("Reference").or_else(|| draft.record.get("Reference"))),
        ("Account", draft.record.get("Account")),
        ("Date", draft.record.get("Date")),
    ] {
        if let Some(value) = value {
            set(&mut element, name, value.clone());
        }
    }
    write::make(draft.company, draft.table, &PAYMENTS, &element, None, draft.now)
}

/// Writes the batch into its payments, and the payments into the batch.
fn finish(draft: &mut Draft<'_>, payments: &[(Uuid, RecordMembers)]) {
    let id = draft.id.to_string();
    let kind = draft.text("Type").unwrap_or_default();
    let shown: Vec<Value> = payments
        .iter()
        .map(|(payment, own)| {
            json!({
                "PaymentID": payment.to_string(), "BatchPaymentID": id, "Amount": own.get("Amount"),
                "Invoice": own.get(INVOICES.one), "Reference": own.get("Reference")
            })
        })
        .collect();
    let total = money(sum(&shown, "Amount"));
    for (payment, own) in payments {
        let mut members = own.clone();
        set(&mut members, "BatchPaymentID", id.as_str());
        set(
            &mut members,
            "BatchPayment",
            json!({
                "BatchPaymentID": id, "Account": draft.record.get("Account"), "Date": draft.record.get("Date"), "Type": kind,
                "Status": "AUTHORISED", "TotalAmount": total, "IsReconciled": false
            }),
        );
        let body = RecordBody::Members(members);
        draft.company.store.put(&PAYMENTS, Record { id: *payment, updated: draft.now, body });
    }
    set(&mut draft.record, "Payments", shown);
    set(&mut draft.record, "TotalAmount", total);
    set(&mut draft.record, "IsReconciled", false);
}

/// Deletes a batch with its payments, which is the only change that there is.
fn remove(draft: &mut Draft<'_>) {
    let Some(before) = draft.before.clone() else { return };
    if draft.text("Status").as_deref() != Some("DELETED") {
        return draft.refuse("BatchPayment not of valid status for modification: it can only be deleted.");
    }
    for item in list(&before, "Payments").iter().filter_map(Value::as_object) {
        let Some(id) = json::id(item, "PaymentID") else { continue };
        let Some(mut members) = draft.company.store.get(&PAYMENTS, id).map(|own| own.members(draft.company)) else {
            continue;
        };
        payment::give_back(draft.company, id, &members, draft.now);
        set(&mut members, "Status", "DELETED");
        let body = RecordBody::Members(members);
        draft.company.store.put(&PAYMENTS, Record { id, updated: draft.now, body });
    }
    draft.record = before;
    set(&mut draft.record, "Status", "DELETED");
}
