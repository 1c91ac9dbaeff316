//! What the processes of a fleet share through a store with one operation, compare-and-swap of a small text: the access token of a
//! custom connection.
//!
//! [`Fleet`] is the machine of one process. Before it asks Xero for a token it looks at the [`TokenRecord`] of all. A token there
//! that is good is adopted. Otherwise the process claims the request, asks, and puts the token there for the others. A driver
//! reports events ([`FleetEvent`]) and performs the actions ([`FleetAction`]) in order; `tests/fleet_walk.rs` walks through them with
//! one to twenty processes.
//!
//! The store is never needed: while it is away, each process uses its token until it ends, and then asks for its own.

mod board;
pub mod board_codec;
pub mod codec;
mod config;
mod event;
mod link;
mod machine;
mod member;
pub mod member_wire;
mod own;
mod record;
mod share;
pub mod shown;
pub mod wire;

pub use board::{Board, BoardMember, BoardTurn, BoardVerdict, MOST_MEMBERS, PlaceLease};
pub use config::FleetConfig;
pub use event::{DocumentFound, DocumentSwap, FleetAction, FleetEvent, FleetNotice, SharedToken, TokenWant};
pub use machine::Fleet;
pub use member::FleetMember;
pub use record::{RequestClaim, SharedRefusal, TokenRecord};
pub use share::{MemberAction, MemberConfig, MemberEvent};
