//! Machine-to-machine access to Xero custom connections.
//!
//! Everything that decides lives here and does no I/O: time and randomness are arguments, requests and answers are
//! values. Bindings carry the values to and from the world.

pub mod backoff;
pub mod call;
pub mod catalogue;
pub mod connection;
pub mod error;
pub mod limits;
pub mod policy;
pub mod random;
pub mod request;
pub mod resolve;
pub mod retry_after;
pub mod scope;
pub mod secret;
#[cfg(feature = "simulator")]
pub mod simulator;
pub mod time;
pub mod token;
#[cfg(any(feature = "wasm", feature = "wasm-policy", feature = "wasm-simulator", feature = "gloo"))]
pub mod wasm;
mod words;
