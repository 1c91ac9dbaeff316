//! The API of an organisation: checks the scopes of a call, and answers it.

use super::books::{attachments, history, journals, parts, read, write};
use super::context::CallContext;
use super::empty_answers::EmptyAnswers;
use super::errors;
use super::formats::is_media;
use super::http::HttpResponse;
use super::others;
use super::payroll;
use super::plays::{Coverage, Play, play};
use super::reports::{budget, request};
use super::route::{Destination, route};
use super::xml;
use crate::catalogue::{Mask, Operation};

/// Answers one call to an organisation with a token of these scopes.
pub(super) fn answer(context: &mut CallContext<'_>, granted: Mask, empty_answers: &EmptyAnswers) -> HttpResponse {
    let payroll = context.company.books.payroll;
    let prefers = |api: crate::catalogue::ApiId| api.row().is_some_and(|row| row.name.starts_with(payroll));
    let operation = match route(&context.request.method, context.path, prefers) {
        Destination::Operation(operation) => operation,
        Destination::OtherMethod => return HttpResponse::text(501, "This path does not have this method."),
        Destination::Nowhere => return HttpResponse::text(404, "There is nothing at this path."),
    };
    let is_sure = is_sure(granted, operation);
    if !opens(granted, operation) || (context.strict && !is_sure) {
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
                let response = with_ignored(context, response);
                context.keys.remember(context.request, &response, now);
                response
            })
        }
    };
    let response = in_its_format(context, operation, response);
    let response = if is_sure { response } else { response.with(errors::UNSURE, "unsure") };
    match &mut context.windows {
        Some(windows) => windows.show(response, place, now),
        None => response,
    }
}

/// A good answer, with the names of the parameters that it does not depend on.
fn with_ignored(context: &CallContext<'_>, response: HttpResponse) -> HttpResponse {
    let ignored = if response.status < 400 { context.ignored() } else { Vec::new() };
    if ignored.is_empty() { response } else { response.with(errors::IGNORED, &ignored.join(", ")) }
}

/// Returns whether a token with these scopes may call `operation`: one scope that opens it is enough. The two operations
/// without any scope (connections) are open to every token.
fn opens(granted: Mask, operation: &Operation) -> bool {
    let needs = operation.needs().any();
    needs.is_empty() || needs.intersects(granted)
}

/// The operations about whose scopes sources contradict each other, and the scope that the better source names. A test compares
/// them with the catalogue.
static CONTESTED: [(&str, &str, &str); 6] = [
    ("accounting", "getContactCISSettings", "accounting.settings"),
    ("accounting", "getItemHistory", "accounting.settings"),
    ("accounting", "createItemHistory", "accounting.settings"),
    ("payroll-uk", "createEmployeeStatutorySickLeave", "payroll.settings"),
    ("payroll-uk", "getEmployeeStatutorySickLeave", "payroll.settings"),
    ("payroll-uk", "getStatutoryLeaveSummary", "payroll.settings"),
];

/// Returns whether a scope opens the operation that is not only named by the worse of two sources.
fn is_sure(granted: Mask, operation: &Operation) -> bool {
    let api = operation.api.row().map_or("", |row| row.name);
    let own = CONTESTED.iter().find(|row| row.0 == api && row.1 == operation.id());
    own.is_none_or(|(.., better)| {
        let needs = operation.needs();
        let better = needs.granular.filter(|scope| scope.name.strip_suffix(".read").unwrap_or(scope.name) == *better);
        better.union(needs.broad).union(needs.unlisted).intersects(granted)
    })
}

/// Answers from the books if the operation is played. Of the others, a write is refused and a read is only a shape.
fn perform(context: &mut CallContext<'_>, operation: &'static Operation, empty_answers: &EmptyAnswers) -> HttpResponse {
    if let Some(play) = play(operation) {
        return perform_play(context, play, operation).unwrap_or_else(|| not_played(context, operation));
    }
    let strict = context.strict;
    match Coverage::of(operation) {
        Coverage::Shaped if !strict => {
            let response = empty_answers.answer(&operation.key(), context);
            if response.status < 400 { response.with(errors::MARK, "shape") } else { response }
        }
        _ => not_played(context, operation),
    }
}

fn not_played(context: &CallContext<'_>, operation: &Operation) -> HttpResponse {
    errors::not_played(operation, context.instance)
}

/// Answers from the books; `None` if a parameter asks for figures that are not counted.
fn perform_play(context: &mut CallContext<'_>, play: Play, operation: &'static Operation) -> Option<HttpResponse> {
    Some(match play {
        Play::Report(kind) => return request::answer(context, kind),
        Play::Journals => return journals::list(context),
        Play::Budget => budget::get(context),
        Play::Journal => journals::get(context),
        Play::Email => parts::email(context),
        Play::Projects => others::answer_projects(context, operation),
        Play::Payroll => payroll::answer(context, operation),
        Play::Assets => others::answer_assets(context, operation),
        Play::Files => others::answer_files(context, operation),
        Play::Organisation => {
            let organisation = context.company.organisation();
            context.answer("Organisations", vec![organisation], None)
        }
        Play::List(resource) => read::list(context, resource),
        Play::Get(resource) => read::get(context, resource),
        Play::Pdf(resource) => read::pdf(context, resource),
        Play::OnlineInvoice => read::online_invoice(context),
        Play::Write(resource, how) => write::write(context, resource, how),
        Play::Delete(resource) => write::delete(context, resource),
        Play::Attachments(resource) => attachments::list(context, resource),
        Play::Download(resource) => attachments::download(context, resource),
        Play::Upload(resource) => attachments::upload(context, resource),
        Play::History(resource) => history::list(context, resource),
        Play::AddHistory(resource) => history::add(context, resource),
        Play::Allocate(resource) => parts::allocate(context, resource),
        Play::EndAllocation(resource) => parts::end_allocation(context, resource),
        Play::AddOptions => parts::add_options(context),
        Play::UpdateOption => parts::update_option(context),
        Play::DeleteOption => parts::delete_option(context),
        Play::AddContacts => parts::add_contacts(context),
        Play::RemoveContacts => parts::remove_contacts(context, false),
        Play::RemoveContact => parts::remove_contacts(context, true),
        Play::Elsewhere => errors::no_such_record(),
    })
}

/// The answer as XML, if it is JSON of the accounting API and the request does not accept JSON.
fn in_its_format(context: &CallContext<'_>, operation: &Operation, response: HttpResponse) -> HttpResponse {
    let is_accounting = operation.api.row().is_some_and(|row| row.name == "accounting");
    let is_json = response.header("content-type").is_some_and(|media| is_media(media, "application/json"));
    if !is_accounting || !is_json || !context.wants_xml() {
        return response;
    }
    match serde_json::from_slice(&response.body) {
        Ok(body) => response.with_body("text/xml; charset=utf-8", xml::written(&body).into_bytes()),
        Err(_) => response,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{OPERATION_FACTS, OPERATIONS};

    #[test]
    fn the_operations_in_doubt_are_those_of_the_catalogue() {
        let mut found = Vec::new();
        for (operation, facts) in OPERATIONS.iter().zip(OPERATION_FACTS).filter(|(_, facts)| facts.uncertain) {
            let granular = operation.needs().granular;
            let better = granular.intersection(facts.spec_scopes);
            if better.is_empty() || better == granular {
                continue;
            }
            found.push(operation.key());
            for scope in granular.iter() {
                let mask = granular.filter(|row| row.name == scope.row().unwrap().name);
                assert_eq!(is_sure(mask, operation), better.intersects(mask), "{}", operation.key());
            }
        }
        assert_eq!(found, CONTESTED.map(|(api, id, _)| format!("{api}.{id}")));
    }
}
