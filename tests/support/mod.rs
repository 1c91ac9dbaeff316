//! Random numbers, seeds and lengths for the suites that need them.
#![cfg(test)]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "a test may print and may read its environment"
)]
#![allow(dead_code, reason = "not every suite uses all of it")]

use std::env::var;
use std::hash::{BuildHasher as _, RandomState};

use serde_json::Value;
use xero_m2m::random::SplitMix64;

pub(crate) struct Random(SplitMix64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(SplitMix64::new(seed))
    }

    /// Seeded by [`seed`].
    pub(crate) fn seeded() -> Self {
        Self::new(seed())
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0.draw()
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// A place in a list of this length.
    pub(crate) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).expect("it fits")
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.index(from.len())]
    }

    pub(crate) fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }
}

/// Prints a line, which `--nocapture` shows.
pub(crate) fn report(line: &str) {
    println!("{line}");
}

/// `XERO_M2M_SEED`, or any number; it is printed, so that a failure can be repeated.
pub(crate) fn seed() -> u64 {
    let seed = number("XERO_M2M_SEED", RandomState::new().hash_one(0));
    println!("XERO_M2M_SEED={seed}");
    seed
}

/// The length of the random test `name`: its row in `tests/lengths.json`, in the column that `XERO_M2M_LENGTH` names
/// (`quick`, `full` or `long`; `full` by default). `XERO_M2M_RUNS` sets another length, to repeat a failure.
pub(crate) fn length(name: &str) -> u64 {
    let lengths: Value = serde_json::from_str(include_str!("../lengths.json")).expect("it is JSON");
    let column = var("XERO_M2M_LENGTH").unwrap_or_else(|_| "full".to_owned());
    let length = lengths[name][&column].as_u64();
    number("XERO_M2M_RUNS", length.unwrap_or_else(|| panic!("tests/lengths.json has no {name} {column}")))
}

/// The number in the environment variable `name`, or `default`.
pub(crate) fn number(name: &str, default: u64) -> u64 {
    var(name).ok().map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text}")))
}
