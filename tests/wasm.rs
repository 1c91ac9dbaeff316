//! Runs the native suites again, with the core compiled to wasm, in Node.
//!
//! The random walks run natively only: they take long, and test the same Rust code.
#![cfg(all(target_arch = "wasm32", feature = "wasm"))]
#![expect(clippy::arithmetic_side_effects, reason = "a test may panic")]
#![expect(clippy::duplicate_mod, reason = "each suite brings what it shares with others")]

#[cfg(test)]
#[path = "api_answers.rs"]
mod api_answers;
#[cfg(test)]
#[path = "call.rs"]
mod call;
#[cfg(test)]
#[path = "code.rs"]
mod code;
#[cfg(test)]
#[path = "limits.rs"]
mod limits;
#[cfg(test)]
#[path = "login.rs"]
mod login;
#[cfg(test)]
#[path = "policy.rs"]
mod policy;
#[cfg(test)]
#[path = "request.rs"]
mod request;
#[cfg(test)]
#[path = "resolve.rs"]
mod resolve;
#[cfg(test)]
#[path = "review.rs"]
mod review;
#[cfg(test)]
#[path = "scope.rs"]
mod scope;
#[cfg(test)]
#[path = "token_answers.rs"]
mod token_answers;
#[cfg(test)]
#[path = "token_lifecycle.rs"]
mod token_lifecycle;
#[cfg(test)]
#[path = "usage.rs"]
mod usage;

use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn the_module_knows_the_version() {
    assert_eq!(xero_m2m::wasm::version(), env!("CARGO_PKG_VERSION"));
}
