//! Refresh tokens: single use, replaced by each use, ended by 60 days without one.
//!
//! Xero's staff write that the previous token can be used again for 30 minutes, as many times as needed, if the answer was
//! lost. It is not published if the use of a successor ends that time (here it does), nor which of several successors are
//! accepted: [`Grace`] has both readings.

use std::collections::BTreeMap;

use super::apps::Grace;
use super::logins::Login;
use super::random::Random;
use crate::time::Timestamp;

/// The time after which an unused token ends: 60 days.
const UNUSED_MS: u64 = 60 * 86_400_000;

/// The time for which a used token is accepted again: 30 minutes.
const GRACE_MS: u64 = 30 * 60_000;

#[derive(Debug)]
struct RefreshToken {
    login: Login,
    issued: Timestamp,
    first_used: Option<Timestamp>,
    /// The token whose use gave this one.
    parent: Option<String>,
    /// No longer accepted, because a later token took its place.
    replaced: bool,
}

/// The refresh tokens of all logins.
#[derive(Debug)]
pub(super) struct RefreshTokens {
    grace: Grace,
    random: Random,
    tokens: BTreeMap<String, RefreshToken>,
}

impl RefreshTokens {
    pub(super) const fn new(grace: Grace, seed: u64) -> Self {
        Self { grace, random: Random::new(seed, 8), tokens: BTreeMap::new() }
    }

    /// Issues the first token of a login.
    pub(super) fn issue(&mut self, login: Login, now: Timestamp) -> String {
        self.add(login, None, now)
    }

    /// The login of a token, also of one that was used.
    pub(super) fn login(&self, text: &str) -> Option<&Login> {
        self.tokens.get(text).map(|token| &token.login)
    }

    /// Uses a token. Returns its login and the next token; `None` if it is not accepted.
    pub(super) fn exchange(&mut self, text: &str, now: Timestamp) -> Option<(Login, String)> {
        self.tokens.retain(|_, token| token.is_in_time(now));
        let token = self.tokens.get_mut(text).filter(|token| !token.replaced)?;
        let (login, parent) = (token.login.clone(), token.parent.clone());
        token.first_used.get_or_insert(now);
        if let Some(parent) = parent.and_then(|parent| self.tokens.get_mut(&parent)) {
            parent.replaced = true;
        }
        if self.grace == Grace::Strict {
            // A child that was used would have replaced this token, so none of these was.
            let children = self.tokens.values_mut().filter(|other| other.parent.as_deref() == Some(text));
            children.for_each(|child| child.replaced = true);
        }
        let next = self.add(login.clone(), Some(text.to_owned()), now);
        Some((login, next))
    }

    /// Ends the tokens of every login that `ends` chooses.
    pub(super) fn end(&mut self, ends: impl Fn(&Login) -> bool) {
        self.tokens.retain(|_, token| !ends(&token.login));
    }

    fn add(&mut self, login: Login, parent: Option<String>, now: Timestamp) -> String {
        let text = [self.random.hex(), self.random.hex()].concat().to_ascii_uppercase();
        let token = RefreshToken { login, issued: now, first_used: None, parent, replaced: false };
        self.tokens.insert(text.clone(), token);
        text
    }
}

impl RefreshToken {
    fn is_in_time(&self, now: Timestamp) -> bool {
        match self.first_used {
            None => now < self.issued.plus(UNUSED_MS),
            Some(at) => now < at.plus(GRACE_MS),
        }
    }
}
