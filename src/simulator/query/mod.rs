//! The parameters `where` and `order` of lists.
//!
//! `where` is an expression over the members of a record, such as `Status=="PAID" AND Contact.Name.StartsWith("A")`. The reader
//! descends recursively, to a bounded depth. What it cannot read is refused as Xero does, with a `QueryParseException`.

mod lex;
mod parse;
mod value;

use core::cmp::Ordering;

use serde_json::Value;

use parse::{Expression, parse};
use value::Operand;

/// The most characters of a filter, and the deepest nesting.
const MOST_CHARACTERS: usize = 10_000;
const MOST_DEPTH: usize = 50;

/// A filter and an order.
pub(super) struct Query {
    filter: Option<Expression>,
    /// Paths of members, and whether each is descending.
    order: Vec<(Vec<String>, bool)>,
}

impl Query {
    /// Reads both parameters; an empty one means nothing. `is_member` decides on the paths of members.
    pub(super) fn read(filter: &str, order: &str, is_member: &dyn Fn(&[String]) -> bool) -> Result<Self, String> {
        if filter.len() > MOST_CHARACTERS || order.len() > MOST_CHARACTERS {
            return Err(format!("The query is longer than {MOST_CHARACTERS} characters."));
        }
        let filter = match filter.trim() {
            "" => None,
            text => Some(parse(text, is_member)?),
        };
        let items = order.split(',').map(str::trim).filter(|item| !item.is_empty());
        let order = items.map(|item| order_item(item, is_member)).collect::<Result<_, _>>()?;
        Ok(Self { filter, order })
    }

    /// Returns whether neither parameter has something.
    pub(super) const fn is_empty(&self) -> bool {
        self.filter.is_none() && self.order.is_empty()
    }

    /// The places of the rows that the filter keeps, in the order that is asked for; rows that are equal in it stay as they are.
    pub(super) fn select(&self, rows: Vec<(usize, Value)>) -> Result<Vec<usize>, String> {
        let mut kept = Vec::new();
        for (row, record) in rows {
            let is_kept = match &self.filter {
                Some(filter) => filter.evaluate(&record)?.is_true()?,
                None => true,
            };
            if is_kept {
                let keys = self.order.iter().map(|(path, _)| Operand::member(&record, path));
                kept.push((row, keys.collect::<Result<Vec<Operand>, String>>()?));
            }
        }
        kept.sort_by(|(_, a), (_, b)| {
            let each = self.order.iter().zip(a.iter().zip(b)).map(|((_, descending), (a, b))| {
                let ordering = a.sorted(b);
                if *descending { ordering.reverse() } else { ordering }
            });
            each.fold(Ordering::Equal, Ordering::then)
        });
        Ok(kept.into_iter().map(|(row, _)| row).collect())
    }
}

/// Reads one item of an order: a path, and `ASC` or `DESC`.
fn order_item(item: &str, is_member: &dyn Fn(&[String]) -> bool) -> Result<(Vec<String>, bool), String> {
    let mut words = item.split_whitespace();
    let path: Vec<String> = words.next().unwrap_or("").split('.').map(str::to_owned).collect();
    let is_name = |name: &String| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let descending = match words.next().map(str::to_ascii_lowercase).as_deref() {
        None | Some("asc" | "ascending") => false,
        Some("desc" | "descending") => true,
        Some(_) => return Err("The order is followed by something that is neither ASC nor DESC.".to_owned()),
    };
    if words.next().is_some() || !path.iter().all(is_name) {
        return Err("The order is not a list of members, each with ASC or DESC.".to_owned());
    }
    if !is_member(&path) {
        return Err(format!("No property or field '{}' exists", path.join(".")));
    }
    Ok((path, descending))
}
