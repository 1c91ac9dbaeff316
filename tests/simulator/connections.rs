//! Connections of users, the tenant header of their tokens, revocation, and the tokens of the app itself.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::helpers::{
    ID, SECRET, basic, body, config, form_encoded, get, header, now, request, send, token, token_request,
};
use super::users::{
    ORGANISATIONS, ask, call, claims, client_id, connections, consent_to, login, open_for_users, refresh, text,
};
use xero_m2m::simulator::{App, Grace, HttpResponse, Limits, Simulator, SimulatorConfig};

const SCOPES: &str = "offline_access accounting.settings";
const ORGANISATION: &str = "/api.xro/2.0/Organisation";

fn user(simulator: &mut Simulator, app: App) -> String {
    text(&login(simulator, app, SCOPES, now()), "access_token")
}

fn ids(rows: &[Value], name: &str) -> Vec<String> {
    rows.iter().map(|row| text(row, name)).collect()
}

#[test]
fn connections_have_the_members_of_xero() {
    let mut simulator = open_for_users(Grace::Lenient);
    let token = user(&mut simulator, App::Web);
    let rows = connections(&mut simulator, &token, "", now());
    let event = claims(&token)["authentication_event_id"].clone();
    for (row, name) in rows.iter().zip(ORGANISATIONS) {
        let (id, tenant) = (&row["id"], &row["tenantId"]);
        let date = "2026-11-18T11:06:40.0000000";
        let expected = json!({
            "id": id, "authEventId": event, "tenantId": tenant, "tenantType": "ORGANISATION", "tenantName": name,
            "createdDateUtc": date, "updatedDateUtc": date
        });
        assert_eq!(row, &expected);
        assert_ne!(id, tenant);
    }
    assert_eq!(ids(&rows, "tenantId").into_iter().collect::<BTreeSet<_>>().len(), 3);
}

#[test]
fn the_connections_of_one_consent_are_those_with_its_event() {
    let mut simulator = open_for_users(Grace::Lenient);
    consent_to(&mut simulator, 1, &[ORGANISATIONS[0], ORGANISATIONS[1]]);
    let first = user(&mut simulator, App::Web);
    consent_to(&mut simulator, 1, &[ORGANISATIONS[1], ORGANISATIONS[2]]);
    let second = user(&mut simulator, App::Web);
    let of = |simulator: &mut Simulator, token: &str, event: &str| {
        let rows = connections(simulator, token, &format!("?authEventId={event}"), now());
        ids(&rows, "tenantName")
    };
    let event = |token: &str| text(&claims(token), "authentication_event_id");
    // A consent renews a connection, which keeps its id.
    assert_eq!(of(&mut simulator, &first, &event(&first)), [ORGANISATIONS[0]]);
    assert_eq!(of(&mut simulator, &first, &event(&second)), [ORGANISATIONS[1], ORGANISATIONS[2]]);
    assert_eq!(of(&mut simulator, &second, "0"), [""; 0]);
    // Any token of the user reaches all of the user's organisations.
    assert_eq!(connections(&mut simulator, &first, "", now()).len(), 3);
    // Those of another app and of another user are apart.
    consent_to(&mut simulator, 2, &[ORGANISATIONS[0]]);
    let other = user(&mut simulator, App::Web);
    assert_eq!(connections(&mut simulator, &other, "", now()).len(), 1);
    let pkce = user(&mut simulator, App::Pkce);
    assert_ne!(
        ids(&connections(&mut simulator, &pkce, "", now()), "id"),
        ids(&connections(&mut simulator, &other, "", now()), "id")
    );
}

#[test]
fn a_user_token_needs_the_header_of_an_organisation_that_is_connected() {
    let mut simulator = open_for_users(Grace::Lenient);
    consent_to(&mut simulator, 1, &[ORGANISATIONS[0], ORGANISATIONS[1]]);
    let token = user(&mut simulator, App::Pkce);
    let rows = connections(&mut simulator, &token, "", now());
    for row in &rows {
        let response = call(&mut simulator, &token, &text(row, "tenantId"), "GET", ORGANISATION, now());
        let found = body(&response)["Organisations"][0].clone();
        assert_eq!((&found["Name"], &found["OrganisationID"]), (&row["tenantName"], &row["tenantId"]));
    }
    consent_to(&mut simulator, 2, &[ORGANISATIONS[2]]);
    let other = user(&mut simulator, App::Pkce);
    let foreign = text(&connections(&mut simulator, &other, "", now())[0], "tenantId");
    for tenant in ["", "undefined", &foreign, &text(&rows[0], "id"), "00000000-0000-0000-0000-000000000000"] {
        let refused = call(&mut simulator, &token, tenant, "GET", ORGANISATION, now());
        assert_eq!(
            (refused.status, &body(&refused)["Detail"]),
            (403, &json!("AuthenticationUnsuccessful")),
            "{tenant}"
        );
    }
    let scope = call(&mut simulator, &token, &text(&rows[0], "tenantId"), "GET", "/api.xro/2.0/Invoices", now());
    assert_eq!((scope.status, header(&scope, "WWW-Authenticate")), (401, Some("insufficient_scope")));
}

#[test]
fn organisations_have_books_of_their_own() {
    let mut simulator = open_for_users(Grace::Lenient);
    let token = text(&login(&mut simulator, App::Web, "accounting.invoices.read", now()), "access_token");
    let rows = connections(&mut simulator, &token, "", now());
    let mut invoices = BTreeSet::new();
    for row in &rows {
        let response =
            call(&mut simulator, &token, &text(row, "tenantId"), "GET", "/api.xro/2.0/Invoices?page=1", now());
        let page = body(&response);
        assert_eq!(page["pagination"]["itemCount"], 20);
        invoices.extend(page["Invoices"].as_array().unwrap().iter().map(|invoice| text(invoice, "InvoiceID")));
    }
    assert_eq!(invoices.len(), 60);
}

#[test]
fn the_custom_connection_beside_them_stays_as_it_is() {
    let mut simulator = open_for_users(Grace::Lenient);
    let users = user(&mut simulator, App::Web);
    let rows = connections(&mut simulator, &users, "", now());
    let own = token(&mut simulator, None, now());
    let found = get(&mut simulator, &own, ORGANISATION);
    assert_eq!(found["Organisations"][0]["OrganisationID"], rows[0]["tenantId"]);
    let listed = get(&mut simulator, &own, "/connections");
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!((&listed[0]["tenantId"], &listed[0]["tenantName"]), (&rows[0]["tenantId"], &rows[0]["tenantName"]));
    assert_eq!(listed, get(&mut simulator, &own, "/Connections"));
    let path = format!("/connections/{}", text(&listed[0], "id"));
    assert_eq!(call(&mut simulator, &own, "", "DELETE", &path, now()).status, 501);
    let other = call(&mut simulator, &own, &text(&rows[1], "tenantId"), "GET", ORGANISATION, now());
    assert_eq!(other.status, 403);
}

#[test]
fn an_option_leaves_the_custom_connection_out_of_the_list() {
    let config = SimulatorConfig { lists_connection: false, invoices: 0, ..config("accounting.settings") };
    let mut simulator = Simulator::new(config).unwrap();
    let own = token(&mut simulator, None, now());
    assert_eq!(get(&mut simulator, &own, "/connections"), json!([]));
}

#[test]
fn a_deleted_connection_is_gone_for_its_user_only() {
    let mut simulator = open_for_users(Grace::Lenient);
    let token = user(&mut simulator, App::Web);
    consent_to(&mut simulator, 2, &[ORGANISATIONS[0]]);
    let other = user(&mut simulator, App::Web);
    let rows = connections(&mut simulator, &token, "", now());
    let path = format!("/connections/{}", text(&rows[0], "id"));
    assert_eq!(call(&mut simulator, &other, "", "DELETE", &path, now()).status, 404, "somebody else's");
    let deleted = call(&mut simulator, &token, "", "DELETE", &path, now());
    assert_eq!((deleted.status, deleted.body.len()), (204, 0));
    assert_eq!(call(&mut simulator, &token, "", "DELETE", &path, now()).status, 404);
    assert_eq!(connections(&mut simulator, &token, "", now()).len(), 2);
    let tenant = text(&rows[0], "tenantId");
    assert_eq!(call(&mut simulator, &token, &tenant, "GET", ORGANISATION, now()).status, 403);
    assert_eq!(call(&mut simulator, &other, &tenant, "GET", ORGANISATION, now()).status, 200);
    for (method, path) in [("DELETE", "/connections"), ("POST", "/connections"), ("GET", "/connections/x")] {
        assert_eq!(call(&mut simulator, &token, "", method, path, now()).status, 501, "{method} {path}");
    }
}

#[test]
fn a_revocation_drops_all_that_the_user_gave_to_the_app() {
    let mut simulator = open_for_users(Grace::Lenient);
    let first = login(&mut simulator, App::Web, SCOPES, now());
    let second = login(&mut simulator, App::Web, SCOPES, now());
    let of_pkce = login(&mut simulator, App::Pkce, SCOPES, now());
    consent_to(&mut simulator, 2, &[]);
    let of_other = login(&mut simulator, App::Web, SCOPES, now());
    let id = client_id(&simulator, App::Web);
    let good = basic(&id, simulator.config().apps.web_secret.reveal());
    let revoke = |simulator: &mut Simulator, authorization: &str, token: &str| {
        let form = format!("token={}&token_type_hint=refresh_token", form_encoded(token));
        let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Authorization", authorization)];
        send(simulator, &request("POST", "/connect/revocation", &headers, &form), now()).status
    };
    let reaches = |simulator: &mut Simulator, answer: &Value| {
        connections(simulator, &text(answer, "access_token"), "", now()).len()
    };
    // Nothing of this changes anything.
    assert_eq!(revoke(&mut simulator, &basic(&id, "wrong"), &text(&first, "refresh_token")), 400);
    for token in ["unknown", &text(&of_pkce, "refresh_token"), &text(&first, "access_token")] {
        assert_eq!(revoke(&mut simulator, &good, token), 200);
    }
    assert_eq!((reaches(&mut simulator, &first), reaches(&mut simulator, &of_pkce)), (3, 3));

    assert_eq!(revoke(&mut simulator, &good, &text(&first, "refresh_token")), 200);
    assert_eq!((reaches(&mut simulator, &first), reaches(&mut simulator, &second)), (0, 0));
    for answer in [&first, &second] {
        let refused = refresh(&mut simulator, App::Web, &text(answer, "refresh_token"), now());
        assert_eq!(refused, Err("invalid_grant".to_owned()));
    }
    for (app, answer) in [(App::Pkce, &of_pkce), (App::Web, &of_other)] {
        assert_eq!(reaches(&mut simulator, answer), 3);
        assert!(refresh(&mut simulator, app, &text(answer, "refresh_token"), now()).is_ok());
    }
    // The scopes are forgotten, too.
    consent_to(&mut simulator, 1, &[]);
    assert_eq!(login(&mut simulator, App::Web, "files", now())["scope"], "files");
    let pkce = format!("token={}&client_id={}", text(&of_pkce, "refresh_token"), client_id(&simulator, App::Pkce));
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    assert_eq!(send(&mut simulator, &request("POST", "/connect/revocation", &headers, &pkce), now()).status, 200);
    assert_eq!(reaches(&mut simulator, &of_pkce), 0);
}

/// A token of the Web app itself.
fn app_token(simulator: &mut Simulator, scope: &str) -> HttpResponse {
    ask(simulator, App::Web, &format!("grant_type=client_credentials{scope}"), now())
}

fn with_headers(simulator: &mut Simulator, token: &str, more: &[(&str, &str)]) -> HttpResponse {
    let bearer = format!("Bearer {token}");
    let headers: Vec<_> = [("Authorization", bearer.as_str())].iter().chain(more).copied().collect();
    send(simulator, &request("GET", "/connections", &headers, ""), now())
}

#[test]
fn the_app_itself_has_a_token_for_its_own_scopes() {
    let mut simulator = open_for_users(Grace::Lenient);
    for (scope, expected) in [
        ("&scope=app.connections", Ok("app.connections")),
        ("&scope=marketplace.billing", Ok("marketplace.billing")),
        ("", Ok("app.connections marketplace.billing")),
        ("&scope=accounting.settings", Err("unauthorized_client")),
        ("&scope=app.connections+files", Err("unauthorized_client")),
        ("&scope=", Err("invalid_scope")),
    ] {
        let response = app_token(&mut simulator, scope);
        let answer = body(&response);
        match expected {
            Ok(granted) => {
                assert_eq!((response.status, &answer["scope"]), (200, &json!(granted)), "{scope}");
                assert_eq!(answer.as_object().unwrap().len(), 4, "no refresh token");
                let claims = claims(&text(&answer, "access_token"));
                assert_eq!(claims["client_id"], client_id(&simulator, App::Web));
                assert_eq!(claims.get("xero_userid"), None);
            }
            Err(error) => assert_eq!((response.status, &answer["error"]), (400, &json!(error)), "{scope}"),
        }
    }
    let pkce = ask(&mut simulator, App::Pkce, "grant_type=client_credentials&scope=app.connections", now());
    assert_eq!(body(&pkce), json!({ "error": "unauthorized_client" }));
    let custom = token_request(Some(&basic(ID, SECRET)), "grant_type=client_credentials&scope=app.connections");
    assert_eq!(body(&send(&mut simulator, &custom, now()))["error"], "invalid_scope");
}

#[test]
fn an_unconfigured_scope_of_the_app_fails_the_whole_request() {
    let mut config: SimulatorConfig = open_for_users(Grace::Lenient).config().clone();
    config.apps.scopes = xero_m2m::scope::ScopeSet::from_scope_param("files app.connections");
    let mut simulator = Simulator::new(config).unwrap();
    assert_eq!(body(&app_token(&mut simulator, ""))["scope"], "app.connections");
    let refused = body(&app_token(&mut simulator, "&scope=app.connections+marketplace.billing"));
    assert_eq!(refused["error"], "invalid_scope");
    let mut config = simulator.config().clone();
    config.apps.scopes = xero_m2m::scope::ScopeSet::from_scope_param("files");
    let mut simulator = Simulator::new(config).unwrap();
    assert_eq!(body(&app_token(&mut simulator, ""))["error"], "unauthorized_client");
}

#[test]
fn the_app_reads_its_connections_by_organisation_or_user() {
    let mut simulator = open_for_users(Grace::Lenient);
    let of_first = user(&mut simulator, App::Web);
    user(&mut simulator, App::Pkce);
    consent_to(&mut simulator, 2, &[ORGANISATIONS[0]]);
    let of_second = user(&mut simulator, App::Web);
    let token = text(&body(&app_token(&mut simulator, "&scope=app.connections")), "access_token");

    let missing = with_headers(&mut simulator, &token, &[]);
    let words = "Xero-User-Id and/or Xero-Tenant-Id header must be supplied";
    assert_eq!((missing.status, String::from_utf8(missing.body).unwrap().as_str()), (400, words));
    let tenants = ids(&connections(&mut simulator, &of_first, "", now()), "tenantId");
    let (first, second) = (text(&claims(&of_first), "xero_userid"), text(&claims(&of_second), "xero_userid"));
    let count = |simulator: &mut Simulator, headers: &[(&str, &str)]| {
        body(&with_headers(simulator, &token, headers)).as_array().unwrap().len()
    };
    for (headers, expected) in [
        (vec![("Xero-Tenant-Id", tenants[0].as_str())], 2),
        (vec![("Xero-Tenant-Id", &tenants[1])], 1),
        (vec![("Xero-Tenant-Id", "0")], 0),
        (vec![("Xero-User-Id", &first)], 3),
        (vec![("Xero-User-Id", &second)], 1),
        (vec![("Xero-User-Id", &tenants[0])], 0),
        (vec![("Xero-User-Id", &second), ("Xero-Tenant-Id", &tenants[1])], 0),
    ] {
        assert_eq!(count(&mut simulator, &headers), expected, "{headers:?}");
    }
    let row = &connections(&mut simulator, &of_second, "", now())[0];
    let deleted = call(&mut simulator, &token, "", "DELETE", &format!("/connections/{}", text(row, "id")), now());
    assert_eq!(deleted.status, 204);
    assert_eq!(count(&mut simulator, &[("Xero-User-Id", &second)]), 0);
    // It has no organisation, and a token for billing has no connections.
    let refused = call(&mut simulator, &token, &tenants[0], "GET", ORGANISATION, now());
    assert_eq!((refused.status, header(&refused, "WWW-Authenticate")), (401, Some("insufficient_scope")));
    let billing = text(&body(&app_token(&mut simulator, "&scope=marketplace.billing")), "access_token");
    assert_eq!(with_headers(&mut simulator, &billing, &[("Xero-User-Id", &first)]).status, 401);
}

#[test]
fn the_app_reads_subscriptions_and_writes_usage_records() {
    let mut simulator = open_for_users(Grace::Lenient);
    let organisations: Vec<_> = simulator.organisations().collect();
    let token = text(&body(&app_token(&mut simulator, "&scope=marketplace.billing")), "access_token");
    let path = format!("/appstore/2.0/subscriptions/{}", organisations[1].subscription_id);
    let mut ask = |method: &str, path: &str, body: &str| {
        let bearer = format!("Bearer {token}");
        send(&mut simulator, &request(method, path, &[("Authorization", &bearer)], body), now())
    };
    let subscription = body(&ask("GET", &path, ""));
    assert_eq!(
        (&subscription["status"], &subscription["organisationId"]),
        (&json!("ACTIVE"), &json!(organisations[1].id))
    );
    let item = text(&subscription["plans"][0]["subscriptionItems"][0], "id");
    let records = format!("{path}/items/{item}/usage-records");
    let made = body(&ask("POST", &records, r#"{"quantity":3,"timestamp":"2026-11-18T00:00:00Z"}"#));
    assert_eq!((&made["quantity"], &made["subscriptionItemId"]), (&json!(3), &json!(item)));
    let one = format!("{records}/{}", text(&made, "usageRecordId"));
    assert_eq!(body(&ask("PUT", &one, r#"{"quantity":5}"#))["quantity"], 5);
    let listed = body(&ask("GET", &format!("{path}/usage-records"), ""));
    assert_eq!(
        (listed["usageRecords"].as_array().unwrap().len(), &listed["usageRecords"][0]["quantity"]),
        (1, &json!(5))
    );
    for (method, path, body, status) in [
        ("POST", records.as_str(), r#"{"quantity":-1}"#, 400),
        ("PUT", &one, "{}", 400),
        ("PUT", &format!("{records}/x"), r#"{"quantity":1}"#, 404),
        ("POST", &records.replace(&item, "x"), r#"{"quantity":1}"#, 404),
        ("GET", "/appstore/2.0/subscriptions/x", "", 404),
        ("GET", "/api.xro/2.0/Organisation", "", 401),
    ] {
        assert_eq!(ask(method, path, body).status, status, "{method} {path}");
    }
    let connections = text(&body(&app_token(&mut simulator, "&scope=app.connections")), "access_token");
    assert_eq!(call(&mut simulator, &connections, "", "GET", &path, now()).status, 401);
}

#[test]
fn each_organisation_has_limits_of_its_own_and_the_minute_of_the_app_is_common() {
    let limits = Limits { minute: 3, app_minute: 9, ..Limits::default() };
    let config = SimulatorConfig { limits: Some(limits), ..open_for_users(Grace::Lenient).config().clone() };
    let mut simulator = Simulator::new(config).unwrap();
    let (web, pkce) = (user(&mut simulator, App::Web), user(&mut simulator, App::Pkce));
    let tenants = ids(&connections(&mut simulator, &web, "", now()), "tenantId");
    let mut read = |token: &str, tenant: &str| {
        let response = call(&mut simulator, token, tenant, "GET", ORGANISATION, now());
        let count = |name| header(&response, name).map(|text| text.parse::<u32>().unwrap());
        (response.status, count("X-MinLimit-Remaining"), count("X-AppMinLimit-Remaining"))
    };
    for left in (0..3).rev() {
        assert_eq!(read(&web, &tenants[0]), (200, Some(left), Some(left + 5)));
    }
    assert_eq!(read(&web, &tenants[0]), (429, Some(0), Some(4)));
    assert_eq!(read(&web, &tenants[1]), (200, Some(2), Some(3)));
    assert_eq!(read(&pkce, &tenants[0]), (200, Some(2), Some(8)), "another app has limits of its own");
    assert_eq!(read(&web, &tenants[2]), (200, Some(2), Some(2)));
    assert_eq!(read(&web, "unknown"), (403, None, Some(1)));
    assert_eq!(read(&web, &tenants[2]), (200, Some(1), Some(0)));
    assert_eq!(read(&web, &tenants[2]), (429, None, Some(0)));
}

#[test]
fn calls_at_once_are_counted_for_each_organisation() {
    let config = SimulatorConfig { limits: Some(Limits::default()), ..open_for_users(Grace::Lenient).config().clone() };
    let mut simulator = Simulator::new(config).unwrap();
    let token = user(&mut simulator, App::Web);
    let tenants = ids(&connections(&mut simulator, &token, "", now()), "tenantId");
    assert_eq!(simulator.last_limits(), None);
    let problem = |simulator: &mut Simulator, tenant: &str| {
        let response = call(simulator, &token, tenant, "GET", ORGANISATION, now());
        header(&response, "X-Rate-Limit-Problem").map(str::to_owned)
    };
    assert_eq!(problem(&mut simulator, &tenants[0]), None);
    let busy = simulator.last_limits().unwrap();
    simulator.set_in_flight(busy, 5);
    assert_eq!(problem(&mut simulator, &tenants[0]).as_deref(), Some("concurrent"));
    assert_eq!(problem(&mut simulator, &tenants[1]), None);
    assert_ne!(simulator.last_limits(), Some(busy));
}
