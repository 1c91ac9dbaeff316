//! Xero's limits: whether a call may be sent now, and if not, why and until when.
//!
//! [`Limiter`] decides and does nothing else. A driver tells it of every call that wants to be sent and of everything that
//! happened ([`Event`]), and performs what it answers ([`Action`]), in the order given. [`Reading`] is what the headers of
//! an answer say about limits.
//!
//! Xero's windows are fixed and begin at another time for each organisation (source `xero-limits`), so where they begin
//! is learnt: a remaining count that went up lies behind an edge, and the `Retry-After` of a refusal points at the next.
//! Other programs spend from the same limits, so what a header says always wins over what was counted here.
//!
//! `now` should be a measured time that begins anywhere: where it is that of a clock that somebody sets, places, pauses and
//! windows end when it is set ahead. Set back, they keep what they had left.

mod cap;
mod config;
mod error;
mod event;
mod flight;
mod limiter;
mod queue;
mod reading;
mod span;
mod trail;
mod window;

pub use config::Config;
pub use event::{Action, Event, Standing, Wait, Why};
pub use limiter::Limiter;
pub use queue::{Call, Priority};
pub use reading::{Headers, Problem, Reading};
