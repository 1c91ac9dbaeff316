//! The vault of refresh tokens: one function that takes every event and returns the actions, and the exchange of a login's code.

use js_sys::Array;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::numbered::Numbered;
use super::objects::{Members, Object, each, text, value};
use crate::call::outcome;
use crate::call::wire::instant;
use crate::error::{Code, Error};
use crate::request::{BaseUrl, TOKEN_ACCEPT, TOKEN_CONTENT_TYPE};
use crate::secret::Secret;
use crate::shared::contents::{Contents, Grant};
use crate::shared::exchange::{self, ExchangeRequest, RegisteredApp};
use crate::shared::{
    ExchangeFailure, HeldDocument, Keeper, KeeperEvent, Notice, Swap, VaultAction, VaultConfig, VaultEvent, VaultState,
    VaultToken, Want, Wanted,
};
use crate::text::words;
use crate::time::{Now, Timestamp};
use crate::token::answer::{MAX_BODY_BYTES, TokenAnswer};

thread_local! {
    static VAULTS: Numbered<Keeper> = const { Numbered::new() };
}

/// Makes the vault of one process. Returns its number. `options` is `VaultCoreOptions` of `pkg/src/vault/actions.ts`.
#[wasm_bindgen(js_name = openVault)]
pub fn open_vault(options: &JsValue) -> JsValue {
    let options = Members::of(options);
    let make = || {
        let app = RegisteredApp {
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
        Ok(VAULTS.with(|vaults| vaults.put(keeper)).into())
    };
    value(make())
}

/// Takes note of an event (`VaultCoreEvent` of `pkg/src/vault/actions.ts`) and returns the actions (`VaultAction[]`). `clock` is
/// `Date.now()`, `measured` a clock that is never set.
#[wasm_bindgen(js_name = handleVault)]
pub fn handle_vault(number: u32, event: &JsValue, clock: f64, measured: f64) -> JsValue {
    with(number, |keeper| {
        let now = Now { clock: instant(clock)?, measured: instant(measured)? };
        let actions = event_of(&Members::of(event), |given| keeper.handle(given, now, &each))??;
        let list: Array = actions.iter().map(|action| shown(keeper, action, now)).collect();
        let wake = keeper.vault().wake(now);
        let alarm = Object::new();
        alarm.put("do", "wake");
        if let Some(wake) = wake {
            alarm.put_at("at", wake);
        }
        alarm.put("busy", keeper.vault().is_busy());
        list.push(&alarm.done());
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
        let object = Object::new();
        put_request(&request, &object);
        Ok(object.done())
    })
}

/// The request that revokes the login of a vault that was opened: all tokens and connections of its user with the app.
#[wasm_bindgen(js_name = revocationRequest)]
pub fn revocation_request(number: u32) -> JsValue {
    with(number, |keeper| {
        let token = keeper.current().and_then(|contents| contents.tokens.first());
        let Some((_, token)) = token else {
            return Err(Error::new(Code::LoginRequired, "there is no login in the vault that could be revoked"));
        };
        let object = Object::new();
        put_request(&keeper.app().revocation(token), &object);
        Ok(object.done())
    })
}

/// Judges the answer to that request, which was sent at `sent`. Returns the grant as text.
#[wasm_bindgen(js_name = codeAnswer)]
pub fn code_answer(answer: &JsValue, sent: f64, clock: f64) -> JsValue {
    let answer = Members::of(answer);
    let judge = || {
        let (sent, now) = (instant(sent)?, instant(clock)?);
        let judged = with_answer(&answer, |answer| exchange::judge(&answer, sent, now, &each));
        let grant = judged.map_err(|refusal| refusal.failure.error)?;
        Ok(JsValue::from_str(grant.write().reveal()))
    };
    value(judge())
}

/// The request for the organisations of a grant: its `url` and `authorization`.
#[wasm_bindgen(js_name = connectionsRequest)]
pub fn connections_request(number: u32, grant: &JsValue) -> JsValue {
    with(number, |keeper| {
        let grant = read_grant(grant)?;
        let url = words![keeper.app().api_url.as_str(), "/connections"];
        let authorization = Secret::new(words!["Bearer ", grant.contents.access_token.reveal().as_str()]);
        let object = Object::new();
        object.put("url", url);
        object.put("authorization", authorization.reveal());
        object.put("maxBytes", most_bytes());
        Ok(object.done())
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
        let found = exchange::organisations(&text(body), &grant.contents.access_token, &each);
        grant.contents.organisations = found;
        Ok(JsValue::from_str(grant.write().reveal()))
    };
    value(read())
}

/// The parts of a grant that are no secrets: `organisations` and `scopes`.
#[wasm_bindgen(js_name = describeGrant)]
pub fn describe_grant(grant: &JsValue) -> JsValue {
    value(read_grant(grant).map(|grant| {
        let object = Object::new();
        put_open(&grant.contents, &object);
        object.done()
    }))
}

fn read_grant(grant: &JsValue) -> Result<Grant, Error> {
    let grant = Secret::new(text(grant));
    let message = "the grant was not made by exchangeCode() of this release";
    Grant::read(grant.reveal()).ok_or_else(|| Error::new(Code::InvalidOption, message))
}

fn event_of<R>(event: &Members<'_>, handle: impl FnOnce(KeeperEvent<'_>) -> R) -> Result<R, Error> {
    let ticket = u16::try_from(whole(event.number("ticket"))).unwrap_or(u16::MAX);
    let deadline = || instant(event.number("deadline"));
    let secret = event.optional_text("text").map(Secret::new);
    Ok(match event.text("on").as_str() {
        "want" => {
            let number = |name| event.optional_number(name).map(whole);
            let not_generation = number("notGeneration").and_then(|number| u32::try_from(number).ok());
            let margin_ms = number("marginMs").unwrap_or_default();
            let since = instant(event.number("since"))?;
            let again = event.flag("again");
            let want =
                Want { deadline: deadline()?, since, again, margin_ms, max_age_ms: number("maxAgeMs"), not_generation };
            handle(KeeperEvent::Plain(VaultEvent::Want(want)))
        }
        "look" => handle(KeeperEvent::Plain(VaultEvent::Look { deadline: deadline()? })),
        "login" => {
            let grant = Secret::new(event.text("grant"));
            handle(KeeperEvent::Login { grant: &grant, replace: event.flag("replace") })
        }
        "found" => handle(KeeperEvent::Found {
            ticket,
            swapped: event.flag("swapped"),
            version: whole(event.number("version")),
            document: event.optional_text("document").as_deref(),
            at: instant(event.number("at"))?,
        }),
        "away" => handle(KeeperEvent::Plain(VaultEvent::Away { ticket, why: event.optional_text("message") })),
        "opened" => handle(KeeperEvent::Opened { ticket, text: secret.as_ref() }),
        "seedOpened" => handle(KeeperEvent::SeedOpened { ticket, text: secret.as_ref() }),
        "sealed" => handle(KeeperEvent::Sealed { ticket, sealed: &event.text("text") }),
        "answered" => with_answer(event, |answer| handle(KeeperEvent::Answered { ticket, answer })),
        "lost" => {
            let error = Error::new(event.code("code"), event.text("message"));
            let certain = outcome::is_unsent(&event.text("cause"));
            let failure = ExchangeFailure { error, certain, lasting: false, retry_after_ms: None };
            handle(KeeperEvent::Plain(VaultEvent::Failed { ticket, failure }))
        }
        _ => handle(KeeperEvent::Plain(VaultEvent::Tick)),
    })
}

fn with_answer<R>(given: &Members<'_>, judge: impl FnOnce(TokenAnswer<'_>) -> R) -> R {
    let status = u16::try_from(whole(given.number("status"))).unwrap_or_default();
    let (content_type, retry_after) = (&given.text("contentType"), &given.text("retryAfter"));
    let body = Secret::new(given.text("body"));
    judge(TokenAnswer { status, content_type, retry_after, body: body.reveal(), cut: given.flag("cut") })
}

/// An action with its texts. One whose texts cannot be made is answered as if the store had failed.
fn shown(keeper: &mut Keeper, action: &VaultAction, now: Now) -> JsValue {
    let object = Object::new();
    let name = if let Ok(wanted) = keeper.wanted(action, now) {
        put_wanted(&wanted, &object)
    } else {
        if let VaultAction::Swap(Swap { ticket, .. }) | VaultAction::Seal { ticket, .. } = action {
            object.put("ticket", *ticket);
        }
        "unable"
    };
    object.put("do", name);
    object.done()
}

fn put_wanted(wanted: &Wanted<'_>, object: &Object) -> &'static str {
    match wanted {
        Wanted::Swap(swap, document) => {
            object.put("ticket", swap.ticket);
            object.put("version", swap.version.map_or(-1.0, |version| Timestamp::from_ms(version).as_js()));
            object.put_at("at", swap.at);
            object.put_at("slackMs", Timestamp::from_ms(swap.slack_ms));
            object.put_at("deadline", swap.deadline);
            if let Some(document) = document {
                object.put("document", document.as_str());
            }
            "swap"
        }
        Wanted::Open(ticket, text, bound) => {
            object.put("ticket", *ticket);
            object.put("text", *text);
            object.put("bound", bound.as_str());
            "open"
        }
        Wanted::OpenSeed(ticket, bound) => {
            object.put("ticket", *ticket);
            object.put("bound", bound.as_str());
            "openSeed"
        }
        Wanted::Seal(ticket, text, bound) => {
            object.put("ticket", *ticket);
            object.put("text", text.reveal().as_str());
            object.put("bound", bound.as_str());
            "seal"
        }
        Wanted::Exchange(ticket, deadline, request) => {
            object.put("ticket", *ticket);
            object.put_at("deadline", *deadline);
            put_request(request, object);
            "exchange"
        }
        Wanted::Use(VaultToken { generation, contents, obtained_at, expires_at }) => {
            object.put("generation", *generation);
            object.put("accessToken", contents.access_token.reveal().as_str());
            object.put_at("obtainedAt", *obtained_at);
            object.put_at("expiresAt", *expires_at);
            put_open(contents, object);
            "use"
        }
        Wanted::Show(state) => {
            put_state(state, object);
            "show"
        }
        Wanted::Plain(action) => put_action(action, object),
    }
}

fn put_action(action: &VaultAction, object: &Object) -> &'static str {
    match action {
        VaultAction::Wait { until } => {
            object.put_at("until", *until);
            "wait"
        }
        VaultAction::Fail { error } => {
            object.put("error", Object::of_error(error));
            "fail"
        }
        VaultAction::LoggedIn { result } => {
            match result {
                Ok(generation) => object.put("generation", *generation),
                Err(error) => object.put("error", Object::of_error(error)),
            }
            "loggedIn"
        }
        VaultAction::Tell(notice) => {
            let what = match notice {
                Notice::Claimed => "vault.claimed",
                Notice::Saved { generation } => {
                    object.put("generation", *generation);
                    "vault.saved"
                }
                Notice::Unsure => "vault.unsure",
                Notice::Lost { why } => {
                    object.put("why", why.as_str());
                    "vault.lost"
                }
            };
            object.put("type", what);
            "tell"
        }
        // These come only as other kinds of `Wanted`.
        _ => "nothing",
    }
}

fn put_request(request: &ExchangeRequest, object: &Object) {
    object.put("url", request.url.as_str());
    if let Some(authorization) = &request.authorization {
        object.put("authorization", authorization.reveal().as_str());
    }
    object.put("accept", TOKEN_ACCEPT);
    object.put("contentType", TOKEN_CONTENT_TYPE);
    object.put("body", request.body.reveal().as_str());
    object.put("maxBytes", most_bytes());
}

/// The most bytes of an answer that are read.
fn most_bytes() -> u32 {
    u32::try_from(MAX_BODY_BYTES).unwrap_or(u32::MAX)
}

/// Puts the parts of contents that are no secrets. Of each organisation there are three texts: id, connection, name.
fn put_open(contents: &Contents, object: &Object) {
    if let Some(scopes) = &contents.scopes {
        object.put("scopes", scopes.as_str());
    }
    let organisations = contents.organisations.iter();
    let texts = organisations.flat_map(|one| [&one.id, &one.connection, &one.name].map(|text| JsValue::from_str(text)));
    object.put("organisations", texts.collect::<Array>());
    if contents.left_out > 0 {
        object.put("organisationsLeftOut", contents.left_out);
    }
}

fn put_state(state: &VaultState<'_>, object: &Object) {
    let VaultState { held, contents } = state;
    let HeldDocument::Document(document) = held else {
        return object.put("is", if **held == HeldDocument::Nothing { "empty" } else { "foreign" });
    };
    object.put("is", if contents.is_some() { "open" } else { "closed" });
    object.put("generation", document.generation);
    object.put_at("savedAt", document.saved_at);
    object.put_at("expiresAt", document.expires_at);
    object.put_at("endsUnusedAt", document.ends_unused());
    if let Some(lost) = document.lost {
        object.put("lost", lost.why.as_str());
        object.put_at("lostSince", lost.since);
    }
    if let Some(claim) = document.claim {
        object.put("claimedBy", claim.owner);
        object.put_at("claimedUntil", claim.until);
    }
    if let Some(unsure) = document.unsure {
        object.put_at("unsureUntil", unsure);
    }
    if let Some(contents) = contents {
        put_open(contents, object);
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts saturate")]
const fn whole(number: f64) -> u64 {
    number as u64
}

/// Does something with a vault, which is out of its place meanwhile, and makes one value of the result.
fn with(number: u32, act: impl FnOnce(&mut Keeper) -> Result<JsValue, Error>) -> JsValue {
    let Some(mut keeper) = swap(number, None) else {
        return value(Err(Error::new(Code::Closed, "the client was closed; make a new one")));
    };
    let result = act(&mut keeper);
    swap(number, Some(keeper));
    value(result)
}

fn swap(number: u32, keeper: Option<Box<Keeper>>) -> Option<Box<Keeper>> {
    VAULTS.with(|vaults| vaults.swap(number, keeper))
}
