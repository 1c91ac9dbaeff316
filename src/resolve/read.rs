//! The door for texts.

use std::borrow::Cow;

use super::code::Project;
use super::found::Resolved;
use super::kind::{Kind, Text};
use super::ledger::Ledger;
use super::structured::{Document, Variables};
use super::{code, keys, list, log};

/// Finds the calls in `text`.
///
/// It never fails. A text that begins with `{ "log": {` is read as a HAR file: each object called `request` is one call.
/// Any other text is read by lines, each as the first of these that fits:
///
/// 1. **Nothing**: blank, or a comment (`//`, `#`, `--`, `/* */`, `<!-- -->`).
/// 2. **`curl`**, over as many lines as it is written on. `-X` or `--request` gives the method, else a body means `POST`.
/// 3. **An object of JSON** with a URL or path, and a method, at any depth: a log that writes JSON.
/// 4. **A request**: a method in upper case and a path or URL behind it, anywhere. So are access logs read.
/// 5. **A path or URL** alone. `GET` is assumed, and said so.
/// 6. **Operation ids**: `getInvoices`, `accounting.getInvoices`, `GetInvoicesAsync`, `get_invoices`; several, too.
/// 7. **Code or prose**, in which three things are found:
///    - methods of an SDK, where they are called or belong to something named after an API (`accountingApi.getInvoices`).
///      Methods of anything else are taken for Xero's too, and said to be assumed, if the name is exactly one of Xero's
///      and there is an argument: Java's models have getters of the same names;
///    - URLs of Xero's API, with the method where the code around says it, or where the variable is used that has the URL;
///    - paths given to `fetch`, `json` and `pages`, or to a function of Xero's by name (`xeroRequest("GET", "/Items")`).
///
/// A path without the base of an API belongs to the accounting API. URLs of other hosts are not Xero's, unless their path
/// has the base of an API in it, such as `/api.xro/2.0`: a proxy, or a local Xero. In a path, `${id}`, `{id}`, `<id>`,
/// `#{id}` and `"/Invoices/" + id` stand for a value.
///
/// An id that several APIs have means the one that its receiver is named after (`payrollNZApi`, `payroll_uk_api`), else
/// those of them that the text has named above (`new PayrollNzApi(…)`), else all of them.
///
/// Nothing of a query, a header, a body or the credentials in a URL is kept, and a value in a path that might be a
/// token ends the text that is. Time and memory grow in proportion to the text.
pub fn resolve(text: &str) -> Resolved {
    resolve_all([text])
}

/// The same for several texts, such as files: each is read by itself, and what is found in them is added up.
///
/// A file can come with its name: `resolve_all([("log/api.json", text)])`.
pub fn resolve_all<'t, T: Into<Text<'t>>>(texts: impl IntoIterator<Item = T>) -> Resolved {
    let given: Vec<(Text<'t>, Cow<'t, str>)> =
        texts.into_iter().map(Into::into).map(|given| (given, keys::covered(given.text))).collect();
    let texts: Vec<(Text<'_>, Option<Document<'_>>)> =
        given.iter().map(|(given, text)| Text { text, ..*given }).map(|text| (text, Document::read(text))).collect();
    let mut variables = Variables::default();
    for document in texts.iter().filter_map(|(_, document)| document.as_ref()) {
        document.gather(&mut variables);
    }
    let mut ledger = Ledger::new();
    let mut silent = Vec::new();
    let mut project = Project::default();
    if texts.len() > 1 {
        let is_code = |(text, document): &&(Text<'_>, Option<Document<'_>>)| {
            document.is_none() && Kind::of_lines(*text) == Kind::Code
        };
        project.note(texts.iter().filter(is_code).map(|(text, _)| *text));
    }
    for (input, (text, document)) in texts.iter().enumerate() {
        ledger.open(input, text.text);
        if let Some(document) = document {
            if !document.take(&mut ledger, &variables) {
                silent.push((input, text, document));
            }
            continue;
        }
        match Kind::of_lines(*text) {
            Kind::Log => log::read(&mut ledger),
            Kind::List => list::read(&mut ledger),
            Kind::Code | Kind::Structured => code::file(&mut ledger, *text, input, &mut project),
        }
    }
    project.close(&mut ledger);
    for (input, text, document) in silent {
        ledger.open(input, text.text);
        document.mention(&mut ledger, &variables);
    }
    ledger.close()
}
