//! The rest of what a service calls: its connections by number, and questions that need no machine.

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::convert::{self, Members, text};
use super::{json, table};
use crate::call::wire::{self, SECRET_MS, Value};
use crate::call::{Machine, outcome};
use crate::catalogue;
use crate::connection::Connection;
use crate::request::{self, Pages};

/// Makes a connection and returns its number. `options` is `CoreOptions` of `pkg/src/client/actions.ts`, read by name.
#[wasm_bindgen]
pub fn open(options: &JsValue) -> JsValue {
    let make = || {
        let (options, config) = wire::options(&Members(options))?;
        let seed = options.seed;
        Ok(table::put(Machine::new(Connection::new(options)?, config, json::parse, seed)).into())
    };
    convert::value(make())
}

/// See [`SECRET_MS`].
#[wasm_bindgen(js_name = secretMs)]
#[expect(clippy::cast_precision_loss, reason = "a minute")]
pub fn secret_ms() -> f64 {
    SECRET_MS as f64
}

/// Refuses a header that may not be set. Returns whether it is sent.
#[wasm_bindgen(js_name = checkHeader)]
pub fn check_header(name: &JsValue, value: &JsValue) -> JsValue {
    convert::value(request::check_header(&text(name), &text(value)).map(JsValue::from))
}

/// Checks that the code of a failed request, such as `ECONNREFUSED`, means that nothing was sent.
#[wasm_bindgen(js_name = isUnsent)]
pub fn is_unsent(code: &JsValue) -> bool {
    outcome::is_unsent(&text(code))
}

/// The way in which the answers to a GET of `input` are split: `{ by, size? }`; `undefined` if they are not.
#[wasm_bindgen]
pub fn paging(number: u32, input: &JsValue) -> JsValue {
    table::with(number, |held| {
        let connection = held.machine.connection();
        let call = connection.read("GET", &text(input))?;
        connection.check(&call)?;
        let pages = call.route.operation().and_then(request::pages);
        Ok(pages.map_or(JsValue::UNDEFINED, |Pages { by, size }| {
            convert::object(|put| {
                put("by", Value::Word(by));
                if let Some((name, most)) = size {
                    let size = |put: wire::Put<'_>| {
                        put("name", Value::Word(name));
                        put("most", Value::Number(most.into()));
                    };
                    put("size", Value::Object(&size));
                }
            })
        }))
    })
}

/// The version of the catalogue: a day.
#[wasm_bindgen(js_name = catalogueVersion)]
pub fn catalogue_version() -> JsValue {
    catalogue::VERSION.into()
}
