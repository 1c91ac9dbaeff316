//! The lines of documents: read, filled in from items and accounts, and counted.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::json::{self, RecordMembers, list, object, set};
use super::members::MemberTable;
use super::record::Record;
use super::resource::{ACCOUNTS, ITEMS, TAX_RATES, TRACKING_CATEGORIES};
use super::rules::account;
use crate::simulator::amount::{self, Cents, Fine, fine, money};
use crate::simulator::company::Company;
use crate::simulator::invoice::LineAmounts;
use crate::simulator::random::Uuid;

/// The rules for the lines of one document.
#[derive(Clone, Copy)]
pub(in crate::simulator) struct LineRules {
    /// True for sales, false for purchases.
    pub(in crate::simulator) is_sale: bool,
    pub(in crate::simulator) amounts: LineAmounts,
    /// True if unit amounts keep four decimals; without it they have two.
    pub(in crate::simulator) four_decimals: bool,
    /// True if lines may name the accounts receivable and payable, as those of overpayments do.
    pub(in crate::simulator) on_control: bool,
}

/// Reads the lines that were sent. The reasons to refuse them are added to `wrong`.
pub(in crate::simulator) fn read(
    company: &mut Company,
    table: &MemberTable,
    items: &[Value],
    rules: LineRules,
    wrong: &mut Vec<String>,
) -> Vec<Value> {
    let mut lines = Vec::with_capacity(items.len());
    let mut ids = BTreeSet::new();
    for (place, item) in items.iter().enumerate() {
        let number = place.saturating_add(1);
        let Some(members) = item.as_object() else {
            wrong.push(format!("LineItems, number {number}: it is not an object."));
            continue;
        };
        let mut found = Vec::new();
        let sent = table.read("LineItem", members, &mut found);
        let line = LineReader { company, line: sent, rules }.read(&mut found);
        if json::id(&line, "LineItemID").is_some_and(|id| !ids.insert(id)) {
            found.push("LineItemID is that of another line.".to_owned());
        }
        wrong.extend(found.into_iter().map(|message| format!("LineItems, number {number}: {message}")));
        lines.push(Value::Object(line));
    }
    lines
}

/// The usual tax type of sales or purchases in the country of a company.
pub(in crate::simulator) fn usual_tax(company: &Company, is_sale: bool) -> String {
    company.books.tax.get(usize::from(!is_sale)).map_or("NONE", |tax| tax.0).to_owned()
}

/// The rate of a tax type, in hundredths of a percent; `None` if the organisation does not have it, or has it no more.
pub(in crate::simulator) fn rate_of(company: &Company, tax_type: &str) -> Option<i64> {
    let is_it = |rate: &&Arc<Record>| {
        rate.text("TaxType").as_deref() == Some(tax_type) && rate.text("Status").as_deref() == Some("ACTIVE")
    };
    let members = company.store.all(&TAX_RATES).iter().find(is_it)?.members(company);
    // A rate with more decimals than the type of quantities has is cut.
    amount::read_fine(members.get("EffectiveRate")?).and_then(|rate| rate.checked_div(100))
}

/// The refusal of a tax type.
pub(in crate::simulator) fn no_such_tax(tax_type: &str) -> String {
    format!("The TaxType code '{tax_type}' does not exist or cannot be used for this type of transaction.")
}

/// The account that a line names by its code or its id; `None` if it names none. An archived account is refused, and one that
/// `is_open` does not accept.
pub(in crate::simulator) fn account_of(
    company: &Company,
    line: &RecordMembers,
    is_open: impl Fn(&RecordMembers) -> bool,
) -> Result<Option<(Uuid, RecordMembers)>, String> {
    let by_id = json::text(line, "AccountID");
    let Some(name) = json::text(line, "AccountCode").or(by_id) else { return Ok(None) };
    let found = company.store.named(&ACCOUNTS, name).map(|account| (account.id, account.members(company)));
    match found.filter(|(_, account)| is_open(account)) {
        None => Err(format!("Account code '{name}' is not a valid code for this document.")),
        Some((_, account)) if json::text(&account, "Status") != Some("ACTIVE") => {
            Err(format!("Account code '{name}' has been archived, or deleted. Please select another account."))
        }
        Some((id, _)) if by_id.is_some_and(|other| Uuid::parse(other) != Some(id)) => {
            Err(format!("Account code '{name}' and AccountID name different accounts."))
        }
        found => Ok(found),
    }
}

struct LineReader<'a> {
    company: &'a mut Company,
    line: RecordMembers,
    rules: LineRules,
}

impl LineReader<'_> {
    fn read(mut self, wrong: &mut Vec<String>) -> RecordMembers {
        self.line.retain(|_, value| !value.is_null());
        self.fill_from_item(wrong);
        self.read_account(wrong);
        self.read_amounts(wrong);
        self.read_tracking(wrong);
        if json::text(&self.line, "Description").is_none() {
            wrong.push("Description is missing.".to_owned());
        }
        let id = json::id(&self.line, "LineItemID").unwrap_or_else(|| self.company.random.uuid());
        set(&mut self.line, "LineItemID", id.to_string());
        self.line
    }

    /// Fills in the members that an item has and the line has not.
    fn fill_from_item(&mut self, wrong: &mut Vec<String>) {
        let Some(code) = json::text(&self.line, "ItemCode").map(str::to_owned) else { return };
        let Some(item) = self.company.store.named(&ITEMS, &code) else {
            return wrong.push(format!("Item code '{code}' is not valid."));
        };
        let (id, item) = (item.id, item.members(self.company));
        let (details, description) = if self.rules.is_sale {
            ("SalesDetails", "Description")
        } else {
            ("PurchaseDetails", "PurchaseDescription")
        };
        let details = object(&item, details).cloned().unwrap_or_default();
        let described = item.get(description).or_else(|| item.get("Description")).or_else(|| item.get("Name"));
        let filled = [
            ("UnitAmount", details.get("UnitPrice")),
            ("AccountCode", details.get("AccountCode").or_else(|| details.get("COGSAccountCode"))),
            ("TaxType", details.get("TaxType")),
            ("Description", described),
        ];
        for (name, value) in filled {
            if let (false, Some(value)) = (self.line.contains_key(name), value) {
                set(&mut self.line, name, value.clone());
            }
        }
        let shown =
            json!({ "ItemID": id.to_string(), "Name": item.get("Name").cloned().unwrap_or_default(), "Code": code });
        set(&mut self.line, "Item", shown);
    }

    /// Checks the account, and takes the tax type from it.
    fn read_account(&mut self, wrong: &mut Vec<String>) {
        let mut tax = None;
        match account_of(self.company, &self.line, |account| !self.is_closed_to_lines(account)) {
            Ok(None) => {}
            Ok(Some((id, account))) => {
                set(&mut self.line, "AccountID", id.to_string());
                if let Some(code) = json::text(&account, "Code") {
                    set(&mut self.line, "AccountCode", code);
                }
                tax = json::text(&account, "TaxType").map(str::to_owned);
            }
            Err(message) => wrong.push(message),
        }
        if json::text(&self.line, "TaxType").is_none() {
            let tax = tax.unwrap_or_else(|| usual_tax(self.company, self.rules.is_sale));
            set(&mut self.line, "TaxType", tax);
        }
    }

    /// Returns whether only other documents post to an account.
    fn is_closed_to_lines(&self, account: &RecordMembers) -> bool {
        json::text(account, "Type") == Some("BANK") || (account::is_control(account) != self.rules.on_control)
    }

    /// Counts the line and its tax.
    fn read_amounts(&mut self, wrong: &mut Vec<String>) {
        let mut number = |name: &str, read: fn(&Value) -> Option<i64>| {
            let value = self.line.get(name)?;
            let read = read(value);
            if read.is_none() {
                wrong.push(format!("{name} is not an amount that can be kept."));
            }
            read
        };
        let unit: Option<Fine> = number("UnitAmount", amount::read_fine);
        let quantity: Fine = number("Quantity", amount::read_fine).unwrap_or(10_000);
        let given: Option<Cents> = number("LineAmount", amount::read_money);
        let rate: Option<Fine> = number("DiscountRate", amount::read_fine);
        let off: Option<Cents> = number("DiscountAmount", amount::read_money);
        let tax: Option<Cents> = number("TaxAmount", amount::read_money);
        let decimals = if self.rules.four_decimals { 1 } else { 100 };
        let rounded = |unit: Fine| amount::scaled(unit, 1, decimals).saturating_mul(decimals);
        let unit =
            unit.map(rounded).or_else(|| given.map(|given| amount::scaled(given, 1_000_000, quantity))).unwrap_or(0);
        let whole = amount::line_amount(quantity, unit);
        let discount = match (rate, off) {
            (Some(rate), _) if !(0..=1_000_000).contains(&rate) => {
                wrong.push("DiscountRate is not a number from 0 to 100.".to_owned());
                0
            }
            (Some(rate), _) => amount::scaled(whole, rate, 1_000_000),
            (None, Some(off)) => off,
            (None, None) => 0,
        };
        let line = whole.saturating_sub(discount);
        if let Some(given) = given.filter(|given| *given != line) {
            wrong.push(format!("The line total {} does not match the expected line total {}: LineAmount is not Quantity times UnitAmount.", money(given), money(line)));
        }
        if discount != 0 {
            set(&mut self.line, "DiscountAmount", money(discount));
        }
        let tax_type = json::text(&self.line, "TaxType").unwrap_or("NONE").to_owned();
        let rate = rate_of(self.company, &tax_type);
        if rate.is_none() {
            wrong.push(no_such_tax(&tax_type));
        }
        let counted = self.rules.amounts.tax(line, rate.unwrap_or(0));
        let is_taxed = rate != Some(0) && self.rules.amounts != LineAmounts::NoTax;
        if let Some(given) = tax.filter(|given| *given != 0 && !(is_taxed && self.may_be_tax(*given, line))) {
            wrong.push(format!(
                "TaxAmount {} cannot be the tax of this line: by TaxType {tax_type} and LineAmountTypes {} it is {}.",
                money(given),
                self.rules.amounts.as_str(),
                money(counted)
            ));
        }
        set(&mut self.line, "Quantity", fine(quantity));
        set(&mut self.line, "UnitAmount", fine(unit));
        set(&mut self.line, "LineAmount", money(line));
        set(&mut self.line, "TaxAmount", money(tax.unwrap_or(counted)));
    }

    /// Returns whether a tax can be that of a taxed line. It need not be the tax that is counted: Xero takes another one.
    fn may_be_tax(&self, tax: Cents, line: Cents) -> bool {
        let has_its_sign = line == 0 || (tax > 0) == (line > 0);
        let fits = self.rules.amounts != LineAmounts::Inclusive || tax.saturating_abs() <= line.saturating_abs();
        has_its_sign && fits
    }

    /// Finds the options of tracking categories.
    fn read_tracking(&mut self, wrong: &mut Vec<String>) {
        let mut found = Vec::new();
        for given in list(&self.line, "Tracking") {
            let Some(given) = given.as_object().filter(|given| !given.is_empty()) else { continue };
            match tracking(self.company, given) {
                Some(shown) => found.push(shown),
                None => wrong.push("Tracking names a category or an option that does not exist.".to_owned()),
            }
        }
        set(&mut self.line, "Tracking", found);
    }
}

/// The refusal of an option that is archived, for lines of a document that did not have it before.
pub(in crate::simulator) fn archived_option(
    company: &Company,
    lines: &[Value],
    before: Option<&RecordMembers>,
) -> Option<String> {
    let before = before.map(|own| Value::Object(own.clone()).to_string()).unwrap_or_default();
    for category in company.store.all(&TRACKING_CATEGORIES) {
        for option in list(&category.members(company), "Options").iter().filter_map(Value::as_object) {
            let id = json::text(option, "TrackingOptionID").unwrap_or("");
            if json::text(option, "Status") == Some("ARCHIVED") && !before.contains(id) {
                let is_it = |value: &Value| value.as_str() == Some(id);
                if lines.iter().any(|line| json::any(line, &is_it)) {
                    let name = json::text(option, "Name").unwrap_or("");
                    return Some(format!("The tracking option {name} is archived: it can be on no new line."));
                }
            }
        }
    }
    None
}

/// The option of a tracking category that an object names, as lines show it.
pub(in crate::simulator) fn tracking(company: &Company, given: &RecordMembers) -> Option<Value> {
    let id = json::id(given, "TrackingCategoryID");
    let is_named = |members: &RecordMembers, name: &str| {
        json::text(members, "Name").is_some_and(|own| own.eq_ignore_ascii_case(name))
    };
    let (category, members) = company.store.all(&TRACKING_CATEGORIES).iter().find_map(|category| {
        let members = category.members(company);
        let fits = match (id, json::text(given, "Name")) {
            (Some(id), _) => category.id == id,
            (None, Some(name)) => is_named(&members, name),
            (None, None) => false,
        };
        fits.then_some((category.id, members))
    })?;
    let id = json::id(given, "TrackingOptionID");
    let option = list(&members, "Options").iter().filter_map(Value::as_object).find(|option| {
        match (id, json::text(given, "Option")) {
            (Some(id), _) => json::id(option, "TrackingOptionID") == Some(id),
            (None, Some(name)) => is_named(option, name),
            (None, None) => false,
        }
    })?;
    Some(json!({
        "Name": json::text(&members, "Name"),
        "Option": json::text(option, "Name"),
        "TrackingCategoryID": category.to_string(),
        "TrackingOptionID": json::id(option, "TrackingOptionID").unwrap_or(Uuid::NIL).to_string()
    }))
}
