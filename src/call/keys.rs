//! The `Idempotency-Key`s of writes that may have been carried out.
//!
//! Xero keeps a key for six minutes from its first use (source `xero-limits`). A caller that repeats a lost write as a call of its
//! own uses the key again, so the time of that call began with the lost one.

use super::event::Now;

/// The number of keys that are known at most. The oldest is dropped.
const MOST: usize = 256;

/// The time after its first use in which a key counts, in milliseconds: Xero's six minutes, and one for clocks that differ. Then
/// Xero has surely forgotten it, and a call with it is a new one.
const KNOWN_MS: u64 = 420_000;

/// Keys of callers, each with the instant of its first use, in the order of these.
#[derive(Debug, Default)]
pub(super) struct OwnKeys(Vec<(String, Now)>);

impl OwnKeys {
    /// The instant at which `key` was first used, if it still counts.
    pub(super) fn first_use(&mut self, key: &str, now: Now) -> Option<Now> {
        // The clock that has gone further counts, as everywhere about keys.
        let counts = |first: &Now| {
            now.measured < first.measured.plus(KNOWN_MS) && now.measured < now.to_measured(first.clock.plus(KNOWN_MS))
        };
        self.0.retain(|(_, first)| counts(first));
        self.0.iter().find(|(own, _)| own == key).map(|(_, first)| *first)
    }

    /// Takes note of a use.
    pub(super) fn used(&mut self, key: &str, now: Now) {
        if self.first_use(key, now).is_none() {
            if self.0.len() >= MOST {
                self.0.remove(0);
            }
            self.0.push((key.to_owned(), now));
        }
    }

    /// Forgets a key whose write is settled.
    pub(super) fn settled(&mut self, key: &str) {
        self.0.retain(|(own, _)| own != key);
    }
}
