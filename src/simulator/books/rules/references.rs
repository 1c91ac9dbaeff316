//! The settings that documents and contacts name: contacts, branding themes, currencies with their rates.

use super::Draft;
use crate::simulator::books::json::{self, RecordMembers, object};
use crate::simulator::books::resource::{BRANDING_THEMES, CONTACTS, CURRENCIES};
use crate::simulator::company::Company;
use crate::simulator::random::Uuid;

/// Refuses an archived contact for a document that was not its own before.
pub(super) fn contact(draft: &mut Draft<'_>, contact: Uuid) {
    let before = draft.before.as_ref().and_then(|own| object(own, "Contact"));
    let is_own = before.and_then(|own| json::id(own, "ContactID")) == Some(contact);
    let status = draft.company.store.get(&CONTACTS, contact).and_then(|own| own.text("ContactStatus"));
    if !is_own && status.is_some_and(|status| status != "ACTIVE") {
        draft.refuse("The contact is archived: it must be un-archived before new documents can be made for it.");
    }
}

/// Refuses a branding theme that the organisation does not have.
pub(super) fn theme(draft: &mut Draft<'_>) {
    if !has_theme(draft.company, &draft.given) {
        draft.refuse("BrandingThemeID names no branding theme of this organisation.");
    }
}

/// Returns whether the organisation has the branding theme that an object names, if it names one.
pub(super) fn has_theme(company: &Company, given: &RecordMembers) -> bool {
    json::text(given, "BrandingThemeID")
        .is_none_or(|id| Uuid::parse(id).is_some_and(|id| company.store.get(&BRANDING_THEMES, id).is_some()))
}

/// Checks the currency of a document and its rate. `usual` is the currency of a document that names none.
pub(super) fn currency(draft: &mut Draft<'_>, usual: &str) {
    draft.default("CurrencyCode", usual);
    let code = draft.text("CurrencyCode").unwrap_or_default();
    if draft.company.store.named(&CURRENCIES, &code).is_none() {
        draft.refuse(not_subscribed(&code));
    }
    rate(draft, &code);
}

/// The refusal of a currency.
pub(super) fn not_subscribed(code: &str) -> String {
    format!("Organisation is not subscribed to currency {code}")
}

/// Checks the rate of a document or a payment in a currency. Without one it is 1.
pub(super) fn rate(draft: &mut Draft<'_>, code: &str) {
    draft.default("CurrencyRate", 1.0);
    if !["CurrencyCode", "CurrencyRate"].iter().any(|name| draft.given.contains_key(*name)) {
        return;
    }
    let rate = draft.record.get("CurrencyRate").and_then(serde_json::Value::as_f64).unwrap_or(0.0);
    if rate <= 0.0 {
        draft.refuse("CurrencyRate must be greater than zero.");
    } else if code == draft.company.books.currency && (rate - 1.0).abs() > f64::EPSILON {
        draft.refuse(format!("The CurrencyRate of {code}, the currency of the organisation, is 1."));
    }
}
