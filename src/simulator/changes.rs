//! Changes that people make: of the connection, of its demo company, and of their consent.

use super::company::Company;
use super::config::SimulatorConfig;
use super::consent::Consent;
use super::local_xero::Simulator;
use super::state::ConnectionState;
use crate::catalogue::{Held, SCOPES};
use crate::error::{Code, Error};
use crate::scope::ScopeSet;

impl Simulator {
    /// The state of the custom connection.
    pub const fn state(&self) -> ConnectionState {
        self.state
    }

    /// Changes the scopes of the custom connection, as its developer does. This deactivates it (rule R9).
    ///
    /// # Errors
    /// [`Code::InvalidOption`] for scopes that it cannot have. A scope that only older connections hold can be kept but not
    /// added, because a removed one never comes back (rule R11).
    pub fn edit(&mut self, scopes: ScopeSet) -> Result<(), Error> {
        let config = SimulatorConfig { scopes, ..self.config.clone() };
        config.check()?;
        let is_new_and_older_only = |name: &&str| {
            SCOPES.iter().any(|scope| scope.name == *name && scope.held == Held::LegacyOnly)
                && !self.config.scopes.contains(name)
        };
        if let Some(name) = config.scopes.names().find(is_new_and_older_only) {
            let message =
                format!("scopes: {name} cannot be added: only connections that already have it can keep it (rule R11)");
            return Err(Error::new(Code::InvalidOption, message).with_scopes(&[name]).by_rule("R11"));
        }
        self.config = config;
        self.state = ConnectionState::Deactivated;
        Ok(())
    }

    /// Authorises the custom connection, as its user does.
    pub const fn authorise(&mut self) {
        self.state = ConnectionState::Active;
    }

    /// Resets the demo company, which is the first organisation: its books are as at the start, and the custom connection is
    /// disconnected.
    pub fn reset(&mut self) {
        if let (Some(own), Some(name)) = (self.companies.first_mut(), self.config.organisations.first())
            && let Ok(company) = Company::of(&self.config, &self.member_table, 0, name)
        {
            *own = company;
        }
        self.state = ConnectionState::Reset;
    }

    /// Sets the answer of users whom the Web app or the PKCE app asks for access.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] for a user or an organisation that there is not.
    pub fn set_consent(&mut self, consent: Consent) -> Result<(), Error> {
        self.config.check_consent(&consent)?;
        self.config.consent = consent;
        Ok(())
    }
}
