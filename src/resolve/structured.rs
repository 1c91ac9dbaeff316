//! Objects in JSON and YAML, whose members say what is called.

use super::har;
use super::ledger::Ledger;

/// Reads the whole text.
pub(super) fn read(ledger: &mut Ledger<'_>) {
    har::read(ledger);
}
