//! Token requests, the discovery document and the keys.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};

use super::helpers::{
    ID, NOW, SECRET, basic, body, config, form_encoded, header, now, open, request, send, token_request,
};
use xero_m2m::error::Code;
use xero_m2m::simulator::{Reply, Simulator, SimulatorConfig};

#[test]
fn a_token_carries_what_was_granted() {
    let mut simulator = open("accounting.contacts.read accounting.invoices");
    simulator.set_jwk("AQAB", "AQAB", "the-key");
    let request = token_request(Some(&basic(ID, SECRET)), "grant_type=client_credentials");
    let response = send(&mut simulator, &request, now());
    let answer = body(&response);
    assert_eq!(response.status, 200);
    assert_eq!(header(&response, "cache-control"), Some("no-store"));
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_in"], 1_800);
    assert_eq!(answer["scope"], "accounting.contacts.read accounting.invoices");
    assert_eq!(answer.as_object().unwrap().len(), 4);

    let token = answer["access_token"].as_str().unwrap();
    let part = |n: usize| -> Value {
        let part = token.split('.').nth(n).unwrap();
        serde_json::from_slice(&Base64UrlUnpadded::decode_vec(part).unwrap()).unwrap()
    };
    assert_eq!(part(0), json!({ "alg": "RS256", "kid": "the-key", "typ": "JWT" }));
    let claims = part(1);
    assert_eq!(claims["scope"], json!(["accounting.contacts.read", "accounting.invoices"]));
    assert_eq!(claims["iss"], "https://identity.xero.com");
    assert_eq!(claims["aud"], "https://identity.xero.com/resources");
    assert_eq!(claims["client_id"], ID);
    assert_eq!(claims["exp"], NOW / 1_000 + 1_800);
    assert_eq!(claims["nbf"], NOW / 1_000);
}

#[test]
fn a_subset_is_granted_and_everything_else_is_refused_as_a_whole() {
    let mut simulator = open("accounting.contacts.read accounting.invoices");
    let answer = |simulator: &mut Simulator, form: &str| {
        let request = token_request(Some(&basic(ID, SECRET)), &format!("grant_type=client_credentials{form}"));
        send(simulator, &request, now())
    };
    let subset = answer(&mut simulator, "&scope=accounting.invoices&scopes=files&resource=x");
    assert_eq!(body(&subset)["scope"], "accounting.invoices");
    for scope in [
        "accounting.invoices.read",
        "accounting.invoices+files",
        "Accounting.Invoices",
        "accounting.transactions",
        "no.such.scope",
        "",
        "+",
    ] {
        let response = answer(&mut simulator, &format!("&scope={scope}"));
        assert_eq!(response.status, 400, "{scope}");
        let expected =
            json!({ "error": "invalid_scope", "error_description": "Client credentials scope validation failed" });
        assert_eq!(body(&response), expected, "{scope}");
        assert_eq!(header(&response, "cache-control"), Some("no-store"), "{scope}");
    }
}

#[test]
fn token_requests_are_refused_with_the_right_error() {
    let good = basic(ID, SECRET);
    let unencoded = format!("Basic {}", Base64::encode_string(format!("{ID}:{SECRET}").as_bytes()));
    let wrong = basic(ID, "stale");
    let stranger = basic("0", SECRET);
    let nobody = basic("", SECRET);
    let grant = "grant_type=client_credentials";
    let posted = format!("{grant}&client_id={ID}&client_secret={}", form_encoded(SECRET));
    let stale = format!("{grant}&client_id={ID}&client_secret=stale");
    let no_secret = format!("{grant}&client_id={ID}");
    let empty_id = format!("{grant}&client_id=&client_secret=x");
    let other_id = format!("{grant}&client_id=0");
    let twice = format!("{grant}&{grant}");
    let ignored = format!("{grant}&scopes=a&scopes=b");
    let cases: [(&str, Option<&str>, &str, Option<&str>); 21] = [
        ("basic", Some(&good), grant, None),
        ("basic and the same id", Some(&good), &no_secret, None),
        ("in the body", None, &posted, None),
        ("secret not form-encoded", Some(&unencoded), grant, Some("invalid_client")),
        ("stale secret", Some(&wrong), grant, Some("invalid_client")),
        ("unknown client", Some(&stranger), grant, Some("invalid_client")),
        ("basic without an id", Some(&nobody), grant, Some("invalid_request")),
        ("not base64", Some("Basic ???"), grant, Some("invalid_client")),
        ("not basic", Some("Bearer abc"), grant, Some("invalid_client")),
        ("stale secret in the body", None, &stale, Some("invalid_client")),
        ("no secret in the body", None, &no_secret, Some("invalid_client")),
        ("an empty id", None, &empty_id, Some("invalid_request")),
        ("no id", None, grant, Some("unauthorized_client")),
        ("both", Some(&good), &posted, Some("invalid_request")),
        ("two ids", Some(&good), &other_id, Some("invalid_request")),
        ("no grant", Some(&good), "", Some("unsupported_grant_type")),
        ("misspelt grant", Some(&good), "grant_type=client_credential", Some("unsupported_grant_type")),
        ("refresh token", Some(&good), "grant_type=refresh_token&refresh_token=x", Some("unauthorized_client")),
        ("a field that means nothing twice", Some(&good), &ignored, None),
        ("a field twice", Some(&good), &twice, Some("invalid_request")),
        ("a broken escape", Some(&good), "grant_type=%zz", Some("invalid_request")),
    ];
    for status in [400, 401] {
        let config = SimulatorConfig { invalid_client_is_401: status == 401, ..config("files") };
        let mut simulator = Simulator::new(config).unwrap();
        for (name, authorization, form, error) in &cases {
            let response = send(&mut simulator, &token_request(*authorization, form), now());
            let Some(error) = *error else {
                assert_eq!(response.status, 200, "{name}");
                continue;
            };
            let is_client = error == "invalid_client";
            assert_eq!(response.status, if is_client { status } else { 400 }, "{name}");
            assert_eq!(body(&response), json!({ "error": error }), "{name}");
            let challenged = is_client && status == 401 && authorization.is_some();
            assert_eq!(header(&response, "www-authenticate"), challenged.then_some("Basic"), "{name}");
        }
        assert_eq!(simulator.counts().token_requests, 21);
        assert_eq!(simulator.counts().refusals, 17);
        assert_eq!(simulator.counts().api_requests, 0);
    }
    let mut simulator = open("files");
    let mut as_json = token_request(Some(&good), grant);
    as_json.headers[0].1 = "application/json".to_owned();
    assert_eq!(body(&send(&mut simulator, &as_json, now())), json!({ "error": "invalid_request" }));
    as_json.headers[0].1 = "Application/x-www-form-urlencoded; charset=utf-8".to_owned();
    assert_eq!(send(&mut simulator, &as_json, now()).status, 200);
    assert_eq!(send(&mut simulator, &request("GET", "/connect/token", &[], ""), now()).status, 405);
}

#[test]
fn discovery_and_keys_follow_the_base_url() {
    let mut simulator = open("files");
    simulator.set_jwk("bW9kdWx1cw", "AQAB", "key-1");
    simulator.set_base_url("http://127.0.0.1:4010/xero/").unwrap();
    let read = |simulator: &mut Simulator, path: &str| {
        body(&send(simulator, &request("GET", &format!("/xero/.well-known/{path}"), &[], ""), now()))
    };
    let document = read(&mut simulator, "openid-configuration");
    assert_eq!(document["issuer"], "http://127.0.0.1:4010/xero");
    assert_eq!(document["token_endpoint"], "http://127.0.0.1:4010/xero/connect/token");
    assert_eq!(document["jwks_uri"], "http://127.0.0.1:4010/xero/.well-known/openid-configuration/jwks");
    let keys = read(&mut simulator, "openid-configuration/jwks");
    let key = json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "key-1", "n": "bW9kdWx1cw", "e": "AQAB" });
    assert_eq!(keys, json!({ "keys": [key] }));
    let outside = request("GET", "/.well-known/openid-configuration", &[], "");
    assert_eq!(send(&mut simulator, &outside, now()).status, 404);
    assert_eq!(simulator.counts(), xero_m2m::simulator::Counts::default());
    for bad in ["127.0.0.1", "ftp://x", "http://", "http://x/?a", "http://x y"] {
        assert_eq!(simulator.set_base_url(bad).unwrap_err().code(), Code::InvalidOption, "{bad}");
    }
}

#[test]
fn signatures_are_asked_for_one_by_one_and_given_once() {
    let mut simulator = open("files");
    let request = token_request(Some(&basic(ID, SECRET)), "grant_type=client_credentials");
    let (Reply::Sign { ticket: first, input: one }, Reply::Sign { ticket: second, input: two }) =
        (simulator.handle(&request, now()), simulator.handle(&request, now()))
    else {
        panic!("both are granted");
    };
    assert_ne!(one, two, "two tokens of the same instant differ");
    let mut signed = |ticket: u64, signature: &str| match simulator.signed(ticket, signature) {
        Reply::Respond(response) => response,
        other => panic!("{other:?}"),
    };
    // The later one is signed first, as can happen on a busy server.
    assert_eq!(body(&signed(second, "Yg"))["access_token"], format!("{two}.Yg"));
    assert_eq!(body(&signed(first, "YQ"))["access_token"], format!("{one}.YQ"));
    assert_eq!(signed(first, "YQ").status, 500, "a ticket is good once");
    let Reply::Sign { ticket, .. } = simulator.handle(&request, now()) else { panic!("granted") };
    let Reply::Respond(broken) = simulator.signed(ticket, "not base64url!") else { panic!("no answer") };
    assert_eq!(broken.status, 500);
}
