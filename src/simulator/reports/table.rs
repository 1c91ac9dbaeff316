//! The rows and cells of a report, as the accounting API writes them.

use serde_json::{Value, json};

use crate::simulator::amount::Cents;
use crate::simulator::ledger::chart::{Chart, ChartAccount, ProfitGroup};
use crate::simulator::random::Uuid;

/// A row of a section that belongs to a record: an account, or an invoice.
#[derive(Clone, Copy)]
pub(super) struct RowOwner {
    /// The name of the attribute.
    pub(super) name: &'static str,
    pub(super) id: Uuid,
}

/// `1234.50`.
pub(super) fn amount(cents: Cents) -> String {
    let whole = cents.unsigned_abs();
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", whole / 100, whole % 100)
}

/// The sums of two rows of amounts, and their differences.
pub(super) fn plus(amounts: &[Cents], others: &[Cents]) -> Vec<Cents> {
    amounts.iter().zip(others).map(|(own, other)| own.saturating_add(*other)).collect()
}

pub(super) fn minus(amounts: &[Cents], others: &[Cents]) -> Vec<Cents> {
    amounts.iter().zip(others).map(|(own, other)| own.saturating_sub(*other)).collect()
}

/// The first cell of a row, and its amounts.
pub(super) fn cells(title: &str, amounts: &[Cents]) -> Vec<String> {
    let amounts = amounts.iter().map(|own| amount(*own));
    core::iter::once(title.to_owned()).chain(amounts).collect()
}

pub(super) fn header(cells: &[String]) -> Value {
    json!({ "RowType": "Header", "Cells": plain(cells) })
}

pub(super) fn section(title: &str, rows: &[Value]) -> Value {
    json!({ "RowType": "Section", "Title": title, "Rows": rows })
}

/// A row without an owner.
pub(super) fn row(cells: &[String]) -> Value {
    json!({ "RowType": "Row", "Cells": plain(cells) })
}

/// A row whose cells belong to a record.
pub(super) fn row_of(cells: &[String], owner: RowOwner) -> Value {
    let attributes = json!([{ "Value": owner.id.to_string(), "Id": owner.name }]);
    let cells: Vec<Value> = cells.iter().map(|own| json!({ "Value": own, "Attributes": attributes })).collect();
    json!({ "RowType": "Row", "Cells": cells })
}

pub(super) fn summary(cells: &[String]) -> Value {
    json!({ "RowType": "SummaryRow", "Cells": plain(cells) })
}

fn plain(cells: &[String]) -> Vec<Value> {
    cells.iter().map(|own| json!({ "Value": own })).collect()
}

/// The rows of the accounts of a group that have an amount in some of the columns, and the totals of the columns.
pub(super) fn of_group(
    chart: &Chart,
    group: ProfitGroup,
    columns: usize,
    amounts: &dyn Fn(&ChartAccount) -> Vec<Cents>,
) -> (Vec<Value>, Vec<Cents>) {
    let mut totals = vec![0; columns];
    let mut rows = Vec::new();
    for account in chart.sorted().into_iter().filter(|own| own.profit_group() == Some(group)) {
        let amounts = amounts(account);
        if amounts.iter().any(|own| *own != 0) {
            totals = plus(&totals, &amounts);
            rows.push(row_of(&cells(&account.name, &amounts), RowOwner { name: "account", id: account.id }));
        }
    }
    (rows, totals)
}
