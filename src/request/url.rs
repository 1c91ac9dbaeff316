//! Base URLs of services.

use super::path::{UrlPart, fault};
use crate::catalogue::APIS;
use crate::error::{Code, Error};
use crate::text::words;

/// The address of a service, such as `https://api.xero.com`: scheme, host, optional port, optional path prefix.
///
/// The scheme is `https`, or `http` for this machine (`localhost`, `127.0.0.0/8`, `[::1]`). The text is in the form of a WHATWG
/// URL parser: scheme and host in lower case, no default port, no slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    prefix_at: usize,
    origin: Origin,
}

impl BaseUrl {
    /// Reads a base URL.
    ///
    /// # Errors
    /// [`Code::InsecureUrl`] for plain http to another machine; [`Code::InvalidOption`] for everything else that is not a
    /// base URL: credentials, query, fragment, dot or empty segments, hosts and characters that URL parsers rewrite
    /// (percent-encoding, other alphabets, Punycode, unusual forms of IP addresses), and IPv6 other than `[::1]`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::read("the base URL", text)
    }

    /// Reads the base URL of the identity service, the option `identityUrl`.
    ///
    /// # Errors
    /// As [`BaseUrl::parse`], and [`Code::InvalidOption`] for the address of the token endpoint, whose path is added here.
    pub fn of_identity(text: &str) -> Result<Self, Error> {
        Self::read("identityUrl", text)?.without("identityUrl", core::iter::once("/connect/token"))
    }

    /// Reads the base URL of the APIs, the option `apiUrl`.
    ///
    /// # Errors
    /// As [`BaseUrl::parse`], and [`Code::InvalidOption`] for the address of one API, whose path is added for each call.
    pub fn of_apis(text: &str) -> Result<Self, Error> {
        Self::read("apiUrl", text)?.without("apiUrl", APIS.iter().map(|api| api.base).filter(|base| !base.is_empty()))
    }

    /// Refuses a URL that ends with one of `paths`, because it would be there twice. The message has the right URL.
    fn without<'a>(self, option: &str, mut paths: impl Iterator<Item = &'a str>) -> Result<Self, Error> {
        let ends_with = |path: &&str| {
            let rest = self.prefix().len().checked_sub(path.len());
            rest.and_then(|at| self.prefix().get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(path))
        };
        let Some(path) = paths.find(ends_with) else { return Ok(self) };
        let right = self.text.get(..self.text.len().saturating_sub(path.len())).unwrap_or_default();
        let message = words![option, " ends with ", path, ", which every request adds again; write ", right];
        Err(Error::new(Code::InvalidOption, message))
    }

    /// Reads a base URL. Messages call it `name`.
    fn read(name: &str, text: &str) -> Result<Self, Error> {
        let invalid = |what: &str| Error::new(Code::InvalidOption, words![name, " ", what]);
        let Some((scheme, rest)) =
            text.split_once(':').and_then(|(scheme, rest)| Some((scheme, rest.strip_prefix("//")?)))
        else {
            return Err(invalid("has no scheme; write it as https://host or https://host/prefix"));
        };
        if rest.bytes().any(|byte| matches!(byte, b'?' | b'#')) {
            return Err(invalid("has a query or a fragment; only scheme, host, port and a path prefix are allowed"));
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if authority.contains('@') {
            return Err(invalid("has credentials; pass them as clientId and clientSecret"));
        }
        let Some(origin) = Origin::parse(scheme, authority) else {
            return Err(invalid(
                "needs the scheme https (or http on loopback) and a plain host name, with or without a port",
            ));
        };
        if !origin.secure && !origin.is_loopback() {
            let host = &origin.host;
            return Err(Error::new(
                Code::InsecureUrl,
                words![
                    name,
                    " would send secrets to ",
                    host.as_str(),
                    " over plain http; use https (http only on loopback)"
                ],
            ));
        }
        let prefix = path.strip_suffix('/').unwrap_or(path);
        if !UrlPart::Path.is_plain(prefix) {
            return Err(invalid("has a character in its path that must be percent-encoded"));
        }
        let mut text = origin.text();
        let prefix_at = text.len();
        if !path.is_empty() {
            if let Some(fault) = fault(prefix) {
                return Err(invalid(&words!["is invalid: its path ", fault]));
            }
            text.push('/');
            text.push_str(prefix);
        }
        Ok(Self { text, prefix_at, origin })
    }

    /// The URL, without a slash at the end: a path that begins with one can be appended.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The path prefix: empty, or with a slash at its beginning and none at its end.
    pub(super) fn prefix(&self) -> &str {
        self.text.get(self.prefix_at..).unwrap_or_default()
    }

    pub(super) const fn origin(&self) -> &Origin {
        &self.origin
    }
}

/// Scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    secure: bool,
    /// In lower case; a name, a dotted quad or `[::1]`.
    host: String,
    port: u16,
}

impl Origin {
    /// Reads an origin; `None` if the scheme is not http or https, or if a WHATWG parser would refuse the authority or read it
    /// differently.
    pub(super) fn parse(scheme: &str, authority: &str) -> Option<Self> {
        let secure = scheme.eq_ignore_ascii_case("https");
        if !secure && !scheme.eq_ignore_ascii_case("http") {
            return None;
        }
        // `rsplit_once`, and `rsplit` below, would add half a kilobyte of wasm.
        let colon = authority.bytes().rposition(|byte| byte == b':').unwrap_or(authority.len());
        let (host, port) =
            match authority.split_at_checked(colon).and_then(|(host, rest)| Some((host, rest.strip_prefix(':')?))) {
                Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
                _ => (authority, None),
            };
        let host = host.to_ascii_lowercase();
        let port = match port {
            Some(digits) => digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())??,
            None => default_port(secure),
        };
        (is_host(&host) && port != 0).then_some(Self { secure, host, port })
    }

    /// Returns whether it is `other` over http instead of https.
    pub(super) fn is_insecure_form_of(&self, other: &Self) -> bool {
        self.host == other.host && other.secure && !self.secure
    }

    /// The origin as a URL has it.
    fn text(&self) -> String {
        let scheme = if self.secure { "https://" } else { "http://" };
        if self.port == default_port(self.secure) {
            words![scheme, self.host]
        } else {
            words![scheme, self.host, ":", self.port]
        }
    }

    fn is_loopback(&self) -> bool {
        matches!(self.host.as_str(), "localhost" | "[::1]") || network(&self.host) == Some(127)
    }
}

const fn default_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}

/// Returns whether a lower-case host is a plain name or an IP address in the usual form, which every URL parser reads alike.
fn is_host(host: &str) -> bool {
    if host == "[::1]" {
        return true;
    }
    let is_label = |label: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        // Some labels in Punycode are invalid, and decoding them would make the module larger.
        !label.is_empty() && !label.starts_with("xn--") && label.bytes().all(is_plain)
    };
    // For WHATWG, a host whose last label is a number is an IPv4 address, in many spellings.
    let last = host.split('.').fold("", |_, label| label);
    let is_number = match last.strip_prefix("0x") {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => last.bytes().all(|byte| byte.is_ascii_digit()),
    };
    host.split('.').all(is_label) && (!is_number || network(host).is_some())
}

/// The first number of an IPv4 address in the usual form. `Ipv4Addr` would add a kilobyte of wasm.
fn network(host: &str) -> Option<u8> {
    let octet = |label: &str| label.parse::<u8>().ok().filter(|octet| words![u16::from(*octet)] == label);
    let mut octets = host.split('.').map(octet);
    let first = octets.next()??;
    (octets.clone().count() == 3 && octets.all(|octet| octet.is_some())).then_some(first)
}
