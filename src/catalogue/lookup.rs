//! Finds the row of a name, an id or a number.

use super::mask::{Mask, ScopeId};
use super::rows::{Api, ApiId, Needs, Operation, Rule, Scope};
use super::tables::{APIS, NEEDS, RULES, SCOPES};
use crate::text::words;

impl Mask {
    /// The scopes of the set whose rows pass `test`.
    #[must_use]
    pub fn filter(self, test: impl Fn(&Scope) -> bool) -> Self {
        self.filtered(&test)
    }

    // One function for all tests: a copy for each would be most of the code of those that filter.
    fn filtered(self, test: &dyn Fn(&Scope) -> bool) -> Self {
        self.iter().filter(|id| id.row().is_some_and(test)).fold(Self::EMPTY, |found, id| found.union(Self::only(id)))
    }

    /// The names of the scopes of the set, in the order of [`SCOPES`].
    pub fn names(self) -> Vec<&'static str> {
        self.iter().map(ScopeId::name).collect()
    }
}

impl ScopeId {
    /// The scope called exactly `name`.
    pub fn named(name: &str) -> Option<Self> {
        let row = SCOPES.binary_search_by(|scope| scope.name.cmp(name)).ok()?;
        u8::try_from(row).ok().map(Self)
    }

    /// The row of this id; `None` for an id that the catalogue does not have.
    pub fn row(self) -> Option<&'static Scope> {
        SCOPES.get(usize::from(self.0))
    }

    /// The name of this scope, as Xero writes it; empty for an id that the catalogue does not have.
    pub fn name(self) -> &'static str {
        self.row().map_or("", |scope| scope.name)
    }
}

impl ApiId {
    /// The row of this id; `None` for an id that the catalogue does not have.
    pub fn row(self) -> Option<&'static Api> {
        APIS.get(usize::from(self.0))
    }
}

impl Operation {
    /// The scopes that open this operation.
    pub fn needs(&self) -> Needs {
        NEEDS.get(usize::from(self.needs)).copied().unwrap_or(Needs::NOTHING)
    }

    /// The key of this operation, such as `accounting.getInvoices`; unique in the catalogue.
    pub fn key(&self) -> String {
        words![self.api.row().map_or("", |api| api.name), ".", self.id()]
    }
}

impl Needs {
    /// The combinations of scopes that operations need, each once.
    pub const fn all() -> &'static [Self] {
        NEEDS
    }
}

/// The number of the rule with this id: 7 for `R7`.
pub(crate) fn number(id: &str) -> Option<usize> {
    id.strip_prefix('R')?.parse().ok()
}

/// The rule with this id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    // The lint of the catalogue proves that rules are sorted by number, without a gap.
    RULES.get(number(id)?.checked_sub(1)?).filter(|rule| rule.id == id)
}
