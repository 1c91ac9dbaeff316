//! Small formats: forms and queries, dates as Xero writes and reads them, media types.

use core::fmt::Write;

use base64ct::{Base64, Encoding};

use crate::time::{Date, Timestamp};

/// The name and value pairs of a form or a query. `None` if an escape is broken.
pub(super) fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((form_decoded(name)?, form_decoded(value)?))
        })
        .collect()
}

/// Decodes `application/x-www-form-urlencoded`: `+` is a space, `%41` a byte of UTF-8.
pub(super) fn form_decoded(text: &str) -> Option<String> {
    percent_decoded(&text.replace('+', " "))
}

/// Decodes percent-encoding; `None` if an escape is broken or the bytes are not UTF-8.
pub(super) fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let mut digit = || char::from(bytes.next()?).to_digit(16);
            let (high, low) = (digit()?, digit()?);
            out.push(u8::try_from(high << 4 | low).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

/// The pairs again, if none of these names is there twice (RFC 6749 section 3.1). Other names mean nothing, and may be
/// repeated: a published connector sends `scopes` eleven times.
pub(super) fn distinct(pairs: Vec<(String, String)>, names: &[&str]) -> Option<Vec<(String, String)>> {
    let repeated = |name: &&&str| pairs.iter().filter(|(own, _)| own == **name).count() > 1;
    (!names.iter().any(|name| repeated(&name))).then_some(pairs)
}

/// Encodes a text for a query: every byte but the unreserved ones (RFC 3986 section 2.3) as `%41`.
pub(super) fn form_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The id and the secret of an `Authorization: Basic` header, each form-encoded first (RFC 6749 section 2.3.1).
pub(super) fn basic_credentials(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("basic").then_some(())?;
    let text = String::from_utf8(Base64::decode_vec(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((form_decoded(id)?, form_decoded(secret)?))
}

/// `/Date(1539993600000+0000)/`, as the accounting API writes the instants of records.
pub(super) fn ms_date(at: Timestamp) -> String {
    format!("/Date({}+0000)/", at.as_ms())
}

/// `2018-10-20T00:00:00`, as in the members that end in `String`.
pub(super) fn date_string(at: Timestamp) -> String {
    let (hours, minutes, seconds) = clock(at);
    format!("{}T{hours:02}:{minutes:02}:{seconds:02}", at.date())
}

/// `2018-10-20T00:00:00.1230000`, as `/connections` writes instants.
pub(super) fn precise_date_string(at: Timestamp) -> String {
    format!("{}.{:03}0000", date_string(at), at.as_ms() % 1_000)
}

/// `11/23/2026 10:30:00`, as Xero writes the end of a token in a refusal.
pub(super) fn american(at: Timestamp) -> String {
    let (date, (hours, minutes, seconds)) = (at.date(), clock(at));
    format!("{:02}/{:02}/{:04} {hours:02}:{minutes:02}:{seconds:02}", date.month(), date.day(), date.year())
}

/// The hours, minutes and seconds of the day.
const fn clock(at: Timestamp) -> (u64, u64, u64) {
    let second = at.as_ms() / 1_000 % 86_400;
    (second / 3_600, second / 60 % 60, second % 60)
}

/// A date as clients send it: `2026-11-23`, with a time of day that is ignored, or `/Date(1539993600000)/`.
pub(super) fn read_date(text: &str) -> Option<Date> {
    if let Some(inner) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) {
        let ms = inner.split_once('+').map_or(inner, |(ms, _)| ms);
        return ms.parse().ok().map(|ms| Timestamp::from_ms(ms).date());
    }
    Date::parse(text.split_once('T').map_or(text, |(date, _)| date))
}

/// The milliseconds of `/Date(1539993600000+0000)/`; `None` for any other text.
pub(super) fn read_ms_date(text: &str) -> Option<i64> {
    let inner = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    inner.split_once('+').map_or(inner, |(ms, _)| ms).parse().ok()
}

/// The milliseconds of a date, with a time of day if there is one, as filters have it: `2026-11-23T10:00:00`.
pub(super) fn read_ms(text: &str) -> Option<i64> {
    let day = || Date::parse(text.trim()).map(Date::start);
    let at = read_instant(text.trim()).or_else(day)?;
    i64::try_from(at.as_ms()).ok()
}

/// The milliseconds of year, month, day, and hours, minutes and seconds if they are there.
pub(super) fn ms_of(numbers: &[f64]) -> Option<i64> {
    let whole = |place: usize| {
        let number = numbers.get(place).copied().unwrap_or(0.0);
        (0.0..=9_999.0).contains(&number).then(|| format!("{number:.0}"))
    };
    (numbers.len() >= 3).then_some(())?;
    let date = format!("{:0>4}-{:0>2}-{:0>2}", whole(0)?, whole(1)?, whole(2)?);
    let time = format!("{:0>2}:{:0>2}:{:0>2}", whole(3)?, whole(4)?, whole(5)?);
    let at = Date::parse(&date)?.start().plus(time_of_day(&time)?);
    i64::try_from(at.as_ms()).ok()
}

/// The instant of an `If-Modified-Since` header, cut to the second: a day, `2020-02-06T12:17:43`, with a fraction and with `Z`
/// or an offset if there is one (the header is UTC otherwise), or the date of RFC 9110 section 5.6.7.
pub(super) fn read_instant(text: &str) -> Option<Timestamp> {
    let of_day = || Date::parse(text).map(Date::start);
    let of_second = || text.split_once('T').and_then(|(date, time)| iso(date, time));
    Timestamp::from_http_date(text).or_else(of_second).or_else(of_day)
}

fn iso(date: &str, time: &str) -> Option<Timestamp> {
    let at = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (time, zone) = time.split_at_checked(at)?;
    let time = time.split_once('.').map_or(time, |(whole, _)| whole);
    let local = Date::parse(date)?.start().plus(time_of_day(time)?);
    match zone.split_at_checked(1) {
        None | Some(("Z", "")) => Some(local),
        Some(("+", offset)) => Some(local.minus(time_of_day(&format!("{offset}:00"))?)),
        Some(("-", offset)) => Some(local.plus(time_of_day(&format!("{offset}:00"))?)),
        Some(_) => None,
    }
}

/// Milliseconds of `08:49:37`.
fn time_of_day(text: &str) -> Option<u64> {
    let parts: Vec<u64> = text.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let &[hours @ 0..24, minutes @ 0..60, seconds @ 0..60] = parts.as_slice() else {
        return None;
    };
    Some(
        hours
            .saturating_mul(3_600)
            .saturating_add(minutes.saturating_mul(60))
            .saturating_add(seconds)
            .saturating_mul(1_000),
    )
}

/// Returns whether a header has this media type, with or without parameters.
pub(super) fn is_media(header: &str, media: &str) -> bool {
    header.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case(media)
}

/// A document of one empty page.
pub(super) const BLANK_PDF: &str = "%PDF-1.4\n\
    1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
    2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
    3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n\
    trailer<</Root 1 0 R>>\n\
    %%EOF\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_in_every_spelling() {
        let ms = |text| read_instant(text).map(Timestamp::as_ms);
        assert_eq!(ms("1994-11-06T08:49:37"), Some(784_111_777_000));
        assert_eq!(ms("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777_000));
        assert_eq!(ms("1994-11-06T08:49:37.999Z"), Some(784_111_777_000));
        assert_eq!(ms("1994-11-06T00:49:37.202-08:00"), Some(784_111_777_000));
        assert_eq!(ms("1994-11-06T10:49:37+02:00"), Some(784_111_777_000));
        assert_eq!(ms("1994-11-06"), Some(784_080_000_000));
        for bad in ["", "yesterday", "1994-13-06T00:00:00", "1994-11-06T25:00:00", "Sun, 06 Nov 1994"] {
            assert_eq!(ms(bad), None, "{bad}");
        }
    }

    #[test]
    fn dates_are_written_as_xero_does() {
        let at = Timestamp::from_ms(784_111_777_000);
        assert_eq!(date_string(at), "1994-11-06T08:49:37");
        assert_eq!(precise_date_string(at), "1994-11-06T08:49:37.0000000");
        assert_eq!(american(at), "11/06/1994 08:49:37");
        assert_eq!(ms_date(at), "/Date(784111777000+0000)/");
        for text in ["1994-11-06", "1994-11-06T08:49:37", "/Date(784111777000)/", "/Date(784111777000+0000)/"] {
            assert_eq!(read_date(text), Date::new(1994, 11, 6), "{text}");
        }
    }

    #[test]
    fn forms_are_decoded_strictly() {
        let read = pairs("a=b+c&scope=x%20y%2Bz&&empty=").unwrap();
        let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        assert_eq!(read, [("a", "b c"), ("scope", "x y+z"), ("empty", "")].map(own));
        for bad in ["a=%", "a=%4", "a=%zz", "a=%ff", "a=%+1"] {
            assert_eq!(pairs(bad), None, "{bad}");
        }
        assert_eq!(distinct(read.clone(), &["a", "scope"]), Some(read.clone()));
        let twice = [read.clone(), read].concat();
        assert_eq!(distinct(twice.clone(), &["scope"]), None);
        assert_eq!(distinct(twice.clone(), &["code"]), Some(twice));
        assert_eq!(form_encoded("a b&c=é~"), "a%20b%26c%3D%C3%A9~");
    }
}
