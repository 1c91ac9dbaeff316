//! Base64 (RFC 4648). The client's module is a kilobyte smaller, compressed, with these few lines than with a crate.

/// Appends `bytes` in base64, with padding. No branch and no address depends on them: they may be a secret.
pub(crate) fn push_base64(bytes: &[u8], out: &mut String) {
    for group in bytes.chunks(3) {
        let mut bits = 0_u32;
        for at in 0..3 {
            bits = (bits << 8) | u32::from(group.get(at).copied().unwrap_or_default());
        }
        for at in 0..4_usize {
            out.push(if at > group.len() { '=' } else { digit(bits >> 18 & 63) });
            bits <<= 6;
        }
    }
}

/// The digit of a number below 64.
fn digit(number: u32) -> char {
    let past = |most: u32, by: u32| u32::from(number > most).wrapping_mul(by);
    let code = number.wrapping_add(65).wrapping_add(past(25, 6)).wrapping_add(past(62, 3));
    let code = code.wrapping_sub(past(51, 75)).wrapping_sub(past(61, 15));
    char::from(u8::try_from(code).unwrap_or_default())
}

/// Decodes base64url without padding (section 5); `None` for any other text.
pub(crate) fn from_base64url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut bits, mut count) = (0_u32, 0_u32);
    for byte in text.bytes() {
        let number = match byte {
            b'A'..=b'Z' => byte.wrapping_sub(b'A'),
            b'a'..=b'z' => byte.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => byte.wrapping_sub(b'0').wrapping_add(52),
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(number);
        count = count.wrapping_add(6);
        if count >= 8 {
            count = count.wrapping_sub(8);
            bytes.push(u8::try_from(bits >> count & 255).unwrap_or_default());
            bits &= 255_u32 >> (8_u32.wrapping_sub(count));
        }
    }
    // One digit alone, or bits of the last digit that belong to no byte.
    (count < 6 && bits == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};

    use super::*;

    #[test]
    fn bytes_of_every_length_and_value() {
        let bytes: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
        for from in 0..9 {
            for to in from..bytes.len() {
                let part = &bytes[from..to];
                let mut text = String::new();
                push_base64(part, &mut text);
                assert_eq!(text, Base64::encode_string(part));
                assert_eq!(from_base64url(&Base64UrlUnpadded::encode_string(part)).as_deref(), Some(part));
            }
        }
    }

    #[test]
    fn other_texts_are_not_base64url() {
        for text in ["A", "AAAAA", "AA==", "A+AA", "A/AA", "AB", "AAB", "A A", "é", "AA\n"] {
            assert_eq!(from_base64url(text), None, "{text}");
            assert!(Base64UrlUnpadded::decode_vec(text).is_err(), "{text}");
        }
        assert_eq!(from_base64url(""), Some(Vec::new()));
    }
}
