//! Functions that send what they are given: their requests with the arguments of their calls.

use super::Requests;
use super::reach::{Reached, full, plain};
use super::said::Said;
use super::said_value::is_method_name;
use crate::resolve::code::names::is_definition;
use crate::resolve::code::tree::{Function, Param};
use crate::resolve::code::values::Value;
use crate::resolve::target::{is_known, placeholder};
use std::collections::{BTreeMap, BTreeSet};

/// A request inside a function whose path or method is a parameter.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) function: usize,
    pub(super) target: Value,
    pub(super) said: Said,
    pub(super) at: usize,
    pub(super) end: usize,
}

/// So often may functions hand on what they are given, and so many requests are kept that way.
pub(super) const ROUNDS: usize = 6;
const MOST: usize = 10_000;

/// So many requests of functions without a name are filled at a time.
const CURRIED: usize = 100;

impl<'t> Requests<'_, '_, 't> {
    /// Fills the parameters of requests in functions with what the functions are called with.
    pub(super) fn expand(&mut self) {
        let mut seen = BTreeSet::new();
        let mut unfilled = Vec::new();
        for _ in 0..ROUNDS {
            let pending = self.fresh(&mut seen);
            if pending.is_empty() {
                break;
            }
            unfilled.extend(self.fill_all(&pending));
        }
        self.pending.append(&mut unfilled);
    }

    /// The requests that wait for what functions are given, each once.
    pub(super) fn fresh(&mut self, seen: &mut BTreeSet<(usize, String, Option<&'static str>)>) -> Vec<Pending> {
        let all = core::mem::take(&mut self.pending);
        let is_new = |one: &Pending| {
            let (function, place) = one.said.param().unwrap_or_default();
            let methods: Vec<&str> = one.said.methods().flatten().collect();
            let said = [one.said.kind(), &methods.concat(), &function.to_string(), ":", &place.to_string()].concat();
            let key = [one.target.text.as_str(), &said].concat();
            seen.len() < MOST && seen.insert((one.function, key, one.said.method()))
        };
        all.into_iter().filter(is_new).collect()
    }

    /// Fills requests with the arguments of all calls of their functions; returns those whose functions nothing calls.
    pub(super) fn fill_all(&mut self, pending: &[Pending]) -> Vec<Pending> {
        let mut calls: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for one in pending {
            if let Some(function) = self.code.functions.get(one.function).filter(|function| !function.name.is_empty()) {
                calls.entry(function.name).or_default();
                self.sending.insert(function.name);
            }
        }
        for open in 0..self.code.len() {
            if let Some(callee) = self.code.callee(open)
                && let Some(calls) = calls.get_mut(self.code.word(callee))
                && !is_definition(self.code, open)
            {
                calls.push(open);
            }
        }
        let name_of = |one: &Pending| self.code.functions.get(one.function).map_or("", |function| function.name);
        let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, one) in pending.iter().enumerate() {
            by_name.entry(name_of(one)).or_default().push(index);
        }
        let mut unfilled = Vec::new();
        let mut curried = 0_usize;
        for one in pending {
            let name = self.code.functions.get(one.function).map_or("", |function| function.name);
            curried = curried.saturating_add(usize::from(name.is_empty()));
            if name.is_empty() && curried <= CURRIED && self.fill_curried(one) {
                continue;
            }
            // A call within the body, of itself or of another's function of that name, gives nothing new.
            let body = self.code.functions.get(one.function).map_or((0, 0), |function| function.body);
            let is_outside = |open: &usize| *open < body.0 || *open >= body.1;
            let calls = calls.get(name).map(Vec::as_slice).unwrap_or_default();
            if !calls.iter().any(is_outside) {
                unfilled.push(one.clone());
            }
            // The methods of the requests that the function sends to the same place.
            let all = by_name.get(name).map(Vec::as_slice).unwrap_or_default();
            let all = all.iter().take(200).filter_map(|index| pending.get(*index));
            let same = all.filter(|other| other.function == one.function && other.target.text == one.target.text);
            let others: Vec<Said> = same.map(|other| other.said).collect();
            // `.send()` of another object gives it nothing.
            let gives = |open: &&usize| is_outside(open) || !self.code.parts(**open).is_empty();
            for open in calls.iter().filter(gives).take(2_000) {
                if !self.is_of_other(one, &others, *open) {
                    self.fill(one, *open);
                }
            }
        }
        unfilled
    }

    /// Returns whether a call gives a function the method of another of its requests: `if (method == "GET") http.get(url)`.
    fn is_of_other(&self, one: &Pending, others: &[Said], open: usize) -> bool {
        let Some(function) = self.code.functions.get(one.function) else { return false };
        let is_of = |param: &Param<'t>| {
            let at = self.values.argument_for(function, param, open).or(param.default);
            let given = at.map_or(Said::Nothing, |at| self.said_at(at, is_method_name(param.name)));
            matches!(given, Said::Known(_)) && given != one.said && others.contains(&given)
        };
        function.params.iter().any(is_of)
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
            // Its value stands where the function is called.
            let filled = |target: &Value| {
                let fill = |value: &Value| Value { from: value.from.clone(), ..target.filled(&hole, value) };
                // A whole URL is no path below another.
                let fits = |value: &&Value| !value.text.contains("://") || target.text.starts_with(&hole);
                values.iter().filter(fits).map(fill).collect::<Vec<_>>()
            };
            targets = targets.iter().flat_map(filled).take(40).collect();
        }
        let given = |index: usize| {
            let param = function.params.get(index)?;
            self.values.argument_for(function, param, open).or(param.default)
        };
        let said = match pending.said {
            Said::Param(own, index) if own == pending.function => match given(index) {
                Some(at) => self.said_at(at, true),
                None => Said::Nothing,
            },
            Said::Options(own, index, default) if own == pending.function => {
                self.said_named(open).or(|| self.said_of_given(given(index), default))
            }
            // `xero_request("Payments") |> req_method("PUT")` changes what the function made.
            Said::Known("GET") | Said::Nothing => match self.said_behind_call(open) {
                Said::Nothing => pending.said,
                said => said,
            },
            other => other,
        };
        for target in targets {
            let text = plain(&target.text);
            let text = if said.param().is_some() { text } else { settled(text) };
            let (at, end) = match shown {
                Some(at) => self.shown(&target, at),
                None => (pending.at, pending.end),
            };
            if let Some((function, _)) = param_of_any(&text).or(said.param()) {
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
            if reached.is_some() {
                self.filled.extend(u32::try_from(open));
            }
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
    fn given(&self, function: &Function<'t>, param: &Param<'t>, open: usize) -> (Vec<Value>, Option<usize>) {
        match self.values.argument_for(function, param, open) {
            Some(at) => (self.values.expression(at).0, Some(at)),
            None => match param.default {
                Some(at) => (self.values.expression(at).0, None),
                None => (vec![Value { text: "{}".to_owned(), ..Value::default() }], None),
            },
        }
    }

    /// The method among options that are given: an object, a variable that has one, or a parameter of another function.
    pub(super) fn said_of_given(&self, at: Option<usize>, default: Option<&'static str>) -> Said {
        let otherwise = default.map_or(Said::Nothing, Said::Known);
        let Some(at) = at else { return otherwise };
        let code = self.code;
        if code.is(at, "{") || code.is(at, "[") {
            let said = self.said_in(at);
            return match said {
                Said::Nothing if self.has_spread(at) => self.said_of_spread(at).unwrap_or(Said::Open),
                Said::Nothing => otherwise,
                said => said,
            };
        }
        // `Options{Method: "POST"}`, `new Options { Method = "POST" }`
        let made = if matches!(code.word(at), "new" | "&") { code.next(at) } else { at };
        if code.is_word(made) && code.is(code.next(made), "{") {
            return self.said_in(code.next(made)).or(|| otherwise);
        }
        if matches!(code.word(at), "undefined" | "null" | "None" | "nil") {
            return otherwise;
        }
        let (values, end) = self.values.expression(at);
        if let Some((function, place)) = values.first().and_then(|value| param_of(&value.text)) {
            return Said::Options(function, place, default);
        }
        let name = code.name(at);
        let is_alone = code.is_word(at) && end == at.saturating_add(1);
        match self.said_of_objects(name) {
            _ if !is_alone => Said::Open,
            Said::Nothing if self.is_object(name) && self.is_quiet(name) => otherwise,
            Said::Nothing => Said::Open,
            said => said.and(self.said_around(code.word(at), at, true)),
        }
    }
}

/// The parameter that a text is, if it is one and nothing else.
pub(in crate::resolve::code) fn param_of(text: &str) -> Option<(usize, usize)> {
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
