//! An async client for Rust programs that themselves compile to wasm32.
//!
//! A driver of the same [`Machine`](crate::call::Machine) that the npm package drives, made from `wasm-bindgen-futures` and
//! `gloo-net`: for Rust on Node, in a Worker, in an application that embeds a browser. Xero's limits, the queue before them and
//! retries are the same as in the npm package.
//!
//! ```no_run
//! use xero_m2m::connection::Options;
//! use xero_m2m::scope::ScopeSet;
//! use xero_m2m::secret::Secret;
//! use xero_m2m::wasm::gloo::{self, Client, Request};
//!
//! # async fn example(id: &str, secret: String) -> Result<(), xero_m2m::error::Error> {
//! let scopes = ScopeSet::from_names(["accounting.contacts", "accounting.settings.read"]);
//! let options = Options { scopes: Some(scopes), ..gloo::options(id)? };
//! let xero = Client::new(options, Secret::new(secret))?;
//!
//! let answer = xero.get("/Organisation").await?;
//! println!("{} {}", answer.status(), answer.text());
//!
//! let contacts = serde_json::json!({ "Contacts": [{ "Name": "Bayside Boatyard" }] });
//! let created: serde_json::Value = xero.send(Request::json("PUT", "/Contacts", &contacts)?).await?.json()?;
//! # Ok(())
//! # }
//! ```
//!
//! # Where it runs, and where it does not
//!
//! - It takes `fetch`, `Request`, `URL`, `AbortController`, `setTimeout`, `Date.now` and `performance.now` from the global
//!   scope.
//! - **Pages in a browser.** Xero answers no page of another origin (no CORS), and a secret has no place in a page: there,
//!   point [`identity_url`](crate::connection::Options::identity_url) and
//!   [`api_url`](crate::connection::Options::api_url) at a service of your own.
//! - **Workers that serve many requests** (workerd). A future of one request must not wait for that of another: make a
//!   client for each request, or use the npm package, which shares a token between them.
//! - **Stand-ins for `fetch`.** `gloo-net` panics if `fetch` rejects with a value that is no `Error` of this realm or
//!   resolves to one that is no `Response` of it. Here it only builds the requests and reads the headers of answers; `fetch` is
//!   called and judged by this module, so neither can happen: both are errors. What remains is an `Error` of another
//!   realm thrown by the *constructors* `Request` and `URL`; their arguments are checked before, so that they have
//!   nothing to throw as long as all the names above belong together.

mod call;
mod client;
mod driver;
mod fetch;
mod timer;

pub use call::{Request, Response};
pub use client::{AccessToken, Client, options};
