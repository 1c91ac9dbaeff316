//! Attachments: bytes with a name, at a record.

use std::sync::Arc;

use serde_json::{Value, json};

use super::resource::Resource;
use crate::simulator::context::CallContext;
use crate::simulator::errors::{self, Invalid};
use crate::simulator::formats;
use crate::simulator::http::HttpResponse;
use crate::simulator::random::Uuid;

/// The most attachments of a record, and the most bytes of one (of the two limits that are reported, the larger).
const MOST: usize = 10;
pub(in crate::simulator) const MOST_BYTES: usize = 25 * 1024 * 1024;

/// An attachment.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct Attachment {
    pub(in crate::simulator) owner: Uuid,
    pub(in crate::simulator) id: Uuid,
    pub(in crate::simulator) name: String,
    pub(in crate::simulator) media: String,
    pub(in crate::simulator) bytes: Arc<[u8]>,
    pub(in crate::simulator) online: bool,
}

impl Attachment {
    fn shown(&self, resource: &Resource) -> Value {
        let name = formats::form_encoded(&self.name);
        json!({
            "AttachmentID": self.id.to_string(),
            "FileName": self.name,
            "Url": format!("https://api.xero.com/api.xro/2.0/{}/{}/Attachments/{name}", resource.name, self.owner),
            "MimeType": self.media,
            "ContentLength": self.bytes.len(),
            "IncludeOnline": self.online
        })
    }
}

/// The record that the path names.
fn owner(context: &CallContext<'_>, resource: &'static Resource) -> Result<Uuid, HttpResponse> {
    context
        .company
        .store
        .named(resource, &context.parameter())
        .map(|record| record.id)
        .ok_or_else(errors::no_such_record)
}

/// `GET` of the attachments of a record.
pub(in crate::simulator) fn list(context: &mut CallContext<'_>, resource: &'static Resource) -> HttpResponse {
    match owner(context, resource) {
        Err(response) => response,
        Ok(owner) => {
            let own = context.company.attachments.iter().filter(|own| own.owner == owner);
            let shown = own.map(|own| own.shown(resource)).collect();
            context.answer("Attachments", shown, None)
        }
    }
}

/// `GET` of the bytes of an attachment, by its id or its name.
pub(in crate::simulator) fn download(context: &CallContext<'_>, resource: &'static Resource) -> HttpResponse {
    let owner = match owner(context, resource) {
        Ok(owner) => owner,
        Err(response) => return response,
    };
    let name = formats::percent_decoded(context.last_segment()).unwrap_or_default();
    let id = Uuid::parse(&name);
    let fits = |own: &&Attachment| own.owner == owner && (Some(own.id) == id || own.name == name);
    match context.company.attachments.iter().find(fits) {
        Some(own) => HttpResponse::of(200, &own.media, own.bytes.to_vec()),
        None => errors::no_such_record(),
    }
}

/// `PUT` or `POST` of an attachment: the name is in the path, the bytes are the body. One of the same name is replaced.
pub(in crate::simulator) fn upload(context: &mut CallContext<'_>, resource: &'static Resource) -> HttpResponse {
    let owner = match owner(context, resource) {
        Ok(owner) => owner,
        Err(response) => return response,
    };
    let name =
        formats::percent_decoded(context.last_segment()).filter(|name| !name.trim().is_empty() && name.len() <= 255);
    let bytes = &context.request.body;
    let is_same = |own: &Attachment| own.owner == owner && Some(&own.name) == name.as_ref();
    let others = context.company.attachments.iter().filter(|own| own.owner == owner && !is_same(own)).count();
    let wrong = match &name {
        None => "The file name of an attachment cannot be empty, or longer than 255 bytes.",
        Some(_) if bytes.is_empty() => "An attachment cannot be empty.",
        Some(_) if bytes.len() > MOST_BYTES => "An attachment cannot be larger than 25 MB.",
        Some(_) if others >= MOST => "A record cannot have more than 10 attachments.",
        Some(_) => "",
    };
    let (Some(name), "") = (name.clone(), wrong) else {
        return errors::invalid(Invalid::Validation, wrong, Vec::new());
    };
    let media = context.request.header("content-type").unwrap_or("application/octet-stream").to_owned();
    let online = context.is_true("IncludeOnline");
    let before = context.company.attachments.iter().find(|own| is_same(own)).map(|own| own.id);
    let id = before.unwrap_or_else(|| context.company.random.uuid());
    let attachment = Attachment { owner, id, name, media, bytes: bytes.as_slice().into(), online };
    let shown = attachment.shown(resource);
    context.company.attachments.retain(|own| own.id != id);
    context.company.attachments.push(attachment);
    context.answer("Attachments", vec![shown], None)
}
