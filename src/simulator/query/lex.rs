//! The words of a filter.

/// A word of a filter.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum FilterWord {
    /// A name, such as `Status`, `AND` or `Guid`.
    Name(String),
    /// A text between quotation marks.
    Text(String),
    Number(f64),
    /// `==`, `(`, `,` and the like.
    Sign(&'static str),
}

/// The signs; those of two characters first.
const SIGNS: [&str; 16] = ["==", "!=", "<=", ">=", "<>", "&&", "||", "<", ">", "=", "(", ")", ",", ".", "!", "-"];

/// The words of a text.
pub(super) fn words(text: &str) -> Result<Vec<FilterWord>, String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (word, after) = if first == '"' {
            quoted(rest)?
        } else if first.is_ascii_digit() {
            number(rest)?
        } else if first.is_ascii_alphabetic() || first == '_' {
            let (name, after) = split_while(rest, |c| c.is_ascii_alphanumeric() || c == '_');
            (FilterWord::Name(name.to_owned()), after)
        } else {
            let found =
                SIGNS.iter().find_map(|sign| rest.strip_prefix(sign).map(|after| (FilterWord::Sign(sign), after)));
            found.ok_or("Syntax error: the filter has a character that means nothing.")?
        };
        words.push(word);
        rest = after.trim_start();
    }
    Ok(words)
}

fn split_while(text: &str, is: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !is(c)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// A text between quotation marks; `\"` and `""` are one of them.
fn quoted(text: &str) -> Result<(FilterWord, &str), String> {
    let mut found = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => found.extend(chars.next().map(|(_, c)| c)),
            '"' if chars.peek().is_some_and(|(_, next)| *next == '"') => {
                chars.next();
                found.push('"');
            }
            '"' => {
                let after = text.split_at_checked(at.saturating_add(1)).map_or("", |(_, after)| after);
                return Ok((FilterWord::Text(found), after));
            }
            c => found.push(c),
        }
    }
    Err("Unterminated string literal".to_owned())
}

fn number(text: &str) -> Result<(FilterWord, &str), String> {
    let (digits, after) = split_while(text, |c| c.is_ascii_digit() || c == '.');
    let after = after.strip_prefix(['m', 'M', 'd', 'D', 'f', 'F', 'L']).unwrap_or(after);
    let number = digits.parse().map_err(|_| "The filter has a number that cannot be read.".to_owned())?;
    Ok((FilterWord::Number(number), after))
}
