//! Calls and unread places found in code, before they are handed to the ledger.

use crate::resolve::found::Why;
use crate::resolve::ids::Apis;

/// A call or an unread place; sorted by its place in the text in the end.
#[derive(Debug)]
pub(super) struct Hit {
    /// The byte at which it is written.
    pub(super) at: usize,
    pub(super) end: usize,
    pub(super) what: What,
}

impl Hit {
    /// The same so many bytes further on.
    pub(super) fn moved(mut self, by: usize) -> Self {
        self.at = self.at.saturating_add(by);
        self.end = self.end.saturating_add(by);
        if let What::Rows { shown: (from, to), .. } = &mut self.what {
            *from = from.saturating_add(by);
            *to = to.saturating_add(by);
        }
        self
    }
}

#[derive(Debug)]
pub(super) enum What {
    Request {
        method: Option<&'static str>,
        target: String,
        /// The name that it is assigned to, if nothing else was done with it.
        name: Option<String>,
    },
    Rows {
        rows: Vec<u16>,
        is_assumed: bool,
        shown: (usize, usize),
    },
    Unread {
        why: Why,
        method: Option<&'static str>,
    },
    /// A request in a function of this name, which other texts may call.
    Wrapped {
        name: String,
        method: Option<&'static str>,
    },
    /// A name of an SDK's method that the catalogue does not have, and the APIs that it may belong to.
    UnknownMethod {
        apis: Apis,
    },
}
