//! Events, actions and options as they cross to a driver in another language.
//!
//! One description serves the bytes of [`crossing`](crate::crossing), the types and codecs of `pkg/src/client/actions.ts`, which a
//! test generates from it, and the tests that compare two drivers. Members cross in the order in which they are described here,
//! all of them each time.

use super::action::{Action, Token};
use super::event::{Answer, Before, Begin, BodyKind, Event, KeyGiven, Loaded, Now};
use super::{Config, retry};
use crate::catalogue::Operation;
use crate::connection;
use crate::created::created_on;
use crate::crossing::{Given, Taken, instant, saturated, small, whole};
use crate::error::Error;
use crate::limits::{self, Allowance, DayOver, Headers, Load, WaitReason};
use crate::request::{BaseUrl, Pages, TOKEN_ACCEPT, TOKEN_CONTENT_TYPE, TokenRequest};
use crate::scope::ScopeSet;
use crate::secret::Secret;
use crate::time::Timestamp;
use crate::token::answer::MAX_BODY_BYTES;
use crate::token::{self, Stored};

/// The names of the events, by their numbers, as their member `on` has them.
pub const EVENTS: &[&str] = &[
    "begin", "want", "resume", "answered", "body", "lost", "aborted", "tick", "token", "noToken", "loaded", "allowed",
    "waits",
];

/// The names of the actions, by their numbers, as their member `do` has them. The last three are the core's own.
pub const ACTIONS: &[&str] = &[
    "send", "resume", "read", "discard", "give", "fail", "use", "queued", "admitted", "retry", "ask", "askAgain",
    "keep", "save", "erase", "load", "refused", "paused", "atHand", "wake", "traffic",
];

/// The places of the actions by which a driver may hand out its token, and sets its timer.
const AT_HAND: u8 = 18;
const WAKE: u8 = 19;

/// The place of the action by which a driver reports the calls to a fleet.
const TRAFFIC: u8 = 20;

/// Reads the event of this number.
///
/// # Errors
/// `invalid_option` for an instant that is none.
pub fn event<'a>(on: u8, given: &impl Given<'a>) -> Result<Event<'a>, Error> {
    let call = || whole(given, "call");
    let attempt = || whole(given, "attempt");
    Ok(match on {
        0 => Event::Begin(begin(given)?),
        1 => Event::Want { call: call(), deadline: instant(given.number("deadline"))? },
        2 => Event::Resume { call: call() },
        3 => Event::Answered { call: call(), answer: answer(given) },
        4 => Event::Body { call: call(), text: given.text("body") },
        5 => Event::Lost { call: call(), error: error_of(given), sent: !given.flag("unsent") },
        6 => Event::Aborted { call: call() },
        8 => {
            let attempt = attempt();
            let answer = token::answer::TokenAnswer {
                status: status(given),
                content_type: given.text("contentType"),
                retry_after: given.text("retryAfter"),
                body: given.text("body"),
                cut: given.flag("cut"),
            };
            Event::TokenAnswered { attempt, answer, more_secrets: given.flag("moreSecrets") }
        }
        9 => Event::TokenLost { attempt: attempt(), error: error_of(given), lasting: given.flag("lasting") },
        10 => Event::Loaded { attempt: given.optional_number("attempt").map(small), token: loaded(given) },
        11 => Event::Allowed(allowance(given)),
        12 => Event::TokenWaits { attempt: attempt(), error: error_of(given) },
        _ => Event::Tick,
    })
}

fn allowance<'a>(given: &impl Given<'a>) -> Allowance {
    let at = |name| given.optional_number(name).and_then(Timestamp::from_js);
    Allowance {
        up_to: saturated(given.number("upTo")),
        places: whole(given, "places"),
        until: at("until").unwrap_or_default(),
        alone: given.flag("alone"),
        careful: given.flag("careful"),
        why: WaitReason::ALL.get(whole(given, "why") as usize).copied().unwrap_or(WaitReason::InFlight),
        pause: at("pause"),
        day_over: {
            let reserved = given.flag("reserved");
            at("dayOver").map(|until| DayOver { until, reserved })
        },
    }
}

fn begin<'a>(given: &impl Given<'a>) -> Result<Begin, Error> {
    const KEYS: &[&str] = &["own", "ifTaken", "required"];
    Ok(Begin {
        call: whole(given, "call"),
        method: given.text("method").to_owned(),
        target: given.text("target").to_owned(),
        has_body: given.flag("hasBody"),
        resendable: given.flag("resendable"),
        key: match given.optional_word("key", KEYS) {
            Some(0) => KeyGiven::Own,
            Some(1) => KeyGiven::IfTaken,
            Some(2) => KeyGiven::Required,
            _ => KeyGiven::None,
        },
        own_key: given.optional_text("ownKey").map(str::to_owned),
        high_priority: given.flag("high"),
        deadline: instant(given.number("deadline"))?,
        before: {
            let in_flight = given.flag("inFlight");
            let sent = |name| given.optional_number(name).and_then(Timestamp::from_js);
            let first_sent = sent("firstSentClock").zip(sent("firstSent"));
            first_sent.map(|(clock, measured)| Before { first_sent: Now { clock, measured }, in_flight })
        },
    })
}

fn answer<'a>(given: &impl Given<'a>) -> Answer<'a> {
    const KINDS: &[&str] = &["empty", "scalar", "bare", "refusal"];
    Answer {
        status: status(given),
        limits: Headers::given(given),
        www_authenticate: given.optional_text("wwwAuthenticate").unwrap_or_default(),
        body: given.optional_text("body"),
        complaints: given.optional_number("complaints").map(|count| small(count) as usize),
        records: match given.optional_word("records", KINDS) {
            Some(0) => Some(BodyKind::Empty),
            Some(1) => Some(BodyKind::Scalar),
            Some(2) => Some(BodyKind::Bare),
            Some(3) => Some(BodyKind::Refusal),
            _ => None,
        },
        unusable: optional_error_of(given),
    }
}

/// An error of the driver.
fn error_of<'a>(given: &impl Given<'a>) -> Error {
    let code = given.code("code");
    Error::new(code, given.text("message"))
}

/// An error of the driver that may be absent.
fn optional_error_of<'a>(given: &impl Given<'a>) -> Option<Error> {
    let code = given.optional_code("code");
    let message = given.optional_text("message").unwrap_or_default();
    code.map(|code| Error::new(code, message))
}

fn loaded<'a>(given: &impl Given<'a>) -> Option<Loaded> {
    let access_token = given.optional_text("accessToken").map(|token| Secret::new(token.to_owned()));
    let at = |name| given.optional_number(name).and_then(Timestamp::from_js);
    let (obtained_at, expires_at) = (at("obtainedAt"), at("expiresAt"));
    let scopes = given.optional_text("scopes").map(ScopeSet::from_scope_param);
    let stored = Stored { obtained_at: obtained_at?, expires_at: expires_at? };
    Some(Loaded { access_token: access_token?, stored, scopes })
}

/// Writes an action: its number, then its members.
pub fn action(action: &Action, out: &mut impl Taken) {
    out.action(place(action));
    if let Some(call) = action.call() {
        out.number("call", call.into());
    }
    match action {
        Action::Send { url, operation, generation, until, deadline, make_key, .. } => {
            out.number("generation", (*generation).into());
            out.text("url", url);
            out.number("until", until.as_js());
            out.number("deadline", deadline.as_js());
            out.flag("makeKey", *make_key);
            out.optional_text("operation", operation.map(Operation::key).as_deref());
        }
        Action::Give { error, .. } => out.optional_error("error", error.as_ref()),
        Action::Fail { error, .. } => out.error("error", error),
        Action::Use { generation, .. } => out.number("generation", (*generation).into()),
        Action::Queued { why, until, .. } => {
            out.word_of("why", "WaitReason", why.as_str());
            out.number("until", until.as_js());
        }
        Action::Admitted { waited_ms, .. } => out.number("waitedMs", Timestamp::from_ms(*waited_ms).as_js()),
        Action::Retry { until, .. } => out.number("until", until.as_js()),
        Action::Ask { attempt, urgent } => {
            out.number("attempt", (*attempt).into());
            out.flag("urgent", *urgent);
        }
        Action::AskAgain { attempt, next_secret } => {
            out.number("attempt", (*attempt).into());
            out.flag("nextSecret", *next_secret);
        }
        Action::Keep(token) | Action::Save(token) => self::token(token, out),
        Action::Refused { code } => out.code("code", *code),
        Action::Paused { problem, until } => {
            out.word_of("why", "XeroLimit", problem.as_str());
            out.number("until", until.as_js());
        }
        Action::Resume { .. } | Action::Read { .. } | Action::Discard { .. } | Action::Erase | Action::Load => {}
    }
}

/// The place of an action in [`ACTIONS`].
const fn place(action: &Action) -> u8 {
    match action {
        Action::Send { .. } => 0,
        Action::Resume { .. } => 1,
        Action::Read { .. } => 2,
        Action::Discard { .. } => 3,
        Action::Give { .. } => 4,
        Action::Fail { .. } => 5,
        Action::Use { .. } => 6,
        Action::Queued { .. } => 7,
        Action::Admitted { .. } => 8,
        Action::Retry { .. } => 9,
        Action::Ask { .. } => 10,
        Action::AskAgain { .. } => 11,
        Action::Keep(_) => 12,
        Action::Save(_) => 13,
        Action::Erase => 14,
        Action::Load => 15,
        Action::Refused { .. } => 16,
        Action::Paused { .. } => 17,
    }
}

fn token(token: &Token, out: &mut impl Taken) {
    out.number("generation", token.generation.into());
    out.text("accessToken", token.access_token.reveal());
    out.number("obtainedAt", token.obtained_at.as_js());
    out.number("expiresAt", token.expires_at.as_js());
    out.optional_text("scopes", token.scopes.as_deref());
    out.optional_number("unknownScopes", (token.unknown_scopes > 0).then(|| token.unknown_scopes.into()));
}

/// Writes the action by which a driver may hand out the token at hand without an event, from an instant and before another, as long as
/// the measured time is before `by`; without members, it may not.
pub fn at_hand(at_hand: Option<(Timestamp, Timestamp)>, now: Now, out: &mut impl Taken) {
    out.action(AT_HAND);
    out.optional_number("from", at_hand.map(|(from, _)| from.as_js()));
    out.optional_number("until", at_hand.map(|(_, until)| until.as_js()));
    out.optional_number("by", at_hand.map(|(_, until)| now.to_measured(until).as_js()));
}

/// Writes the last action of a list, by which a driver sets its timer to another instant.
pub fn wake(until: Option<Timestamp>, out: &mut impl Taken) {
    out.action(WAKE);
    out.optional_number("at", until.map(Timestamp::as_js));
}

/// Writes the action by which a driver reports the calls to a fleet.
pub fn traffic(load: Load, out: &mut impl Taken) {
    out.action(TRAFFIC);
    out.number("sends", Timestamp::from_ms(load.sends).as_js());
    out.number("inFlight", load.in_flight.into());
    out.number("normal", load.normal.into());
    out.number("high", load.high.into());
    out.flag("repeatable", load.repeatable);
}

/// Writes the members of a token request, which is given up at `deadline`.
pub fn token_request(request: &TokenRequest, deadline: Timestamp, out: &mut impl Taken) {
    out.number("deadline", deadline.as_js());
    out.text("url", &request.url);
    out.text("authorization", request.authorization.reveal());
    out.text("accept", TOKEN_ACCEPT);
    out.text("contentType", TOKEN_CONTENT_TYPE);
    out.text("body", &request.body);
    out.number("maxBytes", u32::try_from(MAX_BODY_BYTES).unwrap_or(u32::MAX).into());
}

/// Writes the way in which the answers of an operation are split into pages; without members if they are not.
pub fn paging(pages: Option<Pages>, out: &mut impl Taken) {
    out.optional_text("by", pages.map(|pages| pages.by));
    let size = pages.and_then(|pages| pages.size);
    out.optional_text("name", size.map(|(name, _)| name));
    out.optional_number("most", size.map(|(_, most)| most.into()));
}

/// The time that the function for a client secret may take, in milliseconds.
pub const SECRET_MS: u64 = 60_000;

/// Reads the options of a connection and of its calls.
///
/// # Errors
/// `invalid_option` or `insecure_url` for an option whose value cannot work.
pub fn options<'a>(given: &impl Given<'a>) -> Result<(connection::Options, Config), Error> {
    let usual = token::LifecycleConfig::default();
    // Isolates have the clock of 1970 before their first request.
    let today = Timestamp::from_js(given.number("clock")).filter(|clock| clock.as_ms() > 0).map(Timestamp::date);
    let timeout_ms = saturated(given.number("timeoutMs"));
    let attempt_ms = usual.timeout_ms.min(timeout_ms);
    let lease_ms = saturated(given.number("leaseMs"));
    let [in_flight, minute_reserve, day_reserve, queue, again] =
        ["inFlight", "minuteReserve", "dayReserve", "queue", "retry"].map(|name| whole(given, name));
    let lifecycle = token::LifecycleConfig {
        timeout_ms: attempt_ms,
        lease_ms: attempt_ms,
        prepare_ms: lease_ms.min(SECRET_MS),
        stored: given.flag("stored"),
        ..usual
    };
    let mut options = connection::Options {
        client_id: given.text("clientId").to_owned(),
        scopes: given.optional_texts("scopes").map(ScopeSet::from_names),
        created_on: given.optional_text("createdOn").map(|text| created_on(text, today)).transpose()?,
        organisation: given.optional_text("organisation").map(str::to_owned),
        preflight: given.flag("preflight"),
        identity_url: BaseUrl::of_identity(given.text("identityUrl"))?,
        api_url: BaseUrl::of_apis(given.text("apiUrl"))?,
        lifecycle: if given.flag("vault") { lifecycle.of_vault() } else { lifecycle },
        limits: (!given.flag("unlimited")).then(|| limits::LimitsConfig {
            in_flight,
            minute_reserve,
            day_reserve,
            queue: queue as usize,
            lease_ms,
            ..limits::LimitsConfig::default()
        }),
        seed: saturated(given.number("seed")),
    };
    // Read also where there are no limits: every member crosses each time.
    let in_fleet = given.flag("inFleet");
    if let Some(limits) = &mut options.limits {
        limits.in_fleet = in_fleet;
    }
    let config = Config {
        timeout_ms,
        retry: retry::RetryConfig { again, ..retry::RetryConfig::default() },
        inform: given.flag("inform"),
        isolated: given.flag("isolated"),
    };
    Ok((options, config))
}

fn status<'a>(given: &impl Given<'a>) -> u16 {
    u16::try_from(whole(given, "status")).unwrap_or_default()
}
