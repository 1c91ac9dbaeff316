//! The numbers of the token lifecycle that can be chosen.

use crate::backoff::Backoff;

/// The numbers that the machine uses. Durations are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LifecycleConfig {
    /// The time before its end in which a token is not handed out any more; at most half its lifetime.
    pub leeway_ms: u64,
    /// The time before the end of a token at which its renewal begins, at most half its lifetime. The old token is handed
    /// out meanwhile.
    pub renew_ahead_ms: u64,
    /// The time after which the driver gives up an attempt without an answer.
    pub timeout_ms: u64,
    /// The time for which callers wait for an attempt in flight. The next of them then makes another, because the program
    /// that made the first may be gone: a frozen process, a cancelled request.
    pub lease_ms: u64,
    /// The same for an attempt whose request is not sent yet, because its client secret is still being fetched.
    pub prepare_ms: u64,
    /// The number of failures in a row after which callers get an error at once, instead of waiting for the next attempt.
    pub patience: u32,
    /// The pauses between failed attempts.
    pub backoff: Backoff,
    /// The longest pause that a `Retry-After` of the identity service can ask for.
    pub retry_after_cap_ms: u64,
    /// The time without attempts after a lasting refusal: time to correct the connection, after which a service that was not
    /// restarted recovers by itself.
    pub refused_rest_ms: u64,
    /// The age below which a replacement for a token that the API called expired is not renewed if it is called expired
    /// itself: the next one would fare no better.
    pub young_ms: u64,
    /// True if there is a store to ask before asking the identity service.
    pub stored: bool,
    /// The time after which a store that has not answered has no token.
    pub store_timeout_ms: u64,
    /// The furthest that the beginning of a stored token may lie in the future: the clocks of two machines differ.
    pub skew_ms: u64,
}

impl Default for LifecycleConfig {
    fn default() -> Self {
        Self {
            leeway_ms: 30_000,
            renew_ahead_ms: 300_000,
            timeout_ms: 10_000,
            lease_ms: 10_000,
            prepare_ms: 10_000,
            patience: 3,
            backoff: Backoff::default(),
            retry_after_cap_ms: 3_600_000,
            refused_rest_ms: 300_000,
            young_ms: 5_000,
            stored: false,
            store_timeout_ms: 2_000,
            skew_ms: 60_000,
        }
    }
}

impl LifecycleConfig {
    /// The same numbers for tokens that come from a vault. Their renewal begins 10 minutes before the end, because the vault
    /// may be away for that long; after a lasting refusal it is asked each minute, because somebody may have logged in.
    #[must_use]
    pub const fn of_vault(self) -> Self {
        Self { renew_ahead_ms: 600_000, prepare_ms: self.timeout_ms, refused_rest_ms: 60_000, ..self }
    }
}
