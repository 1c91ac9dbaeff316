//! When a call of a service may be sent, and whether once more.

#![expect(clippy::missing_errors_doc, reason = "what is thrown is always what XeroError is made from")]

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::convert;
use super::table::{instant, with, with_moves};
use crate::limits::{Action, Call, Event, Headers, Priority, Reading};
use crate::retry::{KEY_MS, Kind, Tried};
use crate::retry_after::retry_after;
use crate::time::Timestamp;

/// A call wants to be sent. Returns its ticket, below zero if something else comes first: [`moves`] says what.
#[wasm_bindgen]
pub fn enter(number: u32, urgent: bool, repeatable: bool, deadline: f64, now: f64) -> Result<f64, JsValue> {
    let deadline = instant(deadline)?;
    with_moves(number, now, |connection, moves, now| {
        let priority = if urgent { Priority::Urgent } else { Priority::Normal };
        let (ticket, actions) = connection.limiter().enter(Call { priority, deadline, repeatable }, now);
        if moves.is_empty() && actions == [Action::Send { ticket }] {
            return f64::from(ticket);
        }
        moves.extend(actions);
        -f64::from(ticket)
    })
}

/// The headers about limits, in the order of the fields of [`Headers`], a line for each.
pub(super) fn headers(lines: &str) -> Headers<'_> {
    let mut lines = lines.split('\n');
    let mut next = || lines.next().unwrap_or_default();
    Headers { problem: next(), retry_after: next(), minute: next(), day: next(), app_minute: next() }
}

/// A call was answered. `limits` are the [`headers`] about limits.
/// Whether there are [`moves`].
#[wasm_bindgen]
pub fn leave(number: u32, ticket: u32, status: u16, limits: &str, now: f64) -> Result<bool, JsValue> {
    with_moves(number, now, |connection, moves, now| {
        let reading = Reading::new(status, &headers(limits), now);
        moves.extend(connection.limiter().handle(Event::Answered { ticket, reading }, now));
        !moves.is_empty()
    })
}

/// A call is over without an answer, or, with ticket 0, the instant of [`wake`] has come: [`moves`] says what follows.
#[wasm_bindgen]
pub fn lose(number: u32, ticket: u32, now: f64) -> Result<(), JsValue> {
    with_moves(number, now, |connection, moves, now| {
        let event = if ticket == 0 { Event::Tick } else { Event::Lost { ticket } };
        moves.extend(connection.limiter().handle(event, now));
    })
}

/// What the limiter wants done since it was asked last, in order: `Move[]` of `pkg/src/actions.ts`.
#[wasm_bindgen]
pub fn moves(number: u32) -> Result<JsValue, JsValue> {
    with_moves(number, 0.0, |_, moves, _| convert::moves(&core::mem::take(moves)))
}

/// When to call [`lose`] with ticket 0, if nothing happens before; 0 while nothing waits.
#[wasm_bindgen]
pub fn wake(number: u32) -> Result<f64, JsValue> {
    with_moves(number, 0.0, |connection, _, _| connection.limiter().wake().map_or(0.0, Timestamp::as_js))
}

/// How long to pause before a call is sent again, in milliseconds; below zero if it is not. `left_ms` is what is left of its
/// time; `status` is 0 if nothing came; `asked` is `Retry-After`.
#[wasm_bindgen(js_name = pauseBeforeAgain)]
#[expect(clippy::too_many_arguments, reason = "flat arguments cross the boundary more cheaply than an object")]
#[expect(clippy::cast_precision_loss, reason = "a pause is no longer than a deadline")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts saturate")]
pub fn pause_before_again(
    number: u32,
    method: &str,
    keyed: bool,
    again: u32,
    left_ms: f64,
    status: u16,
    asked: &str,
    now: f64,
) -> Result<f64, JsValue> {
    with(number, now, |connection, now| {
        let tried = Tried {
            kind: Kind::of(method, keyed),
            again,
            left_ms: left_ms as u64,
            status: (status != 0).then_some(status),
            retry_after_ms: retry_after(asked, now),
        };
        Ok(connection.pause_before_again(&tried).map_or(-1.0, |ms| ms as f64))
    })
}

/// How long after it was sent first a write with a key may be sent again, in milliseconds.
#[wasm_bindgen(js_name = keyMs)]
#[expect(clippy::cast_precision_loss, reason = "five minutes")]
pub fn key_ms() -> f64 {
    KEY_MS as f64
}

/// Whether a call may be sent again, should it be refused or lost.
#[wasm_bindgen(js_name = isRepeatable)]
pub fn is_repeatable(method: &str, keyed: bool) -> bool {
    Kind::of(method, keyed).is_repeatable()
}
