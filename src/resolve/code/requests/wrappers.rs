//! Functions that send what they are given: their requests with the arguments of their calls.

use super::Requests;
use super::clients::OTHERS;
use super::reach::{Reached, full, plain};
use super::said::Said;
use super::said_value::is_method_name;
use crate::resolve::code::names::{is_definition, parts, words};
use crate::resolve::code::tree::{Function, Param};
use crate::resolve::code::values::{Parameter, Value, is_self};
use crate::resolve::target::{is_known, is_of_xero, method, names_xero, placeholder};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::resolve::code) struct Wrapper {
    /// The target, with the parameter `n` as `{#0:n}`.
    target: String,
    /// The method, or the parameter that has it.
    said: Said,
    params: Vec<Parameter>,
    /// The words of the file and of the classes that it is written in.
    kin: Rc<BTreeSet<String>>,
}

/// So often may functions hand on what they are given, and so many requests are kept that way.
const ROUNDS: usize = 6;
const MOST: usize = 10_000;

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
    fn fresh(&mut self, seen: &mut BTreeSet<(usize, String, Option<&'static str>)>) -> Vec<Pending> {
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
    fn fill_all(&mut self, pending: &[Pending]) -> Vec<Pending> {
        let mut calls: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for one in pending {
            if let Some(function) = self.code.functions.get(one.function).filter(|function| !function.name.is_empty()) {
                calls.entry(function.name).or_default();
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
        for one in pending {
            let name = self.code.functions.get(one.function).map_or("", |function| function.name);
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
            for open in calls.iter().take(2_000) {
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
    fn fill(&mut self, pending: &Pending, open: usize) {
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
                values.iter().map(fill).collect::<Vec<_>>()
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
    fn said_of_given(&self, at: Option<usize>, default: Option<&'static str>) -> Said {
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

    /// The functions that send what they are given, for other texts. `known` are those of the texts before.
    pub(in crate::resolve::code) fn wrappers(
        &mut self,
        known: &BTreeMap<String, Vec<Wrapper>>,
        file: &str,
    ) -> Vec<(String, Wrapper)> {
        self.pending.clear();
        for open in 0..self.code.len() {
            if self.code.is(open, "(") {
                self.call(open, known);
            }
            if self.code.is(open, "{") || self.code.is(open, "[") {
                self.object(open);
            }
        }
        self.opened();
        self.web_contents();
        let kin = Rc::new(self.kin(file));
        let mut wrappers = Vec::new();
        let mut seen = BTreeSet::new();
        for _ in 0..ROUNDS {
            let pending = self.fresh(&mut seen);
            for one in &pending {
                if wrappers.len() < 500 {
                    self.export(one, &kin, &mut wrappers);
                }
            }
            if pending.is_empty() {
                break;
            }
            self.fill_all(&pending);
        }
        wrappers
    }

    /// Adds what other texts need to know of a request.
    fn export(&self, pending: &Pending, kin: &Rc<BTreeSet<String>>, wrappers: &mut Vec<(String, Wrapper)>) {
        let Some(function) = self.code.functions.get(pending.function) else { return };
        let own = format!("{{#{}:", pending.function);
        let target = pending.target.text.replace(&own, "{#0:");
        if function.name.len() < 2 || !is_of_xero(&target) {
            return;
        }
        let all: Vec<Said> = match pending.said {
            Said::Each(_) => pending.said.methods().map(|method| method.map_or(Said::Open, Said::Known)).collect(),
            said => vec![said],
        };
        let params = self.values.parameters(function);
        for said in all {
            let wrapper = Wrapper { target: target.clone(), said, params: params.clone(), kin: Rc::clone(kin) };
            wrappers.push((function.name.to_owned(), wrapper));
        }
    }

    /// The words of a file's name and of the classes in it.
    fn kin(&self, file: &str) -> BTreeSet<String> {
        let code = self.code;
        let is_kind =
            |at: &usize| matches!(code.word(*at), "class" | "module" | "struct" | "type" | "defmodule" | "impl");
        let named = (0..code.len()).filter(|at| code.is_word(*at)).filter(is_kind).map(|at| code.word(code.next(at)));
        named.chain([file]).flat_map(words).filter(|word| word.len() > 2).collect()
    }

    /// Returns whether what `callee` belongs to may be an object of the kind that has a wrapper: functions of such names are
    /// everywhere, `get` and `delete` of maps among them.
    fn is_kin(&self, callee: usize, wrapper: &Wrapper) -> bool {
        let code = self.code;
        let name = self.name_of(callee);
        let is_plain = parts(name).count() < 2 && !names_xero(name);
        let Some(owner) = code.chain(callee).first().copied().filter(|_| is_plain) else { return true };
        let own = code.name(owner);
        if OTHERS.contains(&own) {
            return false;
        }
        let says = |name: &str| {
            names_xero(name)
                || is_self(name)
                || words(name).iter().any(|word| CLIENTS.contains(&word.as_str()) || wrapper.kin.contains(word))
        };
        // What the object is made of: `c := f.APIClient()`.
        let is_made = |value: usize| {
            let last = value.saturating_add(8).min(code.statement_end(value));
            (value..last).any(|at| code.is_word(at) && says(code.name(at)))
        };
        says(own) || self.values.assigned(own).take(20).any(is_made)
    }

    /// Takes the call of a function of another text that sends what it is given.
    pub(super) fn foreign(&mut self, callee: usize, open: usize, wrappers: &BTreeMap<String, Vec<Wrapper>>) -> bool {
        let code = self.code;
        if code.is_computed(callee) {
            return self.any_foreign(callee, open, wrappers);
        }
        let values = self.values;
        let name = values.original(code.word(callee));
        let Some(known) = wrappers.get(name) else { return false };
        let is_own = code.functions_of(name).next().is_some();
        if is_own && code.chain(callee).first().is_none_or(|owner| is_self(code.name(*owner))) {
            return false;
        }
        let known: Vec<&Wrapper> = known.iter().filter(|wrapper| self.is_kin(callee, wrapper)).take(40).collect();
        let said_of = |wrapper: &Wrapper| match wrapper.said {
            Said::Nothing => self.said_by_name(callee),
            said => self.foreign_said(said, wrapper, open),
        };
        let all: Vec<(&Wrapper, Said)> = known.iter().map(|wrapper| (*wrapper, said_of(wrapper))).collect();
        let mut taken = false;
        for (wrapper, said) in &all {
            // Another request of the function has the method that it is given.
            let is_of_other = wrapper.params.iter().any(|param| {
                let given = self.foreign_method(Some(param), open);
                let is_of = |other: &(&Wrapper, Said)| other.0.target == wrapper.target && other.1 == given;
                matches!(given, Said::Known(_)) && *said != given && all.iter().any(is_of)
            });
            if is_of_other {
                continue;
            }
            taken |= self.take_foreign(name, wrapper, *said, open);
        }
        taken
    }

    /// Takes the call of a function of another text whose name is only known when the program runs: any that is named after
    /// a method, and one that is not read.
    fn any_foreign(&mut self, callee: usize, open: usize, wrappers: &BTreeMap<String, Vec<Wrapper>>) -> bool {
        let mut taken = false;
        let may_be = wrappers.iter().filter(|(_, known)| known.iter().any(|wrapper| self.is_kin(callee, wrapper)));
        let may_be: Vec<String> = may_be.map(|(name, _)| name.clone()).collect();
        self.mentioned.extend(may_be);
        for (name, known) in wrappers.iter().filter(|(name, _)| method(name).is_some()) {
            let own = known.iter().filter(|wrapper| self.is_kin(callee, wrapper)).take(4).cloned().collect::<Vec<_>>();
            for wrapper in own {
                let said = self.foreign_said(wrapper.said, &wrapper, open);
                taken |= self.take_foreign(name, &wrapper, said, open);
            }
        }
        taken
    }

    /// The method of a request of a function of another text, with what a call gives it.
    fn foreign_said(&self, said: Said, wrapper: &Wrapper, open: usize) -> Said {
        match said {
            Said::Param(_, index) => self.foreign_method(wrapper.params.get(index), open).or(|| Said::Open),
            Said::Options(_, index, default) => {
                let param = wrapper.params.get(index);
                let at =
                    param.and_then(|param| self.values.argument_at(&param.name, param.place, param.is_member, open));
                self.said_named(open).or(|| self.said_of_given(at, default))
            }
            said => said,
        }
    }

    /// The method that a call gives a function of another text.
    fn foreign_method(&self, param: Option<&Parameter>, open: usize) -> Said {
        let Some(param) = param else { return Said::Nothing };
        match self.values.argument_at(&param.name, param.place, param.is_member, open) {
            Some(at) => self.said_at(at, is_method_name(&param.name)),
            None => param.default.first().and_then(|text| method(text)).map_or(Said::Nothing, Said::Known),
        }
    }

    /// Notes the functions of other texts that are named here without a call: `jobs.map(client.update)`.
    pub(super) fn mentions(&mut self, wrappers: &BTreeMap<String, Vec<Wrapper>>) {
        let code = self.code;
        for at in 0..code.len() {
            let name = self.values.original(code.word(at));
            let Some(known) =
                wrappers.get(name).filter(|_| code.is_word(at) && code.functions_of(name).next().is_none())
            else {
                continue;
            };
            let next = code.next(at);
            let is_plain = matches!(code.word(next), "(" | "<" | "!" | "[" | ":" | "=" | "=>" | "as");
            let is_own = code.owner(at).is_some() || parts(name).count() > 1 && !self.values.is_defined(name);
            let is_kin = || known.iter().take(8).any(|wrapper| self.is_kin(at, wrapper));
            if !is_plain && is_own && !self.is_import(at) && is_kin() {
                self.mentioned.insert(name.to_owned());
            }
        }
    }

    /// Returns whether a token is in an import or an export.
    fn is_import(&self, at: usize) -> bool {
        let code = self.code;
        let mut outer = at;
        while let Some(up) = code.up(outer) {
            outer = up;
        }
        let start = code.statement_start(outer);
        let is_word =
            |at: usize| matches!(code.word(at), "import" | "from" | "use" | "using" | "export" | "exports" | "require");
        (start..code.statement_end(start).min(start.saturating_add(60))).any(is_word)
    }

    /// Takes one request of a function of another text.
    fn take_foreign(&mut self, name: &str, wrapper: &Wrapper, said: Said, open: usize) -> bool {
        let mut targets = vec![Value { text: wrapper.target.clone(), is_xero: true, ..Value::default() }];
        let mut shown = None;
        for (index, param) in wrapper.params.iter().enumerate() {
            let hole = format!("{{#0:{index}}}");
            if !wrapper.target.contains(&hole) {
                continue;
            }
            let at = self.values.argument_at(&param.name, param.place, param.is_member, open);
            let values: Vec<Value> = match at {
                Some(at) => self.values.expression(at).0,
                None if param.default.is_empty() => vec![Value { text: "{}".to_owned(), ..Value::default() }],
                None => param.default.iter().map(|text| Value { text: text.clone(), ..Value::default() }).collect(),
            };
            shown = shown.or(at);
            let is_text = |value: &&Value| !value.text.contains(char::is_whitespace);
            let filled = |target: &Value| {
                values.iter().filter(is_text).map(|value| target.filled(&hole, value)).collect::<Vec<_>>()
            };
            targets = targets.iter().flat_map(filled).take(40).collect();
        }
        let mut taken = false;
        for target in targets {
            let at = shown.unwrap_or(open);
            let text = plain(&target.text);
            // Other functions have the same name: what leads to no operation is taken for Xero's only by its name.
            let reached = match full(&text) {
                Some(Reached::Target(text)) if param_of_any(&text).is_none() && !names_xero(name) => {
                    let methods = ["GET", "POST", "PUT", "DELETE", "PATCH"];
                    methods.iter().any(|method| is_known(method, &text)).then_some(Reached::Target(text))
                }
                reached => reached,
            };
            if let Some(reached) = reached {
                taken = true;
                self.filled.extend(u32::try_from(open));
                self.called.insert(name.to_owned());
                self.take(reached, said, &Value { text, ..target }, at);
            }
        }
        taken
    }
}

/// Words of the names of objects that send requests.
const CLIENTS: [&str; 8] = ["client", "api", "http", "service", "gateway", "rest", "sdk", "connector"];

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
