//! The books of an organisation as the accounting API has them.
//!
//! [`resource`] is the table of the kinds of records; each kind with rules of its own has a file in `rules`. [`store`] holds the
//! records, `write` carries out writes, `read` answers reads, [`members`] knows the members of each kind.

pub(super) mod attachments;
mod filters;
pub(super) mod history;
pub(super) mod journals;
pub(super) mod json;
pub(super) mod lines;
pub(super) mod load;
pub(super) mod members;
pub(super) mod parts;
mod paths;
mod pdf;
pub(super) mod read;
pub(super) mod record;
pub(super) mod resource;
pub(super) mod rules;
mod show;
pub(super) mod start;
pub(super) mod store;
pub(super) mod write;
