//! A request, as the members of an object describe it.

use std::borrow::Cow;

use super::leads_to_xero;
use super::tree::{Id, NodeKind, Tree};
use crate::resolve::target::{method, without_scheme};

/// What a member of an object is, by its key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum MemberKey {
    Other,
    /// A request in one text, or in an object of its own.
    Request,
    Method,
    Url,
    Path,
    /// What paths are joined to.
    Base,
}

impl MemberKey {
    /// Reads a key as tools and loggers spell it: `httpRequestMethod`, `http.url`, `request_uri`.
    fn of(key: &str) -> Self {
        let mut name = [0_u8; 20];
        let mut length = 0_usize;
        for byte in key.bytes().filter(u8::is_ascii_alphanumeric) {
            let Some(slot) = name.get_mut(length) else { return Self::Other };
            *slot = byte.to_ascii_lowercase();
            length = length.saturating_add(1);
        }
        match name.get(..length).unwrap_or_default() {
            b"request" => Self::Request,
            b"method" | b"httpmethod" | b"requestmethod" | b"httprequestmethod" | b"verb" => Self::Method,
            b"url" | b"fullurl" | b"httpurl" | b"requesturl" | b"urlfull" | b"href" | b"uri" | b"apiendpoint" => {
                Self::Url
            }
            b"path" | b"httppath" | b"httptarget" | b"requestpath" | b"requesturi" | b"target" | b"urlpath"
            | b"urlpattern" | b"urlpathpattern" | b"endpoint" | b"route" | b"relativeurl" => Self::Path,
            b"base" | b"baseurl" | b"baseuri" | b"urlbase" | b"apiurl" | b"apibase" | b"prefixurl" | b"rooturl"
            | b"serverurl" | b"scope" | b"host" | b"hostname" | b"httphost" | b"authority" => Self::Base,
            _ => Self::Other,
        }
    }
}

/// The members of an object that describe a request.
#[derive(Clone, Copy, Default)]
pub(super) struct RequestMembers {
    pub(super) request: Option<Id>,
    pub(super) method: Option<Id>,
    pub(super) url: Option<Id>,
    pub(super) path: Option<Id>,
    pub(super) base: Option<Id>,
    /// The method that the object is a member as: `put { url: … }` of Bruno, `- put: { url: … }` of Artillery.
    named: Option<&'static str>,
}

impl RequestMembers {
    pub(super) fn of(tree: &Tree<'_>, object: Id) -> Self {
        let mut members = Self { named: method(&tree.key(object)), ..Self::default() };
        for child in tree.children(object) {
            let is_text = matches!(tree.kind(child), NodeKind::Text(_));
            let member = match MemberKey::of(&tree.key(child)) {
                MemberKey::Request if is_text => &mut members.request,
                MemberKey::Method if is_text => &mut members.method,
                MemberKey::Url if is_text || tree.kind(child) == NodeKind::Object => &mut members.url,
                MemberKey::Path if is_text => &mut members.path,
                MemberKey::Base if is_text && is_base(tree, child) => &mut members.base,
                _ => continue,
            };
            member.get_or_insert(child);
        }
        members
    }

    /// The method that is written, if it is one.
    pub(super) fn known_method(&self, tree: &Tree<'_>) -> Option<&'static str> {
        self.method.map_or(self.named, |own| method(tree.text_of(own)?.trim()))
    }
}

/// Returns whether a text can be what paths are joined to: a URL, a host, or a variable.
fn is_base(tree: &Tree<'_>, id: Id) -> bool {
    let text = tree.text_of(id).unwrap_or_default();
    without_scheme(&text).is_some() || text.contains("{{") || text.contains('.') && !text.contains(' ')
}

/// A path joined to its base.
pub(super) fn joined(base: &str, path: &str) -> String {
    let scheme = if without_scheme(base).is_some() || base.starts_with(['{', '/']) { "" } else { "https://" };
    [scheme, base.trim_end_matches('/'), "/", path.trim_start_matches('/')].concat()
}

/// The URL of an object, as Postman writes one: whole, or in its parts.
pub(super) fn url_of(tree: &Tree<'_>, url: Id) -> Option<(Cow<'static, str>, Id)> {
    if let Some(raw) = tree.member(url, "raw")
        && let Some(text) = tree.text_of(raw).filter(|text| !text.is_empty())
    {
        return Some((Cow::Owned(text.into_owned()), raw));
    }
    let host = tree.member(url, "host")?;
    let parts = |id: Id, with: &str| {
        if let Some(text) = tree.text_of(id) {
            return text.into_owned();
        }
        let texts: Vec<_> = tree.children(id).filter_map(|part| tree.text_of(part)).collect();
        texts.join(with)
    };
    let path = tree.member(url, "path").map(|path| parts(path, "/")).unwrap_or_default();
    Some((Cow::Owned(joined(&parts(host, "."), &path)), host))
}

/// A request in one text: `POST /api.xro/2.0/Payments HTTP/1.1`.
pub(super) fn in_one(text: &str) -> Option<(&'static str, &str)> {
    let (word, rest) = text.trim_start().split_once([' ', '\t'])?;
    let target = rest.trim_start().split([' ', '\t', '\r', '\n']).next()?;
    let is_target = target.starts_with(['/', '{']) || without_scheme(target).is_some();
    Some((method(word).filter(|name| *name == word && is_target)?, target))
}

/// Returns whether a tree describes requests: an object has a method and where it goes, or somewhere is a base of Xero's and
/// somewhere a path.
pub(super) fn has_request(tree: &Tree<'_>) -> bool {
    let (mut base, mut path) = (false, false);
    tree.within(0).filter(|id| tree.kind(*id) == NodeKind::Object).any(|id| {
        let members = RequestMembers::of(tree, id);
        let text = |id: Option<Id>| id.and_then(|id| tree.text_of(id)).unwrap_or_default();
        let (url, own) = (text(members.url), text(members.path));
        let is_target =
            url.contains('/') || own.contains('/') || members.url.is_some_and(|url| tree.kind(url) == NodeKind::Object);
        base |= leads_to_xero(&text(members.base));
        path |= !own.is_empty();
        members.known_method(tree).is_some() && is_target || base && path
    })
}
