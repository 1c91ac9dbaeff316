//! The calls that an app makes for itself.

use crate::error::{Code, Error};

/// The paths of an app's own calls, by their first segment, and the scope of each. Each scope has a token of its own, because
/// the identity service refuses a whole request for one scope that is not configured.
const PATHS: &[(&str, &str)] = &[("connections", "app.connections"), ("appstore", "marketplace.billing")];

/// Returns the scope that opens `path` to an app itself: `app.connections` or `marketplace.billing`.
///
/// # Errors
/// [`Code::ScopeMissing`] by rule R35 for any other path: the data of organisations needs the token of a custom connection or
/// of a user.
pub fn app_scope(path: &str) -> Result<&'static str, Error> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let first = path.split(['/', '?']).next().unwrap_or_default();
    let found = PATHS.iter().find(|(name, _)| first.eq_ignore_ascii_case(name));
    found.map(|(_, scope)| *scope).ok_or_else(|| {
        let message = "an app itself reaches /connections and /appstore/2.0 and no organisation's data (rule R35); use \
                       CustomConnection, or UserConnection of xero-m2m/user";
        Error::new(Code::ScopeMissing, message).by_rule("R35")
    })
}
