//! Budgets: amounts of accounts of income and expense, by month.

use serde_json::{Value, json};

use super::{Draft, account};
use crate::simulator::amount::{self, money};
use crate::simulator::books::json::{self, RecordMembers, list, set};
use crate::simulator::books::lines;
use crate::time::Date;

pub(in crate::simulator) fn check(draft: &mut Draft<'_>) {
    draft.default("Type", "OVERALL");
    draft.default("Description", "Overall Budget");
    draft.default("Tracking", json!([]));
    let mut read = Vec::new();
    let mut wrong = Vec::new();
    for line in list(&draft.record, "BudgetLines") {
        let none = RecordMembers::new();
        let line = line.as_object().unwrap_or(&none);
        let is_of_profit = |own: &RecordMembers| {
            matches!(account::class(json::text(own, "Type").unwrap_or("")), "REVENUE" | "EXPENSE")
        };
        match lines::account_of(draft.company, line, is_of_profit) {
            Ok(Some((id, account))) => {
                let balances =
                    list(line, "BudgetBalances").iter().map(|own| balance(own, &mut wrong)).collect::<Vec<_>>();
                let code = json::text(&account, "Code").unwrap_or("");
                read.push(json!({ "AccountID": id.to_string(), "AccountCode": code, "BudgetBalances": balances }));
            }
            Ok(None) => wrong.push("A budget line needs AccountCode or AccountID.".to_owned()),
            Err(message) => wrong.push(message),
        }
    }
    set(&mut draft.record, "BudgetLines", read);
    draft.wrong.append(&mut wrong);
}

fn balance(given: &Value, wrong: &mut Vec<String>) -> Value {
    let text = |name: &str| given.get(name).and_then(Value::as_str).unwrap_or("");
    let period = text("Period");
    if Date::parse(&format!("{period}-01")).is_none() {
        wrong.push("The Period of a budget balance is not YYYY-MM.".to_owned());
    }
    let amount = given.get("Amount").and_then(amount::read_money);
    if amount.is_none() {
        wrong.push("The Amount of a budget balance is missing, or has more than two decimals.".to_owned());
    }
    json!({ "Period": period, "Amount": money(amount.unwrap_or(0)), "Notes": text("Notes") })
}
