//! The `Retry-After` header (RFC 9110 section 10.2.3).

use crate::time::Timestamp;

/// The longest wait that is taken from a header, in milliseconds: a day, the length of Xero's longest window.
pub const LONGEST_MS: u64 = 86_400_000;

/// Returns the wait from `now` that the header asks for, in milliseconds, at most [`LONGEST_MS`].
///
/// `None` if the value is neither seconds nor an HTTP date, and also for `0` and for a date in the past: these count as no
/// header, so that a client does not retry at once, over and over.
pub fn retry_after(value: &str, now: Timestamp) -> Option<u64> {
    let value = value.trim();
    let wait_ms = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // Digits that do not fit into `u64` are a number too, and a large one.
        value.parse().unwrap_or(LONGEST_MS).min(LONGEST_MS).wrapping_mul(1_000)
    } else {
        Timestamp::from_http_date(value)?.since(now)
    };
    (wait_ms > 0).then(|| wait_ms.min(LONGEST_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_read_and_the_rest_is_not() {
        // 2026-04-29T00:00:00Z
        let now = Timestamp::from_ms(1_777_420_800_000);
        for (value, wait) in [
            ("120", Some(120_000)),
            (" 7 ", Some(7_000)),
            ("0", None),
            ("00", None),
            ("99999999999999999999999", Some(LONGEST_MS)),
            ("99999999999999", Some(LONGEST_MS)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(LONGEST_MS)),
            ("Wed, 29 Apr 2026 00:01:30 GMT", Some(90_000)),
            ("Tue, 28 Apr 2026 23:59:59 GMT", None),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("Wed, 29 Apr 2026 00:01:30 CET", None),
            ("Wed, 31 Feb 2026 00:01:30 GMT", None),
            ("Wed, 29 Apr 2026 24:00:00 GMT", None),
        ] {
            assert_eq!(retry_after(value, now), wait, "{value}");
        }
    }
}
