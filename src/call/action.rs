//! The actions that a driver performs.

use crate::catalogue::Operation;
use crate::error::{Code, Error};
use crate::limits::{Problem, WaitReason};
use crate::secret::Secret;
use crate::time::Timestamp;

/// Something that the driver does now, in the order given.
///
/// Actions with a `call` are for the caller of that number. Where each request has a driver of its own and must not settle the
/// promises of another, as on edge networks, they go into a mailbox of that caller, which its driver empties. All others are for
/// the driver that reported the event.
///
/// Instants that a timer is set to are measured; those for people are by the clock (see [`Now`](super::Now)).
#[derive(Clone, Debug)]
pub enum Action {
    // For a call.
    /// Send the call; report [`Event::Answered`](super::Event::Answered) or [`Event::Lost`](super::Event::Lost).
    Send {
        /// The call.
        call: u32,
        /// The absolute URL.
        url: String,
        /// The operation, for a listener, if the catalogue has it.
        operation: Option<&'static Operation>,
        /// The generation of the token to send it with, as in [`Action::Keep`].
        generation: u32,
        /// The measured instant at which to give up waiting for the answer to begin.
        until: Timestamp,
        /// The measured instant at which to give up reading the answer, for a driver that reads it.
        deadline: Timestamp,
        /// It carries an `Idempotency-Key` that the driver makes, the same each time that it sends this call.
        make_key: bool,
    },
    /// Report [`Event::Resume`](super::Event::Resume), if the caller is still there. Only if `Config::isolated` is set: the call
    /// can go on, and its own driver has to do it.
    Resume {
        /// The call.
        call: u32,
    },
    /// Read the beginning of the body of the answer, or of a copy of it; report [`Event::Body`](super::Event::Body).
    Read {
        /// The call.
        call: u32,
    },
    /// The answer that the driver has is not the caller's: release it. The call goes on.
    Discard {
        /// The call.
        call: u32,
    },
    /// The answer that the driver has is the caller's. The call is over.
    Give {
        /// The call.
        call: u32,
        /// The error that the answer amounts to. `None` for a success, and for an answer reported without its body.
        error: Option<Error>,
    },
    /// The caller gets this error. The call is over. An answer that the driver has is discarded: it would hide that an earlier sending
    /// of the same write was lost.
    Fail {
        /// The call.
        call: u32,
        /// The error. For a write that may have been carried out, its outcome is unknown.
        error: Error,
    },
    /// The caller gets the token of this generation. What [`Event::Want`](super::Event::Want) began is over.
    Use {
        /// The number of the caller.
        call: u32,
        /// The generation, as in [`Action::Keep`].
        generation: u32,
    },

    // For the listener of a call: given only if `Config::inform` is set, and nothing depends on them.
    /// The call waits for the limits.
    Queued {
        /// The call.
        call: u32,
        /// The thing that the queue waits for.
        why: WaitReason,
        /// The latest end of the wait, by the clock.
        until: Timestamp,
    },
    /// The limits have room for the call.
    Admitted {
        /// The call.
        call: u32,
        /// The time that it waited for that, in milliseconds.
        waited_ms: u64,
    },
    /// The call will be sent again after a pause, because of what the driver has just reported about it.
    Retry {
        /// The call.
        call: u32,
        /// The end of the pause, by the clock.
        until: Timestamp,
    },

    // For the token.
    /// Send a token request: take its bytes from [`Machine::token_request`](super::Machine::token_request) and report
    /// [`Event::TokenAnswered`](super::Event::TokenAnswered) or [`Event::TokenLost`](super::Event::TokenLost). Or, if a vault
    /// has the tokens, take the newest, and not the one at hand; report [`Event::Loaded`](super::Event::Loaded).
    Ask {
        /// The number of the attempt.
        attempt: u32,
        /// No token is at hand that could be used meanwhile.
        urgent: bool,
    },
    /// Send the request of this attempt once more, with bytes taken anew.
    AskAgain {
        /// The attempt.
        attempt: u32,
        /// With the next client secret: this one was refused. If `false`, with the same one, to find out which scopes are
        /// configured.
        next_secret: bool,
    },
    /// Hold this token under its generation; the one before it counts no more.
    Keep(Token),
    /// Write this token to the store.
    Save(Token),
    /// Empty the store.
    Erase,
    /// Ask the store; report [`Event::Loaded`](super::Event::Loaded) without an attempt.
    Load,

    // For the listener, as above.
    /// The identity service refused a token, or its answer cannot be used.
    Refused {
        /// The reason.
        code: Code,
    },
    /// Xero asked for a pause: no call is sent before it ends.
    Paused {
        /// The reason.
        problem: Problem,
        /// The end of the pause, by the clock.
        until: Timestamp,
    },
}

/// An access token.
#[derive(Clone, Debug)]
pub struct Token {
    /// Its number, larger than that of every token before.
    pub generation: u32,
    /// The token.
    pub access_token: Secret<String>,
    /// The instant of its request, by the clock.
    pub obtained_at: Timestamp,
    /// The instant at which it ends, by the clock.
    pub expires_at: Timestamp,
    /// Its scopes, separated by spaces, if they are known. Those that the catalogue does not know are at the end.
    pub scopes: Option<String>,
    /// The number of its scopes that the catalogue does not know. Any text may be in them.
    pub unknown_scopes: u32,
}

impl Action {
    /// The number of the call that the action is for; `None` if it is for the driver that reported the event.
    pub const fn call(&self) -> Option<u32> {
        match *self {
            Self::Send { call, .. }
            | Self::Resume { call }
            | Self::Read { call }
            | Self::Discard { call }
            | Self::Give { call, .. }
            | Self::Fail { call, .. }
            | Self::Use { call, .. }
            | Self::Queued { call, .. }
            | Self::Admitted { call, .. }
            | Self::Retry { call, .. } => Some(call),
            Self::Ask { .. }
            | Self::AskAgain { .. }
            | Self::Keep(_)
            | Self::Save(_)
            | Self::Erase
            | Self::Load
            | Self::Refused { .. }
            | Self::Paused { .. } => None,
        }
    }
}
