//! The members of the records of the payroll APIs, and reading them from the body of a write.
//!
//! `schemas.txt` has a line for each schema: the letters of its APIs, its name, and its members. `!` marks a required member;
//! after a colon follow its kind: `u` id, `d` date, `m` date as Australia's API writes it, `i` instant, `n` number, `b` true or
//! false, `o` object, `=` one of some words, `@` a schema, `[` a list of what follows; a member without a kind is a text.

use serde_json::Value;

use super::parts::ApiLetter;
use super::stored;
use crate::simulator::amount;
use crate::simulator::books::json::RecordMembers;
use crate::simulator::company::Company;
use crate::simulator::formats;
use crate::simulator::random::Uuid;

static SCHEMAS: &str = include_str!("schemas.txt");

/// The longest text of a member.
const MOST_CHARACTERS: usize = 4_000;

/// The members of a schema: name, required, and kind.
fn members(api: ApiLetter, schema: &str) -> impl Iterator<Item = (&'static str, bool, &'static str)> {
    let of = |line: &&str| {
        let mut words = line.split(' ');
        words.next().is_some_and(|apis| apis.contains(api)) && words.next() == Some(schema)
    };
    SCHEMAS.lines().find(of).unwrap_or("").split(' ').skip(2).map(|word| {
        let (name, kind) = word.split_once(':').unwrap_or((word, ""));
        (name.trim_end_matches('!'), name.ends_with('!'), kind)
    })
}

/// Returns whether a schema has this member.
pub(super) fn has(api: ApiLetter, schema: &str, name: &str) -> bool {
    members(api, schema).any(|(own, ..)| own == name)
}

/// A reading of a body: the books that its ids name records of, and the members that cannot be read, with the reasons.
pub(super) struct PayrollReading<'a> {
    pub(super) api: ApiLetter,
    pub(super) company: &'a Company,
    pub(super) wrong: Vec<(String, String)>,
    /// The members of which nothing is made.
    pub(super) unknown: Vec<String>,
}

impl PayrollReading<'_> {
    /// The members that a schema has; a `null` is no value. Required ones have to be there, unless `before` has them.
    /// `own` is the member with the id of the record itself, which is not read.
    pub(super) fn members(
        &mut self,
        schema: &str,
        given: &RecordMembers,
        before: Option<&RecordMembers>,
        own: &str,
    ) -> RecordMembers {
        let is_unknown = |name: &&String| *name != own && !has(self.api, schema, name);
        self.unknown.extend(given.keys().filter(is_unknown).cloned());
        let mut found = before.cloned().unwrap_or_default();
        for (name, required, kind) in members(self.api, schema).filter(|(name, ..)| *name != own) {
            match given.get(name).filter(|value| !value.is_null()) {
                Some(value) => {
                    if let Some(value) = self.value(name, kind, value) {
                        found.insert(name.to_owned(), value);
                    }
                }
                None if required && !found.contains_key(name) => self.refuse(name, "is required"),
                None => {}
            }
        }
        found
    }

    pub(super) fn refuse(&mut self, name: &str, reason: &str) {
        self.wrong.push((name.to_owned(), format!("The {name} {reason}.")));
    }

    fn value(&mut self, name: &str, kind: &str, value: &Value) -> Option<Value> {
        let (letter, rest) = kind.split_at_checked(1).unwrap_or(("s", ""));
        let read = match (letter, value) {
            ("@", Value::Object(given)) => {
                let inner = self.members(rest, given, None, "");
                return Some(Value::Object(inner));
            }
            ("[", Value::Array(items)) => {
                return Some(Value::Array(items.iter().filter_map(|item| self.value(name, rest, item)).collect()));
            }
            ("=", Value::String(text)) => rest.split(',').any(|word| word == text).then(|| value.clone()),
            ("u", Value::String(text)) => Uuid::parse(text).map(|id| id.to_string().into()),
            ("d", Value::String(text)) => {
                formats::read_date(text).map(|date| formats::date_string(date.start()).into())
            }
            ("m", Value::String(text)) => formats::read_date(text).map(|date| formats::ms_date(date.start()).into()),
            ("i", Value::String(text)) => formats::read_instant(text).map(|at| formats::date_string(at).into()),
            ("n", Value::String(text)) => amount::read_number(text),
            ("n", Value::Number(_)) | ("b", Value::Bool(_)) | ("o", Value::Object(_)) => Some(value.clone()),
            ("s", Value::String(text)) if text.chars().count() <= MOST_CHARACTERS => Some(value.clone()),
            ("s", Value::Number(number)) => Some(number.to_string().into()),
            _ => None,
        };
        let id = if letter == "u" { read.as_ref().and_then(Value::as_str).and_then(Uuid::parse) } else { None };
        if let Some(id) = id.filter(|id| !stored::is_known(self.company, name, *id)) {
            self.refuse(name, &format!("{id} names no record of this organisation"));
            return None;
        }
        if read.is_none() {
            let expected = match letter {
                "=" => format!("is none of {}", rest.replace(',', ", ")),
                "d" | "m" | "i" => "is not a date: YYYY-MM-DD".to_owned(),
                _ => "is not valid".to_owned(),
            };
            self.refuse(name, &expected);
        }
        read
    }
}
