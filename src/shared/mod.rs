//! What several processes share through a store with one operation, compare-and-swap of a small text: the vault of the refresh
//! tokens of a login.
//!
//! A refresh token of Xero is replaced whenever it is used (rule R33), so a token that two processes use, or a successor that
//! was not saved, can cost the login. [`Vault`] is the machine of one process: it claims the tokens before it uses one, saves the
//! successor before it hands the new access token out, and keeps the used token for its grace. A driver reports events
//! ([`VaultEvent`]) and performs the actions ([`VaultAction`]) in order; `tests/vault_model.rs` walks through all orders of two processes.
//!
//! The machine never holds a token: it knows numbers, and [`Keeper`] has the texts of the tokens beside it.

pub mod codec;
mod config;
pub mod contents;
mod document;
mod event;
pub mod exchange;
mod keeper;
pub mod login;
mod outlook;
mod saving;
mod vault;
mod wants;
pub mod wire;

pub use config::VaultConfig;
pub use document::{Fresh, KnownToken, Lost, LostWhy, MOST_TOKENS, UNUSED_MS, VaultClaim, VaultDocument};
pub use event::{ExchangeFailure, HeldDocument, Notice, Opened, Swap, SwapAnswer, VaultAction, VaultEvent, Want};
pub use keeper::{Keeper, KeeperEvent, VaultState, VaultToken, Wanted};
pub use outlook::{Outlook, days_between, outlook};
pub use vault::Vault;
