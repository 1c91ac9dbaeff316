//! The refusals, in Xero's own words. Sources: `xero-troubleshooting` of the catalogue, and captured answers.

use serde_json::{Value, json};

use super::http::HttpResponse;
use super::random::Uuid;
use crate::catalogue::Operation;

/// A refusal of the token endpoint (RFC 6749 section 5.2).
pub(super) fn token_refused(status: u16, error: &str, description: Option<&str>) -> HttpResponse {
    let mut body = json!({ "error": error });
    if let (Some(members), Some(text)) = (body.as_object_mut(), description) {
        members.insert("error_description".to_owned(), text.into());
    }
    HttpResponse::json(status, &body).with("Cache-Control", "no-store").with("Pragma", "no-cache")
}

/// The refusal of a call without a token, or with one that was never issued here.
///
/// The `WWW-Authenticate` values are those of RFC 6750 section 3, because Xero's own values are not known.
pub(super) fn no_valid_token(challenge: &str, instance: Uuid) -> HttpResponse {
    problem(401, "Unauthorized", "AuthenticationUnsuccessful", instance).with("WWW-Authenticate", challenge)
}

/// The refusal of a token that has expired. `ended` has the month first, as Xero writes it.
pub(super) fn token_expired(ended: &str, instance: Uuid) -> HttpResponse {
    problem(401, "Unauthorized", &format!("TokenExpired: token expired at {ended}"), instance)
        .with("WWW-Authenticate", "Bearer error=\"invalid_token\"")
}

/// The refusal of a call that no granted scope opens. Xero sends the bare word, without a scheme.
pub(super) fn insufficient_scope(instance: Uuid) -> HttpResponse {
    problem(401, "Unauthorized", "AuthorizationUnsuccessful", instance).with("WWW-Authenticate", "insufficient_scope")
}

/// The refusal of a `xero-tenant-id` of another organisation.
pub(super) fn wrong_tenant(instance: Uuid) -> HttpResponse {
    problem(403, "Forbidden", "AuthenticationUnsuccessful", instance)
}

/// The header of answers that do not come from the books.
pub(super) const MARK: &str = "X-Local-Xero";

/// The header of answers to a call whose scopes open it by the worse of two sources alone.
pub(super) const UNSURE: &str = "X-Local-Xero-Scope";

/// The header of answers to writes of documents in another currency that have no rate.
pub(super) const RATE: &str = "X-Local-Xero-Rate";

/// The header with the names of the parameters that an answer does not depend on.
pub(super) const IGNORED: &str = "X-Local-Xero-Ignored";

/// The answer to an operation that the simulator does not play.
pub(super) fn not_played(operation: &Operation, instance: Uuid) -> HttpResponse {
    let message = format!(
        "The local Xero does not play {}, so nothing was read or written. docs/local-xero.md of xero-m2m lists the operations \
         that it plays, and where to ask for another.",
        operation.key()
    );
    not_implemented(operation, &message, instance)
}

/// A 501 with a message, in the form of the errors of the API.
pub(super) fn not_implemented(operation: &Operation, message: &str, instance: Uuid) -> HttpResponse {
    let api = operation.api.row().map_or("", |row| row.name);
    let response = match api {
        "accounting" | "payroll-au" => HttpResponse::json(
            501,
            &json!({ "ErrorNumber": 501, "Type": "NotImplementedException", "Message": message }),
        ),
        _ => problem(501, "Not Implemented", message, instance),
    };
    response.with(MARK, "not played")
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

/// The answer to a request for a record that does not exist.
pub(super) fn no_such_record() -> HttpResponse {
    HttpResponse::text(404, "The resource you're looking for cannot be found")
}

/// The reasons for which the accounting API refuses a request for its data.
#[derive(Clone, Copy)]
pub(super) enum Invalid {
    /// Records break a rule; they follow as `Elements`.
    Validation,
    /// A filter cannot be evaluated.
    Query,
    /// The body cannot be read.
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
