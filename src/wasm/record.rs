//! Bindings of the recorder: the run of one process.

use std::cell::Cell;

use wasm_bindgen::prelude::wasm_bindgen;

use super::memory;
use crate::crossing::{ByteReader, Given as _, Taken as _, saturated};
use crate::error::{Code, Error};
use crate::resolve::{Recorded, RecordedRun, RunId, Usage, Watched};
use crate::time::Timestamp;

thread_local! {
    static RUN: Cell<RecordedRun> = Cell::default();
}

/// Counts the requests in the input, of one method to one URL: `Counted` of `pkg/src/shared/counted.ts`.
#[wasm_bindgen]
pub fn note(length: u32) -> u32 {
    memory::answer(length, &mut |given, _| {
        let (method, url) = (given.text("method"), given.text("url"));
        let times = saturated(given.number("times")).max(1);
        let (first, last) = (time(given, "first"), time(given, "last"));
        let mut run = RUN.take();
        run.note(method, url, Recorded { times, first: first.min(last), last: first.max(last) });
        RUN.set(run);
        Ok(())
    })
}

/// Writes the recording of the run with the number in the input, which was watched between the times in the input.
#[wasm_bindgen]
pub fn recording(length: u32) -> u32 {
    memory::answer(length, &mut |given, out| {
        let id = RunId::parse(given.text("run"))
            .ok_or_else(|| Error::new(Code::InvalidOption, "run is not 16 hexadecimal digits in lower case"))?;
        let mut run = RUN.take();
        run.watched = Watched::one(time(given, "from"), time(given, "until"));
        out.text("text", &Usage::one(id, run.clone()).written());
        RUN.set(run);
        Ok(())
    })
}

fn time(given: &ByteReader<'_>, name: &'static str) -> Timestamp {
    given.optional_number(name).and_then(Timestamp::from_js).unwrap_or_default()
}
