//! Finds the operation of the catalogue for a method and a path.

use core::cmp::Ordering;
use std::borrow::Cow;

use crate::catalogue::{ALIASES, APIS, Method, Needs, OPERATIONS, Operation, WITHDRAWN, Withdrawn};

/// The base of the accounting API, to which a path without an API belongs.
pub(crate) const ACCOUNTING: &str = "/api.xro/2.0";

/// The methods that can be sent. `OPTIONS` is allowed although no operation has it; `HEAD` is routed as `GET`.
pub(crate) static METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// Reads the name of a method in any case; `None` if it cannot be sent.
pub(crate) fn method_name(text: &str) -> Option<&'static str> {
    METHODS.iter().copied().find(|method| method.eq_ignore_ascii_case(text))
}

/// The result of looking up a method and a path in the catalogue.
#[derive(Clone, Copy, Debug)]
pub enum Route {
    /// An operation, and its row in [`OPERATIONS`].
    Known(&'static Operation, u16),
    /// Not in the catalogue. Xero may have it all the same.
    Unknown,
}

impl Route {
    /// The operation, if it is known.
    pub const fn operation(self) -> Option<&'static Operation> {
        match self {
            Self::Known(operation, _) => Some(operation),
            Self::Unknown => None,
        }
    }

    /// Its row in [`OPERATIONS`], if it is known.
    pub const fn row(self) -> Option<u16> {
        match self {
            Self::Known(_, row) => Some(row),
            Self::Unknown => None,
        }
    }
}

/// Finds the operation with this method and this path below `https://api.xero.com`, such as `/api.xro/2.0/Invoices`.
///
/// Upper and lower case make no difference, nor does one slash at the end of the path. `HEAD` is routed as `GET`. The
/// beginnings in [`ALIASES`] are replaced by their meaning. A parameter fits any segment that is not empty, without decoding:
/// also a percent-encoded one, or `{InvoiceID}` itself. If the operation takes only an id, it fits a UUID or a placeholder. If
/// several operations fit, a literal segment is preferred to a parameter, then the first row is chosen; the catalogue's lint
/// proves that operations that differ only in parameters are opened by the same scopes.
pub fn route(method: &str, path: &str) -> Route {
    let find = || {
        let method = read(method)?;
        let place = ApiPath::of(path)?;
        let mut fitting = place.rows().filter(|(_, operation)| operation.method == method && place.has(operation));
        // `{` sorts after all other characters of a path, so a row with a literal comes before a row with a parameter.
        let (row, operation) = fitting.next()?;
        Some(Route::Known(operation, row))
    };
    find().unwrap_or(Route::Unknown)
}

/// The base of the API that a path belongs to, as [`base_name`] has it; `None` if it belongs to none that is known.
pub(crate) fn base_of(path: &str) -> Option<&'static str> {
    ApiPath::of(path).map(|place| base_name(place.base))
}

/// The name of a base in recordings; the API without a base has the name of its resource.
pub(crate) const fn base_name(base: &'static str) -> &'static str {
    if base.is_empty() { "/connections" } else { base }
}

/// Finds a write on this path for a method that the specification does not have there: the first of its writes, if the same
/// scopes open all of them. The scopes of such a call are inferred, not stated by Xero.
pub fn write_like(method: &str, path: &str) -> Option<u16> {
    let place = ApiPath::of(path)?;
    if read(method)? == Method::Get {
        return None;
    }
    let (_, first) = place.rows().find(|(_, operation)| place.has(operation))?;
    let is_there = |operation: &Operation| !operation.is_read() && same_pattern(operation.path(), first.path());
    let mut writes = place.rows().filter(|(_, operation)| is_there(operation));
    let (row, write) = writes.next()?;
    let needs = write.needs();
    (needs != Needs::NOTHING && writes.all(|(_, other)| other.needs() == needs)).then_some(row)
}

/// Finds the operation with this method and path among those that Xero no longer has.
pub fn withdrawn(method: &str, path: &str) -> Option<&'static Withdrawn> {
    let method = read(method)?;
    let place = ApiPath::of(path)?;
    let base = |gone: &Withdrawn| gone.api.row().map_or("", |api| api.base);
    WITHDRAWN
        .iter()
        .find(|gone| gone.method == method && base(gone) == place.base && fits(gone.path, false, &place.resource))
}

/// Returns whether two paths of the catalogue are the same, apart from the names of their parameters.
pub(crate) fn same_pattern(one: &str, other: &str) -> bool {
    let fits =
        |(one, other): (&str, &str)| one.eq_ignore_ascii_case(other) || one.starts_with('{') && other.starts_with('{');
    one.split('/').count() == other.split('/').count() && one.split('/').zip(other.split('/')).all(fits)
}

/// Reads the method of a request.
fn read(method: &str) -> Option<Method> {
    Method::parse(if method.eq_ignore_ascii_case("HEAD") { "GET" } else { method })
}

/// A path, split into the base of its API and the rest, in the spelling of the catalogue.
struct ApiPath<'p> {
    base: &'static str,
    resource: Cow<'p, str>,
}

impl<'p> ApiPath<'p> {
    fn of(path: &'p str) -> Option<Self> {
        let path = path.strip_suffix('/').unwrap_or(path);
        let (base, resource) = split_base(path);
        let base = APIS.iter().map(|api| api.base).find(|own| own.eq_ignore_ascii_case(base))?;
        Some(Self { base, resource: meant(base, resource) })
    }

    /// The rows of the API whose path begins with the same letter.
    fn rows(&self) -> impl Iterator<Item = (u16, &'static Operation)> {
        let order = |operation: &Operation| order(operation, self.base, &self.resource);
        let start = OPERATIONS.partition_point(|operation| order(operation).is_lt());
        let rows = u16::try_from(start).unwrap_or(u16::MAX)..;
        rows.zip(OPERATIONS.get(start..).unwrap_or_default()).take_while(move |(_, operation)| order(operation).is_eq())
    }

    fn has(&self, operation: &Operation) -> bool {
        fits(operation.path(), operation.id_only(), &self.resource)
    }
}

/// The resource, with an alias at its beginning replaced.
fn meant<'p>(base: &str, resource: &'p str) -> Cow<'p, str> {
    let rest = |alias: &str| {
        let (front, rest) = resource.split_at_checked(alias.len())?;
        (front.eq_ignore_ascii_case(alias) && (rest.is_empty() || rest.starts_with('/'))).then_some(rest)
    };
    ALIASES
        .iter()
        .filter(|alias| alias.api.row().is_some_and(|api| api.base == base))
        .find_map(|alias| Some(Cow::Owned([alias.means, rest(alias.path)?].concat())))
        .unwrap_or(Cow::Borrowed(resource))
}

/// Returns whether the first segment of a path belongs to an API, not to a resource of the accounting API.
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
    let mut slashes = path.bytes().enumerate().filter(|(_, byte)| *byte == b'/').map(|(at, _)| at);
    let (first, second) = (slashes.next(), slashes.next().unwrap_or(path.len()));
    let segment = first.and_then(|first| path.get(first.saturating_add(1)..second)).unwrap_or_default();
    let at = if segment.eq_ignore_ascii_case(IDENTITY) { Some(0) } else { slashes.next() };
    at.and_then(|at| path.split_at_checked(at)).unwrap_or((path, ""))
}

/// Compares an operation with those of `base` whose resource begins with the same letter: before, among or after them. Within
/// a base, first letters are all upper or all lower case, so the comparison without case keeps the order of the rows.
fn order(operation: &Operation, base: &str, resource: &str) -> Ordering {
    let initial = |path: &str| path.as_bytes().get(1).map(u8::to_ascii_lowercase);
    let own = operation.api.row().map_or("", |api| api.base);
    // Nearly always the same text, which is seen without comparing it.
    let by_base = if core::ptr::eq(own, base) { Ordering::Equal } else { own.cmp(base) };
    by_base.then_with(|| initial(operation.path()).cmp(&initial(resource)))
}

/// Returns whether `resource` is `pattern` with values for its parameters. If `id_only`, the values must be ids.
fn fits(pattern: &str, id_only: bool, resource: &str) -> bool {
    // For short segments, bytes are several times faster than characters.
    let mut segments = resource.as_bytes().split(|&byte| byte == b'/');
    let segment_fits = |own: &[u8], given: &[u8]| match own {
        [b'{', ..] => {
            if id_only {
                is_id(given)
            } else {
                !given.is_empty()
            }
        }
        _ => own.eq_ignore_ascii_case(given),
    };
    pattern
        .as_bytes()
        .split(|&byte| byte == b'/')
        .all(|own| segments.next().is_some_and(|given| segment_fits(own, given)))
        && segments.next().is_none()
}

/// Returns whether a segment is a UUID, with or without hyphens, or a placeholder for one: `{id}`, `%7Bid%7D`, `:id`, `$id`,
/// `<id>`.
pub(super) fn is_id(segment: &[u8]) -> bool {
    let is_uuid = match segment.len() {
        32 => segment.iter().all(u8::is_ascii_hexdigit),
        36 => segment.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        }),
        _ => false,
    };
    is_uuid || matches!(segment, [b'{' | b':' | b'$' | b'<', _, ..] | [b'%', b'7', b'B' | b'b', ..])
}
