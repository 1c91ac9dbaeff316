//! Whether a call is sent again, and after which pause.
//!
//! Reads are, and writes that carry an `Idempotency-Key`; a call that Xero refused for a limit is the limiter's to send again.
//! Xero keeps a key for six minutes from its first use, and an internal error under it: so a write is not sent again once its
//! key may have been forgotten, and not after a 500, which would only be replayed (design section 5.6; facts sections 9
//! to 11, sources `xero-limits` and reports).

use crate::backoff::Backoff;
use crate::random::SplitMix64;
use crate::time::Timestamp;

/// How long after its first use a key is trusted to be known: less than Xero's six minutes, because the last attempt takes
/// time as well.
const KEY_MS: u64 = 300_000;

/// What there is to choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// How many times a call is sent again at most.
    pub again: u32,
    /// The pauses before.
    pub backoff: Backoff,
}

impl Default for Config {
    fn default() -> Self {
        Self { again: 3, backoff: Backoff { cap_ms: 20_000, ..Backoff::default() } }
    }
}

/// What sending a call twice may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing: GET, HEAD and OPTIONS.
    Read,
    /// Nothing, for as long as Xero knows its `Idempotency-Key`.
    Keyed,
    /// Everything twice.
    Write,
}

impl Kind {
    /// The kind of a call with this method, whose body can be sent twice, and with an `Idempotency-Key` or without.
    pub fn of(method: &str, keyed: bool) -> Self {
        match method.to_ascii_uppercase().as_str() {
            "GET" | "HEAD" | "OPTIONS" => Self::Read,
            _ if keyed => Self::Keyed,
            _ => Self::Write,
        }
    }

    /// Whether it may be sent again at all.
    pub const fn is_repeatable(self) -> bool {
        !matches!(self, Self::Write)
    }
}

/// A call that was sent, and what came of it.
#[derive(Clone, Copy, Debug)]
pub struct Tried {
    /// What sending it again may do.
    pub kind: Kind,
    /// How many times it has been sent again already.
    pub again: u32,
    /// When it was sent for the first time.
    pub first_sent: Timestamp,
    /// When its caller gives up.
    pub deadline: Timestamp,
    /// The status of the answer; `None` if the connection broke or nothing came in time.
    pub status: Option<u16>,
    /// How long the answer asks to wait, in milliseconds.
    pub retry_after_ms: Option<u64>,
}

/// How long to pause from `now` before the call is sent again, in milliseconds. `None`: what came of it is the caller's.
pub fn pause(config: &Config, tried: &Tried, now: Timestamp, random: &mut SplitMix64) -> Option<u64> {
    let passing = match tried.status {
        None | Some(408 | 425 | 502 | 503 | 504) => true,
        Some(500) => tried.kind == Kind::Read,
        Some(_) => false,
    };
    if !passing || !tried.kind.is_repeatable() || tried.again >= config.again {
        return None;
    }
    let open_ms = config.backoff.pause_ms(tried.again.saturating_add(1), random.draw());
    let pause_ms = open_ms.max(tried.retry_after_ms.unwrap_or(0));
    let at = now.plus(pause_ms);
    let in_time = at < tried.deadline && (tried.kind == Kind::Read || at < tried.first_sent.plus(KEY_MS));
    in_time.then_some(pause_ms)
}
