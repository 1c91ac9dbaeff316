//! The empty answer of every read that the simulator does not play.
//!
//! `empty_answers.json` names its origin and groups the operations by answer. A list stays empty. An object that is not a
//! record has its required members with empty values, and its lists. A record that is requested by its name is not found (404).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::context::{CallContext, PROVIDER};
use super::errors;
use super::formats::{self, BLANK_PDF};
use super::http::HttpResponse;
use crate::error::{Code, Error};

/// An answer, and the operations that have it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EmptyAnswer {
    status: u16,
    /// Media type of a body that is not JSON.
    media: Option<String>,
    /// The name of the envelope, whose members are added to `body`.
    envelope: Option<String>,
    body: Option<Value>,
    /// Operation ids by API name.
    operations: BTreeMap<String, Vec<String>>,
}

/// `empty_answers.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "origin")]
    _origin: String,
    envelopes: BTreeMap<String, Map<String, Value>>,
    shapes: Vec<EmptyAnswer>,
}

/// The answers, by the key of their operation.
#[derive(Debug)]
pub(super) struct EmptyAnswers {
    file: File,
    by_operation: BTreeMap<String, usize>,
}

impl EmptyAnswers {
    /// Reads the embedded file.
    pub(super) fn new() -> Result<Self, Error> {
        let file: File = serde_json::from_str(include_str!("empty_answers.json")).map_err(|_| {
            Error::new(Code::Trapped, "the simulator's own table of answers cannot be read; please report it")
        })?;
        let mut by_operation = BTreeMap::new();
        for (row, shape) in file.shapes.iter().enumerate() {
            for (api, ids) in &shape.operations {
                by_operation.extend(ids.iter().map(|id| (format!("{api}.{id}"), row)));
            }
        }
        Ok(Self { file, by_operation })
    }

    /// Returns the empty answer of the operation with this key.
    pub(super) fn answer(&self, key: &str, context: &mut CallContext<'_>) -> HttpResponse {
        let Some(shape) = self.by_operation.get(key).and_then(|row| self.file.shapes.get(*row)) else {
            return HttpResponse::text(404, "There is nothing here.");
        };
        if let Some(body) = &shape.body {
            let mut body = body.clone();
            let around = shape.envelope.as_ref().and_then(|name| self.file.envelopes.get(name));
            if let (Some(members), Some(around)) = (body.as_object_mut(), around) {
                members.extend(around.clone());
            }
            fill(&mut body, context);
            return HttpResponse::json(shape.status, &body);
        }
        match shape.media.as_deref() {
            Some("application/pdf") => HttpResponse::of(shape.status, "application/pdf", BLANK_PDF.as_bytes().to_vec()),
            Some(media) => HttpResponse::of(shape.status, media, Vec::new()),
            None if shape.status == 404 => errors::no_such_record(),
            None => HttpResponse::bare(shape.status),
        }
    }
}

/// Replaces the `$names` of the file by values.
fn fill(value: &mut Value, context: &mut CallContext<'_>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, context)),
        Value::Object(members) => members.values_mut().for_each(|member| fill(member, context)),
        Value::String(text) => {
            let now = context.now;
            *value = match text.as_str() {
                "$id" => context.random.uuid().to_string().into(),
                "$provider" => PROVIDER.into(),
                "$date" => format!("/Date({})/", now.as_ms()).into(),
                "$now" => formats::date_string(now).into(),
                "$pagination" => json!({ "page": 1, "pageSize": 100, "pageCount": 0, "itemCount": 0 }),
                _ => return,
            };
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{OPERATION_FACTS, OPERATIONS};
    use crate::simulator::plays::Coverage;

    #[test]
    fn every_read_that_is_not_played_has_exactly_one_shape() {
        let shapes = EmptyAnswers::new().unwrap();
        let mut listed: Vec<String> = shapes
            .file
            .shapes
            .iter()
            .flat_map(|shape| &shape.operations)
            .flat_map(|(api, ids)| ids.iter().map(move |id| format!("{api}.{id}")))
            .collect();
        let is_shaped = |operation: &&crate::catalogue::Operation| Coverage::of(operation) == Coverage::Shaped;
        let mut keys: Vec<String> = OPERATIONS.iter().filter(is_shaped).map(crate::catalogue::Operation::key).collect();
        listed.sort();
        keys.sort();
        assert_eq!(listed, keys);
    }

    #[test]
    fn shapes_agree_with_the_catalogue() {
        let shapes = EmptyAnswers::new().unwrap();
        for (operation, facts) in OPERATIONS.iter().zip(OPERATION_FACTS) {
            let key = operation.key();
            let Some(row) = shapes.by_operation.get(&key) else { continue };
            let shape = &shapes.file.shapes[*row];
            let media = match (&shape.body, &shape.media) {
                (Some(_), None) => "application/json",
                (None, media) => media.as_deref().unwrap_or(""),
                (Some(_), Some(_)) => panic!("{key}: a body of JSON and another media type"),
            };
            if shape.status == 404 {
                assert!(operation.is_read() && operation.path().ends_with('}'), "{key} is not a record");
            } else {
                assert!((200..300).contains(&shape.status), "{key}");
                assert_eq!(media, facts.answers, "{key}");
            }
            if let Some(name) = &shape.envelope {
                assert!(shapes.file.envelopes.contains_key(name), "{key}: {name}");
            }
        }
    }
}
