//! Workflows of n8n's: its node for Xero, and its node for requests.

use super::members::RequestMembers;
use super::tree::{Id, NodeKind};
use super::walk::{Around, Walk};
use crate::resolve::found::Why;
use crate::resolve::ledger::{Ledger, Outcome};
use crate::resolve::scan::contains;

/// What the node for Xero calls, by its resource and operation. Sources: n8n's `Xero.node.ts`.
const CALLS: [(&str, &str, &str, &str); 8] = [
    ("contact", "create", "POST", "/Contacts"),
    ("contact", "get", "GET", "/Contacts/{}"),
    ("contact", "getAll", "GET", "/Contacts"),
    ("contact", "update", "POST", "/Contacts/{}"),
    ("invoice", "create", "POST", "/Invoices"),
    ("invoice", "get", "GET", "/Invoices/{}"),
    ("invoice", "getAll", "GET", "/Invoices"),
    ("invoice", "update", "POST", "/Invoices/{}"),
];

/// Takes a node of a workflow, if it is one that makes requests; `None` if it is something else.
pub(super) fn node(walk: &Walk<'_, '_>, ledger: &mut Ledger<'_>, id: Id) -> Option<Outcome> {
    let tree = walk.tree;
    let kind = tree.member(id, "type")?;
    let name = tree.text_of(kind)?;
    let parameters = tree.member(id, "parameters").filter(|parameters| tree.kind(*parameters) == NodeKind::Object)?;
    let short = name.rsplit('.').next().unwrap_or_default().trim_end_matches("Tool");
    if short == "xero" {
        return Some(xero(walk, ledger, kind, &name, parameters));
    }
    if contains(short, "xero") {
        ledger.unread(Why::LibraryNotRead, None, &name, walk.at(tree.start(kind)), |_| Vec::new());
        return Some(Outcome::Call);
    }
    if short != "httpRequest" {
        return None;
    }
    let members = RequestMembers::of(tree, parameters);
    let url = members.url?;
    // Where no method is saved, it is the usual one.
    let method = if members.method.is_some() { members.known_method(tree) } else { Some("GET") };
    let written = tree.text_of(url)?;
    let credentials = [Some(parameters), tree.member(id, "credentials")].into_iter().flatten();
    let mut names = credentials.flat_map(|id| tree.within(id)).map(|id| (tree.key(id), tree.text_of(id)));
    let is_xero =
        names.any(|(key, text)| contains(&key, "xeroOAuth") || text.is_some_and(|text| contains(&text, "xeroOAuth")));
    let around = Around { base: None, method: None, is_xero: Some(is_xero) };
    Some(walk.take(ledger, method, &written, &written, url, around))
}

/// Takes the calls of the node for Xero. n8n saves only values that differ from the default.
fn xero(walk: &Walk<'_, '_>, ledger: &mut Ledger<'_>, kind: Id, name: &str, parameters: Id) -> Outcome {
    let tree = walk.tree;
    let resource = tree.text_member(parameters, "resource").unwrap_or("invoice".into());
    let operation = tree.text_member(parameters, "operation").unwrap_or("create".into());
    let call = CALLS.into_iter().find(|(own, verb, ..)| *own == resource && *verb == operation);
    let Some((_, _, method, path)) = call else {
        ledger.unread(Why::LibraryNotRead, None, name, walk.at(tree.start(kind)), |_| Vec::new());
        return Outcome::Call;
    };
    let target = ["/api.xro/2.0", path].concat();
    walk.take(ledger, Some(method), &target, name, kind, Around::default())
}
