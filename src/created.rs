//! The day on which a connection was created, as its owner gives it.

use crate::error::{Code, Error, quoted};
use crate::text::words;
use crate::time::Date;

/// Reads the option `createdOn`. `today` is the UTC day that the answer is about; `None` where the clock cannot be read.
///
/// One day after it is taken: it may be tomorrow already where the connection was created.
///
/// # Errors
/// `invalid_option` if it is no day, or one that lies ahead.
pub(crate) fn created_on(text: &str, today: Option<Date>) -> Result<Date, Error> {
    let invalid = |message: String| Error::new(Code::InvalidOption, message);
    let Some(created) = Date::parse(text) else {
        return Err(invalid(words!["createdOn is ", quoted(text, 20), ", which is not a day written as YYYY-MM-DD"]));
    };
    match today {
        Some(today) if created.days() > today.days().saturating_add(1) => Err(invalid(words![
            "createdOn ",
            created,
            " is after ",
            today,
            ", the day of the answer; give the day on which the connection was created"
        ])),
        _ => Ok(created),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_lies_ahead_is_refused_and_tomorrow_is_not() {
        let today = Date::new(2026, 12, 31);
        let read = |text| created_on(text, today).map_err(|error| (error.code(), error.to_string()));
        for text in ["2024-02-29", "2026-12-31", "2027-01-01"] {
            assert_eq!(read(text).map(|day| day.to_string()), Ok(text.to_owned()));
        }
        let refused = |text: &str| {
            let words = "is after 2026-12-31, the day of the answer; give the day on which the connection was created";
            Err((Code::InvalidOption, format!("createdOn {text} {words}")))
        };
        for text in ["2027-01-02", "9999-12-31"] {
            assert_eq!(read(text), refused(text));
            assert!(created_on(text, None).is_ok(), "nothing is said about a day without a clock");
        }
        assert!(read("2027-02-30").is_err_and(|(_, words)| words.contains("not a day")));
    }
}
