//! The API: who may call what, and what each call answers.

use core::ops::Range;

use serde_json::{Value, json};

use super::company::Company;
use super::errors::{self, Invalid};
use super::invoices::{self, Write};
use super::keys::Keys;
use super::random::{Random, Uuid};
use super::route::{Route, route};
use super::shapes::Shapes;
use super::state::State;
use super::windows::Windows;
use super::{PROVIDER, Request, Response, Token, wire};
use crate::catalogue::{Mask, Operation};
use crate::time::Timestamp;

/// The most records on a page, and how many there are if the request does not say.
const MAX_PAGE_SIZE: usize = 1_000;
const PAGE_SIZE: usize = 100;

/// One call of the API while it is answered.
pub(super) struct Context<'a> {
    pub(super) request: &'a Request,
    /// Path below the base URL, still encoded.
    pub(super) path: &'a str,
    pub(super) query: Vec<(String, String)>,
    pub(super) now: Timestamp,
    pub(super) company: &'a mut Company,
    pub(super) windows: Option<&'a mut Windows>,
    pub(super) state: State,
    pub(super) keys: &'a mut Keys,
    pub(super) random: &'a mut Random,
}

/// Whose token a call carries.
pub(super) enum Bearer<'a> {
    /// None, or something that is not a bearer token.
    Missing,
    /// One that was never issued here.
    Unknown,
    /// One that was.
    Issued(&'a Token),
}

/// Answers one call. `instance` is its correlation id.
pub(super) fn answer(context: &mut Context<'_>, bearer: &Bearer<'_>, shapes: &Shapes, instance: Uuid) -> Response {
    let token = match bearer {
        Bearer::Missing => return errors::no_valid_token("Bearer", instance),
        Bearer::Unknown => return errors::no_valid_token("Bearer error=\"invalid_token\"", instance),
        Bearer::Issued(token) if context.now >= token.ends => {
            return errors::token_expired(&wire::american(token.ends), instance);
        }
        Bearer::Issued(token) => token,
    };
    let tenant = context.request.header("xero-tenant-id").unwrap_or("").trim();
    if !tenant.is_empty() && Uuid::parse(tenant) != Some(context.company.id) {
        return errors::wrong_tenant(instance);
    }
    match context.state {
        State::Active => {}
        State::Unauthorised | State::Deactivated => return Response::bare(403),
        State::Reset => return errors::wrong_tenant(instance),
    }
    let payroll = context.company.books.payroll;
    let prefers = |api: crate::catalogue::ApiId| api.row().is_some_and(|row| row.name.starts_with(payroll));
    let operation = match route(&context.request.method, context.path, prefers) {
        Route::Operation(operation) => operation,
        Route::OtherMethod => return Response::text(501, "This path does not have this method."),
        Route::Nowhere => return Response::text(404, "There is nothing at this path."),
    };
    if !opens(token.scopes.known(), operation) {
        return errors::insufficient_scope(instance);
    }
    let now = context.now;
    let refused = context.windows.as_mut().and_then(|windows| windows.enter_organisation(now).err());
    let response = match refused {
        Some(refused) => refused,
        // Xero's own SDK for Node.js sends `{}` with every request (xero-node 20).
        None if operation.is_read() && !matches!(context.request.body.as_slice(), b"" | b"{}") => {
            Response::text(400, "A GET request has no body.")
        }
        None => {
            let known = context.keys.answer(context.request, now);
            known.unwrap_or_else(|| {
                let response = perform(context, &operation.key(), shapes);
                context.keys.remember(context.request, &response, now);
                response
            })
        }
    };
    match &mut context.windows {
        Some(windows) => windows.show(response, now),
        None => response,
    }
}

/// Whether a token with these scopes may call `operation`: any scope that opens it will do. The two operations that no
/// scope opens (connections) are open to every token.
fn opens(granted: Mask, operation: &Operation) -> bool {
    let needs = operation.needs().any();
    needs.is_empty() || needs.intersects(granted)
}

fn perform(context: &mut Context<'_>, key: &str, shapes: &Shapes) -> Response {
    let write = match key {
        "accounting.createInvoices" => Some(Write::Create),
        "accounting.updateOrCreateInvoices" => Some(Write::CreateOrUpdate),
        "accounting.updateInvoice" => Some(Write::Update),
        _ => None,
    };
    if let Some(write) = write {
        let media = context.request.header("content-type").unwrap_or("application/json");
        return if is_media(media, "application/json") {
            invoices::write(context, write)
        } else {
            Response::text(415, "The local Xero reads JSON only: send Content-Type: application/json.")
        };
    }
    match key {
        "accounting.getOrganisations" => {
            let organisation = context.company.organisation();
            context.answer("Organisations", vec![organisation], None)
        }
        "accounting.getContacts" => contacts(context),
        "accounting.getContact" | "accounting.getContactByContactNumber" => {
            match context.company.find_contact(&context.parameter()) {
                Some(contact) => {
                    let shown = context.company.contact(contact);
                    context.answer("Contacts", vec![shown], None)
                }
                None => errors::no_such_record(),
            }
        }
        "accounting.getInvoices" => invoices::list(context),
        "accounting.getInvoice" => invoices::get(context),
        _ => shapes.answer(key, context),
    }
}

/// `GET /Contacts`: filtered by `IDs` and `If-Modified-Since`, in pages.
fn contacts(context: &mut Context<'_>) -> Response {
    let since = match context.modified_since() {
        Ok(since) => since,
        Err(response) => return response,
    };
    if let Some(response) = context.unsupported(&["where", "order", "searchTerm"]) {
        return response;
    }
    let ids = context.listed("IDs");
    let company = &*context.company;
    let chosen: Vec<_> = company
        .contacts
        .iter()
        .filter(|contact| {
            let id = contact.id.to_string();
            since.is_none_or(|since| contact.updated.as_ms() / 1_000 > since.as_ms() / 1_000)
                && ids.as_ref().is_none_or(|ids| ids.iter().any(|item| item.eq_ignore_ascii_case(&id)))
        })
        .collect();
    let page = context.page(chosen.len());
    let shown = chosen.get(page.range.clone()).unwrap_or_default();
    let shown = shown.iter().map(|contact| company.contact(contact)).collect();
    context.answer("Contacts", shown, Some(page.pagination))
}

/// Where a page starts and ends, and what the answer says about it.
pub(super) struct Page {
    pub(super) range: Range<usize>,
    pub(super) pagination: Value,
}

impl Context<'_> {
    /// A query parameter, its name in any case; the first if there are several.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Whether a query parameter says `true`.
    pub(super) fn is_true(&self, name: &str) -> bool {
        self.query(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// A query parameter that is a list with commas; `None` if it is absent or empty.
    pub(super) fn listed(&self, name: &str) -> Option<Vec<String>> {
        let value = self.query(name).filter(|value| !value.trim().is_empty())?;
        Some(value.split(',').map(|item| item.trim().to_owned()).collect())
    }

    /// The page of `count` records that `page` and `pageSize` ask for. Values out of range snap to the nearest that is
    /// in it; what is not a number counts as absent. A page after the last is empty.
    pub(super) fn page(&self, count: usize) -> Page {
        let number = |name: &str, absent: usize| {
            let value = self.query(name).and_then(|text| text.trim().parse::<i64>().ok());
            value.map_or(absent, |value| usize::try_from(value.max(1)).unwrap_or(usize::MAX))
        };
        let size = number("pageSize", PAGE_SIZE).min(MAX_PAGE_SIZE);
        let page = number("page", 1);
        let start = page.saturating_sub(1).saturating_mul(size).min(count);
        let range = start..start.saturating_add(size).min(count);
        let pagination =
            json!({ "page": page, "pageSize": size, "pageCount": count.div_ceil(size.max(1)), "itemCount": count });
        Page { range, pagination }
    }

    /// The instant of `If-Modified-Since`, or the answer to one that cannot be read.
    pub(super) fn modified_since(&self) -> Result<Option<Timestamp>, Response> {
        let Some(header) = self.request.header("if-modified-since") else {
            return Ok(None);
        };
        wire::read_instant(header.trim())
            .map(Some)
            .ok_or_else(|| Response::text(412, "If-Modified-Since is not a date and time in UTC."))
    }

    /// A refusal if the request uses a filter that the simulator does not evaluate: better than a wrong list.
    pub(super) fn unsupported(&self, names: &[&str]) -> Option<Response> {
        let name = names.iter().find(|name| self.query(name).is_some())?;
        let message = format!("The local Xero does not evaluate {name}.");
        Some(errors::invalid(Invalid::Query, &message, Vec::new()))
    }

    /// The last segment of the path, still encoded.
    pub(super) fn last_segment(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or("")
    }

    /// The record that the path names; empty if its escapes are broken.
    pub(super) fn parameter(&self) -> String {
        wire::percent_decoded(self.last_segment()).unwrap_or_default()
    }

    /// Whether the request asks for a PDF.
    pub(super) fn wants_pdf(&self) -> bool {
        self.request.header("accept").is_some_and(|accept| is_media(accept, "application/pdf"))
    }

    /// A list in the envelope of the accounting API.
    pub(super) fn answer(&mut self, name: &str, items: Vec<Value>, pagination: Option<Value>) -> Response {
        let mut body = json!({
            "Id": self.random.uuid().to_string(),
            "Status": "OK",
            "ProviderName": PROVIDER,
            "DateTimeUTC": format!("/Date({})/", self.now.as_ms())
        });
        if let Some(members) = body.as_object_mut() {
            members.extend(pagination.map(|pagination| ("pagination".to_owned(), pagination)));
            members.insert(name.to_owned(), Value::Array(items));
        }
        Response::json(200, &body)
    }
}

/// Whether a header names this media type, with or without parameters.
pub(super) fn is_media(header: &str, media: &str) -> bool {
    header.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case(media)
}
