//! Bindings of the proxy of a local Xero, and of its certificates. They belong to no simulator.
//!
//! An export returns its value, or `{ fault }` with an error.

use js_sys::Uint8Array;
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::protocol::{invalid, value, write};
use crate::simulator::{CertificateKind, CertificateRequest, Passage};
use crate::time::Timestamp;

/// The way of a request, as JavaScript reads it: one member, or none for a request of the local Xero itself.
#[derive(Default, Serialize)]
struct PassageView {
    tunnel: Option<&'static str>,
    host: Option<&'static str>,
    refused: Option<String>,
}

/// Returns the way of a request that came to the port of a proxy: `{ tunnel }` with a host for TLS, `{ refused }` with the
/// reason, or `{ host? }` if the local Xero answers it.
#[wasm_bindgen(js_name = simulatorPassage, unchecked_return_type = "Passage | Refused")]
pub fn simulator_passage(method: &str, target: &str) -> JsValue {
    value(|| {
        write(&match Passage::of(method, target) {
            Passage::Tunnel(host) => PassageView { tunnel: Some(host), ..PassageView::default() },
            Passage::Answer(host) => PassageView { host, ..PassageView::default() },
            Passage::Refused(text) => PassageView { refused: Some(text), ..PassageView::default() },
        })
    })
}

/// Returns a certificate in DER: that of the authority, or that of the server. Without `signature` it returns the bytes that
/// the authority signs. `now` is in milliseconds since the epoch.
#[wasm_bindgen(js_name = simulatorCertificate, unchecked_return_type = "Uint8Array<ArrayBuffer> | Refused")]
pub fn simulator_certificate(
    of_authority: bool,
    key: &[u8],
    authority: &[u8],
    serial: &[u8],
    now: f64,
    signature: Option<Vec<u8>>,
) -> JsValue {
    value(|| {
        let now = Timestamp::from_js(now).ok_or_else(|| invalid("the time of a certificate is no instant"))?;
        let kind = if of_authority { CertificateKind::Authority } else { CertificateKind::Server };
        let request = CertificateRequest { kind, key, authority, serial, now };
        let bytes = signature.map_or_else(|| request.to_sign(), |signature| request.signed(&signature))?;
        Ok(Uint8Array::from(bytes.as_slice()).into())
    })
}
