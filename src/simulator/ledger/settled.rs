//! Documents that are settled by payments and allocations: invoices, credit notes, prepayments and overpayments.

use serde_json::Value;

use super::money::ExchangeRate;
use crate::simulator::amount::Cents;
use crate::simulator::books::json::{self, RecordMembers, cents, list};
use crate::simulator::books::record::Record;
use crate::simulator::books::resource::{CREDIT_NOTES, INVOICES, OVERPAYMENTS, PREPAYMENTS, Resource};
use crate::simulator::company::Company;
use crate::simulator::formats;
use crate::simulator::random::Uuid;
use crate::time::Date;

/// The kinds of documents that are settled.
static KINDS: [&Resource; 4] = [&INVOICES, &CREDIT_NOTES, &PREPAYMENTS, &OVERPAYMENTS];

/// The lists of settlements in a document, with the members for the id and the amount.
const LISTS: [(&str, &str, &str); 5] = [
    ("Payments", "PaymentID", "Amount"),
    ("CreditNotes", "AllocationID", "AppliedAmount"),
    ("Prepayments", "AllocationID", "AppliedAmount"),
    ("Overpayments", "AllocationID", "AppliedAmount"),
    ("Allocations", "AllocationID", "Amount"),
];

/// A document that is settled. Its amounts are in the currency of the organisation, at the rate of the document.
pub(in crate::simulator) struct SettledDocument {
    pub(in crate::simulator) resource: &'static Resource,
    pub(in crate::simulator) id: Uuid,
    /// `Type`.
    pub(in crate::simulator) kind: String,
    pub(in crate::simulator) date: Date,
    pub(in crate::simulator) total: Cents,
    /// In the order of their dates.
    pub(in crate::simulator) settlements: Vec<Settlement>,
    pub(in crate::simulator) members: RecordMembers,
}

/// A payment or an allocation of a document.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulator) struct Settlement {
    pub(in crate::simulator) id: Uuid,
    pub(in crate::simulator) date: Date,
    /// The part of the total that it settles.
    pub(in crate::simulator) amount: Cents,
    pub(in crate::simulator) is_payment: bool,
}

/// Returns whether documents of this type are of sales.
pub(in crate::simulator) fn is_of_sales(kind: &str) -> bool {
    kind.starts_with("ACCREC") || kind.starts_with("RECEIVE")
}

impl SettledDocument {
    /// All that are open or were: drafts, and what was voided or deleted, are no part of the books.
    pub(in crate::simulator) fn all(company: &Company) -> Vec<Self> {
        Self::chosen(company, |_| true)
    }

    /// Those of all that `is_chosen` accepts.
    pub(in crate::simulator) fn chosen(company: &Company, is_chosen: impl Fn(&Record) -> bool) -> Vec<Self> {
        let each =
            KINDS.iter().flat_map(|resource| company.store.all(resource).iter().map(move |own| (*resource, own)));
        each.filter(|(_, record)| is_chosen(record))
            .filter_map(|(resource, record)| Self::of(company, resource, record))
            .collect()
    }

    fn of(company: &Company, resource: &'static Resource, record: &Record) -> Option<Self> {
        if !matches!(record.text("Status").as_deref(), Some("AUTHORISED" | "PAID")) {
            return None;
        }
        let members = record.members(company);
        let rate = ExchangeRate::of(&members);
        let mut given: Vec<(Uuid, Date, Cents, bool)> = Vec::new();
        for (name, id, amount) in LISTS {
            for item in list(&members, name).iter().filter_map(Value::as_object) {
                let at = date(item, "Date").or_else(|| date(&members, "Date"))?;
                given.push((json::id(item, id)?, at, cents(item, amount), name == "Payments"));
            }
        }
        given.sort_by_key(|own| own.1);
        let mut sum: Cents = 0;
        let mut settlements = Vec::with_capacity(given.len());
        for (id, date, part, is_payment) in given {
            let before = rate.base(sum);
            sum = sum.saturating_add(part);
            settlements.push(Settlement { id, date, amount: rate.base(sum).saturating_sub(before), is_payment });
        }
        Some(Self {
            resource,
            id: record.id,
            kind: json::text(&members, "Type").unwrap_or("").to_owned(),
            date: date(&members, "Date")?,
            total: rate.base(cents(&members, "Total")),
            settlements,
            members,
        })
    }

    pub(in crate::simulator) fn is_of_sales(&self) -> bool {
        is_of_sales(&self.kind)
    }

    /// 1 if the document is owed to the organisation, or its own credit at a supplier; -1 if the organisation owes it.
    pub(in crate::simulator) fn sign(&self) -> Cents {
        let is_credit = self.resource.name != INVOICES.name;
        if self.is_of_sales() == is_credit { -1 } else { 1 }
    }

    /// Returns whether the document stands in the accounts receivable or payable. A prepayment stands in the accounts of its
    /// lines until it is allocated.
    pub(in crate::simulator) fn is_in_control_account(&self) -> bool {
        self.resource.name != PREPAYMENTS.name
    }

    /// The part that is open at the end of a day: negative if it was settled before its date.
    pub(in crate::simulator) fn open_at(&self, day: Date) -> Cents {
        let total = if self.date <= day { self.total } else { 0 };
        total.saturating_sub(self.settled_at(day, |_| true))
    }

    /// The sum of some of the settlements until the end of a day.
    pub(in crate::simulator) fn settled_at(&self, day: Date, which: impl Fn(&Settlement) -> bool) -> Cents {
        let counted = self.settlements.iter().filter(|own| own.date <= day && which(own));
        counted.fold(0, |sum: Cents, own| sum.saturating_add(own.amount))
    }
}

/// A member that is a date.
pub(in crate::simulator) fn date(members: &RecordMembers, name: &str) -> Option<Date> {
    json::text(members, name).and_then(formats::read_date)
}
