//! Methods beside paths and URLs, on one line: as logs, tables and people write them, in either order.

use super::ledger::{FoundRequest, Ledger, Outcome};
use super::nearest::is_misspelt;
use super::scan::contains;
use super::target::{
    Target, bare, closed, has_base, is_known, is_spelt, method, placeholder, target, unlisted, without_scheme,
};

/// What a line is part of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LinesOf {
    /// A log: other programs' requests are in it as well, so a bare path has to be written exactly as Xero writes it.
    Log,
    /// A list of calls.
    List,
}

/// A word of a line that matters.
#[derive(Clone, Copy)]
enum LineWord {
    Method {
        name: &'static str,
        start: usize,
        end: usize,
        /// True if it is written as methods are: `GET`, or alone in quotes, a cell or a member.
        is_sure: bool,
    },
    Target {
        start: usize,
        end: usize,
    },
}

impl LineWord {
    const fn span(self) -> (usize, usize) {
        match self {
            Self::Method { start, end, .. } | Self::Target { start, end } => (start, end),
        }
    }
}

/// Takes every request on a line.
pub(super) fn read(ledger: &mut Ledger<'_>, start: usize, line: &str, lines: LinesOf) -> Outcome {
    let row = if lines == LinesOf::List { Row::of(line) } else { None };
    let mut words = words(line, row, lines == LinesOf::Log);
    if !words.iter().any(|word| matches!(word, LineWord::Target { .. })) {
        relative(line, row, &mut words);
    }
    let reader = PairReader { line, start, lines, is_row: row.is_some(), words: &words };
    let targets = || {
        words.iter().enumerate().filter_map(|(place, word)| match *word {
            LineWord::Target { start, end } => Some((place, start, end)),
            LineWord::Method { .. } => None,
        })
    };
    let mut outcome = Outcome::Other;
    for (place, start, end) in targets() {
        let methods = reader.methods(place, is_xeros(line.get(start..end).unwrap_or_default()));
        // One entry is one request: what else it names is where that came from or went on to.
        let counts =
            lines == LinesOf::List || outcome != Outcome::Call && (!methods.is_empty() || targets().count() == 1);
        if counts {
            outcome = outcome.max(reader.target(ledger, &methods, start, end));
        }
    }
    if outcome == Outcome::Other
        && lines == LinesOf::Log
        && let Some((_, start, end)) =
            targets().find(|(_, start, end)| is_xeros(line.get(*start..*end).unwrap_or_default()))
    {
        outcome = reader.target(ledger, &[], start, end);
    }
    outcome
}

/// What stands between the cells of a row.
#[derive(Clone, Copy)]
struct Row(char);

impl Row {
    /// The row that a line is, if it is one: of a table in Markdown, or of values with commas, semicolons or tabs between
    /// them.
    fn of(line: &str) -> Option<Self> {
        let trimmed = line.trim();
        let is_cell = |cell: &str| {
            let cell = cell.trim().trim_matches(['"', '\'', '`', '*']);
            method(cell).is_some() || cell.starts_with('/') || without_scheme(cell).is_some()
        };
        let counts = |between: char| {
            let cells = trimmed.split(between);
            cells.clone().count() > 1 && cells.filter(|cell| is_cell(cell)).count() > 1
        };
        // `|>` of Elixir and `||` join lines of code.
        if trimmed.starts_with('|') && trimmed.len() > 2 && !trimmed.starts_with("|>") && !trimmed.starts_with("||") {
            return Some(Self('|'));
        }
        ['|', ',', ';', '\t'].into_iter().find(|between| counts(*between)).map(Self)
    }
}

/// Returns whether a line is a row of a table.
pub(super) fn is_row(line: &str) -> bool {
    Row::of(line).is_some()
}

/// Finds the methods and targets of a line.
fn words(line: &str, row: Option<Row>, is_entry: bool) -> Vec<LineWord> {
    let bytes = line.as_bytes();
    let first = line.len().saturating_sub(unlisted(line).len());
    let mut words = Vec::new();
    let mut at = 0_usize;
    while let Some(&byte) = bytes.get(at) {
        let is_word = byte.is_ascii_alphanumeric();
        if !is_word && !matches!(byte, b'/' | b'{' | b'$' | b'<' | b'#') {
            at = at.saturating_add(1);
            continue;
        }
        let run = || bytes.get(at..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let end = if is_word { at.saturating_add(run()) } else { at.saturating_add(1) };
        let before = at.checked_sub(1).and_then(|before| bytes.get(before)).copied();
        let is_start = before
            .is_none_or(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'-' | b'.' | b'/' | b'~'));
        let rest = || line.get(at..).unwrap_or_default();
        let starts_target = match byte {
            b'/' => is_start && rest().len() > 1 && !rest().starts_with("//"),
            b'h' | b'H' => is_start && without_scheme(rest()).is_some(),
            b'a' => is_start && rest().starts_with("api.xero.com/"),
            b'{' | b'$' | b'<' | b'#' => {
                placeholder(rest()).is_some_and(|end| rest().get(end..).is_some_and(|rest| rest.starts_with('/')))
            }
            _ => false,
        };
        if starts_target {
            let length = length(rest(), row);
            let is_pair = matches!(words.last(), Some(LineWord::Method { is_sure: true, .. }));
            words.push(LineWord::Target { start: at, end: at.saturating_add(length) });
            at = at.saturating_add(length.max(1));
            // One entry is one request, and this is it.
            if is_entry && is_pair {
                break;
            }
        } else {
            // `GET/POST`
            let is_next = before == Some(b'/')
                && matches!(words.last(), Some(LineWord::Method { end, .. }) if end.saturating_add(1) == at);
            if is_word
                && (is_start || is_next)
                && !bytes.get(end).is_some_and(|byte| matches!(byte, b'_' | b'-'))
                && let Some(word) = method_at(line, at, end, at == first, row)
            {
                words.push(word);
            }
            at = end;
        }
    }
    words
}

/// Returns how long the target is that a text begins with.
fn length(rest: &str, row: Option<Row>) -> usize {
    let target = bare(rest);
    let end = match row {
        Some(Row(between)) => target.find(between).unwrap_or(target.len()),
        None => target.len(),
    };
    let target = target.get(..end).unwrap_or_default();
    target.trim_end_matches(['}', '_']).len().max(closed(target))
}

/// The method at `start..end`, if it is one: in capitals, at the start of the line, alone between marks, or directly before
/// a target.
fn method_at(line: &str, start: usize, end: usize, is_first: bool, row: Option<Row>) -> Option<LineWord> {
    let word = line.get(start..end).filter(|word| word.len() <= 7)?;
    if !matches!(word.as_bytes().first(), Some(b'D' | b'G' | b'H' | b'O' | b'P' | b'd' | b'g' | b'h' | b'o' | b'p')) {
        return None;
    }
    let name = method(word)?;
    let before = line.get(..start).unwrap_or_default();
    let behind = line.get(end..).unwrap_or_default();
    let is_upper = name == word;
    if is_upper && behind.starts_with('/') && !is_group(behind) {
        // `GET/1.1`
        return None;
    }
    let quoted = |mark: char| before.ends_with(mark) && behind.starts_with(mark);
    let is_alone = ['"', '\'', '`', '*', '[', '('].into_iter().any(|mark| {
        quoted(mark)
            || mark == '[' && before.ends_with('[') && behind.starts_with(']')
            || mark == '(' && before.ends_with('(') && behind.starts_with(')')
    });
    let is_member = before.trim_end().ends_with(['=', ':', '>']) && is_method_key(before);
    let is_cell = row.is_some_and(|Row(between)| {
        let opens = before.trim_end();
        let closes = behind.trim_start();
        (opens.is_empty() || opens.ends_with(between)) && (closes.is_empty() || closes.starts_with(between))
    });
    let next = behind.trim_start_matches([' ', '\t', '"', '\'', '`', ':']);
    let leads_on = next.len() < behind.len() && (next.starts_with('/') || without_scheme(next).is_some());
    let leads_to_xero = leads_on && {
        let next = bare(next);
        has_base(next) || contains(next, "api.xero.com")
    };
    let is_sure = is_upper || is_alone || is_member || is_cell || is_first && leads_on || leads_to_xero;
    let is_sure = is_sure || is_first && behind.starts_with(' ') && is_known(name, bare(behind.trim_start()));
    is_sure.then_some(LineWord::Method { name, start, end, is_sure: is_upper || is_member || is_cell || is_alone })
}

/// Returns whether a text goes on with another method: `GET/POST`.
fn is_group(behind: &str) -> bool {
    let next = behind.trim_start_matches('/');
    let length = next.bytes().take_while(u8::is_ascii_alphabetic).count();
    next.get(..length).is_some_and(|word| method(word).is_some_and(|name| name == word))
}

/// Returns whether a text ends with the key of a method and what binds its value: `method=`, `"verb": `.
fn is_method_key(before: &str) -> bool {
    let key = before.trim_end().trim_end_matches(['=', ':', '>']).trim_end().trim_end_matches(['"', '\'']);
    let length =
        key.bytes().rev().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')).count();
    let key = key.get(key.len().saturating_sub(length)..).unwrap_or_default().to_ascii_lowercase();
    key.ends_with("method") || key.ends_with("verb")
}

/// Takes a name without its slash as a target, beside a method: `PUT Invoices` at the start of a line, or in a cell.
fn relative(line: &str, row: Option<Row>, words: &mut Vec<LineWord>) {
    let Some(&LineWord::Method { name, start, end, .. }) = words.first() else { return };
    if let Some(Row(between)) = row {
        let mut at = 0_usize;
        for cell in line.split(between) {
            let is_mark = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '*');
            let inner = cell.trim_start_matches(is_mark);
            let start = at.saturating_add(cell.len().saturating_sub(inner.len()));
            let inner = inner.trim_end_matches(is_mark);
            if !inner.is_empty() && is_spelt(name, &["/", inner].concat()) {
                words.push(LineWord::Target { start, end: start.saturating_add(inner.len()) });
            }
            at = at.saturating_add(cell.len()).saturating_add(between.len_utf8());
        }
        words.sort_by_key(|word| word.span().0);
        return;
    }
    let behind = line.get(end..).unwrap_or_default();
    let rest = behind.trim_start_matches([' ', '\t', ':']);
    let target = bare(rest);
    let is_first = line.len().saturating_sub(unlisted(line).len()) == start;
    // `Post invoices to our ledger` is a sentence.
    let ends =
        rest.get(target.len()..).unwrap_or_default().trim_matches([' ', '\t', '.', '`', '*', '"', '\'']).is_empty();
    let is_upper = line.get(start..end) == Some(name);
    if is_first && rest.len() < behind.len() && (is_upper || ends) && is_known(name, target) {
        let start = line.len().saturating_sub(rest.len());
        words.push(LineWord::Target { start, end: start.saturating_add(target.len()) });
    }
}

struct PairReader<'l> {
    line: &'l str,
    start: usize,
    lines: LinesOf,
    is_row: bool,
    words: &'l [LineWord],
}

impl PairReader<'_> {
    fn target(
        &self,
        ledger: &mut Ledger<'_>,
        methods: &[(&'static str, Option<usize>)],
        start: usize,
        end: usize,
    ) -> Outcome {
        let goes = self.line.get(start..end).unwrap_or_default();
        let is_xeros = is_xeros(goes);
        if methods.is_empty() {
            let is_alone = self.words.len() == 1 && self.is_alone(start, end);
            let counts = is_xeros || is_alone && self.lines == LinesOf::List && may_be_xeros(ledger, None, goes);
            if !counts {
                return if without_scheme(goes).is_some() { Outcome::OtherHost } else { Outcome::Other };
            }
            return ledger.request(FoundRequest {
                method: None,
                target: goes,
                text: goes,
                at: self.start.saturating_add(start),
            });
        }
        let is_url = without_scheme(goes).is_some();
        let mut outcome = Outcome::Other;
        for &(name, from) in methods {
            if self.lines == LinesOf::Log && !is_url && !is_xeros && !is_spelt(name, goes) && !is_sign_in(goes) {
                continue;
            }
            if self.lines == LinesOf::List && !is_url && !may_be_xeros(ledger, Some(name), goes) {
                continue;
            }
            // The method is shown where it stands directly before.
            let from = from.filter(|from| *from < start).unwrap_or(start);
            let text = self.line.get(from..end).unwrap_or_default();
            let at = self.start.saturating_add(from);
            outcome = outcome.max(ledger.request(FoundRequest { method: Some(name), target: goes, text, at }));
        }
        outcome
    }

    /// The methods of the target at `place`: those directly before it, else those directly behind it; in rows and beside
    /// a URL of Xero also farther away. With each, where it starts if only a gap is between it and the target.
    fn methods(&self, place: usize, is_xeros: bool) -> Vec<(&'static str, Option<usize>)> {
        let far = self.is_row || is_xeros;
        let target_first = matches!(self.words.first(), Some(LineWord::Target { .. }));
        let before =
            || self.group(self.words.get(..place).unwrap_or_default().iter().rev(), place, far && !target_first);
        let behind = || {
            let words = self.words.get(place.saturating_add(1)..).unwrap_or_default();
            self.group(words.iter(), place, far)
        };
        let found = before();
        if found.is_empty() { behind() } else { found }
    }

    fn group<'w>(
        &self,
        words: impl Iterator<Item = &'w LineWord>,
        place: usize,
        far: bool,
    ) -> Vec<(&'static str, Option<usize>)> {
        let mut found = Vec::new();
        let Some(target) = self.words.get(place) else { return found };
        let mut last = target.span();
        for word in words {
            let LineWord::Method { name, start, end, is_sure } = *word else { break };
            let between = if end <= last.0 { self.line.get(end..last.0) } else { self.line.get(last.1..start) };
            let between = between.unwrap_or_default();
            let is_gap = between.chars().all(|c| c == ' ' || c == '\t');
            let joins =
                if found.is_empty() { is_near(between) || far && is_sure } else { self.is_row || is_list(between) };
            if !joins {
                break;
            }
            found.push((name, (is_gap && found.is_empty()).then_some(start)));
            last = (start, end);
        }
        found
    }

    /// Returns whether nothing else stands on the line but marks.
    fn is_alone(&self, start: usize, end: usize) -> bool {
        let before = unlisted(self.line.get(..start).unwrap_or_default());
        let behind = self.line.get(end..).unwrap_or_default();
        [before, behind]
            .into_iter()
            .all(|text| text.chars().all(|c| c.is_whitespace() || c.is_ascii_punctuation() || c == '•'))
            || self.is_row
    }
}

/// Returns whether a path that people wrote may be Xero's. Given as a list of calls, every one is. Without a method it has to lead to
/// an operation where nothing else is Xero's, or to be nearly a resource: `/Users/me/x` is a path of a file system. In a
/// file of a project, most paths are the project's own: only those count that are written as Xero writes them, with a capital.
pub(super) fn may_be_xeros(ledger: &Ledger<'_>, said: Option<&str>, path: &str) -> bool {
    if is_xeros(path) {
        return true;
    }
    let variable = path.strip_prefix('$').and_then(|name| name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
    let before = placeholder(path).or(variable.map(|end| end.saturating_add(1)));
    let own = before.and_then(|length| path.get(length..)).filter(|rest| rest.starts_with('/')).unwrap_or(path);
    let segment = own.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default();
    let methods = ["GET", "POST", "PUT", "DELETE"].into_iter();
    if ledger.is_found {
        let is_upper = segment.starts_with(|c: char| c.is_ascii_uppercase());
        let leads = said.is_some_and(|said| is_known(said, own)) || methods.clone().any(|method| is_spelt(method, own));
        return leads && (is_upper || said.is_some() && ledger.names_xero())
            || is_upper && (said.is_some() || is_misspelt(segment));
    }
    let is_free = if said.is_some() { true } else { ledger.of_xero };
    is_free
        || placeholder(path).is_some()
        || is_misspelt(segment)
        || methods.clone().any(|method| is_known(method, path))
}

/// Returns whether a path or URL is Xero's for sure.
fn is_xeros(target: &str) -> bool {
    let ends = target.len().checked_sub(4).and_then(|at| target.get(at..));
    has_base(target) || ends.is_some_and(|end| end.eq_ignore_ascii_case(".xro")) || contains(target, "api.xero.com")
}

/// Returns whether a path is one of signing in.
fn is_sign_in(path: &str) -> bool {
    matches!(target(path), Target::SignIn)
}

/// Returns whether only marks stand between a method and a target.
fn is_near(between: &str) -> bool {
    let is_mark = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '"' | '\''
                    | '`'
                    | '*'
                    | ':'
                    | '('
                    | '['
                    | ')'
                    | ']'
                    | '-'
                    | '–'
                    | '—'
                    | '|'
                    | '>'
                    | '='
                    | ','
                    | '→'
                    | '_'
            )
    };
    between.len() <= 12 && between.chars().all(is_mark)
}

/// Returns whether methods with this between them are a list: `GET, PUT`, `GET/POST`, `GET and PUT`.
fn is_list(between: &str) -> bool {
    let between = between.trim_matches([' ', '`', '*', '"', '\'']);
    matches!(between, "," | "/" | "|" | "&" | "+" | "and" | "or" | ", and" | "" | "`/`" | "`, `")
}
