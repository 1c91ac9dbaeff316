//! Reports are counted from the books: they agree with the documents and with each other.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::helpers::config;
use super::settings::Books;
use xero_m2m::simulator::{Simulator, SimulatorConfig};
use xero_m2m::time::Date;

pub(super) const SCOPES: &str = "accounting.invoices accounting.contacts accounting.settings accounting.payments \
    accounting.banktransactions accounting.manualjournals accounting.reports.trialbalance.read \
    accounting.reports.profitandloss.read accounting.reports.balancesheet.read accounting.reports.aged.read \
    accounting.reports.banksummary.read accounting.reports.executivesummary.read \
    accounting.reports.budgetsummary.read accounting.budgets.read";

/// The rows of a report with amounts: the first cell, and the others in hundredths. An empty cell is 0.
pub(super) type Sheet = BTreeMap<String, Vec<i64>>;

/// Money as hundredths, from a number or a text.
pub(super) fn cents(value: &Value) -> i64 {
    let number = value.as_f64().or_else(|| value.as_str().and_then(|text| text.parse().ok())).unwrap_or(0.0);
    #[expect(clippy::cast_possible_truncation, reason = "amounts of tests are small")]
    let cents = (number * 100.0).round() as i64;
    cents
}

fn collect(rows: &Value, sheet: &mut Sheet) {
    for row in rows.as_array().unwrap() {
        if let Some(inner) = row.get("Rows") {
            collect(inner, sheet);
        } else if row["RowType"] != "Header" {
            let cells: Vec<&Value> = row["Cells"].as_array().unwrap().iter().map(|cell| &cell["Value"]).collect();
            let amounts = cells[1..].iter().map(|cell| cents(cell)).collect();
            assert_eq!(sheet.insert(cells[0].as_str().unwrap().to_owned(), amounts), None, "{row}");
        }
    }
}

/// A report by the first cells of its rows.
pub(super) fn sheet(books: &mut Books, path: &str) -> Sheet {
    let answer = books.get(path);
    let mut sheet = Sheet::new();
    collect(&answer["Reports"][0]["Rows"], &mut sheet);
    sheet
}

/// The due column of the closing balance of an aged report.
pub(super) fn aged(books: &mut Books, path: &str) -> i64 {
    let answer = books.get(path);
    let rows = answer["Reports"][0]["Rows"].as_array().unwrap();
    let closing = &rows.last().unwrap()["Rows"][0]["Cells"];
    assert_eq!(closing[0]["Value"], "Closing Balance");
    cents(&closing[7]["Value"])
}

/// A row that a report has, or zeros.
pub(super) fn row(sheet: &Sheet, name: &str, place: usize) -> i64 {
    sheet.get(name).map_or(0, |row| row[place])
}

/// Checks that the reports agree with each other at the end of a day, and returns the trial balance.
pub(super) fn check(books: &mut Books, day: &str, year_start: &str) -> Sheet {
    let trial = sheet(books, &format!("/Reports/TrialBalance?date={day}"));
    let total = &trial["Total"];
    assert_eq!((total[0], total[2]), (total[1], total[3]), "{day}: the trial balance balances");
    for place in 0..4 {
        let sum: i64 = trial.iter().filter(|(name, _)| *name != "Total").map(|(_, row)| row[place]).sum();
        assert_eq!(sum, total[place], "{day}: the rows add up to the total");
    }
    let balance = |name: &str| row(&trial, name, 2).saturating_sub(row(&trial, name, 3));

    let balance_sheet = sheet(books, &format!("/Reports/BalanceSheet?date={day}&periods=3&timeframe=QUARTER"));
    for place in 0..4 {
        let of = |name: &str| row(&balance_sheet, name, place);
        assert_eq!(of("Net Assets"), of("Total Equity"), "{day}: the balance sheet balances, column {place}");
        assert_eq!(of("Net Assets"), of("Total Assets").saturating_sub(of("Total Liabilities")));
    }
    assert_eq!(row(&balance_sheet, "Accounts Receivable", 0), balance("Accounts Receivable (610)"));
    assert_eq!(row(&balance_sheet, "Retained Earnings", 0), balance("Retained Earnings (960)").saturating_neg());

    let profit = sheet(books, &format!("/Reports/ProfitAndLoss?fromDate={year_start}&toDate={day}"));
    let net = row(&profit, "Net Profit", 0);
    assert_eq!(net, row(&balance_sheet, "Current Year Earnings", 0), "{day}: profit is the earnings of the year");

    let mut owed = [0, 0];
    let contacts = books.get("/Contacts?summaryOnly=true&page=1&pageSize=1000")["Contacts"].clone();
    for contact in contacts.as_array().unwrap() {
        let id = contact["ContactID"].as_str().unwrap();
        for (place, report) in ["AgedReceivablesByContact", "AgedPayablesByContact"].into_iter().enumerate() {
            let one = aged(books, &format!("/Reports/{report}?contactID={id}&date={day}"));
            owed[place] = i64::saturating_add(owed[place], one);
        }
    }
    assert_eq!(owed[0], balance("Accounts Receivable (610)"), "{day}: aged receivables");
    assert_eq!(owed[1], balance("Accounts Payable (800)").saturating_neg(), "{day}: aged payables");

    let bank = sheet(books, &format!("/Reports/BankSummary?fromDate={year_start}&toDate={day}"));
    for (name, amounts) in &bank {
        let [opening, received, spent, closing] = amounts[..] else { panic!("{name} has four amounts") };
        assert_eq!(opening.saturating_add(received).saturating_sub(spent), closing, "{name}");
    }
    let closing: i64 = ["Business Bank Account (090)", "Business Savings Account (091)", "Dollars (092)"]
        .into_iter()
        .map(balance)
        .sum();
    assert_eq!(bank["Total"][3], closing, "{day}: the bank summary");
    check_summary(books, day);
    trial
}

/// Checks that the executive summary has the figures of the other reports, for the month of a day.
fn check_summary(books: &mut Books, day: &str) {
    let day = Date::parse(day).unwrap();
    let start = Date::new(day.year(), day.month(), 1).unwrap();
    let first = start.to_string();
    let last = (28..=31).rev().find_map(|day| Date::new(start.year(), start.month(), day)).unwrap();
    let summary = sheet(books, &format!("/Reports/ExecutiveSummary?date={day}"));
    let profit = sheet(books, &format!("/Reports/ProfitAndLoss?fromDate={first}&toDate={last}&periods=1"));
    let bank = sheet(books, &format!("/Reports/BankSummary?fromDate={first}&toDate={last}"));
    let assets = sheet(books, &format!("/Reports/BalanceSheet?date={last}"));
    for (own, other) in [
        ("Income", "Total Income"),
        ("Direct costs", "Total Cost of Sales"),
        ("Gross profit (loss)", "Gross Profit"),
        ("Other Income", "Total Other Income"),
        ("Expenses", "Total Operating Expenses"),
        ("Profit (loss)", "Net Profit"),
    ] {
        let columns = [0, 1].map(|place| row(&profit, other, place));
        assert_eq!(row(&summary, own, 0), columns[0], "{day}: {own}");
        assert_eq!(row(&summary, own, 1), columns[1], "{day}: {own} of the month before");
    }
    for (own, sheet, other, place) in [
        ("Cash received", &bank, "Total", 1),
        ("Cash spent", &bank, "Total", 2),
        ("Closing bank balance", &bank, "Total", 3),
        ("Debtors", &assets, "Accounts Receivable", 0),
        ("Creditors", &assets, "Accounts Payable", 0),
        ("Net assets", &assets, "Net Assets", 0),
    ] {
        assert_eq!(summary[own][0], row(sheet, other, place), "{day}: {own}");
    }
}

#[test]
fn the_reports_of_the_demo_company_agree_with_each_other() {
    let mut books = Books::open(SCOPES);
    let trial = check(&mut books, "2026-11-18", "2026-07-01");
    check(&mut books, "2026-06-30", "2025-07-01");
    check(&mut books, "2025-12-31", "2025-07-01");
    for unknown in ["Suspense (850)", "Rounding (860)", "Realised Currency Gains (499)"] {
        assert!(!trial.contains_key(unknown), "{unknown}");
    }
}

#[test]
fn income_is_that_of_the_invoices() {
    let mut books = Books::open(SCOPES);
    let profit = sheet(&mut books, "/Reports/ProfitAndLoss?fromDate=2026-07-01&toDate=2026-09-30");
    let found = books.get(
        "/Invoices?page=1&pageSize=1000&Statuses=AUTHORISED,PAID&where=Type==%22ACCREC%22%20AND%20Date%3E=DateTime(2026,7,1)%20AND%20Date%3C=DateTime(2026,9,30)",
    );
    let invoices = found["Invoices"].as_array().unwrap();
    assert!(invoices.len() > 5);
    let sum: i64 = invoices.iter().map(|own| cents(&own["SubTotal"])).sum();
    assert_eq!(profit["Total Income"], [sum]);
}

#[test]
fn profit_is_compared_with_earlier_periods_and_split_by_tracking() {
    let mut books = Books::open(SCOPES);
    let several =
        sheet(&mut books, "/Reports/ProfitAndLoss?fromDate=2026-09-01&toDate=2026-09-30&periods=2&timeframe=MONTH");
    for (place, (from, to)) in
        [("2026-09-01", "2026-09-30"), ("2026-08-01", "2026-08-31"), ("2026-07-01", "2026-07-31")]
            .into_iter()
            .enumerate()
    {
        let one = sheet(&mut books, &format!("/Reports/ProfitAndLoss?fromDate={from}&toDate={to}"));
        assert_eq!(row(&several, "Net Profit", place), one["Net Profit"][0], "{from}");
    }
    let category = books.get("/TrackingCategories")["TrackingCategories"][0].clone();
    for (option, amount) in [("North", 30), ("South", 12), ("", 8)] {
        let tracking = if option.is_empty() { json!([]) } else { json!([{ "Name": "Region", "Option": option }]) };
        let line = json!({ "Description": "x", "UnitAmount": amount, "AccountCode": "270", "Tracking": tracking });
        let sent = json!({
            "Type": "ACCREC", "Contact": { "Name": "A" }, "Date": "2024-02-10", "DueDate": "2024-03-10", "Status": "AUTHORISED",
            "LineItems": [line]
        });
        books.write("PUT", "/Invoices", sent);
    }
    let id = category["TrackingCategoryID"].as_str().unwrap();
    let path = "/Reports/ProfitAndLoss?fromDate=2024-02-01&toDate=2024-02-29";
    let split = sheet(&mut books, &format!("{path}&trackingCategoryID={id}"));
    assert_eq!(split["Interest Income"], [0, 3_000, 1_200, 0, 800, 5_000]);
    let north = category["Options"].as_array().unwrap().iter().find(|own| own["Name"] == "North").unwrap();
    let north = north["TrackingOptionID"].as_str().unwrap();
    let one = sheet(&mut books, &format!("{path}&trackingCategoryID={id}&trackingOptionID={north}"));
    assert_eq!(one["Net Profit"], [3_000]);
}

#[test]
fn what_is_not_counted_is_answered_with_501_and_what_is_wrong_with_400() {
    let mut books = Books::open(SCOPES);
    for path in [
        "/Reports/TrialBalance?paymentsOnly=true",
        "/Reports/ProfitAndLoss?paymentsOnly=true",
        "/Reports/BalanceSheet?trackingOptionID1=x",
    ] {
        assert_eq!(books.send("GET", path, &Value::Null).0, 501, "{path}");
    }
    for path in [
        "/Reports/TrialBalance?date=soon",
        "/Reports/ProfitAndLoss?periods=12",
        "/Reports/ProfitAndLoss?timeframe=DAY",
        "/Reports/ProfitAndLoss?fromDate=2026-02-01&toDate=2026-01-01",
        "/Reports/ProfitAndLoss?trackingCategoryID=x",
        "/Reports/AgedReceivablesByContact",
        "/Reports/AgedPayablesByContact?contactID=00000000-0000-4000-8000-000000000001",
    ] {
        assert_eq!(books.send("GET", path, &Value::Null).0, 400, "{path}");
    }
}

#[test]
fn a_difference_of_rates_is_a_realised_gain() {
    let mut books = Books::open(SCOPES);
    let sent = json!({
        "Type": "ACCREC", "Contact": { "Name": "Far away" }, "Date": "2024-02-10", "DueDate": "2024-03-10", "Status": "AUTHORISED",
        "CurrencyCode": "USD", "CurrencyRate": 0.5, "LineItems": [{ "Description": "x", "UnitAmount": 100, "AccountCode": "200", "TaxType": "NONE" }]
    });
    let made = books.write("PUT", "/Invoices", sent);
    let paid = json!({
        "Invoice": { "InvoiceID": made["InvoiceID"] }, "Account": { "Code": "090" }, "Amount": 100, "Date": "2024-02-20", "CurrencyRate": 0.4
    });
    books.write("PUT", "/Payments", paid);
    // 100 USD were 200, and came in as 250.
    let profit = sheet(&mut books, "/Reports/ProfitAndLoss?fromDate=2024-02-01&toDate=2024-02-29");
    assert_eq!((profit["Sales"][0], profit["Realised Currency Gains"][0]), (20_000, -5_000));
    check(&mut books, "2024-02-29", "2023-07-01");
}

/// The cells of a row of a report.
fn cells(books: &mut Books, path: &str, title: &str) -> Vec<String> {
    let answer = books.get(path);
    let sections = answer["Reports"][0]["Rows"].as_array().unwrap().iter();
    let rows = sections.filter_map(|own| own["Rows"].as_array()).flatten();
    let found = rows.map(|own| own["Cells"].as_array().unwrap()).find(|own| own[0]["Value"] == title).unwrap();
    found.iter().map(|own| own["Value"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_executive_summary_has_the_ratios_of_the_specification() {
    let empty = SimulatorConfig { company: Some("{}".to_owned()), ..config(SCOPES) };
    let mut books = Books::of(Simulator::new(empty).unwrap());
    // As the example of Xero's specification: income of 40 and expenses of 205.40 in November, and of 550 owed before.
    for (kind, date, account, amount) in [
        ("ACCREC", "2025-09-10", "200", 550.0),
        ("ACCREC", "2025-11-10", "200", 40.0),
        ("ACCPAY", "2025-11-12", "404", 205.4),
    ] {
        let line = json!({ "Description": "x", "UnitAmount": amount, "AccountCode": account, "TaxType": "NONE" });
        let sent = json!({
            "Type": kind, "Contact": { "Name": "A" }, "Date": date, "DueDate": date, "Status": "AUTHORISED", "LineItems": [line]
        });
        books.write("PUT", "/Invoices", sent);
    }
    let path = "/Reports/ExecutiveSummary?date=2025-11-20";
    for expected in [
        ["Income", "40.00", "0.00", "0.0%"],
        ["Profit (loss)", "-165.40", "0.00", "0.0%"],
        ["Debtors", "590.00", "550.00", "7.3%"],
        ["Net assets", "384.60", "550.00", "-30.1%"],
        ["Number of invoices issued", "1", "0", "0.0%"],
        ["Average value of invoices", "40.00", "0.00", "0.0%"],
        ["Gross profit margin", "100.0%", "", "0.0%"],
        ["Net profit margin", "-413.5%", "", "0.0%"],
        // -165.40 * 12 / 384.60, 590 / 40 * 30, 205.40 / 205.40 * 30, 590 / 205.40.
        ["Return on investment (p.a.)", "-516.1%", "0.0%", "0.0%"],
        ["Average debtors days", "442.50", "0", "0.0%"],
        ["Average creditors days", "30.00", "0", "0.0%"],
        ["Short term cash forecast", "384.60", "550.00", "-30.1%"],
        ["Current assets to liabilities", "2.87", "", "0.0%"],
        ["Term assets to liabilities", "", "", "0.0%"],
    ] {
        assert_eq!(cells(&mut books, path, expected[0]), expected);
    }
    let titles = books.get(path)["Reports"][0]["ReportTitles"].clone();
    assert_eq!(titles[2], "For the month of November 2025");
}

#[test]
fn a_budget_is_read_by_month_and_summed_up_by_account() {
    let line = |code: &str, amounts: [i32; 3]| {
        let months = ["2026-10", "2026-11", "2026-12"].iter().zip(amounts);
        let balances: Vec<Value> = months.map(|(own, amount)| json!({ "Period": own, "Amount": amount })).collect();
        json!({ "AccountCode": code, "BudgetBalances": balances })
    };
    let lines =
        [line("200", [100, 200, 300]), line("310", [10, 10, 10]), line("270", [1, 1, 1]), line("404", [5, 6, 7])];
    let company = |lines: &Value| json!({ "Budgets": [{ "Description": "Plan", "BudgetLines": lines }] }).to_string();
    let own = |lines: &Value| SimulatorConfig { company: Some(company(lines)), ..config(SCOPES) };
    let mut books = Books::of(Simulator::new(own(&json!(lines))).unwrap());
    let listed = books.get("/Budgets")["Budgets"][0].clone();
    assert_eq!((&listed["Description"], &listed["BudgetLines"]), (&json!("Plan"), &json!([])));
    let id = listed["BudgetID"].as_str().unwrap();
    let one = books.get(&format!("/Budgets/{id}?DateFrom=2026-11-05&DateTo=2026-11-30"))["Budgets"][0].clone();
    assert_eq!(one["BudgetLines"][0]["BudgetBalances"], json!([{ "Period": "2026-11", "Amount": 200.0, "Notes": "" }]));
    assert_eq!(one["BudgetLines"].as_array().unwrap().len(), 4);

    let summary = sheet(&mut books, "/Reports/BudgetSummary?date=2026-10-09&periods=3&timeframe=1");
    for (title, expected) in [
        ("Sales", [10_000, 20_000, 30_000]),
        ("Total Income", [10_000, 20_000, 30_000]),
        ("Total Cost of Sales", [1_000, 1_000, 1_000]),
        ("Gross Profit", [9_000, 19_000, 29_000]),
        ("Total Other Income", [100, 100, 100]),
        ("Bank Fees", [500, 600, 700]),
        ("Total Expenses", [500, 600, 700]),
        ("Net Profit", [8_600, 18_500, 28_400]),
    ] {
        assert_eq!(summary[title], expected, "{title}");
    }
    let quarters = sheet(&mut books, "/Reports/BudgetSummary?date=2026-10-09&periods=2&timeframe=3");
    assert_eq!(quarters["Net Profit"], [55_500, 0]);
    let header =
        books.get("/Reports/BudgetSummary?date=2026-11-09&timeframe=3")["Reports"][0]["Rows"][0]["Cells"].clone();
    assert_eq!((&header[1]["Value"], header.as_array().unwrap().len()), (&json!("Jan-27"), 13));
    for path in
        ["/Reports/BudgetSummary?periods=13", "/Reports/BudgetSummary?timeframe=2", "/Reports/BudgetSummary?date=x"]
    {
        assert_eq!(books.send("GET", path, &Value::Null).0, 400, "{path}");
    }
    for wrong in [
        json!([line("090", [1, 1, 1])]),
        json!([{}]),
        json!([{ "AccountCode": "200", "BudgetBalances": [{ "Period": "2026-13", "Amount": 1 }] }]),
    ] {
        assert!(Simulator::new(own(&wrong)).is_err(), "{wrong}");
    }
    let mut demo = Books::open(SCOPES);
    let year = sheet(&mut demo, "/Reports/BudgetSummary?date=2026-07-01&periods=1&timeframe=12");
    assert_eq!(year["Total Income"], [22_680_000]);
}
