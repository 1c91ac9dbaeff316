//! The apps that a local Xero knows: one of each kind.

use base64ct::{Base64UrlUnpadded, Encoding};

use super::random::Random;
use crate::catalogue::{Family, SCOPES, Status};
use crate::error::{Code, Error, quoted};
use crate::scope::ScopeSet;
use crate::secret::Secret;

/// A kind of app. Each kind has exactly one app here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum App {
    /// The app of the custom connection: client credentials for one organisation.
    Custom,
    /// A Web app, with a secret: users consent, and the app itself has client credentials (rule R35).
    Web,
    /// A PKCE app, without a secret: users consent.
    Pkce,
}

impl App {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Custom, Self::Web, Self::Pkce];
}

/// The readings of the 30 minutes in which a used refresh token is accepted again. Xero's own rule is not published.
///
/// By both, the use of a token that it gave ends these 30 minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grace {
    /// Every token that a used token gave is accepted.
    #[default]
    Lenient,
    /// Of the tokens that a used token gave, only the last is accepted.
    Strict,
}

impl Grace {
    /// The reading with this name; `None` if there is none.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "lenient" => Some(Self::Lenient),
            "strict" => Some(Self::Strict),
            _ => None,
        }
    }
}

/// The apps to which users consent: the Web app and the PKCE app.
#[derive(Clone, Debug)]
pub struct UserApps {
    /// The client id of the Web app.
    pub web_id: String,
    /// The client secret of the Web app.
    pub web_secret: Secret<String>,
    /// The client id of the PKCE app.
    pub pkce_id: String,
    /// A key for the vault of a client, 32 bytes in base64url. Nothing here uses it; it is printed for people who try it out.
    pub vault_key: Secret<String>,
    /// The redirect addresses of both, compared exactly.
    pub redirect_uris: Vec<String>,
    /// The scopes that both can ask users for, and those that the Web app itself has.
    pub scopes: ScopeSet,
    /// The reading of the grace of used refresh tokens.
    pub grace: Grace,
}

impl UserApps {
    /// Ids and secret from the seed, the redirect address `http://localhost:8765/callback`, and every scope that Xero offers
    /// today and those of the app itself.
    pub(super) fn new(seed: u64) -> Self {
        let mut random = Random::new(seed, 6);
        let offered = SCOPES.iter().filter(|scope| scope.status == Status::Current || scope.family == Family::App);
        Self {
            web_id: random.hex().to_ascii_uppercase(),
            web_secret: Secret::new(format!("local-{}", random.hex())),
            pkce_id: random.hex().to_ascii_uppercase(),
            vault_key: Secret::new(Base64UrlUnpadded::encode_string(&random.bytes())),
            redirect_uris: vec!["http://localhost:8765/callback".to_owned()],
            scopes: ScopeSet::from_names(offered.map(|scope| scope.name)),
            grace: Grace::default(),
        }
    }

    /// Refuses what no app can have.
    pub(super) fn check(&self) -> Result<(), Error> {
        if let Some(name) = self.scopes.unknown().first() {
            let message = format!("appScopes has {}, which the catalogue does not have", quoted(name, 80));
            return Err(Error::new(Code::InvalidOption, message).with_scopes(&[name.as_str()]));
        }
        match self.redirect_uris.iter().find(|uri| !is_redirect_uri(uri)) {
            None => Ok(()),
            Some(uri) => Err(Error::new(
                Code::InvalidOption,
                format!(
                    "redirectUris has {}: Xero accepts https:// and http://localhost, without a fragment",
                    quoted(uri, 80)
                ),
            )),
        }
    }

    /// The scopes that users can be asked for.
    pub(super) fn of_users(&self) -> ScopeSet {
        self.scopes.difference(&of_apps())
    }

    /// The scopes that the Web app itself has.
    pub(super) fn of_app(&self) -> ScopeSet {
        self.scopes.difference(&self.of_users())
    }
}

/// The scopes for an app itself.
pub(super) fn of_apps() -> ScopeSet {
    ScopeSet::from_names(SCOPES.iter().filter(|scope| scope.family == Family::App).map(|scope| scope.name))
}

/// Returns whether Xero takes this redirect address: https, or http on `localhost`. Third parties report that
/// `http://127.0.0.1` is refused.
fn is_redirect_uri(uri: &str) -> bool {
    let local =
        uri.strip_prefix("http://localhost").is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']));
    let secure = uri.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
    (local || secure) && uri.chars().all(|c| c.is_ascii_graphic() && c != '#')
}
