//! The connections of the Web and the PKCE app: a user has given an app access to an organisation. `/connections` shows them.

use serde_json::{Value, json};

use super::apps::App;
use super::company::Company;
use super::errors;
use super::formats;
use super::http::{HttpRequest, HttpResponse};
use super::random::{Random, Uuid};
use crate::time::Timestamp;

/// A connection.
#[derive(Debug)]
pub(super) struct ConnectedOrganisation {
    id: Uuid,
    app: App,
    /// The number of the user.
    user: usize,
    /// The place of the organisation.
    place: usize,
    /// The consent that gave or renewed it.
    event: Uuid,
    created: Timestamp,
    updated: Timestamp,
}

/// The connections of both apps.
#[derive(Debug, Default)]
pub(super) struct Connections(Vec<ConnectedOrganisation>);

/// The connections that a token may see.
#[derive(Clone, Copy)]
pub(super) enum Sees {
    /// Those of one user with one app.
    OfUser(App, usize),
    /// Those of all users with one app.
    OfApp(App),
}

impl Sees {
    fn includes(self, connection: &ConnectedOrganisation) -> bool {
        match self {
            Self::OfUser(app, user) => (connection.app, connection.user) == (app, user),
            Self::OfApp(app) => connection.app == app,
        }
    }
}

impl Connections {
    /// Connects an organisation, or renews its connection, which then belongs to the new consent.
    pub(super) fn connect(&mut self, (app, user): (App, usize), place: usize, event: Uuid, id: Uuid, now: Timestamp) {
        let own = self.0.iter_mut().find(|own| (own.app, own.user, own.place) == (app, user, place));
        match own {
            Some(own) => (own.event, own.updated) = (event, now),
            None => self.0.push(ConnectedOrganisation { id, app, user, place, event, created: now, updated: now }),
        }
    }

    /// Returns whether a user has connected the organisation at this place.
    pub(super) fn reaches(&self, app: App, user: usize, place: usize) -> bool {
        self.0.iter().any(|own| (own.app, own.user, own.place) == (app, user, place))
    }

    /// Disconnects all organisations of a user from an app.
    pub(super) fn end(&mut self, app: App, user: usize) {
        self.0.retain(|own| (own.app, own.user) != (app, user));
    }

    /// `DELETE /connections/{id}`.
    pub(super) fn delete(&mut self, sees: Sees, id: &str) -> HttpResponse {
        let id = Uuid::parse(id);
        match self.0.iter().position(|own| Some(own.id) == id && sees.includes(own)) {
            Some(row) => {
                self.0.remove(row);
                HttpResponse::bare(204)
            }
            None => errors::no_such_record(),
        }
    }

    /// `GET /connections`: with a user's token all of that user, or those of one consent (`authEventId`).
    pub(super) fn of_user(&self, sees: Sees, event: Option<&str>, companies: &[Company]) -> HttpResponse {
        let of_event = |own: &ConnectedOrganisation| event.is_none_or(|event| Uuid::parse(event) == Some(own.event));
        self.shown(companies, |own| sees.includes(own) && of_event(own))
    }

    /// `GET /connections` with a token of the app itself, which has to name an organisation or a user in a header.
    pub(super) fn of_app(
        &self,
        sees: Sees,
        request: &HttpRequest,
        companies: &[Company],
        user_named: impl Fn(Uuid) -> Option<usize>,
    ) -> HttpResponse {
        let named = |name: &str| request.header(name).map(str::trim).filter(|value| !value.is_empty());
        let (tenant, user) = (named("xero-tenant-id"), named("xero-user-id"));
        if tenant.is_none() && user.is_none() {
            return HttpResponse::text(400, "Xero-User-Id and/or Xero-Tenant-Id header must be supplied");
        }
        let user_fits = |own: &ConnectedOrganisation| {
            user.is_none_or(|user| Uuid::parse(user).and_then(&user_named) == Some(own.user))
        };
        let tenant_fits = |own: &ConnectedOrganisation| {
            let id = companies.get(own.place).map(|company| company.id);
            tenant.is_none_or(|tenant| id.is_some() && Uuid::parse(tenant) == id)
        };
        self.shown(companies, |own| sees.includes(own) && user_fits(own) && tenant_fits(own))
    }

    fn shown(&self, companies: &[Company], chosen: impl Fn(&ConnectedOrganisation) -> bool) -> HttpResponse {
        let rows = self.0.iter().filter(|own| chosen(own));
        let shown = rows.filter_map(|own| companies.get(own.place).map(|company| own.shown(company)));
        HttpResponse::json(200, &Value::Array(shown.collect()))
    }
}

/// `GET /connections` with the token of a custom connection: its organisation, or nothing.
pub(super) fn of_custom_connection(seed: u64, company: Option<&Company>) -> HttpResponse {
    let mut random = Random::new(seed, 13);
    let (id, event) = (random.uuid(), random.uuid());
    let shown = company.map(|company| {
        let at = company.created;
        ConnectedOrganisation { id, app: App::Custom, user: 0, place: 0, event, created: at, updated: at }
            .shown(company)
    });
    HttpResponse::json(200, &Value::Array(shown.into_iter().collect()))
}

impl ConnectedOrganisation {
    fn shown(&self, company: &Company) -> Value {
        json!({
            "id": self.id.to_string(),
            "authEventId": self.event.to_string(),
            "tenantId": company.id.to_string(),
            "tenantType": "ORGANISATION",
            "tenantName": company.name,
            "createdDateUtc": formats::precise_date_string(self.created),
            "updatedDateUtc": formats::precise_date_string(self.updated)
        })
    }
}
