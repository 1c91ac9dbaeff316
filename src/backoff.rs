//! Pauses after failures of token requests and calls, and after refusals without a `Retry-After`.

/// Doubling pauses with jitter, up to a cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Backoff {
    /// The pause after the first failure, in milliseconds.
    pub first_ms: u64,
    /// The longest pause, in milliseconds.
    pub cap_ms: u64,
    /// The random part of a pause, in per cent: 50 makes a pause of 10 s last 5 to 10 s.
    pub jitter_percent: u8,
}

impl Default for Backoff {
    /// 0.5 s, doubled up to 60 s, half of it random.
    fn default() -> Self {
        Self { first_ms: 500, cap_ms: 60_000, jitter_percent: 50 }
    }
}

impl Backoff {
    /// Returns the pause after `failures` in a row, in milliseconds, with its random part taken from `random`.
    ///
    /// The random part prevents callers that failed together from retrying together.
    pub fn pause_ms(self, failures: u32, random: u64) -> u64 {
        let doublings = failures.saturating_sub(1).min(32);
        let whole = if self.first_ms > self.cap_ms >> doublings { self.cap_ms } else { self.first_ms << doublings };
        let most = whole.saturating_mul(u64::from(self.jitter_percent.min(100))) / 100;
        whole.saturating_sub(random.checked_rem(most.saturating_add(1)).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_cap_and_jitter_only_shortens() {
        let fixed = Backoff { first_ms: 500, cap_ms: 3_000, jitter_percent: 0 };
        let pauses: Vec<u64> = (1..=5).map(|failures| fixed.pause_ms(failures, 7)).collect();
        assert_eq!(pauses, [500, 1_000, 2_000, 3_000, 3_000]);
        assert_eq!(fixed.pause_ms(u32::MAX, 0), 3_000);

        let jittered = Backoff { jitter_percent: 50, ..fixed };
        assert_eq!(jittered.pause_ms(2, 0), 1_000);
        assert_eq!(jittered.pause_ms(2, 250), 750);
        assert_eq!(jittered.pause_ms(2, 500), 500);
        assert_eq!(jittered.pause_ms(2, 501), 1_000);
    }
}
