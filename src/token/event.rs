//! Events for the lifecycle of a token, and the actions it answers with.

use crate::error::Error;
use crate::time::Timestamp;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenEvent {
    /// A caller wants a token and can wait until `deadline`. After a wait it comes back with the same event.
    Want {
        /// The instant at which the caller gives up.
        deadline: Timestamp,
    },
    /// The store answered; a store that failed has nothing.
    Loaded(Option<Stored>),
    /// The store has saved the token of this generation. Only a grant that is saved before it is used waits for this.
    Saved {
        /// The generation, as in [`TokenAction::Save`].
        generation: u32,
    },
    /// The store could not save the token of this generation.
    NotSaved {
        /// The generation, as in [`TokenAction::Save`].
        generation: u32,
        /// The reason, for callers that cannot wait until it is saved.
        error: Error,
    },
    /// The request of an attempt is sent, after its client secret was fetched: its time, its lease and the life of its token
    /// count from now. Without this event they count from [`TokenAction::Send`]. See
    /// [`Machine::may_send`](super::Machine::may_send).
    Sent {
        /// The attempt, as in [`TokenAction::Send`].
        attempt: u32,
    },
    /// An attempt was granted a token with this lifetime, which counts from its request.
    Granted {
        /// The attempt, as in [`TokenAction::Send`].
        attempt: u32,
        /// The lifetime in milliseconds.
        lifetime_ms: u64,
    },
    /// An attempt failed, and a later one may succeed: no answer, an outage, an answer that makes no sense.
    Failed {
        /// The attempt, as in [`TokenAction::Send`].
        attempt: u32,
        /// The error.
        error: Error,
        /// The pause that the answer asked for, in milliseconds.
        retry_after_ms: Option<u64>,
    },
    /// An attempt failed, and the same request will fail again.
    Refused {
        /// The attempt, as in [`TokenAction::Send`].
        attempt: u32,
        /// The error.
        error: Error,
    },
    /// The identity service does not accept the grant any more (`invalid_grant`). For a grant that cannot end it is a
    /// refusal.
    Ended {
        /// The attempt, as in [`TokenAction::Send`].
        attempt: u32,
        /// The error.
        error: Error,
    },
    /// An attempt was answered with a token for another organisation than the one wanted: the connection was switched.
    /// It counts as a refusal, and a token from before, held or stored, is dropped. For a grant whose tokens must not be
    /// lost, report [`Self::Granted`] instead.
    Switched {
        /// The attempt, as in [`TokenAction::Send`].
        attempt: u32,
        /// The error.
        error: Error,
    },
    /// The API refused the token of this generation as expired.
    Rejected {
        /// The generation, as in [`TokenAction::Use`].
        generation: u32,
    },
    /// Start afresh: all knowledge and all refusals are dropped, and answers still to come do not count. A grant whose
    /// tokens must not be lost keeps its attempts and the tokens that are not saved yet, and asks its store again.
    Forget,
    /// The instant of [`Machine::wake`](super::Machine::wake) has come.
    Tick,
}

/// An instruction for the driver. Actions are performed in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenAction {
    /// Hand the token of this generation to the caller.
    Use {
        /// The generation, as in [`TokenAction::Keep`].
        generation: u32,
    },
    /// The token of this generation is the one to hand out from now on; the one before it is not.
    Keep {
        /// Its number: each is larger than the one before.
        generation: u32,
        /// The instant at which it was asked for.
        obtained_at: Timestamp,
        /// The instant at which it ends.
        expires_at: Timestamp,
    },
    /// Write the token of this generation to the store, then report [`TokenEvent::Saved`] or [`TokenEvent::NotSaved`].
    ///
    /// With [`UseFirst`](super::SaveOrder::UseFirst) it follows [`TokenAction::Keep`], and the report may be left out. With
    /// [`SaveFirst`](super::SaveOrder::SaveFirst) the report brings [`TokenAction::Keep`], and the action comes again until
    /// the token is saved.
    Save {
        /// The generation.
        generation: u32,
        /// The instant at which the token was asked for.
        obtained_at: Timestamp,
        /// The instant at which it ends.
        expires_at: Timestamp,
    },
    /// Empty the store.
    Erase,
    /// Ask the store; answer with [`TokenEvent::Loaded`].
    Load,
    /// Send a token request; answer with [`TokenEvent::Granted`], [`TokenEvent::Failed`], [`TokenEvent::Refused`],
    /// [`TokenEvent::Ended`] or [`TokenEvent::Switched`].
    Send {
        /// The number of the attempt.
        attempt: u32,
        /// The instant at which to give it up.
        deadline: Timestamp,
    },
    /// The caller waits, at most until this instant, and then wants again.
    Wait {
        /// The latest instant to come back.
        until: Timestamp,
        /// The reason.
        why: TokenWait,
    },
    /// The caller gets this error.
    Fail {
        /// The error.
        error: Error,
    },
}

/// A reason for a caller to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenWait {
    /// The store is being asked.
    Loading,
    /// An attempt is in flight.
    Asking,
    /// A new token is being saved.
    Saving,
    /// A pause after a failure.
    Resting,
}

impl TokenWait {
    /// The word used in JavaScript and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Asking => "asking",
            Self::Saving => "saving",
            Self::Resting => "resting",
        }
    }
}

/// The instants that the store keeps beside a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The instant at which the token was asked for.
    pub obtained_at: Timestamp,
    /// The instant at which it ends.
    pub expires_at: Timestamp,
}

/// The state of the machine, for people and tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenPhase {
    /// There is no token and nothing under way: the next caller starts.
    Cold,
    /// The store was asked.
    Loading,
    /// A token request is in flight and there is no token to hand out meanwhile.
    Asking,
    /// A new token is being saved and there is no other to hand out meanwhile.
    Saving,
    /// There is a token to hand out. It may be in renewal, and the last renewal may have failed.
    Ready,
    /// There is no token, and an attempt failed: nothing is sent before the pause ends.
    Resting,
    /// There is no token, and the identity service refuses to give one.
    Refused,
    /// There is no token, and the grant has ended: nothing is sent until something new is loaded.
    Ended,
}
