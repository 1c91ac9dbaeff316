//! Which tool a structured text is from.

use super::tree::{Id, NodeKind, Tree};
use super::usage::MARK;

/// A tool or a convention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Requests that a browser or proxy has recorded.
    Har,
    /// A collection or an environment of Postman's.
    Postman,
    /// An export of Insomnia's.
    Insomnia,
    /// A file of Bruno's.
    Bruno,
    /// A description of an API.
    OpenApi,
    /// A workflow of n8n's.
    N8n,
    /// A manifest of an Airbyte source.
    Airbyte,
    /// Requests that tests have recorded: VCR and its kin.
    Cassette,
    /// A notebook of Jupyter's.
    Notebook,
    /// A recording of this program's.
    Usage,
    /// Anything else.
    Other,
}

impl Format {
    pub(super) fn of(tree: &Tree<'_>) -> Self {
        let root = tree.root;
        let has = |keys: &[&str]| keys.iter().all(|key| tree.member(root, key).is_some());
        let text = |key: &str| tree.text_member(root, key).unwrap_or_default();
        let log = tree.member(root, "log");
        let kind = text("type");
        if has(&[MARK]) {
            Self::Usage
        } else if log.is_some_and(|log| tree.kind(log) == NodeKind::Object && is_har(tree, log)) {
            Self::Har
        } else if tree.is_bruno {
            Self::Bruno
        } else if has(&["paths"]) && (has(&["openapi"]) || has(&["swagger"])) {
            Self::OpenApi
        } else if text("_type") == "export" || kind.contains("insomnia.rest/") {
            Self::Insomnia
        } else if has(&["item"]) || has(&["collection"]) && has_item(tree, root) || has(&["_postman_variable_scope"]) {
            Self::Postman
        } else if kind == "DeclarativeSource" || has(&["definitions", "streams"]) {
            Self::Airbyte
        } else if has(&["http_interactions"]) || has(&["interactions"]) {
            Self::Cassette
        } else if has(&["cells"]) {
            Self::Notebook
        } else if tree.member(root, "nodes").is_some_and(|nodes| is_workflow(tree, nodes)) {
            Self::N8n
        } else {
            Self::Other
        }
    }

    /// Returns whether variables may be used in it, or be given values.
    pub(super) const fn has_variables(self) -> bool {
        matches!(self, Self::Postman | Self::Insomnia | Self::Bruno | Self::Other)
    }

    /// Returns whether what answers and headers say is of no interest.
    pub(super) const fn has_answers(self) -> bool {
        !matches!(self, Self::Other)
    }
}

/// Returns whether `log` is that of a HAR file, perhaps of one that ends early.
fn is_har(tree: &Tree<'_>, log: Id) -> bool {
    ["entries", "version", "creator", "pages"].into_iter().any(|key| tree.member(log, key).is_some())
}

/// Returns whether the collection is wrapped, as Postman's own API gives it.
fn has_item(tree: &Tree<'_>, root: Id) -> bool {
    tree.member(root, "collection").is_some_and(|collection| tree.member(collection, "item").is_some())
}

fn is_workflow(tree: &Tree<'_>, nodes: Id) -> bool {
    tree.children(nodes).any(|node| tree.member(node, "type").is_some() && tree.member(node, "parameters").is_some())
}
