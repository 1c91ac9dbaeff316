//! The postings of a company: a document, a payment, an allocation or a transfer is one of them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::chart::{Chart, ChartAccount};
use super::document;
use super::money::ExchangeRate;
use super::settled::{self, SettledDocument, Settlement};
use crate::simulator::amount::{self, Cents};
use crate::simulator::books::json::{self, RecordMembers, cents, object};
use crate::simulator::books::resource::{
    BANK_TRANSACTIONS, BANK_TRANSFERS, MANUAL_JOURNALS, OVERPAYMENTS, PAYMENTS, PREPAYMENTS,
};
use crate::simulator::company::Company;
use crate::simulator::random::Uuid;
use crate::time::Date;

/// A line: a debit if its amount is positive, a credit if it is negative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::simulator) struct PostingLine {
    pub(in crate::simulator) account: Uuid,
    pub(in crate::simulator) amount: Cents,
    /// The tax that belongs to the line, which has a line of its own.
    pub(in crate::simulator) tax: Cents,
    pub(in crate::simulator) tax_type: Option<String>,
    /// The options of tracking categories.
    pub(in crate::simulator) options: Vec<Uuid>,
    pub(in crate::simulator) description: String,
}

impl PostingLine {
    /// A line without tax and tracking.
    pub(in crate::simulator) const fn new(account: Uuid, amount: Cents) -> Self {
        Self { account, amount, tax: 0, tax_type: None, options: Vec::new(), description: String::new() }
    }
}

/// A posting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::simulator) struct Posting {
    /// The document, payment, allocation or transfer.
    pub(in crate::simulator) source: Uuid,
    /// `SourceType` of Xero's journals; empty for an allocation.
    pub(in crate::simulator) kind: &'static str,
    pub(in crate::simulator) date: Date,
    pub(in crate::simulator) reference: String,
    pub(in crate::simulator) lines: Vec<PostingLine>,
}

impl Posting {
    fn sum(&self) -> Cents {
        self.lines.iter().fold(0, |sum: Cents, line| sum.saturating_add(line.amount))
    }

    /// Adds a line with what is missing to zero, if anything is.
    fn balanced(mut self, account: Uuid) -> Self {
        let missing = self.sum().saturating_neg();
        if missing != 0 {
            self.lines.push(PostingLine::new(account, missing));
        }
        self
    }
}

/// The postings of a company, with its accounts.
pub(in crate::simulator) struct Postings {
    pub(in crate::simulator) chart: Chart,
    pub(in crate::simulator) all: Vec<Posting>,
}

impl Postings {
    /// Counts the postings of a company.
    pub(in crate::simulator) fn of(company: &Company) -> Self {
        let mut counting = Counting { company, chart: Chart::of(company), all: Vec::new(), bank: BTreeMap::new() };
        counting.bank_transactions();
        counting.settled();
        counting.transfers();
        counting.manual_journals();
        Self { chart: counting.chart, all: counting.all }
    }

    /// The sum of the lines on each account that `counts` accepts.
    pub(in crate::simulator) fn sums(&self, counts: &dyn Fn(&Posting, &PostingLine) -> bool) -> BTreeMap<Uuid, Cents> {
        let mut sums: BTreeMap<Uuid, Cents> = BTreeMap::new();
        for posting in &self.all {
            for line in posting.lines.iter().filter(|line| counts(posting, line)) {
                let sum = sums.entry(line.account).or_default();
                *sum = sum.saturating_add(line.amount);
            }
        }
        sums
    }

    /// The balances at the end of a day: of income and expense those of the year that began on `start`.
    pub(in crate::simulator) fn balances_at(&self, day: Date, start: Date) -> BTreeMap<Uuid, Cents> {
        self.sums(&|posting, line| posting.date <= day && (start <= posting.date || !self.is_of_profit(line)))
    }

    /// The profit of the days that `counts` accepts; a loss is negative.
    pub(in crate::simulator) fn profit(&self, counts: &dyn Fn(Date) -> bool) -> Cents {
        let sums = self.sums(&|posting, line| counts(posting.date) && self.is_of_profit(line));
        sums.values().fold(0, |sum: Cents, own| sum.saturating_sub(*own))
    }

    fn is_of_profit(&self, line: &PostingLine) -> bool {
        self.chart.get(line.account).is_some_and(ChartAccount::is_of_profit)
    }
}

struct Counting<'a> {
    company: &'a Company,
    chart: Chart,
    all: Vec<Posting>,
    /// The bank account of each prepayment and overpayment.
    bank: BTreeMap<Uuid, Uuid>,
}

impl Counting<'_> {
    fn bank_transactions(&mut self) {
        for record in self.company.store.all(&BANK_TRANSACTIONS) {
            let members = record.members(self.company);
            let account = object(&members, "BankAccount").cloned().unwrap_or_default();
            let account = self.chart.named(&account, "AccountID", "Code");
            let advance = [(&PREPAYMENTS, "PrepaymentID"), (&OVERPAYMENTS, "OverpaymentID")];
            if let Some(id) = advance.iter().find_map(|(_, member)| json::id(&members, member)) {
                self.bank.insert(id, account);
                continue;
            }
            let is_sale = settled::is_of_sales(json::text(&members, "Type").unwrap_or(""));
            if json::text(&members, "Status") != Some("AUTHORISED") {
                continue;
            }
            let sign: Cents = if is_sale { 1 } else { -1 };
            let total = ExchangeRate::of(&members).base(cents(&members, "Total")).saturating_mul(sign);
            let mut lines = vec![PostingLine::new(account, total)];
            lines.extend(document::lines(&self.chart, &members, "LineItems", sign.saturating_neg()));
            self.add(record.id, if is_sale { "CASHREC" } else { "CASHPAID" }, &members, lines);
        }
    }

    fn settled(&mut self) {
        let payments: BTreeMap<Uuid, RecordMembers> =
            self.company.store.all(&PAYMENTS).iter().map(|own| (own.id, own.members(self.company))).collect();
        let mut parts: BTreeMap<Uuid, Posting> = BTreeMap::new();
        for own in SettledDocument::all(self.company) {
            let control = self.chart.system(if own.is_of_sales() { "DEBTORS" } else { "CREDITORS" });
            let sign = own.sign();
            let own_lines = document::lines(&self.chart, &own.members, "LineItems", sign.saturating_neg());
            let owed = PostingLine::new(control, own.total.saturating_mul(sign));
            let is_advance = own.resource.name == PREPAYMENTS.name || own.resource.name == OVERPAYMENTS.name;
            let lines = if is_advance {
                // Money came in or went out before anything was owed.
                let account = self.bank.get(&own.id).copied().unwrap_or_else(|| self.chart.suspense());
                let paid = PostingLine::new(account, own.total.saturating_mul(sign.saturating_neg()));
                let other = if own.is_in_control_account() {
                    vec![owed]
                } else {
                    document::lines(&self.chart, &own.members, "LineItems", sign)
                };
                [vec![paid], other].concat()
            } else {
                [vec![owed], own_lines].concat()
            };
            self.add(own.id, source_type(&own.kind), &own.members, lines);
            self.settlements(&own, control, &payments, &mut parts);
        }
        for posting in parts.into_values() {
            // Rates of exchange differ between a document and what settles it.
            let gain = self.chart.system("REALISEDCURRENCYGAIN");
            self.all.push(posting.balanced(gain));
        }
    }

    /// Adds the lines of each settlement of a document to its posting; an allocation has those of two documents.
    fn settlements(
        &self,
        own: &SettledDocument,
        control: Uuid,
        payments: &BTreeMap<Uuid, RecordMembers>,
        parts: &mut BTreeMap<Uuid, Posting>,
    ) {
        let sign = own.sign();
        let mut before: Cents = 0;
        for settlement in &own.settlements {
            let after = before.saturating_add(settlement.amount);
            let payment = payments.get(&settlement.id).filter(|_| settlement.is_payment);
            let mut lines = if own.is_in_control_account() {
                vec![PostingLine::new(control, settlement.amount.saturating_mul(sign.saturating_neg()))]
            } else {
                self.reversed(own, before, after)
            };
            if settlement.is_payment {
                lines.push(self.paid(own, settlement, payment));
            }
            let kind = if settlement.is_payment { payment_type(&own.kind) } else { "" };
            let posting = parts.entry(settlement.id).or_insert_with(|| Posting {
                source: settlement.id,
                kind,
                date: settlement.date,
                reference: payment.and_then(|own| json::text(own, "Reference")).unwrap_or("").to_owned(),
                lines: Vec::new(),
            });
            posting.lines.extend(lines);
            before = after;
        }
    }

    /// The money of a payment, on the account that it went to or came from.
    fn paid(&self, own: &SettledDocument, settlement: &Settlement, payment: Option<&RecordMembers>) -> PostingLine {
        let none = RecordMembers::new();
        let account = payment.and_then(|payment| object(payment, "Account")).unwrap_or(&none);
        let account = self.chart.named(account, "AccountID", "Code");
        let amount =
            payment.map_or(settlement.amount, |payment| ExchangeRate::of(payment).base(cents(payment, "Amount")));
        PostingLine::new(account, amount.saturating_mul(own.sign()))
    }

    /// The part of a prepayment's own lines from `before` to `after` of its total, taken back.
    fn reversed(&self, own: &SettledDocument, before: Cents, after: Cents) -> Vec<PostingLine> {
        let whole = document::lines(&self.chart, &own.members, "LineItems", own.sign());
        let part = |amount: Cents, of: Cents| amount::scaled(amount, of, own.total.max(1));
        let mut lines: Vec<PostingLine> = whole
            .into_iter()
            .map(|line| {
                let [amount, tax] =
                    [line.amount, line.tax].map(|whole| part(whole, before).saturating_sub(part(whole, after)));
                PostingLine { amount, tax, ..line }
            })
            .collect();
        let sum = lines.iter().fold(0, |sum: Cents, line| sum.saturating_add(line.amount));
        let wanted = after.saturating_sub(before).saturating_mul(own.sign()).saturating_neg();
        if let Some(first) = lines.first_mut() {
            first.amount = first.amount.saturating_add(wanted.saturating_sub(sum));
        }
        lines
    }

    fn transfers(&mut self) {
        for record in self.company.store.all(&BANK_TRANSFERS) {
            let members = record.members(self.company);
            if json::text(&members, "Status") == Some("DELETED") {
                continue;
            }
            let amount = cents(&members, "Amount");
            let none = RecordMembers::new();
            let [from, to] = ["FromBankAccount", "ToBankAccount"]
                .map(|name| self.chart.named(object(&members, name).unwrap_or(&none), "AccountID", "Code"));
            let lines = vec![PostingLine::new(to, amount), PostingLine::new(from, amount.saturating_neg())];
            self.add(record.id, "TRANSFER", &members, lines);
        }
    }

    fn manual_journals(&mut self) {
        for record in self.company.store.all(&MANUAL_JOURNALS) {
            let members = record.members(self.company);
            if json::text(&members, "Status") == Some("POSTED") {
                let lines = document::lines(&self.chart, &members, "JournalLines", 1);
                self.add(record.id, "MANJOURNAL", &members, lines);
            }
        }
    }

    /// Adds the posting of a document. Rounding of amounts in other currencies goes to the account for it.
    fn add(&mut self, source: Uuid, kind: &'static str, members: &RecordMembers, lines: Vec<PostingLine>) {
        let Some(date) = settled::date(members, "Date") else { return };
        let named = ["InvoiceNumber", "CreditNoteNumber", "Reference", "Narration"];
        let reference = named.iter().find_map(|name| members.get(*name).and_then(Value::as_str)).unwrap_or("");
        let posting = Posting { source, kind, date, reference: reference.to_owned(), lines };
        self.all.push(posting.balanced(self.chart.system("ROUNDING")));
    }
}

/// `SourceType` of a document with this `Type`.
fn source_type(kind: &str) -> &'static str {
    match kind {
        "ACCREC" => "ACCREC",
        "ACCPAY" => "ACCPAY",
        "ACCRECCREDIT" => "ACCRECCREDIT",
        "ACCPAYCREDIT" => "ACCPAYCREDIT",
        "RECEIVE-PREPAYMENT" => "ARPREPAYMENT",
        "SPEND-PREPAYMENT" => "APPREPAYMENT",
        "RECEIVE-OVERPAYMENT" => "AROVERPAYMENT",
        _ => "APOVERPAYMENT",
    }
}

/// `SourceType` of a payment of a document with this `Type`.
fn payment_type(kind: &str) -> &'static str {
    match kind {
        "ACCREC" => "ACCRECPAYMENT",
        "ACCPAY" => "ACCPAYPAYMENT",
        "ACCPAYCREDIT" | "SPEND-PREPAYMENT" | "SPEND-OVERPAYMENT" => "APCREDITPAYMENT",
        _ => "ARCREDITPAYMENT",
    }
}
