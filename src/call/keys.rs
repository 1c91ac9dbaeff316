//! The `Idempotency-Key`s of writes that may have been carried out.
//!
//! Xero keeps a key for six minutes from its first use (source `xero-limits`). A caller that repeats a lost write as a call of its
//! own uses the key again, so the time of that call began with the lost one. Later than that Xero would carry out the write again:
//! a queue of jobs that comes back with the key of a lost write is stopped here.

use super::event::Now;

/// The number of keys that are known at most. The oldest is dropped.
const MOST: usize = 256;

/// The time after its first use in which a key of a lost write counts, in milliseconds: a day.
const KNOWN_MS: u64 = 86_400_000;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    /// An instant by both clocks, in milliseconds since the first.
    fn at(clock: u64, measured: u64) -> Now {
        let instant = |ms| Timestamp::from_ms(1_777_420_800_000).plus(ms);
        Now { clock: instant(clock), measured: instant(measured) }
    }

    #[test]
    fn a_key_counts_for_a_day_by_the_clock_that_has_gone_further() {
        let (last, end) = (KNOWN_MS.saturating_sub(1), KNOWN_MS);
        for (clock, measured, counts) in [(last, last, true), (end, end, false), (end, 1, false), (1, end, false)] {
            let mut keys = OwnKeys::default();
            keys.used("a key", at(0, 0));
            let found = keys.first_use("a key", at(clock, measured));
            assert_eq!(found.is_some(), counts, "{clock} by the clock, {measured} measured");
        }
    }

    #[test]
    fn the_first_use_counts_until_the_key_is_settled() {
        let mut keys = OwnKeys::default();
        keys.used("a key", at(0, 0));
        keys.used("a key", at(60_000, 60_000));
        assert_eq!(keys.first_use("a key", at(61_000, 61_000)), Some(at(0, 0)));
        keys.settled("another key");
        assert!(keys.first_use("a key", at(61_000, 61_000)).is_some());
        keys.settled("a key");
        assert_eq!(keys.first_use("a key", at(61_000, 61_000)), None);
    }

    #[test]
    fn the_oldest_of_too_many_is_dropped() {
        let mut keys = OwnKeys::default();
        for number in 0..=MOST {
            keys.used(&number.to_string(), at(0, 0));
        }
        assert_eq!(keys.0.len(), MOST);
        assert!(keys.first_use("0", at(0, 0)).is_none() && keys.first_use("1", at(0, 0)).is_some());
    }
}
