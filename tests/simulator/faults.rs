//! Faults by rule.

use super::helpers::{ID, INVOICE, SECRET, basic, call, get, header, now, open, request, send, token, token_request};
use xero_m2m::simulator::fault::{FaultRule, Transport};
use xero_m2m::simulator::{Reply, Simulator};

#[test]
fn a_fault_comes_before_or_after_the_request_is_performed() {
    let mut simulator = open("accounting.invoices");
    let token = token(&mut simulator, None, now());
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    let post = request("POST", "/api.xro/2.0/Invoices", &headers, INVOICE);
    let count = |simulator: &mut Simulator| {
        get(simulator, &token, "/api.xro/2.0/Invoices?page=1")["pagination"]["itemCount"].as_u64().unwrap()
    };
    let before = count(&mut simulator);
    for (rule, performed) in
        [("api POST reset-body", 0), ("api POST reset performed", 1), ("api POST 502 performed", 2)]
    {
        let number = simulator.add_fault(FaultRule::parse(rule).unwrap());
        match simulator.handle(&post, now()) {
            Reply::Spoil { transport, response } => {
                let expected = if performed == 0 { Transport::ResetBody } else { Transport::Reset };
                assert_eq!((transport, response.status), (expected, 200));
            }
            Reply::Respond(response) => assert_eq!((response.status, performed), (502, 2)),
            Reply::Sign { .. } => panic!("no token was asked for"),
        }
        simulator.remove_fault(number);
        assert_eq!(count(&mut simulator), before + performed, "{rule}");
    }
    // A token whose answer was lost is not issued, and the next one is granted.
    simulator.add_fault(FaultRule::parse("identity reset first=1 performed").unwrap());
    let ask = token_request(Some(&basic(ID, SECRET)), "grant_type=client_credentials");
    assert!(matches!(simulator.handle(&ask, now()), Reply::Spoil { .. }));
    assert_eq!(send(&mut simulator, &ask, now()).status, 200);
}

#[test]
fn answers_by_rule_have_the_formats_of_xero() {
    let mut simulator = open("accounting.invoices");
    for (shape, media, word) in [
        ("accounting", "application/json", "ValidationErrors"),
        ("payroll", "application/json", "invalidFields"),
        ("model", "application/json", "modelState"),
        ("problem", "application/problem+json", "invalid-request"),
        ("text", "text/plain", "rule"),
        ("html", "text/html", "<h1>"),
    ] {
        let number =
            simulator.add_fault(FaultRule::parse(&format!("api 400 body={shape} retry-after=7 problem=day")).unwrap());
        let response = call(&mut simulator, "any", "GET", "/api.xro/2.0/Invoices", "");
        simulator.remove_fault(number);
        assert_eq!(response.status, 400);
        assert!(header(&response, "Content-Type").unwrap().starts_with(media), "{shape}");
        assert!(String::from_utf8(response.body.clone()).unwrap().contains(word), "{shape}");
        assert_eq!(
            (header(&response, "Retry-After"), header(&response, "X-Rate-Limit-Problem")),
            (Some("7"), Some("day"))
        );
    }
    simulator.add_fault(FaultRule::parse("any 503 body=empty").unwrap());
    assert_eq!(call(&mut simulator, "any", "GET", "/api.xro/2.0/Invoices", "").body, b"");
}
