//! Names of APIs and ids of operations, however their words are joined: `getInvoices`, `get_invoices`, `GetInvoicesAsync`.

use super::ledger::{Ledger, Outcome};
use super::nearest;
use super::scan::is_identifier;
use super::target::{shown, unlisted};
use crate::catalogue::{APIS, ApiId, OPERATIONS, Operation, WITHDRAWN, Withdrawn};

/// A set of APIs: bit `n` is row `n` of [`APIS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Apis(pub(super) u16);

impl Apis {
    pub(super) const NONE: Self = Self(0);
    pub(super) const ALL: Self = Self(u16::MAX);

    pub(super) fn has(self, operation: &Operation) -> bool {
        self.contains(operation.api)
    }

    pub(super) const fn contains(self, api: ApiId) -> bool {
        self.0.wrapping_shr(api.0 as u32) & 1 == 1
    }

    /// The APIs that an identifier is named after: `accountingApi`, `payroll_nz_api`, `_payrollUkApi`, `accounting`;
    /// [`Apis::ALL`] for `api`, `apiInstance` and `apiClient`.
    pub(super) fn named_by(identifier: &str) -> Option<Self> {
        let mut name = plain(identifier);
        let mut exact = true;
        for suffix in ["apiinstance", "apiclient", "api"] {
            if let Some(stem) = name.strip_suffix(suffix) {
                exact = false;
                name.truncate(stem.len());
                break;
            }
        }
        if name.is_empty() && !exact {
            return Some(Self::ALL);
        }
        let fits = |end: &str| name == end || !exact && name.ends_with(end);
        let rows = |fits: &dyn Fn(&str) -> bool| {
            let bit = |row: usize| 1_u16.wrapping_shl(u32::try_from(row).unwrap_or_default());
            APIS.iter().enumerate().filter(|(_, api)| fits(&plain(api.name))).fold(0, |set, (row, _)| set | bit(row))
        };
        let one = rows(&|api| fits(api) || api.strip_suffix('s').is_some_and(fits));
        let set = if one != 0 || !fits("payroll") { one } else { rows(&|api| api.starts_with("payroll")) };
        (set != 0).then_some(Self(set))
    }
}

/// Finds operations by id, however its words are joined.
#[derive(Default)]
pub(super) struct Ids(Vec<(u32, u16)>);

impl Ids {
    /// The rows whose ids are `name` but for case and underscores.
    pub(super) fn find(&mut self, name: &str) -> Vec<u16> {
        if self.0.is_empty() {
            self.0 = (0_u16..).zip(OPERATIONS.iter()).map(|(row, operation)| (hash(operation.id()), row)).collect();
            self.0.sort_unstable();
        }
        // What SDKs append for other forms of the same call: one of these, or two.
        let suffixes = ["WithHttpInfo", "_with_http_info", "ForHttpResponse", "Async", "_async"];
        let stem = |name: &'_ str| suffixes.into_iter().find_map(|suffix| name.strip_suffix(suffix)).map(str::len);
        let shorter = |length: usize| stem(name.get(..length)?);
        let lengths = core::iter::successors(Some(name.len()), |length| shorter(*length)).take(3);
        lengths
            .map(|length| self.exactly(name.get(..length).unwrap_or_default()))
            .find(|rows| !rows.is_empty())
            .unwrap_or_default()
    }

    fn exactly(&self, name: &str) -> Vec<u16> {
        let key = hash(name);
        let start = self.0.partition_point(|(hash, _)| *hash < key);
        let same = self.0.get(start..).unwrap_or_default().iter().take_while(|(hash, _)| *hash == key);
        let is_it =
            |row: &u16| OPERATIONS.get(usize::from(*row)).is_some_and(|own| letters(own.id()).eq(letters(name)));
        same.map(|(_, row)| *row).filter(is_it).collect()
    }
}

pub(super) fn letters(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().filter(|byte| *byte != b'_').map(|byte| byte.to_ascii_lowercase())
}

/// FNV-1a.
fn hash(name: &str) -> u32 {
    letters(name).fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

pub(super) fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// The way in which the names of calls begin: the words of the catalogue, and some that people take for them.
#[rustfmt::skip]
const VERBS: [&str; 19] = [
    "add", "approve", "create", "delete", "email", "fetch", "find", "get", "list", "patch", "post", "put", "register", "reject",
    "revert", "save", "send", "update", "upload",
];

/// The operation with this id that one of these APIs had and that Xero withdrew.
pub(super) fn withdrawn(apis: Apis, name: &str) -> Option<&'static Withdrawn> {
    WITHDRAWN.iter().find(|gone| apis.contains(gone.api) && letters(gone.id).eq(letters(name)))
}

/// Returns whether a name is a verb with something behind it: `getX`, `get_x`, `GetX`.
pub(super) fn is_verb(name: &str) -> bool {
    let bytes = name.as_bytes();
    let Some(first) = bytes.first().map(u8::to_ascii_lowercase) else { return false };
    // `CREATED` is a word, and no verb with something behind it.
    let starts_word = |at: usize| match bytes.get(at) {
        Some(b'_') => true,
        Some(byte) => byte.is_ascii_uppercase() && !bytes.get(1).is_some_and(u8::is_ascii_uppercase),
        None => false,
    };
    VERBS.into_iter().any(|verb| {
        verb.as_bytes().first() == Some(&first)
            && starts_word(verb.len())
            && bytes.get(..verb.len()).is_some_and(|front| front.eq_ignore_ascii_case(verb.as_bytes()))
    })
}

/// Returns whether a word is an id that stands for itself, such as `getInvoices` or `payroll-nz.getEmployees()`.
pub(super) fn is_id(word: &str) -> bool {
    parts(word.trim_end_matches("()")).is_some()
}

/// Returns whether a word is the call of a method whose owner has a name that other programs have as well: `files.getFile()`. An id
/// with a hyphen, `payroll-nz.getEmployees()`, is none of them.
fn is_call(word: &str) -> bool {
    word.strip_suffix("()").and_then(|word| word.split_once('.')).is_some_and(|(api, _)| !api.contains('-'))
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
pub(super) fn take(ledger: &mut Ledger<'_>, id: &str, at: usize) {
    let Some((apis, name)) = parts(id) else { return };
    let known = rows_in(&ledger.ids.find(name), apis);
    if known.is_empty() {
        match withdrawn(apis, name) {
            Some(gone) => ledger.gone(None, shown(id).1, at, gone),
            // In a file of a project, names are the project's own.
            None if ledger.is_found => {}
            None => {
                ledger.unresolved(None, shown(id).1, at, |_| nearest::by_id(name, |operation| apis.has(operation)));
            }
        }
    } else {
        let rows = narrowed(known, name, ledger.named);
        ledger.call(rows, shown(id).1, at, None);
    }
}

pub(super) fn rows_in(rows: &[u16], apis: Apis) -> Vec<u16> {
    let is_in = |row: &u16| OPERATIONS.get(usize::from(*row)).is_some_and(|operation| apis.has(operation));
    rows.iter().copied().filter(is_in).collect()
}

/// Of several rows those of an API that was named, then those whose words are joined as in `name`: `getPaySlip` is not
/// `getPayslip`.
pub(super) fn narrowed(rows: Vec<u16>, name: &str, named: Apis) -> Vec<u16> {
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

/// Returns whether `name` begins its words where `id` does.
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

/// Returns whether a word is the id of an operation.
pub(super) fn is_known(ledger: &mut Ledger<'_>, word: &str) -> bool {
    parts(word.trim_end_matches("()")).is_some_and(|(apis, name)| !rows_in(&ledger.ids.find(name), apis).is_empty())
}

/// Takes the cells of a row that are ids of operations: `getInvoices,120`, `| getInvoices | reads |`.
pub(super) fn cells(ledger: &mut Ledger<'_>, start: usize, line: &str) -> Outcome {
    let mut outcome = Outcome::Other;
    let mut at = start;
    for piece in line.split_inclusive([',', ';', '|', '\t']) {
        let cell = piece.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|' | '"' | '\'' | '`'));
        if piece.len() < line.len() && is_id(cell) && !is_call(cell) && is_known(ledger, cell) {
            let offset = piece.find(cell).unwrap_or_default();
            take(ledger, cell.trim_end_matches("()"), at.saturating_add(offset));
            outcome = Outcome::Call;
        }
        at = at.saturating_add(piece.len());
    }
    outcome
}

/// A line of nothing but operation ids, or `operationId:` and one.
pub(super) fn line(ledger: &mut Ledger<'_>, start: usize, line: &str) -> Outcome {
    let list = unlisted(line).trim_end();
    let list = list.trim_start_matches(['"', '\'']).strip_prefix("operationId").map_or(list, |value| {
        value.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ':' | '='))
    });
    let at = start.saturating_add(line.trim_end().len()).saturating_sub(list.len());
    let is_gap = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|' | '"' | '\'' | '`' | '[' | ']');
    let words = || list.split(is_gap).filter(|word| !word.is_empty());
    if !words().all(is_id) || !ledger.of_xero && words().any(is_call) {
        return Outcome::Other;
    }
    let mut outcome = Outcome::Other;
    let mut at = at;
    for piece in list.split_inclusive(is_gap) {
        let word = piece.trim_end_matches(is_gap);
        if !word.is_empty() {
            take(ledger, word.trim_end_matches("()"), at);
            outcome = Outcome::Call;
        }
        at = at.saturating_add(piece.len());
    }
    outcome
}
