//! The connections of a service, by number.

use super::numbered::Numbered;
use crate::call::Machine;
use crate::error::Error;
use crate::limits::Load;
use crate::time::Timestamp;

/// A connection with its calls.
pub(super) struct TableEntry {
    pub(super) machine: Machine,
    /// The wake time that JavaScript was given last: it has set a timer for it.
    pub(super) wake: Option<Timestamp>,
    /// The same for the instants between which the token at hand may be handed out without asking.
    pub(super) at_hand: Option<(Timestamp, Timestamp)>,
    /// The same for the calls that a fleet has to know of.
    pub(super) load: Option<Load>,
}

thread_local! {
    static CONNECTIONS: Numbered<TableEntry> = const { Numbered::new() };
}

/// Takes a connection in, and gives its number.
pub(super) fn put(machine: Machine) -> u32 {
    CONNECTIONS.with(|connections| connections.put(TableEntry { machine, wake: None, at_hand: None, load: None }))
}

/// Takes a connection out for good.
pub(super) fn drop(number: u32) -> Option<Box<TableEntry>> {
    CONNECTIONS.with(|connections| connections.end(number))
}

/// Does something with a connection, which is out of its place meanwhile.
pub(super) fn with(number: u32, act: &mut dyn FnMut(&mut TableEntry) -> Result<(), Error>) -> Result<(), Error> {
    CONNECTIONS.with(|connections| connections.with(number, act))
}
