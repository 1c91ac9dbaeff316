//! The states of a connection.

/// The state of a connection: authorised or not, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConnectionState {
    /// Created, but not authorised yet.
    Unauthorised,
    /// Authorised; it can be used.
    #[default]
    Active,
    /// Edited, which deactivates it until it is authorised again (rule R9).
    Deactivated,
    /// Its demo company was reset, which disconnects it until it is authorised again (rule R24).
    Reset,
}

impl ConnectionState {
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
