//! The organisation that a call of a user goes to: never the first of several.

use crate::error::{Code, Error, quoted};
use crate::text::{joined, words};
use crate::uuid::{self, is_uuid};

/// The number of organisations that a message lists.
const LISTED: usize = 20;

/// The option that takes the only organisation of a login.
const ONLY: &str = "only";

/// An organisation of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tenant<'a> {
    /// Its id: the value of the header `xero-tenant-id`.
    pub id: &'a str,
    /// Its name; empty for one without a name.
    pub name: &'a str,
}

/// Returns the id of the organisation that `wanted` means: `only`, an id with or without hyphens, or a name that fits exactly once.
/// The login reaches `tenants` and `left_out` others, of which nothing is known.
///
/// ```
/// use xero_m2m::kind::{Tenant, choose};
///
/// let kea = Tenant { id: "5a0a5a4e-0000-4000-8000-000000000001", name: "Kea Outdoor Hire" };
/// assert_eq!(choose("only", &[kea], 0)?, kea.id);
/// assert!(choose("Kea", &[kea], 0).is_err());
/// # Ok::<(), xero_m2m::error::Error>(())
/// ```
///
/// # Errors
/// - [`Code::TenantAmbiguous`] if several fit. The message lists their ids and names.
/// - [`Code::TenantUnknown`] if none fits. The message lists all that are known. An id that may be one of those left out fits: if it
///   is not, Xero refuses the call.
pub fn choose<'a>(wanted: &'a str, tenants: &[Tenant<'a>], left_out: u32) -> Result<&'a str, Error> {
    let by_id = |tenant: &&Tenant<'_>| is_same_id(wanted, tenant.id);
    let fitting: Vec<&Tenant<'a>> = match tenants.iter().find(by_id) {
        Some(tenant) => vec![tenant],
        None if wanted == ONLY => tenants.iter().collect(),
        None => tenants.iter().filter(|tenant| tenant.name == wanted).collect(),
    };
    let left_out = usize::try_from(left_out).unwrap_or(usize::MAX);
    let error = match fitting[..] {
        [tenant] if wanted != ONLY || left_out == 0 => return Ok(tenant.id),
        [] if left_out > 0 && is_uuid(wanted) => return Ok(wanted),
        [] if tenants.is_empty() && left_out == 0 => {
            let message = "the login reaches no organisation: it was disconnected, or none was chosen; log in again (npx xero-m2m login)";
            Error::new(Code::TenantUnknown, message)
        }
        [] => {
            let message = words![
                "the login does not reach the organisation ",
                quoted(wanted, 60),
                ", which the option tenant names; it reaches ",
                list(tenants.iter(), left_out),
                ". Correct the option, or connect that organisation (npx xero-m2m login)",
            ];
            Error::new(Code::TenantUnknown, message)
        }
        _ => {
            let message = words![
                "the option tenant is ",
                quoted(wanted, 60),
                ", and the login reaches several organisations that fit: ",
                list(fitting.into_iter(), left_out),
                ". Set tenant to the id of one",
            ];
            Error::new(Code::TenantAmbiguous, message)
        }
    };
    Err(error)
}

/// Checks a header `xero-tenant-id` of a caller: it has to name `tenant`, the organisation that the client calls.
///
/// # Errors
/// [`Code::InvalidHeader`] if it names another. The message does not quote the value.
pub fn check_header(value: &str, tenant: &str) -> Result<(), Error> {
    let value = value.trim_matches([' ', '\t']);
    if value.is_empty() || value == tenant || is_same_id(value, tenant) {
        return Ok(());
    }
    let message = words![
        "the header xero-tenant-id names another organisation than this client, which calls ",
        quoted(tenant, 40),
        "; leave the header out, or use the client of the other organisation: forTenant(id)",
    ];
    Err(Error::new(Code::InvalidHeader, message))
}

/// Compares the ids of organisations. Two texts that are none are the same only if they are equal.
fn is_same_id(one: &str, other: &str) -> bool {
    one == other || is_uuid(one) && uuid::is_same(one, other)
}

/// The ids and names of organisations, for the owner of the login.
fn list<'a>(tenants: impl ExactSizeIterator<Item = &'a Tenant<'a>>, left_out: usize) -> String {
    let more = tenants.len().saturating_sub(LISTED).saturating_add(left_out);
    let shown: Vec<String> =
        tenants.take(LISTED).map(|Tenant { id, name }| words![quoted(id, 40), " (", quoted(name, 60), ")"]).collect();
    let shown = joined(&shown, ", ");
    if more == 0 { shown } else { words![shown, " and ", more, " more"] }
}
