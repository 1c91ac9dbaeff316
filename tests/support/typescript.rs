//! What crosses between the crate and TypeScript, taken down member by member, and the TypeScript that writes and reads it.

use std::cell::RefCell;
use std::fmt::Write as _;

use xero_m2m::crossing::{Given, Taken};
use xero_m2m::error::{Code, Error};

/// A member of something that crosses.
#[derive(Clone)]
pub(super) struct Member {
    name: &'static str,
    kind: String,
    optional: bool,
    /// The code that writes `VALUE`, or that reads the member.
    code: String,
}

impl Member {
    fn typed(&self) -> String {
        let Self { name, kind, .. } = self;
        if self.optional { format!("{name}?: {kind} | undefined") } else { format!("{name}: {kind}") }
    }
}

/// Takes down the members that are read.
#[derive(Default)]
pub(super) struct Asked(RefCell<Vec<Member>>);

impl Asked {
    fn member(&self, name: &'static str, kind: &str, optional: bool, code: &str) {
        self.0.borrow_mut().push(Member { name, kind: kind.to_owned(), optional, code: code.to_owned() });
    }
}

impl Given<'static> for Asked {
    fn optional_text(&self, name: &'static str) -> Option<&'static str> {
        self.member(name, "string", true, "putText(VALUE)");
        None
    }
    fn optional_number(&self, name: &'static str) -> Option<f64> {
        self.member(name, "number", true, "putNumber(VALUE)");
        None
    }
    fn flag(&self, name: &'static str) -> bool {
        self.member(name, "boolean", true, "putFlag(VALUE)");
        false
    }
    fn optional_texts(&self, name: &'static str) -> Option<Vec<&'static str>> {
        self.member(name, "readonly string[]", true, "putTexts(VALUE)");
        None
    }
    fn optional_word(&self, name: &'static str, words: &'static [&'static str]) -> Option<usize> {
        self.member(name, &choice_of(words, " | "), true, &format!("putWord(VALUE, [{}])", choice_of(words, ", ")));
        None
    }
    fn optional_code(&self, name: &'static str) -> Option<Code> {
        self.member(name, "XeroErrorCode", true, "putWord(VALUE, CODE_NAMES)");
        None
    }
    fn text(&self, name: &'static str) -> &'static str {
        self.member(name, "string", false, "putText(VALUE)");
        if name.ends_with("Url") { "https://example.com" } else { "0123456789ABCDEF0123456789ABCDEF" }
    }
    fn number(&self, name: &'static str) -> f64 {
        self.member(name, "number", false, "putNumber(VALUE)");
        0.0
    }
    fn code(&self, name: &'static str) -> Code {
        self.member(name, "XeroErrorCode", false, "putWord(VALUE, CODE_NAMES)");
        Code::Offline
    }
}

/// Takes down the members that are written, and the action that they belong to.
#[derive(Default)]
pub(super) struct Told {
    pub(super) action: u8,
    pub(super) members: Vec<Member>,
}

impl Told {
    fn member(&mut self, name: &'static str, kind: &str, optional: bool, code: &str) {
        self.members.push(Member { name, kind: kind.to_owned(), optional, code: code.to_owned() });
    }
}

impl Taken for Told {
    fn action(&mut self, place: u8) {
        self.action = place;
    }
    fn optional_number(&mut self, name: &'static str, _: Option<f64>) {
        self.member(name, "number", true, "takeOptionalNumber()");
    }
    fn optional_text(&mut self, name: &'static str, _: Option<&str>) {
        self.member(name, "string", true, "takeOptionalText()");
    }
    fn flag(&mut self, name: &'static str, _: bool) {
        self.member(name, "boolean", false, "takeFlag()");
    }
    fn code(&mut self, name: &'static str, _: Code) {
        self.member(name, "XeroErrorCode", false, "takeCode()");
    }
    fn texts(&mut self, name: &'static str, _: &[String]) {
        self.member(name, "string[]", true, "takeTexts()");
    }
    fn optional_word(&mut self, name: &'static str, words: &'static [&'static str], _: Option<u8>) {
        self.member(name, &choice_of(words, " | "), true, &format!("takeWord([{}] as const)", choice_of(words, ", ")));
    }
    fn optional_error(&mut self, name: &'static str, _: Option<&Error>) {
        self.member(name, "XeroErrorDetails", true, "takeOptionalError()");
    }
    fn number(&mut self, name: &'static str, _: f64) {
        self.member(name, "number", false, "takeNumber()");
    }
    fn text(&mut self, name: &'static str, _: &str) {
        self.member(name, "string", false, "takeText()");
    }
    fn error(&mut self, name: &'static str, _: &Error) {
        self.member(name, "XeroErrorDetails", false, "takeOptionalError()!");
    }
    fn word(&mut self, name: &'static str, words: &'static [&'static str], _: u8) {
        self.member(
            name,
            &choice_of(words, " | "),
            false,
            &format!("takeWord([{}] as const)!", choice_of(words, ", ")),
        );
    }
    fn word_of(&mut self, name: &'static str, kind: &'static str, _: &str) {
        self.member(name, kind, false, &format!("takeText() as {kind}"));
    }
}

fn members(list: &[Member], between: &str, write: impl Fn(&Member) -> String) -> String {
    list.iter().map(write).collect::<Vec<_>>().join(between)
}

pub(super) fn choice(out: &mut String, name: &str, document: &str, tag: &str, variants: &[(&str, Vec<Member>)]) {
    write!(out, "\n/** {document} */\nexport type {name} =").expect("a string takes everything");
    for (name, list) in variants {
        let list: String = list.iter().map(|member| "; ".to_owned() + &member.typed()).collect();
        write!(out, "\n  | {{ {tag}: \"{name}\"{list} }}").expect("a string takes everything");
    }
    out.push_str(";\n");
}

pub(super) fn object(out: &mut String, name: &str, document: &str, list: &[Member]) {
    let list: String = list.iter().map(|member| "  ".to_owned() + &member.typed() + ";\n").collect();
    write!(out, "\n/** {document} */\nexport interface {name} {{\n{list}}}\n").expect("a string takes everything");
}

/// The function that writes an object, whose members are `from`'s.
fn writes(list: &[Member], from: &str) -> String {
    let put = |member: &Member| member.code.replace("VALUE", &format!("{from}.{}", member.name)) + ";\n";
    list.iter().map(put).collect()
}

/// The literal of an object that is read.
fn reads(list: &[Member]) -> String {
    members(list, ", ", |member| format!("{}: {}", member.name, member.code))
}

/// The words as literals.
fn choice_of(words: &[&str], between: &str) -> String {
    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(between)
}

impl Told {
    /// The members that a function writes.
    pub(super) fn of(write: impl FnOnce(&mut Self)) -> Self {
        let mut told = Self::default();
        write(&mut told);
        told
    }
}

impl Asked {
    /// The members that a function reads.
    pub(super) fn by<T>(read: impl FnOnce(&Self) -> T) -> Vec<Member> {
        let asked = Self::default();
        drop(read(&asked));
        asked.0.into_inner()
    }
}

/// Writes the function that writes one of these events.
pub(super) fn put_choice(out: &mut String, kind: &str, events: &[(&str, Vec<Member>)]) {
    write!(out, "\n/** Writes an event for the core. */\nexport function putEvent(event: {kind}): void {{\n  switch (event.on) {{\n").expect("a string takes everything");
    for (number, (on, list)) in events.iter().enumerate() {
        let puts = writes(list, "event").replace('\n', "\n      ");
        let puts = puts.trim_end();
        let break_ = if puts.is_empty() { "return;" } else { "\n      return;" };
        write!(out, "    case \"{on}\":\n      putByte({number});\n      {puts}{break_}\n")
            .expect("a string takes everything");
    }
    out.push_str("  }\n}\n");
}

/// Writes the function that takes a list of these values, each with its tag.
pub(super) fn take_choices(
    out: &mut String,
    function: &str,
    kind: &str,
    tag: &str,
    values: &[(&'static str, Vec<Member>)],
) {
    write!(out, "\n/** Takes a list of `{kind}` of the core. */\nexport function {function}(): {kind}[] {{\n  const taken: {kind}[] = [];\n  for (;;) {{\n    switch (takeByte()) {{\n").expect("a string takes everything");
    for (number, (name, list)) in values.iter().enumerate() {
        let separator = if list.is_empty() { "" } else { ", " };
        write!(
            out,
            "      case {number}:\n        taken.push({{ {tag}: \"{name}\"{separator}{} }});\n        break;\n",
            reads(list)
        )
        .expect("a string takes everything");
    }
    out.push_str("      default:\n        return taken;\n    }\n  }\n}\n");
}

/// Writes the function that writes an object.
pub(super) fn put_object(
    out: &mut String,
    function: &str,
    document: &str,
    kind: &str,
    argument: &str,
    list: &[Member],
) {
    let puts = writes(list, argument).replace('\n', "\n  ");
    write!(
        out,
        "\n/** {document} */\nexport function {function}({argument}: {kind}): void {{\n  {}\n}}\n",
        puts.trim_end()
    )
    .expect("a string takes everything");
}

/// Writes the function that takes an object.
pub(super) fn take_object(out: &mut String, name: &str, list: &[Member]) {
    write!(
        out,
        "\n/** Takes a `{name}` of the core. */\nexport function take{name}(): {name} {{\n  return {{ {} }};\n}}\n",
        reads(list)
    )
    .expect("a string takes everything");
}

/// Values of several kinds, by their names.
pub(super) type Kinds = Vec<(&'static str, Vec<Member>)>;

/// A value that crosses: the name of its type, a description, and its members.
pub(super) type Crossed = (&'static str, &'static str, Vec<Member>);

/// A machine of the core: its events, actions and options, and other values that cross.
pub(super) struct Machine {
    /// The first word of the names of its types.
    pub(super) name: &'static str,
    /// The file that describes what crosses, and that which describes events and actions.
    pub(super) wire: &'static str,
    pub(super) described: &'static str,
    pub(super) events: Kinds,
    pub(super) actions: Kinds,
    /// A sentence about the actions.
    pub(super) of_actions: &'static str,
    pub(super) options: Vec<Member>,
    /// Other values that the core takes, each with the name of the function and of the argument; and those that it gives.
    pub(super) given: Vec<(Crossed, &'static str, &'static str)>,
    pub(super) taken: Vec<Crossed>,
}

impl Machine {
    /// The file of the types, and of the code that writes and reads them.
    pub(super) fn typescript(&self) -> String {
        let Self { name, wire, described, .. } = self;
        let (event, action, options) =
            (format!("{name}CoreEvent"), format!("{name}Action"), format!("{name}CoreOptions"));
        let mut out = String::new();
        let document = format!("An event, as the driver reports it: `{described}` describes each.");
        choice(&mut out, &event, &document, "on", &self.events);
        let document = format!(
            "An action, which the driver performs: `{described}` describes each. {}`wake`, the last of a list, sets the timer.",
            self.of_actions
        );
        choice(&mut out, &action, &document, "do", &self.actions);
        for (name, document, list) in self.given.iter().map(|(value, ..)| value).chain(&self.taken) {
            object(&mut out, name, document, list);
        }
        let document = format!("The options of a machine: `{name}Options` of `{wire}`.");
        object(&mut out, &options, &document, &self.options);
        put_choice(&mut out, &event, &self.events);
        take_choices(&mut out, "takeActions", &action, "do", &self.actions);
        put_object(
            &mut out,
            "putOptions",
            "Writes the options of a machine for the core.",
            &options,
            "options",
            &self.options,
        );
        for ((name, _, list), function, argument) in &self.given {
            put_object(&mut out, function, &format!("Writes a `{name}` for the core."), name, argument, list);
        }
        for (name, _, list) in &self.taken {
            take_object(&mut out, name, list);
        }
        file(&[*wire], &out)
    }
}

/// The head of a generated file, with the imports that its text needs, and that text.
pub(super) fn file(sources: &[&str], text: &str) -> String {
    const FUNCTIONS: [&[&str]; 2] = [
        &["CODE_NAMES", "putByte", "putFlag", "putNumber", "putText", "putTexts", "putWord"],
        &[
            "takeByte",
            "takeCode",
            "takeFlag",
            "takeNumber",
            "takeOptionalError",
            "takeOptionalNumber",
            "takeOptionalText",
            "takeText",
            "takeTexts",
            "takeWord",
        ],
    ];
    let is_word = |char: char| char.is_alphanumeric() || char == '_';
    let used = |names: &[&'static str]| {
        let names = names.iter().filter(|name| text.split(|char| !is_word(char)).any(|word| word == **name));
        names.copied().collect::<Vec<_>>().join(", ")
    };
    let mut out = format!("// Generated by `cargo xtask generate` from {}; do not edit.\n\n", sources.join(" and "));
    for names in FUNCTIONS.map(used).iter().filter(|names| !names.is_empty()) {
        writeln!(out, "import {{ {names} }} from \"../shared/crossing.js\";").expect("a string takes everything");
    }
    let types = used(&["XeroErrorCode", "XeroErrorDetails"]);
    if !types.is_empty() {
        writeln!(out, "import type {{ {types} }} from \"../shared/errors.js\";").expect("a string takes everything");
    }
    out + text
}
