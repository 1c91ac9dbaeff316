//! When a call of a service may be sent, and whether once more.

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::convert::{self, text};
use super::table::{instant, with_held};
use crate::call::retry::{self, KEY_MS, Kind, Tried};
use crate::limits::{Action, Call, Event, Headers, Priority, Reading};
use crate::retry_after::retry_after;
use crate::time::Timestamp;

/// A call wants to be sent. Returns its ticket; below zero if it is not sent now, or if there is more to [`take`].
#[wasm_bindgen]
pub fn enter(number: u32, urgent: bool, repeatable: bool, deadline: f64, now: f64) -> JsValue {
    with_held(number, now, |held, now| {
        let priority = if urgent { Priority::Urgent } else { Priority::Normal };
        let call = Call { priority, deadline: instant(deadline)?, repeatable };
        let Some((ticket, actions)) = held.limiter().map(|limiter| limiter.enter(call, now)) else {
            return Ok(0.into());
        };
        if actions == [Action::Send { ticket }] && !held.has_news() {
            return Ok(ticket.into());
        }
        held.moves.extend(actions);
        Ok((-f64::from(ticket)).into())
    })
}

/// The headers about limits, in the order of the fields of [`Headers`], a line for each.
pub(super) fn headers(lines: &str) -> Headers<'_> {
    let mut lines = lines.split('\n');
    let mut next = || lines.next().unwrap_or_default();
    Headers { problem: next(), retry_after: next(), minute: next(), day: next(), app_minute: next() }
}

/// A call was answered. `limits` are the [`headers`] about limits.
/// Returns whether there is something to [`take`].
#[wasm_bindgen]
pub fn leave(number: u32, ticket: u32, status: u16, limits: &JsValue, now: f64) -> JsValue {
    with_held(number, now, |held, now| {
        let reading = Reading::new(status, &headers(&text(limits)), now);
        Ok(held.report(Event::Answered { ticket, reading }, now).into())
    })
}

/// A call is over without an answer; with ticket 0, the wake time has come. Returns whether there is something to [`take`].
#[wasm_bindgen]
pub fn lose(number: u32, ticket: u32, now: f64) -> JsValue {
    let event = if ticket == 0 { Event::Tick } else { Event::Lost { ticket } };
    with_held(number, now, |held, now| Ok(held.report(event, now).into()))
}

/// The limiter's actions since they were taken last, and when to wake it: `Taken` of `pkg/src/client/actions.ts`.
#[wasm_bindgen]
pub fn take(number: u32) -> JsValue {
    with_held(number, 0.0, |held, _| {
        let wake = held.limiter_wake();
        held.wake_taken = wake;
        let moves = convert::moves(&core::mem::take(&mut held.moves));
        Ok(convert::object(&[("moves", moves), ("wake", wake.map_or(JsValue::UNDEFINED, convert::instant))]))
    })
}

/// When to call [`lose`] with ticket 0, if nothing happens before; 0 while nothing waits.
#[wasm_bindgen]
pub fn wake(number: u32) -> JsValue {
    with_held(number, 0.0, |held, _| Ok(held.limiter_wake().map_or(0.0, Timestamp::as_js).into()))
}

/// How long to pause before a call is sent again, in milliseconds; below zero if it is not. `left_ms` is what is left of its
/// time; `status` is 0 if nothing came; `asked` is `Retry-After`.
#[wasm_bindgen(js_name = pauseBeforeAgain)]
#[expect(clippy::too_many_arguments, reason = "flat arguments cross the boundary more cheaply than an object")]
#[expect(clippy::cast_precision_loss, reason = "a pause is no longer than a deadline")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts saturate")]
pub fn pause_before_again(
    number: u32,
    method: &JsValue,
    keyed: bool,
    again: u32,
    left_ms: f64,
    status: u16,
    asked: &JsValue,
    now: f64,
) -> JsValue {
    with_held(number, now, |held, now| {
        let tried = Tried {
            kind: Kind::of(&text(method), keyed),
            again,
            left_ms: left_ms as u64,
            status: (status != 0).then_some(status),
            retry_after_ms: retry_after(&text(asked), now),
        };
        Ok(retry::pause(&held.retry, &tried, &mut held.random).map_or(-1.0, |ms| ms as f64).into())
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
pub fn is_repeatable(method: &JsValue, keyed: bool) -> bool {
    Kind::of(&text(method), keyed).is_repeatable()
}
