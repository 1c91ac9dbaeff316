//! Bindings of recordings, in the module of the policy: no state, so a recording crosses as its text.

#![expect(clippy::needless_pass_by_value, reason = "wasm-bindgen hands lists over")]

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::policy::Called;
use super::protocol::{invalid, read, value, write};
use crate::error::Error;
use crate::policy;
use crate::resolve::{Recorded, RecordedRun, RunId, Usage, Watched};
use crate::time::{Date, Timestamp};

/// The recording of the run with the number `run`: that of `before`, or an empty one, with more requests. They cross as texts and numbers: for each
/// its method, its URL and the key of its operation, of which a client reports the last and the others the first; the count, the
/// first and the last time. `from` and `until` are the times between which the process was watched.
///
/// It is refused if `before` is no recording, or `run` no number of one.
#[wasm_bindgen(js_name = recordUsage, unchecked_return_type = "string | Refused")]
pub fn record_usage(
    run: &str,
    before: Option<String>,
    texts: Vec<String>,
    numbers: Vec<f64>,
    from: f64,
    until: f64,
) -> JsValue {
    value(|| {
        let mut usage =
            before.as_deref().map_or_else(|| Ok(RecordedRun::default()), |text| Ok(usage_of(text, 0)?.total()))?;
        let time = |at: f64| Timestamp::from_js(at).unwrap_or_default();
        usage.watched = Watched::one(time(from), time(until));
        for (texts, numbers) in texts.chunks_exact(3).zip(numbers.chunks_exact(3)) {
            let ([method, url, operation], [times, first, last]) = (texts, numbers) else { continue };
            // A count is a whole number, as a time in milliseconds is.
            let (times, first, last) = (time(*times).as_ms().max(1), time(*first), time(*last));
            let counts = Recorded { times, first: first.min(last), last: first.max(last) };
            if url.is_empty() {
                usage.note_operation(method, operation, counts);
            } else {
                usage.note(method, url, counts);
            }
        }
        Ok(Usage::one(id_of(run)?, usage).written().into())
    })
}

/// The union of recordings; as one run with the number `run`, if that is given.
///
/// It is refused if one of the texts is no recording; the error counts them from 0.
#[wasm_bindgen(js_name = mergeUsage, unchecked_return_type = "string | Refused")]
pub fn merge_usage(texts: Vec<String>, run: Option<String>) -> JsValue {
    value(|| {
        let mut all = Usage::default();
        for (number, text) in texts.iter().enumerate() {
            all.add(&usage_of(text, number)?);
        }
        if let Some(run) = run {
            all = Usage::one(id_of(&run)?, all.total());
        }
        Ok(all.written().into())
    })
}

/// A summary of a recording, for people: [`policy::usage_summary`].
///
/// It is refused if the text is no recording, or the day cannot be read.
#[wasm_bindgen(js_name = usageSummary, unchecked_return_type = "string | Refused")]
pub fn usage_summary(text: &str, on: &str) -> JsValue {
    value(|| {
        let on = Date::parse(on).ok_or_else(|| invalid("on is not a day written as YYYY-MM-DD"))?;
        policy::usage_summary(text, on).map(Into::into).ok_or_else(|| unreadable(0))
    })
}

/// The recordings among some texts beside the others: [`policy::ComparedUsage`] as an object.
#[wasm_bindgen(js_name = compareUsage, unchecked_return_type = "ComparedUsage | Refused")]
pub fn compare_usage(texts: Vec<String>, #[wasm_bindgen(unchecked_param_type = "Called")] called: JsValue) -> JsValue {
    value(|| {
        let called: Called = read(called)?;
        write(&policy::compare_usage(&called.texts(&texts)))
    })
}

fn usage_of(text: &str, number: usize) -> Result<Usage, Error> {
    Usage::read(text).map_err(|_| unreadable(number))
}

fn id_of(run: &str) -> Result<RunId, Error> {
    RunId::parse(run).ok_or_else(|| invalid("run is not 16 hexadecimal digits in lower case"))
}

fn unreadable(number: usize) -> Error {
    invalid(format!("text {number} is no recording that this version can read"))
}
