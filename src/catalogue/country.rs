//! The countries whose organisations can have a custom connection.

/// A country whose organisations can have a custom connection (rule R26).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Country {
    /// Australia.
    Australia,
    /// New Zealand.
    NewZealand,
    /// The United Kingdom.
    UnitedKingdom,
    /// The United States.
    UnitedStates,
}

impl Country {
    /// Every country, in the order of their codes.
    pub const ALL: [Self; 4] = [Self::Australia, Self::NewZealand, Self::UnitedKingdom, Self::UnitedStates];

    /// The code of the country in options: `AU`, `NZ`, `UK` or `US`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Australia => "AU",
            Self::NewZealand => "NZ",
            Self::UnitedKingdom => "UK",
            Self::UnitedStates => "US",
        }
    }

    /// The name of the country in a sentence: `the United Kingdom`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Australia => "Australia",
            Self::NewZealand => "New Zealand",
            Self::UnitedKingdom => "the United Kingdom",
            Self::UnitedStates => "the United States",
        }
    }

    /// Reads a code in any case, and `GB` as `UK`; `None` for other texts.
    pub fn parse(text: &str) -> Option<Self> {
        let text = if text.eq_ignore_ascii_case("GB") { "UK" } else { text };
        Self::ALL.into_iter().find(|country| country.code().eq_ignore_ascii_case(text))
    }
}
