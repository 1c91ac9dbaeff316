//! Machine-to-machine access to Xero custom connections.
//!
//! This crate makes all decisions and does no I/O: time and randomness are arguments, requests and answers are values. The
//! bindings pass these values between the crate and its host.

pub mod backoff;
mod base64;
pub mod call;
pub mod catalogue;
pub mod connection;
mod created;
pub mod crossing;
pub mod error;
pub mod fleet;
pub mod kind;
pub mod limits;
pub mod policy;
pub mod random;
pub mod request;
pub mod resolve;
pub mod retry_after;
pub mod scope;
pub mod secret;
pub mod shared;
#[cfg(feature = "simulator")]
pub mod simulator;
mod text;
pub mod time;
pub mod token;
pub mod unsent;
mod uuid;
pub mod verify;
#[cfg(any(
    feature = "wasm",
    feature = "wasm-policy",
    feature = "wasm-record",
    feature = "wasm-shared",
    feature = "wasm-simulator",
    feature = "gloo"
))]
pub mod wasm;
