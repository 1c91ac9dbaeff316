//! The method that a function takes from what it is given: `options.method ?? "GET"`, `const { method = "GET" } = options`.

use super::Requests;
use super::said::{METHOD_KEYS, Said};
use super::said_chain::is_method_setter;
use super::wrappers::param_of;
use crate::resolve::code::lex::Kind;
use crate::resolve::code::values::is_self;
use crate::resolve::scan::among;
use crate::resolve::target::method;

/// Methods of objects that give the value of a key, or what stands behind the key.
const GETTERS: &str = "get pop fetch delete dig getOrDefault GetValueOrDefault TryGetValue";

impl Requests<'_, '_, '_> {
    /// The method that an expression takes from the options that a function is given, if it does.
    pub(super) fn said_of_option(&self, at: usize) -> Option<Said> {
        let code = self.code;
        let mut root = at;
        while code.is(root, "(") || code.is(root, "await") {
            root = code.next(root);
        }
        let mark = code.next(root);
        let inner = code.next(mark);
        let (key, last, default) = match code.next(inner) {
            open if code.is_dot(mark) && code.is(open, "(") && among(code.word(inner), GETTERS) => {
                let parts = code.parts(open);
                (parts.first()?.0, code.mate(open)?, parts.get(1).map(|(start, _)| *start))
            }
            _ if code.is_dot(mark) => (inner, inner, None),
            _ if code.is(mark, "[") => (inner, code.mate(mark)?, None),
            _ => return None,
        };
        let key = if code.is(key, ":") { code.next(key) } else { key };
        if !code.is_word(root) || !is_method_setter(code.word(key)) {
            return None;
        }
        let function = self.parameter_at(root)?;
        let default = default.or_else(|| {
            let mark = code.next(last);
            matches!(code.word(mark), "??" | "||" | "or" | "?:").then(|| code.next(mark))
        });
        Some(self.options_of(function, default))
    }

    /// The method of a variable that a function takes from its options.
    pub(super) fn said_of_local(&self, at: usize) -> Option<Said> {
        let code = self.code;
        let function = code.function_of(at);
        let own = self.values.assigned(code.name(at));
        let own = own.filter(|value| *value < at && code.function_of(*value) == function).take(9);
        let given = own.filter_map(|value| {
            // `verb := http.MethodPost`
            let is_named = || code.is_word(value) && code.is_dot(code.next(value));
            let known = || is_named().then(|| self.said_at(value, false)).filter(|said| said.method().is_some());
            let branches = || self.said_of_branches(value);
            self.said_of_parts(value).or_else(|| self.said_of_option(value)).or_else(known).or_else(branches)
        });
        given.reduce(Said::and)
    }

    /// The methods of the branches of a condition that a value is: `isNew ? HttpMethod.Put : HttpMethod.Post`,
    /// `match ($action) { 'read' => 'GET', … }`, `if ($new) { "PUT" } else { "POST" }`.
    pub(super) fn said_of_branches(&self, value: usize) -> Option<Said> {
        let code = self.code;
        let is_branched = among(code.word(value), "if match switch case when") && code.is_word(value);
        if !is_branched {
            let end = code.statement_end(value);
            // A name may stand for this very condition: `method = given ? given : method`.
            let is_written = |at: usize| code.kind(at) == Kind::Text || code.is_dot(code.next(at));
            let is_plain = self.arms(value, end).is_some_and(|arms| arms.into_iter().all(is_written));
            return if is_plain { self.said_by_condition(value, end) } else { None };
        }
        let end = code.statement_end(value).min(value.saturating_add(120));
        // The condition itself is no branch.
        let from = code.skip(code.next(value));
        let is_branch = |at: &usize| {
            let before = code.prev(*at).map_or("", |before| code.word(before));
            code.kind(*at) == Kind::Text && among(before, "=> -> { : else then return ,")
        };
        let known = (from..end).filter(is_branch).filter_map(|at| method(code.word(at)));
        let said = known.fold(Said::Nothing, |said, one| said.and(Said::Known(one)));
        match said {
            Said::Nothing => None,
            // The other branches may have any method.
            Said::Known("GET") => Some(Said::Open),
            said => Some(said),
        }
    }

    /// The methods of a condition that an argument is: `isNew ? HttpMethod.Put : HttpMethod.Post`,
    /// `if (isNew) "PUT" else "POST"`.
    pub(super) fn said_by_condition(&self, start: usize, end: usize) -> Option<Said> {
        let all = self.arms(start, end)?.map(|arm| self.said_at(arm, false));
        all.iter().all(|said| said.method().is_some()).then(|| all.into_iter().fold(Said::Nothing, Said::and))
    }

    /// Returns where the two branches of a condition begin.
    fn arms(&self, start: usize, end: usize) -> Option<[usize; 2]> {
        let code = self.code;
        let find = |from: usize, signs: [&str; 2]| {
            let is_sign = |at: &usize| signs.iter().any(|sign| code.is(*at, sign)) && code.up(*at) == code.up(start);
            (from..end).find(is_sign)
        };
        if code.is(start, "if") {
            let other = find(start, ["else", "else"])?;
            return Some([code.prev(other)?, code.next(other)]);
        }
        let mark = find(start, ["?", "?"])?;
        Some([code.next(mark), code.next(find(mark, [":", ":"])?)])
    }

    /// `const { method = "GET" } = options`, where the default is at a token.
    fn said_of_parts(&self, default: usize) -> Option<Said> {
        let code = self.code;
        let close = code.mate(code.up(default).filter(|up| code.is(*up, "{"))?)?;
        let equals = code.next(close);
        if !code.is(equals, "=") {
            return None;
        }
        let function = self.parameter_at(code.next(equals))?;
        Some(self.options_of(function, Some(default)))
    }

    /// The method among the options that a parameter is given; without a function that can be called it may be any.
    fn options_of(&self, (function, place): (usize, usize), default: Option<usize>) -> Said {
        let is_called = self.code.functions.get(function).is_some_and(|function| !function.name.is_empty());
        let default = default.map_or(Said::Nothing, |at| self.said_at(at, true)).method();
        if is_called { Said::Options(function, place, default) } else { Said::Open }
    }

    /// The parameter that the name at a token is.
    fn parameter_at(&self, at: usize) -> Option<(usize, usize)> {
        let values = self.values.lookup(self.code.name(at), None, at, 6);
        values.first().and_then(|value| param_of(&value.text))
    }

    /// The method of a member of the object itself, `this.verb`, where a method of its class sets that to what it is given.
    pub(super) fn said_of_own_member(&self, at: usize) -> Option<Said> {
        let code = self.code;
        let member = code.next(code.next(at));
        if !is_self(code.word(at)) || !code.is_dot(code.next(at)) || !code.is_word(member) {
            return None;
        }
        let mut set = self.values.assigned(code.name(member)).take(40);
        let is_given = |value: usize| self.values.expression(value).0.iter().any(|one| param_of(&one.text).is_some());
        set.any(is_given).then_some(Said::Open)
    }

    /// The method that a call gives by name: `call("Items", method="PUT")`.
    pub(super) fn said_named(&self, open: usize) -> Said {
        let code = self.code;
        let is_method = |(start, _): &(usize, usize)| {
            let key = code.word(*start).trim_start_matches(['$', ':']).to_ascii_lowercase();
            code.is_word(*start) && key != "type" && among(key.as_str(), METHOD_KEYS)
        };
        let named = code.parts(open).into_iter().filter(is_method).map(|part| (part.0, self.values.argument(part)));
        let given = named.filter(|(start, value)| start != value).map(|(_, value)| value);
        given.take(1).fold(Said::Nothing, |said, value| said.or(|| self.said_at(value, true)))
    }
}
