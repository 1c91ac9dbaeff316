//! From requests to counts.

use super::{OTHER, Recorded, RecordedCall, RecordedRun};
use crate::catalogue::{OPERATIONS, Operation};
use crate::request::route::{base_of, method_name};
use crate::resolve::door::operations_of;
use crate::resolve::ledger::with_other_apis;
use crate::resolve::target::{Target, target};

impl RecordedRun {
    /// Counts requests with this method to this URL, if it leads to Xero's API: to its host, or to another one by a path with
    /// the base of an API, as a proxy or a local Xero has it. Requests for tokens are no calls.
    pub fn note(&mut self, method: &str, url: &str, counts: Recorded) {
        let path = match target(url) {
            Target::Api(path) => Some(path),
            Target::Base => None,
            Target::SignIn | Target::Elsewhere => return,
        };
        let rows = if path.is_some() { operations_of(method, url) } else { Vec::new() };
        let base = || path.as_deref().and_then(base_of);
        self.count(called(rows).unwrap_or_else(|| not_known(method, base())), counts);
    }

    /// Counts requests of the operation with this key, as the client reports it; empty if it does not know the operation.
    pub fn note_operation(&mut self, method: &str, key: &str, counts: Recorded) {
        let row = (0_u16..).zip(OPERATIONS.iter()).find(|(_, own)| own.key() == key);
        let rows = row.map(|(row, _)| with_other_apis(row)).unwrap_or_default();
        self.count(called(rows).unwrap_or_else(|| not_known(method, None)), counts);
    }
}

fn called(rows: Vec<u16>) -> Option<RecordedCall> {
    let keys = rows.into_iter().filter_map(|row| OPERATIONS.get(usize::from(row)).map(Operation::key));
    let keys: Vec<_> = keys.collect();
    (!keys.is_empty()).then_some(RecordedCall::Operations(keys))
}

fn not_known(method: &str, base: Option<&'static str>) -> RecordedCall {
    RecordedCall::NotKnown { method: method_name(method).unwrap_or(OTHER), base }
}
