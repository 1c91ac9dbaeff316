//! Names that are called, what they belong to, and what is called behind them.

use super::SourceCode;
use crate::resolve::code::lang::Lang;
use crate::resolve::code::lex::Kind;

impl SourceCode<'_> {
    /// The name that is called with the brackets at `open`, if they are arguments.
    pub(in crate::resolve::code) fn callee(&self, open: usize) -> Option<usize> {
        if self.is(open, "(") { self.name_before(open) } else { None }
    }

    /// The name that stands before brackets.
    #[inline(never)]
    fn name_before(&self, open: usize) -> Option<usize> {
        let before = self.prev(open)?;
        match self.kind(before) {
            // `new(HttpMethod.Put, url)` of C#
            Kind::Word if self.is(before, "new") && self.lang == Lang::C => Some(before),
            Kind::Word => (!is_keyword(self.word(before)) || self.owner(before).is_some()).then_some(before),
            // `json<Organisation>(`, `Call[T](`
            Kind::Mark if self.word(before) == ">" => {
                let name = self.prev(self.type_start(before)?)?;
                // `json::<T>(`
                let name = if self.is(name, "::") { self.prev(name)? } else { name };
                self.is_word(name).then_some(name)
            }
            Kind::Close if self.is(before, ")") => self.name_in_call(self.mate(before)?, open),
            Kind::Close if self.is_type_of_go(before) => self.prev(self.mate(before)?),
            // `axios["delete"](`, `axios[verb](`, `$http->{$verb}(`
            Kind::Close => {
                let name = self.next(self.mate(before)?);
                let is_name = self.kind(name) == Kind::Text || self.is_word(name);
                (is_name && self.next(name) == before && self.owner(name).is_some()).then_some(name)
            }
            // `Req.get!(`
            Kind::Mark if matches!(self.word(before), "!" | "?.") => {
                self.prev(before).filter(|name| self.is_word(*name))
            }
            _ => None,
        }
    }

    /// Returns whether the brackets that end at a token hold types of Go: `get[Invoices](`, `get[T any](`.
    pub(super) fn is_type_of_go(&self, close: usize) -> bool {
        let Some(open) = self.mate(close).filter(|_| self.is_go() && self.is(close, "]")) else { return false };
        let first = self.next(open);
        let last = self.prev(close).unwrap_or(open);
        let is_type = |name: &str| {
            name.starts_with(|c: char| c.is_ascii_uppercase())
                || matches!(name, "any" | "string" | "int" | "bool" | "byte" | "error" | "comparable" | "map")
        };
        let is_named = self.prev(open).is_some_and(|name| self.is_word(name));
        is_named && (self.is(first, "*") || self.is(first, "[") || self.is_word(last) && is_type(self.word(last)))
    }

    /// The function that the call at `inner` gives, which is called at `open`: `getattr(requests, verb)(`, `client(token)(`.
    #[inline(never)]
    fn name_in_call(&self, inner: usize, open: usize) -> Option<usize> {
        let is_beside = self.mate(inner).is_some_and(|close| close.saturating_add(1) == open);
        if !is_beside || self.is_definition(inner, open) {
            return None;
        }
        let Some(callee) = self.callee(inner) else { return self.inner_name(inner) };
        match self.parts(inner).as_slice() {
            [_, (name, end)] if self.is(callee, "getattr") => {
                (self.next(*name) == *end || name.saturating_add(1) == *end).then_some(*name)
            }
            _ => Some(callee),
        }
    }

    /// Returns whether the name of a function is only known when the program runs: `axios[verb](…)`, `$http->$verb(…)`.
    #[inline(never)]
    pub(in crate::resolve::code) fn is_computed(&self, callee: usize) -> bool {
        self.is_word(callee)
            && (self.index_owner(callee).is_some()
                || self.lang == Lang::Php && self.word(callee).starts_with('$') && self.owner(callee).is_some())
    }

    /// Returns where the types begin that end with the `>` at a token: `<A<B>, C[]>`.
    #[inline(never)]
    pub(super) fn type_start(&self, end: usize) -> Option<usize> {
        let mut at = end;
        let mut depth = 1_usize;
        // `get<T = unknown>(` of a definition.
        let mut has_default = false;
        for _ in 0..60 {
            at = self.prev(at)?;
            match self.kind(at) {
                Kind::Text | Kind::Template | Kind::TemplateEnd | Kind::Number => return None,
                Kind::Mark if self.is(at, ">") => depth = depth.saturating_add(1),
                Kind::Mark if self.is(at, "<") => depth = depth.saturating_sub(1),
                Kind::Mark if self.is(at, "=") => has_default = true,
                Kind::Mark if matches!(self.word(at), ";" | "=>" | "&&" | "||") => return None,
                Kind::Open | Kind::Close if has_default => return None,
                _ => {}
            }
            if depth == 0 {
                let is_defined = || {
                    let name = self.prev(at)?;
                    let word = self.word(self.prev(name)?);
                    Some(
                        matches!(word, "function" | "async" | "public" | "private" | "protected" | "static")
                            || self.statement_start(name) == name,
                    )
                };
                return (!has_default || is_defined() == Some(true)).then_some(at);
            }
        }
        None
    }

    /// What a name between brackets belongs to: the `axios` of `axios["delete"]` and of `axios[verb](…)`, that of
    /// `$axios->{$verb}(…)` and of `getattr(axios, verb)(…)`.
    #[inline(never)]
    fn index_owner(&self, name: usize) -> Option<usize> {
        let open = self.prev(name)?;
        let is_text = self.kind(name) == Kind::Text;
        let is_called = || {
            let close = self.next(name);
            self.kind(close) == Kind::Close && self.is(self.next(close), "(")
        };
        if self.is(open, ",") {
            let around = self.up(name).filter(|up| self.is(*up, "(") && is_called())?;
            return self.prev(around).filter(|word| self.is(*word, "getattr")).map(|_| self.next(around));
        }
        if self.is(open, "{") && is_called() {
            return self.prev(open).filter(|arrow| self.is(*arrow, "->")).and_then(|arrow| self.prev(arrow));
        }
        if !self.is(open, "[") || !is_text && !is_called() {
            return None;
        }
        let before = open.checked_sub(1)?;
        let before = if self.is(before, "?.") { before.checked_sub(1)? } else { before };
        (self.is_word(before) || matches!(self.word(before), ")" | "]") && self.kind(before) == Kind::Close)
            .then_some(before)
    }

    /// What a name belongs to: the token before the dot in front of it.
    #[inline(never)]
    pub(in crate::resolve::code) fn owner(&self, name: usize) -> Option<usize> {
        if self.kind(name) == Kind::Text {
            return self.index_owner(name);
        }
        let dot = self.prev(name)?;
        // `?.[`, `!.`
        if !self.is_dot(dot) {
            return if matches!(self.word(dot), "[" | "{" | ",") { self.index_owner(name) } else { None };
        }
        let mut before = self.prev(dot)?;
        while matches!(self.word(before), "!" | "?") && self.kind(before) == Kind::Mark {
            before = self.prev(before)?;
        }
        if self.is(before, "\\") {
            before = self.prev(before)?;
        }
        Some(before)
    }

    /// The names in the chain in front of a name, nearest first: of `a.b(c).d` for `d` the tokens of `b` and `a`.
    #[inline(never)]
    pub(in crate::resolve::code) fn chain(&self, name: usize) -> Vec<usize> {
        let mut links = Vec::new();
        let mut at = name;
        while links.len() < 24 {
            let Some(mut owner) = self.owner(at) else { break };
            // Arguments and indices.
            for _ in 0..8 {
                if self.kind(owner) != Kind::Close {
                    break;
                }
                let Some(open) = self.mate(owner) else { return links };
                let Some(before) = self.prev(open) else {
                    links.extend(self.inner_name(open));
                    return links;
                };
                // `client.delete().uri(…)`
                let is_name = self.is_word(before) && (!is_keyword(self.word(before)) || self.owner(before).is_some());
                if is_name || self.kind(before) == Kind::Close {
                    owner = before;
                } else if self.is(before, ">") {
                    let Some(callee) = self.callee(open) else { return links };
                    owner = callee;
                } else {
                    // `(new AccountingApi(…))->`, `(await client()).`
                    if let Some(inner) = self.inner_name(open) {
                        links.push(inner);
                    }
                    return links;
                }
            }
            if !self.is_word(owner) {
                if matches!(self.kind(owner), Kind::Text | Kind::TemplateEnd) {
                    links.push(owner);
                }
                break;
            }
            links.push(owner);
            at = owner;
        }
        links
    }

    /// The name of the expression in brackets: of `(new A\B(x))` it is `B`, of `(x.y as any)` it is `y`.
    pub(in crate::resolve::code) fn inner_name(&self, open: usize) -> Option<usize> {
        let close = self.mate(open)?;
        let mut last = None;
        let mut at = self.next(open);
        while at < close {
            if self.is_word(at) {
                if matches!(self.word(at), "as" | "satisfies") {
                    break;
                }
                if !is_keyword(self.word(at)) {
                    last = Some(at);
                }
            } else if !self.is_dot(at) && !matches!(self.word(at), "\\" | "!" | "?" | "*" | "&" | "(" | ")") {
                break;
            }
            at = self.skip(at);
        }
        last
    }

    /// The names called behind the brackets or the name that end at `at`, with the brackets of their arguments.
    pub(in crate::resolve::code) fn calls_behind(&self, at: usize) -> Vec<(usize, Option<usize>)> {
        let mut calls = Vec::new();
        let mut at = at;
        while calls.len() < 24 {
            let mut dot = self.next(at);
            while matches!(self.word(dot), "!" | "?") && self.kind(dot) == Kind::Mark {
                dot = self.next(dot);
            }
            // `%>%` of R.
            if self.is(dot, "%") && self.is(self.next(dot), ">") {
                dot = self.next(self.next(dot));
            } else if !self.is_dot(dot) && !self.is(dot, "|>") {
                break;
            }
            let name = self.next(dot);
            if !self.is_word(name) {
                break;
            }
            // `Req.get!(url)` of Elixir.
            let open = self.next(name);
            let open = if self.is(open, "!") && self.is(self.next(open), "(") { self.next(open) } else { open };
            if self.is(open, "(") {
                calls.push((name, Some(open)));
                at = self.mate(open).unwrap_or(open);
            } else {
                calls.push((name, None));
                at = name;
            }
            // `.apply { header("a", "b") }.put(body)` of Kotlin.
            let block = self.next(at);
            if self.is(block, "{") && self.lang == Lang::C && self.beside(at) == Kind::Open {
                at = self.mate(block).unwrap_or(block);
            }
            while self.is(self.next(at), "[") || self.is(self.next(at), "(") {
                let open = self.next(at);
                let Some(close) = self.mate(open) else { return calls };
                at = close;
            }
        }
        calls
    }
}

/// Words that stand where a name could and are none.
pub(in crate::resolve::code) fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "if" | "for"
            | "while"
            | "switch"
            | "catch"
            | "return"
            | "await"
            | "yield"
            | "new"
            | "typeof"
            | "in"
            | "of"
            | "and"
            | "or"
            | "not"
            | "do"
            | "else"
            | "case"
            | "throw"
            | "using"
            | "match"
            | "when"
            | "elif"
            | "elsif"
            | "unless"
            | "foreach"
            | "then"
            | "raise"
            | "assert"
            | "print"
            | "lambda"
            | "with"
            | "as"
            | "is"
            | "delete"
            | "void"
            | "try"
            | "except"
            | "finally"
    )
}
