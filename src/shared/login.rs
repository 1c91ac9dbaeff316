//! The decisions of a login: the address that a user opens, and the answers that count as its callback.
//!
//! The callback is a request to this machine that any program and any page can make as well. So it counts only with the exact
//! method, path, host and `state`; everything else changes nothing, an `error` included (RFC 6749 sections 4.1.2 and 10.12).

use crate::error::{Code, Error};
use crate::request::{BaseUrl, push_form_encoded};
use crate::scope::ScopeSet;
use crate::text::words;

/// Xero's address for the consent of a user.
pub const AUTHORIZE_URL: &str = "https://login.xero.com/identity/connect/authorize";

/// The path that Xero sends the browser to.
const PATH: &str = "/callback";

/// The scope that gives a refresh token (rule R46).
const REFRESH: &str = "offline_access";

/// More than any code of an identity service.
const MOST_CODE: usize = 4096;

/// One login: the values that its callback is compared with.
#[derive(Clone)]
pub struct PendingLogin {
    port: u16,
    state: String,
}

/// A request, judged as the callback of a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Callback {
    /// The user has consented: the authorization code.
    Code(String),
    /// The user has refused, or Xero has.
    Refused(LoginRefusal),
    /// It is not the callback of this login, and changes nothing.
    Stray(Stray),
}

/// The reason why there is no code (RFC 6749 section 4.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginRefusal {
    /// `access_denied`: the user has refused.
    Denied,
    /// `invalid_scope`: the app cannot have a scope.
    Scope,
    /// `temporarily_unavailable` or `server_error`.
    Unavailable,
    /// Any other error. Its text comes from outside and is not repeated.
    Other,
}

/// The reason why a request is not the callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stray {
    /// Another method than GET.
    Method,
    /// Another path.
    Path,
    /// A host other than `localhost` with the port of this login.
    Host,
    /// No `state`, another one, or several.
    State,
    /// Not exactly one `code` or `error`, or one that cannot be read.
    Answer,
}

impl PendingLogin {
    /// A login that waits for its callback at this port; `state` is random and used once.
    pub fn new(port: u16, state: String) -> Self {
        Self { port, state }
    }

    /// The redirect address: Xero compares it with the one of the app character by character, and refuses `127.0.0.1`.
    pub fn redirect_uri(&self) -> String {
        words!["http://localhost:", self.port, PATH]
    }

    /// The address that the user opens (RFC 6749 section 4.1.1), with `offline_access` among its scopes. `challenge` is that of
    /// PKCE by SHA-256 (RFC 7636 section 4.3).
    ///
    /// # Errors
    /// [`Code::InvalidOption`] if `authorize` is no address, or no scope is asked for; [`Code::InsecureUrl`] for plain http to
    /// another machine.
    pub fn authorize_url(
        &self,
        authorize: &str,
        client_id: &str,
        scopes: &ScopeSet,
        challenge: Option<&str>,
    ) -> Result<String, Error> {
        let base = BaseUrl::parse(authorize).map_err(|error| {
            let message = error.message().replacen("the base URL", "authorizeUrl", 1);
            error.with_message(message)
        })?;
        if scopes.is_empty() {
            let message = "a login asks for scopes; name them with --scopes";
            return Err(Error::new(Code::InvalidOption, message));
        }
        let mut url = words![base.as_str(), "?response_type=code"];
        let mut add = |name: &str, value: &str| {
            url.push('&');
            url.push_str(name);
            url.push('=');
            push_form_encoded(value, &mut url);
        };
        add("client_id", client_id);
        add("redirect_uri", &self.redirect_uri());
        add("scope", &scopes.union(&ScopeSet::from_names([REFRESH])).to_scope_param());
        add("state", &self.state);
        if let Some(challenge) = challenge {
            add("code_challenge", challenge);
            add("code_challenge_method", "S256");
        }
        Ok(url)
    }

    /// Judges a request to this machine: its method, its target as in the request line, and its header `Host`.
    pub fn callback(&self, method: &str, target: &str, host: &str) -> Callback {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path != PATH {
            Callback::Stray(Stray::Path)
        } else if method != "GET" {
            Callback::Stray(Stray::Method)
        } else if host != words!["localhost:", self.port] {
            Callback::Stray(Stray::Host)
        } else {
            self.answer(query)
        }
    }

    /// Judges an address that the browser ended at and that the user pasted.
    pub fn pasted(&self, text: &str) -> Callback {
        let text = text.trim();
        let address = text.split_once('#').map_or(text, |(address, _)| address);
        let Some(rest) = address.strip_prefix("http://") else { return Callback::Stray(Stray::Host) };
        let (host, target) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        self.callback("GET", target, host)
    }

    fn answer(&self, query: &str) -> Callback {
        let fields: Vec<(String, String)> = query.split('&').filter_map(field).collect();
        let only = |name: &str| {
            let mut values = fields.iter().filter(|(own, _)| own == name).map(|(_, value)| value.as_str());
            (values.next(), values.next().is_some())
        };
        match only("state") {
            (Some(state), false) if is_same(state, &self.state) => {}
            _ => return Callback::Stray(Stray::State),
        }
        match (only("code"), only("error")) {
            ((Some(code), false), (None, _)) if is_code(code) => Callback::Code(code.to_owned()),
            ((None, _), (Some(error), false)) => Callback::Refused(match error {
                "access_denied" => LoginRefusal::Denied,
                "invalid_scope" => LoginRefusal::Scope,
                "temporarily_unavailable" | "server_error" => LoginRefusal::Unavailable,
                _ => LoginRefusal::Other,
            }),
            _ => Callback::Stray(Stray::Answer),
        }
    }
}

impl LoginRefusal {
    /// The sentence for the user.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Denied => "the user did not give access; nothing has changed",
            Self::Scope => {
                "Xero refuses a scope of this login; look at the scopes that the app can have, and log in again with others"
            }
            Self::Unavailable => "Xero cannot answer at the moment; log in again later",
            Self::Other => {
                "Xero refused the login; compare the client id and the redirect address with the app in its portal"
            }
        }
    }
}

impl Stray {
    /// The sentence about a pasted address.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Method | Self::Path | Self::Host => {
                "that is not the address that the browser ended at; it begins with the redirect address of this login"
            }
            Self::State => "that address belongs to another login; paste the one that this login led to",
            Self::Answer => "that address has no code in it; copy all of it",
        }
    }
}

/// A field of a query, decoded; `None` if it cannot be read. A field that cannot be read does not count.
fn field(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    Some((decoded(name)?, decoded(value)?))
}

/// The text of a form-encoded one (RFC 6749 appendix B); `None` if it is not one.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut left = text.bytes();
    while let Some(byte) = left.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (digit(left.next()?)?, digit(left.next()?)?);
                high << 4 | low
            }
            _ => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Returns true for a text that can be a code: visible characters, not too many (RFC 6749 appendix A.11).
fn is_code(text: &str) -> bool {
    (1..=MOST_CODE).contains(&text.len()) && text.bytes().all(|byte| (0x20..=0x7e).contains(&byte))
}

/// Compares two texts in a time that depends only on the length of the first, which whoever sends it knows.
fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut difference = u8::from(one.len() != other.len());
    for (place, byte) in one.iter().enumerate() {
        difference |= byte ^ other.get(place).copied().unwrap_or(!byte);
    }
    core::hint::black_box(difference) == 0
}
