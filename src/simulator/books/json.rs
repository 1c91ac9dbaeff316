//! Reading and changing the members of a JSON object.

use serde_json::{Map, Value};

use crate::simulator::amount::{self, Cents};
use crate::simulator::random::Uuid;

/// The members of a record.
pub(in crate::simulator) type RecordMembers = Map<String, Value>;

/// A text that is not empty.
pub(in crate::simulator) fn text<'a>(members: &'a RecordMembers, name: &str) -> Option<&'a str> {
    members.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// An object.
pub(in crate::simulator) fn object<'a>(members: &'a RecordMembers, name: &str) -> Option<&'a RecordMembers> {
    members.get(name).and_then(Value::as_object)
}

/// A list; empty if there is none.
pub(in crate::simulator) fn list<'a>(members: &'a RecordMembers, name: &str) -> &'a [Value] {
    members.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Money; 0 if there is none.
pub(in crate::simulator) fn cents(members: &RecordMembers, name: &str) -> Cents {
    members.get(name).and_then(amount::read_money).unwrap_or(0)
}

/// An id.
pub(in crate::simulator) fn id(members: &RecordMembers, name: &str) -> Option<Uuid> {
    text(members, name).and_then(Uuid::parse)
}

/// The sum of a member of the objects of a list.
pub(in crate::simulator) fn sum(items: &[Value], name: &str) -> Cents {
    items.iter().filter_map(Value::as_object).fold(0, |sum, item| sum.saturating_add(cents(item, name)))
}

/// Returns whether a value, or any inside it, is one that `is` accepts.
pub(in crate::simulator) fn any(value: &Value, is: &impl Fn(&Value) -> bool) -> bool {
    is(value)
        || match value {
            Value::Array(items) => items.iter().any(|own| any(own, is)),
            Value::Object(members) => members.values().any(|own| any(own, is)),
            _ => false,
        }
}

/// Sets a member.
pub(in crate::simulator) fn set(members: &mut RecordMembers, name: &str, value: impl Into<Value>) {
    members.insert(name.to_owned(), value.into());
}

/// The members of a value that is an object; none of another.
pub(in crate::simulator) fn members_of(value: Value) -> RecordMembers {
    match value {
        Value::Object(members) => members,
        _ => RecordMembers::new(),
    }
}
