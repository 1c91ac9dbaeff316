//! What kind of text it is.

use super::structured::Document;

/// A text, with the name of its file where there is one.
#[derive(Clone, Copy, Debug)]
pub struct Text<'t> {
    /// A file name or path: its ending helps to tell what the text is.
    pub name: Option<&'t str>,
    /// The text itself.
    pub text: &'t str,
}

impl<'t> From<&'t str> for Text<'t> {
    fn from(text: &'t str) -> Self {
        Self { name: None, text }
    }
}

impl<'t> From<(&'t str, &'t str)> for Text<'t> {
    /// Takes the name first.
    fn from((name, text): (&'t str, &'t str)) -> Self {
        Self { name: Some(name), text }
    }
}

/// A kind of text; each has a reader of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Objects in JSON or YAML, whose members say what is called.
    Structured,
    /// Entries of a log, one a line.
    Log,
    /// A list that people wrote, or a table.
    List,
    /// Source code, and everything that is nothing else: calls, commands and prose, mixed.
    Code,
}

impl Kind {
    /// Decides by the content, and by the name where the content leaves it open.
    pub fn of(text: Text<'_>) -> Self {
        if Document::read(text).is_some() { Self::Structured } else { Self::of_lines(text) }
    }

    /// Decides for a text that is not structured.
    pub(super) fn of_lines(_text: Text<'_>) -> Self {
        Self::Code
    }
}
