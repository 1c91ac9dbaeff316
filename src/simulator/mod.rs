//! A local imitation of Xero: one custom connection to one demo company.
//!
//! Deterministic and sans-I/O: a request and the time go in, a response comes out; everything else follows from
//! [`SimulatorConfig`]. The same configuration and the same requests give the same bytes. It is made to test against and is
//! **not** Xero: what Xero really does is stated in the catalogue and its sources, and where they are silent this module
//! chooses, and says so:
//!
//! - **Tokens.** Requested scopes must be configured by exactly the same name (whether `accounting.invoices` stands for
//!   its `.read` is not known). An empty `scope` is refused like an unconfigured one. The `resource` parameter and
//!   Xero's SDK's `scopes` are ignored. The claims have no `x5t`, because there is no certificate.
//! - **Order of checks.** Token, tenant header, path, scope, body. A `xero-tenant-id` may be absent, empty or right; a
//!   wrong one is a 403, as for user tokens.
//! - **JSON only.** Whatever `Accept` says, the accounting API answers JSON here, except for an invoice asked for as
//!   `application/pdf`. A GET with a body is a 400.
//! - **Lists.** `page` and `pageSize` snap into their ranges; a list without `page` is page 1 without line items.
//!   `where`, `order`, `searchTerm` and `createdByMyApp` are refused on contacts and invoices, not ignored.
//! - **Written in earnest** are invoices. Every other write is answered with the empty result of its shape and kept
//!   nowhere. Reading a record by its id is answered with an empty list where the API answers with lists, else 404.
//! - **Connections.** `/connections` answers with an empty list: the reports contradict each other.
//! - **Limits.** None, unless [`SimulatorConfig::limits`] has some: then fixed windows with a phase from the seed.
//! - **States.** A connection that is not authorised still gets tokens, as a report says, without `xero_tenant_id` if it never
//!   was; its calls are answered with a bare 403, and those to a demo company that was reset with Xero's words for it. What
//!   happens to tokens from before an edit is not known: here they are refused like new ones, and keep their scopes.
//! - **Idempotency keys** of POST, PUT and PATCH: see `keys.rs`. Limits come first, and replays count.
//! - **Faults**: see [`fault`].
//! - **Time.** Broad scopes keep working past September 2027.

mod amount;
mod api;
mod company;
mod config;
mod context;
// Tables, one row per line.
#[rustfmt::skip]
mod demo;
mod empty_answers;
mod errors;
pub mod fault;
mod formats;
mod http;
mod identity;
mod invoice;
mod invoice_json;
mod invoice_write;
mod invoices;
mod jwt;
mod keys;
mod local_xero;
mod random;
mod route;
mod state;
mod tokens;
mod windows;

pub use company::Country;
pub use config::SimulatorConfig;
pub use http::{HttpRequest, HttpResponse};
pub use local_xero::{Counts, Reply, Simulator};
pub use state::State;
pub use windows::Limits;
