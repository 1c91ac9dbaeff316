//! The method that an expression is: a text, a constant, a name, a parameter.

use super::Requests;
use super::said::{Said, method_in};
use super::wrappers::param_of;
use crate::resolve::code::lex::Kind;
use crate::resolve::code::values::Value;
use crate::resolve::scan::among;
use crate::resolve::target::method;

impl Requests<'_, '_, '_> {
    /// The method that the expression at `at` is; `is_named` if it has the name of one.
    pub(super) fn said_at(&self, at: usize, is_named: bool) -> Said {
        let code = self.code;
        let mut at = at;
        while matches!(code.word(at), "&" | "*" | "new") && code.kind(at) != Kind::Text {
            at = code.next(at);
        }
        match code.kind(at) {
            // `"POST" if id else "PUT"`
            Kind::Text if code.is(code.next(at), "if") => self.said_by_values(at, is_named),
            Kind::Text => {
                let word = code.word(at);
                match method(word) {
                    Some(known) => Said::Known(known),
                    None if is_named && !word.is_empty() => Said::Open,
                    None => Said::Nothing,
                }
            }
            // `:put` of Ruby, `.put` of Swift.
            Kind::Mark if code.is(at, ":") || code.is(at, ".") => {
                method(code.word(code.next(at))).map_or(Said::Nothing, Said::Known)
            }
            Kind::Open if code.is(at, "(") && is_named => {
                self.said_of_option(at).unwrap_or_else(|| self.said_at(code.next(at), true))
            }
            Kind::Word if among(code.word(at), "if match switch case when") && is_named => {
                self.said_of_branches(at).unwrap_or(Said::Open)
            }
            Kind::Word => {
                if let Some(said) = self.said_of_option(at).or_else(|| self.said_of_own_member(at)) {
                    return said;
                }
                // `HttpMethod.PUT`, `http.MethodPut`, `reqwest::Method::PUT`
                let mut last = at;
                while code.is_dot(code.next(last))
                    && code.is_word(code.next(code.next(last)))
                    && !code.is(code.next(last), "->")
                {
                    last = code.next(code.next(last));
                }
                let word = code.word(last);
                let word = word.strip_prefix("Method").unwrap_or(word);
                let word = word.strip_prefix("HTTP_METHOD_").or_else(|| word.strip_prefix("METH_")).unwrap_or(word);
                if let Some(known) = method(word)
                    && (last != at
                        || word.bytes().all(|byte| byte.is_ascii_uppercase())
                        || code.word(last).starts_with("Method"))
                    && !code.is(code.next(last), "(")
                {
                    return Said::Known(known);
                }
                // `WebMethod.HttpGet`
                let is_kind = last != at && code.owner(last).is_some_and(|owner| code.word(owner).contains("Method"));
                if is_kind
                    && let Some(known) = method_in(word)
                    && !code.is(code.next(last), "(")
                {
                    return Said::Known(known);
                }
                if code.is(code.next(last), "(") && code.word(last) != "upper" {
                    // `HttpMethod.valueOf("PUT")`, `new HttpMethod("PATCH")`
                    let open = code.next(last);
                    if code.chain(last).iter().chain([&last]).any(|link| code.word(*link).contains("Method"))
                        && let Some((start, _)) = code.parts(open).first()
                    {
                        return self.said_at(*start, true);
                    }
                    if code.word(last) != "toUpperCase" && code.word(last) != "ToUpper" {
                        return Said::Nothing;
                    }
                }
                if last == at
                    && let Some(said) = self.said_of_local(at)
                {
                    return said;
                }
                let (values, _) = self.values.expression(at);
                let known = either(&values);
                if known != Said::Nothing {
                    return known;
                }
                if let Some(param) = values.first().and_then(|value| param_of(&value.text))
                    && (is_named || is_method_name(code.name(last)) || is_method_name(code.name(at)))
                {
                    return Said::Param(param.0, param.1);
                }
                if is_named || is_method_name(code.name(last)) { Said::Open } else { Said::Nothing }
            }
            _ if is_named => Said::Open,
            _ => Said::Nothing,
        }
    }

    /// The methods that an expression may stand for.
    pub(super) fn said_by_values(&self, at: usize, is_named: bool) -> Said {
        let known = either(&self.values.expression(at).0);
        if known == Said::Nothing && is_named { Said::Open } else { known }
    }
}

/// The methods that values are, if all of them are and there are no more than two. A write that is known stays known beside
/// what is not.
pub(super) fn either(values: &[Value]) -> Said {
    let mut known: Vec<&'static str> = values.iter().filter_map(|value| method(&value.text)).collect();
    let is_whole = known.len() == values.len();
    known.sort_unstable();
    known.dedup();
    match known.as_slice() {
        ["GET"] if !is_whole => Said::Open,
        [one] => Said::Known(one),
        [one, other] if is_whole => Said::Known(one).and(Said::Known(other)),
        [_, _, ..] => Said::Open,
        [] => Said::Nothing,
    }
}

pub(super) fn is_method_name(name: &str) -> bool {
    let lower = name.trim_start_matches(['$', '_', '@']).to_ascii_lowercase();
    among(lower.as_str(), "method verb httpmethod http_method requestmethod request_method m")
}
