//! The calls of a service: one function that takes every event and returns the actions.

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::convert::{self, Given, text};
use super::table::{self, Held, instant};
use crate::call::{Answer, Before, Begin, Event, KeyGiven, Loaded, Now};
use crate::error::{Code, Error};
use crate::limits::Headers;
use crate::request::{TOKEN_ACCEPT, TOKEN_CONTENT_TYPE};
use crate::scope::ScopeSet;
use crate::secret::Secret;
use crate::time::Timestamp;
use crate::token::answer::MAX_BODY_BYTES;
use crate::token::{self, Stored};

/// Takes note of an event (`CallEvent` of `pkg/src/client/contract.ts`) and returns the actions (`CallAction[]`). `clock` is
/// `Date.now()`, `measured` a clock that is never set.
#[wasm_bindgen]
pub fn handle(number: u32, event: &JsValue, clock: f64, measured: f64) -> JsValue {
    table::with_held(number, clock, |held, clock| {
        let now = Now { clock, measured: instant(measured)? };
        report(held, &Given(event), now)
    })
}

fn report(held: &mut Held, given: &Given<'_>, now: Now) -> Result<JsValue, Error> {
    let text = |name| given.text(name).unwrap_or_default();
    let call = given.whole("call");
    let attempt = given.whole("attempt");
    let error = || Error::new(code(&text("code")), text("message"));
    let mut handle = |event| {
        let actions = held.machine.handle(event, now);
        Ok(actions_of(held, &actions))
    };
    match text("on").as_str() {
        "begin" => handle(Event::Begin(Begin {
            call,
            method: text("method"),
            target: text("target"),
            has_body: given.flag("hasBody"),
            resendable: given.flag("resendable"),
            key: match text("key").as_str() {
                "own" => KeyGiven::Own,
                "ifTaken" => KeyGiven::IfTaken,
                "required" => KeyGiven::Required,
                _ => KeyGiven::None,
            },
            high_priority: given.flag("high"),
            deadline: instant(given.number("deadline"))?,
            before: Timestamp::from_js(given.number("firstSent"))
                .filter(|&at| at > Timestamp::default())
                .map(|first_sent| Before { first_sent, in_flight: given.flag("inFlight") }),
        })),
        "want" => handle(Event::Want { call, deadline: instant(given.number("deadline"))? }),
        "resume" => handle(Event::Resume { call }),
        "answered" => {
            let [problem, retry_after, minute, day, app_minute, www_authenticate] =
                &["problem", "retryAfter", "minute", "day", "appMinute", "wwwAuthenticate"].map(text);
            let body = given.text("body");
            let unusable = given.text("code").map(|_| error());
            let answer = Answer {
                status: u16::try_from(given.whole("status")).unwrap_or_default(),
                limits: Headers { problem, retry_after, minute, day, app_minute },
                www_authenticate,
                body: body.as_deref(),
                complaints: given.has("complaints").then(|| given.whole("complaints") as usize),
                unusable,
            };
            handle(Event::Answered { call, answer })
        }
        "body" => handle(Event::Body { call, text: &text("body") }),
        "lost" => handle(Event::Lost { call, error: error(), sent: !given.flag("unsent") }),
        "aborted" => handle(Event::Aborted { call }),
        "token" => {
            let body = Secret::new(text("body"));
            let [content_type, retry_after] = &["contentType", "retryAfter"].map(text);
            let answer = token::answer::Answer {
                status: u16::try_from(given.whole("status")).unwrap_or_default(),
                content_type,
                retry_after,
                body: body.reveal(),
                cut: given.flag("cut"),
            };
            handle(Event::TokenAnswered { attempt, answer, more_secrets: given.flag("moreSecrets") })
        }
        "noToken" => handle(Event::TokenLost { attempt, error: error() }),
        "loaded" => {
            let at = |name| Timestamp::from_js(given.number(name));
            let stored = at("obtainedAt").zip(at("expiresAt"));
            let stored = stored.map(|(obtained_at, expires_at)| Stored { obtained_at, expires_at });
            let scopes = given.text("scopes").map(|list| ScopeSet::from_wire(&list));
            let loaded = given.text("accessToken").map(Secret::new).zip(stored);
            let loaded = loaded.map(|(access_token, stored)| Loaded { access_token, stored, scopes });
            handle(Event::Loaded(loaded))
        }
        _ => handle(Event::Tick),
    }
}

/// The actions, and the wake time as the last of them if it is another than the one before.
fn actions_of(held: &mut Held, actions: &[crate::call::Action]) -> JsValue {
    let list = convert::call_actions(actions);
    let wake = held.machine.wake();
    if wake != held.wake {
        held.wake = wake;
        list.push(&convert::wake(wake));
    }
    list.into()
}

fn code(word: &str) -> Code {
    Code::ALL.iter().copied().find(|known| known.as_str() == word).unwrap_or(Code::Offline)
}

/// Forgets a connection. Returns a `fail` for every call of it. Its number means nothing afterwards.
#[wasm_bindgen]
pub fn close(number: u32, clock: f64, measured: f64) -> JsValue {
    let [clock, measured] = [clock, measured].map(|at| Timestamp::from_js(at).unwrap_or_default());
    let actions = table::drop(number).map(|mut held| held.machine.close(Now { clock, measured }));
    convert::call_actions(&actions.unwrap_or_default()).into()
}

/// The token request of `attempt`, which is sent now: `TokenRequest` of `pkg/src/client/contract.ts`.
#[wasm_bindgen(js_name = tokenRequest)]
pub fn token_request(number: u32, attempt: u32, secret: &JsValue, clock: f64) -> JsValue {
    let secret = Secret::new(text(secret));
    table::with_held(number, clock, |held, clock| {
        let (request, deadline) = held.machine.token_request(attempt, &secret, clock)?;
        Ok(convert::object(&[
            ("deadline", convert::instant(deadline)),
            ("url", request.url.into()),
            ("authorization", request.authorization.reveal().into()),
            ("accept", TOKEN_ACCEPT.into()),
            ("contentType", TOKEN_CONTENT_TYPE.into()),
            ("body", request.body.into()),
            ("maxBytes", MAX_BODY_BYTES.into()),
        ]))
    })
}
