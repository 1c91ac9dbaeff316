//! A board as text: its numbers, a bar, and the snapshot of its admission. Both parts have a checksum.
//!
//! The text begins with a letter, because some stores read numbers and JSON as such. A text that is not exactly of this form counts
//! as none.

use super::board::{Board, BoardMember, MOST_MEMBERS, PlaceLease};
use super::codec::MOST_BYTES;
use crate::limits::snapshot::{self, plain};
use crate::limits::{Admission, LimitsConfig};
use crate::text::words;
use crate::time::Timestamp;

/// The first word.
const NAME: &str = "xero-board";

/// The parts of a board beside its admission.
struct BoardNumbers {
    birth: u64,
    settled: u64,
    grants: u64,
    freed: Timestamp,
    leases: Vec<PlaceLease>,
    members: Vec<BoardMember>,
}

plain!(BoardNumbers { birth, settled, grants, freed, leases, members });

/// Writes a board. `None` if it would be longer than [`MOST_BYTES`].
pub fn write(board: &Board) -> Option<String> {
    let Board { birth, settled, grants, freed, .. } = *board;
    let (leases, members) = (board.leases.clone(), board.members.clone());
    let numbers = snapshot::write(NAME, &BoardNumbers { birth, settled, grants, freed, leases, members });
    let text = words![numbers.as_str(), "|", board.admission.snapshot().as_str()];
    (text.len() <= MOST_BYTES).then_some(text)
}

/// Reads a board, to be used with `config`. `None` for a text that is not one.
pub fn read(text: &str, config: LimitsConfig) -> Option<Board> {
    if text.len() > MOST_BYTES {
        return None;
    }
    let (numbers, admission) = text.split_once('|')?;
    let BoardNumbers { birth, settled, grants, freed, leases, members } = snapshot::read(NAME, numbers).ok()?;
    let admission = Admission::restore(admission, config).ok()?;
    let owners_differ = |owners: Vec<u32>| {
        owners.len() <= MOST_MEMBERS
            && (1..owners.len()).all(|at| {
                !owners.get(..at).is_some_and(|before| owners.get(at).is_some_and(|owner| before.contains(owner)))
            })
    };
    let is_sound = owners_differ(leases.iter().map(|lease| lease.owner).collect())
        && owners_differ(members.iter().map(|member| member.owner).collect());
    is_sound.then_some(Board { admission, birth, settled, grants, freed, leases, members })
}
