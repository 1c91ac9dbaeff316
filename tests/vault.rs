//! The documents of a vault, the texts of its tokens, and what one process does by itself.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use serde_json::Value;
use xero_m2m::error::{Code, Error};
use xero_m2m::request::BaseUrl;
use xero_m2m::secret::Secret;
use xero_m2m::shared::contents::{Contents, Grant, LoginOrganisation};
use xero_m2m::shared::exchange::RegisteredApp;
use xero_m2m::shared::{
    Fresh, Keeper, KeeperEvent, KnownToken, Lost, LostWhy, Notice, VaultAction, VaultClaim, VaultConfig, VaultDocument,
    VaultEvent, Want, Wanted, codec,
};
use xero_m2m::time::{Now, Timestamp};
use xero_m2m::token::answer::TokenAnswer;

const START: u64 = 1_795_428_000_000;
const MINUTE: u64 = 60_000;

fn at(ms: u64) -> Timestamp {
    Timestamp::from_ms(START + ms)
}

fn now(ms: u64) -> Now {
    Now { clock: at(ms), measured: Timestamp::from_ms(5_000 + ms) }
}

fn documents() -> Value {
    serde_json::from_str(include_str!("vectors/vault-documents.json")).unwrap()
}

#[test]
fn a_document_is_read_as_it_was_written_and_nothing_else_is() {
    let vectors = documents();
    for text in vectors["read"].as_array().unwrap() {
        let text = text.as_str().unwrap();
        let document = codec::read(text).unwrap_or_else(|| panic!("{text} is not read"));
        assert_eq!(codec::write(&document).as_deref(), Some(text));
    }
    for text in vectors["foreign"].as_array().unwrap() {
        assert_eq!(codec::read(text.as_str().unwrap()), None, "{text}");
    }
    let long = format!("{}{}", vectors["read"][0].as_str().unwrap(), "x".repeat(codec::MOST_BYTES));
    assert_eq!(codec::read(&long), None);
}

#[test]
fn no_change_of_a_document_makes_another_text_for_it() {
    let vectors = documents();
    for text in vectors["read"].as_array().unwrap() {
        let text = text.as_str().unwrap();
        for cut in 0..text.len() {
            if let Some(document) = codec::read(&text[..cut]) {
                // Only the end of the sealed text can be missing: it then does not open.
                assert!(text.starts_with(&codec::write(&document).unwrap()) && !document.sealed.is_empty());
            }
            let mut bytes = text.as_bytes().to_vec();
            for byte in *b" 0a-.\n\t\0" {
                bytes[cut] = byte;
                let changed = String::from_utf8(bytes.clone()).unwrap();
                if let Some(document) = codec::read(&changed) {
                    assert_eq!(codec::write(&document), Some(changed));
                }
            }
        }
    }
}

#[test]
fn every_part_of_a_document_is_written() {
    let token = |id, used| KnownToken { id, issued: at(u64::from(id)), used };
    let mut document = VaultDocument::of_login(7, 3, fresh(0), at(1));
    document.claim = Some(VaultClaim { owner: 9, until: at(2), doubt: Some(at(3)) });
    document.unsure = Some(at(4));
    document.lost = Some(Lost { since: at(5), tried: at(6), why: LostWhy::Copied });
    document.tokens = vec![token(3, None), token(2, Some(at(7)))];
    document.sealed = "k.n.c".into();
    let text = codec::write(&document).unwrap();
    assert_eq!(codec::read(&text), Some(document));
    assert!(text.starts_with("v1 7 3 "), "{text}");
}

#[test]
fn contents_come_back_with_every_name() {
    let organisation = |name: &str| LoginOrganisation { id: "i".into(), name: name.into(), connection: "c".into() };
    let contents = Contents {
        access_token: Secret::new("access".into()),
        scopes: Some("a b".into()),
        user: None,
        organisations: ["Kea\tOutdoor\n\\Hire", "", "Zoë 𝄞"].map(organisation).into(),
        left_out: 0,
        tokens: vec![(3, Secret::new("three".into())), (2, Secret::new("two".into()))],
    };
    let read = Contents::read(contents.write().reveal()).unwrap();
    assert_eq!(read.organisations, contents.organisations);
    assert_eq!(read.token(2).unwrap().reveal(), "two");
    assert!(!format!("{contents:?}").contains("three"));
    for text in ["", "a\tx", "a\tx\nr\t1\ty", "z\tx\n", "a\tx\nr\tone\ty\n", "a\t\\x\nr\t1\ty\n", "r\t1\ty\n"] {
        assert!(Contents::read(text).is_none(), "{text:?}");
    }
}

#[test]
fn organisations_that_do_not_fit_are_counted() {
    let organisation = |n: u32| LoginOrganisation {
        id: format!("{n:032}"),
        name: format!("Organisation {n}"),
        connection: format!("{n:032}"),
    };
    let contents = Contents {
        access_token: Secret::new("a".repeat(2_000)),
        scopes: None,
        user: None,
        organisations: (0..1_000).map(organisation).collect(),
        left_out: 0,
        tokens: vec![(1, Secret::new("r".repeat(64)))],
    };
    let text = contents.write();
    assert!(text.reveal().len() <= xero_m2m::shared::contents::MOST_BYTES);
    let read = Contents::read(text.reveal()).unwrap();
    assert_eq!(read.organisations.len() + read.left_out as usize, 1_000);
    assert!(read.left_out > 0);
}

fn fresh(ms: u64) -> Fresh {
    Fresh { issued: at(ms), obtained_at: at(ms), expires_at: at(ms + 30 * MINUTE) }
}

/// A store with one process, whose sealing does nothing. Time stands still unless a test moves it.
#[expect(clippy::struct_excessive_bools, reason = "things that go wrong, or do not")]
struct Process {
    keeper: Keeper,
    version: u64,
    document: Option<String>,
    /// The exchanges that are asked for.
    asked: Vec<(u16, String)>,
    ms: u64,
    is_away: bool,
    /// The store answers looks, and takes no document.
    is_full: bool,
    /// The failures of the store stay until a person has mended them.
    lasts: bool,
    /// The texts are opened with the key that they name, which does not fit.
    is_damaged: bool,
    told: Vec<Notice>,
    /// The latest error of a caller, or of one whose time ends while it waits.
    error: Option<Error>,
    /// The latest state that was shown: the reason why no document was taken, and the proof that one was.
    shown: Option<(Option<String>, bool)>,
}

const FULL: &str = "its disk is full";

/// What a caller gets.
#[derive(Debug, PartialEq)]
enum Got {
    Token(u32, String),
    Wait,
    Error(&'static str),
}

impl Process {
    fn new() -> Self {
        let app = RegisteredApp {
            identity_url: BaseUrl::of_identity("https://identity.xero.com").unwrap(),
            api_url: BaseUrl::of_apis("https://api.xero.com").unwrap(),
            client_id: "id".into(),
            secret: Some(Secret::new("secret".into())),
        };
        let keeper = Keeper::new(app, VaultConfig::default(), 0, 1, false).unwrap();
        Self {
            keeper,
            version: 0,
            document: None,
            asked: Vec::new(),
            ms: 0,
            is_away: false,
            is_full: false,
            lasts: false,
            is_damaged: false,
            told: Vec::new(),
            error: None,
            shown: None,
        }
    }

    fn report(&mut self, given: KeeperEvent<'_>) -> Option<Got> {
        let mut got = None;
        let mut actions = self.keeper.handle(given, now(self.ms)).unwrap();
        while !actions.is_empty() {
            let action = actions.remove(0);
            let (ticket, text) = match self.keeper.wanted(&action, now(self.ms)).unwrap() {
                Wanted::Swap(swap, text) => {
                    let fits = swap.version == Some(self.version) && text.is_some();
                    let fails = self.is_away || self.is_full && text.is_some();
                    if fits && !fails {
                        self.version += 1;
                        self.document = text;
                    }
                    let document = self.document.clone();
                    let (ticket, version, at) = (swap.ticket, self.version, at(self.ms));
                    let given = if fails {
                        KeeperEvent::Plain(VaultEvent::Away { ticket, why: Some(FULL.into()), lasting: self.lasts })
                    } else {
                        KeeperEvent::Found { ticket, swapped: fits, version, document: document.as_deref(), at }
                    };
                    actions.extend(self.keeper.handle(given, now(self.ms)).unwrap());
                    continue;
                }
                Wanted::Exchange(ticket, _, request) => {
                    self.asked.push((ticket, request.body.reveal().clone()));
                    continue;
                }
                Wanted::Open(ticket, text, _) => (ticket, text.split('.').nth(2).map(hex_to_text)),
                Wanted::Seal(ticket, text, _) => {
                    let sealed = format!("k.n.{}", text_to_hex(text.reveal()));
                    let given = KeeperEvent::Sealed { ticket, sealed: &sealed };
                    actions.extend(self.keeper.handle(given, now(self.ms)).unwrap());
                    continue;
                }
                Wanted::Use(token) => {
                    got = Some(Got::Token(token.generation, token.contents.access_token.reveal().clone()));
                    continue;
                }
                Wanted::Show(state) => {
                    self.shown = Some((state.failure.map(|error| error.message().to_owned()), state.written));
                    continue;
                }
                Wanted::Plain(VaultAction::Wait { why, .. }) => {
                    self.error = Some(why.clone());
                    got = Some(Got::Wait);
                    continue;
                }
                Wanted::Plain(VaultAction::Fail { error }) => {
                    self.error = Some(error.clone());
                    got = Some(Got::Error(error.code().as_str()));
                    continue;
                }
                Wanted::Plain(VaultAction::Tell(notice)) => {
                    self.told.push(notice.clone());
                    continue;
                }
                _ => continue,
            };
            let text = text.filter(|_| !self.is_damaged);
            let given = KeeperEvent::Opened { ticket, text: text.as_deref(), known_key: self.is_damaged };
            actions.extend(self.keeper.handle(given, now(self.ms)).unwrap());
        }
        got
    }

    fn want(&mut self, not_generation: Option<u32>) -> Got {
        let deadline = now(self.ms + 30_000).measured;
        let want = Want {
            deadline,
            since: now(self.ms).measured,
            again: false,
            margin_ms: 0,
            max_age_ms: None,
            not_generation,
        };
        for asked in 0..4 {
            let want = Want { again: asked > 0, ..want };
            match self.report(KeeperEvent::Plain(VaultEvent::Want(want))).unwrap() {
                Got::Wait if self.asked.is_empty() && !self.is_away => {}
                got => return got,
            }
        }
        Got::Wait
    }

    fn answer(&mut self, access: &str, refresh: &str) {
        let (ticket, _) = self.asked.remove(0);
        let body = format!(
            r#"{{"access_token":"{access}","token_type":"Bearer","expires_in":1800,"refresh_token":"{refresh}"}}"#
        );
        let answer =
            TokenAnswer { status: 200, content_type: "application/json", retry_after: "", body: &body, cut: false };
        self.report(KeeperEvent::Answered { ticket, answer });
    }

    fn refuse(&mut self) {
        let (ticket, _) = self.asked.remove(0);
        let body = r#"{"error":"invalid_grant"}"#;
        let answer = TokenAnswer { status: 400, content_type: "application/json", retry_after: "", body, cut: false };
        self.report(KeeperEvent::Answered { ticket, answer });
    }

    fn lose(&mut self) {
        let (ticket, _) = self.asked.remove(0);
        let error = Error::new(Code::Timeout, "");
        let failure = xero_m2m::shared::ExchangeFailure { error, certain: false, lasting: false, retry_after_ms: None };
        self.report(KeeperEvent::Plain(VaultEvent::Failed { ticket, failure }));
    }

    fn log_in(&mut self) {
        let contents = Contents {
            access_token: Secret::new("access-0".into()),
            scopes: None,
            user: Some("user".into()),
            organisations: Vec::new(),
            left_out: 0,
            tokens: vec![(0, Secret::new("refresh-0".into()))],
        };
        let grant = Grant { contents, fresh: fresh(self.ms) }.write();
        self.report(KeeperEvent::Login { grant: grant.reveal(), replace: false });
    }

    /// Lets time pass, and reports ticks as a driver does whom no caller asks.
    fn pass(&mut self, ms: u64) {
        let ends = self.ms + ms;
        while self.asked.is_empty() {
            let wake = self.keeper.vault().wake(now(self.ms)).map(|at| at.since(now(0).measured));
            let Some(wake) = wake.filter(|wake| *wake <= ends) else { break };
            self.ms = self.ms.max(wake);
            self.report(KeeperEvent::Plain(VaultEvent::Tick));
        }
        if self.asked.is_empty() {
            self.ms = ends;
        }
    }

    fn held(&self) -> VaultDocument {
        match self.document.as_deref().map(codec::read) {
            Some(Some(document)) => document,
            _ => panic!("no document"),
        }
    }
}

fn text_to_hex(text: &str) -> String {
    text.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

fn hex_to_text(hex: &str) -> String {
    let bytes =
        hex.as_bytes().chunks(2).map(|pair| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap());
    String::from_utf8(bytes.collect()).unwrap()
}

#[test]
fn a_token_is_used_under_a_claim_and_saved_before_it_is_handed_out() {
    let mut process = Process::new();
    assert_eq!(process.want(None), Got::Error("login_required"));
    process.log_in();
    assert_eq!(process.want(None), Got::Token(1, "access-0".into()));
    assert_eq!(process.want(Some(1)), Got::Wait);
    assert!(process.held().claim.is_some());
    assert_eq!(process.asked[0].1, "grant_type=refresh_token&refresh_token=refresh-0");
    process.is_away = true;
    process.answer("access-1", "refresh-1");
    assert_eq!(process.want(Some(1)), Got::Wait, "it is not saved");
    process.is_away = false;
    process.pass(2_000);
    assert_eq!(process.want(Some(1)), Got::Token(2, "access-1".into()));
    let held = process.held();
    assert_eq!(held.tokens.iter().map(|token| token.id).collect::<Vec<_>>(), [2, 1]);
    assert_eq!((held.claim, held.unsure), (None, None));
}

#[test]
fn a_store_that_takes_no_document_is_named_although_it_answers_looks() {
    let mut process = Process::new();
    process.log_in();
    assert_eq!(process.want(None), Got::Token(1, "access-0".into()));
    process.is_full = true;
    process.pass(40 * MINUTE);
    let mut got = process.want(None);
    for _ in 0..8 {
        process.pass(1_000);
        got = process.want(None);
    }
    assert_eq!(got, Got::Error("vault_unavailable"));
    let error = process.error.clone().unwrap();
    assert!(error.message().contains(FULL) && error.retryable() && error.earliest_retry().is_some(), "{error}");
    assert!(process.asked.is_empty(), "no token is used without a claim");
    let away = Notice::Away { why: FULL.into() };
    assert_eq!(process.told.iter().filter(|notice| **notice == away).count(), 1);
    process.is_full = false;
    process.pass(MINUTE);
    assert_eq!(process.want(None), Got::Wait);
    process.is_full = true;
    process.answer("access-1", "refresh-1");
    for _ in 0..8 {
        process.pass(1_000);
        got = process.want(None);
    }
    assert_eq!(got, Got::Error("vault_unavailable"), "the token is not saved");
    assert!(process.error.as_ref().is_some_and(|error| error.message().contains(FULL)));
    process.is_full = false;
    process.pass(MINUTE);
    assert_eq!(process.want(None), Got::Token(2, "access-1".into()));
}

#[test]
fn a_failure_that_only_a_person_can_mend_is_an_error_at_once() {
    let mut process = Process::new();
    (process.is_away, process.lasts) = (true, true);
    assert_eq!(process.want(None), Got::Wait);
    assert_eq!(process.want(None), Got::Error("vault_unavailable"));
    assert!(process.error.as_ref().is_some_and(|error| !error.retryable() && error.message() == FULL));
    process.is_away = false;
    process.pass(MINUTE);
    assert_eq!(process.want(None), Got::Error("login_required"));
    assert_eq!(process.error.unwrap().message().find("nobody has logged in yet"), Some(0));
}

#[test]
fn a_vault_whose_own_key_does_not_open_it_is_not_called_another_keys() {
    let mut process = Process::new();
    process.log_in();
    let (document, version) = (process.document.clone(), process.version);
    for (is_damaged, code) in [(true, "vault_unavailable"), (false, "vault_key_mismatch")] {
        let mut other = Process { document: document.clone(), version, is_damaged, ..Process::new() };
        other.document = other.document.map(|text| text.replace("k.n.", "k.n.00"));
        assert_eq!(other.want(None), Got::Error(code));
        let error = other.error.unwrap();
        assert!(!error.retryable() && error.message().contains("changed or cut"), "{error}");
        assert!(error.message().find("--replace") > error.message().find("put it back"), "{error}");
    }
}

#[test]
fn a_caller_whose_time_ends_hears_what_it_waited_for() {
    let mut process = Process::new();
    process.log_in();
    assert_eq!(process.want(Some(1)), Got::Wait);
    assert_eq!(process.want(Some(1)), Got::Wait);
    assert_eq!(process.error.as_ref().map(Error::code), Some(Code::Timeout), "the identity service is asked");
    assert!(process.error.as_ref().is_some_and(|error| error.message().contains("identity service")));
    // Another process waits for the claim of this one.
    let mut other = Process { document: process.document.clone(), version: process.version, ..Process::new() };
    other.keeper = Keeper::new(process.keeper.app().clone(), VaultConfig::default(), 5, 1, false).unwrap();
    assert_eq!(other.want(Some(1)), Got::Wait);
    let error = other.error.unwrap();
    assert!(
        error.message().contains("another process has claimed") && error.earliest_retry() == Some(at(30_000)),
        "{error}"
    );
    // A store that never answers.
    let mut silent = Process::new();
    let deadline = now(1_000).measured;
    let want = |since| {
        VaultEvent::Want(Want { deadline, since, again: false, margin_ms: 0, max_age_ms: None, not_generation: None })
    };
    let code = |actions: &[VaultAction]| {
        actions.iter().find_map(|action| match action {
            VaultAction::Wait { why, .. } => Some(why.code()),
            VaultAction::Fail { error } => Some(error.code()),
            _ => None,
        })
    };
    for ms in [0, 1_000] {
        let actions = silent.keeper.handle(KeeperEvent::Plain(want(now(0).measured)), now(ms)).unwrap();
        assert_eq!(code(&actions), Some(Code::VaultUnavailable));
    }
}

#[test]
fn a_process_that_lost_an_answer_recovers_with_the_used_token_although_no_caller_asks() {
    let mut process = Process::new();
    process.log_in();
    process.want(Some(1));
    process.lose();
    assert!(process.asked.is_empty());
    process.pass(MINUTE);
    assert_eq!(process.asked[0].1, "grant_type=refresh_token&refresh_token=refresh-0");
    process.answer("access-1", "refresh-1");
    // A request may be under way: one more exchange follows, not before two minutes, and by itself.
    let began = process.ms;
    assert!(process.held().unsure.is_some());
    process.pass(28 * MINUTE);
    assert!(process.ms >= began + 100_000 && process.ms < began + 10 * MINUTE, "{}", process.ms - began);
    assert_eq!(process.asked[0].1, "grant_type=refresh_token&refresh_token=refresh-1");
    process.answer("access-2", "refresh-2");
    assert_eq!(process.held().unsure, None);
    process.pass(60 * MINUTE);
    assert!(process.asked.is_empty());
}

#[test]
fn a_successor_that_is_refused_leaves_the_token_before_within_its_grace() {
    let mut process = Process::new();
    process.log_in();
    process.want(Some(1));
    process.answer("access-1", "refresh-1");
    process.ms += MINUTE;
    assert_eq!(process.want(Some(2)), Got::Wait);
    process.refuse();
    assert_eq!(process.asked[0].1, "grant_type=refresh_token&refresh_token=refresh-0");
    process.answer("access-2", "refresh-2");
    assert_eq!(process.want(Some(2)), Got::Token(3, "access-2".into()));
}

#[test]
fn a_lost_login_keeps_its_tokens_and_is_tried_once_an_hour() {
    let mut process = Process::new();
    process.log_in();
    process.want(Some(1));
    process.refuse();
    assert_eq!(process.want(Some(1)), Got::Error("vault_copied"));
    assert_eq!(process.held().tokens.len(), 1);
    assert!(matches!(process.held().lost, Some(Lost { why: LostWhy::Copied, .. })));
    process.ms += 59 * MINUTE;
    assert_eq!(process.want(Some(1)), Got::Error("vault_copied"));
    process.ms += 2 * MINUTE;
    assert_eq!(process.want(Some(1)), Got::Wait);
    process.answer("access-1", "refresh-1");
    assert_eq!(process.want(Some(1)), Got::Token(2, "access-1".into()));
    assert_eq!(process.held().lost, None);
}

#[test]
fn an_answer_that_comes_after_it_was_given_up_is_kept() {
    let mut process = Process::new();
    process.log_in();
    process.want(Some(1));
    let late = process.asked[0].clone();
    process.lose();
    process.pass(MINUTE);
    process.answer("access-1", "refresh-1");
    process.asked.push(late);
    process.answer("access-late", "refresh-late");
    let held = process.held();
    assert_eq!(held.generation, 3);
    assert_eq!(held.tokens.len(), 3);
}

#[test]
fn foreign_content_is_left_as_it_is() {
    let mut process = Process::new();
    process.document = Some("something else".into());
    process.version = 5;
    assert_eq!(process.want(None), Got::Error("vault_unavailable"));
    process.log_in();
    assert_eq!(process.document.as_deref(), Some("something else"));
    let deadline = now(30_000).measured;
    process.report(KeeperEvent::Plain(VaultEvent::Look { deadline, since: now(0).measured }));
    assert_eq!(process.keeper.vault().document(), None);
}

#[test]
fn an_error_follows_from_a_look_after_the_caller_came_also_within_one_millisecond() {
    let mut process = Process::new();
    assert_eq!(process.want(None), Got::Error("login_required"));
    process.document = Some("something else".to_owned());
    assert_eq!(process.want(None), Got::Error("vault_unavailable"));
}

impl Process {
    /// Looks at the vault until its state is shown.
    fn look(&mut self) -> (Option<String>, bool) {
        let (deadline, since) = (now(self.ms + 30_000).measured, now(self.ms).measured);
        self.shown = None;
        for _ in 0..6 {
            self.report(KeeperEvent::Plain(VaultEvent::Look { deadline, since }));
            if let Some(shown) = self.shown.take() {
                return shown;
            }
        }
        panic!("no state was shown");
    }

    fn keep_alive(&mut self) -> Got {
        let (deadline, since) = (now(self.ms + 30_000).measured, now(self.ms).measured);
        let max_age_ms = Some(VaultConfig::KEEP_ALIVE_MS);
        let mut want = Want { deadline, since, again: false, margin_ms: 0, max_age_ms, not_generation: None };
        for _ in 0..6 {
            match self.report(KeeperEvent::Plain(VaultEvent::Want(want))).unwrap() {
                Got::Wait => want.again = true,
                got => return got,
            }
        }
        Got::Wait
    }
}

#[test]
fn a_look_proves_that_the_store_takes_a_document_from_this_process() {
    let mut process = Process::new();
    process.log_in();
    process.ms += 1_000;
    let (version, document) = (process.version, process.document.clone());
    assert_eq!(process.look(), (None, true));
    assert_eq!((process.version, &process.document), (version + 1, &document), "the same document, put once");

    // The token is fresh, and the disk takes nothing any more.
    process.ms += 1_000;
    process.is_full = true;
    assert_eq!(process.look(), (Some(FULL.to_owned()), false));
    assert_eq!(process.document, document);

    process.ms += 60_000;
    process.is_full = false;
    assert_eq!(process.look(), (None, true));
}

#[test]
fn a_login_that_cannot_be_saved_is_not_kept_alive_although_its_token_is_fresh() {
    let mut process = Process::new();
    process.log_in();
    process.ms += 1_000;
    assert_eq!(process.keep_alive(), Got::Token(1, "access-0".into()));
    process.ms += 1_000;
    process.is_full = true;
    assert_eq!(process.keep_alive(), Got::Error("vault_unavailable"));
    // A call has its token as long as that lasts.
    assert_eq!(process.want(None), Got::Token(1, "access-0".into()));
}

#[test]
fn a_look_puts_nothing_while_another_process_renews_the_tokens() {
    let mut process = Process::new();
    process.log_in();
    process.ms += 1_000;
    let mut document = process.held();
    document.claim = Some(VaultClaim { owner: 9, until: at(process.ms + 20_000), doubt: None });
    process.document = codec::write(&document);
    process.version += 1;
    let version = process.version;
    assert_eq!(process.look(), (None, false));
    assert_eq!(process.version, version);
}
