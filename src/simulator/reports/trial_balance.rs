//! The trial balance: the movements of the month until a day, and the balances of the year.

use serde_json::Value;

use super::period::{self, first_of_month, year_start};
use super::request::{ReportRequest, ReportResult, ReportRows};
use super::table::{self, RowOwner};
use crate::simulator::amount::Cents;
use crate::simulator::ledger::postings::Postings;

/// The sections, by the class of their accounts; true if a credit is usual.
const SECTIONS: [(&str, &str, bool); 5] = [
    ("Revenue", "REVENUE", true),
    ("Expenses", "EXPENSE", false),
    ("Assets", "ASSET", false),
    ("Liabilities", "LIABILITY", true),
    ("Equity", "EQUITY", true),
];

pub(super) fn count(request: &ReportRequest<'_>) -> ReportResult {
    request.on_accrual_basis()?;
    let day = request.date("date")?.unwrap_or(request.today);
    let company = &*request.context.company;
    let postings = Postings::of(company);
    let start = year_start(day, company.books.year_end);
    let month = first_of_month(day);
    let moved = postings.sums(&|posting, _| month <= posting.date && posting.date <= day);
    let mut balances = postings.balances_at(day, start);
    let profit_before = postings.profit(&|date| date < start);
    let retained = balances.entry(postings.chart.system("RETAINEDEARNINGS")).or_default();
    *retained = retained.saturating_sub(profit_before);
    let mut rows = vec![table::header(&["Account", "Debit", "Credit", "YTD Debit", "YTD Credit"].map(str::to_owned))];
    let mut totals = [0; 4];
    for (title, class, is_credit) in SECTIONS {
        let mut shown: Vec<Value> = Vec::new();
        for account in postings.chart.sorted().into_iter().filter(|own| own.class == class) {
            let [moved, balance] = [&moved, &balances].map(|sums| sums.get(&account.id).copied().unwrap_or(0));
            if moved == 0 && balance == 0 {
                continue;
            }
            let name = if account.code.is_empty() {
                account.name.clone()
            } else {
                format!("{} ({})", account.name, account.code)
            };
            let cells =
                [vec![name], sides(moved, is_credit, 0, &mut totals), sides(balance, is_credit, 2, &mut totals)];
            shown.push(table::row_of(&cells.concat(), RowOwner { name: "account", id: account.id }));
        }
        if !shown.is_empty() {
            rows.push(table::section(title, &shown));
        }
    }
    rows.push(table::section("", &[table::summary(&table::cells("Total", &totals))]));
    Ok(ReportRows {
        id: "TrialBalance",
        name: "Trial Balance",
        titles: vec!["Trial Balance".to_owned(), request.organisation(), format!("As at {}", period::long(day))],
        rows,
    })
}

/// The cells for debit and credit. Adds the amount to the total of its side.
fn sides(amount: Cents, is_credit: bool, place: usize, totals: &mut [Cents; 4]) -> Vec<String> {
    let on_credit = if amount == 0 { is_credit } else { amount < 0 };
    let size = amount.saturating_abs();
    if let Some(total) = totals.get_mut(place.saturating_add(usize::from(on_credit))) {
        *total = total.saturating_add(size);
    }
    let text = table::amount(size);
    if on_credit { vec![String::new(), text] } else { vec![text, String::new()] }
}
