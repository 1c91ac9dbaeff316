//! Idempotency keys. As third parties report, each is kept for six minutes from its first use, with its answer, also if that
//! is an error.

use std::collections::{BTreeMap, VecDeque};

use super::http::{HttpRequest, HttpResponse};
use crate::time::Timestamp;

/// The time for which a key is kept, in milliseconds.
const KEPT_MS: u64 = 360_000;

/// The longest key (Xero's specification).
const MAX_LENGTH: usize = 128;

/// The number of keys that are remembered. Beyond it, the oldest counts as never used.
const REMEMBERED: usize = 10_000;

#[derive(Debug)]
struct Used {
    at: Timestamp,
    /// The method, target and body of the first request.
    request: (String, String, Vec<u8>),
    response: HttpResponse,
}

/// The keys of one app.
#[derive(Debug, Default)]
pub(super) struct Keys {
    used: BTreeMap<String, Used>,
    /// The keys of `used`, oldest first.
    order: VecDeque<String>,
}

/// The key of a request, if its method can have one.
pub(super) fn key_of(request: &HttpRequest) -> Option<&str> {
    let writes = ["POST", "PUT", "PATCH"].iter().any(|method| request.method.eq_ignore_ascii_case(method));
    request.header("idempotency-key").filter(|key| writes && !key.is_empty())
}

impl Keys {
    /// Returns the answer to a request whose key was used before or is invalid; `None` if the request is to be performed.
    pub(super) fn answer(&mut self, request: &HttpRequest, now: Timestamp) -> Option<HttpResponse> {
        let key = key_of(request)?;
        if key.len() > MAX_LENGTH {
            return Some(HttpResponse::text(400, "The idempotency key is longer than 128 characters."));
        }
        let used = self.used.get(key).filter(|used| now < used.at.plus(KEPT_MS))?;
        Some(if used.request == fingerprint(request) {
            used.response.clone()
        } else {
            HttpResponse::text(400, "The idempotency key is used with a different request.")
        })
    }

    /// Remembers the first answer to a request with a key.
    pub(super) fn remember(&mut self, request: &HttpRequest, response: &HttpResponse, now: Timestamp) {
        let Some(key) = key_of(request) else { return };
        if self.order.len() >= REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.used.remove(&oldest);
        }
        let used = Used { at: now, request: fingerprint(request), response: response.clone() };
        if self.used.insert(key.to_owned(), used).is_none() {
            self.order.push_back(key.to_owned());
        }
    }
}

fn fingerprint(request: &HttpRequest) -> (String, String, Vec<u8>) {
    (request.method.to_ascii_uppercase(), request.target.clone(), request.body.clone())
}
