//! The organisation that a connection reaches, and the limits on its calls.

use super::Options;
use crate::limits::Limiter;
use crate::request::BaseUrl;
use crate::time::Date;

/// One organisation, reached through one connection.
#[derive(Debug)]
pub struct Organisation {
    /// The address of the APIs.
    pub api_url: BaseUrl,
    /// The day on which the connection to it was created, if it is known.
    pub created_on: Option<Date>,
    /// Calls that no scope opens are refused before they are sent.
    pub preflight: bool,
    /// Admission to its APIs; `None` if the limits are left to the callers.
    pub limiter: Option<Limiter>,
}

impl Organisation {
    pub(super) fn new(options: &Options) -> Self {
        let Options { api_url, created_on, preflight, limits, seed, .. } = options;
        Self {
            api_url: api_url.clone(),
            created_on: *created_on,
            preflight: *preflight,
            limiter: limits.map(|config| Limiter::new(config, *seed)),
        }
    }
}
