//! The decision to send a call again, and the pause before.
//!
//! Reads are sent again, and writes that carry an `Idempotency-Key`. A call that Xero refused for a limit goes back to the
//! limiter instead. Xero keeps a key for six minutes from its first use, and an internal error under it: so a write is not
//! sent again once its key may have been forgotten, and not after a 500, which Xero would only repeat (sources `xero-limits`
//! and reports).

use crate::backoff::Backoff;
use crate::random::SplitMix64;

/// The time after its first sending in which a write with a key may be sent again, in milliseconds: less than Xero's six
/// minutes, because the last attempt takes time as well.
pub const KEY_MS: u64 = 300_000;

/// The numbers of retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryConfig {
    /// The number of times that a call is sent again at most.
    pub again: u32,
    /// The pauses before.
    pub backoff: Backoff,
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self { again: 3, backoff: Backoff { cap_ms: 20_000, ..Backoff::default() } }
    }
}

/// The effect of sending a call twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    /// No effect: GET, HEAD and OPTIONS.
    Read,
    /// No effect, for as long as Xero knows its `Idempotency-Key`.
    Keyed,
    /// The write is carried out twice.
    Write,
}

impl CallKind {
    /// The kind of a call with this method, whose body can be sent twice, and with an `Idempotency-Key` or without.
    pub fn of(method: &str, keyed: bool) -> Self {
        match method.to_ascii_uppercase().as_str() {
            "GET" | "HEAD" | "OPTIONS" => Self::Read,
            _ if keyed => Self::Keyed,
            _ => Self::Write,
        }
    }

    /// Checks that it may be sent again at all.
    pub const fn is_repeatable(self) -> bool {
        !matches!(self, Self::Write)
    }
}

/// A call that was sent, and the result.
#[derive(Clone, Copy, Debug)]
pub struct Tried {
    /// The effect of sending it again.
    pub kind: CallKind,
    /// The number of times that it has been sent again already.
    pub again: u32,
    /// The time that is left for it, in milliseconds.
    pub left_ms: u64,
    /// The status of the answer; `None` if the connection broke or nothing came in time.
    pub status: Option<u16>,
    /// The time that the answer asks to wait, in milliseconds.
    pub retry_after_ms: Option<u64>,
}

/// A retry that has less time than this is not made: its caller gets the last result.
const ROOM_MS: u64 = 1_000;

/// Returns the pause before the call is sent again, in milliseconds; a second at least is left for the call after it. `None`
/// if it is not sent again: the caller gets the result.
pub fn pause(config: &RetryConfig, tried: &Tried, random: &mut SplitMix64) -> Option<u64> {
    let passing = match tried.status {
        None | Some(408 | 425 | 502..=504 | 520..=599) => true,
        Some(500) => tried.kind == CallKind::Read,
        Some(_) => false,
    };
    if !passing || !tried.kind.is_repeatable() || tried.again >= config.again {
        return None;
    }
    let open_ms = config.backoff.pause_ms(tried.again.saturating_add(1), random.draw());
    let pause_ms = open_ms.max(tried.retry_after_ms.unwrap_or(0));
    (pause_ms.saturating_add(ROOM_MS) <= tried.left_ms).then_some(pause_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(kind: CallKind, status: Option<u16>) -> Tried {
        Tried { kind, again: 0, left_ms: 300_000, status, retry_after_ms: None }
    }

    fn again(tried: &Tried) -> bool {
        pause(&RetryConfig::default(), tried, &mut SplitMix64::new(1)).is_some()
    }

    #[test]
    fn what_is_sent_again() {
        for status in [None, Some(408), Some(425), Some(502), Some(503), Some(504), Some(520), Some(529), Some(599)] {
            assert!(again(&tried(CallKind::Read, status)) && again(&tried(CallKind::Keyed, status)), "{status:?}");
            assert!(!again(&tried(CallKind::Write, status)), "{status:?}");
        }
        // Xero keeps it under the key.
        assert!(again(&tried(CallKind::Read, Some(500))) && !again(&tried(CallKind::Keyed, Some(500))));
        for status in [200, 304, 400, 401, 403, 404, 409, 412, 415, 429, 501, 505] {
            assert!(!again(&tried(CallKind::Read, Some(status))), "{status}");
        }
    }

    #[test]
    fn not_more_often_nor_longer_than_it_may() {
        let failed = tried(CallKind::Read, None);
        assert!(again(&Tried { again: 2, ..failed }) && !again(&Tried { again: 3, ..failed }));
        // A pause of at most half a second, and a second for the try.
        assert!(!again(&Tried { left_ms: 1_200, ..failed }) && again(&Tried { left_ms: 1_500, ..failed }));
        assert!(!again(&Tried { retry_after_ms: Some(300_000), ..failed }));
        let mut random = SplitMix64::new(1);
        let pause_ms = pause(&RetryConfig::default(), &Tried { retry_after_ms: Some(7_000), ..failed }, &mut random);
        assert_eq!(pause_ms, Some(7_000));
        for again in 0..3 {
            let whole = 500 << again;
            let pause_ms = pause(&RetryConfig::default(), &Tried { again, ..failed }, &mut random).unwrap_or_default();
            assert!((whole / 2..=whole).contains(&pause_ms), "{again}: {pause_ms}");
        }
    }

    #[test]
    fn the_kind_of_a_call() {
        for (method, keyed, kind) in [
            ("GET", false, CallKind::Read),
            ("get", true, CallKind::Read),
            ("HEAD", false, CallKind::Read),
            ("POST", false, CallKind::Write),
            ("PUT", true, CallKind::Keyed),
            ("DELETE", false, CallKind::Write),
        ] {
            assert_eq!(CallKind::of(method, keyed), kind, "{method}");
        }
    }
}
