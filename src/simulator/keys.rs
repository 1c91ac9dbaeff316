//! Idempotency keys (facts section 11, from reports): each is kept for six minutes from its first use, with the answer that
//! it got, whatever that was.

use std::collections::{BTreeMap, VecDeque};

use super::http::{HttpRequest, HttpResponse};
use crate::time::Timestamp;

/// How long a key is kept, in milliseconds.
const KEPT_MS: u64 = 360_000;

/// The longest key (Xero's specification).
const MAX_LENGTH: usize = 128;

/// How many keys are remembered. After that the oldest is as good as never used.
const REMEMBERED: usize = 10_000;

#[derive(Debug)]
struct Used {
    at: Timestamp,
    /// Method, target and body of the first request.
    request: (String, String, Vec<u8>),
    response: HttpResponse,
}

/// The keys of one app.
#[derive(Debug, Default)]
pub(super) struct Keys {
    used: BTreeMap<String, Used>,
    /// Oldest first.
    order: VecDeque<String>,
}

/// The key of a request that may have one.
pub(super) fn key_of(request: &HttpRequest) -> Option<&str> {
    let writes = ["POST", "PUT", "PATCH"].iter().any(|method| request.method.eq_ignore_ascii_case(method));
    request.header("idempotency-key").filter(|key| writes && !key.is_empty())
}

impl Keys {
    /// The answer to a request whose key was used before, or cannot be one; `None` if it is to be performed.
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

    /// Remembers how a request with a key was answered first.
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
