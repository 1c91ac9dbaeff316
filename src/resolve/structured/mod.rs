//! Objects in JSON, YAML and Bruno files with members that describe calls.
//!
//! | Module | Does |
//! |---|---|
//! | `json`, `yaml`, `bruno` | read a text as a `tree` |
//! | `format` | finds the tool that wrote the text |
//! | `variables` | knows the variables of collections and environments |
//! | `members` | takes a request from the members of an object |
//! | `walk` | goes through a tree and finds the requests to Xero |
//! | `airbyte`, `make`, `n8n`, `notebook`, `openapi` | know what these tools do in ways of their own |
//! | `usage` | reads recordings |

mod airbyte;
mod bruno;
mod format;
mod json;
mod make;
mod members;
mod n8n;
mod notebook;
mod openapi;
mod tree;
mod usage;
mod variables;
mod walk;
mod yaml;

use super::kind::Text;
use super::ledger::{Ledger, Outcome};
use super::scan::contains;
use super::target::has_base;
use format::Format;
use tree::Tree;
pub(super) use variables::Variables;
use walk::Walk;

/// A structured text, read.
pub(super) struct Document<'t> {
    tree: Tree<'t>,
    format: Format,
    is_found: bool,
}

impl<'t> Document<'t> {
    /// Reads a text, if it is structured.
    pub(super) fn read(Text { name, text, is_found }: Text<'t>) -> Option<Self> {
        let ends = |ending: &str| {
            name.and_then(|name| name.get(name.len().checked_sub(ending.len())?..))
                .is_some_and(|own| own.eq_ignore_ascii_case(ending))
        };
        let tree = match json::read(text) {
            Some(tree) => Some(tree),
            None if ends(".bru") || bruno::begins(text) => Some(bruno::read(text)),
            None if ends(".yaml") || ends(".yml") || yaml::begins(text) => yaml::read(text),
            None => None,
        };
        let tree = tree?;
        let format = Format::of(&tree);
        // A broken text may be a piece of anything, and much that is no YAML looks like it.
        let is_sure = tree.broken.is_none() && !tree.is_loose;
        let counts = is_sure || format != Format::Other || members::has_request(&tree);
        counts.then_some(Self { tree, format, is_found })
    }

    /// Adds the variables of the text.
    pub(super) fn gather(&self, variables: &mut Variables) {
        if self.format.has_variables() {
            variables.gather(&self.tree);
        }
    }

    /// Takes its calls. Returns true if there were any, or the text is broken.
    pub(super) fn take(&self, ledger: &mut Ledger<'_>, variables: &Variables) -> bool {
        if self.is_found && self.format == Format::OpenApi && leads_to_xero(self.tree.text) {
            ledger.description();
            return true;
        }
        let outcome = match self.format {
            Format::Usage => usage::take(&self.tree, ledger),
            _ => Walk::new(&self.tree, self.format, variables).all(ledger),
        };
        if let Some(at) = self.tree.broken {
            ledger.broken(at);
        }
        outcome != Outcome::Other || self.tree.broken.is_some()
    }

    /// Reports the host or base of Xero's in a text without calls, once all texts were read.
    pub(super) fn mention(&self, ledger: &mut Ledger<'_>, variables: &Variables) {
        Walk::new(&self.tree, self.format, variables).mention(ledger);
    }
}

/// Reads a line of a log, if it is an object.
pub(super) fn line(ledger: &mut Ledger<'_>, start: usize, line: &str) -> Outcome {
    let object = line.trim().trim_end_matches(',');
    if !object.starts_with('{') || !object.ends_with('}') {
        return Outcome::Other;
    }
    // A broken line is read by the other rules once more.
    let Some(tree) = json::read(object).filter(|tree| tree.broken.is_none()) else { return Outcome::Other };
    let variables = Variables::default();
    let mut walk = Walk::new(&tree, Format::Other, &variables);
    walk.from = start.saturating_add(line.find('{').unwrap_or(0));
    walk.is_line = true;
    walk.all(ledger)
}

/// Returns whether a text has the host or the base of an API of Xero's in it.
fn leads_to_xero(text: &str) -> bool {
    has_base(text) || contains(text, "api.xero.com")
}
