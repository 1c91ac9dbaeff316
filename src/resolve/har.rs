//! Requests in JSON: HAR files, and logs that write JSON. Reads the text once, with room for so much depth as matters.

use std::borrow::Cow;

use super::ledger::{Ledger, Outcome, Request};
use super::target::{has_base, method, without_scheme};

/// Deeper objects are passed over: a request in a HAR file is at depth 4.
const DEPTH: usize = 64;

/// Reads a HAR file.
pub(super) fn read(ledger: &mut Ledger<'_>) {
    let text = ledger.text;
    let start = text.find('{').unwrap_or(0);
    let end = scan(text, start, |object| {
        if object.key == Key::Request {
            let outcome = object.request(text, true).map_or(Outcome::Other, |request| {
                // `data:`, `blob:`, `chrome-extension:`
                let is_http = without_scheme(&request.target).is_some();
                if is_http { request.take(ledger) } else { Outcome::OtherHost }
            });
            ledger.pass_over(outcome);
        }
    });
    match end {
        Ok(end) if text.get(end..).is_some_and(|rest| rest.trim().is_empty()) => {}
        Ok(at) | Err(at) => ledger.broken(at),
    }
}

/// Reads a line that is an object, as logs write them.
pub(super) fn line(ledger: &mut Ledger<'_>, start: usize, line: &str) -> Outcome {
    let object = line.trim().trim_end_matches(',');
    if !object.starts_with('{') || !object.ends_with('}') {
        return Outcome::Other;
    }
    let at = start.saturating_add(line.find('{').unwrap_or(0));
    let mut outcome = Outcome::Other;
    let text = ledger.text;
    // A broken line is read by the other rules once more, but what was found before it broke is a call already.
    let _ = scan(text.get(..start.saturating_add(line.len())).unwrap_or_default(), at, |object| {
        if let Some(request) = object.request(text, false) {
            outcome = outcome.max(request.take(ledger));
        }
    });
    outcome
}

/// What a member of an object is, by its key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Other,
    Request,
    Method,
    Url,
    Path,
}

impl Key {
    /// Reads a key as loggers spell it: `httpRequestMethod`, `http.url`, `request_uri`.
    fn of(key: &str) -> Self {
        let mut name = [0_u8; 20];
        let mut length = 0_usize;
        for byte in key.bytes().filter(u8::is_ascii_alphanumeric) {
            let Some(slot) = name.get_mut(length) else { return Self::Other };
            *slot = byte.to_ascii_lowercase();
            length = length.saturating_add(1);
        }
        match name.get(..length).unwrap_or_default() {
            b"request" => Self::Request,
            b"method" | b"httpmethod" | b"requestmethod" | b"httprequestmethod" | b"verb" => Self::Method,
            b"url" | b"fullurl" | b"httpurl" | b"requesturl" | b"urlfull" | b"href" => Self::Url,
            b"path" | b"httppath" | b"httptarget" | b"requestpath" | b"requesturi" | b"target" | b"uri"
            | b"urlpath" => Self::Path,
            _ => Self::Other,
        }
    }
}

/// Where a string is, without its quotes.
type Span = (usize, usize);

/// An object, as far as it matters.
struct Object {
    /// What it is a member as.
    key: Key,
    /// The key that was read last.
    member: Key,
    method: Option<Span>,
    url: Option<Span>,
    path: Option<Span>,
}

/// A request that an object describes.
struct Described<'a> {
    method: Option<&'static str>,
    target: Cow<'a, str>,
    at: usize,
}

impl Described<'_> {
    fn take(&self, ledger: &mut Ledger<'_>) -> Outcome {
        ledger.request(Request { method: self.method, target: &self.target, text: &self.target, at: self.at })
    }
}

impl Object {
    /// The request that it describes. One of a log needs a method, unless the URL is one that nobody else has.
    fn request<'a>(&self, text: &'a str, in_har: bool) -> Option<Described<'a>> {
        let string = |(start, end): Span| unescaped(text.get(start..end).unwrap_or_default());
        let (at, target) = [self.url, self.path].into_iter().flatten().map(|span| (span.0, string(span))).next()?;
        let method = self.method.map(string).and_then(|word| method(&word));
        let is_target = target.starts_with('/') || without_scheme(&target).is_some();
        let counts = in_har || is_target && (method.is_some() || has_base(&target));
        counts.then_some(Described { method, target, at })
    }
}

/// Goes through one JSON value, which starts at `start`, and shows each object when it ends. Returns where the value ends,
/// or where it is broken.
fn scan(text: &str, start: usize, mut end_object: impl FnMut(&Object)) -> Result<usize, usize> {
    let bytes = text.as_bytes();
    // An array is `None`.
    let mut open: Vec<Option<Object>> = Vec::new();
    let mut deeper = 0_usize;
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        let next = at.saturating_add(1);
        at = match byte {
            b'"' => {
                let end = end_of_string(bytes, next).ok_or(at)?;
                let behind = end.saturating_add(1);
                if deeper == 0
                    && let Some(Some(object)) = open.last_mut()
                {
                    object.string(text, (next, end), bytes.get(behind..).unwrap_or_default());
                }
                behind
            }
            b'{' | b'[' if open.len() >= DEPTH => {
                deeper = deeper.saturating_add(1);
                next
            }
            b'{' => {
                let key = open.last().and_then(Option::as_ref).map_or(Key::Other, |object| object.member);
                open.push(Some(Object { key, member: Key::Other, method: None, url: None, path: None }));
                next
            }
            b'[' => {
                open.push(None);
                next
            }
            b'}' | b']' if deeper > 0 => {
                deeper = deeper.saturating_sub(1);
                next
            }
            b'}' | b']' => {
                match open.pop().ok_or(at)? {
                    Some(object) if byte == b'}' => end_object(&object),
                    None if byte == b']' => {}
                    _ => return Err(at),
                }
                if open.is_empty() {
                    return Ok(next);
                }
                next
            }
            b':' | b',' | b'-' | b'+' | b'.' | b' ' | b'\t' | b'\r' | b'\n' => next,
            _ if byte.is_ascii_alphanumeric() => next,
            _ => return Err(at),
        };
    }
    Err(bytes.len())
}

impl Object {
    /// Takes a string: a key if a colon is behind it.
    fn string(&mut self, text: &str, span: Span, behind: &[u8]) {
        let next = behind.iter().find(|byte| !byte.is_ascii_whitespace());
        if next == Some(&b':') {
            self.member = Key::of(text.get(span.0..span.1).unwrap_or_default());
            return;
        }
        match self.member {
            Key::Method => self.method = Some(span),
            Key::Url => self.url = Some(span),
            Key::Path => self.path = Some(span),
            Key::Other | Key::Request => {}
        }
        self.member = Key::Other;
    }
}

/// Where the string ends whose first byte is at `at`.
fn end_of_string(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at;
    loop {
        let rest = bytes.get(at..)?;
        let length = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
        at = at.saturating_add(length);
        if bytes.get(at) == Some(&b'"') {
            return Some(at);
        }
        at = at.saturating_add(2);
    }
}

/// A string of JSON without its escapes. A half of a surrogate pair becomes U+FFFD: no path has one.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('u') => {
                let hex = chars.as_str().get(..4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
                out.push(hex.and_then(char::from_u32).unwrap_or('\u{fffd}'));
                chars = chars.as_str().get(4..).unwrap_or_default().chars();
            }
            Some('n' | 'r' | 't' | 'b' | 'f') => out.push(' '),
            Some(escaped) => out.push(escaped),
            None => {}
        }
    }
    Cow::Owned(out)
}
