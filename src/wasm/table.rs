//! The connections of a service, by number.

use std::cell::Cell;

use crate::call::Machine;
use crate::error::{Code, Error};
use crate::time::Timestamp;

/// A connection with its calls.
pub(super) struct TableEntry {
    pub(super) machine: Machine,
    /// The wake time that JavaScript was given last: it has set a timer for it.
    pub(super) wake: Option<Timestamp>,
    /// The same for the instants between which the token at hand may be handed out without asking.
    pub(super) at_hand: Option<(Timestamp, Timestamp)>,
}

thread_local! {
    /// By number, from 1; a closed one leaves its place empty, so that no number is ever given twice.
    static CONNECTIONS: Cell<Vec<Option<Box<TableEntry>>>> = const { Cell::new(Vec::new()) };
}

/// Takes a connection in, and gives its number.
pub(super) fn put(machine: Machine) -> u32 {
    let mut connections = CONNECTIONS.take();
    connections.push(Some(Box::new(TableEntry { machine, wake: None, at_hand: None })));
    let number = u32::try_from(connections.len()).unwrap_or(u32::MAX);
    CONNECTIONS.set(connections);
    number
}

/// Takes a connection out for good.
pub(super) fn drop(number: u32) -> Option<Box<TableEntry>> {
    swap(number, None)
}

/// Does something with a connection, which is out of its place meanwhile.
pub(super) fn with(number: u32, act: &mut dyn FnMut(&mut TableEntry) -> Result<(), Error>) -> Result<(), Error> {
    let Some(mut held) = swap(number, None) else {
        return Err(Error::new(Code::Closed, "the client was closed; make a new one"));
    };
    let result = act(&mut held);
    swap(number, Some(held));
    result
}

#[inline(never)]
fn swap(number: u32, held: Option<Box<TableEntry>>) -> Option<Box<TableEntry>> {
    let mut connections = CONNECTIONS.take();
    let place = usize::try_from(number).ok().and_then(|number| connections.get_mut(number.checked_sub(1)?));
    let before = place.and_then(|place| core::mem::replace(place, held));
    CONNECTIONS.set(connections);
    before
}
