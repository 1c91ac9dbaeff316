//! Code as a tree of brackets, and steps over it.
//!
//! | Module | Does |
//! |---|---|
//! | `source` | holds the tokens, and steps over them |
//! | `chains` | finds what is called, and what that belongs to |
//! | `functions` | finds functions, their parameters and bodies |

mod chains;
mod functions;
mod source;

pub(super) use self::chains::is_keyword;
pub(super) use self::functions::{Function, Param};
pub(super) use self::source::SourceCode;
