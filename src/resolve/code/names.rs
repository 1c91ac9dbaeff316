//! Names as words, and what they stand in front of.

use super::tree::Code;

/// The words of a name, in lower case.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        let next_is_lower = chars.peek().is_some_and(char::is_ascii_lowercase);
        let starts = !c.is_ascii_alphanumeric()
            || c.is_ascii_uppercase()
                && (before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || before.is_ascii_uppercase() && next_is_lower);
        if starts || words.is_empty() {
            words.push(String::new());
        }
        if c.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether brackets hold the parameters of a function, and not arguments.
pub(super) fn is_definition(code: &Code<'_>, open: usize) -> bool {
    code.mate(open).is_some_and(|close| code.is_definition(open, close))
}
