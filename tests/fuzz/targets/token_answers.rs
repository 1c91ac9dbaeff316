//! Any answer to a token request gives a grant or a refusal, which contains nothing else of the body.
#![no_main]

#[path = "../../support/parser.rs"]
mod parser;

use libfuzzer_sys::fuzz_target;
use parser::parse;
use xero_m2m::time::Timestamp;
use xero_m2m::token::answer::{TokenAnswer, judge};

const NOW: Timestamp = Timestamp::from_ms(1_795_428_000_000);
/// In the dictionary, so that it gets everywhere.
const MARK: &str = "secret-looking-text";

// A line each for status, content type and Retry-After; the body behind them.
fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.splitn(4, '\n');
    let status = lines.next().and_then(|line| line.parse().ok()).unwrap_or(200);
    let (content_type, retry_after) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let body = lines.next().unwrap_or_default();
    for cut in [false, true] {
        let answer = TokenAnswer { status, content_type, retry_after, body, cut };
        match judge(&answer, NOW, &parse) {
            Ok(grant) => {
                assert!(status == 200 && !cut);
                let token = grant.access_token.reveal();
                // RFC 6750 section 2.1: what cannot stand in a header is no token.
                assert!(!token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()), "a token that is one");
                assert!(!format!("{grant:?}").contains(token.as_str()) || token.len() < 8, "a token is not shown");
            }
            Err(refusal) => {
                let shown = format!("{refusal:?} {}", refusal.error);
                assert!(!shown.contains(MARK), "{shown}");
                assert!(!refusal.error.message().is_empty());
            }
        }
    }
});
