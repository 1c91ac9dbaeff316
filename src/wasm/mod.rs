//! JavaScript bindings: the only place that names JavaScript.

use wasm_bindgen::prelude::wasm_bindgen;

/// The version of this crate, which is that of the npm package.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
