//! The facts about a request and its response that a log shows: the operation, the scopes that open it, and the reason of a
//! refusal. No value of a query, of a header or of a body is in them.

use serde_json::Value;

use super::apps::App;
use super::books::members::MemberTable;
use super::http::{HttpRequest, HttpResponse};
use super::local_xero::Simulator;
use super::route::{Destination, route};
use super::state::ConnectionState;
use super::xml;
use crate::catalogue::{Mask, Operation};

/// The facts about a request and its response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogReason {
    /// The key of the operation, such as `accounting.getInvoices`.
    pub operation: Option<String>,
    /// The scopes of the token that open the operation.
    pub scopes: Vec<&'static str>,
    /// The reason for a status of 400 or more.
    pub refused: Option<String>,
}

impl Simulator {
    /// Explains the response to a request that was handled before any other.
    pub fn explain(&self, request: &HttpRequest, response: &HttpResponse) -> LogReason {
        let target = request.origin_form();
        let path = target.split('?').next().unwrap_or_default();
        let Some(path) = path.strip_prefix(self.base_path.as_str()) else {
            return LogReason { refused: Some("the path is outside the base URL".to_owned()), ..LogReason::default() };
        };
        let payroll = self.companies.first().map_or("", |company| company.books.payroll);
        let prefers = |api: crate::catalogue::ApiId| api.row().is_some_and(|row| row.name.starts_with(payroll));
        let destination = route(&request.method, path, prefers);
        let operation = match &destination {
            Destination::Operation(operation) => Some(*operation),
            Destination::OtherMethod | Destination::Nowhere => None,
        };
        let token = request.bearer_token().and_then(|text| self.tokens.find(text));
        let granted = token.map_or(Mask::EMPTY, |token| token.scopes.known());
        let opening = operation.map_or(Mask::EMPTY, |operation| operation.needs().any().intersection(granted));
        let looked_up =
            LookedUp { request, response, destination: &destination, operation, opening, is_issued: token.is_some() };
        LogReason {
            operation: operation.map(Operation::key),
            scopes: opening.names(),
            refused: (response.status >= 400).then(|| self.reason(&looked_up)),
        }
    }

    /// The reason of a refusal, from the beginning of the checks to their end.
    fn reason(&self, of: &LookedUp<'_>) -> String {
        let LookedUp { request, response, .. } = *of;
        if self.last_fault {
            return "a fault rule".to_owned();
        }
        let body = read(&response.body, &self.member_table);
        if let Some(word) = body.get("error").and_then(Value::as_str).filter(|word| is_word(word)) {
            return word.to_owned();
        }
        match response.status {
            401 => of.unauthorised(&body),
            403 => match self.state {
                ConnectionState::Active => "xero-tenant-id is missing, or is no organisation of this token".to_owned(),
                _ if self.app_of(request) != App::Custom => {
                    "xero-tenant-id is missing, or is no organisation of this token".to_owned()
                }
                other => format!("the state of the connection is {}", other.as_str()),
            },
            404 => match of.destination {
                Destination::Operation(_) => "there is no such record".to_owned(),
                Destination::OtherMethod | Destination::Nowhere => "no operation of Xero has this path".to_owned(),
            },
            429 => {
                let mut headers = response.headers.iter();
                let problem = headers.find(|(name, _)| name.eq_ignore_ascii_case("x-rate-limit-problem"));
                format!("the limit: {}", problem.map_or("not named", |(_, value)| value.as_str()))
            }
            501 => match of.destination {
                Destination::OtherMethod => "no operation of Xero has this path and this method".to_owned(),
                Destination::Operation(_) | Destination::Nowhere => "the local Xero does not play this".to_owned(),
            },
            _ => match body.get("Type").and_then(Value::as_str).filter(|word| is_word(word)) {
                Some(word) => word.to_owned(),
                None => "the request cannot be carried out; its response has the reason".to_owned(),
            },
        }
    }
}

/// A request, its response, and the parts that were looked up.
struct LookedUp<'a> {
    request: &'a HttpRequest,
    response: &'a HttpResponse,
    destination: &'a Destination,
    operation: Option<&'static Operation>,
    opening: Mask,
    is_issued: bool,
}

impl LookedUp<'_> {
    fn unauthorised(&self, body: &Value) -> String {
        if self.request.bearer_token().is_none() {
            return "there is no bearer token".to_owned();
        }
        if !self.is_issued {
            return "the token is not one of this local Xero".to_owned();
        }
        if body.get("Detail").and_then(Value::as_str).is_some_and(|detail| detail.starts_with("TokenExpired")) {
            return "the token has expired".to_owned();
        }
        match self.operation {
            Some(operation) if self.opening.is_empty() && !operation.needs().any().is_empty() => {
                format!("the token has none of the scopes that open it: {}", operation.needs().any().names().join(", "))
            }
            Some(_) | None => "the token does not open this".to_owned(),
        }
    }
}

/// Returns the members of a body in JSON or XML, or null.
fn read(body: &[u8], table: &MemberTable) -> Value {
    serde_json::from_slice(body).ok().unwrap_or_else(|| {
        let text = core::str::from_utf8(body).ok();
        text.and_then(|text| xml::read(text, table)).map(|(_, value)| value).unwrap_or_default()
    })
}

/// Returns whether a text is a word of a protocol, such as `invalid_client`, and no sentence.
fn is_word(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
}
