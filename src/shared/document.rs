//! The document of a vault: the numbers that every process reads, and one sealed text.
//!
//! Every change is a function from one document to the next. Instants are those of the store's clock.

use std::sync::Arc;

use super::config::VaultConfig;
use crate::time::Timestamp;

/// The most refresh tokens that a document keeps. The oldest are left out.
pub const MOST_TOKENS: usize = 8;

/// The time after which Xero ends a refresh token that was not used, in milliseconds: 60 days (rule R33).
pub const UNUSED_MS: u64 = 5_184_000_000;

/// A login as a store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VaultDocument {
    /// A random number of the login. Tokens of different logins are never mixed.
    pub login: u32,
    /// Counts the access tokens that were saved.
    pub generation: u32,
    /// The instant of the latest save.
    pub saved_at: Timestamp,
    /// The instant at which the access token was asked for.
    pub obtained_at: Timestamp,
    /// The end of the access token.
    pub expires_at: Timestamp,
    /// The process that may use a refresh token now.
    pub claim: Option<VaultClaim>,
    /// Until this instant a request may be under way whose answer reaches no process. One more exchange follows after it.
    pub unsure: Option<Timestamp>,
    /// Set while Xero accepts none of the tokens.
    pub lost: Option<Lost>,
    /// The refresh tokens that may still be good, newest first.
    pub tokens: Vec<KnownToken>,
    /// The tokens themselves, sealed.
    pub sealed: Arc<str>,
}

/// The right of one process to use a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VaultClaim {
    /// The process.
    pub owner: u32,
    /// The end of the right.
    pub until: Timestamp,
    /// The value of [`VaultDocument::unsure`] after the next save: an earlier claim had ended without a save.
    pub doubt: Option<Timestamp>,
}

/// The state of a login that Xero refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lost {
    /// The instant of the first refusal.
    pub since: Timestamp,
    /// The instant of the latest refusal.
    pub tried: Timestamp,
    /// The reason.
    pub why: LostWhy,
}

/// The reason why a login is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LostWhy {
    /// Xero refuses all tokens.
    Refused,
    /// The newest token was not used for [`UNUSED_MS`].
    Unused,
    /// Xero refuses a token that no process of this vault had used: a copy of the vault did, or the login was revoked.
    Copied,
}

impl LostWhy {
    /// Every reason, in the order of its number in a document.
    pub const ALL: [Self; 3] = [Self::Refused, Self::Unused, Self::Copied];
}

/// A refresh token, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KnownToken {
    /// Its number: the generation that it was saved with.
    pub id: u32,
    /// The beginning of the access token that came with it, by Xero's clock.
    pub issued: Timestamp,
    /// The instant from which it may have been used; `None` while no process has claimed it.
    pub used: Option<Timestamp>,
}

impl KnownToken {
    const fn order(&self) -> (Timestamp, u32) {
        (self.issued, self.id)
    }
}

/// The instants of a grant that is not saved yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fresh {
    /// The beginning of its access token, by Xero's clock.
    pub issued: Timestamp,
    /// The instant at which it was asked for.
    pub obtained_at: Timestamp,
    /// The end of its access token.
    pub expires_at: Timestamp,
}

impl VaultDocument {
    /// The document of a new login.
    pub fn of_login(login: u32, generation: u32, fresh: Fresh, now: Timestamp) -> Self {
        let token = KnownToken { id: generation, issued: fresh.issued, used: None };
        Self {
            login,
            generation,
            saved_at: now,
            obtained_at: fresh.obtained_at,
            expires_at: fresh.expires_at,
            claim: None,
            unsure: None,
            lost: None,
            tokens: vec![token],
            sealed: "".into(),
        }
    }

    /// The instant at which Xero ends the login if it is not used before.
    pub fn ends_unused(&self) -> Timestamp {
        self.tokens.first().map_or(self.obtained_at, |token| token.issued).plus(UNUSED_MS)
    }

    /// Checks that `owner` may claim the tokens.
    ///
    /// # Errors
    /// The instant at which it may: the end of the claim of another process, or of the doubt about requests under way.
    pub fn may_claim(&self, owner: u32, now: Timestamp) -> Result<(), Timestamp> {
        match (self.claim, self.unsure) {
            (Some(VaultClaim { owner: holder, until, .. }), _) if holder != owner && now < until => Err(until),
            (None, Some(until)) if now < until => Err(until),
            _ => Ok(()),
        }
    }

    /// The same document, claimed by `owner`. A claim that is there has ended without a save, so that its request may still be
    /// under way.
    #[must_use]
    pub fn claimed(&self, owner: u32, now: Timestamp, config: &VaultConfig) -> Self {
        let doubt = self.claim.is_some().then(|| now.plus(config.abandon_ms));
        let claim = VaultClaim { owner, until: now.plus(config.claim_ms), doubt };
        let mut next = Self { claim: Some(claim), ..self.clone() };
        next.note_use(self.tokens.first().map_or(0, |token| token.id), now);
        next
    }

    /// The same document, its claim renewed for another token.
    #[must_use]
    pub fn turned_to(&self, id: u32, now: Timestamp, config: &VaultConfig) -> Self {
        let claim = self.claim.map(|claim| VaultClaim { until: now.plus(config.claim_ms), ..claim });
        let mut next = Self { claim, ..self.clone() };
        next.note_use(id, now);
        next
    }

    fn note_use(&mut self, id: u32, now: Timestamp) {
        if let Some(token) = self.tokens.iter_mut().find(|token| token.id == id) {
            token.used.get_or_insert(now);
        }
    }

    /// The token to try after `tried`: the newest one, then those that were never used, or used within the grace.
    pub fn next_token(&self, tried: &[u32], now: Timestamp, config: &VaultConfig) -> Option<KnownToken> {
        let may_be_good = |token: &KnownToken| token.used.is_none_or(|used| now < used.plus(config.grace_ms));
        let newest = self.tokens.first().map(|token| token.id);
        let mut left = self.tokens.iter().filter(|token| !tried.contains(&token.id));
        left.find(|token| Some(token.id) == newest || may_be_good(token)).copied()
    }

    /// The same document without its claim, whose request was answered by an error.
    #[must_use]
    pub fn released(&self) -> Self {
        let doubt = self.claim.and_then(|claim| claim.doubt);
        Self { claim: None, unsure: self.unsure.max(doubt), ..self.clone() }
    }

    /// The same document, all of whose tokens were refused. Its tokens are kept.
    #[must_use]
    pub fn lost(&self, why: LostWhy, now: Timestamp) -> Self {
        let Lost { since, why, .. } = self.lost.unwrap_or(Lost { since: now, tried: now, why });
        Self { lost: Some(Lost { since, tried: now, why }), ..self.released() }
    }

    /// The next generation: `fresh`, which was granted for the token `used` under the claim of this document. `used` is kept,
    /// and so are newer ones.
    #[must_use]
    pub fn renewed(&self, fresh: Fresh, used: u32, now: Timestamp) -> Self {
        let from = self.tokens.iter().find(|token| token.id == used).map(KnownToken::order);
        let kept = self.tokens.iter().filter(|token| Some(token.order()) >= from).copied().collect();
        let unsure = self.claim.and_then(|claim| claim.doubt);
        self.with(fresh, kept, now, Self { claim: None, unsure, lost: None, ..self.clone() })
    }

    /// The next generation: `fresh`, which `owner` was granted while another process changed the document. All tokens are kept.
    #[must_use]
    pub fn joined(&self, fresh: Fresh, owner: u32, now: Timestamp, config: &VaultConfig) -> Self {
        let claim = self.claim.filter(|claim| claim.owner != owner);
        let unsure = Some(now.plus(config.abandon_ms));
        self.with(fresh, self.tokens.clone(), now, Self { claim, unsure, lost: None, ..self.clone() })
    }

    fn with(&self, fresh: Fresh, mut tokens: Vec<KnownToken>, now: Timestamp, next: Self) -> Self {
        let generation = self.generation.saturating_add(1);
        tokens.push(KnownToken { id: generation, issued: fresh.issued, used: None });
        tokens.sort_by_key(|token| core::cmp::Reverse(token.order()));
        tokens.truncate(MOST_TOKENS);
        let Fresh { obtained_at, expires_at, .. } = fresh;
        Self { generation, saved_at: now, obtained_at, expires_at, tokens, ..next }
    }
}
