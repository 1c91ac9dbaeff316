//! Requests of languages that write the function first, in brackets: `(client/put (str base "/Payments") {…})`.

use super::Requests;
use super::reach::full;
use super::said::Said;
use crate::resolve::code::lex::Kind;
use crate::resolve::code::values::Value;

impl Requests<'_, '_, '_> {
    /// Takes the URLs that `str` joins.
    pub(super) fn forms(&mut self) {
        let code = self.code;
        let is_form = |open: &usize| code.is(*open, "(") && code.is(code.next(*open), "str");
        for open in (0..code.len()).filter(is_form).collect::<Vec<_>>() {
            let value = self.form(open);
            let said = self.said_in_form(open);
            if let Some(reached) = value.as_ref().and_then(|value| full(&value.text)).filter(|_| said != Said::Nothing)
            {
                self.take(reached, said, &value.unwrap_or_default(), open);
            }
        }
    }

    /// What `str` makes of its operands, which stand by themselves: `(str base "/Items")`.
    fn form(&self, open: usize) -> Option<Value> {
        let code = self.code;
        let close = code.mate(open)?;
        let mut at = code.next(code.next(open));
        let mut joined = Value::default();
        while at < close {
            let own = match code.kind(at) {
                Kind::Word => {
                    let (name, next) = code.name_of_form(at);
                    let own = self.values.lookup(name, None, at, 6);
                    joined = joined.then(own.first()?);
                    at = next;
                    continue;
                }
                Kind::Text | Kind::Url => self.values.of_literal(at).0,
                Kind::Open => vec![Value { text: "{}".to_owned(), ..Value::default() }],
                _ => return None,
            };
            joined = joined.then(own.first()?);
            at = code.skip(at);
        }
        Some(joined)
    }
}
