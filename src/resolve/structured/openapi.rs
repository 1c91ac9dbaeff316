//! Descriptions of APIs: every method of every path, below the servers that are named.

use super::members::joined;
use super::tree::{Id, NodeKind};
use super::walk::{Around, Described, Walk};
use crate::resolve::found::Why;
use crate::resolve::ledger::{Ledger, Outcome};
use crate::resolve::structured::leads_to_xero;
use crate::resolve::target::{has_base, method, without_scheme};

/// Takes all operations.
pub(super) fn take(walk: &Walk<'_, '_>, ledger: &mut Ledger<'_>) -> Outcome {
    let tree = walk.tree;
    let root = tree.root;
    let server = server(walk, root).or_else(|| host(walk, root));
    let mut outcome = Outcome::Other;
    for path in tree.member(root, "paths").into_iter().flat_map(|paths| tree.children(paths)) {
        let own = tree.key(path);
        let elsewhere = tree.text_member(path, "$ref").filter(|reference| !reference.starts_with('#'));
        if elsewhere.is_some() && server.as_deref().is_some_and(leads_to_xero) {
            ledger.unread(Why::UnknownPath, None, &own, walk.at(tree.key_start(path)), |_| Vec::new());
            outcome = Outcome::Call;
            continue;
        }
        let item = tree.text_member(path, "$ref").and_then(|reference| tree.reference(&reference)).unwrap_or(path);
        let of_path = self::server(walk, item).or_else(|| server.clone());
        for operation in tree.children(item).filter(|operation| tree.kind(*operation) == NodeKind::Object) {
            let Some(method) = method(&tree.key(operation)) else { continue };
            let server = self::server(walk, operation).or_else(|| of_path.clone());
            let target = server.as_deref().map_or_else(|| own.clone().into_owned(), |server| joined(server, &own));
            let at = tree.key_start(operation);
            let described = Described { method: Some(method), target: &target, unknown: None, written: &own, at };
            let found = walk.judge(ledger, &described, Around::default());
            ledger.pass_over(found);
            outcome = outcome.max(found);
        }
    }
    outcome
}

/// The server that `servers` of a node names: of several, one of Xero's.
fn server(walk: &Walk<'_, '_>, id: Id) -> Option<String> {
    let tree = walk.tree;
    let servers = tree.member(id, "servers")?;
    let urls = || {
        tree.children(servers).filter_map(|server| {
            let mut url = tree.text_member(server, "url")?.into_owned();
            let variables = tree.member(server, "variables");
            for variable in variables.into_iter().flat_map(|variables| tree.children(variables)) {
                let value = tree.text_member(variable, "default").unwrap_or_default();
                url = url.replace(&["{", &tree.key(variable), "}"].concat(), &value);
            }
            Some(url)
        })
    };
    urls().find(|url| leads_to_xero(&[url, "/"].concat())).or_else(|| urls().next())
}

/// The server as version 2 names it.
fn host(walk: &Walk<'_, '_>, id: Id) -> Option<String> {
    let tree = walk.tree;
    let base = tree.text_member(id, "basePath").unwrap_or_default();
    match tree.text_member(id, "host") {
        Some(host) if without_scheme(&host).is_some() => Some([&*host, &*base].concat()),
        Some(host) => Some(["https://", &host, &base].concat()),
        None => has_base(&[&*base, "/"].concat()).then(|| base.into_owned()),
    }
}
