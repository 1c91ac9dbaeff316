//! The results of the consents of users: codes, refresh tokens, scopes and connections.

use std::collections::BTreeMap;

use super::apps::{App, UserApps};
use super::codes::Codes;
use super::connections::Connections;
use super::random::{Random, Uuid};
use super::refresh_tokens::RefreshTokens;
use super::users::User;
use crate::scope::ScopeSet;
use crate::time::Timestamp;

/// One consent of a user to an app, as its tokens know it.
#[derive(Clone, Debug)]
pub(super) struct Login {
    pub(super) app: App,
    /// The number of the user, from 1.
    pub(super) user: usize,
    /// The claim `authentication_event_id`, and `authEventId` of the connections of this consent.
    pub(super) event: Uuid,
    /// The claim `global_session_id`.
    pub(super) session: String,
    pub(super) scopes: ScopeSet,
    pub(super) at: Timestamp,
}

/// The state of the identity service that comes from consents.
#[derive(Debug)]
pub(super) struct Logins {
    pub(super) users: Vec<User>,
    pub(super) codes: Codes,
    pub(super) refresh_tokens: RefreshTokens,
    pub(super) connections: Connections,
    /// The scopes that each user has consented to so far, by app.
    scopes: BTreeMap<(App, usize), ScopeSet>,
    random: Random,
}

impl Logins {
    pub(super) fn new(apps: &UserApps, seed: u64) -> Self {
        Self {
            users: User::all(seed),
            codes: Codes::new(seed),
            refresh_tokens: RefreshTokens::new(apps.grace, seed),
            connections: Connections::default(),
            scopes: BTreeMap::new(),
            random: Random::new(seed, 10),
        }
    }

    /// The user with this number.
    pub(super) fn user(&self, number: usize) -> Option<&User> {
        self.users.get(number.checked_sub(1)?)
    }

    /// The number of the user with this id.
    pub(super) fn user_named(&self, id: Uuid) -> Option<usize> {
        self.users.iter().position(|user| user.id == id).map(|place| place.saturating_add(1))
    }

    /// A consent of a user: connects the organisations at these places. Scopes add up across the consents of a user.
    pub(super) fn consent(
        &mut self,
        app: App,
        user: usize,
        asked: &ScopeSet,
        places: &[usize],
        now: Timestamp,
    ) -> Login {
        let event = self.random.uuid();
        for &place in places {
            let id = self.random.uuid();
            self.connections.connect((app, user), place, event, id, now);
        }
        let all = self.scopes.entry((app, user)).or_default();
        *all = all.union(asked);
        Login { app, user, event, session: self.random.hex(), scopes: all.clone(), at: now }
    }

    /// A revocation: ends everything that this user has given to this app.
    pub(super) fn revoke(&mut self, app: App, user: usize) {
        self.refresh_tokens.end(|login| (login.app, login.user) == (app, user));
        self.connections.end(app, user);
        self.scopes.remove(&(app, user));
    }
}
