//! What there is to choose.

use crate::backoff::Backoff;

/// Every number that the limiter goes by, but for the sizes of the windows, which are Xero's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// How many calls may be in flight at once. Xero allows five (source `xero-limits`).
    pub in_flight: u32,
    /// How many calls of each minute are kept for urgent ones; at most half of them.
    pub minute_reserve: u32,
    /// How many calls of each day are kept for urgent ones; at most half of them.
    pub day_reserve: u32,
    /// How many calls of each priority may wait. One more is refused.
    pub queue: usize,
    /// The pauses after refusals in a row that do not say for how long.
    pub backoff: Backoff,
    /// The rest after the day's limit where Xero does not say when the day ends, in milliseconds.
    pub day_rest_ms: u64,
    /// After a refusal for too many calls at once fewer are sent at once; one more again each time that this long has
    /// passed, in milliseconds.
    pub recover_ms: u64,
    /// How long a call keeps its place in flight at most, in milliseconds, should nobody report what came of it. Shorter than
    /// a deadline where whoever holds a place can vanish, as requests in isolates do.
    pub lease_ms: u64,
    /// How long the others wait for a call that was sent alone to find out what is left, in milliseconds.
    pub patience_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            in_flight: 5,
            minute_reserve: 0,
            day_reserve: 0,
            queue: 1_000,
            backoff: Backoff { first_ms: 1_000, ..Backoff::default() },
            day_rest_ms: 900_000,
            recover_ms: 30_000,
            lease_ms: u64::MAX,
            patience_ms: 2_000,
        }
    }
}
