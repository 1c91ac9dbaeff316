//! Assets and their types: drafts are made and read. Registered ones would need depreciation, which is not counted.

use serde_json::{Value, json};

use super::parts::{self, SentRecord};
use super::resources::{ASSET_TYPES, ASSETS};
use crate::catalogue::{Method, Operation};
use crate::simulator::amount::{self, money};
use crate::simulator::books::json::{self, RecordMembers, set};
use crate::simulator::books::resource::{ACCOUNTS, Resource};
use crate::simulator::company::Company;
use crate::simulator::context::CallContext;
use crate::simulator::errors;
use crate::simulator::formats;
use crate::simulator::http::HttpResponse;
use crate::simulator::letters;
use crate::simulator::random::Uuid;

/// The words of the settings of depreciation.
const SETTINGS: [(&str, &[&str]); 3] = [
    (
        "depreciationMethod",
        &[
            "NoDepreciation",
            "StraightLine",
            "DiminishingValue100",
            "DiminishingValue150",
            "DiminishingValue200",
            "FullDepreciation",
        ],
    ),
    ("averagingMethod", &["FullMonth", "ActualDays"]),
    ("depreciationCalculationMethod", &["Rate", "Life", "None"]),
];

/// Answers a call of the assets API.
pub(in crate::simulator) fn answer(context: &mut CallContext<'_>, operation: &Operation) -> HttpResponse {
    let answered = match (operation.method, operation.path()) {
        (Method::Get, "/Assets") => list(context),
        (Method::Post, "/Assets") => write_asset(context),
        (Method::Get, "/AssetTypes") => {
            let types = context.company.store.all(&ASSET_TYPES).iter();
            let shown: Vec<Value> = types.map(|own| show(context.company, &ASSET_TYPES, own.id)).collect();
            Ok(HttpResponse::json(200, &Value::Array(shown)))
        }
        (Method::Post, "/AssetTypes") => write_type(context),
        _ => {
            let id = Uuid::parse(&context.parameter());
            match id.filter(|id| context.company.store.get(&ASSETS, *id).is_some()) {
                Some(id) => Ok(HttpResponse::json(200, &show(context.company, &ASSETS, id))),
                None => return errors::no_such_record(),
            }
        }
    };
    answered.unwrap_or_else(|refused| refused)
}

fn list(context: &CallContext<'_>) -> Result<HttpResponse, HttpResponse> {
    let status = context.query("status").unwrap_or("").to_ascii_uppercase();
    if !["DRAFT", "REGISTERED", "DISPOSED"].contains(&status.as_str()) {
        return Err(parts::refused_parameter("status", "status is required: one of DRAFT, REGISTERED, DISPOSED."));
    }
    let term = letters::lower(context.query("filterBy").unwrap_or(""));
    let is_chosen = |own: &RecordMembers| {
        let has = |name: &str| json::text(own, name).is_some_and(|text| letters::lower(text).contains(&term));
        json::text(own, "assetStatus").is_some_and(|own| own.eq_ignore_ascii_case(&status))
            && (term.is_empty() || ["assetName", "assetNumber", "serialNumber"].iter().any(|name| has(name)))
    };
    let records = context.company.store.all(&ASSETS).iter();
    let shown: Vec<Value> = records
        .filter(|own| is_chosen(&own.members(context.company)))
        .map(|own| show(context.company, &ASSETS, own.id))
        .collect();
    Ok(parts::page(context, &shown))
}

fn write_asset(context: &mut CallContext<'_>) -> Result<HttpResponse, HttpResponse> {
    let mut sent = SentRecord::read(context, RecordMembers::new())?;
    sent.take_text("assetName", true, 255);
    sent.take_text("assetNumber", false, 50);
    sent.take_text("serialNumber", false, 255);
    sent.take_id("assetTypeId", false, context.company, &ASSET_TYPES);
    for name in ["purchaseDate", "warrantyExpiryDate"] {
        sent.take(name, false, "a date: YYYY-MM-DD", |value| {
            let date = value.as_str().and_then(formats::read_date)?;
            Some(formats::date_string(date.start()).into())
        });
    }
    sent.take("purchasePrice", false, "an amount with two decimals at most", |value| {
        amount::read_money(value).filter(|own| *own >= 0).map(money)
    });
    sent.take("assetStatus", false, "Draft: the local Xero counts no depreciation", |value| {
        value.as_str().filter(|text| *text == "Draft").map(Into::into)
    });
    for name in ["bookDepreciationSetting", "bookDepreciationDetail"] {
        sent.take(name, false, "an object", |value| value.is_object().then(|| value.clone()));
    }
    set(&mut sent.record, "assetStatus", "Draft");
    let number = json::text(&sent.record, "assetNumber").map(str::to_owned);
    let taken = |number: &str| {
        context.company.store.all(&ASSETS).iter().any(|own| own.text("assetNumber").as_deref() == Some(number))
    };
    match number {
        Some(number) if taken(&number) => sent.refuse("assetNumber", "The field assetNumber has to be unique."),
        Some(_) => {}
        None => {
            let next = (1_u32..).map(|next| format!("FA-{next:04}")).take(100_000).find(|own| !taken(own));
            set(&mut sent.record, "assetNumber", next.unwrap_or_default());
        }
    }
    let price = json::cents(&sent.record, "purchasePrice");
    set(&mut sent.record, "accountingBookValue", money(price));
    let record = sent.checked()?;
    let id = parts::save(context, &ASSETS, None, record);
    Ok(HttpResponse::json(200, &show(context.company, &ASSETS, id)))
}

fn write_type(context: &mut CallContext<'_>) -> Result<HttpResponse, HttpResponse> {
    let mut sent = SentRecord::read(context, RecordMembers::new())?;
    sent.take_text("assetTypeName", true, 255);
    for name in ["fixedAssetAccountId", "depreciationExpenseAccountId", "accumulatedDepreciationAccountId"] {
        sent.take_id(name, false, context.company, &ACCOUNTS);
    }
    sent.take("bookDepreciationSetting", true, "an object with known words", |value| {
        let known = SETTINGS.iter().all(|(name, words)| {
            value.get(*name).is_none_or(|own| own.as_str().is_some_and(|own| words.contains(&own)))
        });
        (value.is_object() && known).then(|| value.clone())
    });
    let name = json::text(&sent.record, "assetTypeName").unwrap_or("").to_owned();
    let types = context.company.store.all(&ASSET_TYPES);
    if types.iter().any(|own| own.text("assetTypeName").is_some_and(|own| own.eq_ignore_ascii_case(&name))) {
        return Err(HttpResponse::json(409, &json!({ "title": "Conflict", "detail": "An asset type has this name." })));
    }
    set(&mut sent.record, "locks", 0);
    let record = sent.checked()?;
    let id = parts::save(context, &ASSET_TYPES, None, record);
    Ok(HttpResponse::json(200, &show(context.company, &ASSET_TYPES, id)))
}

fn show(company: &Company, resource: &Resource, id: Uuid) -> Value {
    let mut shown = parts::members(company, resource, id).unwrap_or_default();
    set(&mut shown, resource.id, id.to_string());
    Value::Object(shown)
}
