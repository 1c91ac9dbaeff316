//! A text that an expression may stand for, and how two of them are joined.

use super::MANY;
use crate::resolve::target::{has_base, names_xero};

/// A text that an expression may stand for. Unknown parts are `{}`; the parameter `p` of function `f` is `{#f:p}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::resolve::code) struct Value {
    pub(in crate::resolve::code) text: String,
    /// The literals that it comes from, as tokens.
    pub(in crate::resolve::code) from: Vec<u32>,
    /// The names that it was read through, as tokens: the uses of constants and members, and not their definitions.
    pub(in crate::resolve::code) through: Vec<u32>,
    /// True if something in it is named after Xero.
    pub(in crate::resolve::code) is_xero: bool,
}

impl Value {
    pub(super) fn hole() -> Self {
        Self { text: "{}".to_owned(), ..Self::default() }
    }

    pub(super) fn named(name: &str) -> Self {
        Self { is_xero: names_xero(name), ..Self::hole() }
    }

    pub(super) fn text(text: &str, at: usize) -> Self {
        let text = if text.contains('\\') { text.replace("\\/", "/").replace("\\n", "\n") } else { text.to_owned() };
        Self { text, from: vec![u32::try_from(at).unwrap_or(u32::MAX)], ..Self::default() }
    }

    /// Notes a name that it was read through.
    pub(super) fn read_through(&mut self, name: usize) {
        if !self.is_hole() {
            add(&mut self.through, &[u32::try_from(name).unwrap_or(u32::MAX)]);
        }
    }

    /// Returns whether nothing of it is known.
    pub(in crate::resolve::code) fn is_hole(&self) -> bool {
        self.text == "{}"
    }

    pub(in crate::resolve::code) fn then(&self, other: &Self) -> Self {
        let mut joined = self.clone();
        // Something between the two has the slash, such as `trailingslashit(BASE)`.
        if other.text.starts_with(|c: char| c.is_ascii_uppercase()) && ends_as_base(&joined.text) {
            joined.text.push('/');
        }
        if joined.text.len().saturating_add(other.text.len()) < LONGEST {
            joined.text.push_str(&other.text);
        }
        // A query has no influence on the target.
        joined.is_xero |= other.is_xero && !self.text.contains('?');
        let is_xero = joined.is_xero;
        joined.take(other);
        joined.is_xero = is_xero;
        joined
    }

    pub(super) fn take(&mut self, other: &Self) {
        add(&mut self.from, &other.from);
        add(&mut self.through, &other.through);
        self.is_xero |= other.is_xero;
    }

    /// With what is given in place of a hole: a path behind a base begins with a slash.
    pub(in crate::resolve::code) fn filled(&self, hole: &str, given: &Self) -> Self {
        let before = self.text.split(hole).next().unwrap_or_default();
        let mut text = given.text.clone();
        if before.ends_with('/') {
            text = text.trim_start_matches('/').to_owned();
        } else if ends_as_base(before) && !text.starts_with(['/', '?', '{']) && !text.is_empty() {
            text.insert(0, '/');
        }
        let mut filled = Self { text: self.text.replace(hole, &text), ..self.clone() };
        filled.take(given);
        filled
    }

    /// With a slash between the two, and none too many.
    pub(in crate::resolve::code) fn below(&self, other: &Self) -> Self {
        let mut base = self.clone();
        let kept = base.text.trim_end_matches('/').len();
        base.text.truncate(kept);
        let mut path = other.clone();
        path.text = ["/", other.text.trim_start_matches('/')].concat();
        base.then(&path)
    }
}

/// Adds tokens to others, each once.
fn add(tokens: &mut Vec<u32>, more: &[u32]) {
    for token in more {
        if !tokens.contains(token) && tokens.len() < 32 {
            tokens.push(*token);
        }
    }
}

/// Returns whether a text ends as the base of an API, without a slash.
pub(in crate::resolve::code) fn ends_as_base(text: &str) -> bool {
    let (front, last) = text.rsplit_once('/').unwrap_or(("", text));
    let is_version = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    last.eq_ignore_ascii_case("api.xero.com")
        || is_version && [".xro", "/appstore"].into_iter().any(|api| front.to_ascii_lowercase().ends_with(api))
}

/// Longer texts are no URLs.
const LONGEST: usize = 2_000;

/// A way to join two texts.
pub(super) type Join = fn(&Value, &Value) -> Value;

/// Each of one with each of the other.
pub(super) fn product(one: &[Value], other: &[Value], join: Join) -> Vec<Value> {
    one.iter().flat_map(|one| other.iter().map(|other| join(one, other)).collect::<Vec<_>>()).take(MANY).collect()
}

pub(super) fn join_all(all: &[Vec<Value>]) -> Vec<Value> {
    let Some((first, rest)) = all.split_first() else { return vec![Value::hole()] };
    rest.iter().fold(first.clone(), |joined, more| product(&joined, more, resolve_below))
}

/// The known values of both, or the first if none of the second is known.
pub(super) fn known_of(one: Vec<Value>, other: Vec<Value>) -> Vec<Value> {
    let is_known = |value: &Value| !value.text.starts_with("{}") || value.text.len() > 2;
    if other.iter().any(is_known) {
        let mut all: Vec<Value> = one.into_iter().filter(is_known).collect();
        all.extend(other);
        all
    } else {
        one
    }
}

/// A reference at a base, as URLs are resolved.
pub(super) fn resolve(base: &Value, path: &Value) -> Value {
    if path.text.contains("://") {
        return path.clone();
    }
    if path.text.starts_with('/')
        && let Some(scheme) = base.text.find("://")
        && has_base(&path.text)
    {
        let host = scheme.saturating_add(3);
        let end =
            base.text.get(host..).and_then(|rest| rest.find('/')).map_or(base.text.len(), |at| host.saturating_add(at));
        let mut root = base.clone();
        root.text.truncate(end);
        return root.below(path);
    }
    base.below(path)
}

/// A URL with another path, which may begin with the one that it has: `url.pathname = url.pathname + "/Items"`.
pub(super) fn with_path(url: &Value, path: &Value) -> Value {
    match path.text.strip_prefix("{}") {
        Some(more) => url.below(&Value { text: more.to_owned(), ..path.clone() }),
        None => resolve(url, path),
    }
}

pub(super) fn resolve_below(base: &Value, path: &Value) -> Value {
    if path.text.contains("://") { path.clone() } else { base.below(path) }
}
