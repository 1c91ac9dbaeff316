//! The operations, packed by the generator and at compile time. In a small wasm module the pointers to the texts would take most of
//! the space, and then the texts: most of a path is in the path before, and most of an id is in its path.

#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs at compile time only")]

use std::sync::LazyLock;

use super::rows::{ApiId, Method, Operation, OperationRow, Paging};
use super::tables::ROWS;

/// Every operation, in the order of API base, path, method and API. Unpacked on first use.
pub static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let mut texts = TEXTS.split('\n');
    let mut next = || texts.next().unwrap_or_default();
    let mut before = "";
    let unpack = |&(api, method, paging, needs, takes_key, takes_since, id_only): &Packed| {
        let path = unpacked_path(before, next());
        before = path;
        Operation { api, method, paging, takes_key, takes_since, needs, id_only, path, id: unpacked_id(path, next()) }
    };
    PACKED.iter().map(unpack).collect()
});

/// The path that the generator packed: a digit, the number of segments that it shares with the path before, and the rest.
fn unpacked_path(before: &str, packed: &str) -> &'static str {
    let mut rest = packed.chars();
    let shared = rest.next().and_then(|digit| digit.to_digit(10)).unwrap_or_default();
    let mut path = String::new();
    let segments = before.split('/').skip(1).take(shared as usize);
    for segment in segments.chain(Some(rest.as_str()).filter(|rest| !rest.is_empty())) {
        path.push('/');
        path.push_str(segment);
    }
    path.leak()
}

/// The id that the generator packed, which has a sign in the place of each text that is also in the path.
///
/// The signs are those from `!` on, three for each segment: for its whole text, and for that without its last letter or two.
fn unpacked_id(path: &str, packed: &str) -> &'static str {
    let mut id = String::new();
    for letter in packed.bytes() {
        if letter.is_ascii_alphanumeric() {
            id.push(char::from(letter));
            continue;
        }
        let sign = usize::from(letter.wrapping_sub(b'!'));
        let segment = path.split('/').skip(1).nth(sign / 3).unwrap_or_default().trim_matches(['{', '}']);
        id.push_str(segment.get(..segment.len().wrapping_sub(sign % 3)).unwrap_or_default());
    }
    id.leak()
}

/// A row without its texts.
type Packed = (ApiId, Method, Paging, u8, bool, bool, bool);

static PACKED: [Packed; ROWS.len()] = packed();

/// Path and id of each operation as the generator packed them, a line for each.
static TEXTS: &str = match core::str::from_utf8(&texts()) {
    Ok(texts) => texts,
    Err(_) => "",
};

const fn packed() -> [Packed; ROWS.len()] {
    let mut packed = [(ApiId(0), Method::Get, Paging::None, 0, false, false, false); ROWS.len()];
    let mut row = 0;
    while row < ROWS.len() {
        let OperationRow { api, method, paging, needs, takes_key, takes_since, id_only, .. } = &ROWS[row];
        packed[row] = (*api, *method, *paging, *needs, *takes_key, *takes_since, *id_only);
        row += 1;
    }
    packed
}

const fn length() -> usize {
    let (mut row, mut length) = (0, 0);
    while row < ROWS.len() {
        length += ROWS[row].path.len() + ROWS[row].id.len() + 2;
        row += 1;
    }
    length
}

const fn texts() -> [u8; length()] {
    // Bytes that the loop does not overwrite are line ends.
    let mut texts = [b'\n'; length()];
    let (mut row, mut at) = (0, 0);
    while row < ROWS.len() {
        let lines = [ROWS[row].path.as_bytes(), ROWS[row].id.as_bytes()];
        let mut line = 0;
        while line < lines.len() {
            let mut byte = 0;
            while byte < lines[line].len() {
                texts[at] = lines[line][byte];
                byte += 1;
                at += 1;
            }
            line += 1;
            at += 1;
        }
        row += 1;
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_of_all_rows_are_those_of_the_catalogue() {
        let rows: Vec<serde_json::Value> = serde_json::from_str(include_str!("operations.json")).expect("JSON");
        let mut written: Vec<_> = rows.iter().map(|row| ["api", "path", "id"].map(|key| row[key].as_str())).collect();
        let unpacked = |it: &'static Operation| [it.api.row().map(|api| api.name), Some(it.path()), Some(it.id())];
        let mut packed: Vec<_> = OPERATIONS.iter().map(unpacked).collect();
        written.sort_unstable();
        packed.sort_unstable();
        assert_eq!(written, packed);
    }

    #[test]
    fn a_text_is_unpacked_from_the_one_before() {
        assert_eq!(unpacked_path("", "0Invoices"), "/Invoices");
        assert_eq!(unpacked_path("/Invoices", "1{InvoiceID}/History"), "/Invoices/{InvoiceID}/History");
        assert_eq!(unpacked_path("/Invoices/{InvoiceID}", "2"), "/Invoices/{InvoiceID}");
        assert_eq!(unpacked_path("/Invoices/{InvoiceID}", "0Items"), "/Items");
        assert_eq!(unpacked_id("/Invoices/{InvoiceID}", "get\""), "getInvoice");
        assert_eq!(unpacked_id("/Users/{UserID}", "get&V2"), "getUserV2");
    }
}
