//! The connections of a service, by number.

use std::cell::Cell;

use wasm_bindgen::JsValue;

use super::convert;
pub(super) use crate::call::wire::instant;
use crate::call::{Machine, retry};
use crate::connection::Connection;
use crate::error::{Code, Error};
use crate::limits::{Action, Event, Limiter};
use crate::random::SplitMix64;
use crate::time::Timestamp;

/// A connection with its calls.
pub(super) struct Held {
    pub(super) machine: Machine,
    /// The wake time that JavaScript was given last: it has set a timer for it.
    pub(super) wake: Option<Timestamp>,
    // For the exports of `gate`.
    pub(super) moves: Vec<Action>,
    pub(super) wake_taken: Option<Timestamp>,
    pub(super) retry: retry::Config,
    pub(super) random: SplitMix64,
}

impl Held {
    /// Reports an event to the limiter. Returns [`has_news`](Self::has_news).
    pub(super) fn report(&mut self, event: Event, now: Timestamp) -> bool {
        if let Some(limiter) = self.limiter() {
            let actions = limiter.handle(event, now);
            self.moves.extend(actions);
        }
        self.has_news()
    }

    pub(super) const fn limiter(&mut self) -> Option<&mut Limiter> {
        self.machine.connection().organisation.limiter.as_mut()
    }

    pub(super) fn limiter_wake(&mut self) -> Option<Timestamp> {
        self.limiter().and_then(|limiter| limiter.wake())
    }

    /// Whether there are actions to take, or the wake time is another than the one taken last.
    pub(super) fn has_news(&mut self) -> bool {
        !self.moves.is_empty() || self.limiter_wake() != self.wake_taken
    }
}

thread_local! {
    /// By number, from 1; a closed one leaves its place empty, so that no number is ever given twice.
    static CONNECTIONS: Cell<Vec<Option<Box<Held>>>> = const { Cell::new(Vec::new()) };
}

/// Takes a connection in, and gives its number.
pub(super) fn put(machine: Machine, retry: retry::Config) -> u32 {
    let mut connections = CONNECTIONS.take();
    let random = SplitMix64::new(0);
    connections.push(Some(Box::new(Held { machine, wake: None, moves: Vec::new(), wake_taken: None, retry, random })));
    let number = u32::try_from(connections.len()).unwrap_or(u32::MAX);
    CONNECTIONS.set(connections);
    number
}

/// Takes a connection out for good.
pub(super) fn drop(number: u32) -> Option<Box<Held>> {
    swap(number, None)
}

/// Does something with a connection, and makes one value of what comes of it.
pub(super) fn with(
    number: u32,
    now: f64,
    act: impl FnOnce(&mut Connection, Timestamp) -> Result<JsValue, Error>,
) -> JsValue {
    with_held(number, now, |held, now| act(held.machine.connection(), now))
}

/// The same, with what its limiter wants done.
pub(super) fn with_held(
    number: u32,
    now: f64,
    act: impl FnOnce(&mut Held, Timestamp) -> Result<JsValue, Error>,
) -> JsValue {
    match take(number, now) {
        Err(error) => convert::fault(&error),
        Ok((mut held, now)) => {
            let result = act(&mut held, now);
            swap(number, Some(held));
            convert::told(result)
        }
    }
}

/// Takes a connection out of its place for as long as something is done with it. Out of line, because every export does.
#[inline(never)]
fn take(number: u32, now: f64) -> Result<(Box<Held>, Timestamp), Error> {
    let now = instant(now)?;
    let closed = || Error::new(Code::Closed, "the client was closed; make a new one");
    Ok((swap(number, None).ok_or_else(closed)?, now))
}

#[inline(never)]
fn swap(number: u32, held: Option<Box<Held>>) -> Option<Box<Held>> {
    let mut connections = CONNECTIONS.take();
    let place = usize::try_from(number).ok().and_then(|number| connections.get_mut(number.checked_sub(1)?));
    let before = place.and_then(|place| core::mem::replace(place, held));
    CONNECTIONS.set(connections);
    before
}
