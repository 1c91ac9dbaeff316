//! The memory that a module without glue shares with JavaScript, which writes what it reports into the input and reads the
//! output. Only numbers cross by themselves, so that the module needs no glue.

use std::cell::Cell;

use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroize as _;

use crate::crossing::{self, ByteReader, Writer};
use crate::error::Error;

thread_local! {
    static INPUT: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    static OUTPUT: Cell<Writer> = Cell::default();
}

/// Makes room for this many bytes in the input, and returns its address. What was written is kept, if it moves.
#[wasm_bindgen]
pub fn room(bytes: u32) -> u32 {
    let mut input = INPUT.take();
    let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    if bytes > input.len() {
        let mut larger = Vec::with_capacity(bytes);
        larger.extend_from_slice(&input);
        larger.resize(bytes, 0);
        input.zeroize();
        input = larger;
    }
    let address = address(&input);
    INPUT.set(input);
    address
}

/// Has `act` read the first `length` bytes of the input and write the output. Returns the address of the output: a byte, which is
/// 0 if `act` was refused, and what it wrote, or the error.
///
/// Nothing is thrown, so that an exception is always a trap.
pub(super) fn answer(length: u32, act: &mut dyn FnMut(&ByteReader<'_>, &mut Writer) -> Result<(), Error>) -> u32 {
    let (mut input, mut output) = (INPUT.take(), OUTPUT.take());
    let length = usize::try_from(length).unwrap_or(usize::MAX).min(input.len());
    let given = input.get_mut(..length).unwrap_or_default();
    output.clear();
    output.byte(1);
    if let Err(error) = act(&ByteReader::new(given), &mut output) {
        output.clear();
        output.byte(0);
        crossing::error(&error, &mut output);
    }
    given.zeroize();
    let address = address(output.bytes());
    INPUT.set(input);
    OUTPUT.set(output);
    address
}

fn address(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.as_ptr().addr()).unwrap_or_default()
}
