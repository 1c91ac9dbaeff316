//! The arguments that calls give functions.

use super::value::Value;
use super::{MANY, Values};
use crate::resolve::code::lang::Lang;
use crate::resolve::code::tree::{Function, Param};

/// A parameter of a function of another text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::resolve::code) struct Parameter {
    pub(in crate::resolve::code) name: String,
    /// Which of the arguments it is; members of one object share theirs.
    pub(in crate::resolve::code) place: usize,
    /// True if it is a member of an object.
    pub(in crate::resolve::code) is_member: bool,
    /// What it is if it is not given.
    pub(in crate::resolve::code) default: Vec<String>,
}

impl<'t> Values<'_, 't> {
    /// The parameters of a function as other texts need them.
    pub(in crate::resolve::code) fn parameters(&self, function: &Function<'t>) -> Vec<Parameter> {
        let default = |param: &Param<'_>| match param.default {
            Some(at) => self.expression(at).0.into_iter().map(|value| value.text).collect(),
            None => Vec::new(),
        };
        let shift = usize::from(has_self(function));
        let params = function.params.iter().map(|param| Parameter {
            name: param.name.to_owned(),
            place: param.place.saturating_sub(shift),
            is_member: param.is_member,
            default: default(param),
        });
        params.collect()
    }

    /// Returns where the argument begins that a call gives a parameter of a function of this text.
    pub(in crate::resolve::code) fn argument_for(
        &self,
        function: &Function<'t>,
        param: &Param<'t>,
        open: usize,
    ) -> Option<usize> {
        let place = param.place.checked_sub(usize::from(has_self(function)))?;
        self.argument_at(param.name, place, param.is_member, open)
    }

    /// Returns where the argument begins that a call gives a parameter, by its name or its place.
    pub(in crate::resolve::code) fn argument_at(
        &self,
        name: &str,
        place: usize,
        is_member: bool,
        open: usize,
    ) -> Option<usize> {
        let code = self.code;
        let parts = code.parts(open);
        let is_named = |part: &&(usize, usize)| {
            code.word(part.0).trim_start_matches(':') == name && self.argument(**part) != part.0
        };
        if !is_member {
            if let Some(part) = parts.iter().find(is_named) {
                return Some(self.argument(*part));
            }
            let part = *parts.get(place)?;
            let start = self.argument(part);
            // An argument by another name is another parameter, unless names stand in their order.
            return (start == part.0 || code.lang == Lang::C).then_some(start);
        }
        let (start, end) = *parts.get(place)?;
        let mut open = self.argument((start, end));
        // `&Request{Path: "/Items"}`, `new Request { Path = "/Items" }`, `Request(path="/Items")`
        while open < end && (code.is_word(open) || code.is_dot(open) || matches!(code.word(open), "&" | "*")) {
            open = code.next(open);
        }
        if open < end && (code.is(open, "{") || code.is(open, "[") || code.is(open, "(")) {
            let is_it = |key: usize| code.word(key).trim_start_matches([':', '$']).eq_ignore_ascii_case(name);
            let is_key = |part: &(usize, usize)| is_it(part.0) || code.is(part.0, ".") && is_it(code.next(part.0));
            let part = code.parts(open).into_iter().find(is_key)?;
            let start = if code.is(part.0, ".") { code.next(part.0) } else { part.0 };
            return Some(self.argument((start, part.1)));
        }
        // `const init = { path: "/Items" }; send(init)`
        let is_alone = code.is_word(start) && open >= end;
        if is_alone { self.set_on(code.name(start), name).next() } else { None }
    }

    /// What the functions of a name make of the arguments of a call: of this text, else of others.
    pub(super) fn made(&self, name: &str, open: usize, depth: u8) -> Vec<Value> {
        let code = self.code;
        let mut made = Vec::new();
        for (index, definition) in self.returns.get(name).map(Vec::as_slice).unwrap_or_default().iter().take(4) {
            let Some(function) = code.functions.get(*index) else { continue };
            for value in self.defined(definition, name, depth).into_iter().filter(is_of_use) {
                let mut filled = vec![value];
                for (place, param) in function.params.iter().enumerate() {
                    let at = self.argument_for(function, param, open).or(param.default);
                    let given = || match at {
                        Some(at) => self.expr(at, depth).0,
                        None => vec![Value::hole()],
                    };
                    filled = fill(filled, &format!("{{#{index}:{place}}}"), given);
                }
                made.extend(filled);
            }
        }
        if self.returns.contains_key(name) || code.functions_of(name).next().is_some() {
            return made;
        }
        for maker in self.shared.makers(name) {
            for text in &maker.texts {
                let mut filled =
                    vec![Value { text: text.clone(), from: maker.from(), is_xero: true, ..Value::default() }];
                for (place, param) in maker.params.iter().enumerate() {
                    let given = || match self.argument_at(&param.name, param.place, param.is_member, open) {
                        Some(at) => self.expr(at, depth).0,
                        None if param.default.is_empty() => vec![Value::hole()],
                        None => {
                            let of = |text: &String| Value { text: text.clone(), ..Value::default() };
                            param.default.iter().map(of).collect()
                        }
                    };
                    filled = fill(filled, &format!("{{#0:{place}}}"), given);
                }
                made.extend(filled);
            }
        }
        made.truncate(MANY);
        made
    }
}

/// Returns whether a function takes itself first, which calls do not write.
fn has_self(function: &Function<'_>) -> bool {
    function.params.first().is_some_and(|first| matches!(first.name, "self" | "cls"))
}

/// Returns whether something of a value is known.
fn is_of_use(value: &Value) -> bool {
    value.text.contains('/') || value.text.contains("{#")
}

/// Values with the argument of a parameter in place of its hole.
fn fill(values: Vec<Value>, hole: &str, given: impl Fn() -> Vec<Value>) -> Vec<Value> {
    if values.iter().all(|value| !value.text.contains(hole)) {
        return values;
    }
    let given = given();
    let filled = |value: &Value| given.iter().map(|given| value.filled(hole, given)).collect::<Vec<_>>();
    values.iter().flat_map(filled).take(MANY).collect()
}
