//! Bank transactions and transfers: money of bank accounts.

use serde_json::{Value, json};

use super::{Draft, advance, document};
use crate::simulator::amount;
use crate::simulator::books::json::{self, list, object, set};
use crate::simulator::books::resource::ACCOUNTS;
use crate::simulator::formats;
use crate::simulator::ledger::chart::Chart;
use crate::simulator::ledger::settled;

pub(in crate::simulator) fn transaction(draft: &mut Draft<'_>) {
    let Some(kind) = draft.text("Type") else {
        return draft.refuse("Type is missing: it names the type of this document.");
    };
    if kind.ends_with("-TRANSFER") {
        return draft.refuse("A bank transfer makes a transaction of this Type: write to /BankTransfers.");
    }
    if draft.text_before("Type").is_some_and(|own| own != kind) {
        return draft.refuse("The Type of a document cannot be changed.");
    }
    let advance = advance::of(&kind);
    if let (Some(_), Some(resource)) = (&draft.before, advance) {
        return advance::end(draft, resource);
    }
    draft.default("Date", formats::ms_date(draft.now.date().start()));
    draft.default("IsReconciled", false);
    document::contact(draft);
    bank_account(draft, "BankAccount");
    let is_sale = settled::is_of_sales(&kind);
    if kind.ends_with("-OVERPAYMENT") {
        let control = Chart::of(draft.company).system(if is_sale { "DEBTORS" } else { "CREDITORS" });
        advance::prepare_overpayment(draft, &control.to_string());
    }
    document::read_lines(draft, is_sale);
    let lines = list(&draft.record, "LineItems");
    if lines.is_empty() {
        draft.refuse("One or more line items must be specified. (LineItems is missing.)");
    } else if lines.iter().any(|line| line.get("AccountCode").is_none()) {
        draft.refuse("AccountCode is missing on a line.");
    }
    document::count(draft);
    if let Some(resource) = advance {
        advance::make(draft, resource);
    }
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
