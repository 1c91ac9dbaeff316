//! Payments: each settles an invoice or pays out a credit note, and gives the amount back when it is deleted.

use serde_json::{Value, json};

use super::document::{SETTLED, add_to, change, remove_from};
use super::{Draft, account, references};
use crate::simulator::amount::{self, money};
use crate::simulator::books::json::{self, RecordMembers, cents, object, set};
use crate::simulator::books::record::Record;
use crate::simulator::books::resource::{ACCOUNTS, INVOICES, Resource};
use crate::simulator::company::Company;
use crate::simulator::formats;
use crate::simulator::random::Uuid;
use crate::time::Timestamp;

pub(in crate::simulator) fn check(draft: &mut Draft<'_>) {
    if draft.before.is_some() {
        return remove(draft);
    }
    let Some((resource, target)) = target(draft) else {
        return draft.refuse("The document of this payment could not be found. Name it by InvoiceID, InvoiceNumber, CreditNoteID, CreditNoteNumber, PrepaymentID or OverpaymentID.");
    };
    let Some(document) = draft.company.store.get(resource, target).map(|record| record.members(draft.company)) else {
        return;
    };
    let open = cents(&document, if resource.name == INVOICES.name { "AmountDue" } else { "RemainingCredit" });
    match draft.record.get("Amount").and_then(amount::read_money) {
        Some(paid) if paid > 0 => {
            if json::text(&document, "Status") != Some("AUTHORISED") {
                draft.refuse("Payments can only be made against Authorised documents");
            } else if paid > open {
                draft.refuse("Payment amount exceeds the amount outstanding on this document");
            }
        }
        _ => draft.refuse("Payment amount must be greater than zero, with two decimals at most"),
    }
    read_account(draft);
    draft.default("Date", formats::ms_date(draft.now.date().start()));
    references::rate(draft, json::text(&document, "CurrencyCode").unwrap_or(""));
    draft.default("IsReconciled", false);
    draft.default("Reference", "");
    let kind = json::text(&document, "Type").unwrap_or("").to_owned();
    let kind = match kind.as_str() {
        "ACCREC" => "ACCRECPAYMENT",
        "ACCPAY" => "ACCPAYPAYMENT",
        "ACCRECCREDIT" => "ARCREDITPAYMENT",
        "RECEIVE-PREPAYMENT" => "ARPREPAYMENTPAYMENT",
        "SPEND-PREPAYMENT" => "APPREPAYMENTPAYMENT",
        "RECEIVE-OVERPAYMENT" => "AROVERPAYMENTPAYMENT",
        "SPEND-OVERPAYMENT" => "APOVERPAYMENTPAYMENT",
        _ => "APCREDITPAYMENT",
    };
    set(&mut draft.record, "PaymentType", kind);
    for name in ["Invoice", "CreditNote", "Prepayment", "Overpayment", "InvoiceNumber", "CreditNoteNumber", "Code"] {
        draft.record.remove(name);
    }
    set(&mut draft.record, resource.one, json!({ resource.id: target.to_string() }));
    if draft.wrong.is_empty() {
        let entry = entry(draft.id, &draft.record);
        change(draft.company, resource, target, draft.now, |document| add_to(document, "Payments", entry));
    }
}

/// The payment as its document shows it.
fn entry(id: Uuid, payment: &RecordMembers) -> Value {
    let of = |name: &str| payment.get(name).cloned().unwrap_or_default();
    json!({
        "PaymentID": id.to_string(),
        "Date": of("Date"),
        "Amount": money(cents(payment, "Amount")),
        "Reference": of("Reference"),
        "CurrencyRate": of("CurrencyRate"),
        "HasAccount": true,
        "HasValidationErrors": false
    })
}

/// The document that a payment is for.
fn target(draft: &Draft<'_>) -> Option<(&'static Resource, Uuid)> {
    SETTLED.iter().find_map(|(member, resource, number)| {
        let named = object(&draft.record, member);
        let name = named
            .and_then(|named| json::text(named, resource.id).or_else(|| json::text(named, number)))
            .or_else(|| json::text(&draft.record, number))?;
        Some((*resource, draft.company.store.named(resource, name)?.id))
    })
}

/// Checks the account of a payment: a bank account, or one that is enabled for payments.
pub(super) fn read_account(draft: &mut Draft<'_>) {
    let given = object(&draft.record, "Account");
    let name = given
        .and_then(|given| json::text(given, "AccountID").or_else(|| json::text(given, "Code")))
        .or_else(|| json::text(&draft.record, "Code"));
    let found: Option<&Record> = name.and_then(|name| draft.company.store.named(&ACCOUNTS, name));
    let takes = |account: &RecordMembers| {
        json::text(account, "Type") == Some("BANK")
            || account.get("EnablePaymentsToAccount") == Some(&Value::Bool(true))
    };
    match found.map(|account| (account.id, account.members(draft.company))) {
        Some((_, account)) if json::text(&account, "Status") != Some("ACTIVE") => draft.refuse(account::ARCHIVED),
        Some((id, account)) if takes(&account) && !account::is_control(&account) => {
            let shown =
                json!({ "AccountID": id.to_string(), "Code": account.get("Code").cloned().unwrap_or_default() });
            set(&mut draft.record, "Account", shown);
        }
        Some(_) => draft.refuse("Account must be a bank account or be enabled for payments"),
        None => draft.refuse("The account of this payment could not be found. Name it by AccountID or Code."),
    }
}

/// Deletes a payment, which is the only change that there is.
fn remove(draft: &mut Draft<'_>) {
    let Some(before) = draft.before.clone() else { return };
    if draft.text("Status").as_deref() != Some("DELETED") {
        return draft.refuse("Payment not of valid status for modification: it can only be deleted.");
    }
    if before.contains_key("BatchPayment") {
        return draft.refuse("Payment is part of a batch payment: delete the batch payment instead.");
    }
    draft.record.clone_from(&before);
    set(&mut draft.record, "Status", "DELETED");
    give_back(draft.company, draft.id, &before, draft.now);
}

/// Takes a payment from its document.
pub(super) fn give_back(company: &mut Company, id: Uuid, payment: &RecordMembers, now: Timestamp) {
    let id = id.to_string();
    for (member, resource, _) in SETTLED {
        let Some(target) = object(payment, member).and_then(|named| json::id(named, resource.id)) else { continue };
        change(company, resource, target, now, |document| remove_from(document, "Payments", "PaymentID", &id));
    }
}
