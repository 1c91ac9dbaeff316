//! Functions that send what they are given: their requests with the arguments of their calls.

use super::Requests;
use super::reach::{Reached, base_of, full, plain};
use super::said::Said;
use crate::resolve::code::lang::Lang;
use crate::resolve::code::names::is_definition;
use crate::resolve::code::tree::{Function, Param};
use crate::resolve::code::values::Value;
use crate::resolve::target::{is_known, is_of_xero, names_xero, placeholder};
use std::collections::BTreeMap;

/// A request inside a function whose path or method is a parameter.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) function: usize,
    pub(super) target: Value,
    pub(super) said: Said,
    pub(super) at: usize,
    pub(super) end: usize,
}

/// A function that sends what it is given: for other texts of the project.
#[derive(Clone, Debug)]
pub(in crate::resolve::code) struct Wrapper {
    /// The target, with the argument `n` as `{#0:n}`.
    pub(super) target: String,
    /// The method, or the argument that has it.
    pub(super) method: Result<Option<&'static str>, usize>,
    /// The names of the parameters.
    pub(super) names: Vec<(String, usize)>,
}

impl<'t> Requests<'_, '_, 't> {
    /// Fills the parameters of requests in functions with what the functions are called with.
    pub(super) fn expand(&mut self) {
        for _ in 0..4 {
            let pending = core::mem::take(&mut self.pending);
            if pending.is_empty() {
                return;
            }
            let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            for one in &pending {
                if let Some(function) = self.code.functions.get(one.function) {
                    by_name.entry(function.name).or_default();
                }
            }
            for open in 0..self.code.len() {
                if let Some(callee) = self.code.callee(open)
                    && let Some(calls) = by_name.get_mut(self.code.word(callee))
                    && !is_definition(self.code, open)
                {
                    calls.push(open);
                }
            }
            let mut is_stuck = true;
            let mut unfilled = Vec::new();
            for one in pending {
                let name = self.code.functions.get(one.function).map_or("", |function| function.name);
                let calls = by_name.get(name).cloned().unwrap_or_default();
                if calls.is_empty() || name.is_empty() {
                    unfilled.push(one);
                    continue;
                }
                is_stuck = false;
                for open in calls.into_iter().take(2_000) {
                    self.fill(&one, open);
                }
            }
            let done = is_stuck || unfilled.len() > 10_000;
            self.pending.extend(unfilled);
            if done {
                return;
            }
        }
    }

    /// Fills the parameters of one request with the arguments of one call.
    pub(super) fn fill(&mut self, pending: &Pending, open: usize) {
        let code = self.code;
        let Some(function) = code.functions.get(pending.function) else { return };
        let mut targets = vec![pending.target.clone()];
        let mut shown = None;
        for (index, param) in function.params.iter().enumerate() {
            let hole = format!("{{#{}:{index}}}", pending.function);
            if !pending.target.text.contains(&hole) {
                continue;
            }
            let (values, at) = self.given(function, param, open);
            shown = shown.or(at);
            targets = targets
                .iter()
                .flat_map(|target| {
                    values
                        .iter()
                        .map(|value| {
                            let before = target.text.split(&hole).next().unwrap_or_default();
                            let mut text = value.text.clone();
                            if before.ends_with('/') {
                                text = text.trim_start_matches('/').to_owned();
                            } else if before.is_empty()
                                || before.ends_with(['}', '=', '?'])
                                || text.starts_with(['/', '?', '{'])
                                || before.contains('?')
                            {
                            } else if base_of(before).is_some() {
                                text.insert(0, '/');
                            }
                            Value {
                                text: target.text.replace(&hole, &text),
                                from: value.from.clone(),
                                is_xero: target.is_xero || value.is_xero,
                            }
                        })
                        .collect::<Vec<_>>()
                })
                .take(40)
                .collect();
        }
        let said = match pending.said {
            Said::Param(own, index) if own == pending.function => match function.params.get(index) {
                Some(param) => self.given_method(function, param, open),
                None => Said::Nothing,
            },
            other => other,
        };
        for target in targets {
            let text = plain(&target.text);
            let text = if matches!(said, Said::Param(..)) { text } else { settled(text) };
            let (at, end) = match shown {
                Some(at) => self.shown(&target, at),
                None => (pending.at, pending.end),
            };
            if let Some((function, _)) = param_of_any(&text).or(match said {
                Said::Param(function, index) => Some((function, index)),
                _ => None,
            }) {
                if function != pending.function {
                    self.pending.push(Pending { function, target: Value { text, ..target }, said, at, end });
                }
                continue;
            }
            let reached = full(&text).or_else(|| {
                let length = placeholder(&text)?;
                let rest = text.get(length..).filter(|rest| rest.starts_with('/'))?;
                self.below_hole(rest, target.is_xero, false)
            });
            match reached {
                Some(Reached::Target(text)) => {
                    for method in said.methods() {
                        self.hit(text.clone(), method, &target, at, end);
                    }
                }
                Some(Reached::Open) => self.open_hit(&target, said.method(), at, end),
                None => {}
            }
        }
    }

    /// What a function is given for a parameter, and where.
    pub(super) fn given(&self, function: &Function<'t>, param: &Param<'t>, open: usize) -> (Vec<Value>, Option<usize>) {
        match self.argument_for(function, param, open) {
            Some(at) => (self.values.expression(at).0, Some(at)),
            None => match param.default {
                Some(at) => (self.values.expression(at).0, None),
                None => (vec![Value { text: "{}".to_owned(), ..Value::default() }], None),
            },
        }
    }

    pub(super) fn given_method(&self, function: &Function<'t>, param: &Param<'t>, open: usize) -> Said {
        match self.argument_for(function, param, open).or(param.default) {
            Some(at) => self.said_at(at, true),
            None => Said::Nothing,
        }
    }

    pub(super) fn argument_for(&self, function: &Function<'t>, param: &Param<'t>, open: usize) -> Option<usize> {
        let code = self.code;
        let parts = code.parts(open);
        let has_self = function.params.first().is_some_and(|first| matches!(first.name, "self" | "cls"));
        let place = param.place.checked_sub(usize::from(has_self))?;
        if !param.is_member {
            let named = parts.iter().find(|(start, end)| {
                code.word(*start).trim_start_matches(':') == param.name
                    && self.values.argument((*start, *end)) != *start
            });
            if let Some(part) = named {
                return Some(self.values.argument(*part));
            }
            let part = *parts.get(place)?;
            let start = self.values.argument(part);
            // An argument by another name is another parameter, unless names stand in their order.
            return (start == part.0 || code.lang == Lang::C).then_some(start);
        }
        let (start, _) = *parts.get(place)?;
        if code.is(start, "{") {
            let part = code.parts(start).into_iter().find(|(key, _)| code.word(*key) == param.name)?;
            return Some(self.values.argument(part));
        }
        None
    }

    /// The functions that send what they are given, for other texts.
    pub(in crate::resolve::code) fn wrappers(&mut self) -> Vec<(String, Wrapper)> {
        self.pending.clear();
        for open in 0..self.code.len() {
            if self.code.is(open, "(") {
                self.call(open, &BTreeMap::new());
            }
            if self.code.is(open, "{") || self.code.is(open, "[") {
                self.object(open);
            }
        }
        let mut wrappers = Vec::new();
        for pending in &self.pending {
            let Some(function) = self.code.functions.get(pending.function) else { continue };
            if function.name.len() < 2 || wrappers.len() > 200 {
                continue;
            }
            let has_self = function.params.first().is_some_and(|first| matches!(first.name, "self" | "cls"));
            let shift = usize::from(has_self);
            let mut target = pending.target.text.clone();
            let mut is_whole = true;
            for (index, param) in function.params.iter().enumerate() {
                let hole = format!("{{#{}:{index}}}", pending.function);
                if target.contains(&hole) {
                    is_whole &= !param.is_member;
                    target = target.replace(&hole, &format!("{{#0:{}}}", param.place.saturating_sub(shift)));
                }
            }
            let methods: Vec<_> = match pending.said {
                Said::Param(_, index) => match function.params.get(index) {
                    Some(param) if !param.is_member => vec![Err(param.place.saturating_sub(shift))],
                    _ => vec![Ok(None)],
                },
                said => said.methods().map(Ok).collect(),
            };
            if is_whole && is_of_xero(&target) {
                let names: Vec<_> = function
                    .params
                    .iter()
                    .map(|param| (param.name.to_owned(), param.place.saturating_sub(shift)))
                    .collect();
                for method in methods {
                    let wrapper = Wrapper { target: target.clone(), method, names: names.clone() };
                    wrappers.push((function.name.to_owned(), wrapper));
                }
            }
        }
        wrappers
    }

    /// Takes the call of a function of another text that sends what it is given.
    pub(super) fn foreign(
        &mut self,
        callee: usize,
        parts: &[(usize, usize)],
        wrappers: &BTreeMap<String, Vec<Wrapper>>,
    ) -> bool {
        let code = self.code;
        let name = code.word(callee);
        let Some(known) = wrappers.get(name) else { return false };
        if code.functions.iter().any(|function| function.name == name) {
            return false;
        }
        let mut taken = false;
        for wrapper in known.iter().take(4) {
            let argument = |place: usize| {
                let named = parts.iter().find(|part| {
                    self.values.argument(**part) != part.0
                        && wrapper.names.iter().any(|(name, own)| *own == place && *name == code.word(part.0))
                });
                named.or_else(|| parts.get(place)).map(|part| self.values.argument(*part))
            };
            let said = match wrapper.method {
                Ok(Some(method)) => Said::Known(method),
                Ok(None) => self.said_by_name(callee),
                Err(place) => argument(place).map_or(Said::Nothing, |at| self.said_at(at, true)),
            };
            for place in 0..8_usize {
                let hole = format!("{{#0:{place}}}");
                if !wrapper.target.contains(&hole) {
                    continue;
                }
                let Some(at) = argument(place) else { continue };
                let (values, _) = self.values.expression(at);
                for value in values {
                    // Other functions have the same name: only what leads to an operation is taken.
                    let path = plain(&value.text);
                    if path.starts_with('{') && names_xero(name) && !path.starts_with("{#") {
                        taken = true;
                        self.called.insert(name.to_owned());
                        self.take(Reached::Open, said, &value, at);
                    }
                    if path.starts_with('{') || path.contains(char::is_whitespace) {
                        continue;
                    }
                    let before = wrapper.target.split(&hole).next().unwrap_or_default();
                    let joined = if before.ends_with('/') {
                        path.trim_start_matches('/').to_owned()
                    } else if path.starts_with('/') || before.is_empty() {
                        path.clone()
                    } else {
                        ["/", &path].concat()
                    };
                    let text = plain(&wrapper.target.replace(&hole, &joined).replace("{#0:", "{"));
                    let is_operation =
                        ["GET", "POST", "PUT", "DELETE", "PATCH"].iter().any(|method| is_known(method, &text));
                    if is_operation || names_xero(name) {
                        taken = true;
                        self.called.insert(name.to_owned());
                        self.take(Reached::Target(text), said, &value, at);
                    }
                }
            }
        }
        taken
    }
}

/// The parameter that a text is, if it is one and nothing else.
pub(super) fn param_of(text: &str) -> Option<(usize, usize)> {
    let inside = text.strip_prefix("{#")?.strip_suffix('}')?;
    let (function, place) = inside.split_once(':')?;
    Some((function.parse().ok()?, place.parse().ok()?))
}

/// A text whose parameters are values in the path of an operation, as one with holes; else the text itself.
pub(super) fn settled(text: String) -> String {
    if !text.contains("{#") {
        return text;
    }
    let mut holed = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("{#") {
        let end = rest
            .get(at..)
            .and_then(|rest| rest.find('}'))
            .map_or(rest.len(), |end| at.saturating_add(end).saturating_add(1));
        holed.push_str(rest.get(..at).unwrap_or_default());
        holed.push_str("{}");
        rest = rest.get(end..).unwrap_or_default();
    }
    holed.push_str(rest);
    let is_open = matches!(full(&holed), Some(Reached::Open)) || holed.starts_with("{}/{}");
    let known = ["GET", "POST", "PUT", "DELETE", "PATCH"].iter().any(|method| is_known(method, &holed));
    if known && !is_open { holed } else { text }
}

/// The first parameter in a text.
pub(super) fn param_of_any(text: &str) -> Option<(usize, usize)> {
    let start = text.find("{#")?;
    let rest = text.get(start..)?;
    param_of(rest.get(..rest.find('}')?.saturating_add(1))?)
}
