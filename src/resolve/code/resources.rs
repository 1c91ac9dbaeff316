//! The names of resources: the first segments of all paths.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::catalogue::{ALIASES, OPERATIONS, Operation};

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

/// Each name as it is spelt: some APIs have the same names in lower case.
static SPELT: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    // `/api/v2/registrations` begins as many paths of others do.
    let is_name = |path: &&str| path.matches('/').count() == 1;
    let aliases = ALIASES.iter().map(|alias| alias.path).filter(is_name);
    OPERATIONS.iter().map(Operation::path).chain(aliases).map(first_segment).collect()
});

/// Returns whether a path begins with a resource, spelt as Xero does.
pub(super) fn is_exact(path: &str) -> bool {
    SPELT.contains(first_segment(path))
}

/// Resources whose names are common words: other APIs have them as well.
#[rustfmt::skip]
const COMMON: [&str; 25] = [
    "users", "items", "accounts", "files", "folders", "projects", "assets", "employees", "currencies", "connections", "inbox", "tasks", "setup", "settings",
    "timesheets", "reports", "contacts", "payments", "subscriptions", "associations", "projectsusers", "organisation", "journals", "budgets", "quotes",
];

/// Returns whether other APIs have a resource of this name as well.
pub(super) fn is_common(segment: &str) -> bool {
    COMMON.iter().any(|own| own.eq_ignore_ascii_case(segment))
}

/// Returns whether a path begins with a resource, in upper or lower case.
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
