//! Sentences for people: dates, lists and counts.

use crate::catalogue::When;
use crate::time::{Date, month_name};

/// `29 April 2026`.
pub(super) fn day(date: Date) -> String {
    format!("{} {} {}", date.day(), month_name(date.month()), date.year())
}

/// `29 April 2026`, or `September 2027` if only the month is known.
pub(super) fn when(when: When) -> String {
    match when {
        When::Day(date) => day(date),
        When::Month(year, number) => format!("{} {year}", month_name(number)),
    }
}

/// `2026-04-29`, or `2027-09` if only the month is known.
pub(super) fn iso(when: When) -> String {
    match when {
        When::Day(date) => date.to_string(),
        When::Month(year, number) => format!("{year:04}-{number:02}"),
    }
}

/// `a`, `a and b`, `a, b and c`; nothing for no items.
pub(super) fn list<T: AsRef<str>>(items: &[T], last: &str) -> String {
    let mut out = String::new();
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            let is_last = place.saturating_add(1) == items.len();
            out.push_str(if is_last { last } else { ", " });
        }
        out.push_str(item.as_ref());
    }
    out
}

/// `a, b and c`.
pub(super) fn and<T: AsRef<str>>(items: &[T]) -> String {
    list(items, " and ")
}

/// `a, b or c`.
pub(super) fn or<T: AsRef<str>>(items: &[T]) -> String {
    list(items, " or ")
}

/// `a, b and 3 more`: the first `most` items.
pub(super) fn some<T: AsRef<str>>(items: &[T], most: usize) -> String {
    let named: Vec<&str> = items.iter().take(most).map(AsRef::as_ref).collect();
    match items.len().checked_sub(most) {
        Some(left) if left > 0 => format!("{} and {left} more", named.join(", ")),
        _ => and(&named),
    }
}

/// `1 day`, `2 days`.
pub(super) fn count(number: u64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// The text on one line, without control characters and without what turns the direction of writing: what a caller gave,
/// before it is printed into a sentence.
pub(super) fn one_line(text: &str) -> String {
    let is_plain = |c: char| {
        let turns =
            matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        !c.is_control() && !turns
    };
    text.chars().map(|c| if is_plain(c) { c } else { ' ' }).collect()
}
