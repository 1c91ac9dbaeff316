//! The rules of a login: the address that is opened, and the judgement of callbacks. Nothing is kept.

use wasm_bindgen::prelude::wasm_bindgen;

use super::memory;
use crate::crossing::{ByteReader, Given as _, Taken as _, Writer, whole};
use crate::scope::ScopeSet;
use crate::shared::login::{AUTHORIZE_URL, Callback, PendingLogin};

/// Writes the address that a user opens, and the redirect address. The input is `Asked` of `pkg/src/vault/login.ts`, in the order in
/// which its members are there.
#[wasm_bindgen(js_name = loginAddress)]
pub fn login_address(length: u32) -> u32 {
    memory::answer(length, &mut |given, out| {
        let login = login(given);
        let client_id = given.text("clientId");
        let scopes = ScopeSet::from_scope_param(given.text("scopes"));
        let authorize = given.optional_text("authorizeUrl").unwrap_or(AUTHORIZE_URL);
        let challenge = given.optional_text("challenge");
        out.text("address", &login.authorize_url(authorize, client_id, &scopes, challenge)?);
        out.text("redirectUri", &login.redirect_uri());
        Ok(())
    })
}

/// Judges a request: its method, its target and its header `Host`, which follow `port` and `state`. Writes `Judged` of
/// `pkg/src/vault/login.ts`.
#[wasm_bindgen(js_name = loginCallback)]
pub fn login_callback(length: u32) -> u32 {
    memory::answer(length, &mut |given, out| {
        let login = login(given);
        let (method, target) = (given.text("method"), given.text("target"));
        judged(login.callback(method, target, given.text("host")), out);
        Ok(())
    })
}

/// Judges a pasted address, in the same way.
#[wasm_bindgen(js_name = loginPasted)]
pub fn login_pasted(length: u32) -> u32 {
    memory::answer(length, &mut |given, out| {
        judged(login(given).pasted(given.text("pasted")), out);
        Ok(())
    })
}

fn login(given: &ByteReader<'_>) -> PendingLogin {
    let port = u16::try_from(whole(given, "port")).unwrap_or_default();
    PendingLogin::new(port, given.text("state").to_owned())
}

fn judged(callback: Callback, out: &mut Writer) {
    let (kind, text) = match callback {
        Callback::Code(code) => (0, code),
        Callback::Refused(refusal) => (1, refusal.message().to_owned()),
        Callback::Stray(stray) => (2, stray.message().to_owned()),
    };
    out.byte(kind);
    out.text("text", &text);
}
