//! The local Xero itself: answers requests, and counts them.

use serde_json::json;

use super::api::{self, Bearer};
use super::company::Company;
use super::config::SimulatorConfig;
use super::context::CallContext;
use super::empty_answers::EmptyAnswers;
use super::fault::{FaultOutcome, FaultRule, Faults, InjectedFault, Transport};
use super::formats;
use super::http::{HttpRequest, HttpResponse};
use super::identity;
use super::jwt::{self, SigningKey};
use super::keys::Keys;
use super::random::Random;
use super::state::ConnectionState;
use super::tokens::{IssuedToken, Tokens};
use super::windows::Windows;
use crate::catalogue::{Held, SCOPES};
use crate::error::{Code, Error};
use crate::scope::ScopeSet;
use crate::time::Timestamp;

/// The result of [`Simulator::handle`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The answer.
    Respond(HttpResponse),
    /// A token is granted: sign `input` with RS256 and call [`Simulator::signed`], which returns the answer.
    Sign {
        /// The number of the signature, for [`Simulator::signed`].
        ticket: u64,
        /// The signing input of the JWT, ASCII.
        input: String,
    },
    /// The transport fails. `response` is the answer without the fault; an empty 200 for a request that never arrived.
    Spoil {
        /// The fault.
        transport: Transport,
        /// The answer that does not arrive whole.
        response: HttpResponse,
    },
}

/// Counts of the requests that the simulator has handled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests to the token endpoint, granted or not.
    pub token_requests: u64,
    /// Requests to the API, successful or not.
    pub api_requests: u64,
    /// Requests of both kinds with a status of 400 or more.
    pub refusals: u64,
    /// Requests that failed because of a rule.
    pub faults: u64,
}

/// A local Xero. The [module](super) lists the parts of Xero that it imitates.
#[derive(Debug)]
pub struct Simulator {
    config: SimulatorConfig,
    /// The path of the base URL, without a slash at the end.
    base_path: String,
    company: Company,
    empty_answers: EmptyAnswers,
    tokens: Tokens,
    /// For the ids of answers and calls.
    random: Random,
    counts: Counts,
    windows: Option<Windows>,
    state: ConnectionState,
    keys: Keys,
    faults: Faults,
}

impl Simulator {
    /// A connection as `config` describes it, with the books of the demo company.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] if there can be no such connection: no scope, an unknown scope, a scope that a custom
    /// connection of that day cannot hold (the error has its name and the rule), no credentials, a bad base URL.
    pub fn new(config: SimulatorConfig) -> Result<Self, Error> {
        let config = SimulatorConfig { base_url: config.base_url.trim_end_matches('/').to_owned(), ..config };
        config.check()?;
        Ok(Self {
            base_path: config.base_path().to_owned(),
            company: Company::new(config.seed, &config.organisation, config.country, config.today, config.invoices),
            empty_answers: EmptyAnswers::new()?,
            tokens: Tokens::new(config.seed),
            random: Random::new(config.seed, 2),
            counts: Counts::default(),
            windows: config.limits.map(|limits| Windows::new(limits, config.seed)),
            state: config.state,
            keys: Keys::default(),
            faults: Faults::new(config.seed),
            config,
        })
    }

    /// Answers a request that arrived at `now`.
    pub fn handle(&mut self, request: &HttpRequest, now: Timestamp) -> Reply {
        let target = request.origin_form();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let Some(path) = path.strip_prefix(self.base_path.as_str()).filter(|path| path.starts_with('/')) else {
            return Reply::Respond(HttpResponse::text(404, "There is nothing outside the base URL."));
        };
        let of_identity = is_of_identity(path);
        let reply = match self.faults.decide(of_identity, &request.method, path) {
            None => self.answer(request, path, query, now),
            Some(fault) => self.fail(&fault, request, path, query, now),
        };
        if matches!(&reply, Reply::Respond(response) if response.status >= 400) {
            self.counts.refusals = self.counts.refusals.saturating_add(1);
        }
        reply
    }

    fn fail(&mut self, fault: &InjectedFault, request: &HttpRequest, path: &str, query: &str, now: Timestamp) -> Reply {
        let of_identity = is_of_identity(path);
        let served = if fault.performed {
            match self.answer(request, path, query, now) {
                Reply::Respond(response) => Some(response),
                Reply::Sign { ticket, .. } => {
                    // This token is never sent.
                    self.tokens.take_unsigned(ticket);
                    None
                }
                Reply::Spoil { .. } => None,
            }
        } else {
            self.count(of_identity);
            None
        };
        match &fault.outcome {
            FaultOutcome::Spoilt(transport) => Reply::Spoil {
                transport: *transport,
                response: served.unwrap_or_else(|| HttpResponse::text(200, "{}")),
            },
            FaultOutcome::Instead(response) => {
                if response.status == 500 && !of_identity {
                    self.keys.remember(request, response, now);
                }
                Reply::Respond(response.clone())
            }
        }
    }

    fn count(&mut self, of_identity: bool) {
        let count = if of_identity { &mut self.counts.token_requests } else { &mut self.counts.api_requests };
        *count = count.saturating_add(1);
    }

    fn answer(&mut self, request: &HttpRequest, path: &str, query: &str, now: Timestamp) -> Reply {
        match path {
            "/connect/token" => {
                self.count(true);
                match identity::grant(&self.config, request) {
                    Ok(scopes) => self.ask_to_sign(scopes, now),
                    Err(response) => Reply::Respond(response),
                }
            }
            "/.well-known/openid-configuration" => Reply::Respond(identity::discovery(&self.config)),
            "/.well-known/openid-configuration/jwks" => Reply::Respond(identity::keys(&self.tokens.key)),
            _ => {
                self.count(false);
                Reply::Respond(self.call(request, path, query, now))
            }
        }
    }

    /// Finishes a token request: `signature` is that of the input of the same `ticket`, base64url without padding.
    /// An unknown ticket and an invalid signature are answered with a 500.
    pub fn signed(&mut self, ticket: u64, signature: &str) -> HttpResponse {
        let Some((input, token)) = self.tokens.take_unsigned(ticket) else {
            return HttpResponse::text(500, "No token waits for this signature.");
        };
        if !jwt::is_signature(signature) {
            return HttpResponse::text(500, "The signature of the token is not base64url.");
        }
        let complete = format!("{input}.{signature}");
        let response = identity::granted(&complete, self.config.token_lifetime_s, &token.scopes);
        self.tokens.issue(complete, token);
        response
    }

    /// The counts of the requests so far.
    pub const fn counts(&self) -> Counts {
        Counts { faults: self.faults.hits(), ..self.counts }
    }

    /// The state of the connection.
    pub const fn state(&self) -> ConnectionState {
        self.state
    }

    /// Changes the scopes of the connection, as its developer does. This deactivates it (rule R9).
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
            return Err(Error::new(Code::InvalidOption, message).with_scopes([name]).by_rule("R11"));
        }
        self.config = config;
        self.state = ConnectionState::Deactivated;
        Ok(())
    }

    /// Authorises the connection, as its user does.
    pub const fn authorise(&mut self) {
        self.state = ConnectionState::Active;
    }

    /// Resets the demo company: its books are as at the start, and the connection is disconnected.
    pub fn reset(&mut self) {
        let SimulatorConfig { seed, organisation, country, today, invoices, .. } = &self.config;
        self.company = Company::new(*seed, organisation, *country, *today, *invoices);
        self.state = ConnectionState::Reset;
    }

    /// Adds a rule that makes requests fail, and returns its number.
    pub fn add_fault(&mut self, rule: FaultRule) -> u32 {
        self.faults.add(rule)
    }

    /// Removes a rule; an unknown number is ignored.
    pub fn remove_fault(&mut self, number: u32) {
        self.faults.remove(number);
    }

    /// Sets the number of other calls of the API that are under way when the next is handled. A call takes no time here, so
    /// only the host knows this number. The default is 0.
    pub fn set_in_flight(&mut self, calls: u32) {
        if let Some(windows) = &mut self.windows {
            windows.in_flight = calls;
        }
    }

    /// Sets the public key of the signatures: modulus and exponent (base64url) and id. Call it before the first token.
    pub fn set_jwk(&mut self, n: &str, e: &str, kid: &str) {
        self.tokens.key = SigningKey { kid: kid.to_owned(), numbers: Some((n.to_owned(), e.to_owned())) };
    }

    /// Changes the base URL, for example when a server knows its port.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] if it is not an http or https URL with a host and without a query.
    pub fn set_base_url(&mut self, url: &str) -> Result<(), Error> {
        let config = SimulatorConfig { base_url: url.trim_end_matches('/').to_owned(), ..self.config.clone() };
        config.check()?;
        config.base_path().clone_into(&mut self.base_path);
        self.config = config;
        Ok(())
    }

    /// The options that the simulator uses.
    pub const fn config(&self) -> &SimulatorConfig {
        &self.config
    }

    fn ask_to_sign(&mut self, scopes: ScopeSet, now: Timestamp) -> Reply {
        let starts = now.as_ms() / 1_000;
        let ends = starts.saturating_add(self.config.token_lifetime_s);
        let (id, event) = self.tokens.draw_ids();
        let mut claims = json!({
            "iss": self.config.base_url,
            "aud": format!("{}/resources", self.config.base_url),
            "nbf": starts,
            "exp": ends,
            "client_id": self.config.client_id,
            "jti": id,
            "authentication_event_id": event,
            "scope": scopes.names().collect::<Vec<_>>()
        });
        if let (Some(members), true) = (claims.as_object_mut(), self.state != ConnectionState::Unauthorised) {
            members.insert("xero_tenant_id".to_owned(), self.company.id.to_string().into());
        }
        let token = IssuedToken { scopes, ends: Timestamp::from_ms(ends.saturating_mul(1_000)) };
        let (ticket, input) = self.tokens.add_unsigned(&claims, token);
        Reply::Sign { ticket, input }
    }

    fn call(&mut self, request: &HttpRequest, path: &str, query: &str, now: Timestamp) -> HttpResponse {
        let instance = self.random.uuid();
        let bearer = match request.bearer_token() {
            None => Bearer::Missing,
            Some(token) => self.tokens.find(token).map_or(Bearer::Unknown, Bearer::Issued),
        };
        let of_app = matches!(bearer, Bearer::Issued(_));
        let refused = match &mut self.windows {
            Some(windows) if of_app => windows.enter_app(now).err(),
            _ => None,
        };
        let mut context = CallContext {
            request,
            path,
            query: formats::pairs(query).unwrap_or_default(),
            now,
            company: &mut self.company,
            windows: self.windows.as_mut(),
            state: self.state,
            keys: &mut self.keys,
            random: &mut self.random,
        };
        let response = match refused {
            Some(refused) => refused,
            None => api::answer(&mut context, &bearer, &self.empty_answers, instance),
        };
        let response = match &mut self.windows {
            Some(windows) if of_app => windows.show_app(response, now),
            _ => response,
        };
        response
            .with("Cache-Control", "max-age=0, no-cache, no-store")
            .with("Xero-Correlation-Id", &instance.to_string())
    }
}

fn is_of_identity(path: &str) -> bool {
    path.starts_with("/connect/") || path.starts_with("/.well-known/")
}
