//! From the calls of a program to the smallest safe change of a custom connection, or of another kind of app.
//!
//! Everything here is pure and total: the same input gives the same answer, in the same order, and the day of the answer
//! is an argument. Every answer names its rule, its source and the confidence in it; doubtful answers are marked as such.
//! All of it serialises, in camel case.
//!
//! - [`least`] and [`required`]: the smallest set of scopes for some operations, or for calls as people have them.
//! - [`check`]: the calls that a set of scopes allows.
//! - [`assess`]: the rules that hold for a connection.
//! - [`listing`]: the whole catalogue.
//! - [`explain`]: its rows about one word, or the nearest known words.
//! - [`plan`]: the way from one set of scopes to another, and the steps that cannot be undone.
//! - [`review`]: all of these in one answer about one connection.
//! - [`compare_usage`]: the calls that a program has, beside those that ran.
//!
//! `kinds.rs` has the differences between kinds of app: the scopes that each can hold, its rules and its words.

mod assess;
mod change;
mod check;
mod claim;
mod closed;
mod connection;
mod countries;
mod course;
mod due;
mod email;
mod ending;
mod explain;
mod finding;
mod inferred;
mod kinds;
mod least;
mod listing;
mod operation;
mod phrases;
mod plan;
mod planner;
mod reading;
mod recorded;
mod review;
mod rules;
mod suitable;
mod ticket;
mod topics;
mod unknown;
mod validity;
mod verdict;

pub use assess::{Assessment, assess};
pub use check::{Broad, CalledWith, Check, Verdict, Written, check};
pub use claim::{Citation, Claim};
pub use connection::{ConnectionFacts, Region};
pub use due::Due;
pub use explain::{ErrorEntry, ExplainedScope, Explanation, explain};
pub use finding::{Finding, FindingGroup, FindingKind, Remark, Severity};
pub use least::{Further, Kept, Least, PerScope, Required, Unopenable, least, required};
pub use listing::{Listing, OperationEntry, RuleEntry, ScopeEntry, SourceEntry, WithdrawnEntry, listing};
pub use operation::Entry;
pub use plan::{
    Cautious, ChangePlan, Door, Email, KeepsWorking, PlanDetails, PlanQuestion, PlanStep, Refusal, Rollback, Stays,
    StepKind, Which,
};
pub use planner::plan;
pub use recorded::{ComparedUsage, compare_usage, usage_summary};
pub use review::{Review, ReviewQuestion, review};
pub use rules::{Deadline, DeadlineState, Reported};
pub use topics::Topic;
pub use unknown::UnknownScope;
