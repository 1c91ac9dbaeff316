//! Profit and loss of a period, compared with earlier ones or split by the options of a tracking category.

use serde_json::Value;

use super::period::{ReportPeriod, long, short};
use super::request::{ReportRefusal, ReportRequest, ReportResult, ReportRows};
use super::table::{self, RowOwner};
use crate::simulator::amount::Cents;
use crate::simulator::books::json;
use crate::simulator::books::resource::TRACKING_CATEGORIES;
use crate::simulator::ledger::chart::ChartAccount;
use crate::simulator::ledger::postings::{PostingLine, Postings};
use crate::simulator::random::Uuid;

/// The lines that a column counts, by the options of one tracking category.
enum TrackedBy {
    All,
    Option(Uuid),
    /// None of these.
    NoneOf(Vec<Uuid>),
}

impl TrackedBy {
    fn counts(&self, line: &PostingLine) -> bool {
        match self {
            Self::All => true,
            Self::Option(id) => line.options.contains(id),
            Self::NoneOf(ids) => !line.options.iter().any(|own| ids.contains(own)),
        }
    }
}

/// A column: its title, its days, and the lines that it counts.
struct ReportColumn {
    title: String,
    period: ReportPeriod,
    tracked: TrackedBy,
}

pub(super) fn count(request: &ReportRequest<'_>) -> ReportResult {
    request.on_accrual_basis()?;
    request.without(&["trackingCategoryID2", "trackingOptionID2"])?;
    let period = request.period()?;
    let columns = columns(request, period)?;
    let postings = Postings::of(request.context.company);
    let counting = ProfitAndLoss { postings: &postings, columns: &columns };
    let heads: Vec<String> =
        core::iter::once(String::new()).chain(columns.iter().map(|own| own.title.clone())).collect();
    let mut rows = vec![table::header(&heads)];
    let income = counting
        .section(&mut rows, "Income", "Total Income", -1, |own| own.class == "REVENUE" && own.kind != "OTHERINCOME");
    let costs =
        counting.section(&mut rows, "Less Cost of Sales", "Total Cost of Sales", 1, |own| own.kind == "DIRECTCOSTS");
    let gross = minus(&income, &costs);
    rows.push(table::section("", &[table::row(&table::cells("Gross Profit", &gross))]));
    let other =
        counting.section(&mut rows, "Plus Other Income", "Total Other Income", -1, |own| own.kind == "OTHERINCOME");
    let spent = counting.section(&mut rows, "Less Operating Expenses", "Total Operating Expenses", 1, |own| {
        own.class == "EXPENSE" && own.kind != "DIRECTCOSTS"
    });
    let negative: Vec<Cents> = other.iter().map(|own| own.saturating_neg()).collect();
    let net = minus(&minus(&gross, &negative), &spent);
    rows.push(table::section("", &[table::row(&table::cells("Net Profit", &net))]));
    let days = format!("{} to {}", long(period.from), long(period.to));
    Ok(ReportRows {
        id: "ProfitAndLoss",
        name: "Profit and Loss",
        titles: vec!["Profit & Loss".to_owned(), request.organisation(), days],
        rows,
    })
}

/// The columns that the parameters ask for.
fn columns(request: &ReportRequest<'_>, period: ReportPeriod) -> Result<Vec<ReportColumn>, ReportRefusal> {
    let months = request.columns()?;
    let wrong = |name: &str| ReportRefusal::Wrong(format!("{name} names nothing that exists."));
    let given = |name: &str| request.context.query(name).map(str::trim).filter(|value| !value.is_empty());
    let Some(category) = given("trackingCategoryID") else {
        if given("trackingOptionID").is_some() {
            return Err(ReportRefusal::Wrong("trackingOptionID needs trackingCategoryID.".to_owned()));
        }
        let column = |months: &u16| {
            let period = period.earlier(*months);
            ReportColumn { title: short(period.to), period, tracked: TrackedBy::All }
        };
        return Ok(months.iter().map(column).collect());
    };
    let company = &*request.context.company;
    let category = Uuid::parse(category).and_then(|id| company.store.get(&TRACKING_CATEGORIES, id));
    let members = category.map(|own| own.members(company)).ok_or_else(|| wrong("trackingCategoryID"))?;
    let options: Vec<(Uuid, String)> = json::list(&members, "Options")
        .iter()
        .filter_map(Value::as_object)
        .filter_map(|own| Some((json::id(own, "TrackingOptionID")?, json::text(own, "Name")?.to_owned())))
        .collect();
    if let Some(option) = given("trackingOptionID") {
        let id = Uuid::parse(option).filter(|id| options.iter().any(|own| own.0 == *id));
        let id = id.ok_or_else(|| wrong("trackingOptionID"))?;
        let column = |months: &u16| {
            let period = period.earlier(*months);
            ReportColumn { title: short(period.to), period, tracked: TrackedBy::Option(id) }
        };
        return Ok(months.iter().map(column).collect());
    }
    if months.len() > 1 {
        return Err(ReportRefusal::NotPlayed);
    }
    let ids: Vec<Uuid> = options.iter().map(|own| own.0).collect();
    let of = |title: &str, tracked| ReportColumn { title: title.to_owned(), period, tracked };
    let mut columns: Vec<ReportColumn> = options.iter().map(|(id, name)| of(name, TrackedBy::Option(*id))).collect();
    columns.push(of("Unassigned", TrackedBy::NoneOf(ids)));
    columns.push(of("Total", TrackedBy::All));
    Ok(columns)
}

struct ProfitAndLoss<'a> {
    postings: &'a Postings,
    columns: &'a [ReportColumn],
}

impl ProfitAndLoss<'_> {
    /// Adds the section with the accounts that `takes` accepts, if any has an amount, and returns the totals.
    fn section(
        &self,
        rows: &mut Vec<Value>,
        title: &str,
        total: &str,
        sign: Cents,
        takes: impl Fn(&ChartAccount) -> bool,
    ) -> Vec<Cents> {
        let sums: Vec<_> = self
            .columns
            .iter()
            .map(|own| self.postings.sums(|posting, line| own.period.has(posting.date) && own.tracked.counts(line)))
            .collect();
        let mut totals = vec![0; self.columns.len()];
        let mut shown = Vec::new();
        for account in self.postings.chart.sorted().into_iter().filter(|own| takes(own)) {
            let amounts: Vec<Cents> =
                sums.iter().map(|own| own.get(&account.id).copied().unwrap_or(0).saturating_mul(sign)).collect();
            if amounts.iter().all(|own| *own == 0) {
                continue;
            }
            for (total, amount) in totals.iter_mut().zip(&amounts) {
                *total = Cents::saturating_add(*total, *amount);
            }
            let owner = RowOwner { name: "account", id: account.id };
            shown.push(table::row_of(&table::cells(&account.name, &amounts), owner));
        }
        if !shown.is_empty() {
            shown.push(table::summary(&table::cells(total, &totals)));
            rows.push(table::section(title, &shown));
        }
        totals
    }
}

fn minus(amounts: &[Cents], others: &[Cents]) -> Vec<Cents> {
    amounts.iter().zip(others).map(|(own, other)| own.saturating_sub(*other)).collect()
}
