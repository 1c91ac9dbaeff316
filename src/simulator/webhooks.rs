//! Webhooks: the deliveries to the address of an app, their times, and the meaning of its answers. The host sends.
//!
//! - **Intent to receive.** Before anything is sent, the address gets bodies without events, some with a wrong signature. It
//!   has to answer 200 to those that are signed and 401 to the others. They are sent when the first event waits, or when
//!   somebody asks for it, as in the developer portal.
//! - **Events.** Contacts, invoices, credit notes, prepayments and overpayments that were created or updated, of every
//!   organisation. Those that wait are sent together, at most [`MOST_EVENTS`] at once.
//! - **Retries.** An answer other than 200, or none within five seconds, is a failure. The same body is sent again at once, then
//!   every 15 minutes. After 24 hours of failures nothing is sent any more; events are kept for 31 days, and are sent once the
//!   address has shown its intent to receive again. (The times are reported by third parties: Xero's own older page has others.)

use base64ct::{Base64, Encoding};
use serde_json::{Value, json};

use super::books::resource::{CONTACTS, CREDIT_NOTES, INVOICES, OVERPAYMENTS, PREPAYMENTS, Resource};
use super::books::store::RecordStore;
use super::formats;
use super::hmac::hmac_sha256;
use super::random::{Random, Uuid};
use crate::error::{Code, Error};
use crate::secret::Secret;
use crate::time::Timestamp;

/// The kinds of records that have events, and the names of these.
static CATEGORIES: [(&Resource, &str); 5] = [
    (&CONTACTS, "CONTACT"),
    (&INVOICES, "INVOICE"),
    (&CREDIT_NOTES, "CREDITNOTE"),
    (&PREPAYMENTS, "PREPAYMENT"),
    (&OVERPAYMENTS, "OVERPAYMENT"),
];

/// The bodies of the intent to receive: true for those whose signature is right.
const INTENT: [bool; 4] = [true, false, false, true];

/// The most events of one body.
const MOST_EVENTS: usize = 100;

const MINUTE: u64 = 60_000;
const RETRY_AFTER: u64 = 15 * MINUTE;
const GIVES_UP_AFTER: u64 = 24 * 60 * MINUTE;
const KEPT_FOR: u64 = 31 * 24 * 60 * MINUTE;

/// The hosts that webhooks are sent to: those of this machine.
const HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// The webhook of the apps of a local Xero.
#[derive(Clone, Debug)]
pub struct WebhookConfig {
    /// The address, on this machine.
    pub url: String,
    /// The key of the signatures; empty for one that follows from the seed.
    pub key: Secret<String>,
}

impl WebhookConfig {
    /// Refuses an address that is not on this machine.
    pub(super) fn check(&self) -> Result<(), Error> {
        let rest = self.url.strip_prefix("http://").or_else(|| self.url.strip_prefix("https://"));
        let authority = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or("");
        let is_port = |port: &str| port.parse::<u16>().is_ok();
        let is_own = HOSTS.iter().any(|host| match authority.strip_prefix(host) {
            Some("") => true,
            Some(port) => port.strip_prefix(':').is_some_and(is_port),
            None => false,
        });
        if is_own && !self.url.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Ok(());
        }
        let hosts = HOSTS.join(", ");
        Err(Error::new(
            Code::InvalidOption,
            format!("webhooks.url must start with http:// or https:// and one of {hosts}"),
        ))
    }
}

/// The state of the webhook of a local Xero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookState {
    /// The address has not shown its intent to receive yet, or has failed to.
    IntentToReceive,
    /// Events are sent.
    Active,
    /// The address failed for a day: nothing is sent.
    Disabled,
}

impl WebhookState {
    /// The word used in JavaScript.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IntentToReceive => "intent-to-receive",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}

/// A request that the host is to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookDelivery {
    /// Its number, for [`Simulator::webhook_answered`](super::Simulator::webhook_answered).
    pub number: u64,
    /// The address.
    pub url: String,
    /// The body: JSON.
    pub body: String,
    /// The value of the header `x-xero-signature`.
    pub signature: String,
}

/// What the host is to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebhookStep {
    /// Send this, and report the answer.
    Send(WebhookDelivery),
    /// Ask again at this time, or after the next request.
    WaitUntil(Timestamp),
    /// Ask again after the next request.
    Wait,
}

/// An event that was not delivered yet.
#[derive(Clone, Debug)]
struct WebhookEvent {
    at: Timestamp,
    value: Value,
}

/// A body that is under way, or is sent again.
#[derive(Clone, Debug)]
struct PendingBody {
    number: u64,
    body: String,
    /// False for a body of the intent to receive whose signature is wrong.
    signed: bool,
    events: usize,
    under_way: bool,
}

/// The webhook of a local Xero while it runs.
#[derive(Clone, Debug)]
pub(super) struct Webhooks {
    url: String,
    key: Secret<String>,
    random: Random,
    state: WebhookState,
    /// True once the address was asked for its intent to receive.
    asked: bool,
    /// The bodies of the intent to receive that were answered rightly.
    proved: usize,
    events: Vec<WebhookEvent>,
    /// The number of the first event that waits.
    sequence: u64,
    pending: Option<PendingBody>,
    deliveries: u64,
    failures: u32,
    failing_since: Option<Timestamp>,
    next: Timestamp,
}

impl Webhooks {
    pub(super) fn new(config: &WebhookConfig, seed: u64) -> Self {
        let mut random = Random::new(seed, 30);
        let own = Secret::new(Base64::encode_string(random.bytes().as_slice()));
        Self {
            url: config.url.clone(),
            key: if config.key.reveal().is_empty() { own } else { config.key.clone() },
            random,
            state: WebhookState::IntentToReceive,
            asked: false,
            proved: 0,
            events: Vec::new(),
            sequence: 1,
            pending: None,
            deliveries: 0,
            failures: 0,
            failing_since: None,
            next: Timestamp::from_ms(0),
        }
    }

    pub(super) fn key(&self) -> &str {
        self.key.reveal()
    }

    pub(super) const fn state(&self) -> WebhookState {
        self.state
    }

    /// Asks the address for its intent to receive.
    pub(super) fn validate(&mut self) {
        (self.state, self.proved, self.pending) = (WebhookState::IntentToReceive, 0, None);
        self.asked = true;
        (self.failures, self.failing_since) = (0, None);
        self.next = Timestamp::from_ms(0);
    }

    /// Adds the events of what has changed in the books of an organisation.
    pub(super) fn note(&mut self, tenant: Uuid, before: &RecordStore, after: &RecordStore, now: Timestamp) {
        for (resource, category) in CATEGORIES {
            for (id, is_new) in after.changes(before, resource) {
                let value = json!({
                    "resourceUrl": format!("https://api.xero.com/api.xro/2.0/{}/{id}", resource.name),
                    "resourceId": id.to_string(),
                    "eventDateUtc": format!("{}.{:03}", formats::date_string(now), now.as_ms() % 1_000),
                    "eventType": if is_new { "CREATE" } else { "UPDATE" },
                    "eventCategory": category,
                    "tenantId": tenant.to_string(),
                    "tenantType": "ORGANISATION"
                });
                self.events.push(WebhookEvent { at: now, value });
            }
        }
    }

    /// The next step.
    pub(super) fn step(&mut self, now: Timestamp) -> WebhookStep {
        if self.pending.is_none() {
            self.forget_old(now);
        }
        let is_asleep = !self.asked && self.events.is_empty();
        if self.state == WebhookState::Disabled || is_asleep || self.pending.as_ref().is_some_and(|own| own.under_way) {
            return WebhookStep::Wait;
        }
        if now < self.next {
            return WebhookStep::WaitUntil(self.next);
        }
        let pending = match self.pending.take() {
            Some(pending) => pending,
            None => match self.new_body() {
                Some(pending) => pending,
                None => return WebhookStep::Wait,
            },
        };
        self.asked = true;
        let pending = PendingBody { under_way: true, ..pending };
        let delivery = WebhookDelivery {
            number: pending.number,
            url: self.url.clone(),
            signature: self.signature(&pending),
            body: pending.body.clone(),
        };
        self.pending = Some(pending);
        WebhookStep::Send(delivery)
    }

    /// Removes events that have waited for too long.
    fn forget_old(&mut self, now: Timestamp) {
        let count = self.events.len();
        self.events.retain(|event| now.since(event.at) <= KEPT_FOR);
        let gone = count.saturating_sub(self.events.len());
        self.sequence = self.sequence.saturating_add(u64::try_from(gone).unwrap_or(0));
    }

    fn new_body(&mut self) -> Option<PendingBody> {
        let intent = self.state == WebhookState::IntentToReceive;
        let signed = if intent { INTENT.get(self.proved).copied().unwrap_or(true) } else { true };
        let count = if intent { 0 } else { self.events.len().min(MOST_EVENTS) };
        if !intent && count == 0 {
            return None;
        }
        let events: Vec<&Value> = self.events.iter().take(count).map(|event| &event.value).collect();
        let first = if count == 0 { 0 } else { self.sequence };
        let last = if count == 0 {
            0
        } else {
            self.sequence.saturating_add(u64::try_from(count).unwrap_or(1)).saturating_sub(1)
        };
        let entropy: String = self.random.hex().to_ascii_uppercase().chars().take(20).collect();
        let body = json!({
            "events": events, "firstEventSequence": first, "lastEventSequence": last, "entropy": entropy
        });
        self.deliveries = self.deliveries.saturating_add(1);
        Some(PendingBody { number: self.deliveries, body: body.to_string(), signed, events: count, under_way: false })
    }

    fn signature(&self, pending: &PendingBody) -> String {
        let key = self.key.reveal();
        let key = if pending.signed { key.as_bytes().to_vec() } else { [key.as_bytes(), b"!"].concat() };
        Base64::encode_string(&hmac_sha256(&key, pending.body.as_bytes()))
    }

    /// Takes the answer to a delivery; `None` if there was none in time.
    pub(super) fn answered(&mut self, number: u64, status: Option<u16>, now: Timestamp) {
        let Some(pending) = self.pending.take_if(|own| own.number == number && own.under_way) else { return };
        let wanted = if pending.signed { 200 } else { 401 };
        if status == Some(wanted) {
            self.succeeded(&pending);
        } else {
            self.failed(pending, now);
        }
    }

    fn succeeded(&mut self, pending: &PendingBody) {
        (self.failures, self.failing_since) = (0, None);
        if self.state == WebhookState::IntentToReceive {
            self.proved = self.proved.saturating_add(1);
            if self.proved == INTENT.len() {
                self.state = WebhookState::Active;
            }
            return;
        }
        self.events.drain(..pending.events.min(self.events.len()));
        self.sequence = self.sequence.saturating_add(u64::try_from(pending.events).unwrap_or(0));
    }

    fn failed(&mut self, pending: PendingBody, now: Timestamp) {
        let since = *self.failing_since.get_or_insert(now);
        self.failures = self.failures.saturating_add(1);
        if self.state == WebhookState::IntentToReceive || now.since(since) >= GIVES_UP_AFTER {
            // Nothing is sent until it is validated again.
            self.state = WebhookState::Disabled;
            return;
        }
        self.next = if self.failures == 1 { now } else { now.plus(RETRY_AFTER) };
        self.pending = Some(PendingBody { under_way: false, ..pending });
    }
}
