//! Which organisation a call of a user goes to, which token a call of an app has, and the words of their errors.
#![cfg(test)]

use serde::Deserialize;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use xero_m2m::error::Code;
use xero_m2m::kind::{ConnectionKind, RefusedCall, Tenant, app_scope, check_header, choose, explained};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    tenants: Vec<(String, String)>,
    tenant: String,
    /// The number of organisations of which nothing is known.
    #[serde(default, rename = "leftOut")]
    left_out: u32,
    /// The id of the tenant.
    chosen: Option<String>,
    error: Option<String>,
    /// Words that the message has.
    #[serde(default)]
    has: Vec<String>,
}

#[test]
fn the_tenant_is_the_one_that_was_named_and_never_the_first_of_several() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("vectors/tenants.json")).expect("the vectors");
    for Case { name, tenants, tenant, left_out, chosen, error, has } in cases {
        let tenants: Vec<_> = tenants.iter().map(|(id, name)| Tenant { id, name }).collect();
        let found = choose(&tenant, &tenants, left_out);
        assert_eq!(found.as_ref().ok().map(|id| (*id).to_owned()), chosen, "{name}");
        let found = found.err();
        assert_eq!(found.as_ref().map(|found| found.code().as_str().to_owned()), error, "{name}");
        let message = found.map(|found| found.message().to_owned()).unwrap_or_default();
        assert!(has.iter().all(|word| message.contains(word)), "{name}: {message}");
        assert!(message.len() < 3_000, "{name}");
    }
}

#[test]
fn a_header_of_the_call_names_the_same_organisation() {
    const ID: &str = "5a0a5a4e-0000-4000-8000-000000000001";
    for same in [ID, "5A0A5A4E000040008000000000000001", "", " \t", &format!(" {ID}\t")] {
        assert!(check_header(same, ID).is_ok(), "{same}");
    }
    for other in ["5a0a5a4e-0000-4000-8000-000000000002", "Kea Outdoor Hire", "5a0a5a4e"] {
        let error = check_header(other, ID).expect_err(other);
        assert_eq!(error.code(), Code::InvalidHeader);
        assert!(!error.message().contains(other) || ID.contains(other), "{error}");
    }
}

#[test]
fn an_app_itself_reaches_its_connections_and_subscriptions_only() {
    for (path, scope) in [
        ("/connections", "app.connections"),
        ("connections/5a0a", "app.connections"),
        ("/Connections?x=1", "app.connections"),
        ("/appstore/2.0/subscriptions/1", "marketplace.billing"),
    ] {
        assert_eq!(app_scope(path).ok(), Some(scope), "{path}");
    }
    for path in [
        "/Invoices",
        "/api.xro/2.0/Invoices",
        "",
        "/",
        "//connections",
        "/connectionsx",
        "https://api.xero.com/connections",
    ] {
        let error = app_scope(path).expect_err(path);
        assert_eq!((error.code(), error.rule()), (Code::ScopeMissing, Some("R35")), "{path}");
    }
}

#[test]
fn no_error_of_a_user_or_an_app_speaks_of_custom_connections() {
    let scopes = ["accounting.journals.read"];
    for code in Code::ALL {
        for status in [None, Some(401), Some(403)] {
            for rule in [None, Some("R7"), Some("R28"), Some("R35")] {
                for kind in [ConnectionKind::User, ConnectionKind::App] {
                    let refusal = RefusedCall {
                        code: *code,
                        operation: Some("accounting.getJournals"),
                        scopes: &scopes,
                        rule,
                        status,
                        is_outcome_unknown: false,
                    };
                    let unsettled = RefusedCall { is_outcome_unknown: true, ..refusal };
                    assert!(
                        explained(kind, unsettled).is_none(),
                        "{code:?}: the message of the core says how to find out"
                    );
                    let Some(error) = explained(kind, refusal) else { continue };
                    assert_eq!(error.code(), *code);
                    let message = error.message();
                    let is_about_kinds = *code == Code::UnauthorizedClient;
                    assert!(is_about_kinds || !message.contains("custom connection"), "{message}");
                }
            }
        }
    }
}
