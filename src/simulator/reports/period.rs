//! Days, months and financial years of reports.

use crate::time::{Date, Timestamp, month_name};

/// The length of a day in milliseconds.
const DAY: u64 = 86_400_000;

/// The days from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) struct ReportPeriod {
    pub(in crate::simulator) from: Date,
    pub(in crate::simulator) to: Date,
}

impl ReportPeriod {
    /// The month of a day.
    pub(in crate::simulator) fn month_of(day: Date) -> Self {
        Self { from: first_of_month(day), to: last_of_month(day) }
    }

    pub(in crate::simulator) fn has(self, day: Date) -> bool {
        self.from <= day && day <= self.to
    }

    /// The period some months earlier.
    pub(in crate::simulator) fn earlier(self, months: u16) -> Self {
        Self { from: months_before(self.from, months), to: months_before(self.to, months) }
    }
}

fn day_after(day: Date) -> Date {
    day.start().plus(DAY).date()
}

pub(in crate::simulator) fn first_of_month(day: Date) -> Date {
    Date::new(day.year(), day.month(), 1).unwrap_or(day)
}

fn last_of_month(day: Date) -> Date {
    day_in_month(day.year(), day.month(), 31)
}

/// This day of a month, or the last one if the month is shorter.
fn day_in_month(year: u16, month: u8, day: u8) -> Date {
    let found = (1..=day).rev().find_map(|day| Date::new(year, month, day));
    found.unwrap_or_else(|| Timestamp::from_ms(0).date())
}

/// The day some months before another. The last day of a month becomes the last day of the other month.
pub(in crate::simulator) fn months_before(day: Date, months: u16) -> Date {
    let whole = day.year().saturating_mul(12).saturating_add(u16::from(day.month())).saturating_sub(1);
    let whole = whole.saturating_sub(months);
    let month = u8::try_from(whole % 12).unwrap_or(0).saturating_add(1);
    let is_last = day == last_of_month(day);
    day_in_month(whole / 12, month, if is_last { 31 } else { day.day() })
}

/// The first day of the month some months after that of a day.
pub(in crate::simulator) fn months_after(day: Date, months: u16) -> Date {
    let whole = day.year().saturating_mul(12).saturating_add(u16::from(day.month())).saturating_sub(1);
    let whole = whole.saturating_add(months);
    day_in_month(whole / 12, u8::try_from(whole % 12).unwrap_or(0).saturating_add(1), 1)
}

/// `2026-11`, as budgets write the month of a day.
pub(in crate::simulator) fn year_and_month(day: Date) -> String {
    format!("{:04}-{:02}", day.year(), day.month())
}

/// The first day of the financial year of a day; a year ends on `year_end`, a day and a month.
pub(in crate::simulator) fn year_start(day: Date, year_end: (u8, u8)) -> Date {
    let end_in = |year: u16| day_in_month(year, year_end.1, year_end.0);
    let end = if end_in(day.year()) < day { end_in(day.year()) } else { end_in(day.year().saturating_sub(1)) };
    day_after(end)
}

/// `30 April 2019`.
pub(in crate::simulator) fn long(day: Date) -> String {
    format!("{} {} {}", day.day(), month_name(day.month()), day.year())
}

/// `Apr 2019`.
pub(in crate::simulator) fn month_and_year(day: Date) -> String {
    format!("{} {}", month_name(day.month()).chars().take(3).collect::<String>(), day.year())
}

/// `30 Apr 2019`.
pub(in crate::simulator) fn short(day: Date) -> String {
    format!("{} {}", day.day(), month_and_year(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn the_last_day_of_a_month_stays_the_last_one() {
        for (own, months, expected) in [
            ("2026-03-31", 1, "2026-02-28"),
            ("2024-02-29", 12, "2023-02-28"),
            ("2026-02-28", 1, "2026-01-31"),
            ("2026-03-30", 1, "2026-02-28"),
            ("2026-01-15", 3, "2025-10-15"),
            ("2026-01-15", 13, "2024-12-15"),
        ] {
            assert_eq!(months_before(day(own), months), day(expected), "{own}");
        }
    }

    #[test]
    fn a_financial_year_starts_after_the_last_one_ended() {
        for (own, end, expected) in [
            ("2026-06-30", (30, 6), "2025-07-01"),
            ("2026-07-01", (30, 6), "2026-07-01"),
            ("2026-12-31", (31, 12), "2026-01-01"),
            ("2026-01-01", (31, 12), "2026-01-01"),
            ("2026-03-31", (31, 3), "2025-04-01"),
        ] {
            assert_eq!(year_start(day(own), end), day(expected), "{own}");
        }
        assert_eq!((long(day("2026-04-03")), short(day("2026-04-03"))), ("3 April 2026".into(), "3 Apr 2026".into()));
    }
}
