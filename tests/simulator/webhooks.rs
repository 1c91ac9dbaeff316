//! Webhooks: the intent to receive, signed events, retries and the end of them.

use base64ct::{Base64, Encoding};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::helpers::{body, call, config, now, token};
use xero_m2m::secret::Secret;
use xero_m2m::simulator::{Simulator, SimulatorConfig, WebhookConfig, WebhookDelivery, WebhookState, WebhookStep};
use xero_m2m::time::Timestamp;

const SCOPES: &str =
    "accounting.invoices accounting.contacts accounting.payments accounting.settings accounting.banktransactions";
const MINUTE: u64 = 60_000;

fn webhook(url: &str) -> WebhookConfig {
    WebhookConfig { url: url.to_owned(), key: Secret::new("k3y".to_owned()) }
}

struct Receiver {
    simulator: Simulator,
    token: String,
    at: Timestamp,
}

impl Receiver {
    fn open() -> Self {
        let webhooks = Some(webhook("http://127.0.0.1:9/hook"));
        let mut simulator = Simulator::new(SimulatorConfig { webhooks, invoices: 3, ..config(SCOPES) }).unwrap();
        let token = token(&mut simulator, None, now());
        assert_eq!(simulator.webhook_step(now()), WebhookStep::Wait, "nothing is sent before there is an event");
        simulator.validate_webhook();
        Self { simulator, token, at: now() }
    }

    fn sent(&mut self) -> WebhookDelivery {
        match self.simulator.webhook_step(self.at) {
            WebhookStep::Send(delivery) => delivery,
            other => panic!("nothing is sent: {other:?}"),
        }
    }

    fn answer(&mut self, delivery: &WebhookDelivery, status: Option<u16>) {
        self.simulator.webhook_answered(delivery.number, status, self.at);
    }

    /// Answers the intent to receive as an address does that compares each signature with the one that `is_right` accepts.
    fn receive_intent(&mut self, is_right: impl Fn(&WebhookDelivery) -> bool) {
        while self.state() == WebhookState::IntentToReceive {
            let delivery = self.sent();
            let status = if is_right(&delivery) { 200 } else { 401 };
            self.answer(&delivery, Some(status));
        }
    }

    fn state(&self) -> WebhookState {
        self.simulator.webhook().unwrap().0
    }

    fn write(&mut self, method: &str, path: &str, sent: &Value) -> Value {
        let answer = call(&mut self.simulator, &self.token, method, &format!("/api.xro/2.0{path}"), &sent.to_string());
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        body(&answer)
    }
}

/// Compares the signature of a delivery with HMAC-SHA256 by its definition (RFC 2104), for a key that is shorter than a block.
fn is_signed(delivery: &WebhookDelivery) -> bool {
    let padded = |with: u8| -> Vec<u8> { (0..64).map(|place| b"k3y".get(place).unwrap_or(&0) ^ with).collect() };
    let inner = Sha256::digest([padded(0x36), delivery.body.as_bytes().to_vec()].concat());
    Base64::encode_string(&Sha256::digest([padded(0x5c), inner.to_vec()].concat())) == delivery.signature
}

#[test]
fn nothing_is_sent_before_the_intent_to_receive_was_shown() {
    let mut own = Receiver::open();
    own.write("PUT", "/Contacts", &json!({ "Name": "New" }));
    let mut signed = Vec::new();
    while own.state() == WebhookState::IntentToReceive {
        let delivery = own.sent();
        let shown: Value = serde_json::from_str(&delivery.body).unwrap();
        assert_eq!((&shown["events"], &shown["firstEventSequence"]), (&json!([]), &json!(0)));
        assert_eq!(own.simulator.webhook_step(own.at), WebhookStep::Wait, "one at a time");
        signed.push(is_signed(&delivery));
        let status = if is_signed(&delivery) { 200 } else { 401 };
        own.answer(&delivery, Some(status));
    }
    assert!(signed.contains(&true) && signed.contains(&false));
    assert_eq!(own.state(), WebhookState::Active);
    assert!(own.sent().body.contains("\"CONTACT\""));

    for wrong in [200, 401] {
        let mut own = Receiver::open();
        while own.state() == WebhookState::IntentToReceive {
            let delivery = own.sent();
            own.answer(&delivery, Some(wrong));
        }
        assert_eq!(own.state(), WebhookState::Disabled, "an address that always answers {wrong}");
        own.simulator.validate_webhook();
        own.receive_intent(is_signed);
        assert_eq!(own.state(), WebhookState::Active);
    }
}

#[test]
fn each_kind_of_record_has_events_with_its_category() {
    let mut own = Receiver::open();
    own.receive_intent(is_signed);
    let line =
        |amount: f64| json!([{ "Description": "x", "UnitAmount": amount, "AccountCode": "200", "TaxType": "NONE" }]);
    let contact = own.write("PUT", "/Contacts", &json!({ "Name": "New" }))["Contacts"][0].clone();
    let of = json!({ "ContactID": contact["ContactID"] });
    let invoice = json!({ "Type": "ACCREC", "Contact": of, "Status": "AUTHORISED", "DueDate": "2026-12-24", "LineItems": line(9.0) });
    let invoice = own.write("PUT", "/Invoices", &invoice)["Invoices"][0].clone();
    own.write("PUT", "/CreditNotes", &json!({ "Type": "ACCRECCREDIT", "Contact": of, "LineItems": line(1.0) }));
    for kind in ["RECEIVE-PREPAYMENT", "RECEIVE-OVERPAYMENT"] {
        let mut lines = line(2.0);
        if kind == "RECEIVE-OVERPAYMENT" {
            lines[0].as_object_mut().unwrap().remove("AccountCode");
        }
        let sent = json!({ "Type": kind, "Contact": of, "BankAccount": { "Code": "090" }, "LineItems": lines });
        own.write("PUT", "/BankTransactions", &sent);
    }
    let paid = json!({ "Invoice": { "InvoiceID": invoice["InvoiceID"] }, "Account": { "Code": "090" }, "Amount": 1 });
    own.write("PUT", "/Payments", &paid);
    let refused = call(&mut own.simulator, &own.token, "PUT", "/api.xro/2.0/Contacts", "{}");
    assert_eq!(refused.status, 400, "what is refused has no event");

    let delivery = own.sent();
    assert!(is_signed(&delivery));
    let shown: Value = serde_json::from_str(&delivery.body).unwrap();
    let events = shown["events"].as_array().unwrap();
    let kinds: Vec<String> = events
        .iter()
        .map(|own| format!("{} {}", own["eventCategory"].as_str().unwrap(), own["eventType"].as_str().unwrap()))
        .collect();
    assert_eq!(
        kinds,
        [
            "CONTACT CREATE",
            // Its first invoice makes it a customer.
            "CONTACT UPDATE",
            "INVOICE CREATE",
            "CREDITNOTE CREATE",
            "PREPAYMENT CREATE",
            "OVERPAYMENT CREATE",
            "INVOICE UPDATE"
        ]
    );
    assert_eq!((&shown["firstEventSequence"], &shown["lastEventSequence"]), (&json!(1), &json!(7)));
    assert_eq!(events[2]["resourceId"], invoice["InvoiceID"]);
    let tenant = own.simulator.organisations().next().unwrap().id;
    assert_eq!((&events[0]["tenantId"], &events[0]["tenantType"]), (&json!(tenant), &json!("ORGANISATION")));
    own.answer(&delivery, Some(200));
    assert_eq!(own.simulator.webhook_step(own.at), WebhookStep::Wait, "each event is sent once");
}

#[test]
fn what_fails_is_sent_again_at_once_then_every_quarter_of_an_hour_for_a_day() {
    let mut own = Receiver::open();
    own.receive_intent(is_signed);
    own.write("PUT", "/Contacts", &json!({ "Name": "New" }));
    let first = own.sent();
    own.answer(&first, None);
    let mut times = vec![0];
    let start = own.at;
    while own.state() == WebhookState::Active {
        match own.simulator.webhook_step(own.at) {
            WebhookStep::Send(delivery) => {
                assert_eq!((&delivery.body, &delivery.signature), (&first.body, &first.signature));
                times.push(own.at.since(start));
                own.answer(&delivery, Some(500));
            }
            WebhookStep::WaitUntil(at) => own.at = at,
            WebhookStep::Wait => panic!("it waits for nothing"),
        }
    }
    assert_eq!(times[..4], [0, 0, 15 * MINUTE, 30 * MINUTE]);
    assert_eq!(times.last(), Some(&(24 * 60 * MINUTE)));
    assert_eq!(own.state(), WebhookState::Disabled);
    assert_eq!(own.simulator.webhook_step(own.at), WebhookStep::Wait);

    // The events are kept for 31 days, and are sent once the address is ready again.
    own.write("PUT", "/Contacts", &json!({ "Name": "Later" }));
    own.simulator.validate_webhook();
    own.receive_intent(is_signed);
    let shown: Value = serde_json::from_str(&own.sent().body).unwrap();
    assert_eq!(shown["events"].as_array().unwrap().len(), 2);
    let mut own = Receiver::open();
    own.write("PUT", "/Contacts", &json!({ "Name": "New" }));
    own.at = own.at.plus(32 * 24 * 60 * MINUTE);
    own.receive_intent(is_signed);
    assert_eq!(own.simulator.webhook_step(own.at), WebhookStep::Wait);
}

#[test]
fn webhooks_go_to_this_machine_alone() {
    let with = |url: &str| {
        let webhooks = Some(webhook(url));
        Simulator::new(SimulatorConfig { webhooks, ..config(SCOPES) }).map(|own| own.webhook().is_some())
    };
    for good in ["http://localhost/x", "http://127.0.0.1:80", "https://[::1]:9/x?y", "http://localhost:1"] {
        assert_eq!(with(good).ok(), Some(true), "{good}");
    }
    for bad in [
        "",
        "localhost",
        "ftp://localhost",
        "http://example.com",
        "http://localhost.example.com",
        "http://localhost@example.com",
        "http://127.0.0.1:80@example.com/",
        "http://127.0.0.12",
        "http://local host/",
        "http://localhost:99999",
    ] {
        let error = with(bad).expect_err(bad);
        assert!(error.message().contains("webhooks.url"), "{bad}: {error}");
    }
}
