//! Scenarios of Make: what a module for Xero calls is written nowhere in them, unless it is one for any call.

use super::tree::Id;
use super::walk::{Around, Walk};
use crate::resolve::found::Why;
use crate::resolve::ledger::{Ledger, Outcome};
use crate::resolve::scan::contains;
use crate::resolve::target::method;

/// Reports a module for Xero, such as `xero:createInvoice`, as one whose calls are not read.
pub(super) fn module(walk: &Walk<'_, '_>, ledger: &mut Ledger<'_>, id: Id) -> Option<Outcome> {
    let tree = walk.tree;
    let module = tree.member(id, "module")?;
    let name = tree.text_of(module)?;
    let (app, own) = name.split_once(':')?;
    if !contains(app, "xero") {
        return None;
    }
    if contains(own, "apicall") {
        return call(walk, ledger, id);
    }
    ledger.unread(Why::LibraryNotRead, None, &name, walk.at(tree.start(module)), |_| Vec::new());
    Some(Outcome::Call)
}

/// Takes a module for any call, whose URL begins behind the name of the API: `/2.0/Invoices`.
fn call(walk: &Walk<'_, '_>, ledger: &mut Ledger<'_>, id: Id) -> Option<Outcome> {
    let tree = walk.tree;
    let mapper = tree.member(id, "mapper")?;
    let url = tree.member(mapper, "url")?;
    let written = tree.text_of(url)?;
    let path = ["/api.xro/", written.trim_start_matches('/')].concat();
    let known = tree.text_member(mapper, "method").and_then(|word| method(&word));
    let begins = written.trim_start_matches('/').starts_with(|c: char| c.is_ascii_digit());
    begins.then(|| walk.take(ledger, known, &path, &written, url, Around::default()))
}
