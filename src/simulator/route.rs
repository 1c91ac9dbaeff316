//! Finds the operation of a method and a path.

use crate::catalogue::{ALIASES, Alias, ApiId, Method, OPERATIONS, Operation};

/// The result of routing a request.
pub(super) enum Destination {
    /// This operation.
    Operation(&'static Operation),
    /// A path that exists, but not with this method.
    OtherMethod,
    /// No known path.
    Nowhere,
}

/// The operation behind `method` and `path`, which starts at the API's base, such as `/api.xro/2.0/Invoices`.
///
/// A literal segment is preferred to a parameter. `/Organisations` is `/Organisation`, as in the API itself. The payroll APIs
/// of Australia, New Zealand and the United Kingdom share their paths: `prefers` decides between them.
pub(super) fn route(method: &str, path: &str, prefers: impl Fn(ApiId) -> bool) -> Destination {
    let path = &spelt(path);
    let matching = || OPERATIONS.iter().filter_map(|operation| Some((operation, parameters(operation, path)?)));
    let method = Method::parse(method);
    let best = matching()
        .filter(|(operation, _)| Some(operation.method) == method)
        .min_by_key(|(operation, parameters)| (*parameters, !prefers(operation.api)));
    match best {
        Some((operation, _)) => Destination::Operation(operation),
        None if matching().next().is_some() => Destination::OtherMethod,
        None => Destination::Nowhere,
    }
}

/// The number of segments of `path` that are parameters of `operation`; `None` if it is not the path of the operation.
fn parameters(operation: &Operation, path: &str) -> Option<usize> {
    let below = strip_prefix_ignoring_case(path, operation.api.row()?.base)?;
    let mut parameters: usize = 0;
    let (mut names, mut segments) = (operation.path().split('/'), below.split('/'));
    loop {
        match (names.next(), segments.next()) {
            (None, None) => return Some(parameters),
            (Some(name), Some(segment)) if name.starts_with('{') => {
                (!segment.is_empty() && (!operation.id_only() || is_uuid(segment))).then_some(())?;
                parameters = parameters.saturating_add(1);
            }
            (Some(name), Some(segment)) if name.eq_ignore_ascii_case(segment) => {}
            _ => return None,
        }
    }
}

/// Returns whether a segment has the digits of a UUID, and otherwise only hyphens.
fn is_uuid(segment: &str) -> bool {
    segment.replace('-', "").len() == 32 && segment.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

/// The path in the spelling of the catalogue.
fn spelt(path: &str) -> String {
    let other = |alias: &Alias| {
        let base = alias.api.row()?.base;
        let rest = strip_prefix_ignoring_case(strip_prefix_ignoring_case(path, base)?, alias.path)?;
        (rest.is_empty() || rest.starts_with('/')).then(|| [base, alias.means, rest].concat())
    };
    ALIASES.iter().find_map(other).unwrap_or_else(|| path.to_owned())
}

/// The rest of `text` after `prefix`, compared without regard to case.
fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}
