//! The time for which a login goes on if it is not used.

use crate::time::Timestamp;

/// The number of days below which a login ends soon: somebody has to look why no service uses it.
const SOON_DAYS: u64 = 14;

const DAY_MS: u64 = 86_400_000;

/// The time for which a login goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// Whole days until Xero ends it, if it is not used before.
    pub days: u64,
    /// True if these are fewer than 14.
    pub soon: bool,
}

/// The outlook of a login that ends at `ends_unused`, seen at `now`, both by the store's clock.
pub fn outlook(ends_unused: Timestamp, now: Timestamp) -> Outlook {
    let days = days_between(now, ends_unused);
    Outlook { days, soon: days < SOON_DAYS }
}

/// The whole days from one instant to a later one.
pub fn days_between(from: Timestamp, to: Timestamp) -> u64 {
    to.since(from) / DAY_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_ends_soon_below_fourteen_days() {
        let at = |days: u64, more: u64| outlook(Timestamp::from_ms(days * DAY_MS + more), Timestamp::from_ms(0));
        assert_eq!(at(14, 0), Outlook { days: 14, soon: false });
        assert_eq!(at(14, 0).days - 1, at(13, DAY_MS - 1).days);
        assert!(at(13, DAY_MS - 1).soon && at(0, 0).soon);
        assert_eq!(outlook(Timestamp::from_ms(0), Timestamp::from_ms(DAY_MS)).days, 0);
    }
}
