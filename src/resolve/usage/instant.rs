//! Times in recordings: `2026-11-30T22:02:45Z`, in whole seconds.

use crate::time::{Date, Timestamp};

/// Writes a time.
pub(in crate::resolve) fn written(at: Timestamp) -> String {
    let date = at.date();
    let seconds = at.since(date.start()).div_euclid(1_000);
    let (hour, minute, second) =
        (seconds.div_euclid(3_600), seconds.div_euclid(60).rem_euclid(60), seconds.rem_euclid(60));
    format!("{date}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Reads a time in exactly this form.
pub(in crate::resolve) fn read(text: &str) -> Option<Timestamp> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut parts = time.split(':');
    let mut next = |most: u64| {
        let part = parts.next().filter(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))?;
        part.parse::<u64>().ok().filter(|part| *part <= most)
    };
    let (hour, minute, second) = (next(23)?, next(59)?, next(59)?);
    if parts.next().is_some() {
        return None;
    }
    let seconds = hour.saturating_mul(3_600).saturating_add(minute.saturating_mul(60)).saturating_add(second);
    Some(Date::parse(date)?.start().plus(seconds.saturating_mul(1_000)))
}
