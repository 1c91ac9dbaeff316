//! The options of a local Xero, and their checks.

use super::apps::{App, UserApps};
use super::consent::Consent;
use super::random::Random;
use super::state::ConnectionState;
use super::webhooks::WebhookConfig;
use super::windows::Limits;
use crate::catalogue::{Country, GRANULAR_ONLY_FROM, GRANULAR_ONLY_FROM_TEXT, Held, SCOPES, Status};
use crate::error::{Code, Error, quoted};
use crate::scope::ScopeSet;
use crate::secret::Secret;
use crate::time::Date;

/// The options of a local Xero.
#[derive(Clone, Debug)]
pub struct SimulatorConfig {
    /// The seed of every name, id and amount.
    pub seed: u64,
    /// The client id; Xero's have 32 hexadecimal digits.
    pub client_id: String,
    /// The client secret.
    pub client_secret: Secret<String>,
    /// The scopes that are configured on the connection.
    pub scopes: ScopeSet,
    /// The day on which the connection was created.
    pub created_on: Date,
    /// The names of the organisations. The custom connection is to the first; users can connect each.
    pub organisations: Vec<String>,
    /// The country of the organisations.
    pub country: Country,
    /// The number of invoices and bills of each organisation at the start.
    pub invoices: usize,
    /// The books of the first organisation, as a JSON document of lists of records; `None` for a demo company.
    pub company: Option<String>,
    /// True if a read that the simulator has no data for is refused with 501, instead of an empty answer, and a write of more
    /// than 50 elements or 3.5 MB with 400.
    pub strict: bool,
    /// True if `GET /connections` with the token of the custom connection names its organisation; reports about Xero's own
    /// answer contradict each other.
    pub lists_connection: bool,
    /// The last day of the books at the start. (This module has no clock.)
    pub today: Date,
    /// The lifetime of a token, in seconds.
    pub token_lifetime_s: u64,
    /// Base of the identity service and of the API; the issuer of the tokens. Its path, if
    /// it has one, is a prefix of every path.
    pub base_url: String,
    /// True for status 401 on `invalid_client`, false for 400. Xero's status is not known.
    pub invalid_client_is_401: bool,
    /// The rate limits; `None` for a local Xero that has none.
    pub limits: Option<Limits>,
    /// The state of the connection at the start.
    pub state: ConnectionState,
    /// The Web app and the PKCE app.
    pub apps: UserApps,
    /// The answer of users at the start.
    pub consent: Consent,
    /// The webhook of the apps; `None` for none.
    pub webhooks: Option<WebhookConfig>,
}

/// The most invoices: they fit easily into the memory of the wasm module.
const MOST_INVOICES: usize = 1_000_000;

/// The most organisations.
const MOST_ORGANISATIONS: usize = 100;

/// The longest lifetime of a token, a year. Longer ones would test nothing more.
const MOST_LIFETIME_S: u64 = 366 * 24 * 60 * 60;

impl SimulatorConfig {
    /// Every scope that a custom connection can choose, an Australian company of 3,000 invoices, tokens of 30 minutes,
    /// created on 29 April 2026; client id and secret from the seed.
    pub fn new(seed: u64, today: Date) -> Self {
        let mut random = Random::new(seed, 0);
        let offered = SCOPES.iter().filter(|scope| scope.held == Held::Yes && scope.status == Status::Current);
        Self {
            seed,
            client_id: random.hex().to_ascii_uppercase(),
            client_secret: Secret::new(format!("local-{}", random.hex())),
            scopes: ScopeSet::from_names(offered.map(|scope| scope.name)),
            created_on: GRANULAR_ONLY_FROM.unwrap_or(today),
            organisations: vec!["Harbour & Pine (Demo)".to_owned()],
            country: Country::Australia,
            invoices: 3_000,
            company: None,
            strict: false,
            lists_connection: true,
            today,
            token_lifetime_s: 1_800,
            base_url: "https://identity.xero.com".to_owned(),
            invalid_client_is_401: false,
            limits: None,
            state: ConnectionState::Active,
            apps: UserApps::new(seed),
            consent: Consent::default(),
            webhooks: None,
        }
    }

    /// The app with this client id.
    pub(super) fn app(&self, id: &str) -> Option<App> {
        App::ALL.into_iter().find(|app| self.client_id(*app) == id)
    }

    /// The client id of an app.
    pub(super) fn client_id(&self, app: App) -> &str {
        match app {
            App::Custom => &self.client_id,
            App::Web => &self.apps.web_id,
            App::Pkce => &self.apps.pkce_id,
        }
    }

    /// The client secret of an app; empty for a PKCE app.
    pub(super) fn secret(&self, app: App) -> &str {
        match app {
            App::Custom => self.client_secret.reveal(),
            App::Web => self.apps.web_secret.reveal(),
            App::Pkce => "",
        }
    }

    /// The path of the base URL, without a slash at the end.
    pub(super) fn base_path(&self) -> &str {
        path_of(&self.base_url).unwrap_or_default()
    }

    /// Refuses options that no custom connection can have.
    pub(super) fn check(&self) -> Result<(), Error> {
        let bad = |message: &str| Err(Error::new(Code::InvalidOption, message));
        if self.client_id.is_empty() || self.client_secret.reveal().is_empty() {
            return bad("clientId and clientSecret must not be empty");
        }
        if !(1..=MOST_LIFETIME_S).contains(&self.token_lifetime_s) {
            let found = self.token_lifetime_s;
            return bad(&format!("tokenLifetimeMs must be 1 to {MOST_LIFETIME_S} seconds, not {found}"));
        }
        if self.invoices > MOST_INVOICES {
            return bad(&format!("invoices must be at most {MOST_INVOICES}, not {}", self.invoices));
        }
        if path_of(&self.base_url).is_none() {
            return bad("baseUrl must start with http:// or https:// and have a host and no query");
        }
        if !(1..=MOST_ORGANISATIONS).contains(&self.organisations.len()) {
            let found = self.organisations.len();
            return bad(&format!("organisations must be 1 to {MOST_ORGANISATIONS} names, not {found}"));
        }
        self.apps.check()?;
        self.webhooks.as_ref().map_or(Ok(()), WebhookConfig::check)?;
        self.check_consent(&self.consent)?;
        if self.scopes.is_empty() {
            return Err(Error::new(
                Code::InvalidOption,
                "scopes is empty: a custom connection needs at least one (rule R28)",
            )
            .by_rule("R28"));
        }
        if let Some(name) = self.scopes.unknown().first() {
            let message = format!("scopes has {}, which the catalogue does not have", quoted(name, 80));
            return Err(Error::new(Code::InvalidOption, message).with_scopes(&[name.as_str()]));
        }
        self.scopes.known().iter().try_for_each(|id| match id.row() {
            Some(scope) => self.check_scope(scope.name, scope.held),
            None => Ok(()),
        })
    }

    /// Refuses an answer of users or for organisations that there are not.
    pub(super) fn check_consent(&self, consent: &Consent) -> Result<(), Error> {
        let Consent::Give { user, organisations } = consent else { return Ok(()) };
        let bad = |message: String| Err(Error::new(Code::InvalidOption, message));
        if !(1..=2).contains(user) {
            return bad(format!("consent: there are the users 1 and 2, not {user}"));
        }
        match organisations.iter().find(|name| !self.organisations.contains(name)) {
            Some(name) => bad(format!("consent: there is no organisation {}", quoted(name, 80))),
            None => Ok(()),
        }
    }

    /// Refuses a scope that a connection created on that day cannot hold. Scopes that no source decides on (those of
    /// partners, reported ones) are allowed.
    fn check_scope(&self, name: &str, held: Held) -> Result<(), Error> {
        let refused = |message: String| Error::new(Code::InvalidOption, message).with_scopes(&[name]);
        match held {
            Held::Yes | Held::PartnerOnly | Held::PremiumOnly | Held::Disputed | Held::Unknown => Ok(()),
            Held::LegacyOnly if GRANULAR_ONLY_FROM.is_some_and(|day| self.created_on < day) => Ok(()),
            Held::LegacyOnly => {
                let rule = if name.starts_with("accounting.journals") { "R7" } else { "R29" };
                let message = format!(
                    "scopes: a connection created on {} cannot hold {name} (rule {rule}): only those created before \
                     {GRANULAR_ONLY_FROM_TEXT} can; choose granular scopes or an earlier day",
                    self.created_on
                );
                Err(refused(message).by_rule(rule))
            }
            Held::No => Err(refused(format!("scopes: a custom connection cannot hold {name}; leave it out"))),
        }
    }
}

/// The path of a base URL, without a slash at the end; `None` if it is not a base URL.
fn path_of(base_url: &str) -> Option<&str> {
    let rest = base_url.strip_prefix("https://").or_else(|| base_url.strip_prefix("http://"))?;
    let (host, path) = rest.find('/').and_then(|at| rest.split_at_checked(at)).unwrap_or((rest, ""));
    let bad = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '?' | '#');
    (!host.is_empty() && !base_url.contains(bad) && !path.ends_with('/')).then_some(path)
}
