//! Profit and loss of a period, compared with earlier ones or split by the options of a tracking category.

use serde_json::Value;

use super::period::{ReportPeriod, long, short};
use super::request::{ReportRefusal, ReportRequest, ReportResult, ReportRows};
use super::table;
use crate::simulator::amount::Cents;
use crate::simulator::books::json;
use crate::simulator::books::resource::TRACKING_CATEGORIES;
use crate::simulator::ledger::chart::{ChartAccount, ProfitGroup};
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
    let [income, costs, other, spent] = ProfitGroup::ALL.map(|group| counting.section(group));
    let gross = table::minus(&income.1, &costs.1);
    let net = table::minus(&table::plus(&gross, &other.1), &spent.1);
    let line = |title: &str, sums: &[Cents]| table::section("", &[table::row(&table::cells(title, sums))]);
    rows.extend(income.0.into_iter().chain(costs.0));
    rows.push(line("Gross Profit", &gross));
    rows.extend(other.0.into_iter().chain(spent.0));
    rows.push(line("Net Profit", &net));
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
    /// The section of a group, if an account of it has an amount, and the totals.
    fn section(&self, group: ProfitGroup) -> (Option<Value>, Vec<Cents>) {
        let sums: Vec<_> = self
            .columns
            .iter()
            .map(|own| self.postings.sums(&|posting, line| own.period.has(posting.date) && own.tracked.counts(line)))
            .collect();
        let amounts = |account: &ChartAccount| -> Vec<Cents> {
            let sum = sums.iter().map(|own| own.get(&account.id).copied().unwrap_or(0));
            sum.map(|cents| cents.saturating_mul(group.sign())).collect()
        };
        let (mut shown, totals) = table::of_group(&self.postings.chart, group, self.columns.len(), &amounts);
        if shown.is_empty() {
            return (None, totals);
        }
        let (title, total) = group.titles();
        shown.push(table::summary(&table::cells(total, &totals)));
        (Some(table::section(title, &shown)), totals)
    }
}
