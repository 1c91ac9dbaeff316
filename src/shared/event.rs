//! Events for the machine of a vault, and the actions it answers with.
//!
//! An action with a `ticket` is answered by exactly one event with the same ticket. Only one such action is under way at a time.

use std::sync::Arc;

use super::document::{Fresh, LostWhy, VaultDocument};
use crate::error::Error;
use crate::time::Timestamp;

/// The need of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Want {
    /// The instant at which the caller gives up, by the clock that is never set.
    pub deadline: Timestamp,
    /// The instant at which the caller came, by the clock that is never set: an error follows only from a look after it.
    pub since: Timestamp,
    /// The caller was told to wait before. Until then a look at the instant `since` may be older than the caller.
    pub again: bool,
    /// The time that the access token has to last for, in milliseconds; at most half its lifetime counts.
    pub margin_ms: u64,
    /// The age of the access token from which another is wanted, in milliseconds.
    pub max_age_ms: Option<u64>,
    /// A generation that is not wanted: the API refused it.
    pub not_generation: Option<u32>,
}

/// The answer of the store to a swap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwapAnswer {
    /// The document was put.
    pub swapped: bool,
    /// The version of the document that is there now.
    pub version: u64,
    /// That document; not needed if the swap was done.
    pub held: HeldDocument,
    /// The instant by the store's clock.
    pub at: Timestamp,
}

/// The content of a store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HeldDocument {
    /// There is no document.
    Nothing,
    /// A text that is not a document of this format.
    Foreign,
    /// A document.
    Document(VaultDocument),
}

/// The result of opening a sealed text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Opened {
    /// It was opened; the login is of the same user as a login that waits to be saved, if there is one.
    Same,
    /// It was opened, and is of another user than the login that waits to be saved.
    Other,
    /// It was sealed with a key that this process does not have.
    OtherKey,
    /// This process has its key, which does not open it: the text was changed, or belongs to another vault.
    Damaged,
}

/// The failure of an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeFailure {
    /// The error for callers.
    pub error: Error,
    /// The identity service itself answered that it did not exchange the token: no request is under way any more.
    pub certain: bool,
    /// The same request would be refused again.
    pub lasting: bool,
    /// The pause that the answer asks for, in milliseconds.
    pub retry_after_ms: Option<u64>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VaultEvent {
    /// A caller wants an access token. After [`VaultAction::Wait`] it comes back with the same event.
    Want(Want),
    /// A caller wants to know the state of the vault, and can wait until this instant. After [`VaultAction::Wait`] it comes back.
    Look {
        /// The instant at which the caller gives up, by the clock that is never set.
        deadline: Timestamp,
        /// The instant at which the caller came, by the clock that is never set: the proof that the store takes a document is not older.
        since: Timestamp,
    },
    /// A person has logged in: the grant is to be saved. Answered later by [`VaultAction::LoggedIn`].
    Login {
        /// The number of the grant, which is no ticket.
        grant: u32,
        /// The instants of the grant.
        fresh: Fresh,
        /// A living login of another user, and a text that is not understood, may be replaced.
        replace: bool,
    },
    /// The store answered a swap.
    Found {
        /// The ticket, as in [`VaultAction::Swap`].
        ticket: u16,
        /// The answer.
        found: SwapAnswer,
    },
    /// The store failed, or did not answer within the time for it.
    Away {
        /// The ticket, as in [`VaultAction::Swap`].
        ticket: u16,
        /// The mistake and the advice, if the adapter of the store knows it.
        why: Option<String>,
        /// It stays so until a person has mended it.
        lasting: bool,
    },
    /// The sealed text of the document was opened, or cannot be.
    Opened {
        /// The ticket, as in [`VaultAction::Open`].
        ticket: u16,
        /// The result.
        opened: Opened,
    },
    /// The seed was opened; without instants it cannot be.
    SeedOpened {
        /// The ticket, as in [`VaultAction::OpenSeed`].
        ticket: u16,
        /// The instants of its grant.
        fresh: Option<Fresh>,
    },
    /// The text of a document was sealed.
    Sealed {
        /// The ticket, as in [`VaultAction::Seal`].
        ticket: u16,
        /// The sealed text.
        sealed: Arc<str>,
    },
    /// The identity service granted a new pair of tokens.
    Granted {
        /// The ticket, as in [`VaultAction::Exchange`].
        ticket: u16,
        /// The instants of the grant.
        fresh: Fresh,
    },
    /// The identity service does not accept the refresh token (`invalid_grant`).
    Refused {
        /// The ticket, as in [`VaultAction::Exchange`].
        ticket: u16,
    },
    /// The exchange failed, or got no answer.
    Failed {
        /// The ticket, as in [`VaultAction::Exchange`].
        ticket: u16,
        /// The failure.
        failure: ExchangeFailure,
    },
    /// The instant of [`Vault::wake`](super::Vault::wake) has come.
    Tick,
}

/// An instruction for the driver. Actions are performed in the order given.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum VaultAction {
    /// Swap the document of the store, or only look. Answered by [`VaultEvent::Found`] or [`VaultEvent::Away`].
    Swap(Swap),
    /// Open the sealed text of this document. Answered by [`VaultEvent::Opened`].
    Open {
        /// The ticket.
        ticket: u16,
        /// The document.
        document: VaultDocument,
    },
    /// Open the seed. Answered by [`VaultEvent::SeedOpened`].
    OpenSeed {
        /// The ticket.
        ticket: u16,
    },
    /// Seal the tokens of this document, with those of the grant that has the number `grant`. Answered by [`VaultEvent::Sealed`].
    Seal {
        /// The ticket.
        ticket: u16,
        /// The number of the grant.
        grant: u32,
        /// The document, without its sealed text.
        document: VaultDocument,
    },
    /// Exchange the refresh token with this number. Answered by [`VaultEvent::Granted`], [`VaultEvent::Refused`] or [`VaultEvent::Failed`].
    Exchange {
        /// The ticket, which is also the number of the grant.
        ticket: u16,
        /// The number of the refresh token.
        token: u32,
        /// The instant at which to give it up, by the clock that is never set.
        deadline: Timestamp,
    },
    /// Hand the access token of this generation to the caller.
    Use {
        /// The generation.
        generation: u32,
    },
    /// The caller waits, at most until this instant of the clock that is never set, and then asks again. It may ask again
    /// whenever an event was reported.
    Wait {
        /// The instant.
        until: Timestamp,
        /// The error of a caller whose time ends meanwhile.
        why: Error,
    },
    /// The caller gets this error.
    Fail {
        /// The error.
        error: Error,
    },
    /// The caller gets the state of the vault: the content of the store, and whether it was opened.
    Show {
        /// The content.
        held: HeldDocument,
        /// The result of opening the sealed text.
        opened: Option<Opened>,
        /// The reason why the store took no document from this process.
        failure: Option<Error>,
        /// The store took a document from this process since the caller came.
        written: bool,
    },
    /// The answer to the login that waits.
    LoggedIn {
        /// The generation under which it was saved, or the error.
        result: Result<u32, Error>,
    },
    /// Tell listeners.
    Tell(Notice),
}

/// A swap of the document in the store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Swap {
    /// The ticket.
    pub ticket: u16,
    /// The version that has to be there, 0 if there is no document; `None` only looks.
    pub version: Option<u64>,
    /// The instant by the store's clock, as far as it is known.
    pub at: Timestamp,
    /// The most by which the swap may be late, in milliseconds.
    pub slack_ms: u64,
    /// The document to put.
    pub put: Option<VaultDocument>,
    /// The instant at which to give it up, by the clock that is never set.
    pub deadline: Timestamp,
}

/// An event for listeners.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Notice {
    /// This process has claimed the tokens.
    Claimed,
    /// A new generation was saved.
    Saved {
        /// The generation.
        generation: u32,
    },
    /// A request may be under way whose answer is lost. One more exchange will follow.
    Unsure,
    /// Xero accepts none of the tokens.
    Lost {
        /// The reason.
        why: LostWhy,
    },
    /// The store failed for the first time in a row.
    Away {
        /// The reason, for people.
        why: String,
    },
}
