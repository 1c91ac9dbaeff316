//! HMAC with SHA-256 (RFC 2104), for the signatures of webhooks.

use sha2::{Digest, Sha256};

/// The length of a block of SHA-256.
const BLOCK: usize = 64;

/// The code of a message under a key.
pub(super) fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let short: Vec<u8> = if key.len() > BLOCK { Sha256::digest(key).to_vec() } else { key.to_vec() };
    let pad = |with: u8| -> Vec<u8> { (0..BLOCK).map(|place| short.get(place).copied().unwrap_or(0) ^ with).collect() };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test cases 1, 2 and 6 of RFC 4231.
    #[test]
    fn it_gives_the_codes_of_rfc_4231() {
        for (key, message, code) in [
            (vec![0x0b; 20], "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe".to_vec(),
                "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                vec![0xaa; 131],
                "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ] {
            let bytes =
                (0..32).map(|place| u8::from_str_radix(code.get(place * 2..place * 2 + 2).unwrap(), 16).unwrap());
            assert!(hmac_sha256(&key, message.as_bytes()).into_iter().eq(bytes), "{message}");
        }
    }
}
