//! Plain objects of JavaScript. Members are got and set as `object[name]` does, in the type that is wanted: `Reflect` takes three
//! times as long, because it may throw, and more glue.

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    /// An object that is known to be one.
    #[wasm_bindgen(js_name = Object)]
    pub(super) type Plain;

    #[wasm_bindgen(constructor, js_class = "Object")]
    pub(super) fn new() -> Plain;

    #[wasm_bindgen(method, structural, indexing_getter, js_class = "Object")]
    pub(super) fn get(this: &Plain, name: &JsValue) -> JsValue;

    /// NaN for a member that is absent.
    #[cfg(feature = "wasm")]
    #[wasm_bindgen(method, structural, indexing_getter, js_class = "Object")]
    pub(super) fn number(this: &Plain, name: &JsValue) -> f64;

    #[cfg(feature = "wasm")]
    #[wasm_bindgen(method, structural, indexing_getter, js_class = "Object")]
    pub(super) fn text(this: &Plain, name: &JsValue) -> Option<String>;

    #[cfg(feature = "wasm")]
    #[wasm_bindgen(method, structural, indexing_setter, js_class = "Object")]
    pub(super) fn set(this: &Plain, name: &JsValue, value: &JsValue);
}
