//! The local Xero itself: answers requests, and counts them.

use std::collections::BTreeMap;

use super::apps::App;
use super::authorize::{self, Authorize};
use super::books::load;
use super::books::members::MemberTable;
use super::books::store::RecordStore;
use super::company::Company;
use super::config::SimulatorConfig;
use super::empty_answers::EmptyAnswers;
use super::fault::{FaultOutcome, FaultRule, FaultTarget, InjectedFault, Transport};
use super::faults::Faults;
use super::formats;
use super::grants::{self, Granted};
use super::http::{HttpRequest, HttpResponse};
use super::id_token;
use super::identity;
use super::jwt::{self, SigningKey};
use super::keys::Keys;
use super::logins::Logins;
use super::random::Random;
use super::revocation;
use super::state::ConnectionState;
use super::subscriptions::Subscriptions;
use super::tokens::{IssuedToken, Tokens, UnsignedKind, UnsignedToken};
use super::webhooks::{WebhookState, WebhookStep, Webhooks};
use super::windows::Windows;
use crate::error::Error;
use crate::time::Timestamp;

/// The result of [`Simulator::handle`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The answer.
    Respond(HttpResponse),
    /// A token is granted: sign `input` with RS256 and call [`Simulator::signed`], which returns the answer, or an ID token to
    /// sign next.
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

/// An organisation of a local Xero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulatedOrganisation {
    /// Its id, for the header `xero-tenant-id`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The id of its subscription to the Web app.
    pub subscription_id: String,
}

/// A local Xero. The [module](super) lists the parts of Xero that it imitates.
#[derive(Debug)]
pub struct Simulator {
    pub(super) config: SimulatorConfig,
    /// The path of the base URL, without a slash at the end.
    pub(super) base_path: String,
    /// The organisations. The custom connection is to the first.
    pub(super) companies: Vec<Company>,
    pub(super) empty_answers: EmptyAnswers,
    /// The members of the records of the books.
    pub(super) member_table: MemberTable,
    pub(super) tokens: Tokens,
    pub(super) logins: Logins,
    pub(super) subscriptions: Subscriptions,
    /// For the ids of answers and calls.
    pub(super) random: Random,
    counts: Counts,
    pub(super) windows: Option<Windows>,
    pub(super) last_limits: Option<usize>,
    /// True if a fault rule applied to the last request.
    pub(super) last_fault: bool,
    /// The state of the custom connection.
    pub(super) state: ConnectionState,
    /// The idempotency keys of each app.
    pub(super) keys: BTreeMap<App, Keys>,
    faults: Faults,
    webhooks: Option<Webhooks>,
    /// Requests that are carried out later: by the time, and a number, which differs for requests of the same instant.
    late: BTreeMap<(Timestamp, u64), HttpRequest>,
}

impl Simulator {
    /// Apps and organisations as `config` describes them.
    ///
    /// # Errors
    /// [`Code::InvalidOption`](crate::error::Code::InvalidOption) if there can be no such connection: no scope, an unknown scope, a scope that a custom
    /// connection of that day cannot hold (the error has its name and the rule), no credentials, a bad base URL, no
    /// organisation, a redirect address that Xero does not take.
    pub fn new(config: SimulatorConfig) -> Result<Self, Error> {
        let config = SimulatorConfig { base_url: config.base_url.trim_end_matches('/').to_owned(), ..config };
        config.check()?;
        let member_table = MemberTable::new()?;
        Ok(Self {
            base_path: config.base_path().to_owned(),
            companies: companies(&config, &member_table)?,
            empty_answers: EmptyAnswers::new()?,
            member_table,
            tokens: Tokens::new(config.seed),
            logins: Logins::new(&config.apps, config.seed),
            subscriptions: Subscriptions::new(config.seed, config.organisations.len()),
            random: Random::new(config.seed, 2),
            counts: Counts::default(),
            windows: config.limits.map(|limits| Windows::new(limits, config.seed, config.organisations.len())),
            last_limits: None,
            last_fault: false,
            state: config.state,
            keys: BTreeMap::new(),
            faults: Faults::new(config.seed),
            webhooks: config.webhooks.as_ref().map(|own| Webhooks::new(own, config.seed)),
            late: BTreeMap::new(),
            config,
        })
    }

    /// Answers a request that arrived at `now`.
    pub fn handle(&mut self, request: &HttpRequest, now: Timestamp) -> Reply {
        let before = self.webhooks.is_some().then(|| self.stores());
        let reply = self.handle_quietly(request, now);
        if let (Some(before), Some(webhooks)) = (before, &mut self.webhooks) {
            for (company, before) in self.companies.iter().zip(&before) {
                webhooks.note(company.id, before, &company.store, now);
            }
        }
        reply
    }

    /// The records of each organisation. A copy is cheap.
    fn stores(&self) -> Vec<RecordStore> {
        self.companies.iter().map(|company| company.store.clone()).collect()
    }

    /// Returns what the host is to do next for the webhook. Ask after each request, each answer and each move of the time, and
    /// at the time that it names; a request is sent one at a time.
    pub fn webhook_step(&mut self, now: Timestamp) -> WebhookStep {
        self.webhooks.as_mut().map_or(WebhookStep::Wait, |webhooks| webhooks.step(now))
    }

    /// Takes the status that a delivery was answered with; `None` if there was no answer in time.
    pub fn webhook_answered(&mut self, number: u64, status: Option<u16>, now: Timestamp) {
        if let Some(webhooks) = &mut self.webhooks {
            webhooks.answered(number, status, now);
        }
    }

    /// Asks the address of the webhook for its intent to receive, as a person does in the developer portal.
    pub fn validate_webhook(&mut self) {
        if let Some(webhooks) = &mut self.webhooks {
            webhooks.validate();
        }
    }

    /// The state of the webhook, and the key of its signatures; `None` without a webhook.
    pub fn webhook(&self) -> Option<(WebhookState, &str)> {
        self.webhooks.as_ref().map(|webhooks| (webhooks.state(), webhooks.key()))
    }

    fn handle_quietly(&mut self, request: &HttpRequest, now: Timestamp) -> Reply {
        self.carry_out_late(now);
        (self.last_limits, self.last_fault) = (None, false);
        let Some(own) = OwnRequest::read(request, &self.base_path) else {
            return Reply::Respond(HttpResponse::text(404, "There is nothing outside the base URL."));
        };
        let reply = match self.faults.decide(own.target, &request.method, own.path) {
            None => self.answer(&own, now),
            Some(fault) => self.fail(&fault, &own, now),
        };
        if matches!(&reply, Reply::Respond(response) if response.status >= 400) {
            self.counts.refusals = self.counts.refusals.saturating_add(1);
        }
        reply
    }

    /// Carries out the requests that were held back until now. Their senders get no answer.
    fn carry_out_late(&mut self, now: Timestamp) {
        while let Some(first) = self.late.first_entry().filter(|first| first.key().0 <= now) {
            let ((due, _), request) = first.remove_entry();
            if let Some(own) = OwnRequest::read(&request, &self.base_path.clone()) {
                self.unheard(&own, due);
            }
        }
    }

    /// Carries out a request whose answer does not arrive. A token is not issued then, but a refresh token was replaced.
    fn unheard(&mut self, own: &OwnRequest<'_>, now: Timestamp) -> Option<HttpResponse> {
        match self.answer(own, now) {
            Reply::Respond(response) => Some(response),
            Reply::Sign { ticket, .. } => {
                self.tokens.take_unsigned(ticket);
                None
            }
            Reply::Spoil { .. } => None,
        }
    }

    fn fail(&mut self, fault: &InjectedFault, own: &OwnRequest<'_>, now: Timestamp) -> Reply {
        self.last_fault = true;
        let nothing = || HttpResponse::text(200, "{}");
        if let FaultOutcome::Late(ms) = fault.outcome {
            let number = self.faults.hits();
            self.late.insert((now.plus(ms), number), own.request.clone());
            return Reply::Spoil { transport: Transport::Silent, response: nothing() };
        }
        let served = if fault.performed {
            self.unheard(own, now)
        } else {
            self.count(own.target);
            None
        };
        match &fault.outcome {
            FaultOutcome::Instead(response) => {
                if response.status == 500 && own.target == FaultTarget::Api {
                    self.keys.entry(self.app_of(own.request)).or_default().remember(own.request, response, now);
                }
                Reply::Respond(response.clone())
            }
            FaultOutcome::Spoilt(transport) => {
                Reply::Spoil { transport: *transport, response: served.unwrap_or_else(nothing) }
            }
            FaultOutcome::Late(_) => Reply::Respond(nothing()),
        }
    }

    fn count(&mut self, target: FaultTarget) {
        let api = target == FaultTarget::Api;
        let count = if api { &mut self.counts.api_requests } else { &mut self.counts.token_requests };
        *count = count.saturating_add(1);
    }

    fn answer(&mut self, own: &OwnRequest<'_>, now: Timestamp) -> Reply {
        let OwnRequest { request, path, query, target } = *own;
        match path {
            TOKEN_PATH => {
                self.count(target);
                match grants::grant(&self.config, &mut self.logins, request, now) {
                    Ok(granted) => self.ask_to_sign(granted, now),
                    Err(response) => Reply::Respond(response),
                }
            }
            "/connect/revocation" => Reply::Respond(revocation::answer(&self.config, &mut self.logins, request)),
            authorize::PATH => Reply::Respond(self.authorize(request, query, now)),
            "/" if matches!(request.method.as_str(), "GET" | "HEAD") => Reply::Respond(self.front_page(request)),
            "/.well-known/openid-configuration" => Reply::Respond(identity::discovery(&self.config)),
            "/.well-known/openid-configuration/jwks" => Reply::Respond(identity::keys(&self.tokens.key)),
            _ => {
                self.count(FaultTarget::Api);
                Reply::Respond(self.call(request, path, query, now))
            }
        }
    }

    /// Goes on with a token request: `signature` is that of the input of the same `ticket`, base64url without padding. Returns
    /// the answer, or the ID token to sign next. An unknown ticket and an invalid signature are answered with a 500.
    pub fn signed(&mut self, ticket: u64, signature: &str) -> Reply {
        let broken = |text: &str| Reply::Respond(HttpResponse::text(500, text));
        let Some(UnsignedToken { input, kind }) = self.tokens.take_unsigned(ticket) else {
            return broken("No token waits for this signature.");
        };
        if !jwt::is_signature(signature) {
            return broken("The signature of the token is not base64url.");
        }
        let complete = format!("{input}.{signature}");
        let (token, refresh_token, nonce) = match kind {
            UnsignedKind::Id { mut answer } => {
                answer.insert("id_token".to_owned(), complete.into());
                return Reply::Respond(identity::answer(answer));
            }
            UnsignedKind::Access { token, refresh_token, nonce } => (token, refresh_token, nonce),
        };
        let answer = identity::granted(&complete, self.config.token_lifetime_s, &token.scopes, refresh_token);
        let claims = id_token::claims(&self.config, &self.logins, &token, &complete, nonce);
        self.tokens.issue(complete, token);
        match claims {
            None => Reply::Respond(identity::answer(answer)),
            Some(claims) => {
                let (ticket, input) = self.tokens.add_unsigned(&claims, UnsignedKind::Id { answer });
                Reply::Sign { ticket, input }
            }
        }
    }

    /// The counts of the requests so far.
    pub const fn counts(&self) -> Counts {
        Counts { faults: self.faults.hits(), ..self.counts }
    }

    /// Adds a rule that makes requests fail, and returns its number.
    pub fn add_fault(&mut self, rule: FaultRule) -> u32 {
        self.faults.add(rule)
    }

    /// Removes a rule; an unknown number is ignored.
    pub fn remove_fault(&mut self, number: u32) {
        self.faults.remove(number);
    }

    /// The number of the limits that the last request was checked against: each organisation has limits for each app. `None`
    /// if it came to no organisation, or if there are no limits.
    pub const fn last_limits(&self) -> Option<usize> {
        self.last_limits
    }

    /// Sets the number of other calls of the API that are under way within the limits of this number when the next is handled.
    /// A call takes no time here, so only the host knows how many there are. The default is 0. The limits of the custom
    /// connection have the number 0.
    pub fn set_in_flight(&mut self, limits: usize, calls: u32) {
        if let Some(windows) = &mut self.windows {
            windows.set_in_flight(limits, calls);
        }
    }

    /// Sets the public key of the signatures: modulus and exponent (base64url) and id. Call it before the first token.
    pub fn set_jwk(&mut self, n: &str, e: &str, kid: &str) {
        self.tokens.key = SigningKey { kid: kid.to_owned(), numbers: Some((n.to_owned(), e.to_owned())) };
    }

    /// Changes the base URL, for example when a server knows its port.
    ///
    /// # Errors
    /// [`Code::InvalidOption`](crate::error::Code::InvalidOption) if it is not an http or https URL with a host and without a query.
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

    /// The books of the first organisation as a JSON document, for [`SimulatorConfig::company`].
    pub fn dump(&self) -> String {
        self.companies.first().map_or_else(|| "{}".to_owned(), load::dump)
    }

    /// The organisations.
    pub fn organisations(&self) -> impl Iterator<Item = SimulatedOrganisation> {
        self.companies.iter().enumerate().map(|(place, company)| SimulatedOrganisation {
            id: company.id.to_string(),
            name: company.name.clone(),
            subscription_id: self.subscriptions.id(place).map(|id| id.to_string()).unwrap_or_default(),
        })
    }

    fn ask_to_sign(&mut self, granted: Granted, now: Timestamp) -> Reply {
        let Granted { holder, scopes, refresh_token, nonce } = granted;
        let starts = now.as_ms() / 1_000;
        let ends = Timestamp::from_ms(starts.saturating_add(self.config.token_lifetime_s).saturating_mul(1_000));
        let token = IssuedToken { holder, scopes, ends };
        let ids = self.tokens.draw_ids();
        let organisation =
            self.companies.first().filter(|_| self.state != ConnectionState::Unauthorised).map(|own| own.id);
        let claims = identity::claims(&self.config, &self.logins, &token, ids, starts, organisation);
        let (ticket, input) = self.tokens.add_unsigned(&claims, UnsignedKind::Access { token, refresh_token, nonce });
        Reply::Sign { ticket, input }
    }

    fn authorize(&mut self, request: &HttpRequest, query: &str, now: Timestamp) -> HttpResponse {
        let Self { config, companies, logins, .. } = self;
        Authorize { config, companies, logins }.answer(request, query, now)
    }
}

/// The organisations at the start.
fn companies(config: &SimulatorConfig, table: &MemberTable) -> Result<Vec<Company>, Error> {
    let named = config.organisations.iter().enumerate();
    named.map(|(place, name)| Company::of(config, table, place, name)).collect()
}

/// The path of the token endpoint.
const TOKEN_PATH: &str = "/connect/token";

/// A request below the base URL.
struct OwnRequest<'a> {
    request: &'a HttpRequest,
    path: &'a str,
    query: &'a str,
    target: FaultTarget,
}

impl<'a> OwnRequest<'a> {
    /// Reads a request; `None` if it is outside the base URL.
    fn read(request: &'a HttpRequest, base_path: &str) -> Option<Self> {
        let target = request.origin_form();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path = path.strip_prefix(base_path).filter(|path| path.starts_with('/'))?;
        let of_identity = ["/connect/", "/.well-known/", "/identity/"].iter().any(|prefix| path.starts_with(prefix));
        let rotates = || {
            let form = core::str::from_utf8(&request.body).ok().and_then(formats::pairs).unwrap_or_default();
            form.iter().any(|(name, value)| (name.as_str(), value.as_str()) == ("grant_type", "refresh_token"))
        };
        let target = match path {
            TOKEN_PATH if rotates() => FaultTarget::Rotation,
            _ if of_identity => FaultTarget::Identity,
            _ => FaultTarget::Api,
        };
        Some(Self { request, path, query, target })
    }
}
