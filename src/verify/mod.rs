//! The questions about Xero that only a live account settles, asked of one.
//!
//! [`verification`] takes the answers so far and returns the next requests, a question to the person at the terminal, or the
//! report. It has no state: the transcript is the state, and the host carries it.
//!
//! A question (`questions.rs`) has parts, each a fact as this package has it, and a function that reads the transcript. The
//! function returns what was seen, or the reason why it cannot: requests that have to be sent first, or something that the
//! connection lacks. A request that went wrong leaves its question open, and the others go on.
//!
//! No token enters here: the host keeps tokens by the names of their requests. The report is built from texts of this
//! package alone, so no name and no id of an organisation can be in it.

mod ask;
mod calls;
mod course;
mod draft;
mod heard;
mod json;
mod observed;
mod openers;
mod questions;
mod report;
mod tokens;
mod transcript;

pub use ask::{Ask, AskedService};
pub use course::{MOST_CALLS, VerifyOptions, VerifyStep, verification};
pub use heard::{Heard, NoAnswer};
pub use json::Json;
pub use observed::{ChallengeKind, DetailKind, ListKind, Observed, ScopeShape};
pub use report::{FactCheck, QuestionState, Remains, Verification, VerifiedPart, VerifiedQuestion, VerifiedTarget};
