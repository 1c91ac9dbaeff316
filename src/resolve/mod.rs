//! From what people really have to the operations it calls.
//!
//! Requests, URLs, `curl` commands, logs, a HAR file, operation ids, code with or without an SDK of Xero: [`resolve`] reads
//! any of it. A call is found, or something is reported as unresolved; the rest is counted.
//!
//! Each text goes through one reader, by its [kind](TextKind):
//!
//! | Module | Reads |
//! |---|---|
//! | `kind` | what kind of text it is, by its content and its name |
//! | `structured` | objects in JSON and YAML: HAR files and what other tools export |
//! | `log` | entries of logs, one a line |
//! | `list` | lists that people write: a call on each line, in tables and in CSV |
//! | `code` | source code, and everything else |
//!
//! `usage` has recordings: what ran, counted by operation. They are structured texts too.
//!
//! Readers use these modules: `lines` (texts by lines), `target` (methods, paths and URLs), `ids` (names of operations), `curl`
//! and `request_line` (one command or line), `words` and `shell` (a shell's words and values), and hand what they find to
//! `ledger`, which adds it up to [`Resolved`].

mod code;
mod curl;
mod door;
mod found;
mod ids;
mod keys;
mod kind;
mod ledger;
mod lines;
mod list;
mod log;
mod mention;
mod nearest;
mod pairs;
mod read;
mod request_line;
mod scan;
mod shell;
mod structured;
mod target;
mod usage;
mod words;

pub use door::operations_of;
pub use found::{Assumed, Found, Ignored, Resolved, Unresolved, Why};
pub use kind::{Text, TextKind};
pub use read::{resolve, resolve_all};
pub use usage::{Recorded, RecordedBasis, RecordedCall, RecordedRun, RunId, Usage, Watched, WatchedTime};
