//! The paths of members that filters and orders can name: those that records are shown with. Any other path is refused, because
//! a filter over a member that is not there would find nothing.

use super::members::MemberTable;

/// The members of kinds of records that the table of members does not have.
const KINDS: [(&str, &[&str]); 2] = [
    ("BrandingTheme", &["BrandingThemeID", "Name", "Type", "SortOrder", "CreatedDateUTC"]),
    (
        "User",
        &["UserID", "EmailAddress", "FirstName", "LastName", "UpdatedDateUTC", "IsSubscriber", "OrganisationRole"],
    ),
];

/// Members of the specification that lists never show.
const NOT_SHOWN: [(&str, &str); 7] = [
    ("Invoice", "Attachments"),
    ("Invoice", "CISDeduction"),
    ("Invoice", "CISRate"),
    ("CreditNote", "CISDeduction"),
    ("CreditNote", "CISRate"),
    ("Contact", "Attachments"),
    ("ContactGroup", "Contacts"),
];

/// The paths within objects.
const PARTS: [(&str, &[&str]); 13] = [
    ("Account", &["AccountID", "Code"]),
    ("BankAccount", &["AccountID", "Code", "Name"]),
    ("FromBankAccount", &["AccountID", "Code", "Name"]),
    ("ToBankAccount", &["AccountID", "Code", "Name"]),
    ("Invoice", &["InvoiceID", "InvoiceNumber", "Type", "Contact.ContactID", "Contact.Name"]),
    ("CreditNote", &["CreditNoteID", "CreditNoteNumber", "Type", "Contact.ContactID", "Contact.Name"]),
    ("Prepayment", &["PrepaymentID", "Type", "Contact.ContactID", "Contact.Name"]),
    ("Overpayment", &["OverpaymentID", "Type", "Contact.ContactID", "Contact.Name"]),
    ("SalesDetails", &["UnitPrice", "AccountCode", "TaxType"]),
    ("PurchaseDetails", &["UnitPrice", "AccountCode", "COGSAccountCode", "TaxType"]),
    ("PaymentTerms", &["Bills.Day", "Bills.Type", "Sales.Day", "Sales.Type"]),
    (
        "Balances",
        &[
            "AccountsReceivable.Outstanding",
            "AccountsReceivable.Overdue",
            "AccountsPayable.Outstanding",
            "AccountsPayable.Overdue",
        ],
    ),
    ("Schedule", &["Period", "Unit", "DueDate", "DueDateType", "StartDate", "NextScheduledDate", "EndDate"]),
];

/// The members of a document's contact that lists show; [`is_of_whole_contact`] has the others.
const SHORT_CONTACT: [&str; 2] = ["ContactID", "Name"];

/// Returns whether records of a kind are shown with a member at this path, or with a value that has the property at its end.
pub(in crate::simulator) fn is_shown(table: &MemberTable, kind: &str, path: &[String]) -> bool {
    let Some((first, rest)) = path.split_first() else { return false };
    if let Some((_, members)) = KINDS.iter().find(|(own, _)| *own == kind) {
        return members.iter().any(|own| own.eq_ignore_ascii_case(first)) && has_properties("r", rest);
    }
    match table.member(kind, first) {
        None => false,
        Some((name, _)) if NOT_SHOWN.contains(&(kind, name)) => false,
        Some(_) if rest.is_empty() => true,
        Some(("Contact", _)) => {
            !rest.first().is_some_and(|own| own.eq_ignore_ascii_case("Balances")) && is_shown(table, "Contact", rest)
        }
        Some((name, letter)) => match PARTS.iter().find(|(own, _)| *own == name) {
            Some((_, parts)) => parts.iter().any(|part| is_within(part, rest)),
            None => has_properties(letter, rest),
        },
    }
}

/// Returns whether a path names a part of a document's contact that only the whole contact has.
pub(in crate::simulator) fn is_of_whole_contact(path: &[String]) -> bool {
    match path {
        [first, member, ..] => {
            first.eq_ignore_ascii_case("Contact") && !SHORT_CONTACT.iter().any(|own| own.eq_ignore_ascii_case(member))
        }
        _ => false,
    }
}

/// Returns whether a path is this part, or a property of its value.
fn is_within(part: &str, path: &[String]) -> bool {
    let count = part.split('.').count();
    let is_it = part.split('.').zip(path).all(|(own, name)| own.eq_ignore_ascii_case(name));
    is_it && path.get(count..).is_some_and(|rest| has_properties("r", rest))
}

/// Returns whether values of a kind can have these properties. A member that is only read (`r`) has a value of any kind.
fn has_properties(letter: &str, names: &[String]) -> bool {
    let Some((first, rest)) = names.split_first() else { return true };
    let is = |letters: &[&str]| letter == "r" || letters.contains(&letter);
    match first.to_ascii_lowercase().as_str() {
        "length" => is(&["s"]) && rest.is_empty(),
        "count" => is(&["l"]) && rest.is_empty(),
        "hasvalue" => is(&["n", "b", "d"]) && rest.is_empty(),
        "year" | "month" | "day" => is(&["d"]) && rest.is_empty(),
        "value" => is(&["n", "b", "d"]) && has_properties(letter, rest),
        _ => false,
    }
}
