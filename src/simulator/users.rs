//! The people who consent: two users of the local Xero.

use super::demo::PEOPLE;
use super::random::{Random, Uuid};

/// A user.
#[derive(Clone, Debug)]
pub(super) struct User {
    /// The claim `xero_userid`.
    pub(super) id: Uuid,
    /// The claim `sub`.
    pub(super) subject: String,
    pub(super) given_name: &'static str,
    pub(super) family_name: &'static str,
}

impl User {
    /// The users, who are numbered from 1.
    pub(super) fn all(seed: u64) -> Vec<Self> {
        let mut random = Random::new(seed, 7);
        let user =
            |&(given_name, family_name)| Self { id: random.uuid(), subject: random.hex(), given_name, family_name };
        PEOPLE.iter().take(2).map(user).collect()
    }

    /// The address that an ID token shows.
    pub(super) fn email(&self) -> String {
        format!("{}@example.com", self.given_name.to_ascii_lowercase())
    }
}
