//! Variables of collections and environments, and texts with their values put in.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::leads_to_xero;
use super::tree::{Id, NodeKind, Tree};

/// Variables refer to each other at most so deep.
const DEEP: usize = 5;

/// Longer texts, in bytes, are not put together: no URL is so long.
const LONG: usize = 10_000;

/// The keys of objects whose members are variables.
const HOLDERS: [&str; 8] =
    ["data", "env", "environment", "environments", "variable", "variables", "vars", "vars:pre-request"];

/// The values of variables, from all texts: several environments may give one several values.
#[derive(Debug, Default)]
pub(in crate::resolve) struct Variables {
    values: BTreeMap<String, Vec<String>>,
    /// The values that were put in somewhere.
    used: RefCell<BTreeSet<String>>,
}

impl Variables {
    /// Takes the variables that a text has.
    pub(super) fn gather(&mut self, tree: &Tree<'_>) {
        for id in tree.within(0).filter(|id| tree.kind(*id) == NodeKind::Object) {
            let name = ["key", "id", "name"].into_iter().find_map(|key| tree.text_member(id, key));
            if let Some(name) = name
                && let Some(value) = tree.text_member(id, "value")
            {
                self.insert(&name, &value);
            }
            let key = tree.key(id);
            if HOLDERS.iter().any(|holder| key.eq_ignore_ascii_case(holder)) {
                self.members(tree, id, "", 0);
            }
        }
    }

    fn members(&mut self, tree: &Tree<'_>, id: Id, before: &str, depth: usize) {
        for child in tree.children(id).filter(|_| depth < DEEP) {
            let key = tree.key(child);
            // Bruno switches a variable off with `~`: its value is still read.
            let name = [before, key.trim_start_matches('~')].concat();
            if let Some(value) = tree.text_of(child) {
                self.insert(&name, &value);
            } else if tree.kind(child) == NodeKind::Object {
                self.members(tree, child, &[name.as_str(), "."].concat(), depth.saturating_add(1));
            }
        }
    }

    fn insert(&mut self, name: &str, value: &str) {
        let values = self.values.entry(name.to_owned()).or_default();
        if !value.is_empty() && !values.iter().any(|own| own == value) {
            values.push(value.to_owned());
        }
    }

    /// The value of a variable: of several, one that leads to Xero.
    fn value(&self, name: &str) -> Option<&str> {
        let values = self.values.get(name)?;
        values.iter().find(|value| leads_to_xero(value)).or_else(|| values.first()).map(String::as_str)
    }

    /// Returns whether a text is the value of a variable that was put in somewhere.
    pub(super) fn is_used(&self, value: &str) -> bool {
        self.used.borrow().contains(value)
    }

    /// The text with the values of its variables, each other placeholder as `{}`, and the name of the first of those.
    pub(super) fn expand<'a>(&self, text: &'a str) -> Expanded<'a> {
        // n8n begins an expression with `=`.
        let text = text.strip_prefix('=').unwrap_or(text);
        if let Some(joined) = of_flow(text) {
            return Expanded { text: Cow::Owned(joined), unknown: Some(text.to_owned()) };
        }
        if !text.contains("{{") && !text.contains("{%") {
            return Expanded { text: Cow::Borrowed(text), unknown: None };
        }
        let mut expanded = Expanded { text: Cow::Owned(String::with_capacity(text.len())), unknown: None };
        self.append(text, 0, &mut expanded);
        expanded
    }

    fn append(&self, text: &str, depth: usize, out: &mut Expanded<'_>) {
        let mut rest = text;
        while out.text.len() < LONG
            && let Some(at) = rest.find("{{").into_iter().chain(rest.find("{%")).min()
        {
            let (front, behind) = rest.split_at_checked(at).unwrap_or((rest, ""));
            out.text.to_mut().push_str(front);
            let close = if behind.starts_with("{{") { "}}" } else { "%}" };
            let Some(end) = behind.find(close) else {
                out.text.to_mut().push_str(behind);
                return;
            };
            let inside = behind.get(2..end).unwrap_or_default();
            let name = name(inside);
            if let Some(value) = self.value(name).filter(|_| depth < DEEP && close == "}}") {
                if !self.is_used(value) {
                    self.used.borrow_mut().insert(value.to_owned());
                }
                self.append(value, depth.saturating_add(1), out);
            } else {
                out.unknown.get_or_insert_with(|| name.to_owned());
                out.text.to_mut().push_str("{}");
            }
            rest = behind.get(end.saturating_add(2)..).unwrap_or_default();
        }
        out.text.to_mut().push_str(rest);
    }
}

/// The texts that an expression of Power Automate joins, with `{}` for what else is in it:
/// `@concat(parameters('base'),'/Accounts')`, `@{parameters('base')}/Accounts`.
fn of_flow(text: &str) -> Option<String> {
    let inside = text.strip_prefix('@')?;
    if inside.starts_with('{') {
        let end = inside.find('}')?;
        return Some(["{}", inside.get(end.saturating_add(1)..)?].concat());
    }
    let list = inside.strip_prefix("concat(")?.strip_suffix(')')?;
    let mut joined = String::new();
    let mut depth = 0_usize;
    let mut is_text = false;
    for c in list.chars() {
        match c {
            '\'' if depth == 0 => is_text = !is_text,
            _ if is_text => joined.push(c),
            '(' | '[' => depth = depth.saturating_add(1),
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth > 0 || c == ',' || c.is_whitespace() || joined.ends_with("{}") => {}
            _ => joined.push_str("{}"),
        }
    }
    Some(joined)
}

/// A text with the values of its variables.
pub(super) struct Expanded<'a> {
    pub(super) text: Cow<'a, str>,
    /// The first variable whose value is not known.
    pub(super) unknown: Option<String>,
}

/// `base` of `_.base`, `_['base']` and `base`.
fn name(inside: &str) -> &str {
    let name = inside.trim();
    let name = name.strip_prefix("_.").unwrap_or(name);
    name.strip_prefix("_['").and_then(|name| name.strip_suffix("']")).unwrap_or(name)
}
