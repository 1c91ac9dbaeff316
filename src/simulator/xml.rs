//! XML, which the accounting API reads and writes beside JSON.

use core::fmt::Write as _;

use serde_json::{Map, Value};

use super::books::members::MemberTable;
use super::books::resource;
use super::formats;

/// The deepest nesting of a body.
const MOST_DEPTH: usize = 30;

/// Names of the items of lists, where they do not follow from the name of the list.
const ITEMS: [(&str, &str); 5] = [
    ("Tracking", "TrackingCategory"),
    ("Elements", "DataContractBase"),
    ("Addresses", "Address"),
    ("ContactPersons", "ContactPerson"),
    ("HistoryRecords", "HistoryRecord"),
];

/// The name of the items of a list.
fn item_name(list: &str) -> String {
    let known = ITEMS.iter().find(|(own, _)| *own == list).map(|(_, item)| *item);
    if let Some(item) = known.or_else(|| resource::named(list).map(|resource| resource.one)) {
        return item.to_owned();
    }
    match list.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => list.strip_suffix('s').unwrap_or(list).to_owned(),
    }
}

/// Writes the JSON of an answer as XML.
pub(super) fn written(body: &Value) -> String {
    let root = if body.get("ErrorNumber").is_some() { "ApiException" } else { "Response" };
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>");
    write_element(&mut out, root, body, " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"");
    out
}

fn write_element(out: &mut String, name: &str, value: &Value, attributes: &str) {
    if value.is_null() {
        return;
    }
    // Writing to a text cannot fail.
    let _ = write!(out, "<{name}{attributes}>");
    match value {
        Value::Null => {}
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => match formats::read_ms_date(text).and_then(|ms| u64::try_from(ms).ok()) {
            Some(ms) => out.push_str(&formats::date_string(crate::time::Timestamp::from_ms(ms))),
            None => escape(out, text),
        },
        Value::Array(items) => {
            let item = item_name(name);
            for value in items {
                write_element(out, &item, value, "");
            }
        }
        Value::Object(members) => {
            // XML has no twins of dates.
            let is_twin = |name: &str| name.strip_suffix("String").is_some_and(|own| members.contains_key(own));
            for (name, value) in members.iter().filter(|(name, _)| !is_twin(name)) {
                write_element(out, name, value, "");
            }
        }
    }
    let _ = write!(out, "</{name}>");
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // XML 1.0 has no other control characters.
            c if c < ' ' && !matches!(c, '\t' | '\n' | '\r') => {}
            c => out.push(c),
        }
    }
}

/// An element while it is read.
struct Element {
    name: String,
    children: Vec<(String, Value)>,
    text: String,
}

/// Reads an XML body: the name of its root, and its content as JSON. `None` if it is not XML.
pub(super) fn read(text: &str, table: &MemberTable) -> Option<(String, Value)> {
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    let mut open: Vec<Element> = Vec::new();
    loop {
        if let Some(after) = rest.strip_prefix("<?") {
            rest = after.split_once("?>")?.1;
        } else if let Some(after) = rest.strip_prefix("<!--") {
            rest = after.split_once("-->")?.1;
        } else if let Some(after) = rest.strip_prefix("<![CDATA[") {
            let (inner, after) = after.split_once("]]>")?;
            open.last_mut()?.text.push_str(inner);
            rest = after;
        } else if let Some(after) = rest.strip_prefix("</") {
            let (name, after) = after.split_once('>')?;
            let element = open.pop().filter(|element| element.name == name.trim())?;
            match closed(element, &mut open, table) {
                Some(root) => return after.trim().is_empty().then_some(root),
                None => rest = after,
            }
        } else if let Some(after) = rest.strip_prefix('<') {
            let (tag, after) = after.split_once('>')?;
            let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
            let name = tag.split_whitespace().next()?;
            let name = name.split_once(':').map_or(name, |(_, name)| name);
            let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
            (is_name && !name.is_empty() && open.len() < MOST_DEPTH).then_some(())?;
            let element = Element { name: name.to_owned(), children: Vec::new(), text: String::new() };
            rest = after;
            if is_empty {
                if let Some(root) = closed(element, &mut open, table) {
                    return rest.trim().is_empty().then_some(root);
                }
            } else {
                open.push(element);
            }
        } else {
            let end = rest.find('<')?;
            let (text, after) = rest.split_at_checked(end)?;
            match open.last_mut() {
                Some(element) => element.text.push_str(&unescaped(text)?),
                None if text.trim().is_empty() => {}
                None => return None,
            }
            rest = after;
        }
    }
}

/// Gives a closed element to its parent, or returns it if it is the root.
fn closed(element: Element, open: &mut [Element], table: &MemberTable) -> Option<(String, Value)> {
    let Element { name, children, text } = element;
    let is_list = open.is_empty() && resource::named(&name).is_some() || table.is_list(&name) && text.trim().is_empty();
    let value = if is_list || (open.is_empty() && is_plural(&name, &children)) {
        Value::Array(children.into_iter().map(|(_, value)| value).collect())
    } else if children.is_empty() {
        Value::String(text)
    } else {
        Value::Object(children.into_iter().collect::<Map<_, _>>())
    };
    match open.last_mut() {
        Some(parent) => {
            parent.children.push((name, value));
            None
        }
        None => Some((name, value)),
    }
}

/// Returns whether an element is a list by the names of its children.
fn is_plural(name: &str, children: &[(String, Value)]) -> bool {
    let item = item_name(name);
    item != name && !children.is_empty() && children.iter().all(|(own, _)| *own == item)
}

fn unescaped(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let (name, after) = after.split_once(';')?;
        let code = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
        out.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => match name.strip_prefix("#x") {
                Some(hex) => code(hex, 16)?,
                None => code(name.strip_prefix('#')?, 10)?,
            },
        });
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}
