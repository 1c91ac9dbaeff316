//! The reports that are played, their parameters, and the frame around their rows.

use serde_json::{Value, json};

use super::period::{self, ReportPeriod};
use super::{aged, balance_sheet, bank_summary, budget, executive_summary, profit_and_loss, trial_balance};
use crate::simulator::context::CallContext;
use crate::simulator::errors::{self, Invalid};
use crate::simulator::formats;
use crate::simulator::http::HttpResponse;
use crate::time::Date;

/// A report that is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum ReportKind {
    TrialBalance,
    ProfitAndLoss,
    BalanceSheet,
    AgedReceivables,
    AgedPayables,
    BankSummary,
    BudgetSummary,
    ExecutiveSummary,
}

impl ReportKind {
    /// The report at a path below `/Reports`.
    pub(in crate::simulator) fn named(segment: &str) -> Option<Self> {
        [
            ("TrialBalance", Self::TrialBalance),
            ("ProfitAndLoss", Self::ProfitAndLoss),
            ("BalanceSheet", Self::BalanceSheet),
            ("AgedReceivablesByContact", Self::AgedReceivables),
            ("AgedPayablesByContact", Self::AgedPayables),
            ("BankSummary", Self::BankSummary),
            ("BudgetSummary", Self::BudgetSummary),
            ("ExecutiveSummary", Self::ExecutiveSummary),
        ]
        .into_iter()
        .find(|(own, _)| *own == segment)
        .map(|(_, kind)| kind)
    }
}

/// The reason for which a report is not answered.
pub(super) enum ReportRefusal {
    /// A parameter is wrong.
    Wrong(String),
    /// A parameter asks for figures that are not counted.
    NotPlayed,
}

/// The outcome of a report.
pub(super) type ReportResult = Result<ReportRows, ReportRefusal>;

/// A report: its names, the lines of its title, and its rows.
pub(super) struct ReportRows {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) titles: Vec<String>,
    pub(super) rows: Vec<Value>,
}

/// Answers a report; `None` if a parameter asks for figures that are not counted.
pub(in crate::simulator) fn answer(context: &mut CallContext<'_>, kind: ReportKind) -> Option<HttpResponse> {
    let today = context.now.date();
    let request = ReportRequest { context: &*context, today };
    let found = match kind {
        ReportKind::TrialBalance => trial_balance::count(&request),
        ReportKind::ProfitAndLoss => profit_and_loss::count(&request),
        ReportKind::BalanceSheet => balance_sheet::count(&request),
        ReportKind::AgedReceivables => aged::count(&request, true),
        ReportKind::AgedPayables => aged::count(&request, false),
        ReportKind::BankSummary => bank_summary::count(&request),
        ReportKind::BudgetSummary => budget::summary(&request),
        ReportKind::ExecutiveSummary => executive_summary::count(&request),
    };
    match found {
        Ok(ReportRows { id, name, titles, rows }) => {
            let report = json!({
                "ReportID": id,
                "ReportName": name,
                "ReportType": id,
                "ReportTitles": titles,
                "ReportDate": period::long(today),
                "UpdatedDateUTC": formats::ms_date(context.now),
                "Fields": [],
                "Rows": rows
            });
            Some(context.answer("Reports", vec![report], None))
        }
        Err(ReportRefusal::Wrong(message)) => Some(errors::invalid(Invalid::Validation, &message, Vec::new())),
        Err(ReportRefusal::NotPlayed) => None,
    }
}

/// A request for a report.
pub(super) struct ReportRequest<'a> {
    pub(super) context: &'a CallContext<'a>,
    pub(super) today: Date,
}

impl ReportRequest<'_> {
    /// A parameter that is a date.
    pub(super) fn date(&self, name: &str) -> Result<Option<Date>, ReportRefusal> {
        let given = self.context.query(name).filter(|value| !value.trim().is_empty());
        let Some(text) = given else { return Ok(None) };
        let read = formats::read_date(text.trim());
        read.map(Some).ok_or_else(|| ReportRefusal::Wrong(format!("{name} is not a date: YYYY-MM-DD.")))
    }

    /// `fromDate` and `toDate`; without them the month of today, or of the one that is there.
    pub(super) fn period(&self) -> Result<ReportPeriod, ReportRefusal> {
        let (from, to) = (self.date("fromDate")?, self.date("toDate")?);
        let period = match (from, to) {
            (None, None) => ReportPeriod::month_of(self.today),
            (Some(from), None) => ReportPeriod { from, to: ReportPeriod::month_of(from).to },
            (None, Some(to)) => ReportPeriod { from: period::first_of_month(to), to },
            (Some(from), Some(to)) => ReportPeriod { from, to },
        };
        if period.to < period.from {
            return Err(ReportRefusal::Wrong("toDate is before fromDate.".to_owned()));
        }
        Ok(period)
    }

    /// The months between the columns, for the report's own column and each of the `periods` that it is compared with.
    pub(super) fn columns(&self) -> Result<Vec<u16>, ReportRefusal> {
        let wrong = |message: &str| Err(ReportRefusal::Wrong(message.to_owned()));
        let step: u16 = match self.context.query("timeframe").map(str::to_ascii_uppercase).as_deref() {
            None | Some("" | "MONTH") => 1,
            Some("QUARTER") => 3,
            Some("YEAR") => 12,
            Some(_) => return wrong("timeframe is none of MONTH, QUARTER, YEAR."),
        };
        let periods = match self.context.query("periods").filter(|value| !value.trim().is_empty()) {
            None => 0,
            Some(text) => match text.trim().parse::<u16>() {
                Ok(periods @ 0..=11) => periods,
                _ => return wrong("periods is not a number from 1 to 11."),
            },
        };
        Ok((0..=periods).map(|place| place.saturating_mul(step)).collect())
    }

    /// Refuses a report on a cash basis, which is not counted.
    pub(super) fn on_accrual_basis(&self) -> Result<(), ReportRefusal> {
        if self.context.is_true("paymentsOnly") { Err(ReportRefusal::NotPlayed) } else { Ok(()) }
    }

    /// Refuses a report with one of these parameters, which are not counted.
    pub(super) fn without(&self, names: &[&str]) -> Result<(), ReportRefusal> {
        let has = |name: &str| self.context.query(name).is_some_and(|value| !value.trim().is_empty());
        if names.iter().any(|name| has(name)) { Err(ReportRefusal::NotPlayed) } else { Ok(()) }
    }

    /// The name of the organisation.
    pub(super) fn organisation(&self) -> String {
        self.context.company.name.clone()
    }
}
