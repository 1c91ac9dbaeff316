//! States of the connection: authorised, edited, reset.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::Value;

use super::helpers::{INVOICE, call, config, get, now, open, token};
use xero_m2m::error::Code;
use xero_m2m::scope::ScopeSet;
use xero_m2m::simulator::{ConnectionState, Simulator, SimulatorConfig};
use xero_m2m::time::Date;

#[test]
fn a_connection_works_only_while_it_is_authorised() {
    let mut simulator =
        Simulator::new(SimulatorConfig { state: ConnectionState::Unauthorised, ..config("accounting.contacts.read") })
            .unwrap();
    let claim = |token: &str| {
        let claims = Base64UrlUnpadded::decode_vec(token.split('.').nth(1).unwrap()).unwrap();
        serde_json::from_slice::<Value>(&claims).unwrap()["xero_tenant_id"].is_string()
    };
    let status = |simulator: &mut Simulator, token: &str| {
        let response = call(simulator, token, "GET", "/api.xro/2.0/Contacts", "");
        (response.status, String::from_utf8(response.body).unwrap().contains("AuthenticationUnsuccessful"))
    };
    let early = token(&mut simulator, None, now());
    assert!(!claim(&early), "an unauthorised connection has no organisation yet");
    assert_eq!(status(&mut simulator, &early), (403, false));
    simulator.authorise();
    let later = token(&mut simulator, None, now());
    assert!(claim(&later));
    assert_eq!(status(&mut simulator, &later).0, 200);

    simulator.edit(ScopeSet::from_scope_param("accounting.contacts.read files")).unwrap();
    assert_eq!((simulator.state(), status(&mut simulator, &later)), (ConnectionState::Deactivated, (403, false)));
    let after = token(&mut simulator, None, now());
    assert_eq!(status(&mut simulator, &after), (403, false));
    simulator.authorise();
    assert_eq!((status(&mut simulator, &later).0, status(&mut simulator, &after).0), (200, 200));
    // The token keeps the scopes it was issued with.
    assert_eq!(call(&mut simulator, &later, "GET", "/files.xro/1.0/Files", "").status, 401);
    assert_eq!(call(&mut simulator, &after, "GET", "/files.xro/1.0/Files", "").status, 200);

    simulator.reset();
    assert_eq!((simulator.state(), status(&mut simulator, &after)), (ConnectionState::Reset, (403, true)));
    simulator.authorise();
    assert_eq!(status(&mut simulator, &after).0, 200);
}

#[test]
fn a_broad_scope_that_was_removed_never_comes_back() {
    let before = Date::new(2026, 4, 28).unwrap();
    let broad = "accounting.transactions accounting.settings";
    let mut simulator = Simulator::new(SimulatorConfig { created_on: before, ..config(broad) }).unwrap();
    simulator.edit(ScopeSet::from_scope_param("accounting.transactions")).unwrap();
    simulator.edit(ScopeSet::from_scope_param("accounting.invoices")).unwrap();
    simulator.authorise();
    let error = simulator.edit(ScopeSet::from_scope_param(broad)).unwrap_err();
    assert_eq!((error.code(), error.rule()), (Code::InvalidOption, Some("R11")));
    assert_eq!(error.scopes(), ["accounting.transactions"]);
    assert_eq!(simulator.state(), ConnectionState::Active, "what is refused changes nothing");
    assert!(simulator.edit(ScopeSet::from_scope_param("no.such.scope")).is_err());
}

#[test]
fn a_reset_restores_the_books() {
    let mut simulator = open("accounting.invoices");
    let token = token(&mut simulator, None, now());
    let count = |simulator: &mut Simulator| {
        get(simulator, &token, "/api.xro/2.0/Invoices?page=1")["pagination"]["itemCount"].clone()
    };
    let before = count(&mut simulator);
    assert_eq!(call(&mut simulator, &token, "POST", "/api.xro/2.0/Invoices", INVOICE).status, 200);
    assert_ne!(count(&mut simulator), before);
    simulator.reset();
    simulator.authorise();
    assert_eq!(count(&mut simulator), before);
}
