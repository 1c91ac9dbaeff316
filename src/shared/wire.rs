//! Events, actions and options of a vault as they cross to a driver in another language: see [`crossing`](crate::crossing).
//!
//! A test generates `pkg/src/vault/actions.ts` from this description.

use super::contents::Contents;
use super::event::{ExchangeFailure, HeldDocument, Notice, VaultAction, VaultEvent, Want};
use super::exchange::{ExchangeRequest, RegisteredApp};
use super::keeper::{KeeperEvent, VaultState, Wanted};
use super::outlook::{days_between, outlook};
use super::{Swap, VaultConfig, VaultToken};
use crate::crossing::{Given, Taken, instant, saturated, small, whole};
use crate::error::Error;
use crate::request::{BaseUrl, TOKEN_ACCEPT, TOKEN_CONTENT_TYPE};
use crate::secret::Secret;
use crate::time::Timestamp;
use crate::token::answer::{MAX_BODY_BYTES, TokenAnswer};
use crate::unsent::is_unsent;

/// The names of the events, by their numbers, as their member `on` has them.
pub const EVENTS: &[&str] =
    &["want", "look", "login", "found", "away", "opened", "seedOpened", "sealed", "answered", "lost", "tick"];

/// The names of the actions, by their numbers, as their member `do` has them. The last two are the bindings' own.
pub const ACTIONS: &[&str] = &[
    "use", "wait", "fail", "show", "swap", "open", "openSeed", "seal", "exchange", "loggedIn", "tell", "unable", "wake",
];

const UNABLE: u8 = 11;
const WAKE: u8 = 12;

/// The states of a store, as the member `is` has them.
const STATES: &[&str] = &["empty", "foreign", "closed", "damaged", "open"];

/// The reasons why a login is lost, in the order of [`LostWhy::ALL`](super::LostWhy::ALL).
const LOST: &[&str] = &["refused", "unused", "copied"];

/// The events for listeners, as the member `type` has them.
const NOTICES: &[&str] = &["vault.claimed", "vault.saved", "vault.unsure", "vault.lost", "vault.away"];

/// Reads the event of this number.
///
/// # Errors
/// `invalid_option` for an instant that is none.
pub fn event<'a>(on: u8, given: &impl Given<'a>) -> Result<KeeperEvent<'a>, Error> {
    let ticket = || u16::try_from(whole(given, "ticket")).unwrap_or(u16::MAX);
    Ok(match on {
        0 => {
            let deadline = instant(given.number("deadline"))?;
            let since = instant(given.number("since"))?;
            KeeperEvent::Plain(VaultEvent::Want(Want {
                deadline,
                since,
                again: given.flag("again"),
                margin_ms: given.optional_number("marginMs").map_or(0, saturated),
                max_age_ms: given.flag("keepAlive").then_some(VaultConfig::KEEP_ALIVE_MS),
                not_generation: given.optional_number("notGeneration").map(small),
            }))
        }
        1 => {
            let deadline = instant(given.number("deadline"))?;
            KeeperEvent::Plain(VaultEvent::Look { deadline, since: instant(given.number("since"))? })
        }
        2 => KeeperEvent::Login { grant: given.text("grant"), replace: given.flag("replace") },
        3 => KeeperEvent::Found {
            ticket: ticket(),
            swapped: given.flag("swapped"),
            version: saturated(given.number("version")),
            at: instant(given.number("at"))?,
            document: given.optional_text("document"),
        },
        4 => {
            let ticket = ticket();
            let why = given.optional_text("message").map(str::to_owned);
            KeeperEvent::Plain(VaultEvent::Away { ticket, why, lasting: given.flag("lasting") })
        }
        5 => {
            let (ticket, text) = (ticket(), given.optional_text("text"));
            KeeperEvent::Opened { ticket, text, known_key: given.flag("knownKey") }
        }
        6 => KeeperEvent::SeedOpened { ticket: ticket(), text: given.optional_text("text") },
        7 => KeeperEvent::Sealed { ticket: ticket(), sealed: given.text("text") },
        8 => KeeperEvent::Answered { ticket: ticket(), answer: answer(given) },
        9 => {
            let ticket = ticket();
            let code = given.code("code");
            let error = Error::new(code, given.text("message"));
            let certain = is_unsent(given.text("cause"));
            let failure = ExchangeFailure { error, certain, lasting: false, retry_after_ms: None };
            KeeperEvent::Plain(VaultEvent::Failed { ticket, failure })
        }
        _ => KeeperEvent::Plain(VaultEvent::Tick),
    })
}

/// Reads the answer to a request.
pub fn answer<'a>(given: &impl Given<'a>) -> TokenAnswer<'a> {
    TokenAnswer {
        status: u16::try_from(whole(given, "status")).unwrap_or_default(),
        content_type: given.text("contentType"),
        retry_after: given.text("retryAfter"),
        body: given.text("body"),
        cut: given.flag("cut"),
    }
}

/// The options of a vault.
pub struct VaultOptions {
    /// The app.
    pub app: RegisteredApp,
    /// The numbers.
    pub config: VaultConfig,
    /// A random number of the process.
    pub owner: u32,
    /// Feeds the jitter of the pauses.
    pub random: u64,
    /// There is a seed.
    pub seed: bool,
}

/// Reads the options of a vault.
///
/// # Errors
/// `invalid_url` or `insecure_url` for an address that cannot work.
pub fn options<'a>(given: &impl Given<'a>) -> Result<VaultOptions, Error> {
    let usual = VaultConfig::default();
    let app = RegisteredApp {
        identity_url: BaseUrl::of_identity(given.text("identityUrl"))?,
        api_url: BaseUrl::of_apis(given.text("apiUrl"))?,
        client_id: given.text("clientId").to_owned(),
        secret: given.optional_text("clientSecret").map(|secret| Secret::new(secret.to_owned())),
    };
    let timeout_ms = saturated(given.number("timeoutMs")).min(usual.timeout_ms);
    Ok(VaultOptions {
        app,
        config: VaultConfig { timeout_ms, ..usual },
        owner: whole(given, "owner"),
        random: saturated(given.number("random")),
        seed: given.flag("seed"),
    })
}

/// Writes an action: its number, then its members.
pub fn action(wanted: &Wanted<'_>, out: &mut impl Taken) {
    match wanted {
        Wanted::Use(VaultToken { generation, contents, obtained_at, expires_at }) => {
            out.action(0);
            out.number("generation", (*generation).into());
            out.text("accessToken", contents.access_token.reveal());
            out.number("obtainedAt", obtained_at.as_js());
            out.number("expiresAt", expires_at.as_js());
            open_parts(Some(contents), out);
        }
        Wanted::Show(state) => {
            out.action(3);
            self::state(state, out);
        }
        Wanted::Swap(Swap { ticket, version, at, slack_ms, deadline, .. }, document) => {
            out.action(4);
            out.number("ticket", (*ticket).into());
            out.number("version", version.map_or(-1.0, number));
            out.number("at", at.as_js());
            out.number("slackMs", number(*slack_ms));
            out.number("deadline", deadline.as_js());
            out.optional_text("document", document.as_deref());
        }
        Wanted::Open(ticket, text, bound) => {
            out.action(5);
            sealing(*ticket, Some(text), bound, out);
        }
        Wanted::OpenSeed(ticket, bound) => {
            out.action(6);
            sealing(*ticket, None, bound, out);
        }
        Wanted::Seal(ticket, text, bound) => {
            out.action(7);
            sealing(*ticket, Some(text.reveal()), bound, out);
        }
        Wanted::Exchange(ticket, deadline, request) => {
            out.action(8);
            out.number("ticket", (*ticket).into());
            out.number("deadline", deadline.as_js());
            self::request(request, out);
        }
        Wanted::Plain(VaultAction::Wait { until, why }) => {
            out.action(1);
            out.number("until", until.as_js());
            out.error("why", why);
        }
        Wanted::Plain(VaultAction::Fail { error }) => {
            out.action(2);
            out.error("error", error);
        }
        Wanted::Plain(VaultAction::LoggedIn { result }) => {
            out.action(9);
            out.optional_number("generation", result.as_ref().ok().map(|generation| (*generation).into()));
            out.optional_error("error", result.as_ref().err());
        }
        Wanted::Plain(VaultAction::Tell(notice)) => {
            out.action(10);
            let (place, generation, why) = match notice {
                Notice::Claimed => (0, None, None),
                Notice::Saved { generation } => (1, Some(*generation), None),
                Notice::Unsure => (2, None, None),
                Notice::Lost { why } => (3, None, LOST.get(*why as usize).copied()),
                Notice::Away { why } => (4, None, Some(why.as_str())),
            };
            out.word("type", NOTICES, place);
            out.optional_number("generation", generation.map(f64::from));
            out.optional_text("why", why);
        }
        // The others come as a `Wanted` of their own.
        Wanted::Plain(_) => {}
    }
}

/// Writes the action of a driver that has to answer as if the store had failed, because a document is too long.
pub fn unable(ticket: u16, why: &Error, out: &mut impl Taken) {
    out.action(UNABLE);
    out.number("ticket", ticket.into());
    out.text("message", why.message());
}

/// Writes the last action of a list: the instant for the timer of the driver, and whether its process should go on until then.
pub fn wake(at: Option<Timestamp>, is_busy: bool, out: &mut impl Taken) {
    out.action(WAKE);
    out.optional_number("at", at.map(Timestamp::as_js));
    out.flag("busy", is_busy);
}

fn sealing(ticket: u16, text: Option<&str>, bound: &str, out: &mut impl Taken) {
    out.number("ticket", ticket.into());
    if let Some(text) = text {
        out.text("text", text);
    }
    out.text("bound", bound);
}

/// Writes a request: a POST with these headers and this body.
pub fn request(request: &ExchangeRequest, out: &mut impl Taken) {
    out.text("url", &request.url);
    out.optional_text("authorization", request.authorization.as_ref().map(|text| text.reveal().as_str()));
    out.text("accept", TOKEN_ACCEPT);
    out.text("contentType", TOKEN_CONTENT_TYPE);
    out.text("body", request.body.reveal());
    out.number("maxBytes", most_bytes());
}

/// The most bytes of an answer that are read.
pub fn most_bytes() -> f64 {
    u32::try_from(MAX_BODY_BYTES).unwrap_or(u32::MAX).into()
}

/// Writes the parts of a login that are no secrets. Of each organisation there are three texts: id, connection, name.
pub fn open_parts(contents: Option<&Contents>, out: &mut impl Taken) {
    out.optional_text("scopes", contents.and_then(|contents| contents.scopes.as_deref()));
    let organisations = contents.map_or(&[][..], |contents| &contents.organisations).iter();
    let texts = organisations.flat_map(|one| [one.id.clone(), one.connection.clone(), one.name.clone()]);
    out.texts("organisations", &texts.collect::<Vec<_>>());
    let left_out = contents.map(|contents| contents.left_out).filter(|count| *count > 0);
    out.optional_number("organisationsLeftOut", left_out.map(f64::from));
}

fn state(VaultState { held, contents, damaged, failure, written, at }: &VaultState<'_>, out: &mut impl Taken) {
    let document = match held {
        HeldDocument::Document(document) => Some(document),
        _ => None,
    };
    let is = match held {
        HeldDocument::Nothing => 0,
        HeldDocument::Foreign => 1,
        HeldDocument::Document(_) if contents.is_some() => 4,
        HeldDocument::Document(_) => 2_u8.saturating_add((*damaged).into()),
    };
    out.word("is", STATES, is);
    let seen = document.map(|document| outlook(document.ends_unused(), *at));
    let claim = document.and_then(|document| document.claim);
    let lost = document.and_then(|document| document.lost);
    let mut number = |name, value: Option<f64>| out.optional_number(name, value);
    let ms = |at: Option<Timestamp>| at.map(Timestamp::as_js);
    number("generation", document.map(|document| document.generation.into()));
    number("savedAt", ms(document.map(|document| document.saved_at)));
    number("savedDaysAgo", document.map(|document| self::number(days_between(document.saved_at, *at))));
    number("expiresAt", ms(document.map(|document| document.expires_at)));
    number("endsUnusedAt", ms(document.map(super::VaultDocument::ends_unused)));
    number("daysLeft", seen.map(|seen| self::number(seen.days)));
    number("lostSince", ms(lost.map(|lost| lost.since)));
    number("claimedBy", claim.map(|claim| claim.owner.into()));
    number("claimedUntil", ms(claim.map(|claim| claim.until)));
    number("unsureUntil", ms(document.and_then(|document| document.unsure)));
    out.flag("endsSoon", seen.is_some_and(|seen| seen.soon));
    out.optional_word("lost", LOST, lost.map(|lost| lost.why as u8));
    out.optional_text("failure", failure.map(Error::message));
    out.flag("written", *written);
    open_parts(*contents, out);
}

/// A number that is exact in JavaScript.
const fn number(number: u64) -> f64 {
    Timestamp::from_ms(number).as_js()
}
