//! `curl` commands, as shells read them.

use super::ledger::{FoundRequest, Ledger, Outcome};
use super::pairs::may_be_xeros;
use super::scan::is_identifier;
use super::shell::{self, Filling};
use super::target::{method, placeholder, without_scheme};
use super::words::{ShellWord, Words};
use crate::resolve::scan::among;
use std::borrow::Cow;

/// Takes the commands that begin on the line at `start..end`, and returns where the last line of them ends; `None` if
/// there is no command with a URL. Nothing behind `limit` is read.
pub(super) fn read(ledger: &mut Ledger<'_>, start: usize, end: usize, limit: usize) -> Option<(Outcome, usize)> {
    let text = ledger.text.get(..limit)?;
    let mut outcome = None;
    let mut at = start;
    let mut end = end;
    while let Some(line) = text.get(at..end)
        && let Some(arguments) = command(line)
    {
        let mut words = Words { text, at: at.saturating_add(arguments), is_list: false };
        let mut found = None;
        loop {
            let (command, has_next) = Command::read(&mut words);
            found = found.max(command.take(ledger));
            if !has_next {
                break;
            }
        }
        at = words.at;
        if found.is_some() {
            outcome = outcome.max(found);
            let rest = text.get(at..).unwrap_or_default();
            end = end.max(at.saturating_add(rest.find('\n').unwrap_or(rest.len())));
        }
        at = at.saturating_add(1);
    }
    outcome.map(|outcome| (outcome, end))
}

/// Returns where the arguments of a `curl` on this line start.
fn command(line: &str) -> Option<usize> {
    line.match_indices("curl").find_map(|(at, word)| {
        let before = line.get(..at)?.chars().next_back();
        let starts =
            before.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | ';' | '|' | '&' | '`' | '"' | '\'' | '/'));
        let end = at.saturating_add(word.len());
        let rest = line.get(end..)?;
        let exe = rest.strip_prefix(".exe").unwrap_or(rest);
        let ends = exe.starts_with(|c: char| c.is_whitespace());
        (starts && ends).then(|| line.len().saturating_sub(exe.len()))
    })
}

/// What a command asks for.
#[derive(Clone, Default)]
struct Command<'t> {
    /// The place where its words begin.
    at: usize,
    urls: Vec<ShellWord<'t>>,
    /// True if there is a `-X`, and its value; `None` if that is no method, such as a variable.
    is_said: bool,
    said: Option<&'static str>,
    /// That value, if it is a variable.
    verb: Option<String>,
    /// What other options imply.
    implied: Option<&'static str>,
    /// True if data goes into the query (`-G`).
    get: bool,
    /// True if there are options that only the shell or a file knows: `$OPTS`, `"$@"`, `-K post.cfg`.
    is_open: bool,
    /// The word that stands for what the function around is given: `"$@"`.
    rest: Option<String>,
    /// The methods that it may have instead, `None` for one that is not known: of headers such as `X-HTTP-Method-Override`, or
    /// where options are added under a condition.
    instead: Vec<Option<&'static str>>,
}

/// Headers with the method that the server is to take instead of the one that is sent.
pub(in crate::resolve) const OVERRIDES: [&str; 3] = ["x-http-method-override", "x-http-method", "x-method-override"];

/// Options of one letter that are followed by a value.
const SHORT: &str = "AbcCdDeEFHKmoPQrtTuUwxXyYz";

/// Options that are followed by a value.
#[rustfmt::skip]
const LONG: [&str; 65] = [
    "connect-to", "cookie", "cookie-jar", "data", "data-ascii", "data-binary", "data-raw", "data-urlencode", "doh-url",
    "form", "form-string", "header", "json", "oauth2-bearer", "output", "preproxy", "proxy", "proxy-header", "referer",
    "request", "resolve", "upload-file", "url", "user", "aws-sigv4", "cacert", "capath", "cert", "cert-type", "ciphers",
    "config", "connect-timeout", "dump-header", "expect100-timeout", "interface", "keepalive-time", "key", "key-type",
    "limit-rate", "max-filesize", "max-redirs", "max-time", "netrc-file", "noproxy", "output-dir", "pass", "pinnedpubkey",
    "proxy-user", "range", "rate", "retry", "retry-delay", "retry-max-time", "speed-limit", "speed-time", "stderr",
    "time-cond", "tls-max", "trace", "trace-ascii", "unix-socket", "url-query", "user-agent", "variable", "write-out",
];

impl<'t> Command<'t> {
    /// Reads a command, and returns whether another follows behind `--next`.
    fn read(words: &mut Words<'t>) -> (Self, bool) {
        let mut command = Self { at: words.at, ..Self::default() };
        let has_next = command.words(words);
        (command, has_next)
    }

    /// Takes words, and returns whether another command follows behind `--next`.
    fn words(&mut self, words: &mut Words<'t>) -> bool {
        let command = self;
        while let Some(word) = words.next() {
            if let Some(long) = word.value.strip_prefix("--") {
                let (name, value) = long.split_once('=').unzip();
                let name = name.unwrap_or(long);
                let name = name.strip_prefix("expand-").unwrap_or(name);
                if name == "next" {
                    return true;
                }
                let value = match value {
                    Some(value) => Some(ShellWord { value: value.to_owned(), ..word }),
                    None if LONG.contains(&name) => words.next(),
                    None => None,
                };
                command.option(name, value);
            } else if word.value == "-:" {
                return true;
            } else if let Some(letters) = word.value.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                for (at, letter) in letters.char_indices() {
                    let rest = letters.get(at.saturating_add(letter.len_utf8())..).unwrap_or_default();
                    if !SHORT.contains(letter) {
                        command.option(letter.encode_utf8(&mut [0; 4]), None);
                        continue;
                    }
                    let value =
                        if rest.is_empty() { words.next() } else { Some(ShellWord { value: rest.to_owned(), ..word }) };
                    command.option(letter.encode_utf8(&mut [0; 4]), value);
                    break;
                }
            } else if word.is_url() {
                command.urls.push(word);
            } else {
                command.expansion(words.text, &word.value);
            }
        }
        false
    }

    /// Takes what stands for options: those that the script has, `"${args[@]}"`, or any.
    fn expansion(&mut self, text: &'t str, word: &str) {
        if !is_expansion(word) {
            return;
        }
        let lists = shell::lists(text, self.at, word);
        let was_said = self.is_said;
        for (from, to) in &lists {
            let mut inner = Words { text: text.get(..*to).unwrap_or_default(), at: *from, is_list: true };
            // An array of arrays is not looked into.
            let known = self.is_open;
            self.words(&mut inner);
            self.is_open |= known;
        }
        if lists.is_empty() && word.contains(['@', '*', '[']) {
            self.rest = Some(word.to_owned());
        }
        // What is added to a list may depend on a condition.
        self.is_open |= lists.len() != 1;
        if lists.len() > 1 && self.is_said && !was_said {
            self.instead.push(None);
        }
    }

    fn option(&mut self, name: &str, value: Option<ShellWord<'t>>) {
        let data = among(name, "d F json form form-string") || name.starts_with("data");
        match name {
            "X" | "request" => {
                self.is_said = true;
                self.said = value.as_ref().and_then(|value| method(&value.value));
                self.verb = value.map(|value| value.value).filter(|value| value.starts_with('$'));
            }
            "url" => self.urls.extend(value),
            "G" | "get" => self.get = true,
            "K" | "config" => self.is_open = true,
            "H" | "header" => {
                let pair = value.as_ref().and_then(|value| value.value.split_once(':'));
                if let Some((_, value)) =
                    pair.filter(|(name, _)| OVERRIDES.iter().any(|own| own.eq_ignore_ascii_case(name.trim())))
                {
                    self.instead.push(method(value.trim()));
                }
            }
            "I" | "head" => self.implied = Some("HEAD"),
            "T" | "upload-file" => self.implied = Some("PUT"),
            _ if data => self.implied = Some("POST"),
            _ => self.is_open |= is_expansion(name),
        }
    }

    fn take(self, ledger: &mut Ledger<'_>) -> Option<Outcome> {
        let is_filled = |word: &str| word.contains('$');
        let is_open = self.verb.is_some() || self.rest.is_some() || self.urls.iter().any(|url| is_filled(&url.value));
        let words = || self.urls.iter().map(|url| url.value.as_str()).chain(self.verb.as_deref());
        let ways = if is_open { shell::ways(ledger.text, self.at, words()) } else { Vec::new() };
        if ways.is_empty() {
            return self.send(ledger, &Filling::default());
        }
        if ways.iter().any(|way| way.at.is_some())
            && let Some(name) = shell::function_of(ledger.text, self.at)
            && let Some(url) = self.urls.first()
        {
            ledger.function(name, url.written(), url.at);
        }
        let taken = ways.iter().map(|way| {
            let mut command = self.clone();
            command.fill(ledger.text, way);
            command.send(ledger, way)
        });
        taken.max().flatten()
    }

    /// Takes the values of a call of the function that the command is in.
    fn fill(&mut self, text: &str, way: &Filling) {
        if let Some(verb) = &self.verb {
            self.said = method(&way.fill(verb));
            // A script that gives it several values, one of them unknown, may send any.
            if shell::is_changed(text, self.at, verb) {
                self.instead.push(None);
            }
        }
        let Some(first) = self.rest.take().and_then(|word| way.rest(&word)) else { return };
        self.is_open = false;
        let Some(start) = way.start_of(first) else { return };
        // A quote before the first word is its own.
        let quote = start.checked_sub(1).filter(|at| text.get(*at..).is_some_and(|rest| rest.starts_with(['"', '\''])));
        let mut words = Words { text, at: quote.unwrap_or(start), is_list: false };
        let mut given = Command { at: self.at, ..Command::default() };
        given.words(&mut words);
        self.is_said |= given.is_said;
        self.said = given.said.or(self.said);
        self.implied = given.implied.or(self.implied);
        self.get |= given.get;
        self.is_open |= given.is_open;
    }

    /// Takes the requests, with the values of a way to fill their words.
    fn send(&self, ledger: &mut Ledger<'_>, way: &Filling) -> Option<Outcome> {
        let implied = if self.get { "GET" } else { self.implied.unwrap_or("GET") };
        let sent = if self.is_said { self.said } else { Some(implied) };
        // Options that are not known may give another method than the one that others imply.
        let other = (self.is_open && !self.is_said).then_some(None);
        let is_read = matches!(sent, Some("GET" | "HEAD"));
        let own = (other.is_none() || !is_read).then_some(sent);
        let instead = || self.instead.iter().copied().filter(|instead| *instead != sent);
        let methods = || own.into_iter().chain(other).chain(instead());
        let requests = self.urls.iter().flat_map(|url| methods().map(move |method| (url, method)));
        let taken = requests.map(|(url, method)| {
            let filled = way.fill(&url.value);
            let target = based(ledger, &filled);
            // In a project, a path below a variable without a value may be another service's.
            if ledger.is_found && without_scheme(&target).is_none() && !may_be_xeros(ledger, method, &target) {
                return Outcome::OtherHost;
            }
            let given = way.place_of(&url.value, &filled).or(way.at);
            let (text, at) = match given {
                Some(at) => (shell::written(ledger.text, at), at),
                None => (url.written(), url.at),
            };
            ledger.request(FoundRequest { method, target: &target, text, at })
        });
        taken.max()
    }
}

/// A URL that begins with a variable, with the base of Xero's that the text gives this variable; else as it is.
fn based<'u>(ledger: &mut Ledger<'_>, url: &'u str) -> Cow<'u, str> {
    let length = placeholder(url).unwrap_or_else(|| match url.strip_prefix('$') {
        Some(name) => name.bytes().take_while(|byte| is_identifier(*byte)).count().saturating_add(1),
        None => 0,
    });
    let (variable, path) = url.split_at_checked(length).unwrap_or_default();
    let name = variable.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let name = name.get(..name.bytes().take_while(|byte| is_identifier(*byte)).count()).unwrap_or_default();
    // `${BASE:-https://…}`
    let default = variable.find("http").map(|at| variable.get(at..).unwrap_or_default().trim_end_matches('}'));
    let base = default.map(str::to_owned).or_else(|| ledger.base_of_variable(name));
    match base {
        Some(base) => Cow::Owned([base.trim_end_matches('/'), path].concat()),
        None => Cow::Borrowed(url),
    }
}

/// Returns whether a word starts with a value that is not known: `$OPTS`, `$(opts)`, `${{ inputs.args }}`, `%OPTS%`, `@options`.
fn is_expansion(word: &str) -> bool {
    word.starts_with(['$', '@']) || placeholder(word).is_some()
}
