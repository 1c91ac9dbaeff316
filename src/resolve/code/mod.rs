//! Source code, and everything that is nothing else: calls, commands and prose, mixed.
//!
//! One pass each, over the whole text: tokens without comments (`lex`), brackets and what belongs together (`tree`), what
//! names and expressions stand for (`values`), requests with the method that is nearest in structure (`requests`), methods
//! of SDKs (`sdk`) and of other libraries (`libraries`). Lines that are a command or a request by themselves, outside of
//! all brackets, are read first (`lines`). In the end, everything of Xero's without a call is reported as unresolved.

mod hit;
mod imported;
mod lang;
mod lex;
mod libraries;
mod lines;
mod names;
mod project;
mod relevance;
mod requests;
mod resources;
mod sdk;
mod tree;
mod values;

use std::collections::BTreeSet;

use self::hit::{Hit, What};
use self::lang::Lang;
use self::libraries::{imports, is_partly_read};
pub(super) use self::project::Project;
use self::project::{Quiet, Silent};
use self::relevance::may_be_xeros;
use self::requests::{Requests, base_of, is_imported};
use self::sdk::Sdk;
use self::tree::SourceCode;
use self::values::{Shared, Values, shared_by};
use super::found::{Assumed, Why};
use super::ids::withdrawn;
use super::kind::Text;
use super::ledger::{FoundRequest, Ledger, Outcome};
use super::nearest;
use super::scan::position;
use super::target::{HOST, SHOWN, is_of_xero, mentions_xero, shown, without_scheme, without_secrets};

/// A text as code, and the bases that its comments name.
fn code_of(text: Text<'_>) -> (SourceCode<'_>, Vec<String>) {
    let lang = Lang::of(text.name, text.text);
    let lexed = lex::lex(text.text, lang);
    let hints = hints(text.text, &lexed.comments);
    (SourceCode::new(text.text, lang, lexed.tokens), hints)
}

/// The bases that comments name.
fn hints(text: &str, comments: &[(u32, u32)]) -> Vec<String> {
    let mut hints = Vec::new();
    for (start, end) in comments {
        let comment = text.get(*start as usize..*end as usize).unwrap_or_default();
        if !is_of_xero(comment) {
            continue;
        }
        for (at, _) in comment.match_indices("http") {
            let url = super::target::bare(comment.get(at..).unwrap_or_default());
            hints.extend(base_of(url));
        }
    }
    hints
}

/// Reads code that is a part of another text. The reader of that text reports imports and bases without a call.
pub(super) fn read(ledger: &mut Ledger<'_>) {
    let mut project = Project::default();
    let text = Text::from(ledger.text);
    file(ledger, text, 0, &mut project);
    project.quiet.retain(|quiet| matches!(quiet.what, Silent::Function(_)));
    project.close(ledger, &[]);
}

/// Reads a text of a project. Imports and bases without a call are reported when the project ends.
pub(super) fn file(ledger: &mut Ledger<'_>, text: Text<'_>, input: usize, project: &mut Project) {
    let text_of = text.text;
    let lang = Lang::of(text.name, text_of);
    let mut lexed = lex::lex(text_of, lang);
    let hints = hints(text_of, &lexed.comments);
    let mut lines = lines::Lines::new(text_of, &lexed);
    let is_plain = text.name.is_none_or(|name| name.to_ascii_lowercase().ends_with(".txt"));
    lines.read(ledger, &mut lexed.tokens, is_plain);
    let has_package = project.has_package || is_imported(text_of);
    if !mentions_xero(text_of)
        && !has_package
        && !project.names(text_of, &lexed.tokens)
        && !may_be_xeros(ledger, &lexed.tokens)
    {
        lines.count(ledger);
        return;
    }
    let code = SourceCode::new(text_of, lang, lexed.tokens);
    let values = Values::new(&code, &project.shared);
    let imports = imports(&code);
    let mut lent = project.lent_to(&code);
    let imported = project.imported_by(&code);
    lent.extend(imported.iter().flat_map(|(_, bases)| bases.iter().cloned()));
    let hints = hints.into_iter().chain(lent.iter().cloned()).collect();
    let mut requests = Requests::new(&values, hints, !imports.is_empty(), ledger.of_xero);
    let has_evidence = !imports.is_empty() || !requests.bases.is_empty();
    requests.senders.extend(project.senders.iter().cloned());
    requests.take_clients(&imported);
    requests.find(&project.wrappers, has_package);
    let mut found = core::mem::take(&mut requests.hits);
    let mut sdk = Sdk::new(&values, &mut ledger.ids, has_evidence, ledger.of_xero);
    sdk.find();
    found.append(&mut sdk.hits);
    found.append(&mut embedded(&code, &mut ledger.ids));
    libraries::find(&code, has_evidence, &mut found);
    requests.add_referred(&mut found);
    let has_sdk = found.iter().any(|hit| matches!(hit.what, What::Rows { .. } | What::UnknownMethod { .. }));
    let mut has_call = has_sdk || lines.has_call();
    project.has_sdk |= has_sdk;
    let shared = requests.used.iter().filter_map(|from| project.shared.name(shared_by(*from)?));
    project.called.extend(shared.cloned());
    project.called.append(&mut requests.called);
    project.mentioned.append(&mut requests.mentioned);
    project.unknown.append(&mut requests.unknown);
    // The APIs that requests lead to, by the names in their bases.
    let mut apis: BTreeSet<String> = BTreeSet::new();
    let mut has_open = false;
    for hit in found {
        match &hit.what {
            What::Wrapped { name, method } => {
                let (what, why) = (Silent::Function(name.clone()), Why::UnknownPath);
                project.quiet.push(quiet(ledger, input, (hit.at, hit.end), what, why, *method));
                lines.mark(hit.at, Outcome::Call);
                has_call = true;
                continue;
            }
            What::Request { target, .. } => {
                project.lent_used.extend(lent.iter().filter(|base| target.starts_with(base.as_str())).cloned());
                // A path alone belongs to the accounting API; below a host it has no base.
                let is_path = without_scheme(target).is_none();
                apis.extend(api_of(target).or_else(|| is_path.then(|| "api".to_owned())));
            }
            // A reference is reported as unresolved, and what it stands for with it.
            What::Unread { why: Why::NoCall, .. } => {
                lines.mark(hit.at, take(ledger, &hit));
                continue;
            }
            // A place is reported as unresolved already.
            What::Unread { .. } => has_open = true,
            _ => {}
        }
        if let What::Request { method: None, name: Some(name), .. } = &hit.what
            && project.shared.has(name)
        {
            lines.mark(hit.at, Outcome::Call);
            has_call = true;
            project.deferred.push((input, name.clone(), hit));
            continue;
        }
        let outcome = take(ledger, &hit);
        has_call |= outcome == Outcome::Call;
        project.has_request |= outcome == Outcome::Call;
        lines.mark(hit.at, outcome);
    }
    project.has_request |= lines.has_call();
    for (word, _) in imports.iter().filter(|(word, _)| has_call && is_partly_read(&code, *word)) {
        let (at, text) = (code.start(*word), shown(code.word(*word)).1);
        ledger.unread(Why::LibraryNotRead, None, text, at, |_| Vec::new());
    }
    // Imports and bases without a call; where there are requests, bases that none of them used.
    if !has_call || !has_sdk && !has_open && !lines.has_call() {
        let silent = without_call(&requests, &imports, has_call, &apis);
        for (at, end, base, why) in silent {
            lines.mark(at, Outcome::Call);
            let what = match base {
                Some(base) => Silent::Base(names_of(&code, base)),
                None => Silent::Import,
            };
            project.quiet.push(quiet(ledger, input, (at, end), what, why, None));
        }
    }
    lines.count(ledger);
}

/// Something that is written between two bytes of the open text, and that no call came of.
fn quiet(
    ledger: &mut Ledger<'_>,
    input: usize,
    (at, end): (usize, usize),
    what: Silent,
    why: Why,
    method: Option<&'static str>,
) -> Quiet {
    let (offset, written) = shown(ledger.text.get(at..end).unwrap_or_default());
    let (at, line) = ledger.place(at.saturating_add(offset));
    Quiet { input, at, line, text: written.to_owned(), what, why, method }
}

/// The imports and bases of a text that no call came of: where each begins and ends, the token of a base, and the reason.
fn without_call(
    requests: &Requests<'_, '_, '_>,
    imports: &[(usize, bool)],
    has_call: bool,
    apis: &BTreeSet<String>,
) -> Vec<(usize, usize, Option<usize>, Why)> {
    let code = requests.code;
    let imported = imports.iter().filter(|_| !has_call).map(|(word, is_library)| {
        let why = if *is_library { Why::LibraryNotRead } else { Why::NoCall };
        (code.start(*word), code.token(*word).end as usize, None, why)
    });
    let mut quiet: Vec<_> = imported.collect();
    for at in 0..code.len() {
        let is_literal = matches!(code.kind(at), lex::Kind::Text | lex::Kind::Url | lex::Kind::Template);
        if !is_literal || base_of(requests.raw(at)).is_none() && requests.raw(at) != HOST {
            continue;
        }
        let is_used = requests.used.contains(&u32::try_from(at).unwrap_or(u32::MAX))
            || has_call && api_of(requests.raw(at)).is_none_or(|api| apis.contains(&api));
        if !is_used {
            let start = code.start(at);
            quiet.push((start, start.saturating_add(requests.raw(at).len()), Some(at), Why::NoCall));
        }
    }
    quiet.sort_unstable_by_key(|(at, ..)| *at);
    quiet.dedup_by_key(|(at, ..)| *at);
    quiet
}

/// The names that a literal is given: that of its member or assignment, and that of the whole statement.
fn names_of(code: &SourceCode<'_>, at: usize) -> Vec<String> {
    let is_sign =
        |mark: &usize| matches!(code.word(*mark), "=" | ":" | "=>" | ":=") && code.kind(*mark) == lex::Kind::Mark;
    let start = code.statement_start(at);
    let signs = [code.prev(at).filter(is_sign), (start..at).find(is_sign)];
    let names = signs.into_iter().flatten().filter_map(|sign| code.prev(sign));
    names.map(|name| code.name(name).to_owned()).filter(|name| !name.is_empty()).collect()
}

/// The methods of SDKs in code that stands in texts: in attributes of markup, in the cells of notebooks.
fn embedded(code: &SourceCode<'_>, ids: &mut super::ids::Ids) -> Vec<Hit> {
    let mut hits = Vec::new();
    for at in 0..code.len() {
        let text = code.word(at);
        if code.kind(at) != lex::Kind::Text
            || !(text.contains("Api.") || text.contains("_api.") || text.contains("Api->"))
            || !text.contains('(')
        {
            continue;
        }
        let start = code.start(at);
        let inner = SourceCode::new(text, Lang::Unknown, lex::lex(text, Lang::Unknown).tokens);
        let nothing = Shared::default();
        let values = Values::new(&inner, &nothing);
        let mut sdk = Sdk::new(&values, ids, false, true);
        sdk.find();
        hits.extend(
            sdk.hits
                .into_iter()
                .filter(|hit| matches!(hit.what, What::Rows { is_assumed: false, .. }))
                .map(|hit| hit.moved(start)),
        );
    }
    hits
}

/// The name of an API in a base or below it: `api` of `https://api.xero.com/api.xro/2.0`.
fn api_of(url: &str) -> Option<String> {
    let end = position(url, ".xro")?;
    Some(url.get(..end)?.rsplit('/').next().unwrap_or_default().to_ascii_lowercase())
}

/// Hands something found to the ledger.
fn take(ledger: &mut Ledger<'_>, hit: &Hit) -> Outcome {
    let written = ledger.text.get(hit.at..hit.end).unwrap_or_default();
    match &hit.what {
        What::Request { method, target, .. } => {
            ledger.request(FoundRequest { method: *method, target, text: written, at: hit.at })
        }
        What::Rows { rows, is_assumed, shown: (from, to) } => {
            // With arguments or line breaks before it, the name of the method alone is shown.
            let whole = ledger.text.get(*from..*to).unwrap_or_default();
            let joins = |byte: u8| super::scan::is_identifier(byte) || b".->:?!&$".contains(&byte);
            let is_plain = whole.len() <= SHOWN && whole.bytes().all(joins) && without_secrets(whole) == whole;
            let (at, text) = if is_plain { (*from, whole) } else { (hit.at, shown(written).1) };
            ledger.call(rows.clone(), text, at, is_assumed.then_some(Assumed::Receiver));
            Outcome::Call
        }
        What::Wrapped { .. } => Outcome::Call,
        What::Unread { why, method } => {
            let (offset, text) = shown(written);
            ledger.unread(*why, *method, text, hit.at.saturating_add(offset), |_| Vec::new());
            Outcome::Call
        }
        What::UnknownMethod { apis } => {
            let text = written;
            let name =
                text.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default().to_owned();
            let joins = |byte: u8| super::scan::is_identifier(byte) || b".->:?!&$".contains(&byte);
            let is_plain = text.len() <= SHOWN && text.bytes().all(joins) && without_secrets(text) == text;
            let start = text.len().saturating_sub(name.len());
            let (at, text) = if is_plain {
                (hit.at, text)
            } else {
                (hit.at.saturating_add(start), shown(text.get(start..).unwrap_or_default()).1)
            };
            if let Some(gone) = withdrawn(*apis, &name) {
                ledger.gone(None, text, at, gone);
            } else {
                let nearest = |_: &mut _| nearest::by_id(&name, |operation| apis.has(operation));
                ledger.unread(Why::UnknownMethod, None, text, at, nearest);
            }
            Outcome::Call
        }
    }
}
