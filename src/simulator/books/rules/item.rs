//! Items: they are sold or bought at a price to an account.

use super::Draft;
use crate::simulator::books::json::{RecordMembers, object, set, text};
use crate::simulator::books::lines;
use crate::simulator::books::resource::ACCOUNTS;

pub(in crate::simulator) fn check(draft: &mut Draft<'_>) {
    for (name, is) in [("SalesDetails", "IsSold"), ("PurchaseDetails", "IsPurchased")] {
        let details = object(&draft.record, name).cloned();
        let wrong: Vec<String> = details.iter().flat_map(|details| wrong_details(draft, name, details)).collect();
        draft.wrong.extend(wrong);
        draft.default(is, details.is_some());
    }
    draft.default("IsTrackedAsInventory", false);
    let named = draft.text("Code").unwrap_or_default();
    draft.default("Name", named);
    let is_tracked = draft.record.get("IsTrackedAsInventory").and_then(serde_json::Value::as_bool) == Some(true);
    // An item with an account of inventory is a tracked one.
    if is_tracked || draft.text("InventoryAssetAccountCode").is_some() {
        draft.refuse(
            "The local Xero does not play tracked inventory: leave out IsTrackedAsInventory and InventoryAssetAccountCode.",
        );
    }
    set(&mut draft.record, "IsTrackedAsInventory", false);
}

fn wrong_details(draft: &Draft<'_>, name: &str, details: &RecordMembers) -> Vec<String> {
    let mut wrong = Vec::new();
    if let Some(code) = text(details, "AccountCode")
        && draft.company.store.named(&ACCOUNTS, code).is_none()
    {
        wrong.push(format!("{name}: Account code '{code}' is not a valid code for this document."));
    }
    if let Some(code) = text(details, "TaxType")
        && lines::rate_of(draft.company, code).is_none()
    {
        wrong.push(format!("{name}: {}", lines::no_such_tax(code)));
    }
    if details.get("UnitPrice").is_some_and(|price| crate::simulator::amount::read_fine(price).is_none()) {
        wrong.push(format!("{name}: UnitPrice is not an amount of at most four decimals."));
    }
    wrong
}
