//! From a method and a path to the operation of the catalogue.

use core::cmp::Ordering;

use crate::catalogue::{APIS, Method, OPERATIONS, Operation};

/// What the catalogue has for a method and a path.
#[derive(Clone, Copy, Debug)]
pub enum Route {
    /// This operation, which is this row of [`OPERATIONS`].
    Known(&'static Operation, u16),
    /// Nothing: Xero may still have it.
    Unknown,
}

impl Route {
    /// The operation, where it is known.
    pub const fn operation(self) -> Option<&'static Operation> {
        match self {
            Self::Known(operation, _) => Some(operation),
            Self::Unknown => None,
        }
    }

    /// Its row in [`OPERATIONS`], where it is known.
    pub const fn row(self) -> Option<u16> {
        match self {
            Self::Known(_, row) => Some(row),
            Self::Unknown => None,
        }
    }
}

/// Finds the operation with this method and this path below `https://api.xero.com`, such as `/api.xro/2.0/Invoices`.
///
/// Neither minds upper and lower case, and one slash at the end of the path changes nothing. `HEAD` is routed as `GET`.
/// A parameter is any segment that is not empty, as it stands: percent-encoded, or `{InvoiceID}` itself. Where several
/// operations fit, a literal segment wins over a parameter, then the first row wins; the catalogue's lint proves that
/// the same scopes open those that differ in nothing but parameters.
pub fn route(method: &str, path: &str) -> Route {
    let method = if method.eq_ignore_ascii_case("HEAD") { "GET" } else { method };
    let Some(method) = Method::parse(method) else {
        return Route::Unknown;
    };
    let path = path.strip_suffix('/').unwrap_or(path);
    let (base, resource) = split_base(path);
    let Some(base) = APIS.iter().map(|api| api.base).find(|own| own.eq_ignore_ascii_case(base)) else {
        return Route::Unknown;
    };
    let start = OPERATIONS.partition_point(|operation| order(operation, base, resource).is_lt());
    let end = OPERATIONS.partition_point(|operation| order(operation, base, resource).is_le());
    // `{` sorts behind everything else a path is made of, so the first row that fits has literals where any has.
    (start..end)
        .zip(OPERATIONS.get(start..end).unwrap_or_default())
        .find(|(_, operation)| operation.method == method && fits(operation.path(), resource))
        .and_then(|(row, operation)| Some(Route::Known(operation, u16::try_from(row).ok()?)))
        .unwrap_or(Route::Unknown)
}

/// Whether a first path segment names an API rather than a resource of the accounting API.
pub(crate) fn is_api(segment: &str) -> bool {
    let ends_with = |suffix: &str| {
        let split = segment.len().checked_sub(suffix.len()).and_then(|at| segment.split_at_checked(at));
        split.is_some_and(|(front, back)| !front.is_empty() && back.eq_ignore_ascii_case(suffix))
    };
    ends_with(".xro") || segment.eq_ignore_ascii_case("appstore") || segment.eq_ignore_ascii_case(IDENTITY)
}

/// The one resource of the API without a base.
const IDENTITY: &str = "connections";

/// Splits a path into the base of an API, which has two segments or none, and the resource below it.
fn split_base(path: &str) -> (&str, &str) {
    let mut slashes = path.match_indices('/').map(|(at, _)| at);
    let first = path.split('/').nth(1).unwrap_or_default();
    let at = if first.eq_ignore_ascii_case(IDENTITY) { Some(0) } else { slashes.nth(2) };
    at.and_then(|at| path.split_at_checked(at)).unwrap_or((path, ""))
}

/// Whether an operation lies before, among or behind those of `base` whose resource begins with the same letter. Within
/// a base, first letters are all upper or all lower case, so that folding them keeps the order of the rows.
fn order(operation: &Operation, base: &str, resource: &str) -> Ordering {
    let initial = |path: &str| path.as_bytes().get(1).map(u8::to_ascii_lowercase);
    let own = operation.api.row().map_or("", |api| api.base);
    own.cmp(base).then_with(|| initial(operation.path()).cmp(&initial(resource)))
}

/// Whether `resource` is `pattern` with values for its parameters.
fn fits(pattern: &str, resource: &str) -> bool {
    // By bytes, which for short segments is several times faster than by characters.
    let mut segments = resource.as_bytes().split(|&byte| byte == b'/');
    let segment_fits = |own: &[u8], given: &[u8]| {
        if own.starts_with(b"{") { !given.is_empty() } else { own.eq_ignore_ascii_case(given) }
    };
    pattern
        .as_bytes()
        .split(|&byte| byte == b'/')
        .all(|own| segments.next().is_some_and(|given| segment_fits(own, given)))
        && segments.next().is_none()
}
