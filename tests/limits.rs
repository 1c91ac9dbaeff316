//! The reading of answers and the timelines of the limiter: every case of `vectors/limits.json`.
#![cfg(test)]

use serde::Deserialize;
use serde::de::IgnoredAny;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use xero_m2m::limits::{
    Admission, Headers, Limiter, LimitsAction, LimitsConfig, LimitsEvent, MAX_SNAPSHOT_BYTES, Priority, Problem,
    QueuedCall, Reading, SnapshotError, Wait,
};
use xero_m2m::time::Timestamp;

/// 2026-04-29T00:00:00Z.
const START: u64 = 1_777_420_800_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    readings: Vec<Case>,
    timelines: Vec<Timeline>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Answer {
    status: Option<u16>,
    problem: String,
    retry_after: String,
    minute: String,
    day: String,
    app_minute: String,
}

impl Answer {
    fn reading(&self, now: Timestamp) -> Reading {
        let headers = Headers {
            problem: &self.problem,
            retry_after: &self.retry_after,
            minute: &self.minute,
            day: &self.day,
            app_minute: &self.app_minute,
        };
        Reading::new(self.status.unwrap_or(200), &headers, now)
    }
}

#[derive(Deserialize)]
struct Case {
    name: String,
    #[serde(flatten)]
    answer: Answer,
    reads: Reads,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Reads {
    served: bool,
    problem: Option<String>,
    retry_after_ms: Option<u64>,
    minute_left: Option<u32>,
    day_left: Option<u32>,
    app_minute_left: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Timeline {
    name: String,
    #[serde(default)]
    options: Options,
    steps: Vec<Step>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Options {
    in_flight: Option<u32>,
    minute_reserve: Option<u32>,
    day_reserve: Option<u32>,
    queue: Option<usize>,
}

/// One event and its effects; members that are absent at the end are not compared.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Step {
    at: u64,
    enter: Option<Enter>,
    answered: Option<u32>,
    lost: Option<u32>,
    tick: Option<IgnoredAny>,
    #[serde(flatten)]
    answer: Answer,
    does: Vec<Expected>,
    wake: Option<Alarm>,
    slots: Option<u32>,
    day_size: Option<u32>,
    minute_ends: Option<[u64; 2]>,
}

/// The wake time of the limiter, or `false`.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Alarm {
    At(u64),
    Off(bool),
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Enter {
    priority: String,
    deadline: u64,
    repeatable: bool,
}

impl Default for Enter {
    fn default() -> Self {
        Self { priority: "normal".to_owned(), deadline: 600_000, repeatable: true }
    }
}

#[derive(Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields, rename_all_fields = "camelCase")]
enum Expected {
    Send { send: u32 },
    Wait { wait: u32, why: String, until: When },
    Fail { fail: u32, code: String, retry_at: Option<u64> },
    Pause { pause: String, until: When },
}

/// An instant, or two between which chance decides.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
enum When {
    Exactly(u64),
    Between(u64, u64),
}

impl When {
    fn is(self, found: Timestamp) -> bool {
        match self {
            Self::Exactly(at) => found == instant(at),
            Self::Between(first, last) => (instant(first)..=instant(last)).contains(&found),
        }
    }
}

impl Expected {
    fn is(&self, found: &LimitsAction) -> bool {
        match (self, found) {
            (Self::Send { send }, LimitsAction::Send { ticket }) => send == ticket,
            (Self::Wait { wait, why, until }, LimitsAction::Wait { ticket, wait: Wait { why: found, until: at } }) => {
                wait == ticket && why == found.as_str() && until.is(*at)
            }
            (Self::Fail { fail, code, retry_at }, LimitsAction::Fail { ticket, error }) => {
                fail == ticket && code == error.code().as_str() && retry_at.map(instant) == error.earliest_retry()
            }
            (Self::Pause { pause, until }, LimitsAction::Pause { problem, until: at }) => {
                pause == problem.as_str() && until.is(*at)
            }
            _ => false,
        }
    }
}

fn instant(ms: u64) -> Timestamp {
    Timestamp::from_ms(START).plus(ms)
}

fn vectors() -> File {
    serde_json::from_str(include_str!("vectors/limits.json")).expect("the vectors")
}

#[test]
fn readings() {
    for Case { name, answer, reads } in vectors().readings {
        let reading = answer.reading(instant(0));
        let found = Reads {
            served: reading.served,
            problem: reading.problem.map(Problem::as_str).map(str::to_owned),
            retry_after_ms: reading.retry_after_ms,
            minute_left: reading.minute_left,
            day_left: reading.day_left,
            app_minute_left: reading.app_minute_left,
        };
        assert_eq!(found, reads, "{name}");
    }
}

#[test]
fn timelines() {
    for seed in 0..20 {
        for Timeline { name, options, steps } in vectors().timelines {
            let usual = LimitsConfig::default();
            let config = LimitsConfig {
                in_flight: options.in_flight.unwrap_or(usual.in_flight),
                minute_reserve: options.minute_reserve.unwrap_or(usual.minute_reserve),
                day_reserve: options.day_reserve.unwrap_or(usual.day_reserve),
                queue: options.queue.unwrap_or(usual.queue),
                ..usual
            };
            let mut limiter = Limiter::new(config, seed);
            for (number, step) in steps.iter().enumerate() {
                let at = format!("{name}, step {number} at {}, seed {seed}", step.at);
                let found = perform(&mut limiter, step);
                let same =
                    found.len() == step.does.len() && step.does.iter().zip(&found).all(|(does, found)| does.is(found));
                assert!(same, "{at}:\n  expected {:?}\n  found    {found:?}", step.does);
                match step.wake {
                    Some(Alarm::At(wake)) => assert_eq!(limiter.wake(), Some(instant(wake)), "{at}"),
                    Some(Alarm::Off(set)) => assert_eq!(limiter.wake().is_some(), set, "{at}"),
                    None => {}
                }
                let status = limiter.status(instant(step.at));
                assert_eq!(status.slots, step.slots.unwrap_or(status.slots), "{at}");
                assert_eq!(step.day_size.or(status.day_size), status.day_size, "{at}");
                if let Some([from, to]) = step.minute_ends {
                    assert_eq!(status.minute_ends, Some((instant(from), instant(to))), "{at}");
                }
            }
        }
    }
}

/// `Retry-After: 0`, however often it comes, does not make a call go out each second.
#[test]
fn a_refusal_for_no_time_at_all_is_not_asked_for_again_each_second() {
    for problem in ["minute", "day", "app_minute", "concurrent", "fortnight", ""] {
        let mut limiter = Limiter::new(LimitsConfig::default(), 1);
        let call = QueuedCall { priority: Priority::Normal, deadline: instant(300_000), repeatable: true };
        let (_, mut actions) = limiter.enter(call, instant(0));
        let (mut sent, mut now) = (0, instant(0));
        while let Some(&LimitsAction::Send { ticket }) =
            actions.iter().find(|action| matches!(action, LimitsAction::Send { .. }))
        {
            sent += 1;
            let headers = Headers { problem, retry_after: "0", ..Headers::default() };
            now = now.plus(50);
            actions = limiter.handle(LimitsEvent::Answered { ticket, reading: Reading::new(429, &headers, now) }, now);
            while let Some(wake) =
                limiter.wake().filter(|_| !actions.iter().any(|a| matches!(a, LimitsAction::Send { .. })))
            {
                now = wake.max(now);
                actions = limiter.handle(LimitsEvent::Tick, now);
            }
        }
        // Pauses of an open length double up to a minute.
        assert!(sent <= 14, "{problem}: sent {sent} times in five minutes");
    }
}

/// Without headers, a call that was answered while the minute may have ended counts in both.
#[test]
fn calls_that_may_count_in_either_minute_count_in_both() {
    let mut limiter = Limiter::new(LimitsConfig::default(), 1);
    let call = QueuedCall { priority: Priority::Normal, deadline: instant(600_000), repeatable: true };
    let silent = |status, retry_after| {
        let headers = Headers { problem: "minute", retry_after, ..Headers::default() };
        Reading::new(status, &headers, instant(100))
    };
    let (ticket, _) = limiter.enter(call, instant(0));
    limiter.handle(LimitsEvent::Answered { ticket, reading: silent(429, "20") }, instant(100));
    limiter.handle(LimitsEvent::Tick, instant(20_100));
    limiter.handle(LimitsEvent::Answered { ticket, reading: silent(200, "") }, instant(20_200));
    assert_eq!(limiter.status(instant(20_200)).minute_ends, Some((instant(79_000), instant(80_100))));

    let mut serve = |at: u64| {
        let (ticket, actions) = limiter.enter(call, instant(at));
        let sent = actions == [LimitsAction::Send { ticket }];
        if sent {
            limiter.handle(LimitsEvent::Answered { ticket, reading: silent(200, "") }, instant(at + 50));
        }
        sent
    };
    // Two before the minute can have ended, three while it may have.
    assert!([78_000, 78_500, 79_100, 79_200, 79_300].into_iter().all(&mut serve));
    assert_eq!((0..100).filter(|nth| serve(80_100 + nth * 100)).count(), 57);
}

/// A call that cannot be sent to find out waits no longer than a minute for calls that may have used up this one.
#[test]
fn a_write_goes_out_a_minute_after_the_last_answer_that_brought_no_count() {
    let mut limiter = Limiter::new(LimitsConfig::default(), 1);
    let call = |repeatable| QueuedCall { priority: Priority::Normal, deadline: instant(600_000), repeatable };
    let mut serve = |at: u64, minute| {
        let (ticket, actions) = limiter.enter(call(true), instant(at));
        assert_eq!(actions, [LimitsAction::Send { ticket }], "at {at}");
        let reading = Reading::new(200, &Headers { minute, ..Headers::default() }, instant(at));
        limiter.handle(LimitsEvent::Answered { ticket, reading }, instant(at));
    };
    // More than are left: the last ones find out whether the next minute has begun.
    serve(0, "59");
    (1..=62).for_each(|nth| serve(nth * 500, ""));
    let (ticket, _) = limiter.enter(call(false), instant(32_000));
    let sent =
        [60_000, 91_000].map(|at| limiter.handle(LimitsEvent::Tick, instant(at)) == [LimitsAction::Send { ticket }]);
    assert_eq!(sent, [false, true]);
}

/// One call finds out when a day ends that is used up, and goes alone: so it waits for a slot that is never given back.
#[test]
fn a_call_that_finds_out_when_the_day_ends_goes_when_the_last_slot_is_free() {
    let mut limiter = Limiter::new(LimitsConfig { lease_ms: 60_000, ..LimitsConfig::default() }, 1);
    let call = QueuedCall { priority: Priority::Normal, deadline: instant(600_000), repeatable: true };
    // Its request ends without a report.
    limiter.enter(call, instant(0));
    let (ticket, _) = limiter.enter(call, instant(2_000));
    let headers = Headers { minute: "50", day: "0", ..Headers::default() };
    limiter
        .handle(LimitsEvent::Answered { ticket, reading: Reading::new(200, &headers, instant(2_100)) }, instant(2_100));
    let (ticket, _) = limiter.enter(call, instant(2_200));
    assert_eq!(limiter.wake(), Some(instant(60_000)));
    assert_eq!(limiter.handle(LimitsEvent::Tick, instant(60_000)), [LimitsAction::Send { ticket }]);
}

/// A well-known minute may end a second before its latest end. The counts that come meanwhile hold until the next minute must
/// have ended, if they are from that.
#[test]
fn the_reserve_is_kept_when_the_minute_ends_earlier_than_it_may() {
    let mut limiter = Limiter::new(LimitsConfig { minute_reserve: 10, ..LimitsConfig::default() }, 1);
    let call = QueuedCall { priority: Priority::Normal, deadline: instant(600_000), repeatable: true };
    let answer = |limiter: &mut Limiter, ticket, status, headers: Headers<'_>, at| {
        limiter
            .handle(LimitsEvent::Answered { ticket, reading: Reading::new(status, &headers, instant(at)) }, instant(at))
    };
    let sent_ticket = |action| if let LimitsAction::Send { ticket } = action { Some(ticket) } else { None };
    let (first, _) = limiter.enter(call, instant(0));
    answer(&mut limiter, first, 429, Headers { problem: "minute", retry_after: "20", ..Headers::default() }, 100);
    limiter.handle(LimitsEvent::Tick, instant(20_100));
    answer(&mut limiter, first, 200, Headers { minute: "59", ..Headers::default() }, 20_200);
    assert_eq!(limiter.status(instant(139_000)).minute_ends, Some((instant(139_000), instant(140_100))));

    // The minute has ended, and all calls are from the next one: fifty are served, the last ten are reserved.
    let mut sent: Vec<u32> =
        (0..70).flat_map(|_| limiter.enter(call, instant(139_100)).1).filter_map(sent_ticket).collect();
    let (mut left, mut at) = (60, 139_100);
    while !sent.is_empty() {
        (left, at) = (left - 1, at + 10);
        let minute = &format!("{left}");
        let actions = answer(&mut limiter, sent.remove(0), 200, Headers { minute, ..Headers::default() }, at);
        sent.extend(actions.into_iter().filter_map(sent_ticket));
    }
    assert_eq!(left, 10);
    assert_eq!(limiter.handle(LimitsEvent::Tick, instant(140_100)), []);
    assert_eq!(limiter.handle(LimitsEvent::Tick, instant(199_100)), []);
    assert!(!limiter.handle(LimitsEvent::Tick, instant(199_200)).is_empty());
}

/// A limiter in the middle of its work: calls in flight, a lowered cap, a pause and a trail.
fn busy() -> Limiter {
    let mut limiter = Limiter::new(LimitsConfig::default(), 7);
    let call = QueuedCall { priority: Priority::Normal, deadline: instant(600_000), repeatable: true };
    let answer = |limiter: &mut Limiter, ticket, status, headers: Headers<'_>, at| {
        limiter
            .handle(LimitsEvent::Answered { ticket, reading: Reading::new(status, &headers, instant(at)) }, instant(at))
    };
    let (first, _) = limiter.enter(call, instant(0));
    answer(&mut limiter, first, 200, Headers { minute: "50", ..Headers::default() }, 100);
    let tickets = [200, 210, 220, 230].map(|at| limiter.enter(call, instant(at)).0);
    answer(&mut limiter, tickets[0], 200, Headers::default(), 300);
    answer(&mut limiter, tickets[1], 429, Headers { problem: "concurrent", ..Headers::default() }, 310);
    limiter
}

#[test]
fn a_snapshot_restores_the_admission() {
    let mut limiter = busy();
    let text = limiter.admission().snapshot();
    assert!(text.starts_with("xero-limits 1 "), "{text}");
    let restored = Admission::restore(&text, LimitsConfig::default()).expect("its own snapshot");
    assert_eq!(restored.snapshot(), text);
    let mut fresh = Limiter::new(LimitsConfig::default(), 8);
    fresh.resume(restored);
    let (mut before, mut after) = (limiter.status(instant(400)), fresh.status(instant(400)));
    // The calls that wait stay with the process.
    (before.queued, before.wait, after.queued, after.wait) = (0, None, 0, None);
    assert_eq!(after, before);
    // A call of the new process has a ticket of its own, and waits for the same pause.
    let call = QueuedCall { priority: Priority::Normal, deadline: instant(600_000), repeatable: true };
    let (ticket, actions) = fresh.enter(call, instant(400));
    assert!(ticket > 3, "{ticket}");
    let wait = limiter.enter(call, instant(400)).1;
    let why = |actions: &[LimitsAction]| match actions {
        [LimitsAction::Wait { wait, .. }] => *wait,
        other => panic!("{other:?}"),
    };
    assert_eq!(why(&actions), why(&wait));
}

#[test]
fn a_snapshot_that_was_changed_anywhere_is_refused() {
    let text = busy().admission().snapshot();
    let restore = |text: &str| Admission::restore(text, LimitsConfig::default()).map(|_| ());
    for at in 0..text.len() {
        for byte in [b' ', b'0', b'1', b'9', b'-', b'+', b'x', b'\n'] {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = byte;
            let changed = String::from_utf8(bytes).expect("ASCII");
            assert!(changed == text || restore(&changed).is_err(), "{changed}");
        }
        let (start, end) = text.split_at(at);
        assert!(restore(start).is_err() && restore(end).is_err() || at == 0, "cut at {at}");
        assert!(restore(&format!("{start} {end}")).is_err() && restore(&format!("{start}0{end}")).is_err(), "{at}");
    }
    for foreign in
        ["", "xero-limits", "xero-limits ", "xero-limits 2 0", "{}", "7", "xero-token 1 0", "\u{feff}xero-limits 1 0"]
    {
        assert_eq!(restore(foreign), Err(SnapshotError::Format), "{foreign}");
    }
    assert_eq!(restore("xero-limits 1 0 0 0"), Err(SnapshotError::Damaged));
    assert_eq!(restore(&format!("{text}{}", " 1".repeat(MAX_SNAPSHOT_BYTES))), Err(SnapshotError::Damaged));
}

#[test]
fn the_longest_snapshot_can_be_read() {
    let config = LimitsConfig { in_flight: 64, ..LimitsConfig::default() };
    let mut limiter = Limiter::new(config, u64::MAX);
    let call = QueuedCall { priority: Priority::Normal, deadline: Timestamp::LAST, repeatable: true };
    // A whole day of answers without a count, so that the trail of each window is full; then as many calls as may be in flight.
    let mut now = Timestamp::LAST.minus(172_800_000);
    for nth in 0..5_000 {
        now = now.plus(if nth < 900 { 86_400 } else { 980 });
        let (ticket, _) = limiter.enter(call, now);
        limiter.handle(LimitsEvent::Lost { ticket }, now);
    }
    (0..64).for_each(|_| drop(limiter.enter(call, now.plus(86_400_000))));
    let text = limiter.admission().snapshot();
    assert!(text.len() <= MAX_SNAPSHOT_BYTES, "{} bytes", text.len());
    let restored = Admission::restore(&text, config).expect("its own snapshot");
    assert_eq!(restored.snapshot(), text);
}

#[test]
fn errors_name_the_option_to_change() {
    let config = LimitsConfig { queue: 0, day_reserve: 100, ..LimitsConfig::default() };
    let mut limiter = Limiter::new(config, 1);
    let call = |deadline| QueuedCall { priority: Priority::Normal, deadline: instant(deadline), repeatable: true };
    let message = |actions: Vec<LimitsAction>| match &actions[..] {
        [.., LimitsAction::Fail { error, .. }] => error.message().to_owned(),
        other => panic!("{other:?}"),
    };
    assert!(message(limiter.enter(call(0), instant(0)).1).contains("raise `deadlineMs`"));
    let (ticket, _) = limiter.enter(call(60_000), instant(0));
    let full = message(limiter.enter(call(60_000), instant(0)).1);
    assert!(full.contains("0 calls are queued; raise `limits.queue`"), "{full}");
    let headers = Headers { minute: "59", day: "100", ..Headers::default() };
    limiter.handle(LimitsEvent::Answered { ticket, reading: Reading::new(200, &headers, instant(10)) }, instant(10));
    let reserved = message(limiter.enter(call(60_000), instant(20)).1);
    assert!(reserved.contains("reserved for `priority: \"high\"` (`limits.dayReserve`)"), "{reserved}");
    let (ticket, _) = limiter.enter(QueuedCall { priority: Priority::High, ..call(60_000) }, instant(30));
    let headers = Headers { problem: "minute", retry_after: "20", ..Headers::default() };
    let late = limiter
        .handle(LimitsEvent::Answered { ticket, reading: Reading::new(429, &headers, instant(40)) }, instant(40));
    assert!(!late.is_empty());
    let high = QueuedCall { priority: Priority::High, ..call(1_000) };
    let late = message(limiter.enter(high, instant(50)).1);
    assert!(late.contains("because Xero asked for a pause; raise `deadlineMs`"), "{late}");
    let headers = Headers { problem: "day", retry_after: "3600", ..Headers::default() };
    let used_up = limiter.handle(LimitsEvent::Tick, instant(30_000));
    let [LimitsAction::Send { ticket }] = used_up[..] else { panic!("{used_up:?}") };
    limiter.handle(
        LimitsEvent::Answered { ticket, reading: Reading::new(429, &headers, instant(30_100)) },
        instant(30_100),
    );
    let used_up = message(limiter.enter(call(60_000), instant(30_200)).1);
    assert!(used_up.contains("day are used up"), "{used_up}");
}

fn perform(limiter: &mut Limiter, step: &Step) -> Vec<LimitsAction> {
    let now = instant(step.at);
    let event = match (&step.enter, step.answered, step.lost, &step.tick) {
        (Some(enter), None, None, None) => {
            let priority = match enter.priority.as_str() {
                "high" => Priority::High,
                "normal" => Priority::Normal,
                other => panic!("{other} is no priority"),
            };
            let call = QueuedCall { priority, deadline: instant(enter.deadline), repeatable: enter.repeatable };
            return limiter.enter(call, now).1;
        }
        (None, Some(ticket), None, None) => LimitsEvent::Answered { ticket, reading: step.answer.reading(now) },
        (None, None, Some(ticket), None) => LimitsEvent::Lost { ticket },
        (None, None, None, Some(_)) => LimitsEvent::Tick,
        _ => panic!("one event in a step"),
    };
    limiter.handle(event, now)
}
