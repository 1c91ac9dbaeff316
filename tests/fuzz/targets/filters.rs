//! Any `where` and `order`: the local Xero answers or refuses them, and a filter and its opposite share the records between them.
#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use xero_m2m::scope::ScopeSet;
use xero_m2m::simulator::{HttpRequest, HttpResponse, Reply, Simulator, SimulatorConfig};
use xero_m2m::time::{Date, Timestamp};

/// The lists, with members of every kind: texts, numbers, dates, ids, objects and lists.
const LISTS: [&str; 4] = ["Invoices", "Contacts", "Payments", "Items"];

struct Caller {
    simulator: Simulator,
    token: String,
}

thread_local! {
    static CALLER: RefCell<Caller> = RefCell::new(Caller::open());
}

impl Caller {
    fn open() -> Self {
        let scopes = "accounting.invoices accounting.contacts accounting.payments accounting.settings";
        let today = Date::parse("2026-11-24").expect("a day");
        let config = SimulatorConfig {
            scopes: ScopeSet::from_scope_param(scopes),
            invoices: 4,
            ..SimulatorConfig::new(7, today)
        };
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            config.client_id,
            config.client_secret.reveal()
        );
        let mut caller = Self { simulator: Simulator::new(config).expect("a local Xero"), token: String::new() };
        let media = ("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned());
        let answer = caller.send("POST", "/connect/token".to_owned(), vec![media], form.into_bytes());
        let answer: Value = serde_json::from_slice(&answer.body).expect("an answer");
        caller.token = answer["access_token"].as_str().expect("a token").to_owned();
        caller
    }

    fn send(&mut self, method: &str, target: String, headers: Vec<(String, String)>, body: Vec<u8>) -> HttpResponse {
        let request = HttpRequest { method: method.to_owned(), target, headers, body };
        let mut reply = self.simulator.handle(&request, Timestamp::from_ms(1_795_000_000_000));
        loop {
            reply = match reply {
                Reply::Respond(response) => return response,
                Reply::Sign { ticket, .. } => self.simulator.signed(ticket, "c2lnbmF0dXJl"),
                Reply::Spoil { .. } => panic!("there are no faults"),
            };
        }
    }

    /// The number of records that a query keeps; `None` if it is refused.
    fn kept(&mut self, list: &str, filter: &str, order: &str) -> Option<usize> {
        let headers = [("Authorization", format!("Bearer {}", self.token)), ("Accept", "application/json".to_owned())];
        let headers = headers.map(|(name, value)| (name.to_owned(), value)).to_vec();
        let target = format!("/api.xro/2.0/{list}?where={}&order={}", encoded(filter), encoded(order));
        let answer = self.send("GET", target, headers, Vec::new());
        let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
        match answer.status {
            200 => Some(body[list].as_array().expect("a list").len()),
            400 => {
                assert_eq!(body["Type"], "QueryParseException", "{filter:?} {order:?}: {body}");
                None
            }
            status => panic!("{filter:?} {order:?}: {status}"),
        }
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let (filter, order) = text.split_once('\n').unwrap_or((&text, ""));
    CALLER.with_borrow_mut(|caller| {
        for list in LISTS {
            let Some(kept) = caller.kept(list, filter, order) else { continue };
            let all = caller.kept(list, "", "").expect("all records");
            if filter.trim().is_empty() {
                assert_eq!(kept, all, "{order:?}");
            } else if let Some(others) = caller.kept(list, &format!("!({filter})"), order) {
                assert_eq!(kept + others, all, "{filter:?}");
            }
        }
    });
});
