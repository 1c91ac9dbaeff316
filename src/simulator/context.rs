//! One call of the API while it is answered, and its parameters.

use core::ops::Range;

use serde_json::{Value, json};

use super::company::Company;
use super::errors::{self, Invalid};
use super::formats::{self, is_media};
use super::http::{HttpRequest, HttpResponse};
use super::keys::Keys;
use super::random::{Random, Uuid};
use super::windows::{AppPlace, Windows};
use crate::time::Timestamp;

/// `ProviderName` of the answers.
pub(super) const PROVIDER: &str = "xero-m2m local Xero";

/// The most records on a page, and the number of records on a page if the request has no `pageSize`.
const MAX_PAGE_SIZE: usize = 1_000;
const PAGE_SIZE: usize = 100;

/// One call of the API while it is answered.
pub(super) struct CallContext<'a> {
    pub(super) request: &'a HttpRequest,
    /// The path below the base URL, still percent-encoded.
    pub(super) path: &'a str,
    pub(super) query: Vec<(String, String)>,
    pub(super) now: Timestamp,
    /// The correlation id.
    pub(super) instance: Uuid,
    /// True if reads without data are refused as well.
    pub(super) strict: bool,
    pub(super) company: &'a mut Company,
    pub(super) place: AppPlace,
    pub(super) windows: Option<&'a mut Windows>,
    pub(super) keys: &'a mut Keys,
    pub(super) random: &'a mut Random,
}

/// A page of a list: its records, and the member `pagination` of the answer.
pub(super) struct Page {
    pub(super) range: Range<usize>,
    pub(super) pagination: Value,
}

impl CallContext<'_> {
    /// Returns a query parameter; its name in any case, the first if there are several.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Returns whether a query parameter is `true`, in any case.
    pub(super) fn is_true(&self, name: &str) -> bool {
        self.query(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
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
        let Some(header) = self.request.header("if-modified-since") else {
            return Ok(None);
        };
        formats::read_instant(header.trim())
            .map(Some)
            .ok_or_else(|| HttpResponse::text(412, "If-Modified-Since is not a date and time in UTC."))
    }

    /// Returns a refusal if the request uses a filter that the simulator cannot evaluate. Without it, the list would be
    /// wrong.
    pub(super) fn unsupported(&self, names: &[&str]) -> Option<HttpResponse> {
        let name = names.iter().find(|name| self.query(name).is_some())?;
        let message = format!("The local Xero does not evaluate {name}.");
        Some(errors::invalid(Invalid::Query, &message, Vec::new()))
    }

    /// The last segment of the path, still percent-encoded.
    pub(super) fn last_segment(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or("")
    }

    /// The record that the path names; empty if its escapes are broken.
    pub(super) fn parameter(&self) -> String {
        formats::percent_decoded(self.last_segment()).unwrap_or_default()
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
