//! Libraries for Xero that others made: their calls where those are plain, else that they are not read.

use super::super::found::Why;
use super::super::target::names_xero;
use super::hit::{Hit, What};
use super::lex::Kind;
use super::names::words;
use super::resources;
use super::tree::SourceCode;
use crate::catalogue::OPERATIONS;
use crate::resolve::scan::among;

/// Libraries whose calls are not read, or not all of them, by words of their imports.
#[rustfmt::skip]
pub(super) const IMPORTS: [&str; 16] = [
    "xeroizer", "XeroPHP", "xero-php", "calcinai", "dcblogdev", "webfox", "langleyfoundation", "xerosdk", "pyxero", "XeroGolang", "go-xero", "xero-go", "nango", "xero-api", "tap-xero", "xerogolang",
];

/// Those of them whose objects send themselves, `invoice.save`: calls are read, and others are not.
const PARTLY: [&str; 5] = ["xeroizer", "XeroPHP", "xero-php", "calcinai", "XeroGolang"];

/// Returns whether an import is that of a library some of whose calls are read, and some are not.
pub(super) fn is_partly_read(code: &SourceCode<'_>, word: usize) -> bool {
    let import = code.word(word).to_ascii_lowercase();
    !is_official(code, word) && PARTLY.iter().any(|own| import.contains(&own.to_ascii_lowercase()))
}

/// Returns whether a name is in the namespace of Xero's own library for PHP: `XeroAPI\XeroPHP`.
fn is_official(code: &SourceCode<'_>, word: usize) -> bool {
    code.word(word).contains("XeroAPI")
        || code.prev(word).and_then(|slash| code.prev(slash)).is_some_and(|name| code.is(name, "XeroAPI"))
}

/// What methods of such libraries do: the method, and what follows the resource in the path.
#[rustfmt::skip]
const METHODS: [(&str, &str, &str); 34] = [
    ("all", "GET", ""), ("filter", "GET", ""), ("get", "GET", ""), ("list", "GET", ""), ("List", "GET", ""), ("get_all", "GET", ""), ("get_all_generator", "GET", ""),
    ("list_all_generator", "GET", ""), ("first", "GET", ""), ("where", "GET", ""), ("find_in_batches", "GET", ""), ("page", "GET", ""), ("execute", "GET", ""),
    ("find", "GET", "/{}"), ("get_by_id", "GET", "/{}"), ("Get", "GET", "/{}"), ("Find", "GET", "/{}"),
    ("save", "POST", ""), ("post", "POST", ""), ("store", "POST", ""), ("Create", "PUT", ""), ("Update", "POST", ""), ("create", "PUT", ""),
    ("put", "PUT", ""), ("update", "POST", "/{}"),
    ("get_history", "GET", "/{}/History"), ("put_history", "PUT", "/{}/History"),
    ("get_attachments", "GET", "/{}/Attachments"), ("get_attachment_data", "GET", "/{}/Attachments/{}"), ("put_attachment", "PUT", "/{}/Attachments/{}"),
    ("put_attachment_data", "PUT", "/{}/Attachments/{}"), ("email", "POST", "/{}/Email"), ("delete", "DELETE", "/{}"), ("get_attachment", "GET", "/{}/Attachments/{}"),
];

/// Finds the calls of such libraries.
pub(super) fn find(code: &SourceCode<'_>, has_evidence: bool, hits: &mut Vec<Hit>) {
    for at in 0..code.len() {
        if code.is_word(at) {
            member(code, at, has_evidence, hits);
            made(code, at, hits);
            by_name(code, at, has_evidence, hits);
        }
    }
}

/// `xero.invoices.get_history(id)`, `Xero::contacts()->store($data)`, `xeroClient.Invoices.List(ctx)`.
fn member(code: &SourceCode<'_>, at: usize, has_evidence: bool, hits: &mut Vec<Hit>) {
    if code.owner(at).is_none() {
        return;
    }
    let open = code.next(at);
    let name = code.name(at);
    // Ruby calls without brackets.
    let is_bare = || has_evidence && METHODS.iter().any(|(own, ..)| *own == name);
    if !code.is(open, "(") && !is_bare() {
        return;
    }
    let chain = code.chain(at);
    let Some(root) = chain.last().copied().filter(|root| code.is_word(*root)) else { return };
    let is_xero = chain.iter().any(|link| code.is_word(*link) && names_xero(code.name(*link)));
    let is_client = is_xero
        || matches!(code.name(root), "connection" | "$connection") && METHODS.iter().any(|(own, ..)| *own == name)
        || has_evidence && matches!(code.name(root), "client" | "conn" | "api" | "x");
    if !is_client || !chain.iter().any(|link| !names_xero(code.name(*link)) || chain.len() == 1) {
        return;
    }
    // `$xero->loadByGUID(Contact::class, $id)`
    if matches!(name, "load" | "loadByGUID" | "loadByGUIDs") && is_xero {
        let first = code.parts(open).first().map_or(open, |(start, _)| *start);
        let class = code.name(first).rsplit(['\\', '.']).next().and_then(resources::of_name);
        let text = class.map(|class| ["/", class, if name == "loadByGUID" { "/{}" } else { "" }].concat());
        let what = match text {
            Some(target) => What::Request { method: Some("GET"), target, name: None },
            None => What::Unread { why: Why::LibraryNotRead, method: None },
        };
        hits.push(Hit { at: code.start(at), end: code.token(at).end as usize, what });
        return;
    }
    let Some(owner) = chain.first().copied() else { return };
    let Some(resource) = resources::of_name(code.name(owner))
        .filter(|_| code.is_word(owner) && !names_xero(code.name(owner)) && owner != root)
    else {
        return;
    };
    // `Xero::contacts()->store($d)`; with arguments it is a function, `mock.setup(x => x.y)`.
    if code.is(code.next(owner), "(") && !code.parts(code.next(owner)).is_empty() {
        return;
    }
    // Accounting's classes of SDKs come by other ways.
    if code.name(owner).ends_with("Api") || code.name(owner).ends_with("_api") {
        return;
    }
    let parts = code.parts(open);
    let found = METHODS.iter().find(|(own, ..)| *own == name);
    // Over lines, the method alone is shown.
    let is_near = !(owner..at).any(|token| code.kind(token) == Kind::Line);
    let (start, end) = (code.start(if is_near { owner } else { at }), code.token(at).end as usize);
    let what = match found {
        Some((own, method, path)) => {
            // pyxero's `get` takes an id.
            let path = if *own == "get" && !parts.is_empty() { "/{}" } else { path };
            let path = if *own == "find" && parts.is_empty() { "" } else { path };
            match by_file_name(resource, method, path).filter(|_| parts.len() > 1) {
                Some(row) => What::Rows { rows: vec![row], is_assumed: false, shown: (start, end) },
                None => What::Request { method: Some(method), target: ["/", resource, path].concat(), name: None },
            }
        }
        None if has_evidence || is_xero => What::Unread { why: Why::LibraryNotRead, method: None },
        None => return,
    };
    hits.push(Hit { at: start, end, what });
}

/// The operation for an attachment by its name: its path is that of an attachment by its id.
fn by_file_name(resource: &str, method: &str, path: &str) -> Option<u16> {
    if path != "/{}/Attachments/{}" {
        return None;
    }
    let fits = |operation: &crate::catalogue::Operation| {
        let mut segments = operation.path().split('/').skip(1);
        operation.method.as_str() == method
            && segments.next() == Some(resource)
            && operation.path().ends_with("/Attachments/{FileName}")
    };
    OPERATIONS.iter().position(fits).and_then(|row| u16::try_from(row).ok())
}

/// `getattr(xero, name).save(x)`: a resource that is only known when the program runs.
fn by_name(code: &SourceCode<'_>, at: usize, has_evidence: bool, hits: &mut Vec<Hit>) {
    if !has_evidence || !matches!(code.word(at), "getattr" | "public_send" | "__getattr__") {
        return;
    }
    let owner = code.owner(at).filter(|owner| code.is_word(*owner));
    let Some(client) = owner.or_else(|| code.parts(code.next(at)).first().map(|(start, _)| *start)) else { return };
    let name = code.name(client);
    let is_client = names_xero(name) || matches!(name, "client" | "conn" | "api" | "x");
    let is_alone = owner.is_some() || code.is(code.next(client), ",");
    if code.is_word(client) && is_client && is_alone {
        let what = What::Unread { why: Why::LibraryNotRead, method: None };
        hits.push(Hit { at: code.start(client), end: code.token(client).end as usize, what });
    }
}

/// `new Invoice($xero)`, whose `save` sends it.
fn made(code: &SourceCode<'_>, at: usize, hits: &mut Vec<Hit>) {
    let open = code.next(at);
    if !code.is(open, "(")
        || !code.prev(at).is_some_and(|new| code.is(new, "new") || code.is(new, "\\"))
        || resources::of_name(code.name(at)).is_none()
    {
        return;
    }
    let is_given_xero = code
        .parts(open)
        .iter()
        .any(|(start, end)| (*start..*end).any(|at| code.is_word(at) && names_xero(code.name(at))));
    if is_given_xero {
        hits.push(Hit {
            at: code.start(at),
            end: code.token(at).end as usize,
            what: What::Unread { why: Why::LibraryNotRead, method: None },
        });
    }
}

/// The imports of Xero's SDKs and of libraries for Xero, each with whether its calls are not read.
pub(super) fn imports(code: &SourceCode<'_>) -> Vec<(usize, bool)> {
    let mut found: Vec<(usize, bool)> = Vec::new();
    for at in 0..code.len() {
        if code.is_word(at) && is_namespace(code, at) {
            found.push((at, true));
            continue;
        }
        if !code.is_word(at)
            || !among(code.word(at), "import from require use using require_once gem include alias library")
        {
            continue;
        }
        // `from` and the like are names as well.
        let next = code.next(at);
        let is_first = code.statement_start(at) == at;
        let is_call = code.kind(next) == Kind::Text || code.is(next, "(") || code.is(next, "{") || code.is(next, "*");
        if !is_first && !is_call || code.is(next, "=") || code.is(next, ".") && code.word(at) != "from" {
            continue;
        }
        if code.up(at).is_some_and(|up| code.is(up, "(") && code.callee(up).is_some())
            && code.word(at) != "require"
            && code.word(at) != "import"
        {
            continue;
        }
        let end = code.statement_end(at).min(at.saturating_add(60));
        for word in at.saturating_add(1)..end {
            let (text, is_text) = match code.kind(word) {
                Kind::Text => (code.word(word), true),
                Kind::Word => (code.word(word), false),
                _ => continue,
            };
            // A module of the project's own.
            if is_text
                && (text.starts_with(['.', '@', '~', '#']) && !text.starts_with("@xero")
                    || text.contains(char::is_whitespace))
            {
                continue;
            }
            let is_library = IMPORTS.iter().any(|name| text.to_ascii_lowercase().contains(&name.to_ascii_lowercase()));
            let is_relative =
                (at.saturating_add(1)..word).any(|before| code.is(before, ".") && before == code.next(at));
            let is_last = is_text || !code.is(code.next(word), ",");
            if !is_relative && is_last && (is_library || names_xero(text) && is_package(code, at, word, is_text)) {
                found.push((word, is_library || is_pyxero(code, at, word)));
                break;
            }
        }
    }
    found
}

/// Returns whether a name is that of a library from which something is taken: `Xeroizer::OAuth2Application`, `XeroPHP\Application`.
fn is_namespace(code: &SourceCode<'_>, at: usize) -> bool {
    matches!(code.word(at), "Xeroizer" | "XeroPHP" | "XeroGolang")
        && !is_official(code, at)
        && matches!(code.word(code.next(at)), "::" | "\\" | ".")
}

/// `from xero import Xero`.
fn is_pyxero(code: &SourceCode<'_>, at: usize, word: usize) -> bool {
    code.is(at, "from") && code.word(word) == "xero" && code.next(at) == word
}

/// Returns true if an import is a package, and not a name of the project's own.
fn is_package(code: &SourceCode<'_>, at: usize, word: usize, is_text: bool) -> bool {
    if is_text {
        // `"github.com/x/xero"`, `"xero-node"`; not `"app/services/xero_service"`.
        let text = code.word(word);
        let first = text.split('/').next().unwrap_or_default();
        return names_xero(first) && words(first).len() <= 3 || text.starts_with("github.com/");
    }
    // `import com.xero.api.ApiClient`, `using Xero.NetStandard`, `use XeroAPI\…`, `from xero_python.accounting import …`
    let name = code.word(word);
    let known = [
        "xero",
        "Xero",
        "xero_python",
        "XeroAPI",
        "xero_ruby",
        "xeroizer",
        "XeroPHP",
        "XeroRuby",
        "xero_m2m",
        "pyxero",
    ];
    known.contains(&name) && !(code.is(at, "use") && code.is(code.next(at), "crate"))
}
