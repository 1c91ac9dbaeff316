//! The length of random tests: `tests/lengths.json` has a row for each of them.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::root;

/// The length of random tests: a column of `tests/lengths.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// For a look between two edits.
    Quick,
    /// As CI has it; also the length of a plain `cargo test`.
    Full,
    /// Before a release.
    Long,
}

impl Length {
    /// The name in `tests/lengths.json`, and the value of `XERO_M2M_LENGTH`.
    fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Full => "full",
            Self::Long => "long",
        }
    }

    /// Passes the length to the tests that `command` runs.
    pub fn given_to(self, command: &mut Command) -> &mut Command {
        command.env("XERO_M2M_LENGTH", self.name())
    }

    /// The length of each random test, by its name.
    pub fn table(self) -> Result<BTreeMap<String, u64>> {
        const FILE: &str = "tests/lengths.json";
        let text = fs::read_to_string(root().join(FILE)).with_context(|| format!("cannot read {FILE}"))?;
        let lengths: BTreeMap<String, BTreeMap<String, u64>> = serde_json::from_str(&text).context(FILE)?;
        let own = |(name, of): (String, BTreeMap<String, u64>)| {
            let length = *of.get(self.name()).with_context(|| format!("{FILE}: {name} has no {}", self.name()))?;
            Ok((name, length))
        };
        lengths.into_iter().map(own).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Length;

    #[test]
    fn every_random_test_has_three_lengths_in_order() {
        let [quick, full, long] = [Length::Quick, Length::Full, Length::Long].map(|length| length.table().unwrap());
        assert!(!full.is_empty());
        for (name, full) in full {
            assert!(quick[&name] <= full && full <= long[&name], "{name}");
        }
    }
}
