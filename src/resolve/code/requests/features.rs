//! Features of Karate, whose steps set where a request goes and then send it: `Given path 'Payments'`, `When method put`.

use super::Requests;
use super::reach::{full, plain};
use super::said::Said;
use crate::resolve::code::lex::Kind;
use crate::resolve::code::values::Value;
use crate::resolve::scan::among;
use crate::resolve::target::method;

/// So many URLs and paths may one step stand for.
const MOST: usize = 40;

impl Requests<'_, '_, '_> {
    /// Takes the requests of all steps.
    pub(super) fn features(&mut self) {
        let code = self.code;
        let mut lines =
            code.text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', '@']));
        if !lines.next().is_some_and(|line| line.starts_with("Feature:")) {
            return;
        }
        let mut urls: Vec<Value> = Vec::new();
        let mut whole: Vec<Value> = Vec::new();
        let mut shown = 0_usize;
        for at in 0..code.len() {
            let is_step = code.is_word(at)
                && code.prev(at).is_some_and(|word| {
                    among(code.word(word), "Given When And Then But *") && code.kind(word) != Kind::Text
                });
            let next = code.next(at);
            match code.word(at) {
                "url" if is_step => {
                    urls = self.values.expression(next).0;
                    (whole, shown) = (urls.clone(), next);
                }
                "path" if is_step => {
                    let mut from = next;
                    loop {
                        let (parts, end) = self.values.expression(from);
                        let below = |url: &Value| parts.iter().map(|part| url.below(part)).collect::<Vec<_>>();
                        whole = whole.iter().flat_map(below).take(MOST).collect();
                        if !code.is(end, ",") {
                            break;
                        }
                        from = code.next(end);
                    }
                    shown = next;
                }
                "method" if is_step => {
                    let said = method(code.word(next)).map_or(Said::Open, Said::Known);
                    for value in core::mem::replace(&mut whole, urls.clone()) {
                        if let Some(reached) = full(&plain(&value.text)) {
                            self.take(reached, said, &value, shown);
                        }
                    }
                }
                _ => {}
            }
        }
    }
}
