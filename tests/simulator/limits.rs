//! Rate limits.

use std::collections::BTreeSet;

use super::helpers::{NOW, config, header, now, open, request, send, token};
use xero_m2m::simulator::{HttpResponse, Limits, Simulator, SimulatorConfig};
use xero_m2m::time::Timestamp;

fn limited(seed: u64, limits: Limits) -> (Simulator, String) {
    let config = SimulatorConfig { limits: Some(limits), ..config("accounting.settings accounting.contacts.read") };
    let mut simulator = Simulator::new(SimulatorConfig { seed, token_lifetime_s: 1_000_000, ..config }).unwrap();
    let token = token(&mut simulator, None, now());
    (simulator, token)
}

fn read_at(simulator: &mut Simulator, token: &str, target: &str, at: u64) -> HttpResponse {
    let bearer = format!("Bearer {token}");
    send(simulator, &request("GET", target, &[("Authorization", &bearer)], ""), Timestamp::from_ms(at))
}

/// The counts of minute, day and app's minute, as the headers show them.
fn remaining(response: &HttpResponse) -> [Option<&str>; 3] {
    ["X-MinLimit-Remaining", "X-DayLimit-Remaining", "X-AppMinLimit-Remaining"].map(|name| header(response, name))
}

#[test]
fn minutes_begin_at_an_instant_from_the_seed() {
    let mut beginnings = BTreeSet::new();
    for seed in 0..20 {
        let limits = Limits { minute: 3, ..Limits::default() };
        let (mut simulator, token) = limited(seed, limits);
        let statuses: Vec<u16> =
            (0..5).map(|_| read_at(&mut simulator, &token, "/api.xro/2.0/Organisation", NOW).status).collect();
        assert_eq!(statuses, [200, 200, 200, 429, 429]);
        let refused = read_at(&mut simulator, &token, "/api.xro/2.0/Organisation", NOW);
        assert_eq!(header(&refused, "X-Rate-Limit-Problem"), Some("minute"));
        assert_eq!(remaining(&refused), [Some("0"), Some("4997"), Some("9994")]);
        let seconds: u64 = header(&refused, "Retry-After").unwrap().parse().unwrap();
        assert!((1..=60).contains(&seconds), "{seconds}");
        // Refused until a second before, and allowed again a minute later.
        assert_eq!(
            read_at(&mut simulator, &token, "/api.xro/2.0/Organisation", NOW + (seconds - 1) * 1_000).status,
            429
        );
        for minute in 0..2 {
            let at = NOW + seconds * 1_000 + minute * 60_000;
            let statuses: Vec<u16> =
                (0..4).map(|_| read_at(&mut simulator, &token, "/api.xro/2.0/Organisation", at).status).collect();
            assert_eq!(statuses, [200, 200, 200, 429], "seed {seed}, minute {minute}");
        }
        beginnings.insert(seconds);
    }
    assert!(beginnings.len() > 5, "{beginnings:?}");
}

#[test]
fn the_day_the_app_and_calls_at_once_have_their_limits() {
    let (mut simulator, token) = limited(1, Limits { day: 1, ..Limits::default() });
    assert_eq!(read_at(&mut simulator, &token, "/api.xro/2.0/Organisation", NOW).status, 200);
    let refused = read_at(&mut simulator, &token, "/api.xro/2.0/Organisation", NOW);
    assert_eq!((refused.status, header(&refused, "X-Rate-Limit-Problem")), (429, Some("day")));
    assert!(header(&refused, "Retry-After").unwrap().parse::<u64>().unwrap() <= 86_400);
    // A refused call is not counted in the minute.
    assert_eq!(remaining(&refused), [Some("59"), Some("0"), Some("9998")]);
    assert_eq!(read_at(&mut simulator, &token, "/api.xro/2.0/Organisation", NOW + 86_400_000).status, 200);

    let (mut simulator, token) = limited(1, Limits { app_minute: 1, ..Limits::default() });
    assert_eq!(read_at(&mut simulator, &token, "/api.xro/2.0/Organisation", NOW).status, 200);
    let refused = read_at(&mut simulator, &token, "/api.xro/2.0/Organisation", NOW);
    assert_eq!((refused.status, header(&refused, "Retry-After")), (429, None));
    assert_eq!(remaining(&refused), [None, None, Some("0")]);

    let (mut simulator, token) = limited(1, Limits::default());
    simulator.set_in_flight(0, 5);
    let refused = read_at(&mut simulator, &token, "/api.xro/2.0/Organisation", NOW);
    assert_eq!((refused.status, header(&refused, "X-Rate-Limit-Problem")), (429, Some("concurrent")));
    assert_eq!((header(&refused, "Retry-After"), remaining(&refused)[0]), (None, Some("60")));
    simulator.set_in_flight(0, 4);
    assert_eq!(read_at(&mut simulator, &token, "/api.xro/2.0/Organisation", NOW).status, 200);
}

#[test]
fn a_call_refused_for_its_scope_is_not_counted_for_the_organisation() {
    let (mut simulator, token) = limited(1, Limits::default());
    let refused = read_at(&mut simulator, &token, "/api.xro/2.0/Invoices", NOW);
    assert_eq!((refused.status, remaining(&refused)), (401, [None, None, Some("9999")]));
    let served = read_at(&mut simulator, &token, "/api.xro/2.0/Contacts", NOW);
    assert_eq!((served.status, remaining(&served)), (200, [Some("59"), Some("4999"), Some("9998")]));
    let unknown = read_at(&mut simulator, "unknown", "/api.xro/2.0/Contacts", NOW);
    assert_eq!((unknown.status, remaining(&unknown)), (401, [None; 3]));
}

#[test]
fn limits_can_be_silent_or_absent() {
    let (mut simulator, token) = limited(1, Limits { minute: 1, headers: false, ..Limits::default() });
    let served = read_at(&mut simulator, &token, "/api.xro/2.0/Contacts", NOW);
    let refused = read_at(&mut simulator, &token, "/api.xro/2.0/Contacts", NOW);
    assert_eq!((served.status, remaining(&served)), (200, [None; 3]));
    assert_eq!((refused.status, remaining(&refused)), (429, [None; 3]));
    assert!(header(&refused, "Retry-After").is_some());

    let mut simulator = open("accounting.contacts.read");
    let token = self::token(&mut simulator, None, now());
    simulator.set_in_flight(0, 100);
    for _ in 0..200 {
        let served = read_at(&mut simulator, &token, "/api.xro/2.0/Contacts", NOW);
        assert_eq!((served.status, remaining(&served)), (200, [Some("59"), Some("4999"), Some("9999")]));
    }
}
