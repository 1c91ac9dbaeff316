//! A local imitation of Xero: one app of each kind, a few users, and demo companies.
//!
//! Deterministic and without I/O: a request and the time go in, a response comes out; everything else follows from
//! [`SimulatorConfig`]. The same configuration and the same requests give the same bytes. It is made for tests and is
//! **not** Xero: the catalogue and its sources have the facts about Xero. Where they are silent, this module makes these
//! choices:
//!
//! - **Tokens.** Requested scopes must be configured by exactly the same name (it is not known if `accounting.invoices` includes
//!   its `.read`). An empty `scope` is refused like an unconfigured one. The `resource` parameter and
//!   Xero's SDK's `scopes` are ignored. The claims have no `x5t`, because there is no certificate.
//! - **Order of checks.** Token, tenant header, path, scope, body. With the token of a custom connection a `xero-tenant-id`
//!   may be absent, empty or right; with that of a user it has to be right. Anything else is a 403.
//! - **Consent.** An error of an authorization request is shown on a page, and only the user's answer is sent to the app. A Web
//!   app may send a challenge (PKCE) and then has to prove it. The first exchange of a code uses it up, also if it is
//!   refused. A consent renews the connections of its organisations, which then have its `authEventId`. Certification, tiers
//!   and their limits of connections are not imitated.
//! - **Refresh tokens.** The successors of a used token have two readings ([`Grace`]). A refresh gives the scopes of its login; its
//!   own parameter `scope` is ignored. Only a revocation by a refresh token ends a login.
//! - **The app itself.** Client credentials of the Web app give `app.connections` and `marketplace.billing`; with other scopes
//!   it is an `unauthorized_client`. If a request for connections names an organisation and a user, both have to fit.
//! - **Formats.** The accounting API answers with XML if `Accept` is absent or asks for XML, else with JSON; a document requested
//!   as `application/pdf` is one page with its members. It reads JSON and XML. A GET with a body is a 400.
//! - **Lists.** `page` and `pageSize` out of range become the nearest allowed value; a list without either has every record,
//!   without line items. Texts are compared exactly by `where`, without regard to case by `searchTerm` and `order`; letters that are
//!   neither Latin, Greek nor Cyrillic have one case.
//! - **Members.** A write keeps the members that Xero's specification has for the kind of record, and ignores those that it
//!   computes and all others, because clients send back what they have read. Contacts are matched by id, number or name.
//! - **Ledger.** Every report is counted from the documents, by double entry. A document counts from its date while it is
//!   `AUTHORISED`, `PAID` or `POSTED`, in another currency at its own `CurrencyRate` (1 unless it is sent); unrealised gains are
//!   not counted. An overpayment stands in the receivables or payables; a prepayment in the accounts of its lines, and its
//!   allocation takes these back. A line whose account is not known goes to the account "Suspense". Reports on a cash basis, and
//!   balance sheets by tracking, are answered with 501. Journals are numbered when they are first read.
//! - **Projects and assets.** What a project is worth follows from its tasks and times; nothing is invoiced. An asset is worth its
//!   price less the depreciation that was sent with it; none is run. A refusal of a project has the form `message` and
//!   `modelState`, one of an asset that of its specification.
//! - **Files.** Names have no `\\/:*?"<>|`; any extension is accepted; a folder that has files is not deleted.
//! - **Payroll**: see `payroll/mod.rs`. No pay is counted.
//! - **Mistakes.** Where sources do not say if Xero refuses a write, one that would make the books wrong is refused: totals, taxes,
//!   rates and currencies that cannot be, archived contacts and accounts, settings that are in use, codes that there are not.
//! - **Words.** Where Xero's words for a refusal are not known, the message is the simulator's own.
//! - **Parameters.** An answer names the parameters that it does not depend on in `X-Local-Xero-Ignored`.
//! - **Coverage** ([`Coverage`]). A write is carried out, or refused as Xero does; a write that is not played is answered with
//!   501. A read without data is answered with an empty answer that is marked `X-Local-Xero: shape`, or with 501 if the
//!   simulator is [strict](SimulatorConfig::strict). A record of a resource that is not played is not found (404).
//! - **Connections.** With the token of a custom connection `/connections` names its organisation, or nothing
//!   ([`SimulatorConfig::lists_connection`]), because reports about it contradict each other.
//! - **Limits.** None, unless [`SimulatorConfig::limits`] has some: then fixed windows whose start depends on the seed.
//! - **States.** A custom connection that is not authorised still gets tokens (reported by a third party), without
//!   `xero_tenant_id` if it was never authorised. Its calls are answered with a 403 without a body; calls to a demo company
//!   that was reset are answered with Xero's words for it. It is not known how Xero treats tokens from before an edit: here
//!   they are refused like new ones, and keep their scopes.
//! - **Idempotency keys** of POST, PUT and PATCH: see `keys.rs`. Limits come first, and replays count.
//! - **Webhooks**: see `webhooks.rs`. They are those of all apps, for all organisations.
//! - **Faults**: see [`fault`].
//! - **Time.** Broad scopes keep working past September 2027.

mod amount;
mod api;
mod apps;
mod authorize;
mod books;
mod calls;
mod certificate;
mod changes;
mod client;
mod codes;
mod company;
mod config;
mod connections;
mod consent;
mod consent_page;
mod context;
// Tables, one row per line.
#[rustfmt::skip]
mod demo;
mod empty_answers;
mod errors;
mod explain;
pub mod fault;
mod faults;
mod formats;
mod front_page;
mod grants;
mod hmac;
mod http;
mod id_token;
mod identity;
mod invoice;
mod invoice_json;
mod jwt;
mod keys;
mod ledger;
mod letters;
mod local_xero;
mod logins;
mod multipart;
mod others;
mod payroll;
mod plays;
mod proxy;
mod query;
mod random;
mod refresh_tokens;
mod reports;
mod revocation;
mod route;
mod state;
mod subscriptions;
mod tokens;
mod users;
mod webhooks;
mod windows;
mod xml;

pub use apps::{App, Grace, UserApps};
pub use certificate::{CertificateKind, CertificateRequest};
pub use config::SimulatorConfig;
pub use consent::Consent;
pub use explain::LogReason;
pub use http::{HttpRequest, HttpResponse};
pub use local_xero::{Counts, Reply, SimulatedOrganisation, Simulator};
pub use plays::Coverage;
pub use proxy::Passage;
pub use state::ConnectionState;
pub use webhooks::{WebhookConfig, WebhookDelivery, WebhookState, WebhookStep};
pub use windows::Limits;

pub use crate::catalogue::Country;
