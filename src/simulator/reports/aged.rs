//! The aged receivables and payables of a contact: its documents that are open at the end of a day.

use super::period::long;
use super::request::{ReportRefusal, ReportRequest, ReportResult, ReportRows};
use super::table::{self, RowOwner};
use crate::simulator::amount::Cents;
use crate::simulator::books::json;
use crate::simulator::books::resource::{CONTACTS, INVOICES};
use crate::simulator::ledger::settled::{self, SettledDocument};
use crate::simulator::random::Uuid;
use crate::time::Date;

/// Counts the receivables, or the payables.
pub(super) fn count(request: &ReportRequest<'_>, is_of_sales: bool) -> ReportResult {
    let company = &*request.context.company;
    let id = request.context.query("contactID").and_then(Uuid::parse);
    let contact = id.and_then(|id| company.store.get(&CONTACTS, id));
    let Some(contact) = contact else {
        return Err(ReportRefusal::Wrong("contactID names no contact.".to_owned()));
    };
    let day = request.date("date")?.unwrap_or(request.today);
    let (given, last) = (request.date("fromDate")?, request.date("toDate")?);
    let mut documents = SettledDocument::chosen(company, |record| record.contact() == Some(contact.id));
    documents.retain(|own| own.is_in_control_account() && own.is_of_sales() == is_of_sales);
    documents.sort_by_key(|own| own.date);
    let from = given.or(documents.first().map(|own| own.date)).unwrap_or(day);
    let side = if is_of_sales { 1 } else { -1 };
    let open = |own: &SettledDocument| own.open_at(day).saturating_mul(own.sign()).saturating_mul(side);
    let opening =
        documents.iter().filter(|own| own.date < from).fold(0, |sum: Cents, own| sum.saturating_add(open(own)));
    let mut totals: [Cents; 4] = [0; 4];
    let mut shown = Vec::new();
    let is_shown = |own: &&SettledDocument| from <= own.date && last.is_none_or(|last| own.date <= last);
    for own in documents.iter().filter(is_shown).filter(|own| open(own) != 0) {
        let amounts = amounts(own, day, side);
        for (total, amount) in totals.iter_mut().zip(amounts) {
            *total = total.saturating_add(amount);
        }
        let owner = RowOwner { name: "invoiceID", id: own.id };
        shown.push(table::row_of(&[first_cells(own), table::cells(&age(own, day), &amounts)].concat(), owner));
    }
    let sum = |title: &str, totals: &[Cents; 4]| {
        let first = [title, "", ""].map(str::to_owned).to_vec();
        table::summary(&[first, table::cells("", totals)].concat())
    };
    shown.push(sum("Total", &totals));
    let [total, paid, credited, due] = totals;
    let closing = [total, paid, credited, due.saturating_add(opening)];
    let heads = ["Date", "Number", "Due Date", "", "Total", "Paid", "Credited", "Due"];
    let mut first = [long_time(from), "Opening Balance".to_owned()].to_vec();
    first.extend(["", "", "", "", ""].map(str::to_owned));
    first.push(table::amount(opening));
    let rows = vec![
        table::header(&heads.map(str::to_owned)),
        table::section("", &[table::row(&first)]),
        table::section("", &shown),
        table::section("", &[sum("Closing Balance", &closing)]),
    ];
    let (report, name, title) = if is_of_sales {
        ("AgedReceivablesByContact", "Aged Receivables By Contact", "Invoices")
    } else {
        ("AgedPayablesByContact", "Aged Payables By Contact", "Bills")
    };
    Ok(ReportRows {
        id: report,
        name,
        titles: vec![
            title.to_owned(),
            contact.text("Name").unwrap_or_default().into_owned(),
            format!("From {} to {}", long(from), long(last.unwrap_or(day))),
            format!("Showing payments to {}", long(day)),
        ],
        rows,
    })
}

/// Total, paid, credited and due of a document; those of a credit are negative.
fn amounts(own: &SettledDocument, day: Date, side: Cents) -> [Cents; 4] {
    let total = if own.date <= day { own.total } else { 0 };
    let paid = own.settled_at(day, |part| part.is_payment);
    let credited = own.settled_at(day, |part| !part.is_payment);
    [total, paid, credited, own.open_at(day)].map(|amount| amount.saturating_mul(own.sign()).saturating_mul(side))
}

/// Date, number and due date.
fn first_cells(own: &SettledDocument) -> Vec<String> {
    let number = ["InvoiceNumber", "CreditNoteNumber", "Reference"];
    let number = number.iter().find_map(|name| json::text(&own.members, name)).unwrap_or("").to_owned();
    vec![long_time(own.date), number, due_date(own).map(long_time).unwrap_or_default()]
}

fn due_date(own: &SettledDocument) -> Option<Date> {
    settled::date(&own.members, "DueDate").filter(|_| own.resource.name == INVOICES.name)
}

/// `305 days overdue`, or nothing.
fn age(own: &SettledDocument, day: Date) -> String {
    let late = due_date(own).map_or(0, |due| day.days().saturating_sub(due.days()));
    if late == 0 { String::new() } else { format!("{late} days overdue") }
}

/// `2019-04-23T00:00:00`.
fn long_time(day: Date) -> String {
    format!("{day}T00:00:00")
}
