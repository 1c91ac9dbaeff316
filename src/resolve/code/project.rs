//! Definitions that the texts of a project share, and the reports after all were read.

use std::collections::{BTreeMap, BTreeSet};

use super::hit::Hit;
use super::lex::{Kind, Lexeme};
use super::requests::{Requests, Wrapper, is_imported};
use super::tree::SourceCode;
use super::values::{Shared, Values};
use super::{code_of, imported, resources, take};
use crate::resolve::found::Why;
use crate::resolve::kind::Text;
use crate::resolve::ledger::Ledger;

/// What the texts of a project share.
#[derive(Default)]
pub(in crate::resolve) struct Project {
    pub(super) shared: Shared,
    pub(super) wrappers: BTreeMap<String, Vec<Wrapper>>,
    /// The functions that are given paths with the base of an API.
    pub(super) senders: BTreeSet<String>,
    /// Imports and bases without a call: reported in the end, unless another text has calls.
    pub(super) quiet: Vec<Quiet>,
    /// Requests that names of other texts may stand for, by the number of their text: reported in the end, unless another text
    /// sends what the name stands for.
    pub(super) deferred: Vec<(usize, String, Hit)>,
    /// True if a text imports this package.
    pub(super) has_package: bool,
    /// True if a call of an SDK, and whether a request, was found.
    pub(super) has_sdk: bool,
    pub(super) has_request: bool,
    /// The functions of other texts that were called, and their constants and functions that requests came of.
    pub(super) called: BTreeSet<String>,
    /// The functions of other texts that are named without a call, and may be called anywhere.
    pub(super) mentioned: BTreeSet<String>,
    /// The bases of clients that are registered for others, by the names of those; and the ones that requests used.
    pub(super) lent: BTreeMap<String, Vec<String>>,
    pub(super) lent_used: BTreeSet<String>,
    /// The clients that texts make, with their bases: others import them by their names.
    pub(super) clients: BTreeMap<String, Vec<String>>,
    /// The names that requests with an unknown base are written with.
    pub(super) unknown: BTreeSet<String>,
}

/// Something of Xero's from which no call came in its own text.
pub(super) struct Quiet {
    pub(super) input: usize,
    pub(super) at: usize,
    pub(super) line: usize,
    pub(super) text: String,
    pub(super) what: Silent,
    pub(super) why: Why,
    pub(super) method: Option<&'static str>,
}

/// What something is that no call came of.
pub(super) enum Silent {
    Import,
    /// A base, with the names that it is given.
    Base(Vec<String>),
    /// A request in a function of this name, with what that is given.
    Function(String),
}

impl Project {
    /// Notes what texts define for each other: constants, then the functions that send what they are given.
    pub(in crate::resolve) fn note(&mut self, texts: &[Text<'_>]) {
        self.has_package = texts.iter().any(|text| is_imported(text.text));
        let of_xero = |text: &Text<'_>| text.text.contains(".xro") || text.text.contains("xero.com");
        if !texts.iter().any(of_xero) {
            return;
        }
        for text in texts.iter().filter(|text| of_xero(text) || names_resources(text.text)) {
            let code = code_of(*text).0;
            let nothing = Shared::default();
            let values = Values::new(&code, &nothing);
            self.shared.add_constants(values.constants(), stem(*text));
            self.shared.add_default(stem(*text), values.default_export());
        }
        // Functions that make URLs of the constants of another text are found once those are known.
        let names: Vec<String> = self.shared.constants().cloned().collect();
        let may_send = |text: &Text<'_>| of_xero(text) || names.iter().any(|name| text.text.contains(name.as_str()));
        let mut makers = Vec::new();
        for text in texts.iter().filter(|text| may_send(text)) {
            let code = code_of(*text).0;
            makers.extend(Values::new(&code, &self.shared).makers());
        }
        self.shared.add_makers(makers);
        // A function may hand what it is given to one of another text.
        for round in 0..HANDED_ON {
            let mut found = Vec::new();
            let calls_one = |text: &Text<'_>| {
                self.wrappers.keys().any(|name| text.text.contains(name.as_str()))
                    || self.shared.modules().any(|module| text.text.contains(module.as_str()))
            };
            for text in texts.iter().filter(|text| if round == 0 { may_send(text) } else { calls_one(text) }) {
                let (code, hints) = code_of(*text);
                let values = Values::new(&code, &self.shared);
                let mut requests = Requests::new(&values, hints, false, true);
                found.extend(requests.wrappers(&self.wrappers, stem(*text)));
                self.senders.append(&mut requests.senders);
                if round == 0 {
                    self.lent.extend(requests.lent());
                    self.clients.extend(requests.exported());
                }
            }
            let before: usize = self.wrappers.values().map(Vec::len).sum();
            for (name, wrapper) in found {
                let own = self.wrappers.entry(name).or_default();
                if !own.contains(&wrapper) {
                    own.push(wrapper);
                }
            }
            if self.wrappers.values().map(Vec::len).sum::<usize>() == before {
                break;
            }
        }
    }

    /// Returns whether a name that another text defines is among the tokens of a text.
    pub(super) fn names(&self, text: &str, tokens: &[Lexeme]) -> bool {
        let word = |token: &Lexeme| text.get(token.start as usize..token.end as usize).unwrap_or_default();
        let is_shared =
            |name: &str| self.shared.has(name) || self.wrappers.contains_key(name) || self.senders.contains(name);
        !(self.shared.is_empty()
            && self.wrappers.is_empty()
            && self.senders.is_empty()
            && self.lent.is_empty()
            && self.clients.is_empty())
            && tokens.iter().any(|token| match token.kind {
                Kind::Word => {
                    let name = word(token).trim_start_matches('$');
                    is_shared(name) || self.lent.contains_key(name) || self.clients.contains_key(name)
                }
                Kind::Text => {
                    let text = word(token);
                    self.shared.default_of(imported::stem(text)).is_some() || self.lent.contains_key(text)
                }
                _ => false,
            })
    }

    /// The bases of the clients that are registered for a name which a text declares or asks for: `class XeroService`,
    /// `factory.CreateClient("xero")`.
    pub(super) fn lent_to(&self, code: &SourceCode<'_>) -> Vec<String> {
        if self.lent.is_empty() {
            return Vec::new();
        }
        let own = (0..code.len()).filter(|at| {
            let before = code.prev(*at).map_or("", |before| code.word(before));
            match code.kind(*at) {
                Kind::Word => matches!(before, "class" | "interface" | "record"),
                Kind::Text => before == "(",
                _ => false,
            }
        });
        own.filter_map(|at| self.lent.get(code.word(at))).flatten().cloned().collect()
    }

    /// The clients of other texts that a text imports, by the names that it gives them.
    pub(super) fn imported_by<'t>(&self, code: &SourceCode<'t>) -> Vec<(&'t str, Vec<String>)> {
        if self.clients.is_empty() {
            return Vec::new();
        }
        let words = (0..code.len()).filter(|at| code.is_word(*at));
        let clients = words.filter_map(|at| {
            let name = code.name(at);
            let original = code.imported.original_of(name).unwrap_or(name);
            Some((at, name, self.clients.get(original)?))
        });
        clients.filter(|(at, ..)| code.is_import(*at)).map(|(_, name, bases)| (name, bases.clone())).collect()
    }

    /// Reports imports, bases and functions of Xero's that no call of the project uses.
    pub(in crate::resolve) fn close<'t>(self, ledger: &mut Ledger<'t>, texts: &[Text<'t>]) {
        for (input, name, hit) in &self.deferred {
            if let Some(text) = texts.get(*input).filter(|_| !self.called.contains(name)) {
                ledger.open(*input, *text);
                take(ledger, hit);
            }
        }
        let is_called = |quiet: &&Quiet| matches!(&quiet.what, Silent::Function(name) if self.called.contains(name));
        // Where another text calls one function of a client, nothing calls those that are not even named anywhere.
        let clients: Vec<usize> = self.quiet.iter().filter(is_called).map(|quiet| quiet.input).collect();
        for quiet in &self.quiet {
            let is_used = match &quiet.what {
                // Other requests are none of a library whose calls are not read.
                Silent::Import => quiet.why != Why::LibraryNotRead && (self.has_sdk || self.has_request),
                Silent::Base(names) => {
                    let is_known = |name: &String| self.called.contains(name) || self.unknown.contains(name);
                    let base = quiet.text.trim_end_matches('/');
                    let is_lent = self.lent_used.contains(base);
                    is_lent || names.iter().any(is_known)
                }
                Silent::Function(name) => {
                    let is_hidden = self.mentioned.contains(name);
                    self.called.contains(name) || clients.contains(&quiet.input) && !is_hidden
                }
            };
            if !is_used {
                ledger.quiet(quiet.why, quiet.method, &quiet.text, quiet.input, quiet.at, quiet.line);
            }
        }
    }
}

/// So often may a function hand what it is given to one of another text.
const HANDED_ON: usize = 3;

/// The name of a text's file.
fn stem(text: Text<'_>) -> &str {
    imported::stem(text.name.unwrap_or_default())
}

/// Returns whether a literal is assigned in a text that begins with a resource as Xero spells it: `ITEMS = "Items"`.
fn names_resources(text: &str) -> bool {
    let bytes = text.as_bytes();
    text.match_indices(['"', '\'']).any(|(at, _)| {
        let Some(rest) = text.get(at.saturating_add(1)..) else { return false };
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        let is_assigned = || {
            let before = bytes.get(..at).unwrap_or_default().iter().rev().take(60).find(|byte| !b" \t".contains(*byte));
            matches!(before, Some(b'=' | b':'))
        };
        rest.starts_with(|c: char| c.is_ascii_uppercase())
            && is_assigned()
            && resources::is_exact(rest.split(['"', '\'', '/', '?', '\n']).next().unwrap_or_default())
    })
}
