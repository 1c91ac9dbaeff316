//! The door for those who know what they call: a method with a URL.

use super::ledger::with_other_apis;
use super::target::{Target, target};
use crate::request::route::route;

/// The operations that a request with this method and URL may be, as rows of
/// [`OPERATIONS`](crate::catalogue::OPERATIONS): one, or several where APIs share a base and a path, as payroll of New
/// Zealand and of the United Kingdom do; none if the URL is not Xero's or the catalogue has no such operation. A URL of another
/// host counts as Xero's if its path has the base of an API, because it may lead to a proxy.
///
/// `Invoices`, `/Invoices`, `/api.xro/2.0/Invoices` and `https://api.xero.com/api.xro/2.0/Invoices?page=1` are the same. The
/// method is written in any case; `HEAD` is `GET`.
pub fn operations_of(method: &str, url: &str) -> Vec<u16> {
    let Target::Api(path) = target(url) else { return Vec::new() };
    route(method, &path).row().map(with_other_apis).unwrap_or_default()
}
