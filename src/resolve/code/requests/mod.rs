//! Requests: every value that can be a path or URL of Xero, with the method that is nearest to it in the structure of the
//! code. An argument beside it, the function that is called, the chain around it, a member beside it, and what the next
//! statements do with the same object; never an earlier request's.

mod clients;
mod commands;
mod markup;
mod objects;
mod reach;
mod rest;
mod said;
mod said_around;
mod wrappers;

pub(super) use self::reach::base_of;
use self::reach::{Reached, is_request_like};
use self::said::Said;
pub(super) use self::said::method_in;
pub(super) use self::wrappers::Wrapper;
use self::wrappers::{Pending, param_of_any, settled};
use crate::resolve::code::hit::{Hit, What};
use crate::resolve::code::lex::Kind;
use crate::resolve::code::names::is_definition;
use crate::resolve::code::tree::SourceCode;
use crate::resolve::code::values::{Value, Values};
use crate::resolve::found::Why;
use crate::resolve::target::{method, without_scheme};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct Requests<'v, 'c, 't> {
    code: &'c SourceCode<'t>,
    values: &'v Values<'c, 't>,
    /// Clients that know their base, by name.
    clients: BTreeMap<&'t str, Vec<Value>>,
    /// Names of objects of a class of Xero's.
    made: BTreeSet<&'t str>,
    /// The bases that the text names.
    pub(super) bases: Vec<String>,
    /// True if the text has a host, a base or an import of Xero's.
    has_evidence: bool,
    /// True if anything of Xero is in the texts.
    of_xero: bool,
    pub(super) hits: Vec<Hit>,
    pending: Vec<Pending>,
    /// The literals that something came of.
    pub(super) used: BTreeSet<u32>,
    seen: BTreeSet<(usize, String, Option<&'static str>)>,
    /// The functions of other texts that were called.
    pub(super) called: BTreeSet<String>,
    /// The targets that literals were part of.
    led: BTreeMap<u32, String>,
}

/// Names that a URL is handed to and that send nothing themselves.
const VALUES: [&str; 40] = [
    "URL",
    "Uri",
    "URI",
    "urljoin",
    "url_join",
    "urlJoin",
    "Sprintf",
    "sprintf",
    "format",
    "Format",
    "JoinPath",
    "join",
    "encodeURI",
    "encodeURIComponent",
    "str",
    "String",
    "trim",
    "rtrim",
    "getenv",
    "env",
    "quote",
    "replace",
    "concat",
    "parse",
    "toHttpUrl",
    "NSURL",
    "strip",
    "rstrip",
    "TrimEnd",
    "append",
    "Append",
    "String_format",
    "build_url",
    "buildUrl",
    "expect",
    "getEnv",
    "config",
    "esc_url",
    "esc_url_raw",
    "untrailingslashit",
];

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
            of_xero,
            hits: Vec::new(),
            pending: Vec::new(),
            used: BTreeSet::new(),
            seen: BTreeSet::new(),
            called: BTreeSet::new(),
            led: BTreeMap::new(),
        };
        requests.find_bases();
        requests.find_made();
        requests.find_clients();
        requests
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

    /// Finds every request.
    pub(super) fn find(&mut self, wrappers: &BTreeMap<String, Vec<Wrapper>>) {
        for open in 0..self.code.len() {
            if self.code.is(open, "(") {
                self.call(open, wrappers);
            }
            if self.code.is(open, "{") || self.code.is(open, "[") || self.code.is(open, "(") {
                self.object(open);
            }
        }
        self.blocks();
        self.words();
        self.bare_calls();
        self.expand();
        self.beside();
        self.assigned();
        self.left();
    }

    /// Takes the request that a call sends.
    fn call(&mut self, open: usize, wrappers: &BTreeMap<String, Vec<Wrapper>>) {
        let code = self.code;
        let Some(callee) = code.callee(open) else { return };
        let name = code.name(callee);
        if VALUES.contains(&name) && !(name == "Uri" || name == "parse") || is_definition(code, open) {
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
        if self.foreign(callee, &parts, wrappers) {
            return;
        }
        let leads = |part: &(usize, usize)| self.values.leads(part.0, part.1);
        if !is_request_like(name) && !parts.iter().take(6).any(leads) {
            return;
        }
        let context = self.context(callee);
        if context.is_other {
            return;
        }
        for (place, part) in parts.iter().enumerate().take(6) {
            let start = self.values.argument(*part);
            // Objects and functions are looked at for themselves.
            if code.is(start, "{")
                || matches!(code.word(start), "function" | "async" | "lambda" | "func") && code.is_word(start)
            {
                continue;
            }
            let (values, _) = self.values.expression(start);
            let mut taken = false;
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
                return;
            }
        }
    }

    /// Takes a request; returns whether there was one.
    fn take(&mut self, reached: Reached, said: Said, value: &Value, at: usize) -> bool {
        let (start, end) = self.shown(value, at);
        match reached {
            Reached::Target(text) => {
                let text = if matches!(said, Said::Param(..)) { text } else { settled(text) };
                if let Some((function, _)) = param_of_any(&text).or(match said {
                    Said::Param(function, place) => Some((function, place)),
                    _ => None,
                }) {
                    let target = Value { text, ..value.clone() };
                    self.used.extend(value.from.iter().copied());
                    self.pending.push(Pending { function, target, said, at: start, end });
                    return true;
                }
                for method in said.methods() {
                    self.hit(text.clone(), method, value, start, end);
                }
                true
            }
            Reached::Open => {
                self.used.extend(value.from.iter().copied());
                self.open_hit(value, said.method(), start, end);
                true
            }
        }
    }

    fn hit(&mut self, text: String, method: Option<&'static str>, value: &Value, at: usize, end: usize) -> bool {
        for from in &value.from {
            self.led.entry(*from).or_insert_with(|| text.clone());
        }
        self.used.extend(value.from.iter().copied());
        if self.seen.insert((at, text.clone(), method)) {
            self.hits.push(Hit { at, end, what: What::Request { method, target: text } });
        }
        true
    }

    fn open_hit(&mut self, value: &Value, method: Option<&'static str>, at: usize, end: usize) {
        self.used.extend(value.from.iter().copied());
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
        let has_path = |from: &usize| base_of(self.raw(*from)).is_none();
        let literals: Vec<usize> = literal.collect();
        let best = literals.iter().copied().find(has_path).or(literals.first().copied());
        match best {
            Some(from) => self.span(from),
            None => self.span(at),
        }
    }
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
