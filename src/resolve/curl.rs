//! `curl` commands, as shells read them.

use super::ledger::{FoundRequest, Ledger, Outcome};
use super::pairs::may_be_xeros;
use super::scan::{head, is_identifier};
use super::target::{has_base, method, placeholder, without_scheme};
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
        let mut words = Words { text, at: at.saturating_add(arguments) };
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
#[derive(Default)]
struct Command<'t> {
    urls: Vec<ShellWord<'t>>,
    /// True if there is a `-X`, and its value; `None` if that is no method, such as a variable.
    is_said: bool,
    said: Option<&'static str>,
    /// What other options imply.
    implied: Option<&'static str>,
    /// True if data goes into the query (`-G`).
    get: bool,
    /// True if there are options that only the shell or a file knows: `$OPTS`, `"$@"`, `-K post.cfg`.
    is_open: bool,
    /// The methods that headers such as `X-HTTP-Method-Override` have, `None` for a value that is no method.
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
        let mut command = Self::default();
        while let Some(word) = words.next() {
            if let Some(long) = word.value.strip_prefix("--") {
                let (name, value) = long.split_once('=').unzip();
                let name = name.unwrap_or(long);
                let name = name.strip_prefix("expand-").unwrap_or(name);
                if name == "next" {
                    return (command, true);
                }
                let value = match value {
                    Some(value) => Some(ShellWord { value: value.to_owned(), ..word }),
                    None if LONG.contains(&name) => words.next(),
                    None => None,
                };
                command.option(name, value);
            } else if word.value == "-:" {
                return (command, true);
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
                command.is_open |= is_expansion(&word.value);
            }
        }
        (command, false)
    }

    fn option(&mut self, name: &str, value: Option<ShellWord<'t>>) {
        let data = matches!(name, "d" | "F" | "json" | "form" | "form-string") || name.starts_with("data");
        match name {
            "X" | "request" => {
                self.is_said = true;
                self.said = value.and_then(|value| method(&value.value));
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
        let implied = if self.get { "GET" } else { self.implied.unwrap_or("GET") };
        // Options that are not known may make a write of a read.
        let sent = match self.said {
            said if self.is_said => said,
            _ if self.is_open && matches!(implied, "GET" | "HEAD") => None,
            _ => Some(implied),
        };
        let methods = || core::iter::once(sent).chain(self.instead.iter().copied().filter(|instead| *instead != sent));
        let requests = self.urls.iter().flat_map(|url| methods().map(move |method| (url, method)));
        let taken = requests.map(|(url, method)| {
            let target = based(ledger, &url.value);
            // In a project, a path below a variable without a value may be another service's.
            if ledger.is_found && without_scheme(&target).is_none() && !may_be_xeros(ledger, method, &target) {
                return Outcome::OtherHost;
            }
            ledger.request(FoundRequest { method, target: &target, text: url.written(), at: url.at })
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

/// A word without its quotes.
struct ShellWord<'t> {
    value: String,
    text: &'t str,
    /// The place where it starts, behind a quote.
    at: usize,
}

impl<'t> ShellWord<'t> {
    /// Returns whether it is an address and not, say, a file name.
    fn is_url(&self) -> bool {
        let value = self.value.as_str();
        let variable = value
            .strip_prefix('$')
            .map_or(0, |name| name.bytes().take_while(|byte| is_identifier(*byte)).count().saturating_add(1));
        let before = placeholder(value).unwrap_or(variable);
        without_scheme(value).is_some()
            || has_base(value)
            || before > 0 && value.get(before..).is_some_and(|rest| rest.starts_with('/'))
            || value.split(['/', '@']).any(|host| host.eq_ignore_ascii_case("api.xero.com"))
    }

    /// Returns how it is written, as far as that is its value.
    fn written(&self) -> &'t str {
        let text = self.text.get(self.at..).unwrap_or_default();
        let same = text.chars().zip(self.value.chars()).take_while(|(one, other)| one == other);
        let length = same.fold(0_usize, |length, (c, _)| length.saturating_add(c.len_utf8()));
        text.get(..length).unwrap_or_default()
    }
}

/// The words of one command.
struct Words<'t> {
    text: &'t str,
    at: usize,
}

/// So long may a quoted text be that goes over several lines, in bytes.
const QUOTED: usize = 65_536;

impl<'t> Words<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn step(&mut self, length: usize) {
        self.at = self.at.saturating_add(length);
    }

    /// Goes over spaces, and over ends of lines that the shell does not see.
    fn skip_gap(&mut self) {
        loop {
            let rest = self.rest();
            let gap =
                rest.len().saturating_sub(rest.trim_start_matches(|c: char| c.is_whitespace() && c != '\n').len());
            let behind = rest.get(gap..).unwrap_or_default();
            // A backslash in shells, `^` in cmd, a backtick in PowerShell.
            let continued = ["\\", "^", "`"].into_iter().find_map(|mark| {
                let behind = behind.strip_prefix(mark)?.trim_start_matches([' ', '\t', '\r']);
                behind.strip_prefix('\n')
            });
            match continued {
                Some(next) => self.step(rest.len().saturating_sub(next.len())),
                None => return self.step(gap),
            }
        }
    }

    /// Reads the text in the quotes that open here; without an end it is the rest of the line.
    fn quoted(&mut self, quote: char, value: &mut String) {
        self.step(1);
        let rest = self.rest();
        let mut escaped = false;
        let end = head(rest, QUOTED).char_indices().find(|(_, c)| {
            let ends = *c == quote && !escaped;
            escaped = *c == '\\' && quote == '"' && !escaped;
            ends
        });
        let (end, behind) = if let Some((end, _)) = end {
            (end, end.saturating_add(1))
        } else {
            let end = rest.find('\n').unwrap_or(rest.len());
            (end, end)
        };
        value.push_str(rest.get(..end).unwrap_or_default());
        self.step(behind);
    }

    fn next(&mut self) -> Option<ShellWord<'t>> {
        self.skip_gap();
        let first = self.rest().chars().next().filter(|c| !is_end(*c) && *c != '#')?;
        let at = self.at.saturating_add(usize::from(matches!(first, '"' | '\'')));
        let mut value = String::new();
        while let Some(c) = self.rest().chars().next() {
            if let Some(length) = placeholder(self.rest()) {
                value.push_str(self.rest().get(..length).unwrap_or_default());
                self.step(length);
            } else if c == '"' || c == '\'' {
                self.quoted(c, &mut value);
            } else if c == '\\' {
                let next = self.rest().chars().nth(1);
                if matches!(next, Some('\n' | '\r')) && !value.is_empty() {
                    break;
                }
                value.extend(next);
                self.step(1_usize.saturating_add(next.map_or(0, char::len_utf8)));
            } else if c.is_whitespace() || is_end(c) {
                break;
            } else {
                value.push(c);
                self.step(c.len_utf8());
            }
        }
        Some(ShellWord { value, text: self.text, at })
    }
}

/// Returns whether a command ends here.
fn is_end(c: char) -> bool {
    matches!(c, '\n' | '|' | ';' | '&' | '<' | '>' | ')')
}
