//! The reports of the accounting API, counted from the ledger.

mod aged;
mod balance_sheet;
mod bank_summary;
pub(in crate::simulator) mod budget;
mod executive_summary;
pub(in crate::simulator) mod period;
mod profit_and_loss;
pub(in crate::simulator) mod request;
mod table;
mod trial_balance;
