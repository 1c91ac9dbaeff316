//! JavaScript bindings: the only place that names JavaScript.

#[cfg(feature = "wasm-simulator")]
pub mod simulator;
