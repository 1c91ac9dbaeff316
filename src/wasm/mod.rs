//! The bindings: the only place that names JavaScript.
//!
//! Every export is a small synchronous function that reads, calls the core and writes. State lives in a table
//! and crosses as a number, never as a class: a number of an instance that was replaced after a trap is refused, while
//! a pointer into it would read somebody else's memory.

#[cfg(feature = "wasm")]
pub mod call;
#[cfg(feature = "wasm")]
pub mod client;
#[cfg(feature = "wasm-shared")]
pub mod fleet;
#[cfg(feature = "gloo")]
pub mod gloo;
#[cfg(feature = "wasm-shared")]
pub mod kind;
#[cfg(feature = "wasm-shared")]
pub mod login;
#[cfg(any(feature = "wasm", feature = "wasm-record", feature = "wasm-shared"))]
pub mod memory;
#[cfg(any(feature = "wasm", feature = "wasm-shared"))]
mod numbered;
#[cfg(feature = "wasm-policy")]
pub mod policy;
#[cfg(any(feature = "wasm-policy", feature = "wasm-simulator"))]
mod protocol;
#[cfg(feature = "wasm-record")]
pub mod record;
#[cfg(feature = "wasm-simulator")]
pub mod simulator;
#[cfg(feature = "wasm-simulator")]
mod simulator_options;
#[cfg(feature = "wasm-simulator")]
pub mod simulator_proxy;
#[cfg(feature = "wasm")]
mod table;
#[cfg(feature = "wasm-policy")]
pub mod usage;
#[cfg(feature = "wasm-shared")]
pub mod vault;

/// Smaller than the usual one, and as good for a few connections: what a service loads has to be light.
#[cfg(all(any(feature = "wasm", feature = "wasm-record", feature = "wasm-shared"), target_arch = "wasm32"))]
#[global_allocator]
static MEMORY: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// The version of this crate, which is that of the npm package.
#[cfg(any(feature = "wasm-policy", feature = "wasm-simulator"))]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
