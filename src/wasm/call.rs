//! The calls of a service: one function that takes every event and returns the actions.

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::convert::{self, Members, text};
use super::table;
use crate::call::Now;
use crate::call::wire::{self, Given, instant};
use crate::secret::Secret;
use crate::time::Timestamp;

/// Takes note of an event (`CallEvent` of `pkg/src/client/actions.ts`) and returns the actions (`CallAction[]`). `clock` is
/// `Date.now()`, `measured` a clock that is never set.
#[wasm_bindgen]
pub fn handle(number: u32, event: &JsValue, clock: f64, measured: f64) -> JsValue {
    table::with(number, |held| {
        let now = Now { clock: instant(clock)?, measured: instant(measured)? };
        let event = Members(event);
        let actions = wire::event(&event.text("on"), &event, |event| held.machine.handle(event, now))?;
        let list = convert::actions(&actions);
        let wake = held.machine.wake();
        if wake != held.wake {
            held.wake = wake;
            list.push(&convert::named(|put| wire::wake(wake, put)));
        }
        Ok(list.into())
    })
}

/// Forgets a connection. Returns a `fail` for every call of it. Its number means nothing afterwards.
#[wasm_bindgen]
pub fn close(number: u32, clock: f64, measured: f64) -> JsValue {
    let [clock, measured] = [clock, measured].map(|at| Timestamp::from_js(at).unwrap_or_default());
    let actions = table::drop(number).map(|mut held| held.machine.close(Now { clock, measured }));
    convert::actions(&actions.unwrap_or_default()).into()
}

/// The token request of `attempt`, which is sent now: `TokenRequest` of `pkg/src/client/actions.ts`.
#[wasm_bindgen(js_name = tokenRequest)]
pub fn token_request(number: u32, attempt: u32, secret: &JsValue, clock: f64) -> JsValue {
    let secret = Secret::new(text(secret));
    table::with(number, |held| {
        let (request, deadline) = held.machine.token_request(attempt, &secret, instant(clock)?)?;
        Ok(convert::object(|put| wire::token_request(&request, deadline, put)))
    })
}
