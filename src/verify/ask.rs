//! Requests as values, which the host sends.

use serde::Serialize;

use crate::request::{TOKEN_ACCEPT, TOKEN_CONTENT_TYPE, push_form_encoded};

/// A client secret that is none, for the question about wrong ones.
const WRONG_SECRET: &str = "this-is-not-the-secret";

/// A request that the host sends as it is. In JSON: `{ id, service, method, path, headers, body?, secret?, token? }`.
///
/// One to the identity service is authenticated by HTTP Basic with the client id and the secret, or with `secret` in its place;
/// one to the API by the token that `token` names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "VerificationRequest"))]
#[serde(rename_all = "camelCase")]
pub struct Ask {
    /// Its name in the transcript.
    pub id: String,
    /// The service that it goes to.
    pub service: AskedService,
    /// Its method.
    pub method: &'static str,
    /// Its path, with its query.
    pub path: String,
    /// Its headers, besides `Authorization`: a name and a value, which may be empty.
    pub headers: Vec<(&'static str, &'static str)>,
    /// Its body; absent if it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// A text to be sent in the place of the client secret; absent if the real one is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<&'static str>,
    /// The name of the request whose answer has the token to be sent; absent for the identity service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<&'static str>,
}

/// A service of Xero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "VerificationService"))]
#[serde(rename_all = "camelCase")]
pub enum AskedService {
    /// The identity service, which gives tokens.
    Identity,
    /// The APIs.
    Api,
}

impl Ask {
    /// A token request; without `scope` it names none.
    pub(super) fn token(id: &'static str, scope: Option<&str>) -> Self {
        let mut form = "grant_type=client_credentials".to_owned();
        if let Some(scope) = scope {
            form.push_str("&scope=");
            push_form_encoded(scope, &mut form);
        }
        Self {
            id: id.to_owned(),
            service: AskedService::Identity,
            method: "POST",
            path: "/connect/token".to_owned(),
            headers: vec![("Content-Type", TOKEN_CONTENT_TYPE), ("Accept", TOKEN_ACCEPT)],
            body: Some(form),
            secret: None,
            token: None,
        }
    }

    /// A token request with a wrong secret.
    pub(super) fn with_wrong_secret(id: &'static str) -> Self {
        Self { secret: Some(WRONG_SECRET), ..Self::token(id, None) }
    }

    /// A call that reads, with the token that the request `token` got, and without a `xero-tenant-id`.
    pub(super) fn get(id: impl Into<String>, path: String, token: &'static str) -> Self {
        Self {
            id: id.into(),
            service: AskedService::Api,
            method: "GET",
            path,
            headers: vec![("Accept", "application/json")],
            body: None,
            secret: None,
            token: Some(token),
        }
    }

    /// A call that writes.
    pub(super) fn write(
        id: &'static str,
        method: &'static str,
        path: String,
        token: &'static str,
        body: String,
    ) -> Self {
        let headers = vec![("Accept", "application/json"), ("Content-Type", "application/json")];
        Self { method, headers, body: Some(body), ..Self::get(id, path, token) }
    }

    /// The same call with an empty `xero-tenant-id`.
    pub(super) fn with_empty_tenant(mut self) -> Self {
        self.headers.push(("xero-tenant-id", ""));
        self
    }
}
