//! Accounts: the class follows from the type; a bank account has a number.

use super::Draft;
use crate::simulator::books::json::{self, RecordMembers, set};

/// The class of each type of account.
const CLASSES: [(&str, &[&str]); 5] = [
    ("ASSET", &["BANK", "CURRENT", "FIXED", "INVENTORY", "NONCURRENT", "PREPAYMENT"]),
    ("EQUITY", &["EQUITY"]),
    ("EXPENSE", &["DEPRECIATN", "DIRECTCOSTS", "EXPENSE", "OVERHEADS"]),
    ("LIABILITY", &["CURRLIAB", "LIABILITY", "TERMLIAB", "PAYG"]),
    ("REVENUE", &["OTHERINCOME", "REVENUE", "SALES"]),
];

/// The class of a type of account.
pub(in crate::simulator) fn class(kind: &str) -> &'static str {
    CLASSES.iter().find(|(_, kinds)| kinds.contains(&kind)).map_or("ASSET", |(class, _)| class)
}

/// Returns whether an account has only what documents owe: no other line can name it.
pub(in crate::simulator) fn is_control(account: &RecordMembers) -> bool {
    matches!(json::text(account, "SystemAccount"), Some("DEBTORS" | "CREDITORS"))
}

pub(in crate::simulator) fn check(draft: &mut Draft<'_>) {
    let Some(kind) = draft.text("Type") else { return };
    if draft.text_before("SystemAccount").is_some()
        && (draft.text_before("Type").as_ref() != Some(&kind) || draft.text("Status").as_deref() != Some("ACTIVE"))
    {
        draft.refuse("The type and the status of a system account cannot be changed.");
    }
    set(&mut draft.record, "Class", class(&kind));
    let is_bank = kind == "BANK";
    if !is_bank && draft.text("Code").is_none() {
        draft.refuse("The account code cannot be empty.");
    }
    if is_bank && draft.text("BankAccountNumber").is_none() {
        draft.refuse("A bank account number is required for a bank account.");
    }
    let (currency, tax) =
        (draft.company.books.currency, super::super::lines::usual_tax(draft.company, class(&kind) == "REVENUE"));
    if is_bank {
        draft.default("CurrencyCode", currency);
    }
    draft.default("TaxType", if matches!(class(&kind), "REVENUE" | "EXPENSE") { tax } else { "NONE".to_owned() });
    for name in ["EnablePaymentsToAccount", "ShowInExpenseClaims", "AddToWatchlist"] {
        draft.default(name, false);
    }
}
