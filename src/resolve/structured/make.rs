//! Scenarios of Make: what a module for Xero calls is written nowhere in them, unless it is one for any call.

use super::tree::Id;
use super::walk::Walk;
use crate::resolve::found::Why;
use crate::resolve::ledger::{Ledger, Outcome};
use crate::resolve::scan::contains;

/// Reports a module for Xero, such as `xero:createInvoice`, as one whose calls are not read.
pub(super) fn module(walk: &Walk<'_, '_>, ledger: &mut Ledger<'_>, id: Id) -> Option<Outcome> {
    let tree = walk.tree;
    let module = tree.member(id, "module")?;
    let name = tree.text_of(module)?;
    let (app, own) = name.split_once(':')?;
    if !contains(app, "xero") || contains(own, "apicall") {
        return None;
    }
    ledger.unread(Why::LibraryNotRead, None, &name, walk.at(tree.start(module)), |_| Vec::new());
    Some(Outcome::Call)
}
