//! Clients that know their base, and the context of a call.

use super::Requests;
use super::reach::base_of;
use super::said::method_in;
use crate::resolve::code::lex::Kind;
use crate::resolve::code::names::is_definition;
use crate::resolve::code::values::{Value, is_self};
use crate::resolve::scan::among;
use crate::resolve::target::{is_of_xero, names_xero};

/// The context of a call.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Context {
    /// The bases of the client.
    pub(super) bases: Vec<Value>,
    /// True if the function or what it belongs to is named after Xero.
    pub(super) is_xero: bool,
    /// True if it is the text's own client: `this.get`, or a function alone.
    pub(super) is_own: bool,
    /// True if it is `this.get` and the like.
    pub(super) is_self: bool,
    /// True if the chain before it sets the path.
    pub(super) has_path: bool,
    /// True if it has nothing to do with requests: a server's routes, logs, tests.
    pub(super) is_other: bool,
}

/// Names of servers, logs, tests and stores, which send nothing to Xero.
pub(super) const OTHERS: &str = "app router server route routes fastify express Route blueprint bp mux console logger log Log describe it test \
    expect cy localStorage sessionStorage document window history navigate redirect res response nav location \
    assert print println puts echo prisma supabase cache Cache redis params searchParams formData headers cookies \
    Map path Promise";

/// Names of a text's own client.
const OWN: &str =
    "client api http session conn c connection axios instance httpclient restclient webclient rest requests";

impl<'t> Requests<'_, '_, 't> {
    /// Notes the bases of APIs that the text names.
    pub(super) fn find_bases(&mut self) {
        for at in 0..self.code.len() {
            if !matches!(self.code.kind(at), Kind::Text | Kind::Url | Kind::Template) {
                continue;
            }
            let raw = self.raw(at);
            if !is_of_xero(raw) {
                continue;
            }
            let raw = Value { text: raw.to_owned(), ..Value::default() };
            for value in self.values.expression(at).0.into_iter().chain([raw]) {
                if let Some(base) = base_of(&value.text) {
                    self.has_evidence = true;
                    if !self.bases.contains(&base) {
                        self.bases.push(base);
                    }
                }
                self.has_evidence |= is_of_xero(&value.text);
            }
        }
    }

    /// Notes the names of objects of a class that is named after Xero, or of this package's class.
    pub(super) fn find_made(&mut self) {
        let code = self.code;
        for (name, _, value) in self.values.assignments() {
            let mut at = value;
            while matches!(code.word(at), "new" | "await") {
                at = code.next(at);
            }
            let mut is_xero = false;
            for _ in 0..6 {
                if !code.is_word(at) {
                    break;
                }
                is_xero |= names_xero(code.word(at)) || code.word(at) == "CustomConnection";
                let dot = code.next(at);
                if !code.is_dot(dot) {
                    break;
                }
                at = code.next(dot);
            }
            if is_xero && code.is(code.next(at), "(") {
                self.made.insert(name);
            }
        }
    }

    /// Notes clients that know their base: the name that a call with a base is assigned to, and the owner of a member with one.
    pub(super) fn find_clients(&mut self) {
        let code = self.code;
        if self.bases.is_empty() && self.values.knows_nothing() {
            return;
        }
        for (name, at, value) in self.values.assignments() {
            if self.is_second(at) {
                continue;
            }
            if matches!(code.kind(value), Kind::Text | Kind::Template | Kind::Url) {
                // `client.BaseAddress = "…"`
                let owner = code.owner(at).filter(|owner| code.is_word(*owner));
                let lower = name.to_ascii_lowercase();
                if let Some(owner) = owner.filter(|owner| !is_self(code.word(*owner)) && lower.contains("base")) {
                    let bases: Vec<Value> = self
                        .values
                        .expression(value)
                        .0
                        .into_iter()
                        .filter(|value| base_of(&value.text).is_some())
                        .collect();
                    let chain = code.chain(at);
                    for link in chain.iter().chain([&owner]) {
                        self.add_client(code.name(*link), &bases);
                    }
                }
                continue;
            }
            let end = code.statement_end(value).min(value.saturating_add(400));
            let bases = self.bases_in(value, end);
            if bases.is_empty() {
                continue;
            }
            let is_made = (value..end).any(|at| code.is(at, "(") || code.is(at, "{"));
            if is_made {
                self.add_client(name, &bases);
                if let Some(owner) = code.owner(at).filter(|owner| code.is_word(*owner) && !is_self(code.word(*owner)))
                {
                    self.add_client(code.name(owner), &bases);
                }
            }
        }
        // `def client(token), do: Req.new(base_url: "…")`
        for function in code.functions.iter().filter(|function| function.name.len() > 2) {
            let (from, to) = (function.body.0, function.body.1.min(function.body.0.saturating_add(200)));
            let is_base = |at: &usize| {
                let is_key = code.is_word(*at) && matches!(code.word(code.next(*at)), ":" | "=>" | ",");
                is_key && code.word(*at).to_ascii_lowercase().contains("base")
            };
            if let Some(key) = (from..to).find(is_base) {
                let value = code.next(code.next(key));
                let bases = self.bases_in(value, code.skip(value));
                self.add_client(function.name, &bases);
            }
        }
        // `client.SetBaseURL("…")`, `client.setBaseUrl(…)`
        for open in 0..code.len() {
            let Some(callee) = code.callee(open) else { continue };
            if !code.word(callee).to_ascii_lowercase().contains("base") {
                continue;
            }
            let Some(close) = code.mate(open) else { continue };
            let bases = self.bases_in(open, close);
            if bases.is_empty() {
                continue;
            }
            for link in code.chain(callee) {
                if code.is_word(link) && !is_self(code.word(link)) {
                    self.add_client(code.name(link), &bases);
                }
            }
        }
    }

    /// Returns whether a name is not the first of those that a function of Go gives values: the `err` of `u, err := …`.
    pub(super) fn is_second(&self, at: usize) -> bool {
        self.code.is_go() && self.code.prev(at).is_some_and(|comma| self.code.is(comma, ","))
    }

    /// Notes the parameters of functions that clients are given to.
    pub(super) fn find_handed_on(&mut self) {
        let code = self.code;
        if self.clients.is_empty() && self.bases.is_empty() {
            return;
        }
        for open in 0..code.len() {
            let Some(callee) = code.callee(open).filter(|_| !is_definition(code, open)) else { continue };
            let is_made = code.prev(callee).is_some_and(|new| code.is(new, "new"));
            let name = code.word(callee);
            let constructors = ["constructor", "__construct"].into_iter().filter(|_| is_made);
            let functions = constructors.chain([name]).flat_map(|name| code.functions_of(name)).take(8);
            let handed: Vec<(&'t str, Vec<Value>)> = functions
                .flat_map(|function| {
                    function.params.iter().filter(|param| param.of.is_none()).map(move |param| (function, param))
                })
                .filter_map(|(function, param)| {
                    let at = self.values.argument_for(function, param, open)?;
                    let (values, end) = self.values.expression(at);
                    // A URL is no client.
                    if !values.iter().all(Value::is_hole) {
                        return None;
                    }
                    let own = self.clients.get(code.name(at)).filter(|_| end == at.saturating_add(1)).cloned();
                    let bases = own.unwrap_or_else(|| {
                        let has_call = (at..end).any(|at| code.is(at, "("));
                        if has_call { self.bases_in(at, end) } else { Vec::new() }
                    });
                    (!bases.is_empty()).then_some((param.name, bases))
                })
                .collect();
            for (name, bases) in handed {
                self.add_client(name, &bases);
            }
        }
    }

    /// The bases of the clients that are registered for others, by the names that those have or ask for:
    /// `AddHttpClient<IXeroService, XeroService>(c => c.BaseAddress = …)`, `AddHttpClient("xero", …)`.
    pub(in crate::resolve::code) fn lent(&self) -> Vec<(String, Vec<String>)> {
        let code = self.code;
        let is_registered = |at: &usize| {
            matches!(code.word(*at), "AddHttpClient" | "AddRefitClient" | "AddTypedClient" | "AddRestEaseClient")
        };
        let mut lent = Vec::new();
        // `Retrofit.Builder().baseUrl("…").build().create(XeroService::class.java)`
        let is_kind = |at: &usize| {
            let before = code.prev(*at).filter(|dot| matches!(code.word(*dot), "::" | "."));
            code.is_word(*at)
                && code.word(*at) == "class"
                && before.is_some()
                && code.up(*at).is_some_and(|up| code.is(up, "("))
        };
        for at in (0..code.len()).filter(is_kind) {
            let Some(name) = code.prev(at).and_then(|dot| code.prev(dot)) else { continue };
            let start = code.statement_start(code.up(at).unwrap_or(at));
            let bases: Vec<String> = self.bases_in(start, at).into_iter().map(|base| base.text).collect();
            if !bases.is_empty() {
                lent.push((code.word(name).to_owned(), bases));
            }
        }
        for at in (0..code.len()).filter(is_registered) {
            let end = code.statement_end(at);
            let bases: Vec<String> = self.bases_in(at, end).into_iter().map(|base| base.text).collect();
            let first = (at..end).find(|at| code.is(*at, "(")).unwrap_or(at);
            let named = (at.saturating_add(1)..first).filter(|at| code.is_word(*at));
            let asked = Some(code.next(first)).filter(|at| code.kind(*at) == Kind::Text);
            if !bases.is_empty() {
                lent.extend(named.chain(asked).map(|name| (code.word(name).to_owned(), bases.clone())));
            }
        }
        lent
    }

    /// The clients with a base that are made outside of functions, for other texts that import them.
    pub(in crate::resolve::code) fn exported(&self) -> Vec<(String, Vec<String>)> {
        let code = self.code;
        let is_outer = |name: &str| {
            self.values
                .assignments()
                .any(|(own, at, _)| own == name && code.function_of(at).is_none() && code.owner(at).is_none())
        };
        let all = self.clients.iter().filter(|(name, _)| name.len() > 1 && is_outer(name)).take(200);
        all.map(|(name, bases)| ((*name).to_owned(), bases.iter().map(|base| base.text.clone()).collect())).collect()
    }

    /// Takes the clients of other texts.
    pub(in crate::resolve::code) fn take_clients(&mut self, imported: &[(&'t str, Vec<String>)]) {
        for (name, bases) in imported {
            let bases: Vec<Value> = bases.iter().map(|text| Value { text: text.clone(), ..Value::default() }).collect();
            self.add_client(name, &bases);
        }
    }

    pub(super) fn add_client(&mut self, name: &'t str, bases: &[Value]) {
        if bases.is_empty()
            || name.is_empty()
            || matches!(name, "Http" | "requests" | "http" | "HTTP") && bases.is_empty()
        {
            return;
        }
        let own = self.clients.entry(name).or_default();
        for base in bases {
            if !own.iter().any(|known| known.text == base.text) {
                own.push(base.clone());
            }
        }
    }

    /// The bases of Xero's that are arguments or members between two tokens.
    pub(super) fn bases_in(&self, from: usize, to: usize) -> Vec<Value> {
        let code = self.code;
        let mut bases: Vec<Value> = Vec::new();
        if self.bases.is_empty() && self.values.knows_nothing() {
            return bases;
        }
        let mut at = from;
        while at < to && bases.len() < 8 {
            let is_place = || {
                // `base_url: @base`
                let before =
                    code.prev(at).filter(|before| !code.is(*before, "@")).or_else(|| code.prev(code.prev(at)?));
                before.is_some_and(|before| {
                    matches!(code.token(before).sign, b'(' | b',' | b':' | b'=' | b'[') || code.is(before, "=>")
                })
            };
            let may_be = match code.kind(at) {
                Kind::Text | Kind::Url => is_place() && is_of_xero(code.word(at)),
                Kind::Template => is_place() && self.may_end_as_base(at),
                Kind::Word => is_place() && self.may_be_base(at),
                _ => false,
            };
            if may_be && self.values.may_lead(at) {
                let (values, _) = self.values.expression(at);
                bases.extend(values.into_iter().filter(|value| base_of(&value.text).is_some()));
            }
            at = if code.kind(at) == Kind::Template { code.mate(at).unwrap_or(at) } else { at };
            at = at.saturating_add(1);
        }
        bases
    }

    /// The bases of a client that a function is given: as an argument, `Tesla.put(client, "/Payments")`, or by a pipe.
    fn bases_given(&self, callee: usize, open: usize) -> Vec<Value> {
        let code = self.code;
        let of_name = |at: usize| self.clients.get(code.name(at)).cloned().filter(|_| code.is_word(at));
        let given = code.parts(open).into_iter().take(3).find_map(|(start, end)| {
            let open = code.next(start);
            let is_alone = open >= end || code.is(open, "(") && code.skip(open) >= end;
            of_name(start).filter(|_| is_alone)
        });
        if let Some(bases) = given {
            return bases;
        }
        let start = code.chain(callee).last().copied().unwrap_or(callee);
        let Some(pipe) = code.prev(start).filter(|pipe| code.is(*pipe, "|>")) else { return Vec::new() };
        let first = code.statement_start(pipe);
        let bases = self.bases_in(first, pipe);
        if bases.is_empty() { (first..pipe).find_map(of_name).unwrap_or_default() } else { bases }
    }

    /// Returns whether a literal with values in it may be a base: it does not go on with the path of a resource.
    fn may_end_as_base(&self, open: usize) -> bool {
        let code = self.code;
        let close = code.mate(open).unwrap_or(open);
        let last = close.saturating_sub(1);
        let is_path = |text: &str| {
            let path = text.rsplit('/').next().unwrap_or_default();
            text.starts_with('/') && path.starts_with(|c: char| c.is_ascii_uppercase()) && !is_of_xero(text)
        };
        code.kind(last) != Kind::Part || !is_path(code.word(last))
    }

    /// Returns whether a name, or the function called, may stand for a base.
    pub(super) fn may_be_base(&self, at: usize) -> bool {
        let code = self.code;
        let mut last = at;
        for _ in 0..4 {
            if !code.is_dot(code.next(last)) {
                break;
            }
            last = code.next(code.next(last));
        }
        code.is(code.next(last), "(") || self.values.is_defined(code.name(last))
    }

    /// The context in which `callee` is called.
    pub(super) fn context(&self, callee: usize) -> Context {
        let code = self.code;
        let chain = code.chain(callee);
        let name = self.name_of(callee);
        let is_xero = names_xero(name) || self.senders.contains(name);
        let mut context = Context { is_xero, ..Context::default() };
        for link in &chain {
            let word = code.name(*link);
            context.is_xero |= code.is_word(*link) && (names_xero(word) || self.made.contains(word));
            if let Some(bases) = self.clients.get(word) {
                context.bases.extend(bases.iter().cloned());
            }
            let open = code.next(*link);
            context.has_path |= code.is(open, "(") && among(word, "url uri path resource endpoint");
            if code.is(open, "(")
                && method_in(word).is_none()
                && let Some(close) = code.mate(open)
            {
                context.bases.extend(self.bases_in(open, close));
            }
        }
        if chain.is_empty()
            && let Some(bases) = self.clients.get(name)
        {
            context.bases.extend(bases.iter().cloned());
        }
        // `Req.put!(client, …)`
        let next = code.next(callee);
        let open = if code.is(next, "!") { code.next(next) } else { next };
        if context.bases.is_empty() && code.is(open, "(") {
            context.bases = self.bases_given(callee, open);
        }
        let root = chain.last().map(|root| code.name(*root));
        context.is_own = root.is_none_or(|root| {
            let name = root.trim_start_matches(['_', '@']).to_ascii_lowercase();
            is_self(root) || among(name.as_str(), OWN)
        });
        context.is_self = root.is_some_and(is_self);
        let is_other = |word: &str| among(word, OTHERS) || among(word.trim_start_matches(['_', '@']), OTHERS);
        // `cy.request` of Cypress sends; its other functions do not.
        context.is_other = name != "request"
            && (is_other(name) && !matches!(name, "path")
                || root.is_some_and(is_other)
                || chain.first().is_some_and(|owner| {
                    // `HTTP.headers(h).get(…)` goes on with what it belongs to.
                    let sets = matches!(code.name(*owner), "headers" | "params" | "cookies" | "formData")
                        && code.is(code.next(*owner), "(");
                    is_other(code.name(*owner)) && !sets
                }));
        context
    }
}
