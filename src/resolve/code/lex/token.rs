//! What a text is read into.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::resolve::code) enum Kind {
    /// A name or a keyword.
    Word,
    Number,
    /// A literal without values in it, from behind its first quote up to its last.
    Text,
    /// A URL without quotes.
    Url,
    /// `(`, `[` or `{` that is closed.
    Open,
    Close,
    /// The place where a literal with values in it begins, and where it ends.
    Template,
    TemplateEnd,
    /// A piece of such a literal.
    Part,
    /// The place where a value in it begins, and where it ends.
    Hole,
    HoleEnd,
    /// One sign of punctuation, or several that belong together.
    Mark,
    /// The end of a line.
    Line,
    /// Behind the last token.
    End,
}

/// A token, in bytes of the text.
#[derive(Clone, Copy, Debug)]
pub(in crate::resolve::code) struct Lexeme {
    pub(in crate::resolve::code) kind: Kind,
    pub(in crate::resolve::code) start: u32,
    pub(in crate::resolve::code) end: u32,
    /// Of what opens and closes, the index of the other; [`NONE`] for the rest.
    pub(in crate::resolve::code) mate: u32,
    /// The byte of a bracket or of a mark that is one byte long, so that it is compared without a look into the text; 0 for
    /// the rest.
    pub(in crate::resolve::code) sign: u8,
}

/// No index.
pub(in crate::resolve::code) const NONE: u32 = u32::MAX;

/// What reading gave.
pub(in crate::resolve::code) struct Lexed {
    pub(in crate::resolve::code) tokens: Vec<Lexeme>,
    /// The place where the comments are.
    pub(in crate::resolve::code) comments: Vec<(u32, u32)>,
}
