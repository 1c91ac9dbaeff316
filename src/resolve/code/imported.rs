//! The names that a text gives to what it imports: `import { request as send } from "./client"`.

use std::collections::BTreeMap;

use super::lex::Kind;
use super::tree::SourceCode;
use crate::resolve::scan::among;

/// What names of a text stand for in other texts.
#[derive(Default)]
pub(super) struct Imported<'t> {
    /// The other name of a constant or a function.
    names: BTreeMap<&'t str, &'t str>,
    /// The module that a name is the whole of, or the default of.
    modules: BTreeMap<&'t str, &'t str>,
}

impl<'t> Imported<'t> {
    pub(super) fn of(code: &SourceCode<'t>) -> Self {
        let mut imported = Self::default();
        for at in 0..code.len() {
            match code.word(at) {
                "as" if code.is_word(at) => imported.renamed(code, at),
                "import" if code.is_word(at) => imported.whole(code, at),
                "require" if code.is_word(at) => imported.required(code, at),
                _ => {}
            }
        }
        imported
    }

    /// The name that the text which defines it has for a name of this one, if that is another.
    pub(super) fn original_of(&self, name: &str) -> Option<&'t str> {
        self.names.get(name).copied()
    }

    /// The module that a name stands for: its file, without folders and ending.
    pub(super) fn module(&self, name: &str) -> Option<&'t str> {
        self.modules.get(name).copied()
    }

    /// `request as send` within an import.
    fn renamed(&mut self, code: &SourceCode<'t>, at: usize) {
        let Some(name) = code.prev(at) else { return };
        let other = code.next(at);
        let first = code.word(code.statement_start(code.up(at).unwrap_or(at)));
        if code.is_word(name) && code.is_word(other) && among(first, "import from use export pub") {
            self.names.insert(code.name(other), code.name(name));
        }
    }

    /// `import send from "./client"`.
    fn whole(&mut self, code: &SourceCode<'t>, at: usize) {
        let name = code.next(at);
        let from = code.next(name);
        let path = code.next(from);
        if code.is_word(name) && code.is(from, "from") && code.kind(path) == Kind::Text {
            self.modules.insert(code.name(name), stem(code.word(path)));
        }
    }

    /// `const send = require("./client")`, `const { request: send } = require("./client")`.
    fn required(&mut self, code: &SourceCode<'t>, at: usize) {
        let path = code.next(code.next(at));
        let Some(equals) = code.prev(at).filter(|equals| code.is(*equals, "=")) else { return };
        let Some(name) = code.prev(equals).filter(|_| code.kind(path) == Kind::Text) else { return };
        if code.is_word(name) {
            self.modules.insert(code.name(name), stem(code.word(path)));
        }
        for (own, end) in code.mate(name).map(|open| code.parts(open)).unwrap_or_default() {
            let other = code.next(code.next(own));
            if code.is(code.next(own), ":") && other < end && code.is_word(other) {
                self.names.insert(code.name(other), code.name(own));
            }
        }
    }
}

/// The name of a file, without folders and ending: that of its folder, if it is the index of one.
pub(super) fn stem(path: &str) -> &str {
    let mut names = path.rsplit('/');
    let file = names.next().unwrap_or_default();
    let file = file.get(..file.rfind('.').unwrap_or(file.len())).unwrap_or_default();
    if matches!(file, "index" | "mod" | "__init__" | "main") { names.next().unwrap_or(file) } else { file }
}

impl SourceCode<'_> {
    /// Returns whether a token is in an import or an export.
    pub(super) fn is_import(&self, at: usize) -> bool {
        let mut outer = at;
        while let Some(up) = self.up(outer) {
            outer = up;
        }
        let start = self.statement_start(outer);
        let is_word = |at: usize| among(self.word(at), "import from use using export exports require");
        (start..self.statement_end(start).min(start.saturating_add(60))).any(is_word)
    }
}
