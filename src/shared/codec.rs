//! A document as text: `v1`, numbers in the clear, and the sealed text, with blanks between them.
//!
//! The text begins with a letter, because some stores read numbers and JSON as such. A text that is not exactly of this form is
//! foreign: it is never read in part, and never replaced unless a person asks for it.

use std::sync::Arc;

use super::document::{KnownToken, Lost, LostWhy, MOST_TOKENS, VaultClaim, VaultDocument};
use crate::text::words;
use crate::time::Timestamp;

/// The longest document, in bytes.
pub const MOST_BYTES: usize = 16_384;

/// The format and its release. A change of the format changes it.
const FORMAT: &str = "v1";

/// Writes a document. `None` if it would be longer than [`MOST_BYTES`].
pub fn write(document: &VaultDocument) -> Option<String> {
    let mut text = String::from(FORMAT);
    let mut put = |number: u64| text.push_str(&words![" ", number]);
    put(document.login.into());
    put(document.generation.into());
    for instant in [document.saved_at, document.obtained_at, document.expires_at] {
        put(instant.as_ms());
    }
    let claim = document.claim.unwrap_or(VaultClaim { owner: 0, until: Timestamp::default(), doubt: None });
    put(claim.owner.into());
    put(claim.until.as_ms());
    put(optional(claim.doubt));
    put(optional(document.unsure));
    let lost = document.lost.map_or([0; 3], |Lost { since, tried, why }| {
        let why = LostWhy::ALL.iter().position(|known| *known == why).unwrap_or_default();
        [since.as_ms(), tried.as_ms(), why as u64]
    });
    lost.into_iter().for_each(&mut put);
    put(document.tokens.len() as u64);
    for token in &document.tokens {
        put(token.id.into());
        put(token.issued.as_ms());
        put(optional(token.used));
    }
    text.push(' ');
    text.push_str(&document.sealed);
    (text.len() <= MOST_BYTES).then_some(text)
}

/// Reads a document. `None` for a text that is not one.
pub fn read(text: &str) -> Option<VaultDocument> {
    if text.len() > MOST_BYTES {
        return None;
    }
    let mut rest = text.strip_prefix(FORMAT)?.strip_prefix(' ')?;
    let mut next = || {
        let (word, after) = rest.split_once(' ')?;
        rest = after;
        number(word)
    };
    let (login, generation) = (small(next()?)?, small(next()?)?);
    let (saved_at, obtained_at, expires_at) = (instant(next()?)?, instant(next()?)?, instant(next()?)?);
    let (owner, until, doubt) = (small(next()?)?, instant(next()?)?, instant(next()?)?);
    let claim = (until > Timestamp::default()).then_some(VaultClaim { owner, until, doubt: set(doubt) });
    let unsure = set(instant(next()?)?);
    let (since, tried, why) = (instant(next()?)?, instant(next()?)?, next()?);
    let why = *LostWhy::ALL.get(usize::try_from(why).ok()?)?;
    let lost = (since > Timestamp::default()).then_some(Lost { since, tried, why });
    let count = usize::try_from(next()?).ok().filter(|count| (1..=MOST_TOKENS).contains(count))?;
    let mut tokens = Vec::with_capacity(count);
    for _ in 0..count {
        tokens.push(KnownToken { id: small(next()?)?, issued: instant(next()?)?, used: set(instant(next()?)?) });
    }
    let sealed: Arc<str> = rest.into();
    let document =
        VaultDocument { login, generation, saved_at, obtained_at, expires_at, claim, unsure, lost, tokens, sealed };
    // One document has one text: a text that would be written in another way was changed by something else.
    (is_sealed(rest) && write(&document).as_deref() == Some(text)).then_some(document)
}

/// Checks that a text may be a sealed one: `key.nonce.ciphertext`, each in base64url.
pub fn is_sealed(text: &str) -> bool {
    let is_part =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    text.split('.').count() == 3 && text.split('.').all(is_part)
}

/// The data that a sealed text is bound to: a token of another vault, login or generation does not open.
pub fn bound_to(vault: &str, document: &VaultDocument) -> String {
    let (login, generation) = (u64::from(document.login), u64::from(document.generation));
    words![FORMAT, " vault ", vault, " ", login, " ", generation, " ", document.expires_at.as_ms()]
}

/// The data that a seed is bound to.
pub fn seed_bound_to(vault: &str) -> String {
    words![FORMAT, " seed ", vault]
}

fn optional(instant: Option<Timestamp>) -> u64 {
    instant.map_or(0, Timestamp::as_ms)
}

fn set(instant: Timestamp) -> Option<Timestamp> {
    (instant > Timestamp::default()).then_some(instant)
}

fn number(word: &str) -> Option<u64> {
    word.bytes().all(|byte| byte.is_ascii_digit()).then(|| word.parse().ok())?
}

fn small(number: u64) -> Option<u32> {
    u32::try_from(number).ok()
}

fn instant(ms: u64) -> Option<Timestamp> {
    (ms <= Timestamp::LAST.as_ms()).then(|| Timestamp::from_ms(ms))
}
