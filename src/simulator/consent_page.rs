//! The pages of the authorize endpoint. They show names of this local Xero and of the catalogue, and nothing of the request.

use super::apps::App;
use super::company::Company;
use super::http::HttpResponse;
use super::users::User;
use crate::scope::ScopeSet;

/// The style of the pages, and the beginning of each.
const HEAD: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
    <meta name=\"viewport\" content=\"width=device-width\"><title>Local Xero</title>\
    <style>body{font:1rem/1.5 system-ui;max-width:36rem;margin:2rem auto;padding:0 1rem}\
    label{display:block;padding:.2rem 0}button{font:inherit;padding:.4rem 1rem;margin:1rem .5rem 0 0}</style>\
    <h1>Local Xero</h1><p>An imitation of Xero for tests. Nothing leaves this machine.</p>";

/// Asks the user. The form is sent to the address of the page, so nothing of the request has to be in it.
pub(super) fn page(app: App, scopes: &ScopeSet, users: &[User], companies: &[Company]) -> HttpResponse {
    let app = if app == App::Web { "The Web app" } else { "The PKCE app" };
    let scopes = joined(scopes.names(), |name| format!("<li>{}", escaped(name)));
    let users = joined((1_usize..).zip(users), |(number, user)| {
        let checked = if number == 1 { " checked" } else { "" };
        let (given, family) = (user.given_name, user.family_name);
        format!("<label><input type=\"radio\" name=\"user\" value=\"{number}\"{checked}> {given} {family}</label>")
    });
    let organisations = joined(companies, |company| {
        let (id, name) = (company.id, escaped(&company.name));
        format!("<label><input type=\"checkbox\" name=\"organisation\" value=\"{id}\"> {name}</label>")
    });
    html(
        200,
        &format!(
            "<p>{app} asks for access with these scopes:<ul>{scopes}</ul>\
             <form method=\"post\"><fieldset><legend>You are</legend>{users}</fieldset>\
             <fieldset><legend>Organisations, at least one</legend>{organisations}</fieldset>\
             <button name=\"answer\" value=\"allow\">Allow access</button>\
             <button name=\"answer\" value=\"refuse\">Refuse</button></form>"
        ),
    )
}

/// Shows an error that the app does not learn. `error` is a text of this module's callers, never of the request.
pub(super) fn refusal(status: u16, error: &str) -> HttpResponse {
    html(status, &format!("<p>Sorry, this request is refused.<p>Error: {}", escaped(error)))
}

pub(super) fn html(status: u16, body: &str) -> HttpResponse {
    HttpResponse::of(status, "text/html; charset=utf-8", [HEAD, body].concat().into_bytes())
        .with(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
        )
        .with("Cache-Control", "no-store")
        .with("Referrer-Policy", "no-referrer")
        .with("X-Content-Type-Options", "nosniff")
}

fn joined<T>(items: impl IntoIterator<Item = T>, shown: impl Fn(T) -> String) -> String {
    items.into_iter().map(shown).collect::<Vec<_>>().concat()
}

/// A text for HTML.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
