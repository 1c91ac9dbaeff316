//! The lifecycle of an access token: when to ask, when to wait, when to serve, when to give up.
//!
//! [`Machine`] decides and does nothing else. A driver, in JavaScript or Rust, tells it what happened ([`Event`]) and
//! performs what it answers ([`Action`]), in the order given. [`answer`] judges what the identity service said.
//!
//! The machine never holds a token. It counts *generations*: the driver keeps the token string under the generation
//! that [`Action::Keep`] names and hands out the one that [`Action::Use`] names.

pub mod answer;
mod machine;

pub use machine::{Action, Config, Event, Machine, Phase, REMEMBERED, Stored, Why};
