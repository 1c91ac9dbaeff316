//! The door for texts.

use std::borrow::Cow;

use super::code::Project;
use super::found::Resolved;
use super::kind::{Text, TextKind};
use super::ledger::Ledger;
use super::structured::{Document, Variables};
use super::target::mentions_xero;
use super::{code, keys, list, log};

/// Finds the calls in `text`.
///
/// It never fails. What kind of text it is decides how it is read ([`TextKind`]): structured texts by their members, logs and
/// lists by their lines, everything else as code. In code these are found, wherever lines break:
///
/// 1. **Requests**: every value that can be a URL or path of Xero's, through constants, joins and templates, with the method
///    that is nearest to it in the structure of the code: an argument or member beside it, the function that is called, the
///    chain around it, what other statements do with the same object. A client that knows its base lends it to its calls,
///    and a function that sends what it is given is read with what its callers give. A method that was not seen is `GET`,
///    and assumed.
/// 2. **Methods of an SDK** on names of an API (`accountingApi.getInvoices`) or objects of its class, also by
///    name (`api["getInvoices"]`). Where the texts name Xero, they are taken for Xero's on anything else too, and marked as assumed, if the name is no
///    common word and there is an argument: Java's models have getters of the same names.
/// 3. **Paths given to this package**, to a client that is named after Xero (`xero.fetch("/Items")`,
///    `xeroRequest("GET", "/Items")`), or to the text's own client where the text names a base of Xero's.
/// 4. **Commands and lines that stand for themselves**: `curl`, `GET /Invoices`, a path alone, operation ids.
///
/// Places of Xero's that could not be read are in `unresolved`: a host, base, import or client from which no call came, each
/// place that names a base, a client or a function that sends and where no call was found, a path
/// with an unknown value where the resource should be, a method that the catalogue does not have, a library that is not read.
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

/// The same for several texts, such as files of one project: their calls are added up. Files of code know each
/// other's constants, and the functions that send what they are given.
///
/// A file can come with its name: `resolve_all([("log/api.json", text)])`.
pub fn resolve_all<'t, T: Into<Text<'t>>>(texts: impl IntoIterator<Item = T>) -> Resolved {
    let texts: Vec<Text<'t>> = texts.into_iter().map(Into::into).collect();
    resolve_list(&texts)
}

/// The same, apart from the generic function above, which would bring all of this into each place that calls it.
fn resolve_list(texts: &[Text<'_>]) -> Resolved {
    let given: Vec<(Text<'_>, Cow<'_, str>)> = texts.iter().map(|given| (*given, keys::covered(given.text))).collect();
    let texts: Vec<(Text<'_>, Option<Document<'_>>)> =
        given.iter().map(|(given, text)| Text { text, ..*given }).map(|text| (text, Document::read(text))).collect();
    let mut variables = Variables::default();
    for document in texts.iter().filter_map(|(_, document)| document.as_ref()) {
        document.gather(&mut variables);
    }
    let mut ledger = Ledger::new();
    ledger.of_xero = given.iter().any(|(given, text)| mentions_xero(text) || given.name.is_some_and(mentions_xero));
    let mut silent = Vec::new();
    let mut project = Project::default();
    if texts.len() > 1 {
        let is_code = |(text, document): &&(Text<'_>, Option<Document<'_>>)| {
            document.is_none() && TextKind::of_lines(*text) == TextKind::Code
        };
        let code: Vec<_> = texts.iter().filter(is_code).map(|(text, _)| *text).collect();
        project.note(&code);
    }
    for (input, (text, document)) in texts.iter().enumerate() {
        ledger.open(input, *text);
        if let Some(document) = document {
            if !document.take(&mut ledger, &variables) {
                silent.push((input, text, document));
            }
            continue;
        }
        match TextKind::of_lines(*text) {
            TextKind::Log => log::read(&mut ledger),
            TextKind::List => list::read(&mut ledger),
            TextKind::Code | TextKind::Structured => code::file(&mut ledger, *text, input, &mut project),
        }
    }
    let all: Vec<Text<'_>> = texts.iter().map(|(text, _)| *text).collect();
    project.close(&mut ledger, &all);
    ledger.close_functions(&all);
    for (input, text, document) in silent {
        ledger.open(input, *text);
        document.mention(&mut ledger, &variables);
    }
    ledger.close()
}
