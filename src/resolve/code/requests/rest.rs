//! What no request used: values of names, paths beside one that is used, and URLs alone.

use std::collections::BTreeSet;

use super::objects::is_url_key;
use super::reach::{Reached, full, is_resource, plain};
use super::said::Said;
use super::wrappers::param_of_any;
use super::{Requests, in_one};
use crate::resolve::code::hit::{Hit, What};
use crate::resolve::code::lex::Kind;
use crate::resolve::code::names::words;
use crate::resolve::code::values::{Value, is_self};
use crate::resolve::target::{bare, is_of_xero, method, names_xero, placeholder};

impl Requests<'_, '_, '_> {
    /// Takes the paths beside one that is used, in the same list or object: something else may use them.
    pub(super) fn beside(&mut self) {
        let code = self.code;
        let mut found: Vec<(usize, String)> = Vec::new();
        for members in self.values.lists() {
            let led = members.iter().find_map(|at| Some((*at, self.led.get(&u32::try_from(*at).ok()?)?)));
            let Some((used, target)) = led else { continue };
            let own = code.word(used);
            for at in members {
                let text = code.word(*at);
                let is_free =
                    code.kind(*at) == Kind::Text && !self.used.contains(&u32::try_from(*at).unwrap_or(u32::MAX));
                if is_free
                    && !own.is_empty()
                    && text.starts_with('/') == own.starts_with('/')
                    && is_resource(text, false)
                {
                    found.push((*at, target.replacen(own, text, 1)));
                }
            }
        }
        for (at, text) in found {
            let value = self.values.expression(at).0.into_iter().next().unwrap_or_default();
            self.take(Reached::Target(text), Said::Nothing, &value, at);
        }
    }

    /// Takes what a name was assigned and no request used.
    pub(super) fn assigned(&mut self) {
        let code = self.code;
        let mut all: Vec<(&str, usize, usize)> = self.values.assignments().collect();
        all.sort_by_key(|(_, at, _)| *at);
        for (name, at, value) in
            all.into_iter().filter(|(_, _, value)| self.values.may_lead(*value)).collect::<Vec<_>>()
        {
            let (values, end) = self.values.expression(value);
            for one in values.iter().filter(|one| !one.is_hole()) {
                let text = plain(&one.text);
                if one.from.iter().any(|from| self.used.contains(from)) {
                    continue;
                }
                let reached = match full(&text) {
                    Some(Reached::Target(target)) => Some(Reached::Target(target)),
                    Some(Reached::Open) if text.contains("{#") => Some(Reached::Target(text.clone())),
                    Some(Reached::Open) => Some(Reached::Open),
                    None if self.is_member_of_request(name, at, &text) => {
                        let path = ["/", text.trim_start_matches('/')].concat();
                        Some(Reached::Target(self.routed(&path).unwrap_or(path)))
                    }
                    None => placeholder(&text)
                        .and_then(|length| text.get(length..))
                        .filter(|rest| rest.starts_with('/') && !one.from.is_empty())
                        .and_then(|rest| self.below_hole(rest, one.is_xero, false)),
                };
                let Some(reached) = reached else { continue };
                let behind = self.said_behind(end);
                let said = behind.or(|| self.said_in_element(value));
                let of_owner =
                    || match code.owner(at).filter(|owner| code.is_word(*owner) && !is_self(code.word(*owner))) {
                        Some(owner) => self.said_around(code.word(owner), at, true),
                        None => Said::Nothing,
                    };
                let said = said
                    .or(of_owner)
                    .or(|| self.said_in_block(at))
                    .or(|| self.said_around(code.word(at), value, false))
                    .or(|| match name.split_once('_') {
                        Some((first, _)) => method(first).map_or(Said::Nothing, Said::Known),
                        None => Said::Nothing,
                    });
                let before = self.hits.len();
                self.take(reached, said, one, value);
                let is_outer = code.function_of(at).is_none();
                for hit in self.hits.iter_mut().skip(before).filter(|_| is_outer) {
                    if let What::Request { name: own, .. } = &mut hit.what {
                        *own = Some(name.to_owned());
                    }
                }
            }
        }
    }

    /// Returns whether a member of an object is set to the path of a request: `request.Resource = "Invoices"` in a text that
    /// has a base of Xero's.
    fn is_member_of_request(&self, name: &str, at: usize, text: &str) -> bool {
        let code = self.code;
        let owner = code.owner(at).filter(|owner| code.is_word(*owner));
        let says = |owner: usize| {
            words(code.name(owner)).iter().any(|word| matches!(word.as_str(), "request" | "req" | "call"))
        };
        !self.bases.is_empty() && is_url_key(name) && owner.is_some_and(says) && is_resource(text, false)
    }

    /// Returns whether a literal is a method and a path of Xero's in a text that has something of Xero.
    fn is_request(&self, at: usize) -> bool {
        let text = self.code.word(at);
        let path = || text.split_once([' ', '\t']).map_or("", |(_, path)| path.trim_start());
        (self.has_evidence || self.of_xero)
            && self.code.kind(at) == Kind::Text
            && text.len() < 200
            && text.trim_start_matches('[').starts_with(|c: char| c.is_ascii_uppercase())
            && is_resource(path(), true)
            && path().starts_with('/')
    }

    /// Returns whether a literal is compared with something.
    fn is_compared(&self, at: usize) -> bool {
        let code = self.code;
        let end = code.mate(at).filter(|_| code.kind(at) == Kind::Template).unwrap_or(at);
        let is_sign =
            |mark: usize| code.kind(mark) == Kind::Mark && matches!(code.word(mark), "==" | "!=" | "===" | "!==");
        code.prev(at).is_some_and(|before| is_sign(before) || code.is(before, "case")) || is_sign(code.next(end))
    }

    /// Takes the URLs that code in a literal has, in quotes or those of a command: `"SELECT http_get('https://…')"`,
    /// `"http PUT https://…"`. Those of prose are nothing.
    fn within(&mut self, at: usize) -> bool {
        let raw = self.raw(at);
        let value = Value { from: vec![u32::try_from(at).unwrap_or(u32::MAX)], ..Value::default() };
        let mut taken = false;
        let code = self.code;
        let is_command = ["http ", "https ", "xh ", "wget ", "Invoke-"].iter().any(|word| raw.starts_with(word));
        // The text that documents a function is a statement of its own.
        let end = code.mate(at).filter(|_| code.kind(at) == Kind::Template).unwrap_or(at).saturating_add(1);
        if code.statement_start(at) == at && matches!(code.kind(end), Kind::Line | Kind::End) {
            return false;
        }
        for (start, _) in raw.match_indices("http").take(200) {
            let before = raw.get(..start).unwrap_or_default();
            let word = before.trim_end().rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
            let said = method(word).filter(|known| is_command && word == *known).map_or(Said::Nothing, Said::Known);
            let url = bare(raw.get(start..).unwrap_or_default());
            if said == Said::Nothing && !before.ends_with(['"', '\'', '`']) {
                continue;
            }
            if let Some(Reached::Target(text)) = full(&plain(url)) {
                taken |= self.take(Reached::Target(text), said, &value, at);
            }
        }
        taken
    }

    /// Takes the paths that classes of Xero's declare and nothing of the texts uses, as the streams of a framework have them:
    /// `class Items(XeroStream): path = "/Items"`.
    pub(super) fn declared(&mut self) {
        let code = self.code;
        if !self.names_xero || !self.bases.is_empty() {
            return;
        }
        let paths = self.values.assignments().filter(|(name, ..)| *name == "path");
        let all: Vec<(usize, usize)> = paths.map(|(_, at, value)| (at, value)).collect();
        // The classes that are named after Xero, or extend one that is.
        let says = |class: &usize| {
            let end = code.statement_end(*class).min(class.saturating_add(20));
            (*class..end).any(|word| code.is_word(word) && names_xero(code.name(word)))
        };
        let xeros: BTreeSet<&str> = (0..code.len())
            .filter(|at| code.is(*at, "class"))
            .filter(says)
            .map(|class| code.name(code.next(class)))
            .collect();
        for (at, value) in all {
            let own = u32::try_from(value).unwrap_or(u32::MAX);
            let is_path = code.kind(value) == Kind::Text && code.word(value).starts_with('/');
            if !is_path || !is_resource(code.word(value), true) || self.used.contains(&own) {
                continue;
            }
            let class = code.class_of(at).filter(|class| code.is(*class, "class"));
            let is_xeros = class.is_some_and(|class| {
                let end = code.statement_end(class).min(class.saturating_add(20));
                let is_xeros = |name: &str| names_xero(name) || xeros.contains(name);
                (class..end).any(|word| code.is_word(word) && is_xeros(code.name(word)))
            });
            if is_xeros {
                let text = code.word(value).to_owned();
                let value_of = Value { text: text.clone(), from: vec![own], ..Value::default() };
                self.take(Reached::Target(text), Said::Nothing, &value_of, value);
            }
        }
    }

    /// Takes the URLs that nothing was done with.
    pub(super) fn left(&mut self) {
        let code = self.code;
        for at in 0..code.len() {
            let is_literal = matches!(code.kind(at), Kind::Text | Kind::Url | Kind::Template);
            let may_lead = || {
                is_of_xero(self.raw(at))
                    || code.kind(at) == Kind::Template && self.values.may_lead(at)
                    || self.is_request(at)
            };
            if !is_literal || self.used.contains(&u32::try_from(at).unwrap_or(u32::MAX)) || !may_lead() {
                continue;
            }
            // A test or a server asks for it: `if r.URL.Path != "/api.xro/2.0/Items"`.
            if self.is_compared(at) {
                self.used.insert(u32::try_from(at).unwrap_or(u32::MAX));
                continue;
            }
            let is_command = self.raw(at).contains("curl ");
            if self.raw(at).contains(char::is_whitespace) && !is_command && self.within(at) {
                continue;
            }
            let (values, end) = self.values.of_literal(at);
            let behind = self.said_behind(end);
            for value in &values {
                let (own, value) = in_one(value);
                let value = value.as_ref();
                let text = plain(&value.text);
                let below = || {
                    if own.is_some() && text.starts_with('/') {
                        return is_resource(&text, true)
                            .then(|| Reached::Target(self.routed(&text).unwrap_or(text.clone())));
                    }
                    let before = code.start(at).checked_sub(1).and_then(|before| code.text.as_bytes().get(before));
                    let is_quoted = before.is_some_and(|byte| matches!(byte, b'"' | b'\'' | b'`'));
                    let is_below = |rest: &&str| rest.starts_with('/') && value.is_xero && !is_quoted;
                    self.below_hole(text.get(placeholder(&text)?..).filter(is_below)?, true, false)
                };
                let Some(reached) = full(&text).or_else(below) else { continue };
                let reached = match reached {
                    Reached::Open if text.contains("{#") => Reached::Target(text.clone()),
                    other => other,
                };
                let key = code
                    .prev(at)
                    .filter(|mark| matches!(code.word(*mark), ":" | "=" | "=>"))
                    .and_then(|mark| code.prev(mark));
                let said = own.unwrap_or(behind);
                let said =
                    said.or(|| self.said_in_element(at)).or(|| self.said_in_pair(at)).or(|| self.said_in_form(at));
                let said = said.or(|| key.map_or(Said::Nothing, |key| self.said_in_block(key)));
                self.take(reached, said, value, at);
            }
        }
        // What never got its path.
        for pending in core::mem::take(&mut self.pending) {
            let name = self.code.functions.get(pending.function).map_or("", |function| function.name);
            // `process_request_url` of HTTPoison, which its own functions call.
            if name.starts_with("process_") && name.ends_with("url") && !self.hits.is_empty() {
                continue;
            }
            // Only its method is not known.
            if matches!(pending.said, Said::Options(..)) && param_of_any(&pending.target.text).is_none() {
                let target = pending.target.text.clone();
                self.hit(target, None, &pending.target, pending.at, pending.end);
                continue;
            }
            if self.seen.insert((pending.at, String::new(), pending.said.method())) {
                let what = What::Wrapped { name: name.to_owned(), method: pending.said.method() };
                self.hits.push(Hit { at: pending.at, end: pending.end, what });
            }
        }
    }
}
