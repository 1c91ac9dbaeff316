//! A record of the books. Invoices and payments of the demo company stay compact until they are written to.

use std::borrow::Cow;

use super::json::{self, RecordMembers};
use crate::simulator::amount::Cents;
use crate::simulator::company::Company;
use crate::simulator::invoice::Invoice;
use crate::simulator::random::Uuid;
use crate::time::{Date, Timestamp};

/// A record.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct Record {
    pub(in crate::simulator) id: Uuid,
    pub(in crate::simulator) updated: Timestamp,
    pub(in crate::simulator) body: RecordBody,
}

/// The content of a record.
#[derive(Clone, Debug)]
pub(in crate::simulator) enum RecordBody {
    /// Its members.
    Members(RecordMembers),
    /// An invoice of the demo company.
    Demo(Box<Invoice>),
    /// A payment of an invoice of the demo company.
    DemoPayment(DemoPayment),
}

/// A payment of an invoice of the demo company.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulator) struct DemoPayment {
    pub(in crate::simulator) invoice: Uuid,
    pub(in crate::simulator) date: Date,
    pub(in crate::simulator) amount: Cents,
}

impl Record {
    /// A text among the members that lists are filtered by, and that paths name.
    pub(in crate::simulator) fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        match (&self.body, name) {
            (RecordBody::Members(members), _) => json::text(members, name).map(Cow::Borrowed),
            (RecordBody::Demo(invoice), "InvoiceNumber") => Some(Cow::Borrowed(&invoice.number)),
            (RecordBody::Demo(invoice), "Type") => Some(Cow::Borrowed(invoice.kind.as_str())),
            (RecordBody::Demo(invoice), "Status") => Some(Cow::Borrowed(invoice.status.as_str())),
            (RecordBody::DemoPayment(_), "Status") => Some(Cow::Borrowed("AUTHORISED")),
            _ => None,
        }
    }

    /// The id of the contact of a document.
    pub(in crate::simulator) fn contact(&self) -> Option<Uuid> {
        match &self.body {
            RecordBody::Members(members) => {
                json::object(members, "Contact").and_then(|contact| json::id(contact, "ContactID"))
            }
            RecordBody::Demo(invoice) => Some(invoice.contact),
            RecordBody::DemoPayment(_) => None,
        }
    }

    /// The members of the record, as they are stored.
    pub(in crate::simulator) fn members(&self, company: &Company) -> RecordMembers {
        match &self.body {
            RecordBody::Members(members) => members.clone(),
            RecordBody::Demo(invoice) => invoice.members(company),
            RecordBody::DemoPayment(payment) => payment.members(company),
        }
    }
}
