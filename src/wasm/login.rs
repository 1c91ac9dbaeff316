//! The rules of a login: the address that is opened, the judgement of callbacks, and the outlook of a vault. Nothing is kept.

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::objects::{Members, Object, text, value};
use crate::call::wire::instant;
use crate::scope::ScopeSet;
use crate::shared::login::{AUTHORIZE_URL, Callback, PendingLogin};
use crate::shared::outlook;

/// The address that a user opens, and the redirect address: `{ address, redirectUri }`. `asked` is `Asked` of
/// `pkg/src/vault/login.ts`.
#[wasm_bindgen(js_name = loginAddress)]
pub fn login_address(asked: &JsValue) -> JsValue {
    let asked = Members::of(asked);
    let login = login(&asked);
    let authorize = asked.optional_text("authorizeUrl").unwrap_or_else(|| AUTHORIZE_URL.to_owned());
    let scopes = ScopeSet::from_scope_param(&asked.text("scopes"));
    let challenge = asked.optional_text("challenge");
    let address = login.authorize_url(&authorize, &asked.text("clientId"), &scopes, challenge.as_deref());
    value(address.map(|address| {
        let opened = Object::new();
        opened.put("address", address);
        opened.put("redirectUri", login.redirect_uri());
        opened.done()
    }))
}

/// Judges a request: `Judged` of `pkg/src/vault/login.ts`. `waiting` has `port` and `state`.
#[wasm_bindgen(js_name = loginCallback)]
pub fn login_callback(waiting: &JsValue, method: &JsValue, target: &JsValue, host: &JsValue) -> JsValue {
    judged(login(&Members::of(waiting)).callback(&text(method), &text(target), &text(host)))
}

/// Judges a pasted address, in the same way.
#[wasm_bindgen(js_name = loginPasted)]
pub fn login_pasted(waiting: &JsValue, pasted: &JsValue) -> JsValue {
    judged(login(&Members::of(waiting)).pasted(&text(pasted)))
}

/// The outlook of a login: `{ days, soon }`.
#[wasm_bindgen(js_name = loginOutlook)]
pub fn login_outlook(ends_unused: f64, now: f64) -> JsValue {
    let seen = || {
        let outlook = outlook(instant(ends_unused)?, instant(now)?);
        let seen = Object::new();
        seen.put("days", u32::try_from(outlook.days).unwrap_or(u32::MAX));
        seen.put("soon", outlook.soon);
        Ok(seen.done())
    };
    value(seen())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts saturate")]
fn login(waiting: &Members<'_>) -> PendingLogin {
    PendingLogin::new(waiting.number("port") as u16, waiting.text("state"))
}

fn judged(callback: Callback) -> JsValue {
    let judged = Object::new();
    match callback {
        Callback::Code(code) => judged.put("code", code),
        Callback::Refused(refusal) => judged.put("refused", refusal.message()),
        Callback::Stray(stray) => judged.put("stray", stray.message()),
    }
    judged.done()
}
