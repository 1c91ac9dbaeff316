//! The draft that is created and deleted if writing was asked for.

use super::ask::Ask;
use super::heard::Heard;
use super::observed::Observed;
use super::report::FactCheck::{Confirmed, Differs, Unclear};
use super::report::{FactCheck, PartAnswer, Remains};
use super::transcript::{PartResult, Stop, TOKEN, Transcript, path};
use crate::policy::Entry;
use crate::text::words;

/// The reference by which the draft can be found.
const REFERENCE: &str = "xero-m2m verify";

/// The most requests for it. They are kept free, so that a draft that was created can be deleted.
pub(super) const DRAFT_CALLS: usize = 3;

/// The names of the requests.
const LIST: &str = "draft.contact";
const CREATE: &str = "draft.create";
const DELETE: &str = "draft.delete";

/// Creates a draft invoice for a contact of another invoice, and deletes it.
pub(super) fn draft(transcript: Transcript<'_>) -> PartResult {
    transcript.accepted()?;
    let create = Entry::named("accounting.createInvoices");
    let granted = transcript.granted()?;
    let Some(create) = create.filter(|entry| entry.operation().needs().any().intersects(granted.known())) else {
        return Err(Stop::Missing("a scope that writes invoices, best accounting.invoices".to_owned()));
    };
    let base = path(create);
    let list = transcript.call(Ask::get(LIST, words![base.clone(), "?page=1&pageSize=1"], TOKEN))?;
    let contact = list.body.member("Invoices").first().member("Contact").member("ContactID").text();
    let Some(contact) = contact.filter(|id| is_id(id)) else {
        return Err(Stop::Missing("an invoice, for whose contact the draft is made".to_owned()));
    };
    let body = words![
        r#"{"Invoices":[{"Type":"ACCREC","Status":"DRAFT","Reference":""#,
        REFERENCE,
        r#"","Contact":{"ContactID":""#,
        contact,
        r#""},"LineItems":[{"Description":"A draft that is deleted at once","Quantity":1,"UnitAmount":1}]}]}"#
    ];
    let created = transcript.raw(Ask::write(CREATE, create.operation().method.as_str(), base.clone(), TOKEN, body))?;
    if !created.is_success() {
        return Ok(answer(transcript, refused(created, "the draft was not created")));
    }
    let Some(id) = id_of(created) else {
        return Ok(answer(transcript, (Unclear, "the draft was created, and its id could not be read")));
    };
    let body = words![r#"{"Invoices":[{"InvoiceID":""#, id, r#"","Status":"DELETED"}]}"#];
    let deleted = transcript.raw(Ask::write(DELETE, "POST", words![base, "/", id], TOKEN, body))?;
    if is_deleted(deleted) {
        return Ok(answer(transcript, (Confirmed, "a draft invoice was created and deleted")));
    }
    Ok(answer(transcript, refused(deleted, "the draft was created and not deleted")))
}

/// The part of the draft that is left in the organisation.
pub(super) fn remains(transcript: Transcript<'_>) -> Remains {
    match (transcript.find(CREATE), transcript.find(DELETE)) {
        (None, _) => Remains::Nothing,
        (Some(_), Some(deleted)) if is_deleted(deleted) => Remains::Nothing,
        // Without an answer, or after a failure of Xero's, it may have been deleted or created all the same.
        (Some(_), Some(deleted)) if deleted.status == 0 || deleted.status >= 500 => Remains::Unknown,
        (Some(created), _) if created.is_success() => Remains::Draft,
        (Some(created), _) if matches!(created.status, 400..=499) => Remains::Nothing,
        (Some(_), _) => Remains::Unknown,
    }
}

fn refused(heard: &Heard, says: &'static str) -> (FactCheck, &'static str) {
    (if heard.lacks_scope() { Differs } else { Unclear }, says)
}

fn answer(transcript: Transcript<'_>, (check, says): (FactCheck, &'static str)) -> PartAnswer {
    let seen = [LIST, CREATE, DELETE].into_iter().filter_map(|id| transcript.find(id)).map(Observed::call).collect();
    PartAnswer { check, seen, says: says.to_owned() }
}

fn id_of(heard: &Heard) -> Option<&str> {
    heard.body.member("Invoices").first().member("InvoiceID").text().filter(|id| is_id(id))
}

fn is_deleted(heard: &Heard) -> bool {
    heard.is_success() && heard.body.member("Invoices").first().member("Status").text() == Some("DELETED")
}

/// Returns true for a text of the digits and hyphens of a UUID, which can go into a path and into JSON as it is.
fn is_id(text: &str) -> bool {
    (1..=36).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}
