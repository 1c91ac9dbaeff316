//! The callers of a machine, and what each of them waits for. All instants are measured.

use super::event::Now;
use super::retry::{CallKind, KEY_MS};
use crate::catalogue::Operation;
use crate::connection::Connection;
use crate::error::Error;
use crate::limits::Priority;
use crate::request;
use crate::time::Timestamp;

/// A caller.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) number: u32,
    /// The instant at which it gives up.
    pub(super) deadline: Timestamp,
    pub(super) state: State,
    /// Its call; `None` if it wants a token alone.
    pub(super) call: Option<Call>,
}

/// The thing that a caller waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// A token: before it enters the queue of the limits, or with a place in flight.
    Token {
        /// The instant at which it asks again, if nothing happens before.
        look: Timestamp,
    },
    /// Its own driver, which has to report [`Event::Resume`](super::Event::Resume).
    Driver {
        /// The instant from which its driver counts as gone.
        until: Timestamp,
    },
    /// Room within the limits.
    Queued {
        /// The instant at which it came; `None` if it was let in before, and refused by Xero for a limit.
        since: Option<Timestamp>,
    },
    /// The answer.
    InFlight,
    /// The beginning of the body of an answer with status 401.
    Body {
        /// The instant at which it goes on without.
        until: Timestamp,
    },
    /// The end of the pause before a retry.
    Pause {
        /// The end.
        until: Timestamp,
    },
}

/// A call.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) resendable: bool,
    pub(super) priority: Priority,
    pub(super) kind: CallKind,
    /// The driver makes its `Idempotency-Key`.
    pub(super) makes_key: bool,
    /// The key of its caller's own.
    pub(super) own_key: Option<String>,
    /// It is one of the accounting API.
    pub(super) is_accounting: bool,
    pub(super) plan: Option<Plan>,
    /// Its number with the limiter, from when it enters the queue until its place in flight is free again.
    pub(super) ticket: Option<u32>,
    pub(super) history: History,
}

/// The things that were done for a call.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct History {
    /// The token that it was sent with last; 0 if it was not.
    pub(super) generation: u32,
    /// The number of times that it was sent again after a temporary failure.
    pub(super) again: u32,
    /// It was sent again with another token.
    pub(super) renewed: bool,
    /// The instant at which it was sent first.
    pub(super) first_sent: Option<Now>,
    /// It was sent, and no answer proves that it was not carried out.
    pub(super) unsettled: bool,
    /// The same, before it was sent last.
    pub(super) was_unsettled: bool,
    /// The status of the answer to its last sending; 0 if there was none.
    pub(super) status: u16,
}

/// A URL that a call can be sent to, as long as the session has the same scopes.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) url: String,
    pub(super) operation: Option<&'static Operation>,
    /// The state of the session that the call was checked against.
    pub(super) revision: u32,
}

impl Plan {
    /// The plan of a call.
    ///
    /// # Errors
    /// `scope_missing` if preflight refuses it.
    pub(super) fn new(connection: &Connection, call: request::ApiCall) -> Result<Self, Error> {
        connection.check(&call)?;
        let operation = call.route.operation();
        Ok(Self { url: call.url, operation, revision: connection.session.revision() })
    }
}

impl Caller {
    /// The instant at which it has to be looked at, if nothing happens before. A caller whose answer is under way has a driver
    /// that reports.
    pub(super) fn wake(&self) -> Option<Timestamp> {
        match self.state {
            State::Token { look } => Some(look),
            State::Driver { until } | State::Body { until } | State::Pause { until } => Some(until),
            // The limiter looks at the deadline that the call entered with. Since then, that of its key may have cut it.
            State::Queued { since: None } => Some(self.deadline),
            State::Queued { since: Some(_) } | State::InFlight => None,
        }
    }

    pub(super) fn holds(&self, ticket: u32) -> bool {
        self.call.as_ref().is_some_and(|call| call.ticket == Some(ticket))
    }
}

impl Call {
    /// The measured end of the time in which Xero surely knows its key, as seen at `now`. `None` for a call without a key, or
    /// before it was sent.
    ///
    /// The clock that has gone further since then counts: in a machine that is suspended the measured one may stand still, and
    /// the other one may be set back.
    pub(super) fn key_ends(&self, now: Now) -> Option<Timestamp> {
        let first = self.history.first_sent.filter(|_| self.kind == CallKind::Keyed)?;
        let ends_on_clock = now.to_measured(first.clock.plus(KEY_MS));
        Some(first.measured.plus(KEY_MS).min(ends_on_clock))
    }

    /// Checks that it is a write, and that an earlier sending of it was lost.
    pub(super) fn lost_before(&self) -> bool {
        self.history.was_unsettled && self.kind != CallKind::Read
    }

    /// The deadline of its caller, or the end of its key if that is earlier.
    pub(super) fn deadline(&self, deadline: Timestamp, now: Now) -> Timestamp {
        self.key_ends(now).map_or(deadline, |ends| ends.min(deadline))
    }

    /// Checks that it can be sent again after it was refused for a limit, or lost.
    pub(super) const fn is_repeatable(&self) -> bool {
        self.resendable && self.kind.is_repeatable()
    }
}

/// The callers, by number.
#[derive(Debug, Default)]
pub(super) struct Callers(Vec<Caller>);

impl Callers {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    fn find(&self, number: u32) -> Result<usize, usize> {
        self.0.binary_search_by_key(&number, |caller| caller.number)
    }

    pub(super) fn has(&self, number: u32) -> bool {
        self.find(number).is_ok()
    }

    pub(super) fn put(&mut self, caller: Caller) {
        if let Err(place) = self.find(caller.number) {
            self.0.insert(place, caller);
        }
    }

    pub(super) fn get(&mut self, number: u32) -> Option<&mut Caller> {
        let place = self.find(number).ok()?;
        self.0.get_mut(place)
    }

    pub(super) fn remove(&mut self, number: u32) -> Option<Caller> {
        Some(self.0.remove(self.find(number).ok()?))
    }

    /// The number of the caller whose call has this ticket.
    pub(super) fn with_ticket(&self, ticket: u32) -> Option<u32> {
        self.0.iter().find(|caller| caller.holds(ticket)).map(|caller| caller.number)
    }

    /// The numbers of the callers that `belongs` is true of.
    pub(super) fn numbers(&self, belongs: impl Fn(&Caller) -> bool) -> Vec<u32> {
        self.0.iter().filter(|caller| belongs(caller)).map(|caller| caller.number).collect()
    }

    /// The instant at which the first of them has to be looked at.
    pub(super) fn wake(&self) -> Option<Timestamp> {
        self.0.iter().filter_map(Caller::wake).min()
    }
}
