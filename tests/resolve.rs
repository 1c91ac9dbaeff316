//! Calls as people have them: every form as the vectors say, every operation under every name, real code, and garbage.
#![cfg(test)]
#![expect(clippy::arithmetic_side_effects, clippy::string_slice, reason = "numbers and texts of a test are small")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::{Value, json};
use support::Random;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use xero_m2m::catalogue::{OPERATIONS, Operation};
use xero_m2m::resolve::{Assumed, Ignored, Resolved, Text, TextKind, resolve, resolve_all};

/// The number of draws of a random test: fewer in wasm, where the same Rust runs once more.
const DRAWS: usize = if cfg!(target_arch = "wasm32") { 4_000 } else { 20_000 };

#[derive(Deserialize)]
struct Case {
    name: String,
    text: String,
    /// Every call, in order. Absent members are not compared, except `assumed` and `times`.
    calls: Vec<Value>,
    /// Every unresolved call, in the same way.
    unresolved: Vec<Value>,
    /// Everything that is ignored.
    ignored: Value,
}

#[test]
fn texts_are_read_as_the_vectors_say() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("vectors/calls.json")).unwrap();
    assert!(cases.len() >= 200);
    let mut wrong = String::new();
    for case in &cases {
        let found = serde_json::to_value(resolve(&case.text)).unwrap();
        let mut ignored = serde_json::to_value(Ignored::default()).unwrap();
        ignored.as_object_mut().unwrap().extend(case.ignored.as_object().unwrap().clone());
        let is_right = fit(&case.calls, &found["calls"], &json!({"assumed": null, "times": 1}))
            && fit(&case.unresolved, &found["unresolved"], &json!({"times": 1, "why": "noOperation"}))
            && found["ignored"] == ignored;
        if !is_right {
            let Case { name, text, calls, unresolved, .. } = case;
            let expected = json!({"calls": calls, "unresolved": unresolved, "ignored": ignored});
            writeln!(wrong, "{name}\n  text     {text:?}\n  expected {expected}\n  found    {found}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Checks that the number of calls is as expected, and each call too; absent expectations stand for the default.
fn fit(expected: &[Value], found: &Value, defaults: &Value) -> bool {
    let found = found.as_array().unwrap();
    let fits = |(expected, found): (&Value, &Value)| {
        let mut members = defaults.as_object().unwrap().clone();
        members.extend(expected.as_object().unwrap().clone());
        members.iter().all(|(key, value)| found[key] == *value)
            && found["operations"].as_array().is_none_or(|all| found["ambiguous"] == (all.len() > 1))
    };
    expected.len() == found.len() && expected.iter().zip(found).all(fits)
}

/// Texts of one form, and the operations that they call: exactly these, in any order.
#[derive(Deserialize)]
struct Form {
    group: String,
    name: String,
    /// One text, with the name of its file if that matters, or several.
    text: Option<String>,
    file: Option<String>,
    #[serde(default)]
    texts: Vec<Named>,
    calls: Vec<String>,
    /// True if the answer must list something unread or unknown; absent if both answers are right.
    unresolved: Option<bool>,
}

#[derive(Deserialize)]
struct Named {
    name: Option<String>,
    text: String,
}

#[test]
fn forms_of_texts_are_read_as_the_vectors_say() {
    let forms: Vec<Form> = serde_json::from_str(include_str!("vectors/forms.json")).unwrap();
    assert!(forms.len() >= 190);
    let mut wrong = String::new();
    for Form { group, name, text, file, texts, calls, unresolved } in forms {
        let one = text.map(|text| Named { name: file, text });
        let texts: Vec<Named> = one.into_iter().chain(texts).collect();
        let texts: Vec<Text<'_>> = texts
            .iter()
            .map(|named| Text { name: named.name.as_deref(), text: &named.text, is_found: false })
            .collect();
        let found = resolve_all(texts.iter().copied());
        let mut read = keys(&found);
        read.sort_unstable();
        read.dedup();
        if read != calls || unresolved.is_some_and(|said| said == found.unresolved.is_empty()) {
            let found = serde_json::to_string(&found).unwrap();
            writeln!(
                wrong,
                "{group}: {name}\n  texts    {texts:?}\n  expected {calls:?} {unresolved:?}\n  found    {found}"
            )
            .unwrap();
        }
        for call in &found.calls {
            let text: Vec<u16> = texts[call.input].text.encode_utf16().collect();
            let before = String::from_utf16_lossy(&text[..call.at]);
            assert_eq!(before.matches('\n').count() + 1, call.line, "{group}: {name}: {call:?}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Texts with a request to `U`, and its methods: `GET?` is one that is only assumed.
#[rustfmt::skip]
const METHODS: [(&str, &str, &[&str]); 60] = [
    ("a.sh", "curl \"${args[@]}\" \"_U_\"\n", &["GET?"]),
    ("a.sh", "curl \"_U_\" \"${args[@]}\"\n", &["GET?"]),
    ("a.sh", "curl $OPTS \"_U_\"\n", &["GET?"]),
    ("a.sh", "curl \"_U_\" $OPTS\n", &["GET?"]),
    ("a.sh", "curl \"$@\" \"_U_\"\n", &["GET?"]),
    ("a.sh", "curl \"_U_\" \"$@\"\n", &["GET?"]),
    ("a.sh", "curl ${BODY:+-d \"$BODY\"} \"_U_\"\n", &["GET?"]),
    ("a.sh", "curl \"_U_\" ${BODY:+-d \"$BODY\"}\n", &["GET?"]),
    ("a.sh", "curl $(opts) \"_U_\"\n", &["GET?"]),
    ("a.sh", "curl \"_U_\" $(opts)\n", &["GET?"]),
    ("a.sh", "curl -K post.cfg \"_U_\"\n", &["GET?"]),
    ("a.sh", "curl \"_U_\" -K post.cfg\n", &["GET?"]),
    ("a.sh", "curl --config post.cfg \"_U_\"\n", &["GET?"]),
    ("a.sh", "curl \"_U_\" --config post.cfg\n", &["GET?"]),
    ("Makefile", "send:\n\tcurl $(FLAGS) _U_\n", &["GET?"]),
    ("a.yml", "steps:\n  - run: curl ${{ inputs.args }} _U_\n", &["GET?"]),
    ("a.sh", "curl -H \"Authorization: Bearer $TOKEN\" --max-time $T --user-agent \"$UA\" \"_U_\"\n", &["GET"]),
    ("a.sh", "BASE=https://api.xero.com/api.xro/2.0\ncurl -s \"$BASE/Invoices\"\n", &["GET"]),
    ("a.sh", "curl -H \"Authorization: Bearer $TOKEN\" -o \"$OUT\" \"_U_?where=$W\" | jq .\n", &["GET"]),
    ("a.sh", "curl $OPTS -d @b.json _U_\n", &["GET?", "POST"]),
    ("a.sh", "curl -X POST -H \"X-HTTP-Method-Override: PUT\" -d @b.json _U_\n", &["POST", "PUT"]),
    ("a.sh", "curl -H \"X-HTTP-Method-Override: $M\" -X POST -d @b.json _U_\n", &["GET?", "POST"]),
    ("a.sh", "wget --post-data=\"$B\" \"_U_\"\n", &["POST"]),
    ("a.sh", "wget -q --post-file=b.json \"_U_\"\n", &["POST"]),
    ("a.sh", "wget --post-file b.json \"_U_\"\n", &["POST"]),
    ("a.sh", "wget --method=PUT --body-data=\"$B\" \"_U_\"\n", &["PUT"]),
    ("a.sh", "wget --body-data=\"$B\" --method=PUT \"_U_\"\n", &["PUT"]),
    ("a.sh", "wget --body-file=b.json \"_U_\"\n", &["GET?"]),
    ("a.sh", "wget -qO- \"_U_\"\n", &["GET"]),
    ("a.R", "request(\"_U_\") |> req_body_json(x) |> req_perform()\n", &["POST"]),
    ("a.R", "request(\"_U_\") |> req_body_multipart(a = x) |> req_perform()\n", &["POST"]),
    ("a.R", "request(\"_U_\") |> req_body_form(a = x) |> req_perform()\n", &["POST"]),
    ("a.R", "request(\"_U_\") |> req_body_raw(x) |> req_perform()\n", &["POST"]),
    ("a.R", "request(\"_U_\") |> req_body_file(\"b.json\") |> req_perform()\n", &["POST"]),
    ("a.R", "request(\"_U_\") |> req_body_json(x) |> req_method(\"PUT\") |> req_perform()\n", &["PUT"]),
    ("a.R", "request(\"_U_\") |> req_perform()\n", &["GET"]),
    ("a.R", "r <- request(\"_U_\")\nr <- req_method(r, \"PUT\")\nreq_perform(r)\n", &["PUT"]),
    ("a.R", "r <- request(\"_U_\")\nr <- r |> req_body_json(x)\nreq_perform(r)\n", &["POST"]),
    ("a.gs", "UrlFetchApp.fetch(\"_U_\", { payload: p });\n", &["POST"]),
    ("a.gs", "UrlFetchApp.fetch(\"_U_\", { method: \"put\", payload: p });\n", &["PUT"]),
    ("a.gs", "UrlFetchApp.fetch(\"_U_\", { headers: h });\n", &["GET"]),
    ("a.gs", "UrlFetchApp.fetch(\"_U_\");\n", &["GET"]),
    ("a.gs", "UrlFetchApp.fetch(\"_U_\", options);\n", &["GET?"]),
    ("a.gs", "UrlFetchApp.fetch(\"_U_\", make(p));\n", &["GET?"]),
    ("a.gs", "var o = { headers: h };\nUrlFetchApp.fetch(\"_U_\", o);\n", &["GET"]),
    ("a.gs", "var o = { headers: h, payload: p };\nUrlFetchApp.fetch(\"_U_\", o);\n", &["POST"]),
    ("a.gs", "var o = { headers: h };\no.payload = p;\nUrlFetchApp.fetch(\"_U_\", o);\n", &["GET?"]),
    ("a.rb", "c = Faraday.new(url: \"https://api.xero.com/api.xro/2.0/\")\nc.get(\"Items\")\nc.post \"Invoices\", body\n", &["GET", "POST"]),
    ("a.rb", "c = Faraday.new(url: \"https://api.xero.com/api.xro/2.0/\")\nc.get(\"Items\")\nc.put path, body\n", &["GET", "PUT!"]),
    ("a.rb", "c = Faraday.new(url: \"https://api.xero.com/api.xro/2.0/\")\nc.get(\"Items\")\nc.put \"Payments\" do |req|\n  req.body = b\nend\n", &["GET", "PUT"]),
    ("a.rb", "class X\n  include HTTParty\n  base_uri \"https://api.xero.com/api.xro/2.0\"\n  def a\n    self.class.get(\"/Items\")\n    self.class.post \"/Contacts\", body: b\n  end\nend\n", &["GET", "POST"]),
    ("a.rb", "xero = HTTP.persistent(\"https://api.xero.com/api.xro/2.0\")\nxero.get(\"/Items\")\nxero.put \"/Items\", json: i\n", &["GET", "PUT"]),
    ("a.cs", "var http = new HttpClient { BaseAddress = new Uri(\"https://api.xero.com/api.xro/2.0/\") };\nawait http.GetAsync(\"Items\");\nawait http.PutAsJsonAsync(path, i);\n", &["GET", "PUT!"]),
    ("a.cs", "var http = new HttpClient { BaseAddress = new Uri(\"https://api.xero.com/api.xro/2.0/\") };\nawait http.GetAsync(\"Items\");\nawait http.DeleteAsync(path);\n", &["DELETE!", "GET"]),
    ("a.sh", "wget $OPTS \"_U_\"\n", &["GET?"]),
    ("a.sh", "wget \"$@\" \"_U_\"\n", &["GET?"]),
    ("a.ps1", "Invoke-RestMethod @options -Uri \"_U_\"\n", &["GET?"]),
    ("a.ps1", "Invoke-RestMethod -Uri \"_U_\" @options\n", &["GET?"]),
    ("a.ps1", "Invoke-RestMethod -Headers $h -Uri \"_U_\"\n", &["GET"]),
    ("a.js", "await fetch(\"_U_\", { method: \"POST\", headers: { \"X-HTTP-Method-Override\": \"PUT\" }, body });\n", &["POST", "PUT"]),
];

#[test]
fn a_method_that_options_may_change_is_not_taken_for_sure() {
    let mut wrong = String::new();
    for (name, text, methods) in METHODS {
        let text = text.replace("_U_", "https://api.xero.com/api.xro/2.0/Invoices");
        let found = resolve_all([Text { name: Some(name), text: &text, is_found: false }]);
        let mut read: Vec<String> = found
            .calls
            .iter()
            .map(|call| {
                let method = OPERATIONS[usize::from(call.rows[0])].method.as_str();
                if call.assumed.is_some() { format!("{method}?") } else { method.to_owned() }
            })
            .collect();
        read.extend(found.unresolved.iter().map(|call| format!("{}!", call.method.unwrap_or_default())));
        read.sort_unstable();
        if read != methods {
            writeln!(wrong, "{text}\n  expected {methods:?}\n  found    {read:?}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn descriptions_of_xeros_api_count_where_they_are_given_and_not_where_they_are_found() {
    let text = "openapi: 3.0.0\nservers:\n  - url: https://api.xero.com/api.xro/2.0\npaths:\n  /Items:\n    put: {}\n";
    let read = |is_found| resolve_all([Text { name: Some("xero.yaml"), text, is_found }]);
    assert_eq!(keys(&read(false)), ["accounting.createItems"]);
    let found = read(true);
    assert_eq!((found.calls.len(), found.unresolved.len(), found.ignored.descriptions), (0, 0, 1));
}

#[test]
fn key_material_is_covered_before_anything_reads_it() {
    let key = "/k3Jd9sLq2Kz9aQ/pP4mN8vB7xYw/Zc5tR1eH+Invoices";
    for kind in ["PRIVATE KEY", "RSA PRIVATE KEY", "CERTIFICATE"] {
        let pem = format!("-----BEGIN {kind}-----\n{key}\nGET {key}\n-----END {kind}-----\nPUT /Invoices\n");
        let json = serde_json::json!({ "method": "GET", "url": "https://api.xero.com/api.xro/2.0/Items", "key": pem });
        let cut = format!("GET /Items\n-----BEGIN {kind}-----\n{key}\n{key}");
        for (text, calls) in [(pem.as_str(), 1), (&json.to_string(), 1), (&cut, 1)] {
            let found = resolve(text);
            assert_eq!(found.calls.len(), calls, "{text}: {found:?}");
            assert!(!serde_json::to_string(&found).unwrap().contains("k3Jd9s"), "{text}: {found:?}");
        }
    }
}

#[test]
fn several_texts_are_read_each_by_itself_and_added_up() {
    let har =
        json!({"log": {"entries": [{"request": {"method": "GET", "url": "https://api.xero.com/api.xro/2.0/Items"}}]}});
    let (har, first) = (har.to_string(), "/Invoices\nnew PayrollNzApi()\nGET /Nothing");
    let found = resolve_all([first, &har, "\n  GET /Invoices\nGET /Nothing", "client.getTimesheets(id)"]);
    assert_eq!(keys(&found)[..3], ["accounting.getInvoices", "accounting.getItems", "accounting.getInvoices"]);
    let places: Vec<_> = found.calls.iter().map(|call| (call.input, call.line, call.times)).collect();
    assert_eq!(places, [(0, 1, 1), (1, 1, 1), (2, 2, 1), (3, 1, 1)]);
    // A call without a written method may be a write, even if another place has its method.
    let assumed: Vec<_> = found.calls.iter().map(|call| call.assumed == Some(Assumed::Get)).collect();
    assert_eq!(assumed, [true, false, false, false]);
    assert!(found.calls[3].ambiguous, "what one text names does not tell what another means");
    let unresolved: Vec<_> = found.unresolved.iter().map(|call| (call.input, call.line, call.times)).collect();
    assert_eq!(unresolved, [(0, 3, 2)]);
    assert_eq!(found.ignored, Ignored { blank: 1, other: 1, ..Ignored::default() });
}

#[test]
fn a_text_may_come_with_its_name_and_its_kind_is_told_by_its_content() {
    let har = "{\"log\":{\"entries\":[{\"request\":{\"method\":\"PUT\",\"url\":\"https://api.xero.com/api.xro/2.0/Items\"}}]}}";
    assert_eq!(TextKind::of(har.into()), TextKind::Structured);
    assert_eq!(TextKind::of("await xero.accountingApi.getInvoices(t)".into()), TextKind::Code);
    let found = resolve_all([("record.har", har), ("src/a.js", "await xero.accountingApi.getInvoices(t)")]);
    assert_eq!(keys(&found), ["accounting.createItems", "accounting.getInvoices"]);
}

#[test]
fn every_operation_is_found_under_every_name_of_it() {
    for operation in OPERATIONS.iter() {
        let api = operation.api.row().unwrap().name;
        let (camel, snake) = (operation.id(), snake(operation.id()));
        let pascal = capital(camel);
        let receiver = receiver(api);
        let pascal_receiver = capital(&receiver);
        let snake_receiver = api.replace('-', "_");
        for text in [
            operation.key(),
            format!("{api}.{snake}"),
            format!("await xero.{receiver}.{camel}(tenantId, x)"),
            format!("x = {receiver}.{camel}(accessToken, tenantId);"),
            format!("$this->{receiver}->{camel}($tenantId);"),
            format!("{snake_receiver}_api.{snake}(tenant_id)"),
            format!("xero_client.{snake_receiver}_api.{snake} tenant_id"),
            format!("await _{receiver}.{pascal}Async(token, tenant);"),
            format!("{pascal_receiver}.{pascal}AsyncWithHttpInfo(token, tenant);"),
        ] {
            let found = resolve(&text);
            assert!(found.unresolved.is_empty(), "{text}: {found:?}");
            assert_eq!(keys(&found), [operation.key()], "{text}");
            assert_eq!(found.calls[0].assumed, None, "{text}");
        }
        for text in [camel.to_owned(), snake, format!("{pascal}Async"), format!("await {pascal}Async(token, tenant)")] {
            let found = resolve(&text);
            assert_eq!(found.calls.len(), 1, "{text}: {found:?}");
            assert!(keys(&found).contains(&operation.key()), "{text}: {found:?}");
            assert!(found.calls[0].rows.iter().all(|&row| row_of(row).id() == camel), "{text}: {found:?}");
        }
        let path = format!("{}{}", operation.api.row().unwrap().base, operation.path());
        let method = operation.method.as_str();
        for text in [format!("{method} {path}"), format!("curl -X {method} 'https://api.xero.com{path}?a=b'")] {
            let found = resolve(&text);
            assert_eq!((found.calls.len(), found.unresolved.len()), (1, 0), "{text}: {found:?}");
            let same = |row: &u16| row_of(*row).needs() == operation.needs() && row_of(*row).method == operation.method;
            assert!(found.calls[0].rows.iter().all(same), "{text}: {found:?}");
            assert!(found.calls[0].rows.iter().any(|&row| row_of(row).api == operation.api), "{text}: {found:?}");
        }
    }
}

fn row_of(row: u16) -> &'static Operation {
    &OPERATIONS[usize::from(row)]
}

fn keys(found: &Resolved) -> Vec<String> {
    found.calls.iter().flat_map(|call| &call.rows).map(|&row| row_of(row).key()).collect()
}

fn capital(name: &str) -> String {
    format!("{}{}", name[..1].to_ascii_uppercase(), &name[1..])
}

/// The name of the API in the SDK for Node.
fn receiver(api: &str) -> String {
    match api {
        "app-store" => "appStoreApi".to_owned(),
        "assets" => "assetApi".to_owned(),
        "bankfeeds-v2" => "bankFeedsV2Api".to_owned(),
        "projects" => "projectApi".to_owned(),
        other => match other.strip_prefix("payroll-") {
            Some(region) => format!("payroll{}Api", region.replace('-', "").to_ascii_uppercase()),
            None => format!("{other}Api"),
        },
    }
}

/// As generators of Python and Ruby write it: a run of capitals is one word.
fn snake(id: &str) -> String {
    let chars: Vec<char> = id.chars().collect();
    let mut snake = String::new();
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let ends_run =
            before.is_some_and(char::is_uppercase) && chars.get(at + 1).is_some_and(|next| next.is_lowercase());
        if c.is_uppercase() && (before.is_some_and(|before| !before.is_uppercase()) || ends_run) {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

#[test]
#[expect(clippy::disallowed_macros, reason = "prints what is left over")]
fn published_code_is_read() {
    let excerpts = [
        (
            include_str!("data/calls/xero-node-readme.js"),
            "getAccounts getAccount createInvoices createInvoiceHistory createInvoiceAttachmentByFileName \
             getBankTransactions getPurchaseOrders getSubscription",
            "",
        ),
        (
            include_str!("data/calls/xero-mcp-server-handlers.js"),
            "getBankTransaction getContacts createPayment updateTimesheetLine",
            "",
        ),
        (
            include_str!("data/calls/xero-python-readme.py"),
            "getAccounts getAccount getContacts createInvoices createInvoiceAttachmentByFileName getInvoices \
             getSubscription getAssets",
            "",
        ),
        (
            include_str!("data/calls/i-xero2.py"),
            "getConnections getOrganisations getInvoices createInvoices deleteItem",
            "",
        ),
        (
            include_str!("data/calls/xerosdk-apis.py"),
            "getInvoices getInvoice updateOrCreateInvoices",
            "/api.xro/2.0/{0}/{1}/attachments /api.xro/2.0/{0}/{1}/attachments/{2}",
        ),
    ];
    let mut remains = Vec::new();
    for (text, expected, unresolved) in excerpts {
        let found = resolve(text);
        let ids: Vec<&str> = found.calls.iter().flat_map(|call| &call.rows).map(|&row| row_of(row).id()).collect();
        assert_eq!(ids.join(" "), expected);
        let left: Vec<&str> = found.unresolved.iter().map(|call| call.text.as_str()).collect();
        assert_eq!(left.join(" "), unresolved);
        assert!(found.calls.iter().all(|call| call.assumed.is_none()), "{found:?}");
        remains.extend(found.unresolved);
    }
    println!("{} unresolved in {} excerpts: {remains:?}", remains.len(), excerpts.len());
    assert!(remains.len() <= 2, "{remains:?}");
}

#[test]
fn a_recording_of_a_browser_is_read() {
    let found = resolve(include_str!("data/calls/browser.har"));
    let calls: Vec<(String, usize)> = keys(&found).into_iter().zip(found.calls.iter().map(|call| call.times)).collect();
    let calls: Vec<(&str, usize)> = calls.iter().map(|(key, times)| (key.as_str(), *times)).collect();
    assert_eq!(
        calls,
        [
            ("accounting.getInvoices", 1),
            ("accounting.getOrganisations", 1),
            ("accounting.getInvoice", 2),
            ("accounting.updateInvoice", 1),
            ("accounting.createContacts", 1),
            ("accounting.getInvoiceAttachments", 1),
            ("accounting.getReportTrialBalance", 1),
            ("accounting.deleteItem", 1),
        ]
    );
    assert!(found.calls.iter().all(|call| call.assumed.is_none() && call.rows.len() == 1), "{found:?}");
    let [left] = found.unresolved.as_slice() else { panic!("{:?}", found.unresolved) };
    assert!(left.text.ends_with("/api.xro/2.0/Invoicez") && left.method == Some("GET"), "{left:?}");
    assert_eq!(row_of(left.candidates[0]).key(), "accounting.getInvoices");
    // The page itself.
    assert_eq!(found.ignored, Ignored { other_hosts: 1, ..Ignored::default() });
}

#[derive(Deserialize)]
struct App {
    language: String,
    origin: String,
    /// The form of a call in the language, with `{}` for its receiver and method.
    line: String,
    /// A line that names the API where the receivers do not, or nothing.
    named: String,
    calls: Vec<String>,
    operations: Vec<String>,
    /// Those that the catalogue does not have: Xero took them out of its specification.
    unresolved: Vec<String>,
}

#[test]
#[expect(clippy::disallowed_macros, reason = "prints what is left over")]
fn calls_of_sample_apps_in_other_languages_are_read() {
    let apps: Vec<App> = serde_json::from_str(include_str!("data/calls/sdk-apps.json")).unwrap();
    let mut counts = BTreeMap::new();
    for App { language, origin, line, named, calls, operations, unresolved } in &apps {
        let lines: Vec<String> = calls.iter().map(|call| line.replace("{}", call)).collect();
        let found = resolve(&format!("{named}\n{}", lines.join("\n")));
        assert_eq!(keys(&found), *operations, "{origin}");
        assert!(found.calls.iter().all(|call| call.assumed.is_none() && !call.ambiguous), "{origin}: {found:?}");
        let left: Vec<&str> = found.unresolved.iter().map(|call| call.text.as_str()).collect();
        assert_eq!(left, *unresolved, "{origin}");
        let count = counts.entry(language).or_insert((0, 0));
        *count = (count.0 + calls.len(), count.1 + found.unresolved.len());
    }
    println!("calls and how many are unresolved: {counts:?}");
    assert_eq!(counts.keys().map(|language| language.as_str()).collect::<Vec<_>>(), [".NET", "Java", "PHP", "Ruby"]);
    assert!(counts.values().all(|(calls, unresolved)| *calls >= 20 && *unresolved <= 5), "{counts:?}");
}

#[test]
fn every_method_of_the_published_sdks_is_an_operation() {
    for text in [include_str!("data/calls/xero-node-methods.txt"), include_str!("data/calls/xero-python-methods.txt")] {
        let found = resolve(text);
        assert!(found.unresolved.is_empty(), "{:?}", found.unresolved);
        assert_eq!(found.calls.len(), text.lines().count());
        assert!(found.calls.iter().all(|call| call.rows.len() == 1 && call.times == 1), "{found:?}");
        let called: Vec<String> = text.lines().map(|line| format!("await x.{line}(tenant)")).collect();
        assert_eq!(keys(&resolve(&called.join("\n"))), keys(&found));
    }
}

/// Texts that must never be in an answer.
const SECRETS: [&str; 5] = [
    "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJzZWNyZXQifQ.c2lnbmF0dXJlc2lnbmF0dXJl",
    "eyJhbGciOiJub25lIn0",
    "0123456789ABCDEF0123456789ABCDEF",
    "s3cr3tS3CR3Ts3cr3tS3CR3Ts3cr3tS3CR3Ts3cr3tS3CR3T",
    "hunter2!hunter2",
];

/// Texts in which `$` is a secret, and `~` too where only the shape of one can give it away.
#[rustfmt::skip]
const PLACES: &[&str] = &[
    "GET /Invoices?token=$", "GET /Invoicez?token=$&page=1", "https://api.xero.com/api.xro/2.0/Invoices?where=$#$", "GET /Invoices/~",
    "GET /Invoices/~/Email", "GET /Invoicez/~", "GET https://id:$@api.xero.com/api.xro/2.0/Invoices",
    "https://$:x@api.xero.com/api.xro/2.0/Invoicez", "https://$@api.xero.com/api.xro/2.0/Invoices",
    "https://a:b?$@api.xero.com/api.xro/2.0/Invoices", "https://a:b/$@api.xero.com/api.xro/2.0/Invoices",
    "GET /Invoices;jsessionid=$", "GET /access_token=$",
    "curl https://api.xero.com/api.xro/2.0/Invoices -H 'Authorization: Bearer $'", "curl -u id:$ api.xero.com/connections",
    "curl -u 'id:$' 'https://api.xero.com/api.xro/2.0/Foo?x=$'", "curl -b 'session=$' -d '{\"x\":\"$\"}' {{base}}/Invoices",
    "curl id:$@api.xero.com/api.xro/2.0/Invoices", "curl --oauth2-bearer $ https://api.xero.com/api.xro/2.0/Invoices",
    "curl -H \"Authorization: Bearer $\" https://api.xero.com/api.xro/2.0/Invoicez", "Authorization: Bearer $", "Cookie: a=$",
    "client_secret=$", "10.0.0.1 - $ [1/Oct/2026:00:00:00 +0000] \"GET /api.xro/2.0/Items?x=$ HTTP/1.1\" 200 1 \"https://a/?$\" \"$\"",
    "{\"method\":\"GET\",\"url\":\"https://api.xero.com/api.xro/2.0/Items?x=$\",\"authorization\":\"Bearer $\"}",
    "{\"method\":\"GET\",\"url\":\"https:\\/\\/u:$@api.xero.com\\/api.xro\\/2.0\\/Itemz\"}",
    "{\"log\":{\"entries\":[{\"request\":{\"method\":\"GET\",\"url\":\"https://api.xero.com/api.xro/2.0/Itemz?x=$\",\"headers\":[{\"name\":\"Authorization\",\"value\":\"Bearer $\"}],\"cookies\":[{\"value\":\"$\"}]}}]",
    "xero.fetch(\"/Invoices?token=$\", { headers: { Authorization: \"Bearer $\" } })", "xero.fetch(`/Invoicez/{id}?x=$`)",
    "xero.accountingApi.getInvoices(\"$\", '$')", "xero.accountingApi.getInvoicez(\"$\")",
    "AccountingApi.getInstance(\"$\").getInvoices(x, \"$\")", "AccountingApi.getInstance(\"$\").getInvoicez(x)",
    "axios.get('https://api.xero.com/api.xro/2.0/Invoices/' + '$' + '/x')",
    "~.getInvoices(x)", "accounting.~", "/~", "/Invoices/~/~", "GET ~/Invoices", "$", "export XERO_TOKEN=$",
];

#[test]
fn nothing_that_looks_like_a_secret_gets_out() {
    let mut results = 0;
    for place in PLACES {
        for secret in SECRETS {
            if place.contains('~') && secret == "hunter2!hunter2" {
                continue;
            }
            let text = place.replace(['$', '~'], secret);
            let found = resolve(&text);
            results += found.calls.len() + found.unresolved.len();
            let out = format!("{} {found:?}", serde_json::to_string(&found).unwrap());
            for part in secret.split(['.', '!']).map(|part| &part[..8.min(part.len())]) {
                assert!(!out.contains(part), "{text}\n{out}");
            }
        }
    }
    assert!(results > PLACES.len() * 3, "{results} results: too tame");
}

#[test]
fn garbage_is_read_alike_each_time_and_positions_point_at_the_text() {
    let mut random = Random::seeded();
    let (mut calls, mut unresolved) = (0, 0);
    for _ in 0..DRAWS {
        let text: String = (0..random.below(24))
            .map(|_| if random.below(3) == 0 { random.pick(WORDS) } else { random.pick(SYNTAX) })
            .collect();
        let found = resolve(&text);
        assert_eq!(found, resolve(&text), "{text:?}");
        let units: Vec<u16> = text.encode_utf16().collect();
        let points_at = |at: usize, line: usize, written: &str| {
            let before = String::from_utf16(&units[..at]).unwrap();
            let rest = String::from_utf16(&units[at..]).unwrap();
            // Escapes of JSON are decoded.
            before.matches('\n').count() + 1 == line && (rest.starts_with(written) || rest.contains('\\'))
        };
        let mut sets = BTreeSet::new();
        for call in &found.calls {
            assert!(points_at(call.at, call.line, &call.text), "{call:?} in {text:?}");
            assert!(!call.rows.is_empty() && call.rows.is_sorted() && call.times > 0, "{call:?} in {text:?}");
            assert!(call.rows.iter().all(|&row| usize::from(row) < OPERATIONS.len()), "{call:?} in {text:?}");
            // One whose method is assumed is apart from one whose method is written.
            assert!(sets.insert((&call.rows, call.assumed)), "{call:?} twice in {text:?}");
        }
        for call in &found.unresolved {
            assert!(points_at(call.at, call.line, &call.text), "{call:?} in {text:?}");
            assert!(call.candidates.len() <= 3, "{call:?} in {text:?}");
        }
        calls += found.calls.len();
        unresolved += found.unresolved.len();
    }
    assert!(calls > DRAWS / 16 && unresolved > DRAWS / 32, "{calls} calls, {unresolved} unresolved: too tame");
}

#[test]
fn every_line_counts_somewhere() {
    const LINES: &[&str] = &[
        "GET /Invoices",
        "",
        "  ",
        "// x",
        "prose",
        "GET https://example.com/",
        "POST /connect/token",
        "getInvoicez",
        "accountingApi.getItems(t)",
        "OPTIONS /Invoices",
        "{\"a\":1}",
        "curl https://example.com/",
        "/Quotes",
        "curl",
        "é😀",
    ];
    let mut random = Random::seeded();
    for _ in 0..DRAWS / 10 {
        let lines: Vec<&str> = (0..=random.below(9)).map(|_| random.pick(LINES)).collect();
        let text = format!("{}\n", lines.join("\n"));
        if TextKind::of(text.as_str().into()) == TextKind::Structured {
            // One object and blank lines: it counts as a whole.
            continue;
        }
        let found = resolve(&text);
        let Ignored { blank, comments, other_hosts, sign_in, preflights, other, .. } = found.ignored;
        let ignored = blank + comments + other_hosts + sign_in + preflights + other;
        let times = found.calls.iter().map(|call| call.times).chain(found.unresolved.iter().map(|call| call.times));
        assert_eq!(ignored + times.sum::<usize>(), lines.len(), "{text:?}: {found:?}");
    }
}

#[test]
fn hostile_texts_take_time_in_proportion() {
    // With a cost that grows with the square, most of these would take a minute or more.
    let length = if cfg!(target_arch = "wasm32") { 20_000 } else { 200_000 };
    for piece in HOSTILE {
        for text in [
            piece.repeat(length / piece.len()),
            [piece.repeat(20).as_str(), "\n"].concat().repeat(length / (20 * piece.len())),
        ] {
            resolve(&text);
            resolve(&format!("{{\"log\":{{{text}"));
            resolve_all([("a.yaml", text.as_str()), ("a.bru", &text)]);
            resolve(&format!("type: DeclarativeSource\n{text}"));
        }
    }
    // A second file makes other questions of each token: with the square, a million lines would take many minutes.
    let lines = length * 5;
    for piece in ["\n", "// x\n", "# x\n", "a\n\n\n", ", \n", "{\n", "\n)", "\n.a"] {
        let text = piece.repeat(lines / piece.len());
        let code = format!("{text}\nfetch('https://api.xero.com/api.xro/2.0/Payments', {{ method: 'PUT' }});");
        let small = "export const org = () => fetch('https://api.xero.com/api.xro/2.0/Organisation');";
        let found = resolve_all([("a.js", small), ("b.js", &code), ("c.py", &code)]);
        assert!(!found.calls.is_empty(), "{piece:?}");
    }
    let paths: Vec<String> = (0..20_000).map(|n| format!("GET /Thing{n}/Other")).collect();
    assert_eq!(resolve(&paths.join("\n")).unresolved.len(), 20_000);
}

/// Repeated, each of these begins something over and over.
#[rustfmt::skip]
const HOSTILE: &[&str] = &[
    "a", "get", "getA", "getInvoices(x)", "getInvoices(x) ", ".getInvoices(x)", "accountingApi.getInvoicez(x) ", "Async", "get_a.", "(",
    ")", "()", "(a).getInvoices(x) ", "\"", "'", "\"/", "\"/Invoices\" ", "`${", "{", "{{", "${", "<", "#{", "/", "//", "/*", " //", "GET ",
    "GET /", "GET /Invoices ", "GET /Invoicez ", "GET /a\n", "https://", "https://a@", "http", "https://api.xero.com/api.xro/2.0/Items ",
    "curl ", "curl \"", "curl '\n", "curl https://a\\\n", "curl -X", "curl '", "curl \"\\\" ", "\\\n", "xero.fetch(\"/Invoices\",",
    "fetch(\"https://a\" + ", "xero.fetch(\"/\" + a + ", "method", "method:", "{\"log\":{", "{\"log\":{\"a\":[", "{\"request\":",
    "{\"method\":\"GET\",\"url\":\"/a\"},", "[", "\"a\":", ".xro/", "api.xro/", " ", "\t", "\r", "\u{feff}", "é", "😀", "- ", "1.",
    "operationId:", "getInvoices,", "::", "->", "%", "u=\"/Invoices\";f(u,", "u=\"/Invoices\" u u u u ", "/* */ a", "url=", "a(b,'GET','/Items'",
    "a: ", "a: b\n", "- a: b\n", "a: &b ", "a: \"", "a: '", "a: [", "a: {b", "a: |\n", "a: {a: [", "{% ", "{{a}}", "- - ", "|", "| GET | ", ",", "a=",
];

/// Garbage is made of these …
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "GET ", "POST ", "/Invoices", "/Invoicez", "https://api.xero.com", "/api.xro/2.0", "/payroll.xro/2.0/Employees", "curl ", "-X PUT ",
    "accountingApi", "getInvoices", "get_contacts", "GetItemsAsync", "payroll_nz_api.", "xero.fetch(\"", "xero.json(\"GET\", \"/Items\")",
    "{\"log\":{", "\"request\":{", "\"method\":\"GET\",", "\"url\":\"/Invoices\"", "method: \"POST\"", "operationId: ", "user:pass@",
    "243216c5-369e-4056-ac67-05388f86dc81", "eyJhbGciOiJub25lIn0", "https://example.com", "getInvoicez", "HTTP/1.1",
];

/// … and of syntax and halves of it.
#[rustfmt::skip]
const SYNTAX: &[&str] = &[
    " ", " ", " ", "\n", "\n", "\r\n", "\t", ".", ".", "->", "?.", "::", "(", "(", "x)", ")", "{", "}", "[", "]", "<", ">", "\"", "'", "`", "/", "//", "/*", "*/",
    "#", "# ", "- ", "* ", "$", "${", "{{", "}}", "?", "&", "=", ":", ",", ";", "|", "\\", "\\\n", "+", "@", "%20", "é", "😀", "\u{feff}", "\u{200b}", "\u{a0}", "\u{b}", "\u{0}", "a",
    "1", "_", "--",
];
