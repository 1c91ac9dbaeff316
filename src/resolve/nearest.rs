//! The operations that a misspelt path or id probably means.

use crate::catalogue::{OPERATIONS, Operation};
use crate::scope::distance;

/// So many are named.
const NAMED: usize = 3;

/// So far may a text be from what it means, in edits.
const FAR: usize = 3;

/// Longer texts, in bytes, are not compared: no path or id of the catalogue is near them.
const COMPARED: usize = 100;

/// The shapes of all paths, row by row, once somebody asks.
#[derive(Default)]
pub(super) struct Shapes(Vec<String>);

impl Shapes {
    /// The operations whose paths are nearest to a path without one for this method, other methods of the same path
    /// included.
    pub(super) fn nearest(&mut self, method: &str, path: &str) -> Vec<u16> {
        if self.0.is_empty() {
            let base = |operation: &Operation| operation.api.row().map_or("", |api| api.base);
            self.0 = OPERATIONS.iter().map(|own| shape(&[base(own), own.path()].concat())).collect();
        }
        let shape = shape(path.strip_suffix('/').unwrap_or(path));
        let mut shapes = self.0.iter();
        best(&shape, |operation| {
            let apart = distance(&shape, shapes.next()?, FAR)?;
            Some(apart.saturating_mul(2).saturating_add(usize::from(operation.method.as_str() != method)))
        })
    }
}

/// Returns whether a first segment of a path is nearly a resource of the accounting API.
pub(super) fn is_near(segment: &str) -> bool {
    edits(segment).is_some()
}

/// Returns whether a first segment of a path is nearly a resource, and none: `/Users/me/x` is a path of a file system.
pub(super) fn is_misspelt(segment: &str) -> bool {
    edits(segment).is_some_and(|edits| edits > 0)
}

/// Returns how far a first segment of a path is from the nearest resource, if it is near one.
fn edits(segment: &str) -> Option<usize> {
    let segment = segment.to_ascii_lowercase();
    let most = if segment.len() < 7 { 1 } else { 2 };
    let apart = |operation: &Operation| {
        let own = operation.path().split('/').nth(1).unwrap_or_default();
        distance(&segment, &own.to_ascii_lowercase(), most)
    };
    OPERATIONS.iter().filter_map(apart).min().filter(|_| segment.len() > 3)
}

/// The operations whose ids are nearest to a name, of those that `counts`.
pub(super) fn by_id(name: &str, counts: impl Fn(&Operation) -> bool) -> Vec<u16> {
    let plain = |name: &str| name.replace('_', "").to_ascii_lowercase();
    let name = plain(name);
    best(&name, |operation| {
        let id = plain(operation.id());
        let apart = distance(&name, &id, FAR);
        // `getInvoiceById` is nearest to `getInvoice`, though more letters are wrong.
        let part = || (id.starts_with(&name) || name.starts_with(&id)).then(|| id.len().abs_diff(name.len()));
        apart.or_else(part).filter(|_| counts(operation))
    })
}

fn best(text: &str, mut rank: impl FnMut(&Operation) -> Option<usize>) -> Vec<u16> {
    if text.len() > COMPARED {
        return Vec::new();
    }
    let mut ranked: Vec<(usize, u16)> =
        (0_u16..).zip(OPERATIONS.iter()).filter_map(|(row, operation)| Some((rank(operation)?, row))).collect();
    ranked.sort_unstable();
    ranked.into_iter().take(NAMED).map(|(_, row)| row).collect()
}

/// A path in lower case with `{}` for each segment that looks like a value.
fn shape(path: &str) -> String {
    let mut shape = String::with_capacity(path.len());
    for (place, segment) in path.split('/').enumerate() {
        if place > 0 {
            shape.push('/');
        }
        // The version in a base has digits and no letter.
        let is_version = segment.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let is_value = segment.contains(['{', '$', ':', '<', '%']) || segment.bytes().any(|byte| byte.is_ascii_digit());
        if is_value && !(is_version && place == 2) { shape.push_str("{}") } else { shape.push_str(segment) }
    }
    shape.make_ascii_lowercase();
    shape
}
