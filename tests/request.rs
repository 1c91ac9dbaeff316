//! Requests: the vectors, and random input.
#![cfg(test)]

mod support;

use std::collections::HashMap;

use serde_json::Value;
use support::Random;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use xero_m2m::catalogue::{OPERATIONS, Operation};
use xero_m2m::error::Error;
use xero_m2m::request::route::route;
use xero_m2m::request::{ApiCall, BaseUrl, call, check_body, check_header, preflight, token_request};
use xero_m2m::scope::ScopeSet;
use xero_m2m::secret::Secret;
use xero_m2m::time::Date;

/// The number of random cases: fewer in wasm, because the same code also runs natively.
const DRAWS: usize = if cfg!(target_arch = "wasm32") { 1_000 } else { 100_000 };

const API: &str = "https://api.xero.com";

fn vectors(text: &str) -> Vec<Value> {
    serde_json::from_str(text).expect("a list of cases")
}

/// The string at `key`; `None` if it is absent or null.
fn text<'a>(case: &'a Value, key: &str) -> Option<&'a str> {
    case[key].as_str()
}

fn need<'a>(case: &'a Value, key: &str) -> &'a str {
    text(case, key).unwrap_or_else(|| panic!("{case}: no {key}"))
}

fn list<'a>(case: &'a Value, key: &str) -> Option<Vec<&'a str>> {
    Some(case[key].as_array()?.iter().map(|name| name.as_str().expect("a string")).collect())
}

/// Checks that a case with an `error` failed with it. Returns the result of a case without one.
fn outcome<T>(case: &Value, result: Result<T, Error>) -> Option<T> {
    match (text(case, "error"), result) {
        (None, Ok(value)) => Some(value),
        (Some(code), Err(error)) => {
            assert_eq!(error.code().as_str(), code, "{case}: {error}");
            assert_eq!(error.rule(), text(case, "rule"), "{case}: {error}");
            assert!(!error.message().contains(char::is_control), "{case}");
            assert!(!error.message().contains("secret@") && !error.message().contains("Bearer"), "{case}: {error}");
            None
        }
        (_, Ok(_)) => panic!("{case}: should have been refused"),
        (_, Err(error)) => panic!("{case}: {error}"),
    }
}

fn key(call: &ApiCall) -> Option<String> {
    call.route.operation().map(Operation::key)
}

#[test]
fn base_urls() {
    for case in vectors(include_str!("vectors/base-urls.json")) {
        for (option, read) in [("identityUrl", BaseUrl::of_identity as fn(&str) -> _), ("apiUrl", BaseUrl::of_apis)] {
            if text(&case, "option").is_some_and(|only| only != option) {
                continue;
            }
            let read = read(need(&case, "text"));
            if let Err(error) = &read {
                assert!(error.message().starts_with(option), "{case}: {error}");
                let instead = text(&case, "instead").map(|url| format!("write {url}"));
                assert!(instead.is_none_or(|instead| error.message().ends_with(&instead)), "{case}: {error}");
            }
            if let Some(base) = outcome(&case, read) {
                assert_eq!(base.as_str(), need(&case, "url"), "{case}");
            }
        }
    }
}

#[test]
fn token_requests() {
    for case in vectors(include_str!("vectors/token-requests.json")) {
        let identity = text(&case, "identityUrl").unwrap_or("https://identity.xero.com");
        let identity = BaseUrl::parse(identity).expect("an identity service");
        let secret = Secret::new(need(&case, "clientSecret").to_owned());
        let scopes = list(&case, "scopes").map(ScopeSet::from_names);
        let result = token_request(&identity, need(&case, "clientId"), &secret, scopes.as_ref());
        if let Some(request) = outcome(&case, result) {
            assert_eq!(request.url, need(&case, "url"), "{case}");
            assert_eq!(request.authorization.reveal(), need(&case, "authorization"), "{case}");
            assert_eq!(request.body, need(&case, "body"), "{case}");
            assert!(!format!("{request:?}").contains(need(&case, "authorization")), "{case}");
        }
    }
}

#[test]
fn routing() {
    for case in vectors(include_str!("vectors/routing.json")) {
        let api = BaseUrl::parse(text(&case, "apiUrl").unwrap_or(API)).expect("an API");
        if let Some(call) = outcome(&case, call(&api, need(&case, "method"), need(&case, "input"))) {
            assert_eq!(call.url, need(&case, "url"), "{case}");
            assert_eq!(key(&call).as_deref(), text(&case, "operation"), "{case}");
            assert!(call.method.eq_ignore_ascii_case(need(&case, "method")), "{case}");
            // The URL as Node's URL parser wrote it when the case was made.
            let (origin, pathname) = (need(&case["whatwg"], "origin"), need(&case["whatwg"], "pathname"));
            assert_eq!(call.url.split('?').next(), Some(format!("{origin}{pathname}").as_str()), "{case}");
            assert!(api.as_str().starts_with(origin), "{case}");
        }
    }
}

#[test]
fn headers() {
    for case in vectors(include_str!("vectors/headers.json")) {
        let sent = outcome(&case, check_header(need(&case, "header"), need(&case, "value")));
        assert!(sent.is_none_or(|sent| sent == case["sent"].as_bool().unwrap_or(true)), "{case}");
    }
    let message = check_header("X-Custom", "hunter2\n").expect_err("a line break").to_string();
    assert!(!message.contains("hunter2"), "{message}");
}

#[test]
fn preflights() {
    let operations: HashMap<_, _> = OPERATIONS.iter().map(|operation| (operation.key(), operation)).collect();
    for case in vectors(include_str!("vectors/preflight.json")) {
        let operation = operations[need(&case, "operation")];
        let granted = ScopeSet::from_names(list(&case, "granted").expect("scopes"));
        let created_on = text(&case, "createdOn").map(|date| Date::parse(date).expect("a date"));
        let result = preflight(operation, &granted, created_on);
        if let Err(error) = &result {
            assert_eq!(error.operation(), text(&case, "operation"), "{case}");
            assert_eq!(Some(error.scopes().iter().map(String::as_str).collect()), list(&case, "scopes"), "{case}");
            let first = list(&case, "scopes").expect("scopes")[0];
            assert!(error.message().contains(first), "{case}: {error}");
        }
        outcome(&case, result);
    }
}

#[test]
fn advice_to_edit_mentions_the_deactivation() {
    let operation = OPERATIONS.iter().find(|operation| operation.id() == "getInvoices").expect("getInvoices");
    let error = preflight(operation, &ScopeSet::default(), None).expect_err("nothing is granted");
    assert_eq!(
        error.message(),
        "GET /api.xro/2.0/Invoices (accounting.getInvoices) was not sent: no granted scope opens it; add accounting.invoices.read to \
         the custom connection in Xero's developer portal (rule R28); the change deactivates the connection until its \
         user authorises it again (rule R9)"
    );
}

#[test]
fn reads_have_no_body() {
    for method in ["GET", "HEAD", "get"] {
        assert_eq!(check_body(method, true).expect_err("a body").code().as_str(), "body_not_allowed", "{method}");
        assert!(check_body(method, false).is_ok(), "{method}");
    }
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        assert!(check_body(method, true).is_ok() && check_body(method, false).is_ok(), "{method}");
    }
}

/// Messages quote no input that may contain secrets: paths, queries, credentials.
#[test]
fn messages_do_not_repeat_paths_queries_or_credentials() {
    let api = BaseUrl::parse(API).expect("an API");
    for input in [
        "/hunter2#",
        "/hunter2/..",
        "/hunter2?hunter2=%",
        "/hunter2\n",
        "//hunter2",
        "hunter2:hunter2@evil.example/",
        "https://hunter2:hunter2@api.xero.com/hunter2",
        "https://evil.example/hunter2?hunter2",
        "http://api.xero.com/hunter2?hunter2",
    ] {
        let message = call(&api, "GET", input).expect_err(input).to_string();
        assert!(!message.contains("hunter2"), "{input}: {message}");
    }
    for text in ["https://hunter2:hunter2@api.xero.com", "https://api.xero.com?hunter2", "http://evil.example/hunter2"]
    {
        let message = BaseUrl::parse(text).expect_err(text).to_string();
        assert!(!message.contains("hunter2"), "{text}: {message}");
    }
}

fn recase(random: &mut Random, text: &str) -> String {
    text.chars().map(|c| if random.one_in(2) { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() }).collect()
}

#[test]
fn every_operation_is_found_with_its_scopes() {
    let mut random = Random::seeded();
    let api = BaseUrl::parse(API).expect("an API");
    let values =
        ["1", "a%20b.pdf", "{id}", "PO%2F7", "00000000-0000-4000-8000-000000000001", "INV-0041", "é", "~", "zz"];
    let ids = ["{id}", "%7Bid%7D", ":id", "00000000-0000-4000-8000-00000000000A", "00000000000040008000000000000001"];
    for (row, operation) in OPERATIONS.iter().enumerate() {
        let base = operation.api.row().expect("its API").base;
        for _ in 0..20 {
            let values = if operation.id_only() { &ids[..] } else { &values[..] };
            let segments = operation.path().split('/').map(|segment| {
                if segment.starts_with('{') { random.pick(values).to_owned() } else { recase(&mut random, segment) }
            });
            let resource = segments.collect::<Vec<_>>().join("/");
            let base = recase(&mut random, base);
            let start = random.pick(&[API, "", "HTTPS://API.XERO.COM:443"]);
            let end = random.pick(&["", "/", "?", "?page=1&where=a/b", "/?x"]);
            let input = format!("{start}{base}{resource}{end}");
            let call = call(&api, &recase(&mut random, operation.method.as_str()), &input).expect("a call");
            let found = call.route.operation().unwrap_or_else(|| panic!("{input} is no operation"));
            assert_eq!(found.needs(), operation.needs(), "{input}: {} for {}", found.key(), operation.key());
            assert_eq!(found.method, operation.method, "{input}");
            assert_eq!(found.path().matches('/').count(), operation.path().matches('/').count(), "{input}");
            let found_row = usize::from(call.route.row().expect("a row"));
            assert!(std::ptr::eq(&raw const OPERATIONS[found_row], found), "{input}");
            assert!(found_row <= row, "{input}: not the first row");
            assert!(call.url.starts_with(API), "{input}");
        }
    }
}

/// Compares the router with a scan of the whole table.
#[test]
fn routing_is_what_a_naive_search_finds() {
    let naive = |method: &str, path: &str| {
        let fits = |own: &str, id_only: bool| {
            let (own, path): (Vec<_>, Vec<_>) = (own.split('/').collect(), path.split('/').collect());
            let same = |(own, given): (&&str, &&str)| match own.starts_with('{') {
                true if id_only => given.starts_with('{'),
                true => !given.is_empty(),
                false => own.to_lowercase() == given.to_lowercase(),
            };
            own.len() == path.len() && own.iter().zip(&path).all(same)
        };
        let full =
            |row: usize| format!("{}{}", OPERATIONS[row].api.row().expect("its API").base, OPERATIONS[row].path());
        let rows = (0..OPERATIONS.len())
            .filter(|&row| OPERATIONS[row].method.as_str() == method && fits(&full(row), OPERATIONS[row].id_only()));
        rows.min_by_key(|&row| (full(row).split('/').map(|part| part.starts_with('{')).collect::<Vec<_>>(), row))
    };
    let mut random = Random::seeded();
    let words: Vec<&str> = OPERATIONS.iter().flat_map(|operation| operation.path().split('/').skip(1)).collect();
    let bases =
        ["/api.xro/2.0", "/payroll.xro/2.0", "/payroll.xro/1.0", "/files.xro/1.0", "/finance.xro/1.0", "", "/x/y"];
    let methods = ["DELETE", "GET", "PATCH", "POST", "PUT"];
    for _ in 0..DRAWS / 5 {
        let mut path = random.pick(&bases).to_owned();
        let mut row = &OPERATIONS[random.index(OPERATIONS.len())];
        if random.index(4) == 0 {
            row = &OPERATIONS[0];
        }
        for segment in row.path().split('/').skip(1) {
            path.push('/');
            path.push_str(match random.index(20) {
                0 => "",
                1..6 => random.pick(&words),
                _ => segment,
            });
        }
        // One slash at the end is ignored; see the vectors.
        path.truncate(path.trim_end_matches('/').len());
        let method = random.pick(&methods);
        assert_eq!(route(method, &path).row().map(usize::from), naive(method, &path), "{method} {path}");
    }
}

#[test]
fn garbage_is_refused_or_stays_below_the_api() {
    let mut random = Random::seeded();
    let bases = ["https://api.xero.com", "http://127.0.0.1:4010", "http://[::1]/x", "https://gateway.example/xero/v1"];
    let bases = bases.map(|text| BaseUrl::parse(text).expect("a base URL"));
    let pieces = [
        "https://",
        "http://",
        "HTTPS:",
        "//",
        "/",
        "\\",
        "@",
        ":",
        "443",
        "api.xero.com",
        "127.0.0.1:4010",
        "[::1]",
        "/x",
        "gateway.example",
        "/xero/v1",
        "/api.xro/2.0",
        "/files.xro/1.0",
        "connections",
        "Invoices",
        "/Files",
        "..",
        ".",
        "%2e",
        "%2F",
        "%5c",
        "%",
        "%00",
        ";",
        "?",
        "#",
        "&",
        "=",
        " ",
        "\t",
        "\n",
        "\0",
        "é",
        "\u{3002}",
        "\u{feff}",
        "a",
        "{",
        "}",
        "|",
        "^",
        "`",
        "'",
        "\"",
        "<",
        ">",
        "[",
        "]",
        "+",
        "~",
    ];
    let mut accepted = 0;
    for _ in 0..DRAWS {
        let api = &bases[random.index(bases.len())];
        let mut input = if random.index(3) == 0 { api.as_str().to_owned() } else { String::new() };
        for _ in 0..random.index(7) {
            input.push_str(random.pick(&pieces));
        }
        let (first, second) = (call(api, "GET", &input), call(api, "GET", &input));
        match (first, second) {
            (Ok(first), Ok(second)) => {
                accepted += 1;
                assert_eq!((&first.url, first.route.row()), (&second.url, second.route.row()), "{input:?}");
                let rest = first.url.strip_prefix(api.as_str()).unwrap_or_else(|| panic!("{input:?}: {}", first.url));
                assert!(rest.starts_with('/') && !rest.starts_with("//"), "{input:?}: {rest}");
                assert!(rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\#\"<>".contains(&byte)), "{input:?}");
                // The URL of a call, given as input, is not changed.
                let again = call(api, "GET", &first.url).unwrap_or_else(|error| panic!("{}: {error}", first.url));
                assert_eq!((again.url, again.route.row()), (first.url, first.route.row()), "{input:?}");
            }
            (Err(first), Err(second)) => assert_eq!(first, second, "{input:?}"),
            _ => panic!("{input:?}: once refused, once not"),
        }
    }
    assert!(accepted > DRAWS / 10, "only {accepted} inputs were accepted: the test is blind");
}
