//! The rules in which the grants of OAuth differ.

use core::fmt::Debug;

/// A grant whose rules the machine follows.
///
/// [`ClientCredentials`] has them as a type, so that a machine for it has no code for other rules: a service loads only what
/// it needs. [`Grant`] has them as a value.
pub trait GrantRules: Copy + Debug + Eq {
    /// The rules.
    fn rules(self) -> Grant;
}

/// Client credentials: id and secret give a token at any time, so a lost token costs one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientCredentials;

impl GrantRules for ClientCredentials {
    #[inline]
    fn rules(self) -> Grant {
        Grant::CLIENT_CREDENTIALS
    }
}

impl GrantRules for Grant {
    fn rules(self) -> Grant {
        self
    }
}

/// The rules of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// True if an attempt may be sent although an earlier one has no answer, once the lease of that has ended.
    pub overlaps: bool,
    /// The order in which a new token is saved and used.
    pub saves: SaveOrder,
    /// True if `invalid_grant` ends the grant until something new is loaded. Otherwise it is a refusal like any other.
    pub ends: bool,
    /// True if the store is emptied when its token is no longer accepted.
    pub erases: bool,
}

/// The order in which a new token is saved and used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveOrder {
    /// The token is used at once. Saving it may fail, and nothing waits for it.
    UseFirst,
    /// The token is used once it is saved. Until then it is saved again and again, and no other attempt is sent.
    SaveFirst,
}

impl Grant {
    /// Client credentials: id and secret give a token at any time, so a lost token costs one request.
    pub const CLIENT_CREDENTIALS: Self = Self { overlaps: true, saves: SaveOrder::UseFirst, ends: false, erases: true };

    /// A refresh token that is replaced whenever it is used: two uses at once, or a successor that was not saved, can lose
    /// the grant, and only a person can give another.
    pub const ROTATING_REFRESH_TOKEN: Self =
        Self { overlaps: false, saves: SaveOrder::SaveFirst, ends: true, erases: false };
}
