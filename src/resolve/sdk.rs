//! Methods of SDKs where they are called.

use super::found::Assumed;
use super::ids::{Apis, letters, plain};
use super::ledger::{Ledger, Outcome};
use super::nearest;
use super::scan::{head, is_identifier, last_identifier, tail};
use super::target::{SHOWN, shown, without_secrets};
use crate::catalogue::{OPERATIONS, WITHDRAWN, Withdrawn};

/// How the names of calls begin: the words of the catalogue, and some that people take for them.
#[rustfmt::skip]
const VERBS: [&str; 19] = [
    "add", "approve", "create", "delete", "email", "fetch", "find", "get", "list", "patch", "post", "put", "register", "reject",
    "revert", "save", "send", "update", "upload",
];

/// Methods of the classes themselves, in any way of joining words.
const HELPERS: [&str; 6] =
    ["getinstance", "getconfig", "getapiclient", "getbasepath", "gethostindex", "getmodelfinder"];

/// Whether a name is a verb with something behind it: `getX`, `get_x`, `GetX`.
fn is_verb(name: &str) -> bool {
    VERBS.into_iter().any(|verb| {
        let split = name.split_at_checked(verb.len());
        split.is_some_and(|(front, rest)| {
            front.eq_ignore_ascii_case(verb) && rest.starts_with(|c: char| c == '_' || c.is_ascii_uppercase())
        })
    })
}

/// Takes the identifier at `start..end`, if it is the method of an SDK.
pub(super) fn identifier(ledger: &mut Ledger<'_>, start: usize, end: usize) -> Outcome {
    let text = ledger.text;
    let Some(name) = text.get(start..end) else { return Outcome::Other };
    if name.ends_with("Api") || name.ends_with("_api") || name.ends_with("API") {
        let named = Apis::named_by(name).filter(|apis| *apis != Apis::ALL);
        ledger.named.0 |= named.unwrap_or(Apis::NONE).0;
    }
    if !is_verb(name) {
        return Outcome::Other;
    }
    let (arguments, empty) = arguments(text.get(end..).unwrap_or_default());
    let receiver = receiver(text.get(..start).unwrap_or_default());
    let rows = ledger.ids.find(name);
    let (from, apis) = match receiver {
        Receiver::Api(from, apis) => (from, Some(apis)),
        // Java's models have getters of the same names, and code has functions of its own.
        _ if !arguments || empty => return Outcome::Other,
        Receiver::None if is_declaration(text, start, end) => return Outcome::Other,
        Receiver::None | Receiver::Other => (start, None),
    };
    let known = rows_in(&rows, apis.unwrap_or(Apis::ALL));
    // With arguments or line breaks before it, the name of the method alone is shown.
    let whole = text.get(from..end).unwrap_or_default();
    let joins = |byte| is_identifier(byte) || b".->:?!&".contains(&byte);
    let is_plain = whole.len() <= SHOWN && whole.bytes().all(joins) && without_secrets(whole) == whole;
    let (from, written) = if is_plain { (from, whole) } else { (start, shown(name).1) };
    if known.is_empty() {
        let Some(apis) = apis.filter(|apis| arguments && *apis != Apis::ALL) else { return Outcome::Other };
        if HELPERS.contains(&plain(name).as_str()) {
            return Outcome::Other;
        }
        unresolved(ledger, apis, name, written, from);
        return Outcome::Call;
    }
    let assumed = if apis.is_none() { Some(Assumed::Receiver) } else { None };
    let rows = narrowed(known, name, ledger.named);
    ledger.call(rows, written, from, assumed);
    Outcome::Call
}

/// Whether a word is an id that stands for itself, such as `getInvoices` or `payroll-nz.getEmployees()`.
pub(super) fn is_id(word: &str) -> bool {
    parts(word.trim_end_matches("()")).is_some()
}

/// The APIs that an id may belong to, and its name.
fn parts(id: &str) -> Option<(Apis, &str)> {
    let (api, name) = id.rsplit_once('.').unwrap_or(("", id));
    let joins = |byte| is_identifier(byte) || byte == b'-' || byte == b'.';
    let is_name = is_verb(name) && name.bytes().all(is_identifier) && api.bytes().all(joins);
    let apis = if api.is_empty() { Apis::ALL } else { Apis::named_by(api.rsplit('.').next()?)? };
    is_name.then_some((apis, name))
}

/// Takes an id that stands for itself.
pub(super) fn id(ledger: &mut Ledger<'_>, id: &str, at: usize) {
    let Some((apis, name)) = parts(id) else { return };
    let known = rows_in(&ledger.ids.find(name), apis);
    if known.is_empty() {
        unresolved(ledger, apis, name, shown(id).1, at);
    } else {
        let rows = narrowed(known, name, ledger.named);
        ledger.call(rows, shown(id).1, at, None);
    }
}

/// Takes the id of no operation of these APIs, or of one that Xero no longer has.
fn unresolved(ledger: &mut Ledger<'_>, apis: Apis, name: &str, text: &str, at: usize) {
    let is_it = |gone: &&Withdrawn| apis.contains(gone.api) && letters(gone.id).eq(letters(name));
    match WITHDRAWN.iter().find(is_it) {
        Some(gone) => ledger.gone(None, text, at, gone),
        None => ledger.unresolved(None, text, at, |_| nearest::by_id(name, |operation| apis.has(operation))),
    }
}

fn rows_in(rows: &[u16], apis: Apis) -> Vec<u16> {
    let is_in = |row: &u16| OPERATIONS.get(usize::from(*row)).is_some_and(|operation| apis.has(operation));
    rows.iter().copied().filter(is_in).collect()
}

/// Of several rows those of an API that was named, then those whose words are joined as in `name`: `getPaySlip` is not
/// `getPayslip`.
fn narrowed(rows: Vec<u16>, name: &str, named: Apis) -> Vec<u16> {
    if rows.len() < 2 {
        return rows;
    }
    let of_named = rows_in(&rows, named);
    let rows = if of_named.is_empty() { rows } else { of_named };
    let spelt: Vec<u16> = rows
        .iter()
        .copied()
        .filter(|row| OPERATIONS.get(usize::from(*row)).is_some_and(|operation| starts_words(name, operation.id())))
        .collect();
    if spelt.is_empty() { rows } else { spelt }
}

/// Whether `name` begins its words where `id` does.
fn starts_words(name: &str, id: &str) -> bool {
    let words = |name: &str| {
        let mut before = b' ';
        let mut starts = Vec::new();
        for byte in name.bytes() {
            if byte != b'_' {
                starts.push(before == b'_' || byte.is_ascii_uppercase() && before.is_ascii_lowercase());
            }
            before = byte;
        }
        starts
    };
    words(name).starts_with(&words(id))
}

/// What a method belongs to.
enum Receiver {
    /// Nothing.
    None,
    /// Something that is not named after an API.
    Other,
    /// Something that is, and where its name starts.
    Api(usize, Apis),
}

/// So far back the receiver is looked for, in bytes.
const BACK: usize = 200;

/// What stands before a method: `accountingApi.`, `$this->accountingApi->`, `AccountingApi.getInstance(client).`.
fn receiver(before: &str) -> Receiver {
    let Some(before) = without_connector(before) else { return Receiver::None };
    let mut rest = before;
    if rest.ends_with(')') {
        // What makes one: a constructor, or `getInstance`.
        let Some(made) = without_arguments(rest) else { return Receiver::Other };
        rest = made;
        let (front, name) = last_identifier(rest);
        if plain(name) == "getinstance" {
            rest = without_connector(front).unwrap_or("");
        }
    }
    let (front, name) = last_identifier(rest);
    Apis::named_by(name).map_or(Receiver::Other, |apis| Receiver::Api(front.len(), apis))
}

/// What stands before a `.`, `?.`, `!.`, `&.`, `::` or `->` at the end, white space aside.
fn without_connector(text: &str) -> Option<&str> {
    let text = text.trim_end();
    let text = ["->", "::", "."].into_iter().find_map(|connector| text.strip_suffix(connector))?;
    Some(text.strip_suffix(['?', '!', '&']).unwrap_or(text).trim_end())
}

/// What stands before the brackets at the end.
fn without_arguments(text: &str) -> Option<&str> {
    let mut depth = 0_usize;
    for (back, byte) in text.bytes().rev().take(BACK).enumerate() {
        match byte {
            b')' => depth = depth.saturating_add(1),
            b'(' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            let open = text.len().checked_sub(back.checked_add(1)?)?;
            let before = text.get(..open)?.trim_end();
            // `(new AccountingApi(…))->`
            let inside = text.get(open..)?.strip_suffix(')')?.trim_end();
            return if before.ends_with(|c: char| c.is_ascii_alphanumeric()) || !inside.ends_with(')') {
                Some(before)
            } else {
                without_arguments(text.get(..open.checked_add(inside.len())?)?)
            };
        }
    }
    None
}

/// Whether a text begins with arguments, and whether there are none in the brackets.
fn arguments(text: &str) -> (bool, bool) {
    let inside = text.trim_start_matches([' ', '\t']).strip_prefix('(');
    (inside.is_some(), inside.is_some_and(|inside| inside.trim_start().starts_with(')')))
}

/// Whether the method at `start..end`, which belongs to nothing, is declared here and not called.
fn is_declaration(text: &str, start: usize, end: usize) -> bool {
    let before = tail(text.get(..start).unwrap_or_default(), BACK);
    let behind = head(text.get(end..).unwrap_or_default(), BACK);
    let line = before.rsplit('\n').next().unwrap_or_default().trim_end();
    let Some(last) = line.chars().next_back() else {
        let rest = behind.lines().next().unwrap_or_default().trim_end();
        return rest.ends_with('{') && !rest.contains("=>");
    };
    if last.is_ascii_alphanumeric() || last == '_' {
        let (_, word) = last_identifier(line);
        return !["await", "return", "yield", "and", "or", "not", "in", "else", "of", "then", "do", "case"]
            .contains(&word);
    }
    last == '>' && !line.ends_with("=>") && !line.ends_with("->") || last == ']'
}
