//! Tax rates: the type is given by the organisation, the rate is the sum of the components.

use super::Draft;
use crate::simulator::books::json::{list, set};
use crate::simulator::books::resource::TAX_RATES;
use crate::simulator::books::write;
use serde_json::Value;

pub(in crate::simulator) fn check(draft: &mut Draft<'_>) {
    let mut rate = 0.0;
    for component in list(&draft.record, "TaxComponents") {
        match component
            .get("Rate")
            .map(|rate| rate.as_f64().or_else(|| rate.as_str().and_then(|text| text.parse().ok())))
        {
            Some(Some(own)) if (0.0..=100.0).contains(&own) => rate += own,
            _ => {
                draft.wrong.push("The rate of a tax component is not a number from 0 to 100.".to_owned());
                return;
            }
        }
    }
    if list(&draft.record, "TaxComponents").is_empty() {
        draft.refuse("At least one tax component must be specified.");
    }
    for name in ["EffectiveRate", "DisplayTaxRate"] {
        set(&mut draft.record, name, rate);
    }
    for name in ["Assets", "Equity", "Expenses", "Liabilities", "Revenue"] {
        set(&mut draft.record, &format!("CanApplyTo{name}"), true);
    }
    check_deletion(draft);
    if draft.before.is_none() {
        let free = (1_u32..).map(|number| format!("TAX{number:03}"));
        let taken = |name: &String| draft.company.store.named(&TAX_RATES, name).is_some();
        let name = free.take(10_000).find(|name| !taken(name)).unwrap_or_default();
        set(&mut draft.record, "TaxType", Value::from(name));
    } else if let Some(own) = draft.text_before("TaxType") {
        set(&mut draft.record, "TaxType", own);
    }
}

/// Refuses to delete a rate that the organisation came with, or that a record names.
fn check_deletion(draft: &mut Draft<'_>) {
    let Some(tax_type) = draft.text_before("TaxType").filter(|_| draft.text("Status").as_deref() == Some("DELETED"))
    else {
        return;
    };
    if draft.company.books.tax.iter().any(|(own, _)| *own == tax_type) {
        draft.refuse("You cannot delete a system tax rate");
    } else if write::is_named(draft.company, &TAX_RATES, &tax_type) {
        draft.refuse("You cannot delete a tax rate that is in use");
    }
}
