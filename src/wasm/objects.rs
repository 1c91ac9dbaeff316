//! Objects of JavaScript, for the module of the vault: read by the names of their members, and made from them.

use js_sys::{Array, JSON};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::error::{Code, Error};
use crate::secret::Secret;
use crate::shared::exchange::Read;
use crate::time::Timestamp;
use crate::token::answer::Member;

#[wasm_bindgen]
extern "C" {
    /// An object that is known to be one.
    #[wasm_bindgen(js_name = Object)]
    pub(super) type PlainObject;

    #[wasm_bindgen(constructor, js_class = "Object")]
    fn new() -> PlainObject;

    #[wasm_bindgen(method, structural, indexing_getter, js_class = "Object")]
    fn get(this: &PlainObject, name: &str) -> JsValue;

    #[wasm_bindgen(method, structural, indexing_setter, js_class = "Object")]
    fn set(this: &PlainObject, name: &str, value: &JsValue);
}

/// An object that is made.
pub(super) struct Object(PlainObject);

impl Object {
    pub(super) fn new() -> Self {
        Self(PlainObject::new())
    }

    pub(super) fn put(&self, name: &str, value: impl Into<JsValue>) {
        self.0.set(name, &value.into());
    }

    pub(super) fn put_at(&self, name: &str, at: Timestamp) {
        self.put(name, at.as_js());
    }

    /// The members of an error: those of `XeroErrorDetails`.
    pub(super) fn of_error(error: &Error) -> JsValue {
        let details = Self::new();
        let code = error.code();
        details.put("code", code.as_str());
        details.put("blame", code.blame().as_str());
        details.put("retryable", error.retryable());
        details.put("message", error.message());
        if let Some(at) = error.earliest_retry() {
            details.put_at("retryAt", at);
        }
        if let Some(rule) = error.rule() {
            details.put("rule", rule);
        }
        details.done()
    }

    pub(super) fn done(self) -> JsValue {
        self.0.into()
    }
}

/// An object that is read.
pub(super) struct Members<'a>(&'a PlainObject);

impl<'a> Members<'a> {
    pub(super) fn of(value: &'a JsValue) -> Self {
        Self(value.unchecked_ref())
    }

    pub(super) fn optional_text(&self, name: &str) -> Option<String> {
        self.0.get(name).as_string()
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.optional_text(name).unwrap_or_default()
    }

    pub(super) fn optional_number(&self, name: &str) -> Option<f64> {
        self.0.get(name).as_f64()
    }

    pub(super) fn number(&self, name: &str) -> f64 {
        self.optional_number(name).unwrap_or_default()
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.0.get(name).is_truthy()
    }

    /// The code of an error; `offline` if there is none.
    pub(super) fn code(&self, name: &str) -> Code {
        let text = self.text(name);
        Code::ALL.iter().copied().find(|code| code.as_str() == text).unwrap_or(Code::Offline)
    }
}

/// One value for a result: the value, or `{ fault }` with the members of a `XeroError`. Nothing is thrown, so that an exception is
/// always a trap.
pub(super) fn value(result: Result<JsValue, Error>) -> JsValue {
    result.unwrap_or_else(|error| {
        let refused = Object::new();
        refused.put("fault", Object::of_error(&error));
        refused.done()
    })
}

/// A text of JavaScript.
pub(super) fn text(value: &JsValue) -> String {
    value.as_string().unwrap_or_default()
}

/// Parses JSON, and calls `visit` for the object of a text, or for each object of its array.
pub(super) fn each(json: &str, visit: &mut dyn FnMut(Read<'_>)) {
    let Ok(value) = JSON::parse(json) else { return };
    let list = if Array::is_array(&value) { Array::from(&value) } else { Array::of1(&value) };
    for object in list.iter().filter(JsValue::is_object) {
        let object: &PlainObject = object.unchecked_ref();
        visit(&|name| member(&object.get(name)));
    }
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
