//! The local Xero through its public API: tokens, refusals, every operation, the books, limits, states, keys and faults.
#![cfg(feature = "simulator")]

mod support;

#[cfg(test)]
mod simulator {
    use std::collections::{BTreeMap, BTreeSet};

    use base64ct::{Base64, Base64UrlUnpadded, Encoding};
    use serde_json::{Value, json};

    use super::support::Random;
    use xero_m2m::catalogue::{Held, Mask, Method, OPERATIONS, Operation, SCOPES};
    use xero_m2m::error::Code;
    use xero_m2m::scope::ScopeSet;
    use xero_m2m::secret::Secret;
    use xero_m2m::simulator::fault::{FaultRule, Transport};
    use xero_m2m::simulator::{Country, HttpRequest, HttpResponse, Limits, Reply, Simulator, SimulatorConfig, State};
    use xero_m2m::time::{Date, Timestamp};

    const NOW: u64 = 1_795_000_000_000;
    const ID: &str = "0123456789ABCDEF0123456789ABCDEF";
    const SECRET: &str = "s3cret+/ with: odd%chars";

    fn now() -> Timestamp {
        Timestamp::from_ms(NOW)
    }

    fn config(scopes: &str) -> SimulatorConfig {
        SimulatorConfig {
            client_id: ID.to_owned(),
            client_secret: Secret::new(SECRET.to_owned()),
            scopes: ScopeSet::from_wire(scopes),
            invoices: 250,
            ..SimulatorConfig::new(7, now().date())
        }
    }

    fn open(scopes: &str) -> Simulator {
        Simulator::new(config(scopes)).unwrap()
    }

    fn form_encoded(text: &str) -> String {
        text.bytes()
            .map(|b| match b {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(b).to_string(),
                b' ' => "+".to_owned(),
                _ => format!("%{b:02X}"),
            })
            .collect()
    }

    fn basic(id: &str, secret: &str) -> String {
        format!("Basic {}", Base64::encode_string(format!("{}:{}", form_encoded(id), form_encoded(secret)).as_bytes()))
    }

    fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> HttpRequest {
        HttpRequest {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: body.as_bytes().to_vec(),
        }
    }

    fn token_request(authorization: Option<&str>, body: &str) -> HttpRequest {
        let mut headers = vec![("Content-Type", "application/x-www-form-urlencoded")];
        headers.extend(authorization.map(|value| ("Authorization", value)));
        request("POST", "/connect/token", &headers, body)
    }

    /// Performs a request, and signs if asked to. The signature contains the ticket, so that each token is unique.
    fn send(simulator: &mut Simulator, request: &HttpRequest, at: Timestamp) -> HttpResponse {
        match simulator.handle(request, at) {
            Reply::Respond(response) => response,
            Reply::Sign { ticket, input } => {
                assert!(input.is_ascii());
                simulator.signed(ticket, &Base64UrlUnpadded::encode_string(&ticket.to_be_bytes()))
            }
            Reply::Spoil { transport, .. } => panic!("no rule asks for {transport:?}"),
        }
    }

    fn body(response: &HttpResponse) -> Value {
        serde_json::from_slice(&response.body).unwrap_or_else(|_| panic!("not JSON: {response:?}"))
    }

    fn header<'a>(response: &'a HttpResponse, name: &str) -> Option<&'a str> {
        response.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    fn token(simulator: &mut Simulator, scope: Option<&str>, at: Timestamp) -> String {
        let form = scope.map_or_else(String::new, |scope| format!("&scope={}", form_encoded(scope)));
        let request = token_request(Some(&basic(ID, SECRET)), &format!("grant_type=client_credentials{form}"));
        let response = send(simulator, &request, at);
        assert_eq!(response.status, 200, "{response:?}");
        body(&response)["access_token"].as_str().unwrap().to_owned()
    }

    fn call(simulator: &mut Simulator, token: &str, method: &str, target: &str, body: &str) -> HttpResponse {
        let bearer = format!("Bearer {token}");
        let headers =
            [("Authorization", bearer.as_str()), ("Accept", "application/json"), ("Content-Type", "application/json")];
        send(simulator, &request(method, target, &headers, body), now())
    }

    fn get(simulator: &mut Simulator, token: &str, target: &str) -> Value {
        let response = call(simulator, token, "GET", target, "");
        assert_eq!(response.status, 200, "{target}: {}", String::from_utf8_lossy(&response.body));
        body(&response)
    }

    // Identity

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
        let cases: [(&str, Option<&str>, &str, Option<&str>); 20] = [
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
            ("refresh token", Some(&good), "grant_type=refresh_token&refresh_token=x", Some("unsupported_grant_type")),
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
            assert_eq!(simulator.counts().token_requests, 20);
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
        // The later one is signed first, as can happen on a busy server.
        assert_eq!(body(&simulator.signed(second, "Yg"))["access_token"], format!("{two}.Yg"));
        assert_eq!(body(&simulator.signed(first, "YQ"))["access_token"], format!("{one}.YQ"));
        assert_eq!(simulator.signed(first, "YQ").status, 500, "a ticket is good once");
        let Reply::Sign { ticket, .. } = simulator.handle(&request, now()) else { panic!("granted") };
        assert_eq!(simulator.signed(ticket, "not base64url!").status, 500);
    }

    // The API: tokens, tenants and scopes

    #[test]
    fn only_an_issued_token_opens_the_api_and_only_until_it_ends() {
        let mut simulator = open("accounting.settings");
        let good = token(&mut simulator, None, now());
        let forged = format!("{}A", good.strip_suffix(good.chars().last().unwrap()).unwrap());
        let swapped = good.replacen("ey", "ez", 1);
        assert_ne!(forged, good);
        let path = "/api.xro/2.0/Organisation";
        let ask = |simulator: &mut Simulator, authorization: Option<&str>, at: u64| {
            let headers: Vec<_> = authorization.map(|value| ("authorization", value)).into_iter().collect();
            send(simulator, &request("GET", path, &headers, ""), Timestamp::from_ms(at))
        };
        assert_eq!(ask(&mut simulator, Some(&format!("bearer {good}")), NOW).status, 200);
        for (authorization, challenge) in [
            (None, "Bearer"),
            (Some(basic(ID, SECRET)), "Bearer"),
            (Some("Bearer ".to_owned()), "Bearer"),
            (Some(format!("Bearer {good} {good}")), "Bearer"),
            (Some(format!("Bearer {forged}")), "Bearer error=\"invalid_token\""),
            (Some(format!("Bearer {swapped}")), "Bearer error=\"invalid_token\""),
            (Some("Bearer undefined".to_owned()), "Bearer error=\"invalid_token\""),
        ] {
            let response = ask(&mut simulator, authorization.as_deref(), NOW);
            assert_eq!(response.status, 401, "{authorization:?}");
            assert_eq!(header(&response, "www-authenticate"), Some(challenge), "{authorization:?}");
            assert_eq!(header(&response, "content-type"), Some("application/json; charset=utf-8"));
            let instance = header(&response, "xero-correlation-id").unwrap();
            let expected = json!({
                "Type": null, "Title": "Unauthorized", "Status": 401, "Detail": "AuthenticationUnsuccessful",
                "Instance": instance, "Extensions": {}
            });
            assert_eq!(body(&response), expected, "{authorization:?}");
        }
        let bearer = format!("Bearer {good}");
        assert_eq!(ask(&mut simulator, Some(&bearer), NOW + 1_799_999).status, 200);
        let expired = ask(&mut simulator, Some(&bearer), NOW + 1_800_000);
        assert_eq!(expired.status, 401);
        let instance = header(&expired, "xero-correlation-id").unwrap();
        let expected = json!({
            "Type": null, "Title": "Unauthorized", "Status": 401,
            "Detail": "TokenExpired: token expired at 11/18/2026 11:36:40", "Instance": instance, "Extensions": {}
        });
        assert_eq!(body(&expired), expected);
        // A new token works. When the clock goes back, the old one works again.
        let renewed = token(&mut simulator, None, Timestamp::from_ms(NOW + 1_800_000));
        assert_eq!(ask(&mut simulator, Some(&format!("Bearer {renewed}")), NOW + 1_800_000).status, 200);
        assert_eq!(ask(&mut simulator, Some(&bearer), NOW).status, 200);
        assert_eq!(simulator.counts().api_requests, 12);
        assert_eq!(simulator.counts().refusals, 8);
    }

    #[test]
    fn the_tenant_header_may_be_absent_empty_or_right() {
        let mut simulator = open("accounting.settings.read");
        let token = token(&mut simulator, None, now());
        let bearer = format!("Bearer {token}");
        let path = "/api.xro/2.0/Organisation";
        let id = get(&mut simulator, &token, path)["Organisations"][0]["OrganisationID"].as_str().unwrap().to_owned();
        let claims = Base64UrlUnpadded::decode_vec(token.split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["xero_tenant_id"], id.as_str());
        for (tenant, status) in
            [("", 200), (id.as_str(), 200), ("00000000-0000-0000-0000-000000000000", 403), ("undefined", 403)]
        {
            let headers = [("Authorization", bearer.as_str()), ("Xero-Tenant-Id", tenant)];
            let response = send(&mut simulator, &request("GET", path, &headers, ""), now());
            assert_eq!(response.status, status, "{tenant}");
            if status == 403 {
                assert_eq!(body(&response)["Title"], "Forbidden");
                assert_eq!(body(&response)["Detail"], "AuthenticationUnsuccessful");
            }
        }
    }

    /// A path of the operation.
    fn example_path(operation: &Operation) -> String {
        let value = if operation.id_only() { "00000000-0000-4000-8000-000000000001" } else { "A-1" };
        let path = operation.path().split('/').map(|segment| if segment.starts_with('{') { value } else { segment });
        format!("{}{}", operation.api.row().unwrap().base, path.collect::<Vec<_>>().join("/"))
    }

    fn held_by_some(created_on: &str) -> impl Iterator<Item = &'static str> {
        let split = Date::new(2026, 4, 29);
        let legacy = Date::parse(created_on) < split;
        SCOPES
            .iter()
            .filter(move |scope| scope.held != Held::No && (legacy || scope.held != Held::LegacyOnly))
            .map(|scope| scope.name)
    }

    #[test]
    fn every_operation_is_refused_without_its_scope_and_let_through_with_it() {
        let everything: Vec<_> = held_by_some("2026-04-28").collect();
        let mut simulator = Simulator::new(SimulatorConfig {
            created_on: Date::new(2026, 4, 28).unwrap(),
            invoices: 3,
            ..config(&everything.join(" "))
        })
        .unwrap();
        let holdable = ScopeSet::from_names(everything.iter().copied()).known();
        let mut tokens: BTreeMap<u128, String> = BTreeMap::new();
        let (mut refused, mut opened, mut never) = (0, 0, 0);
        for operation in OPERATIONS.iter() {
            let needs = operation.needs().any();
            let target = example_path(operation);
            let key = operation.key();
            let mut ask = |mask: Mask| {
                let token = tokens
                    .entry(mask.0)
                    .or_insert_with(|| token(&mut simulator, Some(&ScopeSet::from(mask).to_string()), now()));
                let body = if operation.is_read() { "" } else { "{}" };
                call(&mut simulator, token, operation.method.as_str(), &target, body)
            };
            let without = holdable.difference(needs);
            if needs.is_empty() {
                assert!(ask(holdable).status < 300, "{key}");
                continue;
            }
            let response = ask(without);
            assert_eq!(response.status, 401, "{key}");
            assert_eq!(header(&response, "www-authenticate"), Some("insufficient_scope"), "{key}");
            assert_eq!(body(&response)["Detail"], "AuthorizationUnsuccessful", "{key}");
            refused += 1;
            if !needs.intersects(holdable) {
                never += 1;
                continue;
            }
            for scope in needs.intersection(holdable).iter() {
                let response = ask(Mask::only(scope));
                let fine = matches!(response.status, 200..300 | 400 | 404);
                assert!(fine, "{key} with {}: {}", scope.name(), response.status);
                // A 404 means a missing record here, not a missing path.
                assert!(!response.body.starts_with(b"There is nothing"), "{key}");
            }
            opened += 1;
        }
        assert_eq!(
            (refused, opened, never),
            (482, 478, 4),
            "connections need no scope, the app store one that cannot be held"
        );
        assert!(simulator.counts().token_requests > 100);
    }

    #[test]
    fn journals_and_broad_scopes_depend_on_the_day_of_creation() {
        let on = |day: &str, scopes: &str| {
            Simulator::new(SimulatorConfig { created_on: Date::parse(day).unwrap(), invoices: 0, ..config(scopes) })
        };
        for scope in ["accounting.journals.read", "accounting.transactions", "accounting.reports.read"] {
            assert!(on("2026-04-28", scope).is_ok(), "{scope}");
            let error = on("2026-04-29", scope).unwrap_err();
            assert_eq!(error.code(), Code::InvalidOption);
            assert_eq!(error.scopes(), [scope]);
            assert_eq!(error.rule(), Some(if scope == "accounting.journals.read" { "R7" } else { "R29" }));
            assert!(error.message().contains(scope) && error.message().contains("2026-04-29"), "{error}");
        }
        for scope in ["openid", "offline_access", "app.connections", "practicemanager", "no.such.scope"] {
            assert_eq!(on("2026-04-28", scope).unwrap_err().scopes(), [scope]);
        }
        assert_eq!(on("2026-04-28", "").unwrap_err().rule(), Some("R28"));
        assert!(on("2026-11-01", &held_by_some("2026-11-01").collect::<Vec<_>>().join(" ")).is_ok());

        let mut simulator = open("accounting.settings");
        let token = token(&mut simulator, None, now());
        let response = call(&mut simulator, &token, "GET", "/api.xro/2.0/Journals", "");
        assert_eq!(response.status, 401);
        assert_eq!(body(&response)["Detail"], "AuthorizationUnsuccessful");
    }

    #[test]
    fn unknown_paths_and_methods_have_their_own_refusals() {
        let mut simulator = open("accounting.invoices accounting.settings");
        let token = token(&mut simulator, None, now());
        let mut status =
            |method: &str, target: &str, body: &str| call(&mut simulator, &token, method, target, body).status;
        assert_eq!(status("GET", "/api.xro/2.0/Invoices", ""), 200);
        assert_eq!(status("GET", "/API.XRO/2.0/invoices", ""), 200);
        assert_eq!(status("GET", "https://api.xero.com/api.xro/2.0/Invoices?page=1", ""), 200);
        assert_eq!(status("GET", "/api.xro/2.0/Nothing", ""), 404);
        assert_eq!(status("GET", "/api.xro/2.0/Invoices/", ""), 404);
        assert_eq!(status("GET", "/api.xro/3.0/Invoices", ""), 404);
        assert_eq!(status("GET", "/", ""), 404);
        assert_eq!(status("PATCH", "/api.xro/2.0/Invoices", ""), 501);
        assert_eq!(status("OPTIONS", "/api.xro/2.0/Invoices", ""), 501);
        assert_eq!(status("GET", "/api.xro/2.0/Invoices", r#"{"Invoices":[]}"#), 400);
        // As the SDK for Node.js sends it.
        assert_eq!(status("GET", "/api.xro/2.0/Invoices", "{}"), 200);
        assert_eq!(status("GET", "/api.xro/2.0/Invoices/INV-9999", ""), 404);
    }

    // The books

    /// Cents of a JSON number: whole, so that a double holds them exactly.
    fn cents(value: &Value) -> f64 {
        let number = value.as_f64().unwrap_or_else(|| panic!("{value} is not a number"));
        let cents = (number * 100.0).round();
        assert!((number * 100.0 - cents).abs() < 1e-6, "{number} is not in whole cents");
        cents
    }

    fn check_totals(invoice: &Value, rates: &BTreeMap<&str, f64>) {
        let near = |found: f64, expected: f64, by: f64| {
            assert!((found - expected).abs() <= by + 1e-6, "{found} is not {expected}: {invoice:#}");
        };
        let same = |found: f64, expected: f64| near(found, expected, 0.0);
        let own = |member: &str| cents(&invoice[member]);
        let sum = |list: &str, member: &str| -> f64 {
            invoice[list].as_array().unwrap().iter().map(|row| cents(&row[member])).sum()
        };
        let (lines, tax) = (sum("LineItems", "LineAmount"), sum("LineItems", "TaxAmount"));
        let inclusive = invoice["LineAmountTypes"] == "Inclusive";
        same(own("TotalTax"), tax);
        same(own("SubTotal"), if inclusive { lines - tax } else { lines });
        same(own("Total"), own("SubTotal") + tax);
        same(own("AmountPaid"), sum("Payments", "Amount"));
        let due = own("Total") - own("AmountPaid");
        assert!(due >= 0.0, "{invoice:#}");
        let settled = matches!(invoice["Status"].as_str(), Some("PAID" | "VOIDED" | "DELETED"));
        same(own("AmountDue"), if settled { 0.0 } else { due });
        for line in invoice["LineItems"].as_array().unwrap() {
            let product = line["Quantity"].as_f64().unwrap() * line["UnitAmount"].as_f64().unwrap();
            let amount = cents(&line["LineAmount"]);
            near(amount, product * 100.0, 0.5);
            let rate = rates[line["TaxType"].as_str().unwrap()];
            near(cents(&line["TaxAmount"]), amount * rate / if inclusive { 100.0 + rate } else { 100.0 }, 0.5);
        }
    }

    #[test]
    fn the_demo_company_adds_up_in_every_country() {
        let countries = [
            (Country::Australia, "AUD", "AU", [("OUTPUT", 10.0), ("INPUT", 10.0)]),
            (Country::NewZealand, "NZD", "NZ", [("OUTPUT2", 15.0), ("INPUT2", 15.0)]),
            (Country::UnitedKingdom, "GBP", "GB", [("OUTPUT2", 20.0), ("INPUT2", 20.0)]),
            (Country::UnitedStates, "USD", "US", [("NONE", 0.0), ("NONE", 0.0)]),
        ];
        for (country, currency, code, rates) in countries {
            let config = SimulatorConfig {
                country,
                invoices: 1_000,
                ..config("accounting.invoices accounting.settings accounting.contacts")
            };
            let mut simulator = Simulator::new(config).unwrap();
            let token = token(&mut simulator, None, now());
            let organisation = get(&mut simulator, &token, "/api.xro/2.0/Organisation")["Organisations"][0].clone();
            assert_eq!(organisation["CountryCode"], code);
            assert_eq!(organisation["BaseCurrency"], currency);
            let answer = get(&mut simulator, &token, "/api.xro/2.0/Invoices?page=1&pageSize=1000");
            let invoices = answer["Invoices"].as_array().unwrap();
            assert_eq!(invoices.len(), 1_000);
            let mut statuses: BTreeMap<&str, usize> = BTreeMap::new();
            let mut numbers = BTreeSet::new();
            for invoice in invoices {
                check_totals(invoice, &rates.into_iter().collect());
                *statuses.entry(invoice["Status"].as_str().unwrap()).or_default() += 1;
                assert_eq!(invoice["CurrencyCode"], currency);
                assert!(cents(&invoice["Total"]) > 0.0);
                let day = invoice["DateString"].as_str().unwrap();
                assert!(("2025-05-20T00:00:00"..="2026-11-18T00:00:00").contains(&day), "{day}");
                assert!(invoice["DueDateString"].as_str().unwrap() > day);
                let ms = invoice["Date"].as_str().unwrap().strip_prefix("/Date(").unwrap();
                let ms = ms.strip_suffix("+0000)/").unwrap().parse().unwrap();
                assert_eq!(format!("{}T00:00:00", Timestamp::from_ms(ms).date()), day);
                if invoice["Type"] == "ACCREC" {
                    assert!(numbers.insert(invoice["InvoiceNumber"].as_str().unwrap()), "{}", invoice["InvoiceNumber"]);
                }
                assert_eq!(invoice["Status"] == "PAID", invoice.get("FullyPaidOnDate").is_some());
            }
            assert!(statuses["PAID"] > 500, "{statuses:?}");
            for status in ["AUTHORISED", "DRAFT", "SUBMITTED", "VOIDED"] {
                assert!(statuses.contains_key(status), "{code}: {statuses:?}");
            }
            assert!((600..800).contains(&numbers.len()), "{}", numbers.len());
        }
    }

    #[test]
    fn every_page_walk_sees_each_invoice_once() {
        let mut random = Random::seeded();
        let mut draw = |bound: u64| random.below(bound);
        for _ in 0..25 {
            let count = usize::try_from(draw(700)).unwrap();
            let size = 1 + usize::try_from(draw(260)).unwrap();
            let scopes = "accounting.invoices.read";
            let mut simulator =
                Simulator::new(SimulatorConfig { seed: draw(1 << 30), invoices: count, ..config(scopes) }).unwrap();
            let token = token(&mut simulator, None, now());
            let (mut seen, mut total, mut page) = (BTreeSet::new(), 0.0, 1);
            loop {
                let answer = get(&mut simulator, &token, &format!("/api.xro/2.0/Invoices?page={page}&pageSize={size}"));
                let invoices = answer["Invoices"].as_array().unwrap();
                let pages = count.div_ceil(size);
                let expected = json!({ "page": page, "pageSize": size, "pageCount": pages, "itemCount": count });
                assert_eq!(answer["pagination"], expected);
                assert_eq!(invoices.is_empty(), page > pages);
                if invoices.is_empty() {
                    break;
                }
                for invoice in invoices {
                    assert!(seen.insert(invoice["InvoiceID"].as_str().unwrap().to_owned()), "seen twice");
                    total += cents(&invoice["Total"]);
                }
                page += 1;
            }
            assert_eq!(seen.len(), count);
            let whole = get(&mut simulator, &token, "/api.xro/2.0/Invoices?page=1&pageSize=1000");
            let sum: f64 = whole["Invoices"].as_array().unwrap().iter().map(|invoice| cents(&invoice["Total"])).sum();
            assert!((total - sum).abs() < 1e-3, "{total} is not {sum}");
        }
    }

    #[test]
    fn pages_out_of_range_become_the_nearest() {
        let config = SimulatorConfig { invoices: 1_050, ..config("accounting.invoices accounting.contacts.read") };
        let mut simulator = Simulator::new(config).unwrap();
        let token = token(&mut simulator, None, now());
        for (query, page, size, items) in [
            ("", 1, 100, 100),
            ("?page=11", 11, 100, 50),
            ("?page=12", 12, 100, 0),
            ("?page=0", 1, 100, 100),
            ("?page=-4&pageSize=-4", 1, 1, 1),
            ("?pageSize=5000", 1, 1_000, 1_000),
            ("?pageSize=0", 1, 1, 1),
            ("?PAGESIZE=7&Page=2", 2, 7, 7),
            ("?page=two&pageSize=many", 1, 100, 100),
            ("?page=9223372036854775807", i64::MAX, 100, 0),
        ] {
            let answer = get(&mut simulator, &token, &format!("/api.xro/2.0/Invoices{query}"));
            assert_eq!(answer["pagination"]["page"], page, "{query}");
            assert_eq!(answer["pagination"]["pageSize"], size, "{query}");
            assert_eq!(answer["Invoices"].as_array().unwrap().len(), items, "{query}");
        }
        let summary = get(&mut simulator, &token, "/api.xro/2.0/Invoices");
        assert_eq!(summary["Invoices"][0]["LineItems"], json!([]));
        let summary = get(&mut simulator, &token, "/api.xro/2.0/Invoices?page=1&summaryOnly=true");
        assert_eq!(summary["Invoices"][0]["LineItems"], json!([]));
        assert_eq!(get(&mut simulator, &token, "/api.xro/2.0/Contacts?pageSize=50")["pagination"]["pageCount"], 2);
        let response = call(&mut simulator, &token, "GET", "/api.xro/2.0/Invoices?where=Status%3D%3D%22PAID%22", "");
        assert_eq!(response.status, 400);
        assert_eq!(body(&response)["Type"], "QueryParseException");
        assert_eq!(body(&response)["ErrorNumber"], 16);
    }

    #[test]
    fn records_are_found_by_id_number_filter_and_date() {
        let mut simulator = open("accounting.invoices accounting.contacts");
        let token = token(&mut simulator, None, now());
        let all = get(&mut simulator, &token, "/api.xro/2.0/Invoices?page=1&pageSize=1000")["Invoices"].clone();
        let all = all.as_array().unwrap();
        let sale = all.iter().find(|invoice| invoice["Type"] == "ACCREC").unwrap();
        let text = |member: &str| sale[member].as_str().unwrap().to_owned();
        for name in [text("InvoiceID"), text("InvoiceID").to_uppercase(), text("InvoiceNumber")] {
            let found = get(&mut simulator, &token, &format!("/api.xro/2.0/Invoices/{name}"));
            assert_eq!(&found["Invoices"], &json!([sale]), "{name}");
        }
        let contact = sale["Contact"]["ContactID"].as_str().unwrap();
        let found = get(&mut simulator, &token, &format!("/api.xro/2.0/Contacts/{contact}"));
        assert_eq!(found["Contacts"][0]["Name"], sale["Contact"]["Name"]);
        let number = found["Contacts"][0]["ContactNumber"].as_str().unwrap();
        assert_eq!(
            get(&mut simulator, &token, &format!("/api.xro/2.0/Contacts/{number}"))["Contacts"],
            found["Contacts"]
        );
        let status = call(&mut simulator, &token, "GET", "/api.xro/2.0/Contacts/C9999", "").status;
        assert_eq!(status, 404);

        let mut count = |query: &str| {
            let answer = get(&mut simulator, &token, &format!("/api.xro/2.0/Invoices?{query}"));
            usize::try_from(answer["pagination"]["itemCount"].as_u64().unwrap()).unwrap()
        };
        let matching = |member: &str, value: &str| all.iter().filter(|invoice| invoice[member] == value).count();
        assert_eq!(count("Statuses=PAID"), matching("Status", "PAID"));
        let both = matching("Status", "PAID") + matching("Status", "DRAFT");
        assert_eq!(count("statuses=paid,%20DRAFT"), both);
        assert_eq!(
            count(&format!("IDs={},{}", text("InvoiceID"), all[0]["InvoiceID"].as_str().unwrap())),
            if *sale == all[0] { 1 } else { 2 }
        );
        assert_eq!(count(&format!("InvoiceNumbers={}", text("InvoiceNumber"))), 1);
        let of_contact = all.iter().filter(|invoice| invoice["Contact"]["ContactID"] == contact).count();
        assert_eq!(count(&format!("ContactIDs={contact}")), of_contact);

        let bearer = format!("Bearer {token}");
        let mut since = |value: &str| {
            let headers = [("Authorization", bearer.as_str()), ("If-Modified-Since", value)];
            send(&mut simulator, &request("GET", "/api.xro/2.0/Invoices", &headers, ""), now())
        };
        let updated =
            |invoice: &Value| invoice["UpdatedDateUTCString"].as_str().unwrap().trim_end_matches('Z').to_owned();
        let middle = updated(&all[all.len() / 2]);
        let later = all.iter().filter(|invoice| updated(invoice) > middle).count();
        assert!(later > 0 && later < all.len());
        assert_eq!(body(&since(&middle))["pagination"]["itemCount"], later);
        assert_eq!(body(&since("2099-01-01T00:00:00"))["Invoices"], json!([]));
        assert_eq!(since("yesterday").status, 412);
    }

    #[test]
    fn an_invoice_is_made_listed_changed_and_voided() {
        let mut simulator = open("accounting.invoices accounting.contacts");
        let token = token(&mut simulator, None, now());
        let sent = json!({ "Invoices": [{
            "Type": "ACCREC", "Status": "AUTHORISED", "Contact": { "Name": "A New Customer" },
            "Date": "2026-11-10", "DueDate": "/Date(1796083200000)/", "Reference": "R-1", "LineItems": [
                { "Description": "Tyres", "Quantity": 3, "UnitAmount": "33.3333", "AccountCode": "200" },
                { "Description": "Fitting", "UnitAmount": 12.5, "AccountCode": "200", "TaxType": "NONE" }
            ]
        }]});
        let response = call(&mut simulator, &token, "PUT", "/api.xro/2.0/Invoices", &sent.to_string());
        assert_eq!(response.status, 200, "{}", String::from_utf8_lossy(&response.body));
        let made = body(&response)["Invoices"][0].clone();
        let rates = BTreeMap::from([("OUTPUT", 10.0), ("NONE", 0.0)]);
        check_totals(&made, &rates);
        assert_eq!(made["StatusAttributeString"], "OK");
        assert_eq!(
            (&made["SubTotal"], &made["TotalTax"], &made["Total"]),
            (&json!(112.5), &json!(10.0), &json!(122.5))
        );
        assert_eq!(made["DueDateString"], "2026-12-01T00:00:00");
        let number = made["InvoiceNumber"].as_str().unwrap();
        assert!(number.starts_with("INV-"), "{number}");
        let list = get(&mut simulator, &token, "/api.xro/2.0/Invoices?page=3");
        assert_eq!(list["pagination"]["itemCount"], 251);
        assert_eq!(list["Invoices"][50]["InvoiceNumber"], number);
        let contact = made["Contact"]["ContactID"].as_str().unwrap();
        let contact = get(&mut simulator, &token, &format!("/api.xro/2.0/Contacts/{contact}"));
        assert_eq!(contact["Contacts"][0]["Name"], "A New Customer");

        let mut post = |target: &str, body: Value| call(&mut simulator, &token, "POST", target, &body.to_string());
        let by_number = format!("/api.xro/2.0/Invoices/{number}");
        let changed = body(&post(&by_number, json!({ "Reference": "R-2" })));
        assert_eq!(changed["Invoices"][0]["Reference"], "R-2");
        assert_eq!(changed["Invoices"][0]["InvoiceID"], made["InvoiceID"]);
        let refused = post(&by_number, json!({ "LineItems": [], "Status": "DRAFT" }));
        assert_eq!(body(&refused)["Elements"][0]["ValidationErrors"].as_array().unwrap().len(), 2);
        let voided = post("/api.xro/2.0/Invoices", json!({ "InvoiceID": made["InvoiceID"], "Status": "VOIDED" }));
        assert_eq!(body(&voided)["Invoices"][0]["Status"], "VOIDED");
        assert_eq!(body(&voided)["Invoices"][0]["AmountDue"], 0.0);
        assert_eq!(post(&by_number, json!({ "Reference": "R-3" })).status, 400);
        let bill = json!({ "Type": "ACCPAY", "Contact": { "Name": "a new customer" }, "InvoiceNumber": number });
        let bill = body(&post("/api.xro/2.0/Invoices", bill));
        assert_eq!(bill["Invoices"][0]["Status"], "DRAFT");
        assert_ne!(bill["Invoices"][0]["InvoiceID"], made["InvoiceID"]);
        assert_eq!(bill["Invoices"][0]["Contact"]["ContactID"], made["Contact"]["ContactID"]);
    }

    #[test]
    fn invalid_invoices_are_refused_with_their_errors_and_change_nothing() {
        let mut simulator = open("accounting.invoices accounting.contacts");
        let token = token(&mut simulator, None, now());
        let line = json!({ "Description": "x", "UnitAmount": 1, "AccountCode": "200" });
        let with = |change: Value| {
            let mut invoice = json!({
                "Type": "ACCREC", "Contact": { "Name": "Bayside Boatyard" }, "LineItems": [line],
                "DueDate": "2026-12-01", "Status": "AUTHORISED"
            });
            for (name, value) in change.as_object().unwrap() {
                if value.is_null() {
                    invoice.as_object_mut().unwrap().remove(name);
                } else {
                    invoice[name] = value.clone();
                }
            }
            invoice
        };
        let path = "/api.xro/2.0/Invoices";
        for (change, word) in [
            (json!({ "Type": null }), "Type"),
            (json!({ "Type": "ACCRECCREDIT" }), "Type"),
            (json!({ "Contact": null }), "Contact"),
            (json!({ "Contact": { "ContactID": "00000000-0000-0000-0000-000000000000" } }), "ContactID"),
            (json!({ "DueDate": null }), "DueDate"),
            (json!({ "Date": "10/11/2026" }), "Date"),
            (json!({ "Status": "PAID" }), "PAID"),
            (json!({ "Status": "OPEN" }), "Status"),
            (json!({ "LineItems": [] }), "LineItems"),
            (json!({ "LineItems": 1 }), "LineItems"),
            (json!({ "LineItems": [{ "UnitAmount": 1, "AccountCode": "200" }] }), "Description"),
            (json!({ "LineItems": [{ "Description": "x", "UnitAmount": 1 }] }), "AccountCode"),
            (json!({ "LineItems": [{ "Description": "x", "UnitAmount": "1,00" }] }), "UnitAmount"),
            (
                json!({ "LineItems": [{ "Description": "x", "UnitAmount": 2, "Quantity": 2, "LineAmount": 5 }] }),
                "LineAmount",
            ),
            (json!({ "LineItems": [{ "Description": "x", "UnitAmount": 1, "TaxType": "OUTPUT2" }] }), "TaxType"),
            (json!({ "LineItems": [{ "Description": "x", "UnitAmount": -1, "AccountCode": "200" }] }), "negative"),
            (json!({ "LineAmountTypes": "exclusive" }), "LineAmountTypes"),
            (json!({ "InvoiceNumber": "INV-0001" }), "InvoiceNumber"),
        ] {
            let sent = json!({ "Invoices": [with(json!({})), with(change.clone())] });
            let response = call(&mut simulator, &token, "PUT", path, &sent.to_string());
            assert_eq!(response.status, 400, "{change}");
            let answer = body(&response);
            assert_eq!(answer["ErrorNumber"], 10, "{change}");
            assert_eq!(answer["Type"], "ValidationException", "{change}");
            assert_eq!(answer["Message"], "A validation exception occurred", "{change}");
            assert_eq!(answer["Elements"].as_array().unwrap().len(), 1, "{change}");
            let messages = &answer["Elements"][0]["ValidationErrors"];
            let named = messages.as_array().unwrap().iter().any(|row| row["Message"].as_str().unwrap().contains(word));
            assert!(named, "{change}: {messages}");
        }
        let count = |simulator: &mut Simulator| get(simulator, &token, path)["pagination"]["itemCount"].clone();
        assert_eq!(count(&mut simulator), 250, "all or none");

        let mixed = json!({ "Invoices": [with(json!({ "Type": null })), with(json!({}))] });
        let response =
            call(&mut simulator, &token, "PUT", &format!("{path}?summarizeErrors=false"), &mixed.to_string());
        assert_eq!(response.status, 200);
        let answer = body(&response);
        assert_eq!(answer["Invoices"][0]["StatusAttributeString"], "ERROR");
        assert_eq!(answer["Invoices"][1]["StatusAttributeString"], "OK");
        assert_eq!(count(&mut simulator), 251);

        for text in ["", "{", "[]", "{\"Invoices\":{}}", "{\"Invoices\":[1]}", "{\"Invoices\":[]}"] {
            let response = call(&mut simulator, &token, "POST", path, text);
            assert_eq!((response.status, &body(&response)["ErrorNumber"]), (400, &json!(17)), "{text}");
        }
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "text/plain")];
        assert_eq!(send(&mut simulator, &request("POST", path, &headers, "{}"), now()).status, 415);
    }

    #[test]
    fn empty_answers_have_the_form_of_their_operation() {
        let scopes: Vec<_> = held_by_some("2026-11-01").collect();
        let mut simulator =
            Simulator::new(SimulatorConfig { country: Country::NewZealand, ..config(&scopes.join(" ")) }).unwrap();
        let token = token(&mut simulator, None, now());
        let accounts = get(&mut simulator, &token, "/api.xro/2.0/Accounts");
        assert_eq!(accounts["Accounts"], json!([]));
        assert_eq!(accounts["Status"], "OK");
        assert_eq!(accounts["DateTimeUTC"], format!("/Date({NOW})/"));
        let employees = get(&mut simulator, &token, "/payroll.xro/2.0/Employees");
        assert_eq!(employees["employees"], json!([]));
        assert_eq!(employees["problem"], Value::Null);
        assert_eq!(employees["httpStatusCode"], "OK");
        assert_eq!(employees["pagination"]["itemCount"], 0);
        let files = get(&mut simulator, &token, "/files.xro/1.0/Files");
        assert_eq!(files, json!({ "TotalCount": 0, "Page": 1, "PerPage": 50, "Items": [] }));
        assert_eq!(get(&mut simulator, &token, "/projects.xro/2.0/Projects")["items"], json!([]));
        assert_eq!(get(&mut simulator, &token, "/assets.xro/1.0/AssetTypes"), json!([]));
        assert_eq!(get(&mut simulator, &token, "/connections"), json!([]));
        let pdf = call(&mut simulator, &token, "GET", "/api.xro/2.0/Quotes/A-1/pdf", "");
        assert_eq!(header(&pdf, "content-type"), Some("application/pdf"));
        assert!(pdf.body.starts_with(b"%PDF-"));
        let deleted = call(&mut simulator, &token, "DELETE", "/files.xro/1.0/Files/A-1", "");
        assert_eq!((deleted.status, deleted.body.len()), (204, 0));
        assert_eq!(call(&mut simulator, &token, "GET", "/projects.xro/2.0/Projects/A-1", "").status, 404);
    }

    #[test]
    fn a_shared_payroll_path_answers_as_the_country_of_the_organisation_does() {
        let titled = |country| {
            let config = SimulatorConfig { country, invoices: 0, ..config("payroll.employees") };
            let mut simulator = Simulator::new(config).unwrap();
            let token = token(&mut simulator, None, now());
            let response = call(&mut simulator, &token, "POST", "/payroll.xro/2.0/Employees", "{}");
            body(&response)["employee"].get("title").is_some()
        };
        assert!(!titled(Country::NewZealand));
        assert!(titled(Country::UnitedKingdom), "only this one requires a title");
    }

    #[test]
    fn options_that_are_too_large_are_refused_with_their_values() {
        let error = |config: SimulatorConfig| Simulator::new(config).expect_err("too much");
        let many = error(SimulatorConfig { invoices: 1_000_000_000, ..config("files") });
        assert_eq!(many.code(), Code::InvalidOption);
        assert!(many.message().contains("invoices") && many.message().contains("1000000000"), "{many}");
        for token_lifetime_s in [0, u64::MAX] {
            let long = error(SimulatorConfig { token_lifetime_s, ..config("files") });
            assert_eq!(long.code(), Code::InvalidOption);
            assert!(long.message().contains(&token_lifetime_s.to_string()), "{long}");
        }
    }

    #[test]
    fn a_report_is_asked_for_by_a_known_name_or_an_id_and_organisations_is_organisation() {
        let mut simulator = open("accounting.settings.read accounting.reports.taxreports.read");
        let token = token(&mut simulator, None, now());
        let names = get(&mut simulator, &token, "/api.xro/2.0/Organisations")["Organisations"][0]["Name"].clone();
        assert_eq!(names, get(&mut simulator, &token, "/api.xro/2.0/Organisation")["Organisations"][0]["Name"]);
        for (report, nothing) in [
            ("BankStatement", true),
            ("GeneralLedger", true),
            ("00000000-0000-4000-8000-000000000001", false),
            ("00000000000040008000000000000001", false),
        ] {
            let response = call(&mut simulator, &token, "GET", &format!("/api.xro/2.0/Reports/{report}"), "");
            let missing = response.status == 404 && response.body.starts_with(b"There is nothing");
            assert_eq!(missing, nothing, "{report}: {response:?}");
        }
    }

    // The whole

    #[test]
    fn the_same_seed_and_the_same_requests_give_the_same_bytes() {
        let run = |seed: u64| {
            let mut simulator =
                Simulator::new(SimulatorConfig { seed, ..config("accounting.invoices accounting.settings") }).unwrap();
            let token = token(&mut simulator, None, now());
            let body = json!({ "Type": "ACCPAY", "Contact": { "Name": "X" } }).to_string();
            let calls = [
                ("GET", "/api.xro/2.0/Organisation", ""),
                ("GET", "/api.xro/2.0/Invoices?page=2", ""),
                ("POST", "/api.xro/2.0/Invoices", body.as_str()),
                ("GET", "/api.xro/2.0/Accounts", ""),
                ("GET", "/files.xro/1.0/Files", ""),
            ];
            let mut answers: Vec<HttpResponse> =
                calls.iter().map(|(method, target, body)| call(&mut simulator, &token, method, target, body)).collect();
            let refused = token_request(None, "grant_type=client_credentials");
            answers.push(send(&mut simulator, &refused, now()));
            (token, answers)
        };
        let first = run(11);
        assert_eq!(first, run(11));
        let other = run(12);
        assert_ne!(first.0, other.0);
        assert_ne!(first.1[0], other.1[0]);
        let ids: BTreeSet<_> = first.1.iter().filter_map(|response| header(response, "xero-correlation-id")).collect();
        assert_eq!(ids.len(), 5, "every API answer has its own correlation id, token answers have none");
    }

    #[test]
    fn the_default_connection_is_one_that_can_exist() {
        let config = SimulatorConfig::new(1, now().date());
        assert_eq!(config.client_id.len(), 32);
        assert_eq!(config.scopes.len(), 40);
        assert!(Method::parse("get").is_some());
        let shown = format!("{config:?} {:?}", Simulator::new(config.clone()).unwrap());
        assert!(!shown.contains(config.client_secret.reveal()));
    }

    // Limits

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
        simulator.set_in_flight(5);
        let refused = read_at(&mut simulator, &token, "/api.xro/2.0/Organisation", NOW);
        assert_eq!((refused.status, header(&refused, "X-Rate-Limit-Problem")), (429, Some("concurrent")));
        assert_eq!((header(&refused, "Retry-After"), remaining(&refused)[0]), (None, Some("60")));
        simulator.set_in_flight(4);
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
        simulator.set_in_flight(100);
        for _ in 0..200 {
            let served = read_at(&mut simulator, &token, "/api.xro/2.0/Contacts", NOW);
            assert_eq!((served.status, remaining(&served)), (200, [None; 3]));
        }
    }

    // States

    #[test]
    fn a_connection_works_only_while_it_is_authorised() {
        let mut simulator =
            Simulator::new(SimulatorConfig { state: State::Unauthorised, ..config("accounting.contacts.read") })
                .unwrap();
        let claim = |token: &str| {
            let claims = Base64UrlUnpadded::decode_vec(token.split('.').nth(1).unwrap()).unwrap();
            serde_json::from_slice::<Value>(&claims).unwrap()["xero_tenant_id"].is_string()
        };
        let status = |simulator: &mut Simulator, token: &str| {
            let response = call(simulator, token, "GET", "/api.xro/2.0/Contacts", "");
            (response.status, String::from_utf8(response.body).unwrap().contains("AuthenticationUnsuccessful"))
        };
        let early = token(&mut simulator, None, now());
        assert!(!claim(&early), "an unauthorised connection has no organisation yet");
        assert_eq!(status(&mut simulator, &early), (403, false));
        simulator.authorise();
        let later = token(&mut simulator, None, now());
        assert!(claim(&later));
        assert_eq!(status(&mut simulator, &later).0, 200);

        simulator.edit(ScopeSet::from_wire("accounting.contacts.read files")).unwrap();
        assert_eq!((simulator.state(), status(&mut simulator, &later)), (State::Deactivated, (403, false)));
        let after = token(&mut simulator, None, now());
        assert_eq!(status(&mut simulator, &after), (403, false));
        simulator.authorise();
        assert_eq!((status(&mut simulator, &later).0, status(&mut simulator, &after).0), (200, 200));
        // The token keeps the scopes it was issued with.
        assert_eq!(call(&mut simulator, &later, "GET", "/files.xro/1.0/Files", "").status, 401);
        assert_eq!(call(&mut simulator, &after, "GET", "/files.xro/1.0/Files", "").status, 200);

        simulator.reset();
        assert_eq!((simulator.state(), status(&mut simulator, &after)), (State::Reset, (403, true)));
        simulator.authorise();
        assert_eq!(status(&mut simulator, &after).0, 200);
    }

    #[test]
    fn a_broad_scope_that_was_removed_never_comes_back() {
        let before = Date::new(2026, 4, 28).unwrap();
        let broad = "accounting.transactions accounting.settings";
        let mut simulator = Simulator::new(SimulatorConfig { created_on: before, ..config(broad) }).unwrap();
        simulator.edit(ScopeSet::from_wire("accounting.transactions")).unwrap();
        simulator.edit(ScopeSet::from_wire("accounting.invoices")).unwrap();
        simulator.authorise();
        let error = simulator.edit(ScopeSet::from_wire(broad)).unwrap_err();
        assert_eq!((error.code(), error.rule()), (Code::InvalidOption, Some("R11")));
        assert_eq!(error.scopes(), ["accounting.transactions"]);
        assert_eq!(simulator.state(), State::Active, "what is refused changes nothing");
        assert!(simulator.edit(ScopeSet::from_wire("no.such.scope")).is_err());
    }

    #[test]
    fn a_reset_restores_the_books() {
        let mut simulator = open("accounting.invoices");
        let token = token(&mut simulator, None, now());
        let count = |simulator: &mut Simulator| {
            get(simulator, &token, "/api.xro/2.0/Invoices?page=1")["pagination"]["itemCount"].clone()
        };
        let before = count(&mut simulator);
        assert_eq!(call(&mut simulator, &token, "POST", "/api.xro/2.0/Invoices", INVOICE).status, 200);
        assert_ne!(count(&mut simulator), before);
        simulator.reset();
        simulator.authorise();
        assert_eq!(count(&mut simulator), before);
    }

    // Idempotency keys

    const INVOICE: &str = r#"{"Invoices":[{"Type":"ACCREC","Contact":{"Name":"A"},"LineItems":[{"Description":"x","Quantity":1,"UnitAmount":1,"AccountCode":"200"}]}]}"#;

    fn keyed(simulator: &mut Simulator, token: &str, key: &str, body: &str, at: u64) -> HttpResponse {
        let bearer = format!("Bearer {token}");
        let headers =
            [("Authorization", bearer.as_str()), ("Content-Type", "application/json"), ("Idempotency-Key", key)];
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

    // Faults

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
            let number = simulator
                .add_fault(FaultRule::parse(&format!("api 400 body={shape} retry-after=7 problem=day")).unwrap());
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
}
