//! Formats whose placeholders are filled.

use super::value::{Value, product};
use super::{MANY, Values};
use crate::resolve::scan::among;

impl Values<'_, '_> {
    /// A format with its arguments; names in it may be its arguments' or those of values.
    pub(super) fn formatted(&self, value: &Value, args: &[Vec<Value>], open: usize) -> Vec<Value> {
        let code = self.code;
        let mut values = format(value, args);
        // `"{base}/Invoices".format(base=BASE)`, `format!("{base}/Invoices")`
        for _ in 0..8 {
            let Some(name) = values.first().and_then(|value| named_hole(&value.text)) else { break };
            let argument = code
                .parts(open)
                .into_iter()
                .find(|(start, _)| code.word(*start) == name && self.argument((*start, usize::MAX)) != *start);
            let found = match argument {
                Some(part) => self.expr(self.argument(part), 4).0,
                None => self.lookup(&name, None, open, 4),
            };
            let place = ["{", &name, "}"].concat();
            values = values
                .iter()
                .flat_map(|value| {
                    found
                        .iter()
                        .map(|found| {
                            let mut filled = value.clone();
                            filled.text = value.text.replacen(&place, &found.text, 1);
                            filled.take(found);
                            filled
                        })
                        .collect::<Vec<_>>()
                })
                .take(MANY)
                .collect();
        }
        values
    }
}

/// A format with each placeholder filled: `%s`, `%d`, `{}`, `{0}`, `${}`.
pub(super) fn format(value: &Value, args: &[Vec<Value>]) -> Vec<Value> {
    let mut values = vec![Value { text: String::new(), ..value.clone() }];
    let mut rest = value.text.as_str();
    let mut next = 0_usize;
    for _ in 0..24 {
        let found = rest.char_indices().find_map(|(at, c)| {
            let tail = rest.get(at..)?;
            let (length, place) = if c == '%' {
                let kind = tail.get(1..2)?;
                if !among(kind, "s d v @ i q") && !kind.starts_with(|c: char| c.is_ascii_digit()) {
                    return None;
                }
                // `%1$s`
                match tail.get(1..).and_then(|rest| rest.split_once("$s")) {
                    Some((digits, _)) if digits.len() == 1 => (4, digits.parse::<usize>().ok()?.checked_sub(1)),
                    _ if kind.starts_with(|c: char| c.is_ascii_digit()) => return None,
                    _ => (2, None),
                }
            } else if c == '{' {
                let end = tail.find('}')?;
                let inside = tail.get(1..end)?;
                let inside = inside.split(':').next().unwrap_or_default();
                if inside.is_empty() {
                    (end.saturating_add(1), None)
                } else {
                    (end.saturating_add(1), Some(inside.parse::<usize>().ok()?))
                }
            } else {
                return None;
            };
            Some((at, length, place))
        });
        let Some((at, length, place)) = found else { break };
        let front = Value { text: rest.get(..at).unwrap_or_default().to_owned(), ..Value::default() };
        let index = place.unwrap_or(next);
        if place.is_none() {
            next = next.saturating_add(1);
        }
        let hole = vec![Value::hole()];
        let filled = args.get(index).unwrap_or(&hole);
        values = product(&product(&values, &[front], Value::then), filled, Value::then);
        rest = rest.get(at.saturating_add(length)..).unwrap_or_default();
    }
    let tail = Value { text: rest.to_owned(), ..Value::default() };
    product(&values, &[tail], Value::then)
}

/// The first name in braces, as formats have it.
fn named_hole(text: &str) -> Option<String> {
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let inside = rest.get(open.saturating_add(1)..)?;
        let end = inside.find('}')?;
        let name = inside.get(..end)?;
        if !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !name.starts_with(|c: char| c.is_ascii_digit())
        {
            return Some(name.to_owned());
        }
        rest = inside.get(end..)?;
    }
    None
}
