//! Whether the connection is authorised.

/// What the authorising user has done with the connection, and what was done to it since.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// It was created, and nobody has authorised it yet.
    Unauthorised,
    /// It can be used.
    #[default]
    Active,
    /// It was edited, which switches it off until it is authorised again (rule R9).
    Deactivated,
    /// Its demo company was reset, which disconnects it until it is authorised again (rule R24).
    Reset,
}

impl State {
    /// The word used in JavaScript and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unauthorised => "unauthorised",
            Self::Active => "active",
            Self::Deactivated => "deactivated",
            Self::Reset => "reset",
        }
    }
}
