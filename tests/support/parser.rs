//! A JSON parser for the judge of token answers, as hosts have one: of repeated members the last counts.

use serde_json::{Map, Value};
use xero_m2m::secret::Secret;
use xero_m2m::token::answer::{Body, Member};

pub(crate) fn parse(text: &str) -> Option<Body> {
    let object: Map<String, Value> = serde_json::from_str(text).ok()?;
    Some(Body::read(|name| object.get(name).map_or(Member::Absent, member)))
}

fn member(value: &Value) -> Member {
    match value {
        Value::String(text) => Member::Text(Secret::new(text.clone())),
        Value::Number(number) => number.as_f64().map_or(Member::Other, Member::Number),
        Value::Array(items) => {
            let names: Option<_> = items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
            names.map_or(Member::Other, Member::List)
        }
        _ => Member::Other,
    }
}
