//! Functions: their names, their parameters and their bodies.

use super::{SourceCode, is_keyword};
use crate::resolve::code::lang::Lang;
use crate::resolve::code::lex::{Kind, NONE};

/// A function with a body.
pub(in crate::resolve::code) struct Function<'t> {
    pub(in crate::resolve::code) name: &'t str,
    pub(in crate::resolve::code) params: Vec<Param<'t>>,
    /// The tokens of its body.
    pub(in crate::resolve::code) body: (usize, usize),
}

/// A parameter of a function.
#[derive(Clone)]
pub(in crate::resolve::code) struct Param<'t> {
    pub(in crate::resolve::code) name: &'t str,
    /// Which of the arguments it is; members of one object share theirs.
    pub(in crate::resolve::code) place: usize,
    /// True if it is a member of an object.
    pub(in crate::resolve::code) is_member: bool,
    /// The parameter that it is a member of, where the body takes it from that: the `init` of `init.path`.
    pub(in crate::resolve::code) of: Option<&'t str>,
    /// The place where its default begins.
    pub(in crate::resolve::code) default: Option<usize>,
}

/// A function of Visual Basic is looked at so far.
const LONG: usize = 5_000;

/// So far into a body are the members of parameters looked for.
const MEMBERS: usize = 300;

impl<'t> SourceCode<'t> {
    /// Returns whether brackets hold the parameters of a function.
    pub(in crate::resolve::code) fn is_definition(&self, open: usize, _close: usize) -> bool {
        self.definitions.binary_search(&open).is_ok()
    }

    /// The function whose body a token is in, the innermost.
    pub(in crate::resolve::code) fn function_of(&self, at: usize) -> Option<usize> {
        self.inside.get(at).copied().filter(|function| *function != NONE).map(|function| function as usize)
    }

    /// The word of the class that a token is in: by its brackets, else by how far its lines are indented.
    pub(in crate::resolve::code) fn class_of(&self, at: usize) -> Option<usize> {
        let is_kind = |word: &usize| {
            // `self.class` of Ruby is none.
            matches!(self.word(*word), "class" | "interface" | "trait" | "impl") && self.owner(*word).is_none()
        };
        let mut inner = self.up(at);
        while let Some(up) = inner {
            let start = if self.is(up, "{") { self.statement_start(up) } else { up };
            if let Some(class) = (start..up).find(is_kind) {
                return Some(class);
            }
            inner = self.up(up);
        }
        let is_around =
            |word: &usize| is_kind(word) && self.is_word(*word) && self.indent_of(*word) < self.indent_of(at);
        let floor = at.saturating_sub(LONG);
        if self.lang.is_indented() { (floor..at).rev().find(is_around) } else { None }
    }

    /// For each token the innermost function around it: of those that have begun and not ended, the last.
    pub(super) fn find_inside(&self) -> Vec<u32> {
        let mut inside = Vec::with_capacity(if self.functions.is_empty() { 0 } else { self.len() });
        let mut open: Vec<(u32, usize)> = Vec::new();
        let mut functions = (0_u32..).zip(&self.functions).peekable();
        for at in 0..self.len() {
            if functions.peek().is_none() && open.is_empty() {
                break;
            }
            while let Some((index, function)) = functions.next_if(|(_, function)| function.body.0 <= at) {
                open.push((index, function.body.1));
            }
            while open.pop_if(|(_, end)| *end <= at).is_some() {}
            inside.push(open.last().map_or(NONE, |(index, _)| *index));
        }
        inside
    }

    pub(super) fn find_functions(&mut self) -> Vec<Function<'t>> {
        let mut functions = Vec::new();
        let mut definitions = Vec::new();
        for open in 0..self.len() {
            if !self.is(open, "(") {
                continue;
            }
            let Some(close) = self.mate(open) else { continue };
            let Some((name, body)) = self.function_at(open, close) else { continue };
            let mut params = self.params(open);
            self.add_members(&mut params, body);
            functions.push(Function { name, params, body });
            definitions.push(open);
        }
        self.definitions = definitions;
        functions.sort_by_key(|function| function.body.0);
        functions
    }

    /// The name and the body of the function whose parameters are in these brackets.
    fn function_at(&self, open: usize, close: usize) -> Option<(&'t str, (usize, usize))> {
        if self.lang == Lang::Basic {
            return self.function_of_basic(open, close);
        }
        // `xeroGet<T>(path)`
        let before = self.prev(open);
        let has_types = before.is_some_and(|mark| self.is(mark, ">") || self.is_type_of_go(mark));
        let before = if has_types { self.callee(open) } else { before };
        let is_said = |name: usize| {
            self.prev(name).is_some_and(|word| {
                matches!(self.word(word), "function" | "def" | "defp" | "func" | "fun" | "fn" | "sub")
                    || self.is(word, ")") && self.is_receiver(word)
            })
        };
        let may_name = |name: usize| {
            let word = self.word(name);
            let is_nameless = matches!(word, "func" | "function" | "fun" | "fn" | "sub" | "async");
            !is_nameless && (!is_keyword(word) || word == "delete") || is_said(name)
        };
        let named = before.filter(|name| self.is_word(*name) && may_name(*name));
        let keyword =
            named.and_then(|name| self.prev(name)).filter(|word| self.is_word(*word)).map(|word| self.word(word));
        let is_said = matches!(keyword, Some("function" | "def" | "defp" | "func" | "fun" | "fn" | "sub"))
            || named
                .and_then(|name| self.prev(name))
                .is_some_and(|close| self.lang != Lang::Python && self.is(close, ")") && self.is_receiver(close));
        // Ruby and Elixir: `def get(path)` … `end`.
        let is_block = || {
            let name = named.filter(|_| matches!(keyword, Some("def" | "defp")) && self.lang != Lang::Python)?;
            Some((self.word(name), (close, self.block_end(name, close))))
        };
        if self.beside(close) == Kind::Line
            && !self.is(self.next(close), "{")
            && let Some(function) = is_block()
        {
            return Some(function);
        }
        // Up to the body there are only types.
        let mut at = self.next(close);
        for _ in 0..48 {
            match self.kind(at) {
                Kind::Open if self.is(at, "{") => {
                    let end = self.mate(at)?;
                    let is_method = named.is_some() && !self.is_call_statement(open);
                    if !is_said
                        && !is_method
                        && !self.is(self.prev(at)?, "=>")
                        && !before.is_some_and(|word| self.is(word, "function") || self.is(word, "func"))
                    {
                        return None;
                    }
                    let name = named.map(|name| self.word(name)).or_else(|| self.assigned_name(open)).unwrap_or("");
                    return Some((name, (at, end)));
                }
                Kind::Mark if self.word(at) == "=>" || self.word(at) == "=" && is_said => {
                    let body = self.next(at);
                    if self.is(body, "{") {
                        at = body;
                        continue;
                    }
                    if keyword.is_none() && self.word(at) == "=" {
                        return None;
                    }
                    let name = named
                        .filter(|name| is_said || self.has_type(*name))
                        .map(|name| self.word(name))
                        .or_else(|| self.assigned_name(open))
                        .unwrap_or("");
                    return Some((name, (body, self.expression_end(body))));
                }
                Kind::Mark if self.word(at) == ":" && matches!(keyword, Some("def")) && self.is_block_colon(at) => {
                    let name = named.map_or("", |name| self.word(name));
                    return Some((name, (at, self.block_end(named?, at))));
                }
                // Another statement begins here.
                Kind::Word
                    if matches!(
                        self.word(at),
                        "if" | "for" | "while" | "switch" | "return" | "defer" | "var" | "let" | "foreach" | "unless"
                    ) =>
                {
                    break;
                }
                Kind::Word | Kind::Number | Kind::Mark
                    if !matches!(self.word(at), ";" | "," | "." | "?." | "=" | "+" | "\\")
                        || self.word(at) == "." && is_said
                        || self.word(at) == "," && self.lang == Lang::Rust =>
                {
                    at = self.next(at);
                }
                Kind::Open
                    if !self.is(at, "{")
                        && (is_said || self.is(self.prev(at)?, ":") || self.mate(at) == Some(at.saturating_add(1))) =>
                {
                    at = self.skip(at);
                }
                _ => break,
            }
        }
        is_block()
    }

    /// Returns whether the type of its answer stands in front of the name of a function: `Future<Response> put(String path) => …`.
    fn has_type(&self, name: usize) -> bool {
        let kind = self.prev(name).filter(|_| self.lang != Lang::Js);
        kind.is_some_and(|kind| self.is(kind, ">") || self.is_word(kind) && !is_keyword(self.word(kind)))
    }

    /// The name and the body of a function of Visual Basic: `Function Send(path As String)` … `End Function`.
    fn function_of_basic(&self, open: usize, close: usize) -> Option<(&'t str, (usize, usize))> {
        let name = self.prev(open).filter(|name| self.is_word(*name))?;
        let kind = self.word(self.prev(name)?);
        if !matches!(kind, "Function" | "Sub") {
            return None;
        }
        let last = self.len().min(close.saturating_add(LONG));
        let ends = |at: &usize| self.is(*at, "End") && self.is(self.next(*at), kind);
        Some((self.word(name), (close, (close..last).find(ends).unwrap_or(last))))
    }

    /// Returns whether the brackets that end at `close` are the receiver of a method in Go.
    fn is_receiver(&self, close: usize) -> bool {
        self.mate(close).and_then(|open| self.prev(open)).is_some_and(|word| self.is(word, "func"))
    }

    /// Returns whether the brackets at `open` are arguments of `if` and the like, or a call in front of a block.
    fn is_call_statement(&self, open: usize) -> bool {
        let Some(name) = self.prev(open) else { return true };
        self.owner(name).is_some()
            || self.prev(name).is_some_and(|before| {
                matches!(
                    self.word(before),
                    "=" | ":="
                        | "<-"
                        | "("
                        | ","
                        | "return"
                        | "await"
                        | "new"
                        | "=>"
                        | "+"
                        | "!"
                        | "=="
                        | "!="
                        | "&&"
                        | "||"
                        | "?"
                        | "if"
                        | "go"
                        | "defer"
                )
            })
    }

    /// Returns whether a colon opens a block of Python: the line ends behind it, or the block is on the line.
    fn is_block_colon(&self, at: usize) -> bool {
        self.kind(at) == Kind::Mark
    }

    /// The name that what begins at `at` is assigned to.
    pub(in crate::resolve::code) fn assigned_name(&self, at: usize) -> Option<&'t str> {
        let mut at = self.prev(at)?;
        // `const get = async <T,>(path) => …`
        if self.is(at, ">") {
            at = self.prev(self.type_start(at)?)?;
        }
        while matches!(self.word(at), "async" | "function" | "new" | "await" | "func" | "fun" | "lambda" | "array")
            && self.is_word(at)
        {
            at = self.prev(at)?;
        }
        if !matches!(self.word(at), "=" | ":" | ":=" | "=>") {
            return None;
        }
        let name = self.prev(at)?;
        matches!(self.kind(name), Kind::Word).then(|| self.word(name))
    }

    /// Returns where an expression ends that begins at `at`.
    pub(in crate::resolve::code) fn expression_end(&self, at: usize) -> usize {
        self.end(at, |at| match self.kind(at) {
            Kind::Mark => matches!(self.word(at), "," | ";"),
            Kind::Line => !self.goes_on(at),
            _ => false,
        })
    }

    /// Returns where the lines end that are indented further than that of `name`.
    fn block_end(&self, name: usize, from: usize) -> usize {
        let own = self.indent_of(name);
        let mut at = from;
        let mut is_first = true;
        while at < self.len() {
            if self.kind(at) == Kind::Line {
                let next = self.next(at);
                if self.kind(next) == Kind::End {
                    return self.len();
                }
                if self.indent_of(next) <= own {
                    // On one line: `def f(x): return …`
                    return if is_first { at.max(from.saturating_add(1)) } else { next };
                }
                is_first = false;
                at = next;
                continue;
            }
            at = match self.kind(at) {
                Kind::Open => self.mate(at).unwrap_or(at).max(at).saturating_add(1),
                _ => at.saturating_add(1),
            };
        }
        self.len()
    }

    /// Adds the members of its parameters that a function takes paths from: `init.path`, `request.Url`.
    fn add_members(&self, params: &mut Vec<Param<'t>>, (from, to): (usize, usize)) {
        let count = params.len();
        for at in from..to.min(from.saturating_add(MEMBERS)) {
            let member = self.next(self.next(at));
            if !self.is_word(at)
                || !self.is_dot(self.next(at))
                || !self.is_word(member)
                || self.owner(at).is_some()
                || !is_path_key(self.name(member))
                || self.is(self.next(member), "(")
                || matches!(self.name(at), "self" | "this" | "cls")
            {
                continue;
            }
            let (own, name) = (self.name(at), self.name(member));
            let Some(place) =
                params.iter().take(count).find(|one| one.name == own && !one.is_member).map(|one| one.place)
            else {
                continue;
            };
            if !params.iter().any(|one| one.of == Some(own) && one.name == name) {
                params.push(Param { name, place, is_member: true, of: Some(own), default: None });
            }
        }
    }

    fn params(&self, open: usize) -> Vec<Param<'t>> {
        let mut params = Vec::new();
        for (place, (start, end)) in self.parts(open).into_iter().enumerate().take(24) {
            if self.is(start, "{") || self.is(start, "[") {
                for (from, to) in self.parts(start) {
                    // `{ headers, ...rest }`: the rest is the object, as far as its other members go.
                    if self.is(from, "...") && self.is_word(self.next(from)) {
                        let name = self.name(self.next(from));
                        params.push(Param { name, place, is_member: false, of: None, default: None });
                        continue;
                    }
                    let name = (from..to).rev().find(|at| self.is_word(*at) && self.up(*at) == self.up(from));
                    let named = if self.is_word(from) { Some(from) } else { name };
                    if let Some(name) = named {
                        let default = (from..to).find(|at| self.is(*at, "=")).map(|at| self.next(at));
                        params.push(Param { name: self.name(name), place, is_member: true, of: None, default });
                    }
                }
                continue;
            }
            let find = |mark: &str| (start..end).find(|at| self.is(*at, mark) && self.up(*at) == Some(open));
            let equals = find("=");
            let stop = [find(":"), equals].into_iter().flatten().min().unwrap_or(end);
            let is_plain = |at: &usize| {
                self.lang != Lang::Basic || !matches!(self.word(*at), "ByVal" | "ByRef" | "Optional" | "ParamArray")
            };
            let words: Vec<usize> =
                (start..stop).filter(|at| self.is_word(*at) && self.up(*at) == Some(open)).filter(is_plain).collect();
            let dollar = words.iter().find(|at| self.word(**at).starts_with('$'));
            let is_typed_first = find(":").is_none() && !self.is_go() && self.lang != Lang::Basic;
            let name = dollar.or(if is_typed_first { words.last() } else { words.first() });
            if let Some(&name) = name {
                // Swift names its arguments twice: `path p: String`.
                let name =
                    if find(":").is_some() && words.len() == 2 { words.get(1).copied().unwrap_or(name) } else { name };
                params.push(Param {
                    name: self.name(name),
                    place,
                    is_member: false,
                    of: None,
                    default: equals.map(|at| self.next(at)),
                });
            }
        }
        params
    }
}

/// Returns whether a member of this name may hold the path of a request.
fn is_path_key(name: &str) -> bool {
    let keys = ["path", "url", "uri", "endpoint", "resource", "route", "pathname"];
    keys.iter().any(|key| key.eq_ignore_ascii_case(name))
}
