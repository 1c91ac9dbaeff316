//! A local imitation of Xero: one custom connection to one demo company.
//!
//! Deterministic and without I/O: a request and the time go in, a response comes out; everything else follows from
//! [`SimulatorConfig`]. The same configuration and the same requests give the same bytes. It is made for tests and is
//! **not** Xero: the catalogue and its sources have the facts about Xero. Where they are silent, this module makes these
//! choices:
//!
//! - **Tokens.** Requested scopes must be configured by exactly the same name (it is not known if `accounting.invoices` includes
//!   its `.read`). An empty `scope` is refused like an unconfigured one. The `resource` parameter and
//!   Xero's SDK's `scopes` are ignored. The claims have no `x5t`, because there is no certificate.
//! - **Order of checks.** Token, tenant header, path, scope, body. A `xero-tenant-id` may be absent, empty or right; a
//!   wrong one is a 403, as for user tokens.
//! - **JSON only.** The accounting API answers JSON for every `Accept`, except for an invoice requested as
//!   `application/pdf`. A GET with a body is a 400.
//! - **Lists.** `page` and `pageSize` out of range become the nearest allowed value; a list without `page` is page 1
//!   without line items.
//!   `where`, `order`, `searchTerm` and `createdByMyApp` are refused on contacts and invoices, not ignored.
//! - **Writes.** Only invoices are really written. Every other write is answered with the empty result of its operation
//!   and stores nothing. Reading a record by its id is answered with an empty list if the API answers with lists, else 404.
//! - **Connections.** `/connections` answers with an empty list, because reports about it contradict each other.
//! - **Limits.** None, unless [`SimulatorConfig::limits`] has some: then fixed windows whose start depends on the seed.
//! - **States.** A connection that is not authorised still gets tokens (reported by a third party), without
//!   `xero_tenant_id` if it was never authorised. Its calls are answered with a 403 without a body; calls to a demo company
//!   that was reset are answered with Xero's words for it. It is not known how Xero treats tokens from before an edit: here
//!   they are refused like new ones, and keep their scopes.
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

pub use config::SimulatorConfig;
pub use http::{HttpRequest, HttpResponse};
pub use local_xero::{Counts, Reply, Simulator};
pub use state::ConnectionState;
pub use windows::Limits;

pub use crate::catalogue::Country;
