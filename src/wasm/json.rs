//! The host's JSON parser, for the core.

use js_sys::{Array, JSON};
use wasm_bindgen::{JsCast as _, JsValue};

use super::plain::Plain;

use crate::secret::Secret;
use crate::token::answer::{Body, Member};

/// Reads an object, so that no parser has to be shipped.
pub(super) fn parse(text: &str) -> Option<Body> {
    let object = JSON::parse(text).ok().filter(JsValue::is_object)?;
    let object: &Plain = object.unchecked_ref();
    Some(Body::read(|name| member(&object.get(&name.into()))))
}

fn member(value: &JsValue) -> Member {
    if value.is_undefined() {
        Member::Absent
    } else if let Some(text) = value.as_string() {
        Member::Text(Secret::new(text))
    } else if let Some(number) = value.as_f64() {
        Member::Number(number)
    } else if Array::is_array(value) {
        let names: Option<_> = Array::from(value).iter().map(|item| item.as_string()).collect();
        names.map_or(Member::Other, Member::List)
    } else {
        Member::Other
    }
}
