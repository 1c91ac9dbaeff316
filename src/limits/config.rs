//! The numbers of the limiter that can be chosen.

use crate::backoff::Backoff;

/// The numbers that the limiter uses, except the sizes of the windows, which Xero fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitsConfig {
    /// The number of calls that may be in flight at once. Xero allows five (source `xero-limits`).
    pub in_flight: u32,
    /// The number of calls of each minute that are reserved for high priority; at most half of them.
    pub minute_reserve: u32,
    /// The number of calls of each day that are reserved for high priority; at most half of them.
    pub day_reserve: u32,
    /// The number of calls of each priority that may wait. One more is refused.
    pub queue: usize,
    /// The pauses after refusals in a row that do not give a length.
    pub backoff: Backoff,
    /// The pause after the limit of the day where Xero does not give its end, in milliseconds.
    pub day_rest_ms: u64,
    /// The time in milliseconds after which one more call may be in flight, when a refusal for too many calls at once has
    /// lowered their number.
    pub recover_ms: u64,
    /// The longest time that a call occupies its slot without a report, in milliseconds; at most a day. Set it below the
    /// deadlines where the holder of a slot can disappear, as requests in isolates do.
    pub lease_ms: u64,
    /// The longest time that other calls wait for one that was sent alone to learn the remaining count, in milliseconds.
    pub patience_ms: u64,
    /// A fleet shares these limits: nothing is sent without an [`Allowance`](super::Allowance) of it.
    pub in_fleet: bool,
}

impl Default for LimitsConfig {
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
            in_fleet: false,
        }
    }
}
