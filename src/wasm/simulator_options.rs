//! The options of a local Xero, as JavaScript gives them.

use serde::Deserialize;

use super::protocol::invalid;
use crate::error::{Error, quoted};
use crate::scope::ScopeSet;
use crate::secret::Secret;
use crate::simulator::{ConnectionState, Consent, Country, Grace, Limits, SimulatorConfig, UserApps, WebhookConfig};
use crate::time::Date;

/// The options of `simulatorOpen`; the defaults are those of [`SimulatorConfig::new`].
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SimulatorOptions {
    seed: Option<u64>,
    client_id: Option<String>,
    client_secret: Option<String>,
    /// Separated by spaces.
    scopes: Option<String>,
    created_on: Option<String>,
    organisation: Option<String>,
    organisations: Option<Vec<String>>,
    country: Option<String>,
    invoices: Option<u32>,
    /// JSON.
    company: Option<String>,
    strict: Option<bool>,
    lists_connection: Option<bool>,
    /// The day the books end: the shell knows the clock.
    today: String,
    token_lifetime_ms: Option<u64>,
    base_url: Option<String>,
    invalid_client_status: Option<u16>,
    limits: Option<LimitOptions>,
    authorised: Option<bool>,
    apps: AppOptions,
    consent: Option<ConsentOption>,
    webhooks: Option<WebhookOptions>,
    /// One rule each.
    pub(super) faults: Option<Vec<String>>,
}

/// The webhook of the apps.
#[derive(Deserialize)]
struct WebhookOptions {
    url: String,
    key: Option<String>,
}

/// Options of the Web app and the PKCE app; the defaults are those of [`UserApps`].
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AppOptions {
    /// Separated by spaces.
    scopes: Option<String>,
    redirect_uris: Option<Vec<String>>,
    grace: Option<String>,
}

impl AppOptions {
    fn change(&self, apps: &mut UserApps) -> Result<(), Error> {
        if let Some(scopes) = &self.scopes {
            apps.scopes = ScopeSet::from_scope_param(scopes);
        }
        if let Some(uris) = &self.redirect_uris {
            apps.redirect_uris.clone_from(uris);
        }
        if let Some(name) = &self.grace {
            apps.grace = Grace::parse(name)
                .ok_or_else(|| invalid(format!("grace must be lenient or strict, not {}", quoted(name, 40))))?;
        }
        Ok(())
    }
}

/// The answer of users: a word, or a user and names of organisations.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum ConsentOption {
    Word(String),
    Given { user: Option<u32>, organisations: Option<Vec<String>> },
}

impl ConsentOption {
    pub(super) fn consent(self) -> Result<Consent, Error> {
        match self {
            Self::Word(word) => Consent::parse(&word),
            Self::Given { user, organisations } => Ok(Consent::Give {
                user: usize::try_from(user.unwrap_or(1)).unwrap_or(usize::MAX),
                organisations: organisations.unwrap_or_default(),
            }),
        }
    }
}

/// Limits; the defaults are those of [`Limits`].
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LimitOptions {
    in_flight: Option<u32>,
    minute: Option<u32>,
    day: Option<u32>,
    app_minute: Option<u32>,
    headers: Option<bool>,
}

impl SimulatorOptions {
    /// The configuration that the options describe.
    pub(super) fn config(self) -> Result<SimulatorConfig, Error> {
        let day = |name: &str, text: &str| {
            Date::parse(text)
                .ok_or_else(|| invalid(format!("{name} is not a day written YYYY-MM-DD: {}", quoted(text, 40))))
        };
        let mut config = SimulatorConfig::new(self.seed.unwrap_or(1), day("today", &self.today)?);
        self.apps.change(&mut config.apps)?;
        if let Some(id) = self.client_id {
            config.client_id = id;
        }
        if let Some(secret) = self.client_secret {
            config.client_secret = Secret::new(secret);
        }
        if let Some(scopes) = self.scopes {
            config.scopes = ScopeSet::from_scope_param(&scopes);
        }
        if let Some(text) = self.created_on {
            config.created_on = day("createdOn", &text)?;
        }
        config.organisations = match (self.organisation, self.organisations) {
            (None, None) => config.organisations,
            (Some(name), None) => vec![name],
            (None, Some(names)) => names,
            (Some(_), Some(_)) => {
                return Err(invalid("organisation and organisations are both there: leave out organisation"));
            }
        };
        if let Some(text) = self.country {
            config.country = Country::parse(&text).ok_or_else(|| {
                invalid(format!(
                    "country must be {}, not {}",
                    Country::ALL.map(Country::code).join(", "),
                    quoted(&text, 40)
                ))
            })?;
        }
        if let Some(count) = self.invoices {
            config.invoices = usize::try_from(count).unwrap_or(usize::MAX);
        }
        config.company = self.company;
        config.webhooks =
            self.webhooks.map(|own| WebhookConfig { url: own.url, key: Secret::new(own.key.unwrap_or_default()) });
        config.lists_connection = self.lists_connection.unwrap_or(config.lists_connection);
        config.strict = self.strict.unwrap_or(config.strict);
        if let Some(ms) = self.token_lifetime_ms {
            if !ms.is_multiple_of(1_000) {
                return Err(invalid(format!("tokenLifetimeMs has to be whole seconds, such as 1800000, not {ms}")));
            }
            config.token_lifetime_s = ms / 1_000;
        }
        if let Some(url) = self.base_url {
            config.base_url = url;
        }
        config.limits = self.limits.map(|given| {
            let usual = Limits::default();
            Limits {
                in_flight: given.in_flight.unwrap_or(usual.in_flight),
                minute: given.minute.unwrap_or(usual.minute),
                day: given.day.unwrap_or(usual.day),
                app_minute: given.app_minute.unwrap_or(usual.app_minute),
                headers: given.headers.unwrap_or(usual.headers),
            }
        });
        if self.authorised == Some(false) {
            config.state = ConnectionState::Unauthorised;
        }
        if let Some(consent) = self.consent {
            config.consent = consent.consent()?;
        }
        match self.invalid_client_status {
            None | Some(400) => {}
            Some(401) => config.invalid_client_is_401 = true,
            Some(other) => return Err(invalid(format!("invalidClientStatus is neither 400 nor 401: {other}"))),
        }
        Ok(config)
    }
}
