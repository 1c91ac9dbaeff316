//! Parts of the answers of the other APIs: bodies, pages, refusals and stored records.

use serde_json::{Value, json};

use crate::simulator::books::json::{self, RecordMembers, set};
use crate::simulator::books::record::{Record, RecordBody};
use crate::simulator::books::resource::Resource;
use crate::simulator::company::Company;
use crate::simulator::context::CallContext;
use crate::simulator::http::HttpResponse;
use crate::simulator::query::Query;
use crate::simulator::random::Uuid;

/// The members of a record that a client sends, checked one by one. The reasons to refuse it are kept by member.
pub(super) struct SentRecord {
    given: RecordMembers,
    taken: Vec<String>,
    pub(super) record: RecordMembers,
    wrong: Vec<(String, String)>,
    form: RefusalForm,
}

/// The forms of refusals.
#[derive(Clone, Copy)]
pub(super) enum RefusalForm {
    /// `message` and `modelState`.
    Projects,
    /// The fields one by one.
    Assets,
}

impl SentRecord {
    /// Reads the body of a write, which changes `record`.
    pub(super) fn read(
        context: &CallContext<'_>,
        record: RecordMembers,
        form: RefusalForm,
    ) -> Result<Self, HttpResponse> {
        match serde_json::from_slice(&context.request.body) {
            Ok(Value::Object(given)) => Ok(Self { given, taken: Vec::new(), record, wrong: Vec::new(), form }),
            _ => Err(refusal(form, &[("body".to_owned(), "The body is not a JSON object.".to_owned())])),
        }
    }

    /// The members that were sent.
    pub(super) const fn given(&self) -> &RecordMembers {
        &self.given
    }

    pub(super) fn refuse(&mut self, name: &str, message: &str) {
        self.wrong.push((name.to_owned(), message.to_owned()));
    }

    /// Takes a member that was sent if `read` can; a required one has to be there afterwards.
    pub(super) fn take(&mut self, name: &str, required: bool, expected: &str, read: &dyn Fn(&Value) -> Option<Value>) {
        self.taken.push(name.to_owned());
        match self.given.get(name).filter(|value| !value.is_null()).map(read) {
            Some(Some(value)) => set(&mut self.record, name, value),
            Some(None) => self.refuse(name, &format!("The field {name} has to be {expected}.")),
            None if required && !self.record.contains_key(name) => {
                self.refuse(name, &format!("The field {name} is required: {expected}."));
            }
            None => {}
        }
    }

    /// A text of 1 to `most` characters.
    pub(super) fn take_text(&mut self, name: &str, required: bool, most: usize) {
        self.take(name, required, &format!("a text of at most {most} characters"), &|value| {
            value.as_str().filter(|text| !text.trim().is_empty() && text.chars().count() <= most).map(Into::into)
        });
    }

    /// One of some words.
    pub(super) fn take_word(&mut self, name: &str, required: bool, words: &[&str]) {
        self.take(name, required, &format!("one of {}", words.join(", ")), &|value| {
            value.as_str().filter(|text| words.contains(text)).map(Into::into)
        });
    }

    /// The id of a record of this kind.
    pub(super) fn take_id(&mut self, name: &str, required: bool, company: &Company, resource: &Resource) {
        self.take(name, required, &format!("the id of a {}", resource.one), &|value| {
            let id = value.as_str().and_then(Uuid::parse)?;
            company.store.get(resource, id).map(|own| own.id.to_string().into())
        });
    }

    /// The record, or its refusal. The members of which nothing is made are named in the answer.
    pub(super) fn checked(self, context: &CallContext<'_>) -> Result<RecordMembers, HttpResponse> {
        let is_lost = |name: &&String| !self.taken.contains(name) && !self.record.contains_key(*name);
        for name in self.given.keys().filter(is_lost) {
            context.lose(name);
        }
        if self.wrong.is_empty() { Ok(self.record) } else { Err(refusal(self.form, &self.wrong)) }
    }
}

/// The refusal of a record, with the reasons by member.
fn refusal(form: RefusalForm, wrong: &[(String, String)]) -> HttpResponse {
    if matches!(form, RefusalForm::Assets) {
        let fields = wrong.iter().map(|(name, message)| {
            json!({
                "fieldName": name, "localisedMessage": message, "detail": message, "title": "Validation Error",
                "type": "http://common.service.xero.com/errors/validation/field"
            })
        });
        let fields: Vec<Value> = fields.collect();
        let body = json!({
            "resourceValidationErrors": [], "fieldValidationErrors": fields, "detail": "Validation Errors",
            "title": "The resource update failed validation.", "type": "http://common.service.xero.com/errors/validation"
        });
        return HttpResponse::json(400, &body);
    }
    let mut state = RecordMembers::new();
    for (name, message) in wrong {
        let mut messages = json::list(&state, name).to_vec();
        messages.push(message.as_str().into());
        set(&mut state, name, messages);
    }
    HttpResponse::json(400, &json!({ "message": "The request is invalid.", "modelState": state }))
}

/// The refusal of a parameter of the projects API.
pub(super) fn refused_parameter(name: &str, message: &str) -> HttpResponse {
    refused_field(RefusalForm::Projects, name, message)
}

/// The refusal of one parameter or member.
pub(super) fn refused_field(form: RefusalForm, name: &str, message: &str) -> HttpResponse {
    refusal(form, &[(name.to_owned(), message.to_owned())])
}

/// Saves a record and returns its id.
pub(super) fn save(
    context: &mut CallContext<'_>,
    resource: &'static Resource,
    id: Option<Uuid>,
    members: RecordMembers,
) -> Uuid {
    let id = id.unwrap_or_else(|| context.company.random.uuid());
    context.company.store.put(resource, Record { id, updated: context.now, body: RecordBody::Members(members) });
    id
}

/// The members of a record.
pub(super) fn members(company: &Company, resource: &Resource, id: Uuid) -> Option<RecordMembers> {
    company.store.get(resource, id).map(|own| own.members(company))
}

/// The places of rows in the order of a member.
pub(super) fn ordered(rows: Vec<Value>, member: &str, descends: bool) -> Vec<usize> {
    let direction = if descends { "DESC" } else { "ASC" };
    let query = Query::read("", &format!("{member} {direction}"), &|_| true);
    query.and_then(|query| query.select(rows.into_iter().enumerate().collect())).unwrap_or_default()
}

/// A page of records, of which `pageSize` are shown, `usual` by default and at most 500.
pub(super) fn page(context: &CallContext<'_>, items: &[Value], usual: usize) -> HttpResponse {
    let number = |name: &str, absent: usize| {
        let value = context.query(name).and_then(|text| text.trim().parse::<usize>().ok());
        value.unwrap_or(absent).max(1)
    };
    let (page, size) = (number("page", 1), number("pageSize", usual).min(500));
    let start = page.saturating_sub(1).saturating_mul(size).min(items.len());
    let shown = items.get(start..start.saturating_add(size).min(items.len())).unwrap_or_default();
    HttpResponse::json(
        200,
        &json!({
            "pagination": { "page": page, "pageSize": size, "pageCount": items.len().div_ceil(size), "itemCount": items.len() },
            "items": shown
        }),
    )
}
