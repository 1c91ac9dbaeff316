//! Topics: what software does with Xero, in the words of people who do not know its API.

use serde::Serialize;

use super::operation::Entry;

/// A topic and the operations that it usually stands for. In JSON: `{ name, reads, changes }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Topic {
    /// The name of the topic, such as `Contacts`.
    pub name: &'static str,
    /// The operations that read it, by key.
    pub reads: Vec<String>,
    /// The operations that change it, by key; empty if Xero has none.
    pub changes: Vec<String>,
}

/// The topics: a name, the APIs, and the resources of these APIs.
const TOPICS: [(&str, &[&str], &[&str]); 20] = [
    ("Invoices, bills and credit notes", &["accounting"], &["/Invoices", "/CreditNotes"]),
    ("Quotes and purchase orders", &["accounting"], &["/Quotes", "/PurchaseOrders"]),
    ("Contacts: customers and suppliers", &["accounting"], &["/Contacts"]),
    ("Payments", &["accounting"], &["/Payments", "/BatchPayments"]),
    ("Bank transactions and transfers", &["accounting"], &["/BankTransactions", "/BankTransfers"]),
    ("Items: products and services", &["accounting"], &["/Items"]),
    ("Chart of accounts and tax rates", &["accounting"], &["/Accounts", "/TaxRates"]),
    ("Tracking categories", &["accounting"], &["/TrackingCategories"]),
    ("Details of the organisation", &["accounting"], &["/Organisation"]),
    ("Manual journals", &["accounting"], &["/ManualJournals"]),
    ("Journals: the whole ledger", &["accounting"], &["/Journals"]),
    ("Profit and loss, balance sheet", &["accounting"], &["/Reports/ProfitAndLoss", "/Reports/BalanceSheet"]),
    ("Trial balance", &["accounting"], &["/Reports/TrialBalance"]),
    ("Budgets", &["accounting"], &["/Budgets"]),
    ("Fixed assets", &["assets"], &["/Assets"]),
    ("Files", &["files"], &["/Files", "/Folders"]),
    ("Projects", &["projects"], &["/Projects"]),
    ("Payroll: employees", &PAYROLL, &["/Employees"]),
    ("Payroll: pay runs", &PAYROLL, &["/PayRuns"]),
    ("Payroll: timesheets", &PAYROLL, &["/Timesheets"]),
];

/// The payroll APIs of all countries: a topic does not depend on one.
const PAYROLL: [&str; 3] = ["payroll-au", "payroll-nz", "payroll-uk"];

/// Every topic, with the operations on its resources as a whole and on one record of them.
pub(super) fn topics() -> Vec<Topic> {
    let topic = |&(name, apis, resources): &(&'static str, &[&str], &[&str])| {
        let of_topic = |entry: &Entry| {
            let operation = entry.operation();
            let is_about = |resource: &&str| {
                let rest = operation.path().strip_prefix(*resource);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("/{") && rest.matches('/').count() == 1)
            };
            operation.api.row().is_some_and(|api| apis.contains(&api.name)) && resources.iter().any(is_about)
        };
        let (reads, changes) =
            Entry::all().filter(of_topic).partition::<Vec<_>, _>(|entry| entry.operation().is_read());
        let keys = |entries: Vec<Entry>| entries.iter().map(|entry| entry.operation().key()).collect();
        Topic { name, reads: keys(reads), changes: keys(changes) }
    };
    TOPICS.iter().map(topic).collect()
}
