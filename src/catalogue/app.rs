//! The kinds of app that ask Xero for tokens.

use serde::Serialize;

/// A kind of app, by the way in which it gets its tokens. In JSON: `custom`, `web`, `pkce` or `app`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AppKind {
    /// A custom connection: client credentials for one organisation.
    #[default]
    Custom,
    /// A Web app: the consent of a user, an id and a secret.
    Web,
    /// A PKCE app, which Xero calls mobile or desktop: the consent of a user, an id and no secret.
    Pkce,
    /// The token of an app itself: client credentials that reach no organisation (rules R35 and R36).
    App,
}

impl AppKind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Custom, Self::Web, Self::Pkce, Self::App];

    /// Its name in options: `custom`, `web`, `pkce` or `app`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Custom => "custom",
            Self::Web => "web",
            Self::Pkce => "pkce",
            Self::App => "app",
        }
    }

    /// Reads a name; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|app| app.name() == text)
    }

    /// Returns true if a user consents to it, and its tokens are refreshed.
    pub const fn has_user(self) -> bool {
        matches!(self, Self::Web | Self::Pkce)
    }
}
