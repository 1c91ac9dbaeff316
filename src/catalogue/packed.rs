//! The operations, packed while compiling: in a small wasm module a pointer for each text is what weighs.

#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "all of it happens while compiling")]
#![expect(clippy::cast_possible_truncation, clippy::large_stack_arrays, reason = "checked; and no stack is used")]

use super::tables::ROWS;
use super::{ApiId, Method, Operation, Paging};

/// An operation as the generator writes it.
pub(super) struct Row {
    pub(super) api: ApiId,
    pub(super) method: Method,
    pub(super) paging: Paging,
    /// Which combination of scopes it needs.
    pub(super) needs: u8,
    pub(super) path: &'static str,
    pub(super) id: &'static str,
}

/// Every operation, in the order of API base, path, method and API.
pub static OPERATIONS: &[Operation] = &operations();

/// Path and id of each operation, one behind the other.
pub(super) static TEXTS: &str = match core::str::from_utf8(&texts()) {
    Ok(texts) => texts,
    Err(_) => "",
};

const fn operations() -> [Operation; ROWS.len()] {
    const NONE: Operation =
        Operation { api: ApiId(0), method: Method::Get, paging: Paging::None, needs: 0, path_len: 0, id_len: 0, at: 0 };
    let mut operations = [NONE; ROWS.len()];
    let (mut row, mut at) = (0, 0);
    while row < ROWS.len() {
        let Row { api, method, paging, needs, path, id } = &ROWS[row];
        assert!(path.len() < 256 && id.len() < 256 && at < 65_536, "too long for a packed operation");
        operations[row] = Operation {
            api: *api,
            method: *method,
            paging: *paging,
            needs: *needs,
            path_len: path.len() as u8,
            id_len: id.len() as u8,
            at: at as u16,
        };
        at += path.len() + id.len();
        row += 1;
    }
    operations
}

const fn length() -> usize {
    let (mut row, mut length) = (0, 0);
    while row < ROWS.len() {
        length += ROWS[row].path.len() + ROWS[row].id.len();
        row += 1;
    }
    length
}

const fn texts() -> [u8; length()] {
    let mut texts = [0; length()];
    let (mut row, mut at) = (0, 0);
    while row < ROWS.len() {
        let (path, id) = (ROWS[row].path.as_bytes(), ROWS[row].id.as_bytes());
        let mut byte = 0;
        while byte < path.len() + id.len() {
            texts[at] = if byte < path.len() { path[byte] } else { id[byte - path.len()] };
            byte += 1;
            at += 1;
        }
        row += 1;
    }
    texts
}
