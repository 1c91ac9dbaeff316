//! Answers of the API and the errors they mean: the vectors, through a connection.
#![cfg(test)]

#[path = "support/options.rs"]
mod options;

use options::options;
use serde::Deserialize;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use xero_m2m::connection::{Connection, Options};
use xero_m2m::limits::{Headers, Reading};
use xero_m2m::request::ApiAnswer;
use xero_m2m::scope::ScopeSet;
use xero_m2m::time::Timestamp;
use xero_m2m::token::LifecycleConfig;

/// 2026-04-29T00:00:00Z.
const NOW: Timestamp = Timestamp::from_ms(1_777_420_800_000);

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Case {
    name: String,
    call: Option<(String, String)>,
    granted: Option<Vec<String>>,
    status: u16,
    #[serde(default)]
    www_authenticate: String,
    #[serde(default)]
    problem: String,
    #[serde(default)]
    retry_after: String,
    #[serde(default)]
    app_minute: String,
    body: String,
    error: Option<String>,
    blame: Option<String>,
    #[serde(default)]
    retryable: bool,
    scopes: Option<Vec<String>>,
    rule: Option<String>,
    limit: Option<String>,
    retry_at: Option<u64>,
    /// The number of validation errors that the host found in the body.
    complaints: Option<usize>,
    /// Texts that the message contains.
    #[serde(default)]
    says: Vec<String>,
    /// Texts that the message does not contain.
    #[serde(default)]
    hides: Vec<String>,
    /// The validation errors that the npm package reads from the body. The core does not read them.
    #[serde(rename = "validation")]
    _validation: Option<serde_json::Value>,
}

fn connection(scopes: Option<&[String]>) -> Connection {
    Connection::new(Options {
        scopes: scopes.map(|names| ScopeSet::from_names(names.iter().map(String::as_str))),
        lifecycle: LifecycleConfig { stored: true, ..LifecycleConfig::default() },
        ..options()
    })
    .expect("options that can work")
}

#[test]
fn every_answer_means_the_error_of_its_case() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("vectors/api-answers.json")).expect("the vectors");
    for case in cases {
        let name = &case.name;
        // The requested scopes count as granted until Xero answers.
        let mut connection = connection(case.granted.as_deref());
        connection.session.want(NOW.plus(1_000), NOW);
        connection.session.loaded(
            None,
            Some(xero_m2m::token::Stored { obtained_at: NOW, expires_at: NOW.plus(1_800_000) }),
            None,
            NOW,
        );
        let answer = ApiAnswer {
            status: case.status,
            www_authenticate: &case.www_authenticate,
            retry_after: &case.retry_after,
            limit: None,
            body: &case.body,
            complaints: case.complaints,
        };
        let headers = Headers {
            problem: &case.problem,
            retry_after: &case.retry_after,
            app_minute: &case.app_minute,
            ..Headers::default()
        };
        let (method, path) = case.call.unwrap_or(("GET".to_owned(), "/Invoices".to_owned()));
        let reading = Reading::new(case.status, &headers, NOW);
        let Some(error) = connection.api_error(&method, &path, &answer, &reading, NOW) else {
            assert_eq!(case.error, None, "{name}");
            continue;
        };
        assert_eq!(Some(error.code().as_str()), case.error.as_deref(), "{name}");
        assert_eq!(Some(error.code().blame().as_str()), case.blame.as_deref(), "{name}");
        assert_eq!(error.code().retryable(), case.retryable, "{name}");
        if let Some(scopes) = &case.scopes {
            assert_eq!(error.scopes(), scopes, "{name}");
        }
        assert_eq!((error.rule(), error.limit()), (case.rule.as_deref(), case.limit.as_deref()), "{name}");
        assert_eq!(error.earliest_retry(), case.retry_at.map(|ms| NOW.plus(ms)), "{name}");
        for part in &case.says {
            assert!(error.message().contains(part), "{name}: no {part} in {}", error.message());
        }
        for part in &case.hides {
            assert!(!error.message().contains(part), "{name}: {part} in {}", error.message());
        }
        assert!(case.body.is_empty() || !error.message().contains(&case.body), "{name}: no body in a message");
    }
}
