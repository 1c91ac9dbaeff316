//! The balance sheet at the end of a day, and of earlier periods.

use std::collections::BTreeMap;

use serde_json::Value;

use super::period::{ReportPeriod, long, months_before, short, year_start};
use super::request::{ReportRequest, ReportResult, ReportRows};
use super::table::{self, RowOwner};
use crate::simulator::amount::Cents;
use crate::simulator::ledger::chart::ChartAccount;
use crate::simulator::ledger::postings::Postings;
use crate::simulator::random::Uuid;
use crate::time::Date;

/// The groups of assets and of liabilities, with the types of their accounts. The last group of each takes the other types.
const ASSETS: [(&str, &[&str]); 4] = [
    ("Bank", &["BANK"]),
    ("Fixed Assets", &["FIXED"]),
    ("Non-current Assets", &["NONCURRENT"]),
    ("Current Assets", &[]),
];
const LIABILITIES: [(&str, &[&str]); 2] =
    [("Non-Current Liabilities", &["TERMLIAB", "LIABILITY"]), ("Current Liabilities", &[])];

pub(super) fn count(request: &ReportRequest<'_>) -> ReportResult {
    request.on_accrual_basis()?;
    request.without(&["trackingOptionID1", "trackingOptionID2"])?;
    let day = request.date("date")?.unwrap_or(ReportPeriod::month_of(request.today).to);
    let days: Vec<Date> = request.columns()?.into_iter().map(|months| months_before(day, months)).collect();
    let company = &*request.context.company;
    let postings = Postings::of(company);
    let sums = days.iter().map(|day| postings.sums(&|posting, _| posting.date <= *day)).collect();
    let sheet = BalanceSheet { postings: &postings, days: &days, sums, year_end: company.books.year_end };
    let heads: Vec<String> = core::iter::once(String::new()).chain(days.iter().map(|day| short(*day))).collect();
    let mut rows = vec![table::header(&heads)];
    let assets = sheet.side(&mut rows, "Assets", "ASSET", &ASSETS, 1);
    let liabilities = sheet.side(&mut rows, "Liabilities", "LIABILITY", &LIABILITIES, -1);
    let net: Vec<Cents> = assets.iter().zip(&liabilities).map(|(own, owed)| own.saturating_sub(*owed)).collect();
    rows.push(table::section("", &[table::row(&table::cells("Net Assets", &net))]));
    rows.push(sheet.equity());
    Ok(ReportRows {
        id: "BalanceSheet",
        name: "Balance Sheet",
        titles: vec!["Balance Sheet".to_owned(), request.organisation(), format!("As at {}", long(day))],
        rows,
    })
}

struct BalanceSheet<'a> {
    postings: &'a Postings,
    days: &'a [Date],
    /// The balances of all accounts in each column.
    sums: Vec<BTreeMap<Uuid, Cents>>,
    year_end: (u8, u8),
}

impl BalanceSheet<'_> {
    /// The balances of an account in all columns, debits multiplied by `sign`.
    fn balances(&self, account: Uuid, sign: Cents) -> Vec<Cents> {
        self.sums.iter().map(|sums| sums.get(&account).copied().unwrap_or(0).saturating_mul(sign)).collect()
    }

    /// Adds the groups of assets or liabilities, and returns the totals.
    fn side(
        &self,
        rows: &mut Vec<Value>,
        title: &str,
        class: &str,
        groups: &[(&str, &[&str])],
        sign: Cents,
    ) -> Vec<Cents> {
        rows.push(table::section(title, &[]));
        let of_class = self.postings.chart.sorted().into_iter().filter(|own| own.class == class);
        let group_of = |account: &ChartAccount| {
            groups.iter().position(|(_, kinds)| kinds.contains(&account.kind.as_str()) || kinds.is_empty())
        };
        let accounts: Vec<(&ChartAccount, Option<usize>)> = of_class.map(|own| (own, group_of(own))).collect();
        let mut totals = vec![0; self.days.len()];
        for (place, (name, _)) in groups.iter().enumerate() {
            let mut shown = Vec::new();
            let mut sums = vec![0; self.days.len()];
            for (account, _) in accounts.iter().filter(|(_, own)| *own == Some(place)) {
                let amounts = self.balances(account.id, sign);
                if amounts.iter().any(|own| *own != 0) {
                    add(&mut sums, &amounts);
                    shown.push(account_row(account, &amounts));
                }
            }
            if !shown.is_empty() {
                shown.push(table::summary(&table::cells(&format!("Total {name}"), &sums)));
                rows.push(table::section(name, &shown));
            }
            add(&mut totals, &sums);
        }
        rows.push(table::section("", &[table::summary(&table::cells(&format!("Total {title}"), &totals))]));
        totals
    }

    /// The section of the equity, with the earnings of this year and of those before.
    fn equity(&self) -> Value {
        let starts: Vec<Date> = self.days.iter().map(|day| year_start(*day, self.year_end)).collect();
        let earned = |from: Option<Date>, to: Date| {
            self.postings.profit(&|date| from.is_none_or(|from| from <= date) && date <= to)
        };
        let earnings: Vec<Cents> =
            self.days.iter().zip(&starts).map(|(day, start)| earned(Some(*start), *day)).collect();
        let before: Vec<Cents> = starts.iter().map(|start| self.postings.profit(&|date| date < *start)).collect();
        let retained = self.postings.chart.system("RETAINEDEARNINGS");
        let mut lines: Vec<(String, Vec<Cents>, Option<&ChartAccount>)> =
            vec![("Current Year Earnings".to_owned(), earnings, None)];
        for account in self.postings.chart.sorted().into_iter().filter(|own| own.class == "EQUITY") {
            let mut amounts = self.balances(account.id, -1);
            if account.id == retained {
                add(&mut amounts, &before);
            }
            lines.push((account.name.clone(), amounts, Some(account)));
        }
        lines.sort_by(|one, other| one.0.cmp(&other.0));
        let mut totals = vec![0; self.days.len()];
        let mut shown = Vec::new();
        for (name, amounts, account) in lines.iter().filter(|(_, amounts, _)| amounts.iter().any(|own| *own != 0)) {
            add(&mut totals, amounts);
            shown.push(match account {
                Some(account) => account_row(account, amounts),
                None => table::row(&table::cells(name, amounts)),
            });
        }
        shown.push(table::summary(&table::cells("Total Equity", &totals)));
        table::section("Equity", &shown)
    }
}

fn account_row(account: &ChartAccount, amounts: &[Cents]) -> Value {
    table::row_of(&table::cells(&account.name, amounts), RowOwner { name: "account", id: account.id })
}

/// Adds amounts to sums, column by column.
fn add(sums: &mut [Cents], amounts: &[Cents]) {
    for (sum, amount) in sums.iter_mut().zip(amounts) {
        *sum = sum.saturating_add(*amount);
    }
}
