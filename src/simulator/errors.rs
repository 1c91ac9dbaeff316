//! The answers of refusal, as Xero words them. Sources: the fact rows behind `xero-troubleshooting`, captured answers.

use serde_json::{Value, json};

use super::http::HttpResponse;
use super::random::Uuid;

/// A refusal of the token endpoint (RFC 6749 section 5.2).
pub(super) fn token_refused(status: u16, error: &str, description: Option<&str>) -> HttpResponse {
    let mut body = json!({ "error": error });
    if let (Some(members), Some(text)) = (body.as_object_mut(), description) {
        members.insert("error_description".to_owned(), text.into());
    }
    HttpResponse::json(status, &body).with("Cache-Control", "no-store").with("Pragma", "no-cache")
}

/// No token, or one that was never issued here.
///
/// The `WWW-Authenticate` values are those of RFC 6750 section 3, because none of Xero's is known.
pub(super) fn no_valid_token(challenge: &str, instance: Uuid) -> HttpResponse {
    problem(401, "Unauthorized", "AuthenticationUnsuccessful", instance).with("WWW-Authenticate", challenge)
}

/// A token that was issued here and has ended. `ended` is written month first, as Xero does.
pub(super) fn token_expired(ended: &str, instance: Uuid) -> HttpResponse {
    problem(401, "Unauthorized", &format!("TokenExpired: token expired at {ended}"), instance)
        .with("WWW-Authenticate", "Bearer error=\"invalid_token\"")
}

/// No granted scope opens the operation. Xero sends the bare word, without a scheme.
pub(super) fn insufficient_scope(instance: Uuid) -> HttpResponse {
    problem(401, "Unauthorized", "AuthorizationUnsuccessful", instance).with("WWW-Authenticate", "insufficient_scope")
}

/// The `xero-tenant-id` is that of another organisation.
pub(super) fn wrong_tenant(instance: Uuid) -> HttpResponse {
    problem(403, "Forbidden", "AuthenticationUnsuccessful", instance)
}

fn problem(status: u16, title: &str, detail: &str, instance: Uuid) -> HttpResponse {
    HttpResponse::json(
        status,
        &json!({
            "Type": null,
            "Title": title,
            "Status": status,
            "Detail": detail,
            "Instance": instance.to_string(),
            "Extensions": {}
        }),
    )
}

/// There is no record of this name.
pub(super) fn no_such_record() -> HttpResponse {
    HttpResponse::text(404, "There is no such record in the demo company.")
}

/// A request of the accounting API that is refused for its data.
#[derive(Clone, Copy)]
pub(super) enum Invalid {
    /// Records that break a rule; they follow as `Elements`.
    Validation,
    /// A filter that cannot be evaluated.
    Query,
    /// A body that cannot be read.
    PostData,
}

/// The 400 of the accounting API.
pub(super) fn invalid(kind: Invalid, message: &str, elements: Vec<Value>) -> HttpResponse {
    let (number, name) = match kind {
        Invalid::Validation => (10, "ValidationException"),
        Invalid::Query => (16, "QueryParseException"),
        Invalid::PostData => (17, "PostDataInvalidException"),
    };
    let mut body = json!({ "ErrorNumber": number, "Type": name, "Message": message });
    if let (Some(members), Invalid::Validation) = (body.as_object_mut(), kind) {
        members.insert("Elements".to_owned(), Value::Array(elements));
    }
    HttpResponse::json(400, &body)
}
