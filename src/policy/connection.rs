//! Facts about a connection besides its scopes.

use super::countries::is_country;
use crate::catalogue::{AppKind, Country};
use crate::time::Date;

/// Facts about a connection besides its scopes. A fact that is `None` is not known, and decides nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectionFacts {
    /// The kind of app.
    pub app: AppKind,
    /// The UTC day on which the custom connection or the app was created.
    pub created_on: Option<Date>,
    /// The country of its organisation.
    pub region: Option<Region>,
    /// True if its organisation is Xero's demo company.
    pub demo: Option<bool>,
    /// The number of organisations that it is to reach.
    pub organisations: Option<u32>,
    /// The user who authorises it or consents to it: an e-mail address or a name.
    pub authorising_user: Option<String>,
}

/// The country of an organisation, as far as the rules distinguish countries (R26).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Region {
    /// Australia.
    Au,
    /// New Zealand.
    Nz,
    /// The United Kingdom.
    Uk,
    /// The United States.
    Us,
    /// Anywhere else.
    Other,
}

impl From<Country> for Region {
    fn from(country: Country) -> Self {
        match country {
            Country::Australia => Self::Au,
            Country::NewZealand => Self::Nz,
            Country::UnitedKingdom => Self::Uk,
            Country::UnitedStates => Self::Us,
        }
    }
}

impl Region {
    /// Reads `AU`, `NZ`, `UK` or `GB`, `US`, the two-letter code of any other country (ISO 3166-1), or `other`, in upper
    /// or lower case; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        Country::parse(text)
            .map(Self::from)
            .or_else(|| (text.eq_ignore_ascii_case("other") || is_country(text)).then_some(Self::Other))
    }

    /// Its name for people; empty for [`Region::Other`].
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Au => Country::Australia.name(),
            Self::Nz => Country::NewZealand.name(),
            Self::Uk => Country::UnitedKingdom.name(),
            Self::Us => Country::UnitedStates.name(),
            Self::Other => "",
        }
    }
}
