//! Functions that other texts define and that send what they are given, and those of this text for the others.

use super::Requests;
use super::clients::OTHERS;
use super::reach::{Reached, full, plain};
use super::said::Said;
use super::said_value::is_method_name;
use super::wrappers::{Pending, ROUNDS, param_of_any};
use crate::resolve::code::names::{parts, words};
use crate::resolve::code::values::{Parameter, Value, is_self};
use crate::resolve::scan::among;
use crate::resolve::target::{is_known, is_of_xero, method, names_xero};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

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

/// So far before a call is the declaration of its object looked for.
const DECLARED: usize = 400;

/// Words of the names of objects that send requests.
const CLIENTS: &str = "client api http service gateway rest sdk connector";

impl Requests<'_, '_, '_> {
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
        let is_kind = |at: &usize| among(code.word(*at), "class module struct type defmodule impl");
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
        if among(own, OTHERS) {
            return false;
        }
        let says = |name: &str| {
            names_xero(name)
                || is_self(name)
                || words(name).iter().any(|word| among(word.as_str(), CLIENTS) || wrapper.kin.contains(word))
        };
        // What the object is made of: `c := f.APIClient()`.
        let is_made = |value: usize| {
            let last = value.saturating_add(8).min(code.statement_end(value));
            (value..last).any(|at| code.is_word(at) && says(code.name(at)))
        };
        // `x: XeroHttp`, `c *xero.Client`, `XeroHttp x`: the type that a parameter is declared with.
        let is_typed = |at: usize| {
            let end = code.statement_end(at).min(at.saturating_add(6));
            let behind =
                (code.next(at)..end).take_while(|at| !matches!(code.token(*at).sign, b',' | b')' | b'=' | b'('));
            code.prev(at).into_iter().chain(behind).any(|at| code.is_word(at) && says(code.name(at)))
        };
        let is_declared = |at: &usize| {
            code.word(*at) == own && code.up(*at).is_some_and(|up| code.is_definition(up, up)) && is_typed(*at)
        };
        says(own)
            || self.values.assigned(own).take(20).any(is_made)
            || (callee.saturating_sub(DECLARED)..callee).rev().any(|at| is_declared(&at))
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
            let is_plain = among(code.word(next), "( < ! [ : = => as");
            let is_own = code.owner(at).is_some() || parts(name).count() > 1 && !self.values.is_defined(name);
            let is_kin = || known.iter().take(8).any(|wrapper| self.is_kin(at, wrapper));
            if !is_plain && is_own && !code.is_import(at) && is_kin() {
                self.mentioned.insert(name.to_owned());
            }
        }
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
