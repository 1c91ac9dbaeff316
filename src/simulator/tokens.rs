//! The tokens that the local Xero has granted.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value, json};

use super::grants::Holder;
use super::jwt::{self, SigningKey};
use super::random::{Random, Uuid};
use crate::scope::ScopeSet;
use crate::time::Timestamp;

/// The number of tokens that are remembered. After that the oldest is as good as never issued.
const REMEMBERED: usize = 10_000;

/// A token that was granted.
#[derive(Debug)]
pub(super) struct IssuedToken {
    pub(super) holder: Holder,
    pub(super) scopes: ScopeSet,
    pub(super) ends: Timestamp,
}

/// A token that waits for its signature.
#[derive(Debug)]
pub(super) struct UnsignedToken {
    /// The text that is signed.
    pub(super) input: String,
    pub(super) kind: UnsignedKind,
}

/// The kind of a token that waits for its signature, and what goes out with it.
#[derive(Debug)]
pub(super) enum UnsignedKind {
    Access {
        token: IssuedToken,
        refresh_token: Option<String>,
        /// Of the authorization request, for the ID token.
        nonce: Option<String>,
    },
    Id {
        /// The rest of the answer.
        answer: Map<String, Value>,
    },
}

/// The access tokens, and the key that signs them.
#[derive(Debug)]
pub(super) struct Tokens {
    pub(super) key: SigningKey,
    random: Random,
    /// Granted, not yet signed.
    unsigned: BTreeMap<u64, UnsignedToken>,
    next_ticket: u64,
    /// By the complete token, so that an altered signature is not found.
    issued: BTreeMap<String, IssuedToken>,
    /// The keys of `issued`, oldest first.
    order: VecDeque<String>,
}

impl Tokens {
    /// No token yet, and a key without numbers.
    pub(super) fn new(seed: u64) -> Self {
        let mut random = Random::new(seed, 3);
        Self {
            key: SigningKey { kid: random.hex().to_ascii_uppercase(), numbers: None },
            random,
            unsigned: BTreeMap::new(),
            next_ticket: 1,
            issued: BTreeMap::new(),
            order: VecDeque::new(),
        }
    }

    /// Ids of a new token: `jti` and `authentication_event_id`.
    pub(super) fn draw_ids(&mut self) -> (String, Uuid) {
        (self.random.hex().to_ascii_uppercase(), self.random.uuid())
    }

    /// Keeps a token until its signature comes. Returns its ticket and the text to sign.
    pub(super) fn add_unsigned(&mut self, claims: &Value, kind: UnsignedKind) -> (u64, String) {
        let header = json!({ "alg": "RS256", "kid": self.key.kid, "typ": "JWT" });
        let input = jwt::signing_input(&header, claims);
        let ticket = self.next_ticket;
        self.next_ticket = ticket.saturating_add(1);
        self.unsigned.insert(ticket, UnsignedToken { input: input.clone(), kind });
        (ticket, input)
    }

    /// Removes a token that waits for its signature.
    pub(super) fn take_unsigned(&mut self, ticket: u64) -> Option<UnsignedToken> {
        self.unsigned.remove(&ticket)
    }

    /// Remembers a token as issued, from now on under its complete text.
    pub(super) fn issue(&mut self, complete: String, token: IssuedToken) {
        if self.order.len() >= REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.issued.remove(&oldest);
        }
        self.order.push_back(complete.clone());
        self.issued.insert(complete, token);
    }

    /// The token with this text, if it was issued here.
    pub(super) fn find(&self, complete: &str) -> Option<&IssuedToken> {
        self.issued.get(complete)
    }
}
