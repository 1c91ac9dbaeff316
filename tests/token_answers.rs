//! Every case of `vectors/token-answers.json` against the judge.
#![cfg(test)]

#[path = "support/parser.rs"]
mod parser;

use parser::parse;
use serde::Deserialize;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use xero_m2m::time::Timestamp;
use xero_m2m::token::answer::{Body, MAX_BODY_BYTES, Member, Parser, TokenAnswer, judge};
use xero_m2m::token::json;

/// The reader of the crate, and one that others made.
const PARSERS: [Parser<'_>; 2] = [&json::read, &parse];

/// 2026-04-29T00:00:00Z, the `now` of every case.
const NOW: Timestamp = Timestamp::from_ms(1_777_420_800_000);

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Case {
    name: String,
    status: u16,
    content_type: String,
    #[serde(default)]
    retry_after: String,
    body: String,
    #[serde(default)]
    cut: bool,
    granted: Option<Granted>,
    refused: Option<Refused>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Granted {
    lifetime_ms: u64,
    scopes: Option<Vec<String>>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Refused {
    code: String,
    lasting: bool,
    retry_after_ms: Option<u64>,
}

#[test]
fn answers_are_judged_as_the_vectors_say() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("vectors/token-answers.json")).expect("the vectors");
    for case in cases {
        let Case { name, status, content_type, retry_after, body, cut, granted, refused } = case;
        let answer = TokenAnswer { status, content_type: &content_type, retry_after: &retry_after, body: &body, cut };
        for parse in PARSERS {
            match judge(&answer, NOW, parse) {
                Ok(grant) => {
                    let scopes = grant.scopes.map(|scopes| scopes.names().map(str::to_owned).collect());
                    let found = Granted { lifetime_ms: grant.lifetime_ms, scopes };
                    assert_eq!((Some(&found), None), (granted.as_ref(), refused.as_ref()), "{name}");
                }
                Err(refusal) => {
                    let shown = format!("{refusal:?} {}", refusal.error);
                    assert!(!shown.contains("secret-looking-text"), "{name}: {shown}");
                    let found = Refused {
                        code: refusal.error.code().as_str().to_owned(),
                        lasting: refusal.lasting,
                        retry_after_ms: refusal.retry_after_ms,
                    };
                    assert_eq!((None, Some(&found)), (granted.as_ref(), refused.as_ref()), "{name}");
                }
            }
        }
    }
}

#[test]
fn a_body_that_is_too_large_never_reaches_the_parser() {
    let body = format!("{{\"pad\":\"{}\"}}", "x".repeat(MAX_BODY_BYTES));
    let answer =
        TokenAnswer { status: 200, content_type: "application/json", retry_after: "", body: &body, cut: false };
    let refusal = judge(&answer, NOW, &|_| panic!("it did")).expect_err("too large");
    assert_eq!(refusal.error.code().as_str(), "malformed_token");
}

/// `JSONTestSuite`: by its name, a parser must take a file that begins with `y_` and refuse one that begins with `n_`.
#[cfg(not(target_arch = "wasm32"))]
#[test]
fn no_file_of_the_json_test_suite_is_a_token() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/json-test-suite");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("the suite") {
        let path = entry.expect("a file").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        seen += 1;
        // As a host decodes what arrives.
        let bytes = std::fs::read(&path).expect("a file");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        for status in [200, 400, 401] {
            let answer =
                TokenAnswer { status, content_type: "application/json", retry_after: "", body: text, cut: false };
            for parse in PARSERS {
                let refusal = judge(&answer, NOW, parse).expect_err(&name);
                assert_eq!(refusal.error.code().as_str(), "malformed_token", "{name}");
            }
        }
        // As an unknown member, it decides only whether the whole is JSON.
        let body = format!(r#"{{"access_token":"t","token_type":"Bearer","expires_in":1800,"more":{text}}}"#);
        let answer =
            TokenAnswer { status: 200, content_type: "application/json", retry_after: "", body: &body, cut: false };
        for parse in PARSERS {
            let granted = judge(&answer, NOW, parse).is_ok();
            match name.as_bytes() {
                [b'y', ..] => assert!(granted, "{name} is JSON"),
                [b'n', ..] => assert!(!granted, "{name} is no JSON"),
                _ => {}
            }
        }
    }
    assert_eq!(seen, 318);
}

#[test]
fn members_are_read_whatever_they_are() {
    let members = [
        r#""a-token""#,
        r#""\u0061\u002dtoken\/\n\\\"\ud83d\ude00 \u00eb ë""#,
        "1800",
        "-0.5e+3",
        "1.8E3",
        "0",
        "17e-1",
        "0.25",
        "1e400",
        r#"["one", "two"]"#,
        "[ ]",
        r#"["one", 2]"#,
        r#"{"a": [{}, {"b": null}]}"#,
        "true",
        "null",
    ];
    for member in members {
        for text in [
            format!(r#"{{"access_token":{member}}}"#),
            format!(" {{ \"access_token\" : 1 , \"acc\\u0065ss_token\" :\t{member}\r\n}} "),
            format!(r#"{{"more":{member},"access_token":{member},"scope":{member}}}"#),
        ] {
            // Not all parsers take a number that is too large for a float.
            if let Some(body) = parse(&text) {
                assert_eq!(shown(json::read(&text)), shown(Some(body)), "{text}");
            }
            assert!(json::read(&text).is_some(), "{text}");
        }
    }
    assert!(shown(json::read(r#"{"scope":"\ud83d"}"#)).contains('\u{fffd}'), "half of a character");
}

/// The members of a body, secrets included.
fn shown(body: Option<Body>) -> String {
    let Body { access_token, token_type, expires_in, scope, error, xero_tenant_id } = body.expect("a body");
    let text = |member: Member| match member {
        Member::Text(text) => format!("text {}", text.reveal()),
        other => format!("{other:?}"),
    };
    [access_token, token_type, expires_in, scope, error, xero_tenant_id].map(text).join(", ")
}
