//! Methods, and paths and URLs as people write them.

use super::scan::position;
use crate::catalogue::OPERATIONS;
pub(super) use crate::request::route::method_name as method;
use crate::request::route::{ACCOUNTING, is_api, route};

/// The place where a request goes.
pub(super) enum Target {
    /// To an API: the path below Xero's host, as it can be routed.
    Api(String),
    /// To the base of an API, and no further.
    Base,
    /// To the identity service.
    SignIn,
    /// To somebody else.
    Elsewhere,
}

/// The host of all APIs.
pub(super) const HOST: &str = "api.xero.com";
const SIGN_IN: [&str; 2] = ["identity.xero.com", "login.xero.com"];

/// Reads a path or URL.
pub(super) fn target(text: &str) -> Target {
    if let Some(rest) = without_scheme(text) {
        let (authority, path) =
            rest.split_at_checked(rest.find(['/', '?', '#']).unwrap_or(rest.len())).unwrap_or((rest, ""));
        let host = authority.rsplit('@').next().unwrap_or_default();
        let name = host.split(':').next().unwrap_or_default();
        let is = |known: &str| known.eq_ignore_ascii_case(name);
        let path = plain(path);
        if SIGN_IN.into_iter().any(is) {
            return Target::SignIn;
        }
        let here = is("localhost") || name.starts_with("127.") || host.starts_with("[::1]");
        return match from_base(&path) {
            Some(at) => api(path, at),
            // Signing in by OAuth 1: `/oauth/RequestToken`.
            None if is(HOST) && path.get(..7).is_some_and(|front| front.eq_ignore_ascii_case("/oauth/")) => {
                Target::SignIn
            }
            None if is(HOST) || here && begins_with_api(&path) => api(path, 0),
            None => Target::Elsewhere,
        };
    }
    // What stands before the path: a variable that holds the base, or the host without a scheme.
    let variable = text.strip_prefix('$').map_or(0, |name| {
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
        end.saturating_add(1)
    });
    let before = placeholder(text).unwrap_or(variable);
    let rest = text.get(before..).filter(|rest| rest.starts_with('/')).unwrap_or(text);
    let rest = rest.strip_prefix(HOST).filter(|rest| rest.starts_with('/')).unwrap_or(rest);
    let path = plain(rest);
    let path = if path.starts_with('/') { path } else { format!("/{path}") };
    if path.starts_with("/connect/") {
        return Target::SignIn;
    }
    match from_base(&path) {
        Some(at) => api(path, at),
        None if begins_with_api(&path) => api(path, 0),
        None if path.trim_matches('/').is_empty() => Target::Base,
        None => Target::Api(format!("{ACCOUNTING}{path}")),
    }
}

/// Returns whether a text begins with `http://` or `https://`; what follows.
pub(super) fn without_scheme(text: &str) -> Option<&str> {
    ["https://", "http://"].into_iter().find_map(|scheme| {
        let (front, rest) = text.split_at_checked(scheme.len())?;
        front.eq_ignore_ascii_case(scheme).then_some(rest)
    })
}

/// Returns whether a text names a host or a base of Xero's.
pub(super) fn is_of_xero(text: &str) -> bool {
    let bytes = text.as_bytes();
    let hosts: [&[u8]; 3] = [b"api.xero.com", b"identity.xero.com", b"login.xero.com"];
    let is_at = |at: usize, what: &[u8]| {
        bytes.get(at..at.saturating_add(what.len())).is_some_and(|own| own.eq_ignore_ascii_case(what))
    };
    bytes.iter().enumerate().any(|(at, byte)| match byte {
        b'.' if is_at(at, b".xro") => !bytes.get(at.saturating_add(4)).is_some_and(u8::is_ascii_alphanumeric),
        b'a' | b'A' | b'i' | b'I' | b'l' | b'L' => {
            hosts.iter().any(|host| is_at(at, host))
                && !at.checked_sub(1).and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric)
        }
        _ => false,
    })
}

/// Returns whether a path has the base of an API in it.
pub(super) fn has_base(text: &str) -> bool {
    position(text, ".xro/").is_some()
}

/// Returns whether a name or a text has Xero's name in it, and not one that begins like it, such as Xerox.
pub(super) fn names_xero(text: &str) -> bool {
    let others = ["x", "graph", "phy", "derm"];
    let mut rest = text;
    while let Some(behind) = position(rest, "xero").and_then(|at| rest.get(at.saturating_add(4)..)) {
        let is_other = |other: &str| behind.get(..other.len()).is_some_and(|own| own.eq_ignore_ascii_case(other));
        if !others.into_iter().any(is_other) {
            return true;
        }
        rest = behind;
    }
    false
}

/// Returns whether anything of Xero is in a text: its name, or the base of an API.
pub(super) fn mentions_xero(text: &str) -> bool {
    names_xero(text) || position(text, ".xro").is_some()
}

/// A path that begins with an API at a byte, unless it ends there.
fn api(path: String, at: usize) -> Target {
    let mut path = path;
    if at > 0 {
        path = path.split_off(at);
    }
    let segments = path.as_bytes().split(|byte| *byte == b'/').filter(|segment| !segment.is_empty()).take(3).count();
    let is_app_store = || path.split('/').nth(1).is_some_and(|segment| segment.eq_ignore_ascii_case("appstore"));
    let is_base = segments < 3 && (is_app_store() || has_base(&format!("{path}/"))) || segments == 0;
    if is_base { Target::Base } else { Target::Api(path) }
}

/// Returns where the base of an API begins in a path.
fn from_base(path: &str) -> Option<usize> {
    path.get(..position(path, ".xro/")?)?.rfind('/')
}

fn begins_with_api(path: &str) -> bool {
    path.split('/').nth(1).is_some_and(is_api)
}

/// A path without its query, each placeholder as `{}`.
fn plain(path: &str) -> String {
    let is_special = |byte: &u8| *byte == b'?' || may_open(*byte);
    let Some(first) = path.as_bytes().iter().position(is_special) else { return path.to_owned() };
    let (front, mut rest) = path.split_at_checked(first).unwrap_or(("", path));
    let mut out = String::with_capacity(path.len());
    out.push_str(front);
    while let Some(c) = rest.chars().next() {
        let length = placeholder(rest);
        if length.is_none() && matches!(c, '?' | '#') {
            break;
        }
        let behind = rest.get(length.unwrap_or(c.len_utf8())..).unwrap_or_default();
        if length.is_none() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('/') && (behind.is_empty() || behind.starts_with(['?', '#', '&'])) {
            // `/Invoices${query}`
            break;
        } else {
            out.push_str("{}");
        }
        rest = behind;
    }
    out
}

/// So long may a placeholder be, in bytes.
const PLACEHOLDER: usize = 100;

/// Returns how long `%NAME%` is, as Windows writes variables. `%E2%82%AC` is a character of a URL.
fn of_batch(bytes: &[u8]) -> Option<usize> {
    let name = bytes.get(1..)?;
    let length = name.iter().take(PLACEHOLDER).position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')?;
    let is_name = length > 2 && name.first().is_some_and(u8::is_ascii_alphabetic) && name.get(length) == Some(&b'%');
    is_name.then(|| length.saturating_add(2))
}

/// Returns how long the placeholder is that a text begins with: `${…}`, `$(…)`, `#{…}`, `{…}`, `{{…}}`, `<…>` or `%…%`.
pub(super) fn placeholder(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (open, up, down) = match bytes {
        [b'$' | b'#', b'{', ..] => (1, b'{', b'}'),
        [b'$', b'(', ..] => (1, b'(', b')'),
        [b'<', b'/' | b'!' | b'?', ..] => return None,
        [b'<', ..] => (0, b'<', b'>'),
        [b'{', ..] => (0, b'{', b'}'),
        [b'%', ..] => return of_batch(bytes),
        _ => return None,
    };
    let mut depth = 0_usize;
    for (at, &byte) in bytes.iter().enumerate().take(PLACEHOLDER).skip(open) {
        if byte == up {
            depth = depth.saturating_add(1);
        } else if byte == down {
            depth = depth.saturating_sub(1);
        } else if byte == b'\n' {
            return None;
        }
        if depth == 0 {
            return Some(at.saturating_add(1));
        }
    }
    None
}

/// Returns whether a segment of a path stands for a value that is not known.
pub(super) fn is_hole(segment: &str) -> bool {
    let is_coded = || segment.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("%7b"));
    segment.starts_with(['{', ':', '$', '<']) || is_coded()
}

/// Returns whether a text has a placeholder for a whole segment whose name ends with that of a parameter, such as `{ReportID}`:
/// `/Reports/${report.reportId}`, `/Reports/:report_id`.
pub(super) fn has_named_hole(text: &str, parameter: &str) -> bool {
    let plain = |name: &str| -> String {
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    let parameter = plain(parameter);
    text.match_indices('/').any(|(at, slash)| {
        let rest = text.get(at.saturating_add(slash.len())..).unwrap_or_default();
        let end = placeholder(rest).or_else(|| {
            let is_named =
                rest.starts_with([':', '$']) || rest.get(..3).is_some_and(|it| it.eq_ignore_ascii_case("%7b"));
            is_named.then(|| rest.find(['/', '?', '#', '&', ' ', '"', '\'', '`']).unwrap_or(rest.len()))
        });
        end.and_then(|end| rest.get(..end))
            .is_some_and(|name| plain(name.trim_end_matches("%7D")).ends_with(&parameter))
    })
}

/// Returns whether a placeholder may begin with a byte.
const fn may_open(byte: u8) -> bool {
    matches!(byte, b'$' | b'#' | b'{' | b'<' | b'%')
}

/// Returns how much of a text is there up to its last placeholder.
pub(super) fn closed(text: &str) -> usize {
    let mut last = 0_usize;
    let mut at = 0_usize;
    while let Some(gap) = text.as_bytes().get(at..).and_then(|rest| rest.iter().position(|byte| may_open(*byte))) {
        at = at.saturating_add(gap);
        let length = text.get(at..).and_then(placeholder);
        at = at.saturating_add(length.unwrap_or(1));
        if length.is_some() {
            last = at;
        }
    }
    last
}

/// The path or URL that a text begins with, if it is not in quotes.
pub(super) fn bare(text: &str) -> &str {
    let bytes = text.as_bytes();
    let mut at = 0_usize;
    while let Some(length) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| STOPS.has(*byte))) {
        at = at.saturating_add(length);
        let rest = text.get(at..).unwrap_or_default();
        let c = rest.chars().next().unwrap_or(' ');
        at = match placeholder(rest) {
            Some(length) => at.saturating_add(length),
            None if c.is_ascii() && !matches!(c, '$' | '#' | '{' | '%') || c.is_whitespace() => {
                return text.get(..at).unwrap_or_default().trim_end_matches(ENDING);
            }
            None => at.saturating_add(c.len_utf8()),
        };
    }
    text.trim_end_matches(ENDING)
}

/// The marks behind a path or URL that belong to the sentence.
const ENDING: [char; 4] = ['.', ':', '!', '*'];

/// The bytes at which a path or URL may end or a placeholder begin, and all that are not ASCII.
const STOPS: Bytes = Bytes::of(b"\t\n\x0b\x0c\r \"'`<>)],;|\\$#{%");

/// A set of bytes in which all are that are not ASCII.
struct Bytes([u64; 2]);

impl Bytes {
    const fn of(bytes: &[u8]) -> Self {
        let (mut low, mut high) = (0_u64, 0_u64);
        let mut rest = bytes;
        while let [byte, more @ ..] = rest {
            if *byte < 64 {
                low |= 1_u64.wrapping_shl(*byte as u32);
            } else {
                high |= 1_u64.wrapping_shl(*byte as u32);
            }
            rest = more;
        }
        Self([low, high])
    }

    const fn has(&self, byte: u8) -> bool {
        let Self([low, high]) = self;
        let half = if byte < 64 { *low } else { *high };
        byte >= 128 || half.wrapping_shr(byte as u32) & 1 == 1
    }
}

/// The longest text that is kept, in characters.
pub(super) const SHOWN: usize = 100;

/// What can be shown of a request: where it starts and how it is written, from behind its credentials up to its query or
/// to the first text that might be a token.
pub(super) fn shown(text: &str) -> (usize, &str) {
    let host = text.find("://").map_or(0, |at| at.saturating_add(3));
    let rest = text.get(host..).unwrap_or_default();
    let authority = rest.get(..rest.find(['/', '?', '#']).unwrap_or(rest.len())).unwrap_or_default();
    let start = match authority.rfind('@') {
        Some(at) => host.saturating_add(at).saturating_add(1),
        // A password with a slash or the like in it: where it ends is anybody's guess.
        None if host > 0 && text.contains('@') && !has_port(authority) => return (0, ""),
        None => 0,
    };
    let text = text.get(start..).unwrap_or_default();
    let is_fragment = |at: &usize| !text.get(*at..).is_some_and(|rest| rest.starts_with("#{"));
    let fragment = text.match_indices('#').map(|(at, _)| at).find(is_fragment);
    let query = text.find(['?', ';', '&', '=']);
    let end = query.into_iter().chain(fragment).min().unwrap_or(text.len());
    let text = text.get(..end).unwrap_or_default();
    let text = without_secrets(text);
    let end = text.char_indices().nth(SHOWN).map_or(text.len(), |(at, _)| at);
    (start, text.get(..end).unwrap_or_default())
}

/// A text up to the first part that might be a token.
pub(super) fn without_secrets(text: &str) -> &str {
    let mut end = 0_usize;
    for run in text.split_inclusive(|c: char| !is_in_run(c)) {
        if is_secret(run.trim_end_matches(|c| !is_in_run(c))) {
            break;
        }
        end = end.saturating_add(run.len());
    }
    text.get(..end).unwrap_or_default()
}

/// Returns whether what follows the first colon of an authority is a port, or nothing does.
fn has_port(authority: &str) -> bool {
    authority.split_once(':').is_none_or(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_in_run(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '~' | '%')
}

/// Returns true if a value has the shape of a token or a secret.
fn is_secret(run: &str) -> bool {
    let bytes = run.as_bytes();
    let is_uuid = bytes.len() == 36
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    let long = bytes.len() >= 24 && bytes.iter().any(u8::is_ascii_digit) || bytes.len() >= 48;
    run.starts_with("eyJ") && bytes.len() >= 8 || long && !is_uuid
}

/// Returns whether a method and a path lead to an operation.
pub(super) fn is_known(method: &str, text: &str) -> bool {
    matches!(target(text), Target::Api(path) if route(method, &path).row().is_some())
}

/// Returns whether a path leads to an operation of the accounting API and is written exactly as Xero writes it: `/invoices` is
/// anybody's.
pub(super) fn is_spelt(method: &str, path: &str) -> bool {
    let Target::Api(whole) = target(path) else { return false };
    let first = |path: &str| path.split('/').nth(1).map(str::to_owned);
    route(method, &whole).row().is_some_and(|row| {
        let own = OPERATIONS.get(usize::from(row)).and_then(|operation| first(operation.path()));
        let given = path.split(['?', '#']).next().and_then(first);
        own.is_some() && own == given && given.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_uppercase()))
    })
}

/// A line without what makes it part of a list: a bullet, a number, a prompt.
pub(super) fn unlisted(line: &str) -> &str {
    let line = line.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = digits.strip_prefix(['.', ')']).filter(|_| digits.len() < line.len());
    let rest = numbered.or_else(|| line.strip_prefix(['-', '*', '+', '>', '$', '%', '•']));
    rest.filter(|rest| rest.starts_with([' ', '\t'])).map_or(line, str::trim_start)
}
