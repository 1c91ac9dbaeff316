//! Manual journals: lines whose sum is zero, with their tax.

use serde_json::Value;

use super::{Draft, account, document};
use crate::simulator::amount::{self, money};
use crate::simulator::books::json::{self, RecordMembers, list, set, sum};
use crate::simulator::books::lines;
use crate::simulator::company::Company;
use crate::simulator::formats;
use crate::simulator::invoice::LineAmounts;

pub(in crate::simulator) fn check(draft: &mut Draft<'_>) {
    draft.default("Date", formats::ms_date(draft.now.date().start()));
    draft.default("LineAmountTypes", "NoTax");
    draft.default("ShowOnCashBasisReports", true);
    let mut wrong = Vec::new();
    let mut read = Vec::new();
    let amounts = document::line_amounts(&draft.record);
    for item in list(&draft.record, "JournalLines") {
        let Some(members) = item.as_object() else {
            wrong.push("JournalLines holds something that is not an object.".to_owned());
            continue;
        };
        let mut line = draft.table.read("ManualJournalLine", members, &mut wrong);
        line.retain(|_, value| !value.is_null());
        match line.get("LineAmount").and_then(amount::read_money) {
            Some(amount) => set(&mut line, "LineAmount", money(amount)),
            None => wrong.push("LineAmount is missing, or has more than two decimals.".to_owned()),
        }
        let is_open = |own: &RecordMembers| json::text(own, "Type") != Some("BANK") && !account::is_control(own);
        match lines::account_of(draft.company, &line, is_open) {
            Ok(Some((id, _))) => set(&mut line, "AccountID", id.to_string()),
            Ok(None) => wrong.push("AccountCode is missing on a line.".to_owned()),
            Err(message) => wrong.push(message),
        }
        line.entry("TaxType").or_insert_with(|| "NONE".into());
        read_tax(draft.company, &mut line, amounts, &mut wrong);
        let mut tracked = Vec::new();
        for given in list(&line, "Tracking").iter().filter_map(Value::as_object).filter(|own| !own.is_empty()) {
            match lines::tracking(draft.company, given) {
                Some(shown) => tracked.push(shown),
                None => wrong.push("Tracking names a category or an option that does not exist.".to_owned()),
            }
        }
        set(&mut line, "Tracking", tracked);
        read.push(Value::Object(line));
    }
    let tax = if amounts == LineAmounts::Exclusive { sum(&read, "TaxAmount") } else { 0 };
    if read.len() < 2 {
        wrong.push("A journal must have at least two lines.".to_owned());
    } else if sum(&read, "LineAmount").saturating_add(tax) != 0 {
        wrong.push("The total debits must equal the total credits: the sum of the lines is not zero.".to_owned());
    }
    wrong.extend(lines::archived_option(draft.company, &read, draft.before.as_ref()));
    set(&mut draft.record, "JournalLines", read);
    draft.wrong.append(&mut wrong);
}

/// Counts the tax of a line by its type.
fn read_tax(company: &Company, line: &mut RecordMembers, amounts: LineAmounts, wrong: &mut Vec<String>) {
    let tax_type = json::text(line, "TaxType").unwrap_or("NONE").to_owned();
    let Some(rate) = lines::rate_of(company, &tax_type) else {
        return wrong.push(lines::no_such_tax(&tax_type));
    };
    let tax = amounts.tax(json::cents(line, "LineAmount"), rate);
    set(line, "TaxAmount", money(tax));
}
