//! Between the values of the core and those of JavaScript.
//!
//! By hand, with `Reflect`: for the few shapes that the client needs, `serde-wasm-bindgen` weighs more than half of
//! the code beside it. `cargo xtask bench` prints what the module weighs.

use std::cell::RefCell;

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::JsValue;

use crate::call;
use crate::error::Error;
use crate::limits;
use crate::time::Timestamp;
use crate::token::Action;

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

/// `CallAction[]` of `pkg/src/client/contract.ts`.
pub(super) fn call_actions(list: &[call::Action]) -> Array {
    list.iter().map(call_action).collect()
}

fn call_action(action: &call::Action) -> JsValue {
    use call::Action;
    let number = |call: &u32| ("call", JsValue::from(*call));
    let flag = |flag: bool| if flag { JsValue::TRUE } else { JsValue::UNDEFINED };
    let of = |what: &'static str, members: &[(&'static str, JsValue)]| {
        let object = object(members);
        let _ = Reflect::set(&object, &word("do"), &word(what));
        object
    };
    match action {
        Action::Send { call, url, operation, generation, until, deadline, make_key } => of(
            "send",
            &[
                number(call),
                ("url", url.into()),
                ("generation", (*generation).into()),
                ("until", instant(*until)),
                ("deadline", instant(*deadline)),
                ("makeKey", flag(*make_key)),
                ("operation", operation.map_or(JsValue::UNDEFINED, |operation| operation.key().into())),
            ],
        ),
        Action::Resume { call } => of("resume", &[number(call)]),
        Action::Read { call } => of("read", &[number(call)]),
        Action::Discard { call } => of("discard", &[number(call)]),
        Action::Give { call, error } => {
            let error = error.as_ref().map_or(JsValue::UNDEFINED, self::error);
            of("give", &[number(call), ("error", error)])
        }
        Action::Fail { call, error } => of("fail", &[number(call), ("error", self::error(error))]),
        Action::Use { call, generation } => of("use", &[number(call), ("generation", (*generation).into())]),
        Action::Queued { call, why, until } => {
            of("queued", &[number(call), ("why", word(why.as_str())), ("until", instant(*until))])
        }
        Action::Admitted { call, waited_ms } => {
            of("admitted", &[number(call), ("waitedMs", instant(Timestamp::from_ms(*waited_ms)))])
        }
        Action::Retry { call, until } => of("retry", &[number(call), ("until", instant(*until))]),
        Action::Ask { attempt } => of("ask", &[("attempt", (*attempt).into())]),
        Action::AskAgain { attempt, next_secret } => {
            of("askAgain", &[("attempt", (*attempt).into()), ("nextSecret", (*next_secret).into())])
        }
        Action::Keep { generation, access_token, obtained_at, expires_at, scopes } => of(
            "keep",
            &[
                ("generation", (*generation).into()),
                ("accessToken", access_token.reveal().into()),
                ("obtainedAt", instant(*obtained_at)),
                ("expiresAt", instant(*expires_at)),
                ("scopes", scopes.as_deref().into()),
            ],
        ),
        Action::Save { generation } => of("save", &[("generation", (*generation).into())]),
        Action::Erase => of("erase", &[]),
        Action::Load => of("load", &[]),
        Action::Refused { code } => of("refused", &[("code", word(code.as_str()))]),
        Action::Paused { problem, until } => {
            of("paused", &[("why", word(problem.as_str())), ("until", instant(*until))])
        }
    }
}

/// The action that sets the timer, or clears it.
pub(super) fn wake(at: Option<Timestamp>) -> JsValue {
    object(&[("do", word("wake")), ("at", at.map_or(JsValue::UNDEFINED, instant))])
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
    fn member(&self, name: &'static str) -> JsValue {
        Reflect::get(self.0, &word(name)).unwrap_or_default()
    }

    pub(super) fn text(&self, name: &'static str) -> Option<String> {
        self.member(name).as_string()
    }

    pub(super) fn texts(&self, name: &'static str) -> Option<Vec<String>> {
        let list = self.member(name);
        Array::is_array(&list).then(|| Array::from(&list).iter().filter_map(|item| item.as_string()).collect())
    }

    /// 0 for what is no number.
    pub(super) fn number(&self, name: &'static str) -> f64 {
        self.member(name).as_f64().unwrap_or_default()
    }

    /// A whole number; 0 for anything else.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts saturate")]
    pub(super) fn whole(&self, name: &'static str) -> u32 {
        self.number(name) as u32
    }

    pub(super) fn has(&self, name: &'static str) -> bool {
        !self.member(name).is_undefined()
    }

    pub(super) fn flag(&self, name: &'static str) -> bool {
        self.member(name).is_truthy()
    }
}
