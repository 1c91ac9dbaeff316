//! The numbers of a vault that can be chosen.

use crate::backoff::Backoff;

/// The numbers that the machine uses. Durations are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VaultConfig {
    /// The time after which an exchange without an answer is given up.
    pub timeout_ms: u64,
    /// The length of a claim: the time of one exchange, and as much again to spare.
    pub claim_ms: u64,
    /// The time for which a request that was given up can still reach the identity service.
    pub abandon_ms: u64,
    /// The time after its first use in which a token is tried again. Xero's grace is 30 minutes (rule R33).
    pub grace_ms: u64,
    /// The time that the store has for a swap. It refuses one that comes later.
    pub swap_ms: u64,
    /// The time that the host has to seal or open a text.
    pub seal_ms: u64,
    /// The age up to which a look at the store is good enough for another caller.
    pub fresh_ms: u64,
    /// The time after which a caller looks again whether another process has renewed the token.
    pub poll_ms: u64,
    /// The time before its end in which an access token is not handed out any more.
    pub leeway_ms: u64,
    /// The time between two attempts with a login that is lost, by all processes together.
    pub lost_rest_ms: u64,
    /// The time without attempts after a refusal that the same request would get again.
    pub refused_rest_ms: u64,
    /// The longest pause that a `Retry-After` of the identity service can ask for.
    pub retry_after_cap_ms: u64,
    /// The number of failures in a row after which callers get an error at once.
    pub patience: u32,
    /// The pauses after failures.
    pub backoff: Backoff,
}

impl VaultConfig {
    /// The time for which an answer to a request that was given up is listened for, in milliseconds.
    pub const ABANDON_MS: u64 = 120_000;

    /// The age of an access token from which a service that only keeps its login alive wants another, in milliseconds: a day.
    pub const KEEP_ALIVE_MS: u64 = 86_400_000;
}

impl Default for VaultConfig {
    fn default() -> Self {
        Self {
            timeout_ms: 10_000,
            claim_ms: 30_000,
            abandon_ms: Self::ABANDON_MS,
            grace_ms: 1_680_000,
            swap_ms: 2_000,
            seal_ms: 10_000,
            fresh_ms: 500,
            poll_ms: 500,
            leeway_ms: 30_000,
            lost_rest_ms: 3_600_000,
            refused_rest_ms: 300_000,
            retry_after_cap_ms: 3_600_000,
            patience: 3,
            backoff: Backoff::default(),
        }
    }
}
