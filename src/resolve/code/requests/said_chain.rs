//! The method in the chain that a call is part of: `client.method(HttpMethod.PUT).uri(…)`.

use super::Requests;
use super::said::Said;
use super::said_tools::is_body_of_httr2;
use crate::resolve::scan::among;
use crate::resolve::target::method;

impl Requests<'_, '_, '_> {
    /// The method in the chain that a call is part of.
    pub(super) fn said_by_chain(&self, callee: usize, open: usize) -> Said {
        let code = self.code;
        let Some(close) = code.mate(open) else { return Said::Nothing };
        let mut said = Said::Nothing;
        let mut is_posted = false;
        for (name, arguments) in code.calls_behind(close) {
            let word = code.word(name);
            if among(word, "then catch await json subscribe pipe finally body_mut") && arguments.is_some() {
                break;
            }
            let Some(arguments) = arguments else {
                // `.apply { if (body != null) put(body) else get() }`
                if matches!(word, "apply" | "also" | "run" | "let") && code.is(code.next(name), "{") {
                    said = said.or(|| self.said_in_block_of(code.next(name)));
                }
                continue;
            };
            is_posted |= is_body_of_httr2(word);
            said = said.or(|| self.said_by_link(name, arguments));
        }
        if said != Said::Nothing {
            return said;
        }
        if is_posted {
            return Said::Known("POST");
        }
        let name = code.name(callee).to_ascii_lowercase();
        let is_setter = ["url", "uri", "path", "target", "resource", "endpoint", "to", "create"]
            .iter()
            .any(|word| name.contains(word))
            || name == "request"
            || name == "post";
        for link in code.chain(callee) {
            let arguments = code.next(link);
            if !code.is(arguments, "(") {
                // `HTTP::Request.put`
                continue;
            }
            if is_setter || is_method_setter(code.word(link)) {
                said = said.or(|| self.said_by_link(link, arguments));
            }
        }
        said
    }

    /// The method that is set on what a call gives, behind it.
    pub(super) fn said_behind_call(&self, open: usize) -> Said {
        let code = self.code;
        let behind = code.calls_behind(code.mate(open).unwrap_or(open));
        let set = behind.iter().filter(|(name, _)| is_method_setter(code.word(*name)));
        let said = set.fold(Said::Nothing, |said, (name, open)| {
            said.or(|| open.map_or(Said::Nothing, |open| self.said_by_link(*name, open)))
        });
        let is_posted = behind.iter().any(|(name, _)| is_body_of_httr2(code.word(*name)));
        said.or(|| if is_posted { Said::Known("POST") } else { Said::Nothing })
    }

    /// The method that is set on what a call gives behind brackets around it, beside the one that the call has.
    pub(super) fn said_behind_brackets(&self, open: usize) -> Said {
        let code = self.code;
        let close = code.mate(open).unwrap_or(open);
        let around = code.up(open).filter(|up| code.is(*up, "(") && code.callee(*up).is_none());
        let end = around.and_then(|up| code.mate(up)).filter(|end| code.next(close) == *end).unwrap_or(close);
        let behind = code.calls_behind(end).into_iter();
        let links = behind.take_while(|(name, _)| !matches!(code.word(*name), "then" | "catch" | "await"));
        let set = links.filter(|(name, _)| code.word(*name).len() > 6 && is_method_setter(code.word(*name)));
        set.fold(Said::Nothing, |said, (name, open)| match open {
            Some(open) => said.and(self.said_by_link(name, open)),
            None => said,
        })
    }

    /// The method that one link of a chain sets.
    pub(super) fn said_by_link(&self, name: usize, open: usize) -> Said {
        let code = self.code;
        let word = code.word(name);
        if is_method_setter(word) {
            return match code.parts(open).first() {
                Some((start, _)) => self.said_at(self.values.argument((*start, usize::MAX)), true),
                None => Said::Nothing,
            };
        }
        match method(word) {
            Some(known) => Said::Known(known),
            None => Said::Nothing,
        }
    }
}

pub(super) fn is_method_setter(word: &str) -> bool {
    among(
        word.to_ascii_lowercase().as_str(),
        "method setmethod httpmethod sethttpmethod setrequestmethod withmethod verb requestmethod request_method set_method with_method http_method usingmethod req_method",
    )
}
