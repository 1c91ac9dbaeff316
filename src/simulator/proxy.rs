//! The proxy of a local Xero: the requests that it passes on, and the refusal of every other.

/// The hosts that a local Xero answers for.
pub(super) const HOSTS: [&str; 3] = ["identity.xero.com", "login.xero.com", "api.xero.com"];

/// The way of a request that came to the port of a proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passage {
    /// `CONNECT`: TLS with this host follows on the same connection.
    Tunnel(&'static str),
    /// The local Xero answers it, as this host if it was sent to one.
    Answer(Option<&'static str>),
    /// It is refused, and nothing is sent anywhere. The text names the host.
    Refused(String),
}

impl Passage {
    /// Returns the way of a request with this method and target (RFC 9112 section 3.2).
    pub fn of(method: &str, target: &str) -> Self {
        if method == "CONNECT" {
            return match known(target, "") {
                Ok(host) => Self::Tunnel(host),
                Err(refusal) => Self::Refused(refusal),
            };
        }
        let Some((scheme, rest)) = target.split_once("://").filter(|_| !target.starts_with('/')) else {
            return Self::Answer(None);
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if !scheme.eq_ignore_ascii_case("https") {
            return Self::Refused(refusal(authority, " without TLS"));
        }
        match known(authority, ":443") {
            Ok(host) => Self::Answer(Some(host)),
            Err(refusal) => Self::Refused(refusal),
        }
    }
}

/// The host of a list that `authority` names, with port 443. A missing port is `port`.
fn known(authority: &str, port: &str) -> Result<&'static str, String> {
    let lower = authority.to_ascii_lowercase();
    let complete = if lower.contains(':') { lower } else { lower + port };
    let host = complete.strip_suffix(":443");
    HOSTS.into_iter().find(|own| host == Some(own)).ok_or_else(|| refusal(authority, ""))
}

fn refusal(authority: &str, how: &str) -> String {
    // What stands before an @ may be a password.
    let host = authority.rsplit('@').next().unwrap_or_default();
    let shown: String = host.chars().map(|c| if c.is_ascii_graphic() { c } else { '?' }).take(100).collect();
    format!(
        "The proxy of the local Xero refused a request to \"{shown}\"{how}: it answers for https://{} only, and sent \
         nothing on. If the program may reach that host, add it to NO_PROXY.",
        HOSTS.join(", https://")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosts_of_xero_are_passed_on() {
        for (method, target, expected) in [
            ("CONNECT", "api.xero.com:443", Passage::Tunnel("api.xero.com")),
            ("CONNECT", "Identity.Xero.com:443", Passage::Tunnel("identity.xero.com")),
            ("GET", "https://api.xero.com/connections", Passage::Answer(Some("api.xero.com"))),
            ("POST", "HTTPS://identity.xero.com:443/connect/token", Passage::Answer(Some("identity.xero.com"))),
            ("GET", "https://login.xero.com?a=http://b", Passage::Answer(Some("login.xero.com"))),
            ("GET", "/api.xro/2.0/Invoices?where=a://b", Passage::Answer(None)),
            ("OPTIONS", "*", Passage::Answer(None)),
        ] {
            assert_eq!(Passage::of(method, target), expected, "{method} {target}");
        }
    }

    #[test]
    fn every_other_host_is_refused_by_its_name() {
        for (method, target, named) in [
            ("CONNECT", "example.com:443", "\"example.com:443\""),
            ("CONNECT", "api.xero.com:80", "\"api.xero.com:80\""),
            ("CONNECT", "api.xero.com", "\"api.xero.com\""),
            ("CONNECT", "api.xero.com.example.com:443", "\"api.xero.com.example.com:443\""),
            ("CONNECT", "", "\"\""),
            ("GET", "https://example.com/api.xero.com", "\"example.com\""),
            ("GET", "https://me:secret@example.com/", "\"example.com\""),
            ("GET", "https://me:secret@api.xero.com/", "\"api.xero.com\""),
            ("GET", "http://api.xero.com/connections", "\"api.xero.com\" without TLS"),
            ("GET", "ftp://api.xero.com/", "\"api.xero.com\" without TLS"),
        ] {
            let Passage::Refused(text) = Passage::of(method, target) else {
                panic!("{method} {target} is passed on");
            };
            assert!(text.contains(&format!("a request to {named}")), "{text}");
            assert!(!text.contains("secret"), "{text}");
        }
    }
}
