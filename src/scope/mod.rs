//! Scopes as sets: read from pasted text, compared with bit operations.
//!
//! A [`ScopeSet`] holds the catalogued scopes as one [`Mask`] and names that the catalogue does not know verbatim:
//! Xero adds scopes, and it would be wrong to refuse one that it granted.

mod advice;
mod decode;
mod parse;
mod suggest;

use core::fmt;
use std::collections::BinaryHeap;

use crate::catalogue::{Mask, ScopeId};
use crate::text::joined;

pub use advice::advice;
pub use parse::{Duplicate, Parsed, Unknown, parse};
pub use suggest::UnknownReason;
pub(crate) use suggest::distance;

/// A set of scopes: catalogued ones as bits, others as they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ScopeSet {
    known: Mask,
    /// Sorted, without repetition.
    unknown: Vec<String>,
}

impl ScopeSet {
    /// The set of these names, each compared exactly: a scope is case-sensitive (RFC 6749 section 3.3).
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut set = Self::default();
        for name in names {
            match ScopeId::named(name) {
                Some(id) => set.known = set.known.union(Mask::only(id)),
                None if name.is_empty() => {}
                None => set.unknown.push(name.to_owned()),
            }
        }
        set.sorted()
    }

    /// The same set, its unknown names put in order: sorting once keeps a long list from costing its square.
    fn sorted(mut self) -> Self {
        // A heap sorts as well and weighs a third of `sort` in wasm.
        self.unknown = BinaryHeap::from(self.unknown).into_sorted_vec();
        self.unknown.dedup();
        self
    }

    /// The set that a space-separated list names, as the `scope` of a token answer does.
    pub fn from_scope_param(list: &str) -> Self {
        Self::from_names(list.split_ascii_whitespace())
    }

    /// Adds `name`. Returns whether it was new; the empty name never is.
    pub fn insert(&mut self, name: &str) -> bool {
        if name.is_empty() {
            return false;
        }
        if let Some(id) = ScopeId::named(name) {
            let new = !self.known.contains(id);
            self.known = self.known.union(Mask::only(id));
            return new;
        }
        match self.unknown.binary_search_by(|own| own.as_str().cmp(name)) {
            Ok(_) => false,
            Err(at) => {
                self.unknown.insert(at, name.to_owned());
                true
            }
        }
    }

    /// The catalogued scopes of the set.
    pub const fn known(&self) -> Mask {
        self.known
    }

    /// The names that the catalogue does not have, sorted.
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// Returns true if the set is empty.
    pub const fn is_empty(&self) -> bool {
        self.known.is_empty() && self.unknown.is_empty()
    }

    /// The number of scopes in the set.
    pub fn len(&self) -> usize {
        usize::try_from(self.known.len()).unwrap_or(usize::MAX).saturating_add(self.unknown.len())
    }

    /// Returns true if `name` is in the set.
    pub fn contains(&self, name: &str) -> bool {
        ScopeId::named(name).map_or_else(
            || self.unknown.binary_search_by(|own| own.as_str().cmp(name)).is_ok(),
            |id| self.known.contains(id),
        )
    }

    /// Returns true if every scope of `other` is in this set.
    pub fn covers(&self, other: &Self) -> bool {
        self.known.covers(other.known) && other.unknown.iter().all(|name| self.contains(name))
    }

    /// Everything in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self {
            known: self.known.union(other.known),
            unknown: self.unknown.iter().chain(&other.unknown).cloned().collect(),
        }
        .sorted()
    }

    /// Everything in this set and not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self {
            known: self.known.difference(other.known),
            unknown: self.unknown.iter().filter(|name| !other.contains(name)).cloned().collect(),
        }
    }

    /// Every name, space-separated, as the parameter `scope` has them.
    pub fn to_scope_param(&self) -> String {
        joined(&self.names().collect::<Vec<_>>(), " ")
    }

    /// Every name: catalogued ones in alphabetical order, then the others.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(|id| -> &str { id.name() }).chain(self.unknown.iter().map(String::as_str))
    }
}

impl From<Mask> for ScopeSet {
    fn from(known: Mask) -> Self {
        Self { known, unknown: Vec::new() }
    }
}

/// Space-separated, as the parameter `scope` has them.
impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_scope_param())
    }
}
