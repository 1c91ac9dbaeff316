//! Reading invoices: the list, and one of them.

use super::context::CallContext;
use super::errors;
use super::formats::BLANK_PDF;
use super::http::HttpResponse;
use super::invoice::Invoice;
use super::random::Uuid;

/// `GET /Invoices`: filtered by `IDs`, `InvoiceNumbers`, `ContactIDs`, `Statuses` and `If-Modified-Since`, in pages.
pub(super) fn list(context: &mut CallContext<'_>) -> HttpResponse {
    let since = match context.modified_since() {
        Ok(since) => since,
        Err(response) => return response,
    };
    if let Some(response) = context.unsupported(&["where", "order", "searchTerm", "createdByMyApp"]) {
        return response;
    }
    let with_lines = context.query("page").is_some() && !context.is_true("summaryOnly");
    let [ids, numbers, contacts, statuses] =
        ["IDs", "InvoiceNumbers", "ContactIDs", "Statuses"].map(|name| context.listed(name));
    let company = &*context.company;
    let among = |list: &Option<Vec<String>>, value: &str| {
        list.as_ref().is_none_or(|list| list.iter().any(|item| item.eq_ignore_ascii_case(value)))
    };
    let chosen: Vec<&Invoice> = company
        .invoices
        .iter()
        .filter(|invoice| {
            let contact = company.contacts.get(invoice.contact);
            since.is_none_or(|since| invoice.updated.as_ms() / 1_000 > since.as_ms() / 1_000)
                && among(&ids, &invoice.id.to_string())
                && among(&numbers, &invoice.number)
                && among(&contacts, &contact.map_or(Uuid::NIL, |contact| contact.id).to_string())
                && among(&statuses, invoice.status.as_str())
        })
        .collect();
    let page = context.page(chosen.len());
    let shown = chosen.get(page.range.clone()).unwrap_or_default();
    let shown = shown.iter().map(|invoice| invoice.to_json(company, with_lines)).collect();
    context.answer("Invoices", shown, Some(page.pagination))
}

/// `GET /Invoices/{InvoiceID}`, by id or by number. With `Accept: application/pdf` a document instead.
pub(super) fn get(context: &mut CallContext<'_>) -> HttpResponse {
    let Some(row) = context.company.find_invoice(&context.parameter()) else {
        return errors::no_such_record();
    };
    if context.wants_pdf() {
        return HttpResponse::of(200, "application/pdf", BLANK_PDF.as_bytes().to_vec());
    }
    let shown = context.company.invoices.get(row).map(|invoice| invoice.to_json(context.company, true));
    context.answer("Invoices", shown.into_iter().collect(), None)
}
