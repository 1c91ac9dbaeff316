//! Client credentials: of a custom connection, and of a Web app itself (rule R35).

use super::super::apps::{App, of_apps};
use super::super::client::ClientRequest;
use super::super::config::SimulatorConfig;
use super::super::errors::token_refused;
use super::super::http::HttpResponse;
use super::{Granted, Holder, refused};
use crate::scope::ScopeSet;

/// Grants the named scopes, or every configured one if none is named.
///
/// A Web app has only the scopes of an app itself here; for every other one it is an `unauthorized_client`, as it is reported
/// of apps that are not custom connections. A PKCE app has no secret, so it always is one (rule R36).
pub(super) fn grant(config: &SimulatorConfig, request: &ClientRequest) -> Result<Granted, HttpResponse> {
    let asked = request.field("scope").map(ScopeSet::from_scope_param);
    let (holder, configured) = match request.app {
        App::Custom => (Holder::CustomConnection, config.scopes.clone()),
        App::Web => (Holder::WebApp, config.apps.of_app()),
        App::Pkce => return Err(refused("unauthorized_client")),
    };
    let is_for_app = asked.as_ref().is_none_or(|asked| of_apps().covers(asked)) && !configured.is_empty();
    if request.app == App::Web && !is_for_app {
        return Err(refused("unauthorized_client"));
    }
    let scopes = asked.unwrap_or_else(|| configured.clone());
    if scopes.is_empty() || !configured.covers(&scopes) {
        return Err(token_refused(400, "invalid_scope", Some("Client credentials scope validation failed")));
    }
    Ok(Granted { holder, scopes, refresh_token: None, nonce: None })
}
