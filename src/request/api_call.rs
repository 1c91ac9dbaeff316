//! A call to an API: turns a method and a path or URL into an absolute URL.

use super::path::{UrlPart, fault, is_escaped};
use super::route::{ACCOUNTING, METHODS, Route, is_api, method_name, route};
use super::url::{BaseUrl, Origin};
use crate::error::{Code, Error, quoted};
use crate::text::{has_control, joined, words};

/// A call that can be sent.
#[derive(Clone, Debug)]
pub struct ApiCall {
    /// The method as it is sent, in upper case.
    pub method: &'static str,
    /// The absolute URL: ASCII, without fragment, in the form that a WHATWG URL parser leaves unchanged.
    pub url: String,
    /// The operation that it calls.
    pub route: Route,
    /// The start of the path in `url`, without the path prefix of the API's address.
    path_at: usize,
}

impl ApiCall {
    /// The path as it is sent, such as `/api.xro/2.0/Invoices`, without the query.
    pub(super) fn path(&self) -> &str {
        let path = self.url.get(self.path_at..).unwrap_or_default();
        path.split('?').next().unwrap_or_default()
    }
}

/// Reads a method and a path or URL.
///
/// `Invoices`, `/Invoices`, `/api.xro/2.0/Invoices` and `api` followed by the last one are the same call. A path that begins
/// with another API (`/payroll.xro/2.0/…`, `/appstore/2.0/…`, `/connections`) is a path of that API. An absolute URL must
/// begin with `api`. Percent-encoding is kept; characters that are not allowed in a URL, such as spaces in a filter, are
/// percent-encoded in the way of `fetch`.
///
/// # Errors
/// - [`Code::InvalidOption`]: an unknown method.
/// - [`Code::InvalidUrl`]: no path, control characters, a space at either end, a backslash in the path, a `#` (`fetch`
///   would silently drop the rest), a dot segment or an empty one, a `%` without two hexadecimal digits, credentials, a scheme
///   that is not http or https.
/// - [`Code::ForeignHost`]: an absolute URL that is not below `api`.
/// - [`Code::InsecureUrl`]: the host of `api` over plain http.
///
/// No message quotes the path or the query: they may hold secrets.
pub fn call(api: &BaseUrl, method: &str, input: &str) -> Result<ApiCall, Error> {
    let Some(method) = method_name(method) else {
        let found = quoted(method, 20);
        return Err(Error::new(
            Code::InvalidOption,
            words!["unknown method ", found, "; use one of ", joined(&METHODS, ", ")],
        ));
    };
    if has_control(input) {
        return Err(invalid("has a control character, perhaps a line break"));
    }
    if input.starts_with(' ') || input.ends_with(' ') {
        return Err(invalid("begins or ends with a space"));
    }
    if input.contains('#') {
        return Err(invalid("has a #, and the rest would not be sent; write %23"));
    }
    let (place, query) = input.split_once('?').map_or((input, None), |(place, query)| (place, Some(query)));
    if place.contains('\\') {
        return Err(invalid("has a backslash; write / between segments and %5C inside one"));
    }
    let (base, path) = match split_scheme(place) {
        Some((scheme, rest)) => ("", below(api, scheme, rest)?),
        None => relative(place),
    };
    if path.is_empty() {
        return Err(invalid("has no path; name a resource, such as /Invoices"));
    }
    if let Some(fault) = fault(path) {
        return Err(invalid(fault));
    }
    if !query.is_none_or(is_escaped) {
        return Err(invalid("has a % in its query without two hexadecimal digits; write %25 for a percent sign"));
    }

    let mut url = String::with_capacity(api.as_str().len().saturating_add(base.len()).saturating_add(input.len()));
    url.push_str(api.as_str());
    url.push_str(base);
    url.push('/');
    UrlPart::Path.escape(path, &mut url);
    let route = route(method, url.get(api.as_str().len()..).unwrap_or_default());
    if let Some(query) = query {
        url.push('?');
        UrlPart::Query.escape(query, &mut url);
    }
    Ok(ApiCall { method, url, route, path_at: api.as_str().len() })
}

/// Refuses a body on a method for which `fetch` would throw.
///
/// # Errors
/// [`Code::BodyNotAllowed`] for a `GET` or `HEAD` with a body.
pub fn check_body(method: &str, has_body: bool) -> Result<(), Error> {
    let without = method.eq_ignore_ascii_case("GET") || method.eq_ignore_ascii_case("HEAD");
    if has_body && without {
        let message = "a GET or HEAD request cannot have a body; put filters in the query, or use POST or PUT to write";
        return Err(Error::new(Code::BodyNotAllowed, message));
    }
    Ok(())
}

fn invalid(what: &str) -> Error {
    Error::new(Code::InvalidUrl, words!["the path or URL of the call ", what])
}

/// Splits off the scheme: the text before a colon, if it has no slash.
fn split_scheme(place: &str) -> Option<(&str, &str)> {
    place.split_once(':').filter(|(scheme, _)| !scheme.contains('/'))
}

/// The base and the path below it of a relative `place`.
fn relative(place: &str) -> (&'static str, &str) {
    let path = place.strip_prefix('/').unwrap_or(place);
    let first = path.split('/').next().unwrap_or_default();
    (if is_api(first) { "" } else { ACCOUNTING }, path)
}

/// The path of an absolute URL below `api`, without its leading slash.
fn below<'a>(api: &BaseUrl, scheme: &str, rest: &'a str) -> Result<&'a str, Error> {
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return Err(invalid("has a scheme other than https; write a path, such as /Invoices"));
    }
    let Some(rest) = rest.strip_prefix("//") else {
        return Err(invalid("has no // after its scheme"));
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    if authority.is_empty() {
        return Err(invalid("has no host"));
    }
    if authority.contains('@') {
        return Err(invalid("has credentials; remove them, the call is sent with the access token only"));
    }
    let foreign = |found: &str| {
        let message =
            words!["the URL of the call leads to ", found, "; the access token is sent to ", api.as_str(), " only"];
        Error::new(Code::ForeignHost, message)
    };
    match Origin::parse(scheme, authority) {
        Some(origin) if origin == *api.origin() => {}
        Some(origin) if origin.is_insecure_form_of(api.origin()) => {
            let message = words!["the URL of the call begins with http; ", api.as_str(), " is called over https only"];
            return Err(Error::new(Code::InsecureUrl, message));
        }
        _ => return Err(foreign(&quoted(authority, 60))),
    }
    match path.strip_prefix(api.prefix()) {
        Some("") => Ok(""),
        Some(path) => path.strip_prefix('/').ok_or_else(|| foreign("another path of its host")),
        None => Err(foreign("another path of its host")),
    }
}
