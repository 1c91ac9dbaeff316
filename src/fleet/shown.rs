//! The documents of a fleet as a person may see them: nothing in them is secret.

use super::board::Board;
use super::record::TokenRecord;
use super::{board_codec, codec};
use crate::crossing::Taken;
use crate::limits::{Admission, KnownWindow, LimitsConfig, Priority};
use crate::time::Timestamp;

/// The states of a document, as the member `is` has them.
const STATES: &[&str] = &["empty", "foreign", "held"];

/// The names of the parts of a board, by their numbers, as their member `part` has them.
pub const PARTS: &[&str] = &["board", "window", "member"];

/// The windows, as the member `name` has them.
const WINDOWS: &[&str] = &["minute", "day", "app_minute"];

/// The place of the state of a document in [`STATES`].
const fn state<T>(document: Option<&str>, read: Option<&T>) -> u8 {
    match (read, document) {
        (Some(_), _) => 2,
        (None, Some(_)) => 1,
        (None, None) => 0,
    }
}

/// Writes the state of the record of the token at an instant of the store's clock. `None` for a store without a document.
pub fn record(document: Option<&str>, at: Timestamp, out: &mut impl Taken) {
    let record = document.and_then(codec::read);
    out.word("is", STATES, state(document, record.as_ref()));
    let record = record.unwrap_or_default();
    let TokenRecord { generation, obtained_at, expires_at, claim, refusal, sealed } = &record;
    let is_there = sealed.is_some();
    count("generation", is_there.then_some(*generation), out);
    instant("obtainedAt", is_there.then_some(*obtained_at), out);
    instant("expiresAt", is_there.then_some(*expires_at), out);
    let claim = claim.filter(|claim| at < claim.until);
    count("claimedBy", claim.map(|claim| claim.owner), out);
    instant("claimedUntil", claim.map(|claim| claim.until), out);
    let refusal = refusal.as_ref().filter(|refusal| at < refusal.until);
    out.optional_text("refused", refusal.map(|refusal| refusal.code.as_str()));
    instant("refusedUntil", refusal.map(|refusal| refusal.until), out);
}

/// Writes the parts of the board in a document at an instant of the store's clock: what ran out by then is over. `None` for a store
/// without a document.
pub fn board(document: Option<&str>, at: Timestamp, out: &mut impl Taken) {
    let mut board = document.and_then(|text| board_codec::read(text, LimitsConfig::default()));
    if let Some(board) = &mut board {
        board.advance(at);
    }
    head(state(document, board.as_ref()), board.as_ref(), out);
    let Some(board) = board else { return };
    for name in 0..3 {
        window(name, &board.admission, out);
    }
    for member in &board.members {
        process(member.owner, &board, out);
    }
    for lease in &board.leases {
        // A process that was forgotten may still hold something.
        if board.member(lease.owner).is_none() {
            process(lease.owner, &board, out);
        }
    }
}

/// Writes the board itself.
pub fn head(is: u8, board: Option<&Board>, out: &mut impl Taken) {
    let admission = board.map(|board| &board.admission);
    let paused = admission.and_then(Admission::paused_until);
    let over = admission.and_then(|admission| admission.day_over_beside(Priority::High, 0));
    out.action(0);
    out.word("is", STATES, is);
    instant("pausedUntil", paused, out);
    instant("dayOverUntil", over.map(|day| day.until), out);
}

/// Writes one of Xero's windows, by the place of its name.
pub fn window(name: u8, admission: &Admission, out: &mut impl Taken) {
    let KnownWindow { left, size, ends } = admission.known_window(name.into());
    out.action(1);
    out.word("name", WINDOWS, name);
    count("left", left, out);
    count("size", size, out);
    instant("endsFrom", ends.map(|(from, _)| from), out);
    instant("endsTo", ends.map(|(_, to)| to), out);
}

/// Writes a process: what it holds, and the calls that wait in it.
pub fn process(owner: u32, board: &Board, out: &mut impl Taken) {
    let (member, lease) = (board.member(owner), board.lease(owner));
    out.action(2);
    out.number("process", owner.into());
    out.number("places", lease.map_or(0, |lease| lease.places).into());
    out.number("calls", lease.map_or(0, |lease| lease.calls).into());
    instant("until", lease.map(|lease| lease.ends), out);
    out.number("waiting", member.map_or(0, |member| member.wants).into());
    out.flag("urgent", member.is_some_and(|member| member.urgent));
}

fn count(name: &'static str, value: Option<u32>, out: &mut impl Taken) {
    out.optional_number(name, value.map(f64::from));
}

fn instant(name: &'static str, value: Option<Timestamp>, out: &mut impl Taken) {
    out.optional_number(name, value.map(Timestamp::as_js));
}
