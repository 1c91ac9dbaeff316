//! Between the values of the core and those of JavaScript.
//!
//! By hand: for the few shapes that the client needs, `serde-wasm-bindgen` weighs more than half of the code beside it.
//! `cargo xtask bench` prints what the module weighs.

use std::cell::RefCell;

use js_sys::Array;
use wasm_bindgen::{JsCast as _, JsValue};

use super::plain::Plain;
use crate::call;
use crate::call::wire::{self, Given, Put, Value};
use crate::error::Error;

thread_local! {
    /// The words that were given to JavaScript before: making a text anew costs more than everything else about a member.
    static WORDS: RefCell<Vec<(&'static str, JsValue)>> = const { RefCell::new(Vec::new()) };
}

/// Does something with words of the boundary as values.
#[inline(never)]
fn with_words<T>([one, other]: [&'static str; 2], act: impl FnOnce(&JsValue, &JsValue) -> T) -> T {
    WORDS.with_borrow_mut(|words| {
        let mut place = |word: &'static str| {
            words.iter().position(|(known, _)| core::ptr::eq(*known, word)).unwrap_or_else(|| {
                words.push((word, JsValue::from_str(word)));
                words.len().saturating_sub(1)
            })
        };
        let [one, other] = [place(one), place(other)];
        let none = JsValue::UNDEFINED;
        let value = |place| words.get(place).map_or(&none, |(_, value)| value);
        act(value(one), value(other))
    })
}

fn with_word<T>(word: &'static str, act: impl FnOnce(&JsValue) -> T) -> T {
    with_words([word, word], |value, _| act(value))
}

/// One value for the result of a call of the core: the value, or `{ fault }` with the members of a `XeroError`. Nothing is
/// thrown, so that an exception is always a trap; and a `Result` would take a hundred bytes of glue for each export.
pub(super) fn value(result: Result<JsValue, Error>) -> JsValue {
    result.unwrap_or_else(|error| fault(&error))
}

#[inline(never)]
pub(super) fn fault(error: &Error) -> JsValue {
    object(|put| put("fault", Value::Error(error)))
}

/// A text of JavaScript. It crosses as a value, because a `&str` takes as much glue.
#[inline(never)]
pub(super) fn text(value: &JsValue) -> String {
    value.as_string().unwrap_or_default()
}

/// `CallAction[]` of `pkg/src/client/actions.ts`.
pub(super) fn actions(list: &[call::Action]) -> Array {
    list.iter().map(|action| named(|put| wire::action(action, put))).collect()
}

/// An object with these members, and their name as `do`.
pub(super) fn named(members: impl FnOnce(Put<'_>) -> &'static str) -> JsValue {
    object(|put| {
        let name = members(put);
        put("do", Value::Word(name));
    })
}

/// An object with these members.
pub(super) fn object(members: impl FnOnce(Put<'_>)) -> JsValue {
    let object = Plain::new();
    members(&mut |name, value| set(&object, name, value));
    object.into()
}

#[inline(never)]
fn set(object: &Plain, name: &'static str, value: Value<'_>) {
    let word = match value {
        Value::Code(code) => code.as_str(),
        Value::Why(why) => why.as_str(),
        Value::Problem(problem) => problem.as_str(),
        Value::Word(word) => word,
        other => {
            let value = match other {
                Value::Number(number) => number.into(),
                Value::Text(text) => text.into(),
                Value::Operation(operation) => operation.key().into(),
                Value::Flag(flag) => flag.into(),
                Value::Texts(list) => list.iter().map(|text| JsValue::from_str(text)).collect::<Array>().into(),
                Value::Error(error) => self::object(|put| wire::error(error, put)),
                Value::Object(members) => self::object(members),
                _ => JsValue::UNDEFINED,
            };
            return with_word(name, |name| object.set(name, &value));
        }
    };
    with_words([name, word], |name, word| object.set(name, word));
}

/// An object of JavaScript, read by the names of its members.
pub(super) struct Members<'a>(pub(super) &'a JsValue);

impl Members<'_> {
    fn plain(&self) -> &Plain {
        self.0.unchecked_ref()
    }
}

impl Given for Members<'_> {
    fn optional_text(&self, name: &'static str) -> Option<String> {
        with_word(name, |name| self.plain().text(name))
    }

    fn optional_number(&self, name: &'static str) -> Option<f64> {
        let number = with_word(name, |name| self.plain().number(name));
        (!number.is_nan()).then_some(number)
    }

    fn flag(&self, name: &'static str) -> bool {
        self.optional_number(name).is_some_and(|flag| flag != 0.0)
    }

    fn optional_texts(&self, name: &'static str) -> Option<Vec<String>> {
        let list = with_word(name, |name| self.plain().get(name));
        Array::is_array(&list).then(|| Array::from(&list).iter().filter_map(|item| item.as_string()).collect())
    }
}
