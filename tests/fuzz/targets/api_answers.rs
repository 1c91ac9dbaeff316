//! Any answer to a call gives one typed error, which contains nothing of the body.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xero_m2m::request::ApiAnswer;
use xero_m2m::request::{BaseUrl, call};
use xero_m2m::scope::ScopeSet;
use xero_m2m::time::Timestamp;

const NOW: Timestamp = Timestamp::from_ms(1_795_428_000_000);
/// In the dictionary, so that it gets everywhere.
const MARK: &str = "secret-looking-text";

// A line each for status, WWW-Authenticate, Retry-After and path; the body behind them.
fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.splitn(5, '\n');
    let mut next = || lines.next().unwrap_or_default();
    let status = next().parse().unwrap_or(400);
    let (www_authenticate, retry_after, path, body) = (next(), next(), next(), next());
    let api = BaseUrl::parse("https://api.xero.com").expect("a URL");
    let call = call(&api, "GET", path).ok();
    let granted = ScopeSet::from_scope_param("accounting.invoices accounting.journals.read");
    for limit in [None, Some("minute")] {
        let answer = ApiAnswer { status, www_authenticate, retry_after, limit, body, complaints: None };
        for granted in [None, Some(&granted)] {
            let Some(error) = answer.error(call.as_ref(), granted, NOW) else {
                assert!((200..=299).contains(&status) || status == 304, "{status} is no success");
                continue;
            };
            let shown = format!("{error:?} {error}");
            assert!(!shown.contains(MARK), "{shown}");
            // Whether a token has expired and what the answer is called go together.
            assert_eq!(answer.says_expired(), error.code().as_str() == "token_expired", "{status} {body}");
        }
    }
});
