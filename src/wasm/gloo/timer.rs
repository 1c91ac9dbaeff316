//! The host's clock and its timers.

use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::Poll;

use js_sys::{Date, Function, Promise};
use wasm_bindgen::prelude::{Closure, JsCast as _, JsValue, wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

use crate::call::Now;
use crate::error::{Code, Error};
use crate::time::Timestamp;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(then: &Function, ms: i32) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn measured() -> f64;
}

/// Added to the measured time, which begins with the program: the limits look back a day.
const BEGIN_MS: f64 = 200_000_000.0;

/// The instant by both clocks.
pub(super) fn now() -> Result<Now, Error> {
    let clock = Timestamp::from_js(Date::now()).ok_or_else(|| {
        Error::new(Code::InvalidOption, "the clock of this machine gives no sensible time (Date.now())")
    })?;
    Ok(Now { clock, measured: Timestamp::from_js(BEGIN_MS + measured()).unwrap_or_default() })
}

/// A function that is called once, unless it is dropped before.
pub(super) struct Alarm {
    id: JsValue,
    _act: Closure<dyn FnMut()>,
}

impl Alarm {
    pub(super) fn new(ms: u64, act: impl FnMut() + 'static) -> Self {
        let act = Closure::<dyn FnMut()>::new(act);
        // A time that is too long for the host's timers ends too early, after 24 days.
        let id = set_timeout(act.as_ref().unchecked_ref(), i32::try_from(ms).unwrap_or(i32::MAX));
        Self { id, _act: act }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}

/// The result of `work`, unless that takes longer than `ms`.
pub(super) async fn within<F: Future>(ms: u64, work: F) -> Option<F::Output> {
    let timer = Timer::new(ms);
    let mut ended = pin!(JsFuture::from(timer.promise.clone()));
    let mut work = pin!(work);
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => ended.as_mut().poll(context).map(|_| None),
    })
    .await
}

struct Timer {
    id: JsValue,
    promise: Promise,
    end: Option<Function>,
}

impl Timer {
    /// A time that is too long for the host's timers ends too early, after 24 days.
    fn new(ms: u64) -> Self {
        let (mut id, mut end) = (JsValue::UNDEFINED, None);
        let promise = Promise::new(&mut |resolve, _| {
            id = set_timeout(&resolve, i32::try_from(ms).unwrap_or(i32::MAX));
            end = Some(resolve);
        });
        Self { id, promise, end }
    }
}

impl Drop for Timer {
    /// The promise is settled all the same: what waits for one that never is could not be freed.
    fn drop(&mut self) {
        clear_timeout(&self.id);
        // A function that settles a promise does not throw.
        let _ = self.end.take().map(|end| end.call0(&JsValue::UNDEFINED));
    }
}
