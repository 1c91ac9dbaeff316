//! The answer of a user whom an app asks for access.

use crate::error::{Code, Error, quoted};

/// The answer that a user gives at the authorize endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Consent {
    /// A page asks the person at the browser.
    #[default]
    Ask,
    /// The user refuses, without a page.
    Refuse,
    /// The user consents, without a page.
    Give {
        /// The number of the user, 1 or 2.
        user: usize,
        /// The names of the organisations; all if there are none here.
        organisations: Vec<String>,
    },
}

impl Consent {
    /// The answer of one word: `ask`, `refuse`, or `all` for all organisations of the first user.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] for another word.
    pub fn parse(word: &str) -> Result<Self, Error> {
        match word {
            "ask" => Ok(Self::Ask),
            "refuse" => Ok(Self::Refuse),
            "all" => Ok(Self::Give { user: 1, organisations: Vec::new() }),
            other => Err(Error::new(
                Code::InvalidOption,
                format!("consent must be ask, refuse, all or organisations and a user, not {}", quoted(other, 40)),
            )),
        }
    }
}
