//! What texts of a project define for each other: constants, and functions that make URLs of what they are given.

use std::collections::BTreeMap;

use super::arguments::Parameter;
use super::value::Value;
use super::{DEPTH, Definition, How, Values};
use crate::resolve::code::resources;
use crate::resolve::target::{is_of_xero, names_xero};

/// What other texts of the same project define.
#[derive(Default)]
pub(in crate::resolve::code) struct Shared {
    constants: BTreeMap<String, Vec<Constant>>,
    functions: BTreeMap<String, Vec<Maker>>,
    /// Members of classes whose names are too common to be known on anything but the object itself.
    members: BTreeMap<String, Vec<Constant>>,
    /// The names of what modules give by default.
    defaults: BTreeMap<String, String>,
    /// The names that values come from, by number.
    names: Vec<String>,
}

/// A constant of another text.
struct Constant {
    /// The number of its name.
    name: u32,
    text: String,
    /// The module or class that it is written in, as letters and digits.
    owner: String,
}

/// A function that makes URLs of what it is given.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Maker {
    /// The number of its name.
    name: u32,
    pub(super) params: Vec<Parameter>,
    /// What it returns; its parameter `n` is `{#0:n}`.
    pub(super) texts: Vec<String>,
}

/// In the origins of a value: the number of a shared name, and not of a token.
const SHARED: u32 = 1 << 31;

/// The number of the shared name that an origin of a value is, if it is one.
pub(in crate::resolve::code) const fn shared_by(from: u32) -> Option<usize> {
    if from & SHARED == 0 || from == u32::MAX { None } else { Some((from & !SHARED) as usize) }
}

impl Shared {
    pub(in crate::resolve::code) fn is_empty(&self) -> bool {
        self.constants.is_empty() && self.functions.is_empty() && self.members.is_empty()
    }

    pub(in crate::resolve::code) fn has_constant(&self, name: &str) -> bool {
        self.constants.contains_key(name)
    }

    /// Returns whether a name is that of a constant, of a member or of a function.
    pub(in crate::resolve::code) fn has(&self, name: &str) -> bool {
        self.constants.contains_key(name) || self.functions.contains_key(name) || self.members.contains_key(name)
    }

    /// The names of all constants.
    pub(in crate::resolve::code) fn constants(&self) -> impl Iterator<Item = &String> {
        self.constants.keys()
    }

    /// The shared name of a number.
    pub(in crate::resolve::code) fn name(&self, number: usize) -> Option<&String> {
        self.names.get(number)
    }

    fn number(&mut self, name: &str) -> u32 {
        let number = u32::try_from(self.names.len()).unwrap_or(SHARED - 1);
        self.names.push(name.to_owned());
        number
    }

    /// Takes the constants of a text; `owner` is the name of its file, without folders and ending.
    pub(in crate::resolve::code) fn add_constants(&mut self, constants: Vec<(String, Vec<String>)>, owner: &str) {
        for (name, texts) in constants {
            let number = self.number(&name);
            let all = if is_distinct(&name) { &mut self.constants } else { &mut self.members };
            let own = all.entry(name).or_default();
            for text in texts {
                own.push(Constant { name: number, text, owner: letters(owner) });
            }
        }
    }

    /// Takes the name of what a module gives by default.
    pub(in crate::resolve::code) fn add_default(&mut self, module: &str, name: Option<&str>) {
        if let Some(name) = name.filter(|_| !module.is_empty()) {
            self.defaults.insert(module.to_owned(), name.to_owned());
        }
    }

    /// The name of what a module gives by default.
    pub(in crate::resolve::code) fn default_of(&self, module: &str) -> Option<&str> {
        self.defaults.get(module).map(String::as_str)
    }

    /// The modules that give something by default.
    pub(in crate::resolve::code) fn modules(&self) -> impl Iterator<Item = &String> {
        self.defaults.keys()
    }

    /// Takes the functions of a text that make URLs.
    pub(in crate::resolve::code) fn add_makers(&mut self, makers: Vec<(String, Vec<Parameter>, Vec<String>)>) {
        for (name, params, texts) in makers {
            let number = self.number(&name);
            self.functions.entry(name).or_default().push(Maker { name: number, params, texts });
        }
    }

    pub(super) fn makers(&self, name: &str) -> &[Maker] {
        self.functions.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// What a constant stands for. Of several with the same name, those of the module or class that it is named with.
    pub(super) fn constant(&self, name: &str, owner: Option<&str>) -> Option<Vec<Value>> {
        let all = self.constants.get(name)?;
        let owner = owner.map(letters);
        let is_own = |constant: &&Constant| owner.as_ref().is_some_and(|owner| constant.owner == *owner);
        let has_own = all.iter().any(|constant| is_own(&constant));
        Some(values_of(all.iter().filter(|constant| !has_own || is_own(constant))))
    }

    /// What classes of other texts set a member to.
    pub(super) fn member(&self, name: &str) -> Option<Vec<Value>> {
        let all = self.members.get(name).or_else(|| self.constants.get(name))?;
        Some(values_of(all.iter()))
    }
}

/// What constants stand for, each text once.
fn values_of<'a>(constants: impl Iterator<Item = &'a Constant>) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::new();
    for constant in constants.take(super::MANY) {
        let from = vec![constant.name | SHARED];
        match values.iter_mut().find(|value| value.text == constant.text) {
            Some(known) => known.from.extend(from),
            None => values.push(Value { text: constant.text.clone(), from, ..Value::default() }),
        }
    }
    values
}

impl Maker {
    /// Where its texts come from.
    pub(super) fn from(&self) -> Vec<u32> {
        vec![self.name | SHARED]
    }
}

/// The letters and digits of a name, in lower case: `purchase_order` and `PurchaseOrder` are the same.
fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

impl Values<'_, '_> {
    /// The constants that other texts may use: their names and what they stand for, where that is a URL or a path.
    pub(in crate::resolve::code) fn constants(&self) -> Vec<(String, Vec<String>)> {
        let mut constants = Vec::new();
        for (name, definitions) in &self.names {
            if definitions.len() > 8 || name.len() < 3 {
                continue;
            }
            let is_distinct = is_distinct(name);
            let is_of_class = || definitions.iter().any(|one| self.code.class_of(one.at).is_some());
            let may_be_path =
                is_distinct || ["path", "resource", "endpoint", "uri", "url"].contains(name) && is_of_class();
            let outer = |definition: &&Definition<'_>| {
                self.code.function_of(definition.at).is_none() || definition.how == How::Returned
            };
            let texts: Vec<String> = definitions
                .iter()
                .filter(outer)
                .flat_map(|definition| self.defined(definition, name, DEPTH))
                .map(|value| value.text)
                .filter(|text| {
                    is_of_xero(text) || may_be_path && resources::is_exact(text) && !text.contains(char::is_whitespace)
                })
                .take(8)
                .collect();
            if !texts.is_empty() {
                constants.push(((*name).to_owned(), texts));
            }
        }
        constants
    }

    /// The name of what the text gives by default: `export default function request`, `module.exports = request`.
    pub(in crate::resolve::code) fn default_export(&self) -> Option<&str> {
        let code = self.code;
        let is_kind = |at: usize| matches!(code.word(at), "async" | "function" | "class" | "abstract");
        (0..code.len()).find_map(|at| {
            let mut name = match code.word(at) {
                "default" if code.prev(at).is_some_and(|export| code.is(export, "export")) => code.next(at),
                "exports" if code.is(code.next(at), "=") => code.next(code.next(at)),
                _ => return None,
            };
            while is_kind(name) {
                name = code.next(name);
            }
            (code.is_word(name) && code.name(name).len() > 1).then(|| code.name(name))
        })
    }

    /// The functions with parameters that make URLs, for other texts.
    pub(in crate::resolve::code) fn makers(&self) -> Vec<(String, Vec<Parameter>, Vec<String>)> {
        let mut makers = Vec::new();
        for (name, all) in &self.returns {
            for (index, definition) in all {
                let Some(function) = self.code.functions.get(*index) else { continue };
                let own = format!("{{#{index}:");
                let texts: Vec<String> = self
                    .defined(definition, name, DEPTH)
                    .into_iter()
                    .filter(|value| is_of_xero(&value.text) && value.text.contains(&own))
                    .map(|value| value.text.replace(&own, "{#0:"))
                    .take(4)
                    .collect();
                if !texts.is_empty() && makers.len() < 200 {
                    makers.push(((*name).to_owned(), self.parameters(function), texts));
                }
            }
        }
        makers
    }
}

/// Returns whether a name is distinct enough to be known in other texts: `url` and `path` are names of everything.
fn is_distinct(name: &str) -> bool {
    names_xero(name) || name.len() > 4 && name.bytes().any(|byte| byte.is_ascii_uppercase() || byte == b'_')
}
