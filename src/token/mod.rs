//! The lifecycle of an access token: when to ask, when to wait, when to serve, when to give up.
//!
//! [`Lifecycle`] decides and does nothing else. A driver, in JavaScript or Rust, reports events ([`TokenEvent`]) and performs
//! the answers ([`TokenAction`]) in the order given. [`answer`] judges the answers of the identity service, which [`json`]
//! reads.
//!
//! A driver that gets its tokens from a vault performs [`TokenAction::Send`] by asking that, and answers with
//! [`TokenEvent::Adopted`]: the vault renews tokens, the machine decides when to ask.
//!
//! The machine never holds a token. It counts *generations*: the driver keeps the token string under the generation
//! that [`TokenAction::Keep`] names and hands out the one that [`TokenAction::Use`] names.

pub mod answer;
mod config;
mod event;
pub mod json;
mod machine;

pub use config::LifecycleConfig;
pub use event::{Stored, TokenAction, TokenEvent, TokenPhase, TokenWait};
pub use machine::{Lifecycle, REMEMBERED};
