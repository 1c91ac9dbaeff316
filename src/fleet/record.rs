//! The record of the token of all: numbers that every process reads, and one sealed text.
//!
//! Every change is a function from one record to the next. Instants are those of the store's clock.

use std::sync::Arc;

use super::config::FleetConfig;
use crate::error::Code;
use crate::time::Timestamp;

/// The token of a connection as a store keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenRecord {
    /// Counts the tokens that were put; 0 before the first.
    pub generation: u32,
    /// The instant at which the token was asked for.
    pub obtained_at: Timestamp,
    /// The end of the token.
    pub expires_at: Timestamp,
    /// The process that asks Xero now.
    pub claim: Option<RequestClaim>,
    /// The answer of Xero to a process whose secrets it refuses.
    pub refusal: Option<SharedRefusal>,
    /// The token, sealed; `None` before the first.
    pub sealed: Option<Arc<str>>,
}

/// The right of one process to ask Xero for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestClaim {
    /// The process.
    pub owner: u32,
    /// The end of the right.
    pub until: Timestamp,
}

/// A refusal that lasts. It holds for the secrets that it was given for: a deployment with the right secret is not stopped by one
/// with the wrong secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedRefusal {
    /// The reason.
    pub code: Code,
    /// The end of it: then one process tries again.
    pub until: Timestamp,
    /// The mark of the secrets: letters, digits, `-` and `_`.
    pub secrets: String,
}

impl TokenRecord {
    /// Checks that there is a token that lasts.
    pub fn lasts(&self, now: Timestamp, config: &FleetConfig) -> bool {
        self.is_of_past(now, config) && self.will_last(now, config)
    }

    /// Checks that there is a token that was not asked for in the future: then the store's clock was set back, and the end of the
    /// token is not known.
    pub(super) fn is_of_past(&self, now: Timestamp, config: &FleetConfig) -> bool {
        self.sealed.is_some() && self.obtained_at <= now.plus(config.young_ms)
    }

    /// Checks that the token lasts, sealed or not.
    pub(super) fn will_last(&self, now: Timestamp, config: &FleetConfig) -> bool {
        let half = self.expires_at.since(self.obtained_at) / 2;
        now.plus(config.leeway_ms.min(half)) < self.expires_at
    }

    /// The end of the claim of another process than `owner`, if one asks now. A claim that is longer than claims are was made
    /// before the store's clock was set back: it does not count. It may be longer by the error of the clock of its owner.
    pub fn asked_until(&self, owner: u32, now: Timestamp, config: &FleetConfig) -> Option<Timestamp> {
        let until = self.claim.filter(|claim| claim.owner != owner)?.until;
        (now < until && until <= now.plus(config.claim_ms).plus(config.clock_error_ms)).then_some(until)
    }

    /// The refusal for these secrets, if there is one now. The same goes for a refusal that is too long.
    pub fn refused(&self, secrets: &str, now: Timestamp, config: &FleetConfig) -> Option<&SharedRefusal> {
        let latest = now.plus(config.refused_rest_ms).plus(config.clock_error_ms);
        self.refusal.as_ref().filter(|refusal| {
            now < refusal.until && refusal.until <= latest && !secrets.is_empty() && refusal.secrets == secrets
        })
    }

    /// The instant until which a token that the API refuses is too young to be replaced, if it is.
    pub fn young_until(&self, now: Timestamp, config: &FleetConfig) -> Option<Timestamp> {
        let until = self.obtained_at.plus(config.young_ms);
        (now < until && self.is_of_past(now, config)).then_some(until)
    }

    /// The same record, claimed by `owner`.
    #[must_use]
    pub fn claimed(&self, owner: u32, now: Timestamp, config: &FleetConfig) -> Self {
        Self { claim: Some(RequestClaim { owner, until: now.plus(config.claim_ms) }), ..self.clone() }
    }

    /// The same record without the claim, and with the refusal that ended it, if that lasts.
    #[must_use]
    pub fn released(&self, refusal: Option<SharedRefusal>) -> Self {
        Self { claim: None, refusal: refusal.or_else(|| self.refusal.clone()), ..self.clone() }
    }

    /// The next generation, which is not sealed yet. A claim of another process than `owner` stays.
    #[must_use]
    pub fn renewed(&self, owner: u32, obtained_at: Timestamp, expires_at: Timestamp) -> Self {
        let generation = self.generation.saturating_add(1);
        let claim = self.claim.filter(|claim| claim.owner != owner);
        Self { generation, obtained_at, expires_at, claim, refusal: None, sealed: None }
    }

    /// The time for which a store has to keep it.
    pub fn ttl_ms(&self, now: Timestamp, config: &FleetConfig) -> u64 {
        let claim = self.claim.map(|claim| claim.until);
        let refusal = self.refusal.as_ref().map(|refusal| refusal.until);
        let ends = [claim, refusal].into_iter().flatten().fold(self.expires_at, Timestamp::max);
        ends.since(now).saturating_add(config.kept_ms)
    }
}
