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
    /// The request of an attempt is sent, after its client secret was fetched: its time, its lease and the life of its token
    /// count from now. Without this event they count from [`TokenAction::Send`].
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
    /// An attempt was answered with a token that somebody else asked for: a vault. It may be one from before.
    Adopted {
        /// The attempt, as in [`TokenAction::Send`].
        attempt: u32,
        /// The instants of the token.
        token: Stored,
    },
    /// An attempt was given up, because nobody has another token now. That is no failure: the token at hand is used on.
    Spared {
        /// The attempt, as in [`TokenAction::Send`].
        attempt: u32,
    },
    /// An attempt waits for something else than the identity service, such as its client secret or a vault. It goes on.
    Waits {
        /// The attempt, as in [`TokenAction::Send`].
        attempt: u32,
        /// The error of the callers whose time ends meanwhile.
        error: Error,
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
    /// An attempt was answered with a token for another organisation than the one wanted: the connection was switched.
    /// It counts as a refusal, and a token from before, held or stored, is dropped.
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
    /// Write the token of this generation, which is the one to hand out, to the store.
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
    /// Send a token request; answer with [`TokenEvent::Granted`], [`TokenEvent::Adopted`], [`TokenEvent::Failed`],
    /// [`TokenEvent::Refused`] or [`TokenEvent::Switched`].
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
    /// A pause after a failure.
    Resting,
}

impl TokenWait {
    /// The word used in JavaScript and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Asking => "asking",
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
    /// There is a token to hand out. It may be in renewal, and the last renewal may have failed.
    Ready,
    /// There is no token, and an attempt failed: nothing is sent before the pause ends.
    Resting,
    /// There is no token, and the identity service refuses to give one.
    Refused,
}
