//! Currencies: three letters, each once.

use super::Draft;
use crate::simulator::books::resource::CURRENCIES;

pub(in crate::simulator) fn check(draft: &mut Draft<'_>) {
    let Some(code) = draft.text("Code") else { return };
    if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        draft.refuse("The currency code is not three capital letters.");
    } else if draft.before.is_none() && draft.company.store.named(&CURRENCIES, &code).is_some() {
        draft.refuse(format!("Organisation is already subscribed to currency {code}"));
    }
    draft.default("Description", code);
}
