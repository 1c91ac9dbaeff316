//! The vault of refresh tokens: one function that takes every event and returns the actions, and the exchange of a login's code.

use std::cell::Cell;

use js_sys::Array;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::convert::{self, Members, text};
use super::json::objects;
use crate::call::outcome;
use crate::call::wire::{Given as Object, Put, Value, instant};
use crate::error::{Code, Error};
use crate::request::{BaseUrl, TOKEN_ACCEPT, TOKEN_CONTENT_TYPE};
use crate::secret::Secret;
use crate::shared::contents::{Contents, Grant};
use crate::shared::exchange::{self, App, ExchangeRequest};
use crate::shared::{
    Action, Event, ExchangeFailure, Given, Held, HeldToken, Keeper, Notice, State, Swap, VaultConfig, Want, Wanted,
};
use crate::text::words;
use crate::time::{Now, Timestamp};
use crate::token::answer::{Answer, MAX_BODY_BYTES};

thread_local! {
    /// By number, from 1; a closed one leaves its place empty, so that no number is ever given twice.
    static VAULTS: Cell<Vec<Option<Box<Keeper>>>> = const { Cell::new(Vec::new()) };
}

/// Makes the vault of one process. Returns its number. `options` is `VaultCoreOptions` of `pkg/src/vault/actions.ts`.
#[wasm_bindgen(js_name = openVault)]
pub fn open_vault(options: &JsValue) -> JsValue {
    let options = Members(options);
    let make = || {
        let app = App {
            identity_url: BaseUrl::of_identity(&options.text("identityUrl"))?,
            api_url: BaseUrl::of_apis(&options.text("apiUrl"))?,
            client_id: options.text("clientId"),
            secret: options.optional_text("clientSecret").map(Secret::new),
        };
        let usual = VaultConfig::default();
        let timeout_ms = options.optional_number("timeoutMs").map_or(usual.timeout_ms, whole);
        let config = VaultConfig { timeout_ms: timeout_ms.min(usual.timeout_ms), ..usual };
        let [owner, random] = ["owner", "random"].map(|name| whole(options.number(name)));
        let owner = u32::try_from(owner).unwrap_or(u32::MAX);
        let keeper = Keeper::new(app, config, owner, random, options.flag("seed"))?;
        let mut vaults = VAULTS.take();
        vaults.push(Some(Box::new(keeper)));
        let number = u32::try_from(vaults.len()).unwrap_or(u32::MAX);
        VAULTS.set(vaults);
        Ok(number.into())
    };
    convert::value(make())
}

/// Takes note of an event (`VaultCoreEvent` of `pkg/src/vault/actions.ts`) and returns the actions (`VaultAction[]`). `clock` is
/// `Date.now()`, `measured` a clock that is never set.
#[wasm_bindgen(js_name = handleVault)]
pub fn handle_vault(number: u32, event: &JsValue, clock: f64, measured: f64) -> JsValue {
    with(number, |keeper| {
        let now = Now { clock: instant(clock)?, measured: instant(measured)? };
        let actions = event_of(&Members(event), |given| keeper.handle(given, now, &objects))??;
        let list: Array = actions.iter().map(|action| shown(keeper, action, now)).collect();
        let wake = keeper.vault().wake(now);
        list.push(&convert::named(|put| {
            if let Some(wake) = wake {
                put("at", at(wake));
            }
            put("busy", Value::Flag(keeper.vault().is_busy()));
            "wake"
        }));
        Ok(list.into())
    })
}

/// Forgets a vault. Its number means nothing afterwards.
#[wasm_bindgen(js_name = closeVault)]
pub fn close_vault(number: u32) {
    drop(swap(number, None));
}

/// The data that a seed of this vault is bound to.
#[wasm_bindgen(js_name = seedBound)]
pub fn seed_bound(number: u32) -> JsValue {
    with(number, |keeper| Ok(keeper.seed_bound_to().into()))
}

/// The request that exchanges the code of a login: `ExchangeRequest` of `pkg/src/vault/actions.ts`.
#[wasm_bindgen(js_name = codeRequest)]
pub fn code_request(number: u32, code: &JsValue, redirect_uri: &JsValue, verifier: &JsValue) -> JsValue {
    let code = Secret::new(text(code));
    let verifier = verifier.as_string().map(Secret::new);
    with(number, |keeper| {
        let request = keeper.app().code(&code, &text(redirect_uri), verifier.as_ref());
        Ok(convert::object(|put| put_request(&request, put)))
    })
}

/// Judges the answer to that request, which was sent at `sent`. Returns the grant as text.
#[wasm_bindgen(js_name = codeAnswer)]
pub fn code_answer(answer: &JsValue, sent: f64, clock: f64) -> JsValue {
    let answer = Members(answer);
    let judge = || {
        let (sent, now) = (instant(sent)?, instant(clock)?);
        let judged = with_answer(&answer, |answer| exchange::judge(&answer, sent, now, &objects));
        let grant = judged.map_err(|refusal| refusal.failure.error)?;
        Ok(JsValue::from_str(grant.write().reveal()))
    };
    convert::value(judge())
}

/// The request for the organisations of a grant: its `url` and `authorization`.
#[wasm_bindgen(js_name = connectionsRequest)]
pub fn connections_request(number: u32, grant: &JsValue) -> JsValue {
    with(number, |keeper| {
        let grant = read_grant(grant)?;
        let url = words![keeper.app().api_url.as_str(), "/connections"];
        let authorization = Secret::new(words!["Bearer ", grant.contents.access_token.reveal().as_str()]);
        Ok(convert::object(|put| {
            put("url", Value::Text(&url));
            put("authorization", Value::Text(authorization.reveal()));
            put("maxBytes", Value::Number(f64::from(u32::try_from(MAX_BODY_BYTES).unwrap_or(u32::MAX))));
        }))
    })
}

/// The grant with the organisations in the answer to that request.
#[wasm_bindgen(js_name = connectionsAnswer)]
pub fn connections_answer(grant: &JsValue, status: u16, body: &JsValue) -> JsValue {
    let read = || {
        let mut grant = read_grant(grant)?;
        if status != 200 {
            let code = if status == 429 { Code::RateLimited } else { Code::ServerError };
            let message = words!["Xero did not list the organisations of the login (status ", status, ")"];
            return Err(Error::new(code, message));
        }
        let found = exchange::organisations(&text(body), &grant.contents.access_token, &objects);
        grant.contents.organisations = found;
        Ok(JsValue::from_str(grant.write().reveal()))
    };
    convert::value(read())
}

/// The parts of a grant that are no secrets: `organisations` and `scopes`.
#[wasm_bindgen(js_name = describeGrant)]
pub fn describe_grant(grant: &JsValue) -> JsValue {
    convert::value(read_grant(grant).map(|grant| convert::object(|put| put_open(&grant.contents, put))))
}

fn read_grant(grant: &JsValue) -> Result<Grant, Error> {
    let grant = Secret::new(text(grant));
    let message = "the grant was not made by exchangeCode() of this release";
    Grant::read(grant.reveal()).ok_or_else(|| Error::new(Code::InvalidOption, message))
}

fn event_of<R>(event: &Members<'_>, handle: impl FnOnce(Given<'_>) -> R) -> Result<R, Error> {
    let ticket = u16::try_from(whole(event.number("ticket"))).unwrap_or(u16::MAX);
    let deadline = || instant(event.number("deadline"));
    let secret = event.optional_text("text").map(Secret::new);
    Ok(match event.text("on").as_str() {
        "want" => {
            let number = |name| event.optional_number(name).map(whole);
            let not_generation = number("notGeneration").and_then(|number| u32::try_from(number).ok());
            let margin_ms = number("marginMs").unwrap_or_default();
            let want = Want { deadline: deadline()?, margin_ms, max_age_ms: number("maxAgeMs"), not_generation };
            handle(Given::Plain(Event::Want(want)))
        }
        "look" => handle(Given::Plain(Event::Look { deadline: deadline()? })),
        "login" => {
            let grant = Secret::new(event.text("grant"));
            handle(Given::Login { grant: &grant, replace: event.flag("replace") })
        }
        "found" => handle(Given::Found {
            ticket,
            swapped: event.flag("swapped"),
            version: whole(event.number("version")),
            document: event.optional_text("document").as_deref(),
            at: instant(event.number("at"))?,
        }),
        "away" => handle(Given::Plain(Event::Away { ticket, why: event.optional_text("message") })),
        "opened" => handle(Given::Opened { ticket, text: secret.as_ref() }),
        "seedOpened" => handle(Given::SeedOpened { ticket, text: secret.as_ref() }),
        "sealed" => handle(Given::Sealed { ticket, sealed: &event.text("text") }),
        "answered" => with_answer(event, |answer| handle(Given::Answered { ticket, answer })),
        "lost" => {
            let error = Error::new(event.code("code"), event.text("message"));
            let certain = outcome::is_unsent(&event.text("cause"));
            let failure = ExchangeFailure { error, certain, lasting: false, retry_after_ms: None };
            handle(Given::Plain(Event::Failed { ticket, failure }))
        }
        _ => handle(Given::Plain(Event::Tick)),
    })
}

fn with_answer<R>(given: &Members<'_>, judge: impl FnOnce(Answer<'_>) -> R) -> R {
    let status = u16::try_from(whole(given.number("status"))).unwrap_or_default();
    let (content_type, retry_after) = (&given.text("contentType"), &given.text("retryAfter"));
    let body = Secret::new(given.text("body"));
    judge(Answer { status, content_type, retry_after, body: body.reveal(), cut: given.flag("cut") })
}

/// An action with its texts. One whose texts cannot be made is answered as if the store had failed.
fn shown(keeper: &mut Keeper, action: &Action, now: Now) -> JsValue {
    match keeper.wanted(action, now) {
        Ok(wanted) => convert::named(|put| put_wanted(&wanted, put)),
        Err(_) => convert::named(|put| {
            if let Action::Swap(Swap { ticket, .. }) | Action::Seal { ticket, .. } = action {
                put("ticket", Value::Number((*ticket).into()));
            }
            "unable"
        }),
    }
}

fn put_wanted(wanted: &Wanted<'_>, put: Put<'_>) -> &'static str {
    let mut ticket = |ticket: u16| put("ticket", Value::Number(ticket.into()));
    match wanted {
        Wanted::Swap(swap, document) => {
            ticket(swap.ticket);
            put("version", swap.version.map_or(Value::Number(-1.0), |version| at(Timestamp::from_ms(version))));
            put("at", at(swap.at));
            put("slackMs", at(Timestamp::from_ms(swap.slack_ms)));
            put("deadline", at(swap.deadline));
            if let Some(document) = document {
                put("document", Value::Text(document));
            }
            "swap"
        }
        Wanted::Open(number, text, bound) => {
            ticket(*number);
            put("text", Value::Text(text));
            put("bound", Value::Text(bound));
            "open"
        }
        Wanted::OpenSeed(number, bound) => {
            ticket(*number);
            put("bound", Value::Text(bound));
            "openSeed"
        }
        Wanted::Seal(number, text, bound) => {
            ticket(*number);
            put("text", Value::Text(text.reveal()));
            put("bound", Value::Text(bound));
            "seal"
        }
        Wanted::Exchange(number, deadline, request) => {
            ticket(*number);
            put("deadline", at(*deadline));
            put_request(request, put);
            "exchange"
        }
        Wanted::Use(HeldToken { generation, contents, obtained_at, expires_at }) => {
            put("generation", Value::Number((*generation).into()));
            put("accessToken", Value::Text(contents.access_token.reveal()));
            put("obtainedAt", at(*obtained_at));
            put("expiresAt", at(*expires_at));
            put_open(contents, put);
            "use"
        }
        Wanted::Show(state) => {
            put_state(state, put);
            "show"
        }
        Wanted::Plain(action) => put_action(action, put),
    }
}

fn put_action(action: &Action, put: Put<'_>) -> &'static str {
    match action {
        Action::Wait { until } => {
            put("until", at(*until));
            "wait"
        }
        Action::Fail { error } => {
            put("error", Value::Error(error));
            "fail"
        }
        Action::LoggedIn { result } => {
            match result {
                Ok(generation) => put("generation", Value::Number((*generation).into())),
                Err(error) => put("error", Value::Error(error)),
            }
            "loggedIn"
        }
        Action::Tell(notice) => {
            let what = match notice {
                Notice::Claimed => "vault.claimed",
                Notice::Saved { generation } => {
                    put("generation", Value::Number((*generation).into()));
                    "vault.saved"
                }
                Notice::Unsure => "vault.unsure",
                Notice::Lost { why } => {
                    put("why", Value::Word(why.as_str()));
                    "vault.lost"
                }
            };
            put("type", Value::Word(what));
            "tell"
        }
        // Their texts are missing; these come only as other kinds of `Wanted`.
        _ => "nothing",
    }
}

fn put_request(request: &ExchangeRequest, put: Put<'_>) {
    put("url", Value::Text(&request.url));
    if let Some(authorization) = &request.authorization {
        put("authorization", Value::Text(authorization.reveal()));
    }
    put("accept", Value::Text(TOKEN_ACCEPT));
    put("contentType", Value::Text(TOKEN_CONTENT_TYPE));
    put("body", Value::Text(request.body.reveal()));
    put("maxBytes", Value::Number(f64::from(u32::try_from(MAX_BODY_BYTES).unwrap_or(u32::MAX))));
}

/// Puts the parts of contents that are no secrets. Of each organisation there are three texts: id, connection, name.
fn put_open(contents: &Contents, put: Put<'_>) {
    if let Some(scopes) = &contents.scopes {
        put("scopes", Value::Text(scopes));
    }
    let texts: Vec<String> = contents
        .organisations
        .iter()
        .flat_map(|organisation| [&organisation.id, &organisation.connection, &organisation.name].map(String::clone))
        .collect();
    put("organisations", Value::Texts(&texts));
    if contents.left_out > 0 {
        put("organisationsLeftOut", Value::Number(contents.left_out.into()));
    }
}

fn put_state(state: &State<'_>, put: Put<'_>) {
    let State { held, contents } = state;
    let Held::Document(document) = held else {
        return put("is", Value::Word(if *held == &Held::Nothing { "empty" } else { "foreign" }));
    };
    put("is", Value::Word(if contents.is_some() { "open" } else { "closed" }));
    put("generation", Value::Number(document.generation.into()));
    put("savedAt", at(document.saved_at));
    put("expiresAt", at(document.expires_at));
    put("endsUnusedAt", at(document.ends_unused()));
    if let Some(lost) = document.lost {
        put("lost", Value::Word(lost.why.as_str()));
        put("lostSince", at(lost.since));
    }
    if let Some(claim) = document.claim {
        put("claimedBy", Value::Number(claim.owner.into()));
        put("claimedUntil", at(claim.until));
    }
    if let Some(unsure) = document.unsure {
        put("unsureUntil", at(unsure));
    }
    if let Some(contents) = contents {
        put_open(contents, put);
    }
}

fn at<'a>(at: Timestamp) -> Value<'a> {
    Value::Number(at.as_js())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts saturate")]
const fn whole(number: f64) -> u64 {
    number as u64
}

/// Does something with a vault, which is out of its place meanwhile, and makes one value of the result.
fn with(number: u32, act: impl FnOnce(&mut Keeper) -> Result<JsValue, Error>) -> JsValue {
    let Some(mut keeper) = swap(number, None) else {
        return convert::fault(&Error::new(Code::Closed, "the client was closed; make a new one"));
    };
    let result = act(&mut keeper);
    swap(number, Some(keeper));
    convert::value(result)
}

fn swap(number: u32, keeper: Option<Box<Keeper>>) -> Option<Box<Keeper>> {
    let mut vaults = VAULTS.take();
    let place = usize::try_from(number).ok().and_then(|number| vaults.get_mut(number.checked_sub(1)?));
    let before = place.and_then(|place| core::mem::replace(place, keeper));
    VAULTS.set(vaults);
    before
}
