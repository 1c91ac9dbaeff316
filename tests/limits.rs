//! What answers say about limits, and what the limiter does when: every case of `vectors/limits.json`.
#![cfg(test)]

use serde::Deserialize;
use serde::de::IgnoredAny;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use xero_m2m::limits::{Action, Call, Config, Event, Headers, Limiter, Priority, Problem, Reading, Wait};
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

/// One event and what follows; what is absent at the end is not looked at.
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
    places: Option<u32>,
    day_size: Option<u32>,
    minute_ends: Option<[u64; 2]>,
}

/// When the limiter wants to be woken, or `false`.
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
    fn is(&self, found: &Action) -> bool {
        match (self, found) {
            (Self::Send { send }, Action::Send { ticket }) => send == ticket,
            (Self::Wait { wait, why, until }, Action::Wait { ticket, wait: Wait { why: found, until: at } }) => {
                wait == ticket && why == found.as_str() && until.is(*at)
            }
            (Self::Fail { fail, code, retry_at }, Action::Fail { ticket, error }) => {
                fail == ticket && code == error.code().as_str() && retry_at.map(instant) == error.earliest_retry()
            }
            (Self::Pause { pause, until }, Action::Pause { problem, until: at }) => {
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
            let usual = Config::default();
            let config = Config {
                in_flight: options.in_flight.unwrap_or(usual.in_flight),
                minute_reserve: options.minute_reserve.unwrap_or(usual.minute_reserve),
                day_reserve: options.day_reserve.unwrap_or(usual.day_reserve),
                queue: options.queue.unwrap_or(usual.queue),
                ..usual
            };
            let mut limiter = Limiter::new(config, seed);
            for (number, step) in steps.iter().enumerate() {
                let place = format!("{name}, step {number} at {}, seed {seed}", step.at);
                let found = perform(&mut limiter, step);
                let same =
                    found.len() == step.does.len() && step.does.iter().zip(&found).all(|(does, found)| does.is(found));
                assert!(same, "{place}:\n  expected {:?}\n  found    {found:?}", step.does);
                match step.wake {
                    Some(Alarm::At(at)) => assert_eq!(limiter.wake(), Some(instant(at)), "{place}"),
                    Some(Alarm::Off(set)) => assert_eq!(limiter.wake().is_some(), set, "{place}"),
                    None => {}
                }
                let standing = limiter.standing(instant(step.at));
                assert_eq!(standing.places, step.places.unwrap_or(standing.places), "{place}");
                assert_eq!(step.day_size.or(standing.day_size), standing.day_size, "{place}");
                if let Some([from, to]) = step.minute_ends {
                    assert_eq!(standing.minute_ends, Some((instant(from), instant(to))), "{place}");
                }
            }
        }
    }
}

/// `Retry-After: 0`, however often it comes, does not make a call go out each second.
#[test]
fn a_refusal_for_no_time_at_all_is_not_asked_for_again_each_second() {
    for problem in ["minute", "day", "app_minute", "concurrent", "fortnight", ""] {
        let mut limiter = Limiter::new(Config::default(), 1);
        let call = Call { priority: Priority::Normal, deadline: instant(300_000), repeatable: true };
        let (_, mut actions) = limiter.enter(call, instant(0));
        let (mut sent, mut now) = (0, instant(0));
        while let Some(&Action::Send { ticket }) = actions.iter().find(|action| matches!(action, Action::Send { .. })) {
            sent += 1;
            let headers = Headers { problem, retry_after: "0", ..Headers::default() };
            now = now.plus(50);
            actions = limiter.handle(Event::Answered { ticket, reading: Reading::new(429, &headers, now) }, now);
            while let Some(wake) = limiter.wake().filter(|_| !actions.iter().any(|a| matches!(a, Action::Send { .. })))
            {
                now = wake.max(now);
                actions = limiter.handle(Event::Tick, now);
            }
        }
        // Pauses of an open length double up to a minute.
        assert!(sent <= 14, "{problem}: sent {sent} times in five minutes");
    }
}

/// Without headers, a call that was answered while the minute may have ended counts in both.
#[test]
fn calls_that_may_count_in_either_minute_count_in_both() {
    let mut limiter = Limiter::new(Config::default(), 1);
    let call = Call { priority: Priority::Normal, deadline: instant(600_000), repeatable: true };
    let silent = |status, retry_after| {
        let headers = Headers { problem: "minute", retry_after, ..Headers::default() };
        Reading::new(status, &headers, instant(100))
    };
    let (ticket, _) = limiter.enter(call, instant(0));
    limiter.handle(Event::Answered { ticket, reading: silent(429, "20") }, instant(100));
    limiter.handle(Event::Tick, instant(20_100));
    limiter.handle(Event::Answered { ticket, reading: silent(200, "") }, instant(20_200));
    assert_eq!(limiter.standing(instant(20_200)).minute_ends, Some((instant(79_000), instant(80_100))));

    let mut serve = |at: u64| {
        let (ticket, actions) = limiter.enter(call, instant(at));
        let sent = actions == [Action::Send { ticket }];
        if sent {
            limiter.handle(Event::Answered { ticket, reading: silent(200, "") }, instant(at + 50));
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
    let mut limiter = Limiter::new(Config::default(), 1);
    let call = |repeatable| Call { priority: Priority::Normal, deadline: instant(600_000), repeatable };
    let mut serve = |at: u64, minute| {
        let (ticket, actions) = limiter.enter(call(true), instant(at));
        assert_eq!(actions, [Action::Send { ticket }], "at {at}");
        let reading = Reading::new(200, &Headers { minute, ..Headers::default() }, instant(at));
        limiter.handle(Event::Answered { ticket, reading }, instant(at));
    };
    // More than are left: the last ones find out whether the next minute has begun.
    serve(0, "59");
    (1..=62).for_each(|nth| serve(nth * 500, ""));
    let (ticket, _) = limiter.enter(call(false), instant(32_000));
    let sent = [60_000, 91_000].map(|at| limiter.handle(Event::Tick, instant(at)) == [Action::Send { ticket }]);
    assert_eq!(sent, [false, true]);
}

/// One call finds out when a day ends that is used up, and goes alone: so it waits for a place that nobody gives back.
#[test]
fn a_call_that_finds_out_when_the_day_ends_goes_when_the_last_place_is_free() {
    let mut limiter = Limiter::new(Config { lease_ms: 60_000, ..Config::default() }, 1);
    let call = Call { priority: Priority::Normal, deadline: instant(600_000), repeatable: true };
    // Its request ends without a word.
    limiter.enter(call, instant(0));
    let (ticket, _) = limiter.enter(call, instant(2_000));
    let headers = Headers { minute: "50", day: "0", ..Headers::default() };
    limiter.handle(Event::Answered { ticket, reading: Reading::new(200, &headers, instant(2_100)) }, instant(2_100));
    let (ticket, _) = limiter.enter(call, instant(2_200));
    assert_eq!(limiter.wake(), Some(instant(60_000)));
    assert_eq!(limiter.handle(Event::Tick, instant(60_000)), [Action::Send { ticket }]);
}

fn perform(limiter: &mut Limiter, step: &Step) -> Vec<Action> {
    let now = instant(step.at);
    let event = match (&step.enter, step.answered, step.lost, &step.tick) {
        (Some(enter), None, None, None) => {
            let priority = match enter.priority.as_str() {
                "urgent" => Priority::Urgent,
                "normal" => Priority::Normal,
                other => panic!("{other} is no priority"),
            };
            let call = Call { priority, deadline: instant(enter.deadline), repeatable: enter.repeatable };
            return limiter.enter(call, now).1;
        }
        (None, Some(ticket), None, None) => Event::Answered { ticket, reading: step.answer.reading(now) },
        (None, None, Some(ticket), None) => Event::Lost { ticket },
        (None, None, None, Some(_)) => Event::Tick,
        _ => panic!("one event in a step"),
    };
    limiter.handle(event, now)
}
