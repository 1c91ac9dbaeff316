//! The vault of refresh tokens: one function that takes every event and returns the actions, and the exchange of a login's code.

use wasm_bindgen::prelude::wasm_bindgen;

use super::memory;
use super::numbered::Numbered;
use crate::crossing::{ByteReader, Given as _, Taken as _, Writer, instant, whole};
use crate::error::{Code, Error};
use crate::secret::Secret;
use crate::shared::contents::Grant;
use crate::shared::{Keeper, Swap, VaultAction, exchange, wire};
use crate::text::words;
use crate::time::Now;

thread_local! {
    static VAULTS: Numbered<Keeper> = const { Numbered::new() };
}

/// Makes the vault of one process of the options in the input (`VaultCoreOptions` of `pkg/src/vault/actions.ts`) and writes its
/// number.
#[wasm_bindgen(js_name = openVault)]
pub fn open_vault(length: u32) -> u32 {
    memory::answer(length, &mut |given, out| {
        let wire::VaultOptions { app, config, owner, random, seed } = wire::options(given)?;
        let keeper = Keeper::new(app, config, owner, random, seed)?;
        out.number("number", VAULTS.with(|vaults| vaults.put(keeper)).into());
        Ok(())
    })
}

/// Takes note of the event in the input (`VaultCoreEvent` of `pkg/src/vault/actions.ts`) and writes the actions (`VaultAction[]`).
/// `clock` is `Date.now()`, `measured` a clock that is never set.
#[wasm_bindgen(js_name = handleVault)]
pub fn handle_vault(number: u32, length: u32, clock: f64, measured: f64) -> u32 {
    with(number, length, &mut |keeper, given, out| {
        let now = Now { clock: instant(clock)?, measured: instant(measured)? };
        let event = wire::event(given.byte(), given)?;
        for action in keeper.handle(event, now)? {
            match keeper.wanted(&action, now) {
                Ok(wanted) => wire::action(&wanted, out),
                Err(error) => {
                    if let VaultAction::Swap(Swap { ticket, .. }) | VaultAction::Seal { ticket, .. } = action {
                        wire::unable(ticket, &error, out);
                    }
                }
            }
        }
        wire::wake(keeper.vault().wake(now), keeper.vault().is_busy(), out);
        out.end();
        Ok(())
    })
}

/// Forgets a vault. Its number means nothing afterwards.
#[wasm_bindgen(js_name = closeVault)]
pub fn close_vault(number: u32) -> u32 {
    memory::answer(0, &mut |_, _| {
        drop(VAULTS.with(|vaults| vaults.end(number)));
        Ok(())
    })
}

/// Writes the data that a seed of this vault is bound to.
#[wasm_bindgen(js_name = seedBound)]
pub fn seed_bound(number: u32) -> u32 {
    with(number, 0, &mut |keeper, _, out| {
        out.text("bound", &keeper.seed_bound_to());
        Ok(())
    })
}

/// Writes the request that exchanges the code of a login, which is in the input with the redirect address and the verifier of PKCE, if
/// there is one: `ExchangeRequest` of `pkg/src/vault/actions.ts`.
#[wasm_bindgen(js_name = codeRequest)]
pub fn code_request(number: u32, length: u32) -> u32 {
    with(number, length, &mut |keeper, given, out| {
        let (code, redirect_uri) = (given.text("code"), given.text("redirectUri"));
        let request = keeper.app().code(code, redirect_uri, given.optional_text("verifier"));
        wire::request(&request, out);
        Ok(())
    })
}

/// Writes the request that revokes the login of a vault that was opened: all tokens and connections of its user with the app.
#[wasm_bindgen(js_name = revocationRequest)]
pub fn revocation_request(number: u32) -> u32 {
    with(number, 0, &mut |keeper, _, out| {
        let token = keeper.current().and_then(|contents| contents.tokens.first());
        let Some((_, token)) = token else {
            return Err(Error::new(Code::LoginRequired, "there is no login in the vault that could be revoked"));
        };
        wire::request(&keeper.app().revocation(token), out);
        Ok(())
    })
}

/// Judges the answer to the request for a code, which was sent at `sent` and is in the input. Writes the grant as text.
#[wasm_bindgen(js_name = codeAnswer)]
pub fn code_answer(length: u32, sent: f64, clock: f64) -> u32 {
    memory::answer(length, &mut |given, out| {
        let (sent, now) = (instant(sent)?, instant(clock)?);
        let judged = exchange::judge(&wire::answer(given), sent, now);
        let grant = judged.map_err(|refusal| refusal.failure.error)?;
        out.text("grant", grant.write().reveal());
        Ok(())
    })
}

/// Writes the `url` of the request for the organisations of the grant in the input, its `authorization`, and the most bytes to read.
#[wasm_bindgen(js_name = connectionsRequest)]
pub fn connections_request(number: u32, length: u32) -> u32 {
    with(number, length, &mut |keeper, given, out| {
        let grant = Grant::given(given.text("grant"))?;
        out.text("url", &words![keeper.app().api_url.as_str(), "/connections"]);
        let authorization = Secret::new(words!["Bearer ", grant.contents.access_token.reveal().as_str()]);
        out.text("authorization", authorization.reveal());
        out.number("maxBytes", wire::most_bytes());
        Ok(())
    })
}

/// Writes the grant in the input with the organisations in the answer to that request, whose status and body follow it.
#[wasm_bindgen(js_name = connectionsAnswer)]
pub fn connections_answer(length: u32) -> u32 {
    memory::answer(length, &mut |given, out| {
        let mut grant = Grant::given(given.text("grant"))?;
        let status = whole(given, "status");
        if status != 200 {
            let code = if status == 429 { Code::RateLimited } else { Code::ServerError };
            let status = usize::try_from(status).unwrap_or_default();
            let message = words!["Xero did not list the organisations of the login (status ", status, ")"];
            return Err(Error::new(code, message));
        }
        grant.contents.organisations = exchange::organisations(given.text("body"), &grant.contents.access_token)?;
        out.text("grant", grant.write().reveal());
        Ok(())
    })
}

/// Writes the parts of the grant in the input that are no secrets: `OpenParts` of `pkg/src/vault/actions.ts`.
#[wasm_bindgen(js_name = describeGrant)]
pub fn describe_grant(length: u32) -> u32 {
    memory::answer(length, &mut |given, out| {
        wire::open_parts(Some(&Grant::given(given.text("grant"))?.contents), out);
        Ok(())
    })
}

/// Does something with a vault, which is out of its place meanwhile.
fn with(
    number: u32,
    length: u32,
    act: &mut dyn FnMut(&mut Keeper, &ByteReader<'_>, &mut Writer) -> Result<(), Error>,
) -> u32 {
    memory::answer(length, &mut |given, out| {
        VAULTS.with(|vaults| vaults.with(number, &mut |keeper| act(keeper, given, out)))
    })
}
