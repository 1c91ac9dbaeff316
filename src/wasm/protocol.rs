//! The protocol of the modules for policy and simulator, the same as that of the client's module: an export returns its
//! value, or `{ fault }` with the members of a `XeroError`. It throws nothing, so that an exception is always a trap.

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use crate::error::{Code, Error};

/// The members of a `XeroError`.
#[derive(Serialize)]
struct Fault<'a> {
    code: &'a str,
    blame: &'a str,
    retryable: bool,
    message: &'a str,
}

/// The value of an export that was refused.
#[derive(Serialize)]
struct Refused<'a> {
    fault: Fault<'a>,
}

/// Returns the value of `act`, or `{ fault }`.
pub(super) fn value(act: impl FnOnce() -> Result<JsValue, Error>) -> JsValue {
    act().unwrap_or_else(|error| {
        let (code, message) = (error.code(), error.message());
        let fault = Fault { code: code.as_str(), blame: code.blame().as_str(), retryable: error.retryable(), message };
        // Texts and a boolean can be written.
        write(&Refused { fault }).unwrap_or(JsValue::UNDEFINED)
    })
}

/// Returns `value` as plain objects and lists of JavaScript.
pub(super) fn write<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, Error> {
    serde_wasm_bindgen::to_value(value).map_err(|error| {
        Error::new(Code::Trapped, format!("the result cannot be written: {error}; please report this"))
    })
}

/// Reads an argument whose types the facade has checked.
pub(super) fn read<T: DeserializeOwned>(argument: JsValue) -> Result<T, Error> {
    serde_wasm_bindgen::from_value(argument)
        .map_err(|error| Error::new(Code::InvalidOption, format!("an option cannot be read: {error}")))
}

/// Returns the error for an argument that cannot be used.
pub(super) fn invalid(message: impl Into<String>) -> Error {
    Error::new(Code::InvalidOption, message)
}
