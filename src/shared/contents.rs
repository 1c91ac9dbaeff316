//! The sealed part of a document before it is sealed: the tokens, and the names that are personal data.
//!
//! A line for each member, its parts with tabs between them. Unknown lines are refused, because a later release may mean
//! something by them.

use zeroize::Zeroizing;

use super::document::Fresh;
use crate::error::{Code, Error};
use crate::secret::Secret;
use crate::time::Timestamp;

/// The longest contents that fit into a document, in bytes: sealed they are a third longer.
pub const MOST_BYTES: usize = 11_000;

/// An organisation of a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginOrganisation {
    /// Its id: the value of the header `xero-tenant-id`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The id of the connection, by which it can be disconnected.
    pub connection: String,
}

/// The tokens of a login.
#[derive(Clone, Debug)]
pub struct Contents {
    /// The access token.
    pub access_token: Secret<String>,
    /// The scopes of the access token, if they are known.
    pub scopes: Option<String>,
    /// The id of the user who logged in, if the token has it.
    pub user: Option<String>,
    /// The organisations of the login.
    pub organisations: Vec<LoginOrganisation>,
    /// The number of organisations that did not fit in.
    pub left_out: u32,
    /// The refresh tokens, each under its number.
    pub tokens: Vec<(u32, Secret<String>)>,
}

/// A grant of the identity service: its refresh token has the number 0.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The tokens.
    pub contents: Contents,
    /// The instants.
    pub fresh: Fresh,
}

impl Contents {
    /// Writes the contents. Organisations that would make them longer than [`MOST_BYTES`] are left out and counted.
    pub fn write(&self) -> Secret<String> {
        self.write_after("")
    }

    fn write_after(&self, head: &str) -> Secret<String> {
        let tokens: usize = self.tokens.iter().map(|(_, token)| token.reveal().len().saturating_add(16)).sum();
        let texts = [self.access_token.reveal().len(), self.scopes.as_ref().map_or(0, String::len)];
        let fixed = [head.len(), tokens, 128, self.user.as_ref().map_or(0, String::len)].into_iter().chain(texts);
        let mut length: usize = fixed.sum();
        let mut shown = Vec::new();
        let mut left_out = self.left_out;
        for organisation in &self.organisations {
            let line = line(&["o", &organisation.id, &organisation.connection, &organisation.name]);
            if length.saturating_add(line.len()) > MOST_BYTES {
                left_out = left_out.saturating_add(1);
            } else {
                length = length.saturating_add(line.len());
                shown.push(line);
            }
        }
        // One piece of memory, large enough: a text that grows would leave copies of tokens behind.
        let mut text = String::with_capacity(length.saturating_add(256));
        text.push_str(head);
        push_line(&mut text, &["a", self.access_token.reveal()]);
        for (name, value) in [("s", &self.scopes), ("u", &self.user)] {
            if let Some(value) = value {
                push_line(&mut text, &[name, value]);
            }
        }
        for line in &shown {
            text.push_str(line);
        }
        if left_out > 0 {
            push_line(&mut text, &["x", &number(left_out.into())]);
        }
        for (id, token) in &self.tokens {
            push_line(&mut text, &["r", &number((*id).into()), token.reveal()]);
        }
        Secret::new(text)
    }

    /// Reads contents. `None` for a text that is not what [`Self::write`] writes.
    pub fn read(text: &str) -> Option<Self> {
        let mut contents = Self {
            access_token: Secret::new(String::new()),
            scopes: None,
            user: None,
            organisations: Vec::new(),
            left_out: 0,
            tokens: Vec::new(),
        };
        for line in text.strip_suffix('\n')?.split('\n') {
            let parts: Zeroizing<Vec<String>> =
                Zeroizing::new(line.split('\t').map(unescaped).collect::<Option<Vec<_>>>()?);
            match parts.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                ["a", token] => contents.access_token = Secret::new((*token).to_owned()),
                ["s", scopes] => contents.scopes = Some((*scopes).to_owned()),
                ["u", user] => contents.user = Some((*user).to_owned()),
                ["o", id, connection, name] => contents.organisations.push(LoginOrganisation {
                    id: (*id).to_owned(),
                    name: (*name).to_owned(),
                    connection: (*connection).to_owned(),
                }),
                ["x", count] => contents.left_out = count.parse().ok()?,
                ["r", id, token] => contents.tokens.push((id.parse().ok()?, Secret::new((*token).to_owned()))),
                _ => return None,
            }
        }
        let is_whole = !contents.access_token.reveal().is_empty() && !contents.tokens.is_empty();
        is_whole.then_some(contents)
    }

    /// The refresh token with this number.
    pub fn token(&self, id: u32) -> Option<&Secret<String>> {
        self.tokens.iter().find(|(known, _)| *known == id).map(|(_, token)| token)
    }
}

impl Grant {
    /// Writes a grant: its instants, then its contents.
    pub fn write(&self) -> Secret<String> {
        let Fresh { issued, obtained_at, expires_at } = self.fresh;
        let [issued, obtained_at, expires_at] = [issued, obtained_at, expires_at].map(|at| number(at.as_ms()));
        self.contents.write_after(&line(&["g", &issued, &obtained_at, &expires_at]))
    }

    /// Reads a grant that a caller gives.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] for a text that is not what [`Self::write`] writes.
    pub fn given(text: &str) -> Result<Self, Error> {
        let message = "the grant was not made by exchangeCode() of this release";
        Self::read(text).ok_or_else(|| Error::new(Code::InvalidOption, message))
    }

    /// Reads a grant. `None` for a text that is not what [`Self::write`] writes.
    pub fn read(text: &str) -> Option<Self> {
        let (head, contents) = text.split_once('\n')?;
        let mut parts = head.strip_prefix("g\t")?.split('\t').map(|part| part.parse().ok().map(Timestamp::from_ms));
        let mut next = || parts.next()?;
        let fresh = Fresh { issued: next()?, obtained_at: next()?, expires_at: next()? };
        parts.next().is_none().then_some(Self { contents: Contents::read(contents)?, fresh })
    }
}

fn number(number: u64) -> String {
    crate::text::words![number]
}

fn line(parts: &[&str]) -> String {
    let mut text = String::new();
    push_line(&mut text, parts);
    text
}

fn push_line(text: &mut String, parts: &[&str]) {
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            text.push('\t');
        }
        for character in part.chars() {
            match character {
                '\\' => text.push_str("\\\\"),
                '\t' => text.push_str("\\t"),
                '\n' => text.push_str("\\n"),
                _ => text.push(character),
            }
        }
    }
    text.push('\n');
}

fn unescaped(part: &str) -> Option<String> {
    // As long as the part is: it does not grow.
    let mut text = String::with_capacity(part.len());
    let mut characters = part.chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            '\\' => match characters.next()? {
                '\\' => '\\',
                't' => '\t',
                'n' => '\n',
                _ => return None,
            },
            _ => character,
        });
    }
    Some(text)
}
