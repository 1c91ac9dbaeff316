//! History: notes at a record.

use serde_json::{Value, json};

use super::json;
use super::resource::Resource;
use super::write::{elements, with_messages};
use crate::simulator::context::CallContext;
use crate::simulator::errors::{self, Invalid};
use crate::simulator::formats;
use crate::simulator::http::HttpResponse;
use crate::simulator::random::Uuid;
use crate::time::Timestamp;

/// The most characters of a note.
const MOST_CHARACTERS: usize = 2_500;

/// A note at a record.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct HistoryNote {
    pub(in crate::simulator) owner: Uuid,
    pub(in crate::simulator) at: Timestamp,
    pub(in crate::simulator) details: String,
}

impl HistoryNote {
    fn shown(&self) -> Value {
        json!({
            "Changes": "Note",
            "DateUTC": formats::ms_date(self.at),
            "DateUTCString": formats::date_string(self.at),
            "User": "",
            "Details": self.details
        })
    }
}

/// `GET` of the history of a record.
pub(in crate::simulator) fn list(context: &mut CallContext<'_>, resource: &'static Resource) -> HttpResponse {
    let Some(owner) = context.company.store.named(resource, &context.parameter()).map(|record| record.id) else {
        return errors::no_such_record();
    };
    let shown = context.company.history.iter().filter(|note| note.owner == owner).map(HistoryNote::shown).collect();
    context.answer("HistoryRecords", shown, None)
}

/// `PUT` of notes to the history of a record.
pub(in crate::simulator) fn add(context: &mut CallContext<'_>, resource: &'static Resource) -> HttpResponse {
    let Some(owner) = context.company.store.named(resource, &context.parameter()).map(|record| record.id) else {
        return errors::no_such_record();
    };
    let given = match elements(context, "HistoryRecords", "HistoryRecord") {
        Ok(given) => given,
        Err(response) => return response,
    };
    let is_note = |element: &json::RecordMembers| {
        json::text(element, "Details").is_some_and(|details| details.chars().count() <= MOST_CHARACTERS)
    };
    if let Some(wrong) = given.iter().find(|element| !is_note(element)) {
        let message = format!("Details cannot be empty or longer than {MOST_CHARACTERS} characters.");
        let refused = with_messages(wrong.clone(), &[message]);
        return errors::invalid(Invalid::Validation, "A validation exception occurred", vec![refused]);
    }
    let at = context.now;
    let notes = given.iter().filter_map(|element| json::text(element, "Details"));
    let notes: Vec<HistoryNote> = notes.map(|details| HistoryNote { owner, at, details: details.to_owned() }).collect();
    let shown = notes.iter().map(HistoryNote::shown).collect();
    context.company.history.extend(notes);
    context.answer("HistoryRecords", shown, None)
}
