//! The options: the seed, the defaults.

use std::collections::BTreeSet;

use serde_json::json;

use super::helpers::{call, config, header, now, send, token, token_request};
use xero_m2m::catalogue::Method;
use xero_m2m::error::Code;
use xero_m2m::simulator::{HttpResponse, Simulator, SimulatorConfig};

#[test]
fn the_same_seed_and_the_same_requests_give_the_same_bytes() {
    let run = |seed: u64| {
        let mut simulator =
            Simulator::new(SimulatorConfig { seed, ..config("accounting.invoices accounting.settings") }).unwrap();
        let token = token(&mut simulator, None, now());
        let body = json!({ "Type": "ACCPAY", "Contact": { "Name": "X" } }).to_string();
        let calls = [
            ("GET", "/api.xro/2.0/Organisation", ""),
            ("GET", "/api.xro/2.0/Invoices?page=2", ""),
            ("POST", "/api.xro/2.0/Invoices", body.as_str()),
            ("GET", "/api.xro/2.0/Accounts", ""),
            ("GET", "/files.xro/1.0/Files", ""),
        ];
        let mut answers: Vec<HttpResponse> =
            calls.iter().map(|(method, target, body)| call(&mut simulator, &token, method, target, body)).collect();
        let refused = token_request(None, "grant_type=client_credentials");
        answers.push(send(&mut simulator, &refused, now()));
        (token, answers)
    };
    let first = run(11);
    assert_eq!(first, run(11));
    let other = run(12);
    assert_ne!(first.0, other.0);
    assert_ne!(first.1[0], other.1[0]);
    let ids: BTreeSet<_> = first.1.iter().filter_map(|response| header(response, "xero-correlation-id")).collect();
    assert_eq!(ids.len(), 5, "every API answer has its own correlation id, token answers have none");
}

#[test]
fn the_default_connection_is_one_that_can_exist() {
    let config = SimulatorConfig::new(1, now().date());
    assert_eq!(config.client_id.len(), 32);
    assert_eq!(config.scopes.len(), 40);
    assert!(Method::parse("get").is_some());
    let shown = format!("{config:?} {:?}", Simulator::new(config.clone()).unwrap());
    assert!(!shown.contains(config.client_secret.reveal()));
}

#[test]
fn options_that_are_too_large_are_refused_with_their_values() {
    let error = |config: SimulatorConfig| Simulator::new(config).expect_err("too much");
    let many = error(SimulatorConfig { invoices: 1_000_000_000, ..config("files") });
    assert_eq!(many.code(), Code::InvalidOption);
    assert!(many.message().contains("invoices") && many.message().contains("1000000000"), "{many}");
    for token_lifetime_s in [0, u64::MAX] {
        let long = error(SimulatorConfig { token_lifetime_s, ..config("files") });
        assert_eq!(long.code(), Code::InvalidOption);
        assert!(long.message().contains(&token_lifetime_s.to_string()), "{long}");
    }
}
