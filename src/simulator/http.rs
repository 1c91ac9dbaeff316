//! Requests and responses as values.

use serde_json::Value;

/// An HTTP request.
#[derive(Clone, Debug, Default)]
pub struct HttpRequest {
    /// The method, such as `GET`.
    pub method: String,
    /// The path and query as they are sent; of an absolute URL, scheme and host are ignored.
    pub target: String,
    /// The names, in any case, and values.
    pub headers: Vec<(String, String)>,
    /// The body; empty if there is none.
    pub body: Vec<u8>,
}

impl HttpRequest {
    /// The value of a header; its name in any case, the first if there are several.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The token of the `Authorization: Bearer` header (RFC 6750 section 2.1).
    pub(super) fn bearer_token(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.trim().split_once(' ')?;
        let token = token.trim();
        (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && !token.contains(' ')).then_some(token)
    }

    /// Path and query of the target, which may be an absolute URL.
    pub(super) fn origin_form(&self) -> &str {
        let target = self.target.as_str();
        let Some((_, rest)) = target.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https")) else {
            return target;
        };
        rest.find('/').and_then(|at| rest.split_at_checked(at)).map_or("/", |(_, path)| path)
    }
}

/// An HTTP response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The names and values, without `Date` and `Content-Length`: the server adds these.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl HttpResponse {
    pub(super) const fn bare(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    pub(super) fn of(status: u16, media: &str, body: Vec<u8>) -> Self {
        Self { status, headers: Vec::new(), body }.with("Content-Type", media)
    }

    pub(super) fn text(status: u16, text: &str) -> Self {
        Self::of(status, "text/plain; charset=utf-8", text.as_bytes().to_vec())
    }

    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::of(status, "application/json; charset=utf-8", body.to_string().into_bytes())
    }

    /// The value of a header; its name in any case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The response with another body.
    pub(super) fn with_body(mut self, media: &str, body: Vec<u8>) -> Self {
        self.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        self.body = body;
        self.with("Content-Type", media)
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}
