//! Bindings of the [simulator](crate::simulator): small synchronous functions over a number that stands for one.
//!
//! An export returns its value, or `{ fault }` with an error: that the number is not open, or the reason named below.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use js_sys::{Array, Object, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::protocol::{invalid, read, value, write};
use super::simulator_options::{ConsentOption, SimulatorOptions};
use crate::error::{Code, Error};
use crate::scope::ScopeSet;
use crate::simulator::fault::FaultRule;
use crate::simulator::{
    HttpRequest, HttpResponse, Reply, SimulatedOrganisation, Simulator, WebhookDelivery, WebhookStep,
};
use crate::time::Timestamp;

/// The types that the declarations of the exports name.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
import type { Refused } from "../shared/module.js";
import type { Apps, Handled, HeaderPairs, Opening, Passage } from "../simulator/door.js";
import type { Explained } from "../simulator/log.js";
import type { SimulatorConsent, SimulatorCounts, SimulatorState, SimulatorWebhooks } from "../simulator/types.js";
import type { WebhookStep } from "../simulator/webhooks.js";
"#;

thread_local! {
    static OPEN: RefCell<BTreeMap<u32, Simulator>> = const { RefCell::new(BTreeMap::new()) };
    static LAST: Cell<u32> = const { Cell::new(0) };
}

/// The parts of a local Xero that clients need.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConnectionView<'a> {
    client_id: &'a str,
    client_secret: &'a str,
    scopes: Vec<&'a str>,
    created_on: String,
    organisations: Vec<OrganisationFacts>,
    web_id: &'a str,
    web_secret: &'a str,
    pkce_id: &'a str,
    vault_key: &'a str,
    webhook_key: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OrganisationFacts {
    id: String,
    name: String,
    subscription_id: String,
}

impl From<SimulatedOrganisation> for OrganisationFacts {
    fn from(SimulatedOrganisation { id, name, subscription_id }: SimulatedOrganisation) -> Self {
        Self { id, name, subscription_id }
    }
}

/// Opens a simulator and returns its number. It is refused if an option cannot be read or no such connection can exist.
#[wasm_bindgen(js_name = simulatorOpen, unchecked_return_type = "number | Refused")]
pub fn simulator_open(#[wasm_bindgen(unchecked_param_type = "Opening")] options: JsValue) -> JsValue {
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

/// Returns `{ clientId, clientSecret, scopes, createdOn, organisations: { id, name, subscriptionId }[], webId, webSecret, pkceId, vaultKey, webhookKey? }`.
#[wasm_bindgen(js_name = simulatorConnection, unchecked_return_type = "Apps | Refused")]
pub fn simulator_connection(number: u32) -> JsValue {
    with(number, |simulator| {
        let config = simulator.config();
        write(&ConnectionView {
            client_id: &config.client_id,
            client_secret: config.client_secret.reveal(),
            scopes: config.scopes.names().collect(),
            created_on: config.created_on.to_string(),
            organisations: simulator.organisations().map(OrganisationFacts::from).collect(),
            web_id: &config.apps.web_id,
            web_secret: config.apps.web_secret.reveal(),
            pkce_id: &config.apps.pkce_id,
            vault_key: config.apps.vault_key.reveal(),
            webhook_key: simulator.webhook().map(|(_, key)| key),
        })
    })
}

/// Responds to a request: `{ status, headers: [name, value][], body: Uint8Array }`, with `spoil` if a fault changes its
/// delivery and `limits`, a number, if it was checked against limits; or `{ ticket, input }` if `input` has to be signed
/// first. `headers` is a list of pairs, `now` is in milliseconds since the epoch. It is refused if `now` is no instant.
#[wasm_bindgen(js_name = simulatorHandle, unchecked_return_type = "Handled | Refused")]
pub fn simulator_handle(
    number: u32,
    method: &str,
    target: &str,
    #[wasm_bindgen(unchecked_param_type = "HeaderPairs")] headers: JsValue,
    body: &[u8],
    now: f64,
) -> JsValue {
    with(number, |simulator| {
        let now = Timestamp::from_js(now).ok_or_else(|| invalid("the option now returned no instant"))?;
        let request = HttpRequest {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: read(headers)?,
            body: body.to_vec(),
        };
        let reply = simulator.handle(&request, now);
        of_reply(reply, simulator.last_limits())
    })
}

/// Goes on with a token request with the signature of its input, base64url; responds like `simulatorHandle`.
#[wasm_bindgen(js_name = simulatorSigned, unchecked_return_type = "Handled | Refused")]
pub fn simulator_signed(number: u32, ticket: u32, signature: &str) -> JsValue {
    with(number, |simulator| of_reply(simulator.signed(ticket.into(), signature), None))
}

/// Explains the response to the request that was handled last: `{ operation?, scopes, refused? }`. `headers` has those of the
/// request, `answered` those of the response; the body matters only to a refusal.
#[wasm_bindgen(js_name = simulatorExplain, unchecked_return_type = "Explained | Refused")]
pub fn simulator_explain(
    number: u32,
    method: &str,
    target: &str,
    #[wasm_bindgen(unchecked_param_type = "HeaderPairs")] headers: JsValue,
    status: u16,
    #[wasm_bindgen(unchecked_param_type = "HeaderPairs")] answered: JsValue,
    body: &[u8],
) -> JsValue {
    with(number, |simulator| {
        let request = HttpRequest {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: read(headers)?,
            body: Vec::new(),
        };
        let response = HttpResponse { status, headers: read(answered)?, body: body.to_vec() };
        let explanation = simulator.explain(&request, &response);
        Ok(object(&[
            ("operation", explanation.operation.into()),
            ("scopes", explanation.scopes.into_iter().map(JsValue::from).collect::<Array>().into()),
            ("refused", explanation.refused.into()),
        ]))
    })
}

/// Sets the public key of the signatures: modulus and exponent, base64url, and its id.
#[wasm_bindgen(js_name = simulatorSetJwk, unchecked_return_type = "undefined | Refused")]
pub fn simulator_set_jwk(number: u32, n: &str, e: &str, kid: &str) -> JsValue {
    with(number, |simulator| {
        simulator.set_jwk(n, e, kid);
        Ok(JsValue::UNDEFINED)
    })
}

/// Sets the address under which it can be reached. It is refused if that is no base URL.
#[wasm_bindgen(js_name = simulatorSetBaseUrl, unchecked_return_type = "undefined | Refused")]
pub fn simulator_set_base_url(number: u32, url: &str) -> JsValue {
    with(number, |simulator| simulator.set_base_url(url).map(|()| JsValue::UNDEFINED))
}

/// Sets the number of API calls that are in flight within the limits of this number, besides the next.
#[wasm_bindgen(js_name = simulatorSetInFlight, unchecked_return_type = "undefined | Refused")]
pub fn simulator_set_in_flight(number: u32, limits: u32, calls: u32) -> JsValue {
    with(number, |simulator| {
        simulator.set_in_flight(usize::try_from(limits).unwrap_or(usize::MAX), calls);
        Ok(JsValue::UNDEFINED)
    })
}

/// Changes the connection: `edit` with the scopes that it is to have, `authorise` or `reset`; an empty `change` leaves it
/// as it is. Returns the state, as in [`ConnectionState::as_str`]. It is refused for scopes that the connection cannot have.
#[wasm_bindgen(js_name = simulatorChange, unchecked_return_type = "SimulatorState | Refused")]
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

/// Returns the books of the first organisation, as JSON.
#[wasm_bindgen(js_name = simulatorDump, unchecked_return_type = "string | Refused")]
pub fn simulator_dump(number: u32) -> JsValue {
    with(number, |simulator| Ok(simulator.dump().into()))
}

/// Sets the answer of users, in the form of the option `consent`. It is refused for a user or an organisation that there
/// is not.
#[wasm_bindgen(js_name = simulatorConsent, unchecked_return_type = "undefined | Refused")]
pub fn simulator_consent(
    number: u32,
    #[wasm_bindgen(unchecked_param_type = "SimulatorConsent")] consent: JsValue,
) -> JsValue {
    with(number, |simulator| {
        simulator.set_consent(read::<ConsentOption>(consent)?.consent()?)?;
        Ok(JsValue::UNDEFINED)
    })
}

/// Returns what the host is to do for the webhook: `{ number, url, body, signature }` to send, `{ until }` to ask again at that
/// time, or `{}` to ask again after the next request.
#[wasm_bindgen(js_name = simulatorWebhookStep, unchecked_return_type = "WebhookStep | Refused")]
pub fn simulator_webhook_step(number: u32, now: f64) -> JsValue {
    with(number, |simulator| {
        let now = Timestamp::from_js(now).ok_or_else(|| invalid("the option now returned no instant"))?;
        Ok(match simulator.webhook_step(now) {
            WebhookStep::Send(WebhookDelivery { number, url, body, signature }) => object(&[
                ("number", JsValue::from(u32::try_from(number).unwrap_or(u32::MAX))),
                ("url", url.into()),
                ("body", body.into()),
                ("signature", signature.into()),
            ]),
            WebhookStep::WaitUntil(at) => object(&[("until", at.as_js().into())]),
            WebhookStep::Wait => object(&[]),
        })
    })
}

/// Takes the status of the answer to a delivery; `undefined` if there was none in time.
#[wasm_bindgen(js_name = simulatorWebhookAnswered, unchecked_return_type = "undefined | Refused")]
pub fn simulator_webhook_answered(number: u32, delivery: u32, status: Option<u16>, now: f64) -> JsValue {
    with(number, |simulator| {
        let now = Timestamp::from_js(now).ok_or_else(|| invalid("the option now returned no instant"))?;
        simulator.webhook_answered(delivery.into(), status, now);
        Ok(JsValue::UNDEFINED)
    })
}

/// Returns the state of the webhook, as in [`WebhookState::as_str`](crate::simulator::WebhookState::as_str), or `undefined`
/// without one. With `validate` the address is asked for its intent to receive again.
#[wasm_bindgen(js_name = simulatorWebhookState, unchecked_return_type = "SimulatorWebhooks['state'] | undefined | Refused")]
pub fn simulator_webhook_state(number: u32, validate: bool) -> JsValue {
    with(number, |simulator| {
        if validate {
            simulator.validate_webhook();
        }
        Ok(simulator.webhook().map(|(state, _)| state.as_str()).into())
    })
}

/// Adds a fault rule and returns its number. It is refused if the rule cannot be read.
#[wasm_bindgen(js_name = simulatorAddFault, unchecked_return_type = "number | Refused")]
pub fn simulator_add_fault(number: u32, rule: &str) -> JsValue {
    with(number, |simulator| Ok(simulator.add_fault(FaultRule::parse(rule)?).into()))
}

/// Removes a fault rule.
#[wasm_bindgen(js_name = simulatorRemoveFault, unchecked_return_type = "undefined | Refused")]
pub fn simulator_remove_fault(number: u32, fault: u32) -> JsValue {
    with(number, |simulator| {
        simulator.remove_fault(fault);
        Ok(JsValue::UNDEFINED)
    })
}

/// Returns `{ tokenRequests, apiRequests, refusals, faults }`.
#[wasm_bindgen(js_name = simulatorCounts, unchecked_return_type = "SimulatorCounts | Refused")]
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

fn opened(mut options: SimulatorOptions) -> Result<Simulator, Error> {
    let faults = options.faults.take().unwrap_or_default();
    let mut simulator = Simulator::new(options.config()?)?;
    for rule in faults {
        let of_option = |error: Error| Error::new(error.code(), format!("faults: {}", error.message()));
        simulator.add_fault(FaultRule::parse(&rule).map_err(of_option)?);
    }
    Ok(simulator)
}

/// Does something with an open simulator and returns its value, or `{ fault }`.
fn with(number: u32, act: impl FnOnce(&mut Simulator) -> Result<JsValue, Error>) -> JsValue {
    OPEN.with_borrow_mut(|open| {
        value(|| act(open.get_mut(&number).ok_or_else(|| Error::new(Code::Closed, "the local Xero is closed"))?))
    })
}

fn of_reply(reply: Reply, limits: Option<usize>) -> Result<JsValue, Error> {
    match reply {
        Reply::Respond(response) => Ok(of_response(&response, None, limits)),
        Reply::Spoil { transport, response } => Ok(of_response(&response, Some(transport.as_str()), limits)),
        Reply::Sign { ticket, input } => {
            let ticket = u32::try_from(ticket)
                .map_err(|_| Error::new(Code::Trapped, "the simulator has no more tickets: create a new one"))?;
            Ok(object(&[("ticket", ticket.into()), ("input", input.into())]))
        }
    }
}

fn of_response(response: &HttpResponse, spoil: Option<&str>, limits: Option<usize>) -> JsValue {
    let pair = |(name, value): &(String, String)| Array::of2(&name.into(), &value.into());
    let headers: Array = response.headers.iter().map(pair).collect();
    object(&[
        ("status", response.status.into()),
        ("headers", headers.into()),
        ("body", Uint8Array::from(response.body.as_slice()).into()),
        ("spoil", spoil.into()),
        ("limits", limits.into()),
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
