//! A recording as JSON.

use super::instant::written as time;
use super::{Recorded, RecordedCall, RecordedRun, RunId, Usage};

/// The version of the form of recordings.
pub(in crate::resolve) const VERSION: u64 = 2;

impl Usage {
    /// Writes it as JSON with a line for each call. No text in it has to be escaped.
    pub fn written(&self) -> String {
        let runs: Vec<String> = self.runs.iter().map(|(id, run)| one(*id, run)).collect();
        let end = if runs.is_empty() { "" } else { "\n  " };
        format!("{{\n  \"xeroUsage\": {VERSION},\n  \"runs\": [{}{end}]\n}}\n", runs.join(","))
    }
}

fn one(RunId(id): RunId, run: &RecordedRun) -> String {
    let watched = run.watched;
    let span = watched.span.map(|(first, last)| span(&time(first), &time(last))).unwrap_or_default();
    // Operations come before the others.
    let known = run.calls.partition_point(|(call, _)| matches!(call, RecordedCall::Operations(_)));
    let (known, others) = run.calls.split_at_checked(known).unwrap_or_default();
    format!(
        "\n    {{\n      \"run\": \"{id:016x}\",\n      \"watched\": {{ \"processes\": {}, \"seconds\": {}{span} }},\n      \
         \"calls\": [{}],\n      \"notKnown\": [{}]\n    }}",
        watched.processes,
        watched.seconds,
        list(known),
        list(others)
    )
}

fn list(calls: &[(RecordedCall, Recorded)]) -> String {
    let lines: Vec<String> =
        calls.iter().map(|(call, counts)| format!("\n        {{ {} }}", line(call, counts))).collect();
    if lines.is_empty() { String::new() } else { format!("{}\n      ", lines.join(",")) }
}

fn line(call: &RecordedCall, counts: &Recorded) -> String {
    let what = match call {
        RecordedCall::Operations(keys) => format!("\"operations\": [\"{}\"]", keys.join("\", \"")),
        RecordedCall::NotKnown { method, base: Some(base) } => {
            format!("\"method\": \"{method}\", \"base\": \"{base}\"")
        }
        RecordedCall::NotKnown { method, base: None } => format!("\"method\": \"{method}\""),
    };
    let Recorded { times, first, last } = *counts;
    format!("{what}, \"times\": {times}{}", span(&time(first), &time(last)))
}

fn span(first: &str, last: &str) -> String {
    format!(", \"first\": \"{first}\", \"last\": \"{last}\"")
}
