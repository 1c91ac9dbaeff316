//! Xero's hosts and bases in texts from which no call came.

use super::found::Why;
use super::ledger::Ledger;
use super::scan::position;
use super::target::{bare, shown};

/// Reports the first place where the open text names the host or a base of Xero's API, if it does.
pub(super) fn say(ledger: &mut Ledger<'_>) {
    let text = ledger.text;
    let found = [position(text, "api.xero.com"), position(text, ".xro/")].into_iter().flatten().min();
    let Some(at) = found else { return };
    let is_edge = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '(' | '[' | '=' | ',');
    let start = text.get(..at).and_then(|before| before.rfind(is_edge)).map_or(0, |edge| edge.saturating_add(1));
    let (offset, written) = shown(bare(text.get(start..).unwrap_or_default()));
    ledger.unread(Why::NoCall, None, written, start.saturating_add(offset), |_| Vec::new());
}
