//! Between the values of the core and those of JavaScript.
//!
//! By hand, with `Reflect`: for the few shapes that the client needs, `serde-wasm-bindgen` weighs more than half of
//! the code beside it. `cargo xtask bench` prints what the module weighs.

use std::cell::RefCell;

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::JsValue;

use crate::call;
use crate::call::wire::{self, Given, Put, Value};
use crate::error::Error;
use crate::time::Timestamp;

thread_local! {
    /// The words that were given to JavaScript before: making a text anew costs more than everything else about a member.
    static WORDS: RefCell<Vec<(&'static str, JsValue)>> = const { RefCell::new(Vec::new()) };
}

/// A word of the boundary as a value.
#[inline(never)]
pub(super) fn word(word: &'static str) -> JsValue {
    WORDS.with_borrow_mut(|words| {
        let same = |(known, _): &&(&str, JsValue)| core::ptr::eq(*known, word);
        if let Some((_, value)) = words.iter().find(same) {
            return value.clone();
        }
        let value = JsValue::from_str(word);
        words.push((word, value.clone()));
        value
    })
}

/// An object with these members; `undefined` ones are left out.
pub(super) fn object(members: &[(&'static str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        if !value.is_undefined() {
            // Setting a member of a plain object cannot fail.
            let _ = Reflect::set(&object, &word(name), value);
        }
    }
    object.into()
}

/// One value for what comes of a call of the core: the value, or `{ fault }` with what `XeroError` is made from. Nothing is
/// thrown, so whatever JavaScript catches is a trap; and a `Result` would take a hundred bytes of glue for each export.
pub(super) fn told(result: Result<JsValue, Error>) -> JsValue {
    result.unwrap_or_else(|error| fault(&error))
}

#[inline(never)]
pub(super) fn fault(error: &Error) -> JsValue {
    object(&[("fault", self::error(error))])
}

/// A text of JavaScript. It crosses as a value, because a `&str` takes as much glue.
#[inline(never)]
pub(super) fn text(value: &JsValue) -> String {
    value.as_string().unwrap_or_default()
}

/// What `XeroError` is made from.
pub(super) fn error(error: &Error) -> JsValue {
    let code = error.code();
    let scopes = error.scopes();
    object(&[
        ("code", code.as_str().into()),
        ("blame", code.blame().as_str().into()),
        ("retryable", error.retryable().into()),
        ("message", error.message().into()),
        ("retryAt", error.earliest_retry().map_or(JsValue::UNDEFINED, instant)),
        ("operation", error.operation().into()),
        ("scopes", if scopes.is_empty() { JsValue::UNDEFINED } else { texts(scopes.iter().map(String::as_str)) }),
        ("rule", error.rule().into()),
        ("limit", error.limit().into()),
        ("outcome", error.is_outcome_unknown().then_some("unknown").into()),
    ])
}

/// `CallAction[]` of `pkg/src/client/actions.ts`.
pub(super) fn call_actions(list: &[call::Action]) -> Array {
    list.iter().map(|action| named("do", |put| wire::action(action, put))).collect()
}

/// An object with these members.
pub(super) fn members(of: impl FnOnce(Put<'_>)) -> JsValue {
    let object = Object::new();
    of(&mut |name, value| set(&object, name, value));
    object.into()
}

/// An object with these members, and the name that they come with as `name`.
pub(super) fn named(name: &'static str, of: impl FnOnce(Put<'_>) -> &'static str) -> JsValue {
    let object = Object::new();
    let value = of(&mut |name, value| set(&object, name, value));
    let _ = Reflect::set(&object, &word(name), &word(value));
    object.into()
}

/// Sets a member. Of a plain object that cannot fail.
fn set(object: &Object, name: &'static str, value: Value<'_>) {
    let value = match value {
        Value::Number(number) => number.into(),
        Value::Text(text) => text.into(),
        Value::Flag(flag) => flag.into(),
        Value::Operation(operation) => operation.key().into(),
        Value::Code(code) => word(code.as_str()),
        Value::Why(why) => word(why.as_str()),
        Value::Problem(problem) => word(problem.as_str()),
        Value::Error(error) => self::error(error),
    };
    let _ = Reflect::set(object, &word(name), &value);
}

fn instant(at: Timestamp) -> JsValue {
    at.as_js().into()
}

fn texts<'a>(texts: impl Iterator<Item = &'a str>) -> JsValue {
    texts.map(JsValue::from_str).collect::<Array>().into()
}

/// An object of JavaScript, read by the names of its members.
pub(super) struct Members<'a>(pub(super) &'a JsValue);

impl Members<'_> {
    fn member(&self, name: &'static str) -> JsValue {
        Reflect::get(self.0, &word(name)).unwrap_or_default()
    }
}

impl Given for Members<'_> {
    fn optional_text(&self, name: &'static str) -> Option<String> {
        self.member(name).as_string()
    }

    fn optional_number(&self, name: &'static str) -> Option<f64> {
        self.member(name).as_f64()
    }

    fn flag(&self, name: &'static str) -> bool {
        self.member(name).is_truthy()
    }

    fn optional_texts(&self, name: &'static str) -> Option<Vec<String>> {
        let list = self.member(name);
        Array::is_array(&list).then(|| Array::from(&list).iter().filter_map(|item| item.as_string()).collect())
    }
}
