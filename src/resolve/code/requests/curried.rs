//! Functions that a call of another function gives: `call("PUT")("/Payments")`, `const put = call("PUT"); put("/Payments")`.

use super::Requests;
use super::wrappers::Pending;
use crate::resolve::code::names::is_definition;

/// So many calls are filled.
const MOST: usize = 200;

impl Requests<'_, '_, '_> {
    /// Fills a request of a function without a name which another function gives with the arguments of both their calls; returns
    /// whether there are any.
    pub(super) fn fill_curried(&mut self, one: &Pending) -> bool {
        let Some(outer) = self.giver_of(one.function) else { return false };
        let calls = self.calls_of_given(outer);
        for (first, second) in &calls {
            let before = self.pending.len();
            self.fill(one, *second);
            self.filled.extend(u32::try_from(*second));
            // What the outer function is given is that of the same call.
            for rest in self.pending.split_off(before.min(self.pending.len())) {
                if rest.function == outer {
                    self.fill(&rest, *first);
                } else {
                    self.pending.push(rest);
                }
            }
        }
        !calls.is_empty()
    }

    /// The function with a name that gives a function: its body begins with the parameters of that.
    fn giver_of(&self, inner: usize) -> Option<usize> {
        let code = self.code;
        let function = code.functions.get(inner).filter(|function| function.name.is_empty())?;
        let outer = code.function_of(function.body.0.checked_sub(1)?)?;
        let giver = code.functions.get(outer).filter(|giver| !giver.name.is_empty())?;
        let (from, to) = giver.body;
        let mut at = if code.is(from, "{") { code.next(from) } else { from };
        while at < to && matches!(code.word(at), "return" | "async" | "function" | "lambda") {
            at = code.next(at);
        }
        let begins =
            code.is(at, "(") && is_definition(code, at) && code.mate(at).is_some_and(|end| end < function.body.0);
        begins.then_some(outer)
    }

    /// The calls of a function whose value is called as well: where the arguments of both begin.
    fn calls_of_given(&self, outer: usize) -> Vec<(usize, usize)> {
        let code = self.code;
        let Some(name) = code.functions.get(outer).map(|function| function.name) else { return Vec::new() };
        let is_call_of = |open: &usize, name: &str| {
            code.is(*open, "(")
                && !is_definition(code, *open)
                && code.callee(*open).is_some_and(|own| code.word(own) == name)
        };
        let mut calls = Vec::new();
        for first in (0..code.len()).filter(|open| is_call_of(open, name)).take(MOST) {
            let Some(close) = code.mate(first) else { continue };
            let second = code.next(close);
            if code.is(second, "(") {
                calls.push((first, second));
                continue;
            }
            let Some(given) = code.callee(first).and_then(|callee| code.assigned_name(callee)) else { continue };
            calls.extend((0..code.len()).filter(|open| is_call_of(open, given)).map(|second| (first, second)));
            if calls.len() > MOST {
                break;
            }
        }
        calls.truncate(MOST);
        calls
    }
}
