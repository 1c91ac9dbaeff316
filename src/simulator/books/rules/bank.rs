//! Bank transactions and transfers: money of bank accounts.

use serde_json::{Value, json};

use super::{Draft, document};
use crate::simulator::amount;
use crate::simulator::books::json::{self, list, object, set};
use crate::simulator::books::resource::ACCOUNTS;
use crate::simulator::formats;

pub(in crate::simulator) fn transaction(draft: &mut Draft<'_>) {
    draft.default("Date", formats::ms_date(draft.now.date().start()));
    draft.default("IsReconciled", false);
    if draft.text("Type").is_none() {
        draft.refuse("Type is missing: it names the type of this document.");
    }
    document::contact(draft);
    bank_account(draft, "BankAccount");
    let is_sale = draft.text("Type").is_some_and(|kind| kind.starts_with("RECEIVE"));
    document::read_lines(draft, is_sale);
    if list(&draft.record, "LineItems").is_empty() {
        draft.refuse("One or more line items must be specified. (LineItems is missing.)");
    }
    document::count(draft);
}

pub(in crate::simulator) fn transfer(draft: &mut Draft<'_>) {
    if let Some(before) = draft.before.clone() {
        if draft.text("Status").as_deref() != Some("DELETED") {
            return draft.refuse("BankTransfer not of valid status for modification: it can only be deleted.");
        }
        draft.record = before;
        return set(&mut draft.record, "Status", "DELETED");
    }
    draft.default("Date", formats::ms_date(draft.now.date().start()));
    draft.default("CurrencyRate", 1.0);
    set(&mut draft.record, "CreatedDateUTC", formats::ms_date(draft.now));
    let ids = ["FromBankAccount", "ToBankAccount"].map(|name| bank_account(draft, name));
    if let [Some(from), Some(to)] = ids
        && from == to
    {
        draft.refuse("FromBankAccount and ToBankAccount are the same account.");
    }
    if draft.record.get("Amount").and_then(amount::read_money).is_none_or(|amount| amount <= 0) {
        draft.refuse("Amount must be greater than zero, with two decimals at most");
    }
}

/// Finds the bank account of a member, and returns its id.
fn bank_account(draft: &mut Draft<'_>, name: &str) -> Option<String> {
    let given = object(&draft.record, name);
    let named = given.and_then(|given| json::text(given, "AccountID").or_else(|| json::text(given, "Code")));
    let found = named.and_then(|named| draft.company.store.named(&ACCOUNTS, named));
    let found = found.map(|account| (account.id.to_string(), account.members(draft.company)));
    let Some((id, account)) = found.filter(|(_, account)| json::text(account, "Type") == Some("BANK")) else {
        draft.refuse(format!("{name} must name a bank account by AccountID or Code."));
        return None;
    };
    let of = |name: &str| account.get(name).cloned().unwrap_or(Value::Null);
    let shown = json!({ "AccountID": id, "Code": of("Code"), "Name": of("Name") });
    set(&mut draft.record, name, shown);
    Some(id)
}
