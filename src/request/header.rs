//! The headers that a caller may set on a call.

use crate::error::{Code, Error, quoted};
use crate::text::words;
use crate::time::Date;

/// The `Accept` of a call whose caller sets none. The accounting API answers in XML unless it is asked for JSON.
pub const DEFAULT_ACCEPT: &str = "application/json";

/// Longest `Idempotency-Key`, in characters (source `xero-openapi`).
const MAX_IDEMPOTENCY_KEY: usize = 128;

const OWN: &str = "this library sets it from its access token";
const TRANSPORT: &str = "the transport sets it, from the URL and the body";
const NEVER: &str = "it is never sent to Xero";
const TENANT: &str = "the token of a custom connection already selects the organisation (rule R18), and the value may be \
                      another one; leave the header out, or send it empty";

/// The names that a caller may not set, in lower case, with the reason.
const REFUSED: &[(&str, &str)] = &[
    ("authorization", OWN),
    ("connection", TRANSPORT),
    ("content-length", TRANSPORT),
    ("cookie", NEVER),
    ("cookie2", NEVER),
    ("expect", TRANSPORT),
    ("host", TRANSPORT),
    ("keep-alive", TRANSPORT),
    ("proxy-authorization", NEVER),
    ("proxy-connection", TRANSPORT),
    ("te", TRANSPORT),
    ("trailer", TRANSPORT),
    ("transfer-encoding", TRANSPORT),
    ("upgrade", TRANSPORT),
    ("xero-tenant-id", TENANT),
];

/// Checks one header of a caller. The value may have spaces and tabs around it, which `fetch` removes.
///
/// Returns whether the header is sent. An empty `xero-tenant-id` is not: clients generated from Xero's specification have to
/// set this header, and a custom connection has no value for it (rule R18).
///
/// # Errors
/// [`Code::InvalidHeader`] for a name that is not a token (RFC 9110 section 5.6.2) or that a caller may not set; for a value
/// with a control character other than a tab, or with one beyond U+00FF, which `fetch` cannot send; for an
/// `Idempotency-Key` that does not have 1 to 128 characters; for an `If-Modified-Since` that is neither
/// `2026-04-29T00:00:00…` (as Xero's specification has it) nor `Wed, 29 Apr 2026 00:00:00 GMT` (RFC 9110 section 5.6.7).
/// No message quotes the value.
pub fn check_header(name: &str, value: &str) -> Result<bool, Error> {
    let shown = quoted(name, 60);
    let refuse =
        |why: &str| Err(Error::new(Code::InvalidHeader, words!["the header ", shown, " cannot be sent: ", why]));

    if name.is_empty() || !name.bytes().all(is_token_byte) {
        return refuse("its name is not a header name");
    }
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    if is("xero-tenant-id") && value.trim_matches([' ', '\t']).is_empty() {
        return Ok(false);
    }
    if let Some(&(_, why)) = REFUSED.iter().find(|(refused, _)| is(refused)) {
        return refuse(why).map_err(|error| if why == TENANT { error.by_rule("R18") } else { error });
    }
    if value.chars().any(|c| c.is_ascii_control() && c != '\t') {
        return refuse("its value has a control character, perhaps a line break");
    }
    if value.chars().any(|c| c > '\u{ff}') {
        return refuse("its value has a character beyond U+00FF; encode it");
    }
    let value = value.trim_matches([' ', '\t']);
    if is("idempotency-key") && !(1..=MAX_IDEMPOTENCY_KEY).contains(&value.chars().count()) {
        return refuse("its value must have 1 to 128 characters");
    }
    if is("if-modified-since") && !is_instant(value) {
        return refuse(
            "its value is not a date and time; write 2026-04-29T00:00:00, in UTC (in JavaScript, date.toISOString())",
        );
    }
    Ok(true)
}

const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
        )
}

/// Returns whether `text` looks like a date and time, in either form. Xero checks the details (412).
fn is_instant(text: &str) -> bool {
    let iso = text.split_once('T').is_some_and(|(date, time)| Date::parse(date).is_some() && time.len() >= 5);
    let http = text.get(3..5) == Some(", ") && text.ends_with(" GMT");
    iso || http
}
