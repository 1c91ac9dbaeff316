//! Calls whose value is known, and methods and indices behind a value.

use super::functions::{is_method_of_text, is_self, is_wrapper};
use super::value::{Value, join_all, product, resolve, resolve_below};
use super::{MANY, Values};
use crate::resolve::code::lex::Kind;
use crate::resolve::code::names;
use crate::resolve::scan::among;
use crate::resolve::target::{HOST, is_of_xero, names_xero};

impl Values<'_, '_> {
    /// A call whose value may be known.
    pub(super) fn call(&self, name: usize, owner: Option<usize>, open: usize, depth: u8) -> (Vec<Value>, usize) {
        let code = self.code;
        let end = code.mate(open).unwrap_or(open).saturating_add(1);
        let arguments = || -> Vec<Vec<Value>> {
            code.parts(open).into_iter().take(12).map(|part| self.expr(self.argument(part), depth).0).collect()
        };
        let owner_name = owner.map_or("", |owner| code.name(owner));
        let made = self.made(code.name(name), open, depth);
        if !made.is_empty() {
            return (made, end);
        }
        let has_host = (open..end).take(60).any(|at| code.kind(at) == Kind::Text && code.word(at) == HOST);
        if let Some(url) = has_host.then(|| self.url_of_parts(open, depth)).flatten() {
            return (url, end);
        }
        let values = match (owner_name, code.name(name)) {
            ("url", "JoinPath")
            | ("path" | "posixpath" | "Path" | "URI" | "File", "join" | "Join" | "Combine" | "combine")
            | (
                _,
                "urljoin" | "url_join" | "urlJoin" | "joinUrl" | "join_url" | "joinPaths" | "buildUrl" | "build_url",
            ) => {
                let parts = code.parts(open).into_iter().filter(|part| !self.is_query(*part)).take(12);
                join_all(&parts.map(|part| self.expr(self.argument(part), depth).0).collect::<Vec<_>>())
            }
            // `from os.path import join`; `join("/", $parts)` of PHP has a separator first.
            ("", "join") if code.parts(open).len() > 1 && code.word(code.next(open)).len() > 1 => {
                join_all(&arguments())
            }
            (_, "URL" | "Uri" | "URI") if code.prev(name).is_some_and(|new| code.is(new, "new")) || owner.is_none() => {
                let all = arguments();
                let is_whole = |values: &[Value]| values.iter().any(|value| value.text.contains("://"));
                match all.as_slice() {
                    [base, path] if is_whole(base) || code.word(name) != "URL" => product(base, path, resolve),
                    [path, base] => product(base, path, resolve),
                    [one] => one.clone(),
                    _ => vec![Value::hole()],
                }
            }
            ("Uri", "https" | "http") => {
                let scheme = Value { text: "https://".to_owned(), ..Value::default() };
                match arguments().as_slice() {
                    [host, path, ..] => product(&product(&[scheme], host, Value::then), path, Value::below),
                    _ => vec![Value::hole()],
                }
            }
            ("fmt", "Sprintf" | "Fprintf")
            | (_, "sprintf" | "Sprintf" | "vsprintf")
            | ("String" | "string" | "util", "format" | "Format")
            | ("", "format" | "concat") => {
                let all = arguments();
                match all.split_first() {
                    Some((first, rest)) => {
                        first.iter().flat_map(|value| self.formatted(value, rest, open)).take(MANY).collect()
                    }
                    None => vec![Value::hole()],
                }
            }
            ("os", "getenv" | "Getenv")
            | ("environ" | "ENV", "get" | "fetch")
            | (_, "env" | "getenv" | "config" | "getEnv" | "env_or" | "getEnvOrDefault") => {
                let all = arguments();
                let xero = code.parts(open).first().is_some_and(|(start, _)| names_xero(code.word(*start)));
                let known =
                    code.parts(open).first().and_then(|(start, _)| self.shared.constant(code.word(*start), None));
                match all.as_slice() {
                    _ if known.is_some() => known.unwrap_or_default(),
                    [_, default, ..] => default.clone(),
                    _ => vec![Value { is_xero: xero, ..Value::hole() }],
                }
            }
            (_, wrapped)
                if is_wrapper(wrapped)
                    || among(owner_name, "Uri URI Url HttpUrl reqwest url Addressable")
                        && among(wrapped, "parse Parse ParseRequestURI create get new http from") =>
            {
                let all = arguments();
                let of_owner = || match owner {
                    // `endpoint.String()`
                    Some(owner) => self.lookup(code.name(owner), None, owner, depth),
                    None => vec![Value::hole()],
                };
                if wrapped == "parse" && owner_name == "JSON" {
                    vec![Value::hole()]
                } else {
                    all.into_iter().next().unwrap_or_else(of_owner)
                }
            }
            // R joins texts with these.
            (_, "paste0") => joined(&arguments(), ""),
            (_, "paste" | "file.path") => joined(&arguments(), "/"),
            ("Object", "values" | "keys" | "entries") => {
                let name = code.next(open);
                self.members_of(code.name(name), depth)
            }
            _ => self.unknown_call(name, owner_name, open, depth),
        };
        (values, end)
    }

    /// Returns whether an argument holds the query of a URL and no part of its path: `buildUrl(base, "/Items", { page })`.
    fn is_query(&self, (start, end): (usize, usize)) -> bool {
        let code = self.code;
        let is_named = |name: &str| {
            let says =
                ["params", "param", "query", "options", "opts", "search", "filter", "filters", "qs", "parameters"];
            names::parts(name).any(|word| says.iter().any(|own| own.eq_ignore_ascii_case(word)))
        };
        code.is(start, "{") || code.is_word(start) && code.next(start) >= end && is_named(code.name(start))
    }

    /// What a function gives of which only its name is known.
    fn unknown_call(&self, name: usize, owner: &str, open: usize, depth: u8) -> Vec<Value> {
        let code = self.code;
        let own = code.name(name);
        // `baseUrl()`: what a function of the text returns.
        let parts = code.parts(open);
        let values = if parts.is_empty() { self.lookup_function(own, depth) } else { Vec::new() };
        if !values.is_empty() {
            return values;
        }
        // A function that the class declares and its children in other texts have.
        if parts.is_empty()
            && is_self(owner)
            && let Some(set) = self.shared.member(own)
        {
            return set;
        }
        let is_xero = names_xero(own) || names_xero(owner);
        // `addOptions(InvoicesURL, opts)`: a URL with a query.
        let adds = ["add", "with", "append", "options", "params", "query", "sign"];
        if names::parts(own).any(|word| adds.iter().any(|add| add.eq_ignore_ascii_case(word))) {
            let first = parts.first().map_or_else(Vec::new, |part| self.expr(self.argument(*part), depth).0);
            if first.iter().any(|value| is_of_xero(&value.text)) {
                return first;
            }
        }
        if names::parts(own).any(|word| word.eq_ignore_ascii_case("url")) {
            let arguments: Vec<Vec<Value>> =
                parts.into_iter().take(2).map(|part| self.expr(self.argument(part), depth).0).collect();
            return below_unknown(&arguments, is_xero);
        }
        // `config.get("xero.url")`
        let first = code.next(open);
        let is_named = code.kind(first) == Kind::Text && names_xero(code.word(first));
        vec![Value { is_xero: is_xero || is_named, ..Value::hole() }]
    }

    /// Applies the methods and indices behind an operand.
    pub(super) fn behind(&self, values: Vec<Value>, end: usize, depth: u8) -> (Vec<Value>, usize) {
        let code = self.code;
        let (mut values, mut end) = (values, end);
        for _ in 0..32 {
            let mut mark = end;
            if code.kind(mark) == Kind::Line && code.goes_on(mark) && code.is_dot(code.next(mark)) {
                mark = code.next(mark);
            }
            if code.kind(mark) == Kind::Mark
                && matches!(code.word(mark), "!" | "?")
                && (code.is_dot(code.next(mark))
                    || matches!(code.kind(code.next(mark)), Kind::Close | Kind::Line | Kind::End)
                    || code.is(code.next(mark), ",")
                    || code.is(code.next(mark), ";"))
            {
                end = mark.saturating_add(1);
                continue;
            }
            if code.is(mark, "[") && end == mark {
                values = self.indexed(values, mark, depth);
                end = code.mate(mark).unwrap_or(mark).saturating_add(1);
                continue;
            }
            if !code.is_dot(mark) {
                break;
            }
            let name = code.next(mark);
            if !code.is_word(name) {
                break;
            }
            let open = code.next(name);
            if !code.is(open, "(") {
                let is_same = code.is(mark, ".") && is_wrapper(code.word(name))
                    || matches!(code.word(name), "await" | "value" | "pathname" | "path");
                if !is_same && values.iter().any(is_url) {
                    break;
                }
                if !is_same {
                    values = vec![Value { is_xero: values.iter().any(|value| value.is_xero), ..Value::hole() }];
                }
                end = name.saturating_add(1);
                continue;
            }
            // A request is sent with it.
            if crate::resolve::code::requests::method_in(code.word(name)).is_some() {
                break;
            }
            // A method called on a URL is no part of it: `"https://…".WithHeader(…).PutJsonAsync(x)`.
            if !is_method_of_text(code.word(name)) && !is_wrapper(code.word(name)) && values.iter().any(is_url) {
                break;
            }
            values = self.changed(values, name, open, depth);
            end = code.mate(open).unwrap_or(open).saturating_add(1);
        }
        (values, end)
    }

    /// What an index of a list or an object gives: `urls["invoices"]` is a member like `urls.invoices`.
    pub(super) fn indexed(&self, values: Vec<Value>, mark: usize, depth: u8) -> Vec<Value> {
        let code = self.code;
        let owner = code.prev(mark).filter(|owner| code.is_word(*owner)).map(|owner| code.name(owner));
        let inside = code.next(mark);
        let one = owner.and_then(|owner| match code.kind(inside) {
            Kind::Text => Some(self.lookup(code.word(inside), Some(owner), mark, depth)),
            Kind::Mark if code.is(inside, ":") => {
                Some(self.lookup(code.word(code.next(inside)), Some(owner), mark, depth))
            }
            _ => None,
        });
        match (one, owner) {
            (Some(one), _) if one.iter().any(|value| !value.is_hole()) => one,
            (one, Some(owner)) => {
                let all = self.members_of(owner, depth);
                // `os.environ["XERO_URL"]` is of Xero, even though its value is not known.
                let named = one.filter(|one| one.iter().any(|value| value.is_xero)).unwrap_or(values);
                if all.is_empty() { named } else { all }
            }
            _ => values,
        }
    }

    /// What a method makes of texts.
    pub(super) fn changed(&self, values: Vec<Value>, name: usize, open: usize, depth: u8) -> Vec<Value> {
        let code = self.code;
        let arguments = || -> Vec<Vec<Value>> {
            code.parts(open).into_iter().take(12).map(|part| self.expr(self.argument(part), depth).0).collect()
        };
        match code.word(name) {
            "format" | "formatted" | "Format" => {
                let all = arguments();
                values.iter().flat_map(|value| self.formatted(value, &all, open)).take(MANY).collect()
            }
            "concat" | "plus" | "append" | "Append" | "concatenating" | "appending" => {
                arguments().iter().fold(values, |joined, more| product(&joined, more, Value::then))
            }
            "resolve"
            | "appendingPathComponent"
            | "addPathSegment"
            | "addPathSegments"
            | "addEncodedPathSegments"
            | "pathSegment"
            | "joinpath"
            | "join"
            | "path"
            | "segment"
            | "with_path"
            | "withPath"
            | "copy_with"
            | "append_path"
            | "JoinPath"
            | "appendPath"
            | "AppendPathSegment"
            | "AppendPathSegments"
            | "addEncodedPathSegment"
            | "appendPathSegment"
            | "child" => arguments().iter().fold(values, |joined, more| product(&joined, more, resolve_below)),
            // What goes in place of something in the text.
            "replace" | "replaceAll" | "Replace" | "replacingOccurrences" | "gsub" | "sub" => {
                let all = arguments();
                match all.as_slice() {
                    // `uri.replace(path: "/api.xro/2.0/Items")` of Dart.
                    [path] => product(&values, path, resolve),
                    [from, to, ..] if from.len() == 1 => {
                        let from = from.first().map(|value| value.text.clone()).unwrap_or_default();
                        if from.is_empty() || from == "{}" {
                            values
                        } else {
                            values
                                .iter()
                                .flat_map(|value| {
                                    to.iter()
                                        .map(|to| Value { text: value.text.replace(&from, &to.text), ..value.clone() })
                                        .collect::<Vec<_>>()
                                })
                                .take(MANY)
                                .collect()
                        }
                    }
                    _ => values,
                }
            }
            word if is_wrapper(word) => values,
            "map" | "flatMap" | "collect" => {
                // What the function makes of each.
                let end = code.mate(open).unwrap_or(open);
                let arrow = (open..end.min(open.saturating_add(12))).find(|at| code.is(*at, "=>"));
                let body = arrow.map(|arrow| code.next(arrow)).filter(|body| !code.is(*body, "{"));
                let made = body.map_or_else(Vec::new, |body| self.expr(body, depth).0);
                if made.iter().any(|value| !value.is_hole()) { made } else { values }
            }
            "values" | "items" | "keys" | "iter" | "entries" | "filter" | "each" => values,
            _ => vec![Value { is_xero: values.iter().any(|value| value.is_xero), ..Value::hole() }],
        }
    }
}

fn is_url(value: &Value) -> bool {
    value.text.contains("://") && is_of_xero(&value.text)
}

/// What a function makes of a path that is named after URLs, `client.joinURL("/Users")`: the path below a base that is not
/// known.
fn below_unknown(arguments: &[Vec<Value>], is_xero: bool) -> Vec<Value> {
    let hole = Value { is_xero, ..Value::hole() };
    match arguments {
        [paths] if paths.iter().all(|path| path.text.starts_with('/')) => product(&[hole], paths, Value::then),
        _ => vec![hole],
    }
}

/// Texts with a separator between them; the last may be the separator itself, `sep = "/"`.
fn joined(all: &[Vec<Value>], separator: &str) -> Vec<Value> {
    let is_text = |values: &&Vec<Value>| !matches!(values.as_slice(), [one] if one.text == "/" || one.text.is_empty());
    let mut all = all.iter().filter(is_text);
    let first = all.next().cloned().unwrap_or_else(|| vec![Value::hole()]);
    let join = if separator.is_empty() { Value::then } else { resolve_below };
    all.fold(first, |joined, more| product(&joined, more, join))
}
