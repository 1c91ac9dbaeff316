//! The settings of the demo company: accounts, tax rates, tracking, currencies, branding themes, users, items, groups.

use serde_json::{Value, json};

use super::json::members_of;
use super::record::{Record, RecordBody};
use super::resource::{
    ACCOUNTS, BRANDING_THEMES, BUDGETS, CONTACT_GROUPS, CURRENCIES, ITEMS, Resource, TAX_RATES, TRACKING_CATEGORIES,
    USERS,
};
use super::rules::account;
use crate::simulator::company::Company;
use crate::simulator::demo::{ACCOUNT_ROWS, AccountRow, BUDGET_ROWS, CURRENCY_ROWS, ITEM_ROWS, LATE_ACCOUNT_ROWS};
use crate::simulator::formats;
use crate::simulator::random::{Random, Uuid};
use crate::simulator::reports::period;
use crate::simulator::users::User;
use crate::time::Date;

/// Adds the settings to a company that has its contacts.
pub(in crate::simulator) fn add_settings(company: &mut Company, seed: u64) {
    let mut start = Start { random: Random::new(seed, 20), company };
    start.accounts();
    start.tax_rates();
    start.rest();
    start.items();
    for user in User::all(seed) {
        let shown = json!({
            "EmailAddress": user.email(),
            "FirstName": user.given_name,
            "LastName": user.family_name,
            "IsSubscriber": start.company.store.all(&USERS).is_empty(),
            "OrganisationRole": "STANDARD"
        });
        start.add_as(&USERS, user.id, shown);
    }
    let Start { mut random, company } = start;
    add_system_accounts(company, &mut random);
}

/// Adds the system accounts that a company lacks, because documents are posted to them.
pub(in crate::simulator) fn add_system_accounts(company: &mut Company, random: &mut Random) {
    for row in ACCOUNT_ROWS.iter().chain(LATE_ACCOUNT_ROWS).filter(|row| !row.3.is_empty()) {
        let has = |member: &str, value: &str| {
            company.store.all(&ACCOUNTS).iter().any(|own| own.text(member).as_deref() == Some(value))
        };
        if has("SystemAccount", row.3) {
            continue;
        }
        let mut members = members_of(account_members(company, row));
        if has("Code", row.0) {
            members.remove("Code");
        }
        let record = Record { id: random.uuid(), updated: company.created, body: RecordBody::Members(members) };
        company.store.put(&ACCOUNTS, record);
    }
}

/// The members of an account of the demo company.
fn account_members(company: &Company, &(code, name, kind, system): &AccountRow) -> Value {
    let [sales, purchases] =
        [true, false].map(|is_sale| company.books.tax.get(usize::from(!is_sale)).map_or("NONE", |tax| tax.0));
    let class = account::class(kind);
    let tax = match class {
        "REVENUE" => sales,
        "EXPENSE" if system.is_empty() => purchases,
        _ => "NONE",
    };
    let mut members = json!({
        "Code": code, "Name": name, "Type": kind, "Class": class, "Status": "ACTIVE", "TaxType": tax, "Description": "",
        "EnablePaymentsToAccount": kind == "EQUITY" && system.is_empty(), "ShowInExpenseClaims": false,
        "AddToWatchlist": false, "HasAttachments": false, "ReportingCode": "", "SystemAccount": system
    });
    if let Some(own) = members.as_object_mut().filter(|_| system.is_empty()) {
        own.remove("SystemAccount");
    }
    members
}

/// Adds the overall budget of the financial year of a day.
pub(in crate::simulator) fn add_budget(company: &mut Company, seed: u64, today: Date) {
    let start = period::year_start(today, company.books.year_end);
    let months: Vec<String> = (0..12).map(|place| period::year_and_month(period::months_after(start, place))).collect();
    let lines: Vec<Value> = BUDGET_ROWS
        .iter()
        .map(|(code, amount)| {
            let balances = months.iter().map(|own| json!({ "Period": own, "Amount": f64::from(*amount), "Notes": "" }));
            let account = company.store.named(&ACCOUNTS, code).map(|own| own.id.to_string());
            json!({ "AccountID": account, "AccountCode": code, "BudgetBalances": balances.collect::<Vec<_>>() })
        })
        .collect();
    let members = json!({ "Type": "OVERALL", "Description": "Overall Budget", "BudgetLines": lines, "Tracking": [] });
    let body = RecordBody::Members(members_of(members));
    let id = Random::new(seed, 22).uuid();
    company.store.put(&BUDGETS, Record { id, updated: company.created, body });
}

struct Start<'a> {
    random: Random,
    company: &'a mut Company,
}

impl Start<'_> {
    fn add(&mut self, resource: &Resource, members: Value) {
        let id = self.random.uuid();
        self.add_as(resource, id, members);
    }

    fn add_as(&mut self, resource: &Resource, id: Uuid, members: Value) {
        let body = RecordBody::Members(members_of(members));
        let record = Record { id, updated: self.company.created, body };
        self.company.store.put(resource, record);
    }

    fn accounts(&mut self) {
        for row in ACCOUNT_ROWS {
            let mut members = account_members(self.company, row);
            if let Some(own) = members.as_object_mut().filter(|_| row.2 == "BANK") {
                own.insert("BankAccountNumber".to_owned(), format!("{:08}", self.random.below(100_000_000)).into());
                own.insert("BankAccountType".to_owned(), "BANK".into());
                own.insert("CurrencyCode".to_owned(), self.company.books.currency.into());
            }
            self.add(&ACCOUNTS, members);
        }
    }

    fn tax_rates(&mut self) {
        let mut seen = Vec::new();
        for &(tax_type, hundredths) in self.company.books.tax {
            if seen.contains(&tax_type) {
                continue;
            }
            seen.push(tax_type);
            let rate = i32::try_from(hundredths).map_or(0.0, |rate| f64::from(rate) / 100.0);
            let mut members = json!({
                "Name": tax_name(tax_type), "TaxType": tax_type, "Status": "ACTIVE",
                "CanApplyToAssets": true, "CanApplyToEquity": true, "CanApplyToExpenses": true, "CanApplyToLiabilities": true,
                "CanApplyToRevenue": true, "DisplayTaxRate": rate, "EffectiveRate": rate,
                "TaxComponents": [{ "Name": "Tax", "Rate": rate, "IsCompound": false, "IsNonRecoverable": false }]
            });
            // The specification has no word for reports on the zero rate of New Zealand.
            if let Some(own) = members.as_object_mut().filter(|_| tax_type != "ZERORATED") {
                own.insert("ReportTaxType".to_owned(), tax_type.into());
            }
            self.add(&TAX_RATES, members);
        }
    }

    fn rest(&mut self) {
        let category = self.random.uuid();
        let options: Vec<Value> = ["Eastside", "North", "South", "West Coast"]
            .into_iter()
            .map(|name| {
                json!({
                    "TrackingOptionID": self.random.uuid().to_string(), "Name": name, "Status": "ACTIVE",
                    "TrackingCategoryID": category.to_string()
                })
            })
            .collect();
        self.add_as(
            &TRACKING_CATEGORIES,
            category,
            json!({ "Name": "Region", "Status": "ACTIVE", "Options": options }),
        );
        let own = self.company.books.currency;
        let others = CURRENCY_ROWS.iter().filter(|row| row.0 != own);
        let base = CURRENCY_ROWS.iter().filter(|row| row.0 == own);
        for (code, name) in base.chain(others) {
            self.add(&CURRENCIES, json!({ "Code": code, "Description": name }));
        }
        let created = formats::ms_date(self.company.created);
        for (place, name) in ["Standard", "Special projects"].into_iter().enumerate() {
            let theme = json!({ "Name": name, "Type": "INVOICE", "SortOrder": place, "CreatedDateUTC": created });
            self.add(&BRANDING_THEMES, theme);
        }
        let contacts = self.company.store.all(&super::resource::CONTACTS);
        let regulars: Vec<Value> =
            contacts.iter().take(5).map(|contact| json!({ "ContactID": contact.id.to_string() })).collect();
        self.add(&CONTACT_GROUPS, json!({ "Name": "Regulars", "Status": "ACTIVE", "Contacts": regulars }));
        self.add(&CONTACT_GROUPS, json!({ "Name": "Training", "Status": "ACTIVE", "Contacts": [] }));
    }

    fn items(&mut self) {
        let tax = |place: usize| self.company.books.tax.get(place).map_or("NONE", |tax| tax.0);
        let (sales, purchases) = (tax(0), tax(1));
        for &(code, name, price, cost, account) in ITEM_ROWS {
            let mut members = json!({
                "Code": code, "Name": name, "Description": name, "IsSold": price > 0, "IsPurchased": cost > 0,
                "IsTrackedAsInventory": false
            });
            if let Some(own) = members.as_object_mut() {
                if price > 0 {
                    let details = json!({ "UnitPrice": f64::from(price), "AccountCode": account, "TaxType": sales });
                    own.insert("SalesDetails".to_owned(), details);
                }
                if cost > 0 {
                    let details = json!({ "UnitPrice": f64::from(cost), "AccountCode": "310", "TaxType": purchases });
                    own.insert("PurchaseDetails".to_owned(), details);
                }
            }
            self.add(&ITEMS, members);
        }
    }
}

/// The name of a tax rate.
fn tax_name(tax_type: &str) -> String {
    match tax_type {
        "NONE" => "Tax Exempt".to_owned(),
        "OUTPUT" | "OUTPUT2" => "Tax on Sales".to_owned(),
        "INPUT" | "INPUT2" => "Tax on Purchases".to_owned(),
        other => other.to_owned(),
    }
}
