//! The facts that a log shows about a request: the operation, the scopes that open it, the reason of a refusal.

use super::helpers::{ID, NOW, SECRET, basic, call, now, open, request, send, token, token_request};
use xero_m2m::simulator::fault::FaultRule;
use xero_m2m::simulator::{HttpRequest, LogReason, Simulator};
use xero_m2m::time::Timestamp;

fn explained(simulator: &mut Simulator, request: &HttpRequest) -> LogReason {
    let response = send(simulator, request, now());
    simulator.explain(request, &response)
}

#[test]
fn a_call_names_its_operation_and_the_scopes_that_open_it() {
    let mut simulator = open("accounting.invoices accounting.settings");
    let bearer = format!("Bearer {}", token(&mut simulator, None, now()));
    let call = |target: &str| request("GET", target, &[("Authorization", &bearer)], "");
    let invoices = explained(&mut simulator, &call("/api.xro/2.0/Invoices?page=1&where=Status%3D%3D%22secret%22"));
    assert_eq!(invoices.operation.as_deref(), Some("accounting.getInvoices"));
    assert_eq!(invoices.scopes, ["accounting.invoices"]);
    let organisation = explained(&mut simulator, &call("/api.xro/2.0/Organisation"));
    assert_eq!(
        organisation,
        LogReason {
            operation: Some("accounting.getOrganisations".to_owned()),
            scopes: vec!["accounting.settings"],
            refused: None
        }
    );
}

/// Method, target, headers, body, and the beginning of the reason.
type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a str, &'a str);

#[test]
fn a_refusal_has_its_reason_and_no_value_of_the_request() {
    let mut simulator = open("accounting.invoices accounting.contacts");
    let good = format!("Bearer {}", token(&mut simulator, None, now()));
    let path = "/api.xro/2.0/Invoices";
    let elsewhere = "00000000-0000-4000-8000-000000000000";
    let cases: [Case<'_>; 12] = [
        ("GET", path, &[], "", "there is no bearer token"),
        ("GET", path, &[("Authorization", "Bearer secret")], "", "the token is not one of this local Xero"),
        (
            "GET",
            "/api.xro/2.0/Organisation",
            &[("Authorization", &good)],
            "",
            "the token has none of the scopes that open it: accounting.settings",
        ),
        ("GET", path, &[("Authorization", &good), ("xero-tenant-id", elsewhere)], "", "xero-tenant-id is missing, or"),
        ("GET", "/api.xro/2.0/Secrets", &[("Authorization", &good)], "", "no operation of Xero has this path"),
        ("PATCH", path, &[("Authorization", &good)], "", "no operation of Xero has this path and this method"),
        ("GET", "/api.xro/2.0/Invoices/secret", &[("Authorization", &good)], "", "there is no such record"),
        ("GET", "/api.xro/2.0/Invoices?where=secret(", &[("Authorization", &good)], "", "QueryParseException"),
        ("POST", path, &[("Authorization", &good)], r#"{"Invoices":[{"Type":"secret"}]}"#, "ValidationException"),
        ("POST", "/connect/token", &[], "grant_type=secret", "invalid_request"),
        ("POST", "/connect/token", &[("Authorization", "Basic c2VjcmV0OnNlY3JldA==")], "", "invalid_request"),
        ("GET", "/connect/secret", &[], "", "there is no bearer token"),
    ];
    for (method, target, headers, body, reason) in cases {
        let explanation = explained(&mut simulator, &request(method, target, headers, body));
        let refused = explanation.refused.unwrap_or_default();
        assert!(refused.starts_with(reason), "{method} {target}: {refused}");
        assert!(!refused.contains("secret"), "{method} {target}: {refused}");
    }
    let asked = token_request(Some(&basic(ID, SECRET)), "grant_type=client_credentials&scope=secret");
    assert_eq!(explained(&mut simulator, &asked).refused.as_deref(), Some("invalid_scope"));
}

#[test]
fn states_limits_faults_and_time_are_named() {
    let mut simulator = open("accounting.invoices");
    let text = token(&mut simulator, None, now());
    let bearer = format!("Bearer {text}");
    let asked = request("GET", "/api.xro/2.0/Invoices", &[("Authorization", &bearer)], "");
    simulator.reset();
    assert_eq!(explained(&mut simulator, &asked).refused.as_deref(), Some("the state of the connection is reset"));
    simulator.authorise();
    let rule = simulator.add_fault(FaultRule::parse("api 404 first=1").unwrap());
    assert_eq!(explained(&mut simulator, &asked).refused.as_deref(), Some("a fault rule"));
    simulator.remove_fault(rule);
    assert_eq!(explained(&mut simulator, &asked).refused, None);
    let late = Timestamp::from_ms(NOW + 31 * 60_000);
    let response = send(&mut simulator, &asked, late);
    assert_eq!(simulator.explain(&asked, &response).refused.as_deref(), Some("the token has expired"));
}

#[test]
fn the_front_page_says_what_this_is_as_html_or_as_text() {
    let mut simulator = open("accounting.invoices");
    let ask = |simulator: &mut Simulator, accept: &str| {
        let response = send(simulator, &request("GET", "/", &[("Accept", accept)], ""), now());
        assert_eq!(response.status, 200);
        String::from_utf8(response.body).unwrap()
    };
    let page = ask(&mut simulator, "text/html,*/*");
    assert!(page.starts_with("<!doctype html>") && page.contains("Harbour &amp; Pine") && page.contains("not Xero"));
    for accept in ["*/*", "application/json"] {
        let text = ask(&mut simulator, accept);
        assert!(text.starts_with("A local imitation of Xero") && text.contains("/connect/token"), "{text}");
    }
    assert!(!page.contains(SECRET) && simulator.counts().api_requests == 0);
    let other = call(&mut simulator, "none", "POST", "/", "");
    assert_eq!(other.status, 401);
}
