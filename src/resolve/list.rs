//! Lists that people write: a call on each line, in tables and in CSV.

use super::ledger::Ledger;
use super::lines;

/// Reads the whole text.
pub(super) fn read(ledger: &mut Ledger<'_>) {
    lines::read(ledger);
}
