//! Requests: every value that can be a path or URL of Xero, with the method that is nearest to it in the structure of the
//! code. An argument beside it, the function that is called, the chain around it, a member beside it, and what the next
//! statements do with the same object; never an earlier request's.

mod clients;
mod commands;
mod curried;
mod endpoints;
mod features;
mod foreign;
mod forms;
mod markup;
mod objects;
mod package;
mod power_query;
mod reach;
mod referred;
mod rest;
mod said;
mod said_around;
mod said_beside;
mod said_chain;
mod said_changes;
mod said_given;
mod said_members;
mod said_tools;
mod said_value;
mod said_writes;
mod tuples;
mod wrappers;

pub(super) use self::foreign::Wrapper;
pub(super) use self::package::is_imported;
pub(super) use self::reach::base_of;
use self::reach::{Reached, is_request_like};
use self::said::Said;
pub(super) use self::said::method_in;
pub(super) use self::wrappers::param_of;
use self::wrappers::{Pending, param_of_any, settled};
use crate::resolve::code::hit::{Hit, What};
use crate::resolve::code::lang::Lang;
use crate::resolve::code::lex::Kind;
use crate::resolve::code::names::{is_definition, parts};
use crate::resolve::code::tree::SourceCode;
use crate::resolve::code::values::{Value, Values, is_path_of_url, shared_by};
use crate::resolve::curl::OVERRIDES;
use crate::resolve::found::Why;
use crate::resolve::scan::among;
use crate::resolve::target::{HOST, has_base, mentions_xero, method, without_scheme};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct Requests<'v, 'c, 't> {
    pub(super) code: &'c SourceCode<'t>,
    values: &'v Values<'c, 't>,
    /// Clients that know their base, by name.
    clients: BTreeMap<&'t str, Vec<Value>>,
    /// Names of objects of a class of Xero's.
    made: BTreeSet<&'t str>,
    /// The bases that the text names.
    pub(super) bases: Vec<String>,
    /// True if the text has a host, a base or an import of Xero's.
    has_evidence: bool,
    /// The functions that are given paths with the base of an API: what else they are given is Xero's as well.
    pub(super) senders: BTreeSet<String>,
    /// True if anything of Xero is in the texts.
    of_xero: bool,
    /// True if the text itself names Xero.
    names_xero: bool,
    pub(super) hits: Vec<Hit>,
    pending: Vec<Pending>,
    /// The literals that something came of.
    pub(super) used: BTreeSet<u32>,
    /// The names that something came of, where they are used.
    through: BTreeSet<u32>,
    seen: BTreeSet<(usize, String, Option<&'static str>)>,
    /// The functions of other texts that were called.
    pub(super) called: BTreeSet<String>,
    /// The functions of other texts that are named without a call, or that may be called by a name which is not known.
    pub(super) mentioned: BTreeSet<String>,
    /// The names that requests with an unknown base are written with.
    pub(super) unknown: BTreeSet<String>,
    /// The read that can be taken for sure: none where an interceptor sets the method of any request.
    sure_read: Option<&'static str>,
    /// The headers that have the server take another method.
    overrides: Vec<usize>,
    /// The calls that were filled as those of a function, and requests of objects that are their arguments.
    filled: BTreeSet<u32>,
    /// Requests without a method by the brackets of their calls. Those of an object that is kept under a name, as the second
    /// says, are nothing where it is sent with a method.
    tentative: Vec<(usize, bool, Hit)>,
    /// The functions that send what they are given.
    sending: BTreeSet<&'t str>,
    /// The targets that literals were part of.
    led: BTreeMap<u32, String>,
}

/// Names that a URL is handed to and that send nothing themselves.
const VALUES: &str = "Parse ParseRequestURI URL Uri URI urljoin url_join urlJoin Sprintf sprintf format Format JoinPath join \
    encodeURI encodeURIComponent str String trim rtrim getenv env quote replace concat parse toHttpUrl NSURL strip \
    rstrip TrimEnd append Append String_format build_url buildUrl expect getEnv config esc_url esc_url_raw \
    untrailingslashit";

impl<'v, 'c, 't> Requests<'v, 'c, 't> {
    pub(super) fn new(values: &'v Values<'c, 't>, hints: Vec<String>, has_evidence: bool, of_xero: bool) -> Self {
        let code = values.code;
        let mut requests = Self {
            code,
            values,
            clients: BTreeMap::new(),
            made: BTreeSet::new(),
            bases: hints,
            has_evidence,
            senders: BTreeSet::new(),
            of_xero,
            names_xero: mentions_xero(code.text),
            hits: Vec::new(),
            pending: Vec::new(),
            used: BTreeSet::new(),
            through: BTreeSet::new(),
            seen: BTreeSet::new(),
            called: BTreeSet::new(),
            mentioned: BTreeSet::new(),
            unknown: BTreeSet::new(),
            sure_read: None,
            overrides: Vec::new(),
            filled: BTreeSet::new(),
            tentative: Vec::new(),
            sending: BTreeSet::new(),
            led: BTreeMap::new(),
        };
        let is_header = |at: &usize| {
            code.kind(*at) == Kind::Text && OVERRIDES.iter().any(|own| own.eq_ignore_ascii_case(code.word(*at)))
        };
        requests.overrides = (0..code.len()).filter(is_header).collect();
        // The header is sent to Xero alone.
        let is_tenant = |at: usize| code.kind(at) == Kind::Text && code.word(at).eq_ignore_ascii_case("xero-tenant-id");
        requests.has_evidence |= (0..code.len()).any(is_tenant);
        let has_interceptor = || (0..code.len()).any(|at| code.is(at, "interceptors") || code.is(at, "beforeRequest"));
        let is_intercepted = values.assigns_member("method") && has_interceptor();
        requests.sure_read = Some("GET").filter(|_| !is_intercepted);
        requests.find_bases();
        requests.find_made();
        requests.find_clients();
        requests.find_handed_on();
        requests.senders = requests.find_senders();
        requests
    }

    /// Finds the functions of a name of their own that are given a path such as `/api.xro/2.0/Items`.
    fn find_senders(&self) -> BTreeSet<String> {
        let code = self.code;
        let is_path = |at: &usize| {
            matches!(code.kind(*at), Kind::Text | Kind::Template)
                && self.raw(*at).starts_with('/')
                && has_base(self.raw(*at))
        };
        let callees = (0..code.len()).filter(is_path).filter_map(|at| code.callee(code.up(at)?));
        // `http.NewRequest`, `client.GetAsync` and `new RestRequest` send to others as well.
        let is_own = |callee: &usize| {
            let name = code.name(*callee);
            let is_made = code.prev(*callee).is_some_and(|new| code.is(new, "new"));
            parts(name).count() > 1
                && !is_made
                && !name.starts_with("NewRequest")
                && method_in(name).is_none()
                && !among(name, VALUES)
        };
        callees.filter(is_own).map(|callee| code.name(callee).to_owned()).collect()
    }

    /// A literal as it is written, without its quotes.
    pub(super) fn raw(&self, at: usize) -> &'t str {
        let (start, end) = self.span(at);
        self.code.text.get(start..end).unwrap_or_default()
    }

    fn span(&self, at: usize) -> (usize, usize) {
        let token = self.code.token(at);
        let end = match token.kind {
            Kind::Template => self.code.mate(at).map_or(token.end as usize, |end| self.code.start(end)),
            _ => token.end as usize,
        };
        (token.start as usize, end)
    }

    /// Finds every request; `has_package` if the text, or another of the project, imports this package.
    pub(super) fn find(&mut self, wrappers: &BTreeMap<String, Vec<Wrapper>>, has_package: bool) {
        for open in 0..self.code.len() {
            if self.code.is(open, "(") {
                self.call(open, wrappers);
            }
            if self.code.is(open, "{") || self.code.is(open, "[") || self.code.is(open, "(") {
                self.object(open);
            }
        }
        self.mentions(wrappers);
        self.blocks();
        self.forms();
        self.endpoints();
        self.features();
        self.opened();
        self.web_contents();
        self.words();
        self.bare_calls();
        self.expand();
        self.tuples();
        self.beside();
        self.assigned();
        if has_package {
            self.of_package();
        }
        self.joins();
        self.declared();
        self.left();
        // What an object describes is sent by the function that it is given to.
        let filled = &self.filled;
        let is_filled = |call: &usize| u32::try_from(*call).is_ok_and(|call| filled.contains(&call));
        let is_sent = |hit: &&Hit| matches!(hit.what, What::Request { method: Some(_), .. });
        let sent: BTreeSet<usize> = self.hits.iter().filter(is_sent).map(|hit| hit.at).collect();
        let tentative = self
            .tentative
            .drain(..)
            .filter(|(call, is_kept, hit)| !(is_filled(call) || *is_kept && sent.contains(&hit.at)));
        self.hits.extend(tentative.map(|(.., hit)| hit));
    }

    /// Takes the request that a call sends.
    fn call(&mut self, open: usize, wrappers: &BTreeMap<String, Vec<Wrapper>>) {
        let code = self.code;
        let Some(callee) = code.callee(open) else { return };
        let name = self.name_of(callee);
        if among(name, VALUES) && !(name == "Uri" || name == "parse") || is_definition(code, open) {
            return;
        }
        if matches!(name, "Uri" | "parse" | "create" | "https")
            && matches!(
                code.owner(callee).map(|owner| code.name(owner)),
                Some("Uri" | "URI" | "HttpUrl" | "JSON" | "url" | "Url")
            )
            || matches!(name, "Uri" | "parse")
        {
            return;
        }
        let parts = code.parts(open);
        if parts.is_empty() || parts.len() > 24 {
            return;
        }
        if name == "Contents" && code.owner(callee).is_some_and(|owner| code.is(owner, "Web")) {
            return;
        }
        // `uri(b -> b.host("api.xero.com").path("/Items").build())` is one request, that of the call around it.
        if name == "path" && self.is_built_for_call(callee) {
            return;
        }
        if self.foreign(callee, open, wrappers) {
            return;
        }
        let leads = |part: &(usize, usize)| self.values.leads(part.0, part.1);
        if !is_request_like(name) && !parts.iter().take(6).any(leads) {
            return;
        }
        // `mux.HandleFunc("GET /Items", list)`
        if is_route(name) {
            let is_own = |at: &usize| {
                let text = code.word(*at);
                in_one(&Value { text: text.to_owned(), ..Value::default() }).0.is_some() && !has_base(text)
            };
            let texts = parts.iter().map(|part| part.0).filter(|at| code.kind(*at) == Kind::Text);
            let routes: Vec<u32> = texts.filter(is_own).filter_map(|at| u32::try_from(at).ok()).collect();
            if !routes.is_empty() {
                self.used.extend(routes);
                return;
            }
        }
        let context = self.context(callee);
        // `report("Rows")` of a parameter is an index in some languages.
        let is_index = code.lang == Lang::C && code.owner(callee).is_none() && self.is_parameter(callee);
        if context.is_other || is_index {
            return;
        }
        for (place, part) in parts.iter().enumerate().take(6) {
            let start = self.path_within(name, *part).unwrap_or_else(|| self.values.argument(*part));
            // Objects, functions and lists of lists are looked at for themselves.
            if code.is(start, "{")
                || code.is(start, "[") && code.is(code.next(start), "[")
                || matches!(code.word(start), "function" | "async" | "lambda" | "func") && code.is_word(start)
            {
                continue;
            }
            let (values, end) = self.values.expression(start);
            // The client, and what follows is its path.
            // `Tesla.put(client(token), "/Items")` too.
            let made = code.next(start);
            let is_alone = end == made || code.is(made, "(") && end == code.skip(made);
            let is_client = is_alone && self.clients.contains_key(code.name(start));
            if is_client && values.iter().all(Value::is_hole) {
                continue;
            }
            let mut taken = false;
            let before = self.hits.len();
            for value in &values {
                let (own, value) = in_one(value);
                let Some(reached) = self.reach(&value, &context, callee, place, parts.len()) else { continue };
                let said = own.unwrap_or_else(|| self.said_of_call(callee, open, &parts, place));
                taken |= self.take(reached, said, &value, start);
                if let Some(instead) = self.said_instead(open)
                    && let Some(reached) = self.reach(&value, &context, callee, place, parts.len())
                {
                    self.take(reached, instead, &value, start);
                }
            }
            if taken {
                // The function may be one of the text, which is read with what it is given.
                let is_guess = |hit: &Hit| matches!(hit.what, What::Request { method: None, .. });
                if self.hits.iter().skip(before).all(is_guess) {
                    // The function may send the same, and that counts.
                    for hit in self.hits.iter().skip(before) {
                        if let What::Request { method, target, .. } = &hit.what {
                            self.seen.remove(&(hit.at, target.clone(), *method));
                        }
                    }
                    // What is made here may be kept under a name, and sent with that.
                    let is_kept = self.object_of(callee).is_some() || is_path_of_url(name);
                    self.tentative.extend(self.hits.drain(before..).map(|hit| (open, is_kept, hit)));
                }
                return;
            }
        }
    }

    /// Returns where the path begins that a function sets which a request is given: `uri(b -> b.path("/Items").build())`.
    fn path_within(&self, name: &str, (start, end): (usize, usize)) -> Option<usize> {
        let code = self.code;
        let arrow = code.next(start);
        if !matches!(name, "uri" | "url") || !code.is_word(start) || !matches!(code.word(arrow), "->" | "=>") {
            return None;
        }
        let path = (arrow..end).find(|at| code.is(*at, "path") && code.is(code.next(*at), "("))?;
        Some(code.next(code.next(path)))
    }

    /// Returns whether a function that makes the URL of a call sets its path at a token.
    fn is_built_for_call(&self, at: usize) -> bool {
        let code = self.code;
        let Some(up) = code.up(at) else { return false };
        let is_uri = code.callee(up).is_some_and(|callee| matches!(code.word(callee), "uri" | "url"));
        is_uri && matches!(code.word(code.next(code.next(up))), "->" | "=>")
    }

    /// Returns whether a name is a parameter of the function around it.
    fn is_parameter(&self, at: usize) -> bool {
        let function = self.code.function_of(at).and_then(|function| self.code.functions.get(function));
        function.is_some_and(|function| {
            function.params.iter().any(|param| param.of.is_none() && param.name == self.code.name(at))
        })
    }

    /// Takes a request; returns whether there was one.
    fn take(&mut self, reached: Reached, said: Said, value: &Value, at: usize) -> bool {
        let (start, end) = self.shown(value, at);
        self.used.extend(u32::try_from(at));
        match reached {
            Reached::Target(text) => {
                let text = if said.param().is_some() { text } else { settled(text) };
                if let Some((function, _)) = param_of_any(&text).or(said.param()) {
                    let target = Value { text, ..value.clone() };
                    self.came_of(value);
                    self.pending.push(Pending { function, target, said, at: start, end });
                    return true;
                }
                let said = said.or(|| self.said_writes(at));
                for method in said.methods() {
                    self.hit(text.clone(), method, value, start, end);
                }
                true
            }
            Reached::Open => {
                self.open_hit(value, said.method(), start, end);
                true
            }
        }
    }

    fn hit(&mut self, text: String, method: Option<&'static str>, value: &Value, at: usize, end: usize) -> bool {
        for from in &value.from {
            self.led.entry(*from).or_insert_with(|| text.clone());
        }
        self.came_of(value);
        let method = method.filter(|method| *method != "GET" || self.sure_read.is_some());
        if text.starts_with('{') {
            self.note_unknown(value);
        }
        if self.seen.insert((at, text.clone(), method)) {
            self.hits.push(Hit { at, end, what: What::Request { method, target: text, name: None } });
        }
        true
    }

    /// Notes what a value was read from: something came of it.
    fn came_of(&mut self, value: &Value) {
        self.used.extend(value.from.iter().copied());
        self.through.extend(value.through.iter().copied());
    }

    /// Notes the names in the statements that a value with an unknown base comes from.
    fn note_unknown(&mut self, value: &Value) {
        let code = self.code;
        for from in value.from.iter().filter(|from| shared_by(**from).is_none()) {
            let start = code.statement_start(*from as usize);
            let end = code.statement_end(start).min(start.saturating_add(40));
            let names = (start..end).filter(|at| code.is_word(*at)).map(|at| code.name(at).to_owned());
            self.unknown.extend(names);
        }
    }

    fn open_hit(&mut self, value: &Value, method: Option<&'static str>, at: usize, end: usize) {
        self.came_of(value);
        if self.seen.insert((at, String::new(), method)) {
            self.hits.push(Hit { at, end, what: What::Unread { why: Why::UnknownPath, method } });
        }
    }

    /// Returns where what stands for a value is written: its literal with the path, else the expression itself.
    fn shown(&self, value: &Value, at: usize) -> (usize, usize) {
        let literal = value
            .from
            .iter()
            .map(|from| *from as usize)
            .filter(|from| matches!(self.code.kind(*from), Kind::Text | Kind::Template | Kind::Url | Kind::Word));
        let has_path = |from: &usize| self.raw(*from) != HOST && base_of(self.raw(*from)).is_none();
        let literals: Vec<usize> = literal.collect();
        let best = literals.iter().copied().find(has_path).or(literals.first().copied());
        if let Some(from) = best {
            return self.span(from);
        }
        let (start, end) = self.span(at);
        let last = self.code.prev(self.values.expression(at).1).unwrap_or(at);
        (start, end.max(self.code.token(last).end as usize))
    }
}

/// Returns whether a function declares the routes of a server.
fn is_route(name: &str) -> bool {
    ["handle", "route"].iter().any(|word| name.get(..word.len()).is_some_and(|front| front.eq_ignore_ascii_case(word)))
}

/// Splits a text that begins with a method: `PUT /Payments`, `[PUT] https://…`.
fn in_one(value: &Value) -> (Option<Said>, Cow<'_, Value>) {
    let split = || {
        let (front, rest) = value.text.split_once([' ', '\t'])?;
        let word = front.strip_prefix('[').and_then(|front| front.strip_suffix(']')).unwrap_or(front);
        let known = method(word.trim_end_matches(':')).filter(|known| word.starts_with(known))?;
        let rest = rest.trim_start();
        let is_target = rest.starts_with(['/', '{', '$']) || without_scheme(rest).is_some();
        let is_whole = !rest.trim_end().contains(char::is_whitespace);
        (is_target && is_whole).then(|| (Said::Known(known), Value { text: rest.to_owned(), ..value.clone() }))
    };
    match split() {
        Some((said, value)) => (Some(said), Cow::Owned(value)),
        None => (None, Cow::Borrowed(value)),
    }
}
