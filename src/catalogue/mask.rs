//! Sets of scopes, as bits.

/// A set of catalogued scopes, one bit each: bit `n` is row `n` of [`SCOPES`](super::SCOPES).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Mask(pub u128);

impl Mask {
    /// No scope at all.
    pub const EMPTY: Self = Self(0);

    /// The set that has only `scope`.
    pub const fn only(scope: ScopeId) -> Self {
        Self(1_u128.wrapping_shl(scope.0 as u32))
    }

    /// The scopes that are in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The scopes that are in both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The scopes that are in this set and not in `other`.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Returns whether every scope of `other` is in this set.
    pub const fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// Returns whether the sets share a scope.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Returns whether `scope` is in the set.
    pub const fn contains(self, scope: ScopeId) -> bool {
        self.intersects(Self::only(scope))
    }

    /// Returns whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The number of scopes in the set.
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// The scopes of the set, in the order of [`SCOPES`](super::SCOPES), which is the order of their names.
    pub fn iter(self) -> impl Iterator<Item = ScopeId> {
        let mut left = self.0;
        core::iter::from_fn(move || {
            let lowest = u8::try_from(left.trailing_zeros()).ok().filter(|_| left != 0)?;
            left &= left.wrapping_sub(1);
            Some(ScopeId(lowest))
        })
    }
}

impl FromIterator<ScopeId> for Mask {
    fn from_iter<I: IntoIterator<Item = ScopeId>>(scopes: I) -> Self {
        scopes.into_iter().fold(Self::EMPTY, |all, id| all.union(Self::only(id)))
    }
}

/// A row of [`SCOPES`](super::SCOPES).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeId(pub u8);
