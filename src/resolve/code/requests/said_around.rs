//! The method that other statements about the same object say.

use super::Requests;
use super::objects::is_url_key;
use super::said::{Said, method_in};
use super::said_chain::is_method_setter;
use super::said_changes::CHANGES;
use crate::resolve::code::lex::Kind;
use crate::resolve::code::values::is_self;
use crate::resolve::scan::among;
use crate::resolve::target::method;

impl<'t> Requests<'_, '_, 't> {
    /// What the statements around do with the object that a call makes, or that it changes.
    pub(super) fn said_of_object(&self, callee: usize, open: usize, parts: &[(usize, usize)], place: usize) -> Said {
        let code = self.code;
        let Some((first, _)) = parts.first() else { return Said::Nothing };
        // `curl_setopt($ch, CURLOPT_URL, '…')`
        if place > 0 && code.is_word(*first) && code.word(callee).starts_with("curl_") {
            let said = self.said_around(code.word(*first), open, true);
            let is_plain = said == Said::Nothing && self.is_plain_curl(*first);
            return if is_plain { Said::Known("GET") } else { said };
        }
        if let Some(object) = self.object_of(callee) {
            return self.said_around(code.word(object), code.mate(open).unwrap_or(open), false);
        }
        // `req.setUrl("…")`, `xhr.open(…)`: the object is what the method belongs to.
        let chain = code.chain(callee);
        if let Some(owner) = chain.first().filter(|owner| code.is_word(**owner) && !is_self(code.word(**owner)))
            && ["url", "uri", "path", "resource", "endpoint"]
                .iter()
                .any(|word| code.name(callee).to_ascii_lowercase().contains(word))
        {
            return self.said_around(code.word(*owner), open, true);
        }
        Said::Nothing
    }

    /// Returns whether a handle of PHP's curl is made, set by options that are known, and sent, all in one function.
    fn is_plain_curl(&self, handle: usize) -> bool {
        let code = self.code;
        let (name, function) = (code.word(handle), code.function_of(handle));
        let (from, to) =
            function.and_then(|function| code.functions.get(function)).map_or((0, code.len()), |own| own.body);
        let (mut is_made, mut is_sent) = (false, false);
        for at in (from..to).filter(|at| code.is_word(*at) && code.word(*at) == name) {
            if code.is(code.next(at), "=") {
                is_made |= code.is(code.next(code.next(at)), "curl_init");
                continue;
            }
            let around = code.up(at).filter(|up| code.next(*up) == at);
            let is_known = match around.and_then(|up| code.callee(up)).map(|callee| code.word(callee)) {
                Some("curl_setopt") => code.word(code.next(code.next(at))).starts_with("CURLOPT_"),
                Some("curl_setopt_array") => {
                    matches!(code.word(code.next(code.next(at))), "[" | "array")
                        && !self.has_spread(code.next(code.next(at)))
                }
                Some("curl_exec") => {
                    is_sent = true;
                    true
                }
                Some(callee) => callee.starts_with("curl_"),
                None => false,
            };
            if !is_known {
                return false;
            }
        }
        is_made && is_sent
    }

    /// The name that the statement of a call assigns its object to.
    pub(super) fn object_of(&self, callee: usize) -> Option<usize> {
        let code = self.code;
        // `CType(WebRequest.Create("…"), HttpWebRequest)`
        let is_cast = |up: &usize| {
            code.is(*up, "(")
                && code.callee(*up).is_some_and(|name| matches!(code.word(name), "CType" | "DirectCast" | "TryCast"))
        };
        let callee = code.up(callee).filter(is_cast).unwrap_or(callee);
        let start = code.statement_start(callee);
        let mut at = start;
        // The name that is assigned: the last before `=`.
        let mut object = None;
        while at < callee {
            if matches!(code.word(at), "=" | ":=" | "<-") && code.kind(at) == Kind::Mark {
                object = code.prev(at);
                break;
            }
            if code.kind(at) == Kind::Open {
                at = code.mate(at).unwrap_or(at).max(at);
                if at >= callee {
                    break;
                }
            }
            at = at.saturating_add(1);
        }
        // `req, err := …`
        object.and_then(|object| {
            let first = code.prev(object).filter(|comma| code.is(*comma, ",")).and_then(|comma| code.prev(comma));
            // `Dim req As HttpWebRequest = …`
            let typed = code.prev(object).filter(|word| code.is(*word, "As")).and_then(|word| code.prev(word));
            Some(first.or(typed).unwrap_or(object)).filter(|object| code.is_word(*object))
        })
    }

    /// What the statements behind a token, and before it too, say of the method of an object.
    pub(super) fn said_around(&self, object: &str, from: usize, before: bool) -> Said {
        let code = self.code;
        let function = code.function_of(from).and_then(|index| code.functions.get(index));
        let (floor, ceiling) = function.map_or((0, code.len()), |function| function.body);
        let mut names: Vec<&str> = vec![object];
        let last = ceiling.min(from.saturating_add(500));
        let mut implied = Said::Nothing;
        let mut all = Said::Nothing;
        let mut at = from;
        while at < last {
            if code.is_word(at) && names.contains(&code.word(at)) {
                let dot = code.next(at);
                // It becomes something else here.
                let is_new = at > from && code.owner(at).is_none() && self.is_replaced(at);
                let is_next = all != Said::Nothing && at > from && self.is_always(at, from) && self.sets_url(at);
                if is_new && code.word(at) == object || is_next {
                    break;
                }
                let said = self.said_of_use(at);
                // Data implies a method, unless one is given.
                if self.is_implied(at) {
                    implied = implied.and(said);
                } else {
                    all = all.and(said);
                }
                // `c = (HttpURLConnection) url.openConnection()`
                if code.is_dot(dot)
                    && among(code.word(code.next(dot)), "openConnection clone newBuilder build toUri mutableCopy")
                    && let Some(alias) = self.assigned_in_statement(at)
                {
                    names.push(alias);
                }
                if names.len() > 6 {
                    break;
                }
                // `curl_exec($ch)` ends it.
                if code
                    .prev(at)
                    .and_then(|open| code.prev(open))
                    .is_some_and(|name| matches!(code.word(name), "curl_exec" | "curl_close"))
                    && code.is_word(at)
                {
                    break;
                }
            }
            at = at.saturating_add(1);
        }
        if before {
            let mut at = from;
            let first = floor.max(from.saturating_sub(300));
            while at > first {
                at = at.saturating_sub(1);
                if code.is_word(at) && code.word(at) == object {
                    if code
                        .prev(at)
                        .and_then(|open| code.prev(open))
                        .is_some_and(|name| matches!(code.word(name), "curl_exec" | "curl_close"))
                    {
                        break;
                    }
                    let said = self.said_of_use(at);
                    if self.is_implied(at) {
                        implied = implied.and(said);
                    } else {
                        all = all.and(said);
                    }
                    if code.is(code.next(at), "=") {
                        break;
                    }
                }
            }
        }
        all.or(|| implied)
    }

    /// Returns whether the name at a token is assigned another object there: `req = …`, `req, err := …`, and not
    /// `b = b.post(body)`.
    fn is_replaced(&self, at: usize) -> bool {
        let code = self.code;
        let mut mark = code.next(at);
        if code.is(mark, ",") {
            mark = code.next(code.next(mark));
        }
        matches!(code.word(mark), "=" | ":=")
            && code.kind(mark) == Kind::Mark
            && code.word(code.next(mark)) != code.word(at)
    }

    /// Returns whether the statement that begins at a token runs whenever the one at `from` does, or belongs to another
    /// branch: it is under no condition of its own.
    fn is_always(&self, at: usize, from: usize) -> bool {
        let code = self.code;
        let block = code.up(from);
        let is_nested = match (code.up(at), block) {
            (Some(own), Some(block)) => own > block && code.mate(block).is_some_and(|end| own < end),
            (own, None) => own.is_some(),
            (None, Some(_)) => false,
        };
        code.statement_start(at) == at && !is_nested && code.indent_of(at) <= code.indent_of(from)
    }

    /// Returns whether the use of an object at a token sets its URL: `req.setEndpoint(…)`, `req.url = …`.
    fn sets_url(&self, at: usize) -> bool {
        let code = self.code;
        let member = code.next(code.next(at));
        let next = code.next(member);
        let name = code.word(member).to_ascii_lowercase();
        let name = name.trim_start_matches("set").trim_start_matches('_');
        code.is_dot(code.next(at)) && is_url_key(name) && (code.is(next, "(") || code.is(next, "="))
    }

    /// The methods that later statements set on the object that a request is assigned to, beside the one it has already.
    /// A call such as `.delete(…)` is one only where the object is a builder.
    pub(super) fn said_later(&self, object: &str, from: usize) -> Said {
        let code = self.code;
        let function = code.function_of(from).and_then(|index| code.functions.get(index));
        let last = function.map_or(code.len(), |function| function.body.1).min(from.saturating_add(500));
        let mut all = Said::Nothing;
        for at in from.saturating_add(1)..last {
            if !code.is_word(at) || code.word(at) != object || code.owner(at).is_some() {
                continue;
            }
            if self.is_replaced(at) {
                break;
            }
            let member = code.next(code.next(at));
            let is_call = code.is_dot(code.next(at)) && code.is(code.next(member), "(");
            let is_built = || {
                code.prev(at).is_some_and(|mark| {
                    code.is(mark, "=") && code.prev(mark).is_some_and(|name| code.word(name) == object)
                })
            };
            if !self.is_implied(at)
                && (!is_call || is_method_setter(code.word(member)) || is_built() || among(code.word(member), CHANGES))
            {
                all = all.and(self.said_of_use(at));
            }
        }
        all
    }

    /// Returns whether the use of an object at a token sets an option that only implies a method: `CURLOPT_POSTFIELDS`.
    fn is_implied(&self, at: usize) -> bool {
        let code = self.code;
        let option = code.next(code.next(at));
        code.is(code.next(at), ",")
            && code.word(option).get(..8).is_some_and(|front| front.eq_ignore_ascii_case("curlopt_"))
            && !code.word(option).eq_ignore_ascii_case("curlopt_customrequest")
    }

    pub(super) fn assigned_in_statement(&self, at: usize) -> Option<&'t str> {
        let code = self.code;
        let start = code.statement_start(at);
        let equals = (start..at).find(|at| code.is(*at, "=") || code.is(*at, ":="))?;
        code.prev(equals).filter(|name| code.is_word(*name)).map(|name| code.word(name))
    }

    /// The method that the use of an object at a token sets.
    pub(super) fn said_of_use(&self, at: usize) -> Said {
        let code = self.code;
        let changed = self.said_of_change(at);
        if changed != Said::Nothing {
            return changed;
        }
        let dot = code.next(at);
        if code.is_dot(dot) {
            let member = code.next(dot);
            let next = code.next(member);
            if is_method_setter(code.word(member)) {
                if code.is(next, "=") || code.is(next, ":=") {
                    return self.said_at(code.next(next), true);
                }
                if code.is(next, "(")
                    && let Some((start, _)) = code.parts(next).first()
                {
                    return self.said_at(*start, true);
                }
            }
            if code.is(next, "(") {
                if let Some(method) = method(code.word(member))
                    .filter(|_| among(code.word(member), "post put patch delete POST PUT DELETE PATCH GET get"))
                {
                    return Said::Known(method);
                }
                if matches!(code.word(member), "setDoOutput") {
                    return Said::Nothing;
                }
            }
            return Said::Nothing;
        }
        // `[req setHTTPMethod:@"POST"]`
        if code.is_word(dot) && code.up(at).is_some_and(|up| code.is(up, "[")) && is_method_setter(code.word(dot)) {
            let value = code.next(code.next(dot));
            return self.said_at(if code.is(value, "@") { code.next(value) } else { value }, true);
        }
        // `options["method"] = "PUT"`
        if code.is(dot, "[") && code.kind(code.next(dot)) == Kind::Text && is_method_setter(code.word(code.next(dot))) {
            let equals = code.mate(dot).map_or(dot, |close| code.next(close));
            return if code.is(equals, "=") { self.said_at(code.next(equals), true) } else { Said::Nothing };
        }
        // An argument of what sends: `http.post(url, …)`, `curl_setopt($ch, CURLOPT_CUSTOMREQUEST, 'PUT')`.
        let Some(open) = code.up(at) else { return Said::Nothing };
        let Some(callee) = code.callee(open) else { return Said::Nothing };
        let parts = code.parts(open);
        // `client.ExecutePostAsync(request)` of RestSharp
        if code.word(callee).starts_with("Execute") {
            return method_in(code.word(callee)).map_or(Said::Nothing, Said::Known);
        }
        if code.word(callee).starts_with("curl_setopt") || code.is(callee, "curl_easy_setopt") {
            if parts.first().is_none_or(|(start, _)| *start != at) {
                return Said::Nothing;
            }
            if let [_, (option, _), (value, _)] = parts.as_slice() {
                let key = code.word(*option).to_ascii_lowercase();
                if key == "curlopt_customrequest" {
                    return self.said_at(*value, true);
                }
                return self.said_as_key(&key, *value);
            }
            if let [_, (options, _)] = parts.as_slice() {
                return self.said_in(*options);
            }
            return Said::Nothing;
        }
        Said::Nothing
    }
}
