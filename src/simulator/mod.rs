//! A local imitation of Xero: one custom connection to one demo company.
//!
//! Deterministic and sans-I/O: a request and the time go in, a response comes out; everything else follows from
//! [`Config`]. The same configuration and the same requests give the same bytes. It is made to test against and is
//! **not** Xero: what Xero really does is stated in the catalogue and its sources, and where they are silent this module
//! chooses, and says so:
//!
//! - **Tokens.** Requested scopes must be configured by exactly the same name (whether `accounting.invoices` stands for
//!   its `.read` is not known). An empty `scope` is refused like an unconfigured one. The `resource` parameter and
//!   Xero's SDK's `scopes` are ignored. The claims have no `x5t`, because there is no certificate.
//! - **Order of checks.** Token, tenant header, path, scope, body. A `xero-tenant-id` may be absent, empty or right; a
//!   wrong one is a 403, as for user tokens.
//! - **JSON only.** Whatever `Accept` says, the accounting API answers JSON here, except for an invoice asked for as
//!   `application/pdf`. A GET with a body is a 400.
//! - **Lists.** `page` and `pageSize` snap into their ranges; a list without `page` is page 1 without line items.
//!   `where`, `order`, `searchTerm` and `createdByMyApp` are refused on contacts and invoices, not ignored.
//! - **Written in earnest** are invoices. Every other write is answered with the empty result of its shape and kept
//!   nowhere. Reading a record by its id is answered with an empty list where the API answers with lists, else 404.
//! - **Connections.** `/connections` answers with an empty list: the reports contradict each other.
//! - **Limits.** None, unless [`Config::limits`] has some: then fixed windows with a phase from the seed.
//! - **States.** A connection that is not authorised still gets tokens, as a report says, without `xero_tenant_id` if it never
//!   was; its calls are answered with a bare 403, and those to a demo company that was reset with Xero's words for it. What
//!   happens to tokens from before an edit is not known: here they are refused like new ones, and keep their scopes.
//! - **Idempotency keys** of POST, PUT and PATCH: see `keys.rs`. Limits come first, and replays count.
//! - **Faults**: see [`fault`].
//! - **Time.** Broad scopes keep working past September 2027.

mod amount;
mod api;
mod company;
// Tables, one row per line.
#[rustfmt::skip]
mod demo;
mod errors;
pub mod fault;
mod identity;
mod invoices;
mod jwt;
mod keys;
mod random;
mod route;
mod shapes;
mod state;
mod windows;
mod wire;

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use self::api::{Bearer, Context};
use self::company::Company;
pub use self::company::Country;
use self::fault::{Fault, Faults, Outcome, Rule, Transport};
use self::keys::Keys;
use self::random::Random;
use self::shapes::Shapes;
pub use self::state::State;
pub use self::windows::Limits;
use self::windows::Windows;
use crate::catalogue::{Held, SCOPES, Status};
use crate::error::{Code, Error, quoted};
use crate::scope::ScopeSet;
use crate::secret::Secret;
use crate::time::{Date, Timestamp};

/// `ProviderName` of the answers.
const PROVIDER: &str = "xero-m2m local Xero";

/// From this day on a new connection has granular scopes only and no journals (rules R7 and R29).
const SPLIT: Option<Date> = Date::new(2026, 4, 29);

/// How many tokens are remembered. After that the oldest is as good as never issued.
const REMEMBERED: usize = 10_000;

/// What there is to choose.
#[derive(Clone, Debug)]
pub struct Config {
    /// Decides every name, id and amount.
    pub seed: u64,
    /// The client id; Xero's have 32 hexadecimal digits.
    pub client_id: String,
    /// The client secret.
    pub client_secret: Secret<String>,
    /// The scopes that are configured on the connection.
    pub scopes: ScopeSet,
    /// The day on which the connection was created.
    pub created_on: Date,
    /// The name of the organisation.
    pub organisation: String,
    /// The country of the organisation.
    pub country: Country,
    /// How many invoices and bills there are at the start.
    pub invoices: usize,
    /// The day on which the books end at the start. There is no clock here.
    pub today: Date,
    /// Seconds that a token lives.
    pub token_lifetime_s: u64,
    /// Base of the identity service and of the API; the issuer of the tokens. Its path, if
    /// it has one, is a prefix of every path.
    pub base_url: String,
    /// Whether `invalid_client` comes with status 401; with 400 otherwise. Xero's is not known.
    pub invalid_client_is_401: bool,
    /// The rate limits; `None` for a local Xero that has none.
    pub limits: Option<Limits>,
    /// Whether the connection is authorised at the start.
    pub state: State,
}

/// So many invoices fit into the memory of the module with room to spare.
const MOST_INVOICES: usize = 1_000_000;

/// A year: what is longer tests nothing.
const MOST_LIFETIME_S: u64 = 366 * 24 * 60 * 60;

impl Config {
    /// Every scope that a custom connection can choose, an Australian company of 3,000 invoices, tokens of 30 minutes,
    /// created on 29 April 2026; client id and secret from the seed.
    pub fn new(seed: u64, today: Date) -> Self {
        let mut random = Random::new(seed, 0);
        let offered = SCOPES.iter().filter(|scope| scope.held == Held::Yes && scope.status == Status::Current);
        Self {
            seed,
            client_id: random.hex().to_uppercase(),
            client_secret: Secret::new(format!("local-{}", random.hex())),
            scopes: ScopeSet::from_names(offered.map(|scope| scope.name)),
            created_on: SPLIT.unwrap_or(today),
            organisation: "Harbour & Pine (Demo)".to_owned(),
            country: Country::Australia,
            invoices: 3_000,
            today,
            token_lifetime_s: 1_800,
            base_url: "https://identity.xero.com".to_owned(),
            invalid_client_is_401: false,
            limits: None,
            state: State::Active,
        }
    }

    /// Refuses what no custom connection can be.
    fn check(&self) -> Result<(), Error> {
        let bad = |message: &str| Err(Error::new(Code::InvalidOption, message));
        if self.client_id.is_empty() || self.client_secret.reveal().is_empty() {
            return bad("clientId and clientSecret have to be texts that are not empty");
        }
        if !(1..=MOST_LIFETIME_S).contains(&self.token_lifetime_s) {
            let found = self.token_lifetime_s;
            return bad(&format!("tokenLifetimeMs has to be 1 to {MOST_LIFETIME_S} seconds, not {found}"));
        }
        if self.invoices > MOST_INVOICES {
            return bad(&format!("invoices has to be at most {MOST_INVOICES}, not {}", self.invoices));
        }
        if prefix(&self.base_url).is_none() {
            return bad("baseUrl has to start with http:// or https:// and have a host and no query");
        }
        if self.scopes.is_empty() {
            return Err(Error::new(Code::InvalidOption, "scopes is empty: a custom connection needs some (rule R28)")
                .by_rule("R28"));
        }
        if let Some(name) = self.scopes.unknown().first() {
            let message = format!("scopes has {}, which the catalogue does not have", quoted(name, 80));
            return Err(Error::new(Code::InvalidOption, message).with_scopes([name.as_str()]));
        }
        self.scopes.known().iter().try_for_each(|id| match id.row() {
            Some(scope) => self.check_scope(scope.name, scope.held),
            None => Ok(()),
        })
    }

    /// Whether a connection created on that day can hold the scope. Where no source says (partners' scopes, reported
    /// ones), it can: the simulator shall not know better than Xero's own pages.
    fn check_scope(&self, name: &str, held: Held) -> Result<(), Error> {
        let refused = |message: String| Error::new(Code::InvalidOption, message).with_scopes([name]);
        match held {
            Held::Yes | Held::PartnerOnly | Held::Disputed | Held::Unknown => Ok(()),
            Held::LegacyOnly if SPLIT.is_some_and(|split| self.created_on < split) => Ok(()),
            Held::LegacyOnly => {
                let rule = if name.starts_with("accounting.journals") { "R7" } else { "R29" };
                let message = format!(
                    "scopes: a connection created on {} cannot hold {name} (rule {rule}): only those created before 2026-04-29 \
                     can; choose granular scopes or an earlier day",
                    self.created_on
                );
                Err(refused(message).by_rule(rule))
            }
            Held::No => Err(refused(format!("scopes: a custom connection cannot hold {name}; leave it out"))),
        }
    }
}

/// An HTTP request.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The method, such as `GET`.
    pub method: String,
    /// Path and query as on the wire; of an absolute URL, scheme and host are ignored.
    pub target: String,
    /// Names, in any case, and values.
    pub headers: Vec<(String, String)>,
    /// The body; empty if there is none.
    pub body: Vec<u8>,
}

impl Request {
    /// The value of a header; its name in any case, the first if there are several.
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// An HTTP response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Names and values. No `Date` and no `Content-Length`: the server adds them.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    const fn bare(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    fn of(status: u16, media: &str, body: Vec<u8>) -> Self {
        Self { status, headers: Vec::new(), body }.with("Content-Type", media)
    }

    fn text(status: u16, text: &str) -> Self {
        Self::of(status, "text/plain; charset=utf-8", text.as_bytes().to_vec())
    }

    fn json(status: u16, body: &Value) -> Self {
        Self::of(status, "application/json; charset=utf-8", body.to_string().into_bytes())
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// What [`Simulator::handle`] comes back with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The answer.
    Respond(Response),
    /// A token is granted: sign `input` with RS256 and call [`Simulator::signed`], which has the answer.
    Sign {
        /// Which signature this is about.
        ticket: u64,
        /// The signing input of the JWT, ASCII.
        input: String,
    },
    /// The answer goes wrong on its way. `response` is what would have come; of a request that never arrived, an empty 200.
    Spoil {
        /// How.
        transport: Transport,
        /// The answer that is spoilt.
        response: Response,
    },
}

/// What the simulator has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests to the token endpoint, granted or not.
    pub token_requests: u64,
    /// Requests to the API, whatever the answer.
    pub api_requests: u64,
    /// Requests of both kinds that were answered with a status of 400 or more.
    pub refusals: u64,
    /// Requests that went wrong by a rule.
    pub faults: u64,
}

/// A token that was granted.
#[derive(Debug)]
struct Token {
    scopes: ScopeSet,
    ends: Timestamp,
}

/// A local Xero. See the [module](self) for what it imitates and what it does not.
#[derive(Debug)]
pub struct Simulator {
    config: Config,
    /// The path of the base URL, without a slash at the end.
    prefix: String,
    company: Company,
    shapes: Shapes,
    key: jwt::Key,
    /// Ids of answers and calls, of tokens.
    random: Random,
    token_random: Random,
    /// Granted, not yet signed.
    unsigned: BTreeMap<u64, (String, Token)>,
    next_ticket: u64,
    /// By the complete token, so that an altered signature is not found.
    issued: BTreeMap<String, Token>,
    /// The keys of `issued`, oldest first.
    order: VecDeque<String>,
    counts: Counts,
    windows: Option<Windows>,
    state: State,
    keys: Keys,
    faults: Faults,
}

impl Simulator {
    /// A connection as `config` describes it, with the books of the demo company.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] if there can be no such connection: no scope, an unknown one, one that a custom
    /// connection of that day cannot hold (the error names it, and the rule), no credentials, a bad base URL.
    pub fn new(config: Config) -> Result<Self, Error> {
        let config = Config { base_url: config.base_url.trim_end_matches('/').to_owned(), ..config };
        config.check()?;
        let mut token_random = Random::new(config.seed, 3);
        Ok(Self {
            prefix: prefix(&config.base_url).unwrap_or_default().to_owned(),
            company: Company::new(config.seed, &config.organisation, config.country, config.today, config.invoices),
            shapes: Shapes::new()?,
            key: jwt::Key { kid: token_random.hex().to_uppercase(), numbers: None },
            random: Random::new(config.seed, 2),
            token_random,
            unsigned: BTreeMap::new(),
            next_ticket: 1,
            issued: BTreeMap::new(),
            order: VecDeque::new(),
            counts: Counts::default(),
            windows: config.limits.map(|limits| Windows::new(limits, config.seed)),
            state: config.state,
            keys: Keys::default(),
            faults: Faults::new(config.seed),
            config,
        })
    }

    /// Answers a request that arrived at `now`.
    pub fn handle(&mut self, request: &Request, now: Timestamp) -> Reply {
        let target = origin_form(&request.target);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let Some(path) = path.strip_prefix(self.prefix.as_str()).filter(|path| path.starts_with('/')) else {
            return Reply::Respond(Response::text(404, "There is nothing outside the base URL."));
        };
        let of_identity = is_of_identity(path);
        let reply = match self.faults.decide(of_identity, &request.method, path) {
            None => self.answer(request, path, query, now),
            Some(fault) => self.go_wrong(&fault, request, path, query, now),
        };
        if matches!(&reply, Reply::Respond(response) if response.status >= 400) {
            self.counts.refusals = self.counts.refusals.saturating_add(1);
        }
        reply
    }

    fn go_wrong(&mut self, fault: &Fault, request: &Request, path: &str, query: &str, now: Timestamp) -> Reply {
        let of_identity = is_of_identity(path);
        let served = if fault.performed {
            match self.answer(request, path, query, now) {
                Reply::Respond(response) => Some(response),
                Reply::Sign { ticket, .. } => {
                    // Nobody gets this token.
                    self.unsigned.remove(&ticket);
                    None
                }
                Reply::Spoil { .. } => None,
            }
        } else {
            self.count(of_identity);
            None
        };
        match &fault.outcome {
            Outcome::Spoilt(transport) => {
                Reply::Spoil { transport: *transport, response: served.unwrap_or_else(|| Response::text(200, "{}")) }
            }
            Outcome::Instead(response) => {
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

    fn answer(&mut self, request: &Request, path: &str, query: &str, now: Timestamp) -> Reply {
        match path {
            "/connect/token" => {
                self.count(true);
                match identity::grant(&self.config, request) {
                    Ok(scopes) => self.ask_to_sign(scopes, now),
                    Err(response) => Reply::Respond(response),
                }
            }
            "/.well-known/openid-configuration" => Reply::Respond(identity::discovery(&self.config)),
            "/.well-known/openid-configuration/jwks" => Reply::Respond(identity::keys(&self.key)),
            _ => {
                self.count(false);
                Reply::Respond(self.call(request, path, query, now))
            }
        }
    }

    /// Finishes a token request: `signature` is that of the input of the same `ticket`, base64url without padding.
    /// A ticket that is not open, or a signature that cannot be one, is answered with a 500.
    pub fn signed(&mut self, ticket: u64, signature: &str) -> Response {
        let Some((input, token)) = self.unsigned.remove(&ticket) else {
            return Response::text(500, "No token waits for this signature.");
        };
        if !jwt::is_signature(signature) {
            return Response::text(500, "The signature of the token is not base64url.");
        }
        let complete = format!("{input}.{signature}");
        let response = identity::granted(&complete, self.config.token_lifetime_s, &token.scopes);
        if self.order.len() >= REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.issued.remove(&oldest);
        }
        self.order.push_back(complete.clone());
        self.issued.insert(complete, token);
        response
    }

    /// What has been seen so far.
    pub const fn counts(&self) -> Counts {
        Counts { faults: self.faults.hits(), ..self.counts }
    }

    /// Whether the connection is authorised.
    pub const fn state(&self) -> State {
        self.state
    }

    /// The developer changes the scopes of the connection, which deactivates it (rule R9).
    ///
    /// # Errors
    /// [`Code::InvalidOption`] for scopes that it cannot have; of those that only older connections hold, for one that it
    /// does not have now, because a removed one never comes back (rule R11).
    pub fn edit(&mut self, scopes: ScopeSet) -> Result<(), Error> {
        let config = Config { scopes, ..self.config.clone() };
        config.check()?;
        let legacy = |name: &&str| {
            SCOPES.iter().any(|scope| scope.name == *name && scope.held == Held::LegacyOnly)
                && !self.config.scopes.contains(name)
        };
        if let Some(name) = config.scopes.names().find(legacy) {
            let message = format!("{name} is not on the connection, and only what is still there may stay (rule R11)");
            return Err(Error::new(Code::InvalidOption, message).with_scopes([name]).by_rule("R11"));
        }
        self.config = config;
        self.state = State::Deactivated;
        Ok(())
    }

    /// The authorising user authorises the connection.
    pub const fn authorise(&mut self) {
        self.state = State::Active;
    }

    /// The demo company is reset: its books are as at the start, and the connection is cut.
    pub fn reset(&mut self) {
        let Config { seed, organisation, country, today, invoices, .. } = &self.config;
        self.company = Company::new(*seed, organisation, *country, *today, *invoices);
        self.state = State::Reset;
    }

    /// Adds a rule by which requests go wrong, and gives its number.
    pub fn add_fault(&mut self, rule: Rule) -> u32 {
        self.faults.add(rule)
    }

    /// Takes a rule away; one that is not there is none of its business.
    pub fn remove_fault(&mut self, number: u32) {
        self.faults.remove(number);
    }

    /// How many calls of the API are under way when the next is handled, besides that one. A call takes no time here, so
    /// whoever carries requests and responses knows; without being told it is none.
    pub fn set_in_flight(&mut self, calls: u32) {
        if let Some(windows) = &mut self.windows {
            windows.in_flight = calls;
        }
    }

    /// The key whose private half signs: modulus and exponent (base64url) and id. Tell it before the first token.
    pub fn set_jwk(&mut self, n: &str, e: &str, kid: &str) {
        self.key = jwt::Key { kid: kid.to_owned(), numbers: Some((n.to_owned(), e.to_owned())) };
    }

    /// Another base URL, once it is known, as for a server on a free port.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] if it is not an http or https URL with a host and without a query.
    pub fn set_base_url(&mut self, url: &str) -> Result<(), Error> {
        let config = Config { base_url: url.trim_end_matches('/').to_owned(), ..self.config.clone() };
        config.check()?;
        prefix(&config.base_url).unwrap_or_default().clone_into(&mut self.prefix);
        self.config = config;
        Ok(())
    }

    /// What it was made with.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    fn ask_to_sign(&mut self, scopes: ScopeSet, now: Timestamp) -> Reply {
        let starts = now.as_ms() / 1_000;
        let ends = starts.saturating_add(self.config.token_lifetime_s);
        let header = json!({ "alg": "RS256", "kid": self.key.kid, "typ": "JWT" });
        let mut claims = json!({
            "iss": self.config.base_url,
            "aud": format!("{}/resources", self.config.base_url),
            "nbf": starts,
            "exp": ends,
            "client_id": self.config.client_id,
            "jti": self.token_random.hex().to_uppercase(),
            "authentication_event_id": self.token_random.uuid().to_string(),
            "scope": scopes.names().collect::<Vec<_>>()
        });
        if let (Some(members), true) = (claims.as_object_mut(), self.state != State::Unauthorised) {
            members.insert("xero_tenant_id".to_owned(), self.company.id.to_string().into());
        }
        let ticket = self.next_ticket;
        self.next_ticket = ticket.saturating_add(1);
        let input = jwt::signing_input(&header, &claims);
        let token = Token { scopes, ends: Timestamp::from_ms(ends.saturating_mul(1_000)) };
        self.unsigned.insert(ticket, (input.clone(), token));
        Reply::Sign { ticket, input }
    }

    fn call(&mut self, request: &Request, path: &str, query: &str, now: Timestamp) -> Response {
        let instance = self.random.uuid();
        let bearer = match request.header("authorization").and_then(bearer_token) {
            None => Bearer::Missing,
            Some(token) => self.issued.get(token).map_or(Bearer::Unknown, Bearer::Issued),
        };
        let of_app = matches!(bearer, Bearer::Issued(_));
        let refused = match &mut self.windows {
            Some(windows) if of_app => windows.enter_app(now).err(),
            _ => None,
        };
        let mut context = Context {
            request,
            path,
            query: wire::pairs(query).unwrap_or_default(),
            now,
            company: &mut self.company,
            windows: self.windows.as_mut(),
            state: self.state,
            keys: &mut self.keys,
            random: &mut self.random,
        };
        let response = match refused {
            Some(refused) => refused,
            None => api::answer(&mut context, &bearer, &self.shapes, instance),
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

/// The token of an `Authorization: Bearer` header (RFC 6750 section 2.1).
fn bearer_token(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && !token.contains(' ')).then_some(token)
}

/// Path and query of a target that may be an absolute URL.
fn origin_form(target: &str) -> &str {
    let Some((_, rest)) = target.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https")) else {
        return target;
    };
    rest.find('/').and_then(|at| rest.split_at_checked(at)).map_or("/", |(_, path)| path)
}

/// The path of a base URL, without a slash at the end; `None` if it is not a base URL.
fn prefix(base_url: &str) -> Option<&str> {
    let rest = base_url.strip_prefix("https://").or_else(|| base_url.strip_prefix("http://"))?;
    let (host, path) = rest.find('/').and_then(|at| rest.split_at_checked(at)).unwrap_or((rest, ""));
    let bad = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '?' | '#');
    (!host.is_empty() && !base_url.contains(bad) && !path.ends_with('/')).then_some(path)
}
