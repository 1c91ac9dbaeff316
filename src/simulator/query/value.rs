//! The values of a filter: literals, and the members of a record.

use core::cmp::Ordering;

use serde_json::Value;

use crate::simulator::formats;
use crate::simulator::letters;
use crate::simulator::random::Uuid;
use crate::time::Timestamp;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    /// Milliseconds since 1970.
    Date(i64),
    Guid(Uuid),
    /// A list of this length, which can only be compared with null.
    List(usize),
    /// An object, which can only be compared with null.
    Object,
}

impl Operand {
    /// The member of a record at a path, or a property of its value such as `Length`; the names in any case.
    pub(super) fn member(record: &Value, path: &[String]) -> Result<Self, String> {
        let mut value = record;
        for (place, name) in path.iter().enumerate() {
            let rest = path.get(place..).unwrap_or_default();
            let Value::Object(members) = value else {
                return rest.iter().try_fold(Self::of(value), |own, name| own.property(name));
            };
            let in_any_case = || members.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value);
            match members.get(name).or_else(in_any_case) {
                Some(found) => value = found,
                None => return rest.iter().skip(1).try_fold(Self::Null, |own, name| own.property(name)),
            }
        }
        Ok(Self::of(value))
    }

    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => number.as_f64().map_or(Self::Null, Self::Number),
            Value::String(text) => formats::read_ms_date(text).map_or_else(|| Self::Text(text.clone()), Self::Date),
            Value::Array(items) => Self::List(items.len()),
            Value::Object(_) => Self::Object,
        }
    }

    /// A property of the value, by the names of .NET.
    fn property(self, name: &str) -> Result<Self, String> {
        let count = |count: usize| Self::Number(u32::try_from(count).map_or(f64::MAX, f64::from));
        let date = |ms: i64| u64::try_from(ms).map(|ms| Timestamp::from_ms(ms).date());
        match (&self, name.to_ascii_lowercase().as_str()) {
            (Self::Null, "hasvalue") => Ok(Self::Bool(false)),
            (Self::Null, _) => Ok(Self::Null),
            (Self::Bool(_) | Self::Number(_) | Self::Date(_), "value") => Ok(self),
            (Self::Bool(_) | Self::Number(_) | Self::Date(_), "hasvalue") => Ok(Self::Bool(true)),
            (Self::Text(text), "length") => Ok(count(text.chars().count())),
            (Self::List(length), "count") => Ok(count(*length)),
            (Self::Date(ms), part @ ("year" | "month" | "day")) => Ok(date(*ms).map_or(Self::Null, |date| {
                Self::Number(match part {
                    "year" => f64::from(date.year()),
                    "month" => f64::from(date.month()),
                    _ => f64::from(date.day()),
                })
            })),
            _ => Err(format!("No property or field '{name}' exists")),
        }
    }

    /// The truth of a whole filter, or of a part between `AND` and `OR`.
    pub(super) fn is_true(&self) -> Result<bool, String> {
        match self {
            Self::Bool(value) => Ok(*value),
            Self::Null => Ok(false),
            _ => Err("Expression of type 'Boolean' expected".to_owned()),
        }
    }

    /// Compares two values with a sign such as `==`.
    pub(super) fn compare(&self, sign: &str, other: &Self) -> Result<bool, String> {
        if matches!((self, other), (Self::Null, _) | (_, Self::Null)) {
            let both = self == other;
            return Ok(match sign {
                "==" | "=" => both,
                "!=" | "<>" => !both,
                _ => false,
            });
        }
        let ordering = match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Number(a), Self::Number(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Date(a), Self::Date(b)) => a.cmp(b),
            (Self::Guid(a), Self::Guid(b)) => a.cmp(b),
            (Self::Guid(a), Self::Text(b)) => Some(*a).cmp(&Uuid::parse(b)),
            (Self::Text(a), Self::Guid(b)) => Uuid::parse(a).cmp(&Some(*b)),
            (Self::Text(a), Self::Date(b)) => {
                formats::read_date(a).and_then(|day| i64::try_from(day.start().as_ms()).ok()).cmp(&Some(*b))
            }
            (Self::Date(a), Self::Text(b)) => {
                Some(*a).cmp(&formats::read_date(b).and_then(|day| i64::try_from(day.start().as_ms()).ok()))
            }
            _ => return Err(format!("Operator '{sign}' incompatible with operand types")),
        };
        Ok(match sign {
            "==" | "=" => ordering.is_eq(),
            "!=" | "<>" => ordering.is_ne(),
            "<" => ordering.is_lt(),
            "<=" => ordering.is_le(),
            ">" => ordering.is_gt(),
            _ => ordering.is_ge(),
        })
    }

    /// The result of a method such as `Contains`.
    pub(super) fn call(&self, method: &str, argument: Option<&Self>) -> Result<Self, String> {
        let unknown = || format!("No applicable method '{method}' exists");
        let own = match self {
            Self::Text(text) => text.as_str(),
            Self::Null => return Ok(if argument.is_some() { Self::Bool(false) } else { Self::Null }),
            _ => return Err(unknown()),
        };
        let found = match (method.to_ascii_lowercase().as_str(), argument) {
            ("tolower", None) => return Ok(Self::Text(letters::lower(own))),
            ("toupper", None) => return Ok(Self::Text(letters::upper(own))),
            ("trim", None) => return Ok(Self::Text(own.trim().to_owned())),
            ("tostring", None) => return Ok(self.clone()),
            ("contains", Some(Self::Text(part))) => own.contains(part.as_str()),
            ("startswith", Some(Self::Text(part))) => own.starts_with(part.as_str()),
            ("endswith", Some(Self::Text(part))) => own.ends_with(part.as_str()),
            ("equals", Some(Self::Text(part))) => own == part,
            _ => return Err(unknown()),
        };
        Ok(Self::Bool(found))
    }

    /// The order of two values of a member; those that are absent come first, texts go without regard to case.
    pub(super) fn sorted(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Null, Self::Null) => Ordering::Equal,
            (Self::Null, _) => Ordering::Less,
            (_, Self::Null) => Ordering::Greater,
            (Self::Number(a), Self::Number(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
            (Self::Text(a), Self::Text(b)) => letters::lower(a).cmp(&letters::lower(b)),
            (Self::Date(a), Self::Date(b)) => a.cmp(b),
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            _ => Ordering::Equal,
        }
    }
}
