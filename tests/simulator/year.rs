//! A year of a small business in Australia, from July 2025 to June 2026, whose figures were added up by hand.
//!
//! - The owner pays in 10,000 on 1 July.
//! - A customer gets an invoice of 2,000 plus 10 % tax on the 5th of each month, and pays on the 20th; the one of June is open.
//! - Of October 220 (200 and tax) are credited. In February the customer pays 100 too much, which count for March.
//! - Rent: a bill of 500 plus tax on the 1st of each month, paid on the 15th. The bank charges 10 on the 28th, without tax.
//! - In December a machine for 3,000 plus tax, paid on 10 January; 600 are depreciated on 30 June.
//! - 4,000 go to the savings account in March.
//! - Another customer pays 1,100 (1,000 and tax) in advance in April, gets an invoice of 1,500 plus tax on 10 May, and pays the rest on
//!   25 May.
//!
//! Income: 12 x 2,000 - 200 + 1,500 = 25,300. Expenses: rent 6,000, bank 120, depreciation 600 = 6,720. Profit 18,580.
//! Tax: 2,400 - 20 + 150 on sales, 600 + 300 on purchases: 1,630 are owed.
//! Received: 10,000 + 9 x 2,200 + 1,980 (October) + 2,100 (March) + 100 + 1,100 + 550 = 35,630. Spent: 12 x 550 + 120 + 3,300 = 10,020.

use serde_json::{Value, json};

use super::helpers::config;
use super::reports::{SCOPES, check, row, sheet};
use super::settings::Books;
use xero_m2m::simulator::{Simulator, SimulatorConfig};

const MONTHS: [&str; 12] = [
    "2025-07", "2025-08", "2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02", "2026-03", "2026-04",
    "2026-05", "2026-06",
];

struct Business(Books);

impl Business {
    /// An authorised document without a payment.
    fn owed(&mut self, kind: &str, contact: &str, date: &str, account: &str, amount: i32) -> Value {
        let tax = if kind == "ACCREC" { "OUTPUT" } else { "INPUT" };
        let line = json!({ "Description": "x", "UnitAmount": amount, "AccountCode": account, "TaxType": tax });
        let sent = json!({
            "Type": kind, "Contact": { "Name": contact }, "Date": date, "DueDate": date, "Status": "AUTHORISED", "LineItems": [line]
        });
        self.0.write("PUT", "/Invoices", sent)
    }

    fn pay(&mut self, invoice: &Value, date: &str, amount: i32) {
        let sent = json!({
            "Invoice": { "InvoiceID": invoice["InvoiceID"] }, "Account": { "Code": "090" }, "Date": date, "Amount": amount
        });
        self.0.write("PUT", "/Payments", sent);
    }

    /// Money at the bank.
    fn bank(&mut self, kind: &str, contact: &str, date: &str, account: Option<&str>, amount: i32, tax: &str) -> Value {
        let line = json!({ "Description": "x", "UnitAmount": amount, "AccountCode": account, "TaxType": tax });
        let sent = json!({
            "Type": kind, "Contact": { "Name": contact }, "BankAccount": { "Code": "090" }, "Date": date, "LineItems": [line]
        });
        self.0.write("PUT", "/BankTransactions", sent)
    }

    fn allocate(&mut self, path: &str, invoice: &Value, date: &str, amount: i32) {
        let sent = json!({ "Invoice": { "InvoiceID": invoice["InvoiceID"] }, "Date": date, "Amount": amount });
        self.0.write("PUT", &format!("{path}/Allocations"), sent);
    }

    fn live_a_year(&mut self) {
        self.bank("RECEIVE", "The owner", "2025-07-01", Some("970"), 10_000, "NONE");
        for month in MONTHS {
            let day = |day: &str| format!("{month}-{day}");
            let rent = self.owed("ACCPAY", "Landlord", &day("01"), "469", 500);
            let sale = self.owed("ACCREC", "Customer", &day("05"), "200", 2_000);
            self.pay(&rent, &day("15"), 550);
            let mut open = 2_200;
            if month == "2025-10" {
                let line = json!({ "Description": "x", "UnitAmount": 200, "AccountCode": "200", "TaxType": "OUTPUT" });
                let note = json!({
                    "Type": "ACCRECCREDIT", "Contact": { "Name": "Customer" }, "Date": day("10"), "Status": "AUTHORISED", "LineItems": [line]
                });
                let note = self.0.write("PUT", "/CreditNotes", note);
                let path = format!("/CreditNotes/{}", note["CreditNoteID"].as_str().unwrap());
                self.allocate(&path, &sale, &day("11"), 220);
                open = 1_980;
            }
            if month == "2026-03" {
                let paid = self.bank("RECEIVE-OVERPAYMENT", "Customer", "2026-02-20", None, 100, "NONE");
                let path = format!("/Overpayments/{}", paid["OverpaymentID"].as_str().unwrap());
                self.allocate(&path, &sale, &day("06"), 100);
                open = 2_100;
                let moved = json!({
                    "FromBankAccount": { "Code": "090" }, "ToBankAccount": { "Code": "091" }, "Amount": 4_000, "Date": day("25")
                });
                self.0.write("PUT", "/BankTransfers", moved);
            }
            if month != "2026-06" {
                self.pay(&sale, &day("20"), open);
            }
            self.bank("SPEND", "The bank", &day("28"), Some("404"), 10, "NONE");
        }
        let machine = self.owed("ACCPAY", "Machines", "2025-12-10", "710", 3_000);
        self.pay(&machine, "2026-01-10", 3_300);
        let advance = self.bank("RECEIVE-PREPAYMENT", "Project", "2026-04-10", Some("200"), 1_000, "OUTPUT");
        let project = self.owed("ACCREC", "Project", "2026-05-10", "200", 1_500);
        let path = format!("/Prepayments/{}", advance["PrepaymentID"].as_str().unwrap());
        self.allocate(&path, &project, "2026-05-10", 1_100);
        self.pay(&project, "2026-05-25", 550);
        let lines =
            [("416", 600), ("710", -600)].map(|(code, amount)| json!({ "AccountCode": code, "LineAmount": amount }));
        let journal =
            json!({ "Narration": "Depreciation", "Date": "2026-06-30", "Status": "POSTED", "JournalLines": lines });
        self.0.write("PUT", "/ManualJournals", journal);
    }
}

#[test]
fn a_year_of_a_small_business_has_the_figures_that_were_added_up_by_hand() {
    let empty = SimulatorConfig { company: Some("{}".to_owned()), ..config(SCOPES) };
    let mut business = Business(Books::of(Simulator::new(empty).unwrap()));
    business.live_a_year();
    let books = &mut business.0;

    let profit = sheet(books, "/Reports/ProfitAndLoss?fromDate=2025-07-01&toDate=2026-06-30");
    for (name, expected) in [
        ("Sales", 25_300),
        ("Total Income", 25_300),
        ("Gross Profit", 25_300),
        ("Rent", 6_000),
        ("Bank Fees", 120),
        ("Depreciation", 600),
        ("Total Operating Expenses", 6_720),
        ("Net Profit", 18_580),
    ] {
        assert_eq!(row(&profit, name, 0), expected * 100, "{name}");
    }
    let sheet_of = sheet(books, "/Reports/BalanceSheet?date=2026-06-30");
    for (name, expected) in [
        ("Business Bank Account", 21_610),
        ("Business Savings Account", 4_000),
        ("Accounts Receivable", 2_200),
        ("Office Equipment", 2_400),
        ("Total Assets", 30_210),
        ("Sales Tax", 1_630),
        ("Total Liabilities", 1_630),
        ("Net Assets", 28_580),
        ("Current Year Earnings", 18_580),
        ("Owner's Share Capital", 10_000),
        ("Retained Earnings", 0),
        ("Total Equity", 28_580),
        ("Accounts Payable", 0),
        ("Suspense", 0),
    ] {
        assert_eq!(row(&sheet_of, name, 0), expected * 100, "{name}");
    }
    let bank = sheet(books, "/Reports/BankSummary?fromDate=2025-07-01&toDate=2026-06-30");
    assert_eq!(bank["Business Bank Account"], [0, 3_563_000, 1_402_000, 2_161_000]);
    assert_eq!(bank["Business Savings Account"], [0, 400_000, 0, 400_000]);

    // In April the prepayment counted as income with its tax; when it was allocated, that was taken back.
    let april = sheet(books, "/Reports/ProfitAndLoss?fromDate=2026-04-01&toDate=2026-04-30");
    assert_eq!(row(&april, "Sales", 0), 300_000);
    let may = sheet(books, "/Reports/ProfitAndLoss?fromDate=2026-05-01&toDate=2026-05-31");
    assert_eq!(row(&may, "Sales", 0), 250_000);
    // Between 20 February and 6 March the receivables have the overpayment.
    let february = sheet(books, "/Reports/BalanceSheet?date=2026-02-28");
    assert_eq!(row(&february, "Accounts Receivable", 0), -10_000);
    for month in MONTHS {
        check(books, &format!("{month}-28"), "2025-07-01");
    }
    // The new year begins with what the old one earned.
    let trial = check(books, "2026-07-31", "2026-07-01");
    assert_eq!(row(&trial, "Retained Earnings (960)", 3), 1_858_000);
    assert_eq!(row(&trial, "Sales (200)", 3), 0);
}
