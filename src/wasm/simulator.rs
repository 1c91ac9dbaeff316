//! Bindings of the [simulator](crate::simulator): small synchronous functions over a number that stands for one.
//!
//! Errors are thrown as `Error` with the `code` of [`crate::error::Code`].

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use js_sys::{Array, Object, Reflect, Uint8Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::{Code, Error, quoted};
use crate::scope::ScopeSet;
use crate::secret::Secret;
use crate::simulator::fault::FaultRule;
use crate::simulator::{Country, HttpRequest, HttpResponse, Limits, Reply, Simulator, SimulatorConfig, State};
use crate::time::{Date, Timestamp};

thread_local! {
    static OPEN: RefCell<BTreeMap<u32, Simulator>> = const { RefCell::new(BTreeMap::new()) };
    static LAST: Cell<u32> = const { Cell::new(0) };
}

/// The options of `simulator_open`; what is absent is as in [`SimulatorConfig::new`].
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    seed: Option<u64>,
    client_id: Option<String>,
    client_secret: Option<String>,
    /// Separated by spaces.
    scopes: Option<String>,
    created_on: Option<String>,
    organisation: Option<String>,
    country: Option<String>,
    invoices: Option<u32>,
    /// The day the books end: the shell knows the clock.
    today: String,
    token_lifetime_ms: Option<u64>,
    base_url: Option<String>,
    invalid_client_status: Option<u16>,
    limits: Option<LimitOptions>,
    authorised: Option<bool>,
    /// One rule each.
    faults: Option<Vec<String>>,
}

/// What is absent is as in [`Limits`].
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LimitOptions {
    in_flight: Option<u32>,
    minute: Option<u32>,
    day: Option<u32>,
    app_minute: Option<u32>,
    headers: Option<bool>,
}

/// The parts of a connection that a client has to know.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Connection<'a> {
    client_id: &'a str,
    client_secret: &'a str,
    scopes: Vec<&'a str>,
    created_on: String,
    organisation: &'a str,
}

/// Opens a simulator and gives its number.
///
/// # Errors
/// An `Error` with code `invalid_option` if an option cannot be read or there can be no such connection.
#[wasm_bindgen]
pub fn simulator_open(options: JsValue) -> Result<u32, JsValue> {
    let simulator = serde_wasm_bindgen::from_value(options)
        .map_err(|error| Error::new(Code::InvalidOption, format!("an option of the simulator cannot be read: {error}")))
        .and_then(opened)
        .map_err(thrown)?;
    let handle = LAST.get().wrapping_add(1);
    LAST.set(handle);
    OPEN.with_borrow_mut(|open| open.insert(handle, simulator));
    Ok(handle)
}

/// Closes it; a number that is not open is none of its business.
#[wasm_bindgen]
pub fn simulator_close(handle: u32) {
    OPEN.with_borrow_mut(|open| open.remove(&handle));
}

/// `{ clientId, clientSecret, scopes, createdOn, organisation }`.
///
/// # Errors
/// An `Error` with code `closed` if the number is not open.
#[wasm_bindgen]
pub fn simulator_connection(handle: u32) -> Result<JsValue, JsValue> {
    with(handle, |simulator| {
        let config = simulator.config();
        let connection = Connection {
            client_id: &config.client_id,
            client_secret: config.client_secret.reveal(),
            scopes: config.scopes.names().collect(),
            created_on: config.created_on.to_string(),
            organisation: &config.organisation,
        };
        Ok(serde_wasm_bindgen::to_value(&connection)?)
    })
}

/// Answers a request: `{ status, headers: [name, value][], body: Uint8Array }`, with `spoil` if it goes wrong on its way, or `{ ticket, input }` if `input` has to
/// be signed first. `headers` is a list of pairs, `now` in milliseconds since the epoch.
///
/// # Errors
/// An `Error` with code `closed` if the number is not open, `invalid_option` if an argument cannot be read.
#[wasm_bindgen]
pub fn simulator_handle(
    handle: u32,
    method: &str,
    target: &str,
    headers: JsValue,
    body: &[u8],
    now: f64,
) -> Result<JsValue, JsValue> {
    let headers = serde_wasm_bindgen::from_value(headers)?;
    let now = Timestamp::from_js(now)
        .ok_or_else(|| thrown(Error::new(Code::InvalidOption, "the clock of the simulator gave no instant")))?;
    let request = HttpRequest { method: method.to_owned(), target: target.to_owned(), headers, body: body.to_vec() };
    with(handle, |simulator| match simulator.handle(&request, now) {
        Reply::Respond(response) => shown(&response),
        Reply::Spoil { transport, response } => {
            let shown = shown(&response)?;
            Reflect::set(&shown, &"spoil".into(), &transport.as_str().into())?;
            Ok(shown)
        }
        Reply::Sign { ticket, input } => {
            let ticket = u32::try_from(ticket)
                .map_err(|_| thrown(Error::new(Code::Trapped, "the simulator has no more tickets: open a new one")))?;
            object(&[("ticket", ticket.into()), ("input", input.into())])
        }
    })
}

/// Finishes a token request with the signature of its input, base64url; answers like `simulator_handle`.
///
/// # Errors
/// An `Error` with code `closed` if the number is not open.
#[wasm_bindgen]
pub fn simulator_signed(handle: u32, ticket: u32, signature: &str) -> Result<JsValue, JsValue> {
    with(handle, |simulator| shown(&simulator.signed(ticket.into(), signature)))
}

/// Tells the public key of the signatures: modulus and exponent, base64url, and its id.
///
/// # Errors
/// An `Error` with code `closed` if the number is not open.
#[wasm_bindgen]
pub fn simulator_set_jwk(handle: u32, n: &str, e: &str, kid: &str) -> Result<(), JsValue> {
    with(handle, |simulator| {
        simulator.set_jwk(n, e, kid);
        Ok(())
    })
}

/// Tells the address under which it can be reached.
///
/// # Errors
/// An `Error` with code `closed` if the number is not open, `invalid_option` if it is no base URL.
#[wasm_bindgen]
pub fn simulator_set_base_url(handle: u32, url: &str) -> Result<(), JsValue> {
    with(handle, |simulator| simulator.set_base_url(url).map_err(thrown))
}

/// How many calls of the API are under way besides the next.
///
/// # Errors
/// An `Error` with code `closed` if the number is not open.
#[wasm_bindgen]
pub fn simulator_set_in_flight(handle: u32, calls: u32) -> Result<(), JsValue> {
    with(handle, |simulator| {
        simulator.set_in_flight(calls);
        Ok(())
    })
}

/// What is done to the connection: `edit` with the scopes it shall have, `authorise` or `reset`. Without one of them
/// nothing; gives the state, as in [`State::as_str`].
///
/// # Errors
/// An `Error` with code `closed` if the number is not open, `invalid_option` for scopes that it cannot have.
#[wasm_bindgen]
pub fn simulator_change(handle: u32, change: &str, scopes: &str) -> Result<String, JsValue> {
    with(handle, |simulator| {
        match change {
            "edit" => simulator.edit(ScopeSet::from_wire(scopes)).map_err(thrown)?,
            "authorise" => simulator.authorise(),
            "reset" => simulator.reset(),
            _ => {}
        }
        Ok(simulator.state().as_str().to_owned())
    })
}

/// Adds a rule by which requests go wrong, and gives its number.
///
/// # Errors
/// An `Error` with code `closed` if the number is not open, `invalid_option` for a rule that is not understood.
#[wasm_bindgen]
pub fn simulator_add_fault(handle: u32, rule: &str) -> Result<u32, JsValue> {
    with(handle, |simulator| Ok(simulator.add_fault(FaultRule::parse(rule).map_err(thrown)?)))
}

/// Takes a rule away.
///
/// # Errors
/// An `Error` with code `closed` if the number is not open.
#[wasm_bindgen]
pub fn simulator_remove_fault(handle: u32, number: u32) -> Result<(), JsValue> {
    with(handle, |simulator| {
        simulator.remove_fault(number);
        Ok(())
    })
}

/// `{ tokenRequests, apiRequests, refusals, faults }`.
///
/// # Errors
/// An `Error` with code `closed` if the number is not open.
#[wasm_bindgen]
pub fn simulator_counts(handle: u32) -> Result<JsValue, JsValue> {
    with(handle, |simulator| {
        let counts = simulator.counts();
        #[expect(clippy::cast_precision_loss, reason = "nobody sends 2^53 requests")]
        let number = |count: u64| JsValue::from(count as f64);
        object(&[
            ("tokenRequests", number(counts.token_requests)),
            ("apiRequests", number(counts.api_requests)),
            ("refusals", number(counts.refusals)),
            ("faults", number(counts.faults)),
        ])
    })
}

fn opened(mut options: Options) -> Result<Simulator, Error> {
    let faults = options.faults.take().unwrap_or_default();
    let mut simulator = Simulator::new(config(options)?)?;
    for rule in faults {
        let of_option = |error: Error| Error::new(error.code(), format!("faults: {}", error.message()));
        simulator.add_fault(FaultRule::parse(&rule).map_err(of_option)?);
    }
    Ok(simulator)
}

fn config(options: Options) -> Result<SimulatorConfig, Error> {
    let bad = |message: String| Error::new(Code::InvalidOption, message);
    let day = |name: &str, text: &str| {
        Date::parse(text).ok_or_else(|| bad(format!("{name} is not a day written YYYY-MM-DD: {}", quoted(text, 40))))
    };
    let mut config = SimulatorConfig::new(options.seed.unwrap_or(1), day("today", &options.today)?);
    if let Some(id) = options.client_id {
        config.client_id = id;
    }
    if let Some(secret) = options.client_secret {
        config.client_secret = Secret::new(secret);
    }
    if let Some(scopes) = options.scopes {
        config.scopes = ScopeSet::from_wire(&scopes);
    }
    if let Some(text) = options.created_on {
        config.created_on = day("createdOn", &text)?;
    }
    if let Some(name) = options.organisation {
        config.organisation = name;
    }
    if let Some(text) = options.country {
        config.country = Country::parse(&text)
            .ok_or_else(|| bad(format!("country is none of AU, NZ, UK, US: {}", quoted(&text, 40))))?;
    }
    if let Some(count) = options.invoices {
        config.invoices = usize::try_from(count).unwrap_or(usize::MAX);
    }
    if let Some(ms) = options.token_lifetime_ms {
        if !ms.is_multiple_of(1_000) {
            return Err(bad(format!("tokenLifetimeMs has to be whole seconds, such as 1800000, not {ms}")));
        }
        config.token_lifetime_s = ms / 1_000;
    }
    if let Some(url) = options.base_url {
        config.base_url = url;
    }
    config.limits = options.limits.map(|given| {
        let usual = Limits::default();
        Limits {
            in_flight: given.in_flight.unwrap_or(usual.in_flight),
            minute: given.minute.unwrap_or(usual.minute),
            day: given.day.unwrap_or(usual.day),
            app_minute: given.app_minute.unwrap_or(usual.app_minute),
            headers: given.headers.unwrap_or(usual.headers),
        }
    });
    if options.authorised == Some(false) {
        config.state = State::Unauthorised;
    }
    match options.invalid_client_status {
        None | Some(400) => {}
        Some(401) => config.invalid_client_is_401 = true,
        Some(other) => return Err(bad(format!("invalidClientStatus is neither 400 nor 401: {other}"))),
    }
    Ok(config)
}

fn with<T>(handle: u32, act: impl FnOnce(&mut Simulator) -> Result<T, JsValue>) -> Result<T, JsValue> {
    OPEN.with_borrow_mut(|open| match open.get_mut(&handle) {
        Some(simulator) => act(simulator),
        None => Err(thrown(Error::new(Code::Closed, "the simulator is closed"))),
    })
}

fn shown(response: &HttpResponse) -> Result<JsValue, JsValue> {
    let pair = |(name, value): &(String, String)| Array::of2(&name.into(), &value.into());
    let headers: Array = response.headers.iter().map(pair).collect();
    object(&[
        ("status", response.status.into()),
        ("headers", headers.into()),
        ("body", Uint8Array::from(response.body.as_slice()).into()),
    ])
}

fn object(members: &[(&str, JsValue)]) -> Result<JsValue, JsValue> {
    let object = Object::new();
    for (name, value) in members {
        Reflect::set(&object, &(*name).into(), value)?;
    }
    Ok(object.into())
}

#[expect(clippy::needless_pass_by_value, reason = "fits map_err")]
fn thrown(error: Error) -> JsValue {
    let thrown = js_sys::Error::new(error.message());
    // Setting a property of a new Error cannot fail.
    let _ = Reflect::set(&thrown, &"code".into(), &error.code().as_str().into());
    thrown.into()
}
