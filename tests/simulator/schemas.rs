//! Answers by Xero's own schemas: `tests/others/schemas.json`, made from its specifications.

use std::fs;

use serde_json::{Map, Value};
use xero_m2m::catalogue::Operation;
use xero_m2m::simulator::HttpResponse;

/// Operations whose schema is that of another record, as their own examples in the specification show.
const WRONG: [&str; 2] = ["deleteTimesheet", "deleteTimesheetLine"];

pub(crate) struct Schemas(Value);

impl Schemas {
    pub(crate) fn read() -> Self {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/others/schemas.json");
        Self(serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap())
    }

    /// The schemas of an API, by its name in the catalogue.
    pub(crate) fn of(&self, api: &str) -> Option<&Value> {
        let plain = |name: &str| name.replace('-', "").to_lowercase();
        self.0.as_object()?.iter().find(|(name, _)| plain(name) == plain(api)).map(|(_, own)| own)
    }

    /// An operation of the specification.
    pub(crate) fn operation(&self, operation: &Operation) -> Option<(&Value, &Value)> {
        let own = self.of(operation.api.row()?.name)?;
        let full = format!("{}{}", operation.api.row()?.base, operation.path());
        let fits = |row: &&Value| {
            row["method"] == operation.method.as_str() && same_path(row["path"].as_str().unwrap(), &full)
        };
        let named = |row: &&&Value| row["id"].as_str().unwrap().eq_ignore_ascii_case(operation.id());
        let rows: Vec<&Value> = own["operations"].as_array()?.iter().filter(fits).collect();
        rows.iter().find(named).or(rows.first()).map(|row| (*row, &own["schemas"]))
    }

    /// The reason for which an answer with JSON is not valid; `None` if it is, or if there is no schema.
    pub(crate) fn fault(&self, operation: &Operation, answer: &HttpResponse) -> Option<String> {
        let (row, schemas) = self.operation(operation)?;
        let is_json = super::helpers::header(answer, "content-type").is_some_and(|media| media.contains("json"));
        if answer.status >= 300 || !is_json || WRONG.contains(&row["id"].as_str()?) {
            return None;
        }
        let answers = &row["answers"];
        let own = [answer.status.to_string().as_str(), "200", "201"].iter().find_map(|status| answers.get(*status))?;
        let body = serde_json::from_slice(&answer.body).ok()?;
        fault(own, schemas, &body, "")
    }
}

fn same_path(own: &str, other: &str) -> bool {
    let (own, other): (Vec<&str>, Vec<&str>) = (own.split('/').collect(), other.split('/').collect());
    own.len() == other.len()
        && own.iter().zip(&other).all(|(a, b)| a.eq_ignore_ascii_case(b) || (a.starts_with('{') && b.starts_with('{')))
}

fn fault(schema: &Value, schemas: &Value, value: &Value, place: &str) -> Option<String> {
    if let Some(name) = schema["$ref"].as_str() {
        return fault(&schemas[name.trim_start_matches("#/")], schemas, value, place);
    }
    if value.is_null() && schema["nullable"] == true {
        return None;
    }
    if let Some(parts) = schema["allOf"].as_array() {
        return parts.iter().find_map(|part| fault(part, schemas, value, place));
    }
    if let Some(words) = schema["enum"].as_array() {
        return (!words.contains(value)).then(|| format!("{place} {value} is none of the words"));
    }
    let fits = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("number") => value.is_number(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("boolean") => value.is_boolean(),
        _ => true,
    };
    if !fits {
        return Some(format!("{place} is not of type {}: {value}", schema["type"]));
    }
    let none = Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&none);
    match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(at, own)| fault(&schema["items"], schemas, own, &format!("{place}/{at}"))),
        Value::Object(members) => {
            // The specification requires members that it does not describe, such as `name` beside `Name`.
            let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let missing =
                required.filter(|name| properties.contains_key(*name)).find(|name| !members.contains_key(*name));
            if let Some(name) = missing {
                return Some(format!("{place} has no {name}"));
            }
            properties.iter().find_map(|(name, own)| {
                members.get(name).and_then(|value| fault(own, schemas, value, &format!("{place}/{name}")))
            })
        }
        _ => None,
    }
}
