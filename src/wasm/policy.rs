//! Bindings of what people who look after scopes need: no secret, no state.
//!
//! What is thrown is a text that says which argument cannot be read; the facade makes a `XeroError` of it.

#![expect(clippy::needless_pass_by_value, reason = "wasm-bindgen hands lists over")]

use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::policy::{self, ConnectionFacts, Region};
use crate::resolve::{Resolved, resolve_all};
use crate::scope::{self, ScopeSet};
use crate::time::Date;

/// The scopes in a text that somebody pasted: [`scope::Parsed`] as an object.
///
/// # Errors
/// None in fact: every text can be read, and its result converted.
#[wasm_bindgen(js_name = parseScopes)]
pub fn parse_scopes(text: &str) -> Result<JsValue, JsValue> {
    give(&scope::parse(text))
}

/// What the calls in some texts require: [`policy::Required`] as an object.
///
/// # Errors
/// None in fact, as for [`parse_scopes`].
#[wasm_bindgen(js_name = requiredScopes)]
pub fn required_scopes(calls: Vec<String>) -> Result<JsValue, JsValue> {
    give(&policy::required(resolved(&calls)))
}

/// Whether scopes allow the calls in some texts: [`policy::Check`] as an object.
///
/// # Errors
/// If a day or the region cannot be read.
#[wasm_bindgen(js_name = checkScopes)]
pub fn check_scopes(scopes: &str, calls: Vec<String>, connection: JsValue, on: &str) -> Result<JsValue, JsValue> {
    let (connection, on) = (facts(connection)?, day("on", on)?);
    give(&policy::check(&set(scopes), resolved(&calls), &connection, on))
}

/// What the rules say of a connection: [`policy::Assessment`] as an object.
///
/// # Errors
/// If a day or the region cannot be read.
#[wasm_bindgen]
pub fn assess(scopes: &str, connection: JsValue, on: &str) -> Result<JsValue, JsValue> {
    let (connection, on) = (facts(connection)?, day("on", on)?);
    give(&policy::assess(&set(scopes), &connection, on))
}

/// How to get from some scopes to others: [`policy::Plan`] as an object.
///
/// # Errors
/// If a day or the region cannot be read.
#[wasm_bindgen(js_name = planChange)]
pub fn plan_change(from: &str, to: &str, connection: JsValue, on: &str) -> Result<JsValue, JsValue> {
    let (connection, on) = (facts(connection)?, day("on", on)?);
    give(&policy::plan(&connection, &set(from), &set(to), on))
}

/// The whole catalogue: [`policy::Listing`] as an object.
///
/// # Errors
/// None in fact.
#[wasm_bindgen]
pub fn catalogue() -> Result<JsValue, JsValue> {
    give(&policy::listing())
}

/// What the facade passes on of a connection; it has checked the types.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connection {
    created_on: Option<String>,
    region: Option<String>,
    demo: Option<bool>,
    organisations: Option<u32>,
    authorising_user: Option<String>,
}

fn facts(connection: JsValue) -> Result<ConnectionFacts, JsValue> {
    let Connection { created_on, region, demo, organisations, authorising_user } =
        serde_wasm_bindgen::from_value(connection)?;
    Ok(ConnectionFacts {
        created_on: created_on.map(|text| day("createdOn", &text)).transpose()?,
        region: region
            .map(|text| Region::parse(&text).ok_or("region is none of AU, NZ, UK, US and other"))
            .transpose()?,
        demo,
        organisations,
        authorising_user,
    })
}

fn day(what: &str, text: &str) -> Result<Date, JsValue> {
    Date::parse(text).ok_or_else(|| format!("{what} is not a day written as YYYY-MM-DD").into())
}

fn set(scopes: &str) -> ScopeSet {
    scope::parse(scopes).set
}

fn resolved(calls: &[String]) -> Resolved {
    resolve_all(calls.iter().map(String::as_str))
}

fn give<T: Serialize>(answer: &T) -> Result<JsValue, JsValue> {
    Ok(serde_wasm_bindgen::to_value(answer)?)
}
