//! Contacts: phones and addresses are merged by their type; codes name settings that there are.

use serde_json::Value;

use super::{Draft, references};
use crate::simulator::books::json::{RecordMembers, list, object, set, text};
use crate::simulator::books::lines;
use crate::simulator::books::resource::{ACCOUNTS, CURRENCIES};

pub(in crate::simulator) fn check(draft: &mut Draft<'_>) {
    for (name, kind, usual) in [("Phones", "PhoneType", "DEFAULT"), ("Addresses", "AddressType", "STREET")] {
        let mut wrong = Vec::new();
        let before = draft.before.as_ref().map_or(&[][..], |before| list(before, name));
        let mut merged = before.to_vec();
        for item in list(&draft.given, name) {
            let Some(members) = item.as_object() else {
                wrong.push(format!("{name} holds something that is not an object."));
                continue;
            };
            let schema = if name == "Phones" { "Phone" } else { "Address" };
            let mut read = draft.table.read(schema, members, &mut wrong);
            let own = text(&read, kind).unwrap_or(usual).to_owned();
            set(&mut read, kind, own.as_str());
            merged.retain(|other| other.get(kind).and_then(Value::as_str) != Some(&own));
            merged.push(Value::Object(read));
        }
        set(&mut draft.record, name, merged);
        draft.wrong.append(&mut wrong);
    }
    let mut wrong = wrong_codes(draft);
    wrong.extend(wrong_terms(&draft.given));
    let persons = list(&draft.given, "ContactPersons").iter().filter_map(Value::as_object);
    if persons.chain([&draft.given]).filter_map(|own| text(own, "EmailAddress")).any(|email| !is_email(email)) {
        wrong.push("Email address must be valid.".to_owned());
    }
    draft.wrong.append(&mut wrong);
    for name in ["IsSupplier", "IsCustomer"] {
        draft.default(name, false);
    }
    draft.default("BankAccountDetails", "");
    draft.default("ContactPersons", Vec::<Value>::new());
}

/// The most persons of a contact.
const MOST_PERSONS: usize = 5;

/// The refusals of codes and names that the organisation does not have, and of too many persons.
fn wrong_codes(draft: &Draft<'_>) -> Vec<String> {
    let (company, given) = (&*draft.company, &draft.given);
    let mut wrong = Vec::new();
    for name in ["AccountsReceivableTaxType", "AccountsPayableTaxType"] {
        let code = text(given, name).filter(|code| lines::rate_of(company, code).is_none());
        wrong.extend(code.map(|code| format!("{name}: {}", lines::no_such_tax(code))));
    }
    for name in ["SalesDefaultAccountCode", "PurchasesDefaultAccountCode"] {
        let is_active = |code: &&str| {
            company.store.named(&ACCOUNTS, code).is_some_and(|own| own.text("Status").as_deref() == Some("ACTIVE"))
        };
        let code = text(given, name).filter(|code| !is_active(code));
        wrong.extend(code.map(|code| format!("{name}: Account code '{code}' is not a valid code.")));
    }
    for name in ["SalesTrackingCategories", "PurchasesTrackingCategories"] {
        let is_wrong = |own: &RecordMembers| {
            let of = |member: &str| own.get(member).cloned().unwrap_or_default();
            let named = [("Name", of("TrackingCategoryName")), ("Option", of("TrackingOptionName"))];
            lines::tracking(company, &named.map(|(name, value)| (name.to_owned(), value)).into_iter().collect())
                .is_none()
        };
        if list(given, name).iter().filter_map(Value::as_object).any(is_wrong) {
            wrong.push(format!("{name}: TrackingCategoryName and TrackingOptionName name no option that exists."));
        }
    }
    if list(given, "ContactPersons").len() > MOST_PERSONS {
        wrong.push(format!("A contact cannot have more than {MOST_PERSONS} contact persons."));
    }
    let code = text(given, "DefaultCurrency").filter(|code| company.store.named(&CURRENCIES, code).is_none());
    wrong.extend(code.map(|code| format!("DefaultCurrency: {}", references::not_subscribed(code))));
    if object(given, "BrandingTheme").is_some_and(|theme| !references::has_theme(company, theme)) {
        wrong.push("BrandingTheme: BrandingThemeID names no branding theme of this organisation.".to_owned());
    }
    wrong
}

/// The types of payment terms, each with its last day.
const TERMS: [(&str, u64); 4] =
    [("DAYSAFTERBILLDATE", 999), ("DAYSAFTERBILLMONTH", 999), ("OFCURRENTMONTH", 31), ("OFFOLLOWINGMONTH", 31)];

/// The refusals of payment terms of another type, or with a day that there is not.
fn wrong_terms(given: &RecordMembers) -> Vec<String> {
    let terms = object(given, "PaymentTerms");
    let each = ["Bills", "Sales"].into_iter().filter_map(|name| Some((name, object(terms?, name)?)));
    let is_wrong = |term: &RecordMembers| {
        let row = text(term, "Type").map(|kind| TERMS.iter().find(|(own, _)| *own == kind));
        let day = term.get("Day").filter(|day| !day.is_null()).map(Value::as_u64);
        match (row, day) {
            (None, None) => false,
            (Some(Some((_, last))), Some(Some(day))) => day > *last,
            _ => true,
        }
    };
    let wrong = each.filter(|(_, term)| is_wrong(term));
    wrong.map(|(name, _)| format!("PaymentTerms: the Day or the Type of {name} is not valid.")).collect()
}

/// Returns whether a text looks like an e-mail address.
fn is_email(text: &str) -> bool {
    let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    let parts = text.split_once('@');
    plain
        && parts.is_some_and(|(own, host)| {
            !own.is_empty()
                && !host.contains('@')
                && host.split('.').count() > 1
                && host.split('.').all(|part| !part.is_empty())
        })
}
