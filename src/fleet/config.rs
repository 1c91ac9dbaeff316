//! The numbers of a fleet.

use crate::backoff::Backoff;

/// The numbers that the machine uses. Durations are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FleetConfig {
    /// The length of a claim, and the longest time that this process waits for its own token request: what a token request may
    /// take.
    pub claim_ms: u64,
    /// The time before its end in which a token is not adopted any more; at most half its lifetime.
    pub leeway_ms: u64,
    /// The age up to which a look at the store is good enough for another caller.
    pub fresh_ms: u64,
    /// The time after which a caller looks again whether another process has put a token.
    pub poll_ms: u64,
    /// The age below which a token that the API refuses is not replaced: the next one would fare no better.
    pub young_ms: u64,
    /// The time for which a lasting refusal holds for all processes with the same secrets.
    pub refused_rest_ms: u64,
    /// The most by which a process is wrong about the store's clock: the time that a swap may take.
    pub clock_error_ms: u64,
    /// The time for which a document is kept after its token has ended.
    pub kept_ms: u64,
    /// The shortest and the longest time that the store has for a swap. Between them it has eight of its usual round trips.
    pub swap_ms: (u64, u64),
    /// The time that the host has to seal or open a text.
    pub seal_ms: u64,
    /// The pauses after failures of the store.
    pub backoff: Backoff,
}

impl Default for FleetConfig {
    fn default() -> Self {
        Self {
            claim_ms: 10_000,
            leeway_ms: 30_000,
            fresh_ms: 200,
            poll_ms: 300,
            young_ms: 5_000,
            refused_rest_ms: 300_000,
            clock_error_ms: 2_000,
            kept_ms: 60_000,
            swap_ms: (250, 2_000),
            seal_ms: 5_000,
            backoff: Backoff { first_ms: 500, cap_ms: 8_000, ..Backoff::default() },
        }
    }
}
