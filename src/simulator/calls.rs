//! Calls of the API: finds the token and its holder, and leads the call to the part that answers it.

use core::cell::{Cell, RefCell};

use super::api;
use super::apps::App;
use super::connections::{self, Sees};
use super::context::{CallContext, QueryParameter};
use super::errors;
use super::formats;
use super::grants::Holder;
use super::http::{HttpRequest, HttpResponse};
use super::local_xero::Simulator;
use super::logins::Login;
use super::random::Uuid;
use super::state::ConnectionState;
use super::windows::{self, AppPlace};
use crate::catalogue::Mask;
use crate::scope::ScopeSet;
use crate::time::Timestamp;

/// One call, before its organisation is known.
struct IncomingCall<'a> {
    request: &'a HttpRequest,
    path: &'a str,
    query: &'a str,
    now: Timestamp,
    /// The correlation id.
    instance: Uuid,
    /// True once the call has come to an organisation that its token opens.
    came_to_organisation: Cell<bool>,
}

impl IncomingCall<'_> {
    /// The header `xero-tenant-id`; empty if it is absent.
    fn tenant(&self) -> &str {
        self.request.header("xero-tenant-id").unwrap_or("").trim()
    }

    /// The part of the path after `/connections`: empty, or an id; `None` for another path.
    fn connection(&self) -> Option<&str> {
        self.below("/connections").filter(|rest| rest.is_empty()).or_else(|| self.below("/connections/"))
    }

    /// The part of the path after `start`, in any case.
    fn below(&self, start: &str) -> Option<&str> {
        let (own, rest) = self.path.split_at_checked(start.len())?;
        own.eq_ignore_ascii_case(start).then_some(rest)
    }
}

impl Simulator {
    /// Answers a call of the API.
    pub(super) fn call(&mut self, request: &HttpRequest, path: &str, query: &str, now: Timestamp) -> HttpResponse {
        // A HEAD is answered as a GET, without the body. Clients of Xero write paths with a slash at the end as well.
        if request.method.eq_ignore_ascii_case("HEAD") {
            let request = HttpRequest { method: "GET".to_owned(), ..request.clone() };
            return HttpResponse { body: Vec::new(), ..self.call(&request, path, query, now) };
        }
        let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
        let instance = self.random.uuid();
        let call = IncomingCall { request, path, query, now, instance, came_to_organisation: Cell::new(false) };
        let token = request.bearer_token().map(|text| self.tokens.find(text));
        let response = match token {
            None => errors::no_valid_token("Bearer", instance),
            Some(None) => errors::no_valid_token("Bearer error=\"invalid_token\"", instance),
            Some(Some(token)) => {
                let (holder, scopes, ends) = (token.holder.clone(), token.scopes.clone(), token.ends);
                self.count_and_answer(&call, &holder, &scopes, ends)
            }
        };
        response
            .with("Cache-Control", "max-age=0, no-cache, no-store")
            .with("Xero-Correlation-Id", &instance.to_string())
    }

    /// The app whose token a request has. A request without one counts as that of the custom connection.
    pub(super) fn app_of(&self, request: &HttpRequest) -> App {
        let token = request.bearer_token().and_then(|text| self.tokens.find(text));
        token.map_or(App::Custom, |token| token.holder.app())
    }

    fn count_and_answer(
        &mut self,
        call: &IncomingCall<'_>,
        holder: &Holder,
        scopes: &ScopeSet,
        ends: Timestamp,
    ) -> HttpResponse {
        let (app, now) = (holder.app(), call.now);
        let response = match self.windows.as_mut().and_then(|windows| windows.enter_app(app, now).err()) {
            Some(refused) => refused,
            None if now >= ends => errors::token_expired(&formats::american(ends), call.instance),
            None => match holder {
                Holder::CustomConnection => self.call_of_connection(call, scopes.known()),
                Holder::WebApp => self.call_of_app(call, scopes),
                Holder::User(login) => self.call_of_user(call, login, scopes.known()),
            },
        };
        match &mut self.windows {
            Some(windows) => windows.show_app(response, app, now),
            None => windows::show_uncounted(response, call.came_to_organisation.get()),
        }
    }

    /// A call of the custom connection: the token names the organisation, and the header may be absent.
    fn call_of_connection(&mut self, call: &IncomingCall<'_>, granted: Mask) -> HttpResponse {
        let tenant = call.tenant();
        if !tenant.is_empty() && self.place_of(tenant) != Some(0) {
            return errors::wrong_tenant(call.instance);
        }
        match self.state {
            ConnectionState::Active if call.connection().is_some() => self.call_own_connection(call),
            ConnectionState::Active => self.call_organisation(call, (App::Custom, 0), granted),
            ConnectionState::Unauthorised | ConnectionState::Deactivated => HttpResponse::bare(403),
            ConnectionState::Reset => errors::wrong_tenant(call.instance),
        }
    }

    /// `/connections` with the token of the custom connection. Reports about it contradict each other: by default it names
    /// the organisation, and it lists nothing if the option asks for that.
    fn call_own_connection(&self, call: &IncomingCall<'_>) -> HttpResponse {
        let is_list = call.request.method.eq_ignore_ascii_case("GET") && call.connection() == Some("");
        if !is_list {
            return HttpResponse::text(
                501,
                "The local Xero only lists the custom connection; it does not disconnect it.",
            );
        }
        let own = self.companies.first().filter(|_| self.config.lists_connection);
        connections::of_custom_connection(self.config.seed, own)
    }

    /// A call with the token of a user: the header names one of the organisations that the user connected.
    fn call_of_user(&mut self, call: &IncomingCall<'_>, login: &Login, granted: Mask) -> HttpResponse {
        let (app, user) = (login.app, login.user);
        if let Some(id) = call.connection() {
            return self.call_connections(call, Sees::OfUser(app, user), id);
        }
        match self.place_of(call.tenant()).filter(|&place| self.logins.connections.reaches(app, user, place)) {
            Some(place) => self.call_organisation(call, (app, place), granted),
            None => errors::wrong_tenant(call.instance),
        }
    }

    /// A call of the Web app itself, which has no organisation.
    fn call_of_app(&mut self, call: &IncomingCall<'_>, scopes: &ScopeSet) -> HttpResponse {
        match (call.connection(), call.below("/appstore/2.0/subscriptions/")) {
            (Some(id), _) if scopes.contains("app.connections") => {
                self.call_connections(call, Sees::OfApp(App::Web), id)
            }
            (None, Some(path)) if scopes.contains("marketplace.billing") => {
                self.subscriptions.answer(call.request, path, &self.companies, call.now)
            }
            _ => errors::insufficient_scope(call.instance),
        }
    }

    fn call_connections(&mut self, call: &IncomingCall<'_>, sees: Sees, id: &str) -> HttpResponse {
        let (logins, companies) = (&mut self.logins, &self.companies);
        let is = |method: &str| call.request.method.eq_ignore_ascii_case(method);
        match sees {
            _ if is("DELETE") && !id.is_empty() => logins.connections.delete(sees, id),
            _ if !is("GET") || !id.is_empty() => HttpResponse::text(501, "This path does not have this method."),
            Sees::OfUser(..) => {
                let query = formats::pairs(call.query).unwrap_or_default();
                let event = query.iter().find(|(name, _)| name.eq_ignore_ascii_case("authEventId"));
                logins.connections.of_user(sees, event.map(|(_, value)| value.as_str()), companies)
            }
            Sees::OfApp(_) => logins.connections.of_app(sees, call.request, companies, |id| logins.user_named(id)),
        }
    }

    /// The place of the organisation with this id.
    fn place_of(&self, tenant: &str) -> Option<usize> {
        let id = Uuid::parse(tenant)?;
        self.companies.iter().position(|company| company.id == id)
    }

    fn call_organisation(&mut self, call: &IncomingCall<'_>, place: AppPlace, granted: Mask) -> HttpResponse {
        self.last_limits = self.windows.as_ref().and_then(|windows| windows.number(place));
        call.came_to_organisation.set(true);
        let Some(company) = self.companies.get_mut(place.1) else {
            return errors::wrong_tenant(call.instance);
        };
        let mut context = CallContext {
            request: call.request,
            path: call.path,
            query: QueryParameter::all(call.query),
            is_since_read: Cell::new(false),
            lost: RefCell::default(),
            now: call.now,
            instance: call.instance,
            strict: self.config.strict,
            table: &self.member_table,
            company,
            place,
            windows: self.windows.as_mut(),
            keys: self.keys.entry(place.0).or_default(),
            random: &mut self.random,
        };
        api::answer(&mut context, granted, &self.empty_answers)
    }
}
