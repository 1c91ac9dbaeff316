//! A login: the address that is opened, and the requests that count as its callback.
#![cfg(test)]

use serde_json::Value;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use xero_m2m::error::Code;
use xero_m2m::scope::ScopeSet;
use xero_m2m::shared::login::{AUTHORIZE_URL, Callback, PendingLogin};

fn login() -> PendingLogin {
    PendingLogin::new(8765, "S".to_owned())
}

#[test]
fn only_the_callback_of_this_login_counts() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("vectors/login-callbacks.json")).expect("cases");
    for case in cases {
        let text = |key: &str, usual: &str| case[key].as_str().unwrap_or(usual).to_owned();
        let found = if let Some(pasted) = case["pasted"].as_str() {
            login().pasted(pasted)
        } else {
            let (method, host) = (text("method", "GET"), text("host", "localhost:8765"));
            login().callback(&method, &text("target", ""), &host)
        };
        let gives = match found {
            Callback::Code(code) => format!("code:{code}"),
            Callback::Refused(refusal) => format!("refused:{refusal:?}").to_lowercase(),
            Callback::Stray(stray) => format!("stray:{stray:?}").to_lowercase(),
        };
        assert_eq!(gives, text("gives", ""), "{}", case["name"]);
    }
}

#[test]
fn the_address_asks_for_a_refresh_token_and_holds_no_more_than_it_must() {
    let scopes = ScopeSet::from_scope_param("accounting.invoices.read openid");
    let address = login().authorize_url(AUTHORIZE_URL, "an id&more", &scopes, Some("challenge")).expect("an address");
    assert_eq!(
        address,
        "https://login.xero.com/identity/connect/authorize?response_type=code&client_id=an+id%26more\
         &redirect_uri=http%3A%2F%2Flocalhost%3A8765%2Fcallback&scope=accounting.invoices.read+offline_access+openid\
         &state=S&code_challenge=challenge&code_challenge_method=S256"
    );
    let plain = login().authorize_url("http://127.0.0.1:4010/authorize/", "id", &scopes, None).expect("an address");
    assert!(
        plain.starts_with("http://127.0.0.1:4010/authorize?response_type=code&") && plain.ends_with("&state=S"),
        "{plain}"
    );
}

#[test]
fn an_address_that_would_give_the_login_away_is_refused_and_named() {
    let scopes = ScopeSet::from_scope_param("openid");
    for (authorize, code) in [
        ("http://login.example/authorize", Code::InsecureUrl),
        ("https://user:word@login.example/", Code::InvalidOption),
        ("login.example", Code::InvalidOption),
        ("https://login.example/?a=b", Code::InvalidOption),
    ] {
        let error = login().authorize_url(authorize, "id", &scopes, None).expect_err("a refusal");
        assert_eq!(error.code(), code, "{authorize}: {error}");
        assert!(error.message().starts_with("authorizeUrl "), "{error}");
    }
    let none = login().authorize_url(AUTHORIZE_URL, "id", &ScopeSet::default(), None).expect_err("a refusal");
    assert!(none.message().contains("--scopes"), "{none}");
}
