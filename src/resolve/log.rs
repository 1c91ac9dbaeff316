//! Entries of logs, one a line.

use super::ledger::Ledger;
use super::lines;

/// Reads the whole text.
pub(super) fn read(ledger: &mut Ledger<'_>) {
    lines::read(ledger);
}
