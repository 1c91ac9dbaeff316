//! Rotation of refresh tokens: single use, the grace of the previous one in both readings, the end after 60 days.

use serde_json::json;

use super::helpers::{body, now};
use super::users::{ask, call, claims, client_id, connections, login, open_for_users, refresh, text};
use xero_m2m::simulator::fault::{FaultRule, Transport};
use xero_m2m::simulator::{App, Grace, Reply, Simulator};
use xero_m2m::time::Timestamp;

const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;
const SCOPES: &str = "offline_access accounting.settings";

/// A local Xero and the first refresh token of a login of the PKCE app.
fn opened(grace: Grace) -> (Simulator, String) {
    let mut simulator = open_for_users(grace);
    let token = text(&login(&mut simulator, App::Pkce, SCOPES, now()), "refresh_token");
    (simulator, token)
}

fn after(ms: u64) -> Timestamp {
    now().plus(ms)
}

#[test]
fn each_use_gives_a_new_pair_of_the_same_login() {
    for app in [App::Web, App::Pkce] {
        let mut simulator = open_for_users(Grace::Strict);
        let first = login(&mut simulator, app, SCOPES, now());
        let form = format!("grant_type=refresh_token&refresh_token={}", text(&first, "refresh_token"));
        let second = body(&ask(&mut simulator, app, &form, after(MINUTE)));
        assert_eq!(second["scope"], first["scope"]);
        assert_eq!(second.as_object().unwrap().len(), 5);
        for name in ["access_token", "refresh_token"] {
            assert_ne!(second[name], first[name], "{name}");
        }
        let (old, new) = (claims(&text(&first, "access_token")), claims(&text(&second, "access_token")));
        for name in ["sub", "xero_userid", "authentication_event_id", "auth_time", "global_session_id"] {
            assert_eq!(old[name], new[name], "{name}");
        }
        // Both access tokens are good until they end.
        for (token, ms, status) in
            [("a", 30 * MINUTE - 1, 200), ("a", 30 * MINUTE, 401), ("b", 31 * MINUTE - 1, 200), ("b", 31 * MINUTE, 401)]
        {
            let answer = if token == "a" { &first } else { &second };
            let response = call(&mut simulator, &text(answer, "access_token"), "", "GET", "/connections", after(ms));
            assert_eq!(response.status, status, "{token} {ms}");
        }
    }
}

#[test]
fn a_used_token_is_accepted_for_half_an_hour_by_both_readings() {
    for grace in [Grace::Lenient, Grace::Strict] {
        for (late, expected) in [(1, true), (30 * MINUTE - 1, true), (30 * MINUTE, false)] {
            let (mut simulator, first) = opened(grace);
            let lost = refresh(&mut simulator, App::Pkce, &first, after(DAY)).unwrap();
            let again = refresh(&mut simulator, App::Pkce, &first, after(DAY + late));
            assert_eq!(again.is_ok(), expected, "{grace:?} {late}");
            assert_ne!(again.ok().as_ref(), Some(&lost));
        }
        // As many times as needed, counted from the first use.
        let (mut simulator, first) = opened(grace);
        for minute in 0..30 {
            refresh(&mut simulator, App::Pkce, &first, after(minute * MINUTE)).unwrap();
        }
        assert_eq!(refresh(&mut simulator, App::Pkce, &first, after(30 * MINUTE)), Err("invalid_grant".to_owned()));
    }
}

#[test]
fn the_use_of_a_successor_ends_the_half_hour_by_both_readings() {
    for grace in [Grace::Lenient, Grace::Strict] {
        let (mut simulator, first) = opened(grace);
        let second = refresh(&mut simulator, App::Pkce, &first, now()).unwrap();
        assert!(refresh(&mut simulator, App::Pkce, &first, now()).is_ok(), "{grace:?}");
        let second =
            if grace == Grace::Strict { refresh(&mut simulator, App::Pkce, &first, now()).unwrap() } else { second };
        refresh(&mut simulator, App::Pkce, &second, now()).unwrap();
        assert!(refresh(&mut simulator, App::Pkce, &first, now()).is_err(), "{grace:?}");
        assert!(refresh(&mut simulator, App::Pkce, &second, now()).is_ok(), "{grace:?}: in its own half an hour");
    }
}

#[test]
fn the_readings_differ_in_the_successors_that_are_accepted() {
    for (grace, expected) in [(Grace::Lenient, true), (Grace::Strict, false)] {
        // Of two successors, the earlier one.
        let (mut simulator, first) = opened(grace);
        let lost = refresh(&mut simulator, App::Pkce, &first, now()).unwrap();
        let heard = refresh(&mut simulator, App::Pkce, &first, now()).unwrap();
        assert_eq!(refresh(&mut simulator, App::Pkce, &lost, now()).is_ok(), expected, "{grace:?}");
        assert!(refresh(&mut simulator, App::Pkce, &heard, now()).is_ok(), "{grace:?}");
        assert_eq!(refresh(&mut simulator, App::Pkce, &lost, now()).is_ok(), expected, "{grace:?}");

        // A request that comes late ends a successor that was not used yet.
        let (mut simulator, first) = opened(grace);
        let saved = refresh(&mut simulator, App::Pkce, &first, now()).unwrap();
        let _late = refresh(&mut simulator, App::Pkce, &first, after(90_000)).unwrap();
        assert_eq!(refresh(&mut simulator, App::Pkce, &saved, after(100_000)).is_ok(), expected, "{grace:?}");
        assert_eq!(refresh(&mut simulator, App::Pkce, &first, after(110_000)).is_ok(), !expected, "{grace:?}");
    }
}

#[test]
fn a_token_that_is_not_used_for_60_days_ends() {
    for (days, expected) in [(59, true), (60, false)] {
        let (mut simulator, first) = opened(Grace::Lenient);
        let second = refresh(&mut simulator, App::Pkce, &first, after(50 * DAY)).unwrap();
        let used = refresh(&mut simulator, App::Pkce, &second, after((50 + days) * DAY));
        assert_eq!(used.is_ok(), expected, "{days}");
    }
}

#[test]
fn what_is_not_accepted_is_an_invalid_grant() {
    let (mut simulator, first) = opened(Grace::Lenient);
    let answer = |simulator: &mut Simulator, app: App, form: &str| {
        let response = ask(simulator, app, form, now());
        (response.status, body(&response))
    };
    let own = format!("grant_type=refresh_token&refresh_token={first}");
    let refused = (400, json!({ "error": "invalid_grant" }));
    assert_eq!(answer(&mut simulator, App::Pkce, "grant_type=refresh_token&refresh_token=x"), refused);
    assert_eq!(answer(&mut simulator, App::Pkce, "grant_type=refresh_token&refresh_token="), refused);
    assert_eq!(answer(&mut simulator, App::Web, &own), refused, "a token of another app");
    let nothing = (400, json!({ "error": "invalid_request" }));
    assert_eq!(answer(&mut simulator, App::Pkce, "grant_type=refresh_token"), nothing);
    // A refusal has not used the token.
    assert!(refresh(&mut simulator, App::Pkce, &first, after(59 * DAY)).is_ok());
}

#[test]
fn a_rotation_whose_answer_is_lost_has_happened() {
    for (rule, status) in [
        ("rotate then silent first=1", None),
        ("rotate then 500 first=1", Some(500)),
        ("rotate then reset first=1", None),
    ] {
        let (mut simulator, first) = opened(Grace::Strict);
        let second = refresh(&mut simulator, App::Pkce, &first, now()).unwrap();
        simulator.add_fault(FaultRule::parse(rule).unwrap());
        let form =
            format!("grant_type=refresh_token&refresh_token={second}&client_id={}", client_id(&simulator, App::Pkce));
        match simulator.handle(&super::helpers::token_request(None, &form), now()) {
            Reply::Respond(response) => assert_eq!(Some(response.status), status, "{rule}"),
            Reply::Spoil { .. } => assert_eq!(status, None, "{rule}"),
            Reply::Sign { .. } => panic!("{rule}: the answer arrives"),
        }
        // The predecessor shows it, by the strict reading: its successor was used.
        assert!(refresh(&mut simulator, App::Pkce, &first, now()).is_err(), "{rule}");
        assert!(refresh(&mut simulator, App::Pkce, &second, after(29 * MINUTE)).is_ok(), "{rule}");
    }
}

/// Sends a refresh token when a rule keeps the answer away.
fn unheard(simulator: &mut Simulator, token: &str, at: Timestamp) {
    let form = format!("grant_type=refresh_token&refresh_token={token}&client_id={}", client_id(simulator, App::Pkce));
    let reply = simulator.handle(&super::helpers::token_request(None, &form), at);
    assert!(matches!(reply, Reply::Spoil { transport: Transport::Silent, .. }), "{reply:?}");
}

#[test]
fn a_late_request_is_carried_out_when_it_arrives() {
    let (mut simulator, first) = opened(Grace::Strict);
    simulator.add_fault(FaultRule::parse("rotate late=90s first=1").unwrap());
    unheard(&mut simulator, &first, now());
    assert_eq!((simulator.counts().token_requests, simulator.counts().faults), (1, 1));
    let saved = refresh(&mut simulator, App::Pkce, &first, after(10_000)).unwrap();
    assert!(connections_after(&mut simulator, 89_999), "anything before changes nothing");
    assert_eq!(simulator.counts().token_requests, 2);
    // It arrives after 90 s and gives a successor that is not heard, which by the strict reading ends the saved one.
    assert!(connections_after(&mut simulator, 90_000));
    assert_eq!(simulator.counts().token_requests, 3);
    assert_eq!(refresh(&mut simulator, App::Pkce, &saved, after(90_001)), Err("invalid_grant".to_owned()));
    assert!(refresh(&mut simulator, App::Pkce, &first, after(90_002)).is_ok(), "its half an hour began at 10 s");

    // Once the saved one was used, a late request is refused and ends nothing.
    let (mut simulator, first) = opened(Grace::Strict);
    simulator.add_fault(FaultRule::parse("rotate late=90s first=1").unwrap());
    unheard(&mut simulator, &first, now());
    let saved = refresh(&mut simulator, App::Pkce, &first, after(10_000)).unwrap();
    let next = refresh(&mut simulator, App::Pkce, &saved, after(20_000)).unwrap();
    assert!(refresh(&mut simulator, App::Pkce, &next, after(100_000)).is_ok());
}

/// Any request, which lets the local Xero see the time.
fn connections_after(simulator: &mut Simulator, ms: u64) -> bool {
    call(simulator, "unknown", "", "GET", "/connections", after(ms)).status == 401
}

#[test]
fn a_rule_for_rotation_leaves_other_token_requests_alone() {
    let mut simulator = open_for_users(Grace::Lenient);
    simulator.add_fault(FaultRule::parse("rotate 503").unwrap());
    let answer = login(&mut simulator, App::Pkce, SCOPES, now());
    let form = format!("grant_type=refresh_token&refresh_token={}", text(&answer, "refresh_token"));
    assert_eq!(ask(&mut simulator, App::Pkce, &form, now()).status, 503);
    assert_eq!(connections(&mut simulator, &text(&answer, "access_token"), "", now()).len(), 3);
}

#[test]
fn a_new_login_leaves_the_tokens_of_the_first() {
    let (mut simulator, first) = opened(Grace::Strict);
    let second = login(&mut simulator, App::Pkce, SCOPES, after(MINUTE));
    assert!(refresh(&mut simulator, App::Pkce, &first, after(2 * MINUTE)).is_ok());
    assert!(refresh(&mut simulator, App::Pkce, &text(&second, "refresh_token"), after(2 * MINUTE)).is_ok());
    assert_eq!(connections(&mut simulator, &text(&second, "access_token"), "", after(MINUTE)).len(), 3);
}
