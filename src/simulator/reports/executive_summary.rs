//! The executive summary: figures of a month, of the month before, and the change from one to the other.

use serde_json::Value;

use super::period::{ReportPeriod, month_and_year, months_before};
use super::request::{ReportRequest, ReportResult, ReportRows};
use super::table;
use crate::simulator::amount::{Cents, scaled};
use crate::simulator::books::resource::INVOICES;
use crate::simulator::company::Company;
use crate::simulator::ledger::chart::ChartAccount;
use crate::simulator::ledger::chart::ProfitGroup::{self, DirectCosts, Expenses, Income, OtherIncome};
use crate::simulator::ledger::postings::Postings;
use crate::simulator::ledger::settled::SettledDocument;
use crate::time::{Date, month_name};

/// The form of a figure.
#[derive(Clone, Copy)]
enum FigureForm {
    Money,
    Count,
    /// Tenths of a per cent.
    Percent,
    /// Hundredths of a number, which is not there if nothing divides it.
    Ratio,
}

use FigureForm::{Count, Money, Percent, Ratio};

/// The title of a figure, its form, and its reading; `None` if there is nothing to divide by.
type FigureRow = (&'static str, FigureForm, fn(&Figures) -> Option<i64>);

const SECTIONS: [(&str, &[FigureRow]); 6] = [
    (
        "Cash",
        &[
            ("Cash received", Money, |own| Some(own.received)),
            ("Cash spent", Money, |own| Some(own.spent)),
            ("Cash surplus (deficit)", Money, |own| Some(own.received.saturating_sub(own.spent))),
            ("Closing bank balance", Money, |own| Some(own.bank)),
        ],
    ),
    (
        "Profitability",
        &[
            ("Income", Money, |own| Some(own.income)),
            ("Direct costs", Money, |own| Some(own.costs)),
            ("Gross profit (loss)", Money, |own| Some(own.gross())),
            ("Other Income", Money, |own| Some(own.other)),
            ("Expenses", Money, |own| Some(own.expenses)),
            ("Profit (loss)", Money, |own| Some(own.profit())),
        ],
    ),
    (
        "Balance Sheet",
        &[
            ("Debtors", Money, |own| Some(own.debtors)),
            ("Creditors", Money, |own| Some(own.creditors)),
            ("Net assets", Money, |own| Some(own.net_assets)),
        ],
    ),
    (
        "Income",
        &[
            ("Number of invoices issued", Count, |own| Some(own.invoices)),
            ("Average value of invoices", Money, |own| Some(scaled(own.invoiced, 1, own.invoices))),
        ],
    ),
    (
        "Performance",
        &[
            ("Gross profit margin", Percent, |own| of(own.gross(), 1_000, own.income)),
            ("Net profit margin", Percent, |own| of(own.profit(), 1_000, own.income)),
            ("Return on investment (p.a.)", Percent, |own| Some(scaled(own.profit(), 12_000, own.net_assets))),
        ],
    ),
    (
        "Position",
        &[
            ("Average debtors days", Ratio, |own| Some(scaled(own.debtors, own.days, own.income))),
            ("Average creditors days", Ratio, |own| {
                Some(scaled(own.creditors, own.days, own.costs.saturating_add(own.expenses)))
            }),
            ("Short term cash forecast", Money, |own| Some(own.debtors.saturating_sub(own.creditors))),
            ("Current assets to liabilities", Ratio, |own| of(own.current_assets, 100, own.current_liabilities)),
            ("Term assets to liabilities", Ratio, |own| of(own.term_assets, 100, own.term_liabilities)),
        ],
    ),
];

/// `value * factor / whole`; `None` of nothing.
fn of(value: Cents, factor: i64, whole: Cents) -> Option<i64> {
    (whole != 0).then(|| scaled(value, factor, whole))
}

pub(super) fn count(request: &ReportRequest<'_>) -> ReportResult {
    let day = request.date("date")?.unwrap_or(request.today);
    let postings = Postings::of(request.context.company);
    let months = [day, months_before(day, 1)].map(ReportPeriod::month_of);
    let [own, before] = months.map(|month| Figures::count(request.context.company, &postings, month));
    let [title, title_before] = months.map(|month| month_and_year(month.to));
    let mut rows = vec![table::header(&[String::new(), title, title_before, "Variance".to_owned()])];
    for (title, figures) in SECTIONS {
        let shown: Vec<Value> = figures
            .iter()
            .map(|(title, form, read)| {
                let (own, before) = (read(&own), read(&before));
                let change = own.unwrap_or(0).saturating_sub(before.unwrap_or(0));
                let change = of(change, 1_000, before.unwrap_or(0).saturating_abs()).unwrap_or(0);
                let cells =
                    [(*title).to_owned(), written(own, *form), written(before, *form), written(Some(change), Percent)];
                table::row(&cells)
            })
            .collect();
        rows.push(table::section(title, &shown));
    }
    let month = format!("For the month of {} {}", month_name(day.month()), day.year());
    Ok(ReportRows {
        id: "ExecutiveSummary",
        name: "Executive Summary",
        titles: vec!["Executive Summary".to_owned(), request.organisation(), month],
        rows,
    })
}

fn written(figure: Option<i64>, form: FigureForm) -> String {
    let Some(figure) = figure else { return String::new() };
    match form {
        Count => figure.to_string(),
        Percent => {
            let sign = if figure < 0 { "-" } else { "" };
            format!("{sign}{}.{}%", figure.unsigned_abs() / 10, figure.unsigned_abs() % 10)
        }
        Ratio if figure == 0 => "0".to_owned(),
        Money | Ratio => table::amount(figure),
    }
}

/// The figures of a month. Debtors, creditors, assets and liabilities are those at its end.
struct Figures {
    /// A hundred times the days of the month.
    days: i64,
    received: Cents,
    spent: Cents,
    bank: Cents,
    income: Cents,
    costs: Cents,
    other: Cents,
    expenses: Cents,
    debtors: Cents,
    creditors: Cents,
    net_assets: Cents,
    current_assets: Cents,
    term_assets: Cents,
    current_liabilities: Cents,
    term_liabilities: Cents,
    /// The sales invoices of the month: their number, and the sum of their totals.
    invoices: i64,
    invoiced: Cents,
}

impl Figures {
    const fn gross(&self) -> Cents {
        self.income.saturating_sub(self.costs)
    }

    const fn profit(&self) -> Cents {
        self.gross().saturating_add(self.other).saturating_sub(self.expenses)
    }

    fn count(company: &Company, postings: &Postings, month: ReportPeriod) -> Self {
        let chart = &postings.chart;
        let kind = |account| chart.get(account).map_or(("", ""), |own| (own.class, own.kind.as_str()));
        let is_bank = |account| kind(account).1 == "BANK";
        let total = |counts: &dyn Fn(Date, crate::simulator::random::Uuid, Cents) -> bool| {
            let sums = postings.sums(&|posting, line| counts(posting.date, line.account, line.amount));
            sums.values().fold(0, |sum: Cents, own| sum.saturating_add(*own))
        };
        let moved = |group: ProfitGroup, sign: Cents| {
            let is_own = |account| chart.get(account).and_then(ChartAccount::profit_group) == Some(group);
            total(&|date, account, _| month.has(date) && is_own(account)).saturating_mul(sign)
        };
        let at_end = |is_own: &dyn Fn(&str, &str) -> bool| {
            total(&|date, account, _| {
                let (class, kind) = kind(account);
                date <= month.to && is_own(class, kind)
            })
        };
        let balance = |system: &str| {
            let own = chart.system(system);
            total(&|date, account, _| date <= month.to && account == own)
        };
        let is_term_asset = |class: &str, kind: &str| class == "ASSET" && matches!(kind, "FIXED" | "NONCURRENT");
        let is_term_debt = |class: &str, kind: &str| class == "LIABILITY" && matches!(kind, "TERMLIAB" | "LIABILITY");
        let (assets, term_assets) = (at_end(&|class, _| class == "ASSET"), at_end(&is_term_asset));
        let (debts, term_debts) = (at_end(&|class, _| class == "LIABILITY"), at_end(&is_term_debt));
        let is_issued =
            |own: &&SettledDocument| own.resource.name == INVOICES.name && own.is_of_sales() && month.has(own.date);
        let documents = SettledDocument::all(company);
        let issued: Vec<Cents> = documents.iter().filter(is_issued).map(|own| own.total).collect();
        let days = month.to.days().saturating_sub(month.from.days()).saturating_add(1);
        Self {
            days: i64::try_from(days).unwrap_or(30).saturating_mul(100),
            received: total(&|date, account, amount| month.has(date) && amount > 0 && is_bank(account)),
            spent: total(&|date, account, amount| month.has(date) && amount < 0 && is_bank(account)).saturating_neg(),
            bank: at_end(&|_, kind| kind == "BANK"),
            income: moved(Income, -1),
            costs: moved(DirectCosts, 1),
            other: moved(OtherIncome, -1),
            expenses: moved(Expenses, 1),
            debtors: balance("DEBTORS"),
            creditors: balance("CREDITORS").saturating_neg(),
            net_assets: assets.saturating_add(debts),
            current_assets: assets.saturating_sub(term_assets),
            term_assets,
            current_liabilities: debts.saturating_sub(term_debts).saturating_neg(),
            term_liabilities: term_debts.saturating_neg(),
            invoices: i64::try_from(issued.len()).unwrap_or(i64::MAX),
            invoiced: issued.iter().fold(0, |sum: Cents, own| sum.saturating_add(*own)),
        }
    }
}
