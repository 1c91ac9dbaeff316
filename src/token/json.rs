//! Reads the JSON of token answers (RFC 8259): a whole object, strictly, of which the members that count are kept; or a list of
//! objects.
//!
//! It is small rather than general, and leaves no copy of a text behind. A number may differ from the nearest one in its last
//! digit: only whole seconds of it count.

use core::str::Chars;

use zeroize::Zeroizing;

use super::answer::{Body, MAX_DEPTH, Member, depth};
use crate::secret::Secret;

/// Reads a text that is an object; `None` if it is anything else. Of members with the same name the last counts.
pub fn read(text: &str) -> Option<Body> {
    let mut reader = BodyReader { rest: text };
    let mut body = Body::default();
    reader.object(&mut |name, value| {
        let place = match name {
            "access_token" => &mut body.access_token,
            "token_type" => &mut body.token_type,
            "expires_in" => &mut body.expires_in,
            "scope" => &mut body.scope,
            "error" => &mut body.error,
            "xero_tenant_id" => &mut body.xero_tenant_id,
            _ => return,
        };
        *place = value;
    })?;
    reader.space();
    reader.rest.is_empty().then_some(body)
}

/// The members of an object, by their names.
pub struct Members(Vec<(String, Member)>);

impl Members {
    /// Takes the value of a member out. Of members with the same name the last counts.
    pub fn take(&mut self, name: &str) -> Member {
        let found = self.0.iter_mut().rev().find(|(own, _)| own == name);
        found.map(|(_, value)| core::mem::take(value)).unwrap_or_default()
    }

    /// The same, of a text.
    pub fn text(&mut self, name: &str) -> Option<Secret<String>> {
        match self.take(name) {
            Member::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Reads a text that is an object, or an array of objects; `None` if it is anything else, or nested more deeply than the answers
/// of Xero.
pub fn objects(text: &str) -> Option<Vec<Members>> {
    let mut reader = BodyReader { rest: text.strip_prefix('\u{feff}').unwrap_or(text) };
    if depth(text) > MAX_DEPTH {
        return None;
    }
    let mut objects = Vec::new();
    let is_list = reader.comes(b'[');
    if !(is_list && reader.comes(b']')) {
        loop {
            let mut members = Vec::new();
            reader.object(&mut |name, value| members.push((name.to_owned(), value)))?;
            objects.push(Members(members));
            if !(is_list && reader.comes(b',')) {
                break;
            }
        }
        if is_list && !reader.comes(b']') {
            return None;
        }
    }
    reader.space();
    reader.rest.is_empty().then_some(objects)
}

struct BodyReader<'t> {
    rest: &'t str,
}

impl<'t> BodyReader<'t> {
    fn space(&mut self) {
        while matches!(self.first(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.take(1);
        }
    }

    fn first(&self) -> Option<u8> {
        self.rest.as_bytes().first().copied()
    }

    fn take(&mut self, count: usize) -> Option<&'t str> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    /// Takes this byte, if it comes next.
    fn has(&mut self, byte: u8) -> bool {
        self.first() == Some(byte) && self.take(1).is_some()
    }

    /// The same, after white space.
    fn comes(&mut self, byte: u8) -> bool {
        self.space();
        self.has(byte)
    }

    fn object(&mut self, member: &mut dyn FnMut(&str, Member)) -> Option<()> {
        if !self.comes(b'{') {
            return None;
        }
        if self.comes(b'}') {
            return Some(());
        }
        loop {
            self.space();
            let name = self.string()?;
            let value = if self.comes(b':') { self.value()? } else { return None };
            member(name.reveal(), value);
            if !self.comes(b',') {
                return self.comes(b'}').then_some(());
            }
        }
    }

    /// An array: a list, if all its items are strings.
    fn array(&mut self) -> Option<Member> {
        let mut list = Some(Vec::new());
        if self.has(b'[') && self.comes(b']') {
            return Some(Member::List(Vec::new()));
        }
        loop {
            match (self.value()?, &mut list) {
                (Member::Text(text), Some(list)) => list.push(text.reveal().clone()),
                _ => list = None,
            }
            if !self.comes(b',') {
                return self.comes(b']').then(|| list.map_or(Member::Other, Member::List));
            }
        }
    }

    fn value(&mut self) -> Option<Member> {
        self.space();
        match self.first()? {
            b'"' => self.string().map(Member::Text),
            b'[' => self.array(),
            b'{' => self.object(&mut |_, _| {}).map(|()| Member::Other),
            b'-' | b'0'..=b'9' => self.number().map(Member::Number),
            _ => {
                let word = ["true", "false", "null"].into_iter().find(|word| self.rest.starts_with(word))?;
                self.take(word.len()).map(|_| Member::Other)
            }
        }
    }

    fn string(&mut self) -> Option<Secret<String>> {
        let mut escaped = false;
        let is_end = |byte: u8| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends || byte < b' '
        };
        let raw = if self.has(b'"') { self.rest.bytes().position(is_end)? } else { return None };
        let raw = self.take(raw)?;
        // An escape is not shorter than its character: a text that grows would leave a copy behind.
        let mut text = Zeroizing::new(String::with_capacity(raw.len()));
        if raw.as_bytes().contains(&b'\\') {
            let mut chars = raw.chars();
            while let Some(c) = chars.next() {
                text.push(if c == '\\' { escape(&mut chars)? } else { c });
            }
        } else {
            text.push_str(raw);
        }
        self.has(b'"').then(|| Secret::new(core::mem::take(&mut *text)))
    }

    /// Digits, and the number that `sum` becomes with them after it; `None` if there are none.
    fn digits(&mut self, mut sum: f64) -> Option<(f64, usize)> {
        let count = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        for digit in self.take(count)?.bytes() {
            sum = sum * 10.0 + f64::from(digit.wrapping_sub(b'0'));
        }
        (count > 0).then_some((sum, count))
    }

    fn number(&mut self) -> Option<f64> {
        let negative = self.has(b'-');
        let leads = self.first() == Some(b'0');
        let (mut number, count) = self.digits(0.0)?;
        if leads && count > 1 {
            return None;
        }
        let mut power = 0.0;
        if self.has(b'.') {
            let places;
            (number, places) = self.digits(number)?;
            power = -f64::from(u32::try_from(places).ok()?);
        }
        if self.has(b'e') || self.has(b'E') {
            let sign = if self.has(b'-') { -1.0 } else { 1.0 };
            if sign > 0.0 {
                self.has(b'+');
            }
            power += sign * self.digits(0.0)?.0;
        }
        // Beyond this every number is 0 or infinite.
        let (mut scale, mut zeros) = (1.0, power.abs());
        while zeros > 0.0 && scale < f64::INFINITY {
            scale *= 10.0;
            zeros -= 1.0;
        }
        number = if power < 0.0 { number / scale } else { number * scale };
        Some(if negative { -number } else { number })
    }
}

/// The character of an escape whose backslash was taken. A surrogate alone becomes U+FFFD, as it does on its way from a host.
fn escape(chars: &mut Chars<'_>) -> Option<char> {
    Some(match chars.next()? {
        c @ ('"' | '\\' | '/') => c,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => {
            let unit = unit(chars)?;
            let mut after = chars.clone();
            if unit & 0xfc00 == 0xd800
                && after.next() == Some('\\')
                && after.next() == Some('u')
                && let Some(low) = self::unit(&mut after).filter(|low| low & 0xfc00 == 0xdc00)
            {
                *chars = after;
                let astral = ((unit & 0x3ff) << 10) | (low & 0x3ff);
                return char::from_u32(astral.saturating_add(0x1_0000));
            }
            char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        _ => return None,
    })
}

/// Four hexadecimal digits.
fn unit(chars: &mut Chars<'_>) -> Option<u32> {
    let mut unit = 0;
    for _ in 0..4 {
        unit = unit << 4 | chars.next()?.to_digit(16)?;
    }
    Some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_read_alone_and_in_a_list() {
        let names = |text: &str| {
            let objects = objects(text)?;
            Some(objects.into_iter().map(|mut one| one.text("a").map(|text| text.reveal().clone())).collect::<Vec<_>>())
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(names(r#"{"a":"x"}"#), Some(vec![some("x")]));
        assert_eq!(names("\u{feff} [ {\"a\":\"x\",\"a\":\"y\"} , {\"b\":[1,{}]} ] "), Some(vec![some("y"), None]));
        assert_eq!(names("[]"), Some(Vec::new()));
        for text in ["", "[", "[{}", "[{}}", "{}]", "[{},]", "[1]", "{} {}", "null", "\"a\""] {
            assert_eq!(names(text), None, "{text}");
        }
        assert_eq!(names(&("[".repeat(100_000) + &"]".repeat(100_000))), None);
    }
}
