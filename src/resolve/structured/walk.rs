//! Through a tree, from what holds for many requests to each of them.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::format::Format;
use super::members::{RequestMembers, has_request, in_one, joined, url_of};
use super::tree::{Id, NodeKind, Style, Tree};
use super::variables::Variables;
use super::{airbyte, leads_to_xero, make, n8n, notebook, openapi};
use crate::resolve::found::Why;
use crate::resolve::ledger::{Embedded, FoundRequest, Ledger, Outcome};
use crate::resolve::scan::contains;
use crate::resolve::target::{has_base, is_spelt, shown, without_scheme};
use crate::resolve::{code, ids};

/// What holds for all requests below a node.
#[derive(Clone, Copy, Default)]
pub(super) struct Around<'a> {
    /// What paths are joined to.
    pub(super) base: Option<&'a str>,
    pub(super) method: Option<&'static str>,
    /// True if the authentication is Xero's; `None` if the text has none.
    pub(super) is_xero: Option<bool>,
}

/// A request as it is described.
pub(super) struct Described<'a> {
    pub(super) method: Option<&'static str>,
    /// The place where it goes, with the values of its variables.
    pub(super) target: &'a str,
    /// The first variable whose value is not known.
    pub(super) unknown: Option<&'a str>,
    /// The way in which it is written.
    pub(super) written: &'a str,
    /// At which byte of the tree's text.
    pub(super) at: usize,
}

/// A way through a tree.
pub(super) struct Walk<'w, 't> {
    pub(super) tree: &'w Tree<'t>,
    pub(super) format: Format,
    pub(super) variables: &'w Variables,
    /// The place where the text of the tree starts in the whole.
    pub(super) from: usize,
    /// True if the text is one line of a log.
    pub(super) is_line: bool,
    names_xero: OnceCell<bool>,
    has_request: OnceCell<bool>,
    is_list: OnceCell<bool>,
}

/// The place where tools keep scripts.
const SCRIPTS: [&str; 18] = [
    "afterresponsescript",
    "args",
    "cmd",
    "code",
    "command",
    "exec",
    "fncode",
    "functioncode",
    "jscode",
    "postresponse",
    "prerequest",
    "prerequestscript",
    "pythoncode",
    "run",
    "script",
    "script:post-response",
    "script:pre-request",
    "source",
];

/// The places where containers have the words of one command.
const WORDS: [&str; 4] = ["args", "cmd", "command", "entrypoint"];

/// Members that are no part of a request, or of a description of one.
const ANSWERS: [&str; 12] = [
    "cookies",
    "docs",
    "header",
    "headers",
    "parameters_schema",
    "postdata",
    "querystring",
    "response",
    "responses",
    "schema",
    "schemas",
    "timings",
];

impl<'w, 't> Walk<'w, 't> {
    pub(super) const fn new(tree: &'w Tree<'t>, format: Format, variables: &'w Variables) -> Self {
        let [names_xero, has_request, is_list] = [const { OnceCell::new() }; 3];
        Self { tree, format, variables, from: 0, is_line: false, names_xero, has_request, is_list }
    }

    /// Takes all requests, and returns the best outcome.
    pub(super) fn all(&self, ledger: &mut Ledger<'_>) -> Outcome {
        let root = self.tree.root;
        let outcome = match self.format {
            Format::OpenApi => openapi::take(self, ledger),
            Format::Notebook => notebook::take(self, ledger),
            Format::Airbyte => airbyte::take(self, ledger).max(self.node(ledger, root, Around::default())),
            _ => self.node(ledger, root, Around::default()),
        };
        if !self.is_line && outcome == Outcome::Other && self.format == Format::Other {
            ledger.pass_over(outcome);
        }
        outcome
    }

    /// Reports a host or base of Xero's in a text without calls, unless another text uses it.
    pub(super) fn mention(&self, ledger: &mut Ledger<'_>) {
        let tree = self.tree;
        let texts = tree.within(0).filter_map(|id| Some((id, tree.text_of(id)?)));
        let mention = texts.into_iter().find(|(_, text)| leads_to_xero(text) && !self.variables.is_used(text));
        if let Some((id, text)) = mention {
            let (offset, text) = shown(&text);
            ledger.unread(Why::NoCall, None, text, self.at(tree.start(id)).saturating_add(offset), |_| Vec::new());
        }
    }

    /// A place in the whole.
    pub(super) const fn at(&self, at: usize) -> usize {
        self.from.saturating_add(at)
    }

    /// Returns whether the text names Xero anywhere.
    fn names_xero(&self) -> bool {
        *self.names_xero.get_or_init(|| contains(self.tree.text, "xero") || has_base(self.tree.text))
    }

    /// Returns whether the text is a list of texts and nothing else.
    fn is_list(&self) -> bool {
        let tree = self.tree;
        let is_flat = || tree.kind(tree.root) == NodeKind::List && tree.children(tree.root).eq(tree.within(0).skip(1));
        *self.is_list.get_or_init(is_flat)
    }

    pub(super) fn node(&self, ledger: &mut Ledger<'_>, id: Id, around: Around<'_>) -> Outcome {
        let tree = self.tree;
        match tree.kind(id) {
            NodeKind::Object => self.object(ledger, id, around),
            NodeKind::List if self.is_script(id) => self.script(ledger, id),
            NodeKind::List => {
                let each = tree.children(id).map(|child| self.node(ledger, child, around));
                each.max().unwrap_or(Outcome::Other)
            }
            NodeKind::Text(_) => self.leaf(ledger, id),
            NodeKind::Other => Outcome::Other,
        }
    }

    fn object(&self, ledger: &mut Ledger<'_>, id: Id, around: Around<'_>) -> Outcome {
        let tree = self.tree;
        if self.format == Format::N8n
            && let Some(outcome) = n8n::node(self, ledger, id)
        {
            return outcome;
        }
        if self.format == Format::Other
            && let Some(outcome) = make::module(self, ledger, id)
        {
            return outcome;
        }
        if self.format == Format::Airbyte && airbyte::is_known(tree, id) {
            return Outcome::Other;
        }
        let members = RequestMembers::of(tree, id);
        let base = members.base.and_then(|base| tree.text_of(base));
        let base = base.map(|base| self.variables.expand(&base).text.into_owned());
        let goes = members.url.is_some() || members.path.is_some();
        let around = Around {
            base: base.as_deref().or(around.base),
            method: if base.is_some() && !goes { members.known_method(tree) } else { around.method },
            is_xero: self.authentication(id).or(around.is_xero),
        };
        let (found, used) = self.request(ledger, &members, id, around);
        let mut outcome = found;
        for child in tree.children(id) {
            let is_read = [used, members.base].contains(&Some(child))
                || self.format.has_answers() && is_one_of(&tree.key(child), &ANSWERS);
            if !is_read {
                let of_child = self.node(ledger, child, around);
                let is_alone = found == Outcome::Other && of_child == Outcome::Other && self.path_alone(ledger, child);
                outcome = outcome.max(if is_alone { Outcome::Call } else { of_child });
            }
        }
        outcome
    }

    /// Reports a path that is written as Xero writes it and is part of no request, in a text that describes requests: its method
    /// is not known. Returns true if it is one.
    fn path_alone(&self, ledger: &mut Ledger<'_>, id: Id) -> bool {
        let tree = self.tree;
        let path = tree.text_of(id).filter(|text| text.starts_with('/') && is_spelt("GET", text));
        let may_be_sent = self.format == Format::Other && !self.is_line;
        let Some(path) = path.filter(|_| may_be_sent && *self.has_request.get_or_init(|| has_request(tree))) else {
            return false;
        };
        ledger.unread(Why::NoCall, None, &path, self.at(tree.start(id)), |_| Vec::new());
        true
    }

    /// Returns whether the authentication that an object gives is Xero's: `auth` in a collection or folder of one.
    fn authentication(&self, id: Id) -> Option<bool> {
        let tree = self.tree;
        let keys = ["auth", "authentication", "authenticator"];
        let auth = tree.children(id).find(|child| keys.iter().any(|key| tree.key(*child).eq_ignore_ascii_case(key)))?;
        let texts = || tree.within(auth).filter_map(|id| tree.text_of(id));
        if texts().any(|text| contains(&text, "xero")) {
            return Some(true);
        }
        texts().any(|text| without_scheme(&text).is_some()).then_some(false)
    }

    /// Takes the request that the members of an object describe; returns the outcome, and the member that has the place where
    /// it goes.
    fn request(
        &self,
        ledger: &mut Ledger<'_>,
        members: &RequestMembers,
        id: Id,
        around: Around<'_>,
    ) -> (Outcome, Option<Id>) {
        let tree = self.tree;
        let text = |id: Option<Id>| id.and_then(|id| Some((tree.text_of(id)?, id)));
        if let Some((text, id)) = text(members.request) {
            let (method, target) = in_one(&text).unwrap_or(("GET", &text));
            let outcome = self.take(ledger, Some(method), target, target, id, around);
            return (outcome, (outcome != Outcome::Other).then_some(id));
        }
        let method = members.known_method(tree);
        let method = if members.method.is_some() { method } else { method.or(around.method).or(self.usual_method(id)) };
        let url = members.url.and_then(|url| match tree.kind(url) {
            NodeKind::Object => url_of(tree, url),
            _ => Some((tree.text_of(url)?.into_owned().into(), url)),
        });
        let path = text(members.path);
        let Some((written, place)) = url.or(path) else { return (Outcome::Other, None) };
        let written = written.into_owned();
        let used = if members.url.is_some() { members.url } else { members.path };
        let outcome = self.take(ledger, method, &written, &written, place, around);
        (outcome, (outcome != Outcome::Other).then_some(used).flatten())
    }

    /// The method of requests that have none: what the tool takes then.
    fn usual_method(&self, id: Id) -> Option<&'static str> {
        let is_request = self.tree.key(id).eq_ignore_ascii_case("request");
        match self.format {
            Format::Postman if is_request => Some("GET"),
            Format::Airbyte => Some("GET"),
            _ => None,
        }
    }

    /// Takes a request, if it is one and may be Xero's.
    pub(super) fn take(
        &self,
        ledger: &mut Ledger<'_>,
        method: Option<&'static str>,
        target: &str,
        written: &str,
        place: Id,
        around: Around<'_>,
    ) -> Outcome {
        let expanded = self.variables.expand(target);
        let mut target = expanded.text;
        if let Some(base) = around.base
            && without_scheme(&target).is_none()
            && !target.starts_with("{}")
        {
            target = joined(base, &target).into();
        }
        let at = self.tree.start(place);
        let described = Described { method, target: &target, unknown: expanded.unknown.as_deref(), written, at };
        let outcome = self.judge(ledger, &described, around);
        if !self.is_line && outcome != Outcome::Other {
            ledger.pass_over(outcome);
        }
        outcome
    }

    /// Decides whether a request is Xero's, and takes it then.
    pub(super) fn judge(&self, ledger: &mut Ledger<'_>, request: &Described<'_>, around: Around<'_>) -> Outcome {
        let Described { method, target: goes, unknown, written, at } = *request;
        let taken = |ledger: &mut Ledger<'_>| {
            ledger.request(FoundRequest { method, target: goes, text: written, at: self.at(at) })
        };
        if without_scheme(goes).is_some() {
            let counts = method.is_some() || self.format == Format::Har || leads_to_xero(goes);
            return if counts { taken(ledger) } else { Outcome::Other };
        }
        if self.format == Format::Har && !goes.starts_with(['/', '{']) {
            // `data:`, `blob:`, `chrome-extension:`
            return Outcome::OtherHost;
        }
        if has_base(goes) {
            return taken(ledger);
        }
        let path = goes.trim_start_matches("{}");
        let is_path = path.starts_with('/') && path.len() > 1 && !path.starts_with("//");
        if !is_path {
            return Outcome::Other;
        }
        let has_hole = path.len() < goes.len();
        if method.is_none() && !has_hole {
            return Outcome::Other;
        }
        let named = unknown.is_some_and(|name| contains(name, "xero"));
        let is_xero = named || around.is_xero.unwrap_or_else(|| self.names_xero());
        if !is_xero && !is_spelt(method.unwrap_or("GET"), path) {
            return Outcome::Other;
        }
        // Below an unknown base there is more than the accounting API.
        let of_other_api = |name: &str| {
            ["payroll", "asset", "project", "files", "bankfeed", "finance"].into_iter().any(|api| contains(name, api))
        };
        if unknown.is_some_and(of_other_api) {
            let (offset, text) = shown(written);
            ledger.unread(Why::UnknownPath, method, text, self.at(at).saturating_add(offset), |_| Vec::new());
            return Outcome::Call;
        }
        taken(ledger)
    }

    /// Returns whether a node holds a script.
    fn is_script(&self, id: Id) -> bool {
        is_one_of(&self.tree.key(id), &SCRIPTS)
    }

    /// Reads lines of code that are a list.
    fn script(&self, ledger: &mut Ledger<'_>, id: Id) -> Outcome {
        let tree = self.tree;
        let lines: Vec<_> = tree.children(id).filter_map(|line| tree.text_of(line)).collect();
        if lines.len() < tree.children(id).count() {
            let each = tree.children(id).map(|child| self.node(ledger, child, Around::default()));
            return each.max().unwrap_or(Outcome::Other);
        }
        let first = tree.children(id).next().unwrap_or(id);
        if is_one_of(&tree.key(id), &WORDS) && lines.iter().any(|word| word.starts_with('-')) {
            return self.code(ledger, &command_of(&lines), tree.start(first), false);
        }
        let ends = lines.iter().any(|line| line.ends_with('\n'));
        self.code(ledger, &lines.join(if ends { "" } else { "\n" }), tree.start(first), false)
    }

    /// Reads a text that is no part of a request: a script, or anything in a text of which nothing is known.
    fn leaf(&self, ledger: &mut Ledger<'_>, id: Id) -> Outcome {
        let tree = self.tree;
        if self.is_line || matches!(self.format, Format::Har | Format::Cassette) {
            return Outcome::Other;
        }
        let Some(text) = tree.text_of(id) else { return Outcome::Other };
        let key = tree.key(id);
        let may_be_id = key.eq_ignore_ascii_case("operationId")
            || self.format == Format::Other && (text.contains('.') || self.is_list() || self.names_xero());
        if may_be_id && ids::is_id(&text) {
            ids::take(ledger, &text, self.at(tree.start(id)));
            return Outcome::Call;
        }
        let may_be_code = self.format == Format::Other || self.is_script(id);
        if !may_be_code || text.len() < 5 || !(in_one(&text).is_some() || contains(&text, "xero") || has_api(&text)) {
            return Outcome::Other;
        }
        let exact =
            tree.kind(id) == NodeKind::Text(Style::Plain) || tree.end(id).saturating_sub(tree.start(id)) == text.len();
        self.code(ledger, &text, tree.start(id), exact)
    }

    fn code(&self, ledger: &mut Ledger<'_>, text: &str, at: usize, exact: bool) -> Outcome {
        let origin = if exact { Embedded::Exact(self.at(at)) } else { Embedded::Whole(self.at(at)) };
        let found = ledger.inside(text, origin, code::read);
        if found { Outcome::Call } else { Outcome::Other }
    }
}

/// The command that words are; without a name, it is that of an image for `curl`.
fn command_of(words: &[Cow<'_, str>]) -> String {
    let is_named = words.first().is_some_and(|first| !first.starts_with('-') && without_scheme(first).is_none());
    let mut command = if is_named { String::new() } else { "curl ".to_owned() };
    for word in words {
        let is_plain = !word.contains(char::is_whitespace) && !word.contains(['"', '\'']);
        let quote = if is_plain { "" } else { "'" };
        command.extend([quote, &word.replace('\'', "\""), quote, " "]);
    }
    command
}

/// Returns whether a text has the name of an API of an SDK in it.
fn has_api(text: &str) -> bool {
    has_base(text) || ["Api.", "_api.", "Api->", "Api("].into_iter().any(|mark| text.contains(mark))
}

/// Returns whether a key is one of some in lower case.
fn is_one_of(key: &str, keys: &[&str]) -> bool {
    keys.iter().any(|own| own.eq_ignore_ascii_case(key))
}
