//! Values that a shell script gives the words of a command: its variables and arrays, the loops around it, and the function
//! that it is in, with what that is called with.

use super::kind::Text;
use super::scan::is_identifier;
use super::words::Words;

/// So far before a command its values are looked for, in bytes; longer scripts are not looked through for calls.
const FAR: usize = 16_384;
const LONG: usize = 1_048_576;

/// So many calls of a function, and ways to fill a command, are looked at.
const MANY: usize = 200;

/// So deep functions call each other.
const DEEP: u8 = 3;

/// One way to fill the words of a command.
#[derive(Clone, Default)]
pub(super) struct Filling {
    names: Vec<(String, String)>,
    /// What the function around is given: where each begins, and what it is.
    args: Vec<(usize, String)>,
    /// The number of arguments that `shift` took away.
    shifted: usize,
    /// The place of the call of the function.
    pub(super) at: Option<usize>,
}

impl Filling {
    /// A text with the values of this way; what is not known stays.
    pub(super) fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            let (front, behind) = rest.split_at_checked(at).unwrap_or((rest, ""));
            filled.push_str(front);
            let length = variable(behind).unwrap_or(1);
            let (own, next) = behind.split_at_checked(length).unwrap_or((behind, ""));
            filled.push_str(&self.value(own).unwrap_or_else(|| own.to_owned()));
            rest = next;
        }
        filled.push_str(rest);
        filled
    }

    /// The value of a variable: `$path`, `${1:-GET}`, `${path#/}`, `$argv[1]`.
    fn value(&self, variable: &str) -> Option<String> {
        let inside = variable.trim_start_matches('$').trim_start_matches('{').trim_end_matches('}');
        let inside = inside.strip_prefix("argv[").map_or(inside, |number| number.trim_end_matches(']'));
        let length = inside.bytes().take_while(|byte| is_identifier(*byte)).count();
        let (name, behind) = inside.split_at_checked(length)?;
        let default = behind.strip_prefix(":-").or_else(|| behind.strip_prefix('-')).map(str::to_owned);
        let given = match name.parse::<usize>() {
            Ok(0) => None,
            Ok(place) => self.argument(place).map(|(_, value)| value.clone()).or_else(|| {
                let is_called = self.at.is_some();
                default.clone().or_else(|| is_called.then(String::new))
            }),
            Err(_) => self.names.iter().rev().find(|(own, _)| own == name).map(|(_, value)| value.clone()),
        };
        let given = given.filter(|value| !value.is_empty() || default.is_none()).or(default)?;
        Some(if behind.starts_with('#') { given.trim_start_matches('/').to_owned() } else { given })
    }

    fn argument(&self, place: usize) -> Option<&(usize, String)> {
        self.args.get(place.saturating_add(self.shifted).checked_sub(1)?)
    }

    /// The place of the first argument that is in a text: `$2` of `$BASE/$2`.
    pub(super) fn place_of(&self, text: &str, value: &str) -> Option<usize> {
        let is_in = |(_, given): &&(usize, String)| given.len() > 1 && value.ends_with(given.as_str());
        text.contains('$').then(|| self.args.iter().find(is_in)).flatten().map(|(at, _)| *at)
    }

    /// Which argument is the first that `"$@"` stands for; `None` if the word is something else.
    pub(super) fn rest(&self, word: &str) -> Option<usize> {
        let inside = word.trim_start_matches('$').trim_start_matches('{').trim_end_matches('}');
        self.at?;
        match inside {
            "@" | "*" => Some(1),
            _ => {
                let slice = inside.strip_prefix("@:").or_else(|| inside.strip_prefix("argv["))?;
                slice.split([':', '.', ']']).next()?.parse().ok()
            }
        }
    }

    /// Returns where an argument begins.
    pub(super) fn start_of(&self, place: usize) -> Option<usize> {
        self.argument(place).map(|(at, _)| *at)
    }
}

/// A function of a script that sends what it is given, and the request in it.
pub(super) struct ScriptFunction {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) input: usize,
    pub(super) at: usize,
    pub(super) line: usize,
}

/// The name of the function that a byte is in.
pub(super) fn function_of(text: &str, at: usize) -> Option<&str> {
    function_around(text, at).map(|(name, ..)| name)
}

/// Returns whether a script calls a function of a name.
pub(super) fn calls(text: Text<'_>, name: &str) -> bool {
    let file = text.name.unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
    let is_script =
        matches!(ending, "" | "sh" | "bash" | "zsh" | "fish" | "yml" | "yaml" | "mk") || text.text.starts_with("#!");
    is_script && text.text.match_indices(name).any(|(at, _)| is_command(text.text, at, name))
}

/// The ways to fill some words of the command at a byte; none if nothing there has a value.
pub(super) fn ways<'w>(text: &str, at: usize, words: impl Iterator<Item = &'w str>) -> Vec<Filling> {
    if text.len() > LONG {
        return Vec::new();
    }
    let mut ways = called(text, at, DEEP);
    let mut loops = loops(text, at);
    loops.extend(assigned(text, at, words));
    if ways.is_empty() && loops.is_empty() {
        return ways;
    }
    if ways.is_empty() {
        ways.push(Filling::default());
    }
    for (name, values) in loops {
        let with = |way: &Filling| {
            let each = values.iter().map(|value| {
                let mut way = way.clone();
                way.names.push((name.clone(), value.clone()));
                way
            });
            each.collect::<Vec<_>>()
        };
        ways = ways.iter().flat_map(with).take(MANY).collect();
    }
    ways
}

/// The words that a variable or an array stands for before a byte: where each list of them begins and ends.
pub(super) fn lists(text: &str, at: usize, word: &str) -> Vec<(usize, usize)> {
    let name = word.trim_start_matches('$').trim_start_matches('{');
    let name = name.get(..name.bytes().take_while(|byte| is_identifier(*byte)).count()).unwrap_or_default();
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return Vec::new();
    }
    let start = floor(text, at);
    let before = text.get(start..at).unwrap_or_default();
    let found = before.match_indices(name).filter_map(|(place, name)| {
        let is_first = before.get(..place)?.chars().next_back().is_none_or(|c| c.is_whitespace() || c == ';');
        let behind = place.saturating_add(name.len());
        let rest = before.get(behind..)?;
        let value = rest.strip_prefix("+=").or_else(|| rest.strip_prefix('='))?;
        let from = behind.saturating_add(rest.len()).saturating_sub(value.len());
        let close = match value.chars().next()? {
            '(' => ')',
            quote @ ('"' | '\'') => quote,
            _ => return None,
        };
        let end = closing(value.get(1..)?, close)?;
        let from = start.saturating_add(from).saturating_add(1);
        is_first.then(|| (from, from.saturating_add(end)))
    });
    found.take(MANY).collect()
}

/// Returns where a list ends: at its own bracket or quote, and not at those of a word in it.
fn closing(list: &str, close: char) -> Option<usize> {
    let mut quote = None;
    let mut depth = 0_usize;
    for (at, c) in list.char_indices() {
        match c {
            _ if quote.is_none() && depth == 0 && c == close => return Some(at),
            _ if quote == Some(c) => quote = None,
            '"' | '\'' if quote.is_none() && close == ')' => quote = Some(c),
            '(' if quote.is_none() => depth = depth.saturating_add(1),
            ')' if quote.is_none() => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// The word that begins at a byte, as it is written.
pub(super) fn written(text: &str, at: usize) -> &str {
    let rest = text.get(at..).unwrap_or_default();
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '|' | ')')).unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}

/// The values that statements before a byte give the variables of some words; several for one of them at most.
fn assigned<'w>(text: &str, at: usize, words: impl Iterator<Item = &'w str>) -> Vec<(String, Vec<String>)> {
    let before = text.get(floor(text, at)..at).unwrap_or_default();
    let mut all: Vec<(String, Vec<String>)> = Vec::new();
    for (place, word) in words.flat_map(|word| word.match_indices('$').map(move |(place, _)| (place, word))) {
        let name = word.get(place..).unwrap_or_default().trim_start_matches('$').trim_start_matches('{');
        let name = name.get(..name.bytes().take_while(|byte| is_identifier(*byte)).count()).unwrap_or_default();
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || all.iter().any(|(own, _)| own == name) {
            continue;
        }
        let given = statements(before).filter_map(|statement| statement.strip_prefix(name)?.strip_prefix('='));
        let values: Vec<String> = given
            .filter_map(|value| Some(Words { text: value, at: 0, is_list: false }.next()?.value))
            .filter(|value| !value.contains("://"))
            .take(9)
            .collect();
        // What is not known in one place may be anything.
        let is_asked = statements(before).any(|statement| is_asked(statement, name));
        if !values.is_empty() && values.len() < 9 && !is_asked && values.iter().all(|value| !value.contains('$')) {
            all.push((name.to_owned(), values));
        }
    }
    if all.iter().filter(|(_, values)| values.len() > 1).count() > 1 {
        all.retain(|(_, values)| values.len() == 1);
    }
    all
}

/// The statements of a script, those behind a condition among them, each without the words before its own:
/// `[ -n "$body" ] && method=PUT`, `then method=PUT`, `local method=GET`.
fn statements(script: &str) -> impl Iterator<Item = &str> {
    let parts = script.split(['\n', ';', ')']).flat_map(|part| part.split("&&")).flat_map(|part| part.split("||"));
    parts.map(|part| {
        let mut statement = part.trim();
        while let Some(rest) = LEADING.iter().find_map(|word| statement.strip_prefix(word)) {
            statement = rest.trim_start();
        }
        statement
    })
}

/// Words that stand before a statement.
const LEADING: [&str; 10] =
    ["then ", "else ", "do ", "{ ", "local ", "declare ", "readonly ", "export ", "typeset ", "! "];

/// Returns whether a statement gives a variable what someone enters, or what is made when it runs: `read -r method`.
fn is_asked(statement: &str, name: &str) -> bool {
    let rest = ["read ", "printf -v ", "mapfile ", "readarray "].iter().find_map(|word| statement.strip_prefix(word));
    rest.is_some_and(|rest| rest.split_whitespace().any(|word| word == name))
}

/// Returns whether a script gives a variable more than one value before a byte, and one that is not known among them.
pub(super) fn is_changed(text: &str, at: usize, variable: &str) -> bool {
    let name = variable.trim_start_matches('$').trim_start_matches('{');
    let name = name.get(..name.bytes().take_while(|byte| is_identifier(*byte)).count()).unwrap_or_default();
    let before = text.get(floor(text, at)..at).unwrap_or_default();
    let is_given = |statement: &&str| {
        is_asked(statement, name) || statement.strip_prefix(name).is_some_and(|rest| rest.starts_with('='))
    };
    let is_open = |statement: &str| is_asked(statement, name) || statement.contains(['$', '`']);
    let given = || statements(before).filter(is_given);
    !name.is_empty() && given().nth(1).is_some() && given().any(is_open)
}

/// Returns where the text begins that is looked at before a byte.
fn floor(text: &str, at: usize) -> usize {
    (at.saturating_sub(FAR)..=at).find(|start| text.is_char_boundary(*start)).unwrap_or(at)
}

/// Returns how long the variable is that a text begins with.
fn variable(text: &str) -> Option<usize> {
    let name = text.strip_prefix('$')?;
    if name.starts_with('{') {
        return text.find('}').map(|end| end.saturating_add(1));
    }
    if let Some(index) = name.strip_prefix("argv[") {
        return index.find(']').map(|end| end.saturating_add("$argv[]".len()));
    }
    let length = match name.bytes().next()? {
        byte if byte.is_ascii_digit() => 1,
        _ => name.bytes().take_while(|byte| is_identifier(*byte)).count(),
    };
    (length > 0).then(|| length.saturating_add(1))
}

/// The loops around a byte, the inner one last: the name of each and its values.
fn loops(text: &str, at: usize) -> Vec<(String, Vec<String>)> {
    let start = floor(text, at);
    let before = text.get(start..at).unwrap_or_default();
    let mut closed = 0_usize;
    let mut found = Vec::new();
    let mut end = before.len();
    for line in before.rsplit('\n') {
        end = end.saturating_sub(line.len());
        let statements = || line.split(';').map(|part| part.trim().trim_start_matches("do ").trim());
        for statement in statements().rev() {
            if statement == "done" || statement.starts_with("done ") || statement == "end" {
                closed = closed.saturating_add(1);
            } else if statement.starts_with("while ") || statement.starts_with("until ") {
                closed = closed.saturating_sub(1);
            } else if let Some(list) = statement.strip_prefix("for ") {
                if closed > 0 {
                    closed = closed.saturating_sub(1);
                    continue;
                }
                found.extend(list.split_once(" in ").and_then(|(name, words)| {
                    let place =
                        text.get(start.saturating_add(end)..)?.find(words)?.saturating_add(start).saturating_add(end);
                    values(text, (place, place.saturating_add(words.len())))
                        .map(|values| (name.trim().to_owned(), values))
                }));
            }
        }
        end = end.saturating_sub(1);
    }
    found.reverse();
    found
}

/// The words of a list between two bytes, if all of them are known.
fn values(text: &str, (from, to): (usize, usize)) -> Option<Vec<String>> {
    let mut words = Words { text: text.get(..to)?, at: from, is_list: true };
    let mut values = Vec::new();
    while let Some(word) = words.next() {
        if !word.value.starts_with('$') {
            values.push(word.value);
            continue;
        }
        let lists = lists(text, from, &word.value);
        let [(start, end)] = lists.as_slice() else { return None };
        let mut inner = Words { text: text.get(..*end)?, at: *start, is_list: true };
        while let Some(word) = inner.next().filter(|_| values.len() < MANY) {
            values.push(word.value);
        }
    }
    values.retain(|value| value != "do");
    (!values.is_empty() && values.iter().all(|value| !value.contains('$'))).then_some(values)
}

/// The calls of the function that a byte is in, each with the values that its body has there.
fn called(text: &str, at: usize, depth: u8) -> Vec<Filling> {
    let Some((name, from, to)) = function_around(text, at) else { return Vec::new() };
    let Some(depth) = depth.checked_sub(1) else { return Vec::new() };
    let is_outside = |place: &usize| *place < from || *place >= to;
    let calls = text.match_indices(name).map(|(place, _)| place).filter(is_outside);
    let calls = calls.filter(|place| is_command(text, *place, name)).take(MANY);
    let mut ways = Vec::new();
    for place in calls {
        let mut words = Words { text, at: place.saturating_add(name.len()), is_list: false };
        let mut args = Vec::new();
        while let Some(word) = words.next().filter(|_| args.len() < 24) {
            args.push((word.at, word.value));
        }
        // The call may be in a function, or in a loop, of its own.
        let outer =
            if args.iter().any(|(_, value)| value.contains('$')) { outer(text, place, depth) } else { Vec::new() };
        let outer = if outer.is_empty() { vec![Filling::default()] } else { outer };
        for own in outer.iter().take(MANY) {
            let args = args.iter().map(|(at, value)| (*at, own.fill(value))).collect();
            let mut way = Filling { args, at: Some(place), ..Filling::default() };
            way.run(text.get(from..at).unwrap_or_default());
            ways.push(way);
        }
    }
    ways
}

/// The ways of a call that is itself in a function or a loop.
fn outer(text: &str, at: usize, depth: u8) -> Vec<Filling> {
    let ways = called(text, at, depth);
    if !ways.is_empty() {
        return ways;
    }
    let each = |(name, values): (String, Vec<String>)| {
        values.into_iter().map(move |value| Filling { names: vec![(name.clone(), value)], ..Filling::default() })
    };
    loops(text, at).into_iter().next_back().into_iter().flat_map(each).collect()
}

impl Filling {
    /// Takes the assignments of the statements of a body: `local path="$2"`, `shift 2`.
    fn run(&mut self, body: &str) {
        for statement in body.split(['\n', ';']) {
            let statement = statement.trim();
            if let Some(count) = statement.strip_prefix("shift") {
                self.shifted = self.shifted.saturating_add(count.trim().parse().unwrap_or(1));
                continue;
            }
            let plain = ["local ", "declare ", "readonly ", "export ", "typeset "];
            let statement = plain.iter().find_map(|word| statement.strip_prefix(word)).unwrap_or(statement);
            let mut words = Words { text: statement, at: 0, is_list: false };
            while let Some(word) = words.next() {
                let Some((name, value)) = word.value.split_once('=') else { break };
                if name.is_empty() || !name.bytes().all(is_identifier) {
                    break;
                }
                let value = self.fill(value);
                self.names.push((name.to_owned(), value));
            }
        }
    }
}

/// The function of a shell around a byte: its name, and where its body begins and ends.
fn function_around(text: &str, at: usize) -> Option<(&str, usize, usize)> {
    let start = floor(text, at);
    let before = text.get(start..at)?;
    let mut end = before.len();
    for line in before.rsplit('\n') {
        end = end.saturating_sub(line.len());
        if let Some((name, length)) = declared(line) {
            let from = start.saturating_add(end).saturating_add(length);
            let indent = line.len().saturating_sub(line.trim_start().len());
            let to = body_end(text, from, indent);
            return (to > at).then_some((name, from, to));
        }
        end = end.saturating_sub(1);
    }
    None
}

/// The name of the function that a line declares, and how far that goes: `xero() {`, `function xero {`, `function xero`.
fn declared(line: &str) -> Option<(&str, usize)> {
    let trimmed = line.trim_start();
    let rest = trimmed.strip_prefix("function ").map(str::trim_start);
    let name = rest.unwrap_or(trimmed);
    let length = name.bytes().take_while(|byte| is_identifier(*byte) || *byte == b'-').count();
    let (name, behind) = name.split_at_checked(length)?;
    let open = behind.trim_start();
    let is_declared = open.starts_with("()") || rest.is_some() && (open.is_empty() || open.starts_with('{'));
    (length > 1 && is_declared).then(|| (name, line.len().saturating_sub(behind.len())))
}

/// Returns where the body of a function ends: on its own line, else at the first line that closes it.
fn body_end(text: &str, from: usize, indent: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let mut at = from;
    for (number, line) in rest.split('\n').enumerate() {
        let end = at.saturating_add(line.len());
        let trimmed = line.trim();
        let own = line.len().saturating_sub(line.trim_start().len());
        let is_closed = number == 0 && trimmed.contains('{') && trimmed.ends_with('}')
            || number > 0 && own <= indent && (trimmed.starts_with('}') || trimmed == "end");
        if is_closed {
            return end;
        }
        at = end.saturating_add(1);
    }
    text.len()
}

/// Returns whether the name at a byte is a command, and no word of another.
fn is_command(text: &str, at: usize, name: &str) -> bool {
    let behind = text.get(at.saturating_add(name.len())..).unwrap_or_default();
    let before = text.get(..at).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let last = line.trim_end();
    let is_first = last.is_empty()
        || last.ends_with(['(', ';', '|', '&', '`', '{', '!'])
        || ["then", "do", "else", "time", "if", "while", "-", "run:"].iter().any(|word| last.ends_with(word));
    let is_apart = line.len() > last.len() || last.is_empty() || last.ends_with(['(', '`', ';', '|', '&']);
    let is_whole = behind.starts_with([' ', '\t', '\n', '\r', ')', ';', '|']) || behind.is_empty();
    is_first && is_apart && is_whole && !behind.trim_start().starts_with("()") && !line.trim_start().starts_with('#')
}
