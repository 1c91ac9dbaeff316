//! Reading a filter, and evaluating it for a record.

use serde_json::Value;

use super::MOST_DEPTH;
use super::lex::{FilterWord, words};
use super::value::Operand;
use crate::simulator::formats;
use crate::simulator::random::Uuid;

/// A part of a filter.
#[derive(Clone, Debug)]
pub(super) enum Expression {
    Any(Vec<Expression>),
    All(Vec<Expression>),
    Not(Box<Expression>),
    Compare(Box<Expression>, &'static str, Box<Expression>),
    Literal(Operand),
    Member(Vec<String>),
    /// A method, with its argument.
    Call(Box<Expression>, String, Option<Box<Expression>>),
}

impl Expression {
    /// The value of the expression for a record.
    pub(super) fn evaluate(&self, record: &Value) -> Result<Operand, String> {
        let truth = |part: &Self| part.evaluate(record)?.is_true();
        match self {
            Self::Any(parts) => {
                let mut found = false;
                for part in parts {
                    found |= truth(part)?;
                }
                Ok(Operand::Bool(found))
            }
            Self::All(parts) => {
                let mut found = true;
                for part in parts {
                    found &= truth(part)?;
                }
                Ok(Operand::Bool(found))
            }
            Self::Not(part) => Ok(Operand::Bool(!truth(part)?)),
            Self::Compare(left, sign, right) => {
                let (left, right) = (left.evaluate(record)?, right.evaluate(record)?);
                left.compare(sign, &right).map(Operand::Bool)
            }
            Self::Literal(value) => Ok(value.clone()),
            Self::Member(path) => Operand::member(record, path),
            Self::Call(own, method, argument) => {
                let argument = argument.as_ref().map(|argument| argument.evaluate(record)).transpose()?;
                own.evaluate(record)?.call(method, argument.as_ref())
            }
        }
    }
}

/// Reads a filter.
pub(super) fn parse(text: &str, is_member: &dyn Fn(&[String]) -> bool) -> Result<Expression, String> {
    let words = words(text)?;
    let mut reader = Reader { words: &words, at: 0, depth: 0, is_member };
    let expression = reader.any()?;
    match reader.peek() {
        None => Ok(expression),
        Some(_) => Err("Syntax error: the filter goes on after its end.".to_owned()),
    }
}

struct Reader<'a> {
    words: &'a [FilterWord],
    at: usize,
    depth: usize,
    is_member: &'a dyn Fn(&[String]) -> bool,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&FilterWord> {
        self.words.get(self.at)
    }

    fn next(&mut self) -> Option<FilterWord> {
        let word = self.words.get(self.at).cloned();
        self.at = self.at.saturating_add(1);
        word
    }

    /// Takes a sign or a name in any case, if it is next.
    fn takes(&mut self, sign: &str, name: &str) -> bool {
        let found = match self.peek() {
            Some(FilterWord::Sign(own)) => *own == sign,
            Some(FilterWord::Name(own)) => !name.is_empty() && own.eq_ignore_ascii_case(name),
            _ => false,
        };
        if found {
            self.at = self.at.saturating_add(1);
        }
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), String> {
        if self.takes(sign, "") { Ok(()) } else { Err(format!("Syntax error: '{sign}' expected")) }
    }

    fn any(&mut self) -> Result<Expression, String> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > MOST_DEPTH {
            return Err("The filter is nested too deeply.".to_owned());
        }
        let first = self.all()?;
        let mut parts = vec![first];
        while self.takes("||", "or") {
            parts.push(self.all()?);
        }
        self.depth = self.depth.saturating_sub(1);
        Ok(single(parts, Expression::Any))
    }

    fn all(&mut self) -> Result<Expression, String> {
        let first = self.compared()?;
        let mut parts = vec![first];
        while self.takes("&&", "and") {
            parts.push(self.compared()?);
        }
        Ok(single(parts, Expression::All))
    }

    fn compared(&mut self) -> Result<Expression, String> {
        if self.takes("!", "not") {
            self.depth = self.depth.saturating_add(1);
            if self.depth > MOST_DEPTH {
                return Err("The filter is nested too deeply.".to_owned());
            }
            let part = self.compared()?;
            self.depth = self.depth.saturating_sub(1);
            return Ok(Expression::Not(Box::new(part)));
        }
        let left = self.operand()?;
        let sign = ["==", "!=", "<=", ">=", "<>", "<", ">", "="].into_iter().find(|sign| self.takes(sign, ""));
        match sign {
            Some(sign) => Ok(Expression::Compare(Box::new(left), sign, Box::new(self.operand()?))),
            None => Ok(left),
        }
    }

    fn operand(&mut self) -> Result<Expression, String> {
        let mut found = match self.next() {
            Some(FilterWord::Text(text)) => Expression::Literal(Operand::Text(text)),
            Some(FilterWord::Number(number)) => Expression::Literal(Operand::Number(number)),
            Some(FilterWord::Sign("-")) => match self.next() {
                Some(FilterWord::Number(number)) => Expression::Literal(Operand::Number(-number)),
                _ => return Err("Syntax error: number expected".to_owned()),
            },
            Some(FilterWord::Sign("(")) => {
                let inner = self.any()?;
                self.expect(")")?;
                inner
            }
            Some(FilterWord::Name(name)) => self.named(name)?,
            _ => return Err("Expression expected".to_owned()),
        };
        let mut calls = 0_usize;
        while self.takes(".", "") {
            let Some(FilterWord::Name(method)) = self.next() else { return Err("Identifier expected".to_owned()) };
            calls = calls.saturating_add(1);
            if calls > MOST_DEPTH {
                return Err("The filter is nested too deeply.".to_owned());
            }
            self.expect("(")?;
            let argument = if self.takes(")", "") {
                None
            } else {
                let argument = self.any()?;
                self.expect(")")?;
                Some(Box::new(argument))
            };
            found = Expression::Call(Box::new(found), method, argument);
        }
        Ok(found)
    }

    /// A literal that begins with a name, or a member.
    fn named(&mut self, name: String) -> Result<Expression, String> {
        let literal = |value| Ok(Expression::Literal(value));
        match name.to_ascii_lowercase().as_str() {
            "true" => return literal(Operand::Bool(true)),
            "false" => return literal(Operand::Bool(false)),
            "null" => return literal(Operand::Null),
            "guid" => {
                let text = self.text_argument()?;
                return match Uuid::parse(&text) {
                    Some(id) => literal(Operand::Guid(id)),
                    None => Err("Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)."
                        .to_owned()),
                };
            }
            "datetime" => return literal(Operand::Date(self.date()?)),
            _ => {}
        }
        let mut path = vec![name];
        while let (Some(FilterWord::Sign(".")), Some(FilterWord::Name(name)), after) =
            (self.peek(), self.words.get(self.at.saturating_add(1)), self.words.get(self.at.saturating_add(2)))
        {
            if after == Some(&FilterWord::Sign("(")) || path.len() > 8 {
                break;
            }
            path.push(name.clone());
            self.at = self.at.saturating_add(2);
        }
        if (self.is_member)(&path) {
            Ok(Expression::Member(path))
        } else {
            Err(format!("No property or field '{}' exists", path.join(".")))
        }
    }

    /// `("…")`, or `.Parse("…")`.
    fn text_argument(&mut self) -> Result<String, String> {
        if self.takes(".", "") && !self.takes("", "parse") {
            return Err("Identifier expected".to_owned());
        }
        self.expect("(")?;
        let Some(FilterWord::Text(text)) = self.next() else { return Err("String literal expected".to_owned()) };
        self.expect(")")?;
        Ok(text)
    }

    /// `DateTime(2026, 11, 23)`, with hours, minutes and seconds if they are there, or `DateTime.Parse("2026-11-23")`.
    fn date(&mut self) -> Result<i64, String> {
        let bad = || "Un-representable DateTime.".to_owned();
        if matches!(self.peek(), Some(FilterWord::Sign("."))) {
            let text = self.text_argument()?;
            return formats::read_ms(&text).ok_or_else(bad);
        }
        self.expect("(")?;
        let mut numbers = Vec::new();
        loop {
            match self.next() {
                Some(FilterWord::Number(number)) if numbers.len() < 7 => numbers.push(number),
                _ => return Err(bad()),
            }
            if !self.takes(",", "") {
                break;
            }
        }
        self.expect(")")?;
        formats::ms_of(&numbers).ok_or_else(bad)
    }
}

/// One part alone, or all of them.
fn single(mut parts: Vec<Expression>, many: fn(Vec<Expression>) -> Expression) -> Expression {
    match parts.len() {
        1 => parts.remove(0),
        _ => many(parts),
    }
}
