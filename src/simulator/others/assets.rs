//! Assets and their types: drafts and registered assets are made and read. No depreciation is run: what an asset is worth
//! follows from its price and the depreciation that was sent with it.

use serde_json::{Value, json};

use super::parts::{self, RefusalForm, SentRecord};
use super::resources::{ASSET_TYPES, ASSETS};
use crate::catalogue::{Method, Operation};
use crate::simulator::amount::{self, Cents, money};
use crate::simulator::books::json::{self, RecordMembers, set};
use crate::simulator::books::resource::{ACCOUNTS, Resource};
use crate::simulator::company::Company;
use crate::simulator::context::CallContext;
use crate::simulator::errors;
use crate::simulator::formats;
use crate::simulator::http::HttpResponse;
use crate::simulator::letters;
use crate::simulator::random::Uuid;
use crate::simulator::reports::period;

/// The start of the numbers of assets.
const PREFIX: &str = "FA-";

/// The members of the depreciation of an asset: true for dates, false for amounts.
const DETAIL: [(&str, bool); 12] = [
    ("depreciationStartDate", true),
    ("currentCapitalGain", false),
    ("currentGainLoss", false),
    ("costLimit", false),
    ("residualValue", false),
    ("priorAccumDepreciationAmount", false),
    ("currentAccumDepreciationAmount", false),
    ("businessUseCapitalGain", false),
    ("businessUseCurrentGainLoss", false),
    ("privateUseCapitalGain", false),
    ("privateUseCurrentGainLoss", false),
    ("initialDeductionPercentage", false),
];

/// The members that assets are ordered by; the last two only if they are disposed.
const ORDERS: [&str; 7] =
    ["AssetType", "AssetName", "AssetNumber", "PurchaseDate", "PurchasePrice", "DisposalDate", "DisposalPrice"];

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
        (Method::Get, "/Settings") => Ok(HttpResponse::json(200, &settings(context.company))),
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
        return Err(refused("status", "status is required: one of DRAFT, REGISTERED, DISPOSED."));
    }
    let given = |name: &str| context.query(name).map(str::trim).filter(|own| !own.is_empty());
    let allowed = if status == "DISPOSED" { &ORDERS[..] } else { ORDERS.get(..5).unwrap_or_default() };
    let order = match given("orderBy") {
        None => None,
        Some(name) => match allowed.iter().find(|own| own.eq_ignore_ascii_case(name)) {
            Some(own) => Some(*own),
            None => return Err(refused("orderBy", &format!("orderBy has to be one of {}.", allowed.join(", ")))),
        },
    };
    let descends = match given("sortDirection").map(str::to_ascii_lowercase).as_deref() {
        None | Some("asc") => false,
        Some("desc") => true,
        Some(_) => return Err(refused("sortDirection", "sortDirection has to be asc or desc.")),
    };
    let company = &*context.company;
    let type_of = |own: &RecordMembers| {
        let kind = json::id(own, "assetTypeId").and_then(|id| parts::members(company, &ASSET_TYPES, id));
        kind.and_then(|own| json::text(&own, "assetTypeName").map(letters::lower)).unwrap_or_default()
    };
    let term = letters::lower(context.query("filterBy").unwrap_or(""));
    let is_chosen = |own: &RecordMembers| {
        let has = |name: &str| json::text(own, name).is_some_and(|text| letters::lower(text).contains(&term));
        let of_type = type_of(own).contains(&term);
        json::text(own, "assetStatus").is_some_and(|own| own.eq_ignore_ascii_case(&status))
            && (term.is_empty() || of_type || ["assetName", "assetNumber", "description"].iter().any(|name| has(name)))
    };
    let records = company.store.all(&ASSETS).iter().map(|own| (own.id, own.members(company)));
    let chosen: Vec<(Uuid, RecordMembers)> = records.filter(|(_, own)| is_chosen(own)).collect();
    let keys = chosen.iter().map(|(_, own)| {
        let mut keys = own.clone();
        set(&mut keys, "assetType", type_of(own));
        Value::Object(keys)
    });
    let places = match order {
        Some(order) => parts::ordered(keys.collect(), &member(order), descends),
        None if descends => (0..chosen.len()).rev().collect(),
        None => (0..chosen.len()).collect(),
    };
    let rows = places.into_iter().filter_map(|place| chosen.get(place));
    let shown: Vec<Value> = rows.map(|(id, _)| show(company, &ASSETS, *id)).collect();
    Ok(parts::page(context, &shown, 10))
}

/// The member that has this name but for the case of its first letter.
fn member(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

fn refused(name: &str, message: &str) -> HttpResponse {
    parts::refused_field(RefusalForm::Assets, name, message)
}

/// The number of the next asset without one, four digits at least.
fn next_number(company: &Company) -> String {
    let taken = |number: &str| is_taken(company, &format!("{PREFIX}{number}"));
    (1_u32..).map(|next| format!("{next:04}")).take(100_000).find(|own| !taken(own)).unwrap_or_default()
}

fn is_taken(company: &Company, number: &str) -> bool {
    company.store.all(&ASSETS).iter().any(|own| own.text("assetNumber").as_deref() == Some(number))
}

/// The settings. The accounts for gains and losses are not chosen in the demo company, and no depreciation was run.
fn settings(company: &Company) -> Value {
    let start = period::year_start(company.created.date(), company.books.year_end);
    json!({
        "assetNumberPrefix": PREFIX, "assetNumberSequence": next_number(company),
        "assetStartDate": formats::date_string(start.start()), "optInForTax": false
    })
}

fn write_asset(context: &mut CallContext<'_>) -> Result<HttpResponse, HttpResponse> {
    let mut sent = SentRecord::read(context, RecordMembers::new(), RefusalForm::Assets)?;
    let is_registered = sent.given().get("assetStatus").and_then(Value::as_str) == Some("Registered");
    sent.take_text("assetName", true, 255);
    sent.take_text("assetNumber", false, 50);
    sent.take_text("serialNumber", false, 255);
    sent.take_text("description", false, 4_000);
    sent.take_id("assetTypeId", is_registered, context.company, &ASSET_TYPES);
    for (name, required) in [("purchaseDate", is_registered), ("warrantyExpiryDate", false)] {
        sent.take(name, required, "a date: YYYY-MM-DD", &read_day);
    }
    sent.take("purchasePrice", is_registered, "an amount with two decimals at most", &|value| {
        amount::read_money(value).filter(|own| *own >= 0).map(money)
    });
    sent.take("assetStatus", false, "Draft or Registered: the local Xero disposes of no asset", &|value| {
        value.as_str().filter(|text| ["Draft", "Registered"].contains(text)).map(Into::into)
    });
    for name in ["disposalDate", "disposalPrice"] {
        sent.take(name, false, "absent: the local Xero disposes of no asset", &|value| {
            (amount::read_money(value) == Some(0)).then(|| money(0))
        });
    }
    take_setting(&mut sent, false);
    sent.take("bookDepreciationDetail", false, "an object with dates and amounts", &read_detail);
    if !sent.record.contains_key("assetStatus") {
        set(&mut sent.record, "assetStatus", "Draft");
    }
    let kind = json::id(&sent.record, "assetTypeId").and_then(|id| parts::members(context.company, &ASSET_TYPES, id));
    let of_type = kind.and_then(|mut own| own.remove("bookDepreciationSetting"));
    if let Some(setting) = of_type.filter(|_| is_registered && !sent.record.contains_key("bookDepreciationSetting")) {
        set(&mut sent.record, "bookDepreciationSetting", setting);
    }
    let setting = json::object(&sent.record, "bookDepreciationSetting");
    let method = setting.and_then(|own| json::text(own, "depreciationMethod")).unwrap_or("NoDepreciation");
    let detail = json::object(&sent.record, "bookDepreciationDetail").cloned().unwrap_or_default();
    let has_start = detail.contains_key("depreciationStartDate");
    if is_registered && method != "NoDepreciation" && !has_start {
        let message = "A registered asset with depreciation needs bookDepreciationDetail.depreciationStartDate.";
        sent.refuse("bookDepreciationDetail", message);
    }
    match json::text(&sent.record, "assetNumber").map(str::to_owned) {
        Some(number) if is_taken(context.company, &number) => {
            sent.refuse("assetNumber", "The field assetNumber has to be unique.");
        }
        Some(_) => {}
        None => set(&mut sent.record, "assetNumber", format!("{PREFIX}{}", next_number(context.company))),
    }
    let depreciated = ["priorAccumDepreciationAmount", "currentAccumDepreciationAmount"];
    let depreciated = depreciated.iter().fold(0, |sum: Cents, name| sum.saturating_add(json::cents(&detail, name)));
    let value = json::cents(&sent.record, "purchasePrice").saturating_sub(depreciated);
    if value < 0 {
        sent.refuse("bookDepreciationDetail", "The accumulated depreciation is more than the purchase price.");
    }
    set(&mut sent.record, "accountingBookValue", money(value));
    let record = sent.checked(context)?;
    let id = parts::save(context, &ASSETS, None, record);
    Ok(HttpResponse::json(200, &show(context.company, &ASSETS, id)))
}

fn write_type(context: &mut CallContext<'_>) -> Result<HttpResponse, HttpResponse> {
    let mut sent = SentRecord::read(context, RecordMembers::new(), RefusalForm::Assets)?;
    sent.take_text("assetTypeName", true, 255);
    for name in ["fixedAssetAccountId", "depreciationExpenseAccountId", "accumulatedDepreciationAccountId"] {
        sent.take_id(name, false, context.company, &ACCOUNTS);
    }
    take_setting(&mut sent, true);
    let name = json::text(&sent.record, "assetTypeName").unwrap_or("").to_owned();
    let types = context.company.store.all(&ASSET_TYPES);
    if types.iter().any(|own| own.text("assetTypeName").is_some_and(|own| own.eq_ignore_ascii_case(&name))) {
        return Err(HttpResponse::json(409, &json!({ "title": "Conflict", "detail": "An asset type has this name." })));
    }
    set(&mut sent.record, "locks", 0);
    let record = sent.checked(context)?;
    let id = parts::save(context, &ASSET_TYPES, None, record);
    Ok(HttpResponse::json(200, &show(context.company, &ASSET_TYPES, id)))
}

/// A day, as the API writes it.
fn read_day(value: &Value) -> Option<Value> {
    value.as_str().and_then(formats::read_date).map(|own| formats::date_string(own.start()).into())
}

/// The settings of depreciation, with known words, numbers, and either a rate or a life.
fn take_setting(sent: &mut SentRecord, required: bool) {
    let name = "bookDepreciationSetting";
    sent.take(name, required, "an object with known words and numbers", &|value| {
        let given = value.as_object()?;
        let mut read = RecordMembers::new();
        for (name, words) in SETTINGS {
            let Some(own) = given.get(name).filter(|own| !own.is_null()) else { continue };
            set(&mut read, name, own.as_str().filter(|own| words.contains(own))?);
        }
        for name in ["depreciationRate", "effectiveLifeYears"] {
            let Some(own) = given.get(name).filter(|own| !own.is_null()) else { continue };
            let number = amount::read_fine(own).filter(|own| *own >= 0)?;
            set(
                &mut read,
                name,
                if name == "effectiveLifeYears" { own.as_u64()?.into() } else { amount::fine(number) },
            );
        }
        Some(Value::Object(read))
    });
    let has =
        |name: &str| json::object(&sent.record, "bookDepreciationSetting").is_some_and(|own| own.contains_key(name));
    if has("depreciationRate") && has("effectiveLifeYears") {
        sent.refuse("bookDepreciationSetting", "Can't have both Depreciation Rate and Effective Life");
    }
}

/// The depreciation of an asset so far.
fn read_detail(value: &Value) -> Option<Value> {
    let given = value.as_object()?;
    let mut read = RecordMembers::new();
    for (name, is_date) in DETAIL {
        let Some(own) = given.get(name).filter(|own| !own.is_null()) else { continue };
        set(&mut read, name, if is_date { read_day(own)? } else { amount::read_fine(own).map(amount::fine)? });
    }
    Some(Value::Object(read))
}

fn show(company: &Company, resource: &Resource, id: Uuid) -> Value {
    let mut shown = parts::members(company, resource, id).unwrap_or_default();
    set(&mut shown, resource.id, id.to_string());
    Value::Object(shown)
}
