//! Pseudo-random values from the seed: the same seed gives the same company, ids and tokens everywhere.

use core::fmt;

use crate::random::SplitMix64;

/// A sequence of random values.
#[derive(Clone, Debug)]
pub(super) struct Random(SplitMix64);

impl Random {
    /// The sequence number `stream` of `seed`.
    pub(super) const fn new(seed: u64, stream: u64) -> Self {
        Self(SplitMix64::stream(seed, stream))
    }

    /// The state, from which [`Self::from_state`] goes on.
    pub(super) const fn state(&self) -> u64 {
        self.0.state()
    }

    /// The sequence that goes on from a state.
    pub(super) const fn from_state(state: u64) -> Self {
        Self(SplitMix64::new(state))
    }

    const fn next(&mut self) -> u64 {
        self.0.draw()
    }

    /// 32 bytes.
    pub(super) fn bytes(&mut self) -> Vec<u8> {
        (0..4).flat_map(|_| self.next().to_be_bytes()).collect()
    }

    /// 64 bits: the seed of something that has sequences of its own.
    pub(super) const fn whole(mut self) -> u64 {
        self.next()
    }

    /// A number from 0 to `bound - 1`; 0 for a bound of 0. The bias of the remainder does not matter for a demo company.
    pub(super) const fn below(&mut self, bound: u64) -> u64 {
        match self.next().checked_rem(bound) {
            Some(number) => number,
            None => 0,
        }
    }

    /// Returns true in `percent` of a hundred draws.
    pub(super) const fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// A row of a table; `None` if it is empty.
    pub(super) fn pick<'a, T>(&mut self, table: &'a [T]) -> Option<&'a T> {
        let rows = u64::try_from(table.len()).unwrap_or(u64::MAX);
        table.get(usize::try_from(self.below(rows)).unwrap_or(0))
    }

    /// A UUID of version 4 (RFC 9562 section 5.4).
    pub(super) fn uuid(&mut self) -> Uuid {
        let bits = u128::from(self.next()) << 64 | u128::from(self.next());
        let version = bits & !(0xF << 76) | 0x4 << 76;
        Uuid(version & !(0x3 << 62) | 0x2 << 62)
    }

    /// 32 hexadecimal digits.
    pub(super) fn hex(&mut self) -> String {
        format!("{:016x}{:016x}", self.next(), self.next())
    }
}

/// A UUID, written in lower case with hyphens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Uuid(u128);

impl Uuid {
    /// All zeros, as Xero writes it for a record without an id.
    pub(super) const NIL: Self = Self(0);

    /// Reads a UUID in any case, with its hyphens or without any.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let hyphens = [8, 13, 18, 23];
        let placed = text.len() == 36 && text.char_indices().all(|(at, c)| (c == '-') == hyphens.contains(&at));
        let digits: String = text.chars().filter(|&c| c != '-').collect();
        let hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        ((placed || text.len() == 32) && digits.len() == 32 && hex)
            .then(|| u128::from_str_radix(&digits, 16).ok().map(Self))
            .flatten()
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |shift: u32, mask: u128| self.0.wrapping_shr(shift) & mask;
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            part(96, 0xFFFF_FFFF),
            part(80, 0xFFFF),
            part(64, 0xFFFF),
            part(48, 0xFFFF),
            part(0, 0xFFFF_FFFF_FFFF)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_of_version_4_and_survive_the_round_trip() {
        let mut random = Random::new(7, 0);
        for _ in 0..1_000 {
            let uuid = random.uuid();
            let text = uuid.to_string();
            assert_eq!(text.as_bytes()[14], b'4', "{text}");
            assert!(matches!(text.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{text}");
            assert_eq!(Uuid::parse(&text.to_uppercase()), Some(uuid), "{text}");
        }
        for text in ["", "INV-0001", "0-000000-0000-0000-0000-000000000000", "+0000000-0000-0000-0000-000000000000"] {
            assert_eq!(Uuid::parse(text), None, "{text}");
        }
    }
}
