//! The ledger: every document of the books as lines of debit and credit, in the currency of the organisation.
//!
//! It is counted anew from the documents whenever it is asked for, and never stored, so that no figure can differ from its
//! documents. The lines of each posting add up to zero.

pub(in crate::simulator) mod chart;
pub(in crate::simulator) mod document;
pub(in crate::simulator) mod money;
pub(in crate::simulator) mod postings;
pub(in crate::simulator) mod settled;
