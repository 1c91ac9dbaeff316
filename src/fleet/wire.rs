//! Events, actions and options of a fleet as they cross to a driver in another language: see [`crossing`](crate::crossing).
//!
//! A test generates `pkg/src/vault/fleet-actions.ts` from this description.

use super::FleetConfig;
use super::event::{DocumentFound, DocumentSwap, FleetAction, FleetEvent, FleetNotice, SharedToken, TokenWant};
use crate::crossing::{Given, Taken, instant, saturated, whole};
use crate::error::Error;
use crate::secret::Secret;
use crate::time::Timestamp;

/// The names of the events, by their numbers, as their member `on` has them.
pub const EVENTS: &[&str] = &["want", "granted", "denied", "found", "away", "opened", "sealed", "tick"];

/// The names of the actions, by their numbers, as their member `do` has them. The last is the bindings' own.
pub const ACTIONS: &[&str] = &["use", "ask", "wait", "fail", "swap", "open", "seal", "tell", "spare", "wake"];

const WAKE: u8 = 9;

/// The events for listeners, as the member `type` has them.
const NOTICES: &[&str] = &["fleet.joined", "fleet.away", "fleet.back", "fleet.token"];

/// Reads the event of this number.
///
/// # Errors
/// `invalid_option` for an instant that is none.
pub fn event<'a>(on: u8, given: &impl Given<'a>) -> Result<FleetEvent<'a>, Error> {
    let ticket = || u16::try_from(whole(given, "ticket")).unwrap_or(u16::MAX);
    Ok(match on {
        0 => {
            let deadline = instant(given.number("deadline"))?;
            let since = instant(given.number("since"))?;
            let urgent = given.flag("urgent");
            let held = given.optional_text("held").map(|held| Secret::new(held.to_owned()));
            FleetEvent::Want(TokenWant { deadline, since, urgent, held })
        }
        1 => {
            let access_token = Secret::new(given.text("accessToken").to_owned());
            let obtained_at = instant(given.number("obtainedAt"))?;
            let expires_at = instant(given.number("expiresAt"))?;
            let scopes = given.optional_text("scopes").map(str::to_owned);
            FleetEvent::Granted { token: SharedToken { access_token, scopes }, obtained_at, expires_at }
        }
        2 => FleetEvent::Denied { code: given.code("code") },
        3 => FleetEvent::Found { ticket: ticket(), found: found(given)? },
        4 => FleetEvent::Away { ticket: ticket(), why: given.optional_text("message") },
        5 => FleetEvent::Opened { ticket: ticket(), text: given.optional_text("text") },
        6 => FleetEvent::Sealed { ticket: ticket(), sealed: given.text("text") },
        _ => FleetEvent::Tick,
    })
}

/// Reads the answer of a store.
pub(super) fn found<'a>(given: &impl Given<'a>) -> Result<DocumentFound<'a>, Error> {
    Ok(DocumentFound {
        swapped: given.flag("swapped"),
        version: saturated(given.number("version")),
        at: instant(given.number("at"))?,
        document: given.optional_text("document"),
    })
}

/// The options of a fleet.
pub struct FleetOptions {
    /// The numbers.
    pub config: FleetConfig,
    /// The name of the connection and its scopes.
    pub name: String,
    /// The mark of the secrets.
    pub secrets: String,
    /// A random number of the process.
    pub owner: u32,
    /// Feeds the jitter of the pauses.
    pub random: u64,
}

/// Reads the options of a fleet.
pub fn options<'a>(given: &impl Given<'a>) -> FleetOptions {
    FleetOptions {
        config: FleetConfig::default(),
        name: given.text("name").to_owned(),
        secrets: given.text("secrets").to_owned(),
        owner: whole(given, "owner"),
        random: saturated(given.number("random")),
    }
}

/// Writes an action: its number, then its members.
pub fn action(action: &FleetAction, out: &mut impl Taken) {
    match action {
        FleetAction::Use { generation, token, obtained_at, expires_at } => {
            out.action(0);
            out.number("generation", (*generation).into());
            out.text("accessToken", token.access_token.reveal());
            out.number("obtainedAt", obtained_at.as_js());
            out.number("expiresAt", expires_at.as_js());
            out.optional_text("scopes", token.scopes.as_deref());
        }
        FleetAction::Ask => out.action(1),
        FleetAction::Spare => out.action(8),
        FleetAction::Wait { until } => {
            out.action(2);
            out.number("until", until.as_js());
        }
        FleetAction::Fail { error } => {
            out.action(3);
            out.error("error", error);
        }
        FleetAction::Swap(wanted) => {
            out.action(4);
            swap(wanted, out);
        }
        FleetAction::Open { ticket, sealed, bound } => {
            out.action(5);
            out.number("ticket", (*ticket).into());
            out.text("text", sealed);
            out.text("bound", bound);
        }
        FleetAction::Seal { ticket, text, bound } => {
            out.action(6);
            out.number("ticket", (*ticket).into());
            out.text("text", text.reveal());
            out.text("bound", bound);
        }
        FleetAction::Tell(notice) => {
            out.action(7);
            self::notice(notice, out);
        }
    }
}

/// Writes the members of a swap.
pub(super) fn swap(swap: &DocumentSwap, out: &mut impl Taken) {
    let DocumentSwap { ticket, version, at, slack_ms, put, ttl_ms, deadline } = swap;
    out.number("ticket", (*ticket).into());
    out.number("version", version.map_or(-1.0, number));
    out.number("at", at.as_js());
    out.number("slackMs", number(*slack_ms));
    out.number("ttlMs", number(*ttl_ms));
    out.number("deadline", deadline.as_js());
    out.optional_text("document", put.as_deref());
}

/// Writes the members of an event for listeners.
pub(super) fn notice(notice: &FleetNotice, out: &mut impl Taken) {
    let (place, why, until, number) = match notice {
        FleetNotice::Joined { members } => (0, None, None, members.map(f64::from)),
        FleetNotice::Away { why, until } => (1, Some(why.as_str()), Some(until.as_js()), None),
        FleetNotice::Back => (2, None, None, None),
        FleetNotice::Adopted { generation } => (3, None, None, Some(f64::from(*generation))),
    };
    out.word("type", NOTICES, place);
    out.optional_text("why", why);
    out.optional_number("until", until);
    out.optional_number("generation", number.filter(|_| place == 3));
    out.optional_number("members", number.filter(|_| place == 0));
}

/// Writes the last action of a list: the instant for the timer of the driver, and whether something is under way.
pub fn wake(at: Option<Timestamp>, is_busy: bool, out: &mut impl Taken) {
    out.action(WAKE);
    out.optional_number("at", at.map(Timestamp::as_js));
    out.flag("busy", is_busy);
}

/// A number that is exact in JavaScript.
const fn number(number: u64) -> f64 {
    Timestamp::from_ms(number).as_js()
}
