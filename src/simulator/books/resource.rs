//! The kinds of records: the table that the code of the books goes by.

use super::rules::{self, Draft};

/// A kind of record.
pub(in crate::simulator) struct Resource {
    /// The name of its list: the first segment of its paths, and the member of its answers.
    pub(in crate::simulator) name: &'static str,
    /// The name of one record: the kind in `members.json`, and the element in XML.
    pub(in crate::simulator) one: &'static str,
    /// The member with its id.
    pub(in crate::simulator) id: &'static str,
    /// Other members by which a path, or a write without an id, names a record.
    pub(in crate::simulator) keys: &'static [&'static str],
    /// Members that a new record needs, with the message of the refusal.
    pub(in crate::simulator) required: &'static [(&'static str, &'static str)],
    /// Members that no two records share, with the message of the refusal; `{}` is the value.
    pub(in crate::simulator) unique: &'static [(&'static str, &'static str)],
    /// The member with its status, its status at the start, and those that lists leave out.
    pub(in crate::simulator) status: Option<(&'static str, &'static str, &'static [&'static str])>,
    /// The statuses that a client may give a record of a status; those without a row are free.
    pub(in crate::simulator) moves: &'static [(&'static str, &'static [&'static str])],
    /// The statuses of a record that cannot be changed any more.
    pub(in crate::simulator) closed: &'static [&'static str],
    /// True if records can be deleted, which removes them.
    pub(in crate::simulator) deletable: bool,
    /// True if clients can write records.
    pub(in crate::simulator) written: bool,
    /// The rules beyond this table.
    pub(in crate::simulator) rules: fn(&mut Draft<'_>),
}

/// A kind without any of the optional parts.
pub(in crate::simulator) const PLAIN: Resource = Resource {
    name: "",
    one: "",
    id: "",
    keys: &[],
    required: &[],
    unique: &[],
    status: None,
    moves: &[],
    closed: &[],
    deletable: false,
    written: true,
    rules: rules::none,
};

pub(in crate::simulator) static CONTACTS: Resource = Resource {
    name: "Contacts",
    one: "Contact",
    id: "ContactID",
    keys: &["ContactNumber", "Name"],
    required: &[("Name", "The contact name cannot be empty.")],
    unique: &[
        (
            "Name",
            "The contact name {} is already assigned to another contact. The contact name must be unique across all active contacts.",
        ),
        (
            "ContactNumber",
            "Another contact has this contact number. Please enter a different contact number. ({} is taken.)",
        ),
    ],
    status: Some(("ContactStatus", "ACTIVE", &["ARCHIVED"])),
    rules: rules::contact::check,
    ..PLAIN
};

pub(in crate::simulator) static CONTACT_GROUPS: Resource = Resource {
    name: "ContactGroups",
    one: "ContactGroup",
    id: "ContactGroupID",
    required: &[("Name", "The contact group name cannot be empty.")],
    unique: &[("Name", "A contact group with the name {} already exists.")],
    status: Some(("Status", "ACTIVE", &["DELETED"])),
    closed: &["DELETED"],
    ..PLAIN
};

pub(in crate::simulator) static ACCOUNTS: Resource = Resource {
    name: "Accounts",
    one: "Account",
    id: "AccountID",
    keys: &["Code"],
    required: &[("Name", "The account name cannot be empty."), ("Type", "The account type cannot be empty.")],
    unique: &[("Code", "Please enter a unique Code."), ("Name", "Please enter a unique Name.")],
    status: Some(("Status", "ACTIVE", &["DELETED"])),
    deletable: true,
    rules: rules::account::check,
    ..PLAIN
};

pub(in crate::simulator) static TAX_RATES: Resource = Resource {
    name: "TaxRates",
    one: "TaxRate",
    id: "TaxRateID",
    keys: &["TaxType", "Name"],
    required: &[("Name", "The tax rate name cannot be empty.")],
    unique: &[("Name", "A tax rate with the name {} already exists.")],
    status: Some(("Status", "ACTIVE", &["DELETED"])),
    rules: rules::tax_rate::check,
    ..PLAIN
};

pub(in crate::simulator) static TRACKING_CATEGORIES: Resource = Resource {
    name: "TrackingCategories",
    one: "TrackingCategory",
    id: "TrackingCategoryID",
    required: &[("Name", "The tracking category name cannot be empty.")],
    unique: &[("Name", "A tracking category with the name {} already exists.")],
    status: Some(("Status", "ACTIVE", &["ARCHIVED", "DELETED"])),
    deletable: true,
    rules: rules::tracking_category::check,
    ..PLAIN
};

pub(in crate::simulator) static CURRENCIES: Resource = Resource {
    name: "Currencies",
    one: "Currency",
    id: "CurrencyID",
    keys: &["Code"],
    required: &[("Code", "The currency code cannot be empty.")],
    rules: rules::currency::check,
    ..PLAIN
};

pub(in crate::simulator) static BRANDING_THEMES: Resource =
    Resource { name: "BrandingThemes", one: "BrandingTheme", id: "BrandingThemeID", written: false, ..PLAIN };

pub(in crate::simulator) static USERS: Resource =
    Resource { name: "Users", one: "User", id: "UserID", written: false, ..PLAIN };

pub(in crate::simulator) static ITEMS: Resource = Resource {
    name: "Items",
    one: "Item",
    id: "ItemID",
    keys: &["Code"],
    required: &[("Code", "Price List Item Code must be supplied")],
    unique: &[("Code", "Price List Item with Code '{}' already exists")],
    deletable: true,
    rules: rules::item::check,
    ..PLAIN
};

pub(in crate::simulator) static INVOICES: Resource = Resource {
    name: "Invoices",
    one: "Invoice",
    id: "InvoiceID",
    keys: &["InvoiceNumber"],
    status: Some(("Status", "DRAFT", &[])),
    closed: &["PAID", "VOIDED", "DELETED"],
    rules: rules::document::invoice,
    ..PLAIN
};

pub(in crate::simulator) static CREDIT_NOTES: Resource = Resource {
    name: "CreditNotes",
    one: "CreditNote",
    id: "CreditNoteID",
    keys: &["CreditNoteNumber"],
    status: Some(("Status", "DRAFT", &[])),
    closed: &["PAID", "VOIDED", "DELETED"],
    rules: rules::document::credit_note,
    ..PLAIN
};

pub(in crate::simulator) static PAYMENTS: Resource = Resource {
    name: "Payments",
    one: "Payment",
    id: "PaymentID",
    status: Some(("Status", "AUTHORISED", &[])),
    closed: &["DELETED"],
    rules: rules::payment::check,
    ..PLAIN
};

/// Made by bank transactions of their types.
pub(in crate::simulator) static PREPAYMENTS: Resource = Resource {
    name: "Prepayments",
    one: "Prepayment",
    id: "PrepaymentID",
    status: Some(("Status", "AUTHORISED", &[])),
    written: false,
    rules: rules::advance::check,
    ..PLAIN
};

/// Made by bank transactions of their types.
pub(in crate::simulator) static OVERPAYMENTS: Resource = Resource {
    name: "Overpayments",
    one: "Overpayment",
    id: "OverpaymentID",
    status: Some(("Status", "AUTHORISED", &[])),
    written: false,
    rules: rules::advance::check,
    ..PLAIN
};

pub(in crate::simulator) static BATCH_PAYMENTS: Resource = Resource {
    name: "BatchPayments",
    one: "BatchPayment",
    id: "BatchPaymentID",
    status: Some(("Status", "AUTHORISED", &[])),
    closed: &["DELETED"],
    rules: rules::batch_payment::check,
    ..PLAIN
};

pub(in crate::simulator) static REPEATING_INVOICES: Resource = Resource {
    name: "RepeatingInvoices",
    one: "RepeatingInvoice",
    id: "RepeatingInvoiceID",
    status: Some(("Status", "DRAFT", &["DELETED"])),
    closed: &["DELETED"],
    rules: rules::document::repeating_invoice,
    ..PLAIN
};

pub(in crate::simulator) static LINKED_TRANSACTIONS: Resource = Resource {
    name: "LinkedTransactions",
    one: "LinkedTransaction",
    id: "LinkedTransactionID",
    deletable: true,
    rules: rules::linked_transaction::check,
    ..PLAIN
};

pub(in crate::simulator) static QUOTES: Resource = Resource {
    name: "Quotes",
    one: "Quote",
    id: "QuoteID",
    keys: &["QuoteNumber"],
    status: Some(("Status", "DRAFT", &[])),
    // An offer is sent before it is answered, and accepted before it is invoiced.
    moves: &[
        ("DRAFT", &["SENT", "DELETED"]),
        ("SENT", &["ACCEPTED", "DECLINED", "DELETED"]),
        ("DECLINED", &["SENT", "DELETED"]),
        ("ACCEPTED", &["SENT", "INVOICED", "DELETED"]),
        ("INVOICED", &["SENT", "DELETED"]),
    ],
    closed: &["DELETED"],
    rules: rules::document::quote,
    ..PLAIN
};

pub(in crate::simulator) static PURCHASE_ORDERS: Resource = Resource {
    name: "PurchaseOrders",
    one: "PurchaseOrder",
    id: "PurchaseOrderID",
    keys: &["PurchaseOrderNumber"],
    status: Some(("Status", "DRAFT", &[])),
    closed: &["DELETED"],
    rules: rules::document::purchase_order,
    ..PLAIN
};

pub(in crate::simulator) static BANK_TRANSACTIONS: Resource = Resource {
    name: "BankTransactions",
    one: "BankTransaction",
    id: "BankTransactionID",
    status: Some(("Status", "AUTHORISED", &[])),
    closed: &["DELETED", "VOIDED"],
    rules: rules::bank::transaction,
    ..PLAIN
};

pub(in crate::simulator) static BANK_TRANSFERS: Resource = Resource {
    name: "BankTransfers",
    one: "BankTransfer",
    id: "BankTransferID",
    status: Some(("Status", "AUTHORISED", &["DELETED"])),
    closed: &["DELETED"],
    rules: rules::bank::transfer,
    ..PLAIN
};

pub(in crate::simulator) static MANUAL_JOURNALS: Resource = Resource {
    name: "ManualJournals",
    one: "ManualJournal",
    id: "ManualJournalID",
    required: &[("Narration", "The narration of a journal cannot be empty.")],
    status: Some(("Status", "DRAFT", &[])),
    // A draft is deleted, a posted one is voided.
    moves: &[("DRAFT", &["POSTED", "DELETED", "ARCHIVED"]), ("POSTED", &["VOIDED"]), ("ARCHIVED", &[])],
    closed: &["DELETED", "VOIDED"],
    rules: rules::journal::check,
    ..PLAIN
};

pub(in crate::simulator) static BUDGETS: Resource =
    Resource { name: "Budgets", one: "Budget", id: "BudgetID", written: false, rules: rules::budget::check, ..PLAIN };

/// Every kind, in the order in which a company is read: the later ones refer to the earlier ones.
pub(in crate::simulator) static RESOURCES: [&Resource; 23] = [
    &TAX_RATES,
    &ACCOUNTS,
    &TRACKING_CATEGORIES,
    &CURRENCIES,
    &BRANDING_THEMES,
    &USERS,
    &ITEMS,
    &CONTACTS,
    &CONTACT_GROUPS,
    &INVOICES,
    &CREDIT_NOTES,
    &PREPAYMENTS,
    &OVERPAYMENTS,
    &PAYMENTS,
    &BATCH_PAYMENTS,
    &QUOTES,
    &PURCHASE_ORDERS,
    &BANK_TRANSACTIONS,
    &BANK_TRANSFERS,
    &MANUAL_JOURNALS,
    &REPEATING_INVOICES,
    &LINKED_TRANSACTIONS,
    &BUDGETS,
];

/// The kind whose paths start with this segment.
pub(in crate::simulator) fn named(name: &str) -> Option<&'static Resource> {
    RESOURCES.iter().copied().find(|resource| resource.name == name)
}
