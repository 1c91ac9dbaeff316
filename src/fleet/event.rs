//! Events for the machine of a fleet, and the actions it answers with.
//!
//! An action with a `ticket` is answered by exactly one event with the same ticket. Only one such action is under way at a time.

use crate::error::{Code, Error};
use crate::secret::Secret;
use crate::text::words;
use crate::time::Timestamp;

/// The need of a caller for a token.
#[derive(Clone, Debug)]
pub struct TokenWant {
    /// The instant at which the caller gives up, by the clock that is never set.
    pub deadline: Timestamp,
    /// The instant at which the caller came, by the clock that is never set.
    pub since: Timestamp,
    /// The caller has no token that it can use.
    pub urgent: bool,
    /// The token that the caller has: it ends soon, or the API refused it.
    pub held: Option<Secret<String>>,
}

/// A token, and the scopes that it carries, separated by blanks, if they are known.
#[derive(Clone, Debug)]
pub struct SharedToken {
    /// The token.
    pub access_token: Secret<String>,
    /// The scopes.
    pub scopes: Option<String>,
}

impl SharedToken {
    /// The text that is sealed: the token, a blank, and the scopes.
    pub fn write(&self) -> Secret<String> {
        Secret::new(match &self.scopes {
            None => self.access_token.reveal().clone(),
            Some(scopes) => words![self.access_token.reveal().as_str(), " ", scopes.as_str()],
        })
    }

    /// Reads such a text. `None` for one without a token.
    pub fn read(text: &str) -> Option<Self> {
        let (access_token, scopes) = text.split_once(' ').map_or((text, None), |(token, scopes)| (token, Some(scopes)));
        let shared = Self { access_token: Secret::new(access_token.to_owned()), scopes: scopes.map(str::to_owned) };
        (!access_token.is_empty()).then_some(shared)
    }
}

/// The answer of the store to a swap.
#[derive(Clone, Copy, Debug)]
pub struct DocumentFound<'a> {
    /// The document was put.
    pub swapped: bool,
    /// The version of the document that is there now.
    pub version: u64,
    /// That document; not needed if the swap was done.
    pub document: Option<&'a str>,
    /// The instant by the store's clock.
    pub at: Timestamp,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum FleetEvent<'a> {
    /// A caller wants a token. After [`FleetAction::Wait`] it comes back with the same event.
    Want(TokenWant),
    /// Xero granted a token to this process. The instants are those of the host's clock.
    Granted {
        /// The token.
        token: SharedToken,
        /// The instant at which it was asked for.
        obtained_at: Timestamp,
        /// Its end.
        expires_at: Timestamp,
    },
    /// This process asked Xero and got no token.
    Denied {
        /// The reason.
        code: Code,
    },
    /// The store answered a swap.
    Found {
        /// The ticket, as in [`FleetAction::Swap`].
        ticket: u16,
        /// The answer.
        found: DocumentFound<'a>,
    },
    /// The store failed, or did not answer within the time for it.
    Away {
        /// The ticket, as in [`FleetAction::Swap`].
        ticket: u16,
        /// The reason; without one the store did not answer within the time for it.
        why: Option<&'a str>,
    },
    /// The sealed token of the record was opened; without a text no key of this process opens it.
    Opened {
        /// The ticket, as in [`FleetAction::Open`].
        ticket: u16,
        /// The text, as in [`FleetAction::Seal`].
        text: Option<&'a str>,
    },
    /// A token was sealed.
    Sealed {
        /// The ticket, as in [`FleetAction::Seal`].
        ticket: u16,
        /// The sealed text.
        sealed: &'a str,
    },
    /// The instant of [`Fleet::wake`](super::Fleet::wake) has come.
    Tick,
}

/// An instruction for the driver. Actions are performed in the order given.
#[derive(Clone, Debug)]
pub enum FleetAction {
    /// Hand this token to the caller. The instants are those of the host's clock.
    Use {
        /// The generation.
        generation: u32,
        /// The token.
        token: SharedToken,
        /// The instant at which it was asked for.
        obtained_at: Timestamp,
        /// Its end.
        expires_at: Timestamp,
    },
    /// The caller asks Xero itself; report [`FleetEvent::Granted`] or [`FleetEvent::Denied`].
    Ask,
    /// The caller uses the token that it has, and comes back later.
    Spare,
    /// The caller waits, at most until this instant of the clock that is never set, and then asks again. It may ask again whenever
    /// an event was reported.
    Wait {
        /// The instant.
        until: Timestamp,
    },
    /// The caller gets this error.
    Fail {
        /// The error.
        error: Error,
    },
    /// Swap the record, or only look. Answered by [`FleetEvent::Found`] or [`FleetEvent::Away`].
    Swap(DocumentSwap),
    /// Open the sealed token, bound to this data. Answered by [`FleetEvent::Opened`].
    Open {
        /// The ticket.
        ticket: u16,
        /// The sealed text.
        sealed: String,
        /// The data that it is bound to.
        bound: String,
    },
    /// Seal this text, bound to this data. Answered by [`FleetEvent::Sealed`].
    Seal {
        /// The ticket.
        ticket: u16,
        /// The text.
        text: Secret<String>,
        /// The data that it is bound to.
        bound: String,
    },
    /// Tell listeners.
    Tell(FleetNotice),
}

/// A swap of a document in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentSwap {
    /// The ticket.
    pub ticket: u16,
    /// The version that has to be there, 0 if there is no document; `None` only looks.
    pub version: Option<u64>,
    /// The instant by the store's clock, as far as it is known.
    pub at: Timestamp,
    /// The most by which the swap may be late, in milliseconds.
    pub slack_ms: u64,
    /// The document to put.
    pub put: Option<String>,
    /// The time for which the store keeps it, in milliseconds.
    pub ttl_ms: u64,
    /// The instant at which to give it up, by the clock that is never set.
    pub deadline: Timestamp,
}

/// An event for listeners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FleetNotice {
    /// The store answered for the first time.
    Joined {
        /// The number of processes that were there last, with this one; `None` if only the token is shared.
        members: Option<u32>,
    },
    /// The store failed. Nothing is asked of it until then, by the host's clock.
    Away {
        /// The reason.
        why: String,
        /// The instant of the next try.
        until: Timestamp,
    },
    /// The store answers again.
    Back,
    /// The token of another process was adopted.
    Adopted {
        /// Its generation.
        generation: u32,
    },
}
