//! The names of resources: the first segments of all paths.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::catalogue::OPERATIONS;

/// Each name in lower case, as Xero spells it, and whether the accounting API has it.
static NAMES: LazyLock<BTreeMap<String, (&'static str, bool)>> = LazyLock::new(|| {
    let mut names = BTreeMap::new();
    for operation in OPERATIONS.iter() {
        let name = first_segment(operation.path());
        let is_accounting = operation.api.row().is_some_and(|api| api.name == "accounting");
        let entry = names.entry(name.to_ascii_lowercase()).or_insert((name, is_accounting));
        if is_accounting {
            *entry = (name, true);
        }
    }
    names
});

pub(super) fn first_segment(path: &str) -> &str {
    path.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default()
}

/// Whether a path begins with a resource, spelt as Xero does.
pub(super) fn is_exact(path: &str) -> bool {
    let segment = first_segment(path);
    let lower = segment.to_ascii_lowercase();
    // Some APIs have the same names in lower case.
    NAMES.get(&lower).is_some_and(|(name, _)| *name == segment)
        || OPERATIONS.iter().any(|operation| first_segment(operation.path()) == segment)
}

/// Whether a path begins with a resource, in upper or lower case.
pub(super) fn is_any(path: &str) -> bool {
    NAMES.contains_key(&first_segment(path).to_ascii_lowercase())
}

/// The resource of the accounting API that a name is the plural or the singular of, as Xero spells it.
pub(super) fn of_name(name: &str) -> Option<&'static str> {
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    if letters.len() < 4 {
        return None;
    }
    let plural = |name: &str| match name.strip_suffix('y') {
        Some(stem) => [stem, "ies"].concat(),
        None => [name, "s"].concat(),
    };
    let found = NAMES.get(&letters).or_else(|| NAMES.get(&plural(&letters)));
    found.filter(|(_, is_accounting)| *is_accounting).map(|(name, _)| *name)
}
