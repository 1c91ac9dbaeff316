//! What the npm package loads.

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::convert::{Given, Members, text};
use super::gate::headers;
use super::table::{instant, with};
use super::{convert, json, table};
use crate::call::outcome::{self, Key, Unsettled};
use crate::call::wire::{self, SECRET_MS};
use crate::call::Machine;
use crate::catalogue::{self, Operation};
use crate::connection::{Again, Answered, Connection};
use crate::error::{Code, Error};
use crate::limits::Reading;
use crate::request::{self, ApiAnswer, BaseUrl, Pages};
use crate::scope::ScopeSet;
use crate::secret::Secret;
use crate::time::Timestamp;
use crate::token::Stored;
use crate::token::answer::{Answer, MAX_BODY_BYTES, is_access_token};

/// Makes a connection and returns its number. `options` is `CoreOptions` of `pkg/src/client/actions.ts`, read by name.
#[wasm_bindgen]
pub fn open(options: &JsValue) -> JsValue {
    let make = || {
        let (options, config) = wire::options(&Members(options))?;
        let (retry, seed) = (config.retry, options.seed);
        Ok(table::put(Machine::new(Connection::new(options)?, config, json::parse, seed), retry))
    };
    convert::told(make().map(JsValue::from))
}

/// See [`SECRET_MS`].
#[wasm_bindgen(js_name = secretMs)]
#[expect(clippy::cast_precision_loss, reason = "a minute")]
pub fn secret_ms() -> f64 {
    SECRET_MS as f64
}

/// The generation to use now, or 0 if there is more to do than that: the warm path, numbers only.
#[wasm_bindgen]
pub fn ready(number: u32, now: f64) -> JsValue {
    with(number, now, |connection, now| Ok(connection.session.ready(now).unwrap_or(0).into()))
}

/// A caller wants a token by `deadline`. Returns the actions.
#[wasm_bindgen]
pub fn want(number: u32, deadline: f64, now: f64) -> JsValue {
    with(number, now, |connection, now| Ok(convert::actions(&connection.session.want(instant(deadline)?, now))))
}

/// The identity service answered. Returns the actions, the token where it is to be kept, and why to ask once more.
#[wasm_bindgen]
#[expect(clippy::too_many_arguments, reason = "flat arguments cross the boundary more cheaply than an object")]
pub fn answered(
    number: u32,
    attempt: u32,
    status: u16,
    content_type: &JsValue,
    retry_after: &JsValue,
    body: &JsValue,
    cut: bool,
    more_secrets: bool,
    now: f64,
) -> JsValue {
    let body = Secret::new(text(body));
    let (content_type, retry_after) = (&text(content_type), &text(retry_after));
    let answer = Answer { status, content_type, retry_after, body: body.reveal(), cut };
    with(number, now, |connection, now| {
        let Answered { grant, actions, refused, again } =
            connection.session.answered(attempt, &answer, more_secrets, now, &json::parse);
        let access_token = grant.map_or(JsValue::UNDEFINED, |grant| grant.access_token.reveal().into());
        let again = again.map(|again| match again {
            Again::NextSecret => "secret",
            Again::WithoutScope => "scope",
        });
        Ok(convert::object(&[
            ("actions", convert::actions(&actions)),
            ("accessToken", access_token),
            ("refused", refused.map(Code::as_str).into()),
            ("again", again.into()),
        ]))
    })
}

/// The most bytes of an answer to a token request that are worth reading.
#[wasm_bindgen(js_name = maxTokenAnswerBytes)]
pub fn max_token_answer_bytes() -> usize {
    MAX_BODY_BYTES
}

/// Nobody answered: `code` is that of an error, and `message` tells people more.
#[wasm_bindgen]
pub fn unanswered(number: u32, attempt: u32, code: &JsValue, message: &JsValue, now: f64) -> JsValue {
    let error = Error::new(self::code(&text(code)), text(message));
    with(number, now, |connection, now| Ok(convert::actions(&connection.session.unanswered(attempt, error, now))))
}

/// Whether a text from a store can be an access token.
#[wasm_bindgen(js_name = isAccessToken)]
pub fn fits_as_access_token(token: &JsValue) -> bool {
    is_access_token(Secret::new(text(token)).reveal())
}

/// The store answered: with a token, its instants and scopes, or with nothing.
#[wasm_bindgen]
pub fn loaded(
    number: u32,
    access_token: &JsValue,
    obtained_at: Option<f64>,
    expires_at: Option<f64>,
    scopes: &JsValue,
    now: f64,
) -> JsValue {
    let stored = obtained_at
        .and_then(Timestamp::from_js)
        .zip(expires_at.and_then(Timestamp::from_js))
        .map(|(obtained_at, expires_at)| Stored { obtained_at, expires_at });
    let stored = access_token.as_string().map(Secret::new).zip(stored);
    let scopes = scopes.as_string().map(|list| ScopeSet::from_wire(&list));
    with(number, now, |connection, now| {
        let actions = match &stored {
            Some((token, stored)) => connection.session.loaded_token(token, *stored, scopes, now, &json::parse),
            None => connection.session.loaded(None, scopes, now),
        };
        Ok(convert::actions(&actions))
    })
}

/// The API said that the token of this generation has expired.
#[wasm_bindgen]
pub fn rejected(number: u32, generation: u32, now: f64) -> JsValue {
    with(number, now, |connection, now| Ok(convert::actions(&connection.session.rejected(generation, now))))
}

/// The scopes of the token in use, space-separated; `undefined` if nobody said.
#[wasm_bindgen]
pub fn granted(number: u32) -> JsValue {
    with(number, 0.0, |connection, _| Ok(connection.session.granted().map(ToString::to_string).into()))
}

/// The absolute URL of a call that may be sent, as far as its method, its path and the presence of a body are concerned.
#[wasm_bindgen]
pub fn call(number: u32, method: &JsValue, input: &JsValue, has_body: bool) -> JsValue {
    let method = text(method);
    with(number, 0.0, |connection, _| {
        request::check_body(&method, has_body)?;
        let call = connection.read(&method, &text(input))?;
        connection.check(&call)?;
        Ok(call.url.into())
    })
}

/// The key of the operation of a call, if the catalogue knows it.
#[wasm_bindgen]
pub fn operation(number: u32, method: &JsValue, input: &JsValue) -> JsValue {
    with(number, 0.0, |connection, _| {
        let call = connection.read(&text(method), &text(input)).ok();
        Ok(call.and_then(|call| call.route.operation()).map(Operation::key).into())
    })
}

/// Refuses a header that may not be set. Returns whether it is sent.
#[wasm_bindgen(js_name = checkHeader)]
pub fn check_header(name: &JsValue, value: &JsValue) -> JsValue {
    convert::told(request::check_header(&text(name), &text(value)).map(JsValue::from))
}

/// Whether an `Idempotency-Key` is made for a call that has none: `{ apiUrl, method, target, asked }`. `asked` if the call
/// itself asks for one.
#[wasm_bindgen(js_name = makesKey)]
pub fn makes_key(call: &JsValue) -> JsValue {
    let given = Given(call);
    let make = || {
        let api = BaseUrl::parse(&given.text("apiUrl").unwrap_or_default())?;
        let [method, target] = ["method", "target"].map(|name| given.text(name).unwrap_or_default());
        outcome::makes_key(&request::call(&api, &method, &target)?, given.flag("asked"))
    };
    convert::told(make().map(JsValue::from))
}

/// Whether the code of a failed request, such as `ECONNREFUSED`, means that nothing was sent.
#[wasm_bindgen(js_name = isUnsent)]
pub fn is_unsent(code: &JsValue) -> bool {
    outcome::is_unsent(&text(code))
}

/// Whether an answer with this status says for sure that the write was not carried out.
#[wasm_bindgen(js_name = isSettled)]
pub fn is_settled(status: u16, lost_before: bool) -> bool {
    outcome::is_settled(status, lost_before)
}

/// The error of a write that may have been carried out, as `XeroErrorDetails`, from what went wrong with it:
/// `{ apiUrl, method, target, firstSentAt, keyed, madeKey, keyEndsAt, now, code, message }`.
#[wasm_bindgen(js_name = unknownOutcome)]
pub fn unknown_outcome(call: &JsValue) -> JsValue {
    let given = Given(call);
    let text = |name| given.text(name).unwrap_or_default();
    let make = || {
        let unsettled = Unsettled {
            api: &BaseUrl::parse(&text("apiUrl"))?,
            method: &text("method"),
            input: &text("target"),
            first_sent: instant(given.number("firstSentAt"))?,
            key: match (given.flag("keyed"), given.flag("madeKey")) {
                (false, _) => Key::None,
                (true, true) => Key::Made,
                (true, false) => Key::Callers { ends: instant(given.number("keyEndsAt"))? },
            },
        };
        let error = Error::new(code(&text("code")), text("message"));
        Ok(convert::error(&unsettled.error(&error, instant(given.number("now"))?)))
    };
    convert::told(make())
}

fn code(word: &str) -> Code {
    Code::ALL.iter().copied().find(|known| known.as_str() == word).unwrap_or(Code::Offline)
}

/// How the answers to a GET of `input` are split: `{ by, size? }`; `undefined` if not at all.
#[wasm_bindgen]
pub fn paging(number: u32, input: &JsValue) -> JsValue {
    with(number, 0.0, |connection, _| {
        let call = connection.read("GET", &text(input))?;
        connection.check(&call)?;
        let pages = call.route.operation().and_then(request::pages);
        Ok(pages.map_or(JsValue::UNDEFINED, |Pages { by, size }| {
            let size = size.map_or(JsValue::UNDEFINED, |(name, most)| {
                convert::object(&[("name", name.into()), ("most", most.into())])
            });
            convert::object(&[("by", by.into()), ("size", size)])
        }))
    })
}

/// Whether an answer of the API says that the token has expired.
#[wasm_bindgen(js_name = saysExpired)]
pub fn says_expired(status: u16, body: &JsValue) -> bool {
    let body = &text(body);
    ApiAnswer { status, www_authenticate: "", retry_after: "", limit: None, body, complaints: None }.says_expired()
}

/// The error that an answer of the API amounts to; `undefined` for a success. `limits` as in [`super::gate::leave`];
/// `complaints` is how many things the answer says are wrong with the data, if that was looked for.
#[wasm_bindgen(js_name = apiError)]
#[expect(clippy::too_many_arguments, reason = "flat arguments cross the boundary more cheaply than an object")]
pub fn api_error(
    number: u32,
    method: &JsValue,
    input: &JsValue,
    status: u16,
    www_authenticate: &JsValue,
    limits: &JsValue,
    body: &JsValue,
    complaints: Option<u32>,
    now: f64,
) -> JsValue {
    let [www_authenticate, limits, body] = &[www_authenticate, limits, body].map(text);
    let headers = headers(limits);
    let complaints = complaints.map(|many| many as usize);
    let answer =
        ApiAnswer { status, www_authenticate, retry_after: headers.retry_after, limit: None, body, complaints };
    with(number, now, |connection, now| {
        let reading = Reading::new(status, &headers, now);
        let error = connection.api_error(&text(method), &text(input), &answer, &reading, now);
        Ok(error.map_or(JsValue::UNDEFINED, |error| convert::error(&error)))
    })
}

/// The version of the catalogue: a day.
#[wasm_bindgen(js_name = catalogueVersion)]
pub fn catalogue_version() -> JsValue {
    catalogue::VERSION.into()
}
