//! Idempotency keys.

use super::helpers::{INVOICE, NOW, body, config, now, open, request, send, token};
use xero_m2m::simulator::fault::FaultRule;
use xero_m2m::simulator::{HttpResponse, Limits, Simulator, SimulatorConfig};
use xero_m2m::time::Timestamp;

fn keyed(simulator: &mut Simulator, token: &str, key: &str, body: &str, at: u64) -> HttpResponse {
    let bearer = format!("Bearer {token}");
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Accept", "application/json"),
        ("Content-Type", "application/json"),
        ("Idempotency-Key", key),
    ];
    send(simulator, &request("POST", "/api.xro/2.0/Invoices", &headers, body), Timestamp::from_ms(at))
}

#[test]
fn a_key_is_good_for_one_request_and_six_minutes() {
    let mut simulator =
        Simulator::new(SimulatorConfig { token_lifetime_s: 86_400, ..config("accounting.invoices") }).unwrap();
    let token = token(&mut simulator, None, now());
    let id = |response: &HttpResponse| body(response)["Invoices"][0]["InvoiceID"].clone();
    let first = keyed(&mut simulator, &token, "a", INVOICE, NOW);
    assert_eq!(first.status, 200, "{}", String::from_utf8_lossy(&first.body));
    for at in [NOW, NOW + 359_999] {
        assert_eq!(id(&keyed(&mut simulator, &token, "a", INVOICE, at)), id(&first));
    }
    let other = keyed(&mut simulator, &token, "a", "{}", NOW + 1);
    assert_eq!(other.status, 400);
    assert!(String::from_utf8_lossy(&other.body).contains("is used with a different request"));
    assert_ne!(id(&keyed(&mut simulator, &token, "b", INVOICE, NOW)), id(&first));
    // From its first use, not its last.
    assert_ne!(id(&keyed(&mut simulator, &token, "a", INVOICE, NOW + 360_000)), id(&first));
    assert_eq!(keyed(&mut simulator, &token, &"k".repeat(129), INVOICE, NOW).status, 400);
}

#[test]
fn an_internal_error_is_kept_under_its_key() {
    let mut simulator = open("accounting.invoices");
    let token = token(&mut simulator, None, now());
    let rule = simulator.add_fault(FaultRule::parse("api 500 first=1").unwrap());
    assert_eq!(keyed(&mut simulator, &token, "a", INVOICE, NOW).status, 500);
    assert_eq!(keyed(&mut simulator, &token, "a", INVOICE, NOW + 1_000).status, 500);
    assert_eq!(keyed(&mut simulator, &token, "b", INVOICE, NOW + 1_000).status, 200);
    assert_eq!(keyed(&mut simulator, &token, "a", INVOICE, NOW + 360_000).status, 200);
    simulator.remove_fault(rule);
    assert_eq!((simulator.counts().faults, simulator.counts().refusals), (1, 2));
}

#[test]
fn replays_count_against_the_limits() {
    let limits = Some(Limits { minute: 2, ..Limits::default() });
    let mut simulator = Simulator::new(SimulatorConfig { limits, ..config("accounting.invoices") }).unwrap();
    let token = token(&mut simulator, None, now());
    let statuses = [(); 3].map(|()| keyed(&mut simulator, &token, "a", INVOICE, NOW).status);
    assert_eq!(statuses, [200, 200, 429]);
}
