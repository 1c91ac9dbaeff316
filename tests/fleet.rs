//! The record of the token of a fleet, and what one process does by itself. `fleet_walk.rs` has many.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use serde_json::Value;
use xero_m2m::error::Code;
use xero_m2m::fleet::{
    DocumentFound, DocumentSwap, Fleet, FleetAction, FleetConfig, FleetEvent, FleetNotice, SharedToken, TokenWant,
    codec,
};
use xero_m2m::secret::Secret;
use xero_m2m::time::{Now, Timestamp};

const START: u64 = 1_795_428_000_000;
const MINUTE: u64 = 60_000;
const TOKEN: &str = "a-token-that-is-secret";

fn at(ms: u64) -> Timestamp {
    Timestamp::from_ms(START + ms)
}

fn now(ms: u64) -> Now {
    Now { clock: at(ms), measured: Timestamp::from_ms(5_000 + ms) }
}

fn records() -> Value {
    serde_json::from_str(include_str!("vectors/fleet-records.json")).unwrap()
}

#[test]
fn a_record_is_read_as_it_was_written_and_nothing_else_is() {
    let vectors = records();
    for text in vectors["read"].as_array().unwrap() {
        let text = text.as_str().unwrap();
        let record = codec::read(text).unwrap_or_else(|| panic!("{text} is not read"));
        assert_eq!(codec::write(&record).as_deref(), Some(text));
    }
    for text in vectors["foreign"].as_array().unwrap() {
        assert_eq!(codec::read(text.as_str().unwrap()), None, "{text}");
    }
    let long = format!("{}{}", vectors["read"][2].as_str().unwrap(), "x".repeat(codec::MOST_BYTES));
    assert_eq!(codec::read(&long), None);
}

#[test]
fn no_change_of_a_record_makes_another_text_for_it() {
    for text in records()["read"].as_array().unwrap() {
        let text = text.as_str().unwrap();
        for cut in 0..text.len() {
            for byte in *b" 0a-.\n\t\0" {
                let mut bytes = text.as_bytes().to_vec();
                bytes[cut] = byte;
                let changed = String::from_utf8(bytes).unwrap();
                if let Some(record) = codec::read(&changed) {
                    assert_eq!(codec::write(&record), Some(changed));
                }
            }
            let _ = codec::read(&text[..cut]);
        }
    }
}

/// One process before a store that answers at once, until it is away.
struct Process {
    fleet: Fleet,
    ms: u64,
    version: u64,
    document: Option<String>,
    is_away: bool,
    /// It performs no swap, and says so.
    refuses: bool,
    /// No key of this process opens what others have sealed.
    is_closed: bool,
    swaps: u32,
    notices: Vec<FleetNotice>,
}

#[derive(Debug, PartialEq, Eq)]
enum Got {
    Token(String),
    Ask,
    Spare,
    Wait(u64),
    Error(Code),
}

impl Process {
    fn new(secrets: &str) -> Self {
        let fleet = Fleet::new(FleetConfig::default(), "name".to_owned(), secrets.to_owned(), 7, 1);
        let (document, notices) = (None, Vec::new());
        Self { fleet, ms: 0, version: 0, document, is_away: false, refuses: false, is_closed: false, swaps: 0, notices }
    }

    /// Performs the actions, and returns the answer to a caller.
    fn perform(&mut self, actions: Vec<FleetAction>) -> Option<Got> {
        let mut got = None;
        for action in actions {
            let event = match action {
                FleetAction::Use { token, .. } => {
                    got = Some(Got::Token(token.access_token.reveal().clone()));
                    continue;
                }
                FleetAction::Ask => {
                    got = Some(Got::Ask);
                    continue;
                }
                FleetAction::Spare => {
                    got = Some(Got::Spare);
                    continue;
                }
                FleetAction::Wait { until } => {
                    got = Some(Got::Wait(until.since(now(0).measured)));
                    continue;
                }
                FleetAction::Fail { error } => {
                    got = Some(Got::Error(error.code()));
                    continue;
                }
                FleetAction::Tell(notice) => {
                    self.notices.push(notice);
                    continue;
                }
                FleetAction::Swap(swap) if self.is_away => {
                    self.swaps += 1;
                    self.ms += swap.deadline.since(now(self.ms).measured);
                    FleetEvent::Away { ticket: swap.ticket, why: None }
                }
                FleetAction::Swap(swap) => {
                    self.swaps += 1;
                    let swapped = swap.put.is_some() && swap.version == Some(self.version) && !self.refuses;
                    if swapped {
                        self.version += 1;
                        self.document = swap.put;
                    }
                    let document = self.document.clone();
                    let found = DocumentFound {
                        swapped,
                        version: self.version,
                        document: document.as_deref(),
                        at: at(self.ms),
                    };
                    let more = self.fleet.handle(FleetEvent::Found { ticket: swap.ticket, found }, now(self.ms));
                    self.perform(more);
                    continue;
                }
                FleetAction::Open { ticket, sealed, .. } => {
                    let text = if self.is_closed { None } else { sealed.split('.').nth(2) };
                    let more = self.fleet.handle(FleetEvent::Opened { ticket, text }, now(self.ms));
                    self.perform(more);
                    continue;
                }
                FleetAction::Seal { ticket, text, .. } => {
                    let sealed = format!("k.n.{}", text.reveal());
                    let more = self.fleet.handle(FleetEvent::Sealed { ticket, sealed: &sealed }, now(self.ms));
                    self.perform(more);
                    continue;
                }
            };
            let more = self.fleet.handle(event, now(self.ms));
            self.perform(more);
        }
        got
    }

    /// Wants a token until it gets an answer that is none to wait.
    fn want(&mut self, held: Option<&str>, urgent: bool) -> Got {
        let since = now(self.ms).measured;
        for _ in 0..20 {
            let held = held.map(|held| Secret::new(held.to_owned()));
            let want = TokenWant { deadline: since.plus(30_000), since, urgent, held };
            let actions = self.fleet.handle(FleetEvent::Want(want), now(self.ms));
            let is_waiting =
                actions.iter().any(|action| matches!(action, FleetAction::Swap(_) | FleetAction::Open { .. }));
            let got = self.perform(actions).unwrap();
            if !is_waiting || !matches!(got, Got::Wait(_)) {
                return got;
            }
        }
        panic!("it never ends")
    }

    fn granted(&mut self, token: &str) {
        let token = SharedToken { access_token: Secret::new(token.to_owned()), scopes: None };
        let event = FleetEvent::Granted { token, obtained_at: at(self.ms), expires_at: at(self.ms + 30 * MINUTE) };
        let actions = self.fleet.handle(event, now(self.ms));
        self.perform(actions);
    }

    fn denied(&mut self, code: Code) {
        let actions = self.fleet.handle(FleetEvent::Denied { code }, now(self.ms));
        self.perform(actions);
    }

    fn tick(&mut self) {
        let actions = self.fleet.handle(FleetEvent::Tick, now(self.ms));
        self.perform(actions);
    }

    /// Puts what another process has put there.
    fn other(&mut self, document: &str) {
        self.version += 1;
        self.document = Some(document.to_owned());
    }
}

#[test]
fn a_process_that_finds_no_token_claims_asks_and_puts_it() {
    let mut process = Process::new("mark");
    assert_eq!(process.want(None, true), Got::Ask);
    assert_eq!(process.document.as_deref(), Some(format!("t1 0 0 0 7 {} - -", START + 10_000).as_str()));
    process.ms = 300;
    process.granted(TOKEN);
    let record = codec::read(process.document.as_deref().unwrap()).unwrap();
    assert_eq!((record.generation, record.claim, record.expires_at), (1, None, at(300 + 30 * MINUTE)));
    assert_eq!(process.notices, [FleetNotice::Joined { members: None }]);
    assert_eq!(process.swaps, 3, "a look, a claim and the token");
}

#[test]
fn the_token_of_another_process_is_adopted_and_only_once() {
    let mut process = Process::new("mark");
    process.other(&format!("t1 4 {} {} 0 0 - k.n.theirs", START, START + 30 * MINUTE));
    assert_eq!(process.want(None, true), Got::Token("theirs".to_owned()));
    // It ends soon: the process asks for the next.
    process.ms = 26 * MINUTE;
    assert_eq!(process.want(Some("theirs"), false), Got::Ask);
}

#[test]
fn a_caller_waits_for_a_process_that_asks_and_takes_over_when_its_claim_has_ended() {
    let mut process = Process::new("mark");
    process.other(&format!("t1 0 0 0 8 {} - -", START + 10_000));
    let got = process.want(None, true);
    assert!(matches!(got, Got::Wait(ms) if ms <= 300), "{got:?}");
    process.ms = 10_001;
    assert_eq!(process.want(None, true), Got::Ask);
}

#[test]
fn a_claim_by_a_process_that_is_wrong_about_the_clock_of_the_store_counts() {
    let mut process = Process::new("mark");
    process.other(&format!("t1 0 0 0 8 {} - -", START + 10_004));
    let got = process.want(None, true);
    assert!(matches!(got, Got::Wait(_)), "{got:?}");
}

#[test]
fn a_claim_that_lies_further_ahead_than_claims_last_does_not_count() {
    let mut process = Process::new("mark");
    process.other(&format!("t1 0 0 0 8 {} - -", START + 3_600_000));
    assert_eq!(process.want(None, true), Got::Ask);
}

#[test]
fn without_the_store_the_token_at_hand_is_used_and_then_each_process_asks_for_its_own() {
    let mut process = Process::new("mark");
    process.is_away = true;
    assert_eq!(process.want(Some(TOKEN), false), Got::Spare);
    assert_eq!(process.want(Some(TOKEN), false), Got::Spare);
    assert_eq!((process.swaps, process.ms), (1, 2_000), "nobody waits a second time");
    assert_eq!(process.want(None, true), Got::Ask);
    assert!(matches!(process.notices[..], [FleetNotice::Away { .. }]), "{:?}", process.notices);
    process.granted("its-own");
    // The store is back: the token is put for the others, without a caller.
    process.is_away = false;
    process.ms = MINUTE;
    process.tick();
    assert!(process.document.as_deref().unwrap().contains("its-own"), "{:?}", process.document);
    assert!(matches!(process.notices[1..], [FleetNotice::Joined { .. }]), "{:?}", process.notices);
}

#[test]
fn a_store_that_refuses_every_swap_is_away_until_it_performs_one() {
    let mut process = Process::new("mark");
    process.refuses = true;
    let mut got = process.want(None, true);
    for _ in 0..4 {
        if got == Got::Ask {
            break;
        }
        got = process.want(None, true);
    }
    assert_eq!(got, Got::Ask, "after {} swaps", process.swaps);
    process.granted("its-own");
    for second in 1..600 {
        process.ms = second * 1_000;
        process.tick();
    }
    let [FleetNotice::Joined { .. }, FleetNotice::Away { why, .. }] = &process.notices[..] else {
        panic!("{:?}", process.notices)
    };
    assert!(why.contains("refuse"), "{why}");
    assert!(process.swaps < 300, "{} swaps in ten minutes", process.swaps);
    process.refuses = false;
    process.ms += MINUTE;
    process.tick();
    assert!(process.document.as_deref().unwrap().contains("its-own"), "{:?}", process.document);
    assert!(matches!(process.notices[2..], [FleetNotice::Back]), "{:?}", process.notices);
}

/// The swap of these actions, and the instant until which its caller waits.
fn waits(actions: &[FleetAction]) -> (&DocumentSwap, Timestamp) {
    let [FleetAction::Swap(swap), FleetAction::Wait { until }] = actions else { panic!("{actions:?}") };
    (swap, *until)
}

#[test]
fn a_first_caller_does_not_wait_for_a_store_that_never_answers_and_a_late_answer_still_counts() {
    let mut fleet = Fleet::new(FleetConfig::default(), "name".to_owned(), "mark".to_owned(), 7, 1);
    let want = |ms| {
        let (deadline, since) = (now(30_000).measured, now(ms).measured);
        FleetEvent::Want(TokenWant { deadline, since, urgent: true, held: None })
    };
    let actions = fleet.handle(want(0), now(0));
    let (look, until) = waits(&actions);
    assert_eq!(until, now(250).measured);
    // Another caller, and the same one again.
    let other = fleet.handle(want(100), now(100));
    assert!(matches!(other[..], [FleetAction::Wait { until }] if until == now(250).measured), "{other:?}");
    assert!(matches!(fleet.handle(want(0), now(250))[..], [FleetAction::Ask]), "it asks Xero itself");
    // The store was only slow to connect: it is not away.
    assert!(look.deadline > now(400).measured);
    let found = DocumentFound { swapped: false, version: 0, document: None, at: at(400) };
    let told = fleet.handle(FleetEvent::Found { ticket: look.ticket, found }, now(400));
    assert!(matches!(told[..], [FleetAction::Tell(FleetNotice::Joined { .. })]), "{told:?}");
    let token = SharedToken { access_token: Secret::new(TOKEN.to_owned()), scopes: None };
    let granted = FleetEvent::Granted { token, obtained_at: at(500), expires_at: at(30 * MINUTE) };
    assert!(matches!(fleet.handle(granted, now(500))[..], [FleetAction::Seal { .. }]), "the others get it");
}

#[test]
fn a_caller_during_an_outage_does_not_wait_for_another_whole_deadline() {
    let mut process = Process::new("mark");
    assert_eq!(process.want(None, true), Got::Ask);
    process.granted(TOKEN);
    process.is_away = true;
    process.ms = 26 * MINUTE;
    assert_eq!(process.want(Some(TOKEN), false), Got::Spare);
    for ms in [31 * MINUTE, 62 * MINUTE] {
        let (deadline, since) = (now(ms + 30_000).measured, now(ms).measured);
        let want = || FleetEvent::Want(TokenWant { deadline, since, urgent: true, held: None });
        let actions = process.fleet.handle(want(), now(ms));
        let probe = actions.iter().find_map(|action| match action {
            FleetAction::Swap(swap) => Some(swap.ticket),
            _ => None,
        });
        assert!(actions.iter().any(|action| matches!(action, FleetAction::Wait { .. })), "{actions:?}");
        assert!(matches!(process.fleet.handle(want(), now(ms + 300))[..], [FleetAction::Ask]));
        process.fleet.handle(FleetEvent::Away { ticket: probe.unwrap(), why: None }, now(ms + 2_000));
        process.fleet.handle(FleetEvent::Denied { code: Code::Offline }, now(ms + 2_000));
    }
}

#[test]
fn a_store_that_has_lost_the_token_gets_it_back() {
    let mut process = Process::new("mark");
    assert_eq!(process.want(None, true), Got::Ask);
    process.granted(TOKEN);
    (process.document, process.version) = (None, 0);
    process.ms = MINUTE;
    assert_eq!(process.want(Some("another"), true), Got::Token(TOKEN.to_owned()));
    assert!(process.document.as_deref().unwrap().contains(TOKEN));
}

#[test]
fn a_refusal_holds_for_those_with_the_same_secrets_alone() {
    let mut wrong = Process::new("wrong");
    assert_eq!(wrong.want(None, true), Got::Ask);
    wrong.denied(Code::InvalidClient);
    let document = wrong.document.clone().unwrap();
    for (secrets, got) in [("wrong", Got::Error(Code::InvalidClient)), ("right", Got::Ask), ("", Got::Ask)] {
        let mut process = Process::new(secrets);
        process.other(&document);
        assert_eq!(process.want(None, true), got, "{secrets}");
    }
    let mut later = Process::new("wrong");
    later.other(&document);
    later.ms = 5 * MINUTE + 1;
    assert_eq!(later.want(None, true), Got::Ask);
}

#[test]
fn an_error_that_is_no_refusal_gives_the_claim_back() {
    let mut process = Process::new("mark");
    assert_eq!(process.want(None, true), Got::Ask);
    process.denied(Code::Offline);
    assert_eq!(process.document.as_deref(), Some("t1 0 0 0 0 0 - -"));
}

#[test]
fn a_token_that_no_key_opens_is_replaced() {
    let mut process = Process::new("mark");
    process.is_closed = true;
    process.other(&format!("t1 4 {} {} 0 0 - k.n.theirs", START, START + 30 * MINUTE));
    assert_eq!(process.want(None, true), Got::Ask);
    process.ms = 10;
    process.granted(TOKEN);
    let record = codec::read(process.document.as_deref().unwrap()).unwrap();
    assert_eq!(record.generation, 5);
}

#[test]
fn a_foreign_text_counts_as_none() {
    let mut process = Process::new("mark");
    process.other("something else");
    assert_eq!(process.want(None, true), Got::Ask);
    process.granted(TOKEN);
    assert!(process.document.as_deref().unwrap().starts_with("t1 1 "));
}

#[test]
fn a_young_token_that_the_api_refuses_is_not_replaced_at_once() {
    let mut process = Process::new("mark");
    process.other(&format!("t1 4 {} {} 0 0 - k.n.theirs", START, START + 30 * MINUTE));
    assert_eq!(process.want(None, true), Got::Token("theirs".to_owned()));
    let got = process.want(Some("theirs"), true);
    assert!(matches!(got, Got::Wait(_)), "{got:?}");
    process.ms = 5_000;
    assert_eq!(process.want(Some("theirs"), true), Got::Ask);
}

#[test]
fn no_token_is_in_what_is_printed_of_it() {
    let mut process = Process::new("mark");
    assert_eq!(process.want(None, true), Got::Ask);
    let token = SharedToken { access_token: Secret::new(TOKEN.to_owned()), scopes: None };
    let event = FleetEvent::Granted { token, obtained_at: at(0), expires_at: at(30 * MINUTE) };
    assert!(!format!("{event:?}").contains(TOKEN));
    let actions = process.fleet.handle(event, now(0));
    assert!(!format!("{actions:?} {:?}", process.fleet).contains(TOKEN));
}
