//! The events that a driver reports.

use crate::error::Error;
use crate::limits::{Allowance, Headers};
use crate::scope::ScopeSet;
use crate::secret::Secret;
pub use crate::time::Now;
use crate::time::Timestamp;
use crate::token::{self, Stored};

/// Something that happened, as a driver reports it to [`Machine::handle`](super::Machine::handle).
pub enum Event<'a> {
    /// A caller makes a call.
    Begin(Begin),
    /// A caller wants a token and no call. It ends with [`Action::Use`](super::Action::Use) or
    /// [`Action::Fail`](super::Action::Fail).
    Want {
        /// A number for this caller, as in [`Begin::call`].
        call: u32,
        /// The measured instant at which the caller gives up.
        deadline: Timestamp,
    },
    /// The driver of a call goes on with it, as [`Action::Resume`](super::Action::Resume) asks.
    Resume {
        /// The call.
        call: u32,
    },
    /// The answer to a call that was sent.
    Answered {
        /// The call, as in [`Action::Send`](super::Action::Send).
        call: u32,
        /// The answer.
        answer: Answer<'a>,
    },
    /// The beginning of a body that [`Action::Read`](super::Action::Read) asked for; empty if it cannot be read.
    Body {
        /// The call.
        call: u32,
        /// The beginning of the body.
        text: &'a str,
    },
    /// A call that was sent got no answer, or none that can be used.
    Lost {
        /// The call, as in [`Action::Send`](super::Action::Send).
        call: u32,
        /// The error, such as `offline` or `timeout`. Its caller gets it if the call is not sent again.
        error: Error,
        /// Some of the request may have left this machine. `false` only if that is certainly not so.
        sent: bool,
    },
    /// A caller is gone: it aborted its call, or needs the token no more. No action about this call follows.
    Aborted {
        /// The call.
        call: u32,
    },
    /// The instant of [`Machine::wake`](super::Machine::wake) has come.
    Tick,
    /// The identity service answered a token request.
    TokenAnswered {
        /// The attempt, as in [`Action::Ask`](super::Action::Ask).
        attempt: u32,
        /// The answer.
        answer: token::answer::TokenAnswer<'a>,
        /// There is another client secret to try. If [`Action::AskAgain`](super::Action::AskAgain) wants it and it turns out
        /// that there is none, the driver reports the same answer once more with `false`.
        more_secrets: bool,
    },
    /// A token request got no answer, or was not sent, because there is no client secret for example.
    TokenLost {
        /// The attempt, as in [`Action::Ask`](super::Action::Ask).
        attempt: u32,
        /// The reason.
        error: Error,
        /// The same attempt will fail again until somebody acts.
        lasting: bool,
    },
    /// An attempt waits for something else than Xero, such as a client secret or a vault. It goes on.
    TokenWaits {
        /// The attempt, as in [`Action::Ask`](super::Action::Ask).
        attempt: u32,
        /// The error of the callers whose time ends meanwhile.
        error: Error,
    },
    /// The answer of the store to [`Action::Load`](super::Action::Load), or that of a vault to
    /// [`Action::Ask`](super::Action::Ask). A store that failed has nothing.
    Loaded {
        /// The attempt, for a vault.
        attempt: Option<u32>,
        /// The token.
        token: Option<Loaded>,
    },
    /// The fleet lets this process send these calls. Its instants are measured.
    Allowed(Allowance),
}

impl Event<'_> {
    /// The number of the call that the event is about; `None` for one about tokens or time.
    pub const fn call(&self) -> Option<u32> {
        match *self {
            Self::Begin(Begin { call, .. })
            | Self::Want { call, .. }
            | Self::Resume { call }
            | Self::Answered { call, .. }
            | Self::Body { call, .. }
            | Self::Lost { call, .. }
            | Self::Aborted { call } => Some(call),
            Self::Tick
            | Self::TokenAnswered { .. }
            | Self::TokenLost { .. }
            | Self::TokenWaits { .. }
            | Self::Loaded { .. }
            | Self::Allowed(_) => None,
        }
    }
}

/// A call to an API.
#[derive(Clone, Debug)]
pub struct Begin {
    /// A number for the call. The driver chooses it, larger than every number before; all events and actions about the call
    /// carry it.
    pub call: u32,
    /// The method, in any case.
    pub method: String,
    /// The path or URL, as [`request::call`](crate::request::call) reads it.
    pub target: String,
    /// It has a body.
    pub has_body: bool,
    /// Its body can be sent more than once. A stream cannot.
    pub resendable: bool,
    /// Its `Idempotency-Key`.
    pub key: KeyGiven,
    /// The key of the caller's own, if it has one. A later call with the same one is known by it.
    pub own_key: Option<String>,
    /// It goes before calls without this flag and may use what the limits reserve.
    pub high_priority: bool,
    /// The measured instant at which the caller gives up.
    pub deadline: Timestamp,
    /// Its history, if the driver carries on with a call of a machine that was lost.
    pub before: Option<Before>,
}

/// The `Idempotency-Key` that a call brings along or wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyGiven {
    /// None.
    #[default]
    None,
    /// One of the caller's own.
    Own,
    /// One made by the driver, where the operation takes a key.
    IfTaken,
    /// One made by the driver. A call whose operation takes none fails.
    Required,
}

/// The history of a call that a machine knew which was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Before {
    /// The instant at which it was sent first.
    pub first_sent: Now,
    /// It is under way: [`Event::Answered`] or [`Event::Lost`] follows.
    pub in_flight: bool,
}

/// The answer of an API, as a driver reports it.
#[derive(Clone, Debug, Default)]
pub struct Answer<'a> {
    /// The status; 0 for a redirect that the host hides.
    pub status: u16,
    /// The headers about limits.
    pub limits: Headers<'a>,
    /// The header `WWW-Authenticate`; empty if there is none.
    pub www_authenticate: &'a str,
    /// The beginning of the body, if the driver reads bodies for this caller and the status is no success. Then
    /// [`Action::Give`](super::Action::Give) has the error that the answer amounts to.
    pub body: Option<&'a str>,
    /// The number of complaints about the data of the call that the driver found in the body, if it looked for any.
    pub complaints: Option<usize>,
    /// The kind of the body of a success, if the driver reads bodies for this caller.
    pub records: Option<BodyKind>,
    /// The reason why the driver cannot use the answer although its status is a success: it is not JSON, for example.
    pub unusable: Option<Error>,
}

/// The kind of a body that was read as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// There is none.
    Empty,
    /// Neither an object with members nor a list with such an object in it.
    Scalar,
    /// An object without a record: no list in it has one, and it has no object but those about pages and warnings.
    Bare,
    /// Xero's form of a refusal, although the status is a success.
    Refusal,
}

/// A token from the store or a vault.
#[derive(Debug)]
pub struct Loaded {
    /// The token. One that cannot be a token counts as none.
    pub access_token: Secret<String>,
    /// The instants at which it was asked for and at which it ends.
    pub stored: Stored,
    /// The scopes that it carries, if the store has them.
    pub scopes: Option<ScopeSet>,
}
