//! Code as tokens: words, texts with the values inside them, marks and line ends. Comments are left out.
//!
//! | Module | Does |
//! |---|---|
//! | `token` | holds what a text is read into |
//! | `lexer` | goes through a text |
//! | `comments` | finds comments, by language |
//! | `literals` | finds literals, and the values in them |

mod comments;
mod lexer;
mod literals;
mod token;

pub(super) use self::lexer::lex;
pub(super) use self::token::{Kind, Lexed, Lexeme, NONE};
