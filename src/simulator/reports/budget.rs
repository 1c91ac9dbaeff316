//! Budgets, and the summary of the overall one. Xero's API reads budgets; they come from the demo company or the option `company`.

use serde_json::Value;

use super::period::{ReportPeriod, months_after, year_and_month};
use super::request::{ReportRefusal, ReportRequest, ReportResult, ReportRows};
use super::table;
use crate::simulator::amount::Cents;
use crate::simulator::books::json::{self, RecordMembers, list, set};
use crate::simulator::books::resource::BUDGETS;
use crate::simulator::context::CallContext;
use crate::simulator::errors::{self, Invalid};
use crate::simulator::formats;
use crate::simulator::http::HttpResponse;
use crate::simulator::ledger::chart::{Chart, ChartAccount, ProfitGroup};
use crate::simulator::random::Uuid;
use crate::time::{Date, month_name};

/// The most months of all columns.
const MOST_COLUMNS: u16 = 12;

/// `GET /Budgets/{BudgetID}`: its lines, with the balances of the months from `DateFrom` to `DateTo`.
pub(in crate::simulator) fn get(context: &mut CallContext<'_>) -> HttpResponse {
    let mut days = [None, None];
    for (day, name) in days.iter_mut().zip(["DateFrom", "DateTo"]) {
        let Some(text) = context.query(name).filter(|own| !own.trim().is_empty()) else { continue };
        *day = formats::read_date(text.trim()).map(year_and_month);
        if day.is_none() {
            return errors::invalid(Invalid::Query, &format!("{name} is not a date: YYYY-MM-DD."), Vec::new());
        }
    }
    let [from, to] = days;
    let Some(record) = context.company.store.named(&BUDGETS, &context.parameter()) else {
        return errors::no_such_record();
    };
    let (id, updated, mut members) = (record.id, record.updated, record.members(context.company));
    let is_within = |own: &Value| {
        let period = own.get("Period").and_then(Value::as_str).unwrap_or("");
        from.as_deref().is_none_or(|from| from <= period) && to.as_deref().is_none_or(|to| period <= to)
    };
    for line in members.get_mut("BudgetLines").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(balances) = line.get_mut("BudgetBalances").and_then(Value::as_array_mut) {
            balances.retain(is_within);
        }
    }
    set(&mut members, BUDGETS.id, id.to_string());
    set(&mut members, "UpdatedDateUTC", formats::ms_date(updated));
    context.answer(BUDGETS.name, vec![Value::Object(members)], None)
}

/// The budget summary: `periods` columns of `timeframe` months each, from the month of `date` on; without these, the next twelve
/// months.
pub(super) fn summary(request: &ReportRequest<'_>) -> ReportResult {
    let day = request.date("date")?.unwrap_or(request.today);
    let number = |name: &str, absent: u16, allowed: &[u16]| match request.context.query(name).map(str::trim) {
        None | Some("") => Ok(absent),
        Some(text) => text.parse().ok().filter(|own| allowed.contains(own)).ok_or_else(|| {
            let allowed: Vec<String> = allowed.iter().map(u16::to_string).collect();
            ReportRefusal::Wrong(format!("{name} is none of {}.", allowed.join(", ")))
        }),
    };
    let each: Vec<u16> = (1..=MOST_COLUMNS).collect();
    let (columns, size) = (number("periods", MOST_COLUMNS, &each)?, number("timeframe", 1, &[1, 3, 12])?);
    let company = &*request.context.company;
    let overall = company.store.all(&BUDGETS).iter().find(|own| own.text("Type").as_deref() == Some("OVERALL"));
    let budget = overall.map(|own| own.members(company)).unwrap_or_default();
    let first = ReportPeriod::month_of(day).from;
    let months: Vec<Vec<String>> = (0..columns)
        .map(|column| {
            (0..size)
                .map(|place| year_and_month(months_after(first, column.saturating_mul(size).saturating_add(place))))
                .collect()
        })
        .collect();
    let summary = BudgetSummary { chart: Chart::of(company), budget: &budget, months: &months };
    let title = |months: &Vec<String>| months.last().map_or_else(String::new, |own| short_month(own));
    let heads: Vec<String> = core::iter::once("Account".to_owned()).chain(months.iter().map(title)).collect();
    let mut rows = vec![table::header(&heads)];
    let [income, costs, other, spent] = ProfitGroup::ALL.map(|group| summary.section(group));
    let gross = table::minus(&income.1, &costs.1);
    let net = table::minus(&table::plus(&gross, &other.1), &spent.1);
    let line = |title: &str, sums: &[Cents]| table::section("", &[table::summary(&table::cells(title, sums))]);
    rows.extend(income.0);
    rows.extend(costs.0);
    rows.push(line("Gross Profit", &gross));
    rows.extend(other.0);
    rows.extend(spent.0);
    rows.push(line("Total Expenses", &spent.1));
    rows.push(line("Net Profit", &net));
    let last = months_after(first, columns.saturating_mul(size).saturating_sub(1));
    let long = |day: Date| format!("{} {}", month_name(day.month()), day.year());
    let days = format!("{} to {}", long(first), long(last));
    let name = json::text(&budget, "Description").unwrap_or("Overall Budget").to_owned();
    Ok(ReportRows {
        id: "BudgetSummary",
        name: "Budget Summary",
        titles: vec![name, "Budget Summary".to_owned(), request.organisation(), days],
        rows,
    })
}

/// `Jan-20` of `2020-01`.
fn short_month(month: &str) -> String {
    let (year, number) = month.split_once('-').unwrap_or(("", ""));
    let name: String = number.parse().map_or("", month_name).chars().take(3).collect();
    format!("{name}-{}", year.get(2..).unwrap_or(""))
}

struct BudgetSummary<'a> {
    chart: Chart,
    budget: &'a RecordMembers,
    /// The months of each column.
    months: &'a [Vec<String>],
}

impl BudgetSummary<'_> {
    /// The section of a group, if an account of it has an amount, and the totals.
    fn section(&self, group: ProfitGroup) -> (Option<Value>, Vec<Cents>) {
        let amounts = |account: &ChartAccount| -> Vec<Cents> {
            self.months.iter().map(|months| self.budgeted(account.id, months)).collect()
        };
        let (mut shown, totals) = table::of_group(&self.chart, group, self.months.len(), &amounts);
        if shown.is_empty() {
            return (None, totals);
        }
        let (title, total) = group.titles();
        // The total of the expenses has a section of its own.
        if group != ProfitGroup::Expenses {
            shown.push(table::summary(&table::cells(total, &totals)));
        }
        (Some(table::section(title, &shown)), totals)
    }

    fn budgeted(&self, account: Uuid, months: &[String]) -> Cents {
        let lines = list(self.budget, "BudgetLines").iter().filter_map(Value::as_object);
        let balances = lines
            .filter(|line| self.chart.named(line, "AccountID", "AccountCode") == account)
            .flat_map(|line| list(line, "BudgetBalances"))
            .filter_map(Value::as_object);
        balances
            .filter(|own| json::text(own, "Period").is_some_and(|period| months.iter().any(|month| month == period)))
            .fold(0, |sum: Cents, own| sum.saturating_add(json::cents(own, "Amount")))
    }
}
