//! Methods of SDKs by their names as values: `api["getInvoices"]`, `getattr(api, name)`, `$api->$method(…)`.

use super::methods::{Receiver, Sdk};
use crate::resolve::code::hit::{Hit, What};
use crate::resolve::code::lex::Kind;
use crate::resolve::code::names::is_definition;
use crate::resolve::code::requests::param_of;
use crate::resolve::code::values::Value;
use crate::resolve::found::Why;
use crate::resolve::ids::{Apis, is_verb, narrowed, rows_in};

impl Sdk<'_, '_, '_> {
    /// `$api->$method(…)`.
    pub(super) fn by_variable(&mut self, at: usize) {
        let code = self.code;
        if !code.word(at).starts_with('$') || code.owner(at).is_none() {
            return;
        }
        if let Receiver::Api(from, apis) = self.receiver(at) {
            let values = self.values.lookup(code.name(at), None, at, 8);
            self.take_names(&values, apis, from, at);
        }
    }

    /// `$api->{$name}(…)`.
    pub(super) fn by_braces(&mut self, open: usize) {
        let code = self.code;
        let owner = code.owner(open).filter(|owner| code.is_word(*owner));
        let is_called = code.mate(open).is_some_and(|close| code.is(code.next(close), "("));
        if let Some(owner) = owner.filter(|_| is_called)
            && let Some(apis) = self.api_at(owner)
        {
            let inside = code.next(open);
            let (values, _) = self.values.expression(inside);
            self.take_names(&values, apis, owner, inside);
        }
    }

    /// `api["getInvoices"](…)`, and `[$api, 'getInvoices']`.
    pub(super) fn by_index(&mut self, open: usize) {
        let code = self.code;
        let Some(close) = code.mate(open) else { return };
        if let [(first, first_end), (second, _)] = code.parts(open).as_slice()
            && (code.kind(*second) == Kind::Text || code.word(*second).starts_with('$'))
            && code.is_word(*first)
        {
            let last = (*first..*first_end).rev().find(|at| code.is_word(*at)).unwrap_or(*first);
            if let Some(apis) = self.api_at(last) {
                let values = self.values.expression(*second).0;
                self.take_names(&values, apis, *first, *second);
            }
            return;
        }
        let Some(mut before) = open.checked_sub(1) else { return };
        if code.is(before, "?.") {
            before = before.saturating_sub(1);
        }
        // `(xero.accountingApi as any)[name](…)`
        if code.is(before, ")")
            && let Some(inner) = code.mate(before).and_then(|open| code.inner_name(open))
        {
            before = inner;
        }
        if !code.is_word(before)
            || !code.is(code.next(close), "(") && !matches!(code.word(code.next(close)), "." | ")" | ",")
        {
            return;
        }
        let Some(apis) = self.api_at(before) else { return };
        let inside = code.next(open);
        // `files: File[]` is a type.
        if code.kind(inside) == Kind::Number || inside == close {
            return;
        }
        let (values, _) = self.values.expression(inside);
        self.take_names(&values, apis, before, inside);
    }

    /// `getattr(api, "get_invoices")`, `api.send(:get_invoices, …)`.
    pub(super) fn by_string(&mut self, at: usize) {
        let code = self.code;
        let word = code.word(at);
        let open = code.next(at);
        if !code.is(open, "(") {
            return;
        }
        let parts = || code.parts(open);
        let found = match word {
            "getattr" | "method_exists" | "attrgetter" => match parts().as_slice() {
                [(object, end), (name, _), ..] => {
                    let last = (*object..*end).rev().find(|at| code.is_word(*at));
                    last.and_then(|last| Some((self.api_at(last)?, last, *name)))
                }
                _ => None,
            },
            "send" | "public_send" | "__send__" | "method" | "public_method" | "apply" | "GetMethod" | "getMethod"
            | "getDeclaredMethod" | "methodcaller" => {
                let owner = code.chain(at).first().copied();
                match (owner, parts().first()) {
                    (Some(owner), Some((name, _))) => self.api_at(owner).map(|apis| (apis, owner, *name)),
                    _ => None,
                }
            }
            _ => None,
        };
        let Some((apis, from, name)) = found else { return };
        if apis == Apis::ALL && self.named == Apis::NONE && !matches!(code.kind(name), Kind::Text | Kind::Mark) {
            return;
        }
        let (values, _) = self.values.expression(name);
        self.take_names(&values, apis, from, name);
    }

    /// `const { getInvoices } = xero.accountingApi`.
    pub(super) fn destructured(&mut self, open: usize) {
        let code = self.code;
        let Some(close) = code.mate(open) else { return };
        let equals = code.next(close);
        if !code.is(equals, "=") {
            return;
        }
        let mut last = code.next(equals);
        while code.is_dot(code.next(last)) && code.is_word(code.next(code.next(last))) {
            last = code.next(code.next(last));
        }
        let Some(apis) = self.api_at(last).filter(|_| code.is_word(last)) else { return };
        for (start, _) in code.parts(open) {
            if code.is_word(start) && is_verb(code.name(start)) {
                let rows = self.ids.find(code.name(start));
                self.take(start, code.name(start), start, apis, &rows, true);
            }
        }
    }

    /// The texts that a value is; those of the parameter of a function are what its calls give it.
    pub(super) fn given(&self, value: &Value) -> Vec<String> {
        let code = self.code;
        let of_parameter = || {
            let (function, place) = param_of(&value.text)?;
            let function = code.functions.get(function).filter(|function| !function.name.is_empty())?;
            Some((function, function.params.get(place)?))
        };
        let Some((function, param)) = of_parameter() else { return vec![value.text.clone()] };
        let is_call = |open: &usize| {
            code.callee(*open).is_some_and(|callee| code.name(callee) == function.name) && !is_definition(code, *open)
        };
        let calls = (0..code.len()).filter(|open| code.is(*open, "(")).filter(is_call).take(200);
        let given = calls.filter_map(|open| self.values.argument_for(function, param, open));
        given.flat_map(|at| self.values.expression(at).0).map(|value| value.text).collect()
    }

    /// Takes methods by their names where those are known; else reports the place as unresolved.
    pub(super) fn take_names(&mut self, values: &[Value], apis: Apis, from: usize, shown: usize) {
        let code = self.code;
        let (start, end) = (code.start(shown), code.token(shown).end as usize);
        let mut found = false;
        let names: Vec<String> = values.iter().flat_map(|value| self.given(value)).collect();
        for name in &names {
            let name = name.trim_start_matches(':');
            let rows = rows_in(&self.ids.find(name), apis);
            if is_verb(name) && !rows.is_empty() {
                found = true;
                let rows = narrowed(rows, name, self.named);
                self.hits.push(Hit {
                    at: start,
                    end,
                    what: What::Rows { rows, is_assumed: false, shown: (start, end) },
                });
            }
        }
        let is_api = (self.of_xero || self.typed.contains_key(code.name(from)))
            && (apis != Apis::ALL || self.named != Apis::NONE);
        if !found && is_api {
            self.hits.push(Hit {
                at: code.start(from),
                end: code.token(from).end as usize,
                what: What::Unread { why: Why::UnknownMethod, method: None },
            });
        }
    }
}
