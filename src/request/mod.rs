//! Requests as values.
//!
//! [`call`] turns a method and a path into an absolute URL, [`route`](route::route) finds its operation, [`preflight`]
//! refuses a call that no granted scope opens, [`token_request`] makes the exact bytes of a token request. Sending is left to
//! the host.

mod api_answer;
mod api_call;
mod header;
mod nearest;
mod pages;
mod path;
mod preflight;
pub mod route;
mod token;
mod url;

pub use api_answer::{ApiAnswer, MAX_ERROR_BYTES};
pub use api_call::{ApiCall, call, check_body};
pub use header::{DEFAULT_ACCEPT, check_header};
pub use pages::{Pages, pages};
pub use preflight::preflight;
pub(crate) use route::ACCOUNTING;
pub use route::Route;
pub use token::{TOKEN_ACCEPT, TOKEN_CONTENT_TYPE, TokenRequest, check_token_options, token_request};
pub(crate) use token::{basic, check_credential, push_form_encoded};
pub use url::BaseUrl;
