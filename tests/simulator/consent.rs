//! The authorize endpoint and the exchange of its codes.

use serde_json::{Value, json};

use super::helpers::{body, config, form_encoded, header, now, request, send, token_request};
use super::users::{
    CHALLENGE, ORGANISATIONS, REDIRECT, VERIFIER, ask, authorize, claims, client_id, code, connections, consent_to,
    exchange, good_query, login, open_for_users, query, text,
};
use xero_m2m::error::Code;
use xero_m2m::simulator::{App, Consent, Grace, HttpResponse, Simulator, SimulatorConfig};

/// The names of the members, in alphabetical order.
fn members(value: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

fn page(response: &HttpResponse) -> String {
    assert_eq!(header(response, "Content-Type"), Some("text/html; charset=utf-8"));
    assert!(header(response, "Content-Security-Policy").unwrap().starts_with("default-src 'none'"));
    assert_eq!(header(response, "Cache-Control"), Some("no-store"));
    String::from_utf8(response.body.clone()).unwrap()
}

#[test]
fn a_login_gives_tokens_with_the_claims_of_its_user() {
    for app in [App::Web, App::Pkce] {
        let mut simulator = open_for_users(Grace::Lenient);
        let answer = login(&mut simulator, app, "offline_access accounting.settings", now());
        assert_eq!(answer["token_type"], "Bearer");
        assert_eq!(answer["expires_in"], 1_800);
        assert_eq!(answer["scope"], "accounting.settings offline_access");
        assert_eq!(answer.as_object().unwrap().len(), 5, "{answer}");
        let claims = claims(&text(&answer, "access_token"));
        let names = [
            "aud",
            "auth_time",
            "authentication_event_id",
            "client_id",
            "exp",
            "global_session_id",
            "iss",
            "jti",
            "nbf",
            "scope",
            "sub",
            "xero_userid",
        ];
        assert_eq!(members(&claims), names);
        assert_eq!(claims["scope"], json!(["accounting.settings", "offline_access"]));
        assert_eq!(claims["client_id"], client_id(&simulator, app));
        let exp = claims["exp"].as_u64().unwrap();
        assert_eq!(exp - claims["nbf"].as_u64().unwrap(), 1_800);
        let rows = connections(&mut simulator, &text(&answer, "access_token"), "", now());
        assert!(rows.iter().all(|row| row["authEventId"] == claims["authentication_event_id"]), "{rows:?}");
        assert_eq!(rows.len(), 3);
    }
}

#[test]
fn without_offline_access_there_is_no_refresh_token() {
    let mut simulator = open_for_users(Grace::Lenient);
    let answer = login(&mut simulator, App::Web, "accounting.settings", now());
    assert_eq!(answer.get("refresh_token"), None);
    // Scopes add up across consents.
    let answer = login(&mut simulator, App::Web, "offline_access files.read", now());
    assert_eq!(answer["scope"], "accounting.settings files.read offline_access");
    let answer = login(&mut simulator, App::Web, "files", now());
    assert_eq!(answer["scope"], "accounting.settings files files.read offline_access");
    assert_eq!(answer.get("refresh_token"), None, "this consent was not asked for offline_access");
}

#[test]
fn the_scope_openid_gives_an_id_token() {
    let mut simulator = open_for_users(Grace::Lenient);
    let query = good_query(&simulator, App::Pkce, "openid profile offline_access files") + "&nonce=n-0S6";
    let location = header(&authorize(&mut simulator, &query, now()), "Location").unwrap().to_owned();
    let code = location.split(['=', '&']).nth(1).unwrap();
    let answer = body(&exchange(&mut simulator, App::Pkce, code, now()));
    let (access, id) = (claims(&text(&answer, "access_token")), claims(&text(&answer, "id_token")));
    let names = [
        "at_hash",
        "aud",
        "auth_time",
        "exp",
        "family_name",
        "given_name",
        "global_session_id",
        "iat",
        "iss",
        "nbf",
        "nonce",
        "preferred_username",
        "sub",
        "xero_userid",
    ];
    assert_eq!(members(&id), names);
    assert_eq!((&id["aud"], &id["nonce"]), (&json!(client_id(&simulator, App::Pkce)), &json!("n-0S6")));
    assert_eq!(id["exp"].as_u64().unwrap() - id["iat"].as_u64().unwrap(), 300);
    for name in ["sub", "xero_userid", "auth_time", "iss"] {
        assert_eq!(id[name], access[name], "{name}");
    }
    let form = format!("grant_type=refresh_token&refresh_token={}", text(&answer, "refresh_token"));
    let next = body(&ask(&mut simulator, App::Pkce, &form, now()));
    let next = claims(&text(&next, "id_token"));
    assert_eq!((next.get("nonce"), &next["sub"]), (None, &id["sub"]));
    assert_eq!(login(&mut simulator, App::Web, "files", now()).get("id_token"), None);
}

#[test]
fn a_code_is_good_once_for_five_minutes_with_all_that_belongs_to_it() {
    let mut simulator = open_for_users(Grace::Lenient);
    let redirect = form_encoded(REDIRECT);
    let scope = "accounting.settings";
    let ok = |simulator: &mut Simulator, app: App, form: &str, late_ms: u64| {
        let code = code(simulator, app, scope, now());
        let form = form.replace("CODE", &code);
        let response = ask(simulator, app, &form, now().plus(late_ms));
        if response.status == 200 { "ok".to_owned() } else { text(&body(&response), "error") }
    };
    let web = format!("grant_type=authorization_code&code=CODE&redirect_uri={redirect}");
    let pkce = format!("{web}&code_verifier={VERIFIER}");
    let cases = [
        (App::Web, web.clone(), 299_999, "ok"),
        (App::Pkce, pkce.clone(), 299_999, "ok"),
        (App::Web, web.clone(), 300_000, "invalid_grant"),
        (App::Pkce, web.clone(), 0, "invalid_grant"),
        (App::Pkce, pkce.replace("dBj", "dBk"), 0, "invalid_grant"),
        (App::Pkce, format!("{web}&code_verifier={CHALLENGE}"), 0, "invalid_grant"),
        (App::Web, pkce.clone(), 0, "invalid_grant"),
        (App::Web, web.replace("callback", "other"), 0, "invalid_grant"),
        (App::Web, web.replace("CODE", "0"), 0, "invalid_grant"),
        (App::Web, web.replace("&code=CODE", ""), 0, "invalid_request"),
        (App::Web, "grant_type=authorization_code&code=CODE".to_owned(), 0, "invalid_request"),
    ];
    for (app, form, late_ms, expected) in &cases {
        assert_eq!(ok(&mut simulator, *app, form, *late_ms), *expected, "{app:?} {form} {late_ms}");
    }
    let used = code(&mut simulator, App::Web, scope, now());
    assert_eq!(exchange(&mut simulator, App::Web, &used, now()).status, 200);
    let again = exchange(&mut simulator, App::Web, &used, now());
    assert_eq!((again.status, body(&again)), (400, json!({ "error": "invalid_grant" })));
    // A code of one app is nothing to another, and is used up by the attempt.
    let foreign = code(&mut simulator, App::Web, scope, now());
    assert_eq!(exchange(&mut simulator, App::Pkce, &foreign, now()).status, 400);
    assert_eq!(exchange(&mut simulator, App::Web, &foreign, now()).status, 400);
    // A PKCE app has no secret, and a Web app needs its own.
    for (app, authorization) in [(App::Pkce, "&client_secret=x"), (App::Web, "&client_secret=x"), (App::Web, "")] {
        let form = format!("{web}{authorization}&client_id={}", client_id(&simulator, app));
        let refused = send(&mut simulator, &token_request(None, &form), now());
        assert_eq!(body(&refused)["error"], "invalid_client", "{app:?} {authorization}");
    }
}

#[test]
fn a_web_app_may_send_a_challenge_and_then_has_to_prove_it() {
    let mut simulator = open_for_users(Grace::Lenient);
    let redirect = form_encoded(REDIRECT);
    for (verifier, status) in [(format!("&code_verifier={VERIFIER}"), 200), (String::new(), 400)] {
        let challenged = good_query(&simulator, App::Web, "files")
            + &format!("&code_challenge={CHALLENGE}&code_challenge_method=S256");
        let response = authorize(&mut simulator, &challenged, now());
        let location = header(&response, "Location").unwrap().to_owned();
        let code = location.split("code=").nth(1).unwrap().split('&').next().unwrap();
        let form = format!("grant_type=authorization_code&code={code}&redirect_uri={redirect}{verifier}");
        assert_eq!(ask(&mut simulator, App::Web, &form, now()).status, status, "{verifier}");
    }
}

#[test]
fn a_request_with_an_error_ends_on_a_page_and_never_at_the_app() {
    let mut simulator = open_for_users(Grace::Lenient);
    let custom = simulator.config().client_id.clone();
    let web = client_id(&simulator, App::Web);
    let pkce = client_id(&simulator, App::Pkce);
    let hostile = "\"><script>alert(1)</script>";
    let good = [
        ("response_type", "code"),
        ("client_id", web.as_str()),
        ("redirect_uri", REDIRECT),
        ("scope", "files"),
        ("state", hostile),
    ];
    let changed = |name: &str, value: &str| {
        let parameters: Vec<_> =
            good.iter().map(|&(own, usual)| (own, if own == name { value } else { usual })).collect();
        query(&parameters)
    };
    let without = |name: &str| query(&good.iter().filter(|(own, _)| *own != name).copied().collect::<Vec<_>>());
    let with = |more: &str| format!("{}&{more}", query(&good));
    for (query, status) in [
        (changed("response_type", "token"), 400),
        (without("response_type"), 400),
        (changed("client_id", "0"), 400),
        (changed("client_id", hostile), 400),
        (changed("client_id", &custom), 400),
        (changed("client_id", &pkce), 400),
        (changed("redirect_uri", "http://localhost:8765/callback/"), 400),
        (changed("redirect_uri", "http://localhost:8765/callback?a=b"), 400),
        (changed("redirect_uri", "http://127.0.0.1:8765/callback"), 400),
        (changed("redirect_uri", hostile), 400),
        (without("redirect_uri"), 400),
        (without("scope"), 400),
        (changed("scope", "files app.connections"), 500),
        (changed("scope", "marketplace.billing"), 500),
        (changed("scope", "no.such.scope"), 500),
        (changed("scope", hostile), 500),
        (with("scope=files"), 400),
        (with("code_challenge_method=S256"), 400),
        (with(&format!("code_challenge={CHALLENGE}")), 400),
        (with(&format!("code_challenge={CHALLENGE}&code_challenge_method=plain")), 400),
        (with("code_challenge=short&code_challenge_method=S256"), 400),
        (with("x=%zz"), 400),
        (String::new(), 400),
    ] {
        let refused = authorize(&mut simulator, &query, now());
        assert_eq!((refused.status, header(&refused, "Location")), (status, None), "{query}");
        assert!(!page(&refused).contains("<script"), "{query}");
    }
    let scope = page(&authorize(&mut simulator, &changed("scope", "no.such.scope"), now()));
    assert!(scope.contains("unauthorized_client : Invalid scope for client"), "{scope}");
    let put = request("PUT", &format!("/identity/connect/authorize?{}", query(&good)), &[], "");
    assert_eq!(send(&mut simulator, &put, now()).status, 405);
}

#[test]
fn the_page_asks_and_its_form_answers() {
    let mut simulator = open_for_users(Grace::Lenient);
    simulator.set_consent(Consent::Ask).unwrap();
    let query = good_query(&simulator, App::Pkce, "accounting.settings offline_access");
    let target = format!("/identity/connect/authorize?{query}");
    let shown = page(&authorize(&mut simulator, &query, now()));
    assert!(shown.contains("Harbour &amp; Pine") && shown.contains("&lt;Tui&gt; &quot;&amp; Sons&quot;"), "{shown}");
    assert!(!shown.contains("a state") && !shown.contains("8765"), "{shown}");
    assert!(shown.contains("<form method=\"post\">"), "{shown}");
    let ids: Vec<&str> =
        shown.split("name=\"organisation\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(ids.len(), 3);

    let mut post = |form: &str| send(&mut simulator, &request("POST", &target, &[], form), now());
    let refused = post("answer=refuse&user=1");
    let location = format!("{REDIRECT}?error=access_denied&state=a%20state%20%26%20more");
    assert_eq!((refused.status, header(&refused, "Location")), (302, Some(location.as_str())));
    for nothing in ["", "answer=allow", "answer=allow&user=1", "answer=allow&user=3", "answer=%zz", "user=1"] {
        let again = post(nothing);
        assert_eq!((again.status, header(&again, "Location")), (200, None), "{nothing}");
    }
    let allowed = post(&format!("user=2&organisation={}&organisation={}&answer=allow", ids[2], ids[0]));
    let code = header(&allowed, "Location").unwrap().split(['=', '&']).nth(1).unwrap().to_owned();
    let answer = body(&exchange(&mut simulator, App::Pkce, &code, now()));
    let rows = connections(&mut simulator, &text(&answer, "access_token"), "", now());
    let names: Vec<_> = rows.iter().map(|row| row["tenantName"].as_str().unwrap()).collect();
    assert_eq!(names, [ORGANISATIONS[0], ORGANISATIONS[2]]);
}

#[test]
fn a_consent_can_be_given_or_refused_without_the_page() {
    let mut simulator = open_for_users(Grace::Lenient);
    let query = good_query(&simulator, App::Web, "files");
    simulator.set_consent(Consent::Refuse).unwrap();
    let refused = authorize(&mut simulator, &query, now());
    assert!(header(&refused, "Location").unwrap().starts_with(&format!("{REDIRECT}?error=access_denied&state=")));
    consent_to(&mut simulator, 2, &["Kea Outdoor Hire"]);
    let second = text(&login(&mut simulator, App::Web, "files", now()), "access_token");
    consent_to(&mut simulator, 1, &[]);
    let first = text(&login(&mut simulator, App::Web, "files", now()), "access_token");
    assert_ne!(claims(&first)["xero_userid"], claims(&second)["xero_userid"]);
    assert_eq!(connections(&mut simulator, &second, "", now()).len(), 1);
    assert_eq!(connections(&mut simulator, &first, "", now()).len(), 3);
    for consent in [
        Consent::Give { user: 3, organisations: Vec::new() },
        Consent::Give { user: 0, organisations: Vec::new() },
        Consent::Give { user: 1, organisations: vec!["Nobody".to_owned()] },
    ] {
        assert_eq!(simulator.set_consent(consent.clone()).unwrap_err().code(), Code::InvalidOption, "{consent:?}");
    }
    assert_eq!(Consent::parse("maybe").unwrap_err().code(), Code::InvalidOption);
}

#[test]
fn apps_that_cannot_be_are_refused() {
    let refused = |change: &dyn Fn(&mut SimulatorConfig)| {
        let mut config = config("files");
        change(&mut config);
        Simulator::new(config).map(|_| ()).map_err(|error| error.code())
    };
    for uri in ["https://app.example/back?a=b", "http://localhost", "http://localhost:1/x"] {
        assert_eq!(refused(&|config| config.apps.redirect_uris = vec![uri.to_owned()]), Ok(()), "{uri}");
    }
    for uri in [
        "",
        "http://127.0.0.1:1/x",
        "http://localhost.evil.example/",
        "ftp://x",
        "https://",
        "https://x/#a",
        "https://x/ y",
    ] {
        let found = refused(&|config| config.apps.redirect_uris = vec![uri.to_owned()]);
        assert_eq!(found, Err(Code::InvalidOption), "{uri}");
    }
    let unknown = refused(&|config| {
        config.apps.scopes.insert("no.such.scope");
    });
    assert_eq!(unknown, Err(Code::InvalidOption));
    assert_eq!(refused(&|config| config.organisations.clear()), Err(Code::InvalidOption));
    assert_eq!(
        refused(&|config| config.consent = Consent::Give { user: 9, organisations: vec![] }),
        Err(Code::InvalidOption)
    );
}
