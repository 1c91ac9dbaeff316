//! Connections of users and apps: the choice of an organisation, and the words of their errors.
//!
//! Texts, numbers and lists cross.

use js_sys::Array;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::objects::{Object, value};
use crate::error::Code;
use crate::kind::{self as kinds, ConnectionKind, RefusedCall, Tenant};

/// The id of the organisation that the option `tenant` means. Of each there is an id and a name. `left_out` others are not known.
#[wasm_bindgen(js_name = chooseTenant)]
pub fn choose_tenant(wanted: &str, ids: &Array, names: &Array, left_out: u32) -> JsValue {
    let texts = |list: &Array| list.iter().map(|text| text.as_string().unwrap_or_default()).collect::<Vec<_>>();
    let tenants: Vec<_> = texts(ids).into_iter().zip(texts(names)).map(|(id, name)| Tenant { id, name }).collect();
    value(kinds::choose(wanted, &tenants, left_out).map(JsValue::from))
}

/// Refuses a header `xero-tenant-id` of a call that names another organisation than `tenant`.
#[wasm_bindgen(js_name = checkTenant)]
pub fn check_tenant(header: &str, tenant: &str) -> JsValue {
    value(kinds::check_header(header, tenant).map(|()| JsValue::UNDEFINED))
}

/// The scope that opens a path to an app itself.
#[wasm_bindgen(js_name = appScope)]
pub fn app_scope(path: &str) -> JsValue {
    value(kinds::app_scope(path).map(JsValue::from))
}

/// The error of a call in the words of its kind, as `XeroErrorDetails`; `undefined` if those that it has fit. An `operation` or `rule` that is not known is
/// empty, and so is the `status` of a call that was not sent (0). `lost` if its outcome is unknown.
#[wasm_bindgen]
pub fn explained(
    is_app: bool,
    code: &str,
    operation: &str,
    scopes: &Array,
    rule: &str,
    status: u16,
    lost: bool,
) -> JsValue {
    let known = |text: &'_ str| (!text.is_empty()).then(|| text.to_owned());
    let (operation, rule) = (known(operation), known(rule));
    let scopes: Vec<_> = scopes.iter().filter_map(|scope| scope.as_string()).collect();
    let Some(code) = Code::ALL.iter().find(|known| known.as_str() == code) else { return JsValue::UNDEFINED };
    let refusal = RefusedCall {
        code: *code,
        operation: operation.as_deref(),
        scopes: &scopes,
        rule: rule.as_deref(),
        status: (status > 0).then_some(status),
        is_outcome_unknown: lost,
    };
    let kind = if is_app { ConnectionKind::App } else { ConnectionKind::User };
    kinds::explained(kind, refusal).as_ref().map_or(JsValue::UNDEFINED, Object::of_error)
}
