//! The headers of the local Xero's answers.
#![cfg(test)]

use xero_m2m::limits::Headers;
use xero_m2m::simulator::HttpResponse;

/// A header, or the empty text.
pub(crate) fn header<'a>(response: &'a HttpResponse, name: &str) -> &'a str {
    let found = response.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
    found.map_or("", |(_, value)| value.as_str())
}

/// Those about limits.
pub(crate) fn about_limits(response: &HttpResponse) -> Headers<'_> {
    Headers {
        problem: header(response, "X-Rate-Limit-Problem"),
        retry_after: header(response, "Retry-After"),
        minute: header(response, "X-MinLimit-Remaining"),
        day: header(response, "X-DayLimit-Remaining"),
        app_minute: header(response, "X-AppMinLimit-Remaining"),
    }
}
