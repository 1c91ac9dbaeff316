//! The options of a connection to Xero with nothing chosen.
#![cfg(test)]

use xero_m2m::connection::Options;
use xero_m2m::limits;
use xero_m2m::request::BaseUrl;
use xero_m2m::token::LifecycleConfig;

pub(crate) fn options() -> Options {
    Options {
        client_id: "an id".to_owned(),
        scopes: None,
        created_on: None,
        organisation: None,
        preflight: true,
        identity_url: BaseUrl::parse("https://identity.xero.com").expect("a URL"),
        api_url: BaseUrl::parse("https://api.xero.com").expect("a URL"),
        lifecycle: LifecycleConfig::default(),
        limits: Some(limits::LimitsConfig::default()),
        seed: 1,
    }
}
