//! Thousands of random writes, after which the reports agree with each other and with every document.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::helpers::config;
use super::reports::{SCOPES, cents, check, row};
use super::settings::Books;
use super::support::{Random, length};
use xero_m2m::simulator::{Simulator, SimulatorConfig};

const DELETED: &str = r#"{ "Status": "DELETED" }"#;

/// The ids of the records that were made, by the name of their list.
type Made = BTreeMap<&'static str, Vec<Value>>;

struct Writer {
    books: Books,
    random: Random,
    made: Made,
    /// True if documents are in other currencies as well.
    foreign: bool,
    carried_out: u64,
}

impl Writer {
    fn open(seed: u64, foreign: bool) -> Self {
        let mut random = Random::new(seed);
        let config = SimulatorConfig { seed: random.below(1_000), invoices: 40, ..config(SCOPES) };
        let books = Books::of(Simulator::new(config).unwrap());
        Self { books, random, made: Made::new(), foreign, carried_out: 0 }
    }

    fn amount(&mut self) -> f64 {
        f64::from(self.between(1, 90_000)) / 100.0
    }

    fn between(&mut self, least: u32, most: u32) -> u32 {
        let more = self.random.below(u64::from(most.saturating_sub(least)).saturating_add(1));
        least.saturating_add(u32::try_from(more).unwrap())
    }

    fn date(&mut self) -> String {
        format!("202{}-{:02}-{:02}", self.between(5, 6), self.between(1, 11), self.between(1, 28))
    }

    fn any(&mut self, list: &'static str) -> Option<Value> {
        let own = self.made.get(list)?;
        let place = self.random.index(own.len().max(1));
        own.get(place).cloned()
    }

    /// Sends a write. If it is carried out, its record is kept.
    fn send(&mut self, method: &str, path: &str, list: &'static str, sent: &Value) {
        let (status, answer) = self.books.send(method, path, sent);
        assert!(status < 500, "{method} {path} {sent}: {status} {answer}");
        if status == 200 {
            self.carried_out = self.carried_out.saturating_add(1);
            if method == "PUT" && !list.is_empty() {
                self.made.entry(list).or_default().push(answer[list][0].clone());
            }
        }
    }

    fn lines(&mut self) -> Vec<Value> {
        let count = self.between(1, 3);
        (0..count)
            .map(|_| {
                let tracking = self.random.pick(&["", "North", "South"]);
                let tracking = if tracking.is_empty() { json!([]) } else { json!([{ "Name": "Region", "Option": tracking }]) };
                json!({
                    "Description": "x", "UnitAmount": self.amount(), "Quantity": self.between(1, 4), "Tracking": tracking,
                    "AccountCode": self.random.pick(&["200", "260", "310", "404", "469", "710", "970", "860"]),
                    "TaxType": self.random.pick(&["OUTPUT", "INPUT", "NONE"]), "DiscountRate": self.random.pick(&[0, 7, 14])
                })
            })
            .collect()
    }

    fn document(&mut self, kind: &str) -> Value {
        let mut sent = json!({
            "Type": kind, "Contact": { "Name": format!("C{}", self.random.below(6)) }, "Date": self.date(),
            "LineAmountTypes": self.random.pick(&["Exclusive", "Inclusive", "NoTax"]), "LineItems": self.lines()
        });
        if self.foreign && self.random.one_in(3) && !kind.ends_with("PREPAYMENT") {
            sent["CurrencyCode"] = json!("USD");
            sent["CurrencyRate"] = json!(self.random.pick(&[0.65, 0.731_234, 1.9]));
        }
        sent
    }

    fn write(&mut self) {
        let date = self.date();
        match self.random.below(16) {
            0..4 => {
                let kind = self.random.pick(&["ACCREC", "ACCPAY"]);
                let mut sent = self.document(kind);
                sent["DueDate"] = json!(date);
                sent["Status"] =
                    json!(self.random.pick(&["AUTHORISED", "AUTHORISED", "AUTHORISED", "DRAFT", "SUBMITTED"]));
                self.send("PUT", "/Invoices", "Invoices", &sent);
            }
            4 => {
                let kind = self.random.pick(&["ACCRECCREDIT", "ACCPAYCREDIT"]);
                let mut sent = self.document(kind);
                sent["Status"] = json!("AUTHORISED");
                self.send("PUT", "/CreditNotes", "CreditNotes", &sent);
            }
            5 | 6 => self.bank_transaction(),
            7..10 => self.pay(&date),
            10 | 11 => self.allocate(&date),
            12 => self.batch(&date),
            13 => {
                let [from, to] = if self.random.one_in(2) { ["090", "091"] } else { ["091", "090"] };
                let sent = json!({
                    "FromBankAccount": { "Code": from }, "ToBankAccount": { "Code": to }, "Amount": self.amount(), "Date": date
                });
                self.send("PUT", "/BankTransfers", "BankTransfers", &sent);
            }
            14 => {
                let amount = self.amount();
                let tax = self.random.pick(&["NONE", "OUTPUT"]);
                let lines = [("200", amount), ("416", -amount)]
                    .map(|(code, amount)| json!({ "AccountCode": code, "LineAmount": amount, "TaxType": tax }));
                let sent = json!({
                    "Narration": "N", "Date": date, "JournalLines": lines, "Status": self.random.pick(&["POSTED", "DRAFT"]),
                    "LineAmountTypes": self.random.pick(&["Exclusive", "Inclusive", "NoTax"])
                });
                self.send("PUT", "/ManualJournals", "ManualJournals", &sent);
            }
            _ => self.end(),
        }
    }

    fn bank_transaction(&mut self) {
        let kind = self.random.pick(&[
            "RECEIVE",
            "SPEND",
            "RECEIVE-PREPAYMENT",
            "SPEND-PREPAYMENT",
            "RECEIVE-OVERPAYMENT",
            "SPEND-OVERPAYMENT",
        ]);
        let mut sent = self.document(kind);
        sent["BankAccount"] = json!({ "Code": self.random.pick(&["090", "091"]) });
        if kind.ends_with("OVERPAYMENT") {
            let object = sent.as_object_mut().unwrap();
            object.remove("LineAmountTypes");
            sent["LineItems"] = json!([{ "Description": "x", "UnitAmount": self.amount() }]);
        }
        self.send("PUT", "/BankTransactions", "BankTransactions", &sent);
    }

    /// A payment of an invoice, or of a credit; often of all that is open.
    fn pay(&mut self, date: &str) {
        let (list, one, id, open) = self.random.pick(&[
            ("Invoices", "Invoice", "InvoiceID", "AmountDue"),
            ("Invoices", "Invoice", "InvoiceID", "AmountDue"),
            ("CreditNotes", "CreditNote", "CreditNoteID", "RemainingCredit"),
            ("BankTransactions", "Prepayment", "PrepaymentID", ""),
            ("BankTransactions", "Overpayment", "OverpaymentID", ""),
        ]);
        let Some(own) = self.any(list) else { return };
        let whole = own.get(open).and_then(Value::as_f64).filter(|_| self.random.one_in(2));
        let amount = whole.unwrap_or_else(|| self.amount() / 8.0);
        let mut sent = json!({
            one: { id: own[id] }, "Account": { "Code": self.random.pick(&["090", "970"]) }, "Amount": (amount * 100.0).round() / 100.0,
            "Date": date
        });
        if own["CurrencyCode"] == "USD" {
            sent["CurrencyRate"] = json!(self.random.pick(&[0.6, 0.7]));
        }
        self.send("PUT", "/Payments", "Payments", &sent);
    }

    fn allocate(&mut self, date: &str) {
        let (list, path, id) = self.random.pick(&[
            ("CreditNotes", "CreditNotes", "CreditNoteID"),
            ("BankTransactions", "Prepayments", "PrepaymentID"),
            ("BankTransactions", "Overpayments", "OverpaymentID"),
        ]);
        let (Some(credit), Some(_)) = (self.any(list), self.any("Invoices")) else { return };
        let Some(own) = credit[id].as_str().map(str::to_owned) else { return };
        // An invoice of the same contact, if the first few have one.
        for _ in 0..6 {
            let invoice = self.any("Invoices").unwrap();
            if invoice["Contact"]["ContactID"] != credit["Contact"]["ContactID"] {
                continue;
            }
            let amount = (self.amount() * 20.0).round() / 100.0;
            let sent = json!({ "Invoice": { "InvoiceID": invoice["InvoiceID"] }, "Amount": amount, "Date": date });
            let (status, answer) = self.books.send("PUT", &format!("/{path}/{own}/Allocations"), &sent);
            assert!(status < 500, "{answer}");
            if status == 200 {
                self.carried_out = self.carried_out.saturating_add(1);
                if self.random.one_in(4) {
                    let part = answer["Allocations"][0]["AllocationID"].as_str().unwrap().to_owned();
                    self.send("DELETE", &format!("/{path}/{own}/Allocations/{part}"), "", &Value::Null);
                }
                return;
            }
        }
    }

    fn batch(&mut self, date: &str) {
        let payments: Vec<Value> = (0..2)
            .filter_map(|_| {
                let invoice = self.any("Invoices")?;
                let amount = (self.amount() * 10.0).round() / 100.0;
                Some(json!({ "Invoice": { "InvoiceID": invoice["InvoiceID"] }, "Amount": amount }))
            })
            .collect();
        let sent = json!({ "Account": { "Code": "090" }, "Date": date, "Payments": payments });
        self.send("PUT", "/BatchPayments", "BatchPayments", &sent);
    }

    /// Voids, deletes or authorises something.
    fn end(&mut self) {
        let deleted: Value = serde_json::from_str(DELETED).unwrap();
        let (list, id) = self.random.pick(&[
            ("Invoices", "InvoiceID"),
            ("CreditNotes", "CreditNoteID"),
            ("Payments", "PaymentID"),
            ("BatchPayments", "BatchPaymentID"),
            ("BankTransactions", "BankTransactionID"),
            ("BankTransfers", "BankTransferID"),
            ("ManualJournals", "ManualJournalID"),
        ]);
        let Some(own) = self.any(list) else { return };
        let path = format!("/{list}/{}", own[id].as_str().unwrap());
        let sent = match list {
            "Invoices" => json!({ "Status": self.random.pick(&["VOIDED", "AUTHORISED", "DELETED"]) }),
            "CreditNotes" | "ManualJournals" => json!({ "Status": self.random.pick(&["VOIDED", "POSTED", "DELETED"]) }),
            _ => deleted,
        };
        self.send("POST", &path, list, &sent);
    }

    /// Every document is settled by exactly the payments and allocations that exist.
    fn check_documents(&mut self) {
        let mut settled: BTreeMap<String, i64> = BTreeMap::new();
        let payments = self.books.get("/Payments")["Payments"].clone();
        for payment in payments.as_array().unwrap().iter().filter(|own| own["Status"] == "AUTHORISED") {
            for (one, id) in [
                ("Invoice", "InvoiceID"),
                ("CreditNote", "CreditNoteID"),
                ("Prepayment", "PrepaymentID"),
                ("Overpayment", "OverpaymentID"),
            ] {
                if let Some(id) = payment[one][id].as_str() {
                    let sum = settled.entry(id.to_owned()).or_default();
                    *sum = sum.saturating_add(cents(&payment["Amount"]));
                }
            }
        }
        let mut credits = Vec::new();
        for (list, id) in
            [("CreditNotes", "CreditNoteID"), ("Prepayments", "PrepaymentID"), ("Overpayments", "OverpaymentID")]
        {
            for own in self.books.get(&format!("/{list}"))[list].as_array().unwrap() {
                for part in own["Allocations"].as_array().unwrap() {
                    for id in [own[id].as_str().unwrap(), part["Invoice"]["InvoiceID"].as_str().unwrap()] {
                        let sum = settled.entry(id.to_owned()).or_default();
                        *sum = sum.saturating_add(cents(&part["Amount"]));
                    }
                }
                credits.push((own[id].as_str().unwrap().to_owned(), own.clone()));
            }
        }
        for own in self.books.get("/Invoices")["Invoices"].as_array().unwrap() {
            credits.push((own["InvoiceID"].as_str().unwrap().to_owned(), own.clone()));
        }
        for (id, own) in credits {
            let open = own.get("AmountDue").or(own.get("RemainingCredit")).unwrap();
            let is_over = matches!(own["Status"].as_str(), Some("VOIDED" | "DELETED"));
            let paid = settled.get(&id).copied().unwrap_or(0);
            let expected = if is_over { 0 } else { cents(&own["Total"]).saturating_sub(paid) };
            assert_eq!(cents(open), expected, "{own:#}");
            assert!(!is_over || paid == 0, "what is over was paid: {own:#}");
            let is_paid = own["Status"] == "PAID";
            assert!(!is_paid || expected == 0, "{own:#}");
        }
    }
}

#[test]
fn after_thousands_of_random_writes_the_reports_agree_with_every_document() {
    let seed = super::support::seed();
    for foreign in [false, true] {
        let mut writer = Writer::open(seed, foreign);
        let count = length("ledger writes") / 2;
        for _ in 0..count {
            writer.write();
        }
        assert!(writer.carried_out > count / 3, "{} of {count} were carried out", writer.carried_out);
        writer.check_documents();
        let mut trials = Vec::new();
        for (day, year) in [("2027-01-31", "2026-07-01"), ("2026-05-15", "2025-07-01"), ("2025-09-09", "2025-07-01")] {
            trials.push(check(&mut writer.books, day, year));
        }
        if !foreign {
            for trial in &trials {
                let gains =
                    row(trial, "Realised Currency Gains (499)", 2) + row(trial, "Realised Currency Gains (499)", 3);
                assert_eq!(gains, 0, "without other currencies there are no gains");
                assert!(!trial.contains_key("Suspense (850)"), "every line has its account");
            }
        }
    }
}
