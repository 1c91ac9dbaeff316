//! A record as text: `t1`, numbers in the clear, and the sealed token, with blanks between them.
//!
//! The text begins with a letter, because some stores read numbers and JSON as such. A text that is not exactly of this form counts
//! as none, and is replaced: nothing in it is needed.

use super::record::{RequestClaim, SharedRefusal, TokenRecord};
use crate::error::Code;
use crate::text::words;
use crate::time::Timestamp;

/// The longest record, in bytes.
pub const MOST_BYTES: usize = 16_384;

/// The longest mark of secrets, in bytes.
const MOST_MARK: usize = 64;

/// The format and its release. A change of the format changes it, and the key of the document.
const FORMAT: &str = "t1";

/// The text in the place of one that is absent.
const ABSENT: &str = "-";

/// Writes a record. `None` if it would be longer than [`MOST_BYTES`].
pub fn write(record: &TokenRecord) -> Option<String> {
    let mut text = String::from(FORMAT);
    let mut put = |word: &str| text.push_str(&words![" ", word]);
    let claim = record.claim.unwrap_or(RequestClaim { owner: 0, until: Timestamp::default() });
    let numbers = [
        record.generation.into(),
        record.obtained_at.as_ms(),
        record.expires_at.as_ms(),
        claim.owner.into(),
        claim.until.as_ms(),
    ];
    for number in numbers {
        put(&words![number]);
    }
    match &record.refusal {
        None => put(ABSENT),
        Some(SharedRefusal { code, until, secrets }) => {
            put(code.as_str());
            put(&words![until.as_ms()]);
            put(secrets);
        }
    }
    put(record.sealed.as_deref().unwrap_or(ABSENT));
    (text.len() <= MOST_BYTES).then_some(text)
}

/// Reads a record. `None` for a text that is not one.
pub fn read(text: &str) -> Option<TokenRecord> {
    if text.len() > MOST_BYTES {
        return None;
    }
    let mut words = text.strip_prefix(FORMAT)?.strip_prefix(' ')?.split(' ');
    let generation = small(words.next()?)?;
    let (obtained_at, expires_at) = (instant(words.next()?)?, instant(words.next()?)?);
    let (owner, until) = (small(words.next()?)?, instant(words.next()?)?);
    let claim = (until > Timestamp::default()).then_some(RequestClaim { owner, until });
    let refusal = match words.next()? {
        ABSENT => None,
        code => {
            let code = *Code::ALL.iter().find(|known| known.as_str() == code)?;
            let (until, secrets) = (instant(words.next()?)?, words.next()?);
            Some(SharedRefusal { code, until, secrets: is_mark(secrets).then(|| secrets.to_owned())? })
        }
    };
    let sealed = match words.next()? {
        ABSENT => None,
        sealed => is_sealed(sealed).then(|| Some(sealed.into()))?,
    };
    let record = TokenRecord { generation, obtained_at, expires_at, claim, refusal, sealed };
    // One record has one text: a text that would be written in another way was changed by something else.
    (write(&record).as_deref() == Some(text)).then_some(record)
}

/// The data that a sealed token is bound to: a token of another connection, generation or end does not open.
pub fn bound_to(name: &str, record: &TokenRecord) -> String {
    words![FORMAT, " token ", name, " ", u64::from(record.generation), " ", record.expires_at.as_ms()]
}

/// Checks that a text may be the mark of secrets.
pub fn is_mark(text: &str) -> bool {
    (1..=MOST_MARK).contains(&text.len()) && text.bytes().all(is_base64url)
}

/// Checks that a text may be a sealed one: `key.nonce.ciphertext`, each in base64url.
fn is_sealed(text: &str) -> bool {
    text.split('.').count() == 3 && text.split('.').all(|part| !part.is_empty() && part.bytes().all(is_base64url))
}

const fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn number(word: &str) -> Option<u64> {
    word.bytes().all(|byte| byte.is_ascii_digit()).then(|| word.parse().ok())?
}

fn small(word: &str) -> Option<u32> {
    number(word)?.try_into().ok()
}

fn instant(word: &str) -> Option<Timestamp> {
    number(word).filter(|&ms| ms <= Timestamp::LAST.as_ms()).map(Timestamp::from_ms)
}
