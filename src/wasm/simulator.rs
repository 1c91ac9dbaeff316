//! Bindings of the [simulator](crate::simulator): small synchronous functions over a number that stands for one.
//!
//! An export returns its value, or `{ fault }` with an error: that the number is not open, or the reason named below.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use js_sys::{Array, Object, Reflect, Uint8Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::protocol::{invalid, read, value, write};
use crate::error::{Code, Error, quoted};
use crate::scope::ScopeSet;
use crate::secret::Secret;
use crate::simulator::fault::FaultRule;
use crate::simulator::{
    ConnectionState, Country, HttpRequest, HttpResponse, Limits, Reply, Simulator, SimulatorConfig,
};
use crate::time::{Date, Timestamp};

thread_local! {
    static OPEN: RefCell<BTreeMap<u32, Simulator>> = const { RefCell::new(BTreeMap::new()) };
    static LAST: Cell<u32> = const { Cell::new(0) };
}

/// The options of `simulatorOpen`; the defaults are those of [`SimulatorConfig::new`].
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

/// Limits; the defaults are those of [`Limits`].
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LimitOptions {
    in_flight: Option<u32>,
    minute: Option<u32>,
    day: Option<u32>,
    app_minute: Option<u32>,
    headers: Option<bool>,
}

/// The parts of a connection that a client needs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Connection<'a> {
    client_id: &'a str,
    client_secret: &'a str,
    scopes: Vec<&'a str>,
    created_on: String,
    organisation: &'a str,
}

/// Opens a simulator and returns its number. It is refused if an option cannot be read or no such connection can exist.
#[wasm_bindgen(js_name = simulatorOpen)]
pub fn simulator_open(options: JsValue) -> JsValue {
    value(|| {
        let simulator = opened(read(options)?)?;
        let number = LAST.get().wrapping_add(1);
        LAST.set(number);
        OPEN.with_borrow_mut(|open| open.insert(number, simulator));
        Ok(number.into())
    })
}

/// Closes a simulator; ignores a number that is not open.
#[wasm_bindgen(js_name = simulatorClose)]
pub fn simulator_close(number: u32) {
    OPEN.with_borrow_mut(|open| open.remove(&number));
}

/// Returns `{ clientId, clientSecret, scopes, createdOn, organisation }`.
#[wasm_bindgen(js_name = simulatorConnection)]
pub fn simulator_connection(number: u32) -> JsValue {
    with(number, |simulator| {
        let config = simulator.config();
        write(&Connection {
            client_id: &config.client_id,
            client_secret: config.client_secret.reveal(),
            scopes: config.scopes.names().collect(),
            created_on: config.created_on.to_string(),
            organisation: &config.organisation,
        })
    })
}

/// Responds to a request: `{ status, headers: [name, value][], body: Uint8Array }`, with `spoil` if a fault changes its
/// delivery, or `{ ticket, input }` if `input` has to be signed first. `headers` is a list of pairs, `now` is in
/// milliseconds since the epoch. It is refused if `now` is no instant.
#[wasm_bindgen(js_name = simulatorHandle)]
pub fn simulator_handle(number: u32, method: &str, target: &str, headers: JsValue, body: &[u8], now: f64) -> JsValue {
    with(number, |simulator| {
        let now = Timestamp::from_js(now).ok_or_else(|| invalid("the option now returned no instant"))?;
        let request = HttpRequest {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: read(headers)?,
            body: body.to_vec(),
        };
        Ok(match simulator.handle(&request, now) {
            Reply::Respond(response) => of_response(&response, None),
            Reply::Spoil { transport, response } => of_response(&response, Some(transport.as_str())),
            Reply::Sign { ticket, input } => {
                let ticket = u32::try_from(ticket)
                    .map_err(|_| Error::new(Code::Trapped, "the simulator has no more tickets: create a new one"))?;
                object(&[("ticket", ticket.into()), ("input", input.into())])
            }
        })
    })
}

/// Finishes a token request with the signature of its input, base64url; responds like `simulatorHandle`.
#[wasm_bindgen(js_name = simulatorSigned)]
pub fn simulator_signed(number: u32, ticket: u32, signature: &str) -> JsValue {
    with(number, |simulator| Ok(of_response(&simulator.signed(ticket.into(), signature), None)))
}

/// Sets the public key of the signatures: modulus and exponent, base64url, and its id.
#[wasm_bindgen(js_name = simulatorSetJwk)]
pub fn simulator_set_jwk(number: u32, n: &str, e: &str, kid: &str) -> JsValue {
    with(number, |simulator| {
        simulator.set_jwk(n, e, kid);
        Ok(JsValue::UNDEFINED)
    })
}

/// Sets the address under which it can be reached. It is refused if that is no base URL.
#[wasm_bindgen(js_name = simulatorSetBaseUrl)]
pub fn simulator_set_base_url(number: u32, url: &str) -> JsValue {
    with(number, |simulator| simulator.set_base_url(url).map(|()| JsValue::UNDEFINED))
}

/// Sets the number of API calls that are in flight besides the next.
#[wasm_bindgen(js_name = simulatorSetInFlight)]
pub fn simulator_set_in_flight(number: u32, calls: u32) -> JsValue {
    with(number, |simulator| {
        simulator.set_in_flight(calls);
        Ok(JsValue::UNDEFINED)
    })
}

/// Changes the connection: `edit` with the scopes that it is to have, `authorise` or `reset`; an empty `change` leaves it
/// as it is. Returns the state, as in [`ConnectionState::as_str`]. It is refused for scopes that the connection cannot have.
#[wasm_bindgen(js_name = simulatorChange)]
pub fn simulator_change(number: u32, change: &str, scopes: &str) -> JsValue {
    with(number, |simulator| {
        match change {
            "edit" => simulator.edit(ScopeSet::from_scope_param(scopes))?,
            "authorise" => simulator.authorise(),
            "reset" => simulator.reset(),
            _ => {}
        }
        Ok(simulator.state().as_str().into())
    })
}

/// Adds a fault rule and returns its number. It is refused if the rule cannot be read.
#[wasm_bindgen(js_name = simulatorAddFault)]
pub fn simulator_add_fault(number: u32, rule: &str) -> JsValue {
    with(number, |simulator| Ok(simulator.add_fault(FaultRule::parse(rule)?).into()))
}

/// Removes a fault rule.
#[wasm_bindgen(js_name = simulatorRemoveFault)]
pub fn simulator_remove_fault(number: u32, fault: u32) -> JsValue {
    with(number, |simulator| {
        simulator.remove_fault(fault);
        Ok(JsValue::UNDEFINED)
    })
}

/// Returns `{ tokenRequests, apiRequests, refusals, faults }`.
#[wasm_bindgen(js_name = simulatorCounts)]
pub fn simulator_counts(number: u32) -> JsValue {
    with(number, |simulator| {
        let counts = simulator.counts();
        #[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^53 requests")]
        let number = |count: u64| JsValue::from(count as f64);
        Ok(object(&[
            ("tokenRequests", number(counts.token_requests)),
            ("apiRequests", number(counts.api_requests)),
            ("refusals", number(counts.refusals)),
            ("faults", number(counts.faults)),
        ]))
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
    let day = |name: &str, text: &str| {
        Date::parse(text)
            .ok_or_else(|| invalid(format!("{name} is not a day written YYYY-MM-DD: {}", quoted(text, 40))))
    };
    let mut config = SimulatorConfig::new(options.seed.unwrap_or(1), day("today", &options.today)?);
    if let Some(id) = options.client_id {
        config.client_id = id;
    }
    if let Some(secret) = options.client_secret {
        config.client_secret = Secret::new(secret);
    }
    if let Some(scopes) = options.scopes {
        config.scopes = ScopeSet::from_scope_param(&scopes);
    }
    if let Some(text) = options.created_on {
        config.created_on = day("createdOn", &text)?;
    }
    if let Some(name) = options.organisation {
        config.organisation = name;
    }
    if let Some(text) = options.country {
        config.country = Country::parse(&text).ok_or_else(|| {
            invalid(format!(
                "country must be {}, not {}",
                Country::ALL.map(Country::code).join(", "),
                quoted(&text, 40)
            ))
        })?;
    }
    if let Some(count) = options.invoices {
        config.invoices = usize::try_from(count).unwrap_or(usize::MAX);
    }
    if let Some(ms) = options.token_lifetime_ms {
        if !ms.is_multiple_of(1_000) {
            return Err(invalid(format!("tokenLifetimeMs has to be whole seconds, such as 1800000, not {ms}")));
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
        config.state = ConnectionState::Unauthorised;
    }
    match options.invalid_client_status {
        None | Some(400) => {}
        Some(401) => config.invalid_client_is_401 = true,
        Some(other) => return Err(invalid(format!("invalidClientStatus is neither 400 nor 401: {other}"))),
    }
    Ok(config)
}

/// Does something with an open simulator and returns its value, or `{ fault }`.
fn with(number: u32, act: impl FnOnce(&mut Simulator) -> Result<JsValue, Error>) -> JsValue {
    OPEN.with_borrow_mut(|open| {
        value(|| act(open.get_mut(&number).ok_or_else(|| Error::new(Code::Closed, "the local Xero is closed"))?))
    })
}

fn of_response(response: &HttpResponse, spoil: Option<&str>) -> JsValue {
    let pair = |(name, value): &(String, String)| Array::of2(&name.into(), &value.into());
    let headers: Array = response.headers.iter().map(pair).collect();
    object(&[
        ("status", response.status.into()),
        ("headers", headers.into()),
        ("body", Uint8Array::from(response.body.as_slice()).into()),
        ("spoil", spoil.into()),
    ])
}

fn object(members: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        // Setting a member of a plain object cannot fail.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}
