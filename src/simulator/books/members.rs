//! The members that the records of each kind have, and reading them from the body of a write.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::json::RecordMembers;
use crate::error::{Code, Error};
use crate::simulator::amount;
use crate::simulator::formats;

/// The kind of a member, as `members.json` writes it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum MemberKind {
    /// One letter, and the greatest length of a text.
    Letter(String),
    /// The values that the member can have.
    OneOf(Vec<String>),
}

/// `members.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::simulator) struct MemberTable {
    #[serde(rename = "origin")]
    _origin: String,
    schemas: BTreeMap<String, BTreeMap<String, MemberKind>>,
}

/// The names within objects that no schema has: of payment terms, prices, bank accounts and budgets.
const OF_PARTS: [&str; 8] =
    ["Bills", "Sales", "Day", "UnitPrice", "COGSAccountCode", "BankAccountName", "BudgetBalances", "Notes"];

/// The names that answers alone have, beside the texts of dates: clients send back what they have read.
const OF_ANSWERS: [&str; 8] = [
    "HasErrors",
    "HasValidationErrors",
    "ValidationErrors",
    "Warnings",
    "AccountsReceivable",
    "AccountsPayable",
    "Outstanding",
    "Overdue",
];

impl MemberTable {
    /// Reads the embedded file.
    pub(in crate::simulator) fn new() -> Result<Self, Error> {
        serde_json::from_str(include_str!("members.json")).map_err(|_| {
            Error::new(Code::Trapped, "the simulator's own table of members cannot be read; please report it")
        })
    }

    /// Spells the names of all members inside a value as the specification does: they count in any case. `lose` is called with
    /// the names that no record has.
    pub(in crate::simulator) fn spell(&self, value: &mut Value, lose: &dyn Fn(&str)) {
        match value {
            Value::Array(items) => {
                for item in items {
                    self.spell(item, lose);
                }
            }
            Value::Object(members) => {
                for (name, mut value) in core::mem::take(members) {
                    self.spell(&mut value, lose);
                    let own = self.spelling(&name).filter(|own| *own == name || !members.contains_key(*own));
                    if own.is_none() && !name.ends_with("String") && !OF_ANSWERS.contains(&name.as_str()) {
                        lose(&name);
                    }
                    members.insert(own.map_or(name, str::to_owned), value);
                }
            }
            _ => {}
        }
    }

    fn spelling(&self, name: &str) -> Option<&str> {
        let mut own = self.schemas.values().flat_map(BTreeMap::keys).map(String::as_str).chain(OF_PARTS);
        own.find(|own| own.eq_ignore_ascii_case(name))
    }

    /// Calls `lose` with the members of an element that a record of this kind computes, and that therefore are not written. Empty
    /// ones are not among them, nor the sums of a document, which are compared. An element with an id is sent back as it was read.
    pub(in crate::simulator) fn lose_computed(&self, kind: &str, element: &RecordMembers, lose: &dyn Fn(&str)) {
        let Some(schema) = self.schemas.get(kind).filter(|_| !element.contains_key(&format!("{kind}ID"))) else {
            return;
        };
        for (name, value) in element {
            let is_computed = matches!(schema.get(name), Some(MemberKind::Letter(letter)) if letter == "r");
            if is_computed && !is_empty(value) && !SUMS.contains(&name.as_str()) {
                lose(name);
            }
        }
    }

    /// Returns whether a member of this name is a list, in any kind of record: XML does not show it.
    pub(in crate::simulator) fn is_list(&self, name: &str) -> bool {
        let is = |kind: &MemberKind| matches!(kind, MemberKind::Letter(letter) if letter == "l");
        self.schemas.values().any(|schema| schema.get(name).is_some_and(is))
    }

    /// The member of a kind of record with this name in any case, and the letter of its kind; `c` for a choice.
    pub(super) fn member(&self, kind: &str, name: &str) -> Option<(&str, &str)> {
        let mut members = self.schemas.get(kind)?.iter();
        let (own, kind) = members.find(|(own, _)| own.eq_ignore_ascii_case(name))?;
        let letter = match kind {
            MemberKind::OneOf(_) => "c",
            MemberKind::Letter(letter) => letter.get(..1).unwrap_or_default(),
        };
        Some((own, letter))
    }

    /// The members of an element of a body that a record of this kind has and a client may write, in one form: dates as
    /// `/Date(…)/`, numbers as numbers. A `null` stays, and takes the member away; a list or an object that is `null` was not
    /// given. Members that the kind does not have and those that are computed are ignored, as clients send back all that they
    /// have read.
    pub(in crate::simulator) fn read(
        &self,
        kind: &str,
        element: &RecordMembers,
        wrong: &mut Vec<String>,
    ) -> RecordMembers {
        let Some(schema) = self.schemas.get(kind) else { return RecordMembers::new() };
        let mut found = RecordMembers::new();
        for (name, value) in element {
            let read = match schema.get(name) {
                None => continue,
                Some(MemberKind::Letter(letter)) if value.is_null() && matches!(letter.as_str(), "l" | "o") => continue,
                Some(_) if value.is_null() => Ok(Value::Null),
                Some(MemberKind::OneOf(values)) => read_choice(name, value, values),
                Some(MemberKind::Letter(letter)) if letter == "r" => continue,
                Some(MemberKind::Letter(letter)) => read_letter(name, value, letter),
            };
            match read {
                Ok(value) => {
                    found.insert(name.clone(), value);
                }
                Err(message) => wrong.push(message),
            }
        }
        found
    }
}

/// The sums of a document, which a write may send if they are right.
pub(super) const SUMS: [&str; 3] = ["SubTotal", "TotalTax", "Total"];

/// Returns whether a value says nothing.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(true) => false,
    }
}

fn read_choice(name: &str, value: &Value, values: &[String]) -> Result<Value, String> {
    match value.as_str() {
        Some("") => Ok(Value::Null),
        Some(text) if values.iter().any(|own| own == text) => Ok(value.clone()),
        _ => Err(format!("{name} is none of {}.", values.join(", "))),
    }
}

fn read_letter(name: &str, value: &Value, letter: &str) -> Result<Value, String> {
    match (letter.split_at_checked(1).unwrap_or((letter, "")), value) {
        (("s", most), Value::String(text)) => match most.parse::<usize>() {
            Ok(most) if text.chars().count() > most => Err(format!("{name} is longer than {most} characters.")),
            _ => Ok(value.clone()),
        },
        (("s", _), Value::Number(number)) => Ok(number.to_string().into()),
        (("n", _), Value::String(text)) => amount::read_number(text).ok_or_else(|| format!("{name} is not a number.")),
        (("n", _), Value::Number(_))
        | (("b", _), Value::Bool(_))
        | (("o", _), Value::Object(_))
        | (("l", _), Value::Array(_)) => Ok(value.clone()),
        (("b", _), Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(true.into()),
        (("b", _), Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(false.into()),
        (("d", _), Value::String(text)) if text.is_empty() => Ok(Value::Null),
        (("d", _), Value::String(text)) => formats::read_date(text)
            .map(|date| formats::ms_date(date.start()).into())
            .ok_or_else(|| format!("{name} is not a date: YYYY-MM-DD.")),
        (("s", _), _) => Err(format!("{name} is not a text.")),
        (("n", _), _) => Err(format!("{name} is not a number.")),
        (("b", _), _) => Err(format!("{name} is neither true nor false.")),
        (("d", _), _) => Err(format!("{name} is not a date: YYYY-MM-DD.")),
        (("o", _), _) => Err(format!("{name} is not an object.")),
        _ => Err(format!("{name} is not a list.")),
    }
}
