//! Reads scopes from pasted text, and reports every oddity with its position.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ScopeSet;
use super::decode::{Char, decode};
use super::suggest::{UnknownReason, explain};
use crate::catalogue::ScopeId;

/// The scopes in a text. In JSON: `{ scopes, unknown, duplicates, denied? }`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ParsedScopes"))]
#[serde(rename_all = "camelCase")]
pub struct Parsed {
    /// Every name of `scopes`, as a set.
    #[serde(skip)]
    pub set: ScopeSet,
    /// Every name once, as written, in the order of first appearance. Unknown ones too.
    pub scopes: Vec<String>,
    /// The names that the catalogue does not have, each at its first appearance.
    pub unknown: Vec<Unknown>,
    /// Every further appearance of a name.
    pub duplicates: Vec<Duplicate>,
    /// Names that the text calls removed, refused or missing; they are not in `scopes`. Absent if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub denied: Vec<Denied>,
}

/// A name that the text calls removed, refused or missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "DeniedScope"))]
#[serde(rename_all = "camelCase")]
pub struct Denied {
    /// The name.
    pub name: String,
    /// The position of this appearance, in UTF-16 code units from the start of the text.
    pub at: usize,
}

/// A name that the catalogue does not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "UnknownScope"))]
#[serde(rename_all = "camelCase")]
pub struct Unknown {
    /// The name, percent-decoded and without zero-width characters, otherwise as written.
    pub text: String,
    /// Its position, in UTF-16 code units from the start of the text, as JavaScript counts.
    pub at: usize,
    /// The mistake in it.
    pub reason: UnknownReason,
    /// The catalogued scope that is probably meant; absent if none is near or several are equally near.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<&'static str>,
}

/// A further appearance of a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "DuplicateScope"))]
#[serde(rename_all = "camelCase")]
pub struct Duplicate {
    /// The name.
    pub name: String,
    /// The position of this appearance, in UTF-16 code units from the start of the text.
    pub at: usize,
    /// The position of its first appearance, in the same unit.
    pub first_at: usize,
}

/// The number of unknown names that are compared with the catalogue: a text with more is no list of scopes.
const EXPLAINED: usize = 1_000;

/// Reads the scopes in `text`: a list in nearly any notation, a URL, a form body, or a piece of code.
///
/// It never fails. A **word** is a run of letters and digits, joined by `.` `_` `-` `:` or `/`; it starts and
/// ends with a letter or digit and has at least one letter. Everything else separates: white space of any kind, commas,
/// semicolons, quotes, brackets, `+`, `|`, bullets, list numbers. `%2E` and the like are decoded, however often they
/// were encoded; `\n`, `\r` and `\t` are white space; zero-width characters are not there. Every word is a scope,
/// catalogued or not, with these exceptions:
///
/// - A **comment** is skipped: `#` or `//` to the end of the line, `/*` to `*/`, at the start or after white space. A
///   scope that is commented out is not asked for.
/// - A **label**, such as `scope`, `Scopes` or `XERO_SCOPES`, is not a scope; nor is a word without a dot that has an
///   opening bracket right behind it, such as `env(`.
/// - Where a label is **assigned** (`scope=…`, `"scope": …`, `'scopes' => …`), only the assigned value is read: the
///   rest is other parameters, some of them secret, or code. A value ends with the next key, `&`, `#`, its bracket or
///   its quotes. An encoded `scope%3D` counts only if there is no plain `scope=`. A catalogued name with a dot counts
///   everywhere but in another parameter of a query.
/// - What is **denied** is not read as a scope, and is in `denied`: a value of a key such as `removed` or `denied`, a line that a
///   diff removes, and every scope of an answer `invalid_scope`.
///
/// Time and memory grow with the text, but for a logarithm no faster.
pub fn parse(text: &str) -> Parsed {
    let mut ignored = |_: &str, _: usize, _: bool| {};
    let assigns = |&structure: &Structure| ScopeReader::new(structure, &mut ignored).read(text);
    let structure = [Structure::Plain, Structure::Any].into_iter().find(assigns).unwrap_or(Structure::None);
    let mut parsed = Parsed::default();
    let mut first_at = BTreeMap::<String, usize>::new();
    let is_refusal = text.contains("invalid_scope");
    let mut found = |name: &str, at: usize, denied: bool| {
        if denied || is_refusal {
            if ScopeId::named(name).is_some() {
                parsed.denied.push(Denied { name: name.to_owned(), at });
            }
            return;
        }
        if let Some(&first_at) = first_at.get(name) {
            parsed.duplicates.push(Duplicate { name: name.to_owned(), at, first_at });
            return;
        }
        first_at.insert(name.to_owned(), at);
        parsed.scopes.push(name.to_owned());
        if ScopeId::named(name).is_none() {
            let compare = parsed.unknown.len() < EXPLAINED;
            let (reason, suggestion) = if compare { explain(name) } else { (UnknownReason::NotInCatalogue, None) };
            parsed.unknown.push(Unknown { text: name.to_owned(), at, reason, suggestion });
        }
    };
    ScopeReader::new(structure, &mut found).read(text);
    parsed.set = ScopeSet::from_names(parsed.scopes.iter().map(String::as_str));
    parsed
}

/// Which characters can make up assignments.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Structure {
    /// None: nothing is assigned to a label, everything is read.
    None,
    /// Those that are not encoded.
    Plain,
    /// All.
    Any,
}

/// A word before it is known what follows it.
#[derive(Default)]
struct Word {
    text: String,
    /// The length of `text` without joining characters at its end.
    len: usize,
    at: usize,
    role: WordRole,
    /// True if a bracket opens right behind it.
    code: bool,
    /// True if a bracket behind it ends the value.
    last: bool,
}

/// What a word is by its place in the text.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum WordRole {
    /// Not in a value that is read.
    #[default]
    Outside,
    /// In a value that is read.
    Read,
    /// Where the text calls scopes removed, refused or missing.
    Denied,
}

/// To what the text is assigning.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AssignedTo {
    /// To nothing, or no more.
    None,
    /// To a label.
    Label,
    /// To a key that denies its values.
    Denial,
    /// To something else.
    Other,
}

/// The notation of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Without quotes around it.
    Bare,
    /// Right behind its `=`, as in a query.
    Query,
    /// In these quotes, and whether they are open.
    Quoted(char, bool),
}

/// The value that the text is at.
struct AssignedValue {
    key: AssignedTo,
    form: Form,
    /// True if nothing of it was read yet.
    fresh: bool,
    /// True if its key is on this line.
    same_line: bool,
    /// The number of its brackets that are open.
    depth: usize,
}

/// Goes through the text once, a word and the gap behind it at a time.
struct ScopeReader<'f> {
    structure: Structure,
    /// Takes a name, its position, and true if it is denied.
    found: &'f mut dyn FnMut(&str, usize, bool),
    /// True if a label was assigned.
    assigned: bool,
    /// True on a line that a diff removes.
    on_removed_line: bool,
    word: Word,
    value: AssignedValue,
}

impl<'f> ScopeReader<'f> {
    fn new(structure: Structure, found: &'f mut dyn FnMut(&str, usize, bool)) -> Self {
        Self {
            structure,
            found,
            assigned: false,
            on_removed_line: false,
            word: Word::default(),
            value: AssignedValue { key: AssignedTo::None, form: Form::Bare, fresh: false, same_line: false, depth: 0 },
        }
    }

    /// Reads `text`; returns whether it assigns to a label.
    fn read(mut self, text: &str) -> bool {
        let mut chars = decode(text).peekable();
        let mut before = '\n';
        let mut in_word = false;
        let is_diff = ['+', '-'].iter().all(|&sign| text.lines().any(|line| is_of_diff(line, sign)));
        while let Some(char) = chars.next() {
            let Char { c, .. } = char;
            let next = chars.peek().map_or(' ', |next| next.c);
            if before == '\n' {
                self.on_removed_line = is_diff && c == '-';
            }
            let comment = !in_word && !char.encoded && before.is_whitespace();
            if comment && (c == '#' || c == '/' && matches!(next, '/' | '*')) {
                self.end_word();
                skip_comment(&mut chars, c == '/' && next == '*');
                before = '\n';
                continue;
            }
            if is_letter_or_digit(c) {
                if !in_word {
                    self.end_word();
                    self.start_word(char.at, before);
                }
                in_word = true;
                self.word.text.push(c);
                self.word.len = self.word.text.len();
            } else if in_word && self.joins(c, next) {
                self.word.text.push(c);
            } else {
                self.gap(char, next, in_word);
                in_word = false;
            }
            before = c;
        }
        self.end_word();
        self.assigned
    }

    /// Returns true if `c` continues the word. A colon continues it only in the middle, and not behind a label.
    fn joins(&self, c: char, next: char) -> bool {
        match c {
            '.' | '_' | '-' | '/' => true,
            ':' => (next == '/' || is_letter_or_digit(next)) && !is_label(&self.word.text),
            _ => false,
        }
    }

    fn start_word(&mut self, at: usize, before: char) {
        let value = &mut self.value;
        if value.fresh && before == '=' {
            value.form = Form::Query;
        }
        if value.depth == 0 && matches!(value.form, Form::Quoted(_, false)) {
            value.key = AssignedTo::None;
        }
        let role = match () {
            () if self.on_removed_line || value.key == AssignedTo::Denial => WordRole::Denied,
            () if self.structure == Structure::None || value.key == AssignedTo::Label => WordRole::Read,
            () => WordRole::Outside,
        };
        self.word = Word { at, role, ..Word::default() };
    }

    /// Reads a separator; `touching` if a word is right before it.
    fn gap(&mut self, char: Char, next: char, touching: bool) {
        match char.c {
            _ if char.encoded && self.structure == Structure::Plain => self.end_word(),
            '=' | ':' if self.structure != Structure::None || is_denial(self.word.name()) => self.assign(),
            quote @ ('"' | '\'' | '`') => self.quote(quote),
            '(' | '[' | '{' | '<' => {
                self.word.code |= touching;
                if char.c != '<' {
                    self.value.depth = self.value.depth.saturating_add(1);
                }
            }
            ')' | ']' | '}' => self.close(),
            '&' | '#' if self.value.depth == 0 && (char.c == '#' || is_letter_or_digit(next)) => {
                self.end_word();
                self.value.key = AssignedTo::None;
            }
            '\n' => {
                self.end_word();
                self.value.same_line = false;
            }
            ',' | ';' => {
                self.end_word();
                self.value.fresh = false;
            }
            // May stand between a key and its `=`.
            ' ' | '\t' | '\\' | '?' | '>' => {}
            _ => self.end_word(),
        }
    }

    /// The word before turns out to be a key, unless it is a scope that is described.
    fn assign(&mut self) {
        let name = self.word.name();
        if name.is_empty() {
            return;
        }
        if self.counts() && ScopeId::named(name).is_some() {
            self.end_word();
            return;
        }
        let label = is_label(name);
        self.assigned |= label;
        // The second key of `scopes: string[] = …` belongs to the same value.
        let more = self.value.key == AssignedTo::Label && self.value.fresh && self.value.same_line;
        let key = match () {
            () if label || more => AssignedTo::Label,
            () if is_denial(name) => AssignedTo::Denial,
            () => AssignedTo::Other,
        };
        self.word = Word::default();
        self.value = AssignedValue { key, form: Form::Bare, fresh: true, same_line: true, depth: 0 };
    }

    fn quote(&mut self, quote: char) {
        let value = &mut self.value;
        match value.form {
            _ if value.depth > 0 => {}
            Form::Quoted(own, open) if own == quote => value.form = Form::Quoted(own, !open),
            Form::Bare if value.fresh && self.word.text.is_empty() => value.form = Form::Quoted(quote, true),
            Form::Query => {
                self.end_word();
                self.value.key = AssignedTo::None;
            }
            Form::Bare | Form::Quoted(..) => {}
        }
    }

    fn close(&mut self) {
        let outer = self.value.depth == 0;
        self.value.depth = self.value.depth.saturating_sub(1);
        if self.value.depth > 0 {
            return;
        }
        if !self.word.text.is_empty() && !outer {
            self.word.last = true;
        } else if outer || !self.value.fresh {
            self.end_word();
            self.value.key = AssignedTo::None;
        }
    }

    /// Returns true if the word before is a scope: in a value that is read, or sure to be one and in no other parameter.
    fn counts(&self) -> bool {
        let name = self.word.name();
        let parameter = self.value.key == AssignedTo::Other && self.value.form == Form::Query;
        self.word.role != WordRole::Outside || !parameter && name.contains('.') && ScopeId::named(name).is_some()
    }

    fn end_word(&mut self) {
        let name = self.word.name();
        if name.is_empty() {
            return;
        }
        let code = self.word.code && ScopeId::named(name).is_none();
        let syntax = (code || is_label(name)) && !name.contains('.');
        if self.counts() && !syntax && name.contains(char::is_alphabetic) {
            (self.found)(name, self.word.at, self.word.role == WordRole::Denied);
            self.value.fresh = false;
            if self.word.last {
                self.value.key = AssignedTo::None;
            }
        }
        self.word = Word::default();
    }
}

impl Word {
    fn name(&self) -> &str {
        self.text.get(..self.len).unwrap_or("")
    }
}

const DENIALS: [&str; 9] =
    ["removed", "denied", "refused", "rejected", "revoked", "missing", "lacking", "unconfigured", "excluded"];

/// Returns true for a key whose values are scopes that a connection does not have.
fn is_denial(name: &str) -> bool {
    DENIALS.iter().any(|denial| denial.eq_ignore_ascii_case(name))
}

/// Returns true for a line of a diff that begins with this sign: `+accounting.invoices`.
fn is_of_diff(line: &str, sign: char) -> bool {
    line.strip_prefix(sign).is_some_and(|rest| rest.trim_start_matches([' ', '"']).starts_with(is_letter_or_digit))
}

/// Goes to the end of a comment: of the line, or of the `/*` whose `*` comes next.
fn skip_comment(chars: &mut impl Iterator<Item = Char>, block: bool) {
    let mut chars = chars.map(|char| char.c).skip(usize::from(block));
    let mut before = ' ';
    while let Some(c) = chars.next().filter(|&c| block || c != '\n') {
        if block && before == '*' && c == '/' {
            break;
        }
        before = c;
    }
}

fn is_letter_or_digit(c: char) -> bool {
    c.is_ascii_digit() || c.is_alphabetic()
}

/// Returns true if `word` is `scope` or `scopes` in any case, alone or as the last word of an identifier, but for a version
/// (`SCOPES_V2`).
fn is_label(word: &str) -> bool {
    let word = match word.trim_end_matches(|c: char| c.is_ascii_digit()).strip_suffix(['v', 'V']) {
        Some(stem) => stem.strip_suffix('_').unwrap_or(word),
        None => word,
    };
    let stem = word.strip_suffix(['s', 'S']).unwrap_or(word);
    let Some((before, scope)) = stem.len().checked_sub("scope".len()).and_then(|at| stem.split_at_checked(at)) else {
        return false;
    };
    let camel = scope.starts_with('S') && before.ends_with(|c: char| !c.is_ascii_uppercase());
    scope.eq_ignore_ascii_case("scope") && (camel || !before.ends_with(char::is_alphanumeric))
}
