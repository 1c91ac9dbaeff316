//! Kinds of connections beside the custom one: that of a user, who logged in to an app, and that of an app itself.
//!
//! A custom connection reaches one organisation, and its token selects it (rules R1, R18). The token of a user may reach several,
//! so each call names one ([`choose`], [`check_header`]); the tokens of an app reach none ([`app_scope`]). [`explained`] has the
//! errors of calls in the words of these kinds.

mod app;
mod explained;
mod tenant;

pub use app::app_scope;
pub use explained::{ConnectionKind, RefusedCall, explained};
pub use tenant::{Tenant, check_header, choose};
