//! Invoices and payments of the demo company, as they are stored once they are written to.

use serde_json::{Value, json};

use super::amount::{self, Cents, money};
use super::books::json::{RecordMembers, members_of};
use super::books::record::{DemoPayment, Record};
use super::books::resource::INVOICES;
use super::company::Company;
use super::formats;
use super::invoice::{Invoice, InvoiceLine, InvoiceStatus};
use super::random::Uuid;
use crate::time::Date;

impl Invoice {
    /// The members of the invoice.
    pub(super) fn members(&self, company: &Company) -> RecordMembers {
        let totals = self.totals();
        let mut members = members_of(json!({
            "Type": self.kind.as_str(),
            "InvoiceNumber": self.number,
            "Reference": self.reference,
            "Contact": { "ContactID": self.contact.to_string() },
            "Date": formats::ms_date(self.date.start()),
            "Status": self.status.as_str(),
            "LineAmountTypes": self.line_amounts.as_str(),
            "LineItems": self.lines.iter().map(|line| line.to_json(company)).collect::<Vec<_>>(),
            "SubTotal": money(totals.sub_total),
            "TotalTax": money(totals.tax),
            "Total": money(totals.total),
            "AmountDue": money(totals.due),
            "AmountPaid": money(totals.paid),
            "AmountCredited": money(0),
            "Payments": self.payments.iter().map(payment_json).collect::<Vec<_>>(),
            "CurrencyCode": company.books.currency,
            "CurrencyRate": 1.0,
            "SentToContact": self.sent
        }));
        if let Some(due) = self.due {
            members.insert("DueDate".to_owned(), formats::ms_date(due.start()).into());
        }
        if let (InvoiceStatus::Paid, Some(last)) = (self.status, self.payments.last()) {
            members.insert("FullyPaidOnDate".to_owned(), formats::ms_date(last.1.start()).into());
        }
        members
    }
}

impl InvoiceLine {
    fn to_json(&self, company: &Company) -> Value {
        let account = company.demo_accounts.get(&self.account);
        json!({
            "LineItemID": self.id.to_string(),
            "Description": self.description,
            "Quantity": amount::fine(self.quantity),
            "UnitAmount": amount::fine(self.unit),
            "TaxType": self.tax_type,
            "TaxAmount": money(self.tax),
            "LineAmount": money(self.amount),
            "AccountCode": self.account,
            "AccountID": account.map(ToString::to_string),
            "Tracking": []
        })
    }
}

fn payment_json((id, date, amount): &(Uuid, Date, Cents)) -> Value {
    json!({
        "PaymentID": id.to_string(),
        "Date": formats::ms_date(date.start()),
        "Amount": money(*amount),
        "Reference": "",
        "CurrencyRate": 1.0,
        "HasAccount": true,
        "HasValidationErrors": false
    })
}

impl DemoPayment {
    /// The members of the payment.
    pub(super) fn members(self, company: &Company) -> RecordMembers {
        let invoice: Option<&Record> = company.store.get(&INVOICES, self.invoice);
        let is_sale = invoice.is_none_or(|invoice| invoice.text("Type").as_deref() == Some("ACCREC"));
        members_of(json!({
            "Date": formats::ms_date(self.date.start()),
            "Amount": money(self.amount),
            "BankAmount": money(self.amount),
            "Reference": "",
            "CurrencyRate": 1.0,
            "PaymentType": if is_sale { "ACCRECPAYMENT" } else { "ACCPAYPAYMENT" },
            "Status": "AUTHORISED",
            "IsReconciled": true,
            "Account": company.bank_account(),
            "Invoice": { "InvoiceID": self.invoice.to_string() }
        }))
    }
}
