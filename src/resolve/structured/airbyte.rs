//! Manifests of Airbyte sources: streams, whose requesters may be written elsewhere and take parameters.

use super::members::joined;
use super::tree::{Id, Tree};
use super::walk::{Around, Walk};
use crate::resolve::ledger::{Ledger, Outcome};
use crate::resolve::target::method;

/// References lead on at most so often.
const FAR: usize = 8;

/// Returns whether an object is a stream or what streams refer to: [`take`] has read it.
pub(super) fn is_known(tree: &Tree<'_>, id: Id) -> bool {
    let kind = tree.text_member(id, "type").unwrap_or_default();
    tree.member(id, "retriever").is_some()
        || tree.member(id, "requester").is_some()
        || matches!(&*kind, "DeclarativeStream" | "SimpleRetriever" | "HttpRequester")
}

/// Takes the requests of all streams.
pub(super) fn take(walk: &Walk<'_, '_>, ledger: &mut Ledger<'_>) -> Outcome {
    let tree = walk.tree;
    let streams = tree.within(0).filter(|id| tree.member(*id, "retriever").is_some());
    streams.map(|stream| self::stream(walk, ledger, stream)).max().unwrap_or(Outcome::Other)
}

fn stream(walk: &Walk<'_, '_>, ledger: &mut Ledger<'_>, stream: Id) -> Outcome {
    let tree = walk.tree;
    let mut scope = StreamScope { tree, parameters: Vec::new() };
    scope.enter(stream);
    let Some(retriever) = scope.find(stream, "retriever") else { return Outcome::Other };
    scope.enter(retriever);
    let mut outcome = Outcome::Other;
    for name in ["requester", "creation_requester", "polling_requester", "download_requester"] {
        let Some(requester) = scope.find(retriever, name) else { continue };
        let mut scope = scope.clone();
        scope.enter(requester);
        let text = |key: &str| Some((tree.text_of(scope.find(requester, key)?)?, scope.find(requester, key)?));
        let base = text("url_base").map(|(base, _)| scope.put_in(&base)).unwrap_or_default();
        let path = text("path").or_else(|| Some((tree.text_of(scope.parameter("path")?)?, scope.parameter("path")?)));
        let (path, place) = match (path, text("url")) {
            (Some(path), _) => path,
            (None, Some(url)) => url,
            (None, None) => continue,
        };
        let verb = text("http_method");
        let known = verb.as_ref().and_then(|(verb, _)| method(scope.put_in(verb).trim()));
        let known = if verb.is_some() { known } else { Some("GET") };
        let own = scope.put_in(&path);
        let target = if base.is_empty() { own } else { joined(&base, &own) };
        // A parameter has more detail than the place that it is put into.
        let place = scope.parameter("path").filter(|_| path.contains("{{")).unwrap_or(place);
        let written = tree.text_of(place).unwrap_or(path);
        outcome = outcome.max(walk.take(ledger, known, &target, &written, place, Around::default()));
    }
    outcome
}

/// What holds where a stream is read.
#[derive(Clone)]
struct StreamScope<'w, 't> {
    tree: &'w Tree<'t>,
    /// The objects that have parameters, innermost last.
    parameters: Vec<Id>,
}

impl StreamScope<'_, '_> {
    /// Goes into an object: its parameters hold from here on.
    fn enter(&mut self, id: Id) {
        self.parameters.extend(self.find(id, "$parameters"));
        self.parameters.extend(self.find(id, "$options"));
    }

    /// The member of an object or of what it refers to; itself followed, if it is a reference.
    fn find(&self, id: Id, key: &str) -> Option<Id> {
        let mut at = id;
        for _ in 0..FAR {
            if let Some(member) = self.tree.member(at, key) {
                return Some(self.follow(member));
            }
            at = self.tree.reference(&self.tree.text_member(at, "$ref")?)?;
        }
        None
    }

    /// What a text that is a reference leads to. An object with `$ref` stays: its own members go before.
    fn follow(&self, id: Id) -> Id {
        let reference = self.tree.text_of(id).filter(|text| text.starts_with("#/"));
        reference.and_then(|reference| self.tree.reference(&reference)).unwrap_or(id)
    }

    fn parameter(&self, name: &str) -> Option<Id> {
        self.parameters.iter().rev().find_map(|holder| self.tree.member(*holder, name))
    }

    /// A text with the values of its parameters: `{{ parameters.path }}`, `{{ parameters['path'] }}`.
    fn put_in(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((front, behind)) = rest.split_once("{{") {
            let Some((inside, after)) = behind.split_once("}}") else { break };
            out.push_str(front);
            let name = ["parameters", "options"].into_iter().find_map(|holder| {
                let name = inside.trim().strip_prefix(holder)?;
                Some(
                    name.trim_start_matches(['.', '[', '('])
                        .trim_start_matches("get(")
                        .trim_matches(['\'', '"', ']', ')', ' ']),
                )
            });
            let value = name.and_then(|name| self.tree.text_of(self.parameter(name)?));
            if let Some(value) = value {
                out.push_str(&value);
            } else {
                out.push_str("{{");
                out.push_str(inside);
                out.push_str("}}");
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }
}
