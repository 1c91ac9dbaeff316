//! One call of the API while it is answered, and its parameters.

use core::cell::{Cell, RefCell};
use core::ops::Range;

use serde_json::{Value, json};

use super::books::members::MemberTable;
use super::company::Company;
use super::errors::{self, Invalid};
use super::formats::{self, is_media};
use super::http::{HttpRequest, HttpResponse};
use super::keys::Keys;
use super::random::{Random, Uuid};
use super::windows::{AppPlace, Windows};
use super::xml;
use crate::time::Timestamp;

/// `ProviderName` of the answers.
pub(super) const PROVIDER: &str = "xero-m2m local Xero";

/// The most members of a body that an answer names as ignored.
const MOST_NAMED: usize = 20;

/// The most records on a page, and the number of records on a page if the request has no `pageSize`.
const MAX_PAGE_SIZE: usize = 1_000;
const PAGE_SIZE: usize = 100;

/// One call of the API while it is answered.
pub(super) struct CallContext<'a> {
    pub(super) request: &'a HttpRequest,
    /// The path below the base URL, still percent-encoded.
    pub(super) path: &'a str,
    pub(super) query: Vec<QueryParameter>,
    /// True once `If-Modified-Since` was read.
    pub(super) is_since_read: Cell<bool>,
    /// The members of the body of which nothing is made.
    pub(super) lost: RefCell<Vec<String>>,
    pub(super) now: Timestamp,
    /// The correlation id.
    pub(super) instance: Uuid,
    /// True if reads without data are refused as well.
    pub(super) strict: bool,
    /// The members of the records.
    pub(super) table: &'a MemberTable,
    pub(super) company: &'a mut Company,
    pub(super) place: AppPlace,
    pub(super) windows: Option<&'a mut Windows>,
    pub(super) keys: &'a mut Keys,
    pub(super) random: &'a mut Random,
}

/// A parameter of a query, and whether the answer has read it.
pub(super) struct QueryParameter {
    name: String,
    value: String,
    is_read: Cell<bool>,
}

impl QueryParameter {
    /// The parameters of a query, not read yet.
    pub(super) fn all(query: &str) -> Vec<Self> {
        let pairs = formats::pairs(query).unwrap_or_default().into_iter();
        pairs.map(|(name, value)| Self { name, value, is_read: Cell::new(false) }).collect()
    }
}

/// A page of a list: its records, and the member `pagination` of the answer.
pub(super) struct Page {
    pub(super) range: Range<usize>,
    pub(super) pagination: Value,
}

impl CallContext<'_> {
    /// Returns a query parameter; its name in any case, the first if there are several.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        let mut found = None;
        for own in self.query.iter().filter(|own| own.name.eq_ignore_ascii_case(name)) {
            own.is_read.set(true);
            found = found.or(Some(own.value.as_str()));
        }
        found
    }

    /// Notes a member of the body of which nothing is made.
    pub(super) fn lose(&self, name: &str) {
        let mut lost = self.lost.borrow_mut();
        if lost.len() < MOST_NAMED && !lost.iter().any(|own| own == name) {
            lost.push(name.to_owned());
        }
    }

    /// The names of the parameters, and of the members of the body, that the answer does not depend on.
    pub(super) fn ignored(&self) -> Vec<String> {
        let is_word = |name: &str| name.len() <= 64 && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_');
        let shown = |name: &str| if is_word(name) { name.to_owned() } else { "?".to_owned() };
        let unread = self.query.iter().filter(|own| !own.is_read.get()).map(|own| shown(&own.name));
        let lost = self.lost.borrow();
        let mut names: Vec<String> = unread.chain(lost.iter().map(|name| shown(name))).collect();
        let since = "If-Modified-Since";
        names.extend(self.request.header(since).filter(|_| !self.is_since_read.get()).map(|_| since.to_owned()));
        names
    }

    /// Returns whether a query parameter is `true`, in any case.
    pub(super) fn is_true(&self, name: &str) -> bool {
        self.query(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// Returns whether each record of a write stands on its own (`summarizeErrors=false`), instead of all or none.
    pub(super) fn is_each_alone(&self) -> bool {
        self.query("summarizeErrors").is_some_and(|value| value.eq_ignore_ascii_case("false"))
    }

    /// Returns a query parameter that is a list with commas; `None` if it is absent or empty.
    pub(super) fn listed(&self, name: &str) -> Option<Vec<String>> {
        let value = self.query(name).filter(|value| !value.trim().is_empty())?;
        Some(value.split(',').map(|item| item.trim().to_owned()).collect())
    }

    /// Returns the page of `count` records that `page` and `pageSize` select. Values out of range become the nearest
    /// allowed value; a value that is not a number counts as absent. A page after the last is empty.
    pub(super) fn page(&self, count: usize) -> Page {
        let number = |name: &str, absent: usize| {
            let value = self.query(name).and_then(|text| text.trim().parse::<i64>().ok());
            value.map_or(absent, |value| usize::try_from(value.max(1)).unwrap_or(usize::MAX))
        };
        let size = number("pageSize", PAGE_SIZE).min(MAX_PAGE_SIZE);
        let page = number("page", 1);
        let start = page.saturating_sub(1).saturating_mul(size).min(count);
        let range = start..start.saturating_add(size).min(count);
        let pagination =
            json!({ "page": page, "pageSize": size, "pageCount": count.div_ceil(size.max(1)), "itemCount": count });
        Page { range, pagination }
    }

    /// Returns the instant of `If-Modified-Since`, or the refusal of one that cannot be read.
    pub(super) fn modified_since(&self) -> Result<Option<Timestamp>, HttpResponse> {
        self.is_since_read.set(true);
        let Some(header) = self.request.header("if-modified-since") else {
            return Ok(None);
        };
        formats::read_instant(header.trim())
            .map(Some)
            .ok_or_else(|| HttpResponse::text(412, "If-Modified-Since is not a date and time in UTC."))
    }

    /// The last segment of the path, still percent-encoded.
    pub(super) fn last_segment(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or("")
    }

    /// The record that the path names: the segment after the name of its list; empty if its escapes are broken.
    pub(super) fn parameter(&self) -> String {
        formats::percent_decoded(self.path.split('/').nth(4).unwrap_or("")).unwrap_or_default()
    }

    /// Returns whether unit amounts have four decimals.
    pub(super) fn is_unitdp_4(&self) -> bool {
        self.query("unitdp").is_some_and(|value| value.trim() == "4")
    }

    /// Returns whether the request asks for a page of a list.
    pub(super) fn asks_for_page(&self) -> bool {
        ["page", "pageSize"].iter().any(|name| self.query(name).is_some())
    }

    /// Returns whether the request wants XML, which is the default of the accounting API.
    pub(super) fn wants_xml(&self) -> bool {
        self.request.header("accept").is_none_or(|accept| accept.contains("xml") && !accept.contains("json"))
    }

    /// The body as JSON, from JSON or from XML whose root is the list or one of its records.
    pub(super) fn body(&self, list: &str, one: &str) -> Result<Value, HttpResponse> {
        let bad = |message: &str| errors::invalid(Invalid::PostData, message, Vec::new());
        let body = self.request.body.as_slice();
        let starts_as_xml = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<');
        let (is_json, is_xml) = match self.request.header("content-type") {
            None => (!starts_as_xml, starts_as_xml),
            Some(media) => (
                is_media(media, "application/json"),
                ["application/xml", "text/xml"].iter().any(|own| is_media(media, own)),
            ),
        };
        if is_json {
            return serde_json::from_slice(body).map_err(|_| bad("The body is not JSON."));
        }
        if !is_xml {
            return Err(HttpResponse::text(415, "Send Content-Type: application/json, or application/xml."));
        }
        let text = core::str::from_utf8(body).map_err(|_| bad("The body is not UTF-8."))?;
        match xml::read(text, self.table) {
            Some((root, value)) if root == list => Ok(json!({ list: value })),
            Some((root, value)) if root == one => Ok(value),
            Some(_) => Err(bad(&format!("The root of the body is neither {list} nor {one}."))),
            None => Err(bad("The body is not XML.")),
        }
    }

    /// Returns whether the request asks for a PDF.
    pub(super) fn wants_pdf(&self) -> bool {
        self.request.header("accept").is_some_and(|accept| is_media(accept, "application/pdf"))
    }

    /// Returns a list in the envelope of the accounting API.
    pub(super) fn answer(&mut self, name: &str, items: Vec<Value>, pagination: Option<Value>) -> HttpResponse {
        let mut body = json!({
            "Id": self.random.uuid().to_string(),
            "Status": "OK",
            "ProviderName": PROVIDER,
            "DateTimeUTC": format!("/Date({})/", self.now.as_ms())
        });
        if let Some(members) = body.as_object_mut() {
            members.extend(pagination.map(|pagination| ("pagination".to_owned(), pagination)));
            members.insert(name.to_owned(), Value::Array(items));
        }
        HttpResponse::json(200, &body)
    }
}
