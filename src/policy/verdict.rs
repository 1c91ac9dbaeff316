//! The answer of a review in one sentence, for a heading.

use super::check::{Check, Verdict};
use super::least::Required;
use crate::catalogue::AppKind;
use crate::resolve::Assumed;

/// The counts that a verdict is about.
pub(super) struct Judged<'a> {
    /// The number of scopes of the question.
    pub(super) scopes: usize,
    /// The kind of app.
    pub(super) app: AppKind,
    /// The number of places that were not read or are not in the catalogue.
    pub(super) not_understood: usize,
    /// The scopes that the calls require; `None` if no calls were given.
    pub(super) required: Option<&'a Required>,
    /// The calls that the scopes of the connection allow.
    pub(super) checked: Option<&'a Check>,
}

/// Returns the sentence, without a full stop: `Five scopes are enough for what was read`.
///
/// A limit of the answer is always in it: operations that no scope opens, places that were not read, a recording, assumed methods.
pub(super) fn verdict(judged: &Judged<'_>) -> String {
    let Some(required) = judged.required.filter(|required| !required.calls.is_empty()) else {
        return match judged.scopes {
            _ if judged.not_understood > 0 => "No call is known".to_owned(),
            0 => "Neither scopes nor calls are known".to_owned(),
            count if judged.app == AppKind::Custom => format!("{} configured", opening(count, "scope")),
            count => format!("{} asked for", opening(count, "scope")),
        };
    };
    let closed = required.unopenable.len();
    let what = match required.scopes.len() {
        0 if closed > 0 => "No scope opens these calls".to_owned(),
        0 => "No scope is needed".to_owned(),
        count if closed > 0 => {
            let verb = if count == 1 { "opens" } else { "open" };
            format!("{} {verb} all but {}", opening(count, "scope"), super::phrases::count(closed as u64, "operation"))
        }
        count => format!("{} {} enough", opening(count, "scope"), if count == 1 { "is" } else { "are" }),
    };
    let is_assumed = required.calls.iter().any(|call| call.assumed == Some(Assumed::Get));
    if judged.not_understood > 0 {
        format!("{what} for what was read")
    } else if required.recorded.is_some_and(|basis| basis.only > 0) {
        format!("{what} for what ran while it was recorded")
    } else if is_assumed && judged.checked.is_none_or(|checked| checked.verdict != Verdict::Allowed) {
        format!("{what} if calls without a method only read")
    } else {
        what
    }
}

/// Returns a count as it begins a sentence: `Two scopes`.
fn opening(count: usize, one: &str) -> String {
    const WORDS: [&str; 11] = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"];
    let number = WORDS.get(count).map_or_else(|| count.to_string(), |word| (*word).to_owned());
    format!("{number} {one}{}", if count == 1 { "" } else { "s" })
}
