//! An invoice: its parts and how they add up.

use super::amount::{self, Cents, Fine};
use super::random::Uuid;
use crate::time::Date;

/// The kind of an invoice: money that comes in, or goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InvoiceKind {
    /// `ACCREC`: a customer owes the amount.
    Sale,
    /// `ACCPAY`: the organisation owes the amount to a supplier.
    Bill,
}

impl InvoiceKind {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Sale => "ACCREC",
            Self::Bill => "ACCPAY",
        }
    }

    /// The row of the country's tax table that holds the usual tax.
    pub(super) const fn tax_row(self) -> usize {
        match self {
            Self::Sale => 0,
            Self::Bill => 1,
        }
    }
}

/// The status of an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InvoiceStatus {
    Draft,
    Submitted,
    Authorised,
    Paid,
    Voided,
    Deleted,
}

impl InvoiceStatus {
    pub(super) const ALL: [Self; 6] =
        [Self::Draft, Self::Submitted, Self::Authorised, Self::Paid, Self::Voided, Self::Deleted];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Submitted => "SUBMITTED",
            Self::Authorised => "AUTHORISED",
            Self::Paid => "PAID",
            Self::Voided => "VOIDED",
            Self::Deleted => "DELETED",
        }
    }

    /// Returns whether a client may change this status to `next`. Only a payment makes an invoice `PAID`.
    pub(super) const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Draft | Self::Submitted => {
                matches!(next, Self::Draft | Self::Submitted | Self::Authorised | Self::Deleted)
            }
            Self::Authorised => matches!(next, Self::Authorised | Self::Voided),
            Self::Paid | Self::Voided | Self::Deleted => false,
        }
    }
}

/// The tax in the line amounts: added to them, included, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineAmounts {
    Exclusive,
    Inclusive,
    NoTax,
}

impl LineAmounts {
    pub(super) const ALL: [Self; 3] = [Self::Exclusive, Self::Inclusive, Self::NoTax];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Exclusive => "Exclusive",
            Self::Inclusive => "Inclusive",
            Self::NoTax => "NoTax",
        }
    }

    /// The tax of a line at `rate` hundredths of a percent.
    pub(super) fn tax(self, line: Cents, rate: i64) -> Cents {
        match self {
            Self::Exclusive => amount::scaled(line, rate, 10_000),
            Self::Inclusive => amount::scaled(line, rate, rate.saturating_add(10_000)),
            Self::NoTax => 0,
        }
    }
}

/// A line of an invoice.
#[derive(Clone, Debug)]
pub(super) struct InvoiceLine {
    pub(super) id: Uuid,
    pub(super) description: String,
    pub(super) quantity: Fine,
    pub(super) unit: Fine,
    pub(super) account: String,
    pub(super) tax_type: String,
    pub(super) tax: Cents,
    pub(super) amount: Cents,
}

/// A sales invoice or a bill.
#[derive(Clone, Debug)]
pub(super) struct Invoice {
    pub(super) id: Uuid,
    pub(super) number: String,
    pub(super) kind: InvoiceKind,
    pub(super) contact: Uuid,
    pub(super) date: Date,
    pub(super) due: Option<Date>,
    pub(super) status: InvoiceStatus,
    pub(super) reference: String,
    pub(super) line_amounts: LineAmounts,
    pub(super) lines: Vec<InvoiceLine>,
    pub(super) payments: Vec<(Uuid, Date, Cents)>,
    pub(super) sent: bool,
}

/// The sums of an invoice.
pub(super) struct Totals {
    pub(super) sub_total: Cents,
    pub(super) tax: Cents,
    pub(super) total: Cents,
    pub(super) paid: Cents,
    pub(super) due: Cents,
}

impl Invoice {
    pub(super) fn totals(&self) -> Totals {
        let sum = |values: &mut dyn Iterator<Item = Cents>| values.fold(0, Cents::saturating_add);
        let lines = sum(&mut self.lines.iter().map(|line| line.amount));
        let tax = sum(&mut self.lines.iter().map(|line| line.tax));
        let (sub_total, total) = match self.line_amounts {
            LineAmounts::Inclusive => (lines.saturating_sub(tax), lines),
            LineAmounts::Exclusive | LineAmounts::NoTax => (lines, lines.saturating_add(tax)),
        };
        let paid = sum(&mut self.payments.iter().map(|payment| payment.2));
        let due = match self.status {
            InvoiceStatus::Voided | InvoiceStatus::Deleted => 0,
            _ => total.saturating_sub(paid),
        };
        Totals { sub_total, tax, total, paid, due }
    }
}
