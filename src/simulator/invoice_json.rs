//! Invoices as JSON, as the accounting API has them.

use serde_json::{Value, json};

use super::amount::{self, Cents, money};
use super::company::Company;
use super::formats;
use super::invoice::{Invoice, InvoiceLine, InvoiceStatus};
use super::random::Uuid;
use crate::time::Date;

impl Invoice {
    /// Returns the invoice as the API has it. Lists leave out the lines unless they are paged.
    pub(super) fn to_json(&self, company: &Company, with_lines: bool) -> Value {
        let totals = self.totals();
        let contact = company.contacts.get(self.contact);
        let mut shown = json!({
            "Type": self.kind.as_str(),
            "InvoiceID": self.id.to_string(),
            "InvoiceNumber": self.number,
            "Reference": self.reference,
            "Contact": {
                "ContactID": contact.map_or(Uuid::NIL, |contact| contact.id).to_string(),
                "Name": contact.map_or("", |contact| &contact.name),
                "Addresses": [],
                "Phones": [],
                "ContactGroups": [],
                "ContactPersons": [],
                "HasValidationErrors": false
            },
            "Date": formats::ms_date(self.date.start()),
            "DateString": formats::date_string(self.date.start()),
            "Status": self.status.as_str(),
            "LineAmountTypes": self.line_amounts.as_str(),
            "LineItems": if with_lines { self.lines.iter().map(InvoiceLine::to_json).collect() } else { Vec::new() },
            "SubTotal": money(totals.sub_total),
            "TotalTax": money(totals.tax),
            "Total": money(totals.total),
            "AmountDue": money(totals.due),
            "AmountPaid": money(totals.paid),
            "AmountCredited": money(0),
            "Payments": self.payments.iter().map(payment_json).collect::<Vec<_>>(),
            "CreditNotes": [],
            "Prepayments": [],
            "Overpayments": [],
            "CurrencyCode": company.books.currency,
            "CurrencyRate": money(100),
            "UpdatedDateUTC": formats::ms_date(self.updated),
            "UpdatedDateUTCString": format!("{}Z", formats::date_string(self.updated)),
            "SentToContact": self.sent,
            "HasErrors": false,
            "HasAttachments": false,
            "IsDiscounted": false
        });
        if let Some(members) = shown.as_object_mut() {
            if let Some(due) = self.due {
                members.insert("DueDate".to_owned(), formats::ms_date(due.start()).into());
                members.insert("DueDateString".to_owned(), formats::date_string(due.start()).into());
            }
            if let (InvoiceStatus::Paid, Some(last)) = (self.status, self.payments.last()) {
                members.insert("FullyPaidOnDate".to_owned(), formats::ms_date(last.1.start()).into());
            }
        }
        shown
    }
}

impl InvoiceLine {
    fn to_json(&self) -> Value {
        let mut shown = json!({
            "LineItemID": self.id.to_string(),
            "Description": self.description,
            "Quantity": amount::fine(self.quantity),
            "UnitAmount": amount::fine(self.unit),
            "TaxType": self.tax_type,
            "TaxAmount": money(self.tax),
            "LineAmount": money(self.amount),
            "Tracking": []
        });
        if let Some(members) = shown.as_object_mut() {
            for (name, value) in [("AccountCode", &self.account), ("ItemCode", &self.item)] {
                if let Some(value) = value {
                    members.insert(name.to_owned(), value.as_str().into());
                }
            }
        }
        shown
    }
}

fn payment_json((id, date, amount): &(Uuid, Date, Cents)) -> Value {
    json!({
        "PaymentID": id.to_string(),
        "Date": formats::ms_date(date.start()),
        "Amount": money(*amount),
        "CurrencyRate": money(100),
        "HasAccount": false,
        "HasValidationErrors": false
    })
}
