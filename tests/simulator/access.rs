//! Access to the API: tokens, the tenant header, scopes, and paths.

use std::collections::BTreeMap;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};

use super::helpers::{
    ID, NOW, SECRET, basic, body, call, config, example_path, get, header, held_by_some, now, open, request, send,
    token,
};
use xero_m2m::catalogue::{Mask, OPERATIONS};
use xero_m2m::error::Code;
use xero_m2m::scope::ScopeSet;
use xero_m2m::simulator::{Simulator, SimulatorConfig};
use xero_m2m::time::{Date, Timestamp};

#[test]
fn only_an_issued_token_opens_the_api_and_only_until_it_ends() {
    let mut simulator = open("accounting.settings");
    let good = token(&mut simulator, None, now());
    let forged = format!("{}A", good.strip_suffix(good.chars().last().unwrap()).unwrap());
    let swapped = good.replacen("ey", "ez", 1);
    assert_ne!(forged, good);
    let path = "/api.xro/2.0/Organisation";
    let ask = |simulator: &mut Simulator, authorization: Option<&str>, at: u64| {
        let headers: Vec<_> = authorization.map(|value| ("authorization", value)).into_iter().collect();
        send(simulator, &request("GET", path, &headers, ""), Timestamp::from_ms(at))
    };
    assert_eq!(ask(&mut simulator, Some(&format!("bearer {good}")), NOW).status, 200);
    for (authorization, challenge) in [
        (None, "Bearer"),
        (Some(basic(ID, SECRET)), "Bearer"),
        (Some("Bearer ".to_owned()), "Bearer"),
        (Some(format!("Bearer {good} {good}")), "Bearer"),
        (Some(format!("Bearer {forged}")), "Bearer error=\"invalid_token\""),
        (Some(format!("Bearer {swapped}")), "Bearer error=\"invalid_token\""),
        (Some("Bearer undefined".to_owned()), "Bearer error=\"invalid_token\""),
    ] {
        let response = ask(&mut simulator, authorization.as_deref(), NOW);
        assert_eq!(response.status, 401, "{authorization:?}");
        assert_eq!(header(&response, "www-authenticate"), Some(challenge), "{authorization:?}");
        assert_eq!(header(&response, "content-type"), Some("application/json; charset=utf-8"));
        let instance = header(&response, "xero-correlation-id").unwrap();
        let expected = json!({
            "Type": null, "Title": "Unauthorized", "Status": 401, "Detail": "AuthenticationUnsuccessful",
            "Instance": instance, "Extensions": {}
        });
        assert_eq!(body(&response), expected, "{authorization:?}");
    }
    let bearer = format!("Bearer {good}");
    assert_eq!(ask(&mut simulator, Some(&bearer), NOW + 1_799_999).status, 200);
    let expired = ask(&mut simulator, Some(&bearer), NOW + 1_800_000);
    assert_eq!(expired.status, 401);
    let instance = header(&expired, "xero-correlation-id").unwrap();
    let expected = json!({
        "Type": null, "Title": "Unauthorized", "Status": 401,
        "Detail": "TokenExpired: token expired at 11/18/2026 11:36:40", "Instance": instance, "Extensions": {}
    });
    assert_eq!(body(&expired), expected);
    // A new token works. When the clock goes back, the old one works again.
    let renewed = token(&mut simulator, None, Timestamp::from_ms(NOW + 1_800_000));
    assert_eq!(ask(&mut simulator, Some(&format!("Bearer {renewed}")), NOW + 1_800_000).status, 200);
    assert_eq!(ask(&mut simulator, Some(&bearer), NOW).status, 200);
    assert_eq!(simulator.counts().api_requests, 12);
    assert_eq!(simulator.counts().refusals, 8);
}

#[test]
fn the_tenant_header_may_be_absent_empty_or_right() {
    let mut simulator = open("accounting.settings.read");
    let token = token(&mut simulator, None, now());
    let bearer = format!("Bearer {token}");
    let path = "/api.xro/2.0/Organisation";
    let id = get(&mut simulator, &token, path)["Organisations"][0]["OrganisationID"].as_str().unwrap().to_owned();
    let claims = Base64UrlUnpadded::decode_vec(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["xero_tenant_id"], id.as_str());
    for (tenant, status) in
        [("", 200), (id.as_str(), 200), ("00000000-0000-0000-0000-000000000000", 403), ("undefined", 403)]
    {
        let headers = [("Authorization", bearer.as_str()), ("Xero-Tenant-Id", tenant)];
        let response = send(&mut simulator, &request("GET", path, &headers, ""), now());
        assert_eq!(response.status, status, "{tenant}");
        if status == 403 {
            assert_eq!(body(&response)["Title"], "Forbidden");
            assert_eq!(body(&response)["Detail"], "AuthenticationUnsuccessful");
        }
    }
}

#[test]
fn every_operation_is_refused_without_its_scope_and_let_through_with_it() {
    let everything: Vec<_> = held_by_some("2026-04-28").collect();
    let mut simulator = Simulator::new(SimulatorConfig {
        created_on: Date::new(2026, 4, 28).unwrap(),
        invoices: 3,
        ..config(&everything.join(" "))
    })
    .unwrap();
    let holdable = ScopeSet::from_names(everything.iter().copied()).known();
    let mut tokens: BTreeMap<u128, String> = BTreeMap::new();
    let (mut refused, mut opened, mut never) = (0, 0, 0);
    for operation in OPERATIONS.iter() {
        let needs = operation.needs().any();
        let target = example_path(operation);
        let key = operation.key();
        let mut ask = |mask: Mask| {
            let token = tokens
                .entry(mask.0)
                .or_insert_with(|| token(&mut simulator, Some(&ScopeSet::from(mask).to_string()), now()));
            let body = if operation.is_read() { "" } else { "{}" };
            call(&mut simulator, token, operation.method.as_str(), &target, body)
        };
        let without = holdable.difference(needs);
        if needs.is_empty() {
            assert_ne!(ask(holdable).status, 401, "{key}");
            continue;
        }
        let response = ask(without);
        assert_eq!(response.status, 401, "{key}");
        assert_eq!(header(&response, "www-authenticate"), Some("insufficient_scope"), "{key}");
        assert_eq!(body(&response)["Detail"], "AuthorizationUnsuccessful", "{key}");
        refused += 1;
        if !needs.intersects(holdable) {
            never += 1;
            continue;
        }
        for scope in needs.intersection(holdable).iter() {
            let response = ask(Mask::only(scope));
            let fine = matches!(response.status, 200..300 | 400 | 404 | 415 | 501);
            assert!(fine, "{key} with {}: {}", scope.name(), response.status);
            // A 404 means a missing record here, not a missing path.
            assert!(!response.body.starts_with(b"There is nothing"), "{key}");
        }
        opened += 1;
    }
    assert_eq!(
        (refused, opened, never),
        (482, 478, 4),
        "connections need no scope, the app store one that cannot be held"
    );
    assert!(simulator.counts().token_requests > 100);
}

#[test]
fn journals_and_broad_scopes_depend_on_the_day_of_creation() {
    let on = |day: &str, scopes: &str| {
        Simulator::new(SimulatorConfig { created_on: Date::parse(day).unwrap(), invoices: 0, ..config(scopes) })
    };
    for scope in ["accounting.journals.read", "accounting.transactions", "accounting.reports.read"] {
        assert!(on("2026-04-28", scope).is_ok(), "{scope}");
        let error = on("2026-04-29", scope).unwrap_err();
        assert_eq!(error.code(), Code::InvalidOption);
        assert_eq!(error.scopes(), [scope]);
        assert_eq!(error.rule(), Some(if scope == "accounting.journals.read" { "R7" } else { "R29" }));
        assert!(error.message().contains(scope) && error.message().contains("2026-04-29"), "{error}");
    }
    for scope in ["openid", "offline_access", "app.connections", "practicemanager", "no.such.scope"] {
        assert_eq!(on("2026-04-28", scope).unwrap_err().scopes(), [scope]);
    }
    assert_eq!(on("2026-04-28", "").unwrap_err().rule(), Some("R28"));
    assert!(on("2026-11-01", &held_by_some("2026-11-01").collect::<Vec<_>>().join(" ")).is_ok());

    let mut simulator = open("accounting.settings");
    let token = token(&mut simulator, None, now());
    let response = call(&mut simulator, &token, "GET", "/api.xro/2.0/Journals", "");
    assert_eq!(response.status, 401);
    assert_eq!(body(&response)["Detail"], "AuthorizationUnsuccessful");
}

#[test]
fn unknown_paths_and_methods_have_their_own_refusals() {
    let mut simulator = open("accounting.invoices accounting.settings");
    let token = token(&mut simulator, None, now());
    let mut status = |method: &str, target: &str, body: &str| call(&mut simulator, &token, method, target, body).status;
    assert_eq!(status("GET", "/api.xro/2.0/Invoices", ""), 200);
    assert_eq!(status("GET", "/API.XRO/2.0/invoices", ""), 200);
    assert_eq!(status("GET", "https://api.xero.com/api.xro/2.0/Invoices?page=1", ""), 200);
    assert_eq!(status("GET", "/api.xro/2.0/Nothing", ""), 404);
    assert_eq!(status("GET", "/api.xro/2.0/Invoices/", ""), 200);
    assert_eq!(status("GET", "/api.xro/3.0/Invoices", ""), 404);
    assert_eq!(status("GET", "/x", ""), 404);
    assert_eq!(status("POST", "/", ""), 404);
    assert_eq!(status("PATCH", "/api.xro/2.0/Invoices", ""), 501);
    assert_eq!(status("OPTIONS", "/api.xro/2.0/Invoices", ""), 501);
    assert_eq!(status("GET", "/api.xro/2.0/Invoices", r#"{"Invoices":[]}"#), 400);
    // As the SDK for Node.js sends it.
    assert_eq!(status("GET", "/api.xro/2.0/Invoices", "{}"), 200);
    assert_eq!(status("GET", "/api.xro/2.0/Invoices/INV-9999", ""), 404);
}
