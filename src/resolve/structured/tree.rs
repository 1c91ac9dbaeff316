//! What JSON, YAML and Bruno files have in common: members with names, lists and texts, each with its place.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Deeper members are not read; the place of the first is reported.
pub(super) const DEPTH: usize = 64;

/// The way in which the characters of a text are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// As they are.
    Plain,
    /// With backslashes, as JSON has them.
    Escaped,
    /// With every `'` twice, as YAML has it.
    Doubled,
}

/// A text, without its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scalar {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) style: Style,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NodeKind {
    /// Members, each with a key.
    Object,
    /// Items.
    List,
    /// A text.
    Text(Style),
    /// A number, `true`, `null`.
    Other,
}

/// A node of a [`Tree`], with all that is below it right behind it.
#[derive(Clone, Copy, Debug)]
struct Node {
    kind: NodeKind,
    key: Option<Scalar>,
    start: usize,
    end: usize,
    /// The first node that is not below it.
    next: usize,
}

/// The number of a node.
pub(super) type Id = usize;

/// A structured text, read.
#[derive(Debug)]
pub(super) struct Tree<'t> {
    pub(super) text: &'t str,
    nodes: Vec<Node>,
    /// The node that the text is about: the first, or its child if it has only one.
    pub(super) root: Id,
    /// True if much that is something else could be read in the same way.
    pub(super) is_loose: bool,
    /// True if it is a file of Bruno's.
    pub(super) is_bruno: bool,
    /// The place where the text is broken, or nested too deeply: what follows was not read.
    pub(super) broken: Option<usize>,
    /// The members of objects that references lead through, by their keys.
    members: RefCell<BTreeMap<Id, BTreeMap<String, Id>>>,
}

impl<'t> Tree<'t> {
    pub(super) fn kind(&self, id: Id) -> NodeKind {
        self.nodes.get(id).map_or(NodeKind::Other, |node| node.kind)
    }

    /// Returns where a node starts; a text behind its quote.
    pub(super) fn start(&self, id: Id) -> usize {
        self.nodes.get(id).map_or(0, |node| node.start)
    }

    /// Returns where a node ends.
    pub(super) fn end(&self, id: Id) -> usize {
        self.nodes.get(id).map_or(0, |node| node.end)
    }

    /// The text of a node, if it is one.
    pub(super) fn text_of(&self, id: Id) -> Option<Cow<'t, str>> {
        let node = self.nodes.get(id)?;
        let NodeKind::Text(style) = node.kind else { return None };
        Some(self.decoded(Scalar { start: node.start, end: node.end, style }))
    }

    /// The key of a member; empty for an item.
    pub(super) fn key(&self, id: Id) -> Cow<'t, str> {
        let key = self.nodes.get(id).and_then(|node| node.key);
        key.map_or(Cow::Borrowed(""), |key| self.decoded(key))
    }

    /// Returns where the key of a member is written, without its quotes.
    pub(super) fn key_start(&self, id: Id) -> usize {
        self.nodes.get(id).and_then(|node| node.key).map_or_else(|| self.start(id), |key| key.start)
    }

    /// The children of a node.
    pub(super) fn children(&self, id: Id) -> impl Iterator<Item = Id> + Clone + use<'_, 't> {
        let end = self.nodes.get(id).map_or(0, |node| node.next);
        let first = id.saturating_add(1);
        core::iter::successors(Some(first), |child| self.nodes.get(*child).map(|node| node.next))
            .take_while(move |child| *child < end)
    }

    /// The node with all that is below it.
    pub(super) fn within(&self, id: Id) -> core::ops::Range<Id> {
        id..self.nodes.get(id).map_or(id, |node| node.next)
    }

    /// The member with this key, in any case.
    pub(super) fn member(&self, id: Id, key: &str) -> Option<Id> {
        if self.kind(id) != NodeKind::Object {
            return None;
        }
        self.children(id).find(|child| self.key(*child).eq_ignore_ascii_case(key))
    }

    /// The text of the member with this key.
    pub(super) fn text_member(&self, id: Id, key: &str) -> Option<Cow<'t, str>> {
        self.text_of(self.member(id, key)?)
    }

    /// What a reference such as `#/definitions/base_requester` leads to.
    pub(super) fn reference(&self, reference: &str) -> Option<Id> {
        let mut at = self.root;
        for key in reference.strip_prefix("#/")?.split('/') {
            at = match key.parse::<usize>() {
                Ok(place) if self.kind(at) == NodeKind::List => self.children(at).nth(place)?,
                _ => self.indexed(at, &key.replace("~1", "/").replace("~0", "~"))?,
            };
        }
        Some(at)
    }

    /// The member with exactly this key. Many references may lead to members of one object.
    fn indexed(&self, object: Id, key: &str) -> Option<Id> {
        let mut members = self.members.borrow_mut();
        let members = members
            .entry(object)
            .or_insert_with(|| self.children(object).map(|child| (self.key(child).into_owned(), child)).collect());
        members.get(key).copied()
    }

    fn decoded(&self, scalar: Scalar) -> Cow<'t, str> {
        let written = self.text.get(scalar.start..scalar.end).unwrap_or_default();
        match scalar.style {
            Style::Escaped => unescaped(written),
            Style::Doubled if written.contains("''") => Cow::Owned(written.replace("''", "'")),
            Style::Plain | Style::Doubled => Cow::Borrowed(written),
        }
    }
}

/// A tree as it grows.
pub(super) struct Builder<'t> {
    tree: Tree<'t>,
    /// The nodes that are not closed yet, outermost first.
    open: Vec<Id>,
}

impl<'t> Builder<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            tree: Tree {
                text,
                nodes: Vec::new(),
                root: 0,
                is_loose: false,
                is_bruno: false,
                broken: None,
                members: RefCell::default(),
            },
            open: Vec::new(),
        }
    }

    /// Returns how many nodes are open.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// The kind of the innermost open node.
    pub(super) fn inside(&self) -> Option<NodeKind> {
        self.open.last().map(|id| self.tree.kind(*id))
    }

    pub(super) fn open(&mut self, kind: NodeKind, key: Option<Scalar>, start: usize) {
        self.open.push(self.tree.nodes.len());
        self.tree.nodes.push(Node { kind, key, start, end: start, next: usize::MAX });
    }

    /// Closes the innermost open node.
    pub(super) fn close(&mut self, end: usize) {
        let next = self.tree.nodes.len();
        if let Some(node) = self.open.pop().and_then(|id| self.tree.nodes.get_mut(id)) {
            (node.end, node.next) = (end, next);
        }
    }

    /// Adds a node without anything below it.
    pub(super) fn leaf(&mut self, kind: NodeKind, key: Option<Scalar>, start: usize, end: usize) {
        let next = self.tree.nodes.len().saturating_add(1);
        self.tree.nodes.push(Node { kind, key, start, end, next });
    }

    /// Notes the first place where the text is broken.
    pub(super) fn broken(&mut self, at: usize) {
        self.tree.broken.get_or_insert(at);
    }

    /// Closes all open nodes, and takes the child of the first node as the root if there is only one.
    pub(super) fn finish_documents(self, end: usize) -> Tree<'t> {
        let mut tree = self.finish(end);
        tree.is_loose = true;
        if tree.children(0).count() == 1 {
            tree.root = 1;
        }
        tree
    }

    /// Closes all that is open.
    pub(super) fn finish(mut self, end: usize) -> Tree<'t> {
        while !self.open.is_empty() {
            self.close(end);
        }
        if self.tree.nodes.is_empty() {
            self.leaf(NodeKind::Other, None, end, end);
        }
        self.tree
    }
}

/// A string of JSON without its escapes. A half of a surrogate pair becomes U+FFFD: no path has one.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('u') => {
                let hex = chars.as_str().get(..4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
                out.push(hex.and_then(char::from_u32).unwrap_or('\u{fffd}'));
                chars = chars.as_str().get(4..).unwrap_or_default().chars();
            }
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r' | 'b' | 'f') => out.push(' '),
            Some(escaped) => out.push(escaped),
            None => {}
        }
    }
    Cow::Owned(out)
}
