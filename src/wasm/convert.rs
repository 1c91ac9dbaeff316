//! Between the values of the core and those of JavaScript.
//!
//! By hand, with `Reflect`: for the few shapes that the client needs, `serde-wasm-bindgen` weighs more than half of
//! the code beside it. `cargo xtask bench` prints what the module weighs.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::JsValue;

use crate::error::Error;
use crate::limits;
use crate::time::Timestamp;
use crate::token::Action;

/// An object with these members; `undefined` ones are left out.
pub(super) fn object(members: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        if !value.is_undefined() {
            // Setting a member of a plain object cannot fail.
            let _ = Reflect::set(&object, &(*name).into(), value);
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

/// `Action[]` of `pkg/src/client/actions.ts`.
pub(super) fn actions(list: &[Action]) -> JsValue {
    list.iter().map(action).collect::<Array>().into()
}

fn action(action: &Action) -> JsValue {
    let (name, mut members) = match action {
        Action::Use { generation } => ("use", vec![("generation", (*generation).into())]),
        Action::Keep { generation, obtained_at, expires_at } => (
            "keep",
            vec![
                ("generation", (*generation).into()),
                ("obtainedAt", instant(*obtained_at)),
                ("expiresAt", instant(*expires_at)),
            ],
        ),
        Action::Save { generation } => ("save", vec![("generation", (*generation).into())]),
        Action::Erase => ("erase", vec![]),
        Action::Load => ("load", vec![]),
        Action::Send { attempt, deadline } => {
            ("send", vec![("attempt", (*attempt).into()), ("deadline", instant(*deadline))])
        }
        Action::Wait { until, why } => ("wait", vec![("until", instant(*until)), ("why", why.as_str().into())]),
        Action::Fail { error } => ("fail", vec![("error", self::error(error))]),
    };
    members.push(("do", name.into()));
    object(&members)
}

/// `Move[]` of `pkg/src/client/actions.ts`.
pub(super) fn moves(list: &[limits::Action]) -> JsValue {
    list.iter().map(one_move).collect::<Array>().into()
}

fn one_move(action: &limits::Action) -> JsValue {
    match action {
        limits::Action::Send { ticket } => object(&[("ticket", (*ticket).into())]),
        limits::Action::Fail { ticket, error } => {
            object(&[("ticket", (*ticket).into()), ("error", self::error(error))])
        }
        limits::Action::Wait { ticket, wait } => {
            object(&[("ticket", (*ticket).into()), ("why", wait.why.as_str().into()), ("until", instant(wait.until))])
        }
        limits::Action::Pause { problem, until } => {
            object(&[("why", problem.as_str().into()), ("until", instant(*until))])
        }
    }
}

pub(super) fn instant(at: Timestamp) -> JsValue {
    at.as_js().into()
}

pub(super) fn texts<'a>(texts: impl Iterator<Item = &'a str>) -> JsValue {
    texts.map(JsValue::from_str).collect::<Array>().into()
}

/// An object of JavaScript, read by the names of its members.
pub(super) struct Given<'a>(pub(super) &'a JsValue);

impl Given<'_> {
    fn member(&self, name: &str) -> JsValue {
        Reflect::get(self.0, &name.into()).unwrap_or_default()
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.member(name).as_string()
    }

    pub(super) fn texts(&self, name: &str) -> Option<Vec<String>> {
        let list = self.member(name);
        Array::is_array(&list).then(|| Array::from(&list).iter().filter_map(|item| item.as_string()).collect())
    }

    /// 0 for what is no number.
    pub(super) fn number(&self, name: &str) -> f64 {
        self.member(name).as_f64().unwrap_or_default()
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.member(name).is_truthy()
    }
}
