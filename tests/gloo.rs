//! The async client for Rust programs on wasm, in Node and in a browser.
#![cfg(all(target_arch = "wasm32", feature = "gloo"))]

use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn the_module_knows_the_version() {
    assert_eq!(xero_m2m::wasm::version(), env!("CARGO_PKG_VERSION"));
}
