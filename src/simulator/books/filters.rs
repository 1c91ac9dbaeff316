//! The parameters that filter single lists by a member, beside those of all lists.

use std::borrow::Cow;

use super::record::Record;
use super::resource::Resource;
use super::rules::linked_transaction;
use crate::simulator::company::Company;
use crate::simulator::context::CallContext;
use crate::simulator::errors::{self, Invalid};
use crate::simulator::formats;
use crate::simulator::http::HttpResponse;
use crate::simulator::random::Uuid;
use crate::time::Date;

/// The comparison of a member with the value of a parameter.
#[derive(Clone, Copy)]
enum FilterComparison {
    Is,
    /// One of a list with commas.
    OneOf,
    /// This day or a later one; this day or an earlier one.
    From,
    Until,
}

use FilterComparison::{From, Is, OneOf, Until};

/// List, parameter, comparison, member.
static FILTERS: [(&str, &str, FilterComparison, &str); 20] = [
    ("Invoices", "InvoiceNumbers", OneOf, "InvoiceNumber"),
    ("Prepayments", "InvoiceNumbers", OneOf, "InvoiceNumber"),
    ("Prepayments", "References", OneOf, "Reference"),
    ("Overpayments", "References", OneOf, "Reference"),
    ("BankTransactions", "References", OneOf, "Reference"),
    ("Quotes", "ContactID", Is, "Contact"),
    ("Quotes", "QuoteNumber", Is, "QuoteNumber"),
    ("Quotes", "Status", Is, "Status"),
    ("Quotes", "DateFrom", From, "Date"),
    ("Quotes", "DateTo", Until, "Date"),
    ("Quotes", "ExpiryDateFrom", From, "ExpiryDate"),
    ("Quotes", "ExpiryDateTo", Until, "ExpiryDate"),
    ("PurchaseOrders", "Status", Is, "Status"),
    ("PurchaseOrders", "DateFrom", From, "Date"),
    ("PurchaseOrders", "DateTo", Until, "Date"),
    ("LinkedTransactions", "LinkedTransactionID", Is, "LinkedTransactionID"),
    ("LinkedTransactions", "SourceTransactionID", Is, "SourceTransactionID"),
    ("LinkedTransactions", "ContactID", Is, "ContactID"),
    ("LinkedTransactions", "TargetTransactionID", Is, "TargetTransactionID"),
    ("LinkedTransactions", "Status", Is, "Status"),
];

/// A filter of a request.
pub(super) struct ListFilter {
    comparison: FilterComparison,
    member: &'static str,
    id: &'static str,
    values: Vec<String>,
    day: Option<Date>,
}

/// The filters that a request asks for; an empty value is none.
pub(super) fn given(context: &CallContext<'_>, resource: &Resource) -> Result<Vec<ListFilter>, HttpResponse> {
    let mut found = Vec::new();
    for (_, parameter, comparison, member) in FILTERS.iter().filter(|row| row.0 == resource.name) {
        let Some(text) = context.query(parameter).map(str::trim).filter(|own| !own.is_empty()) else { continue };
        let is_day = matches!(comparison, From | Until);
        let day = formats::read_date(text).filter(|_| is_day);
        if is_day && day.is_none() {
            let message = format!("{parameter} is not a date: YYYY-MM-DD.");
            return Err(errors::invalid(Invalid::Query, &message, Vec::new()));
        }
        let values = match comparison {
            OneOf => text.split(',').map(|own| own.trim().trim_matches('"').to_owned()).collect(),
            Is | From | Until => vec![text.to_owned()],
        };
        found.push(ListFilter { comparison: *comparison, member, id: resource.id, values, day });
    }
    Ok(found)
}

impl ListFilter {
    /// Returns whether a list keeps the record.
    pub(super) fn keeps(&self, company: &Company, record: &Record) -> bool {
        let day = || record.text(self.member).as_deref().and_then(formats::read_date);
        match self.comparison {
            From => day().is_some_and(|own| self.day.is_none_or(|from| from <= own)),
            Until => day().is_some_and(|own| self.day.is_none_or(|to| own <= to)),
            Is | OneOf => {
                self.text(company, record).is_some_and(|own| self.values.iter().any(|value| is_same(value, &own)))
            }
        }
    }

    fn text<'a>(&self, company: &Company, record: &'a Record) -> Option<Cow<'a, str>> {
        match self.member {
            "Contact" => record.contact().map(|id| id.to_string().into()),
            member if member == self.id => Some(record.id.to_string().into()),
            // The status of a linked transaction is not stored.
            "Status" if self.id == "LinkedTransactionID" => {
                Some(linked_transaction::status(company, &record.members(company)).into())
            }
            member => record.text(member),
        }
    }
}

/// Texts in any case, ids with or without hyphens.
fn is_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) || Uuid::parse(one).is_some_and(|id| Uuid::parse(other) == Some(id))
}
