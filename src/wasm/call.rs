//! The calls of a service: one function that takes every event and returns the actions.

use wasm_bindgen::prelude::wasm_bindgen;

use super::{memory, table};
use crate::call::{Action, Now, wire};
use crate::crossing::{Given as _, Writer, instant};
use crate::secret::Secret;
use crate::time::Timestamp;

/// Takes note of the event in the input (`CallEvent` of `pkg/src/client/actions.ts`) and writes the actions (`CallAction[]`).
/// `clock` is `Date.now()`, `measured` a clock that is never set.
#[wasm_bindgen]
pub fn handle(number: u32, length: u32, clock: f64, measured: f64) -> u32 {
    memory::answer(length, &mut |given, out| {
        table::with(number, &mut |held| {
            let now = Now { clock: instant(clock)?, measured: instant(measured)? };
            let event = wire::event(given.byte(), given)?;
            actions(&held.machine.handle(event, now), out);
            let at_hand = held.machine.connection().session.at_hand();
            if at_hand != held.at_hand {
                held.at_hand = at_hand;
                wire::at_hand(at_hand, now, out);
            }
            let wake = held.machine.wake();
            if wake != held.wake {
                held.wake = wake;
                wire::wake(wake, out);
            }
            let load = held.machine.load();
            if let Some(load) = load.filter(|_| load != held.load) {
                held.load = Some(load);
                wire::traffic(load, out);
            }
            out.end();
            Ok(())
        })
    })
}

/// Forgets a connection. Writes a `fail` for every call of it. Its number means nothing afterwards.
#[wasm_bindgen]
pub fn close(number: u32, clock: f64, measured: f64) -> u32 {
    memory::answer(0, &mut |_, out| {
        let [clock, measured] = [clock, measured].map(|at| Timestamp::from_js(at).unwrap_or_default());
        if let Some(mut held) = table::drop(number) {
            actions(&held.machine.close(Now { clock, measured }), out);
        }
        out.end();
        Ok(())
    })
}

fn actions(list: &[Action], out: &mut Writer) {
    for one in list {
        wire::action(one, out);
    }
}

/// Writes the token request of `attempt`, which is sent now with the secret in the input: `TokenRequest` of
/// `pkg/src/client/actions.ts`.
#[wasm_bindgen(js_name = tokenRequest)]
pub fn token_request(number: u32, length: u32, attempt: u32, clock: f64) -> u32 {
    memory::answer(length, &mut |given, out| {
        let secret = Secret::new(given.text("secret").to_owned());
        table::with(number, &mut |held| {
            let (request, deadline) = held.machine.token_request(attempt, &secret, instant(clock)?)?;
            wire::token_request(&request, deadline, out);
            Ok(())
        })
    })
}
