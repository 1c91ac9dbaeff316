//! The API: checks the token and the scopes of a call, and answers it.

use super::context::CallContext;
use super::empty_answers::EmptyAnswers;
use super::errors;
use super::formats::{self, is_media};
use super::http::HttpResponse;
use super::invoice_write::{self, Write};
use super::invoices;
use super::random::Uuid;
use super::route::{Destination, route};
use super::state::ConnectionState;
use super::tokens::IssuedToken;
use crate::catalogue::{Mask, Operation};

/// The token of a call.
pub(super) enum Bearer<'a> {
    /// No bearer token.
    Missing,
    /// A token that was never issued here.
    Unknown,
    /// A token that was issued here.
    Issued(&'a IssuedToken),
}

/// Answers one call. `instance` is its correlation id.
pub(super) fn answer(
    context: &mut CallContext<'_>,
    bearer: &Bearer<'_>,
    empty_answers: &EmptyAnswers,
    instance: Uuid,
) -> HttpResponse {
    let token = match bearer {
        Bearer::Missing => return errors::no_valid_token("Bearer", instance),
        Bearer::Unknown => return errors::no_valid_token("Bearer error=\"invalid_token\"", instance),
        Bearer::Issued(token) if context.now >= token.ends => {
            return errors::token_expired(&formats::american(token.ends), instance);
        }
        Bearer::Issued(token) => token,
    };
    let tenant = context.request.header("xero-tenant-id").unwrap_or("").trim();
    if !tenant.is_empty() && Uuid::parse(tenant) != Some(context.company.id) {
        return errors::wrong_tenant(instance);
    }
    match context.state {
        ConnectionState::Active => {}
        ConnectionState::Unauthorised | ConnectionState::Deactivated => return HttpResponse::bare(403),
        ConnectionState::Reset => return errors::wrong_tenant(instance),
    }
    let payroll = context.company.books.payroll;
    let prefers = |api: crate::catalogue::ApiId| api.row().is_some_and(|row| row.name.starts_with(payroll));
    let operation = match route(&context.request.method, context.path, prefers) {
        Destination::Operation(operation) => operation,
        Destination::OtherMethod => return HttpResponse::text(501, "This path does not have this method."),
        Destination::Nowhere => return HttpResponse::text(404, "There is nothing at this path."),
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
            HttpResponse::text(400, "A GET request has no body.")
        }
        None => {
            let known = context.keys.answer(context.request, now);
            known.unwrap_or_else(|| {
                let response = perform(context, &operation.key(), empty_answers);
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

/// Returns whether a token with these scopes may call `operation`: one scope that opens it is enough. The two operations
/// without any scope (connections) are open to every token.
fn opens(granted: Mask, operation: &Operation) -> bool {
    let needs = operation.needs().any();
    needs.is_empty() || needs.intersects(granted)
}

fn perform(context: &mut CallContext<'_>, key: &str, empty_answers: &EmptyAnswers) -> HttpResponse {
    let write = match key {
        "accounting.createInvoices" => Some(Write::Create),
        "accounting.updateOrCreateInvoices" => Some(Write::CreateOrUpdate),
        "accounting.updateInvoice" => Some(Write::Update),
        _ => None,
    };
    if let Some(write) = write {
        let media = context.request.header("content-type").unwrap_or("application/json");
        return if is_media(media, "application/json") {
            invoice_write::write(context, write)
        } else {
            HttpResponse::text(415, "The local Xero reads JSON only: send Content-Type: application/json.")
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
        _ => empty_answers.answer(key, context),
    }
}

/// `GET /Contacts`: filtered by `IDs` and `If-Modified-Since`, in pages.
fn contacts(context: &mut CallContext<'_>) -> HttpResponse {
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
