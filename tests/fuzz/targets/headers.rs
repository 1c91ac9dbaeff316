//! Any headers give limits and pauses within bounds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xero_m2m::limits::{Headers, Limiter, LimitsConfig, LimitsEvent, Priority, QueuedCall, Reading};
use xero_m2m::request::check_header;
use xero_m2m::retry_after::retry_after;
use xero_m2m::time::Timestamp;

const NOW: Timestamp = Timestamp::from_ms(1_795_428_000_000);
const DAY: u64 = 86_400_000;

// A line for each answer: status and five headers, separated by `|`.
fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let _ = retry_after(&text, NOW);
    if let Some((name, value)) = text.split_once(':')
        && check_header(name, value).is_ok()
    {
        assert!(!value.contains(['\r', '\n', '\0']), "{value:?} ends a header");
    }
    let mut limiter = Limiter::new(LimitsConfig::default(), 1);
    let mut now = NOW;
    for line in text.lines().take(20) {
        let mut fields = line.split('|');
        let mut next = || fields.next().unwrap_or_default();
        let status = next().parse().unwrap_or(429);
        let headers = Headers { problem: next(), retry_after: next(), minute: next(), day: next(), app_minute: next() };
        let call = QueuedCall { priority: Priority::Normal, deadline: now.plus(3 * DAY), repeatable: true };
        let (ticket, _) = limiter.enter(call, now);
        limiter.handle(LimitsEvent::Answered { ticket, reading: Reading::new(status, &headers, now) }, now);
        // No header stops a connection for longer than the longest window.
        for _ in 0..64 {
            let Some(wake) = limiter.wake() else { break };
            assert!(wake.since(now) <= DAY + 60_000, "{line}");
            now = now.max(wake).plus(1);
            limiter.handle(LimitsEvent::Tick, now);
        }
        limiter.handle(LimitsEvent::Lost { ticket }, now);
        now = now.plus(1_000);
    }
    // Two days later somebody is let in.
    let later = now.plus(2 * DAY);
    let call = QueuedCall { priority: Priority::Normal, deadline: later.plus(DAY), repeatable: true };
    let (_, actions) = limiter.enter(call, later);
    assert!(format!("{actions:?}").contains("Send"), "{actions:?}");
});
