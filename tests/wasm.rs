//! The bindings, as wasm in Node.
#![cfg(all(target_arch = "wasm32", any(feature = "wasm", feature = "wasm-simulator")))]

use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn the_module_knows_the_version() {
    assert_eq!(xero_m2m::wasm::version(), env!("CARGO_PKG_VERSION"));
}
