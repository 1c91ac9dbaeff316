//! The life of a call: token, place within Xero's limits, sending, retries, and what its caller gets.
//!
//! [`Machine`] holds one connection ([`Connection`](crate::connection::Connection)) and every call under way. It decides and
//! does nothing else. A *driver* does the rest: it makes requests, sets timers, keeps token strings and holds the callers'
//! promises. The npm package, the Rust client of the feature `gloo` and the tests are such drivers.
//!
//! # The contract
//!
//! 1. **Report one event** with [`Machine::handle`], as it happens, with the time.
//! 2. **Perform every action** of the list that it returns, in order, before reporting the next event. An action that takes
//!    time is begun; its end is an event.
//! 3. **Set one timer** for the instant of [`Machine::wake`], and report [`Event::Tick`] then. Every event may change it.
//!    `None` means that no timer is needed.
//!
//! A call begins with [`Event::Begin`] under a number of the driver's choice. Until it is over, all events and actions about it
//! carry this number. It is over with exactly one of
//! - [`Action::Give`]: its caller gets the answer that the driver has,
//! - [`Action::Fail`]: its caller gets an error,
//! - [`Event::Aborted`]: its caller is gone.
//!
//! In between, the driver sends it each time that it gets [`Action::Send`], and reports [`Event::Answered`] or [`Event::Lost`]
//! each time, once. A driver that waits longer than [`Action::Send`] allows reports `Lost` with a timeout. Events about a call
//! that is over, or that are reported twice, are ignored.
//!
//! A caller that needs a token and no call begins with [`Event::Want`] and gets [`Action::Use`] or `Fail`.
//!
//! Actions about tokens name no call: a token serves all of them. The machine never sees when a token *request* is under way
//! for too long; its attempt has a lease, after which the next call that needs a token makes another one.
//!
//! # Example
//!
//! The first call of a client, whose answer is a 503:
//!
//! | Event | Actions |
//! |---|---|
//! | `Begin { call: 1, … }` | `Ask { attempt: 1 }`: there is no token, so the call waits for one |
//! | `TokenAnswered { attempt: 1, … }` | `Keep { generation: 1, … }`, `Send { call: 1, url, generation: 1, … }` |
//! | `Answered { call: 1, answer: 503 }` | `Discard { call: 1 }`: the call will be sent again. [`Machine::wake`] is when |
//! | `Tick` | `Send { call: 1, … }` |
//! | `Answered { call: 1, answer: 200 }` | `Give { call: 1, error: None }` |

mod action;
mod caller;
mod ending;
mod event;
mod keys;
mod machine;
pub mod outcome;
pub mod retry;
mod sending;
pub mod wire;

pub use action::{Action, Token};
pub use event::{Answer, Before, Begin, BodyKind, Event, KeyGiven, Loaded, Now};
pub use machine::{Config, Machine};
