//! Connections of users and apps: the choice of an organisation, and the words of their errors.

use wasm_bindgen::prelude::wasm_bindgen;

use super::memory;
use crate::crossing::{self, Given as _, Taken as _, small};
use crate::kind::{self as kinds, ConnectionKind, RefusedCall, Tenant};

/// Writes the id of the organisation that the option `tenant` means, which is in the input, with the ids and the names of those that
/// the login reaches, and the number of others, of which nothing is known.
#[wasm_bindgen(js_name = chooseTenant)]
pub fn choose_tenant(length: u32) -> u32 {
    memory::answer(length, &mut |given, out| {
        let wanted = given.text("wanted");
        let texts = |name| given.optional_texts(name).unwrap_or_default().into_iter();
        let tenants: Vec<_> = texts("ids").zip(texts("names")).map(|(id, name)| Tenant { id, name }).collect();
        out.text("id", kinds::choose(wanted, &tenants, crossing::whole(given, "leftOut"))?);
        Ok(())
    })
}

/// Refuses the header `xero-tenant-id` of a call in the input if it names another organisation than that which follows it.
#[wasm_bindgen(js_name = checkTenant)]
pub fn check_tenant(length: u32) -> u32 {
    memory::answer(length, &mut |given, _| kinds::check_header(given.text("header"), given.text("tenant")))
}

/// Writes the scope that opens the path in the input to an app itself.
#[wasm_bindgen(js_name = appScope)]
pub fn app_scope(length: u32) -> u32 {
    memory::answer(length, &mut |given, out| {
        out.text("scope", kinds::app_scope(given.text("path"))?);
        Ok(())
    })
}

/// Writes the error of a call in the words of its kind, or that those that it has fit. In the input are the kind, the code, the
/// operation, the scopes and the rule; the status, unless the call was not sent; and whether its outcome is unknown.
#[wasm_bindgen]
pub fn explained(length: u32) -> u32 {
    memory::answer(length, &mut |given, out| {
        let kind = if given.flag("isApp") { ConnectionKind::App } else { ConnectionKind::User };
        let refusal = RefusedCall {
            code: given.code("code"),
            operation: given.optional_text("operation"),
            scopes: &given.optional_texts("scopes").unwrap_or_default(),
            rule: given.optional_text("rule"),
            status: given.optional_number("status").and_then(|status| u16::try_from(small(status)).ok()),
            is_outcome_unknown: given.flag("lost"),
        };
        out.optional_error("error", kinds::explained(kind, refusal).as_ref());
        Ok(())
    })
}
