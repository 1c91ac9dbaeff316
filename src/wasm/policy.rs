//! Bindings of what people who look after scopes need: no secret, no state.

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::scope;

/// The scopes in a text that somebody pasted: [`scope::Parsed`] as an object.
///
/// # Errors
/// None in fact: every text can be read, and its result converted.
#[wasm_bindgen(js_name = parseScopes)]
pub fn parse_scopes(text: &str) -> Result<JsValue, JsValue> {
    Ok(serde_wasm_bindgen::to_value(&scope::parse(text))?)
}
