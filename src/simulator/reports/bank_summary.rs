//! The bank summary: the receipts and payments of each bank account in a period.

use super::period::long;
use super::request::{ReportRequest, ReportResult, ReportRows};
use super::table::{self, RowOwner};
use crate::simulator::amount::Cents;
use crate::simulator::ledger::postings::Postings;

pub(super) fn count(request: &ReportRequest<'_>) -> ReportResult {
    let period = request.period()?;
    let postings = Postings::of(request.context.company);
    let opening = postings.sums(&|posting, _| posting.date < period.from);
    let received = postings.sums(&|posting, line| period.has(posting.date) && line.amount > 0);
    let spent = postings.sums(&|posting, line| period.has(posting.date) && line.amount < 0);
    let heads = ["Bank Accounts", "Opening Balance", "Cash Received", "Cash Spent", "Closing Balance"];
    let mut shown = Vec::new();
    let mut totals = [0; 4];
    for account in postings.chart.sorted().into_iter().filter(|own| own.kind == "BANK") {
        let [opening, received, spent] =
            [&opening, &received, &spent].map(|sums| sums.get(&account.id).copied().unwrap_or(0));
        let closing = opening.saturating_add(received).saturating_add(spent);
        let amounts = [opening, received, spent.saturating_neg(), closing];
        for (total, amount) in totals.iter_mut().zip(amounts) {
            *total = Cents::saturating_add(*total, amount);
        }
        let owner = RowOwner { name: "accountID", id: account.id };
        shown.push(table::row_of(&table::cells(&account.name, &amounts), owner));
    }
    shown.push(table::summary(&table::cells("Total", &totals)));
    let days = format!("From {} to {}", long(period.from), long(period.to));
    Ok(ReportRows {
        id: "BankSummary",
        name: "Bank Summary",
        titles: vec!["Bank Summary".to_owned(), request.organisation(), days],
        rows: vec![table::header(&heads.map(str::to_owned)), table::section("", &shown)],
    })
}
