//! The method by the rules of a tool: Apps Script posts a payload, R's httr2 a body.

use super::Requests;
use super::said::Said;

impl Requests<'_, '_, '_> {
    /// The method of `UrlFetchApp.fetch(url, options)`: a payload without a method is posted.
    pub(super) fn said_of_apps_script(
        &self,
        callee: usize,
        open: usize,
        parts: &[(usize, usize)],
        place: usize,
    ) -> Said {
        let code = self.code;
        let Some(part) = parts.get(place.saturating_add(1)) else { return Said::Known("GET") };
        let options = self.values.argument(*part);
        if code.is(options, "{") {
            return self.said_of_payload(options);
        }
        if let Some(said) = self.said_by_options(callee, parts, place)
            && said != Said::Nothing
            && said != Said::Known("GET")
        {
            return said;
        }
        if !code.is_word(options) || code.next(options) != part.1 && code.mate(open) != Some(code.next(options)) {
            return Said::Open;
        }
        let name = code.word(options);
        let own: Vec<usize> = self.values.assigned(name).collect();
        let [object] = own.as_slice() else { return Said::Open };
        // A member that is set later, and a function that gets the object, may change the method.
        let is_changed = (*object..open).any(|at| {
            code.is_word(at)
                && code.word(at) == name
                && (code.is_dot(code.next(at)) || code.is(code.next(at), "[") || code.up(at) != code.up(*object))
        });
        if code.is(*object, "{") && !is_changed { self.said_of_payload(*object) } else { Said::Open }
    }

    /// The method of the options of Apps Script.
    pub(super) fn said_of_payload(&self, open: usize) -> Said {
        let code = self.code;
        let has_payload = code.parts(open).iter().any(|(start, _)| code.word(*start) == "payload");
        self.said_in(open).or(|| match () {
            () if self.has_spread(open) => Said::Open,
            () if has_payload => Said::Known("POST"),
            () => Said::Known("GET"),
        })
    }

    /// Returns where the value starts that R gives the name at a token: `r <- request(…)`.
    pub(super) fn assigned_in_r(&self, name: usize) -> Option<usize> {
        let code = self.code;
        let arrow = code.next(name);
        match code.word(arrow) {
            "<-" | "=" => Some(code.next(arrow)),
            "<" if code.is(code.next(arrow), "-") => Some(code.next(code.next(arrow))),
            _ => None,
        }
    }

    /// The method that later calls of R's httr2 give the request that is made here: `r <- req_method(r, "PUT")`.
    pub(super) fn said_of_piped(&self, open: usize) -> Said {
        let code = self.code;
        let start = code.statement_start(open);
        let Some(made) = self.assigned_in_r(start).filter(|_| code.is_word(start)) else { return Said::Nothing };
        if !code.is(made, "request") {
            return Said::Nothing;
        }
        let name = code.word(start);
        let from = code.mate(open).unwrap_or(open);
        let mut is_posted = false;
        for at in from..code.len().min(from.saturating_add(500)) {
            if !code.is_word(at) || code.word(at) != name {
                continue;
            }
            if self.assigned_in_r(at).is_some_and(|made| code.is(made, "request")) {
                break;
            }
            // `req_method(r, "PUT")`
            if let Some(around) = code.up(at).filter(|around| code.next(*around) == at)
                && let Some(callee) = code.callee(around)
            {
                is_posted |= is_body_of_httr2(code.word(callee));
                if let Some((value, _)) = code.parts(around).get(1).filter(|_| code.is(callee, "req_method")) {
                    return self.said_at(*value, true);
                }
            }
            // `r |> req_method("PUT")`
            for (callee, arguments) in code.calls_behind(at) {
                is_posted |= is_body_of_httr2(code.word(callee));
                if let Some(arguments) = arguments.filter(|_| code.is(callee, "req_method")) {
                    return self.said_by_link(callee, arguments);
                }
            }
        }
        if is_posted { Said::Known("POST") } else { Said::Nothing }
    }
}

/// Returns whether a function of R's httr2 gives a request a body, with which it is posted.
pub(super) fn is_body_of_httr2(name: &str) -> bool {
    name.starts_with("req_body_")
}
