//! Xero's scopes, operations and dated rules as data. Each row has its source.
//!
//! The JSON files beside this module are the truth; `tables.rs` is generated from them by `cargo xtask generate` and
//! checked in CI. To change a fact, change its row and run the generator.
//!
//! Tables come in pairs: the first has the fields that the client needs at run time ([`SCOPES`], [`OPERATIONS`]); the
//! second, with a row for each row of the first, has the fields for people ([`SCOPE_FACTS`], [`OPERATION_FACTS`]). A
//! program that never reads the second table of a pair does not contain it.

mod app;
mod country;
#[cfg(test)]
mod lint;
mod lookup;
mod mask;
mod packed;
mod rows;
// One row per line, as generated.
#[rustfmt::skip]
mod tables;

pub use app::AppKind;
pub use country::Country;
pub(crate) use lookup::number;
pub use lookup::rule;
pub use mask::{Mask, ScopeId};
pub use packed::OPERATIONS;
pub use rows::{
    Access, Alias, Api, ApiId, Basis, Confidence, Family, Held, Method, Needs, Operation, OperationFacts, Paging, Rule,
    Scope, ScopeFacts, Source, SourceId, Status, When, Withdrawn,
};
pub(crate) use tables::GRANULAR_ONLY_FROM_TEXT;
pub use tables::{
    ALIASES, APIS, GRANULAR_ONLY_FROM, MISNOMERS, OPERATION_FACTS, RULES, SCOPE_FACTS, SCOPES, SOURCES, VERSION,
    WITHDRAWN,
};
