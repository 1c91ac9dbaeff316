//! Subscriptions of the Xero App Store and their usage records: one subscription to the Web app for each organisation.
//!
//! Xero closed App Store Subscriptions to new apps on 4 December 2025 and meant to end them by 1 July 2026 (third parties).
//! They are here for apps that still have some.

use serde_json::{Value, json};

use super::company::Company;
use super::errors;
use super::formats;
use super::http::{HttpRequest, HttpResponse};
use super::random::{Random, Uuid};
use crate::time::Timestamp;

/// The price of the metered product, for each unit.
const PRICE: f64 = 0.5;

/// A subscription of the organisation at the same place.
#[derive(Debug)]
struct Subscription {
    id: Uuid,
    plan: Uuid,
    item: Uuid,
    product: Uuid,
    price: Uuid,
    records: Vec<UsageRecord>,
}

#[derive(Debug)]
struct UsageRecord {
    id: Uuid,
    quantity: u64,
    at: Timestamp,
}

/// The subscriptions, in the order of the organisations.
#[derive(Debug)]
pub(super) struct Subscriptions {
    random: Random,
    list: Vec<Subscription>,
}

impl Subscriptions {
    pub(super) fn new(seed: u64, organisations: usize) -> Self {
        let mut random = Random::new(seed, 13);
        let list = (0..organisations)
            .map(|_| Subscription {
                id: random.uuid(),
                plan: random.uuid(),
                item: random.uuid(),
                product: random.uuid(),
                price: random.uuid(),
                records: Vec::new(),
            })
            .collect();
        Self { random, list }
    }

    /// The id of the subscription of the organisation at this place.
    pub(super) fn id(&self, place: usize) -> Option<Uuid> {
        self.list.get(place).map(|own| own.id)
    }

    /// Answers a call to `path`, which is the part after `/appstore/2.0/subscriptions/`.
    pub(super) fn answer(
        &mut self,
        request: &HttpRequest,
        path: &str,
        companies: &[Company],
        now: Timestamp,
    ) -> HttpResponse {
        let method = request.method.to_ascii_uppercase();
        let segments: Vec<&str> = path.split('/').collect();
        let id = segments.first().and_then(|id| Uuid::parse(id));
        let found = self.list.iter_mut().zip(companies).find(|(own, _)| Some(own.id) == id);
        let Some((own, company)) = found else { return errors::no_such_record() };
        let is_item = |item: &str| Uuid::parse(item) == Some(own.item);
        match (method.as_str(), segments.get(1..).unwrap_or_default()) {
            ("GET", []) => HttpResponse::json(200, &own.shown(company, now)),
            ("GET", ["usage-records"]) => {
                let records: Vec<Value> = own.records.iter().map(|record| own.record(record)).collect();
                HttpResponse::json(200, &json!({ "usageRecords": records }))
            }
            ("POST", ["items", item, "usage-records"]) if is_item(item) => {
                let Some(quantity) = quantity(request) else { return bad_quantity() };
                own.records.push(UsageRecord { id: self.random.uuid(), quantity, at: now });
                HttpResponse::json(200, &own.records.last().map_or(Value::Null, |record| own.record(record)))
            }
            ("PUT", ["items", item, "usage-records", record]) if is_item(item) => {
                let Some(row) = own.records.iter().position(|own| Some(own.id) == Uuid::parse(record)) else {
                    return errors::no_such_record();
                };
                let Some(quantity) = quantity(request) else { return bad_quantity() };
                own.records.get_mut(row).into_iter().for_each(|record| record.quantity = quantity);
                HttpResponse::json(200, &own.records.get(row).map_or(Value::Null, |record| own.record(record)))
            }
            _ => errors::no_such_record(),
        }
    }
}

impl Subscription {
    fn shown(&self, company: &Company, now: Timestamp) -> Value {
        let date = |at: Timestamp| format!("{}Z", formats::date_string(at));
        json!({
            "id": self.id.to_string(),
            "organisationId": company.id.to_string(),
            "status": "ACTIVE",
            "startDate": date(company.created),
            "currentPeriodEnd": date(now.date().start().plus(30 * 86_400_000)),
            "endDate": null,
            "testMode": true,
            "plans": [{
                "id": self.plan.to_string(),
                "name": "Metered",
                "status": "ACTIVE",
                "subscriptionItems": [{
                    "id": self.item.to_string(),
                    "status": "ACTIVE",
                    "startDate": date(company.created),
                    "endDate": null,
                    "quantity": 1,
                    "testMode": true,
                    "price": { "id": self.price.to_string(), "amount": PRICE, "currency": company.books.currency },
                    "product": {
                        "id": self.product.to_string(), "name": "Calls", "type": "METERED", "usageUnit": "call",
                        "seatUnit": null
                    }
                }]
            }]
        })
    }

    fn record(&self, record: &UsageRecord) -> Value {
        json!({
            "usageRecordId": record.id.to_string(),
            "subscriptionId": self.id.to_string(),
            "subscriptionItemId": self.item.to_string(),
            "productId": self.product.to_string(),
            "pricePerUnit": PRICE,
            "quantity": record.quantity,
            "recordedAt": format!("{}Z", formats::date_string(record.at)),
            "testMode": true
        })
    }
}

/// The member `quantity` of the body: a whole number from 0.
fn quantity(request: &HttpRequest) -> Option<u64> {
    serde_json::from_slice::<Value>(&request.body).ok()?.get("quantity")?.as_u64()
}

fn bad_quantity() -> HttpResponse {
    let body = json!({
        "type": "about:blank", "title": "Bad Request", "status": 400, "detail": "quantity must be a whole number from 0"
    });
    HttpResponse::of(400, "application/problem+json", body.to_string().into_bytes())
}
