//! One exchange with a server: a request as a value, its answer or an error.

use gloo_net::http::{RequestBuilder, Response};
use js_sys::{Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::{JsCast as _, JsValue, wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestRedirect};

use super::timer;
use crate::error::{Code, Error};
use crate::secret::Secret;

#[wasm_bindgen]
extern "C" {
    /// The global `fetch` at the time of the call. Not gloo-net's, which trusts its result and panics if that is no `Response`.
    #[wasm_bindgen(catch)]
    fn fetch(request: &web_sys::Request) -> Result<JsValue, JsValue>;
}

/// A request that can be sent: everything in it was checked.
pub(super) struct Outgoing<'a> {
    pub(super) method: &'a str,
    pub(super) url: &'a str,
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) body: Option<&'a [u8]>,
}

/// An answer. Status 0 is a redirect that a browser did not follow and hides.
#[derive(Clone)]
pub(super) struct Incoming {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    /// A secret, because that of a token answer is one.
    pub(super) body: Secret<Vec<u8>>,
    /// There was more of the body.
    pub(super) cut: bool,
}

impl Incoming {
    /// The value of a header, or the empty text. A host gives names in lower case.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
    }
}

/// Sends `outgoing` and reads the answer, at most `limit` bytes of its body, all within `ms`.
///
/// Dropped before it is done, it ends the request.
pub(super) async fn exchange(outgoing: &Outgoing<'_>, limit: usize, ms: u64) -> Result<Incoming, Error> {
    let host = host(outgoing.url);
    let offline = || Error::new(Code::Offline, format!("cannot reach {host}; nothing came back, or not all of it"));
    // In this order: with the request ended, nothing of it keeps the host busy.
    let abort = Abort(AbortController::new().map_err(|_| offline())?);
    let work = async {
        let request = build(outgoing, &abort.0)?;
        let response = settled(fetch(&request)).await.map_err(|_| offline())?;
        let response = response_of(response).ok_or_else(|| {
            Error::new(Code::MalformedAnswer, "the fetch of this program gave something that is no Response")
        })?;
        let (status, headers) = (response.status(), response.headers().entries().collect());
        let response = web_sys::Response::from(response);
        let bytes = settled(response.array_buffer().map(JsValue::from)).await.map_err(|_| offline())?;
        let bytes = Uint8Array::new(&bytes);
        let cut = usize::try_from(bytes.length()).is_ok_and(|length| length > limit);
        let kept = if cut { bytes.subarray(0, u32::try_from(limit).unwrap_or(u32::MAX)) } else { bytes };
        Ok(Incoming { status, headers, body: Secret::new(kept.to_vec()), cut })
    };
    timer::within(ms, work)
        .await
        .unwrap_or_else(|| Err(Error::new(Code::Timeout, format!("{host} did not answer within the time allowed"))))
}

/// Ends a request that is still under way when this is dropped.
struct Abort(AbortController);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn build(outgoing: &Outgoing<'_>, abort: &AbortController) -> Result<web_sys::Request, Error> {
    let Outgoing { method, url, headers, body } = *outgoing;
    let refused = || Error::new(Code::InvalidOption, format!("this host cannot make a {method} request"));
    let builder = RequestBuilder::new(url)
        .method(method.parse().map_err(|_| refused())?)
        // Followed, a redirect would carry the token to wherever it points.
        .redirect(RequestRedirect::Manual)
        .abort_signal(Some(&abort.signal()));
    let builder = headers.iter().fold(builder, |builder, (name, value)| builder.header(name, value));
    let request = match body {
        Some(body) => builder.body(Uint8Array::from(body)),
        None => builder.build(),
    };
    request.map(Into::into).map_err(|_| refused())
}

/// Waits for the result of a function of the host: a promise of any realm, or a plain value.
async fn settled(given: Result<JsValue, JsValue>) -> Result<JsValue, JsValue> {
    JsFuture::from(Promise::resolve(&given?)).await
}

/// A value that can be used as a `Response`, also one of another realm.
fn response_of(value: JsValue) -> Option<Response> {
    let member = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).unwrap_or_default();
    let readable = member(&value, "arrayBuffer").is_function() && member(&value, "status").as_f64().is_some();
    let listed = member(&member(&value, "headers"), "entries").is_function();
    (readable && listed).then(|| value.unchecked_into::<web_sys::Response>().into())
}

fn host(url: &str) -> &str {
    url.split('/').nth(2).unwrap_or_default()
}
