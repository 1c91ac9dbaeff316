//! The API of an organisation: checks the scopes of a call, and answers it.

use super::context::CallContext;
use super::empty_answers::EmptyAnswers;
use super::errors;
use super::formats::is_media;
use super::http::HttpResponse;
use super::invoice_write;
use super::invoices;
use super::plays::{Coverage, Play, play};
use super::route::{Destination, route};
use crate::catalogue::{Mask, Operation};

/// The header of answers that do not come from the books.
const MARK: &str = "X-Local-Xero";

/// Answers one call to an organisation with a token of these scopes.
pub(super) fn answer(context: &mut CallContext<'_>, granted: Mask, empty_answers: &EmptyAnswers) -> HttpResponse {
    let payroll = context.company.books.payroll;
    let prefers = |api: crate::catalogue::ApiId| api.row().is_some_and(|row| row.name.starts_with(payroll));
    let operation = match route(&context.request.method, context.path, prefers) {
        Destination::Operation(operation) => operation,
        Destination::OtherMethod => return HttpResponse::text(501, "This path does not have this method."),
        Destination::Nowhere => return HttpResponse::text(404, "There is nothing at this path."),
    };
    if !opens(granted, operation) {
        return errors::insufficient_scope(context.instance);
    }
    let (now, place) = (context.now, context.place);
    let refused = context.windows.as_mut().and_then(|windows| windows.enter_organisation(place, now).err());
    let response = match refused {
        Some(refused) => refused,
        // Xero's own SDK for Node.js sends `{}` with every request (xero-node 20).
        None if operation.is_read() && !matches!(context.request.body.as_slice(), b"" | b"{}") => {
            HttpResponse::text(400, "A GET request has no body.")
        }
        None => {
            let known = context.keys.answer(context.request, now);
            known.unwrap_or_else(|| {
                let response = perform(context, operation, empty_answers);
                context.keys.remember(context.request, &response, now);
                response
            })
        }
    };
    match &mut context.windows {
        Some(windows) => windows.show(response, place, now),
        None => response,
    }
}

/// Returns whether a token with these scopes may call `operation`: one scope that opens it is enough. The two operations
/// without any scope (connections) are open to every token.
fn opens(granted: Mask, operation: &Operation) -> bool {
    let needs = operation.needs().any();
    needs.is_empty() || needs.intersects(granted)
}

/// Answers from the books if the operation is played. Of the others, a write is refused and a read is only a shape.
fn perform(context: &mut CallContext<'_>, operation: &Operation, empty_answers: &EmptyAnswers) -> HttpResponse {
    if let Some(play) = play(operation) {
        return perform_play(context, play);
    }
    let strict = context.strict;
    match Coverage::of(operation) {
        Coverage::Shaped if !strict => {
            let response = empty_answers.answer(&operation.key(), context);
            if response.status < 400 { response.with(MARK, "shape") } else { response }
        }
        _ => errors::not_played(operation, context.instance).with(MARK, "not played"),
    }
}

fn perform_play(context: &mut CallContext<'_>, play: Play) -> HttpResponse {
    match play {
        Play::WriteInvoices(write) => {
            let media = context.request.header("content-type").unwrap_or("application/json");
            if is_media(media, "application/json") {
                invoice_write::write(context, write)
            } else {
                HttpResponse::text(415, "The local Xero reads JSON only: send Content-Type: application/json.")
            }
        }
        Play::Organisation => {
            let organisation = context.company.organisation();
            context.answer("Organisations", vec![organisation], None)
        }
        Play::Contacts => contacts(context),
        Play::Contact => match context.company.find_contact(&context.parameter()) {
            Some(contact) => {
                let shown = context.company.contact(contact);
                context.answer("Contacts", vec![shown], None)
            }
            None => errors::no_such_record(),
        },
        Play::Invoices => invoices::list(context),
        Play::Invoice => invoices::get(context),
        Play::Elsewhere => errors::no_such_record(),
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
