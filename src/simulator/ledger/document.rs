//! The lines of a document in the ledger: its own lines, and the tax.

use serde_json::Value;

use super::chart::Chart;
use super::money::ExchangeRate;
use super::postings::PostingLine;
use crate::simulator::amount::Cents;
use crate::simulator::books::json::{self, RecordMembers, cents, list};
use crate::simulator::random::Uuid;

/// The lines of a document, each multiplied by `sign`: 1 debits them. The tax has lines of its own.
pub(in crate::simulator) fn lines(
    chart: &Chart,
    members: &RecordMembers,
    list_name: &str,
    sign: Cents,
) -> Vec<PostingLine> {
    let rate = ExchangeRate::of(members);
    let is_inclusive = json::text(members, "LineAmountTypes").is_some_and(|own| own.eq_ignore_ascii_case("Inclusive"));
    let mut out = Vec::new();
    let mut taxes = Vec::new();
    for line in list(members, list_name).iter().filter_map(Value::as_object) {
        let tax = cents(line, "TaxAmount");
        let given = cents(line, "LineAmount");
        let net = rate.base(if is_inclusive { given.saturating_sub(tax) } else { given }).saturating_mul(sign);
        let tax = rate.base(tax).saturating_mul(sign);
        let tax_type = json::text(line, "TaxType").unwrap_or("NONE").to_owned();
        let account = chart.named(line, "AccountID", "AccountCode");
        let description = json::text(line, "Description").unwrap_or("").to_owned();
        if tax != 0 {
            let account = chart.system("GST");
            let tax_line = PostingLine { tax_type: Some(tax_type.clone()), ..PostingLine::new(account, tax) };
            taxes.push(tax_line);
        }
        out.push(PostingLine {
            tax,
            tax_type: Some(tax_type),
            options: options(line),
            description,
            ..PostingLine::new(account, net)
        });
    }
    out.extend(taxes);
    out
}

/// The ids of the options of tracking categories of a line.
fn options(line: &RecordMembers) -> Vec<Uuid> {
    let tracking = list(line, "Tracking").iter().filter_map(Value::as_object);
    tracking.filter_map(|own| json::id(own, "TrackingOptionID")).collect()
}
