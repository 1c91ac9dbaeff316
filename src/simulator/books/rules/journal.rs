//! Manual journals: lines whose sum is zero.

use serde_json::Value;

use super::Draft;
use crate::simulator::amount::{self, money};
use crate::simulator::books::json::{self, list, set, sum};
use crate::simulator::books::resource::ACCOUNTS;
use crate::simulator::formats;

pub(in crate::simulator) fn check(draft: &mut Draft<'_>) {
    draft.default("Date", formats::ms_date(draft.now.date().start()));
    draft.default("LineAmountTypes", "NoTax");
    draft.default("ShowOnCashBasisReports", true);
    let mut wrong = Vec::new();
    let mut lines = Vec::new();
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
        let code = json::text(&line, "AccountCode").unwrap_or("").to_owned();
        match draft.company.store.named(&ACCOUNTS, &code).map(|account| account.id) {
            Some(id) => set(&mut line, "AccountID", id.to_string()),
            None => wrong.push(format!("Account code '{code}' is not a valid code for this document.")),
        }
        line.entry("TaxType").or_insert_with(|| "NONE".into());
        line.entry("Tracking").or_insert_with(|| Value::Array(Vec::new()));
        lines.push(Value::Object(line));
    }
    if lines.len() < 2 {
        wrong.push("A journal must have at least two lines.".to_owned());
    } else if sum(&lines, "LineAmount") != 0 {
        wrong.push("The total debits must equal the total credits: the sum of LineAmount is not zero.".to_owned());
    }
    set(&mut draft.record, "JournalLines", lines);
    draft.wrong.append(&mut wrong);
}
