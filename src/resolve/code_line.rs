//! Calls in code and in prose: methods of SDKs, URLs, and paths given to a client.

use std::borrow::Cow;

use super::ledger::{Ledger, Outcome, Request};
use super::scan::{head, is_identifier, last_identifier, tail};
use super::sdk;
use super::target::{bare, has_base, is_known, method, placeholder, reach, without_scheme};

/// Takes what is called on a line.
pub(super) fn read(ledger: &mut Ledger<'_>, start: usize, line: &str) -> Outcome {
    let comment = [" //", "\t//", " # "].into_iter().filter_map(|mark| line.find(mark)).min();
    let line = line.get(..comment.unwrap_or(line.len())).unwrap_or_default();
    let mut outcome = Outcome::Other;
    let mut at = 0_usize;
    while let Some(rest) = line.get(at..)
        && let Some(c) = rest.chars().next()
    {
        let here = start.saturating_add(at);
        let length = rest.bytes().take_while(|byte| is_identifier(*byte)).count();
        let (found, read) = if matches!(c, '"' | '\'' | '`')
            && let Some(literal) = Literal::read(ledger.text, here, rest, c)
            && let Some(found) = literal.take(ledger)
        {
            (found, literal.text.len().saturating_add(2))
        } else if without_scheme(rest).is_some() {
            let url = bare(rest);
            let method = keyed(&clause(ledger.text.get(..here).unwrap_or_default()));
            (ledger.request(Request { method, target: url, text: url, at: here }), url.len().max(1))
        } else if length > 0 {
            (sdk::identifier(ledger, here, here.saturating_add(length)), length)
        } else {
            (Outcome::Other, c.len_utf8())
        };
        outcome = outcome.max(found);
        at = at.saturating_add(read);
    }
    outcome
}

/// A text in quotes, and what is around it.
struct Literal<'t> {
    text: &'t str,
    at: usize,
    before: &'t str,
    behind: &'t str,
}

/// So far around a path or URL its method is looked for, in bytes.
const BEFORE: usize = 200;
const BEHIND: usize = 600;

/// So far behind a URL in a variable, and at so many places, it is looked for what is done with the variable.
const USED: usize = 2_000;
const USES: usize = 4;

/// Functions that send `GET` unless they are told otherwise: this package's, and `fetch` itself.
const FETCHES: [&str; 3] = ["fetch", "json", "pages"];

impl<'t> Literal<'t> {
    /// The literal whose quote is at `at` of the whole and whose line goes on with `line`.
    fn read(whole: &'t str, at: usize, line: &'t str, quote: char) -> Option<Self> {
        let inside = line.get(1..)?;
        let end = reach(inside, |c| c == quote || c.is_whitespace());
        inside.get(end..)?.strip_prefix(quote)?;
        let text = inside.get(..end)?;
        let start = at.saturating_add(1);
        let behind = whole.get(start.saturating_add(end).saturating_add(1)..)?;
        Some(Self { text, at: start, before: tail(whole.get(..at)?, BEFORE), behind: head(behind, USED) })
    }

    /// Takes it, if it is a path or URL that something is sent to; `None` if not.
    fn take(&self, ledger: &mut Ledger<'_>) -> Option<Outcome> {
        let is_url = without_scheme(self.text).is_some();
        let placed =
            placeholder(self.text).is_some_and(|at| self.text.get(at..).is_some_and(|rest| rest.starts_with('/')));
        let is_path = self.text.starts_with('/') && !self.text.starts_with("//");
        if !is_url && !is_path && !placed && !has_base(self.text) {
            return None;
        }
        let (target, behind) = self.joined();
        let call = Call::around(self.before);
        let method = self.method(call.as_ref(), behind);
        let name = call.as_ref().map_or("", |call| call.name);
        let fetches = FETCHES.contains(&name);
        let is_xero = call.as_ref().is_some_and(|call| call.is_xero);
        let known = || is_known(method.unwrap_or("GET"), &target);
        let is_member = call.as_ref().is_some_and(|call| call.is_member);
        let counts = is_url || has_base(self.text) || fetches && is_xero;
        if counts || (placed || is_xero || fetches && is_member) && known() {
            return Some(ledger.request(Request { method, target: &target, text: self.text, at: self.at }));
        }
        None
    }

    /// With what is joined to its end, each value as a placeholder: `"/Invoices/" + id + "/Attachments"`; and what follows.
    fn joined(&self) -> (Cow<'t, str>, &'t str) {
        let mut rest = self.behind;
        let mut whole = Cow::Borrowed(self.text);
        while whole.ends_with('/')
            && let Some(value) = rest.trim_start().strip_prefix(['+', '.'])
            && value.starts_with([' ', '$', '(', '_']) | value.starts_with(|c: char| c.is_ascii_alphabetic())
        {
            whole.to_mut().push_str("{}");
            let piece = match next_piece(value) {
                Ok(piece) => piece,
                Err(behind) => {
                    rest = behind;
                    break;
                }
            };
            let end = piece.find(['"', '\'', '`']).unwrap_or(piece.len());
            whole.to_mut().push_str(piece.get(..end).unwrap_or_default());
            rest = piece.get(end.saturating_add(1)..).unwrap_or_default();
        }
        (whole, rest)
    }

    /// The method, as far as the code around says it.
    fn method(&self, call: Option<&Call<'_>>, behind: &str) -> Option<&'static str> {
        if let Some(call) = call
            && let Some(method) = call.method.or_else(|| method_of(call.name))
        {
            return Some(method);
        }
        let before = self.before.trim_end_matches(['$', '@', 'f']);
        // `url="…"` is an argument, `url = "…"` is not.
        let near = before.trim_end();
        let is_part = near.ends_with(['(', ',', ':']) || near.ends_with("=>") || before.ends_with('=');
        let ahead = if is_part { keyed(within(head(behind, BEHIND))) } else { None };
        let earlier = || keyed(&clause(self.before));
        ahead
            .or_else(earlier)
            .or_else(|| {
                let call = call.filter(|call| FETCHES.contains(&call.name))?;
                let rest = behind.trim_start();
                let options = rest.strip_prefix(',').map(str::trim_start);
                // Options in a variable may say anything.
                (call.name == "pages"
                    || rest.starts_with(')')
                    || options.is_some_and(|options| options.starts_with(['{', ')'])))
                .then_some("GET")
            })
            .or_else(|| self.method_of_variable())
    }

    /// The method that the variable is used with that it is assigned to, `url = "…"; axios.post(url, …)`, else the one in
    /// its name, `POST_INVOICE = "…"`.
    fn method_of_variable(&self) -> Option<&'static str> {
        let front = self.before.trim_end_matches(['$', '@', 'f']).trim_end().strip_suffix('=')?.trim_end();
        let (front, word) = last_identifier(front);
        // `url: str = "…"`
        let typed = front.trim_end_matches(' ').strip_suffix(':');
        let name = typed.map_or(word, |front| last_identifier(front.trim_end()).1);
        if name.is_empty() {
            return None;
        }
        for (at, _) in self.behind.match_indices(name).filter(|(at, _)| is_word(self.behind, *at, name)).take(USES) {
            let before = self.behind.get(..at)?;
            let behind = self.behind.get(at.saturating_add(name.len())..)?;
            let assigned = behind.trim_start().strip_prefix('=').filter(|value| !value.starts_with('='));
            if assigned.is_some_and(|value| !value.trim_start().trim_start_matches('$').starts_with(name)) {
                break;
            }
            let before = tail(before.strip_suffix('$').unwrap_or(before), BEFORE);
            let used = Self { text: name, at: self.at, before, behind };
            if let Some(method) = used.method(Call::around(before).as_ref(), behind) {
                return Some(method);
            }
        }
        method(name.split_once('_')?.0)
    }
}

/// Whether what is at `at` of a text is a word of its own.
fn is_word(text: &str, at: usize, word: &str) -> bool {
    let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| is_identifier(*byte));
    let bytes = text.as_bytes();
    !is_part(at.checked_sub(1).and_then(|at| bytes.get(at))) && !is_part(bytes.get(at.saturating_add(word.len())))
}

/// What follows the quote of the next literal that is joined to a value, else what follows the value.
fn next_piece(value: &str) -> Result<&str, &str> {
    let mut depth = 0_usize;
    for (at, c) in value.char_indices() {
        let rest = value.get(at..).unwrap_or_default();
        match c {
            '(' | '[' => depth = depth.saturating_add(1),
            ')' | ']' if depth > 0 => depth = depth.saturating_sub(1),
            ')' | ']' | ',' | ';' | '\n' if depth == 0 => return Err(rest),
            '+' | '.' if depth == 0 => {
                let rest = rest.trim_start_matches(['+', '.']).trim_start();
                if let Some(piece) = rest.strip_prefix(['"', '\'', '`']) {
                    return Ok(piece);
                }
            }
            _ => {}
        }
    }
    Err("")
}

/// The call that a literal is an argument of.
struct Call<'t> {
    name: &'t str,
    /// The argument before, if it is a method.
    method: Option<&'static str>,
    /// Whether it is a method of something.
    is_member: bool,
    /// Whether that has `xero` in its name, or, behind a method, the function itself has.
    is_xero: bool,
}

impl<'t> Call<'t> {
    /// The call that `before`, which ends where the literal begins, is in: directly, or behind a method.
    fn around(before: &'t str) -> Option<Self> {
        // `f"…"`, `$"…"`, `@"…"`
        let before = unnamed(before.strip_suffix(['f', '$', '@']).unwrap_or(before).trim_end());
        let (front, method) = match before.strip_suffix(',') {
            None => (before, None),
            Some(argument) => {
                let (front, word) = last_identifier(argument.trim_end().trim_end_matches(['"', '\'']));
                let known = method(word.strip_prefix("Method").unwrap_or(word));
                let front = front.trim_end_matches(['"', '\'', ':']);
                // `HttpMethod.Post`
                let front = front.strip_suffix('.').map_or(front, |front| last_identifier(front).0);
                // `request.call(this, "POST", …`
                let is_argument = |c: char| c.is_ascii_alphanumeric() || "_.$,'\" ".contains(c);
                (unnamed(front.trim_end()).trim_end_matches(is_argument), Some(known?))
            }
        };
        let callee = front.strip_suffix('(')?.trim_end();
        // `json<Organisation>(`
        let callee = if callee.ends_with('>') { callee.get(..callee.rfind('<')?)? } else { callee };
        let (front, name) = last_identifier(callee);
        let is_chain =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$' | '>' | '-' | '?' | ':' | '@');
        let chain = front.get(front.trim_end_matches(is_chain).len()..).unwrap_or_default();
        let is_member = chain.ends_with('.') || chain.ends_with("->") || chain.ends_with("::");
        let names_xero = |text: &str| text.as_bytes().windows(4).any(|four| four.eq_ignore_ascii_case(b"xero"));
        let is_xero = is_member && names_xero(chain) || method.is_some() && names_xero(name);
        Some(Self { name, method, is_member, is_xero })
    }
}

/// What stands before an argument without its name: `url=`, `requestUri:`.
fn unnamed(before: &str) -> &str {
    let named = before.strip_suffix(['=', ':']).map(|before| last_identifier(before.trim_end()).0.trim_end());
    named.filter(|front| front.ends_with(['(', ','])).unwrap_or(before)
}

/// The method that a function is named after: `get`, `PostAsync`, `http_put`, `PatchAsJsonAsync`.
fn method_of(name: &str) -> Option<&'static str> {
    let name = name.strip_suffix("Async").unwrap_or(name);
    let name = name.strip_suffix("AsJson").unwrap_or(name);
    if name == "del" { Some("DELETE") } else { method(name.rsplit('_').next().unwrap_or(name)) }
}

/// What is still inside the brackets that a text begins in.
fn within(text: &str) -> &str {
    let mut depth = 0_usize;
    let end = text.char_indices().find(|(_, c)| match c {
        '(' | '{' | '[' => {
            depth = depth.saturating_add(1);
            false
        }
        ')' | '}' | ']' if depth > 0 => {
            depth = depth.saturating_sub(1);
            false
        }
        ')' | '}' | ']' | ';' => true,
        _ => false,
    });
    text.get(..end.map_or(text.len(), |(at, _)| at)).unwrap_or_default()
}

/// What stands before the end of a text in the same brackets and the same statement, without what is in brackets there.
fn clause(text: &str) -> String {
    let mut depth = 0_usize;
    let mut clause = Vec::new();
    for c in tail(text, BEFORE).chars().rev() {
        match c {
            ')' | '}' | ']' => depth = depth.saturating_add(1),
            '(' | '{' | '[' => match depth.checked_sub(1) {
                Some(outer) => depth = outer,
                None => break,
            },
            ';' if depth == 0 => break,
            _ if depth == 0 => clause.push(c),
            _ => {}
        }
    }
    clause.iter().rev().collect()
}

/// The method that is assigned in a text: `method: "POST"`, `-Method Post`, `CURLOPT_CUSTOMREQUEST => 'PUT'`.
fn keyed(text: &str) -> Option<&'static str> {
    let is_key = |at: usize, key: &str| {
        text.as_bytes()
            .get(at..at.saturating_add(key.len()))
            .is_some_and(|own| own.eq_ignore_ascii_case(key.as_bytes()))
    };
    (0..text.len()).find_map(|at| {
        let key = ["method", "customrequest"].into_iter().find(|key| is_key(at, key))?;
        let value = text.get(at.saturating_add(key.len())..)?;
        let is_gap = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ':' | '=' | '>' | ',');
        let word = value.trim_start_matches(is_gap);
        if word.len() == value.len() {
            return None;
        }
        // `HttpMethod.Post`
        let words = word.get(..word.bytes().take_while(|byte| is_identifier(*byte) || *byte == b'.').count())?;
        method(words.rsplit('.').next()?)
    })
}
