//! The operations, packed at compile time. In a small wasm module the pointers to the texts would take most of the space.

#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs at compile time only")]
#![expect(clippy::large_stack_arrays, reason = "runs at compile time only, where no stack is used")]

use std::sync::LazyLock;

use super::rows::{ApiId, Method, Operation, OperationRow, Paging};
use super::tables::ROWS;

/// Every operation, in the order of API base, path, method and API. Unpacked on first use.
pub static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let mut texts = TEXTS.split('\n');
    let mut next = || texts.next().unwrap_or_default();
    let unpack = |&(api, method, paging, needs, takes_key, takes_since, id_only): &Packed| Operation {
        api,
        method,
        paging,
        takes_key,
        takes_since,
        needs,
        id_only,
        path: next(),
        id: next(),
    };
    PACKED.iter().map(unpack).collect()
});

/// A row without its texts.
type Packed = (ApiId, Method, Paging, u8, bool, bool, bool);

static PACKED: [Packed; ROWS.len()] = packed();

/// Path and id of each operation, a line for each.
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
