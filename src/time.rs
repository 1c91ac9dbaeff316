//! Instants and days as values. No module of this crate reads a clock: every instant is an argument.

use core::fmt;
use core::num::NonZeroU64;

use serde::{Serialize, Serializer};

/// An instant, in milliseconds since the Unix epoch. It has no `now()`, on purpose.
///
/// A JavaScript `Date` can hold every value, so that printing it cannot fail: larger values become [`Timestamp::LAST`].
///
/// It is kept as the number of the millisecond, counted from 1, so that an instant that is absent takes no further place: the
/// machines hold many that may be absent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(NonZeroU64);

/// The last instant of a JavaScript `Date`: 8.64e15 ms (ECMA-262, section "Time Values and Time Range").
const LAST_MS: u64 = 8_640_000_000_000_000;

impl Timestamp {
    /// The last instant that a JavaScript `Date` can hold.
    pub const LAST: Self = Self::from_ms(LAST_MS);

    /// The instant `ms` milliseconds after the epoch, at most [`Self::LAST`].
    pub const fn from_ms(ms: u64) -> Self {
        let ms = if ms > LAST_MS { LAST_MS } else { ms };
        Self(NonZeroU64::MIN.saturating_add(ms))
    }

    /// Reads the time of a JavaScript clock; `None` if a `Date` cannot hold it or if it is before the epoch.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked just before")]
    pub fn from_js(ms: f64) -> Option<Self> {
        (0.0..=Self::LAST.as_js()).contains(&ms).then_some(Self::from_ms(ms as u64))
    }

    /// Reads an HTTP date, `Sun, 06 Nov 1994 08:49:37 GMT`: the only form that senders may generate (RFC 9110 section 5.6.7).
    pub fn from_http_date(text: &str) -> Option<Self> {
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let mut words = text.split_once(',')?.1.strip_prefix(' ')?.split(' ');
        let (day, month, year, time) = (words.next()?, words.next()?, words.next()?, words.next()?);
        if words.next() != Some("GMT") || words.next().is_some() {
            return None;
        }
        let month = (1..).zip(MONTHS).find(|&(_, name)| name == month)?.0;
        let number = |text: &str| text.parse::<u64>().ok();
        let date = Date::new(u16::try_from(number(year)?).ok()?, month, u8::try_from(number(day)?).ok()?)?;
        let mut parts = time.split(':');
        let mut next = |most: u64| number(parts.next()?).filter(|&part| part <= most);
        // A leap second is written 60.
        let (hours, minutes, seconds) = (next(23)?, next(59)?, next(60)?);
        if parts.next().is_some() {
            return None;
        }
        // Far from every bound, each of them.
        let seconds = hours.wrapping_mul(3_600).wrapping_add(minutes.wrapping_mul(60)).wrapping_add(seconds);
        Some(date.start().plus(seconds.wrapping_mul(1_000)))
    }

    /// Milliseconds since the epoch.
    pub const fn as_ms(self) -> u64 {
        self.0.get().wrapping_sub(1)
    }

    /// Milliseconds since the epoch as a JavaScript number.
    #[expect(clippy::cast_precision_loss, reason = "instants stay below 2^53 ms")]
    pub const fn as_js(self) -> f64 {
        self.as_ms() as f64
    }

    /// This instant plus `ms`, at most [`Self::LAST`].
    #[must_use]
    #[inline(never)]
    pub const fn plus(self, ms: u64) -> Self {
        Self::from_ms(self.as_ms().saturating_add(ms))
    }

    /// This instant minus `ms`, never before the epoch.
    #[must_use]
    pub const fn minus(self, ms: u64) -> Self {
        Self(NonZeroU64::MIN.saturating_add(self.as_ms().saturating_sub(ms)))
    }

    /// Milliseconds from `earlier` to this instant; 0 if `earlier` is later.
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.get().saturating_sub(earlier.0.get())
    }

    /// The UTC calendar day of this instant.
    pub const fn date(self) -> Date {
        Date::from_days(self.as_ms() / MS_PER_DAY)
    }
}

impl Default for Timestamp {
    /// The epoch.
    fn default() -> Self {
        Self::from_ms(0)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Timestamp").field(&self.as_ms()).finish()
    }
}

/// An instant by both clocks of a host.
///
/// A token ends by the clock that people read, because another process may have stored it. Deadlines, pauses, places in flight
/// and limits go by a clock that only ever runs forward, so that setting the first one moves none of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Now {
    /// The instant by the clock that people read (`Date.now()`).
    pub clock: Timestamp,
    /// The same instant by a clock that is never set (`performance.now()`). It may count from any beginning.
    pub measured: Timestamp,
}

impl Now {
    /// The time on the clock when `measured` shows `at`, as long as the clock is not set.
    pub fn to_clock(self, at: Timestamp) -> Timestamp {
        self.clock.plus(at.since(self.measured)).minus(self.measured.since(at))
    }

    /// The measured time when the clock shows `at`, as long as it is not set.
    pub fn to_measured(self, at: Timestamp) -> Timestamp {
        self.measured.plus(at.since(self.clock)).minus(self.clock.since(at))
    }
}

const MS_PER_DAY: u64 = 86_400_000;

/// A calendar day in UTC, written `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day `year-month-day`, or `None` if there is no such day between 1970 and 9999.
    pub const fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        if year < 1970 || year > 9999 || day == 0 || day > days_in_month(year, month) {
            return None;
        }
        Some(Self { year, month, day })
    }

    /// Reads exactly `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
            return None;
        };
        Self::new(
            number(&[y1, y2, y3, y4])?,
            u8::try_from(number(&[m1, m2])?).ok()?,
            u8::try_from(number(&[d1, d2])?).ok()?,
        )
    }

    /// The year, 1970 to 9999.
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, 1 to 31.
    pub const fn day(self) -> u8 {
        self.day
    }

    /// Whole days since 1970-01-01.
    #[expect(clippy::arithmetic_side_effects, reason = "a checked date is far from every bound")]
    pub const fn days(self) -> u64 {
        // Days from civil, Howard Hinnant: the year starts in March, so that leap days come last.
        let (month, day) = (self.month as u64, self.day as u64);
        let year = if month <= 2 { self.year as u64 - 1 } else { self.year as u64 };
        let era = year / 400;
        let year_of_era = year % 400;
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
    }

    /// The first instant of this day, UTC.
    pub const fn start(self) -> Timestamp {
        // The last day is far from the bound.
        Timestamp::from_ms(self.days().wrapping_mul(MS_PER_DAY))
    }

    #[expect(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        reason = "bounded by the clamp in the first line"
    )]
    const fn from_days(days: u64) -> Self {
        // Civil from days, the inverse of `days`, clamped to 9999-12-31.
        let days = if days > 2_932_896 { 2_932_896 } else { days } + 719_468;
        let era = days / 146_097;
        let day_of_era = days % 146_097;
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + (month <= 2) as u64;
        Self { year: year as u16, month: month as u8, day: day as u8 }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Date {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Date".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date" })
    }
}

/// As text, `YYYY-MM-DD`.
impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The English name of a month, 1 to 12; empty for any other number.
pub fn month_name(month: u8) -> &'static str {
    month.checked_sub(1).and_then(|at| MONTHS.get(usize::from(at))).copied().unwrap_or("")
}

const fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

fn number(digits: &[u8]) -> Option<u16> {
    digits.iter().try_fold(0_u16, |sum, digit| {
        let value = digit.is_ascii_digit().then(|| u16::from(digit.wrapping_sub(b'0')))?;
        sum.checked_mul(10)?.checked_add(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_survives_the_round_trip() {
        let mut previous = None;
        for days in 0..=2_932_896 {
            let date = Date::from_days(days);
            assert_eq!(date.days(), days, "{date}");
            assert!(Date::new(date.year, date.month, date.day).is_some(), "{date}");
            assert!(previous < Some(date), "{date}");
            previous = Some(date);
        }
        assert_eq!(previous.map(|date| date.to_string()).as_deref(), Some("9999-12-31"));
    }

    #[test]
    fn dates_are_read_exactly() {
        assert_eq!(Date::parse("2026-04-29").map(Date::days), Some(20_572));
        for text in
            ["2026-4-29", "2026-02-29", "2026-13-01", "2026-00-10", "1969-12-31", "+026-04-29", " 2026-04-29", ""]
        {
            assert_eq!(Date::parse(text), None, "{text}");
        }
        assert!(Date::parse("2028-02-29").is_some());
    }

    #[test]
    fn an_instant_that_is_absent_takes_no_further_place() {
        assert_eq!(size_of::<Option<Timestamp>>(), size_of::<u64>());
        assert_eq!(Timestamp::default().as_ms(), 0);
        assert_eq!(Timestamp::from_ms(0).minus(1), Timestamp::from_js(0.0).expect("the epoch"));
        assert_eq!(format!("{:?}", Timestamp::from_ms(7)), "Timestamp(7)");
    }

    #[test]
    fn no_instant_is_later_than_a_javascript_date_can_be() {
        assert_eq!(Timestamp::from_ms(u64::MAX), Timestamp::LAST);
        assert_eq!(Timestamp::from_ms(1).plus(u64::MAX), Timestamp::LAST);
        assert_eq!(Timestamp::from_ms(1).plus(99_999_999_999_999_000), Timestamp::LAST);
    }

    #[test]
    fn javascript_clocks_are_checked() {
        for bad in [f64::NAN, f64::INFINITY, -1.0, 1e300, 8_640_000_000_000_001.0] {
            assert_eq!(Timestamp::from_js(bad), None, "{bad}");
        }
        assert_eq!(Timestamp::from_js(8.64e15), Some(Timestamp::LAST));
        assert_eq!(Timestamp::from_js(1.9), Some(Timestamp::from_ms(1)));
    }
}
