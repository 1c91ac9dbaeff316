//! Xero's limits: whether a call may be sent now, and if not, why and until when.
//!
//! [`Limiter`] decides and does nothing else. A driver reports every call that is to be sent and everything that happens
//! ([`LimitsEvent`]), and performs the answers ([`LimitsAction`]) in the order given. [`Reading`] holds the headers of an answer that
//! are about limits.
//!
//! A limiter has two parts. The queue belongs to the process whose callers wait. [`Admission`] has the slots, the windows and
//! the pauses; it is plain data that can be saved and restored.
//!
//! Xero's windows are fixed and begin at another time for each organisation (source `xero-limits`), so their beginning is
//! learnt: a remaining count that went up lies behind an edge, and the `Retry-After` of a refusal points at the next.
//! Other programs spend from the same limits, so a header always wins over a count made here.
//!
//! `now` should be measured time with any origin. With a clock that can be set, slots, pauses and windows end when it is set
//! ahead. When it is set back, they keep the time that they had left.

mod admission;
mod allowance;
mod cap;
mod config;
mod error;
mod event;
mod limiter;
mod queue;
mod reading;
mod shared;
mod slots;
pub(crate) mod snapshot;
mod span;
mod trail;
mod window;

pub use admission::{Admission, DayOver, Flights};
pub use allowance::{Allowance, Load};
pub use config::LimitsConfig;
pub use event::{LimitsAction, LimitsEvent, LimitsStatus, Wait, WaitReason};
pub use limiter::Limiter;
pub use queue::{Priority, QueuedCall};
pub use reading::{Headers, Problem, Reading};
pub use shared::{CallsAround, KnownWindow, SharedAnswer};
pub use snapshot::{MAX_SNAPSHOT_BYTES, SnapshotError};
pub use window::Seen;
