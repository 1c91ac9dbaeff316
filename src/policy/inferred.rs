//! Calls whose operation is inferred: Xero's specification does not have them.

use super::claim::Claim;
use super::operation::Entry;
use crate::catalogue::Confidence;
use crate::resolve::{Assumed, Found};

/// The doubt that the call needs the scopes of `entry`; `None` if the specification has the call.
pub(super) fn why_uncertain(call: &Found, entry: Entry) -> Option<Claim> {
    (call.assumed == Some(Assumed::Write)).then(|| {
        let text = format!(
            "Xero's specification has no {}; it is taken to need what every write on this path needs that it has",
            call.text
        );
        Claim::operation(entry.app().words().scopes, entry, text).at_most(Confidence::Inferred)
    })
}

/// The call as a sentence names it: as it is written where the specification does not have it, or else as the specification
/// does.
pub(super) fn called(call: &Found, entry: Entry) -> String {
    if call.assumed == Some(Assumed::Write) { call.text.clone() } else { entry.call() }
}
